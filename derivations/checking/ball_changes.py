"""Derivatives and limits by balls: no enclosures, but with the size of their last change.

How far the last change is from the whole way that is left, nobody knows of a limit that is slow:
so the evaluator is told that its values are rough, and they neither prove nor refute.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from flint import arb

from derivations.checking.ball_values import BallEvaluator, ball, combine, divided
from derivations.checking.scope import component
from derivations.language import nodes

__all__ = ["derivative", "limit"]


def derivative(self: BallEvaluator, node: nodes.Derivative) -> Any:
    """Give a difference quotient, with the size of its last change as radius."""
    name = component(node.variable.name, tuple(self.whole(i) for i in node.variable.indices))
    point, order = self.names[name], node.order
    step = Fraction(1, 2**16)
    results = []
    for width in (step, step / 2):
        total: Any = Fraction(0)
        for k in range(order + 1):
            shift = width * (Fraction(order, 2) - k)
            with self.naming({name: combine(lambda a, b: a + b, point, shift)}):
                weight = Fraction((-1) ** k * math.comb(order, k))
                term = combine(lambda a, b: a * b, weight, self.value(node.body))
                total = combine(lambda a, b: a + b, total, term)
        results.append(divided(total, width**order))
    return _extrapolated(self, *results)


def _extrapolated(self: BallEvaluator, first: Any, last: Any) -> Any:
    self.rough = True
    change = abs(ball(last) - ball(first)).abs_upper() * 2
    return ball(last) + arb(0, change)


def limit(self: BallEvaluator, node: nodes.Limit) -> Any:
    """Give the value close to the target, with the size of its last change as radius."""
    name = component(node.variable.name, tuple(self.whole(i) for i in node.variable.indices))
    results = []
    for bits in (20, 24):
        h = Fraction(1, 2**bits)
        if node.target is None:
            place: Any = 1 / h
        else:
            side = -1 if node.side == "-" else 1
            place = combine(lambda a, b: a + b, self.value(node.target), side * h)
        with self.naming({name: place}):
            results.append(self.value(node.body))
    return _extrapolated(self, *results)
