r"""Truncated moments of one output by the vertex formula, met in the middle.

Output ``i`` before the activation is ``y = b + sum_j a_j x_j``, and everything the loss and its
gradient need is ``E[x_i^s x_j^t (y)_+^r]``. The Laplace transform of one feature is a sum over the
two ends of its interval, each a polynomial in ``v = 1/z``, with ``x_j^s`` in front:

.. math::
    s = 0:&\quad e^{az}\,\tfrac{p v}{a} + \big(q - \tfrac{p v}{a}\big), \\
    s = 1:&\quad e^{az}\,p\big(\tfrac{v}{a} - \tfrac{v^2}{a^2}\big) + \tfrac{p v^2}{a^2}, \\
    s = 2:&\quad e^{az}\,p\big(\tfrac{v}{a} - \tfrac{2v^2}{a^2} + \tfrac{2v^3}{a^3}\big)
            - \tfrac{2 p v^3}{a^3} .

Multiplied out over the features, every vertex ``B`` has a location ``c_B = b + sum_{j in B} a_j``
and a polynomial ``Q_B(v)``, and

.. math:: E[w\,(y)_+^r] = r!\,[z^0] \sum_{c_B > 0} e^{c_B z} v^r Q_B(v) .

The exponential splits over two halves of the features, so only ``2^(n/2)`` vertices of each half
are ever formed: the vectors of one half are summed from the largest location down, and each vertex
of the other half meets one such sum. A zero ``a_j`` is a plain moment and never a divisor. The
inequality is strict, which is ``ReLU'(0) = 0`` at an atom: an atom of ``y`` at zero is a vertex
with a constant ``Q_B``, and all other vertices vanish with ``c_B``.

Densities enter as masses ``q_j`` and ``p_j`` that need not sum to one, so that a mass ``t p_j``
counts the active features. Source: own derivation; the truncated-power form of the volume formula
of Lawrence 1991, "Polytope volume computation", Math. Comp. 57, section 2.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from theory.problem import Unsupported

__all__ = ["Factor", "Undecided", "positive_vertex_sum"]

# One half of a row: 2^13 vertices are 26 features whose Gram entries all differ, a few seconds.
MAX_HALF_VERTICES = 2**13
# Numbers without an exact field are enumerated whole: 2^12 vertices in each output.
MAX_UNORDERED = 12


class Undecided(ArithmeticError):
    """A divisor cannot be told from zero at the working precision."""


@dataclass(frozen=True)
class Factor:
    """One feature, cleared of denominators: coefficients from the highest power of ``v`` down."""

    slope: Any
    outside: list[Any]
    inside: list[Any]
    scale: Any

    @property
    def degree(self) -> int:
        """Highest power of ``v``."""
        return len(self.outside) - 1


def positive_vertex_sum(field: Any, start: Any, factors: Sequence[Factor]) -> tuple[Any, Any]:
    """Sum ``[z^N] e^{cz} R(z)`` over the vertices with ``c > 0``, where ``R(z) = z^N Q(1/z)``.

    Args:
        field: arithmetic of the cleared entries.
        start: location of the vertex where every feature is at its lower end.
        factors: one for each feature.

    Returns:
        The sum multiplied by a scale, and the scale.
    """
    order = sum(factor.degree for factor in factors)
    scale = math.prod((factor.scale for factor in factors), start=math.factorial(order) ** 2)
    if not field.ordered:
        return _hull(field, start, factors, order) * math.factorial(order), scale
    moving = [factor for factor in factors if factor.slope != 0]
    still = [factor for factor in factors if factor.slope == 0]
    middle = (len(moving) + 1) // 2
    left = _vectors(field, start, still + moving[:middle], order)
    right = _vectors(field, start * 0, moving[middle:], order)
    return _meet(field, left, right, order), scale


def _vectors(
    field: Any, start: Any, factors: Iterable[Factor], order: int
) -> list[tuple[Any, Any]]:
    """Locations of one half with ``order! e^{cz} R(z)``, the largest location first."""
    found = {start: field.polynomial([start * 0 + 1])}
    for factor in factors:
        outside = field.polynomial(factor.outside)
        inside = field.polynomial(factor.inside)
        grown = {c: poly * outside for c, poly in found.items()}
        for c, poly in found.items() if factor.inside else ():
            raised = c + factor.slope  # equal locations are one vertex
            moved = poly * inside
            grown[raised] = grown[raised] + moved if raised in grown else moved
        if len(grown) > MAX_HALF_VERTICES:
            raise Unsupported(
                f"n_features: half of one row has more than {MAX_HALF_VERTICES} vertices, about "
                f"{2 * MAX_HALF_VERTICES.bit_length() - 2} features with different Gram entries; "
                "use the series or sampling (method='series', method='sampling')"
            )
        found = grown
    weights = _weights(order)
    return [
        (c, found[c] * field.polynomial(_exponential(c, weights)))
        for c in sorted(found, reverse=True)
    ]


def _weights(order: int) -> list[int]:
    """``order! / k!``."""
    return [math.factorial(order) // math.factorial(k) for k in range(order + 1)]


def _exponential(c: Any, weights: Sequence[int]) -> list[Any]:
    """Coefficients of ``order! e^{cz}``."""
    powers, power = [], c * 0 + 1
    for weight in weights:
        powers.append(power * weight)
        power = power * c
    return powers


def _meet(field: Any, left: list[tuple[Any, Any]], right: list[tuple[Any, Any]], order: int) -> Any:
    sums = [field.polynomial([])]
    for _, vector in right:
        sums.append(sums[-1] + vector)
    ascending = [-c for c, _ in right]  # right is sorted downwards, so its negatives go upwards
    total = field.element(0)
    for c, vector in left:
        # -c_right < c  <=>  c + c_right > 0; ties are left out
        count = bisect_left(ascending, c)
        total = total + field.product_coefficient(vector, sums[count], order)
    return total


def _hull(field: Any, start: Any, factors: Sequence[Factor], order: int) -> Any:
    """Every vertex by itself; one of undecided sign adds the hull of nothing and its term."""
    if sum(bool(factor.inside) for factor in factors) > MAX_UNORDERED:
        raise Unsupported(
            f"n_features: numbers without an exact field are taken up to {MAX_UNORDERED} features; "
            "round the weights to fractions, or use the series (method='series')"
        )
    found = [(start, field.polynomial([field.element(1)]))]
    for factor in factors:
        outside, inside = field.polynomial(factor.outside), field.polynomial(factor.inside)
        moved = [(c + factor.slope, poly * inside) for c, poly in found if factor.inside]
        found = [(c, poly * outside) for c, poly in found] + moved
    total, weights = field.element(0), _weights(order)
    for c, poly in found:
        if c < 0 or c == 0:
            continue
        vector = field.polynomial(_exponential(c, weights))
        term = field.product_coefficient(vector, poly, order)
        total = total + (term if c > 0 else term.union(field.element(0)))
    return total
