r"""One output's loss summed over the sets of ``s`` active units of features.

Units are independent features, or groups. Given that exactly the units of ``T`` are on, output
``i`` loses ``l_i(T)``, and

.. math::
    \Lambda_s = \sum_{|T| = s} l_i(T), \qquad
    L_i(p) = \sum_s p^s (1 - p)^{N - s} \Lambda_s = \sum_k c_k p^k, \qquad
    c_k = \sum_{s \le k} (-1)^{k - s} \binom{N - s}{k - s} \Lambda_s .

Polynomial activations need no sets (``theory.rows.moments``); this is for those with a kink.

Only ``N`` units count: the output's own, and those with a slope that is not zero. Units with the
same slopes are one class, and a set is a choice of how many from each class. The coefficient of
``p^k`` needs the sums up to ``k`` alone, never all ``2^N`` sets.

Source: Elhage et al. 2022, arXiv:2209.10652, section "Sparsity expansion"; inclusion and exclusion.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flint import fmpq

from theory.problem import Binary, Problem, Rademacher, Uniform
from theory.rows.kinked import kinked_loss
from theory.rows.row import Row, UnitMasses

__all__ = ["OutputSets", "SetSums"]

Slopes = tuple[tuple[Any, ...], ...]
"""For each set of a unit the slopes of its features."""


@dataclass(frozen=True)
class SetSums:
    """The sums of one output.

    Attributes:
        sums: ``Lambda_0, ..., Lambda_K``, or up to ``N`` where that is less.
        units: ``N``.
    """

    sums: list[Any]
    units: int

    def coefficient(self, k: int) -> Any:
        """Give ``c_k``."""
        total = self.sums[0] * 0
        for s, value in enumerate(self.sums[: k + 1]):
            weight = (-1) ** (k - s) * math.comb(self.units - s, k - s)
            total = total + value * weight
        return total


class OutputSets:
    """The units that one output reacts to.

    Args:
        problem: gives the law, the activation and the units.
        index: ``i``.
        slopes: row ``i`` of the Gram matrix, elements of an exact field.
        bias: ``b_i``.
    """

    def __init__(self, problem: Problem, index: int, slopes: Sequence[Any], bias: Any) -> None:
        self._problem = problem
        self.bias = bias
        self._index = index
        others: Counter[Slopes] = Counter()
        self._own_sets: tuple[tuple[int, ...], ...] = ()
        for unit in problem.units:
            if index in unit.members:
                self._own_sets = unit.sets
                self._own = tuple(tuple(slopes[j] for j in members) for members in unit.sets)
                continue
            found = tuple(tuple(slopes[j] for j in members) for members in unit.sets)
            if any(bool(a != 0) for each in found for a in each):
                others[found] += 1
        self.others = others

    @property
    def key(self) -> Any:
        """What the sums depend on: equal for outputs that lose the same."""
        place = next(
            (k, members.index(self._index))
            for k, members in enumerate(self._own_sets)
            if self._index in members
        )
        return self.bias, self._own, place, frozenset(self.others.items())

    @property
    def units(self) -> int:
        """``N``: the own unit, and those with a slope that is not zero."""
        return 1 + sum(self.others.values())

    @property
    def reaches(self) -> list[Slopes]:
        """The slopes of every unit that counts."""
        return [self._own, *self.others.elements()]

    def evaluations(self, order: int) -> int:
        """How many different sets the sums up to an order need."""
        counts = [1] + [0] * order
        for multiplicity in self.others.values():
            counts = [
                sum(counts[s - t] for t in range(min(s, multiplicity) + 1))
                for s in range(order + 1)
            ]
        return sum(counts) + sum(counts[:-1])

    def sums(self, field: Any, order: int) -> SetSums:
        """Give ``Lambda_0, ..., Lambda_order``.

        Args:
            field: arithmetic of the entries (``theory.arithmetic``).
            order: the largest number of units that are on.

        Returns:
            The sums.
        """
        top = min(order, self.units)
        totals: list[Any] = [field.element(0)] * (top + 1)
        for chosen, weight in _choices(list(self.others.items()), top):
            count = len(chosen)
            totals[count] = totals[count] + self._loss(field, chosen, own=False) * weight
            if count < top:
                value = self._loss(field, chosen, own=True) * weight
                totals[count + 1] = totals[count + 1] + value
        return SetSums(totals, self.units)

    def _loss(self, field: Any, chosen: Sequence[Slopes], *, own: bool) -> Any:
        """``l_i`` where the chosen units are on, and the own one is or is not."""
        single = not own and len(chosen) == 1 and len(chosen[0]) == len(chosen[0][0]) == 1
        if single and isinstance(self.bias, fmpq):
            found = _alone(self._problem, chosen[0][0][0], self.bias)
            if found is not None:
                return found
        return kinked_loss(field, self._row(chosen, own))

    def _row(self, chosen: Sequence[Slopes], own: bool) -> Row:
        one = self.bias * 0 + 1
        slopes: list[Any] = []
        units, index = [], 0
        for k, unit in enumerate((self._own, *chosen)):
            share = one * fmpq(1, len(unit)) if k or own else one * 0
            sets = []
            for which, each in enumerate(unit):
                members = tuple(range(len(slopes), len(slopes) + len(each)))
                if k == 0 and self._index in self._own_sets[which]:
                    index = members[self._own_sets[which].index(self._index)]
                slopes += each
                sets.append((members, share))
            units.append(UnitMasses(one * 0 if k or own else one, tuple(sets)))
        problem = self._problem
        return Row(index, slopes, self.bias, units, problem.features, problem.activation)


def _choices(
    classes: Sequence[tuple[Slopes, int]], most: int, start: int = 0
) -> Iterator[tuple[list[Slopes], int]]:
    """Every multiset of at most ``most`` units, with the number of sets that it stands for."""
    yield [], 1
    if most == 0:
        return
    for k in range(start, len(classes)):
        slopes, multiplicity = classes[k]
        for count in range(1, min(multiplicity, most) + 1):
            here = math.comb(multiplicity, count)
            for chosen, weight in _choices(classes, most - count, k + 1):
                yield [slopes] * count + chosen, here * weight


def _alone(problem: Problem, a: fmpq, b: fmpq) -> fmpq | None:
    """``E sigma(b + a u)^2`` in fractions, where the target is 0: the most frequent term."""
    power, law = 2 * problem.activation.power, problem.features
    keeps_sign = problem.activation.shape == "relu"

    def lifted(y: fmpq, degree: int) -> fmpq:
        return fmpq(0) if keeps_sign and y <= 0 else y**degree

    if isinstance(law, Binary):
        return lifted(b + a, power)
    if isinstance(law, Rademacher):
        return (lifted(b + a, power) + lifted(b - a, power)) / 2
    if not isinstance(law, Uniform):
        return None
    low, high = (fmpq(end.numerator, end.denominator) for end in (law.low, law.high))
    ends = (lifted(b + a * end, power + 1) for end in (high, low))
    above, below = ends
    return (above - below) / ((power + 1) * a * (high - low))
