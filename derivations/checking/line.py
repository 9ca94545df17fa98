r"""Signs of polynomials in one variable, on the part of the line where others have given signs.

All irreducible factors are isolated together: disjoint intervals with rational ends, one around
each root. Between neighbours and at each root every factor has one sign, which is read off at a
rational point, so that the signs that a polynomial can take under conditions are known exactly.

Source: Basu, Pollack, Roy 2006, "Algorithms in Real Algebraic Geometry", section 2.2 (Sturm).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import fmpz_poly

from derivations.checking.stops import Clock
from theory.arithmetic.sturm import count_roots, sign_at

__all__ = ["LinePart", "line_parts", "sign_on"]


@dataclass(frozen=True)
class LinePart:
    """An open interval between roots, or one root.

    Attributes:
        point: a rational point of the interval, or close to the root and on its side of all others.
        root_of: the factor whose root it is; None for an interval.
        is_exact: whether the root is the rational number ``point``.
        low: left end of the interval, None for minus infinity (an enclosure of the root there).
        high: right end, None for infinity.
    """

    point: Fraction
    root_of: fmpz_poly | None = None
    is_exact: bool = True
    low: Fraction | None = None
    high: Fraction | None = None


def line_parts(factors: Sequence[fmpz_poly], clock: Clock) -> list[LinePart]:
    """Split the line at the roots of irreducible polynomials.

    Args:
        factors: irreducible, not constant, no two proportional.
        clock: when to stop.

    Returns:
        The parts from left to right, intervals and roots in turn.

    Example:
        >>> parts = line_parts([fmpz_poly([0, 1]), fmpz_poly([-2, 0, 1])], Clock.of(9))
        >>> [part.root_of is not None for part in parts]
        [False, True, False, True, False, True, False]
    """
    reach = 1 + max((_bound(factor) for factor in factors), default=Fraction(0))
    found = [root for factor in factors for root in _isolated(factor, -reach, reach)]
    roots = _separated(found, clock)
    ends = [-reach, *(end for low, high, _ in roots for end in (low, high)), reach]
    parts = [LinePart((ends[0] + ends[1]) / 2, high=roots[0][0] if roots else None)]
    for k, (low, high, factor) in enumerate(roots):
        following = roots[k + 1][0] if k + 1 < len(roots) else None
        parts.append(LinePart((low + high) / 2, factor, low == high, low, high))
        parts.append(LinePart((high + ends[2 * k + 3]) / 2, low=high, high=following))
    return parts


def sign_on(part: LinePart, factors: Sequence[tuple[fmpz_poly, int]]) -> int:
    """Give the sign of a product of powers of the factors on one part."""
    sign = 1
    for factor, power in factors:
        if part.root_of is not None and part.root_of == factor:
            return 0
        sign *= sign_at(factor, part.point) ** power
    return sign


def _bound(polynomial: fmpz_poly) -> Fraction:
    """Cauchy's bound for the size of all roots."""
    entries = [abs(int(c)) for c in polynomial.coeffs()]
    return 1 + Fraction(max(entries[:-1], default=0), entries[-1])


_Root = tuple[Fraction, Fraction, Any]


def _isolated(factor: fmpz_poly, low: Fraction, high: Fraction) -> list[_Root]:
    if factor.degree() == 1:
        root = Fraction(-int(factor[0]), int(factor[1]))
        return [(root, root, factor)]
    count = count_roots(factor, low, high)
    if count == 0:
        return []
    if count == 1:
        return [(low, high, factor)]
    middle = (low + high) / 2
    return _isolated(factor, low, middle) + _isolated(factor, middle, high)


def _halved(root: _Root) -> _Root:
    low, high, factor = root
    if low == high:
        return root
    middle = (low + high) / 2
    return (low, middle, factor) if count_roots(factor, low, middle) else (middle, high, factor)


def _separated(roots: list[_Root], clock: Clock) -> list[_Root]:
    """Halve intervals until no two touch."""
    while True:
        clock.check()
        roots = sorted(roots, key=lambda root: root[:2])
        touching = [k for k in range(len(roots) - 1) if roots[k][1] >= roots[k + 1][0]]
        if not touching:
            return roots
        for j in {j for k in touching for j in (k, k + 1)}:
            roots[j] = _halved(roots[j])
