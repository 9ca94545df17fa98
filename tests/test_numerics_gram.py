"""The Gram matrix against rational arithmetic: every digit and every sign."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import models

from numerics.basics.gram import gram_matrices, gram_matrix

UNIT = Fraction(1, 2**53)
ALLOWED = 4 * UNIT  # relative error of an entry

magnitudes = st.builds(
    lambda digits, power, sign: sign * digits * 10.0**power,
    st.floats(1.0, 10.0),
    st.integers(-60, 44),
    st.sampled_from([-1.0, 1.0]),
)


def exact_dot(x, y):
    return sum(
        (Fraction(float(a)) * Fraction(float(b)) for a, b in zip(x, y, strict=True)), Fraction(0)
    )


def assert_right(W):
    gram = gram_matrix(W)
    for i in range(W.shape[1]):
        for j in range(W.shape[1]):
            wanted, got = exact_dot(W[:, i], W[:, j]), Fraction(float(gram[i, j]))
            assert abs(got - wanted) <= ALLOWED * abs(wanted), (i, j, float(got), float(wanted), W)


@settings(deadline=None)
@given(models())
def test_every_entry_is_right_to_a_few_units(model):
    assert_right(np.array(model.W))


def cancelling(x, y):
    """Change ``y`` so that the products cancel to their rounding errors, again and again."""
    y = list(y)
    for k in range(1, len(x)):
        rest = -float(exact_dot(x[:k], y[:k]) / Fraction(x[k]))
        if 1e-60 <= abs(rest) <= 1e45:
            y[k] = rest
    return np.array([x, y]).T


@settings(deadline=None, max_examples=300)
@given(st.data(), st.integers(2, 7))
def test_no_cancellation_costs_a_digit_or_a_sign(data, count):
    x, y = (data.draw(st.lists(magnitudes, min_size=count, max_size=count)) for _ in range(2))
    assert_right(cancelling(x, y))


def test_orthogonal_float_columns_keep_the_sign_of_what_is_left():
    angles = np.linspace(0.1, 1.5, 40)
    for turn in angles:
        W = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        wanted = exact_dot(W[:, 0], W[:, 1])
        assert np.sign(gram_matrix(W)[0, 1]) == (wanted > 0) - (wanted < 0)


def test_sums_that_are_zero_are_zero():
    W = np.array([[0.1, 0.3], [0.3, -0.1]])
    assert gram_matrix(W)[0, 1] == 0.0
    W = np.array([[1e8, 1e8], [1.0, 1.0], [-1e8, 1e8], [1.0, -1.0]])
    assert gram_matrix(W)[0, 1] == 0.0


def test_it_is_symmetric_to_the_last_bit():
    gram = gram_matrix(np.random.default_rng(0).normal(size=(7, 30)))
    assert (gram == gram.T).all()


def test_a_batch_is_its_members():
    W = np.random.default_rng(1).normal(size=(5, 3, 6))
    assert all((gram == gram_matrix(w)).all() for gram, w in zip(gram_matrices(W), W, strict=True))


@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (60, 2)])
def test_every_shape_is_right(shape):
    assert_right(np.random.default_rng(2).normal(size=shape))
