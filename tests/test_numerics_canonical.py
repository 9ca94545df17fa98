"""Canonical forms and dimensionality: invariant where they must be, and only there."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.canonical import canonical_form, exchange_classes, same_arrangement
from numerics.dimensionality import (
    capacity,
    coherence,
    dimensions_per_feature,
    feature_dimensionality,
)
from theory.problem import Correlated, InputError, Normal, Power, Problem


@st.composite
def arrangements(draw):
    """Weights with ties, zeros and symmetric parts, over features of one or two classes."""
    n, m = draw(st.integers(1, 7)), draw(st.integers(1, 4))
    generator = np.random.default_rng(draw(st.integers(0, 10**6)))
    kind = draw(st.sampled_from(["random", "lattice", "polygon", "pairs", "zero"]))
    W = generator.normal(size=(m, n))
    if kind == "lattice":
        W = generator.integers(-1, 2, size=(m, n)).astype(float)
    elif kind == "polygon" and m >= 2:
        W = np.zeros((m, n))
        turns = 2 * np.pi * np.arange(n) / n
        W[:2] = np.cos(turns), np.sin(turns)
    elif kind == "pairs":
        W = np.zeros((m, n))
        for k in range(min(n, 2 * m)):
            W[k // 2, k] = (-1.0) ** k
    elif kind == "zero":
        W = np.zeros((m, n))
    b = generator.choice([-0.2, 0.0, 0.1], size=n)
    importance = [1 + (k < draw(st.integers(0, n))) for k in range(n)]
    return Problem(n, m, sparsity="1/2", importance=importance), W, b, generator


def rotation(m, generator):
    return np.linalg.qr(generator.normal(size=(m, m)))[0]


def exchange(problem, generator):
    """A random permutation inside each class."""
    order = np.arange(problem.n_features)
    weights = np.array([float(i) for i in problem.importances])
    for weight in set(weights):
        members = np.flatnonzero(weights == weight)
        order[members] = generator.permutation(members)
    return order


@settings(deadline=None)
@given(arrangements())
def test_rotation_and_exchange_of_like_features_are_seen_through(given_arrangement):
    problem, W, b, generator = given_arrangement
    order = exchange(problem, generator)
    moved = (rotation(problem.n_hidden, generator) @ W)[:, order]
    assert same_arrangement(problem, (W, b), (moved, b[order]))


@settings(deadline=None)
@given(arrangements())
def test_the_form_is_the_same_arrangement_in_triangular_coordinates(given_arrangement):
    problem, W, b, _ = given_arrangement
    form = canonical_form(problem, W, b)
    assert sorted(form.order) == list(range(b.size))
    assert (np.diff(exchange_classes(problem)[form.order]) >= 0).all()
    change = form.W.T @ form.W - (W.T @ W)[np.ix_(form.order, form.order)]
    assert np.abs(change).max() < 1e-12
    assert (form.b == b[form.order]).all()
    assert form.W[:, 0] == pytest.approx(
        [np.linalg.norm(W[:, form.order[0]]), *[0.0] * (problem.n_hidden - 1)], abs=1e-12
    )


@settings(deadline=None)
@given(st.integers(1, 6), st.integers(1, 3), st.integers(0, 10**6))
def test_the_form_of_random_weights_does_not_depend_on_order_or_rotation(n, m, seed):
    generator = np.random.default_rng(seed)
    problem, W, b = Problem(n, m, sparsity=0), generator.normal(size=(m, n)), np.zeros(n)
    order = generator.permutation(n)
    first = canonical_form(problem, W, b)
    second = canonical_form(problem, (rotation(m, generator) @ W)[:, order], b)
    assert np.abs(second.W - first.W).max() < 1e-9
    assert (order[second.order] == first.order).all()


@settings(deadline=None)
@given(arrangements(), st.integers(0, 10**6))
def test_another_bias_is_another_arrangement(given_arrangement, seed):
    problem, W, b, _ = given_arrangement
    other = b.copy()
    other[seed % b.size] += 0.05
    assert not same_arrangement(problem, (W, b), (W, other))


def test_features_of_different_importance_do_not_change_places():
    problem = Problem(2, 1, sparsity=0, importance=[2, 1])
    first, second = ([[1.0, -0.5]], [0.0, 0.0]), ([[-0.5, 1.0]], [0.0, 0.0])
    assert not same_arrangement(problem, first, second)
    assert same_arrangement(problem.replace(importance=1), first, second)
    assert not same_arrangement(problem.replace(importance=1), first, second, named=[0])


def test_two_graphs_with_the_same_rows_are_told_apart():
    """A hexagon and two triangles of inner products: no row tells them apart."""

    def weights(edges):
        gram = 3.0 * np.eye(6)
        for i, j in edges:
            gram[i, j] = gram[j, i] = 1.0
        return np.linalg.cholesky(gram).T

    ring = weights([(k, (k + 1) % 6) for k in range(6)])
    triangles = weights([(0, 1), (1, 2), (0, 2), (3, 4), (4, 5), (3, 5)])
    problem, b = Problem(6, 6, sparsity=0), np.zeros(6)
    assert not same_arrangement(problem, (ring, b), (triangles, b))


def test_signs_are_free_for_odd_activations_and_symmetric_laws_only():
    W, flipped = np.array([[1.0, 0.6], [0.0, 0.8]]), np.array([[1.0, -0.6], [0.0, -0.8]])
    odd = Problem(2, 2, sparsity=0, features=Normal(), activation=Power(3))
    b = np.array([0.1, 0.2])
    turned = b * [1, -1]
    assert same_arrangement(odd, (W, b), (flipped, turned))
    assert not same_arrangement(odd, (W, b), (flipped, b))
    assert not same_arrangement(Problem(2, 2, sparsity=0), (W, b), (flipped, turned))
    forms = canonical_form(odd, W, b), canonical_form(odd, flipped, turned)
    assert np.abs(forms[0].W - forms[1].W).max() < 1e-14


def test_classes_know_importance_density_and_group():
    problem = Problem(
        4, 1, density=[0.1, 0.1, 0.2, 0.1], importance=[1, 1, 1, 2], groups=[Correlated(0, 1)]
    )
    assert exchange_classes(problem).tolist() == [0, 0, 1, 2]


def test_large_arrangements_are_compared():
    generator = np.random.default_rng(0)
    problem, W = Problem(400, 30, sparsity=0), generator.normal(size=(30, 400))
    W[:, 100:] = 0.0
    b, order = np.zeros(400), generator.permutation(400)
    assert same_arrangement(problem, (W, b), (W[:, order], b))


@given(st.integers(1, 8), st.integers(1, 4), st.integers(0, 10**6), st.booleans())
def test_dimensionalities_are_shares_that_sum_to_at_most_the_rank(n, m, seed, has_zeros):
    W = np.random.default_rng(seed).normal(size=(m, n))
    if has_zeros:
        W[:, ::2] = 0.0
    shares = feature_dimensionality(W)
    assert ((shares >= 0.0) & (shares <= 1.0 + 1e-12)).all()
    assert capacity(W) <= np.linalg.matrix_rank(W) + 1e-9
    assert (shares == 0.0).tolist() == (~W.any(axis=0)).tolist()
    gram = W.T @ W
    expected = [g[i] ** 2 / (g @ g) if g.any() else 0.0 for i, g in enumerate(gram)]
    assert shares == pytest.approx(expected)
    assert feature_dimensionality(1e-40 * W) == pytest.approx(shares)


def test_known_dimensionalities():
    turns = 2 * np.pi * np.arange(5) / 5
    pentagon = np.array([np.cos(turns), np.sin(turns)])
    assert feature_dimensionality(pentagon) == pytest.approx(np.full(5, 2 / 5))
    assert dimensions_per_feature(pentagon) == pytest.approx(2 / 5)
    assert coherence(pentagon) == pytest.approx(np.cos(np.pi / 5))
    assert dimensions_per_feature(np.zeros((2, 3))) == np.inf
    assert coherence(np.zeros((2, 3))) == capacity(np.zeros((2, 3))) == 0.0


def test_weights_must_be_a_matrix():
    with pytest.raises(InputError, match=r"W\.shape"):
        feature_dimensionality([1.0, 2.0])
