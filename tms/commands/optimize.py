"""The command ``tms optimize``: the best arrangement found, and how far it may be from the best."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from theory.problem import InputError, Problem
from tms.commands.options import (
    Activation,
    Active,
    Anticorrelated,
    Correlated,
    Density,
    Family,
    Importance,
    Law,
    Sparsity,
    importance_of,
    numbers_of,
)
from tms.inputs.constraints import CONSTRAINT_NAMES, constraints_from_texts

if TYPE_CHECKING:
    from tms.optima.optimum import Optimum

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the others."""
    app.command()(optimize)


def optimize(
    features: Annotated[int, typer.Option(help="Number of features n.")],
    hidden: Annotated[int, typer.Option(help="Number of hidden dimensions m.")],
    sparsity: Sparsity = None,
    density: Density = None,
    importance: Importance = None,
    law: Law = "uniform",
    activation: Activation = "relu",
    correlated: Correlated = None,
    anticorrelated: Anticorrelated = None,
    active: Active = None,
    constraint: Annotated[
        list[str] | None, typer.Option(help=f"Repeatable: {CONSTRAINT_NAMES}.")
    ] = None,
    starts: Annotated[int, typer.Option(help="Random starts.")] = 50,
    seed: Annotated[int, typer.Option(help="Of the random starts.")] = 0,
    workers: Annotated[int, typer.Option(help="Processes; the result does not depend on it.")] = 1,
    time_limit: Annotated[
        float | None, typer.Option(help="Seconds after which the search ends.")
    ] = None,
    format: Annotated[Literal["text", "json"], typer.Option(help="Of the output.")] = "text",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File for the weights: .npz.")
    ] = None,
) -> None:
    """Search the weights of least expected loss; exit code 1 where no answer was reached.

    Arrangement, loss with its error, how many of the starts found it, other local minima, how each
    feature is represented, residuals, and a lower bound on the least loss.
    """
    from tms.optima.optimum import optimize as searched
    from tms.printing.terminal import counting

    family = Family(law, activation, correlated, anticorrelated, active)
    problem = Problem(
        features,
        hidden,
        sparsity=numbers_of(sparsity),
        density=numbers_of(density),
        importance=importance_of(importance, features),
        **family.arguments(features),
    )
    if output is not None:
        check_output(output)
    with counting(starts) as count:
        found = searched(
            problem,
            constraints_from_texts(constraint or []),
            n_starts=starts,
            seed=seed,
            n_workers=workers,
            time_limit=time_limit,
            callback=count,
        )
    if output is not None:
        save(found, output)
    typer.echo(json.dumps(found.record(), indent=2) if format == "json" else str(found))
    _leave(found)


def _leave(found: Optimum) -> None:
    if not found.is_answer:
        raise typer.Exit(1)


def check_output(path: Path) -> None:
    """Refuse a place that weights cannot be written to, before anything is computed.

    Args:
        path: the file.

    Raises:
        InputError: another suffix than .npz, a folder that does not exist, or no file.
    """
    if path.suffix.lower() != ".npz":
        raise InputError(f"output={str(path)!r}: suffix must be .npz")
    if not path.resolve().parent.is_dir():
        raise InputError(f"output={str(path)!r}: its folder does not exist")
    if path.exists() and not path.is_file():
        raise InputError(f"output={str(path)!r}: is not a file")


def save(found: Optimum, path: Path) -> None:
    """Write ``W``, ``b``, density and importance, as ``tms loss`` reads them.

    Args:
        found: what was found.
        path: the file; replaced only when the whole of it is written.

    Raises:
        InputError: it cannot be written.
    """
    import numpy as np

    problem = found.problem
    arrays = {"W": found.W, "b": found.b}
    arrays["importance"] = np.array([float(weight) for weight in problem.importances])
    if problem.n_active is None:
        arrays["density"] = np.array([float(p) for p in problem.densities])
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as stream:
            np.savez(stream, **arrays)  # type: ignore[arg-type]
        part.replace(path)
    except OSError as error:
        raise InputError(f"output={str(path)!r}: cannot be written ({error.strerror})") from None
    finally:
        part.unlink(missing_ok=True)
