"""The expansion in the density against the whole polynomial, and against all outcomes by hand."""

import itertools
import math
from fractions import Fraction as F

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Symbol, pi, sqrt

from theory.arithmetic.balls import Enclosure
from theory.arrangements import regular_polygon
from theory.limits.bounds import tail_bound
from theory.limits.expansion import density_expansion, one_active_loss
from theory.limits.one_hot import one_hot_loss
from theory.loss import expected_loss
from theory.problem import (
    AbsPower,
    Anticorrelated,
    Binary,
    Correlated,
    Exponential,
    HalfNormal,
    Identity,
    InputError,
    Normal,
    Power,
    Problem,
    Rademacher,
    ReLU,
    ReLUPower,
    Uniform,
    Unsupported,
)

entries = st.one_of(
    st.sampled_from([F(0), F(1), F(-1), F(1, 2), F(1, 10**12)]),
    st.fractions(-2, 2, max_denominator=8),
)
laws = st.sampled_from([Uniform(), Uniform(-1, 1), Uniform("1/2", 2), Binary(), Rademacher()])
activations = st.sampled_from([
    ReLU(),
    ReLUPower(2),
    AbsPower(1),
    AbsPower(2),
    AbsPower(3),
    Identity(),
    Power(3),
])


@st.composite
def models(draw, max_n=4, laws=laws, groups=True):
    n, m = draw(st.integers(1, max_n)), draw(st.integers(1, 2))
    matrices = [
        draw(st.lists(st.lists(entries, min_size=n, max_size=n), min_size=m, max_size=m))
        for _ in range(draw(st.integers(1, 2)))
    ]
    if n > 1 and draw(st.booleans()):  # equal or opposite features, and features without weights
        sign = draw(st.sampled_from([F(-1), F(0), F(1)]))
        matrices = [[[*row[:-1], sign * row[0]] for row in rows] for rows in matrices]
    grouped = []
    if groups and n > 2 and draw(st.booleans()):
        first = draw(st.integers(0, n - 2))
        kind = draw(st.sampled_from([Correlated, Anticorrelated]))
        grouped = [kind(first, n - 1)]
    problem = Problem(
        n,
        m,
        density=draw(st.sampled_from([F(0), F(1, 3), F(1)])),
        features=draw(laws),
        activation=draw(activations),
        importance=draw(st.lists(st.sampled_from([F(0), F(1), F(2, 3)]), min_size=n, max_size=n)),
        groups=grouped,
    )
    bias = draw(st.lists(entries, min_size=n, max_size=n))
    return problem, matrices[0], bias, matrices[1] if len(matrices) > 1 else None


@settings(max_examples=150, deadline=None)
@given(models(), st.integers(0, 5))
def test_coefficients_are_those_of_the_whole_polynomial(model, order):
    problem, W, b, decoder = model
    whole = expected_loss(problem, W, b, W_decoder=decoder).polynomial.all_coeffs()[::-1]
    found = density_expansion(problem, W, b, W_decoder=decoder, order=order)
    expected = [F(int(c.p), int(c.q)) for c in whole] + [F(0)] * (order + 1)
    assert list(found.coefficients) == expected[: order + 1]
    if found.is_complete:
        assert not any(expected[order + 1 :])


def outcomes(problem, W, b, decoder):
    """The loss given each active set, for features that are 0 or 1: nothing is averaged."""
    n, back = problem.n_features, decoder or W
    losses = {}
    for chosen in itertools.product((0, 1), repeat=n):
        hidden = [sum(w * x for w, x in zip(row, chosen, strict=True)) for row in W]
        total = F(0)
        for i in range(n):
            y = b[i] + sum(row[i] * h for row, h in zip(back, hidden, strict=True))
            shape, q = problem.activation.shape, problem.activation.power
            base = {"relu": max(y, F(0)), "abs": abs(y), "power": y}[shape]
            total += problem.importances[i] * (chosen[i] - base**q) ** 2
        losses[frozenset(j for j in range(n) if chosen[j])] = total
    return losses


@settings(max_examples=60, deadline=None)
@given(models(laws=st.just(Binary()), groups=False), st.integers(0, 4))
def test_coefficients_by_inclusion_and_exclusion_over_all_sets(model, order):
    problem, W, b, decoder = model
    losses = outcomes(problem, W, b, decoder)
    expected = [F(0)] * (order + 1)
    for outer, inner in itertools.product(losses, repeat=2):
        if inner <= outer and len(outer) <= order:
            expected[len(outer)] += (-1) ** (len(outer) - len(inner)) * losses[inner]
    found = density_expansion(problem, W, b, W_decoder=decoder, order=order)
    assert list(found.coefficients) == expected


@settings(max_examples=150, deadline=None)
@given(models(), st.integers(0, 4), st.sampled_from([F(0), F(1, 10**6), F(1, 7), F(2, 3), F(1)]))
def test_the_loss_lies_between_the_bounds(model, order, p):
    problem, W, b, decoder = model
    exact = expected_loss(problem.replace(density=p), W, b, W_decoder=decoder).value
    expansion = density_expansion(problem, W, b, W_decoder=decoder, order=order)
    found = expansion.at(p)
    assert found.lower <= exact <= found.upper
    if expansion.is_complete:
        assert found.value == exact == found.lower == found.upper


large = st.one_of(st.just(F(0)), st.integers(-500, 500).map(F))


@settings(deadline=None)
@given(st.lists(large, min_size=1, max_size=4), large, st.integers(0, 5), st.sampled_from([1, 2]))
def test_the_tail_of_one_output_is_at_most_its_bound(slopes, bias, first, q):
    problem, n, p = (
        Problem(1, 1, density=0, features=Binary(), activation=AbsPower(q)),
        len(slopes),
        F(1, 3),
    )
    rest = F(0)
    for active in itertools.product((0, 1), repeat=n):
        if sum(active) >= first:
            y = bias + sum(a * x for a, x in zip(slopes, active, strict=True))
            rest += p ** sum(active) * (1 - p) ** (n - sum(active)) * (active[0] - abs(y) ** q) ** 2
    assert rest <= tail_bound(problem, abs(bias), [abs(a) for a in slopes], first, p)


def test_a_group_reaches_as_far_as_its_largest_set():
    problem = Problem(2, 1, density="1/3", features=Binary(), groups=[Anticorrelated(0, 1)])
    found = density_expansion(problem, [[1, 100]], order=0).at("1/3")
    assert found.lower <= expected_loss(problem, [[1, 100]]).value <= found.upper


def test_outputs_of_a_group_that_differ_in_their_target_alone():
    # both outputs read y = x_0 + 3 x_1, and each has its own target
    problem = Problem(2, 1, density="1/3", groups=[Correlated(0, 1)])
    whole = expected_loss(problem, [[1, 3]], W_decoder=[[1, 1]])
    found = density_expansion(problem, [[1, 3]], W_decoder=[[1, 1]], order=1)
    assert found.at("1/3").value == whole.value


def test_the_bounds_close_like_the_first_power_left_out():
    W = [[1, F(-2, 3), F(1, 5), F(1, 2)], [F(1, 3), 1, F(-1, 2), F(1, 7)]]
    b = [F(-1, 10), F(1, 20), 0, F(-1, 5)]
    for order in range(4):
        expansion = density_expansion(Problem(4, 2, density=0), W, b, order=order)
        wide, narrow = (expansion.at(p) for p in (F(1, 10**3), F(1, 10**4)))
        ratio = (wide.upper - wide.lower) / (narrow.upper - narrow.lower)
        assert 10**order * 9 < ratio < 10**order * 11


@settings(max_examples=60, deadline=None)
@given(models(groups=False), st.integers(0, 4))
def test_the_loss_given_a_number_of_active_features(model, k):
    problem, W, b, decoder = model
    k = min(k, problem.n_features)
    found = density_expansion(problem, W, b, W_decoder=decoder, order=k).given_active(k)
    assert found == expected_loss(problem, W, b, W_decoder=decoder).given_active(k)


@settings(max_examples=60, deadline=None)
@given(models(groups=False))
def test_one_active_loss_is_that_of_exactly_one_active(model):
    problem, W, b, decoder = model
    one = problem.replace(density=None, n_active=1)
    expected = expected_loss(one, W, b, W_decoder=decoder).value
    for asked in (problem, one):
        assert one_active_loss(asked, W, b, W_decoder=decoder) == expected


@settings(deadline=None)
@given(st.integers(1, 5), st.data())
def test_one_active_loss_is_the_one_hot_loss(n, data):
    rows = data.draw(st.lists(st.lists(entries, min_size=n, max_size=n), min_size=2, max_size=2))
    bias = data.draw(st.lists(entries, min_size=n, max_size=n))
    assert one_active_loss(Problem(n, 2, n_active=1), rows, bias) == one_hot_loss(rows, bias)


def test_many_features_in_blocks():
    # antipodal pairs: p^2 / 3 each, whatever else there is
    m = 60
    W = [[(j == 2 * i) - (j == 2 * i + 1) for j in range(2 * m)] for i in range(m)]
    found = density_expansion(Problem(2 * m, m, density=0), W, order=4)
    assert found.coefficients == (0, 0, F(m, 3), 0, 0)
    assert found.is_complete


def test_many_features_in_superposition():
    # 64 features in one dimension, all of weight 1 but for sign: equal slopes are one class
    n = 64
    W = [[(-1) ** j for j in range(n)]]
    found = density_expansion(Problem(n, 1, density=0), W, order=3)
    # alone: each of the 31 others of the same sign sees u, E u^2 = 1/3; the own output is right
    assert found.coefficients[:2] == (0, F(n * (n // 2 - 1), 3))
    low, high = found.at(F(1, 10**6)).lower, found.at(F(1, 10**6)).upper
    assert high - low < F(1, 10**12)


def test_algebraic_weights():
    problem = Problem(5, 2, density=0)
    found = density_expansion(problem, regular_polygon(5), order=2)
    whole = expected_loss(problem, regular_polygon(5)).polynomial.all_coeffs()[::-1]
    assert all(
        (c - w).simplify() == 0 for c, w in zip(found.coefficients, whole, strict=False) if w
    )
    at = found.at("1/100")
    exact = expected_loss(problem.replace(density="1/100"), regular_polygon(5), digits=30).value
    assert at.lower <= exact.lower <= exact.upper <= at.upper


@pytest.mark.parametrize("law", [Exponential(), Normal()])
@pytest.mark.parametrize("activation", [ReLU(), AbsPower(1)])
def test_enclosures_for_laws_without_an_exact_form(law, activation):
    problem = Problem(3, 1, density="1/8", features=law, activation=activation)
    W, b = [[1, F(-1, 2), F(1, 3)]], [F(1, 10), 0, F(-1, 4)]
    expansion = density_expansion(problem, W, b, order=3, digits=20)
    assert expansion.is_complete
    exact, found = expected_loss(problem, W, b, digits=25).value, expansion.at("1/8")
    assert abs(found.value.midpoint - exact.midpoint) <= found.value.radius + exact.radius
    assert found.lower <= exact.upper
    assert exact.lower <= found.upper
    two = density_expansion(problem, W, b, order=2, digits=20).at("1/8")
    assert two.lower <= exact.upper
    assert exact.lower <= two.upper


def test_enclosures_of_half_normal_features_with_a_polynomial_activation():
    problem = Problem(3, 1, density="1/8", features=HalfNormal(), activation=Power(3))
    W, b = [[1, F(-1, 2), F(1, 3)]], [F(1, 10), 0, F(-1, 4)]
    found = density_expansion(problem, W, b, order=6, digits=20).at("1/8")
    exact = expected_loss(problem, W, b, digits=25).value
    assert found.lower <= exact.midpoint + exact.radius
    assert exact.midpoint - exact.radius <= found.upper
    assert isinstance(found.value, Enclosure)


@settings(deadline=None)
@given(models(max_n=3))
def test_digits_enclose_the_exact_coefficients(model):
    problem, W, b, decoder = model
    exact, balls = (
        density_expansion(problem, W, b, W_decoder=decoder, order=2, digits=d) for d in (None, 12)
    )
    for value, ball in zip(exact.coefficients, balls.coefficients, strict=True):
        assert value in ball
    if problem.is_independent:
        assert exact.given_active(1) in balls.given_active(1)


def test_order_zero_is_the_loss_of_the_zero_input():
    b = [F(1, 2), F(-1, 2)]
    found = density_expansion(Problem(2, 1, density=0, importance=[3, 1]), [[1, 1]], b, order=0)
    assert found.coefficients == (F(3, 4),)


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda p: density_expansion(p, [[1, 1]], order=-1), InputError, "order=-1"),
        (lambda p: density_expansion(p, [[1, 1]], order=True), InputError, "order=True"),
        (lambda p: density_expansion(p, [[1, 1]], digits=0), InputError, "digits=0"),
        (lambda p: density_expansion(p, [[1, pi]]), Unsupported, "algebraic"),
        (lambda p: density_expansion(p, [[1, 1]]).at(2), InputError, "density=2"),
        (lambda p: density_expansion(p, [[1, 1]]).at(sqrt(2) / 2), InputError, "rational"),
        (lambda p: density_expansion(p, [[1, 1]]).given_active(2), InputError, "k=2"),
        (
            lambda p: density_expansion(p.replace(density=["1/2", "1/3"]), [[1, 1]]),
            Unsupported,
            "differs between features",
        ),
        (
            lambda p: density_expansion(p.replace(n_active=1), [[1, 1]]),
            Unsupported,
            "n_active=1",
        ),
        (
            lambda p: density_expansion(p.replace(importance=Symbol("I")), [[1, 1]]),
            Unsupported,
            "importance",
        ),
        (
            lambda p: density_expansion(
                p.replace(groups=[Correlated(0, 1)]), [[1, 1]]
            ).given_active(1),
            Unsupported,
            "groups",
        ),
    ],
)
def test_refused_input(call, kind, message):
    with pytest.raises(kind, match=message):
        call(Problem(2, 1, density="1/2"))


def test_too_many_sets_are_refused_with_their_number():
    n = 60
    W = [[F(1, j + 2) for j in range(n)]]
    count = n * sum(math.comb(n - 1, s) * (1 if s == 3 else 2) for s in range(4))
    with pytest.raises(Unsupported, match=f"{count} sets"):
        density_expansion(Problem(n, 1, density=0), W, order=3)
