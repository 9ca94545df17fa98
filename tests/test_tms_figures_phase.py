"""Phase diagrams: cells where they belong, kinds by their definition, boundaries over them."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from figure_tables import hangs_over, texts
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import tms
from tms import figures
from tms.figures.phase_grid import KINDS, PhaseCell, phase_cell
from tms.figures.phase_lines import PhaseLine, disagreeing, phase_lines


@pytest.fixture(scope="module")
def diagram():
    return figures.phase_diagram(n_cells=(4, 3), n_starts=2)


def cell_of(W):
    W = np.array(W, dtype=float)
    return PhaseCell(Fraction(1, 2), Fraction(1), W, np.zeros(W.shape[1]), 0.1, 0.0, "made up")


def half_plane(label="line"):
    """Ignored on the dense side of p = 1/2, antipodal on the other."""
    return PhaseLine(
        label,
        (((0.5, 0.1), (0.5, 10.0)),),
        "A line.",
        lambda p, weight: "ignored" if p > Fraction(1, 2) else "antipodal",
        ("PHASE-01",),
    )


@pytest.mark.parametrize(
    ("W", "kind"),
    [
        ([[1.0, 0.0]], "ignored"),
        ([[1.0, 5e-4]], "ignored"),
        ([[0.0, 0.0]], "ignored"),
        ([[0.0, 1.0]], "dedicated"),
        ([[5e-4, 1.0]], "dedicated"),
        ([[1.0, -0.1]], "antipodal"),
        ([[1.0, 1.0]], "shared"),
        ([[1.0, 0.0, 0.0], [0.0, 1.0, -1.0]], "antipodal"),
        ([[1.0, 0.0, 0.0], [1.0, -1.0, 1.0]], "shared"),
        ([[1.0, -1.0, 0.0], [0.0, 0.0, 1.0]], "dedicated"),
        ([[1.0, -0.5, -0.5], [0.0, 0.75**0.5, -(0.75**0.5)]], "shared"),
        ([[1.0, 0.0, -0.9], [0.0, 1.0, -0.1]], "shared"),
    ],
)
def test_the_kind_is_what_the_weights_do_with_the_last_feature(W, kind):
    assert cell_of(W).kind == kind


@given(arrays(np.float64, (2, 3), elements=st.sampled_from([0.0, 1.0, -1.0, 0.5, 1e-4, 1e-12])))
def test_the_kind_does_not_depend_on_rotation_or_the_order_of_the_others(W):
    turn = np.array([[0.6, -0.8], [0.8, 0.6]])
    assert cell_of(turn @ W).kind == cell_of(W).kind == cell_of(W[:, [1, 0, 2]]).kind


def test_superposition_is_the_share_of_the_others():
    assert cell_of([[1.0, -1.0]]).superposition == 1.0
    assert cell_of([[1.0, 0.0]]).superposition == 0.0
    assert cell_of([[1.0, -0.5]]).superposition == 1.0
    assert cell_of([[3.0, -0.5]]).superposition == pytest.approx(9.0)


def test_cells_are_searched_at_their_middles(diagram):
    p, weight = diagram.density_edges, diagram.importance_edges
    assert (p[0], p[-1], weight[0], weight[-1]) == pytest.approx((0.01, 1, 0.1, 10))
    for k, cell in enumerate(diagram.cells):
        row, column = divmod(k, 4)
        assert float(cell.density) == pytest.approx((p[column] * p[column + 1]) ** 0.5, rel=1e-5)
        middle = (weight[row] * weight[row + 1]) ** 0.5
        assert float(cell.importance) == pytest.approx(middle, rel=1e-5)


def test_exchanging_the_two_features_exchanges_the_kinds(diagram):
    """In units of the other importance, I and 1/I are the same problem."""
    mirrored = {"ignored": "dedicated", "dedicated": "ignored", "antipodal": "antipodal"}
    kinds = [[cell.kind for cell in diagram.cells[4 * row : 4 * row + 4]] for row in range(3)]
    assert [mirrored[kind] for kind in kinds[0]] == kinds[2]


def test_every_cell_is_filled_in_the_colour_of_its_kind(diagram):
    patches = {patch.get_label(): patch for patch in figures.phase(diagram).figure.axes[0].patches}
    names = dict(zip(KINDS, ("ignored", "dedicated dimension", "antipodal to another",
                             "shared otherwise"), strict=True))  # fmt: skip
    covered = 0
    for kind, name in names.items():
        inside = [cell for cell in diagram.cells if cell.kind == kind]
        assert (name in patches) == bool(inside)
        covered += len(inside)
        for cell in diagram.cells:
            point = (float(cell.density), float(cell.importance))
            if name in patches:
                boxes = patches[name].get_path().vertices.reshape(-1, 5, 2)
                hit = [b for b in boxes if (b.min(0) < point).all() and (point < b.max(0)).all()]
                assert bool(hit) == (cell.kind == kind)
    assert covered == len(diagram.cells)


def test_kinds_are_told_apart_in_grey():
    looks = set()
    diagram = replace_cells([[[1.0, 0.0]], [[0.0, 1.0]], [[1.0, -1.0]], [[1.0, 1.0]], None])
    for patch in figures.phase(diagram, lines=()).figure.axes[0].patches:
        red, green, blue, _ = patch.get_facecolor()
        looks.add((patch.get_hatch(), round(5 * (0.3 * red + 0.59 * green + 0.11 * blue))))
    assert len(looks) == 5


def replace_cells(weights):
    """A diagram of one row of cells with the weights given; None where the search failed."""
    found = figures.phase_diagram(n_cells=(len(weights), 1), n_starts=1)
    cells = [
        replace(cell, W=None, b=None, loss=None, error=None, status="failed: it did")
        if W is None
        else replace(cell, W=np.array(W))
        for cell, W in zip(found.cells, weights, strict=True)
    ]
    return replace(found, cells=tuple(cells))


def test_failed_cells_are_missing_and_counted():
    diagram = replace_cells([[[1.0, 0.0]], None])
    for show in ("kind", "norm"):
        drawing = figures.phase(diagram, show=show, lines=())
        assert drawing.counts["failed"] == 1
        assert "search failed" in texts(drawing.figure)
        assert "Not drawn: 1 cell (the search failed)." in drawing.caption


def test_a_diagram_whose_every_cell_failed_is_refused():
    with pytest.raises(tms.InputError, match="every search failed, the first one with failed: it"):
        figures.phase(replace_cells([None]), lines=())


def test_the_norm_is_what_is_coloured(diagram):
    mesh = figures.phase(diagram, show="norm").figure.axes[0].collections[0]
    norms = [abs(float(cell.W[0, 1])) for cell in diagram.cells]
    assert np.ravel(mesh.get_array()).tolist() == pytest.approx(norms)
    hatched = figures.phase(diagram, show="norm").figure.axes[0].patches[0]
    count = sum(cell.kind == "antipodal" for cell in diagram.cells)
    assert len(hatched.get_path().vertices) == 5 * count


def test_boundaries_are_drawn_where_they_are_and_cells_beyond_are_counted(diagram):
    drawing = figures.phase(diagram, lines=[half_plane()])
    drawn = [line for line in drawing.figure.axes[0].lines if line.get_label() == "line"]
    assert [line.get_xydata().tolist() for line in drawn] == [[[0.5, 0.1], [0.5, 10.0]]]
    wanted = [
        cell
        for cell in diagram.cells
        if cell.kind != ("ignored" if cell.density > Fraction(1, 2) else "antipodal")
    ]
    assert disagreeing(diagram, half_plane()) == wanted
    assert drawing.counts["disagree with line"] == len(wanted)
    assert f"A line. {len(wanted)} of 12 cells lie on the other side." in drawing.caption
    assert "PHASE-01" in drawing.caption


def test_the_density_falls_to_the_right_and_both_axes_are_logarithmic(diagram):
    axes = figures.phase(diagram).figure.axes[0]
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    assert axes.get_xlim() == pytest.approx((1.0, 0.01))
    assert axes.get_title() == "n = 2,  m = 1"
    assert axes.get_ylabel() == "relative importance of feature 2"


@pytest.mark.parametrize("show", ["kind", "norm"])
def test_nothing_hangs_over_the_edge(diagram, show):
    assert not hangs_over(figures.phase(diagram, show=show).figure)


def test_three_features_have_a_diagram():
    diagram = figures.phase_diagram(3, 2, n_cells=1, n_starts=1)
    assert diagram.cells[0].W.shape == (2, 3)
    assert figures.phase(diagram).figure.axes[0].get_title() == "n = 3,  m = 2"


def test_density_one_is_searched_too():
    found = figures.phase_diagram(n_cells=1, density=("0.9999999", 1), n_starts=1)
    assert float(found.cells[0].density) == pytest.approx(1.0)


def test_a_store_keeps_the_cells(tmp_path):
    first = figures.phase_diagram(n_cells=1, n_starts=1, store=tmp_path / "store")
    again = figures.phase_diagram(n_cells=1, n_starts=1, store=tmp_path / "store")
    assert (first.n_computed, again.n_computed) == (1, 0)
    assert figures.phase(first).rendered("svg") == figures.phase(again).rendered("svg")


def test_a_search_that_breaks_off_is_a_failed_cell(monkeypatch):
    import numerics.optimize

    def failing(*_, **__):
        raise tms.Unsupported("density=1: no start converged")

    monkeypatch.setattr(numerics.optimize, "optimize", failing)
    asked = {"n_features": 2, "n_hidden": 1, "density": "0.5", "importance": "1", "n_starts": 1}
    assert phase_cell(asked, 0) == {"status": "failed: density=1: no start converged"}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"n_features": 4}, "n_features=4, n_hidden=1: a phase diagram is for 2 features in 1 or"),
        ({"n_features": 3}, "n_features=3, n_hidden=1: a phase diagram is for"),
        ({"n_cells": 0}, "n_cells=0: must be a whole number from 1 to 400"),
        ({"n_cells": 2.5}, r"n_cells=2.5: must be a whole number"),
        ({"n_cells": (1, 2, 3)}, r"n_cells=\(1, 2, 3\): must be"),
        ({"density": (0, 1)}, "density=0,1: must rise from above 0"),
        ({"density": ("0.5", 2)}, "density=0.5,2: must be from 1e-09 to 1"),
        ({"density": ("0.5", "0.5")}, "density=0.5,0.5: must rise"),
        ({"density": ("0.5",)}, "density=0.5: must be two numbers"),
        ({"importance": (-1, 1)}, "importance=-1,1: must rise"),
        ({"importance": (1, "1e400")}, "importance=1,1e400: must be from"),
        ({"importance": (1, "x")}, "importance='x': not a plain number"),
        ({"importance": (1, float("nan"))}, "importance"),
        ({"importance": ("1", "1.0000001")}, "too close together for 24 cells"),
        ({"n_starts": 0}, "n_starts=0: must be a whole number"),
        ({"seed": -1}, "seed"),
        ({"n_workers": 0}, "n_workers"),
    ],
)
def test_nonsense_is_refused_at_the_door(given, message):
    with pytest.raises(tms.InputError, match=message):
        figures.phase_diagram(**given)


def test_something_else_to_show_is_refused(diagram):
    with pytest.raises(tms.InputError, match="show='loss': must be 'kind' or 'norm'"):
        figures.phase(diagram, show="loss")


def test_the_caption_names_thresholds_and_the_command(diagram):
    caption = figures.phase(diagram, lines=()).caption
    for words in (
        "importance 1 and, of feature 2, as on the vertical axis",
        "4 x 3 cells",
        "2 random starts (seed 0)",
        "with no claim of an optimum",
        "ignored if the norm of column 2 is below 0.001",
        "tms figure phase --features 2 --hidden 1 --cells 4,3 --density 0.01,1 "
        "--importance 0.1,10 --starts 2 --seed 0",
    ):
        assert words in caption


def test_the_exact_boundaries_are_those_of_the_candidates_and_of_the_minima(diagram):
    lines = {line.label: line for line in phase_lines(diagram)}
    exact, candidates = lines["exact boundary"], lines["candidates: unit norm, no bias"]
    for p, weight in (point for piece in candidates.pieces for point in piece):
        first, other = 4 * weight / (2 + 5 * weight), 4 / (5 + 2 * weight)
        assert p == pytest.approx(min(first, other)) or (weight == 1 and p >= 4 / 7 - 1e-9)
    # solved by other means: jumps, and where a short second feature appears
    for p, weight in ((0.3756861876925, 0.3), (0.4845879261106, 0.5), (0.5426376700, 0.6)):
        near = Fraction(round(p * 10**9), 10**9)
        assert exact.expected(near + Fraction(1, 10**6), Fraction(str(weight))) == "ignored"
        assert exact.expected(near - Fraction(1, 10**6), Fraction(str(weight))) == "antipodal"
        assert exact.expected(near - Fraction(1, 10**6), 1 / Fraction(str(weight))) == "antipodal"
        assert exact.expected(near + Fraction(1, 10**6), 1 / Fraction(str(weight))) == "dedicated"
    assert exact.expected(Fraction(99, 100), Fraction(1)) == "antipodal"


def test_the_points_drawn_are_on_the_boundary(diagram):
    exact = phase_lines(diagram)[0]
    points = [point for piece in exact.pieces for point in piece[1:-1]]
    assert len(points) > 50
    for p, weight in points:
        if 0.01 < p < 0.999 and abs(weight - 1) > 0.02:
            kinds = {
                exact.expected(Fraction(p) + step, Fraction(weight))
                for step in (Fraction(1, 10**5), -Fraction(1, 10**5))
            }
            assert len(kinds) == 2


def test_cells_agree_with_the_exact_boundary(diagram):
    drawing = figures.phase(diagram)
    assert drawing.counts["disagree with exact boundary"] == 0
    assert "0 of 12 cells lie on the other side." in drawing.caption


@pytest.mark.parametrize(
    ("p", "weight", "kind"),
    [
        ("0.3", "0.2", "ignored"),
        ("0.2", "0.2", "antipodal"),
        ("0.5", "0.9", "antipodal"),
        ("0.7", "0.9", "shared"),
        ("0.95", "0.9", "ignored"),
        ("0.5", "1.1", "dedicated"),
        ("0.7", "1.1", "shared"),
        ("0.95", "1.1", "dedicated"),
        ("0.5", "3", "dedicated"),
        ("0.9", "3", "dedicated"),
        ("0.5", "0.57", "antipodal"),
        ("0.6", "0.57", None),
        ("0.95", "0.995", "shared"),
        ("0.3", "1", None),
    ],
)
def test_three_features_part_at_the_triangle(p, weight, kind):
    """Kinds as searches with many starts find them; None where no boundary is followed."""
    diagram = figures.phase_diagram(3, 2, n_cells=1, n_starts=1)
    assert phase_lines(diagram)[0].expected(Fraction(p), Fraction(weight)) == kind


@pytest.mark.parametrize("ends", [("2", "5"), ("0.95", "1.05"), ("0.1", "10"), ("1e-6", "1e6")])
def test_every_range_has_numbers_at_its_axis(ends):
    diagram = figures.phase_diagram(n_cells=1, n_starts=1, importance=ends)
    axes = figures.phase(diagram).figure.axes[0]
    low, high = axes.get_ylim()
    inside = [
        label.get_text()
        for label, place in zip(axes.get_yticklabels(), axes.get_yticks(), strict=True)
        if low * 0.999 <= place <= high * 1.001
    ]
    assert len(inside) >= 2
    assert all(float(text) > 0 for text in inside)
