"""Figures of bounds: the table's numbers on the axes, by two commands."""

from __future__ import annotations

import io
import math
import sys
from contextlib import redirect_stderr, redirect_stdout
from unittest import mock

import pytest
from figure_tables import hangs_over

import tms
from tms import figures
from tms.cli import main

PNG = b"\x89PNG\r\n"


@pytest.fixture(scope="module")
def table():
    return tms.bounds(6, [2, 3], densities=["1e-4", "0.01", 1, 0], n_starts=2)


def lines_of(axes):
    return {line.get_label(): line for line in axes.lines}


def test_the_lines_are_logarithms_of_the_table(table):
    figure = figures.bounds(table).figure
    assert len(figure.axes) == 2
    for axes, m in zip(figure.axes, (2, 3), strict=True):
        rows = [row for row in table.of_size(m) if row.density]
        found = lines_of(axes)
        for label, measure in (
            ("best found", lambda row: row.found),
            ("lower bound", lambda row: row.lower.value),
            ("upper bound", lambda row: row.upper.value),
            ("unsuperposed", lambda row: row.unsuperposed),
        ):
            x, y = found[label].get_data()
            assert list(x) == pytest.approx([math.log(row.density, m) for row in rows])
            assert list(y) == pytest.approx([math.log(measure(row), m) for row in rows])


def test_the_guides_have_the_slopes_of_the_theorem(table):
    guides = [
        line for line in figures.bounds(table).figure.axes[0].lines if "order" in line.get_label()
    ]
    slopes = []
    for line in guides:
        x, y = line.get_data()
        steps = [(b - a) / (d - c) for a, b, c, d in zip(y, y[1:], x, x[1:], strict=False)]
        slopes.append([round(step, 9) for step in steps])
        found = lines_of(figures.bounds(table).figure.axes[0])["best found"].get_data()
        assert y[-1] == pytest.approx(found[1][-1])
    assert slopes == [[1.0, round(1 / 3, 9)], [1.0, 0.0]]


def test_a_single_dimension_has_axes_too():
    table = tms.bounds(2, 1, densities=[0.01, 1], n_starts=0)
    x, y = lines_of(figures.bounds(table).figure.axes[0])["best found"].get_data()
    assert [v - u for u, v in zip(y, x, strict=True)] == pytest.approx([-math.log2(0.6)] * 2)


def test_the_linear_model_and_one_density_can_be_drawn(tmp_path):
    table = tms.bounds(3, 2, densities=[0.5], activation=tms.Power(1), n_starts=0)
    figures.bounds(table).save(tmp_path / "one.svg")
    assert (tmp_path / "one.svg").stat().st_size > 1000


def test_lines_differ_without_colour(table):
    lines = [
        line for line in figures.bounds(table).figure.axes[0].lines if line.get_label()[0] != "_"
    ]
    looks = {(line.get_marker(), line.get_fillstyle(), str(line._dash_pattern)) for line in lines}
    assert len(looks) == len(lines) == 6


def test_nothing_hangs_over_the_edge(table):
    """Every text lies inside the figure."""
    figure = figures.bounds(table).figure
    assert not hangs_over(figure)


def test_nothing_to_draw_is_refused():
    table = tms.bounds(2, 1, densities=[0], n_starts=0)
    with pytest.raises(tms.InputError, match="densities: a picture needs one that is not 0"):
        figures.bounds(table)


def test_the_command_line_draws(tmp_path):
    path, out = tmp_path / "figure.png", io.StringIO()
    words = ["tms", "bounds", "--features", "3", "--hidden", "2", "--density", "0.01,1"]
    words += ["--starts", "1", "--figure", str(path)]
    with (
        mock.patch.object(sys, "argv", words),
        redirect_stdout(out),
        pytest.raises(SystemExit) as end,
    ):
        main()
    assert end.value.code == 0
    assert path.read_bytes().startswith(PNG)
    assert "best found" in out.getvalue()


def test_the_command_line_refuses_a_figure_before_it_searches(tmp_path):
    words = ["tms", "bounds", "--features", "3", "--hidden", "2", "--figure", "figure.gif"]
    err = io.StringIO()
    with (
        mock.patch.object(sys, "argv", words),
        redirect_stderr(err),
        pytest.raises(SystemExit) as end,
    ):
        main()
    assert end.value.code == 2
    assert "figure='figure.gif': must end in one of" in err.getvalue()


def test_both_commands_draw_the_same(tmp_path):
    common = ["--features", "3", "--hidden", "2", "--density", "0.01,1", "--starts", "1"]
    for words in (
        ["bounds", *common, "--figure", str(tmp_path / "a.png")],
        ["figure", "bounds", *common, "-o", str(tmp_path / "b.png")],
    ):
        with (
            mock.patch.object(sys, "argv", ["tms", *words]),
            redirect_stdout(io.StringIO()),
            pytest.raises(SystemExit),
        ):
            main()
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_the_caption_names_model_claims_and_what_is_not_drawn(table):
    drawing = figures.bounds(table)
    assert drawing.counts == {"not drawn": 2}
    for words in (
        "x_hat = (W^T W x)^3",
        "N(0, 1)",
        "seed 0",
        "no claim of an optimum",
        "Not drawn: 2 rows (density 0 on a logarithmic axis).",
        "GAINBOUND-10",
        "tms figure bounds --features 6 --hidden 2 --hidden 3",
    ):
        assert words in drawing.caption
