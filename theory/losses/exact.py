r"""The expected loss in exact numbers: rational, or in a real number field.

The loss is a polynomial ``L(p) = sum_j c_j p^j`` in a density common to all units of features. For
independent features it is ``sum_k p^k (1 - p)^(n - k) L_k`` as well, where ``L_k`` sums over the
sets of ``k`` active features (Elhage et al. 2022, arXiv:2209.10652, section "Sparsity expansion"),
so that the loss given ``k`` active is ``L_k / C(n, k) = sum_j c_j C(n - j, k - j) / C(n, k)``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import sympy
from flint import fmpq

from theory.arithmetic.algebraic import common_field, is_algebraic
from theory.arithmetic.fields import nearest_float
from theory.arithmetic.subfield import Subfield, reduced_field
from theory.losses.result import DENSITY, ExpectedLoss, Gradient
from theory.losses.weights import Weights, to_sympy
from theory.problem import Exact, InputError, Problem, Unsupported
from theory.rows.outputs import Outputs

__all__ = ["ExactLoss", "given_count"]

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
        given, decoder = self._weights.gram, self._weights.decoder
        rows = given if given is not None else self._weights.matrix
        entries = [[next(taken) for _ in range(n)] for _ in rows or ()]
        self.matrix = entries if given is None else None
        self.decoder = [[next(taken) for _ in range(n)] for _ in decoder] if decoder else None
        if given is not None:
            self._full_gram = entries
        else:
            self._full_gram = _gram(entries, n) if decoder is None else self._mixed(entries)
        self._full_bias = [next(taken) for _ in range(n)]
        self._full_densities = [next(taken) for _ in range(n)] if self._numeric else []
        self._full_importances = [next(taken) for _ in range(n)] if self._weighed else []

    def _mixed(self, matrix: list[Elements]) -> list[Elements]:
        """``W_decoder^T W``."""
        pairs = list(zip(self.decoder or (), matrix, strict=True))
        n = range(self._count)
        return [[sum(out[i] * row[j] for out, row in pairs) for j in n] for i in n]

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
        outputs = Outputs(subfield.field, self.problem, gram, bias)
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
        return self.reduced.outputs.losses(self.reduced.densities)

    @cached_property
    def _coefficients(self) -> list[Elements]:
        """Coefficients of every output in a density common to all units."""
        return self.reduced.outputs.coefficients()

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
        weighted = [self._weighted(row) for row in self._coefficients]
        powers = [[to_sympy(c) * density**k for c in row] for k, row in enumerate(weighted)]
        return tuple(sympy.expand(sympy.Add(*column)) for column in zip(*powers, strict=True))

    def _common_density(self) -> Exact:
        if self.problem.n_active is not None:
            raise Unsupported(
                f"polynomial: n_active={self.problem.n_active} fixes how many features are active, "
                "so that there is no density; read `value`"
            )
        if isinstance(self.problem.density, tuple):
            raise Unsupported(
                "polynomial: the features have different densities; give one density for all, "
                "or put a symbol for each density into the problem and read `value`"
            )
        return self.problem.density

    def _polynomial_in(self, density: Exact) -> sympy.Expr:
        terms = (
            to_sympy(self._sum(row)) * to_sympy(density) ** k
            for k, row in enumerate(self._coefficients)
        )
        return sympy.Add(*terms)

    @cached_property
    def polynomial(self) -> sympy.Poly:
        """``L`` as a polynomial in a density ``p`` common to all units of features.

        The degree is at most the number of units, and at most ``2 q`` for a polynomial activation
        of degree ``q``.

        Raises:
            Unsupported: densities differ between features, or an importance holds the symbol ``p``.
        """
        self._common_density()
        if any(DENSITY in getattr(w, "free_symbols", ()) for w in self.problem.importances):
            raise Unsupported("importance: holds the symbol p of the polynomial; rename it")
        coefficients = [to_sympy(self._sum(row)) for row in reversed(self._coefficients)]
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
            Unsupported: groups or different densities, where a density is no number of the field.
        """
        k = self._checked_count(k)
        problem, outputs = self.problem, self.reduced.outputs
        if problem.is_independent and not isinstance(problem.density, tuple):
            return self._sum(given_count(self._coefficients, k))
        if problem.n_active is not None:
            if k != problem.n_active:
                raise InputError(f"k={k}: with n_active={problem.n_active} this has probability 0")
            return self.value
        if not self._numeric:
            raise Unsupported(
                f"k={k}: features that depend on each other, and a density that is no number of "
                "the field; give a number"
            )
        chance = outputs.count_chances(self.reduced.densities)[k]
        if chance == 0:
            raise InputError(f"k={k}: with these densities this has probability 0")
        return self._sum([self._field.divide(v, chance) for v in self._own_split[k]])

    @cached_property
    def _own_split(self) -> list[Elements]:
        return self.reduced.outputs.losses_by_count(self.reduced.densities)

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
        turned = [list(column) for column in zip(*gram, strict=True)]
        both = [[gram[i][j] + turned[i][j] for j in n] for i in n]
        encoder, decoder = self.matrix, self.decoder
        by_matrix, by_decoder = None, None
        if encoder is not None and decoder is None:
            by_matrix = self._matrix_gradient(encoder, both)
        elif encoder is not None and decoder is not None:
            by_matrix = self._matrix_gradient(decoder, gram)
            by_decoder = self._matrix_gradient(encoder, turned)
        by_bias = _given(self._field, [[slope for slope, _ in weighted]])[0]
        return Gradient(_given(self._field, gram), by_bias, by_matrix, by_decoder)

    def with_matrix(self) -> ExactLoss:
        """Compute from ``W`` where the Gram matrix came with it; ``W`` may need a larger field."""
        if self.matrix is not None or self._weights.matrix is None:
            return self
        return ExactLoss(self.problem, replace(self._weights, gram=None))

    def _matrix_gradient(self, matrix: list[Elements], by_gram: list[Elements]) -> Any:
        """Their product; the matrix may need a larger field than the loss."""
        field, n = self.full_field, range(self._count)
        lifted = [[self.reduced.subfield.lift(entry, field) for entry in row] for row in by_gram]
        zero = field.element(0)
        return _given(
            field, [[sum((row[i] * lifted[i][j] for i in n), zero) for j in n] for row in matrix]
        )


def given_count(coefficients: list[Elements], k: int) -> Elements:
    """The loss given ``k`` of ``n`` independent features, from its coefficients in the density."""
    n = len(coefficients) - 1
    weights = [fmpq(math.comb(n - j, k - j), math.comb(n, k)) for j in range(k + 1)]
    return [
        sum((value * w for w, value in zip(weights[1:], column[1:], strict=False)), column[0])
        for column in zip(*coefficients, strict=True)
    ]


def _gram(matrix: list[Elements], n: int) -> list[Elements]:
    products = [[sum(row[i] * row[j] for row in matrix) for j in range(i + 1)] for i in range(n)]
    return [[products[max(i, j)][min(i, j)] for j in range(n)] for i in range(n)]


def _given(field: Any, rows: Sequence[Elements]) -> tuple[tuple[Exact, ...], ...]:
    return tuple(tuple(field.exact(entry) for entry in row) for row in rows)
