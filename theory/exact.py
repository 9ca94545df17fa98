r"""The expected loss in exact numbers: rational, or in a real number field.

The loss is the polynomial ``L(p) = sum_k p^k (1 - p)^(n - k) L_k`` in a density common to all
features, where ``L_k`` sums over the sets of ``k`` active features (Elhage et al. 2022,
arXiv:2209.10652, section "Sparsity expansion"); ``L_k / C(n, k)`` is the loss given ``k`` active.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import sympy

from theory.algebraic import common_field, is_algebraic
from theory.fields import nearest_float
from theory.outputs import Outputs
from theory.problem import Exact, InputError, Problem, Unsupported
from theory.result import DENSITY, ExpectedLoss, Gradient
from theory.subfield import Subfield, reduced_field
from theory.weights import Weights, to_sympy

__all__ = ["ExactLoss", "count_chances"]

Elements = list[Any]


@dataclass(frozen=True)
class _Reduced:
    """Everything but ``W``, in the smallest field that holds it."""

    subfield: Subfield
    outputs: Outputs
    densities: Elements
    importances: Elements


class ExactLoss(ExpectedLoss):
    """The expected loss for rational or real algebraic weights; see ``ExpectedLoss``."""

    def __init__(self, problem: Problem, weights: Weights) -> None:
        super().__init__(problem, weights)
        self._count = problem.n_features
        self._numeric = all(is_algebraic(p) for p in problem.densities)
        self._weighed = all(is_algebraic(w) for w in problem.importances)
        numbers = [*weights.numbers]
        numbers += problem.densities if self._numeric else ()
        numbers += problem.importances if self._weighed else ()
        self.full_field, elements = common_field(numbers)
        self._read(elements)

    def _read(self, elements: Elements) -> None:
        n = self._count
        taken = iter(elements)
        given = self._weights.gram
        rows = given if given is not None else self._weights.matrix
        entries = [[next(taken) for _ in range(n)] for _ in rows or ()]
        self.matrix = entries if given is None else None
        self._full_gram = entries if given is not None else _gram(entries, n)
        self._full_bias = [next(taken) for _ in range(n)]
        self._full_densities = [next(taken) for _ in range(n)] if self._numeric else []
        self._full_importances = [next(taken) for _ in range(n)] if self._weighed else []

    @cached_property
    def reduced(self) -> _Reduced:
        """Outputs, densities and importances in the field that they generate."""
        n = self._count
        flat = [entry for row in self._full_gram for entry in row]
        flat += self._full_bias + self._full_densities + self._full_importances
        subfield = reduced_field(self.full_field, flat)
        taken = iter(subfield.elements)
        gram = [[next(taken) for _ in range(n)] for _ in range(n)]
        bias = [next(taken) for _ in range(n)]
        outputs = Outputs(subfield.field, self.problem.activation, gram, bias)
        densities = [next(taken) for _ in range(n)] if self._numeric else []
        return _Reduced(subfield, outputs, densities, list(taken))

    @property
    def _field(self) -> Any:
        return self.reduced.subfield.field

    @property
    def kind(self) -> str:
        """``"exact"``, or ``"symbolic"`` where the density or the importance holds symbols."""
        return "symbolic" if self.problem.is_symbolic else "exact"

    def _weighted(self, values: Sequence[Any]) -> tuple[Exact, ...]:
        """Importance times each output, given to the caller."""
        importances = self.reduced.importances
        if self._weighed:
            return tuple(
                self._field.exact(weight * value)
                for weight, value in zip(importances, values, strict=True)
            )
        return tuple(
            to_sympy(weight) * to_sympy(self._field.exact(value))
            for weight, value in zip(self.problem.importances, values, strict=True)
        )

    def _sum(self, values: Sequence[Any]) -> Exact:
        """Importance-weighted sum of the outputs, given to the caller."""
        if not self._weighed:
            return sympy.Add(*self._weighted(values))
        return self._field.exact(self._total(values))

    def _total(self, values: Sequence[Any]) -> Any:
        pairs = zip(self.reduced.importances, values, strict=True)
        return sum((w * v for w, v in pairs), self._field.element(0))

    def __float__(self) -> float:
        if not (self._numeric and self._weighed):
            return super().__float__()
        return nearest_float(self._field, self._total(self._losses))

    @cached_property
    def _losses(self) -> Elements:
        outputs, densities = self.reduced.outputs, self.reduced.densities
        return outputs.losses(densities, [1 - p for p in densities])

    @cached_property
    def _common_split(self) -> list[Elements]:
        """``L_k`` of every output for a common density: row ``k`` sums over sets of ``k``."""
        ones = [self._field.element(1)] * self._count
        return self.reduced.outputs.losses_by_count(ones, ones)

    def _coefficients(self, columns: Sequence[Elements]) -> list[Elements]:
        """Coefficients in ``p`` of every output, from ``L_k``."""
        n = self._count
        rows = [[value * 0 for value in columns[0]] for _ in range(n + 1)]
        for k, losses in enumerate(columns):
            for j in range(n - k + 1):
                sign = (-1) ** j * math.comb(n - k, j)
                rows[k + j] = [
                    old + value * sign for old, value in zip(rows[k + j], losses, strict=True)
                ]
        return rows

    @cached_property
    def value(self) -> Exact:
        """``L`` at the density of the problem: a ``Fraction`` or a SymPy expression."""
        if self._numeric:
            return self._sum(self._losses)
        return sympy.expand(self._polynomial_in(self._common_density()))

    @cached_property
    def per_output(self) -> tuple[Exact, ...]:
        """``I_i E (x_i - x_hat_i)^2`` for every output; they sum to ``value``."""
        if self._numeric:
            return self._weighted(self._losses)
        density = to_sympy(self._common_density())
        weighted = [self._weighted(row) for row in self._coefficients(self._common_split)]
        powers = [[to_sympy(c) * density**k for c in row] for k, row in enumerate(weighted)]
        return tuple(sympy.expand(sympy.Add(*column)) for column in zip(*powers, strict=True))

    def _common_density(self) -> Exact:
        if isinstance(self.problem.density, tuple):
            raise Unsupported(
                "polynomial: the features have different densities; give one density for all, "
                "or put a symbol for each density into the problem and read `value`"
            )
        return self.problem.density

    def _polynomial_in(self, density: Exact) -> sympy.Expr:
        rows = self._coefficients(self._common_split)
        terms = (to_sympy(self._sum(row)) * to_sympy(density) ** k for k, row in enumerate(rows))
        return sympy.Add(*terms)

    @cached_property
    def polynomial(self) -> sympy.Poly:
        """``L`` as a polynomial of degree at most ``n`` in a common density ``p``.

        Raises:
            Unsupported: densities differ between features, or an importance holds the symbol ``p``.
        """
        self._common_density()
        if any(DENSITY in getattr(w, "free_symbols", ()) for w in self.problem.importances):
            raise Unsupported("importance: holds the symbol p of the polynomial; rename it")
        rows = self._coefficients(self._common_split)
        coefficients = [to_sympy(self._sum(row)) for row in reversed(rows)]
        domain = {}
        if self._weighed and self._field.degree == 2:
            domain = {"domain": sympy.QQ.algebraic_field(self._field.generator)}
        return sympy.Poly.from_list(coefficients, DENSITY, **domain)

    def given_active(self, k: int) -> Exact:
        """Give the expected loss under the condition that exactly ``k`` features are active.

        Args:
            k: number of active features, 0 to ``n``.

        Returns:
            A ``Fraction`` or a SymPy expression.

        Raises:
            InputError: ``k`` out of its range, or the condition has probability 0.
        """
        k = self._checked_count(k)
        if not isinstance(self.problem.density, tuple):
            chances = math.comb(self._count, k)
            return self._sum([self._field.divide(v, chances) for v in self._common_split[k]])
        chance = count_chances(self.reduced.densities)[k]
        if chance == 0:
            raise InputError(f"k={k}: with these densities this has probability 0")
        return self._sum([self._field.divide(v, chance) for v in self._own_split[k]])

    @cached_property
    def _own_split(self) -> list[Elements]:
        outputs, densities = self.reduced.outputs, self.reduced.densities
        return outputs.losses_by_count(densities, [1 - p for p in densities])

    def _at(self, problem: Problem) -> Exact:
        return ExactLoss(problem, self._weights).value

    @cached_property
    def gradient(self) -> Gradient:
        """The derivatives at the density of the problem, in exact numbers.

        Raises:
            Unsupported: the density or the importance is not a number of the field.
        """
        if not (self._numeric and self._weighed):
            raise Unsupported(
                "gradient: needs a density and importances that are rational or algebraic numbers; "
                "give numbers, or put symbols into W and b and differentiate a chamber"
            )
        if self.matrix is None and self._weights.matrix is not None:
            return self.with_matrix().gradient
        reduced, n = self.reduced, range(self._count)
        weighted = [
            (weight * by_bias, [weight * slope for slope in by_gram])
            for weight, (by_bias, by_gram) in zip(
                reduced.importances, reduced.outputs.gradients(reduced.densities), strict=True
            )
        ]
        gram = [slopes for _, slopes in weighted]
        both = [[gram[i][j] + gram[j][i] for j in n] for i in n]
        return Gradient(
            _given(self._field, gram),
            _given(self._field, [[by_bias for by_bias, _ in weighted]])[0],
            None if self.matrix is None else self._matrix_gradient(self.matrix, both),
        )

    def with_matrix(self) -> ExactLoss:
        """Compute from ``W`` where the Gram matrix came with it; ``W`` may need a larger field."""
        if self.matrix is not None or self._weights.matrix is None:
            return self
        return ExactLoss(self.problem, replace(self._weights, gram=None))

    def _matrix_gradient(self, matrix: list[Elements], both: list[Elements]) -> Any:
        """``W (Gamma + Gamma^T)``; ``W`` may need a larger field than the loss."""
        field, n = self.full_field, range(self._count)
        lifted = [[self.reduced.subfield.lift(entry, field) for entry in row] for row in both]
        zero = field.element(0)
        return _given(
            field, [[sum((row[i] * lifted[i][j] for i in n), zero) for j in n] for row in matrix]
        )


def count_chances(densities: Elements) -> Elements:
    """Probability of exactly ``k`` active features, ``k = 0, ..., n``."""
    chances = [densities[0] * 0 + 1]
    for p in densities:
        stay = [*(c * (1 - p) for c in chances), p * 0]
        move = [p * 0, *(c * p for c in chances)]
        chances = [x + y for x, y in zip(stay, move, strict=True)]
    return chances


def _gram(matrix: list[Elements], n: int) -> list[Elements]:
    products = [[sum(row[i] * row[j] for row in matrix) for j in range(i + 1)] for i in range(n)]
    return [[products[max(i, j)][min(i, j)] for j in range(n)] for i in range(n)]


def _given(field: Any, rows: Sequence[Elements]) -> tuple[tuple[Exact, ...], ...]:
    return tuple(tuple(field.exact(entry) for entry in row) for row in rows)
