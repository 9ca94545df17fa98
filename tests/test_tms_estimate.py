"""The result type: what it promises, prints and converts to."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from theory.problem import Unsupported
from tms.estimate import Estimate


@pytest.mark.parametrize(
    ("estimate", "text"),
    [
        (Estimate(Fraction(1, 8), 0, "exact", "exact"), "1/8 = 0.125 (exact)"),
        (
            Estimate(Fraction(1, 3), Fraction(1, 10**20), "ball", "enclosed"),
            "0.3333333333333333333 ± 1e-20 (ball)",
        ),
        (
            Estimate(0.02630513112392, 3.9e-15, "series", "float"),
            "0.02630513112392 ± 4e-15 (series)",
        ),
        (
            Estimate(0.026312, 2.5e-5, "sampling", "sampled"),
            "0.02631 ± 3e-5 (sampling, standard error)",
        ),
    ],
)
def test_text_says_value_error_and_route(estimate, text):
    assert str(estimate) == text


@given(st.fractions(), st.fractions(min_value=0))
def test_the_rounded_value_lies_within_the_rounded_error_of_the_ball(value, radius):
    number, error = Estimate(value, radius, "ball", "enclosed").rounded()
    assert abs(Fraction(number) - value) + radius <= Fraction(error)


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(min_value=0, max_value=1))
def test_a_float_is_rounded_to_itself(value, error):
    assert Estimate(value, error, "series", "float").rounded() == (value, error)


def test_an_algebraic_number_becomes_the_nearest_float():
    assert float(Estimate(sympy.sqrt(5), 0, "exact", "exact")) == 5**0.5


def test_an_expression_in_symbols_is_no_float():
    with pytest.raises(Unsupported, match="holds the symbols p, q"):
        float(Estimate(sympy.Symbol("p") * sympy.Symbol("q"), 0, "exact", "exact"))


@pytest.mark.parametrize("bad", [(float("nan"), 0.0), (1.0, float("inf"))])
def test_an_unbounded_error_is_not_finite(bad):
    assert not Estimate(*bad, "series", "float").is_finite
