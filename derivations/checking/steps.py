"""One step: proved, refuted, sampled, undecided, or in error."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from flint import ctx

from derivations.checking.constants import ball_of
from derivations.checking.descent import failing_point
from derivations.checking.elements import Element, Field
from derivations.checking.evaluate import Evaluator
from derivations.checking.inductions import prove_for_whole
from derivations.checking.instances import Question, evaluated, instances, meets
from derivations.checking.meanings import COMPARE
from derivations.checking.proofs import Proof
from derivations.checking.questions import conditions_of, question_of
from derivations.checking.second import compare, enclosed_sides
from derivations.checking.shrinking import shrunk
from derivations.checking.stops import Clock, NotExact, NoValue, OutOfTime, Stop
from derivations.document import Derivation
from derivations.language import nodes
from derivations.language.records import Step
from derivations.results import Counterexample, StepResult, Verdict

__all__ = ["check_step"]

POINTS = 40
POINTS_AFTER_PROOF = 12
FIRST_SHARE = 0.35
BALL_POINTS = 4


@dataclass
class _Count:
    """What the points showed."""

    met: int = 0
    agreed: int = 0
    valueless: int = 0
    inexact: int = 0
    why: str = ""
    void: tuple[dict[str, Fraction], str] | None = None  # a point without value, and why
    failing: dict[str, Fraction] | None = None
    slacks: list[tuple[float, dict[str, Fraction]]] = field(default_factory=list)


def sides_at(
    question: Question, point: Mapping[str, Fraction], clock: Clock
) -> tuple[Element, Element, bool]:
    """Give both sides at an exact point, and whether the relation holds there."""
    field = Field()
    names = {name: field.number(value) for name, value in point.items()}

    def use(evaluator: Evaluator) -> tuple[Element, Element, bool]:
        left, right = evaluator.value(question.left), evaluator.value(question.right)
        return left, right, COMPARE[question.relation](evaluator.sign(left - right))

    found: tuple[Element, Element, bool] = evaluated(
        lambda: Evaluator(question.scope, field, names, clock=clock), use
    )
    return found


def _compare_at_points(question: Question, wanted: int, clock: Clock) -> _Count:
    count = _Count()
    for point in instances(question, wanted, clock):
        count.met += 1
        try:
            left, right, holds = sides_at(question, point, clock)
        except NoValue as stop:
            count.valueless += 1
            if count.void is None or _height(point) < _height(count.void[0]):
                count.void = point, str(stop)
            continue
        except OutOfTime:
            break
        except NotExact as stop:
            count.inexact += 1
            count.why = str(stop)
            if count.inexact <= BALL_POINTS:
                second = compare(question, point, clock.part(0.3))
                if second.fails and second.proven:
                    count.failing = point
                    break
            continue
        count.agreed += 1
        if not holds:
            count.failing = point
            break
        if question.relation != "=":
            count.slacks.append((_slack(question, left, right), point))
    return count


def _slack(question: Question, left: Element, right: Element) -> float:
    """How far an inequality is from failing; negative where it fails."""
    with ctx.workprec(64):
        difference = float(ball_of(left - right).mid())
    return -difference if question.relation in ("<=", "<") else difference


def _search(question: Question, count: _Count, clock: Clock) -> dict[str, Fraction] | None:
    """Walk downhill from the points of an inequality."""

    def slack(point: Mapping[str, Fraction]) -> float | None:
        if not meets(question, point, clock):
            return None
        try:
            left, right, holds = sides_at(question, point, clock)
            value = _slack(question, left, right)
        except (Stop, OverflowError):
            return None
        return max(value, 0.0) if holds else min(value, -5e-324)

    whole = frozenset(u.name for u in question.unknowns if u.kind == "integer")
    return failing_point(count.slacks, slack, whole, clock)


def check_step(derivation: Derivation, step: Step, seconds: float) -> StepResult | None:
    """Find out what is known of a step.

    Args:
        derivation: its document.
        step: one of its steps.
        seconds: for this step.

    Returns:
        The result; None for a hypothesis that something meets: it claims nothing.
    """
    started = time.monotonic()
    outcome = _decided(derivation, step, Clock.of(seconds))
    if outcome is None:
        return None
    verdict, method, why, count, counterexample = outcome
    return StepResult(
        step.number,
        step.line,
        step.text,
        verdict,
        method,
        why,
        count,
        time.monotonic() - started,
        counterexample,
        step.reason,
        conditions_of(derivation, step),
    )


_Outcome = tuple[Verdict, str, str, int, Counterexample | None]


def _decided(derivation: Derivation, step: Step, clock: Clock) -> _Outcome | None:
    question = question_of(derivation, step)
    if step.assumed:
        return _assumed(question, clock)
    first = _compare_at_points(question, POINTS_AFTER_PROOF, clock.part(FIRST_SHARE))
    if first.failing is not None:
        return _refuted(question, first, clock)
    if first.void is not None:
        return _without_value(first)
    proof = _attempt(question, clock.part(0.6))
    if proof.proved and not proof.vacuous and first.agreed + first.inexact:
        return Verdict.PROVED, proof.method, "", first.agreed, None
    return _sampled(question, proof, clock)


def _attempt(question: Question, clock: Clock) -> Proof:
    try:
        return prove_for_whole(question, clock)
    except OutOfTime:
        return Proof(False, why="no proof within the time limit")


def _sampled(question: Question, proof: Proof, clock: Clock) -> _Outcome:
    count = _compare_at_points(question, POINTS, clock)
    if count.failing is not None:
        return _refuted(question, count, clock)
    if not count.met:
        if clock.is_over:
            why = "no instance of the assumptions was found within the time limit"
            return Verdict.UNDECIDED, "", why, 0, None
        return Verdict.ERROR, "exact points", "no instance meets the assumptions", 0, None
    if count.void is not None:
        return _without_value(count)
    if count.slacks:
        count.failing = _search(question, count, clock.part(0.5))
        if count.failing is not None:
            return _refuted(question, count, clock)
    if count.agreed:
        return Verdict.SAMPLED, "exact points", proof.why, count.agreed, None
    why = count.why or proof.why
    return Verdict.UNDECIDED, "", why, 0, None


def _without_value(count: _Count) -> _Outcome:
    """A step is claimed wherever its conditions hold: a point without a value is a gap in it."""
    assert count.void is not None
    point, reason = count.void
    if count.met == count.valueless:
        why = f"no side has a value at any of {count.met} points: {reason}"
        return Verdict.ERROR, "exact points", why, 0, None
    where = ", ".join(f"{name} = {value}" for name, value in point.items())
    why = (
        f"at {where} a side has no value: {reason}; write behind the step for which values it is "
        r"claimed, \quad \text{for } ..."
    )
    return Verdict.ERROR, "exact points", why, count.agreed, None


def _height(point: Mapping[str, Fraction]) -> int:
    return sum(abs(value.numerator) + value.denominator for value in point.values())


def _assumed(question: Question, clock: Clock) -> _Outcome | None:
    whole = nodes.Comparison((question.left, question.right), (question.relation,))
    asked = Question(
        question.scope,
        question.left,
        question.relation,
        question.right,
        question.unknowns,
        (*question.conditions, whole),
    )
    if any(True for _ in instances(asked, 5, clock)):
        return None
    return Verdict.ERROR, "exact points", "no instance meets this assumption", 0, None


def _refuted(question: Question, count: _Count, clock: Clock) -> _Outcome:
    point = count.failing or {}

    def fails(values: Mapping[str, Fraction]) -> bool:
        try:
            return not sides_at(question, values, clock)[2]
        except Stop:
            return False

    if not fails(point):
        return _refuted_by_balls(question, point, count, clock)
    small = shrunk(question, point, fails, clock)
    left, right, _ = sides_at(question, small, Clock.of(30))
    second = compare(question, small, Clock.of(max(2.0, clock.end - time.monotonic())))
    if second.fails is False and second.proven:
        why = (
            f"the exact values differ and {second.text} agree: a fault of the checker, "
            "please report it"
        )
        return Verdict.UNDECIDED, "", why, count.agreed, None
    confirmed = second.text if second.fails else ""
    shown = Counterexample(dict(small), written(left), written(right), confirmed)
    return Verdict.REFUTED, "exact point", "", count.agreed, shown


def _refuted_by_balls(
    question: Question, point: dict[str, Fraction], count: _Count, clock: Clock
) -> _Outcome:
    """A point without exact values, at which balls separate the sides."""
    left, right, text = enclosed_sides(question, point, clock)
    shown = Counterexample(point, left, right, f"{text}; {count.why}")
    return Verdict.REFUTED, "balls at an exact point", "", count.agreed, shown


def written(value: Element) -> str:
    """Write a value: a fraction, or enough digits."""
    with ctx.workprec(128):
        digits = str(ball_of(value).str(20, radius=False))
    text = "" if value.fraction is None else str(value.fraction)
    return text if 0 < len(text) <= 60 else digits
