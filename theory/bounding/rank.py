r"""A lower bound for all tied weights and biases, from the rank of the Gram matrix.

``n > m`` features, ReLU, ``U[0, 1]``, one density ``p``, equal importance 1. Samples with no, one
and two active features count, of probabilities ``P_0``, ``P_1``, ``P_2`` for each feature or pair;
``k = n - 1``.

1. Row ``i`` has ``alpha = G_ii``, ``b``, and ``phi = E(u - (alpha u + b)_+)^2``. If ``b < 0`` and
   ``alpha < 2 |b|``, then ``phi >= 7/96``. Call other rows *live*.
2. In a live row the error with ``i`` and ``j`` active is, in the mean square, within ``phi`` of the
   error of ``u + gamma v``, so that ``sqrt(rho) >= sqrt(gamma^2 / 6) - sqrt(phi)`` for
   ``|gamma| <= 1``, and not less for larger ``|gamma|``.
3. By Cauchy's inequality the part ``1 - eps`` of ``P_1 phi`` and all pairs give at least
   ``K sum_j gamma_ij^2 / 6`` with ``K = (1 - eps) P_1 P_2 / ((1 - eps) P_1 + k P_2)``.
4. The part ``eps``, with ``P_0 b_+^2``, is at least ``c_1 (1 - alpha)_+^2``,
   ``c_1 = eps P_1 (1/3 - q/4)``, ``q = eps p / (1 - p + eps p)``.
5. Vectors longer than 1 may be shortened to 1 in both. ``N`` vectors in ``R^m`` have
   ``sum_ij gamma^2 >= (sum alpha)^2 / m``, so that ``N`` live rows cost at least

   .. math:: B(N) = \frac{N c_1 c_2 \nu}{c_1 + c_2 \nu}, \qquad \nu = \frac{N}{m} - 1, \quad
      c_2 = \min(K / 6, c_1) .

6. ``L >= min_t [ 7 P_1 t / 96 + B(n - t) ]`` over the number ``t`` of rows that are not live.

As ``p -> 0`` this is ``p^2 n (n - m) / (6 m)``, for ``n = 2m`` the loss of ``m`` antipodal pairs.

Source: own derivation, ``docs/proofs/lower_bounds.md``.
"""

from __future__ import annotations

from fractions import Fraction

__all__ = ["rank_bound"]

_DEAD = Fraction(7, 96)
_SHARES = tuple(Fraction(j, 16) for j in range(1, 16, 2))


def rank_bound(n: int, m: int, p: Fraction) -> tuple[Fraction, int]:
    r"""Bound the loss of all ``W`` and ``b`` from samples with at most two active features.

    Args:
        n: number of features.
        m: number of hidden dimensions.
        p: density.

    Returns:
        ``bound`` and ``power``: the loss is at least ``bound * (1 - p)^power``.

    Example:
        >>> bound, power = rank_bound(2, 1, Fraction(1, 10))
        >>> round(float(bound) * 0.9**power, 6)  # the least loss is 0.003319
        0.002508
    """
    if n <= m or n < 2 or p in (0, 1):
        return Fraction(0), 0
    best = max(_with_share(n, m, p, share) for share in _SHARES)
    return p * best, n - 2


def _with_share(n: int, m: int, p: Fraction, share: Fraction) -> Fraction:
    """The bound over ``p (1 - p)^(n - 2)``."""
    one, two = 1 - p, p  # P_1 and P_2 over the same
    own = (1 - share) * one
    pairs = own * two / (own + (n - 1) * two) / 6
    tilt = share * p / (1 - p + share * p)
    norm = share * one * (Fraction(1, 3) - tilt / 4)
    pairs = min(pairs, norm)
    costs = []
    for dead in range(n - m + 1):
        live = n - dead
        crowding = Fraction(live, m) - 1
        costs.append(
            dead * one * _DEAD + live * norm * pairs * crowding / (norm + pairs * crowding)
        )
    return min(costs)
