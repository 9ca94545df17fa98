"""The command ``tms phase`` as it is typed."""

from __future__ import annotations

import csv
import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from fractions import Fraction as F
from types import SimpleNamespace
from unittest import mock

import pytest

import tms
from theory.claims import all_claims
from tms.cli import main

TWO = ("--features", 2, "--hidden", 1)
THREE = ("--features", 3, "--hidden", 2)


def run(*words):
    """Run ``tms phase`` in this process, as a shell would see it."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    arguments = ["tms", "phase", *map(str, words)]
    with mock.patch.object(sys, "argv", arguments), redirect_stdout(out), redirect_stderr(err):
        try:
            main()
        except SystemExit as end:
            code = end.code or 0
    return SimpleNamespace(out=out.getvalue(), err=err.getvalue(), code=code)


def test_formulas_of_the_candidates_are_listed():
    result = run(*TWO, "--candidates")
    assert (result.code, result.err) == (0, "")
    assert "formula     p = 4*I/(5*I + 2)" in result.out
    assert "formula     p = 4/(2*I + 5)" in result.out
    assert "p = 4/7 = 0.571428571428571" in result.out
    assert "first order" not in result.out


def test_three_features_have_their_candidates():
    result = run(*THREE, "--candidates")
    assert "formula     p = 4/7" in result.out
    assert "PHASE-07" in result.out


def test_optima_alone():
    result = run(*TWO, "--optima")
    assert result.code == 0
    assert "candidate:" not in result.out
    assert "continuous: last ignored | weak pair, last short" in result.out
    assert "symmetry breaking" in result.out


def test_a_point_with_thirty_digits():
    result = run(*TWO, "--importance", "0.5", "--digits", 30)
    assert "p           0.484587926110614331801506946921 +/- 5e-31" in result.out
    assert "strong pair: a local minimum" in result.out
    assert "not proved  that no third arrangement loses less there" in result.out
    assert "4/9 = 0.4444" in result.out


def test_a_density_gives_importances():
    result = run(*TWO, "--density", "0.6", "--optima")
    assert "exactly     " in result.out  # radicals of the continuous boundary
    assert "sqrt(" in result.out


def test_an_importance_that_no_boundary_has():
    # between the dense end and equal importance one feature alone is never left
    result = run(*TWO, "--importance", "1", "--optima")
    assert result.code == 0
    assert "weak pair, last short | strong pair" in result.out


@pytest.mark.parametrize("size", [TWO, THREE], ids=["2", "3"])
def test_json_is_complete(size):
    record = json.loads(run(*size, "--format", "json").out)
    assert len(record["boundaries"]) > 8
    for boundary in record["boundaries"]:
        assert boundary["kind"] in ("candidate", "first order", "continuous")
        assert set(boundary["claims"]) <= set(all_claims())
        assert boundary["proved"]
        assert boundary["not_proved"]
    for point in record["meeting_points"].values():
        assert F(point["density"]["error"]) < F(1, 10**13)


def test_csv_has_numbers_and_errors():
    rows = list(
        csv.DictReader(io.StringIO(run(*TWO, "--importance", "0.5", "--format", "csv").out))
    )
    assert [row["kind"] for row in rows] == ["candidate", "first order"]
    for row, truth in zip(rows, (F(4, 9), F("0.484587926110614331801506946921")), strict=True):
        assert abs(F(row["density"]) - truth) <= F(row["density_error"])


def test_latex_is_a_table():
    text = run(*TWO, "--format", "latex").out
    assert text.count(r"\begin{tabular}") == text.count(r"\end{tabular}") == 1
    assert r"\frac{4 I}{5 I + 2}" in text
    assert text.count(r"\\") == text.count("&") // 2


def test_a_file_is_written(tmp_path):
    path = tmp_path / "phases.json"
    assert run(*TWO, "--candidates", "--format", "json", "-o", path).code == 0
    assert json.loads(path.read_text())["n_features"] == 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--features", 4, "--hidden", 1), "phases for n=4, m=1: known are (2, 1), (3, 2)"),
        ((*TWO, "--importance", "-1"), "importance=-1: must be above 0"),
        ((*TWO, "--importance", "0"), "importance=0: must be above 0"),
        ((*TWO, "--density", "1.5"), "density=3/2: must be above 0 and at most 1"),
        ((*TWO, "--density", "a"), "density='a'"),
        ((*TWO, "--importance", "1", "--density", "1"), "give one of them"),
        ((*TWO, "--digits", "0"), "digits=0: must be a whole number from 1 to 4000"),
    ],
)
def test_nonsense_is_refused(words, message):
    result = run(*words)
    assert result.code == 2
    assert message in result.err
    assert result.out == ""


def test_a_point_that_is_not_proven_is_said_and_the_others_stay():
    # so near to the tricritical point that the two states can hardly be told apart
    result = run(*TWO, "--importance", "0.574041")
    assert result.code == 1
    assert "not resolved: last ignored | weak pair, last short (lower jump)" in result.out
    assert "first order: weak pair, last short | strong pair" in result.out


def test_the_module_is_exported():
    assert tms.phases.first_order_boundary("1/2", digits=5).density.midpoint > 0
