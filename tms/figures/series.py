"""What figures against sparsity share: rows of one model in order, the axis, the command."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from theory.problem import InputError
from tms.figures import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tms.tables.row import Row
    from tms.tables.table import Table

__all__ = [
    "Axis",
    "abscissa",
    "chosen_axis",
    "draw_axis",
    "figure_command",
    "importance_words",
    "ordered_rows",
]

Axis: TypeAlias = Literal["sparsity", "inverse"]

_NARROW = 4.0  # a range of 1/(1 - S) that needs no logarithm
_INVERSE = ("inverse", "sparsity")


def ordered_rows(table: Table) -> list[Row]:
    """Give the rows by rising sparsity.

    Args:
        table: of one model.

    Returns:
        The rows, failed ones included.

    Raises:
        InputError: rows of several models.
    """
    if table.varying:
        raise InputError(
            f"{', '.join(table.varying)}: differs between rows; a figure shows one model against "
            "sparsity, so give one value"
        )
    return sorted(table.rows, key=lambda row: row.sparsity)


def chosen_axis(rows: Iterable[Row], asked: str = "auto") -> Axis:
    """Choose the axis: ``1/(1 - S)``, logarithmic, unless its range is narrow.

    Args:
        rows: gives the sparsities.
        asked: ``"auto"``, ``"inverse"`` or ``"sparsity"``.

    Returns:
        The axis.

    Raises:
        InputError: another axis.
    """
    if asked in _INVERSE:
        return "inverse" if asked == "inverse" else "sparsity"
    if asked != "auto":
        raise InputError(f"axis={asked!r}: must be auto, inverse or sparsity")
    densities = [float(row.density) for row in rows if row.density > 0]
    is_wide = len(densities) > 1 and max(densities) / min(densities) > _NARROW
    return "inverse" if is_wide else "sparsity"


def abscissa(row: Row, axis: Axis) -> float | None:
    """Give where a row stands; None for one that has no place on a logarithmic axis."""
    if axis == "sparsity":
        return float(row.sparsity)
    return float(1 / row.density) if row.density > 0 else None


def draw_axis(axes: Axes, axis: Axis, x: Iterable[float]) -> None:
    """Set scale, label and ticks of the horizontal axis."""
    if axis == "sparsity":
        axes.set_xlabel("sparsity $S$")
        return
    axes.set_xscale("log")
    axes.set_xlabel("$1/(1 - S)$")
    values = list(x)
    style.log_ticks(axes.xaxis, min(values), max(values))


def figure_command(table: Table, kind: str, *more: str) -> str:
    """Give the command that draws the figure of a table again.

    Args:
        table: knows the command that makes it.
        kind: of the figure.
        more: options of the figure.

    Returns:
        The command.
    """
    words = shlex.split(table.command)
    while "--columns" in words:
        place = words.index("--columns")
        del words[place : place + 2]
    return shlex.join(["tms", "figure", kind, *words[2:], *more])


def importance_words(row: Any) -> str:
    """Write the importance of a row as it was asked for."""
    return f"importance {row.importance}"
