r"""Period and number of terms of the series for any law, from bounds alone.

*Period.* Beyond ``P`` the series for ``(y)_+^r`` is off by at most ``|y|^{r+1} / ((r+1) P)``. For
``theta P >= s`` an exponential moment ``M = E[e^{theta y} + e^{-theta y}]`` over the events that
are summed gives ``E[|y|^s ; |y| > P] <= P^s e^{-theta P} M``, and under ``x_i`` the
Cauchy-Schwarz inequality ``sqrt(E[x_i^2] E[|y|^{2s} ; |y| > P])``. Where ``P >= max |y|`` nothing
is lost.

*Truncation.* A decreasing envelope of the transform is bounded between two rungs of a dyadic ladder
by its value at the lower one, and ``sum k^{-s}`` by an integral.

Source: own derivation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from numerics.basics.types import Floats, Ints
from numerics.family.rest import Rest

__all__ = ["Plan", "nearly_settled", "planned", "rungs_beyond", "wave_factors", "wave_sums"]

_TILTS = 0.02 * 1.35 ** np.arange(28)  # up to about 66, in units of the largest slope
_LADDER_START = 8
_ROUNDS = 40


@dataclass(frozen=True)
class Plan:
    """Period and terms of each output, and bounds on what is lost beyond them.

    Attributes:
        period: ``P``, shape ``(rows,)``.
        terms: number of waves.
        lost: bound on the loss beyond the period.
        decay: ``e^{-theta P} M``, which bounds what is beyond the period; 0 where nothing is.
        left: bound on the loss in the waves that are left out.
    """

    period: Floats
    terms: Ints
    lost: Floats
    decay: Floats
    left: Floats


def wave_factors(shape: str) -> tuple[float, float]:
    """How often the series of ``(y)_+^{2q}``, and under ``x_i`` of ``(y)_+^q``, enter the loss."""
    return (1.0, -2.0) if shape == "relu" else (0.0, -4.0)


def planned(rest: Rest, own_chance: Floats, target: Floats, max_terms: int) -> Plan:
    """Choose period and terms of each output.

    Args:
        rest: the outputs, over the events that are summed.
        own_chance: probability of these events with the own feature active.
        target: what each loss may be wrong by, shape ``(rows,)``.
        max_terms: most waves.

    Returns:
        The plan; a target out of reach shows in its bounds.
    """
    square = own_chance * float(rest.moments[2])
    period, lost, decay = _period(rest, square, 0.25 * target)
    counts, bounds = _ladder(rest, period, max_terms)
    allowed = np.maximum(0.75 * target, 0.0)[:, None]
    reached = (bounds <= allowed) | (np.arange(counts.size) == counts.size - 1)
    step = np.argmax(reached, axis=1)
    return Plan(period, counts[step], lost, decay, bounds[np.arange(len(step)), step])


def _tail(rest: Rest, square: Floats, period: Floats, log_mass: Floats, theta: Floats) -> Floats:
    """What the loss loses beyond the period, from the logarithm of one exponential moment."""
    q, (plain, own) = rest.activation.power, wave_factors(rest.activation.shape)
    with np.errstate(over="ignore", invalid="ignore"):
        decay = np.exp(log_mass - theta * period)
        found = abs(plain) * period ** (2 * q) * decay / (2 * q + 1)
        found = found + abs(own) * np.sqrt(square * decay) * period**q / (q + 1)
    return np.where(np.isfinite(found), found, np.inf)


def tilts(rest: Rest) -> Floats:
    """Where exponential moments are tried, in units of one over the largest slope."""
    largest = np.abs(rest.a).max(axis=1)
    found: Floats = _TILTS[None] / np.where(largest > 0.0, largest, 1.0)[:, None]
    return found


def nearly_settled(rest: Rest, square: Floats, target: Floats) -> tuple[Floats, Floats]:
    """Outputs whose sign is settled but for a tail that does not matter.

    Args:
        rest: the outputs, over the events that are summed.
        square: ``E x_i^2`` over them.
        target: what each loss may be wrong by.

    Returns:
        The sign of each output, 0 where it is not settled, and a bound on what the other sign
        contributes to the loss, by ``(y)_+^r <= r! theta^{-r} e^{theta y}``.
    """
    q, theta = rest.activation.power, tilts(rest)
    scale = math.lgamma(2 * q + 1) - 2 * q * np.log(theta)
    bounds = []
    for side in (1.0, -1.0):
        with np.errstate(over="ignore"):
            wrong = np.exp(np.min(scale + rest.log_growth(side * theta), axis=1))
        both = np.where(square > 0.0, np.sqrt(square) * np.sqrt(np.minimum(wrong, 1e300)), 0.0)
        bounds.append(wrong + 2.0 * both)
    above, below = bounds
    factor = 1.0 if rest.activation.shape == "relu" else 2.0
    signs = np.where(above <= below, -1.0, 1.0)
    lost = factor * np.minimum(above, below)
    return np.where(lost <= 0.25 * target, signs, 0.0), lost


def _period(rest: Rest, square: Floats, target: Floats) -> tuple[Floats, Floats, Floats]:
    low, high = rest.reach()
    worst = np.maximum(-low, high) * (1.0 + 1e-12)
    theta = tilts(rest)
    log_mass = np.logaddexp(rest.log_growth(theta), rest.log_growth(-theta))
    q = rest.activation.power
    least = np.maximum(np.abs(rest.b)[:, None], (4 * q + 2) / theta)
    period = least
    for _ in range(_ROUNDS):  # a fixed point; whatever it is, its tail is bounded below
        tail = _tail(rest, square[:, None], period, log_mass, theta)
        more = np.log(np.maximum(tail, 1e-300)) - np.log(target)[:, None]
        step = np.where(np.isfinite(more), more / theta, np.inf)
        period = np.maximum(least, period + step)
    with np.errstate(invalid="ignore"):
        tail = _tail(rest, square[:, None], period, log_mass, theta)
    period = np.where(np.isfinite(tail) & np.isfinite(log_mass), period, np.inf)
    best = np.argmin(period, axis=1)
    rows = np.arange(len(best))
    chosen = period[rows, best]
    bounded = worst <= chosen
    decay = np.exp(np.minimum(log_mass[rows, best] - theta[rows, best] * chosen, 700.0))
    return (
        np.where(bounded, worst, chosen),
        np.where(bounded, 0.0, tail[rows, best]),
        np.where(bounded, 0.0, decay),
    )


def _ladder(rest: Rest, period: Floats, max_terms: int) -> tuple[Ints, Floats]:
    """Numbers of terms, and for each output a bound on what is left out after them."""
    steps = max(1, math.ceil(math.log2(max_terms / _LADDER_START)) + 1)
    counts = np.minimum(_LADDER_START * 2 ** np.arange(steps), max(max_terms, 1))
    rungs = rungs_beyond(counts)
    plain, own = rest.envelopes(2.0 * math.pi * rungs / period[:, None])
    square, cross = wave_factors(rest.activation.shape)
    q = rest.activation.power
    bounds = abs(square) * period[:, None] ** (2 * q) * wave_sums(2 * q, rungs) * plain
    bounds = bounds + abs(cross) * period[:, None] ** q * wave_sums(q, rungs) * own
    tails = np.cumsum(bounds[:, ::-1], axis=1)[:, ::-1]
    return counts, tails[:, : counts.size]


def rungs_beyond(counts: Ints) -> Floats:
    """The ladder, and further rungs that only bound the tail."""
    beyond: Floats = counts[-1] * 4.0 ** np.arange(1, 31)
    return np.concatenate([counts.astype(float), beyond])


def wave_sums(r: int, rungs: Floats) -> Floats:
    """Bounds on the sum of ``2 r! / (2 pi k)^{r+1}`` between each rung and the next."""
    if r == 0:  # the last: for an envelope that falls like 1 / k from there on
        return np.append(np.diff(np.log(rungs)), 1.0) / math.pi
    following = np.append(rungs[1:], np.inf)
    scale = 2.0 * math.factorial(r) / (2.0 * math.pi) ** (r + 1) / r
    between: Floats = scale * (rungs ** -float(r) - following ** -float(r))
    return between
