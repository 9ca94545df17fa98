r"""Limited-memory quasi-Newton descent on arrays, for smooth functions without constraints.

The two-loop recursion of L-BFGS with a backtracking line search that interpolates. It does the work
of SciPy's ``L-BFGS-B`` here, whose inner matrices of order twenty go to a threaded LAPACK: where
other processes hold the processors, these threads wait for each other a hundred times as long as
the rest takes.

Source: Nocedal and Wright 2006, "Numerical Optimization", algorithms 7.4 and 3.1, equation (3.57).
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from numerics.basics.types import Floats

__all__ = ["Descent", "descend"]

_PAIRS = 20
_ENOUGH = 1e-4  # share of the expected decrease that a step must reach
_CURVED = 1e-10  # least cosine between a step and the change of slopes that teaches something
_SHORTEST = 1e-12  # of a step; shorter ones are lost in rounding
_STALLS = 3  # steps in a row that gain nothing


@dataclass(frozen=True)
class Descent:
    """Where a descent ended.

    Attributes:
        point: the last point.
        value: the function there.
        slopes: its gradient there.
        steps: number of steps taken.
    """

    point: Floats
    value: float
    slopes: Floats
    steps: int


def descend(
    function: Callable[[Floats], tuple[float, Floats]],
    start: Floats,
    *,
    max_steps: int,
    settled: float,
    stalled: float,
) -> Descent:
    """Minimise a smooth function from one start.

    Args:
        function: gives value and gradient; an infinite value where it is not defined.
        start: a vector.
        max_steps: most steps.
        settled: ends where no entry of the gradient exceeds this.
        stalled: ends where the last steps gained less than this, each.

    Returns:
        The end, never above the start.

    Example:
        >>> def bowl(x):
        ...     return float((x - 1.0) @ (x - 1.0)), 2.0 * (x - 1.0)
        >>> descend(bowl, np.zeros(2), max_steps=50, settled=1e-9, stalled=0.0).point.round(9)
        array([1., 1.])
    """
    value, slopes = function(start)
    point, pairs = start, deque[tuple[Floats, Floats, float]](maxlen=_PAIRS)
    steps = stalls = 0
    while steps < max_steps and np.abs(slopes).max(initial=0.0) > settled and stalls < _STALLS:
        direction = -_times_inverse(pairs, slopes)
        slope = float(np.sum(direction * slopes))
        if slope >= 0.0:  # rounding spoiled the pairs: start again with the gradient
            pairs.clear()
            direction, slope = -slopes, -float(np.sum(slopes * slopes))
        first = 1.0 if pairs else min(1.0, 0.1 / math.sqrt(-slope))
        found = _line_search(function, point, value, direction, slope, first)
        if found is None:
            if not pairs:
                break
            pairs.clear()
            stalls += 1
            continue
        next_point, next_value, next_slopes = found
        moved, change = next_point - point, next_slopes - slopes
        curvature = float(np.sum(moved * change))
        if curvature > _CURVED * math.sqrt(float(np.sum(moved**2)) * float(np.sum(change**2))):
            pairs.append((moved, change, curvature))
        stalls = stalls + 1 if value - next_value <= stalled else 0
        point, value, slopes = next_point, next_value, next_slopes
        steps += 1
    return Descent(point, value, slopes, steps)


def _times_inverse(pairs: deque[tuple[Floats, Floats, float]], slopes: Floats) -> Floats:
    """The inverse Hessian that the pairs stand for, times a vector."""
    found, shares = slopes.copy(), []
    for moved, change, curvature in reversed(pairs):
        share = float(np.sum(moved * found)) / curvature
        found -= share * change
        shares.append(share)
    if pairs:
        _, change, curvature = pairs[-1]
        found *= curvature / float(np.sum(change * change))
    for moved, change, curvature in pairs:
        share = shares.pop() - float(np.sum(change * found)) / curvature
        found += share * moved
    return found


def _line_search(
    function: Callable[[Floats], tuple[float, Floats]],
    point: Floats,
    value: float,
    direction: Floats,
    slope: float,
    length: float,
) -> tuple[Floats, float, Floats] | None:
    """Shorten a step until it decreases enough; None where none does."""
    while length > _SHORTEST:
        reached = point + length * direction
        found, slopes = function(reached)
        if found <= value + _ENOUGH * length * slope:
            return reached, found, slopes
        parabola = 2.0 * (found - value - length * slope)
        best = -slope * length**2 / parabola if math.isfinite(parabola) else 0.0
        length = min(max(best, 0.1 * length), 0.5 * length)
    return None
