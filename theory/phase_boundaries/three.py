r"""Three features in two dimensions, importances ``(1, 1, I)``.

Orthogonal parts add up, so that a pair beside a dedicated feature loses what the pair loses alone.
For ``I <= 1`` the pair takes the last feature, for ``I >= 1`` the two others, as the least loss of
a pair does not fall with an importance. But around equal importance an isosceles triangle, the last
feature opposite to two equal ones, loses less than any pair.

Small weights ``-e u`` of the last feature, ``|u| = 1``, change the loss to second order as in two
features: ``(I_c - I) v e^2`` for every direction ``u``, and to third order by ``C e^3`` times the
sum of ``u_i^3`` (claim PHASE-24). So the continuous boundary and its tricritical points are the
same.

For ``I < 1`` the triangle grows continuously out of two dedicated features between the tricritical
points; a triangle with a short last feature gives way to one with a longer one by a jump, up to
about ``I = 0.88``. For ``1 < I < 1.2`` a search finds scalene triangles beside the boundary of
isosceles triangle and asymmetric pair, which lose a little less; they are not followed here.

Source: own derivation.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import cache

from theory.phase_boundaries import continuous, first_order, starts, starts_three
from theory.phase_boundaries.candidate_curves import ORIGIN, upright
from theory.phase_boundaries.first_order import Curve, described
from theory.phase_boundaries.newton import prove
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
from theory.phase_boundaries.systems import equal_losses, triangle_scales

__all__ = ["TRIANGLE", "level", "three_curves", "three_points", "three_uprights"]

TRIANGLE = "triangle"
_DEDICATED = "last ignored"
_LAST, _OTHERS = "strong pair with last", "symmetric pair of others"
_UNEQUAL = "asymmetric pair of others"
_CLAIMS = ("PHASE-23",)
_KIND = " among states of its kind"
_WEAK = "triangle, last short"
_DIGITS = 30
_FIRST_WEAK, _LAST_WEAK = Fraction("0.5642"), Fraction("0.88")
_LAST_OTHERS, _LAST_UNEQUAL = Fraction("1.44"), Fraction("1.404")
"""As far as the curves are followed: near them a triangle degenerates, or two become one."""


def _curve(words: tuple[str, str], other: Competitor, rows: Table) -> Curve:
    return Curve(words, (ISOSCELES, other), rows, _CLAIMS, family=_KIND)


WITH_LAST = _curve((TRIANGLE, _LAST), PAIR, starts_three.TRIANGLE_PAIR)
WITH_OTHERS = _curve((TRIANGLE, _OTHERS), SYMMETRIC_PAIR, starts_three.TRIANGLE_SYMMETRIC)
WITH_UNEQUAL = _curve((TRIANGLE, _UNEQUAL), UNIT_PAIR, starts_three.TRIANGLE_UNIT)
WITH_DEDICATED = replace(
    _curve((TRIANGLE, _DEDICATED), DEDICATED, starts_three.TRIANGLE_DEDICATED),
    scales=triangle_scales,
)


WEAK_WITH_LAST = _curve((_WEAK, _LAST), PAIR, starts_three.WEAK_TRIANGLE_PAIR)
TRIANGLES = _curve((_WEAK, TRIANGLE), ISOSCELES, starts_three.TRIANGLES)


@cache
def _three_meet(digits: int) -> PhasePoint:
    """Two triangles and a strong pair of the same loss."""
    begin = starts.near(starts_three.TRIANGLES, "importance", _MEET)
    begin = [*begin[:10], *starts.near(WEAK_WITH_LAST.table, "importance", _MEET)[5:]]
    competitors = (ISOSCELES, ISOSCELES, PAIR)
    zero = prove(equal_losses(competitors), begin, digits)
    words = (_WEAK, TRIANGLE, _LAST)
    return described(words, competitors, zero, {}, _CLAIMS, _KIND)


_MEET = Fraction("0.605")


def three_points(digits: int) -> dict[str, PhasePoint]:
    """Give the points where boundaries of three features meet or end."""
    one = Fraction(1)
    return {
        "triple point of two triangles and a pair": _three_meet(digits),
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
    meet = points["triple point of two triangles and a pair"]
    met = End(meet.importance, meet.density, "triple point")
    first, last = (
        End(point.importance, point.density, "not followed further")
        for point in (
            WEAK_WITH_LAST.point("importance", _FIRST_WEAK, _DIGITS),
            TRIANGLES.point("importance", _LAST_WEAK, _DIGITS),
        )
    )
    turn = End(*continuous.on_boundary(continuous.tricritical()[1], _DIGITS), "tricritical point")
    below, above = (points[f"dense end of the triangle, {side}"] for side in ("below", "above"))
    strong = Curve((_LAST, _DEDICATED), *first_order.STRONG.parts, family=_KIND)
    return (
        (strong, (ORIGIN, lower)),
        (WEAK_WITH_LAST, (first, met)),
        (TRIANGLES, (met, last)),
        (WITH_LAST, (met, middle)),
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
