r"""Expected loss and gradient in floating point, with a bound on the error.

.. math::
    L = \sum_i I_i \, \mathbb{E} (x_i - \sigma(y_i))^2, \qquad y_i = b_i + \sum_j G_{ij} x_j .

For each output the events with at most one active feature are integrals of squares; the rest is a
series of characteristic functions over a period ``P``, cut where its a-priori bound meets the
tolerance. The reported error is that bound plus an allowance on rounding that counts operations; it
is meant to hold always, not on average.

ReLU on ``U[0, h]`` with independent features has compiled loops of its own (``numerics.rows.row``);
all else goes through ``numerics.family.outputs``, where polynomial activations need no series but
moments.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from numerics.basics.gram import UNIT_ROUNDOFF, gram_matrices
from numerics.basics.inputs import Laws, batch_as_floats, laws_of, underflow
from numerics.basics.types import Floats
from numerics.family.evaluated import Evaluated, sum_rounding
from numerics.family.outputs import evaluate_family
from numerics.linear import linear_loss_and_gradient
from numerics.model import Model, Options
from numerics.rows.outputs import evaluate_outputs
from numerics.rows.row import CONDITIONED
from theory.problem import Identity, Problem, ReLU, Uniform, Unsupported

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
        enumerated: number of outputs evaluated by a finite sum over the values of the features.
    """

    loss: float
    error: float
    outputs: Floats
    terms: int
    conditioned: int
    enumerated: int


@dataclass(frozen=True)
class LossAndGradient(SeriesLoss):
    """Expected loss and its gradient, each with a bound on its error.

    Attributes:
        gradient_W: derivative by ``W``, shape ``(m, n)``.
        gradient_b: derivative by ``b``, shape ``(n,)``.
        gradient_W_error: bound on the error of each entry of ``gradient_W``.
        gradient_b_error: bound on the error of each entry of ``gradient_b``.
        gradient_W_decoder: derivative by ``W_decoder``, None when the weights are tied.
        gradient_W_decoder_error: bound on the error of each of its entries, None when tied.
    """

    gradient_W: Floats
    gradient_b: Floats
    gradient_W_error: Floats
    gradient_b_error: Floats
    gradient_W_decoder: Floats | None = None
    gradient_W_decoder_error: Floats | None = None


def expected_loss(
    problem: Problem,
    W: npt.ArrayLike,
    b: npt.ArrayLike | None = None,
    *,
    W_decoder: npt.ArrayLike | None = None,
    tolerance: float | None = None,
    max_terms: int | None = None,
    series_only: bool = False,
) -> SeriesLoss:
    r"""Compute the expected loss ``L = sum_i I_i E(x_i - x_hat_i)^2``.

    Args:
        problem: the problem; its density and importance must be numbers.
        W: weights, shape ``(m, n)``, features as columns.
        b: biases, shape ``(n,)``; zeros when left out.
        W_decoder: weights of an untied decoder, ``x_hat = sigma(W_decoder^T W x + b)``; ``W`` when
            left out.
        tolerance: truncation error allowed in the loss, absolute. Left out, the target is near
            rounding, relative to the part of the loss with two or more active features.
        max_terms: most terms of the series; a tolerance out of their reach shows in the error.
            Left out, as many as the number of features allows.
        series_only: never replace the series by conditioning on features one at a time, nor by a
            sum over their values.

    Returns:
        The loss with a bound on its error.

    Raises:
        InputError: weights or tolerance that cannot be meant.
        Unsupported: a symbolic density or importance, or a law that does not say enough.

    Example:
        >>> pair = Problem(2, 1, density="1/10")
        >>> result = expected_loss(pair, [[1.0, -1.0]])
        >>> abs(result.loss - 0.01 / 3) <= result.error < 1e-15
        True

    Source: the Fourier series of the periodic Bernoulli polynomials, DLMF 24.8.3; model: Elhage et
    al. 2022, arXiv:2209.10652, section 2.
    """
    model = Model.checked(problem, W, b, W_decoder)
    options = Options.checked(tolerance, max_terms, series_only)
    if _is_linear(model):
        linear = linear_loss_and_gradient(model.laws, model.weights, model.bias)
        return SeriesLoss(linear.loss, linear.error, linear.outputs, 0, 0, 0)
    found = _evaluated(model, options, with_gradient=False)
    return SeriesLoss(
        loss=float(np.sum(found.outputs)),
        error=found.error,
        outputs=found.outputs,
        terms=found.terms,
        conditioned=found.conditioned,
        enumerated=found.enumerated,
    )


def loss_and_gradient(
    problem: Problem,
    W: npt.ArrayLike,
    b: npt.ArrayLike | None = None,
    *,
    W_decoder: npt.ArrayLike | None = None,
    tolerance: float | None = None,
    max_terms: int | None = None,
    series_only: bool = False,
) -> LossAndGradient:
    r"""Compute the expected loss and its gradient in ``W``, ``b`` and ``W_decoder``.

    With ``Gamma = dL/dG`` for unconstrained ``G``, ``dL/dW = W (Gamma + Gamma^T)`` for tied
    weights; untied, ``dL/dW = W_decoder Gamma`` and ``dL/dW_decoder = W Gamma^T``. Where an output
    is zero with positive probability the gradient takes ``ReLU'(0) = 0``.

    Args:
        problem: the problem; its density and importance must be numbers.
        W: weights, shape ``(m, n)``, features as columns.
        b: biases, shape ``(n,)``; zeros when left out.
        W_decoder: weights of an untied decoder; ``W`` when left out.
        tolerance: truncation error allowed in the loss, absolute; the gradient belongs to the same
            truncated series, and its own error is reported. Left out, both are near rounding.
        max_terms: most terms of the series, as in ``expected_loss``.
        series_only: as in ``expected_loss``.

    Returns:
        Loss and gradient, each with a bound on its error.

    Raises:
        InputError: weights or tolerance that cannot be meant.
        Unsupported: a symbolic density or importance, or a law that does not say enough.

    Example:
        >>> result = loss_and_gradient(Problem(1, 1, density=1), [[1.0]], [0.25])
        >>> result.loss, float(result.gradient_b[0]), float(result.gradient_W[0, 0])
        (0.0625, 0.5, 0.5)
    """
    model = Model.checked(problem, W, b, W_decoder)
    options = Options.checked(tolerance, max_terms, series_only)
    if _is_linear(model):
        linear = linear_loss_and_gradient(model.laws, model.weights, model.bias)
        return LossAndGradient(
            linear.loss,
            linear.error,
            linear.outputs,
            0,
            0,
            0,
            linear.gradient_W,
            linear.gradient_b,
            linear.gradient_W_error,
            linear.gradient_b_error,
        )
    found = _evaluated(model, options, with_gradient=True)
    slopes = model.by_weights(found)
    return LossAndGradient(
        loss=float(np.sum(found.outputs)),
        error=found.error,
        outputs=found.outputs,
        terms=found.terms,
        conditioned=found.conditioned,
        enumerated=found.enumerated,
        gradient_W=slopes[0],
        gradient_b=found.by_b,
        gradient_W_error=slopes[1],
        gradient_b_error=found.slope_error,
        gradient_W_decoder=slopes[2],
        gradient_W_decoder_error=slopes[3],
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
        problem: the problem; ReLU on ``U[0, 1]``, independent features.
        W: weights, shape ``(starts, m, n)``.
        b: biases, shape ``(starts, n)``.
        tolerance: truncation error allowed in each loss, absolute.
        max_terms: most terms of the series.
        series_only: never replace the series by conditioning on features one at a time.

    Returns:
        Losses and bounds on their errors, shape ``(starts,)``; gradients by ``W`` and ``b``.

    Raises:
        InputError: shapes that do not fit.
        Unsupported: another activation, law or dependence.

    Example:
        >>> losses, errors, _, _ = batch_loss_and_gradient(
        ...     Problem(2, 1, density=1), [[[1.0, -1.0]], [[0.0, 0.0]]], [[0.0, 0.0], [0.5, 0.5]])
        >>> [round(float(loss), 12) for loss in losses]
        [0.333333333333, 0.166666666667]
    """
    laws = laws_of(problem)
    if not _is_tuned(problem) or problem.features != Uniform():
        raise Unsupported(
            f"activation={problem.activation!r}, features={problem.features!r}, "
            f"groups={list(problem.groups)!r}, n_active={problem.n_active}: the batch call is for "
            "ReLU() on Uniform(0, 1) with independent features; call loss_and_gradient for each"
        )
    weights, bias = batch_as_floats(problem, W, b)
    options = Options.checked(tolerance, max_terms, series_only)
    by_gram, results = evaluate_outputs(
        gram_matrices(weights),
        bias,
        laws.density,
        laws.sparsity,
        laws.importance,
        options.tolerance,
        MAX_TERMS if options.max_terms is None else options.max_terms,
        options.few,
        with_gradient=True,
    )
    losses, errors = results[:, :, 0].sum(axis=1), results[:, :, 1].sum(axis=1)
    errors += sum_rounding(results[:, :, 0]) + underflow(laws, bias)
    return losses, errors, weights @ (by_gram + by_gram.transpose(0, 2, 1)), results[:, :, 4]


def _is_linear(model: Model) -> bool:
    """Whether ``numerics.linear`` takes the model."""
    problem = model.problem
    plain = problem.is_independent and problem.features == Uniform() and model.decoder is None
    return plain and isinstance(problem.activation, Identity)


def _is_tuned(problem: Problem) -> bool:
    """Whether the compiled loops take the problem, up to the unit of measurement."""
    law = problem.features
    from_zero = isinstance(law, Uniform) and law.low == 0
    return problem.is_independent and from_zero and isinstance(problem.activation, ReLU)


def _evaluated(model: Model, options: Options, *, with_gradient: bool) -> Evaluated:
    """Losses of all outputs, by the route that takes the problem."""
    problem = model.problem
    if _is_tuned(problem):
        return _tuned(model, options, with_gradient=with_gradient)
    return evaluate_family(
        problem,
        model.laws,
        model.gram,
        model.bias,
        tolerance=options.tolerance,
        max_terms=options.max_terms,
        series_only=options.series_only,
        with_gradient=with_gradient,
    )


def _tuned(model: Model, options: Options, *, with_gradient: bool) -> Evaluated:
    """The compiled loops, in units of the upper end ``h`` of the law: ``u = h u'``."""
    laws, unit = model.laws, float(model.problem.features.high)  # type: ignore[attr-defined]
    gram, bias = model.gram, model.bias / unit
    by_grams, results = evaluate_outputs(
        gram[None],
        bias[None],
        laws.density,
        laws.sparsity,
        laws.importance,
        options.tolerance / unit**2,
        MAX_TERMS if options.max_terms is None else options.max_terms,
        options.few,
        with_gradient=with_gradient,
    )
    rows = results[0]
    outputs = rows[:, 0].copy()
    error = float(np.sum(rows[:, 1]) + sum_rounding(outputs)) + underflow(laws, bias)
    slope_error = rows[:, 5] + _gram_rounding_in_slopes(gram, bias, laws)
    if unit != 1.0:
        error += _unit_rounding(laws, bias, float(np.sum(outputs)))
    return Evaluated(
        outputs=unit**2 * outputs,
        error=unit**2 * error,
        terms=int(rows[:, 2].max()),
        conditioned=int(np.sum(rows[:, 3] == CONDITIONED)),
        enumerated=0,
        by_gram=unit**2 * (by_grams[0] if with_gradient else by_grams),
        by_b=unit * rows[:, 4],
        slope_error=max(unit, unit**2) * slope_error,
    )


def _unit_rounding(laws: Laws, b: Floats, loss: float) -> float:
    """What dividing the biases by the unit rounds off the loss."""
    shift = 2.0 * UNIT_ROUNDOFF * float(np.sqrt(np.sum(laws.importance * b**2)))
    return 2.0 * np.sqrt(abs(loss)) * shift + shift**2 + 8.0 * UNIT_ROUNDOFF * abs(loss)


def _gram_rounding_in_slopes(gram: Floats, b: Floats, laws: Laws) -> Floats:
    """What rounding the Gram entries does to the derivatives of each output."""
    # relative errors of the entries move the half-space y > 0 by that much of the largest active
    # entry: the probabilities in the derivatives move by a few units for each feature
    reach = 1.0 + np.abs(b) + np.sum(np.abs(gram), axis=1)
    active = np.minimum(1.0, (gram != 0.0) @ laws.density)
    allowance: Floats = 16.0 * UNIT_ROUNDOFF * b.size * laws.importance * active * reach
    return allowance + underflow(laws, b)
