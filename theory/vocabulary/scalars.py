"""Exact scalars: what counts as a number, and how it becomes exact.

Standard library only. SymPy numbers and expressions are recognised by what they can do
(``free_symbols``, ``is_real``), not by their class, and no text is ever evaluated.
"""

from __future__ import annotations

import math
import numbers
import re
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeAlias

__all__ = ["Exact", "InputError", "Unsupported", "exact_number", "is_symbolic"]

Exact: TypeAlias = Any
"""An exact number: a ``Fraction``, or a SymPy number or expression where no fraction will do."""

# "9/10", "-3", "0.25", "1e-3": digits only, so that no text is ever evaluated.
_NUMBER = re.compile(r"[+-]?(\d+/\d+|(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,4})?)")
_MAX_DIGITS = 4000
_MAX_EXPONENT = 40_000  # of two, in a SymPy float: as far as 1e9999 in text


class InputError(ValueError):
    """Input that cannot be meant: the message gives ``name=value``, what is allowed, what to do."""


class Unsupported(InputError):
    """Meaningful input that the route asked does not take; the message says which one does."""


def is_symbolic(value: object) -> bool:
    """Say whether ``value`` is an expression that holds free symbols.

    Args:
        value: anything.

    Returns:
        True for a SymPy expression with free symbols, False for every number.

    Example:
        >>> is_symbolic(Fraction(1, 3))
        False
    """
    return bool(getattr(value, "free_symbols", ()))


def exact_number(value: object, name: str) -> Exact:
    """Turn one number into an exact one; a float is the rational that it is.

    Args:
        value: an int, Fraction, Decimal, float, NumPy scalar, text such as ``"9/10"`` or ``"0.9"``,
            or a SymPy number or expression.
        name: what the number is called in messages.

    Returns:
        A ``Fraction``; a SymPy object is returned as it came unless it is rational.

    Raises:
        InputError: not a number, not finite, not real, or a text that is not a plain number.

    Example:
        >>> exact_number("9/10", "sparsity")
        Fraction(9, 10)
        >>> exact_number(0.5, "sparsity")
        Fraction(1, 2)
    """
    if isinstance(value, bool):
        raise InputError(f"{name}={value!r}: a number is needed, not a truth value")
    if isinstance(value, (Fraction, Decimal, numbers.Rational)):
        if isinstance(value, Decimal) and not value.is_finite():
            raise InputError(f"{name}={value!r}: must be finite")
        if isinstance(value, Decimal):
            return Fraction(value)
        # int(): a NumPy integer inside a Fraction would overflow silently
        return Fraction(int(value.numerator), int(value.denominator))
    if isinstance(value, str):
        return _number_from_text(value, name)
    if hasattr(value, "free_symbols"):
        return _number_from_sympy(value, name)
    if isinstance(value, numbers.Real):
        return _number_from_real(value, name)
    if isinstance(value, numbers.Complex):
        raise InputError(f"{name}={value!r}: must be real; take the real part if that is meant")
    item = getattr(value, "item", None)  # zero-dimensional arrays of any library
    if callable(item) and getattr(value, "shape", None) == ():
        return exact_number(item(), name)
    raise InputError(f"{name}={value!r}: a number is needed (int, Fraction, float, '9/10', SymPy)")


def _number_from_real(value: Any, name: str) -> Fraction:
    as_float = float(value)
    if not math.isfinite(as_float):
        raise InputError(f"{name}={as_float!r}: must be finite")
    ratio = getattr(value, "as_integer_ratio", None)  # a wide float keeps all its bits
    if callable(ratio):
        return Fraction(*ratio())
    if as_float != value:
        raise InputError(f"{name}={value}: longer than a float; write it as text or a fraction")
    return Fraction(as_float)


def _number_from_text(text: str, name: str) -> Fraction:
    stripped = text.strip()
    if len(stripped) > _MAX_DIGITS or not _NUMBER.fullmatch(stripped):
        shown = stripped if len(stripped) <= 40 else stripped[:37] + "..."
        raise InputError(f"{name}={shown!r}: not a plain number; write it like 9/10, 0.9 or 1e-3")
    try:
        return Fraction(stripped)
    except ZeroDivisionError:
        raise InputError(f"{name}={stripped!r}: division by zero") from None


def _fraction_of(value: Any, name: str) -> Fraction:
    """A SymPy ``Float``, whatever its precision, as the rational that it is."""
    sign, mantissa, exponent, _ = value._mpf_  # `num` would round to the precision of the day
    if abs(exponent) > _MAX_EXPONENT:
        raise InputError(f"{name}={value}: too large or too small; rescale the model")
    size = Fraction(int(mantissa)) * Fraction(2) ** int(exponent)
    return -size if sign else size


def _number_from_sympy(value: Any, name: str) -> Exact:
    if getattr(value, "is_Rational", False):
        return Fraction(int(value.p), int(value.q))
    if getattr(value, "is_Float", False):
        return _fraction_of(value, name)
    if not (hasattr(value, "as_coeff_Mul") and hasattr(value, "is_finite")):
        raise InputError(f"{name}={value}: a number is needed, not a {type(value).__name__}")
    floats = [atom for atom in value.atoms() if getattr(atom, "is_Float", False)]
    if floats:  # floats inside an expression are the rationals that they are, too
        exact = {atom: atom.floor() * 0 + _fraction_of(atom, name) for atom in floats}
        return _number_from_sympy(value.xreplace(exact), name)
    not_a_number = not value.free_symbols and value.is_finite is not True
    if value.is_real is False or not_a_number:
        raise InputError(f"{name}={value}: must be real and finite")
    return value
