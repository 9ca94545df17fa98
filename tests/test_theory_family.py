"""The exact side for every law, activation and dependence, against the definition in fractions."""

from fractions import Fraction

import mpmath
import pytest
import sympy
from family_models import ACTIVATIONS, FamilyModel, family_models
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from literal import configurations, gradient, gram_of, losses

from theory.loss import expected_loss
from theory.problem import (
    Anticorrelated,
    Binary,
    Correlated,
    Exponential,
    HalfNormal,
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

profile = settings(
    deadline=None,
    max_examples=25,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
deep = settings(profile, max_examples=1500)

DISCRETE = st.sampled_from([Binary(), Rademacher()])
RATIONAL = st.sampled_from([
    Uniform(),
    Uniform("-1/2", "3/2"),
    Normal(),
    Exponential(),
    Rademacher(),
])
UNIFORM = st.sampled_from([
    Uniform(),
    Uniform(-1, 1),
    Uniform("-1/2", "3/2"),
    Uniform("1/2", 2),
    Uniform(-2, "-1/2"),
])
POLYNOMIAL = st.sampled_from([a for a in ACTIVATIONS if a.is_polynomial])

DISCRETE_MODELS = family_models(max_n=4, laws=DISCRETE)
POLYNOMIAL_MODELS = family_models(max_n=3, laws=RATIONAL, activations=POLYNOMIAL)
UNIFORM_MODELS = family_models(max_n=2, laws=UNIFORM)
ALL_MODELS = st.one_of(DISCRETE_MODELS, POLYNOMIAL_MODELS, UNIFORM_MODELS)


def check_losses(model: FamilyModel) -> None:
    found = expected_loss(model.problem, **model.weights)
    wanted = losses(model.problem, gram_of(model.W, model.W_decoder), model.b)
    assert list(found.per_output) == wanted
    assert found.value == sum(wanted)


def check_gradient(model: FamilyModel) -> None:
    found = expected_loss(model.problem, **model.weights).gradient
    by_bias, by_gram = gradient(model.problem, gram_of(model.W, model.W_decoder), model.b)
    assert list(found.b) == by_bias
    assert [list(row) for row in found.gram] == by_gram


@profile
@given(DISCRETE_MODELS)
def test_discrete_laws_are_sums_over_all_values(model):
    check_losses(model)


@profile
@given(POLYNOMIAL_MODELS)
def test_polynomial_activations_are_sums_of_products_of_moments(model):
    check_losses(model)


@profile
@given(UNIFORM_MODELS)
def test_uniform_laws_are_integrals_over_pieces_of_the_square(model):
    check_losses(model)


@profile
@given(ALL_MODELS)
def test_gradients_are_means_of_derivatives(model):
    check_gradient(model)


@profile
@given(ALL_MODELS)
def test_matrix_gradients_follow_from_the_one_by_the_gram_matrix(model):
    slopes = expected_loss(model.problem, **model.weights).gradient
    n, by_gram = range(model.problem.n_features), slopes.gram
    encoder = [[Fraction(w) for w in row] for row in model.W]
    decoder = [[Fraction(w) for w in row] for row in model.W_decoder or model.W]
    by_encoder = [[sum(row[i] * by_gram[i][j] for i in n) for j in n] for row in decoder]
    by_decoder = [[sum(row[j] * by_gram[i][j] for j in n) for i in n] for row in encoder]
    if model.W_decoder is None:
        both = [
            [x + y for x, y in zip(a, b, strict=True)]
            for a, b in zip(by_encoder, by_decoder, strict=True)
        ]
        assert [list(row) for row in slopes.W] == both
        assert slopes.W_decoder is None
    else:
        assert [list(row) for row in slopes.W] == by_encoder
        assert [list(row) for row in slopes.W_decoder] == by_decoder


@profile
@given(ALL_MODELS, st.data())
def test_conditioning_on_the_number_of_active_features(model, data):
    problem = model.problem
    k = data.draw(st.integers(0, problem.n_features))
    chances = [(c, a) for c, a in configurations(problem) if len(a) == k]
    chance = sum((c for c, _ in chances), Fraction(0))
    loss = expected_loss(problem, **model.weights)
    common = problem.is_independent and not isinstance(problem.density, tuple)
    if chance == 0 and not common:
        with pytest.raises(InputError, match=f"k={k}: with"):
            loss.given_active(k)
        return
    exactly = Problem(
        problem.n_features,
        problem.n_hidden,
        n_active=k,
        features=problem.features,
        activation=problem.activation,
        importance=problem.importance,
    )
    if common:
        assert loss.given_active(k) == expected_loss(exactly, **model.weights).value
        return
    # mixed over the sets, each by densities 0 and 1
    parts = [
        c * expected_loss(_only(exactly, active), **model.weights).value for c, active in chances
    ]
    assert loss.given_active(k) == sum(parts, Fraction(0)) / chance


def _only(problem, active):
    density = [int(j in active) for j in range(problem.n_features)]
    return problem.replace(n_active=None, density=density)


@profile
@given(ALL_MODELS)
def test_the_polynomial_in_the_density_holds_at_every_density(model):
    problem = model.problem
    assume(problem.n_active is None and not isinstance(problem.density, tuple))
    loss = expected_loss(problem, **model.weights)
    for p in (Fraction(0), Fraction(1, 3), Fraction(1), problem.density):
        wanted = expected_loss(problem.replace(density=p), **model.weights).value
        assert Fraction(str(loss.polynomial.eval(sympy.Rational(str(p))))) == wanted


@profile
@given(ALL_MODELS)
def test_balls_contain_the_exact_loss_and_gradient(model):
    exact = expected_loss(model.problem, **model.weights)
    ball = expected_loss(model.problem, **model.weights, digits=20)
    assert exact.value in ball.value
    assert all(x in y for x, y in zip(exact.gradient.b, ball.gradient.b, strict=True))


def test_half_normal_cubes_are_integrals_over_the_density():
    problem = Problem(1, 1, density=1, features=HalfNormal(), activation=Power(3))
    found = expected_loss(problem, [["1/2"]], ["1/7"], digits=25).value

    def error(u):
        density = mpmath.sqrt(2 / mpmath.pi) * mpmath.exp(-(u**2) / 2)
        return (u - (u / 4 + mpmath.mpf(1) / 7) ** 3) ** 2 * density

    with mpmath.workdps(30):
        wanted = mpmath.quad(error, [0, 2, 6, 16])
        assert (
            abs(mpmath.mpf(str(found.midpoint.numerator)) / found.midpoint.denominator - wanted)
            < mpmath.mpf(10) ** -20
        )


TRANSCENDENTAL = family_models(
    max_n=3,
    laws=st.sampled_from([Normal(), Exponential()]),
    activations=st.sampled_from([a for a in ACTIVATIONS if not a.is_polynomial]),
)


def _meets(expression, ball):
    """Whether an expression lies in an enclosure, by evaluation to more digits than that has."""
    value = sympy.Rational(0) if expression == 0 else sympy.N(expression, 60)
    middle, radius = (
        sympy.Rational(x.numerator, x.denominator) for x in (ball.midpoint, ball.radius)
    )
    return abs(value - middle) <= radius + sympy.Rational(1, 10**40) * (1 + abs(middle))


@profile
@given(TRANSCENDENTAL)
def test_closed_forms_of_exponential_and_normal_features_lie_in_their_enclosures(model):
    closed = expected_loss(model.problem, **model.weights)
    ball = expected_loss(model.problem, **model.weights, digits=20)
    assert closed.kind == "exact"
    assert _meets(closed.value, ball.value)
    pairs = zip(closed.gradient.b, ball.gradient.b, strict=True)
    assert all(_meets(*pair) for pair in pairs)


@profile
@given(TRANSCENDENTAL)
def test_closed_forms_as_polynomials_in_the_density(model):
    assume(model.problem.n_active is None and not isinstance(model.problem.density, tuple))
    closed = expected_loss(model.problem, **model.weights)
    p = sympy.Rational(str(model.problem.density))
    assert sympy.expand(closed.polynomial.eval(p) - closed.value) == 0


def test_half_normal_features_with_a_kink_are_refused_by_name():
    problem = Problem(2, 1, density="1/2", features=HalfNormal())
    with pytest.raises(Unsupported, match="HalfNormal"):
        _ = expected_loss(problem, [[1, "-1/2"]]).value


@pytest.mark.parametrize("name", ["W", "density", "importance"])
def test_closed_forms_of_transcendental_losses_take_rational_numbers(name):
    root = sympy.sqrt(2) / 2
    options = {"density": "1/2", "importance": 1} | ({} if name == "W" else {name: root})
    problem = Problem(2, 1, features=Normal(), **options)
    with pytest.raises(Unsupported, match=f"{name}.*not rational"):
        expected_loss(problem, [[root if name == "W" else 1, 1]])
    assert expected_loss(problem, [[1, 1]], digits=10).value.radius < 1


SYMBOLIC = [
    {"features": Rademacher()},
    {"activation": ReLUPower(2)},
    {"groups": [Correlated(0, 1)]},
    {"groups": [Anticorrelated(0, 1)]},
]


@pytest.mark.parametrize("options", SYMBOLIC)
def test_symbols_in_the_weights_go_with_one_kinked_model_only(options):
    problem = Problem(2, 1, density="1/2", **options)
    with pytest.raises(Unsupported, match=next(iter(options))):
        expected_loss(problem, [[sympy.Symbol("w"), 1]])


@profile
@given(POLYNOMIAL_MODELS)
def test_symbols_in_polynomial_models_give_the_loss_when_numbers_are_put_in(model):
    w = sympy.Symbol("w")
    rows = [list(row) for row in model.W]
    number = Fraction(rows[0][0])
    rows[0][0] = w
    weights = {**model.weights, "W": rows}
    found = expected_loss(model.problem, **weights).value
    wanted = expected_loss(model.problem, **model.weights).value
    assert Fraction(str(sympy.sympify(found).subs(w, sympy.Rational(str(number))))) == wanted


def test_untied_weights_with_the_decoder_of_the_tied_ones_are_tied():
    problem = Problem(3, 2, density="1/4", activation=ReLU())
    W = [[1, "1/2", "-1/3"], [0, 1, 1]]
    tied, untied = expected_loss(problem, W), expected_loss(problem, W, W_decoder=W)
    assert tied.value == untied.value
    halves = zip(untied.gradient.W, untied.gradient.W_decoder, strict=True)
    both = [tuple(x + y for x, y in zip(a, b, strict=True)) for a, b in halves]
    assert tuple(both) == tied.gradient.W


@pytest.mark.thorough
@deep
@given(ALL_MODELS)
def test_losses_deeply(model):
    check_losses(model)


@pytest.mark.thorough
@deep
@given(ALL_MODELS)
def test_gradients_deeply(model):
    check_gradient(model)
