r"""Moments ``E[w (y)_+^r]`` of one output for exponential features, by residues.

For ``y = b + sum_j a_j x_j`` and ``w = prod_j x_j^{s_j}``, with features ``Exponential(1)`` where
active, the transform ``M(z) = E[w e^{zy}]`` is ``e^{bz}`` times a product over independent units

.. math::
    \text{idle} + \sum_S \text{mass}_S \prod_{j \in S} \frac{s_j!}{(1 - a_j z)^{1 + s_j}},
    \qquad
    E[w\,(y)_+^r] = \frac{r!}{2 \pi i} \int_{c - i\infty}^{c + i\infty}
        \frac{M(z)}{z^{r+1}} \, dz,

with ``0 < c`` and ``c a_j < 1``. Where ``b <= 0`` the integral closes on the right, around the
poles ``1/a_j`` of positive slopes; where ``b > 0`` on the left, around those of negative slopes and
around the origin, whose residue is ``E[w y^r]``. What no feature moves is ``(b)_+^r``, which is the
moment itself for ``b > 0`` and nothing for ``b <= 0``, strictly; all else decays like ``1/z``, so
that both sides may be closed at ``b = 0`` too. In ``t = 1 - a z`` the pole of slope ``a`` gives

.. math::
    \pm\, r!\, a^r e^{b/a} \, [t^{-1}]\; e^{-bt/a} (1 - t)^{-(r+1)} \prod_{\text{units}} (\ldots),
    \qquad \frac{1}{1 - a_j z} = \frac{a}{(a - a_j) + a_j t} .

Equal slopes share one pole of higher order: they are merged exactly, and every product is a
truncated power series. ``n`` features take ``O(n^2)`` short products for all moments of a gradient.

Source: own derivation; the inversion integral is NIST DLMF 1.14(iii).
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import Any

from flint import arb, arb_poly

from theory.row import Row, UnitMasses
from theory.vertices import Undecided

__all__ = ["ExponentialRow", "exponential_moment"]

Weights = Mapping[int, int]


class _Expansion(ABC):
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
        self._features: dict[tuple[int, int, int], arb_poly] = {}
        self._factors: dict[Any, arb_poly] = {}
        self._sides: dict[Any, tuple[list[arb_poly], list[arb_poly]]] = {}
        self._plain = [self._order(unit, {}) for unit in units]

    @abstractmethod
    def _feature(self, j: int, power: int, length: int) -> arb_poly:
        """Series of ``power! / (1 - a_j z)^(1 + power)``, times ``t^(1 + power)`` at its pole."""

    @abstractmethod
    def _front(self, r: int, length: int) -> arb_poly:
        """Series of what stands before the product."""

    @abstractmethod
    def _shape(self, order: int, r: int, kept: int) -> tuple[int, int]:
        """Which coefficient is read, and how many are kept."""

    def term(self, weights: Mapping[int, Weights], r: int) -> arb:
        """The residue, for weights listed by unit."""
        spare = max(2, sum(sum(powers.values()) for powers in weights.values()))
        plain = sum(self._plain)
        raised = (self._order(self._units[u], w) - self._plain[u] for u, w in weights.items())
        degree, length = self._shape(plain + sum(raised), r, plain + spare)
        if degree < 0:
            return arb(0)
        *marked, last = sorted(weights) or [0]
        before, after = self._all_but({u: weights[u] for u in marked}, r, length)
        own = self._factor(last, weights.get(last, {}), length)
        return ((before[last] * own).truncate(length) * after[last])[degree]

    def _all_but(
        self, marked: Mapping[int, Weights], r: int, length: int
    ) -> tuple[list[arb_poly], list[arb_poly]]:
        """Products of all factors before each unit, with the front, and of all behind it."""
        key = (tuple((u, *sorted(w.items())) for u, w in marked.items()), r, length)
        if key not in self._sides:
            factors = [self._factor(u, marked.get(u, {}), length) for u in range(len(self._units))]
            before, after = [self._front(r, length)], [arb_poly([1])]
            for factor in factors[:-1]:
                before.append((before[-1] * factor).truncate(length))
            for factor in reversed(factors[1:]):
                after.append((after[-1] * factor).truncate(length))
            self._sides[key] = before, after[::-1]
        return self._sides[key]

    def _factor(self, u: int, weights: Weights, length: int) -> arb_poly:
        key = (u, tuple(sorted(weights.items())), length)
        if key not in self._factors:
            self._factors[key] = self._unit(self._units[u], weights, length)
        return self._factors[key]

    def _unit(self, unit: UnitMasses, weights: Weights, length: int) -> arb_poly:
        """Idle mass and sets of a unit over their common order."""
        top = self._order(unit, weights)
        total = arb_poly([0 if weights else self.field.ball(unit.idle)]).left_shift(top)
        for members, mass in _matching(unit, weights):
            series = arb_poly([self.field.ball(mass)])
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

    def _cached_feature(self, j: int, power: int, length: int) -> arb_poly:
        key = (j, power, length)
        if key not in self._features:
            self._features[key] = self._feature(*key)
        return self._features[key]


def _matching(unit: UnitMasses, weights: Weights) -> list[tuple[tuple[int, ...], Any]]:
    """The sets in which every weighted feature is active."""
    return [pair for pair in unit.sets if all(j in pair[0] for j in weights)]


class _Pole(_Expansion):
    """Around ``z = 1/a``, in ``t = 1 - a z``."""

    @cached_property
    def _a(self) -> Any:
        return self._slopes[min(self._here)]

    def _shape(self, order: int, r: int, kept: int) -> tuple[int, int]:
        return order - 1, kept

    def _feature(self, j: int, power: int, length: int) -> arb_poly:
        if j in self._here:
            return arb_poly([math.factorial(power)])
        apart = self.field.ball(self._a - self._slopes[j])  # exact before it is rounded
        ratio = -arb(self.field.ball(self._slopes[j])) / apart
        first = math.factorial(power) * (arb(self.field.ball(self._a)) / apart) ** (1 + power)
        return _negative_binomial(first, ratio, 1 + power, length)

    def _front(self, r: int, length: int) -> arb_poly:
        a = arb(self.field.ball(self._a))
        rate = self.field.ball(self._bias) / a
        moved = _exponential(math.factorial(r) * a**r * rate.exp(), -rate, length)
        return (moved * _negative_binomial(arb(1), arb(1), r + 1, length)).truncate(length)


class _Origin(_Expansion):
    """Around ``z = 0``: the moments of ``y``."""

    def _shape(self, order: int, r: int, kept: int) -> tuple[int, int]:
        return r, r + 1

    def _feature(self, j: int, power: int, length: int) -> arb_poly:
        slope = arb(self.field.ball(self._slopes[j]))
        return _negative_binomial(arb(math.factorial(power)), slope, 1 + power, length)

    def _front(self, r: int, length: int) -> arb_poly:
        return _exponential(arb(math.factorial(r)), arb(self.field.ball(self._bias)), length)


def _negative_binomial(first: arb, ratio: arb, power: int, length: int) -> arb_poly:
    """``first (1 - ratio t)^(-power)``."""
    found = [first]
    for k in range(1, length):
        found.append(found[-1] * ratio * (k + power - 1) / k)
    return arb_poly(found)


def _exponential(first: arb, rate: arb, length: int) -> arb_poly:
    """``first e^(rate t)``."""
    found = [first]
    for k in range(1, length):
        found.append(found[-1] * rate / k)
    return arb_poly(found)


class ExponentialRow:
    """One output with exponential features; what its moments share is computed once.

    All moments of one object belong to the working precision at which the first was asked for.

    Args:
        field: ``theory.balls.ExactVertices``, or ``BallVertices`` for numbers without a field.
        row: the output; masses need not sum to one.

    Example:
        >>> from flint import fmpq
        >>> from theory.balls import ExactVertices
        >>> from theory.fields import Rationals
        >>> from theory.problem import Exponential, ReLU
        >>> unit = UnitMasses(fmpq(1, 2), (((0,), fmpq(1, 2)),))
        >>> row = Row(0, [fmpq(1)], fmpq(-1), [unit], Exponential(), ReLU())
        >>> ExponentialRow(ExactVertices(Rationals()), row).moment({}, 1)  # e^(-1) / 2
        [0.183939720585721 +/- ...]
    """

    def __init__(self, field: Any, row: Row) -> None:
        self._field, self._row = field, row
        self._units = [
            UnitMasses(unit.idle, tuple(pair for pair in unit.sets if not bool(pair[1] == 0)))
            for unit in row.units
        ]
        self._unit_of = {
            j: u for u, unit in enumerate(row.units) for members, _ in unit.sets for j in members
        }
        expansion = (field, self._units, row.bias, row.slopes)
        self._right = _sign(row.bias, f"b[{row.index}]") <= 0
        self._poles = [_Pole(*expansion, here) for here in self._groups()]
        self._origin = None if self._right else _Origin(*expansion)

    def _groups(self) -> list[list[int]]:
        """Features by equal slopes, for the slopes on the side that is closed."""
        slopes, index = self._row.slopes, self._row.index
        moving = [j for unit in self._units for members, _ in unit.sets for j in members]
        found: list[list[int]] = []
        for j in sorted(set(moving)):
            sign = _sign(slopes[j], f"G[{index}][{j}]")
            if sign != (1 if self._right else -1):
                continue
            for here in found:
                k = here[0]
                if _sign(slopes[j] - slopes[k], f"G[{index}][{j}] - G[{index}][{k}]") == 0:
                    here.append(j)
                    break
            else:
                found.append([j])
        return found

    def moment(self, weights: Weights, r: int) -> arb:
        """Give ``E[prod_j x_j^weights[j] (y)_+^r]``, ``(y)_+^0`` the indicator of ``y > 0``.

        Args:
            weights: exponents by feature.
            r: a power, at least 0.

        Returns:
            A ball at the working precision.
        """
        by_unit: dict[int, dict[int, int]] = {}
        for j, power in weights.items():
            if power:
                by_unit.setdefault(self._unit_of[j], {})[j] = power
        poles = sum((pole.term(by_unit, r) for pole in self._poles), arb(0))
        return poles if self._origin is None else self._origin.term(by_unit, r) - poles


def _sign(value: Any, name: str) -> int:
    if value > 0:
        return 1
    if value < 0:
        return -1
    if not bool(value == 0):
        raise Undecided(f"{name} = {value} cannot be told from 0")
    return 0


def exponential_moment(field: Any, row: Row, weights: Weights, r: int) -> arb:
    """Give ``E[prod_j x_j^weights[j] (y)_+^r]`` for exponential features.

    Args:
        field: ``theory.balls.ExactVertices``, or ``BallVertices`` for numbers without a field.
        row: the output; masses need not sum to one.
        weights: exponents by feature.
        r: a power, at least 0; ``(y)_+^0`` is the indicator of ``y > 0``.

    Returns:
        A ball at the working precision.

    Raises:
        Undecided: numbers without a field, of which a sign cannot be decided.

    Example:
        >>> from flint import fmpq
        >>> from theory.balls import ExactVertices
        >>> from theory.fields import Rationals
        >>> from theory.problem import Exponential, ReLU
        >>> unit = UnitMasses(fmpq(0), (((0,), fmpq(1)),))
        >>> row = Row(0, [fmpq(2)], fmpq(0), [unit], Exponential(), ReLU())
        >>> print(exponential_moment(ExactVertices(Rationals()), row, {0: 1}, 1))  # E[u 2u]
        4.00000000000000
    """
    return ExponentialRow(field, row).moment(weights, r)
