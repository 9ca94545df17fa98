"""Computing cells: in this process, on several, or on a cluster."""

from __future__ import annotations

import contextlib
import os
import uuid
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Any

import joblib
from joblib import parallel as joblib_parallel
from threadpoolctl import threadpool_limits

from numerics.sweeping.text import Record, canonical, cell_seed, parsed
from theory.problem import InputError

__all__ = ["Compute", "Results", "Runner", "check_backend", "opened"]

Compute = Callable[[Record, int], Record]
Results = Generator[tuple[str, str], None, None]  # keys and records as text, in any order
Runner = Callable[[Compute, Iterable[str], int], Results]

_PLACE = uuid.uuid4().hex  # of this process; a worker's differs, or its process number does
_SECONDS_TO_CONNECT = 10


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
    with contextlib.ExitStack() as stack:
        options = {}
        if backend == "dask":
            options["client"] = stack.enter_context(_client(n_workers, address))

        def run(compute: Compute, keys: Iterable[str], seed: int) -> Results:
            return _parallel(n_workers, backend, options, compute, keys, seed)

        yield run


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
        threadpool_limits(limits=1)  # for good: the process is a worker, perhaps of many threads
    try:
        record = compute(parsed(key), cell_seed(key, seed))
        if not isinstance(record, dict):
            raise InputError(f"record={record!r}: must be a dictionary of JSON data by name")
        return key, canonical(record, "record")
    except BaseException as problem:
        problem.add_note(f"in the cell {key}")
        raise


def _here(compute: Compute, keys: Iterable[str], seed: int) -> Results:
    for key in keys:
        yield compute_cell(compute, key, seed, None)


def _parallel(
    n_workers: int,
    backend: str | None,
    options: dict[str, Any],
    compute: Compute,
    keys: Iterable[str],
    seed: int,
) -> Results:
    place = (_PLACE, os.getpid())
    tasks = (joblib.delayed(compute_cell)(compute, key, seed, place) for key in keys)
    results = _pool(n_workers, backend, options)(tasks)
    try:
        yield from results
    finally:
        with warnings.catch_warnings():  # that unfinished cells are given up is meant
            warnings.simplefilter("ignore")
            results.close()


def _pool(n_workers: int, backend: str | None, options: dict[str, Any]) -> joblib.Parallel:
    # one cell a batch: a cell must not wait for others to be durable
    settings = {"n_jobs": n_workers, "return_as": "generator_unordered", "batch_size": 1}
    chosen = {} if backend is None else {"backend": backend, **options}
    try:
        with joblib.parallel_config(**chosen):
            return joblib.Parallel(**settings)
    except (ImportError, ValueError) as problem:
        name = "" if backend is None else f"backend={backend!r}: "
        if "return_as" in str(problem):
            problem = ValueError("gives no result before the last, so that none could be kept")
        raise InputError(f"{name}{problem}; {_known()}") from None


def _names() -> list[str]:
    return sorted({*joblib_parallel.BACKENDS, *joblib_parallel.EXTERNAL_BACKENDS})


def _known() -> str:
    return (
        f"joblib knows {', '.join(_names())}; others after joblib.register_parallel_backend, "
        "None for its default"
    )


@contextlib.contextmanager
def _client(n_workers: int, address: str | None) -> Iterator[Any]:
    """The Dask client at an address, else the current one, else one of a new local cluster."""
    try:
        import distributed
    except ImportError:
        raise InputError(
            "backend='dask': Dask is not installed; python -m pip install 'tms-theory[cluster]'"
        ) from None
    if address is not None:
        with _connected(distributed, address) as client:
            yield client
        return
    try:
        current = distributed.get_client()
    except ValueError:  # there is none
        current = None
    if current is not None:
        yield current
        return
    cluster = distributed.LocalCluster(
        n_workers=n_workers, threads_per_worker=1, processes=True, dashboard_address=None
    )
    with cluster, distributed.Client(cluster, set_as_default=False) as client:
        yield client


def _connected(distributed: Any, address: str) -> Any:
    try:
        return distributed.Client(address, timeout=_SECONDS_TO_CONNECT, set_as_default=False)
    except (OSError, ValueError) as problem:
        raise InputError(
            f"address={address!r}: no Dask scheduler answers there ({problem}); start one with "
            "dask scheduler and give the address that it prints, such as tcp://host:8786"
        ) from None
