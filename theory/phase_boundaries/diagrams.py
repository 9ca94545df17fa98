"""The boundaries of a size, put together.

Source: own derivation; see ``theory.phases``.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import cache

import sympy

from theory.phase_boundaries import continuous, first_order, three
from theory.phase_boundaries.candidate_curves import NO_THIRD, NOT_BEST, ORIGIN, upright
from theory.phase_boundaries.mirror import mirrored
from theory.phase_boundaries.record import Boundary, End, PhasePoint, exactly
from theory.phase_boundaries.regions import IMPORTANCE, checked_size
from theory.problem import InputError, exact_number

__all__ = [
    "continuous_boundary",
    "first_order_boundary",
    "special_points",
    "true_boundaries",
]

_DIGITS = 30  # of the ends, which are found once


_DEDICATED, _WEAK, _STRONG = "last ignored", "weak pair, last short", "strong pair"
_STABLE = (
    "a small weight of the last feature, opposite to the others, gains exactly for I above I_c(p);"
    " I_c rises"
)
_EQUAL_SIGN = "; that a small weight of equal sign gains later"
_SCALENE = "; up to I = 1.2 a search finds scalene triangles that do"
_FIRST = "every point asked for is proven by itself; see its fields"


def _curve(
    curve: first_order.Curve,
    between: tuple[str, str],
    ends: tuple[End, End],
    size: tuple[int, int] = (2, 1),
    more: str = "",
) -> Boundary:
    name = f"{between[0]} | {between[1]}{more}"
    beside = _SCALENE if curve is three.WITH_UNEQUAL else ""

    def solve(coordinate: str, value: Fraction, digits: int) -> PhasePoint:
        point = replace(curve.point(coordinate, value, digits), boundary=name)
        return replace(point, not_proved=point.not_proved + beside)

    found = Boundary(
        name,
        between,
        "first order",
        *size,
        None,
        ends,
        curve.claims,
        _FIRST,
        NO_THIRD + beside,
        solve,
    )
    if curve is three.WITH_LAST:  # its density rises and falls
        return replace(found, solves=("importance",))
    return found


def _continuous(
    ends: tuple[End, End], size: tuple[int, int] = (2, 1), grown: str = _WEAK
) -> Boundary:
    between = (_DEDICATED, grown)
    name = " | ".join(between)
    more = () if size == (2, 1) else ("PHASE-24",)
    claims = ("OPTIMUM-06", "PHASE-16", "PHASE-17", *more)

    def solve(coordinate: str, value: Fraction, digits: int) -> PhasePoint:
        given = exactly(value)
        by_density = coordinate == "density"
        solved = continuous.critical_importance if by_density else continuous.critical_density
        number = solved(value)
        weight, p = (number.enclosure(digits), given)[:: 1 if by_density else -1]
        found = PhasePoint(name, "continuous", weight, p, number, claims=claims)
        return replace(found, proved=_STABLE, not_proved=NO_THIRD + _EQUAL_SIGN)

    formula = sympy.Eq(IMPORTANCE, continuous.formula(), evaluate=False)
    proofs = (_STABLE, NO_THIRD + _EQUAL_SIGN)
    return Boundary(
        name, between, "continuous", *size, formula, ends, claims, *proofs, solve, "density"
    )


def _tricritical_ends() -> tuple[End, End]:
    low, high = (continuous.on_boundary(p, _DIGITS) for p in continuous.tricritical())
    return End(*low, "tricritical point"), End(*high, "tricritical point")


@cache
def _lower_half() -> tuple[Boundary, ...]:
    """The boundaries of two features in one dimension at importances up to 1."""
    meet, breaking = first_order.triple_point(_DIGITS), first_order.symmetry_breaking(_DIGITS)
    triple = End(meet.importance, meet.density, "triple point")
    first, second = _tricritical_ends()
    dense = End(first_order.dense_end(_DIGITS).importance, exactly(1), "p = 1")
    breaks = End(exactly(1), breaking.density, "triple point at equal importance")
    return (
        _curve(first_order.STRONG, (_DEDICATED, _STRONG), (ORIGIN, triple)),
        _curve(first_order.WEAK_LOW, (_DEDICATED, _WEAK), (triple, first), more=" (lower jump)"),
        _continuous((first, second)),
        _curve(first_order.WEAK_HIGH, (_DEDICATED, _WEAK), (second, dense), more=" (upper jump)"),
        _curve(first_order.BETWEEN, (_WEAK, _STRONG), (triple, breaks)),
    )


@cache
def _three() -> tuple[Boundary, ...]:
    """The boundaries of three features in two dimensions, as far as they are known."""
    size = (3, 2)
    found = [
        _curve(curve, (curve.words[1], curve.words[0]), ends, size)
        for curve, ends in three.three_curves()
    ]
    found.insert(1, _continuous(_tricritical_ends(), size, three.TRIANGLE))
    between, ends = three.level()
    claims, proofs = ("PHASE-20",), (_FIRST, NO_THIRD)
    name = " | ".join(between)

    def solve(coordinate: str, value: Fraction, digits: int) -> PhasePoint:
        point = first_order.symmetry_breaking(digits)
        return replace(point, boundary=name, importance=exactly(value))

    level = Boundary(
        name,
        between,
        "first order",
        *size,
        None,
        ends,
        claims,
        *proofs,
        solve,
        solves=("importance",),
    )
    return (*found, level, *three.three_uprights())


@cache
def true_boundaries(n_features: int, n_hidden: int) -> tuple[Boundary, ...]:
    """Give the boundaries between minima in all weights and biases.

    Args:
        n_features: ``n``.
        n_hidden: ``m``.

    Returns:
        For two features those at importances up to 1, the one at equal importance, and their mirror
        images. For three features those that were found; see ``theory.phase_boundaries.three`` for
        what is not resolved.

    Raises:
        Unsupported: phases of another size than 2 in 1 and 3 in 2.

    Example:
        >>> [boundary.kind for boundary in true_boundaries(2, 1)][:3]
        ['first order', 'first order', 'continuous']

    Source: own derivation.
    """
    size = checked_size(n_features, n_hidden)
    if size == (3, 2):
        return _three()
    lower = _lower_half()
    middle = upright(
        size,
        "weak pair, last short | weak pair, first short",
        (lower[-1].ends[1].density, exactly(1)),
        "PHASE-20",
        "first order",
    )
    return (*lower, middle, *map(mirrored, lower))


def continuous_boundary(density: object, *, digits: int = 15) -> PhasePoint:
    """Give the importance at which a small opposite weight of the ignored feature begins to gain.

    Unlike the boundary of ``true_boundaries`` it goes on beyond the tricritical points, where a
    jump comes before.

    Args:
        density: rational, above 0 and at most 1.
        digits: correct significant digits.

    Returns:
        The point, with the importance as an algebraic number of degree at most 2.

    Raises:
        InputError: the density is out of range.

    Example:
        >>> print(continuous_boundary("1/2").number)
        55/8 - 2*sqrt(10)

    Source: own derivation, ``derivations/library/continuous_boundary.md``.
    """
    value = exact_number(density, "density")
    if not isinstance(value, Fraction):
        raise InputError(f"density={value}: must be a rational number")
    return _lower_half()[2].solver("density", value, digits)


def first_order_boundary(importance: object, *, digits: int = 30) -> PhasePoint:
    """Give the density below which a pair loses less than keeping one feature alone, by a jump.

    Args:
        importance: of the second feature, above 0 and below 1, where there is a jump.
        digits: correct significant digits.

    Returns:
        The point, with its proofs.

    Raises:
        InputError: between the tricritical points, where the boundary is continuous, or from the
            importance on at which there is none.

    Example:
        >>> print(f"{float(first_order_boundary('1/2', digits=12).density):.12f}")
        0.484587926111

    Source: own derivation.
    """
    value = exact_number(importance, "importance")
    if not isinstance(value, Fraction):
        raise InputError(f"importance={value}: must be a rational number")
    lower = _lower_half()
    for boundary in (lower[0], lower[1], lower[3]):
        if value > 0 and boundary.covers("importance", value):
            return boundary.at(importance=value, digits=digits)
    spans = ", ".join(boundary._words() for boundary in (lower[0], lower[1], lower[3]))
    raise InputError(f"importance={value}: a jump from one feature alone runs {spans}")


def special_points(n_features: int, n_hidden: int, *, digits: int = 15) -> dict[str, PhasePoint]:
    """Give the points where boundaries meet or end.

    Args:
        n_features: ``n``.
        n_hidden: ``m``.
        digits: correct significant digits.

    Returns:
        Points at importances up to 1, by name.

    Raises:
        Unsupported: phases of another size than 2 in 1 and 3 in 2.

    Example:
        >>> for name, point in special_points(2, 1).items():
        ...     print(f"{name}: I = {float(point.importance):.6f}, p = {float(point.density):.6f}")
        candidates, triple point: I = 1.000000, p = 0.571429
        triple point: I = 0.564131, p = 0.511738
        lower tricritical point: I = 0.574042, p = 0.520248
        upper tricritical point: I = 0.896441, p = 0.837320
        dense end: I = 0.988846, p = 1.000000
        symmetry breaking: I = 1.000000, p = 0.706404

    Source: own derivation.
    """
    size = checked_size(n_features, n_hidden)
    found = {
        "candidates, triple point": PhasePoint(
            "triple point",
            "candidate",
            exactly(1),
            exactly(Fraction(4, 7)),
            claims=("PHASE-06",),
            proved="three candidates lose the same",
            not_proved=NOT_BEST,
        )
    }
    if size == (3, 2):
        return {**found, **three.three_points(digits)}
    found["triple point"] = first_order.triple_point(digits)
    for name, density in zip(("lower", "upper"), continuous.tricritical(), strict=True):
        weight, p = continuous.on_boundary(density, digits)
        found[f"{name} tricritical point"] = PhasePoint(
            f"{name} tricritical point",
            "continuous",
            weight,
            p,
            density,
            claims=("PHASE-18",),
            proved="the second and the third order in the second weight vanish",
            not_proved=NO_THIRD,
        )
    found["dense end"] = first_order.dense_end(digits)
    found["symmetry breaking"] = first_order.symmetry_breaking(digits)
    return found
