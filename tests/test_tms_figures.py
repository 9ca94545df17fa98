"""What all figures share: files, bytes, metadata, the shared look, the command line."""

from __future__ import annotations

import io
import os
import re
import shlex
import subprocess
import sys
import textwrap
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from unittest import mock

import pytest
from figure_tables import small_table

import tms
from tms import figures
from tms.cli import main

STARTS = {".png": b"\x89PNG\r\n", ".pdf": b"%PDF-", ".svg": b"<?xml"}
ROOT = Path(__file__).parent.parent


def drawn():
    """One of each kind, made anew."""
    atlas = [tms.atlas.lookup(n_features=5, n_hidden=2, sparsity=s) for s in ("0.5", "0.9")]
    return {
        "loss": figures.loss(small_table(sparsities=["0.5", "0.9"])),
        "phase": figures.phase(figures.phase_diagram(n_cells=2, n_starts=1)),
        "norm": figures.phase(figures.phase_diagram(n_cells=2, n_starts=1), show="norm"),
        "arrangement": figures.arrangement(atlas[1]),
        "solid": figures.arrangement(tms.arrangements.simplex(4)),
        "dimensionality": figures.dimensionality(atlas),
        "bounds": figures.bounds(tms.bounds(3, 2, densities=["0.01", 1], n_starts=1)),
    }


@pytest.fixture(scope="module")
def all_kinds():
    return drawn()


@pytest.fixture(scope="module")
def files(all_kinds):
    return {(name, kind): drawing.rendered(kind)
            for name, drawing in all_kinds.items() for kind in ("png", "pdf", "svg")}  # fmt: skip


def run(*words):
    """Exit code, stdout and stderr of a command."""
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.object(sys, "argv", ["tms", *words]),
        redirect_stdout(out),
        redirect_stderr(err),
        pytest.raises(SystemExit) as end,
    ):
        main()
    return end.value.code, out.getvalue(), err.getvalue()


def test_the_same_call_gives_the_same_bytes(files):
    again = drawn()
    for (name, kind), content in files.items():
        assert content.startswith(STARTS[f".{kind}"])
        assert again[name].rendered(kind) == content


def test_the_order_of_the_files_does_not_count(all_kinds, files):
    for name, drawing in all_kinds.items():
        assert drawing.rendered("svg") == files[name, "svg"]


def test_settings_of_the_user_do_not_count(files):
    import matplotlib as mpl

    with mpl.rc_context({"font.size": 20, "lines.linewidth": 9, "axes.facecolor": "red"}):
        again = figures.arrangement(tms.arrangements.simplex(4)).rendered("svg")
    assert files["solid", "svg"] == again


def test_files_say_what_made_them(all_kinds, files):
    for name, drawing in all_kinds.items():
        command = drawing.command.encode()
        assert command in files[name, "png"]
        assert b"tms-theory" in files[name, "png"]
        assert command in files[name, "svg"]
        assert b"<dc:date>" not in files[name, "svg"]
        assert b"/CreationDate" not in files[name, "pdf"]
        assert b"tms-theory" in files[name, "pdf"]


def test_fonts_are_embedded_and_text_stays_text(all_kinds, files):
    for name in all_kinds:
        assert b"/FontFile2" in files[name, "pdf"]
        assert b"/Type3" not in files[name, "pdf"]
        assert b"<text" in files[name, "svg"]


def test_every_figure_is_one_column_wide_in_legible_text(all_kinds):
    from matplotlib.text import Text

    for drawing in all_kinds.values():
        assert drawing.figure.get_size_inches()[0] == 3.4
        sizes = {text.get_fontsize() for text in drawing.figure.findobj(Text) if text.get_text()}
        assert min(sizes) >= 5.5
        assert max(sizes) == 8.0


def test_every_caption_has_model_version_and_command(all_kinds):
    for drawing in all_kinds.values():
        assert f"Made by tms-theory {tms.__version__}: {drawing.command}" in drawing.caption
        if "arrangement(W, b)" not in drawing.command:
            assert "x_hat = " in drawing.caption
        assert "\n\n" in drawing.caption
        assert "  " not in drawing.caption


def test_the_caption_is_written_beside(all_kinds, tmp_path):
    all_kinds["loss"].save(tmp_path / "figure.png", caption=True)
    written = (tmp_path / "figure.txt").read_text(encoding="utf-8")
    assert written.split() == all_kinds["loss"].caption.split()
    assert max(map(len, written.splitlines())) <= 96
    assert sorted(os.listdir(tmp_path)) == ["figure.png", "figure.txt"]


def test_a_notebook_shows_a_picture(all_kinds):
    assert all_kinds["bounds"]._repr_png_().startswith(STARTS[".png"])


def test_another_suffix_or_folder_is_refused(all_kinds, tmp_path):
    drawing = all_kinds["bounds"]
    with pytest.raises(tms.InputError, match=r"must end in one of \.pdf, \.svg, \.png"):
        drawing.save(tmp_path / "figure.gif")
    with pytest.raises(tms.InputError, match="there is no such folder"):
        drawing.save(tmp_path / "nowhere" / "figure.png")
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(tms.InputError, match="cannot be written"):
        drawing.save(tmp_path / "folder.png")
    assert os.listdir(tmp_path) == ["folder.png"]


def test_a_disk_that_is_full_leaves_the_old_file(all_kinds, tmp_path):
    path = tmp_path / "figure.png"
    path.write_bytes(b"old")
    full = OSError(28, "No space left on device")
    with (
        mock.patch.object(Path, "write_bytes", side_effect=full),
        pytest.raises(tms.InputError, match="No space left on device"),
    ):
        all_kinds["bounds"].save(path)
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["figure.png"]


def test_no_window_and_no_global_state():
    script = """
        import sys, tms
        before = "matplotlib" in sys.modules
        tms.figures
        light = "matplotlib" in sys.modules
        tms.figures.arrangement([[1, -1]]).rendered("png")
        print(before, light, "matplotlib.pyplot" in sys.modules)
    """
    result = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.split() == ["False", "False", "False"]


WEIGHTS = "W,1,-0.6\nb,-0.1,0.05\nsparsity,0.9\n"


@pytest.mark.parametrize(
    "words",
    [
        ("loss", "--features", "2", "--hidden", "1", "--sparsity", "0.5,0.9", "--starts", "1",
         "--no-bound", "--relative", "--candidate", "antipodal pair"),
        ("phase", "--cells", "2,1", "--starts", "1", "--show", "norm"),
        ("arrangement", "weights.csv", "--labels", "a,b"),
        ("arrangement", "--features", "5", "--hidden", "2", "--sparsity", "0.9", "--atlas"),
        ("arrangement", "--features", "2", "--hidden", "2", "--density", "0.1", "--starts", "1"),
        ("dimensionality", "--features", "5", "--hidden", "2", "--atlas"),
        ("dimensionality", "--features", "5", "--hidden", "2", "--atlas", "--sparsity", "0.9"),
        ("dimensionality", "--features", "2", "--hidden", "1", "--sparsity", ".9", "--starts", "1"),
        ("bounds", "--features", "3", "--hidden", "2", "--density", "0.01,1", "--starts", "1"),
    ],
)  # fmt: skip
def test_the_command_in_the_caption_makes_the_same_figure(words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("weights.csv").write_text(WEIGHTS, encoding="utf-8")
    code, out, err = run("figure", *words, "-o", "first.svg", "--caption")
    assert (code, err) == (0, "")
    assert out.split() == Path("first.txt").read_text(encoding="utf-8").split()
    again = shlex.split(re.search(r": (tms figure .*)$", out.strip())[1])
    assert run(*again[1:], "-o", "again.svg") == (0, out, "")
    assert Path("first.svg").read_bytes() == Path("again.svg").read_bytes()


def test_the_figure_is_named_by_its_kind_where_no_name_is_given(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run("figure", "dimensionality", "--features", "5", "--hidden", "2", "--atlas")[0] == 0
    assert Path("dimensionality.pdf").read_bytes().startswith(STARTS[".pdf"])


def test_a_table_and_a_figure_share_a_store(tmp_path):
    common = ["--features", "2", "--hidden", "1", "--sparsity", "0.9", "--starts", "1"]
    common += ["--store", str(tmp_path / "store")]
    assert run("table", *common, "-o", str(tmp_path / "table.txt"))[0] == 0
    with mock.patch("numerics.optimize.optimize", side_effect=AssertionError("searched again")):
        code, out, _ = run("figure", "loss", *common, "--no-bound", "-o", str(tmp_path / "a.svg"))
    assert (code, "Best found" in out) == (0, True)


def test_trained_weights_are_drawn(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("weights.csv").write_text(WEIGHTS, encoding="utf-8")
    words = ["figure", "loss", "--features", "2", "--hidden", "1", "--sparsity", "0.9"]
    words += ["--starts", "1", "--no-bound", "--trained", "weights.csv", "-o", "a.svg"]
    code, out, _ = run(*words)
    assert code == 0
    assert "Trained: the loss of trained weights." in out
    assert b">trained<" in Path("a.svg").read_bytes()


def test_a_search_that_fails_is_drawn_as_missing_and_ends_in_one(tmp_path):
    import numerics.optimize

    search = numerics.optimize.optimize

    def failing_where_dense(problem, *rest, **options):
        if problem.density > 0.5:
            raise tms.Unsupported(f"density={problem.density}: no start converged")
        return search(problem, *rest, **options)

    words = ["figure", "phase", "--cells", "2", "--density", "0.2,1", "--starts", "1"]
    words += ["-o", str(tmp_path / "a.svg")]
    with mock.patch("numerics.optimize.optimize", failing_where_dense):
        code, out, _ = run(*words)
    assert code == 1
    assert "Not drawn: 2 cells (the search failed)." in out
    assert b">search failed<" in (tmp_path / "a.svg").read_bytes()


def test_where_every_search_fails_there_is_no_figure(tmp_path):
    failing = tms.Unsupported("density=1: no start converged")
    words = ["figure", "phase", "--cells", "1", "--starts", "1", "-o", str(tmp_path / "a.svg")]
    with mock.patch("numerics.optimize.optimize", side_effect=failing):
        code, _, err = run(*words)
    assert (code, "every search failed" in err, os.listdir(tmp_path)) == (2, True, [])


def test_the_page_shows_what_its_commands_make():
    page = (ROOT / "docs" / "figures.md").read_text(encoding="utf-8")
    sections = re.findall(r'`tms (figure .*) -o (.*)`\n\n<img src="figures/(.*?)"', page)
    assert len(sections) == 8
    for words, name, shown in sections:
        assert name == shown
        content = (ROOT / "docs" / "figures" / name).read_bytes()
        place = content.index(b"Description\x00")
        size = int.from_bytes(content[place - 8 : place - 4], "big")
        made = content[place : place + size].partition(b"\x00tms ")[2].decode()
        kind, *options = words.split()[1:]
        assert made.split()[1] == kind
        asked = " ".join(options).split("--")[1:]
        assert all(option.strip() in made for option in asked)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("loss --features 5 --hidden 2 -o x.gif", "figure='x.gif': must end in one of"),
        ("loss --features 5 --hidden 2 -o no/x.pdf", "figure='no/x.pdf': there is no such folder"),
        ("loss --features 5 --hidden 2 --candidate no", "candidate='no': must be one of pentagon"),
        ("loss --features 0 --hidden 2", "n_features=0: must be a whole number"),
        ("loss --features 5 --hidden 2 --sparsity 1.5", "sparsity=1.5: must be between 0 and 1"),
        ("loss --features 5 --hidden 2 --sparsity no", "sparsity='no': not a plain number"),
        ("loss --features 5 --hidden 2 --law no", "law='no': must be one of"),
        ("loss --features 5 --hidden 2 --starts 0", "n_starts=0: must be"),
        ("loss --features 5 --hidden 2 --trained no.npz", "no.npz"),
        ("phase --features 4 --hidden 2", "n_features=4, n_hidden=2: a phase diagram is for"),
        ("phase --cells 1.5", "cells='1.5': must be a whole number"),
        ("phase --density 0,1", "density=0,1: must rise from above 0"),
        ("phase --importance 1", "importance=1: must be two numbers"),
        ("phase --store weights.csv", "weights.csv"),
        ("arrangement", "file=None: give weights, or --features and --hidden"),
        ("arrangement no.npz", "file='no.npz': no such file"),
        ("arrangement weights.csv --features 2", "leave --features, --hidden and --atlas out"),
        ("arrangement untied.csv", "holds W_decoder"),
        ("arrangement --features 5 --hidden 2", "sparsity=None, density=None: give one"),
        ("arrangement --features 5 --hidden 2 --sparsity 0.95 --atlas", "the atlas has 0, 0.3"),
        ("arrangement --features 2 --hidden 1 --sparsity 0.9 --importance 1,2 --atlas", "atlas: "),
        ("arrangement --features 3 --hidden 2 --sparsity 0.9 --labels a,b", "labels=['a', 'b']"),
        ("dimensionality --features 99 --hidden 3 --atlas", "n_features=99, n_hidden=3: not in"),
        ("dimensionality --features 5 --hidden 2 --importance 0.9^i --atlas", "atlas: holds ReLU"),
        ("bounds --features 3 --hidden 2 --density 7", "density=7"),
        ("bounds --features 3 --hidden 2 --density 0", "densities: a picture needs one"),
    ],
)
def test_nonsense_ends_in_one_line_before_anything_is_searched(
    words, message, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    Path("weights.csv").write_text(WEIGHTS, encoding="utf-8")
    Path("untied.csv").write_text("W,1,-1\nW_decoder,1,1\nsparsity,0.9\n", encoding="utf-8")
    searched = AssertionError("a search was begun")
    with mock.patch("numerics.optimize.optimize", side_effect=searched):
        code, out, err = run("figure", *words.split())
    assert (code, out) == (2, "")
    assert message in err
    assert err.startswith("Error: ")
    assert err.count("\n") == 1
    assert sorted(os.listdir(tmp_path)) == ["untied.csv", "weights.csv"]


def test_a_caption_that_cannot_be_written_is_refused_at_the_door(tmp_path):
    (tmp_path / "a.txt").mkdir()
    words = ["figure", "phase", "-o", str(tmp_path / "a.svg"), "--caption"]
    code, _, err = run(*words)
    assert (code, "caption=" in err, "is not a file" in err) == (2, True, True)
