"""Tables of bounds: in order, as many digits as hold, remade by their own command."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import re
import shlex
import sys
from contextlib import redirect_stderr, redirect_stdout
from fractions import Fraction as F
from types import SimpleNamespace
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tms
from tms.cli import main
from tms.estimate import Estimate
from tms.printing.bounds import outward

LAWS = {"normal": tms.Normal(), "rademacher": tms.Rademacher(), "uniform:-1,1": tms.Uniform(-1, 1)}


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


@pytest.fixture(scope="module")
def table():
    return tms.bounds(5, [1, 2], densities=["1e-6", "0.1", 1, 0], n_starts=4)


@settings(deadline=None, max_examples=12)
@given(
    st.integers(1, 5),
    st.integers(1, 3),
    st.sampled_from([F(0), F(1, 10**6), F(1, 3), F(1)]),
    st.sampled_from(list(LAWS.values())),
    st.sampled_from([1, 3]),
)
def test_lower_found_and_upper_are_in_order(n, m, p, law, power):
    found = tms.bounds(
        n, m, densities=[p], features=law, activation=tms.Power(power), n_starts=2
    ).rows[0]
    low, high = found.lower.value, found.upper.value
    assert low <= F(found.found.value)
    assert F(found.found.value) - F(found.found.error) <= high
    assert found.is_consistent
    # that optimum is at an irrational scale; the weights of the bound are rational
    assert found.unsuperposed <= low * (1 + F(1, 10**12))


def test_the_weights_gain_what_the_table_says(table):
    for row in table.rows:
        W = np.zeros((row.problem.n_hidden, 5))
        W[:, : len(row.columns)] = row.columns.T
        loss = float(tms.expected_loss(row.problem, W, method="series"))
        ignoring = 5 * float(row.density)
        assert float(row.found) == pytest.approx(ignoring - loss, abs=1e-12 * ignoring)


def test_the_unsuperposed_optimum_is_its_formula(table):
    for row in table.rows:  # mu_4^2 / mu_6 = 9 / 15 for each of min(m, n) features
        assert row.unsuperposed == row.density * row.problem.n_hidden * F(9, 15)


def test_nothing_active_has_no_ratios(table):
    idle = [row for row in table.rows if row.density == 0]
    assert [(row.ratio, row.superposition, float(row.found)) for row in idle] == [
        (None, None, 0.0)
    ] * 2
    assert [record["found_over_upper"] for record in table.records()][3::4] == [None, None]


def test_one_dimension_has_nothing_to_superpose(table):
    assert float(table.of_size(1)[0].superposition) == pytest.approx(1, abs=1e-9)


def test_the_very_sparse_limit_is_reached(table):
    row = table.of_size(2)[0]
    assert float(row.found) / 1e-6 == pytest.approx(0.6 * 16 / 5, rel=1e-4)
    assert float(row.ratio) > 0.9999


def test_a_better_lower_bound_is_the_best_found():
    """Without random starts nothing but the bound's own weights reach it."""
    with mock.patch("tms.bounds_table._WARM", 0):
        row = tms.bounds(6, 3, densities=["1e-4"], n_starts=0).rows[0]
    assert row.found == Estimate(row.lower.value, 0, "exact", "exact")
    assert row.status == "the weights of the lower bound are the best found"
    assert row.n_hits == 0
    assert len(row.columns) == 6
    assert row.is_consistent


def test_a_contradiction_is_told(table):
    row = table.rows[0]
    swapped = dataclasses.replace(row, lower=row.upper, upper=row.lower)
    assert not swapped.is_consistent


@given(st.fractions(0, 10**9), st.integers(1, 12), st.booleans())
def test_numbers_are_rounded_outward(value, figures, up):
    shown = F(outward(value, figures, up=up))
    slack = value / 10**9
    assert (shown >= value - slack) if up else (shown <= value + slack)
    assert abs(shown - value) <= abs(value) * F(10) ** (1 - figures)


def test_a_number_that_few_digits_hold_is_written_so():
    nearly = F(12, 10) - F(1, 10**15)
    assert outward(nearly, 6, up=False) == outward(nearly, 6, up=True) == "1.2"


def cells(table):
    """The printed rows by heading; both columns "by" in order."""
    lines = table.format("markdown").splitlines()
    grid = [re.split(r" \| ", line.strip("| ")) for line in lines if line.startswith("| ")]
    return grid[0], grid[2:]


def test_printed_bounds_hold(table):
    headings, rows = cells(table)
    low, high = headings.index("lower bound"), headings.index("upper bound")
    for printed, row in zip(rows, table.rows, strict=True):
        assert F(printed[low]) <= row.lower.value * (1 + F(1, 10**9))
        assert F(printed[high]) >= row.upper.value * (1 - F(1, 10**9))


def test_an_order_is_a_statement_and_no_number(table):
    records = json.loads(table.format("json"))
    orders = [claim for claim in records["statements"] if claim["kind"] == "order"]
    assert len(orders) == 6
    assert {claim["value"] for claim in orders} == {None}
    text = table.format("text")
    _, _, beneath = text.partition("Limits, and orders of growth")
    for claim in orders:
        assert claim["statement"] in beneath
        assert claim["statement"] not in text.replace(beneath, "")


def test_every_claim_in_the_table_is_named_with_its_source(table):
    text = table.format("text")
    for row in table.rows:
        for claim in (row.lower, row.upper):
            assert f"{claim.kind}, {claim.name}: {claim.statement}" in text
            assert claim.source in text


@pytest.mark.parametrize("kind", ["text", "markdown", "latex", "csv", "json"])
def test_every_format_has_every_row_and_the_command(table, kind):
    text = table.format(kind)
    assert text.endswith("\n")
    assert "tms bounds --features 5 --hidden 1 --hidden 2 --density 1e-6,0.1,1,0" in text


def test_csv_and_json_agree(table):
    lines = [line for line in table.format("csv").splitlines() if not line.startswith("#")]
    rows, records = list(csv.DictReader(lines)), json.loads(table.format("json"))["rows"]
    assert [float(row["best_found"]) for row in rows] == [r["best_found"] for r in records]
    assert list(table.to_pandas()["upper"]) == [record["upper"] for record in records]
    assert [len(record["columns"]) for record in records] == [
        len(row.columns) for row in table.rows
    ]


def test_records_are_rounded_outward(table):
    for record, row in zip(table.records(), table.rows, strict=True):
        assert F(record["lower"]) <= row.lower.value
        assert F(record["upper"]) >= row.upper.value


def test_latex_has_a_tabular_and_its_formulas_in_comments(table):
    text = table.format("latex")
    body = text[text.index(r"\begin{tabular}") :]
    assert body.count(r"\\") == 1 + len(table.rows)
    assert r"$1 \times 10^{-6}$" in body
    outside = text[: text.index(r"\begin{tabular}")].splitlines()
    assert all(line.startswith("%") for line in outside)


def test_the_command_makes_the_table_again(table):
    result = run(*shlex.split(table.command)[1:], "--format", "csv")
    assert result.code == 0
    assert result.out == table.format("csv")


def test_the_command_line_takes_repeated_and_listed_densities(tmp_path):
    path = tmp_path / "table.md"
    words = ("--features", 3, "--hidden", 2, "--law", "rademacher", "--starts", 1)
    result = run(
        "bounds",
        *words,
        "--density",
        "0.5,1/3",
        "--density",
        "1",
        "-o",
        path,
        "--format",
        "markdown",
    )
    assert (result.code, result.out, result.err) == (0, "", "")
    text = path.read_text()
    assert "--density 0.5,1/3,1 --law rademacher" in text


def test_nine_densities_are_the_default():
    found = tms.bounds(1, 1, n_starts=0)
    assert [str(row.density) for row in found.rows][::8] == ["1/1000000", "1"]
    assert "--density" not in found.command


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--law", "exponential"), "features=Exponential(): the gain takes a symmetric law"),
        (("--activation", "relu"), "activation=ReLU(): the gain takes Power(q) with odd q"),
        (("--density", "2"), "density=2.0: must be between 0 and 1"),
        (("--hidden", "2"), "n_hidden=[2, 2]: give at least one, each once"),
        (("--starts", "-1"), "n_starts=-1: must be a whole number, at least 0"),
        (("--seed", "-1"), "seed=-1: must be a whole number, at least 0"),
    ],
)
def test_another_model_or_number_is_refused(words, message):
    result = run("bounds", "--features", 3, "--hidden", 2, *words)
    assert result.code == 2
    assert message in result.err


def test_another_format_is_refused(table):
    with pytest.raises(tms.InputError, match="format='html': must be one of text, markdown"):
        table.format("html")


def test_no_densities_are_refused():
    with pytest.raises(tms.InputError, match=r"densities=\[\]"):
        tms.bounds(3, 2, densities=[])


def test_progress_ends_with_all_rows():
    heard = []
    tms.bounds(2, [1, 2], densities=[0.1, 1], n_starts=0, progress=lambda *now: heard.append(now))
    assert heard[0] == (1, 4, "m = 1")
    assert heard[-1] == (4, 4, "done")
