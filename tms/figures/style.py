"""The look that all figures share: one column wide, legible in grey and for colour-blind readers.

Colours are those of Okabe and Ito, which stay apart for the common kinds of colour blindness; grey
alone does not tell all of them apart, so every line has a dash or a marker of its own besides.
The user's own Matplotlib settings do not count: the same call gives the same bytes everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure

__all__ = [
    "BLACK",
    "BLUE",
    "DOTS",
    "GREEN",
    "KEY",
    "LOOKS",
    "ORANGE",
    "PURPLE",
    "SIZE",
    "SKY",
    "SMALL",
    "VERMILION",
    "WIDTH",
    "YELLOW",
    "context",
    "diverging",
    "legend_below",
    "legend_columns",
    "legend_height",
    "light_grid",
    "log_ticks",
    "new_figure",
]

WIDTH = 3.4  # inches; one column of a two-column page
SIZE, SMALL = 8.0, 7.0  # points: text; legends and labels inside the axes
DOTS = 300  # an inch, of .png

_NARROW, _WIDE = 4.0, 40.0  # ranges of a logarithmic axis: few numbers, or powers of ten alone

BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, VERMILION, PURPLE = "#F0E442", "#0072B2", "#D55E00", "#CC79A7"

LOOKS: tuple[dict[str, Any], ...] = (
    {"color": BLUE, "linestyle": (0, (5, 1.5))},
    {"color": VERMILION, "linestyle": (0, (1, 1))},
    {"color": GREEN, "linestyle": (0, (5, 1.5, 1, 1.5))},
    {"color": PURPLE, "linestyle": (0, (3, 1, 1, 1, 1, 1))},
    {"color": ORANGE, "linestyle": (0, (8, 2))},
    {"color": SKY, "linestyle": (0, (2, 2))},
    {"color": "0.35", "linestyle": (0, (1, 3))},
    {"color": "0.35", "linestyle": (0, (8, 2, 1, 2, 1, 2))},
)
"""For lines that have no look of their own; all dashes differ."""

KEY: dict[str, Any] = {
    "frameon": False,
    "fontsize": SMALL,
    "columnspacing": 0.8,
    "handlelength": 2.4,
    "borderaxespad": 0.2,
    "labelspacing": 0.35,
}
"""How a legend below the axes is set."""

_SETTINGS: dict[str, Any] = {
    "font.family": "DejaVu Sans",  # comes with Matplotlib
    "font.size": SIZE,
    "axes.titlesize": SIZE,
    "axes.labelsize": SIZE,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "legend.fontsize": SMALL,
    "axes.linewidth": 0.6,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.minor.width": 0.4,
    "ytick.minor.width": 0.4,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "xtick.minor.size": 1.5,
    "ytick.minor.size": 1.5,
    "hatch.linewidth": 0.5,
    "pdf.fonttype": 42,  # fonts embedded as TrueType: text can be searched and edited
    "ps.fonttype": 42,
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "tms",  # no random ids
}


@contextmanager
def context() -> Iterator[None]:
    """Apply the settings while the block runs, in place of the user's own."""
    from matplotlib import style

    with style.context(["default", _SETTINGS]):
        yield


def new_figure(height: float, width: float = WIDTH) -> Figure:
    """Make an empty figure, whose axes make room for their labels.

    Args:
        height: in inches.
        width: in inches.

    Returns:
        The figure.

    Example:
        >>> with context():
        ...     new_figure(2.0).get_size_inches().tolist()
        [3.4, 2.0]
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    engine: Any = figure.get_layout_engine()
    engine.set(w_pad=0.02, h_pad=0.02)
    return figure


def light_grid(axes: Axes) -> None:
    """Draw a grid that stays behind the data."""
    axes.grid(visible=True, color="0.9", linewidth=0.5)
    axes.set_axisbelow(True)


def log_ticks(axis: Any, low: float, high: float) -> None:
    """Label a logarithmic axis by plain numbers, whatever its range.

    Args:
        axis: of Matplotlib.
        low: least value.
        high: largest value.
    """
    from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

    ratio = high / low
    if ratio < _NARROW:
        axis.set_major_locator(MaxNLocator(4))
    else:
        axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if ratio < _WIDE else (1.0,)))
    axis.set_major_formatter(lambda value, _: f"{value:g}")
    axis.set_minor_formatter(NullFormatter())


def legend_columns(labels: Sequence[str]) -> int:
    """Choose the number of columns of a legend: two where they fit the width.

    Args:
        labels: in order; a legend fills one column after the other.

    Returns:
        1 or 2.

    Example:
        >>> legend_columns(["best found", "lower bound"]), legend_columns(["a long name " * 3] * 2)
        (2, 1)
    """
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(family="DejaVu Sans", size=SMALL)
    widths = [
        text_to_path.get_text_width_height_descent(label, font, ismath="$" in label)[0]
        for label in labels
    ]
    half = -(-len(labels) // 2)
    used = max(widths[:half], default=0.0) + max(widths[half:], default=0.0)
    spaces = 2 * (KEY["handlelength"] + 0.8) + KEY["columnspacing"] + 1.0
    return 2 if used + SMALL * spaces <= 72 * WIDTH else 1


def legend_height(labels: Sequence[str]) -> float:
    """Give the height in inches that a legend takes.

    Args:
        labels: as for ``legend_columns``.

    Returns:
        The height.
    """
    lines = -(-len(labels) // legend_columns(labels))
    return lines * SMALL * 1.45 / 72 + 0.05


def legend_below(figure: Figure, handles: Sequence[Any], labels: Sequence[str]) -> None:
    """Set a legend below the axes."""
    look = {**KEY, "ncols": legend_columns(labels)}
    figure.legend(handles, labels, loc="outside lower center", **look)


def diverging() -> Colormap:
    """Give the palette of signed numbers: vermilion below 0, white at 0, blue above.

    Returns:
        The palette. In grey both ends are dark, so a sign has to be marked besides.
    """
    from matplotlib.colors import LinearSegmentedColormap

    stops: Sequence[Any] = ["#B34700", "#F0A873", "#FFFFFF", "#6FB1DC", "#00507E"]
    return LinearSegmentedColormap.from_list("tms", stops)
