"""Proofs for whole numbers: left open, by induction, or one after another.

With the number left open the sums of both sides are compared as kernels. Induction on ``n`` proves
the least case, and that the difference of the sides at ``n + 1`` follows from that at ``n``. Where
neither works, single values are proved each: for a finite domain that is a proof, otherwise it is
told with the points.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction

from derivations.checking.cells import ANY, Cell, primitive
from derivations.checking.elements import Element, Field, coefficients
from derivations.checking.evaluate import Evaluator, Fork
from derivations.checking.evident import follows_evidently
from derivations.checking.instances import Question, Unknown, evaluated, sign_facts
from derivations.checking.proofs import Part, Proof, Prover, prove
from derivations.checking.stops import Again, Clock, NotExact, NoValue, OutOfTime
from derivations.language.nodes import Constant, Number, Product, Sum, Symbol

__all__ = ["prove_for_whole"]

MOST_VALUES = 12
OPEN_VALUES = 4
MOST_CASES = 40
_KERNELS = ("sum", "product", "factorial", "open power", "member")
_WEAK = {"=": "=", "<": "<=", ">": ">=", "<=": "<=", ">=": ">="}


def prove_for_whole(question: Question, clock: Clock) -> Proof:
    """Try to prove a step in which whole numbers may be open.

    Args:
        question: the step.
        clock: when to stop.

    Returns:
        The proof, or why there is none.
    """
    if _is_evident(question, clock):
        return Proof(True, method="evident from its form")
    whole = [u for u in question.unknowns if u.kind == "integer" and not u.indices]
    try:
        first = prove(question, clock.part(0.4) if whole else clock)
    except OutOfTime:
        first = Proof(False, why="no proof within the time limit")
    if first.proved or not whole:
        return first
    for unknown in whole:
        found = _by_induction(question, unknown, clock.part(0.4))
        if found is not None and found.proved:
            return found
    return _case_by_case(question, whole, first, clock.part(0.8))


def _is_evident(question: Question, clock: Clock) -> bool:
    prover = Prover(question, clock, {})
    try:
        parts = prover.start()
    except (NotExact, Fork):
        return False
    if len(parts) != 1:
        return False

    def known(node: object) -> frozenset[int]:
        if isinstance(node, (Number, Constant, Symbol, Sum, Product)):
            return _signs_in(prover, parts[0], node, clock)
        return ANY

    return follows_evidently(
        question.left, question.relation, question.right, question.scope, known
    )


def _signs_in(prover: Prover, part: Part, node: object, clock: Clock) -> frozenset[int]:
    """The signs that an expression may have in a part, factor by factor."""
    try:
        value = prover.evaluator(part).value(node)
        found = frozenset({1})
        for polynomial in (value.numerator, value.denominator):
            found = _product_signs(prover, part, polynomial, found, clock)
    except (NotExact, NoValue, Again, Fork):
        return ANY
    return found


def _product_signs(
    prover: Prover, part: Part, polynomial: object, found: frozenset[int], clock: Clock
) -> frozenset[int]:
    if polynomial == 0:
        return frozenset({0})
    sign, factors = primitive(polynomial)
    found = frozenset(s * sign for s in found)
    for factor, power in factors:
        signs = part.cell.signs(factor, clock) if prover.field.bases_of(factor) else ANY
        found = frozenset(s * t**power for s in found for t in signs)
    return found


def _allowed(
    question: Question, unknown: Unknown, clock: Clock, known: Mapping[str, int] | None = None
) -> tuple[int, int | None] | None:
    """The least and the greatest value that its domain leaves a whole number beside known ones."""
    field = Field()
    variable = field.variable(unknown.name)
    names = {name: field.number(value) for name, value in (known or {}).items()}
    names[unknown.name] = variable
    (slot,) = variable.slots
    cell = Cell(field)
    for condition in unknown.domain:
        try:
            facts = evaluated(
                lambda: Evaluator(question.scope, field, names, clock=clock),
                lambda e, c=condition: sign_facts(e, c),
            )
        except (Fork, NotExact, NoValue):
            return None
        for polynomial, signs in facts:
            cell = cell.with_fact(polynomial, signs)
    parts = [part for part in cell.line(slot, clock) if part.root_of is None or part.is_exact]
    if not parts or parts[0].low is None:
        return None
    low = _rounded_up(parts[0].low)
    if not any(_in(Fraction(low), part.low, part.high, part.root_of) for part in parts):
        low += 1
    high = parts[-1].high
    return low, None if high is None else high.numerator // high.denominator


def _rounded_up(value: Fraction) -> int:
    return -(-value.numerator // value.denominator)


def _in(value: Fraction, low: Fraction | None, high: Fraction | None, root: object) -> bool:
    if root is not None:
        return value == low
    return (low is None or value > low) and (high is None or value < high)


class _Step(Prover):
    """The step of an induction: the difference at ``n + 1``, given that at ``n``."""

    def __init__(self, question: Question, clock: Clock, name: str) -> None:
        super().__init__(replace(question, relation=_WEAK[question.relation]), clock, {})
        self.name = name

    def difference(self, part: Part) -> Element:
        """The difference at ``n + 1``, reduced by the hypothesis."""
        now = super().difference(part)
        n = part.names[self.name]
        names = part.names | {self.name: n + self.field.number(1)}
        following = super().difference(replace(part, names=names))
        if self.question.relation == "=":
            return self._reduced(now, following)
        return following - self._share(part, now, following) * now

    def _share(self, part: Part, now: Element, following: Element) -> Element:
        """A factor ``c >= 0``: a kernel drops out of the next difference minus ``c`` this one."""
        one = self.field.number(1)
        for slot, (_, slope) in self._linear_kernels(now):
            parts = coefficients(following.numerator, slot)
            if len(parts) != 2 or slot in self.field.slots_in(following.denominator):
                continue
            share = self.field.quotient(parts[1], following.denominator) / slope
            if self.evaluator(part).sign(share) >= 0:
                return share
        return one

    def _linear_kernels(self, value: Element) -> Iterator[tuple[int, tuple[Element, Element]]]:
        """Kernels in which a value is linear, with both coefficients."""
        for slot in sorted(value.slots):
            kind = self.field.generators[slot].kind
            if kind in _KERNELS and slot not in self.field.slots_in(value.denominator):
                parts = coefficients(value.numerator, slot)
                if len(parts) == 2:
                    under = value.denominator
                    rest, slope = (self.field.quotient(c, under) for c in parts)
                    yield slot, (rest, slope)

    def _reduced(self, now: Element, following: Element) -> Element:
        """Solve the hypothesis for a kernel and put it in."""
        if (following - now).is_zero:
            return following - now
        for slot, (rest, slope) in self._linear_kernels(now):
            return following.replace(slot, -(rest / slope))
        return following - now


def _by_induction(question: Question, unknown: Unknown, clock: Clock) -> Proof | None:
    others = [u for u in question.unknowns if u is not unknown]
    mentioned = question.scope.reach(question.conditions, *(u.domain for u in others))
    families = {u.name for u in others if unknown.name in question.scope.reach(u.indices)}
    conditions = question.scope.reach(question.conditions)
    if unknown.name in mentioned or families & conditions:
        return None
    try:
        ends = _allowed(question, unknown, clock)
        if ends is None or ends[1] is not None:
            return None
        base = prove(question, clock.part(0.5), **{unknown.name: ends[0]})
        if not base.proved or base.vacuous:
            return None
        step = _Step(question, clock, unknown.name)
        found = step.run(step.start())
    except (NotExact, NoValue, Fork, OutOfTime):
        return None
    if not found.proved or found.vacuous:
        return None
    return Proof(True, method=f"induction on {unknown.name} from {ends[0]}")


def _cases(
    question: Question, whole: list[Unknown], clock: Clock
) -> tuple[list[dict[str, int]], bool]:
    """Values of the whole numbers, and whether they are all; a range may name earlier ones."""
    found: list[dict[str, int]] = [{}]
    complete = True
    for unknown in whole:
        longer = []
        for case in found:
            ends = _allowed(question, unknown, clock, case)
            low, high = (0, None) if ends is None else ends
            if ends is None or high is None or high - low >= MOST_VALUES:
                complete = False
                high = low + OPEN_VALUES - 1
            longer += [case | {unknown.name: value} for value in range(low, high + 1)]
        complete = complete and len(longer) <= MOST_CASES
        longer.sort(key=lambda case: sum(abs(v) for v in case.values()))
        found = longer[:MOST_CASES]
    return found, complete


def _case_by_case(question: Question, whole: list[Unknown], first: Proof, clock: Clock) -> Proof:
    proved = []
    cases, complete = _cases(question, whole, clock)
    for case in cases:
        try:
            found = prove(question, clock, **case)
        except OutOfTime:
            complete = False
            break
        if found.proved:
            proved += [case] if not found.vacuous else []
        else:
            complete = False
    if complete and proved:
        return Proof(True, method=f"each of {len(cases)} cases of {_names(whole)}")
    if not proved:
        return first
    why = f"proved for {len(proved)} values of {_names(whole)} each, not for all: {first.why}"
    return Proof(False, why=why)


def _names(whole: list[Unknown]) -> str:
    return ", ".join(unknown.name for unknown in whole)
