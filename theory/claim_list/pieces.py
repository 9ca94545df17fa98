r"""Piecewise polynomials of one variable, to integrate a ReLU of uniform features literally.

``E f(z + a u)`` over ``u ~ U[0, 1]`` is ``(F(z + a) - F(z)) / a`` with ``F' = f``. One feature
after another is averaged out as a piecewise polynomial; no formula with a sum over vertices is
used, and nothing of ``theory.loss``. It is the second route of many claims.
"""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from flint import fmpq, fmpq_poly

__all__ = ["Pieces", "given_set", "literal_loss", "positive_power"]

Rows = Sequence[Sequence[Fraction]]


def _fmpq(value: Fraction | int) -> fmpq:
    return fmpq(value.numerator, value.denominator)


@dataclass(frozen=True)
class Pieces:
    """Zero below the first cut, then one polynomial between any two neighbouring cuts."""

    cuts: tuple[Fraction, ...]
    parts: tuple[fmpq_poly, ...]

    def part(self, z: Fraction) -> fmpq_poly:
        """Give the polynomial from ``z`` upward."""
        k = bisect_right(self.cuts, z)
        return self.parts[k - 1] if k else fmpq_poly()

    def __call__(self, z: Fraction) -> Fraction:
        """Evaluate."""
        value = self.part(z)(_fmpq(z))
        return Fraction(int(value.p), int(value.q))

    def antiderivative(self) -> Pieces:
        """Give the integral from minus infinity."""
        parts: list[fmpq_poly] = []
        before = fmpq_poly()
        for cut, part in zip(self.cuts, self.parts, strict=True):
            whole, at = part.integral(), _fmpq(cut)
            before = whole + (before(at) - whole(at))
            parts.append(before)
        return Pieces(self.cuts, tuple(parts))

    def averaged(self, a: Fraction) -> Pieces:
        """Give ``E f(z + a u)``, ``u`` uniform on ``[0, 1]``."""
        if a == 0:
            return self
        whole = self.antiderivative()
        cuts = sorted({c - d for c in self.cuts for d in (Fraction(0), a)})
        step = fmpq_poly([_fmpq(a), 1])
        parts = tuple((whole.part(c + a)(step) - whole.part(c)) / _fmpq(a) for c in cuts)
        return Pieces(tuple(cuts), parts)

    def weighted(self, power: int, slope: Fraction, shift: Fraction) -> Fraction:
        """Give the integral of ``u^power f(shift + slope u)`` over ``[0, 1]``."""
        inner = [(c - shift) / slope for c in self.cuts] if slope else []
        ends = sorted({Fraction(0), Fraction(1), *(u for u in inner if 0 < u < 1)})
        weight = fmpq_poly([0] * power + [1])
        line = fmpq_poly([_fmpq(shift), _fmpq(slope)])
        total = fmpq(0)
        for low, high in itertools.pairwise(ends):
            part = self.part(shift + slope * (low + high) / 2)
            whole = (part(line) * weight).integral()
            total += whole(_fmpq(high)) - whole(_fmpq(low))
        return Fraction(int(total.p), int(total.q))


def positive_power(k: int, slopes: Sequence[Fraction] = ()) -> Pieces:
    """Give ``E (z + sum_j a_j u_j)_+^k`` as a function of ``z``, the ``u_j`` uniform."""
    found = Pieces((Fraction(0),), (fmpq_poly([0] * k + [1]),))
    for a in slopes:
        found = found.averaged(a)
    return found


def given_set(row: Sequence[Fraction], bias: Fraction, i: int, active: Sequence[int]) -> Fraction:
    """Give ``E (x_i - (bias + row . x)_+)^2`` where exactly the features ``active`` are on."""
    others = [row[j] for j in active if j != i]
    second = positive_power(2, others)
    if i not in active:
        return second(bias)
    mixed = positive_power(1, others).weighted(1, row[i], bias)
    return Fraction(1, 3) - 2 * mixed + second.weighted(0, row[i], bias)


def literal_loss(
    gram: Rows,
    bias: Sequence[Fraction],
    density: Fraction,
    importance: Sequence[Fraction] | None = None,
) -> Fraction:
    """Give the expected loss: all sets of active features, one after another."""
    n, total = len(bias), Fraction(0)
    for size in range(n + 1):
        chance = density**size * (1 - density) ** (n - size)
        for active in itertools.combinations(range(n), size):
            for i in range(n):
                weight = Fraction(1) if importance is None else importance[i]
                total += weight * chance * given_set(gram[i], bias[i], i, active)
    return total
