r"""Derivatives of the series by every slope and by the bias, for a block of outputs.

Both parts of the series are linear forms of what ``numerics.family.classes`` carries; they are
differentiated by running it backwards. The derivative of ``e^{i w a u}`` by ``a`` is
``i w u e^{i w a u}``, so that one power of ``k`` is lost: the bounds are those of the loss with the
envelope of ``E u e^{itu}`` for one factor.
"""

from __future__ import annotations

import math

import numpy as np

from numerics.basics.types import Floats
from numerics.family.class_slopes import SlopeFactors, slopes_of_sums, truncated_pull
from numerics.family.planning import Plan, rungs_beyond, wave_factors, wave_sums
from numerics.family.rest import Rest, factorials_to, wave_weights
from numerics.family.targets import Targets

__all__ = ["left_out", "moment_slopes", "wave_slopes"]

_DECAYS = 0.2  # an envelope below falls at least like 1 / w from there on


def moment_slopes(rest: Rest, targets: Targets, *, sizes: bool = False) -> tuple[Floats, Floats]:
    """Differentiate the polynomial part.

    Args:
        rest: the outputs.
        targets: its coefficients.
        sizes: replace every number by its modulus.

    Returns:
        Derivatives by ``G_ij``, shape ``(rows, n)``, and by the bias.
    """
    top, own_top = targets.plain.shape[1] - 1, targets.own.shape[1] - 1
    degrees, factorials = np.arange(top + 1), factorials_to(top)
    lower = np.maximum(degrees - 1, 0)
    a, diagonal = (np.abs(rest.a), np.abs(rest.own)) if sizes else (rest.a, rest.own)
    moments = rest.absolute if sizes else rest.moments
    mu, own = degrees * moments[: top + 1] / factorials, np.zeros(top + 1)
    own[: own_top + 1] = (degrees / factorials)[: own_top + 1] * moments[1 : own_top + 2]
    factors = SlopeFactors(
        rest.moment_factors(top, own_top, sizes=sizes),
        lambda j: mu * a[:, j : j + 1] ** lower,
        lambda row: (own * diagonal[row] ** lower)[None],
        truncated_pull,
    )
    plain_target, own_target = targets.plain, np.zeros_like(targets.plain)
    own_target[:, : own_top + 1] = targets.own
    if sizes:
        plain_target, own_target = np.abs(plain_target), np.abs(own_target)
    by_a = slopes_of_sums(
        rest.chain,
        factors,
        plain_target * factorials,
        own_target * factorials,
        with_singles=rest.with_singles,
    )
    plain, weighted = rest.power_moments(top, own_top, sizes=sizes)
    by_b = np.sum(degrees[1:] * plain_target[:, 1:] * plain[:, :-1], axis=1)
    own_degrees = np.arange(1, own_top + 1)
    by_b += np.sum(own_degrees * own_target[:, 1 : own_top + 1] * weighted[:, :-1], axis=1)
    return by_a, by_b


def wave_slopes(rest: Rest, period: Floats, k: Floats) -> tuple[Floats, Floats]:
    """Differentiate the waves ``k`` of the series.

    Args:
        rest: the outputs.
        period: of each output.
        k: numbers of the waves.

    Returns:
        Derivatives by ``G_ij``, shape ``(rows, n)``, and by the bias.
    """
    q, (square, cross) = rest.activation.power, wave_factors(rest.activation.shape)
    scale, phases, diagonal = period[:, None], rest.law.phases, rest.own
    omega = 2.0 * math.pi * k / scale
    turn = 1j * omega
    factors = SlopeFactors(
        rest.wave_factors(omega),
        lambda j: turn * phases(omega * rest.a[:, j : j + 1], 1)[1],
        lambda row: turn[row : row + 1] * phases(omega[row : row + 1] * diagonal[row], 2)[2],
        np.multiply,
    )
    plain_target = square * scale ** (2 * q) * wave_weights(2 * q, k)
    own_target = cross * scale**q * wave_weights(q, k)
    by_a = slopes_of_sums(rest.chain, factors, plain_target, own_target)
    plain, own = rest.waves(omega)
    by_b = np.sum((turn * (plain_target * plain + own_target * own)).real, axis=1)
    return by_a, by_b


def left_out(rest: Rest, plan: Plan) -> Floats:
    """Bound the truncation error of every derivative of each output.

    Args:
        rest: the outputs.
        plan: their periods and terms.

    Returns:
        The bounds, shape ``(rows,)``; infinite where the transform does not decay.
    """
    q, (square, cross) = rest.activation.power, wave_factors(rest.activation.shape)
    counts = np.unique(plan.terms)
    rungs = np.unique(np.concatenate([counts, rungs_beyond(counts[-1:])]))
    omega = 2.0 * math.pi * rungs / plan.period[:, None]
    bounds, diagonal = rest.law.envelopes, rest.own
    factors = SlopeFactors(
        rest.envelope_factors(omega),
        lambda j: bounds(omega * rest.a[:, j : j + 1], 1)[1],
        lambda row: bounds(omega[row : row + 1] * diagonal[row], 2)[2],
        np.multiply,
    )
    # one power of w goes with the derivative: the weights are those of r - 1, times r / P
    scale, wanted = plan.period[:, None], rungs >= plan.terms[:, None]
    plain_weights = abs(square) * 2 * q * scale ** (2 * q - 1) * wave_sums(2 * q - 1, rungs)
    own_weights = abs(cross) * q * scale ** (q - 1) * wave_sums(q - 1, rungs)
    by_a = slopes_of_sums(
        rest.chain,
        factors,
        np.where(wanted, plain_weights, 0.0),
        np.where(wanted, own_weights, 0.0),
    )
    plain, own = rest.envelopes(omega)
    by_b = np.sum(np.where(wanted, plain_weights * plain + own_weights * own, 0.0), axis=1)
    found = np.maximum(by_a.max(axis=1), by_b)
    if q > 1:
        return found
    last = np.abs(rest.a) * omega[:, -1:]
    decays = (rest.a == 0.0) | (bounds(last, 0)[0] < _DECAYS)
    return np.where(decays.all(axis=1), found, np.inf)
