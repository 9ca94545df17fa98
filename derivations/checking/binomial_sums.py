r"""Binomial sums to open bounds.

.. math:: \sum_{i=l}^{u} \frac{(i - l)^{\underline r}\, x^{i - l}}{(i - l)!\,(u - i)!}
          = \frac{m^{\underline r}\, x^r (1 + x)^{m - r}}{m!}, \qquad m = u - l,

by ``r`` derivatives of the binomial theorem; powers of ``i - l`` are sums of falling powers.
"""

from __future__ import annotations

from derivations.checking.elements import Element, Polynomial, coefficients
from derivations.checking.evaluate import Evaluator
from derivations.checking.functions import FUNCTIONS
from derivations.checking.powers import power
from derivations.checking.stops import NotExact

__all__ = ["binomial_sum"]

MAX_DEGREE = 8


def binomial_sum(
    evaluator: Evaluator, body: Element, slot: int, low: Element, high: Element
) -> Element | None:
    """Sum a body with two factorials below, from where one is 0! to where the other is.

    Args:
        evaluator: of the values.
        body: the term.
        slot: of the index.
        low: first value of the index.
        high: last value.

    Returns:
        The sum; None for a body of another form.
    """
    field = evaluator.field
    index = field.of(field.symbols[slot])
    rising = _factorial_slot(evaluator, index - low)
    falling = _factorial_slot(evaluator, high - index)
    if rising is None or falling is None:
        return None
    cleared = body * field.of(field.symbols[rising]) * field.of(field.symbols[falling])
    if {rising, falling} & cleared.slots:
        return None
    shifted = evaluator.put(cleared, slot, index + low)
    count = high - low
    total = evaluator.number(0)
    for base, terms in _by_base(evaluator, shifted, slot).items():
        total = total + _one_base(evaluator, terms, slot, base, count)
    return total / FUNCTIONS["factorial"](evaluator, count)


def _factorial_slot(evaluator: Evaluator, argument: Element) -> int | None:
    return evaluator.field.find("factorial", argument.key)


def _by_base(evaluator: Evaluator, value: Element, slot: int) -> dict[Element, Element]:
    """Write a value as a sum of ``x^i`` times what depends on ``i`` as a polynomial."""
    field = evaluator.field
    found: dict[Element, Element] = {}
    below, outside = evaluator.number(1), field.context.constant(1)
    content, factors = value.denominator.factor()
    for factor, e in factors:
        if slot in field.bases_of(factor):
            below = below * _base_of(evaluator, factor, slot) ** int(e)
        else:
            outside *= factor ** int(e)
    moving = [s for s in value.slots if s != slot and slot in field.bases_of(field.symbols[s])]
    bases = {s: _base_of(evaluator, field.symbols[s], slot) for s in moving}
    for exponents, c in value.numerator.terms():
        base = evaluator.number(1) / below
        for s in moving:
            base = base * bases[s] ** int(exponents[s])
        rest = tuple(0 if s in moving else e for s, e in enumerate(exponents))
        term = field.quotient(field.context.from_dict({rest: c}), outside * content)
        found[base] = found.get(base, evaluator.number(0)) + term
    return found


def _base_of(evaluator: Evaluator, factor: Polynomial, slot: int) -> Element:
    """``x`` of a factor ``x^i``."""
    field = evaluator.field
    (first, *more) = field.slots_in(factor)
    generator = field.generators[first]
    is_power = not more and generator.kind == "open power" and factor == field.symbols[first]
    if not is_power or generator.arguments[1] != field.of(field.symbols[slot]):
        raise NotExact("a binomial sum of this form")
    return generator.arguments[0]


def _one_base(
    evaluator: Evaluator, terms: Element, slot: int, base: Element, count: Element
) -> Element:
    """``sum_i P(i) x^i m! / (i! (m - i)!)``."""
    field = evaluator.field
    parts = [field.of(c) / field.of(terms.denominator) for c in coefficients(terms.numerator, slot)]
    if len(parts) > MAX_DEGREE + 1:
        raise NotExact("a binomial sum of high degree")
    total = evaluator.number(0)
    one = evaluator.number(1)
    for r in range(len(parts)):
        weight = evaluator.number(0)
        for d in range(r, len(parts)):
            weight = weight + parts[d] * evaluator.number(_stirling(d, r))
        if weight.is_zero:
            continue
        falling = one
        for j in range(r):
            falling = falling * (count - evaluator.number(j))
        raised = power(evaluator, one + base, count - evaluator.number(r))
        total = total + weight * falling * base**r * raised
    return total


def _stirling(d: int, r: int) -> int:
    """Ways to split ``d`` things into ``r`` parts: ``i^d = sum_r S(d, r) i^(falling r)``."""
    if d == r:
        return 1
    if r == 0 or r > d:
        return 0
    return r * _stirling(d - 1, r) + _stirling(d - 1, r - 1)
