"""The command ``tms phase``: boundaries between arrangements, with their proofs."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from theory.problem import InputError, Unsupported

if TYPE_CHECKING:
    from theory.phases import Boundary, PhasePoint
    from tms.printing.phases import PhaseReport

__all__ = ["phase_report", "register"]

Format = Annotated[Literal["text", "json", "latex", "csv"], typer.Option(help="Of the output.")]


def register(app: typer.Typer) -> None:
    """Add the command to the others."""
    app.command()(phase)


def phase(
    features: Annotated[int, typer.Option(help="Number of features n: 2 or 3.")],
    hidden: Annotated[int, typer.Option(help="Number of hidden dimensions m: n - 1.")],
    importance: Annotated[
        str | None, typer.Option(help="Of the last feature: where each boundary has it.")
    ] = None,
    density: Annotated[
        str | None, typer.Option(help="p, instead of the importance: where each boundary has it.")
    ] = None,
    digits: Annotated[int, typer.Option(help="Significant digits of every number.")] = 15,
    candidates: Annotated[
        bool, typer.Option("--candidates", help="Between unit-norm candidates without bias alone.")
    ] = False,
    optima: Annotated[
        bool, typer.Option("--optima", help="Between minima in all weights and biases alone.")
    ] = False,
    format: Format = "text",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write; stdout when left out.")
    ] = None,
) -> None:
    """Boundaries between phases, in closed form or enclosed, and what is proven about them."""
    from tms.printing.terminal import destination

    found = phase_report(
        features,
        hidden,
        importance=importance,
        density=density,
        digits=digits,
        candidates=candidates or not optima,
        optima=optima or not candidates,
    )
    with destination(output) as write:
        write(found.format(format))
    _leave(found)


def _leave(found: PhaseReport) -> None:
    if found.failures:
        raise typer.Exit(1)


def phase_report(
    n_features: int,
    n_hidden: int,
    *,
    importance: str | None = None,
    density: str | None = None,
    digits: int = 15,
    candidates: bool = True,
    optima: bool = True,
) -> PhaseReport:
    """Collect boundaries, and their points at one coordinate.

    Args:
        n_features: ``n``.
        n_hidden: ``m``.
        importance: of the last feature, as text.
        density: ``p``, as text; at most one of the two.
        digits: significant digits.
        candidates: whether boundaries between candidates are among them.
        optima: whether boundaries between minima are.

    Returns:
        What can be written in several formats.

    Raises:
        InputError: two coordinates, or a number out of its range.
        Unsupported: a size without known phases.

    Example:
        >>> report = phase_report(2, 1, importance="1/2", optima=False)
        >>> print(report.points[0].density.midpoint)
        4/9
    """
    from theory.arithmetic.ball_roots import checked_digits
    from theory.phases import candidate_boundaries, special_points, true_boundaries
    from tms.printing.phases import PhaseReport

    checked_digits(digits)
    name, value = _coordinate(importance, density)
    boundaries: tuple[Boundary, ...] = ()
    if candidates:
        boundaries += candidate_boundaries(n_features, n_hidden)
    if optima:
        boundaries += true_boundaries(n_features, n_hidden)
    if name is None or value is None:
        special = special_points(n_features, n_hidden, digits=digits)
        kept = {k: v for k, v in special.items() if v.kind != "candidate" or candidates}
        kept = {k: v for k, v in kept.items() if v.kind == "candidate" or optima}
        return PhaseReport(n_features, n_hidden, boundaries, None, "", kept, digits)
    points: list[PhasePoint | None] = []
    failures: dict[str, str] = {}
    for boundary in boundaries:
        points.append(None)
        if boundary.crosses(name, value):
            try:
                points[-1] = _at(boundary, name, value, digits)
            except Unsupported as error:
                failures[boundary.name] = str(error)
    letter = "I" if name == "importance" else "p"
    at = f"{letter} = {value}"
    return PhaseReport(n_features, n_hidden, boundaries, tuple(points), at, {}, digits, failures)


def _coordinate(importance: str | None, density: str | None) -> tuple[str | None, Fraction | None]:
    from theory.problem import exact_number

    if importance is not None and density is not None:
        raise InputError("importance, density: give one of them")
    if importance is None and density is None:
        return None, None
    name = "importance" if importance is not None else "density"
    value = exact_number(importance if importance is not None else density, name)
    if name == "importance" and not value > 0:
        raise InputError(f"importance={value}: must be above 0")
    if name == "density" and not 0 < value <= 1:
        raise InputError(f"density={value}: must be above 0 and at most 1")
    return name, Fraction(value)


def _at(boundary: Boundary, name: str, value: Fraction, digits: int) -> PhasePoint:
    if name == "importance":
        return boundary.at(importance=value, digits=digits)
    return boundary.at(density=value, digits=digits)
