r"""Lists before a relation: ``a, b > 0`` says it of both; where a list may be two conditions, none.

``0 < a, b < 1`` is ``0 < a < 1`` and ``0 < b < 1`` for one reader, ``0 < a`` and ``b < 1`` for the
next: it is refused.
"""

from __future__ import annotations

from dataclasses import dataclass

from derivations.language.conditions import MOST_VALUES, OPEN, PARITY, RELATIONS, SHUT, Conditions
from derivations.language.tokens import Token

__all__ = ["Listed", "Lists"]

JOINTS = (*RELATIONS, r"\in", r"\notin", r"\subseteq")


@dataclass(frozen=True)
class Listed:
    """What stands up to the next relation of a row, between commas.

    Attributes:
        items: the first token of each, and the one behind its last.
        relation: where the relation stands, or the bracket around a condition; -1 for none.
    """

    items: tuple[tuple[int, int], ...]
    relation: int


class Lists(Conditions):
    """Reads lists."""

    def listed_ahead(self) -> Listed:
        """Look for the items before the next relation."""
        items: list[tuple[int, int]] = []
        start, deep = self.position, 0
        for place in range(self.position, len(self.tokens)):
            token = self.tokens[place]
            if place == start and self.relation_inside(place - self.position):
                return Listed((*items, (start, place)), place)
            deep += (token.text in OPEN) - (token.text in SHUT)
            if deep == 0 and self.relates(token):
                return Listed((*items, (start, place)), place)
            if token.kind in ("stop", "row"):
                return Listed((*items, (start, place)), -1)
            if deep == 0 and (token.text in (",", r"\wedge") or self.spoken_and(token)):
                items.append((start, place))
                start = place + 1
                if len(items) > MOST_VALUES:
                    raise self.error(f"more than {MOST_VALUES} names in a list", token)
        return Listed(tuple(items), -1)

    @staticmethod
    def relates(token: Token) -> bool:
        """Say whether a token is a relation, or says that a number is odd."""
        if token.kind == "word":
            return token.text in PARITY
        return token.kind in ("symbol", "command") and token.text in JOINTS

    @staticmethod
    def spoken_and(token: Token) -> bool:
        r"""Say whether a token is ``\text{and}``."""
        return token.kind == "word" and token.text == "and"
