r"""Best arrangements found from many starts, on the exact population loss.

Each start is followed down to a local minimum at rounding level (``numerics.search``); then the
best is perturbed and followed down again. The word is *best found*: nothing here proves that no
better arrangement exists, but the other local minima that were met are told, with their counts.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from numerics.inputs import checked_count, weights_as_floats
from numerics.landscape import LocalMinimum, distinct
from numerics.linear import ignore_everything_loss
from numerics.newton import LARGEST
from numerics.objective import Objective
from numerics.residuals import Residuals
from numerics.search import EVERY, End, Task, run
from numerics.series import loss_and_gradient
from numerics.starts import generator_of, named_starts, perturbed, random_start
from numerics.types import Floats, Ints
from theory.problem import Identity, InputError, Problem, Unsupported

__all__ = ["BestFound", "LocalMinimum", "optimize"]

_SAME_LOSS = 1e-6  # two starts found the same loss if they agree to this, relatively
_ZERO_LOSS = 1e-10  # the same next to a loss of zero, in units of ignoring everything
_TIE = 1e-12  # losses that rounding does not tell apart, in the same units
_POLISHED = 4  # ends that are followed to rounding level where it is dear
_ROUNDS = 2  # of perturbed copies of the best
_COPIES = 5  # in each round, one for so many random starts
_RANDOM, _PERTURBED = 0, 1  # stages, for the random numbers
_ORIGINS = {
    "given": "a start that was handed in",
    "random": "random starts",
    "named": "a simple arrangement",
    "perturbed": "a perturbed copy of another end",
}


@dataclass(frozen=True, eq=False)
class BestFound:
    """The best arrangement that a number of starts led to.

    Attributes:
        W: weights, shape ``(m, n)``.
        b: biases, shape ``(n,)``.
        loss: expected loss there, by the series.
        error: bound on the error of ``loss``.
        gradient_norm: Euclidean norm of the gradient in ``W`` and ``b``.
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
        n_starts: number of random starts, at least 1.
        seed: of the random starts; without a time limit the result depends on nothing else.
        n_workers: number of processes; the result does not depend on it.
        time_limit: seconds after which to stop with what there is; none when left out.
        starts: weights to start from besides: ``W`` of shape ``(m, n)`` or a pair ``(W, b)`` each.
        callback: called after each random start with its number.

    Returns:
        The best weights found, never worse than any of ``starts``.

    Raises:
        InputError: a number of starts or workers below 1, a negative seed, a time limit that is not
            positive, starts that do not fit.
        Unsupported: the identity activation (the best linear model is known in closed form), or a
            law without a gradient.

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
    if ignore_everything_loss(problem)[0] == 0.0:
        return _nothing_to_find(problem, n_starts)
    part, kept = _relevant(problem)
    search = _Search(part, n_starts, seed, n_workers, deadline, callback)
    search.follow([np.concatenate([W[:, kept].ravel(), b[kept]]) for W, b in given])
    return search.finished(problem, kept)


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


def _nothing_to_find(problem: Problem, n_starts: int) -> BestFound:
    n, m = problem.n_features, problem.n_hidden
    status = "every feature is always zero or has no importance: the loss is zero"
    W, b = np.zeros((m, n)), np.zeros(n)
    return BestFound(W, b, 0.0, 0.0, 0.0, n_starts, n_starts, status, Residuals(0.0, 0.0, 0.0, 0.0))


def _relevant(problem: Problem) -> tuple[Problem, Ints]:
    """Leave out independent features that are never active or have no importance."""
    # such a feature is best ignored: given its value, the other outputs are those of a model
    # without it and with other biases, and one of these is no worse than their mean
    used = np.array([p != 0 for p in problem.densities]) & np.array([
        weight != 0 for weight in problem.importances
    ])
    if used.all() or not problem.is_independent:
        return problem, np.arange(problem.n_features)
    kept = np.flatnonzero(used)
    part = problem.replace(
        n_features=int(kept.size),
        density=[problem.densities[j] for j in kept],
        importance=[problem.importances[j] for j in kept],
    )
    return part, kept


class _Search:
    """All ends of one search, by where they started."""

    def __init__(
        self,
        problem: Problem,
        n_starts: int,
        seed: int,
        n_workers: int,
        deadline: float,
        callback: Callable[[int], None] | None,
    ) -> None:
        self.problem, self.n_starts, self.seed = problem, n_starts, seed
        self.n_workers, self.deadline, self.callback = n_workers, deadline, callback
        self.objective = Objective(problem)
        self.polish_all = self.objective.size <= EVERY
        self.ends: list[tuple[str, End]] = []
        self.fallback: Floats = np.zeros(self.objective.size)

    def follow(self, given: list[Floats]) -> None:
        """Follow every start, then perturbed copies of the best."""
        objective = self.objective
        random = [
            random_start(objective, k, generator_of(self.seed, _RANDOM, k))
            for k in range(self.n_starts)
        ]
        small = objective.size <= LARGEST
        named = named_starts(objective) if small else []
        self.fallback = (given + random)[0]
        self._run("given", given)
        self._run("random", random)
        self._run("named", named)
        for r in range(_ROUNDS if small else 0):
            if not self.ends:
                return
            best, count = self._ranked()[0][1].settled.point, -(-self.n_starts // _COPIES)
            copies = [
                perturbed(objective, best, k, generator_of(self.seed, _PERTURBED, k))
                for k in range(r * count, (r + 1) * count)
            ]
            self._run("perturbed", copies)
        if not self.polish_all:
            self._polish()

    def _run(self, origin: str, points: list[Floats]) -> None:
        tasks = [Task(self.problem, point, self.polish_all, self.deadline) for point in points]
        if not tasks:
            return
        for k, end in enumerate(run(tasks, self.n_workers)):
            if end is not None:
                self.ends.append((origin, end))
                if self.callback is not None and origin == "random":
                    self.callback(k + 1)

    def _ranked(self) -> list[tuple[str, End]]:
        return sorted(self.ends, key=lambda item: item[1].settled.value)

    def _polish(self) -> None:
        """Follow the best ends of different losses to rounding level, in their places."""
        chosen: list[int] = []
        most = _POLISHED if self.objective.size <= LARGEST else 1
        for k in np.argsort([end.settled.value for _, end in self.ends], kind="stable"):
            value = self.ends[k][1].settled.value
            seen = [self.ends[j][1].settled.value for j in chosen]
            if all(abs(value - other) > 1e-6 for other in seen) and len(chosen) < most:
                chosen.append(int(k))
        points = [self.ends[k][1].settled.point for k in chosen]
        tasks = [Task(self.problem, point, True, self.deadline) for point in points]
        for k, end in zip(chosen, run(tasks, self.n_workers), strict=True):
            if end is not None:
                self.ends[k] = self.ends[k][0], end

    def finished(self, problem: Problem, kept: Ints) -> BestFound:
        """Choose the best, and say what it is."""
        return _finished(self, problem, kept)


def _finished(search: _Search, problem: Problem, kept: Ints) -> BestFound:
    objective, ends = search.objective, search.ends
    if not ends:
        point, origin, curvature, lowest = search.fallback, "given", None, np.inf
    else:
        ranked = search._ranked()
        lowest = ranked[0][1].settled.value
        # of equal ones the first that is settled, in the order in which they were run
        close = [item for item in ends if item[1].settled.value <= lowest + _TIE]
        origin, best = min(close, key=lambda item: item[1].kind != "minimum")
        point, curvature = best.settled.point, best.settled.curvature
    W, b = _embedded(problem, kept, *objective.unpack(point))
    result = loss_and_gradient(problem, W, b)
    gradient = np.concatenate([result.gradient_W.ravel(), result.gradient_b])
    residuals = Residuals(0.0, float(np.abs(gradient).max()) / objective.scale, 0.0, curvature)
    reached = lowest + _SAME_LOSS * abs(lowest) + _ZERO_LOSS
    randoms = [end for start, end in ends if start == "random"]
    n_hits = sum(end.settled.value <= reached for end in randoms)
    in_time = time.time() < search.deadline
    return BestFound(
        W,
        b,
        result.loss,
        result.error,
        float(np.sqrt(np.sum(gradient**2))),
        len(randoms),
        n_hits,
        _status(search, len(randoms), n_hits, origin, residuals, in_time=in_time),
        residuals,
        _landscape(search, problem, kept),
        origin,
    )


def _embedded(problem: Problem, kept: Ints, W: Floats, b: Floats) -> tuple[Floats, Floats]:
    """Put the features that were left out back, ignored."""
    weights, bias = np.zeros((problem.n_hidden, problem.n_features)), np.zeros(problem.n_features)
    weights[:, kept], bias[kept] = W, b
    return weights, bias


def _status(
    search: _Search, n_done: int, n_hits: int, origin: str, residuals: Residuals, *, in_time: bool
) -> str:
    if not search.ends:
        return (
            "the time limit ended the search before any start was followed; this is a start as it "
            "was: give it more time"
        )
    status = f"best found: {n_hits} of {n_done} starts reached this loss"
    if origin != "random":
        status += f"; found from {_ORIGINS[origin]}"
    if n_hits <= 1 < n_done:
        status += "; " + ("only one did, " if n_hits else "none did, ") + "try more starts"
    if not in_time:
        status += (
            f"; the time limit ended the search after {n_done} of {search.n_starts} random starts: "
            "give it more time"
        )
    failing = residuals.failing()
    if failing:
        status += "; not settled: " + ", ".join(failing)
    elif residuals.curvature is None:
        status += "; the second-order condition was not checked"
    return status


def _landscape(search: _Search, problem: Problem, kept: Ints) -> tuple[LocalMinimum, ...]:
    scale = search.objective.scale
    found = []
    for _, end in search.ends:
        settled = end.settled
        W, b = _embedded(problem, kept, *search.objective.unpack(settled.point))
        largest = float(np.abs(settled.slopes).max(initial=0.0))
        loss = settled.value * scale
        found.append(LocalMinimum(loss, 1, W, b, end.kind, largest, settled.curvature))
    return tuple(distinct(problem, found, scale))
