"""Truncated moments of normal features, against quadrature set by set."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import pytest
from flint import arb, ctx, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf, quad
from truncated_rows import (
    FIELD,
    active_sets,
    close,
    independent,
    number,
    rational,
    row,
    rows,
    unit,
    weights_of,
    with_digits,
)

from theory.arithmetic.balls import BallVertices, Enclosure
from theory.problem import Normal, ReLU, Unsupported
from theory.rows.gaussian import GaussianRow, gaussian_moment
from theory.rows.row import Row, UnitMasses
from theory.rows.vertices import Undecided

LAW = Normal()
BITS = 500


def _found(one: Row, weights: dict[int, int], r: int) -> arb:
    with ctx.workprec(BITS):
        return gaussian_moment(FIELD, one, weights, r)


def _half_line(shift: mpf, top: int) -> list[mpf]:
    """``E[z^k; z > shift]`` of a standard normal ``z``, by parts."""
    density = mp.exp(-(shift**2) / 2) / mp.sqrt(2 * mp.pi)
    found = [mp.erfc(shift / mp.sqrt(2)) / 2, density]
    for k in range(2, top + 1):
        found.append(shift ** (k - 1) * density + (k - 1) * found[k - 2])
    return found


def _whole_line(k: int) -> int:
    return math.prod(range(1, k, 2)) if k % 2 == 0 else 0


def _given(bias: mpf, slopes: list[mpf], active: tuple[int, ...], weights: dict, r: int) -> mpf:
    r"""``E[w (y)_+^r]`` for known active features, by splitting them along ``y``.

    With ``z = (y - b) / sigma`` every ``x_j = (a_j / sigma) z + e_j``, where ``e`` is normal with
    covariance ``1 - a a^T / sigma^2``, independent of ``z``: ``w`` is a polynomial in ``z``.
    """
    if any(j not in active for j in weights):
        return mpf(0)
    sigma = mp.sqrt(sum(slopes[j] ** 2 for j in active))
    listed = [j for j, s in weights.items() for _ in range(s)]
    if not sigma:
        outcome = bias**r if bias > 0 else mpf(0)
        return outcome * math.prod(_whole_line(s) for s in weights.values())
    c = [slopes[j] / sigma for j in listed]
    if len(c) == 0:
        poly = [mpf(1)]
    elif len(c) == 1:
        poly = [mpf(0), c[0]]
    else:
        poly = [(listed[0] == listed[1]) - c[0] * c[1], mpf(0), c[0] * c[1]]
    line = _half_line(-bias / sigma, r + 2)
    return sum(
        entry * math.comb(r, k) * bias ** (r - k) * sigma**k * line[k + power]
        for power, entry in enumerate(poly)
        for k in range(r + 1)
    )


def _expected(one: Row, weights: dict[int, int], r: int) -> mpf:
    slopes, bias = [number(a) for a in one.slopes], number(one.bias)
    return sum(
        mass * _given(bias, slopes, active, weights, r) for active, mass in active_sets(one) if mass
    )


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_agrees_with_the_projection_on_the_output(data: st.DataObject) -> None:
    one = data.draw(rows(LAW, 5))
    weights = data.draw(weights_of(len(one.slopes)))
    r = data.draw(st.sampled_from([0, 1, 2, 3, 7, 24]))
    with with_digits():
        assert close(_found(one, weights, r), _expected(one, weights, r))


@pytest.mark.parametrize("weights", [{}, {0: 1}, {0: 2}, {0: 1, 1: 1}, {1: 2}])
@pytest.mark.parametrize("r", [0, 1, 2])
def test_agrees_with_quadrature(weights: dict[int, int], r: int) -> None:
    """The definition itself for two features that are always active."""
    one = row(LAW, [1, "-1/2"], "3/7", independent(1, 1))
    b, s, t = number(one.bias), weights.get(0, 0), weights.get(1, 0)

    def over_positive(v: mpf) -> mpf:
        # z^0, ..., z^3 over z > v/2 - b in closed form
        line = _half_line(v / 2 - b, s + r + 1)
        inner = sum(math.comb(r, k) * (b - v / 2) ** (r - k) * line[s + k] for k in range(r + 1))
        return v**t * mp.exp(-v * v / 2) / mp.sqrt(2 * mp.pi) * inner

    with mp.workdps(20):
        expected = quad(over_positive, [-mp.inf, -3, 0, 3, mp.inf])
    with with_digits():
        assert close(_found(one, weights, r), expected, 14)


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_one_object_gives_every_moment_whatever_was_asked_before(data: st.DataObject) -> None:
    one = data.draw(rows(LAW))
    asked = data.draw(
        st.lists(st.tuples(weights_of(len(one.slopes)), st.integers(0, 6)), min_size=2, max_size=6)
    )
    with ctx.workprec(BITS):
        shared = GaussianRow(FIELD, one)
        for weights, r in asked:
            alone = gaussian_moment(FIELD, one, weights, r)
            assert abs(shared.moment(weights, r) - alone) < arb(2) ** -300


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_the_order_of_features_does_not_matter(data: st.DataObject) -> None:
    """The target's unit is taken in first; whichever feature is the target, moments agree."""
    one = data.draw(rows(LAW))
    weights, r = data.draw(weights_of(len(one.slopes))), data.draw(st.integers(0, 4))
    index = data.draw(st.integers(0, len(one.slopes) - 1))
    other = Row(index, one.slopes, one.bias, one.units[::-1], LAW, ReLU())
    with ctx.workprec(BITS):
        assert abs(_found(other, weights, r) - _found(one, weights, r)) < arb(2) ** -300


@given(st.data(), st.sampled_from([Fraction(1, 3), Fraction(7), Fraction(1, 10**12)]))
@settings(max_examples=40, deadline=None)
def test_scales_with_the_output(data: st.DataObject, c: Fraction) -> None:
    one = data.draw(rows(LAW))
    weights = data.draw(weights_of(len(one.slopes)))
    r, c_q = data.draw(st.integers(0, 5)), rational(c)
    scaled = Row(0, [a * c_q for a in one.slopes], one.bias * c_q, one.units, LAW, ReLU())
    with ctx.workprec(BITS):
        both = _found(scaled, weights, r), _found(one, weights, r) * arb(c_q) ** r
        assert abs(both[0] - both[1]) <= arb(2) ** -300 * (1 + abs(both[1]))


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_a_feature_may_change_its_sign(data: st.DataObject) -> None:
    """``x_j`` and ``-x_j`` have one law."""
    one = data.draw(rows(LAW))
    j = data.draw(st.integers(0, len(one.slopes) - 1))
    weights, r = data.draw(weights_of(len(one.slopes))), data.draw(st.integers(0, 4))
    slopes = [-a if k == j else a for k, a in enumerate(one.slopes)]
    other = Row(0, slopes, one.bias, one.units, LAW, ReLU())
    sign = (-1) ** weights.get(j, 0)
    with ctx.workprec(BITS):
        assert abs(_found(other, weights, r) * sign - _found(one, weights, r)) < arb(2) ** -300


@pytest.mark.parametrize(
    ("slopes", "bias", "densities", "weights", "r", "expected"),
    [
        ([2], 0, [1], {}, 2, fmpq(2)),  # half of E (2x)^2
        ([2], 0, ["1/2"], {}, 0, fmpq(1, 4)),  # the atom at zero does not count
        ([2], 0, ["1/2"], {0: 1}, 1, fmpq(1, 2)),
        ([2], 0, ["1/2"], {0: 2}, 0, fmpq(1, 4)),
        ([0], 0, [1], {}, 0, fmpq(0)),
        ([0], "1/3", [1], {0: 2}, 1, fmpq(1, 3)),
        ([0], "1/3", [1], {0: 1}, 1, fmpq(0)),
        ([0], "-1/3", [1], {0: 2}, 3, fmpq(0)),
        ([3, 4], 0, [1, 1], {0: 1, 1: 1}, 2, fmpq(12)),  # a_i a_j 2 P(y > 0)
        ([1, 2], 0, [0, 0], {}, 1, fmpq(0)),
        ([1, 2], 5, [0, 0], {}, 1, fmpq(5)),
        ([1, 2], 5, [0, 1], {0: 1}, 1, fmpq(0)),
        ([1], 3, [0], {0: 1}, 0, fmpq(0)),
    ],
)
def test_values_by_hand(slopes, bias, densities, weights, r, expected) -> None:
    with ctx.workprec(BITS):
        found = _found(row(LAW, slopes, bias, independent(*densities)), weights, r)
        assert found.contains(arb(expected))
        assert found.rad() < arb(2) ** -400


def test_mean_of_the_positive_part_by_hand() -> None:
    """``E (5z)_+ = 5 / sqrt(2 pi)``, where both features are active: a quarter of the time."""
    one = row(LAW, [3, 4], 0, [unit("3/4", ((0, 1), "1/4"))])
    with ctx.workprec(BITS):
        expected = 5 / (2 * arb.pi()).sqrt() / 4
        assert abs(_found(one, {}, 1) - expected) < arb(2) ** -400


def test_masses_of_zero_leave_nothing() -> None:
    one = row(LAW, [1, 1], 1, [unit(0, ((0,), 0)), unit("1/2", ((1,), "1/2"))])
    assert all(_found(one, w, 1).contains(0) for w in ({}, {0: 1}, {1: 1}))


def test_many_features_of_one_slope_are_few_variances() -> None:
    """A hundred features of two slopes, always or rarely active: at most 51 * 51 variances."""
    slopes = [Fraction(k % 2 + 1, 7) for k in range(100)]
    one = row(LAW, slopes, 0, independent(*["1/10"] * 100))
    with ctx.workprec(200):
        found = GaussianRow(FIELD, one)
        assert abs(2 * found.moment({}, 2) - arb(fmpq(50 * 5, 10 * 49))) < arb(2) ** -150
        assert abs(2 * found.moment({0: 1, 99: 1}, 2) - arb(fmpq(2 * 2, 100 * 49))) < arb(2) ** -150


def test_too_many_variances_are_refused() -> None:
    slopes = [math.isqrt(10**12 * (k + 2)) for k in range(20)]
    with pytest.raises(Unsupported, match=r"n_features=20: normal features .* use the series"):
        _found(row(LAW, slopes, 0, independent(*["1/2"] * 20)), {}, 1)


def _balls(one: Row) -> Row:
    units = [
        UnitMasses(arb(u.idle), tuple((members, arb(mass)) for members, mass in u.sets))
        for u in one.units
    ]
    return Row(0, [arb(a) for a in one.slopes], arb(one.bias), units, LAW, ReLU())


def _blurred(one: Row, j: int, radius: float) -> Row:
    slopes = [a + arb(0, radius) if k == j else a for k, a in enumerate(one.slopes)]
    return Row(0, slopes, one.bias, one.units, LAW, ReLU())


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_balls_give_what_the_field_gives(data: st.DataObject) -> None:
    one = data.draw(rows(LAW))
    weights = data.draw(weights_of(len(one.slopes)))
    with ctx.workprec(BITS):
        found = gaussian_moment(BallVertices(), _balls(one), weights, 2)
        assert abs(found - _found(one, weights, 2)) < arb(2) ** -300


@given(st.data(), st.sampled_from([1e-3, 1e-30]))
@settings(max_examples=60, deadline=None)
def test_a_slope_that_may_be_zero_is_enclosed(data: st.DataObject, radius: float) -> None:
    """The hull over the ball holds the values at its middle and ends, and is narrow."""
    one = data.draw(rows(LAW))
    j, r = data.draw(st.integers(0, len(one.slopes) - 1)), data.draw(st.integers(2, 4))
    weights = data.draw(weights_of(len(one.slopes)))
    with ctx.workprec(BITS):
        found = gaussian_moment(BallVertices(), _blurred(_balls(one), j, radius), weights, r)
        for shift in (0, fmpq(arb(radius).fmpq()), -fmpq(arb(radius).fmpq())):
            slopes = [a + shift if k == j else a for k, a in enumerate(one.slopes)]
            inside = _found(Row(0, slopes, one.bias, one.units, LAW, ReLU()), weights, r)
            assert found.overlaps(inside)
        assert found.rad() < 1e5 * radius


@pytest.mark.parametrize(("bias", "expected"), [(1, 1), (-1, 0), (0, None)])
def test_probability_of_an_output_that_may_be_constant(bias: int, expected: int | None) -> None:
    one = _blurred(_balls(row(LAW, [0], bias, independent(1))), 0, 1e-20)
    with ctx.workprec(BITS):
        found = gaussian_moment(BallVertices(), one, {}, 0)
        if expected is None:  # 0 at slope 0, 1/2 beside it
            assert found.contains(0)
            assert found.contains(0.5)
        else:
            assert found.contains(expected)
            assert found.rad() < 1e-20


def test_a_density_that_may_be_infinite_is_said_so() -> None:
    one = _blurred(_balls(row(LAW, [0], 0, independent(1))), 0, 1e-20)
    with pytest.raises(Undecided, match="cannot be told from 0"):
        gaussian_moment(BallVertices(), one, {0: 1}, 0)


@pytest.mark.parametrize("bias", [-30, 30])
def test_far_tails_keep_their_digits(bias: int) -> None:
    """``P(z > 30)`` is 5e-198; the ball is relative to it once the precision suffices."""
    one = row(LAW, [1], bias, independent(1))
    with with_digits():
        expected = mp.erfc(-mpf(bias) / mp.sqrt(2)) / 2
    found = _found(one, {}, 0)
    assert found.rel_accuracy_bits() > 400
    with with_digits():
        assert abs(mpf(str(found.mid().str(50, radius=False))) / expected - 1) < mpf(10) ** -45


def test_units_of_every_kind_together() -> None:
    """Three features excluding each other, two together, one alone: 4 * 2 * 2 active sets."""
    third = Fraction(1, 3)
    kinds = [
        unit("1/2", ((0,), third / 2), ((2,), third / 2), ((5,), third / 2)),
        unit("3/4", ((1, 3), "1/4")),
        unit("1/5", ((4,), "4/5")),
    ]
    one = row(LAW, ["1/2", -1, "1/2", 1, 0, 2], "-1/4", kinds)
    assert len(list(active_sets(one))) == 16
    with with_digits():
        for i, j in itertools.combinations_with_replacement(range(6), 2):
            weights = {i: 2} if i == j else {i: 1, j: 1}
            assert close(_found(one, weights, 1), _expected(one, weights, 1))


@pytest.mark.parametrize("bias", [-(10**12), 10**12])
def test_numbers_too_small_to_write_out_are_enclosed(bias: int) -> None:
    """``e^(-10^24 / 2)`` is no fraction that fits into memory; its enclosure is."""
    found = Enclosure.of(_found(row(LAW, [1], bias, independent(1)), {}, 0))
    assert (0 if bias < 0 else 1) in found
    assert found.radius < Fraction(1, 10**100)
    assert found.radius.denominator.bit_length() < 10**5
