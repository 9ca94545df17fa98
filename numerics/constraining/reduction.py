r"""Linear constraints that leave variables out: ``(W, b) = A z`` with fewer variables ``z``.

Every feature takes one of the free columns, with a sign, or none; every bias is one of the free
biases, or zero. No bias, shared biases, ignored features, antipodal pairs and the biases of a
circle are all of this kind, so they hold exactly, not to a tolerance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from numerics.basics.types import Floats, Ints
from theory.problem import (
    AntipodalPairs,
    Constraint,
    Cyclic,
    IgnoredFeatures,
    MaxCoherence,
    NoBias,
    NonNegativeWeights,
    SharedBias,
    ZeroGram,
)

__all__ = ["Reduction", "reduce_variables"]


@dataclass(frozen=True)
class Reduction:
    """Which free column and free bias each feature takes.

    Attributes:
        n_hidden: ``m``.
        column: index of the free column of each feature, -1 for none, shape ``(n,)``.
        sign: 1 or -1, shape ``(n,)``; 0 for no column.
        bias: index of the free bias of each feature, -1 for zero, shape ``(n,)``.
        why_zero: for each feature without a column, the constraints that leave it none.
    """

    n_hidden: int
    column: Ints
    sign: Floats
    bias: Ints
    why_zero: dict[int, tuple[str, ...]]

    @property
    def n_columns(self) -> int:
        """Number of free columns."""
        return int(self.column.max(initial=-1)) + 1

    @property
    def n_biases(self) -> int:
        """Number of free biases."""
        return int(self.bias.max(initial=-1)) + 1

    @property
    def size(self) -> int:
        """Length of ``z``: the free columns as a matrix of ``m`` rows, then the free biases."""
        return self.n_hidden * self.n_columns + self.n_biases

    def columns(self, z: Floats) -> Floats:
        """The free columns, shape ``(m, k)``."""
        return z[: self.n_hidden * self.n_columns].reshape(self.n_hidden, self.n_columns)

    def expand(self, z: Floats) -> tuple[Floats, Floats]:
        """Weights and biases from the free variables.

        Args:
            z: free variables.

        Returns:
            ``W`` and ``b``.
        """
        n = self.column.size
        W, b = np.zeros((self.n_hidden, n)), np.zeros(n)
        has, shifted = self.column >= 0, self.bias >= 0
        W[:, has] = self.columns(z)[:, self.column[has]] * self.sign[has]
        b[shifted] = z[self.n_hidden * self.n_columns :][self.bias[shifted]]
        return W, b

    def pull(self, by_W: Floats, by_b: Floats) -> Floats:
        """The gradient by ``z`` from those by ``W`` and ``b``: ``A^T`` times them.

        Args:
            by_W: gradient by ``W``.
            by_b: gradient by ``b``.

        Returns:
            Gradient by the free variables.
        """
        columns, biases = np.zeros((self.n_columns, self.n_hidden)), np.zeros(self.n_biases)
        has, shifted = self.column >= 0, self.bias >= 0
        np.add.at(columns, self.column[has], (by_W * self.sign).T[has])
        np.add.at(biases, self.bias[shifted], by_b[shifted])
        return np.concatenate([columns.T.ravel(), biases])

    def restrict(self, W: Floats, b: Floats) -> Floats:
        """The free variables nearest to some weights: means over the features that share them.

        Args:
            W: weights.
            b: biases.

        Returns:
            Free variables.
        """
        ones = np.ones_like(W) * self.sign
        return self.pull(W, b) / np.maximum(self.pull(ones, np.ones_like(b)), 1.0)

    def matrix(self) -> Floats:
        """``A``, shape ``(m n + n, size)``."""
        unit = np.eye(self.size)
        return np.array([np.concatenate([part.ravel() for part in self.expand(e)]) for e in unit]).T


class _Signed:
    """Classes of features that are equal up to sign; a class with a conflict is zero."""

    def __init__(self, count: int) -> None:
        self._parent, self._sign = list(range(count)), [1] * count

    def find(self, j: int) -> tuple[int, int]:
        sign = 1
        while self._parent[j] != j:
            sign *= self._sign[j]
            j = self._parent[j]
        return j, sign

    def join(self, i: int, j: int, sign: int) -> bool:
        """Say that ``i = sign j``; False where that contradicts what was said."""
        (first, s), (second, t) = self.find(i), self.find(j)
        if first == second:
            return s == sign * t
        low, high = min(first, second), max(first, second)
        self._parent[high], self._sign[high] = low, s * t * sign
        return True

    def classes(self) -> list[dict[int, int]]:
        """Members with their signs, class by class."""
        found: dict[int, dict[int, int]] = {}
        for j in range(len(self._parent)):
            root, sign = self.find(j)
            found.setdefault(root, {})[j] = sign
        return list(found.values())


def reduce_variables(n: int, m: int, constraints: Sequence[Constraint]) -> Reduction:
    """Find the free variables under the linear ones of some constraints.

    Columns that the constraints force to zero are left out with them: opposite features without a
    negative weight, parallel ones of a coherence below 1, a circle with an ignored member.

    Args:
        n: number of features.
        m: number of hidden dimensions.
        constraints: checked ones.

    Returns:
        The free variables.

    Example:
        >>> reduce_variables(3, 2, [AntipodalPairs((0, 1)), SharedBias()]).size
        5
    """
    zero: dict[int, tuple[str, ...]] = {}
    columns = _joined_columns(n, constraints, zero)
    _spread_zeros(columns.classes(), constraints, zero)
    column, sign = np.full(n, -1), np.zeros(n)
    kept = [members for members in columns.classes() if not zero.keys() & members.keys()]
    for index, members in enumerate(kept):
        for j, turned in members.items():
            column[j], sign[j] = index, turned * members[min(members)]
    return Reduction(m, column, sign, _free_biases(n, constraints), zero)


def _joined_columns(
    n: int, constraints: Sequence[Constraint], zero: dict[int, tuple[str, ...]]
) -> _Signed:
    joined = _Signed(n)
    pairings = [c for c in constraints if isinstance(c, AntipodalPairs)]
    names = tuple(map(repr, pairings))
    for pairing in pairings:
        for i, j in pairing.pairs:
            if not joined.join(i, j, -1):
                zero[i] = names
    for constraint in constraints:
        if isinstance(constraint, IgnoredFeatures):
            zero.update(dict.fromkeys(constraint.members, (repr(constraint),)))
    return joined


def _spread_zeros(
    classes: list[dict[int, int]],
    constraints: Sequence[Constraint],
    zero: dict[int, tuple[str, ...]],
) -> None:
    """Add the features that other constraints make zero, until nothing changes."""
    pairings = tuple(repr(c) for c in constraints if isinstance(c, AntipodalPairs))
    for constraint in constraints:
        for members in classes:
            if _forces_zero(constraint, members):
                zero.setdefault(min(members), (*pairings, repr(constraint)))
    circles = [c for c in constraints if isinstance(c, Cyclic)]
    links = [(tuple(members), pairings) for members in classes]
    links += [(circle.members, (repr(circle),)) for circle in circles]
    before = -1
    while before < len(zero):
        before = len(zero)
        for linked, names in links:
            if why := next((zero[j] for j in linked if j in zero), None):
                for j in linked:
                    zero.setdefault(j, tuple(dict.fromkeys(why + names)))


def _forces_zero(constraint: Constraint, members: dict[int, int]) -> bool:
    """Whether a constraint leaves nothing but zero to features that are equal up to sign."""
    if isinstance(constraint, NonNegativeWeights):
        return len(set(members.values())) > 1
    if isinstance(constraint, MaxCoherence):
        return constraint.limit < 1 and len(members) > 1
    return isinstance(constraint, ZeroGram) and any(
        i in members and j in members for i, j in constraint.pairs
    )


def _free_biases(n: int, constraints: Sequence[Constraint]) -> Ints:
    if any(isinstance(c, NoBias) for c in constraints):
        return np.full(n, -1)
    joined = _Signed(n)
    for constraint in constraints:
        if isinstance(constraint, SharedBias):
            links = [(0, j) for j in range(1, n)]
        elif isinstance(constraint, AntipodalPairs):
            links = list(constraint.pairs)
        elif isinstance(constraint, Cyclic):
            links = [(constraint.members[0], j) for j in constraint.members[1:]]
        else:
            links = []
        for i, j in links:
            joined.join(i, j, 1)
    bias = np.full(n, -1)
    for index, members in enumerate(joined.classes()):
        bias[list(members)] = index
    return bias
