"""Least losses with free norms and biases: two features in one dimension, and to first order."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import sympy
from flint import arb, ctx, fmpq

from theory.claim_list.comparing import (
    Comparison,
    above,
    at_least,
    at_most,
    below,
    equal,
    rounds_to,
    within,
)
from theory.claim_list.instances import variance
from theory.claim_list.record import Chapter
from theory.limits.one_hot import one_hot_loss
from theory.limits.polygons import polygon_critical_point
from theory.loss import expected_loss
from theory.problem import Problem

__all__ = ["CHAPTER"]

CHAPTER = Chapter("OPTIMUM", "least losses with free norms and biases")

_P = {"p": "real in [0, 1]"}
_OWN = "own computation"


def _pair_loss(p: Fraction, weight: Fraction, numbers: tuple[str, ...]) -> Fraction:
    """The exact loss of two features at ``w_1, w_2, b_1, b_2``."""
    w, v, b, c = map(Fraction, numbers)
    problem = Problem(2, 1, density=p, importance=[1, weight])
    return Fraction(expected_loss(problem, [[w, v]], [b, c]).value)


@CHAPTER.claim(
    1,
    "At equal importance dedicating a dimension to one of two features is never best for p < 1.",
    r"L < \frac{p}{3} - \frac{p^2}{4} \quad \text{for } W = \frac{1}{\sqrt{2}} (1, -1),"
    r" b = \frac{p}{2} (1, 1)",
    kind="upper",
    variables={"p": "real in (0, 1)"},
    source="own derivation",
    route="a linear model that ties with dedicating, clipped at 0 (MODEL-05)",
    derivation="dedicated-never-best",
)
def _never_dedicated() -> Iterator[Comparison]:
    root = sympy.sqrt(2) / 2
    for p in map(Fraction, ("1/100", "1/2", "9/10", "99/100")):
        loss = expected_loss(Problem(2, 1, density=p), [[root, -root]], [p / 2, p / 2]).value
        yield below(loss, variance(p), f"p={p}")
    full = expected_loss(Problem(2, 1, density=1), [[root, -root]], ["1/2", "1/2"]).value
    yield equal(full, variance(Fraction(1)), "p=1")


_PAIRS = (
    ("1/10", "1.00579471435", "0.00124900353558", "0.0033194839905"),
    ("1/2", "0.96896999", "0.09768268", "0.0762824469896"),
)


@CHAPTER.claim(
    2,
    "The best antipodal pair with a bias, at two densities.",
    r"L(0.5) = 0.0762824469896 \quad \text{for } l = 0.96897, b = 0.09768",
    source=_OWN,
    route="exact loss at the rounded norm and bias; steps to both sides are worse",
    derivation="antipodal-pair-bias",
)
def _best_pairs() -> Iterator[Comparison]:
    one = Fraction(1)
    for density, norm, bias, published in _PAIRS:
        p = Fraction(density)
        here = _pair_loss(p, one, (norm, f"-{norm}", bias, bias))
        yield rounds_to(here, published, f"p={p}")
        step = Fraction(1, 1000)
        for x, y in ((step, 0), (-step, 0), (0, step), (0, -step)):
            w, b = str(Fraction(norm) + x), str(Fraction(bias) + y)
            there = _pair_loss(p, one, (w, f"-{w}", b, b))
            yield above(there, here, f"p={p}, beside it")
    first = _PAIRS[0]
    here = _pair_loss(Fraction(1, 10), one, (first[1], f"-{first[1]}", first[2], first[2]))
    yield rounds_to(here, "0.003319483990452565154", "p=1/10, 19 digits")


_LOWER = (
    ("3/100", "1.00184221", "0.00009875", "0.1"),
    ("1/10", "1.00579471", "0.001249", "0.4"),
    ("3/10", "1.01035615", "0.01775088", "2.3"),
    ("1/2", "0.96896999", "0.09768268", "8.5"),
)


@CHAPTER.claim(
    3,
    "How much the unit pair without bias loses over the best one, in per cent.",
    r"1 - \frac{L^{*}}{p^2 / 3} = 0.001, 0.004, 0.023, 0.085"
    r" \quad \text{for } p = 0.03, 0.1, 0.3, 0.5",
    kind="lower",
    source=_OWN + "; the closed forms are those of notebooks (PHASE-02)",
    route="by example; that the pairs are best is the evidence of branch and bound (BOUND-09)",
)
def _not_optimal() -> Iterator[Comparison]:
    for density, norm, bias, per_cent in _LOWER:
        p = Fraction(density)
        loss = _pair_loss(p, Fraction(1), (norm, f"-{norm}", bias, bias))
        yield rounds_to((1 - loss / (p**2 / 3)) * 100, per_cent, f"p={p}")


_UNEQUAL = (
    ("1/10", ("1.00961953", "-0.99798648", "0.00086965", "0.00203884"), "0.002484763"),
    ("3/10", ("1.02942269", "-0.96668585", "0.01208151", "0.03119133"), "0.02174237"),
    ("3/5", ("1", "0", "0", "0.3"), "0.055"),
)


@CHAPTER.claim(
    4,
    "Two features of importances 1 and 1/2 in one dimension: best known losses.",
    r"L(0.1) = 0.002484763, \quad L(0.3) = 0.02174237, \quad L(0.6) = 0.055",
    kind="upper",
    source=_OWN + "; branch and bound brackets them (BOUND-09)",
    route="by example; at p = 0.6 one feature is dedicated, I times the variance",
)
def _unequal() -> Iterator[Comparison]:
    for density, numbers, published in _UNEQUAL:
        loss = _pair_loss(Fraction(density), Fraction(1, 2), numbers)
        yield rounds_to(loss, published, f"p={density}")
    yield equal(variance(Fraction(3, 5)) / 2, Fraction("0.055"), "p=3/5, dedicated")


@CHAPTER.claim(
    5,
    "At p = 0.9 and equal importance a pair of unequal norms beats the symmetric one.",
    r"0.0970942 < 0.0974725 < 0.0975",
    kind="upper",
    assumptions=("asymmetric, symmetric and dedicated; n = 2, m = 1",),
    source=_OWN,
    route="by example",
)
def _asymmetric() -> Iterator[Comparison]:
    p, one = Fraction(9, 10), Fraction(1)
    skew = _pair_loss(p, one, ("-0.39774546", "0.93453269", "0.54607711", "0.21817805"))
    even = _pair_loss(p, one, ("0.7087766", "-0.7087766", "0.44951364", "0.44951364"))
    yield rounds_to(skew, "0.0970942", "asymmetric")
    yield rounds_to(even, "0.0974725", "symmetric")
    yield equal(variance(p), Fraction("0.0975"), "dedicated")
    yield below(skew, even, "asymmetric against symmetric")


def _price(p: arb) -> tuple[arb, arb]:
    """``I_c(p)`` by its formula, and the root ``B``."""
    eta = 2 * (1 - p) ** 2 + p / 2
    root = (-eta + (eta**2 + p**3 * (1 - p)).sqrt()) / (2 * p * (1 - p))
    above_p = (1 - p) ** 2 * root**2 + p * (1 - p) * root**3 / 3 + p / 4 * (root - p / 2) ** 2
    return p + above_p / (p / 3 - p**2 / 4), root


def _second_order(p: Fraction, weight: Fraction, root: Fraction, epsilon: Fraction) -> Fraction:
    """``(L - I v) / epsilon^2`` at a small second weight, by the exact loss."""
    k = Fraction(3, 2) * (p / 2 - root)
    w = 1 + k * epsilon / 2
    bias = p / 2 * (1 + epsilon * w - epsilon**2)
    problem = Problem(2, 1, density=p, importance=[1, weight])
    loss = expected_loss(problem, [[w, -epsilon]], [epsilon * root, bias]).value
    return Fraction((loss - weight * variance(p)) / epsilon**2)


@CHAPTER.claim(
    6,
    "The importance at which an ignored feature begins to be used, in closed form.",
    r"I = p + \frac{(1-p)^2 B^2 + \frac{p (1-p) B^3}{3} + \frac{p}{4}"
    r" \left(B - \frac{p}{2}\right)^2}{\frac{p}{3} - \frac{p^2}{4}}"
    r" \quad \text{for } p (1-p) B^2 + \left(2 (1-p)^2 + \frac{p}{2}\right) B = \frac{p^2}{4}",
    variables={"p": "real in (0, 1)", "B": "real > 0", "I": "real > 0"},
    assumptions=("0.5426376700 at I = 0.6, 0.7276497285 at I = 0.8",),
    source="own derivation",
    route="second order in the weight of the ignored feature, best bias and first weight",
    derivation="continuous-boundary",
)
def _stability() -> Iterator[Comparison]:
    half = Fraction(1, 2 * 10**10)
    epsilon = Fraction(1, 10**5)
    with ctx.workprec(128):
        for weight, published in (("3/5", "0.5426376700"), ("4/5", "0.7276497285")):
            p, target = Fraction(published), Fraction(weight)
            for end, side in ((p - half, below), (p + half, above)):
                yield side(_price(arb(fmpq(end.numerator, end.denominator)))[0], target, f"p={end}")
            _, root = _price(arb(fmpq(p.numerator, p.denominator)))
            near = Fraction(round(float(root) * 10**12), 10**12)
            found = _second_order(p, target, near, epsilon)
            yield from within(found, 0, 10 * epsilon, f"I={weight}, at the boundary")
            for other in (target - Fraction(1, 10), target + Fraction(1, 10)):
                slope = _second_order(p, other, near, epsilon)
                expected = (target - other) * variance(p)
                yield from within(slope, expected, 10 * epsilon, f"I={other}, p={p}")


_FIRST_ORDER = (
    ("3/10", "0.3756861876925", ("1.04527015", "-0.72421718", "0.01831805", "0.13034270")),
    ("1/2", "0.4845879261106", ("1.03498366", "-0.75550752", "0.05196625", "0.18570363")),
)


@CHAPTER.claim(
    7,
    "Where an antipodal pair and a dedicated dimension lose the same, with free norms and biases.",
    r"p^{*} = 0.3756861876925, 0.4845879261106 \quad \text{for } I = 0.3, 0.5",
    kind="lower",
    assumptions=(
        "the pair is better at least up to p*; that it is not beyond is a local statement",
    ),
    source=_OWN,
    route="five algebraic equations, solved to 40 digits; the loss of the pair at rounded weights",
)
def _first_order() -> Iterator[Comparison]:
    for weight, published, numbers in _FIRST_ORDER:
        p, importance = Fraction(published), Fraction(weight)
        step = Fraction(1, 2 * 10**13)
        for end, side in ((p - step, below), (p + step, above)):
            pair = _pair_loss(end, importance, numbers)
            yield side(pair, importance * variance(end), f"I={weight}, p={float(end):.15f}")


@CHAPTER.claim(
    8,
    "To first order in the density the best pentagon and hexagon lose 0.0791281 and 0.2891543.",
    r"\frac{h_5}{3} = 0.07912814, \quad \frac{h_6}{3} = 0.28915426",
    kind="upper",
    assumptions=("free norms and biases at most 0; two pairs and an ignored feature lose 1/3",),
    source=_OWN + "; a typed two-point bound (semidefinite program) agrees to 1.5e-4, unproven",
    route="POLYGON-06",
    derivation="one-hot-polygon",
)
def _order_p() -> Iterator[Comparison]:
    for k, published, ignored in ((5, "0.07912814", 1), (6, "0.28915426", 2)):
        point = polygon_critical_point(k)
        with ctx.workprec(128):
            third = arb(fmpq(point.h.midpoint.numerator, point.h.midpoint.denominator)) / 3
        yield rounds_to(third, published, f"k={k}")
        pairs = [[1, -1, 0, 0] + [0] * ignored, [0, 0, 1, -1] + [0] * ignored]
        other = one_hot_loss(pairs, normalisation="one-active sum")
        yield equal(other, Fraction(ignored, 3), f"n={k}, two pairs")
        yield below(third, other, f"n={k}")


@CHAPTER.claim(
    9,
    "At S = 0.7 five features in two dimensions: two pairs and an ignored one lose 0.136121.",
    r"L = 2 L_{\text{pair}} + \frac{p}{3} - \frac{p^2}{4} = 0.136121",
    kind="upper",
    assumptions=("p = 0.3, n = 5, m = 2; trained models end at 0.136128 and above",),
    source=_OWN,
    route="by example; orthogonal parts add up",
)
def _two_pairs() -> Iterator[Comparison]:
    p = Fraction(3, 10)
    norm, bias = Fraction("1.01035615"), Fraction("0.01775088")
    W = [[norm, -norm, 0, 0, 0], [0, 0, norm, -norm, 0]]
    loss = expected_loss(Problem(5, 2, density=p), W, [bias] * 4 + [p / 2]).value
    yield rounds_to(loss, "0.136121", "loss")
    pair = _pair_loss(p, Fraction(1), (str(norm), str(-norm), str(bias), str(bias)))
    yield equal(loss, 2 * pair + variance(p), "by parts")
    yield at_most(loss, Fraction("0.136128"), "against training")
    yield at_least(loss, 2 * Fraction("0.0293103") + variance(p), "best pair, rounded down")
