r"""Numbers of one computation, put into one real number field.

Cosines, sines and tangents of rational multiples of ``pi`` live in a real cyclotomic field
``Q(cos(2 pi / N))`` by Chebyshev polynomials; roots and algebraic numbers given by a polynomial
are adjoined one after another by linear algebra over the rationals. What is computed from them
often lives in a much smaller field, which ``theory.arithmetic.subfield`` finds: a regular pentagon
has coordinates of degree 4 and a Gram matrix in ``Q(sqrt 5)``.

Source: Cohen 1993, "A Course in Computational Algebraic Number Theory", sections 3.6 and 4.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import sympy

from theory.arithmetic.fields import Rationals
from theory.arithmetic.tower import TRIGONOMETRIC, Tower, turn
from theory.problem import Exact, Unsupported

__all__ = ["common_field", "is_algebraic"]


def is_algebraic(value: Exact) -> bool:
    """Say whether a number is built from rationals by arithmetic, roots and rational angles.

    Args:
        value: an exact number, or an expression.

    Returns:
        True for what ``common_field`` takes; False for symbols, and for ``pi`` or ``exp(1)``.

    Example:
        >>> is_algebraic(sympy.sqrt(2) + sympy.cos(sympy.pi / 7)), is_algebraic(sympy.pi)
        (True, False)
    """
    if isinstance(value, Fraction) or value.is_Rational:
        return True
    if isinstance(value, TRIGONOMETRIC):
        return turn(value.args[0]) is not None
    if value.is_Pow:
        return bool(value.exp.is_Rational) and is_algebraic(value.base)
    if value.is_Add or value.is_Mul or isinstance(value, sympy.Abs):
        return all(is_algebraic(part) for part in value.args)
    return isinstance(value, (sympy.CRootOf, sympy.AlgebraicNumber)) or value == sympy.GoldenRatio


def common_field(numbers: Sequence[Exact]) -> tuple[Any, list[Any]]:
    """Put exact numbers into one field.

    Args:
        numbers: rational or real algebraic.

    Returns:
        The field, and its element for each number.

    Raises:
        Unsupported: a number that is not algebraic.

    Example:
        >>> field, (x,) = common_field([sympy.sqrt(2) + 1])
        >>> field.degree, x.sign()
        (2, 1)
    """
    for number in numbers:
        if not is_algebraic(number):
            raise Unsupported(
                f"{number}: not an algebraic number, so it has no exact arithmetic; "
                "ask for an enclosure with digits=15"
            )
    if all(isinstance(number, Fraction) for number in numbers):
        rationals = Rationals()
        return rationals, [rationals.element(number) for number in numbers]
    tower = Tower(numbers)
    for number in numbers:  # adjoins what is missing; elements are made when the field is final
        tower.element(number)
    return tower.field, [tower.element(number) for number in numbers]
