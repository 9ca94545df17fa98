r"""One start of a search, and many of them on several workers.

A start is followed down by a quasi-Newton descent on a series just accurate enough, then by
Newton's method to rounding level. Every start is a task of its own, whose result depends on nothing
but the task, so that the number of workers changes nothing; linear algebra runs on one thread, for
the order of its sums would depend on their number.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice

import joblib
import numpy as np
from threadpoolctl import threadpool_limits

from numerics.basics.descent import descend
from numerics.basics.types import Floats
from numerics.constrained import solve_from
from numerics.constraining.constraints import Compiled
from numerics.residuals import Residuals
from numerics.search.newton import LARGEST, Settled, settle
from numerics.search.objective import Objective
from theory.problem import Problem

__all__ = ["End", "Task", "run"]

_SEARCH = 1e-7  # tolerance of the series where conditioning takes over from it, else
_LOOSE = 1e-5
_FINE = 1e-8  # where the problem is too large for a Hessian; below, the series is far longer
_STEPS = 1500
_FINE_STEPS, _FEWEST_FINE = 2_000_000, 300  # the first is steps times variables
_REVIVALS = 3


@dataclass(frozen=True)
class Task:
    """One start.

    Attributes:
        problem: the problem.
        point: ``(W, b)`` in one vector.
        polish: whether to go on to rounding level.
        deadline: when to stop, by ``time.time``.
        compiled: constraints, None without any.
    """

    problem: Problem
    point: Floats
    polish: bool
    deadline: float
    compiled: Compiled | None = None


@dataclass(frozen=True)
class End:
    """Where a start ended; loss and residuals in units of ignoring everything.

    Attributes:
        point: ``(W, b)`` in one vector.
        value: the loss.
        residuals: of the conditions for a local minimum.
        kind: ``"minimum"``, ``"saddle"``, ``"unsettled"`` where the conditions do not hold or were
            not checked, or ``"infeasible"``.
        in_time: whether it ended by itself.
    """

    point: Floats
    value: float
    residuals: Residuals
    kind: str
    in_time: bool


def run(tasks: Iterable[Task], n_workers: int) -> Iterator[End | None]:
    """Follow all starts down.

    Args:
        tasks: the starts, taken one after the other as there is a worker free.
        n_workers: number of processes; 1 for this one.

    Yields:
        The ends in the order of the tasks; None for a task that had no time to begin.
    """
    rest = iter(tasks)
    head = list(islice(rest, 2))
    if n_workers == 1 or len(head) < 2:
        yield from map(_follow, chain(head, rest))
        return
    pool = joblib.Parallel(n_jobs=n_workers, backend="loky", return_as="generator")
    yield from pool(joblib.delayed(_follow)(task) for task in chain(head, rest))


def _follow(task: Task) -> End | None:
    if time.time() >= task.deadline:
        return None
    with threadpool_limits(limits=1):
        objective = Objective(task.problem)
        if task.compiled is not None:
            return _constrained(objective, task, task.compiled)
        return _followed(objective, task)


def _constrained(objective: Objective, task: Task, compiled: Compiled) -> End:
    seconds = task.deadline - time.time()
    limit = max(seconds, 1e-3) if np.isfinite(seconds) else None
    found = solve_from(task.problem, compiled, *objective.unpack(task.point), time_limit=limit)
    kind = "infeasible" if found.status == "infeasible" else "unsettled"
    if found.holds:
        kind = "unsettled" if found.residuals.unchecked else "minimum"
    point, value = objective.pack(found.W, found.b), found.loss / objective.scale
    return End(point, value, found.residuals, kind, found.status != "time limit")


def _followed(objective: Objective, task: Task) -> End:
    def expired() -> bool:
        return time.time() >= task.deadline

    point = _stirred(objective, objective.revived(task.point))
    for _ in range(_REVIVALS):
        point, value, slopes = _descent(objective, point, task)
        settled = Settled(point, value, slopes, None, 0)
        if task.polish and objective.size <= LARGEST:
            settled = settle(objective, point, expired=expired)
        point = objective.revived(settled.point)
        if expired() or point is settled.point:
            break
    residuals = Residuals(0.0, float(np.abs(settled.slopes).max()), 0.0, settled.curvature)
    return End(settled.point, settled.value, residuals, settled.kind, not expired())


def _descent(objective: Objective, point: Floats, task: Task) -> tuple[Floats, float, Floats]:
    """Descend on a series that is first loose and, where nothing follows, then fine."""
    stages = [(_SEARCH if objective.reaches_rounding else _LOOSE, 1e-6, 1e-12, _STEPS)]
    if objective.size > LARGEST:
        most = max(_FINE_STEPS // objective.size, _FEWEST_FINE)
        fine = [(_FINE, 1e-8, 1e-13, most)] if task.polish else []
        stages = [(_LOOSE, 1e-6, 1e-8, _STEPS), *fine]
    for tolerance, settled, stalled, most in stages:

        def function(at: Floats, tolerance: float = tolerance) -> tuple[float, Floats]:
            if time.time() >= task.deadline:  # no step is taken any more, and the descent ends
                return np.inf, np.zeros_like(at)
            return objective.value(at, tolerance)

        value, slopes = objective.value(point, tolerance)
        if time.time() < task.deadline:
            end = descend(function, point, max_steps=most, settled=settled, stalled=stalled)
            point, value, slopes = end.point, end.value, end.slopes
    return point, value, slopes


def _stirred(objective: Objective, point: Floats) -> Floats:
    """Leave a start at which the gradient is zero in all directions, such as ``W = 0``."""
    W, b = objective.unpack(point)
    if W.any() and objective.value(point, _SEARCH)[1].any():
        return point
    generator = np.random.default_rng(0)
    return objective.pack(W + 0.1 * generator.normal(size=W.shape), b)
