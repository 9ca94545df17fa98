r"""Moments ``E[x_i^s x_j^t (y)_+^r]`` of one output by the vertex formula.

What enters are the ends of each unit's transform (``theory.rows.ends``), cleared of denominators:
the slopes' powers and the masses' denominators are multiplied out and divided off once, at the end,
so that rational arithmetic is integer arithmetic.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from theory.problem import Uniform
from theory.rows.ends import Factor, lattice, law_factor
from theory.rows.row import Row, UnitMasses
from theory.rows.vertices import Undecided, positive_vertex_sum

__all__ = ["ClearedRow", "members_of"]


class ClearedRow:
    """Truncated moments of one output, cleared of denominators.

    ``y`` is multiplied by ``stretch``, features by ``lattice``, and masses by a scale of each unit.
    """

    def __init__(self, field: Any, row: Row) -> None:
        self.field = field
        self.row = row
        self._known: dict[Any, Factor] = {}
        self.lattice = lattice(row.law)
        stretch, cleared = field.clear([row.bias, *row.slopes])
        self.stretch = stretch * self.lattice
        self.bias, self.slopes = cleared[0] * self.lattice, cleared[1:]
        if not field.ordered and isinstance(row.law, Uniform):
            _check_divisors(row.index, self.slopes)

    def _unit(self, u: int, weights: Mapping[int, int]) -> Factor:
        """The factor of a unit with ``prod_j w_j^weights[j]`` in front, ``w = lattice u``."""
        unit = self.row.units[u]
        own = {j: s for j, s in weights.items() if s and j in members_of(unit)}
        key = (u, tuple(sorted(own.items())))
        if key not in self._known:
            self._known[key] = self._made(unit, own)
        return self._known[key]

    def _made(self, unit: UnitMasses, weights: Mapping[int, int]) -> Factor:
        masses = [unit.idle, *(mass for _, mass in unit.sets)]
        scale, cleared = self.field.clear(masses)
        zero = cleared[0] * 0
        one = zero + 1
        total = Factor(((zero, [zero if weights else cleared[0]]),), one)
        for (members, _), mass in zip(unit.sets, cleared[1:], strict=True):
            if any(j not in members for j in weights) or bool(mass == 0):
                continue
            product = Factor(((zero, [mass]),), one)
            for j in members:
                active = law_factor(self.row.law, self.slopes[j], weights.get(j, 0))
                product = product.times(active)
            total = total.plus(product)
        return Factor(total.ends, total.scale * scale).trimmed()

    def _summed(self, factors: Sequence[Factor]) -> Any:
        """``[z^0]`` of the sum over positive vertices."""
        total, scale = positive_vertex_sum(self.field, self.bias, factors)
        return self.field.divide(total, scale)

    def moment(self, weights: Mapping[int, int], r: int) -> Any:
        """Give ``E[prod_j x_j^weights[j] (y)_+^r]``, ``(y)_+^0`` the indicator of ``y > 0``.

        Args:
            weights: exponents by feature.
            r: a power, at least 0.

        Returns:
            An element of the field.
        """
        factors = [self._unit(u, weights) for u in range(len(self.row.units))]
        factors[0] = factors[0].scaled(math.factorial(r), r)
        down = self.stretch**r * self.lattice ** sum(weights.values())
        return self.field.divide(self._summed(factors), down)

    def difference(self, weights: Mapping[int, int], r: int, s: int, factor: int = 1) -> Any:
        """Give ``E[w (y)_+^r] - factor E[w x_i (y)_+^s]``, ``s < r``, in one sum over vertices.

        Args:
            weights: exponents of ``w = prod_j x_j^weights[j]``.
            r: power in the first term.
            s: power in the second term, in which the target ``x_i`` stands in front.
            factor: of the second term.

        Returns:
            An element of the field.
        """
        i = self.row.index
        own = next(u for u, unit in enumerate(self.row.units) if i in members_of(unit))
        factors = [self._unit(u, weights) for u in range(len(self.row.units))]
        first = factors[own].scaled(math.factorial(r) * self.lattice, r)
        marked = {**weights, i: weights.get(i, 0) + 1}
        down = -factor * self.stretch ** (r - s) * math.factorial(s)
        second = self._unit(own, marked).scaled(down, s)
        factors[own] = first.plus(second).trimmed()
        down = self.stretch**r * self.lattice ** (sum(weights.values()) + 1)
        return self.field.divide(self._summed(factors), down)


def members_of(unit: UnitMasses) -> set[int]:
    """Every feature of a unit."""
    return {j for members, _ in unit.sets for j in members}


def _check_divisors(index: int, slopes: Sequence[Any]) -> None:
    for j, slope in enumerate(slopes):
        if slope.contains(0) and not slope.is_zero():
            raise Undecided(f"G[{index}][{j}]={slope} cannot be told from 0")
