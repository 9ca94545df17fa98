r"""One output of the model: its loss, its gradient, and what both may be wrong by.

The loss of output ``i`` is split by the number of active features among those that reach it (those
with a nonzero Gram entry): none or one (integrals of squares, ``numerics.rows.few_active``), and
two or more. The second part is summed by the Bernoulli series. Where the bound of the series misses
its target and few features reach the output, they are conditioned on one at a time instead
(``numerics.rows.conditioning``).
"""

from __future__ import annotations

import math

import numpy as np

from numerics.basics.compiled import compiled
from numerics.basics.gram import UNIT_ROUNDOFF
from numerics.basics.types import Floats
from numerics.rows.branches import MAX_BRANCHES, MAX_SORTED, count_branches
from numerics.rows.conditioning import conditioned_moment, sign_is_settled
from numerics.rows.few_active import none_and_one_active
from numerics.rows.fourier import oscillating_part, oscillating_part_with_gradient
from numerics.rows.moments import SETTLED, polynomial_majorants, polynomial_part
from numerics.rows.planning import choose_period, truncation_ladder

__all__ = ["CONDITIONED", "SERIES", "evaluate_row"]

RELATIVE_TARGET = 1e-13  # of the scale of the part with two or more active, when nobody asks
RELATIVE_SLOPE_TARGET = 1e-12  # of the derivatives, where conditioning can take over
LOOSE_SLOPE_TARGET = 1e-8  # where only the series can: its terms fall like 1/k^2 or 1/k^3 there
_ENTRY_ROUNDING = 4.0 * UNIT_ROUNDOFF  # of a Gram entry, see numerics.basics.gram
# Routes of the part with two or more active features
NOTHING, SERIES, CONDITIONED = 0.0, 1.0, 2.0


@compiled()
def _active_chances(p: Floats, q: Floats) -> tuple[float, float]:
    """Probabilities that at least one, and at least two features are active, not by subtraction."""
    none, one, rest = 1.0, 0.0, 0.0
    for j in range(p.size):
        rest = rest + p[j] * one
        one = q[j] * one + p[j] * none
        none *= q[j]
    return one + rest, rest


@compiled()
def _own_second_moment(p: Floats, q: Floats, own: int, p_own: float) -> float:
    """``E[x_i^2 ; at least two active]``."""
    if own < 0:
        return p_own / 3.0 * _active_chances(p, q)[1]
    some = 0.0  # probability that another feature is active
    for j in range(p.size):
        if j != own:
            some = q[j] * some + p[j]
    return p_own / 3.0 * some


@compiled()
def _typical_square(a: Floats, p: Floats, b: float) -> float:
    """Scale of ``y^2`` given that two features are active."""
    mean, variance, largest = b, 0.0, 0.0
    for j in range(a.size):
        mean += 0.5 * p[j] * a[j]
        variance += p[j] * a[j] * a[j] / 3.0
        largest = max(largest, abs(a[j]))
    return b * b + mean * mean + variance + 2.0 * largest * largest


@compiled()
def _reach(a: Floats, b: float) -> float:
    """Largest possible ``|y|``, up to sign patterns."""
    total = abs(b)
    for entry in a:
        total += abs(entry)
    return total


@compiled()
def _plan(
    a: Floats,
    p: Floats,
    q: Floats,
    own: int,
    p_own: float,
    b: float,
    tolerance: float,
    max_terms: int,
    few: int,
    with_gradient: bool,
) -> tuple[float, float, int, float, float]:
    """Route, period, terms, and the truncation bounds of loss and derivatives."""
    if a.size < 2:
        return NOTHING, 1.0, 0, 0.0, 0.0
    if sign_is_settled(a, b):  # polynomials, or nothing
        if a.size <= few:
            return CONDITIONED, 1.0, 0, 0.0, 0.0
        return (SERIES if b + 0.5 * np.sum(a) > 0.0 else NOTHING), SETTLED, 0, 0.0, 0.0
    chance, square = _active_chances(p, q)[1], _typical_square(a, p, b)
    scale, slope_scale = chance * (1.0 / 3.0 + square), chance * (1.0 + math.sqrt(square))
    if chance == 0.0:
        return NOTHING, 1.0, 0, 0.0, 0.0
    target = RELATIVE_TARGET * scale if tolerance <= 0.0 else tolerance
    relative = RELATIVE_SLOPE_TARGET if a.size <= few else LOOSE_SLOPE_TARGET
    slope_target = relative * slope_scale if tolerance <= 0.0 else np.inf
    period, lost, lost_slope = choose_period(a, p, q, b, 0.25 * target)
    counts, losses, slopes = truncation_ladder(
        a, p, q, own, p_own, period, 0.01 * target, 0.01 * slope_target, max_terms, with_gradient
    )
    step = 0
    while (
        step + 1 < counts.size
        and counts[step + 1] <= max_terms
        and not (
            losses[step] <= 0.75 * target and (not with_gradient or slopes[step] <= slope_target)
        )
    ):
        step += 1
    loss_bound, slope_bound = losses[step] + lost, slopes[step] + lost_slope
    missed = loss_bound > target or (with_gradient and slope_bound > slope_target)
    branches, may_condition = MAX_BRANCHES + 1, a.size <= few
    moments = 2 * a.size + 2 if with_gradient else 2
    if may_condition or (few > 0 and missed and a.size <= MAX_SORTED):
        most = 2 * MAX_BRANCHES // moments
        branches = count_branches(a, b, most)
        may_condition = may_condition or branches <= most
    # nanoseconds, measured: the branches, and the tables of moments behind them
    conditioning_cost = moments * (800.0 + 70.0 * branches + 4.0 * a.size * (a.size + 4.0) ** 2)
    series_cost = counts[step] * a.size * (4.0 if with_gradient else 1.2)
    if (a.size <= few and conditioning_cost < series_cost) or (missed and may_condition):
        return CONDITIONED, period, 0, 0.0, 0.0
    return SERIES, period, int(counts[step]), loss_bound, slope_bound


@compiled()
def _series_rounding(
    a: Floats, p: Floats, q: Floats, own: int, b: float, period: float, terms: int
) -> tuple[float, float]:
    """Allowance on rounding of the series, for the loss and for each derivative."""
    steps = 3.0 * a.size + 10.0 * _reach(p, 0.0) + 80.0
    second, first, zeroth = polynomial_majorants(a, p, q, b, period)
    chance = _active_chances(p, q)[1]
    second += 0.02 * period * period * chance
    first += 0.17 * period * chance
    zeroth += (1.0 + math.log(max(terms, 1))) * chance
    unit = steps * UNIT_ROUNDOFF
    return unit * (second + 2.0 * first), unit * 2.0 * (first + zeroth)


@compiled()
def _conditioned_rounding(
    a: Floats, p: Floats, q: Floats, b: float, size: float, degree: int
) -> float:
    """Allowance on rounding of one conditioned moment: of its terms, and of its offsets."""
    reach = _reach(a, b)
    chance = _active_chances(p, q)[1]
    offsets = 2.0 * a.size * chance * (reach**degree if degree > 0 else 2.0 * a.size)
    return UNIT_ROUNDOFF * ((8.0 * a.size + 20.0) * size + offsets)


@compiled()
def _conditioned_loss(
    a: Floats, p: Floats, q: Floats, own: int, p_own: float, b: float
) -> tuple[float, float, float]:
    """``E[y_+^2 - 2 x_i y_+ ; at least two active]``, its rounding, and ``E[y_+]``."""
    weights = np.zeros(a.size, np.int64)
    second, size = conditioned_moment(a, p, q, weights, 2, b)
    error = _conditioned_rounding(a, p, q, b, size, 2)
    if own >= 0:
        weights[own] = 1
        first, size = conditioned_moment(a, p, q, weights, 1, b)
        return second - 2.0 * first, error + 2.0 * _conditioned_rounding(a, p, q, b, size, 1), 0.0
    first, size = conditioned_moment(a, p, q, weights, 1, b)
    error += p_own * _conditioned_rounding(a, p, q, b, size, 1)
    return second - p_own * first, error, first


@compiled()
def _conditioned_gradient(
    a: Floats, p: Floats, q: Floats, own: int, p_own: float, b: float, by_a: Floats
) -> tuple[float, float, float, float, float, float]:
    """Loss as above with its derivatives; returns value, error, d/db, P(y > 0), E[y_+], error."""
    value, error, _ = _conditioned_loss(a, p, q, own, p_own, b)
    weights = np.zeros(a.size, np.int64)
    mean, size = conditioned_moment(a, p, q, weights, 1, b)
    worst = 2.0 * _conditioned_rounding(a, p, q, b, size, 1)
    if own >= 0:
        weights[own] += 1
    chance, size = conditioned_moment(a, p, q, weights, 0, b)
    worst += 2.0 * _conditioned_rounding(a, p, q, b, size, 0)
    factor = 2.0 if own >= 0 else p_own
    by_b = 2.0 * mean - factor * chance
    largest = worst
    for j in range(a.size):
        weights[j] += 1
        both, size = conditioned_moment(a, p, q, weights, 0, b)
        slip = 2.0 * _conditioned_rounding(a, p, q, b, size, 0)
        if own >= 0:
            weights[own] -= 1
        first, size = conditioned_moment(a, p, q, weights, 1, b)
        slip += 2.0 * _conditioned_rounding(a, p, q, b, size, 1)
        if own >= 0:
            weights[own] += 1
        weights[j] -= 1
        by_a[j] += 2.0 * first - factor * both
        largest = max(largest, slip)
    return value, error, by_b, chance, mean, largest


@compiled()
def _input_rounding(a: Floats, p: Floats, loss: float, error: float) -> float:
    """What rounding the Gram entries and the densities to floats does to the loss."""
    # |sqrt L(a) - sqrt L(a')| <= || (a - a') . x || because the ReLU is 1-Lipschitz
    shift = 0.0
    for j in range(a.size):
        shift += _ENTRY_ROUNDING * abs(a[j]) * math.sqrt(p[j] / 3.0)
    densities = 2.0 * (a.size + 1) * UNIT_ROUNDOFF * abs(loss)
    return 2.0 * math.sqrt(abs(loss) + error) * shift + shift * shift + densities


@compiled()
def evaluate_row(
    a: Floats,
    p: Floats,
    q: Floats,
    own: int,
    p_own: float,
    b: float,
    tolerance: float,
    max_terms: int,
    few: int,
    with_gradient: bool,
    by_a: Floats,
) -> tuple[float, float, float, float, float, float, float]:
    """Loss of one output and, where wanted, its derivatives; importance left out.

    Args:
        a: nonzero Gram entries of the row; largest modulus first where conditioning may be used.
        p: densities of those features.
        q: ``1 - p``.
        own: position of the output's own feature, -1 when its entry is zero.
        p_own: density of the own feature.
        b: bias.
        tolerance: truncation error allowed; 0 for a relative target near rounding.
        max_terms: largest number of terms of the series.
        few: up to this many features, conditioning may replace the series.
        with_gradient: whether derivatives are wanted; otherwise they are returned unfinished.
        by_a: filled with the derivative by each entry of ``a``.

    Returns:
        The loss, a bound on its error, the derivative by ``b``, the derivative by the own entry
        where that is zero, a bound on the error of every derivative, the number of terms summed,
        and the route.
    """
    loss, by_b, chance, mean, size = none_and_one_active(a, p, q, own, p_own, b, by_a)
    one, _ = _active_chances(p, q)
    reach = 1.0 + _reach(a, b)
    error = (4.0 * a.size + 30.0) * UNIT_ROUNDOFF * size
    slope_error = (20.0 * a.size + 40.0) * UNIT_ROUNDOFF * (2.0 * abs(b) + p_own + one * reach)
    route, period, terms, bound, slope_bound = _plan(
        a, p, q, own, p_own, b, tolerance, max_terms, few, with_gradient
    )
    square = _own_second_moment(p, q, own, p_own)
    rest, slip, slope_b, chance_two, mean_two, slope_slip = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    if route == CONDITIONED and with_gradient:
        rest, slip, slope_b, chance_two, mean_two, slope_slip = _conditioned_gradient(
            a, p, q, own, p_own, b, by_a
        )
    elif route == CONDITIONED:
        rest, slip, mean_two = _conditioned_loss(a, p, q, own, p_own, b)
    elif route == SERIES:
        rest, slope_b, chance_two, mean_two = polynomial_part(a, p, q, own, p_own, b, period, by_a)
        slip, slope_slip = _series_rounding(a, p, q, own, b, period, terms)
        slip, slope_slip = slip + bound, slope_slip + slope_bound
        if with_gradient:
            waves = oscillating_part_with_gradient(a, p, q, own, p_own, b, period, terms, by_a)
            rest, slope_b = rest + waves[0], slope_b + waves[1]
            chance_two, mean_two = chance_two + waves[2], mean_two + waves[3]
        else:
            rest += oscillating_part(a, p, q, own, p_own, b, period, terms)
    loss += square + rest
    error += slip + (4.0 * a.size + 10.0) * UNIT_ROUNDOFF * square
    error += _input_rounding(a, p, loss, error)
    by_own = 0.0
    if own < 0:  # x_i is independent of y: -2 E[x_i^2 1(y > 0)] + 2 E[x_i y_+]
        by_own = p_own * (mean + mean_two - 2.0 / 3.0 * (chance + chance_two))
    return loss, error, by_b + slope_b, by_own, slope_error + slope_slip, float(terms), route
