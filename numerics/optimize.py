r"""Best arrangements found from many starts, on the exact population loss.

Each start is followed down to a local minimum at rounding level (``numerics.search.tasks``); then
the best is perturbed and followed down again. The word is *best found*: nothing here proves that no
better arrangement exists, but the other local minima that were met are told, with their counts.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from numerics.basics.inputs import checked_count, weights_as_floats
from numerics.basics.types import Floats, Ints
from numerics.constrained import solve_from
from numerics.constraining.constraints import Compiled, compile_constraints
from numerics.linear import ignore_everything_loss
from numerics.residuals import Residuals
from numerics.search.landscape import LocalMinimum, distinct
from numerics.search.multistart import Ends, Plan, follow
from numerics.search.tasks import End
from numerics.series import expected_loss, loss_and_gradient
from theory.problem import Identity, InputError, Problem, Unsupported, checked_constraints

__all__ = ["BestFound", "LocalMinimum", "optimize"]

_SAME_LOSS = 1e-6  # two starts found the same loss if they agree to this, relatively
_ZERO_LOSS = 1e-10  # the same next to a loss of zero, in units of ignoring everything
_TIE = 1e-12  # losses that rounding does not tell apart, in the same units
_NOTHING = "every feature is always zero or has no importance: the loss is zero"
_ORIGINS = {
    "given": "a start that was handed in",
    "random": "random starts",
    "named": "a simple arrangement",
    "perturbed": "a changed copy of what another start led to",
}


@dataclass(frozen=True, eq=False)
class BestFound:
    """The best arrangement that a number of starts led to.

    Attributes:
        W: weights, shape ``(m, n)``.
        b: biases, shape ``(n,)``.
        loss: expected loss there, by the series.
        error: bound on the error of ``loss``.
        gradient_norm: Euclidean norm of the gradient in ``W`` and ``b``; with constraints, largest
            entry of the gradient of the Lagrangian.
        n_starts: number of random starts that were followed.
        n_hits: how many of them ended within a relative 1e-6 of the best loss.
        status: what to make of it, in a sentence.
        residuals: what is left of the conditions for a local minimum; None where not computed.
        landscape: the distinct ends of all starts, by rising loss.
        origin: where the best came from: ``"random"``, ``"given"``, ``"named"``, ``"perturbed"``.
    """

    W: Floats
    b: Floats
    loss: float
    error: float
    gradient_norm: float
    n_starts: int
    n_hits: int
    status: str
    residuals: Residuals | None = None
    landscape: tuple[LocalMinimum, ...] = ()
    origin: str = "random"


def optimize(
    problem: Problem,
    constraints: object = (),
    *,
    n_starts: int = 50,
    seed: int = 0,
    n_workers: int = 1,
    time_limit: float | None = None,
    starts: Iterable[object] = (),
    callback: Callable[[int], None] | None = None,
) -> BestFound:
    """Search for the weights and biases of least expected loss.

    Besides the random starts, those handed in are followed, simple arrangements that fit, and
    perturbed copies of the best.

    Args:
        problem: the problem; numeric density and importance.
        constraints: on the weights, one or a sequence, such as ``[UnitNorm(), NoBias()]``.
        n_starts: number of random starts, at least 1.
        seed: of the random starts; without a time limit the result depends on nothing else.
        n_workers: number of processes; the result does not depend on it.
        time_limit: seconds after which to stop with what there is; none when left out.
        starts: weights to start from besides: ``W`` of shape ``(m, n)`` or a pair ``(W, b)`` each.
        callback: called after each random start with its number.

    Returns:
        The best weights found; without constraints never worse than any of ``starts``.

    Raises:
        InputError: a number of starts or workers below 1, a negative seed, a time limit that is not
            positive, starts that do not fit, constraints that contradict each other.
        Unsupported: the identity activation (the best linear model is known in closed form), or a
            law without a gradient; constraints that go beyond what the solver takes.

    Example:
        >>> found = optimize(Problem(2, 1, sparsity="9/10"), n_starts=5)
        >>> f"{found.loss:.9f}", found.residuals.holds
        ('0.003319484', True)

    Source: the model of Elhage et al. 2022, arXiv:2209.10652, section 2.
    """
    if isinstance(problem.activation, Identity):
        raise Unsupported(
            "activation=Identity(): the best linear model is known, see "
            "numerics.linear.best_linear_loss; optimize() takes ReLU() and the others"
        )
    n_starts, seed = checked_count(n_starts, "n_starts", 1), checked_count(seed, "seed", 0)
    n_workers = checked_count(n_workers, "n_workers", 1)
    deadline = time.time() + _checked_limit(time_limit)
    given = [_checked_start(problem, start) for start in starts]
    checked = checked_constraints(constraints, problem.n_features)
    compiled = compile_constraints(problem, checked) if checked else None
    if ignore_everything_loss(problem)[0] == 0.0:
        return _nothing_to_find(problem, compiled, n_starts, seed)
    part, kept = _relevant(problem) if compiled is None else (problem, _all(problem))
    points = [np.concatenate([W[:, kept].ravel(), b[kept]]) for W, b in given]
    plan = Plan(part, compiled, points, n_starts, seed, n_workers, deadline, callback)
    return _Report(problem, kept, plan, follow(plan)).best_found()


def _checked_limit(time_limit: object) -> float:
    if time_limit is None:
        return np.inf
    if isinstance(time_limit, (int, float)) and not isinstance(time_limit, bool) and time_limit > 0:
        return float(time_limit)
    raise InputError(f"time_limit={time_limit!r}: must be a positive number of seconds, or None")


def _checked_start(problem: Problem, start: object) -> tuple[Floats, Floats]:
    if isinstance(start, tuple) and len(start) == 2:
        return weights_as_floats(problem, start[0], start[1])
    return weights_as_floats(problem, start, None)  # type: ignore[arg-type]


def _nothing_to_find(
    problem: Problem, compiled: Compiled | None, n_starts: int, seed: int
) -> BestFound:
    """The loss is zero for ``b = 0``, which every constraint on biases allows."""
    n, m = problem.n_features, problem.n_hidden
    W, b = np.zeros((m, n)), np.zeros(n)
    status, residuals = _NOTHING, Residuals(0.0, 0.0, 0.0, 0.0)
    if compiled is not None:
        end = solve_from(problem, compiled, np.random.default_rng(seed).normal(size=(m, n)), b)
        W, b, residuals = end.W, end.b, end.residuals
        status = _NOTHING if end.holds else f"{_NOTHING}; {', '.join(residuals.failing())}"
    n_hits = n_starts if residuals.holds else 0
    return BestFound(W, b, 0.0, 0.0, 0.0, n_starts, n_hits, status, residuals)


def _all(problem: Problem) -> Ints:
    return np.arange(problem.n_features)


def _relevant(problem: Problem) -> tuple[Problem, Ints]:
    """Leave out independent features that are never active or have no importance."""
    # such a feature is best ignored: given its value, the other outputs are those of a model
    # without it and with other biases, and one of these is no worse than their mean
    used = np.array([p != 0 for p in problem.densities]) & np.array([
        weight != 0 for weight in problem.importances
    ])
    if used.all() or not problem.is_independent:
        return problem, _all(problem)
    kept = np.flatnonzero(used)
    part = problem.replace(
        n_features=int(kept.size),
        density=[problem.densities[j] for j in kept],
        importance=[problem.importances[j] for j in kept],
    )
    return part, kept


class _Report:
    """The ends of a search as a result, with the features that were left out put back."""

    def __init__(self, problem: Problem, kept: Ints, plan: Plan, ends: Ends) -> None:
        self.problem, self.kept, self.plan, self.ends = problem, kept, plan, ends
        self.scale = ignore_everything_loss(problem)[0]

    def best_found(self) -> BestFound:
        """Choose the best, and say what it is."""
        if not self.ends.found:
            return self._unsearched()
        lowest = self.ends.best()
        # of equal ones the first that is settled, in the order in which they were run
        close = [item for item in self.ends.found if self._ties(item[1], lowest)]
        origin, best = min(close, key=lambda item: item[1].kind != "minimum")
        W, b = self._weights(best.point)
        result = loss_and_gradient(self.problem, W, b)
        gradient = np.concatenate([result.gradient_W.ravel(), result.gradient_b])
        residuals, norm = best.residuals, best.residuals.stationarity * self.scale
        if self.plan.compiled is None:
            largest, norm = float(np.abs(gradient).max()), float(np.sqrt(np.sum(gradient**2)))
            residuals = Residuals(0.0, largest / self.scale, 0.0, residuals.curvature)
        randoms = [end for start, end in self.ends.found if start == "random"]
        n_hits = sum(self._reaches(end, lowest) for end in randoms)
        return BestFound(
            W,
            b,
            result.loss,
            result.error,
            norm,
            len(randoms),
            n_hits,
            self._status(len(randoms), n_hits, origin, best, residuals),
            residuals,
            self._landscape(),
            origin,
        )

    @staticmethod
    def _ties(end: End, lowest: End) -> bool:
        feasible = (end.kind == "infeasible") == (lowest.kind == "infeasible")
        return feasible and end.value <= lowest.value + _TIE

    @staticmethod
    def _reaches(end: End, lowest: End) -> bool:
        limit = lowest.value + _SAME_LOSS * abs(lowest.value) + _ZERO_LOSS
        return end.kind != "infeasible" and end.value <= limit

    def _unsearched(self) -> BestFound:
        W, b = self._weights(self.ends.first)
        result = expected_loss(self.problem, W, b)
        status = (
            "the time limit ended the search before any start was followed; this is a start as it "
            "was: give it more time"
        )
        return BestFound(W, b, result.loss, result.error, np.inf, 0, 0, status)

    def _weights(self, point: Floats) -> tuple[Floats, Floats]:
        m, n = self.problem.n_hidden, self.problem.n_features
        W, b, count = np.zeros((m, n)), np.zeros(n), m * self.kept.size
        W[:, self.kept], b[self.kept] = point[:count].reshape(m, -1), point[count:]
        return W, b

    def _status(
        self, n_done: int, n_hits: int, origin: str, best: End, residuals: Residuals
    ) -> str:
        if best.kind == "infeasible":
            status = f"no weights that satisfy the constraints were found from {n_done} starts"
            return f"{status}; {', '.join(residuals.failing())}: loosen a constraint"
        status = f"best found: {n_hits} of {n_done} random starts reached this loss"
        if origin != "random":
            status += f"; it was found from {_ORIGINS[origin]}"
        if n_hits <= 1 < n_done:
            status += "; try more starts"
        if time.time() >= self.plan.deadline:
            status += (
                f"; the time limit ended the search after {n_done} of {self.plan.n_starts} random "
                "starts: give it more time"
            )
        if residuals.failing():
            status += "; not settled: " + ", ".join(residuals.failing())
        elif residuals.unchecked:
            status += "; the second-order condition was not checked"
        return status

    def _landscape(self) -> tuple[LocalMinimum, ...]:
        found = []
        for _, end in self.ends.found:
            if end.kind == "infeasible":
                continue
            W, b = self._weights(end.point)
            slope, curvature = end.residuals.stationarity, end.residuals.curvature
            loss = end.value * self.scale
            found.append(LocalMinimum(loss, 1, W, b, end.kind, slope, curvature))
        return tuple(distinct(self.problem, found, self.scale, self.plan.named_features))
