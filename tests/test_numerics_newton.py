"""Newton's method: right Hessians, rounding level, kinks, and saddles that are left."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.search.newton import settle
from numerics.search.objective import Objective, rotations
from numerics.series import loss_and_gradient
from theory.problem import Exponential, Normal, Power, Problem, Uniform

STEP = 1e-5


def gradient(problem, scale, m, n, point):
    """By the public door, which knows nothing of rows."""
    found = loss_and_gradient(problem, point[: m * n].reshape(m, n), point[m * n :])
    return np.concatenate([found.gradient_W.ravel(), found.gradient_b]) / scale


def differenced(problem, scale, m, n, point):
    """The Hessian from differences of the whole gradient, one variable at a time."""
    columns = []
    for k in range(point.size):
        step = np.zeros(point.size)
        step[k] = STEP
        above, below = (gradient(problem, scale, m, n, point + s * step) for s in (1, -1))
        columns.append((above - below) / (2 * STEP))
    return np.array(columns)


@settings(deadline=None, max_examples=25)
@given(
    st.integers(1, 4),
    st.integers(1, 3),
    st.sampled_from(["1", "1/2", "1/10", "1/1000"]),
    st.booleans(),
    st.integers(0, 10**6),
)
def test_the_hessian_is_that_of_the_gradient(n, m, density, is_even, seed):
    importance = 1 if is_even else [1, "1/2", 0, 2][:n]
    problem = Problem(n, m, density=density, importance=importance)
    objective = Objective(problem)
    point = np.random.default_rng(seed).normal(size=objective.size)
    expected = differenced(problem, objective.scale, m, n, point)
    size = np.abs(expected).max()
    # the third derivative jumps: a difference is right to its step
    assert objective.hessian(point, None) == pytest.approx(expected, abs=2e-3 * size)


@pytest.mark.parametrize(
    "problem",
    [
        Problem(3, 2, density="1/2", features=Uniform(0, 3)),
        Problem(2, 2, density="1/2", features=Exponential()),
        Problem(3, 2, density="1/10", features=Normal(), activation=Power(3)),
    ],
)
def test_the_hessian_of_other_laws(problem):
    objective = Objective(problem)
    n, m = problem.n_features, problem.n_hidden
    point = 0.5 * np.random.default_rng(3).normal(size=objective.size)
    expected = differenced(problem, objective.scale, m, n, point)
    size = np.abs(expected).max()
    assert objective.hessian(point, None) == pytest.approx(expected, abs=1e-4 * size)


@given(st.integers(1, 5), st.integers(1, 4), st.integers(0, 4), st.integers(0, 10**6))
def test_rotations_change_nothing_and_are_all_there(n, m, rank, seed):
    draw = np.random.default_rng(seed)
    rank = min(rank, n, m)
    W = draw.normal(size=(m, rank)) @ draw.normal(size=(rank, n))
    turns = rotations(W)
    # a rotation moves something unless both its axes are outside the span
    assert turns.shape == ((m + 1) * n, (m * (m - 1) - (m - rank) * (m - rank - 1)) // 2)
    assert turns.T @ turns == pytest.approx(np.eye(turns.shape[1]), abs=1e-12)
    for turn in turns.T:
        moved = turn[: m * n].reshape(m, n)
        assert not turn[m * n :].any()
        change = W.T @ moved + moved.T @ W
        assert change == pytest.approx(np.zeros((n, n)), abs=1e-9 * max(1.0, np.abs(W).max()))


def test_a_point_near_the_pentagon_ends_there_at_rounding_level():
    problem = Problem(5, 2, sparsity="9/10")
    objective, turns = Objective(problem), 2 * np.pi * np.arange(5) / 5
    W = 1.1 * np.array([np.cos(turns), np.sin(turns)])
    noise = 1e-3 * np.random.default_rng(0).normal(size=objective.size)
    end = settle(objective, objective.pack(W, np.full(5, -0.2)) + noise)
    assert np.abs(end.slopes).max() < 1e-14
    assert end.kind == "minimum"
    assert end.value * objective.scale == pytest.approx(0.0263051311239323, abs=1e-15)


def test_the_saddle_of_ignoring_everything_is_left():
    objective = Objective(Problem(3, 2, sparsity="1/2"))
    end = settle(objective, objective.pack(np.zeros((2, 3)), objective.means))
    assert end.escapes >= 1
    assert end.value < 0.5
    assert end.kind == "minimum"


@pytest.mark.parametrize("signs", [1.0, -1.0])
@pytest.mark.parametrize("sparsity", ["1/2", "99/100"])
def test_the_kink_at_zero_bias_is_reached_exactly(signs, sparsity):
    """One feature, one dimension: the optimum W = 1, b = 0 lies where (b)_+^2 has its kink."""
    objective = Objective(Problem(1, 1, sparsity=sparsity))
    end = settle(objective, np.array([0.9, 0.05 * signs]))
    assert end.point[1] == 0.0
    assert end.point[0] == pytest.approx(1.0, abs=1e-12)
    assert end.kind == "minimum"


def test_the_curvature_on_the_kink_is_that_from_below():
    """With b < 0 the loss next to W = 1, b = 0 is ``p E (b + 2 (W - 1) x)^2``."""
    p = 0.5
    below = np.linalg.eigvalsh(2 * p * np.array([[4 / 3, 1], [1, 1]]))[0]
    objective = Objective(Problem(1, 1, density="1/2"))
    end = settle(objective, np.array([0.9, -0.05]))
    assert end.curvature == pytest.approx(below / (p / 3 - p**2 / 4), rel=1e-3)


def test_it_stops_when_told():
    objective = Objective(Problem(3, 2, sparsity="1/2"))
    start = np.random.default_rng(0).normal(size=objective.size)
    end = settle(objective, start, expired=lambda: True)
    assert np.array_equal(end.point, start)
    assert end.kind == "unsettled"


def test_dead_outputs_are_revived():
    """Biases far below zero: a plateau whose gradient is zero."""
    objective = Objective(Problem(2, 1, sparsity="1/2"))
    plateau = objective.pack(np.array([[0.5, -0.5]]), np.array([-9.0, -9.0]))
    value, slopes = objective.value(plateau, None)
    assert not slopes[2:].any()
    revived = objective.revived(plateau)
    assert objective.value(revived, None)[0] < value
    again = objective.pack(np.array([[1.0, -1.0]]), np.zeros(2))
    assert objective.revived(again) is again
