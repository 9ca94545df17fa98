r"""The part of one output's loss in which no feature or exactly one feature is active.

One output reads ``y = b + sum_j a_j x_j`` over the features with ``a_j != 0``; its own feature is
``x_i``. With at most one of them active the expectation is an integral over one variable of a
piecewise quadratic, and it is written here as what it is, an integral of squares: in the very
sparse regime the loss is ``O(p^2)`` while ``p mu_2``, ``2 E[x_i y_+]`` and ``E[y_+^2]`` are each
``O(p)``, so that their difference would lose every digit.

Integrals of polynomials of degree at most three are taken by Simpson's rule, which is exact there
and divides by nothing small.
"""

from __future__ import annotations

import math

import numpy as np

from numerics.basics.compiled import compiled
from numerics.basics.gram import UNIT_ROUNDOFF
from numerics.basics.types import Floats

__all__ = ["leave_one_out", "none_and_one_active"]


@compiled()
def leave_one_out(q: Floats) -> Floats:
    """Products of all ``q`` but one, without division (``q`` may hold zeros)."""
    count = q.size
    out = np.ones(count)
    running = 1.0
    for j in range(count):
        out[j] = running
        running *= q[j]
    running = 1.0
    for j in range(count - 1, -1, -1):
        out[j] *= running
        running *= q[j]
    return out


@compiled()
def _positive_part_of_segment(a: float, b: float) -> tuple[float, float, float, float, float]:
    """Where ``a u + b > 0`` on ``0 <= u <= 1``: ends, width, and ``a u + b`` at the ends."""
    start, stop = b, a + b
    if start <= 0.0 and stop <= 0.0:
        return 0.0, 0.0, 0.0, 0.0, 0.0
    if start >= 0.0 and stop >= 0.0:
        return 0.0, 1.0, 1.0, start, stop
    if a > 0.0:
        return min(-b / a, 1.0), 1.0, min(stop / a, 1.0), 0.0, stop
    return 0.0, min(-b / a, 1.0), min(-b / a, 1.0), start, 0.0


@compiled()
def _simpson(width: float, left: float, middle: float, right: float) -> float:
    return width * (left + 4.0 * middle + right) / 6.0


@compiled()
def _own_feature_alone(a: float, b: float) -> tuple[float, float, float]:
    r"""``E_u (u - (a u + b)_+)^2`` and its derivatives by ``a`` and ``b``."""
    low, high, width, y_low, y_high = _positive_part_of_segment(a, b)
    if width == 0.0:
        return 1.0 / 3.0, 0.0, 0.0
    e_low, e_high = low - y_low, high - y_high
    e_mid, mid = 0.5 * (e_low + e_high), 0.5 * (low + high)
    value = _simpson(width, e_low * e_low, e_mid * e_mid, e_high * e_high)
    value += low**3 / 3.0 + (1.0 - high) * (1.0 + high + high * high) / 3.0
    by_a = -2.0 * _simpson(width, low * e_low, mid * e_mid, high * e_high)
    return value, by_a, -2.0 * width * e_mid


@compiled()
def _other_feature_alone(a: float, b: float) -> tuple[float, float, float, float, float]:
    """Integrals of ``y^2``, ``y``, ``u y``, ``1`` and ``u`` over where ``y = a u + b > 0``."""
    low, high, width, y_low, y_high = _positive_part_of_segment(a, b)
    y_mid, mid = 0.5 * (y_low + y_high), 0.5 * (low + high)
    second = _simpson(width, y_low * y_low, y_mid * y_mid, y_high * y_high)
    weighted = _simpson(width, low * y_low, mid * y_mid, high * y_high)
    return second, width * y_mid, weighted, width, width * mid


@compiled()
def none_and_one_active(
    a: Floats,
    p: Floats,
    q: Floats,
    own: int,
    p_own: float,
    b: float,
    by_a: Floats,
) -> tuple[float, float, float, float, float]:
    r"""Loss of one output with at most one active feature, and its gradient.

    Args:
        a: the nonzero Gram entries of the row.
        p: densities of those features.
        q: ``1 - p``.
        own: position of the output's own feature among them, or -1 when its entry is zero.
        p_own: density of the own feature.
        b: bias of the output.
        by_a: filled with the derivative by each ``a``.

    Returns:
        The loss, its derivative by ``b``, for ``own < 0`` ``P(y > 0)`` and ``E[y_+]``, and the
        scale of the rounding error of the loss in units of the roundoff; over the same events.
    """
    others = leave_one_out(q)
    nobody = 1.0
    for j in range(q.size):
        nobody *= q[j]
    positive = max(b, 0.0)
    is_on = 1.0 if b > 0.0 else 0.0
    probability, mean = nobody * is_on, nobody * positive
    loss, by_b = nobody * positive * positive, nobody * 2.0 * positive
    size = loss
    if own < 0:  # x_i is independent of y: E(x_i - y_+)^2 = p/3 - p y_+ + y_+^2
        loss += nobody * (p_own / 3.0 - p_own * positive)
        by_b -= nobody * p_own * is_on
        size += nobody * p_own * (1.0 / 3.0 + positive)
    for j in range(a.size):
        weight = p[j] * others[j]
        if j == own:
            value, slope_a, slope_b = _own_feature_alone(a[j], b)
            loss += weight * value
            # an integral of squares: what rounds is the difference u - y, not its square
            slip = 1.0 + abs(a[j]) + abs(b)
            size += weight * (value + 2.0 * math.sqrt(value) * slip + UNIT_ROUNDOFF * slip**2)
            by_a[j] = weight * slope_a
            by_b += weight * slope_b
            continue
        second, first, first_u, width, width_u = _other_feature_alone(a[j], b)
        value, slope_a, slope_b = second, 2.0 * first_u, 2.0 * first
        size += weight * second
        if own < 0:
            value += p_own / 3.0 - p_own * first
            slope_a -= p_own * width_u
            slope_b -= p_own * width
            size += weight * p_own * (1.0 / 3.0 + first)
        loss += weight * value
        by_a[j] = weight * slope_a
        by_b += weight * slope_b
        probability += weight * width
        mean += weight * first
    return loss, by_b, probability, mean, size
