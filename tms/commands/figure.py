"""The command ``tms figure``: one figure for a paper a call, with its caption."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from theory.problem import InputError, Problem
from tms.commands.options import (
    Activation,
    Anticorrelated,
    Correlated,
    Density,
    Importance,
    Law,
    Sparsity,
    Transpose,
    importance_of,
    numbers_of,
)
from tms.commands.table import (
    Address,
    Backend,
    Seed,
    Sparsities,
    Starts,
    StoreFolder,
    TrainedFiles,
    Workers,
    ending_early,
    plan_of,
)
from tms.inputs.names import activation_from_text, law_from_text
from tms.tables.plan import N_STARTS

if TYPE_CHECKING:
    from tms.figures.drawing import Drawing
    from tms.tables.plan import Plan
    from tms.tables.table import Table

__all__ = ["register"]

Features = Annotated[int, typer.Option(help="Number of features n.")]
Hidden = Annotated[int, typer.Option(help="Number of hidden dimensions m.")]
ConstraintSet = Annotated[
    str | None, typer.Option(help="Names joined by +, such as unit-norm+no-bias.")
]
Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", help="File: .pdf, .svg or .png; KIND.pdf when left out."),
]
Caption = Annotated[
    bool, typer.Option("--caption", help="Write the caption beside the figure too: .txt.")
]
Atlas = Annotated[bool, typer.Option("--atlas", help="Take the weights of the atlas.")]


def register(app: typer.Typer) -> None:
    """Add the command to the others."""
    figure = typer.Typer(
        no_args_is_help=True,
        rich_markup_mode=None,
        help="Figures for papers; the caption goes to stdout. Exit code 1 where a search failed.",
    )
    for command in (loss, phase, arrangement, dimensionality, bounds):
        figure.command()(command)
    app.add_typer(figure, name="figure")


@dataclass(frozen=True)
class _Place:
    """Where a figure goes, checked before anything is computed."""

    path: Path
    with_caption: bool

    @classmethod
    def of(cls, output: Path | None, kind: str, with_caption: bool) -> _Place:
        from tms.figures.drawing import check_caption_path, check_path

        path = Path(f"{kind}.pdf") if output is None else output
        check_path(path)
        if with_caption:
            check_caption_path(path)
        return cls(path, with_caption)

    def take(self, drawing: Drawing) -> None:
        """Write the figure and tell its caption."""
        drawing.save(self.path, caption=self.with_caption)
        typer.echo(drawing.caption)
        if drawing.counts.get("failed"):
            raise typer.Exit(1)


def loss(
    features: Features,
    hidden: Hidden,
    sparsity: Sparsities = None,
    importance: Importance = None,
    law: Law = "uniform",
    activation: Activation = "relu",
    constraints: ConstraintSet = None,
    correlated: Correlated = None,
    anticorrelated: Anticorrelated = None,
    trained: TrainedFiles = None,
    transpose: Transpose = False,
    candidate: Annotated[
        list[str] | None,
        typer.Option(help="Named arrangement to draw, repeatable; the best when left out."),
    ] = None,
    candidates: Annotated[bool, typer.Option(help="Draw named arrangements.")] = True,
    bound: Annotated[bool, typer.Option(help="Draw the proven lower bound.")] = True,
    relative: Annotated[
        bool, typer.Option("--relative", help="In units of ignoring everything.")
    ] = False,
    axis: Annotated[
        Literal["auto", "inverse", "sparsity"], typer.Option(help="1/(1 - S), or S.")
    ] = "auto",
    output: Output = None,
    caption: Caption = False,
    seed: Seed = 0,
    starts: Starts = N_STARTS,
    workers: Workers = 1,
    backend: Backend = None,
    address: Address = None,
    store: StoreFolder = None,
) -> None:
    """Loss against sparsity: best found, candidates, lower bound, baselines, trained weights."""
    from tms import figures

    place = _Place.of(output, "loss", caption)
    wanted = {
        "lower-bound": bound,
        "candidate": candidates or bool(candidate),
        "trained": bool(trained),
    }
    plan = _plan(locals(), ["S", "loss", *(name for name, is_on in wanted.items() if is_on)])
    _check_candidates(plan, candidate or [])
    found = _tabulated(plan, workers, backend, address, store)
    place.take(figures.loss(found, relative=relative, axis=axis, candidates=candidate or None))


def _plan(given: dict[str, Any], columns: Sequence[str]) -> Plan:
    """The options of a figure as those of a table of one model."""
    several = {
        name: [given[name]] if given.get(name) else None
        for name in ("importance", "law", "activation", "constraints")
    }
    defaults = {"correlated": None, "anticorrelated": None, "trained": None}
    counts = {name: str(given[name]) for name in ("features", "hidden")}
    return plan_of(**{**defaults, **given, **several, **counts, "columns": list(columns)})


def _check_candidates(plan: Plan, names: Sequence[str]) -> None:
    from tms.tables.cells import candidate_names

    known = candidate_names(plan.questions[0].problem)
    for name in names:
        if name not in known:
            raise InputError(f"candidate={name[:40]!r}: must be one of {', '.join(known) or '-'}")


def _tabulated(
    plan: Plan, workers: int, backend: str | None, address: str | None, store: Path | None
) -> Table:
    from tms.printing.terminal import progress_bar
    from tms.tables.table import tabulated

    with progress_bar() as progress, ending_early():
        return tabulated(
            plan,
            n_workers=workers,
            backend=backend,
            address=address,
            store=store,
            progress=progress,
        )


def phase(
    features: Features = 2,
    hidden: Hidden = 1,
    cells: Annotated[
        str, typer.Option(help="Along each axis; or along density and importance: 24,24.")
    ] = "24",
    density: Annotated[str, typer.Option(help="Least and largest density p.")] = "0.01,1",
    importance: Annotated[
        str, typer.Option(help="Least and largest relative importance of the last feature.")
    ] = "0.1,10",
    show: Annotated[
        Literal["kind", "norm"],
        typer.Option(help="What is done with the last feature, or the norm of its column."),
    ] = "kind",
    output: Output = None,
    caption: Caption = False,
    seed: Seed = 0,
    starts: Annotated[int, typer.Option(help="Random starts at each cell.")] = 10,
    workers: Workers = 1,
    backend: Backend = None,
    address: Address = None,
    store: StoreFolder = None,
) -> None:
    """Phase diagram in density and relative importance: n = 2, m = 1 or n = 3, m = 2."""
    from tms import figures
    from tms.printing.terminal import progress_bar

    place = _Place.of(output, "phase", caption)
    sizes = tuple(_whole(part, "cells") for part in cells.split(","))
    with progress_bar() as progress, ending_early():
        diagram = figures.phase_diagram(
            features,
            hidden,
            n_cells=sizes[0] if len(sizes) == 1 else sizes,  # type: ignore[arg-type]
            density=tuple(density.split(",")),  # type: ignore[arg-type]
            importance=tuple(importance.split(",")),  # type: ignore[arg-type]
            n_starts=starts,
            seed=seed,
            n_workers=workers,
            backend=backend,
            address=address,
            store=store,
            progress=progress,
        )
    place.take(figures.phase(diagram, show=show))


def _whole(text: str, name: str) -> int:
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) < 9):
        raise InputError(f"{name}={text[:40]!r}: must be a whole number, or two such as 24,24")
    return int(digits)


def arrangement(
    file: Annotated[
        Path | None, typer.Argument(help="Weights; else --features and --hidden say what to search")
    ] = None,
    features: Annotated[int | None, typer.Option(help="Number of features n.")] = None,
    hidden: Annotated[int | None, typer.Option(help="Number of hidden dimensions m.")] = None,
    sparsity: Sparsity = None,
    density: Density = None,
    importance: Importance = None,
    atlas: Atlas = False,
    labels: Annotated[str | None, typer.Option(help="Of the features: a,b,c.")] = None,
    transpose: Transpose = False,
    output: Output = None,
    caption: Caption = False,
    seed: Seed = 0,
    starts: Starts = N_STARTS,
    workers: Workers = 1,
) -> None:
    """The vectors of an arrangement beside its Gram matrix: of FILE, of the atlas, or searched."""
    from tms import figures
    from tms.figures.sources import command_words, of_file, searched

    place = _Place.of(output, "arrangement", caption)
    names = None if labels is None else labels.split(",")
    if file is not None:
        if features is not None or hidden is not None or atlas:
            raise InputError(f"file={str(file)!r}: leave --features, --hidden and --atlas out")
        shown: Any = of_file(file, sparsity, density, importance, transpose=transpose)
        words = command_words(file=file, transpose=transpose)
    else:
        if features is None or hidden is None:
            raise InputError("file=None: give weights, or --features and --hidden")
        problem = Problem(
            features,
            hidden,
            sparsity=numbers_of(sparsity),
            density=numbers_of(density),
            importance=importance_of(importance, features),
        )
        figures.check_labels(names, features)
        shown = searched(problem, atlas=atlas, n_starts=starts, seed=seed, n_workers=workers)
        words = command_words(features=features, hidden=hidden, atlas=atlas)
        words += [] if atlas else ["--seed", str(seed), "--starts", str(starts)]
    given = {"sparsity": sparsity, "density": density, "importance": importance, "labels": labels}
    place.take(figures.arrangement(shown, labels=names, command=_joined(words, given)))


def _joined(words: Sequence[str], options: dict[str, str | None]) -> str:
    import shlex

    more = [word for name, text in options.items() if text for word in (f"--{name}", text)]
    return shlex.join([*words, *more])


def dimensionality(
    features: Features,
    hidden: Hidden,
    sparsity: Sparsities = None,
    importance: Importance = None,
    law: Law = "uniform",
    activation: Activation = "relu",
    constraints: ConstraintSet = None,
    correlated: Correlated = None,
    anticorrelated: Anticorrelated = None,
    atlas: Atlas = False,
    output: Output = None,
    caption: Caption = False,
    seed: Seed = 0,
    starts: Starts = N_STARTS,
    workers: Workers = 1,
    backend: Backend = None,
    address: Address = None,
    store: StoreFolder = None,
) -> None:
    """Dimensionality of each feature against 1/(1 - S), with the plateaus of known geometries."""
    from tms import figures

    place = _Place.of(output, "dimensionality", caption)
    plan = _plan(locals(), ["S", "loss"])
    if atlas:
        from tms.figures.sources import atlas_rows

        place.take(figures.dimensionality(atlas_rows(plan, is_default=not sparsity)))
        return
    place.take(figures.dimensionality(_tabulated(plan, workers, backend, address, store)))


def bounds(
    features: Features,
    hidden: Annotated[list[int], typer.Option(help="Hidden dimensions m; repeatable.")],
    density: Annotated[
        list[str] | None, typer.Option(help="p, repeatable or 1e-6,0.01,1; nine if left out.")
    ] = None,
    law: Law = "normal",
    activation: Activation = "power:3",
    output: Output = None,
    caption: Caption = False,
    seed: Seed = 0,
    starts: Annotated[int | None, typer.Option(help="Random starts for each density.")] = None,
) -> None:
    """Bounds on the best gain of the power model against density."""
    from tms import figures
    from tms.bounds_table import bounds as tabulated
    from tms.printing.terminal import progress_bar

    place = _Place.of(output, "bounds", caption)
    with progress_bar() as progress:
        found = tabulated(
            features,
            hidden,
            densities=[part for given in density or [] for part in given.split(",")] or None,
            features=law_from_text(law),
            activation=activation_from_text(activation),
            seed=seed,
            n_starts=starts,
            progress=progress,
        )
    place.take(figures.bounds(found))
