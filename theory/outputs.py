r"""All outputs of one problem in one field: losses, their gradient, their split by active features.

The split uses masses that count: with ``q_j`` for an inactive and ``t p_j`` for an active feature,
output ``i`` becomes a polynomial in ``t`` whose coefficient ``k`` is the loss over the event that
exactly ``k`` features are active. It is read off from its values at ``t = 0, ..., n``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flint import fmpq, fmpq_mat, fmpz

from theory.moments import linear_gradient, linear_loss
from theory.problem import Activation, Identity
from theory.rows import Row, output_gradient, output_loss

__all__ = ["Outputs"]


@dataclass(frozen=True)
class Outputs:
    """The outputs ``y = G x + b`` of a model, before any density is chosen.

    Attributes:
        field: arithmetic of the entries (``theory.fields``).
        activation: ``ReLU()`` or ``Identity()``.
        gram: rows of ``G = W^T W``, in the field.
        bias: in the field, length ``n``.
    """

    field: Any
    activation: Activation
    gram: Sequence[Sequence[Any]]
    bias: Sequence[Any]

    def _row(self, i: int, active: Sequence[Any], idle: Sequence[Any]) -> Row:
        return Row(i, self.gram[i], self.bias[i], active, idle)

    def losses(self, active: Sequence[Any], idle: Sequence[Any]) -> list[Any]:
        """Give ``E (x_i - x_hat_i)^2`` for every output, without importance.

        Args:
            active: masses ``p_j``.
            idle: masses ``q_j``; ``q_j + p_j`` need not be one.

        Returns:
            Elements of the field, length ``n``.
        """
        loss = linear_loss if isinstance(self.activation, Identity) else output_loss
        return [loss(self.field, self._row(i, active, idle)) for i in range(len(self.bias))]

    def gradients(self, active: Sequence[Any]) -> list[tuple[Any, list[Any]]]:
        """Give the derivatives of every output by its bias and its row of the Gram matrix.

        Args:
            active: densities ``p_j``.

        Returns:
            For every output the derivative by ``b_i`` and those by ``G_i1, ..., G_in``.
        """
        slope = linear_gradient if isinstance(self.activation, Identity) else output_gradient
        idle = [1 - p for p in active]
        return [slope(self.field, self._row(i, active, idle)) for i in range(len(self.bias))]

    def losses_by_count(self, active: Sequence[Any], idle: Sequence[Any]) -> list[list[Any]]:
        """Split every loss by the number ``k`` of active features.

        Args:
            active: masses ``p_j``.
            idle: masses ``q_j``.

        Returns:
            Row ``k = 0, ..., n`` holds ``E[(x_i - x_hat_i)^2; k active]`` for every output.
        """
        n = len(self.bias)
        samples = [self.losses([p * t for p in active], idle) for t in range(n + 1)]
        split = []
        for weights in _interpolation(n + 1):
            rows = [
                [value * w for value in sample] for w, sample in zip(weights, samples, strict=True)
            ]
            split.append([sum(column[1:], column[0]) for column in zip(*rows, strict=True)])
        return split


@lru_cache(maxsize=64)
def _interpolation(size: int) -> list[list[fmpq]]:
    """Row ``k`` turns values at ``0, ..., size - 1`` into coefficient ``k``."""
    return fmpq_mat([[fmpz(t) ** k for k in range(size)] for t in range(size)]).inv().tolist()
