"""A lower bound on the least loss as a record: value, kind, statement, assumptions, source."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from flint import arb, ctx, fmpq

from theory.claim_ids import of_lower_bound
from theory.problem import Exact, Unsupported

__all__ = ["PRECISION", "LowerClaim", "NotApplicable", "ball", "known_below", "rational"]

PRECISION = 192
"""Bits of the balls that bounds are computed in before they are rounded down."""

MAX_BITS = 400
"""Longest rational value that is given as it is; longer ones are rounded down."""


class NotApplicable(Unsupported):
    """A bound does not cover a problem; the message says why."""


@dataclass(frozen=True)
class LowerClaim:
    r"""One lower bound on the least loss of one problem under constraints.

    Attributes:
        name: what tables call it.
        value: the least loss is at least this; None where the bound does not apply.
        kind: ``"proved"``, or ``"float, not verified"``; ``"not applicable"`` without a value.
        statement: the claim, as LaTeX.
        assumptions: what it uses beyond the model, in words; empty where it holds for all weights.
        source: where the proof is.
        reason: why it does not apply, or else empty.
        is_attained: whether the least loss is known to be this very number.
        rests_on: ids of the claims that prove it (``theory.claims``), by its name where left out.

    Example:
        >>> claim = LowerClaim("trivial", Fraction(0), r"L \ge 0")
        >>> claim.kind, float(claim)
        ('proved', 0.0)
    """

    name: str
    value: Fraction | None
    statement: str = ""
    kind: str = "proved"
    assumptions: tuple[str, ...] = ()
    source: str = "own derivation, docs/proofs/lower_bounds.md"
    reason: str = ""
    is_attained: bool = False
    rests_on: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.rests_on:
            object.__setattr__(self, "rests_on", of_lower_bound(self.name))

    @classmethod
    def inapplicable(cls, name: str, reason: str) -> LowerClaim:
        """Make the record of a bound that does not apply."""
        return cls(name, None, kind="not applicable", source="", reason=reason)

    def raised_by(self, offset: Fraction) -> LowerClaim:
        """Add what is lost for sure besides."""
        return self if self.value is None else replace(self, value=self.value + offset)

    def __float__(self) -> float:
        """The value rounded down; 0 where there is none."""
        if self.value is None:
            return 0.0
        try:
            nearest = float(self.value)
        except OverflowError:
            return sys.float_info.max
        return nearest if Fraction(nearest) <= self.value else math.nextafter(nearest, 0.0)


def ball(value: Fraction | int) -> arb:
    """Enclose a rational number at the working precision."""
    return arb(fmpq(value.numerator, value.denominator))


def known_below(value: Any) -> Fraction:
    """Give a rational number that a ball or a fraction does not go below, at least 0.

    Args:
        value: a ball, or a fraction, which is rounded down where it is long.

    Returns:
        The number.

    Example:
        >>> known_below(Fraction(-1, 3)), known_below(Fraction(1, 3))
        (Fraction(0, 1), Fraction(1, 3))
    """
    if isinstance(value, (Fraction, int)):
        found = Fraction(value)
        if max(found.numerator.bit_length(), found.denominator.bit_length()) <= MAX_BITS:
            return max(found, Fraction(0))
        with ctx.workprec(PRECISION):
            return known_below(ball(found))
    with ctx.workprec(PRECISION):
        if not value.is_finite():
            return Fraction(0)
        mantissa, exponent = value.lower().man_exp()
    return max(Fraction(0), Fraction(int(mantissa)) * Fraction(2) ** int(exponent))


def rational(values: Sequence[Exact], name: str) -> tuple[Fraction, ...]:
    """Ask for rational numbers.

    Args:
        values: exact numbers.
        name: what they are called.

    Returns:
        The numbers.

    Raises:
        NotApplicable: one that is none.
    """
    for value in values:
        if not isinstance(value, Fraction):
            raise NotApplicable(f"{name}={value}: this bound needs a rational number")
    return tuple(values)
