r"""Half-line moments of a row with few features, by conditioning on the largest entry first.

For ``y = b + sum_j a_j x_j`` this computes ``E[w(x) (y)_+^r ; at least two active]`` with
``w = 1``, ``x_j`` or ``x_i x_j``. It is what the series falls back on where a Gram entry is so
small beside another that the characteristic function hardly decays: no divided difference of the
vertex formula is stable there, but this order of conditioning is.

Write ``T_d(y) = (y)_+^d / d!``. Averaging over the *largest* remaining entry ``a`` gives

.. math::
    \int_0^1 T_d(c + a u) \, du = \frac{T_{d+1}(c + a) - T_{d+1}(c)}{a},

and is done only while the sign of ``c`` plus the remaining entries is open, that is while
``|c| < S``, ``S`` the sum of their moduli. Then ``|c|`` is at most ``N |a|`` and the difference
costs a bounded factor, whatever the scale. Once the sign is settled the rest is zero, or a
polynomial whose moments are sums of positive terms. A tiny entry is therefore never divided by
unless everything that is left is as tiny.
"""

from __future__ import annotations

import numpy as np

from numerics.basics.compiled import compiled
from numerics.basics.types import Floats, Ints

__all__ = ["MAX_CONDITIONED", "conditioned_moment", "sign_is_settled"]

MAX_CONDITIONED = 10  # 2^10 leaves at most; beyond, alternating sums begin to cost digits


@compiled()
def _fill_kernels(a: float, scale: float, weight: int, active: Floats, inactive: Floats) -> None:
    """Moments ``E[u^s z^t] / t!`` of one feature's contribution ``z >= 0``, in units of scale."""
    # a negative entry contributes |a| when inactive and |a| (1 - u) when active, after the offset
    # has been lowered by |a|: every moment is then positive
    ratio = abs(a) / scale
    power = 1.0
    factorial = 1.0
    rising = 1.0
    for t in range(active.size):
        if t > 0:
            power *= ratio
            factorial *= t
        if a > 0.0:
            active[t] = power / (factorial * (t + weight + 1))
            inactive[t] = 1.0 if t == 0 else 0.0
        else:
            # s! / (s + t + 1)!
            rising = 1.0
            for f in range(weight + 1, weight + t + 2):
                rising *= f
            active[t] = power / rising
            inactive[t] = power / factorial


@compiled()
def _tail_tables(a: Floats, p: Floats, q: Floats, weights: Ints, sums: Floats, top: int) -> Floats:
    """``E[w Y^t / t! ; at least z active]`` of the features from each level on, ``Y >= 0``."""
    count = a.size
    table = np.zeros((count + 1, 3, top + 1))
    table[count, 0, 0] = 1.0
    active, inactive = np.empty(top + 1), np.empty(top + 1)
    rescaled = np.empty((3, top + 1))
    for level in range(count - 1, -1, -1):
        scale = sums[level]
        _fill_kernels(a[level], scale, weights[level], active, inactive)
        shrink, power = sums[level + 1] / scale, 1.0
        for t in range(top + 1):
            for z in range(3):
                rescaled[z, t] = table[level + 1, z, t] * power
            power *= shrink
        stay = q[level] if weights[level] == 0 else 0.0
        for z in range(3):
            previous = max(z - 1, 0)
            for t in range(top + 1):
                total = 0.0
                for s in range(t + 1):
                    total += p[level] * active[s] * rescaled[previous, t - s]
                    total += stay * inactive[s] * rescaled[z, t - s]
                table[level, z, t] = total
    return table


@compiled()
def _settled(
    state: Floats, table: Floats, low: float, slack: float, scale: float, rest: float, top: int
) -> tuple[float, float]:
    """Value of a branch in which ``y = low + Y >= 0`` for sure, and its rounding majorant."""
    # slack bounds the rounding of low; lowering the degree by one is the derivative by it
    value, size = 0.0, 0.0
    offset, shrink = max(low, 0.0) / scale, rest / scale
    slip = slack / scale
    for z in range(3):
        previous = 0.0
        for d in range(top + 1):
            moment, power_offset = 0.0, 1.0
            for s in range(d + 1):  # sum over c^s/s! * Y^(d-s)/(d-s)!
                moment += power_offset * table[2 - z, d - s] * shrink ** (d - s)
                power_offset *= offset / (s + 1)
            entry = state[z, d]
            if entry != 0.0:
                value += entry * moment
                size += abs(entry) * (moment + slip * previous)
            previous = moment
    return value, size


@compiled()
def _condition(
    state: Floats,
    a: float,
    p: float,
    q: float,
    weight: int,
    unit: float,
    upper: Floats,
    lower: Floats,
) -> None:
    """Split a branch on one feature: ``upper`` has offset ``c + a``, ``lower`` offset ``c``."""
    top = state.shape[1]
    ratio = unit / a
    for z in range(3):
        for d in range(top):
            upper[z, d], lower[z, d] = 0.0, 0.0
    for z in range(3):
        after = min(z + 1, 2)
        for d in range(top - 1 - weight):
            value = state[z, d]
            if value == 0.0:
                continue
            once = p * ratio * value
            if weight == 0:
                lower[z, d] += q * value
                upper[after, d + 1] += once
                lower[after, d + 1] -= once
            elif weight == 1:
                upper[after, d + 1] += once
                upper[after, d + 2] -= once * ratio
                lower[after, d + 2] += once * ratio
            else:
                upper[after, d + 1] += once
                upper[after, d + 2] -= 2.0 * once * ratio
                upper[after, d + 3] += 2.0 * once * ratio * ratio
                lower[after, d + 3] -= 2.0 * once * ratio * ratio


@compiled()
def sign_is_settled(a: Floats, b: float) -> bool:
    """Whether ``y`` has one sign, decided by the very sums that ``conditioned_moment`` forms."""
    # another order of summation could call a row settled that is then split in an order that is
    # stable for sorted entries only
    total, below = 0.0, 0.0
    for j in range(a.size - 1, -1, -1):
        total += abs(a[j])
        below -= min(a[j], 0.0)
    return b <= -total or b + (total - below) <= 0.0 or b - below >= 0.0


@compiled()
def conditioned_moment(
    a: Floats, p: Floats, q: Floats, weights: Ints, r: int, b: float
) -> tuple[float, float]:
    r"""Compute ``E[prod_j x_j^{s_j} (y)_+^r ; at least two features active]``.

    ``(y)_+^0`` is the indicator of ``y > 0``.

    Args:
        a: nonzero Gram entries, largest modulus first.
        p: densities.
        q: ``1 - p``.
        weights: exponents ``s_j``: 0, 1 or 2 (their sum at most 2).
        r: 0, 1 or 2.
        b: offset.

    Returns:
        The moment, and a majorant of the terms that were added: the rounding error is a small
        multiple of the unit roundoff times it.
    """
    count = a.size
    sums = np.zeros(count + 1)
    below = np.zeros(count + 1)  # how far the remaining negative entries can pull down
    extra = 0
    for j in range(count - 1, -1, -1):
        sums[j] = sums[j + 1] + abs(a[j])
        below[j] = below[j + 1] - min(a[j], 0.0)
        extra += weights[j]
    if b <= -sums[0] or b + (sums[0] - below[0]) <= 0.0:
        return 0.0, 0.0
    settled_at_once = b - below[0] >= 0.0
    top = r if settled_at_once else r + count + extra
    table = _tail_tables(a, p, q, weights, sums, top)
    depth = count + 2
    states = np.zeros((depth, 3, top + 1))
    offsets, levels, units = np.zeros(depth), np.zeros(depth, np.int64), np.zeros(depth)
    slacks = np.zeros(depth)  # what was rounded in units of the roundoff: nothing if only b is in
    upper, lower = np.empty((3, top + 1)), np.empty((3, top + 1))
    unit = max(sums[0], abs(b))
    states[0, 0, r] = unit**r * (2.0 if r == 2 else 1.0)
    offsets[0], units[0] = b, unit
    used = 1
    value, size = 0.0, 0.0
    while used > 0:
        used -= 1
        offset, level, unit, slack = offsets[used], levels[used], units[used], slacks[used]
        rest = sums[level]
        if offset + (rest - below[level]) <= 0.0:
            continue
        if offset - below[level] >= 0.0:
            low = offset - below[level]
            part, majorant = _settled(
                states[used], table[level], low, slack + low + below[level], unit, rest, top
            )
            value += part
            size += majorant
            continue
        shrink = 1.0
        for d in range(top + 1):  # from here on, moments are in units of what is left
            for z in range(3):
                states[used, z, d] *= shrink
            shrink *= rest / unit
        _condition(states[used], a[level], p[level], q[level], weights[level], rest, upper, lower)
        for z in range(3):
            for d in range(top + 1):
                states[used, z, d] = lower[z, d]
                states[used + 1, z, d] = upper[z, d]
        offsets[used + 1] = offset + a[level]
        slacks[used + 1] = slack + abs(offset + a[level])
        for k in range(used, used + 2):
            levels[k], units[k] = level + 1, rest
        used += 2
    return value, size
