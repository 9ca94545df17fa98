"""What each node of a tree means: its exact value, or whether it holds."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from derivations.checking import changes, integrals, sums
from derivations.checking.elements import Element, Generator
from derivations.checking.evaluate import Evaluator
from derivations.checking.functions import FUNCTIONS
from derivations.checking.kernels import exp
from derivations.checking.powers import power
from derivations.checking.stops import NotExact, NoValue
from derivations.language import nodes

__all__ = ["COMPARE", "CONDITIONS", "VALUES"]

COMPARE: dict[str, Callable[[int], bool]] = {
    "=": lambda sign: sign == 0,
    "!=": lambda sign: sign != 0,
    "<": lambda sign: sign < 0,
    "<=": lambda sign: sign <= 0,
    ">": lambda sign: sign > 0,
    ">=": lambda sign: sign >= 0,
}


def _constant(evaluator: Evaluator, node: nodes.Constant) -> Element:
    if node.name == "pi":
        return evaluator.field.element(Generator("pi", "pi"))
    if node.name == "e":
        return exp(evaluator, evaluator.number(1))
    raise NotExact(f"{node.name} is no constant that is known here")


def _symbol(evaluator: Evaluator, node: nodes.Symbol) -> Element:
    indices = tuple(evaluator.value(index) for index in node.indices)
    return evaluator.symbol(node.name, indices)


def _sum(evaluator: Evaluator, node: nodes.Sum) -> Element:
    total = evaluator.number(0)
    for term in node.terms:
        total = total + evaluator.value(term)
    return total


def _product(evaluator: Evaluator, node: nodes.Product) -> Element:
    total = evaluator.number(1)
    for factor in node.factors:
        total = total * evaluator.value(factor)
    return total


def _quotient(evaluator: Evaluator, node: nodes.Quotient) -> Element:
    under = evaluator.value(node.denominator)
    return evaluator.divide(evaluator.value(node.numerator), under)


def _power(evaluator: Evaluator, node: nodes.Power) -> Element:
    exponent = evaluator.value(node.exponent)
    if isinstance(node.base, nodes.Constant) and node.base.name == "e":
        return exp(evaluator, exponent)
    return power(evaluator, evaluator.value(node.base), exponent)


def _apply(evaluator: Evaluator, node: nodes.Apply) -> Element:
    arguments = tuple(evaluator.value(argument) for argument in node.arguments)
    declared = node.function in evaluator.scope.definitions
    if declared or node.function in evaluator.scope.quantities:
        return evaluator.call(node.function, arguments)
    if node.function not in FUNCTIONS:
        raise NotExact(f"{node.function} is no function that is known here")
    return FUNCTIONS[node.function](evaluator, *arguments)


def _indicator(evaluator: Evaluator, node: nodes.Indicator) -> Element:
    return evaluator.number(int(evaluator.holds(node.condition)))


def _cases(evaluator: Evaluator, node: nodes.Cases) -> Element:
    for body, condition in node.branches:
        if evaluator.holds(condition):
            return evaluator.value(body)
    if node.otherwise is None:
        raise NoValue("no case applies")
    return evaluator.value(node.otherwise)


def _comparison(evaluator: Evaluator, node: nodes.Comparison) -> bool:
    values = [evaluator.value(operand) for operand in node.operands]
    pairs = zip(values, node.relations, values[1:], strict=False)
    return all(COMPARE[relation](evaluator.sign(a - b)) for a, relation, b in pairs)


def _and(evaluator: Evaluator, node: nodes.And) -> bool:
    return all(evaluator.holds(part) for part in node.parts)


def _or(evaluator: Evaluator, node: nodes.Or) -> bool:
    return any(evaluator.holds(part) for part in node.parts)


def _contains(evaluator: Evaluator, node: nodes.Contains) -> bool:
    element = evaluator.integer(node.element)
    if element is None:
        raise NotExact("whether an open index is in a set")
    return (element in sums.set_named(evaluator, node.of)) != node.negated


def _parity(evaluator: Evaluator, node: nodes.Parity) -> bool:
    whole = evaluator.integer(node.body)
    if whole is None:
        raise NotExact("whether an open number is odd")
    return (whole % 2 == 1) == node.odd


VALUES: dict[type, Callable[[Evaluator, Any], Element]] = {
    nodes.Number: lambda evaluator, node: evaluator.number(node.value),
    nodes.Constant: _constant,
    nodes.Symbol: _symbol,
    nodes.Negative: lambda evaluator, node: operator.neg(evaluator.value(node.body)),
    nodes.Sum: _sum,
    nodes.Product: _product,
    nodes.Quotient: _quotient,
    nodes.Power: _power,
    nodes.Apply: _apply,
    nodes.Indicator: _indicator,
    nodes.Cases: _cases,
    nodes.BigOperator: sums.big_operator,
    nodes.SizeOf: sums.size_of,
    nodes.Integral: integrals.integral,
    nodes.Expectation: integrals.expectation,
    nodes.Probability: integrals.probability,
    nodes.Derivative: changes.derivative,
    nodes.Limit: changes.limit,
}

CONDITIONS: dict[type, Callable[[Evaluator, Any], bool]] = {
    nodes.Comparison: _comparison,
    nodes.And: _and,
    nodes.Or: _or,
    nodes.Contains: _contains,
    nodes.Parity: _parity,
}
