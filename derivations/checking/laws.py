r"""The laws of random variables: moments, and the mean piece by piece.

A variable is ``x = B u``: ``B`` is 1 with some probability, else 0, and ``u`` has a law. The
moments ``E u^k`` are ``(h^{k+1} - l^{k+1}) / ((k + 1)(h - l))`` for the uniform law on ``[l, h]``,
1, ``[k even]``, ``k!`` and ``(k - 1)!! [k even]``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import Any

from derivations.checking.elements import Element
from derivations.checking.evaluate import Evaluator
from derivations.checking.kernels import circle_constant, exp
from derivations.checking.powers import root
from derivations.checking.scope import component, nodes_in
from derivations.checking.stops import NotExact, NoValue
from derivations.language import nodes
from derivations.language.records import RandomVariable

__all__ = ["Component", "components_of", "moment", "weighted"]

MAX_COMPONENTS = 16

Interval = Callable[
    [Evaluator, Element | None, Element | None, Callable[[Element], Element]], Element
]


@dataclass(frozen=True)
class Component:
    """One random variable: a member of a family at fixed indices."""

    name: str
    law: str
    ends: tuple[Element, ...]
    probability: Element | None


def components_of(evaluator: Evaluator, *trees: Any) -> list[Component]:
    """All members of the random variables that occur in trees, through definitions too."""
    names = evaluator.scope.reach(*(tree for tree in trees if tree is not None))
    found: list[Component] = []
    for name, declared in evaluator.scope.random.items():
        if name not in names:
            continue
        for indices in _index_values(evaluator, declared, trees):
            values = {
                i.name: evaluator.number(v) for i, v in zip(declared.indices, indices, strict=True)
            }
            with evaluator.naming(values):
                ends = tuple(evaluator.value(end) for end in declared.parameters)
                chance = declared.probability
                probability = None if chance is None else evaluator.value(chance)
            _check_law(evaluator, ends, probability)
            found.append(Component(component(name, indices), declared.law, ends, probability))
    if len(found) > MAX_COMPONENTS:
        raise NotExact(f"more than {MAX_COMPONENTS} random variables in one expectation")
    return found


def _check_law(
    evaluator: Evaluator, ends: tuple[Element, ...], probability: Element | None
) -> None:
    ends = tuple(evaluator.standard(end) for end in ends)
    probability = None if probability is None else evaluator.standard(probability)
    if ends and evaluator.sign(ends[1] - ends[0]) <= 0:
        raise NoValue("a uniform law whose ends are not in ascending order")
    if probability is not None:
        one = evaluator.number(1)
        if evaluator.sign(probability) < 0 or evaluator.sign(one - probability) < 0:
            raise NoValue("a probability that is not between 0 and 1")


def _index_values(
    evaluator: Evaluator, declared: RandomVariable, trees: tuple[Any, ...]
) -> list[tuple[int, ...]]:
    ranges = []
    for index in declared.indices:
        low, high = evaluator.integer(index.low), evaluator.integer(index.high)
        if low is None or high is None:
            return _indices_written(evaluator, declared.name, trees)
        ranges.append(range(low, high + 1))
    if math.prod(len(r) for r in ranges) > 1000:
        raise NotExact("more than 1000 random variables")
    return list(product(*ranges))


def _indices_written(
    evaluator: Evaluator, name: str, trees: tuple[Any, ...]
) -> list[tuple[int, ...]]:
    """The members of a family of an open number, where only those at fixed indices occur."""
    names = evaluator.scope.reach(*(tree for tree in trees if tree is not None))
    bodies = [d.body for key, d in evaluator.scope.definitions.items() if key in names]
    found: set[tuple[int, ...]] = set()
    for node in nodes_in((trees, tuple(bodies))):
        if isinstance(node, nodes.Symbol) and node.name == name:
            if not all(isinstance(i, nodes.Number) for i in node.indices):
                raise NotExact("a family of random variables of an open number")
            found.add(tuple(int(i.value) for i in node.indices if isinstance(i, nodes.Number)))
    return sorted(found)


def moment(evaluator: Evaluator, one: Component, order: int) -> Element:
    """Give ``E x^k``."""
    if order == 0:
        return evaluator.number(1)
    value = _active_moment(evaluator, one, order)
    return value if one.probability is None else one.probability * value


def _active_moment(evaluator: Evaluator, one: Component, order: int) -> Element:
    number = evaluator.number
    if one.law == "uniform":
        low, high = one.ends
        over = high ** (order + 1) - low ** (order + 1)
        return over / (number(order + 1) * (high - low))
    even = order % 2 == 0
    values = {
        "binary": 1,
        "rademacher": int(even),
        "exponential": math.factorial(min(order, 2000)),
        "normal": math.prod(range(1, order, 2)) if even else 0,
    }
    if one.law not in values:
        raise NotExact(f"the law {one.law}")
    return number(values[one.law])


def weighted(
    evaluator: Evaluator, one: Component, at: Callable[[Element], Element], interval: Interval
) -> Element:
    """The mean of a function of one variable, by its atoms and its density.

    Args:
        evaluator: of the values.
        one: the variable.
        at: the function.
        interval: integrates over an interval.

    Returns:
        The mean.
    """
    if one.probability is None:
        return _active_mean(evaluator, one, at, interval)
    if one.probability.is_zero:
        return at(evaluator.number(0))
    active = one.probability * _active_mean(evaluator, one, at, interval)
    rest = evaluator.number(1) - one.probability
    return active if rest.is_zero else active + rest * at(evaluator.number(0))


def _active_mean(
    evaluator: Evaluator, one: Component, at: Callable[[Element], Element], interval: Interval
) -> Element:
    number = evaluator.number
    if one.law == "binary":
        return at(number(1))
    if one.law == "rademacher":
        return (at(number(1)) + at(number(-1))) / number(2)
    if one.law == "uniform":
        low, high = one.ends
        return interval(evaluator, low, high, at) / (high - low)
    if one.law == "exponential":
        return interval(evaluator, number(0), None, lambda x: at(x) * exp(evaluator, -x))
    if one.law == "normal":
        scale = root(evaluator, number(2) * circle_constant(evaluator), 2)

        def bell(x: Element) -> Element:
            return at(x) * exp(evaluator, -(x * x) / number(2))

        return interval(evaluator, None, None, bell) / scale
    raise NotExact(f"the law {one.law}")
