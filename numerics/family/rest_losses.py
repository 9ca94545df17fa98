r"""Sums of the two parts of the series, polynomial and waves, for blocks of outputs."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from numerics.basics.gram import UNIT_ROUNDOFF
from numerics.basics.types import Floats, Ints
from numerics.family.planning import Plan, nearly_settled, planned, wave_factors
from numerics.family.rest import Rest, wave_weights
from numerics.family.rest_slopes import left_out, moment_slopes, wave_slopes
from numerics.family.targets import Targets, series_targets, settled_targets
from numerics.family.tilted import add_tilted, tilted_rows

__all__ = ["Totals", "add_polynomials", "add_series"]

_RELATIVE_TARGET = 1e-13  # of the scale of the part with two or more active, when nobody asks
_WAVES = 1 << 17  # waves of all outputs carried together
_HISTORY = 1 << 21  # the same times features, where every step is kept for the derivatives


@dataclass(frozen=True)
class Totals:
    """What has been added up for every output; importance left out.

    Attributes:
        loss: shape ``(n,)``.
        error: bound on its error.
        by_gram: derivative by the slopes, shape ``(n, n)``.
        by_b: derivative by the bias.
        slope_error: bound on the error of every derivative.
        terms: number of waves.
        with_gradient: whether derivatives are wanted.
    """

    loss: Floats
    error: Floats
    by_gram: Floats
    by_b: Floats
    slope_error: Floats
    terms: Ints
    with_gradient: bool

    @staticmethod
    def nothing(n: int, *, with_gradient: bool) -> Totals:
        """Zeros."""
        loss, error, by_b, slope_error = np.zeros((4, n))
        return Totals(
            loss,
            error,
            np.zeros((n, n)),
            by_b,
            slope_error,
            np.zeros(n, np.int64),
            with_gradient,
        )


def add_polynomials(rest: Rest, targets: Targets, totals: Totals) -> None:
    """Add the polynomial part of some outputs, and its rounding.

    Args:
        rest: the outputs, over the events that are summed.
        targets: coefficients of the moments.
        totals: added to.
    """
    top, own_top = targets.plain.shape[1] - 1, targets.own.shape[1] - 1
    plain, own = rest.power_moments(top, own_top)
    size, own_size = rest.power_moments(top, own_top, sizes=True)
    rows, unit = rest.chain.rows, _steps(rest) * UNIT_ROUNDOFF
    totals.loss[rows] += np.sum(targets.plain * plain, axis=1) + np.sum(targets.own * own, axis=1)
    majorant = np.sum(np.abs(targets.plain) * size, axis=1)
    majorant += np.sum(np.abs(targets.own) * own_size, axis=1)
    totals.error[rows] += unit * majorant
    if totals.with_gradient:
        by_a, by_b = moment_slopes(rest, targets)
        a_size, b_size = moment_slopes(rest, targets, sizes=True)
        totals.by_gram[rows] += by_a
        totals.by_b[rows] += by_b
        totals.slope_error[rows] += 2.0 * unit * np.maximum(a_size.max(axis=1), b_size)


def _steps(rest: Rest) -> float:
    """Roundings behind one expectation, counted along the recursion."""
    return 4.0 * rest.a.shape[1] + 8.0 * rest.activation.power + 60.0


def add_series(
    rest: Rest,
    chance: Floats,
    own_chance: Floats,
    allowed: Floats,
    max_terms: int,
    totals: Totals,
) -> None:
    """Add the series of some outputs, and its bounds.

    Args:
        rest: the outputs, over the events that are summed.
        chance: probability of these events.
        own_chance: probability of these events with the own feature active.
        allowed: what each loss may be wrong by; 0 for a target near rounding.
        max_terms: most waves.
        totals: added to.
    """
    q, rows = rest.activation.power, rest.chain.rows
    scale = rest.power_moments(2 * q, 0)[0][:, -1] + float(rest.moments[2]) * own_chance
    target = np.where(allowed > 0.0, allowed, _RELATIVE_TARGET * np.abs(scale))
    square = float(rest.moments[2]) * own_chance
    signs, lost = nearly_settled(rest, square, np.maximum(target, 1e-300))
    if signs.any() and not totals.with_gradient:
        part, left = np.flatnonzero(signs != 0.0), np.flatnonzero(signs == 0.0)
        add_polynomials(rest.only(part), settled_targets(rest.activation, signs[part]), totals)
        totals.error[rows[part]] += lost[part]
        if left.size:
            add_series(
                rest.only(left), chance[left], own_chance[left], allowed[left], max_terms, totals
            )
        return
    tilted = tilted_rows(rest) & (not totals.with_gradient)
    if tilted.any():
        part = np.flatnonzero(tilted)
        totals.terms[rows[part]] = add_tilted(
            rest.only(part),
            own_chance[part],
            np.maximum(target[part], 1e-300),
            max_terms,
            totals.loss,
            totals.error,
        )
        left = np.flatnonzero(~tilted)
        if left.size:
            add_series(
                rest.only(left), chance[left], own_chance[left], allowed[left], max_terms, totals
            )
        return
    plan = planned(rest, own_chance, np.maximum(target, 1e-300), max_terms)
    add_polynomials(rest, series_targets(rest.activation, plan.period), totals)
    totals.terms[rows] = plan.terms
    totals.error[rows] += plan.lost + plan.left
    totals.error[rows] += _wave_rounding(rest, chance, own_chance, plan.period)
    if totals.with_gradient:
        totals.slope_error[rows] += left_out(rest, plan) + _slopes_beyond(rest, plan)
        totals.slope_error[rows] += _slope_rounding(rest, chance, plan)
    for terms in np.unique(plan.terms):
        group = np.flatnonzero(plan.terms == terms)
        _add_waves(rest.only(group), plan.period[group], int(terms), totals)


def _add_waves(rest: Rest, period: Floats, terms: int, totals: Totals) -> None:
    rows, n = rest.chain.rows, rest.a.shape[1]
    together = min(_WAVES, _HISTORY // n) if totals.with_gradient else _WAVES
    step = max(1, together // len(rows))
    for start in range(0, terms, step):
        k = np.arange(start + 1, min(terms, start + step) + 1, dtype=float)
        totals.loss[rows] += _waves(rest, period, k)
        if totals.with_gradient:
            by_a, by_b = wave_slopes(rest, period, k)
            totals.by_gram[rows] += by_a
            totals.by_b[rows] += by_b


def _waves(rest: Rest, period: Floats, k: Floats) -> Floats:
    """The waves ``k`` of the series."""
    q, (square, cross) = rest.activation.power, wave_factors(rest.activation.shape)
    plain, own = rest.waves(2.0 * math.pi * k / period[:, None])
    found: Floats = cross * period**q * np.sum((own * wave_weights(q, k)).real, axis=1)
    if square != 0.0:
        found += square * period ** (2 * q) * np.sum((plain * wave_weights(2 * q, k)).real, axis=1)
    return found


def _wave_rounding(rest: Rest, chance: Floats, own_chance: Floats, period: Floats) -> Floats:
    """Allowance on rounding of the waves: of the products, and of the angles."""
    q, (square, cross) = rest.activation.power, wave_factors(rest.activation.shape)
    size, own_size = rest.power_moments(1, 1, sizes=True)
    first = float(rest.absolute[1])
    plain = _wave_sum(2 * q) * period ** (2 * q) * chance
    own = _wave_sum(q) * period**q * first * own_chance
    turned = _wave_sum(2 * q - 1) * 2 * q * period ** (2 * q - 1) * size[:, 1]
    own_turned = _wave_sum(q - 1) * q * period ** (q - 1) * own_size[:, 1]
    products = abs(square) * plain + abs(cross) * own
    angles = abs(square) * turned + abs(cross) * own_turned
    found: Floats = UNIT_ROUNDOFF * (_steps(rest) * products + 8.0 * angles)
    return found


def _slope_rounding(rest: Rest, chance: Floats, plan: Plan) -> Floats:
    """Allowance on rounding of the derivatives of the waves."""
    q, (square, cross) = rest.activation.power, wave_factors(rest.activation.shape)
    period, first, second = plan.period, float(rest.absolute[1]), float(rest.absolute[2])
    plain = 2 * q * period ** (2 * q - 1) * _wave_sum(2 * q - 1) * max(first, 1.0)
    own = q * period ** (q - 1) * _wave_sum(q - 1) * max(second, first)
    products = chance * (abs(square) * plain + abs(cross) * own)
    # the angle of wave k is off by its size times the roundoff: one power of k more
    size = rest.power_moments(1, 0, sizes=True)[0][:, 1] * max(first, second, 1.0)
    angles = abs(square) * _wave_sum(2 * q - 2) * (2 * q) ** 2 * period ** (2 * q - 2) * size
    turns = plan.terms if q == 1 else _wave_sum(q - 2) * period ** (q - 1)
    angles = angles + abs(cross) * q**2 * turns / period * size
    found: Floats = UNIT_ROUNDOFF * (2.0 * _steps(rest) * products + 8.0 * angles)
    return found


def _slopes_beyond(rest: Rest, plan: Plan) -> Floats:
    """What every derivative loses beyond the period, by the Cauchy-Schwarz inequality."""
    q, (square, cross) = rest.activation.power, wave_factors(rest.activation.shape)
    second, fourth = max(1.0, float(rest.absolute[2])), max(1.0, float(rest.absolute[4]))
    root = np.sqrt(plan.decay)
    found: Floats = abs(square) * np.sqrt(second) * plan.period ** (2 * q - 1) * root
    found += abs(cross) * np.sqrt(fourth) * plan.period ** (q - 1) * root
    return found


def _wave_sum(r: int) -> float:
    """``sum_k 2 r! / (2 pi k)^{r+1}`` or, for ``r = 0``, over the first 65536 terms."""
    ones = 12.0 if r == 0 else 1.7
    return 2.0 * math.factorial(r) / (2.0 * math.pi) ** (r + 1) * ones
