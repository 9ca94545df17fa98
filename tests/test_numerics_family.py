"""The evaluator for every law and dependence, against sums over active sets and over itself.

References: the compiled loops for U[0, 1]; truncated powers in rational arithmetic for uniform
laws; closed forms for normal ones; sums over all values for discrete ones; and identities between
problems (mixtures, units of measurement, signs).
"""

from __future__ import annotations

import itertools
from fractions import Fraction as F
from math import comb

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.special import ndtr

from numerics.basics.gram import gram_matrix
from numerics.basics.inputs import laws_of
from numerics.family.outputs import evaluate_family
from numerics.series import expected_loss, loss_and_gradient
from theory.problem import (
    AbsPower,
    Anticorrelated,
    Binary,
    Correlated,
    CustomLaw,
    Exponential,
    HalfNormal,
    InputError,
    Normal,
    Problem,
    Rademacher,
    ReLU,
    ReLUPower,
    Uniform,
    Unsupported,
)

profile = settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
KINKS = [ReLU(), ReLUPower(2), ReLUPower(3), AbsPower(1), AbsPower(3)]
LAWS = [Uniform(), Uniform(-1, 1), Uniform("-1/2", 3), Exponential(), Normal(), HalfNormal()]
DISCRETE = [Binary(), Rademacher()]

sixteenths = st.integers(-24, 24).map(lambda k: k / 16)
chances = st.sampled_from([F(0), F(1), F(1, 2), F(1, 10), F(1, 1000), F(9, 10)])


@st.composite
def weights(draw, max_n=4):
    n, m = draw(st.integers(1, max_n)), draw(st.integers(1, 3))
    W = np.array([[draw(sixteenths) for _ in range(n)] for _ in range(m)])
    for j in range(n):
        kind = draw(st.sampled_from(["free", "free", "dead", "antipodal"]))
        if kind == "dead":
            W[:, j] = 0
        elif kind == "antipodal":
            W[:, j] = -W[:, draw(st.integers(0, n - 1))]
    b = np.array([draw(st.sampled_from([0.0, 0.25, -0.25, -1.0, 0.3])) for _ in range(n)])
    return W, b, tuple(draw(chances) for _ in range(n))


def family(problem, W, b):
    return evaluate_family(
        problem, laws_of(problem), gram_matrix(W), b, tolerance=0.0, max_terms=None
    )


def active_sets(problem):
    """Every set of active features with its probability, from the definition."""
    n = problem.n_features
    if problem.n_active is not None:
        sets = list(itertools.combinations(range(n), problem.n_active))
        return [(s, F(1, len(sets))) for s in sets]
    found = [((), F(1))]
    for unit in problem.units:
        choices = [((), 1 - unit.density)]
        choices += [(s, unit.density / len(unit.sets)) for s in unit.sets]
        found = [(s + t, p * q) for s, p in found for t, q in choices if p * q]
    return found


def by_active_sets(problem, W, b, moments):
    """The loss from ``moments(law, own, a, b, active) = E x_i^2, E x_i sigma, E sigma^2``."""
    gram, total = gram_matrix(W), 0.0
    for active, chance in active_sets(problem):
        for i, importance in enumerate(problem.importances):
            slopes = [gram[i, j] for j in active]
            place = active.index(i) if i in active else -1
            square, cross, power = moments(slopes, float(b[i]), place)
            total += float(importance * chance) * (square - 2 * cross + power)
    return total


# ---------------------------------------------------------------- closed forms


def normal_moments(slopes, b, place):
    """ReLU of a normal ``y``; ``x_i`` enters through Stein's identity."""
    scale = np.sqrt(sum(a * a for a in slopes))
    square = 1.0 if place >= 0 else 0.0
    if scale == 0:
        return square, 0.0, max(b, 0.0) ** 2
    z = b / scale
    bell = np.exp(-z * z / 2) / np.sqrt(2 * np.pi)
    cross = slopes[place] * ndtr(z) if place >= 0 else 0.0
    return square, cross, (b * b + scale**2) * ndtr(z) + b * scale * bell


def uniform_moments(law, q, shape):
    """Truncated powers: each feature is averaged over by divided differences, in rationals."""
    low, width = F(law.low), F(law.high) - F(law.low)

    def averaged(terms, a, power):
        # terms: (offset, degree) -> coefficient of (t + offset)_+^degree; u = low + width v
        out = {}

        def add(c, k, coefficient, s):
            up = coefficient / (a * width * (k + 1))
            out[c + a * width, k + 1] = out.get((c + a * width, k + 1), F(0)) + up
            if s:
                add(c, k + 1, -s * up, s - 1)
            else:
                out[c, k + 1] = out.get((c, k + 1), F(0)) - up

        for (c, k), coefficient in terms.items():
            parts = [(low, 0), (width, 1)] if power else [(F(1), 0)]
            for weight, s in parts:
                if a == 0:
                    out[c, k] = out.get((c, k), F(0)) + weight * coefficient / (s + 1)
                elif weight:
                    add(c + a * low, k, weight * coefficient, s)
        return out

    def expectation(slopes, b, place, r, sign):
        terms = {(F(0), r): F(1)}
        for k, a in enumerate(slopes):
            terms = averaged(terms, sign * F(a), int(k == place))
        t = sign * F(b)
        return sum((w * (t + c) ** k for (c, k), w in terms.items() if t + c > 0), F(0))

    def moments(slopes, b, place):
        square = low**2 + low * width + width**2 / 3 if place >= 0 else F(0)
        signs = (1, -1) if shape == "abs" else (1,)
        power = sum(expectation(slopes, b, -1, 2 * q, s) for s in signs)
        cross = sum(expectation(slopes, b, place, q, s) for s in signs) if place >= 0 else F(0)
        return square, cross, power

    return moments


def atoms_loss(problem, W, b):
    """Every value of every feature."""
    signs = (1,) if problem.features == Binary() else (-1, 1)
    gram, q, total = gram_matrix(W), problem.activation.power, 0.0
    for active, chance in active_sets(problem):
        for values in itertools.product(signs, repeat=len(active)):
            x = np.zeros(len(b))
            x[list(active)] = values
            y = gram @ x + b
            output = (np.maximum(y, 0) if problem.activation.shape == "relu" else np.abs(y)) ** q
            gaps = float(np.sum((x - output) ** 2 * [float(w) for w in problem.importances]))
            total += float(chance) / len(signs) ** len(active) * gaps
    return total


# ---------------------------------------------------------------- against them


@profile
@given(weights())
def test_the_compiled_loops_agree(model):
    W, b, p = model
    problem = Problem(len(b), len(W), density=p)
    tuned, found = expected_loss(problem, W, b), family(problem, W, b)
    assert abs(tuned.loss - found.outputs.sum()) <= tuned.error + found.error
    assert found.error < 1e-9


@profile
@given(weights())
def test_normal_features_under_relu(model):
    W, b, p = model
    problem = Problem(len(b), len(W), density=p, features=Normal())
    found = expected_loss(problem, W, b)
    wanted = by_active_sets(problem, W, b, normal_moments)
    assert abs(found.loss - wanted) <= found.error + 1e-13 * (1 + wanted)


@profile
@given(
    weights(3),
    st.sampled_from([Uniform(-1, 1), Uniform("-1/2", 3), Uniform(1, 2)]),
    st.sampled_from(KINKS),
)
def test_uniform_features_under_every_activation(model, law, activation):
    W, b, p = model
    problem = Problem(len(b), len(W), density=p, features=law, activation=activation)
    moments = uniform_moments(law, activation.power, activation.shape)
    found, wanted = expected_loss(problem, W, b), by_active_sets(problem, W, b, moments)
    assert abs(found.loss - wanted) <= found.error + 1e-15 * wanted


@profile
@given(weights(), st.sampled_from(DISCRETE), st.sampled_from(KINKS))
def test_discrete_features_under_every_activation(model, law, activation):
    W, b, p = model
    problem = Problem(len(b), len(W), density=p, features=law, activation=activation)
    wanted = atoms_loss(problem, W, b)
    for series_only in (False, True):
        found = expected_loss(problem, W, b, series_only=series_only)
        assert abs(found.loss - wanted) <= found.error + 1e-14 * wanted


DRAW = np.random.default_rng(11)
W5, B5 = DRAW.integers(-12, 13, (3, 5)) / 16, DRAW.integers(-8, 5, 5) / 16
W5[:, 4] = 0


@pytest.mark.parametrize("law", [*LAWS, *DISCRETE], ids=str)
@pytest.mark.parametrize("activation", KINKS, ids=str)
def test_exactly_k_mixed_is_independent(law, activation):
    problem = Problem(5, 3, density="3/10", features=law, activation=activation)
    whole, total, error = expected_loss(problem, W5, B5), 0.0, 0.0
    for k in range(6):
        part = expected_loss(problem.replace(n_active=k), W5, B5)
        share = comb(5, k) * 0.3**k * 0.7 ** (5 - k)
        total, error = total + share * part.loss, error + share * part.error
    assert abs(whole.loss - total) <= whole.error + error


@pytest.mark.parametrize("law", [*LAWS, *DISCRETE], ids=str)
@pytest.mark.parametrize("group", [Correlated, Anticorrelated])
def test_groups_mixed_are_independent(law, group):
    p = F(3, 10)
    for members in [(0, 2), (1, 4), (0, 1, 3)]:  # feature 4 is dead
        problem = Problem(5, 3, density=p, features=law, groups=[group(*members)])
        whole = expected_loss(problem, W5, B5)
        total, error = 0.0, 0.0
        cases = [((), 1 - p)] + [
            (s, p / len(s_all)) for s_all in [group(*members).sets] for s in s_all
        ]
        for active, share in cases:
            fixed = [F(int(j in active)) if j in members else p for j in range(5)]
            part = expected_loss(Problem(5, 3, density=fixed, features=law), W5, B5)
            total, error = total + float(share) * part.loss, error + float(share) * part.error
        assert abs(whole.loss - total) <= whole.error + error


@pytest.mark.parametrize("law", [Uniform(-1, 1), Normal(), Rademacher()], ids=str)
@pytest.mark.parametrize("activation", KINKS, ids=str)
def test_the_sign_of_a_symmetric_feature_does_not_matter_to_the_others(law, activation):
    problem = Problem(5, 3, density="1/4", features=law, activation=activation)
    flipped = W5 * [1, -1, 1, 1, 1]
    first = expected_loss(problem, W5, B5, W_decoder=W5)
    second = expected_loss(problem, flipped, B5, W_decoder=W5)
    others = [0, 2, 3, 4]
    assert (np.abs(first.outputs - second.outputs)[others] <= first.error + second.error).all()


@pytest.mark.parametrize("law", [*LAWS, *DISCRETE], ids=str)
def test_importance_weighs_the_outputs(law):
    problem = Problem(5, 3, density="1/4", features=law)
    plain = expected_loss(problem, W5, B5)
    weighed = expected_loss(problem.replace(importance=[0, 1, 2, 3, "1/2"]), W5, B5)
    assert weighed.outputs == pytest.approx(plain.outputs * [0, 1, 2, 3, 0.5], abs=plain.error * 9)


@pytest.mark.parametrize("law", [*LAWS, *DISCRETE], ids=str)
@pytest.mark.parametrize("activation", KINKS, ids=str)
def test_nothing_active_leaves_the_biases(law, activation):
    problem = Problem(5, 3, density=0, features=law, activation=activation)
    kept = np.maximum(B5, 0) if activation.shape == "relu" else np.abs(B5)
    found = expected_loss(problem, W5, B5)
    assert found.loss == pytest.approx(np.sum(kept ** (2 * activation.power)), rel=1e-14)


@pytest.mark.parametrize("law", [Uniform(-1, 1), Exponential(), Normal()], ids=str)
def test_a_loss_of_order_p_squared_keeps_its_digits(law):
    p = F(1, 10**6)
    problem = Problem(2, 1, density=p, features=law, activation=AbsPower(1))
    found = expected_loss(problem.replace(activation=ReLU()), [[1.0, 0.0]], [0.0, -40.0])
    assert found.error < 1e-13 * found.loss + 1e-20


@pytest.mark.parametrize("law", [Exponential(), Normal(), HalfNormal()], ids=str)
@pytest.mark.parametrize("bias", [-1.75, 1.75])
def test_a_large_bias_beside_tiny_slopes_settles_the_sign(law, bias):
    problem = Problem(3, 1, density="1/2", features=law)
    found = expected_loss(problem, [[1e-6, -1e-6, 1e-7]], [bias] * 3)
    mean, square = {
        Exponential(): (1.0, 2.0),
        Normal(): (0.0, 1.0),
        HalfNormal(): ((2 / np.pi) ** 0.5, 1.0),
    }[law]
    wanted = 3 * (square / 2 - (bias > 0) * (bias * mean - bias**2))
    assert found.error < 1e-12  # the series, which does not decay, would leave 1e-6
    assert found.loss == pytest.approx(wanted, abs=1e-10)
    assert found.terms == 0


@pytest.mark.parametrize("law", [Exponential(), Normal(), Uniform(-1, 1)], ids=str)
def test_a_bias_of_1e_12_slopes_leaves_no_nan(law):
    problem = Problem(2, 1, density="1/2", features=law, activation=ReLUPower(2))
    found = expected_loss(problem, [[1e-12, -1e-12]], [-1.75, 0.0])
    assert np.isfinite([found.loss, found.error]).all()


def test_a_tolerance_is_met_with_fewer_terms():
    problem = Problem(5, 3, density="1/4", features=Exponential())
    loose, tight = expected_loss(problem, W5, B5, tolerance=1e-4), expected_loss(problem, W5, B5)
    assert loose.terms < tight.terms
    assert abs(loose.loss - tight.loss) <= loose.error <= 1e-4


def test_a_limit_on_the_terms_shows_in_the_error():
    problem = Problem(5, 3, density="1/4", features=Exponential())
    few, many = expected_loss(problem, W5, B5, max_terms=16), expected_loss(problem, W5, B5)
    assert few.terms == 16
    assert abs(few.loss - many.loss) <= few.error + many.error
    assert few.error > 1e3 * many.error


@pytest.mark.parametrize("law", [Uniform(-1, 1), Exponential(), Normal(), *DISCRETE], ids=str)
def test_five_features_to_1e_11(law):
    draw = np.random.default_rng(5)
    for _ in range(5):
        W, b = draw.integers(-16, 17, (3, 5)) / 16, draw.integers(-8, 9, 5) / 16
        found = expected_loss(Problem(5, 3, density="1/10", features=law), W, b)
        assert found.error < 1e-11


@pytest.mark.parametrize("activation", [ReLUPower(2), ReLUPower(3)], ids=str)
def test_the_shifted_line_agrees_with_the_period(activation):
    problem = Problem(5, 3, density="1/4", features=Exponential(), activation=activation)
    shifted, period = expected_loss(problem, W5, B5), loss_and_gradient(problem, W5, B5)
    assert abs(shifted.loss - period.loss) <= shifted.error + period.error
    assert shifted.error < 1e-11 * (1 + shifted.loss) < period.error


def test_two_exponential_features_of_one_sign():
    # y = x_1 + x_2 in both outputs; E (x - y^2)^2 over the gamma law of two, by hand
    problem = Problem(2, 1, density=1, features=Exponential(), activation=ReLUPower(2))
    found = expected_loss(problem, [[1.0, 1.0]])
    wanted = 2 * (2 - 2 * (24 / 2) + 120)  # E x^2, E x y^2 = E y^3 / 2, E y^4
    assert found.loss == pytest.approx(wanted, rel=1e-13)


# ---------------------------------------------------------------- a law given by its functions


def uniform_by_functions(**changes):
    """U[-1, 1] as a law given by its functions."""

    def slope(t):
        safe = np.where(np.abs(t) < 1e-3, 1.0, t)
        near = -t / 3 + t**3 / 30 - t**5 / 840
        return np.where(np.abs(t) < 1e-3, near, np.cos(safe) / safe - np.sin(safe) / safe**2) + 0j

    moments = [0, "1/3", 0, "1/5", 0, "1/7", 0, "1/9"]
    return CustomLaw(
        "by functions",
        **(
            {
                "moments": moments,
                "characteristic_function": lambda t: np.sinc(t / np.pi) + 0j,
                "derivative": slope,
                "support": (-1, 1),
            }
            | changes
        ),
    )


@pytest.mark.parametrize("activation", [ReLU(), ReLUPower(3), AbsPower(3)], ids=str)
def test_a_law_given_by_its_functions(activation):
    given = Problem(5, 3, density="1/4", features=uniform_by_functions(), activation=activation)
    known = given.replace(features=Uniform(-1, 1))
    first, second = expected_loss(given, W5, B5), expected_loss(known, W5, B5)
    assert abs(first.loss - second.loss) <= first.error + second.error
    assert first.error < 1e-3


def test_a_law_with_too_few_moments_is_refused():
    law = uniform_by_functions(moments=[0, "1/3"])
    with pytest.raises(Unsupported, match="gives 2 moments; this activation needs 3"):
        expected_loss(Problem(5, 3, density=1, features=law), W5)


def test_powers_that_leave_the_floats_are_refused():
    problem = Problem(2, 1, density=1, features=Normal(), activation=ReLUPower(12))
    with pytest.raises(InputError, match="leave the floats; scale the weights down"):
        expected_loss(problem, [[1e12, 1.0]])
