"""A search for points at which an inequality fails: downhill in the difference of its sides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from derivations.checking.stops import Clock

__all__ = ["failing_point"]

Point = Mapping[str, Fraction]
STARTS = 4
SMALLEST_STEP = Fraction(1, 4096)


def failing_point(
    starts: list[tuple[float, dict[str, Fraction]]],
    slack: Callable[[Point], float | None],
    whole: frozenset[str],
    clock: Clock,
) -> dict[str, Fraction] | None:
    """Walk down from the points with the least slack.

    Args:
        starts: the slack of known points; it is negative where the inequality fails.
        slack: of a point; None outside the domain or without a value.
        whole: variables that keep their value, such as whole numbers.
        clock: when to stop.

    Returns:
        A point of negative slack, or None.
    """
    for value, point in sorted(starts, key=lambda pair: pair[0])[:STARTS]:
        found = _walk(value, point, slack, whole, clock)
        if found is not None:
            return found
        if clock.is_over:
            return None
    return None


def _walk(
    value: float,
    point: dict[str, Fraction],
    slack: Callable[[Point], float | None],
    whole: frozenset[str],
    clock: Clock,
) -> dict[str, Fraction] | None:
    step = Fraction(1, 8)
    while step >= SMALLEST_STEP:
        moved = False
        for name in point:
            if name in whole:
                continue
            for change in (step, -step):
                if clock.is_over:
                    return None
                near = {**point, name: point[name] + change}
                found = slack(near)
                if found is not None and found < value:
                    value, point, moved = found, near, True
                    if value < 0:
                        return point
                    break
        if not moved:
            step /= 2
    return None
