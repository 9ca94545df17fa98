"""What checking a derivation gives: a verdict for each step, with how it was reached."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from fractions import Fraction

__all__ = ["Counterexample", "Report", "StepResult", "Verdict"]


class Verdict(Enum):
    """What is known of a step."""

    PROVED = "proved"
    REFUTED = "refuted"
    SAMPLED = "sampled"
    UNDECIDED = "undecided"
    ERROR = "error"
    """The step says nothing: no instance meets its assumptions, or a quantity has no value."""


@dataclass(frozen=True)
class Counterexample:
    """Where a step fails: values of the variables, and both sides there.

    Attributes:
        values: exact values by name; indexed ones as ``x_1``.
        left: the left side, as text with enough digits.
        right: the right side.
        confirmed: how the second route confirmed it.
    """

    values: dict[str, Fraction]
    left: str
    right: str
    confirmed: str


@dataclass(frozen=True)
class StepResult:
    """One step.

    Attributes:
        number: of the step in the document, from 1.
        line: where it begins, from 1.
        text: the step as written: one relation with its two sides.
        verdict: what is known.
        method: how, in a few words.
        why: for ``sampled``, ``undecided`` and ``error``, what stood in the way.
        instances: exact points at which both sides were compared.
        seconds: what it took.
        counterexample: for ``refuted``.
        reason: the reason that the document gives.
        given: conditions under which alone the step is claimed, in LaTeX, besides the assumptions
            of the document; empty without any.
    """

    number: int
    line: int
    text: str
    verdict: Verdict
    method: str
    why: str
    instances: int
    seconds: float
    counterexample: Counterexample | None = None
    reason: str = ""
    given: str = ""


@dataclass(frozen=True)
class Report:
    """All steps of a derivation."""

    identifier: str
    title: str
    steps: tuple[StepResult, ...]

    @property
    def verdict(self) -> Verdict:
        """The weakest of the steps: refuted, error, undecided, sampled, proved in this order."""
        order = [
            Verdict.REFUTED,
            Verdict.ERROR,
            Verdict.UNDECIDED,
            Verdict.SAMPLED,
            Verdict.PROVED,
        ]
        found = {step.verdict for step in self.steps}
        return next((verdict for verdict in order if verdict in found), Verdict.ERROR)
