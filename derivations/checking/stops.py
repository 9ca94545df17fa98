"""Ways in which an evaluation ends without a value."""

from __future__ import annotations

import time
from dataclasses import dataclass

__all__ = ["Again", "Clock", "NoValue", "NotExact", "OutOfTime", "Stop"]


class Stop(Exception):
    """An evaluation that ended without a value; the text says why."""


class NoValue(Stop):
    """The expression has no value there: a division by zero, the root of a negative number."""


class NotExact(Stop):
    """There may be a value, but not by the exact methods here."""


class OutOfTime(Stop):
    """The time that was given is over."""


class Again(Stop):
    """A finer generator was met, such as ``cos(pi/12)`` after ``cos(pi/4)``: evaluate again."""


@dataclass(frozen=True)
class Clock:
    """When to stop, in the seconds of ``time.monotonic``."""

    end: float

    @classmethod
    def of(cls, seconds: float) -> Clock:
        """Start a clock that runs for some seconds."""
        return cls(time.monotonic() + seconds)

    @property
    def is_over(self) -> bool:
        """Whether the time is over."""
        return time.monotonic() > self.end

    def check(self) -> None:
        """Raise ``OutOfTime`` where the time is over."""
        if self.is_over:
            raise OutOfTime("the time limit was reached")

    def part(self, share: float) -> Clock:
        """A clock for a share of the time that is left."""
        now = time.monotonic()
        return Clock(now + max(0.0, self.end - now) * share)
