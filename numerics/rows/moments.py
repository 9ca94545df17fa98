r"""The polynomial part of the Bernoulli series: moments of a row with at least two active features.

For a period ``P`` the periodic identity of ``numerics.rows.fourier`` leaves, for ``(y)_+^r``,

.. math::
    \frac{y^3}{3P} + \frac{y^2}{2} + \frac{P y}{6} \;(r = 2), \qquad
    \frac{y^2}{2P} + \frac{y}{2} + \frac{P}{12} \;(r = 1), \qquad
    \frac{y}{P} + \frac12 \;(r = 0).

Moments are built feature by feature in three classes, by how many features have been active so far
(none, one, two or more). Nothing is subtracted between classes, so that the error of the third is
relative to its own size, which is ``O(p^2)``.
"""

from __future__ import annotations

import numpy as np

from numerics.basics.compiled import compiled
from numerics.basics.types import Floats

__all__ = ["SETTLED", "polynomial_majorants", "polynomial_part"]

SETTLED = 0.0  # in place of a period: y >= 0 for sure, and (y)_+ is y

_BINOMIALS = np.array([
    [1.0, 0.0, 0.0, 0.0],
    [1.0, 1.0, 0.0, 0.0],
    [1.0, 2.0, 1.0, 0.0],
    [1.0, 3.0, 3.0, 1.0],
])


@compiled()
def _shifted(moments: Floats, a: float, weight: int, out: Floats) -> None:
    """``E[u^s (y + a u)^q]`` from ``E[y^q]`` for ``u`` uniform, ``q = 0..3``."""
    for q in range(4):
        power, total = 1.0, 0.0
        for t in range(q + 1):
            total += _BINOMIALS[q, t] * moments[q - t] * power / (t + 1 + weight)
            power *= a
        out[q] = total


@compiled()
def _shifted_back(adjoint: Floats, moments: Floats, a: float, weight: int, out: Floats) -> float:
    """Add the adjoint of ``_shifted`` to ``out``; return the derivative by ``a``."""
    by_a = 0.0
    for q in range(4):
        power, slope = 1.0, 0.0
        for t in range(q + 1):
            factor = adjoint[q] * _BINOMIALS[q, t] / (t + 1 + weight)
            out[q - t] += factor * power
            if t > 0:
                by_a += factor * t * slope * moments[q - t]
            slope = power
            power *= a
    return by_a


@compiled()
def _forward(a: Floats, p: Floats, q: Floats, own: int, b: float, history: Floats) -> Floats:
    """Class moments of all features but the own one, and in ``history`` the state before each."""
    state, shifted = np.zeros((3, 4)), np.zeros((3, 4))
    power = 1.0
    for k in range(4):
        state[0, k] = power
        power *= b
    for j in range(a.size):
        if j == own:
            continue
        for z in range(3):
            for k in range(4):
                history[j, z, k] = state[z, k]
            _shifted(state[z], a[j], 0, shifted[z])
        for k in range(4):
            state[2, k] = q[j] * state[2, k] + p[j] * (shifted[2, k] + shifted[1, k])
            state[1, k] = q[j] * state[1, k] + p[j] * shifted[0, k]
            state[0, k] = q[j] * state[0, k]
    return state


@compiled()
def _targets(period: float, own: int, p_own: float) -> Floats:
    """Coefficients of the moments of ``y`` (first row) and of ``x_i`` times them (second row)."""
    factor = -p_own if own < 0 else -2.0
    target = np.zeros((2, 4))
    if period == SETTLED:
        target[0, 2] = 1.0
        target[0 if own < 0 else 1, 1] += factor
        return target
    target[0, 1], target[0, 2], target[0, 3] = period / 6.0, 0.5, 1.0 / (3.0 * period)
    row = 0 if own < 0 else 1
    target[row, 0] += factor * period / 12.0
    target[row, 1] += factor * 0.5
    target[row, 2] += factor * 0.5 / period
    return target


@compiled()
def polynomial_part(
    a: Floats, p: Floats, q: Floats, own: int, p_own: float, b: float, period: float, by_a: Floats
) -> tuple[float, float, float, float]:
    """Polynomial part of ``E[y_+^2 - 2 x_i y_+ ; at least two active]``, and its derivatives.

    Args:
        a: nonzero Gram entries.
        p: densities.
        q: ``1 - p``.
        own: position of the own feature, -1 when its entry is zero.
        p_own: density of the own feature.
        b: bias.
        period: ``P`` of the series; ``SETTLED`` where ``y >= 0`` for sure, so that nothing
            oscillates.
        by_a: the derivatives by each ``a`` are added to it, by reverse accumulation.

    Returns:
        The value, its derivative by ``b``, and, for ``own < 0``, the polynomial parts of
        ``P(y > 0)`` and ``E[y_+]`` over at least two active.
    """
    history = np.zeros((a.size, 3, 4))
    state = _forward(a, p, q, own, b, history)
    target = _targets(period, own, p_own)
    rest, several = state[2], state[1] + state[2]
    total, by_b = 0.0, 0.0
    two, one = np.zeros(4), np.zeros(4)  # adjoints of the classes
    if own < 0:
        for k in range(4):
            total += target[0, k] * rest[k]
            by_b += k * target[0, k] * rest[max(k - 1, 0)]
            two[k] = target[0, k]
    else:
        shifted, with_own = np.zeros(4), np.zeros(4)
        _shifted(several, a[own], 0, shifted)
        _shifted(several, a[own], 1, with_own)
        by_a[own] += p[own] * _shifted_back(target[0], several, a[own], 0, one)
        by_a[own] += p[own] * _shifted_back(target[1], several, a[own], 1, one)
        for k in range(4):
            below = max(k - 1, 0)
            final = q[own] * rest[k] + p[own] * shifted[k]
            total += target[0, k] * final + p[own] * target[1, k] * with_own[k]
            final = q[own] * rest[below] + p[own] * shifted[below]
            by_b += k * (target[0, k] * final + p[own] * target[1, k] * with_own[below])
            one[k] *= p[own]
            two[k] = q[own] * target[0, k] + one[k]
    _backward(a, p, q, own, history, two, one, by_a)
    if period == SETTLED:
        return total, by_b, rest[0], rest[1]
    chance = rest[1] / period + 0.5 * rest[0]
    mean = 0.5 * rest[2] / period + 0.5 * rest[1] + period / 12.0 * rest[0]
    return total, by_b, chance, mean


@compiled()
def _backward(
    a: Floats,
    p: Floats,
    q: Floats,
    own: int,
    history: Floats,
    two: Floats,
    one: Floats,
    by_a: Floats,
) -> None:
    """Run ``_forward`` backwards; ``two`` and ``one`` are the adjoints of the last two classes."""
    from_two, from_one, both = np.zeros(4), np.zeros(4), np.zeros(4)
    for j in range(a.size - 1, -1, -1):
        if j == own:
            continue
        for k in range(4):
            from_two[k], from_one[k] = 0.0, 0.0
            both[k] = history[j, 1, k] + history[j, 2, k]
        by_a[j] += p[j] * _shifted_back(two, both, a[j], 0, from_two)
        by_a[j] += p[j] * _shifted_back(one, history[j, 0], a[j], 0, from_one)
        for k in range(4):
            one[k] = q[j] * one[k] + p[j] * from_two[k]
            two[k] = q[j] * two[k] + p[j] * from_two[k]


@compiled()
def polynomial_majorants(
    a: Floats, p: Floats, q: Floats, b: float, period: float
) -> tuple[float, float, float]:
    """Sizes of the terms behind the polynomial parts, for the allowance on rounding.

    Args:
        a: nonzero Gram entries.
        p: densities.
        q: ``1 - p``.
        b: bias.
        period: ``P``, or ``SETTLED``.

    Returns:
        The polynomial parts for ``r = 2, 1, 0`` over at least two active features with every entry
        replaced by its modulus.
    """
    state = _forward(np.abs(a), p, q, -1, abs(b), np.zeros((a.size, 3, 4)))
    rest = state[2]
    if period == SETTLED:
        return rest[2], rest[1], rest[0]
    second = rest[3] / (3.0 * period) + 0.5 * rest[2] + period / 6.0 * rest[1]
    first = 0.5 * rest[2] / period + 0.5 * rest[1] + period / 12.0 * rest[0]
    return second, first, rest[1] / period + 0.5 * rest[0]
