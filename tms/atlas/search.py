r"""Searches for the rows of the atlas: each from random starts and from its neighbours.

Besides random weights, a row is started from its neighbours in sparsity, from direct sums of two
smaller rows at the same sparsity (their losses add), from a smaller row with one feature more that
is ignored, from a larger row with one feature less, from the named arrangements, and from the row
that is there. A row is only ever replaced by a better one, so that searching again with another
seed improves the file.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from theory.problem import Problem
from tms.atlas.rows import Atlas, AtlasRow, Floats, Key

if TYPE_CHECKING:
    from numerics.search.tasks import End

__all__ = ["GRID", "improve", "keys_of"]

GRID = ("0", "0.3", "0.5", "0.7", "0.8", "0.9", "0.97", "0.99", "0.999")
"""Sparsities of the rows."""

_MOST_RANDOM, _FEWEST_RANDOM = 16, 2
_WORK = 5000  # random starts fall with the square of the number of variables
_SUMS, _NAMED, _COPIES = 2, 3, 2
_BETTER = 1e-12  # in units of ignoring everything

Start = tuple[Floats, Floats]


def keys_of(n_features: Sequence[int], n_hidden: Sequence[int], grid: Sequence[str]) -> list[Key]:
    """List the problems of a grid, small ones first.

    Args:
        n_features: numbers of features.
        n_hidden: numbers of hidden dimensions.
        grid: sparsities.

    Returns:
        Keys of rows.

    Example:
        >>> keys_of([2], [1], ["0.5"])
        [(2, 1, Fraction(1, 2))]
    """
    sizes = sorted(((n, m) for n in n_features for m in n_hidden), key=lambda at: (sum(at), at))
    return [(n, m, Fraction(s)) for n, m in sizes for s in grid]


def improve(atlas: Atlas, key: Key, seed: int) -> AtlasRow:
    """Search for a better row than the one that is there.

    Args:
        atlas: rows to start from.
        key: which problem.
        seed: of random starts.

    Returns:
        The better row, or the one that is there, with a lower bound of today.
    """
    from tms import __version__
    from tms.atlas import raised, row_of

    problem, known = Problem(key[0], key[1], sparsity=key[2]), atlas.get(key)
    search = _Search(problem, seed)
    search.follow([*_neighbours(atlas, key), *([] if known is None else [(known.W, known.b)])])
    best = search.best()
    gained = math.inf if known is None else known.loss - best.value * search.objective.scale
    if known is not None and gained <= _BETTER * search.objective.scale:
        return raised(known)
    found = f"{search.told()}, seed {seed}, version {__version__}"
    return row_of(problem, *search.objective.unpack(best.point), best.residuals, found)


class _Search:
    """Starts followed down for one problem."""

    def __init__(self, problem: Problem, seed: int) -> None:
        from numerics.search.objective import Objective

        self.problem, self.seed = problem, seed
        self.objective = Objective(problem)
        self.ends: list[End] = []

    def follow(self, given: list[Start]) -> None:
        """Follow random, given and named starts, then perturbed copies of the best."""
        from numerics.search.starts import generator_of, perturbed, random_start
        from tms.optima.named_starts import named_starts

        objective, pack = self.objective, self.objective.pack
        if self.problem.n_features <= self.problem.n_hidden:
            self._run([pack(*_dedicated(self.problem))])
            return
        n_random = min(max(round(_WORK / objective.size**2), _FEWEST_RANDOM), _MOST_RANDOM)
        starts = [pack(W, b) for W, b in [*given, *named_starts(self.problem, _NAMED)]]
        starts += [
            random_start(objective, k, generator_of(self.seed, 0, k)) for k in range(n_random)
        ]
        self._run(starts)
        best = self.best().point
        self._run([
            perturbed(objective, best, k, generator_of(self.seed, 1, k)) for k in range(_COPIES)
        ])  # fmt: skip

    def _run(self, points: list[Floats]) -> None:
        from numerics.search.tasks import Task, run

        tasks = [Task(self.problem, point, True, math.inf) for point in points]
        self.ends += [end for end in run(tasks, 1) if end is not None]

    def best(self) -> End:
        """The lowest end; of equal ones, a minimum."""
        low = min(end.value for end in self.ends) + _BETTER
        return min(
            (end for end in self.ends if end.value <= low), key=lambda end: end.kind != "minimum"
        )

    def told(self) -> str:
        """How many starts there were, and how many of them ended at the best."""
        near = self.best().value * (1 + 1e-6) + 1e-10
        return f"{sum(end.value <= near for end in self.ends)} of {len(self.ends)} starts"


def _dedicated(problem: Problem) -> Start:
    n, m = problem.n_features, problem.n_hidden
    return np.eye(m, n), np.zeros(n)


def _neighbours(atlas: Atlas, key: Key) -> Iterator[Start]:
    """Starts from other rows."""
    n, m, sparsity = key
    near = sorted(
        (row for row in atlas.values() if row.key[:2] == (n, m) and row.sparsity != sparsity),
        key=lambda row: abs(row.sparsity - sparsity),
    )
    yield from ((row.W, row.b) for row in near[:2])
    larger = atlas.get((n + 1, m, sparsity))
    if larger is not None:
        kept = np.sort(np.argsort(-np.sum(larger.W**2, axis=0), kind="stable")[:n])
        yield larger.W[:, kept], larger.b[kept]
    smaller = atlas.get((n - 1, m, sparsity))
    sums: list[tuple[float, Start]] = []
    if smaller is not None:
        mean = float(1 - sparsity) / 2
        variance = float(1 - sparsity) / 3 - mean**2
        start = np.pad(smaller.W, ((0, 0), (0, 1))), np.append(smaller.b, mean)
        sums.append((smaller.loss + variance, start))
    for n1 in range(1, n // 2 + 1):
        for m1 in range(1, m):
            first, second = atlas.get((n1, m1, sparsity)), atlas.get((n - n1, m - m1, sparsity))
            if first is not None and second is not None:
                sums.append((first.loss + second.loss, _summed(first, second)))
    sums.sort(key=lambda item: item[0])
    yield from (start for _, start in sums[:_SUMS])


def _summed(first: AtlasRow, second: AtlasRow) -> Start:
    m, n = (a + b for a, b in zip(first.W.shape, second.W.shape, strict=True))
    W = np.zeros((m, n))
    W[: first.n_hidden, : first.n_features] = first.W
    W[first.n_hidden :, first.n_features :] = second.W
    return W, np.concatenate([first.b, second.b])
