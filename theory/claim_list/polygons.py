"""Regular polygons: identities, critical points of the one-hot loss, published tables."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from fractions import Fraction

import sympy
from flint import arb, ctx, fmpq

from theory.arithmetic.balls import Enclosure
from theory.arrangements import Arrangement, antipodal_pair, ignored, regular_polygon
from theory.claim_list.comparing import Comparison, above, below, equal, rounds_to, within
from theory.claim_list.record import Chapter
from theory.limits.expansion import density_expansion
from theory.limits.one_hot import one_hot_loss
from theory.limits.polygons import chen_critical_point, polygon_critical_point, polygon_loss
from theory.limits.quadratic import capacities
from theory.loss import expected_loss
from theory.problem import Problem

__all__ = ["CHAPTER"]

CHAPTER = Chapter("POLYGON", "regular polygons")

_CHEN = "Chen, Lau, Mendel, Wei, Murfet 2023, arXiv:2310.06301"


@CHAPTER.claim(
    1,
    "Squared cosines of a regular polygon: around a corner they add up to k/2.",
    r"\sum_{j=1}^{k} \cos^2\left(\frac{2 \pi j}{k}\right) = \frac{k}{2}",
    variables={"k": "integer >= 3"},
    source="standard; used for the pentagon in replications of arXiv:2209.10652",
    route="cos^2 = (1 + cos 2x)/2 and the sum of roots of unity",
    derivation="coherence-bounds",
)
def _cosines() -> Iterator[Comparison]:
    for k in range(3, 13):
        gram = regular_polygon(k).gram()
        total = sum(gram[0, j] ** 2 for j in range(k))
        yield equal(total, Fraction(k, 2), f"k={k}")


@CHAPTER.claim(
    2,
    "Squared cosines over all pairs of corners.",
    r"\sum_{1 \le i < j \le k} \cos^2\left(\frac{2 \pi (i - j)}{k}\right) = \frac{k (k - 2)}{4}",
    variables={"k": "integer >= 3"},
    source="replication of arXiv:2209.10652 (pentagon 3.75)",
    route="POLYGON-01, less the diagonal, halved",
    derivation="coherence-bounds",
)
def _pairs_of_cosines() -> Iterator[Comparison]:
    for k in range(3, 11):
        gram = regular_polygon(k).gram()
        total = sum(gram[i, j] ** 2 for i in range(k) for j in range(i))
        yield equal(total, Fraction(k * (k - 2), 4), f"k={k}")
    yield rounds_to(Fraction(5 * 3, 4), "3.75", "pentagon")


@CHAPTER.claim(
    3,
    "Every corner of a regular polygon has the dimensionality 2/k.",
    r"D_i = \frac{2}{k}",
    variables={"k": "integer >= 3"},
    source="Elhage et al. 2022, arXiv:2209.10652, section 'Geometry' (2/3 triangle, 2/5 pentagon)",
    route="POLYGON-01",
    derivation="coherence-bounds",
)
def _dimensionality() -> Iterator[Comparison]:
    for k in range(3, 11):
        for share in capacities(regular_polygon(k))[:2]:
            yield equal(share, Fraction(2, k), f"k={k}")


def _chen_equations(k: int) -> Iterator[tuple[arb, arb]]:
    """Both equations of the critical point at its enclosure: value, and how wide it is."""
    point = polygon_critical_point(k, digits=40)
    x, y = (_ball(point.norm), _ball(point.bias))
    acute = range(1, -(-k // 4))
    cosines = [arb.cos_pi_fmpq(fmpq(2 * j, k)) for j in acute]
    squares = 1 + 2 * sum((c * c for c in cosines), arb(0))
    plain = 1 + 2 * sum(cosines, arb(0))
    inverse = 1 + 2 * sum((1 / c for c in cosines), arb(0))
    count = 1 + 2 * len(cosines)
    yield x**6 * plain + x**2 * y**2 * inverse + 2 * x**4 * y * count + y**2 - x**4, arb(0)
    yield (
        2 * x**8 * squares + 3 * x**6 * y * plain - x**2 * y**3 * inverse - 2 * x**6 - 2 * y**3,
        arb(0),
    )


def _enclosed(value: Fraction | Enclosure) -> Enclosure:
    return value if isinstance(value, Enclosure) else Enclosure(value, Fraction(0))


def _ball(value: Enclosure) -> arb:
    centre = fmpq(value.midpoint.numerator, value.midpoint.denominator)
    radius = fmpq(value.radius.numerator, value.radius.denominator)
    return arb(arb(centre), arb(radius).upper()) if value.radius else arb(centre)


@CHAPTER.claim(
    4,
    "Norm and bias of a critical polygon solve two polynomial equations.",
    r"x^6 G + x^2 y^2 H + 2 x^4 y M + y^2 - x^4 = 0, \quad"
    r" 2 x^8 F + 3 x^6 y G - x^2 y^3 H - 2 x^6 - 2 y^3 = 0",
    variables={"x": "real > 0", "y": "real <= 0", "k": "integer >= 5"},
    assumptions=(
        "every pair at an acute angle interferes",
        "F = 1 + 2 sum cos^2, G = 1 + 2 sum cos, H = 1 + 2 sum 1/cos, M = 1 + 2 s over the s"
        " neighbours at acute angles",
    ),
    source=f"{_CHEN}, equations of the k-gons",
    route="derivatives of H by l and b",
    derivation="one-hot-polygon",
)
def _equations() -> Iterator[Comparison]:
    with ctx.workprec(200):
        for k in (5, 6, 7, 8, 12):
            for left, right in _chen_equations(k):
                yield equal(left, right, f"k={k}")


@CHAPTER.claim(
    5,
    "The critical pentagon and hexagon: norms and biases.",
    r"l_5 = 1.17046, \quad b_5 = -0.28230, \quad l_6 = 1.32053, \quad b_6 = -0.61814",
    source=f"{_CHEN}, table of critical points",
    route="the only zero of a quartic, isolated",
    derivation="one-hot-polygon",
)
def _pentagon_and_hexagon() -> Iterator[Comparison]:
    published = {5: ("1.17046", "-0.28230"), 6: ("1.32053", "-0.61814")}
    for k, (norm, bias) in published.items():
        point = polygon_critical_point(k)
        yield rounds_to(point.norm, norm, f"l, k={k}")
        yield rounds_to(point.bias, bias, f"b, k={k}")
    longer = polygon_critical_point(5)
    yield rounds_to(longer.norm, "1.17045964", "l, k=5")
    yield rounds_to(longer.bias, "-0.28229728", "b, k=5")


@CHAPTER.claim(
    6,
    "The critical pentagon and hexagon: values of H.",
    r"h_5 = 0.23738, \quad h_6 = 0.86746",
    source=f"{_CHEN}, table of critical points",
    route="H at the enclosed critical point; and H at rational points beside it is no smaller",
    derivation="one-hot-polygon",
)
def _heights() -> Iterator[Comparison]:
    for k, published in ((5, "0.23738"), (6, "0.86746")):
        point = polygon_critical_point(k)
        yield rounds_to(point.h, published, f"k={k}")
        scale, bias = (_rational(v) for v in (point.norm, point.bias))
        loss = expected_loss(
            Problem(k, 2, n_active=1), regular_polygon(k, scale=scale, bias=bias), digits=20
        ).value
        low, high = (loss.midpoint - loss.radius) * 3 * k, (loss.midpoint + loss.radius) * 3 * k
        yield rounds_to(low, published, f"k={k}, by the vertex formula")
        yield rounds_to(high, published, f"k={k}, by the vertex formula")


def _rational(value: Enclosure) -> Fraction:
    return Fraction(round(value.midpoint * 10**12), 10**12)


_TABLE = (
    (6, 4, 0, "0.11111"),
    (6, 4, 1, "0.10417"),
    (6, 4, 2, "0.09722"),
    (6, 5, 0, "0.06874"),
    (6, 5, 1, "0.06180"),
    (6, 6, 0, "0.04819"),
    (5, 4, 0, "0.06667"),
    (5, 4, 1, "0.05667"),
    (5, 5, 0, "0.01583"),
)


@CHAPTER.claim(
    7,
    "Losses of k-gons with c - k dead features, some of them with the bias 1/(2c).",
    r"L = \frac{1}{3 c} \left(h_k + c - k - \frac{3 \sigma}{4 c}\right)",
    variables={"c": "integer >= 3", "k": "integer >= 3", r"\sigma": "integer >= 0"},
    source=f"{_CHEN}, Corollary D.2 and its table of losses",
    route="ONEHOT-05, ONEHOT-06 and POLYGON-06",
    derivation="one-hot-polygon",
)
def _table() -> Iterator[Comparison]:
    for c, k, positive, published in _TABLE:
        at = f"c={c}, k={k}, sigma={positive}"
        yield rounds_to(polygon_loss(k, c, positive=positive), published, at)
    square = [[1, 0, -1, 0, 0, 0], [0, 1, 0, -1, 0, 0]]
    yield equal(one_hot_loss(square), polygon_loss(4, 6), "c=6, k=4, by the lemma")
    bias = [0, 0, 0, 0, Fraction(1, 12), Fraction(1, 12)]
    yield equal(one_hot_loss(square, bias), polygon_loss(4, 6, positive=2), "c=6, k=4, sigma=2")
    yield equal(polygon_loss(4, 4), 0, "c=4, k=4")


@CHAPTER.claim(
    8,
    "A dead feature with the best positive bias saves 1/(4 c^2); for c = 6 that is 1/144.",
    r"L(k, c) - L(k^+, c) = \frac{1}{4 c^2}",
    variables={"c": "integer >= 3", "k": "integer >= 3"},
    source=f"{_CHEN}, k+ variants (L(5+, 6) = 0.06180)",
    route="ONEHOT-06",
    derivation="one-hot-polygon",
)
def _plus_variants() -> Iterator[Comparison]:
    for c in (5, 6, 9):
        saved = _enclosed(polygon_loss(4, c)).midpoint
        saved -= _enclosed(polygon_loss(4, c, positive=1)).midpoint
        yield equal(saved, Fraction(1, 4 * c**2), f"c={c}, k=4")
    five, plus = _enclosed(polygon_loss(5, 6)), _enclosed(polygon_loss(5, 6, positive=1))
    gap = Enclosure(five.midpoint - plus.midpoint, five.radius + plus.radius)
    yield equal(gap, Fraction(1, 144), "c=6, k=5")


@CHAPTER.claim(
    9,
    "Beyond eight sides the equations of the k-gons with all acute neighbours hold for 12 only.",
    r"-l^2 \cos\left(\frac{2 \pi s}{k}\right) < b",
    variables={"k": "integer >= 3"},
    assumptions=("checked for 3 <= k <= 40; s is the last neighbour at an acute angle",),
    source=f"{_CHEN} (no such k-gon for 9 <= k <= 203 unless 4 divides k); sharper here",
    route="the only critical polygon of each k has fewer active neighbours",
)
def _no_solution() -> Iterator[Comparison]:
    found = [k for k in range(3, 41) if chen_critical_point(k, digits=10)]
    expected = [3, 4, 5, 6, 7, 8, 12]
    yield equal(len(found), len(expected), "how many k up to 40")
    for k, known in zip(found, expected, strict=False):
        yield equal(k, known, "which k")


@CHAPTER.claim(
    10,
    "The Bayesian transition from pentagon to hexagon at c = 6 is near n = 601.",
    r"n (L(5) - L(6)) = \frac{3}{2} \log n + 2.7535",
    source=f"{_CHEN} (n_cr = 601)",
    assumptions=("differences 1.5 and 2.7535 of learning coefficient and constant as published",),
    route="solve; n is increasing on the left, concave on the right",
)
def _transition() -> Iterator[Comparison]:
    five, six = _enclosed(polygon_loss(5, 6)), _enclosed(polygon_loss(6, 6))
    with ctx.workprec(128):
        step = _ball(five) - _ball(six)
        # the published difference of losses has four digits, 0.02055
        yield rounds_to(step, "0.02055", "difference of losses")
        for n, side in ((Fraction(601), below), (Fraction(602), above)):
            right = arb(fmpq(3, 2)) * arb(int(n)).log() + arb(fmpq(27535, 10000))
            yield side(arb(fmpq(2055, 100000)) * int(n), right, f"n={n}")


@CHAPTER.claim(
    11,
    "A unit triangle without bias, to second order in the density.",
    r"L = \frac{3}{8} p^2 + O(p^3)",
    kind="asymptotic",
    variables={"p": "real in [0, 1]"},
    source="own derivation",
    route="J(1, 1/2) = 1/16 for each of six ordered pairs (PHASE-11)",
)
def _triangle() -> Iterator[Comparison]:
    found = density_expansion(Problem(3, 2, density=0), regular_polygon(3), order=2).coefficients
    for k, value in enumerate((0, 0, Fraction(3, 8))):
        yield equal(found[k], value, f"coefficient {k}")
    yield equal(6 * Fraction(1, 16), Fraction(3, 8), "by pairs")


_UNIT_PENTAGON = (
    ("1/2", "0.3079503185824"),
    ("1/10", "0.0404235950411"),
    ("1/20", "0.0181869764327"),
    ("1/100", "0.0032781584319"),
)


@CHAPTER.claim(
    12,
    "The unit pentagon without bias: exact losses.",
    r"L(0.1) = 0.0404235950411",
    source="own computation, cross-checked by sampling",
    route="vertex formula in Q(sqrt 5); and the expansion by active counts",
)
def _unit_pentagon() -> Iterator[Comparison]:
    shape = regular_polygon(5)
    expansion = density_expansion(Problem(5, 2, density=0), shape, order=5)
    for density, value in _UNIT_PENTAGON:
        loss = expected_loss(Problem(5, 2, density=density), shape).value
        yield rounds_to(loss, value, f"p={density}")
        yield equal(expansion.at(density).value, loss, f"p={density}, expansion")


_BEST_PENTAGON = (
    ("1/10", "1.10045", "-0.20993", "0.0263051311239"),
    ("1/20", "1.13462", "-0.24633", "0.0089035937243"),
    ("1/100", "1.16311", "-0.27508", "0.0010014822507"),
)


@CHAPTER.claim(
    13,
    "The best regular pentagon: its loss is reached within the rounding of norm and bias.",
    r"L(0.1) = 0.0263051311239 \quad \text{for } l = 1.10045, b = -0.20993",
    source="own computation",
    route="exact loss at the rounded norm and bias; steps to both sides are worse",
)
def _best_pentagon() -> Iterator[Comparison]:
    for density, norm, bias, value in _BEST_PENTAGON:
        here = _pentagon(density, Fraction(norm), Fraction(bias))
        yield from within(here, Fraction(value), Fraction(1, 10**10), f"p={density}")
        step = Fraction(1, 500)
        for a, c in ((step, 0), (-step, 0), (0, step), (0, -step)):
            there = _pentagon(density, Fraction(norm) + a, Fraction(bias) + c)
            yield above(there, here, f"p={density}, beside it")


def _pentagon(density: str, norm: Fraction, bias: Fraction) -> Enclosure:
    shape = regular_polygon(5, scale=norm, bias=bias)
    return _enclosed(expected_loss(Problem(5, 2, density=density), shape, digits=25).value)


@CHAPTER.claim(
    14,
    "Five sparse features in two dimensions form a regular pentagon.",
    r"L(\text{pentagon}) < L(\text{two pairs and one ignored})",
    kind="conjectured",
    assumptions=("n = 5, m = 2, equal importance, p = 0.05 and p = 0.01",),
    source="Elhage et al. 2022, arXiv:2209.10652 (n = 5, m = 2, density 0.05, trained)",
    route="better than the other arrangements that are known; global only to first order in p",
)
def _pentagon_is_best() -> Iterator[Comparison]:
    for density, norm, bias, _ in _BEST_PENTAGON[1:]:
        best = _pentagon(density, Fraction(norm), Fraction(bias))
        p = Fraction(density)
        for other in _others(p):
            loss = expected_loss(Problem(5, 2, density=p), other, digits=25).value
            yield below(best, loss, f"p={p}, {other.name}")


def _others(p: Fraction) -> Iterator[Arrangement]:
    one = Fraction(1)
    for scale, bias in itertools.product((one, Fraction(101, 100)), (Fraction(0), p / 50)):
        pair = antipodal_pair(scale=scale, bias=bias)
        yield pair + pair + ignored(1, bias=p / 2)
    yield regular_polygon(4) + ignored(1, bias=p / 2)
    yield regular_polygon(3, scale=one) + ignored(2, bias=p / 2)


_TRUNCATION = (
    ("7/10", ("-90", "-47", "-13")),
    ("9/10", ("-59", "-11", "-0.9")),
    ("97/100", ("-26", "-1.4", "-0.03")),
    ("99/100", ("-9.9", "-0.18", "-0.0014")),
    ("999/1000", ("-1.1", "-0.002", "-0.0000015")),
)


@CHAPTER.claim(
    15,
    "How far the one-active limit is off: per cent of the loss of a unit pentagon, b = -0.05.",
    r"\frac{L_{\le 1}}{L} - 1 = -0.011 \quad \text{for } S = 0.999",
    assumptions=("L_{<= k} leaves out all samples with more than k active features",),
    source="own computation (table of truncations)",
    route="losses given the number of active features, in Q(sqrt 5)",
)
def _one_active_share() -> Iterator[Comparison]:
    shape = regular_polygon(5, bias=Fraction(-1, 20))
    loss = expected_loss(Problem(5, 2, density=0), shape)
    given = [loss.given_active(k) for k in range(6)]
    for sparsity, published in _TRUNCATION:
        p = 1 - Fraction(sparsity)
        chances = [
            sympy.Rational(*(math.comb(5, k) * p**k * (1 - p) ** (5 - k)).as_integer_ratio())
            for k in range(6)
        ]
        terms = [c * g for c, g in zip(chances, map(_expression, given), strict=True)]
        whole = sum(terms)
        for k, shown in enumerate(published, start=1):
            share = sympy.radsimp((sum(terms[: k + 1]) / whole - 1) * 100)
            yield rounds_to(share, shown, f"S={sparsity}, k<={k}")


def _expression(value: object) -> sympy.Expr:
    if isinstance(value, Fraction):
        return sympy.Rational(value.numerator, value.denominator)
    return value
