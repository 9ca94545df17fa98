"""The command ``tms`` as it is typed: what it prints, what it refuses, what it leaves behind."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import numpy as np
import pytest

import numerics.optimize
import tms
from tms.cli import main

ROOT = Path(__file__).parent.parent
W = np.array([[1.0, -0.6]])
B = np.array([-0.1, 0.05])


def run(*words):
    """Run ``tms`` in this process, as a shell would see it."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    arguments = ["tms", *map(str, words)]
    with mock.patch.object(sys, "argv", arguments), redirect_stdout(out), redirect_stderr(err):
        try:
            main()
        except SystemExit as end:
            code = end.code or 0
    return SimpleNamespace(out=out.getvalue(), err=err.getvalue(), code=code)


@pytest.fixture
def weights(tmp_path):
    """Write a weight file."""

    def write(name="weights.npz", **arrays):
        path = tmp_path / name
        np.savez(path, **({"W": W, "b": B, "sparsity": 0.9} | arrays))
        return path

    return write


def test_loss_prints_the_exact_loss_of_a_file(tmp_path):
    path = tmp_path / "pair.csv"
    path.write_text("W,1,-0.6\nb,-0.1,0.05\nsparsity,0.9\n")
    result = run("loss", path)
    assert result.code == 0
    assert "1477717/90000000 = 0.0164190777777777... (exact)" in result.out
    assert "n = 2 features, m = 1 hidden dimension, S = 0.9, importance 1" in result.out


@pytest.mark.parametrize("method", ["auto", "exact", "ball", "series", "sampling"])
def test_loss_in_json_holds_the_value_with_its_error(weights, method):
    result = run("loss", weights(), "--method", method, "--format", "json")
    found = json.loads(result.out)
    errors = 5 if method == "sampling" else 1
    assert found["method"] == ("exact" if method == "auto" else method)
    assert abs(found["loss"] - 1477717 / 90000000) <= errors * found["error"] + 1e-15


def test_loss_in_json_holds_the_exact_fraction(tmp_path):
    path = tmp_path / "pair.csv"
    path.write_text("W,1,-0.6\nb,-0.1,0.05\n")
    result = run("loss", path, "--sparsity", "9/10", "--format", "json")
    assert Fraction(json.loads(result.out)["exact"]) == Fraction(1477717, 90000000)


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        (["--sparsity", "0"], "S = 0,"),
        (["--density", "0.25"], "S = 0.75,"),
        (["--sparsity", "0.5,0.25"], "S = 0.5, 0.25,"),
        (["--importance", "2"], "importance 2"),
        (["--importance", "1,0.5"], "importance 1, 0.5"),
        (["--importance", "0.9^i"], "importance 1, 0.9"),
    ],
)
def test_options_override_the_file(weights, options, shown):
    assert shown in run("loss", weights(), *options).out


def test_loss_takes_a_transposed_file_only_when_told(weights):
    path = weights(W=W.T)
    assert run("loss", path).code == 2
    assert run("loss", path, "--transpose").code == 0


def test_check_shows_every_route_and_their_gaps(weights):
    result = run("check", weights(), "--samples", 200_000)
    assert result.code == 0
    for word in ("exact", "ball", "series", "sampling", "gap", "allowed", "4 of 4 routes"):
        assert word in result.out


def test_check_fails_where_nothing_can_be_compared(weights, monkeypatch):
    monkeypatch.setattr("tms.crosscheck._METHODS", ("exact", "ball"))
    result = run("check", weights())
    assert result.code == 1
    assert "nothing to compare" in result.out


@pytest.mark.parametrize(
    ("arrays", "options", "message"),
    [
        ({}, ["--sparsity", "1.2"], "Error: sparsity=1.2: must be between 0 and 1"),
        ({}, ["--sparsity", "90"], "sparsity=90.0: must be between 0 and 1; 0.9 if a percentage"),
        (
            {},
            ["--sparsity", "0.9", "--density", "0.1"],
            "Error: sparsity='0.9', density='0.1': give one of them, not both",
        ),
        ({"density": 0.1}, [], "Error: sparsity=0.9, density=0.1: give one of them, not both"),
        ({"W": [[np.nan, 1]]}, [], "Error: W[0, 0]=nan: must be finite"),
        ({"W": [[1, np.inf]]}, [], "Error: W[0, 1]=inf: must be finite"),
        ({"W": [[1], [2]]}, [], "Error: W.shape=(2, 1): must be (n_hidden, n_features)"),
        ({"b": [0.0, 0, 0]}, [], "Error: b.shape=(3,): must be (n_features,) = (2,)"),
        ({"W": [[1, 1j]]}, [], "Error: W.dtype=complex128: must be real"),
        ({"W": np.array([[None, {}]])}, [], "Error: W.dtype=object: pickled Python objects"),
        ({"bias": B}, [], "Error: key='bias': unknown; a weight file holds W, b, sparsity"),
        ({"sparsity": [0.9, 0.9, 0.9]}, [], "Error: sparsity: has 3 entries for n_features=2"),
        ({}, ["--importance", "-1"], "Error: importance=-1.0: must be at least 0"),
        ({}, ["--importance", "x^i"], "Error: importance='x': not a plain number"),
        ({}, ["--digits", "5", "--method", "exact"], "Error: digits=5: only method='ball'"),
    ],
)
@pytest.mark.parametrize("verb", ["loss", "check"])
def test_bad_input_ends_in_one_line_and_code_2(weights, verb, arrays, options, message):
    if verb == "check" and "--method" in options:
        options = ["--sparsity", "1.2"]
        message = "Error: sparsity=1.2"
    result = run(verb, weights(**arrays), *options)
    assert result.code == 2
    assert result.err.startswith(message) or message in result.err
    assert result.err.count("\n") == 1
    assert result.out == ""


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["--features", 0, "--hidden", 2],
            "Error: n_features=0: must be a whole number, at least 1",
        ),
        (["--features", 5, "--hidden", 0], "Error: n_hidden=0: must be a whole number, at least 1"),
        (["--features", 5, "--hidden", 2, "--sparsity", "1.2"], "Error: sparsity=1.2: must be"),
        (["--features", 5, "--hidden", 2, "--sparsity", "0,,1"], "Error: sparsity='': not a"),
        (["--features", 5, "--hidden", 2, "--seed", -1], "Error: seed=-1: must be"),
        (["--features", 5, "--hidden", 2, "--starts", 0], "Error: n_starts=0: must be"),
    ],
)
def test_a_table_that_cannot_be_meant_is_refused(words, message):
    result = run("table", *words)
    assert result.code == 2
    assert result.err.startswith(message)
    assert result.err.count("\n") == 1


def test_a_missing_file_and_a_pickle_leave_no_traceback(tmp_path):
    (tmp_path / "pickled.npy").write_bytes(b"\x80\x04K\x01.")
    for name, message in (("missing.npz", "no such file"), ("pickled.npy", "does not begin like")):
        result = subprocess.run(
            [sys.executable, "-m", "tms", "loss", str(tmp_path / name)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 2
        assert message in result.stderr
        assert "Traceback" not in result.stderr


@pytest.mark.parametrize("words", [["loss"], ["table"], ["loss", "x", "--nothing"], ["nothing"]])
def test_wrong_usage_says_how_to_ask_for_help(words):
    result = run(*words)
    assert result.code == 2
    assert "--help" in result.err
    assert "Traceback" not in result.err


def test_the_version_is_the_distributions():
    assert run("--version").out == f"tms-theory {tms.__version__}\n"


def test_a_table_in_a_pipe_is_plain_text():
    result = run("table", "--features", 2, "--hidden", 1, "--sparsity", "0.9,1", "--starts", 4)
    assert result.code == 0
    assert result.err == ""
    assert "\x1b" not in result.out
    assert "loss, best found" in result.out


def test_a_terminal_sees_a_progress_bar(monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    result = run("table", "--features", 1, "--hidden", 1, "--sparsity", "0.5", "--starts", 2)
    assert "100%" in result.err
    assert "100%" not in result.out


def test_sparsities_may_be_repeated_or_listed():
    rows = ["--sparsity", "0.5,1", "--sparsity", "3/4"]
    result = run("table", "--features", 1, "--hidden", 1, *rows, "--starts", 2, "--format", "json")
    assert [row["sparsity"] for row in json.loads(result.out)["rows"]] == [0.5, 1, 0.75]


def test_a_table_is_written_to_a_file(tmp_path):
    path = tmp_path / "table.csv"
    result = run(
        "table", "--features", 1, "--hidden", 1, "--sparsity", 1, "--format", "csv", "-o", path
    )
    assert (result.code, result.out) == (0, "")
    assert path.read_text().startswith("# Best loss found")
    assert [file.name for file in tmp_path.iterdir()] == ["table.csv"]


def test_a_failure_leaves_the_old_file_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "table.txt"
    path.write_text("old")
    monkeypatch.setattr(numerics.optimize, "optimize", mock.Mock(side_effect=MemoryError("74 GiB")))
    result = run("table", "--features", 1, "--hidden", 1, "-o", path)
    assert (result.code, result.err) == (1, "Error: not enough memory: 74 GiB\n")
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["table.txt"]


@pytest.mark.parametrize("place", ["missing/table.txt", "."])
def test_a_place_that_cannot_be_written_is_refused_before_the_search(tmp_path, monkeypatch, place):
    monkeypatch.setattr(numerics.optimize, "optimize", lambda *_, **__: pytest.fail("was run"))
    result = run("table", "--features", 1, "--hidden", 1, "-o", tmp_path / place)
    assert result.code == 2
    assert result.err.startswith("Error: output=")


def test_a_failed_row_is_printed_and_told_by_the_exit_code(monkeypatch):
    refusal = mock.Mock(side_effect=tms.Unsupported("density=1: no start converged"))
    monkeypatch.setattr(numerics.optimize, "optimize", refusal)
    result = run("table", "--features", 2, "--hidden", 1, "--sparsity", 0)
    assert result.code == 1
    assert "S = 0: failed: density=1: no start converged" in result.out


# ---------------------------------------------------------------- the family


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        (["--law", "normal"], "else from N(0, 1)"),
        (["--law", "uniform:-1,1"], "else from U[-1, 1]"),
        (["--activation", "power:3"], "x_hat = (W^T W x + b)^3;"),
        (["--activation", "identity"], "x_hat = W^T W x + b;"),
        (["--activation", "abs:1"], "x_hat = |W^T W x + b|;"),
        (["--activation", "relu-power:2"], "x_hat = ReLU(W^T W x + b)^2;"),
        (["--correlated", "0,1"], "features {0, 1} (from 0) are on together"),
        (["--anticorrelated", "blocks:2"], "are on one at a time, each as likely"),
        (["--active", "1"], "exactly 1 active"),
    ],
)
def test_the_title_says_which_model_it_is(weights, options, shown):
    result = run("loss", weights(), "--method", "sampling", "--samples", 1000, *options)
    assert result.code == 0, result.err
    assert shown in result.out


def test_an_untied_decoder_is_read_from_the_file_and_told(weights):
    decoder = np.array([[0.5, 0.25]])
    result = run("loss", weights(W_decoder=decoder), "--method", "series", "--format", "json")
    found = json.loads(result.out)
    y = decoder.T @ W
    assert found["tied"] is False
    assert "W_decoder^T W x + b" in found["model"]
    wanted = tms.expected_loss(
        tms.Problem(2, 1, sparsity=0.9), W, B, W_decoder=decoder, method="series"
    )
    assert found["loss"] == float(wanted)
    assert y.shape == (2, 2)


def test_no_bias_overrides_the_file(weights):
    shown = json.loads(run("loss", weights(), "--no-bias", "--format", "json").out)
    assert shown["loss"] == float(tms.expected_loss(tms.Problem(2, 1, sparsity=0.9), W))


def test_exactly_one_active_needs_no_sparsity(weights):
    result = run("loss", weights(), "--active", 1, "--method", "series", "--format", "json")
    assert json.loads(result.out)["n_active"] == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--law", "gauss"], "Error: law='gauss': must be one of uniform, uniform:-1,1"),
        (["--law", "uniform:1,0"], "Error: low=1, high=0: low must be below high"),
        (["--activation", "tanh"], "Error: activation='tanh': must be one of relu, identity"),
        (["--activation", "power:13"], "Error: power=13: must be a whole number from 1 to 12"),
        (["--correlated", "0"], "Error: members=(0,): must be two or more"),
        (["--correlated", "0,2"], "Error: groups: Correlated(0, 2) names feature 2"),
        (
            ["--correlated", "0,1", "--anticorrelated", "0,1"],
            "Error: groups: feature 0 is in two groups",
        ),
        (["--active", "3"], "Error: n_active=3: must be a whole number, 0 to n_features=2"),
        (["--active", "1", "--sparsity", "0.5"], "Error: n_active=1: exactly so many features"),
    ],
)
@pytest.mark.parametrize("verb", ["loss", "check"])
def test_a_family_that_cannot_be_meant_is_refused(weights, verb, options, message):
    result = run(verb, weights(), *options)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(message)
    assert result.err.count("\n") == 1


def test_check_compares_the_routes_of_another_law(weights):
    result = run("check", weights(), "--law", "rademacher", "--samples", 20_000)
    assert result.code == 0, result.out
    assert "else from Rademacher" in result.out
    assert "agreement within the errors in 5 independent pairs" in result.out
