"""Upper bounds above every gain, lower bounds that are gains, the two close where it is sparse."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import pytest
import sympy
from hypothesis import example, given, settings
from hypothesis import strategies as st
from test_theory_gain import SYMMETRIC, densities, gram, model, moments, weights

from theory.losses.weights import Weights
from theory.power_model.bounds import (
    best_lower,
    best_upper,
    lower_bounds,
    order_statements,
    upper_bounds,
)
from theory.power_model.designs import (
    barnes_wall_vectors,
    e8_lines,
    polygon_lines,
    projective_design,
)
from theory.power_model.first_order import first_order_supremum
from theory.power_model.gain import gain
from theory.power_model.leverage import cumulant_bound, two_leverage_bound
from theory.power_model.lower import near_root, projected_sums
from theory.power_model.noise import leverage_bound
from theory.power_model.power_sums import power_sums
from theory.problem import Normal, Power, Problem, Rademacher, ReLU, Uniform, Unsupported

LAWS = [Rademacher(), Normal(), Uniform(-1, 1)]
GRID = [
    Fraction(1, 10**6),
    Fraction(1, 10**4),
    Fraction(1, 100),
    Fraction(1, 20),
    Fraction(1, 4),
    Fraction(3, 4),
    Fraction(1),
]


def cubic(m: int, n: int, law: object, p: object, q: int = 3) -> Problem:
    return Problem(n, m, density=p, features=law, activation=Power(q))  # type: ignore[arg-type]


@given(weights(max_n=6), densities, st.sampled_from(SYMMETRIC), st.sampled_from([1, 3, 5, 7]))
@example([[Fraction(1)]], Fraction(1), Rademacher(), 3)
@example([[Fraction(1), Fraction(1)]], Fraction(1, 2), Normal(), 3)
@settings(max_examples=150, deadline=None)
def test_no_weights_gain_more_than_an_upper_bound(
    W: list[list[Fraction]], p: Fraction, law: object, q: int
) -> None:
    problem = model(W, law, q, p)
    best = gain(problem, W).at_best_scale
    for bound in upper_bounds(problem):
        assert bound.value is not None
        assert best <= bound.value, bound.name


@pytest.mark.parametrize("law", LAWS, ids=str)
@pytest.mark.parametrize("q", [3, 5])
@pytest.mark.parametrize(("m", "n"), [(2, 1), (2, 3), (2, 12), (3, 31), (4, 24), (4, 60), (7, 30)])
def test_lower_bounds_are_gains_of_their_weights(m: int, n: int, q: int, law: object) -> None:
    for p in (Fraction(0), Fraction(1, 10**6), Fraction(1, 10), Fraction(1)):
        problem = cubic(m, n, law, p, q)
        for bound in lower_bounds(problem):
            assert bound.is_exact
            assert gain(problem, bound.weights).value == bound.value, bound.name


@pytest.mark.parametrize("law", LAWS, ids=str)
@pytest.mark.parametrize("m", [2, 3, 4])
def test_lower_bounds_stay_below_upper_bounds(m: int, law: object) -> None:
    for q in (1, 3, 5):
        for n in (1, m, m + 1, 24, 200):
            for p in [Fraction(0), *GRID]:
                problem = cubic(m, n, law, p, q)
                assert Fraction(0) <= best_lower(problem).value <= best_upper(problem).value


@pytest.mark.parametrize("law", LAWS, ids=str)
@pytest.mark.parametrize(
    ("m", "n", "q"),
    [(2, 4, 3), (2, 6, 5), (3, 11, 3), (3, 31, 5), (4, 24, 3), (4, 60, 5), (8, 120, 3)],
)
def test_very_sparse_the_bounds_meet_in_the_sharp_value(
    m: int, n: int, q: int, law: object
) -> None:
    problem = cubic(m, n, law, "1e-9", q)
    low, high = best_lower(problem).value, best_upper(problem).value
    mu = moments(law) | ({10: Fraction(945 if law == Normal() else 1), 6: moments(law)[6]})
    if isinstance(law, Uniform):
        mu[10] = Fraction(1, 11)
    sharp = first_order_supremum(m, q) * mu[q + 1] ** 2 / mu[2 * q] / 10**9
    assert low <= high
    assert abs(low / sharp - 1) < Fraction(1, 10**4)
    assert abs(high / sharp - 1) < Fraction(1, 10**4)


@pytest.mark.parametrize("m", [10, 15])
def test_bounds_of_six_thousand_features_meet_in_the_very_sparse_limit(m: int) -> None:
    ratios = []
    for p in ("1e-8", "1e-6", "1e-4", "1e-2", "1"):
        problem = cubic(m, 6000, Rademacher(), p)
        low, high = best_lower(problem).value, best_upper(problem).value
        ratios.append(low / high)
    assert ratios[0] > Fraction(999, 1000)
    assert min(ratios) > 0


def test_weights_of_six_thousand_features_fill_their_shape() -> None:
    bound = best_lower(cubic(10, 6000, Rademacher(), "1e-8"))
    assert bound.columns is not None
    assert bound.weights is not None
    assert len(bound.columns) == 2130  # 30 of the 2160 vectors have no coordinate of the first ten
    assert [len(row) for row in bound.weights] == [6000] * 10
    assert not any(any(row[2130:]) for row in bound.weights)


@given(weights(max_n=8, max_m=4), st.sampled_from([1, 2, 3, 4]))
@settings(max_examples=100, deadline=None)
def test_leverages_of_every_order_sum_to_at_most_the_sharp_constant(
    W: list[list[Fraction]], k: int
) -> None:
    total = Fraction(0)
    for i, row in enumerate(gram(W)):
        if row[i]:
            total += row[i] ** (2 * k) / sum(a ** (2 * k) for a in row)
    assert total <= first_order_supremum(len(W), k)


@given(st.integers(1, 9), st.integers(1, 40), st.sampled_from(SYMMETRIC), densities)
@settings(max_examples=40, deadline=None)
def test_the_bound_by_cumulants_is_its_displayed_form(
    m: int, n: int, law: object, p: Fraction
) -> None:
    mu, r = moments(law), min(m, n)
    k2, k4 = p * mu[2], p * mu[4] - 3 * (p * mu[2]) ** 2
    k6 = p * mu[6] - 15 * p**2 * mu[4] * mu[2] + 30 * (p * mu[2]) ** 3
    found = cumulant_bound(cubic(m, n, law, p))
    if k4 < 0 or k6 <= 0:
        assert found is None
        return
    third = Fraction(r * (r + 2) * (r + 4), 15)
    assert found == k4**2 / k6 * min(n, third) + Fraction(3, 5) * k2 * r


@given(st.integers(1, 9), st.integers(1, 40), st.sampled_from(LAWS), densities)
@settings(max_examples=40, deadline=None)
def test_one_active_feature_gains_by_f_and_more_by_their_dimension(
    m: int, n: int, law: object, p: Fraction
) -> None:
    mu, r = moments(law), min(m, n)
    alone = (1 - p) ** (n - 1)
    sharp, tensor = Fraction(r * (r + 2) * (r + 4), 15), r * (r + 1) * (r + 2) // 6
    expected = p * alone * mu[4] ** 2 / mu[6] * min(n, sharp)
    expected += p * (1 - alone) * mu[2] * min(n, tensor)
    (found,) = [b for b in upper_bounds(cubic(m, n, law, p)) if b.name == "one active"]
    assert found.is_exact
    assert found.value == expected


def test_a_rounded_bound_lies_just_above_its_formula() -> None:
    p, n = Fraction(1, 3 * 10**5), 6000
    (found,) = [b for b in upper_bounds(cubic(10, n, Normal(), p)) if b.name == "one active"]
    alone = (1 - p) ** (n - 1)
    formula = p * (alone * Fraction(3, 5) * 112 + (1 - alone) * 220)
    assert not found.is_exact
    assert formula < found.value < formula * (1 + Fraction(1, 2**60))


def leverage_by_search(m: int, n: int, law: object, p: float) -> float:
    """The same program in floats: the least line above the sampled curve, for ``q = 3``."""
    mu = {k: float(v) for k, v in moments(law).items()}
    kurtosis = mu[4] / (p * mu[2] ** 2)
    low2, low3 = min(3.0, kurtosis), min(3.0, kurtosis) ** 2
    k4 = p * mu[4] - 3 * (p * mu[2]) ** 2
    k6 = p * mu[6] - 15 * p * mu[4] * p * mu[2] + 30 * (p * mu[2]) ** 3
    if isinstance(law, Normal) or (k4 >= 0 and k6 > 0):
        low2, low3 = 3.0, 15.0
    curve = []
    for step in range(4000):
        v = 10 ** (-12 + step * 16 / 4000) if step else 0.0
        over = p * (3 * mu[2] * v + mu[4])
        under = low3 * v**3 + p * (15 * mu[2] * low2 * v**2 + 15 * mu[4] * v + mu[6])
        curve.append((p * mu[2] / (p * mu[2] + v), over**2 / under))
    r = min(m, n)
    lines = [max(g / share for share, g in curve) * 0.01 * k for k in range(101)]
    return min(n * max(0.0, max(g - nu * share for share, g in curve)) + nu * r for nu in lines)


@pytest.mark.parametrize("law", LAWS, ids=str)
@pytest.mark.parametrize("p", ["1e-5", "1/100", "1/5", "1"])
@pytest.mark.parametrize(("m", "n"), [(2, 40), (5, 6), (10, 6000)])
def test_the_leverage_bound_is_found_by_search_too(m: int, n: int, law: object, p: str) -> None:
    found = float(leverage_bound(cubic(m, n, law, p)))
    searched = leverage_by_search(m, n, law, float(Fraction(p)))
    assert found == pytest.approx(searched, rel=0.03)


@given(
    st.integers(1, 12),
    st.integers(1, 60),
    st.sampled_from(SYMMETRIC),
    densities,
    st.sampled_from([3, 5, 7]),
)
@settings(max_examples=60, deadline=None)
def test_the_explicit_power_law_lies_above_the_leverage_bound(
    m: int, n: int, law: object, p: Fraction, q: int
) -> None:
    if p == 0:
        return
    problem = cubic(m, n, law, p, q)
    values = {bound.name: bound.value for bound in upper_bounds(problem)}
    assert values["leverage"] <= values["explicit power law"]


def test_the_explicit_power_law_is_its_formula() -> None:
    p = 0.001
    (found,) = [
        b
        for b in upper_bounds(cubic(4, 99, Uniform(-1, 1), "1/1000"))
        if b.name == "explicit power law"
    ]
    formula = 2 * 6**2 * 4 * (((1 / 5) ** 2 / ((1 / 7) ** (2 / 3) / 3)) * p ** (1 / 3) + p / 3)
    assert float(found.value) == pytest.approx(formula, rel=1e-13)


@pytest.mark.parametrize("p", ["1e-7", "1e-5", "1e-3", "1/100"])
@pytest.mark.parametrize("q", [3, 5])
def test_two_leverages_bound_no_worse_than_cumulants(p: str, q: int) -> None:
    problem = cubic(10, 6000, Normal(), p, q)
    mixed, closed = two_leverage_bound(problem), cumulant_bound(problem)
    assert mixed is not None
    assert closed is not None
    assert mixed <= closed


def test_a_bound_of_fewer_dimensions_would_be_noticed() -> None:
    """Eleven lines in three dimensions gain more than two dimensions allow."""
    found = best_lower(cubic(3, 11, Rademacher(), "1e-6"))
    assert found.value > best_upper(cubic(2, 11, Rademacher(), "1e-6")).value


@pytest.mark.parametrize("law", LAWS, ids=str)
def test_a_linear_model_has_no_gap(law: object) -> None:
    for m, n in ((2, 9), (5, 3)):
        problem = cubic(m, n, law, "1/7", 1)
        expected = Fraction(1, 7) * moments(law)[2] * min(m, n)
        assert best_lower(problem).value == best_upper(problem).value == expected


@pytest.mark.parametrize(("q", "each"), [(3, Fraction(9, 15)), (5, Fraction(15**2, 945))])
def test_dense_normal_features_have_no_gap(q: int, each: Fraction) -> None:
    problem = cubic(3, 40, Normal(), 1, q)
    low, high = best_lower(problem).value, best_upper(problem).value
    assert abs(high - 3 * each) < Fraction(1, 10**20)
    assert abs(low - 3 * each) < Fraction(1, 10**10)


@pytest.mark.parametrize("law", LAWS, ids=str)
@pytest.mark.parametrize("p", [0.001, 0.02, 0.3])
def test_the_fifth_power_has_its_least_noise(law: object, p: float) -> None:
    """The bound with ``M_j = rho^{j-1} v^j`` for the least ``rho``, sampled over ``v``."""
    mu = {2 * k: 1.0 for k in range(1, 6)}
    factors = [1.0] * 6
    if isinstance(law, Normal):
        mu = factors_of_normal = {
            2 * k: float(math.prod(range(2 * k - 1, 0, -2))) for k in range(1, 6)
        }
        factors = [1.0, *factors_of_normal.values()]
    if isinstance(law, Uniform):
        mu = {2 * k: 1 / (2 * k + 1) for k in range(1, 6)}
    rho = 1.0 if isinstance(law, Normal) else min(3.0, mu[4] / (p * mu[2] ** 2))
    best = 0.0
    for step in range(6000):
        v = 10 ** (-6 + step * 14 / 6000)
        noise = [1.0, *(f * rho ** (j - 1) * v**j for j, f in enumerate(factors) if j)]
        over = p * (5 * mu[2] * noise[2] + 10 * mu[4] * noise[1] + mu[6])
        under = noise[5] + p * sum(
            math.comb(10, 2 * k) * mu[2 * k] * noise[5 - k] for k in range(1, 6)
        )
        best = max(best, (1 + v / (p * mu[2])) * over**2 / under)
    found = float(leverage_bound(cubic(2, 10**6, law, Fraction(p), 5)))
    assert found == pytest.approx(2 * best, rel=1e-3)


def test_normal_features_gain_at_most_a_dimension_each() -> None:
    problem = cubic(3, 1000, Normal(), "1/10")
    names = {bound.name: bound.value for bound in upper_bounds(problem)}
    assert names["masked normal"] == 3
    assert "masked normal" not in {b.name for b in upper_bounds(cubic(3, 9, Rademacher(), "1/2"))}


def test_what_is_never_active_gains_nothing() -> None:
    problem = cubic(3, 7, Normal(), 0)
    assert {bound.value for bound in upper_bounds(problem)} == {0}
    assert {bound.value for bound in lower_bounds(problem)} == {0}


def test_statements_of_order_hold_no_number() -> None:
    claims = order_statements(cubic(10, 6000, Rademacher(), "1e-3"))
    orders = [claim for claim in claims if claim.kind == "order"]
    (limit,) = [claim for claim in claims if claim.kind == "limit"]
    assert len(orders) == 3
    assert all(claim.value is None and claim.assumptions for claim in orders)
    assert limit.value == 112
    assert all(r"\sup_W" in claim.statement and claim.source for claim in claims)


def test_every_bound_says_what_it_is() -> None:
    problem = cubic(10, 6000, Normal(), "1e-3")
    uppers, lowers = upper_bounds(problem), lower_bounds(problem)
    assert {b.kind for b in uppers} == {"upper"}
    assert {b.kind for b in lowers} == {"lower"}
    assert len({b.name for b in uppers}) == len(uppers)
    assert len({b.name for b in lowers}) == len(lowers)
    assert all(b.statement and b.source and b.shape == (10, 6000) for b in uppers + lowers)
    assert all(b.weights is None for b in uppers)


@pytest.mark.parametrize("m", [3, 5, 8])
def test_norms_alone_give_the_sums_of_a_projected_lattice(m: int) -> None:
    lines = e8_lines(8)
    vectors = [tuple(int(x) for x in v[:m]) for v in lines.directions]
    columns = [tuple(Fraction(x) for x in v) for v in vectors]
    whole = power_sums(
        Weights(tuple(zip(*columns, strict=True)), None, (Fraction(0),) * len(columns)), 3
    )
    found = projected_sums(vectors, 120, 8, 8)
    assert found.energy == whole.energy
    assert found.target == whole.target


@pytest.mark.thorough
def test_the_lattice_in_ten_dimensions_gains_what_is_said() -> None:
    problem = cubic(10, 2160, Normal(), "1e-4")
    (bound,) = [b for b in lower_bounds(problem) if "Barnes" in b.name]
    assert gain(problem, bound.weights).value == bound.value


def test_lattice_vectors_have_one_norm_and_no_opposites() -> None:
    vectors = barnes_wall_vectors()
    assert {sum(x * x for x in v) for v in vectors} == {8}
    assert len(vectors) == len({*vectors, *(tuple(-x for x in v) for v in vectors)}) / 2 == 2160


@given(
    st.fractions(min_value=Fraction(1, 10**12), max_value=10**12),
    st.integers(1, 12),
)
def test_a_near_root_is_near_and_below(value: Fraction, degree: int) -> None:
    root = near_root(value, degree)
    assert root**degree <= value
    assert (root * (1 + Fraction(1, 2**45))) ** degree > value
    assert near_root(value**degree, degree) == value


def test_a_construction_uses_every_dimension() -> None:
    problem = cubic(5, 100, Rademacher(), "1e-7")
    names = [bound.name for bound in lower_bounds(problem)]
    assert "41 lines of E8 in 5 dimensions" in names
    assert "2 x 4 lines of an octagon + dedicated" in names
    assert best_lower(problem).name == "41 lines of E8 in 5 dimensions"


def test_designs_of_the_plane_are_as_small_as_they_can_be() -> None:
    assert projective_design(2, 3).first_order(3) == Fraction(16, 5)
    assert not polygon_lines(3).is_design(3)


def test_other_problems_and_densities_are_refused() -> None:
    root = sympy.sqrt(2) / 2
    for function in (upper_bounds, lower_bounds, best_upper, best_lower):
        with pytest.raises(Unsupported, match="density="):
            function(cubic(2, 3, Normal(), root))
        with pytest.raises(Unsupported, match="activation="):
            function(cubic(2, 3, Normal(), "1/2").replace(activation=ReLU()))
    with pytest.raises(Unsupported, match="activation="):
        order_statements(cubic(2, 3, Normal(), "1/2").replace(activation=Power(2)))


def test_log_of_the_best_bounds_falls_with_the_density() -> None:
    """Both bounds are increasing in the density over the sparse range of the third figure."""
    for side in (best_upper, best_lower):
        values = [
            side(cubic(10, 6000, Rademacher(), Fraction(10) ** -k)).value for k in range(8, 1, -1)
        ]
        assert all(math.log(b / a) > 0 for a, b in itertools.pairwise(values))
