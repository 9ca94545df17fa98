r"""Named arrangements that fit a problem, as floats to start a search from.

A fitting arrangement is a direct sum of dedicated features, antipodal pairs, regular polygons and
simplices that fills the hidden dimensions, or holds every feature; features left over are ignored.
An orthoplex is a sum of antipodal pairs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from theory.problem import Problem

if TYPE_CHECKING:
    from theory.arrangements import Arrangement

__all__ = ["fitting_parts", "named_starts"]

Floats = NDArray[np.float64]

_LARGEST_PART = 12  # features of a polygon or a simplex
_MOST_SUMS = 300  # that are looked at
_MOST_VARIABLES = 600  # a search with more is long, and starts from random weights alone
_SCALES = (1.0, 1.15)
_BIASES = (0.0, -0.1, -0.25)
_ROUGH = 1e-5  # tolerance of the losses that starts are ranked by


def fitting_parts(n_features: int, n_hidden: int) -> Iterator[tuple[tuple[str, int], ...]]:
    """List the direct sums of named parts that fit.

    Args:
        n_features: ``n``.
        n_hidden: ``m``.

    Yields:
        Parts as (kind, number of features): those of a sum that has no room for another one.

    Example:
        >>> [" + ".join(f"{kind} {k}" for kind, k in parts) for parts in fitting_parts(4, 2)]
        ['polygon 4', 'polygon 3', 'pair 2 + pair 2', 'pair 2 + dedicated 1',
         'dedicated 1 + dedicated 1']
    """
    most = min(n_features, _LARGEST_PART)
    parts = [(("polygon", k), 2) for k in range(most, 2, -1)]
    parts += [(("simplex", k), k - 1) for k in range(most, 3, -1)]
    parts += [(("pair", 2), 1), (("dedicated", 1), 1)]
    yield from _sums(parts, n_features, n_hidden)


def _sums(
    parts: list[tuple[tuple[str, int], int]], n_left: int, m_left: int
) -> Iterator[tuple[tuple[str, int], ...]]:
    """Sums of parts, each part no earlier in the list than the one before it."""
    if n_left == 0 or m_left == 0:
        yield ()
        return
    for k, (part, dimensions) in enumerate(parts):
        if part[1] <= n_left and dimensions <= m_left:
            for rest in _sums(parts[k:], n_left - part[1], m_left - dimensions):
                yield (part, *rest)


def named_starts(problem: Problem, at_most: int) -> list[tuple[Floats, Floats]]:
    """Give the most promising named arrangements, each at its best of a few scales and biases.

    The features that it costs most to ignore come first; the last ones are ignored.

    Args:
        problem: with numbers for density and importance.
        at_most: number of starts.

    Returns:
        ``(W, b)`` of each, by rising loss; none for a large problem.

    Example:
        >>> W, b = named_starts(Problem(2, 1, sparsity="9/10"), 1)[0]
        >>> W, b
        (array([[ 1., -1.]]), array([0., 0.]))
    """
    from numerics.basics.gram import gram_matrices
    from numerics.search.objective import Objective

    n, m = problem.n_features, problem.n_hidden
    if (m + 1) * n > _MOST_VARIABLES:
        return []
    objective = Objective(problem)
    if objective.scale == 0.0:
        return []
    order = np.argsort(-objective.constant_losses, kind="stable")
    units = np.array([
        _placed(parts, m, order) for parts in islice(fitting_parts(n, m), _MOST_SUMS)
    ])
    ignored = ~units.any(axis=1)
    grid = [(s, c) for s in _SCALES for c in _BIASES]
    W = np.concatenate([s * units for s, _ in grid])
    b = np.concatenate([np.where(ignored, objective.means, c) for _, c in grid])
    losses = objective.outputs(gram_matrices(W), b, _ROUGH)[0].sum(axis=1)
    table = losses.reshape(len(grid), len(units))
    best = np.argmin(table, axis=0)
    ranked = np.argsort(table.min(axis=0), kind="stable")[:at_most]
    return [(W[best[k] * len(units) + k], b[best[k] * len(units) + k]) for k in ranked]


def _placed(parts: tuple[tuple[str, int], ...], n_hidden: int, order: NDArray[np.intp]) -> Floats:
    """Parts along the diagonal, the most important features first."""
    W = np.zeros((n_hidden, order.size))
    row = column = 0
    for kind, count in parts:
        unit = _coordinates(kind, count)
        members = order[column : column + count]
        W[row : row + len(unit), members] = unit
        row, column = row + len(unit), column + count
    return W


@cache
def _coordinates(kind: str, count: int) -> Floats:
    """Unit columns, from the exact coordinates of the named arrangement."""
    from theory.arrangements import antipodal_pair, dedicated, regular_polygon, simplex

    make: dict[str, Callable[[], Arrangement]] = {
        "polygon": lambda: regular_polygon(count),
        "simplex": lambda: simplex(count),
        "pair": antipodal_pair,
        "dedicated": lambda: dedicated(1),
    }
    return np.array(make[kind]().coordinates.tolist(), dtype=np.float64)
