"""Elements of a real number field: polynomials in its generator, with decided signs."""

from __future__ import annotations

from functools import cached_property, total_ordering
from typing import TYPE_CHECKING, Any

from flint import acb, arb, arb_poly, ctx, fmpq_mat, fmpq_poly, fmpz_poly

if TYPE_CHECKING:
    from theory.arithmetic.fields import NumberField

__all__ = ["FIRST_PRECISION", "Algebraic", "Polynomial", "compose", "poly_of", "real_roots"]

FIRST_PRECISION = 128
"""Bits of the balls by which most signs are decided."""


def poly_of(value: Any) -> fmpq_poly:
    """Give the polynomial in the generator of an element or of a rational number."""
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
        return self._enclosure(FIRST_PRECISION)

    def _enclosure(self, precision: int) -> arb:
        with ctx.workprec(precision):
            return arb_poly(self.poly)(self.field.root(precision))

    def sign(self) -> int:
        """Give -1, 0 or 1: zero exactly, otherwise by balls of rising precision."""
        if self.poly.degree() <= 0:
            constant = self.poly[0]
            return (constant > 0) - (constant < 0)
        precision, ball = FIRST_PRECISION, self._ball
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
        return bool(self.poly == poly_of(other))

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
        return Algebraic(self.field, self.poly + poly_of(other))

    __radd__ = __add__

    def __sub__(self, other: Any) -> Algebraic:
        return Algebraic(self.field, self.poly - poly_of(other))

    def __rsub__(self, other: Any) -> Algebraic:
        return Algebraic(self.field, poly_of(other) - self.poly)

    def __neg__(self) -> Algebraic:
        return Algebraic(self.field, -self.poly)

    def __mul__(self, other: Any) -> Algebraic:
        if isinstance(other, Algebraic):
            return Algebraic(self.field, (self.poly * other.poly) % self.field.modulus)
        return Algebraic(self.field, self.poly * other)

    __rmul__ = __mul__

    def __pow__(self, power: int) -> Algebraic:
        found = self.field.element(1)
        for _ in range(power):
            found = found * self
        return found

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


class Polynomial:
    """A polynomial over a number field: the entries are polynomials in ``theta``."""

    __slots__ = ("entries", "modulus")

    def __init__(self, modulus: fmpq_poly, entries: list[fmpq_poly]) -> None:
        self.modulus = modulus
        self.entries = entries

    def __mul__(self, other: Polynomial) -> Polynomial:
        size = len(self.entries) + len(other.entries) - 1
        out = [fmpq_poly([0]) for _ in range(size)]
        for k, left in enumerate(self.entries):
            for j, right in enumerate(other.entries):
                out[k + j] += left * right
        return Polynomial(self.modulus, [entry % self.modulus for entry in out])

    def __add__(self, other: Polynomial) -> Polynomial:
        long, short = self.entries, other.entries
        if len(long) < len(short):
            long, short = short, long
        head = [left + right for left, right in zip(long, short, strict=False)]
        return Polynomial(self.modulus, head + long[len(short) :])
