"""Truncated moments of exponential features, against phase-type laws by matrix exponentials."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from flint import arb, ctx, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import expm, eye, inverse, matrix, mp, mpf, quad
from truncated_rows import (
    FIELD,
    SLOPES,
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
from theory.problem import Exponential, ReLU
from theory.rows.exponential import ExponentialRow, exponential_moment
from theory.rows.row import Row, UnitMasses

LAW = Exponential()
BITS = 500


def _found(one: Row, weights: dict[int, int], r: int) -> arb:
    with ctx.workprec(BITS):
        return exponential_moment(FIELD, one, weights, r)


def _tail(shift: mpf, stages: list[mpf], against: list[mpf], r: int) -> mpf:
    r"""``E(T - A - shift)_+^r / r!``, ``T`` and ``A`` sums of exponential stages, ``shift >= 0``.

    A sum of stages of rates ``1/a`` is the time to absorption of a chain with generator ``Q``:
    ``E(T - s)_+^r / r! = alpha e^{Qs} (-Q)^{-r} 1``, and ``s = shift + A`` is averaged by
    ``E e^{Qa u} = (1 - a Q)^{-1}``.
    """
    k = len(stages)
    if not k:
        return mpf(0)
    Q = matrix(k, k)
    for i, a in enumerate(stages):
        Q[i, i] = -1 / a
        if i + 1 < k:
            Q[i, i + 1] = 1 / a
    left = expm(Q * shift)
    for a in against:
        left *= inverse(eye(k) - a * Q)
    for _ in range(r):
        left *= inverse(-Q)
    return sum(left[0, i] for i in range(k))


def _moment_of_sum(bias: mpf, parts: list[mpf], r: int) -> mpf:
    """``E(bias + sum_k parts_k u_k)^r / r!``: coefficient of ``e^{bz} prod 1/(1 - a z)``."""
    series = [bias**k / mp.factorial(k) for k in range(r + 1)]
    for a in parts:
        for k in range(1, r + 1):
            series[k] += a * series[k - 1]
    return series[r]


def _given(bias: mpf, slopes: list[mpf], active: tuple[int, ...], weights: dict, r: int) -> mpf:
    """``E[w (y)_+^r]`` for known active features: ``u^s`` makes of a feature ``1 + s`` stages."""
    if any(j not in active for j in weights):
        return mpf(0)
    parts = [slopes[j] for j in active for _ in range(1 + weights.get(j, 0))]
    up = [a for a in parts if a > 0]
    down = [-a for a in parts if a < 0]
    factor = math.prod(math.factorial(s) for s in weights.values()) * mp.factorial(r)
    if bias <= 0:
        return factor * _tail(-bias, up, down, r)
    # (y)_+^r = y^r - (-1)^r (-y)_+^r, where -y has a negative bias
    whole = _moment_of_sum(bias, parts, r)
    return factor * (whole - (-1) ** r * _tail(bias, down, up, r))


def _expected(one: Row, weights: dict[int, int], r: int) -> mpf:
    slopes, bias = [number(a) for a in one.slopes], number(one.bias)
    return sum(
        mass * _given(bias, slopes, active, weights, r) for active, mass in active_sets(one) if mass
    )


@given(st.data())
@settings(max_examples=80, deadline=None)
def test_agrees_with_absorption_times(data: st.DataObject) -> None:
    one = data.draw(rows(LAW))
    weights = data.draw(weights_of(len(one.slopes)))
    r = data.draw(st.sampled_from([0, 1, 2, 3, 7, 24]))
    with with_digits():
        assert close(_found(one, weights, r), _expected(one, weights, r))


@given(st.data())
@settings(max_examples=30, deadline=None)
def test_one_object_gives_every_moment_whatever_was_asked_before(data: st.DataObject) -> None:
    one = data.draw(rows(LAW))
    asked = data.draw(
        st.lists(st.tuples(weights_of(len(one.slopes)), st.integers(0, 6)), min_size=2, max_size=6)
    )
    with ctx.workprec(BITS):
        shared = ExponentialRow(FIELD, one)
        for weights, r in asked:
            alone = exponential_moment(FIELD, one, weights, r)
            assert abs(shared.moment(weights, r) - alone) < arb(2) ** -300


@given(st.data(), st.sampled_from([Fraction(1, 3), Fraction(7), Fraction(1, 10**12)]))
@settings(max_examples=30, deadline=None)
def test_scales_with_the_output(data: st.DataObject, c: Fraction) -> None:
    one = data.draw(rows(LAW))
    weights = data.draw(weights_of(len(one.slopes)))
    r = data.draw(st.integers(0, 5))
    c_q = rational(c)
    scaled = Row(0, [a * c_q for a in one.slopes], one.bias * c_q, one.units, LAW, ReLU())
    with ctx.workprec(BITS):
        both = _found(scaled, weights, r), _found(one, weights, r) * arb(c_q) ** r
        assert abs(both[0] - both[1]) <= arb(2) ** -300 * (1 + abs(both[1]))


@given(st.data())
@settings(max_examples=30, deadline=None)
def test_the_two_parts_make_up_the_moment(data: st.DataObject) -> None:
    """``(y)_+^3 - (-y)_+^3 = y^3``; the two closures of the integral meet here."""
    one = data.draw(rows(LAW))
    other = Row(0, [-a for a in one.slopes], -one.bias, one.units, LAW, ReLU())
    with with_digits(), ctx.workprec(BITS):
        slopes, bias = [number(a) for a in one.slopes], number(one.bias)
        whole = sum(
            mass * 6 * _moment_of_sum(bias, [slopes[j] for j in active], 3)
            for active, mass in active_sets(one)
        )
        assert close(_found(one, {}, 3) - _found(other, {}, 3), whole)


@pytest.mark.parametrize(
    ("bias", "weights", "r"), [(-1, {0: 1}, 1), (0, {0: 1, 1: 1}, 1), ("3/7", {1: 2}, 0)]
)
def test_agrees_with_quadrature(bias: object, weights: dict[int, int], r: int) -> None:
    """The definition itself for two features that are always active, one of each sign."""
    one = row(LAW, [1, "-1/2"], bias, independent(1, 1))
    b, s, t = number(one.bias), weights.get(0, 0), weights.get(1, 0)

    def over_positive(v: mpf) -> mpf:
        start = max(mpf(0), v / 2 - b)
        inner = quad(lambda u: u**s * mp.exp(-u) * (b + u - v / 2) ** r, [start, start + 5, mp.inf])
        return v**t * mp.exp(-v) * inner

    with mp.workdps(15):
        points = sorted({mpf(0), max(mpf(0), 2 * b), mpf(10), mp.inf})
        expected = quad(over_positive, points)
    with with_digits():
        assert close(_found(one, weights, r), expected, 10)


@pytest.mark.parametrize(
    ("slopes", "bias", "densities", "weights", "r", "expected"),
    [
        ([2], 0, [1], {}, 2, fmpq(8)),  # E (2u)^2
        ([2], 0, ["1/2"], {}, 0, fmpq(1, 2)),  # the atom at zero does not count
        ([2], 1, ["1/2"], {}, 0, fmpq(1)),
        ([0], 0, [1], {}, 0, fmpq(0)),
        ([0], "1/3", [1], {0: 2}, 1, fmpq(2, 3)),  # E u^2 = 2
        ([-1], 0, [1], {0: 1}, 1, fmpq(0)),
        ([1, -1], 0, [1, 1], {}, 1, fmpq(1, 2)),  # E (u - v)_+
        ([1, 1], 0, [1, 1], {}, 2, fmpq(6)),  # a gamma law: E T^2 = 2 * 3
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


def test_tail_of_one_feature_by_hand() -> None:
    """``E(u - 3)_+^2 = 2 e^{-3}``, and the feature is idle half of the time."""
    one = row(LAW, [1], -3, independent("1/2"))
    with ctx.workprec(BITS):
        assert abs(_found(one, {}, 2) - arb(-3).exp()) < arb(2) ** -400


def test_groups_by_hand() -> None:
    """Together: ``E(u + v)``, half of the time; excluding each other: the mean of both."""
    together = row(LAW, [1, 1], 0, [unit("1/2", ((0, 1), "1/2"))])
    apart = row(LAW, [1, 3], 0, [unit("1/2", ((0,), "1/4"), ((1,), "1/4"))])
    assert _found(together, {}, 1).contains(1)
    assert _found(together, {0: 1, 1: 1}, 0).contains(fmpq(1, 2))
    assert _found(apart, {}, 1).contains(1)
    assert _found(apart, {0: 1, 1: 1}, 0).contains(0)


def test_slopes_that_nearly_agree_only_cost_digits() -> None:
    """Twelve slopes 2^-60 apart: the ball widens, and a higher precision narrows it again."""
    slopes = [1 + Fraction(k, 2**60) for k in range(12)]
    one = row(LAW, slopes, -1, independent(*[1] * 12))
    merged = row(LAW, [1] * 12, -1, independent(*[1] * 12))
    with ctx.workprec(53):
        wide = exponential_moment(FIELD, one, {}, 1)
    with ctx.workprec(4000):
        narrow = exponential_moment(FIELD, one, {}, 1)
        assert wide.contains(narrow)
        assert narrow.rad() < arb(2) ** -2000
        assert abs(narrow - exponential_moment(FIELD, merged, {}, 1)) < arb(2) ** -50


def test_many_features_of_one_slope_are_a_gamma_law() -> None:
    with ctx.workprec(BITS):
        found = exponential_moment(FIELD, row(LAW, [2] * 60, -120, independent(*[1] * 60)), {}, 1)
        # E(2 T - 120)_+ for T of 60 stages: 2 (60 P(T_61 > 60) - 60 P(T_60 > 60))
        last = arb(60) ** 60 / arb(60).fac() * arb(-60).exp()
        assert abs(found - 120 * last) < arb(2) ** -300


def _balls(one: Row) -> Row:
    units = [
        UnitMasses(arb(u.idle), tuple((members, arb(mass)) for members, mass in u.sets))
        for u in one.units
    ]
    return Row(0, [arb(a) for a in one.slopes], arb(one.bias), units, LAW, ReLU())


@given(st.data())
@settings(max_examples=30, deadline=None)
def test_balls_give_what_the_field_gives(data: st.DataObject) -> None:
    """Eighths are exact balls: ties are decided there too."""
    one = data.draw(rows(LAW))
    weights = data.draw(weights_of(len(one.slopes)))
    with ctx.workprec(BITS):
        found = exponential_moment(BallVertices(), _balls(one), weights, 2)
        assert abs(found - _found(one, weights, 2)) < arb(2) ** -300


_SHIFTS = st.integers(-8, 8).map(lambda k: Fraction(k, 8))


@given(st.data(), st.sampled_from([Fraction(1, 2**7), Fraction(1, 2**90)]))
@settings(max_examples=150, deadline=None)
def test_a_blurred_row_encloses_every_row_within(data: st.DataObject, radius: Fraction) -> None:
    """Ties, zeros and the bias as balls: every true row inside has its moment inside."""
    one = data.draw(rows(LAW))
    n = len(one.slopes)
    weights, r = data.draw(weights_of(n)), data.draw(st.integers(0, 3))
    entries = [one.bias, *one.slopes]
    blur = [data.draw(st.booleans()) for _ in entries]
    moves = [rational(data.draw(_SHIFTS) * radius) * b for b in blur]
    inside = [entry + move for entry, move in zip(entries, moves, strict=True)]
    with ctx.workprec(BITS):
        balls = [
            arb(x) + arb(0, arb(rational(radius))) * b for x, b in zip(entries, blur, strict=True)
        ]
        units = _balls(one).units
        found = exponential_moment(
            BallVertices(), Row(0, balls[1:], balls[0], units, LAW, ReLU()), weights, r
        )
        true = _found(Row(0, inside[1:], inside[0], one.units, LAW, ReLU()), weights, r)
        assert found.contains(true.mid())
        if r:
            assert found.rad() <= 10**7 * arb(rational(radius))


@pytest.mark.parametrize("r", [0, 1, 4])
@pytest.mark.parametrize("bias", [-1, 1])
def test_ties_of_numbers_without_a_field(bias: int, r: int) -> None:
    """Two slopes ``pi / 4`` and a third ``-pi / 4``: enclosed to the digits of the balls."""
    with ctx.workprec(BITS):
        units = _balls(row(LAW, [0] * 4, 0, independent(1, "1/2", "1/3", 1))).units
        slope, zero = arb.pi() / 4, arb.pi().sin()
        one = Row(0, [slope, arb.pi() / 4, -slope, zero], arb(bias), units, LAW, ReLU())
        found = exponential_moment(BallVertices(), one, {1: 1}, r)
    with with_digits():
        reference = row(LAW, [1, 1, -1, 0], bias, independent(1, "1/2", "1/3", 1))
        slopes = [mp.pi / 4 * number(a) for a in reference.slopes]
        expected = sum(
            mass * _given(mpf(bias), slopes, active, {1: 1}, r)
            for active, mass in active_sets(reference)
        )
        assert close(found, expected)


@pytest.mark.parametrize(
    ("bias", "given", "radius", "true"),
    [
        (-1, [1, "11/10"], "1/5", ["6/5", "13/10"]),  # two slopes taken for one
        (-1, [1, "11/10"], "1/5", ["4/5", "9/10"]),
        (-1, [0], "1/2", ["1/2"]),  # a slope taken for 0: P(u > 2)
        (1, [0], "1/2", ["-1/2"]),
    ],
)
def test_the_probability_of_wide_balls_is_enclosed(bias, given, radius, true) -> None:
    units = independent(*[1] * len(given))
    with ctx.workprec(BITS):
        one = _balls(row(LAW, given, bias, units))
        slopes = [a + arb(0, arb(rational(radius))) for a in one.slopes]
        wide = Row(0, slopes, one.bias, one.units, LAW, ReLU())
        found = exponential_moment(BallVertices(), wide, {}, 0)
        assert found.contains(_found(row(LAW, true, bias, units), {}, 0).mid())


def test_an_atom_that_may_lie_at_the_kink_stays_undecided() -> None:
    """Idle a third of the time, with a bias that may be 0: ``P(y > 0)`` is 2/3 or 1."""
    with ctx.workprec(BITS):
        one = _balls(row(LAW, [1], 0, independent("2/3")))
        blurred = Row(0, one.slopes, arb(0, arb(2) ** -200), one.units, LAW, ReLU())
        found = exponential_moment(BallVertices(), blurred, {}, 0)
        weighted = exponential_moment(BallVertices(), blurred, {0: 1}, 0)
        assert found.contains(arb(2) / 3)
        assert found.contains(1)
        assert abs(weighted - arb(2) / 3) < arb(2) ** -190


@given(SLOPES, st.integers(0, 4))
@settings(max_examples=20, deadline=None)
def test_a_wide_ball_holds_every_point_of_it(slope: Fraction, r: int) -> None:
    """The slope 1/3 as a ball of radius 1e-3 holds the value of every slope within."""
    exact = _found(row(LAW, ["1/3", slope], "-1/5", independent("1/2", 1)), {0: 1}, r)
    one = _balls(row(LAW, [0, slope], "-1/5", independent("1/2", 1)))
    blurred = Row(0, [arb(1) / 3 + arb(0, 1e-3), one.slopes[1]], one.bias, one.units, LAW, ReLU())
    with ctx.workprec(BITS):
        assert exponential_moment(BallVertices(), blurred, {0: 1}, r).overlaps(exact)


@pytest.mark.parametrize("bias", [-(10**12), 10**12])
def test_numbers_too_small_to_write_out_are_enclosed(bias: int) -> None:
    """``e^(-10^12)`` is no fraction that fits into memory; its enclosure is."""
    one = row(LAW, [1, -1], bias, independent("1/2", "1/2"))
    found = Enclosure.of(_found(one, {}, 0))
    assert (0 if bias < 0 else 1) in found
    assert found.radius < Fraction(1, 10**100)
    assert found.radius.denominator.bit_length() < 10**5
