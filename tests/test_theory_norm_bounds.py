"""Rank and crowding bounds: their lemmas on integrals, their values written a second time."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from theory.bounding.crowding import crowding_bound, rank_and_crowding_bound
from theory.bounding.rank import rank_bound

POINTS, WEIGHTS = np.polynomial.legendre.leggauss(4)
GRID = np.linspace(0.0, 1.0, 20_001)

norms = st.floats(0.0, 3.0)
entries = st.floats(-3.0, 3.0)
shares = st.floats(1e-3, 1.0, exclude_max=True)


def mean(function, corner):
    """``E function(u)``, ``u`` from U[0, 1], for polynomials that change at one corner."""
    ends = [0.0, *([corner] if 0.0 < corner < 1.0 else []), 1.0]
    total = 0.0
    for low, high in itertools.pairwise(ends):
        total += (high - low) / 2 * WEIGHTS @ function((high - low) / 2 * POINTS + (low + high) / 2)
    return float(total)


def relu(x):
    return np.maximum(x, 0.0)


def phi(alpha, b):
    """Error of a feature that is active alone."""
    return mean(lambda u: (u - relu(alpha * u + b)) ** 2, -b / alpha if alpha else -1.0)


def psi(gamma, b):
    """Error at a feature that is not active, from another that is alone."""
    return mean(lambda v: relu(gamma * v + b) ** 2, -b / gamma if gamma else -1.0)


def rho(alpha, gamma, b):
    """Error of a feature that is active with another one, by Gauss on pieces in each."""

    def given_other(v):
        return phi(alpha, b + gamma * v)

    ends = sorted({0.0, 1.0, *(x for x in (-b / gamma, -(b + alpha) / gamma) if 0 < x < 1)})
    total = 0.0
    for low, high in itertools.pairwise(ends):
        places = (high - low) / 2 * POINTS + (low + high) / 2
        total += (
            (high - low) / 2 * sum(w * given_other(v) for w, v in zip(WEIGHTS, places, strict=True))
        )
    return total


def is_live(alpha, b, limit):
    """Whether the bias is less than that part of the norm below zero."""
    return b >= 0.0 or -b < limit * alpha


def kappa(share, others):
    """``min share eta^2 / 4k + (1 - eta)^3 / 3``, on a grid."""
    return float(np.min(share * GRID**2 / (4 * others) + (1 - GRID) ** 3 / 3))


def norm_cost(p, share):
    """``min_b share E(u - b)^2 + b^2 (1 - p) / p`` over ``b >= 0``, on a grid."""
    return float(np.min(share * (1 / 3 - GRID + GRID**2) + GRID**2 * (1 - p) / p))


# ------------------------------------------------------------ lemmas


@given(norms, st.floats(-3.0, 0.0))
def test_a_row_that_is_dead_loses_its_own_feature(alpha, b):
    if not is_live(alpha, b, 1.0):
        assert phi(alpha, b) == pytest.approx(1 / 3, abs=1e-12)
    if not is_live(alpha, b, 0.5):
        assert phi(alpha, b) >= 7 / 96 - 1e-12


@given(norms, entries, entries, shares, st.integers(1, 12))
def test_one_active_feature_costs_a_live_row_the_square_of_its_overlap(
    alpha, gamma, b, share, others
):
    if is_live(alpha, b, 1.0):
        overlap = max(gamma, 0.0) / max(alpha, 1.0)
        cost = psi(gamma, b) + share / others * phi(alpha, b)
        assert cost >= kappa(share, others) * overlap**2 - 1e-7


@given(norms, entries.filter(lambda x: abs(x) > 1e-6), entries)
def test_two_active_features_cost_a_live_row_the_square_of_their_overlap(alpha, gamma, b):
    if is_live(alpha, b, 0.5):
        least = min(abs(gamma), 1.0) / 6**0.5
        assert rho(alpha, gamma, b) ** 0.5 >= least - phi(alpha, b) ** 0.5 - 1e-6


@given(norms, entries, shares, st.floats(1e-3, 0.999))
def test_a_short_vector_costs_the_square_of_what_it_lacks(alpha, b, share, p):
    cost = share * phi(alpha, b) + max(b, 0.0) ** 2 * (1 - p) / p
    assert cost >= norm_cost(p, share) * max(1.0 - alpha, 0.0) ** 2 - 1e-7


@given(
    st.lists(st.floats(0.0, 1.0), min_size=1, max_size=8),
    st.floats(0.0, 1.0),
    st.floats(-1.0, 2.0),
    st.floats(1e-3, 1.0),
    st.floats(0.0, 1.0),
)
def test_equal_norms_are_best(values, constant, at_one, norm, pair):
    v, n = np.array(values), len(values)
    pair = min(pair, norm / at_one) if at_one > 0 else pair
    crowd = pair * max(0.0, n * constant - at_one)
    energy = max(0.0, constant * v.sum() ** 2 - at_one * v @ v)
    cost = norm * np.sum((1 - v) ** 2) + pair * energy
    assert cost >= n * norm * crowd / (norm + crowd) - 1e-9


# ------------------------------------------------------------ values, a second time


def least(n, norm, crowds, dead):
    """Best number of live rows and best common norm, on a grid."""
    return min(
        (n - live) * dead + live * float(np.min(norm * (1 - GRID) ** 2 + crowds(live) * GRID**2))
        for live in range(n + 1)
    )


def crowded(n, p, constant, at_one):
    def of(share):
        norm, pair = norm_cost(p, share), kappa(1 - share, n - 1)
        pair = min(pair, norm / at_one) if at_one > 0 else pair
        return least(n, norm, lambda live: pair * max(0.0, live * constant - at_one), 1 / 3)

    return p * max(of(j / 16) for j in (1, 2, 4, 8, 12))


def crowded_in_pairs(n, m, p, constant, at_one):
    def of(share, pairs):
        norm, odds = norm_cost(p, share), p / (1 - p)
        one = kappa(1 - share - pairs, n - 1)
        two = 1 / (1 / odds + (n - 1) / pairs) / 6
        scale = min(1.0, norm / (max(at_one, 0.0) * one + two))

        def crowds(live):
            inner = one * max(0.0, live * constant - at_one) + two * max(0.0, live / m - 1)
            return scale * inner

        return least(n, norm, crowds, 7 / 96)

    grid = [j / 16 for j in (1, 2, 4, 8, 12)]
    return p * max(of(a, b) for a in grid for b in grid if a + b < 1)


def ranked(n, m, p):
    def of(share):
        norm, odds = norm_cost(p, share), p / (1 - p)
        pair = 1 / (1 / odds + (n - 1) / (1 - share)) / 6
        pair = min(pair, norm)
        return least(n, norm, lambda live: pair * max(0.0, live / m - 1), 7 / 96)

    return p * max(of(j / 16) for j in range(1, 16, 2))


densities = st.fractions(Fraction(1, 10**4), Fraction(999, 1000), max_denominator=10**4)
constants = st.fractions(0, 1, max_denominator=50)
ends = st.fractions(-1, 2, max_denominator=50)


@given(st.integers(2, 12), densities, constants, ends)
def test_the_crowding_bound_is_that_of_its_lemmas(n, p, constant, at_one):
    bound, power = crowding_bound(n, p, constant, at_one)
    assert power == n - 1
    assert float(bound) == pytest.approx(
        crowded(n, float(p), float(constant), float(at_one)), rel=1e-4, abs=1e-9
    )


@given(st.integers(2, 8), st.integers(1, 4), densities, constants, ends)
def test_the_joint_bound_is_that_of_its_lemmas(n, m, p, constant, at_one):
    bound, power = rank_and_crowding_bound(n, m, p, constant, at_one)
    if n <= m:
        assert bound == 0
        return
    assert power == n - 1
    assert float(bound) == pytest.approx(
        crowded_in_pairs(n, m, float(p), float(constant), float(at_one)), rel=1e-4, abs=1e-9
    )


@given(st.integers(2, 12), st.integers(1, 6), densities)
def test_the_rank_bound_is_that_of_its_lemmas(n, m, p):
    bound, power = rank_bound(n, m, p)
    if n <= m:
        assert bound == 0
        return
    given_power = float(bound) * (1 - float(p)) ** power
    expected = ranked(n, m, float(p)) * (1 - float(p)) ** (n - 1)
    assert given_power == pytest.approx(expected, rel=1e-4, abs=1e-12)


@pytest.mark.parametrize("p", [0, 1])
def test_there_is_no_bound_at_the_ends(p):
    assert crowding_bound(5, Fraction(p), Fraction(1, 2), Fraction(1))[0] == 0
    assert rank_and_crowding_bound(5, 2, Fraction(p), Fraction(1, 2), Fraction(1))[0] == 0
