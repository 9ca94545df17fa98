"""The command ``tms``: one function for each verb."""

from __future__ import annotations

import json
import re
import sys
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from theory.problem import InputError, Problem, exact_number
from tms.estimate import Asked
from tms.tables import Format

if TYPE_CHECKING:
    from tms.estimate import Estimate
    from tms.files import WeightFile

__all__ = ["app", "main"]

app = typer.Typer(
    name="tms",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

_POWERS = re.compile(r"([^^]+)\^i")

File = Annotated[Path, typer.Argument(help="Weights: .npz, .npy, .csv or .safetensors.")]
Sparsity = Annotated[
    str | None,
    typer.Option(help="S, the chance that a feature is zero; one number, or one each: 0.9,0.8"),
]
Density = Annotated[str | None, typer.Option(help="p = 1 - S, instead of the sparsity.")]
Importance = Annotated[
    str | None, typer.Option(help="One number, one for each feature (1,0.9,0.81), or 0.9^i.")
]
Tolerance = Annotated[float | None, typer.Option(help="Absolute error asked of the series.")]
Digits = Annotated[int | None, typer.Option(help="Significant digits asked of ball arithmetic.")]
Samples = Annotated[int | None, typer.Option(help="Number of samples, for sampling.")]
Transpose = Annotated[bool, typer.Option("--transpose", help="W in the file is features x hidden.")]


def main() -> None:
    """Run the command line; bad input ends in one line on stderr and exit code 2."""
    try:
        app()
    except InputError as error:
        sys.stderr.write(f"Error: {error}\n")
        sys.exit(2)
    except MemoryError as error:
        sys.stderr.write(f"Error: not enough memory: {error}\n")
        sys.exit(1)


def _show_version(wanted: bool) -> None:
    if wanted:
        import tms

        typer.echo(f"tms-theory {tms.__version__}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Expected loss of toy models of superposition, each number with its error."""


@app.command()
def loss(
    file: File,
    sparsity: Sparsity = None,
    density: Density = None,
    importance: Importance = None,
    method: Annotated[Asked, typer.Option(help="How to evaluate.")] = "auto",
    digits: Digits = None,
    tolerance: Tolerance = None,
    samples: Samples = None,
    seed: Annotated[int | None, typer.Option(help="Of the samples.")] = None,
    transpose: Transpose = False,
    format: Annotated[Literal["text", "json"], typer.Option(help="Of the output.")] = "text",
) -> None:
    """Expected loss of the weights in FILE. Options override what the file says."""
    from numerics.geometry import describe
    from tms.oracle import expected_loss

    weights, problem = _read(file, sparsity, density, importance, transpose)
    estimate = expected_loss(
        problem,
        weights.W,
        weights.b,
        method=method,
        digits=digits,
        tolerance=tolerance,
        n_samples=samples,
        seed=seed,
    )
    arrangement = describe(weights.W.astype(float))
    if format == "json":
        typer.echo(json.dumps(_as_json(file, problem, estimate, arrangement), indent=2))
        return
    typer.echo(_title(file, problem))
    typer.echo(f"arrangement    {arrangement}")
    typer.echo(f"expected loss  {estimate}")


@app.command()
def check(
    file: File,
    sparsity: Sparsity = None,
    density: Density = None,
    importance: Importance = None,
    digits: Annotated[int, typer.Option(help="Of ball arithmetic.")] = 30,
    tolerance: Tolerance = None,
    samples: Annotated[int, typer.Option(help="Number of samples.")] = 1_000_000,
    seed: Annotated[int, typer.Option(help="Of the samples.")] = 0,
    transpose: Transpose = False,
) -> None:
    """Evaluate FILE by every route and compare; exit code 1 unless independent routes agree."""
    from tms.crosscheck import cross_check

    weights, problem = _read(file, sparsity, density, importance, transpose)
    result = cross_check(
        problem,
        weights.W,
        weights.b,
        digits=digits,
        tolerance=tolerance,
        n_samples=samples,
        seed=seed,
    )
    typer.echo(_title(file, problem))
    typer.echo(f"\n{result}")
    if not result.agrees:
        raise typer.Exit(1)


@app.command()
def table(
    features: Annotated[int, typer.Option(help="Number of features n.")],
    hidden: Annotated[int, typer.Option(help="Number of hidden dimensions m.")],
    sparsity: Annotated[
        list[str] | None, typer.Option(help="Rows, repeatable or 0,0.5,0.9; nine when left out.")
    ] = None,
    importance: Importance = None,
    format: Annotated[Format, typer.Option(help="Of the output.")] = "text",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write; stdout when left out.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the random starts.")] = 0,
    starts: Annotated[int | None, typer.Option(help="Random starts for each row.")] = None,
) -> None:
    """Search the best weights at each sparsity and tabulate the loss, each with its error."""
    from tms.tables import sparsity_table
    from tms.terminal import destination, progress_bar

    chosen = [part for given in sparsity or [] for part in given.split(",")]
    with destination(output) as write:
        with progress_bar() as progress:
            found = sparsity_table(
                features,
                hidden,
                sparsities=chosen or None,
                importance=_importance(importance, features),
                seed=seed,
                n_starts=starts,
                progress=progress,
            )
        write(found, format)
    if any(row.solution is None for row in found.rows):
        raise typer.Exit(1)


def _read(
    file: Path,
    sparsity: str | None,
    density: str | None,
    importance: str | None,
    transpose: bool,
) -> tuple[WeightFile, Problem]:
    from tms.files import read_weights

    weights = read_weights(file, transposed=transpose)
    problem = weights.problem(
        sparsity=_numbers(sparsity),
        density=_numbers(density),
        importance=_importance(importance, weights.W.shape[1]),
    )
    return weights, problem


def _numbers(text: str | None) -> object:
    """``"0.9"`` as it is; ``"0.9,0.8"`` as a list."""
    return text.split(",") if text is not None and "," in text else text


def _importance(text: str | None, n_features: int) -> object:
    """``"0.9^i"`` as 1, 0.9, 0.81, ...; numbers and lists as above."""
    powers = _POWERS.fullmatch(text.strip()) if text is not None else None
    if powers is None:
        return _numbers(text)
    ratio: Fraction = exact_number(powers[1], "importance")
    return [ratio**i for i in range(n_features)]


def _title(file: Path, problem: Problem) -> str:
    from tms.digits import short_text

    n, m = problem.n_features, problem.n_hidden
    return (
        f"{file.name}: n = {n} features, m = {m} hidden dimensions, "
        f"S = {short_text(problem.sparsity)}, importance {short_text(problem.importance)}"
    )


def _as_json(file: Path, problem: Problem, estimate: Estimate, arrangement: str) -> dict[str, Any]:
    loss, error = estimate.rounded()
    described = {
        "file": str(file),
        "n_features": problem.n_features,
        "n_hidden": problem.n_hidden,
        "sparsity": [float(1 - p) for p in problem.densities],
        "importance": [float(weight) for weight in problem.importances],
        "arrangement": arrangement,
        "loss": loss,
        "error": error,
        "digits": estimate.digits(),
        "method": estimate.method,
        "tier": estimate.tier,
    }
    if isinstance(estimate.value, Fraction) and estimate.tier == "exact":
        over, under = (Decimal(part) for part in estimate.value.as_integer_ratio())
        described["exact"] = f"{over}/{under}"
    return described
