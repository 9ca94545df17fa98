r"""The part of every output's loss in which at most one feature that reaches it is active.

In the very sparse regime the loss is ``O(p^2)`` while ``E x_i^2``, ``2 E[x_i sigma(y)]`` and
``E sigma(y)^2`` are each ``O(p)``: their difference would lose every digit. Here each event
contributes an expectation of a square,

.. math::
    \sigma(b)^2, \quad \mathbb{E}_u\, \sigma(G_{ij} u + b)^2, \quad
    \mathbb{E}_u (u - \sigma(G_{ii} u + b))^2, \quad
    \mathrm{Var}\, u + \mathbb{E}_u (\mathbb{E} u - \sigma(G_{ij} u + b))^2,

the last where the own feature is active and does not reach its output.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from numerics.basics.gram import UNIT_ROUNDOFF
from numerics.basics.types import Floats, Ints
from numerics.family.few_masses import FewMasses
from numerics.family.one_active import applied, nodes_of_law, slope_of
from theory.problem import Activation, FeatureLaw

__all__ = ["FewLosses", "few_losses"]

_BLOCK = 1 << 21  # nodes handled together


@dataclass(frozen=True)
class FewLosses:
    """Losses over the events with at most one reaching active feature.

    Attributes:
        loss: shape ``(n,)``, importance left out.
        size: scale of its rounding error in units of the roundoff.
        by_b: derivative by the bias.
        by_gram: derivative by the entries of reaching features, and by the own entry; shape
            ``(n, n)``.
        slope_size: scale of the rounding error of the derivatives.
    """

    loss: Floats
    size: Floats
    by_b: Floats
    by_gram: Floats
    slope_size: Floats


def few_losses(
    law: FeatureLaw,
    moments: Floats,
    activation: Activation,
    gram: Floats,
    b: Floats,
    masses: FewMasses,
    *,
    singles: bool = True,
) -> FewLosses:
    """Compute the losses over the events with at most one reaching active feature.

    Args:
        law: of an active feature.
        moments: ``E u^s`` for ``s = 0, 1, 2``.
        activation: ``sigma``.
        gram: ``G``, shape ``(n, n)``.
        b: biases.
        masses: probabilities of the events.
        singles: whether the events with one active feature are wanted, or those with none alone.

    Returns:
        Losses and derivatives.
    """
    found = _none_active(moments, activation, b, masses)
    if not singles:
        return found
    count = b.size
    for start in range(0, count, max(1, _BLOCK // (200 * count))):
        rows = np.arange(start, min(count, start + max(1, _BLOCK // (200 * count))))
        _add_singles(found, rows, law, moments, activation, gram, b, masses)
    return found


def _variance(moments: Floats) -> float:
    return max(float(moments[2] - moments[1] ** 2), 0.0)


def _scale(value: Floats, majorant: Floats) -> Floats:
    """Rounding scale of an integral of squares: what rounds is the root, not the square."""
    root: Floats = value + 2.0 * np.sqrt(value * majorant) + UNIT_ROUNDOFF * majorant
    return root


def _none_active(
    moments: Floats, activation: Activation, b: Floats, masses: FewMasses
) -> FewLosses:
    mean, square = float(moments[1]), float(moments[2])
    idle, own = masses.none_idle, masses.none_own
    output, slope = applied(activation, b), slope_of(activation, b)
    missed = _variance(moments) + (mean - output) ** 2
    loss = idle * output**2 + own * missed
    by_gram = np.zeros((b.size, b.size))
    by_gram[np.diag_indices(b.size)] = -2.0 * own * slope * (square - mean * output)
    by_b = 2.0 * slope * (idle * output + own * (output - mean))
    size = 2.0 * activation.power * idle * output**2 + own * (
        _scale(missed, square + output**2) + square
    )
    slope_size = (idle + own) * np.abs(slope) * (np.abs(output) + square + 1.0)
    return FewLosses(loss, size, by_b, by_gram, activation.power * slope_size)


def _add_singles(
    found: FewLosses,
    rows: Ints,
    law: FeatureLaw,
    moments: Floats,
    activation: Activation,
    gram: Floats,
    b: Floats,
    masses: FewMasses,
) -> None:
    """Add the events with one reaching active feature, for a block of outputs."""
    mean, square = float(moments[1]), float(moments[2])
    a = gram[rows]
    u, w, y = nodes_of_law(law, activation.power, a, np.broadcast_to(b[rows][:, None], a.shape))
    output, slope = applied(activation, y), slope_of(activation, y)
    idle, own = masses.one_idle[rows], masses.one_own[rows]
    weighted = w * slope
    both, first = weighted * output, weighted * u
    seen = np.sum(w * output**2, axis=-1)
    missed = _variance(moments) + np.sum(w * (mean - output) ** 2, axis=-1)
    loss = idle * seen + own * missed
    by_b = 2.0 * ((idle + own) * both.sum(axis=-1) - own * mean * weighted.sum(axis=-1))
    by_a = 2.0 * ((idle + own) * (both * u).sum(axis=-1) - own * mean * first.sum(axis=-1))
    by_own = -2.0 * own * np.sum(weighted * (square - mean * output), axis=-1)
    reach = np.abs(a) * np.sqrt(square) + np.abs(b[rows])[:, None]
    majorant = square + activation.power**2 * np.sum(
        w * (np.abs(a[..., None] * u) + np.abs(b[rows])[:, None, None]) ** (2 * activation.power),
        axis=-1,
    )
    size = idle * _scale(seen, majorant - square) + own * (_scale(missed, majorant) + majorant)
    place = np.arange(len(rows)), rows
    gap = u[place] - output[place]
    alone = masses.alone[rows]
    self_loss = np.sum(w[place] * gap**2, axis=-1)
    by_a[place] = -2.0 * alone * np.sum(weighted[place] * gap * u[place], axis=-1)
    by_a[place] += by_own.sum(axis=1)
    found.loss[rows] += loss.sum(axis=1) + alone * self_loss
    found.size[rows] += size.sum(axis=1) + alone * _scale(self_loss, majorant[place])
    found.by_b[rows] += by_b.sum(axis=1)
    found.by_b[rows] -= 2.0 * alone * np.sum(weighted[place] * gap, axis=-1)
    found.by_gram[rows] += by_a
    chance = idle + own
    chance[place] += alone
    steep = np.sum(w * np.abs(slope) * (1.0 + np.abs(u)) ** 2, axis=-1) * (1.0 + reach)
    found.slope_size[rows] += np.sum(
        chance * (steep * (1.0 + np.sqrt(majorant)) + majorant), axis=1
    )
