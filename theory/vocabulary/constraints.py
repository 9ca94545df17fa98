r"""Constraints on the weights: part of the vocabulary. They compose: a list is one question.

| constraint | in symbols |
|---|---|
| ``UnitNorm()`` | every represented feature has norm 1 |
| ``NormBudget(c)`` | ``sum_i norm(w_i)^2 <= c`` |
| ``NoBias()`` | ``b = 0`` |
| ``SharedBias()`` | ``b_1 = ... = b_n`` |
| ``NonPositiveBias()`` | ``b <= 0`` |
| ``MaxCoherence(c)`` | ``abs(w_i . w_j) <= c norm(w_i) norm(w_j)`` for ``i != j`` |
| ``NonNegativeWeights()`` | ``W >= 0`` |
| ``IgnoredFeatures(3, 4)`` | ``w_3 = w_4 = 0`` |
| ``Cyclic(0, 1, 2)`` | ``W^T W`` and ``b`` stay the same when 0 -> 1 -> 2 -> 0 |
| ``AntipodalPairs((0, 1), (2, 3))`` | ``w_1 = -w_0``, ``b_1 = b_0``, and so on |
| ``ZeroGram((0, 2), (1, 3))`` | ``w_0 . w_2 = 0``, and so on |

"Represented" are all features that no ``IgnoredFeatures`` names.

Source: own; unit norms and no bias as in Elhage et al. 2022, arXiv:2209.10652, section 2, with the
bias left out; norm budgets as in Scherlis et al. 2022, arXiv:2210.01892.
"""

from __future__ import annotations

import numbers
from dataclasses import dataclass
from typing import Any, TypeAlias

from theory.vocabulary.scalars import Exact, InputError, exact_number, is_symbolic

__all__ = [
    "AntipodalPairs",
    "Constraint",
    "Cyclic",
    "IgnoredFeatures",
    "MaxCoherence",
    "NoBias",
    "NonNegativeWeights",
    "NonPositiveBias",
    "NormBudget",
    "SharedBias",
    "UnitNorm",
    "ZeroGram",
    "checked_constraints",
]

Pair: TypeAlias = tuple[int, int]


class Constraint:
    """What all constraints are: values that compare and print, without any method of solution."""

    @property
    def features(self) -> tuple[int, ...]:
        """The features that it names, by index; empty where it is about all."""
        return ()


@dataclass(frozen=True)
class UnitNorm(Constraint):
    """Every represented feature has norm 1."""


@dataclass(frozen=True)
class NormBudget(Constraint):
    """The squared norms of all features sum to at most ``total``.

    Args:
        total: a number above 0.

    Raises:
        InputError: another number.

    Example:
        >>> NormBudget("5/2").total
        Fraction(5, 2)
    """

    total: Exact

    def __post_init__(self) -> None:
        object.__setattr__(self, "total", _number(self.total, "total"))
        if self.total <= 0:
            raise InputError(f"total={self.total}: must be above 0")


@dataclass(frozen=True)
class NoBias(Constraint):
    """Every bias is 0."""


@dataclass(frozen=True)
class SharedBias(Constraint):
    """All biases are equal."""


@dataclass(frozen=True)
class NonPositiveBias(Constraint):
    """No bias is above 0."""


@dataclass(frozen=True)
class MaxCoherence(Constraint):
    """No two features have a cosine above ``limit`` in absolute value.

    Args:
        limit: a number from 0 to 1.

    Raises:
        InputError: another number.

    Example:
        >>> MaxCoherence(0.5)
        MaxCoherence(limit=Fraction(1, 2))
    """

    limit: Exact

    def __post_init__(self) -> None:
        object.__setattr__(self, "limit", _number(self.limit, "limit"))
        if not 0 <= self.limit <= 1:
            raise InputError(f"limit={self.limit}: a coherence is between 0 and 1")


@dataclass(frozen=True)
class NonNegativeWeights(Constraint):
    """No entry of ``W`` is below 0."""


@dataclass(frozen=True, init=False, repr=False)
class IgnoredFeatures(Constraint):
    """Some features have ``w_j = 0``.

    Args:
        *members: one or more different indices, from 0.

    Raises:
        InputError: none, repeated, negative or not whole.

    Example:
        >>> IgnoredFeatures(4, 3)
        IgnoredFeatures(3, 4)
    """

    members: tuple[int, ...]

    def __init__(self, *members: int) -> None:
        object.__setattr__(self, "members", tuple(sorted(_indices(members, "members", 1))))

    @property
    def features(self) -> tuple[int, ...]:
        """The ignored ones."""
        return self.members

    def __repr__(self) -> str:
        return f"IgnoredFeatures({', '.join(map(str, self.members))})"


@dataclass(frozen=True, init=False, repr=False)
class Cyclic(Constraint):
    """The Gram matrix and the biases do not change when some features move up in a circle.

    Args:
        *members: two or more different indices, in the order of the circle.

    Raises:
        InputError: fewer than two, repeated, negative or not whole.

    Example:
        >>> Cyclic(0, 2, 1)
        Cyclic(0, 2, 1)
    """

    members: tuple[int, ...]

    def __init__(self, *members: int) -> None:
        object.__setattr__(self, "members", _indices(members, "members", 2))

    @property
    def features(self) -> tuple[int, ...]:
        """Those in the circle."""
        return self.members

    def __repr__(self) -> str:
        return f"Cyclic({', '.join(map(str, self.members))})"


@dataclass(frozen=True, init=False, repr=False)
class AntipodalPairs(Constraint):
    """The features of each pair have opposite weights and the same bias.

    Args:
        *pairs: one or more pairs of indices, no index twice.

    Raises:
        InputError: no pair, something else, or an index twice.

    Example:
        >>> AntipodalPairs((0, 1), (3, 2)).pairs
        ((0, 1), (3, 2))
    """

    pairs: tuple[Pair, ...]

    def __init__(self, *pairs: Pair) -> None:
        checked = _pairs(pairs)
        _indices(tuple(j for pair in checked for j in pair), "pairs", 2)
        object.__setattr__(self, "pairs", checked)

    @property
    def features(self) -> tuple[int, ...]:
        """Those in a pair."""
        return tuple(j for pair in self.pairs for j in pair)

    def __repr__(self) -> str:
        return f"AntipodalPairs({', '.join(map(str, self.pairs))})"


@dataclass(frozen=True, init=False, repr=False)
class ZeroGram(Constraint):
    """Some pairs of features do not interfere: ``w_i . w_j = 0``.

    Args:
        *pairs: one or more pairs of different indices.

    Raises:
        InputError: no pair, or something else.

    Example:
        >>> ZeroGram((2, 0), (1, 3)).pairs
        ((0, 2), (1, 3))
    """

    pairs: tuple[Pair, ...]

    def __init__(self, *pairs: Pair) -> None:
        ordered = {(min(pair), max(pair)) for pair in _pairs(pairs)}
        object.__setattr__(self, "pairs", tuple(sorted(ordered)))

    @property
    def features(self) -> tuple[int, ...]:
        """Those in a pair."""
        return tuple(j for pair in self.pairs for j in pair)

    def __repr__(self) -> str:
        return f"ZeroGram({', '.join(map(str, self.pairs))})"


def _number(value: object, name: str) -> Exact:
    found = exact_number(value, name)
    if is_symbolic(found):
        raise InputError(f"{name}={value}: must be a number, not a symbol")
    return found


def _indices(values: tuple[object, ...], name: str, least: int) -> tuple[int, ...]:
    for j in values:
        if isinstance(j, bool) or not isinstance(j, numbers.Integral) or j < 0:
            raise InputError(f"{name}={values!r}: must be feature indices, from 0")
    if len(values) < least or len(set(values)) < len(values):
        raise InputError(f"{name}={values!r}: must be {least} or more different features")
    return tuple(int(j) for j in values if isinstance(j, numbers.Integral))


def _pairs(values: tuple[object, ...]) -> tuple[Pair, ...]:
    found = []
    for pair in values:
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise InputError(f"pairs: {pair!r} is no pair of features; write (0, 1)")
        first, second = _indices(tuple(pair), "pair", 2)
        found.append((first, second))
    if not found:
        raise InputError("pairs=(): give one or more pairs such as (0, 1)")
    return tuple(found)


def checked_constraints(constraints: object, n_features: int) -> tuple[Constraint, ...]:
    """Check that constraints are such, and name features that exist.

    Args:
        constraints: a constraint or a sequence of them.
        n_features: number of features.

    Returns:
        Each once, in the order given.

    Raises:
        InputError: something else, or a feature out of range.

    Example:
        >>> checked_constraints([UnitNorm(), UnitNorm(), NoBias()], 3)
        (UnitNorm(), NoBias())
    """
    listed: list[Any] = (
        list(constraints) if isinstance(constraints, (list, tuple)) else [constraints]
    )
    for constraint in listed:
        if not isinstance(constraint, Constraint) or type(constraint) is Constraint:
            raise InputError(
                f"constraints: {constraint!r} is none; write such as [UnitNorm(), NoBias()]"
            )
        over = [j for j in constraint.features if j >= n_features]
        if over:
            raise InputError(
                f"constraints: {constraint!r} names feature {over[0]}; indices run from 0 to "
                f"n_features - 1 = {n_features - 1}"
            )
    return tuple(dict.fromkeys(listed))
