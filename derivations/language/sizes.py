"""Numbers too large to be meant: constants, exponents and sums are bounded as they are read."""

from __future__ import annotations

from fractions import Fraction
from math import comb, factorial

from derivations.language.limits import MOST_BITS, MOST_POWER, MOST_TERMS
from derivations.language.nodes import (
    Apply,
    Expression,
    Negative,
    Number,
    Power,
    Product,
    Quotient,
    Range,
    Sum,
)

__all__ = ["constant", "too_large"]


def bits(value: Fraction) -> int:
    """Give the length of a number."""
    return value.numerator.bit_length() + value.denominator.bit_length()


def constant(tree: Expression) -> Fraction | None:
    """Give the value of an expression without names, if it is rational and short.

    Args:
        tree: any expression.

    Returns:
        The value; None for anything else.

    Example:
        >>> constant(Sum((Number(Fraction(2)), Negative(Number(Fraction(3))))))
        Fraction(-1, 1)
    """
    value = _constant(tree)
    return value if value is not None and bits(value) <= MOST_BITS else None


def _constant(tree: Expression) -> Fraction | None:
    match tree:
        case Number(value):
            return value
        case Negative(body):
            inner = constant(body)
            return None if inner is None else -inner
        case Sum(terms):
            return _sum(terms)
        case Product(factors):
            return _product(factors)
        case Quotient(numerator, denominator):
            above, below = constant(numerator), constant(denominator)
            return None if above is None or not below else above / below
        case Power(base, exponent):
            return _power(constant(base), constant(exponent))
        case Apply(("factorial" | "binomial") as name, arguments):
            return _counted(name, [constant(argument) for argument in arguments])
    return None


def _counted(name: str, values: list[Fraction | None]) -> Fraction | None:
    whole = [int(v) for v in values if v is not None and v.denominator == 1 and v >= 0]
    if len(whole) < len(values) or max(whole) > MOST_POWER:
        return None
    return Fraction(factorial(whole[0]) if name == "factorial" else comb(whole[0], whole[1]))


def _sum(terms: tuple[Expression, ...]) -> Fraction | None:
    value = Fraction(0)
    for term in terms:
        part = constant(term)
        if part is None or bits(value) > MOST_BITS:
            return None
        value += part
    return value


def _product(factors: tuple[Expression, ...]) -> Fraction | None:
    value = Fraction(1)
    for factor in factors:
        part = constant(factor)
        if part is None or bits(value) > MOST_BITS:
            return None
        value *= part
    return value


def _power(base: Fraction | None, exponent: Fraction | None) -> Fraction | None:
    if base is None or exponent is None or exponent.denominator != 1:
        return None
    if (base == 0 and exponent <= 0) or abs(exponent) * bits(base) > MOST_BITS:
        return None
    return base ** int(exponent)


def too_large(tree: Expression | Range) -> str:
    """Say why a power, factorial, binomial or range is too large to be computed.

    Args:
        tree: what has just been read.

    Returns:
        The reason; empty if it is not.

    Example:
        >>> too_large(Power(Number(Fraction(9)), Number(Fraction(99999))))
        'the exponent 99999 is too large: at most 1000'
    """
    match tree:
        case Power(base, exponent):
            return _large_power(base, exponent)
        case Range(low, high) if high is not None:
            first, last = constant(low), constant(high)
            if first is not None and last is not None and last - first > MOST_TERMS:
                return f"{last - first + 1} terms are too many: at most {MOST_TERMS}"
        case Apply(("factorial" | "double_factorial" | "binomial" | "gamma") as name, arguments):
            for argument in arguments:
                value = constant(argument)
                if value is not None and abs(value) > MOST_POWER:
                    return f"{name} of {value} is too large: at most of {MOST_POWER}"
    return ""


def _large_power(base: Expression, exponent: Expression) -> str:
    value = constant(exponent)
    if value is None:
        written = not _holds_names(exponent)
        return "the exponent has no value that is short enough" if written else ""
    if abs(value) > MOST_POWER:
        return f"the exponent {value} is too large: at most {MOST_POWER}"
    number = constant(base)
    if number is not None and abs(value) * bits(number) > MOST_BITS:
        return f"the power has more than {MOST_BITS} bits"
    return ""


def _holds_names(tree: Expression) -> bool:
    match tree:
        case Number():
            return False
        case Negative(body):
            return _holds_names(body)
        case Sum(parts) | Product(parts):
            return any(_holds_names(part) for part in parts)
        case Quotient(first, second) | Power(first, second):
            return _holds_names(first) or _holds_names(second)
    return True
