"""Energies of unit vectors without bias, and spherical codes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from fractions import Fraction

import sympy

from theory.arrangements import (
    antipodal_pair,
    regular_polygon,
)
from theory.certificates import PairCertificate, PairPotential, verify, welch_certificate
from theory.claim_list.codes import exact_energy, icosahedron_squares
from theory.claim_list.comparing import (
    Comparison,
    above,
    at_least,
    at_most,
    below,
    equal,
    rounds_to,
)
from theory.claim_list.instances import (
    circle_points,
    gram_of,
    matrices,
    points_on_circle,
    points_on_sphere,
    sphere_points,
)
from theory.claim_list.record import Chapter
from theory.loss import expected_loss
from theory.problem import Problem

__all__ = ["CHAPTER", "SEVEN", "certificate_of", "one_sided_energy"]

CHAPTER = Chapter("SPHERE", "energies of unit vectors, spherical codes")

_SIZES = {"m": "integer >= 1", "n": "integer >= 1"}
_ENERGY = r"E = \sum_{i \ne j} (w_i \cdot w_j)_+^2"


def one_sided_energy(gram: Sequence[Sequence[Fraction]]) -> Fraction:
    """Give the sum of squares of the positive products of different vectors."""
    n = range(len(gram))
    return sum((max(gram[i][j], Fraction(0)) ** 2 for i in n for j in n if i != j), Fraction(0))


_BILLIONTHS = {
    (5, 2): "216200496 366094697 211545443 66914979 0 0 13519893 12000065 3743907",
    (12, 3): "153467592 351936138 303714015 141482269 0 0 15869178 29251095 0 0 0 4279713",
    (10, 4): "93664414 272900322 302855071 135798986 0 0 12179823",
}


def certificate_of(n: int, m: int) -> PairCertificate:
    """Give a certificate of the energy of one-sided squares, of those that are stored."""
    coefficients = [Fraction(int(c), 10**9) for c in _BILLIONTHS[n, m].split()]
    return PairCertificate.claiming(n, m, PairPotential(2, one_sided=True), coefficients)


@CHAPTER.claim(
    1,
    "A polynomial with nonnegative Gegenbauer coefficients below a potential bounds its energy.",
    r"\sum_{i \ne j} f(w_i \cdot w_j) \ge n^2 c_0 - n h(1)",
    kind="lower",
    variables={**_SIZES, "c_0": "real"},
    assumptions=("h = sum c_k P_k with c_k >= 0 for k >= 1, and h <= f on [-1, 1]",),
    source="Delsarte, Goethals, Seidel 1977; Yudin 1992; Schoenberg 1942",
    route="the addition theorem makes each matrix P_k(w_i . w_j) positive semidefinite",
)
def _linear_program() -> Iterator[Comparison]:
    for order, n, seed in itertools.product((1, 2, 3), (4, 7), (1, 2)):
        for m, points in ((2, circle_points(seed, n)), (3, sphere_points(seed, n))):
            bound = verify(welch_certificate(n, m, order)).value
            gram = gram_of(points)
            energy = sum(gram[i][j] ** (2 * order) for i in range(n) for j in range(n) if i != j)
            yield at_least(energy, bound, f"n={n}, m={m}, t^{2 * order}")
    for n, m in ((5, 2), (12, 3)):
        value = verify(certificate_of(n, m)).value
        points = circle_points(3, n) if m == 2 else sphere_points(3, n)
        yield at_least(one_sided_energy(gram_of(points)), value, f"n={n}, m={m}, one-sided square")


@CHAPTER.claim(
    2,
    "The pentagon: its one-sided energy, and a third of it as the loss with one active feature.",
    r"E = \frac{15 - 5 \sqrt{5}}{4}, \quad L_1 = \frac{E}{3} = 0.318305009",
    source="own computation",
    route="ten products cos(2 pi / 5) squared; all others are negative",
    derivation="coherence-bounds",
)
def _pentagon() -> Iterator[Comparison]:
    shape, value = regular_polygon(5), (15 - 5 * sympy.sqrt(5)) / 4
    yield equal(exact_energy(shape), value, "energy")
    yield rounds_to(value, "0.954915028", "energy")
    one_active = 5 * expected_loss(Problem(5, 2, n_active=1), shape).value
    yield equal(one_active, value / 3, "loss")
    yield rounds_to(one_active, "0.318305009", "loss")


@CHAPTER.claim(
    3,
    "Five unit vectors in the plane have at least the energy of the pentagon, up to 1e-6.",
    rf"{_ENERGY} \ge 0.954914",
    kind="lower",
    assumptions=("n = 5, m = 2",),
    source="own computation; the linear program of SPHERE-01",
    route="a certificate with rational coefficients, checked by Sturm sequences",
)
def _five_in_plane() -> Iterator[Comparison]:
    value = verify(certificate_of(5, 2)).value
    yield at_least(value, Fraction("0.954914"), "certificate")
    yield below(value, (15 - 5 * sympy.sqrt(5)) / 4, "certificate against the pentagon")
    for seed in range(6):
        yield at_least(one_sided_energy(gram_of(circle_points(seed, 5))), value, f"vectors {seed}")


@CHAPTER.claim(
    4,
    "Twelve unit vectors in space have an energy of at least 10.09.",
    rf"{_ENERGY} \ge 10.09",
    kind="lower",
    assumptions=("n = 12, m = 3",),
    source="own computation; the linear program of SPHERE-01",
    route="a certificate with rational coefficients, checked by Sturm sequences",
)
def _twelve_in_space() -> Iterator[Comparison]:
    value = verify(certificate_of(12, 3)).value
    yield at_least(value, Fraction("10.09"), "certificate")
    yield at_least(one_sided_energy(gram_of(points_on_sphere(_TWELVE))), value, "best known")
    for seed in range(3):
        yield at_least(one_sided_energy(gram_of(sphere_points(seed, 12))), value, f"vectors {seed}")


@CHAPTER.claim(
    5,
    "One-sided products add up to at least n(n - 2m)/(2m).",
    r"\sum_{i \ne j} (w_i \cdot w_j)_+ \ge \frac{n (n - 2 m)}{2 m}",
    kind="lower",
    variables=_SIZES,
    source="own derivation; public notes on extremal configurations have half of it",
    route="t_+ >= (t^2 + t)/2 on [-1, 1], FRAME-01, and sum t >= -n",
    derivation="coherence-bounds",
)
def _one_sided_sum() -> Iterator[Comparison]:
    for n, seed in itertools.product((3, 5, 8), (1, 2, 3)):
        for m, points in ((2, circle_points(seed, n)), (3, sphere_points(seed, n))):
            gram = gram_of(points)
            yield at_least(_one_sided(gram), Fraction(n * (n - 2 * m), 2 * m), f"n={n}, m={m}")
    line = gram_of([[Fraction(x) for x in (1, 1, 1, -1, -1, -1)]])
    yield equal(_one_sided(line), Fraction(6 * 4, 2), "m=1: equality")


def _one_sided(gram: Sequence[Sequence[Fraction]]) -> Fraction:
    n = range(len(gram))
    return sum((max(gram[i][j], Fraction(0)) for i in n for j in n if i != j), Fraction(0))


@CHAPTER.claim(
    6,
    "Sums of odd powers of products are not negative.",
    r"\sum_{i=1}^{n} \sum_{j=1}^{n} (w_i \cdot w_j)^{2k+1} \ge 0",
    kind="lower",
    variables={"n": "integer >= 1", "k": "integer >= 0"},
    source="own derivation; Schur's product theorem",
    route="entrywise powers of a positive semidefinite matrix are positive semidefinite",
)
def _odd_powers() -> Iterator[Comparison]:
    for m, k in itertools.product((1, 2, 3), (0, 1, 2)):
        for W in matrices(m + 5 * k, m, 5, 3):
            total = sum((x ** (2 * k + 1) for row in gram_of(W) for x in row), Fraction(0))
            yield at_least(total, 0, f"m={m}, power {2 * k + 1}")


SEVEN = tuple(
    map(
        Fraction,
        (
            "-1.3186983",
            "-0.4136361",
            "0.1384519",
            "1.0562908",
            "1.0562908",
            "37.8957687",
            "37.8957687",
        ),
    )
)
"""Tangents of half the angles."""


@CHAPTER.claim(
    7,
    "Seven unit vectors in the plane: two of them doubled beat the regular heptagon.",
    rf"{_ENERGY} \le 5.431977567",
    kind="upper",
    assumptions=("n = 7, m = 2; the heptagon has 5.442353",),
    source="own search",
    route="by example, in rational coordinates",
)
def _seven_in_plane() -> Iterator[Comparison]:
    energy = one_sided_energy(gram_of(points_on_circle(SEVEN)))
    yield at_most(energy, Fraction("5.431977567"), "example")
    heptagon = exact_energy(regular_polygon(7))
    yield rounds_to(heptagon, "5.442353", "heptagon")
    yield below(energy, heptagon, "example against the heptagon")


_TWELVE = tuple(
    (Fraction(s), Fraction(t))
    for s, t in (
        ("-0.6053", "1.2283"),
        ("-0.26065", "0.098"),
        ("1.5376", "0.96692"),
        ("1.52553", "-1.33401"),
        ("-5.15726", "-3.56452"),
        ("0.46909", "-0.16103"),
        ("0.29147", "0.69583"),
        ("0.46909", "-0.16103"),
        ("-0.26065", "0.098"),
        ("-0.26362", "-0.81575"),
        ("-0.26362", "-0.81575"),
        ("-1.35206", "0.0433"),
    )
)


@CHAPTER.claim(
    8,
    "Twelve unit vectors in space: the icosahedron, with energy 12, is not the best.",
    rf"{_ENERGY} \le 11.0975",
    kind="upper",
    assumptions=("n = 12, m = 3",),
    source="own search",
    route="by example, in rational coordinates",
)
def _better_than_icosahedron() -> Iterator[Comparison]:
    energy = one_sided_energy(gram_of(points_on_sphere(_TWELVE)))
    yield at_most(energy, Fraction("11.0975"), "example")
    icosahedron = 12 * sum(icosahedron_squares())
    yield equal(icosahedron, 12, "icosahedron")
    yield above(icosahedron, energy, "icosahedron against the example")


def _petersen() -> list[list[Fraction]]:
    """Products of the Petersen code: pairs of five things, 1/6 where they meet, else -2/3."""
    pairs = list(itertools.combinations(range(5), 2))

    def product(u: tuple[int, int], v: tuple[int, int]) -> Fraction:
        if u == v:
            return Fraction(1)
        return Fraction(1, 6) if set(u) & set(v) else Fraction(-2, 3)

    return [[product(u, v) for v in pairs] for u in pairs]


@CHAPTER.claim(
    9,
    "Ten unit vectors in four dimensions: the Petersen code beats two pentagons.",
    r"\frac{5}{3} < \frac{15 - 5 \sqrt{5}}{2}",
    kind="upper",
    assumptions=("n = 10, m = 4",),
    source="own search; the Petersen code is classical",
    route="six neighbours at 1/6 each; the Gram matrix is 5/2 times a projector of rank 4",
)
def _petersen_code() -> Iterator[Comparison]:
    gram = _petersen()
    square = [
        [sum(gram[i][k] * gram[k][j] for k in range(10)) for j in range(10)] for i in range(10)
    ]
    for i, j in ((0, 0), (0, 1), (0, 9)):
        yield equal(square[i][j], Fraction(5, 2) * gram[i][j], f"projector, entry {i}, {j}")
    yield equal(Fraction(2, 5) * sum(gram[i][i] for i in range(10)), 4, "rank")
    yield equal(one_sided_energy(gram), Fraction(5, 3), "energy")
    two = exact_energy(regular_polygon(5) + regular_polygon(5))
    yield rounds_to(two, "1.909830", "two pentagons")
    yield below(one_sided_energy(gram), two, "against two pentagons")
    yield below(verify(certificate_of(10, 4)).value, Fraction(5, 3), "lower bound")


@CHAPTER.claim(
    10,
    "A pentagon and orthogonal pairs: the energy of the pentagon alone.",
    r"E = \frac{15 - 5 \sqrt{5}}{4}",
    assumptions=("n = 7, m = 3 and n = 9, m = 4",),
    source="own computation; best known at these sizes",
    route="orthogonal parts do not interfere, pairs have no positive product",
)
def _pentagon_and_pairs() -> Iterator[Comparison]:
    for pairs in (1, 2):
        shape = regular_polygon(5)
        for _ in range(pairs):
            shape = shape + antipodal_pair()
        n, m = shape.n_features, shape.n_hidden
        yield equal(exact_energy(shape), (15 - 5 * sympy.sqrt(5)) / 4, f"n={n}, m={m}")
