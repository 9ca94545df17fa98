r"""The least loss of one row of two features over its bias, from below, in rational arithmetic.

Output ``i`` of two features on ``U[0, 1]`` is ``(alpha x_i + gamma x_j + b)_+``. Its loss is a
function of ``b`` that is a polynomial of degree 4 or less between the kinks ``0``, ``-alpha``,
``-gamma`` and ``-(alpha + gamma)``, constant below all of them and a parabola above. On every piece
the least value is bounded by Bernstein coefficients of the two first derivatives: where the slope
has one sign it is at an end, where the polynomial is convex a tangent bounds it, else the piece is
halved.

Source: own derivation; Lawrence 1991, "Polytope volume computation", section 2, for the moments.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise

from flint import fmpq, fmpq_poly

__all__ = ["least_row_loss"]

_DEPTH = 12
_BITS = 30
_NEWTON = 3


def least_row_loss(alpha: fmpq, gamma: fmpq, own: fmpq, other: fmpq) -> fmpq:
    r"""Bound ``min_b E(x_i - (alpha x_i + gamma x_j + b)_+)^2`` from below.

    Args:
        alpha: ``G_ii``, at least 0.
        gamma: ``G_ij``.
        own: density of feature ``i``.
        other: density of feature ``j``.

    Returns:
        A rational number, at most the minimum and close to it.

    Example:
        >>> tenth = fmpq(1, 10)
        >>> print(least_row_loss(fmpq(1), fmpq(-1), tenth, tenth) <= fmpq(1, 600))
        True
    """
    if alpha == 0:  # the output is all but blind to its target
        return _blind(gamma, own)
    kinks = sorted({fmpq(0), -alpha, -gamma, -(alpha + gamma)})
    least = own / 3  # below all kinks the output is 0
    for low, high in pairwise(kinks):
        least = min(least, _least_on(_loss(alpha, gamma, own, other, (low + high) / 2), low, high))
    return min(least, _least_above(_loss(alpha, gamma, own, other, kinks[-1] + 1), kinks[-1]))


def _blind(gamma: fmpq, own: fmpq) -> fmpq:
    """A target that the output does not see costs at least its variance."""
    return own / 3 - own * own / 4


@cache
def _binomial(power: int) -> tuple[int, ...]:
    row = [1]
    for k in range(power):
        row.append(row[-1] * (power - k) // (k + 1))
    return tuple(row)


def _power(shift: fmpq, power: int, inside: fmpq) -> fmpq_poly:
    """``(b + shift)_+^power`` on the piece that holds ``inside``."""
    return fmpq_poly([shift, 1]) ** power if inside + shift > 0 else fmpq_poly()


def _loss(alpha: fmpq, gamma: fmpq, own: fmpq, other: fmpq, inside: fmpq) -> fmpq_poly:
    """The loss as a polynomial in ``b``, on one piece."""

    def rest(shift: fmpq, power: int) -> fmpq_poly:
        """``E(b + shift + gamma x_j)_+^power``."""
        still = _power(shift, power, inside)
        if gamma == 0:
            return still
        moved = _power(shift + gamma, power + 1, inside) - _power(shift, power + 1, inside)
        return still * (1 - other) + moved * (other / (gamma * (power + 1)))

    def integral(shift: fmpq) -> fmpq_poly:
        """``int E(b + s + gamma x_j)_+^2 ds`` from ``-infinity`` to ``shift``."""
        if gamma == 0:
            return _power(shift, 3, inside) / 3
        still = _power(shift, 3, inside) / 3
        moved = _power(shift + gamma, 4, inside) - _power(shift, 4, inside)
        return still * (1 - other) + moved * (other / (gamma * 12))

    square = (integral(alpha) - integral(fmpq(0))) / alpha  # E (alpha u + gamma x_j + b)_+^2
    mixed = (rest(alpha, 2) - square) / (2 * alpha)  # E u (alpha u + gamma x_j + b)_+
    active = fmpq_poly([fmpq(1, 3)]) - mixed * 2 + square
    return active * own + rest(fmpq(0), 2) * (1 - own)


def _least_above(loss: fmpq_poly, kink: fmpq) -> fmpq:
    """The least value of a parabola ``b^2 + ...`` from a kink on."""
    vertex = -loss[1] / (2 * loss[2])
    return loss(vertex if vertex > kink else kink)


def _bernstein(poly: fmpq_poly, low: fmpq, high: fmpq) -> list[fmpq]:
    """Coefficients of a polynomial in the Bernstein basis of an interval."""
    moved = poly(fmpq_poly([low, high - low]))
    degree = max(moved.degree(), 0)
    values = [moved[k] / _binomial(degree)[k] for k in range(degree + 1)]
    for level in range(degree):
        for k in range(degree, level, -1):
            values[k] = values[k] + values[k - 1]
    return values


def _least_on(loss: fmpq_poly, low: fmpq, high: fmpq, depth: int = 0) -> fmpq:
    slope = loss.derivative()
    slopes = _bernstein(slope, low, high)
    if min(slopes) >= 0:
        return loss(low)
    if max(slopes) <= 0:
        return loss(high)
    bend = slope.derivative()
    if min(_bernstein(bend, low, high)) >= 0:
        return _least_convex(loss, slope, bend, low, high)
    if depth == _DEPTH:
        return min(_bernstein(loss, low, high))
    middle = (low + high) / 2
    return min(_least_on(loss, low, middle, depth + 1), _least_on(loss, middle, high, depth + 1))


def _least_convex(
    loss: fmpq_poly, slope: fmpq_poly, bend: fmpq_poly, low: fmpq, high: fmpq
) -> fmpq:
    """A convex function is above its tangent, here at the end of a few Newton steps."""
    point, unit = (low + high) / 2, 2**_BITS
    for _ in range(_NEWTON):
        curve = bend(point)
        if curve <= 0:
            break
        step = point - slope(point) / curve
        step = min(max(step, low), high)
        point = min(max(fmpq((step * unit).floor(), unit), low), high)
    tilt = slope(point)
    return loss(point) + min(tilt * (low - point), tilt * (high - point))
