"""The baselines of every law and dependence, against samples and weights that attain them."""

from __future__ import annotations

import numpy as np
import pytest
from family_models import LAWS, family_models
from hypothesis import given, settings

from numerics.baselines import best_linear_loss, ignore_everything_loss
from numerics.draws import draw_active, draw_values
from numerics.series import expected_loss
from theory.problem import (
    Anticorrelated,
    Correlated,
    Identity,
    Normal,
    Power,
    Problem,
    ReLU,
    Uniform,
    Unsupported,
)

SIZE = 200_000
DEPENDENCES = [
    {"density": ["1/4", 1, "1/2", "3/4"]},
    {"density": "1/2", "groups": [Correlated(0, 1), Anticorrelated(2, 3)]},
    {"n_active": 2},
]


def samples(problem):
    generator = np.random.default_rng(3)
    active = draw_active(problem, generator, SIZE)
    return np.where(active, draw_values(problem.features, generator, active.shape), 0.0)


@pytest.mark.parametrize("dependence", DEPENDENCES, ids=str)
@pytest.mark.parametrize("law", LAWS, ids=str)
def test_they_are_the_variances_and_eigenvalues_of_samples(law, dependence):
    problem = Problem(4, 2, features=law, activation=Identity(), **dependence)
    covariance = np.cov(samples(problem).T, bias=True)
    slack = 0.03 * float(np.trace(covariance))
    assert ignore_everything_loss(problem)[0] == pytest.approx(np.trace(covariance), abs=slack)
    least = np.sort(np.linalg.eigvalsh(covariance))[:2].sum()
    assert best_linear_loss(problem)[0] == pytest.approx(least, abs=slack)


@settings(deadline=None, max_examples=60)
@given(family_models(max_n=5))
def test_ignoring_everything_is_the_loss_of_no_weights(model):
    """With the identity; the bias is the mean."""
    problem = model.problem.replace(activation=Identity())
    mean = float(np.mean(samples_mean(problem.features)))
    b = [float(a) * mean for a in problem.active_chances]
    found = expected_loss(problem, np.zeros((problem.n_hidden, problem.n_features)), b)
    wanted, error = ignore_everything_loss(problem)
    assert found.loss == pytest.approx(wanted, abs=1e-12 + error + found.error)


def samples_mean(law):
    """The mean of a law from its loss: ``E (u - b)^2`` at ``b = 0`` and ``b = 1``."""
    problem = Problem(1, 1, density=1, features=law, activation=Identity())
    at = [expected_loss(problem, [[0.0]], [b]).loss for b in (0.0, 1.0)]
    return (at[0] - at[1] + 1) / 2


@pytest.mark.parametrize(
    ("activation", "wanted"), [(ReLU(), 1 / 3), (Power(2), 1 / 3), (Power(3), 1 / 12)]
)
def test_a_negative_mean_is_out_of_reach_of_activations_that_are_not(activation, wanted):
    problem = Problem(1, 1, density=1, features=Uniform(-1, 0), activation=activation)
    assert ignore_everything_loss(problem)[0] == pytest.approx(wanted, rel=1e-14)


def test_projectors_attain_the_best_linear_loss_of_a_group():
    problem = Problem(
        2,
        1,
        density="1/2",
        features=Uniform(1, 2),
        activation=Identity(),
        groups=[Correlated(0, 1)],
    )
    W, mean = np.full((1, 2), 0.5**0.5), 0.75
    gap = mean - W.T @ W @ np.full(2, mean)
    best, error = best_linear_loss(problem)
    assert expected_loss(problem, W, gap).loss == pytest.approx(best, abs=error + 1e-14)


def test_different_importances_of_a_group_are_refused():
    problem = Problem(
        2, 1, density="1/2", features=Normal(), importance=[1, 2], groups=[Correlated(0, 1)]
    )
    with pytest.raises(Unsupported, match="importance="):
        best_linear_loss(problem)
