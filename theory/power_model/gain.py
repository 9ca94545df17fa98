r"""The gain of power activations over ignoring everything: an exact polynomial in the density.

For a symmetric feature law, an odd power ``q`` and no bias

.. math::
    \tilde L(W) = p\,n\,\mu_2 - L(W)
        = \sum_i \big( 2\,\mathbb{E}[x_i\,y_i^q] - \mathbb{E}\,y_i^{2q} \big),
    \qquad y = A x, \quad A = W^\top W .

Odd cumulants vanish, and those of ``y_i`` are ``s_k kappa_{2k}(p)`` with ``s_k = sum_j A_ij^{2k}``
(``theory.power_model.power_sums``), so that

.. math::
    \mathbb{E}[x_i\,y_i^q] = \sum_{k\ \mathrm{odd}} \binom{q}{k} A_{ii}^k\,
        \kappa_{k+1}\, \mathbb{E}\,y_i^{q-k} .

The gain is a polynomial in ``p`` of degree at most ``q``; it costs ``n^2`` Gram entries.

Source: arXiv:2606.18538, equations 6 and 7, for the gain; own derivation of the polynomial.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import sympy

from theory.losses.result import DENSITY
from theory.losses.weights import read_weights, to_sympy
from theory.power_model.power_sums import even_cumulants, power_sums
from theory.problem import Exact, InputError, Problem, Unsupported
from theory.rows.law_moments import law_moments

__all__ = ["Gain", "gain", "seed_moments"]


@dataclass(frozen=True)
class Gain:
    r"""The gain of one weight matrix, as a polynomial in the density.

    .. math:: \tilde L = 2 \sum_i \mathbb{E}[x_i \hat x_i] - \sum_i \mathbb{E}\,\hat x_i^2

    Attributes:
        problem: the problem.
        correlation: coefficients in ``p`` of ``sum_i E[x_i x_hat_i]``, constant term first.
        energy: coefficients in ``p`` of ``sum_i E x_hat_i^2``, constant term first.

    Example:
        >>> from theory.problem import Power, Rademacher
        >>> problem = Problem(2, 1, density="1/10", features=Rademacher(), activation=Power(3))
        >>> found = gain(problem, [[1, 0]])
        >>> found.value, found.loss, found.polynomial.as_expr()
        (Fraction(1, 10), Fraction(1, 10), p)

    Source: arXiv:2606.18538, equations 6 and 7.
    """

    problem: Problem
    correlation: tuple[Exact, ...]
    energy: tuple[Exact, ...]

    @property
    def kind(self) -> str:
        """``"exact"``, or ``"symbolic"`` where the weights or the density hold symbols."""
        numbers = (*self.correlation, *self.energy, self.problem.density)
        return "symbolic" if any(getattr(c, "free_symbols", ()) for c in numbers) else "exact"

    @cached_property
    def coefficients(self) -> tuple[Exact, ...]:
        """Coefficients of the gain in ``p``; the constant term, which is 0, comes first."""
        pairs = zip(self.correlation, self.energy, strict=True)
        return tuple(_difference(_product(Fraction(2), x), y) for x, y in pairs)

    @cached_property
    def polynomial(self) -> sympy.Poly:
        """The gain as a polynomial in the density ``p``.

        Raises:
            Unsupported: the weights hold the symbol ``p`` of the polynomial.
        """
        if any(DENSITY in getattr(c, "free_symbols", ()) for c in self.coefficients):
            raise Unsupported("W: holds the symbol p of the polynomial; rename it")
        return sympy.Poly.from_list([to_sympy(c) for c in reversed(self.coefficients)], DENSITY)

    @property
    def value(self) -> Exact:
        """The gain at the density of the problem."""
        return _evaluated(self.coefficients, self.problem.density)

    @property
    def loss(self) -> Exact:
        """The expected loss ``p n mu_2`` less the gain, at the density of the problem."""
        second = law_moments(self.problem.features, 2)[2]
        ignoring = _product(self.problem.density, second * self.problem.n_features)
        return _difference(ignoring, self.value)

    @property
    def at_best_scale(self) -> Exact:
        r"""The largest gain among all multiples of the weights, ``correlation^2 / energy``.

        With ``A`` times ``s`` the gain is ``2 s^q correlation - s^{2q} energy``, largest at
        ``s^q = correlation / energy``; 0 where the weights or the density are zero.
        """
        energy = _evaluated(self.energy, self.problem.density)
        if energy == 0:
            return Fraction(0)
        correlation = _evaluated(self.correlation, self.problem.density)
        if isinstance(energy, Fraction) and isinstance(correlation, Fraction):
            return correlation**2 / energy
        return sympy.simplify(to_sympy(correlation) ** 2 / to_sympy(energy))

    def at(self, *, density: object = None, sparsity: object = None) -> Exact:
        """Give the gain of the same weights at another density or sparsity.

        Args:
            density: ``p``, one number.
            sparsity: ``S = 1 - p``; give one of the two.

        Returns:
            The gain.

        Raises:
            InputError: both, neither, or a number out of its range.
        """
        if (density is None) == (sparsity is None):
            raise InputError(f"density={density!r}, sparsity={sparsity!r}: give one of them")
        changed = {"density": density} if sparsity is None else {"sparsity": sparsity}
        problem = self.problem.replace(**changed)
        seed_moments(problem)  # refuses different densities
        return _evaluated(self.coefficients, problem.density)


def gain(problem: Problem, W: Any) -> Gain:
    """Give the gain of a weight matrix over ignoring everything, exactly.

    Args:
        problem: symmetric law, odd power, independent features, one density, importance 1.
        W: ``m`` rows of ``n``, rational, real algebraic or symbolic; or an object with ``gram()``.

    Returns:
        The gain with its polynomial in the density.

    Raises:
        Unsupported: a problem outside the model, or a bias; the message names the argument.
        InputError: weights that do not fit the problem.

    Example:
        >>> from theory.problem import Normal, Power
        >>> problem = Problem(2, 1, density="1/100", features=Normal(), activation=Power(3))
        >>> gain(problem, [[1, "1/2"]]).coefficients
        (Fraction(0, 1), Fraction(-38415, 4096), Fraction(-12705, 1024), Fraction(0, 1))

    Source: arXiv:2606.18538, equations 6 and 7; own derivation of the polynomial.
    """
    power, _ = seed_moments(problem)
    weights = read_weights(problem, W)
    if any(entry != 0 for entry in weights.bias):
        raise Unsupported("b: the gain is for outputs without bias; give weights without one")
    sums, cumulants = power_sums(weights, power), even_cumulants(problem.features, power)
    return Gain(problem, sums.target_polynomial(cumulants), sums.energy_polynomial(cumulants))


def seed_moments(problem: Problem) -> tuple[int, tuple[Fraction, ...]]:
    """Check that a problem is the model of arXiv:2606.18538; give its power and moments.

    Args:
        problem: any problem.

    Returns:
        The odd power ``q``, and ``E u^k`` for ``k = 0, ..., 2q``.

    Raises:
        Unsupported: a problem outside the model; the message names the argument.

    Example:
        >>> from theory.problem import Power, Rademacher
        >>> problem = Problem(2, 1, density=1, features=Rademacher(), activation=Power(1))
        >>> seed_moments(problem)
        (1, (Fraction(1, 1), Fraction(0, 1), Fraction(1, 1)))
    """
    activation, law = problem.activation, problem.features
    if activation.shape != "power" or activation.power % 2 == 0:
        raise Unsupported(
            f"activation={activation!r}: the gain is for odd powers; use Power(1), Power(3), "
            "Power(5), ..., or ask for the expected loss"
        )
    if not law.is_symmetric:
        raise Unsupported(
            f"features={law!r}: the gain needs a symmetric law; use Rademacher(), Normal(), "
            "Uniform(-a, a) or a CustomLaw with is_symmetric=True"
        )
    if not problem.is_independent:
        named = (
            f"n_active={problem.n_active}"
            if problem.groups == ()
            else f"groups={list(problem.groups)!r}"
        )
        raise Unsupported(f"{named}: the gain needs independent features; leave it out")
    if isinstance(problem.density, tuple):
        raise Unsupported(
            f"density={tuple(map(str, problem.density))}: differs between features; the gain needs "
            "one for all"
        )
    if problem.importance != 1:
        raise Unsupported(
            f"importance={problem.importance}: the gain is for equal importance 1; leave it out"
        )
    moments = law_moments(law, 2 * activation.power)
    if not all(isinstance(mu, Fraction) for mu in moments):
        raise Unsupported(f"features={law!r}: a moment is not rational; give rational moments")
    return activation.power, tuple(moments)


def _evaluated(coefficients: Sequence[Exact], density: Exact) -> Exact:
    total: Exact = Fraction(0)
    for coefficient in reversed(coefficients):
        total = _difference(_product(total, density), _product(Fraction(-1), coefficient))
    return total


def _product(left: Exact, right: Exact) -> Exact:
    if isinstance(left, Fraction) and isinstance(right, Fraction):
        return left * right
    return sympy.expand(to_sympy(left) * to_sympy(right))


def _difference(left: Exact, right: Exact) -> Exact:
    if isinstance(left, Fraction) and isinstance(right, Fraction):
        return left - right
    return _rational(sympy.expand(to_sympy(left) - to_sympy(right)))


def _rational(value: sympy.Expr) -> Exact:
    """A number as a ``Fraction`` where it is rational."""
    return Fraction(int(value.p), int(value.q)) if value.is_Rational else value
