"""Sparsity tables: the numbers are the oracle's, the formats say the same, failures stay."""

from __future__ import annotations

import csv
import io
import json
import re
import shlex
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

import numerics.optimize
from theory.loss import expected_loss
from theory.problem import InputError, Problem, Unsupported
from tms.cli import app
from tms.formats import HEADINGS
from tms.tables import SPARSITIES, sparsity_table

# Known from long searches by other means; the table may be lower, not higher.
KNOWN = {"7/10": 0.136122, "9/10": 0.02630514, "97/100": 0.00420896, "99/100": 0.00100149}
SLACK = 1e-6


@pytest.fixture(scope="module")
def table():
    return sparsity_table(5, 2, sparsities=[0, *KNOWN], n_starts=16)


def failing(problem, **_):
    raise Unsupported(f"density={problem.density}: no start converged")


@pytest.fixture
def failed_table(monkeypatch):
    monkeypatch.setattr(numerics.optimize, "optimize", failing)
    return sparsity_table(5, 2, sparsities=["9/10"])


def test_every_row_is_at_or_below_the_known_loss(table):
    for row in table.rows[1:]:
        assert float(row.solution.loss) <= KNOWN[str(row.sparsity)] * (1 + SLACK)


def test_the_loss_is_the_exact_one_at_the_weights_found(table):
    for row in table.rows:
        found = row.solution
        exactly = expected_loss(row.problem, found.W.tolist(), found.b.tolist()).value
        assert found.loss.value == exactly


def test_no_baseline_beats_the_best_found(table):
    for row in table.rows:
        best = min(float(row.ignoring), float(row.linear))
        assert float(row.solution.loss) <= best * (1 + SLACK)


def test_ignoring_everything_costs_the_variance_beyond_the_best_bias(table):
    for row in table.rows:
        p = row.density
        by_hand = 5 * (p / 3 - p**2 / 4)  # min over c of E (x - c)^2 = E x^2 - (E x)^2
        assert float(row.ignoring) == pytest.approx(float(by_hand), rel=1e-14)


def test_the_same_seed_gives_the_same_table(table):
    again = sparsity_table(5, 2, sparsities=[0, *KNOWN], n_starts=16)
    assert again.format("json") == table.format("json")


def test_text_fits_a_terminal_and_holds_every_row(table):
    lines = table.format("text").splitlines()
    assert max(map(len, lines)) <= 100
    for heading in (k for k, line in enumerate(lines) if line.lstrip().startswith("S ")):
        rows = [line.split()[0] for line in lines[heading + 2 : heading + 7]]
        assert rows == ["0", "0.7", "0.9", "0.97", "0.99"]


def test_no_format_calls_a_result_optimal(table):
    for kind in ("text", "markdown", "latex", "csv", "json"):
        assert "optimal" not in table.format(kind)


def test_printed_losses_are_the_losses_rounded(table):
    for row, line in zip(table.rows, table.format("markdown").splitlines()[8:], strict=False):
        printed = line.split("|")[3].strip()
        assert abs(Fraction(printed) - row.solution.loss.value) <= row.solution.loss.value * 1e-11


def test_csv_has_full_precision_and_an_error_beside_each_loss(table):
    text = "".join(line for line in io.StringIO(table.format("csv")) if not line.startswith("#"))
    for record, row in zip(csv.DictReader(io.StringIO(text)), table.rows, strict=True):
        gap = abs(Fraction(float(record["loss"])) - row.solution.loss.value)
        assert gap <= Fraction(float(record["loss_error"])) < Fraction(1, 10**15)


def test_json_holds_the_weights_that_give_the_loss(table):
    data = json.loads(table.format("json"))
    for record, row in zip(data["rows"], table.rows, strict=True):
        exactly = expected_loss(row.problem, record["W"], record["b"]).value
        assert float(exactly) == record["loss"]


def test_a_data_frame_holds_the_records(table):
    frame = table.to_pandas()
    assert isinstance(frame, pd.DataFrame)
    assert frame["loss"].tolist() == [float(row.solution.loss) for row in table.rows]


def test_latex_is_one_balanced_tabular(table):
    lines = [line for line in table.format("latex").splitlines() if not line.startswith("%")]
    columns = re.fullmatch(r"\\begin\{tabular\}\{([lr]+)\}", lines[0])
    assert len(columns[1]) == len(HEADINGS)
    assert lines[-1] == r"\end{tabular}"
    rows = [line for line in lines if line.endswith(r"\\")]
    assert {line.count("&") for line in rows} == {len(HEADINGS) - 1}
    assert all(line.count("$") % 2 == 0 and line.count("{") == line.count("}") for line in lines)
    assert not re.search(r"[0-9]e-?[0-9]|[^\\][%#_]", "\n".join(lines))


def test_another_format_is_refused(table):
    with pytest.raises(InputError, match="format='html': must be one of text, markdown"):
        table.format("html")


def test_the_header_names_the_command_that_makes_the_table_again(table):
    words = shlex.split(table.command)
    assert words[:2] == ["tms", "table"]
    again = re.search(r"--sparsity (\S+)", table.command)[1].split(",")
    assert [Fraction(text) for text in again] == [row.sparsity for row in table.rows]
    assert table.command in table.format("text")
    assert app([*words[1:], "--format", "csv"], standalone_mode=False) in (None, 0)


def test_the_default_rows_run_from_dense_to_very_sparse():
    assert (len(SPARSITIES), SPARSITIES[0], SPARSITIES[-1]) == (9, "0", "0.999")
    assert {"0.7", "0.9", "0.97", "0.99"} <= set(SPARSITIES)


def test_importances_and_powers_of_ten_are_written_out():
    table = sparsity_table(2, 1, sparsities=["0.999999"], importance=[1, "1/3"], n_starts=2)
    assert "--importance 1,1/3 --seed 0 --starts 2" in table.command
    assert "importance 1, 1/3" in str(table)
    assert r"$1 \times 10^{-6}$" in table.format("latex")


@pytest.mark.parametrize("kind", ["text", "markdown", "latex", "csv", "json"])
def test_a_failed_row_stays_with_its_reason(failed_table, kind):
    assert failed_table.rows[0].solution is None
    assert "no start converged" in failed_table.format(kind)
    assert len(failed_table.records()) == 1


def test_progress_is_told_before_each_row_and_at_the_end(monkeypatch):
    monkeypatch.setattr(numerics.optimize, "optimize", failing)
    told = []
    sparsity_table(3, 1, sparsities=[0, 1], progress=lambda *step: told.append(step))
    assert told == [(0, 2, "S = 0"), (1, 2, "S = 1"), (2, 2, "done")]


@pytest.mark.parametrize("importance", [None, [1, "9/10"], 2])
def test_features_that_are_never_active_cost_nothing(importance):
    row = sparsity_table(2, 1, sparsities=[1], importance=importance, n_starts=2).rows[0]
    assert float(row.solution.loss) == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"sparsities": ["1.2"]}, "sparsity=1.2: must be between 0 and 1"),
        ({"sparsities": []}, r"sparsities=\[\]: give at least one"),
        ({"sparsities": [[0.1, 0.2]]}, "each row takes one number"),
        ({"seed": -1}, "seed=-1: must be a whole number"),
        ({"n_starts": 0}, "n_starts=0: must be at least 1"),
        ({"importance": [1, 2, 3]}, "importance: has 3 entries for n_features=2"),
        ({"importance": -1}, "importance=-1"),
    ],
)
def test_bad_input_is_refused_before_anything_is_computed(monkeypatch, arguments, message):
    monkeypatch.setattr(numerics.optimize, "optimize", lambda *_, **__: pytest.fail("was run"))
    with pytest.raises(InputError, match=message):
        sparsity_table(2, 1, **arguments)


def test_large_problems_are_evaluated_by_the_series(monkeypatch):
    def found(problem, **_):
        weights = np.zeros((2, problem.n_features))
        return numerics.optimize.BestFound(
            W=weights,
            b=np.zeros(problem.n_features),
            loss=0.0,
            error=0.0,
            gradient_norm=0.0,
            n_starts=1,
            n_hits=1,
            status="converged",
        )

    monkeypatch.setattr(numerics.optimize, "optimize", found)
    row = sparsity_table(40, 2, sparsities=["1/2"]).rows[0]
    assert row.solution.loss.method == "series"
    assert float(row.solution.loss) == pytest.approx(40 / 6)
    assert row.problem == Problem(40, 2, sparsity="1/2")
