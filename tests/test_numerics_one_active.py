"""Integrals over one active feature, against adaptive quadrature and sums over atoms."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy.integrate import quad

from numerics.family.few_losses import few_losses
from numerics.family.few_masses import FewMasses
from numerics.family.one_active import moments_of_law, nodes_of_law
from theory.problem import (
    AbsPower,
    Binary,
    CustomLaw,
    Exponential,
    HalfNormal,
    Normal,
    Rademacher,
    ReLU,
    ReLUPower,
    Uniform,
    Unsupported,
)

BELL = 1 / np.sqrt(2 * np.pi)
DENSITIES = {
    Uniform(): (0, 1, lambda u: 1.0),
    Uniform(-1, 1): (-1, 1, lambda u: 0.5),
    Uniform("-1/2", 3): (-0.5, 3, lambda u: 1 / 3.5),
    Exponential(): (0, 60, lambda u: np.exp(-u)),
    Normal(): (-12, 12, lambda u: BELL * np.exp(-u * u / 2)),
    HalfNormal(): (0, 12, lambda u: 2 * BELL * np.exp(-u * u / 2)),
}
ATOMS = {Binary(): [1.0], Rademacher(): [-1.0, 1.0]}
SIGMAS = {
    ReLU(): lambda y: max(y, 0.0),
    ReLUPower(2): lambda y: max(y, 0.0) ** 2,
    ReLUPower(3): lambda y: max(y, 0.0) ** 3,
    AbsPower(1): abs,
    AbsPower(3): lambda y: abs(y) ** 3,
}
SLOPES = [1.0, -1.0, 0.3, -0.7, 2.5, 1e-12, -1e-12, 0.0]
BIASES = [0.0, 0.4, -0.4, 1e-9, -1e-9, 3.0, -3.0]


def expectation(law, function, kink):
    if law in ATOMS:
        return sum(function(u) for u in ATOMS[law]) / len(ATOMS[law])
    low, high, density = DENSITIES[law]
    ends = sorted({low, high, *np.linspace(low, high, 13), min(max(kink, low), high)})
    return sum(
        quad(lambda u: function(u) * density(u), start, stop, epsabs=0, epsrel=1e-12)[0]
        for start, stop in itertools.pairwise(ends)
    )


def alone(law, activation, a, b):
    """The integral for the own feature alone."""
    one, zero = np.ones(1), np.zeros(1)
    masses = FewMasses(zero, zero, one, np.zeros((1, 1)), np.zeros((1, 1)))
    moments = np.array([expectation(law, lambda u, s=s: u**s, 0.0) for s in range(3)])
    return few_losses(law, moments, activation, np.array([[a]]), np.array([b]), masses)


@pytest.mark.parametrize("law", [*DENSITIES, *ATOMS], ids=str)
@pytest.mark.parametrize("activation", SIGMAS, ids=str)
def test_the_own_feature_alone(law, activation):
    sigma = SIGMAS[activation]
    for a in SLOPES:
        for b in BIASES:
            kink = -b / a if a else 0.0
            wanted = expectation(law, lambda u, a=a, b=b: (u - sigma(a * u + b)) ** 2, kink)
            found = alone(law, activation, a, b)
            allowed = 40 * 2.0**-53 * found.size[0] + 1e-11 * wanted
            assert abs(found.loss[0] - wanted) <= allowed, (a, b)


def test_a_residual_of_1e_20_keeps_its_digits():
    found = alone(Uniform(), ReLU(), 1.0 + 1e-10, 0.0)
    step = (1.0 + 1e-10) - 1.0
    assert found.loss[0] == pytest.approx(step**2 / 3, rel=1e-5)


@pytest.mark.parametrize("law", [*DENSITIES, *ATOMS], ids=str)
@pytest.mark.parametrize("activation", SIGMAS, ids=str)
def test_slopes_are_differences(law, activation):
    for a, b in [(0.8, -0.1), (-0.6, 0.5), (0.5, 0.3), (-0.4, -0.2)]:
        found = alone(law, activation, a, b)
        step = 1e-6
        up, down = (alone(law, activation, a + s, b).loss[0] for s in (step, -step))
        assert found.by_gram[0, 0] == pytest.approx((up - down) / (2 * step), rel=1e-6, abs=1e-6)
        up, down = (alone(law, activation, a, b + s).loss[0] for s in (step, -step))
        assert found.by_b[0] == pytest.approx((up - down) / (2 * step), rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("law", [*DENSITIES, *ATOMS], ids=str)
def test_weights_are_a_probability(law):
    kinks = np.array([-1e9, -20.0, -1.0, 0.0, 1e-9, 0.5, 1.0, 17.0, 250.0, 1e9])
    _, w, _ = nodes_of_law(law, 3, np.ones_like(kinks), -kinks)
    assert w.sum(axis=-1) == pytest.approx(np.ones(10), rel=1e-13)
    assert (w >= 0).all()


def test_a_law_without_a_density_is_refused():
    law = CustomLaw("two moments", moments=[0, 1])
    with pytest.raises(Unsupported, match="has no density"):
        nodes_of_law(law, 1, np.ones(1), np.zeros(1))


@pytest.mark.parametrize("k", range(0, 13, 2))
def test_even_moments_of_the_normal_law_are_double_factorials(k):
    moments, _ = moments_of_law(Normal(), 12)
    assert abs(moments[k] / math.prod(range(k - 1, 0, -2)) - 1.0) < 1e-15
