"""The Persian Rug: closed form against quadrature, proven optimum against search and a model."""

import math
from fractions import Fraction as F

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sympy import sqrt

from numerics.persian_rug import persian_rug_loss as quadrature
from numerics.persian_rug import persian_rug_minimum as search
from theory.limits.persian_rug import linear_rug_loss, persian_rug_loss, persian_rug_optimum
from theory.problem import InputError, Unsupported

# dyadic, so that both sides read the same numbers
ratios = st.one_of(
    st.sampled_from([1.0, 0.5, 0.25, 2.0**-20, 1 - 2.0**-20]),
    st.integers(1, 256).map(lambda k: k / 256),
)
densities = st.one_of(
    st.sampled_from([0.0, 1.0, 2.0**-30, 1 - 2.0**-20]), st.integers(0, 256).map(lambda k: k / 256)
)
values = st.one_of(
    st.sampled_from([0.0, 1.0, -1.0, 2.0**-40, -(2.0**-40), 100.0]),
    st.integers(-96, 96).map(lambda k: k / 32),
)


@settings(deadline=None, max_examples=300)
@given(ratios, densities, values, values)
@example(1.0, 0.5, 1.0, -0.5)
@example(0.25, 0.05, 1.25482, -0.44088)
@example(0.25, 1.0, 0.0, 0.0)
@example(0.25, 0.5, -1.0, 1.0)
def test_closed_form_and_quadrature(r, p, a, b):
    exact, found = persian_rug_loss(r, a, b, density=p, digits=20), quadrature(r, a, b, density=p)
    assert abs(F(found.value) - exact.midpoint) <= F(found.error) + exact.radius
    # near a = 1, r = 1 the terms cancel: what rounds is 1e-6 of them
    assert found.error <= 1e-11 * max(found.value, 1e-6)


@pytest.mark.parametrize(
    ("r", "p", "loss"),
    [("1/4", "1/20", "0.0057894277"), ("1/4", "1/100", "0.0003043867")],
)
def test_known_optima(r, p, loss):
    assert f"{float(persian_rug_optimum(r, density=p).loss):.10f}" == loss
    assert f"{search(float(F(r)), density=float(F(p))).loss.value:.10f}" == loss


@settings(max_examples=30, deadline=None)
@given(ratios.filter(lambda r: r < 1), densities.filter(lambda p: p > 0))
def test_the_proven_optimum_is_found_by_descent(r, p):
    best, found = persian_rug_optimum(r, density=p, digits=20), search(r, density=p)
    gap = F(found.loss.value) - best.loss.midpoint
    assert gap >= -F(found.loss.error) - best.loss.radius
    assert gap <= F(1, 10**9) * best.loss.midpoint + F(found.loss.error)


@settings(deadline=None, max_examples=100)
@given(ratios.filter(lambda r: r < 1), densities.filter(lambda p: p > 0), values, values)
def test_nothing_is_below_the_proven_optimum(r, p, a, b):
    best = persian_rug_optimum(r, density=p, digits=15).loss
    assert persian_rug_loss(r, a, b, density=p, digits=15).upper >= best.lower


@settings(deadline=None)
@given(ratios.filter(lambda r: r < 1), densities.filter(lambda p: p > 0))
def test_it_is_no_worse_than_the_linear_model_and_the_loss_is_that_of_its_parts(r, p):
    best = persian_rug_optimum(r, density=p, digits=30)
    again = persian_rug_loss(r, best.scale.midpoint, best.bias.midpoint, density=p, digits=25)
    assert abs(again.midpoint - best.loss.midpoint) <= best.loss.midpoint / 10**20
    assert best.loss.lower <= linear_rug_loss(r, density=p)


@pytest.mark.parametrize(("a", "b"), [(1.25, -0.44), (0.6, 0.1), (-0.7, 0.9)])
def test_derivatives_are_those_of_the_loss(a, b):
    step = 1e-5
    for k, (da, db) in enumerate([(step, 0), (0, step)]):
        rise = quadrature(0.25, a + da, b + db, density=0.05).value
        rise -= quadrature(0.25, a - da, b - db, density=0.05).value
        slope = quadrature(0.25, a, b, density=0.05).gradient[k]
        assert rise / (2 * step) == pytest.approx(slope, rel=1e-6, abs=1e-9)


def test_the_ansatz_by_sampling():
    r, p, a, b, source = 0.25, 0.3, 1.1, -0.3, np.random.default_rng(0)
    count = 400_000
    s = a * math.sqrt((1 - r) / r * (p / 3 - p**2 / 4))
    x = source.random(count) * (source.random(count) < p)
    y = np.maximum(a * x + b + s * source.normal(size=count), 0)
    squares = (x - y) ** 2
    z = (squares.mean() - quadrature(r, a, b, density=p).value) / (squares.std() / math.sqrt(count))
    assert abs(z) < 5


def test_a_large_model_with_a_random_projector_loses_about_that():
    n, m, p, source = 1024, 256, 0.05, np.random.default_rng(1)
    best = search(m / n, density=p)
    ones = np.ones((n, 1)) / math.sqrt(n)
    frame = np.linalg.qr(np.hstack([ones, source.normal(size=(n, m))]))[0][:, 1:]
    x = source.random((2000, n)) * (source.random((2000, n)) < p)
    # rows of the projector sum to 0, so that the noise has the mean -a p / 2
    rest = best.scale * n / m * (x @ frame) @ frame.T
    y = np.maximum(rest + best.bias + best.scale * p / 2, 0)
    assert np.mean((x - y) ** 2) == pytest.approx(best.loss.value, rel=0.05)


def test_digits_asked_for():
    few, many = (persian_rug_optimum("1/4", density="1/20", digits=d) for d in (5, 300))
    for rough, fine in zip(vars(few).values(), vars(many).values(), strict=True):
        assert rough.lower <= fine.lower
        assert fine.upper <= rough.upper
        assert fine.radius <= abs(fine.midpoint) / 10**300


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda: persian_rug_loss(0, 1, 0, density="1/2"), InputError, "ratio=0"),
        (lambda: persian_rug_loss("1/2", 1, 0, density=2), InputError, "density=2"),
        (lambda: persian_rug_loss("1/2", sqrt(2), 0, density=1), Unsupported, "scale"),
        (lambda: persian_rug_loss("1/2", 1, 0, density=1, digits=0), InputError, "digits=0"),
        (lambda: persian_rug_optimum(1, density="1/2"), InputError, "ratio=1"),
        (lambda: persian_rug_optimum("1/2", density=0), InputError, "density=0"),
        (lambda: linear_rug_loss(2, density="1/2"), InputError, "ratio=2"),
        (lambda: quadrature(2.0, 1.0, 0.0, density=0.5), InputError, "ratio=2"),
        (lambda: quadrature(0.5, 1.0, 0.0, density=-1.0), InputError, "density=-1"),
        (lambda: quadrature(0.5, math.nan, 0.0, density=0.5), InputError, "scale=nan"),
        (lambda: quadrature(0.5, 1.0, math.inf, density=0.5), InputError, "bias=inf"),
        (lambda: search(0.5, density=0.0), InputError, "density=0"),
    ],
)
def test_refused_input(call, kind, message):
    with pytest.raises(kind, match=message):
        call()
