"""The command ``tms verify``: a verdict on each step of derivations."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from theory.problem import InputError
from tms.verification import MEMORY_LIMIT, TEMPLATE, TIME_LIMIT

if TYPE_CHECKING:
    from derivations.document import Derivation
    from derivations.results import Report

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the others."""
    app.command()(verify)


def verify(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Derivations: Markdown documents.")
    ] = None,
    time_limit: Annotated[float, typer.Option(help="Seconds for one step.")] = TIME_LIMIT,
    memory_limit: Annotated[
        int, typer.Option(help="Megabytes for the process that checks.")
    ] = MEMORY_LIMIT,
    format: Annotated[Literal["text", "json"], typer.Option(help="Of the output.")] = "text",
    new: Annotated[
        Path | None, typer.Option("--new", help="Write a template to this file, and nothing else.")
    ] = None,
) -> None:
    """Check every step of the derivations in FILES.

    Each step is proved, refuted with the smallest counterexample, sampled (agrees at so many exact
    points, but is not proved), undecided, or in error. Exit code 0 only if no step is refuted,
    undecided or in error; else 1, and 2 if a document cannot be read.
    """
    if new is not None:
        _write_template(new, files)
        return
    results: list[tuple[Path, Derivation, Report]] = []
    unreadable = False
    for file in _some(files):
        try:
            results.append((file, *_checked(file, time_limit, memory_limit)))
        except InputError as error:
            unreadable = True
            typer.echo(f"Error: {error}", err=True)
            continue
        if format == "text":
            _show(*results[-1], is_first=len(results) == 1)
    if format == "json":
        from tms.printing.verification import report_record

        records = [report_record(str(file), read, report) for file, read, report in results]
        typer.echo(json.dumps(records, indent=2))
    elif len(results) > 1:
        _show_totals([report for *_, report in results])
    _leave([report for *_, report in results], unreadable=unreadable)


def _some(files: list[Path] | None) -> list[Path]:
    if not files:
        raise InputError("files: none given; name a document, or write one with --new FILE")
    return files


def _checked(file: Path, time_limit: float, memory_limit: int) -> tuple[Derivation, Report]:
    from tms.verification import read
    from tms.verification import verify as checked

    derivation = read(file)
    return derivation, checked(derivation, time_limit=time_limit, memory_limit=memory_limit)


def _show(file: Path, derivation: Derivation, report: Report, *, is_first: bool) -> None:
    from tms.printing.verification import report_text

    typer.echo(("" if is_first else "\n\n") + report_text(file.name, derivation, report))


def _show_totals(reports: list[Report]) -> None:
    from tms.printing.verification import counts_text

    every = tuple(step for report in reports for step in report.steps)
    typer.echo(f"\n\nall {len(reports)} documents, {counts_text(every)}")


def _leave(reports: list[Report], *, unreadable: bool) -> None:
    from derivations.results import Verdict

    fine = {Verdict.PROVED, Verdict.SAMPLED}
    if unreadable:
        raise typer.Exit(2)
    if not all(report.verdict in fine for report in reports):
        raise typer.Exit(1)


def _write_template(path: Path, files: list[Path] | None) -> None:
    if files:
        raise InputError("files: --new writes a template and checks nothing")
    try:
        with path.open("x", encoding="utf-8") as stream:
            stream.write(TEMPLATE)
    except FileExistsError:
        raise InputError(f"new={str(path)!r}: is there already") from None
    except OSError as error:
        raise InputError(f"new={str(path)!r}: cannot be written ({error.strerror})") from None
    typer.echo(f"written to {path}; check it with: tms verify {path}")
