"""Columns of ``W`` as lines from the origin, in one, two or three dimensions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from theory.problem import Problem
from tms.figures import style
from tms.figures.projection import depth_shades, hull_edges, projected

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["SEEN", "Shown", "draw_vectors"]

Floats = NDArray[np.float64]

SEEN = 1e-3  # a shorter column is no line: the feature is ignored
_MOST_LABELS = 20  # features that are labelled
_MARGIN = 1.32  # of the view, in units of the longest line
_VIEW = 98.0  # points across the view, nearly


@dataclass(frozen=True, eq=False)
class Shown:
    """What is drawn.

    Args:
        W: ``(m, n)``.
        b: ``(n,)``.
        problem: gives the importances; None where they are equal.
        labels: of the features.
    """

    W: Floats
    b: Floats
    problem: Problem | None
    labels: tuple[str, ...]

    @property
    def importances(self) -> Floats:
        """``I_i`` of each feature."""
        if self.problem is None:
            return np.ones(self.W.shape[1])
        return np.array([float(weight) for weight in self.problem.importances])

    @property
    def is_equal(self) -> bool:
        """Whether all features are equally important."""
        return bool(np.ptp(self.importances) == 0.0)


def draw_vectors(axes: Axes, shown: Shown) -> None:
    """Lines from the origin with a dot at the tip, the nearest ones last."""
    tips, depth = projected(shown.W)
    reach = max(1.0, float(np.abs(tips).max(initial=0.0)))
    _unit_norm(axes, shown.W.shape[0])
    for first, second in hull_edges(shown.W):
        axes.plot(*tips[:, [first, second]], color="0.75", linewidth=0.6, zorder=1)
    shades, widths = depth_shades(depth), 1.0 + 0.9 * depth
    colours = _colours(shown)
    seen = np.flatnonzero(np.linalg.norm(shown.W, axis=0) >= SEEN)
    for i in seen[np.argsort(depth[seen], kind="stable")]:
        axes.plot(
            [0.0, tips[0, i]],
            [0.0, tips[1, i]],
            color=colours[i],
            alpha=shades[i],
            linewidth=widths[i],
            marker="o",
            markersize=2.0 + 2.0 * depth[i],
            markevery=[1],
            label=shown.labels[i],
            solid_capstyle="round",
            zorder=2 + depth[i],
        )
    if seen.size <= _MOST_LABELS:
        _tip_labels(axes, tips, seen, shown.labels, reach)
    axes.plot(0.0, 0.0, marker="o", markersize=2, color="black", zorder=4)
    limit = _MARGIN * reach
    axes.set(
        xlim=(-limit, limit), ylim=(-limit, limit), xticks=[], yticks=[], aspect="equal", anchor="N"
    )
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.set_title("columns of $W$")
    ignored = [shown.labels[i] for i in range(len(shown.labels)) if i not in seen]
    if ignored:
        listed = ", ".join(ignored) if len(ignored) <= 6 else f"{len(ignored)} features"
        axes.set_xlabel(f"ignored: {listed}", fontsize=style.SMALL)


def _unit_norm(axes: Axes, m: int) -> None:
    """Where a column of norm 1 ends: a circle, in one dimension two marks."""
    from matplotlib.patches import Circle

    look: dict[str, Any] = {"linewidth": 0.6, "linestyle": (0, (2, 2)), "zorder": 1}
    if m > 1:
        axes.add_patch(Circle((0.0, 0.0), 1.0, fill=False, edgecolor="0.6", **look))
        return
    axes.axhline(0.0, color="0.8", linewidth=0.6, zorder=1)
    axes.vlines([-1.0, 1.0], -0.25, 0.25, color="0.6", **look)


def _colours(shown: Shown) -> list[str]:
    """One colour for equal importance; else the darker, the more important."""
    from matplotlib.colors import LinearSegmentedColormap, to_hex

    if shown.is_equal:
        return [style.BLUE] * len(shown.labels)
    palette = LinearSegmentedColormap.from_list("importance", ["#8FC3E6", "#0072B2", "#002B45"])
    weights = shown.importances
    share = np.log(np.maximum(weights, weights.max() * 1e-3) / weights.max())
    span = -share.min()
    return [to_hex(palette(1.0 + entry / span)) for entry in share]


def _tip_labels(
    axes: Axes, tips: Floats, seen: NDArray[Any], labels: Sequence[str], reach: float
) -> None:
    """Labels beyond the tips; features with one tip share a label."""
    groups: list[list[int]] = []
    for i in seen:
        near = [g for g in groups if np.hypot(*(tips[:, g[0]] - tips[:, i])) < 0.04 * reach]
        if near:
            near[0].append(int(i))
        else:
            groups.append([int(i)])
    texts = [", ".join(labels[i] for i in group) for group in groups]
    points = np.array([tips[:, group].mean(axis=1) for group in groups]).reshape(-1, 2)
    scale = _VIEW / (2.0 * _MARGIN * reach)
    for text, point, place in zip(texts, points, _apart(points * scale, texts), strict=True):
        axes.annotate(
            text,
            tuple(point),
            xytext=tuple(place - point * scale),
            textcoords="offset points",
            ha="center",
            va="center",
            fontsize=style.SMALL,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.7, "pad": 0.4},
            zorder=1.5,
        )


def _apart(points: Floats, texts: Sequence[str]) -> Floats:
    """Places of labels beyond their tips, in points, pushed along their circle off each other."""
    sizes = np.linalg.norm(points, axis=1, keepdims=True)
    outward = np.divide(points, sizes, out=np.tile([0.0, 1.0], (len(points), 1)), where=sizes > 0)
    places = points + 6.5 * outward
    halves = np.array([[2.4 * len(text) + 0.5, 4.2] for text in texts]).reshape(-1, 2)
    for _ in range(40):
        moved = places.copy()
        for i, j in combinations(range(len(places)), 2):
            gap = places[j] - places[i]
            over = halves[i] + halves[j] - np.abs(gap)
            if np.all(over > 0):
                axis = int(np.argmin(over))
                sign = 1.0 if gap[axis] >= 0 else -1.0
                moved[i, axis] -= sign * over[axis] / 2
                moved[j, axis] += sign * over[axis] / 2
        if np.array_equal(moved, places):
            break
        places = moved
    return places
