"""Many starts on several workers: which are followed, in which order, and what they reach."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import takewhile

import numpy as np

from numerics.basics.types import Floats
from numerics.canonical import same_arrangement
from numerics.constraining.constraints import Compiled
from numerics.search.objective import Objective
from numerics.search.starts import (
    exchanged,
    generator_of,
    named_starts,
    perturbed,
    random_start,
    tuned,
)
from numerics.search.tasks import End, Task, run
from theory.problem import Problem

__all__ = ["Ends", "Plan", "follow"]

_RANDOM, _PERTURBED, _EXCHANGED = 0, 1, 2  # stages, for the random numbers
_ROUNDS = 2  # of perturbed copies of the best that have to bring nothing before they end
_MOST_ROUNDS = 12
_MOST_ROUNDS_LARGE = 3
_COPIES = 5  # in each round, one for so many random starts, and as many exchanges
_BETTER = 1e-7  # what counts as better, in units of ignoring everything
_POLISHED = 5  # kinds of ends that are followed to rounding level where it is dear, the best ones
_POLISHED_LARGE = 1200  # with some hundred variables: as many kinds as hold so many variables
_HOPPED = 2000  # variables up to which more than random starts is followed
_LARGE = 300  # variables; a descent takes half a minute from there on
_ROUGH = 1e-5  # tolerance of the losses that starts are ranked by
_ALIKE = 1e-5  # losses of ends of one kind
_NEAR = 3e-2  # Gram entries and biases of ends of one kind


@dataclass(frozen=True)
class Plan:
    """What to search, and with what.

    Attributes:
        problem: the problem.
        compiled: constraints, None without any.
        given: starts that were handed in, ``(W, b)`` in one vector each.
        n_starts: number of random starts.
        seed: of the random numbers.
        n_workers: number of processes.
        deadline: when to stop, by ``time.time``.
        callback: called after each random start with its number.
    """

    problem: Problem
    compiled: Compiled | None
    given: list[Floats]
    n_starts: int
    seed: int
    n_workers: int
    deadline: float
    callback: Callable[[int], None] | None

    @property
    def named_features(self) -> tuple[int, ...]:
        """Features that a constraint names, which makes them unlike the others."""
        if self.compiled is None:
            return ()
        return tuple({j for constraint in self.compiled.constraints for j in constraint.features})


@dataclass
class Ends:
    """What the starts reached, each with where it came from, in the order they were run.

    Attributes:
        found: origins and ends.
        first: the first start, as it was.
    """

    first: Floats
    found: list[tuple[str, End]] = field(default_factory=list)

    def best(self) -> End:
        """The lowest, of those that are feasible if any is."""
        return min((end for _, end in self.found), key=lambda e: (e.kind == "infeasible", e.value))


def follow(plan: Plan) -> Ends:
    """Follow every start, then perturbed copies of the best.

    Args:
        plan: what to search.

    Returns:
        The ends of all starts that had time to begin.
    """
    return _Search(plan).run()


class _Search:
    """A plan under way."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.objective = plan, Objective(plan.problem)
        self.is_small = self.objective.size <= _HOPPED
        self.is_large = self.objective.size > _LARGE
        self.polish_all = self.objective.reaches_rounding
        self.ends = Ends(plan.given[0] if plan.given else next(self.random()))

    def random(self) -> Iterator[Floats]:
        """The random starts, each made when it is its turn."""
        for k in range(self.plan.n_starts):
            start = random_start(self.objective, k, generator_of(self.plan.seed, _RANDOM, k))
            yield tuned(self.objective, start) if self.is_large else start

    def named(self) -> list[Floats]:
        """Simple arrangements; where a descent is dear, as many as random starts, the lowest."""
        listed = named_starts(self.objective)
        if not self.is_large:
            return listed
        lowest = sorted(
            (tuned(self.objective, start) for start in listed),
            key=lambda start: self.objective.value(start, _ROUGH)[0],
        )
        return lowest[: self.plan.n_starts]

    def run(self) -> Ends:
        """All stages."""
        self.stage("given", self.plan.given)
        self.stage("random", self.random())
        if self.is_small:
            self.stage("named", self.named())
            self.hop()
        if not self.polish_all and self.plan.compiled is None:
            self.polish()
        return self.ends

    def tasks(self, points: Iterable[Floats], *, polish: bool) -> Iterator[Task]:
        """Points as tasks."""
        plan = self.plan
        return (Task(plan.problem, at, polish, plan.deadline, plan.compiled) for at in points)

    def stage(self, origin: str, points: Iterable[Floats]) -> None:
        """Follow some points to where they lead, as long as there is time."""
        in_time = takewhile(lambda _: time.time() < self.plan.deadline, points)
        ends = run(self.tasks(in_time, polish=self.polish_all), self.plan.n_workers)
        for k, end in enumerate(ends):
            if end is None:
                continue
            self.ends.found.append((origin, end))
            if self.plan.callback is not None and origin == "random":
                self.plan.callback(k + 1)

    def hop(self) -> None:
        """Follow perturbed copies of the best, until that brings nothing any more."""
        least, rounds = (1, _MOST_ROUNDS_LARGE) if self.is_large else (2, _MOST_ROUNDS)
        seed, count, idle = self.plan.seed, max(-(-self.plan.n_starts // _COPIES), least), 0
        for r in range(rounds):
            if idle == _ROUNDS or time.time() >= self.plan.deadline or not self.ends.found:
                return
            best = self.ends.best()
            copies = [
                perturbed(self.objective, best.point, k, generator_of(seed, _PERTURBED, k))
                for k in range(r * count, (r + 1) * count)
            ]
            if idle == 0:  # else they are known
                generator = generator_of(seed, _EXCHANGED, r)
                copies += exchanged(self.objective, best.point, count, generator)
            self.stage("perturbed", copies)
            idle = 0 if self.ends.best().value < best.value - _BETTER else idle + 1

    def polish(self) -> None:
        """Follow the best kinds of ends to rounding level; what one reaches, its likes reach."""
        most = max(_POLISHED_LARGE // self.objective.size, 1) if self.is_large else _POLISHED
        found = self.ends.found
        kinds = self.kinds(most if self.is_small else 1)
        tasks = self.tasks([found[kind[0]][1].point for kind in kinds], polish=True)
        for kind, end in zip(kinds, run(tasks, self.plan.n_workers), strict=True):
            if end is None:
                continue
            for k in kind:
                found[k] = found[k][0], end

    def kinds(self, most: int) -> list[list[int]]:
        """The ends of each of the lowest kinds, the lowest first; like ones are one kind."""
        ends = [end for _, end in self.ends.found]
        kinds: list[list[int]] = []
        for k in np.argsort([end.value for end in ends], kind="stable").tolist():
            for kind in kinds:
                if self.are_alike(ends[kind[0]], ends[k]):
                    kind.append(k)
                    break
            else:
                if len(kinds) == most:
                    break
                kinds.append([k])
        return kinds

    def are_alike(self, first: End, second: End) -> bool:
        """Whether two ends look like one."""
        if abs(first.value - second.value) > _ALIKE:
            return False
        parts = [self.objective.unpack(end.point) for end in (first, second)]
        return same_arrangement(self.plan.problem, parts[0], parts[1], tolerance=_NEAR)
