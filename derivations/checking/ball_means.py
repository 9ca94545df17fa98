"""Means over random variables, by balls: sums over atoms, integrals over densities."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

from flint import arb

from derivations.checking.ball_boxes import box_integral, degree_bound
from derivations.checking.ball_values import (
    BallEvaluator,
    ball,
    combine,
    divided,
    minus,
    quadrature,
    truth,
)
from derivations.checking.scope import component
from derivations.checking.stops import NotExact
from derivations.language import nodes

__all__ = ["expectation", "probability"]


def expectation(self: BallEvaluator, node: nodes.Expectation) -> Any:
    """Give a mean, given a condition if there is one."""
    if node.given is None:
        return _mean(self, lambda: self.value(node.body), node.body)
    chance = _mean(self, lambda: truth(self, node.given), node.given)

    def body() -> Any:
        return self.value(node.body) if self.holds(node.given) else Fraction(0)

    return divided(_mean(self, body, node.body, node.given), chance)


def probability(self: BallEvaluator, node: nodes.Probability) -> Any:
    """Give the probability of a condition."""
    whole = nodes.Expectation(nodes.Indicator(node.condition), node.given)
    return expectation(self, whole)


def _mean(self: BallEvaluator, body: Any, *trees: Any) -> Any:
    names = self.scope.reach(*trees)
    found = []
    for name, random in self.scope.random.items():
        if name in names:
            ranges = [range(self.whole(i.low), self.whole(i.high) + 1) for i in random.indices]
            found += [(component(name, k), random, k) for k in product(*ranges)]
    uniform = [one for one in found if one[1].law == "uniform"]
    if len(uniform) > 1:
        bases = frozenset(random.name for _, random, _ in uniform)
        degrees = [degree_bound(self, tree, bases) for tree in trees]
        if None not in degrees:
            rest = [one for one in found if one not in uniform]
            return _inner_mean(
                self, rest, lambda: _box_mean(self, uniform, body, sum(d or 0 for d in degrees))
            )
    return _inner_mean(self, found, body)


def _box_mean(self: BallEvaluator, uniform: list[Any], body: Any, degree: int) -> Any:
    """The mean over uniform variables: sets of active ones, each with an integral over a box."""
    total: Any = Fraction(0)
    for active in product((False, True), repeat=len(uniform)):
        weight: Any = Fraction(1)
        names, sides, zeros = [], [], {}
        for is_active, (name, random, indices) in zip(active, uniform, strict=True):
            low, high, chance = _law(self, random, indices)
            share = chance if is_active else combine(lambda a, b: a - b, Fraction(1), chance)
            weight = combine(lambda a, b: a * b, weight, share)
            if is_active:
                names.append(name)
                sides.append((low, high))
                weight = divided(weight, high - low)
            else:
                zeros[name] = Fraction(0)
        if weight == Fraction(0):
            continue
        with self.naming(zeros):
            value = box_integral(self, names, sides, body, degree) if names else body()
        total = combine(lambda a, b: a + b, total, combine(lambda a, b: a * b, weight, value))
    return total


def _law(self: BallEvaluator, random: Any, indices: Any) -> tuple[Fraction, Fraction, Any]:
    bound = {i.name: Fraction(k) for i, k in zip(random.indices, indices, strict=True)}
    with self.naming(bound):
        low, high = (self.value(end) for end in random.parameters)
        chance = Fraction(1) if random.probability is None else self.value(random.probability)
    if not isinstance(low, Fraction) or not isinstance(high, Fraction):
        raise NotExact("a uniform law on an interval with ends that are no fractions")
    return low, high, chance


def _inner_mean(self: BallEvaluator, left: list[Any], body: Any) -> Any:
    if not left:
        return body()
    name, random, indices = left[0]
    bound = {i.name: Fraction(k) for i, k in zip(random.indices, indices, strict=True)}
    with self.naming(bound):
        ends = [self.value(end) for end in random.parameters]
        chance = Fraction(1) if random.probability is None else self.value(random.probability)

    def at(value: Any) -> Any:
        with self.naming({name: value}):
            return _inner_mean(self, left[1:], body)

    def inner() -> Any:
        return _inner_mean(self, left[1:], body)

    if random.law == "uniform":
        width = minus(ends[1], ends[0])
        active = divided(quadrature(self, name, ends[0], ends[1], inner), width)
    elif random.law == "binary":
        active = at(Fraction(1))
    elif random.law == "rademacher":
        both = combine(lambda a, b: a + b, at(Fraction(1)), at(Fraction(-1)))
        active = combine(lambda a, b: a * b, both, Fraction(1, 2))
    else:
        active = _unbounded(self, name, random.law, inner)
    if chance == Fraction(1):
        return active
    rest = combine(lambda a, b: a - b, Fraction(1), chance)
    off = combine(lambda a, b: a * b, rest, at(Fraction(0)))
    return combine(lambda a, b: a + b, off, combine(lambda a, b: a * b, chance, active))


def _unbounded(self: BallEvaluator, name: str, law: str, inner: Any) -> Any:
    """Cut off where the tail is below the precision of a growth like a low power: no enclosure."""
    self.rough = True
    reach = Fraction(self.precision)

    def weighted() -> Any:
        x = ball(self.names[name])
        weight = (-x).exp() if law == "exponential" else (-(x * x) / 2).exp()
        return ball(inner()) * weight

    if law == "exponential":
        return quadrature(self, name, Fraction(0), reach, weighted)
    whole = quadrature(self, name, -reach, reach, weighted)
    return whole / (2 * arb.pi()).sqrt()
