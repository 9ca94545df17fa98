"""A table of bounds as text, Markdown, LaTeX, CSV or JSON; formatting only.

Lower bounds and ratios are rounded down and upper bounds up, so that what is printed holds; but a
number that a few digits hold to a billionth is written so: 1.2, not 1.19999 for 1.2 less 1e-15.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from theory.claim_ids import with_claims
from tms.digits import decimal_text, error_text, short_text
from tms.printing.words import data_words, size_words

if TYPE_CHECKING:
    from theory.power_model.claims import GainBound
    from tms.bounds_table import BoundsRow, BoundsTable

__all__ = ["FORMATS", "HEADINGS", "outward", "record"]

HEADINGS = (
    "m",
    "p",
    "lower bound",
    "by",
    "best found",
    "error",
    "upper bound",
    "by",
    "found/upper",
    "unsuperposed",
    "factor",
    "hits",
)
_SHOWN_OF_BOUND, _SHOWN_OF_GAIN, _SHOWN_OF_RATIO = 6, 8, 4  # significant digits
_PLAIN = range(-5, 16)  # exponents of ten that are written out
_NEAR = Fraction(1, 10**9)  # what a printed bound may be off inward, relatively


def outward(value: Fraction, figures: int, *, up: bool) -> str:
    """Write a number with few digits, rounded in one direction.

    Args:
        value: the number.
        figures: significant digits.
        up: the direction; the other one where that is by less than a billionth.

    Returns:
        The digits.

    Example:
        >>> outward(Fraction(2, 3), 3, up=False), outward(Fraction(2, 3), 3, up=True)
        ('0.666', '0.667')
        >>> outward(Fraction(2, 3 * 10**9), 3, up=True), outward(Fraction(1, 2), 3, up=True)
        ('6.67e-10', '0.5')
    """
    rounded = _rounded(value, figures, ROUND_HALF_EVEN)
    if abs(Fraction(rounded) - value) > _NEAR * abs(value):
        rounded = _rounded(value, figures, ROUND_CEILING if up else ROUND_FLOOR)
    if rounded == 0 or rounded.adjusted() in _PLAIN:
        return f"{rounded:f}"
    return f"{rounded.scaleb(-rounded.adjusted()):f}e{rounded.adjusted()}"


def _rounded(value: Fraction, figures: int, direction: str) -> Decimal:
    context = Context(prec=figures, rounding=direction)
    return context.divide(Decimal(value.numerator), Decimal(value.denominator)).normalize()


def _float_below(value: Fraction) -> float:
    nearest = float(value)
    return nearest if Fraction(nearest) <= value else math.nextafter(nearest, -math.inf)


def record(row: BoundsRow) -> dict[str, Any]:
    """Give one row as plain numbers, bounds rounded outward to float64.

    Args:
        row: the row.

    Returns:
        The numbers by name; a ratio to nothing is None.
    """
    found, error = row.found.rounded()
    lower, upper = row.lower.value or Fraction(0), row.upper.value or Fraction(0)
    return {
        "n_features": row.problem.n_features,
        "n_hidden": row.problem.n_hidden,
        "density": float(row.density),
        "lower": _float_below(lower),
        "lower_by": row.lower.name,
        "lower_claims": " ".join(row.lower.rests_on),
        "best_found": found,
        "best_found_error": error,
        "upper": -_float_below(-upper) + 0.0,
        "upper_by": row.upper.name,
        "upper_claims": " ".join(row.upper.rests_on),
        "found_over_upper": None if row.ratio is None else _float_below(row.ratio),
        "unsuperposed": float(row.unsuperposed),
        "found_over_unsuperposed": (
            None if row.superposition is None else _float_below(row.superposition)
        ),
        "stored_features": len(row.columns),
        "hits": row.n_hits,
        "starts": row.n_starts,
        "status": row.status,
    }


def _header_lines(table: BoundsTable) -> list[str]:
    """What was computed and how to compute it again."""
    problem = table.rows[0].problem
    q = problem.activation.power
    return [
        f"Bounds on the best gain against density: {size_words(problem.n_features, table.sizes)}",
        f"x_hat = {f'(W^T W x)^{q}' if q > 1 else 'W^T W x'};  {data_words(problem)}",
        "gain = p n mu_2 - L: what ignoring everything loses more, summed over features",
        f"made by tms-theory {table.version}:",
        f"    {table.command}",
    ]


_NOTES = (
    "lower bound: the exact gain of given weights; upper bound: of all weights; rounded outward, "
    "or by less than 1e-9.",
    "best found: the gain of the best weights found, with no claim of an optimum; hits: starts "
    "that got there.",
    "unsuperposed: the best diagonal W^T W; factor: best found over that.",
)


@dataclass(frozen=True)
class _Note:
    """A claim beneath the table: what it is called, its formula, and on what it rests."""

    label: str
    formula: str
    rest: str

    @staticmethod
    def of(label: str, claim: GainBound, value: str = "") -> _Note:
        assumed = f"; if {'; '.join(claim.assumptions)}" if claim.assumptions else ""
        rest = with_claims(f"{value}{assumed} ({claim.source})", claim.rests_on)
        return _Note(label, claim.statement, rest)


def _numbered(table: BoundsTable) -> dict[tuple[str, str], int]:
    """Numbers of the claims that are the best somewhere."""
    claims = [claim for row in table.rows for claim in (row.lower, row.upper)]
    keys = sorted({(claim.kind, claim.name) for claim in claims})
    return {key: number for number, key in enumerate(keys, 1)}


def _claim_notes(table: BoundsTable) -> list[_Note]:
    claims = {(c.kind, c.name): c for row in table.rows for c in (row.lower, row.upper)}
    return [
        _Note.of(f"[{number}] {key[0]}, {key[1]}", claims[key])
        for key, number in _numbered(table).items()
    ]


def _order_notes(table: BoundsTable) -> list[_Note]:
    """Limits for each hidden size; orders once, since they hold no number."""
    found = []
    for m, claims in table.statements.items():
        for claim in claims:
            value = "" if claim.value is None else f" = {outward(claim.value, 12, up=True)}"
            size = "" if claim.value is None else f" at m = {m}"
            found.append(_Note.of(f"{claim.kind}, {claim.name}{size}", claim, value))
    return list(dict.fromkeys(found))


_ORDERS = "Limits, and orders of growth (whose constants are not known: they are no numbers):"


def _cells(row: BoundsRow, numbers: dict[tuple[str, str], int]) -> tuple[str, ...]:
    """One row as text, in the order of ``HEADINGS``."""
    lower, upper = row.lower.value or Fraction(0), row.upper.value or Fraction(0)
    ratios = [
        "-" if ratio is None else outward(ratio, _SHOWN_OF_RATIO, up=False)
        for ratio in (row.ratio, row.superposition)
    ]
    return (
        str(row.problem.n_hidden),
        short_text(row.density),
        outward(lower, _SHOWN_OF_BOUND, up=False),
        f"[{numbers[row.lower.kind, row.lower.name]}]",
        row.found.digits(_SHOWN_OF_GAIN),
        error_text(row.found.error),
        outward(upper, _SHOWN_OF_BOUND, up=True),
        f"[{numbers[row.upper.kind, row.upper.name]}]",
        ratios[0],
        decimal_text(row.unsuperposed, at_most=_SHOWN_OF_BOUND),
        ratios[1],
        f"{row.n_hits}/{row.n_starts}",
    )


def _grid(table: BoundsTable) -> list[tuple[str, ...]]:
    numbers = _numbered(table)
    return [_cells(row, numbers) for row in table.rows]


def _text(table: BoundsTable) -> str:
    rows = [HEADINGS, *_grid(table)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    rule = tuple("-" * width for width in widths)
    lines = [
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        for row in [HEADINGS, rule, *rows[1:]]
    ]
    notes = [*_NOTES, "", *(f"{n.label}: {n.formula}{n.rest}" for n in _claim_notes(table))]
    notes += ["", _ORDERS, *(f"  {n.label}: {n.formula}{n.rest}" for n in _order_notes(table))]
    return "\n".join([*_header_lines(table), "", *lines, "", *notes]) + "\n"


def _markdown(table: BoundsTable) -> str:
    rows = [HEADINGS, ("---:",) * len(HEADINGS), *_grid(table)]
    grid = ["| " + " | ".join(row) + " |" for row in rows]
    head = [f"`{line}`  " for line in _header_lines(table)]
    notes = [f"{line}  " for line in _NOTES]
    claims = [f"- {n.label}: $`{n.formula}`$ {n.rest}" for n in _claim_notes(table)]
    orders = [f"- {n.label}: $`{n.formula}`$ {n.rest}" for n in _order_notes(table)]
    return "\n".join([*head, "", *grid, "", *notes, "", *claims, "", _ORDERS, "", *orders]) + "\n"


def _latex(table: BoundsTable) -> str:
    claims = [f"{n.label}: {n.formula}{n.rest}" for n in _claim_notes(table) + _order_notes(table)]
    comments = [f"% {line}" for line in [*_header_lines(table), *_NOTES, *claims]]
    lines = [*comments, "% needs \\usepackage{booktabs}"]
    lines += [rf"\begin{{tabular}}{{{'r' * len(HEADINGS)}}}", r"\toprule"]
    lines += [" & ".join(f"${h}$" if len(h) == 1 else h for h in HEADINGS) + r" \\", r"\midrule"]
    lines += [" & ".join(map(_latex_cell, row)) + r" \\" for row in _grid(table)]
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}"]) + "\n"


def _latex_cell(cell: str) -> str:
    mantissa, _, exponent = cell.partition("e")
    if exponent:
        return f"${mantissa} \\times 10^{{{int(exponent)}}}$"
    return {"-": "--"}.get(cell, cell if cell.startswith("[") else f"${cell}$")


def _csv(table: BoundsTable) -> str:
    stream, records = io.StringIO(), table.records()
    stream.writelines(f"# {line}\n" for line in _header_lines(table))
    writer = csv.DictWriter(stream, fieldnames=list(records[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    return stream.getvalue()


def _json(table: BoundsTable) -> str:
    problem = table.rows[0].problem
    header = {
        "model": _header_lines(table)[:3],
        "law": str(problem.features),
        "activation": str(problem.activation),
        "seed": table.seed,
        "version": table.version,
        "command": table.command,
        "statements": [
            {
                "n_hidden": m,
                "name": claim.name,
                "kind": claim.kind,
                "statement": claim.statement,
                "value": None if claim.value is None else str(claim.value),
                "assumptions": list(claim.assumptions),
                "source": claim.source,
                "claims": list(claim.rests_on),
            }
            for m, claims in table.statements.items()
            for claim in claims
        ],
    }
    rows = [record(row) | {"columns": row.columns.tolist()} for row in table.rows]
    return json.dumps(header | {"rows": rows}, indent=2, allow_nan=False) + "\n"


FORMATS: dict[str, Callable[[BoundsTable], str]] = {
    "text": _text,
    "markdown": _markdown,
    "latex": _latex,
    "csv": _csv,
    "json": _json,
}
