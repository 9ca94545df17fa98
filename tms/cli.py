"""The command ``tms``: one function for each verb."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from theory.problem import InputError, Problem, ReLU, Uniform
from tms.commands import atlas, bounds, claims, figure, optimize, phase, table, verify
from tms.commands.options import (
    Activation,
    Active,
    Anticorrelated,
    Correlated,
    Density,
    Family,
    File,
    Importance,
    Law,
    NoBias,
    Sparsity,
    Tolerance,
    Transpose,
    importance_of,
    numbers_of,
)
from tms.estimate import Asked

if TYPE_CHECKING:
    from tms.estimate import Estimate
    from tms.inputs.files import WeightFile

__all__ = ["app", "main"]

app = typer.Typer(
    name="tms",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Digits = Annotated[int | None, typer.Option(help="Significant digits asked of ball arithmetic.")]
Samples = Annotated[int | None, typer.Option(help="Number of samples, for sampling.")]


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
    except KeyboardInterrupt as error:
        sys.stderr.write(f"{error or 'interrupted'}\n")
        sys.exit(130)


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
    law: Law = "uniform",
    activation: Activation = "relu",
    correlated: Correlated = None,
    anticorrelated: Anticorrelated = None,
    active: Active = None,
    no_bias: NoBias = False,
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

    family = Family(law, activation, correlated, anticorrelated, active)
    weights = _read(file, transpose, no_bias)
    problem = _problem(weights, family, sparsity, density, importance)
    estimate = expected_loss(
        problem,
        weights.W,
        weights.b,
        W_decoder=weights.W_decoder,
        method=method,
        digits=digits,
        tolerance=tolerance,
        n_samples=samples,
        seed=seed,
    )
    arrangement = describe(weights.W.astype(float))
    if format == "json":
        typer.echo(json.dumps(_as_json(weights, problem, estimate, arrangement), indent=2))
        return
    typer.echo(_title(weights, problem))
    n_hidden, n_features = weights.W.shape
    if n_hidden > n_features:
        typer.echo("more hidden dimensions than features: --transpose if W is features x hidden")
    typer.echo(f"arrangement    {arrangement}{'' if weights.W_decoder is None else ' (of W)'}")
    typer.echo(f"expected loss  {estimate}")


@app.command()
def check(
    file: File,
    sparsity: Sparsity = None,
    density: Density = None,
    importance: Importance = None,
    law: Law = "uniform",
    activation: Activation = "relu",
    correlated: Correlated = None,
    anticorrelated: Anticorrelated = None,
    active: Active = None,
    no_bias: NoBias = False,
    digits: Annotated[int, typer.Option(help="Of ball arithmetic.")] = 30,
    tolerance: Tolerance = None,
    samples: Annotated[int, typer.Option(help="Number of samples.")] = 1_000_000,
    seed: Annotated[int, typer.Option(help="Of the samples.")] = 0,
    transpose: Transpose = False,
) -> None:
    """Evaluate FILE by every route and compare; exit code 1 unless independent routes agree."""
    from tms.crosscheck import cross_check

    family = Family(law, activation, correlated, anticorrelated, active)
    weights = _read(file, transpose, no_bias)
    problem = _problem(weights, family, sparsity, density, importance)
    result = cross_check(
        problem,
        weights.W,
        weights.b,
        W_decoder=weights.W_decoder,
        digits=digits,
        tolerance=tolerance,
        n_samples=samples,
        seed=seed,
    )
    typer.echo(_title(weights, problem))
    typer.echo(f"\n{result}")
    if not result.agrees:
        raise typer.Exit(1)


table.register(app)
bounds.register(app)
figure.register(app)
optimize.register(app)
atlas.register(app)
claims.register(app)
verify.register(app)
phase.register(app)


def _read(file: Path, transpose: bool, no_bias: bool) -> WeightFile:
    from tms.inputs.files import read_weights

    weights = read_weights(file, transposed=transpose)
    return replace(weights, b=None) if no_bias else weights


def _problem(
    weights: WeightFile,
    family: Family,
    sparsity: str | None,
    density: str | None,
    importance: str | None,
) -> Problem:
    n_features = weights.W.shape[1]
    return weights.problem(
        sparsity=numbers_of(sparsity),
        density=numbers_of(density),
        importance=importance_of(importance, n_features),
        **family.arguments(n_features),
    )


def _title(weights: WeightFile, problem: Problem) -> str:
    """The file and its problem; law, activation and dependence where they are not the usual."""
    from tms.digits import short_text
    from tms.printing.words import data_words, density_words, equation, size_words

    n, m, tied = problem.n_features, problem.n_hidden, weights.W_decoder is None
    first = (
        f"{weights.path.name}: {size_words(n, m)}, "
        f"{density_words(problem)}, importance {short_text(problem.importance)}"
    )
    usual = problem.is_independent and tied
    usual = usual and (problem.features, problem.activation) == (Uniform(), ReLU())
    if usual:
        return first
    return f"{first}\n{equation(problem.activation, tied=tied)};  {data_words(problem)}"


def _as_json(
    weights: WeightFile, problem: Problem, estimate: Estimate, arrangement: str
) -> dict[str, Any]:
    from tms.printing.words import model_names

    loss, error = estimate.rounded()
    described = {
        "file": str(weights.path),
        **model_names(problem, tied=weights.W_decoder is None),
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
