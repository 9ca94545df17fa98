"""A table as text, Markdown and HTML, and all formats by name; formatting only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING

from tms.tables.columns import COLUMNS, Column
from tms.tables.data import as_csv, as_json
from tms.tables.header import header_lines, note_lines, title
from tms.tables.latex import latex

if TYPE_CHECKING:
    from tms.tables.table import Layout, Table

__all__ = ["FORMATS"]

_WIDEST = 96  # characters of a line of text
_GAP = "  "


def _text(table: Table, _: Layout) -> str:
    """Blocks that fit a terminal, each with the columns that tell the rows apart."""
    keys = _keys(table)
    key_grid = [_padded(column, table) for column in keys]
    others = [c for c in table.columns if c not in keys]
    blocks = []
    for block in _packed([_padded(column, table) for column in others], _width(key_grid)):
        grid = [*key_grid, *block]
        blocks.append("\n".join(_GAP.join(row).rstrip() for row in zip(*grid, strict=True)))
    head, notes = "\n".join(header_lines(table)), "\n".join(note_lines(table))
    return "\n\n".join([head, *blocks, *([notes] if notes else [])]) + "\n"


def _keys(table: Table) -> list[Column]:
    """The columns that tell rows apart: what varies, and the sparsity."""
    names = [*table.varying, "S"]
    return [column for column in table.columns if column.name in names] or [COLUMNS["S"]]


def _width(grid: Sequence[Sequence[str]]) -> int:
    return sum(len(column[0]) + len(_GAP) for column in grid)


def _packed(columns: Sequence[list[str]], taken: int) -> Iterator[list[list[str]]]:
    """Columns in their order, in blocks that are no wider than a line."""
    block: list[list[str]] = []
    for column in columns:
        if block and taken + _width([*block, column]) - len(_GAP) > _WIDEST:
            yield block
            block = []
        block.append(column)
    yield block


def _padded(column: Column, table: Table) -> list[str]:
    """Heading, rule and entries, of one width; numbers with their decimal points aligned."""
    entries = [column.cell(row) for row in table.rows]
    if not column.is_words:
        tails = [len(entry.partition(".")[2]) + ("." in entry) for entry in entries]
        longest = max(tails)
        entries = [
            f"{entry}{' ' * (longest - tail)}" for entry, tail in zip(entries, tails, strict=True)
        ]
    width = max(len(column.heading), *map(len, entries))
    justified = str.ljust if column.is_words else str.rjust
    return [justified(text, width) for text in (column.heading, "-" * width, *entries)]


def _markdown(table: Table, _: Layout) -> str:
    rule = ["---" if column.is_words else "---:" for column in table.columns]
    rows = [[column.heading for column in table.columns], rule]
    rows += [[column.cell(row) for column in table.columns] for row in table.rows]
    grid = ["| " + " | ".join(cell.replace("|", r"\|") for cell in row) + " |" for row in rows]
    head = [f"`{line}`  " for line in header_lines(table)]
    notes = [f"{line}  " for line in note_lines(table)]
    escaped = [line.replace("|", r"\|").replace("*", r"\*").replace("_", r"\_") for line in notes]
    return "\n".join([*head, "", *grid, "", *escaped]) + "\n"


_STYLE = (
    "table{border-collapse:collapse;font:14px/1.4 sans-serif}caption{text-align:left}"
    "th,td{padding:.15em .6em;text-align:left}thead{border:solid;border-width:2px 0 1px}"
    "tbody{border-bottom:2px solid}.n{text-align:right;font-variant-numeric:tabular-nums}"
    "pre{white-space:pre-wrap}"
)


def _html(table: Table, _: Layout) -> str:
    """A page that stands alone, without scripts."""
    head = "".join(_cell("th", column, column.heading) for column in table.columns)
    body = "\n".join(
        "<tr>"
        + "".join(_cell("td", column, column.cell(row)) for column in table.columns)
        + "</tr>"
        for row in table.rows
    )
    notes = "\n".join(f"<p>{escape(line)}</p>" for line in note_lines(table))
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<meta charset="utf-8">\n'
        f"<title>{escape(title(table))}</title>\n<style>{_STYLE}</style>\n"
        f"<table>\n<caption>{escape(table.caption)}</caption>\n<thead><tr>{head}</tr></thead>\n"
        f"<tbody>\n{body}\n</tbody>\n</table>\n{notes}\n"
        f"<pre>made by tms-theory {escape(table.version)}:\n{escape(table.command)}</pre>\n"
        "</html>\n"
    )


def _cell(tag: str, column: Column, text: str) -> str:
    kind = "" if column.is_words else ' class="n"'
    return f"<{tag}{kind}>{escape(text)}</{tag}>"


FORMATS: dict[str, Callable[[Table, Layout], str]] = {
    "text": _text,
    "markdown": _markdown,
    "latex": latex,
    "html": _html,
    "csv": lambda table, _: as_csv(table),
    "json": lambda table, _: as_json(table),
}
