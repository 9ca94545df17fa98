"""Formats of tables: the same rows in each, no unsupported digit, nothing that breaks a page."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from fractions import Fraction
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from theory.loss import expected_loss
from theory.problem import InputError
from tms.estimate import Estimate
from tms.tables.columns import COLUMNS, DEFAULT, chosen_columns
from tms.tables.latex import check_layout, latex
from tms.tables.table import Layout, table

TEXTS = ("text", "markdown", "latex", "html", "csv", "json")
SPARSITIES = ["0", "0.7", "0.9", "0.97", "0.999999"]


@pytest.fixture(scope="module")
def three():
    return table(3, 2, sparsities=SPARSITIES, n_starts=2)


@pytest.fixture(scope="module")
def grid():
    names = [name for name in COLUMNS if COLUMNS[name].needs != "trained"]
    return table(
        [2, 3], 2, sparsities=SPARSITIES, importances=["0.9^i", "1"], columns=names, n_starts=1
    )


def test_text_fits_a_terminal_and_holds_every_row(three):
    lines = three.format("text").splitlines()
    assert max(map(len, lines)) <= 96
    for heading in (k for k, line in enumerate(lines) if line.lstrip().startswith("S ")):
        assert [line.split()[0] for line in lines[heading + 2 : heading + 7]] == SPARSITIES


def test_every_block_of_text_tells_the_rows_apart(grid):
    blocks = [block for block in grid.format("text").split("\n\n") if "---  --" in block]
    assert len(blocks) > 2
    for block in blocks:
        assert {"n", "importance", "S"} <= set(block.splitlines()[0].split())


@pytest.mark.parametrize("kind", TEXTS)
def test_no_format_calls_a_result_optimal(three, kind):
    assert "optimal" not in three.format(kind)


@pytest.mark.parametrize("kind", TEXTS)
def test_every_format_holds_the_command_and_the_version(three, kind):
    text = three.format(kind)
    assert three.command in text
    assert three.version in text


def test_printed_losses_are_the_losses_rounded(three):
    lines = [line for line in three.format("markdown").splitlines() if line.startswith("| 0")]
    for row, line in zip(three.rows, lines, strict=True):
        printed = Fraction(line.split("|")[3].strip())
        assert abs(printed - row.loss.value) <= row.loss.value * Fraction(1, 10**11)


@given(st.floats(1e-8, 1e3), st.floats(1e-18, 1e-2))
def test_no_cell_shows_a_digit_that_the_error_does_not_support(value, error):
    (row,) = table(1, 1, sparsities=["1/2"], n_starts=1).rows
    shown = COLUMNS["loss"].cell(replace(row, loss=Estimate(value, error, "series", "float")))
    digits = shown.partition("e")[0].partition(".")[2]
    exponent = int(shown.partition("e")[2] or 0)
    unit = Fraction(10) ** (exponent - len(digits))
    assert unit >= 2 * Fraction(error) or Fraction(shown) == 0
    assert abs(Fraction(shown) - Fraction(value)) <= max(unit / 2, Fraction(value) / 10**11)


@given(st.fractions(0, 10, max_denominator=10**12))
def test_a_lower_bound_is_rounded_down(value):
    (row,) = table(1, 1, sparsities=["1/2"], n_starts=1).rows
    shown = Fraction(COLUMNS["lower-bound"].cell(replace(row, lower_bound=value)))
    assert shown <= value <= shown + value / 10**5


def test_csv_is_read_back_equal(grid):
    again = pd.read_csv(io.StringIO(grid.format("csv")), comment="#")
    pd.testing.assert_frame_equal(again, grid.to_pandas(), check_dtype=False)


@pytest.mark.parametrize("importances", [["1"], ["1", "2"], ["1/3"], ["1,0.5"], ["1", "0.5^i"]])
def test_csv_and_parquet_hold_the_same(importances):
    found = table(2, 1, sparsities=["0.9"], importances=importances, n_starts=1)
    text = pd.read_csv(io.StringIO(found.format("csv")), comment="#")
    binary = pd.read_parquet(io.BytesIO(found.to_bytes("parquet")))
    pd.testing.assert_frame_equal(text, binary, check_dtype=False)


def test_csv_has_full_precision_and_an_error_beside_each_loss(three):
    text = "".join(line for line in io.StringIO(three.format("csv")) if not line.startswith("#"))
    for record, row in zip(csv.DictReader(io.StringIO(text)), three.rows, strict=True):
        gap = abs(Fraction(float(record["loss"])) - row.loss.value)
        assert gap <= Fraction(float(record["loss_error"])) < Fraction(1, 10**15)


def test_parquet_is_read_back_equal_with_its_provenance(grid):
    import pyarrow.parquet

    content = io.BytesIO(grid.to_bytes("parquet"))
    pd.testing.assert_frame_equal(pd.read_parquet(content), grid.to_pandas())
    metadata = pyarrow.parquet.read_schema(content).metadata
    assert json.loads(metadata[b"tms"])["command"] == grid.command


def test_the_same_table_gives_the_same_bytes(grid):
    for kind in (*TEXTS, "parquet"):
        assert grid.to_bytes(kind) == grid.to_bytes(kind)


def test_json_holds_the_weights_that_give_the_loss(three):
    for record, row in zip(json.loads(three.format("json"))["rows"], three.rows, strict=True):
        exactly = expected_loss(row.problem, record["W"], record["b"]).value
        assert float(exactly) == record["loss"]


def test_json_says_which_importances_were_meant(grid):
    rows = json.loads(grid.format("json"))["rows"]
    powers = [row["importances"] for row in rows if row["importance"] == "0.9^i"]
    assert np.allclose(powers[-1], [1, 0.9, 0.81])


def test_a_data_frame_holds_the_records(three):
    frame = three.to_pandas()
    assert frame["loss"].tolist() == [float(row.loss) for row in three.rows]
    assert frame["n_features"].unique().tolist() == [3]


class Cells(HTMLParser):
    """The cells of the rows of a page, and tags that are open at its end."""

    def __init__(self):
        super().__init__()
        self.rows, self.open = [], []

    def handle_starttag(self, tag, attributes):
        if tag in ("meta",):
            return
        self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in ("td", "th"):
            self.rows[-1][-1] += data


def test_html_holds_the_cells_of_every_row(grid):
    page = Cells()
    page.feed(grid.format("html"))
    assert page.open == []
    assert page.rows[0] == [column.heading for column in grid.columns]
    assert page.rows[1:] == [[column.cell(row) for column in grid.columns] for row in grid.rows]


@pytest.mark.parametrize("siunitx", [False, True])
def test_latex_rows_have_as_many_cells_as_columns(grid, siunitx):
    text = grid.format("latex", Layout(siunitx=siunitx))
    body = [line for line in text.splitlines() if not line.startswith("%")]
    for block in "\n".join(body).split(r"\begin{tabular}")[1:]:
        heads, _, rest = block.partition("\n")
        letters = re.sub(r"S\[[^]]*\]", "S", heads.strip("{}"))
        lines = [line for line in rest.splitlines() if line.endswith(r" \\")]
        assert {line.count(" & ") for line in lines} == {len(letters) - 1}
        assert len(lines) == 1 + len(grid.rows)


@pytest.mark.parametrize("siunitx", [False, True])
def test_latex_is_balanced_and_escaped(grid, siunitx):
    text = grid.format("latex", Layout(siunitx=siunitx))
    lines = [line for line in text.splitlines() if not line.startswith("%")]
    body = "\n".join(lines)
    for begin in re.findall(r"\\begin\{(\w+)\}", body):
        assert body.count(rf"\begin{{{begin}}}") == body.count(rf"\end{{{begin}}}")
    assert body.count("{") == body.count("}")
    assert all(line.count("$") % 2 == 0 for line in lines)
    assert not re.search(r"(?<!\\)[%#]", body)
    assert r"1 \times 10^{-6}" in body or "1e-6" in body


def test_latex_skips_its_preamble_inside_a_document(three):
    lines = three.format("latex").splitlines()
    test = next(k for k, line in enumerate(lines) if "@nodocument" in line)
    outside = lines[lines.index(r"\else") : lines.index(r"\fi")]
    assert lines[test].endswith(r"\relax")
    assert any(r"\documentclass" in line for line in outside)
    assert lines[-1] == r"\tmsend"


def test_siunitx_is_loaded_only_where_it_is_asked_for(three):
    assert "siunitx" not in latex(three, Layout())
    assert r"\usepackage{siunitx}" in latex(three, Layout(siunitx=True))


def lines_in_print(text):
    """Rows of every block as characters: what LaTeX does not print is taken out."""
    for block in text.split(r"\begin{tabular}")[1:]:
        for line in block.partition(r"\end{tabular}")[0].splitlines():
            if line.endswith(r" \\"):
                line = re.sub(r"\\times 10\^", "e", line)
                cells = re.sub(r"\\(phantom|ldots)(?=\W)", "..", line[:-3]).split(" & ")
                yield "  ".join(re.sub(r"[\\${}]", "", cell).strip() for cell in cells)


def test_a_narrow_table_has_the_same_columns_in_narrower_blocks(three):
    wide, narrow = (three.format("latex", Layout(narrow=narrow)) for narrow in (False, True))
    assert max(map(len, lines_in_print(wide))) > 60
    assert max(map(len, lines_in_print(narrow))) <= 60
    for column in three.columns:
        for row in three.rows:
            assert any(line.count(_cell_text(column, row)) for line in lines_in_print(narrow))


def _cell_text(column, row):
    cell = column.cell(row)
    return "--" if cell == "-" else cell.split("e")[0].split("..")[0]


def test_a_narrow_table_over_several_pages_is_refused():
    with pytest.raises(InputError, match=r"narrow=True: for up to 40 rows, and there are 41"):
        check_layout(Layout(narrow=True), 41)
    check_layout(Layout(narrow=True), 40)
    check_layout(Layout(), 41)


def test_the_label_is_the_one_that_was_asked_for(three):
    assert r"\label{tab:own}" in three.format("latex", Layout(label="tab:own"))


def test_the_caption_says_model_normalisation_seed_and_how_sure(three):
    for words in (
        "ReLU(W^T W x + b)",
        "sum over features, mean over data",
        "importance 1",
        "exact at the weights found",
        "best that 2 random starts (seed 0), simple arrangements",
        "no claim of an optimum",
    ):
        assert words in three.caption


def test_powers_say_where_they_begin(grid):
    powers = table(3, 1, sparsities="0.5", importance="0.8^i", n_starts=1)
    assert "importance 0.8^i, i from 0: 1, 0.8, 0.64" in powers.caption
    assert "$0.8^i$" in powers.format("latex")


def test_claims_are_named_where_the_numbers_rest_on_them(grid):
    assert "claims: LOSS-03" in grid.format("text")
    assert re.search(r"BOUND-\d\d", grid.format("text"))


def test_another_model_does_not_borrow_claims():
    from theory.problem import Binary

    other = table(2, 1, sparsities=["1/2"], features=Binary(), n_starts=1)
    assert "claims:" not in other.format("text")


@pytest.mark.parametrize("kind", ["xlsx", "", None])
def test_another_format_is_refused(three, kind):
    with pytest.raises(InputError, match=r"format=.*must be one of text, markdown"):
        three.to_bytes(kind)


def test_parquet_is_no_text(three):
    with pytest.raises(InputError, match="to_bytes"):
        three.format("parquet")


def test_parquet_without_its_package_is_refused(three, monkeypatch):
    import builtins

    real = builtins.__import__

    def without(name, *rest):
        if name.startswith("pyarrow"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(InputError, match="needs the package pyarrow"):
        three.to_bytes("parquet")


@given(st.permutations(DEFAULT))
def test_columns_come_in_the_order_that_was_asked_for(names):
    assert [column.name for column in chosen_columns(names)] == list(names)


def test_a_long_table_in_latex_goes_over_pages():
    long = table(1, 1, sparsities=[f"0.{k:03}" for k in range(1, 42)], n_starts=1)
    text = long.format("latex")
    assert r"\begin{table}" not in text
    assert text.count(r"\caption{") == 1
    assert r"\usepackage{longtable}" in text
    assert text.count(r"\begin{longtable}") == text.count(r"\endhead") > 1
