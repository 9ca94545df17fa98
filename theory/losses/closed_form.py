r"""The expected loss with symbols in the weights, or with a symbol for each density.

A density common to all features turns the ``k``-active losses into coefficients,
``(1 + t)^n L(t / (1 + t)) = sum_k t^k L_k``, so that conditioning needs no formula of its own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import sympy

from theory.losses.result import DENSITY, ExpectedLoss, Gradient
from theory.losses.weights import Weights, expanded_gram, to_sympy
from theory.problem import Problem, ReLU, Uniform, Unsupported, is_symbolic
from theory.rows.outputs import Outputs

__all__ = ["ClosedForm"]


class _Expressions:
    """SymPy expressions as the field of polynomial activations, which need no signs."""

    ordered = False

    def divide(self, numerator: Any, denominator: Any) -> Any:
        """Divide."""
        return numerator / denominator


class ClosedForm(ExpectedLoss):
    """The expected loss as one expression in Macaulay brackets; see ``ExpectedLoss``.

    The brackets divide by Gram entries: the expression holds where no Gram entry that is not
    identically zero vanishes. ``in_chamber`` gives formulas without that restriction.
    """

    def __init__(self, problem: Problem, weights: Weights) -> None:
        super().__init__(problem, weights)
        if problem.activation.is_polynomial:
            return
        asked = {
            "activation": (problem.activation, ReLU()),
            "features": (problem.features, Uniform()),
            "groups": (list(problem.groups), []),
            "n_active": (problem.n_active, None),
        }
        for name, (given, needed) in asked.items():
            if given != needed:
                raise Unsupported(
                    f"{name}={given!r}: symbols in the weights, or a symbol for each density, go "
                    f"with {name}={needed!r} only, or with a polynomial activation; give numbers"
                )

    @property
    def kind(self) -> str:
        """``"symbolic"``; ``"exact"`` where all is numbers, such as separate densities ``1/pi``."""
        symbols = self._weights.is_symbolic or self.problem.is_symbolic
        return "symbolic" if symbols else "exact"

    @cached_property
    def _gram(self) -> list[list[Any]]:
        return expanded_gram(self._weights)

    @property
    def _bias(self) -> list[Any]:
        return [to_sympy(entry) for entry in self._weights.bias]

    def _rows(self, densities: list[Any]) -> list[Any]:
        """Every output without importance."""
        if self.problem.activation.is_polynomial:
            outputs = Outputs(_Expressions(), self.problem, self._gram, self._bias)
            return [sympy.expand(loss) for loss in outputs.losses(densities)]
        from theory.losses.symbolic import row_losses

        return row_losses(self._gram, self._bias, densities)

    def _weighted(self, densities: list[Any]) -> list[Any]:
        weights = map(to_sympy, self.problem.importances)
        return [weight * row for weight, row in zip(weights, self._rows(densities), strict=True)]

    @cached_property
    def per_output(self) -> tuple[sympy.Expr, ...]:
        """``I_i E (x_i - x_hat_i)^2`` for every output."""
        return tuple(self._weighted([to_sympy(p) for p in self.problem.densities]))

    @cached_property
    def value(self) -> sympy.Expr:
        """``L`` at the density of the problem."""
        return sympy.Add(*self.per_output)

    @cached_property
    def polynomial(self) -> sympy.Poly:
        """``L`` as a polynomial in a common density ``p``, coefficients in Macaulay brackets.

        Raises:
            Unsupported: densities differ between features, or ``p`` is a symbol of the weights.
        """
        if self.problem.n_active is not None:
            raise Unsupported(
                f"polynomial: n_active={self.problem.n_active} fixes how many features are active, "
                "so that there is no density; read `value`"
            )
        if isinstance(self.problem.density, tuple):
            raise Unsupported(
                "polynomial: the features have different densities; `value` is a polynomial in "
                "the symbols of the densities"
            )
        used = (*self._weights.numbers, *self.problem.importances)
        if any(DENSITY in getattr(value, "free_symbols", ()) for value in used):
            raise Unsupported("W, b or importance: holds the symbol p of the polynomial; rename it")
        total = sympy.Add(*self._weighted([DENSITY] * self.problem.n_features))
        return sympy.Poly(sympy.expand(total, func=True), DENSITY)

    def given_active(self, k: int) -> sympy.Expr:
        """Give the expected loss under the condition that exactly ``k`` features are active.

        Args:
            k: number of active features, 0 to ``n``.

        Returns:
            An expression.

        Raises:
            Unsupported: features that depend on each other, or different densities.
        """
        n, count = self.problem.n_features, self._checked_count(k)
        if self.problem.groups:
            raise Unsupported(
                f"groups={list(self.problem.groups)!r}: with symbols, conditioning on the number "
                "of active features needs independent ones; give numbers"
            )
        if count == self.problem.n_active:
            return self.value
        coefficients = [self.polynomial.coeff_monomial(DENSITY**j) for j in range(count + 1)]
        terms = (c * math.comb(n - j, count - j) for j, c in enumerate(coefficients))
        return sympy.Add(*terms) / math.comb(n, count)

    def _at(self, problem: Any) -> sympy.Expr:
        return ClosedForm(problem, self._weights).value

    @property
    def gradient(self) -> Gradient:
        """Not given for symbols: a chamber has a gradient.

        Raises:
            Unsupported: always, with the way to the derivatives.
        """
        raise Unsupported(
            "gradient: with symbols the derivatives differ from chamber to chamber; "
            "ask for `in_chamber(point).gradient`"
        )

    def in_chamber(self, point: Mapping[Any, object]) -> Any:
        """Give the rational function that holds around a point, with its inequalities.

        Args:
            point: an exact number for every symbol of ``W`` and ``b``.

        Returns:
            A ``theory.losses.symbolic.Chamber``.

        Raises:
            Unsupported: the weights hold no symbols, or the model is linear and has no chambers.
        """
        if self.problem.activation.is_polynomial:
            raise Unsupported(
                f"activation={self.problem.activation!r}: a polynomial model has one chamber; use "
                "`value`"
            )
        if not any(is_symbolic(entry) for entry in self._weights.numbers):
            return super().in_chamber(point)
        from theory.losses.symbolic import chamber

        problem = self.problem
        return chamber(self._gram, self._bias, problem.densities, problem.importances, point)
