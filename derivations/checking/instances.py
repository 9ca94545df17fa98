"""Exact points that meet the assumptions of a step: boundaries, ties and small numbers first.

Variables get their values in the order declared. What the conditions say of one variable, once the
earlier ones have values, are signs of polynomials in it, so that the part of the line that is left
is known exactly: its ends, roots of equations, and rational points of its intervals.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product
from typing import Any

from derivations.checking.cells import Cell
from derivations.checking.elements import Element, Field, Polynomial
from derivations.checking.evaluate import Evaluator, Fork
from derivations.checking.line import LinePart
from derivations.checking.meanings import COMPARE
from derivations.checking.scope import Scope, component
from derivations.checking.stops import Again, Clock, NotExact, NoValue, OutOfTime, Stop
from derivations.language import nodes
from derivations.language.records import Index

__all__ = ["Question", "Unknown", "evaluated", "instances", "meets", "sign_facts"]

SPECIAL = [Fraction(x) for x in ("0", "1", "1/2", "-1", "2", "1/3", "-1/2", "3", "2/3", "1/10")]
MAX_FAMILY = 64
MOST_INTEGERS = 5


@dataclass(frozen=True)
class Unknown:
    """A variable that a point gives a value: a single one, or a family."""

    name: str
    kind: str
    domain: tuple[Any, ...] = ()
    indices: tuple[Index, ...] = ()


@dataclass(frozen=True)
class Question:
    """What a step asks: a relation for all values of some variables that meet conditions.

    Attributes:
        scope: what the names are.
        left: the left side.
        relation: one of ``= <= >= < >``.
        right: the right side.
        unknowns: in the order in which they get values.
        conditions: on them jointly.
    """

    scope: Scope
    left: Any
    relation: str
    right: Any
    unknowns: tuple[Unknown, ...]
    conditions: tuple[Any, ...] = ()
    hypotheses: tuple[Any, ...] = field(default=())


def evaluated(make: Any, use: Any) -> Any:
    """Evaluate again as long as finer generators are met."""
    evaluator = make()
    while True:
        try:
            return use(evaluator)
        except Again:
            continue


def sign_facts(evaluator: Evaluator, condition: Any) -> list[tuple[Polynomial, frozenset[int]]]:
    """Write a condition as signs of polynomials; raises ``NotExact`` where it is none."""
    if isinstance(condition, nodes.And):
        return [fact for part in condition.parts for fact in sign_facts(evaluator, part)]
    if not isinstance(condition, nodes.Comparison):
        raise NotExact("a condition that is no comparison")
    values = [evaluator.value(operand) for operand in condition.operands]
    found = []
    for a, relation, b in zip(values, condition.relations, values[1:], strict=False):
        difference = a - b
        signs = frozenset(s for s in (-1, 0, 1) if COMPARE[relation](s))
        polynomial = difference.numerator
        if not difference.denominator.is_constant():
            polynomial = polynomial * difference.denominator
        found.append((polynomial, signs))
    return found


class _Point:
    """One point in the making."""

    def __init__(self, question: Question, clock: Clock, dice: random.Random, size: int) -> None:
        self.question, self.clock, self.dice, self.size = question, clock, dice, size
        self.values: dict[str, Fraction] = {}
        self.done: set[str] = set()

    def evaluator(self, field_: Field, **more: Element) -> Evaluator:
        names = {name: field_.number(value) for name, value in self.values.items()}
        return Evaluator(self.question.scope, field_, names | more, clock=self.clock)

    def whole(self, node: Any, indices: dict[str, int]) -> int | None:
        def use(evaluator: Evaluator) -> int | None:
            with evaluator.naming({k: evaluator.number(v) for k, v in indices.items()}):
                return evaluator.integer(node)

        found: int | None = evaluated(lambda: self.evaluator(Field()), use)
        return found

    def fill(self) -> bool:
        """Give every variable a value; False where one has none left."""
        for unknown in self.question.unknowns:
            members = list(self._members(unknown))
            for indices in members:
                if not self._choose(unknown, indices):
                    return False
            self.done.add(unknown.name)
        return meets(self.question, self.values, self.clock)

    def _members(self, unknown: Unknown) -> Iterator[tuple[int, ...]]:
        if not unknown.indices:
            yield ()
            return
        ranges = []
        for index in unknown.indices:
            low, high = self.whole(index.low, {}), self.whole(index.high, {})
            if low is None or high is None or high - low >= MAX_FAMILY:
                raise NotExact(f"the family {unknown.name} is too large or of open size")
            ranges.append(range(low, high + 1))
        yield from product(*ranges)

    def _conditions(self, unknown: Unknown) -> Iterator[Any]:
        yield from unknown.domain
        if unknown.indices:
            return  # those on all members are checked at the end
        for condition in self.question.conditions:
            names = _unknown_names(self.question, condition)
            if unknown.name in names and names <= self.done | {unknown.name}:
                yield condition

    def _choose(self, unknown: Unknown, indices: tuple[int, ...]) -> bool:
        field_ = Field()
        name = component(unknown.name, indices)
        variable = field_.variable(name)
        bound = {
            index.name: field_.number(i) for index, i in zip(unknown.indices, indices, strict=True)
        }
        evaluator = self.evaluator(field_, **{name: variable}, **bound)
        (slot,) = variable.slots
        facts = self._facts(evaluator, unknown, slot)
        if facts is None:
            return False
        cell = Cell(field_, tuple(facts))
        value = self._pick(cell, slot, unknown)
        if value is None:
            return False
        self.values[name] = value
        return True

    def _facts(
        self, evaluator: Evaluator, unknown: Unknown, slot: int
    ) -> list[tuple[Polynomial, frozenset[int]]] | None:
        facts = []
        for condition in self._conditions(unknown):
            try:
                found = evaluated(lambda: evaluator, lambda e, c=condition: sign_facts(e, c))
            except (Fork, NotExact, NoValue):
                continue  # checked at the end
            for polynomial, signs in found:
                slots = evaluator.field.slots_in(polynomial)
                if slots == [slot]:
                    facts.append((polynomial, signs))
                elif not slots and _constant_sign(polynomial) not in signs:
                    return None
        return facts

    def _pick(self, cell: Cell, slot: int, unknown: Unknown) -> Fraction | None:
        parts = cell.line(slot, self.clock)
        parts = [part for part in parts if part.root_of is None or part.is_exact]
        named = [x for x in _numbers_in(unknown.domain) if any(_lies(x, part) for part in parts)]
        if unknown.kind == "integer":
            named = [x for x in named if x.denominator == 1]
            if named and self.dice.random() < 0.5:
                return self.dice.choice(named)
            return self._pick_integer(parts)
        if not parts:
            return None
        liked = [x for x in self._liked() if any(_lies(x, part) for part in parts)] + named
        if liked and self.dice.random() < 0.5:
            return self.dice.choice(liked)
        part = self.dice.choice(parts)
        if part.root_of is not None:
            return part.point
        return _inside(part, self.dice, self.size)

    def _liked(self) -> list[Fraction]:
        """Special numbers, and values that other variables have."""
        return SPECIAL[: 4 + self.size] + list(self.values.values())

    def _pick_integer(self, parts: list[LinePart]) -> Fraction | None:
        start = _first_whole(parts)
        if start is None:
            return None
        step = -1 if start[1] else 1
        reach = 3 + self.size * MOST_INTEGERS
        found = [
            x
            for x in (Fraction(start[0] + step * k) for k in range(reach))
            if any(_lies(x, part) for part in parts)
        ]
        return self.dice.choice(found[: 2 + self.size]) if found else None


def _constant_sign(polynomial: Polynomial) -> int:
    if polynomial.is_zero():
        return 0
    lead = polynomial.leading_coefficient()
    return 1 if lead > 0 else -1


def _unknown_names(question: Question, condition: Any) -> set[str]:
    every = {unknown.name for unknown in question.unknowns}
    return every & question.scope.reach(condition)


def _numbers_in(tree: Any) -> list[Fraction]:
    """Numbers that a domain names: members of a set, ends that may be the only points of it."""
    found, todo = [], [tree]
    while todo:
        node = todo.pop()
        if isinstance(node, nodes.Number):
            found.append(node.value)
        elif isinstance(node, (tuple, list)):
            todo += node
        elif isinstance(node, nodes.Negative) and isinstance(node.body, nodes.Number):
            found.append(-node.body.value)
        elif hasattr(node, "__dataclass_fields__"):
            todo += [getattr(node, name) for name in node.__dataclass_fields__]
    return sorted(set(found))


def _lies(value: Fraction, part: LinePart) -> bool:
    if part.root_of is not None:
        return value == part.point
    return (part.low is None or value > part.low) and (part.high is None or value < part.high)


def _first_whole(parts: Sequence[LinePart]) -> tuple[int, bool] | None:
    """Where to count from: up from the least number, or down from the greatest one."""
    lows = [part.low for part in parts]
    highs = [part.high for part in parts]
    if not parts:
        return None
    low, high = lows[0], highs[-1]
    if low is not None:
        return (-(-low.numerator // low.denominator), False)
    if high is not None:
        return (high.numerator // high.denominator, True)
    return (-1, False)


def _inside(part: LinePart, dice: random.Random, size: int) -> Fraction:
    """A rational point of an open interval, of small height first."""
    grain = 2 ** (1 + size) * (3 if dice.random() < 0.5 else 1)
    if part.low is None and part.high is None:
        return Fraction(dice.randint(-4 * grain, 4 * grain), grain)
    if part.low is None or part.high is None:
        step = Fraction(dice.randint(1, 4 * grain), grain)
        return part.low + step if part.low is not None else part.high - step  # type: ignore[operator]
    width = part.high - part.low
    return part.low + width * Fraction(dice.randint(1, grain), grain + 1)


def meets(question: Question, values: Mapping[str, Fraction], clock: Clock) -> bool:
    """Say whether a point meets all conditions and lies in all domains.

    Args:
        question: whose conditions and variables.
        values: by component name.
        clock: when to stop.

    Returns:
        False also where that cannot be decided.
    """
    field_ = Field()
    names = {name: field_.number(value) for name, value in values.items()}

    def use(evaluator: Evaluator) -> bool:
        return all(evaluator.holds(c) for c in question.conditions) and all(
            _in_domain(evaluator, unknown, values) for unknown in question.unknowns
        )

    try:
        found: bool = evaluated(lambda: Evaluator(question.scope, field_, names, clock=clock), use)
    except Stop:
        return False
    return found


def _in_domain(evaluator: Evaluator, unknown: Unknown, values: Mapping[str, Fraction]) -> bool:
    for key, bound in _bound_members(evaluator, unknown):
        value = values.get(key)
        if value is None or (unknown.kind == "integer" and value.denominator != 1):
            return False
        with evaluator.naming({k: evaluator.number(v) for k, v in bound.items()}):
            if not all(evaluator.holds(condition) for condition in unknown.domain):
                return False
    return True


def _bound_members(evaluator: Evaluator, unknown: Unknown) -> list[tuple[str, dict[str, int]]]:
    """Component names with the values of the indices."""
    found: list[dict[str, int]] = [{}]
    for index in unknown.indices:
        low, high = evaluator.integer(index.low), evaluator.integer(index.high)
        if low is None or high is None:
            raise NotExact(f"the family {unknown.name} is of open size")
        found = [head | {index.name: k} for head in found for k in range(low, high + 1)]
    return [(component(unknown.name, tuple(bound.values())), bound) for bound in found]


def instances(
    question: Question, wanted: int, clock: Clock, *, seed: int = 0
) -> Iterator[dict[str, Fraction]]:
    """Give different exact points that meet all conditions.

    Args:
        question: whose variables and conditions.
        wanted: how many points at most.
        clock: when to stop.
        seed: of the choices.

    Yields:
        Values by component name.
    """
    dice = random.Random(seed)
    seen: set[tuple[tuple[str, Fraction], ...]] = set()
    for attempt in range(12 * wanted):
        if len(seen) >= wanted or clock.is_over:
            return
        point = _Point(question, clock, dice, min(6, attempt * 6 // (4 * wanted) + attempt % 3))
        try:
            if not point.fill():
                continue
        except OutOfTime:
            return
        except Stop:
            continue
        key = tuple(sorted(point.values.items()))
        if key not in seen:
            seen.add(key)
            yield point.values
        elif not point.values:
            return
