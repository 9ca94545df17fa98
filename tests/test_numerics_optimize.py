"""The optimiser: reproducible, stationary, never worse than a known arrangement."""

from __future__ import annotations

import numpy as np
import pytest

from numerics.linear import ignore_everything_loss
from numerics.optimize import optimize
from numerics.series import expected_loss, loss_and_gradient
from theory.problem import Identity, InputError, Problem, Unsupported


def arrangements(n, m):
    """Named arrangements with scale one: dedicated features, antipodal pairs, a polygon."""
    dedicated = np.eye(m, n)
    pairs = np.zeros((m, n))
    for k in range(min(2 * m, n)):
        pairs[k // 2, k] = (-1.0) ** k
    found = [np.zeros((m, n)), dedicated, pairs]
    if m >= 2 and n >= 3:
        turns = 2 * np.pi * np.arange(n) / n
        polygon = np.zeros((m, n))
        polygon[:2] = np.cos(turns), np.sin(turns)
        found.append(polygon)
    return found


def best_named_loss(problem):
    """The least loss over a grid of scales and of biases, of represented and of dead features."""
    mean = np.array([float(p) / 2 for p in problem.densities])
    best = np.inf
    for W in arrangements(problem.n_features, problem.n_hidden):
        dead = ~W.any(axis=0)
        for scale in (0.9, 1.0, 1.1, 1.2, 1.3, 1.4):
            for bias in (0.0, -0.1, -0.2, -0.3, -0.5):
                b = np.where(dead, mean, bias)
                best = min(best, expected_loss(problem, scale * W, b, tolerance=1e-10).loss)
    return best


CASES = [
    Problem(1, 1, sparsity="1/2"),
    Problem(2, 1, sparsity=0),
    Problem(2, 1, sparsity="9/10"),
    Problem(2, 1, sparsity="99/100", importance=[1, "1/2"]),
    Problem(3, 2, sparsity="9/10"),
    Problem(5, 2, sparsity="99/100"),
    Problem(3, 1, density=[0.1, 1, 0]),
    Problem(2, 3, sparsity="1/2"),
]


@pytest.mark.parametrize("problem", CASES)
def test_it_is_never_worse_than_a_named_arrangement_and_stationary(problem):
    n_starts = 30 if problem.n_features < 4 else 6
    found = optimize(problem, n_starts=n_starts, seed=1)
    scale = ignore_everything_loss(problem)[0]
    assert found.loss <= best_named_loss(problem) + 1e-9 * scale
    assert found.loss <= scale * (1 + 1e-9)
    assert found.gradient_norm <= 1e-5 * scale
    again = loss_and_gradient(problem, found.W, found.b)
    assert (again.loss, again.error) == (found.loss, found.error)
    assert 1 <= found.n_hits <= found.n_starts == n_starts


def test_a_seed_fixes_every_digit():
    first, second = (optimize(CASES[2], n_starts=3, seed=7) for _ in range(2))
    assert (first.W == second.W).all()
    assert (first.b == second.b).all()
    assert (first.loss, first.n_hits, first.status) == (second.loss, second.n_hits, second.status)
    assert (first.W != optimize(CASES[2], n_starts=3, seed=8).W).any()


def test_more_starts_are_never_worse():
    few, many = (optimize(CASES[4], n_starts=k, seed=2).loss for k in (1, 6))
    assert many <= few * (1 + 1e-9)


@pytest.mark.parametrize(
    "problem", [Problem(3, 2, density=0), Problem(3, 2, density=0.5, importance=0)]
)
def test_nothing_to_find_is_said(problem):
    found = optimize(problem)
    assert (found.loss, found.error, found.gradient_norm) == (0.0, 0.0, 0.0)
    assert "the loss is zero" in found.status
    assert not found.W.any()
    assert not found.b.any()


def test_all_features_always_active():
    """One dimension keeps one combination of two: the linear model at p = 1 leaves 1/12 ."""
    found = optimize(Problem(2, 1, density=1), n_starts=10)
    assert found.loss <= 1 / 12 + 1e-9


def test_the_status_says_how_many_starts_agree():
    found = optimize(CASES[2], n_starts=5)
    assert f"{found.n_hits} of 5 starts" in found.status
    alone = optimize(CASES[2], n_starts=1)
    assert "more starts" not in alone.status


def test_the_callback_hears_of_every_start():
    heard = []
    optimize(CASES[0], n_starts=4, callback=heard.append)
    assert heard == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_starts": 0}, "n_starts=0: must be at least 1"),
        ({"n_starts": 1.5}, "n_starts=1.5: must be a whole number"),
        ({"seed": -1}, "seed=-1: must be at least 0"),
        ({"seed": "1"}, "seed='1': must be a whole number"),
    ],
)
def test_options_that_cannot_be_meant_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        optimize(CASES[0], **options)


def test_the_linear_model_is_refused_with_advice():
    with pytest.raises(Unsupported, match="best_linear_loss"):
        optimize(Problem(2, 1, density=1, activation=Identity()))
