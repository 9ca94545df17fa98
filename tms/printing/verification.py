"""A report on a derivation as text and as a record."""

from __future__ import annotations

import textwrap
from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from derivations.results import Verdict

if TYPE_CHECKING:
    from derivations.document import Derivation
    from derivations.results import Counterexample, Report, StepResult

__all__ = ["counts_text", "report_record", "report_text"]

_WIDTH = 100
_INDENT = " " * 24
_MOST_LINES = 4
_WHOLE: dict[str, Any] = {"break_long_words": False, "break_on_hyphens": False}


def report_text(name: str, derivation: Derivation, report: Report) -> str:
    """Write a report for a reader.

    Args:
        name: of the file.
        derivation: the document.
        report: what checking it gave.

    Returns:
        A line or more for each step, and the totals.
    """
    lines = [f"{name}: {report.title} ({report.identifier})", ""]
    for step in report.steps:
        lines += _step_lines(step)
    for given in derivation.steps:
        if given.assumed:
            lines += _entry(given.number, given.line, "assumed", given.text)
    for place, text, why in derivation.unchecked:
        lines += [*_entry(None, place, "not checked", text), *_more(f"why: {why}")]
    return "\n".join([*lines, "", counts_text(report.steps, _left_out(derivation))])


def counts_text(steps: tuple[StepResult, ...], left_out: str = "") -> str:
    """Count the steps by verdict, with the time that they took.

    Args:
        steps: the results.
        left_out: what to add on steps that were not checked.

    Returns:
        One line.
    """
    count = Counter(step.verdict for step in steps)
    parts = [f"{count[verdict]} {verdict.value}" for verdict in Verdict if count[verdict]]
    seconds = sum(step.seconds for step in steps)
    number = f"{len(steps)} step{'' if len(steps) == 1 else 's'}"
    return f"{number}: {', '.join(parts) or 'nothing to check'}{left_out} ({seconds:.1f} s)"


def _left_out(derivation: Derivation) -> str:
    assumed = sum(step.assumed for step in derivation.steps)
    unchecked = len(derivation.unchecked)
    return (f"; {assumed} assumed" if assumed else "") + (
        f"; {unchecked} not checked" if unchecked else ""
    )


def _step_lines(step: StepResult) -> list[str]:
    lines = _entry(step.number, step.line, step.verdict.value, step.text)
    how = [f"by {step.method}"] if step.method else []
    how += [f"{step.instances} exact points"] if step.instances else []
    lines += _more(", ".join([*how, f"{step.seconds:.2f} s"]))
    if step.given:
        lines += _more(f"given {step.given}")
    if step.reason:
        lines += _more(f"reason given: {step.reason}")
    if step.why:
        lines += _more(f"why: {step.why}")
    if step.counterexample is not None:
        lines += _counterexample_lines(step.counterexample)
    return lines


def _counterexample_lines(found: Counterexample) -> list[str]:
    values = ", ".join(f"{name} = {_number(value)}" for name, value in found.values.items())
    lines = _more(f"fails at {values or 'every point: it has no variables'}")
    lines += _more(f"left  {found.left}")
    lines += _more(f"right {found.right}")
    return lines + _more(
        f"confirmed by {found.confirmed}" if found.confirmed else "no second route confirms it"
    )


def _entry(number: int | None, line: int, verdict: str, text: str) -> list[str]:
    head = f"{'' if number is None else number:>4}  line {line:<4} {verdict:<11} "
    shown = textwrap.wrap(
        _one_line(text), _WIDTH, initial_indent=head, subsequent_indent=_INDENT, **_WHOLE
    )
    return shown if len(shown) <= _MOST_LINES else [*shown[: _MOST_LINES - 1], f"{_INDENT}..."]


def _more(text: str) -> list[str]:
    inner = _INDENT + "  "
    return textwrap.wrap(
        _one_line(text), _WIDTH, initial_indent=inner, subsequent_indent=inner + "  ", **_WHOLE
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _number(value: Fraction) -> str:
    return str(value)


def report_record(name: str, derivation: Derivation, report: Report) -> dict[str, Any]:
    """Give a report as what JSON can hold.

    Args:
        name: of the file.
        derivation: the document.
        report: what checking it gave.

    Returns:
        Identifier, title, verdict, counts and the steps; exact numbers as text.
    """
    count = Counter(step.verdict for step in report.steps)
    return {
        "file": name,
        "id": report.identifier,
        "title": report.title,
        "verdict": report.verdict.value,
        "counts": {verdict.value: count[verdict] for verdict in Verdict},
        "seconds": sum(step.seconds for step in report.steps),
        "steps": [_step_record(step) for step in report.steps],
        "assumed": [
            {"number": step.number, "line": step.line, "text": _one_line(step.text)}
            for step in derivation.steps
            if step.assumed
        ],
        "not_checked": [
            {"line": line, "text": _one_line(text), "why": why}
            for line, text, why in derivation.unchecked
        ],
    }


def _step_record(step: StepResult) -> dict[str, Any]:
    found = step.counterexample
    return {
        "number": step.number,
        "line": step.line,
        "text": _one_line(step.text),
        "verdict": step.verdict.value,
        "method": step.method,
        "why": step.why,
        "exact_points": step.instances,
        "seconds": step.seconds,
        "given": step.given,
        "reason": step.reason,
        "counterexample": None
        if found is None
        else {
            "values": {name: _number(value) for name, value in found.values.items()},
            "left": found.left,
            "right": found.right,
            "confirmed": found.confirmed,
        },
    }
