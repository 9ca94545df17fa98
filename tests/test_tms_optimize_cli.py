"""The command ``tms optimize`` as it is typed."""

from __future__ import annotations

import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from types import SimpleNamespace
from unittest import mock

import numpy as np
import pytest

import numerics.optimize
import tms
from tms.cli import main
from tms.inputs.files import read_weights


def run(*words):
    """Run ``tms optimize`` in this process, as a shell would see it."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    arguments = ["tms", "optimize", *map(str, words)]
    with mock.patch.object(sys, "argv", arguments), redirect_stdout(out), redirect_stderr(err):
        try:
            main()
        except SystemExit as end:
            code = end.code or 0
    return SimpleNamespace(out=out.getvalue(), err=err.getvalue(), code=code)


SMALL = ("--features", 3, "--hidden", 2, "--sparsity", 0.9, "--starts", 3)


@pytest.fixture
def never(monkeypatch):
    monkeypatch.setattr(numerics.optimize, "optimize", lambda *_, **__: pytest.fail("was run"))


def test_it_prints_what_python_prints():
    result = run(*SMALL)
    assert (result.code, result.err) == (0, "")
    problem = tms.Problem(3, 2, sparsity="9/10")
    assert result.out == f"{tms.optimize(problem, n_starts=3)}\n"


def test_json_is_the_record():
    result = run(*SMALL, "--format", "json")
    assert json.loads(result.out)["arrangement"] == "antipodal pair + 1 dedicated"


def test_the_weights_are_written_and_read_back_with_the_same_loss(tmp_path):
    path = tmp_path / "best.npz"
    result = run(*SMALL, "-o", path, "--importance", "0.9^i", "--format", "json")
    weights, record = read_weights(path), json.loads(result.out)
    assert np.array_equal(weights.W, record["W"])
    assert np.array_equal(weights.b, record["b"])
    loss = tms.expected_loss(weights.problem(), weights.W, weights.b)
    assert float(loss) == pytest.approx(record["loss"], abs=1e-15)
    assert [file.name for file in tmp_path.iterdir()] == ["best.npz"]


def test_the_seed_and_the_starts_are_taken():
    record = json.loads(run(*SMALL, "--seed", 7, "--format", "json").out)
    assert (record["seed"], record["starts"]) == (7, 3)


def test_other_models_are_searched():
    result = run(
        "--features", 2, "--hidden", 1, "--density", "1/2", "--law", "rademacher",
        "--activation", "power:3", "--starts", 2,
    )  # fmt: skip
    assert result.code == 0
    assert "x_hat = (W^T W x + b)^3" in result.out


def test_no_time_ends_with_1_and_says_what_to_do():
    result = run(*SMALL, "--time-limit", 1e-9)
    assert result.code == 1
    assert "give it more time" in result.out


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["--constraint", "unit"], "constraint='unit': must be one of unit-norm"),
        (["--constraint", "ignored:7"], "names feature 7"),
        (["--starts", 0], "n_starts=0"),
        (["--workers", 0], "n_workers=0"),
        (["--time-limit", -1], "time_limit=-1.0"),
        (["--activation", "identity"], "activation=Identity()"),
        (["--hidden", 0], "n_hidden=0"),
        (["--density", "1/2"], "density"),
    ],
)
def test_bad_input_ends_with_2_and_one_line(words, shown):
    result = run(*SMALL, *words)
    assert (result.code, result.out) == (2, "")
    assert shown in result.err
    assert result.err.count("\n") == 1


def test_constraints_are_part_of_the_question():
    words = ("--constraint", "unit-norm", "--constraint", "no-bias")
    result = run(*SMALL, *words)
    assert result.code == 0
    assert "constraints: unit-norm, no-bias" in result.out
    assert "feasibility" in result.out


def test_contradictions_end_with_2_and_name_the_constraints():
    result = run(*SMALL, "--constraint", "unit-norm", "--constraint", "max-coherence:0.01")
    assert (result.code, result.out) == (2, "")
    assert "UnitNorm()" in result.err


@pytest.mark.parametrize("place", ["missing/best.npz", "best.csv", "best"])
def test_a_place_that_cannot_be_written_is_refused_before_the_search(tmp_path, never, place):
    result = run(*SMALL, "-o", tmp_path / place)
    assert result.code == 2
    assert result.err.startswith("Error: output=")


def test_a_folder_is_no_file_for_weights(tmp_path, never):
    (tmp_path / "best.npz").mkdir()
    assert run(*SMALL, "-o", tmp_path / "best.npz").code == 2


def test_there_is_no_progress_without_a_terminal():
    assert run(*SMALL).err == ""


def test_progress_counts_the_starts(monkeypatch):
    heard = []

    class Bar:
        def __enter__(self):
            return lambda *told: heard.append(told)

        def __exit__(self, *_):
            return None

    monkeypatch.setattr("tms.printing.terminal.progress_bar", Bar)
    run(*SMALL)
    assert heard[-1] == (3, 3, "start 3 of 3")
