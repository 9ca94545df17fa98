"""True phase boundaries: further claims of the chapter on two features in one dimension."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from fractions import Fraction

import sympy
from flint import arb, ctx

from theory.arithmetic.balls import Enclosure
from theory.branch_and_bound import branch_and_bound, verify_boxes
from theory.claim_list.comparing import (
    Comparison,
    above,
    at_least,
    below,
    equal,
    rounds_to,
    within,
)
from theory.claim_list.instances import variance
from theory.claim_list.phases import CHAPTER
from theory.loss import expected_loss
from theory.phase_boundaries.continuous import (
    CONDITION,
    PRICE,
    VARIANCE,
    B,
    P,
    boundary_balls,
    critical_importance,
    relation,
    tricritical,
)
from theory.phase_boundaries.diagrams import first_order_boundary, special_points
from theory.phase_boundaries.first_order import BETWEEN, symmetry_breaking, triple_point
from theory.phase_boundaries.roots import real_zeros
from theory.problem import Problem

__all__ = ["CHAPTER"]

_OWN = "own derivation"
_BOX = "Krawczyk's test in ball arithmetic: one solution of the equations in a box, and no other"
_LOCAL = "local minima; that no third arrangement loses less is not part of the claim"
_TINY = Fraction(1, 10**20)


def _best_bias(p: Fraction) -> sympy.Expr:
    """The positive root of OPTIMUM-06, written out once more."""
    q = sympy.Rational(*p.as_integer_ratio())
    a, b, c = q * (1 - q), 2 * (1 - q) ** 2 + q / 2, -(q**2) / 4
    return (-b + sympy.sqrt(b**2 - 4 * a * c)) / (2 * a)


def _boundary(p: Fraction) -> sympy.Expr:
    """``I_c`` of OPTIMUM-06, written out once more."""
    q, root = sympy.Rational(*p.as_integer_ratio()), _best_bias(p)
    price = (1 - q) ** 2 * root**2 + q * (1 - q) * root**3 / 3 + q / 4 * (root - q / 2) ** 2
    return sympy.radsimp(sympy.expand(q + price / (q / 3 - q**2 / 4)))


@CHAPTER.claim(
    16,
    "The importance at which an ignored feature begins to be used is algebraic of degree 2 over p.",
    r"16 p^3 (1 - p)^2 I^2 - 4 (6 p^6 - 28 p^5 + 80 p^4 - 142 p^3 + 141 p^2 - 72 p + 16) I"
    r" + p (9 p^6 - 66 p^5 + 247 p^4 - 490 p^3 + 516 p^2 - 276 p + 64) = 0",
    variables={"p": "real in (0, 1)", "I": "real > 0"},
    source=_OWN,
    route="eliminate B from the two equations of OPTIMUM-06",
    derivation="continuous-boundary",
)
def _polynomial() -> Iterator[Comparison]:
    densities = [Fraction(k, 10) for k in (1, 3, 5, 9)]
    for p in densities:
        number = critical_importance(p)
        yield equal(sympy.expand(number.radicals - _boundary(p)), 0, f"p={p}, by the closed form")
        q = sympy.Rational(*p.as_integer_ratio())
        value = relation().as_expr().subs({P: q, relation().gens[1]: _boundary(p)})
        yield equal(sympy.expand(value), 0, f"p={p}, in the polynomial")


@CHAPTER.claim(
    17,
    "The continuous boundary rises from I = 0 at p = 0 to I = 1 at p = 1.",
    r"\frac{dI}{dp} > 0",
    kind="lower",
    variables={"p": "real in (0, 1)", "I": "real > 0"},
    assumptions=("I and p as in OPTIMUM-06",),
    source=_OWN,
    route="the resultant of slope and equation of B has one zero; the slope is not 0 there",
)
def _rises() -> Iterator[Comparison]:
    whole = sympy.diff(PRICE, P) * VARIANCE - PRICE * sympy.diff(VARIANCE, P)
    slope = sympy.Poly(sympy.numer(sympy.together(whole)), P, B)
    crossings = sympy.resultant(slope.as_expr(), sympy.expand(4 * CONDITION), B)
    inside = [
        zero
        for zero, _ in real_zeros(sympy.Poly(crossings, P))
        if zero.interval[1] > 0 and zero.interval[0] < 1
    ]
    with ctx.workprec(128):
        balls = [zero.ball() for zero in inside if zero.rational is None]
        yield equal(len(balls), 1, "densities at which the sign may change")
        for p in [*balls, arb("0.5")]:
            root, _ = boundary_balls(p)
            terms = [arb(int(c.p)) / int(c.q) * p**i * root**j for (i, j), c in slope.terms()]
            yield above(sum(terms, arb(0)), 0, f"slope at p={p}")
    numbers = [_boundary(Fraction(k, 8)) for k in range(1, 8)]
    for low, high in itertools.pairwise([Fraction(0), *numbers, Fraction(1)]):
        yield below(low, high, "neighbouring densities")


def _third_order(p: Fraction, epsilon: Fraction) -> tuple[Fraction, Fraction]:
    """``(L - I v) / epsilon^3`` on the boundary by the exact loss, and how far off it may be."""
    unit = Fraction(1, 10**30)
    root = Fraction(str(sympy.N(_best_bias(p), 40))) // unit * unit
    weight = Fraction(str(sympy.N(_boundary(p), 40))) // unit * unit
    w = 1 + Fraction(3, 8) * (p - 2 * root) * epsilon
    bias = p / 2 * (1 + epsilon * w - epsilon**2)
    problem = Problem(2, 1, density=p, importance=[1, weight])
    loss = Fraction(expected_loss(problem, [[w, -epsilon]], [epsilon * root, bias]).value)
    return (loss - weight * variance(p)) / epsilon**3, 10 * epsilon


@CHAPTER.claim(
    18,
    "The boundary is continuous between two tricritical points; outside a jump comes before.",
    r"p = 0.520247737, 0.837319580, \quad I = 0.574041907, 0.896440608",
    source=_OWN,
    route="the third order in the second weight vanishes: the roots of a polynomial of degree 9",
)
def _tricritical() -> Iterator[Comparison]:
    points = special_points(2, 1, digits=20)
    for name, published, weight in (
        ("lower", "0.520247737", "0.574041907"),
        ("upper", "0.837319580", "0.896440608"),
    ):
        point = points[f"{name} tricritical point"]
        yield rounds_to(point.density, published, f"{name}, p")
        yield rounds_to(point.importance, weight, f"{name}, I")
    epsilon = Fraction(1, 10**6)
    low, high = (density.enclosure(20).midpoint for density in tricritical())
    for p, side in ((Fraction(1, 2), below), (Fraction(7, 10), above), (Fraction(9, 10), below)):
        value, error = _third_order(p, epsilon)
        yield side(value, error if side is above else -error, f"third order at p={p}")
    for p in (low, high):
        value, error = _third_order(p.limit_denominator(10**9), epsilon)
        yield from within(value, 0, error, "third order at the point")


def _losses(
    point: Sequence[Enclosure], weight: Fraction, p: Fraction
) -> tuple[Fraction, list[Fraction]]:
    """Exact loss and gradient of a pair at the rounded middle of an enclosure."""
    w, v, b, c = (value.midpoint.limit_denominator(10**24) for value in point)
    problem = Problem(2, 1, density=p, importance=[1, weight])
    found = expected_loss(problem, [[w, -v]], [b, c])
    slopes = [slope for row in found.gradient.W or () for slope in row] + [*found.gradient.b]
    return Fraction(found.value), [Fraction(slope) for slope in slopes]


@CHAPTER.claim(
    19,
    "First-order boundaries of two features in one dimension, at four importances.",
    r"p = 0.37568618769249103563, 0.48458792611061433180, 0.52589024638596, 0.91478670688225"
    r" \quad \text{for } I = 0.3, 0.5, 0.6, 0.95",
    assumptions=(_LOCAL, "at I = 0.6 between a strong and a weak pair, else against dedicating"),
    source=_OWN,
    route=_BOX,
)
def _first_order() -> Iterator[Comparison]:
    for weight, published in (
        ("3/10", "0.37568618769249103563"),
        ("1/2", "0.48458792611061433180"),
        ("19/20", "0.91478670688225"),
    ):
        importance = Fraction(weight)
        point = first_order_boundary(importance, digits=30)
        yield rounds_to(point.density, published, f"I={weight}")
        p = point.density.midpoint.limit_denominator(10**24)
        loss, slopes = _losses(list(point.unknowns.values()), importance, p)
        for value in (loss - importance * variance(p), *slopes):
            yield from within(value, 0, _TINY, f"I={weight}, by the exact loss")
    point = BETWEEN.point("importance", Fraction(3, 5), 30)
    yield rounds_to(point.density, "0.52589024638596", "I=3/5")
    p = point.density.midpoint.limit_denominator(10**24)
    unknowns = list(point.unknowns.values())
    strong, weak = (_losses(unknowns[k : k + 4], Fraction(3, 5), p) for k in (0, 4))
    for value in (strong[0] - weak[0], *strong[1], *weak[1]):
        yield from within(value, 0, _TINY, "I=3/5, by the exact loss")


@CHAPTER.claim(
    20,
    "At equal importance the best antipodal pair stops being symmetric at p = 0.7064.",
    r"p = 0.70640369267321759707 \quad \text{for } I = 1",
    variables={"I": "real > 0"},
    assumptions=(_LOCAL,),
    source=_OWN,
    route=_BOX,
)
def _breaking() -> Iterator[Comparison]:
    point = symmetry_breaking(30)
    yield rounds_to(point.density, "0.70640369267321759707", "p")
    p = point.density.midpoint.limit_denominator(10**24)
    norm, bias, *pair = point.unknowns.values()
    one = _losses([norm, norm, bias, bias], Fraction(1), p)
    two = _losses(pair, Fraction(1), p)
    for value in (one[0] - two[0], *one[1], *two[1]):
        yield from within(value, 0, _TINY, "by the exact loss")


@CHAPTER.claim(
    21,
    "Dedicating, a weak and a strong pair lose the same at one point.",
    r"I = 0.56413136534766603230, \quad p = 0.51173803211760022659",
    assumptions=(_LOCAL,),
    source=_OWN,
    route=_BOX,
)
def _triple() -> Iterator[Comparison]:
    point = triple_point(30)
    yield rounds_to(point.importance, "0.56413136534766603230", "I")
    yield rounds_to(point.density, "0.51173803211760022659", "p")
    unit = 10**24
    p = point.density.midpoint.limit_denominator(unit)
    weight = point.importance.midpoint.limit_denominator(unit)
    unknowns = list(point.unknowns.values())
    for k, word in ((0, "strong"), (4, "weak")):
        loss, slopes = _losses(unknowns[k : k + 4], weight, p)
        for value in (loss - weight * variance(p), *slopes):
            yield from within(value, 0, _TINY, f"{word} pair, by the exact loss")


@CHAPTER.claim(
    22,
    "At equal importance dedicating is not best at p = 1 either; for I <= 0.988 it may be.",
    r"L < \frac{1}{12} \quad \text{for } W = (0.9356, -0.3675), b = (0.2325, 0.6044), p = 1",
    kind="upper",
    variables={"p": "real in [0, 1]"},
    assumptions=("a weak pair and dedicating lose the same at p = 1, I = 0.98884648227258607",),
    source=_OWN,
    route="the exact loss at rational weights; " + _BOX,
)
def _dense() -> Iterator[Comparison]:
    weights, biases = [["0.9356", "-0.3675"]], ["0.2325", "0.6044"]
    pair = expected_loss(Problem(2, 1, density=1), weights, biases).value
    yield below(pair, variance(Fraction(1)), "p=1, I=1")
    point = special_points(2, 1, digits=20)["dense end"]
    yield rounds_to(point.importance, "0.98884648227258607", "where they lose the same")


@CHAPTER.claim(
    23,
    "Three features in two dimensions: a triangle loses less than any pair beside a dedicated one.",
    r"L < \min_{W, b} L_{\text{pair}} \quad \text{for } p = \frac{3}{5}, I = 1",
    kind="upper",
    variables={"p": "real in [0, 1]", "I": "real > 0"},
    source=_OWN,
    route="the exact loss of a triangle at rational weights; branch and bound on all pairs",
)
def _triangle() -> Iterator[Comparison]:
    p = Fraction(3, 5)
    x, y, bias = Fraction("0.798"), Fraction("0.4607"), Fraction("0.247")
    W = [[x, -x, 0], [y, y, -Fraction("0.9215")]]
    triangle = expected_loss(Problem(3, 2, density=p), W, [bias] * 3).value
    pairs = branch_and_bound(Problem(2, 1, density=p), boxes=_BOXES)
    yield above(verify_boxes(pairs), triangle, "all pairs lose more")
    symmetric = expected_loss(
        Problem(2, 1, density=p), [["0.8687", "-0.8687"]], ["0.2152", "0.2152"]
    ).value
    yield at_least(symmetric, pairs.bound, "the best pair and the bound")


_BOXES = 2600


def _second_and_third_order(
    p: Fraction, weight: Fraction, direction: tuple[Fraction, Fraction], epsilon: Fraction
) -> tuple[Fraction, Fraction]:
    """``(L - I v) / epsilon^2`` for a small last feature, and the loss beyond it by one order."""
    unit = Fraction(1, 10**30)
    root = Fraction(str(sympy.N(_best_bias(p), 40))) // unit * unit
    edge = Fraction(str(sympy.N(_boundary(p), 40))) // unit * unit
    small = [epsilon * u for u in direction]
    norms = [1 + Fraction(3, 8) * (p - 2 * root) * s for s in small]
    W = [[norms[0], 0, -small[0]], [0, norms[1], -small[1]]]
    bias = [s * root for s in small]
    mean = p / 2 * (1 + sum(s * w for s, w in zip(small, norms, strict=True)) - epsilon**2)
    problem = Problem(3, 2, density=p, importance=[1, 1, weight])
    loss = Fraction(expected_loss(problem, W, [*bias, mean]).value) - weight * variance(p)
    second = (edge - weight) * variance(p)
    return loss / epsilon**2, (loss - second * epsilon**2) / epsilon**3


@CHAPTER.claim(
    24,
    "Three features in two dimensions: the ignored one begins to be used where one of two does.",
    r"L - I v = (I_c - I) v \epsilon^2 + C \epsilon^3 (u_1^3 + u_2^3) + O(\epsilon^4)"
    r" \quad \text{for } w_3 = -\epsilon u, \quad u_1^2 + u_2^2 = 1",
    kind="asymptotic",
    variables={r"\epsilon": "real > 0", "I": "real > 0", "p": "real in (0, 1)"},
    assumptions=("I_c as in OPTIMUM-06, C as in PHASE-18, for I = I_c; best norms and biases",),
    source=_OWN,
    route="each of the two outputs as in two features; the third is linear",
)
def _every_direction() -> Iterator[Comparison]:
    epsilon, p = Fraction(1, 10**6), Fraction(7, 10)
    directions = [(Fraction(3, 5), Fraction(4, 5)), (Fraction(5, 13), Fraction(12, 13))]
    for u, weight in itertools.product(directions, map(Fraction, ("3/5", "7/10", "4/5"))):
        value, _ = _second_and_third_order(p, weight, u, epsilon)
        alone, _ = _second_and_third_order(p, weight, (Fraction(1), Fraction(0)), epsilon)
        yield from within(value, alone, 10 * epsilon, f"u={u}, I={weight}")
    along, error = _third_order(p, epsilon)
    edge = Fraction(str(sympy.N(_boundary(p), 40)))
    for u in directions:
        _, third = _second_and_third_order(p, edge, u, epsilon)
        yield from within(third, along * sum(x**3 for x in u), 3 * error, f"u={u}, third order")
