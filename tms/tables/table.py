"""Tables of the best loss found over a grid of problems; the numbers come from the oracle."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from theory.problem import Activation, Constraint, FeatureLaw, InputError, ReLU, Uniform
from tms.names import activation_text, law_text
from tms.tables.columns import DEFAULT, TRAINED, Column, chosen_columns
from tms.tables.grid import FREE, SPARSITIES, Grid, constraint_set_text, plain

if TYPE_CHECKING:
    import pandas as pd

    from tms.tables.row import Row
    from tms.terminal import Progress

__all__ = ["Layout", "Table", "TableFormat", "table"]

TableFormat: TypeAlias = Literal["text", "markdown", "latex", "html", "csv", "json", "parquet"]
N_STARTS = 50


@dataclass(frozen=True)
class Layout:
    """How LaTeX is written.

    Args:
        siunitx: whether columns of numbers are those of the package siunitx.
        label: of the table, for references.
    """

    siunitx: bool = False
    label: str = "tab:tms"


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
        n_reused: how many cells came from the store, which is not part of the content.
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
    sparsities: Iterable[object] | None = None,
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
        sparsities: one number for each row; nine from 0 to 0.999 when left out.
        importance: one number, one for each feature, or a text such as ``"0.9^i"``.
        importances: several of these, instead.
        features: the law of an active feature, one or more; ``Uniform(0, 1)`` when left out.
        activation: one or more; ``ReLU()`` when left out.
        constraints: on the weights, one set.
        constraint_sets: several sets, instead; an empty one is the free problem.
        correlated: groups of features that are on together, as texts: ``"0,1"``, ``"blocks:2"``.
        anticorrelated: groups of features that are on one at a time, likewise.
        columns: names of ``tms.tables.columns.COLUMNS``, or ``"candidate:pentagon"`` and the like.
        trained: weight files, or folders of them; each goes to the row that has its ``n``, ``m``,
            sparsity and importance.
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
        ['0', '0.0774466']

    Source: Elhage et al. 2022, arXiv:2209.10652, section 2, for the model and the linear baseline.
    """
    import tms
    from tms.tables.answers import answer
    from tms.tables.trained import trained_files

    if importances is not None and importance is not None:
        raise InputError("importance, importances: give one of them, not both")
    if constraint_sets is not None and constraints:
        raise InputError("constraints, constraint_sets: give one of them, not both")
    grid = Grid(
        _counts(n_features, "n_features"),
        _counts(n_hidden, "n_hidden"),
        tuple(SPARSITIES if sparsities is None else sparsities),
        (importance,) if importances is None else tuple(importances),
        _values(features, FeatureLaw, Uniform()),
        _values(activation, Activation, ReLU()),
        (tuple(constraints),) if constraint_sets is None else tuple(map(tuple, constraint_sets)),
        tuple(correlated),
        tuple(anticorrelated),
    )
    seed = _whole(seed, "seed", 0)
    n_starts = _whole(n_starts, "n_starts", 1)
    questions = grid.questions()
    named = None if columns is None else list(columns)
    files = [str(path) for path in trained]
    varying = _varying(grid)
    if named is None and files:
        named = [*DEFAULT, "trained"]
    chosen = chosen_columns(named, varying)
    if any(column.needs == TRAINED for column in chosen) and not files:
        raise InputError("columns='trained': needs weights; name their files (--trained FILE)")
    weights = trained_files(files)
    rows, n_reused = answer(
        questions,
        {column.needs for column in chosen},
        seed=seed,
        n_starts=n_starts,
        n_workers=_whole(n_workers, "n_workers", 1),
        backend=backend,
        address=address,
        store=store,
        progress=progress,
    )
    rows, unused = weights.beside(rows)
    command = shlex.join(_command(grid, rows, named, files, seed, n_starts))
    version = tms.__version__
    return Table(
        rows, chosen, varying, grid, seed, n_starts, version, command, unused, n_reused
    )


def _counts(given: int | Iterable[int], name: str) -> tuple[int, ...]:
    listed = (given,) if isinstance(given, int) else tuple(given)
    return tuple(_whole(number, name, 1) for number in listed)


def _whole(number: object, name: str, least: int) -> int:
    if isinstance(number, bool) or not isinstance(number, int) or number < least:
        raise InputError(f"{name}={number!r}: must be a whole number, at least {least}")
    return number


def _values(given: Any, kind: type, usual: Any) -> tuple[Any, ...]:
    if given is None:
        return (usual,)
    return (given,) if isinstance(given, kind) else tuple(given)


def _varying(grid: Grid) -> tuple[str, ...]:
    """The axes with more than one value, by the names of their columns."""
    axes = {
        "n": grid.n_features,
        "m": grid.n_hidden,
        "importance": grid.importances,
        "law": grid.laws,
        "activation": grid.activations,
        "constraints": grid.constraint_sets,
    }
    return tuple(name for name, values in axes.items() if len(values) > 1)


def _command(
    grid: Grid,
    rows: Sequence[Row],
    columns: Sequence[str] | None,
    files: Sequence[str],
    seed: int,
    n_starts: int,
) -> list[str]:
    """The command line that makes the table again."""
    words = ["tms", "table", "--features", _numbers(grid.n_features)]
    words += ["--hidden", _numbers(grid.n_hidden)]
    sparsities = tuple(dict.fromkeys(plain(row.sparsity) for row in rows))
    words += [] if sparsities == SPARSITIES else ["--sparsity", ",".join(sparsities)]
    for text in dict.fromkeys(row.importance for row in rows):
        words += [] if text == "1" and len(grid.importances) == 1 else ["--importance", text]
    if grid.laws != (Uniform(),):
        words += [word for law in grid.laws for word in ("--law", law_text(law))]
    if grid.activations != (ReLU(),):
        words += [w for given in grid.activations for w in ("--activation", activation_text(given))]
    sets = [constraint_set_text(row.constraints) for row in rows]
    if any(text != FREE for text in sets):
        words += [word for text in dict.fromkeys(sets) for word in ("--constraints", text)]
    words += [word for text in grid.correlated for word in ("--correlated", text)]
    words += [word for text in grid.anticorrelated for word in ("--anticorrelated", text)]
    words += [] if columns is None else ["--columns", ",".join(columns)]
    words += [word for file in files for word in ("--trained", file)]
    words += ["--seed", str(seed)]
    return words + ([] if n_starts == N_STARTS else ["--starts", str(n_starts)])


def _numbers(values: Sequence[int]) -> str:
    """``2:8`` for a run, else ``2,4,8``."""
    if len(values) > 2 and list(values) == list(range(values[0], values[-1] + 1)):
        return f"{values[0]}:{values[-1]}"
    return ",".join(map(str, values))
