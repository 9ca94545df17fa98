r"""Newton's method to stationarity at rounding level; saddles are left, not returned.

Each step solves with the eigenvalues of the Hessian in modulus, so that negative curvature pushes
away, inside a trust region; rotations of ``W`` are taken out. At a stationary point of negative
curvature the loss is followed down along that direction, by a quasi-Newton descent and Newton's
method again, until none is left.

A bias on the kink of ``numerics.objective`` does not spoil the convergence: near the kink the
singular part of the loss is homogeneous of degree 2 in the bias and the entries that vanish with
it, and for such a function ``f`` Newton's step is exact, because ``f''(x) x = f'(x)``.

Source: Nocedal and Wright 2006, "Numerical Optimization", sections 3.4 and 4.1; Dauphin et al.
2014, arXiv:1406.2572, section 5, for the eigenvalues in modulus; the remark on the kink is own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from numerics.descent import descend
from numerics.objective import Objective, rotations
from numerics.residuals import CURVATURE_LIMIT, STATIONARITY_LIMIT
from numerics.types import Floats

__all__ = ["LARGEST", "Settled", "settle"]

LARGEST = 2000
"""Most variables for which the Hessian is formed."""

_STEPS = 60
_ESCAPES = 30
_RADIUS = 0.3  # of the first step; columns have lengths of order one
_SHORTEST = 1e-13  # of a step; shorter ones are lost in rounding
_FLAT = 1e-9  # of the largest eigenvalue: below, no curvature is seen
_ROUNDING = 1e-15  # of the loss, in units of the scale
_GAIN = 0.9  # of the gradient that is left after a step that gains nothing in the loss
_ON_KINK = 1e-8  # of a bias: closer to 0 than this it is tried at 0, and looked at from below
_HESSIAN = 1e-7  # tolerance of the series in a Hessian, where the series is all there is
_LENGTHS = (1e-3, 1e-2, 0.03, 0.1, 0.2, 0.4, 0.8)  # tried along negative curvature
_DESCENT = {"max_steps": 2000, "settled": 1e-7, "stalled": 1e-13}


@dataclass(frozen=True)
class Settled:
    """Where Newton's method ended; loss and derivatives in units of ignoring everything.

    Attributes:
        point: ``(W, b)`` in one vector.
        value: the loss.
        slopes: its gradient.
        curvature: smallest eigenvalue of the Hessian modulo rotations; the smallest one-sided
            second derivative found where it jumps; None where it was not computed.
        escapes: number of saddle points that were left on the way.
    """

    point: Floats
    value: float
    slopes: Floats
    curvature: float | None
    escapes: int

    @property
    def kind(self) -> str:
        """``"minimum"``, ``"saddle"``, or ``"unsettled"`` where the conditions were not reached."""
        largest = float(np.abs(self.slopes).max(initial=0.0))
        if not largest <= STATIONARITY_LIMIT or self.curvature is None:
            return "unsettled"
        return "minimum" if self.curvature >= -CURVATURE_LIMIT else "saddle"


def settle(
    objective: Objective,
    point: Floats,
    *,
    tolerance: float | None,
    expired: Callable[[], bool] = lambda: False,
) -> Settled:
    """Go from a point to a local minimum at rounding level.

    Args:
        objective: the loss.
        point: ``(W, b)``, best near a stationary point.
        tolerance: truncation error allowed in the loss, in units of ignoring everything.
        expired: says when to stop with what there is.

    Returns:
        The end, never above the start by more than the tolerance.

    Example:
        >>> from theory.problem import Problem
        >>> end = settle(Objective(Problem(1, 1, density=1)), np.array([0.8, 0.1]), tolerance=None)
        >>> end.kind, end.value < 1e-25
        ('minimum', True)
    """
    search = _Search(objective, tolerance, expired)
    value, slopes = objective.value(point, tolerance)
    escapes = 0
    while True:
        point, value, slopes = search.newton(point, value, slopes)
        if expired():
            return Settled(point, value, slopes, None, escapes)
        point, value, slopes = search.onto_kinks(point, value, slopes)
        curvature, directions = search.curvature(point)
        if curvature >= -CURVATURE_LIMIT:
            return Settled(point, value, slopes, curvature, escapes)
        lower = search.below(point, value, directions) if escapes < _ESCAPES else None
        if lower is None:
            seen = search.one_sided(point, slopes, directions)
            return Settled(point, value, slopes, seen, escapes)
        escapes += 1
        end = descend(search.function, lower, **_DESCENT)  # type: ignore[arg-type]
        point, value, slopes = end.point, end.value, end.slopes


@dataclass(frozen=True)
class _Search:
    """The loss with what belongs to one search."""

    objective: Objective
    tolerance: float | None
    expired: Callable[[], bool]

    @property
    def noise(self) -> float:
        """What two evaluations of the loss may differ by for no reason."""
        return _ROUNDING if self.tolerance is None else max(_ROUNDING, 2.0 * self.tolerance)

    def function(self, point: Floats) -> tuple[float, Floats]:
        """The loss and its gradient."""
        return self.objective.value(point, self.tolerance)

    def newton(self, point: Floats, value: float, slopes: Floats) -> tuple[Floats, float, Floats]:
        """Step by Newton's method until rounding is all that is left."""
        radius = _RADIUS
        for _ in range(_STEPS):
            if self.expired() or not slopes.any():
                break
            values, vectors = self.eigen(point, 0.0)
            taken = self._step(point, value, slopes, values, vectors, radius)
            if taken is None:
                break
            moved, (point, value, slopes) = taken
            radius = max(2.0 * moved, 1e-3)
        return point, value, slopes

    def _step(
        self,
        point: Floats,
        value: float,
        slopes: Floats,
        values: Floats,
        vectors: Floats,
        radius: float,
    ) -> tuple[float, tuple[Floats, float, Floats]] | None:
        """One accepted step, shortened as need be; None where no length helps."""
        sizes = np.abs(values)
        step = -vectors @ ((vectors.T @ slopes) / np.maximum(sizes, _FLAT * sizes.max(initial=1.0)))
        length = float(np.sqrt(np.sum(step**2)))
        before = float(np.sqrt(np.sum(slopes**2)))
        share = min(1.0, radius / length) if length > 0.0 else 0.0
        while share * length > _SHORTEST:
            reached = point + share * step
            found, found_slopes = self.function(reached)
            expected = share * float(np.sum(step * slopes))
            if found <= value + 1e-4 * expected - self.noise:
                return share * length, (reached, found, found_slopes)
            after = float(np.sqrt(np.sum(found_slopes**2)))
            if found <= value + self.noise and after <= _GAIN * before:
                return share * length, (reached, found, found_slopes)
            share *= 0.25
        return None

    def eigen(self, point: Floats, on_kink: float) -> tuple[Floats, Floats]:
        """Eigenvalues and eigenvectors of the Hessian, rotations of ``W`` left out."""
        tolerance = None if self.tolerance is None else max(self.tolerance, _HESSIAN)
        hessian = self.objective.hessian(point, tolerance, on_kink)
        turns = rotations(self.objective.unpack(point)[0])
        slope = hessian @ turns
        hessian -= turns @ slope.T + slope @ turns.T - turns @ (turns.T @ slope) @ turns.T
        values, vectors = np.linalg.eigh(hessian)
        if not turns.shape[1]:
            return values, vectors
        kept = np.sum((turns.T @ vectors) ** 2, axis=0) < 0.5  # the others are the rotations
        return values[kept], vectors[:, kept]

    def onto_kinks(
        self, point: Floats, value: float, slopes: Floats
    ) -> tuple[Floats, float, Floats]:
        """Put biases to 0 that are next to it, where that is as good."""
        W, b = self.objective.unpack(point)
        near = (b != 0.0) & (np.abs(b) <= _ON_KINK)
        if not near.any():
            return point, value, slopes
        moved = self.objective.pack(W, np.where(near, 0.0, b))
        found, found_slopes = self.function(moved)
        limit = max(1e-12, float(np.abs(slopes).max()))
        if found <= value + self.noise and np.abs(found_slopes).max() <= limit:
            return moved, found, found_slopes
        return point, value, slopes

    def curvature(self, point: Floats) -> tuple[float, Floats]:
        """Smallest eigenvalue, and the directions of all that are clearly negative."""
        values, vectors = self.eigen(point, _ON_KINK)
        if not values.size:
            return np.inf, vectors
        return float(values[0]), vectors[:, values < -CURVATURE_LIMIT]

    def below(self, point: Floats, value: float, directions: Floats) -> Floats | None:
        """The lowest point found along some directions, both ways; None where none is lower."""
        best, lowest = None, value - self.noise
        trials = list(directions.T[:8])
        if len(trials) > 1:  # a symmetric saddle has several equal ones: their sum breaks more
            trials.append(directions.sum(axis=1) / np.sqrt(directions.shape[1]))
        for direction in trials:
            for length in _LENGTHS:
                for reached in (point + length * direction, point - length * direction):
                    found = self.function(reached)[0]
                    if found < lowest:
                        best, lowest = reached, found
        return best

    def one_sided(self, point: Floats, slopes: Floats, directions: Floats) -> float:
        """The smallest second derivative along some directions, each way by itself."""
        smallest = np.inf
        for direction in directions.T:
            for way in (direction, -direction):
                change = self.function(point + 1e-5 * way)[1] - slopes
                smallest = min(smallest, float(np.sum(change * way)) / 1e-5)
        return smallest
