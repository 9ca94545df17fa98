r"""Regular polygons as critical points of the one-hot loss in two dimensions: ``(l*, b*)``.

``k`` features stand at equal angles with norm ``l`` and bias ``b``. With ``t = l^2``,
``rho = -b / t`` and ``c_j = cos(2 pi j / k)``, Chen et al.'s ``H`` of one output is for
``0 <= rho < 1`` a parabola in ``t``:

.. math::
    h(t, \rho) = A(\rho)\, t^2 - B(\rho)\, t + 1, \qquad
    A = \sum_{c_j > \rho} \frac{(c_j - \rho)^3}{c_j}, \quad B = (1 - \rho)^2 (2 + \rho),

``c_0 = 1`` included. So ``t = B / (2 A)`` and ``rho`` is a zero of

.. math::
    D(\rho) = \rho (1 - \rho)^3 + \sum_{j \ne 0,\, c_j > \rho} \frac{(c_j - \rho)^2}{c_j}
    \bigl(\rho (1 - \rho) - 2 (1 - c_j)(1 + \rho)\bigr),

as ``d/drho log(B^2 / A) = -3 (1 - rho) D / (A B)``. By symmetry a critical point in ``(l, b)`` is
one of ``H`` in all of ``(W, b)``; ``H`` is continuously differentiable where ``l > 0``.

**Where they are.** (1) None has ``b > 0``: with ``beta = b / t`` the same steps give
``D = -beta + sum_{c >= -beta} [2 c (c - 1) + beta (3 c - 4)]
- sum_{c < -beta} (2 + beta) beta^2 / |c|`` over ``j != 0``, and each bracket is negative: for
``-beta <= c < 0`` it is at most ``2 beta (1 + |c|) - beta (4 + 3 |c|)``. (2) For ``k <= 4`` no
other ``c_j`` is positive, ``D = rho (1 - rho)^3``, and ``(l, b) = (1, 0)`` is the only one, with
``H = 0``. (3) For ``k >= 5``, ``D(0) < 0`` and ``D > 0`` on ``(c_1, 1)``: **every k has a critical
point.** That there is one only is proven for each ``k`` that is asked, by counting the zeros of the
quartic ``D`` between neighbouring ``c_j`` in ball arithmetic. (4) Where ``b <= -l^2`` every output
is off and ``H`` is flat; such points are not counted.

Chen et al.'s equations hold where *every* pair at an acute angle interferes, ``-l^2 c_s < b`` with
``s`` the whole number in ``[k/4 - 1, k/4)``. ``chen_critical_point`` asks for that, and it exists
for ``k <= 8`` and ``k = 12`` alone as far as has been checked (``k <= 2000``): beyond, the critical
point has fewer active neighbours, about ``k / 6`` to each side.

Source: Chen, Lau, Mendel, Wei, Murfet 2023, arXiv:2310.06301, for the
equations, the dead features and the ``k+`` variants; the reduction to ``D`` is an own derivation.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from flint import arb, arb_poly, ctx, fmpq

from theory.arithmetic.ball_roots import (
    MAX_PRECISION,
    checked_digits,
    enclosed,
    known_sign,
    refined_zero,
    sign,
)
from theory.arithmetic.balls import Enclosure
from theory.problem import InputError, Unsupported
from theory.rows.vertices import Undecided

__all__ = [
    "NoCriticalPoint",
    "PolygonPoint",
    "chen_critical_point",
    "polygon_critical_point",
    "polygon_loss",
]

MAX_SIDES = 10_000
_DEGREE = 4


@dataclass(frozen=True)
class PolygonPoint:
    """The critical point that is a regular polygon.

    Attributes:
        sides: ``k``.
        norm: ``l*``, the norm of every feature.
        bias: ``b*``, the bias of every output.
        h: ``H`` summed over the ``k`` outputs; ``H / (3k)`` is the loss for ``c = k``.
        reach: how many neighbours to each side an output ever reacts to.
        acute: how many neighbours to each side stand at an acute angle; ``reach`` is at most that.
    """

    sides: int
    norm: Enclosure
    bias: Enclosure
    h: Enclosure
    reach: int
    acute: int


@dataclass(frozen=True)
class NoCriticalPoint:
    """The answer that there is none, false as a truth value.

    Attributes:
        sides: ``k``.
        reason: why, in words.
        nearest: the polygon of so many sides that is critical, with fewer active neighbours.
    """

    sides: int
    reason: str
    nearest: PolygonPoint

    def __bool__(self) -> bool:
        return False


@dataclass(frozen=True)
class _Root:
    """One simple zero of ``D``: at ``low + (high - low) x`` with ``start < x < end``."""

    reach: int
    start: Fraction
    end: Fraction


def polygon_critical_point(k: int, *, digits: int = 30) -> PolygonPoint:
    r"""Give the one-hot critical point that is a regular ``k``-gon; each ``k`` has exactly one.

    .. math:: \partial_l H = \partial_b H = 0, \qquad w_j = l (\cos 2\pi j/k, \sin 2\pi j/k)

    Args:
        k: number of sides; 1 is a single feature and 2 an antipodal pair.
        digits: correct significant digits of every number.

    Returns:
        Proven enclosures; that no other critical polygon exists is proven on the way.

    Raises:
        InputError: ``k`` or ``digits`` out of range.
        Unsupported: two critical points, or a zero at the border of two pieces; no such ``k`` is
            known.

    Example:
        >>> point = polygon_critical_point(5, digits=8)
        >>> print(f"{float(point.norm):.8f} {float(point.bias):.8f}")
        1.17045964 -0.28229728

    Source: the ``k``-gons of arXiv:2310.06301; own derivation (see above).
    """
    sides = _count(k, "k", MAX_SIDES)
    acute, wanted = _acute(sides), checked_digits(digits)
    if not acute:
        one, zero = Enclosure(Fraction(1), Fraction(0)), Enclosure(Fraction(0), Fraction(0))
        return PolygonPoint(sides, one, zero, zero, 0, 0)
    root = _only_root(sides)
    norm, bias, h = enclosed(wanted, lambda: _point(sides, root))
    return PolygonPoint(sides, norm, bias, h, root.reach, acute)


def chen_critical_point(k: int, *, digits: int = 30) -> PolygonPoint | NoCriticalPoint:
    """Give the ``k``-gon that solves Chen et al.'s two equations with their constraint.

    Their equations hold where every pair of features at an acute angle interferes.

    Args:
        k: number of sides.
        digits: correct significant digits of every number.

    Returns:
        The critical point, or ``NoCriticalPoint`` with the reason.

    Raises:
        InputError: ``k`` or ``digits`` out of range.

    Example:
        >>> [k for k in range(3, 20) if chen_critical_point(k, digits=5)]
        [3, 4, 5, 6, 7, 8, 12]
        >>> print(chen_critical_point(9, digits=5).reason)
        the 9-gon is critical with 1 active neighbour to each side, not with all 2 at acute angles

    Source: the ``k``-gons of arXiv:2310.06301.
    """
    point = polygon_critical_point(k, digits=digits)
    if point.reach == point.acute:
        return point
    plural = "" if point.reach == 1 else "s"
    return NoCriticalPoint(
        point.sides,
        f"the {point.sides}-gon is critical with {point.reach} active neighbour{plural} to each "
        f"side, not with all {point.acute} at acute angles",
        point,
    )


def polygon_loss(
    k: int, n_features: int, *, positive: int = 0, digits: int = 30
) -> Fraction | Enclosure:
    r"""Give the one-hot loss of a critical ``k``-gon with all other features ignored.

    .. math:: L = \frac{1}{3c} \Bigl(H_k + (c - k) - \frac{3 \sigma}{4 c}\Bigr)

    An ignored feature (``w = 0``) with a negative bias adds 1 to ``H``. With a positive bias ``b``
    it adds ``1 - 3b + 3cb^2``, least at ``b = 1/(2c)``: these are the ``k+``, ``k++`` points.

    Args:
        k: number of sides.
        n_features: ``c``, at least ``k``.
        positive: ``sigma``, how many ignored features have the bias ``1/(2c)``.
        digits: correct significant digits, where the loss is no fraction.

    Returns:
        A fraction for ``k <= 4``, else an enclosure.

    Raises:
        InputError: a number out of its range.

    Example:
        >>> polygon_loss(4, 6), polygon_loss(4, 5, positive=1)
        (Fraction(1, 9), Fraction(17, 300))
        >>> print(f"{float(polygon_loss(5, 6)):.5f} {float(polygon_loss(6, 6)):.5f}")
        0.06874 0.04819

    Source: arXiv:2310.06301, Corollary D.2 and its table of losses.
    """
    sides, c = _count(k, "k", MAX_SIDES), _count(n_features, "n_features", None)
    if sides > c:
        raise InputError(f"k={sides}: must be at most n_features={c}")
    if isinstance(positive, bool) or not isinstance(positive, int) or not 0 <= positive <= c - k:
        raise InputError(f"positive={positive!r}: must be from 0 to n_features - k = {c - sides}")
    rest = c - sides - Fraction(3 * positive, 4 * c)
    wanted = checked_digits(digits)
    if not _acute(sides):
        return rest / (3 * c)
    root, ignored = _only_root(sides), arb(fmpq(rest.numerator, rest.denominator))
    return enclosed(wanted, lambda: [(_point(sides, root)[2] + ignored) / (3 * c)])[0]


def _count(value: Any, name: str, largest: int | None) -> int:
    whole = isinstance(value, int) and not isinstance(value, bool)
    if not whole or value < 1 or (largest is not None and value > largest):
        limit = "at least 1" if largest is None else f"from 1 to {largest}"
        raise InputError(f"{name}={value!r}: must be a whole number, {limit}")
    return int(value)


def _acute(k: int) -> int:
    """How many ``j >= 1`` have ``cos(2 pi j / k) > 0``: the whole number in [k/4 - 1, k/4)."""
    return -(-k // 4) - 1


def _cosine(j: int, k: int) -> arb:
    return arb.cos_pi_fmpq(fmpq(2 * j, k))


def _pieces(k: int) -> Iterator[tuple[int, arb, arb, arb_poly]]:
    """For ``s = 1, 2, ...`` the ends ``c_{s+1} < c_s`` (0 at last) and ``D`` between them."""
    acute = _acute(k)
    cosines = [_cosine(j, k) for j in range(1, acute + 1)] + [arb(0)]
    total = arb_poly([0, 1, -3, 3, -1])
    for s, c in enumerate(cosines[:-1], start=1):
        square = arb_poly([c, -2, 1 / c])  # (c - rho)^2 / c
        total += 2 * square * arb_poly([2 * c - 2, 2 * c - 1, -1])
        yield s, cosines[s], c, total


def _bernstein(power: Sequence[arb]) -> list[arb]:
    """Coefficients on [0, 1] in the Bernstein basis, whose signs bound the number of zeros."""
    n = _DEGREE
    return [
        sum((arb(fmpq(math.comb(i, j), math.comb(n, j))) * power[j] for j in range(i + 1)), arb(0))
        for i in range(n + 1)
    ]


def _local(low: arb, high: arb, poly: arb_poly) -> arb_poly:
    """``D`` in ``x`` with ``rho = low + (high - low) x``."""
    return poly(arb_poly([low, high - low]))


def _isolated(bernstein: list[arb], start: Fraction, end: Fraction) -> list[tuple[Fraction, Any]]:
    """Intervals with one zero each, all zeros covered: Descartes' rule and bisection."""
    signs = [sign(bernstein[0]), *map(known_sign, bernstein[1:-1]), sign(bernstein[-1])]
    if 0 not in signs:
        changes = sum(x != y for x, y in itertools.pairwise(signs))
        if changes < 2:
            return [(start, end)] * changes
    if end - start < Fraction(1, 2**40):
        raise Undecided(f"a zero in [{start}, {end}] of a piece cannot be told")
    left, right, row = [bernstein[0]], [bernstein[-1]], bernstein
    while len(row) > 1:
        row = [(x + y) / 2 for x, y in itertools.pairwise(row)]
        left.append(row[0])
        right.append(row[-1])
    middle = (start + end) / 2
    return _isolated(left, start, middle) + _isolated(right[::-1], middle, end)


@lru_cache(maxsize=256)
def _only_root(k: int) -> _Root:
    """Count the zeros of ``D`` on ``(0, c_1)``, piece by piece; there must be one."""
    precision = 128
    while precision <= MAX_PRECISION:
        try:
            with ctx.workprec(precision):
                roots = [
                    _Root(s, start, end)
                    for s, low, high, poly in _pieces(k)
                    for start, end in _isolated(
                        _bernstein(_local(low, high, poly).coeffs()), Fraction(0), Fraction(1)
                    )
                ]
        except Undecided:
            precision *= 2
            continue
        if len(roots) == 1:
            return roots[0]
        raise Unsupported(f"k={k}: has {len(roots)} critical polygons, and one was expected")
    raise Unsupported(f"k={k}: a zero cannot be told from a border at {MAX_PRECISION} bits")


def _point(k: int, root: _Root) -> list[arb]:
    """``l*``, ``b*`` and ``H`` at the current precision."""
    low, high, poly = next((a, b, d) for s, a, b, d in _pieces(k) if s == root.reach)
    local = _local(low, high, poly)
    start, end = (arb(fmpq(x.numerator, x.denominator)) for x in (root.start, root.end))
    rho = low + (high - low) * refined_zero(local, local.derivative(), start, end)
    cosines = [_cosine(j, k) for j in range(1, root.reach + 1)]
    a = sum((2 * (c - rho) ** 3 / c for c in cosines), (1 - rho) ** 3)
    b = (1 - rho) ** 2 * (2 + rho)
    square = b / (2 * a)
    return [square.sqrt(), -rho * square, k * (1 - b**2 / (4 * a))]
