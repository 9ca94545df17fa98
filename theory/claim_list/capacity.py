"""The quadratic toy model: capacity, and when features share a dimension."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from fractions import Fraction

from theory.claim_list.comparing import Comparison, above, at_least, at_most, below, equal
from theory.claim_list.instances import gram_of, matrices
from theory.claim_list.record import Chapter
from theory.limits.quadratic import (
    best_capacities,
    capacity_loss,
    quadratic_loss,
    sharing_threshold,
)

__all__ = ["CHAPTER"]

CHAPTER = Chapter("CAPACITY", "the quadratic model: capacity and sharing")

_SOURCE = "Scherlis et al. 2022, arXiv:2210.01892; formula reconstructed, own derivation"
_BETAS = tuple(map(Fraction, ("1", "9/5", "3", "5", "20")))
_FEATURE = {"C": "real in [0, 1]", "v": "real >= 0", r"\beta": "real > 1"}


def _enumerated(
    gram: Sequence[Sequence[Fraction]], v: Sequence[Fraction], beta: Fraction
) -> Fraction:
    """``Var(y - yhat)`` for features ``+-sqrt(beta)`` with chance ``1 / beta``, else 0."""
    n, mean, square = len(v), Fraction(0), Fraction(0)
    for x in itertools.product((-1, 0, 1), repeat=n):
        active = sum(abs(s) for s in x)
        chance = (1 / (2 * beta)) ** active * (1 - 1 / beta) ** (n - active)
        target = sum(v[i] * x[i] ** 2 for i in range(n))
        given = sum(gram[i][j] * x[i] * x[j] for i in range(n) for j in range(n))
        error = beta * (target - given)
        mean += chance * error
        square += chance * error**2
    return square - mean**2


@CHAPTER.claim(
    1,
    "The loss of the quadratic model, best constant included.",
    r"L = (\beta - 1) \sum_{i=1}^{n} (v_i - G_{ii})^2 + 2 \sum_{i \ne j} G_{ij}^2",
    variables={
        "n": "integer >= 1",
        r"\beta": "real >= 1",
        "v_i": "real for i = 1..n",
        "G_{ij}": "real for i = 1..n, j = 1..n",
    },
    assumptions=("features independent, mean 0, variance 1, fourth moment beta",),
    source=_SOURCE,
    route="the variance of a quadratic form",
    derivation="quadratic-sharing",
)
def _loss() -> Iterator[Comparison]:
    v = [Fraction(1), Fraction(1, 2), Fraction(-1, 3)]
    for W, beta in itertools.product(matrices(1, 2, 3, 3), _BETAS):
        formula = quadratic_loss(W, v, beta)
        yield equal(formula, _enumerated(gram_of(W), v, beta), f"beta={beta}, W={W[0]}...")


@CHAPTER.claim(
    2,
    "At a given capacity the best norm leaves a loss that depends on the capacity alone.",
    r"(\beta - 1) (v - s)^2 + 2 s^2 \left(\frac{1}{C} - 1\right) \ge"
    r" v^2 \frac{2 (\beta - 1)(1 - C)}{2 + (\beta - 3) C}",
    kind="lower",
    variables={"C": "real in (0, 1]", "v": "real >= 0", "s": "real >= 0", r"\beta": "real > 1"},
    assumptions=("s = |w_i|^2; the squared products with others sum to s^2 (1/C - 1)",),
    source=_SOURCE,
    route="a parabola in s, least at (beta - 1) v C / (2 + (beta - 3) C)",
    derivation="quadratic-sharing",
)
def _at_capacity() -> Iterator[Comparison]:
    for C, beta in itertools.product(map(Fraction, ("1/10", "1/2", "9/10", "1")), _BETAS[1:]):
        v = Fraction(2)
        least = capacity_loss(C, v, beta)
        best = (beta - 1) * v * C / (2 + (beta - 3) * C)
        for s in (best, best / 2, Fraction(0), Fraction(3)):
            value = (beta - 1) * (v - s) ** 2 + 2 * s**2 * (1 / C - 1)
            compare = equal if s == best else at_least
            yield compare(value, least, f"C={C}, beta={beta}, s={s}")


@CHAPTER.claim(
    3,
    "The marginal benefit of capacity.",
    r"-\frac{d}{dC} \left(v^2 \frac{2 (\beta - 1)(1 - C)}{2 + (\beta - 3) C}\right) ="
    r" \frac{2 (\beta - 1)^2 v^2}{(2 + (\beta - 3) C)^2}",
    variables=_FEATURE,
    source=_SOURCE,
    route="differentiate",
    derivation="quadratic-sharing",
)
def _marginal() -> Iterator[Comparison]:
    for C, beta in itertools.product(map(Fraction, ("0", "1/4", "1/2", "1")), _BETAS[1:]):
        v = Fraction(3, 2)
        # (f(C) - f(D)) / (D - C) is exactly the product form of the two slopes
        D = Fraction(1, 3)
        if D == C:
            continue
        quotient = (capacity_loss(C, v, beta) - capacity_loss(D, v, beta)) / (D - C)
        lower, upper = (2 + (beta - 3) * x for x in (C, D))
        product = 2 * (beta - 1) ** 2 * v**2 / (lower * upper)
        yield equal(quotient, product, f"C={C}, beta={beta}")
    for beta in _BETAS[1:]:  # the limits C = 0 and C = 1
        yield equal(
            2 * (beta - 1) ** 2 / Fraction(2) ** 2, (beta - 1) ** 2 / 2, f"beta={beta}, C=0"
        )
        yield equal(2 * (beta - 1) ** 2 / (2 + beta - 3) ** 2, 2, f"beta={beta}, C=1")


@CHAPTER.claim(
    4,
    "Capacity is shared for beta > 3, all or nothing for beta < 3, indifferent at beta = 3.",
    r"f(C) + f(D) - 2 f\left(\frac{C + D}{2}\right) > 0 \quad \text{for } \beta > 3",
    variables={"C": "real in [0, 1]", "D": "real in [0, 1], != C", r"\beta": "real > 1"},
    assumptions=("f(C) = 2 (beta - 1)(1 - C)/(2 + (beta - 3) C); < 0 for beta < 3, = 0 at 3",),
    source=_SOURCE,
    route="the second derivative has the sign of beta - 3",
    derivation="quadratic-sharing",
)
def _convexity() -> Iterator[Comparison]:
    for beta, (C, D) in itertools.product(
        _BETAS[1:], itertools.combinations(map(Fraction, ("0", "1/2", "1")), 2)
    ):
        ends = capacity_loss(C, 1, beta) + capacity_loss(D, 1, beta)
        middle = 2 * capacity_loss((C + D) / 2, 1, beta)
        compare = above if beta > 3 else below if beta < 3 else equal
        yield compare(ends, middle, f"beta={beta}, C={C}, D={D}")


@CHAPTER.claim(
    5,
    "Two features share one dimension if and only if their coefficients are close enough.",
    r"\frac{2}{\beta - 1} < \frac{v_2}{v_1} < \frac{\beta - 1}{2}",
    variables={"v_1": "real > 0", "v_2": "real > 0", r"\beta": "real > 3"},
    source=_SOURCE,
    route="compare the marginal benefits at capacity 0 and 1 (CAPACITY-03)",
    derivation="quadratic-sharing",
)
def _sharing() -> Iterator[Comparison]:
    for beta in (Fraction(5), Fraction(4), Fraction(20)):
        edge = 2 / (beta - 1)
        yield equal(sharing_threshold(beta), edge, f"beta={beta}")
        small = edge / 1000
        inside, outside = (best_capacities([1, edge + d], 1, beta) for d in (small, -small))
        yield above(inside.capacities[1], 0, f"beta={beta}, just inside")
        yield equal(outside.capacities[1], 0, f"beta={beta}, just outside")
        for first, second in itertools.product(map(Fraction, ("1/4", "3/4", "1")), repeat=2):
            W = [[first, second]]  # no weights do better
            loss = quadratic_loss(W, [1, edge + small], beta)
            yield at_least(loss, inside.loss, f"beta={beta}, W={first}, {second}")


@CHAPTER.claim(
    6,
    "Two equal features in one dimension share it half and half.",
    r"L = \frac{4 v^2 (\beta - 1)}{\beta + 1}",
    variables={"v": "real > 0", r"\beta": "real > 3"},
    assumptions=("n = 2, m = 1", "beta = 5 and v = 1 give 8/3"),
    source=_SOURCE,
    route="CAPACITY-02 with C = 1/2, twice",
    derivation="quadratic-sharing",
)
def _equal_pair() -> Iterator[Comparison]:
    for beta in (Fraction(5), Fraction(4), Fraction(20)):
        found = best_capacities([1, 1], 1, beta)
        yield equal(found.loss, 4 * (beta - 1) / (beta + 1), f"beta={beta}")
        square = found.squared_norms[0]
        own = 2 * (beta - 1) * (1 - square) ** 2 + 4 * square**2
        yield equal(own, found.loss, f"beta={beta}, by the norms")
    yield equal(best_capacities([1, 1], 1, 5).loss, Fraction(8, 3), "beta=5")


@CHAPTER.claim(
    7,
    "Masked signs of variance 1 have the kurtosis 1 over the density.",
    r"\mathbb{E} x^4 = \frac{1}{q}",
    variables={"q": "real in (0, 1]"},
    assumptions=("x = +-1/sqrt(q) with probability q, else 0",),
    source=_SOURCE,
    route="definition",
)
def _masked_signs() -> Iterator[Comparison]:
    for q in map(Fraction, ("1", "1/2", "1/5", "1/100")):
        # the enumeration above takes these features: one feature, no weights, v = 1
        variance = _enumerated([[Fraction(0)]], [Fraction(1)], 1 / q)
        yield equal(variance, 1 / q - 1, f"q={q}, E x^4 - 1")


@CHAPTER.claim(
    8,
    "No weights lose less than the best capacities do.",
    r"L(W) \ge \min_{C} \sum_{i=1}^{n} v_i^2 \frac{2 (\beta - 1)(1 - C_i)}{2 + (\beta - 3) C_i}",
    kind="lower",
    variables={"n": "integer >= 1", r"\beta": "real > 1", "v_i": "real >= 0 for i = 1..n"},
    assumptions=("0 <= C_i <= 1, sum C_i <= m",),
    source=_SOURCE,
    route="CAPACITY-02 for each feature, FRAME-10; attained by the Schur-Horn theorem",
    derivation="quadratic-sharing",
)
def _least() -> Iterator[Comparison]:
    v = [Fraction(1), Fraction(2, 3), Fraction(1, 2)]
    for m, beta in itertools.product((1, 2), _BETAS[1:]):
        least = best_capacities(v, m, beta)
        for W in matrices(m, m, 3, 4):
            yield at_least(quadratic_loss(W, v, beta), least.loss, f"m={m}, beta={beta}")
        yield at_most(sum(least.capacities), m, f"m={m}, beta={beta}, capacity")
        total = sum(capacity_loss(c, x, beta) for c, x in zip(least.capacities, v, strict=True))
        yield equal(total, least.loss, f"m={m}, beta={beta}, by capacities")
