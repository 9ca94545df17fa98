r"""Lines through the origin with masses, and whether they are a projective design.

Lines ``v_i`` with masses ``t_i > 0`` are a weighted projective ``q``-design in ``R^m`` where

.. math:: \sum_i t_i (v_i \cdot x)^{2q} = C\,|x|^{2q} \quad \text{for all } x \in \mathbb{R}^m .

Exactly then the features ``w_i = t_i^{1/(2q)} v_i`` at their best scale attain the supremum
``D_q(m)`` of ``F``: both say that the real Welch bound is an equality.

Source: own derivation, ``docs/proofs/very_sparse_supremum.md``; arXiv:1612.06343 for the bound.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

import sympy

from theory.arithmetic.algebraic import common_field
from theory.arithmetic.elements import Algebraic
from theory.arithmetic.fields import Rationals
from theory.arithmetic.subfield import reduced_field
from theory.arrangements import MAX_COUNT, Arrangement, named
from theory.losses.weights import to_sympy
from theory.power_model.first_order import first_order_supremum
from theory.problem import Exact, Unsupported

__all__ = ["Lines", "Vector"]

Vector: TypeAlias = tuple[Exact, ...]


@dataclass(frozen=True)
class Lines:
    """Lines through the origin with masses.

    Attributes:
        name: what they are called.
        directions: a vector along each line, of any norm, exact.
        masses: the mass ``t_i`` of each, positive and rational.

    Example:
        >>> from theory.power_model.designs import eleven_lines
        >>> lines = eleven_lines()
        >>> lines.n_features, lines.n_hidden, lines.is_design(3), lines.is_design(4)
        (11, 3, True, False)
    """

    name: str
    directions: tuple[Vector, ...]
    masses: tuple[Fraction, ...]

    @property
    def n_features(self) -> int:
        """The number of lines."""
        return len(self.directions)

    @property
    def n_hidden(self) -> int:
        """The number of dimensions ``m``."""
        return len(self.directions[0])

    def first_order(self, power: int) -> Exact:
        r"""Give ``F`` of the features at their best scale.

        .. math::
            \Big( \sum_i t_i |v_i|^{2q} \Big)^2 \Big/ \sum_{ij} t_i t_j (v_i \cdot v_j)^{2q}

        Args:
            power: ``q``, at least 1.

        Returns:
            A ``Fraction`` or a SymPy expression.

        Example:
            >>> from theory.power_model.designs import icosahedron_lines
            >>> icosahedron_lines().first_order(2)
            Fraction(5, 1)
        """
        field, diagonal, square = self._sums(power)
        if isinstance(square, Algebraic):
            return field.exact(diagonal * diagonal * square.inverse())
        return field.exact(diagonal**2 / square)

    def is_design(self, power: int) -> bool:
        """Say whether the lines are a weighted projective ``q``-design; decided exactly.

        Args:
            power: ``q``, at least 1.

        Returns:
            Whether ``F`` at its best scale is the supremum.
        """
        _, diagonal, square = self._sums(power)
        bound = first_order_supremum(self.n_hidden, power)
        return bool(diagonal * diagonal * bound.denominator == square * bound.numerator)

    def _sums(self, power: int) -> tuple[Any, Any, Any]:
        """``sum_i t_i |v_i|^{2q}`` and ``sum_ij t_i t_j (v_i . v_j)^{2q}``, in a field."""
        field, rows = self._products()
        masses = [field.element(mass) for mass in self.masses]
        diagonal, square = field.element(0), field.element(0)
        for i, row in enumerate(rows):
            diagonal += masses[i] * row[i] ** power
            below = sum((masses[j] * row[j] ** (2 * power) for j in range(i)), field.element(0))
            square += masses[i] * (below * 2 + masses[i] * row[i] ** (2 * power))
        return field, diagonal, square

    def _products(self) -> tuple[Any, list[list[Any]]]:
        """Inner products below the diagonal and on it, in the field that they generate."""
        m = self.n_hidden
        field, flat = common_field([entry for vector in self.directions for entry in vector])
        vectors = [flat[k : k + m] for k in range(0, len(flat), m)]
        rows = [
            [sum(x * y for x, y in zip(u, v, strict=True)) for v in vectors[: i + 1]]
            for i, u in enumerate(vectors)
        ]
        if isinstance(field, Rationals):
            return field, rows
        subfield = reduced_field(field, [entry for row in rows for entry in row])
        taken = iter(subfield.elements)
        return subfield.field, [[next(taken) for _ in row] for row in rows]

    def arrangement(self, power: int, *, scale: object = 1) -> Arrangement:
        """Make the features ``w_i = s t_i^{1/(2q)} v_i``.

        Args:
            power: ``q`` of the activation.
            scale: ``s``, a positive number or a symbol.

        Returns:
            The named arrangement, without bias.

        Raises:
            Unsupported: more lines than a named arrangement holds.

        Example:
            >>> from theory.power_model.designs import polygon_lines
            >>> polygon_lines(4).arrangement(3).name
            '4 lines of an octagon'
        """
        if self.n_features > MAX_COUNT:
            raise Unsupported(
                f"n_features={self.n_features}: at most {MAX_COUNT}; use directions and masses"
            )
        roots = [sympy.root(to_sympy(mass), 2 * power) for mass in self.masses]
        columns = [
            [root * to_sympy(entry) for entry in vector]
            for root, vector in zip(roots, self.directions, strict=True)
        ]
        return named(self.name, sympy.Matrix(columns).T, scale=scale)
