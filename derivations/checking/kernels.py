r"""Functions that stay as they are: exponentials, logarithms, cosines, ``erf``, factorials.

Each is brought to generators between which as few relations as possible are left:
``exp(a + b) = exp(a) exp(b)`` monomial by monomial, ``log(a b) = log a + log b`` factor by factor,
cosines and sines by the addition formulas, and rational multiples of ``pi`` in one real cyclotomic
field.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from derivations.checking.constants import cosine_polynomial
from derivations.checking.elements import Element, Generator
from derivations.checking.evaluate import Evaluator
from derivations.checking.powers import _prime_factors, is_whole, power, root
from derivations.checking.stops import Again, NotExact, NoValue

__all__ = ["cos", "erf", "exp", "kernel_derivative", "log", "rebuilt", "sin"]

MAX_TURNS = 240
MAX_FINENESS = 24
MAX_MULTIPLE = 60
"""Beyond these a multiple of a monomial is an argument of its own."""


def _pieces(evaluator: Evaluator, kind: str, value: Element) -> Iterator[tuple[Element, int]]:
    """Split an argument into whole multiples of pieces: rational multiples of monomials."""
    field = evaluator.field
    if not value.denominator.is_constant():
        common = value.denominator
        terms = [
            (field.quotient(field.context.from_dict({e: 1}), common), c)
            for e, c in value.numerator.terms()
        ]
    else:
        terms = [(field.of(field.context.from_dict({e: 1})), c) for e, c in value.numerator.terms()]
    for monomial, c in terms:
        name = (kind, monomial.key)
        if int(c.q) > MAX_FINENESS or abs(int(c.p)) > MAX_MULTIPLE:
            yield monomial * Element(field, c), 1
            continue
        fineness = field.fineness.get(name, 1)
        wanted = math.lcm(fineness, int(c.q))
        if wanted != fineness:
            field.fineness[name] = wanted
            raise Again("a finer piece of an argument")
        yield monomial * evaluator.number(Fraction(1, fineness)), int(c.p) * fineness // int(c.q)


def exp(evaluator: Evaluator, value: Element) -> Element:
    """Give ``e ** value``."""
    field, total = evaluator.field, evaluator.number(1)
    if value.is_zero:
        return total
    for piece, times in _pieces(evaluator, "exp", value):
        inner = _only_generator(piece)
        if inner is not None and inner.kind == "log":
            total = total * power(evaluator, inner.arguments[0], evaluator.number(times))
        else:
            total = total * field.element(Generator("exp", piece.key, (piece,))) ** times
    return total


def _only_generator(value: Element) -> Generator | None:
    """The generator that the value is, where it is one."""
    if len(value.slots) == 1:
        (slot,) = value.slots
        if value.denominator.is_constant() and value.numerator == value.field.symbols[slot]:
            return value.field.generators[slot]
    return None


def log(evaluator: Evaluator, value: Element) -> Element:
    """Give the natural logarithm of a positive number."""
    if evaluator.sign(value) <= 0:
        raise NoValue("the logarithm of a number that is not positive")
    field, total = evaluator.field, evaluator.number(0)
    for polynomial, side in ((value.numerator, 1), (value.denominator, -1)):
        lead, factors = polynomial.factor()
        content = abs(Fraction(int(lead.p), int(lead.q)))
        for whole, part in ((content.numerator, side), (content.denominator, -side)):
            for prime, e in _prime_factors(whole):
                total = total + _log_of(evaluator, evaluator.number(prime)) * evaluator.number(
                    e * part
                )
        for factor, e in factors:
            positive = evaluator.polynomial_sign(factor) > 0
            size = field.of(factor if positive else -factor)
            total = total + _log_of(evaluator, size) * evaluator.number(side * int(e))
    return total


def _log_of(evaluator: Evaluator, size: Element) -> Element:
    inner = _only_generator(size)
    if inner is not None and inner.kind == "exp":
        return inner.arguments[0]
    if inner is not None and inner.kind == "root":
        return log(evaluator, inner.arguments[0]) / evaluator.number(inner.degree)
    return evaluator.field.element(Generator("log", size.key, (size,)))


def _turn(evaluator: Evaluator, value: Element) -> Fraction | None:
    """``q`` of ``q pi``; None for another angle."""
    if value.is_zero:
        return Fraction(0)
    slot = evaluator.field.find("pi", "pi")
    if slot is None:
        return None
    return (value / evaluator.field.of(evaluator.field.symbols[slot])).fraction


def _cosine_of_turn(evaluator: Evaluator, turn: Fraction) -> Element:
    """``cos(q pi)`` in the cyclotomic field in use."""
    field = evaluator.field
    part = turn / 2  # of a full circle
    turns = math.lcm(field.turns, part.denominator)
    if turns > MAX_TURNS:
        raise NotExact(f"cosines of multiples of 2 pi / {turns}")
    if turns != field.turns:
        field.turns = turns
        raise Again("a finer cosine")
    slot = field.add(Generator("cosine", turns, (), max(1, cosine_polynomial(turns).degree())))
    symbol = field.symbols[slot]
    if slot not in field.relations:
        entries = cosine_polynomial(turns).coeffs()
        field.relations[slot] = sum(
            (symbol**k * int(c) for k, c in enumerate(entries)), field.context.constant(0)
        )
    step = field.of(symbol)
    earlier, now = evaluator.number(2), step  # 2 cos(k t) by Chebyshev's recursion
    count = part.numerator * (turns // part.denominator) % turns
    for _ in range(count):
        earlier, now = now, step * now - earlier
    return earlier / evaluator.number(2)


def _circle(evaluator: Evaluator, value: Element) -> tuple[Element, Element]:
    """Cosine and sine of an angle."""
    turn = _turn(evaluator, value)
    if turn is not None:
        half = Fraction(1, 2)
        return _cosine_of_turn(evaluator, turn), _cosine_of_turn(evaluator, half - turn)
    total = (evaluator.number(1), evaluator.number(0))
    for piece, times in _pieces(evaluator, "circle", value):
        whole = _whole_turns(evaluator, piece, times)
        if whole is not None:
            total = _turned(total, (whole, evaluator.number(0)))
            continue
        turn = _turn(evaluator, piece)
        if turn is not None:
            full = turn * times
            one = (
                _cosine_of_turn(evaluator, full),
                _cosine_of_turn(evaluator, Fraction(1, 2) - full),
            )
            total = _turned(total, one)
            continue
        c, s = _pair(evaluator, piece)
        one = (c, s if times > 0 else -s)
        for _ in range(abs(times)):
            total = _turned(total, one)
    return total


def _whole_turns(evaluator: Evaluator, piece: Element, times: int) -> Element | None:
    """``cos(m pi)`` for an open whole number ``m``; None for another angle."""
    slot = evaluator.field.find("pi", "pi")
    if slot is None or slot not in piece.slots:
        return None
    turns = piece * evaluator.number(times) / evaluator.field.of(evaluator.field.symbols[slot])
    if not turns.slots or not is_whole(evaluator, turns):
        return None
    return power(evaluator, evaluator.number(-1), turns)


def _turned(a: tuple[Element, Element], b: tuple[Element, Element]) -> tuple[Element, Element]:
    return a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]


def _pair(evaluator: Evaluator, piece: Element) -> tuple[Element, Element]:
    field = evaluator.field
    cosine = field.element(Generator("cos", piece.key, (piece,)))
    slot = field.add(Generator("sin", piece.key, (piece,)))
    field.relations.setdefault(slot, field.symbols[slot] ** 2 + cosine.numerator**2 - 1)
    return cosine, field.of(field.symbols[slot])


def cos(evaluator: Evaluator, value: Element) -> Element:
    """Give the cosine of an angle."""
    return _circle(evaluator, value)[0]


def sin(evaluator: Evaluator, value: Element) -> Element:
    """Give the sine of an angle."""
    return _circle(evaluator, value)[1]


def erf(evaluator: Evaluator, value: Element) -> Element:
    """Give the error function, which is odd."""
    if value.is_zero:
        return value
    if value.numerator.leading_coefficient() < 0:
        return -erf(evaluator, -value)
    return evaluator.field.element(Generator("erf", value.key, (value,)))


def circle_constant(evaluator: Evaluator) -> Element:
    """Give ``pi``."""
    return evaluator.field.element(Generator("pi", "pi"))


def kernel_derivative(evaluator: Evaluator, slot: int, by: int) -> Element:
    """Differentiate a kernel by a generator."""
    field = evaluator.field
    generator = field.generators[slot]
    itself = field.of(field.symbols[slot])
    rates = [evaluator.derivative(argument, by) for argument in generator.arguments]
    kind, number = generator.kind, evaluator.number
    if kind == "root":
        return rates[0] / (number(generator.degree) * itself ** (generator.degree - 1))
    if kind == "exp":
        return itself * rates[0]
    if kind == "log":
        return rates[0] / generator.arguments[0]
    if kind == "cos":
        return -_pair(evaluator, generator.arguments[0])[1] * rates[0]
    if kind == "sin":
        return _pair(evaluator, generator.arguments[0])[0] * rates[0]
    if kind == "erf":
        argument = generator.arguments[0]
        bell = exp(evaluator, -(argument * argument))
        return number(2) * bell / root(evaluator, circle_constant(evaluator), 2) * rates[0]
    if kind == "open power" and rates[1].is_zero:
        base, exponent = generator.arguments
        return itself * exponent * rates[0] / base
    raise NotExact(f"the derivative of {kind}")


def rebuilt(evaluator: Evaluator, generator: Generator, arguments: list[Element]) -> Element:
    """The value of a kernel at other arguments."""
    if generator.kind == "root":
        return root(evaluator, arguments[0], generator.degree)
    if generator.kind == "open power":
        return power(evaluator, arguments[0], arguments[1])
    if generator.kind == "member":
        return evaluator.symbol(generator.key[0], tuple(arguments))  # type: ignore[index]
    if generator.kind == "factorial":
        from derivations.checking.functions import FUNCTIONS

        return FUNCTIONS["factorial"](evaluator, arguments[0])
    made: dict[str, Any] = {"exp": exp, "log": log, "cos": cos, "sin": sin, "erf": erf}
    if generator.kind in made:
        found: Element = made[generator.kind](evaluator, arguments[0])
        return found
    raise NotExact(f"{generator.kind} at another argument")
