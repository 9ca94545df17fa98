"""All outputs of one or many models: compiled loops over rows, shared out among threads."""

from __future__ import annotations

import numpy as np

from numerics.basics.compiled import compiled
from numerics.basics.threads import share_out
from numerics.basics.types import Floats, Ints
from numerics.rows.branches import MAX_SORTED
from numerics.rows.row import evaluate_row

__all__ = ["evaluate_outputs"]


@compiled()
def _reaching(row: Floats) -> Ints:
    """Positions of the nonzero entries; largest modulus first where conditioning may be used."""
    positions = np.empty(row.size, np.int64)
    count = 0
    for j in range(row.size):
        if row[j] != 0.0:
            positions[count] = j
            count += 1
    if count <= MAX_SORTED:
        for k in range(1, count):
            moved, place = positions[k], k
            while place > 0 and abs(row[positions[place - 1]]) < abs(row[moved]):
                positions[place] = positions[place - 1]
                place -= 1
            positions[place] = moved
    return positions[:count]


@compiled()
def _gather(
    row: Floats, positions: Ints, p: Floats, q: Floats, i: int
) -> tuple[Floats, Floats, Floats, int]:
    """Entries, densities and sparsities of the features that reach output ``i``; its own place."""
    count = positions.size
    a, p_row, q_row = np.empty(count), np.empty(count), np.empty(count)
    own = -1
    for k in range(count):
        j = positions[k]
        a[k], p_row[k], q_row[k] = row[j], p[j], q[j]
        if j == i:
            own = k
    return a, p_row, q_row, own


@compiled(releases_lock=True)
def _fill(
    start: int,
    stop: int,
    gram: Floats,
    b: Floats,
    p: Floats,
    q: Floats,
    importance: Floats,
    tolerance: float,
    max_terms: int,
    few: int,
    with_gradient: bool,
    by_gram: Floats,
    results: Floats,
) -> None:
    """Evaluate rows ``start .. stop`` of the flattened batch."""
    count = p.size
    for row in range(start, stop):
        s, i = row // count, row % count
        weight = importance[i]
        if weight == 0.0:
            continue
        positions = _reaching(gram[s, i])
        a, p_row, q_row, own = _gather(gram[s, i], positions, p, q, i)
        by_a = np.zeros(a.size)
        allowed = tolerance / (count * weight)
        loss, error, by_b, by_own, slope_error, terms, route = evaluate_row(
            a, p_row, q_row, own, p[i], b[s, i], allowed, max_terms, few, with_gradient, by_a
        )
        results[s, i, 0], results[s, i, 1] = loss * weight, error * weight
        results[s, i, 2], results[s, i, 3] = terms, route
        if not with_gradient:
            continue
        results[s, i, 4], results[s, i, 5] = by_b * weight, slope_error * weight
        for j in range(count):  # x_j with a zero entry is independent of y_i
            by_gram[s, i, j] = 0.5 * p[j] * by_b * weight
        for k in range(a.size):
            by_gram[s, i, positions[k]] = by_a[k] * weight
        if own < 0:
            by_gram[s, i, i] = by_own * weight


def evaluate_outputs(
    gram: Floats,
    b: Floats,
    p: Floats,
    q: Floats,
    importance: Floats,
    tolerance: float,
    max_terms: int,
    few: int,
    *,
    with_gradient: bool,
) -> tuple[Floats, Floats]:
    """Evaluate every output of a batch of models.

    Args:
        gram: ``G``, shape ``(batch, n, n)``.
        b: biases, shape ``(batch, n)``.
        p: densities.
        q: sparsities.
        importance: importances.
        tolerance: truncation error allowed in each loss; 0 for a target near rounding.
        max_terms: most terms of the series.
        few: up to this many features, conditioning may replace the series.
        with_gradient: whether derivatives are wanted.

    Returns:
        ``dL/dG`` for unconstrained ``G``, shape ``(batch, n, n)`` (empty where not wanted), and
        shape ``(batch, n, 6)``: loss and error with importance, terms, route, the derivative by
        ``b``, and a bound on the error of every derivative of the row.
    """
    by_gram = np.zeros(gram.shape if with_gradient else (0, 0, 0))
    results = np.zeros((*b.shape, 6))

    def work(start: int, stop: int) -> None:
        _fill(
            start,
            stop,
            gram,
            b,
            p,
            q,
            importance,
            tolerance,
            max_terms,
            few,
            with_gradient,
            by_gram,
            results,
        )

    share_out(work, b.size, gram.size)
    return by_gram, results
