"""Kill a sweep at random moments, resume it, compare with one that was never interrupted.

    python benchmarks/sweep_kills.py --trials 20
    python benchmarks/sweep_kills.py --trials 20 --processes 2
    python benchmarks/sweep_kills.py --trials 20 --chain

A trial starts a sweep with two workers in a process of its own and ends it with SIGKILL at a random
moment of its life: the whole process group in one half of the trials, the parent alone in the other
half. Then the sweep is resumed. With ``--processes 2`` two sweeps share the store, and both are
killed; with ``--chain`` one store is killed in all trials, each time some milliseconds after a
random number of reports, and resumed to the end once, after the last. That number is drawn so that
the chain outlives its kills on a machine of any speed. Everything goes on record in one file opened
for appending: a line when a cell begins to be computed, a line when it is reported done, in the
order in which that happened.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numerics.sweep import Progress, Store, cell_key, sweep

SETTINGS, VERSION, SEED = {"purpose": "to be killed"}, "1", 7


def cells(count: int, log: str) -> list[dict[str, Any]]:
    """Parameters of the cells; the name of the log is left out of their records."""
    return [{"index": index, "log": log} for index in range(count)]


def compute(cell: dict[str, Any], seed: int) -> dict[str, Any]:
    """A short computation: some random numbers, some milliseconds."""
    append(cell["log"], f"began {cell['index']}")
    generator = random.Random(seed)
    time.sleep(generator.uniform(0.005, 0.025))
    return {"index": cell["index"], "draws": [generator.random() for _ in range(50)]}


def append(log: str, line: str) -> None:
    """Write one line in one call, so that lines of several processes do not mix."""
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    os.write(descriptor, f"{line}\n".encode())
    os.close(descriptor)


def run(folder: Path, log: Path, count: int, workers: int, export: Path) -> None:
    """Sweep to the end and export the records."""

    def report(progress: Progress) -> None:
        if progress.cell is not None:
            append(str(log), f"done {json.loads(progress.cell)['index']}")

    store = Store.open(folder, settings=SETTINGS, version=VERSION)
    found = sweep(
        cells(count, str(log)),
        compute,
        store=store,
        seed=SEED,
        n_workers=workers,
        progress=report,
    )
    export.write_text(json.dumps(found.records))


def started(folder: Path, log: Path, count: int, export: Path) -> subprocess.Popen[bytes]:
    """Start a sweep in a process group of its own."""
    names = [str(part) for part in (folder, log, count, export)]
    command = [sys.executable, str(Path(__file__).resolve()), "--child", *names]
    checkout = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parent.parent)}
    return subprocess.Popen(
        command, start_new_session=True, stderr=subprocess.DEVNULL, env=checkout
    )


@dataclass(frozen=True)
class Killed:
    """A trial.

    Attributes:
        moment: seconds from the start to the kill, in a chain from the last report waited for.
        group: whether the whole group was killed, not the parent alone.
        alive: whether a sweep was still at work when it was killed.
        durable: cells in the store after the kill.
        lost: cells that were reported done and are not in the store.
    """

    moment: float
    group: bool
    alive: bool
    durable: int
    lost: int


def killed(
    folder: Path, log: Path, count: int, moment: float, processes: int, group: bool, reports: int
) -> Killed:
    """Start a sweep, or several on one store, wait for new reports and a moment, and kill all."""
    before = len(reported(log))
    running = [started(folder, log, count, folder.with_suffix(".void")) for _ in range(processes)]
    while len(reported(log)) < before + reports and any(map(is_alive, running)):
        time.sleep(0.005)
    time.sleep(moment)
    alive = any(map(is_alive, running))
    for process in running:
        if not group:
            process.kill()
            continue
        with suppress(ProcessLookupError):  # it has ended by itself
            os.killpg(process.pid, signal.SIGKILL)
    for process in running:
        process.wait()
    store = Store.open(folder, settings=SETTINGS, version=VERSION)
    keys = [cell_key(cell) for cell in cells(count, str(log))]
    missing = {json.loads(key)["index"] for key in store.missing(keys)}
    return Killed(moment, group, alive, count - len(missing), len(missing & reported(log)))


def is_alive(process: subprocess.Popen[bytes]) -> bool:
    """Whether a process has not ended yet."""
    return process.poll() is None


def reported(log: Path) -> set[int]:
    """Cells that were reported done."""
    whole = log.read_text().rpartition("\n")[0] if log.exists() else ""
    return {int(line.split()[1]) for line in whole.splitlines() if line.startswith("done")}


def computed_again(log: Path) -> tuple[int, int]:
    """Count computations that began after the cell was reported done, and all beyond the first."""
    done, began, after_report = set(), Counter(), 0
    for line in log.read_text().splitlines():
        what, cell = line.split()
        if what == "done":
            done.add(cell)
        else:
            after_report += cell in done
            began[cell] += 1
    return after_report, began.total() - len(began)


def is_same(folder: Path, export: Path, reference: Path) -> bool:
    """Compare the export and the name and content of every cell file."""

    def content(of: Path) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in (of / "cells").glob("*.json")}

    same_cells = content(folder) == content(reference)
    return same_cells and export.read_bytes() == reference.with_suffix(".json").read_bytes()


def finished(folder: Path, log: Path, count: int, export: Path, processes: int) -> None:
    """Resume until all sweeps end by themselves."""
    others = [folder.with_suffix(f".{index}.json") for index in range(1, processes)]
    running = [started(folder, log, count, path) for path in (export, *others)]
    if any(process.wait() != 0 for process in running):
        raise SystemExit(f"a resumed sweep in {folder} failed")


def without_interruption(log: Path, count: int, reference: Path) -> float:
    """Sweep once, in one process, as the reference; then time it with two workers."""
    run(reference, log, count, 1, reference.with_suffix(".json"))
    begun = time.perf_counter()
    other = reference.with_name("timed")
    started(other, log, count, other.with_suffix(".json")).wait()
    seconds = time.perf_counter() - begun
    if not is_same(other, other.with_suffix(".json"), reference):
        raise SystemExit("one and two workers differ without any kill")
    log.unlink()
    return seconds


def trials(
    count: int, number: int, processes: int, chain: bool, seed: int, base: Path
) -> list[str]:
    """Run all trials, print a line each, and say what went wrong."""
    generator, failures = random.Random(seed), []
    log, reference = base / "log", base / "reference"
    life = without_interruption(log, count, reference)
    print(f"{count} cells; uninterrupted with two workers: {life:.2f} s", flush=True)
    amidst = 0
    for trial in range(number):
        last = trial == number - 1
        folder = base / ("chain" if chain else f"trial{trial}")
        # All kills of a chain together wait for three quarters of the cells at most.
        reports = generator.randint(1, max(1, count * 3 // (4 * number))) if chain else 0
        moment = generator.uniform(0, 0.02 if chain else life)
        told = killed(folder, log, count, moment, processes, trial % 2 == 0, reports)
        amidst += told.alive and 0 < told.durable < count
        line = (
            f"{trial + 1:3d}  {'killed' if told.alive else 'ended by itself'} after "
            f"{f'{reports} reports and ' if chain else ''}{told.moment:.3f} s "
            f"({'group' if told.group else 'parent alone'}): {told.durable} cells durable, "
            f"{told.lost} of those reported done lost"
        )
        if told.lost:
            failures.append(f"trial {trial + 1}: {told.lost} cells lost")
        if last or not chain:
            export = folder.with_suffix(".json")
            finished(folder, log, count, export, processes)
            after_report, more = computed_again(log)
            same = is_same(folder, export, reference)
            line += (
                f"; resumed: {'identical' if same else 'DIFFERENT'}, {after_report} computed again "
                f"after the report, {more} begun more than once"
            )
            if after_report or not same:
                failures.append(f"trial {trial + 1}: {line}")
            log.unlink()
        print(line, flush=True)
    print(f"{amidst} of {number} kills left some cells durable and some not")
    if chain and amidst < number:
        failures.append(f"{number - amidst} of {number} kills of the chain found nothing to end")
    return failures


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--cells", type=int, default=300)
    parser.add_argument("--processes", type=int, default=1, help="sweeps on one store at a time")
    parser.add_argument("--chain", action="store_true", help="kill one store in all trials")
    parser.add_argument("--seed", type=int, default=0, help="of the moments")
    parser.add_argument("--child", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        folder, log, count, export = options.child
        run(Path(folder), Path(log), int(count), 2, Path(export))
        return
    with tempfile.TemporaryDirectory() as base:
        failures = trials(
            options.cells,
            options.trials,
            options.processes,
            options.chain,
            options.seed,
            Path(base),
        )
    print(
        "\n".join(failures) or "no cell lost, none computed again after its report, all identical"
    )
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
