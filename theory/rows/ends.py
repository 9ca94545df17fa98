r"""Transforms of units of features, as finite sums over the ends of their laws.

A :class:`Factor` is ``sum_e e^{s_e z} P_e(v) / scale``, ``v = 1/z``: what a feature, or a unit of
dependent features, contributes to the Laplace transform of one output. With ``u^s`` in front,

.. math::
    U[l, h]:\quad E[u^s e^{azu}] = \sum_{k=0}^{s} \frac{(-1)^k s!}{(s-k)!}
        \frac{h^{s-k} e^{ahz} - l^{s-k} e^{alz}}{(h - l)\, a^{k+1}} \, v^{k+1},

the constant 1 gives ``e^{az}`` and a Rademacher feature ``(e^{az} + (-1)^s e^{-az}) / 2``. A zero
``a`` is a plain moment and never a divisor. Factors are multiplied for features that are active
together, and added for sets that exclude each other.

Source: own derivation (integration by parts).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import fmpz

from theory.problem import Binary, FeatureLaw, Rademacher, Uniform
from theory.rows.law_moments import law_moments

__all__ = ["Factor", "has_ends", "lattice", "law_factor"]


@dataclass(frozen=True)
class Factor:
    """A sum over ends, cleared of denominators.

    Attributes:
        ends: for each end its shift and its coefficients from the highest power of ``v`` down; all
            of one length.
        scale: what the sum has been multiplied by.
    """

    ends: tuple[tuple[Any, list[Any]], ...]
    scale: Any

    @property
    def degree(self) -> int:
        """Highest power of ``v``."""
        return len(self.ends[0][1]) - 1

    @property
    def is_still(self) -> bool:
        """Whether no end moves the vertices."""
        return all(bool(shift == 0) for shift, _ in self.ends)

    def times(self, other: Factor) -> Factor:
        """Multiply two factors, merging ends at one place."""
        found: list[tuple[Any, list[Any]]] = []
        for shift, left in self.ends:
            for move, right in other.ends:
                _merge(found, shift + move, _product(left, right))
        return Factor(tuple(found), self.scale * other.scale)

    def plus(self, other: Factor) -> Factor:
        """Add two factors over their common denominator."""
        order = max(self.degree, other.degree)
        found: list[tuple[Any, list[Any]]] = []
        common, *missing = _common(self.scale, other.scale)
        for factor, scale in zip((self, other), missing, strict=True):
            for shift, coefficients in factor.ends:
                raised = [c * scale for c in coefficients]
                zero = raised[0] * 0
                _merge(found, shift, [zero] * (order - factor.degree) + raised)
        return Factor(tuple(found), common)

    def scaled(self, number: Any, power: int = 0) -> Factor:
        """Multiply by ``number v^power``."""
        return Factor(
            tuple(
                (shift, [c * number for c in coefficients] + [coefficients[0] * 0] * power)
                for shift, coefficients in self.ends
            ),
            self.scale,
        )

    def trimmed(self) -> Factor:
        """Leave out ends, and then leading powers, that are certainly zero."""
        kept = [end for end in self.ends if not all(bool(c == 0) for c in end[1])] or [self.ends[0]]
        while len(kept[0][1]) > 1 and all(bool(end[1][0] == 0) for end in kept):
            kept = [(shift, coefficients[1:]) for shift, coefficients in kept]
        return Factor(tuple(kept), self.scale)


def _common(left: Any, right: Any) -> tuple[Any, Any, Any]:
    """A common multiple, and what each of the two lacks of it."""
    if isinstance(left, (int, fmpz)) and isinstance(right, (int, fmpz)):
        if right % left == 0:
            return right, right // left, 1
        if left % right == 0:
            return left, 1, left // right
    return left * right, right, left


def _merge(found: list[tuple[Any, list[Any]]], shift: Any, coefficients: list[Any]) -> None:
    for k, (place, old) in enumerate(found):
        if bool(place == shift):
            found[k] = (place, [x + y for x, y in zip(old, coefficients, strict=True)])
            return
    found.append((shift, coefficients))


def _product(left: Sequence[Any], right: Sequence[Any]) -> list[Any]:
    found = [left[0] * right[0] * 0] * (len(left) + len(right) - 1)
    for i, x in enumerate(left):
        for j, y in enumerate(right):
            found[i + j] = found[i + j] + x * y
    return found


def has_ends(law: FeatureLaw) -> bool:
    """Say whether a law's transform is a finite sum over ends."""
    return isinstance(law, (Uniform, Binary, Rademacher))


def lattice(law: FeatureLaw) -> int:
    """Give the least ``d`` for which ``d u`` has integer ends.

    Args:
        law: one that has ends.

    Returns:
        A whole number, at least 1.

    Example:
        >>> lattice(Uniform("-1/2", "1/3"))
        6
    """
    if not isinstance(law, Uniform):
        return 1
    low, high = Fraction(law.low), Fraction(law.high)
    return math.lcm(low.denominator, high.denominator)


def law_factor(law: FeatureLaw, a: Any, power: int) -> Factor:
    """Give ``E[w^power e^{a z w}]`` for ``w = d u``, ``d`` the lattice of the law.

    Args:
        law: one that has ends.
        a: slope, cleared of denominators.
        power: 0, 1 or 2.

    Returns:
        The factor of a feature that is active for sure.
    """
    d, one = lattice(law), a * 0 + 1
    if bool(a == 0):
        moment = law_moments(law, power)[power] * d**power
        return Factor(((a, [one * moment.numerator]),), one * moment.denominator)
    if isinstance(law, Binary):
        return Factor(((a, [one]),), one)
    if isinstance(law, Rademacher):
        return Factor(((a, [one]), (-a, [one * (-1) ** power])), one * 2)
    assert isinstance(law, Uniform)
    low, high = int(law.low * d), int(law.high * d)

    sides = []
    for end, sign in ((high, 1), (low, -1)):
        powers = [
            one * (sign * (-1) ** k * math.perm(power, k) * end ** (power - k))
            for k in range(power, -1, -1)
        ]
        raised = [c * a ** (power - k) for c, k in zip(powers, range(power, -1, -1), strict=True)]
        sides.append((a * end, [*raised, a * 0]))
    return Factor(tuple(sides), a ** (power + 1) * (high - low))
