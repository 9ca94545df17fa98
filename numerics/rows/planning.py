r"""How many terms of the series, over which period, and what is left out: from bounds alone.

Two errors are bounded before anything is summed.

*Period.* The identity of ``numerics.rows.fourier`` holds for ``|y| < P``. Beyond, it is off by at
most ``|y|^{r+1} / ((r+1) P)``, and an exponential moment bounds what that contributes:
``E[|y|^s ; |y| >= P] <= P^s e^{-theta P} (M(theta) + M(-theta))`` for ``theta P >= s``, with ``M``
the moment generating function over the events that are summed. Where ``P >= max |y|`` nothing is
lost.

*Truncation.* ``|psi(t)| <= min(1, 2/|t|)`` gives a decreasing envelope of the characteristic
function over the same events; between two frequencies of a ladder it is bounded by its value at the
lower one and ``sum k^{-s}`` by an integral.
"""

from __future__ import annotations

import math

import numpy as np

from numerics.basics.compiled import compiled
from numerics.basics.types import Floats

__all__ = ["LADDER_START", "choose_period", "row_scale", "truncation_ladder"]

LADDER_START = 8
_LADDER_RATIO = 1.25
_COARSE_RATIO = 4.0  # beyond the most terms: there the ladder only bounds the tail
_LADDER_STEPS = 800
_TILTS = np.array([0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0, 32.0, 48.0])
_FEW = 12  # below this many features the worst case is about as good as the tail


@compiled()
def row_scale(a: Floats, b: float) -> tuple[float, float]:
    """Least and largest possible value of ``y = b + sum a_j x_j``."""
    low, high = b, b
    for entry in a:
        low += min(entry, 0.0)
        high += max(entry, 0.0)
    return low, high


@compiled()
def _tilted_mass(a: Floats, p: Floats, q: Floats, theta: float, b: float) -> float:
    """``E[e^{theta y} ; at least two active]``."""
    none, one, rest = 1.0, 0.0, 0.0
    for j in range(a.size):
        exponent = theta * a[j]
        mean = math.expm1(exponent) / exponent if exponent != 0.0 else 1.0
        rest = q[j] * rest + p[j] * mean * (one + rest)
        one = q[j] * one + p[j] * mean * none
        none *= q[j]
    return rest * math.exp(theta * b)


@compiled()
def choose_period(
    a: Floats, p: Floats, q: Floats, b: float, tolerance: float
) -> tuple[float, float, float]:
    """Choose the period of one row.

    Args:
        a: nonzero Gram entries.
        p: densities.
        q: ``1 - p``.
        b: bias.
        tolerance: what the loss may lose beyond the period.

    Returns:
        The period, and bounds on what the loss and each derivative lose beyond it.
    """
    low, high = row_scale(a, b)
    worst = max(-low, high) * (1.0 + 1e-12)
    if a.size <= _FEW or tolerance <= 0.0:
        return worst, 0.0, 0.0
    largest = 0.0
    for entry in a:
        largest = max(largest, abs(entry))
    period, mass_at, tilt_at = worst, 0.0, 0.0
    for tilt in _TILTS:
        theta = tilt / largest
        mass = _tilted_mass(a, p, q, theta, b) + _tilted_mass(a, p, q, -theta, b)
        if not mass < 1e250:
            break
        goal = max(1.0 + worst, worst * worst) * mass / tolerance
        candidate = max(abs(b), 3.0 / theta, math.log(max(goal, 1.0)) / theta)
        if candidate < period:
            period, mass_at, tilt_at = candidate, mass, theta
    lost = math.exp(-tilt_at * period) * mass_at
    return period, lost * (period * period / 3.0 + period), lost * (period + 2.0)


@compiled()
def _envelopes(
    a: Floats, p: Floats, q: Floats, own: int, p_own: float, omega: float
) -> tuple[float, float, float, float, float]:
    """Envelopes at ``omega`` of the class "two or more": plain and weighted."""
    # weighted by x_i, by the worst x_j, by the worst x_i x_j; last, whether all decay from here on
    none, one, rest = 1.0, 0.0, 0.0
    product, singles, heaviest = 1.0, 0.0, 0.0
    least, second = 1.0, 1.0
    decays = 1.0
    for j in range(a.size):
        angle = omega * abs(a[j])
        if angle < 9.0:
            decays = 0.0
        envelope = 1.0 if angle < 2.0 else 2.0 / angle
        heaviest = max(heaviest, p[j] * min(0.5, 2.0 / angle if angle > 0.0 else 0.5))
        factor = q[j] + p[j] * envelope
        product *= factor
        singles += p[j] * envelope
        if factor < least:
            least, second = factor, least
        elif factor < second:
            second = factor
        if j == own:
            continue
        rest = q[j] * rest + p[j] * envelope * (one + rest)
        one = q[j] * one + p[j] * envelope * none
        none *= q[j]
    others = product / (least * second) if least * second > 0.0 else 1.0
    at_least_one = min(1.0, singles * others)
    by_entry = heaviest * at_least_one
    if own < 0:
        return rest, 0.5 * p_own * rest, by_entry, p_own * by_entry, decays
    angle = omega * abs(a[own])
    envelope = 1.0 if angle < 2.0 else 2.0 / angle
    first = p_own * (0.5 if angle < 4.0 else 2.0 / angle)
    second_moment = p_own * (1.0 / 3.0 if angle < 9.0 else 3.0 / angle)
    plain = q[own] * rest + p_own * envelope * (one + rest)
    pair = max(first * heaviest * others, second_moment * at_least_one)
    return plain, first * (one + rest), by_entry, pair, decays


@compiled()
def truncation_ladder(
    a: Floats,
    p: Floats,
    q: Floats,
    own: int,
    p_own: float,
    period: float,
    floor: float,
    slope_floor: float,
    max_terms: int,
    with_gradient: bool,
) -> tuple[Floats, Floats, Floats]:
    """Bound what is left out after each number of terms of a geometric ladder.

    Args:
        a: nonzero Gram entries.
        p: densities.
        q: ``1 - p``.
        own: position of the own feature, -1 when its entry is zero.
        p_own: density of the own feature.
        period: ``P``.
        floor: a bound below which the loss needs no further steps.
        slope_floor: the same for the derivatives.
        max_terms: no more terms than this will be summed.
        with_gradient: whether the bounds on derivatives are wanted.

    Returns:
        Numbers of terms, and for each a bound on the truncation error of the loss and of every
        derivative by an entry or the bias (infinite where it was not asked for).
    """
    counts = np.empty(_LADDER_STEPS + 1)
    losses, slopes = np.empty(_LADDER_STEPS + 1), np.empty(_LADDER_STEPS + 1)
    turn = 2.0 * math.pi
    cube, square = 4.0 * period * period / turn**3, 4.0 * period / turn**2
    count = float(LADDER_START)
    steps = 0
    while True:
        plain, weighted, by_entry, pair, decays = _envelopes(
            a, p, q, own, p_own, turn * count / period
        )
        ratio = _LADDER_RATIO if count <= max_terms else _COARSE_RATIO
        following = np.ceil(count * ratio)  # a float: whole numbers would overflow
        last = steps == _LADDER_STEPS - 1
        tail = (cube * plain / count + square * weighted) / count
        slope_tail = square * max(by_entry, plain) / count + 4.0 / turn * max(pair, weighted)
        enough = count > max_terms or (
            tail < floor and (not with_gradient or slope_tail < slope_floor)
        )
        if enough and (decays > 0.0 or not with_gradient):
            last = True
        inverse = 1.0 / count - (0.0 if last else 1.0 / following)
        inverse_square = 0.5 * (count**-2.0 - (0.0 if last else following**-2.0))
        # where all decay, the envelope of a product of two halves as k doubles: sum <= value
        harmonic = 1.0 if last else math.log(following / count)
        counts[steps] = count
        losses[steps] = cube * plain * inverse_square + square * weighted * inverse
        first_order = square * inverse * max(by_entry, plain)
        slopes[steps] = first_order + 4.0 / turn * harmonic * max(pair, weighted)
        if not with_gradient or (last and decays == 0.0):
            slopes[steps] = np.inf
        steps += 1
        if last:
            break
        count = following
    for k in range(steps - 2, -1, -1):
        losses[k] += losses[k + 1]
        slopes[k] += slopes[k + 1]
    return counts[:steps], losses[:steps], slopes[:steps]
