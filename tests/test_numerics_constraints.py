"""Compiled constraints: values and slopes against the definitions, and contradictions by name."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from numerics.constraining.constraints import Compiled, compile_constraints
from numerics.constraining.definitions import largest_violation, rows_of
from theory.problem import (
    AntipodalPairs,
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

N = 5
PROBLEM = Problem(N, 2, sparsity="9/10")
LIMITS = st.sampled_from(["1/2", "9/10", 1])
VALUES = st.one_of(st.sampled_from([0.0, 1.0, -1.0, 0.5]), st.floats(-2.0, 2.0, width=32))

CONSTRAINTS: st.SearchStrategy[Constraint] = st.one_of(
    st.sampled_from([UnitNorm(), NoBias(), SharedBias(), NonPositiveBias(), NonNegativeWeights()]),
    st.builds(NormBudget, st.sampled_from([N, "7/2", 100])),
    st.builds(MaxCoherence, LIMITS),
    st.sampled_from([MaxCoherence(0), IgnoredFeatures(0), IgnoredFeatures(1, 4)]),
    st.permutations(range(N)).flatmap(
        lambda order: st.integers(2, N).map(lambda k: Cyclic(*order[:k]))
    ),
    st.permutations(range(N)).map(lambda o: AntipodalPairs((o[0], o[1]), (o[2], o[3]))),
    st.permutations(range(N)).map(lambda o: ZeroGram((o[0], o[1]), (o[1], o[2]))),
)


@st.composite
def compiled_points(draw: st.DrawFn) -> tuple[Compiled, np.ndarray]:
    """Constraints that are not refused, and free variables with zeros and ties."""
    given_ones = draw(st.lists(CONSTRAINTS, max_size=4))
    try:
        compiled = compile_constraints(PROBLEM, given_ones)
    except InputError:
        compiled = compile_constraints(PROBLEM, given_ones[:1])
    return compiled, draw(arrays(np.float64, compiled.reduction.size, elements=VALUES))


def together(compiled: Compiled, z: np.ndarray) -> np.ndarray:
    return np.concatenate(compiled.values(z))


@given(compiled_points())
def test_jacobians_are_differences(case: tuple[Compiled, np.ndarray]) -> None:
    compiled, z = case
    step = 2.0**-16 * np.eye(z.size)
    found = compiled.jacobian(z)
    for k in range(z.size):
        change = together(compiled, z + step[k]) - together(compiled, z - step[k])
        np.testing.assert_allclose(found[:, k], change / 2.0**-15, atol=1e-7)


@given(compiled_points(), st.integers(0, 2**32 - 1))
def test_gradients_are_weighted_rows(case: tuple[Compiled, np.ndarray], seed: int) -> None:
    compiled, z = case
    weights = np.random.default_rng(seed).normal(size=together(compiled, z).size)
    mu, nu = weights[: compiled.n_equations], weights[compiled.n_equations :]
    expected = weights @ compiled.jacobian(z)
    np.testing.assert_allclose(compiled.gradient(z, mu, nu), expected, atol=1e-9)


@given(compiled_points(), st.integers(0, 2**32 - 1))
def test_hessians_are_differences_of_gradients(
    case: tuple[Compiled, np.ndarray], seed: int
) -> None:
    compiled, z = case
    weights = np.random.default_rng(seed).normal(size=together(compiled, z).size)
    mu, nu = weights[: compiled.n_equations], weights[compiled.n_equations :]
    found, step = compiled.hessian(z, mu, nu), 2.0**-14 * np.eye(z.size)
    for k in range(z.size):
        up, down = (compiled.gradient(z + s * step[k], mu, nu) for s in (1.0, -1.0))
        np.testing.assert_allclose(found[k], (up - down) / 2.0**-13, atol=1e-5)


@given(compiled_points())
def test_what_is_eliminated_holds_exactly(case: tuple[Compiled, np.ndarray]) -> None:
    compiled, z = case
    linear = (NoBias, SharedBias, IgnoredFeatures, AntipodalPairs)
    kept = [c for c in compiled.constraints if isinstance(c, linear)]
    W, b = compiled.reduction.expand(z)
    assert largest_violation(kept, W, b) == 0.0


@given(compiled_points())
def test_free_variables_come_back(case: tuple[Compiled, np.ndarray]) -> None:
    compiled, z = case
    back = compiled.reduction.restrict(*compiled.reduction.expand(z))
    np.testing.assert_allclose(back, z, atol=1e-15)


@given(compiled_points())
def test_feasible_in_free_variables_is_feasible_by_definition(
    case: tuple[Compiled, np.ndarray],
) -> None:
    compiled, z = case
    z = np.clip(z, compiled.lower, compiled.upper)
    equal, above = compiled.values(z)
    worst = max(np.abs(equal).max(initial=0.0), above.max(initial=0.0))
    defined = largest_violation(compiled.constraints, *compiled.reduction.expand(z))
    if worst <= 1e-13:
        assert defined <= 1e-6  # a coherence is a difference of squares in free variables
    if defined <= 1e-13:
        assert worst <= 1e-11


@given(st.lists(CONSTRAINTS, max_size=3), arrays(np.float64, (2, N), elements=VALUES))
def test_rows_written_out_have_the_slopes_of_differences(
    constraints: list[Constraint], W: np.ndarray
) -> None:
    long = np.linalg.norm(W, axis=0) > 1e-2  # a norm has no slope at zero, no difference near it
    W = np.where(long, W, np.array([[0.6], [-0.8]]))
    b, step = np.array([0.0, -0.5, 0.25, 0.0, 0.0]), 1e-6 * np.eye(3 * N)
    for rows in rows_of(constraints, W):
        found = rows.jacobian(W, b)
        for k, e in enumerate(step):
            dW, db = e[: W.size].reshape(W.shape), e[W.size :]
            change = rows.values(W + dW, b + db) - rows.values(W - dW, b - db)
            np.testing.assert_allclose(found[:, k], change / 2e-6, atol=1e-4)


def test_equations_that_follow_from_others_are_left_out() -> None:
    circle = compile_constraints(PROBLEM, [Cyclic(0, 1, 2, 3, 4)])
    both = compile_constraints(PROBLEM, [UnitNorm(), Cyclic(0, 1, 2, 3, 4)])
    # 15 Gram entries in 3 orbits; with norms one orbit less is free
    assert (circle.n_equations, both.n_equations) == (12, 13)


@pytest.mark.parametrize(
    ("constraints", "named", "why"),
    [
        ([UnitNorm(), NormBudget("9/2")], "NormBudget", "above total=9/2"),
        ([UnitNorm(), MaxCoherence(0)], "MaxCoherence", "not orthogonal in n_hidden=2"),
        ([UnitNorm(), MaxCoherence("3/5")], "MaxCoherence", "sqrt(3/8) = 0.612372 (Welch)"),
        ([UnitNorm(), NonNegativeWeights(), AntipodalPairs((0, 1))], "AntipodalPairs", "w_0 = 0"),
        ([UnitNorm(), ZeroGram((0, 1)), AntipodalPairs((1, 0))], "ZeroGram", "w_0 = 0"),
        ([UnitNorm(), Cyclic(0, 1, 2), IgnoredFeatures(2)], "Cyclic", "w_0 = 0"),
        ([UnitNorm(), Cyclic(0, 1, 2), AntipodalPairs((0, 1))], "Cyclic", "contradict"),
        ([UnitNorm(), MaxCoherence("9/10"), AntipodalPairs((0, 1))], "MaxCoherence", "w_0 = 0"),
        (
            [UnitNorm(), *(AntipodalPairs(p) for p in [(0, 1), (1, 2), (2, 0)])],
            "AntipodalPairs((1, 2))",
            "w_0 = 0",
        ),
    ],
)
def test_contradictions_are_refused_by_name(
    constraints: list[Constraint], named: str, why: str
) -> None:
    with pytest.raises(InputError) as caught:
        compile_constraints(PROBLEM, constraints)
    assert "UnitNorm()" in str(caught.value)
    assert named in str(caught.value)
    assert why in str(caught.value)


@pytest.mark.parametrize(
    "constraints",
    [
        [UnitNorm(), IgnoredFeatures(0, 1, 2, 3, 4)],
        [UnitNorm(), NormBudget(5)],
        [UnitNorm(), NormBudget(3), IgnoredFeatures(0, 1)],
        [UnitNorm(), MaxCoherence(0), IgnoredFeatures(0, 1, 2)],
        [NonNegativeWeights(), AntipodalPairs((0, 1))],
        [Cyclic(0, 1, 2), IgnoredFeatures(2)],
    ],
)
def test_what_is_possible_is_not_refused(constraints: list[Constraint]) -> None:
    compiled = compile_constraints(PROBLEM, constraints)
    assert compiled.constraints == tuple(constraints)


def test_a_name_that_is_no_constraint_is_refused() -> None:
    with pytest.raises(InputError, match="names feature 5"):
        compile_constraints(PROBLEM, [IgnoredFeatures(5)])
