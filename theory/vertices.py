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

__all__ = ["Row", "Undecided", "output_gradient", "output_loss"]

# One half of a row: 2^13 vertices are 26 features whose Gram entries all differ, a few seconds.
MAX_HALF_VERTICES = 2**13
# Numbers without an exact field are enumerated whole: 2^12 vertices in each output.
MAX_UNORDERED = 12


class Undecided(ArithmeticError):
    """A divisor cannot be told from zero at the working precision."""


@dataclass(frozen=True)
class Row:
    """One output: ``y = bias + sum_j slopes[j] x_j``, with target ``x_index``.

    Attributes:
        index: which feature is the target.
        slopes: row of the Gram matrix, length ``n``, in the field.
        bias: in the field.
        active: masses ``p_j`` of the active features.
        idle: masses ``q_j`` of the inactive features.
    """

    index: int
    slopes: Sequence[Any]
    bias: Any
    active: Sequence[Any]
    idle: Sequence[Any]


@dataclass(frozen=True)
class _Factor:
    """One feature, cleared of denominators: coefficients from the highest power of ``v`` down."""

    slope: Any
    outside: list[Any]
    inside: list[Any]
    scale: Any

    @property
    def degree(self) -> int:
        return len(self.outside) - 1


class _ClearedRow:
    """A row whose slopes, bias and masses are cleared of denominators.

    ``y`` is multiplied by ``stretch`` and the masses of feature ``j`` by ``mass_scale[j]``. A
    feature that is never active gets slope zero: it cannot move ``y``.
    """

    def __init__(self, field: Any, row: Row) -> None:
        self.field = field
        self.index = row.index
        self.stretch, cleared = field.clear([row.bias, *row.slopes])
        self.bias = cleared[0]
        if not field.ordered:
            _check_divisors(row.index, cleared[1:])
        self.slopes, self.masses = [], []
        for a, active, idle in zip(cleared[1:], row.active, row.idle, strict=True):
            scale, (p, q) = field.clear([active, idle])
            self.slopes.append(a * 0 if p == 0 else a)
            self.masses.append((p, q, scale))

    def weighted(self, j: int, power: int) -> _Factor:
        """``x_j^power`` times the feature's transform, multiplied by ``a^(power + 1)``."""
        a, (p, q, scale) = self.slopes[j], self.masses[j]
        zero = p * 0
        if a == 0:  # a plain moment: q + p, p/2 or p/3, times 6
            return _Factor(
                a, [(p + q) * 6 if power == 0 else p * (6 // (power + 1))], [], scale * 6
            )
        if power == 0:
            return _Factor(a, [-p, q * a], [p, zero], a * scale)
        if power == 1:
            return _Factor(a, [p, zero, zero], [-p, p * a, zero], a * a * scale)
        inside = [p * 2, p * a * -2, p * a * a, zero]
        return _Factor(a, [p * -2, zero, zero, zero], inside, a * a * a * scale)

    def combined(self, first: tuple[int, int, int], second: tuple[int, int, int]) -> _Factor:
        """``f1 v^r1 x^s1 + f2 v^r2 x^s2`` on the target, where ``r1 = r2 + 1``, ``s2 = s1 + 1``."""
        lower, upper = (self.weighted(self.index, term[2]) for term in (first, second))
        a = lower.slope
        moves = a != 0
        sides = []
        for one, two in ((lower.outside, upper.outside), (lower.inside, upper.inside)):
            # over the common power of the slope, or aligned at the common power of v
            one = [c * first[0] * (a if moves else 1) for c in one]
            two = [c * second[0] for c in two] if moves else [a, *(c * second[0] for c in two)]
            sides.append(_add(one + [a * 0] * first[1], two + [a * 0] * second[1]))
        return _Factor(a, sides[0], sides[1] if moves else [], upper.scale)

    def moment(self, special: dict[int, _Factor]) -> Any:
        """``[z^0]`` of the sum over positive vertices, some factors replaced by special ones."""
        factors = [special.get(j) or self.weighted(j, 0) for j in range(len(self.slopes))]
        total, scale = positive_vertex_sum(self.field, self.bias, factors)
        return self.field.divide(total, scale)


def _add(left: list[Any], right: list[Any]) -> list[Any]:
    return [x + y for x, y in zip(left, right, strict=True)]


def output_loss(field: Any, row: Row) -> Any:
    r"""Give ``E (x_i - (y)_+)^2``, without importance.

    .. math:: \tfrac{p_i}{3}\prod_{j \ne i}(q_j + p_j) + E[(y)_+^2] - 2 E[x_i (y)_+]

    Args:
        field: arithmetic of the entries (``theory.fields``).
        row: the output.

    Returns:
        An element of the field.
    """
    cleared = _ClearedRow(field, row)
    D = cleared.stretch
    target = cleared.combined((2, 2, 0), (-2 * D, 1, 1))
    square = cleared.moment({row.index: target})
    return _second_moment(field, row) + field.divide(square, D * D)


def _second_moment(field: Any, row: Row) -> Any:
    total = row.active[row.index]
    for j, (p, q) in enumerate(zip(row.active, row.idle, strict=True)):
        if j != row.index:
            total = total * (p + q)
    return field.divide(total, 3)


def output_gradient(field: Any, row: Row) -> tuple[Any, list[Any]]:
    r"""Give the derivatives of ``E (x_i - (y)_+)^2`` by the bias and by every slope.

    .. math::
        \partial_{b_i} = 2 E[(y)_+] - 2 E[x_i 1(y > 0)], \qquad
        \partial_{G_{ij}} = 2 E[x_j (y)_+] - 2 E[x_i x_j 1(y > 0)]

    Args:
        field: arithmetic of the entries (``theory.fields``).
        row: the output; its masses must sum to one for each feature.

    Returns:
        The derivative by the bias, and a list of those by the slopes; ``ReLU'(0) = 0``.
    """
    cleared = _ClearedRow(field, row)
    i, D = row.index, cleared.stretch
    target = cleared.combined((2, 1, 0), (-2 * D, 0, 1))
    pieces = [cleared.moment({i: target})]
    for j in range(len(row.slopes)):
        special = (
            {i: cleared.combined((2, 1, 1), (-2 * D, 0, 2))}
            if j == i
            else {i: target, j: cleared.weighted(j, 1)}
        )
        pieces.append(cleared.moment(special))
    pieces = [field.divide(piece, D) for piece in pieces]
    return pieces[0], pieces[1:]


def positive_vertex_sum(field: Any, start: Any, factors: Sequence[_Factor]) -> tuple[Any, Any]:
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
    field: Any, start: Any, factors: Iterable[_Factor], order: int
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


def _check_divisors(index: int, slopes: Sequence[Any]) -> None:
    for j, slope in enumerate(slopes):
        if slope.contains(0) and not slope.is_zero():
            raise Undecided(f"G[{index}][{j}]={slope} cannot be told from 0")


def _hull(field: Any, start: Any, factors: Sequence[_Factor], order: int) -> Any:
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
