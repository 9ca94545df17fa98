"""Smaller counterexamples, found by Hypothesis."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from hypothesis import HealthCheck, Phase, Verbosity, find, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from derivations.checking.instances import Question, meets
from derivations.checking.stops import Clock

__all__ = ["shrunk"]

TRIALS = 300
SHARE = 0.3


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
