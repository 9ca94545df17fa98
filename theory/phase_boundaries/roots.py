r"""Real roots of polynomials with algebraic coefficients: isolated, with their multiplicities.

The squarefree parts of a polynomial over a number field ``K`` are multiplied with their conjugates,
so that their roots are among those of rational polynomials, which Sturm's theorem isolates. A root
of the rational polynomial is one of the part exactly if the part changes its sign there.

Source: Cohen 1993, "A Course in Computational Algebraic Number Theory", section 3.6 (norms); Basu,
Pollack, Roy 2006, "Algorithms in Real Algebraic Geometry", theorem 2.62 (Sturm).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy
from flint import arb, ctx, fmpq, fmpz_poly

from theory.arithmetic.algebraic import common_field
from theory.arithmetic.ball_roots import checked_digits, enclosed
from theory.arithmetic.balls import Enclosure
from theory.arithmetic.elements import real_roots
from theory.arithmetic.sturm import count_roots
from theory.problem import Unsupported

__all__ = ["AlgebraicNumber", "real_zeros"]

_FIRST_PRECISION = 128
_MOST_PRECISION = 2**14


@dataclass(frozen=True)
class AlgebraicNumber:
    """A real algebraic number.

    Attributes:
        polynomial: its minimal polynomial, whole coefficients from the constant upwards.
        interval: two rational numbers between which it is the only root; both are the number
            itself where it is rational.

    Example:
        >>> root = AlgebraicNumber((-2, 0, 1), (Fraction(1), Fraction(2)))
        >>> root.radicals, f"{float(root):.10f}"
        (sqrt(2), '1.4142135624')
    """

    polynomial: tuple[int, ...]
    interval: tuple[Fraction, Fraction]

    @property
    def degree(self) -> int:
        """Of the minimal polynomial."""
        return len(self.polynomial) - 1

    @property
    def rational(self) -> Fraction | None:
        """The number, where it is rational."""
        return self.interval[0] if self.degree == 1 else None

    @property
    def radicals(self) -> Any:
        """The number in radicals, or None where the degree is above 2 and it is no plain root."""
        if self.degree == 1:
            return sympy.Rational(*self.interval[0].as_integer_ratio())
        x = sympy.Symbol("x")
        poly = sympy.Poly(list(reversed(self.polynomial)), x)
        if self.degree > 2 and any(self.polynomial[1:-1]):
            return None
        for root in sympy.roots(poly):
            if root.is_real and self._is_inside(root):
                return sympy.radsimp(root)
        return None

    def _is_inside(self, root: Any) -> bool:
        low, high = (sympy.Rational(*end.as_integer_ratio()) for end in self.interval)
        return bool(low < root) and bool(root < high)

    def enclosure(self, digits: int = 15) -> Enclosure:
        """Enclose the number.

        Args:
            digits: correct significant digits.

        Returns:
            An enclosure; of radius 0 where the number is rational.
        """
        wanted = checked_digits(digits)
        if self.rational is not None:
            return Enclosure(self.rational, Fraction(0))
        return enclosed(wanted, lambda: [self.ball()])[0]

    def ball(self) -> arb:
        """Enclose the number at the working precision."""
        if self.rational is not None:
            return arb(fmpq(self.rational.numerator, self.rational.denominator))
        low, high = self.interval
        for root in real_roots(fmpz_poly(list(self.polynomial))):
            found = Enclosure.of(root)
            if low < found.upper and found.lower < high:
                return root
        raise Unsupported(f"{self}: no root of the polynomial lies in the interval")

    def __float__(self) -> float:
        return float(self.enclosure(17).midpoint)

    def __str__(self) -> str:
        shown = self.radicals
        if shown is not None:
            return str(shown)
        x = sympy.Symbol("x")
        poly = sympy.Poly(list(reversed(self.polynomial)), x).as_expr()
        return f"root of {poly} between {self.interval[0]} and {self.interval[1]}"


def real_zeros(polynomial: sympy.Poly) -> list[tuple[AlgebraicNumber, int]]:
    """Isolate the real zeros of a polynomial in one letter.

    Args:
        polynomial: coefficients rational or real algebraic; not zero.

    Returns:
        The zeros in ascending order, each with its multiplicity.

    Example:
        >>> x = sympy.Symbol("x")
        >>> zeros = real_zeros(sympy.Poly(x * (x - 1) ** 2 * (x**2 - 2), x))
        >>> [(str(zero), multiplicity) for zero, multiplicity in zeros]
        [('-sqrt(2)', 1), ('0', 1), ('1', 2), ('sqrt(2)', 1)]
    """
    found = []
    for part, multiplicity in polynomial.sqf_list()[1]:
        over_rationals = part if part.domain.is_QQ or part.domain.is_ZZ else part.norm()
        for factor, _ in over_rationals.factor_list()[1]:
            _, whole = factor.clear_denoms(convert=True)
            coefficients = [int(c) for c in reversed(whole.primitive()[1].all_coeffs())]
            found += [
                (zero, multiplicity)
                for zero in _isolated(fmpz_poly(coefficients))
                if _is_zero_of(part, zero)
            ]
    return sorted(found, key=lambda pair: pair[0].interval)


def _isolated(irreducible: fmpz_poly) -> Iterator[AlgebraicNumber]:
    coefficients = tuple(int(c) for c in irreducible.coeffs())
    if irreducible.degree() == 1:
        value = Fraction(-coefficients[0], coefficients[1])
        yield AlgebraicNumber(coefficients, (value, value))
        return
    for index in range(len(real_roots(irreducible))):
        yield AlgebraicNumber(coefficients, _interval(irreducible, index))


def _interval(irreducible: fmpz_poly, index: int, precision: int = _FIRST_PRECISION) -> Any:
    """Rational ends of a short interval with exactly one root, by Sturm's theorem."""
    while precision <= _MOST_PRECISION:
        with ctx.workprec(precision):
            ball = Enclosure.of(real_roots(irreducible)[index])
        unit = Fraction(1, 2 ** (precision // 4))
        low, high = ball.lower // unit * unit, -(-ball.upper // unit) * unit
        if high - low <= 4 * unit and count_roots(irreducible, low, high) == 1:
            return low, high
        precision *= 2
    raise Unsupported(f"{irreducible}: its roots cannot be told apart")


def _is_zero_of(part: sympy.Poly, zero: AlgebraicNumber) -> bool:
    if part.domain.is_QQ or part.domain.is_ZZ:
        return True
    low, high = zero.interval
    if low == high:
        return _sign_of(part, low) == 0
    return _sign_of(part, low) * _sign_of(part, high) < 0


def _sign_of(part: sympy.Poly, point: Fraction) -> int:
    """The sign at a rational point, decided exactly."""
    value = sympy.expand(part.as_expr().subs(part.gen, sympy.Rational(*point.as_integer_ratio())))
    if value.is_Rational:
        return int(sympy.sign(value))
    _, (element,) = common_field([value])
    return int(element.sign())
