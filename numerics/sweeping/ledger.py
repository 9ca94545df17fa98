"""The books of one sweep: what is there, what is to be computed, what was finished."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence

from numerics.sweeping.outcome import Kept, Progress, Sweep, SweepStopped
from numerics.sweeping.store import Store
from numerics.sweeping.text import Record, parsed
from numerics.sweeping.workers import Compute, Runner

__all__ = ["Ledger"]

_PAUSE = 0.1  # seconds between looks at what other processes compute


class Ledger:
    """What is known of the cells of one sweep.

    Args:
        keys: of the cells, in their order.
        store: keeps them; None for nothing.
        seed: of the sweep.
        progress: told what is done.
    """

    def __init__(
        self,
        keys: Sequence[str],
        store: Store | None,
        seed: int,
        progress: Callable[[Progress], None] | None,
    ) -> None:
        self._keys = keys
        self._store, self._seed, self._progress = store, seed, progress
        self._records: dict[str, Record] = {}
        self.pending = list(dict.fromkeys(keys))
        self._total = len(self.pending)
        self._reused = 0
        self._damaged: dict[str, str] = {}
        self._began = self._started = time.monotonic()

    def recall(self) -> None:
        """Take over what the store holds."""
        if self._store is not None:
            for key in self.pending:
                record = self._store.get(key, seed=self._seed)
                if record is not None:
                    self._records[key] = record
                    self._reused += 1
        self.pending = [key for key in self.pending if key not in self._records]
        self._note_damage()
        self._started = time.monotonic()
        self._tell(None)

    def check_writable(self) -> None:
        """Find out before the work whether its results can be kept."""
        if self._store is None:
            return
        try:
            self._store.check_writable()
        except OSError as problem:
            raise self._stopped("nothing can be kept", problem) from problem

    def fill(self, runner: Runner, compute: Compute) -> None:
        """Compute what is missing, until nothing is."""
        while self.pending:
            before = len(self.pending)
            results = runner(compute, self._handed_out(), self._seed)
            with contextlib.closing(results):
                for key, text in results:
                    self._keep(key, parsed(text))
            self.pending = [key for key in self.pending if key not in self._records]
            self._take_over()
            if len(self.pending) == before:  # all are being computed by other processes
                time.sleep(_PAUSE)

    def kept(self) -> Kept:
        """Count what the store really holds."""
        if self._store is None:
            return Kept(0, self._total, None)
        missing = len(self._store.missing(self._keys))
        return Kept(self._total - missing, self._total, self._store.path)

    def result(self) -> Sweep:
        """Close the books."""
        records = tuple(self._records[key] for key in self._keys)
        computed = self._total - self._reused
        return Sweep(records, tuple(self._keys), computed, self._reused, self._told_damage())

    def _handed_out(self) -> Iterator[str]:
        """Keys to compute; the workers' threads ask for the next one."""
        for key in tuple(self.pending):
            if self._store is None:
                yield key
            elif self._store.claims.take(self._store.name(key)):
                if self._store.get(key) is None:
                    yield key
                else:  # finished by another process meanwhile
                    self._store.claims.release(self._store.name(key))

    def _keep(self, key: str, record: Record) -> None:
        """A cell counts as done when it is on the disk, and is told only then."""
        if self._store is not None:
            self._note_damage()
            try:
                record = self._store.put(key, record, seed=self._seed)
            except OSError as problem:
                raise self._stopped(f"the cell {key} cannot be kept", problem, key) from problem
            self._store.claims.release(self._store.name(key))
        self._records[key] = record
        self._tell(key)

    def _take_over(self) -> None:
        """Take over what other processes put into the store."""
        if self._store is None:
            return
        for key in self.pending:
            record = self._store.get(key, seed=self._seed)
            if record is not None:
                self._records[key] = record
                self._reused += 1
                self._tell(key)
        self.pending = [key for key in self.pending if key not in self._records]

    def _note_damage(self) -> None:
        if self._store is None or not self._store.damaged:
            return
        found = dict(self._store.damaged)
        for key in self.pending:
            reason = found.get(f"{self._store.name(key)}.json")
            if reason is not None:
                self._damaged[key] = reason

    def _told_damage(self) -> tuple[str, ...]:
        if self._store is None:
            return ()
        return tuple(
            f"the cell {key} was damaged ({reason}) in {self._store.name(key)}.json"
            for key, reason in self._damaged.items()
        )

    def _tell(self, key: str | None) -> None:
        if self._progress is None:
            return
        now, done = time.monotonic(), len(self._records)
        computed, left = done - self._reused, self._total - done
        seconds_left = (now - self._started) / computed * left if computed else None
        told = Progress(
            done,
            self._total,
            self._reused,
            len(self._damaged),
            now - self._began,
            seconds_left if left else 0.0,
            key,
        )
        self._progress(told)

    def _stopped(self, what: str, problem: OSError, key: str | None = None) -> SweepStopped:
        kept = self.kept()
        reason = problem.strerror or type(problem).__name__
        return SweepStopped(f"{what}: {reason}", kept, key)
