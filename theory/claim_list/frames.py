"""Sums over all pairs of vectors: Welch bounds, designs, leverage and dimensionality."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from fractions import Fraction

import sympy

from theory.arrangements import (
    Arrangement,
    antipodal_pair,
    named,
    orthoplex,
    regular_polygon,
    simplex,
)
from theory.claim_list.comparing import Comparison, at_least, at_most, below, equal, rounds_to
from theory.claim_list.instances import circle_points, gram_of, matrices, sphere_points
from theory.claim_list.record import Chapter
from theory.limits.quadratic import capacities
from theory.power_model.designs import (
    cell_24_lines,
    e8_lines,
    equiangular_28_lines,
    icosahedron_lines,
    polygon_lines,
)
from theory.power_model.first_order import best_scaled_first_order, first_order_supremum

__all__ = ["CHAPTER"]

CHAPTER = Chapter("FRAME", "sums over pairs of vectors, designs, dimensionality")

_ELHAGE = "Elhage et al. 2022, arXiv:2209.10652"
_SIZES = {"m": "integer >= 1", "n": "integer >= 1"}
_ORDER = {**_SIZES, "k": "integer >= 1"}


def _energy(gram: Sequence[Sequence[Fraction]], power: int) -> Fraction:
    return sum((entry**power for row in gram for entry in row), Fraction(0))


def _constant(m: int, k: int) -> Fraction:
    """``(2k - 1)!! / (m (m + 2) ... (m + 2k - 2))``."""
    over, under = 1, 1
    for j in range(k):
        over, under = over * (2 * j + 1), under * (m + 2 * j)
    return Fraction(over, under)


def _unit_vectors() -> Iterator[tuple[int, int, list[list[Fraction]]]]:
    """Rational unit vectors: how many dimensions, how many, their inner products."""
    for n, seed in itertools.product((3, 5, 8), (1, 2)):
        yield 2, n, gram_of(circle_points(seed, n))
        yield 3, n, gram_of(sphere_points(seed, n))


@CHAPTER.claim(
    1,
    "The frame potential: squared products of unit vectors sum to n^2/m or more.",
    r"\sum_{i=1}^{n} \sum_{j=1}^{n} (w_i \cdot w_j)^2 \ge \frac{n^2}{m}",
    kind="lower",
    variables=_SIZES,
    source="Benedetto and Fickus 2003; Welch 1974",
    route="Cauchy's inequality on at most m eigenvalues with the sum n",
    derivation="real-welch-bound",
)
def _frame_potential() -> Iterator[Comparison]:
    for m, n, gram in _unit_vectors():
        yield at_least(_energy(gram, 2), Fraction(n**2, m), f"n={n}, m={m}")
    for shape in (regular_polygon(5), simplex(4), orthoplex(3)):
        n, m = shape.n_features, shape.n_hidden
        total = sum(entry**2 for entry in shape.gram())
        yield equal(total, Fraction(n**2, m), shape.name)


@CHAPTER.claim(
    2,
    "The Welch bound on the largest product of two unit vectors.",
    r"\mu^2 \ge \frac{n - m}{m (n - 1)}",
    kind="lower",
    variables={**_SIZES, r"\mu": "real >= 0"},
    source="Welch 1974; used in Liu, Liu, Gore 2025, arXiv:2505.10465",
    route="FRAME-01: the mean square off the diagonal",
    derivation="coherence-bounds",
)
def _coherence() -> Iterator[Comparison]:
    for m, n, gram in _unit_vectors():
        largest = max(abs(gram[i][j]) for i in range(n) for j in range(i))
        yield at_least(largest**2, Fraction(n - m, m * (n - 1)), f"n={n}, m={m}")
    for k in (3, 4, 6):
        shape = simplex(k)
        square = shape.gram()[0, 1] ** 2
        yield equal(square, Fraction(1, (k - 1) * (k - 1)), f"simplex of {k}")
    lines = icosahedron_lines()
    u, v = (sympy.Matrix(w) for w in lines.directions[:2])
    square = sympy.radsimp(u.dot(v) ** 2 / (u.dot(u) * v.dot(v)))
    yield equal(square, Fraction(6 - 3, 3 * 5), "6 lines of an icosahedron")


@CHAPTER.claim(
    3,
    "A cap on the coherence admits a bounded number of unit vectors.",
    r"n \le \frac{m (1 - c^2)}{1 - m c^2}",
    kind="upper",
    variables={**_SIZES, "c": "real >= 0"},
    assumptions=("m c^2 < 1", "no product of two vectors exceeds c in size"),
    source="MAIS agenda A4 (coherence cap)",
    route="FRAME-01 read for n",
    derivation="coherence-bounds",
)
def _cap() -> Iterator[Comparison]:
    for n, m, square in ((6, 3, Fraction(1, 5)), (28, 7, Fraction(1, 9)), (4, 3, Fraction(1, 9))):
        yield equal(m * (1 - square) / (1 - m * square), n, f"n={n}, m={m}, c^2={square}")
    found = equiangular_28_lines()
    products = {
        abs(sum((Fraction(x) * Fraction(y) for x, y in zip(u, v, strict=True)), Fraction(0)))
        for u, v in itertools.combinations(found.directions, 2)
    }
    norms = {sum(Fraction(x) ** 2 for x in u) for u in found.directions}
    yield equal(len(products) * len(norms), 1, "28 lines: one product, one norm")
    yield equal((products.pop() / norms.pop()) ** 2, Fraction(1, 9), "28 lines, c^2")
    for m, n, gram in _unit_vectors():
        square = max(gram[i][j] ** 2 for i in range(n) for j in range(i))
        if m * square < 1:
            yield at_most(n, m * (1 - square) / (1 - m * square), f"n={n}, m={m}")


@CHAPTER.claim(
    4,
    "The real Welch bound of order k.",
    r"\sum_{i=1}^{n} \sum_{j=1}^{n} (w_i \cdot w_j)^{2k} \ge"
    r" n^2 \prod_{j=0}^{k-1} \frac{2j + 1}{m + 2j}",
    kind="lower",
    variables=_ORDER,
    source="Sidelnikov 1974; arXiv:1612.06343, arXiv:1101.0140",
    route="averaging a symmetric tensor over rotations; equality for projective k-designs",
    derivation="real-welch-bound",
)
def _real_welch() -> Iterator[Comparison]:
    for m, n, gram in _unit_vectors():
        for k in (1, 2, 3):
            bound = n**2 * _constant(m, k)
            yield at_least(_energy(gram, 2 * k), bound, f"n={n}, m={m}, k={k}")
            yield equal(1 / _constant(m, k), first_order_supremum(m, k), f"m={m}, k={k}")


@CHAPTER.claim(
    5,
    "The complex Welch bound of order k holds for real vectors, and is never the better one.",
    r"\prod_{j=0}^{k-1} \frac{2j + 1}{m + 2j} \ge \frac{1}{\binom{m + k - 1}{k}}",
    variables={"m": "integer >= 1", "k": "integer >= 1"},
    source="Welch 1974 for the complex bound; own comparison",
    route="factor by factor: (2j+1)/(m+2j) against (j+1)/(m+j)",
    derivation="real-welch-bound",
)
def _complex_welch() -> Iterator[Comparison]:
    for m, k in itertools.product(range(1, 9), range(1, 6)):
        other = Fraction(1, math.comb(m + k - 1, k))
        yield at_least(_constant(m, k), other, f"m={m}, k={k}")
    for m, n, gram in _unit_vectors():
        yield at_least(_energy(gram, 4), Fraction(n**2, math.comb(m + 1, 2)), f"n={n}, m={m}, k=2")


@CHAPTER.claim(
    6,
    "The real Welch bound for vectors of any length.",
    r"\sum_{i=1}^{n} \sum_{j=1}^{n} (w_i \cdot w_j)^{2k} \ge"
    r" \left(\sum_{i=1}^{n} |w_i|^{2k}\right)^2 \prod_{j=0}^{k-1} \frac{2j + 1}{m + 2j}",
    kind="lower",
    variables=_ORDER,
    source="own derivation; Sidelnikov 1974 for unit vectors",
    route="as FRAME-04, with masses |w_i|^{2k}",
    derivation="real-welch-bound",
)
def _any_length() -> Iterator[Comparison]:
    for m, k in itertools.product((1, 2, 3), (1, 2, 3)):
        for W in matrices(10 * m + k, m, 5, 3):
            gram = gram_of(W)
            total = sum((gram[i][i] ** k for i in range(5)), Fraction(0))
            yield at_least(_energy(gram, 2 * k), _constant(m, k) * total**2, f"m={m}, k={k}")


def _lines_sum(directions: Sequence[Sequence[object]], power: int) -> Fraction:
    """``sum_ij cos^power`` over lines with rational squared cosines, doubled to both ends."""
    vectors = [[Fraction(str(x)) for x in v] for v in directions]
    norms = [sum(x * x for x in v) for v in vectors]
    total = Fraction(0)
    for (u, a), (v, b) in itertools.product(zip(vectors, norms, strict=True), repeat=2):
        square = sum((x * y for x, y in zip(u, v, strict=True)), Fraction(0)) ** 2 / (a * b)
        total += square ** (power // 2)
    return 4 * total


@CHAPTER.claim(
    7,
    "The 240 roots of E8: equality in the real Welch bound to order 3, not of order 4.",
    r"\sum_{i=1}^{240} \sum_{j=1}^{240} (w_i \cdot w_j)^{2k} = 7200, 2160, 900, 585"
    r" \quad \text{for } k = 1, 2, 3, 4",
    source="Delsarte, Goethals, Seidel 1977 (a spherical 7-design)",
    route="counted pair by pair",
)
def _e8() -> Iterator[Comparison]:
    lines = e8_lines()
    published = {1: 7200, 2: 2160, 3: 900, 4: 585}
    for k, value in published.items():
        total = _lines_sum(lines.directions, 2 * k)
        yield equal(total, value, f"k={k}")
        bound = 240**2 * _constant(8, k)
        yield equal(total, bound, f"k={k}, bound") if k < 4 else below(bound, total, "k=4, bound")


@CHAPTER.claim(
    8,
    "The icosahedron: equality of order 2, 28.8; of order 3 it is above the complex bound.",
    r"\sum_{i=1}^{12} \sum_{j=1}^{12} (w_i \cdot w_j)^{2k} = 28.8, 24.96"
    r" \quad \text{for } k = 2, 3",
    source="design theory; own computation",
    route="12 diagonal and 12 antipodal ones, 120 products of square 1/5",
)
def _icosahedron() -> Iterator[Comparison]:
    for k, published in ((2, "28.8"), (3, "24.96")):
        by_count = 24 + 120 * Fraction(1, 5) ** k
        yield equal(by_count, Fraction(published), f"k={k}")
        value = icosahedron_lines().first_order(k)  # n^2 / sum cos^{2k} over the 6 lines
        yield equal(144 / Fraction(str(value)), by_count, f"k={k}, by the lines")
    yield equal(24 + 120 * Fraction(1, 25), 144 * _constant(3, 2), "k=2, bound")
    complex_bound = Fraction(144, math.comb(5, 3))
    yield below(complex_bound, 24 + 120 * Fraction(1, 125), "k=3, complex bound")


@CHAPTER.claim(
    9,
    "The 24-cell: equality of order 2, 72.",
    r"\sum_{i=1}^{24} \sum_{j=1}^{24} (w_i \cdot w_j)^4 = 72",
    source="design theory; own computation",
    route="counted pair by pair",
)
def _cell_24() -> Iterator[Comparison]:
    vectors = [v for v in itertools.product((-1, 0, 1), repeat=4) if sum(x * x for x in v) == 2]
    total = sum(
        Fraction(sum(x * y for x, y in zip(u, v, strict=True)), 2) ** 4
        for u in vectors
        for v in vectors
    )
    yield equal(len(vectors), 24, "vectors")
    yield equal(total, 72, "24-cell, roots of D4")
    yield equal(24**2 * _constant(4, 2), 72, "bound")
    yield equal(Fraction(24**2) / Fraction(str(cell_24_lines().first_order(2))), 72, "by its lines")


@CHAPTER.claim(
    10,
    "The dimensionalities of all features add up to the rank at most.",
    r"\sum_{i=1}^{n} \frac{|w_i|^4}{\sum_{j=1}^{n} (w_i \cdot w_j)^2} \le m",
    kind="upper",
    variables=_SIZES,
    source=f"{_ELHAGE}, section 'Geometry' and the comment by Zhang; Scherlis et al. 2022,"
    " arXiv:2210.01892 (capacity)",
    route="each is at most a leverage score, and those add up to the rank (FRAME-12)",
)
def _leverage_sum() -> Iterator[Comparison]:
    for m, n in ((1, 3), (2, 4), (3, 5)):
        for W in matrices(m + n, m, n, 4):
            total = sum((Fraction(c) for c in capacities(W)), Fraction(0))
            rank = sympy.Matrix([[sympy.Rational(str(x)) for x in row] for row in W]).rank()
            yield at_most(total, int(rank), f"n={n}, m={m}")
    for shape in (regular_polygon(5), simplex(4), antipodal_pair() + regular_polygon(3)):
        yield equal(sum(capacities(shape)), shape.n_hidden, shape.name)


def _antiprism(height: sympy.Expr) -> Arrangement:
    """Two squares, one turned by 45 degrees, at heights ``+-sqrt(height)``."""
    radius, up = sympy.sqrt(1 - height), sympy.sqrt(height)
    columns = [
        [radius * sympy.cos(sympy.pi * j / 4), radius * sympy.sin(sympy.pi * j / 4), (-1) ** j * up]
        for j in range(8)
    ]
    return named("square antiprism", sympy.Matrix(columns).T)


@CHAPTER.claim(
    11,
    "The plateaus of the dimensionality: 3/4, 2/3, 1/2, 2/5, 3/8.",
    r"D_i = \frac{3}{4}, \frac{2}{3}, \frac{1}{2}, \frac{2}{5}, \frac{3}{8}",
    assumptions=("tetrahedron, triangle, digon, pentagon, tight square antiprism (z^2 = 1/3)",),
    source=f"{_ELHAGE}, section 'Geometry'",
    route="n alike vectors of a tight frame have D = m/n",
)
def _plateaus() -> Iterator[Comparison]:
    shapes = [
        (simplex(4), Fraction(3, 4)),
        (regular_polygon(3), Fraction(2, 3)),
        (antipodal_pair(), Fraction(1, 2)),
        (regular_polygon(5), Fraction(2, 5)),
        (_antiprism(sympy.Rational(1, 3)), Fraction(3, 8)),
    ]
    for shape, share in shapes:
        found = capacities(shape)
        yield equal(found[0], share, shape.name)
        yield equal(found[-1], share, shape.name)
        yield equal(Fraction(shape.n_hidden, shape.n_features), share, f"{shape.name}, m/n")
    bipyramid = capacities(regular_polygon(3) + antipodal_pair())
    for share, value in ((Fraction(2, 3), bipyramid[0]), (Fraction(1, 2), bipyramid[3])):
        yield equal(value, share, "triangular bipyramid")


@CHAPTER.claim(
    12,
    "The leverage inequality: a diagonal entry against its row.",
    r"A_{ii}^2 \le P_{ii} \sum_{j=1}^{n} A_{ij}^2",
    kind="upper",
    variables=_SIZES,
    assumptions=("A is positive semidefinite, P the projector onto its range",),
    source="draft on arXiv:2606.18538 (Swissa, October 2026)",
    route="A = P A and Cauchy's inequality",
)
def _leverage() -> Iterator[Comparison]:
    for W in matrices(77, 2, 4, 4):
        gram = sympy.Matrix([[sympy.Rational(str(x)) for x in row] for row in gram_of(W)])
        matrix = sympy.Matrix([[sympy.Rational(str(x)) for x in row] for row in W])
        if matrix.rank() < 2:
            continue
        projector = matrix.T * (matrix * matrix.T).inv() * matrix
        yield equal(projector.trace(), 2, "trace of the projector")
        for i in range(4):
            bound = projector[i, i] * sum(gram[i, j] ** 2 for j in range(4))
            yield at_most(gram[i, i] ** 2, bound, f"i={i}")


@CHAPTER.claim(
    13,
    "The mean square of the product of two random unit vectors.",
    r"\mathbb{E}(u \cdot v)^2 = \frac{1}{m}",
    variables={"m": "integer >= 1"},
    source="Liu, Liu, Gore 2025, arXiv:2505.10465 (strong regime)",
    route="by symmetry: the squares of all m coordinates have mean 1/m",
)
def _random_overlap() -> Iterator[Comparison]:
    t = sympy.Symbol("t")
    for m in (3, 5, 7, 9):  # the density of the product is (1 - t^2)^((m - 3) / 2)
        weight = (1 - t**2) ** ((m - 3) // 2)
        mean = sympy.integrate(t**2 * weight, (t, -1, 1)) / sympy.integrate(weight, (t, -1, 1))
        yield equal(mean, Fraction(1, m), f"m={m}")
    for k in (3, 5, 8):
        value = polygon_lines(k).first_order(1)  # n^2 / sum cos^2
        yield equal(1 / Fraction(str(value)), Fraction(1, 2), f"{k} lines in the plane")


@CHAPTER.claim(
    14,
    "In a tight frame of unit vectors the mean square off the diagonal is the Welch bound.",
    r"\frac{1}{n (n-1)} \sum_{i \ne j} (w_i \cdot w_j)^2 = \frac{n - m}{m (n - 1)}",
    variables=_SIZES,
    assumptions=("the vectors form a tight frame",),
    source="standard; used in Liu, Liu, Gore 2025, arXiv:2505.10465",
    route="equality in FRAME-01",
    derivation="coherence-bounds",
)
def _tight_mean() -> Iterator[Comparison]:
    for shape in (regular_polygon(5), regular_polygon(7), simplex(5), orthoplex(3)):
        n, m, gram = shape.n_features, shape.n_hidden, shape.gram()
        total = sum(gram[i, j] ** 2 for i in range(n) for j in range(n) if i != j)
        yield equal(total / (n * (n - 1)), Fraction(n - m, m * (n - 1)), shape.name)


@CHAPTER.claim(
    15,
    "The antiprism of the Tammes problem is no tight frame: its dimensionality is 0.36642.",
    r"D_i = 0.36642 \quad \text{for } z^2 = \frac{2 \sqrt{2} - 1}{7}",
    source="own computation; a caution to FRAME-11",
    route="computed in Q(sqrt 2)",
)
def _tammes_antiprism() -> Iterator[Comparison]:
    shape = _antiprism((2 * sympy.sqrt(2) - 1) / 7)
    yield rounds_to(capacities(shape)[0], "0.36642", "z^2 = (2 sqrt 2 - 1)/7")


@CHAPTER.claim(
    16,
    "Equal norms: the best scale of the first-order gain is n^2 over the energy of order q.",
    r"\max_{s} F(s W) = \frac{n^2}{\sum_{i=1}^{n} \sum_{j=1}^{n} (w_i \cdot w_j)^{2q}}",
    variables={"n": "integer >= 1", "q": "integer >= 1", "s": "real"},
    assumptions=("unit vectors",),
    source="own derivation; the q-th order frame potential",
    route="a parabola in s^{2q}",
    derivation="very-sparse-constant",
)
def _best_scale() -> Iterator[Comparison]:
    for (_, n, gram), q in itertools.product(_unit_vectors(), (1, 3)):
        best = n**2 / _energy(gram, 2 * q)
        for scale in (Fraction(1, 2), Fraction(1), best / n):  # s^{2q}
            value = 2 * scale * n - scale**2 * _energy(gram, 2 * q)
            yield at_most(value, best, f"n={n}, q={q}")
        yield equal(2 * (best / n) * n - (best / n) ** 2 * _energy(gram, 2 * q), best, f"n={n}")
    yield equal(best_scaled_first_order(regular_polygon(3), 3), Fraction(32, 11), "triangle, q=3")
