r"""Polynomial activations: one output needs moments alone, for any number of features.

With ``sigma(t) = t^q`` (``|t|^q`` for even ``q`` is the same)

.. math:: E (x_i - y^q)^2 = E x_i^2 - 2 E[x_i y^q] + E y^{2q}, \qquad y = b + \sum_j a_j x_j .

The exponential generating function of the moments of ``y`` is a product over independent units of
features, so that ``O(n)`` truncated products give every moment: no set of features is enumerated.
For one set of active features the factor is ``prod_j sum_k mu_k (a_j z)^k / k!``, with ``x_j`` in
front ``mu_{k+1}`` stands for ``mu_k``.

Source: own derivation; for symmetric laws and ``q = 3`` the result is the polynomial of
``theory.power_model.gain``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, Protocol

import sympy
from flint import arb, fmpq, fmpq_poly

from theory.problem import HalfNormal, Unsupported
from theory.rows.law_moments import law_moment_balls, law_moments
from theory.rows.row import Row, UnitMasses

__all__ = ["plain_moment", "polynomial_gradient", "polynomial_loss"]


class _Product(Protocol):
    """How power series are made, multiplied and read."""

    def make(self, coefficients: Sequence[Any]) -> Any: ...
    def times(self, left: Any, right: Any) -> Any: ...
    def read(self, series: Any, degree: int) -> Any: ...


class _RationalSeries:
    """Truncated power series over the rationals, by FLINT."""

    def __init__(self, length: int) -> None:
        self._length = length

    def make(self, coefficients: Sequence[fmpq]) -> fmpq_poly:
        return fmpq_poly(list(coefficients))

    def times(self, left: fmpq_poly, right: fmpq_poly) -> fmpq_poly:
        return left.mul_low(right, self._length)

    def read(self, series: fmpq_poly, degree: int) -> fmpq:
        return series[degree]


class _ElementSeries:
    """Truncated power series over any field, as lists."""

    def __init__(self, length: int) -> None:
        self._length = length

    def make(self, coefficients: Sequence[Any]) -> list[Any]:
        return list(coefficients)

    def times(self, left: list[Any], right: list[Any]) -> list[Any]:
        found: list[Any] = [0] * min(self._length, len(left) + len(right) - 1)
        for i, x in enumerate(left):
            if isinstance(x, int) and x == 0:  # odd moments of a symmetric law
                continue
            for j, y in enumerate(right[: len(found) - i]):
                if not (isinstance(y, int) and y == 0):
                    found[i + j] = x * y + found[i + j]
        return found

    def read(self, series: list[Any], degree: int) -> Any:
        return series[degree] if degree < len(series) else 0


class _Moments:
    """Generating functions of one output's units.

    Degrees above ``top``, and those for which ``moments`` of the law do not reach, are left out.
    """

    def __init__(self, field: Any, row: Row, top: int, moments: int) -> None:
        rational = isinstance(row.bias, fmpq) and hasattr(field, "exact")
        self._number = _number_of(row.bias)
        self.row = row
        self.series: _Product = (_RationalSeries if rational else _ElementSeries)(top + 1)
        self._top = top
        self._mu = [mu if mu != 0 else 0 for mu in self._law_numbers(moments)]
        self._one = row.bias * 0 + 1
        self.shift = self._powers(row.bias, [1] * (top + 1))

    def _powers(self, a: Any, moments: Sequence[Any]) -> Any:
        """``sum_k moments_k (a z)^k / k!``."""
        found, power = [], self._one
        for k, mu in enumerate(moments):
            zero = isinstance(mu, int) and mu == 0
            found.append(power * 0 if zero else power * (mu * self._number(1, math.factorial(k))))
            power = power * a
        return self.series.make(found)

    def _law_numbers(self, top: int) -> list[Any]:
        """``mu_0 .. mu_top`` as numbers that multiply elements of the field."""
        law = self.row.law
        if isinstance(law, HalfNormal) and isinstance(self.row.bias, arb):
            return law_moment_balls(law, top)
        moments = law_moments(law, top)
        irrational = [mu for mu in moments if not isinstance(mu, Fraction)]
        if irrational:
            raise Unsupported(
                f"features={law!r}: the moment {irrational[0]} is not rational; give fractions"
            )
        return [self._number(mu.numerator, mu.denominator) for mu in moments]

    def unit(self, unit: UnitMasses, weights: Mapping[int, int]) -> Any:
        """The factor of a unit with ``prod_j x_j^weights[j]`` in front."""
        idle = unit.idle if not any(weights.values()) else unit.idle * 0
        total = self.series.make([idle])
        for members, mass in unit.sets:
            if any(power and j not in members for j, power in weights.items()):
                continue
            product = self.series.make([mass])
            for j in members:
                start = weights.get(j, 0)
                moments = self._mu[start : start + self._top + 1]
                factor = self._powers(self.row.slopes[j], moments)
                product = self.series.times(product, factor)
            total = _sum(total, product)
        return total

    def moment(self, series: Any, degree: int) -> Any:
        """``E y^degree`` from a generating function."""
        return self.series.read(series, degree) * math.factorial(degree)


def _sum(left: Any, right: Any) -> Any:
    if isinstance(left, fmpq_poly):
        return left + right
    longer, shorter = (left, right) if len(left) >= len(right) else (right, left)
    return [x + y for x, y in zip(longer, shorter, strict=False)] + longer[len(shorter) :]


def _number_of(element: Any) -> Callable[[int, int], Any]:
    """How to make a rational number that multiplies such elements."""
    return sympy.Rational if isinstance(element, sympy.Basic) else fmpq


def _own_unit(row: Row) -> int:
    return next(
        u
        for u, unit in enumerate(row.units)
        if any(row.index in members for members, _ in unit.sets)
    )


def plain_moment(field: Any, row: Row, weights: Mapping[int, int], r: int) -> Any:
    """Give ``E[prod_j x_j^weights[j] y^r]``.

    Args:
        field: arithmetic of the entries (``theory.arithmetic``).
        row: the output; the masses of its units need not sum to one.
        weights: exponents by feature.
        r: a power, at least 0.

    Returns:
        An element of the field.
    """
    found = _Moments(field, row, r, r + max(weights.values(), default=0))
    total = found.shift
    for unit in row.units:
        members = {j for active, _ in unit.sets for j in active}
        own = {j: s for j, s in weights.items() if j in members}
        total = found.series.times(total, found.unit(unit, own))
    return field.divide(found.moment(total, r), 1)


def polynomial_loss(field: Any, row: Row) -> Any:
    """Give ``E (x_i - sigma(y))^2`` for a polynomial activation, without importance.

    Args:
        field: arithmetic of the entries (``theory.arithmetic``).
        row: the output; the masses of its units need not sum to one.

    Returns:
        An element of the field.
    """
    q = row.activation.power
    found, own = _Moments(field, row, 2 * q, 2 * q), _own_unit(row)
    others = found.shift
    for u, unit in enumerate(row.units):
        if u != own:
            others = found.series.times(others, found.unit(unit, {}))
    unit = row.units[own]
    target = found.series.times(others, found.unit(unit, {row.index: 1}))
    square = found.series.times(others, found.unit(unit, {}))
    size = found.series.times(others, found.unit(unit, {row.index: 2}))
    total = found.moment(size, 0) - found.moment(target, q) * 2 + found.moment(square, 2 * q)
    return field.divide(total, 1)


def polynomial_gradient(field: Any, row: Row) -> tuple[Any, list[Any]]:
    r"""Give the derivatives of ``E (x_i - sigma(y))^2`` by the bias and by every slope.

    .. math::
        \partial_{b_i} = 2 q (E y^{2q-1} - E[x_i y^{q-1}]), \qquad
        \partial_{G_{ij}} = 2 q (E[x_j y^{2q-1}] - E[x_i x_j y^{q-1}])

    Args:
        field: arithmetic of the entries (``theory.arithmetic``).
        row: the output; its masses must sum to one for each unit.

    Returns:
        The derivative by the bias, and a list of those by the slopes.
    """
    q, i, own = row.activation.power, row.index, _own_unit(row)
    found = _Moments(field, row, 2 * q - 1, 2 * q)
    times = found.series.times
    plain = [found.unit(unit, {}) for unit in row.units]
    marked = [*plain[:own], found.unit(row.units[own], {i: 1}), *plain[own + 1 :]]
    without, without_marked = _all_but_one(found, plain), _all_but_one(found, marked)
    both = times(without[own], plain[own]), times(without[own], marked[own])
    by_bias = _difference(found, both, q)
    by_slopes = [by_bias * 0] * len(row.slopes)
    for u, unit in enumerate(row.units):
        for j in sorted({j for members, _ in unit.sets for j in members}):
            weights = {i: 1, j: 1} if j != i else {i: 2}
            first = times(without[u], found.unit(unit, {j: 1}))
            second = (
                times(without[u], found.unit(unit, weights))
                if u == own
                else times(without_marked[u], found.unit(unit, {j: 1}))
            )
            by_slopes[j] = field.divide(_difference(found, (first, second), q), 1)
    return field.divide(by_bias, 1), by_slopes


def _difference(found: _Moments, both: tuple[Any, Any], q: int) -> Any:
    return (found.moment(both[0], 2 * q - 1) - found.moment(both[1], q - 1)) * (2 * q)


def _all_but_one(found: _Moments, factors: Sequence[Any]) -> list[Any]:
    """Products of all factors but one, times the shift, without division."""
    times = found.series.times
    before, after = [found.shift], [found.series.make([found._one])]
    for factor in factors[:-1]:
        before.append(times(before[-1], factor))
    for factor in reversed(factors[1:]):
        after.append(times(factor, after[-1]))
    return [times(x, y) for x, y in zip(before, reversed(after), strict=True)]
