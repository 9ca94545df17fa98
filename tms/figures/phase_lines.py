"""Boundaries of a phase diagram as lines to draw, and the cells that lie on their other side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from tms.figures.phase_grid import PhaseCell, PhaseDiagram

__all__ = ["PhaseLine", "disagreeing", "phase_lines"]

Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True, eq=False)
class PhaseLine:
    """A boundary to draw over a phase diagram.

    Args:
        label: in the legend.
        pieces: points ``(p, I)`` of each piece.
        sentence: what it is, for the caption.
        expected: the kind on either side, of density and importance; None on the line itself or
            where nothing is known.
        claims: that it rests on.
        look: how it is drawn, as Matplotlib takes it.
    """

    label: str
    pieces: tuple[Points, ...]
    sentence: str
    expected: Callable[[Fraction, Fraction], str | None]
    claims: tuple[str, ...] = ()
    look: dict[str, Any] = field(default_factory=dict)


def disagreeing(diagram: PhaseDiagram, line: PhaseLine) -> list[PhaseCell]:
    """List the cells whose best weights found are of another kind than their side of the line.

    Args:
        diagram: the cells.
        line: the boundary.

    Returns:
        The cells; none of those whose search failed.
    """
    found = []
    for cell in diagram.cells:
        expected = line.expected(cell.density, cell.importance)
        if cell.kind is not None and expected is not None and cell.kind != expected:
            found.append(cell)
    return found


def phase_lines(diagram: PhaseDiagram) -> tuple[PhaseLine, ...]:
    """Give the boundaries that are known for a diagram.

    Args:
        diagram: gives the shape and the range.

    Returns:
        The lines.
    """
    return ()
