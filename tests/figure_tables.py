"""Tables and looks that the tests of figures share."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

import tms


def small_table(**given):
    """A table of two features in one dimension; columns as the figure of the loss asks for."""
    columns = ["S", "loss", "candidate"]
    return tms.table(2, 1, n_starts=1, **{"columns": columns, **given})


def with_rows(table, *rows):
    """The same table with other rows."""
    return replace(table, rows=tuple(rows))


def failed(row):
    """The row as it is where the search failed."""
    return replace(row, W=None, b=None, loss=None, arrangement=None, status="failed: it did")


def texts(figure):
    """Every text of a figure that is not empty."""
    from matplotlib.text import Text

    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def hangs_over(figure):
    """Whether anything that is drawn reaches beyond the edge of the figure."""
    figure.draw_without_rendering()
    box = figure.get_tightbbox().transformed(figure.dpi_scale_trans)
    inside = box.x0 >= -1 and box.y0 >= -1
    return not (inside and box.x1 <= figure.bbox.width + 1 and box.y1 <= figure.bbox.height + 1)


def overlapping_labels(axes_or_figure, chosen):
    """Pairs of the chosen texts whose boxes overlap."""
    from matplotlib.text import Text

    figure = axes_or_figure.figure or axes_or_figure
    figure.draw_without_rendering()
    boxes = [
        (text.get_text(), text.get_window_extent())
        for text in axes_or_figure.findobj(Text)
        if text.get_text() in chosen
    ]
    return [
        (first, second)
        for k, (first, box) in enumerate(boxes)
        for second, other in boxes[k + 1 :]
        if box.overlaps(other)
    ]


def looks(lines):
    """What tells lines apart without colour."""
    return [
        (
            str(line.get_marker()),
            line.get_fillstyle(),
            str(line._dash_pattern),
            line.get_linestyle(),
        )
        for line in lines
    ]


def finite(line):
    """The points of a line that are drawn."""
    x, y = (np.asarray(part, dtype=float) for part in line.get_data())
    kept = np.isfinite(y)
    return list(zip(x[kept].tolist(), y[kept].tolist(), strict=True))
