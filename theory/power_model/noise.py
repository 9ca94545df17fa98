r"""The upper bound by the leverage of order 1 that holds at every density.

With ``A_ii = 1`` an output is ``y_i = x_i + R``; the noise ``R`` is independent of ``x_i`` and
symmetric, and the sequence ``M_j = E R^{2j}`` is log-convex. Its second moment is what the leverage
leaves: ``M_1 = p mu_2 (1 / lambda_1 - 1)``.

Source: own derivation, ``docs/proofs/gain_upper_bounds.md``, part 5.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from flint import fmpq, fmpq_poly

from theory.arithmetic.fields import to_fmpq
from theory.power_model.leverage import Leverage, Numbers, numbers_of
from theory.problem import Normal, Problem
from theory.rows.law_moments import law_moments

__all__ = ["leverage_bound"]


@dataclass(frozen=True)
class _Noise:
    """Moments of the features, and what is known of those of the noise.

    Attributes:
        q: the power.
        density: ``p``.
        mu: moments of the law.
        factors: with ``M_j`` divided by these the sequence is log-convex.
        second: the least ``M_2 / (factors_2 M_1^2)``.
    """

    q: int
    density: fmpq
    mu: list[fmpq]
    factors: list[fmpq]
    second: fmpq

    def signal(self, k: int) -> fmpq:
        """The factor of ``M_{(q-k)/2}`` in ``E[x_i y_i^q]``."""
        return math.comb(self.q, k) * self.mu[k + 1] * self.density

    def energy(self, j: int) -> fmpq:
        """The factor of ``M_j`` in ``E y_i^{2q}``."""
        if j == self.q:
            return fmpq(1)
        return math.comb(2 * self.q, 2 * j) * self.mu[2 * (self.q - j)] * self.density


def leverage_bound(problem: Problem) -> Fraction:
    r"""Give the bound by the leverage of order 1 that holds at every density.

    .. math::
        \mathbb{E}[x_i y_i^q] = p \sum_{k\ \mathrm{odd}} \binom qk \mu_{k+1} M_{(q-k)/2}, \qquad
        \mathbb{E}\,y_i^{2q} = M_q + p \sum_{k \ge 1} \binom{2q}{2k} \mu_{2k} M_{q-k} .

    Args:
        problem: the model, with a rational density above 0.

    Returns:
        The bound.

    Example:
        >>> from theory.problem import Power, Rademacher
        >>> problem = Problem(9, 2, density=1, features=Rademacher(), activation=Power(1))
        >>> float(leverage_bound(problem))
        2.0
    """
    numbers = numbers_of(problem)
    noise = _noise(problem, numbers)
    found = [_by_power_mean(noise).total(numbers.n, numbers.r)]
    if numbers.q <= 3:
        found.append(_by_variance(noise, numbers).total(numbers.n, numbers.r))
    elif numbers.q == 5 and _falls_with_the_fourth_moment(noise):
        found.append(_by_least_fourth_moment(noise).total(numbers.n, numbers.r))
    return min(found)


def _noise(problem: Problem, numbers: Numbers) -> _Noise:
    q, density = numbers.q, to_fmpq(problem.densities[0])
    mu = [to_fmpq(moment) for moment in law_moments(problem.features, max(2 * q, 4))]
    if isinstance(problem.features, Normal):  # given the mask R is normal: M_j = (2j-1)!! E V^j
        return _Noise(q, density, mu, _odd_factorials(q), fmpq(1))
    # M_2 = 3 M_1^2 + kappa_4 sum A_ij^4, and the sum is between 0 and (sum A_ij^2)^2
    least = min(fmpq(3), mu[4] / (density * mu[2] ** 2))
    return _Noise(q, density, mu, [fmpq(1)] * (q + 1), least)


def _odd_factorials(q: int) -> list[fmpq]:
    return [fmpq(math.prod(range(2 * j - 1, 0, -2))) for j in range(q + 1)]


def _by_power_mean(noise: _Noise) -> Leverage:
    """In terms of ``w = M_h^{1/h}``: lower moments are below its powers, higher ones above."""
    q, half = noise.q, (noise.q - 1) // 2
    w = fmpq_poly([0, noise.density * noise.mu[2]])
    over = under = fmpq_poly([0])
    for k in range(1, q + 1, 2):
        j = (q - k) // 2
        over += w**j * (noise.signal(k) * noise.factors[j])
    for j in (0, *range(max(half, 1), q + 1)):
        under += w**j * (noise.energy(j) * noise.factors[j])
    return Leverage(over, under)


def _by_variance(noise: _Noise, numbers: Numbers) -> Leverage:
    """For ``q <= 3``, in terms of ``v = M_1``: nothing else is in the numerator."""
    q = noise.q
    least = [f * noise.second ** max(j - 1, 0) for j, f in enumerate(noise.factors)]
    if numbers.has_even_growth:
        least = _odd_factorials(q)
    v = fmpq_poly([0, noise.density * noise.mu[2]])
    over = under = fmpq_poly([0])
    for k in range(1, q + 1, 2):
        over += v ** ((q - k) // 2) * noise.signal(k)
    for j in range(q + 1):
        under += v**j * (noise.energy(j) * least[j])
    return Leverage(over, under)


def _by_least_fourth_moment(noise: _Noise) -> Leverage:
    """For ``q = 5``, in terms of ``v = M_1`` and the least ``M_2 / M_1^2``."""
    v = fmpq_poly([0, noise.density * noise.mu[2]])
    over = under = fmpq_poly([0])
    for j, entry in enumerate(_signal_rows(noise)):
        over += v**j * entry(noise.second)
    for j, entry in enumerate(_energy_rows(noise)):
        under += v**j * entry(noise.second)
    return Leverage(over, under)


def _signal_rows(noise: _Noise) -> list[fmpq_poly]:
    """For ``q = 5``: the coefficient of ``v^j``, a polynomial in ``rho = M_2 / (f_2 M_1^2)``."""
    return [
        fmpq_poly([0] * (j == 2) + [noise.signal(5 - 2 * j) * noise.factors[j]]) for j in range(3)
    ]


def _energy_rows(noise: _Noise) -> list[fmpq_poly]:
    """Likewise for the energy, with the least ``M_j = f_j rho^{j-1} v^j``."""
    return [fmpq_poly([0] * max(j - 1, 0) + [noise.energy(j) * noise.factors[j]]) for j in range(6)]


def _falls_with_the_fourth_moment(noise: _Noise) -> bool:
    """Whether ``N^2 / C`` falls as ``rho`` grows: ``2 N' C - N C'`` has no positive coefficient."""
    shift = fmpq_poly([noise.second, 1])
    signal = [entry(shift) for entry in _signal_rows(noise)]
    energy = [entry(shift) for entry in _energy_rows(noise)]
    rows = [fmpq_poly([0]) for _ in range(len(signal) + len(energy) - 1)]
    for i, x in enumerate(signal):
        for j, y in enumerate(energy):
            rows[i + j] += 2 * x.derivative() * y - x * y.derivative()
    return all(c <= 0 for row in rows for c in row.coeffs())
