r"""All outputs of one problem in one field: losses, gradients, their split by active features.

The loss is a polynomial in a density common to all units, and a polynomial in ``t`` where the mass
of each set of ``k`` active features is multiplied by ``t^k``. Both are read off from their values
at whole numbers. The second gives the loss over the event that exactly ``k`` features are active,
and with it the problem in which every set of ``k`` is as likely.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import Any

import sympy
from flint import fmpq, fmpq_mat, fmpz

from theory.problem import Problem
from theory.rows.kinked import kinked_gradient, kinked_loss
from theory.rows.moments import polynomial_gradient, polynomial_loss
from theory.rows.row import Row, UnitMasses

__all__ = ["Outputs"]

# The sets of k features are one unit, whose ends are compared in pairs; beyond, interpolation.
MAX_ENDS = 256

Elements = list[Any]
Derivatives = tuple[Any, Elements]


@dataclass(frozen=True)
class Outputs:
    """The outputs ``y = G x + b`` of a model, before any density is chosen.

    Attributes:
        field: arithmetic of the entries (``theory.arithmetic.fields``).
        problem: gives the law, the activation, and which features depend on each other.
        gram: rows of ``G``, in the field.
        bias: in the field, length ``n``.
    """

    field: Any
    problem: Problem
    gram: Sequence[Sequence[Any]]
    bias: Sequence[Any]

    @property
    def _one(self) -> Any:
        return self.bias[0] * 0 + 1

    @property
    def n_units(self) -> int:
        """Number of independent units: the degree of the loss in a common density."""
        return len(self.problem.units)

    def _rows(self, units: Sequence[UnitMasses]) -> list[Row]:
        law, activation = self.problem.features, self.problem.activation
        return [
            Row(i, self.gram[i], self.bias[i], units, law, activation)
            for i in range(len(self.bias))
        ]

    def _losses(self, units: Sequence[UnitMasses]) -> Elements:
        loss = polynomial_loss if self.problem.activation.is_polynomial else kinked_loss
        return [loss(self.field, row) for row in self._rows(units)]

    def _gradients(self, units: Sequence[UnitMasses]) -> Elements:
        """For every output the derivative by its bias, then those by its slopes, in one list."""
        polynomial = self.problem.activation.is_polynomial
        slope = polynomial_gradient if polynomial else kinked_gradient
        found = [slope(self.field, row) for row in self._rows(units)]
        return [entry for by_bias, by_gram in found for entry in (by_bias, *by_gram)]

    def _masses(self, densities: Sequence[Any], t: Any = 1) -> list[UnitMasses]:
        """Masses of every unit, each active feature counted by a factor ``t``."""
        units = []
        for unit in self.problem.units:
            p = densities[unit.members[0]]
            share = p * _ratio(self._one, 1, len(unit.sets))
            sets = tuple((members, share * t ** len(members)) for members in unit.sets)
            units.append(UnitMasses(1 - p, sets))
        return units

    def _with_exactly(self, compute: Callable[[Sequence[UnitMasses]], Elements]) -> Elements:
        """``compute`` where every set of ``n_active`` features is as likely."""
        n, one, k = len(self.bias), self._one, self.problem.n_active or 0
        chance = 1, math.comb(n, k)
        if k == 0:
            return compute([UnitMasses(one, tuple(((j,), one * 0) for j in range(n)))])
        if math.comb(n, k) * 2**k <= MAX_ENDS:
            sets = tuple(
                (members, one * _ratio(one, *chance)) for members in combinations(range(n), k)
            )
            return compute([UnitMasses(one * 0, sets)])
        rows = self._interpolated(
            n, lambda t: compute([UnitMasses(one, (((j,), one * t),)) for j in range(n)])
        )
        return [value * _ratio(value, *chance) for value in rows[k]]

    def losses(self, densities: Sequence[Any]) -> Elements:
        """Give ``E (x_i - x_hat_i)^2`` for every output, without importance.

        Args:
            densities: ``p_j`` of every feature, that of its group; not read for ``n_active``.

        Returns:
            Elements of the field, length ``n``.
        """
        if self.problem.n_active is not None:
            return self._with_exactly(self._losses)
        return self._losses(self._masses(densities))

    def gradients(self, densities: Sequence[Any]) -> list[Derivatives]:
        """Give the derivatives of every output by its bias and its row of the Gram matrix.

        Args:
            densities: ``p_j`` of every feature, that of its group; not read for ``n_active``.

        Returns:
            For every output the derivative by ``b_i`` and those by ``G_i1, ..., G_in``.
        """
        if self.problem.n_active is not None:
            flat = self._with_exactly(self._gradients)
        else:
            flat = self._gradients(self._masses(densities))
        n = len(self.bias)
        rows = [flat[k * (n + 1) : (k + 1) * (n + 1)] for k in range(n)]
        return [(row[0], row[1:]) for row in rows]

    def coefficients(self) -> list[Elements]:
        """Expand every loss in a density ``p`` common to all units.

        Returns:
            Row ``k = 0, ..., n_units`` holds the coefficient of ``p^k`` for every output. A
            polynomial activation of degree ``q`` leaves those above ``2 q`` zero.
        """
        n, activation = len(self.bias), self.problem.activation
        degree = self.n_units
        if activation.is_polynomial:
            degree = min(degree, max(2 * activation.power, 1))
        rows = self._interpolated(degree, lambda t: self._losses(self._masses([self._one * t] * n)))
        return rows + [[value * 0 for value in rows[0]]] * (self.n_units - degree)

    def losses_by_count(self, densities: Sequence[Any]) -> list[Elements]:
        """Split every loss by the number ``k`` of active features.

        Args:
            densities: ``p_j`` of every feature, that of its group.

        Returns:
            Row ``k = 0, ..., n`` holds ``E[(x_i - x_hat_i)^2; k active]`` for every output.
        """
        most = sum(max(map(len, unit.sets)) for unit in self.problem.units)
        rows = self._interpolated(
            most, lambda t: self._losses(self._masses(densities, self._one * t))
        )
        return rows + [[value * 0 for value in rows[0]]] * (len(self.bias) - most)

    def count_chances(self, densities: Sequence[Any]) -> Elements:
        """Probability of exactly ``k`` active features, ``k = 0, ..., n``."""
        chances = [self._one] + [self._one * 0] * len(self.bias)
        for unit in self._masses(densities):
            grown = [c * unit.idle for c in chances]
            for members, mass in unit.sets:
                for k in range(len(members), len(chances)):
                    grown[k] = grown[k] + chances[k - len(members)] * mass
            chances = grown
        return chances

    def _interpolated(self, degree: int, sample: Callable[[int], Elements]) -> list[Elements]:
        """Coefficients of polynomials in ``t`` from their values at ``0, ..., degree``."""
        samples = [sample(t) for t in range(degree + 1)]
        rows = []
        for weights in _interpolation(degree + 1):
            numbers = [_ratio(samples[0][0], w.p, w.q) for w in weights]
            scaled = [[v * w for v in row] for w, row in zip(numbers, samples, strict=True)]
            rows.append([sum(column[1:], column[0]) for column in zip(*scaled, strict=True)])
        return rows


def _ratio(one: Any, over: Any, under: Any) -> Any:
    """A rational number that multiplies elements of the field of ``one``."""
    if isinstance(one, sympy.Basic):
        return sympy.Rational(int(over), int(under))
    return fmpq(over, under)


@lru_cache(maxsize=64)
def _interpolation(size: int) -> list[list[fmpq]]:
    """Row ``k`` turns values at ``0, ..., size - 1`` into coefficient ``k``."""
    return fmpq_mat([[fmpz(t) ** k for k in range(size)] for t in range(size)]).inv().tolist()
