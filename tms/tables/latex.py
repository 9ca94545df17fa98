r"""A table in LaTeX that compiles as it stands, and that a paper can ``\input`` as well.

Outside a document the file loads a class and its packages; within one it skips that. The two are
told apart by ``\@nodocument``, which LaTeX empties at ``\begin{document}``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from theory.problem import InputError
from tms.tables.columns import COLUMNS, Column
from tms.tables.header import header_lines, note_lines

if TYPE_CHECKING:
    from tms.tables.table import Layout, Table

__all__ = ["check_layout", "latex"]

_SIZE = r"\footnotesize\setlength{\tabcolsep}{4pt}"
_MOST_ROWS = 40  # of a table on one page
_WIDEST = 84  # characters of a line at this size, in the text width of an article
_NARROW = 56  # the same in a column of a paper in two columns
_GAP = 2  # characters that the space between two columns takes
_ROMAN = {"S": "$S$", "p": "$p$", "n": "$n$", "m": "$m$", "D*": "$D^*$"}
_ESCAPED = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{letter: f"\\{letter}" for letter in "&%$#_{}"},
}
_FORMULAS = {
    "x_hat = ": r"$\hat x$ = ",
    "W^T W x + b": r"$W^\top W x + b$",
    "sum_i I_i E (x_i - x_hat_i)^2": r"$\sum_i I_i\,\mathbb{E}\,(x_i - \hat x_i)^2$",
    "|W|_F^2": r"$\lVert W\rVert_F^2$",
    "D* = m/": r"$D^* = m$/",
    "W = 0": "$W = 0$",
    "W, b": "$W$, $b$",
    "x_i": "$x_i$",
    "S = 1 - p": "$S = 1 - p$",
}
_PARTS = re.compile(f"({'|'.join(map(re.escape, _FORMULAS))}|\\b[nm] = [0-9, ]*[0-9]|[0-9./]+\\^i)")


def latex(table: Table, layout: Layout) -> str:
    """Write the table in LaTeX with booktabs.

    Args:
        table: any.
        layout: whether to use siunitx, and the label.

    Returns:
        The content of a file.

    Raises:
        InputError: a narrow table of more rows than a page holds.
    """
    is_long = len(table.rows) > _MOST_ROWS
    check_layout(layout, len(table.rows))
    packages = ["booktabs", "amssymb", "amsmath"]
    packages += [*(["siunitx"] if layout.siunitx else []), *(["longtable"] if is_long else [])]
    comments = [f"% {line}" for line in [*header_lines(table), *note_lines(table)]]
    loaded = "".join(rf"\usepackage{{{package}}}" for package in packages)
    made = f"Made by tms-theory {table.version}; the command is in the source."
    notes = " ".join(map(_prose, note_lines(table)))
    lines = [
        *comments,
        f"% in a paper: \\input this file; its preamble needs {loaded}",
        r"\expandafter\ifx\csname @nodocument\endcsname\relax",
        r"  \let\tmsend\relax",
        r"\else",
        rf"  \documentclass{{article}}{loaded}",
        r"  \begin{document}",
        r"  \def\tmsend{\end{document}}",
        r"\fi",
    ]
    caption = rf"\caption{{{_prose(table.caption)} {made}}}\label{{{layout.label}}}"
    write = _over_pages if is_long else _on_a_page
    lines += write(table, caption, notes, layout)
    return "\n".join([*lines, r"\tmsend"]) + "\n"


def check_layout(layout: Layout, n_rows: int) -> None:
    """Refuse what LaTeX cannot set.

    Args:
        layout: how LaTeX is written.
        n_rows: of the table.

    Raises:
        InputError: a narrow table of more rows than a page holds.
    """
    if layout.narrow and n_rows > _MOST_ROWS:
        raise InputError(
            f"narrow=True: for up to {_MOST_ROWS} rows, and there are {n_rows}; longer tables are "
            "set by longtable, which knows no two columns: leave narrow (--narrow) out"
        )


def _on_a_page(table: Table, caption: str, notes: str, layout: Layout) -> list[str]:
    """One float, its blocks below each other."""
    lines = [r"\begin{table}[ht]", r"  \centering", rf"  {caption}\par\medskip", f"  {_SIZE}"]
    for k, block in enumerate(_blocks(table, _NARROW if layout.narrow else _WIDEST)):
        lines += [r"  \par\medskip"] if k else []
        heads, rows, kinds = _grid(table, block, siunitx=layout.siunitx)
        lines += [rf"  \begin{{tabular}}{{{kinds}}}", r"  \toprule", f"  {heads}", r"  \midrule"]
        lines += [*(f"  {row}" for row in rows), r"  \bottomrule", r"  \end{tabular}"]
    lines += [rf"  \par\medskip\parbox{{\linewidth}}{{\scriptsize {notes}}}"] if notes else []
    return [*lines, r"\end{table}"]


def _over_pages(table: Table, caption: str, notes: str, layout: Layout) -> list[str]:
    """A long table for each block, with its headings on every page."""
    lines = [rf"\begingroup{_SIZE}"]
    for k, block in enumerate(_blocks(table, _NARROW if layout.narrow else _WIDEST)):
        heads, rows, kinds = _grid(table, block, siunitx=layout.siunitx)
        lines += [rf"\begin{{longtable}}{{{kinds}}}"]
        lines += [rf"{caption}\\", rf"\toprule {heads} \midrule", r"\endfirsthead"] if not k else []
        lines += [rf"\toprule {heads} \midrule", r"\endhead", r"\bottomrule", r"\endfoot"]
        lines += [*rows, r"\end{longtable}"]
    return [*lines, rf"\noindent{{\scriptsize {notes}\par}}", r"\endgroup"]


def _blocks(table: Table, widest: int) -> list[list[Column]]:
    """Columns in their order, in blocks of so many characters, each with those that tell rows."""
    names = [*table.varying, "S"]
    keys = [column for column in table.columns if column.name in names] or [COLUMNS["S"]]
    blocks, block = [], list(keys)
    for column in table.columns:
        if column in keys:
            continue
        if len(block) > len(keys) and _width(table, [*block, column]) > widest:
            blocks.append(block)
            block = list(keys)
        block.append(column)
    return [*blocks, block]


def _width(table: Table, columns: Sequence[Column]) -> int:
    return sum(
        max(len(column.heading), *(_length(column.cell(row)) for row in table.rows)) + _GAP
        for column in columns
    )


def _length(cell: str) -> int:
    """Characters that a cell takes in print; a power of ten takes more than its ``e``."""
    return len(cell) + (3 if _NUMBER.fullmatch(cell) and "e" in cell else 0)


def _grid(table: Table, columns: Sequence[Column], *, siunitx: bool) -> tuple[str, list[str], str]:
    """Headings, rows and the letters of the columns."""
    kinds = [_kind(table, column, siunitx=siunitx) for column in columns]
    heads = [
        f"{{{_heading(column)}}}" if kind.startswith("S") else _heading(column)
        for column, kind in zip(columns, kinds, strict=True)
    ]
    cells = [_cells(table, column, kind) for column, kind in zip(columns, kinds, strict=True)]
    rows = [" & ".join(row) + r" \\" for row in zip(*cells, strict=True)]
    return " & ".join(heads) + r" \\", rows, "".join(kinds)


def _kind(table: Table, column: Column, *, siunitx: bool) -> str:
    """The letter of a column; with siunitx, numbers of a kind that it can align."""
    if column.is_words:
        return "l"
    cells = [column.cell(row) for row in table.rows]
    numbers = [cell for cell in cells if _NUMBER.fullmatch(cell)]
    if not siunitx or not numbers or any(c not in numbers and c != "-" for c in cells):
        return "r"
    if any("e" in number for number in numbers):
        return "r"  # siunitx would keep room for the longest mantissa before the exponents
    parts = [_NUMBER.fullmatch(number) for number in numbers]
    whole = max(len(part[1]) for part in parts if part)
    decimals = max(len(part[2] or "") for part in parts if part)
    sign = "-" if any(number.startswith("-") for number in numbers) else ""
    return f"S[table-format={sign}{whole}.{decimals}]"


_NUMBER = re.compile(r"-?(\d+)(?:\.(\d+))?(?:e(-?\d+))?")


def _heading(column: Column) -> str:
    return _ROMAN.get(column.heading, _plain(column.heading))


def _cells(table: Table, column: Column, kind: str) -> list[str]:
    """A column's entries; where siunitx does not, phantoms align the decimal points."""
    entries = [column.cell(row) for row in table.rows]
    written = [_cell(entry, column, kind) for entry in entries]
    if kind != "r":
        return written
    tails = [
        len(entry.partition(".")[2]) if _DECIMAL.fullmatch(entry) else None for entry in entries
    ]
    longest = max((tail for tail in tails if tail is not None), default=0)
    return [
        text if tail is None or tail == longest else rf"{text}\phantom{{{_filler(tail, longest)}}}"
        for text, tail in zip(written, tails, strict=True)
    ]


def _filler(tail: int, longest: int) -> str:
    return ("." if tail == 0 else "") + "0" * (longest - tail)


_DECIMAL = re.compile(r"-?\d+(?:\.\d+)?")


def _cell(cell: str, column: Column, kind: str) -> str:
    if cell == "-":
        return "{--}" if kind.startswith("S") else "--"
    if kind.startswith("S"):
        return cell
    if column.is_words or not any(letter.isdigit() for letter in cell):
        return _plain(cell)
    mantissa, _, exponent = cell.partition("e")
    if exponent:
        return f"${mantissa} \\times 10^{{{int(exponent)}}}$"
    return "$" + cell.replace("..", r"\ldots") + "$"


def _plain(text: str) -> str:
    """Text that LaTeX prints as it is."""
    return "".join(_ESCAPED.get(letter, letter) for letter in text)


def _prose(text: str) -> str:
    """Sentences, with the formulas that they hold as formulas."""
    parts = _PARTS.split(text)
    return "".join(_FORMULAS.get(part) or _sizes(part) for part in parts)


def _sizes(text: str) -> str:
    """``n = 2, 3`` as formulas, other text as it is."""
    if text.endswith("^i"):
        return f"${text}$"
    sign = text[1:4] == " = " and text[0] in "nm"
    return f"${text[0]}$ = {text[4:]}" if sign else _plain(text)
