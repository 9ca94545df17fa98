"""Spherical codes: vectors without positive products, largest cosines."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from fractions import Fraction

import sympy

from theory.arrangements import Arrangement, named, orthoplex, simplex
from theory.claim_list.comparing import Comparison, above, at_least, at_most, equal, rounds_to
from theory.claim_list.instances import gram_of, sphere_points
from theory.claim_list.record import Chapter

__all__ = ["CHAPTER", "exact_energy", "icosahedron_squares"]

CHAPTER = Chapter("CODE", "spherical codes")

_SIZES = {"m": "integer >= 1", "n": "integer >= 1"}


def exact_energy(shape: Arrangement) -> sympy.Expr:
    """The same for an arrangement with algebraic cosines."""
    gram, n = shape.gram(), range(shape.n_features)
    positive = {t: above(t, 0).holds() for t in {*gram}}
    return sum(
        (gram[i, j] ** 2 for i in n for j in n if i != j and positive[gram[i, j]]),
        sympy.Integer(0),
    )


def icosahedron_squares() -> list[Fraction]:
    """Squares of the positive products of one corner with the eleven others."""
    golden = sympy.GoldenRatio.rewrite(sympy.sqrt)
    signs = list(itertools.product((1, -1), repeat=2))
    corners = [(0, a, b * golden) for a, b in signs]
    corners += [(b * golden, 0, a) for a, b in signs] + [(a, b * golden, 0) for a, b in signs]
    norm = 1 + golden**2
    products = [
        sympy.radsimp(sympy.expand(sum(x * y for x, y in zip(corners[0], v, strict=True)) / norm))
        for v in corners[1:]
    ]
    squares = [sympy.radsimp(t**2) for t in products if above(t, 0).holds()]
    return [Fraction(int(t.p), int(t.q)) for t in squares]


@CHAPTER.claim(
    1,
    "Up to 2m nonzero vectors can have no positive product, and no more.",
    r"n \le 2 m",
    kind="upper",
    variables=_SIZES,
    assumptions=("w_i . w_j <= 0 for all i != j", "no vector is zero"),
    source="MAIS agenda A4; public notes on extremal configurations",
    route="induction over m: project along one vector",
)
def _no_positive_product() -> Iterator[Comparison]:
    grids = {1: 2, 2: 2, 3: 1}
    for m, size in grids.items():
        vectors = [v for v in itertools.product(range(-size, size + 1), repeat=m) if any(v)]
        yield equal(_largest_obtuse(vectors), 2 * m, f"m={m}, entries up to {size}")
    for m in (1, 2, 3):
        shape = orthoplex(m)
        yield equal(exact_energy(shape), 0, f"{shape.name}")
        yield equal(shape.n_features, 2 * m, f"{shape.name}, count")


def _largest_obtuse(vectors: Sequence[tuple[int, ...]]) -> int:
    """The largest set of vectors without a positive product, by exhaustion."""

    def grown(taken: int, rest: list[tuple[int, ...]]) -> int:
        best = taken
        for k, v in enumerate(rest):
            if taken + len(rest) - k <= best:
                break
            fitting = [
                u for u in rest[k + 1 :] if sum(x * y for x, y in zip(u, v, strict=True)) <= 0
            ]
            best = max(best, grown(taken + 1, fitting))
        return best

    return grown(0, list(vectors))


@CHAPTER.claim(
    2,
    "Up to m + 1 unit vectors: the largest product is at least -1/(n - 1).",
    r"\max_{i \ne j} w_i \cdot w_j \ge -\frac{1}{n - 1}",
    kind="lower",
    variables={"n": "integer >= 2"},
    source="Rankin 1955",
    route="the sum of all products is the square of the sum of the vectors",
)
def _rankin() -> Iterator[Comparison]:
    for n in (2, 3, 5):
        yield equal(simplex(n).gram()[0, 1], Fraction(-1, n - 1), f"simplex of {n}")
    for n, seed in itertools.product((2, 3, 4), (1, 2, 3)):
        gram = gram_of(sphere_points(seed, n))
        largest = max(gram[i][j] for i in range(n) for j in range(i))
        yield at_least(largest, Fraction(-1, n - 1), f"n={n}, vectors {seed}")


@CHAPTER.claim(
    3,
    "Spherical codes in space: the largest cosine of 7, 8, 9 and 12 points.",
    r"t_7 = 0.2101383127, \quad t_8 = \frac{2 \sqrt{2} - 1}{7}, \quad t_9 = \frac{1}{3}, \quad"
    r" t_{12} = \frac{1}{\sqrt{5}}",
    kind="upper",
    assumptions=("that none is smaller is proven in the literature and not checked here",),
    source="Schuette and van der Waerden 1951; Cohn's table of spherical codes",
    route="explicit configurations; minimal polynomials 3x^3 - 9x^2 - 3x + 1 and 7x^2 + 2x - 1",
)
def _codes() -> Iterator[Comparison]:
    yield from _seven_code()
    t = (2 * sympy.sqrt(2) - 1) / 7
    yield equal(7 * t**2 + 2 * t - 1, 0, "n=8, polynomial")
    yield rounds_to(t, "0.2612038750", "n=8")
    radius, up = sympy.sqrt(1 - t), sympy.sqrt(t)  # antiprism: two squares at heights +-up
    columns = [
        [radius * sympy.cos(sympy.pi * j / 4), radius * sympy.sin(sympy.pi * j / 4), (-1) ** j * up]
        for j in range(8)
    ]
    gram = named("antiprism", sympy.Matrix(columns).T).gram()
    for j in range(1, 8):
        yield at_most(gram[0, j], t, f"n=8, neighbour {j}")
    yield from _nine_code()
    largest = max(icosahedron_squares())
    yield equal(largest, Fraction(1, 5), "n=12, squared")


def _nine_code() -> Iterator[Comparison]:
    """A prism with its three sides capped."""
    height, columns = sympy.sqrt(5) / 3, []
    for k in range(3):
        angle, turned = 2 * sympy.pi * k / 3, 2 * sympy.pi * k / 3 + sympy.pi / 3
        corner = [sympy.cos(angle) * 2 / 3, sympy.sin(angle) * 2 / 3]
        columns += [[*corner, height], [*corner, -height]]
        columns.append([sympy.cos(turned), sympy.sin(turned), sympy.Integer(0)])
    gram = named("capped prism", sympy.Matrix(columns).T).gram()
    for j in range(9):
        yield equal(gram[j, j], 1, f"n=9, norm of {j}")
        for i in range(j):
            yield at_most(gram[i, j], Fraction(1, 3), f"n=9, {i} and {j}")
    yield equal(max(gram[i, j] for i in range(9) for j in range(i)), Fraction(1, 3), "n=9")


def _seven_code() -> Iterator[Comparison]:
    """A pole, a triangle at height x, and a turned triangle at height -w."""
    x, w = sympy.symbols("x w")
    height = (1 - 5 * x**2) / (1 + 3 * x**2)  # triangles at x from each other
    within = 3 * (1 - 5 * x**2) ** 2 - (2 * x + 1) * (1 + 3 * x**2) ** 2  # and in the lower one
    quotient, rest = sympy.div(within, 3 * x**3 - 9 * x**2 - 3 * x + 1, x)
    yield equal(rest, 0, "n=7, division")
    yield equal(sympy.degree(quotient, x), 2, "n=7, degree of the quotient")
    root = sympy.CRootOf(3 * x**3 - 9 * x**2 - 3 * x + 1, 1)
    yield rounds_to(root, "0.2101383127", "n=7")
    crossing = (1 - x**2) * (1 - w**2) - 4 * x**2 * (1 + w) ** 2
    yield equal(sympy.cancel(crossing.subs(w, height)), 0, "n=7, heights")
