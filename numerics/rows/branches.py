"""How many branches conditioning on one feature after another would take, before any is summed."""

from __future__ import annotations

import numpy as np

from numerics.basics.compiled import compiled
from numerics.basics.types import Floats

__all__ = ["MAX_BRANCHES", "MAX_SORTED", "count_branches"]

MAX_SORTED = 48  # rows with up to this many entries are sorted, so that they may be conditioned on
MAX_BRANCHES = 16_384  # about 20 ms; a row of ten comparable entries takes 2,047 at most


@compiled()
def count_branches(a: Floats, b: float, limit: int) -> int:
    """Count the branches of ``numerics.rows.conditioning`` whose sign is not settled at once.

    Entries of very different size leave few: once the large ones are fixed, the small ones cannot
    change the sign.

    Args:
        a: nonzero Gram entries, largest modulus first.
        b: bias.
        limit: stop counting here.

    Returns:
        The number of branches visited, ``limit + 1`` where there are more.

    Example:
        >>> count_branches(np.array([1.0, 1e-6, 1e-7, 1e-8]), -0.1, 100)
        3
    """
    count = a.size
    above, below = np.zeros(count + 1), np.zeros(count + 1)
    for j in range(count - 1, -1, -1):
        above[j] = above[j + 1] + max(a[j], 0.0)
        below[j] = below[j + 1] - min(a[j], 0.0)
    offsets, levels = np.empty(count + 2), np.empty(count + 2, np.int64)
    offsets[0], levels[0] = b, 0
    waiting, visited = 1, 0
    while waiting > 0 and visited <= limit:
        waiting -= 1
        visited += 1
        offset, level = offsets[waiting], levels[waiting]
        if offset + above[level] <= 0.0 or offset - below[level] >= 0.0:
            continue
        offsets[waiting + 1], levels[waiting + 1] = offset + a[level], level + 1
        levels[waiting] = level + 1
        waiting += 2
    return visited
