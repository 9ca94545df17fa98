"""The command ``tms atlas``: look up, compare, verify and improve the best known arrangements."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from theory.problem import InputError
from tms.commands.options import Transpose

if TYPE_CHECKING:
    from tms.atlas.rows import Atlas, AtlasRow

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the others."""
    app.command()(atlas)


def atlas(
    features: Annotated[int | None, typer.Option(help="Number of features n.")] = None,
    hidden: Annotated[int | None, typer.Option(help="Number of hidden dimensions m.")] = None,
    sparsity: Annotated[str | None, typer.Option(help="S, one number.")] = None,
    compare: Annotated[
        Path | None, typer.Option(help="Weights to put beside the row: .npz, .npy, .csv, ...")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Atlas with the row replaced, if they are better."),
    ] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Compute the rows once more; exit code 1 if one fails.")
    ] = False,
    file: Annotated[Path | None, typer.Option(help="Another atlas than the shipped one.")] = None,
    transpose: Transpose = False,
    format: Annotated[Literal["text", "json"], typer.Option(help="Of the output.")] = "text",
) -> None:
    """Best known arrangements for equal importance, ReLU and features on [0, 1].

    Without options a summary; with --features, --hidden or --sparsity the rows for them, and one
    row with its coordinates.
    """
    from tms.atlas import load

    rows = load(file)
    if compare is not None:
        _compare(rows, compare, sparsity, output, transpose=transpose)
        return
    _check_unused(output)
    chosen = _chosen(rows, features, hidden, sparsity)
    if verify:
        _verify(rows, chosen)
    else:
        _show(rows, chosen, format, is_slice=(features, hidden, sparsity) != (None, None, None))


def _check_unused(output: Path | None) -> None:
    if output is not None:
        raise InputError(f"output={str(output)!r}: only --compare writes an atlas")


def _chosen(
    rows: Atlas, features: int | None, hidden: int | None, sparsity: str | None
) -> list[AtlasRow]:
    """The rows that the options ask for; refuses where there are none."""
    from tms.atlas import lookup, sparsity_of

    if features is not None and hidden is not None and sparsity is not None:
        return [lookup(n_features=features, n_hidden=hidden, sparsity=sparsity, atlas=rows)]
    at = None if sparsity is None else sparsity_of(sparsity)
    wanted = (features, hidden, at)
    found = [
        row
        for row in rows.values()
        if all(want in (None, have) for want, have in zip(wanted, row.key, strict=True))
    ]
    if not found:
        raise InputError(
            f"features={features}, hidden={hidden}, sparsity={sparsity}: no such rows; "
            "tms atlas without options says what there is"
        )
    return found


def _show(rows: Atlas, chosen: list[AtlasRow], format: str, *, is_slice: bool) -> None:
    from tms.printing.atlas import list_text, row_record, row_text, summary_text

    if format == "json":
        typer.echo(json.dumps([row_record(row) for row in chosen], indent=2))
    elif not is_slice:
        typer.echo(summary_text(rows))
    else:
        typer.echo(row_text(chosen[0]) if len(chosen) == 1 else list_text(chosen))


def _verify(rows: Atlas, chosen: list[AtlasRow]) -> None:
    """Print what is wrong, and how many rows hold."""
    from tms.atlas import verify_all
    from tms.atlas.rows import sparsity_text
    from tms.printing.terminal import progress_bar

    begin = time.perf_counter()
    with progress_bar() as progress:
        tell = None if progress is None else (lambda k: progress(k, len(chosen), f"row {k}"))
        faults = verify_all(rows, [row.key for row in chosen], tell)
    for (n, m, sparsity), wrong in faults.items():
        for text in wrong:
            typer.echo(f"n = {n}, m = {m}, S = {sparsity_text(sparsity)}: {text}")
    seconds = time.perf_counter() - begin
    typer.echo(f"{len(chosen) - len(faults)} of {len(chosen)} rows hold ({seconds:.1f} s)")
    if faults:
        raise typer.Exit(1)


def _compare(
    rows: Atlas, path: Path, sparsity: str | None, output: Path | None, *, transpose: bool
) -> None:
    """Put weights beside their row; with an output, replace it where they are better."""
    from tms.atlas import compare, improved, lookup, write_atlas
    from tms.inputs.files import read_weights

    weights = read_weights(path, transposed=transpose)
    if weights.W_decoder is not None:
        raise InputError(f"file={str(path)!r}: untied weights; the atlas holds tied ones")
    problem = weights.problem(sparsity=sparsity)
    if len({*problem.densities}) > 1 or set(problem.importances) != {1}:
        raise InputError(f"file={str(path)!r}: the atlas has one sparsity and importance 1")
    at = 1 - problem.densities[0]
    n, m = problem.n_features, problem.n_hidden
    row = lookup(n_features=n, n_hidden=m, sparsity=_nearest(at), atlas=rows)
    seen = compare(row, weights.W, weights.b)
    same = ", the same arrangement" if seen.is_same else ""
    typer.echo(
        f"{path.name}: {seen.loss}\n"
        f"atlas: {row.loss!r}, {row.arrangement}, {row.status}\n"
        f"{seen.verdict} ({seen.difference:+.3e}){same}"
    )
    if output is not None:
        changed, decision = improved(rows, _nearest(at), weights.W, weights.b, path.name)
        typer.echo(decision)
        if changed is not rows:
            write_atlas(changed, output)
            typer.echo(f"written to {output}; the shipped atlas is as it was")


def _nearest(number: object) -> object:
    """A float as the decimal that it stands for."""
    return float(number)  # type: ignore[arg-type]
