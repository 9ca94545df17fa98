"""Weights of any library, taken as the numbers that they are or refused by name."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import hypothesis.extra.numpy as hnp
import numpy as np
import pandas as pd
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from theory.arrangements import antipodal_pair, ignored, regular_polygon
from theory.problem import InputError, Problem, Unsupported
from tms.inputs.weights import check_weights

PROBLEM = Problem(3, 2, sparsity="9/10")
W = [[1.0, 2.0, 0.5], [0.0, -1.0, 0.25]]


class Tensor:
    """A tensor that, as PyTorch's, gives no array while it records gradients."""

    def __init__(self, values, *, detached=False):
        self.values, self.detached = values, detached

    def detach(self):
        return Tensor(self.values, detached=True)

    def cpu(self):
        return self

    def __array__(self, dtype=None, copy=None):
        if not self.detached:
            raise RuntimeError("Can't call numpy() on Tensor that requires grad")
        return np.array(self.values, dtype=dtype)


class Bfloat16Tensor(Tensor):
    """A tensor of a type that NumPy does not know."""

    def detach(self):
        return self

    def __array__(self, dtype=None, copy=None):
        raise TypeError("Got unsupported ScalarType BFloat16")

    def tolist(self):
        return self.values


@pytest.mark.parametrize(
    "given_as",
    [
        np.array(W),
        np.array(W, dtype=np.float32),
        np.array(W, dtype=np.float16),
        np.array(W, dtype=np.longdouble),
        np.array(W, dtype=">f8"),
        np.array(W, order="F"),
        W,
        tuple(map(tuple, W)),
        [np.array(row) for row in W],
        [[Fraction(entry) for entry in row] for row in W],
        [[Decimal(str(entry)) for entry in row] for row in W],
        [[str(entry) for entry in row] for row in W],
        sympy.Matrix([[sympy.Rational(str(entry)) for entry in row] for row in W]),
        pd.DataFrame(W),
        Tensor(W),
        Bfloat16Tensor(W),
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_kind_of_array_gives_the_same_numbers(given_as):
    weights = check_weights(PROBLEM, given_as)
    assert weights.floats()["W"].tolist() == W


@given(
    hnp.arrays(
        st.sampled_from([np.float16, np.float32, np.float64]),
        (2, 3),
        elements={"allow_nan": False, "allow_infinity": False},
    )
)
def test_a_float_is_the_rational_that_it_is(array):
    entries = check_weights(PROBLEM, array).for_theory()["W"]
    as_they_were = [[Fraction(float(entry)) for entry in row] for row in array]
    assert [[Fraction(entry) for entry in row] for row in entries] == as_they_were


def test_an_exact_entry_beside_a_float_stays_exact():
    entries = check_weights(Problem(2, 1, density=1), [["1/3", 0.1]]).for_theory()["W"]
    assert entries == [[Fraction(1, 3), Fraction(0.1)]]


def test_a_large_integer_stays_exact():
    entries = check_weights(Problem(1, 1, density=1), np.array([[2**62 + 1]])).for_theory()["W"]
    assert entries == [[2**62 + 1]]


def test_an_arrangement_brings_its_bias_and_fills_the_hidden_dimensions_with_zeros():
    arrangement = antipodal_pair(bias="-1/10") + ignored(1)
    weights = check_weights(PROBLEM, arrangement)
    assert weights.floats()["W"].tolist() == [[1, -1, 0], [0, 0, 0]]
    assert weights.floats()["b"].tolist() == [-0.1, -0.1, 0]


def test_a_bias_of_its_own_replaces_the_arrangements():
    weights = check_weights(Problem(2, 1, density=1), antipodal_pair(bias=1), [0, 5])
    assert weights.floats()["b"].tolist() == [0, 5]


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (float("nan"), r"W\[1, 2\]=nan: must be finite"),
        (float("-inf"), r"W\[1, 2\]=-inf: must be finite"),
    ],
)
@pytest.mark.parametrize("as_list", [False, True])
def test_what_is_not_finite_is_refused_by_its_index(entry, message, as_list):
    bad = np.array(W)
    bad[1, 2] = entry
    with pytest.raises(InputError, match=message):
        check_weights(PROBLEM, bad.tolist() if as_list else bad)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (np.array(W, dtype=complex), "W.dtype=complex128: must be real"),
        ([[1, 2, 1j], [0, 0, 0]], r"W\[0, 2\]=1j: must be real"),
        (np.array(W).T, r"W.shape=\(3, 2\).*this is its transpose, pass W.T"),
        (np.zeros((2, 4)), r"W.shape=\(2, 4\): must be .* = \(2, 3\)"),
        (np.zeros(6), r"W.shape=\(6,\)"),
        ([[1, 2, 3], [4, 5]], r"W.shape=\(2,\)"),
        (np.array(W) > 0, r"W\[0, 0\]=True: a number is needed"),
        ([["one", 2, 3], [4, 5, 6]], r"W\[0, 0\]='one': not a plain number"),
        (None, r"W.shape=\(\)"),
        (object(), r"W.shape=\(\)"),
    ],
)
def test_other_weights_are_refused_by_name(bad, message):
    with pytest.raises(InputError, match=message):
        check_weights(PROBLEM, bad)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (np.zeros(2), r"b.shape=\(2,\): must be \(n_features,\) = \(3,\)"),
        (np.zeros((3, 1)), r"b.shape=\(3, 1\)"),
        ([0, 0, float("nan")], r"b\[2\]=nan: must be finite"),
        ([0, 0, 1j], r"b\[2\]=1j: must be real"),
    ],
)
def test_other_biases_are_refused_by_name(bad, message):
    with pytest.raises(InputError, match=message):
        check_weights(PROBLEM, W, bad)


def test_symbols_are_no_floats():
    weights = check_weights(Problem(1, 1, density=1), [[sympy.Symbol("w")]])
    with pytest.raises(Unsupported, match=r"W\[0, 0\]=w: .*method='exact' takes symbols"):
        weights.floats()


def test_a_number_beyond_float64_is_refused_in_floating_point():
    with pytest.raises(Unsupported, match="too large for float64"):
        check_weights(Problem(1, 1, density=1), [[10**400]]).floats()


exact_entries = st.fractions(min_value=-3, max_value=3, max_denominator=50)


@given(st.lists(exact_entries, min_size=6, max_size=6), st.lists(exact_entries, min_size=3))
def test_rounding_to_float64_moves_the_loss_by_no_more_than_the_bound(entries, biases):
    from theory.loss import expected_loss

    problem = Problem(3, 2, density="1/3", importance=[1, 2, 0])
    weights = check_weights(problem, [entries[:3], entries[3:]], biases[:3])
    exactly = expected_loss(problem, **weights.for_theory()).value
    floats = {name: array.tolist() for name, array in weights.floats().items()}
    rounded = expected_loss(problem, **floats).value
    assert abs(exactly - rounded) <= Fraction(weights.rounding(problem, float(rounded) * 1.001))


def test_rounding_is_nothing_for_floats():
    assert check_weights(PROBLEM, np.array(W)).rounding(PROBLEM, 1.0) == 0


def test_rounding_is_allowed_for_in_irrational_weights():
    pentagon = regular_polygon(5)
    problem = pentagon.problem(density="1/10")
    assert 0 < check_weights(problem, pentagon).rounding(problem, 0.04) < 1e-14
