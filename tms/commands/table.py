"""The command ``tms table``: the best loss found over a grid of problems, ready for a paper."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from theory.problem import InputError
from tms.commands.options import Anticorrelated, Correlated, Transpose
from tms.inputs.constraints import CONSTRAINT_NAMES, constraints_from_texts
from tms.inputs.names import ACTIVATION_NAMES, LAW_NAMES, activation_from_text, law_from_text
from tms.tables.grid import FREE
from tms.tables.plan import N_STARTS, Plan
from tms.tables.table import Layout, TableFormat

__all__ = ["counts_from_text", "ending_early", "format_of", "plan_of", "register"]

_MOST_COUNTS = 1000

Features = Annotated[str, typer.Option(help="Numbers of features n: 5, or 2,4, or 2:8.")]
Hidden = Annotated[str, typer.Option(help="Numbers of hidden dimensions m, likewise.")]
Sparsities = Annotated[
    list[str] | None, typer.Option(help="Rows, repeatable or 0,0.5,0.9; nine when left out.")
]
Importances = Annotated[
    list[str] | None,
    typer.Option(help="One number, one for each feature (1,0.9,0.81), or 0.9^i; repeatable."),
]
Laws = Annotated[
    list[str] | None, typer.Option(help=f"Of an active feature, repeatable: {LAW_NAMES}.")
]
Activations = Annotated[list[str] | None, typer.Option(help=f"Repeatable: {ACTIVATION_NAMES}.")]
ConstraintSets = Annotated[
    list[str] | None,
    typer.Option(
        help=f"One set each, repeatable: {FREE}, or names joined by +, such as "
        f"unit-norm+no-bias. Names: {CONSTRAINT_NAMES}."
    ),
]
TrainedFiles = Annotated[
    list[Path] | None,
    typer.Option(help="Trained weights, a file or a folder of them; repeatable."),
]
Seed = Annotated[int, typer.Option(help="Of the random starts.")]
Starts = Annotated[int, typer.Option(help="Random starts for each row.")]
Workers = Annotated[int, typer.Option(help="Processes; the result does not depend on it.")]
Backend = Annotated[str | None, typer.Option(help="Of joblib, such as dask for a cluster.")]
Address = Annotated[str | None, typer.Option(help="Of the scheduler, for the backend dask.")]
StoreFolder = Annotated[
    Path | None,
    typer.Option(help="Folder that keeps each finished cell; the same command goes on from it."),
]


def register(app: typer.Typer) -> None:
    """Add the command to the others."""
    app.command()(table)


def counts_from_text(text: str, name: str) -> tuple[int, ...]:
    """Read numbers of features or dimensions.

    Args:
        text: ``"5"``, ``"2,4,8"`` or ``"2:8"``, ends included.
        name: what they are called in messages.

    Returns:
        The numbers.

    Raises:
        InputError: something else.

    Example:
        >>> counts_from_text("2:4,8", "features")
        (2, 3, 4, 8)
    """
    found: list[int] = []
    for part in text.split(","):
        first, colon, last = (word.strip() for word in part.partition(":"))
        ends = (first, last) if colon else (first, first)
        if not all(end.isascii() and end.isdigit() and len(end) < 9 for end in ends):
            raise InputError(f"{name}={text[:40]!r}: must be 5, or 2,4, or 2:8 (both ends)")
        low, high = map(int, ends)
        if not 0 <= high - low < _MOST_COUNTS:
            raise InputError(f"{name}={text[:40]!r}: a range must rise, to {_MOST_COUNTS} at most")
        found += range(low, high + 1)
    return tuple(found)


def plan_of(**given: Any) -> Plan:
    """Check options as they were typed.

    Args:
        **given: options of ``tms table`` by name; others are left out.

    Returns:
        The plan.

    Raises:
        InputError: a text that says nothing.
    """
    columns = [name.strip() for text in given["columns"] or [] for name in text.split(",")]
    return Plan.of(
        counts_from_text(given["features"], "features"),
        counts_from_text(given["hidden"], "hidden"),
        sparsities=_split(given["sparsity"]),
        importances=given["importance"] or None,
        features=[law_from_text(text) for text in given["law"] or ["uniform"]],
        activation=[activation_from_text(text) for text in given["activation"] or ["relu"]],
        constraint_sets=list(map(_constraint_set, given["constraints"] or [FREE])),
        correlated=given["correlated"] or [],
        anticorrelated=given["anticorrelated"] or [],
        columns=columns or None,
        trained=given["trained"] or [],
        transposed=given.get("transpose", False),
        seed=given["seed"],
        n_starts=given["starts"],
    )


def _split(texts: list[str] | None) -> list[str] | None:
    return [part for text in texts for part in text.split(",")] if texts else None


def _constraint_set(text: str) -> Any:
    if text.strip().lower() == FREE:
        return ()
    return constraints_from_texts([part.strip() for part in text.split("+")])


def table(
    features: Features,
    hidden: Hidden,
    sparsity: Sparsities = None,
    importance: Importances = None,
    law: Laws = None,
    activation: Activations = None,
    constraints: ConstraintSets = None,
    correlated: Correlated = None,
    anticorrelated: Anticorrelated = None,
    columns: Annotated[
        list[str] | None,
        typer.Option(help="Names, repeatable or S,loss,lower-bound; --list-columns tells them."),
    ] = None,
    trained: TrainedFiles = None,
    transpose: Transpose = False,
    format: Annotated[
        TableFormat | None,
        typer.Option(help="Of the output; by the suffix of the file when left out, else text."),
    ] = None,
    siunitx: Annotated[
        bool, typer.Option("--siunitx", help="LaTeX: align numbers by siunitx.")
    ] = False,
    narrow: Annotated[
        bool, typer.Option("--narrow", help="LaTeX: for a column of a paper in two columns.")
    ] = False,
    label: Annotated[str, typer.Option(help="LaTeX: of the table.")] = "tab:tms",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write; stdout when left out.")
    ] = None,
    seed: Seed = 0,
    starts: Starts = N_STARTS,
    workers: Workers = 1,
    backend: Backend = None,
    address: Address = None,
    store: StoreFolder = None,
    missing: Annotated[
        bool, typer.Option("--missing", help="Compute nothing: say which cells STORE lacks.")
    ] = False,
    list_columns: Annotated[
        bool, typer.Option("--list-columns", is_eager=True, callback=lambda on: _list(on))
    ] = False,
) -> None:
    """Search the best weights over a grid and tabulate the loss, each number with its error.

    Rows are all combinations of the values given. With --store a long sweep can be stopped and
    goes on from there. Exit code 1 where a row failed or is missing.

    """
    from tms.printing.terminal import destination, progress_bar
    from tms.tables.latex import check_layout
    from tms.tables.table import tabulated

    kind = format_of(format, output)
    plan = plan_of(**locals())
    layout = Layout(siunitx=siunitx, label=_checked_label(label), narrow=narrow)
    if kind == "latex":
        check_layout(layout, len(plan.questions))
    if missing:
        _tell_missing(plan, store)
        return
    with destination(output) as write:
        with progress_bar() as progress, ending_early():
            found = tabulated(
                plan,
                n_workers=workers,
                backend=backend,
                address=address,
                store=store,
                progress=progress,
            )
        write(found.to_bytes(kind) if kind == "parquet" else found.format(kind, layout))
    if store is not None:
        typer.echo(f"{_cells(found.n_computed)} computed, {found.n_reused} from {store}", err=True)
    _fail(any(row.loss is None for row in found.rows))


def _fail(failed: bool) -> None:
    if failed:
        raise typer.Exit(1)


@contextmanager
def ending_early() -> Iterator[None]:
    """Turn the end of a sweep before its time into a line on stderr and an exit code.

    Yields:
        Nothing.

    Raises:
        Exit: Ctrl-C (130), or a sweep that could not go on (1).
    """
    from numerics.sweep import SweepInterrupted, SweepStopped

    try:
        yield
    except SweepInterrupted as end:
        typer.echo(str(end), err=True)
        raise typer.Exit(130) from None
    except SweepStopped as end:
        typer.echo(f"Error: {end}", err=True)
        raise typer.Exit(1) from None


def _tell_missing(plan: Plan, store: Path | None) -> None:
    if store is None:
        raise InputError("missing: needs a folder to look into; give it (--store FOLDER)")
    lacking = plan.missing(store)
    for words in lacking:
        typer.echo(words)
    typer.echo(f"{_cells(len(lacking))} missing", err=True)
    _fail(bool(lacking))


_SUFFIXES: dict[str, TableFormat] = {
    ".txt": "text",
    ".md": "markdown",
    ".tex": "latex",
    ".html": "html",
    ".csv": "csv",
    ".json": "json",
    ".parquet": "parquet",
}


def format_of(format: TableFormat | None, output: Path | None) -> TableFormat:
    """Choose the format of a table: as asked for, else by the suffix of the file.

    Args:
        format: as asked for.
        output: the file, or None for stdout.

    Returns:
        The format.

    Raises:
        InputError: a suffix of another format or of none, Parquet without a file.

    Example:
        >>> format_of(None, Path("table.tex")), format_of(None, None)
        ('latex', 'text')
    """
    if output is None:
        if format == "parquet":
            raise InputError("format='parquet': is no text; give a file (--output FILE)")
        return format or "text"
    suffix = _SUFFIXES.get(output.suffix.lower())
    if format is None and suffix is None:
        raise InputError(
            f"output={str(output)!r}: must end in one of {', '.join(_SUFFIXES)}, "
            "or say the format (--format)"
        )
    if format is not None and suffix not in (None, format):
        raise InputError(f"output={str(output)!r}, format={format!r}: the suffix says {suffix!r}")
    return format or suffix or "text"


def _cells(count: int) -> str:
    return "1 cell" if count == 1 else f"{count} cells"


def _checked_label(label: str) -> str:
    if not all(letter.isalnum() or letter in ":-." for letter in label):
        raise InputError(f"label={label[:40]!r}: must be letters, digits, colons, dots and dashes")
    return label


def _said(note: str) -> str:
    """A note without the name that it begins with and the full stop."""
    return note.partition(": ")[2].removesuffix(".") or note.removesuffix(".")


def _list(wanted: bool) -> None:
    if not wanted:
        return
    from tms.tables.about import ABOUT
    from tms.tables.columns import COLUMNS

    width = max(map(len, COLUMNS))
    for column in COLUMNS.values():
        typer.echo(f"{column.name:{width}}  {ABOUT.get(column.name) or _said(column.note)}")
    typer.echo(f"{'candidate:NAME':{width}}  loss of a named arrangement: candidate:pentagon")
    raise typer.Exit
