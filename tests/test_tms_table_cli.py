"""The command ``tms table``: grids as they are typed, stores, trained weights, refusals."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sweep_cells import heed_interrupts
from test_cli import run

import numerics.optimize
from theory.loss import expected_loss
from theory.problem import InputError, Problem
from tms.commands.table import counts_from_text

ROOT = Path(__file__).parent.parent
SMALL = ["table", "--features", "2,3", "--hidden", "1", "--sparsity", "0.5,0.9", "--starts", "2"]


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=20))
def test_lists_of_counts_are_read_back(counts):
    assert counts_from_text(",".join(map(str, counts)), "features") == tuple(counts)


@given(st.integers(0, 1000), st.integers(0, 99))
def test_ranges_hold_both_ends(low, length):
    assert counts_from_text(f"{low}:{low + length}", "features") == tuple(
        range(low, low + length + 1)
    )


@pytest.mark.parametrize("text", ["", "a", "1:", "3:2", "1:2:3", "1.5", "-1", "1:10000", "²"])
def test_counts_that_are_none_are_refused(text):
    with pytest.raises(InputError, match="features="):
        counts_from_text(text, "features")


def test_a_grid_on_one_line_is_a_table():
    found = json.loads(run(*SMALL, "--format", "json").out)
    assert [(row["n_features"], row["sparsity"]) for row in found["rows"]] == [
        (2, 0.5),
        (2, 0.9),
        (3, 0.5),
        (3, 0.9),
    ]


def test_the_same_command_again_computes_nothing(tmp_path, monkeypatch):
    first = run(*SMALL, "--store", tmp_path / "store")
    assert first.err.endswith(f"4 cells computed, 0 from {tmp_path / 'store'}\n")
    monkeypatch.setattr(numerics.optimize, "optimize", lambda *_, **__: pytest.fail("was run"))
    again = run(*SMALL, "--store", tmp_path / "store")
    assert again.err.endswith(f"0 cells computed, 4 from {tmp_path / 'store'}\n")
    assert again.out == first.out


def test_a_column_that_is_asked_for_later_costs_its_own_cells_alone(tmp_path, monkeypatch):
    run(*SMALL, "--store", tmp_path)
    monkeypatch.setattr(numerics.optimize, "optimize", lambda *_, **__: pytest.fail("was run"))
    again = run(*SMALL, "--store", tmp_path, "--columns", "S,loss,candidate")
    assert "4 cells computed, 4 from" in again.err


def test_missing_cells_are_listed_and_nothing_is_computed(tmp_path, monkeypatch):
    run(*SMALL, "--store", tmp_path)
    monkeypatch.setattr(numerics.optimize, "optimize", lambda *_, **__: pytest.fail("was run"))
    wider = [*SMALL[:6], "0.5,0.9,0.99", *SMALL[7:]]
    result = run(*wider, "--store", tmp_path, "--missing")
    assert result.out.splitlines() == [
        "search: n = 2, m = 1, S = 0.99",
        "search: n = 3, m = 1, S = 0.99",
    ]
    assert (result.code, result.err) == (1, "2 cells missing\n")
    assert run(*SMALL, "--store", tmp_path, "--missing").code == 0


def test_a_store_of_another_seed_is_refused(tmp_path):
    run(*SMALL, "--store", tmp_path)
    result = run(*SMALL, "--store", tmp_path, "--seed", 1)
    assert result.code == 2
    assert result.err.startswith("Error: ")
    assert "seed" in result.err


def test_two_workers_give_the_same_bytes():
    alone, together = (run(*SMALL, "--format", "csv", "--workers", k) for k in (1, 2))
    assert alone.out == together.out


def test_ctrl_c_keeps_what_is_done(tmp_path):
    words = ["table", "--features", "6", "--hidden", "2", "--starts", "40", "--workers", "1"]
    process = subprocess.Popen(
        [sys.executable, "-m", "tms", *words, "--store", str(tmp_path)],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heed_interrupts,
    )
    deadline = time.monotonic() + 120
    while not list(tmp_path.glob("cells/*")) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "cells are kept in" in told
    assert "Traceback" not in told


def test_the_columns_are_listed():
    result = run("table", "--list-columns")
    assert result.code == 0
    assert "lower-bound" in result.out
    assert "candidate:NAME" in result.out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--columns", "los"], "columns='los' (did you mean loss?): must be one of n, m, S, p"),
        (["--columns", "dstar"], "columns='dstar'"),
        (["--columns", "lowerbound"], "(did you mean lower-bound?)"),
        (["--columns", "candidate:hexagram"], "columns='candidate:hexagram': must be one of anti"),
        (["-o", "table.docx"], "output='table.docx': must end in one of .txt, .md"),
        (["-o", "table.csv", "--format", "latex"], "the suffix says 'csv'"),
        (["--importance", "0.8^"], "powers of a ratio are written 0.9^i"),
        (["--trained", "no-folder"], "trained='no-folder': no such file or folder"),
        (["--columns", "trained"], "columns='trained': needs weights"),
        (["--constraints", "unit"], "constraint='unit'"),
        (["--constraints", "unit-norm+"], "constraint=''"),
        (["--importance", "x^i"], "importance='x'"),
        (["--backend", "cloud"], "backend='cloud'"),
        (["--workers", "0"], "n_workers=0: must be"),
        (["--format", "parquet"], "format='parquet': is no text"),
        (["--missing"], "missing: needs a folder"),
        (["--label", "a}b"], "label='a}b': must be letters"),
        (["--trained", "nowhere.npz"], "no such file or folder"),
        (["--law", "cauchy"], "law='cauchy': must be one of"),
        (["--activation", "identity"], "activation=Identity()"),
        (["--store", "README.md"], "README.md"),
    ],
)
def test_nonsense_ends_in_one_line_and_code_2(monkeypatch, options, message):
    monkeypatch.setattr(numerics.optimize, "optimize", lambda *_, **__: pytest.fail("was run"))
    monkeypatch.chdir(ROOT)
    result = run(*SMALL, *options)
    assert result.code == 2
    assert message in result.err
    assert result.err.count("\n") == 1
    assert result.out == ""


# ---------------------------------------------------------------- trained weights


@pytest.fixture
def weights(tmp_path):
    def write(name, W, **arrays):
        folder = tmp_path / "trained"
        folder.mkdir(exist_ok=True)
        np.savez(folder / name, W=W, **arrays)
        return folder

    return write


def rows_of(*words):
    return json.loads(run(*SMALL, *words, "--format", "json").out)["rows"]


def test_trained_weights_stand_in_the_row_of_their_problem(weights):
    folder = weights("pair.npz", [[1.0, -0.75]], b=[0.0, 0.125], sparsity=np.float32(0.9))
    found = rows_of("--trained", folder, "--columns", "trained,file")
    assert [row["file"] for row in found] == [None, "pair.npz", None, None]
    # the problem is the row's: S = 9/10, not the float32 of the file
    exactly = expected_loss(Problem(2, 1, sparsity="9/10"), [[1, -0.75]], [0, 0.125]).value
    assert found[1]["trained"] == float(exactly)


def test_weights_of_another_importance_fit_no_row(weights):
    folder = weights("pair.npz", [[1.0, -0.75]], sparsity=0.9, importance=[1.0, 0.5])
    result = run(*SMALL, "--trained", folder)
    assert "trained weights that fit no row: pair.npz" in result.out
    assert "loss, trained" in result.out


def test_the_lowest_of_several_runs_stands_in_the_row(weights):
    weights("a.npz", [[1.0, -0.75]], sparsity=0.9)
    folder = weights("b.npz", [[1.0, -1.0]], sparsity=0.9)
    found = rows_of("--trained", folder, "--trained", folder / "a.npz", "--columns", "trained,file")
    assert found[1]["file"] == "b.npz (lowest of 2)"
    problem = Problem(2, 1, sparsity="9/10")
    losses = [float(expected_loss(problem, [[1, w]], [0, 0]).value) for w in (-1, -0.75)]
    assert found[1]["trained"] == min(losses) < max(losses)


def test_transposed_weights_are_read_when_told(weights):
    folder = weights("a.npz", [[1.0], [-0.75]], b=[0.0, 0.0], sparsity=0.9)
    refused = run(*SMALL, "--trained", folder)
    assert (refused.code, "a.npz" in refused.err, "--transpose" in refused.err) == (2, True, True)
    found = rows_of("--trained", folder, "--transpose", "--columns", "trained,file")
    assert found[1]["file"] == "a.npz"


@pytest.mark.parametrize(
    ("name", "options", "begins"),
    [
        ("t.tex", [], "% Best"),
        ("t.csv", [], "# Best"),
        ("t.json", [], "{"),
        ("t.md", [], "`Best"),
        ("t.html", [], "<!DOCTYPE"),
        ("t.txt", [], "Best"),
        ("t.out", ["--format", "csv"], "# Best"),
    ],
)
def test_the_suffix_says_the_format(tmp_path, name, options, begins):
    assert run(*SMALL, "-o", tmp_path / name, *options).code == 0
    assert (tmp_path / name).read_text("utf-8").startswith(begins)


def test_weights_that_do_not_say_their_sparsity_are_refused(weights):
    result = run(*SMALL, "--trained", weights("a.npz", [[1.0, -0.75]]))
    assert result.code == 2
    assert "trained='a.npz': does not say its sparsity" in result.err


def test_a_folder_without_weights_is_refused(tmp_path):
    result = run(*SMALL, "--trained", tmp_path)
    assert result.code == 2
    assert "has 0 weight files" in result.err
