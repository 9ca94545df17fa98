"""What the numeric side refuses, by name and value, and what it takes."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy

from numerics.basics.inputs import laws_of
from numerics.series import batch_loss_and_gradient, expected_loss, loss_and_gradient
from theory.problem import Identity, InputError, Problem, Unsupported

PROBLEM = Problem(3, 2, density="1/10")
W = np.ones((2, 3))


def changed(value, index=(1, 2), base=W):
    array = base.astype(object) if isinstance(value, (str, Fraction)) else base.astype(type(value))
    array = array.copy()
    array[index] = value
    return array


@pytest.mark.parametrize(
    ("weights", "bias", "message"),
    [
        (changed(float("nan")), None, r"W\[1\]\[2\]=nan: must be finite"),
        (changed(float("inf")), None, r"W\[1\]\[2\]=inf: must be finite"),
        (changed(-1e46), None, r"W\[1\]\[2\]=-1e\+46: must be finite, at most 1e\+45"),
        (changed(1e-61), None, r"W\[1\]\[2\]=1e-61: must be 0 or at least 1e-60"),
        (W * 1j, None, r"W.dtype=complex128: must be real; pass W.real if meant"),
        (W > 0, None, "W.dtype=bool: must be an array of real numbers"),
        (changed("a"), None, "W: entries must be real numbers"),
        ([["1"] * 3] * 2, None, "W.dtype=<U1: must be an array of real numbers"),
        ([[1, 2, 3], [1, 2]], None, "W: must be a rectangular array"),
        ([[10**400] * 3] * 2, None, "W: entries must be real numbers"),
        (None, None, r"W\[0\]=nan"),
        (W.T, None, "this is its transpose, pass W.T"),
        (W[0], None, r"W.shape=\(3,\): must be"),
        (W, np.ones(2), r"b.shape=\(2,\): must be"),
        (W, np.ones((1, 3)), r"b.shape=\(1, 3\): must be"),
        (W, [0.0, float("nan"), 0.0], r"b\[1\]=nan: must be finite"),
        (W, [0.0, 1e300, 0.0], r"b\[1\]=1e\+300: must be finite, at most 1e\+45"),
        (W, np.ones(3) * 1j, "b.dtype=complex128: must be real"),
    ],
)
@pytest.mark.parametrize("entrance", [expected_loss, loss_and_gradient])
@pytest.mark.parametrize("activation", [None, Identity()])
def test_weights_that_cannot_be_meant_are_refused(weights, bias, message, entrance, activation):
    with pytest.raises(InputError, match=message):
        entrance(PROBLEM.replace(activation=activation), weights, bias)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tolerance": 0.0}, "tolerance=0.0: must be a positive number, or None"),
        ({"tolerance": -1e-9}, "tolerance=-1e-09: must be a positive"),
        ({"tolerance": float("nan")}, "tolerance=nan: must be a positive"),
        ({"tolerance": float("inf")}, "tolerance=inf: must be a positive"),
        ({"tolerance": "1e-9"}, "tolerance='1e-9': must be a positive"),
        ({"max_terms": 0}, "max_terms=0: must be at least 1"),
        ({"max_terms": 10.0}, "max_terms=10.0: must be a whole number"),
    ],
)
@pytest.mark.parametrize("entrance", [expected_loss, loss_and_gradient])
@pytest.mark.parametrize("activation", [None, Identity()])
def test_options_that_cannot_be_meant_are_refused(options, message, entrance, activation):
    with pytest.raises(InputError, match=message):
        entrance(PROBLEM.replace(activation=activation), W, **options)


@pytest.mark.parametrize(
    ("weights", "bias", "message"),
    [
        (W, np.zeros((1, 3)), r"W.shape=\(2, 3\), b.shape=\(1, 3\): must be"),
        (W[None], np.zeros((2, 3)), r"W.shape=\(1, 2, 3\), b.shape=\(2, 3\): must be"),
        (np.ones((1, 3, 2)), np.zeros((1, 3)), "this is its transpose"),
        (np.ones((2, 2, 3)) * [[[1]], [[1e46]]], np.zeros((2, 3)), r"W\[1\]\[0\]\[0\]=1e\+46"),
        (W[None] * 1j, np.zeros((1, 3)), "W.dtype=complex128: must be real"),
        (W[None], np.full((1, 3), np.inf), r"b\[0\]\[0\]=inf: must be finite"),
    ],
)
def test_batches_that_cannot_be_meant_are_refused(weights, bias, message):
    with pytest.raises(InputError, match=message):
        batch_loss_and_gradient(PROBLEM, weights, bias)


def test_a_batch_of_nothing_is_nothing():
    losses, errors, by_W, by_b = batch_loss_and_gradient(
        PROBLEM, np.zeros((0, 2, 3)), np.zeros((0, 3))
    )
    assert (losses.shape, errors.shape, by_W.shape, by_b.shape) == ((0,), (0,), (0, 2, 3), (0, 3))


@pytest.mark.parametrize(
    "symbolic",
    [{"density": sympy.Symbol("p")}, {"density": 1, "importance": [1, sympy.Symbol("I"), 1]}],
)
def test_symbols_are_refused_with_advice(symbolic):
    with pytest.raises(Unsupported, match=r"density=.*importance=.*ask the exact route"):
        expected_loss(Problem(3, 2, **symbolic), W)


def test_a_density_that_underflows_is_refused():
    with pytest.raises(InputError, match="density=1e-61: must be 0 or at least 1e-60"):
        expected_loss(Problem(3, 2, density=[1, "1e-61", 0]), W)


def test_an_importance_that_overflows_is_refused():
    with pytest.raises(InputError, match=r"importance: must be at most 1e\+45"):
        expected_loss(Problem(3, 2, density=1, importance="1e46"), W)


def test_sparsity_keeps_its_digits_beside_one():
    laws = laws_of(Problem(2, 1, sparsity=["1e-30", "1/3"]))
    assert laws.density.tolist() == [1.0, 2 / 3]
    assert laws.sparsity.tolist() == [1e-30, 1 / 3]


def test_irrational_densities_are_rounded():
    laws = laws_of(Problem(1, 1, density=sympy.sqrt(2) / 2))
    assert laws.density[0] == pytest.approx(0.5**0.5, rel=1e-15)
    assert laws.sparsity[0] == pytest.approx(1 - 0.5**0.5, rel=1e-15)


def test_fractions_and_integers_are_taken():
    first = expected_loss(PROBLEM, [[Fraction(1, 2), 1, 0], [0, -1, 2]])
    assert first.loss == expected_loss(PROBLEM, [[0.5, 1.0, 0.0], [0.0, -1.0, 2.0]]).loss


@pytest.mark.parametrize("n", [4, 14])
def test_the_largest_weights_that_are_taken_give_finite_losses(n):
    draw = np.random.default_rng(n)
    result = loss_and_gradient(Problem(n, 2, density=0.5), 1e45 * draw.uniform(-1, 1, (2, n)))
    assert np.isfinite([result.loss, result.error]).all()
    assert np.isfinite(result.gradient_W).all()
