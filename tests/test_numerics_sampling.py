"""Samples against the definition written out by hand, and their standard error."""

from __future__ import annotations

import math

import numpy as np
import pytest

from numerics import sampling
from numerics.sampling import SampledLoss, expected_loss
from theory.problem import Identity, InputError, Problem

PAIR = Problem(2, 1, density="1/10")
WEIGHTS = ([[1.0, -0.6]], [-0.1, 0.05])
PAIR_LOSS = 1477717 / 90000000  # from the integrals over one and two features
DENSE_LOSS = 704669 / 1800000


def literal_losses(problem, W, b, seed, n_samples):
    """One sample after another, one feature after another."""
    draw, n = np.random.default_rng(seed), problem.n_features
    active, sizes = draw.random((n_samples, n)), draw.random((n_samples, n))
    losses = []
    for s in range(n_samples):
        x = [sizes[s, j] if active[s, j] < float(problem.densities[j]) else 0.0 for j in range(n)]
        hidden = [sum(row[j] * x[j] for j in range(n)) for row in W]
        total = 0.0
        for i in range(n):
            y = b[i] + sum(row[i] * h for row, h in zip(W, hidden, strict=True))
            x_hat = y if problem.activation == Identity() else max(y, 0.0)
            total += float(problem.importances[i]) * (x[i] - x_hat) ** 2
        losses.append(total)
    return losses


@pytest.mark.parametrize("activation", [None, Identity()])
def test_it_is_the_literal_forward_pass(activation):
    problem = Problem(3, 2, density=[0.5, 1, 0.25], importance=[1, 0.5, 3], activation=activation)
    W, b = [[1.0, -0.5, 0.25], [0.3, 0.8, -1.0]], [-0.1, 0.2, 0.0]
    found = expected_loss(problem, W, b, n_samples=50, seed=3)
    losses = literal_losses(problem, W, b, 3, 50)
    mean = sum(losses) / 50
    spread = sum((loss - mean) ** 2 for loss in losses) / 49
    assert found.mean == pytest.approx(mean, rel=1e-12)
    assert found.standard_error == pytest.approx(math.sqrt(spread / 50), rel=1e-12)


def test_chunks_are_put_together(monkeypatch):
    whole = expected_loss(PAIR, *WEIGHTS, n_samples=1001, seed=5)
    monkeypatch.setattr(sampling, "_CHUNK", 64)
    parts = expected_loss(PAIR, *WEIGHTS, n_samples=1001, seed=5)
    assert (parts.n_samples, whole.n_samples) == (1001, 1001)
    gap = abs(parts.mean - whole.mean)
    assert 0 < gap < 5 * math.hypot(parts.standard_error, whole.standard_error)
    assert parts.standard_error == pytest.approx(whole.standard_error, rel=0.3)


def test_the_standard_error_of_chunks_is_that_of_the_whole(monkeypatch):
    """Density 1 and weights zero: every sample costs x^2, of known mean and variance."""
    monkeypatch.setattr(sampling, "_CHUNK", 10)
    found = expected_loss(Problem(1, 1, density=1), [[0.0]], n_samples=20_000)
    assert found.standard_error == pytest.approx(math.sqrt(4 / 45 / 20_000), rel=0.03)


@pytest.mark.parametrize(("density", "wanted"), [("1/10", PAIR_LOSS), (1, DENSE_LOSS)])
def test_z_scores_of_many_seeds_are_those_of_a_normal_law(density, wanted):
    problem = PAIR.replace(density=density)
    scores = [
        expected_loss(problem, *WEIGHTS, n_samples=4000, seed=seed).z_score(wanted)
        for seed in range(200)
    ]
    assert max(map(abs, scores)) < 5
    assert abs(np.mean(scores)) < 5 / math.sqrt(200) + 0.1  # the error of a skewed law leans
    assert 0.8 < np.std(scores) < 1.25


def test_a_seed_fixes_every_digit():
    first, second = (expected_loss(PAIR, *WEIGHTS, n_samples=1000, seed=9) for _ in range(2))
    assert first == second
    assert first != expected_loss(PAIR, *WEIGHTS, n_samples=1000, seed=10)


@pytest.mark.parametrize(("density", "active"), [(0, 0), (1, 1000)])
def test_the_ends_of_the_density(density, active):
    found = expected_loss(PAIR.replace(density=density), *WEIGHTS, n_samples=1000)
    assert found.n_active == active
    if density == 0:  # only the second bias is above zero
        assert found.mean == pytest.approx(0.05**2)
        assert found.standard_error == pytest.approx(0.0, abs=1e-15)


def test_active_samples_are_counted():
    found = expected_loss(PAIR, *WEIGHTS, n_samples=100_000)
    assert abs(found.n_active - 19_000) < 5 * math.sqrt(19_000 * 0.81)


@pytest.mark.parametrize(("value", "wanted"), [(1.0, 0.0), (2.0, math.inf), (0.0, -math.inf)])
def test_a_z_score_without_error(value, wanted):
    assert SampledLoss(1.0, 0.0, 10, 10, 0).z_score(value) == wanted


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_samples": 1}, "n_samples=1: must be at least 2"),
        ({"n_samples": 10.0}, r"n_samples=10.0: must be a whole number"),
        ({"n_samples": True}, "n_samples=True: must be a whole number"),
        ({"seed": -1}, "seed=-1: must be at least 0"),
        ({"seed": 1.5}, "seed=1.5: must be a whole number"),
    ],
)
def test_options_that_cannot_be_meant_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        expected_loss(PAIR, *WEIGHTS, **options)
