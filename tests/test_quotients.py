"""Exact decisions about numbers and expressions, and fractions of polynomials."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Rational, cos, pi, sqrt

from theory.arithmetic.quotients import Quotient, Ring, expression, sign, vanishes
from theory.problem import InputError, Unsupported

x, y = sympy.symbols("x y")
small = st.fractions(-3, 3, max_denominator=12)


@given(a=small, b=small, c=small)
@settings(deadline=None)
def test_sign_of_a_surd(a, b, c):
    """The sign of a + b sqrt(2) + c sqrt(3), by integer square roots to 60 digits."""
    digits = 10**60

    def scaled(k):
        return sympy.integer_nthroot(k * digits**2, 2)[0]

    near = a * digits + b * scaled(2) + c * scaled(3)
    expected = 0 if (a, b, c) == (0, 0, 0) else (1 if near > 0 else -1)
    surd = sum(
        Rational(q.numerator, q.denominator) * r for q, r in ((a, 1), (b, sqrt(2)), (c, sqrt(3)))
    )
    assert sign(sympy.sympify(surd)) == expected


def test_sign_far_below_double_precision():
    root = sympy.integer_nthroot(2 * 10**800, 2)[0]
    assert sign(sqrt(2) - Rational(root, 10**400)) == 1
    assert sign(Rational(root, 10**400) - sqrt(2)) == -1


@pytest.mark.parametrize(
    "value",
    [
        sqrt(6) - sqrt(2) * sqrt(3),
        cos(pi / 7) - cos(2 * pi / 7) + cos(3 * pi / 7) - Rational(1, 2),
        sqrt(3 + 2 * sqrt(2)) - 1 - sqrt(2),
        (x + y) ** 2 - x**2 - 2 * x * y - y**2,
        x * (sqrt(3 + 2 * sqrt(2)) - 1 - sqrt(2)),
        sympy.sin(x) ** 2 + cos(x) ** 2 - 1,
    ],
)
def test_hidden_zeros_are_found(value):
    assert vanishes(value)
    assert not vanishes(value + Rational(1, 10**50))


def test_sign_of_a_hidden_zero():
    assert sign(sqrt(3 + 2 * sqrt(2)) - 1 - sqrt(2)) == 0


@pytest.mark.parametrize("value", [sympy.zoo, sympy.oo, sympy.nan])
def test_sign_of_what_is_no_number_is_refused(value):
    with pytest.raises(InputError):
        sign(value)


def test_transcendental_numbers_have_signs():
    assert (sign(pi - 3), sign(sympy.exp(1) - 3)) == (1, -1)


def test_products_of_cosines_become_one_cosine():
    turned = [cos(2 * pi * k / 7) * cos(2 * pi / 7) for k in range(7)]
    turned = [c + sympy.sin(2 * pi * k / 7) * sympy.sin(2 * pi / 7) for k, c in enumerate(turned)]
    expected = [expression(cos(2 * pi * (k - 1) / 7), "c") for k in range(7)]
    assert [expression(value, "c") for value in turned] == expected


def test_multiples_share_a_generator():
    assert Ring([x - y, 2 * y - 2 * x, Rational(1, 3)]).generators == (x - y,)


@given(st.lists(small, min_size=6, max_size=6))
@settings(deadline=None)
def test_sum_product_and_derivative_of_fractions(c):
    """(c0 + c1 x) / x + (c2 + c3 y) / (x y^2), and its derivative by x, at a point."""
    ring = Ring([x, y])
    gx, gy = ring.element(x), ring.element(y)
    k = [ring.constant(expression(v, "c")) for v in c]
    left = Quotient.over_monomial(ring, k[0] + k[1] * gx, gx)
    right = Quotient.over_monomial(ring, k[2] + k[3] * gy, gx * gy**2)
    total = left.plus(right).reduced()
    at = {x: Rational(2, 3), y: Rational(-5, 7)}
    u, v = Fraction(2, 3), Fraction(-5, 7)
    value = (c[0] + c[1] * u) / u + (c[2] + c[3] * v) / (u * v**2)
    slope = -c[0] / u**2 - (c[2] + c[3] * v) / (u**2 * v**2)
    assert Fraction(str(total.expr().subs(at))) == value
    assert Fraction(str(total.derivative(ring.index[x]).expr().subs(at))) == slope


def test_factors_cancel():
    ring = Ring([x, y])
    gx, gy = ring.element(x), ring.element(y)
    assert (
        Quotient(ring, gx**3 * (gx + gy), ((gx, 2), (gx + gy, 3))).reduced().expr()
        == x / (x + y) ** 2
    )


def test_radicals_are_cleared_from_denominators():
    """1 / (sqrt(5) - 1) = (sqrt(5) + 1) / 4: the radical leaves the denominator."""
    coarse = Ring([expression(x**2 * (sqrt(5) - 1) / 4, "g")])
    finer, images = coarse.refined()
    inverse = Quotient.over_monomial(coarse, coarse.context.constant(1), coarse.context.gen(0))
    composed = inverse.compose(finer, images)
    assert [finer.expr(factor) for factor, _ in composed.factors] == [x]
    assert sympy.expand(composed.expr() * coarse.generators[0]) == 1


def test_undecidable_zeros_are_refused():
    unknown = sympy.Function("f", real=True, finite=True)(x)
    with pytest.raises(Unsupported, match="cannot decide"):
        vanishes(unknown - sympy.Function("g", real=True, finite=True)(x))
