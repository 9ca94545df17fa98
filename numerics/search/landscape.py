"""The distinct stationary points that a search met, and how often it met each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from numerics.basics.types import Floats
from numerics.canonical import same_arrangement
from theory.problem import Problem

__all__ = ["LocalMinimum", "distinct"]

_SAME_SETTLED = 1e-9  # difference of losses, in units of ignoring everything
_SAME_UNSETTLED = 1e-5
_NEAR_SETTLED = 1e-4  # difference of Gram entries and biases
_NEAR_UNSETTLED = 3e-2
_FLAT = 1e-9  # curvature below which minima form a valley, all of it one loss


@dataclass(frozen=True, eq=False)
class LocalMinimum:
    """One arrangement that some starts ended at.

    Attributes:
        loss: expected loss there.
        count: number of ends there, of all starts, perturbed ones included.
        W: weights of the first that got there, shape ``(m, n)``.
        b: its biases, shape ``(n,)``.
        kind: ``"minimum"`` where gradient and curvature were checked, ``"saddle"`` where some
            curvature is negative, ``"unsettled"`` where the end was not followed to rounding level.
        stationarity: largest entry of the gradient, in units of ignoring everything.
        curvature: smallest eigenvalue of the Hessian modulo rotations, in the same units; None
            where it was not computed.
    """

    loss: float
    count: int
    W: Floats
    b: Floats
    kind: str
    stationarity: float
    curvature: float | None


def distinct(
    problem: Problem,
    ends: Sequence[LocalMinimum],
    scale: float,
    named: Sequence[int] = (),
) -> list[LocalMinimum]:
    """Put together the ends that are one arrangement up to the symmetries of the problem.

    Args:
        problem: tells which features are alike.
        ends: of all starts.
        scale: loss of ignoring everything.
        named: features that a constraint names: they are like no other.

    Returns:
        The distinct ones by rising loss, with their counts. Ends in one valley, where the loss is
        constant along a curve, are one.
    """
    found: list[LocalMinimum] = []
    counts: list[int] = []
    for end in sorted(ends, key=lambda end: (end.kind == "unsettled", end.loss)):
        for k, known in enumerate(found):
            if _are_same(problem, known, end, scale, named):
                counts[k] += end.count
                break
        else:
            found.append(end)
            counts.append(end.count)
    merged = [
        LocalMinimum(at.loss, count, at.W, at.b, at.kind, at.stationarity, at.curvature)
        for at, count in zip(found, counts, strict=True)
    ]
    return sorted(merged, key=lambda at: at.loss)


def _are_same(
    problem: Problem,
    known: LocalMinimum,
    end: LocalMinimum,
    scale: float,
    named: Sequence[int],
) -> bool:
    settled = end.kind != "unsettled"
    gap = abs(known.loss - end.loss) / scale
    if gap > (_SAME_SETTLED if settled else _SAME_UNSETTLED):
        return False
    if settled and known.kind == end.kind and _is_flat(known) and _is_flat(end):
        return True
    near = _NEAR_SETTLED if settled else _NEAR_UNSETTLED
    first, second = (known.W, known.b), (end.W, end.b)
    return same_arrangement(problem, first, second, tolerance=near, named=named)


def _is_flat(at: LocalMinimum) -> bool:
    return at.curvature is not None and bool(np.abs(at.curvature) <= _FLAT)
