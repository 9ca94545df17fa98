r"""Expansions of a transform of exponential features around its poles and around the origin.

The transform of ``y = b + sum_j a_j x_j`` with weights ``prod_j x_j^{s_j}`` is ``e^{bz}`` times a
product over independent units

.. math:: \text{idle} + \sum_S \text{mass}_S \prod_{j \in S} \frac{s_j!}{(1 - a_j z)^{1 + s_j}} .

An expansion multiplies the factors of all units as truncated power series in a local variable
``t``. The products of all factors before and behind a unit are kept, so that a weight on another
unit costs one more product. Numbers are those of the field: balls, or rationals for a closed form.

Source: own derivation.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import Any

from theory.rows.row import UnitMasses

__all__ = ["Expansion", "Origin", "Pole", "Weights"]

Weights = Mapping[int, int]


class Expansion(ABC):
    """The integrand around one point of the plane: a factor of each unit, and a front factor.

    A factor is an order ``m`` and a power series ``P``, and stands for ``t^{-m} P(t)``.
    """

    def __init__(
        self,
        field: Any,
        units: Sequence[UnitMasses],
        bias: Any,
        slopes: Sequence[Any],
        here: Collection[int] = (),
    ) -> None:
        self.field = field
        self._units = units
        self._bias, self._slopes = bias, slopes
        self._here = here  # features with a pole here
        self._features: dict[tuple[int, int, int], Any] = {}
        self._factors: dict[Any, Any] = {}
        self._sides: dict[Any, tuple[list[Any], list[Any]]] = {}
        self._one = field.element(1)
        self._plain = [self._order(unit, {}) for unit in units]

    def _number(self, element: Any) -> Any:
        return self._one * self.field.ball(element)

    @abstractmethod
    def _feature(self, j: int, power: int, length: int) -> Any:
        """Series of ``power! / (1 - a_j z)^(1 + power)``, times ``t^(1 + power)`` at its pole."""

    @abstractmethod
    def _front(self, r: int, length: int) -> Any:
        """Series of what stands before the product."""

    @abstractmethod
    def _shape(self, order: int, r: int, kept: int) -> tuple[int, int]:
        """Which coefficient is read, and how many are kept."""

    def term(self, weights: Mapping[int, Weights], r: int) -> Any:
        """The residue, for weights listed by unit."""
        spare = max(2, sum(sum(powers.values()) for powers in weights.values()))
        plain = sum(self._plain)
        raised = (self._order(self._units[u], w) - self._plain[u] for u, w in weights.items())
        degree, length = self._shape(plain + sum(raised), r, plain + spare)
        if degree < 0:
            return self._one * 0
        *marked, last = sorted(weights) or [0]
        before, after = self._all_but({u: weights[u] for u in marked}, r, length)
        own = self._factor(last, weights.get(last, {}), length)
        return ((before[last] * own).truncate(length) * after[last])[degree]

    def _all_but(
        self, marked: Mapping[int, Weights], r: int, length: int
    ) -> tuple[list[Any], list[Any]]:
        """Products of all factors before each unit, with the front, and of all behind it."""
        key = (tuple((u, *sorted(w.items())) for u, w in marked.items()), r, length)
        if key not in self._sides:
            factors = [self._factor(u, marked.get(u, {}), length) for u in range(len(self._units))]
            before, after = [self._front(r, length)], [self.field.polynomial([self._one])]
            for factor in factors[:-1]:
                before.append((before[-1] * factor).truncate(length))
            for factor in reversed(factors[1:]):
                after.append((after[-1] * factor).truncate(length))
            self._sides[key] = before, after[::-1]
        return self._sides[key]

    def _factor(self, u: int, weights: Weights, length: int) -> Any:
        key = (u, tuple(sorted(weights.items())), length)
        if key not in self._factors:
            self._factors[key] = self._unit(self._units[u], weights, length)
        return self._factors[key]

    def _unit(self, unit: UnitMasses, weights: Weights, length: int) -> Any:
        """Idle mass and sets of a unit over their common order."""
        top = self._order(unit, weights)
        total = self.field.polynomial([self._one * 0 if weights else self._number(unit.idle)])
        total = total.left_shift(top)
        for members, mass in _matching(unit, weights):
            series = self.field.polynomial([self._number(mass)])
            for j in members:
                factor = self._cached_feature(j, weights.get(j, 0), length)
                series = (series * factor).truncate(length)
            total = total + series.left_shift(top - self._set_order(members, weights))
        return total.truncate(length)

    def _order(self, unit: UnitMasses, weights: Weights) -> int:
        orders = (self._set_order(members, weights) for members, _ in _matching(unit, weights))
        return max(orders, default=0)

    def _set_order(self, members: Sequence[int], weights: Weights) -> int:
        return sum(1 + weights.get(j, 0) for j in members if j in self._here)

    def _cached_feature(self, j: int, power: int, length: int) -> Any:
        key = (j, power, length)
        if key not in self._features:
            self._features[key] = self._feature(*key)
        return self._features[key]


def _matching(unit: UnitMasses, weights: Weights) -> list[tuple[tuple[int, ...], Any]]:
    """The sets in which every weighted feature is active."""
    return [pair for pair in unit.sets if all(j in pair[0] for j in weights)]


class Pole(Expansion):
    """Around ``z = 1/a``, in ``t = 1 - a z``; without the factor ``e^{b/a}``."""

    @cached_property
    def _a(self) -> Any:
        return self._slopes[min(self._here)]

    @property
    def rate(self) -> Any:
        """``b/a``."""
        return self._number(self._bias) / self._number(self._a)

    def _shape(self, order: int, r: int, kept: int) -> tuple[int, int]:
        return order - 1, kept

    def _feature(self, j: int, power: int, length: int) -> Any:
        if j in self._here:
            return self.field.polynomial([self._one * math.factorial(power)])
        apart = self._number(self._a - self._slopes[j])  # exact before it is rounded
        ratio = -self._number(self._slopes[j]) / apart
        first = math.factorial(power) * (self._number(self._a) / apart) ** (1 + power)
        return self.field.polynomial(_negative_binomial(first, ratio, 1 + power, length))

    def _front(self, r: int, length: int) -> Any:
        scale = math.factorial(r) * self._number(self._a) ** r
        moved = self.field.polynomial(_exponential(scale, -self.rate, length))
        raised = self.field.polynomial(_negative_binomial(self._one, self._one, r + 1, length))
        return (moved * raised).truncate(length)


class Origin(Expansion):
    """Around ``z = 0``: the moments of ``y``."""

    def _shape(self, order: int, r: int, kept: int) -> tuple[int, int]:
        return r, r + 1

    def _feature(self, j: int, power: int, length: int) -> Any:
        first, slope = self._one * math.factorial(power), self._number(self._slopes[j])
        return self.field.polynomial(_negative_binomial(first, slope, 1 + power, length))

    def _front(self, r: int, length: int) -> Any:
        bias = self._number(self._bias)
        return self.field.polynomial(_exponential(self._one * math.factorial(r), bias, length))


def _negative_binomial(first: Any, ratio: Any, power: int, length: int) -> list[Any]:
    """``first (1 - ratio t)^(-power)``."""
    found = [first]
    for k in range(1, length):
        found.append(found[-1] * ratio * (k + power - 1) / k)
    return found


def _exponential(first: Any, rate: Any, length: int) -> list[Any]:
    """``first e^(rate t)``."""
    found = [first]
    for k in range(1, length):
        found.append(found[-1] * rate / k)
    return found
