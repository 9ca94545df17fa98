"""Check the library of derivations, seed mistakes into it, restate it, and read a paper's style.

python benchmarks/hand_derivations.py
python benchmarks/hand_derivations.py --part mistakes --only antipodal
"""

from __future__ import annotations

import argparse
import difflib
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from derivation_mistakes import LIBRARY, MISTAKES, Change
from derivation_restatements import RESTATEMENTS

from derivations.check import Limits, check
from derivations.document import Derivation, parse_derivation, read_derivation
from derivations.results import Report, Verdict
from theory.problem import InputError

HERE = Path(__file__).resolve().parent
PAPER_STYLE = HERE / "paper_style"
HARD_CASES = HERE / "hard_cases"
LIMITS = Limits(seconds=10)


def documents() -> list[Path]:
    """The library, without the refuted examples."""
    return sorted(LIBRARY.glob("*.md"))


def refuted_examples() -> list[Path]:
    """Known slips of published material."""
    return sorted((LIBRARY / "refuted").glob("*.md"))


def affected(change: Change) -> Derivation:
    """The changed document with the steps alone that the change may have touched."""
    before = parse_derivation(change.original, name=change.document)
    after = parse_derivation(change.changed, name=change.document)
    known = {(s.left, s.relation, s.right, s.assuming, s.assumed) for s in before.steps}
    if replace(after, steps=()) != replace(before, steps=()):
        return after
    steps = [
        step
        for step in after.steps
        if step.assumed
        or (step.left, step.relation, step.right, step.assuming, step.assumed) not in known
    ]
    return replace(after, steps=tuple(steps))


def outcome(change: Change, limits: Limits = LIMITS) -> Report:
    """Check what a change may have touched."""
    return check(affected(change), limits=limits)


def counted(report: Report) -> str:
    """Counts by verdict."""
    count = Counter(step.verdict.value for step in report.steps)
    return ", ".join(f"{number} {verdict}" for verdict, number in sorted(count.items()))


def show_weak(report: Report) -> None:
    """Print what was not proved, and why."""
    for step in report.steps:
        if step.verdict is not Verdict.PROVED:
            text = " ".join(step.text.split())
            print(f"    {step.verdict.value} line {step.line}: {text}\n        {step.why}")


def check_library(only: str, *, verbose: bool) -> int:
    """Every document: counts by verdict, and time."""
    total: Counter[str] = Counter()
    begin, worst = time.perf_counter(), 0
    for path in [p for p in documents() if only in p.stem]:
        start = time.perf_counter()
        report = check(read_derivation(path), limits=LIMITS)
        seconds = time.perf_counter() - start
        total.update(step.verdict.value for step in report.steps)
        worst += report.verdict not in (Verdict.PROVED, Verdict.SAMPLED)
        print(
            f"| {path.stem} | {len(report.steps)} | {counted(report)} | {seconds:.1f} s |",
            flush=True,
        )
        if verbose:
            show_weak(report)
    print(f"all: {sum(total.values())} steps, {dict(total)}, {time.perf_counter() - begin:.0f} s")
    return worst


def check_refuted(only: str) -> int:
    """Every known slip: which step is refuted, and where it fails."""
    missed = 0
    for path in [p for p in refuted_examples() if only in p.stem]:
        report = check(read_derivation(path), limits=LIMITS)
        missed += report.verdict is not Verdict.REFUTED
        print(f"| {path.stem} | {counted(report)} |", flush=True)
        show_counterexamples(report)
    return missed


def show_counterexamples(report: Report) -> None:
    """Print where refuted steps fail."""
    for step in report.steps:
        if step.counterexample is not None:
            found = step.counterexample
            values = ", ".join(f"{name} = {value}" for name, value in found.values.items())
            print(f"    line {step.line}: {' '.join(step.text.split())}")
            print(f"        at {values or 'no variables'}: {found.left} against {found.right}")


def seed(only: str, *, verbose: bool) -> int:
    """One mistake after another; a mistake is caught where a step of the document is refuted."""
    caught = 0
    chosen = [change for change in MISTAKES if only in change.document]
    for number, change in enumerate(chosen):
        report = outcome(change)
        refuted = report.verdict is Verdict.REFUTED
        caught += refuted
        print(f"| {change.document} | {change.kind} | {counted(report)} |", flush=True)
        if verbose or not refuted or number % 8 == 0:
            show_counterexamples(report)
        if not refuted:
            show_weak(report)
    print(f"{caught} of {len(chosen)} mistakes refuted")
    return len(chosen) - caught


def restate(only: str) -> int:
    """One true restatement after another; none may be refuted."""
    proved = wrong = 0
    chosen = [change for change in RESTATEMENTS if only in change.document]
    for change in chosen:
        report = outcome(change)
        proved += report.verdict is Verdict.PROVED
        wrong += report.verdict is Verdict.REFUTED
        print(f"| {change.document} | {change.kind} | {counted(report)} |", flush=True)
        show_weak(report)
    print(f"{proved} of {len(chosen)} restatements proved, {wrong} refuted")
    return wrong


def changed_lines(before: str, after: str) -> Iterator[str]:
    """Lines that had to be changed."""
    for line in difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm=""):
        if line[:1] in "+-" and line[:3] not in ("+++", "---"):
            yield line


def as_written() -> Iterator[tuple[Path, str]]:
    """Documents as a paper would have them, each with the error in which it ends, or nothing."""
    for path in sorted((PAPER_STYLE / "as_written").glob("*.md")):
        try:
            parse_derivation(path.read_text(encoding="utf-8"), name=path.stem)
            yield path, ""
        except InputError as error:
            yield path, str(error)


def paper_style() -> int:
    """Documents in a paper's style: checked as written, or with what had to be changed."""
    bad = 0
    for written, error in as_written():
        path = PAPER_STYLE / written.name if error else written
        print(f"{path.stem}: {f'as written: {error}' if error else 'accepted as written'}")
        for line in changed_lines(written.read_text("utf-8"), path.read_text("utf-8")):
            print(f"    {line}")
        report = check(read_derivation(path), limits=LIMITS)
        bad += report.verdict not in (Verdict.PROVED, Verdict.SAMPLED)
        print(f"    {counted(report)}", flush=True)
        show_weak(report)
    return bad


def hard_cases() -> int:
    """Equalities outside their assumptions, empty assumptions, true at every sampled point."""
    for path in sorted(HARD_CASES.glob("*.md")):
        report = check(read_derivation(path), limits=LIMITS)
        print(f"{path.stem}: {counted(report)}", flush=True)
        for step in report.steps:
            print(f"    {step.verdict.value}: {' '.join(step.text.split())}")
            print(f"        {step.method}; {step.why}")
        show_counterexamples(report)
    return 0


def main() -> None:
    """Run the parts asked for; the exit code is 1 where something was missed."""
    parts = ["library", "refuted", "mistakes", "restatements", "paper", "hard"]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--part", choices=parts, action="append", help="repeatable; else all")
    parser.add_argument("--only", default="", help="part of a document's name")
    parser.add_argument("--verbose", action="store_true", help="every reason and counterexample")
    options = parser.parse_args()
    bad = 0
    for part in options.part or parts:
        print(f"\n## {part}\n")
        if part == "library":
            bad += check_library(options.only, verbose=options.verbose)
        elif part == "refuted":
            bad += check_refuted(options.only)
        elif part == "mistakes":
            bad += seed(options.only, verbose=options.verbose)
        elif part == "restatements":
            bad += restate(options.only)
        elif part == "paper":
            bad += paper_style()
        else:
            bad += hard_cases()
    sys.exit(bad > 0)


if __name__ == "__main__":
    main()
