"""The linear model: literal moments, samples, and a best loss that no weights beat."""

from __future__ import annotations

from fractions import Fraction as F

import numpy as np
import pytest
from hypothesis import given, settings
from strategies import models

from numerics import sampling
from numerics.linear import best_linear_loss, ignore_everything_loss
from numerics.series import batch_loss_and_gradient, loss_and_gradient
from numerics.series import expected_loss as series_loss
from theory.problem import Identity, InputError, Problem


def literal_loss(problem, W, b):
    """``E r_i^2`` with every ``E x_j x_k`` written out, in fractions."""
    n, p = problem.n_features, problem.densities
    gram = [[sum((F(r[i]) * F(r[j]) for r in W), F(0)) for j in range(n)] for i in range(n)]
    total = F(0)
    for i in range(n):
        c = [gram[i][j] - (i == j) for j in range(n)]
        square = F(b[i]) ** 2
        for j in range(n):
            square += F(b[i]) * c[j] * p[j]
            for k in range(n):
                square += c[j] * c[k] * (p[j] / 3 if j == k else p[j] * p[k] / 4)
        total += problem.importances[i] * square
    return total


@settings(deadline=None, max_examples=60)
@given(models(max_n=4, linear=True))
def test_the_loss_is_its_literal_moments(model):
    found = series_loss(model.problem, *model.arrays)
    assert abs(F(found.loss) - literal_loss(model.problem, model.W, model.b)) <= F(found.error)


def test_samples_agree():
    problem = Problem(3, 2, density=[0.3, 1, 0.6], importance=[1, 2, 0.5], activation=Identity())
    draw = np.random.default_rng(2)
    W, b = draw.normal(size=(2, 3)), draw.normal(size=3) / 5
    found = sampling.expected_loss(problem, W, b, n_samples=50_000)
    assert abs(found.z_score(series_loss(problem, W, b).loss)) < 5


@settings(deadline=None, max_examples=30)
@given(models(max_n=4, linear=True))
def test_the_gradient_is_a_difference_quotient(model):
    """The loss is quadratic in the bias: central differences are exact."""
    result = loss_and_gradient(model.problem, *model.arrays)
    for k in range(model.n):
        shifted = [
            literal_loss(
                model.problem,
                model.W,
                [F(b) + step * (j == k) for j, b in enumerate(model.b)],
            )
            for step in (-1, 1)
        ]
        slope = (shifted[1] - shifted[0]) / 2
        assert abs(F(float(result.gradient_b[k])) - slope) <= F(float(result.gradient_b_error[k]))


def best_weights(problem):
    """One dimension for each of the features that cost most when ignored; biases are means."""
    p = np.array([float(x) for x in problem.densities])
    costs = np.array([float(i) for i in problem.importances]) * (p / 3 - p**2 / 4)
    kept = np.argsort(-costs, kind="stable")[: problem.n_hidden]
    W = np.zeros((problem.n_hidden, problem.n_features))
    for row, feature in enumerate(kept):
        W[row, feature] = 1.0
    b = p / 2
    b[kept] = 0.0
    return W, b


LINEAR_PROBLEMS = [
    Problem(5, 2, density="1/10", activation=Identity()),
    Problem(4, 1, density=[0.1, 1, 0.5, 0], importance=[1, 3, 0.5, 9], activation=Identity()),
    Problem(3, 3, density=0.3, activation=Identity()),
    Problem(2, 4, density=0.3, activation=Identity()),
    Problem(3, 1, density=0, activation=Identity()),
    Problem(1, 1, density=1, importance=0, activation=Identity()),
]


@pytest.mark.parametrize("problem", LINEAR_PROBLEMS)
def test_the_best_loss_is_attained(problem):
    best, error = best_linear_loss(problem)
    found = series_loss(problem, *best_weights(problem))
    assert abs(found.loss - best) <= found.error + error + 1e-17


@pytest.mark.parametrize("problem", LINEAR_PROBLEMS)
def test_no_weights_beat_the_best_loss(problem):
    best, _ = best_linear_loss(problem)
    draw = np.random.default_rng(4)
    W0, b0 = best_weights(problem)
    for _ in range(300):
        size = 10.0 ** draw.uniform(-4, 0.3)
        W = W0 * draw.integers(0, 2) + size * draw.normal(size=W0.shape)
        b = b0 * draw.integers(0, 2) + size * draw.normal(size=b0.shape)
        found = series_loss(problem, W, b)
        assert found.loss >= best - found.error


@pytest.mark.parametrize("problem", LINEAR_PROBLEMS)
def test_ignoring_everything_is_the_loss_of_no_weights(problem):
    wanted, error = ignore_everything_loss(problem)
    W = np.zeros((problem.n_hidden, problem.n_features))
    b = [float(p) / 2 for p in problem.densities]
    for activation in (Identity(), None):
        found = series_loss(problem.replace(activation=activation), W, b)
        assert abs(found.loss - wanted) <= found.error + error
        for shift in (-0.01, 0.01):
            worse = series_loss(problem.replace(activation=activation), W, [x + shift for x in b])
            assert worse.loss >= wanted - worse.error


def test_best_is_never_above_ignoring_everything():
    for problem in LINEAR_PROBLEMS:
        assert best_linear_loss(problem)[0] <= ignore_everything_loss(problem)[0] * (1 + 1e-15)


def test_the_batch_call_is_for_the_relu():
    with pytest.raises(InputError, match=r"activation=Identity\(\)"):
        batch_loss_and_gradient(LINEAR_PROBLEMS[0], np.zeros((1, 2, 5)), np.zeros((1, 5)))
