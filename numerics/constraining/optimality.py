r"""Residuals of an answer, computed from the definitions of the constraints.

The solver works in free variables with multipliers of its own. Here the gradient of the loss by
``(W, b)`` is set against the slopes of every active constraint, written out in ``(W, b)``; the
multipliers are those of the least squares problem with ``nu >= 0``,

.. math::
    \min_{\mu,\; \nu \ge 0} \; \lVert \nabla L + J_e^\top \mu + J_c^\top \nu \rVert_2 ,

so a multiplier of the wrong sign cannot help: it shows as a gradient that is left.

Source: Nocedal and Wright 2006, "Numerical Optimization", theorems 12.1 and 12.5.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import nnls

from numerics.basics.types import Floats, Ints
from numerics.constraining.constraints import Compiled
from numerics.constraining.curvature import Tangent, smallest_curvature
from numerics.constraining.definitions import Rows, largest_violation, rows_of
from numerics.constraining.tips import steepest_from_tip
from numerics.residuals import Residuals
from numerics.series import LossAndGradient
from theory.problem import Cyclic

__all__ = ["Optimality", "optimality_at"]

_ACTIVE = 1e-7  # slack of an inequality that counts as none
_EMPTY = 1e-6  # of singular values of W: the Gram matrix sees their squares
_RANK = 1e-9  # of singular values, relative to the largest


@dataclass(frozen=True)
class Optimality:
    """Residuals, with what they rest on.

    Attributes:
        residuals: of the answer.
        multipliers: of each equation and each active inequality, in units of the loss of ignoring
            everything, by name.
        downhill: change of ``(W, b)``, of length 1, along which the curvature is least; None where
            it was not computed, or there is no direction.
    """

    residuals: Residuals
    multipliers: dict[str, float]
    downhill: Floats | None


def optimality_at(
    compiled: Compiled,
    W: Floats,
    b: Floats,
    found: LossAndGradient,
    scale: float,
    *,
    curved: bool,
    tolerance: float = 0.0,
) -> Optimality:
    """Compute the residuals of an answer.

    Args:
        compiled: the problem with its constraints.
        W: weights.
        b: biases.
        found: loss and gradient there.
        scale: the unit of the loss.
        curved: whether to look at second derivatives.
        tolerance: of the loss while second derivatives are taken, absolute.

    Returns:
        Residuals, multipliers and the direction of least curvature.
    """
    gradient = np.concatenate([found.gradient_W.ravel(), found.gradient_b]) / scale
    tips = _tips(compiled, W)
    never = np.flatnonzero(compiled.reduction.column < 0).tolist()
    equal, above = rows_of(compiled.constraints, W, [*never, *tips])
    slack = above.values(W, b)
    active = np.flatnonzero(slack > -_ACTIVE)
    by_equal, by_above = equal.jacobian(W, b), above.jacobian(W, b, active)
    mu, nu = multipliers_of(gradient, by_equal, by_above)
    left = gradient + by_equal.T @ mu + by_above.T @ nu
    feasibility = largest_violation(compiled.constraints, W, b)
    stationarity = max(np.abs(left).max(initial=0.0), _steepest(compiled, W, tips, mu))
    complementarity = float(np.abs(nu * slack[active]).max(initial=0.0))
    curvature, downhill = None, None
    if curved:
        rows = np.concatenate([by_equal, by_above, _unturned(compiled, W)])
        bent = _bend(equal, above, active, W, b, mu, nu)
        tangent = Tangent.of(rows, W, turns=compiled.turns)
        curvature, downhill = smallest_curvature(
            compiled.problem, W, b, tangent, bent, scale, tolerance
        )
    names = (*equal.names, *(above.names[k] for k in active))
    shown = dict(zip(names, np.concatenate([mu, nu]).tolist(), strict=False))
    residuals = Residuals(feasibility, float(stationarity), complementarity, curvature)
    return Optimality(residuals, shown, downhill)


def multipliers_of(gradient: Floats, by_equal: Floats, by_above: Floats) -> tuple[Floats, Floats]:
    """Multipliers that cancel a gradient as well as their signs allow.

    Args:
        gradient: of the loss.
        by_equal: slopes of the equations, one row each; they may depend on each other.
        by_above: slopes of the active inequalities.

    Returns:
        Multipliers of the equations, and those of the inequalities, none negative.

    Example:
        >>> mu, nu = multipliers_of(np.array([-2.0, 3.0]), np.eye(2)[1:], np.eye(2)[:1])
        >>> mu.tolist(), nu.tolist()
        ([-3.0], [2.0])
    """
    nu: Floats = np.zeros(by_above.shape[0])
    if nu.size:
        _, sizes, basis = np.linalg.svd(by_equal, full_matrices=False)
        kept = basis[sizes > _RANK * sizes.max(initial=0.0)]
        rest = by_above - (by_above @ kept.T) @ kept
        nu += nnls(rest.T, -(gradient - kept.T @ (kept @ gradient)))[0]
    mu = np.linalg.lstsq(by_equal.T, -(gradient + by_above.T @ nu), rcond=_RANK)[0]
    return np.asarray(mu, dtype=np.float64), nu


def _tips(compiled: Compiled, W: Floats) -> list[int]:
    """Zero columns that might move, where a coherence between 0 and 1 has no slope."""
    if not compiled.coherence.count:
        return []
    return np.flatnonzero((compiled.reduction.column >= 0) & ~W.any(axis=0)).tolist()


def _steepest(compiled: Compiled, W: Floats, tips: list[int], mu: Floats) -> float:
    """Largest slope downhill from the zero columns; what holds them is minus the gradient."""
    forces = mu[mu.size - W.shape[0] * len(tips) :].reshape(len(tips), W.shape[0])
    columns = W[:, W.any(axis=0)]
    limit = compiled.coherence.limit
    slopes = (
        steepest_from_tip(force, columns, limit, non_negative=not compiled.turns)
        for force in forces
    )
    return max(slopes, default=0.0)


def _unturned(compiled: Compiled, W: Floats) -> Floats:
    """Rows that a change of ``W`` has to satisfy where one dimension is empty under a symmetry.

    To first order the Gram matrix does not see a new row ``y`` of ``W`` in an empty dimension, but
    ``y y^T`` has to be invariant: every circle turns ``y`` into itself or into ``-y``. With two
    empty dimensions any ``y`` has a partner that makes the sum invariant.

    Args:
        compiled: the constraints.
        W: weights.

    Returns:
        One row for each member of a circle; none where no single dimension is empty.
    """
    m, n = W.shape
    axes, sizes, _ = np.linalg.svd(W)
    rank = int(np.sum(sizes > _EMPTY * max(1.0, sizes.max(initial=0.0))))
    circles = [c for c in compiled.constraints if isinstance(c, Cyclic)] if rank == m - 1 else []
    found = np.zeros((sum(len(c.members) for c in circles), m * n + n))
    pairs = [(c.members[k], c.members[k - 2]) for c in circles for k in range(len(c.members))]
    for row, (i, j) in zip(found, pairs, strict=True):
        row[i : m * n : n] += axes[:, -1]
        row[j : m * n : n] -= axes[:, -1]
    return found


def _bend(
    equal: Rows, above: Rows, active: Ints, W: Floats, b: Floats, mu: Floats, nu: Floats
) -> Floats:
    """Second derivatives of the constraints, weighted; differences of exact slopes."""
    point, step = np.concatenate([W.ravel(), b]), 1e-5

    def slopes(x: Floats) -> Floats:
        there, bias = x[: W.size].reshape(W.shape), x[W.size :]
        by_equal, by_above = equal.jacobian(there, bias), above.jacobian(there, bias, active)
        return np.asarray(mu @ by_equal + nu @ by_above)

    if not mu.any() and not nu.any():
        return np.zeros((point.size, point.size))
    unit = step * np.eye(point.size)
    found = np.array([slopes(point + e) - slopes(point - e) for e in unit]) / (2.0 * step)
    return 0.5 * (found + found.T)
