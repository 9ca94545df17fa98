"""Branch and bound for two features: below every loss, near the least one, and re-verified."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

import tms
from numerics.series import expected_loss
from theory.bounding.two_features import least_row_loss
from theory.branch_and_bound import BoxCertificate, branch_and_bound, verify_boxes
from theory.certificates import RefusedCertificate
from theory.problem import InputError, Problem

# least losses by Newton's method from many starts, apart from this project
KNOWN = {
    ("1/100", 1): 3.332262e-5,
    ("1/10", 1): 3.31948399e-3,
    ("1/10", "1/2"): 2.484763e-3,
    ("3/10", 1): 2.931036e-2,
    ("3/10", "1/2"): 2.174237e-2,
    ("3/5", "1/2"): 0.055,
}

chances = st.sampled_from([Fraction(k, 10) for k in range(11)])
sizes = st.integers(-24, 24).map(lambda k: Fraction(k, 8))


def exact(value):
    return fmpq(value.numerator, value.denominator)


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from([Fraction(k, 8) for k in range(25)]),
    sizes,
    chances,
    chances,
    st.floats(-4, 4),
)
def test_no_bias_makes_a_row_better_than_its_least_loss(alpha, gamma, own, other, bias):
    # a row of two features is row 0 of an untied model in two dimensions
    problem = Problem(2, 2, density=[own, other], importance=[1, 0])
    decoder = np.array([[float(alpha), 0], [float(gamma), 0]])
    loss = expected_loss(problem, np.eye(2), np.array([bias, 0]), W_decoder=decoder)
    least = least_row_loss(exact(alpha), exact(gamma), exact(own), exact(other))
    assert float(Fraction(int(least.p), int(least.q))) <= loss.loss + loss.error + 1e-15


@pytest.mark.parametrize(
    ("alpha", "gamma"), [("1", "-1"), ("9/8", "-1/2"), ("1/2", "3/4"), ("1", "0")]
)
def test_the_least_loss_of_a_row_is_found_among_biases(alpha, gamma):
    alpha, gamma, p = Fraction(alpha), Fraction(gamma), Fraction(3, 10)
    problem = Problem(2, 2, density=p, importance=[1, 0])
    decoder = np.array([[float(alpha), 0], [float(gamma), 0]])
    biases = np.linspace(-1.5, 1.5, 1501)
    losses = [
        expected_loss(problem, np.eye(2), np.array([b, 0]), W_decoder=decoder).loss for b in biases
    ]
    least = least_row_loss(exact(alpha), exact(gamma), exact(p), exact(p))
    assert float(Fraction(int(least.p), int(least.q))) == pytest.approx(min(losses), abs=3e-6)


@pytest.mark.parametrize(("density", "importance"), KNOWN)
def test_the_bound_is_below_and_near_the_least_loss(density, importance):
    problem = Problem(2, 1, density=density, importance=[1, importance])
    certificate = branch_and_bound(problem, boxes=1200)
    assert 0.93 < float(certificate.bound) / KNOWN[density, importance] < 1


def test_more_boxes_never_prove_less():
    problem = Problem(2, 1, density="1/2")
    bounds = [branch_and_bound(problem, boxes=k).bound for k in (1, 10, 100, 400)]
    assert bounds == sorted(bounds)


@settings(max_examples=12, deadline=None)
@given(
    st.sampled_from([Fraction(k, 10) for k in range(1, 11)]),
    st.sampled_from([Fraction(k, 10) for k in range(1, 11)]),
    st.sampled_from([Fraction(1, 4), Fraction(1), Fraction(3)]),
    st.integers(0, 2**32 - 1),
)
def test_no_weights_lose_less_than_the_boxes_say(first, second, importance, seed):
    problem = Problem(2, 1, density=[first, second], importance=[1, importance])
    bound = float(branch_and_bound(problem, boxes=500).bound)
    draw = np.random.default_rng(seed)
    for _ in range(20):
        W, b = draw.normal(size=(1, 2)), 0.3 * draw.normal(size=2)
        found = expected_loss(problem, W, b)
        assert bound <= found.loss + found.error


@pytest.fixture(scope="module")
def right():
    return branch_and_bound(Problem(2, 1, density="1/2"), boxes=600)


def test_a_certificate_is_verified_again(right):
    assert verify_boxes(right) == right.bound > 0.01


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: {"bound": c.bound + Fraction(1, 10**12)}, "may lose less"),
        (lambda c: {"tree": c.tree[:-1]}, "ends before"),
        (lambda c: {"tree": c.tree + "0"}, "goes on"),
        (lambda c: {"tree": "0"}, "may lose less"),
        (lambda c: {"tree": ""}, "ends before"),
        (lambda c: {"reach": (Fraction(1), Fraction(1))}, "reach"),
        (lambda c: {"densities": (Fraction(1, 2), Fraction(1, 4))}, "may lose less"),
        (lambda c: {"importances": (Fraction(1), Fraction(1, 2))}, "may lose less|reach"),
    ],
)
def test_a_changed_certificate_is_refused(right, change, message):
    with pytest.raises(RefusedCertificate, match=message):
        verify_boxes(replace(right, **change(right)))


def test_one_box_removed_is_refused(right):
    # a parent whose halves are both kept becomes a leaf: its bound is lower
    place = right.tree.rindex("100")
    with pytest.raises(RefusedCertificate):
        verify_boxes(replace(right, tree=right.tree[:place] + "0" + right.tree[place + 3 :]))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tree": "2"}, "tree"),
        ({"densities": (Fraction(0), Fraction(1))}, "densities"),
        ({"importances": (Fraction(-1), Fraction(1))}, "importances"),
        ({"bound": 0.5}, "fractions"),
    ],
)
def test_what_is_no_certificate_is_refused(right, change, message):
    with pytest.raises(InputError, match=message):
        verify_boxes(replace(right, **change))


@pytest.mark.parametrize("boxes", [0, -1, 1.5, True, 10**9])
def test_numbers_of_boxes_out_of_range_are_refused(boxes):
    with pytest.raises(InputError, match="boxes="):
        branch_and_bound(Problem(2, 1, density="1/2"), boxes=boxes)


def test_other_problems_are_refused():
    for problem in (Problem(3, 1, density="1/2"), Problem(2, 2, density="1/2")):
        with pytest.raises(InputError, match="is for two"):
            branch_and_bound(problem)
    with pytest.raises(InputError, match="nothing need be lost"):
        branch_and_bound(Problem(2, 1, density=["1/2", 0]))


def test_pairs_of_features_bound_three():
    problem = Problem(3, 1, density="9/10", importance=2)
    found = tms.lower_bound(problem, boxes=400)
    pair = branch_and_bound(Problem(2, 1, density="9/10"), boxes=400)
    assert found.name == "branch and bound"
    assert found.value == 3 * pair.bound


def test_boxes_are_left_out_when_asked():
    found = tms.lower_bound(Problem(2, 1, density="1/2"), boxes=0)
    assert found.name != "branch and bound"
    assert isinstance(branch_and_bound(Problem(2, 1, density="1/2"), boxes=1), BoxCertificate)
