r"""Augmented Lagrangians: constrained minimisation by a few bound-constrained ones.

.. math::
    f + \mu^\top e + \tfrac{\rho}{2} \lVert e \rVert^2
      + \tfrac{1}{2 \rho} \sum_k \bigl( \max(0, \nu_k + \rho c_k)^2 - \nu_k^2 \bigr)

is minimised within the bounds, then ``mu`` and ``nu`` take their new values. Constraints that
depend on each other do no harm.

Source: Nocedal and Wright 2006, "Numerical Optimization", framework 17.3 and algorithm 17.4.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.optimize import minimize

from numerics.basics.descent import descend
from numerics.basics.types import Floats
from numerics.constraining.constraints import Compiled
from numerics.constraining.reduced_loss import ReducedLoss

__all__ = ["Point", "minimise_augmented"]

_FIRST_PENALTY = 10.0
_LARGEST_PENALTY = 1e7
_FACTOR = 5.0
_ENOUGH = 0.3  # share of the violation that a round may leave without a higher penalty
_ROUNDS = 30
_STEPS = 1000  # of one minimisation within the bounds
_STALLED = 1e-15  # gain of a step that ends it


@dataclass(frozen=True)
class Point:
    """Free variables with multipliers of the equations and of the inequalities."""

    z: Floats
    mu: Floats
    nu: Floats

    @staticmethod
    def at(compiled: Compiled, z: Floats) -> Point:
        """A point whose multipliers are not known."""
        return Point(z, np.zeros(compiled.n_equations), np.zeros(compiled.n_inequalities))


def minimise_augmented(
    compiled: Compiled, loss: ReducedLoss, start: Point, *, settled: float, feasible: float
) -> Point:
    """Minimise the loss under constraints from one start.

    Args:
        compiled: the constraints.
        loss: the loss.
        start: free variables and multipliers to start from.
        settled: largest entry of the gradient at the end.
        feasible: largest violation at the end.

    Returns:
        Where it ended, with multipliers.
    """
    z, mu, nu = start.z, start.mu, start.nu
    penalty, before, slope = _FIRST_PENALTY, np.inf, 1e-3
    for _ in range(_ROUNDS):
        once = not compiled.n_equations and not compiled.n_inequalities
        slope = settled if once else max(settled, 0.1 * slope)
        z = _within_bounds(compiled, partial(_augmented, compiled, loss, mu, nu, penalty), z, slope)
        equal, above = compiled.values(z)
        left = np.concatenate([np.abs(equal), np.abs(np.maximum(above, -nu / penalty))])
        worst = float(left.max(initial=0.0))
        mu, nu = mu + penalty * equal, np.maximum(0.0, nu + penalty * above)
        if worst <= feasible and slope <= settled:
            break
        if worst > _ENOUGH * before:
            if penalty > _LARGEST_PENALTY:
                break
            penalty *= _FACTOR
        before = worst
    return Point(z, mu, nu)


def _within_bounds(
    compiled: Compiled, function: Callable[[Floats], tuple[float, Floats]], z: Floats, slope: float
) -> Floats:
    """Minimise a function within the bounds, until no entry of its gradient exceeds ``slope``."""
    if np.isinf(compiled.lower).all() and np.isinf(compiled.upper).all():
        return descend(function, z, max_steps=_STEPS, settled=slope, stalled=_STALLED).point
    bounds = list(zip(compiled.lower, compiled.upper, strict=True))
    options = {"maxiter": _STEPS, "maxcor": 20, "gtol": slope, "ftol": _STALLED}
    return minimize(function, z, jac=True, method="L-BFGS-B", bounds=bounds, options=options).x


def _augmented(
    compiled: Compiled, loss: ReducedLoss, mu: Floats, nu: Floats, penalty: float, z: Floats
) -> tuple[float, Floats]:
    value, slopes = loss.rough(z)
    equal, above = compiled.values(z)
    raised = np.maximum(0.0, nu + penalty * above)
    value += float(mu @ equal + 0.5 * penalty * equal @ equal)
    value += float(raised @ raised - nu @ nu) / (2.0 * penalty)
    return value, slopes + compiled.gradient(z, mu + penalty * equal, raised)
