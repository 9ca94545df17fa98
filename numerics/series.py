r"""Expected loss and gradient by the Bernoulli series, with a bound on the error.

.. math::
    L = \sum_i I_i \, \mathbb{E} (x_i - (y_i)_+)^2, \qquad y_i = b_i + \sum_j G_{ij} x_j .

For each output the events with at most one active feature are integrated in closed form; the rest
is a series of characteristic functions over a period ``P``, cut where its a-priori bound meets the
tolerance. The reported error is that bound plus an allowance on rounding that counts operations; it
is meant to hold always, not on average.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from numerics.conditioning import MAX_CONDITIONED
from numerics.gram import UNIT_ROUNDOFF, gram_matrices
from numerics.inputs import (
    Laws,
    batch_as_floats,
    checked_count,
    checked_tolerance,
    laws_of,
    underflow,
    weights_as_floats,
)
from numerics.linear import linear_loss_and_gradient
from numerics.outputs import evaluate_outputs
from numerics.rows import CONDITIONED
from numerics.types import Floats
from theory.problem import Identity, InputError, Problem

__all__ = [
    "LossAndGradient",
    "SeriesLoss",
    "batch_loss_and_gradient",
    "expected_loss",
    "loss_and_gradient",
]

MAX_TERMS = 4096


@dataclass(frozen=True)
class SeriesLoss:
    """Expected loss with a bound on its error.

    Attributes:
        loss: the expected loss.
        error: bound on ``|loss - exact|``: truncation, and an allowance on rounding.
        outputs: contribution of each output, importance included.
        terms: largest number of terms summed for one output.
        conditioned: number of outputs evaluated by conditioning instead of the series.
    """

    loss: float
    error: float
    outputs: Floats
    terms: int
    conditioned: int


@dataclass(frozen=True)
class LossAndGradient(SeriesLoss):
    """Expected loss and its gradient, each with a bound on its error.

    Attributes:
        gradient_W: derivative by ``W``, shape ``(m, n)``.
        gradient_b: derivative by ``b``, shape ``(n,)``.
        gradient_W_error: bound on the error of each entry of ``gradient_W``.
        gradient_b_error: bound on the error of each entry of ``gradient_b``.
    """

    gradient_W: Floats
    gradient_b: Floats
    gradient_W_error: Floats
    gradient_b_error: Floats


def expected_loss(
    problem: Problem,
    W: npt.ArrayLike,
    b: npt.ArrayLike | None = None,
    *,
    tolerance: float | None = None,
    max_terms: int = MAX_TERMS,
    series_only: bool = False,
) -> SeriesLoss:
    r"""Compute the expected loss ``L = sum_i I_i E(x_i - x_hat_i)^2``.

    Args:
        problem: the problem; its density and importance must be numbers.
        W: weights, shape ``(m, n)``, features as columns.
        b: biases, shape ``(n,)``; zeros when left out.
        tolerance: truncation error allowed in the loss, absolute. Left out, the target is near
            rounding, relative to the part of the loss with two or more active features.
        max_terms: most terms of the series; a tolerance out of their reach shows in the error.
        series_only: never replace the series by conditioning on features one at a time.

    Returns:
        The loss with a bound on its error.

    Raises:
        InputError: weights or tolerance that cannot be meant.
        Unsupported: a symbolic density or importance.

    Example:
        >>> pair = Problem(2, 1, density="1/10")
        >>> result = expected_loss(pair, [[1.0, -1.0]])
        >>> abs(result.loss - 0.01 / 3) <= result.error < 1e-15
        True

    Source: the Fourier series of the periodic Bernoulli polynomials, DLMF 24.8.3; model: Elhage et
    al. 2022, arXiv:2209.10652, section 2.
    """
    laws = laws_of(problem)
    weights, bias = weights_as_floats(problem, W, b)
    allowed, most = checked_tolerance(tolerance), checked_count(max_terms, "max_terms", 1)
    if isinstance(problem.activation, Identity):
        linear = linear_loss_and_gradient(laws, weights, bias)
        return SeriesLoss(linear.loss, linear.error, linear.outputs, 0, 0)
    few = 0 if series_only else MAX_CONDITIONED
    _, results = evaluate_outputs(
        gram_matrices(weights[None]),
        bias[None],
        laws.density,
        laws.sparsity,
        laws.importance,
        allowed,
        most,
        few,
        with_gradient=False,
    )
    rows = results[0]
    outputs = rows[:, 0].copy()
    return SeriesLoss(
        loss=float(np.sum(outputs)),
        error=float(np.sum(rows[:, 1]) + _sum_rounding(outputs)) + underflow(laws, bias),
        outputs=outputs,
        terms=int(rows[:, 2].max()),
        conditioned=int(np.sum(rows[:, 3] == CONDITIONED)),
    )


def loss_and_gradient(
    problem: Problem,
    W: npt.ArrayLike,
    b: npt.ArrayLike | None = None,
    *,
    tolerance: float | None = None,
    max_terms: int = MAX_TERMS,
    series_only: bool = False,
) -> LossAndGradient:
    r"""Compute the expected loss and its gradient in ``W`` and ``b``.

    With ``Gamma = dL/dG`` for unconstrained ``G``, ``dL/dW = W (Gamma + Gamma^T)``. Where an output
    is zero with positive probability the gradient takes ``ReLU'(0) = 0``.

    Args:
        problem: the problem; its density and importance must be numbers.
        W: weights, shape ``(m, n)``, features as columns.
        b: biases, shape ``(n,)``; zeros when left out.
        tolerance: truncation error allowed in the loss, absolute; the gradient belongs to the same
            truncated series, and its own error is reported. Left out, both are near rounding.
        max_terms: most terms of the series.
        series_only: never replace the series by conditioning on features one at a time.

    Returns:
        Loss and gradient, each with a bound on its error.

    Raises:
        InputError: weights or tolerance that cannot be meant.
        Unsupported: a symbolic density or importance.

    Example:
        >>> result = loss_and_gradient(Problem(1, 1, density=1), [[1.0]], [0.25])
        >>> result.loss, float(result.gradient_b[0]), float(result.gradient_W[0, 0])
        (0.0625, 0.5, 0.5)
    """
    laws = laws_of(problem)
    weights, bias = weights_as_floats(problem, W, b)
    allowed, most = checked_tolerance(tolerance), checked_count(max_terms, "max_terms", 1)
    if isinstance(problem.activation, Identity):
        linear = linear_loss_and_gradient(laws, weights, bias)
        return LossAndGradient(
            linear.loss,
            linear.error,
            linear.outputs,
            0,
            0,
            linear.gradient_W,
            linear.gradient_b,
            linear.gradient_W_error,
            linear.gradient_b_error,
        )
    grams = gram_matrices(weights[None])
    few = 0 if series_only else MAX_CONDITIONED
    by_grams, results = evaluate_outputs(
        grams,
        bias[None],
        laws.density,
        laws.sparsity,
        laws.importance,
        allowed,
        most,
        few,
        with_gradient=True,
    )
    by_gram, rows = by_grams[0], results[0]
    slope_error = rows[:, 5] + _gram_rounding_in_slopes(grams[0], bias, laws)
    size = np.abs(weights)
    both = slope_error[:, None] + slope_error[None, :]
    product = (problem.n_features + 4) * UNIT_ROUNDOFF * (np.abs(by_gram) + np.abs(by_gram.T))
    return LossAndGradient(
        loss=float(np.sum(rows[:, 0])),
        error=float(np.sum(rows[:, 1]) + _sum_rounding(rows[:, 0])) + underflow(laws, bias),
        outputs=rows[:, 0].copy(),
        terms=int(rows[:, 2].max()),
        conditioned=int(np.sum(rows[:, 3] == CONDITIONED)),
        gradient_W=weights @ (by_gram + by_gram.T),
        gradient_b=rows[:, 4].copy(),
        gradient_W_error=size @ (both + product),
        gradient_b_error=slope_error,
    )


def batch_loss_and_gradient(
    problem: Problem,
    W: npt.ArrayLike,
    b: npt.ArrayLike,
    *,
    tolerance: float | None = None,
    max_terms: int = MAX_TERMS,
    series_only: bool = False,
) -> tuple[Floats, Floats, Floats, Floats]:
    """Compute losses and gradients of many weights in one compiled, threaded call.

    Args:
        problem: the problem, ReLU activation.
        W: weights, shape ``(starts, m, n)``.
        b: biases, shape ``(starts, n)``.
        tolerance: truncation error allowed in each loss, absolute.
        max_terms: most terms of the series.
        series_only: never replace the series by conditioning on features one at a time.

    Returns:
        Losses and bounds on their errors, shape ``(starts,)``; gradients by ``W`` and ``b``.

    Raises:
        InputError: shapes that do not fit, or the identity activation.

    Example:
        >>> losses, errors, _, _ = batch_loss_and_gradient(
        ...     Problem(2, 1, density=1), [[[1.0, -1.0]], [[0.0, 0.0]]], [[0.0, 0.0], [0.5, 0.5]])
        >>> [round(float(loss), 12) for loss in losses]
        [0.333333333333, 0.166666666667]
    """
    laws = laws_of(problem)
    if isinstance(problem.activation, Identity):
        raise InputError("activation=Identity(): the batch call is for ReLU()")
    weights, bias = batch_as_floats(problem, W, b)
    allowed, most = checked_tolerance(tolerance), checked_count(max_terms, "max_terms", 1)
    few = 0 if series_only else MAX_CONDITIONED
    by_gram, results = evaluate_outputs(
        gram_matrices(weights),
        bias,
        laws.density,
        laws.sparsity,
        laws.importance,
        allowed,
        most,
        few,
        with_gradient=True,
    )
    losses, errors = results[:, :, 0].sum(axis=1), results[:, :, 1].sum(axis=1)
    errors += _sum_rounding(results[:, :, 0]) + underflow(laws, bias)
    return losses, errors, weights @ (by_gram + by_gram.transpose(0, 2, 1)), results[:, :, 4]


def _sum_rounding(outputs: Floats) -> Floats:
    slip: Floats = 4.0 * UNIT_ROUNDOFF * (outputs.shape[-1] + 2) * np.abs(outputs).sum(axis=-1)
    return slip


def _gram_rounding_in_slopes(gram: Floats, b: Floats, laws: Laws) -> Floats:
    """What rounding the Gram entries does to the derivatives of each output."""
    # relative errors of the entries move the half-space y > 0 by that much of the largest active
    # entry: the probabilities in the derivatives move by a few units for each feature
    reach = 1.0 + np.abs(b) + np.sum(np.abs(gram), axis=1)
    active = np.minimum(1.0, (gram != 0.0) @ laws.density)
    allowance: Floats = 16.0 * UNIT_ROUNDOFF * b.size * laws.importance * active * reach
    return allowance + underflow(laws, b)
