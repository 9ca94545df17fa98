r"""Feature dimensionality against sparsity, with the plateaus of the known geometries.

.. math::
    D_i = \frac{\lVert w_i \rVert^2}{\sum_j (\hat w_i \cdot w_j)^2}, \qquad
    D^* = \frac{m}{\lVert W \rVert_F^2}

Source: Elhage et al. 2022, arXiv:2209.10652, sections "The Geometry of Superposition" and "Feature
dimensionality".
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from theory.problem import InputError, Problem
from tms.figures import captions, style
from tms.figures.drawing import Drawing
from tms.figures.series import draw_axis, figure_command, ordered_rows
from tms.printing.words import size_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tms.atlas.rows import AtlasRow
    from tms.tables.row import Row
    from tms.tables.table import Table

__all__ = ["PLATEAUS", "dimensionality"]

PLATEAUS: tuple[tuple[Fraction, str, int], ...] = (
    (Fraction(1), "dedicated", 1),
    (Fraction(3, 4), "tetrahedron", 3),
    (Fraction(2, 3), "triangle", 2),
    (Fraction(1, 2), "antipodal pair", 1),
    (Fraction(2, 5), "pentagon", 2),
    (Fraction(3, 8), "square antiprism", 3),
    (Fraction(0), "ignored", 1),
)
"""Dimensionality, name, and the dimensions that the geometry takes at least."""

_HEIGHT, _TOP = 2.9, 1.06  # inches; upper end of the axis
_NEAR = 0.004  # dimensionalities that are drawn as one
_AREA = 9.0  # square points of a single feature
_APART = 0.062  # of labels, in units of the axis


@dataclass(frozen=True, eq=False)
class _Source:
    """Rows and where they come from."""

    rows: Sequence[Any]
    origin: str
    version: str
    command: str


def dimensionality(table: Table | Sequence[AtlasRow]) -> Drawing:
    """Draw the dimensionality of every feature, and ``D*``, against ``1/(1 - S)``.

    Args:
        table: of one model; or rows of the atlas for one ``n`` and ``m``.

    Returns:
        The drawing, one column wide.

    Raises:
        InputError: rows of several models, or no row with weights.

    Example:
        >>> import tms
        >>> rows = [tms.atlas.lookup(n_features=5, n_hidden=2, sparsity=S) for S in (0.5, 0.9)]
        >>> dimensionality(rows).title
        'Feature dimensionality against sparsity: n = 5 features, m = 2 hidden dimensions'
    """
    source = _source(table)
    drawn = [row for row in source.rows if row.W is not None and _density(row) > 0]
    if not drawn:
        raise InputError("rows: none has weights at a sparsity below 1")
    with style.context():
        figure = style.new_figure(_HEIGHT)
        axes = figure.subplots()
        _points(axes, drawn)
        _plateaus(axes, drawn[0].problem.n_hidden)
        x = [1.0 / _density(row) for row in drawn]
        draw_axis(axes, "inverse", x)
        axes.set_ylim(-0.04, max(_TOP, 1.04 * max(_stars(drawn), default=0.0)))
        axes.set_ylabel("dimensionality")
        axes.set_title(f"n = {drawn[0].problem.n_features},  m = {drawn[0].problem.n_hidden}")
        style.legend_below(figure, *axes.get_legend_handles_labels())
    counts = {
        "rows": len(source.rows),
        "failed": sum(row.W is None for row in source.rows),
        "off the axis": sum(row.W is not None and _density(row) == 0 for row in source.rows),
        "without D*": len(drawn) - len(_stars(drawn)),
    }
    title = _title(drawn[0].problem)
    caption = _caption(source, drawn[0], title, counts)
    return Drawing(figure, title, caption, source.command, source.version, counts)


def _source(table: Any) -> _Source:
    if hasattr(table, "varying"):
        rows = ordered_rows(table)
        origin = (
            f"Weights: the best that {table.n_starts} random starts at each sparsity (seed "
            f"{table.seed}), simple arrangements and changed copies of these led to, with no claim "
            "of an optimum."
        )
        command = figure_command(table, "dimensionality")
        return _Source(rows, origin, table.version, command)
    return _of_atlas(table)


def _of_atlas(given: Sequence[AtlasRow]) -> _Source:
    import tms

    rows = sorted(given, key=lambda row: row.sparsity)
    shapes = {row.key[:2] for row in rows}
    if len(shapes) != 1:
        raise InputError("rows: must be of one number of features and of hidden dimensions")
    n, m = shapes.pop()
    proved = sum(row.status == "proved" for row in rows)
    origin = "Weights: the best known of the atlas, with no claim of an optimum"
    origin += f" but at {proved} sparsities, where it is proved." if proved else "."
    sparsities = ",".join(f"{float(row.sparsity):g}" for row in rows)
    command = (
        f"tms figure dimensionality --atlas --features {n} --hidden {m} --sparsity {sparsities}"
    )
    return _Source(rows, origin, tms.__version__, command)


def _density(row: Row | AtlasRow) -> float:
    return float(row.problem.densities[0])


def _title(problem: Problem) -> str:
    sizes = size_words(problem.n_features, problem.n_hidden)
    return f"Feature dimensionality against sparsity: {sizes}"


def _stars(rows: Sequence[Any]) -> list[float]:
    """``D*`` of each row that has one."""
    return [star for star in map(_star, rows) if math.isfinite(star)]


def _star(row: Any) -> float:
    from numerics.dimensionality import dimensions_per_feature

    return float(dimensions_per_feature(row.W))


def _points(axes: Axes, rows: Sequence[Any]) -> None:
    """Every feature a circle, the larger the more features have its dimensionality."""
    from numerics.dimensionality import feature_dimensionality

    x, y, sizes = [], [], []
    for row in rows:
        shares = feature_dimensionality(row.W)
        alike = np.sum(np.abs(shares[:, None] - shares) <= _NEAR, axis=1)
        x += [1.0 / _density(row)] * shares.size
        y += shares.tolist()
        sizes += (_AREA * alike).tolist()
    axes.scatter(
        x,
        y,
        s=sizes,
        facecolors="none",
        edgecolors=style.BLUE,
        linewidths=0.9,
        label="$D_i$ of a feature (area: how many)",
        zorder=3,
    )
    stars = [star if math.isfinite(star := _star(row)) else math.nan for row in rows]
    axes.plot(
        [1.0 / _density(row) for row in rows],
        stars,
        color=style.VERMILION,
        linewidth=1.0,
        linestyle=(0, (4, 1.5)),
        marker="x",
        markersize=4,
        label=r"$D^* = m/\|W\|_F^2$",
        zorder=4,
    )


def _plateaus(axes: Axes, m: int) -> None:
    """Named lines; their labels stand to the right, moved apart where they would overlap."""
    shown = [(float(value), value, name) for value, name, least in PLATEAUS if m >= least]
    for height, _, _ in shown:
        axes.axhline(height, color="0.65", linewidth=0.6, linestyle=(0, (1, 1.5)), zorder=1)
    places = _moved_apart([height for height, _, _ in shown])
    for (height, value, name), place in zip(shown, places, strict=True):
        axes.annotate(
            f"{value} {name}",
            (1.0, height),
            xytext=(1.05, place),
            xycoords=("axes fraction", "data"),
            textcoords=("axes fraction", "data"),
            va="center",
            ha="left",
            fontsize=style.SMALL,
            annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": "0.65", "linewidth": 0.5, "shrinkB": 0},
        )


def _moved_apart(heights: Sequence[float]) -> list[float]:
    """Heights from the top down, pushed apart around the middle of those that are too close."""
    groups = [[height] for height in sorted(heights, reverse=True)]
    places: list[list[float]] = []
    while True:
        places = []
        for group in groups:
            middle, half = sum(group) / len(group), _APART * (len(group) - 1) / 2
            places.append([middle + half - _APART * k for k in range(len(group))])
        close = [
            k for k in range(len(groups) - 1) if places[k][-1] - places[k + 1][0] < _APART - 1e-9
        ]
        if not close:
            return [place for group in places for place in group]
        groups[close[0]] += groups.pop(close[0] + 1)


def _caption(source: _Source, row: Any, title: str, counts: dict[str, int]) -> str:
    importance = getattr(row, "importance", None)
    sentences = [
        f"{title}.",
        captions.model_sentences(
            row.problem, importance=None if importance is None else f"importance {importance}"
        ),
        source.origin,
        "Circles: D_i = |w_i|^2 / sum_j (w_i . w_j / |w_i|)^2 of each feature, area by the number "
        f"of features within {_NEAR:g}; crosses: D* = m / |W|_F^2. Dotted: the dimensionality of "
        "a feature in the geometries named.",
        captions.counted(counts["failed"], "row", "the search failed"),
        captions.counted(counts["off the axis"], "row", "S = 1 on a logarithmic axis"),
        captions.counted(counts["without D*"], "cross", "nothing is represented").replace(
            "crosss", "crosses"
        ),
        "Source: Elhage et al. 2022, arXiv:2209.10652.",
    ]
    return captions.paragraphs(sentences, source.version, source.command)
