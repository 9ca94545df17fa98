"""Roots and powers: of numbers, of rational functions, and to whole exponents left open."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product

from flint import fmpz

from derivations.checking.constants import ball_of
from derivations.checking.elements import Element, Generator, Polynomial
from derivations.checking.evaluate import Evaluator
from derivations.checking.stops import NotExact, NoValue

__all__ = ["is_whole", "power", "root", "takes_whole_values"]

MAX_FACTORED_BITS = 160
MAX_ROOT = 64
MAX_GRID = 200


def power(evaluator: Evaluator, base: Element, exponent: Element) -> Element:
    """Give ``base ** exponent`` with ``0 ** 0 = 1``."""
    from derivations.checking.kernels import exp, log

    whole = exponent.as_integer()
    if whole is not None:
        if whole < 0 and base.bases and evaluator.sign_is_zero(base):
            raise NoValue("division by zero")
        return base**whole
    fraction = exponent.fraction
    if fraction is not None:
        return _rational_power(evaluator, base, fraction)
    if base.as_integer() == 1:
        return base
    if is_whole(evaluator, exponent):
        return _open_power(evaluator, base, exponent)
    sign = evaluator.sign(base)
    if sign > 0:
        return exp(evaluator, exponent * log(evaluator, base))
    return _zero_to(evaluator, exponent) if sign == 0 else _negative_to(evaluator, exponent)


def _zero_to(evaluator: Evaluator, exponent: Element) -> Element:
    """A power of zero: 0 for a positive exponent, 1 for zero, none for a negative one."""
    sign = evaluator.sign(exponent)
    if sign < 0:
        raise NoValue("division by zero")
    return evaluator.number(0 if sign > 0 else 1)


def _negative_to(evaluator: Evaluator, exponent: Element) -> Element:
    """A power of a negative number has a value where its exponent is whole, and nowhere else."""
    # asked for since a random variable is then integrated piece by piece, and may be a number there
    evaluator.sign(exponent)
    # of an open exponent nobody knows whether it is whole: not even that there is no value
    if exponent.bases or ball_of(exponent).contains_integer():
        raise NotExact("a power of a negative number to an open exponent")
    raise NoValue("a broken power of a number that is not positive")


def _rational_power(evaluator: Evaluator, base: Element, exponent: Fraction) -> Element:
    sign = evaluator.sign(base)
    if sign < 0 or (sign == 0 and exponent < 0):
        raise NoValue("a broken power of a number that is not positive")
    return root(evaluator, base, exponent.denominator) ** exponent.numerator


def root(evaluator: Evaluator, value: Element, degree: int) -> Element:
    """Give the real root of a number; even roots of negative numbers have no value."""
    if not 1 <= degree <= MAX_ROOT:
        raise NotExact(f"a root of degree {degree}")
    if degree == 1 or value.is_zero:
        return value
    whole = _whole_power(value, degree)
    if whole is not None and degree % 2 == 1:
        return whole
    sign = evaluator.sign(value)
    if sign < 0 and degree % 2 == 0:
        raise NoValue("an even root of a negative number")
    if sign == 0:
        return evaluator.number(0)
    found = _positive_root(evaluator, value if sign > 0 else -value, degree)
    return found if sign > 0 else -found


def _whole_power(value: Element, degree: int) -> Element | None:
    """The root, where all factors are whole powers and the content is 1."""
    total = value.field.number(1)
    for polynomial, sign in ((value.numerator, 1), (value.denominator, -1)):
        content, factors = polynomial.factor()
        if content != 1 or any(int(e) % degree for _, e in factors):
            return None
        for factor, e in factors:
            total = total * value.field.of(factor) ** (sign * (int(e) // degree))
    return total


def _positive_root(evaluator: Evaluator, value: Element, degree: int) -> Element:
    total = evaluator.number(1)
    content = Fraction(1)
    for polynomial, side in ((value.numerator, 1), (value.denominator, -1)):
        lead, factors = polynomial.factor()
        content *= abs(Fraction(int(lead.p), int(lead.q))) ** side
        for factor, e in factors:
            outer, inner = divmod(side * int(e), degree)
            size = evaluator.field.of(factor)
            if inner or outer % 2:
                size = size if evaluator.polynomial_sign(factor) > 0 else -size
            total = total * size**outer
            if inner:
                total = total * _root_of(evaluator, size, degree) ** inner
    return total * _number_root(evaluator, content, degree)


def _root_of(evaluator: Evaluator, size: Element, degree: int) -> Element:
    """The root of an irreducible polynomial, or of a prime, which is positive."""
    field = evaluator.field
    slot = field.add(Generator("root", (degree, size.key), (size,), degree))
    if slot not in field.relations:
        field.relations[slot] = field.symbols[slot] ** degree - size.numerator
    return field.of(field.symbols[slot])


def _number_root(evaluator: Evaluator, number: Fraction, degree: int) -> Element:
    if number == 1:
        return evaluator.number(1)
    total = evaluator.number(1)
    for whole, side in ((number.numerator, 1), (number.denominator, -1)):
        for prime, e in _prime_factors(whole):
            outer, inner = divmod(side * e, degree)
            total = total * evaluator.number(prime) ** outer
            if inner:
                total = total * _root_of(evaluator, evaluator.number(prime), degree) ** inner
    return total


def _prime_factors(whole: int) -> list[tuple[int, int]]:
    if whole == 1:
        return []
    if whole.bit_length() > MAX_FACTORED_BITS:
        raise NotExact(f"a root of a number of more than {MAX_FACTORED_BITS} bits")
    return [(int(prime), int(e)) for prime, e in fmpz(whole).factor()]


def is_whole(evaluator: Evaluator, value: Element) -> bool:
    """Whether a value is a polynomial with whole coefficients in whole numbers left open."""
    if value.denominator != 1:
        return False
    kinds = {evaluator.field.generators[slot].kind for slot in value.slots}
    whole = all(c.q == 1 for c in value.numerator.coeffs())
    return whole and kinds <= {"integer", "index"}


def takes_whole_values(evaluator: Evaluator, value: Element) -> bool:
    """Whether a polynomial in whole numbers left open is whole for all of them: ``n (n+1) / 2``.

    One of degree ``d`` is, where it is at 0, ..., d: these values are its coefficients in the
    binomials ``C(n, k)`` up to whole combinations, in each of several variables. A whole number
    that grows without end is one over an infinitesimal.

    Args:
        evaluator: of the values.
        value: any value.

    Returns:
        Whether it is one for certain.
    """
    for local in evaluator.locals:
        if getattr(local, "counts", False) and local.slot in value.slots:
            value = value.replace(local.slot, evaluator.number(1) / evaluator.fresh("integer"))
    if is_whole(evaluator, value):
        return True
    field, slots = evaluator.field, sorted(value.slots)
    kinds = {field.generators[slot].kind for slot in slots}
    degrees = [int(value.numerator.degrees()[slot]) for slot in slots]
    if value.denominator != 1 or not kinds <= {"integer", "index"}:
        return False
    if math.prod(degree + 1 for degree in degrees) > MAX_GRID:
        return False
    for point in product(*(range(degree + 1) for degree in degrees)):
        at = value
        for slot, k in zip(slots, point, strict=True):
            at = at.replace(slot, evaluator.number(k))
        if at.as_integer() is None:
            return False
    return True


def _open_power(evaluator: Evaluator, base: Element, exponent: Element) -> Element:
    """A power to an open whole exponent, factor by factor; the base must not be zero."""
    if evaluator.sign(base) == 0:
        if evaluator.sign(exponent) > 0:
            return evaluator.number(0)
        raise NotExact("zero to an open power")
    total = evaluator.number(1)
    content = Fraction(1)
    for polynomial, side in ((base.numerator, 1), (base.denominator, -1)):
        lead, factors = polynomial.factor()
        content *= Fraction(int(lead.p), int(lead.q)) ** side
        for factor, e in factors:
            total = total * _power_of(
                evaluator, evaluator.field.of(factor), exponent, side * int(e)
            )
    for whole, side in ((abs(content.numerator), 1), (content.denominator, -1)):
        for prime, e in _prime_factors(whole):
            total = total * _power_of(evaluator, evaluator.number(prime), exponent, side * e)
    if content < 0:
        total = total * _power_of(evaluator, evaluator.number(-1), exponent, 1)
    return total


def _power_of(evaluator: Evaluator, base: Element, exponent: Element, times: int) -> Element:
    """``base ** (times exponent)`` for an irreducible base."""
    field = evaluator.field
    total = evaluator.number(1)
    for exponents, c in exponent.numerator.terms():
        count = int(c.p) * times
        if base.as_integer() == -1:
            count %= 2
        monomial: Polynomial = field.context.from_dict({exponents: 1})
        if monomial.is_constant():
            total = total * base**count
            continue
        inner = field.of(monomial)
        slot = field.add(Generator("open power", (base.key, inner.key), (base, inner)))
        if base.as_integer() == -1:
            field.relations.setdefault(slot, field.symbols[slot] ** 2 - 1)
        total = total * field.of(field.symbols[slot]) ** count
    return total
