"""The expected loss as a function of free variables, in units of its scale, with a deadline."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from numerics.basics.types import Floats
from numerics.constraining.reduction import Reduction
from numerics.hessian import loss_hessian
from numerics.linear import ignore_everything_loss
from numerics.rows.conditioning import MAX_CONDITIONED
from numerics.series import LossAndGradient, loss_and_gradient
from theory.problem import Problem

__all__ = ["OutOfTime", "ReducedLoss", "flushed"]

_SEARCH = 1e-9  # truncation of the series during a search, relative to the scale
_POLISH = 1e-12  # the same for the end, where the series cannot reach rounding


class OutOfTime(Exception):
    """The deadline has passed."""


@dataclass(frozen=True)
class ReducedLoss:
    """The loss over the free variables.

    Attributes:
        problem: the problem.
        reduction: its free variables.
        scale: the unit: the loss of ignoring everything, or 1 where that is zero.
        deadline: on the clock of ``time.monotonic``; infinite for none.
    """

    problem: Problem
    reduction: Reduction
    scale: float
    deadline: float

    @staticmethod
    def of(problem: Problem, reduction: Reduction, deadline: float) -> ReducedLoss:
        """Find the unit.

        Args:
            problem: the problem.
            reduction: its free variables.
            deadline: when evaluations end.

        Returns:
            The loss.
        """
        return ReducedLoss(problem, reduction, ignore_everything_loss(problem)[0] or 1.0, deadline)

    @property
    def tolerance(self) -> float | None:
        """Truncation error that the end of a search allows; None for near rounding."""
        return None if self.problem.n_features <= MAX_CONDITIONED else _POLISH * self.scale

    def rough(self, z: Floats) -> tuple[float, Floats]:
        """Value and gradient, as accurate as a search needs."""
        return self._slopes(z, _SEARCH * self.scale)

    def fine(self, z: Floats) -> tuple[float, Floats]:
        """Value and gradient, near rounding."""
        return self._slopes(z, self.tolerance)

    def hessian(self, z: Floats) -> Floats:
        """Second derivatives by the free variables."""
        self.look_at_the_clock()
        W, b = self.reduction.expand(z)
        A = self.reduction.matrix()
        full = loss_hessian(self.problem, W, b, tolerance=self.tolerance or 0.0).matrix
        return A.T @ full @ A / self.scale

    def at(self, W: Floats, b: Floats, tolerance: float | None) -> LossAndGradient:
        """Loss and gradient by ``W`` and ``b``, without a deadline."""
        return loss_and_gradient(self.problem, W, b, tolerance=tolerance)

    def look_at_the_clock(self) -> None:
        """Stop where the deadline has passed."""
        if time.monotonic() > self.deadline:
            raise OutOfTime

    def _slopes(self, z: Floats, tolerance: float | None) -> tuple[float, Floats]:
        self.look_at_the_clock()
        W, b = self.reduction.expand(flushed(z))
        found = self.at(W, b, tolerance)
        slopes = self.reduction.pull(found.gradient_W, found.gradient_b)
        return found.loss / self.scale, slopes / self.scale


def flushed(z: Floats) -> Floats:
    """Entries that are rounding become zero."""
    return np.where(np.abs(z) < 1e-15, 0.0, z)
