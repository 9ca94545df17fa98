r"""Points that satisfy the constraints, near a start.

Columns are scaled where their norms are given or too large; what is left is a nonlinear system of
equations and inequalities, solved by least squares within the bounds.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import least_squares, minimize

from numerics.basics.symmetric import eigenpairs
from numerics.basics.types import Floats
from numerics.constraining.constraints import Compiled
from numerics.constraining.reduced_loss import ReducedLoss
from theory.problem import Cyclic, NormBudget, UnitNorm

__all__ = ["nearest_feasible", "violation"]

_DENSE = 600  # variables up to which Jacobians are formed
_ENOUGH = 1e-11
_SHAKEN = (0.1, 0.3, 1.0, 3.0, 3.0, 3.0, 3.0)  # sizes of random moves of further tries
_MEANS = 200  # over several circles in turn, which converges
_SAME = 1e-9  # eigenvalues, relative to the largest
_TINY = 1e-300
_SHORT = 1e-6  # columns below this have no direction to keep


def violation(compiled: Compiled, z: Floats) -> float:
    """The largest violation of an equation or an inequality in free variables."""
    equal, above = compiled.values(z)
    return float(max(np.abs(equal).max(initial=0.0), above.max(initial=0.0)))


def nearest_feasible(compiled: Compiled, W: Floats, b: Floats, loss: ReducedLoss) -> Floats:
    """Move weights to where the constraints hold, if that can be done.

    Args:
        compiled: the constraints.
        W: weights to start from.
        b: biases to start from.
        loss: keeps the time.

    Returns:
        Free variables within their bounds; of several tries the one with the least violation.
    """
    circles = [c for c in compiled.constraints if isinstance(c, Cyclic)]
    W = _symmetrised(W, circles) if circles else W
    best = _scaled(compiled, compiled.reduction.restrict(W, b))
    if not compiled.has(UnitNorm):
        return best  # small weights always do; least squares would make them smaller and smaller
    best = _restored(compiled, best)
    generator = np.random.default_rng(0)
    for shaken in _SHAKEN:
        if violation(compiled, best) <= _ENOUGH:
            break
        loss.look_at_the_clock()
        # a start on an axis of symmetry may have no way out
        moved = best + shaken * generator.normal(size=best.size)
        again = _restored(compiled, _scaled(compiled, moved))
        best = min(best, again, key=lambda z: violation(compiled, z))
    return best


def _symmetrised(W: Floats, circles: list[Cyclic]) -> Floats:
    """Weights whose Gram matrix is invariant: the nearest part of its mean over the circles."""
    gram, m = W.T @ W, W.shape[0]
    for _ in range(1 if len(circles) == 1 else _MEANS):
        for circle in circles:
            gram = _mean_over(gram, circle)
    sizes, vectors = eigenpairs(gram)
    edges = np.flatnonzero(np.diff(sizes) > _SAME * max(sizes[-1], _TINY)) + 1
    spaces = np.split(np.arange(sizes.size), edges)
    # an eigenspace is taken or left as a whole: the best selection that m dimensions hold
    best: list[tuple[float, list[int]]] = [(0.0, [])] * (m + 1)
    for space in spaces:
        gain, width = float(sizes[space].sum()), space.size
        for room in range(m, width - 1, -1):
            total, chosen = best[room - width]
            if total + gain > best[room][0]:
                best[room] = (total + gain, [*chosen, *space.tolist()])
    chosen = best[m][1]
    found = np.zeros_like(W)
    found[: len(chosen)] = (np.sqrt(np.maximum(sizes[chosen], 0.0)) * vectors[:, chosen]).T
    return found


def _mean_over(gram: Floats, circle: Cyclic) -> Floats:
    """The mean of a Gram matrix over the turns of a circle."""
    members = list(circle.members)
    total, order = np.zeros_like(gram), np.arange(gram.shape[0])
    for _ in members:
        total += gram[np.ix_(order, order)]
        order[members] = np.roll(order[members], 1)
    return total / len(members)


def _scaled(compiled: Compiled, z: Floats) -> Floats:
    """Unit columns, or columns within the budget; directions for columns that have none."""
    z = np.clip(z, compiled.lower, compiled.upper)
    columns = compiled.reduction.columns(z).copy()
    norms = np.linalg.norm(columns, axis=0)
    generator = np.random.default_rng(0)
    fresh = generator.normal(size=columns.shape)
    if not compiled.turns:
        fresh = np.abs(fresh)
    if compiled.has(UnitNorm):
        columns = np.where(norms < _SHORT, fresh, columns)
        columns = columns / np.linalg.norm(columns, axis=0)
    elif columns.size and not columns.any():  # the gradient vanishes where all columns do
        columns = 0.3 * fresh / np.sqrt(columns.shape[0])
    if compiled.has(NormBudget) and compiled.budgets.count:
        spent = compiled.budgets.values(columns.T @ columns)[0]
        total = compiled.budgets.constant[0]
        if spent > 0.0:
            columns = columns * np.sqrt(total / (total + spent))
    return np.concatenate([columns.ravel(), z[columns.size :]])


def _restored(compiled: Compiled, z: Floats) -> Floats:
    if violation(compiled, z) <= _ENOUGH:
        return z
    if z.size <= _DENSE:
        return _by_least_squares(compiled, z)

    def squares(x: Floats) -> tuple[float, Floats]:
        equal, above = compiled.values(x)
        over = np.maximum(above, 0.0)
        return 0.5 * float(equal @ equal + over @ over), compiled.gradient(x, equal, over)

    options = {"maxiter": 2000, "gtol": 1e-13, "ftol": 0.0}
    bounds = list(zip(compiled.lower, compiled.upper, strict=True))
    return minimize(squares, z, jac=True, method="L-BFGS-B", bounds=bounds, options=options).x


def _by_least_squares(compiled: Compiled, z: Floats) -> Floats:
    count = compiled.n_equations

    def values(x: Floats) -> Floats:
        equal, above = compiled.values(x)
        return np.concatenate([equal, np.maximum(above, 0.0)])

    def slopes(x: Floats) -> Floats:
        found = compiled.jacobian(x)
        found[count:][compiled.values(x)[1] <= 0.0] = 0.0
        return found

    inside = np.clip(z, compiled.lower, compiled.upper)
    bounds = compiled.lower, compiled.upper
    return least_squares(
        values, inside, slopes, bounds, xtol=1e-15, ftol=1e-15, gtol=1e-15, max_nfev=200
    ).x
