r"""Truncated moments of one output by the vertex formula, met in the middle.

Output ``i`` before the activation is ``y = b + sum_j a_j x_j``, and everything the loss and its
gradient need is ``E[x_i^s x_j^t (y)_+^r]``. The Laplace transform of every unit of features is a
sum over the ends of its laws, each a polynomial in ``v = 1/z`` (``theory.rows.ends``). Multiplied
out over the units, every vertex ``B`` has a location ``c_B`` and a polynomial ``Q_B(v)``, and

.. math:: E[w\,(y)_+^r] = r!\,[z^0] \sum_{c_B > 0} e^{c_B z} v^r Q_B(v) .

The exponential splits over two halves of the units, so that for ``n`` features uniform on
``[0, 1]`` only ``2^(n/2)`` vertices of each half are ever formed: the vectors of one half are
summed from the largest location down, and each vertex of the other half meets one such sum. The
inequality is strict, which is ``ReLU'(0) = 0`` at an atom: an atom of ``y`` at zero is a vertex
with a constant ``Q_B``, and all other vertices vanish with ``c_B``.

Source: own derivation; the truncated-power form of the volume formula of Lawrence 1991, "Polytope
volume computation", Math. Comp. 57, section 2.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Any

from theory.problem import Unsupported
from theory.rows.ends import Factor

__all__ = ["Undecided", "positive_vertex_sum"]

# One half of a row: 2^13 vertices are 26 features of two ends whose Gram entries all differ (a few
# seconds), or 16 of three, such as Rademacher features that may be idle.
MAX_HALF_VERTICES = 2**13
# Numbers without an exact field are enumerated whole.
MAX_UNORDERED = 2**12


class Undecided(ArithmeticError):
    """A divisor cannot be told from zero at the working precision."""


class _TooManyVertices(Exception):
    """One half of a row has too many."""


def positive_vertex_sum(field: Any, start: Any, factors: Sequence[Factor]) -> tuple[Any, Any]:
    """Sum ``[z^N] e^{cz} R(z)`` over the vertices with ``c > 0``, where ``R(z) = z^N Q(1/z)``.

    Args:
        field: arithmetic of the cleared entries.
        start: the bias, from which the ends shift.
        factors: one for each unit of features.

    Returns:
        The sum multiplied by a scale, and the scale.

    Raises:
        Unsupported: too many vertices.
    """
    order = sum(factor.degree for factor in factors)
    scale = math.prod((factor.scale for factor in factors), start=math.factorial(order) ** 2)
    if not field.ordered:
        return _hull(field, start, factors, order) * math.factorial(order), scale
    left, right = _halves(factors)
    try:
        first = _vectors(field, start, left, order)
        second = _vectors(field, start * 0, right, order)
    except _TooManyVertices:
        raise Unsupported(
            f"n_features={_reach(factors)}: half of one row has more than {MAX_HALF_VERTICES} "
            f"vertices, about {2 * MAX_HALF_VERTICES.bit_length() - 2} features of two ends with "
            "different Gram entries; use the series or sampling (method='series', "
            "method='sampling')"
        ) from None
    return _meet(field, first, second, order), scale


def _reach(factors: Sequence[Factor]) -> int:
    """How many units move the output."""
    return sum(not factor.is_still for factor in factors)


def _halves(factors: Sequence[Factor]) -> tuple[list[Factor], list[Factor]]:
    """Two halves with about as many vertices each; factors that move none come first."""
    left = [factor for factor in factors if factor.is_still]
    moving = [factor for factor in factors if not factor.is_still]
    total, so_far = math.prod(len(factor.ends) for factor in moving), 1
    for k, factor in enumerate(moving):
        if so_far * so_far >= total:
            return left + moving[:k], moving[k:]
        so_far *= len(factor.ends)
    return left + moving, []


def _vectors(
    field: Any, start: Any, factors: Iterable[Factor], order: int
) -> list[tuple[Any, Any]]:
    """Locations of one half with ``order! e^{cz} R(z)``, the largest location first."""
    found = {start: field.polynomial([start * 0 + 1])}
    for factor in factors:
        grown: dict[Any, Any] = {}
        for shift, coefficients in factor.ends:
            side = field.polynomial(coefficients)
            for c, poly in found.items():
                raised, moved = c + shift, poly * side  # equal locations are one vertex
                grown[raised] = grown[raised] + moved if raised in grown else moved
        if len(grown) > MAX_HALF_VERTICES:
            raise _TooManyVertices
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
    if math.prod(len(factor.ends) for factor in factors) > MAX_UNORDERED:
        raise Unsupported(
            f"n_features={_reach(factors)}: numbers without an exact field are taken up to "
            f"{MAX_UNORDERED} vertices a row, {MAX_UNORDERED.bit_length() - 1} features of two "
            "ends; round the weights to fractions, or use the series (method='series')"
        )
    found = [(start, field.polynomial([field.element(1)]))]
    for factor in factors:
        found = [
            (c + shift, poly * field.polynomial(coefficients))
            for shift, coefficients in factor.ends
            for c, poly in found
        ]
    total, weights = field.element(0), _weights(order)
    for c, poly in found:
        if c < 0 or c == 0:
            continue
        vector = field.polynomial(_exponential(c, weights))
        term = field.product_coefficient(vector, poly, order)
        total = total + (term if c > 0 else term.union(field.element(0)))
    return total
