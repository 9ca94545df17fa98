r"""The steepest way down from a zero column, within the cone that coherences leave to it.

At ``w_i = 0`` the limit ``abs(w_i . w_j) <= c norm(w_i) norm(w_j)`` has no slope: the allowed
directions are a cone, ``abs(d . w_j) <= c norm(w_j)`` for ``norm(d) = 1``, which is not convex. A
linear function on the sphere has its maximum over such a set where some of the limits are
equalities and the rest of ``d`` points along the projection of the slope: finitely many candidates.

Source: own derivation.
"""

from __future__ import annotations

from itertools import combinations
from math import comb

import numpy as np

from numerics.basics.types import Floats

__all__ = ["steepest_from_tip"]

_MOST = 20_000  # sets of limits that are tried
_TOLERANCE = 1e-9


def steepest_from_tip(force: Floats, columns: Floats, limit: float, *, non_negative: bool) -> float:
    """Find the largest slope downhill over the directions that a zero column may take.

    Args:
        force: minus the gradient by the column, shape ``(m,)``.
        columns: the columns that are not zero, shape ``(m, k)``.
        limit: largest cosine in modulus.
        non_negative: whether entries may not be negative.

    Returns:
        The slope, 0 where no direction leads down; where there are too many limits to try all sets
        of them, the length of ``force``, which is no smaller.

    Example:
        >>> force = np.array([1.0, 0.0])
        >>> steepest_from_tip(force, np.eye(2)[:, :1], 0.5, non_negative=False)
        0.5
        >>> steepest_from_tip(force, np.eye(2)[:, :1], 0.0, non_negative=True)
        0.0
    """
    m = force.size
    size = float(np.linalg.norm(force))
    unit = columns.T / np.linalg.norm(columns, axis=0)[:, None]
    rows = np.concatenate([unit, -unit, -np.eye(m)[: m if non_negative else 0]])
    bounds = np.concatenate([np.full(2 * unit.shape[0], limit), np.zeros(m if non_negative else 0)])
    if sum(comb(rows.shape[0], k) for k in range(m)) > _MOST:
        return size
    best = 0.0
    for count in range(m):
        for chosen in combinations(range(rows.shape[0]), count):
            for direction in _candidates(force, rows[list(chosen)], bounds[list(chosen)]):
                if np.all(rows @ direction <= bounds + _TOLERANCE):
                    best = max(best, float(force @ direction))
    return best


def _candidates(force: Floats, rows: Floats, bounds: Floats) -> list[Floats]:
    """Unit vectors with ``rows d = bounds`` where ``force . d`` may be largest."""
    m = force.size
    base, free = np.zeros(m), np.eye(m)
    if bounds.size:
        _, sizes, basis = np.linalg.svd(rows)
        if sizes[-1] < _TOLERANCE:
            return []
        base, free = np.linalg.pinv(rows) @ bounds, basis[bounds.size :]
    room = 1.0 - float(base @ base)
    if room < 0.0:
        return []
    along = free.T @ (free @ force)
    length = float(np.linalg.norm(along))
    rest = along / length if length > 0.0 else free[0]
    ends = [base + np.sqrt(room) * rest]
    return [*ends, base - np.sqrt(room) * rest] if free.shape[0] == 1 else ends
