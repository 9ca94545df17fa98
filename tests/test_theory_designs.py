"""Every named design is one, exactly; what is projected stays one; what is changed is none."""

from __future__ import annotations

import itertools
from dataclasses import replace
from fractions import Fraction

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.arrangements import named
from theory.power_model.designs import (
    barnes_wall_lines,
    cell_24_lines,
    cell_600_lines,
    e8_lines,
    eleven_lines,
    equiangular_28_lines,
    icosahedral_lines,
    icosahedron_lines,
    polygon_lines,
    projective_design,
    sixteen_lines,
)
from theory.power_model.first_order import best_scaled_first_order, first_order_supremum
from theory.power_model.lines import Lines
from theory.problem import InputError, Unsupported

DESIGNS = [
    (polygon_lines(2), 2, 2, 1),
    (polygon_lines(4), 4, 2, 3),
    (polygon_lines(6), 6, 2, 5),
    (icosahedron_lines(), 6, 3, 2),
    (eleven_lines(), 11, 3, 3),
    (sixteen_lines(), 16, 3, 4),
    (icosahedral_lines(), 31, 3, 5),
    (cell_24_lines(), 12, 4, 2),
    (cell_600_lines(), 60, 4, 5),
    (equiangular_28_lines(), 28, 7, 2),
    (e8_lines(3), 13, 3, 3),
    (e8_lines(4), 24, 4, 3),
    (e8_lines(5), 41, 5, 3),
    (e8_lines(6), 68, 6, 3),
    (e8_lines(7), 113, 7, 3),
    (e8_lines(), 120, 8, 3),
    (barnes_wall_lines(9), 482, 9, 3),
]


LATTICE = {m: barnes_wall_lines(m) for m in (3, 6, 10, 16)}
EIGHT = {m: e8_lines(m) for m in (3, 6)}


@pytest.mark.parametrize(("lines", "n", "m", "q"), DESIGNS, ids=lambda x: getattr(x, "name", x))
def test_named_lines_attain_the_supremum_exactly(lines: Lines, n: int, m: int, q: int) -> None:
    assert (lines.n_features, lines.n_hidden) == (n, m)
    assert lines.is_design(q)
    assert lines.first_order(q) == first_order_supremum(m, q)


@pytest.mark.parametrize(
    ("lines", "n", "m", "q"), DESIGNS[:-1], ids=lambda x: getattr(x, "name", x)
)
def test_one_power_higher_they_do_not(lines: Lines, n: int, m: int, q: int) -> None:
    assert not lines.is_design(q + 1)
    assert sympy.sympify(lines.first_order(q + 1) < first_order_supremum(m, q + 1)) == sympy.true


@pytest.mark.thorough
@pytest.mark.parametrize("m", [10, 12, 15, 16])
def test_the_lines_of_the_barnes_wall_lattice_are_a_design(m: int) -> None:
    assert barnes_wall_lines(m).is_design(3)


@given(
    st.sampled_from(sorted(LATTICE)).flatmap(
        lambda m: st.lists(st.integers(-9, 9), min_size=m, max_size=m)
    )
)
@settings(max_examples=12, deadline=None)
def test_sixth_powers_of_lattice_lines_sum_to_a_power_of_the_norm(x: list[int]) -> None:
    """At integer points, without any inner product between lines."""
    m = len(x)
    for lines in [LATTICE[m], *([EIGHT[m]] if m <= 8 else [])]:
        for k in (1, 2, 3):

            def total(point: list[int], k: int = k, lines: Lines = lines) -> Fraction:
                return sum(
                    t * sum(a * b for a, b in zip(v, point, strict=True)) ** (2 * k)
                    for v, t in zip(lines.directions, lines.masses, strict=True)
                )

            axis = total([1] + [0] * (m - 1))
            assert total(x) == axis * sum(a * a for a in x) ** k


def test_the_eleven_lines_are_the_identity_of_reznick() -> None:
    x, y, z = sympy.symbols("x y z")
    lines = eleven_lines()
    total = sum(
        sympy.Rational(t.numerator)
        * sum(sympy.sympify(a) * b for a, b in zip(v, (x, y, z), strict=True)) ** 6
        for v, t in zip(lines.directions, lines.masses, strict=True)
    )
    assert sympy.expand(total - 540 * (x**2 + y**2 + z**2) ** 3) == 0


@pytest.mark.parametrize(
    ("lines", "q"),
    [(eleven_lines(), 3), (icosahedral_lines(), 5), (cell_600_lines(), 5), (sixteen_lines(), 4)],
    ids=lambda x: getattr(x, "name", x),
)
def test_even_powers_of_features_sum_to_a_power_of_the_norm(lines: Lines, q: int) -> None:
    """The features of the arrangement itself, in floating point."""
    W = [[float(entry) for entry in row] for row in lines.arrangement(q).coordinates.tolist()]
    columns = list(zip(*W, strict=True))

    def total(point: tuple[int, ...]) -> float:
        size = sum(a * a for a in point) ** 0.5
        return sum(
            (sum(a * b for a, b in zip(w, point, strict=True)) / size) ** (2 * q) for w in columns
        )

    points = itertools.product((1, 2, -3), repeat=len(W))
    values = [total(point) for point in points]
    assert max(values) - min(values) < 1e-12 * max(values)


@pytest.mark.parametrize(
    "lines", [polygon_lines(4), e8_lines(4), e8_lines(8)], ids=lambda x: x.name
)
def test_arrangements_of_designs_attain_the_supremum(lines: Lines) -> None:
    shape = lines.arrangement(3, scale="2/3")
    assert shape.name == lines.name
    assert best_scaled_first_order(shape, 3) == first_order_supremum(lines.n_hidden, 3)


@pytest.mark.parametrize(
    ("lines", "q"),
    [(eleven_lines(), 3), (icosahedral_lines(), 5), (e8_lines(4), 3)],
    ids=lambda x: getattr(x, "name", x),
)
def test_another_mass_spoils_a_design(lines: Lines, q: int) -> None:
    heavier = (lines.masses[0] * Fraction(1001, 1000), *lines.masses[1:])
    assert not replace(lines, masses=heavier).is_design(q)


def test_one_line_less_spoils_a_design() -> None:
    lines = e8_lines(4)
    assert not Lines("23 lines", lines.directions[1:], lines.masses[1:]).is_design(3)


@given(st.integers(1, 16), st.integers(1, 6))
@settings(max_examples=40, deadline=None)
def test_a_design_that_is_given_is_one_of_that_shape(m: int, q: int) -> None:
    try:
        lines = projective_design(m, q)
    except Unsupported as error:
        reached = {3: 5, 4: 5} | dict.fromkeys(range(5, 17), 3)
        refused = str(error)
        if m <= 2 or q <= reached[m] or f"n_hidden={m}, power={q}" not in refused:
            raise
        return
    assert lines.n_hidden == m
    assert lines.n_features >= first_order_supremum(m, q)
    if lines.n_features < 200:
        assert lines.is_design(q)


@pytest.mark.parametrize("wrong", [0, 17, 2.0, True])
def test_lattice_lines_have_so_many_dimensions(wrong: object) -> None:
    with pytest.raises(InputError, match="n_hidden="):
        barnes_wall_lines(wrong)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="count="):
        polygon_lines(1)


def test_more_lines_than_an_arrangement_holds_are_refused() -> None:
    with pytest.raises(Unsupported, match="n_features=482"):
        barnes_wall_lines(9).arrangement(3)


def test_a_matrix_gets_a_name_and_a_scale() -> None:
    r = sympy.Symbol("r", positive=True)
    shape = named("skew", sympy.Matrix([[1, -2], [0, 1]]), scale=r)
    assert shape.name == "skew"
    assert shape.gram() == shape.coordinates.T * shape.coordinates
    assert (shape + shape).name == "2 times skew"
