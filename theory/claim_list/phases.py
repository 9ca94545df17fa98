"""Two features in one dimension, pairs and ignored features: candidates and boundaries."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial

import sympy

from theory.arrangements import antipodal_pair
from theory.claim_list.comparing import Comparison, above, below, equal
from theory.claim_list.instances import DENSITIES, gram_of, variance
from theory.claim_list.pieces import literal_loss, positive_power
from theory.claim_list.record import Chapter
from theory.loss import expected_loss
from theory.problem import Binary, Problem

__all__ = ["CHAPTER"]

CHAPTER = Chapter("PHASE", "two features in one dimension, candidates and boundaries")

_NOTEBOOK = "wattenberg, Exploring Exact Toy Models (notebook)"
_P = {"p": "real in [0, 1]"}
_PAIR = [[Fraction(1), Fraction(-1)]]
_INSIDE = DENSITIES[1:-1]
_IMPORTANCES = tuple(map(Fraction, ("0", "1/10", "1/2", "1", "3", "10")))


@CHAPTER.claim(
    1,
    "Two unit features in opposite directions, no bias: each loses p^2/6.",
    r"L = (1 + I) \frac{p^2}{6}",
    variables={**_P, "I": "real >= 0"},
    source=f"{_NOTEBOOK}: (1 + r) s^2 / 6",
    route="only when both are active is anything lost, E min(u, v)^2 = 1/6 by each output",
    derivation="antipodal-pair",
)
def _pair() -> Iterator[Comparison]:
    for p, weight in itertools.product(DENSITIES, _IMPORTANCES):
        problem = Problem(2, 1, density=p, importance=[1, weight])
        yield equal(
            expected_loss(problem, _PAIR).value, (1 + weight) * p**2 / 6, f"p={p}, I={weight}"
        )


@CHAPTER.claim(
    2,
    "At equal importance an antipodal pair of unit features without bias loses p^2/3.",
    r"L = \frac{p^2}{3}",
    variables=_P,
    source=f"{_NOTEBOOK}: s^2 / 3",
    route="PHASE-01 with I = 1",
    derivation="antipodal-pair",
)
def _equal_pair() -> Iterator[Comparison]:
    for p in DENSITIES:
        literal = literal_loss(gram_of(_PAIR), [Fraction(0)] * 2, p)
        yield equal(literal, p**2 / 3, f"p={p}")


@CHAPTER.claim(
    3,
    "The mean square of the smaller of two uniform features.",
    r"\mathbb{E} \min(u, v)^2 = \frac{1}{6}",
    random={"u": "uniform on [0, 1]", "v": "uniform on [0, 1]"},
    source="MAIS agenda A4",
    route="P(min > t) = (1 - t)^2; also (u - (u - v)_+)^2 = min(u, v)^2",
    derivation="antipodal-pair",
)
def _smaller() -> Iterator[Comparison]:
    by_tail = Fraction(2, 2) - Fraction(4, 3) + Fraction(2, 4)  # int 2 t (1 - t)^2 dt
    yield equal(by_tail, Fraction(1, 6), "by the tail")
    rest = positive_power(1, [Fraction(-1)]).weighted(1, Fraction(1), Fraction(0))
    square = positive_power(2, [Fraction(-1)]).weighted(0, Fraction(1), Fraction(0))
    yield equal(Fraction(1, 3) - 2 * rest + square, by_tail, "by the ReLU")
    given = expected_loss(Problem(2, 1, density=1), _PAIR).value
    yield equal(given / 2, by_tail, "by the loss")


def _drop(p: Fraction, weight: Fraction) -> Fraction:
    """One feature kept, the other, of this importance, replaced by its mean."""
    problem = Problem(2, 1, density=p, importance=[1, weight])
    return Fraction(expected_loss(problem, [[1, 0]], [0, p / 2]).value)


def _together(p: Fraction, weight: Fraction) -> Fraction:
    return Fraction(expected_loss(Problem(2, 1, density=p, importance=[1, weight]), _PAIR).value)


def _crossing(
    p: Fraction,
    first: Callable[[Fraction], Fraction],
    second: Callable[[Fraction], Fraction],
    at: str,
) -> Iterator[Comparison]:
    """Equal at the boundary; the first is the smaller below it, the larger above it."""
    step = min(p, 1 - p) / 1000
    yield equal(first(p), second(p), at)
    yield below(first(p - step), second(p - step), f"{at}, just below")
    yield above(first(p + step), second(p + step), f"{at}, just above")


@CHAPTER.claim(
    4,
    "Boundary of the unit-norm candidates for a less important second feature.",
    r"I \left(\frac{p}{3} - \frac{p^2}{4}\right) = (1 + I) \frac{p^2}{6}"
    r" \quad \text{for } p = \frac{4 I}{2 + 5 I}",
    variables={"I": "real > 0, <= 1", "p": "real in [0, 1]"},
    assumptions=("unit norms; bias 0, or p/2 for an ignored feature",),
    source="replication of Elhage et al. 2022, arXiv:2209.10652, figure of n = 2, m = 1",
    route="equate the losses of two candidates",
    derivation="phase-boundaries",
)
def _boundary_below() -> Iterator[Comparison]:
    for weight in map(Fraction, ("1/10", "1/3", "1/2", "9/10", "1")):
        p = 4 * weight / (2 + 5 * weight)
        yield from _crossing(
            p, partial(_together, weight=weight), partial(_drop, weight=weight), f"I={weight}"
        )


@CHAPTER.claim(
    5,
    "Boundary of the unit-norm candidates for a more important second feature.",
    r"\frac{p}{3} - \frac{p^2}{4} = (1 + I) \frac{p^2}{6}"
    r" \quad \text{for } p = \frac{4}{5 + 2 I}",
    variables={"I": "real >= 1", "p": "real in [0, 1]"},
    assumptions=("unit norms; bias 0, or p/2 for an ignored feature",),
    source="replication of Elhage et al. 2022, arXiv:2209.10652, figure of n = 2, m = 1",
    route="equate the losses of two candidates",
    derivation="phase-boundaries",
)
def _boundary_above() -> Iterator[Comparison]:
    for weight in map(Fraction, ("1", "3/2", "2", "5", "10")):
        p = 4 / (5 + 2 * weight)
        yield from _crossing(
            p,
            partial(_together, weight=weight),
            partial(_drop, weight=Fraction(1)),
            f"I={weight}",
        )


@CHAPTER.claim(
    6,
    "At equal importance and p = 4/7, S = 3/7, the three unit-norm candidates lose the same.",
    r"\frac{p}{3} - \frac{p^2}{4} = \frac{p^2}{3} \quad \text{for } p = \frac{4}{7}",
    variables={"p": "real > 0, <= 1"},
    assumptions=("unit norms; bias 0, or p/2 for an ignored feature",),
    source="MAIS agenda A4 (S = 3/7); replication of arXiv:2209.10652 for n = 2, m = 1",
    route="solve a linear equation in p",
    derivation="phase-boundaries",
)
def _triple_point() -> Iterator[Comparison]:
    p, one = Fraction(4, 7), Fraction(1)
    values = [
        expected_loss(Problem(2, 1, density=p), [[1, 0]], [0, p / 2]).value,
        expected_loss(Problem(2, 1, density=p), [[0, 1]], [p / 2, 0]).value,
        literal_loss(gram_of(_PAIR), [Fraction(0)] * 2, p),
    ]
    for value in values:
        yield equal(value, p**2 / 3, "p=4/7")
    yield from _crossing(p, partial(_together, weight=one), partial(_drop, weight=one), "I=1")


@CHAPTER.claim(
    7,
    "Three features in two dimensions: the boundary of the candidates does not depend on I >= 1.",
    r"\min\left(\frac{p}{3} - \frac{p^2}{4}, I \left(\frac{p}{3} - \frac{p^2}{4}\right)\right) ="
    r" \min\left(\frac{p^2}{3}, (1 + I) \frac{p^2}{6}\right) \quad \text{for } p = \frac{4}{7}",
    variables={"I": "real >= 1", "p": "real in [0, 1]"},
    assumptions=("unit norms; bias 0, or p/2 for an ignored feature",),
    source="Elhage et al. 2022, arXiv:2209.10652, figure of n = 3, m = 2; own derivation",
    route="for I >= 1 the pair is made of the two other features",
    derivation="phase-boundaries",
)
def _three_in_two() -> Iterator[Comparison]:
    p = Fraction(4, 7)
    for weight in map(Fraction, ("1", "3/2", "2", "10")):
        problem = Problem(3, 2, density=p, importance=[1, 1, weight])
        dropped = expected_loss(problem, [[0, 1, 0], [0, 0, 1]], [p / 2, 0, 0]).value
        others = expected_loss(problem, [[1, -1, 0], [0, 0, 1]]).value
        extra = expected_loss(problem, [[1, 0, 0], [0, 1, -1]]).value
        yield equal(dropped, min(others, extra), f"I={weight}")
        yield equal(min(others, extra), p**2 / 3, f"I={weight}")


@CHAPTER.claim(
    8,
    "Antipodal pairs and ignored features: the price of a configuration, and its gap.",
    r"(n - m) v - \left(\frac{m p^2}{3} + (n - 2 m) v\right) = \frac{m (1-S)(7 S - 3)}{12},"
    r" \quad v = \frac{p}{3} - \frac{p^2}{4}, \quad p = 1 - S",
    variables={"m": "integer >= 1", "n": "integer >= 2 m", "S": "real in [0, 1]"},
    source="MAIS agenda A4, theorem (antipodal price and gap)",
    route="m (v - p^2/3), factored",
)
def _gap() -> Iterator[Comparison]:
    for (m, n), p in itertools.product(((1, 2), (1, 3), (2, 4)), DENSITIES):
        pairs = [[Fraction((j == 2 * k) - (j == 2 * k + 1)) for j in range(n)] for k in range(m)]
        bias = [Fraction(0) if j < 2 * m else p / 2 for j in range(n)]
        antipodal = expected_loss(Problem(n, m, density=p), pairs, bias).value
        yield equal(antipodal, m * p**2 / 3 + (n - 2 * m) * variance(p), f"m={m}, n={n}, p={p}")
        S = 1 - p
        gap = (n - m) * variance(p) - antipodal
        yield equal(gap, m * (1 - S) * (7 * S - 3) / 12, f"m={m}, n={n}, S={S}")


@CHAPTER.claim(
    9,
    "Two binary features in one dimension: opposite directions lose 2 p^2, one kept loses p.",
    r"\mathbb{E}\left[(x - (x - y)_+)^2 + (y - (y - x)_+)^2\right] = 2 p^2",
    variables=_P,
    random={"x": "binary with probability p, else 0", "y": "binary with probability p, else 0"},
    source="Shi et al. 2026, arXiv:2609.06862 (binary features, antipodal against dedicated)",
    route="four cases",
    derivation="binary-pair",
)
def _binary() -> Iterator[Comparison]:
    for p in DENSITIES:
        problem = Problem(2, 1, density=p, features=Binary())
        cases = sum(
            chance * ((x - max(x - y, 0)) ** 2 + (y - max(y - x, 0)) ** 2)
            for x, y, chance in (
                (0, 0, (1 - p) ** 2),
                (1, 0, p - p**2),
                (0, 1, p - p**2),
                (1, 1, p**2),
            )
        )
        yield equal(expected_loss(problem, _PAIR).value, cases, f"p={p}, opposite")
        yield equal(cases, 2 * p**2, f"p={p}")
        yield equal(expected_loss(problem, [[1, 0]]).value, p, f"p={p}, one kept")


def _same_sign(u: Fraction, v: Fraction, p: Fraction) -> Fraction:
    square = (1 - u**2) ** 2 + u**2 * v**2
    return p / 3 * square - p**2 / 2 * (1 - u**2) * u * v


@CHAPTER.claim(
    10,
    "Two features of one sign in one dimension without bias: the exact loss.",
    r"L = T(u, v) + I T(v, u), \quad T(u, v) = \frac{p}{3} \left((1 - u^2)^2 + u^2 v^2\right)"
    r" - \frac{p^2}{2} (1 - u^2) u v",
    variables={**_P, "I": "real >= 0", "u": "real >= 0", "v": "real >= 0"},
    source="own derivation; the case of the comment by T. McGrath in arXiv:2209.10652",
    route="the ReLU never cuts; a linear model without bias",
    derivation="two-features-no-bias",
)
def _same_signs() -> Iterator[Comparison]:
    grid = list(map(Fraction, ("0", "1/3", "1", "3/2")))
    for (u, v), p in itertools.product(itertools.product(grid, grid), DENSITIES[1:4]):
        weight = Fraction(1, 2)
        problem = Problem(2, 1, density=p, importance=[1, weight])
        formula = _same_sign(u, v, p) + weight * _same_sign(v, u, p)
        yield equal(expected_loss(problem, [[u, v]]).value, formula, f"u={u}, v={v}, p={p}")


def _opposite(a: Fraction, c: Fraction) -> Fraction:
    """``J(a, c)``: both features active."""
    if c <= a and a:
        first = a / 3 - c / 4 + c**3 / (24 * a**2)
        second = a**2 / 3 - a * c / 2 + c**2 / 3 - c**3 / (12 * a)
    elif c:
        first, second = a**2 / (8 * c), a**3 / (12 * c)
    else:
        first = second = Fraction(0)
    return Fraction(1, 3) - 2 * a * first + a**2 * second


@CHAPTER.claim(
    11,
    "Two features of opposite signs in one dimension without bias: the exact loss.",
    r"L = \frac{p (1-p)}{3} \left((1 - u^2)^2 + I (1 - v^2)^2\right)"
    r" + p^2 (J(u, v) + I J(v, u))",
    variables={**_P, "I": "real >= 0", "u": "real > 0", "v": "real > 0"},
    assumptions=(
        "J(a, c) = 1/3 - 2 a E_1 + a^2 E_2 with E_1 = a/3 - c/4 + c^3/(24 a^2), E_2 = a^2/3"
        " - a c/2 + c^2/3 - c^3/(12 a) for c <= a, and E_1 = a^2/(8c), E_2 = a^3/(12c) for c >= a",
    ),
    source="own derivation; the case of the comment by T. McGrath in arXiv:2209.10652",
    route="integrate u (a u - c v)_+ and (a u - c v)_+^2 over the square",
    derivation="two-features-no-bias",
)
def _opposite_signs() -> Iterator[Comparison]:
    grid = list(map(Fraction, ("0", "1/3", "1", "3/2")))
    for (u, v), p in itertools.product(itertools.product(grid, grid), DENSITIES[1:4]):
        weight = Fraction(1, 2)
        problem = Problem(2, 1, density=p, importance=[1, weight])
        alone = p * (1 - p) / 3 * ((1 - u**2) ** 2 + weight * (1 - v**2) ** 2)
        both = p**2 * (_opposite(u, v) + weight * _opposite(v, u))
        value = expected_loss(problem, [[u, -v]]).value
        yield equal(value, alone + both, f"u={u}, v={v}, p={p}")


@CHAPTER.claim(
    12,
    "The best antipodal pair without bias at equal importance.",
    r"L = \frac{p^2 (32 - 25 p)}{24 (4 - 3 p)} \quad \text{for } w^2 = \frac{8 - 5 p}{8 - 6 p}",
    variables={"p": "real in [0, 1]", "w": "real > 0"},
    source="own derivation; the case of the comment by T. McGrath in arXiv:2209.10652",
    route="PHASE-11 with u = v = w is a parabola in w^2",
    derivation="two-features-no-bias",
)
def _best_pair() -> Iterator[Comparison]:
    for p in DENSITIES[1:]:
        scale = sympy.sqrt(sympy.Rational(*((8 - 5 * p) / (8 - 6 * p)).as_integer_ratio()))
        found = expected_loss(Problem(2, 1, density=p), antipodal_pair(scale=scale))
        yield equal(found.value, p**2 * (32 - 25 * p) / (24 * (4 - 3 * p)), f"p={p}")
        for row in found.gradient.W or ():
            for slope in row:
                yield equal(slope, 0, f"p={p}, slope")


@CHAPTER.claim(
    13,
    "The confused pair: two features in one direction without bias lose the variance of one.",
    r"L = \frac{p}{3} - \frac{p^2}{4} \quad \text{for } w^2 = \frac{1}{2}",
    variables={"p": "real in [0, 1]", "w": "real > 0"},
    source="comment by T. McGrath in Elhage et al. 2022, arXiv:2209.10652 (W = (1, 1)/sqrt 2)",
    route="PHASE-10 with u = v = w is a parabola in w^2",
    derivation="two-features-no-bias",
)
def _confused() -> Iterator[Comparison]:
    root = sympy.sqrt(2) / 2
    for p in DENSITIES:
        found = expected_loss(Problem(2, 1, density=p), [[root, root]])
        yield equal(found.value, variance(p), f"p={p}")
        for row in found.gradient.W or ():
            for slope in row:
                yield equal(slope, 0, f"p={p}, slope")


@CHAPTER.claim(
    14,
    "Without bias the confused pair overtakes the antipodal one at p = (40 - 4 sqrt 14)/43.",
    r"\frac{p^2 (32 - 25 p)}{24 (4 - 3 p)} = \frac{p}{3} - \frac{p^2}{4}"
    r" \quad \text{for } p = \frac{40 - 4 \sqrt{14}}{43}",
    variables={"p": "real in [0, 1]"},
    source="own derivation; the transition of the comment by T. McGrath in arXiv:2209.10652",
    route="43 p^2 - 80 p + 32 = 0",
    derivation="two-features-no-bias",
)
def _confusion_boundary() -> Iterator[Comparison]:
    p = (40 - 4 * sympy.sqrt(14)) / 43
    left = sympy.radsimp(p**2 * (32 - 25 * p) / (24 * (4 - 3 * p)))
    yield equal(left, p / 3 - p**2 / 4, "at the boundary")
    yield equal(43 * p**2 - 80 * p + 32, 0, "root")
    for q, sign in ((Fraction(58, 100), 1), (Fraction(59, 100), -1)):
        scale = sympy.sqrt(sympy.Rational(*((8 - 5 * q) / (8 - 6 * q)).as_integer_ratio()))
        pair = expected_loss(Problem(2, 1, density=q), antipodal_pair(scale=scale)).value
        side = below if sign > 0 else above
        yield side(pair, variance(q), f"p={q}")


def _row_loss(alpha: Fraction, gamma: Fraction, b: Fraction, p: Fraction) -> Fraction:
    """An output of an antipodal pair, ``0 <= b <= gamma``, written out."""

    def plus(z: Fraction) -> Fraction:
        return max(z, Fraction(0))

    def second(z: Fraction) -> Fraction:
        return (1 - p) * plus(z) ** 2 + p / (3 * gamma) * (plus(z) ** 3 - plus(z - gamma) ** 3)

    def third(z: Fraction) -> Fraction:
        head = (1 - p) * plus(z) ** 3 / 3
        return head + p / (12 * gamma) * (plus(z) ** 4 - plus(z - gamma) ** 4)

    mean = (third(b + alpha) - third(b)) / alpha
    return p / 3 - p / alpha * (second(b + alpha) - mean) + (1 - p) * second(b) + p * mean


@CHAPTER.claim(
    15,
    "One output of an antipodal pair with a bias: a quadratic polynomial in p.",
    r"\frac{p}{3} - \frac{p}{\alpha} (V(b + \alpha) - A) + (1 - p) V(b) + p A, \quad"
    r" V(z) = (1 - p) z_+^2 + \frac{p}{3 \gamma} \left(z_+^3 - (z - \gamma)_+^3\right), \quad"
    r" A = \frac{1}{\alpha} \int_b^{b + \alpha} V(z) \,dz",
    variables={**_P, r"\alpha": "real > 0", r"\gamma": "real > 0", "b": r"real >= 0, <= \gamma"},
    source="own derivation",
    route="average one feature after the other out of z_+^2",
    derivation="antipodal-pair-bias",
)
def _pair_with_bias() -> Iterator[Comparison]:
    for w, v in itertools.product(map(Fraction, ("1/2", "1", "3/2")), repeat=2):
        for b, p in itertools.product(map(Fraction, ("0", "1/20", "1/4")), DENSITIES[1:4]):
            found = expected_loss(Problem(2, 1, density=p), [[w, -v]], [b, 0]).per_output[0]
            yield equal(found, _row_loss(w**2, w * v, b, p), f"w={w}, v={v}, b={b}, p={p}")
