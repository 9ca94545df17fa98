"""The table of what is supported is what the program says when it is asked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tms.support import ACTIVATIONS, LAWS, ROUTES, as_markdown, row, rows

PAGE = Path(__file__).parent.parent / "docs" / "support.md"
CHECKED = [
    ("U[0, 1]", "ReLU"),
    ("Rademacher", "t^q"),
    ("Normal", "ReLU"),
    ("HalfNormal", "Identity"),
    ("custom law (moments alone)", "(t)_+^q"),
]


def cells(page: str) -> dict[tuple[str, str], list[str]]:
    """The cells of each row, without the numbers of the reasons."""
    lines = [line for line in page.splitlines() if line.startswith("| ")][1:]
    found = {}
    for line in lines:
        law, activation, *others = (cell.strip() for cell in line.strip("| ").split(" | "))
        found[law, activation] = [re.sub(r" \[[\d, ]+\]$", "", cell) for cell in others]
    return found


def test_the_page_has_a_row_for_every_law_with_every_activation():
    wanted = [(law, activation) for law in LAWS for activation in ACTIVATIONS]
    assert list(cells(PAGE.read_text(encoding="utf-8"))) == wanted


@pytest.mark.parametrize(("law", "activation"), CHECKED)
def test_a_row_is_what_the_program_answers(law, activation):
    shown = cells(PAGE.read_text(encoding="utf-8"))[law, activation]
    assert cells("| head\n" + as_markdown([row(law, activation)]))[law, activation] == shown


@pytest.mark.thorough
def test_the_page_is_what_the_program_writes():
    assert as_markdown(list(rows())) == PAGE.read_text(encoding="utf-8")


def test_every_reason_that_is_cited_is_listed():
    page = PAGE.read_text(encoding="utf-8")
    cited = {int(n) for marks in re.findall(r" \[([\d, ]+)\] \|", page) for n in marks.split(",")}
    listed = [int(n) for n in re.findall(r"^(\d+)\. ", page, re.MULTILINE)]
    assert listed == list(range(1, len(listed) + 1))
    assert cited == set(listed)


def test_what_is_not_supported_says_why():
    found = row("custom law (moments alone)", "ReLU")
    for route in ROUTES:
        assert bool(found.answers[route]) != bool(found.reasons[route])
        assert all("=" in reason for reason in found.reasons[route])
