r"""Pictures of tables of bounds: the best gain against density, both as powers of ``m``.

The axes are ``log_m p`` and ``log_m L~``, as in Figure 3 of arXiv:2606.18538: there the orders
``min(p m^q, m p^{1/q})`` and ``min(p m^q, m)`` of its theorem 2.2 are broken lines of slopes 1 and
``1/q``, and 1 and 0. They are drawn as guides through the densest point found, since their
constants are not known.

Matplotlib is used by its objects alone: no window, no global state.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, SupportsFloat

from theory.problem import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from tms.bounds_table import BoundsRow, BoundsTable

__all__ = ["bounds_figure", "check_path", "draw_bounds"]

SUFFIXES = (".pdf", ".svg", ".png")
_WIDTH, _PANEL, _LEGEND = 3.4, 2.6, 0.75  # inches; one column of a two-column page
_SIZE = 8.0  # points
_DOTS = 300  # an inch, of .png
_KEY: dict[str, Any] = {
    "ncols": 2,
    "frameon": False,
    "fontsize": _SIZE - 1,
    "columnspacing": 0.8,
    "handlelength": 1.8,
}


def check_path(path: Path) -> None:
    """Refuse a name that no picture can be written to.

    Args:
        path: the file.

    Raises:
        InputError: another suffix than .pdf, .svg or .png, or no such folder.

    Example:
        >>> check_path(Path("figure.pdf"))
    """
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"figure={str(path)!r}: must end in one of {', '.join(SUFFIXES)}")
    if not path.resolve().parent.is_dir():
        raise InputError(f"figure={str(path)!r}: there is no such folder")


def draw_bounds(table: BoundsTable, path: Path) -> None:
    """Draw a table of bounds into a file.

    Args:
        table: what ``tms.bounds`` gives.
        path: a file that ends in .pdf, .svg or .png.

    Raises:
        InputError: another suffix, a file that cannot be written, or no row with a gain.
    """
    from matplotlib import rc_context

    check_path(path)
    figure = bounds_figure(table)
    kind = path.suffix.lower().removeprefix(".")
    # no date and no random ids: the same table gives the same file
    metadata = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(kind, {})
    try:
        with rc_context({"svg.hashsalt": "tms"}):
            figure.savefig(path, format=kind, dpi=_DOTS, metadata=metadata)
    except OSError as error:
        raise InputError(f"figure={str(path)!r}: cannot be written ({error.strerror})") from None


def bounds_figure(table: BoundsTable) -> Figure:
    """Draw a table of bounds, one panel for each hidden size.

    Args:
        table: what ``tms.bounds`` gives.

    Returns:
        The figure, one column wide.

    Raises:
        InputError: no row with a positive density.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    panels = [(m, [row for row in table.of_size(m) if row.density > 0]) for m in table.sizes]
    if not all(rows for _, rows in panels):
        raise InputError("densities: a picture needs one that is not 0")
    with rc_context({"font.size": _SIZE, "axes.linewidth": 0.6}):
        height = _PANEL * len(panels) + _LEGEND
        figure = Figure(figsize=(_WIDTH, height), layout="constrained")
        grid = figure.subplots(len(panels), 1, squeeze=False)
        for axes, (m, rows) in zip(grid[:, 0], panels, strict=True):
            _panel(axes, m, sorted(rows, key=lambda row: float(row.density)))
        handles, labels = grid[0, 0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", **_KEY)
    return figure


# Okabe and Ito's colours, apart in grey too; every line has a dash or a marker of its own.
_LINES: dict[str, tuple[Callable[[BoundsRow], SupportsFloat], dict[str, Any]]] = {
    "upper bound": (
        lambda row: row.upper.value or 0,
        {"color": "#D55E00", "linewidth": 1.4, "marker": "v", "markersize": 3.5},
    ),
    "best found": (
        lambda row: row.found,
        {"color": "black", "linewidth": 1.4, "marker": "o", "markersize": 3.5},
    ),
    "lower bound": (
        lambda row: row.lower.value or 0,
        {
            "color": "#0072B2",
            "linewidth": 1.0,
            "linestyle": (0, (4, 2)),
            "marker": "s",
            "markersize": 4.5,
            "fillstyle": "none",
        },
    ),
    "unsuperposed": (
        lambda row: row.unsuperposed,
        {"color": "#009E73", "linewidth": 1.2, "linestyle": (0, (5, 1.5, 1, 1.5))},
    ),
}


def _panel(axes: Axes, m: int, rows: Sequence[BoundsRow]) -> None:
    """One hidden size."""
    problem, base = rows[0].problem, max(m, 2)
    x = [_logarithm(row.density, base) for row in rows]
    for label, (measure, style) in _LINES.items():
        axes.plot(x, [_logarithm(measure(row), base) for row in rows], label=label, **style)
    q, end = problem.activation.power, _logarithm(rows[-1].found, base)
    _guides(axes, q, math.log(m) / math.log(base), x, end)
    axes.set_title(
        f"m = {m},  n = {problem.n_features},  q = {q},  {problem.features}", fontsize=_SIZE
    )
    axes.set_xlabel(rf"$\log_{{{base}}}\, p$")
    axes.set_ylabel(rf"$\log_{{{base}}}\, \tilde L$")
    axes.grid(visible=True, color="0.9", linewidth=0.5)
    axes.set_axisbelow(True)
    axes.margins(y=0.1)
    axes.tick_params(width=0.6, length=2.5)


def _logarithm(value: SupportsFloat, base: int) -> float:
    number = float(value)
    return math.log(number) / math.log(base) if number > 0 else math.nan


@dataclass(frozen=True)
class _Order:
    """``min(p m^q, m p^flat)`` as a broken line, up to a constant; ``unit`` is ``log m``."""

    power: int
    flat: float
    unit: float
    shift: float = 0.0

    def at(self, x: float) -> float:
        return min(x + self.power * self.unit, self.unit + self.flat * x) + self.shift

    @property
    def corner(self) -> float:
        return (1 - self.power) * self.unit / (1.0 - self.flat)

    @property
    def name(self) -> str:
        root = f"1/{self.power}"
        dense, slope = (rf"m\,p^{{{root}}}", root) if self.flat else ("m", "0")
        return rf"order $\min(p\,m^{self.power}, {dense})$: slopes 1, {slope}"


def _guides(axes: Axes, q: int, unit: float, x: Sequence[float], end: float) -> None:
    """The two orders of theorem 2.2, through the densest point, with their slopes."""
    for flat, gap in zip([1.0 / q, 0.0] if q > 1 else [0.0], (1.0, 2.5), strict=False):
        order = _Order(q, flat, unit, end - _Order(q, flat, unit).at(x[-1]))
        corner = min(max(order.corner, x[0]), x[-1])
        points = sorted({x[0], corner, x[-1]})
        axes.plot(
            points,
            [order.at(t) for t in points],
            label=order.name,
            color="0.4",
            linewidth=1.0,
            linestyle=(0, (1.0, gap)),
            zorder=1,
        )
