"""One fault to seed: a replacement of text, and the tests that must catch it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One replacement: ``times`` is how often the old text occurs; all of them are replaced."""

    name: str
    module: str
    old: str
    new: str
    tests: list[str]
    times: int = 1
