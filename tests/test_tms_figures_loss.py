"""The figure of the loss: the numbers of the table, each line told apart, nothing left out."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from figure_tables import failed, finite, hangs_over, looks, small_table, texts, with_rows

import tms
from tms import figures


@pytest.fixture(scope="module")
def table():
    return small_table(sparsities=["0", "0.5", "0.9", "0.99"])


@pytest.fixture(scope="module")
def trained(table):
    rows = [
        replace(row, lower_bound=Fraction(1, 7) * row.loss.value, lower_bound_claims=("BOUND-06",))
        for row in table.rows
    ]
    rows[1] = replace(rows[1], trained=rows[1].ignoring, trained_name="a.npz")
    return with_rows(table, *rows)


def lines_of(drawing):
    return {line.get_label(): line for line in drawing.figure.axes[0].lines}


def test_the_points_are_the_numbers_of_the_table(trained):
    lines = lines_of(figures.loss(trained, axis="inverse"))
    rows = sorted(trained.rows, key=lambda row: row.sparsity)
    measures = {
        "best found": lambda row: row.loss,
        "ignoring all": lambda row: row.ignoring,
        "best linear": lambda row: row.linear,
        "lower bound": lambda row: row.lower_bound,
        "candidate: pair": lambda row: row.candidates["antipodal pair"],
        "trained": lambda row: row.trained,
    }
    for label, measure in measures.items():
        wanted = [
            (1 / (1 - float(row.sparsity)), float(measure(row)))
            for row in rows
            if measure(row) is not None and float(measure(row)) > 0
        ]
        assert finite(lines[label]) == [pytest.approx(point) for point in wanted]


def test_relative_losses_are_in_units_of_ignoring_everything(table):
    lines = lines_of(figures.loss(table, relative=True, axis="inverse"))
    rows = sorted(table.rows, key=lambda row: row.sparsity)
    assert [y for _, y in finite(lines["ignoring all"])] == [1.0] * len(rows)
    wanted = [float(row.loss) / float(row.ignoring) for row in rows]
    assert [y for _, y in finite(lines["best found"])] == pytest.approx(wanted)


def test_the_axis_is_the_sparsity_itself_where_its_range_is_narrow():
    drawing = figures.loss(small_table(sparsities=["0.5", "0.6"]))
    axes = drawing.figure.axes[0]
    assert axes.get_xlabel() == "sparsity $S$"
    assert axes.get_xscale() == "linear"
    assert [x for x, _ in finite(lines_of(drawing)["best found"])] == [0.5, 0.6]


def test_labels_come_from_the_parameters(table):
    drawing = figures.loss(table)
    assert drawing.figure.axes[0].get_title() == "n = 2,  m = 1,  equal importance"
    unequal = small_table(sparsities=["0.5"], importance="0.9^i", columns=["S", "loss"])
    assert r"$I_i = 0.9^{\,i}$" in figures.loss(unequal).figure.axes[0].get_title()
    assert "importance 0.9^i" in figures.loss(unequal).caption


def test_every_line_is_told_apart_in_grey(trained):
    lines = figures.loss(trained).figure.axes[0].lines
    assert len(lines) == 6
    assert len(set(looks(lines))) == len(lines)


def test_many_candidates_are_told_apart_in_grey():
    names = tuple(f"name {k}" for k in range(9))
    table = small_table(sparsities=["0.5"])
    rows = [replace(row, candidates=dict.fromkeys(names, row.ignoring)) for row in table.rows]
    lines = figures.loss(with_rows(table, *rows), candidates=names).figure.axes[0].lines
    assert len(set(looks(lines))) == len(lines) == 12


def test_a_single_row_is_seen():
    lines = figures.loss(small_table(sparsities=["0.5"])).figure.axes[0].lines
    markers = [line.get_marker() for line in lines]
    assert len(set(markers)) == len(lines)
    assert not {"", "None"} & set(markers)


def test_zero_on_a_logarithmic_axis_is_counted(table):
    rows = small_table(sparsities=["0.5", "1"]).rows
    drawing = figures.loss(with_rows(table, *rows), axis="sparsity")
    assert drawing.counts["zeros"] >= 1
    assert f"Not drawn: {drawing.counts['zeros']} points (zero on a" in drawing.caption
    assert [x for x, _ in finite(lines_of(drawing)["best found"])] == [0.5]


def test_losses_that_are_all_zero_get_a_linear_axis():
    drawing = figures.loss(small_table(sparsities=["1"]))
    assert drawing.figure.axes[0].get_yscale() == "linear"
    assert [y for _, y in finite(lines_of(drawing)["best found"])] == [0.0]


def test_a_ratio_to_nothing_is_counted():
    table = small_table(sparsities=["0.5", "1"])
    drawing = figures.loss(table, relative=True, axis="sparsity")
    assert drawing.counts["without a ratio"] == 1
    assert "Not drawn: 1 row (ignoring everything loses nothing)." in drawing.caption
    with pytest.raises(tms.InputError, match="ignoring everything loses nothing"):
        figures.loss(small_table(sparsities=["1"]), relative=True)


def test_trained_weights_that_fit_no_row_are_named(table):
    drawing = figures.loss(replace(table, unused=("other.npz",)))
    assert "Trained weights that fit no row: other.npz." in drawing.caption


def test_one_feature_in_one_dimension_can_be_drawn():
    table = tms.table(1, 1, sparsities=["0", "0.5", "1"], n_starts=1)
    assert figures.loss(table).rendered("svg")


def test_sparsity_one_has_no_place_on_the_inverse_axis(table):
    rows = small_table(sparsities=["0.5", "1"]).rows
    drawing = figures.loss(with_rows(table, *rows), axis="inverse")
    assert drawing.counts["off the axis"] == 1
    assert "Not drawn: 1 row (S = 1 on a logarithmic axis)." in drawing.caption
    with pytest.raises(tms.InputError, match=r"sparsity=1: has no place on the axis 1/\(1 - S\)"):
        figures.loss(small_table(sparsities=["1"]), axis="inverse")


def test_failed_rows_are_missing_and_counted(table):
    rows = [failed(table.rows[0]), *table.rows[1:]]
    drawing = figures.loss(with_rows(table, *rows))
    assert drawing.counts["failed"] == 1
    assert "Not drawn: 1 row (the search failed)." in drawing.caption
    assert len(finite(lines_of(drawing)["best found"])) == len(rows) - 1


def test_a_table_whose_every_row_failed_is_refused(table):
    with pytest.raises(tms.InputError, match="no row has a loss; the first one: failed: it did"):
        figures.loss(with_rows(table, *map(failed, table.rows)))


def test_rows_of_several_models_are_refused():
    table = tms.table([2, 3], 1, sparsities=["0.5"], n_starts=1, columns=["S", "loss"])
    with pytest.raises(tms.InputError, match="n: differs between rows"):
        figures.loss(table)


def test_a_candidate_that_is_not_there_is_refused(table):
    with pytest.raises(tms.InputError, match="candidate='pentagon': must be one of antipodal"):
        figures.loss(table, candidates=["pentagon"])


def test_another_axis_is_refused(table):
    with pytest.raises(tms.InputError, match="axis='log': must be auto, inverse or sparsity"):
        figures.loss(table, axis="log")


def test_the_caption_says_what_is_best_found_and_how_to_make_it_again(trained):
    caption = figures.loss(trained).caption
    for words in (
        "x_hat = ReLU(W^T W x + b)",
        "sum over features, mean over data; importance 1.",
        "seed 0",
        "with no claim of an optimum; its loss is exact there",
        "Candidates: antipodal pair, with unit norm and zero bias.",
        "Lower bound: no weights have a lower loss (proven).",
        "Trained: the loss of trained weights.",
        "BOUND-06, LINEAR-02, LINEAR-03, LOSS-03",
        f"tms-theory {tms.__version__}: tms figure loss --features 2 --hidden 1 --sparsity",
    ):
        assert words in caption
    assert "optimal" not in caption


def test_nothing_hangs_over_the_edge(trained):
    long = [
        replace(row, candidates={"antipodal pair + 17 dedicated + 12 ignored": row.ignoring})
        for row in trained.rows
    ]
    for table in (trained, with_rows(trained, *long)):
        figure = figures.loss(table).figure
        assert "best found" in texts(figure)
        assert not hangs_over(figure)
