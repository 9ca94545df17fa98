r"""A lower bound for all tied weights and biases of first order in the density, for ``n > 2m``.

ReLU, ``U[0, 1]``, one density ``p``, equal importance 1; only samples with one active feature
count, of probability ``P`` each (``P_0``: none). ``k = n - 1``; ``alpha = G_ii``, ``gamma = G_ij``.

1. ``phi = E(u - (alpha u + b)_+)^2`` and ``psi = E(gamma v + b)_+^2`` have
   ``sqrt(gamma_+^2 / 3) <= sqrt(psi) + |b|`` for ``b < 0``, and ``|b| <= 2 alpha sqrt(phi)`` unless
   ``|b| >= alpha``, where the output is 0 and ``phi = 1/3``.
2. With ``omega = max(alpha, 1)`` and Cauchy's inequality a row has

   .. math:: \sum_j \psi + (1 - \epsilon) \phi
      \ge \frac{\kappa}{\omega_i^2} \sum_j \gamma_{ij,+}^2, \qquad
      \kappa = \frac{1 - \epsilon}{3 (1 - \epsilon + 4 k)} .

3. ``1 / omega_i^2 + 1 / omega_j^2 >= 2 / (omega_i omega_j)``, so that the rows together have at
   least ``kappa`` times the energy of ``max(t, 0)^2`` with masses ``min(alpha_i, 1)``, for which
   there are certificates: ``c_0 (sum v)^2 - h(1) sum v^2``.
4. The rest, ``eps phi + (P_0 / P) b_+^2 >= c_1 (1 - alpha)_+^2``, is as in
   ``theory.bounding.rank``.

With ``nu = N c_0 - h(1)`` the ``N`` rows that are not dead cost at least
``N c_1 kappa nu / (c_1 + kappa nu)``, and dead ones ``1/3`` each, all times ``P``.

Source: own derivation, ``derivations/lower_bounds.md``.
"""

from __future__ import annotations

from fractions import Fraction

__all__ = ["crowding_bound"]

_DEAD = Fraction(1, 3)
_SHARES = tuple(Fraction(j, 16) for j in range(1, 16, 2))


def crowding_bound(
    n: int, p: Fraction, constant: Fraction, at_one: Fraction
) -> tuple[Fraction, int]:
    r"""Bound the loss of all ``W`` and ``b`` from samples with one active feature.

    Args:
        n: number of features.
        p: density.
        constant: ``c_0`` of a bound on the energy of ``max(t, 0)^2``.
        at_one: ``h(1)`` of that bound.

    Returns:
        ``bound`` and ``power``: the loss is at least ``bound * (1 - p)^power``.

    Example:
        >>> bound, power = crowding_bound(3, Fraction(1, 100), Fraction(1, 2), Fraction(1))
        >>> round(float(bound) * 0.99**power, 6)
        0.000363
    """
    if n < 2 or p in (0, 1):
        return Fraction(0), 0
    best = max(_with_share(n, p, share, constant, at_one) for share in _SHARES)
    return p * best, n - 1


def _with_share(
    n: int, p: Fraction, share: Fraction, constant: Fraction, at_one: Fraction
) -> Fraction:
    """The bound over ``p (1 - p)^(n - 1)``."""
    tilt = share * p / (1 - p + share * p)
    norm = share * (Fraction(1, 3) - tilt / 4)
    pair = (1 - share) / (3 * (1 - share + 4 * (n - 1)))
    if at_one > 0:
        pair = min(pair, norm / at_one)  # else equal norms need not be the best
    costs = []
    for dead in range(n + 1):
        live = n - dead
        crowd = max(Fraction(0), live * constant - at_one)
        costs.append(dead * _DEAD + live * norm * pair * crowd / (norm + pair * crowd))
        if not crowd:
            break  # more dead rows only cost more
    return min(costs)
