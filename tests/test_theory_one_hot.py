"""Chen et al.'s H(W, b) against the integral that it stands for, done here piece by piece."""

import itertools
from fractions import Fraction as F

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import sqrt

from theory.arrangements import regular_polygon
from theory.limits.one_hot import NORMALISATIONS, one_hot_loss, one_hot_terms
from theory.loss import expected_loss
from theory.problem import InputError, Problem, Unsupported

special = [F(0), F(1), F(-1), F(1, 2), F(-1, 2), F(1, 10**12), F(-(10**3))]
entries = st.one_of(st.sampled_from(special), st.fractions(-2, 2, max_denominator=30))


@st.composite
def models(draw, max_n=6):
    n, m = draw(st.integers(1, max_n)), draw(st.integers(1, 3))
    rows = draw(st.lists(st.lists(entries, min_size=n, max_size=n), min_size=m, max_size=m))
    if draw(st.booleans()):  # an antipodal pair, a dead feature and a repeated one are ties
        source, sign = draw(st.integers(0, n - 1)), draw(st.sampled_from([F(-1), F(0), F(1)]))
        rows = [[*row[:-1], sign * row[source]] for row in rows]
    bias = draw(st.lists(entries, min_size=n, max_size=n))
    if draw(st.booleans()):  # the kink of an output at the end of its range
        i, j = draw(st.integers(0, n - 1)), draw(st.integers(0, n - 1))
        bias[i] = -sum(row[i] * row[j] for row in rows)
    return rows, bias


def square_integral(slope, offset, low, high):
    """The integral of (slope u + offset)^2 from low to high, by Simpson's rule: exact here."""
    at = [(slope * u + offset) ** 2 for u in (low, (low + high) / 2, high)]
    return (high - low) * (at[0] + 4 * at[1] + at[2]) / 6


def one_output(target, a, b):
    """The integral over [0, 1] of (target u - ReLU(a u + b))^2, cut where the output starts."""
    cuts = [F(0), F(1)]
    if a != 0 and 0 < -b / a < 1:
        cuts.insert(1, -b / a)
    total = F(0)
    for low, high in itertools.pairwise(cuts):
        on = a * (low + high) / 2 + b > 0
        total += square_integral(target - a * on, -b * on, low, high)
    return total


def integrals(rows, bias):
    """For every output the sum over which feature is active."""
    n = len(bias)
    gram = [[sum(row[i] * row[j] for row in rows) for j in range(n)] for i in range(n)]
    return [sum(one_output(F(i == j), gram[i][j], bias[i]) for j in range(n)) for i in range(n)]


@settings(deadline=None, max_examples=300)
@given(models())
def test_every_term_is_three_times_its_integral(model):
    assert list(one_hot_terms(*model)) == [3 * value for value in integrals(*model)]


@settings(deadline=None)
@given(models())
def test_normalisations_by_name(model):
    total, c = sum(integrals(*model)), len(model[1])
    found = [one_hot_loss(*model, normalisation=name) for name in NORMALISATIONS]
    assert found == [total / c, total, 3 * total]


@settings(deadline=None)
@given(models(max_n=4), st.sampled_from([F(0), F(1, 3), F(1)]))
def test_it_is_the_loss_given_that_one_feature_is_active(model, density):
    rows, bias = model
    problem = Problem(len(bias), len(rows), density=density)
    assert one_hot_loss(*model) == expected_loss(problem, rows, bias).given_active(1)


@settings(deadline=None)
@given(models(max_n=5))
def test_it_is_the_loss_of_the_problem_with_one_active_feature(model):
    rows, bias = model
    problem = Problem(len(bias), len(rows), n_active=1)
    assert one_hot_loss(*model) == expected_loss(problem, rows, bias).value


@settings(deadline=None)
@given(models(max_n=4), entries)
def test_an_ignored_feature_adds_one_or_its_parabola(model, b):
    rows, bias = model
    added = one_hot_terms([[*row, 0] for row in rows], [*bias, b])[-1]
    c = len(bias) + 1
    assert added == (1 - 3 * b + 3 * c * b**2 if b > 0 else 1)


@settings(deadline=None)
@given(models(max_n=4), st.randoms(use_true_random=False))
def test_terms_follow_a_permutation_of_the_features(model, source):
    rows, bias = model
    order = source.sample(range(len(bias)), len(bias))
    shuffled = one_hot_terms([[row[j] for j in order] for row in rows], [bias[j] for j in order])
    terms = one_hot_terms(rows, bias)
    assert shuffled == tuple(terms[j] for j in order)


def test_an_arrangement_with_a_rational_gram_matrix():
    # six unit vectors at 60 degrees: two neighbours with a = 1/2 each, a^2 = 1/4
    assert one_hot_terms(regular_polygon(6)) == (F(1, 2),) * 6


@pytest.mark.parametrize(
    ("W", "b", "message"),
    [
        ([], None, "at least one row"),
        ([[]], None, "shape"),
        (3, None, "at least one row"),
        ([[1, 2], [3]], None, "lengths"),
        ([[1, 2]], [0], "b.shape"),
        ([["x"]], None, "plain number"),
        ("12", None, "must be a sequence"),
    ],
)
def test_refused_input(W, b, message):
    with pytest.raises(InputError, match=message):
        one_hot_loss(W, b)


def test_irrational_weights_are_refused_with_a_way_out():
    with pytest.raises(Unsupported, match="n_active=1"):
        one_hot_loss([[sqrt(2)]])


def test_another_normalisation_is_refused_by_name():
    with pytest.raises(InputError, match="normalisation='mean'"):
        one_hot_loss([[1]], normalisation="mean")
