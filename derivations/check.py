"""The door of the checker: a verdict for every step of a derivation."""

from __future__ import annotations

from dataclasses import dataclass

from derivations.checking.child import checked_apart
from derivations.document import Derivation
from derivations.results import Report

__all__ = ["Limits", "check"]


@dataclass(frozen=True)
class Limits:
    """What a check may use.

    Attributes:
        seconds: for one step.
        memory_bytes: for the process that checks, where the system can limit it.
        apart: whether to check in a process of its own, which alone can be stopped for sure.
    """

    seconds: float = 10.0
    memory_bytes: int = 2_000_000_000
    apart: bool = True


def check(derivation: Derivation, limits: Limits | None = None) -> Report:
    """Check every step of a derivation.

    Args:
        derivation: a document, read.
        limits: of time and memory; 10 seconds a step and 2 GB where left out.

    Returns:
        The report, with a result for each step.
    """
    limits = Limits() if limits is None else limits
    steps = checked_apart(derivation, limits.seconds, limits.memory_bytes, apart=limits.apart)
    return Report(derivation.identifier, derivation.title, steps)
