r"""Ball arithmetic for the vertex formula: enclosures with a proven radius.

``ExactVertices`` decides every sign in an exact field and rounds only sums and products.
``BallVertices`` is for numbers that have no exact field, such as ``pi``: a vertex whose sign cannot
be decided at the working precision contributes the hull of nothing and its term.

Source: Johansson 2017, "Arb: efficient arbitrary-precision midpoint-radius interval arithmetic",
IEEE Trans. Comput. 66, arXiv:1611.02831.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import sympy
from flint import arb, arb_poly, fmpq, fmpz_poly

from theory.arithmetic.elements import real_roots
from theory.arithmetic.underflow import without_tiny
from theory.problem import Unsupported

__all__ = ["BallVertices", "Enclosure", "ExactVertices", "evaluate"]

_LARGEST_EXPONENT = 2**16
_CONSTANTS = {sympy.pi: arb.pi, sympy.E: arb.const_e, sympy.EulerGamma: arb.const_euler}
_FUNCTIONS = {
    sympy.exp: arb.exp,
    sympy.log: arb.log,
    sympy.sin: arb.sin,
    sympy.cos: arb.cos,
    sympy.tan: arb.tan,
    sympy.asin: arb.asin,
    sympy.acos: arb.acos,
    sympy.atan: arb.atan,
    sympy.sinh: arb.sinh,
    sympy.cosh: arb.cosh,
    sympy.tanh: arb.tanh,
    sympy.erf: arb.erf,
    sympy.erfc: arb.erfc,
    sympy.Abs: abs,
}


@dataclass(frozen=True)
class Enclosure:
    """A number known to lie within ``radius`` of ``midpoint``, both exact.

    Attributes:
        midpoint: a dyadic rational.
        radius: a dyadic rational, at least 0; proven, not estimated.

    Example:
        >>> print(Enclosure(Fraction(1, 3), Fraction(1, 10**6)))
        [0.333333 +/- 1.4e-6]
    """

    midpoint: Fraction
    radius: Fraction

    @classmethod
    def of(cls, ball: arb) -> Enclosure:
        """Take over a FLINT ball; one that is too small to be written out is widened."""
        written = without_tiny(ball)
        if written.abs_upper() > arb(2) ** _LARGEST_EXPONENT:
            raise Unsupported(
                f"value above 2^{_LARGEST_EXPONENT}: too large to be written out; scale the "
                "weights down"
            )
        return cls(_dyadic(written.mid()), _dyadic(written.rad()))

    @property
    def lower(self) -> Fraction:
        """The least number that it may be."""
        return self.midpoint - self.radius

    @property
    def upper(self) -> Fraction:
        """The largest number that it may be."""
        return self.midpoint + self.radius

    def __contains__(self, value: Fraction | int) -> bool:
        return self.lower <= value <= self.upper

    def __float__(self) -> float:
        return float(self.midpoint)

    def __str__(self) -> str:
        with localcontext() as context:
            context.prec = max(2, _digits(self.midpoint, self.radius))
            shown = Decimal(self.midpoint.numerator) / Decimal(self.midpoint.denominator)
            error = self.radius + abs(Fraction(shown) - self.midpoint)
            context.prec, context.rounding = 2, "ROUND_UP"
            radius = Decimal(error.numerator) / Decimal(error.denominator)
        return f"[{shown} +/- {_scientific(radius)}]"

    __repr__ = __str__


def _dyadic(exact: arb) -> Fraction:
    mantissa, exponent = exact.man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def _digits(midpoint: Fraction, radius: Fraction) -> int:
    """Decimal digits of the midpoint that the radius supports."""
    if not radius or not midpoint:
        return 17 if not radius else 2
    ratio = Decimal(abs(midpoint) // radius)  # Decimal: no limit on the number of digits
    return ratio.adjusted() + 1


def _scientific(value: Decimal) -> str:
    if not value:
        return "0"
    _, digits, exponent = value.as_tuple()
    mantissa = f"{digits[0]}.{digits[1]}" if len(digits) > 1 else str(digits[0])
    return f"{mantissa}e{int(exponent) + len(digits) - 1}"


def evaluate(value: Any) -> arb:
    """Enclose a SymPy number at the current precision.

    Args:
        value: a ``Fraction``, or a SymPy number built from rationals, ``pi``, ``E``, powers and
            elementary functions.

    Returns:
        A ball.

    Raises:
        Unsupported: another function, or a value that is not real.
    """
    if isinstance(value, Fraction) or value.is_Rational:
        numerator, denominator = sympy.Rational(value).as_numer_denom()
        return arb(fmpq(int(numerator), int(denominator)))
    if value in _CONSTANTS:
        return _CONSTANTS[value]()
    if isinstance(value, sympy.CRootOf):
        integers = value.poly.clear_denoms(convert=True)[1].all_coeffs()
        return real_roots(fmpz_poly([int(c) for c in reversed(integers)]))[value.index]
    if not value.args:
        raise Unsupported(f"{value}: has no enclosure here; give its numeric value as a fraction")
    parts = [evaluate(part) for part in value.args]
    found = _combined(value, parts)
    if not found.is_finite():
        raise Unsupported(f"{value}: no finite real enclosure at this precision; simplify it")
    return found


def _combined(value: Any, parts: list[arb]) -> arb:
    if value.is_Add:
        return sum(parts[1:], parts[0])
    if value.is_Mul:
        total = parts[0]
        for part in parts[1:]:
            total = total * part
        return total
    if value.is_Pow:
        if value.exp.is_Integer:
            return _whole_power(parts[0], int(value.exp))
        return parts[0] ** parts[1]
    function = _FUNCTIONS.get(value.func)
    if function is None:
        raise Unsupported(f"{value}: {value.func} has no enclosure here; give a fraction instead")
    return function(*parts)


def _whole_power(base: arb, power: int) -> arb:
    """``base^power``; FLINT's own is not finite for a ball around zero."""
    found, square, left = arb(1), base, abs(power)
    while left:
        found, square, left = found * square if left % 2 else found, square * square, left // 2
    return found if power >= 0 else 1 / found


class ExactVertices:
    """Signs in an exact field, sums and products in balls."""

    ordered = True

    def __init__(self, base: Any) -> None:
        self.base = base

    def element(self, value: int) -> arb:
        """Embed an integer."""
        return arb(value)

    def ball(self, element: Any) -> arb:
        """Enclose an element at the current precision."""
        return (
            element
            if isinstance(element, (arb, int)) or self.base is None
            else self.base.ball(element)
        )

    def clear(self, elements: Sequence[Any]) -> tuple[int, list[Any]]:
        """Multiply elements by their common denominator."""
        cleared: tuple[int, list[Any]] = self.base.clear(elements)
        return cleared

    def polynomial(self, coefficients: Sequence[Any]) -> arb_poly:
        """Make a polynomial of balls."""
        return arb_poly([self.ball(entry) for entry in coefficients])

    def product_coefficient(self, left: arb_poly, right: arb_poly, degree: int) -> arb:
        """Read one coefficient of a product of polynomials."""
        return (left * right)[degree]

    def divide(self, numerator: Any, denominator: Any) -> arb:
        """Divide, where the denominator is not zero."""
        return arb(self.ball(numerator)) / self.ball(denominator)


class BallVertices(ExactVertices):
    """Numbers without an exact field: elements are balls."""

    ordered = False

    def __init__(self) -> None:
        super().__init__(None)

    def clear(self, elements: Sequence[arb]) -> tuple[int, list[arb]]:
        """Balls have no denominators."""
        return 1, list(elements)
