"""Constrained minima: feasible, stationary, never below the free minimum; hand values."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest

from numerics.constrained import Solution, solve_from
from numerics.constraining.augmented import Point
from numerics.constraining.constraints import compile_constraints
from numerics.constraining.newton_kkt import polish
from numerics.constraining.reduced_loss import ReducedLoss
from numerics.optimize import optimize
from numerics.series import expected_loss
from theory.problem import (
    AntipodalPairs,
    Binary,
    Constraint,
    Cyclic,
    IgnoredFeatures,
    InputError,
    MaxCoherence,
    NoBias,
    NonNegativeWeights,
    NonPositiveBias,
    NormBudget,
    Problem,
    SharedBias,
    UnitNorm,
    ZeroGram,
)

PROBLEM = Problem(5, 2, sparsity="9/10")
PENTAGON = 0.0263051311239  # the best of 100 free starts
ALONE: list[list[Constraint]] = [
    [UnitNorm()],
    [NormBudget("7/2")],
    [NoBias()],
    [SharedBias()],
    [NonPositiveBias()],
    [MaxCoherence("1/2")],
    [MaxCoherence(0)],
    [NonNegativeWeights()],
    [IgnoredFeatures(3, 4)],
    [Cyclic(0, 1, 2, 3, 4)],
    [AntipodalPairs((0, 1), (2, 3))],
    [ZeroGram((0, 1), (2, 3))],
]
TOGETHER: list[list[Constraint]] = [
    [UnitNorm(), NoBias()],
    [UnitNorm(), SharedBias(), Cyclic(0, 1, 2, 3, 4)],
    [NormBudget(3), NonNegativeWeights(), NonPositiveBias()],
    [AntipodalPairs((0, 1)), ZeroGram((0, 2)), SharedBias(), NormBudget(5)],
    [Cyclic(0, 1, 2, 3), IgnoredFeatures(4), NoBias()],
    [UnitNorm(), MaxCoherence("9/10"), NonPositiveBias()],
]


def start(problem: Problem, seed: int) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    m, n = problem.n_hidden, problem.n_features
    return draw.normal(size=(m, n)) / math.sqrt(m), -0.1 * np.abs(draw.normal(size=n))


def solved(problem: Problem, constraints: list[Constraint], seed: int) -> Solution:
    return solve_from(problem, compile_constraints(problem, constraints), *start(problem, seed))


def best(problem: Problem, constraints: list[Constraint], starts: int) -> Solution:
    return min((solved(problem, constraints, seed) for seed in range(starts)), key=lambda s: s.loss)


@cache
def free_minimum() -> float:
    return best(PROBLEM, [], 4).loss


def test_the_free_minimum_is_the_pentagon() -> None:
    assert free_minimum() == pytest.approx(PENTAGON, abs=1e-13)


def holds_by_hand(constraint: Constraint, W: np.ndarray, b: np.ndarray) -> bool:
    """The constraint to 1e-9, written a second time."""
    gram, tiny = W.T @ W, 1e-9
    norms = np.sqrt(np.diag(gram))
    off = ~np.eye(norms.size, dtype=bool)
    match constraint:
        case UnitNorm():
            return bool(np.all(np.abs(norms - 1) <= tiny))
        case NormBudget():
            return bool(np.sum(norms**2) <= float(constraint.total) + tiny)
        case NoBias():
            return not b.any()
        case SharedBias():
            return bool(np.ptp(b) <= tiny)
        case NonPositiveBias():
            return bool(np.all(b <= tiny))
        case MaxCoherence():
            most = float(constraint.limit) * np.outer(norms, norms) + tiny
            return bool(np.all((np.abs(gram) <= most)[off]))
        case NonNegativeWeights():
            return bool(np.all(-tiny <= W))
        case IgnoredFeatures():
            return not W[:, constraint.members].any()
        case AntipodalPairs():
            return all(
                np.allclose(W[:, i], -W[:, j], atol=tiny) and b[i] == b[j]
                for i, j in constraint.pairs
            )
        case ZeroGram():
            return all(abs(gram[i, j]) <= tiny for i, j in constraint.pairs)
        case Cyclic():
            order = np.arange(b.size)
            order[list(constraint.members)] = np.roll(constraint.members, 1)
            turned = gram[np.ix_(order, order)]
            return bool(
                np.allclose(gram, turned, atol=tiny) and np.allclose(b, b[order], atol=tiny)
            )
    return False


@pytest.mark.parametrize("constraints", [*ALONE, *TOGETHER], ids=repr)
def test_minima_are_feasible_stationary_and_not_below_the_free_one(
    constraints: list[Constraint],
) -> None:
    found = best(PROBLEM, constraints, 3)
    assert found.status == "stationary"
    assert found.residuals.holds
    assert found.residuals.feasibility <= 1e-9
    assert all(holds_by_hand(c, found.W, found.b) for c in constraints)
    assert found.loss >= free_minimum() - 1e-12


@pytest.mark.parametrize("constraints", [[UnitNorm()], [NormBudget("7/2")], TOGETHER[3]], ids=repr)
def test_no_feasible_neighbour_is_below(constraints: list[Constraint]) -> None:
    found = best(PROBLEM, constraints, 1)
    compiled = compile_constraints(PROBLEM, constraints)
    draw = np.random.default_rng(0)
    for _ in range(20):
        z = compiled.reduction.restrict(found.W, found.b)
        z = z + 1e-3 * draw.normal(size=z.size)
        if compiled.n_equations and not isinstance(constraints[0], UnitNorm):
            break
        W, b = compiled.reduction.expand(z)
        if isinstance(constraints[0], UnitNorm):
            W = W / np.linalg.norm(W, axis=0)
        elif np.sum(W**2) > 3.5:
            W = W * math.sqrt(3.5 / np.sum(W**2))
        assert expected_loss(PROBLEM, W, b).loss >= found.loss - found.error


def energy(loss: float, n: int) -> float:
    """Energy sum relu(w_i . w_j)^2 over pairs, from the loss with one active feature.

    With unit norms and no bias the own output is right and ``n L = sum_{i != j} relu(G_ij)^2 / 3``.
    """
    return 3 * n * loss


@pytest.mark.parametrize(
    ("m", "n", "value"),
    [(2, 4, 0.0), (2, 5, (15 - 5 * math.sqrt(5)) / 4), (2, 6, 3.0), (3, 7, 0.954915)],
)
def test_pair_energies_of_unit_vectors(m: int, n: int, value: float) -> None:
    found = best(Problem(n, m, n_active=1), [UnitNorm(), NoBias()], 3)
    assert found.residuals.holds
    assert energy(found.loss, n) == pytest.approx(value, abs=6e-7)


def test_seven_unit_vectors_in_the_plane_are_best_without_symmetry() -> None:
    problem, turns = Problem(7, 2, n_active=1), np.array([-2.1, -2.2, -0.8, 0.3, 1.3, 2.7, 2.6])
    compiled = compile_constraints(problem, [UnitNorm(), NoBias()])
    found = solve_from(problem, compiled, [np.cos(turns), np.sin(turns)])
    assert found.residuals.holds
    assert energy(found.loss, 7) == pytest.approx(5.431977566, abs=6e-10)


def test_the_regular_heptagon_is_a_local_minimum_of_the_pair_energy() -> None:
    problem, turns = Problem(7, 2, n_active=1), 2 * np.pi * np.arange(7) / 7
    W = np.array([np.cos(turns), np.sin(turns)])
    heptagon = float(np.sum(np.maximum(W.T @ W - np.eye(7), 0.0) ** 2))
    compiled = compile_constraints(problem, [UnitNorm(), NoBias()])
    found = solve_from(problem, compiled, W)
    assert found.residuals.holds
    assert energy(found.loss, 7) == pytest.approx(heptagon, abs=1e-12)
    assert heptagon > 5.44


def test_binary_features_with_unit_norm() -> None:
    # one of two antipodal unit features is active: both outputs are right
    problem = Problem(2, 1, n_active=1, features=Binary())
    assert best(problem, [UnitNorm(), NoBias()], 2).loss == 0.0


def test_every_feature_ignored_leaves_the_variance() -> None:
    # b = mean: n (p / 3 - p^2 / 4)
    found = best(PROBLEM, [IgnoredFeatures(0, 1, 2, 3, 4)], 1)
    assert found.status == "stationary"
    assert found.loss == pytest.approx(5 * (0.1 / 3 - 0.01 / 4), abs=1e-14)
    assert not found.W.any()


def test_nothing_free_is_an_answer() -> None:
    found = best(PROBLEM, [IgnoredFeatures(0, 1, 2, 3, 4), NoBias()], 1)
    assert found.status == "stationary"
    assert found.loss == pytest.approx(5 * 0.1 / 3, abs=1e-14)
    assert found.residuals.curvature == math.inf


@pytest.mark.parametrize("constraints", [[], [UnitNorm()], [NoBias()], [NormBudget(2)]], ids=repr)
def test_a_start_at_zero_leads_away_from_zero(constraints: list[Constraint]) -> None:
    compiled = compile_constraints(PROBLEM, constraints)
    found = solve_from(PROBLEM, compiled, np.zeros((2, 5)), np.zeros(5))
    assert found.status == "stationary"
    assert found.loss < 5 * 0.1 / 3 / 2


def test_a_saddle_is_left() -> None:
    # four equal features on a line are stationary under unit norms, and the worst there is
    problem = Problem(4, 2, n_active=1)
    compiled = compile_constraints(problem, [UnitNorm(), NoBias()])
    found = solve_from(problem, compiled, [[1.0, 1.0, 1.0, 1.0], [0.0, 0.0, 0.0, 0.0]])
    assert found.residuals.holds
    assert found.loss < 1e-20


def test_constraints_that_no_weights_satisfy_end_infeasible() -> None:
    # three pairwise orthogonal unit features in two dimensions, pair by pair
    compiled = compile_constraints(PROBLEM, [UnitNorm(), ZeroGram((0, 1), (1, 2), (0, 2))])
    found = solve_from(PROBLEM, compiled, *start(PROBLEM, 0))
    assert found.status == "infeasible"
    assert found.residuals.feasibility > 1e-2
    assert not found.holds


def test_a_time_limit_is_kept_and_named() -> None:
    problem = Problem(40, 5, sparsity="9/10")
    compiled = compile_constraints(problem, [UnitNorm(), SharedBias()])
    found = solve_from(problem, compiled, *start(problem, 0), time_limit=0.05)
    assert found.status == "time limit"
    np.testing.assert_allclose(np.linalg.norm(found.W, axis=0), 1.0, atol=1e-9)


@pytest.mark.parametrize("limit", [0, -1.0, math.nan, "3", True])
def test_time_limits_that_cannot_be_meant_are_refused(limit: object) -> None:
    compiled = compile_constraints(PROBLEM, [])
    with pytest.raises(InputError, match="time_limit="):
        solve_from(PROBLEM, compiled, *start(PROBLEM, 0), time_limit=limit)  # type: ignore[arg-type]


def test_constraints_of_another_problem_are_refused() -> None:
    compiled = compile_constraints(PROBLEM, [NoBias()])
    with pytest.raises(InputError, match="compile_constraints"):
        solve_from(Problem(5, 2, sparsity="1/2"), compiled, *start(PROBLEM, 0))


def test_multipliers_are_the_slope_of_the_loss_in_the_budget() -> None:
    middle = best(PROBLEM, [NormBudget("3.5")], 1)
    low, high = (
        solve_from(PROBLEM, compile_constraints(PROBLEM, [NormBudget(c)]), middle.W, middle.b)
        for c in ("3.49", "3.51")
    )
    slope = (high.loss - low.loss) / 0.02
    multiplier = middle.multipliers["sum of norm(w)^2 <= 3.5"] * 5 * (0.1 / 3 - 0.01 / 4)
    assert -slope == pytest.approx(multiplier, rel=1e-3)


def test_a_start_decides_all() -> None:
    first, second = (solved(PROBLEM, [UnitNorm()], 7) for _ in range(2))
    np.testing.assert_array_equal(first.W, second.W)


@pytest.mark.parametrize("constraints", [[NoBias()], [UnitNorm()], [UnitNorm(), NoBias()]])
@pytest.mark.parametrize("settings", [{"sparsity": 1}, {"sparsity": "1/2", "importance": 0}])
def test_where_nothing_can_be_lost_any_feasible_weights_do(
    constraints: list[Constraint], settings: dict[str, object]
) -> None:
    found = optimize(Problem(3, 2, **settings), constraints, n_starts=1)
    norms = np.linalg.norm(found.W, axis=0)
    assert found.loss == expected_loss(Problem(3, 2, **settings), found.W, found.b).loss == 0.0
    assert found.residuals is not None
    assert found.residuals.holds
    assert UnitNorm() not in constraints or np.allclose(norms, 1.0, atol=1e-12)


def test_a_constraint_that_is_broken_and_has_no_multiplier_yet_is_met() -> None:
    """Newton's method takes it as active, though it starts with nothing to hold it."""
    compiled = compile_constraints(PROBLEM, [NormBudget(3)])
    loss = ReducedLoss.of(PROBLEM, compiled.reduction, math.inf)
    held = solved(PROBLEM, [NormBudget(3)], 0)
    outside = compiled.reduction.restrict(1.001 * held.W, held.b)
    end = polish(compiled, loss, Point.at(compiled, outside))
    W, _ = compiled.reduction.expand(end.z)
    assert np.sum(W**2) == pytest.approx(3, abs=1e-10)
    assert end.nu[0] > 0
