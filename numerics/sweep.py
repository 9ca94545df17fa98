"""Many cells at once: any workers, a store that survives a kill, results that depend on neither.

A cell is JSON data: the parameters of one computation. A function of the caller turns it into JSON
data, given a seed that comes from the cell's key alone. Linear algebra runs on one thread, for the
order of its sums would depend on their number. So the records are the same for any number of
workers, any backend, any order and any number of interruptions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor

from threadpoolctl import threadpool_limits

from numerics.basics.inputs import checked_count
from numerics.sweeping.cluster import WorkersDied
from numerics.sweeping.ledger import Ledger
from numerics.sweeping.outcome import Kept, Progress, Sweep, SweepInterrupted, SweepStopped
from numerics.sweeping.store import Store
from numerics.sweeping.text import Record, cell_key, cell_seed
from numerics.sweeping.workers import Compute, check_backend, opened
from theory.problem import InputError

__all__ = [
    "Kept",
    "Progress",
    "Record",
    "Store",
    "Sweep",
    "SweepInterrupted",
    "SweepStopped",
    "cell_key",
    "cell_seed",
    "sweep",
]


def sweep(
    cells: Sequence[Record],
    compute: Compute,
    *,
    store: Store | None = None,
    seed: int = 0,
    n_workers: int = 1,
    backend: str | None = None,
    address: str | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Sweep:
    """Compute many cells, each once, and keep each as soon as it is finished.

    What the store holds is not computed again. Several processes may sweep into one store at a
    time: they share the cells out among themselves, and each waits for the others' last cells.

    Args:
        cells: parameters of each computation, JSON data by name; equal ones are computed once.
        compute: takes the parameters of a cell and its seed and gives JSON data by name; a function
            of a module, for it goes to other processes by its name.
        store: keeps finished cells; None to keep nothing.
        seed: of the sweep; the seed of a cell is ``cell_seed(cell_key(cell), seed)``.
        n_workers: number of processes; 1 without a backend is this one.
        backend: a backend that joblib knows by name; None for its default, processes of this
            machine, or what ``joblib.parallel_config`` has set. With ``"dask"`` the cells go to the
            scheduler at ``address``, else to the current client of Dask, both with all their
            workers, else to a local cluster of ``n_workers`` processes, which a script may start
            only below ``if __name__ == "__main__":``.
        address: of a Dask scheduler, such as ``"tcp://host:8786"``.
        progress: called at the beginning and after each finished cell.

    Returns:
        The records in the order of the cells, and how many were computed.

    Raises:
        InputError: arguments that cannot be meant; a store of another seed.
        SweepInterrupted: Ctrl-C; it is a ``KeyboardInterrupt`` that says what is kept.
        SweepStopped: a full disk, a folder that is gone, a worker that died.
        BaseException: what ``compute`` raised, with a note that names the cell.

    Example:
        >>> def half(cell, seed):
        ...     return {"half": cell["x"] / 2}
        >>> found = sweep([{"x": 3}, {"x": 1}, {"x": 3}], half)
        >>> found.records
        ({'half': 1.5}, {'half': 0.5}, {'half': 1.5})
        >>> found.n_computed
        2
    """
    if not isinstance(cells, Sequence) or isinstance(cells, str | bytes):
        raise InputError(f"cells={cells!r}: must be a sequence of dictionaries")
    keys = tuple(cell_key(cell) for cell in cells)
    seed = checked_count(seed, "seed", 0)
    n_workers = checked_count(n_workers, "n_workers", 1)
    check_backend(backend, address)
    if store is not None and not isinstance(store, Store):
        raise InputError(f"store={store!r}: must be a Store; see Store.open")
    if not callable(compute):
        raise InputError(f"compute={compute!r}: must be a function of a cell and its seed")
    ledger = Ledger(keys, store, seed, progress)
    try:
        ledger.recall()
        if ledger.pending:
            ledger.check_writable()
            with opened(n_workers, backend, address) as runner, threadpool_limits(limits=1):
                ledger.fill(runner, compute)
    except KeyboardInterrupt:
        raise SweepInterrupted(ledger.kept()) from None
    except BrokenExecutor as problem:
        reason = "a worker process died, killed or out of memory"
        if isinstance(problem, WorkersDied):
            reason = str(problem)
        raise SweepStopped(reason, ledger.kept()) from problem
    finally:
        if store is not None:
            store.claims.close()
    return ledger.result()
