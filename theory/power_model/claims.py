"""A bound on the best gain as a record: its kind, value, assumptions, source and weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import TypeAlias

from flint import arb, ctx, fmpq

from theory.claim_ids import of_gain_bound

__all__ = ["Columns", "GainBound", "at_least", "at_most", "enclosed"]

Columns: TypeAlias = tuple[tuple[Fraction, ...], ...]

PRECISION = 128
"""Bits of the balls that bounds are computed in before they are rounded outward."""


@dataclass(frozen=True)
class GainBound:
    """One claim on ``sup_W gain`` for one problem.

    Attributes:
        name: what tables call it.
        kind: ``"upper"`` and ``"lower"`` hold a number; ``"limit"`` holds the limit that its
            statement names; ``"order"`` holds none, as its constants are not known.
        value: the number, or None.
        is_exact: whether the value is the formula itself; otherwise it is rounded outward.
        statement: the claim, as LaTeX.
        assumptions: what it needs beyond the model, in words; empty where it is proven for all.
        source: where the claim is from.
        shape: ``(m, n)`` of the problem.
        make_columns: for lower bounds, gives the nonzero columns of the ``W`` that gains so much.
        rests_on: ids of the claims that prove it (``theory.claims``), by its name where left out.

    Example:
        >>> bound = GainBound("zero", "lower", Fraction(0), statement="0", shape=(1, 3))
        >>> bound.weights is None, bound.is_exact
        (True, True)
    """

    name: str
    kind: str
    value: Fraction | None
    statement: str
    shape: tuple[int, int]
    is_exact: bool = True
    assumptions: tuple[str, ...] = ()
    source: str = "own derivation"
    make_columns: Callable[[], Columns] | None = field(default=None, repr=False, compare=False)
    rests_on: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.rests_on:
            object.__setattr__(self, "rests_on", of_gain_bound(self.kind, self.name))

    @cached_property
    def columns(self) -> Columns | None:
        """For lower bounds, the nonzero columns of ``W``; each of length ``m``."""
        return None if self.make_columns is None else self.make_columns()

    @property
    def weights(self) -> tuple[tuple[Fraction, ...], ...] | None:
        """``W`` of a lower bound, ``m`` rows of ``n``: the columns, then zeros."""
        if self.columns is None:
            return None
        m, n = self.shape
        spare = (Fraction(0),) * (n - len(self.columns))
        return tuple(tuple(column[k] for column in self.columns) + spare for k in range(m))


def enclosed(value: Fraction) -> arb:
    """Enclose a rational number at the precision of the bounds."""
    with ctx.workprec(PRECISION):
        return arb(fmpq(value.numerator, value.denominator))


def at_most(ball: arb) -> Fraction:
    """Give a rational number that a ball does not exceed."""
    with ctx.workprec(PRECISION):
        return _rational(ball.upper())


def at_least(ball: arb) -> Fraction:
    """Give a rational number that does not exceed a ball."""
    with ctx.workprec(PRECISION):
        return _rational(ball.lower())


def _rational(end: arb) -> Fraction:
    mantissa, exponent = end.man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)
