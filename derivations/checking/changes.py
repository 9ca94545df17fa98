"""Derivatives and limits: next to a point, by an infinitely small generator.

``x + h`` with ``h > 0`` smaller than every number decides on which side of a kink the point is, so
that a function has one formula there. Its derivatives at ``h = 0`` from both sides must agree, and
its limit is the value of the formula, in lowest terms, at ``h = 0``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from derivations.checking.elements import Element, Polynomial
from derivations.checking.evaluate import Evaluator
from derivations.checking.scope import component
from derivations.checking.stops import NotExact, NoValue
from derivations.language import nodes

__all__ = ["derivative", "limit"]

MAX_ORDER = 12
MAX_DERIVATIVE = 8


@dataclass
class Infinitesimal:
    """A generator that is positive and below every positive number."""

    slot: int
    asked: list[Polynomial] = field(default_factory=list)
    is_infinitesimal = True

    def sign(self, evaluator: Evaluator, polynomial: Polynomial) -> int:
        """The sign of the first Taylor coefficient that is not zero."""
        self.asked.append(polynomial)
        value = evaluator.field.of(polynomial)
        for _ in range(MAX_ORDER):
            sign = evaluator.sign(evaluator.put(value, self.slot, evaluator.number(0)))
            if sign:
                return sign
            value = evaluator.derivative(value, self.slot)
            if value.is_zero:
                return 0
        raise NotExact("a sign next to a point, where many derivatives vanish")


def _name_of(evaluator: Evaluator, symbol: nodes.Symbol) -> str:
    indices = [evaluator.integer(index) for index in symbol.indices]
    if None in indices:
        raise NotExact("a derivative by a variable at an open index")
    return component(symbol.name, tuple(i for i in indices if i is not None))


def _near(
    evaluator: Evaluator, name: str, point: Element | None, side: int, body: Any
) -> tuple[Element, Infinitesimal]:
    """The value of a body right (1) or left (-1) of a point; for none, near infinity."""
    h = evaluator.fresh()
    local = Infinitesimal(next(iter(h.slots)))
    start = evaluator.number(0) if point is None else point
    place = start + h if side > 0 else start - h
    if point is None:
        place = evaluator.number(1) / h
    with evaluator.running(local), evaluator.naming({name: place}):
        return evaluator.value(body), local


def _taylor(evaluator: Evaluator, value: Element, slot: int, order: int) -> list[Element]:
    """The derivatives by a generator at 0, from order 0."""
    found = []
    for k in range(order + 1):
        found.append(evaluator.put(value, slot, evaluator.number(0)))
        if k < order:
            value = evaluator.derivative(value, slot)
    return found


def derivative(evaluator: Evaluator, node: nodes.Derivative) -> Element:
    """A derivative at the value that the variable has."""
    if not 1 <= node.order <= MAX_DERIVATIVE:
        raise NotExact(f"a derivative of order {node.order}")
    name = _name_of(evaluator, node.variable)
    point = evaluator.names.get(name)
    if not isinstance(point, Element):
        raise NoValue(f"{name} has no value here")
    value, local = _near(evaluator, name, point, 1, node.body)
    right = _taylor(evaluator, value, local.slot, node.order)
    if not local.asked:
        return right[-1]
    value, local = _near(evaluator, name, point, -1, node.body)
    left = _taylor(evaluator, value, local.slot, node.order)
    for k, (a, b) in enumerate(zip(right, left, strict=True)):
        if not evaluator.sign_is_zero(a - (b if k % 2 == 0 else -b)):
            raise NoValue("a derivative at a kink")
    if not evaluator.sign_is_zero(evaluator.value(node.body) - right[0]):
        raise NoValue("a derivative where the function jumps")
    return right[-1]


def limit(evaluator: Evaluator, node: nodes.Limit) -> Element:
    """A limit from one side, or from both where they agree."""
    name = _name_of(evaluator, node.variable)
    if node.target is None:
        return _limit_from(evaluator, name, None, 1, node.body)
    point = evaluator.value(node.target)
    if node.side:
        return _limit_from(evaluator, name, point, 1 if node.side == "+" else -1, node.body)
    sides = []
    for side in (1, -1):
        try:
            sides.append(_limit_from(evaluator, name, point, side, node.body))
        except NoValue:
            continue  # a function may live on one side alone
    if not sides:
        raise NoValue("a limit that does not exist")
    if len(sides) == 2 and not evaluator.sign_is_zero(sides[0] - sides[1]):
        raise NoValue("a limit that is different from the two sides")
    return sides[0]


def _limit_from(
    evaluator: Evaluator, name: str, point: Element | None, side: int, body: Any
) -> Element:
    value, local = _near(evaluator, name, point, side, body)
    over = evaluator.field.of(value.numerator)
    under = evaluator.field.of(value.denominator)
    zero = evaluator.number(0)
    for _ in range(MAX_ORDER):
        top = evaluator.put(over, local.slot, zero)
        bottom = evaluator.put(under, local.slot, zero)
        if not evaluator.sign_is_zero(bottom):
            return top / bottom
        if not evaluator.sign_is_zero(top):
            raise NoValue("a limit that is infinite")
        over = evaluator.derivative(over, local.slot)  # L'Hopital's rule
        under = evaluator.derivative(under, local.slot)
    raise NotExact("a limit of a quotient that vanishes to a high order")
