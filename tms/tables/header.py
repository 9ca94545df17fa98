"""What stands above and below a table: model, normalisation, how it was found and made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tms.digits import error_text, short_text
from tms.printing.words import data_words, equation, size_words
from tms.tables.columns import is_plain
from tms.tables.grid import constraint_set_text

if TYPE_CHECKING:
    from tms.tables.table import Table

__all__ = ["caption", "claims", "failures", "header_lines", "note_lines", "title"]

LOSS = "loss = sum_i I_i E (x_i - x_hat_i)^2: sum over features, mean over data"
PROBLEM = (
    "each row its own model: x_hat = sigma(W^T W x + b); x_i is 0 with probability S = 1 - p, "
    "else from its law"
)


def title(table: Table) -> str:
    """Say what the table is of.

    Args:
        table: any.

    Returns:
        One line.
    """
    sizes = size_words(table.grid.n_features, table.grid.n_hidden)
    return f"Best loss found against sparsity: {sizes}"


def header_lines(table: Table) -> list[str]:
    """Say what was computed and how to compute it again.

    Args:
        table: any.

    Returns:
        A few lines.
    """
    return [
        title(table),
        *_model_lines(table),
        f"made by tms-theory {table.version}:",
        f"    {table.command}",
    ]


def _model_lines(table: Table) -> list[str]:
    problem = table.rows[0].problem
    lines = [f"{equation(problem.activation)};  {data_words(problem)}"]
    if {"law", "activation"} & set(table.varying):
        lines = [PROBLEM]
    loss = LOSS
    if "importance" not in table.varying:
        row = table.rows[0]
        shown = short_text(problem.importance)
        if "^" in row.importance:
            shown = f"{row.importance}, i from 0: {shown}"
        loss += f"; importance {shown}"
    lines.append(loss)
    constraints = table.rows[0].constraints
    if constraints and "constraints" not in table.varying:
        lines.append(f"constraints: {constraint_set_text(constraints)}")
    return lines


def note_lines(table: Table) -> list[str]:
    """Say how the columns are meant, and which rows need a word.

    Args:
        table: any.

    Returns:
        Lines.
    """
    notes = list(dict.fromkeys(column.note for column in table.columns if column.note))
    ids = claims(table)
    if ids:
        notes.append(f"claims: {', '.join(ids)} (tms claims show ID).")
    if table.unused:
        notes.append(f"trained weights that fit no row: {', '.join(table.unused)}.")
    return notes + failures(table)


def claims(table: Table) -> list[str]:
    """List the claims that the numbers rest on.

    Args:
        table: any.

    Returns:
        Their ids in order of the columns; bounds of rows last.
    """
    ids: list[str] = []
    if all(map(is_plain, table.rows)):
        ids = [claim for column in table.columns for claim in column.claims]
    if any(column.needs == "lower bound" for column in table.columns):
        ids += [claim for row in table.rows for claim in row.lower_bound_claims]
    return list(dict.fromkeys(ids))


def failures(table: Table) -> list[str]:
    """Say which rows have no loss, or one where the search broke off.

    Args:
        table: any.

    Returns:
        A line for each.
    """
    lines = []
    for row in table.rows:
        if row.loss is None or (not row.holds and table.n_starts > 0):
            where = (
                ", ".join(
                    f"{column.heading} = {column.cell(row)}"
                    for column in table.columns
                    if column.name in {*table.varying, "S"}
                )
                or f"S = {short_text(row.sparsity)}"
            )
            lines.append(f"{where}: {row.status}")
    return lines


def caption(table: Table) -> str:
    """Say in sentences what the table shows, for print.

    Args:
        table: any.

    Returns:
        Sentences in plain text, without the command.
    """
    tiers = {row.loss.tier for row in table.rows if row.loss is not None}
    worst = max((row.loss.error for row in table.rows if row.loss is not None), default=0)
    accuracy = "Losses are exact at the weights found"
    if not tiers <= {"exact"}:
        accuracy = f"Losses are evaluated at the weights found, to {error_text(worst)}"
    model, loss, *rest = _model_lines(table)
    sentences = ". ".join([f"Model: {model}", f"L{loss[1:]}", *(f"C{line[1:]}" for line in rest)])
    return (
        f"{title(table)}. {sentences}. {accuracy}, which are the best that "
        f"{table.n_starts} random starts (seed {table.seed}), simple arrangements and changed "
        "copies of these led to, with no claim of an optimum; no digit is shown that the error "
        "does not support."
    )
