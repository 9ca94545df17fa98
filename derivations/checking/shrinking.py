"""Smaller counterexamples, found by Hypothesis."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from hypothesis import HealthCheck, Phase, Verbosity, find, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from derivations.checking.elements import Field
from derivations.checking.evaluate import Evaluator
from derivations.checking.instances import Question, evaluated
from derivations.checking.scope import component
from derivations.checking.stops import Clock, Stop

__all__ = ["meets", "shrunk"]

TRIALS = 300
SHARE = 0.3


def meets(question: Question, values: Mapping[str, Fraction], clock: Clock) -> bool:
    """Say whether a point meets all conditions and lies in all domains."""
    field = Field()
    names = {name: field.number(value) for name, value in values.items()}

    def use(evaluator: Evaluator) -> bool:
        return all(evaluator.holds(c) for c in question.conditions) and all(
            _in_domain(evaluator, unknown.name, unknown, values) for unknown in question.unknowns
        )

    try:
        found: bool = evaluated(lambda: Evaluator(question.scope, field, names, clock=clock), use)
    except Stop:
        return False
    return found


def _in_domain(
    evaluator: Evaluator, name: str, unknown: object, values: Mapping[str, Fraction]
) -> bool:
    indices = getattr(unknown, "indices", ())
    domain = getattr(unknown, "domain", ())
    if not indices:
        value = values.get(name)
        if value is None:
            return False
        whole = value.denominator == 1 or getattr(unknown, "kind", "real") != "integer"
        return whole and all(evaluator.holds(condition) for condition in domain)
    members = _members(evaluator, name, indices)
    for key, bound in members:
        if key not in values:
            return False
        with evaluator.naming({k: evaluator.number(v) for k, v in bound.items()}):
            if not all(evaluator.holds(condition) for condition in domain):
                return False
    return True


def _members(
    evaluator: Evaluator, name: str, indices: tuple[object, ...]
) -> list[tuple[str, dict[str, int]]]:
    found: list[dict[str, int]] = [{}]
    for index in indices:
        low = evaluator.integer(index.low) or 0  # type: ignore[attr-defined]
        high = evaluator.integer(index.high) or 0  # type: ignore[attr-defined]
        found = [
            head | {index.name: k}  # type: ignore[attr-defined]
            for head in found
            for k in range(low, high + 1)
        ]
    return [(component(name, tuple(bound.values())), bound) for bound in found]


def shrunk(
    question: Question,
    point: Mapping[str, Fraction],
    fails: Callable[[Mapping[str, Fraction]], bool],
    clock: Clock,
) -> dict[str, Fraction]:
    """Look for a simpler point at which a step fails.

    Args:
        question: the step.
        point: where it fails.
        fails: whether it fails at a point that meets the conditions.
        clock: when to stop.

    Returns:
        A point with smaller numbers, or the same.
    """
    best = dict(point)
    if not best:
        return best
    limited = clock.part(SHARE)
    names = list(best)
    known = best

    def fits(drawn: list[Fraction]) -> bool:
        values = dict(zip(names, drawn, strict=True))
        if limited.is_over:
            return values == known
        return meets(question, values, limited) and fails(values)

    strategy = st.tuples(*(_near(best[name]) for name in names)).map(list)
    try:
        found = find(
            strategy,
            fits,
            settings=settings(
                max_examples=TRIALS,
                database=None,
                derandomize=True,
                deadline=None,
                verbosity=Verbosity.quiet,
                phases=(Phase.generate, Phase.shrink),
                suppress_health_check=list(HealthCheck),
            ),
        )
    except NoSuchExample:
        return best
    smaller = dict(zip(names, found, strict=True))
    return smaller if _size(smaller) <= _size(best) else best


_SMALL = sorted(
    {Fraction(n, d) for d in range(1, 6) for n in range(-6, 7)},
    key=lambda x: (abs(x.numerator) + 2 * x.denominator, x < 0),
)


def _near(value: Fraction) -> st.SearchStrategy[Fraction]:
    """Small fractions in the order of their height, and as often the number itself, as the last."""
    return st.sampled_from([*_SMALL, *([value] * len(_SMALL))])


def _size(values: Mapping[str, Fraction]) -> int:
    return sum(abs(v.numerator) + v.denominator for v in values.values())
