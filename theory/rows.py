"""The loss and the gradient of one output, from moments by the vertex formula.

What enters here are the ends of each feature's transform (``theory.vertices``), cleared of
denominators: the slope's powers and the masses' denominators are multiplied out and divided off
once, at the end, so that rational arithmetic is integer arithmetic.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from theory.vertices import Factor, Undecided, positive_vertex_sum

__all__ = ["ClearedRow", "Row", "output_gradient", "output_loss"]


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


class ClearedRow:
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

    def weighted(self, j: int, power: int) -> Factor:
        """``x_j^power`` times the feature's transform, multiplied by ``a^(power + 1)``."""
        a, (p, q, scale) = self.slopes[j], self.masses[j]
        zero = p * 0
        if a == 0:  # a plain moment: q + p, p/2 or p/3, times 6
            return Factor(a, [(p + q) * 6 if power == 0 else p * (6 // (power + 1))], [], scale * 6)
        if power == 0:
            return Factor(a, [-p, q * a], [p, zero], a * scale)
        if power == 1:
            return Factor(a, [p, zero, zero], [-p, p * a, zero], a * a * scale)
        inside = [p * 2, p * a * -2, p * a * a, zero]
        return Factor(a, [p * -2, zero, zero, zero], inside, a * a * a * scale)

    def combined(self, first: tuple[int, int, int], second: tuple[int, int, int]) -> Factor:
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
        return Factor(a, sides[0], sides[1] if moves else [], upper.scale)

    def moment(self, special: dict[int, Factor]) -> Any:
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
    cleared = ClearedRow(field, row)
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
    cleared = ClearedRow(field, row)
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


def _check_divisors(index: int, slopes: Sequence[Any]) -> None:
    for j, slope in enumerate(slopes):
        if slope.contains(0) and not slope.is_zero():
            raise Undecided(f"G[{index}][{j}]={slope} cannot be told from 0")
