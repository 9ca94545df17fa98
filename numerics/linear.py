r"""The linear model on U[0, 1] from means and variances; the baselines of every law.

With the identity activation and ``mu_j = p_j/2``, ``v_j = Var x_j = p_j/3 - p_j^2/4``,

.. math::
    \mathbb{E}(x_i - y_i)^2 = \sum_j (\delta_{ij} - G_{ij})^2 v_j
        + \bigl(\mu_i - b_i - \textstyle\sum_j G_{ij} \mu_j\bigr)^2 .
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from numerics.baselines import best_linear_loss, ignore_everything_loss
from numerics.basics.gram import UNIT_ROUNDOFF, gram_matrix
from numerics.basics.inputs import Laws, underflow
from numerics.basics.types import Floats

__all__ = [
    "LinearLoss",
    "best_linear_loss",
    "ignore_everything_loss",
    "linear_loss_and_gradient",
]


@dataclass(frozen=True)
class LinearLoss:
    """Loss of the linear model with its gradient and bounds on their errors (see ``series``)."""

    loss: float
    error: float
    outputs: Floats
    gradient_W: Floats
    gradient_b: Floats
    gradient_W_error: Floats
    gradient_b_error: Floats


def _variances(laws: Laws) -> Floats:
    p = laws.density
    return p * (1.0 + 3.0 * laws.sparsity) / 12.0  # p/3 - p^2/4 without cancellation


def linear_loss_and_gradient(laws: Laws, W: Floats, b: Floats) -> LinearLoss:
    """Compute the loss of the linear model, and its gradient.

    Args:
        laws: densities and importances.
        W: weights, shape ``(m, n)``.
        b: biases, shape ``(n,)``.

    Returns:
        Loss and gradient with bounds on their rounding errors.
    """
    count = b.size
    gram, variance, mean = gram_matrix(W), _variances(laws), 0.5 * laws.density
    gaps = np.eye(count) - gram
    bias_gap = mean - b - gram @ mean
    outputs = laws.importance * (gaps**2 @ variance + bias_gap**2)
    by_gram = -2.0 * laws.importance[:, None] * (gaps * variance + np.outer(bias_gap, mean))
    by_b = -2.0 * laws.importance * bias_gap
    unit = (4.0 * count + 40.0) * UNIT_ROUNDOFF
    size = np.eye(count) + np.abs(gram)
    bias_size = mean + np.abs(b) + np.abs(gram) @ mean
    slip = unit * laws.importance[:, None] * (size * variance + np.outer(bias_size, mean))
    majorant = laws.importance * (
        (np.abs(gaps) * size) @ variance
        + np.abs(bias_gap) * bias_size
        + unit * (size**2 @ variance + bias_size**2)
    )
    weights, tiny = np.abs(W), underflow(laws, b)
    return LinearLoss(
        loss=float(np.sum(outputs)),
        error=float(unit * np.sum(majorant)) + tiny,
        outputs=outputs,
        gradient_W=W @ (by_gram + by_gram.T),
        gradient_b=by_b,
        gradient_W_error=weights
        @ (2.0 * (slip + slip.T) + unit * np.abs(by_gram + by_gram.T) + tiny),
        gradient_b_error=2.0 * unit * laws.importance * bias_size + tiny,
    )
