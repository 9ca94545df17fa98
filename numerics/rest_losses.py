r"""Sums of the two parts of the series, polynomial and waves, for a block of outputs.

Both are linear in the expectations that ``numerics.rest`` carries: *targets* are their
coefficients.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from numerics.family_planning import planned, wave_factors
from numerics.gram import UNIT_ROUNDOFF
from numerics.rest import Rest, kinked_polynomial, wave_weights
from numerics.types import Floats, Ints
from theory.problem import Activation

__all__ = ["Targets", "add_polynomials", "add_series", "series_targets", "settled_targets"]

_RELATIVE_TARGET = 1e-13  # of the scale of the part with two or more active, when nobody asks
_WAVES = 1 << 17  # waves of all outputs carried together


@dataclass(frozen=True)
class Targets:
    """Coefficients of ``E y^k`` and ``E x_i y^k``: ``(rows, 2q + 2)`` and ``(rows, q + 2)``."""

    plain: Floats
    own: Floats


def settled_targets(activation: Activation, signs: Floats) -> Targets:
    """Coefficients where ``y`` has one sign for sure: ``sigma(y)^2 - 2 x_i sigma(y)`` itself."""
    q = activation.power
    plain, own = np.zeros((len(signs), 2 * q + 2)), np.zeros((len(signs), q + 2))
    on = np.maximum(signs, 0.0) if activation.shape == "relu" else np.ones_like(signs)
    plain[:, 2 * q] = on
    own[:, q] = -2.0 * on * signs**q
    return Targets(plain, own)


def series_targets(activation: Activation, period: Floats) -> Targets:
    """Coefficients of the polynomial part of the series, one period for each output."""
    q = activation.power
    square, cross = wave_factors(activation.shape)
    scale = period[:, None]
    plain = square * kinked_polynomial(2 * q) * scale ** (2 * q - np.arange(2.0 * q + 2))
    own = cross * kinked_polynomial(q) * scale ** (q - np.arange(q + 2.0))
    if activation.shape == "abs":
        plain[:, 2 * q] += 1.0
        own[:, q] += 2.0
    return Targets(plain, own)


def add_polynomials(rest: Rest, targets: Targets, loss: Floats, error: Floats) -> None:
    """Add the polynomial part of some outputs to the losses, and its rounding to the errors."""
    top, own_top = targets.plain.shape[1] - 1, targets.own.shape[1] - 1
    plain, own = rest.power_moments(top, own_top)
    size, own_size = rest.power_moments(top, own_top, sizes=True)
    rows = rest.chain.rows
    loss[rows] += np.sum(targets.plain * plain, axis=1) + np.sum(targets.own * own, axis=1)
    majorant = np.sum(np.abs(targets.plain) * size, axis=1)
    majorant += np.sum(np.abs(targets.own) * own_size, axis=1)
    error[rows] += _steps(rest) * UNIT_ROUNDOFF * majorant


def _steps(rest: Rest) -> float:
    """Roundings behind one expectation, counted along the recursion."""
    return 4.0 * rest.a.shape[1] + 8.0 * rest.activation.power + 60.0


def add_series(
    rest: Rest,
    chance: Floats,
    own_chance: Floats,
    allowed: Floats,
    max_terms: int,
    loss: Floats,
    error: Floats,
) -> Ints:
    """Add the series of some outputs to the losses, and its bounds to the errors.

    Args:
        rest: the outputs, over the events that are summed.
        chance: probability of these events.
        own_chance: probability of these events with the own feature active.
        allowed: what each loss may be wrong by; 0 for a target near rounding.
        max_terms: most waves.
        loss: of all outputs; added to.
        error: of all outputs; added to.

    Returns:
        The number of waves of each output.
    """
    q = rest.activation.power
    scale = rest.power_moments(2 * q, 0)[0][:, -1] + float(rest.moments[2]) * own_chance
    target = np.where(allowed > 0.0, allowed, _RELATIVE_TARGET * np.abs(scale))
    plan = planned(rest, own_chance, np.maximum(target, 1e-300), max_terms)
    add_polynomials(rest, series_targets(rest.activation, plan.period), loss, error)
    rows = rest.chain.rows
    error[rows] += plan.lost + plan.left + _wave_rounding(rest, chance, own_chance, plan.period)
    for terms in np.unique(plan.terms):
        group = np.flatnonzero(plan.terms == terms)
        part = rest.only(group)
        step = max(1, _WAVES // len(group))
        for start in range(0, int(terms), step):
            k = np.arange(start + 1, min(int(terms), start + step) + 1, dtype=float)
            loss[rows[group]] += _waves(part, plan.period[group], k)
    return plan.terms


def _waves(rest: Rest, period: Floats, k: Floats) -> Floats:
    """The waves ``k`` of the series."""
    q, (square, cross) = rest.activation.power, wave_factors(rest.activation.shape)
    scale = period[:, None]
    plain, own = rest.waves(2.0 * math.pi * k / scale)
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


def _wave_sum(r: int) -> float:
    """``sum_k 2 r! / (2 pi k)^{r+1}`` or, for ``r = 0``, over the first 65536 terms."""
    ones = 12.0 if r == 0 else 1.7
    return 2.0 * math.factorial(r) / (2.0 * math.pi) ** (r + 1) * ones
