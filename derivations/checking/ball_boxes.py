r"""Integrals over boxes by balls, for integrands that are polynomials between kinks.

A box on which no kink is decided both ways is integrated by a product of Gauss rules, which are
exact for polynomials of the degree at hand; any other box counts with the hull of the integrand on
it, and is halved as long as there is work left to spend. The boxes at kinks are few and thin, so
that the enclosure shrinks with the square of their width.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from fractions import Fraction
from itertools import count, product
from typing import Any

from flint import arb

from derivations.checking.ball_values import BallEvaluator, ball
from derivations.checking.stops import NotExact
from derivations.language import nodes

__all__ = ["box_integral", "degree_bound"]

MAX_BOXES = 1_500
MAX_DEGREE = 16
Side = tuple[Fraction, Fraction]


def degree_bound(self: BallEvaluator, node: Any, names: frozenset[str]) -> int | None:
    """Bound the degree of a piecewise polynomial in some names; None where it may be none."""
    if isinstance(node, nodes.Symbol):
        if node.name in self.scope.definitions:
            return degree_bound(self, self.scope.definitions[node.name].body, names)
        return int(node.name in names)
    if isinstance(node, (nodes.Number, nodes.Constant)):
        return 0
    if not names & self.scope.reach(node):
        return 0
    if isinstance(node, nodes.Negative):
        return degree_bound(self, node.body, names)
    if isinstance(node, nodes.Sum):
        return _most(self, node.terms, names, max)
    if isinstance(node, nodes.Product):
        return _most(self, node.factors, names, sum)
    if isinstance(node, nodes.Quotient):
        under = degree_bound(self, node.denominator, names)
        return degree_bound(self, node.numerator, names) if under == 0 else None
    if isinstance(node, nodes.Power):
        return _power_degree(self, node, names)
    if isinstance(node, nodes.Apply):
        kinked = node.function in ("abs", "max", "min", "positive_part")
        return _most(self, node.arguments, names, max) if kinked else None
    if isinstance(node, nodes.BigOperator) and node.kind == "sum":
        return degree_bound(self, node.body, names)
    if isinstance(node, nodes.Indicator):
        return 0
    return None


def _most(self: BallEvaluator, parts: Any, names: frozenset[str], join: Any) -> int | None:
    found = [degree_bound(self, part, names) for part in parts]
    return None if None in found else int(join(found))


def _power_degree(self: BallEvaluator, node: nodes.Power, names: frozenset[str]) -> int | None:
    base = degree_bound(self, node.base, names)
    if base is None or not isinstance(node.exponent, nodes.Number):
        return None
    exponent = node.exponent.value
    return base * int(exponent) if exponent.denominator == 1 and exponent >= 0 else None


def box_integral(
    self: BallEvaluator, names: list[str], sides: list[Side], body: Callable[[], Any], degree: int
) -> Any:
    """Integrate over a box.

    Args:
        self: the evaluator.
        names: of the variables.
        sides: their intervals.
        body: the integrand, with the names bound.
        degree: of the polynomials between the kinks.

    Returns:
        An enclosure.

    Raises:
        NotExact: a degree that is too high.
    """
    if degree > MAX_DEGREE:
        raise NotExact("a polynomial of high degree, by balls")
    points = degree // 2 + 1
    total, number = arb(0), count()
    waiting: list[tuple[float, int, list[Side], Any]] = []
    todo = [sides]
    done = 0
    while todo or (waiting and done < MAX_BOXES):
        if not todo:
            _, _, box, _ = heapq.heappop(waiting)
            todo = _halves(box)
        box = todo.pop()
        done += 1
        hull = _hull(self, names, box, body)
        if hull is None:
            total += _gauss(self, names, box, body, points)
        else:
            value = hull * _volume(box)
            heapq.heappush(waiting, (-float(value.rad()), next(number), box, value))
    for _, _, _, value in waiting:
        total += value
    return total


def _volume(box: list[Side]) -> arb:
    total = Fraction(1)
    for low, high in box:
        total *= high - low
    return ball(total)


def _halves(box: list[Side]) -> list[list[Side]]:
    widest = max(range(len(box)), key=lambda k: box[k][1] - box[k][0])
    low, high = box[widest]
    middle = (low + high) / 2
    return [
        [part if k == widest else side for k, side in enumerate(box)]
        for part in ((low, middle), (middle, high))
    ]


def _hull(self: BallEvaluator, names: list[str], box: list[Side], body: Any) -> Any:
    """The hull of the integrand on a box; None where no kink is open there."""
    values = {name: ball(a).union(ball(b)) for name, (a, b) in zip(names, box, strict=True)}
    outer, self.open_kinks = self.open_kinks, 0
    try:
        with self.naming(values):
            found = ball(body())
        return found if self.open_kinks else None
    finally:
        self.open_kinks = outer


def _gauss(self: BallEvaluator, names: list[str], box: list[Side], body: Any, points: int) -> Any:
    rule = [arb.legendre_p_root(points, k, weight=True) for k in range(points)]
    total = arb(0)
    for chosen in product(rule, repeat=len(box)):
        values, weight = {}, arb(1)
        for name, (low, high), (node, share) in zip(names, box, chosen, strict=True):
            half = ball((high - low) / 2)
            values[name] = ball((low + high) / 2) + half * node
            weight *= half * share
        with self.naming(values):
            total += weight * ball(body())
    return total
