"""The quadratic model against enumeration, and its optimum against search."""

import itertools
from fractions import Fraction as F

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from theory.arrangements import regular_polygon
from theory.limits.quadratic import (
    best_capacities,
    capacities,
    capacity_loss,
    quadratic_loss,
    sharing_threshold,
)
from theory.problem import InputError, Unsupported

small = st.one_of(st.sampled_from([F(0), F(1), F(-1)]), st.fractions(-2, 2, max_denominator=12))
positive = st.one_of(st.sampled_from([F(0), F(1)]), st.fractions(0, 3, max_denominator=12))
kurtoses = st.one_of(
    st.sampled_from([F(1), F(2), F(3), F(5), F(1001)]), st.fractions(1, 20, max_denominator=9)
)


@st.composite
def models(draw, max_n=3):
    n, m = draw(st.integers(1, max_n)), draw(st.integers(1, 2))
    rows = draw(st.lists(st.lists(small, min_size=n, max_size=n), min_size=m, max_size=m))
    return rows, draw(st.lists(small, min_size=n, max_size=n))


def variance_by_enumeration(rows, v, size):
    """Features are 0, size or -size with variance 1, so that E x^4 = size^2: all outcomes."""
    n, chance = len(v), F(1, 2 * size**2)
    first = second = F(0)
    for signs in itertools.product((-1, 0, 1), repeat=n):
        x = [size * s for s in signs]
        weight = F(1)
        for s in signs:
            weight *= chance if s else 1 - 2 * chance
        hidden = [sum(w * value for w, value in zip(row, x, strict=True)) for row in rows]
        error = sum(c * value**2 for c, value in zip(v, x, strict=True)) - sum(h**2 for h in hidden)
        first += weight * error
        second += weight * error**2
    return second - first**2


@settings(deadline=None)
@given(models(), st.integers(1, 4))
def test_the_loss_is_the_variance_over_all_outcomes(model, size):
    rows, v = model
    assert quadratic_loss(rows, v, size**2) == variance_by_enumeration(rows, v, size)


@settings(deadline=None)
@given(models(max_n=5))
def test_capacities_lie_in_the_unit_interval_and_sum_to_the_rank_at_most(model):
    rows, _ = model
    found = capacities(rows)
    assert all(0 <= c <= 1 for c in found)
    assert sum(found) <= sympy.Matrix(rows).rank()
    assert [c == 0 for c in found] == [not any(col) for col in zip(*rows, strict=True)]


def test_capacities_of_a_tight_frame_share_the_plane():
    assert capacities(regular_polygon(5)) == (F(2, 5),) * 5


@settings(deadline=None)
@given(models(max_n=4), kurtoses)
def test_every_loss_is_at_least_that_of_its_capacities(model, beta):
    rows, v = model
    bound = sum(
        capacity_loss(c, x, beta) if x >= 0 else (beta - 1) * x**2
        for c, x in zip(capacities(rows), v, strict=True)
    )
    assert quadratic_loss(rows, v, beta) >= bound


@settings(deadline=None)
@given(models(max_n=4), kurtoses)
def test_no_weights_are_better_than_the_optimum(model, beta):
    rows, v = model
    assert quadratic_loss(rows, v, beta) >= best_capacities(v, len(rows), beta).loss


@settings(deadline=None)
@given(st.lists(small, min_size=1, max_size=5), st.integers(1, 4), kurtoses)
def test_the_optimum_is_a_sum_over_its_capacities(v, m, beta):
    best = best_capacities(v, m, beta)
    kept = [i for i, x in enumerate(v) if x > 0]
    assert sum(best.capacities) == min(m, len(kept))
    parts = [capacity_loss(best.capacities[i], v[i], beta) for i in kept]
    rest = sum((beta - 1) * x**2 for x in v if x <= 0)
    assert best.loss == sum(parts) + rest


def gram_loss(norms, v, beta):
    """The loss in one dimension, where (w_i . w_j)^2 = |w_i|^2 |w_j|^2."""
    own = (beta - 1) * sum((x - a) ** 2 for x, a in zip(v, norms, strict=True))
    return own + 2 * (sum(norms) ** 2 - sum(a**2 for a in norms))


@settings(deadline=None)
@given(st.lists(positive, min_size=1, max_size=5), kurtoses)
def test_one_dimension_reaches_the_optimum(v, beta):
    best = best_capacities(v, 1, beta)
    assert gram_loss(best.squared_norms, v, beta) == best.loss


@settings(max_examples=12, deadline=None)
@given(
    st.lists(st.fractions(F(1, 2), 2, max_denominator=6), min_size=2, max_size=5),
    st.integers(1, 3),
    st.sampled_from([F(2), F(3), F(7, 2), F(5), F(20)]),
)
def test_search_reaches_the_optimum(v, m, beta):
    target, factor = np.array([float(x) for x in v]), float(beta) - 1

    def loss(flat):
        W = flat.reshape(m, len(v))
        G = W.T @ W
        own = target - np.diag(G)
        value = factor * own @ own + 2 * (np.sum(G**2) - np.sum(np.diag(G) ** 2))
        slope = 4 * (G - np.diag(np.diag(G))) - 2 * factor * np.diag(own)
        return value, (2 * W @ slope).ravel()

    # ignoring the wrong features is a local minimum: every set of features starts small once
    source = np.random.default_rng(0)
    sizes = [np.array(kept) for kept in itertools.product([1.0, 1e-2], repeat=len(v))]
    starts = [(source.normal(size=(m, len(v))) * size).ravel() for size in sizes]
    runs = [minimize(loss, start, jac=True, method="BFGS").fun for start in starts]
    best = float(best_capacities(v, m, beta).loss)
    assert best - 1e-9 <= min(runs) <= best + 1e-6 * (1 + best)


def test_two_equal_features_share_at_kurtosis_five():
    best = best_capacities([1, 1], 1, 5)
    assert (best.loss, best.capacities) == (F(8, 3), (F(1, 2), F(1, 2)))
    assert sharing_threshold(5) == F(1, 2)


@settings(deadline=None)
@given(kurtoses.filter(lambda beta: beta > 1), st.fractions(F(1, 50), 1, max_denominator=50))
def test_two_features_share_between_the_thresholds_alone(beta, ratio):
    best = best_capacities([1, ratio], 1, beta)
    both = all(0 < c < 1 for c in best.capacities)
    assert both == (sharing_threshold(beta) < ratio < 1 / sharing_threshold(beta))


def test_symbols_pass_through():
    a, c, beta = sympy.symbols("a c beta")
    found = quadratic_loss([[a, c]], [1, 1], beta)
    expected = (beta - 1) * ((1 - a**2) ** 2 + (1 - c**2) ** 2) + 4 * a**2 * c**2
    assert sympy.expand(found - expected) == 0


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda: quadratic_loss([[1]], [1], "1/2"), InputError, "beta=1/2"),
        (lambda: quadratic_loss([[1, 2]], [1], 3), InputError, "v: has 1 entries"),
        (lambda: capacities([]), InputError, "at least one row"),
        (lambda: capacity_loss(2, 1, 3), InputError, "capacity=2"),
        (lambda: capacity_loss(1, -1, 3), InputError, "v=-1"),
        (lambda: sharing_threshold(1), InputError, "beta=1"),
        (lambda: sharing_threshold(sympy.sqrt(5)), Unsupported, "rational"),
        (lambda: best_capacities([], 1, 3), InputError, "v="),
        (lambda: best_capacities([1], 0, 3), InputError, "n_hidden=0"),
    ],
)
def test_refused_input(call, kind, message):
    with pytest.raises(kind, match=message):
        call()
