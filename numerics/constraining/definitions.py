r"""Constraints on ``W`` and ``b`` written out from their definitions, to check what a solver did.

Nothing here knows free variables or eliminations: every constraint is one or more rows
``e(W, b) = 0`` or ``c(W, b) <= 0`` in the weights themselves. The rows are analytic functions, so
their derivatives by a step ``i h`` into the complex plane, ``Im e(x + i h) / h``, have no
cancellation and are exact to rounding.

Source: definitions in ``theory.constraints``; the complex step: Squire and Trapp 1998, "Using
complex variables to estimate derivatives of real functions", SIAM Review 40(1).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from numerics.basics.types import Floats, Ints
from theory.problem import (
    AntipodalPairs,
    Constraint,
    Cyclic,
    IgnoredFeatures,
    MaxCoherence,
    NoBias,
    NonNegativeWeights,
    NonPositiveBias,
    NormBudget,
    SharedBias,
    UnitNorm,
    ZeroGram,
)

__all__ = ["Rows", "largest_violation", "rows_of"]

Numbers = npt.NDArray[Any]  # real, or complex while a derivative is taken
_Value = Callable[[Numbers, Numbers], Numbers]
_STEP = 1e-40


@dataclass(frozen=True)
class Rows:
    """Rows of one kind, ``= 0`` or ``<= 0``, with a name each."""

    names: tuple[str, ...]
    parts: tuple[_Value, ...]

    def values(self, W: Numbers, b: Numbers) -> Numbers:
        """All rows at some weights."""
        found = [np.atleast_1d(part(W, b)) for part in self.parts]
        return np.concatenate(found) if found else np.zeros(0)

    def jacobian(self, W: Floats, b: Floats, chosen: Ints | None = None) -> Floats:
        """Derivatives of all rows, or the chosen ones, by ``(W, b)``; ``W`` row by row."""
        point = np.concatenate([W.ravel(), b]).astype(np.complex128)
        count = len(self.names) if chosen is None else chosen.size
        found = np.empty((count, point.size))
        for k in range(point.size):
            point[k] += 1j * _STEP
            values = self.values(point[: W.size].reshape(W.shape), point[W.size :])
            found[:, k] = (values if chosen is None else values[chosen]).imag / _STEP
            point[k] = point[k].real
        return found


def rows_of(
    constraints: Sequence[Constraint], W: Floats, zero: Sequence[int] = ()
) -> tuple[Rows, Rows]:
    """Write constraints out as equations and inequalities near some weights.

    Args:
        constraints: checked ones.
        W: weights, shape ``(m, n)``; they say which sign of a Gram entry a coherence limits.
        zero: features whose columns are kept at zero; a coherence has no slope there.

    Returns:
        Equations and inequalities.

    Example:
        >>> equations, _ = rows_of([UnitNorm()], np.eye(2))
        >>> equations.names, equations.values(2 * np.eye(2), np.zeros(2)).tolist()
        (('norm(w_0) = 1', 'norm(w_1) = 1'), [1.0, 1.0])
    """
    equal: list[tuple[str, _Value]] = []
    above: list[tuple[str, _Value]] = []
    ignored = {j for c in constraints if isinstance(c, IgnoredFeatures) for j in c.members}
    for constraint in constraints:
        into = above if isinstance(constraint, _ABOVE) else equal
        into += _written_out(constraint, W, ignored, zero)
    equal += [(f"w_{j} = 0", _entry(a, j)) for j in zero for a in range(W.shape[0])]
    return _rows(equal), _rows(above)


def largest_violation(constraints: Sequence[Constraint], W: Floats, b: Floats) -> float:
    """The largest violation of any constraint, each in its own units.

    Args:
        constraints: checked ones.
        W: weights.
        b: biases.

    Returns:
        0 where all hold.

    Example:
        >>> largest_violation([NoBias()], np.eye(2), np.array([0.0, -0.25]))
        0.25
    """
    equal, above = rows_of(constraints, W)
    worst = np.abs(equal.values(W, b)).max(initial=0.0)
    return float(max(worst, above.values(W, b).max(initial=0.0)))


_ABOVE = (NormBudget, NonPositiveBias, NonNegativeWeights, MaxCoherence)


def _rows(listed: list[tuple[str, _Value]]) -> Rows:
    return Rows(tuple(name for name, _ in listed), tuple(value for _, value in listed))


def _norm(w: Numbers) -> Numbers:
    # of a complex step, not of a complex vector: no conjugates
    return np.sqrt(np.sum(w * w, axis=0))


def _entry(a: int, j: int) -> _Value:
    return lambda W, b: W[a, j]


def _minus(a: int, j: int) -> _Value:
    return lambda W, b: -W[a, j]


def _unit(j: int) -> _Value:
    return lambda W, b: _norm(W[:, j]) - 1.0


def _sum(a: int, i: int, j: int) -> _Value:
    return lambda W, b: W[a, i] + W[a, j]


def _bias(j: int, other: int | None = None) -> _Value:
    return lambda W, b: b[j] - (0.0 if other is None else b[other])


def _inner(i: int, j: int) -> _Value:
    return lambda W, b: np.sum(W[:, i] * W[:, j])


def _coherence(i: int, j: int, limit: float, sign: float) -> _Value:
    return lambda W, b: sign * np.sum(W[:, i] * W[:, j]) - limit * _norm(W[:, i]) * _norm(W[:, j])


def _turned(pair: tuple[int, int], image: tuple[int, int]) -> _Value:
    before, after = _inner(*pair), _inner(*image)
    return lambda W, b: after(W, b) - before(W, b)


def _written_out(
    constraint: Constraint, W: Floats, ignored: set[int], zero: Sequence[int]
) -> list[tuple[str, _Value]]:
    m, n = W.shape
    match constraint:
        case UnitNorm():
            kept = [j for j in range(n) if j not in ignored]
            return [(f"norm(w_{j}) = 1", _unit(j)) for j in kept]
        case NormBudget():
            total = float(constraint.total)
            return [(f"sum of norm(w)^2 <= {total:g}", lambda W, b: np.sum(W * W) - total)]
        case NoBias():
            return [(f"b_{j} = 0", _bias(j)) for j in range(n)]
        case SharedBias():
            return [(f"b_{j} = b_0", _bias(j, 0)) for j in range(1, n)]
        case NonPositiveBias():
            return [(f"b_{j} <= 0", _bias(j)) for j in range(n)]
        case NonNegativeWeights():
            return [(f"W[{a}, {j}] >= 0", _minus(a, j)) for a in range(m) for j in range(n)]
        case IgnoredFeatures():
            return [(f"w_{j} = 0", _entry(a, j)) for j in constraint.members for a in range(m)]
        case MaxCoherence():
            return _coherences(float(constraint.limit), W, zero)
    return _symmetries(constraint, W)


def _coherences(limit: float, W: Floats, zero: Sequence[int]) -> list[tuple[str, _Value]]:
    found: list[tuple[str, _Value]] = []
    for i, j in combinations([j for j in range(W.shape[1]) if j not in zero], 2):
        sign = 1.0 if W[:, i] @ W[:, j] >= 0.0 else -1.0
        signs = (1.0, -1.0) if limit == 0.0 else (sign,)
        name = f"abs(cos(w_{i}, w_{j})) <= {limit:g}"
        found += [(name, _coherence(i, j, limit, s)) for s in signs]
    return found


def _symmetries(constraint: Constraint, W: Floats) -> list[tuple[str, _Value]]:
    m, n = W.shape
    found: list[tuple[str, _Value]] = []
    match constraint:
        case ZeroGram():
            found += [(f"w_{i} . w_{j} = 0", _inner(i, j)) for i, j in constraint.pairs]
        case AntipodalPairs():
            for i, j in constraint.pairs:
                found += [(f"w_{j} = -w_{i}", _sum(a, i, j)) for a in range(m)]
                found.append((f"b_{j} = b_{i}", _bias(j, i)))
        case Cyclic():
            next_of = list(range(n))
            for k, j in enumerate(constraint.members):
                next_of[constraint.members[k - 1]] = j
            for i in constraint.members:
                p = next_of[i]
                found += [
                    (f"w_{p} . w_{next_of[j]} = w_{i} . w_{j}", _turned((i, j), (p, next_of[j])))
                    for j in range(n)
                ]
                found.append((f"b_{p} = b_{i}", _bias(p, i)))
    return found
