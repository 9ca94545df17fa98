r"""Pictures of tables of bounds: the best gain against density, both as powers of ``m``.

The axes are ``log_m p`` and ``log_m L~``, as in Figure 3 of arXiv:2606.18538: there the orders
``min(p m^q, m p^{1/q})`` and ``min(p m^q, m)`` of its theorem 2.2 are broken lines of slopes 1 and
``1/q``, and 1 and 0. They are drawn as guides through the densest point found, since their
constants are not known.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, SupportsFloat

from theory.problem import InputError
from tms.figures import captions, style
from tms.figures.drawing import Drawing
from tms.printing.words import data_words, size_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tms.bounds_table import BoundsRow, BoundsTable

__all__ = ["bounds"]

_PANEL, _LEGEND = 2.6, 0.75  # inches


def bounds(table: BoundsTable) -> Drawing:
    """Draw a table of bounds, one panel for each hidden size.

    Args:
        table: what ``tms.bounds`` gives.

    Returns:
        The drawing, one column wide.

    Raises:
        InputError: no row with a positive density.

    Example:
        >>> import tms
        >>> bounds(tms.bounds(3, 2, densities=["0.01", 1], n_starts=1)).title
        'Bounds on the best gain against density: n = 3 features, m = 2 hidden dimensions'
    """
    panels = [(m, [row for row in table.of_size(m) if row.density > 0]) for m in table.sizes]
    if not all(rows for _, rows in panels):
        raise InputError("densities: a picture needs one that is not 0")
    with style.context():
        figure = style.new_figure(_PANEL * len(panels) + _LEGEND)
        grid = figure.subplots(len(panels), 1, squeeze=False)
        for axes, (m, rows) in zip(grid[:, 0], panels, strict=True):
            _panel(axes, m, sorted(rows, key=lambda row: float(row.density)))
        handles, labels = grid[0, 0].get_legend_handles_labels()
        style.legend_below(figure, handles, labels)
    skipped = sum(not row.density for row in table.rows)
    command = table.command.replace("tms bounds", "tms figure bounds", 1)
    return Drawing(
        figure,
        _title(table),
        _caption(table, skipped, command),
        command,
        table.version,
        {"not drawn": skipped},
    )


def _title(table: BoundsTable) -> str:
    sizes = size_words(table.rows[0].problem.n_features, table.sizes)
    return f"Bounds on the best gain against density: {sizes}"


def _caption(table: BoundsTable, skipped: int, command: str) -> str:
    problem = table.rows[0].problem
    q = problem.activation.power
    model = f"(W^T W x)^{q}" if q > 1 else "W^T W x"
    claims = [name for row in table.rows for name in (*row.lower.rests_on, *row.upper.rests_on)]
    sentences = [
        f"{_title(table)}.",
        f"Model: x_hat = {model}, where {data_words(problem)}.",
        "Gain: p n mu_2 - L, what ignoring everything loses more, summed over features.",
        "Lower bound: the exact gain of given weights; upper bound: of all weights.",
        f"Best found: the gain of the best weights found (seed {table.seed}), with no claim of an "
        "optimum; unsuperposed: of the best diagonal W^T W.",
        "Thin dotted lines are the orders of growth of theorem 2.2 of arXiv:2606.18538, drawn "
        "through the densest point, since their constants are not known.",
        captions.counted(skipped, "row", "density 0 on a logarithmic axis"),
        captions.claims_sentence(claims),
    ]
    return captions.paragraphs(sentences, table.version, command)


# every line has a dash or a marker of its own
_LINES: dict[str, tuple[Callable[[BoundsRow], SupportsFloat], dict[str, Any]]] = {
    "upper bound": (
        lambda row: row.upper.value or 0,
        {
            "color": style.VERMILION,
            "linewidth": 1.4,
            "marker": "v",
            "markersize": 6,
            "fillstyle": "none",
        },
    ),
    "best found": (
        lambda row: row.found,
        {"color": style.BLACK, "linewidth": 1.4, "marker": "o", "markersize": 3.5},
    ),
    "lower bound": (
        lambda row: row.lower.value or 0,
        {
            "color": style.BLUE,
            "linewidth": 1.0,
            "linestyle": (0, (4, 2)),
            "marker": "s",
            "markersize": 4.5,
            "fillstyle": "none",
        },
    ),
    "unsuperposed": (
        lambda row: row.unsuperposed,
        {"color": style.GREEN, "linewidth": 1.2, "linestyle": (0, (5, 1.5, 1, 1.5))},
    ),
}


def _panel(axes: Axes, m: int, rows: Sequence[BoundsRow]) -> None:
    """One hidden size."""
    problem, base = rows[0].problem, max(m, 2)
    x = [_logarithm(row.density, base) for row in rows]
    for label, (measure, look) in _LINES.items():
        axes.plot(x, [_logarithm(measure(row), base) for row in rows], label=label, **look)
    q, end = problem.activation.power, _logarithm(rows[-1].found, base)
    _guides(axes, q, math.log(m) / math.log(base), x, end)
    axes.set_title(f"m = {m},  n = {problem.n_features},  q = {q},  {problem.features}")
    axes.set_xlabel(rf"$\log_{{{base}}}\, p$")
    axes.set_ylabel(rf"$\log_{{{base}}}\, \tilde L$")
    style.light_grid(axes)
    axes.margins(y=0.1)
    axes.locator_params(axis="both", nbins=6, integer=True)


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
