r"""Exact ordered fields: the rationals, and real number fields with a chosen embedding.

An element of ``Q(theta)`` is a polynomial in ``theta`` modulo its minimal polynomial; its sign is
decided rigorously: zero exactly when the polynomial is zero, and otherwise by balls around
``theta`` of rising precision, which must separate a number that is not zero from zero.

A field is also what the vertex formula asks for (see ``theory.rows.vertices``): it clears
denominators, multiplies polynomials whose coefficients are its elements, and reads off one
coefficient.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import sympy
from flint import arb, arb_poly, ctx, fmpq, fmpq_poly, fmpz, fmpz_poly

from theory.arithmetic.elements import FIRST_PRECISION, Algebraic, Polynomial, poly_of, real_roots

__all__ = [
    "NumberField",
    "Rationals",
    "nearest_float",
    "to_fmpq",
    "to_fraction",
]


def to_fmpq(value: Fraction | int) -> fmpq:
    """Turn a ``Fraction`` into a FLINT rational."""
    return fmpq(value.numerator, value.denominator)


def to_fraction(value: fmpq) -> Fraction:
    """Turn a FLINT rational into a ``Fraction``."""
    value = fmpq(value)
    return Fraction(int(value.p), int(value.q))


def nearest_float(field: Any, element: Any) -> float:
    """Round an element of an exact field to a float; off by less than 2^-60 before rounding."""
    precision = FIRST_PRECISION
    while field.sign(element):  # ends: the number is not zero
        with ctx.workprec(precision):
            ball = field.ball(element)
        if ball.rel_accuracy_bits() > 60:
            rounded = float(ball.mid())
            if not math.isfinite(rounded):
                raise OverflowError("the exact value is too large for a float")
            return rounded
        precision *= 2
    return 0.0


class Rationals:
    """The rational numbers; elements are ``fmpq``, cleared elements ``fmpz``."""

    degree = 1
    ordered = True

    def element(self, value: Fraction | int) -> fmpq:
        """Embed a rational number."""
        return to_fmpq(value)

    def exact(self, element: fmpq) -> Fraction:
        """Give the element to the caller as a ``Fraction``."""
        return to_fraction(element)

    def ball(self, element: fmpq | fmpz) -> arb:
        """Enclose the element at the current precision."""
        return arb(element)

    def sign(self, element: fmpq) -> int:
        """Give -1, 0 or 1."""
        return (element > 0) - (element < 0)

    def clear(self, elements: Sequence[fmpq]) -> tuple[int, list[Any]]:
        """Multiply elements by their common denominator; return it with the integers."""
        scale = fmpz(1)
        for element in elements:
            scale = scale.lcm(element.q)
        return int(scale), [element.p * (scale // element.q) for element in elements]

    def polynomial(self, coefficients: Sequence[fmpz]) -> Any:
        """Make a polynomial of cleared coefficients, constant term first."""
        return fmpz_poly(list(coefficients))

    def product_coefficient(self, left: Any, right: Any, degree: int) -> fmpq:
        """Read one coefficient of a product of polynomials."""
        return fmpq((left * right)[degree])

    def divide(self, numerator: Any, denominator: Any) -> fmpq:
        """Divide, where the denominator is not zero."""
        return fmpq(numerator) / denominator


class NumberField:
    """A real number field ``Q(theta)``.

    Args:
        modulus: the irreducible polynomial of ``theta`` over the rationals.
        generator: ``theta`` as a SymPy number, for printing.
        near: a ball that contains ``theta`` and no other root of the modulus.

    Attributes:
        cosine: ``(N, cos(2 pi / N))`` where the field is known to hold it, else None.
    """

    ordered = True

    def __init__(self, modulus: fmpq_poly, generator: sympy.Expr, near: arb) -> None:
        self.modulus = modulus / modulus[modulus.degree()]
        self.degree = modulus.degree()
        self.generator = generator
        self._near = near
        self.cosine: tuple[int, Algebraic] | None = None
        self._roots: dict[int, arb] = {}

    def root(self, precision: int) -> arb:
        """Enclose ``theta`` at a working precision in bits."""
        if precision not in self._roots:
            with ctx.workprec(precision):
                found = [r for r in real_roots(self.modulus.numer()) if r.overlaps(self._near)]
            if len(found) != 1:
                raise ArithmeticError("the ball around the generator does not isolate one root")
            self._roots[precision] = found[0]
        return self._roots[precision]

    def wrap(self, poly: fmpq_poly) -> Algebraic:
        """Make an element of a polynomial in ``theta``."""
        return Algebraic(self, poly % self.modulus)

    def element(self, value: Fraction | int) -> Algebraic:
        """Embed a rational number."""
        return Algebraic(self, fmpq_poly([to_fmpq(value)]))

    @property
    def theta(self) -> Algebraic:
        """The generator as an element."""
        return self.wrap(fmpq_poly([0, 1]))

    def exact(self, element: Algebraic) -> Fraction | sympy.Expr:
        """Give the element to the caller: a ``Fraction`` where it is rational, else SymPy."""
        if element.poly.degree() <= 0:
            return to_fraction(element.poly[0])
        powers = (
            sympy.Rational(int(fmpq(c).p), int(fmpq(c).q)) * self.generator**k
            for k, c in enumerate(element.poly.coeffs())
        )
        total = sympy.Add(*powers)
        return sympy.expand(total) if self.generator.has(sympy.Pow) else total

    def ball(self, element: Algebraic) -> arb:
        """Enclose the element at the current precision."""
        return arb_poly(element.poly)(self.root(ctx.prec))

    def sign(self, element: Algebraic) -> int:
        """Give -1, 0 or 1, rigorously."""
        return element.sign()

    def clear(self, elements: Sequence[Algebraic]) -> tuple[int, list[Any]]:
        """Multiply elements by the common denominator of their coefficients."""
        scale = math.lcm(*(int(element.poly.denom()) for element in elements))
        return scale, [element * scale for element in elements]

    def polynomial(self, coefficients: Sequence[Algebraic]) -> Any:
        """Make a polynomial of elements, constant term first."""
        return Polynomial(self.modulus, [poly_of(entry) for entry in coefficients])

    def product_coefficient(self, left: Any, right: Any, degree: int) -> Algebraic:
        """Read one coefficient of a product of polynomials."""
        total = fmpq_poly([0])
        for k, entry in enumerate(left.entries):
            if k <= degree and degree - k < len(right.entries):
                total += entry * right.entries[degree - k]
        return self.wrap(total)

    def divide(self, numerator: Any, denominator: Any) -> Algebraic:
        """Divide, where the denominator is not zero."""
        return self.wrap(poly_of(numerator)) * self.wrap(poly_of(denominator)).inverse()
