r"""Local minima of the expected loss under constraints, from one start.

The start is moved to where the constraints hold, an augmented Lagrangian method leads to a
minimum, and Newton's method on the first-order conditions takes it to rounding level. Where the
curvature along the constraints is negative the search goes on from a step along it. What is
returned says, by residuals computed from the definitions of the constraints, how well it holds.

Source: own; methods as named in ``numerics.constraining.augmented`` and
``numerics.constraining.newton_kkt``.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from numerics.basics.inputs import checked_tolerance, weights_as_floats
from numerics.basics.types import Floats
from numerics.constraining.augmented import Point, minimise_augmented
from numerics.constraining.constraints import Compiled, compile_constraints
from numerics.constraining.feasible import nearest_feasible, violation
from numerics.constraining.newton_kkt import polish
from numerics.constraining.optimality import Optimality, optimality_at
from numerics.constraining.reduced_loss import OutOfTime, ReducedLoss, flushed
from numerics.residuals import CURVATURE_LIMIT, FEASIBILITY_LIMIT, Residuals
from numerics.series import LossAndGradient
from theory.problem import IgnoredFeatures, InputError, NonPositiveBias, Problem, UnitNorm

__all__ = ["Solution", "compile_constraints", "solve_from"]

_DENSE = 600  # variables up to which second derivatives are formed
_SKETCH = 1e-3  # largest slope and violation of what shows the columns that vanish
_ROUGH = 1e-6, 1e-7  # largest slope and violation before Newton's method
_FINE = 1e-8, 1e-10  # the same where there is no Newton's method
_ROUNDS = 6  # of leaving a saddle
_LEAPS = (0.1, 0.02)
_GAIN = 1e-9  # least gain, of the scale, that makes a step off a saddle worth while
_VANISHED = 0.05  # of the largest norm: a column that a coherence drives to zero


@dataclass(frozen=True)
class Solution:
    """Where a solver with constraints ended.

    Attributes:
        W: weights, shape ``(m, n)``.
        b: biases, shape ``(n,)``.
        loss: expected loss there, by the series.
        error: bound on the error of ``loss``.
        residuals: of the conditions for a local minimum.
        status: "stationary", "infeasible", "time limit", or "stopped" with the reason.
        multipliers: of each equation and each active inequality, by name, in units of the loss of
            ignoring everything.
    """

    W: Floats
    b: Floats
    loss: float
    error: float
    residuals: Residuals
    status: str
    multipliers: dict[str, float]

    @property
    def holds(self) -> bool:
        """Whether it is an answer: every residual is below its limit."""
        return self.status == "stationary"


def solve_from(
    problem: Problem,
    compiled: Compiled,
    W0: npt.ArrayLike,
    b0: npt.ArrayLike | None = None,
    *,
    tolerance: float | None = None,
    time_limit: float | None = None,
) -> Solution:
    """Find a local minimum of the expected loss under constraints.

    Args:
        problem: the problem.
        compiled: constraints compiled for it.
        W0: weights to start from, shape ``(m, n)``; they need not satisfy the constraints.
        b0: biases to start from, shape ``(n,)``; zeros when left out.
        tolerance: truncation error allowed in the final loss, absolute; left out, near rounding.
        time_limit: seconds after which the search ends where it is.

    Returns:
        The end of the search with its residuals.

    Raises:
        InputError: weights, tolerance or time limit that cannot be meant, or constraints that were
            compiled for another problem.
        Unsupported: a problem whose gradient the series does not give.

    Example:
        >>> from theory.problem import NoBias, UnitNorm
        >>> pair = Problem(2, 1, density="1/10")
        >>> compiled = compile_constraints(pair, [UnitNorm(), NoBias()])
        >>> solution = solve_from(pair, compiled, [[1.0, -0.5]])
        >>> solution.status, f"{solution.loss:.12f}"
        ('stationary', '0.003333333333')
    """
    if compiled.problem != problem:
        raise InputError(
            f"compiled.problem={compiled.problem!r}: must be the problem, {problem!r}; "
            "call compile_constraints(problem, constraints)"
        )
    start = weights_as_floats(problem, W0, b0)
    search = _Search(compiled, checked_tolerance(tolerance), time.monotonic() + _limit(time_limit))
    return search.run(*start)


def _limit(seconds: float | None) -> float:
    if seconds is None:
        return math.inf
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not seconds > 0:
        raise InputError(f"time_limit={seconds!r}: must be a number of seconds above 0, or None")
    return float(seconds)


@dataclass(frozen=True)
class _End:
    """A point with its loss and residuals."""

    point: Point
    W: Floats
    b: Floats
    found: LossAndGradient
    optimality: Optimality


class _Search:
    """A search from one start; remembers its best point in case the time runs out."""

    def __init__(self, compiled: Compiled, tolerance: float, deadline: float) -> None:
        self._compiled, self._tolerance = compiled, tolerance
        self._loss = ReducedLoss.of(compiled.problem, compiled.reduction, deadline)
        self._dense = compiled.reduction.size <= _DENSE
        self._z = np.zeros(compiled.reduction.size)

    def run(self, W: Floats, b: Floats) -> Solution:
        """Move the start to where the constraints hold, and descend from there."""
        compiled = self._compiled
        self._z = np.clip(compiled.reduction.restrict(W, b), compiled.lower, compiled.upper)
        try:
            self._z = nearest_feasible(compiled, W, b, self._loss)
            if compiled.has(UnitNorm) and violation(compiled, self._z) > FEASIBILITY_LIMIT:
                return self._finished(self._here(), "infeasible")
            found = self.minimised(Point.at(compiled, self._z))
            self._z = found.z
            return self._finished(self._off_saddles(self._look(found, curved=self._dense)), None)
        except OutOfTime:
            return self._finished(self._here(), "time limit")

    def _here(self) -> _End:
        """Where the search is, without second derivatives."""
        return self._look(Point.at(self._compiled, self._z), curved=False)

    def minimised(self, start: Point) -> Point:
        """A point where the first-order conditions hold, as nearly as may be."""
        compiled, loss = self._compiled, self._loss
        if start.z.size == 0:
            return start
        if compiled.coherence.count and not compiled.has(UnitNorm):
            start = minimise_augmented(compiled, loss, start, settled=_SKETCH, feasible=_SKETCH)
            dropped = self._vanishing(start.z) or self._over(start.z, 10.0 * _SKETCH)
            if dropped:
                return self._without(dropped, start)
        last = _ROUGH if self._dense else _FINE
        point = minimise_augmented(compiled, loss, start, settled=last[0], feasible=last[1])
        point = polish(compiled, loss, point) if self._dense else point
        dropped = self._over(point.z, 0.5 * FEASIBILITY_LIMIT)
        return self._without(dropped, point) if dropped else point

    def _vanishing(self, z: Floats) -> list[int]:
        """Columns that a coherence drives to zero, where its slope vanishes."""
        W, _ = self._compiled.reduction.expand(z)
        norms = np.linalg.norm(W, axis=0)
        free = self._compiled.reduction.column >= 0
        small = free & (norms < _VANISHED * norms.max(initial=0.0))
        return np.flatnonzero(small).tolist()

    def _over(self, z: Floats, allowed: float) -> list[int]:
        """The shorter column of the pair that is farthest above its coherence, if any is."""
        if self._compiled.has(UnitNorm) or not self._compiled.coherence.count:
            return []
        rows = self._compiled.coherence
        columns = self._compiled.reduction.columns(z)
        sizes = np.linalg.norm(columns, axis=0)
        inner = np.abs(columns.T @ columns)[rows.i, rows.j]
        over = inner - rows.limit * sizes[rows.i] * sizes[rows.j]
        if over.max(initial=0.0) <= allowed:
            return []
        worst = int(np.argmax(over))
        pair = sorted((int(rows.i[worst]), int(rows.j[worst])), key=lambda k: sizes[k])
        return np.flatnonzero(self._compiled.reduction.column == pair[0]).tolist()

    def _without(self, dropped: list[int], point: Point) -> Point:
        """Solve with some columns at zero."""
        compiled = self._compiled
        ignored = IgnoredFeatures(*dropped)
        fewer = compile_constraints(compiled.problem, [*compiled.constraints, ignored])
        rest = _Search(fewer, self._tolerance, self._loss.deadline)
        start = fewer.reduction.restrict(*compiled.reduction.expand(point.z))
        W, b = fewer.reduction.expand(rest.minimised(Point.at(fewer, start)).z)
        return Point.at(compiled, compiled.reduction.restrict(W, b))

    def _off_saddles(self, end: _End) -> _End:
        """Go on along negative curvature, and from zero columns, while that helps."""
        for _ in range(_ROUNDS):
            for start in self._ways_out(end):
                z = nearest_feasible(self._compiled, *start, self._loss)
                near = Point(z, end.point.mu, end.point.nu)
                reached = self._look(self.minimised(near), curved=self._dense)
                if self._is_better(reached, end):
                    break
            else:
                return end
            end, self._z = reached, reached.point.z
        return end

    def _is_better(self, reached: _End, end: _End) -> bool:
        gain = end.found.loss - reached.found.loss
        feasible = reached.optimality.residuals.feasibility <= FEASIBILITY_LIMIT
        return feasible and gain > _GAIN * self._loss.scale + end.found.error

    def _ways_out(self, end: _End) -> Iterator[tuple[Floats, Floats]]:
        """Starts beside a point that may be a saddle."""
        W, b, curvature = end.W, end.b, end.optimality.residuals.curvature
        downhill = end.optimality.downhill
        if downhill is not None and curvature is not None and curvature < -CURVATURE_LIMIT:
            for leap in _LEAPS:
                for step in (leap * downhill, -leap * downhill):
                    yield W + step[: W.size].reshape(W.shape), b + step[W.size :]
        yield from self._revived(W, b)

    def _revived(self, W: Floats, b: Floats) -> Iterator[tuple[Floats, Floats]]:
        """Starts with other biases or columns of features whose outputs are zero and stay so."""
        # such an output has no slope, or takes ReLU'(0) = 0: no derivative shows the way down
        reduction, empty = self._compiled.reduction, ~W.any(axis=0)
        raised = empty & (b <= 0.0) & (reduction.bias >= 0)
        if raised.any() and not self._compiled.has(NonPositiveBias):
            density = np.array([float(p) for p in self._compiled.problem.densities])
            yield W, np.where(raised, 0.5 * density, b)
        turned = empty & (reduction.column >= 0)
        if turned.any():
            fresh = 0.3 * np.random.default_rng(0).normal(size=W.shape)
            yield W + np.where(turned, fresh, 0.0), np.where(turned, np.maximum(b, 0.0), b)

    def _look(self, point: Point, *, curved: bool) -> _End:
        """Loss and residuals at a point."""
        loss = self._loss
        W, b = self._compiled.reduction.expand(flushed(point.z))
        found = loss.at(W, b, self._tolerance or loss.tolerance)
        optimality = optimality_at(
            self._compiled, W, b, found, loss.scale, curved=curved, tolerance=loss.tolerance or 0.0
        )
        return _End(point, W, b, found, optimality)

    def _finished(self, end: _End, status: str | None) -> Solution:
        residuals = end.optimality.residuals
        if status is None:
            left = ", ".join(residuals.failing())
            status = f"stopped: {left}" if left else "stationary"
        found = end.found
        return Solution(
            end.W, end.b, found.loss, found.error, residuals, status, end.optimality.multipliers
        )
