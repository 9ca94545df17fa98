"""Pictures of bounds: the table's numbers on the axes, three kinds of file, nothing global."""

from __future__ import annotations

import io
import math
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from unittest import mock

import pytest

import tms
from tms.cli import main
from tms.figures import bounds_figure, draw_bounds

STARTS = {".png": b"\x89PNG\r\n", ".pdf": b"%PDF-", ".svg": b"<?xml"}


@pytest.fixture(scope="module")
def table():
    return tms.bounds(6, [2, 3], densities=["1e-4", "0.01", 1, 0], n_starts=2)


def lines_of(axes):
    return {line.get_label(): line for line in axes.lines}


def test_the_lines_are_logarithms_of_the_table(table):
    figure = bounds_figure(table)
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
    guides = [line for line in bounds_figure(table).axes[0].lines if "order" in line.get_label()]
    slopes = []
    for line in guides:
        x, y = line.get_data()
        steps = [(b - a) / (d - c) for a, b, c, d in zip(y, y[1:], x, x[1:], strict=False)]
        slopes.append([round(step, 9) for step in steps])
        found = lines_of(bounds_figure(table).axes[0])["best found"].get_data()
        assert y[-1] == pytest.approx(found[1][-1])
    assert slopes == [[1.0, round(1 / 3, 9)], [1.0, 0.0]]


def test_a_single_dimension_has_axes_too():
    table = tms.bounds(2, 1, densities=[0.01, 1], n_starts=0)
    x, y = lines_of(bounds_figure(table).axes[0])["best found"].get_data()
    assert [v - u for u, v in zip(y, x, strict=True)] == pytest.approx([-math.log2(0.6)] * 2)


def test_the_linear_model_and_one_density_can_be_drawn(tmp_path):
    table = tms.bounds(3, 2, densities=[0.5], activation=tms.Power(1), n_starts=0)
    draw_bounds(table, tmp_path / "one.svg")
    assert (tmp_path / "one.svg").stat().st_size > 1000


def test_lines_differ_without_colour(table):
    lines = [line for line in bounds_figure(table).axes[0].lines if line.get_label()[0] != "_"]
    looks = {(line.get_marker(), line.get_fillstyle(), str(line._dash_pattern)) for line in lines}
    assert len(looks) == len(lines) == 6


def test_nothing_hangs_over_the_edge(table):
    """Every text lies inside the figure."""
    figure = bounds_figure(table)
    figure.draw_without_rendering()
    width, height = figure.bbox.width, figure.bbox.height
    box = figure.get_tightbbox().transformed(figure.dpi_scale_trans)
    assert box.x0 >= -1
    assert box.y0 >= -1
    assert box.x1 <= width + 1
    assert box.y1 <= height + 1


@pytest.mark.parametrize("suffix", STARTS)
def test_the_suffix_chooses_the_kind_of_file(table, tmp_path, suffix):
    first, again = tmp_path / f"first{suffix}", tmp_path / f"again{suffix}"
    draw_bounds(table, first)
    draw_bounds(table, again)
    assert first.read_bytes().startswith(STARTS[suffix])
    assert first.read_bytes() == again.read_bytes()


def test_another_suffix_or_folder_is_refused(table, tmp_path):
    with pytest.raises(tms.InputError, match=r"must end in one of \.pdf, \.svg, \.png"):
        draw_bounds(table, tmp_path / "figure.gif")
    with pytest.raises(tms.InputError, match="there is no such folder"):
        draw_bounds(table, tmp_path / "nowhere" / "figure.png")
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(tms.InputError, match="cannot be written"):
        draw_bounds(table, tmp_path / "folder.png")


def test_nothing_to_draw_is_refused():
    table = tms.bounds(2, 1, densities=[0], n_starts=0)
    with pytest.raises(tms.InputError, match="densities: a picture needs one that is not 0"):
        bounds_figure(table)


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
    assert path.read_bytes().startswith(STARTS[".png"])
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


def test_no_global_state_is_touched():
    script = (
        "import sys, tms; from pathlib import Path; from tms.figures import bounds_figure;"
        "bounds_figure(tms.bounds(2, 1, densities=[1], n_starts=0));"
        "print('matplotlib.pyplot' in sys.modules)"
    )
    root = Path(__file__).parent.parent
    result = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "False"
