r"""Exact ordered fields: the rationals, and real number fields with a chosen embedding.

An element of ``Q(theta)`` is a polynomial in ``theta`` modulo its minimal polynomial; its sign is
decided rigorously: zero exactly when the polynomial is zero, and otherwise by balls around
``theta`` of rising precision, which must separate a number that is not zero from zero.

A field is also what the vertex formula asks for (see ``theory.vertices``): it clears denominators,
multiplies polynomials whose coefficients are its elements, and reads off one coefficient.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property, total_ordering
from typing import Any

import sympy
from flint import acb, arb, arb_poly, ctx, fmpq, fmpq_mat, fmpq_poly, fmpz, fmpz_poly

__all__ = [
    "Algebraic",
    "NumberField",
    "Rationals",
    "compose",
    "nearest_float",
    "real_roots",
    "to_fmpq",
    "to_fraction",
]

_FIRST_PRECISION = 128


def to_fmpq(value: Fraction | int) -> fmpq:
    """Turn a ``Fraction`` into a FLINT rational."""
    return fmpq(value.numerator, value.denominator)


def to_fraction(value: fmpq) -> Fraction:
    """Turn a FLINT rational into a ``Fraction``."""
    value = fmpq(value)
    return Fraction(int(value.p), int(value.q))


def nearest_float(field: Any, element: Any) -> float:
    """Round an element of an exact field to a float; off by less than 2^-60 before rounding."""
    precision = _FIRST_PRECISION
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
        return _Polynomial(self.modulus, [_poly_of(entry) for entry in coefficients])

    def product_coefficient(self, left: Any, right: Any, degree: int) -> Algebraic:
        """Read one coefficient of a product of polynomials."""
        total = fmpq_poly([0])
        for k, entry in enumerate(left.entries):
            if k <= degree and degree - k < len(right.entries):
                total += entry * right.entries[degree - k]
        return self.wrap(total)

    def divide(self, numerator: Any, denominator: Any) -> Algebraic:
        """Divide, where the denominator is not zero."""
        return self.wrap(_poly_of(numerator)) * self.wrap(_poly_of(denominator)).inverse()


def _poly_of(value: Any) -> fmpq_poly:
    return value.poly if isinstance(value, Algebraic) else fmpq_poly([value])


@total_ordering
class Algebraic:
    """An element of a real number field."""

    __slots__ = ("__dict__", "field", "poly")

    def __init__(self, field: NumberField, poly: fmpq_poly) -> None:
        self.field = field
        self.poly = poly

    @cached_property
    def _ball(self) -> arb:
        return self._enclosure(_FIRST_PRECISION)

    def _enclosure(self, precision: int) -> arb:
        with ctx.workprec(precision):
            return arb_poly(self.poly)(self.field.root(precision))

    def sign(self) -> int:
        """Give -1, 0 or 1: zero exactly, otherwise by balls of rising precision."""
        if self.poly.degree() <= 0:
            constant = self.poly[0]
            return (constant > 0) - (constant < 0)
        precision, ball = _FIRST_PRECISION, self._ball
        while ball.contains(0):  # ends: the number is not zero
            precision *= 2
            ball = self._enclosure(precision)
        return 1 if ball > 0 else -1

    def inverse(self) -> Algebraic:
        """Give the reciprocal of a number that is not zero."""
        if not self:
            raise ZeroDivisionError("division by zero in a number field")
        gcd, factor, _ = self.poly.xgcd(self.field.modulus)
        return self.field.wrap(factor / gcd[0])

    def matrix(self) -> fmpq_mat:
        """Give the matrix of multiplication by this element; column k is the image of theta^k."""
        columns, d = [], self.field.degree
        for k in range(d):
            image = (self.poly * fmpq_poly([0] * k + [1])) % self.field.modulus
            columns.append([image[row] for row in range(d)])
        return fmpq_mat(columns).transpose()

    def __bool__(self) -> bool:
        return self.poly.degree() >= 0

    def __eq__(self, other: object) -> bool:
        return bool(self.poly == _poly_of(other))

    def __hash__(self) -> int:
        return hash(tuple(self.poly.coeffs()))

    def __lt__(self, other: Any) -> bool:
        if isinstance(other, Algebraic):
            if self._ball < other._ball:
                return True
            if self._ball > other._ball:
                return False
        return (self - other).sign() < 0

    def __add__(self, other: Any) -> Algebraic:
        return Algebraic(self.field, self.poly + _poly_of(other))

    __radd__ = __add__

    def __sub__(self, other: Any) -> Algebraic:
        return Algebraic(self.field, self.poly - _poly_of(other))

    def __rsub__(self, other: Any) -> Algebraic:
        return Algebraic(self.field, _poly_of(other) - self.poly)

    def __neg__(self) -> Algebraic:
        return Algebraic(self.field, -self.poly)

    def __mul__(self, other: Any) -> Algebraic:
        if isinstance(other, Algebraic):
            return Algebraic(self.field, (self.poly * other.poly) % self.field.modulus)
        return Algebraic(self.field, self.poly * other)

    __rmul__ = __mul__

    def __repr__(self) -> str:
        return f"Algebraic({self.field.exact(self)})"


def real_roots(poly: fmpz_poly) -> list[arb]:
    """Enclose the real roots of a squarefree polynomial, in ascending order."""
    found = [acb(root) for root, _ in poly.complex_roots()]
    roots = [
        root.real for root in found if root.imag == 0
    ]  # real roots come without imaginary part
    return sorted(roots, key=lambda root: root.mid())


def compose(poly: fmpq_poly, inner: Algebraic) -> Algebraic:
    """Evaluate a polynomial with rational coefficients at an element."""
    total = inner.field.element(0)
    for coefficient in reversed(poly.coeffs()):
        total = total * inner + coefficient
    return total


class _Polynomial:
    """A polynomial over a number field: the entries are polynomials in ``theta``."""

    __slots__ = ("entries", "modulus")

    def __init__(self, modulus: fmpq_poly, entries: list[fmpq_poly]) -> None:
        self.modulus = modulus
        self.entries = entries

    def __mul__(self, other: _Polynomial) -> _Polynomial:
        size = len(self.entries) + len(other.entries) - 1
        out = [fmpq_poly([0]) for _ in range(size)]
        for k, left in enumerate(self.entries):
            for j, right in enumerate(other.entries):
                out[k + j] += left * right
        return _Polynomial(self.modulus, [entry % self.modulus for entry in out])

    def __add__(self, other: _Polynomial) -> _Polynomial:
        long, short = self.entries, other.entries
        if len(long) < len(short):
            long, short = short, long
        head = [left + right for left, right in zip(long, short, strict=False)]
        return _Polynomial(self.modulus, head + long[len(short) :])
