"""Phase diagrams: what the best weights found do with an extra feature, and the exact boundaries.

Axes as in Elhage et al. 2022, arXiv:2209.10652, section "Superposition as a Phase Change": the
density falls to the right and the relative importance rises, both logarithmic.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from theory.problem import InputError
from tms.figures import captions, style
from tms.figures.drawing import Drawing
from tms.figures.phase_grid import KINDS, SMALL, PhaseCell, PhaseDiagram
from tms.figures.phase_lines import PhaseLine, disagreeing, phase_lines
from tms.printing.words import size_words

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.patches import PathPatch

__all__ = ["phase"]

Show: TypeAlias = Literal["kind", "norm"]

_AXES = 2.9  # inches
_FILLS: dict[str | None, dict[str, Any]] = {
    "ignored": {"facecolor": "white"},
    "dedicated": {"facecolor": "#56B4E9"},
    "antipodal": {"facecolor": "#FBE3B0", "hatch": "////", "edgecolor": "0.45"},
    "shared": {"facecolor": "#CC79A7", "hatch": "xxxx", "edgecolor": "0.15"},
    None: {"facecolor": "0.85", "hatch": "....", "edgecolor": "black"},
}
_NAMES: dict[str | None, str] = {
    "ignored": "ignored",
    "dedicated": "dedicated dimension",
    "antipodal": "antipodal to another",
    "shared": "shared otherwise",
    None: "search failed",
}


def phase(
    diagram: PhaseDiagram, *, show: Show = "kind", lines: Sequence[PhaseLine] | None = None
) -> Drawing:
    """Draw a phase diagram with the exact boundaries over the computed optima.

    Args:
        diagram: what ``phase_diagram`` gives.
        show: ``"kind"`` colours by what is done with the extra feature; ``"norm"`` by the length
            of its column, hatched where it is in superposition.
        lines: the boundaries to draw; those that are known for the shape when left out.

    Returns:
        The drawing, one column wide.

    Raises:
        InputError: something else to show, or no cell that did not fail.
    """
    if show not in ("kind", "norm"):
        raise InputError(f"show={show!r}: must be 'kind' or 'norm'")
    if all(cell.W is None for cell in diagram.cells):
        raise InputError(
            f"cells: every search failed, the first one with {diagram.cells[0].status}"
        )
    drawn = phase_lines(diagram) if lines is None else tuple(lines)
    with style.context():
        figure = style.new_figure(_AXES)
        axes = figure.subplots()
        keys = _kinds(axes, diagram) if show == "kind" else _norms(axes, diagram)
        for line in drawn:
            keys += _boundary(axes, line)
        _frame(axes, diagram)
        labels = [str(key.get_label()) for key in keys]
        figure.set_size_inches(style.WIDTH, _AXES + style.legend_height(labels))
        style.legend_below(figure, keys, labels)
    counts = {_NAMES[kind]: diagram.count(kind) for kind in KINDS}
    counts["failed"] = diagram.count(None)
    wrong = {line.label: disagreeing(diagram, line) for line in drawn}
    counts |= {f"disagree with {label}": len(cells) for label, cells in wrong.items()}
    command = f"{diagram.command}{'' if show == 'kind' else f' --show {show}'}"
    return Drawing(
        figure,
        _title(diagram),
        _caption(diagram, show, drawn, wrong, command),
        command,
        diagram.version,
        counts,
    )


def _title(diagram: PhaseDiagram) -> str:
    sizes = size_words(diagram.n_features, diagram.n_hidden)
    return f"What becomes of an extra feature: {sizes}"


def _frame(axes: Axes, diagram: PhaseDiagram) -> None:
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(diagram.density_edges[-1], diagram.density_edges[0])
    axes.set_ylim(diagram.importance_edges[0], diagram.importance_edges[-1])
    axes.set_xlabel("density $p = 1 - S$")
    axes.set_ylabel(f"relative importance of feature {diagram.n_features}")
    for axis, edges in (
        (axes.xaxis, diagram.density_edges),
        (axes.yaxis, diagram.importance_edges),
    ):
        style.log_ticks(axis, float(edges[0]), float(edges[-1]))
    axes.set_title(f"n = {diagram.n_features},  m = {diagram.n_hidden}")


def _kinds(axes: Axes, diagram: PhaseDiagram) -> list[Artist]:
    """One filled path for each kind of cell."""
    keys: list[Artist] = []
    for kind in (*KINDS, None):
        cells = [cell.kind == kind for cell in diagram.cells]
        if any(cells):
            patch = _filled(diagram, cells, label=_NAMES[kind], **_FILLS[kind])
            axes.add_patch(patch)
            keys.append(_key(_NAMES[kind], **_FILLS[kind]))
    return keys


def _norms(axes: Axes, diagram: PhaseDiagram) -> list[Artist]:
    """Colour by the norm, hatched where the feature is in superposition."""
    from matplotlib.colors import LinearSegmentedColormap

    norms = np.array([np.nan if cell.norm is None else cell.norm for cell in diagram.cells])
    palette = LinearSegmentedColormap.from_list("norm", ["#FFFFFF", "#BBDDF2", "#4A9FD6"])
    mesh = axes.pcolormesh(
        diagram.density_edges,
        diagram.importance_edges,
        np.ma.masked_invalid(norms.reshape(diagram.shape)),
        cmap=palette,
        vmin=0.0,
        vmax=max(1.0, float(np.nanmax(norms))),
        rasterized=False,
        edgecolors="face",
        linewidth=0.2,
    )
    bar = axes.figure.colorbar(mesh, ax=axes, pad=0.02, fraction=0.06)
    bar.set_label(f"norm of feature {diagram.n_features}")
    shown: list[tuple[str, list[bool], dict[str, Any]]] = [
        ("in superposition", list(map(_is_superposed, diagram.cells)), {"hatch": "////"}),
        (_NAMES[None] or "", [cell.W is None for cell in diagram.cells], {"hatch": "...."}),
    ]
    keys: list[Artist] = []
    for label, cells, look in shown:
        if any(cells):
            look = {"facecolor": "none", "edgecolor": "0.1", **look}
            axes.add_patch(_filled(diagram, cells, label=label, **look))
            keys.append(_key(label, **look))
    return keys


def _is_superposed(cell: PhaseCell) -> bool:
    return cell.kind in ("antipodal", "shared")


def _filled(diagram: PhaseDiagram, cells: Sequence[bool], **look: Any) -> PathPatch:
    """The chosen cells as one path, so that a hatch runs through."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    p, weight = diagram.density_edges, diagram.importance_edges
    corners = []
    for k in np.flatnonzero(cells):
        row, column = divmod(int(k), diagram.shape[1])
        left, right, low, high = p[column], p[column + 1], weight[row], weight[row + 1]
        corners += [(left, low), (right, low), (right, high), (left, high), (left, low)]
    codes = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY]
    path = Path(corners, codes * (len(corners) // 5))
    return PathPatch(path, linewidth=0, **look)


def _key(label: str, **look: Any) -> Artist:
    from matplotlib.patches import Patch

    return Patch(**{"edgecolor": "0.3", "linewidth": 0.5, **look}, label=label)


def _boundary(axes: Axes, line: PhaseLine) -> list[Artist]:
    """A line on a white casing; a key for the first piece."""
    look = {"color": "black", "linewidth": 1.1, "label": line.label, **line.look}
    for points in line.pieces:
        p, weight = zip(*points, strict=True)
        casing = look["linewidth"] + 1.0
        axes.plot(p, weight, color="white", linewidth=casing, alpha=0.7, zorder=3)
        axes.plot(p, weight, zorder=4, **look)
    return [] if not line.pieces else list(axes.lines[-1:])


def _caption(
    diagram: PhaseDiagram,
    show: Show,
    lines: Sequence[PhaseLine],
    wrong: dict[str, list[PhaseCell]],
    command: str,
) -> str:
    from theory.problem import Problem

    n = diagram.n_features
    ones = ", ".join(["1"] * (n - 1))
    colour = (
        f"Colour and hatch: ignored if the norm of column {n} is below {SMALL:g}; dedicated if no "
        f"other entry of its row of W^T W reaches {SMALL:g}; antipodal if one does and the two "
        "point opposite ways; else shared."
        if show == "kind"
        else f"Colour: norm of column {n}; hatched where its norm and another entry of its row of "
        f"W^T W reach {SMALL:g}."
    )
    rows, columns = diagram.shape
    sentences = [
        f"{_title(diagram)}.",
        captions.model_sentences(
            Problem(n, diagram.n_hidden, density=1),
            importance=f"importance {ones} and, of feature {n}, as on the vertical axis",
        ),
        f"Best weights found at {columns} x {rows} cells, each searched at its middle from "
        f"{diagram.n_starts} random starts (seed {diagram.seed}) and named arrangements, on the "
        "population loss, with no claim of an optimum.",
        colour,
        *[_line_sentence(line, wrong[line.label], diagram) for line in lines],
        captions.counted(diagram.count(None), "cell", "the search failed"),
        captions.claims_sentence(name for line in lines for name in line.claims),
    ]
    return captions.paragraphs(sentences, diagram.version, command)


def _line_sentence(line: PhaseLine, wrong: Sequence[PhaseCell], diagram: PhaseDiagram) -> str:
    cells = diagram.cells
    known = sum(line.expected(cell.density, cell.importance) is not None for cell in cells)
    beyond = f"{len(wrong)} of {known} cells lie on the other side." if known else ""
    return f"{line.sentence} {beyond}".strip()
