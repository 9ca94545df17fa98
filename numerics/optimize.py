r"""Best arrangements found from many starts, on the exact population loss.

Each start is minimised by a quasi-Newton method on the loss and gradient of ``numerics.series``,
scaled by the loss of ignoring everything so that one set of tolerances serves every sparsity. The
word is *best found*: nothing here proves that no better arrangement exists.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import OptimizeResult, minimize

from numerics.conditioning import MAX_CONDITIONED
from numerics.inputs import checked_count
from numerics.linear import ignore_everything_loss
from numerics.series import batch_loss_and_gradient, loss_and_gradient
from numerics.types import Floats
from theory.problem import Identity, Problem, Unsupported

__all__ = ["BestFound", "optimize"]

_SEARCH_TOLERANCE = 1e-7  # of the series during the search, relative to ignoring everything
_POLISH_TOLERANCE = 1e-11  # the same while polishing, where the series cannot reach rounding
_SEARCH_GRADIENT = 1e-6
_POLISH_GRADIENT = 1e-11  # about what rounding of the loss leaves of a quasi-Newton step
_SETTLED_GRADIENT = 1e-8
_POLISH_ROUNDS = 3
_SAME_TO_ROUNDING = 1e-12
_SAME_LOSS = 1e-6  # two starts found the same loss if they agree to this, relatively
_POLISHED = 3


@dataclass(frozen=True)
class BestFound:
    """The best arrangement that a number of starts led to.

    Attributes:
        W: weights, shape ``(m, n)``.
        b: biases, shape ``(n,)``.
        loss: expected loss there, by the series.
        error: bound on the error of ``loss``.
        gradient_norm: Euclidean norm of the gradient in ``W`` and ``b``.
        n_starts: number of starts.
        n_hits: how many starts ended within a relative 1e-6 of the best loss.
        status: what to make of it, in a sentence.
    """

    W: Floats
    b: Floats
    loss: float
    error: float
    gradient_norm: float
    n_starts: int
    n_hits: int
    status: str


def optimize(
    problem: Problem,
    *,
    n_starts: int = 50,
    seed: int = 0,
    callback: Callable[[int], None] | None = None,
) -> BestFound:
    """Search for the weights and biases of least expected loss.

    Args:
        problem: the problem; ReLU activation, numeric density and importance.
        n_starts: number of random starts, at least 1.
        seed: seed of the starts; the result depends on nothing else.
        callback: called after each start with its number.

    Returns:
        The best weights found.

    Raises:
        InputError: a number of starts below 1, a negative seed.
        Unsupported: an activation other than the ReLU (the best linear model is known in closed
            form).

    Example:
        >>> found = optimize(Problem(2, 1, sparsity="9/10"), n_starts=5)
        >>> f"{found.loss:.9f}"
        '0.003319484'

    Source: the model of Elhage et al. 2022, arXiv:2209.10652, section 2.
    """
    if isinstance(problem.activation, Identity):
        raise Unsupported(
            "activation=Identity(): the best linear model is known, see "
            "numerics.linear.best_linear_loss; optimize() takes ReLU()"
        )
    n_starts, seed = checked_count(n_starts, "n_starts", 1), checked_count(seed, "seed", 0)
    scale = ignore_everything_loss(problem)[0]
    n, m = problem.n_features, problem.n_hidden
    if scale == 0.0:
        return BestFound(
            np.zeros((m, n)),
            np.zeros(n),
            0.0,
            0.0,
            0.0,
            n_starts,
            n_starts,
            "every feature is always zero or has no importance: the loss is zero",
        )
    generator = np.random.default_rng(seed)
    ends: list[OptimizeResult] = []
    for start in range(n_starts):
        ends.append(_search(problem, _random_start(problem, generator), scale))
        if callback is not None:
            callback(start + 1)
    ends.sort(key=lambda end: float(end.fun))
    # the search saw a truncated series: only polished losses are compared
    best = min(
        (_polish(problem, end.x, scale) for end in ends[:_POLISHED]), key=lambda end: float(end.fun)
    )
    hits = sum(float(end.fun) <= float(best.fun) * (1 + _SAME_LOSS) for end in ends)
    return _finished(problem, best.x, n_starts, max(hits, 1))


def _random_start(problem: Problem, generator: np.random.Generator) -> Floats:
    """Columns of about unit length, small biases, none positive."""
    # a positive bias costs b^2 in every sample, 1/p times the scale of the rest: in the sparse
    # regime the first step of a search would leap to where every output is dead
    n, m = problem.n_features, problem.n_hidden
    weights = generator.normal(size=m * n) / np.sqrt(m)
    return np.concatenate([weights, -0.1 * np.abs(generator.normal(size=n))])


def _unpack(problem: Problem, point: Floats) -> tuple[Floats, Floats]:
    n, m = problem.n_features, problem.n_hidden
    return point[: m * n].reshape(m, n), point[m * n :]


def _search(problem: Problem, start: Floats, scale: float) -> OptimizeResult:
    """Minimise from one start, on a series just accurate enough."""

    def objective(point: Floats) -> tuple[float, Floats]:
        W, b = _unpack(problem, point)
        losses, _, by_W, by_b = batch_loss_and_gradient(
            problem, W[None], b[None], tolerance=_SEARCH_TOLERANCE * scale
        )
        gradient = np.concatenate([by_W[0].ravel(), by_b[0]])
        return float(losses[0]) / scale, gradient / scale

    options = {"maxiter": 1000, "maxcor": 20, "gtol": _SEARCH_GRADIENT, "ftol": 1e-12}
    return minimize(objective, start, jac=True, method="L-BFGS-B", options=options)


def _polish(problem: Problem, start: Floats, scale: float) -> OptimizeResult:
    """Minimise on to rounding level, on the loss at full accuracy."""
    within_reach = problem.n_features <= MAX_CONDITIONED
    tolerance = None if within_reach else _POLISH_TOLERANCE * scale

    def objective(point: Floats) -> tuple[float, Floats]:
        W, b = _unpack(problem, point)
        result = loss_and_gradient(problem, W, b, tolerance=tolerance)
        gradient = np.concatenate([result.gradient_W.ravel(), result.gradient_b])
        return result.loss / scale, gradient / scale

    options = {"maxiter": 500, "gtol": _POLISH_GRADIENT}
    end = minimize(objective, start, jac=True, method="BFGS", options=options)
    for _ in range(_POLISH_ROUNDS):  # rounding of the loss may stop a line search too early
        if np.abs(end.jac).max() <= _SETTLED_GRADIENT:
            break
        again = minimize(objective, end.x, jac=True, method="BFGS", options=options)
        if float(again.fun) > float(end.fun) * (1 + _SAME_TO_ROUNDING):
            break
        end = again
    return end


def _finished(problem: Problem, point: Floats, n_starts: int, n_hits: int) -> BestFound:
    W, b = _unpack(problem, point)
    result = loss_and_gradient(problem, W, b)
    norm = float(np.sqrt(np.sum(result.gradient_W**2) + np.sum(result.gradient_b**2)))
    status = f"best found: {n_hits} of {n_starts} starts reached this loss"
    if n_hits == 1 and n_starts > 1:
        status += "; only one did, try more starts"
    return BestFound(W, b, result.loss, result.error, norm, n_starts, n_hits, status)
