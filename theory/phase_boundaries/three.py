"""Three features in two dimensions."""

from __future__ import annotations

from theory.phase_boundaries.record import Boundary, PhasePoint

__all__ = ["three_boundaries", "three_points"]


def three_boundaries() -> tuple[Boundary, ...]:
    """Give the boundaries between minima."""
    return ()


def three_points(digits: int) -> dict[str, PhasePoint]:
    """Give the points where boundaries meet."""
    return {}
