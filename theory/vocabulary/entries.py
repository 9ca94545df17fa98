"""One number for all features, or one for each: how such arguments are read and printed."""

from __future__ import annotations

import numbers
from collections.abc import Iterable
from decimal import Context, Decimal
from fractions import Fraction

from theory.vocabulary.scalars import Exact, InputError, exact_number, is_symbolic

__all__ = ["check_range", "entries_of", "one_per_feature", "shown"]


def one_per_feature(value: object, count: int, name: str) -> Exact | tuple[Exact, ...]:
    """One exact number, or a tuple of ``count`` of them; equal entries become one number."""
    shape = getattr(value, "shape", None)
    if isinstance(value, (str, numbers.Number)) or hasattr(value, "free_symbols") or shape == ():
        return exact_number(value, name)
    if not isinstance(value, Iterable):
        return exact_number(value, name)  # refuses it by name
    if isinstance(shape, tuple) and len(shape) > 1:
        raise InputError(f"{name}: has shape {shape}; one number, or one for each feature")
    entries = tuple(exact_number(entry, f"{name}[{k}]") for k, entry in enumerate(value))
    if len(entries) != count:
        raise InputError(
            f"{name}: has {len(entries)} entries for n_features={count}; "
            "give one number, or one for each feature"
        )
    return entries[0] if all(entry == entries[0] for entry in entries) else entries


def check_range(value: Exact, name: str, *, upper: int | None) -> None:
    """Refuse a number below 0, or above ``upper``."""
    if is_symbolic(value):
        return
    too_low, too_high = bool(value < 0), upper is not None and bool(value > upper)
    if too_low or too_high:
        given = _plain(value) if isinstance(value, Fraction) else value
        allowed = "at least 0" if upper is None else f"between 0 and {upper}"
        percent = too_high and 2 <= value <= 100
        hint = f"; {float(value) / 100:g} if a percentage was meant" if percent else ""
        raise InputError(f"{name}={given}: must be {allowed}{hint}")


def _plain(value: Fraction) -> float | str:
    """A fraction as a float, or in decimal where it is too large for one."""
    if abs(value) < 2**1000:
        return float(value)
    ratio = Context(prec=10).divide(Decimal(value.numerator), Decimal(value.denominator))
    return str(ratio.normalize()).lower()


def shown(value: Exact | tuple[Exact, ...]) -> str:
    """One number or several as they are printed in a problem."""
    if isinstance(value, tuple):
        return "(" + ", ".join(shown(entry) for entry in value) + ")"
    if isinstance(value, Fraction):  # a fraction that came from a float reads better as that float
        short = value.denominator < 10**6 and abs(value) < 2**1000
        return repr(str(value) if short else _plain(value))
    return str(value)


def entries_of(value: Exact | tuple[Exact, ...]) -> tuple[Exact, ...]:
    """One number or several, as a tuple."""
    return value if isinstance(value, tuple) else (value,)
