"""Decimal digits: how many of them an error supports, and numbers written with those alone."""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext
from fractions import Fraction
from typing import Any

__all__ = [
    "as_fraction",
    "ceiling_text",
    "decimal_text",
    "error_text",
    "exact_text",
    "floor_text",
    "short_text",
]

_SHORT_FRACTION = 40  # characters; a longer fraction is described, not printed
_SHORT_EXPRESSION = 80
_SHOWN_OF_TUPLE = 6  # entries; of a longer one, the first ones and the last
_SHOWN_OF_EXACT = 15  # significant digits printed beside an exact number


def as_fraction(value: Any, digits: int = 30) -> Fraction:
    """Turn a symbol-free number into a fraction; only an irrational one is rounded.

    Args:
        value: a ``Fraction``, int, float, or a SymPy number.
        digits: significant digits kept of an irrational number.

    Returns:
        The fraction, equal to ``value`` unless ``value`` is irrational.

    Example:
        >>> as_fraction(0.5)
        Fraction(1, 2)
    """
    if hasattr(value, "evalf"):
        return Fraction(str(value.evalf(digits)))
    return Fraction(value)


def _magnitude(value: Fraction) -> int:
    """The exponent of the leading decimal digit of a nonzero number."""
    size = abs(value)
    guess = (Decimal(size.numerator) / Decimal(size.denominator)).adjusted()
    return guess - 1 if Fraction(10) ** guess > size else guess  # the quotient was rounded up


def _supported_place(error: Fraction) -> int:
    """The least ``k`` with ``error <= 10^k / 2``: the place of the last digit worth printing."""
    place = _magnitude(2 * error)
    return place if Fraction(10) ** place == 2 * error else place + 1


def _rounded(value: Fraction, place: int, least: int = -5) -> str:
    """``value`` rounded to a multiple of ``10^place``; plain notation from ``10^least`` up."""
    units = round(value / Fraction(10) ** place)
    digits = str(Decimal(abs(units)))  # Decimal: no limit on the number of digits
    if units == 0:
        return "0"
    sign, lead = "-" if units < 0 else "", len(digits) - 1 + place
    if place > 0 or not least <= lead <= 15:
        tail = f".{digits[1:]}" if len(digits) > 1 else ""
        return f"{sign}{digits[0]}{tail}e{lead}"
    if place == 0:
        return sign + digits
    padded = digits.zfill(1 - place)
    return f"{sign}{padded[:place]}.{padded[place:]}"


def decimal_text(
    value: Any, error: Any = 0, *, at_most: int | None = None, is_bound: bool = True
) -> str:
    """Write a number in decimal, with no digit that its error does not support.

    The printed number lies within one unit of its last digit of the truth: half a unit is the
    error, half a unit the rounding. A standard error supports the digit where it begins itself.

    Args:
        value: a real number without symbols.
        error: bound on ``|value - truth|``, or a standard error; 0 for an exact number.
        at_most: at most this many significant digits, even where the error supports more.
        is_bound: whether the error is a bound.

    Returns:
        The digits, without the error; ``"unknown"`` where value or error is not finite.

    Example:
        >>> decimal_text(0.0263051311239, 4e-10)
        '0.026305131'
        >>> decimal_text(Fraction(1, 3), at_most=5)
        '0.33333'
    """
    if any(isinstance(number, float) and not math.isfinite(number) for number in (value, error)):
        return "unknown"
    figures = at_most or _SHOWN_OF_EXACT
    exact, bound = as_fraction(value, figures + 20), as_fraction(error)
    supported = _supported_place if is_bound else _magnitude
    places = [supported(bound)] if bound else []
    if exact and (at_most or not bound):
        places.append(_magnitude(exact) - figures + 1)
    place = max(places, default=0)
    while not bound and exact and place and exact % Fraction(10) ** (place + 1) == 0:
        place += 1  # an exact number needs no trailing zeros
    return _rounded(exact, place)


def error_text(error: Any) -> str:
    """Write an error with one significant digit, rounded up.

    Args:
        error: a number that is at least 0.

    Returns:
        For example ``"4e-15"``; ``"0"`` for an exact number, ``"unknown"`` if it is not finite.

    Example:
        >>> error_text(3.2e-15)
        '4e-15'
    """
    if isinstance(error, float) and not math.isfinite(error):
        return "unknown"
    bound = Fraction(repr(float(error))) if isinstance(error, float) else as_fraction(error)
    if not bound:
        return "0"
    place = _magnitude(bound)
    digit = math.ceil(bound / Fraction(10) ** place)
    if digit == 10:
        digit, place = 1, place + 1
    return _rounded(digit * Fraction(10) ** place, place, least=-3)


def floor_text(value: Fraction, figures: int = 9) -> str:
    """Write a lower bound, rounded down.

    Args:
        value: the bound.
        figures: at most so many significant digits.

    Returns:
        The digits.

    Example:
        >>> floor_text(Fraction(2, 3), 4), floor_text(Fraction(1, 8))
        ('0.6666', '0.125')
    """
    return _directed(value, figures, ROUND_FLOOR)


def ceiling_text(value: Fraction, figures: int = 9) -> str:
    """Write an upper bound, rounded up.

    Args:
        value: the bound.
        figures: at most so many significant digits.

    Returns:
        The digits.

    Example:
        >>> ceiling_text(Fraction(2, 3), 4), ceiling_text(Fraction(1, 8))
        ('0.6667', '0.125')
    """
    return _directed(value, figures, ROUND_CEILING)


def _directed(value: Fraction, figures: int, direction: str) -> str:
    with localcontext() as context:
        context.prec, context.rounding = figures, direction
        found = (Decimal(value.numerator) / Decimal(value.denominator)).normalize()
    return f"{found:f}" if -6 <= found.adjusted() <= 9 else f"{found:e}"


def _leading_digits(value: Fraction) -> str:
    """All digits of a short decimal, else the first ones, cut and not rounded, and dots."""
    place = _magnitude(value) - _SHOWN_OF_EXACT + 1 if value else 0
    cut = math.trunc(value / Fraction(10) ** place) * Fraction(10) ** place
    return decimal_text(value) if cut == value else f"{_rounded(cut, place)}..."


def exact_text(value: Any) -> str:
    """Write an exact number: itself where that is short, always with its decimal digits.

    Args:
        value: a ``Fraction`` or a SymPy number or expression.

    Returns:
        For example ``"1/3 = 0.333333333333333..."``; an expression in symbols as it is.

    Example:
        >>> exact_text(Fraction(704669, 1800000))
        '704669/1800000 = 0.391482777777777...'
        >>> exact_text(Fraction(1, 8))
        '1/8 = 0.125'
    """
    if getattr(value, "free_symbols", ()):
        return str(value)
    digits = _leading_digits(as_fraction(value, _SHOWN_OF_EXACT + 20))
    if not isinstance(value, Fraction):
        text = str(value)
        return f"{text} = {digits}" if len(text) <= _SHORT_EXPRESSION else digits
    if value.denominator == 1:
        return str(Decimal(value.numerator))
    over, under = str(Decimal(value.numerator)), str(Decimal(value.denominator))
    if len(over) + len(under) <= _SHORT_FRACTION:
        return f"{over}/{under} = {digits}"
    return f"{digits}, a fraction of {len(over.lstrip('-'))} over {len(under)} digits"


def short_text(number: Any) -> str:
    """Write a parameter for the eye: twelve digits, or the fraction where that is shorter.

    Args:
        number: a symbol-free number, or a tuple of them.

    Returns:
        For example ``"0.9"`` for the float 0.9, though it is no decimal; ``"1/3"`` for a third.

    Example:
        >>> short_text(Fraction(1, 3)), short_text((Fraction(0.9), Fraction(1)))
        ('1/3', '0.9, 1')
    """
    if isinstance(number, tuple):
        entries = [*map(short_text, number)]
        if len(entries) > _SHOWN_OF_TUPLE:
            entries[_SHOWN_OF_TUPLE - 2 : -1] = ["..."]
        return ", ".join(entries)
    digits, fraction = f"{float(number):.12g}".replace("e-0", "e-"), str(number)
    is_simple = isinstance(number, Fraction) and len(fraction) < len(digits)
    return fraction if is_simple and Fraction(digits) != number else digits
