"""Tables of the best loss found over a grid of problems; the numbers come from the oracle."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from theory.problem import Activation, Constraint, FeatureLaw, InputError
from tms.tables.columns import Column
from tms.tables.grid import Grid
from tms.tables.plan import N_STARTS, Plan

if TYPE_CHECKING:
    import pandas as pd

    from tms.printing.terminal import Progress
    from tms.tables.row import Row

__all__ = ["Layout", "Table", "TableFormat", "table", "tabulated"]

TableFormat: TypeAlias = Literal["text", "markdown", "latex", "html", "csv", "json", "parquet"]


@dataclass(frozen=True)
class Layout:
    """How LaTeX is written.

    Args:
        siunitx: whether columns of numbers are those of the package siunitx.
        label: of the table, for references.
        narrow: whether it is to fit one column of a paper in two columns.
    """

    siunitx: bool = False
    label: str = "tab:tms"
    narrow: bool = False


@dataclass(frozen=True, eq=False)
class Table:
    """Answers over a grid; "best found" claims no optimum.

    Args:
        rows: one for each question, failed ones included.
        columns: what is shown of each.
        varying: names of the columns that differ between rows.
        grid: the questions.
        seed: of the random starts.
        n_starts: random starts of each row.
        version: of this program.
        command: makes this table again.
        unused: trained weights that fit no row.
        n_computed: how many cells this run computed, which is not part of the content.
        n_reused: how many cells came from the store, likewise.
    """

    rows: tuple[Row, ...]
    columns: tuple[Column, ...]
    varying: tuple[str, ...]
    grid: Grid
    seed: int
    n_starts: int
    version: str
    command: str
    unused: tuple[str, ...] = ()
    n_computed: int = 0
    n_reused: int = 0

    def records(self) -> list[dict[str, Any]]:
        """List the rows as dictionaries of plain numbers, in full float64 precision.

        Returns:
            One dictionary for each row: the values of all columns, and the status; None where a
            row has none.
        """
        from tms.tables.data import records

        return records(self)

    def to_pandas(self) -> pd.DataFrame:
        """Make a data frame of ``records()``.

        Returns:
            One line for each row, in full float64 precision.
        """
        from tms.tables.data import frame

        return frame(self)

    @property
    def caption(self) -> str:
        """What the table shows, in sentences: model, normalisation, how found, seed, claims."""
        from tms.tables.header import caption

        return caption(self)

    def format(self, kind: TableFormat = "text", layout: Layout | None = None) -> str:
        """Write the table as text.

        Args:
            kind: ``"text"``, ``"markdown"``, ``"latex"`` or ``"html"``, each with no digit that the
                error does not support; ``"csv"`` or ``"json"`` in full precision.
            layout: of LaTeX.

        Returns:
            The table with a header that says how it was made, ending in a newline.

        Raises:
            InputError: another kind, or ``"parquet"``, which is no text: see ``to_bytes``.
        """
        from tms.tables.formats import FORMATS

        if kind not in FORMATS:
            hint = "; to_bytes() gives it" if kind == "parquet" else ""
            raise InputError(f"format={kind!r}: must be one of {', '.join(FORMATS)}{hint}")
        return FORMATS[kind](self, layout or Layout())

    def to_bytes(self, kind: TableFormat = "text", layout: Layout | None = None) -> bytes:
        """Write the table as the content of a file.

        Args:
            kind: as for ``format``, or ``"parquet"``.
            layout: of LaTeX.

        Returns:
            The content.

        Raises:
            InputError: another kind; no package that writes Parquet.
        """
        if kind == "parquet":
            from tms.tables.data import parquet

            return parquet(self)
        return self.format(kind, layout).encode("utf-8")

    def __str__(self) -> str:
        return self.format("text")


def table(
    n_features: int | Iterable[int],
    n_hidden: int | Iterable[int],
    *,
    sparsities: object = None,
    importance: object = None,
    importances: Iterable[object] | None = None,
    features: FeatureLaw | Iterable[FeatureLaw] | None = None,
    activation: Activation | Iterable[Activation] | None = None,
    constraints: Sequence[Constraint] = (),
    constraint_sets: Iterable[Sequence[Constraint]] | None = None,
    correlated: Sequence[str] = (),
    anticorrelated: Sequence[str] = (),
    columns: Iterable[str] | None = None,
    trained: Iterable[str | Path] = (),
    transposed: bool = False,
    seed: int = 0,
    n_starts: int = N_STARTS,
    n_workers: int = 1,
    backend: str | None = None,
    address: str | None = None,
    store: str | Path | None = None,
    progress: Progress | None = None,
) -> Table:
    r"""Search the best weights at each point of a grid, and evaluate them by the oracle.

    .. math:: \min_{W, b} L(W, b; S) \quad \text{for each combination}

    The loss in the table is ``tms.expected_loss`` at the weights found, not the optimiser's own
    number. Each cell has a random seed of its own, made from ``seed`` and from what is asked, so a
    row is the same in every table that holds it.

    Args:
        n_features: ``n``, one or more.
        n_hidden: ``m``, one or more.
        sparsities: one number or more, a row each; nine from 0 to 0.999 when left out.
        importance: one number, one for each feature, or a text such as ``"0.9^i"``, ``i`` from 0.
        importances: several of these, instead.
        features: the law of an active feature, one or more; ``Uniform(0, 1)`` when left out.
        activation: one or more; ``ReLU()`` when left out.
        constraints: on the weights, one set.
        constraint_sets: several sets, instead; an empty one is the free problem.
        correlated: groups of features that are on together, as texts: ``"0,1"``, ``"blocks:2"``.
        anticorrelated: groups of features that are on one at a time, likewise.
        columns: names of ``tms.tables.columns.COLUMNS``, or ``"candidate:pentagon"`` and the like.
        trained: weight files, or folders of them; each goes to the row that has its ``n``, ``m``,
            sparsity and importance, the lowest loss of several.
        transposed: whether ``W`` in these is features x hidden.
        seed: of the random starts.
        n_starts: number of random starts of each row.
        n_workers: number of processes; the result does not depend on it.
        backend: of joblib, such as ``"dask"``; its own processes when left out.
        address: of the scheduler, for the backend ``"dask"``.
        store: a folder in which each cell is kept as soon as it is finished, and found again.
        progress: called with (cells done, cells in all, what is being done).

    Returns:
        The table; a row whose search failed stays, with its status.

    Raises:
        InputError: a number out of its range, before anything is computed; a store of other
            settings.
        Unsupported: a law, activation or dependence that the search does not take; likewise.

    Example:
        >>> found = table(2, 1, sparsities=[1, "1/2"], n_starts=2, columns=["S", "loss"])
        >>> [row.loss.digits(6) for row in found.rows]
        ['0', '0.0762824']

    Source: Elhage et al. 2022, arXiv:2209.10652, section 2, for the model and the linear baseline.
    """
    asked = Plan.of(
        n_features,
        n_hidden,
        sparsities=sparsities,
        importance=importance,
        importances=importances,
        features=features,
        activation=activation,
        constraints=constraints,
        constraint_sets=constraint_sets,
        correlated=correlated,
        anticorrelated=anticorrelated,
        columns=columns,
        trained=trained,
        transposed=transposed,
        seed=seed,
        n_starts=n_starts,
    )
    return tabulated(
        asked,
        n_workers=n_workers,
        backend=backend,
        address=address,
        store=store,
        progress=progress,
    )


def tabulated(
    asked: Plan,
    *,
    n_workers: int = 1,
    backend: str | None = None,
    address: str | None = None,
    store: str | Path | None = None,
    progress: Progress | None = None,
) -> Table:
    """Compute a table that was planned; arguments as for ``table``.

    Args:
        asked: the questions and the columns.
        n_workers: number of processes.
        backend: of joblib.
        address: of the scheduler.
        store: a folder.
        progress: called with (cells done, cells in all, what is being done).

    Returns:
        The table.

    Raises:
        InputError: a store of other settings.
    """
    import tms
    from tms.tables.answers import answer
    from tms.tables.trained import trained_files

    weights = trained_files(asked.files, transposed=asked.transposed)
    rows, counts = answer(
        asked.questions,
        asked.needs,
        seed=asked.seed,
        n_starts=asked.n_starts,
        n_workers=n_workers,
        backend=backend,
        address=address,
        store=store,
        progress=progress,
    )
    rows, unused = weights.beside(rows)
    return Table(
        rows,
        asked.columns,
        asked.varying,
        asked.grid,
        asked.seed,
        asked.n_starts,
        tms.__version__,
        asked.command,
        unused,
        *counts,
    )
