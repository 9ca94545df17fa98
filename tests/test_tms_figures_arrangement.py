"""The figure of an arrangement: vectors and Gram matrix as they are, whatever the dimension."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from figure_tables import failed, hangs_over, overlapping_labels, small_table, texts
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import tms
from tms import figures
from tms.figures.projection import hull_edges, projected

PAIR = np.array([[1.0, -0.7, 0.0]])
PLANE = np.array([[1.0, -0.5, 0.0, 0.0], [0.0, 0.5, -1.25, 0.0]])
CUBE = np.array([[x, y, z] for x in (1, -1) for y in (1, -1) for z in (1, -1)], dtype=float).T


def tips(drawing):
    axes = drawing.figure.axes[0]
    return {
        line.get_label(): line.get_xydata()[1].tolist()
        for line in axes.lines
        if line.get_label()[0] != "_"
    }


def heat_map(drawing):
    axes = [axes for axes in drawing.figure.axes if "mathrm{T}" in axes.get_title()]
    meshes = axes[0].collections
    return meshes[0].get_array(), meshes[1].get_array()


def test_lines_end_at_the_columns():
    drawn = tips(figures.arrangement(PLANE))
    assert drawn == {"1": [1.0, 0.0], "2": [-0.5, 0.5], "3": [0.0, -1.25]}


def test_one_dimension_is_a_line():
    drawing = figures.arrangement(PAIR)
    assert tips(drawing) == {"1": [1.0, 0.0], "2": [-0.7, 0.0]}
    assert "ignored: 3" in texts(drawing.figure)


@pytest.mark.parametrize("W", [PAIR, PLANE, CUBE, np.eye(4)[:, :3], np.zeros((2, 3)), [[2.0]]])
def test_the_heat_map_is_the_gram_matrix_with_the_biases(W):
    W = np.array(W)
    b = np.linspace(-0.5, 0.25, W.shape[1])
    gram, biases = heat_map(figures.arrangement(W, b))
    assert np.allclose(np.reshape(gram, (W.shape[1],) * 2), W.T @ W, atol=1e-15)
    assert np.ravel(biases).tolist() == b.tolist()


def test_numbers_stand_in_the_cells_of_a_small_one():
    shown = texts(figures.arrangement(PLANE, [0.0, -0.25, 0.004, 0.996]).figure)
    assert {"1.00", "−.50", ".50", "−.62", "1.56", "−.25", "0"} <= set(shown)
    assert "−0" not in "".join(shown)


def test_a_dash_marks_negative_entries_of_a_larger_one():
    W = np.array([np.cos(np.arange(8)), np.sin(np.arange(8))])
    drawing = figures.arrangement(W)
    dashes = drawing.figure.axes[1].lines
    assert len(dashes) == int(np.sum(W.T @ W < -0.05))
    assert "with a dash" in drawing.caption


@given(
    arrays(
        np.float64,
        st.tuples(st.just(3), st.integers(1, 9)),
        elements=st.sampled_from([0.0, 1.0, -1.0, 0.5, 1e-12]) | st.floats(-2, 2),
    )
)
def test_a_projection_only_shortens(W):
    found, depth = projected(W)
    lengths = np.linalg.norm(W, axis=0)
    assert np.all(np.linalg.norm(found, axis=0) <= lengths * (1 + 1e-12) + 1e-300)
    assert np.all((depth >= 0) & (depth <= 1))
    gram, seen = W.T @ W, found.T @ found
    # what is lost is one dimension: the difference has rank one at most
    values = np.linalg.eigvalsh(gram - seen)
    assert np.all(np.abs(values[:-1]) <= 1e-9 * max(1.0, float(np.abs(gram).max())))


def test_the_hull_of_a_cube_has_twelve_edges():
    edges = hull_edges(CUBE)
    assert len(edges) == 12
    assert all(np.sum(CUBE[:, a] != CUBE[:, b]) == 1 for a, b in edges)


@pytest.mark.parametrize(
    "W", [np.eye(3), np.zeros((3, 5)), np.vstack([np.eye(2), np.zeros((1, 2))])]
)
def test_columns_in_a_plane_have_no_hull(W):
    assert hull_edges(W) == []
    assert figures.arrangement(W).rendered("png")


def test_columns_that_coincide_share_a_label():
    drawing = figures.arrangement([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    assert "1, 2" in texts(drawing.figure)


def test_labels_do_not_overlap():
    turns = np.linspace(0, 0.9, 9)
    drawing = figures.arrangement([np.cos(turns), np.sin(turns)])
    assert overlapping_labels(drawing.figure.axes[0], list("123456789")) == []


def test_more_important_features_are_darker():
    problem = tms.Problem(3, 2, sparsity="0.9", importance=["1", "0.5", "0.1"])
    drawing = figures.arrangement([[1, 0, -1], [0, 1, 0]], problem=problem)
    from matplotlib.colors import to_rgb

    lines = {line.get_label(): line for line in drawing.figure.axes[0].lines}
    light = [sum(to_rgb(lines[name].get_color())) for name in "123"]
    assert light == sorted(light)
    assert len(set(light)) == 3
    assert "Darker: more important." in drawing.caption


def test_one_importance_of_zero_can_be_shaded():
    problem = tms.Problem(2, 1, sparsity="0.9", importance=[1, 0])
    assert figures.arrangement([[1, -1]], problem=problem).rendered("png")


def test_labels_are_those_given():
    drawing = figures.arrangement([[1.0, -1.0]], labels=["up", "down"])
    assert set(tips(drawing)) == {"up", "down"}
    ticks = drawing.figure.axes[1]
    assert [text.get_text() for text in ticks.get_xticklabels()] == ["up", "down"]
    assert [text.get_text() for text in ticks.get_yticklabels()] == ["up", "down", "$b$"]


@pytest.mark.parametrize(
    "shown",
    [
        tms.atlas.lookup(n_features=8, n_hidden=3, sparsity="0.9"),
        tms.atlas.lookup(n_features=12, n_hidden=4, sparsity="0.99"),
        tms.arrangements.regular_polygon(5),
        np.ones((5, 40)),
        np.array([[1.0]]),
    ],
    ids=["atlas", "four dimensions", "named", "forty features", "one feature"],
)
def test_nothing_hangs_over_the_edge(shown):
    assert not hangs_over(figures.arrangement(shown).figure)


def test_a_row_of_a_table_is_drawn_with_its_loss():
    table = small_table(sparsities=["0.9"])
    drawing = figures.arrangement(table.rows[0])
    assert drawing.title.startswith("Antipodal pair: n = 2 features, m = 1")
    assert "Loss there: 0.003319483990" in drawing.caption
    assert "S = 0.9" in drawing.caption


def test_a_failed_row_is_refused():
    row = failed(small_table(sparsities=["0.9"]).rows[0])
    with pytest.raises(
        tms.InputError, match="W=None: there are no weights to draw; failed: it did"
    ):
        figures.arrangement(row)


def test_a_found_optimum_says_what_it_is():
    found = tms.optimize(tms.Problem(2, 2, sparsity="0.9"), n_starts=1)
    assert found.verdict == "proved"
    assert "proved optimal" in figures.arrangement(found).caption
    nothing = tms.lower_bound(tms.Problem(2, 1, sparsity=1))
    unproved = replace(found, lower_bound=nothing, scale=0.0)
    assert "best found, with no claim of an optimum" in figures.arrangement(unproved).caption


def test_an_arrangement_of_the_atlas_claims_no_optimum():
    row = tms.atlas.lookup(n_features=5, n_hidden=2, sparsity="0.9")
    caption = figures.arrangement(row).caption
    assert "from the atlas, best found" in caption
    assert f"at most {row.loss!r}" in caption


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (([[1, float("nan")]],), "W"),
        (([1, 2],), "W"),
        (([[1, 2]], [1]), r"b.shape=\(1,\): must be \(2,\)"),
    ],
)
def test_weights_that_are_none_are_refused(given, message):
    with pytest.raises(tms.InputError, match=message):
        figures.arrangement(*given)


def test_another_problem_or_other_labels_are_refused():
    problem = tms.Problem(3, 1, sparsity="0.9")
    with pytest.raises(tms.InputError, match=r"W.shape=\(1, 2\): must be \(1, 3\)"):
        figures.arrangement([[1, -1]], problem=problem)
    with pytest.raises(tms.InputError, match="must be 2, one for each feature"):
        figures.arrangement([[1, -1]], labels=["a"])
