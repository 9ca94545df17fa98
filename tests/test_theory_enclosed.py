"""Ball arithmetic: the exact value lies inside, the digits are there, nothing leaks."""

from fractions import Fraction as F

import pytest
import sympy
from flint import ctx
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import cos, exp, pi, sin, sqrt

from theory.arithmetic.balls import Enclosure, evaluate
from theory.arrangements import regular_polygon
from theory.loss import expected_loss
from theory.losses.enclosed import EnclosedLoss, _BallSource
from theory.losses.weights import read_weights
from theory.problem import Identity, InputError, Problem, Unsupported

special = [F(0), F(1), F(-1), F(1, 10**12), F(1000)]
entries = st.one_of(st.sampled_from(special), st.fractions(-2, 2, max_denominator=20))
chances = st.one_of(st.sampled_from([F(0), F(1), F(1, 10**8)]), st.fractions(0, 1))


@st.composite
def models(draw, max_n=5):
    n, m = draw(st.integers(1, max_n)), draw(st.integers(1, 2))
    rows = draw(st.lists(st.lists(entries, min_size=n, max_size=n), min_size=m, max_size=m))
    bias = draw(st.lists(entries, min_size=n, max_size=n))
    density = draw(st.one_of(chances, st.lists(chances, min_size=n, max_size=n)))
    activation = draw(st.sampled_from([None, Identity()]))
    return Problem(n, m, density=density, activation=activation), rows, bias


def is_good(enclosure, exact, digits):
    if exact not in enclosure:
        return False
    if exact == 0:
        return enclosure.radius <= F(1, 10**digits)
    return enclosure.radius <= abs(exact) / 10**digits


@settings(deadline=None)
@given(models(), st.integers(1, 60))
def test_enclosure_holds_the_exact_value_with_its_digits(model, digits):
    exact, enclosed = expected_loss(*model), expected_loss(*model, digits=digits)
    assert is_good(enclosed.value, exact.value, digits)
    pairs = zip(enclosed.per_output, exact.per_output, strict=True)
    assert all(is_good(ball, value, digits) for ball, value in pairs)


@settings(deadline=None, max_examples=40)
@given(models(max_n=3))
def test_gradient_enclosures_hold_the_exact_gradient(model):
    exact, enclosed = expected_loss(*model).gradient, expected_loss(*model, digits=12).gradient
    flat = zip(
        [*enclosed.b, *sum(enclosed.W + enclosed.gram, ())],
        [*exact.b, *sum(exact.W + exact.gram, ())],
        strict=True,
    )
    assert all(is_good(ball, value, 12) for ball, value in flat)


@settings(deadline=None, max_examples=40)
@given(models(max_n=3), st.data())
def test_conditional_enclosure(model, data):
    problem, rows, bias = model
    problem = problem.replace(
        density=data.draw(
            st.sampled_from(["1/3", [F(1, 5)] * 2 + [F(1, 2)]])
            if problem.n_features == 3
            else st.just("1/3")
        )
    )
    k = data.draw(st.integers(0, problem.n_features))
    exact = expected_loss(problem, rows, bias).given_active(k)
    assert is_good(expected_loss(problem, rows, bias, digits=20).given_active(k), exact, 20)


@settings(deadline=None, max_examples=60)
@given(models(max_n=4))
def test_numbers_without_a_field_enclose_the_same_value(model):
    """The route for transcendental numbers, given rational ones."""
    loss = EnclosedLoss(model[0], read_weights(*model), 15)
    loss._source = _BallSource(model[0], read_weights(*model))
    assert is_good(loss.value, expected_loss(*model).value, 15)


def rational_near(number, places=60):
    return F(int(sympy.N(number, places + 20) * 10**places), 10**places)


def test_transcendental_weights_are_near_their_rational_neighbours():
    rows = [[pi / 4, exp(-1), -sin(1)], [sympy.log(2), -pi / 5, sympy.S(0)]]
    bias = [-cos(1) / 5, 0, 1 / (10 * pi)]
    problem = Problem(3, 2, density=1 / pi, importance=[1, pi, 2])
    near_rows = [[rational_near(sympy.S(x)) for x in row] for row in rows]
    near = Problem(3, 2, density=rational_near(1 / pi), importance=[1, rational_near(pi), 2])
    found = expected_loss(problem, rows, bias, digits=40)
    expected = expected_loss(near, near_rows, [rational_near(sympy.S(x)) for x in bias])
    assert abs(found.value.midpoint - expected.value) < F(1, 10**50)
    assert found.value.radius < F(1, 10**40)
    gap = found.gradient.W[1][2].midpoint - expected.gradient.W[1][2]
    assert abs(gap) < F(1, 10**50)
    assert abs(found.given_active(2).midpoint - expected.given_active(2)) < F(1, 10**50)


def test_symbolic_cancellation_gives_an_exact_zero():
    # orthogonal columns (pi, 1) and (-1, pi)
    problem = Problem(2, 2, density="1/2")
    assert expected_loss(problem, [[pi, -1], [1, pi]], digits=15).value.lower > 0


def test_undecidable_divisor_is_refused():
    hidden = sin(1) ** 2 + cos(1) ** 2  # 1, but no simplification sees to it
    with pytest.raises(Unsupported, match=r"digits=5.*G\[0\]\[1\].*cannot be told from 0"):
        _ = expected_loss(Problem(2, 2, density=1), [[pi, -hidden], [1, pi]], digits=5).value


def test_vertex_at_an_undecidable_zero_is_covered_by_its_hull():
    # b + G = 0 at the vertex, and the loss has no kink there
    loss = expected_loss(Problem(1, 1, density=1), [[exp(1)]], [-exp(2)], digits=15)
    assert F(1, 3) in loss.value


def test_precision_of_the_session_is_untouched():
    before = ctx.prec
    _ = expected_loss(Problem(5, 2, density="1/3"), regular_polygon(5), digits=50).value
    with pytest.raises(Unsupported):
        _ = expected_loss(Problem(1, 1, density=1), [[pi]], digits=5).polynomial
    assert ctx.prec == before


@pytest.mark.parametrize("k", [5, 7])
def test_algebraic_weights(k):
    problem, polygon = Problem(k, 2, density="1/10"), regular_polygon(k)
    ball = expected_loss(problem, polygon, digits=40).value
    exact = sympy.N(expected_loss(problem, polygon).value, 70)
    assert abs(sympy.Rational(str(ball.midpoint)) - exact) < sympy.Rational(1, 10**40)
    slopes = expected_loss(problem, polygon, digits=20).gradient.W
    wanted = sympy.N(expected_loss(problem, polygon).gradient.W[0][1], 30)
    assert abs(sympy.Rational(str(slopes[0][1].midpoint)) - wanted) < sympy.Rational(1, 10**20)


def test_polynomial_stays_exact():
    loss = expected_loss(Problem(2, 1, density=1), [[sqrt(2), -1]], digits=10)
    assert loss.polynomial == expected_loss(Problem(2, 1, density=1), [[sqrt(2), -1]]).polynomial


@pytest.mark.parametrize("digits", [0, -1, 1.5, True, "10", 10**6])
def test_digits_are_checked(digits):
    with pytest.raises(InputError, match="digits="):
        expected_loss(Problem(1, 1, density=1), [[1]], digits=digits)


def test_symbols_have_no_enclosure():
    with pytest.raises(Unsupported, match="hold symbols"):
        expected_loss(Problem(1, 1, density=1), [[sympy.Symbol("w")]], digits=10)


@pytest.mark.parametrize("value", [sympy.zeta(3), sympy.gamma(sympy.Rational(1, 3)), sympy.Catalan])
def test_unknown_constants_are_refused(value):
    with pytest.raises(Unsupported, match="no enclosure"):
        _ = expected_loss(Problem(1, 1, density=1), [[value]], digits=10).value


def test_at_and_kind_and_latex():
    loss = expected_loss(Problem(2, 1, density="1/2"), [[1, -1]], digits=10)
    assert loss.kind == "enclosed"
    assert F(1, 300) in loss.at(density="1/10")
    assert r"\pm" in loss.latex()
    assert "enclosed" in repr(loss)
    assert float(loss) == pytest.approx(1 / 12, rel=1e-15)


@settings(deadline=None)
@given(st.fractions(), st.one_of(st.just(F(0)), st.fractions(min_value=0, max_value=1)))
def test_printed_enclosure_contains_the_enclosure(midpoint, radius):
    text = str(Enclosure(midpoint, radius))[1:-1]
    shown, error = (F(part) for part in text.split(" +/- "))
    assert shown - error <= midpoint - radius
    assert midpoint + radius <= shown + error


def test_numbered_roots_and_constants_have_enclosures():
    root = sympy.CRootOf(sympy.Symbol("x") ** 3 - sympy.Symbol("x") - 1, 0)
    problem = Problem(2, 1, density=1)
    rows, near = [[root / 2, pi / 4]], [[rational_near(root / 2), rational_near(pi / 4)]]
    found = expected_loss(problem, rows, [sympy.EulerGamma - 1, 0], digits=30).value
    expected = expected_loss(problem, near, [rational_near(sympy.EulerGamma - 1), 0]).value
    assert abs(found.midpoint - expected) < F(1, 10**30)


def test_number_that_is_not_real_has_no_enclosure():
    hidden = sympy.log(sympy.Symbol("x", positive=True) - 2).subs(
        sympy.Symbol("x", positive=True), 1
    )
    with pytest.raises(InputError):
        _ = expected_loss(Problem(1, 1, density=1), [[hidden]], digits=10).value


def test_too_many_features_without_a_field():
    n = 13
    rows = [[pi / (k + 2) for k in range(n)]]
    with pytest.raises(Unsupported, match="round the weights"):
        _ = expected_loss(Problem(n, 1, density=1), rows, digits=5).value


def test_condition_of_probability_zero():
    loss = expected_loss(Problem(2, 1, density=[1, "1/2"]), [[1, 1]], digits=5)
    with pytest.raises(InputError, match=r"k=0.*probability 0"):
        loss.given_active(0)


@pytest.mark.parametrize("power", [1, 2, 3, 7])
def test_powers_of_a_ball_around_zero_are_finite(power):
    # sin(pi) is 0, which its ball does not show
    nothing = sympy.Pow(sin(pi, evaluate=False), power, evaluate=False)
    assert evaluate(nothing).contains(0)


def test_numbers_too_large_to_write_out_are_refused():
    problem = Problem(1, 1, density=1)
    with pytest.raises(Unsupported, match="too large"):
        _ = expected_loss(problem, [[exp(10**12)]], digits=5).value
