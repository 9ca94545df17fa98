"""What an arrangement of features looks like, in words, from its Gram matrix."""

from __future__ import annotations

from collections import Counter

import numpy as np
import numpy.typing as npt

from numerics.basics.inputs import matrix_as_floats
from numerics.basics.types import Floats

__all__ = ["components", "describe"]

IGNORED_NORM = (
    0.03  # a column shorter than this represents nothing: its loss is that of ignoring it
)
COSINE_TOLERANCE = (
    0.02  # angles of a found optimum are right to rounding; of trained weights to this
)
NORM_TOLERANCE = 0.02
_POLYGONS = {3: "triangle", 4: "square", 5: "pentagon", 6: "hexagon", 7: "heptagon", 8: "octagon"}


def components(W: npt.ArrayLike) -> tuple[list[list[int]], list[int]]:
    """Split the features into groups that do not interfere with each other, and ignored ones.

    Args:
        W: weights, shape ``(m, n)``.

    Returns:
        Groups of feature indices connected by cosines above ``COSINE_TOLERANCE``, and the indices
        of columns shorter than ``IGNORED_NORM``.

    Raises:
        InputError: not a matrix of finite real numbers.

    Example:
        >>> components([[1.0, -1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]])
        ([[0, 1], [2]], [3])
    """
    weights = matrix_as_floats(W)
    norms = np.linalg.norm(weights, axis=0)
    ignored = [int(i) for i in np.flatnonzero(norms <= IGNORED_NORM)]
    kept = [int(i) for i in np.flatnonzero(norms > IGNORED_NORM)]
    cosines = _cosines(weights)
    groups: list[list[int]] = []
    waiting = set(kept)
    for first in kept:
        if first not in waiting:
            continue
        waiting.remove(first)
        group, queue = [first], [first]
        while queue:
            i = queue.pop()
            near = sorted(j for j in waiting if abs(cosines[i, j]) > COSINE_TOLERANCE)
            waiting.difference_update(near)
            group += near
            queue += near
        groups.append(sorted(group))
    return groups, ignored


def describe(W: npt.ArrayLike) -> str:
    """Name the arrangement of the columns of ``W``.

    Args:
        W: weights, shape ``(m, n)``.

    Returns:
        The parts in words, for example ``2 antipodal pairs + 1 ignored``; a part that is no named
        arrangement to within ``COSINE_TOLERANCE`` and ``NORM_TOLERANCE`` is ``irregular``.

    Raises:
        InputError: not a matrix of finite real numbers.

    Example:
        >>> import math
        >>> turns = [2 * math.pi * k / 5 for k in range(5)]
        >>> describe([[math.cos(t) for t in turns], [math.sin(t) for t in turns]])
        'pentagon'
    """
    weights = matrix_as_floats(W)
    groups, ignored = components(weights)
    names = Counter(_name(weights[:, group]) for group in groups)
    ordered = sorted(names, key=lambda name: (name == "dedicated", -names[name], name))
    parts = [_plural(name, names[name]) for name in ordered]
    if ignored:
        parts.append(f"{len(ignored)} ignored")
    return " + ".join(parts) if parts else "nothing represented"


def _cosines(W: Floats) -> Floats:
    norms = np.linalg.norm(W, axis=0)
    safe = np.where(norms > 0.0, norms, 1.0)
    return (W.T @ W) / np.outer(safe, safe)


def _name(W: Floats) -> str:
    count = W.shape[1]
    if count == 1:
        return "dedicated"
    norms = np.linalg.norm(W, axis=0)
    cosines = _cosines(W)
    rank = int(np.linalg.matrix_rank(W / norms, tol=5 * COSINE_TOLERANCE))
    unequal = "" if np.ptp(norms) <= NORM_TOLERANCE * norms.max() else "unequal "
    if count == 2 and rank == 1:
        return f"{unequal}antipodal pair" if cosines[0, 1] < 0 else f"{unequal}parallel pair"
    off = cosines[~np.eye(count, dtype=bool)]
    if rank == 2 and count >= 3 and _is_regular_polygon(W):
        return unequal + _POLYGONS.get(count, f"regular {count}-gon")
    if rank == count - 1 and np.all(np.abs(off + 1 / (count - 1)) < COSINE_TOLERANCE):
        return unequal + ("tetrahedron" if count == 4 else f"{count - 1}-simplex")
    return f"irregular {count} in {rank} dimension{'' if rank == 1 else 's'}"


def _is_regular_polygon(W: Floats) -> bool:
    basis = np.linalg.svd(W, full_matrices=False)[0][:, :2]
    plane = basis.T @ W
    angles = np.sort(np.arctan2(plane[1], plane[0]))
    gaps = np.diff(np.append(angles, angles[0] + 2 * np.pi))
    return bool(np.all(np.abs(gaps - 2 * np.pi / W.shape[1]) < COSINE_TOLERANCE))


def _plural(name: str, count: int) -> str:
    if name == "dedicated" or name.startswith("irregular"):
        return f"{count} {name}" if name == "dedicated" or count > 1 else name
    if count == 1:
        return name
    return f"{count} {name}es" if name.endswith("x") else f"{count} {name}s"
