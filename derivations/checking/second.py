"""The second route to a counterexample, by balls; see ``derivations.checking.ball_values``."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from derivations.checking.ball_values import BallEvaluator
from derivations.checking.instances import Question
from derivations.checking.stops import Clock, Stop

__all__ = ["compare"]

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
