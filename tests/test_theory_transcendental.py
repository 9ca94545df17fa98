"""Closed forms of truncated moments, against balls and by hand."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy
from flint import ctx
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mpf
from truncated_rows import FIELD, close, independent, row, rows, weights_of, with_digits

from theory.problem import Exponential, Normal, Unsupported
from theory.rows.exponential import exponential_moment
from theory.rows.gaussian import gaussian_moment
from theory.rows.transcendental import MomentExpressions

ROUTES = [(Exponential(), exponential_moment), (Normal(), gaussian_moment)]


@pytest.mark.parametrize(("law", "route"), ROUTES)
@given(st.data())
@settings(max_examples=40, deadline=None)
def test_agrees_with_the_enclosure(law, route, data: st.DataObject) -> None:
    one = data.draw(rows(law))
    weights = data.draw(weights_of(len(one.slopes)))
    r = data.draw(st.integers(0, 4))
    expression = MomentExpressions(one).moment(weights, r)
    assert not expression.atoms(sympy.Float)
    with ctx.workprec(500), with_digits():
        assert close(route(FIELD, one, weights, r), mpf(sympy.N(expression, 60)))


@pytest.mark.parametrize(
    ("law", "slopes", "bias", "weights", "r", "expected"),
    [
        (Exponential(), [1], -1, {}, 1, sympy.exp(-1)),
        (Exponential(), [1, 1], -2, {}, 0, 3 * sympy.exp(-2)),  # P(T > 2) for two stages
        (Exponential(), [1, -1], 0, {0: 1}, 1, sympy.Rational(5, 4)),  # E u(u - 1 + e^-u)
        (Exponential(), [-1], 1, {}, 1, sympy.exp(-1)),  # E (1 - u)_+
        (Exponential(), [0], 1, {0: 1}, 2, sympy.Integer(1)),
        (Normal(), [3, 4], 0, {}, 1, 5 / sympy.sqrt(2 * sympy.pi)),
        (Normal(), [3, 4], 0, {0: 1}, 1, sympy.Rational(3, 2)),
        (Normal(), [1], 1, {}, 0, sympy.erfc(-1 / sympy.sqrt(2)) / 2),
        (Normal(), [0], 1, {0: 2}, 0, sympy.Integer(1)),
        (Normal(), [0], 0, {}, 0, sympy.Integer(0)),
    ],
)
def test_expressions_by_hand(law, slopes, bias, weights, r, expected) -> None:
    one = row(law, slopes, bias, independent(*[1] * len(slopes)))
    assert sympy.simplify(MomentExpressions(one).moment(weights, r) - expected) == 0


def test_without_a_bias_the_loss_of_normal_features_is_rational() -> None:
    """``E (y)_+^2 - 2 E[x_0 (y)_+] = V/2 - a_0`` over the active sets, here of all twenty."""
    slopes = [Fraction(1, k + 1) for k in range(20)]
    found = MomentExpressions(row(Normal(), slopes, 0, independent(*[1] * 20)))
    value = found.moment({}, 2) - 2 * found.moment({0: 1}, 1)
    assert value == sum(sympy.Rational(1, (k + 1) ** 2) for k in range(20)) / 2 - 1


def test_long_expressions_are_refused() -> None:
    slopes = [Fraction(1, k * k + 2) for k in range(11)]
    one = row(Normal(), slopes, 1, independent(*["1/2"] * 11))
    with pytest.raises(Unsupported, match="terms=2048"):
        MomentExpressions(one).moment({}, 1)
