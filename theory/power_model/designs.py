r"""Weighted projective designs, by name: lines that attain the very sparse supremum.

What they are is said in ``theory.power_model.lines``. A design projected to fewer dimensions stays
one, so that the lines of E8 and of the Barnes-Wall lattice serve every ``m`` up to 8 and 16.

Source: Reznick 1992, "Sums of even powers of real linear forms", for the eleven lines; Conway and
Sloane 1999, "Sphere Packings, Lattices and Groups", for the root systems and lattices; Goethals and
Seidel 1981 for icosahedral formulas. Each is verified exactly in the tests.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

import sympy

from theory.power_model.first_order import first_order_supremum
from theory.power_model.lines import Lines, Vector
from theory.problem import Exact, InputError, Unsupported

__all__ = [
    "Lines",
    "barnes_wall_lines",
    "cell_24_lines",
    "cell_600_lines",
    "e8_lines",
    "eleven_lines",
    "equiangular_28_lines",
    "icosahedral_lines",
    "icosahedron_lines",
    "polygon_lines",
    "projective_design",
    "sixteen_lines",
]


def _lines(
    name: str, directions: Iterable[Vector], masses: Iterable[int | Fraction] | None = None
) -> Lines:
    vectors = tuple(directions)
    given = (1,) * len(vectors) if masses is None else masses
    return Lines(name, vectors, tuple(Fraction(mass) for mass in given))


def _signed(vector: Sequence[Exact]) -> Iterator[Vector]:
    """A vector with all signs of its entries, one of every opposite two."""
    places = [k for k, entry in enumerate(vector) if entry != 0]
    for signs in itertools.product((1, -1), repeat=len(places) - 1):
        changed = dict(zip(places, (1, *signs), strict=True))
        yield tuple(changed.get(k, 1) * entry for k, entry in enumerate(vector))


def _cyclic(vector: Vector) -> Iterator[Vector]:
    for k in range(len(vector)):
        yield vector[k:] + vector[:k]


def _fractions(vector: Iterable[int]) -> Vector:
    return tuple(Fraction(entry) for entry in vector)


def _units(m: int) -> list[Vector]:
    return [_fractions(int(i == j) for i in range(m)) for j in range(m)]


def polygon_lines(count: int) -> Lines:
    """Lines of the plane at equal angles, a projective ``q``-design for every ``q < count``.

    Args:
        count: number of lines, at least 2.

    Returns:
        The lines.

    Raises:
        InputError: fewer than 2.

    Example:
        >>> lines = polygon_lines(6)
        >>> lines.is_design(5), lines.is_design(6)
        (True, False)

    Source: standard; the ``2 count`` corners are a spherical design of strength ``2 count - 1``.
    """
    if isinstance(count, bool) or not isinstance(count, int) or count < 2:
        raise InputError(f"count={count!r}: must be a whole number, at least 2")
    angles = [sympy.pi * sympy.Rational(j, count) for j in range(count)]
    directions = [(sympy.cos(angle), sympy.sin(angle)) for angle in angles]
    names = {2: "a square", 3: "a hexagon", 4: "an octagon"}
    return _lines(f"{count} lines of {names.get(count, f'a {2 * count}-gon')}", directions)


def icosahedron_lines() -> Lines:
    """The 6 lines through opposite corners of an icosahedron, a projective 2-design.

    Returns:
        The lines, equiangular at ``1 / sqrt 5``.
    """
    phi = sympy.GoldenRatio.rewrite(sympy.sqrt)
    return _lines("6 lines of an icosahedron", _golden([(Fraction(0), Fraction(1), phi)]))


def _golden(seeds: Iterable[Vector]) -> list[Vector]:
    return [v for seed in seeds for turned in _cyclic(seed) for v in _signed(turned)]


def eleven_lines() -> Lines:
    r"""The 11 lines of Reznick's identity, a weighted projective 3-design in three dimensions.

    .. math::
        540 (x^2 + y^2 + z^2)^3 = 378 x^6 + 378 y^6 + 280 z^6 + \sum (\sqrt3 x \pm 2 z)^6
            + \sum (\sqrt3 y \pm 2 z)^6 + \sum (\sqrt3 x \pm \sqrt3 y \pm z)^6

    Returns:
        The lines; 11 is the least possible number.

    Source: Reznick 1992, "Sums of even powers of real linear forms", Memoirs of the AMS 463.
    """
    root, zero = sympy.sqrt(3), Fraction(0)
    tilted = [(root, zero, Fraction(2)), (zero, root, Fraction(2)), (root, root, Fraction(1))]
    directions = [*_units(3), *(v for vector in tilted for v in _signed(vector))]
    return _lines("11 lines of Reznick", directions, (378, 378, 280, *(1,) * 8))


def _icosahedral(masses: Sequence[Fraction], name: str) -> Lines:
    """Unit vectors along the axes through corners, faces and edges, with a mass for each kind."""
    phi, half, zero = sympy.GoldenRatio.rewrite(sympy.sqrt), Fraction(1, 2), Fraction(0)
    norm, side = sympy.sqrt(sympy.expand(1 + phi**2)), 1 / sympy.sqrt(3)
    corners = _golden([(zero, 1 / norm, sympy.radsimp(phi / norm))])
    cube = list(_signed((side,) * 3))
    faces = [*cube, *_golden([(zero, sympy.expand(phi * side), sympy.expand((phi - 1) * side))])]
    edges = [*_units(3), *_golden([(half, (phi - 1) / 2, phi / 2)])]
    kinds = list(zip((corners, faces, edges), masses, strict=False))
    directions = [v for vectors, _ in kinds for v in vectors]
    return _lines(name, directions, [mass for vectors, mass in kinds for _ in vectors])


def sixteen_lines() -> Lines:
    """The 16 axes of an icosahedron through corners and faces, a projective 4-design with masses.

    Returns:
        6 lines through corners with mass 25, 10 through faces with mass 27, of unit norm.

    Source: standard; the masses solve the equation of the invariant of degree 6.
    """
    masses = (Fraction(25), Fraction(27))
    return _icosahedral(masses, "16 axes of an icosahedron")


def icosahedral_lines() -> Lines:
    """The 31 axes of an icosahedron, with masses that make a projective 5-design.

    Returns:
        6 lines through corners, 10 through faces, 15 through edges, of unit norm.

    Source: Goethals and Seidel 1981; the masses solve the equations of the invariants of degree 6
    and 10.
    """
    masses = (Fraction(125, 2772), Fraction(27, 1540), Fraction(128, 3465))
    return _icosahedral(masses, "31 axes of an icosahedron")


def cell_24_lines() -> Lines:
    """The 12 lines of the 24-cell (the roots of D4), a projective 2-design in four dimensions.

    Returns:
        The lines along ``e_i + e_j`` and ``e_i - e_j``.
    """
    return _lines("12 lines of a 24-cell", map(_fractions, _pairs(4)))


def _pairs(m: int) -> Iterator[tuple[int, ...]]:
    for i, j in itertools.combinations(range(m), 2):
        for sign in (1, -1):
            yield tuple(1 if k == i else sign if k == j else 0 for k in range(m))


def cell_600_lines() -> Lines:
    """The 60 lines of the 600-cell, a projective 5-design in four dimensions.

    Returns:
        The lines, of unit norm.
    """
    phi, half = sympy.GoldenRatio.rewrite(sympy.sqrt), Fraction(1, 2)
    golden = (phi / 2, half, (phi - 1) / 2, Fraction(0))
    even = [order for order in itertools.permutations(range(4)) if _is_even(order)]
    turned = [tuple(golden[k] for k in order) for order in even]
    directions = [*_units(4), *_signed((half,) * 4), *(v for t in turned for v in _signed(t))]
    return _lines("60 lines of a 600-cell", directions)


def _is_even(order: Sequence[int]) -> bool:
    return sum(a > b for a, b in itertools.combinations(order, 2)) % 2 == 0


def equiangular_28_lines() -> Lines:
    """The 28 equiangular lines in seven dimensions, a projective 2-design.

    Returns:
        The lines along the permutations of ``(3, 3, -1, ..., -1)``, in an orthonormal basis of the
        vectors of sum 0 in eight dimensions.
    """
    basis = [row for row in _hadamard(8) if sum(row) == 0]
    corners = [
        tuple(3 if k in pair else -1 for k in range(8))
        for pair in itertools.combinations(range(8), 2)
    ]
    directions = [_fractions(_dot(row, corner) for row in basis) for corner in corners]
    return _lines("28 equiangular lines", directions)


def _hadamard(order: int) -> list[tuple[int, ...]]:
    """A Hadamard matrix of Sylvester: its first row is constant."""
    rows: list[tuple[int, ...]] = [(1,)]
    while len(rows) < order:
        rows = [r + r for r in rows] + [r + tuple(-x for x in r) for r in rows]
    return rows


def _dot(left: Sequence[int], right: Sequence[int]) -> int:
    return sum(x * y for x, y in zip(left, right, strict=True))


def e8_lines(n_hidden: int = 8) -> Lines:
    """The 120 lines of the roots of E8, a projective 3-design, in eight dimensions or fewer.

    Args:
        n_hidden: 1 to 8; fewer than 8 keeps the first coordinates of each vector. Lines that fall
            together become one with the sum of their masses: 13 lines for 3 dimensions, 24 for 4.

    Returns:
        The lines.

    Raises:
        InputError: ``n_hidden`` out of its range.

    Example:
        >>> [e8_lines(m).n_features for m in range(1, 9)]
        [2, 6, 13, 24, 41, 68, 113, 120]
    """
    return _projected("E8", _e8_vectors(), n_hidden, 8)


def _e8_vectors() -> list[tuple[int, ...]]:
    halves = [v for v in _signed((1,) * 8) if v.count(-1) % 2 == 0]
    return [*(tuple(2 * x for x in v) for v in _pairs(8)), *halves]


def barnes_wall_lines(n_hidden: int = 16) -> Lines:
    """The 2160 lines of the shortest vectors of the Barnes-Wall lattice, a projective 3-design.

    Args:
        n_hidden: 1 to 16; fewer than 16 keeps the first coordinates of each vector, as for
            ``e8_lines``.

    Returns:
        The lines.

    Raises:
        InputError: ``n_hidden`` out of its range.

    Example:
        >>> barnes_wall_lines(10).n_features
        662

    Source: Conway and Sloane 1999, chapter 4, section 10.
    """
    return _projected("the Barnes-Wall lattice", barnes_wall_vectors(), n_hidden, 16)


def barnes_wall_vectors() -> list[tuple[int, ...]]:
    """One of every opposite two shortest vectors, scaled to whole numbers of norm ``sqrt 8``."""
    found = [tuple(2 * x for x in v) for v in _pairs(16)]
    words = [row for row in _hadamard(16) if sum(row) == 0]  # Reed-Muller words as signs
    for row in [*words, *(tuple(-x for x in row) for row in words)]:
        support = tuple((1 + x) // 2 for x in row)
        found += [v for v in _signed(support) if v.count(-1) % 2 == 0]
    return found


def _projected(name: str, vectors: Sequence[Sequence[int]], m: object, top: int) -> Lines:
    if isinstance(m, bool) or not isinstance(m, int) or not 1 <= m <= top:
        raise InputError(f"n_hidden={m!r}: must be a whole number from 1 to {top}")
    counts: Counter[tuple[Fraction, ...]] = Counter()
    for vector in vectors:
        kept = vector[:m]
        first = next((x for x in kept if x), 0)
        if first == 0:
            continue
        counts[tuple(Fraction(x if first > 0 else -x) for x in kept)] += 1
    shown = f"{len(counts)} lines of {name}" + ("" if m == top else f" in {m} dimensions")
    return Lines(shown, tuple(counts), tuple(Fraction(c) for c in counts.values()))


def projective_design(n_hidden: int, power: int) -> Lines:
    """Give a weighted projective ``q``-design of few lines, where one is known here.

    Args:
        n_hidden: ``m``, at least 1.
        power: ``q``, at least 1.

    Returns:
        The design: an orthonormal basis for ``q = 1``, equal angles for ``m = 2``, and otherwise
        what the functions of this module give.

    Raises:
        Unsupported: no design of that kind is known here.

    Example:
        >>> [projective_design(m, 3).n_features for m in (1, 2, 3, 4, 8, 10)]
        [1, 4, 11, 24, 120, 662]
    """
    first_order_supremum(n_hidden, power)  # checks both
    if n_hidden == 1 or power == 1:
        return _lines(f"{n_hidden} orthogonal lines", _units(n_hidden))
    if n_hidden == 2:
        return polygon_lines(power + 1)
    special = {
        (3, 2): icosahedron_lines,
        (3, 3): eleven_lines,
        (3, 4): sixteen_lines,
        (3, 5): icosahedral_lines,
        (4, 2): cell_24_lines,
        (4, 4): cell_600_lines,
        (4, 5): cell_600_lines,
        (7, 2): equiangular_28_lines,
    }
    if (n_hidden, power) in special:
        return special[n_hidden, power]()
    if power <= 3 and n_hidden <= 16:
        return e8_lines(n_hidden) if n_hidden <= 8 else barnes_wall_lines(n_hidden)
    raise Unsupported(
        f"n_hidden={n_hidden}, power={power}: no projective design is known here; there is one for "
        "n_hidden up to 2 at any power, 4 at powers to 5, 16 at powers to 3, and any at power 1"
    )
