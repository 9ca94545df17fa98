"""Computing cells on a cluster of Dask workers.

It talks to the scheduler itself: joblib's backend for Dask waits for ever for a task whose workers
died, and leaves the tasks of an interrupted sweep to the cluster.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import BrokenExecutor
from itertools import islice
from typing import Any

from numerics.sweeping.signals import uninterrupted_children
from numerics.sweeping.text import canonical
from theory.problem import InputError

__all__ = ["Client", "WorkersDied", "client", "gathered"]

Client = Any  # of Dask, which need not be installed

_SECONDS_TO_CONNECT = 10
_SECONDS_TO_RECRUIT = 60
_RECOUNT = 5.0  # seconds after which workers are counted again
_QUEUED = 2  # tasks for each thread of a worker, one of them waiting


class WorkersDied(BrokenExecutor):
    """A task that kills its workers."""


@contextlib.contextmanager
def client(n_workers: int, address: str | None) -> Iterator[Client]:
    """Open the client at an address, else the current one, else one of a new local cluster.

    Args:
        n_workers: processes of a local cluster.
        address: of a scheduler.

    Yields:
        The client; what was opened here is closed afterwards.

    Raises:
        InputError: Dask is not installed, no scheduler at the address.
    """
    try:
        import distributed
    except ImportError:
        raise InputError(
            "backend='dask': Dask is not installed; python -m pip install 'tms-theory[cluster]'"
        ) from None
    with contextlib.ExitStack() as stack:
        if address is not None:
            yield stack.enter_context(_connected(distributed, address))
            return
        current = _current(distributed)
        if current is None:
            cluster = stack.enter_context(_local(distributed, n_workers))
            current = stack.enter_context(distributed.Client(cluster, set_as_default=False))
        yield current


def gathered(
    client: Client, function: Callable[..., tuple[str, str]], tasks: Iterable[tuple[Any, ...]]
) -> Generator[tuple[str, str], None, None]:
    """Call a function on a cluster; closing what this gives cancels the tasks.

    Args:
        client: of Dask.
        function: of a module that the workers have too.
        tasks: arguments of each call, the second of them a key; taken as there is room.

    Yields:
        The results as they come.

    Raises:
        InputError: no worker.
        WorkersDied: all that tried a task.
        BaseException: what the function raised.
    """
    from distributed import KilledWorker, as_completed

    room, rest = _Room(client), iter(tasks)
    running = as_completed([], loop=client.loop)
    waiting: dict[Any, tuple[Any, ...]] = {}

    def submit() -> None:
        for task in islice(rest, max(0, room.size() - len(waiting))):
            future = client.submit(function, *task, pure=False)
            waiting[future] = task
            running.add(future)

    try:
        submit()
        while waiting:
            future = next(running)
            task = waiting.pop(future)
            try:
                result = future.result()
            except KilledWorker as problem:
                raise WorkersDied(f"each worker that tried the cell {task[1]} died") from problem
            submit()
            yield result
    finally:
        client.cancel(list(waiting))


class _Room:
    """How many tasks a cluster takes at a time; it may grow and shrink."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._size, self._counted = 0, -_RECOUNT

    def size(self) -> int:
        if time.monotonic() - self._counted > _RECOUNT:
            self._size = _QUEUED * sum(self._client.nthreads().values())
            if self._size == 0:
                self._size = self._recruited()
            self._counted = time.monotonic()
        return self._size

    def _recruited(self) -> int:
        try:
            self._client.wait_for_workers(1, timeout=_SECONDS_TO_RECRUIT)
        except TimeoutError:
            raise InputError(
                f"backend='dask': no worker at {self._client.scheduler.address} within "
                f"{_SECONDS_TO_RECRUIT} seconds; start some with dask worker ADDRESS"
            ) from None
        return _QUEUED * sum(self._client.nthreads().values())


def _local(distributed: Any, n_workers: int) -> Any:
    """Start a cluster on this machine that says nothing by itself."""
    with uninterrupted_children():
        return distributed.LocalCluster(
            n_workers=n_workers,
            threads_per_worker=1,
            processes=True,
            dashboard_address="127.0.0.1:0",  # None stands for port 8787, which may be taken
            silence_logs=logging.CRITICAL,
        )


def _current(distributed: Any) -> Client | None:
    try:
        return distributed.get_client()
    except ValueError:  # there is none
        return None


def _connected(distributed: Any, address: str) -> Client:
    try:
        return distributed.Client(address, timeout=_SECONDS_TO_CONNECT, set_as_default=False)
    except (OSError, ValueError) as problem:
        raise InputError(
            f"address={canonical(address)}: no Dask scheduler answers there ({problem}); start one "
            "with dask scheduler and give the address that it prints, such as tcp://host:8786"
        ) from None
