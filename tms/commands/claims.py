"""The command ``tms claims``: list, show and check what the project asserts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from theory.problem import InputError

if TYPE_CHECKING:
    from theory.claims import Claim, Outcome
    from tms.printing.claims_formal import Verified

__all__ = ["register"]

Kind = Annotated[str | None, typer.Option(help="exact, upper, lower, ..., refuted.")]
Chapter = Annotated[str | None, typer.Option(help="First word of the ids, such as PHASE.")]
Format = Annotated[Literal["text", "json"], typer.Option(help="Of the output.")]


def register(app: typer.Typer) -> None:
    """Add the command to the others."""
    claims = typer.Typer(no_args_is_help=False, rich_markup_mode=None)
    claims.callback(invoke_without_command=True)(list_claims)
    claims.command()(show)
    claims.command()(check)
    claims.command()(verify)
    app.add_typer(claims, name="claims")


def list_claims(
    context: typer.Context,
    kind: Kind = None,
    chapter: Chapter = None,
    published: Annotated[
        bool, typer.Option("--published", help="Published facts: which claim each is, or why none.")
    ] = False,
    format: Format = "text",
) -> None:
    """Claims of the project and its sources: list, show ID, check [ID...].

    Every claim has a permanent id, a source down to the equation and a check by two routes.
    """
    if context.invoked_subcommand is not None:
        return
    from tms.printing.claims import claim_record, list_text, published_text

    if published:
        typer.echo(published_text())
        return
    chosen = _chosen(kind, chapter)
    if format == "json":
        typer.echo(json.dumps([claim_record(claim) for claim in chosen], indent=2))
    else:
        typer.echo(list_text(chosen))


def show(
    id: Annotated[str, typer.Argument(help="Such as PHASE-01.")],
    latex: Annotated[bool, typer.Option("--latex", help="As LaTeX, to be pasted.")] = False,
    format: Format = "text",
) -> None:
    """One claim: statement, formula, domains, assumptions, source and proof."""
    from theory.claims import lookup
    from tms.printing.claims import claim_latex, claim_record, claim_text

    claim = lookup(id)
    if latex:
        typer.echo(claim_latex(claim))
    elif format == "json":
        typer.echo(json.dumps(claim_record(claim), indent=2))
    else:
        typer.echo(claim_text(claim))


def check(
    ids: Annotated[list[str] | None, typer.Argument(help="Claims; all where left out.")] = None,
    kind: Kind = None,
    chapter: Chapter = None,
    format: Format = "text",
) -> None:
    """Compute both sides of claims by two routes; exit code 1 if one fails.

    A refuted claim is as it should be where every counterexample is one.
    """
    from theory.claims import check as checked
    from tms.printing.claims import outcome_record, outcome_text
    from tms.printing.terminal import progress_bar

    chosen = _named(ids, kind, chapter) if ids else _chosen(kind, chapter)
    outcomes: list[Outcome] = []
    with progress_bar() as progress:
        for done, claim in enumerate(chosen):
            if progress is not None:
                progress(done, len(chosen), claim.id)
            outcomes.append(checked(claim))
            if format == "text":
                typer.echo(outcome_text(outcomes[-1]))
    if format == "json":
        typer.echo(json.dumps([outcome_record(outcome) for outcome in outcomes], indent=2))
    else:
        _sum_up(outcomes)
    _leave(outcomes)


def verify(
    ids: Annotated[list[str] | None, typer.Argument(help="Claims; all where left out.")] = None,
    kind: Kind = None,
    chapter: Chapter = None,
    format: Format = "text",
) -> None:
    """Give formulas to the checker of derivations; exit code 1 if one is not as it says.

    Claims without a form in the language of derivations are left out. A refuted claim is as it
    should be where the checker refutes it.
    """
    from tms.printing.claims_formal import verified

    chosen = _named(ids, kind, chapter) if ids else _chosen(kind, chapter)
    found = []
    for one in verified(chosen):
        found.append(one)
        if format == "text":
            typer.echo(str(one))
    if format == "json":
        typer.echo(json.dumps([one.record() for one in found], indent=2))
    else:
        counts = Counter(one.report.verdict.value for one in found)
        words = ", ".join(f"{count} {verdict}" for verdict, count in counts.most_common())
        left = len(chosen) - len(found)
        typer.echo(f"{len(found)} claims: {words or 'none'}; {left} without a formal statement")
    _leave(found)


def _named(ids: list[str], kind: str | None, chapter: str | None) -> list[Claim]:
    from theory.claims import lookup

    if kind or chapter:
        raise InputError(f"ids={ids}: name claims, or a kind or chapter, not both")
    return [lookup(id) for id in ids]


def _leave(outcomes: Sequence[Outcome | Verified]) -> None:
    """Leave with exit code 1 if a claim is not as it says."""
    if not all(outcome.is_good for outcome in outcomes):
        raise typer.Exit(1)


def _sum_up(outcomes: list[Outcome]) -> None:
    counts = Counter(outcome.verdict for outcome in outcomes)
    instances = sum(outcome.instances for outcome in outcomes)
    seconds = sum(outcome.seconds for outcome in outcomes)
    words = ", ".join(f"{count} {verdict}" for verdict, count in counts.most_common())
    typer.echo(f"{len(outcomes)} claims: {words}; {instances} comparisons, {seconds:.1f} s")


def _chosen(kind: str | None, chapter: str | None) -> list[Claim]:
    """The claims of a kind and a chapter; refuses where there are none."""
    from theory.claims import CHAPTERS, KINDS, all_claims

    prefixes = [known.prefix for known in CHAPTERS]
    wanted = None if chapter is None else chapter.upper()
    if kind is not None and kind not in KINDS:
        raise InputError(f"kind={kind!r}: must be one of {', '.join(KINDS)}")
    if wanted is not None and wanted not in prefixes:
        raise InputError(f"chapter={chapter!r}: must be one of {', '.join(prefixes)}")
    found = [
        claim
        for claim in all_claims().values()
        if kind in (None, claim.kind) and wanted in (None, claim.id.split("-")[0])
    ]
    if not found:
        raise InputError(f"kind={kind}, chapter={chapter}: no such claim")
    return found
