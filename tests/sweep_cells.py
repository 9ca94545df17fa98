"""Functions of cells that sweeps in the tests compute, and processes that sweep by themselves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
SETTINGS, VERSION = {"starts": 50, "tolerance": 0.1}, "0.1.0"


def echo(cell, seed):
    """Say what was asked."""
    return {"cell": cell, "seed": seed}


def slow(cell, seed):
    """Take some time, different in each cell, and leave a mark before it."""
    if "marks" in cell:
        append(cell["marks"], str(cell["i"]))
    time.sleep(0.002 + 0.001 * (cell["i"] * 7 % 11))
    return {"i": cell["i"], "seed": seed}


def fail(cell, seed):
    if cell.get("bad"):
        raise ZeroDivisionError("nothing to divide by")
    return echo(cell, seed)


def die(cell, seed):
    """End like a worker for which there is no memory."""
    if cell.get("bad"):
        os.kill(os.getpid(), signal.SIGKILL)
    return echo(cell, seed)


def sums(cell, seed):
    """Linear algebra whose last digits depend on the number of threads."""
    import numpy as np

    a = np.random.default_rng(seed).normal(size=(cell["size"], cell["size"]))
    return {
        "trace": float(np.trace(a @ a @ a.T)),
        "eigenvalue": float(np.linalg.eigvalsh(a @ a.T)[-1]),
    }


def threads(cell, seed):
    """Threads that linear algebra may use here."""
    from threadpoolctl import threadpool_info

    return {"threads": [pool["num_threads"] for pool in threadpool_info()]}


def long_or_short(cell, seed):
    time.sleep(cell.get("seconds", 0.0))
    return {}


def append(path, line):
    """Add a line to a file in one call."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    os.write(descriptor, f"{line}\n".encode())
    os.close(descriptor)


def heed_interrupts() -> None:
    """As on a terminal: what runs in the background of a shell ignores Ctrl-C, and its children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def python(code, *arguments, **options):
    """Start a Python that sees the project and these functions, in a process group of its own."""
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": paths},
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heed_interrupts,
        **options,
    )
