"""The gain polynomial against the definition, the displayed cubic formula and the exact loss."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.arrangements import ignored, regular_polygon
from theory.loss import expected_loss
from theory.power_model.gain import gain
from theory.problem import (
    AbsPower,
    Correlated,
    CustomLaw,
    Exponential,
    Identity,
    InputError,
    Normal,
    Power,
    Problem,
    Rademacher,
    ReLU,
    Uniform,
    Unsupported,
)

# Values with their chances: the same laws a second time, as their definition.
TWO_LEVELS = (
    (Fraction(-2), Fraction(1, 8)),
    (Fraction(-1, 3), Fraction(3, 8)),
    (Fraction(1, 3), Fraction(3, 8)),
    (Fraction(2), Fraction(1, 8)),
)
COIN = ((Fraction(-1), Fraction(1, 2)), (Fraction(1), Fraction(1, 2)))


def moments_of(values: tuple[tuple[Fraction, Fraction], ...], top: int) -> list[Fraction]:
    return [sum((c * v**k for v, c in values), Fraction(0)) for k in range(1, top + 1)]


LAWS = {
    "coin": (Rademacher(), COIN),
    "two levels": (
        CustomLaw("two levels", moments_of(TWO_LEVELS, 24), is_symmetric=True),
        TWO_LEVELS,
    ),
}
SYMMETRIC = [Rademacher(), Normal(), Uniform(-1, 1), Uniform("-5/2", "5/2"), LAWS["two levels"][0]]

entries = st.one_of(
    st.sampled_from([Fraction(0), Fraction(0), Fraction(1), Fraction(-1), Fraction(1, 2)]),
    st.fractions(-3, 3, max_denominator=7),
    st.sampled_from([Fraction(1, 10**12), Fraction(-1, 10**12)]),
)
densities = st.one_of(
    st.sampled_from([Fraction(0), Fraction(1), Fraction(1, 10**6), Fraction(1, 2)]),
    st.fractions(0, 1, max_denominator=50),
)


@st.composite
def weights(draw: st.DrawFn, max_n: int = 4, max_m: int = 3) -> list[list[Fraction]]:
    """Rational weights: zero columns, equal ones and antipodal ones among them."""
    n, m = draw(st.integers(1, max_n)), draw(st.integers(1, max_m))
    columns = [draw(st.lists(entries, min_size=m, max_size=m)) for _ in range(n)]
    for j in range(1, n):
        kind = draw(st.sampled_from(["free", "free", "dead", "equal", "antipodal"]))
        if kind != "free":
            sign = {"dead": 0, "equal": 1, "antipodal": -1}[kind]
            columns[j] = [sign * entry for entry in columns[j - 1]]
    return [list(row) for row in zip(*columns, strict=True)]


def model(W: list[list[Fraction]], law: object, power: int, density: object) -> Problem:
    return Problem(
        len(W[0]),
        len(W),
        density=density,
        features=law,
        activation=Power(power),  # type: ignore[arg-type]
    )


def gram(W: list[list[Fraction]]) -> list[list[Fraction]]:
    columns = list(zip(*W, strict=True))
    return [[sum(x * y for x, y in zip(u, v, strict=True)) for v in columns] for u in columns]


def gain_by_definition(
    W: list[list[Fraction]], values: tuple[tuple[Fraction, Fraction], ...], q: int, p: Fraction
) -> Fraction:
    """Sum ``|x|^2 - |x - x_hat|^2`` over all values of all features."""
    states = [(Fraction(0), 1 - p), *((v, p * c) for v, c in values)]
    A, total = gram(W), Fraction(0)
    for point in itertools.product(states, repeat=len(A)):
        x = [v for v, _ in point]
        chance = math.prod(c for _, c in point)
        outputs = [sum(a * v for a, v in zip(row, x, strict=True)) ** q for row in A]
        lost = sum((v - y) ** 2 for v, y in zip(x, outputs, strict=True))
        total += chance * (sum(v * v for v in x) - lost)
    return total


def cubic_gain(W: list[list[Fraction]], mu: dict[int, Fraction], p: Fraction) -> Fraction:
    """The displayed polynomial for ``q = 3``: sums over sets of different features."""
    A, total = gram(W), Fraction(0)
    for i, row in enumerate(A):
        square = [a * a for a in row]
        others = sum(square) - square[i]
        total += 2 * (p * mu[4] * row[i] ** 3 + 3 * p**2 * mu[2] ** 2 * row[i] * others)
        total -= p * mu[6] * sum(s**3 for s in square)
        pairs = sum(s**2 * (sum(square) - s) for s in square)
        total -= 15 * p**2 * mu[4] * mu[2] * pairs
        one = two = three = Fraction(0)  # elementary symmetric sums of the features so far
        for s in square:
            one, two, three = one + s, two + s * one, three + s * two
        total -= 90 * p**3 * mu[2] ** 3 * three
    return total


def moments(law: object) -> dict[int, Fraction]:
    if isinstance(law, Uniform):
        return {k: Fraction(law.high) ** k / (k + 1) for k in (2, 4, 6)}
    if isinstance(law, CustomLaw):
        return {k: law.moments[k - 1] for k in (2, 4, 6)}
    normal = isinstance(law, Normal)
    return {2: Fraction(1), 4: Fraction(3 if normal else 1), 6: Fraction(15 if normal else 1)}


@given(weights(max_n=3), densities, st.sampled_from(sorted(LAWS)), st.sampled_from([1, 3, 5, 7]))
@settings(max_examples=60, deadline=None)
def test_the_gain_is_what_the_definition_sums_to(
    W: list[list[Fraction]], p: Fraction, name: str, q: int
) -> None:
    law, values = LAWS[name]
    assert gain(model(W, law, q, p), W).value == gain_by_definition(W, values, q, p)


@given(weights(max_n=7), densities, st.sampled_from(SYMMETRIC))
@settings(max_examples=100, deadline=None)
def test_the_cubic_gain_is_the_displayed_polynomial(
    W: list[list[Fraction]], p: Fraction, law: object
) -> None:
    assert gain(model(W, law, 3, p), W).value == cubic_gain(W, moments(law), p)


@given(weights(max_n=5), densities, st.sampled_from(SYMMETRIC), st.sampled_from([1, 3, 5, 11]))
@settings(max_examples=60, deadline=None)
def test_the_gain_and_the_exact_loss_sum_to_ignoring_everything(
    W: list[list[Fraction]], p: Fraction, law: object, q: int
) -> None:
    problem = model(W, law, q, p)
    second = moments(law)[2]
    found = gain(problem, W)
    assert found.loss == expected_loss(problem, W).value == p * len(W[0]) * second - found.value


@given(weights(max_n=5), densities, st.sampled_from(SYMMETRIC))
@settings(max_examples=40, deadline=None)
def test_a_linear_model_gains_the_trace(W: list[list[Fraction]], p: Fraction, law: object) -> None:
    A = gram(W)
    trace = sum(2 * A[i][i] - sum(a * a for a in A[i]) for i in range(len(A)))
    problem = model(W, law, 1, p).replace(activation=Identity())
    assert gain(problem, W).value == p * moments(law)[2] * trace


@given(weights(max_n=4), densities, st.sampled_from(SYMMETRIC), st.sampled_from([1, 3, 5]))
@settings(max_examples=40, deadline=None)
def test_no_other_scale_gains_more_than_the_best_one(
    W: list[list[Fraction]], p: Fraction, law: object, q: int
) -> None:
    problem = model(W, law, q, p)
    best = gain(problem, W).at_best_scale
    for scale in (Fraction(0), Fraction(1, 3), Fraction(4, 5), Fraction(1), Fraction(3, 2)):
        scaled = [[scale * entry for entry in row] for row in W]
        assert gain(problem, scaled).value <= best


@given(weights(max_n=5), st.sampled_from(SYMMETRIC), densities, densities)
@settings(max_examples=40, deadline=None)
def test_the_polynomial_is_the_gain_at_every_density(
    W: list[list[Fraction]], law: object, p: Fraction, other: Fraction
) -> None:
    found = gain(model(W, law, 3, p), W)
    assert found.polynomial.degree() <= 3
    at_other = sympy.Rational(other.numerator, other.denominator)
    assert found.polynomial.eval(at_other) == found.at(density=other)
    assert found.at(sparsity=1 - other) == gain(model(W, law, 3, other), W).value


@given(weights(max_n=5), st.permutations(range(5)), st.sampled_from([3, 5]))
@settings(max_examples=30, deadline=None)
def test_order_signs_and_dead_features_do_not_matter(
    W: list[list[Fraction]], order: list[int], q: int
) -> None:
    n = len(W[0])
    kept = [j for j in order if j < n]
    turned = [[(-1) ** j * row[j] for j in kept] + [Fraction(0)] * 2 for row in W]
    plain = gain(model(W, Normal(), q, "1/7"), W)
    moved = gain(model(turned, Normal(), q, "1/7"), turned)
    assert plain.coefficients == moved.coefficients


def test_a_pentagon_gains_an_algebraic_number() -> None:
    problem = Problem(6, 2, density="1/10", features=Uniform(-1, 1), activation=Power(3))
    shape = regular_polygon(5, scale=sympy.sqrt(sympy.GoldenRatio)) + ignored(1)
    found = gain(problem, shape)
    assert found.kind == "exact"
    difference = found.loss - expected_loss(problem, shape).value
    assert sympy.simplify(difference) == 0


def test_symbols_give_the_polynomial_in_the_weights() -> None:
    a, b, density = sympy.symbols("a b rho", real=True)
    problem = Problem(2, 1, density=density, features=Normal(), activation=Power(3))
    found = gain(problem, [[a, b]])
    assert found.kind == "symbolic"
    numbers = {a: Fraction(2, 3), b: Fraction(-1, 2), density: Fraction(1, 5)}
    W = [[numbers[a], numbers[b]]]
    value = found.value.subs({
        s: sympy.Rational(v.numerator, v.denominator) for s, v in numbers.items()
    })
    assert value == gain(model(W, Normal(), 3, "1/5"), W).value


@pytest.mark.parametrize("law", [Rademacher(), Normal()])
def test_sixty_features_are_within_reach(law: object) -> None:
    W = [
        [Fraction((7 * i + 3 * j * j + i * j) % 41 - 20, 10 + j % 9) for j in range(60)]
        for i in range(4)
    ]
    polynomial = gain(model(W, law, 3, "1/10"), W).polynomial
    tenth = polynomial.eval(sympy.Rational(1, 10))
    assert tenth == cubic_gain(W, moments(law), Fraction(1, 10))


def test_a_formula_without_the_terms_of_pairs_would_be_noticed() -> None:
    W = [[Fraction(1), Fraction(1, 2)], [Fraction(0), Fraction(1)]]
    truth = gain_by_definition(W, COIN, 3, Fraction(1, 4))
    square = [[a * a for a in row] for row in gram(W)]
    pairs = sum(15 * Fraction(1, 16) * (s[0] ** 2 * s[1] + s[1] ** 2 * s[0]) for s in square)
    assert gain(model(W, Rademacher(), 3, "1/4"), W).value == truth != truth + pairs


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"activation": Power(2)}, "activation="),
        ({"activation": ReLU()}, "activation="),
        ({"activation": AbsPower(3)}, "activation="),
        ({"features": Exponential()}, "features="),
        ({"features": Uniform(0, 1)}, "features="),
        ({"density": ["1/2", "1/3"]}, "density"),
        ({"importance": [1, 2]}, "importance"),
        ({"groups": [Correlated(0, 1)]}, "groups"),
        ({"n_active": 1}, "n_active=1"),
        (
            {
                "features": CustomLaw(
                    "irrational", [0, sympy.sqrt(2), 0, 4, 0, 20], is_symmetric=True
                )
            },
            "features=",
        ),
        ({"features": CustomLaw("short", [0, 1], is_symmetric=True)}, "features="),
    ],
)
def test_a_problem_outside_the_model_is_refused_by_name(
    changes: dict[str, object], named: str
) -> None:
    problem = Problem(2, 1, density="1/2", features=Rademacher(), activation=Power(3))
    with pytest.raises(Unsupported, match=named):
        gain(problem.replace(**changes), [[1, 1]])


def test_a_bias_is_refused() -> None:
    problem = Problem(5, 2, density="1/2", features=Rademacher(), activation=Power(3))
    with pytest.raises(Unsupported, match="b: "):
        gain(problem, regular_polygon(5, bias="1/10"))


@pytest.mark.parametrize("given_twice", [{}, {"density": 1, "sparsity": 0}])
def test_another_density_is_given_one_way(given_twice: dict[str, int]) -> None:
    problem = Problem(1, 1, density="1/2", features=Rademacher(), activation=Power(3))
    with pytest.raises(InputError, match="density="):
        gain(problem, [[1]]).at(**given_twice)


def test_many_symbolic_features_are_refused() -> None:
    problem = Problem(13, 1, density="1/2", features=Rademacher(), activation=Power(3))
    with pytest.raises(InputError, match="n_features=13"):
        gain(problem, [sympy.symbols("a:13")])
