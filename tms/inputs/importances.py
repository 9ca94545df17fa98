"""Importances as they are typed: one number, a list, or the powers of a ratio."""

from __future__ import annotations

import re
from fractions import Fraction

from theory.problem import InputError, exact_number

__all__ = ["importance_of", "numbers_of"]

_POWERS = re.compile(r"([^^]+)\^i")


def numbers_of(text: str | None) -> object:
    """Read ``"0.9"`` as it is and ``"0.9,0.8"`` as a list.

    Args:
        text: what was typed.

    Returns:
        What ``Problem`` takes.

    Example:
        >>> numbers_of("0.9,0.8")
        ['0.9', '0.8']
    """
    return text.split(",") if text is not None and "," in text else text


def importance_of(text: str | None, n_features: int) -> object:
    """Read ``"0.9^i"`` as 1, 0.9, 0.81, ...; numbers and lists as above.

    Args:
        text: what was typed.
        n_features: number of features.

    Returns:
        What ``Problem`` takes.

    Raises:
        InputError: a ratio that is no number.

    Example:
        >>> importance_of("1/2^i", 3)
        [Fraction(1, 1), Fraction(1, 2), Fraction(1, 4)]
    """
    powers = _POWERS.fullmatch(text.strip()) if text is not None else None
    if powers is None:
        if text is not None and ("^" in text or "**" in text):
            raise InputError(f"importance={text[:40]!r}: powers of a ratio are written 0.9^i")
        return numbers_of(text)
    ratio: Fraction = exact_number(powers[1], "importance")
    return [ratio**i for i in range(n_features)]
