"""The second route to a counterexample, by balls; see ``derivations.checking.ball_values``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from flint import ctx

from derivations.checking.ball_values import BallEvaluator
from derivations.checking.instances import Question
from derivations.checking.stops import Clock, Stop

__all__ = ["Second", "compare", "enclosed_sides"]

PRECISIONS = (64, 128, 256, 512)


@dataclass(frozen=True)
class Second:
    """What balls say of a step at a point.

    Attributes:
        fails: whether the relation fails; None where balls do not tell.
        proven: whether they are enclosures: a limit far along, a difference quotient or a tail
            that is cut off is close to the true value, and proves nothing.
        text: at what precision, or why not.
        precision: in bits.
    """

    fails: bool | None
    proven: bool
    text: str
    precision: int = PRECISIONS[0]


def compare(question: Question, point: Mapping[str, Fraction], clock: Clock) -> Second:
    """Compare both sides of a step by balls at rising precision.

    Args:
        question: the step.
        point: exact values.
        clock: when to stop.

    Returns:
        Whether the relation fails there.
    """
    text = ""
    for precision in PRECISIONS:
        evaluator = BallEvaluator(question.scope, point, precision, clock)
        try:
            sign = evaluator.sign_of_difference(question.left, question.right)
        except Stop as stop:
            text = str(stop)
            continue
        if sign is not None:
            found = f"balls of {precision} bits"
            if evaluator.rough:
                found += " around values that are close, no enclosures"
            fails = sign not in _ALLOWED[question.relation]
            return Second(fails, not evaluator.rough, found, precision)
        text = f"the balls of both sides overlap at {precision} bits"
    return Second(None, False, text)


_ALLOWED = {"=": {0}, "<=": {-1, 0}, ">=": {0, 1}, "<": {-1}, ">": {1}}


def enclosed_sides(
    question: Question, point: Mapping[str, Fraction], clock: Clock
) -> tuple[str, str, str]:
    """Write both sides at a point as balls, with the precision that separates them."""
    found = compare(question, point, clock)
    evaluator = BallEvaluator(question.scope, point, found.precision, clock)
    with ctx.workprec(found.precision):
        sides = [evaluator.value(side) for side in (question.left, question.right)]
    left, right = (str(side) for side in sides)
    return left, right, found.text
