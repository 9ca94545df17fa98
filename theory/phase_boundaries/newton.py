r"""Zeros of systems of equations in balls: found by Newton's method, proven by Krawczyk's.

For a box ``Z`` with centre ``z`` and any matrix ``Y`` let

.. math:: K(Z) = z - Y F(z) + (1 - Y F'(Z)) (Z - z).

If ``K(Z)`` lies inside ``Z``, the system has one zero in ``Z`` and no other, and it lies in
``K(Z)``.

Source: Krawczyk 1969, "Newton-Algorithmen zur Bestimmung von Nullstellen mit Fehlerschranken",
Computing 4; Moore, Kearfott, Cloud 2009, "Introduction to Interval Analysis", SIAM, section 8.2.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from flint import arb, arb_mat, ctx

from theory.arithmetic.ball_roots import MAX_PRECISION, checked_digits
from theory.arithmetic.balls import Enclosure
from theory.problem import Unsupported
from theory.rows.vertices import Undecided

__all__ = ["Scales", "System", "Zero", "inside", "prove", "solve"]

System: TypeAlias = "Callable[[Sequence[arb]], tuple[list[arb], list[list[arb]]]]"
"""Values and Jacobian matrix of as many equations as unknowns."""

Scales: TypeAlias = "Callable[[Sequence[arb]], list[arb]]"

_STEPS = 60
_WIDEST, _NARROWEST = 4, 40  # the boxes tried have radii 2^-4, 2^-5, ..., 2^-39 of their shape


@dataclass(frozen=True)
class Zero:
    """A zero that is proven to be there.

    Attributes:
        balls: enclosures of the unknowns, as small as was asked for.
        box: centre and radius for each unknown; there is no other zero in this box.
    """

    balls: tuple[Enclosure, ...]
    box: tuple[tuple[Fraction, Fraction], ...]


def _columns(values: Sequence[arb]) -> arb_mat:
    return arb_mat(len(values), 1, list(values))


def _entries(column: arb_mat) -> list[arb]:
    return list(column.entries())


def solve(system: System, start: Sequence[arb]) -> list[arb]:
    """Follow Newton's method to a zero, without proof.

    Args:
        system: the equations.
        start: near the zero.

    Returns:
        Exact numbers near the zero, about as near as the working precision allows.

    Raises:
        Undecided: it does not converge from there, or leaves the domain.

    Example:
        >>> root = solve(lambda z: ([z[0] ** 2 - 2], [[2 * z[0]]]), [arb(1)])
        >>> print(root[0].str(10, radius=False))
        1.414213562
    """
    point = [x.mid() for x in start]
    last, small = None, arb(2) ** (-ctx.prec // 2 + 4)
    for _ in range(_STEPS):
        values, jacobian = system(point)
        step = _solved([[x.mid() for x in row] for row in jacobian], [x.mid() for x in values])
        point = [(x - d).mid() for x, d in zip(point, step, strict=True)]
        size = max((abs(d.mid()) for d in step), key=float)
        if last is not None and last < small:
            return point
        last = size
    raise Undecided("Newton's method does not converge from this start")


def _solved(matrix: list[list[arb]], right: list[arb]) -> list[arb]:
    try:
        found = _entries(arb_mat(matrix).solve(_columns(right)))
    except ZeroDivisionError:
        raise Undecided("the Jacobian matrix is singular at this precision") from None
    if not all(x.is_finite() for x in found):
        raise Undecided("the Jacobian matrix is singular at this precision")
    return found


def inside(system: System, centre: Sequence[arb], radii: Sequence[arb]) -> list[arb] | None:
    """Try Krawczyk's test on a box.

    Args:
        system: the equations, which must be evaluated on balls.
        centre: of the box, exact.
        radii: of the box, positive.

    Returns:
        Balls around the only zero in the box; None where the test does not prove one.

    Example:
        >>> def square(z):
        ...     return [z[0] ** 2 - 2], [[2 * z[0]]]
        >>> inside(square, [arb("1.4")], [arb("0.1")]) is None
        False
        >>> inside(square, [arb("1.2")], [arb("0.1")]) is None
        True
    """
    try:
        return _krawczyk(system, centre, radii, *_inverse(system, centre))
    except Undecided:
        return None


def _inverse(system: System, centre: Sequence[arb]) -> tuple[list[arb], arb_mat]:
    """The values in the centre, and about the inverse of the Jacobian matrix there."""
    values, jacobian = system(centre)
    try:
        return values, arb_mat([[x.mid() for x in row] for row in jacobian]).inv().mid()
    except ZeroDivisionError:
        raise Undecided("the Jacobian matrix is singular at this precision") from None


def _krawczyk(
    system: System,
    centre: Sequence[arb],
    radii: Sequence[arb],
    values: list[arb],
    inverse: arb_mat,
) -> list[arb] | None:
    """The image of the box, where it lies inside the box."""
    box = [arb(z.mid(), r) for z, r in zip(centre, radii, strict=True)]
    _, slopes = system(box)
    n = len(box)
    unit = arb_mat(n, n, [int(i == j) for i in range(n) for j in range(n)])
    off = (unit - inverse * arb_mat(slopes)) * _columns([
        x - z for x, z in zip(box, centre, strict=True)
    ])
    shift = inverse * _columns(values)
    image = [z - s + d for z, s, d in zip(centre, _entries(shift), _entries(off), strict=True)]
    strict = all(x.contains_interior(k) for x, k in zip(box, image, strict=True))
    return image if strict else None


def prove(system: System, start: Sequence[arb], digits: int, scales: Scales | None = None) -> Zero:
    """Find a zero near a start, prove it, and enclose it.

    Args:
        system: the equations.
        start: near the zero.
        digits: correct significant digits of every unknown.
        scales: gives the shape of the box that is tried first; the unknowns where left out.

    Returns:
        The zero with the widest box, of those tried, in which it is proven to be the only one.

    Raises:
        Unsupported: no zero is proven near the start.

    Example:
        >>> found = prove(lambda z: ([z[0] ** 2 - 2], [[2 * z[0]]]), [arb(1)], 20)
        >>> print(found.balls[0].radius < Fraction(1, 10**20))
        True
    """
    wanted = checked_digits(digits)
    rough = start
    with ctx.workprec(96), suppress(Undecided):
        rough = solve(system, start)
    precision = 96 + 4 * wanted
    while precision <= MAX_PRECISION:
        with ctx.workprec(precision), suppress(Undecided):
            point = solve(system, rough)
            box = _widest(system, point, point if scales is None else scales(point))
            balls = _narrowed(system, point, box, wanted)
            if balls is not None:
                centre = [(Enclosure.of(z).midpoint, Enclosure.of(r).midpoint) for z, r in box]
                return Zero(tuple(map(Enclosure.of, balls)), tuple(centre))
        precision *= 2
    raise Unsupported(f"digits={digits}: no zero is proven near the start")


def _widest(system: System, point: Sequence[arb], shape: Sequence[arb]) -> list[tuple[arb, arb]]:
    known = _inverse(system, point)
    for k in range(_WIDEST, _NARROWEST):
        radii = [(abs(z) * arb(2) ** -k).mid() for z in shape]
        with suppress(Undecided):  # the box may leave the domain
            if _krawczyk(system, point, radii, *known) is not None:
                return list(zip(point, radii, strict=True))
    raise Undecided("no box around the point is proven to hold a zero")


def _narrowed(
    system: System, point: Sequence[arb], box: list[tuple[arb, arb]], digits: int
) -> list[arb] | None:
    """Krawczyk's operator again on a much smaller box; its zero is that of the wide one."""
    for spare in (8, 4, 1):
        radii = [(r * arb(10) ** -(digits + spare)).mid() for _, r in box]
        balls = inside(system, point, radii)
        if balls is not None and all(_has_digits(x, digits) for x in balls):
            return balls
    return None


def _has_digits(ball: arb, digits: int) -> bool:
    return bool(ball.rad() * arb(10) ** digits <= abs(ball.mid()))
