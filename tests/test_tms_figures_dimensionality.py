"""The figure of dimensionality: every feature's own number, the plateaus named."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from figure_tables import (
    failed,
    finite,
    hangs_over,
    overlapping_labels,
    small_table,
    texts,
    with_rows,
)

import tms
from tms import figures
from tms.figures.dimensionality_lines import PLATEAUS

SPARSITIES = ("0", "0.5", "0.9", "0.999")


def atlas_rows(n, m):
    return [tms.atlas.lookup(n_features=n, n_hidden=m, sparsity=s) for s in SPARSITIES]


def by_definition(W):
    """``D_i`` in a plain loop."""
    shares = []
    for column in W.T:
        norm = float(np.sqrt(column @ column))
        below = sum((float(column @ other) / norm) ** 2 for other in W.T) if norm else 0.0
        shares.append(norm**2 / below if norm else 0.0)
    return shares


def points(drawing):
    offsets = drawing.figure.axes[0].collections[0].get_offsets()
    return sorted(map(tuple, np.asarray(offsets).tolist()))


def test_every_feature_is_drawn_at_its_dimensionality():
    rows = atlas_rows(8, 3)
    wanted = sorted(
        (1 / (1 - float(row.sparsity)), share) for row in rows for share in by_definition(row.W)
    )
    drawn = points(figures.dimensionality(rows))
    assert len(drawn) == 32
    assert np.allclose(drawn, wanted, atol=1e-6)


def test_the_crosses_are_dimensions_by_squared_norm():
    rows = atlas_rows(5, 2)
    star = next(line for line in figures.dimensionality(rows).figure.axes[0].lines
                if "D^*" in line.get_label())  # fmt: skip
    wanted = [(1 / (1 - float(row.sparsity)), 2 / float(np.sum(row.W**2))) for row in rows]
    assert finite(star) == [pytest.approx(point) for point in wanted]


def test_the_area_counts_the_features():
    row = tms.atlas.lookup(n_features=5, n_hidden=2, sparsity="0.7")  # two pairs, one ignored
    sizes = figures.dimensionality([row]).figure.axes[0].collections[0].get_sizes()
    assert sorted(sizes / sizes.min()) == [1.0, 4.0, 4.0, 4.0, 4.0]


@pytest.mark.parametrize(
    ("shape", "names"),
    [
        ((2, 1), ["1 dedicated", "1/2 antipodal pair", "0 ignored"]),
        (
            (5, 2),
            ["1 dedicated", "2/3 triangle", "1/2 antipodal pair", "2/5 pentagon", "0 ignored"],
        ),
        ((8, 3), [f"{value} {name}" for value, name, _ in PLATEAUS]),
    ],
)
def test_plateaus_that_fit_the_dimensions_are_named(shape, names):
    figure = figures.dimensionality(atlas_rows(*shape)).figure
    labels = {f"{value} {name}" for value, name, _ in PLATEAUS}
    assert [text for text in texts(figure) if text in labels] == names
    assert overlapping_labels(figure, names) == []
    assert not hangs_over(figure)


@pytest.mark.parametrize(("value", "name", "least"), PLATEAUS)
def test_plateaus_are_the_dimensionality_of_their_geometry(value, name, least):
    half = Fraction(1, 2)
    antiprism = np.array([
        [np.cos(t), np.sin(t), z / np.sqrt(2)]
        for z, start in ((1, 0), (-1, np.pi / 4))
        for t in start + np.arange(4) * np.pi / 2
    ])
    polygon = {k: np.exp(2j * np.pi * np.arange(k) / k) for k in (3, 5)}
    columns = {
        "dedicated": np.eye(1),
        "tetrahedron": np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]]).T,
        "triangle": np.array([polygon[3].real, polygon[3].imag]),
        "antipodal pair": np.array([[1.0, -1.0]]),
        "pentagon": np.array([polygon[5].real, polygon[5].imag]),
        "square antiprism": antiprism.T,
        "ignored": np.zeros((1, 1)),
    }[name]
    assert by_definition(columns * float(half)) == pytest.approx([float(value)] * columns.shape[1])
    assert len(columns) == least


def test_a_table_is_drawn_like_the_atlas():
    table = small_table(sparsities=["0.9"], columns=["S", "loss"])
    drawn = points(figures.dimensionality(table))
    assert drawn == [pytest.approx((10.0, 0.5))] * 2


def test_nothing_represented_has_no_cross():
    table = small_table(sparsities=["0.5"])
    dead = replace(table.rows[0], W=np.zeros((1, 2)))
    drawing = figures.dimensionality(with_rows(table, dead))
    assert points(drawing) == [(2.0, 0.0)] * 2
    assert drawing.counts["without D*"] == 1
    assert "Not drawn: 1 cross (nothing is represented)." in drawing.caption
    assert drawing.rendered("png")


def test_failed_rows_and_sparsity_one_are_counted():
    table = small_table(sparsities=["0.5", "0.9", "1"], columns=["S", "loss"])
    rows = [failed(table.rows[0]), *table.rows[1:]]
    drawing = figures.dimensionality(with_rows(table, *rows))
    assert (drawing.counts["failed"], drawing.counts["off the axis"]) == (1, 1)
    assert {x for x, _ in points(drawing)} == {10.0}


def test_no_row_with_weights_is_refused():
    table = small_table(sparsities=["0.5"], columns=["S", "loss"])
    with pytest.raises(tms.InputError, match="rows: none has weights"):
        figures.dimensionality(with_rows(table, *map(failed, table.rows)))


def test_rows_of_two_sizes_are_refused():
    with pytest.raises(tms.InputError, match="must be of one number of features"):
        figures.dimensionality([*atlas_rows(5, 2), *atlas_rows(8, 3)])


def test_the_caption_says_where_the_weights_come_from():
    assert "of the atlas" in figures.dimensionality(atlas_rows(5, 2)).caption
    table = small_table(sparsities=["0.5"], columns=["S", "loss"])
    caption = figures.dimensionality(table).caption
    assert "best that 1 random starts at each sparsity (seed 0), simple arrangements" in caption
    assert "tms figure dimensionality --features 2 --hidden 1 --sparsity 0.5" in caption
