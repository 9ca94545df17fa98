"""Points in one, two or three dimensions as seen on paper, with their depth."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["depth_shades", "hull_edges", "projected"]

Floats = NDArray[np.float64]

_VIEWS = 400  # directions that are tried
_FLAT = 1e-9  # sine of the angle between faces that are one
_TINY = 1e-6


def projected(W: Floats) -> tuple[Floats, Floats]:
    """Project columns onto the paper.

    Of directions spread evenly over the sphere the one is taken in which the two tips that come
    closest to each other, the origin among them, are farthest apart, and no tip comes close to the
    line of another; so it depends on ``W`` alone.

    Args:
        W: ``(m, n)`` with ``m`` at most 3.

    Returns:
        Tips ``(2, n)``, and the depth of each: 0 for the farthest, 1 for the nearest, and 1 for all
        where there is no depth.

    Example:
        >>> tips, depth = projected(np.array([[1.0, -1.0]]))
        >>> tips.tolist(), depth.tolist()
        ([[1.0, -1.0], [0.0, 0.0]], [1.0, 1.0])
    """
    m, n = W.shape
    if m < 3:
        return np.vstack([W, np.zeros((2 - m, n))]), np.ones(n)
    frames, points = _frames(), _distinct(W)
    seen = frames[:, :2] @ points
    # rounding does not decide between views that are as good
    scores = np.round(np.minimum(_gaps(seen), 1.5 * _line_gaps(seen, points)), 6)
    frame = frames[int(np.argmax(scores))]
    x, y, z = frame @ W
    span = float(np.ptp(z)) if n else 0.0
    depth = (z - z.min()) / span if span > _TINY else np.ones(n)
    return np.array([x, y]), depth


def _gaps(seen: Floats) -> Floats:
    """The least distance of two tips, or of a tip from the origin, in each view."""
    tips = np.concatenate([seen, np.zeros((len(seen), 2, 1))], axis=2)
    gaps = np.linalg.norm(tips[:, :, :, None] - tips[:, :, None, :], axis=1)
    gaps[:, np.eye(gaps.shape[1], dtype=bool)] = np.inf
    least: Floats = gaps.min(axis=(1, 2))
    return least


def _line_gaps(seen: Floats, points: Floats) -> Floats:
    """The least distance of a tip from the line of another, which is not its own, in each view."""
    units = points / np.linalg.norm(points, axis=0)
    apart = np.abs(units.T @ units) < 1.0 - _TINY
    if not apart.any():
        return np.full(len(seen), np.inf)
    x, y = seen[:, 0], seen[:, 1]
    lengths = np.maximum(np.hypot(x, y), _TINY)
    areas = np.abs(x[:, :, None] * y[:, None, :] - y[:, :, None] * x[:, None, :])
    least: Floats = (areas / lengths[:, None, :])[:, apart].min(axis=1)
    return least


def _distinct(W: Floats) -> Floats:
    """Columns without those that are zero or equal to one before."""
    kept: list[Floats] = []
    for column in W.T:
        if np.linalg.norm(column) > _TINY and all(
            np.linalg.norm(column - other) > _TINY for other in kept
        ):
            kept.append(column)
    return np.array(kept).reshape(-1, 3).T


@cache
def _frames() -> Floats:
    """Rotations whose last rows are spread over the half sphere as on a sunflower."""
    k = np.arange(_VIEWS) + 0.5
    height, turn = 1.0 - k / _VIEWS, np.pi * (1.0 + 5.0**0.5) * k
    radius = np.sqrt(1.0 - height**2)
    towards = np.stack([radius * np.cos(turn), radius * np.sin(turn), height], axis=1)
    right = np.cross([0.0, 0.0, 1.0], towards)
    right /= np.linalg.norm(right, axis=1, keepdims=True)
    return np.stack([right, np.cross(towards, right), towards], axis=1)


def depth_shades(depth: Floats) -> Floats:
    """Give the opacity of lines: the nearer, the darker."""
    return 0.45 + 0.55 * depth


def hull_edges(W: Floats) -> list[tuple[int, int]]:
    """List the edges of the convex hull of columns in three dimensions.

    Args:
        W: ``(m, n)``.

    Returns:
        Pairs of columns; none in other dimensions, or where all columns lie in a plane.

    Example:
        >>> octahedron = np.hstack([np.eye(3), -np.eye(3)])
        >>> len(hull_edges(octahedron)), hull_edges(np.eye(2))
        (12, [])
    """
    from scipy.spatial import ConvexHull, QhullError

    if W.shape[0] != 3 or W.shape[1] < 4:
        return []
    try:
        hull = ConvexHull(W.T)
    except QhullError:  # all in a plane
        return []
    faces: dict[tuple[int, int], list[Floats]] = {}
    for triangle, plane in zip(hull.simplices, hull.equations, strict=True):
        for a, b in ((0, 1), (0, 2), (1, 2)):
            first, second = sorted((int(triangle[a]), int(triangle[b])))
            faces.setdefault((first, second), []).append(plane[:3])
    # an edge between two triangles of one flat face is none
    return sorted(
        edge
        for edge, normals in faces.items()
        if len(normals) < 2 or np.linalg.norm(np.cross(normals[0], normals[1])) > _FLAT**0.5
    )
