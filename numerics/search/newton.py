r"""Newton's method to stationarity at rounding level; saddles are left, not returned.

Each step solves with the eigenvalues of the Hessian in modulus, so that negative curvature pushes
away, inside a trust region; rotations of ``W`` are taken out. At a stationary point of negative
curvature the loss is followed down along that direction, by a quasi-Newton descent and Newton's
method again, until none is left.

A bias on the kink of ``numerics.search.objective`` does not spoil the convergence: near the kink
the singular part of the loss is homogeneous of degree 2 in the bias and the entries that vanish
with it, and for such a function ``f`` Newton's step is exact, because ``f''(x) x = f'(x)``.

Source: Nocedal and Wright 2006, "Numerical Optimization", sections 3.4 and 4.1; Dauphin et al.
2014, arXiv:1406.2572, section 5, for the eigenvalues in modulus; the remark on the kink is own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from numerics.basics.descent import descend
from numerics.basics.symmetric import eigenpairs
from numerics.basics.types import Floats
from numerics.canonical import aligned
from numerics.residuals import CURVATURE_LIMIT, STATIONARITY_LIMIT
from numerics.search.objective import Objective, rotations

__all__ = ["LARGEST", "Settled", "cleaned", "settle"]

Mask: TypeAlias = npt.NDArray[np.bool_]
State: TypeAlias = tuple[Floats, float, Floats]  # point, loss, gradient

LARGEST = 1000
"""Most variables for which the Hessian is formed."""

_STEPS = 60
_ESCAPES = 30
_RADIUS = 0.3  # of the first step; columns have lengths of order one
_TINY, _TINY_STEPS = 1e-12, 2  # steps so short, so many in a row, only move rounding about
_SHORTEST = 1e-13  # of a step; shorter ones are lost in rounding
_FLAT = 1e-9  # of the largest eigenvalue: below, no curvature is seen
_ROUNDING = 1e-15  # of the loss, in units of the scale
_TRUNCATION = 1e-12  # the same where conditioning does not take over from the series
_SEARCH, _LOOSE = 1e-7, 1e-5  # tolerances of the series on a way down, in the two cases
_STATIONARY = 1e-9  # of the whole gradient, after a search among some of the weights
_CLEANED = (1e-2, 1e-3, 1e-4)  # weights below are tried at 0, of the largest one
_COST = 1e-6  # what that may cost before the loss is minimised again
_GAIN = 0.9  # of the gradient that is left after a step that gains nothing in the loss
_ON_KINK = 1e-8  # of a bias: closer to 0 than this it is tried at 0, and looked at from below
_NEAR_KINK = 1e-5  # the same where its slope says that it is not yet where it is drawn
_DRAWN = 1e-12
_DEAR_HESSIAN = 1e-7  # the same outside the compiled loops
_HESSIAN = 1e-9  # tolerance of the series in a Hessian, where conditioning may not reach it
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
    expired: Callable[[], bool] = lambda: False,
) -> Settled:
    """Go from a point to a local minimum at rounding level.

    Args:
        objective: the loss.
        point: ``(W, b)``, best near a stationary point.
        expired: says when to stop with what there is.

    Returns:
        The end, never above the start by more than rounding.

    Example:
        >>> from theory.problem import Problem
        >>> end = settle(Objective(Problem(1, 1, density=1)), np.array([0.8, 0.1]))
        >>> end.kind, end.value < 1e-25
        ('minimum', True)
    """
    search, escapes = _Search(objective, expired), 0
    while True:
        point, value, slopes = search.stationary(point)
        if expired():
            return Settled(point, value, slopes, None, escapes)
        curvature, directions = search.curvature(point)
        if curvature >= -CURVATURE_LIMIT:
            return Settled(point, value, slopes, curvature, escapes)
        lower = search.below(point, value, directions) if escapes < _ESCAPES else None
        if lower is None:
            seen = search.one_sided(point, slopes, directions)
            return Settled(point, value, slopes, seen, escapes)
        escapes += 1
        point = descend(search.roughly, lower, **_DESCENT).point  # type: ignore[arg-type]


@dataclass(frozen=True)
class _Search:
    """The loss with what belongs to one search."""

    objective: Objective
    expired: Callable[[], bool]

    @property
    def noise(self) -> float:
        """What two evaluations of the loss may differ by for no reason."""
        return _ROUNDING if self.objective.reaches_rounding else _TRUNCATION

    def function(self, point: Floats) -> tuple[float, Floats]:
        """The loss and its gradient."""
        return self.objective.value(point, None)

    def roughly(self, point: Floats) -> tuple[float, Floats]:
        """The same on a series that is just accurate enough to descend on."""
        return self.objective.value(point, _SEARCH if self.objective.reaches_rounding else _LOOSE)

    def stationary(self, point: Floats) -> State:
        """Go to a stationary point; among weights that are zero, where these stay so."""
        everything = np.ones(point.size, dtype=bool)
        if not self.objective.reaches_rounding:
            point = cleaned(self.objective, point)
            m, n = self.objective.shape
            free = (point != 0.0) | (np.arange(point.size) >= m * n)
            state = self.onto_kinks(*self.newton(point, *self.function(point), free), free)
            if np.abs(state[2]).max() <= _STATIONARY:
                return state
            point = state[0]
        state = self.newton(point, *self.function(point), everything)
        return self.onto_kinks(*state, everything)

    def newton(self, point: Floats, value: float, slopes: Floats, free: Mask) -> State:
        """Step by Newton's method in the free variables until only rounding is left."""
        radius, tiny = _RADIUS, 0
        for _ in range(_STEPS):
            if self.expired() or tiny == _TINY_STEPS or not slopes[free].any():
                break
            values, vectors = self.eigen(point, 0.0, free)
            taken = self._step(point, value, np.where(free, slopes, 0.0), values, vectors, radius)
            if taken is None:
                break
            moved, (point, value, slopes) = taken
            radius = max(2.0 * moved, 1e-3)
            tiny = tiny + 1 if moved < _TINY else 0
        return point, value, slopes

    def _step(
        self,
        point: Floats,
        value: float,
        slopes: Floats,
        values: Floats,
        vectors: Floats,
        radius: float,
    ) -> tuple[float, State] | None:
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
            after = float(np.sqrt(np.sum(found_slopes[slopes != 0.0] ** 2)))
            if found <= value + self.noise and after <= _GAIN * before:
                return share * length, (reached, found, found_slopes)
            share *= 0.25
        return None

    def eigen(self, point: Floats, on_kink: float, free: Mask) -> tuple[Floats, Floats]:
        """Eigenvalues and eigenvectors of the Hessian, rotations of ``W`` left out."""
        objective = self.objective
        loose = _HESSIAN if objective.is_compiled else _DEAR_HESSIAN
        tolerance = None if objective.reaches_rounding else loose
        hessian = self.objective.hessian(point, tolerance, on_kink)
        if not free.all():  # weights that stay zero leave no rotation
            values, part = eigenpairs(hessian[np.ix_(free, free)])
            vectors = np.zeros((point.size, values.size))
            vectors[free] = part
            return values, vectors
        turns = rotations(self.objective.unpack(point)[0])
        slope = hessian @ turns
        hessian -= turns @ slope.T + slope @ turns.T - turns @ (turns.T @ slope) @ turns.T
        values, vectors = eigenpairs(hessian)
        if not turns.shape[1]:
            return values, vectors
        kept = np.sum((turns.T @ vectors) ** 2, axis=0) < 0.5  # the others are the rotations
        return values[kept], vectors[:, kept]

    def onto_kinks(self, point: Floats, value: float, slopes: Floats, free: Mask) -> State:
        """Put biases that are drawn to the kink at 0 on it, where the gradient says so."""
        W, b = self.objective.unpack(point)
        drawn = np.abs(self.objective.unpack(slopes)[1]) > _DRAWN
        near = (b != 0.0) & ((np.abs(b) <= _ON_KINK) | ((np.abs(b) <= _NEAR_KINK) & drawn))
        if not near.any():
            return point, value, slopes
        moved = self.objective.pack(W, np.where(near, 0.0, b))
        kept = free & np.concatenate([np.ones(W.size, dtype=bool), ~near])
        state = self.newton(moved, *self.function(moved), kept)
        better = np.abs(state[2]).max() <= max(_DRAWN, float(np.abs(slopes).max()))
        return state if better and state[1] <= value + self.noise else (point, value, slopes)

    def curvature(self, point: Floats) -> tuple[float, Floats]:
        """Smallest eigenvalue, and the directions of all that are clearly negative."""
        values, vectors = self.eigen(point, _ON_KINK, np.ones(point.size, dtype=bool))
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


def cleaned(objective: Objective, point: Floats) -> Floats:
    """Make weights next to 0 zero, in coordinates where direct sums have axes of their own.

    Args:
        objective: the loss.
        point: ``(W, b)`` in one vector.

    Returns:
        Such a point where it costs next to nothing, else the point itself.
    """
    # outputs that few features reach are evaluated to rounding, and fast; those that all reach, a
    # little, by a long series
    W, b = objective.unpack(point)
    limit = objective.value(point, _SEARCH)[0] + _COST
    for cut in _CLEANED:
        turned = aligned(W, cut)
        turned[np.abs(turned) <= cut * np.abs(turned).max(initial=0.0)] = 0.0
        clean = objective.pack(turned, b)
        if objective.value(clean, _SEARCH)[0] <= limit:
            return clean
    return point
