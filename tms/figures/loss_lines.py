"""Loss against sparsity: best found between its baselines and its lower bound."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, SupportsFloat

from theory.problem import InputError
from tms.digits import error_text
from tms.figures import captions, style
from tms.figures.drawing import Drawing
from tms.figures.series import (
    Axis,
    abscissa,
    chosen_axis,
    draw_axis,
    figure_command,
    importance_words,
    ordered_rows,
)
from tms.printing.words import size_words
from tms.tables.columns import is_plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from tms.tables.row import Row
    from tms.tables.table import Table

__all__ = ["loss"]

_AXES = 2.3  # inches
_MOST_CANDIDATES = 4
_POWERS = re.compile(r"([0-9.]+)\^i")
_BASELINES = ("LINEAR-02", "LINEAR-03")


_TRAINED = "trained"


@dataclass(frozen=True, eq=False)
class _Line:
    """A line of the figure.

    Args:
        label: in the legend.
        measure: its height at a row; None where it has none.
        look: how it is drawn.
        error: of the height.
    """

    label: str
    measure: Callable[[Row], SupportsFloat | None]
    look: dict[str, Any]


def loss(
    table: Table,
    *,
    relative: bool = False,
    axis: str = "auto",
    candidates: Sequence[str] | None = None,
) -> Drawing:
    """Draw the best loss found against sparsity, with what stands beside it in the table.

    Args:
        table: of one model; lower bounds, candidates and trained weights are drawn where it has
            them.
        relative: whether to divide by the loss of ignoring everything.
        axis: ``"inverse"`` for ``1/(1 - S)``, ``"sparsity"`` for ``S``; ``"auto"`` takes the
            first unless its range is narrow.
        candidates: names of those to draw; when left out those that are the best of all
            candidates at some sparsity, at most four.

    Returns:
        The drawing, one column wide.

    Raises:
        InputError: rows of several models, no row with a loss, or a candidate that is not there.

    Example:
        >>> import tms
        >>> table = tms.table(2, 1, sparsities=["0.5", "0.9"], n_starts=1)
        >>> loss(table).title
        'Loss against sparsity: n = 2 features, m = 1 hidden dimension'
    """
    rows = ordered_rows(table)
    chosen = chosen_axis(rows, axis)
    if all(row.loss is None for row in rows):
        raise InputError(f"rows: no row has a loss; the first one: {rows[0].status}")
    if relative and not any(row.loss is not None and float(row.ignoring) > 0 for row in rows):
        raise InputError("rows: ignoring everything loses nothing; leave relative (--relative) out")
    if all(abscissa(row, chosen) is None for row in rows):
        raise InputError("sparsity=1: has no place on the axis 1/(1 - S); take axis=sparsity")
    names = _candidates(rows, candidates)
    lines = [line for line in _lines(names) if any(line.measure(row) is not None for row in rows)]
    with style.context():
        figure, counts = _figure(rows, lines, chosen, relative)
    more = [*(["--relative"] if relative else []), *([] if axis == "auto" else ["--axis", axis])]
    more += [word for name in candidates or () for word in ("--candidate", name)]
    more += [] if any(row.candidates for row in rows) else ["--no-candidates"]
    more += [] if any(row.lower_bound is not None for row in rows) else ["--no-bound"]
    command = figure_command(table, "loss", *more)
    return Drawing(
        figure,
        _title(rows[0]),
        _caption(table, rows, names, counts, relative, command),
        command,
        table.version,
        counts,
    )


def _title(row: Row) -> str:
    problem = row.problem
    return f"Loss against sparsity: {size_words(problem.n_features, problem.n_hidden)}"


def _candidates(rows: Sequence[Row], asked: Sequence[str] | None) -> list[str]:
    known = dict.fromkeys(name for row in rows for name in row.candidates)
    if asked is not None:
        for name in asked:
            if name not in known:
                raise InputError(f"candidate={name!r}: must be one of {', '.join(known) or 'none'}")
        return list(asked)
    best = Counter(row.best_candidate[0] for row in rows if row.best_candidate is not None)
    return [name for name, _ in best.most_common(_MOST_CANDIDATES)]


def _lines(candidates: Sequence[str]) -> list[_Line]:
    """The lines from top to bottom; every one has a dash or a marker of its own."""
    plain: dict[str, Any] = {"linewidth": 1.1}
    return [
        _Line(
            "ignoring all",
            lambda row: row.ignoring,
            {**plain, "color": "0.45", "linestyle": (0, (1, 1))},
        ),
        _Line(
            "best linear",
            lambda row: row.linear,
            {**plain, "color": style.GREEN, "linestyle": (0, (5, 1.5, 1, 1.5))},
        ),
        *(
            _Line(
                f"candidate: {name.replace('antipodal pair', 'pair')}",
                lambda row, name=name: row.candidates.get(name),  # type: ignore[misc]
                {**look, "linewidth": 0.8},
            )
            for name, look in zip(candidates, _thin_looks(len(candidates)), strict=True)
        ),
        _Line(
            "best found",
            lambda row: row.loss,
            {"color": style.BLACK, "linewidth": 1.4, "marker": "o", "markersize": 3.2},
        ),
        _Line(
            "lower bound",
            lambda row: row.lower_bound,
            {
                "color": style.BLUE,
                "linewidth": 1.1,
                "linestyle": (0, (4, 2)),
                "marker": "^",
                "markersize": 4,
                "fillstyle": "none",
            },
        ),
        _Line(
            _TRAINED,
            lambda row: row.trained,
            {
                "color": style.VERMILION,
                "linestyle": "none",
                "marker": "D",
                "markersize": 6,
                "fillstyle": "none",
                "markeredgewidth": 1.0,
                "zorder": 4,
            },
        ),
    ]


def _thin_looks(count: int) -> list[dict[str, Any]]:
    """Thin lines: colour and dash, and beyond the dashes a marker besides."""
    free = [style.LOOKS[k] for k in (3, 4, 5, 6, 7)]
    markers = ("", "d", "v", "s", "p", "*")
    return [
        {
            **free[k % len(free)],
            "marker": markers[(k // len(free)) % len(markers)],
            "markersize": 2.5,
        }
        for k in range(count)
    ]


def _figure(
    rows: Sequence[Row], lines: Sequence[_Line], axis: Axis, relative: bool
) -> tuple[Figure, dict[str, int]]:
    figure = style.new_figure(_AXES + style.legend_height([line.label for line in lines]))
    axes = figure.subplots()
    placed = [(x, row) for row in rows if (x := abscissa(row, axis)) is not None]
    drawn = {
        line.label: [_height(line.measure(row), row, relative) for _, row in placed]
        for line in lines
    }
    heights = [y for entries in drawn.values() for y in entries if math.isfinite(y)]
    is_log = any(y > 0 for y in drawn["best found"])
    for line in lines:
        y = [math.nan if is_log and not entry > 0 else entry for entry in drawn[line.label]]
        look = line.look if len(placed) > 1 else _alone(line, lines)
        axes.plot([x for x, _ in placed], y, label=line.label, **look)
        if line.label == _TRAINED:
            _further_runs(axes, placed, look, relative)
    axes.set_yscale("log" if is_log else "linear")
    if relative and is_log:
        _few_numbers(axes)
    axes.set_ylabel("loss / loss of ignoring all" if relative else "expected loss $L$")
    draw_axis(axes, axis, [x for x, _ in placed])
    problem = rows[0].problem
    axes.set_title(f"n = {problem.n_features},  m = {problem.n_hidden},  {_importance(rows[0])}")
    style.light_grid(axes)
    style.legend_below(figure, *axes.get_legend_handles_labels())
    return figure, {
        "rows": len(rows),
        "failed": sum(row.loss is None for row in rows),
        "off the axis": len(rows) - len(placed),
        "without a ratio": sum(relative and not float(row.ignoring) for _, row in placed),
        "zeros": sum(y == 0 for y in heights) if is_log else 0,
    }


def _further_runs(
    axes: Axes, placed: Sequence[tuple[float, Row]], look: dict[str, Any], relative: bool
) -> None:
    """Points for the other trained weights of a row."""
    points = [(x, _height(run, row, relative)) for x, row in placed for run in row.trained_runs[1:]]
    if points:
        axes.plot(*zip(*points, strict=True), label="_further", **look)


def _alone(line: _Line, lines: Sequence[_Line]) -> dict[str, Any]:
    """A line of one point needs a marker of its own to be seen."""
    bare = [other.label for other in lines if not other.look.get("marker")]
    if line.label not in bare:
        return line.look
    used = {other.look.get("marker") for other in lines}
    free = [marker for marker in "_+dsp*hv<>8PX1234|" if marker not in used]
    return {**line.look, "marker": free[bare.index(line.label) % len(free)], "markersize": 5}


def _few_numbers(axes: Axes) -> None:
    """Ticks at 1, 2 and 5 of each decade, as decimals."""
    from matplotlib.ticker import LogLocator, NullFormatter

    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.yaxis.set_minor_formatter(NullFormatter())


def _importance(row: Row) -> str:
    power = _POWERS.fullmatch(row.importance)
    if power:
        return rf"$I_i = {power[1]}^{{\,i}}$"
    return "equal importance" if row.importance == "1" else f"I = {_short(row.importance)}"


def _short(text: str) -> str:
    return text if len(text) <= 16 else f"{text[:14]}..."


def _height(value: SupportsFloat | None, row: Row, relative: bool) -> float:
    if value is None:
        return math.nan
    if not relative:
        return float(value)
    whole = float(row.ignoring)
    return float(value) / whole if whole > 0 else math.nan


def _caption(
    table: Table,
    rows: Sequence[Row],
    names: Sequence[str],
    counts: dict[str, int],
    relative: bool,
    command: str,
) -> str:
    worst = max(row.loss.rounded()[1] for row in rows if row.loss is not None)
    accuracy = "exact" if _all_exact(rows) else f"evaluated to {error_text(worst)} or better"
    claims = [*(["LOSS-03", *_BASELINES] if all(map(is_plain, rows)) else [])]
    claims += [claim for row in rows for claim in row.lower_bound_claims]
    unsettled = sum(row.loss is not None and not row.holds for row in rows)
    bounded = any(row.lower_bound is not None for row in rows)
    sentences = [
        f"{_title(rows[0])}.",
        captions.model_sentences(rows[0].problem, importance=importance_words(rows[0])),
        "Divided by the loss of ignoring everything." if relative else "",
        f"Best found: the best that {table.n_starts} random starts at each sparsity (seed "
        f"{table.seed}), simple arrangements and changed copies of these led to, with no claim of "
        f"an optimum; its loss is {accuracy} there.",
        f"At {unsettled} of these the residuals are above their limits." if unsettled else "",
        "Ignoring all: W = 0 with the best bias; best linear: the linear model with the best W, b.",
        f"Candidates: {', '.join(names)}, with unit norm and zero bias." if names else "",
        "Lower bound: no weights have a lower loss (proven)." if bounded else "",
        "Trained: the loss of trained weights."
        if any(row.trained is not None for row in rows)
        else "",
        f"Trained weights that fit no row: {', '.join(table.unused)}." if table.unused else "",
        captions.counted(counts["failed"], "row", "the search failed"),
        captions.counted(counts["off the axis"], "row", "S = 1 on a logarithmic axis"),
        captions.counted(counts["without a ratio"], "row", "ignoring everything loses nothing"),
        captions.counted(counts["zeros"], "point", "zero on a logarithmic axis"),
        captions.claims_sentence(claims),
    ]
    return captions.paragraphs(sentences, table.version, command)


def _all_exact(rows: Sequence[Row]) -> bool:
    return all(row.loss.tier == "exact" for row in rows if row.loss is not None)
