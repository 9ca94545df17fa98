"""Lower bounds on the least loss: below every loss, sharp where they should be, else refused."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tms
from numerics.series import expected_loss
from theory.bounding.entropy import count_chances, entropy_bound
from theory.bounding.layers import layers, subset_sizes
from theory.bounding.pairs import only_active, pair_claim
from theory.bounding.rank import rank_bound
from theory.bounds import best_claim, energy_to_bound, lower_bounds
from theory.certificates import PairPotential, RefusedCertificate, welch_certificate
from theory.problem import (
    Anticorrelated,
    AntipodalPairs,
    Binary,
    Correlated,
    Exponential,
    Identity,
    IgnoredFeatures,
    InputError,
    NoBias,
    NonPositiveBias,
    Normal,
    Power,
    Problem,
    Rademacher,
    ReLUPower,
    Uniform,
    UnitNorm,
)

BOUND = (UnitNorm(), NoBias())


def value(problem, name, constraints=(), certificates=()):
    """The value of one claim."""
    claims = {c.name: c for c in lower_bounds(problem, constraints, certificates)}
    return claims[name].value


def loss_of(problem, W, b):
    found = expected_loss(problem, W, b)
    return found.loss + found.error


densities = st.sampled_from(["0", "1/1000", "1/50", "1/10", "3/10", "1/2", "7/10", "9/10", "1"])


@st.composite
def weighted_problems(draw):
    n, m = draw(st.integers(1, 6)), draw(st.integers(1, 3))
    equal = draw(st.booleans())
    density = draw(densities) if equal else [draw(densities) for _ in range(n)]
    importance = [Fraction(draw(st.integers(0, 4)), 2) for _ in range(n)]
    if draw(st.booleans()):
        importance = [Fraction(1)] * n
    return Problem(n, m, density=density, importance=importance)


def weights_of(draw, problem, kind):
    """Random weights, or such as are known to be good."""
    n, m = problem.n_features, problem.n_hidden
    W = draw.normal(size=(m, n)) * np.exp(draw.normal(scale=0.5, size=n))
    b = 0.2 * draw.normal(size=n)
    if kind == "pairs":  # antipodal pairs along the axes, the rest ignored
        W, b = np.zeros((m, n)), np.zeros(n)
        for j in range(min(n, 2 * m)):
            W[j // 2, j] = (1 - 2 * (j % 2)) * (1 + 0.02 * draw.normal())
        b[2 * m :] = float(Fraction(problem.densities[0])) / 2
    elif kind == "polygon" and m >= 2:
        angles = 2 * np.pi * np.arange(n) / n
        W = np.zeros((m, n))
        W[:2] = draw.uniform(0.8, 1.4) * np.array([np.cos(angles), np.sin(angles)])
        b = np.full(n, -draw.uniform(0, 0.4))
    elif kind == "unit":
        W /= np.linalg.norm(W, axis=0)
        b = np.zeros(n)
    return W, b


@settings(max_examples=60, deadline=None)
@given(
    weighted_problems(),
    st.sampled_from(["random", "pairs", "polygon", "unit"]),
    st.integers(0, 2**32 - 1),
)
def test_no_weights_lose_less_than_a_bound_for_all(problem, kind, seed):
    draw = np.random.default_rng(seed)
    claims = lower_bounds(problem)
    for _ in range(3):
        loss = loss_of(problem, *weights_of(draw, problem, kind))
        for claim in claims:
            assert claim.value is None or float(claim) <= loss * (1 + 1e-12), claim.name


@settings(max_examples=40, deadline=None)
@given(weighted_problems(), st.integers(0, 2**32 - 1))
def test_no_unit_vectors_without_biases_lose_less_than_their_bounds(problem, seed):
    draw = np.random.default_rng(seed)
    found = tms.lower_bound(problem, BOUND, boxes=0)
    for kind in ("unit", "unit", "pairs", "polygon"):
        W, _ = weights_of(draw, problem, kind)
        norms = np.linalg.norm(W, axis=0)
        W = np.where(norms > 0, W / np.where(norms > 0, norms, 1), np.eye(len(W))[:, :1])
        loss = loss_of(problem, W, np.zeros(problem.n_features))
        for claim in found.claims:
            assert claim.value is None or float(claim) <= loss * (1 + 1e-12), claim.name


LAWS = [Binary(), Rademacher(), Normal(), Exponential(), Uniform(-1, 2), Uniform(0, 2)]


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(LAWS),
    st.sampled_from([Identity(), Power(3), Power(2), ReLUPower(2), None]),
    st.integers(2, 4),
    st.integers(1, 2),
    densities,
    st.booleans(),
    st.integers(0, 2**32 - 1),
)
def test_no_weights_of_any_law_lose_less(law, activation, n, m, density, is_bound, seed):
    problem = Problem(n, m, density=density, features=law, activation=activation)
    draw = np.random.default_rng(seed)
    W, b = draw.normal(size=(m, n)), 0.2 * draw.normal(size=n)
    if is_bound:
        W, b = W / np.linalg.norm(W, axis=0), np.zeros(n)
    loss = loss_of(problem, W, b)
    for claim in tms.lower_bound(problem, BOUND if is_bound else (), boxes=0).claims:
        assert claim.value is None or float(claim) <= loss * (1 + 1e-9) + 1e-12, claim.name


@pytest.mark.parametrize(("n", "m"), [(2, 1), (4, 2), (6, 3)])
def test_the_rank_bound_is_sharp_for_pairs_in_the_sparse_limit(n, m):
    p = Fraction(1, 10**8)
    pairs = m * p**2 / 3
    assert 0.999 < float(value(Problem(n, m, density=p), "rank") / pairs) <= 1


def test_the_rank_bound_at_a_share_by_hand():
    # n = 2, m = 1, p = 1/2: all of P_0, P_1, P_2 are 1/4 once (1 - p)^0 p is taken out
    for share in (Fraction(j, 16) for j in range(1, 16, 2)):
        one, two, idle = Fraction(1, 4), Fraction(1, 4), Fraction(1, 4)
        K = (1 - share) * one * two / ((1 - share) * one + two)
        q = share * one / (idle + share * one)
        norm = share * one * (Fraction(1, 3) - q / 4)
        pair = min(K / 6, norm)
        live = 2 * norm * pair / (norm + pair)
        expected = min(live, Fraction(7, 96) * one)
        bound, power = rank_bound(2, 1, Fraction(1, 2))
        assert power == 0
        assert bound >= expected


def test_dead_rows_are_counted_as_such():
    # one hidden dimension and many features: ignoring them is cheaper than rank demands
    bound, power = rank_bound(40, 1, Fraction(1, 50))
    chance = Fraction(1, 50) * (1 - Fraction(1, 50)) ** power * (1 - Fraction(1, 50))
    assert bound * Fraction(49, 50) ** power <= 40 * chance * Fraction(7, 96)


@pytest.mark.parametrize("p", [0, 1])
def test_certain_densities_have_no_rank_bound(p):
    assert rank_bound(3, 1, Fraction(p)) == (0, 0)


def test_the_entropy_bound_of_normal_features_is_sharp():
    # without a mask the linear decoder is best: n - m of the variance is lost
    problem = Problem(5, 2, density=1, features=Normal())
    assert value(problem, "entropy") == pytest.approx(3, abs=1e-12)


def test_the_entropy_bound_of_the_cube_by_hand():
    q = 6 / (math.pi * math.e)
    ball = entropy_bound(count_chances(Problem(3, 1, density=1), range(3)), 1, Uniform())
    assert float(ball) == pytest.approx(2 / 12 * q**1.5)


def test_counts_of_active_features_by_enumeration():
    problem = Problem(4, 1, density="1/3", groups=[Anticorrelated(0, 1), Correlated(2, 3)])
    third = Fraction(1, 3)
    both = [(1 - third) ** 2, third * (1 - third), third * (1 - third), third**2]
    assert [float(c) for c in count_chances(problem, {0, 2, 3})] == pytest.approx([
        float(both[0] + third * (1 - third) / 2),
        float(third / 2 * (1 - third)),
        float((1 - third) * third + third * third / 2),
        float(third * third / 2),
    ])


def test_counts_of_a_fixed_number_are_hypergeometric():
    problem = Problem(5, 1, n_active=2)
    assert [float(c) for c in count_chances(problem, {0, 1})] == pytest.approx([0.3, 0.6, 0.1])


def test_only_one_active_by_enumeration():
    problem = Problem(3, 1, density=["1/2", "1/3", "1/5"])
    expected = (
        Fraction(1, 2) * Fraction(2, 3) * Fraction(4, 5),
        Fraction(1, 2) * Fraction(1, 3) * Fraction(4, 5),
        Fraction(1, 2) * Fraction(2, 3) * Fraction(1, 5),
    )
    assert only_active(problem) == expected
    grouped = Problem(3, 1, density="1/2", groups=[Correlated(0, 1)])
    assert only_active(grouped) == (0, 0, Fraction(1, 4))


@given(weighted_problems())
def test_layers_add_up_to_no_more_than_the_importances(problem):
    kept = range(problem.n_features)
    total = sum(layer.weight * layer.count for layer in layers(problem, kept))
    assert total == sum(problem.importances)


def test_many_importances_are_rounded_down():
    importance = [Fraction(j, 100) for j in range(100)]
    problem = Problem(100, 2, density="1/2", importance=importance)
    found = layers(problem, range(100))
    assert len(found) == 8
    assert 0.8 * sum(importance) < sum(x.weight * x.count for x in found) <= sum(importance)


@given(st.integers(1, 500), st.integers(1, 40))
def test_subset_sizes_are_few_and_hold_the_whole(n, m):
    sizes = list(subset_sizes(n, m))
    assert sizes == sorted(set(sizes))
    assert len(sizes) <= 12
    assert all(m < k <= n for k in sizes)
    assert not sizes or sizes[-1] == n


@pytest.mark.parametrize(
    ("problem", "constraints"),
    [
        (Problem(5, 2, density=0), ()),
        (Problem(5, 2, density=0), (AntipodalPairs((0, 1)),)),
        (Problem(5, 2, density="1/2", importance=0), ()),
        (Problem(2, 2, density="1/2"), BOUND),
        (Problem(3, 2, density=["1/2", 0, "1/2"]), ()),
        (Problem(3, 2, density="1/2", importance=[1, 0, 1]), (NonPositiveBias(),)),
        (Problem(3, 2, density="1/2", importance=[1, 0, 1]), (IgnoredFeatures(1),)),
        (Problem(2, 3, density="1/2", features=Normal(), activation=Identity()), ()),
        (Problem(3, 1, n_active=0), ()),
    ],
)
def test_nothing_is_lost_where_that_is_known(problem, constraints):
    found = tms.lower_bound(problem, constraints)
    assert found.is_least
    assert found.value == 0


@pytest.mark.parametrize(
    ("problem", "constraints"),
    [
        (Problem(3, 2, density="1/2"), ()),
        (Problem(2, 2, density="1/2", features=Normal()), ()),
        (Problem(2, 2, density="1/2", activation=Power(3)), ()),
        (Problem(2, 2, density="1/2"), (AntipodalPairs((0, 1)),)),
        (Problem(2, 2, density="1/2"), (IgnoredFeatures(0),)),
        (Problem(3, 2, density="1/2", importance=[1, 0, 1]), (UnitNorm(),)),
    ],
)
def test_nothing_is_claimed_to_be_lost_where_something_is(problem, constraints):
    claims = {c.name: c for c in lower_bounds(problem, constraints)}
    assert claims["nothing is lost"].value is None
    assert claims["nothing is lost"].reason


def test_ignored_features_add_their_variance():
    problem = Problem(4, 2, density="1/2", importance=[1, 1, 2, 1])
    variance = Fraction(1, 6) - Fraction(1, 16)
    assert value(problem, "ignored features", IgnoredFeatures(2)) == 2 * variance
    assert value(problem, "ignored features", (IgnoredFeatures(2), NoBias())) == Fraction(1, 3)
    apart = value(Problem(3, 2, density="1/2"), "rank")
    assert value(problem, "rank", IgnoredFeatures(2)) == pytest.approx(2 * variance + apart)


def test_ignoring_all_but_m_attains_the_bound():
    problem = Problem(3, 2, density="1/2")
    W, b = np.array([[1.0, 0, 0], [0, 1.0, 0]]), np.array([0, 0, 0.25])
    bound = value(problem, "ignored features", IgnoredFeatures(2))
    assert loss_of(problem, W, b) == pytest.approx(float(bound))


def test_the_identity_is_bounded_by_its_principal_components():
    problem = Problem(4, 2, density=["1/2", "1/4", 1, "1/2"], activation=Identity())
    variances = sorted(Fraction(p) / 3 - Fraction(p) ** 2 / 4 for p in ("1/2", "1/4", 1, "1/2"))
    found = tms.lower_bound(problem)
    assert found.is_least
    assert found.value == sum(variances[:2])


def test_principal_components_are_no_lower_bound_for_relu():
    assert value(Problem(4, 2, density="1/2"), "principal components") is None


def test_the_pentagon_is_bounded_by_its_energy():
    problem = Problem(5, 2, density="1/10")
    energy = (15 - 5 * math.sqrt(5)) / 4
    alone = energy * 0.1 * 0.9**4 / 3
    found = tms.lower_bound(problem, BOUND, boxes=0)
    assert found.name == "one active, linear program"
    assert alone * (1 - 1e-6) < float(found) < alone * 1.02  # three and more active add a little


def test_welch_is_attained_by_a_design_when_one_feature_is_active():
    # 6 lines of an icosahedron, cubes of Rademacher features, exactly one active
    problem = Problem(6, 3, n_active=1, features=Rademacher(), activation=Power(2))
    phi = (1 + math.sqrt(5)) / 2
    W = np.array([(0, 1, phi), (0, 1, -phi), (1, phi, 0), (1, -phi, 0), (phi, 0, 1), (-phi, 0, 1)])
    W = W.T / math.sqrt(1 + phi**2)
    bound = value(problem, "one active, Welch of order 2", BOUND)
    assert loss_of(problem, W, np.zeros(6)) == pytest.approx(float(bound), rel=1e-12)


def test_one_dimension_is_attained_by_halves():
    problem = Problem(4, 1, n_active=1, features=Binary())
    bound = value(problem, "one active, one dimension", BOUND)
    W = np.array([[1.0, 1.0, -1.0, -1.0]])
    assert loss_of(problem, W, np.zeros(4)) == pytest.approx(float(bound), rel=1e-12)


def test_a_corrupted_certificate_is_refused_at_the_door():
    problem = Problem(5, 2, density="1/10", features=Rademacher(), activation=Power(2))
    right = welch_certificate(5, 2, 2)
    assert value(problem, "one active, linear program", BOUND, [right]) > 0
    wrong = type(right)(5, 2, right.potential, right.coefficients, right.bound + 1)
    with pytest.raises(RefusedCertificate, match="the coefficients give"):
        lower_bounds(problem, BOUND, [wrong])


def test_a_certificate_of_another_energy_does_not_apply():
    energy = energy_to_bound(Problem(5, 2, density="1/10"), BOUND)
    assert energy.potential == PairPotential(2, one_sided=True)
    with pytest.raises(InputError, match="is for t\\^4 in 3 dimensions"):
        pair_claim(energy, welch_certificate(5, 3, 2))


def test_masses_are_not_counted_as_equal():
    equal = tms.lower_bound(Problem(5, 2, density="1/10"), BOUND)
    weighted = tms.lower_bound(
        Problem(5, 2, density="1/10", importance=[1, 1, 1, 1, "1/100"]), BOUND
    )
    assert 0 < float(weighted) < float(equal)


def test_every_claim_that_does_not_apply_says_why():
    for claim in tms.lower_bound(Problem(5, 2, density="1/10")).claims:
        assert (claim.value is None) == bool(claim.reason)
        assert claim.kind in ("proved", "not applicable")
        assert claim.value is None or claim.source


def test_what_is_not_rational_leaves_zero():
    import sympy

    found = tms.lower_bound(Problem(5, 2, density=sympy.sqrt(2) / 2))
    assert found.value == 0
    assert not found.is_least


def test_the_float_is_rounded_down():
    found = tms.lower_bound(Problem(3, 1, density="1/10"))
    assert Fraction(float(found)) <= found.value


def test_tiny_and_huge_values_are_written():
    tiny = tms.lower_bound(Problem(4, 3, density=Fraction(1, 10**200)))
    assert "e-" in str(tiny)
    huge = tms.lower_bound(Problem(2, 1, density="1/2", importance=Fraction(10**400)))
    assert "e+" in str(huge)
    assert float(huge) > 1e300


def test_constraints_out_of_range_are_refused():
    with pytest.raises(InputError, match="names feature 7"):
        tms.lower_bound(Problem(5, 2, density="1/10"), IgnoredFeatures(7))


def test_the_best_claim_is_the_largest():
    claims = lower_bounds(Problem(5, 2, density="1/2"))
    assert best_claim(claims).value == max(c.value for c in claims if c.value is not None)
