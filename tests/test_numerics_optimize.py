"""The optimiser: reproducible, stationary, never worse than a known arrangement."""

from __future__ import annotations

import numpy as np
import pytest

from numerics.linear import ignore_everything_loss
from numerics.optimize import optimize
from numerics.search.objective import Objective
from numerics.search.starts import generator_of, random_start, tuned
from numerics.series import expected_loss, loss_and_gradient
from theory.problem import (
    Correlated,
    Exponential,
    Identity,
    InputError,
    NoBias,
    NormBudget,
    Power,
    Problem,
    Rademacher,
    Uniform,
    UnitNorm,
    Unsupported,
)


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
    assert found.gradient_norm <= 1e-12
    assert found.residuals.holds
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
    assert f"{found.n_hits} of 5 random starts" in found.status
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
        ({"n_workers": 0}, "n_workers=0: must be at least 1"),
        ({"time_limit": 0}, "time_limit=0: must be a positive number of seconds"),
        ({"time_limit": True}, "time_limit=True: must be a positive number"),
        ({"starts": [np.zeros((1, 2))]}, r"W.shape=\(1, 2\): must be"),
        ({"starts": [(np.zeros((1, 1)), [0.0, 1.0])]}, r"b.shape=\(2,\): must be"),
        ({"constraints": "unit"}, "constraints: 'unit' is none"),
    ],
)
def test_options_that_cannot_be_meant_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        optimize(CASES[0], **options)


def test_the_linear_model_is_refused_with_advice():
    with pytest.raises(Unsupported, match="best_linear_loss"):
        optimize(Problem(2, 1, density=1, activation=Identity()))


def test_the_pentagon_to_the_last_digits():
    """The optimum of five features in two dimensions at S = 0.9, to 13 digits."""
    found = optimize(Problem(5, 2, sparsity="9/10"), n_starts=8)
    assert found.loss == pytest.approx(0.0263051311239323, abs=1e-15)
    assert np.linalg.norm(found.W, axis=0) == pytest.approx(np.full(5, 1.10044537), abs=1e-8)
    assert found.b == pytest.approx(np.full(5, -0.20992577), abs=1e-8)
    assert found.gradient_norm < 1e-14
    assert found.residuals.curvature > 0.2


def test_the_number_of_workers_changes_nothing():
    problem = Problem(3, 2, sparsity="9/10", importance=[1, 1, "1/2"])
    one, two = (optimize(problem, n_starts=4, seed=5, n_workers=k) for k in (1, 2))
    assert np.array_equal(one.W, two.W)
    assert np.array_equal(one.b, two.b)
    assert (one.loss, one.status, one.n_hits) == (two.loss, two.status, two.n_hits)
    for first, second in zip(one.landscape, two.landscape, strict=True):
        assert np.array_equal(first.W, second.W)
        assert (first.loss, first.count, first.kind) == (second.loss, second.count, second.kind)


def test_the_landscape_counts_every_end_and_is_sorted():
    found = optimize(Problem(5, 2, sparsity="9/10"), n_starts=10)
    losses = [at.loss for at in found.landscape]
    assert losses == sorted(losses)
    assert losses[0] == pytest.approx(found.loss, abs=1e-15)
    assert sum(at.count for at in found.landscape) > 10  # perturbed and named ones besides
    assert len(losses) > 1
    for at in found.landscape:
        assert at.kind == "minimum"
        assert expected_loss(Problem(5, 2, sparsity="9/10"), at.W, at.b).loss == pytest.approx(
            at.loss, abs=1e-13
        )


def test_permuting_the_features_permutes_the_answer():
    importance = [1, "1/2", "1/4"]
    problem = Problem(3, 2, sparsity="4/5", importance=importance)
    turned = problem.replace(importance=importance[::-1])
    first, second = optimize(problem, n_starts=8), optimize(turned, n_starts=8)
    assert second.loss == pytest.approx(first.loss, rel=1e-12)
    grams = first.W.T @ first.W, (second.W.T @ second.W)[::-1, ::-1]
    assert grams[1] == pytest.approx(grams[0], abs=1e-9)
    assert second.b[::-1] == pytest.approx(first.b, abs=1e-9)


@pytest.mark.parametrize("start", [np.zeros((2, 3)), (np.zeros((2, 3)), np.zeros(3))])
def test_a_start_at_exactly_zero_is_left(start):
    problem = Problem(3, 2, sparsity="9/10")
    found = optimize(problem, n_starts=1, starts=[start])
    assert found.loss < 0.3 * ignore_everything_loss(problem)[0]
    assert found.residuals.holds


def test_it_is_never_worse_than_a_start_handed_in():
    problem = Problem(5, 2, sparsity="99/100")
    turns = 2 * np.pi * np.arange(5) / 5
    pentagon = 1.16 * np.array([np.cos(turns), np.sin(turns)]), np.full(5, -0.27)
    found = optimize(problem, n_starts=1, seed=3, starts=[pentagon])
    assert found.loss <= expected_loss(problem, *pentagon).loss
    assert found.loss == pytest.approx(0.0010014822506615, abs=1e-15)


@pytest.mark.parametrize(("n", "m"), [(1, 1), (2, 2), (2, 3), (3, 3)])
def test_where_all_features_fit_the_loss_is_zero(n, m):
    """The dedicated optimum lies on the kink: b = 0 exactly, columns orthonormal."""
    problem = Problem(n, m, sparsity="9/10")
    found = optimize(problem, n_starts=4)
    assert abs(found.loss) <= found.error + 1e-26
    assert found.error < 1e-14
    assert np.abs(found.W.T @ found.W - np.eye(n)).max() < 1e-12
    assert found.b == pytest.approx(np.zeros(n), abs=1e-14)
    assert found.residuals.curvature > 0.0


def test_features_without_importance_are_ignored_and_the_rest_is_as_without_them():
    found = optimize(Problem(4, 1, density=[0.1, 0.1, 0.1, 0], importance=[1, 0, 1, 1]), n_starts=4)
    alone = optimize(Problem(2, 1, density=0.1), n_starts=4)
    assert found.loss == pytest.approx(alone.loss, rel=1e-12)
    assert not found.W[:, [1, 3]].any()
    assert not found.b[[1, 3]].any()


def test_a_time_limit_ends_the_search_and_is_said():
    problem = Problem(5, 2, sparsity="9/10")
    optimize(problem, n_starts=1)  # compiles what a search needs, which may take longer
    short = optimize(problem, n_starts=100_000, time_limit=2.0)
    assert "time limit ended the search after" in short.status
    assert short.n_starts < 100_000
    none = optimize(problem, n_starts=3, time_limit=1e-9)
    assert "before any start was followed" in none.status
    assert none.loss == expected_loss(problem, none.W, none.b).loss
    assert none.n_hits == none.n_starts == 0


@pytest.mark.parametrize(
    "problem",
    [
        Problem(3, 2, sparsity="1/2", features=Rademacher(), activation=Power(3)),
        Problem(2, 1, sparsity="1/2", features=Uniform(0, 3)),
        Problem(2, 1, sparsity="1/2", features=Exponential()),
        Problem(3, 1, sparsity="1/2", groups=[Correlated(0, 1)]),
    ],
)
def test_any_problem_of_the_family_ends_at_a_stationary_point(problem):
    found = optimize(problem, n_starts=2)
    scale = ignore_everything_loss(problem)[0]
    assert found.loss <= scale
    assert found.residuals.stationarity <= 1e-8
    assert loss_and_gradient(problem, found.W, found.b).loss == found.loss


def test_the_unit_of_measurement_scales_the_answer():
    one, three = (
        optimize(Problem(2, 1, sparsity="9/10", features=Uniform(0, h)), n_starts=3) for h in (1, 3)
    )
    assert three.loss == pytest.approx(9 * one.loss, rel=1e-12)
    assert three.b == pytest.approx(3 * one.b, rel=1e-6)


def test_constraints_are_part_of_the_question():
    problem = Problem(3, 2, sparsity="9/10")
    free, bound = (optimize(problem, c, n_starts=4) for c in ((), [UnitNorm(), NoBias()]))
    assert bound.loss >= free.loss - 1e-12
    assert np.linalg.norm(bound.W, axis=0) == pytest.approx(np.ones(3), abs=1e-9)
    assert not bound.b.any()
    assert bound.residuals.holds


def test_constraints_that_contradict_each_other_are_refused():
    with pytest.raises(InputError, match="UnitNorm"):
        optimize(Problem(3, 2, sparsity=0), [UnitNorm(), NormBudget(1)])


@pytest.mark.parametrize("sparsity", [0, "1/2", "99/100"])
def test_a_tuned_start_is_no_higher_and_keeps_its_directions(sparsity):
    problem = Problem(6, 2, sparsity=sparsity)
    objective = Objective(problem)
    for k in range(5):
        start = random_start(objective, k, generator_of(0, 0, k))
        reached = tuned(objective, start)
        assert objective.value(reached, 1e-6)[0] <= objective.value(start, 1e-6)[0] + 2e-3
        (W, _), (V, _) = objective.unpack(start), objective.unpack(reached)
        scale = np.linalg.norm(V) / np.linalg.norm(W)
        assert pytest.approx(scale * W, abs=1e-12) == V


def test_a_start_below_the_whole_grid_is_left_as_it_is():
    problem = Problem(5, 2, sparsity="9/10")
    objective = Objective(problem)
    found = optimize(problem, n_starts=8)
    point = objective.pack(found.W, found.b)
    assert tuned(objective, point) is point
