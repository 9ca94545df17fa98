"""Sharing loops out among plain threads.

The compiled loops release the interpreter lock and write into rows of their own. The number of
threads is Numba's (the environment variable ``NUMBA_NUM_THREADS``).
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numba

__all__ = ["share_out"]

_WORTH_A_THREAD = 3000  # Gram entries; less takes less time than starting threads


def share_out(work: Callable[[int, int], None], rows: int, entries: int) -> None:
    """Call ``work(start, stop)`` over all rows, from several threads where that pays.

    Args:
        work: fills the rows ``start .. stop``; must not depend on the order.
        rows: number of rows.
        entries: number of Gram entries in all, the measure of the work.
    """
    threads = min(numba.get_num_threads(), rows)
    if threads == 1 or entries < _WORTH_A_THREAD:
        work(0, rows)
        return
    blocks = min(rows, 8 * threads)
    edges = [rows * k // blocks for k in range(blocks + 1)]
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, edges[:-1], edges[1:]))
