r"""Sums and products to open bounds: Faulhaber's formula, geometric parts, and kernels.

.. math:: \sum_{k=a}^{b} k^d = \frac{B_{d+1}(b + 1) - B_{d+1}(a)}{d + 1}

holds for ``b >= a - 1``, where an empty sum is 0.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import fmpq_poly

from derivations.checking.binomial_sums import binomial_sum
from derivations.checking.cells import primitive
from derivations.checking.elements import Element, Field, Generator, Polynomial
from derivations.checking.evaluate import Evaluator, Fork, OpenSign
from derivations.checking.stops import NotExact
from derivations.language import nodes

__all__ = ["open_operator"]

MAX_STEPS = 60


@dataclass(frozen=True)
class OpenIndex:
    """The index of a sum to an open bound."""

    slot: int
    ends: tuple[Element, Element]

    @property
    def bounds(self) -> tuple[Hashable, Hashable]:
        """The ends, to compare."""
        return (self.ends[0].key, self.ends[1].key)

    def sign(self, evaluator: Evaluator, polynomial: Polynomial) -> int:
        """Give the sign that a polynomial has for all values of the index."""
        field = evaluator.field
        index = field.of(field.symbols[self.slot])
        cell = evaluator.cell
        for side in (index - self.ends[0], self.ends[1] - index):
            if side.denominator.is_constant():
                cell = cell.with_fact(side.numerator, {0, 1})
        sign, factors = primitive(polynomial)
        for factor, power in factors:
            signs = cell.signs(factor, evaluator.clock)
            if len(signs) != 1:
                raise OpenSign("the sign of a term depends on the index of a sum")
            sign *= next(iter(signs)) ** power
        return sign


def open_operator(
    evaluator: Evaluator, node: nodes.BigOperator, low: Element, high: Element | None
) -> Element:
    """A sum or a product whose bounds are not both fixed numbers."""
    if high is None:
        raise NotExact("a sum without end")
    if node.condition is not None:
        return _without(evaluator, node, low, high)
    if not _counts(evaluator, high - low + evaluator.number(1)):
        return evaluator.number(int(node.kind == "product"))
    index = evaluator.fresh("index")
    (slot,) = index.slots
    with evaluator.running(OpenIndex(slot, (low, high))), evaluator.naming({node.index: index}):
        body = evaluator.value(node.body)
    if node.kind == "product":
        return _open_product(evaluator, body, slot, low, high)
    return _open_sum(evaluator, body, slot, low, high)


def _counts(evaluator: Evaluator, count: Element) -> bool:
    """Whether a range is not cut short: its number of terms is at least 0; else it is empty."""
    for local in reversed(evaluator.locals):
        if isinstance(local, OpenIndex) and local.slot in count.bases:
            if evaluator.put(evaluator.derivative(count, local.slot), local.slot, count) != (
                evaluator.derivative(count, local.slot)
            ):
                raise NotExact("a bound that is not linear in an outer index")
            ends = [evaluator.put(count, local.slot, end) for end in local.ends]
            if not all(_counts(evaluator, end) for end in ends):
                raise NotExact("a range that is empty for some of an outer index")
            return True
    return evaluator.sign(count) >= 0


def _without(evaluator: Evaluator, node: nodes.BigOperator, low: Element, high: Element) -> Element:
    """``j != i`` leaves one term out, where ``i`` runs over the same range."""
    condition = node.condition
    whole = nodes.BigOperator(node.kind, node.index, node.domain, node.body)
    if (
        isinstance(condition, nodes.Comparison)
        and condition.relations == ("!=",)
        and node.kind == "sum"
    ):
        a, b = condition.operands
        other = b if a == nodes.Symbol(node.index) else a
        value = evaluator.value(other)
        if _runs_over(evaluator, value, low, high):
            with evaluator.naming({node.index: value}):
                left_out = evaluator.value(node.body)
            return open_operator(evaluator, whole, low, high) - left_out
    raise NotExact("a sum to an open bound under a condition")


def _runs_over(evaluator: Evaluator, value: Element, low: Element, high: Element) -> bool:
    """Whether a value is the index of an outer sum over the same range."""
    for local in evaluator.locals:
        if isinstance(local, OpenIndex) and local.bounds == (low.key, high.key):
            return value == evaluator.field.of(evaluator.field.symbols[local.slot])
    return False


def _open_sum(
    evaluator: Evaluator, body: Element, slot: int, low: Element, high: Element
) -> Element:
    total = evaluator.number(0)
    steps = (high - low).as_integer()
    if steps is not None and steps <= MAX_STEPS:
        for k in range(steps + 1):
            total = total + evaluator.put(body, slot, low + evaluator.number(k))
        return total
    found = binomial_sum(evaluator, body, slot, low, high)
    if found is not None:
        return found
    for factor, inner in _monomials(evaluator, body, slot):
        degree = _degree(inner, slot)
        if degree is not None:
            value = _faulhaber(degree, high + evaluator.number(1)) - _faulhaber(degree, low)
        else:
            value = _sum_kernel(evaluator, inner, slot, low, high)
        total = total + factor * value
    return total


def _monomials(evaluator: Evaluator, body: Element, slot: int) -> list[tuple[Element, Element]]:
    """The body as a sum of parts without the index times monomials in parts with it."""
    field = evaluator.field
    dependent = [s for s in range(len(field.symbols)) if _depends(field, s, slot)]
    inner_denominator, outer_denominator = _split_factors(field, body.denominator, dependent)
    if not inner_denominator.is_constant():
        return [
            (
                evaluator.number(1) / field.of(outer_denominator),
                field.quotient(body.numerator, inner_denominator),
            )
        ]
    collected: dict[tuple[int, ...], dict[Any, Any]] = {}
    for exponents, c in body.numerator.terms():
        inside = tuple(e if s in dependent else 0 for s, e in enumerate(exponents))
        outside = tuple(0 if s in dependent else e for s, e in enumerate(exponents))
        collected.setdefault(inside, {})[outside] = c
    return [
        (
            field.quotient(field.context.from_dict(outside), body.denominator),
            field.of(field.context.from_dict({inside: 1})),
        )
        for inside, outside in collected.items()
    ]


def _depends(field: Field, slot: int, index: int) -> bool:
    return slot in field.generators and index in field.bases_of(field.symbols[slot])


def _split_factors(field: Field, polynomial: Any, dependent: list[int]) -> tuple[Any, Any]:
    inner = outer = field.context.constant(1)
    content, factors = polynomial.factor()
    for factor, power in factors:
        if set(field.slots_in(factor)) & set(dependent):
            inner *= factor ** int(power)
        else:
            outer *= factor ** int(power)
    return inner, outer * content


def _degree(value: Element, slot: int) -> int | None:
    """``d`` where the value is ``k^d``."""
    if not value.denominator.is_constant() or value.slots - {slot}:
        return None
    return int(value.numerator.degrees()[slot]) if value.slots else 0


def _faulhaber(degree: int, end: Element) -> Element:
    """``sum_{0 <= k < end} k^degree``."""
    polynomial = bernoulli_polynomial(degree + 1)
    total = end.field.number(0)
    for c in reversed((polynomial - polynomial(0)).coeffs()):
        total = total * end + end.field.number(Fraction(int(c.p), int(c.q)))
    return total / end.field.number(degree + 1)


def bernoulli_polynomial(degree: int) -> fmpq_poly:
    """Give ``B_n(x)``: ``B_n' = n B_(n-1)``, with mean 0 on the unit interval."""
    polynomial = fmpq_poly([1])
    for n in range(1, degree + 1):
        grown = (polynomial * n).integral()
        polynomial = grown - grown.integral()(1)
    return polynomial


def _sum_kernel(
    evaluator: Evaluator, inner: Element, slot: int, low: Element, high: Element
) -> Element:
    """A sum as a difference of sums from 1, where its terms have values from there on."""
    one = evaluator.number(1)
    shift = _shift_of(evaluator, inner, slot)
    if shift is not None:
        index = evaluator.field.of(evaluator.field.symbols[slot])
        inner = evaluator.put(inner, slot, index - shift)
        low, high = low + shift, high + shift
    start = low.as_integer()
    if slot in evaluator.field.bases_of(inner.denominator) or start == 1:
        return _kernel(evaluator, "sum", inner, slot, low, high)
    if start is None:
        if not _is_sure(evaluator, low - one):
            return _kernel(evaluator, "sum", inner, slot, low, high)
        before = _kernel(evaluator, "sum", inner, slot, one, low - one)
        return _kernel(evaluator, "sum", inner, slot, one, high) - before
    if abs(start) > MAX_STEPS:
        return _kernel(evaluator, "sum", inner, slot, low, high)
    total = _kernel(evaluator, "sum", inner, slot, one, high)
    for k in range(min(start, 1), max(start, 1)):
        term = evaluator.put(inner, slot, evaluator.number(k))
        total = total + term if start < 1 else total - term
    return total


def _shift_of(evaluator: Evaluator, inner: Element, slot: int) -> Element | None:
    """``c`` where the term depends on ``k + c`` first: members of families, then factors below."""
    field = evaluator.field
    index = field.of(field.symbols[slot])
    arguments = [
        argument
        for s in sorted(inner.slots)
        if field.generators[s].kind == "member"
        for argument in field.generators[s].arguments
    ]
    arguments += [field.of(f) for f, _ in inner.denominator.factor()[1]]
    for argument in arguments:
        rest = argument - index
        if slot in argument.bases and slot not in rest.bases:
            return None if rest.is_zero else rest
    return None


def _is_sure(evaluator: Evaluator, value: Element) -> bool:
    """Whether a value is known not to be negative."""
    try:
        return _counts(evaluator, value)
    except (NotExact, Fork):
        return False


def _kernel(
    evaluator: Evaluator, kind: str, inner: Element, slot: int, low: Element, high: Element
) -> Element:
    """A sum or product that stays, up to whole steps of its upper end."""
    steps = _whole_part(high)
    if abs(steps) > MAX_STEPS:
        raise NotExact("a long way from one open bound to another")
    base = high - evaluator.number(steps)
    standard = evaluator.field.variable("k", "index")
    shown = evaluator.put(inner, slot, standard)
    key = (shown.key, low.key, base.key)
    (k,) = standard.slots
    generator = Generator(kind, key, (low, base, *_parts_without(evaluator, shown, k)))
    total = evaluator.field.element(generator)
    for step in range(min(0, steps), max(0, steps)):
        term = evaluator.put(inner, slot, base + evaluator.number(step + 1))
        if kind == "sum":
            total = total + term if steps > 0 else total - term
        else:
            total = total * term if steps > 0 else evaluator.divide(total, term)
    return total


def _parts_without(evaluator: Evaluator, value: Element, index: int) -> list[Element]:
    """The variables that a body depends on besides its index, so that the kernel does too."""
    field = evaluator.field
    return [field.of(field.symbols[s]) for s in sorted(value.bases - {index})]


def _whole_part(value: Element) -> int:
    for exponents, c in value.numerator.terms():
        if not any(exponents) and value.denominator.is_constant() and c.q == 1:
            return int(c.p)
    return 0


def _open_product(
    evaluator: Evaluator, body: Element, slot: int, low: Element, high: Element
) -> Element:
    from derivations.checking.powers import power

    field = evaluator.field
    dependent = [s for s in range(len(field.symbols)) if _depends(field, s, slot)]
    count = high - low + evaluator.number(1)
    total = evaluator.number(1)
    for polynomial, side in ((body.numerator, 1), (body.denominator, -1)):
        content, factors = polynomial.factor()
        constant = field.of(field.context.constant(content))
        total = total * power(evaluator, constant, count) ** side
        for factor, e in factors:
            value = field.of(factor)
            if set(field.slots_in(factor)) & set(dependent):
                one = _kernel(evaluator, "product", value, slot, low, high)
            else:
                one = power(evaluator, value, count)
            total = total * one ** (side * int(e))
    return total
