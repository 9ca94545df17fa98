r"""Sums over the values of discrete features, one output at a time.

A constant or a sign has a characteristic function that does not decay, so that the series converges
slowly; but such features take finitely many values together. The units of features are cut in two
halves, each with its own list of configurations, and

.. math::
    L_i = \sum_{c} \sum_{d} P(c) P(d) \bigl(x_i - \sigma(b + s_c + t_d)\bigr)^2

runs over pairs of partial sums ``s_c``, ``t_d``: a sum of squares, without cancellation. Units that
neither reach the output nor hold its own feature drop out.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from math import comb

import numpy as np

from numerics.basics.gram import UNIT_ROUNDOFF
from numerics.basics.types import Floats
from numerics.family.classes import Structure
from numerics.family.one_active import applied, slope_of
from theory.problem import Activation, Binary, FeatureLaw, Rademacher

__all__ = ["MAX_ATOMS", "AtomicRow", "Atoms"]

MAX_ATOMS = 1 << 22
_PAIRS = 1 << 20  # pairs of partial sums handled together


@dataclass(frozen=True)
class AtomicRow:
    """One output: its loss, derivatives, and what rounding may have decided.

    Attributes:
        loss: importance left out.
        by_b: derivative by the bias.
        by_a: derivative by each entry, shape ``(n,)``.
        shift: bound on the root mean square of what rounding ``y`` does to ``sigma(y)``.
        undecided: bound on what atoms so near the kink that rounding decides their side may
            contribute to a derivative.
    """

    loss: float
    by_b: float
    by_a: Floats
    shift: float
    undecided: float


@dataclass(frozen=True)
class _Half:
    """Configurations of some units: values of their features, and probabilities."""

    members: tuple[int, ...]
    values: Floats
    masses: Floats


class Atoms:
    """Configurations of the features of a problem, made once for each set of units."""

    def __init__(self, structure: Structure, law: FeatureLaw) -> None:
        """Take a problem whose law is ``Binary`` or ``Rademacher``."""
        self._structure = structure
        self._signs = (1.0,) if isinstance(law, Binary) else (-1.0, 1.0)
        self._made: dict[tuple[int, ...], list[tuple[_Half, _Half]]] = {}

    @staticmethod
    def take(law: FeatureLaw) -> bool:
        """Whether the law takes finitely many values."""
        return isinstance(law, (Binary, Rademacher))

    def relevant(self, row: Floats, own: int) -> tuple[int, ...]:
        """Units that reach an output or hold its own feature, as positions; all for exactly k."""
        units = self._structure.units
        if self._structure.n_active is not None:
            return tuple(range(len(units)))
        return tuple(
            k
            for k, (members, _, sets) in enumerate(units)
            if any(mass > 0.0 for _, mass in sets)
            and (own in members or (row[list(members)] != 0.0).any())
        )

    def count(self, relevant: tuple[int, ...]) -> int:
        """Number of configurations of these units."""
        if self._structure.n_active is not None:
            k = self._structure.n_active
            return comb(self._structure.n, k) * len(self._signs) ** k
        total = 1
        for place in relevant:
            total *= len(self._configurations(place))
        return total

    def _configurations(self, place: int) -> list[tuple[tuple[float, ...], float]]:
        """Values of the members of one unit with their probabilities, none of them zero."""
        members, idle, sets = self._structure.units[place]
        found = [((0.0,) * len(members), idle)] if idle > 0.0 else []
        for active, mass in sets:
            if mass == 0.0:
                continue
            for signs in itertools.product(self._signs, repeat=len(active)):
                values = dict(zip(active, signs, strict=True))
                share = mass / len(self._signs) ** len(active)
                found.append((tuple(values.get(j, 0.0) for j in members), share))
        return found

    def _half(self, places: tuple[int, ...]) -> _Half:
        members: tuple[int, ...] = ()
        values, masses = np.zeros((1, 0)), np.ones(1)
        for place in places:
            listed = self._configurations(place)
            block, chances = np.array([v for v, _ in listed]), np.array([p for _, p in listed])
            values = np.hstack([
                np.repeat(values, len(block), axis=0),
                np.tile(block, (len(values), 1)),
            ])
            masses = np.outer(masses, chances).ravel()
            members += self._structure.units[place][0]
        return _Half(members, values, masses)

    def _pairs(self, relevant: tuple[int, ...]) -> list[tuple[_Half, _Half]]:
        """Pairs of lists; every configuration is one pair of entries of one pair of lists."""
        if relevant not in self._made:
            middle = (len(relevant) + 1) // 2
            left, right = relevant[:middle], relevant[middle:]
            if self._structure.n_active is None:
                self._made[relevant] = [(self._half(left), self._half(right))]
            else:
                self._made[relevant] = self._counted_pairs(left, right)
        return self._made[relevant]

    def _counted_pairs(
        self, left: tuple[int, ...], right: tuple[int, ...]
    ) -> list[tuple[_Half, _Half]]:
        """Pairs of lists with ``k`` active features together, all as likely."""
        n, k = self._structure.n, int(self._structure.n_active or 0)
        chance = 1.0 / (comb(n, k) * len(self._signs) ** k)
        pairs = []
        for count in range(max(0, k - len(right)), min(k, len(left)) + 1):
            some, others = self._subsets(left, count), self._subsets(right, k - count)
            first = _Half(left, some, np.full(len(some), chance))
            pairs.append((first, _Half(right, others, np.ones(len(others)))))
        return pairs

    def _subsets(self, members: tuple[int, ...], count: int) -> Floats:
        """Values with exactly ``count`` of the members active."""
        rows = []
        for active in itertools.combinations(range(len(members)), count):
            for signs in itertools.product(self._signs, repeat=count):
                row = [0.0] * len(members)
                for j, sign in zip(active, signs, strict=True):
                    row[j] = sign
                rows.append(row)
        return np.array(rows).reshape(len(rows), len(members))

    def evaluate(self, activation: Activation, row: Floats, b: float, own: int) -> AtomicRow:
        """Sum the loss of one output over all configurations.

        Args:
            activation: ``sigma``.
            row: its entries of ``G``, shape ``(n,)``.
            b: its bias.
            own: its index.

        Returns:
            The loss and its derivatives; those by entries of units that drop out are zero.
        """
        loss, by_b, undecided, shift = 0.0, 0.0, 0.0, 0.0
        by_a = np.zeros_like(row)
        slack = 4.0 * (row.size + 2) * UNIT_ROUNDOFF
        for left, right in self._pairs(self.relevant(row, own)):
            t, t_size = _sums(right, row)
            target, other = _values(left, own), _values(right, own)
            step = max(1, _PAIRS // max(1, len(t)))
            by_right = np.zeros(len(t))
            for start in range(0, len(left.masses), step):
                part = slice(start, start + step)
                s, s_size = _sums(_Half(left.members, left.values[part], left.masses[part]), row)
                y = (s + b)[:, None] + t
                mass = np.outer(left.masses[part], right.masses)
                gap = target[part][:, None] + other - applied(activation, y)
                slope = slope_of(activation, y)
                pull = -2.0 * mass * gap * slope
                loss += float(np.sum(mass * gap**2))
                by_left = pull.sum(axis=1)
                by_b += float(by_left.sum())
                by_right += pull.sum(axis=0)
                by_a[list(left.members)] += left.values[part].T @ by_left
                slip = slack * ((s_size + abs(b))[:, None] + t_size)
                moved = slip * np.abs(
                    slope_of(activation, np.where(y >= -slip, np.abs(y) + slip, y))
                )
                shift += float(np.sum(mass * moved**2))
                near = np.abs(y) <= slip
                undecided += float(np.sum(2.0 * (mass * (np.abs(gap) + slack))[near]))
            by_a[list(right.members)] += right.values.T @ by_right
        return AtomicRow(loss, by_b, by_a, shift**0.5, undecided if activation.power == 1 else 0.0)


def _sums(half: _Half, row: Floats) -> tuple[Floats, Floats]:
    """Partial sums of ``y`` over the configurations, and of the moduli of their terms."""
    entries = row[list(half.members)]
    return half.values @ entries, np.abs(half.values) @ np.abs(entries)


def _values(half: _Half, own: int) -> Floats:
    """Values of one feature over the configurations; zeros where it is not among them."""
    if own not in half.members:
        return np.zeros(len(half.masses))
    column: Floats = half.values[:, half.members.index(own)]
    return column
