r"""A display equation cut into chains, each with its conditions and reasons.

Nothing is read here; the tokens are only put together. A row goes on with the chain before it if
it begins with a relation, or with ``&`` and a sign; a new statement begins behind a comma.
"""

from __future__ import annotations

from itertools import pairwise

from derivations.language.conditions import RELATIONS
from derivations.language.errors import DerivationError, Piece
from derivations.language.parts import (
    EQUIVALENT,
    OPERATORS,
    PUNCTUATION,
    REASONS,
    TAILS,
    Chain,
    Part,
    beside_edges,
    is_sign,
    runs_on,
    without_empty_braces,
    without_wide_space,
)
from derivations.language.tokens import Token

__all__ = ["chains_of"]

ENVIRONMENTS = frozenset(
    ["aligned", "align", "align*", "split", "gathered", "gather", "gather*", "equation",
     "equation*", "alignedat"]
)  # fmt: skip


def stands(token: Token, part: Part) -> bool:
    """Say whether a name stands in the statement of a part."""
    return any(token.text == other.text for other in part.tokens)


class Cutter:
    """Cuts one display equation."""

    def __init__(self, piece: Piece, tokens: list[Token]) -> None:
        self.piece = piece
        self.tokens = tokens[:-1]
        self.aligned = False
        self.tail: list[Token] | None = None

    def error(self, message: str, token: Token) -> DerivationError:
        """Point to a token."""
        return self.piece.source.error(message, token.span)

    def chains(self) -> list[Chain]:
        """Cut it."""
        self.take_labels()
        self.strip_environments()
        made: list[Chain] = []
        for row in self.split(self.tokens, row=True):
            parts = self.parts(row, made)
            for number, part in enumerate(parts):
                if number or not made or not self.goes_on(made[-1], part):
                    made.append(Chain())
                made[-1].add(part)
                made[-1].beside = len(parts) > 1 and part.tail is None
        if self.tail is not None:
            self.share(made, self.tail)
        return made

    def share(self, chains: list[Chain], tail: list[Token]) -> None:
        """Give the conditions behind the environment to every chain in it."""
        for chain in chains:
            if chain.tail:
                raise self.error("conditions here and behind all rows: write them in one place",
                                 chain.tail[0])  # fmt: skip
            chain.tail, chain.shared = list(tail), True

    def take_labels(self) -> None:
        r"""Leave ``\label{...}`` out, which stands at the beginning or the end of a row."""
        numbered = list(enumerate(self.tokens))
        beside = beside_edges(numbered, "begin") | beside_edges(numbered[::-1], "end")
        deep = 0
        for place, token in numbered:
            if token.text not in ENVIRONMENTS:
                deep += (token.kind == "begin" or is_sign(token, "{")) - (
                    token.kind == "end" or is_sign(token, "}")
                )
            if token.kind == "label" and (deep or place not in beside):
                raise self.error("a label stands at the beginning or the end of a row", token)
        self.tokens = [token for token in self.tokens if token.kind != "label"]

    def strip_environments(self) -> None:
        """Take away what stands around the rows."""
        while self.tokens and self.tokens[0].kind == "begin":
            first = self.tokens[0]
            if first.text == "cases":
                return
            if first.text not in ENVIRONMENTS:
                raise self.error(f"the environment {first.text} is not read", first)
            end = self.end_of(first)
            behind = self.tokens[end + 1 :]
            self.tokens = self.tokens[1:end] + self.behind(first, behind)
            self.aligned = True

    def end_of(self, first: Token) -> int:
        r"""Find the ``\end`` of the environment that begins the equation."""
        open_: list[Token] = []
        for place, token in enumerate(self.tokens):
            if token.kind == "begin":
                open_.append(token)
            elif token.kind == "end":
                if open_.pop().text != token.text:
                    raise self.error(rf"\end{{{token.text}}} ends another environment", token)
                if not open_:
                    return place
        raise self.error(rf"\begin{{{first.text}}} has no \end", first)

    def behind(self, first: Token, tokens: list[Token]) -> list[Token]:
        r"""Take the conditions behind ``\end{aligned}``; give what belongs to the last row."""
        rest = list(tokens)
        marks: list[Token] = []
        while rest and (rest[-1].kind == "tag" or is_sign(rest[-1], *PUNCTUATION)):
            marks.insert(0, rest.pop())
        if not rest:
            return marks
        part = self.part(rest)
        several = len(self.split(rest, row=False)) > 1 or any(t.kind == "row" for t in rest)
        if part.tail is None or part.tokens or part.reason or several or self.tail is not None:
            raise self.error(
                rf"\begin{{{first.text}}} is not the whole equation: behind its end stands nothing"
                " but conditions of all rows",
                first,
            )
        self.tail = part.tail
        return marks

    def split(self, tokens: list[Token], *, row: bool) -> list[list[Token]]:
        r"""Cut at ``\\``, or at a comma with a wide space behind it."""
        parts: list[list[Token]] = [[]]
        deep = 0
        for place, token in enumerate(tokens):
            deep += (token.kind == "begin" or is_sign(token, "{")) - (
                token.kind == "end" or is_sign(token, "}")
            )
            cut = token.kind == "row" if row else self.separates(tokens, place)
            if cut and deep == 0:
                if row and not self.aligned:
                    raise self.error(r"a row ends outside of \begin{aligned}", token)
                parts[-1] += [] if row else [token]
                parts.append([])
            else:
                parts[-1].append(token)
        return [part for part in parts if part]

    @staticmethod
    def separates(tokens: list[Token], place: int) -> bool:
        """Say whether a new statement begins behind a token."""
        token = tokens[place]
        spaced = place + 1 < len(tokens) and tokens[place + 1].kind == "wide"
        if token.kind == "word" and token.text == "and":
            return spaced and place > 0 and tokens[place - 1].kind == "wide"
        if not is_sign(token, ",", ";") or not spaced:
            return False
        after = place + 1
        while tokens[after].kind == "wide" or is_sign(tokens[after], "&"):
            after += 1
            if after == len(tokens):
                return False
        first = tokens[after]
        if runs_on(tokens, after):
            return False
        spoken = first.kind == "word" and (first.text in TAILS or first.text.startswith(REASONS))
        return not spoken and first.kind != "tag" and first.text not in ("and", r"\forall")

    def parts(self, row: list[Token], before: list[Chain]) -> list[Part]:
        """Give the statements of a row; conditions that stand alone go to the one before them."""
        found: list[Part] = []
        for part in [self.part(piece) for piece in self.split(row, row=False)]:
            if part.tokens:
                found.append(part)
            elif part.tail is not None:
                owner = found[-1] if found else before[0] if len(before) == 1 else None
                if owner is None or owner.tail is not None:
                    raise self.error("whose conditions these are is not clear: write them behind"
                                     " their statement", (part.tail or row)[0])  # fmt: skip
                owner.tail = part.tail
        if len(found) > 1:
            self.refuse_some_tails(found)
        self.refuse_beside(found, before)
        return found

    def refuse_some_tails(self, parts: list[Part]) -> None:
        r"""Refuse what may be a condition or under one: ``a = b`` for ``a > 0, \quad b > 0``."""
        for before, part in pairwise(parts):
            if before.tail is not None and part.tail is None:
                raise self.error(
                    "whether this is a condition or a statement is not clear: conditions are joined"
                    r" by a comma or \text{and} without a wide space, a statement stands on a row"
                    " of its own",
                    next(token for token in part.tokens if token.kind != "wide"),
                )
        last = parts[-1]
        for token in last.tail or ():
            named = token.kind in ("letter", "name") and not stands(token, last)
            if named and any(part.tail is None and stands(token, part) for part in parts):
                raise self.error(
                    "whether the statements before it are under this condition too is not clear:"
                    r" write it behind each, or all in rows and the condition behind \end{aligned}",
                    token,
                )

    def refuse_beside(self, parts: list[Part], before: list[Chain]) -> None:
        r"""Refuse statements beside an equivalence: they may be parts of its side."""
        tokens = [token for part in parts for token in part.tokens]
        if not parts:
            return
        leading = is_sign(parts[0].tokens[0], *EQUIVALENT)
        ends = bool(before) and is_sign(before[-1].tokens[-1], *EQUIVALENT)
        if len(parts) > 1:
            held = [token for token in tokens if is_sign(token, *EQUIVALENT)]
            if ends or (before and self.goes_on(before[-1], parts[0])):
                held += [token for token in before[-1].tokens if is_sign(token, *EQUIVALENT)]
        else:
            held = tokens[:1] if leading and len(before) > 1 else []
        if held:
            raise self.error(
                "which statements are sides of this equivalence is not clear: write two statements"
                r" with conditions, \quad \text{if}",
                held[0],
            )

    # -------------------------------------------------------------- one part

    def part(self, tokens: list[Token]) -> Part:
        """Take alignment, conditions and reason out of a row."""
        led = bool(tokens) and is_sign(tokens[0], "&")
        part = Part(self.without_alignment(tokens), led)
        self.strip_end(part)
        place = self.tail_begins(part.tokens)
        if place is not None:
            part.tail = part.tokens[place:]
            part.tokens = part.tokens[:place]
            bracket = is_sign(part.tail[0], "(")
            spoken = part.tail[0].kind == "word" or is_sign(part.tail[0], r"\forall")
            part.tail = part.tail[1:-1] if bracket else part.tail[1:] if spoken else part.tail
            self.strip_end(part)
            part.tail = without_wide_space(part.tail)
        while part.tokens and part.tokens[0].kind == "wide":
            part.tokens.pop(0)
        return part

    def without_alignment(self, tokens: list[Token]) -> list[Token]:
        """Take the signs ``&`` of the rows away."""
        kept: list[Token] = []
        deep = 0
        tokens = without_empty_braces(tokens)
        for place, token in enumerate(tokens):
            deep += (token.kind == "begin") - (token.kind == "end")
            if deep == 0 and is_sign(token, "&"):
                if not self.aligned:
                    raise self.error(r"& outside of \begin{aligned}", token)
                if kept and self.factors_meet(kept[-1], tokens[place + 1 :]):
                    raise self.error("a column begins here, or a factor: write a row, or a comma"
                                     r" and \quad", token)  # fmt: skip
                continue
            kept.append(token)
            if is_sign(token, "}") and is_sign(kept[max(0, len(kept) - 2)], "{"):
                before = kept[len(kept) - 3] if len(kept) > 2 else None
                if before is None or is_sign(before, *RELATIONS, ":="):
                    del kept[-2:]  # a = {} & b
        return kept

    def factors_meet(self, last: Token, behind: list[Token]) -> bool:
        """Say whether a product would be read where a sign ``&`` is left out."""
        first = next((token for token in behind if token.kind != "tag"), None)
        if first is None or is_sign(first, "&") or "wide" in (first.kind, last.kind):
            return False
        joint = (*RELATIONS, *EQUIVALENT, *OPERATORS, *PUNCTUATION, r"\forall", r"\in")
        return not any(
            is_sign(token, *joint)
            or (token.kind == "word" and (token.text in (*TAILS, "and") or self.is_reason(token)))
            for token in (first, last)
        )

    def strip_end(self, part: Part) -> None:
        """Take punctuation and reason from the end."""
        while part.tokens:
            last = part.tokens[-1]
            if is_sign(last, *PUNCTUATION) or (last.kind == "word" and last.text == "and"):
                part.ended = True
            elif last.kind == "tag" or (last.kind == "word" and self.is_reason(last)):
                if part.reason:
                    raise self.error("two reasons for one row", last)
                part.reason = last.text
            elif last.kind != "wide":
                return
            part.tokens.pop()

    @staticmethod
    def is_reason(token: Token) -> bool:
        """Say whether a text is a reason."""
        return token.plain and token.text.startswith(REASONS)

    @staticmethod
    def tail_begins(tokens: list[Token]) -> int | None:
        r"""Find ``\text{for}``, or a condition in brackets behind a wide space."""
        deep = 0
        for place, token in enumerate(tokens):
            deep += (token.kind == "begin" or is_sign(token, "{")) - (
                token.kind == "end" or is_sign(token, "}")
            )
            spoken = token.kind == "word" and token.text in TAILS and token.plain
            if deep == 0 and (spoken or is_sign(token, r"\forall")):
                return place
        wide = [place for place, token in enumerate(tokens) if token.kind == "wide"]
        place = wide[-1] + 1 if wide else len(tokens)
        bracket = place < len(tokens) and is_sign(tokens[place], "(") and is_sign(tokens[-1], ")")
        inside = bracket and any(is_sign(t, *RELATIONS, r"\in") for t in tokens[place:])
        return place if inside or runs_on(tokens, place) else None

    def goes_on(self, chain: Chain, part: Part) -> bool:
        """Say whether a row goes on with the chain before it."""
        first, last = part.tokens[0], chain.tokens[-1]
        joint = (*RELATIONS, *EQUIVALENT)
        more = is_sign(first, *joint) or is_sign(last, *OPERATORS, *joint)
        if not more and chain.ended:
            return False
        signed = is_sign(first, *OPERATORS)
        if not more and not signed and not part.led:
            return False
        if not more and not (signed and part.led):
            raise self.error(
                "whether this row goes on is not clear: end the row before it with a comma, or"
                " begin this one with & and a sign",
                first,
            )
        if chain.tail is not None:
            raise self.error("a chain goes on behind its conditions", first)
        return True


def chains_of(piece: Piece, tokens: list[Token]) -> list[Chain]:
    """Cut a display equation into chains.

    Args:
        piece: the equation.
        tokens: all of them, with the last of kind ``stop``.

    Returns:
        The chains, none empty.

    Raises:
        DerivationError: where it is not clear what belongs together.
    """
    return Cutter(piece, tokens).chains()
