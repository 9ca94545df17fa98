"""Critical polygons: the published numbers, the published equations, and H itself around them."""

import math
from fractions import Fraction as F

import mpmath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.arithmetic.balls import Enclosure
from theory.limits.one_hot import one_hot_loss
from theory.limits.polygons import (
    NoCriticalPoint,
    PolygonPoint,
    chen_critical_point,
    polygon_critical_point,
    polygon_loss,
)
from theory.problem import InputError


def polygon(k, norm, bias):
    """A k-gon in fractions near the real one."""
    angles = [2 * math.pi * j / k for j in range(k)]
    rows = [[norm * F(f(x)) for x in angles] for f in (math.cos, math.sin)]
    return rows, [bias] * k


@pytest.mark.parametrize(
    ("k", "norm", "bias", "h"),
    [  # arXiv:2310.06301, to its five digits, and three more of each
        (5, "1.17045964", "-0.28229728", "0.23738441"),
        (6, "1.32052633", "-0.61813513", "0.86746277"),
    ],
)
def test_published_points(k, norm, bias, h):
    point = polygon_critical_point(k, digits=12)
    found = (point.norm, point.bias, point.h)
    assert [f"{float(x):.8f}" for x in found] == [norm, bias, h]


@pytest.mark.parametrize("k", [5, 6, 7, 8, 12])
def test_the_two_published_equations_vanish(k):
    point = chen_critical_point(k, digits=40)
    with mpmath.workdps(45):
        numbers = (point.norm.midpoint, point.bias.midpoint)
        x, y = (mpmath.mpf(v.numerator) / v.denominator for v in numbers)
        cosines = [mpmath.cos(2 * mpmath.pi * j / k) for j in range(1, k) if 4 * j < k]
        f, g = (1 + 2 * sum(c**power for c in cosines) for power in (2, 1))
        h, m = 1 + 2 * sum(1 / c for c in cosines), 1 + 2 * len(cosines)
        first = x**6 * g + x**2 * y**2 * h + 2 * x**4 * y * m + y**2 - x**4
        second = 2 * x**8 * f + 3 * x**6 * y * g - x**2 * y**3 * h - 2 * x**6 - 2 * y**3
        assert max(abs(first), abs(second)) < mpmath.mpf(10) ** -37
        assert -(x**2) * min(cosines) < y


def test_the_decagon_is_golden():
    # one neighbour to each side: a = l^2 cos 36 = phi^3 / 2, b = -phi, rho = 1 / phi
    point = polygon_critical_point(10, digits=30)
    golden = F((1 + F(math.isqrt(5 * 10**80), 10**40)) / 2)
    assert abs(point.norm.midpoint - golden) < F(1, 10**29)
    assert abs(point.bias.midpoint + golden) < F(1, 10**29)
    assert 5 in point.h


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 20), st.randoms(use_true_random=False))
def test_h_is_stationary_there_in_every_direction(k, source):
    point = polygon_critical_point(k, digits=12)
    rows, bias = polygon(k, point.norm.midpoint, point.bias.midpoint)
    step = F(1, 10**5)
    turn = [[source.choice([-1, 0, 1]) * step for _ in range(k)] for _ in range(3)]

    def moved(sign):
        *W, b = (
            [value + sign * d for value, d in zip(row, turned, strict=True)]
            for row, turned in zip([*rows, bias], turn, strict=True)
        )
        return one_hot_loss(W, b, normalisation="lemma")

    middle = one_hot_loss(rows, bias, normalisation="lemma")
    assert abs(middle - point.h.midpoint) < F(1, 10**11)
    # the slope, times two; what remains is of the order of the step, times curvature
    assert abs(moved(1) - moved(-1)) < F(1, 100) * step


@pytest.mark.parametrize("k", [*range(1, 33), 48, 100, 203])
def test_no_other_point_of_the_symmetric_slice_is_stationary(k):
    """At the best norm, -H falls and then rises along rho = -b / l^2: counted on a fine grid."""
    cosines = [math.cos(2 * math.pi * j / k) for j in range(1, k)]

    def gain(rho):
        own = sum((c - rho) ** 2 / c * (c - rho) for c in cosines if c > max(rho, 1e-12))
        if rho < 0:
            own = sum(rho**3 / c if c < rho else c * c - 3 * c * rho + 3 * rho**2 for c in cosines)
            return (2 - 3 * rho) ** 2 / (own + 1 - 3 * rho + 3 * rho**2)
        return (1 - rho) ** 4 * (2 + rho) ** 2 / (own + (1 - rho) ** 3)

    grid = [i / 1000 for i in range(-3000, 1000)]
    values = [gain(rho) for rho in grid]
    turns = [
        (grid[i], grid[i + 1])
        for i in range(1, len(grid) - 1)
        if (values[i] - values[i - 1]) * (values[i + 1] - values[i]) < 0
    ]
    point = polygon_critical_point(k, digits=6)
    rho = float(-point.bias.midpoint / point.norm.midpoint**2)
    assert len(turns) == 1
    assert abs(turns[0][0] - rho) < 2e-3


def test_where_the_equations_of_the_paper_have_a_solution():
    found = [k for k in range(1, 204) if chen_critical_point(k, digits=3)]
    assert found == [1, 2, 3, 4, 5, 6, 7, 8, 12]


@pytest.mark.thorough
def test_every_polygon_is_critical_once_up_to_2000():
    for k in range(5, 2001):
        point = chen_critical_point(k, digits=3)
        assert isinstance(point, NoCriticalPoint) == (k > 8 and k != 12)


def test_the_refusal_names_the_point_that_there_is():
    answer = chen_critical_point(16, digits=10)
    assert isinstance(answer, NoCriticalPoint)
    assert "2 active neighbours to each side, not with all 3" in answer.reason
    assert isinstance(answer.nearest, PolygonPoint)


@pytest.mark.parametrize(
    ("k", "c", "positive", "published"),
    [
        (4, 4, 0, "0.00000"),
        (4, 5, 0, "0.06667"),
        (4, 5, 1, "0.05667"),
        (5, 5, 0, "0.01583"),
        (4, 6, 0, "0.11111"),
        (4, 6, 1, "0.10417"),
        (5, 6, 0, "0.06874"),
        (5, 6, 1, "0.06180"),
        (6, 6, 0, "0.04819"),
    ],
)
def test_published_losses(k, c, positive, published):
    assert f"{float(polygon_loss(k, c, positive=positive)):.5f}" == published


@settings(deadline=None)
@given(st.integers(1, 6), st.integers(0, 3), st.data())
def test_losses_are_those_of_the_lemma(k, ignored, data):
    positive, c = data.draw(st.integers(0, ignored)), k + ignored
    point = polygon_critical_point(k, digits=15)
    rows, bias = polygon(k, point.norm.midpoint, point.bias.midpoint)
    dead = [F(1, 2 * c)] * positive + [F(-1)] * (ignored - positive)
    found = one_hot_loss([[*row, *[0] * ignored] for row in rows], bias + dead)
    value = polygon_loss(k, c, positive=positive, digits=15)
    middle = value.midpoint if isinstance(value, Enclosure) else value
    assert abs(found - middle) < F(1, 10**13)


@pytest.mark.parametrize("k", [5, 9, 12, 41])
def test_more_digits_lie_within_fewer(k):
    few, many = (polygon_critical_point(k, digits=d) for d in (5, 200))
    for rough, fine in ((few.norm, many.norm), (few.bias, many.bias), (few.h, many.h)):
        assert rough.lower <= fine.lower
        assert fine.upper <= rough.upper
        assert fine.radius <= abs(fine.midpoint) / 10**200


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: polygon_critical_point(0), "k=0"),
        (lambda: polygon_critical_point(2.5), "k=2.5"),
        (lambda: polygon_critical_point(True), "k=True"),
        (lambda: polygon_critical_point(20_000), "from 1 to 10000"),
        (lambda: polygon_critical_point(5, digits=0), "digits=0"),
        (lambda: polygon_loss(5, 4), "k=5: must be at most n_features=4"),
        (lambda: polygon_loss(5, 6, positive=2), "positive=2"),
    ],
)
def test_refused_input(call, message):
    with pytest.raises(InputError, match=message):
        call()
