"""What a sweep says: on its way, at its end, and when it cannot go on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from numerics.sweeping.text import Record

__all__ = ["Kept", "Progress", "Sweep", "SweepInterrupted", "SweepStopped"]


@dataclass(frozen=True)
class Progress:
    """Where a sweep stands.

    Attributes:
        done: cells that are finished, those that were in the store among them.
        total: different cells in all.
        reused: cells found in the store.
        damaged: cells whose file in the store was damaged; they are computed again.
        seconds: since the sweep began.
        seconds_left: estimate from the cells computed since, None before the first.
        cell: key of the cell finished last, None before the first.
    """

    done: int
    total: int
    reused: int
    damaged: int
    seconds: float
    seconds_left: float | None
    cell: str | None


@dataclass(frozen=True)
class Sweep:
    """What came out of a sweep.

    Attributes:
        records: in the order of the cells.
        keys: of the cells, in the same order.
        n_computed: different cells that this run computed.
        n_reused: different cells that were in the store, or that another process put there.
        damaged: a sentence for each cell whose file was damaged: which, what was wrong, where.
    """

    records: tuple[Record, ...]
    keys: tuple[str, ...]
    n_computed: int
    n_reused: int
    damaged: tuple[str, ...]


@dataclass(frozen=True)
class Kept:
    """What there is of a sweep that ended early.

    Attributes:
        done: cells of the sweep that are in the store; 0 without a store.
        total: different cells in all.
        store: folder, None without a store.
    """

    done: int
    total: int
    store: Path | None

    def __str__(self) -> str:
        if self.store is None:
            return f"no store was given, so that none of {self.total} cells is kept"
        return f"{self.done} of {self.total} cells are kept in {self.store}"


class SweepInterrupted(KeyboardInterrupt):
    """Ctrl-C during a sweep; the workers are stopped.

    Attributes:
        kept: what there is.
    """

    def __init__(self, kept: Kept) -> None:
        advice = "" if kept.store is None else "; the same command goes on from there"
        super().__init__(f"interrupted: {kept}{advice}")
        self.kept = kept


class SweepStopped(RuntimeError):
    """A sweep that cannot go on: a full disk, a folder that is gone, a worker that died.

    Attributes:
        kept: what there is.
        cell: key of the cell that could not be kept, None where it is not one cell's trouble.
    """

    def __init__(self, reason: str, kept: Kept, cell: str | None = None) -> None:
        super().__init__(f"{reason}; {kept}")
        self.kept, self.cell = kept, cell
