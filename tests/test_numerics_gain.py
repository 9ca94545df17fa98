"""The gain: literal enumeration in fractions, the series, difference quotients, refusals."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction as F

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics import series
from numerics.power_model.first_order import first_order
from numerics.power_model.gain import PopulationGain, gain, gain_and_gradient
from theory.problem import (
    Correlated,
    CustomLaw,
    Exponential,
    InputError,
    Normal,
    Power,
    Problem,
    Rademacher,
    ReLU,
    Uniform,
    Unsupported,
)

TRIANGULAR = CustomLaw(
    "triangular",
    moments=[0 if k % 2 else F(2, (k + 1) * (k + 2)) for k in range(1, 23)],
    is_symmetric=True,
)
EVEN_MOMENTS = {
    Rademacher(): lambda _: F(1),
    Normal(): lambda k: F(math.factorial(2 * k), 2**k * math.factorial(k)),
    Uniform(-2, 2): lambda k: F(4**k, 2 * k + 1),
    TRIANGULAR: lambda k: F(1, (2 * k + 1) * (k + 1)),
}
weights = st.one_of(
    st.sampled_from([F(0), F(1), F(-1), F(1, 10**12)]),
    st.integers(-12, 12).map(lambda k: F(k, 8)),
)
densities = st.one_of(
    st.sampled_from([F(0), F(1), F(1, 10**9)]), st.integers(0, 16).map(lambda k: F(k, 16))
)


@st.composite
def models(draw, powers=(1, 3, 5)):
    """A problem and weights in fractions; zero columns, antipodal pairs and ties included."""
    n, m = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    columns = [draw(st.lists(weights, min_size=m, max_size=m)) for _ in range(n)]
    if n > 1 and draw(st.booleans()):
        columns[1] = [-w for w in columns[0]]
    law = draw(st.sampled_from(list(EVEN_MOMENTS)))
    power, density = draw(st.sampled_from(powers)), draw(densities)
    problem = Problem(n, m, density=density, features=law, activation=Power(power))
    return problem, [[float(c[k]) for c in columns] for k in range(m)]


def compositions(total, parts):
    """All ways to write ``total`` as an ordered sum of ``parts`` numbers from 0."""
    if parts == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in compositions(total - first, parts - 1):
            yield (first, *rest)


def mean_of_product(problem, row, own, power):
    """``E[x_own^s y^power]`` (``s = 0`` if own is None) by the multinomial theorem."""
    total = F(0)
    for exponents in compositions(power, len(row)):
        term = F(math.factorial(power))
        for j, k in enumerate(exponents):
            term *= F(row[j]) ** k / math.factorial(k)
            degree = k + (j == own)
            if degree % 2:
                term = F(0)
            elif degree:
                term *= problem.density * EVEN_MOMENTS[problem.features](degree // 2)
        total += term
    return total


def literal_gain(problem, W):
    """``sum_i 2 E[x_i y_i^q] - E y_i^2q`` in fractions."""
    n, q = problem.n_features, problem.activation.power
    gram = [[sum((F(w[i]) * F(w[j]) for w in W), F(0)) for j in range(n)] for i in range(n)]
    return sum(
        (
            2 * mean_of_product(problem, gram[i], i, q)
            - mean_of_product(problem, gram[i], None, 2 * q)
            for i in range(n)
        ),
        F(0),
    )


@settings(deadline=None, max_examples=80)
@given(models())
def test_the_gain_is_its_multinomial_sum(model):
    problem, W = model
    found = gain(problem, W)
    assert abs(F(found.value) - literal_gain(problem, W)) <= F(found.error)


@settings(deadline=None, max_examples=60)
@given(models())
def test_the_error_is_near_rounding(model):
    """A bound that is far too large would make the test above empty."""
    problem, W = model
    found, n = gain(problem, W), problem.n_features
    longest = float(np.sum(np.array(W) ** 2, axis=0).max())
    q = problem.activation.power
    largest = (n * longest) ** q * float(EVEN_MOMENTS[problem.features](q)) ** 0.5
    assert found.error <= 1e-12 * n * (largest + largest**2) + 1e-280


@pytest.mark.parametrize("power", [1, 3, 5])
def test_rademacher_features_by_all_their_values(power):
    """Every value of every feature with its probability, and the loss as it is written."""
    n, p = 4, F(2, 7)
    W = [[1, F(1, 2), F(-3, 4), 0], [F(1, 4), -1, F(1, 8), F(1, 2)]]
    problem = Problem(n, 2, density=p, features=Rademacher(), activation=Power(power))
    loss = F(0)
    for x in itertools.product((-1, 0, 1), repeat=n):
        chance = math.prod((1 - p if value == 0 else p / 2) for value in x)
        hidden = [sum(w[j] * x[j] for j in range(n)) for w in W]
        for i in range(n):
            output = sum(W[k][i] * hidden[k] for k in range(2)) ** power
            loss += chance * (x[i] - output) ** 2
    found = gain(problem, [[float(w) for w in row] for row in W])
    # p is not a float; it is kept exact in the moments of x
    assert abs(F(found.value) - (p * n - loss)) <= F(found.error) < F(1, 10**11)


@settings(deadline=None, max_examples=25)
@given(models(powers=(1, 3)))
def test_the_series_agrees(model):
    problem, W = model
    found, loss = gain(problem, W), series.expected_loss(problem, W)
    ignoring = problem.density * EVEN_MOMENTS[problem.features](1) * problem.n_features
    assert abs(ignoring - F(loss.loss) - F(found.value)) <= F(loss.error) + F(found.error)


@settings(deadline=None, max_examples=25)
@given(models(), st.data())
def test_the_gradient_is_a_difference_quotient(model, data):
    problem, W = model
    gradient = gain_and_gradient(problem, W).gradient
    k = data.draw(st.integers(0, problem.n_hidden - 1))
    i = data.draw(st.integers(0, problem.n_features - 1))
    step, ends = F(1, 2**40), []
    for sign in (1, -1):
        moved = [[F(w) for w in row] for row in W]
        moved[k][i] += sign * step
        ends.append(literal_gain(problem, moved))
    quotient = float((ends[0] - ends[1]) / (2 * step))
    scale = np.abs(gradient).max() + abs(gain(problem, W).energy)
    assert abs(gradient[k, i] - quotient) <= 1e-10 * scale + 1e-15


@pytest.mark.parametrize("law", [Rademacher(), Normal()])
def test_many_features_agree_with_the_displayed_formula(law):
    """Literature: the polynomial in p for q = 3, by sums over entries; n beyond one block."""
    n, m, p = 700, 3, 0.03
    W = np.random.default_rng(1).normal(size=(m, n)) / 4
    A = W.T @ W
    mu = [float(EVEN_MOMENTS[law](k)) for k in range(4)]
    s1, s2, s3 = ((A ** (2 * k)).sum(axis=1) for k in (1, 2, 3))
    own = A.diagonal()
    target = p * mu[2] * own**3 + 3 * p**2 * own * (s1 - own**2)
    triples = (s1**3 - 3 * s1 * s2 + 2 * s3) / 6
    energy = p * mu[3] * s3 + 15 * p**2 * mu[2] * (s2 * s1 - s3) + 90 * p**3 * triples
    problem = Problem(n, m, density=p, features=law, activation=Power(3))
    found = gain(problem, W)
    assert found.value == pytest.approx(np.sum(2 * target - energy), rel=1e-11)
    assert found.target == pytest.approx(np.sum(target), rel=1e-11)
    assert 0 < found.error < 1e-12 * (2 * found.target + found.energy)


def test_the_gradient_of_many_features_is_a_difference_quotient():
    n, m = 600, 4
    draw = np.random.default_rng(2)
    W, direction = draw.normal(size=(2, m, n)) / 5
    problem = Problem(n, m, density="1/50", features=Normal(), activation=Power(3))
    slope = float(np.sum(gain_and_gradient(problem, W).gradient * direction))
    ends = [gain(problem, W + sign * 1e-4 * direction).value for sign in (1, -1)]
    assert slope == pytest.approx((ends[0] - ends[1]) / 2e-4, rel=1e-5)


def test_zero_columns_change_nothing():
    W = np.random.default_rng(3).normal(size=(2, 3))
    padded = np.insert(W, [0, 2, 3], 0.0, axis=1)
    problem = Problem(6, 2, density="1/9", features=Uniform(-1, 1), activation=Power(5))
    found, few = gain_and_gradient(problem, padded), gain(problem.replace(n_features=3), W)
    assert found.value == few.value
    assert not found.gradient[:, [0, 3, 5]].any()


@pytest.mark.parametrize("shape", [(2, 3), (1, 1)])
def test_nothing_gains_nothing(shape):
    m, n = shape
    problem = Problem(n, m, density=1, features=Normal(), activation=Power(3))
    found = gain_and_gradient(problem, np.zeros(shape))
    assert (found.value, found.error) == (0.0, 0.0)
    assert not found.gradient.any()


def test_the_best_multiple_is_a_square_over_the_energy():
    W = np.random.default_rng(4).normal(size=(3, 5))
    problem = Problem(5, 3, density="1/4", features=Rademacher(), activation=Power(3))
    found = gain(problem, W)
    scale = (found.target / found.energy) ** (1 / 6)  # of A, to the power 1/3; of W, to 1/6
    best = gain(problem, scale * W)
    assert best.value == pytest.approx(found.target**2 / found.energy, rel=1e-13)
    assert PopulationGain(problem).best_scaled(W) == pytest.approx(best.value, rel=1e-13)


@pytest.mark.parametrize("power", [1, 3, 5])
def test_the_first_order_functional_is_the_slope_of_the_gain(power):
    W = np.random.default_rng(5).normal(size=(2, 4)) / 2
    found = first_order(W, power)
    B = W.T @ W
    expected = 2 * np.sum(B.diagonal() ** power) - np.sum(B ** (2 * power))
    assert abs(found.value - expected) <= found.error < 1e-11
    problem = Problem(4, 2, density=1e-9, features=Rademacher(), activation=Power(power))
    assert gain(problem, W).value / 1e-9 == pytest.approx(found.value, rel=1e-6)


def test_the_gradient_of_the_first_order_functional_is_a_difference_quotient():
    draw = np.random.default_rng(6)
    W, direction = draw.normal(size=(2, 3, 300)) / 2
    slope = float(np.sum(first_order(W, 3).gradient * direction))
    ends = [first_order(W + sign * 1e-5 * direction, 3).value for sign in (1, -1)]
    assert slope == pytest.approx((ends[0] - ends[1]) / 2e-5, rel=1e-6)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"activation": ReLU()}, r"activation=ReLU\(\): the gain takes Power\(q\) with odd q"),
        ({"activation": Power(2)}, r"activation=Power\(power=2\): the gain takes"),
        ({"features": Exponential()}, r"features=Exponential\(\): the gain takes a symmetric law"),
        ({"features": Uniform()}, "the gain takes a symmetric law"),
        ({"groups": [Correlated(0, 1)]}, "the gain takes independent features"),
        ({"density": [0.5, 0.25, 0.5]}, "density: the gain takes one density"),
        ({"importance": 2}, "importance=2: the gain takes importance 1"),
        (
            {
                "activation": Power(11),
                "features": TRIANGULAR.__class__("short", moments=[0, 1], is_symmetric=True),
            },
            "gives 2 moments; a power of 11 needs 22",
        ),
    ],
)
def test_another_model_is_refused_by_name(changes, message):
    problem = Problem(3, 2, density="1/2", features=Normal(), activation=Power(3))
    with pytest.raises(Unsupported, match=message):
        gain(problem.replace(**changes), np.eye(2, 3))


def test_a_number_of_active_features_is_refused():
    problem = Problem(3, 2, n_active=1, features=Normal(), activation=Power(3))
    with pytest.raises(Unsupported, match="n_active=1: the gain takes independent features"):
        gain(problem, np.eye(2, 3))


def test_powers_that_leave_the_floats_are_refused():
    problem = Problem(2, 2, density=1, features=Normal(), activation=Power(5))
    with pytest.raises(InputError, match="W: powers up to 10 of the outputs leave the floats"):
        gain(problem, 1e20 * np.eye(2))
    with pytest.raises(InputError, match="W: powers up to 10 of the Gram entries leave"):
        first_order(1e20 * np.eye(2), 5)


def test_an_even_power_is_refused():
    with pytest.raises(InputError, match="power=4: must be odd"):
        first_order(np.eye(2), 4)
