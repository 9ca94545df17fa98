r"""Augmented Lagrangians: constrained minimisation by a few bound-constrained ones.

.. math::
    f + \mu^\top e + \tfrac{\rho}{2} \lVert e \rVert^2
      + \tfrac{1}{2 \rho} \sum_k \bigl( \max(0, \nu_k + \rho c_k)^2 - \nu_k^2 \bigr)

is minimised within the bounds, then ``mu`` and ``nu`` take their new values. Constraints that
depend on each other do no harm.

Source: Nocedal and Wright 2006, "Numerical Optimization", framework 17.3 and algorithm 17.4.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from numerics.constraints import Compiled
from numerics.reduced_loss import ReducedLoss
from numerics.types import Floats

__all__ = ["Point", "minimise_augmented"]

_FIRST_PENALTY = 10.0
_LARGEST_PENALTY = 1e7
_FACTOR = 5.0
_ENOUGH = 0.3  # share of the violation that a round may leave without a higher penalty
_ROUNDS = 30


@dataclass(frozen=True)
class Point:
    """Free variables with multipliers of the equations and of the inequalities."""

    z: Floats
    mu: Floats
    nu: Floats


def minimise_augmented(
    compiled: Compiled, loss: ReducedLoss, z: Floats, *, settled: float, feasible: float
) -> Point:
    """Minimise the loss under constraints from one start.

    Args:
        compiled: the constraints.
        loss: the loss.
        z: free variables to start from.
        settled: largest entry of the gradient at the end.
        feasible: largest violation at the end.

    Returns:
        Where it ended, with multipliers.
    """
    mu, nu = np.zeros(compiled.n_equations), np.zeros(compiled.n_inequalities)
    penalty, before, slope = _FIRST_PENALTY, np.inf, 1e-3
    bounds = list(zip(compiled.lower, compiled.upper, strict=True))
    for _ in range(_ROUNDS):

        def lagrangian(x: Floats) -> tuple[float, Floats]:
            return _augmented(compiled, loss, x, mu, nu, penalty)  # noqa: B023

        last = not compiled.n_equations and not compiled.n_inequalities
        slope = settled if last else max(settled, 0.1 * slope)
        options = {"maxiter": 1000, "maxcor": 20, "gtol": slope, "ftol": 1e-15, "maxfun": 3000}
        z = minimize(lagrangian, z, jac=True, method="L-BFGS-B", bounds=bounds, options=options).x
        equal, above = compiled.values(z)
        left = np.concatenate([np.abs(equal), np.abs(np.maximum(above, -nu / penalty))])
        worst = float(left.max(initial=0.0))
        mu, nu = mu + penalty * equal, np.maximum(0.0, nu + penalty * above)
        if worst <= feasible and slope <= settled:
            break
        if worst > _ENOUGH * before and penalty < _LARGEST_PENALTY:
            penalty *= _FACTOR
        before = worst
    return Point(z, mu, nu)


def _augmented(
    compiled: Compiled, loss: ReducedLoss, z: Floats, mu: Floats, nu: Floats, penalty: float
) -> tuple[float, Floats]:
    value, slopes = loss.rough(z)
    equal, above = compiled.values(z)
    raised = np.maximum(0.0, nu + penalty * above)
    value += float(mu @ equal + 0.5 * penalty * equal @ equal)
    value += float(raised @ raised - nu @ nu) / (2.0 * penalty)
    return value, slopes + compiled.gradient(z, mu + penalty * equal, raised)
