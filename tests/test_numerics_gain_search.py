"""The search for large gains: known suprema, never worse than its starts, reproducible."""

from __future__ import annotations

from math import prod

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.power_model.first_order import first_order
from numerics.power_model.gain import gain
from numerics.power_model.gain_search import maximise_first_order, maximise_gain, maximise_gains
from theory.problem import (
    InputError,
    Normal,
    Power,
    Problem,
    Rademacher,
    ReLU,
    Uniform,
    Unsupported,
)


def supremum(m, q):
    """The supremum of ``F`` over any number of features."""
    return prod((m + 2 * k) / (2 * k + 1) for k in range(q))


def power_problem(n, m, p, law=None, power=3):
    return Problem(n, m, density=p, features=law or Normal(), activation=Power(power))


@pytest.mark.parametrize(
    ("m", "q", "n", "known"),
    [
        (1, 3, 1, 1.0),
        (1, 3, 4, 1.0),
        (2, 1, 5, 2.0),
        (2, 3, 1, 1.0),
        (2, 3, 2, 2.0),
        (2, 3, 3, 32 / 11),
        (2, 3, 4, supremum(2, 3)),
        (2, 5, 6, supremum(2, 5)),
        (3, 3, 11, supremum(3, 3)),
    ],
)
def test_known_suprema_of_the_first_order_functional_are_found(m, q, n, known):
    found = maximise_first_order(m, q, n, n_starts=20)
    assert found.gain.value == pytest.approx(known, rel=1e-9)
    assert found.n_hits >= 1
    assert found.W.shape == (m, n)
    assert first_order(found.W, q).value == found.gain.value


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 4), st.integers(1, 9), st.sampled_from([1, 3, 5]), st.integers(0, 10**6))
def test_no_weights_exceed_the_supremum(m, n, q, seed):
    W = np.random.default_rng(seed).normal(size=(m, n))
    value = first_order(W, q)
    best = value.target**2 / value.energy
    assert best <= supremum(m, q) * (1 + 1e-12)
    assert value.value <= best * (1 + 1e-12)


@settings(deadline=None, max_examples=20)
@given(
    st.integers(1, 5),
    st.integers(1, 3),
    st.sampled_from([1e-6, 0.01, 0.3, 1.0]),
    st.sampled_from([Normal(), Rademacher(), Uniform(-1, 1)]),
    st.sampled_from([1, 3]),
    st.integers(0, 10**6),
)
def test_it_is_never_worse_than_its_starts(n, m, p, law, power, seed):
    problem = power_problem(n, m, p, law, power)
    W = np.random.default_rng(seed).normal(size=(m, n))
    found = maximise_gain(problem, n_starts=1, starts=[W])
    given_gain = gain(problem, W)
    assert found.gain.value >= (given_gain.target**2 / given_gain.energy) * (1 - 1e-12)
    unsuperposed = gain(problem, np.eye(m, n))
    assert found.gain.value >= (unsuperposed.target**2 / unsuperposed.energy) * (1 - 1e-12)


def test_the_gain_is_that_of_the_weights_at_their_best_scale():
    problem = power_problem(5, 2, "1/20")
    found = maximise_gain(problem, n_starts=4)
    assert gain(problem, found.W).value == found.gain.value
    assert found.gain.target == pytest.approx(found.gain.energy, rel=1e-12)
    assert np.abs(found.gain.gradient).max() < 1e-6 * found.gain.value


def test_the_very_sparse_limit_is_the_first_order_functional():
    found = maximise_gain(power_problem(4, 2, 1e-9), n_starts=10)
    assert found.gain.value == pytest.approx(1e-9 * 9 / 15 * supremum(2, 3), rel=1e-6)


def test_a_seed_fixes_the_result():
    first, again = (maximise_gain(power_problem(6, 2, 0.1), n_starts=3, seed=5) for _ in range(2))
    assert np.array_equal(first.W, again.W)
    assert first.gain.value == again.gain.value


def test_neighbours_help_each_other():
    """No density does worse with its neighbours than alone."""
    densities = [1e-4, 1e-2, 0.3]
    problem = power_problem(7, 2, 1)
    together = maximise_gains(problem, densities, n_starts=2)
    for density, found in zip(densities, together, strict=True):
        alone = maximise_gain(problem.replace(density=density), n_starts=2)
        assert found.gain.value >= alone.gain.value * (1 - 1e-12)


@pytest.mark.parametrize("given_at", [0, 1, 2])
def test_a_start_given_at_one_density_reaches_its_neighbours(given_at):
    """Alone, the orthonormal start stores two features; the given one stores four."""
    starts = [[], [], []]
    starts[given_at] = [maximise_first_order(2, 3, 4).W]
    densities = [1e-9, 1e-8, 1e-7]
    found = maximise_gains(power_problem(4, 2, 1), densities, n_starts=0, starts=starts)
    for density, at in zip(densities, found, strict=True):
        assert at.gain.value == pytest.approx(density * 9 / 15 * supremum(2, 3), rel=1e-5)


def test_features_that_are_never_active_gain_nothing():
    found = maximise_gain(power_problem(3, 2, 0), n_starts=2)
    assert (found.gain.value, found.gain.error) == (0.0, 0.0)


def test_a_start_of_zeros_is_taken():
    found = maximise_gain(power_problem(3, 2, 0.5), n_starts=0, starts=[np.zeros((2, 3))])
    assert found.gain.value > 0.5


@pytest.mark.parametrize("scale", [1e-59, 1e-12, 1e12, 1e44])
def test_the_scale_of_a_start_does_not_matter(scale):
    W = np.array([[1.0, 0.5, 0.0], [0.0, 0.5, 1.0]])
    problem = power_problem(3, 2, 1e-6)
    plain, scaled = (
        maximise_gain(problem, n_starts=0, starts=[factor * W]) for factor in (1.0, scale)
    )
    assert scaled.gain.value == pytest.approx(plain.gain.value, rel=1e-9)
    assert scaled.gain.value > 0.6e-6 * 2.9


def test_the_callback_hears_of_every_climb():
    heard = []
    maximise_gain(power_problem(3, 2, 0.5), n_starts=2, callback=heard.append)
    assert heard == [1, 2, 3]


def test_bad_input_is_refused():
    with pytest.raises(InputError, match="n_starts=-1: must be at least 0"):
        maximise_gain(power_problem(3, 2, 0.5), n_starts=-1)
    with pytest.raises(InputError, match="seed=-1: must be at least 0"):
        maximise_gain(power_problem(3, 2, 0.5), seed=-1)
    with pytest.raises(InputError, match=r"W.shape=\(3, 2\): must be"):
        maximise_gain(power_problem(3, 2, 0.5), starts=[np.zeros((3, 2))])
    with pytest.raises(InputError, match="power=2: must be odd"):
        maximise_first_order(2, 2, 3)
    with pytest.raises(Unsupported, match=r"activation=ReLU\(\)"):
        maximise_gain(power_problem(3, 2, 0.5).replace(activation=ReLU()))
