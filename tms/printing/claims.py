"""Claims as text, LaTeX and plain data; formatting only."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

from theory.claim_list.published import PUBLISHED
from theory.claims import CHAPTERS, Claim, Outcome, all_claims, formal

__all__ = [
    "claim_latex",
    "claim_record",
    "claim_text",
    "list_text",
    "outcome_record",
    "outcome_text",
    "published_text",
]

_WIDTH = 100
_LABEL = 12
_NOTATION = (
    r"L: expected loss; \tilde L: gain over ignoring everything; G = W^T W; w_i: columns of W;",
    "mu_k: moments of an active feature; p: density, S = 1 - p; derivation: see tms verify",
)


def list_text(claims: Sequence[Claim]) -> str:
    """Write a table of claims, chapter by chapter.

    Args:
        claims: some claims, in the order of the registry.

    Returns:
        Lines without a newline at the end.
    """
    titles = {chapter.prefix: chapter.title for chapter in CHAPTERS}
    wide = max(len(claim.id) for claim in claims)
    kinds = max(len(claim.kind) for claim in claims)
    lines: list[str] = []
    chapter = ""
    for claim in claims:
        if claim.id.split("-")[0] != chapter:
            chapter = claim.id.split("-")[0]
            lines += ["", f"{chapter}: {titles[chapter]}"]
        indent = " " * (wide + kinds + 6)
        first = f"  {claim.id:<{wide}}  {claim.kind:<{kinds}}  {claim.statement}"
        lines += textwrap.wrap(first, _WIDTH, subsequent_indent=indent)
        lines += textwrap.wrap(
            claim.source, _WIDTH, initial_indent=indent, subsequent_indent=indent
        )
    hint = f"{len(claims)} claims; tms claims show ID, check [ID...], verify [ID...]"
    return "\n".join([*lines[1:], "", *_NOTATION, "", hint])


def claim_text(claim: Claim) -> str:
    """Write one claim.

    Args:
        claim: any.

    Returns:
        Lines without a newline at the end.
    """
    rows = [("kind", claim.kind), ("formula", claim.formula)]
    rows += [("variables", f"{name}: {domain}") for name, domain in claim.variables.items()]
    rows += [("random", f"{name}: {law}") for name, law in claim.random.items()]
    rows += [("assuming", text) for text in claim.assumptions]
    rows += [("source", claim.source), ("route", claim.route)]
    rows.append(("derivation", claim.derivation or "none"))
    rows += [("instead", claim.instead)] * bool(claim.instead)
    steps = formal(claim)
    if steps is not None and steps.steps != (claim.formula,):
        about = f" ({steps.about})" if steps.about else ""
        rows += [("formal", f"{step}{about}") for step in steps.steps]
    lines, last = [f"{claim.id}  {claim.statement}", ""], ""
    for label, text in rows:
        shown = "" if label == last else label
        last = label
        lines += textwrap.wrap(
            text,
            _WIDTH,
            initial_indent=f"{shown:<{_LABEL}}",
            subsequent_indent=" " * _LABEL,
            break_long_words=False,
            break_on_hyphens=False,
        )
    return "\n".join(lines)


def claim_latex(claim: Claim) -> str:
    """Write one claim as LaTeX, to be pasted into a paper.

    Args:
        claim: any.

    Returns:
        A comment with id and source, and the formula as a display equation.
    """
    comments = [f"{claim.id} ({claim.kind}): {claim.statement}", f"source: {claim.source}"]
    comments += [f"{name}: {domain}" for name, domain in claim.variables.items()]
    comments += [f"{name}: {law}" for name, law in claim.random.items()]
    comments += list(claim.assumptions)
    lines = [f"% {line}" for line in comments]
    return "\n".join([*lines, r"\begin{equation*}", f"  {claim.formula}", r"\end{equation*}"])


def claim_record(claim: Claim) -> dict[str, Any]:
    """Give one claim as texts and lists.

    Args:
        claim: any.

    Returns:
        What can be written as JSON.
    """
    return {
        "id": claim.id,
        "statement": claim.statement,
        "formula": claim.formula,
        "kind": claim.kind,
        "variables": dict(claim.variables),
        "random": dict(claim.random),
        "assumptions": list(claim.assumptions),
        "source": claim.source,
        "route": claim.route,
        "derivation": claim.derivation,
        "instead": claim.instead or None,
    }


def outcome_text(outcome: Outcome) -> str:
    """Write what a check gave, in one line and, where there is one, its reason.

    Args:
        outcome: any.

    Returns:
        One line or two.
    """
    count = outcome.instances
    plural = "" if count == 1 else "s"
    methods = ", ".join(f"{number} {name}" for name, number in sorted(outcome.methods.items()))
    line = (
        f"{outcome.claim.id:<14}{outcome.verdict:<9}{count:>4} comparison{plural} ({methods})"
        f"  {outcome.seconds:.2f} s"
    )
    return f"{line}\n    {outcome.why}" if outcome.why else line


def outcome_record(outcome: Outcome) -> dict[str, Any]:
    """Give what a check gave as plain data.

    Args:
        outcome: any.

    Returns:
        What can be written as JSON.
    """
    return {
        "id": outcome.claim.id,
        "kind": outcome.claim.kind,
        "verdict": outcome.verdict,
        "instances": outcome.instances,
        "methods": outcome.methods,
        "seconds": round(outcome.seconds, 6),
        "why": outcome.why or None,
    }


def published_text() -> str:
    """Write every published fact with its claims, or with the reason why it is none.

    Returns:
        Lines without a newline at the end.
    """
    lines = []
    for fact in PUBLISHED:
        lines.append(f"{fact.fact} ({fact.source})")
        if fact.claims:
            lines.append(f"    {', '.join(fact.claims)}")
        if fact.why_not:
            word = "in part" if fact.claims else "no claim"
            lines += textwrap.wrap(
                f"{word}: {fact.why_not}", _WIDTH, initial_indent="    ", subsequent_indent="    "
            )
    left = sum(not fact.claims for fact in PUBLISHED)
    lines += ["", f"{len(PUBLISHED)} facts, {left} of them no claim; {len(all_claims())} claims"]
    return "\n".join(lines)
