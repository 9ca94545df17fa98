"""Computing cells: in this process, on several, or on a cluster."""

from __future__ import annotations

import contextlib
import os
import threading
import time
import uuid
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator
from functools import cache, partial

import joblib
import scipy.linalg  # noqa: F401 - a limit of threads reaches the libraries that are loaded
from joblib import parallel as joblib_parallel
from threadpoolctl import threadpool_limits

from numerics.sweeping.cluster import Client, client, gathered
from numerics.sweeping.signals import uninterrupted_children
from numerics.sweeping.text import Record, canonical, cell_seed, parsed
from theory.problem import InputError

__all__ = ["Compute", "Results", "Runner", "check_backend", "opened"]

Compute = Callable[[Record, int], Record]
Results = Generator[tuple[str, str], None, None]  # keys and records as text, in any order
Runner = Callable[[Compute, Iterable[str], int], Results]

_PLACE = uuid.uuid4().hex  # of this process; a worker's differs, or its process number does
_LOOK = 1.0  # seconds between looks whether the parent is there


def check_backend(backend: str | None, address: str | None) -> None:
    """Refuse a backend that joblib does not know, and an address without Dask.

    Args:
        backend: a name, or None.
        address: of a Dask scheduler, or None.

    Raises:
        InputError: one of these.
    """
    if backend is not None and backend not in _names():
        raise InputError(f"backend={backend!r}: {_known()}")
    if address is not None and backend != "dask":
        raise InputError(f"address={address!r}: only for backend='dask', not backend={backend!r}")


@contextlib.contextmanager
def opened(n_workers: int, backend: str | None, address: str | None) -> Iterator[Runner]:
    """Open what computes cells.

    Args:
        n_workers: number of processes.
        backend: a name that joblib knows; None for its default.
        address: of a Dask scheduler.

    Yields:
        A function of ``compute``, keys and the seed of the sweep that gives keys and records, both
        as canonical text, in any order. Closing what it gives stops the workers.

    Raises:
        InputError: a backend that is not installed, no scheduler at the address.
    """
    if backend is None and n_workers == 1:
        yield _here
        return
    if backend == "dask":
        with client(n_workers, address) as connected:
            yield partial(_on_cluster, connected)
    else:
        yield partial(_parallel, n_workers, backend)


def compute_cell(
    compute: Compute, key: str, seed: int, place: tuple[str, int] | None
) -> tuple[str, str]:
    """Compute one cell, in whatever process this is.

    Args:
        compute: of the caller.
        key: of the cell.
        seed: of the sweep.
        place: the process that asked; None for this one.

    Returns:
        The key, and the record as canonical text.

    Raises:
        InputError: the record is no JSON data.
    """
    if place is not None and place != (_PLACE, os.getpid()):
        _become_worker(place[1])
    try:
        record = compute(parsed(key), cell_seed(key, seed))
        if not isinstance(record, dict):
            raise InputError(f"record={record!r}: must be a dictionary of JSON data by name")
        return key, canonical(record, "record")
    except BaseException as problem:
        problem.add_note(f"in the cell {key}")
        raise


@cache
def _become_worker(parent: int) -> None:
    """Prepare a process that computes cells for another; once is enough."""
    threadpool_limits(limits=1)  # for good: there may be several threads that compute cells
    if os.getppid() == parent:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    """End this process when its parent was killed; its results would go nowhere."""
    while os.getppid() == parent:
        time.sleep(_LOOK)
    os._exit(1)


def _here(compute: Compute, keys: Iterable[str], seed: int) -> Results:
    for key in keys:
        yield compute_cell(compute, key, seed, None)


def _on_cluster(connected: Client, compute: Compute, keys: Iterable[str], seed: int) -> Results:
    place = (_PLACE, os.getpid())
    results = gathered(connected, compute_cell, ((compute, key, seed, place) for key in keys))
    with contextlib.closing(results):
        yield from results


def _parallel(
    n_workers: int, backend: str | None, compute: Compute, keys: Iterable[str], seed: int
) -> Results:
    place = (_PLACE, os.getpid())
    tasks = (joblib.delayed(compute_cell)(compute, key, seed, place) for key in keys)
    with uninterrupted_children():
        results = _pool(n_workers, backend)(tasks)
    try:
        for result in results:  # noqa: UP028 - "yield from" would close the results too early
            yield result
    finally:
        with warnings.catch_warnings():  # that unfinished cells are given up is meant
            warnings.simplefilter("ignore")
            results.close()


def _pool(n_workers: int, backend: str | None) -> joblib.Parallel:
    # one cell a batch: a cell must not wait for others to be durable
    settings = {"n_jobs": n_workers, "return_as": "generator_unordered", "batch_size": 1}
    settings["pre_dispatch"] = "n_jobs"  # what waits in a queue, no other process could compute
    try:
        with joblib.parallel_config(**({} if backend is None else {"backend": backend})):
            return joblib.Parallel(**settings)
    except (ImportError, ValueError) as problem:
        reason = str(problem)
        if "return_as" in reason:
            reason = "gives no result before the last, so that none could be kept on the way"
        name = "" if backend is None else f"backend={backend!r}: "
        raise InputError(f"{name}{reason}; {_known()}") from None


def _names() -> list[str]:
    return sorted({*joblib_parallel.BACKENDS, *joblib_parallel.EXTERNAL_BACKENDS})


def _known() -> str:
    return (
        f"joblib knows {', '.join(_names())}; others after joblib.register_parallel_backend, "
        "None for its default"
    )
