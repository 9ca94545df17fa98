r"""Rational functions of SymPy expressions, carried by python-flint polynomials.

A ring takes a list of expressions as its *generators*. Distinct expressions are independent
variables of a polynomial over the rationals, so that sums, powers and exact divisions run at the
speed of FLINT. Radicals that are generators carry their minimal polynomial as a relation.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from operator import mul
from typing import Any, TypeAlias

import sympy
from flint import fmpq, fmpq_mpoly_ctx, fmpq_poly
from sympy.core.evalf import PrecisionExhausted
from sympy.functions.elementary.trigonometric import TrigonometricFunction
from sympy.simplify.fu import TR8

from theory.problem import InputError, Unsupported, exact_number

__all__ = ["Quotient", "Ring", "expression", "sign", "vanishes"]

Expr: TypeAlias = Any
Polynomial: TypeAlias = Any

_VARIABLE = sympy.Dummy("x")
_MAX_DIGITS = 20_000


def expression(value: object, name: str) -> Expr:
    """Turn one exact number or expression into an expanded SymPy expression.

    Args:
        value: whatever ``exact_number`` takes, symbols allowed.
        name: what the value is called in messages.

    Returns:
        The expression, expanded; floats inside it become the rationals that they are.

    Example:
        >>> expression("1/3", "b[0]")
        1/3
    """
    number = exact_number(value, name)
    if isinstance(number, Fraction):
        return sympy.Rational(number.numerator, number.denominator)
    exact = number.xreplace({f: sympy.Rational(f) for f in number.atoms(sympy.Float)})
    if exact.has(TrigonometricFunction):
        # products of cosines become sums, so that cos a cos b + sin a sin b is cos(a - b)
        exact = TR8(sympy.expand(exact)).replace(sympy.cos, _cosine)
    return sympy.expand(exact)


def _cosine(angle: Expr) -> Expr:
    """``cos(angle)``; a rational angle ``pi j / k`` as a reduced polynomial in ``cos(pi / k)``."""
    value, turn = sympy.cos(angle), angle / sympy.pi
    if not turn.is_Rational or not value.has(sympy.cos):
        return value
    base = sympy.cos(sympy.pi / turn.q)
    minimal = sympy.minimal_polynomial(base, _VARIABLE, polys=True)
    chebyshev = sympy.Poly(sympy.chebyshevt(abs(turn.p), _VARIABLE), _VARIABLE)
    return chebyshev.rem(minimal).as_expr().subs(_VARIABLE, base)


def vanishes(value: Expr) -> bool:
    """Decide whether an expression is identically zero.

    Numbers are decided by their minimal polynomial, polynomials by their coefficients.

    Args:
        value: a SymPy expression or number.

    Returns:
        True where the expression is zero for all values of its symbols.

    Raises:
        Unsupported: the question cannot be decided.

    Example:
        >>> vanishes(sympy.sqrt(6) - sympy.sqrt(2) * sympy.sqrt(3))
        True
    """
    expanded = sympy.expand(value)
    if expanded.is_zero is not None:
        return bool(expanded.is_zero)
    symbols = sorted(expanded.free_symbols, key=str)
    try:
        if not symbols:
            return bool(sympy.minimal_polynomial(expanded, _VARIABLE) == _VARIABLE)
        return all(vanishes(c) for c in sympy.Poly(expanded, *symbols).coeffs())
    except (sympy.PolynomialError, sympy.polys.polyerrors.NotAlgebraic):
        verdict = expanded.equals(0)
    if verdict is None:
        raise Unsupported(f"value={value}: cannot decide whether it is zero; simplify it first")
    return bool(verdict)


def sign(value: Expr) -> int:
    """Decide the sign of a real number exactly.

    Args:
        value: a SymPy number without free symbols.

    Returns:
        -1, 0 or 1.

    Raises:
        InputError: the number is not real or not finite.
        Unsupported: the number is too close to zero to tell.

    Example:
        >>> sign(sympy.sqrt(2) - sympy.Rational(3, 2))
        -1
    """
    if value.is_Rational:
        return int(value.p > 0) - int(value.p < 0)
    expanded = sympy.expand(value)
    if expanded.is_finite is not True or expanded.is_real is False:
        raise InputError(f"value={value}: must be real and finite")
    if expanded.is_positive or expanded.is_negative:
        return 1 if expanded.is_positive else -1
    if vanishes(expanded):
        return 0
    try:
        digits = expanded.evalf(15, maxn=_MAX_DIGITS, strict=True)
    except PrecisionExhausted:
        raise Unsupported(f"value={value}: its sign needs over {_MAX_DIGITS} digits") from None
    return 1 if digits > 0 else -1


def _split(value: Expr) -> tuple[Expr, Expr]:
    """A rational factor and the rest, the rest the same for expressions that are multiples."""
    factor, rest = value.as_coeff_Mul(rational=True)
    if rest.is_Add:
        content, rest = rest.primitive()
        factor *= content
        if rest.could_extract_minus_sign():
            factor, rest = -factor, -rest
    return factor, rest


def _rational(value: Expr) -> fmpq:
    return fmpq(int(value.p), int(value.q))


class Ring:
    """Polynomials over the rationals in given expressions.

    Args:
        values: expanded SymPy expressions; those that are rational multiples share a generator.

    Attributes:
        generators: the expressions that the variables stand for.
        context: the polynomial context of python-flint.
        relations: pairs of a variable and its minimal polynomial, for radicals.

    Example:
        >>> r = sympy.Symbol("r")
        >>> Ring([r**2, -r**2 / 2, sympy.Integer(3)]).generators
        (r**2,)
    """

    def __init__(self, values: Iterable[Expr]) -> None:
        rests = [_split(value)[1] for value in values if not value.is_Rational]
        self._open(tuple(dict.fromkeys(rests)))

    def _open(self, generators: tuple[Expr, ...]) -> None:
        self.generators = generators
        names = tuple(f"g{k}" for k in range(len(generators))) or ("unused",)
        self.context = fmpq_mpoly_ctx.get(names, "degrevlex")
        self.index = {value: k for k, value in enumerate(generators)}
        self.relations: list[tuple[int, fmpq_poly]] = []

    def constant(self, value: Expr) -> Polynomial:
        """The rational number ``value`` as a polynomial."""
        return self.context.constant(_rational(value))

    def element(self, value: Expr) -> Polynomial:
        """The polynomial of an expression given when the ring was made, or of a rational."""
        if value.is_Rational:
            return self.constant(value)
        factor, rest = _split(value)
        return self.context.gen(self.index[rest]) * _rational(factor)

    def expr(self, polynomial: Polynomial, divisor: Sequence[int] | None = None) -> Expr:
        """Write a polynomial, divided by a monomial when one is given, as a SymPy expression."""
        lower = divisor or (0,) * self.context.nvars()
        terms = []
        for exponents, coefficient in polynomial.to_dict().items():
            powers = [
                generator ** (exponents[k] - lower[k])
                for k, generator in enumerate(self.generators)
                if exponents[k] != lower[k]
            ]
            number = sympy.Rational(int(coefficient.p), int(coefficient.q))
            terms.append(sympy.Mul(number, *powers))
        return sympy.Add(*terms)

    def refined(self) -> tuple[Ring, list[Polynomial]]:
        """Resolve the generators into symbols, radicals and other indivisible expressions.

        Returns:
            The finer ring and, for each generator of this one, its polynomial there.
        """
        coarse, elements = sympy.sring(list(self.generators), field=True)
        finer = Ring(())
        finer._open(tuple(coarse.symbols))
        for k, generator in enumerate(finer.generators):
            if generator.is_algebraic and not generator.free_symbols:
                minimal = sympy.minimal_polynomial(generator, _VARIABLE, polys=True)
                coefficients = [_rational(c) for c in reversed(minimal.all_coeffs())]
                finer.relations.append((k, fmpq_poly(coefficients)))
        images = [
            finer.context.from_dict({
                m: fmpq(int(c.numerator), int(c.denominator)) for m, c in e.items()
            })
            for e in elements
        ]
        return finer, images

    def reduce(self, polynomial: Polynomial) -> Polynomial:
        """Bring powers of radicals below the degree of their minimal polynomials."""
        for k, minimal in self.relations:
            variable = self.context.gen(k)
            relation = sum((variable**e * c for e, c in enumerate(minimal.coeffs())), 0 * variable)
            polynomial = divmod(polynomial, relation)[1]
        return polynomial

    def inverse(self, factor: Polynomial) -> Polynomial | None:
        """The inverse of a polynomial in one radical alone, or None for any other polynomial."""
        degrees = factor.degrees()
        for k, minimal in self.relations:
            if all(not degree or j == k for j, degree in enumerate(degrees)):
                coefficients = [fmpq(0)] * (degrees[k] + 1)
                for exponents, c in factor.to_dict().items():
                    coefficients[exponents[k]] = c
                common, left, _ = fmpq_poly(coefficients).xgcd(minimal)
                variable = self.context.gen(k)
                terms = (variable**e * c for e, c in enumerate(left.coeffs()))
                return sum(terms, 0 * variable) / common.coeffs()[0]
        return None


@dataclass(frozen=True)
class Quotient:
    """A fraction of polynomials whose denominator is kept as a product of powers.

    Args:
        ring: where the polynomials live.
        numerator: a polynomial.
        factors: the denominator's factors with their exponents, as pairs.
    """

    ring: Ring
    numerator: Polynomial
    factors: tuple[tuple[Polynomial, int], ...] = ()

    @classmethod
    def over_monomial(cls, ring: Ring, numerator: Polynomial, monomial: Polynomial) -> Quotient:
        """Divide by a polynomial of one term, and cancel."""
        (exponents,), (content,) = monomial.monoms(), monomial.coeffs()
        factors = tuple((ring.context.gen(k), e) for k, e in enumerate(exponents) if e)
        return cls(ring, numerator / content, factors).reduced()

    def reduced(self) -> Quotient:
        """Cancel every factor of the denominator as often as it divides the numerator."""
        numerator, kept = self.ring.reduce(self.numerator), []
        for factor, exponent in self.factors:
            while exponent:
                result, remainder = divmod(numerator, factor)
                if remainder:
                    break
                numerator, exponent = result, exponent - 1
            if exponent:
                kept.append((factor, exponent))
        return Quotient(self.ring, numerator, tuple(kept))

    def compose(self, ring: Ring, images: Sequence[Polynomial]) -> Quotient:
        """Put polynomials of another ring in place of the generators, and cancel there."""

        def put(polynomial: Polynomial) -> Polynomial:
            if not images:
                return ring.context.constant(polynomial.leading_coefficient() if polynomial else 0)
            return polynomial.compose(*images, ctx=ring.context)

        numerator, collected = ring.reduce(put(self.numerator)), Quotient(ring, None)
        for factor, exponent in self.factors:
            content, parts = put(factor).factor()
            numerator = numerator / content**exponent
            for part, power in parts:
                inverse = ring.inverse(part)
                if inverse is None:
                    collected = collected.over(part, power * exponent)
                else:
                    numerator = ring.reduce(numerator * inverse ** (power * exponent))
        return Quotient(ring, numerator, collected.factors).reduced()

    def composed_length(self, ring: Ring, images: Sequence[Polynomial]) -> int:
        """A bound on the number of terms of the numerator after ``compose``."""
        exponents = self.numerator.monoms() if images else []
        expanded = sum(
            math.prod(len(f) ** e for f, e in zip(images, m, strict=True)) for m in exponents
        )
        degrees = [f.degrees() for f in images]
        highest = [
            max((sum(map(mul, m, column)) for m in exponents), default=0)
            for column in zip(*degrees, strict=True)
        ]
        for k, minimal in ring.relations:
            highest[k] = min(highest[k], minimal.degree() - 1)
        return min(expanded, math.prod(1 + degree for degree in highest))

    def over(self, factor: Polynomial, exponent: int) -> Quotient:
        """Divide by a power of a factor."""
        factors = list(self.factors)
        for k, (known, power) in enumerate(factors):
            if known == factor:
                factors[k] = (known, power + exponent)
                break
        else:
            factors.append((factor, exponent))
        return Quotient(self.ring, self.numerator, tuple(factors))

    def plus(self, other: Quotient) -> Quotient:
        """Add over the least common multiple of the two denominators; nothing is cancelled."""
        common = self
        for factor, exponent in other.factors:
            lacking = exponent - _exponent(self.factors, factor)
            if lacking > 0:
                common = common.over(factor, lacking)
        total = self.numerator * _cofactor(common.factors, self.factors)
        total += other.numerator * _cofactor(common.factors, other.factors)
        return Quotient(self.ring, total, common.factors)

    def times(self, polynomial: Polynomial) -> Quotient:
        """Multiply the numerator."""
        return Quotient(self.ring, self.numerator * polynomial, self.factors)

    def derivative(self, generator: int) -> Quotient:
        """Differentiate by one generator, and cancel."""
        result = Quotient(self.ring, self.numerator.derivative(generator), self.factors)
        for factor, exponent in self.factors:
            slope = factor.derivative(generator) * (-exponent)
            if slope:
                result = result.plus(self.times(slope).over(factor, 1))
        return result.reduced()

    def expr(self) -> Expr:
        """The fraction as a SymPy expression."""
        bottom = sympy.Mul(*(self.ring.expr(f) ** e for f, e in self.factors))
        return self.ring.expr(self.numerator) / bottom


def _exponent(factors: Iterable[tuple[Polynomial, int]], wanted: Polynomial) -> int:
    return next((exponent for factor, exponent in factors if factor == wanted), 0)


def _cofactor(
    larger: Iterable[tuple[Polynomial, int]], smaller: Iterable[tuple[Polynomial, int]]
) -> Polynomial:
    product: Polynomial = 1
    for factor, exponent in larger:
        product *= factor ** (exponent - _exponent(smaller, factor))
    return product
