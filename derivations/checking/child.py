"""Checking in a process of its own, within limits of time and memory.

The process that checks sends each result as it has it. If it does not send one within the time of a
step and some seconds more, or ends, the step is undecided and a new process goes on with the next.
"""

from __future__ import annotations

import multiprocessing
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from types import ModuleType
from typing import Any

from derivations.checking.questions import conditions_of
from derivations.checking.steps import check_step
from derivations.checking.stops import Stop
from derivations.document import Derivation
from derivations.language.records import Step
from derivations.results import StepResult, Verdict

__all__ = ["checked_apart"]

START_SECONDS = 20.0
GRACE_SECONDS = 3.0


def checked_apart(
    derivation: Derivation, seconds: float, memory_bytes: int, *, apart: bool
) -> tuple[StepResult, ...]:
    """Check all steps.

    Args:
        derivation: the document.
        seconds: for one step.
        memory_bytes: for the process.
        apart: whether in a process of its own.

    Returns:
        A result for each step; hypotheses have one only where nothing meets them.
    """
    if not apart:
        found = [_checked(derivation, step, seconds) for step in derivation.steps]
        return tuple(result for result in found if result is not None)
    results: list[StepResult | None] = []
    while len(results) < len(derivation.steps):
        results += _run(derivation, len(results), seconds, memory_bytes)
    return tuple(result for result in results if result is not None)


def _checked(derivation: Derivation, step: Step, seconds: float) -> StepResult | None:
    try:
        return check_step(derivation, step, seconds)
    except MemoryError:
        why = "out of memory"
    except RecursionError:
        why = "nested too deeply"
    except Stop as stop:
        why = str(stop)
    except (ArithmeticError, ValueError) as error:  # of FLINT and SymPy, on extreme numbers
        why = f"the arithmetic failed: {error}"
    return _given_up(derivation, step, why, 0.0)


def _given_up(derivation: Derivation, step: Step, why: str, seconds: float) -> StepResult:
    return StepResult(
        step.number,
        step.line,
        step.text,
        Verdict.UNDECIDED,
        "",
        why,
        0,
        seconds,
        None,
        step.reason,
        conditions_of(derivation, step),
    )


def _run(
    derivation: Derivation, first: int, seconds: float, memory_bytes: int
) -> list[StepResult | None]:
    """Results from one process: all that are left, or those up to the one that it failed at."""
    spawn = multiprocessing.get_context("spawn")
    receiver, sender = spawn.Pipe(duplex=False)
    process = spawn.Process(
        target=_child, args=(sender, derivation, first, seconds, memory_bytes), daemon=True
    )
    with _no_main_module():
        process.start()
    sender.close()
    found: list[StepResult | None] = []
    try:
        _collect(receiver, derivation, first, seconds, found)
    finally:
        receiver.close()
        process.kill()
        process.join()
    return found


@contextmanager
def _no_main_module() -> Iterator[None]:
    """Keep a new process from running the script of the user again: it needs nothing of it."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _collect(
    receiver: Connection,
    derivation: Derivation,
    first: int,
    seconds: float,
    found: list[StepResult | None],
) -> None:
    for k, step in enumerate(derivation.steps[first:]):
        started = time.monotonic()
        wait = 2 * seconds + GRACE_SECONDS + (START_SECONDS if k == 0 else 0.0)
        try:
            if receiver.poll(wait):
                found.append(receiver.recv())
                continue
            why = f"stopped after {wait:.0f} seconds"
        except EOFError:
            why = "the process that checked it ended: out of memory, or too much recursion"
        found.append(_given_up(derivation, step, why, time.monotonic() - started))
        return


def _child(
    sender: Any, derivation: Derivation, first: int, seconds: float, memory_bytes: int
) -> None:
    _limit_memory(memory_bytes)
    sys.setrecursionlimit(20_000)
    for step in derivation.steps[first:]:
        sender.send(_checked(derivation, step, seconds))
    sender.close()


def _limit_memory(memory_bytes: int) -> None:
    """Limit the address space, where the system knows such a limit."""
    if sys.platform == "win32":
        return
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = memory_bytes if hard == resource.RLIM_INFINITY else min(memory_bytes, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
