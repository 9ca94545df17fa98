"""One output: its pieces against exact moments, and its bounds against what they bound.

The reference holds a function of the bias as a sum of truncated powers ``coefficient (t + c)_+^k``
and averages it over one feature after another, for none, one, and two or more active features.
"""

from __future__ import annotations

import itertools
from fractions import Fraction as F

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from numerics.rows.branches import count_branches
from numerics.rows.conditioning import conditioned_moment, sign_is_settled
from numerics.rows.few_active import leave_one_out, none_and_one_active
from numerics.rows.fourier import oscillating_part, oscillating_part_with_gradient
from numerics.rows.moments import polynomial_part
from numerics.rows.planning import _envelopes, choose_period, row_scale, truncation_ladder
from numerics.rows.row import _conditioned_rounding, _series_rounding, evaluate_row
from numerics.series import expected_loss as series_loss
from theory.loss import expected_loss as exact_loss
from theory.problem import Problem

profile = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])

# ---------------------------------------------------------------- reference: truncated powers


def averaged(terms, a, power):
    """Integral over ``u`` in [0, 1] of ``u^power f(t + a u)``."""
    out = {}

    def add(c, k, coefficient, s):
        # by parts: u^s times the primitive, at u = 1, less the rest
        up = coefficient / (a * (k + 1))
        out[c + a, k + 1] = out.get((c + a, k + 1), F(0)) + up
        if s == 0:
            out[c, k + 1] = out.get((c, k + 1), F(0)) - up
        else:
            add(c, k + 1, -s * up, s - 1)

    for (c, k), coefficient in terms.items():
        if a == 0:
            out[c, k] = out.get((c, k), F(0)) + coefficient / (power + 1)
        else:
            add(c, k, coefficient, power)
    return out


def combined(*parts):
    out = {}
    for weight, terms in parts:
        for key, coefficient in terms.items():
            out[key] = out.get(key, F(0)) + weight * coefficient
    return out


def class_moments(a, p, b, r, powers):
    """``E[prod x_j^s_j (y)_+^r]`` over none, one, and two or more active features."""
    none, one, more = {(F(0), r): F(1)}, {}, {}
    for slope, chance, power in zip(a, p, powers, strict=True):
        stay = 1 - F(chance) if power == 0 else F(0)
        lifted = [averaged(terms, F(slope), power) for terms in (none, one, more)]
        more = combined((stay, more), (F(chance), lifted[2]), (F(chance), lifted[1]))
        one = combined((stay, one), (F(chance), lifted[0]))
        none = combined((stay, none))

    def at(terms):
        return sum((x * (F(b) + c) ** k for (c, k), x in terms.items() if F(b) + c > 0), F(0))

    return at(none), at(one), at(more)


# ---------------------------------------------------------------- rows over the whole domain

slopes = st.one_of(
    st.sampled_from([1.0, -1.0, 0.5, -0.5, 1e-12, -1e-9, 1e3]),
    st.integers(-100, 100).filter(bool).map(lambda k: k / 64),
    st.floats(-2, 2, width=32).filter(lambda w: abs(w) > 1e-3),
)
chances = st.one_of(
    st.sampled_from([0.0, 1.0, 0.5, 1e-6]), st.integers(1, 99).map(lambda k: k / 100)
)


@st.composite
def rows(draw, max_n=5, min_n=1):
    n = draw(st.integers(min_n, max_n))
    a = sorted(draw(st.lists(slopes, min_size=n, max_size=n)), key=lambda w: -abs(w))
    p = draw(st.lists(chances, min_size=n, max_size=n))
    corner = draw(st.lists(st.booleans(), min_size=n, max_size=n))
    vertex = -float(sum(w for w, on in zip(a, corner, strict=True) if on)) + 0.0
    b = draw(st.sampled_from([0.0, vertex, -0.3, 0.2, 1e-9, -a[0]]))
    own = draw(st.integers(-1, n - 1))
    p_own = p[own] if own >= 0 else draw(chances)
    return np.array(a), np.array(p), 1 - np.array(p), own, p_own, b


def exact_q(p):
    return [1 - F(float(x)) for x in p]


def target(a, p, own, p_own, b):
    """``E[(y_+^2 - 2 x_i y_+) ; class]`` for the three classes."""
    return _less(a, p, own, p_own, b, [0] * len(a), 2)


def derivatives(a, p, own, p_own, b, j=None):
    """``2 E[x_j y_+] - 2 E[x_j x_i 1(y > 0)]`` for the three classes; without ``x_j`` by bias."""
    powers = [int(k == j) for k in range(len(a))]
    return [2 * x for x in _less(a, p, own, p_own, b, powers, 1, factor=F(1))]


def _less(a, p, own, p_own, b, powers, r, factor=F(2)):
    squares = class_moments(a, p, b, r, powers)
    raised = [power + (k == own) for k, power in enumerate(powers)]
    mean = factor if own >= 0 else factor * F(float(p_own)) / 2  # of an x_i apart from y
    cross = class_moments(a, p, b, r - 1, raised)
    return [x - mean * y for x, y in zip(squares, cross, strict=True)]


# ---------------------------------------------------------------- at most one active feature


@pytest.mark.parametrize(
    ("a", "b", "wanted"),
    [
        (1.0, 0.0, F(0)),  # (u - u)^2
        (0.5, 0.0, F(1, 12)),  # (u/2)^2
        (2.0, 0.0, F(1, 3)),  # u^2
        (-1.0, 0.0, F(1, 3)),  # y < 0 throughout
        (1.0, -0.5, F(1, 24) + F(1, 8)),  # u^2 up to 1/2, then (1/2)^2
        (1.0, 0.5, F(1, 4)),  # (1/2)^2
        (-1.0, 1.0, F(1, 3)),  # (2u - 1)^2
        (-2.0, 1.0, F(1, 8) + F(7, 24)),  # (3u - 1)^2 up to 1/2, then u^2
        (1.0, -1.0, F(1, 3)),
    ],
)
def test_own_feature_alone_by_hand(a, b, wanted):
    one, half = np.array([1.0]), np.array([0.0])
    loss = none_and_one_active(np.array([a]), one, half, 0, 1.0, b, np.zeros(1))[0]
    assert loss == pytest.approx(float(wanted), abs=2e-16)


@pytest.mark.parametrize(
    ("a", "b", "second", "first"),
    [
        (1.0, 0.0, F(1, 3), F(1, 2)),
        (-1.0, 1.0, F(1, 3), F(1, 2)),
        (1.0, -0.5, F(1, 24), F(1, 8)),
        (-1.0, 0.5, F(1, 24), F(1, 8)),
        (-1.0, 0.0, F(0), F(0)),
        (1.0, 1.0, F(7, 3), F(3, 2)),
    ],
)
def test_another_feature_alone_by_hand(a, b, second, first):
    """Output 0 does not read its own feature of density 1/2: p/3 - p E y_+ + E y_+^2."""
    found = none_and_one_active(
        np.array([a]), np.array([1.0]), np.array([0.0]), -1, 0.5, b, np.zeros(1)
    )
    wanted = F(1, 6) - F(1, 2) * first + second
    assert found[0] == pytest.approx(float(wanted), abs=2e-16)
    assert found[3] == pytest.approx(float(first), abs=2e-16)


@profile
@given(rows())
def test_at_most_one_active_against_exact_moments(row):
    a, p, q, own, p_own, b = row
    by_a = np.zeros(a.size)
    loss, by_b, chance, mean, size = none_and_one_active(a, p, q, own, p_own, b, by_a)
    none, one, _ = target(a, p, own, p_own, b)
    nobody = F(1)
    for x in exact_q(p):
        nobody *= x
    alone = [F(float(p[j])) * _product(exact_q(p), j) for j in range(a.size)]
    square = alone[own] / 3 if own >= 0 else F(float(p_own)) / 3 * (nobody + sum(alone))
    unit = (4 * a.size + 40) * 2.0**-53
    assert abs(F(loss) - (none + one + square)) <= F(unit * size) + F(1, 10**300)
    reach = 2 + abs(b) + np.abs(a).sum()
    for got, j in ((by_b, None), *((by_a[j], j) for j in range(a.size))):
        wanted = sum(derivatives(a, p, own, p_own, b, j)[:2])
        assert abs(got - float(wanted)) <= 64 * unit * reach
    if own >= 0:  # the other two are for an own feature that stands apart
        return
    plain = [0] * a.size
    assert abs(chance - float(sum(class_moments(a, p, b, 0, plain)[:2]))) <= 64 * unit
    assert abs(mean - float(sum(class_moments(a, p, b, 1, plain)[:2]))) <= 64 * unit * reach


def _product(values, without):
    return F(1) if len(values) == 1 else _times(v for k, v in enumerate(values) if k != without)


def _times(values):
    total = F(1)
    for value in values:
        total *= value
    return total


@given(st.lists(st.sampled_from([0.0, 1.0, 0.5, 0.9]), min_size=1, max_size=6))
def test_products_without_one(q):
    wanted = [float(np.prod([x for k, x in enumerate(q) if k != j])) for j in range(len(q))]
    assert leave_one_out(np.array(q)).tolist() == pytest.approx(wanted)


# ---------------------------------------------------------------- conditioning


@settings(profile, max_examples=150)
@given(rows(max_n=6), st.integers(0, 2), st.data())
def test_conditioning_is_within_its_allowance(row, r, data):
    a, p, q, _, _, b = row
    weights = np.zeros(a.size, np.int64)
    for _ in range(data.draw(st.integers(0, 2))):
        weights[data.draw(st.integers(0, a.size - 1))] += 1
    value, size = conditioned_moment(a, p, q, weights, r, b)
    wanted = class_moments(a, p, b, r, weights.tolist())[2]
    allowed = _conditioned_rounding(a, p, q, b, size, r)
    assert abs(F(value) - wanted) <= F(allowed) + F(1, 10**300), (value, float(wanted), allowed)
    reach = (abs(b) + np.abs(a).sum()) ** r + 1
    assert allowed <= 1e-11 * reach


@profile
@given(rows(max_n=6))
def test_a_settled_sign_is_settled(row):
    a, _, _, _, _, b = row
    low, high = row_scale(a, b)
    exact = [F(float(x)) for x in a]
    bottom = F(b) + sum((x for x in exact if x < 0), F(0))
    top = F(b) + sum((x for x in exact if x > 0), F(0))
    slack = 8 * a.size * 2.0**-53 * (abs(b) + np.abs(a).sum())
    assert abs(bottom - F(low)) <= F(slack)
    assert abs(top - F(high)) <= F(slack)
    if bottom > slack or top < -slack:
        assert sign_is_settled(a, b)
    if bottom < -slack and top > slack:
        assert not sign_is_settled(a, b)


@pytest.mark.parametrize("seed", range(20))
def test_a_bias_at_the_edge_of_a_settled_sign_costs_nothing(seed):
    """Two orders of summation disagreed there: rows of many entries lost every digit."""
    draw = np.random.default_rng(seed)
    for _ in range(10):
        n = int(draw.integers(11, 16))
        v = draw.normal(size=n) * 10.0 ** draw.uniform(-2, 0, size=n)
        edge = -np.minimum(np.outer(v, v), 0.0).sum(axis=1)
        b = edge * (1 + draw.integers(-2, 3, size=n) * 1.1e-16)
        found = series_loss(Problem(n, 1, density=0.3), v[None], b)
        assert found.error <= 1e-7 * (1 + n * max(1.0, np.abs(v).max() ** 4))


def test_branches_are_counted_up_to_the_limit():
    assert count_branches(np.array([1.0, 0.5]), 5.0, 10) == 1
    assert count_branches(np.ones(12), -6.0, 100) == 101


# ---------------------------------------------------------------- the series


def period_of(a, b):
    low, high = row_scale(a, b)
    return max(-low, high) * (1 + 1e-12)


@profile
@given(rows(min_n=2, max_n=4), st.sampled_from([8, 10, 40, 200]))
def test_the_ladder_bounds_what_is_left_out(row, terms):
    a, p, q, own, p_own, b = row
    assume(not sign_is_settled(a, b))
    period = period_of(a, b)
    counts, losses, slopes = truncation_ladder(
        a, p, q, own, p_own, period, 1e-30, 1e-30, 4096, True
    )
    place = min(int(np.searchsorted(counts, terms)), counts.size - 1)
    terms = int(counts[place])
    slip, slope_slip = _series_rounding(a, p, q, own, b, period, terms)
    by_a = np.zeros(a.size)
    value, by_b, _, _ = polynomial_part(a, p, q, own, p_own, b, period, by_a)
    waves = oscillating_part_with_gradient(a, p, q, own, p_own, b, period, terms, by_a)
    alone = oscillating_part(a, p, q, own, p_own, b, period, terms)
    assert abs(alone - waves[0]) <= slip
    wanted = target(a, p, own, p_own, b)[2]
    assert abs(value + alone - float(wanted)) <= losses[place] + slip
    allowed = slopes[place] + slope_slip
    for got, j in ((by_b + waves[1], None), *((by_a[j], j) for j in range(a.size))):
        assert abs(got - float(derivatives(a, p, own, p_own, b, j)[2])) <= allowed


QUADRATURE = np.polynomial.legendre.leggauss(200)


def phase_moments(t):
    """``E[u^s e^{itu}]`` for ``s = 0, 1, 2`` by quadrature."""
    u, w = 0.5 * (QUADRATURE[0] + 1), 0.5 * QUADRATURE[1]
    wave = np.exp(1j * t * u)
    return [(w * u**s * wave).sum() for s in range(3)]


def brute_characteristic(a, p, q, omega, powers):
    """``E[prod x^s e^{i omega y} ; two or more active]`` from every set of active features."""
    waves = [phase_moments(omega * x) for x in a]
    total = 0.0
    for active in itertools.product([0, 1], repeat=len(a)):
        if sum(active) < 2:
            continue
        term = 1.0
        for j, on in enumerate(active):
            idle = q[j] if powers[j] == 0 else 0.0
            term = term * (p[j] * waves[j][powers[j]] if on else idle)
        total += term
    return abs(total)


@profile
@given(rows(min_n=2, max_n=4), st.sampled_from([0.1, 1.0, 4.0, 9.0, 20.0, 90.0]))
def test_the_envelopes_lie_above_the_characteristic_functions(row, reach):
    a, p, q, own, p_own, _ = row
    omega = reach / np.abs(a).max()
    plain, weighted, by_entry, pair, _ = _envelopes(a, p, q, own, p_own, omega)
    n, slack = a.size, 1 + 1e-9

    def modulus(*features):
        powers = [0] * n
        factor = 1.0
        for j in features:
            if j >= 0:
                powers[j] += 1
            else:
                factor *= 0.5 * p_own
        return factor * brute_characteristic(a, p, q, omega, powers)

    tiny = 1e-14
    assert modulus() <= plain * slack + tiny
    assert modulus(own) <= weighted * slack + tiny
    for j in range(n):
        assert modulus(j) <= max(by_entry, plain) * slack + tiny
        assert modulus(own, j) <= max(pair, weighted) * slack + tiny


@pytest.mark.parametrize("r", [0, 1, 2])
def test_the_periodic_identity_and_its_gap_beyond_the_period(r):
    """Beyond ``P`` the identity is off by at most ``|y|^(r+1) / ((r+1) P)``."""
    period = 1.7
    y = np.linspace(-9, 9, 40_001)
    t = y / period
    f = t - np.floor(t)
    bernoulli = [f - 0.5, f**2 - f + 1 / 6, f**3 - 1.5 * f**2 + 0.5 * f][r]
    polynomial = [
        t + 0.5,
        period * (t**2 / 2 + t / 2 + 1 / 12),
        period**2 * (t**3 / 3 + t**2 / 2 + t / 6),
    ][r]
    series = polynomial - period**r * bernoulli / (r + 1)
    gap = np.abs(series - np.where(y > 0, y, 0.0) ** r * (y > 0))
    inside = (np.abs(y) < period) & (np.abs(y) > 1e-9)
    assert gap[inside].max() < 1e-12
    beyond = np.abs(y) >= period
    assert (gap[beyond] <= np.abs(y[beyond]) ** (r + 1) / ((r + 1) * period) + 1e-9).all()


@pytest.mark.parametrize("p", [0.01, 0.05, 0.3])
@pytest.mark.parametrize("tolerance", [1e-1, 1e-3, 1e-6, 1e-9])
def test_a_period_by_tail_probability_keeps_the_promise(p, tolerance):
    """Equal entries have few different vertices: exact for many features."""
    n = 30
    signs = [1.0] * 16 + [-1.0] * 14
    chance = np.full(n, p)
    worst = choose_period(np.array(signs), chance, 1 - chance, -0.25, 0.0)[0]
    period = choose_period(np.array(signs), chance, 1 - chance, -0.25, tolerance)[0]
    assert period <= worst
    if p <= 0.05:
        assert period < worst / 1.2
    problem, W, b = Problem(n, 1, density=p), [signs], [-0.25] * n
    found = series_loss(problem, W, b, tolerance=tolerance, series_only=True)
    assert found.error <= 2 * tolerance
    assert abs(F(found.loss) - exact_loss(problem, W, b).value) <= F(found.error)


@pytest.mark.parametrize("tolerance", [1e-1, 1e-4])
def test_what_is_lost_beyond_the_period_is_bounded(tolerance):
    """Beyond ``P`` the square is off by up to ``y^3 / (3 P)``: no bound lies below that."""
    n, p, b = 20, 1 / 16, -0.25
    a, chance = np.ones(n), np.full(n, p)
    period, lost, lost_slope = choose_period(a, chance, 1 - chance, b, tolerance)
    beyond = float(class_moments(a, chance, b - period, 0, [0] * n)[2])
    assert beyond > 0
    assert lost >= beyond * (period**2 / 3 + period)
    assert lost_slope >= beyond * (period + 2)
    assert lost <= tolerance


@pytest.mark.parametrize("p", [0.02, 0.2])
@pytest.mark.parametrize("theta", [0.5, 1.0, 3.0])
def test_the_exponential_bound_lies_above_the_tail(p, theta):
    """``E[|y|^s ; |y| >= P] <= P^s e^{-theta P} (M(theta) + M(-theta))`` for integers ``y``."""
    n = 20
    weights = np.array([1.0])
    for _ in range(n):  # y = number of active features, a distribution on 0..n
        weights = np.convolve(weights, [1 - p, p])
    y = np.arange(n + 1.0)
    mass = weights @ np.exp(theta * y) + weights @ np.exp(-theta * y)
    for s in (0, 1, 2, 3):
        for period in np.arange(max(1.0, s / theta), n):
            tail = (weights * y**s)[y >= period].sum()
            assert tail <= period**s * np.exp(-theta * period) * mass


# ---------------------------------------------------------------- a whole row


@profile
@given(rows(min_n=1, max_n=5), st.sampled_from([0, 10]))
def test_a_row_by_either_route_is_within_its_error(row, few):
    a, p, q, own, p_own, b = row
    by_a = np.zeros(a.size)
    loss, error, _, _, _, _, _ = evaluate_row(a, p, q, own, p_own, b, 0.0, 4096, few, False, by_a)
    square = F(float(p_own)) / 3
    wanted = square + sum(target(a, p, own, p_own, b))
    assert abs(F(loss) - wanted) <= F(error) + F(1, 10**300)
