"""Numbers as text: no digit that the error does not support, none lost that it does."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from tms.digits import decimal_text, error_text, exact_text, short_text

# Every size from far below to far above float64's, zero and both signs included.
values = st.builds(
    lambda digits, exponent: digits * Fraction(10) ** exponent,
    st.integers(-(10**25), 10**25),
    st.integers(-400, 400),
)
errors = st.builds(
    lambda digits, exponent: digits * Fraction(10) ** exponent,
    st.integers(1, 10**6),
    st.integers(-420, 60),
)


def last_digit(text: str) -> Fraction:
    """One unit in the last digit of a printed number, read off the text itself."""
    mantissa, _, exponent = text.lstrip("-").partition("e")
    decimals = len(mantissa.partition(".")[2])
    return Fraction(10) ** (int(exponent or 0) - decimals)


@given(values, errors)
def test_the_truth_is_within_one_unit_of_the_last_digit(value, error):
    text = decimal_text(value, error)
    if text != "0":
        assert abs(Fraction(text) - value) + error <= last_digit(text)


@given(values, errors, st.integers(1, 30))
def test_a_limit_of_digits_leaves_the_truth_within_one_unit(value, error, most):
    text = decimal_text(value, error, at_most=most)
    if text != "0":
        assert abs(Fraction(text) - value) + error <= last_digit(text)
        assert abs(Fraction(text)) / last_digit(text) <= 10**most


@given(values, errors)
def test_one_more_digit_would_not_be_supported(value, error):
    text = decimal_text(value, error)
    if text != "0":
        assert error > last_digit(text) / 20


@given(values, errors)
def test_zero_is_printed_only_where_the_error_hides_the_value(value, error):
    if decimal_text(value, error) == "0":
        assert abs(value) <= 10 * error


@given(values, errors)
def test_a_standard_error_supports_the_digit_where_it_begins(value, error):
    text = decimal_text(value, error, is_bound=False)
    if text != "0":
        assert last_digit(text) <= error < 10 * last_digit(text)


@given(values, st.integers(1, 20))
def test_an_exact_number_is_rounded_to_the_digits_asked_for(value, figures):
    text = decimal_text(value, at_most=figures)
    assert abs(Fraction(text) - value) * 2 * 10 ** (figures - 1) <= abs(value)


@given(errors)
def test_a_printed_error_is_never_smaller_and_has_one_digit(error):
    text = error_text(error)
    assert error <= Fraction(text) <= 2 * error
    assert len(text.partition("e")[0].replace(".", "").strip("0")) == 1


@given(st.floats(min_value=0, exclude_min=True, allow_infinity=False))
def test_a_printed_float_error_is_not_smaller_than_its_shortest_decimal(error):
    assert Fraction(error_text(error)) >= Fraction(repr(error))


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (0.02630513112392, 4e-15, "0.02630513112392"),
        (0.5, 0, "0.5"),
        (0, 0, "0"),
        (Fraction(2, 3), 0, "0.666666666666667"),
        (-12.34, 3, "-1e1"),
        (12345.678, 4, "1.235e4"),
        (1e22, 0, "1e22"),
        (1 - Fraction(1, 10**40), Fraction(1, 10), "1"),
        (float("nan"), 1e-3, "unknown"),
        (1.0, float("inf"), "unknown"),
    ],
)
def test_numbers_as_they_are_printed(value, error, text):
    assert decimal_text(value, error) == text


@pytest.mark.parametrize(
    ("error", "text"),
    [(0, "0"), (1e-15, "1e-15"), (3.2e-15, "4e-15"), (9.9e-3, "0.01"), (float("inf"), "unknown")],
)
def test_errors_as_they_are_printed(error, text):
    assert error_text(error) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(-3), "-3"),
        (1 - Fraction(1, 10**40), "0.999999999999999..., a fraction of 40 over 41 digits"),
        (Fraction(1, 8), "1/8 = 0.125"),
        (Fraction(1477717, 90000000), "1477717/90000000 = 0.0164190777777777..."),
        (sympy.sqrt(5), "sqrt(5) = 2.23606797749978..."),
        (sympy.Symbol("p") / 3, "p/3"),
    ],
)
def test_exact_numbers_as_they_are_printed(value, text):
    assert exact_text(value) == text


def test_a_fraction_too_long_for_int_to_text_is_described():
    assert exact_text(Fraction(1, 3**20000)).endswith("a fraction of 1 over 9543 digits")


def test_a_parameter_reads_as_it_was_typed():
    assert short_text((Fraction(0.9), Fraction(9, 10), Fraction(1, 3))) == "0.9, 0.9, 1/3"


@given(values)
def test_leading_digits_are_the_digits_of_the_number(value):
    shown = exact_text(value).partition(", a fraction")[0].rpartition(" = ")[2]
    cut = Fraction(shown.removesuffix("..."))
    assert abs(cut) <= abs(value)
    assert abs(value - cut) < last_digit(shown.removesuffix("...")) or value == cut
