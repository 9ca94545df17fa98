"""Draws of the features: which are active together how often, and from which law."""

from __future__ import annotations

import itertools
import math
from collections import Counter

import numpy as np
import pytest
from family_models import TRIANGULAR, family_models
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.draws import draw_active, draw_values
from numerics.sampling import expected_loss
from theory.problem import (
    AbsPower,
    Anticorrelated,
    Binary,
    Correlated,
    CustomLaw,
    Exponential,
    HalfNormal,
    Identity,
    InputError,
    Normal,
    Power,
    Problem,
    Rademacher,
    ReLU,
    ReLUPower,
    Uniform,
    Unsupported,
)

SIZE = 40_000
PROBLEMS = [
    Problem(3, 1, density=["1/4", 1, 0]),
    Problem(4, 1, density="1/3", groups=[Correlated(0, 2)]),
    Problem(4, 1, density="1/3", groups=[Anticorrelated(1, 2, 3)]),
    Problem(5, 1, density="3/5", groups=[Anticorrelated(0, 4), Correlated(1, 3)]),
    Problem(4, 1, n_active=0),
    Problem(4, 1, n_active=2),
    Problem(4, 1, n_active=4),
    Problem(3, 1, density=1, groups=[Anticorrelated(0, 1, 2)]),
]


def chances(problem):
    """The probability of every pattern of active features, by going through all of them."""
    n = problem.n_features
    if problem.n_active is not None:
        sets = list(itertools.combinations(range(n), problem.n_active))
        return {pattern: 1 / len(sets) for pattern in sets}
    found = {(): 1.0}
    for unit in problem.units:
        p, fresh = float(unit.density), Counter()
        for pattern, chance in found.items():
            fresh[pattern] += chance * (1 - p)
            for own in unit.sets:
                fresh[tuple(sorted(pattern + own))] += chance * p / len(unit.sets)
        found = fresh
    return {pattern: chance for pattern, chance in found.items() if chance > 0}


@pytest.mark.parametrize("problem", PROBLEMS, ids=repr)
def test_every_pattern_comes_as_often_as_it_should(problem):
    active = draw_active(problem, np.random.default_rng(11), SIZE)
    seen = Counter(tuple(np.flatnonzero(row).tolist()) for row in active)
    wanted = chances(problem)
    assert set(seen) <= set(wanted)
    for pattern, chance in wanted.items():
        spread = math.sqrt(SIZE * chance * (1 - chance))
        assert abs(seen[pattern] - SIZE * chance) <= 5 * spread


def double_factorial(k):
    return math.prod(range(k, 0, -2))


def uniform_moment(low, high, k):
    return (high ** (k + 1) - low ** (k + 1)) / (k + 1) / (high - low)


MOMENTS = {
    Uniform(0, 1): lambda k: uniform_moment(0, 1, k),
    Uniform(-2, "-1/2"): lambda k: uniform_moment(-2, -0.5, k),
    Binary(): lambda k: 1,
    Rademacher(): lambda k: (k + 1) % 2,
    Exponential(): math.factorial,
    Normal(): lambda k: (k + 1) % 2 * double_factorial(k - 1),
    HalfNormal(): lambda k: double_factorial(k - 1) * (math.sqrt(2 / math.pi) if k % 2 else 1),
    TRIANGULAR: lambda k: (k + 1) % 2 * 2 / (k + 1) / (k + 2),
}


@pytest.mark.parametrize("law", MOMENTS, ids=str)
@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_the_values_have_the_moments_of_their_law(law, k):
    values = draw_values(law, np.random.default_rng(k), (SIZE, 5)) ** k
    spread = max(float(values.std()), 1e-12) / math.sqrt(values.size)
    assert abs(float(values.mean()) - float(MOMENTS[law](k))) <= 5 * spread


@pytest.mark.parametrize(
    ("activation", "sigma"),
    [
        (ReLU(), lambda t: max(t, 0.0)),
        (Identity(), lambda t: t),
        (Power(3), lambda t: t * t * t),
        (AbsPower(1), abs),
        (AbsPower(3), lambda t: abs(t) ** 3),
        (ReLUPower(2), lambda t: t * t if t > 0 else 0.0),
    ],
)
def test_an_untied_forward_pass_with_any_activation(activation, sigma):
    problem = Problem(2, 1, density=1, features=Binary(), activation=activation)
    for bias in (-1.5, 0.0, 0.75):
        found = expected_loss(problem, [[0.5, 1.0]], [bias, 0.0], W_decoder=[[1, -1]], n_samples=2)
        wanted = (1 - sigma(1.5 + bias)) ** 2 + (1 - sigma(-1.5)) ** 2
        assert found.mean == pytest.approx(wanted, rel=1e-12)


def test_a_law_without_a_sampler_is_refused():
    law = CustomLaw("mine", moments=[0, 1])
    with pytest.raises(Unsupported, match=r"mine.*has no sampler"):
        draw_values(law, np.random.default_rng(0), (2, 2))


@pytest.mark.parametrize("drawn", [1.0, [[math.nan, 0.0]], [[1.0]]])
def test_a_sampler_that_gives_something_else_is_refused(drawn):
    law = CustomLaw("mine", moments=[0, 1], sampler=lambda generator, shape: drawn)
    with pytest.raises(InputError, match="sampler gave shape"):
        draw_values(law, np.random.default_rng(0), (1, 2))


@settings(deadline=None, max_examples=100)
@given(family_models(max_n=6), st.integers(0, 100))
def test_a_group_is_on_or_off_as_one(model, seed):
    active = draw_active(model.problem, np.random.default_rng(seed), 50)
    for group in model.problem.groups:
        counts = set(active[:, group.members].sum(axis=1).tolist())
        assert counts <= {0, len(group.sets[0])}
    if model.problem.n_active is not None:
        assert set(active.sum(axis=1).tolist()) == {model.problem.n_active}
