"""The second route to a counterexample, by balls; see ``derivations.checking.ball_values``."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from flint import ctx

from derivations.checking.ball_values import BallEvaluator
from derivations.checking.instances import Question
from derivations.checking.stops import Clock, Stop

__all__ = ["compare", "enclosed_sides"]

PRECISIONS = (64, 128, 256, 512)


def compare(
    question: Question, point: Mapping[str, Fraction], clock: Clock
) -> tuple[bool | None, str]:
    """Compare both sides of a step by balls at rising precision.

    Args:
        question: the step.
        point: exact values.
        clock: when to stop.

    Returns:
        Whether the relation fails for sure, or holds for sure; None where balls do not tell. The
        text says at what precision, or why not.
    """
    text = "the balls of both sides overlap"
    for precision in PRECISIONS:
        try:
            sign = BallEvaluator(question.scope, point, precision, clock).sign_of_difference(
                question.left, question.right
            )
        except Stop as stop:
            text = str(stop)
            continue
        if sign is not None:
            return sign not in _ALLOWED[question.relation], f"balls of {precision} bits"
    return None, text


_ALLOWED = {"=": {0}, "<=": {-1, 0}, ">=": {0, 1}, "<": {-1}, ">": {1}}


def enclosed_sides(
    question: Question, point: Mapping[str, Fraction], clock: Clock
) -> tuple[str, str, str]:
    """Write both sides at a point as balls, with the precision that separates them."""
    text = compare(question, point, clock)[1]
    precision = next((p for p in PRECISIONS if str(p) in text), PRECISIONS[0])
    evaluator = BallEvaluator(question.scope, point, precision, clock)
    with ctx.workprec(precision):
        sides = [evaluator.value(side) for side in (question.left, question.right)]
    left, right = (str(side) for side in sides)
    return left, right, text
