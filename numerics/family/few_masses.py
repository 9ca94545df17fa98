"""Probabilities that none, or exactly one given feature, of those that reach an output is active.

For output ``i`` a feature *reaches* it when ``G_ij != 0``. The output's own feature may be active
without reaching: then the target is there and the output does not see it.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import comb

import numpy as np
import numpy.typing as npt

from numerics.basics.types import Floats
from numerics.family.classes import Structure

__all__ = ["FewMasses", "few_masses"]

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class FewMasses:
    """Probabilities for every output ``i``; nothing was subtracted to find them.

    Attributes:
        none_idle: no reaching feature active, nor the own feature; shape ``(n,)``.
        none_own: no reaching feature active, but the own feature.
        alone: of the reaching features exactly the own one is active.
        one_idle: exactly ``j`` active, not the own feature; shape ``(n, n)``, 0 for ``j = i``.
        one_own: exactly ``j`` active of the reaching ones, and the own feature that does not reach.
    """

    none_idle: Floats
    none_own: Floats
    alone: Floats
    one_idle: Floats
    one_own: Floats


def few_masses(structure: Structure, gram: Floats, given: int | None = None) -> FewMasses:
    """Compute the probabilities of at most one reaching active feature.

    Args:
        structure: which features are active together.
        gram: ``G``, shape ``(n, n)``.
        given: if not None, probabilities of the same events together with this feature active;
            right for the outputs that it does not reach, other than its own.

    Returns:
        The probabilities, each to a few units in the last place for each unit of features.
    """
    reaches = gram != 0.0
    if structure.n_active is not None:
        return _by_count(structure.n, structure.n_active, reaches, 0 if given is None else 1)
    if given is not None:
        structure = _with_active(structure, given)
    n, units = structure.n, structure.units
    none = np.empty((n, len(units)))  # c0 of each unit, 1 for the unit of the own feature
    one = np.zeros((n, n))  # c1 of the unit of j, with exactly j
    unit_of = np.empty(n, np.int64)
    own = _OwnUnit(n)
    for place, (members, idle, sets) in enumerate(units):
        unit_of[list(members)] = place
        none[:, place] = idle
        for active, mass in sets:
            inside = reaches[:, list(active)]
            count = inside.sum(axis=1)
            none[:, place] += mass * (count == 0)
            one[:, list(active)] += mass * (inside & (count == 1)[:, None])
        own.fill(members, idle, sets, reaches)
        none[list(members), place] = 1.0
    others, rest = _leave_one_out(none)
    apart = unit_of[:, None] != unit_of[None, :]
    elsewhere = np.where(apart, one * others[:, unit_of], 0.0)
    return FewMasses(
        none_idle=own.none_idle * rest,
        none_own=own.none_own * rest,
        alone=own.alone * rest,
        one_idle=own.none_idle[:, None] * elsewhere + own.one_idle * rest[:, None],
        one_own=own.none_own[:, None] * elsewhere + own.one_own * rest[:, None],
    )


def _with_active(structure: Structure, feature: int) -> Structure:
    """The same features, with only the events that have one of them active."""
    units = []
    for members, idle, sets in structure.units:
        if feature in members:
            units.append((members, 0.0, tuple(x for x in sets if feature in x[0])))
        else:
            units.append((members, idle, sets))
    return Structure(structure.n, tuple(units), None)


class _OwnUnit:
    """Masses within the unit of the own feature of each output."""

    def __init__(self, n: int) -> None:
        self.none_idle, self.none_own, self.alone = np.zeros(n), np.zeros(n), np.zeros(n)
        self.one_idle, self.one_own = np.zeros((n, n)), np.zeros((n, n))

    def fill(
        self,
        members: tuple[int, ...],
        idle: float,
        sets: tuple[tuple[tuple[int, ...], float], ...],
        reaches: Mask,
    ) -> None:
        for i in members:
            self.none_idle[i] = idle
            for active, mass in sets:
                reaching = [j for j in active if reaches[i, j]]
                if len(reaching) > 1:
                    continue
                if not reaching:
                    part = self.none_own if i in active else self.none_idle
                    part[i] += mass
                elif reaching == [i]:
                    self.alone[i] += mass
                else:
                    pairs = self.one_own if i in active else self.one_idle
                    pairs[i, reaching[0]] += mass


def _leave_one_out(factors: Floats) -> tuple[Floats, Floats]:
    """Products along the rows of all factors but one, without division; and of all."""
    count, units = factors.shape
    before, after = np.ones((count, units + 1)), np.ones((count, units + 1))
    for k in range(units):
        before[:, k + 1] = before[:, k] * factors[:, k]
        after[:, units - 1 - k] = after[:, units - k] * factors[:, units - 1 - k]
    return before[:, :-1] * after[:, 1:], before[:, -1]


def _by_count(n: int, k: int, reaches: Mask, hidden_active: int) -> FewMasses:
    """Exactly ``k`` active, of which ``hidden_active``, 0 or 1, is a given one not reaching."""
    total, k = comb(n, k), k - hidden_active

    def share(hidden: int, active: int) -> float:
        if active < 0 or hidden < 0:
            return 0.0
        return float(Fraction(comb(hidden, active), total))

    rows = range(n)
    sees_own = np.diagonal(reaches)
    hidden = [int(n - reaches[i].sum()) - hidden_active for i in rows]
    other = [hidden[i] - (0 if sees_own[i] else 1) for i in rows]  # hidden, without the own one
    pairs = reaches & ~np.eye(n, dtype=bool)
    none_own = np.array([0.0 if sees_own[i] else share(other[i], k - 1) for i in rows])
    one_own = np.array([0.0 if sees_own[i] else share(other[i], k - 2) for i in rows])
    one_idle = np.array([share(other[i], k - 1) for i in rows])
    return FewMasses(
        none_idle=np.array([share(other[i], k) for i in rows]),
        none_own=none_own,
        alone=np.array([share(other[i], k - 1) if sees_own[i] else 0.0 for i in rows]),
        one_idle=np.where(pairs, one_idle[:, None], 0.0),
        one_own=np.where(pairs, one_own[:, None], 0.0),
    )
