r"""Closed forms of truncated moments for exponential and normal features with rational entries.

Exponential features: with rational slopes, bias and masses a moment is a finite sum
``constant + sum_k c_k e^{b/a_k}`` with rational numbers (``theory.rows.exponential``).

Normal features: a finite sum over the variances ``V`` of ``y`` (``theory.rows.gaussian``),

.. math::
    c_V + \sum_V \Bigl( p_V \operatorname{erfc}\frac{-b}{\sqrt{2V}}
        + q_V \frac{e^{-b^2 / 2V}}{\sqrt{2 \pi V}} \Bigr),

with rational ``p_V`` and ``q_V``, from the recurrence ``e J_e = b J_{e-1} + V J_{e-2}`` in
``J_0`` and ``J_{-1}``. At ``b = 0`` the first kind is rational.

Source: own derivation.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import sympy
from flint import fmpq, fmpq_poly

from theory.problem import Normal, Unsupported
from theory.rows.exponential import ExponentialRow
from theory.rows.gaussian import GaussianRow
from theory.rows.residues import Weights
from theory.rows.row import Row

__all__ = ["MomentExpressions"]

MAX_TERMS = 2**10
"""Transcendental numbers in one closed form; more are neither read nor simplified by anyone."""


class _Numbers:
    """Rational numbers, as the routes of balls ask for them."""

    ordered = True

    def element(self, value: int) -> fmpq:
        """Embed an integer."""
        return fmpq(value)

    def ball(self, element: fmpq) -> fmpq:
        """A rational number is kept as it is."""
        return element

    def clear(self, elements: Sequence[fmpq]) -> tuple[int, list[fmpq]]:
        """Leave denominators where they are."""
        return 1, list(elements)

    def polynomial(self, coefficients: Sequence[fmpq]) -> fmpq_poly:
        """Make a polynomial."""
        return fmpq_poly(list(coefficients))


class MomentExpressions:
    """Moments ``E[w (y)_+^r]`` of one output of rational entries, as SymPy expressions.

    Args:
        row: the output, with exponential or normal features and rational entries.

    Example:
        >>> from theory.problem import Exponential, ReLU
        >>> from theory.rows.row import UnitMasses
        >>> units = [UnitMasses(fmpq(1, 2), (((j,), fmpq(1, 2)),)) for j in (0, 1)]
        >>> row = Row(0, [fmpq(2), fmpq(-1)], fmpq(-1), units, Exponential(), ReLU())
        >>> MomentExpressions(row).moment({}, 1)
        5*exp(-1/2)/6
        >>> row = Row(0, [fmpq(2), fmpq(-1)], fmpq(0), units, Normal(), ReLU())
        >>> MomentExpressions(row).moment({}, 1)
        sqrt(10)/(8*sqrt(pi)) + 3*sqrt(2)/(8*sqrt(pi))
    """

    def __init__(self, row: Row) -> None:
        self._normal = isinstance(row.law, Normal)
        self._bias = row.bias
        self._row: Any = (GaussianRow if self._normal else ExponentialRow)(_Numbers(), row)

    def moment(self, weights: Weights, r: int) -> sympy.Expr:
        """Give ``E[prod_j x_j^weights[j] (y)_+^r]``, ``(y)_+^0`` the indicator of ``y > 0``.

        Args:
            weights: exponents by feature.
            r: a power, at least 0.

        Returns:
            An expression in exponentials of rational numbers or in normal integrals.

        Raises:
            Unsupported: more than 1024 of them.
        """
        return self._over_variances(weights, r) if self._normal else self._over_poles(weights, r)

    def _over_poles(self, weights: Weights, r: int) -> sympy.Expr:
        constant, poles = self._row.parts(weights, r)
        _check_terms(len(poles))
        terms = (_sympy(c) * sympy.exp(_sympy(rate)) for rate, c in poles)
        return sympy.Add(_sympy(constant), *terms)

    def _over_variances(self, weights: Weights, r: int) -> sympy.Expr:
        operator, variances = self._row.parts(weights)
        _check_terms(len(variances))
        b, scale = self._bias, math.factorial(r)
        terms = []
        for V, mass in variances:
            for d, coefficient in enumerate(operator):
                if coefficient and mass:
                    pair = _coefficients(b, V, r - d)
                    terms += _normal_terms(b, V, [scale * coefficient * mass * c for c in pair])
        return sympy.Add(*terms)


def _check_terms(found: int) -> None:
    if found > MAX_TERMS:
        raise Unsupported(
            f"terms={found}: the closed form of one moment holds so many transcendental numbers, "
            f"at most {MAX_TERMS} are written; ask for an enclosure (digits=30, method='ball')"
        )


def _sympy(value: fmpq) -> sympy.Rational:
    return sympy.Rational(int(value.p), int(value.q))


def _coefficients(b: fmpq, V: fmpq, e: int) -> tuple[fmpq, fmpq]:
    """``(p, q)`` with ``J_e = p J_0 + q J_{-1}``."""
    zero, one = fmpq(0), fmpq(1)
    below, here = (zero, one), (one, zero)
    for k in range(1, e + 1):
        raised = tuple((b * x + V * y) / k for x, y in zip(here, below, strict=True))
        below, here = here, (raised[0], raised[1])
    if e >= 0:
        return here
    if not V:
        return zero, zero  # no mass meets it: a weighted slope that is not 0 has V > 0
    above, here = here, below
    for k in range(-1, e, -1):
        lowered = tuple(((k + 1) * x - b * y) / V for x, y in zip(above, here, strict=True))
        above, here = here, (lowered[0], lowered[1])
    return here


def _normal_terms(b: fmpq, V: fmpq, pair: Sequence[fmpq]) -> list[sympy.Expr]:
    """``p J_0 + q J_{-1}``."""
    p, q, variance, bias = (_sympy(value) for value in (*pair, V, b))
    if not variance:
        return [p] if bias > 0 else []
    found = []
    if p:
        found.append(p * sympy.erfc(-bias / sympy.sqrt(2 * variance)) / 2)
    if q:
        density = sympy.exp(-(bias**2) / (2 * variance)) / sympy.sqrt(2 * sympy.pi * variance)
        found.append(q * density)
    return found
