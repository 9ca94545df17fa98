"""The front door: which route is taken, what is refused, and whether the routes agree."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

import tms.oracle
from theory.arrangements import regular_polygon
from theory.problem import Identity, InputError, Problem, Unsupported
from tms.crosscheck import CrossCheck, Gap, Refusal, cross_check
from tms.estimate import Estimate
from tms.oracle import expected_loss, loss_and_gradient

PAIR = Problem(2, 1, sparsity="9/10")
PAIR_WEIGHTS = ([[1, "-3/5"]], ["-1/10", "1/20"])
PAIR_LOSS = Fraction(1477717, 90000000)  # by hand, from the integrals over one and two features
PENTAGON_LOSS = 0.0404235950411  # unit pentagon, b = 0, p = 0.1
DIGITS_OF_PENTAGON = 5e-14


@pytest.mark.parametrize(
    ("method", "tier"),
    [
        ("auto", "exact"),
        ("exact", "exact"),
        ("ball", "enclosed"),
        ("series", "float"),
        ("sampling", "sampled"),
    ],
)
def test_every_route_finds_the_loss_of_the_pair(method, tier):
    found = expected_loss(PAIR, *PAIR_WEIGHTS, method=method)
    errors = 5 if tier == "sampled" else 1
    assert found.tier == tier
    assert abs(Fraction(found.value) - PAIR_LOSS) <= errors * Fraction(found.error)


@pytest.mark.parametrize("method", ["exact", "ball", "series"])
def test_every_route_takes_an_arrangement_with_irrational_coordinates(method):
    pentagon = regular_polygon(5)
    found = expected_loss(pentagon.problem(density="1/10"), pentagon, method=method)
    assert abs(float(found) - PENTAGON_LOSS) <= found.error + DIGITS_OF_PENTAGON


@pytest.mark.parametrize(
    ("options", "method"),
    [({"digits": 20}, "ball"), ({"tolerance": 1e-9}, "series"), ({}, "exact")],
)
def test_an_option_says_which_route_is_meant(options, method):
    assert expected_loss(PAIR, *PAIR_WEIGHTS, **options).method == method


@pytest.mark.parametrize("n", [14, 15])
def test_the_route_changes_with_the_number_of_features(n):
    rng = np.random.default_rng(0)
    found = expected_loss(Problem(n, 2, sparsity="9/10"), rng.integers(-1, 2, (2, n)))
    assert found.method == ("exact" if n == 14 else "series")


def test_symbols_leave_the_exact_route_alone():
    p = sympy.Symbol("p")
    found = expected_loss(Problem(1, 1, density=p), [[1]])
    assert found.tier == "exact"
    assert found.value == 0


def test_the_polynomial_is_reachable():
    found = expected_loss(PAIR, *PAIR_WEIGHTS)
    assert found.expected_loss.polynomial.degree() <= 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "best"}, "method='best': must be one of auto, exact, ball, series, sampling"),
        ({"method": "exact", "digits": 5}, "digits=5: only method='ball' takes it, not 'exact'"),
        ({"method": "ball", "tolerance": 1e-3}, "tolerance=0.001: only method='series'"),
        ({"n_samples": 10}, "n_samples=10: only method='sampling' takes it, not 'auto'"),
        ({"method": "series", "seed": 1}, "seed=1: only method='sampling'"),
        ({"digits": 5, "tolerance": 1e-3}, "tolerance=0.001: only method='series'"),
    ],
)
def test_an_option_that_would_not_be_used_is_refused(options, message):
    with pytest.raises(InputError, match=message):
        expected_loss(PAIR, *PAIR_WEIGHTS, **options)


@pytest.mark.parametrize("method", ["series", "sampling"])
def test_a_symbolic_density_is_refused_in_floating_point(method):
    with pytest.raises(Unsupported, match="density=p"):
        expected_loss(Problem(1, 1, density=sympy.Symbol("p")), [[1.0]], method=method)


def test_wrong_weights_are_refused_by_every_entrance():
    for entrance in (expected_loss, loss_and_gradient, cross_check):
        with pytest.raises(InputError, match="this is its transpose"):
            entrance(PAIR, [[1], [2]])


def test_the_gradient_is_the_derivative_of_the_loss():
    problem, step = Problem(3, 2, sparsity="4/5"), 1e-5
    rng = np.random.default_rng(1)
    W, b = rng.normal(size=(2, 3)), 0.1 * rng.normal(size=3)
    result = loss_and_gradient(problem, W, b)
    assert float(result.loss) == pytest.approx(float(expected_loss(problem, W, b)), abs=1e-13)
    for k in range(3):
        shift = step * np.eye(3)[k]
        rise = (
            expected_loss(problem, W, b + shift).value - expected_loss(problem, W, b - shift).value
        )
        assert result.b[k] == pytest.approx(float(rise) / (2 * step), abs=1e-7)


weights = st.sampled_from([0.0, 1.0, -1.0, 0.5, 1e-12, 1e3, 0.1, -0.7])


@settings(max_examples=40, deadline=None)
@given(st.data(), st.integers(1, 5), st.integers(1, 3))
def test_the_routes_agree_over_the_whole_domain(data, n, m):
    chances = st.sampled_from([0, 1, 0.5, 0.1, 1e-3, Fraction(1, 3)])
    density = data.draw(st.one_of(chances, st.lists(chances, min_size=n, max_size=n)))
    activation = data.draw(st.sampled_from([None, Identity()]))
    problem = Problem(n, m, density=density, activation=activation)
    W = np.array(data.draw(st.lists(weights, min_size=n * m, max_size=n * m))).reshape(m, n)
    b = np.array(data.draw(st.lists(weights, min_size=n, max_size=n)))
    check = cross_check(problem, W, b, n_samples=20_000)
    assert check.agrees, str(check)


@pytest.mark.parametrize("route", ["_by_theory", "_by_series", "_by_sampling"])
def test_a_route_that_is_wrong_is_named(monkeypatch, route):
    honest = getattr(tms.oracle, route)

    def wrong(problem, *arguments):
        found = honest(problem, *arguments)
        return Estimate(found.value * 11 / 10, found.error, found.method, found.tier)

    monkeypatch.setattr(tms.oracle, route, wrong)
    check = cross_check(PAIR, *PAIR_WEIGHTS)
    assert not check.agrees
    assert "DISAGREEMENT" in check.verdict
    assert "TOO FAR" in str(check)


def test_a_sample_without_the_events_that_matter_is_no_evidence():
    check = cross_check(Problem(2, 1, density=1e-6), [[1.0, -1.0]])
    assert [refused.method for refused in check.refusals] == ["sampling"]
    assert "too few for the standard error to mean much" in check.refusals[0].reason


def test_many_features_are_left_to_the_floating_point_routes():
    check = cross_check(Problem(30, 2, sparsity="9/10"), np.ones((2, 30)), n_samples=20_000)
    assert [refused.method for refused in check.refusals] == ["exact", "ball"]
    assert check.agrees
    assert "1 independent pair (2 of 4 routes answered)" in check.verdict


@pytest.mark.parametrize("options", [{"digits": 0}, {"n_samples": 1}, {"tolerance": -1.0}])
def test_an_option_out_of_range_is_no_refusal_of_a_route(options):
    name, value = next(iter(options.items()))
    with pytest.raises(InputError, match=f"{name}={value}"):
        cross_check(PAIR, *PAIR_WEIGHTS, **options)
    method = {"digits": "ball", "n_samples": "sampling", "tolerance": "series"}[name]
    with pytest.raises(InputError, match=f"{name}={value}"):
        expected_loss(PAIR, *PAIR_WEIGHTS, method=method, **options)


def test_symbols_leave_nothing_to_compare():
    check = cross_check(Problem(1, 1, density=1), [[sympy.Symbol("w")]])
    assert not check.agrees
    assert "nothing to compare" in check.verdict
    assert "exact" in str(check)


def test_two_routes_of_one_mechanism_are_no_agreement():
    gap = Gap("exact", "ball", Fraction(0), Fraction(0))
    check = CrossCheck((), (gap,), (Refusal("series", "not asked"),))
    assert gap.within
    assert not check.agrees
    assert "no two independent routes" in check.verdict


def test_a_sample_blind_to_a_rare_feature_is_refused_not_called_a_disagreement():
    problem = tms.Problem(3, 1, density=[1, 1, 1e-8], importance=[0, 0, 1])
    check = tms.cross_check(problem, [[0, 0, 0]], n_samples=20_000)
    assert check.agrees
    assert [refused.method for refused in check.refusals] == ["sampling"]
    assert "feature 2" in check.refusals[0].reason


# ---------------------------------------------------------------- untied decoders

DECODER = [["1/2", "-1/4"]]


def test_an_untied_decoder_equal_to_W_is_the_tied_model():
    tied = expected_loss(PAIR, *PAIR_WEIGHTS)
    untied = expected_loss(PAIR, *PAIR_WEIGHTS, W_decoder=PAIR_WEIGHTS[0])
    assert untied.value == tied.value
    assert cross_check(PAIR, *PAIR_WEIGHTS, W_decoder=DECODER, n_samples=20_000).agrees


def test_a_decoder_of_another_shape_is_refused():
    for entrance in (expected_loss, loss_and_gradient, cross_check):
        with pytest.raises(InputError, match=r"W_decoder.shape=\(2, 1\).*pass W_decoder.T"):
            entrance(PAIR, PAIR_WEIGHTS[0], W_decoder=[[1], [2]])


def test_the_gradient_has_one_part_for_each_matrix():
    untied = loss_and_gradient(PAIR, *PAIR_WEIGHTS, W_decoder=PAIR_WEIGHTS[0])
    tied = loss_and_gradient(PAIR, *PAIR_WEIGHTS)
    assert tied.W_decoder is None
    assert untied.W + untied.W_decoder == pytest.approx(tied.W, abs=1e-14)


def test_rounding_of_the_sample_itself_is_allowed_for():
    # x - x_hat is 1e-12 in every sample: what is left of it is rounding
    check = cross_check(Problem(1, 1, density=1), [[1.0]], [1e-12], n_samples=20_000)
    assert check.agrees, str(check)


# ---------------------------------------------------------------- which route auto takes


@pytest.mark.parametrize(
    ("problem", "method"),
    [
        (Problem(3, 2, density="1/2"), "exact"),
        (Problem(3, 2, density="1/2", features=tms.Rademacher()), "exact"),
        (Problem(3, 2, density="1/2", features=tms.Normal()), "exact"),
        (Problem(5, 2, density="1/2", features=tms.Normal()), "series"),
        (Problem(3, 2, density="1/2", features=tms.HalfNormal()), "series"),
        (Problem(3, 2, density="1/2", features=tms.Normal(), activation=tms.Power(3)), "exact"),
        (Problem(12, 2, density="1/2", features=tms.Uniform(-1, 1)), "series"),
        (Problem(12, 2, density="1/2", features=tms.Uniform(0, 1)), "exact"),
        (Problem(30, 2, density="1/2", activation=tms.Power(3)), "exact"),
    ],
)
def test_auto_is_exact_where_that_is_quick(problem, method):
    draw = np.random.default_rng(1)
    W = draw.integers(-4, 5, (problem.n_hidden, problem.n_features)) / 4
    assert expected_loss(problem, W).method == method


def test_digits_ask_for_the_ball_where_nothing_is_exact():
    problem = Problem(2, 1, density="1/2", features=tms.Normal())
    found = expected_loss(problem, [[1, "-3/5"]], digits=20)
    assert found.tier == "enclosed"
    assert found.error <= found.value / 10**20
