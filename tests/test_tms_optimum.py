"""The answer of ``tms.optimize``: what it says of the weights is true of them."""

from __future__ import annotations

import json
import math
from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

import tms
import tms.lower_bounds
from theory.bounding.claims import LowerClaim
from theory.problem import Identity, InputError, Problem, Unsupported
from tms.inputs.constraints import constraint_from_text, constraint_text
from tms.lower_bounds import LowerBound
from tms.optima.matching import match_named
from tms.optima.named_starts import fitting_parts, named_starts
from tms.optima.optimum import optimize

PAIR = Problem(3, 2, sparsity="9/10")
PENTAGON = Problem(5, 2, sparsity="9/10")


@pytest.fixture(scope="module")
def pair():
    return optimize(PAIR, n_starts=4)


@pytest.fixture(scope="module")
def pentagon():
    return optimize(PENTAGON, n_starts=3)


def exact_gram(match):
    W = np.array(match.coordinates().evalf(20).tolist(), dtype=float)
    return W.T @ W


def test_the_front_door_is_the_one_with_bounds():
    assert tms.optimize is optimize


def test_the_pentagon_is_the_known_one(pentagon):
    assert pentagon.arrangement == "pentagon"
    assert float(pentagon.loss) == pytest.approx(0.0263051311239, abs=1e-13)
    assert np.linalg.norm(pentagon.W, axis=0) == pytest.approx([1.10045] * 5, abs=1e-5)
    assert pentagon.b == pytest.approx([-0.20993] * 5, abs=1e-5)


def test_the_loss_is_that_of_an_enclosure_at_the_weights(pair):
    enclosed = tms.expected_loss(PAIR, pair.W, pair.b, method="ball")
    assert abs(Fraction(pair.loss.value) - enclosed.value) <= enclosed.error + pair.loss.error


def test_exact_coordinates_are_those_found_in_the_order_of_the_problem(pentagon):
    match = pentagon.match
    assert match.name == "pentagon"
    assert np.abs(exact_gram(match) - pentagon.W.T @ pentagon.W).max() < 1e-9
    assert match.difference < 1e-15


def test_exact_coordinates_follow_importance():
    problem = Problem(3, 1, sparsity="9/10", importance=["1/10", 2, 1])
    found = optimize(problem, n_starts=4)
    assert found.match is None  # features of unequal importance have unequal norms
    W, b = np.array([[0.0, 1.1, -1.1]]), np.array([0.05, -0.1, -0.1])
    match = match_named(problem, W, b, tms.expected_loss(problem, W, b))
    assert np.abs(exact_gram(match) - W.T @ W).max() < 1e-12
    assert match.difference < 1e-15


@pytest.mark.parametrize("changed", [(0, 1e-5), (3, 1e-5)])
def test_weights_a_little_beside_a_named_arrangement_are_not_it(changed):
    problem = Problem(3, 1, sparsity="9/10")
    both = np.array([1.0, -1.0, 0.0, -0.1, -0.1, 0.05])
    loss = tms.expected_loss(problem, both[:3][None], both[3:])
    assert match_named(problem, both[:3][None], both[3:], loss) is not None
    both[changed[0]] += changed[1]
    assert match_named(problem, both[:3][None], both[3:], loss) is None


def test_the_gap_reaches_from_the_bound_to_the_loss(pair):
    most = Fraction(pair.loss.value) + Fraction(pair.loss.error)
    assert pair.lower_bound.value + Fraction(pair.gap) >= most
    assert pair.lower_bound.value + Fraction(pair.gap) * Fraction(999999, 10**6) < most


def test_best_found_where_no_bound_meets_it(pair):
    assert pair.verdict == "best found"
    assert "proved)" not in str(pair).split("\n\n")[1]


@pytest.mark.parametrize("problem", [Problem(2, 2, sparsity="1/2"), Problem(1, 1, sparsity=0)])
def test_proved_where_nothing_is_lost(problem):
    found = optimize(problem, n_starts=2)
    assert found.verdict == "proved"
    assert "proved: 2 of 2" in str(found)


def test_an_unverified_bound_proves_nothing(monkeypatch):
    def unverified(problem, constraints):
        claim = LowerClaim("zero", Fraction(0), kind="float, not verified")
        return LowerBound(problem, constraints, claim, (claim,))

    monkeypatch.setattr(tms.lower_bounds, "lower_bound", unverified)
    assert optimize(Problem(2, 2, sparsity="1/2"), n_starts=2).verdict == "best found"


def test_a_bound_above_the_loss_is_loud(monkeypatch):
    def wrong(problem, constraints):
        claim = LowerClaim("wrong", Fraction(1))
        return LowerBound(problem, constraints, claim, (claim,))

    monkeypatch.setattr(tms.lower_bounds, "lower_bound", wrong)
    with pytest.raises(ArithmeticError, match="below the lower bound"):
        optimize(Problem(2, 1, sparsity="9/10"), n_starts=1)


def test_the_text_answers_every_question(pentagon):
    text = str(pentagon)
    for word in (
        "arrangement    pentagon",
        "expected loss  0.02630513112393",
        "of 3 random starts, seed 0",
        "ball arithmetic",
        "D_i",
        "capacity 2.0000 of 2",
        "what else",
        "second order   least curvature 2.16",
        "lower bound    L >= ",
        "the optimum    between ",
    ):
        assert word in text
    assert "optimal" not in text.lower()
    assert "handed in" not in text


def test_bounds_in_the_text_are_rounded_outwards(pair):
    words = str(pair).split("between ")[1].split()
    assert float(words[0]) <= float(pair.lower_bound)
    assert float(words[2].rstrip(",")) >= float(pair.loss)


def test_the_record_is_json_and_complete(pentagon):
    record = json.loads(json.dumps(pentagon.record(), allow_nan=False))
    assert np.array(record["W"]).shape == (2, 5)
    assert record["verdict"] == "best found"
    assert record["loss"] == pytest.approx(0.0263051311239, abs=1e-13)
    assert sum(end["count"] for end in record["landscape"]) >= record["starts"]


def test_dimensionality_and_capacity_are_those_of_the_definition(pair):
    W = pair.W
    shares = []
    for i in range(3):
        unit = W[:, i] / math.hypot(*W[:, i])
        shares.append((W[:, i] @ W[:, i]) / sum((unit @ W[:, j]) ** 2 for j in range(3)))
    assert pair.representation.dimensionality == pytest.approx(shares, abs=1e-12)
    assert pair.representation.capacity == pytest.approx(sum(shares), abs=1e-12)


def test_the_canonical_form_has_the_same_loss(pair):
    form = pair.representation.canonical
    loss = tms.expected_loss(PAIR, form.W, form.b, method="series")
    assert float(loss) == pytest.approx(float(pair.loss), abs=1e-14)


def test_the_same_seed_gives_the_same_weights(pair):
    again = optimize(PAIR, n_starts=4)
    assert np.array_equal(again.W, pair.W)
    assert np.array_equal(again.b, pair.b)


def test_starts_are_counted_as_they_are_done():
    heard: list[int] = []
    optimize(PAIR, n_starts=3, callback=heard.append)
    assert heard == [1, 2, 3]


def test_no_time_is_no_answer():
    found = optimize(PENTAGON, n_starts=3, time_limit=1e-9)
    assert not found.is_answer
    assert found.verdict == "not settled"
    assert "time limit" in found.status
    assert "not settled" in str(found)
    assert "best found" not in str(found)
    json.dumps(found.record(), allow_nan=False)


def test_features_that_are_never_active_are_ignored():
    found = optimize(Problem(3, 1, density=["1/2", 0, 0]), n_starts=2)
    assert found.verdict == "proved"
    assert found.representation.ignored == (1, 2)


def test_nothing_to_represent_has_a_text():
    found = optimize(Problem(2, 1, density=0), n_starts=1)
    assert "arrangement    2 ignored" in str(found)
    json.dumps(found.record(), allow_nan=False)


@pytest.mark.parametrize(
    ("problem", "error", "words"),
    [
        (Problem(2, 1, density=1, activation=Identity()), Unsupported, "Identity"),
        (Problem(2, 1, density=sympy.Symbol("p")), InputError, "symbols"),
    ],
)
def test_refusals(problem, error, words):
    with pytest.raises(error, match=words):
        optimize(problem, n_starts=2)


@pytest.mark.parametrize("options", [{"n_starts": 0}, {"n_starts": "3"}, {"seed": -1}])
def test_numbers_out_of_range(options):
    with pytest.raises(InputError, match=next(iter(options))):
        optimize(PAIR, **options)


@given(st.integers(1, 9), st.integers(1, 4))
@settings(deadline=None, max_examples=40)
def test_parts_fit_and_leave_no_room(n, m):
    sizes = {"polygon": lambda k: 2, "simplex": lambda k: k - 1, "pair": lambda _: 1}
    sums = list(fitting_parts(n, m))
    assert len(set(map(frozenset, (map(str, enumerate(parts)) for parts in sums)))) == len(sums)
    for parts in sums:
        used = sum(count for _, count in parts)
        dimensions = sum(sizes.get(kind, lambda _: 1)(count) for kind, count in parts)
        assert used <= n
        assert dimensions <= m
        assert used == n or dimensions == m


@pytest.mark.parametrize(("n", "m"), [(5, 2), (6, 3), (4, 4)])
def test_every_number_of_ignored_features_has_a_start(n, m):
    ignored = {n - sum(count for _, count in parts) for parts in fitting_parts(n, m)}
    assert ignored == set(range(n - m + 1))


def test_named_starts_ignore_the_least_important_features():
    W, _ = named_starts(Problem(3, 1, sparsity="1/2", importance=["1/9", 1, 1]), 1)[0]
    assert not W[:, 0].any()


def test_named_starts_of_a_large_problem_are_left_out():
    assert named_starts(Problem(400, 30, sparsity="9/10"), 10) == []


@pytest.mark.parametrize(
    "text",
    [
        "unit-norm",
        "norm-budget:5/2",
        "no-bias",
        "shared-bias",
        "non-positive-bias",
        "max-coherence:1/2",
        "non-negative-weights",
        "ignored:3,4",
        "cyclic:0,2,1",
        "antipodal:0-1,3-2",
        "zero-gram:0-2,1-3",
    ],
)
def test_constraints_are_written_as_they_are_read(text):
    assert constraint_text(constraint_from_text(text)) == text


@pytest.mark.parametrize(
    "text",
    ["", "unit-norm:1", "norm-budget", "norm-budget:", "ignored:", "ignored:a", "cyclic:0",
     "antipodal:0,1", "zero-gram:0-0", "max-coherence:2", "ignored:__import__('os')"],
)  # fmt: skip
def test_other_texts_are_no_constraint(text):
    with pytest.raises(InputError):
        constraint_from_text(text)


# ---------------------------------------------------------------- constraints


def test_constraints_hold_and_are_named():
    found = optimize(Problem(5, 2, sparsity="9/10"), [tms.UnitNorm(), tms.NoBias()], n_starts=3)
    assert found.is_answer
    assert np.linalg.norm(found.W, axis=0) == pytest.approx([1.0] * 5, abs=1e-9)
    assert not found.b.any()
    assert float(found.loss) >= 0.0263051311239 - 1e-12
    assert found.lower_bound.name.startswith("one active")
    text = str(found)
    assert "constraints: unit-norm, no-bias" in text
    assert "residuals      feasibility" in text
    assert found.record()["constraints"] == ["unit-norm", "no-bias"]


def test_one_constraint_needs_no_list():
    assert optimize(PAIR, tms.NoBias(), n_starts=1).constraints == (tms.NoBias(),)


def test_ignored_features_stay_ignored():
    found = optimize(PAIR, tms.IgnoredFeatures(1), n_starts=2)
    assert 1 in found.representation.ignored
    assert found.lower_bound.value > 0


def test_contradictions_are_refused_by_name():
    constraints = [tms.UnitNorm(), tms.MaxCoherence("1/100")]
    with pytest.raises(InputError, match="UnitNorm"):
        optimize(Problem(5, 2, sparsity="9/10"), constraints, n_starts=1)
