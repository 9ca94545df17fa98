"""Quasi-Newton descent: known minima, ends that are no worse than their starts."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.basics.descent import descend

LIMITS = {"max_steps": 20_000, "settled": 1e-9, "stalled": 0.0}


def rosenbrock(x):
    a, b = x[:-1], x[1:] - x[:-1] ** 2
    slopes = np.zeros_like(x)
    slopes[:-1] = -2 * (1 - a) - 400 * a * b
    slopes[1:] += 200 * b
    return float(np.sum((1 - a) ** 2 + 100 * b**2)), slopes


def test_a_curved_valley_is_followed_to_its_end():
    end = descend(rosenbrock, np.array([-1.2, 1.0, -0.5, 2.0]), **LIMITS)
    assert end.point == pytest.approx(np.ones(4), abs=1e-7)
    assert end.value < 1e-14


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 30), st.floats(1, 1e6), st.integers(0, 10**6))
def test_quadratics_of_any_condition_are_minimised(n, condition, seed):
    scales, centre = np.geomspace(1, condition, n), np.random.default_rng(seed).normal(size=n)
    end = descend(
        lambda x: (float(np.sum(scales * (x - centre) ** 2)), 2 * scales * (x - centre)),
        np.zeros(n),
        **LIMITS,
    )
    assert end.point == pytest.approx(centre, abs=1e-5)
    assert end.value < 1e-10


def test_it_stays_where_the_function_is_defined():
    """Minus the logarithm of x (2 - x), infinite outside."""

    def barrier(x):
        inside = x[0] * (2 - x[0])
        if inside <= 0:
            return math.inf, np.zeros(1)
        return -math.log(inside), np.array([-(2 - 2 * x[0]) / inside])

    assert descend(barrier, np.array([1e-3]), **LIMITS).point == pytest.approx([1.0], abs=1e-8)


def test_a_stationary_start_is_its_own_end():
    end = descend(rosenbrock, np.ones(3), **LIMITS)
    assert (end.steps, end.value) == (0, 0.0)


def test_steps_that_gain_nothing_end_it():
    end = descend(lambda x: (1.0, np.full_like(x, 1e-3)), np.zeros(2), **LIMITS)
    assert end.value == 1.0
    assert end.steps <= 3


@pytest.mark.parametrize("steps", [0, 1, 5])
def test_no_more_steps_than_allowed(steps):
    start = np.array([-1.2, 1.0])
    end = descend(rosenbrock, start, max_steps=steps, settled=0.0, stalled=0.0)
    assert end.steps == steps
    assert end.value <= rosenbrock(start)[0]
