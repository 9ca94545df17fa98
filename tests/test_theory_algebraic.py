"""Real algebraic weights: decided signs, the field of the answer, equality with SymPy."""

import math
from fractions import Fraction as F

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Rational, cos, pi, sin, sqrt

from theory.arithmetic.algebraic import common_field, is_algebraic
from theory.arithmetic.fields import Rationals
from theory.arithmetic.subfield import reduced_field
from theory.arrangements import regular_polygon, simplex
from theory.loss import expected_loss
from theory.problem import Identity, InputError, Problem, Unsupported

X = sympy.Symbol("x")
ROOT = sympy.CRootOf(X**3 - X - 1, 0)
small = st.fractions(-2, 2, max_denominator=6)

ATOMS = [
    sqrt(2),
    sqrt(3),
    sympy.cbrt(2),
    2 ** Rational(-3, 4),
    sqrt(2 + sqrt(2)),
    cos(2 * pi / 7),
    sin(pi / 7),
    sympy.tan(pi / 9),
    cos(2 * pi / 5),
    sin(2 * pi / 5),
    sympy.GoldenRatio,
    sympy.Abs(sqrt(2) - sqrt(3)),
    sympy.CRootOf(X**3 - X - 1, 0),
    sympy.CRootOf(2 * X**5 - 4 * X + 1, 1),
    sympy.AlgebraicNumber(sqrt(5), [2, 1]),
]


def combinations(atoms):
    """Sums and products of one or two atoms with rational numbers."""
    single = st.sampled_from(atoms)
    return st.builds(
        lambda x, y, a, b, c: Rational(str(a)) + Rational(str(b)) * x + Rational(str(c)) * x * y,
        single, single, small, small, small,
    )  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(combinations(ATOMS))
def test_element_has_the_sign_and_value_of_the_number(number):
    field, (element,) = common_field([number if not number.is_Rational else F(str(number))])
    value = sympy.N(sympy.sympify(field.exact(element)), 30)
    assert abs(value - sympy.N(number, 30)) < Rational(1, 10**20)
    assert field.sign(element) == sympy.sign(sympy.N(number, 30))


@pytest.mark.parametrize(
    "zero",
    [
        sqrt(2) * sqrt(3) - sqrt(6),
        sqrt(3 + 2 * sqrt(2)) - 1 - sqrt(2),
        sympy.cbrt(2 + sqrt(5)) + sympy.cbrt(-2 + sqrt(5)) - sqrt(5),
        cos(pi / 7) - cos(2 * pi / 7) + cos(3 * pi / 7) - Rational(1, 2),
        sin(pi / 7) ** 2 + cos(pi / 7) ** 2 - 1,
        sympy.CRootOf(X**3 - X - 1, 0) ** 3 - sympy.CRootOf(X**3 - X - 1, 0) - 1,
    ],
)
def test_hidden_zero_is_zero(zero):
    field, (element,) = common_field([zero])
    assert element.sign() == 0
    assert field.exact(element) == 0


@pytest.mark.parametrize("k", [30, 300])
def test_sign_of_a_tiny_difference(k):
    near = F(math.isqrt(2 * 10 ** (2 * k)), 10**k)
    field, (root,) = common_field([sqrt(2)])
    assert (root - field.element(near)).sign() == 1
    assert (root - field.element(near + F(1, 10**k))).sign() == -1


def test_index_of_a_numbered_root_is_kept():
    roots = [sympy.CRootOf(X**3 - 3 * X + 1, k) for k in range(3)]
    _, elements = common_field(roots)
    assert sorted(elements) == elements


@pytest.mark.parametrize(
    ("elements", "degree", "generator"),
    [
        ([sqrt(12), 1 - sqrt(3)], 2, sqrt(3)),
        ([sin(2 * pi / 5) ** 2], 2, sqrt(5)),
        ([cos(pi / 5), cos(2 * pi / 7)], 6, None),
        ([cos(4 * pi / 7)], 3, cos(2 * pi / 7)),
        ([cos(pi / 12) ** 2], 2, sqrt(3)),
        ([sqrt(2), sqrt(3)], 4, sqrt(2) + sqrt(3)),
        ([sqrt(2) * sqrt(2)], 1, None),
        ([sqrt(2 + sqrt(2)) ** 2], 2, sqrt(2)),
        ([2 ** Rational(2, 3) + 1, sympy.S(3)], 3, None),
    ],
)
def test_reduced_field(elements, degree, generator):
    field, members = common_field([F(str(e)) if e.is_Rational else e for e in elements])
    reduced = reduced_field(field, members)
    assert reduced.field.degree == degree
    if generator is not None:
        assert sympy.simplify(reduced.field.generator - generator) == 0
    for number, element in zip(elements, reduced.elements, strict=True):
        difference = sympy.N(reduced.field.exact(element) - number, 30)
        assert abs(difference) < Rational(1, 10**20)


@pytest.mark.parametrize(
    ("atoms", "generator"),
    [
        ([sqrt(3), sympy.cbrt(2)], 1 + 2 ** Rational(2, 3)),
        ([sqrt(2), ROOT], sympy.CRootOf(X**3 - 5 * X**2 + 8 * X - 5, 0)),
        ([cos(2 * pi / 7), ROOT], sympy.CRootOf(X**3 - 5 * X**2 + 8 * X - 5, 0)),
        ([sympy.cbrt(2), cos(2 * pi / 7)], cos(2 * pi / 7)),
    ],
)
def test_reduced_field_inside_a_larger_one(atoms, generator):
    """1 + y^2 of the second atom y leaves the first one out."""
    field, (_, y) = common_field(atoms)
    reduced = reduced_field(field, [y * y + 1, y * 0 + 2])
    assert reduced.field.generator == generator
    assert reduced.elements[1].sign() == 1
    assert reduced.lift(reduced.elements[0], field) == y * y + 1
    difference = sympy.N(reduced.field.exact(reduced.elements[0]) - atoms[1] ** 2 - 1, 30)
    assert abs(difference) < Rational(1, 10**20)


@pytest.mark.parametrize("number", [pi, sympy.E, cos(1), sympy.log(2), sqrt(pi), 2 ** sqrt(2)])
def test_transcendental_numbers_are_refused(number):
    assert not is_algebraic(number)
    with pytest.raises(Unsupported, match="digits=15"):
        expected_loss(Problem(1, 1, density=1), [[number]])


def test_degree_is_bounded():
    with pytest.raises(Unsupported, match="degree"):
        expected_loss(Problem(1, 1, density=1), [[cos(2 * pi / 1009)]])
    roots = [sqrt(p) for p in (2, 3, 5, 7, 11, 13, 17)]
    with pytest.raises(Unsupported, match="degree"):
        expected_loss(Problem(7, 1, density=1), [roots])


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.tuples(small, small), min_size=1, max_size=4),
    st.sampled_from([pi / 7, pi / 5, pi / 4, 2 * pi / 9, pi / 12]),
    st.data(),
)
def test_rotation_by_an_algebraic_angle_keeps_the_rational_loss(columns, angle, data):
    """W is irrational, its Gram matrix is not: the loss comes back as the same fraction."""
    n = len(columns)
    bias = data.draw(st.lists(small, min_size=n, max_size=n))
    activation = data.draw(st.sampled_from([None, Identity()]))
    problem = Problem(n, 2, density="1/3", activation=activation)
    c, s = cos(angle), sin(angle)
    exact = [(Rational(str(x)), Rational(str(y))) for x, y in columns]
    turned = [[c * x - s * y for x, y in exact], [s * x + c * y for x, y in exact]]
    plain = [[x for x, _ in columns], [y for _, y in columns]]
    found = expected_loss(problem, turned, bias)
    expected = expected_loss(problem, plain, bias)
    assert found.per_output == expected.per_output
    assert found.gradient.b == expected.gradient.b
    assert found.gradient.gram == expected.gradient.gram
    pairs = zip(found.gradient.W[0], expected.gradient.W[0], expected.gradient.W[1], strict=True)
    for got, x, y in pairs:
        wanted = c * Rational(str(x)) - s * Rational(str(y))
        assert abs(sympy.N(got - wanted, 30)) < Rational(1, 10**20)


@pytest.mark.parametrize("k", [3, 4, 5, 6, 7, 8])
def test_coordinates_and_gram_matrix_agree(k):
    polygon = regular_polygon(k, scale="9/8", bias="-1/10")
    problem = Problem(k, 2, density="1/5")
    by_gram = expected_loss(problem, polygon)
    by_coordinates = expected_loss(problem, polygon.coordinates, polygon.bias)
    assert by_gram.value == by_coordinates.value
    assert by_gram.gradient == by_coordinates.gradient


def test_heptagon_is_written_in_its_cosine():
    value = expected_loss(Problem(7, 2, density="1/10"), regular_polygon(7)).value
    assert value.atoms(sympy.cos) == {cos(2 * pi / 7)}


def test_simplex_has_a_rational_loss():
    # unit triangle at p = 1: every output is E (x - (x - (y + z)/2)_+)^2
    value = expected_loss(Problem(3, 2, density=1), simplex(3)).value
    assert isinstance(value, F)


def test_algebraic_density_and_importance():
    p, weight = 1 / sqrt(2), sqrt(3)
    loss = expected_loss(Problem(2, 1, density=p, importance=[weight, 1]), [[1, -1]])
    assert sympy.expand(loss.value - (1 + weight) * p**2 / 6) == 0


def test_density_symbol_and_importance_symbol():
    p, r = sympy.symbols("q r")
    loss = expected_loss(Problem(2, 1, density=p, importance=[1, r]), [[sqrt(2), -sqrt(2)]])
    assert loss.kind == "symbolic"
    at_half = expected_loss(Problem(2, 1, density="1/2", importance=[1, 3]), [[sqrt(2), -sqrt(2)]])
    assert loss.value.subs({p: Rational(1, 2), r: 3}) == Rational(str(at_half.value))
    assert sympy.expand(sum(loss.per_output) - loss.value) == 0


def test_transcendental_density_goes_through_the_polynomial():
    loss = expected_loss(Problem(2, 1, density=1 / pi), [[1, -1]])
    assert sympy.simplify(loss.value - 1 / (3 * pi**2)) == 0


def test_rational_input_stays_rational():
    field, _ = common_field([F(1, 2)])
    assert isinstance(field, Rationals)


def test_float_of_an_algebraic_value():
    loss = expected_loss(Problem(5, 2, density="1/10"), regular_polygon(5))
    assert abs(F(float(loss)) - F("0.0404235950410596360189496358")) < F(1, 10**17)


def test_elements_are_ordered_and_divided():
    field, (x, y) = common_field([sqrt(2), sqrt(3)])
    assert x < y
    assert not y < x
    assert 1 - x < 0 < x
    assert field.divide(x, x) == 1
    assert "sqrt(2)" in repr(x)
    with pytest.raises(ZeroDivisionError):
        (x - x).inverse()


def test_root_of_a_negative_number_is_refused():
    hidden = (sqrt(2) - sqrt(3)) ** Rational(1, 3)
    with pytest.raises((Unsupported, InputError)):
        expected_loss(Problem(1, 1, density=1), [[hidden]])


def test_zero_and_rational_cosines():
    assert expected_loss(Problem(1, 1, density=1), [[cos(pi / 3) + sqrt(0)]]).value == F(3, 16)
    inner = sqrt(2) * sqrt(3) - sqrt(6)
    assert expected_loss(Problem(1, 1, density=1), [[1 + sqrt(inner)]]).value == 0
