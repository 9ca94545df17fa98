"""Boundaries of a phase diagram as lines to draw, and the cells that lie on their other side."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from theory.problem import Unsupported
from tms.figures.phase_grid import PhaseCell, PhaseDiagram

if TYPE_CHECKING:
    from theory.phases import Boundary, Region

__all__ = ["PhaseLine", "disagreeing", "phase_lines"]

Points = tuple[tuple[float, float], ...]
Expected = Callable[[Fraction, Fraction], str | None]

_COUNT = 25  # points of a curve, besides its ends
_CANDIDATES = {
    "antipodal pair": "antipodal",
    "last in an antipodal pair": "antipodal",
    "last ignored": "ignored",
    "first ignored": "dedicated",
    "last dedicated, others an antipodal pair": "dedicated",
}
_KEPT = {"last ignored": "ignored", "first ignored": "dedicated"}


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
    expected: Expected
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
        Those between minima in all weights and biases, and those between candidates.
    """
    from theory.phases import candidate_boundaries, candidate_regions, true_boundaries

    shape = diagram.n_features, diagram.n_hidden
    candidates = candidate_boundaries(*shape)
    ends = [b for b in true_boundaries(2, 1) if b.between[0] in _KEPT]
    curves = [b for b in ends if shape == (2, 1) or b.between[0] == "last ignored"]
    jumps = [b for b in true_boundaries(2, 1) if b not in ends and shape == (2, 1)]
    return (
        PhaseLine(
            "exact boundary",
            _pieces(curves, diagram),
            _MINIMA if shape == (2, 1) else _SUMS,
            _between_minima(shape),
            _claims(curves),
        ),
        *([_jumps(jumps, diagram)] if jumps else []),
        PhaseLine(
            "candidates: unit norm, no bias",
            _pieces(candidates, diagram),
            "Dashed: where candidates of unit norm and zero bias lose the same, an ignored feature "
            "having its best bias.",
            _between_candidates(candidate_regions(*shape)),
            _claims(candidates),
            {"linestyle": (0, (4, 2))},
        ),
    )


def _jumps(boundaries: Sequence[Boundary], diagram: PhaseDiagram) -> PhaseLine:
    return PhaseLine(
        "exact, between pairs",
        _pieces(boundaries, diagram),
        "Thin: exact boundaries between antipodal pairs of different norms.",
        lambda density, importance: None,
        _claims(boundaries),
        {"linewidth": 0.6},
    )


_MINIMA = (
    "Solid: exact boundaries between minima in all weights and biases, by enclosures; that no "
    "third arrangement loses less there is not proven."
)
_SUMS = (
    "Solid: exact boundary, by enclosures, between minima that dedicate a dimension to one feature "
    "and give the other two the second; three features that share both dimensions lie beyond it."
)


def _claims(boundaries: Iterable[Boundary]) -> tuple[str, ...]:
    return tuple(sorted({claim for boundary in boundaries for claim in boundary.claims}))


def _pieces(boundaries: Iterable[Boundary], diagram: PhaseDiagram) -> tuple[Points, ...]:
    edges = {"density": diagram.density_edges, "importance": diagram.importance_edges}
    traced = (
        _points(boundary, float(edges[boundary.along][0]), float(edges[boundary.along][-1]))
        for boundary in boundaries
    )
    return tuple(points for points in traced if len(points) > 1)


@cache
def _points(boundary: Boundary, low: float, high: float) -> Points:
    """Points at equal steps of the logarithm, with the ends of the boundary."""
    ends = [
        (float(end.density), float(end.importance))
        for end in boundary.ends
        if end.importance is not None and float(end.density) > 0 and float(end.importance) > 0
    ]
    # a little beyond the range, so that the line runs to the edge of the axes
    values = np.geomspace(low * 0.97, high * 1.03, 4 * _COUNT)
    inside = [
        value
        for number in values
        if boundary.covers(
            boundary.along, value := Fraction(float(number)).limit_denominator(10**6)
        )
    ]
    kept = inside[:: max(1, len(inside) // _COUNT)] + inside[-1:]
    solved = []
    for value in kept:
        with suppress(Unsupported):  # too close to an end, which is drawn itself
            solved.append(boundary.at(**{boundary.along: value}, digits=8))
    points = {*ends, *((float(at.density), float(at.importance)) for at in solved)}
    return tuple(sorted(points, key=lambda point: point[boundary.along == "importance"]))


def _between_candidates(regions: Sequence[Region]) -> Expected:
    def expected(density: Fraction, importance: Fraction) -> str | None:
        point = {"p": density, "I": importance}
        kinds = {
            _CANDIDATES[region.candidate]
            for region in regions
            if all(_holds(condition, point) for condition in region.conditions)
        }
        return kinds.pop() if len(kinds) == 1 else None

    return expected


def _holds(condition: Any, point: dict[str, Fraction]) -> bool:
    """Whether an inequality of SymPy holds at a point, in rational arithmetic."""
    values = {s: point[s.name].as_integer_ratio() for s in condition.free_symbols}
    numbers = {s: _rational(*pair) for s, pair in values.items()}
    return bool(condition.subs(numbers))


def _rational(over: int, under: int) -> Any:
    import sympy

    return sympy.Rational(over, under)


def _between_minima(shape: tuple[int, int]) -> Expected:
    """Of two features in one dimension; of three, one has the second dimension to itself."""

    def expected(density: Fraction, importance: Fraction) -> str | None:
        if shape == (3, 2) and importance >= 1:
            return "dedicated" if importance > 1 else None
        found = _end_of_pairs(importance)
        if found is None:
            return "antipodal"
        name, low, high = found
        if low <= density <= high:
            return None
        return _KEPT[name] if density > high else "antipodal"

    return expected


@cache
def _end_of_pairs(importance: Fraction) -> tuple[str, Fraction, Fraction] | None:
    """The density above which one feature is ignored, enclosed; None where there is none."""
    from theory.phases import true_boundaries

    for boundary in true_boundaries(2, 1):
        if boundary.between[0] in _KEPT and boundary.covers("importance", importance):
            try:
                at = boundary.at(importance=importance, digits=10).density
            except Unsupported:  # too close to a point where boundaries meet: nothing is known
                return boundary.between[0], Fraction(0), Fraction(1)
            return boundary.between[0], at.lower, at.upper
    return None
