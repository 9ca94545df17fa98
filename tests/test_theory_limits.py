"""Numbers that are exact in another dress, and numbers at the limits of what is computed in."""

from decimal import Decimal
from fractions import Fraction as F

import numpy as np
import pytest
import sympy

from theory.loss import expected_loss
from theory.problem import InputError, Problem, Unsupported, exact_number

PAIR = Problem(2, 1, density="1/10")


def test_a_sympy_float_keeps_all_its_bits():
    wide = sympy.Float("0.1", 50)
    assert exact_number(wide, "p") == F(*map(int, sympy.Rational(wide).as_numer_denom()))
    assert exact_number(-wide, "p") == -exact_number(wide, "p") != F(-0.1)
    assert exact_number(sympy.Float(0.1), "p") == F(0.1)


@pytest.mark.skipif(np.finfo(np.longdouble).nmant <= 52, reason="no wider float here")
def test_a_wide_float_keeps_all_its_bits():
    third = np.longdouble(1) / 3
    assert abs(exact_number(third, "p") - F(1, 3)) < F(1, 2**64)


def test_a_float_inside_an_expression_is_the_rational_that_it_is():
    root = sympy.sqrt(2)
    mixed = expected_loss(PAIR, [[0.1 * root, -1]], [0.3 + root, 0])
    exact = expected_loss(PAIR, [[sympy.Rational(0.1) * root, -1]], [sympy.Rational(0.3) + root, 0])
    assert mixed.kind == "exact"
    assert sympy.expand(mixed.value - exact.value) == 0


def test_a_float_beside_a_symbol_is_the_rational_that_it_is():
    a = sympy.Symbol("a", positive=True)
    loss = expected_loss(PAIR, [[0.1 * a, -1]])
    assert not loss.value.atoms(sympy.Float)
    assert loss.value.subs(a, 3) == expected_loss(PAIR, [[3 * F(0.1), -1]]).value


@pytest.mark.parametrize(
    "entry",
    [
        sympy.Symbol("x") > 0,
        sympy.Matrix([1]),
        sympy.true,
        sympy.Float("1e400000"),
        sympy.Float("1e-400000"),
        sympy.oo,
    ],
)
def test_what_is_no_number_is_refused_by_name(entry):
    with pytest.raises(InputError, match=r"W\[0\]\[1\]="):
        expected_loss(PAIR, [[1, entry]])


@pytest.mark.parametrize("name", ["density", "sparsity"])
def test_a_number_beyond_floats_is_refused_by_name(name):
    with pytest.raises(InputError, match=rf"{name}=1e\+400: must be between 0 and 1"):
        Problem(2, 1, **{name: "1e400"})


def test_an_importance_beyond_floats_can_be_shown():
    problem = Problem(1, 1, density=1, importance=F(10**400, 10**7 + 1))
    assert "importance='9.9999" in repr(problem)


def test_an_order_too_high_is_refused_before_its_polynomial_is_formed():
    high = sympy.cos(sympy.pi / (10**30 + 57))
    with pytest.raises(Unsupported, match="more than 64"):
        expected_loss(PAIR, [[high, -1]])


@pytest.mark.parametrize("order", [97, 127, 128, 130, 255, 2**15 + 3, 10**6])
def test_a_cosine_is_refused_exactly_where_its_degree_is_above_64(order):
    weights = [[sympy.cos(2 * sympy.pi / order), -1]]
    if sympy.totient(order) <= 128:
        assert expected_loss(PAIR, weights).kind == "exact"
        return
    with pytest.raises(Unsupported, match="more than 64"):
        expected_loss(PAIR, weights)


@pytest.mark.parametrize(
    "entry",
    [
        sympy.root(2, 1000),
        sympy.cos(sympy.pi / 1009),
        sum(map(sympy.sqrt, [2, 3, 5, 7, 11, 13, 17])),
    ],
)
def test_an_enclosure_needs_no_field(entry):
    near = F(str(entry.evalf(60)))
    ball = expected_loss(PAIR, [[entry, -1]], digits=30).value
    beside = expected_loss(PAIR, [[near, -1]]).value
    assert abs(ball.midpoint - beside) < F(1, 10**25) * beside
    assert ball.radius * 10**30 <= beside


@pytest.mark.parametrize("power", [-1000, -7, 5, 60])
def test_a_high_power_of_a_root_is_exact(power):
    entry = (1 + sympy.sqrt(2)) ** power
    plain = expected_loss(PAIR, [[sympy.expand(entry) if power > 0 else entry, -1]])
    near = F(str(entry.evalf(700)))
    beside = expected_loss(PAIR, [[near, -1]]).value
    assert float(plain) == pytest.approx(float(beside), rel=1e-14)


def test_an_enclosure_of_thousands_of_digits_can_be_shown():
    ball = expected_loss(PAIR, [[sympy.sqrt(2), -1]], digits=4000).value
    assert len(str(ball)) > 4000


@pytest.mark.parametrize("entry", [1, F(1, 3), F(10) ** 2500, F(1, 10**2500)])
def test_a_fraction_of_any_length_can_be_shown(entry):
    loss = expected_loss(Problem(1, 1, density="1/2"), [[entry]])
    parts = loss.value.as_integer_ratio()
    over, under = (str(Decimal(part)) for part in parts)
    expected = over if under == "1" else rf"\frac{{{over}}}{{{under}}}"
    assert loss.latex() == expected
    assert repr(loss).startswith(f"ExpectedLoss({over[:20]}")
