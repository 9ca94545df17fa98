"""A claim as a record, and chapters that collect the claims of one subject."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from theory.claim_list.comparing import Comparison

__all__ = ["KINDS", "Chapter", "Check", "Claim", "DuplicateClaim"]

KINDS = ("exact", "upper", "lower", "asymptotic", "conjectured", "refuted")
"""What a claim may be: an identity or a value that is known exactly; a number that is not exceeded;
one that is not fallen below; a statement of a limit or an order; one without a proof; and one that
has been published or is often made, and is wrong."""

Check: TypeAlias = Callable[[], Iterable[Comparison]]

_ID = re.compile(r"[A-Z]+-[0-9]{2}")


class DuplicateClaim(ValueError):
    """Two claims with one id, or an id that is none."""


@dataclass(frozen=True)
class Claim:
    r"""One statement that is re-checked by the tests.

    Attributes:
        id: permanent; never given to another statement.
        statement: in plain words.
        formula: LaTeX, as a step of a derivation where the grammar has it.
        kind: one of ``KINDS``.
        variables: every letter of the formula with its domain.
        random: random variables of the formula with their laws.
        assumptions: what is needed beyond the domains.
        source: where it is from, to the equation.
        route: how it is proven; where it is not, what speaks for it.
        check: gives comparisons by two routes at stated instances; of a refuted claim, of the
            statement as it was made, at counterexamples.
        derivation: id of the derivation that proves it, or None.
        instead: for refuted claims, what is right: the id of a claim, or words.

    Example:
        >>> from theory.claims import lookup
        >>> lookup("PHASE-01").kind
        'exact'
    """

    id: str
    statement: str
    formula: str
    kind: str
    variables: Mapping[str, str]
    source: str
    route: str
    check: Check
    random: Mapping[str, str] = field(default_factory=dict)
    assumptions: tuple[str, ...] = ()
    derivation: str | None = None
    instead: str = ""

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise DuplicateClaim(f"id={self.id!r}: must be like PHASE-01")
        if self.kind not in KINDS:
            raise ValueError(f"kind={self.kind!r}: must be one of {', '.join(KINDS)}")
        if (self.kind == "refuted") != bool(self.instead):
            raise ValueError(f"instead={self.instead!r}: is for refuted claims, and they need it")
        empty = [name for name in ("statement", "formula", "source", "route") if not self[name]]
        if empty:
            raise ValueError(f"{self.id}: has no {', '.join(empty)}")

    def __getitem__(self, name: str) -> str:
        return str(getattr(self, name))

    def comparisons(self) -> Iterator[Comparison]:
        """Run the check."""
        yield from self.check()


def _by_index(variable: tuple[str, str]) -> bool:
    """Families come after the variables that their indices run to."""
    return " for " in variable[1]


class Chapter:
    """The claims of one subject, in order.

    Args:
        prefix: of their ids.
        title: what they are about.
    """

    def __init__(self, prefix: str, title: str) -> None:
        self.prefix, self.title = prefix, title
        self.claims: list[Claim] = []

    def claim(
        self,
        number: int,
        statement: str,
        formula: str,
        *,
        source: str,
        route: str,
        kind: str = "exact",
        variables: Mapping[str, str] | None = None,
        random: Mapping[str, str] | None = None,
        assumptions: tuple[str, ...] = (),
        derivation: str | None = None,
        instead: str = "",
    ) -> Callable[[Check], Check]:
        """Add the claim that the decorated function checks.

        Args:
            number: of the claim in its chapter, never used twice.
            statement: as in ``Claim``, like all others.
            formula: LaTeX.
            source: where it is from.
            route: how it is proven.
            kind: one of ``KINDS``.
            variables: with their domains.
            random: random variables with their laws.
            assumptions: beyond the domains.
            derivation: id of the derivation.
            instead: for refuted claims.

        Returns:
            A decorator that gives the function back.
        """

        def add(check: Check) -> Check:
            self.claims.append(
                Claim(
                    f"{self.prefix}-{number:02d}",
                    statement,
                    formula,
                    kind,
                    dict(sorted((variables or {}).items(), key=_by_index)),
                    source,
                    route,
                    check,
                    dict(random or {}),
                    assumptions,
                    derivation,
                    instead,
                )
            )
            return check

        return add
