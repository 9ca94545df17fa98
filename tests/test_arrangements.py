"""Named arrangements: exact coordinates, Gram matrices, names, and their losses."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.arrangements import (
    Arrangement,
    antipodal_pair,
    dedicated,
    direct_sum,
    ignored,
    orthoplex,
    regular_polygon,
    simplex,
)
from theory.loss import expected_loss
from theory.losses.symbolic import chamber, row_losses
from theory.problem import InputError, Problem, Unsupported

r, beta, p = sympy.symbols("r beta p")

SHAPES = [
    (antipodal_pair(scale=r, bias=beta), "antipodal pair", 2, 1),
    (regular_polygon(3, scale=r), "triangle", 3, 2),
    (regular_polygon(4, scale="3/2"), "square", 4, 2),
    (regular_polygon(5, scale=r), "pentagon", 5, 2),
    (regular_polygon(6), "hexagon", 6, 2),
    (regular_polygon(7), "heptagon", 7, 2),
    (regular_polygon(8), "octagon", 8, 2),
    (regular_polygon(9), "9-gon", 9, 2),
    (simplex(2), "antipodal pair", 2, 1),
    (simplex(3), "triangle", 3, 2),
    (simplex(4, scale=r), "tetrahedron", 4, 3),
    (simplex(5, scale=sympy.sqrt(2)), "4-simplex", 5, 4),
    (orthoplex(1), "antipodal pair", 2, 1),
    (orthoplex(2), "square", 4, 2),
    (orthoplex(3, scale=r), "octahedron", 6, 3),
    (orthoplex(4), "orthoplex in 4 dimensions", 8, 4),
    (dedicated(1, scale=r), "1 dedicated", 1, 1),
    (dedicated(3), "3 dedicated", 3, 3),
    (ignored(2), "2 ignored", 2, 0),
    (antipodal_pair() + antipodal_pair() + ignored(1), "2 antipodal pairs + 1 ignored", 5, 2),
    (regular_polygon(5) + antipodal_pair(), "pentagon + antipodal pair", 7, 3),
    (ignored(1) + simplex(4) + ignored(1) + simplex(4), "2 ignored + 2 tetrahedra", 10, 6),
    (direct_sum(simplex(5), simplex(5)), "2 4-simplices", 10, 8),
]
each_shape = pytest.mark.parametrize(
    ("shape", "name", "n", "m"),
    SHAPES,
    ids=[f"{name}-{k}" for k, (_, name, *_) in enumerate(SHAPES)],
)


def same(left, right):
    """Exactly equal numbers, or polynomials in r with equal coefficients."""
    gap = sympy.expand(left - right)
    coefficients = sympy.Poly(gap, r).coeffs() if gap.free_symbols else [gap]
    return all(
        c.is_zero or sympy.minimal_polynomial(c, sympy.Symbol("x")) == sympy.Symbol("x")
        for c in coefficients
    )


@each_shape
def test_names_and_sizes(shape, name, n, m):
    assert (shape.name, str(shape), shape.n_features, shape.n_hidden) == (name, name, n, m)
    assert shape.coordinates.shape == (m, n)
    assert len(shape.bias) == n


@each_shape
def test_gram_is_that_of_the_coordinates(shape, name, n, m):
    product, gram = shape.coordinates.T * shape.coordinates, shape.gram()
    assert gram == gram.T
    assert all(same(product[i, j], gram[i, j]) for i in range(n) for j in range(i, n))


@each_shape
def test_coordinates_span_the_hidden_space(shape, name, n, m):
    assert shape.coordinates.subs(r, 1).evalf(30).rank(iszerofunc=lambda x: abs(x) < 1e-20) == m


@given(k=st.integers(3, 40))
@settings(max_examples=15, deadline=None)
def test_polygon_neighbours_are_equally_far(k):
    gram = regular_polygon(k).gram()
    assert all(gram[i, i] == 1 for i in range(k))
    assert {gram[i, (i + 1) % k] for i in range(k)} == {sympy.cos(2 * sympy.pi / k)}
    assert sympy.Abs(sympy.N(sum(gram[0, :]), 40)) < sympy.Rational(1, 10**30)


@given(k=st.integers(2, 12))
@settings(deadline=None)
def test_simplex_is_centred(k):
    assert all(same(sum(row), 0) for row in simplex(k).coordinates.tolist())
    assert {simplex(k).gram()[i, j] for i in range(k) for j in range(i)} == {
        sympy.Rational(-1, k - 1)
    }


def test_direct_sum_is_block_diagonal():
    pentagon, pair = regular_polygon(5, scale=r, bias=beta), antipodal_pair(scale=2)
    whole = pentagon + ignored(1, bias="1/3") + pair
    gram = whole.gram()
    assert gram[:5, :5] == pentagon.gram()
    assert gram[6:, 6:] == pair.gram()
    assert gram[:5, 5:].is_zero_matrix
    assert gram[5, :].is_zero_matrix
    assert gram[6:, :6].is_zero_matrix
    assert whole.bias == (beta,) * 5 + (Fraction(1, 3), 0, 0)
    assert whole == direct_sum(pentagon, ignored(1, bias="1/3"), pair)


def test_arrangements_are_values():
    assert regular_polygon(5) == regular_polygon(5)
    assert hash(regular_polygon(5)) == hash(regular_polygon(5))
    assert regular_polygon(5) != regular_polygon(5, scale=2)
    assert regular_polygon(5).__add__(1) is NotImplemented


def test_problem_of_an_arrangement():
    shape = antipodal_pair() + ignored(1)
    expected = Problem(3, 1, density="1/10", importance=[1, 2, 3])
    assert shape.problem(sparsity="9/10", importance=[1, 2, 3]) == expected


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: regular_polygon(2), "k=2: must be at least 3"),
        (lambda: regular_polygon(5.0), "k=5.0: must be a whole number"),
        (lambda: regular_polygon(True), "k=True: must be a whole number"),
        (lambda: simplex(1), "k=1: must be at least 2"),
        (lambda: orthoplex(0), "m=0: must be at least 1"),
        (lambda: dedicated("3"), "count='3': must be a whole number"),
        (lambda: ignored(0), "count=0: must be at least 1"),
        (lambda: regular_polygon(5, scale=0), "scale=0: must be positive"),
        (lambda: simplex(3, scale=-sympy.sqrt(2)), "scale=-sqrt.* must be positive"),
        (lambda: antipodal_pair(bias=float("nan")), "bias=nan: must be finite"),
        (lambda: ignored(1, bias="x"), "bias='x': not a plain number"),
        (lambda: direct_sum(), "give at least one"),
        (lambda: direct_sum(antipodal_pair(), 3), r"parts\[1\]=3: must be an Arrangement"),
        (lambda: ignored(2).problem(sparsity=0), "n_hidden=0"),
        (lambda: antipodal_pair().problem(), "sparsity=None, density=None"),
    ],
)
def test_bad_input_is_refused_by_name(make, message):
    with pytest.raises(InputError, match=message):
        make()


def test_size_is_bounded():
    with pytest.raises(Unsupported, match="k=257"):
        simplex(257)


def loss(shape, **law):
    return expected_loss(shape.problem(**law), shape).value


def exactly(value):
    return (
        sympy.Rational(value.numerator, value.denominator) if isinstance(value, Fraction) else value
    )


@given(density=st.fractions(0, 1, max_denominator=20))
@settings(deadline=None)
def test_antipodal_pair_without_bias_costs_a_third_of_the_squared_density(density):
    assert loss(antipodal_pair(), density=density) == density**2 / 3


@pytest.mark.parametrize(
    ("density", "value"),
    [("1/10", 0.0404235950411), ("1/20", 0.0181869764327), ("1/100", 0.0032781584319)],
)
def test_unit_pentagon(density, value):
    assert float(loss(regular_polygon(5), density=density)) == pytest.approx(value, abs=1e-13)


@given(
    density=st.fractions(0, 1, max_denominator=9),
    bias=st.fractions(-1, 1, max_denominator=7),
    scale=st.fractions("1/8", 2, max_denominator=8),
)
@settings(max_examples=25, deadline=None)
def test_losses_of_a_direct_sum_add(density, bias, scale):
    parts = [
        simplex(4, scale=scale, bias=bias),
        antipodal_pair(bias=-bias),
        dedicated(1, scale=scale),
    ]
    whole = direct_sum(*parts, ignored(1, bias=bias))
    alone = density / 3 - density * max(bias, 0) + max(bias, 0) ** 2
    assert (
        loss(whole, density=density) == sum(loss(part, density=density) for part in parts) + alone
    )


@given(density=st.fractions(0, 1, max_denominator=9), bias=st.fractions(-1, 1, max_denominator=7))
@settings(max_examples=25, deadline=None)
def test_the_same_shape_by_two_names_costs_the_same(density, bias):
    pairs = direct_sum(*[antipodal_pair(bias=bias)] * 3)
    assert loss(orthoplex(3, bias=bias), density=density) == loss(pairs, density=density)
    triangle = loss(regular_polygon(3, bias=bias), density=density)
    assert loss(simplex(3, bias=bias), density=density) == triangle
    square = loss(regular_polygon(4, bias=bias), density=density)
    assert loss(orthoplex(2, bias=bias), density=density) == square


@pytest.mark.parametrize(
    "make",
    [
        antipodal_pair,
        *(lambda k=k, **free: regular_polygon(k, **free) for k in (3, 4, 5, 6)),
        lambda **free: simplex(4, **free),
    ],
    ids=["pair", "triangle", "square", "pentagon", "hexagon", "tetrahedron"],
)
@pytest.mark.parametrize(
    "point", [{r: 1, beta: "-1/20"}, {r: "9/10", beta: "1/30"}, {r: "11/10", beta: "-1/3"}]
)
def test_free_scale_and_bias(make, point):
    """The chamber's formula against the loss of numbers, at the point and inside the chamber."""
    shape = make(scale=r, bias=beta)
    n = shape.n_features
    found = chamber(shape.gram().tolist(), shape.bias, [p] * n, [1] * n, point)
    nearby = {
        r: Fraction(point[r]) + Fraction(1, 500),
        beta: Fraction(point[beta]) - Fraction(1, 900),
    }
    for at in (point, nearby):
        assert found.contains(at)
        numbers = make(scale=at[r], bias=at[beta])
        exact = exactly(loss(numbers, density="1/7"))
        at = {symbol: sympy.Rational(str(value)) for symbol, value in at.items()} | {
            p: sympy.Rational(1, 7)
        }
        assert same(found.loss.subs(at), exact)


def test_best_antipodal_pair_bias_is_stationary_where_its_gradient_vanishes():
    """With r = 1 and beta < 0 the gradient by the bias is that of the closed form."""
    shape = antipodal_pair(scale=r, bias=beta)
    found = chamber(shape.gram().tolist(), shape.bias, [p, p], [1, 1], {r: 1, beta: "-1/10"})
    closed = sum(row_losses(shape.gram().tolist(), shape.bias, [p, p]))
    at = {r: 1, beta: sympy.Rational(-1, 10)}
    step = sympy.Rational(1, 10**8)
    central = (
        closed.subs(at | {beta: at[beta] + step}) - closed.subs(at | {beta: at[beta] - step})
    ) / (2 * step)
    gap = sympy.expand((found.gradient[beta].subs(at) - central).subs(p, sympy.Rational(1, 3)))
    assert abs(gap) < sympy.Rational(1, 10**12)


def test_arrangement_is_frozen():
    shape = antipodal_pair()
    assert isinstance(shape, Arrangement)
    with pytest.raises(AttributeError):
        shape.bias = (1, 1)
