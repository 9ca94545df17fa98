"""A sparsity table as text, Markdown, LaTeX, CSV or JSON; formatting only."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from theory.problem import ReLU, Uniform
from tms.digits import error_text, short_text
from tms.words import data_words, equation

if TYPE_CHECKING:
    from tms.tables import SparsityTable, TableRow

__all__ = ["FORMATS", "HEADINGS"]

HEADINGS = (
    "S",
    "p",
    "loss, best found",
    "error",
    "by",
    "arrangement",
    "norms",
    "biases",
    "ignoring all",
    "best linear",
    "hits",
)
_COSTS = ("S", "p", "loss, best found", "error", "by", "ignoring all", "best linear")
_FOUND = ("S", "arrangement", "norms", "biases", "hits")
_WORDS = {"by", "arrangement"}  # the other columns are numbers
_SHOWN = 12  # significant digits of a loss, where its error supports them
_SHOWN_OF_BASELINE = 6
_SHOWN_OF_WEIGHTS = 4  # decimals: enough to recognise an arrangement


def _header_lines(table: SparsityTable) -> list[str]:
    """What was computed and how to compute it again, in a few lines."""
    problem = table.rows[0].problem
    return [
        f"Best loss found against sparsity: n = {problem.n_features} features, "
        f"m = {problem.n_hidden} hidden dimensions",
        f"{equation(problem.activation)};  {data_words(problem)}",
        "loss = sum_i I_i E (x_i - x_hat_i)^2: sum over features, mean over data; "
        f"importance {short_text(problem.importance)}",
        f"made by tms-theory {table.version}:",
        f"    {table.command}",
    ]


def _note_lines(table: SparsityTable) -> list[str]:
    """How the columns are meant, and the rows that need a word."""
    notes = [
        "loss: at the weights found, with no claim of an optimum; hits: starts that got there.",
        "ignoring all: W = 0 with the best bias; best linear: the linear model with the best W, b.",
    ]
    problem = table.rows[0].problem
    if problem.features == Uniform() and problem.activation == ReLU() and problem.is_independent:
        notes.append(
            "claims: loss LOSS-03, ignoring all LINEAR-03, best linear LINEAR-02 "
            "(tms claims show ID)."
        )
    for row in table.rows:
        if row.solution is None:
            notes.append(f"S = {short_text(row.sparsity)}: {row.status}")
    return notes


def _cells(row: TableRow) -> tuple[str, ...]:
    """One row as text, in the order of ``HEADINGS``."""
    baselines = (row.ignoring.digits(_SHOWN_OF_BASELINE), row.linear.digits(_SHOWN_OF_BASELINE))
    found = row.solution
    if found is None:
        return (short_text(row.sparsity), short_text(row.density), *("-",) * 6, *baselines, "-")
    return (
        short_text(row.sparsity),
        short_text(row.density),
        found.loss.digits(_SHOWN),
        error_text(found.loss.error),
        found.loss.method,
        found.arrangement,
        _span(found.norms),
        _span(found.b),
        *baselines,
        f"{found.n_hits}/{found.n_starts}",
    )


def _span(numbers: Iterable[float]) -> str:
    """One number if all print the same, else the range."""
    ends = sorted(round(float(number), _SHOWN_OF_WEIGHTS) + 0.0 for number in numbers)
    low, high = f"{ends[0]:.{_SHOWN_OF_WEIGHTS}f}", f"{ends[-1]:.{_SHOWN_OF_WEIGHTS}f}"
    return low if low == high else f"{low} .. {high}"


def _text(table: SparsityTable) -> str:
    """Two blocks, so that each fits a terminal: what it costs, and what was found."""
    columns = dict(zip(HEADINGS, zip(*map(_cells, table.rows), strict=True), strict=True))
    blocks = []
    for names in (_COSTS, _FOUND):
        grid = [_column(name, columns[name]) for name in names]
        blocks.append("\n".join("  ".join(row).rstrip() for row in zip(*grid, strict=True)))
    head, notes = "\n".join(_header_lines(table)), "\n".join(_note_lines(table))
    return "\n\n".join([head, *blocks, notes]) + "\n"


def _column(heading: str, entries: Sequence[str]) -> list[str]:
    """Heading, rule and entries, of one width; numbers with their decimal points aligned."""
    if heading not in _WORDS:
        tails = [len(entry.partition(".")[2]) + ("." in entry) for entry in entries]
        longest = max(tails)
        entries = [
            f"{entry}{' ' * (longest - tail)}" for entry, tail in zip(entries, tails, strict=True)
        ]
    width = max(len(heading), *map(len, entries))
    justified = str.ljust if heading in _WORDS else str.rjust
    return [justified(text, width) for text in (heading, "-" * width, *entries)]


def _markdown(table: SparsityTable) -> str:
    rule = ["---" if heading in _WORDS else "---:" for heading in HEADINGS]
    rows = [HEADINGS, rule, *map(_cells, table.rows)]
    grid = ["| " + " | ".join(cell.replace("|", r"\|") for cell in row) + " |" for row in rows]
    head = [f"`{line}`  " for line in _header_lines(table)]
    notes = [line.replace("|", r"\|") for line in _note_lines(table)]
    return "\n".join([*head, "", *grid, "", *notes]) + "\n"


def _latex(table: SparsityTable) -> str:
    columns = "".join("l" if heading in _WORDS else "r" for heading in HEADINGS)
    comments = [f"% {line}" for line in [*_header_lines(table), *_note_lines(table)]]
    lines = [*comments, "% needs \\usepackage{booktabs}", rf"\begin{{tabular}}{{{columns}}}"]
    lines += [r"\toprule", " & ".join(map(_latex_heading, HEADINGS)) + r" \\", r"\midrule"]
    for row in table.rows:
        pairs = zip(HEADINGS, _cells(row), strict=True)
        lines.append(" & ".join(_latex_cell(heading, cell) for heading, cell in pairs) + r" \\")
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}"]) + "\n"


def _latex_heading(heading: str) -> str:
    return f"${heading}$" if len(heading) == 1 else heading


def _latex_cell(heading: str, cell: str) -> str:
    if heading in _WORDS or not any(letter.isdigit() for letter in cell):
        for letter in "&%$#_":
            cell = cell.replace(letter, f"\\{letter}")
        return "--" if cell == "-" else cell
    mantissa, _, exponent = cell.partition("e")
    if exponent:
        return f"${mantissa} \\times 10^{{{int(exponent)}}}$"
    return "$" + cell.replace("..", r"\ldots") + "$"


def _csv(table: SparsityTable) -> str:
    stream = io.StringIO()
    records = table.records()
    stream.writelines(f"# {line}\n" for line in _header_lines(table))
    writer = csv.DictWriter(stream, fieldnames=list(records[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    return stream.getvalue()


def _json(table: SparsityTable) -> str:
    rows = []
    for row, record in zip(table.rows, table.records(), strict=True):
        found = row.solution
        weights = {"W": found.W.tolist(), "b": found.b.tolist()} if found else {}
        rows.append(record | weights)
    header = {
        "model": _header_lines(table)[:3],
        "n_features": table.rows[0].problem.n_features,
        "n_hidden": table.rows[0].problem.n_hidden,
        "law": str(table.rows[0].problem.features),
        "activation": str(table.rows[0].problem.activation),
        "groups": [repr(group) for group in table.rows[0].problem.groups],
        "importance": [float(weight) for weight in table.rows[0].problem.importances],
        "seed": table.seed,
        "version": table.version,
        "command": table.command,
    }
    return json.dumps(header | {"rows": rows}, indent=2, allow_nan=False) + "\n"


FORMATS: dict[str, Callable[[SparsityTable], str]] = {
    "text": _text,
    "markdown": _markdown,
    "latex": _latex,
    "csv": _csv,
    "json": _json,
}
