r"""The series on a shifted line, for laws with exponential tails and high powers.

Over a period ``P`` that holds an exponential tail the terms of the Bernoulli series are of size
``P^r`` and cancel down to ``E (y)_+^r``. On the line ``s = c + i w_k`` nothing cancels:

.. math::
    \frac{r!}{P} \sum_{k \in \mathbb{Z}} \frac{\mathbb{E}\, e^{(c + i w_k) y}}{(c + i w_k)^{r+1}}
    = \sum_{m \in \mathbb{Z}} e^{-c m P}\, \mathbb{E} (y + m P)_+^r, \qquad w_k = 2 \pi k / P,

of which ``m = 0`` is wanted. The others are bounded: for ``m > 0`` by ``e^{-c m P}`` and moments,
for ``m < 0`` by ``(z)_+^r <= r! d^{-r} e^{d z}`` with ``d > c``.

Source: own derivation; Poisson's summation formula, DLMF 1.8.14.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from numerics.basics.gram import UNIT_ROUNDOFF
from numerics.basics.types import Floats, Ints
from numerics.family.planning import rungs_beyond, wave_sums
from numerics.family.rest import Rest
from numerics.family.transforms import Complexes

Mask = npt.NDArray[np.bool_]

__all__ = ["add_tilted", "tilted_rows"]

_RATE, _SHIFT = 0.9, 0.45  # d and c, in units of one over the largest slope
_STEEP = 1.0 / (1.0 - _RATE)  # bounds E u e^{dau} / E e^{dau}
_DEPTHS = 36.0 + 6.0 * np.arange(8)  # c P
_LARGEST_BIAS = 10.0
_WAVES = 1 << 17


def tilted_rows(rest: Rest) -> Mask:
    """Outputs for which the shifted line is the better one, shape ``(rows,)``."""
    largest = np.abs(rest.a).max(axis=1)
    takes = rest.law.tilts and rest.activation.shape == "relu" and rest.activation.power > 1
    # beside a large positive bias e^{cb} is what cancels instead
    return takes & (_SHIFT * rest.b <= _LARGEST_BIAS * largest)


def add_tilted(
    rest: Rest, own_chance: Floats, target: Floats, max_terms: int, loss: Floats, error: Floats
) -> Ints:
    """Add ``E[sigma(y)^2 - 2 x_i sigma(y)]`` of some outputs, and bounds on the errors.

    Args:
        rest: the outputs, over the events that are summed.
        own_chance: probability of these events with the own feature active.
        target: what each loss may be wrong by.
        max_terms: most waves.
        loss: of all outputs; added to.
        error: of all outputs; added to.

    Returns:
        The number of waves of each output.
    """
    rows, largest = rest.chain.rows, np.abs(rest.a).max(axis=1)
    shift, rate = _SHIFT / largest, _RATE / largest
    masses = rest.growth(np.stack([shift, rate], axis=1))
    depth, lost = _depth(rest, own_chance, shift, rate, masses[:, 1], target)
    period = depth / shift
    counts, left = _ladder(rest, period, shift, max_terms)
    reached = (left <= 0.5 * target[:, None]) | (np.arange(counts.size) == counts.size - 1)
    step = np.argmax(reached, axis=1)
    terms = counts[step]
    error[rows] += lost + left[np.arange(len(rows)), step]
    error[rows] += _rounding(rest, period, shift, masses)
    for count in np.unique(terms):
        group = np.flatnonzero(terms == count)
        part, block = rest.only(group), max(1, _WAVES // len(group))
        for start in range(0, int(count) + 1, block):
            k = np.arange(start, min(int(count), start + block - 1) + 1, dtype=float)
            loss[rows[group]] += _waves(part, period[group], shift[group], k)
    return terms


def _waves(rest: Rest, period: Floats, shift: Floats, k: Floats) -> Floats:
    q = rest.activation.power
    omega = 2.0 * math.pi * k / period[:, None] - 1j * shift[:, None]
    plain, own = rest.waves(omega)
    twice = np.where(k > 0.0, 2.0, 1.0)

    def weights(r: int) -> Complexes:
        return np.asarray(math.factorial(r) * twice / period[:, None] / (1j * omega) ** (r + 1))

    terms = (plain * weights(2 * q) - 2.0 * own * weights(q)).real
    total: Floats = np.sum(terms, axis=1)
    return total


def _depth(
    rest: Rest, own_chance: Floats, shift: Floats, rate: Floats, mass: Floats, target: Floats
) -> tuple[Floats, Floats]:
    """``c P`` of each output, and a bound on the terms with ``m != 0``."""
    q = rest.activation.power
    moment = rest.power_moments(2 * q, 0)[0]
    square = float(rest.moments[2]) * own_chance
    period = _DEPTHS / shift[:, None]
    decay, other = np.exp(-_DEPTHS), np.exp(-(rate / shift - 1.0)[:, None] * _DEPTHS)
    powers = np.abs(moment[:, -1:]) + moment[:, :1] * period ** (2 * q)
    # Cauchy and Schwarz under x_i; twice the first term bounds the sum over m
    cross = 2.0**q * np.sqrt(square[:, None] * powers)
    ahead = 2.0 * decay * (4.0**q * powers + 2.0 * cross)
    behind = math.factorial(2 * q) / rate ** (2 * q) + 2.0 * _STEEP * math.factorial(q) / rate**q
    lost = ahead + 2.0 * other * (behind * mass)[:, None]
    enough = (lost <= 0.25 * target[:, None]) | (np.arange(_DEPTHS.size) == _DEPTHS.size - 1)
    step = np.argmax(enough, axis=1)
    return _DEPTHS[step], lost[np.arange(len(step)), step]


def _ladder(rest: Rest, period: Floats, shift: Floats, max_terms: int) -> tuple[Ints, Floats]:
    """Numbers of terms, and for each output a bound on what is left out after them."""
    q = rest.activation.power
    steps = max(1, math.ceil(math.log2(max_terms / 8)) + 1)
    counts = np.minimum(8 * 2 ** np.arange(steps), max_terms)
    rungs = rungs_beyond(counts)
    omega = 2.0 * math.pi * rungs / period[:, None] - 1j * shift[:, None]
    plain, own = rest.envelopes(omega)
    scale = period[:, None]
    bounds = scale ** (2 * q) * wave_sums(2 * q, rungs) * plain
    bounds = bounds + 2.0 * scale**q * wave_sums(q, rungs) * own
    tails = np.cumsum(bounds[:, ::-1], axis=1)[:, ::-1]
    return counts, tails[:, : counts.size]


def _rounding(rest: Rest, period: Floats, shift: Floats, masses: Floats) -> Floats:
    """Allowance on rounding: of the products, and of the angles by ``|y| e^{cy} < e^{dy} / d``."""
    q, depth = rest.activation.power, period * shift
    steps = 4.0 * rest.a.shape[1] + 8.0 * q + 60.0
    found = np.zeros(len(period))
    for r, factor in ((2 * q, 1.0), (q, 2.0 * _STEEP)):
        size = factor * math.factorial(r) / (depth * shift**r)
        turned = 16.0 * masses.max(axis=1)
        found += size * (1.0 + depth) * (steps * masses[:, 0] + turned)
    return UNIT_ROUNDOFF * found
