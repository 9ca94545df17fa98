"""What competes: each state with its loss and the derivatives that Newton's method needs.

Source: own derivation; ``theory.phase_boundaries.pair`` and ``theory.phase_boundaries.triangle``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from flint import arb

from theory.phase_boundaries.pair import Pair, pair, variance, variance_slope
from theory.phase_boundaries.triangle import triangle

__all__ = [
    "DEDICATED",
    "ISOSCELES",
    "PAIR",
    "SYMMETRIC_PAIR",
    "UNIT_PAIR",
    "Competitor",
    "State",
]

Balls: TypeAlias = "list[arb]"


@dataclass(frozen=True)
class State:
    """A state at its unknowns, density and importance.

    Attributes:
        value: the loss.
        gradient: by the unknowns.
        hessian: second derivatives by the unknowns.
        by_density: derivatives of the gradient by the density.
        by_importance: by the importance.
        rise: derivative of the loss by the density.
        weight: by the importance.
    """

    value: arb
    gradient: Balls
    hessian: list[Balls]
    by_density: Balls
    by_importance: Balls
    rise: arb
    weight: arb


@dataclass(frozen=True)
class Competitor:
    """A kind of state.

    Attributes:
        names: of its unknowns.
        state: gives the state at unknowns, density and importance.
    """

    names: tuple[str, ...]
    state: Callable[[Sequence[arb], arb, arb], State]

    @property
    def size(self) -> int:
        """The number of unknowns."""
        return len(self.names)


def _dedicated(z: Sequence[arb], p: arb, importance: arb) -> State:
    v = variance(p)
    return State(importance * v, [], [], [], [], importance * variance_slope(p), v)


def _of_pair(found: Pair) -> State:
    return State(
        found.value,
        found.gradient,
        found.hessian,
        found.by_density,
        found.by_importance,
        found.rise,
        found.second.value,
    )


def _pair(z: Sequence[arb], p: arb, importance: arb) -> State:
    return _of_pair(pair(z, p, importance))


def _unit_pair(z: Sequence[arb], p: arb, importance: arb) -> State:
    found = _of_pair(pair(z, p, arb(1)))
    return State(
        found.value,
        found.gradient,
        found.hessian,
        found.by_density,
        [arb(0)] * 4,
        found.rise,
        arb(0),
    )


def _symmetric_pair(z: Sequence[arb], p: arb, importance: arb) -> State:
    """Norm and bias; both features have importance 1."""
    norm, bias = z
    whole = pair([norm, norm, bias, bias], p, arb(1))
    bend = whole.hessian
    mixed = 2 * (bend[0][2] + bend[0][3])
    return State(
        whole.value,
        [2 * whole.gradient[0], 2 * whole.gradient[2]],
        [[2 * (bend[0][0] + bend[0][1]), mixed], [mixed, 2 * (bend[2][2] + bend[2][3])]],
        [2 * whole.by_density[0], 2 * whole.by_density[2]],
        [arb(0)] * 2,
        whole.rise,
        arb(0),
    )


def _isosceles(z: Sequence[arb], p: arb, importance: arb) -> State:
    found = triangle(z, p, importance)
    return State(
        found.value,
        found.gradient,
        found.hessian,
        found.by_density,
        found.by_importance,
        found.rise,
        found.top[""],
    )


DEDICATED = Competitor((), _dedicated)
"""The last feature ignored with its mean as bias, the others dedicated."""
PAIR = Competitor(("w1", "w2", "b1", "b2"), _pair)
"""``W = (w1, -w2)``; the last feature is the second one."""
UNIT_PAIR = Competitor(("w1", "w2", "b1", "b2"), _unit_pair)
"""A pair of two features of importance 1, beside a dedicated one."""
SYMMETRIC_PAIR = Competitor(("norm", "bias"), _symmetric_pair)
"""The same with equal norms and biases."""
ISOSCELES = Competitor(("x", "y", "z", "b", "c"), _isosceles)
"""The last feature opposite to two equal ones."""
