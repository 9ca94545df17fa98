r"""The first-order functional of the seed paper, which governs the very sparse limit.

.. math::
    F(B) = 2 \sum_i B_{ii}^q - \sum_{ij} B_{ij}^{2q}, \qquad B = W^\top W .

To first order in the density ``p`` the gain is ``p mu_{q+1}^2 / mu_{2q}`` times ``F(B)``, with
``A = (mu_{q+1} / mu_{2q})^{1/q} B``.

Source: Chowdhury and Weiner 2026, arXiv:2606.18538, section 4, equation (23).
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from numerics.basics.gram import UNIT_ROUNDOFF
from numerics.basics.inputs import checked_count, matrix_as_floats
from numerics.basics.types import Floats
from numerics.power_model.gain import Gain
from theory.problem import InputError

__all__ = ["FirstOrder", "first_order"]

_BLOCK = 256
_UNDERFLOW = 1e-290


def first_order(W: npt.ArrayLike, power: int) -> Gain:
    r"""Compute ``F(W^T W)`` and its gradient.

    Args:
        W: weights, shape ``(m, n)``, of any norm.
        power: ``q``, odd.

    Returns:
        The value ``F`` with a bound on its error, its two sums (target and energy) and gradient.

    Raises:
        InputError: an even power, or weights that cannot be meant.

    Example:
        >>> lines = [[1.0, -0.5, -0.5], [0.0, 0.75**0.5, -(0.75**0.5)]]  # at 60 degrees
        >>> found = first_order(lines, 3)
        >>> round(found.target**2 / found.energy, 12)  # 32/11, at the best multiple
        2.909090909091

    Source: arXiv:2606.18538, equation (23).
    """
    weights = matrix_as_floats(W)
    functional = FirstOrder(power)
    with np.errstate(over="ignore", invalid="ignore"):
        target, energy, lengths = functional.sums(weights)
        m, n = weights.shape
        q = functional.power
        # every entry is off by at most m u |w_i| |w_j|, which also bounds it
        count = 2 * q * (m + 3) + n
        size = math.fsum(lengths**q)
        error = 1.01 * count * UNIT_ROUNDOFF * size * (2.0 + size)
    if not math.isfinite(error):
        raise InputError(f"W: powers up to {2 * q} of the Gram entries leave the floats")
    slopes = functional.slopes(weights, lengths, 2.0, -1.0)
    tiny = _UNDERFLOW if weights.any() else 0.0
    return Gain(2.0 * target - energy, error + tiny, target, energy, slopes)


class FirstOrder:
    """The functional of one power, as a function of the weights, unchecked.

    Args:
        power: ``q``, odd.

    Raises:
        InputError: an even power.
    """

    def __init__(self, power: int) -> None:
        self.power = checked_count(power, "power", 1)
        if power % 2 == 0:
            raise InputError(f"power={power}: must be odd")

    def sums(self, W: Floats) -> tuple[float, float, Floats]:
        """Compute ``sum_i B_ii^q`` and ``sum_ij B_ij^{2q}``, and ``B_ii`` for ``slopes``."""
        own = np.einsum("ki,ki->i", W, W)
        energy = [float(np.sum((W.T @ part) ** (2 * self.power))) for part in _parts(W)]
        return math.fsum(own**self.power), math.fsum(energy), own

    def slopes(self, W: Floats, own: Floats, by_target: float, by_energy: float) -> Floats:
        """Compute the gradient of ``by_target`` and ``by_energy`` times the two sums."""
        q = self.power
        pulls = [W @ (W.T @ part) ** (2 * q - 1) for part in _parts(W)]
        energy = np.concatenate(pulls, axis=1) if pulls else np.zeros_like(W)
        found: Floats = 2.0 * q * by_target * own ** (q - 1) * W + 4.0 * q * by_energy * energy
        return found


def _parts(W: Floats) -> list[Floats]:
    return [W[:, start : start + _BLOCK] for start in range(0, W.shape[1], _BLOCK)]
