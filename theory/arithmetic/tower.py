"""A number field that grows by the roots which expressions ask for.

A root ``rho`` of ``g`` over ``Q(theta)`` is adjoined by linear algebra over the rationals: where
the powers of ``gamma = rho + s theta`` span ``Q(theta)[x] / g``, its minimal polynomial, ``theta``
and ``rho`` are read off as one linear system, and the factor that vanishes at the real ``gamma``
gives the field. Source: Cohen 1993, "A Course in Computational Algebraic Number Theory",
sections 2.1 and 3.6.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import count
from typing import Any

import sympy
from flint import arb, ctx, fmpq, fmpq_mat, fmpq_poly, fmpz, fmpz_poly

from theory.arithmetic.elements import Algebraic, compose, real_roots
from theory.arithmetic.fields import NumberField
from theory.arithmetic.subfield import coordinates
from theory.problem import Exact, Unsupported

__all__ = ["TRIGONOMETRIC", "Tower", "turn"]

MAX_DEGREE = 64
"""Largest degree over the rationals that is computed in."""

TRIGONOMETRIC = (sympy.cos, sympy.sin, sympy.tan)


def turn(expression: Any) -> Fraction | None:
    """Give ``r`` where an angle is ``2 pi r`` with rational ``r``, else None."""
    ratio = expression / (2 * sympy.pi)
    return Fraction(int(ratio.p), int(ratio.q)) if ratio.is_Rational else None


class Tower:
    """A number field that grows by the roots which expressions ask for."""

    def __init__(self, numbers: Sequence[Exact]) -> None:
        self.conductor = math.lcm(1, *(m for number in numbers for m in _conductors(number)))
        self.atoms: dict[Any, Algebraic] = {}
        if self.conductor == 1:
            self.field = NumberField(fmpq_poly([0, 1]), sympy.Integer(0), arb(0))
        else:
            self.field = _cyclotomic(self.conductor)
            self.field.cosine = (self.conductor, self.field.theta)

    def element(self, value: Exact) -> Algebraic:
        """Put one expression into the field, which grows where it must."""
        if isinstance(value, Fraction):
            return self.field.element(value)
        if value.is_Rational:
            return self.field.element(Fraction(int(value.p), int(value.q)))
        if isinstance(value, TRIGONOMETRIC):
            return self._angle(value)
        if value.is_Add or value.is_Mul:
            return self._folded(value)
        if value.is_Pow:
            return self._power(value)
        if isinstance(value, sympy.Abs):
            inner = self.element(value.args[0])
            return -inner if inner.sign() < 0 else inner
        if isinstance(value, sympy.CRootOf):
            return self._polynomial_root(value)
        return self.element(
            value.as_expr()
            if isinstance(value, sympy.AlgebraicNumber)
            else value.rewrite(sympy.sqrt)
        )

    def _folded(self, value: Any) -> Algebraic:
        for part in value.args:  # first, so that all parts lie in the same field
            self.element(part)
        parts = [self.element(part) for part in value.args]
        total = parts[0]
        for part in parts[1:]:
            total = total + part if value.is_Add else total * part
        return total

    def _angle(self, value: Any) -> Algebraic:
        part = turn(value.args[0]) or Fraction(0)
        sine = self._cosine(Fraction(1, 4) - part)
        if isinstance(value, sympy.sin):
            return sine
        cosine = self._cosine(part)
        return cosine if isinstance(value, sympy.cos) else sine * cosine.inverse()

    def _cosine(self, part: Fraction) -> Algebraic:
        k = int(part * self.conductor) % self.conductor
        if self.field.cosine is None:  # the angle is 0 or pi / 2
            return self.field.element(1)
        return compose(fmpq_poly(fmpz_poly.chebyshev_t(k)), self.field.cosine[1])

    def _power(self, value: Any) -> Algebraic:
        numerator, degree = int(value.exp.p), int(value.exp.q)
        root = self.element(value.base) if degree == 1 else self._root(value.base, degree)
        base = root.inverse() if numerator < 0 else root
        total, left = self.field.element(1), abs(numerator)
        while left:
            total = total * base if left % 2 else total
            base, left = base * base if left > 1 else base, left // 2
        return total

    def _root(self, base: Any, degree: int) -> Algebraic:
        atom = sympy.Pow(base, sympy.Rational(1, degree))
        if atom not in self.atoms:
            inner = self.element(base)
            if inner.sign() < 0:
                raise Unsupported(f"{atom}: a root of a negative number; it must be real")
            if not inner:
                return inner
            field = self.field
            low = [-inner] + [field.element(0)] * (degree - 1)
            self._adjoin(atom, low, lambda: field.ball(inner).root(degree))
        return self.atoms[atom]

    def _polynomial_root(self, value: Any) -> Algebraic:
        if value not in self.atoms:
            coefficients = [_rational(c) for c in reversed(value.poly.all_coeffs())]
            index = value.index
            poly = fmpq_poly(coefficients).numer()
            low = [self.field.element(0) + c / coefficients[-1] for c in coefficients[:-1]]
            self._adjoin(value, low, lambda: real_roots(poly)[index])
        return self.atoms[value]

    def _adjoin(self, atom: Any, low: list[Algebraic], ball: Callable[[], arb]) -> None:
        """Grow the field by a root of ``x^m + sum_k low[k] x^k`` that lies in a ball."""
        old = self.field
        size = old.degree * len(low)
        if size > MAX_DEGREE:
            raise Unsupported(
                f"{atom}: the numbers generate a field of degree up to {size}, more than "
                f"{MAX_DEGREE}; ask for an enclosure with digits=15 or use fewer different roots"
            )
        for step in _steps():
            powers = _power_vectors(old, low, step, size)
            matrix = fmpq_mat(powers[:size]).transpose()
            if matrix.rank() == size:
                break
        targets = [
            _unit(size, old.theta.poly, old.degree),
            _unit(size, fmpq_poly([1]), old.degree, 1),
        ]
        solved = matrix.solve(fmpq_mat([powers[size], *targets]).transpose()).transpose().tolist()
        whole = fmpq_poly([0] * size + [1]) - fmpq_poly(solved[0])
        self.field = _field_at(
            whole,
            atom + step * old.generator,
            lambda: ball() + old.ball(old.theta) * step,
        )
        theta, root = (self.field.wrap(fmpq_poly(row)) for row in solved[1:])
        if self.field.degree == old.degree:  # the root was in the field already
            (row,) = coordinates(theta, [root]) or ([],)
            self.field, self.atoms[atom] = old, old.wrap(fmpq_poly(row))
            return
        if old.cosine is not None:
            self.field.cosine = (old.cosine[0], compose(old.cosine[1].poly, theta))
        self.atoms = {key: compose(known.poly, theta) for key, known in self.atoms.items()}
        self.atoms[atom] = root


def _conductors(value: Exact) -> Iterator[int]:
    """``N`` of every ``cos(2 pi k / N)`` that an expression needs."""
    if isinstance(value, Fraction):
        return
    for atom in value.atoms(*TRIGONOMETRIC):
        part = turn(atom.args[0])
        if part is None:
            continue
        if not isinstance(atom, sympy.sin):
            yield part.denominator
        if not isinstance(atom, sympy.cos):
            yield (Fraction(1, 4) - part).denominator


def _cyclotomic(order: int) -> NumberField:
    """``Q(cos(2 pi / order))``."""
    # phi(N) >= sqrt(N / 2): an order beyond this is not worth factoring
    if order > 8 * (MAX_DEGREE + 1) ** 2 or fmpz(order).euler_phi() > 2 * MAX_DEGREE:
        raise Unsupported(
            f"cos(2*pi/{order}): generates a field of degree more than {MAX_DEGREE}; "
            "ask for an enclosure with digits=15"
        )
    doubled = fmpq_poly(fmpz_poly.cos_minpoly(order))  # the minimal polynomial of 2 cos
    generator = sympy.cos(2 * sympy.pi / order)
    return _field_at(doubled(fmpq_poly([0, 2])), generator, lambda: _cosine_ball(order))


def _cosine_ball(order: int) -> arb:
    return arb.cos_pi_fmpq(fmpq(2, order))


def _steps() -> Iterator[int]:
    yield 0
    for size in count(1):
        yield size
        yield -size


def _power_vectors(
    field: NumberField, low: list[Algebraic], step: int, size: int
) -> list[list[fmpq]]:
    """Coordinates of ``(rho + step theta)^k``, ``k = 0, ..., size``, on ``theta^a rho^b``."""
    current = [field.element(1)] + [field.element(0)] * (len(low) - 1)
    theta, vectors = field.theta * step, []
    for _ in range(size + 1):
        vectors.append([entry.poly[a] for entry in current for a in range(field.degree)])
        shifted = [field.element(0), *current[:-1]]
        current = [
            theta * entry + below - current[-1] * coefficient
            for entry, below, coefficient in zip(current, shifted, low, strict=True)
        ]
    return vectors


def _unit(size: int, poly: fmpq_poly, degree: int, block: int = 0) -> list[fmpq]:
    """Coordinates of ``poly(theta) rho^block``."""
    vector = [fmpq(0)] * size
    for a in range(degree):
        vector[block * degree + a] = poly[a]
    return vector


def _field_at(whole: fmpq_poly, generator: Any, ball: Callable[[], arb]) -> NumberField:
    """The field of the root of a squarefree polynomial that lies in a ball."""
    factors = [fmpq_poly(factor) for factor, _ in whole.numer().factor()[1]]
    precision = 64
    while True:  # ends: the polynomial is squarefree, so its roots are apart
        precision *= 2
        with ctx.workprec(precision):
            near = ball()
            close = [
                (factor, root)
                for factor in factors
                for root in real_roots(factor.numer())
                if root.overlaps(near)
            ]
        if len(close) == 1:
            factor, root = close[0]
            return NumberField(factor, generator, root)


def _rational(value: Any) -> fmpq:
    rational = sympy.Rational(value)
    return fmpq(int(rational.p), int(rational.q))
