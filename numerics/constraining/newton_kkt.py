r"""Newton's method on the first-order conditions, to rounding level.

Inequalities and bounds are active where ``nu_k + c_k > 0``; then

.. math::
    \begin{pmatrix} H & J^\top \\ J & 0 \end{pmatrix}
    \begin{pmatrix} \Delta z \\ \lambda \end{pmatrix} = - \begin{pmatrix} g \\ c \end{pmatrix}

is solved in the null space of ``J``, rotations of ``W`` left out. The active set follows from the
new multipliers: this is the semismooth Newton method on ``min(nu, -c) = 0``.

Source: Hintermueller, Ito and Kunisch 2002, "The primal-dual active set strategy as a semismooth
Newton method", SIAM J. Optim. 13(3), section 2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from numerics.basics.symmetric import eigenpairs
from numerics.basics.types import Floats
from numerics.constraining.augmented import Point
from numerics.constraining.constraints import Compiled
from numerics.constraining.reduced_loss import ReducedLoss

__all__ = ["polish"]

_STEPS = 30
_SETTLED = 1e-14
_RANK = 1e-9
_FLAT = 1e-7  # of eigenvalues, relative to the largest
_LONGEST = 0.3
_HALVINGS = 6
_FAILURES = 4


@dataclass(frozen=True)
class _State:
    """All that a step needs to know of a point."""

    point: Point
    slopes: Floats
    equal: Floats
    above: Floats
    jacobian: Floats

    @property
    def gradient(self) -> Floats:
        """Of the Lagrangian."""
        return self.slopes + np.concatenate([self.point.mu, self.point.nu]) @ self.jacobian

    @property
    def residual(self) -> float:
        """Largest entry of the first-order conditions."""
        paired = np.minimum(self.point.nu, -self.above)
        parts = (self.gradient, self.equal, paired)
        return float(max(np.abs(part).max(initial=0.0) for part in parts))


class _Conditions:
    """The first-order conditions, bounds among the inequalities."""

    def __init__(self, compiled: Compiled, loss: ReducedLoss) -> None:
        self._compiled, self._loss = compiled, loss
        self._low = np.flatnonzero(np.isfinite(compiled.lower))
        self._high = np.flatnonzero(np.isfinite(compiled.upper))

    def with_bounds(self, start: Point) -> Point:
        """Multipliers of the bounds, from the gradient that is left."""
        slopes = self._loss.fine(start.z)[1]
        slopes += self._compiled.gradient(start.z, start.mu, start.nu)
        low = np.maximum(slopes, 0.0)[self._low] * (start.z == self._compiled.lower)[self._low]
        high = np.maximum(-slopes, 0.0)[self._high] * (start.z == self._compiled.upper)[self._high]
        return Point(start.z, start.mu, np.concatenate([start.nu, low, high]))

    def at(self, point: Point) -> _State:
        """Slopes of the loss, values and slopes of all constraints."""
        compiled, z = self._compiled, point.z
        equal, above = compiled.values(z)
        low, high = (compiled.lower - z)[self._low], (z - compiled.upper)[self._high]
        unit = np.eye(z.size)
        jacobian = np.concatenate([compiled.jacobian(z), -unit[self._low], unit[self._high]])
        above = np.concatenate([above, low, high])
        return _State(point, self._loss.fine(z)[1], equal, above, jacobian)

    def step(self, state: _State) -> tuple[Floats, Floats, Floats]:
        """A Newton step of ``z``, and the multipliers after it."""
        compiled, point = self._compiled, state.point
        active = point.nu + state.above > 0.0
        rows = np.concatenate([
            state.jacobian[: point.mu.size],
            state.jacobian[point.mu.size :][active],
        ])
        values = np.concatenate([state.equal, state.above[active]])
        hessian = self._loss.hessian(point.z)
        hessian += compiled.hessian(point.z, point.mu, point.nu[: compiled.n_inequalities])
        step = _in_null_space(rows, values, hessian, state.slopes, self._turns(point.z))
        found = np.linalg.lstsq(rows.T, -(state.slopes + hessian @ step), rcond=_RANK)[0]
        nu = np.zeros_like(point.nu)
        nu[active] = found[point.mu.size :]
        return step, found[: point.mu.size], nu

    def _turns(self, z: Floats) -> Floats:
        """Directions that rotate ``W``, one row each, where that changes nothing."""
        columns = self._compiled.reduction.columns(z)
        m, k = columns.shape
        pairs = list(zip(*np.triu_indices(m, 1), strict=True)) if self._compiled.turns else []
        found = np.zeros((len(pairs), z.size))
        for row, (p, q) in enumerate(pairs):
            found[row, p * k : (p + 1) * k] = columns[q]
            found[row, q * k : (q + 1) * k] = -columns[p]
        return found


def _in_null_space(
    rows: Floats, values: Floats, hessian: Floats, slopes: Floats, turns: Floats
) -> Floats:
    """The step: to the constraints, then along them downhill, by the size of each eigenvalue."""
    to_rows = -np.linalg.pinv(rows, rcond=_RANK) @ values
    _, sizes, basis = np.linalg.svd(np.concatenate([rows, turns]))
    free = basis[int(np.sum(sizes > _RANK * sizes.max(initial=0.0))) :].T
    step = to_rows
    if free.shape[1]:
        curvatures, vectors = eigenpairs(free.T @ hessian @ free)
        along = vectors.T @ (free.T @ (slopes + hessian @ to_rows))
        size = np.abs(curvatures)
        curved = size > _FLAT * size.max()
        along[~curved] = 0.0
        step = step - free @ (vectors @ (along / np.where(curved, size, 1.0)))
    return step * min(1.0, _LONGEST / max(float(np.linalg.norm(step)), _LONGEST))


def polish(compiled: Compiled, loss: ReducedLoss, start: Point) -> Point:
    """Solve the first-order conditions from a point near a solution.

    Args:
        compiled: the constraints.
        loss: the loss.
        start: point and multipliers.

    Returns:
        The best point met, by the residual of the conditions; multipliers of the constraints
        without those of the bounds.
    """
    conditions = _Conditions(compiled, loss)
    state = best = conditions.at(conditions.with_bounds(start))
    failures = 0
    for _ in range(_STEPS):
        if best.residual <= _SETTLED or failures == _FAILURES:
            break
        step, mu, nu = conditions.step(state)
        state = _shortened(conditions, state, step, mu, nu)
        failures = 0 if state.residual < best.residual else failures + 1
        best = min(best, state, key=lambda s: s.residual)
    z = np.clip(best.point.z, compiled.lower, compiled.upper)
    return Point(z, best.point.mu, best.point.nu[: compiled.n_inequalities])


def _shortened(
    conditions: _Conditions, state: _State, step: Floats, mu: Floats, nu: Floats
) -> _State:
    """The first of ever shorter steps that helps; the whole step where none does."""
    whole = conditions.at(Point(state.point.z + step, mu, nu))
    reached, length = whole, 1.0
    for _ in range(_HALVINGS):
        if reached.residual < state.residual:
            return reached
        length *= 0.5
        reached = conditions.at(Point(state.point.z + length * step, mu, nu))
    return whole  # a new active set may cost at first
