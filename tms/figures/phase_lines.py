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
_STATES = (
    ("last ignored", "ignored", 3),
    ("first ignored", "dedicated", 3),
    ("asymmetric pair of others", "dedicated", 3),
    ("symmetric pair of others", "dedicated", 1),
    ("others an antipodal pair", "dedicated", 1),
    ("triangle", "shared", 2),
    ("weak pair", "antipodal", 2),
    ("pair", "antipodal", 1),
)
"""Parts of the names of minima, what each does with the last feature, and its rank: of two minima
that lose the same, the one of higher rank is the better one at higher density."""


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
    candidates, minima = candidate_boundaries(*shape), true_boundaries(*shape)
    parting = [b for b in minima if len({_state(name)[0] for name in b.between}) == 2]
    within = [b for b in minima if b not in parting]
    return (
        PhaseLine(
            "exact boundary",
            _pieces(parting, diagram),
            "Solid: exact boundaries between minima in all weights and biases, by enclosures, as "
            "far as they are followed; that no other arrangement loses less there is not proven.",
            _between_minima(shape),
            _claims(parting),
        ),
        PhaseLine(
            "exact, within a kind",
            _pieces(within, diagram),
            "Thin: likewise between minima of one kind and different norms.",
            lambda density, importance: None,
            _claims(within),
            {"linewidth": 0.6},
        ),
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


def _state(name: str) -> tuple[str, int]:
    """What a minimum does with the last feature, and its rank."""
    return next((kind, rank) for part, kind, rank in _STATES if part in name)


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
            _state(region.candidate)[0]
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
    def expected(density: Fraction, importance: Fraction) -> str | None:
        if shape == (3, 2) and importance == 1:
            return None  # which features pair up is a tie
        crossed = _crossed(shape, importance)
        if any(low <= density <= high for *_, low, high in crossed):
            return None
        above = [(low, sparse) for sparse, _, low, _ in crossed if low > density]
        below = [(high, dense) for _, dense, _, high in crossed if high < density]
        found = {min(above)[1]} if above else set()
        found |= {max(below)[1]} if below else set()
        kinds = {_state(name)[0] for name in found}
        ranks = {_state(name)[1] for name in found}
        # beyond the outermost boundaries only a minimum that goes on to that end is sure
        is_known = (above and below) or (below and (3 in ranks or _is_dense(shape, importance)))
        is_known = is_known or 1 in ranks
        return kinds.pop() if len(kinds) == 1 and is_known else None

    return expected


@cache
def _is_dense(shape: tuple[int, int], importance: Fraction) -> bool:
    """Whether the minimum between the others goes on to density 1, without a boundary above."""
    from theory.phases import true_boundaries

    ends = [
        end.importance
        for boundary in true_boundaries(*shape)
        for end in boundary.ends
        if end.density.lower == 1 and end.importance is not None
    ]
    return any(end.upper < importance for end in ends) and any(
        importance < end.lower for end in ends
    )


@cache
def _crossed(
    shape: tuple[int, int], importance: Fraction
) -> tuple[tuple[str, str, Fraction, Fraction], ...]:
    """The boundaries at an importance: the minima on the sparse and dense side, the density."""
    from theory.phases import true_boundaries

    found = []
    for boundary in true_boundaries(*shape):
        is_upright = boundary.ends[0].importance == boundary.ends[1].importance
        if not is_upright and boundary.covers("importance", importance):
            try:
                at = boundary.at(importance=importance, digits=10).density
            except Unsupported:  # too close to an end to be proven: nothing is known
                return (("", "", Fraction(0), Fraction(1)),)
            sparse, dense = sorted(boundary.between, key=lambda name: _state(name)[1])
            found.append((sparse, dense, at.lower, at.upper))
    return tuple(found)
