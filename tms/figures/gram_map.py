"""The Gram matrix ``W^T W`` as a heat map with its signs, and the biases beneath it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tms.figures import style
from tms.figures.vectors_view import Shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["MOST_NUMBERS", "MOST_SIGNS", "draw_gram"]

MOST_NUMBERS = 6  # features, of a heat map with a number in each cell
MOST_SIGNS = 30  # features, of a heat map with a sign in each negative cell
_LEAST = 1e-3  # end of the scale where nothing is represented


def draw_gram(figure: Figure, axes: Axes, shown: Shown) -> None:
    """``W^T W`` with the biases as one more row beneath."""
    gram = shown.W.T @ shown.W
    n = len(gram)
    gap, height = max(0.35, 0.015 * n), max(1.0, 0.025 * n)
    largest = max(float(np.abs(gram).max()), float(np.abs(shown.b).max()), _LEAST)
    edges = np.arange(n + 1.0)
    look: dict[str, Any] = {
        "cmap": style.diverging(),
        "vmin": -largest,
        "vmax": largest,
        "edgecolors": "0.8" if n <= MOST_SIGNS else "face",
        "linewidth": 0.3,
        "rasterized": n > MOST_SIGNS,  # thousands of cells are no drawing
    }
    mesh = axes.pcolormesh(edges, edges, gram, **look)
    axes.pcolormesh(edges, n + gap + height * np.arange(2.0), shown.b[None, :], **look)
    if n <= MOST_SIGNS:
        for block, top in ((gram, 0.0), (shown.b[None, :], n + gap)):
            for (row, column), entry in np.ndenumerate(block):
                _cell_text(axes, column + 0.5, top + row + 0.5, float(entry), largest, n)
    for top, bottom in ((0.0, n), (n + gap, n + gap + height)):
        axes.add_patch(_frame(n, top, bottom))
    axes.set(xlim=(-0.01, n * 1.005), ylim=(n + gap + height * 1.005, -0.01))
    axes.set(aspect="equal", anchor="N")
    ticks = _labelled(n)
    names = [shown.labels[i] for i in ticks]
    axes.set_xticks([i + 0.5 for i in ticks], names)
    rows = [*(i + 0.5 for i in ticks), n + gap + height / 2]
    axes.set_yticks(rows, [*names, "$b$"])
    axes.tick_params(length=0, pad=2, top=False, labeltop=False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.set_title(r"$W^\mathrm{T}\, W$")
    if n > MOST_NUMBERS:
        bar = figure.colorbar(mesh, ax=axes, fraction=0.05, pad=0.03, aspect=25)
        bar.outline.set_linewidth(0.4)
        bar.locator = _few_ticks()
        bar.update_ticks()


def _frame(n: int, top: float, bottom: float) -> Any:
    from matplotlib.patches import Rectangle

    look: dict[str, Any] = {"edgecolor": "0.6", "linewidth": 0.5, "clip_on": False}
    return Rectangle((0.0, top), n, bottom - top, fill=False, **look)


def _labelled(n: int) -> list[int]:
    """The features that are labelled: all of a few, else every so many."""
    if n <= 12:
        return list(range(n))
    step = next(step for k in range(9) for step in (2 * 10**k, 5 * 10**k, 10**(k + 1))
                if n <= 10 * step)  # fmt: skip
    first = [0] if step > 2 else []  # a 1 beside a 2 is too close
    return [*first, *range(step - 1, n, step)]


def _few_ticks() -> Any:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(nbins=4, symmetric=True)


def _cell_text(axes: Axes, x: float, y: float, entry: float, largest: float, n: int) -> None:
    """A number where there is room, else a sign where the entry is negative."""
    share = abs(entry) / largest
    colour = "white" if share > 0.6 else "black"
    if n <= MOST_NUMBERS:
        places = 2 if abs(entry) < 0.995 or n <= 4 else 1
        text = f"{abs(entry):.{places}f}".removeprefix("0")
        text = "0" if abs(entry) < 0.005 else f"{'−' if entry < 0 else ''}{text}"
        size = style.SMALL if n <= 4 else style.SMALL - 0.5 * (n - 3)
        axes.text(x, y, text, ha="center", va="center_baseline", color=colour, fontsize=size)
    elif entry < 0 and share >= 0.05:
        half = 0.22
        axes.plot([x - half, x + half], [y, y], color=colour, linewidth=0.7)
