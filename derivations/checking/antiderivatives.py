r"""Integrals of rational functions over one denominator, and of polynomials times exponentials.

* ``x^k`` and ``(a x + c)^{-k}``;
* ``P(x) e^{a x}``: ``e^{a x} (P/a - P'/a^2 + ...)``;
* ``P(x) e^{-a x^2}``, ``a > 0``: by parts down to ``erf``.
"""

from __future__ import annotations

from derivations.checking.circle_integrals import integrate_waves
from derivations.checking.elements import Element, Polynomial, coefficients
from derivations.checking.error_integrals import without_errors
from derivations.checking.evaluate import Evaluator
from derivations.checking.kernels import circle_constant, erf, exp, log
from derivations.checking.powers import root
from derivations.checking.stops import NotExact, NoValue

__all__ = ["integrate"]


def integrate(
    evaluator: Evaluator, value: Element, slot: int, low: Element | None, high: Element | None
) -> Element:
    """Integrate a value over one generator between two ends.

    Args:
        evaluator: of the values.
        value: the integrand, without kinks between the ends.
        slot: of the generator.
        low: lower end; None for minus infinity.
        high: upper end; None for infinity.

    Returns:
        The integral.

    Raises:
        NotExact: an integrand of no form above.
        NoValue: the integral does not converge.
    """
    if value.is_zero:
        return value
    field = evaluator.field
    kernels = [s for s in value.slots if s != slot and slot in field.bases_of(field.symbols[s])]
    errors = [s for s in kernels if field.generators[s].kind == "erf"]
    if errors and low is not None and high is not None:
        done, left = without_errors(evaluator, value, slot, errors, (low, high))
        return done + integrate(evaluator, left, slot, low, high)
    below = _exponentials_below(evaluator, value, slot)
    if below is None:
        if kernels or low is None or high is None:
            raise NotExact("an integral of a quotient")
        return _over_power(evaluator, value, slot, low, high)
    kinds = {field.generators[s].kind for s in kernels}
    if kernels and kinds <= {"cos", "sin"} and low is not None and high is not None:
        return integrate_waves(evaluator, value, slot, kernels, (low, high))
    under, powers = below
    value = field.quotient(value.numerator, under)
    if not kernels:
        if low is None or high is None:
            return _divergent(evaluator, _parts(value, slot))
        return _polynomial(evaluator, _parts(value, slot), low, high)
    return _with_exponentials(
        evaluator, value, slot, powers | dict.fromkeys(set(kernels) - set(powers), 0), (low, high)
    )


def _divergent(evaluator: Evaluator, parts: list[Element]) -> Element:
    """An integral that has a value only where all coefficients are zero; they may be open."""
    if any(evaluator.sign(part) for part in parts):
        raise NoValue("an integral that does not converge")
    return evaluator.number(0)


def _exponentials_below(
    evaluator: Evaluator, value: Element, slot: int
) -> tuple[Polynomial, dict[int, int]] | None:
    """Take exponentials out of the denominator; None where more than those move with ``x``."""
    field = evaluator.field
    content, factors = value.denominator.factor()
    under, powers = field.context.constant(content), {}
    for factor, e in factors:
        if slot not in field.bases_of(factor):
            under *= factor ** int(e)
            continue
        (first, *more) = field.slots_in(factor)
        if more or field.generators[first].kind != "exp" or factor != field.symbols[first]:
            return None
        powers[first] = -int(e)
    return under, powers


def _parts(value: Element, slot: int) -> list[Element]:
    under = value.field.of(value.denominator)
    return [value.field.of(c) / under for c in coefficients(value.numerator, slot)]


def _polynomial(evaluator: Evaluator, parts: list[Element], low: Element, high: Element) -> Element:
    total = evaluator.number(0)
    for k, part in enumerate(parts):
        if not part.is_zero:
            step = high ** (k + 1) - low ** (k + 1)
            total = total + part * step / evaluator.number(k + 1)
    return total


def _over_power(
    evaluator: Evaluator, value: Element, slot: int, low: Element, high: Element
) -> Element:
    """A denominator that is a power of one linear factor in the generator."""
    field = evaluator.field
    _, factors = value.denominator.factor()
    moving = [(f, int(e)) for f, e in factors if slot in field.slots_in(f)]
    if len(moving) != 1 or moving[0][0].degrees()[slot] != 1:
        raise NotExact("an integral over a denominator with several factors")
    factor, power = moving[0]
    c, a = (field.of(part) for part in coefficients(factor, slot))
    # x = (t - c) / a with t = a x + c
    t = field.of(field.symbols[slot])
    shifted = (value * field.of(factor) ** power).replace(slot, (t - c) / a)
    start, stop = a * low + c, a * high + c
    total = evaluator.number(0)
    for k, part in enumerate(_parts(shifted, slot)):
        if part.is_zero:
            continue
        step = _power_step(evaluator, k - power, start, stop)
        if step is not None:
            total = total + part * step
        elif evaluator.sign(part):  # what is open may be zero
            raise NoValue("an integral over a pole")
    return total / a


def _power_step(evaluator: Evaluator, k: int, start: Element, stop: Element) -> Element | None:
    """The integral of ``t^k``; None over a pole."""
    if k >= 0:
        return (stop ** (k + 1) - start ** (k + 1)) / evaluator.number(k + 1)
    signs = evaluator.sign(start), evaluator.sign(stop)
    if 0 in signs or signs[0] != signs[1]:
        return None
    if k == -1:
        return log(evaluator, stop / start)
    return (stop ** (k + 1) - start ** (k + 1)) / evaluator.number(k + 1)


Ends = tuple[Element | None, Element | None]


def _with_exponentials(
    evaluator: Evaluator, value: Element, slot: int, kernels: dict[int, int], ends: Ends
) -> Element:
    field = evaluator.field
    if any(field.generators[s].kind != "exp" for s in kernels):
        raise NotExact("an integral of a function that is no exponential")
    groups: dict[tuple[int, ...], dict[object, object]] = {}
    for exponents, c in value.numerator.terms():
        name = tuple(int(exponents[s]) + below for s, below in kernels.items())
        rest = tuple(0 if s in kernels else e for s, e in enumerate(exponents))
        groups.setdefault(name, {})[rest] = c
    total = evaluator.number(0)
    for name, terms in groups.items():
        body: Polynomial = field.context.from_dict(terms)
        exponent = evaluator.number(0)
        for s, times in zip(kernels, name, strict=True):
            argument = field.generators[s].arguments[0]
            exponent = exponent + argument * evaluator.number(times)
        parts = _parts(field.of(body) / field.of(value.denominator), slot)
        try:
            total = total + _one_exponential(evaluator, parts, exponent, slot, ends)
        except NoValue as stop:  # exponents that are open may be equal, and the parts cancel
            if len(groups) == 1:
                raise
            raise NotExact("an integral of parts that do not converge each") from stop
    return total


def _one_exponential(
    evaluator: Evaluator, parts: list[Element], exponent: Element, slot: int, ends: Ends
) -> Element:
    if slot in evaluator.field.bases_of(exponent.denominator):
        raise NotExact("an exponential of a quotient")
    slopes = _parts(exponent, slot)
    if len(slopes) == 1:
        low, high = ends
        if low is None or high is None:
            return _divergent(evaluator, parts)
        return exp(evaluator, exponent) * _polynomial(evaluator, parts, low, high)
    if len(slopes) == 2:
        return _linear_exponent(evaluator, parts, slopes, ends)
    if len(slopes) == 3:
        return _bell(evaluator, *_centred(evaluator, parts, slopes, slot, ends))
    raise NotExact("an exponential of this form")


def _linear_exponent(
    evaluator: Evaluator, parts: list[Element], slopes: list[Element], ends: Ends
) -> Element:
    rate = slopes[1]
    if evaluator.sign(rate) == 0:
        raise NotExact("an exponential whose rate may vanish")
    # Q with Q' + a Q = P, from the highest power down
    found = [evaluator.number(0)] * len(parts)
    for k in reversed(range(len(parts))):
        above = (
            found[k + 1] * evaluator.number(k + 1) if k + 1 < len(parts) else evaluator.number(0)
        )
        found[k] = (parts[k] - above) / rate
    total = evaluator.number(0)
    for end, side in ((ends[1], 1), (ends[0], -1)):
        if end is None:
            if evaluator.sign(rate) * side > 0:
                return _divergent(evaluator, parts)
            continue
        value = _at(evaluator, found, end) * exp(evaluator, slopes[0] + rate * end)
        total = total + (value if side > 0 else -value)
    return total


def _at(evaluator: Evaluator, parts: list[Element], point: Element) -> Element:
    total = evaluator.number(0)
    for part in reversed(parts):
        total = total * point + part
    return total


def _centred(
    evaluator: Evaluator, parts: list[Element], slopes: list[Element], slot: int, ends: Ends
) -> tuple[list[Element], list[Element], Ends]:
    """Move ``x`` so that the exponent has no linear term."""
    if slopes[1].is_zero:
        return parts, slopes, ends
    field = evaluator.field
    number, x = evaluator.number, field.of(field.symbols[slot])
    middle = -slopes[1] / (number(2) * slopes[2])
    moved = _parts(_at(evaluator, parts, x + middle), slot)
    constant = slopes[0] - slopes[2] * middle * middle
    low, high = (None if end is None else end - middle for end in ends)
    return moved, [constant, number(0), slopes[2]], (low, high)


def _bell(evaluator: Evaluator, parts: list[Element], slopes: list[Element], ends: Ends) -> Element:
    """``int x^k e^{-a x^2} = ((k - 1) M_{k-2} - [x^{k-1} e^{-a x^2}]) / (2 a)``."""
    a, number = -slopes[2], evaluator.number
    if evaluator.sign(a) <= 0:
        raise NotExact("an exponential that grows like a square")
    moments: list[Element] = []
    for k in range(len(parts)):
        if k == 0:
            moments.append(_bell_mass(evaluator, a, ends))
            continue
        edge = _bell_edge(evaluator, a, k - 1, ends)
        inner = number(k - 1) * moments[k - 2] if k >= 2 else number(0)
        moments.append((inner - edge) / (number(2) * a))
    total = number(0)
    for part, value in zip(parts, moments, strict=True):
        total = total + part * value
    return total * exp(evaluator, slopes[0])


def _bell_edge(evaluator: Evaluator, a: Element, k: int, ends: Ends) -> Element:
    total = evaluator.number(0)
    for end, side in ((ends[1], 1), (ends[0], -1)):
        if end is not None:
            value = end**k * exp(evaluator, -(a * end * end)) * evaluator.number(side)
            total = total + value
    return total


def _bell_mass(evaluator: Evaluator, a: Element, ends: Ends) -> Element:
    scale = root(evaluator, a, 2)
    total = evaluator.number(0)
    for end, side in ((ends[1], 1), (ends[0], -1)):
        one = evaluator.number(1) if end is None else erf(evaluator, scale * end)
        total = total + (one if side > 0 or end is None else -one)
    return total * root(evaluator, circle_constant(evaluator), 2) / (evaluator.number(2) * scale)
