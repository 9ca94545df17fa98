"""The command ``tms bounds``: the best gain against density between its bounds, and its picture."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tms.commands.options import Activation, Law
from tms.inputs.names import activation_from_text, law_from_text
from tms.printing.terminal import Format

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the others."""
    app.command()(bounds)


def bounds(
    features: Annotated[int, typer.Option(help="Number of features n.")],
    hidden: Annotated[list[int], typer.Option(help="Hidden dimensions m; repeatable.")],
    density: Annotated[
        list[str] | None, typer.Option(help="Rows p, repeatable or 1e-6,0.01,1; nine if left out.")
    ] = None,
    law: Law = "normal",
    activation: Activation = "power:3",
    format: Annotated[Format, typer.Option(help="Of the output.")] = "text",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write; stdout when left out.")
    ] = None,
    figure: Annotated[
        Path | None, typer.Option(help="Log-log picture besides: .pdf, .svg or .png.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the random starts.")] = 0,
    starts: Annotated[int | None, typer.Option(help="Random starts for each row.")] = None,
) -> None:
    """Bound the best gain of a power activation at each density, and search in between."""
    from tms.bounds_table import bounds as tabulated
    from tms.printing.terminal import destination, progress_bar

    if figure is not None:
        from tms.figures.drawing import check_path

        check_path(figure)
    chosen = [part for given in density or [] for part in given.split(",")]
    with destination(output) as write:
        with progress_bar() as progress:
            found = tabulated(
                features,
                hidden,
                densities=chosen or None,
                features=law_from_text(law),
                activation=activation_from_text(activation),
                seed=seed,
                n_starts=starts,
                progress=progress,
            )
        write(found.format(format))
    if figure is not None:
        from tms import figures

        figures.bounds(found).save(figure)
    if not all(row.is_consistent for row in found.rows):
        raise typer.Exit(1)
