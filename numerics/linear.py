r"""The linear model and the trivial baselines, from means and variances.

With the identity activation and ``mu_j = p_j/2``, ``v_j = Var x_j = p_j/3 - p_j^2/4``,

.. math::
    \mathbb{E}(x_i - y_i)^2 = \sum_j (\delta_{ij} - G_{ij})^2 v_j
        + \bigl(\mu_i - b_i - \textstyle\sum_j G_{ij} \mu_j\bigr)^2 .
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from numerics.gram import UNIT_ROUNDOFF, gram_matrix
from numerics.inputs import Laws, laws_of, underflow
from numerics.types import Floats
from theory.problem import Problem

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


def best_linear_loss(problem: Problem) -> tuple[float, float]:
    r"""Compute the least loss of the linear model over all ``W`` and ``b``.

    .. math::
        \min_{W, b} L = \text{sum of the } n - m \text{ smallest } I_i v_i .

    The optimal bias removes the means; what remains is
    ``|| D_I^(1/2) (1 - G) D_v^(1/2) ||_F^2`` with ``rank G <= m``, at least the sum of the smallest
    squared singular values of ``D_I^(1/2) D_v^(1/2)`` (Eckart and Young 1936), and one dimension
    for each of the ``m`` features of largest ``I_i v_i`` attains it.

    Args:
        problem: densities and importances must be numbers; the activation is not used.

    Returns:
        The loss, and a bound on its rounding error.

    Example:
        >>> round(best_linear_loss(Problem(5, 2, sparsity=0))[0], 12)
        0.25
    """
    laws = laws_of(problem)
    parts = np.sort(laws.importance * _variances(laws))
    loss = float(np.sum(parts[: max(problem.n_features - problem.n_hidden, 0)]))
    return loss, float((problem.n_features + 8) * UNIT_ROUNDOFF * loss)


def ignore_everything_loss(problem: Problem) -> tuple[float, float]:
    r"""Compute the loss of ``W = 0`` with the best bias: ``sum_i I_i (p_i/3 - p_i^2/4)``.

    With no feature represented each output is a constant ``(b_i)_+``; its best value is the mean
    ``p_i / 2`` and leaves the variance.

    Args:
        problem: densities and importances must be numbers.

    Returns:
        The loss, and a bound on its rounding error.

    Example:
        >>> round(ignore_everything_loss(Problem(5, 2, sparsity=0))[0], 12)
        0.416666666667
    """
    laws = laws_of(problem)
    loss = float(np.sum(laws.importance * _variances(laws)))
    return loss, float((problem.n_features + 8) * UNIT_ROUNDOFF * loss)
