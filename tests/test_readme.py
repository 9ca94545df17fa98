"""The README says what the program does: its commands, its table and its outputs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import tms
from tms.tables.grid import SPARSITIES
from tms.tables.table import table

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
RELATIVE = 1e-9  # of a loss; the optimiser stops in slightly different places on other machines
ABSOLUTE = 2e-4  # of a norm or bias, printed to four decimals


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def table_rows(text: str) -> dict[str, list[str]]:
    """The two blocks of a text table as one: cells by sparsity, split at two blanks or more."""
    rows: dict[str, list[str]] = {}
    for block in text.split("\n\n"):
        lines = block.splitlines()
        if len(lines) > 1 and lines[1].startswith("---"):
            for line in lines[2:]:
                sparsity, *cells = re.split(r"\s{2,}", line.strip())
                rows.setdefault(sparsity, []).extend(cells)
    return rows


def test_the_first_block_holds_the_two_commands():
    assert blocks("sh")[0].splitlines() == [
        'python -m pip install ".[test]" && tms table --features 5 --hidden 2',
        "python -m pytest -n 2",
    ]


def assert_same_rows(fresh: str) -> None:
    shown = table_rows(blocks("text")[0])
    for sparsity, (p, loss, error, by, *baselines, words, norms, biases, _) in table_rows(
        fresh
    ).items():
        old = shown[sparsity]
        assert [old[0], *old[2:7]] == [p, error, by, *baselines, words]
        assert float(old[1]) == pytest.approx(float(loss), rel=RELATIVE)
        if "irregular" not in words:  # others share their loss with a family of weights
            assert numbers(old[7]) == pytest.approx(numbers(norms), abs=ABSOLUTE)
            assert numbers(old[8]) == pytest.approx(numbers(biases), abs=ABSOLUTE)


def test_the_table_holds_the_rows_that_the_program_finds():
    assert_same_rows(table(5, 2, sparsities=["0.7", "0.9"], n_starts=10).format())


@pytest.mark.thorough
def test_the_whole_table_is_the_one_that_the_command_prints():
    fresh = table(5, 2).format()
    assert blocks("text")[0].splitlines()[:5] == fresh.splitlines()[:5]
    assert_same_rows(fresh)


def test_the_table_has_the_default_rows_and_the_current_header():
    (shown,) = blocks("text")
    assert list(table_rows(shown)) == list(SPARSITIES)
    assert f"made by tms-theory {tms.__version__}:" in shown
    assert "tms table --features 5 --hidden 2 --seed 0" in shown


def numbers(text: str) -> list[float]:
    return [float(part) for part in text.split(" .. ")]


def test_the_printed_losses_are_at_or_below_the_known_ones():
    losses = {sparsity: float(row[1]) for sparsity, row in table_rows(blocks("text")[0]).items()}
    known = {"0.7": 0.136122, "0.9": 0.02630514, "0.97": 0.00420896, "0.99": 0.00100149}
    for sparsity, loss in known.items():
        assert losses[sparsity] <= loss * (1 + 1e-6)


@pytest.mark.parametrize("block", blocks("console"))
def test_a_shell_session_prints_what_the_page_shows(tmp_path, block):
    commands = [line[2:] for line in block.splitlines() if line.startswith("$ ")]
    shown = [line for line in block.splitlines() if not line.startswith("$ ")]
    folder = Path(sys.executable).parent
    result = subprocess.run(
        ["bash", "-c", "\n".join(commands)],
        cwd=tmp_path,
        env=os.environ | {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.splitlines() == shown


def test_the_page_offers_python_that_doctest_runs():
    assert sum(block.count(">>> ") for block in blocks("python")) >= 7
