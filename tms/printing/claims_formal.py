"""Claims as steps of a derivation: what the checker says of the formula itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from derivations.check import Limits, check
from derivations.document import Derivation
from derivations.results import Report, Verdict
from theory.claims import formal

if TYPE_CHECKING:
    from theory.claims import Claim

__all__ = ["Verified", "verified"]

SECONDS = 10.0
"""For one step; the formulas are the project's own, so that no process of its own is needed."""


@dataclass(frozen=True)
class Verified:
    """One claim and what the checker found.

    Attributes:
        claim: the claim.
        about: which case of it was checked; empty where all of it was.
        report: of the checker.
    """

    claim: Claim
    about: str
    report: Report

    @property
    def is_good(self) -> bool:
        """Whether a slip is refuted, and another claim proved or sampled."""
        if self.claim.kind == "refuted":
            return self.report.verdict is Verdict.REFUTED
        return self.report.verdict in (Verdict.PROVED, Verdict.SAMPLED)

    def __str__(self) -> str:
        steps = self.report.steps
        points = sum(step.instances for step in steps)
        methods = ", ".join(dict.fromkeys(step.method for step in steps))
        case = f"; {self.about}" if self.about else ""
        verdict = self.report.verdict.value
        line = f"{self.claim.id:<14}{verdict:<10}{points:>4} points  {methods}{case}"
        why = next((step.why for step in steps if step.why), "")
        return f"{line}\n    {why}" if why else line

    def record(self) -> dict[str, Any]:
        """Give plain data, which can be written as JSON."""
        return {
            "id": self.claim.id,
            "kind": self.claim.kind,
            "verdict": self.report.verdict.value,
            "about": self.about or None,
            "steps": [
                {
                    "text": step.text,
                    "verdict": step.verdict.value,
                    "method": step.method,
                    "why": step.why or None,
                    "instances": step.instances,
                }
                for step in self.report.steps
            ],
        }


def verified(claims: Iterable[Claim], seconds: float = SECONDS) -> Iterator[Verified]:
    """Check those of some claims that have a form in the language of derivations.

    Args:
        claims: any.
        seconds: for one step.

    Yields:
        What the checker found, claim by claim.
    """
    for claim in claims:
        steps = formal(claim)
        if steps is None:
            continue
        derivation = Derivation.build(
            claim.id.lower(),
            claim.statement,
            variables=steps.variables,
            random=steps.random,
            quantities=steps.quantities,
            assumptions=steps.conditions,
            steps=steps.steps,
        )
        yield Verified(claim, steps.about, check(derivation, Limits(seconds, apart=False)))
