"""What a sample can show, and what rounding does: bounds, not guesses."""

from __future__ import annotations

import math

import numpy as np
import pytest
from family_models import FamilyModel, family_models
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.problem import (
    Anticorrelated,
    Binary,
    Correlated,
    CustomLaw,
    Exponential,
    Normal,
    Power,
    Problem,
    ReLU,
    Uniform,
    Unsupported,
)
from tms.cost import PATIENT, QUICK, doublings
from tms.evidence import _counts, check_sample, events_needed
from tms.inputs.weights import check_weights
from tms.rounding import forward_rounding, loss_scale, moved_by


def brute_counts(problem: Problem) -> list[float]:
    """Chances of none, one, more active: over every choice of every unit."""
    totals = [1.0]
    for unit in problem.units:
        p, fresh = float(unit.density), [0.0] * (len(totals) + len(unit.members))
        for k, chance in enumerate(totals):
            fresh[k] += chance * (1 - p)
            for own in unit.sets:
                fresh[k + len(own)] += chance * p / len(unit.sets)
        totals = fresh
    return [totals[0], totals[1], sum(totals[2:])]


@settings(deadline=None)
@given(family_models(max_n=6))
def test_the_chances_of_none_one_and_more_active(model):
    problem = model.problem
    if problem.n_active is not None:
        assert _counts(problem)[min(problem.n_active, 2)] == 1
    else:
        assert _counts(problem) == pytest.approx(brute_counts(problem), abs=1e-12)


@pytest.mark.parametrize(
    ("law", "power", "least", "most"),
    [
        (Uniform(), 1, 100, 100),
        (Binary(), 12, 100, 100),
        (Normal(), 3, 10_000, 30_000),
        (Exponential(), 3, 5e6, 7e6),
    ],
)
def test_heavier_tails_need_more_events(law, power, least, most):
    problem = Problem(2, 1, density=1, features=law, activation=Power(power))
    assert least <= events_needed(problem) <= most


def test_a_law_of_few_moments_needs_a_hundred_events():
    law = CustomLaw("few", moments=[0, 1, 0, 3])
    assert events_needed(Problem(1, 1, density=1, features=law)) == 100


@pytest.mark.parametrize(
    ("problem", "refused"),
    [
        (Problem(4, 1, density="1/2"), False),
        (Problem(4, 1, density="1/1000"), True),
        (Problem(4, 1, density="1/50", groups=[Correlated(0, 1)]), False),  # two at a time
        (Problem(2, 1, density="1/50", groups=[Anticorrelated(0, 1)]), False),  # never two
        (Problem(4, 1, density="1/2", features=Exponential(), activation=Power(3)), True),
        (Problem(4, 1, n_active=0), False),
        (Problem(40, 1, n_active=1), False),
        (Problem(4, 1, density=0), False),
        (Problem(1, 1, density=1 - 1e-6, features=Binary()), True),  # never seen idle
    ],
)
def test_a_sample_with_too_few_events_is_refused(problem, refused):
    if refused:
        with pytest.raises(Unsupported, match="samples would do"):
            check_sample(problem, 0.0, 10_000, 1.0)
    else:
        check_sample(problem, 0.0, 10_000, 1.0)


@pytest.mark.parametrize(("error", "refused"), [(1.1, False), (0.9, True), (0.0, False)])
def test_a_sample_that_one_more_could_move_far_is_refused(error, refused):
    problem, scale = Problem(4, 1, density="1/2"), 5.0 * 10_000
    if refused:
        with pytest.raises(Unsupported, match=r"about 1\.2e\+04 samples"):
            check_sample(problem, error, 10_000, scale)
    else:
        check_sample(problem, error, 10_000, scale)


def forward(model: FamilyModel, x: np.ndarray) -> np.ndarray:
    """The loss of each row of ``x`` in extended precision, at any weights."""
    given = {name: np.asarray(value, dtype=np.longdouble) for name, value in model.weights.items()}
    y = x @ given["W"].T @ given.get("W_decoder", given["W"]) + given["b"]
    q, shape = model.problem.activation.power, model.problem.activation.shape
    x_hat = {"power": y**q, "abs": np.abs(y) ** q, "relu": np.maximum(y, 0) ** q}[shape]
    importances = np.array([float(i) for i in model.problem.importances])
    return (x - x_hat) ** 2 @ importances


@settings(deadline=None, max_examples=100)
@given(family_models(laws=st.just(Binary())), st.integers(0, 2**32))
def test_moving_every_weight_moves_the_loss_by_no_more_than_the_bound(model, seed):
    draw = np.random.default_rng(seed)
    relative = 2.0**-20
    moved = {
        name: np.array(value) * (1 + relative * draw.uniform(-1, 1, np.shape(value)))
        for name, value in model.weights.items()
    }
    x = draw.integers(0, 2, (50, model.problem.n_features))  # any law of zeros and ones
    before = forward(model, x).mean()
    after = forward(FamilyModel(model.problem, **moved), x).mean()
    units = 2.01 * relative / 2.0**-52  # two weights in each product
    assert abs(after - before) <= moved_by(model.problem, moved, float(after), units=units)


def test_the_bound_is_of_the_right_size():
    problem = Problem(1, 1, density=1, features=Binary(), activation=Power(3))
    weights = {"W": np.array([[2.0]]), "b": np.array([0.0])}  # y = 4 x, x_hat = 64
    bound = moved_by(problem, weights, (64.0 - 1) ** 2, units=1.0)
    assert bound == pytest.approx(2 * 63 * 3 * 64 * 2.0**-52, rel=0.02)


@pytest.mark.parametrize(
    ("problem", "states"),
    [
        (Problem(5, 1, density=1), 5),
        (Problem(5, 1, density=1, features=Binary()), 5),
        (Problem(5, 1, density=1, features=Uniform(-1, 1)), 5 * math.log2(3)),
        (Problem(5, 1, density=1, features=Uniform(-1, 0)), 5),
        (Problem(4, 1, density=1, features=Binary(), groups=[Correlated(0, 1)]), 3),
        (Problem(2, 1, density=1, groups=[Correlated(0, 1)]), 2),
        (Problem(3, 1, density=1, groups=[Anticorrelated(0, 1, 2)]), 2),
    ],
)
def test_the_states_of_the_features(problem, states):
    assert doublings(problem) == pytest.approx(states)


def test_more_features_exceed_the_budget_and_polynomials_do_not():
    for n, activation, excess in ((14, ReLU(), False), (15, ReLU(), True), (40, Power(3), False)):
        problem = Problem(n, 1, density=1, activation=activation)
        weights = check_weights(problem, [[1] * n])
        assert (QUICK.excess(problem, weights) is not None) == excess
        assert PATIENT.excess(problem, weights) is None


@pytest.mark.parametrize("power", [1, 3])
def test_rounding_of_a_forward_pass_is_bounded_and_not_by_much(power):
    """Against the same pass in twice the digits: above what rounding does, below 1e-11 of it."""
    rng = np.random.default_rng(0)
    n, m = 40, 8
    W, b = rng.normal(size=(m, n)) / math.sqrt(m), rng.normal(size=n) / 10
    problem = Problem(n, m, density="1/2", activation=ReLU() if power == 1 else Power(power))
    x = rng.random((2000, n)) * (rng.random((2000, n)) < 0.5)

    def loss(kind):
        weights, bias, data = (array.astype(kind) for array in (W, b, x))
        y = data @ weights.T @ weights + bias
        outputs = np.maximum(y, 0) if power == 1 else y**power
        return ((data - outputs) ** 2).sum(axis=1).mean()

    single, double = loss(np.float64), loss(np.longdouble)
    bound = forward_rounding(problem, {"W": W, "b": b}, float(single))
    assert abs(single - double) <= bound
    assert bound < 1e-11 * loss_scale(problem, {"W": W, "b": b})
