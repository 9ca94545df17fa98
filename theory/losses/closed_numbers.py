r"""The expected loss in closed form where it is transcendental: exponential and normal features.

With a kinked activation and rational weights the loss of exponential features is a rational number
plus rational multiples of ``e^{b_i / a}``, and that of normal features adds error functions and
Gaussian densities at ``b_i / sqrt(V)`` for the variances ``V`` of the outputs
(``theory.rows.transcendental``). The numbers of terms grow with the features; enclosures do not
(``digits=30``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any

import sympy
from flint import fmpq

from theory.arithmetic.fields import to_fmpq
from theory.losses.result import DENSITY, ExpectedLoss, Gradient
from theory.losses.weights import Weights, expanded_gram, to_sympy
from theory.problem import Exponential, InputError, Normal, Problem, Unsupported
from theory.rows.outputs import Outputs

__all__ = ["ClosedNumbers", "is_transcendental"]

Terms = list[sympy.Expr]


def is_transcendental(problem: Problem) -> bool:
    """Say whether a loss holds exponentials or error functions."""
    kinked = not problem.activation.is_polynomial
    return kinked and isinstance(problem.features, (Exponential, Normal))


class _ClosedForms:
    """The rational numbers, where results are SymPy expressions."""

    ordered = True
    gives_expressions = True

    def divide(self, numerator: Any, denominator: Any) -> sympy.Expr:
        """Divide; the result is a SymPy number or expression."""
        return _expression(numerator) / denominator


def _expression(value: Any) -> sympy.Expr:
    if isinstance(value, sympy.Basic):
        return value
    value = fmpq(value)
    return sympy.Rational(int(value.p), int(value.q))


class ClosedNumbers(ExpectedLoss):
    """The expected loss as a sum of rational multiples of transcendental numbers."""

    def __init__(self, problem: Problem, weights: Weights) -> None:
        super().__init__(problem, weights)
        asked = {
            "W, b": weights.numbers,
            "density": problem.densities,
            "importance": problem.importances,
        }
        for name, numbers in asked.items():
            other = [value for value in numbers if not isinstance(value, Fraction)]
            if other:
                raise Unsupported(
                    f"{name}: {other[0]} is not rational; with features={problem.features!r} and "
                    f"activation={problem.activation!r} the closed form takes rational numbers "
                    "alone; ask for an enclosure (digits=30, method='ball')"
                )

    @property
    def kind(self) -> str:
        """``"exact"``."""
        return "exact"

    @cached_property
    def _outputs(self) -> Outputs:
        gram = [[_rational(entry) for entry in row] for row in expanded_gram(self._weights)]
        bias = [to_fmpq(entry) for entry in self._weights.bias]
        return Outputs(_ClosedForms(), self.problem, gram, bias)

    @property
    def _densities(self) -> list[fmpq]:
        return [to_fmpq(p) for p in self.problem.densities]

    def _weighted(self, values: Sequence[sympy.Expr]) -> Terms:
        pairs = zip(self.problem.importances, values, strict=True)
        return [sympy.expand(to_sympy(weight) * value) for weight, value in pairs]

    @cached_property
    def per_output(self) -> tuple[sympy.Expr, ...]:
        """``I_i E (x_i - x_hat_i)^2`` for every output; they sum to ``value``."""
        return tuple(self._weighted(self._outputs.losses(self._densities)))

    @cached_property
    def value(self) -> sympy.Expr:
        """``L`` at the density of the problem."""
        return sympy.Add(*self.per_output)

    @cached_property
    def _coefficients(self) -> Terms:
        """``L`` in a density common to all units."""
        return [sympy.Add(*self._weighted(row)) for row in self._outputs.coefficients()]

    @cached_property
    def polynomial(self) -> sympy.Poly:
        """``L`` as a polynomial in a density common to all independent units of features.

        Raises:
            Unsupported: densities differ between features, or exactly so many are active.
        """
        if isinstance(self.problem.density, tuple) or self.problem.n_active is not None:
            raise Unsupported(
                f"polynomial: density={self.problem.density}, n_active={self.problem.n_active}: "
                "needs one density for all features; read `value`"
            )
        return sympy.Poly.from_list(self._coefficients[::-1], DENSITY)

    def given_active(self, k: int) -> sympy.Expr:
        """Give the expected loss under the condition that exactly ``k`` features are active.

        Args:
            k: number of active features, 0 to ``n``.

        Returns:
            An expression.

        Raises:
            InputError: ``k`` out of its range, or the condition has probability 0.
        """
        k, problem = self._checked_count(k), self.problem
        if problem.is_independent and not isinstance(problem.density, tuple):
            n = problem.n_features
            terms = (
                c * sympy.Rational(math.comb(n - j, k - j), math.comb(n, k))
                for j, c in enumerate(self._coefficients[: k + 1])
            )
            return sympy.expand(sympy.Add(*terms))
        if k == problem.n_active:
            return self.value
        chance = 0
        if problem.n_active is None:
            chance = self._outputs.count_chances(self._densities)[k]
        if chance == 0:
            raise InputError(f"k={k}: with {problem!r} this has probability 0")
        split = self._outputs.losses_by_count(self._densities)[k]
        return sympy.expand(sympy.Add(*self._weighted(split)) / _expression(chance))

    def _at(self, problem: Problem) -> sympy.Expr:
        return ClosedNumbers(problem, self._weights).value

    @cached_property
    def gradient(self) -> Gradient:
        """The derivatives at the density of the problem."""
        n = range(self.problem.n_features)
        slopes = self._outputs.gradients(self._densities)
        weights = [to_sympy(weight) for weight in self.problem.importances]
        by_bias = tuple(sympy.expand(weights[i] * slopes[i][0]) for i in n)
        gram = [[sympy.expand(weights[i] * slopes[i][1][j]) for j in n] for i in n]
        turned = [list(column) for column in zip(*gram, strict=True)]
        encoder, decoder = self._weights.matrix, self._weights.decoder
        by_matrix, by_decoder = None, None
        if encoder is not None and decoder is None:
            both = [[gram[i][j] + turned[i][j] for j in n] for i in n]
            by_matrix = _product(encoder, both)
        elif encoder is not None and decoder is not None:
            by_matrix, by_decoder = _product(decoder, gram), _product(encoder, turned)
        return Gradient(tuple(map(tuple, gram)), by_bias, by_matrix, by_decoder)


def _rational(value: sympy.Expr) -> fmpq:
    return fmpq(int(value.p), int(value.q))


def _product(matrix: Sequence[Sequence[Any]], by_gram: list[Terms]) -> tuple[tuple[Any, ...], ...]:
    columns = list(zip(*by_gram, strict=True))
    return tuple(
        tuple(
            sympy.expand(sympy.Add(*(to_sympy(x) * y for x, y in zip(row, column, strict=True))))
            for column in columns
        )
        for row in matrix
    )
