r"""The arrangement itself: the vectors of the features beside the Gram matrix ``W^T W``.

As in Elhage et al. 2022, arXiv:2209.10652: columns of ``W`` as lines from the origin, in two
dimensions as they are and in three by an orthographic projection; beside them ``W^T W`` with its
sign, and the biases beneath.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from theory.problem import InputError, Problem
from tms.figures import captions, style
from tms.figures.drawing import Drawing
from tms.figures.projection import depth_shades, hull_edges, projected
from tms.words import density_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["arrangement", "check_labels"]

Floats = NDArray[np.float64]

_MOST_NUMBERS = 6  # features, of a heat map with a number in each cell
_MOST_SIGNS = 30  # features, of a heat map with a sign in each negative cell
_MOST_LABELS = 20  # features that are labelled
_SEEN = 1e-3  # a shorter column is no arrow; an entry below it has no sign
_HEIGHT = 1.95  # inches


@dataclass(frozen=True, eq=False)
class _Shown:
    """What is drawn."""

    W: Floats
    b: Floats
    problem: Problem | None
    labels: tuple[str, ...]

    @property
    def importances(self) -> Floats:
        if self.problem is None:
            return np.ones(self.W.shape[1])
        return np.array([float(weight) for weight in self.problem.importances])

    @property
    def is_equal(self) -> bool:
        return bool(np.ptp(self.importances) == 0.0)


def arrangement(
    weights: Any,
    b: Any = None,
    *,
    problem: Problem | None = None,
    labels: Sequence[str] | None = None,
    command: str | None = None,
) -> Drawing:
    """Draw an arrangement: its vectors in one, two or three dimensions, and its Gram matrix.

    Args:
        weights: a matrix ``(m, n)``, or what holds ``W``, ``b`` and ``problem``: what ``optimize``
            gives, a row of a table or of the atlas, a named arrangement.
        b: biases ``(n,)``, of a matrix; zeros when left out.
        problem: instead of that of ``weights``; gives importance, sparsity and model.
        labels: one for each feature; 1, 2, ... when left out.
        command: what makes the figure again, for the caption.

    Returns:
        The drawing, one column wide.

    Raises:
        InputError: no matrix of finite real numbers, shapes that do not fit, a row that failed.

    Example:
        >>> drawing = arrangement([[1, -1, 0], [0, 0, 1]])
        >>> drawing.title
        'Antipodal pair + 1 dedicated: n = 3 features, m = 2 hidden dimensions'
    """
    import tms
    from numerics.geometry import describe

    shown = _checked(weights, b, problem, labels)
    m, n = shown.W.shape
    name = describe(shown.W)
    title = (
        f"{name[0].upper()}{name[1:]}: n = {n} features, m = {m} hidden "
        f"dimension{'' if m == 1 else 's'}"
    )
    with style.context():
        figure = _figure(shown)
    told = command or "tms.figures.arrangement(W, b)"
    return Drawing(
        figure, title, _caption(shown, weights, title, told), told, tms.__version__, _counts(shown)
    )


def _checked(weights: Any, b: Any, problem: Problem | None, labels: Sequence[str] | None) -> _Shown:
    from numerics.basics.inputs import matrix_as_floats

    held = weights
    if hasattr(weights, "W"):
        held, b = weights.W, weights.b if b is None else b
        problem = problem or getattr(weights, "problem", None)
    elif hasattr(weights, "coordinates"):
        held = np.array(weights.coordinates.tolist(), dtype=np.float64)
        b = np.array(list(weights.bias), dtype=np.float64) if b is None else b
    if held is None:
        raise InputError(f"W=None: there are no weights to draw; {getattr(weights, 'status', '')}")
    W = matrix_as_floats(held)
    n = W.shape[1]
    bias = np.zeros(n) if b is None else matrix_as_floats([b])[0]
    if bias.shape != (n,):
        raise InputError(f"b.shape={bias.shape}: must be ({n},), one for each column of W")
    if problem is not None and (problem.n_hidden, problem.n_features) != W.shape:
        raise InputError(
            f"W.shape={W.shape}: must be ({problem.n_hidden}, {problem.n_features}) for the problem"
        )
    if problem is not None and problem.is_symbolic:
        raise InputError(f"problem={problem!r}: holds symbols; a figure needs numbers")
    check_labels(labels, n)
    names = tuple(str(i + 1) for i in range(n)) if labels is None else tuple(map(str, labels))
    return _Shown(W, bias, problem, names)


def check_labels(labels: Sequence[str] | None, n_features: int) -> None:
    """Refuse labels that are not one for each feature.

    Args:
        labels: of the features; None for their numbers.
        n_features: how many there are.

    Raises:
        InputError: more or fewer labels.
    """
    if labels is not None and len(labels) != n_features:
        raise InputError(f"labels={list(labels)}: must be {n_features}, one for each feature")


def _figure(shown: _Shown) -> Figure:
    m = shown.W.shape[0]
    has_vectors = m <= 3
    figure = style.new_figure(_HEIGHT if has_vectors else 3.1)
    if has_vectors:
        views = figure.subplots(1, 2, width_ratios=(1, 1.15))
        _vectors(views[0], shown)
        _gram(figure, views[1], shown)
    else:
        _gram(figure, figure.subplots(), shown)
    return figure


def _vectors(axes: Axes, shown: _Shown) -> None:
    """Lines from the origin with a dot at the tip, the nearest ones last."""
    tips, depth = projected(shown.W)
    reach = max(1.0, float(np.abs(tips).max(initial=0.0)))
    _unit_norm(axes, shown.W.shape[0])
    for first, second in hull_edges(shown.W):
        axes.plot(*tips[:, [first, second]], color="0.75", linewidth=0.6, zorder=1)
    shades, widths = depth_shades(depth), 1.0 + 0.9 * depth
    colours = _colours(shown)
    seen = np.flatnonzero(np.linalg.norm(shown.W, axis=0) >= _SEEN)
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
    limit = 1.32 * reach
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


def _colours(shown: _Shown) -> list[str]:
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
        near = [g for g in groups if np.hypot(*(tips[:, g[0]] - tips[:, i])) < 0.09 * reach]
        if near:
            near[0].append(int(i))
        else:
            groups.append([int(i)])
    for group in groups:
        tip = tips[:, group].mean(axis=1)
        size = float(np.hypot(*tip))
        direction = tip / size if size > 1e-9 else np.array([0.0, 1.0])
        axes.annotate(
            ", ".join(labels[i] for i in group),
            tuple(tip),
            xytext=tuple(6.5 * direction),
            textcoords="offset points",
            ha="center",
            va="center",
            fontsize=style.SMALL,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.7, "pad": 0.4},
            zorder=1.5,
        )


def _gram(figure: Figure, axes: Axes, shown: _Shown) -> None:
    """``W^T W`` with the biases as one more row beneath."""
    gram = shown.W.T @ shown.W
    n = len(gram)
    gap = 0.35
    largest = max(float(np.abs(gram).max()), float(np.abs(shown.b).max()), _SEEN)
    edges = np.arange(n + 1.0)
    look: dict[str, Any] = {
        "cmap": style.diverging(),
        "vmin": -largest,
        "vmax": largest,
        "edgecolors": "0.8" if n <= _MOST_SIGNS else "face",
        "linewidth": 0.3,
    }
    mesh = axes.pcolormesh(edges, edges, gram, **look)
    axes.pcolormesh(edges, n + gap + np.arange(2.0), shown.b[None, :], **look)
    everything = [(gram, 0.0), (shown.b[None, :], n + gap)]
    for block, top in everything:
        for (row, column), entry in np.ndenumerate(block):
            _cell_text(axes, column + 0.5, top + row + 0.5, float(entry), largest, n)
    axes.set(xlim=(0, n), ylim=(n + gap + 1, 0), aspect="equal", anchor="N")
    step = max(1, -(-n // 10)) if n > 12 else 1
    ticks = np.arange(0, n, step)
    names = [shown.labels[i] for i in ticks]
    axes.set_xticks(ticks + 0.5, names)
    axes.set_yticks([*(ticks + 0.5), n + gap + 0.5], [*names, "$b$"])
    axes.tick_params(length=0, pad=2, top=False, labeltop=False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.set_title(r"$W^\mathrm{T}\, W$")
    if n > _MOST_NUMBERS:
        bar = figure.colorbar(mesh, ax=axes, fraction=0.05, pad=0.03, aspect=25)
        bar.outline.set_linewidth(0.4)
        bar.locator = _few_ticks()
        bar.update_ticks()


def _few_ticks() -> Any:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(nbins=4, symmetric=True)


def _cell_text(axes: Axes, x: float, y: float, entry: float, largest: float, n: int) -> None:
    """A number where there is room, else a sign where the entry is negative."""
    share = abs(entry) / largest
    colour = "white" if share > 0.6 else "black"
    if n <= _MOST_NUMBERS:
        places = 2 if abs(entry) < 0.995 or n <= 4 else 1
        text = f"{abs(entry):.{places}f}".removeprefix("0")
        text = "0" if abs(entry) < 0.005 else f"{'−' if entry < 0 else ''}{text}"
        size = style.SMALL if n <= 4 else style.SMALL - 0.5 * (n - 3)
        axes.text(x, y, text, ha="center", va="center_baseline", color=colour, fontsize=size)
    elif n <= _MOST_SIGNS and entry < 0 and share >= 0.05:
        half = 0.22
        axes.plot([x - half, x + half], [y, y], color=colour, linewidth=0.7)


def _counts(shown: _Shown) -> dict[str, int]:
    norms = np.linalg.norm(shown.W, axis=0)
    return {"features": norms.size, "ignored": int(np.sum(norms < _SEEN))}


def _caption(shown: _Shown, weights: Any, title: str, command: str) -> str:
    import tms

    m, n = shown.W.shape
    problem = shown.problem
    views = {
        1: "on a line",
        2: "in the plane",
        3: "in an orthographic projection, nearer ones darker",
    }
    loss = getattr(weights, "loss", None)
    hull = "; thin lines: edges of the convex hull" if hull_edges(shown.W) else ""
    where = "" if problem is None else f", {density_words(problem)}"
    sentences = [
        f"{title}{where}.",
        "" if problem is None else captions.model_sentences(problem),
        f"Left: columns of W {views[m]}; dotted: norm 1{hull}." if m <= 3 else "",
        "" if shown.is_equal else "Darker: more important.",
        "Heat map: W^T W, and the biases b beneath; blue above 0, vermilion below"
        + (", with a dash." if _MOST_NUMBERS < n <= _MOST_SIGNS else "."),
        ""
        if loss is None
        else f"Loss there: {f'at most {loss!r}' if isinstance(loss, float) else loss}.",
        _origin(weights),
    ]
    return captions.paragraphs(sentences, tms.__version__, command)


def _origin(weights: Any) -> str:
    """Where weights come from, without a word on an optimum that is not proved."""
    if hasattr(weights, "origin"):
        return str(weights.origin)
    verdict = getattr(weights, "verdict", None)
    seed = getattr(weights, "seed", None)
    if verdict is not None:
        told = "proved optimal" if verdict == "proved" else verdict
        claim = "" if verdict == "proved" else ", with no claim of an optimum"
        return f"Weights: {told}{claim}{'' if seed is None else f' (seed {seed})'}."
    if hasattr(weights, "found"):
        return f"Weights: from the atlas, {weights.status} ({weights.found})."
    return ""
