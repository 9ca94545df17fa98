"""What every expected loss can be asked, whatever the route that computed it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import sympy

from theory.losses.weights import Weights, to_sympy
from theory.problem import InputError, Problem, Unsupported

__all__ = ["DENSITY", "ExpectedLoss", "Gradient"]

DENSITY = sympy.Symbol("p")
"""The symbol of ``ExpectedLoss.polynomial``."""


@dataclass(frozen=True)
class Gradient:
    r"""Derivatives of the expected loss, with ``sigma'(0) = 0`` at kinks.

    Attributes:
        gram: ``Gamma_ij = dL / dG_ij`` with ``G`` free (not symmetric), ``n`` rows of ``n``.
        b: ``dL / db``, length ``n``.
        W: ``dL / dW = W (Gamma + Gamma^T)``, ``m`` rows of ``n``; ``W_decoder Gamma`` for untied
            weights; None where only ``G`` is known.
        W_decoder: ``dL / dW_decoder = W Gamma^T`` for untied weights, else None.
    """

    gram: tuple[tuple[Any, ...], ...]
    b: tuple[Any, ...]
    W: tuple[tuple[Any, ...], ...] | None
    W_decoder: tuple[tuple[Any, ...], ...] | None = None


class ExpectedLoss(ABC):
    r"""The expected loss of one model, computed when asked and then kept.

    .. math::
        L = \sum_i I_i\, \mathbb{E}\,(x_i - \hat x_i)^2, \qquad \hat x = \sigma(W^\top W x + b)

    Attributes:
        problem: the problem.
        kind: ``"exact"`` (a ``Fraction`` or an algebraic number), ``"enclosed"`` (a midpoint and a
            proven radius) or ``"symbolic"`` (an expression with free symbols).

    Example:
        >>> from theory.loss import expected_loss
        >>> loss = expected_loss(Problem(2, 1, density="1/10"), [[1, -1]])
        >>> loss.value, loss.polynomial.as_expr(), loss.given_active(2)
        (Fraction(1, 300), p**2/3, Fraction(1, 3))
        >>> loss.at(density=1), loss.gradient.W
        (Fraction(1, 3), ((Fraction(-1, 600), Fraction(1, 600)),))

    Source: Elhage et al. 2022, arXiv:2209.10652, section 2.
    """

    def __init__(self, problem: Problem, weights: Weights) -> None:
        self.problem = problem
        self._weights = weights

    @property
    @abstractmethod
    def kind(self) -> str:
        """``"exact"``, ``"enclosed"`` or ``"symbolic"``."""

    @property
    @abstractmethod
    def value(self) -> Any:
        """``L`` at the density of the problem."""

    @property
    @abstractmethod
    def per_output(self) -> tuple[Any, ...]:
        """``I_i E (x_i - x_hat_i)^2`` for every output; they sum to ``value``."""

    @property
    @abstractmethod
    def polynomial(self) -> sympy.Poly:
        """``L`` as a polynomial in a density common to all independent units of features."""

    @property
    @abstractmethod
    def gradient(self) -> Gradient:
        """The derivatives by ``W``, ``b`` and the Gram entries at the density of the problem."""

    @abstractmethod
    def given_active(self, k: int) -> Any:
        """Give the expected loss under the condition that exactly ``k`` features are active.

        For a density common to all features every set of ``k`` features is as likely, so that the
        answer does not depend on the density and is defined for density 0 and 1 too.
        """

    @abstractmethod
    def _at(self, problem: Problem) -> Any:
        """``L`` for the same weights and another problem."""

    def at(self, *, density: object = None, sparsity: object = None) -> Any:
        """Give the expected loss of the same weights at another density or sparsity.

        Args:
            density: ``p``, one number or one for each feature.
            sparsity: ``S = 1 - p``; give one of the two.

        Returns:
            The loss, in the same kind of number as ``value``.

        Raises:
            InputError: both, neither, or a number out of its range.
        """
        if (density is None) == (sparsity is None):
            raise InputError(f"density={density!r}, sparsity={sparsity!r}: give one of them")
        changed = {"density": density} if sparsity is None else {"sparsity": sparsity}
        return self._at(self.problem.replace(**changed))

    def in_chamber(self, point: Mapping[Any, object]) -> Any:
        """Give the rational function that holds around a point (symbolic weights only)."""
        raise Unsupported(
            f"point={point!r}: these weights are numbers, so there is one chamber and `value` is "
            "the loss; put symbols into W or b to ask for chambers"
        )

    def _checked_count(self, k: object) -> int:
        n = self.problem.n_features
        if isinstance(k, bool) or not isinstance(k, int) or not 0 <= k <= n:
            raise InputError(f"k={k!r}: must be a whole number between 0 and n_features = {n}")
        return k

    def latex(self) -> str:
        """Write ``value`` as LaTeX."""
        if isinstance(self.value, Fraction):
            over, under = _decimal_parts(abs(self.value))
            sign = "-" if self.value < 0 else ""
            return sign + (over if under == "1" else rf"\frac{{{over}}}{{{under}}}")
        return str(sympy.latex(to_sympy(self.value)))

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"

    def __float__(self) -> float:
        value = self.value
        if getattr(value, "free_symbols", ()):
            symbols = ", ".join(sorted(map(str, value.free_symbols)))
            raise InputError(f"value: holds the symbols {symbols}; substitute numbers first")
        return float(value if isinstance(value, Fraction) else sympy.N(value, 30))

    def __repr__(self) -> str:
        return f"ExpectedLoss({self._shown()}, kind={self.kind!r}, {self.problem!r})"

    def _shown(self) -> str:
        value = self.value
        text = "/".join(_decimal_parts(value)) if isinstance(value, Fraction) else str(value)
        text = text.removesuffix("/1")
        short = len(text) <= 60 or self.kind == "enclosed"
        return text if short else f"{text[:28]} ... {text[-28:]} ({len(text)} characters)"


def _decimal_parts(value: Fraction) -> tuple[str, str]:
    """Numerator and denominator in decimal; Python's own conversion stops at 4300 digits."""
    return str(Decimal(value.numerator)), str(Decimal(value.denominator))
