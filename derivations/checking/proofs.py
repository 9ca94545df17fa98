"""Proofs: the two sides as rational functions in every cell of the domain.

A proof follows every branch of the kinks: wherever a sign is open the cell is split in three, and
each part has its own formula. A part in which an equation holds is evaluated with the equation
solved for a variable, where that can be done. The step is proved when in every part the formulas
agree, or the part is shown to be empty. A part in which a side has no value is no part of a proof.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from derivations.checking.cells import Cell, primitive
from derivations.checking.elements import Element, Field, Polynomial, coefficients
from derivations.checking.evaluate import Evaluator, Fork
from derivations.checking.farkas import is_combination
from derivations.checking.instances import Question, Unknown, sign_facts
from derivations.checking.meanings import COMPARE
from derivations.checking.scope import component
from derivations.checking.stops import Again, Clock, NotExact, NoValue, Stop

__all__ = ["Part", "Proof", "Prover", "prove"]

MAX_CELLS = 600
MAX_LEAF_FORKS = 8


@dataclass(frozen=True)
class Proof:
    """What came of trying to prove a step.

    Attributes:
        proved: whether it was proved.
        method: how, in a few words.
        why: what stood in the way.
        vacuous: whether no cell was left in which both sides have values.
    """

    proved: bool
    method: str = ""
    why: str = ""
    vacuous: bool = False


@dataclass(frozen=True)
class Part:
    """A part of the domain: values of the names, and what is known of signs."""

    names: dict[str, Element]
    cell: Cell
    zeros: tuple[Polynomial, ...] = ()
    forks: int = 0


class Prover:
    """A proof in the making."""

    def __init__(self, question: Question, clock: Clock, fixed: dict[str, Any]) -> None:
        self.question, self.clock = question, clock
        self.field = Field()
        self.fixed = fixed
        self.cells = 0
        self.valued = 0

    def start(self) -> list[Part]:
        """The domain, with the conditions that can be written as signs."""
        names: dict[str, Element] = {}
        part = Part(names, Cell(self.field))
        for unknown in self.question.unknowns:
            if unknown.indices:
                self._add_family(names, unknown)
            elif unknown.name in self.fixed:
                names[unknown.name] = self.field.number(self.fixed[unknown.name])
            else:
                kind = "integer" if unknown.kind == "integer" else "variable"
                names[unknown.name] = self.field.variable(unknown.name, kind)
        conditions = [
            (condition, indices)
            for unknown in self.question.unknowns
            for condition, indices in self._own_conditions(part, unknown)
        ]
        conditions += [(condition, {}) for condition in self.question.conditions]
        for condition, indices in conditions:
            found = self._with_condition(part, condition, indices)
            if found is None:
                return []
            part = found
        return [part]

    def _add_family(self, names: dict[str, Element], unknown: Unknown) -> None:
        for indices in self._index_values(names, unknown):
            name = component(unknown.name, indices)
            names[name] = self.field.variable(name)

    def _index_values(self, names: dict[str, Element], unknown: Unknown) -> list[tuple[int, ...]]:
        found: list[tuple[int, ...]] = [()]
        evaluator = self.evaluator(Part(names, Cell(self.field)))
        for index in unknown.indices:
            low, high = evaluator.integer(index.low), evaluator.integer(index.high)
            if low is None or high is None:
                return []  # members at open indices are generators of their own
            if len(found) * (high - low + 1) > 36:
                raise NotExact(f"more than 36 members of {unknown.name}")
            found = [(*head, k) for head in found for k in range(low, high + 1)]
        return found

    def _own_conditions(self, part: Part, unknown: Unknown) -> list[tuple[Any, dict[str, int]]]:
        if not unknown.indices:
            return [(condition, {}) for condition in unknown.domain]
        return [
            (condition, dict(zip((i.name for i in unknown.indices), indices, strict=True)))
            for condition in unknown.domain
            for indices in self._index_values(part.names, unknown)
        ]

    def evaluator(self, part: Part) -> Evaluator:
        """An evaluator in one part."""
        made = Evaluator(self.question.scope, self.field, part.names, part.cell, self.clock)
        made.open_families = True
        return made

    def _with_condition(self, part: Part, condition: Any, indices: dict[str, int]) -> Part | None:
        """Add a condition; one that is no sign is left out. None where it cannot hold."""
        evaluator = self.evaluator(part)
        try:
            with evaluator.naming({k: evaluator.number(v) for k, v in indices.items()}):
                facts = _repeated(lambda: sign_facts(evaluator, condition))
        except (Fork, NotExact, NoValue):
            return part
        for polynomial, signs in facts:
            found = self._with_sign(part, polynomial, signs)
            if found is None:
                return None
            part = found
        return part

    def _with_sign(self, part: Part, polynomial: Polynomial, signs: frozenset[int]) -> Part | None:
        if polynomial.is_constant():
            sign = 0 if polynomial.is_zero() else self.evaluator(part).polynomial_sign(polynomial)
            return part if sign in signs else None
        if signs != {0}:
            return replace(part, cell=part.cell.with_fact(polynomial, signs))
        return self._solved(part, polynomial)

    def _solved(self, part: Part, polynomial: Polynomial) -> Part:
        """The part where a polynomial is zero, solved for a variable where it is linear in one."""
        field = self.field
        for slot in field.slots_in(polynomial):
            parts = coefficients(polynomial, slot)
            if len(parts) != 2 or field.generators[slot].kind != "variable":
                continue
            if not parts[1].is_constant() and not self._never_zero(part, parts[1]):
                continue
            if any(
                slot in field.bases_of(field.symbols[s])
                for s in field.slots_in(polynomial)
                if s != slot
            ):
                continue
            value = -field.of(parts[0]) / field.of(parts[1])
            return self._put(part, slot, value)
        return replace(
            part,
            cell=part.cell.with_fact(polynomial, {0}),
            zeros=(*part.zeros, polynomial),
        )

    def _never_zero(self, part: Part, polynomial: Polynomial) -> bool:
        factors = primitive(polynomial)[1]
        return all(0 not in part.cell.signs(factor, self.clock) for factor, _ in factors)

    def _put(self, part: Part, slot: int, value: Element) -> Part:
        evaluator = self.evaluator(part)
        names = {
            name: evaluator.put(old, slot, value) if isinstance(old, Element) else old
            for name, old in part.names.items()
        }
        moved = Part(names, Cell(self.field), (), part.forks)
        for polynomial, signs in part.cell.facts:
            try:
                new = evaluator.put(self.field.of(polynomial), slot, value)
            except (Fork, NotExact, NoValue):
                continue  # one fact less
            sign_part = new.numerator
            if not new.denominator.is_constant():
                sign_part = sign_part * new.denominator
            if sign_part.is_zero():
                continue
            cell = moved.cell.with_fact(sign_part, signs)
            zeros = (*moved.zeros, sign_part) if signs == {0} else moved.zeros
            moved = replace(moved, cell=cell, zeros=zeros)
        return moved

    def difference(self, part: Part) -> Element:
        """Left minus right in one part."""
        evaluator = self.evaluator(part)

        def both() -> Element:
            return evaluator.value(self.question.left) - evaluator.value(self.question.right)

        found: Element = _repeated(both)
        return found

    def run(self, parts: list[Part]) -> Proof:
        """Split cells until each is settled."""
        todo = list(parts)
        while todo:
            self.cells += 1
            self.clock.check()
            if self.cells > MAX_CELLS:
                return Proof(False, why=f"more than {MAX_CELLS} chambers")
            part = todo.pop()
            try:
                difference = self.difference(part)
            except Fork as fork:
                todo += self._split(part, fork.polynomial, fork.signs)
                continue
            except NoValue as stop:
                if self._unless_empty(part) is None:
                    return Proof(False, why=f"a side may have no value somewhere: {stop}")
                continue
            except NotExact as stop:
                return Proof(False, why=str(stop))
            self.valued += 1
            more = self._settle(part, difference)
            if more is None:
                return Proof(False, why=self._where(part))
            todo += more
        return Proof(True, method=self._method(), vacuous=self.valued == 0)

    def _method(self) -> str:
        what = "identity of rational functions" if self.question.relation == "=" else "signs"
        return what if self.valued <= 1 else f"{what} in each of {self.valued} chambers"

    def _where(self, part: Part) -> str:
        if not part.forks:
            return "the difference of the sides did not reduce"
        return "the difference of the sides did not reduce in one of the chambers"

    def _split(self, part: Part, polynomial: Polynomial, signs: frozenset[int]) -> list[Part]:
        found = []
        part = replace(part, forks=part.forks + 1)
        for sign in signs:
            if sign:
                cell = part.cell.with_fact(polynomial, {sign})
                found.append(replace(part, cell=cell))
            else:
                found.append(self._solved(part, polynomial))
        return found

    def _settle(self, part: Part, difference: Element) -> list[Part] | None:
        """Nothing more to do, or smaller parts; None where it cannot be settled."""
        allowed = COMPARE[self.question.relation]
        if difference.is_zero:
            return [] if allowed(0) else self._unless_empty(part)
        evaluator = self.evaluator(part)
        try:
            sign = evaluator.sign(difference)
        except Fork as fork:
            return self._leaf(part, difference, fork)
        except NotExact:
            return self._unless_empty(part)
        return [] if allowed(sign) else self._unless_empty(part)

    def _leaf(self, part: Part, difference: Element, fork: Fork) -> list[Part] | None:
        if self.question.relation == "=":
            if any((difference.numerator % zero).is_zero() for zero in part.zeros):
                return []
            return self._unless_empty(part)
        if part.forks >= MAX_LEAF_FORKS:
            return self._unless_empty(part)
        return self._split(part, fork.polynomial, fork.signs)

    def _unless_empty(self, part: Part) -> list[Part] | None:
        """Nothing to do in a part that is empty."""
        known = [(self.field.context.constant(1), True)]
        for fact, signs in part.cell.facts:
            for side, sign in ((fact, 1), (-fact, -1)):
                if -sign not in signs:
                    known.append((side, 0 not in signs))
        known += [
            (p * q, a and b) for k, (p, a) in enumerate(known[1:14]) for q, b in known[1 : k + 2]
        ]
        zero = self.field.context.constant(0)
        limited = Clock(min(self.clock.end, Clock.of(1.0).end))
        try:
            empty = is_combination(zero, known, strict=True, clock=limited)
        except Stop:
            self.clock.check()
            empty = False
        return [] if empty else None


def _repeated(make: Any) -> Any:
    while True:
        try:
            return make()
        except Again:
            continue


def prove(question: Question, clock: Clock, **fixed: Any) -> Proof:
    """Try to prove a step for all values of its variables.

    Args:
        question: the step with its variables and conditions.
        clock: when to stop.
        **fixed: values of some variables.

    Returns:
        The proof, or why there is none.
    """
    prover = Prover(question, clock, fixed)
    try:
        return prover.run(prover.start())
    except NotExact as stop:
        return Proof(False, why=str(stop))
    except Fork:
        return Proof(False, why="a range or a condition that depends on an open sign")
