"""Systems of equations whose zeros are points of phase boundaries.

All competitors are stationary, and neighbours in the list lose the same. Unknowns are those of the
competitors one after another, then the density and the importance.

Source: own derivation; the model is that of arXiv:2209.10652.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import TypeAlias

from flint import arb

from theory.arithmetic.sturm import as_fmpq
from theory.phase_boundaries.newton import Scales, System
from theory.phase_boundaries.states import Competitor

__all__ = ["equal_losses", "held", "scales", "triangle_scales"]

Equations: TypeAlias = "tuple[list[arb], list[list[arb]]]"


def equal_losses(competitors: Sequence[Competitor]) -> System:
    """All stationary, all of the same loss.

    Args:
        competitors: two for a curve, three for a point.

    Returns:
        As many equations as there are competitors and unknowns of theirs, less one.
    """
    starts = [sum(one.size for one in competitors[:k]) for k in range(len(competitors) + 1)]
    size = starts[-1]

    def system(z: Sequence[arb]) -> Equations:
        p, importance = z[size], z[size + 1]
        states = [
            one.state(z[begin:end], p, importance)
            for one, (begin, end) in zip(competitors, pairwise(starts), strict=True)
        ]
        values: list[arb] = []
        rows: list[list[arb]] = []
        for state, (begin, end) in zip(states, pairwise(starts), strict=True):
            values += state.gradient
            columns = zip(state.hessian, state.by_density, state.by_importance, strict=True)
            for bend, tilt, weight in columns:
                zeros = [arb(0)] * begin, [arb(0)] * (size - end)
                rows.append([*zeros[0], *bend, *zeros[1], tilt, weight])
        for k, (one, two) in enumerate(pairwise(states)):
            values.append(one.value - two.value)
            row = [arb(0)] * starts[k] + one.gradient + [-x for x in two.gradient]
            row += [arb(0)] * (size - starts[k + 2])
            rows.append([*row, one.rise - two.rise, one.weight - two.weight])
        return values, rows

    return system


def held(system: System, place: int, value: Fraction) -> System:
    """Fix one of the last two unknowns.

    Args:
        system: with one equation less than unknowns.
        place: -2 for the density, -1 for the importance.
        value: which it has.

    Returns:
        A system with as many equations as unknowns.
    """

    def fewer(z: Sequence[arb]) -> Equations:
        fixed = arb(as_fmpq(value))  # here, at the working precision
        full = [*z[:-1], fixed, z[-1]] if place == -2 else [*z, fixed]
        values, rows = system(full)
        return values, [[*row[:-2], row[-1] if place == -2 else row[-2]] for row in rows]

    return fewer


def scales(pairs: int) -> Scales:
    """Shape a box for so many pairs and what follows them.

    Where the second weight ``v`` of a pair is small, the equations fix the other unknowns to within
    its square or so.

    Args:
        pairs: how many pairs come first among the unknowns.

    Returns:
        Scales of ``w, v, b, c`` for each pair, and of the rest.
    """

    def shape(z: Sequence[arb]) -> list[arb]:
        found: list[arb] = []
        for k in range(0, 4 * pairs, 4):
            w, v, b, c = z[k : k + 4]
            found += [v * w, v, b, v * c]
        small = z[4 * pairs - 3]
        return [*found, *(small * small * x for x in z[4 * pairs :])]

    return shape


def triangle_scales(z: Sequence[arb]) -> list[arb]:
    """Shape a box for a triangle with a short last feature, and one coordinate.

    Args:
        z: ``x, y, z, b, c`` and a coordinate.

    Returns:
        Scales of all of them.
    """
    x, y, short, b, c, rest = z
    return [x - y, x - y, short, b, short * c, short * short * rest]
