r"""A lower bound for all tied weights and biases of first order in the density, for ``n > 2m``.

ReLU, ``U[0, 1]``, one density ``p``, equal importance 1; only samples with one active feature
count, of probability ``P`` each (``P_0``: none). ``k = n - 1``; ``alpha = G_ii``, ``gamma = G_ij``.

1. A row is *dead* where ``beta = -b / alpha >= 1``: its output is 0, and
   ``phi = E(u - (alpha u + b)_+)^2 = 1/3``. Other rows have ``phi >= beta_+^2 / 4``.
2. Share ``(1 - eps) phi`` out among the ``k`` others. With ``omega = max(alpha, 1)`` and
   ``y = gamma_+ / omega`` the error ``psi = E(gamma v + b)_+^2 >= (y - beta)_+^3 / (3 y)``, so that

   .. math:: \psi + \frac{1 - \epsilon}{k} \phi \ge \kappa y^2, \qquad
      \kappa = \min_\eta \Bigl[ \frac{1 - \epsilon}{4 k} \eta^2 + \frac{(1 - \eta)^3}{3} \Bigr] .

3. ``1 / omega_i^2 + 1 / omega_j^2 >= 2 / (omega_i omega_j)``, so that the rows together have at
   least ``kappa`` times the energy of ``max(t, 0)^2`` with masses ``min(alpha_i, 1)``, for which
   there are certificates: ``c_0 (sum v)^2 - h(1) sum v^2``.
4. The rest, ``eps phi + (P_0 / P) b_+^2 >= c_1 (1 - alpha)_+^2``, is as in
   ``theory.bounding.rank``.

With ``nu = N c_0 - h(1)`` the ``N`` rows that are not dead cost at least
``N c_1 kappa nu / (c_1 + kappa nu)``, and dead ones ``1/3`` each, all times ``P``. With a part of
``phi`` kept for pairs the bound by the rank joins in: then ``kappa nu`` has the term of
``theory.bounding.rank`` added, and rows count as dead from ``beta > 1/2`` on, at ``7/96``.

Source: own derivation, ``docs/proofs/lower_bounds.md``.
"""

from __future__ import annotations

from fractions import Fraction

__all__ = ["crowding_bound", "rank_and_crowding_bound"]

_DEAD, _DEAD_IN_PAIRS = Fraction(1, 3), Fraction(7, 96)
_HALVINGS = 24
_SHARES = tuple(Fraction(j, 16) for j in (1, 2, 4, 8, 12))


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
        0.000598
    """
    if n < 2 or p in (0, 1):
        return Fraction(0), 0
    best = max(_shared(n, p, share, constant, at_one) for share in _SHARES)
    return p * best, n - 1


def rank_and_crowding_bound(
    n: int, m: int, p: Fraction, constant: Fraction, at_one: Fraction
) -> tuple[Fraction, int]:
    r"""Bound the loss of all ``W`` and ``b`` from samples with one and two active features.

    Args:
        n: number of features.
        m: number of hidden dimensions.
        p: density.
        constant: ``c_0`` of a bound on the energy of ``max(t, 0)^2``.
        at_one: ``h(1)`` of that bound.

    Returns:
        ``bound`` and ``power``: the loss is at least ``bound * (1 - p)^power``.

    Example:
        >>> tenth, half, one = Fraction(1, 10), Fraction(1, 2), Fraction(1)
        >>> bound, power = rank_and_crowding_bound(3, 1, tenth, half, one)
        >>> round(float(bound) * 0.9**power, 6)
        0.00646
    """
    if n <= m or n < 2 or p in (0, 1):
        return Fraction(0), 0
    found = [
        _jointly(n, m, p, share, pairs, constant, at_one)
        for share in _SHARES
        for pairs in _SHARES
        if share + pairs < 1
    ]
    return p * max(found), n - 1


def _norm_cost(p: Fraction, share: Fraction) -> Fraction:
    """``c_1``: what ``1 - alpha`` costs, squared, over ``P``."""
    tilt = share * p / (1 - p + share * p)
    return share * (Fraction(1, 3) - tilt / 4)


def _least_pair(share: Fraction, others: int) -> Fraction:
    """``kappa``, rounded down: a convex function of ``eta`` is above its tangents."""
    weight = share / (4 * others)
    low, high = Fraction(0), Fraction(1)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if 2 * weight * middle < (1 - middle) ** 2 else (low, middle)
    slope = 2 * weight * low - (1 - low) ** 2  # at most 0 at `low`, where the minimum is above
    return weight * low**2 + (1 - low) ** 3 / 3 + slope * (high - low)


def _shared(n: int, p: Fraction, share: Fraction, constant: Fraction, at_one: Fraction) -> Fraction:
    """The bound over ``p (1 - p)^(n - 1)``."""
    norm = _norm_cost(p, share)
    pair = _least_pair(1 - share, n - 1)
    if at_one > 0:
        pair = min(pair, norm / at_one)  # else equal norms need not be the best
    crowds = [pair * max(Fraction(0), live * constant - at_one) for live in range(n + 1)]
    return _least(n, norm, crowds, _DEAD)


def _jointly(
    n: int,
    m: int,
    p: Fraction,
    share: Fraction,
    pairs: Fraction,
    constant: Fraction,
    at_one: Fraction,
) -> Fraction:
    """The same with pairs of active features, whose chance is ``p / (1 - p)`` of one's."""
    norm, chance = _norm_cost(p, share), p / (1 - p)
    one = _least_pair(1 - share - pairs, n - 1)
    two = pairs * chance / (pairs + (n - 1) * chance) / 6
    needed = max(at_one, Fraction(0)) * one + two
    scale = min(Fraction(1), norm / needed)  # else equal norms need not be the best
    crowds = []
    for live in range(n + 1):
        crowd = one * max(Fraction(0), live * constant - at_one)
        crowds.append(scale * (crowd + two * max(Fraction(0), Fraction(live, m) - 1)))
    return _least(n, norm, crowds, _DEAD_IN_PAIRS)


def _least(n: int, norm: Fraction, crowds: list[Fraction], dead: Fraction) -> Fraction:
    """The least cost over the number of rows that are not dead."""
    return min(
        (n - live) * dead + live * norm * crowds[live] / (norm + crowds[live])
        for live in range(n + 1)
    )
