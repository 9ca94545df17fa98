r"""Power sums of Gram rows, and the cumulants that they go with.

For independent symmetric features the moments of ``y = sum_j a_j x_j`` are polynomials in the power
sums ``s_k = sum_j a_j^{2k}``:

.. math::
    \mathbb{E}\,y^{2r} = \sum_{1^{m_1} 2^{m_2} \cdots\, \vdash r}
        \frac{(2r)!}{\prod_k (2k)!^{m_k}\, m_k!} \prod_k (s_k \kappa_{2k})^{m_k},

with the cumulants ``kappa_{2k}`` of one feature. What depends on the weights is a sum over outputs
for each partition, with neither law nor density in it.

Source: standard (moments from cumulants); Stanley 1999, "Enumerative Combinatorics" 2, example
5.2.11.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any, TypeAlias

import sympy
from flint import fmpq, fmpq_poly, fmpz_mat

from theory.arithmetic.algebraic import common_field
from theory.arithmetic.fields import Rationals, to_fmpq
from theory.arithmetic.subfield import reduced_field
from theory.losses.weights import Weights, expanded_gram, to_sympy
from theory.problem import Exact, FeatureLaw, InputError
from theory.rows.law_moments import law_moments

__all__ = [
    "Partition",
    "PowerSums",
    "bell_coefficient",
    "even_cumulants",
    "gram_rows",
    "partitions",
    "power_sums",
    "target_parts",
]

Partition: TypeAlias = tuple[tuple[int, int], ...]
"""Parts with their multiplicities, ascending: ``((1, 2), (3, 1))`` is 1 + 1 + 3."""

MAX_SYMBOLIC = 12
"""Most features with symbolic weights: the expanded sums grow like ``n^(2q)``."""


@lru_cache(maxsize=64)
def partitions(total: int) -> tuple[Partition, ...]:
    """List the partitions of a number.

    Args:
        total: the number, at least 0.

    Returns:
        The partitions, each as parts with multiplicities.

    Example:
        >>> partitions(3)
        (((1, 3),), ((1, 1), (2, 1)), ((3, 1),))
    """

    def from_part(least: int, left: int) -> Iterator[Partition]:
        if left == 0:
            yield ()
        for part in range(least, left + 1):
            for count in range(left // part, 0, -1):
                for rest in from_part(part + 1, left - part * count):
                    yield ((part, count), *rest)

    return tuple(from_part(1, total))


def target_parts(power: int) -> tuple[tuple[int, Partition], ...]:
    """List the terms of ``E[x_i y_i^q]``: an odd ``k``, and a partition of ``(q - k) / 2``.

    Args:
        power: ``q``, odd.

    Returns:
        Pairs of ``k`` and a partition.

    Example:
        >>> target_parts(3)
        ((1, ((1, 1),)), (3, ()))
    """
    return tuple(
        (k, partition) for k in range(1, power + 1, 2) for partition in partitions((power - k) // 2)
    )


def bell_coefficient(partition: Partition) -> int:
    r"""Give ``(2r)! / prod_k (2k)!^{m_k} m_k!``, the weight of a partition of ``r``.

    Args:
        partition: parts with multiplicities.

    Returns:
        The coefficient of ``prod_k kappa_{2k}^{m_k}`` in the moment of order ``2r``.

    Example:
        >>> [bell_coefficient(partition) for partition in partitions(2)]
        [3, 1]
    """
    total = sum(part * count for part, count in partition)
    below = math.prod(math.factorial(2 * k) ** c * math.factorial(c) for k, c in partition)
    return math.factorial(2 * total) // below


def even_cumulants(law: FeatureLaw, top: int) -> list[fmpq_poly]:
    r"""Give the cumulants ``kappa_{2k}`` of ``x = B u``, as polynomials in the density.

    .. math:: \kappa_{2k} = p \mu_{2k} - \sum_{j<k} \binom{2k-1}{2j-1} \kappa_{2j}\, p \mu_{2k-2j}

    Args:
        law: a symmetric law with rational moments.
        top: the highest ``k``.

    Returns:
        ``top + 1`` polynomials; entry ``k`` is ``kappa_{2k}``.

    Example:
        >>> from theory.problem import Rademacher
        >>> even_cumulants(Rademacher(), 2)[2].coeffs()
        [0, 1, -3]
    """
    moments = [fmpq_poly([0, to_fmpq(mu)]) for mu in law_moments(law, 2 * top)[::2]]
    found = [fmpq_poly([0])]
    for k in range(1, top + 1):
        lower = (found[j] * moments[k - j] * math.comb(2 * k - 1, 2 * j - 1) for j in range(1, k))
        found.append(moments[k] - sum(lower, fmpq_poly([0])))
    return found


class PowerSums:
    r"""Sums over outputs of products of power sums: all that the gain knows of the weights.

    Attributes:
        power: ``q``, odd.
        energy: for a partition of ``q``, ``sum_i prod_k s_k^{m_k}``.
        target: for ``k`` and a partition of ``(q - k) / 2``, ``sum_i A_ii^k prod_k s_k^{m_k}``.
    """

    def __init__(
        self,
        power: int,
        energy: dict[Partition, Exact],
        target: dict[tuple[int, Partition], Exact],
    ) -> None:
        self.power = power
        self.energy = energy
        self.target = target

    def energy_polynomial(self, cumulants: Sequence[fmpq_poly]) -> tuple[Exact, ...]:
        """Coefficients in the density of ``sum_i E y_i^{2q}``, constant term first."""
        terms = ((_factor(part, cumulants), total) for part, total in self.energy.items())
        return _combined(terms, self.power)

    def target_polynomial(self, cumulants: Sequence[fmpq_poly]) -> tuple[Exact, ...]:
        """Coefficients in the density of ``sum_i E[x_i y_i^q]``, constant term first."""
        terms = (
            (_factor(part, cumulants) * cumulants[(k + 1) // 2] * math.comb(self.power, k), total)
            for (k, part), total in self.target.items()
        )
        return _combined(terms, self.power)


def _factor(partition: Partition, cumulants: Sequence[fmpq_poly]) -> fmpq_poly:
    product = fmpq_poly([bell_coefficient(partition)])
    for part, count in partition:
        product *= cumulants[part] ** count
    return product


def _combined(terms: Iterable[tuple[fmpq_poly, Exact]], degree: int) -> tuple[Exact, ...]:
    """Sum polynomials times exact numbers; the degree is at most ``q``."""
    totals: list[Exact] = [Fraction(0)] * (degree + 1)
    for polynomial, number in terms:
        for k, c in enumerate(polynomial.coeffs()):
            factor = Fraction(int(fmpq(c).p), int(fmpq(c).q))
            if isinstance(number, Fraction) and isinstance(totals[k], Fraction):
                totals[k] += factor * number
            else:
                totals[k] = sympy.expand(to_sympy(totals[k]) + to_sympy(factor) * to_sympy(number))
    return tuple(totals)


def power_sums(weights: Weights, power: int) -> PowerSums:
    """Sum the products of power sums of all Gram rows.

    Args:
        weights: rational, real algebraic or symbolic.
        power: ``q``, odd.

    Returns:
        The sums, each a ``Fraction`` or a SymPy expression.

    Raises:
        InputError: symbolic weights of more than ``MAX_SYMBOLIC`` features.
    """
    scale, rows, exact = gram_rows(weights)
    energy: dict[Partition, Any] = dict.fromkeys(partitions(power), 0)
    target: dict[tuple[int, Partition], Any] = dict.fromkeys(target_parts(power), 0)
    for own, row in rows:
        sums = _sums(row, power)
        for part in energy:
            energy[part] += _monomial(sums, part)
        for k, part in target:
            target[k, part] += own**k * _monomial(sums, part)
    return PowerSums(
        power,
        {part: exact(total, scale ** (2 * power)) for part, total in energy.items()},
        {part: exact(total, scale**power) for part, total in target.items()},
    )


def _sums(row: Sequence[Any], power: int) -> list[Any]:
    """``s_k = sum_j a_j^{2k}`` for ``k = 0, ..., q``; entry 0 is not used."""
    squares = [a * a for a in row]
    found, powers = [len(row), sum(squares)], squares
    for _ in range(power - 1):
        powers = [x * y for x, y in zip(powers, squares, strict=True)]
        found.append(sum(powers))
    return found


def _monomial(sums: Sequence[Any], partition: Partition) -> Any:
    product: Any = 1
    for part, count in partition:
        product = product * sums[part] ** count
    return product


def gram_rows(weights: Weights) -> tuple[int, list[tuple[Any, list[Any]]], Any]:
    """Give the Gram matrix without its zero rows and columns, scaled to integers where rational.

    Args:
        weights: rational, real algebraic or symbolic.

    Returns:
        A scale, the diagonal entry and the row for every output (times the scale), and what makes
        a number of a sum of products, given the power of the scale in it.

    Raises:
        InputError: symbolic weights of more than ``MAX_SYMBOLIC`` features.
    """
    if weights.is_symbolic:
        return 1, _alive(_symbolic_gram(weights)), _expanded
    if all(isinstance(entry, Fraction) for entry in weights.numbers):
        return _rational_rows(weights)
    field, gram = _algebraic_gram(weights)
    return 1, _alive(gram), lambda total, _: field.exact(field.element(0) + total)


def _rational_rows(weights: Weights) -> tuple[int, list[tuple[Any, list[Any]]], Any]:
    given = weights.gram if weights.gram is not None else weights.matrix or ()
    scale = math.lcm(*(entry.denominator for row in given for entry in row))
    whole = [[int(entry * scale) for entry in row] for row in given]
    if weights.gram is not None:
        return scale, _alive(whole), _divided
    columns = [column for column in zip(*whole, strict=True) if any(column)]
    if not columns:
        return 1, [], _divided
    matrix = fmpz_mat(columns)
    return scale**2, _alive((matrix * matrix.transpose()).tolist()), _divided


def _divided(total: Any, scale: int) -> Fraction:
    return Fraction(int(total), scale)


def _expanded(total: Any, _: int) -> Exact:
    expanded = sympy.expand(total)
    rational = expanded.is_Rational
    return Fraction(int(expanded.p), int(expanded.q)) if rational else expanded


def _symbolic_gram(weights: Weights) -> list[list[Any]]:
    count = len(weights.bias)
    if count > MAX_SYMBOLIC:
        raise InputError(
            f"W: holds symbols for n_features={count}; at most {MAX_SYMBOLIC} with symbols, "
            "numbers for more"
        )
    return expanded_gram(weights)


def _algebraic_gram(weights: Weights) -> tuple[Any, list[list[Any]]]:
    """The Gram matrix in the smallest field that holds it."""
    given = weights.gram if weights.gram is not None else weights.matrix or ()
    n = len(weights.bias)
    field, flat = common_field([entry for row in given for entry in row])
    rows = [flat[k : k + n] for k in range(0, len(flat), n)]
    if weights.gram is None:
        columns = list(zip(*rows, strict=True))
        rows = [[_dot(u, v) for v in columns] for u in columns]
    if not isinstance(field, Rationals):
        subfield = reduced_field(field, [entry for row in rows for entry in row])
        field, flat = subfield.field, list(subfield.elements)
        rows = [flat[k : k + n] for k in range(0, n * n, n)]
    return field, rows


def _dot(left: Sequence[Any], right: Sequence[Any]) -> Any:
    return sum(x * y for x, y in zip(left, right, strict=True))


def _alive(gram: Sequence[Sequence[Any]]) -> list[tuple[Any, list[Any]]]:
    """Diagonal and row of every output that is not zero: zero rows add nothing."""
    kept = [i for i, row in enumerate(gram) if row[i] != 0]
    return [(gram[i][i], [gram[i][j] for j in kept]) for i in kept]
