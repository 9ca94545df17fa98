r"""What is left of the conditions for a local minimum at an answer, and how much may be left.

With ``L`` in units of the loss of ignoring everything, ``L_0``, constraints ``e(x) = 0`` and
``c(x) <= 0`` on ``x = (W, b)``, and multipliers ``mu`` and ``lambda >= 0``:

.. math::
    \nabla L + J_e^\top \mu + J_c^\top \lambda = 0, \qquad \lambda_k c_k = 0, \qquad
    d^\top \nabla^2 (L + \mu^\top e + \lambda^\top c)\, d \ge 0

for every direction ``d`` that keeps the active constraints to first order, rotations of ``W`` left
out. An answer whose residuals are not below their limits is not an answer.

Source: Nocedal and Wright 2006, "Numerical Optimization", theorems 12.1 and 12.5.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = [
    "COMPLEMENTARITY_LIMIT",
    "CURVATURE_LIMIT",
    "FEASIBILITY_LIMIT",
    "STATIONARITY_LIMIT",
    "Residuals",
]

FEASIBILITY_LIMIT = 1e-9
"""Of the largest violation of a constraint."""

STATIONARITY_LIMIT = 1e-8
"""Of the largest entry of the gradient of the Lagrangian."""

COMPLEMENTARITY_LIMIT = 1e-9
"""Of a multiplier times the slack of its constraint, and of a multiplier of the wrong sign."""

CURVATURE_LIMIT = 1e-6
"""Of the smallest eigenvalue, below zero: Hessians are differences of gradients."""


@dataclass(frozen=True)
class Residuals:
    """How far an answer is from a local minimum, condition by condition.

    Loss and derivatives are in units of the loss of ignoring everything.

    Attributes:
        feasibility: largest violation of a constraint, in the units of the constraint; 0 without
            constraints.
        stationarity: largest entry, in modulus, of the gradient of the Lagrangian by ``W`` and
            ``b``.
        complementarity: largest ``|lambda c|`` of an inequality, or the size of a multiplier that
            has the wrong sign; 0 without inequalities.
        curvature: smallest eigenvalue of the Hessian of the Lagrangian along the directions that
            keep the active constraints, rotations of ``W`` left out; where the second derivative
            jumps, the smallest one-sided one that was found. Infinite where there is no such
            direction, None where it was not computed.
    """

    feasibility: float
    stationarity: float
    complementarity: float
    curvature: float | None = None

    @property
    def holds(self) -> bool:
        """Whether every residual that was computed is below its limit.

        Example:
            >>> Residuals(0.0, 1e-12, 0.0, 0.3).holds, Residuals(1e-3, 1e-12, 0.0, 0.3).holds
            (True, False)
        """
        return not self.failing()

    @property
    def unchecked(self) -> tuple[str, ...]:
        """Names of the conditions that were not looked at."""
        return ("curvature",) if self.curvature is None else ()

    def failing(self) -> tuple[str, ...]:
        """Name the residuals that are above their limits, with both numbers.

        Returns:
            One text for each; a residual that is no number fails.

        Example:
            >>> Residuals(0.0, 1e-3, 0.0, -0.5).failing()
            ('stationarity 1.0e-03 > 1e-08', 'curvature -5.0e-01 < -1e-06')
        """
        upper = (
            ("feasibility", self.feasibility, FEASIBILITY_LIMIT),
            ("stationarity", self.stationarity, STATIONARITY_LIMIT),
            ("complementarity", self.complementarity, COMPLEMENTARITY_LIMIT),
        )
        found = [f"{name} {at:.1e} > {limit:g}" for name, at, limit in upper if not at <= limit]
        curved = self.curvature
        if curved is not None and (math.isnan(curved) or curved < -CURVATURE_LIMIT):
            found.append(f"curvature {curved:.1e} < -{CURVATURE_LIMIT:g}")
        return tuple(found)
