r"""The part of the loss with two or more active features, by the Bernoulli series for any law.

For a period ``P >= |y|`` and ``w_k = 2 pi k / P``

.. math::
    (y)_+^r = P^r \Bigl\{ \tfrac{B_{r+1}(y/P)}{r+1} + (y/P)^r \Bigr\}
        + 2 P^r\, r! \,\mathrm{Re} \sum_{k \ge 1} \frac{e^{i w_k y}}{(2 \pi i k)^{r+1}},

with ``r = 2 q`` for ``sigma(y)^2`` and ``r = q`` under ``x_i``. For odd ``q`` the activation
``|t|^q`` is ``2 (t)_+^q - t^q`` and its square is a polynomial. The expectation of the braces needs
moments, that of the waves the transform of the law; both are carried by
``numerics.family.classes``.

Source: the Fourier series of the periodic Bernoulli polynomials, DLMF 24.8.3.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from math import comb
from typing import Any

import numpy as np

from numerics.basics.types import Floats, Ints
from numerics.family.classes import Chain, Classes, Factors, truncated_product
from numerics.family.transforms import Complexes, Transform
from theory.problem import Activation

__all__ = ["Rest", "factorials_to", "kinked_polynomial", "wave_weights"]


@cache
def kinked_polynomial(r: int) -> Floats:
    """Coefficients of ``t^0 .. t^{r+1}`` in the polynomial part of ``(t)_+^r``, for period 1.

    Args:
        r: the power.

    Returns:
        ``r + 2`` coefficients.

    Example:
        >>> kinked_polynomial(1).round(12) * 12
        array([1., 6., 6.])
    """
    numbers = [Fraction(1)]  # Bernoulli numbers, exactly: rounding them would be scaled by P^r
    for k in range(1, r + 2):
        numbers.append(-sum(comb(k + 1, j) * numbers[j] for j in range(k)) / Fraction(k + 1))
    top = [comb(r + 1, k) * numbers[r + 1 - k] / (r + 1) for k in range(r + 2)]
    top[r] += 1
    return np.array([float(c) for c in top])


@cache
def factorials_to(top: int) -> Floats:
    """``0! .. top!`` in floating point."""
    return np.array([math.factorial(k) for k in range(top + 1)], dtype=float)


def wave_weights(r: int, k: Floats) -> Complexes:
    """``2 r! / (2 pi i k)^{r+1}``, the weights of the waves for period 1."""
    scale = 2.0 * math.factorial(r) / (2.0 * math.pi) ** (r + 1)
    return np.asarray(scale * (1.0 / 1j) ** (r + 1) / k ** (r + 1), dtype=np.complex128)


@dataclass(frozen=True)
class Rest:
    """A block of outputs over the events with two or more active features.

    Attributes:
        chain: the recursion over the features.
        a: their slopes, shape ``(rows, n)``.
        b: biases, shape ``(rows,)``.
        moments: ``E u^s``.
        absolute: ``E |u|^s``, or bounds on them.
        transform: of the law; None for a polynomial activation, which needs moments alone.
        activation: ``sigma``.
        with_singles: whether the events with one active feature belong to it as well.
    """

    chain: Chain
    a: Floats
    b: Floats
    moments: Floats
    absolute: Floats
    transform: Transform | None
    activation: Activation
    with_singles: bool = False

    @property
    def own(self) -> Floats:
        """Entry of the own feature of each output."""
        return self.a[np.arange(len(self.b)), self.chain.rows]

    @property
    def law(self) -> Transform:
        """The transform, where there is one."""
        if self.transform is None:
            raise AssertionError("a polynomial activation has no series")
        return self.transform

    def only(self, places: Ints) -> Rest:
        """Some of the outputs."""
        chain = replace(
            self.chain, rows=self.chain.rows[places], reaches=self.chain.reaches[places]
        )
        return replace(self, chain=chain, a=self.a[places], b=self.b[places])

    def _of(self, classes: Classes) -> Any:
        return classes[1] + classes[2] if self.with_singles else classes[2]

    def chances(self) -> tuple[Floats, Floats]:
        """Probability of these events, and of these with the own feature active."""
        one = np.ones((1, 1))
        plain, own = self.chain.run(
            Factors(lambda j: np.ones((len(self.b), 1)), lambda row: one, np.multiply, one)
        )
        return self._of(plain)[:, 0], self._of(own)[:, 0]

    def moment_factors(self, top: int, own_top: int, *, sizes: bool = False) -> Factors:
        """Factors whose products are the series of ``E y^k / k!``; ``sizes``: of the moduli."""
        degrees = np.arange(top + 1)
        factorials = factorials_to(top)
        a, b = (np.abs(self.a), np.abs(self.b)) if sizes else (self.a, self.b)
        moments = self.absolute if sizes else self.moments
        mu, own = moments[: top + 1] / factorials, np.zeros(top + 1)
        own[: own_top + 1] = moments[1 : own_top + 2] / factorials[: own_top + 1]
        diagonal = np.abs(self.own) if sizes else self.own
        return Factors(
            lambda j: mu * a[:, j : j + 1] ** degrees,
            lambda row: (own * diagonal[row] ** degrees)[None],
            truncated_product,
            b[:, None] ** degrees / factorials,
        )

    def power_moments(
        self, top: int, own_top: int, *, sizes: bool = False
    ) -> tuple[Floats, Floats]:
        """``E y^k`` for ``k = 0 .. top`` and ``E x_i y^k`` over these events.

        Args:
            top: the highest power.
            own_top: the highest power under ``x_i``.
            sizes: replace every number by its modulus.

        Returns:
            Both, shapes ``(rows, top + 1)`` and ``(rows, own_top + 1)``.
        """
        plain, weighted = self.chain.run(self.moment_factors(top, own_top, sizes=sizes))
        factorials = factorials_to(top)
        return (
            self._of(plain) * factorials,
            (self._of(weighted) * factorials)[:, : own_top + 1],
        )

    def wave_factors(self, omega: Floats) -> Factors:
        """Factors whose products are ``E e^{i w y}``."""
        own, phases = self.own, self.law.phases
        return Factors(
            lambda j: phases(omega * self.a[:, j : j + 1], 0)[0],
            lambda row: phases(omega[row : row + 1] * own[row], 1)[1],
            np.multiply,
            np.exp(1j * omega * self.b[:, None]),
        )

    def waves(self, omega: Floats) -> tuple[Complexes, Complexes]:
        """``E e^{i w y}`` and ``E x_i e^{i w y}`` over these events, shape ``(rows, K)``."""
        plain, weighted = self.chain.run(self.wave_factors(omega))
        return self._of(plain), self._of(weighted)

    def envelope_factors(self, omega: Floats) -> Factors:
        """Factors whose products bound the waves."""
        own, bounds = self.own, self.law.envelopes
        mean = abs(float(self.moments[1]))

        def own_bound(row: int) -> Floats:
            if own[row] == 0.0:
                return np.full((1, omega.shape[1]), mean)
            return bounds(omega[row : row + 1] * own[row], 1)[1]

        return Factors(
            lambda j: bounds(omega * self.a[:, j : j + 1], 0)[0],
            own_bound,
            np.multiply,
            np.abs(np.exp(1j * omega * self.b[:, None])),
        )

    def envelopes(self, omega: Floats) -> tuple[Floats, Floats]:
        """Bounds on the moduli of ``waves``, decreasing in ``omega``."""
        plain, weighted = self.chain.run(self.envelope_factors(omega))
        return self._of(plain), self._of(weighted)

    def log_growth(self, theta: Floats) -> Floats:
        """Logarithm of ``E e^{theta y}`` over these events, or of a bound on it."""
        grow = self.law.growth
        ones = np.ones((1, theta.shape[1]))
        with np.errstate(over="ignore", invalid="ignore"):
            plain, _ = self.chain.run(
                Factors(
                    lambda j: grow(theta * self.a[:, j : j + 1]),
                    lambda row: ones,
                    np.multiply,
                    ones,
                )
            )
            found = self._of(plain)
        found = np.where(np.isfinite(found), np.maximum(found, 1e-300), np.inf)
        # the bias apart: beside tiny slopes its exponential leaves the floats
        return np.log(found) + theta * self.b[:, None]

    def growth(self, theta: Floats) -> Floats:
        """``E e^{theta y}`` over these events, or a bound on it; shape of ``theta``."""
        with np.errstate(over="ignore"):
            return np.exp(self.log_growth(theta))

    def reach(self) -> tuple[Floats, Floats]:
        """Least and largest possible ``y`` of each output; infinite where it is not bounded."""
        low, high = self.law.support
        seen = self.a != 0.0
        with np.errstate(invalid="ignore"):
            ends = np.stack([self.a * low, self.a * high, np.zeros_like(self.a)])
        ends = np.where(seen, ends, 0.0)
        return self.b + ends.min(axis=0).sum(axis=1), self.b + ends.max(axis=0).sum(axis=1)
