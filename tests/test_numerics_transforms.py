"""Transforms of the laws against quadrature, and their envelopes against their values."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.integrate import quad

from numerics.family.transforms import transform_of
from theory.problem import (
    Binary,
    CustomLaw,
    Exponential,
    HalfNormal,
    InputError,
    Normal,
    Rademacher,
    Uniform,
    Unsupported,
)

BELL = 1 / np.sqrt(2 * np.pi)
DENSITIES = {  # support and density
    Uniform(): (0, 1, lambda u: 1.0),
    Uniform(-1, 1): (-1, 1, lambda u: 0.5),
    Uniform("-1/2", 3): (-0.5, 3, lambda u: 1 / 3.5),
    Uniform(2, 5): (2, 5, lambda u: 1 / 3),
    Exponential(): (0, 60, lambda u: np.exp(-u)),
    Normal(): (-12, 12, lambda u: BELL * np.exp(-u * u / 2)),
    HalfNormal(): (0, 12, lambda u: 2 * BELL * np.exp(-u * u / 2)),
}
ATOMS = {Binary(): [1.0], Rademacher(): [-1.0, 1.0]}
LAWS = [*DENSITIES, *ATOMS]
ANGLES = [0.0, 1e-9, 1e-3, 0.3, 0.69, 0.71, 1.0, 2.5, 7.0, 20.0, -0.4, -9.0]


def expectation(law, function):
    if law in ATOMS:
        return sum(function(u) for u in ATOMS[law]) / len(ATOMS[law])
    low, high, density = DENSITIES[law]
    ends = np.linspace(low, high, 25)
    parts = [
        quad(lambda u, p=part: p(function(u)) * density(u), start, stop, epsabs=1e-14, limit=400)[0]
        for part in (np.real, np.imag)
        for start, stop in itertools.pairwise(ends)
    ]
    return complex(sum(parts[:24]), sum(parts[24:]))


@pytest.mark.parametrize("law", LAWS, ids=str)
@pytest.mark.parametrize("power", [0, 1, 2])
def test_phases_are_expectations(law, power):
    found = transform_of(law).phases(np.array(ANGLES), 2)[power]
    for t, value in zip(ANGLES, found, strict=True):
        wanted = expectation(law, lambda u, t=t: u**power * np.exp(1j * t * u))
        assert value == pytest.approx(wanted, abs=3e-12 * max(1.0, abs(wanted)))


def test_far_phases_of_the_half_normal_join_the_near_ones():
    ends = np.array([29.999999, 30.000001])
    for s, values in enumerate(transform_of(HalfNormal()).phases(ends, 2)):
        assert abs(values[1] - values[0]) < 1e-6 * abs(values[0]) + 1e-13, s


@pytest.mark.parametrize("law", LAWS, ids=str)
@pytest.mark.parametrize("power", [0, 1, 2])
def test_envelopes_bound_the_phases_and_decrease(law, power):
    t = np.concatenate([np.linspace(0, 40, 4001), np.geomspace(40, 1e6, 500)])
    transform = transform_of(law)
    envelope = transform.envelopes(t, 2)[power]
    size = np.abs(transform.phases(t, 2)[power])
    assert (size <= envelope * (1 + 1e-12) + 1e-14).all()
    assert (np.diff(envelope) <= 1e-15).all()


@pytest.mark.parametrize("law", LAWS, ids=str)
@pytest.mark.parametrize("tilt", [-2.0, -0.5, 0.0, 1e-8, 0.4, 0.9, 3.0])
def test_growth_is_the_moment_generating_function(law, tilt):
    value = float(transform_of(law).growth(np.array([tilt]))[0])
    if law == Exponential() and tilt >= 1:
        assert value == np.inf
        return
    high = 400 if law == Exponential() else None
    if high:
        wanted = quad(lambda u: np.exp((tilt - 1) * u), 0, high, limit=400)[0]
    else:
        wanted = expectation(law, lambda u: np.exp(tilt * u)).real
    assert value == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize("law", LAWS, ids=str)
def test_growth_never_turns_into_nan(law):
    tilts = np.array([-1e300, -1e5, -710.0, 710.0, 1e5, 1e300])
    assert not np.isnan(transform_of(law).growth(tilts)).any()


def triangular(**changes):
    """The sum of two uniforms on [-1/2, 1/2]."""

    def function(t):
        return np.sinc(t / (2 * np.pi)) ** 2 + 0j

    def derivative(t):
        step = 1e-6
        return (function(t + step) - function(t - step)) / (2 * step)

    given = {
        "moments": [0, "1/6", 0, "1/15"],
        "characteristic_function": function,
        "derivative": derivative,
        "support": (-1, 1),
    }
    return CustomLaw("triangular", **(given | changes))


def test_a_law_given_by_functions_is_called():
    t = np.array([0.0, 1.0, 4.0])
    found = transform_of(triangular()).phases(t, 1)
    assert found[0] == pytest.approx(np.sinc(t / (2 * np.pi)) ** 2)
    wanted = [quad(lambda u, s=s: u * np.sin(s * u) * (1 - abs(u)), -1, 1)[0] for s in t]
    assert found[1].imag == pytest.approx(wanted, abs=1e-9)


def test_growth_of_a_law_given_by_functions_is_a_bound():
    tilts = np.linspace(-6, 6, 25)
    exact = np.array([quad(lambda u, s=s: np.exp(s * u) * (1 - abs(u)), -1, 1)[0] for s in tilts])
    assert (transform_of(triangular()).growth(tilts) >= exact).all()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"characteristic_function": None}, "characteristic_function=None"),
        ({"derivative": None}, "derivative=None"),
        ({"support": None}, "support=None; the series needs an interval"),
    ],
)
def test_a_law_that_does_not_say_enough_is_refused(changes, message):
    with pytest.raises(Unsupported, match=message):
        transform_of(triangular(**changes))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"characteristic_function": lambda t: t + 0j}, r"characteristic_function\(0\) = 0j"),
        ({"derivative": lambda t: t + 1j}, r"derivative\(0\) = 1j"),
        ({"characteristic_function": lambda t: 1.0}, r"gave shape \(\)"),
        ({"characteristic_function": lambda t: 1 + 1j * t}, "exceeds 1 in modulus"),
        ({"derivative": lambda t: t + np.nan}, "not finite"),
    ],
)
def test_functions_that_no_law_has_are_refused(changes, message):
    with pytest.raises(InputError, match=message):
        transform_of(triangular(**changes))
