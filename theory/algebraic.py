"""Numbers of one computation, put into one exact field."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from theory.fields import Rationals
from theory.problem import Exact, Unsupported

__all__ = ["common_field", "is_algebraic", "reduced_field"]


def is_algebraic(value: Exact) -> bool:
    """Say whether a number is taken by ``common_field``."""
    return isinstance(value, Fraction)


def common_field(numbers: Sequence[Exact]) -> tuple[Any, list[Any]]:
    """Put exact numbers into one field."""
    for number in numbers:
        if not is_algebraic(number):
            raise Unsupported(f"{number}: only rational numbers are taken so far")
    field = Rationals()
    return field, [field.element(number) for number in numbers]


def reduced_field(field: Any, elements: Sequence[Any]) -> tuple[Any, list[Any]]:
    """Express elements in the subfield that they generate."""
    return field, list(elements)
