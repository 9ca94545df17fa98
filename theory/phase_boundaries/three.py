r"""Three features in two dimensions, importances ``(1, 1, I)``.

Orthogonal parts add up, so that a pair beside a dedicated feature loses what the pair loses alone.
For ``I <= 1`` the pair takes the last feature, for ``I >= 1`` the two others, as the least loss of
a pair does not fall with an importance. But around equal importance an isosceles triangle, the last
feature opposite to two equal ones, loses less than any pair.

Small weights ``-e u`` of the last feature, ``|u| = 1``, change the loss to second order as in two
features: ``(I_c - I) v e^2`` for every direction ``u``, and to third order by ``C e^3`` times the
sum of ``u_i^3``. So the continuous boundary and its tricritical points are the same.

Source: own derivation.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import cache

from theory.phase_boundaries import continuous, first_order, starts_three
from theory.phase_boundaries.candidate_curves import ORIGIN, upright
from theory.phase_boundaries.first_order import Curve
from theory.phase_boundaries.record import Boundary, End, PhasePoint, exactly
from theory.phase_boundaries.starts import Table
from theory.phase_boundaries.states import (
    DEDICATED,
    ISOSCELES,
    PAIR,
    SYMMETRIC_PAIR,
    UNIT_PAIR,
    Competitor,
)
from theory.phase_boundaries.systems import triangle_scales

__all__ = ["TRIANGLE", "level", "three_curves", "three_points", "three_uprights"]

TRIANGLE = "triangle"
_DEDICATED = "last ignored"
_LAST, _OTHERS = "strong pair with last", "symmetric pair of others"
_UNEQUAL = "asymmetric pair of others"
_CLAIMS = ("PHASE-19",)
_KIND = " among states of its kind"
_DIGITS = 30
_FIRST_LAST, _LAST_OTHERS, _LAST_UNEQUAL = Fraction("0.58"), Fraction("1.44"), Fraction("1.404")
"""As far as the curves are followed: near them the triangle grows small."""


def _curve(words: tuple[str, str], other: Competitor, rows: Table) -> Curve:
    return Curve(words, (ISOSCELES, other), rows, _CLAIMS, family=_KIND)


WITH_LAST = _curve((TRIANGLE, _LAST), PAIR, starts_three.TRIANGLE_PAIR)
WITH_OTHERS = _curve((TRIANGLE, _OTHERS), SYMMETRIC_PAIR, starts_three.TRIANGLE_SYMMETRIC)
WITH_UNEQUAL = _curve((TRIANGLE, _UNEQUAL), UNIT_PAIR, starts_three.TRIANGLE_UNIT)
WITH_DEDICATED = replace(
    _curve((TRIANGLE, _DEDICATED), DEDICATED, starts_three.TRIANGLE_DEDICATED),
    scales=triangle_scales,
)


def three_points(digits: int) -> dict[str, PhasePoint]:
    """Give the points where boundaries of three features meet or end."""
    one = Fraction(1)
    return {
        "equal importance": WITH_OTHERS.point("importance", one, digits),
        "dense end of the triangle, below": WITH_DEDICATED.point("density", one, digits),
        "dense end of the triangle, above": WITH_UNEQUAL.point("density", one, digits),
    }


@cache
def three_curves() -> tuple[tuple[Curve, tuple[End, End]], ...]:
    """Give the first-order curves of three features with their ends."""
    points = three_points(_DIGITS)
    equal = points["equal importance"]
    middle = End(exactly(1), equal.density, "equal importance")
    far, near = (
        End(point.importance, point.density, "not followed further")
        for point in (
            WITH_OTHERS.point("importance", _LAST_OTHERS, _DIGITS),
            WITH_UNEQUAL.point("importance", _LAST_UNEQUAL, _DIGITS),
        )
    )
    two = first_order.triple_point(_DIGITS)
    lower = End(two.importance, two.density, "a weak pair loses as little; finer structure beyond")
    begin = WITH_LAST.point("importance", _FIRST_LAST, _DIGITS)
    begun = End(begin.importance, begin.density, "not followed further")
    turn = End(*continuous.on_boundary(continuous.tricritical()[1], _DIGITS), "tricritical point")
    below, above = (points[f"dense end of the triangle, {side}"] for side in ("below", "above"))
    strong = Curve((_LAST, _DEDICATED), *first_order.STRONG.parts, family=_KIND)
    return (
        (strong, (ORIGIN, lower)),
        (WITH_LAST, (begun, middle)),
        (
            WITH_DEDICATED,
            (turn, End(below.importance, exactly(1), "p = 1")),
        ),
        (WITH_OTHERS, (middle, far)),
        (WITH_UNEQUAL, (End(above.importance, exactly(1), "p = 1"), near)),
    )


def three_uprights() -> tuple[Boundary, ...]:
    """Give the boundary at equal importance."""
    density = three_points(_DIGITS)["equal importance"].density
    name = f"{_LAST} | {_OTHERS}"
    return (upright((3, 2), name, (exactly(0), density), "PHASE-20", "first order"),)


def level() -> tuple[tuple[str, str], tuple[End, End]]:
    """Give the boundary at a fixed density, between the two pairs of the others."""
    density = first_order.symmetry_breaking(_DIGITS).density
    ends = (
        End(exactly(_LAST_UNEQUAL), density, "the triangle"),
        End(None, density, "no end"),
    )
    return (_OTHERS, _UNEQUAL), ends
