"""Derivatives and limits: next to a point, by an infinitely small generator.

``x + h`` with ``h > 0`` smaller than every number decides on which side of a kink the point is, so
that a function has one formula there. Its derivatives at ``h = 0`` from both sides must agree, and
its limit is the quotient of the first terms of numerator and denominator. Where roots of ``h`` are
met, ``h^m`` stands for ``h``; a function of ``h^m`` has a derivative of order ``n`` by ``h`` where
no power ``h^j`` with ``j < m n`` that ``m`` does not divide is left.
"""

from __future__ import annotations

import math
from typing import Any

from derivations.checking.elements import Element
from derivations.checking.evaluate import Evaluator
from derivations.checking.infinitesimals import Infinitesimal, next_to
from derivations.checking.scope import component
from derivations.checking.stops import NotExact, NoValue
from derivations.language import nodes

__all__ = ["derivative", "limit"]

MAX_DERIVATIVE = 8


class _Nowhere(NoValue):
    """A function has no values on one side of a point."""


def _name_of(evaluator: Evaluator, symbol: nodes.Symbol) -> str:
    indices = [evaluator.integer(index) for index in symbol.indices]
    if None in indices:
        raise NotExact("a derivative by a variable at an open index")
    return component(symbol.name, tuple(i for i in indices if i is not None))


def _value_near(evaluator: Evaluator, name: str, place: Element, body: Any) -> Element:
    with evaluator.naming({name: place}):
        try:
            return evaluator.value(body)
        except NoValue as stop:
            raise _Nowhere(str(stop)) from stop


def _series(
    evaluator: Evaluator, local: Infinitesimal, value: Element, count: int
) -> list[Element]:
    """The Taylor coefficients at the point, from order 0."""
    over, under = (evaluator.field.of(p) for p in (value.numerator, value.denominator))
    if not evaluator.sign(local.at_zero(evaluator, under)):
        if evaluator.sign(local.at_zero(evaluator, over)):
            raise NoValue("a derivative where the function is infinite")
        raise NotExact("a derivative of a quotient of functions that vanish")
    return local.coefficients(evaluator, value, count)


def _one_sided(
    evaluator: Evaluator, name: str, point: Element, side: int, node: nodes.Derivative
) -> tuple[list[Element], bool]:
    """Derivatives from one side, by the distance, from order 0; whether a sign was asked for."""

    def use(local: Infinitesimal, distance: Element) -> tuple[list[Element], bool]:
        place = point + distance if side > 0 else point - distance
        value = _value_near(evaluator, name, place, node.body)
        found = _series(evaluator, local, value, node.order * local.turns)
        for j, part in enumerate(found):
            if j % local.turns and evaluator.sign(part):
                raise NoValue("a derivative that is infinite")
        by_distance = [
            part * evaluator.number(math.factorial(k))
            for k, part in enumerate(found[:: local.turns])
        ]
        return by_distance, bool(local.asked)

    return next_to(evaluator, use)


def derivative(evaluator: Evaluator, node: nodes.Derivative) -> Element:
    """A derivative at the value that the variable has."""
    if not 1 <= node.order <= MAX_DERIVATIVE:
        raise NotExact(f"a derivative of order {node.order}")
    name = _name_of(evaluator, node.variable)
    point = evaluator.names.get(name)
    if not isinstance(point, Element):
        raise NoValue(f"{name} has no value here")
    right, asked = _one_sided(evaluator, name, point, 1, node)
    if not asked:
        return right[-1]
    left, _ = _one_sided(evaluator, name, point, -1, node)
    for k, (a, b) in enumerate(zip(right, left, strict=True)):
        if evaluator.sign(a - (b if k % 2 == 0 else -b)):
            raise NoValue("a derivative at a kink")
    if evaluator.sign(evaluator.value(node.body) - right[0]):
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
        except _Nowhere:
            continue  # a function may live on one side alone
    if not sides:
        raise NoValue("a limit that does not exist")
    if len(sides) == 2 and evaluator.sign(sides[0] - sides[1]):
        raise NoValue("a limit that is different from the two sides")
    return sides[0]


def _limit_from(
    evaluator: Evaluator, name: str, point: Element | None, side: int, body: Any
) -> Element:
    """A limit from the right (1) or from the left (-1) of a point; for none, at infinity."""

    def use(local: Infinitesimal, distance: Element) -> Element:
        if point is None:
            place = evaluator.number(1) / distance
        else:
            place = point + distance if side > 0 else point - distance
        value = _value_near(evaluator, name, place, body)
        over, under = value.numerator, value.denominator
        top, bottom = (local.at_zero(evaluator, evaluator.field.of(p)) for p in (over, under))
        if evaluator.sign(bottom):
            return top / bottom
        if evaluator.sign(top):
            raise NoValue("a limit that is infinite")
        order, first = local.leading(evaluator, under)
        if first.is_zero:
            raise NotExact("a limit of a quotient whose denominator vanishes")
        *lower, last = local.coefficients(evaluator, evaluator.field.of(over), order)
        if any(evaluator.sign(part) for part in lower):
            raise NoValue("a limit that is infinite")
        return last / first

    declared = evaluator.scope.variables.get(name)
    counts = point is None and declared is not None and declared.kind == "integer"
    return next_to(evaluator, use, counts=counts)
