"""Systems of equations whose zeros are points of phase boundaries of two features in one dimension.

Unknowns of a pair are ``w, v, b, c``; its four equations say that the loss is stationary. The last
two unknowns are the density and the importance; ``held`` fixes one of them.

Source: own derivation; the model is that of arXiv:2209.10652.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TypeAlias

from flint import arb

from theory.arithmetic.sturm import as_fmpq
from theory.phase_boundaries.newton import Scales, System
from theory.phase_boundaries.pair import Pair, pair, variance, variance_slope

__all__ = [
    "against_dedicated",
    "between_pairs",
    "held",
    "scales",
    "symmetry_breaking_system",
    "three_at_once",
]

Equations: TypeAlias = "tuple[list[arb], list[list[arb]]]"


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


def _stationary(found: Pair, before: int, after: int) -> Equations:
    """Four equations; ``before`` and ``after`` are unknowns of other pairs."""
    columns = zip(found.hessian, found.by_density, found.by_importance, strict=True)
    rows = [
        [arb(0)] * before + bend + [arb(0)] * after + [tilt, weight]
        for bend, tilt, weight in columns
    ]
    return list(found.gradient), rows


def _level(found: Pair, p: arb, importance: arb, before: int, after: int) -> tuple[arb, list[arb]]:
    """The loss minus that of dedicating."""
    row = [arb(0)] * before + found.gradient + [arb(0)] * after
    row += [found.rise - importance * variance_slope(p), found.second.value - variance(p)]
    return found.value - importance * variance(p), row


def against_dedicated(z: Sequence[arb]) -> Equations:
    """A stationary pair that loses as much as dedicating, in ``w, v, b, c, p, I``."""
    found = pair(z[:4], z[4], z[5])
    values, rows = _stationary(found, 0, 0)
    value, row = _level(found, z[4], z[5], 0, 0)
    return [*values, value], [*rows, row]


def between_pairs(z: Sequence[arb]) -> Equations:
    """Two stationary pairs that lose the same, in two times ``w, v, b, c``, and ``p, I``."""
    one, two = pair(z[:4], z[8], z[9]), pair(z[4:8], z[8], z[9])
    values, rows = _stationary(one, 0, 4)
    more, below = _stationary(two, 4, 0)
    last = [*one.gradient, *(-x for x in two.gradient), one.rise - two.rise]
    last.append(one.second.value - two.second.value)
    return [*values, *more, one.value - two.value], [*rows, *below, last]


def three_at_once(z: Sequence[arb]) -> Equations:
    """Two stationary pairs that both lose as much as dedicating, in the same unknowns."""
    values: list[arb] = []
    rows: list[list[arb]] = []
    for k in (0, 4):
        found = pair(z[k : k + 4], z[8], z[9])
        more, below = _stationary(found, k, 4 - k)
        value, row = _level(found, z[8], z[9], k, 4 - k)
        values += [*more, value]
        rows += [*below, row]
    return values, rows


def symmetry_breaking_system(z: Sequence[arb]) -> Equations:
    """A pair that loses as much as a symmetric one at equal importance.

    Args:
        z: ``w, v, b, c``, the norm and the bias of the symmetric pair, and ``p``.

    Returns:
        Values and Jacobian matrix.
    """
    one = pair(z[:4], z[6], arb(1))
    two = pair([z[4], z[4], z[5], z[5]], z[6], arb(1))
    values, rows = _stationary(one, 0, 2)
    rows = [row[:-1] for row in rows]
    for i in (0, 2):
        bend = two.hessian[i]
        values.append(two.gradient[i])
        rows.append([arb(0)] * 4 + [bend[0] + bend[1], bend[2] + bend[3], two.by_density[i]])
    total = [2 * two.gradient[0], 2 * two.gradient[2]]
    rows.append([*one.gradient, *(-x for x in total), one.rise - two.rise])
    return [*values, one.value - two.value], rows
