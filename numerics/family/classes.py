r"""Expectations of products over features, by how many active features reach each output.

For each output ``i`` a *class* counts the active features with ``G_ij != 0``: none, one, two or
more. An expectation of a product such as ``prod_j e^{i w a_j x_j}`` is carried over the independent
units of features in these classes by

    rest <- rest (c0 + c1 + c2) + one (c1 + c2) + none c2,
    one <- one c0 + none c1,    none <- none c0,

with ``c0``, ``c1``, ``c2`` the parts of the unit. With exactly ``k`` active features a further
index counts all active ones, and feature ``j`` is active with the conditional probability
``(k - c) / (n - j)`` after ``c`` of the first ``j``. Nothing is ever subtracted, so that every
class keeps digits relative to its own size.

The same recursion serves products of characteristic functions, their envelopes, moment generating
functions and truncated power series (moments): an *algebra* says how two factors are multiplied.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from numerics.basics.types import Floats
from theory.problem import Problem

__all__ = [
    "Chain",
    "Classes",
    "Factors",
    "States",
    "Step",
    "Structure",
    "chain_of",
    "steps_of",
    "structure_of",
    "truncated_product",
]

Element: TypeAlias = npt.NDArray[Any]  # (rows, K): one factor or sum for each output
Classes: TypeAlias = list[Any]  # none, one, two or more; 0.0 where nothing has been added yet
States: TypeAlias = dict[int, Classes]  # by the number of counted active features


@dataclass(frozen=True)
class Structure:
    """Which features are active together, in floating point.

    Attributes:
        n: number of features.
        units: for each independent unit its members, the mass of no active member, and its sets of
            active members with the mass of each.
        n_active: exactly so many are active; the units are then the single features.
    """

    n: int
    units: tuple[tuple[tuple[int, ...], float, tuple[tuple[tuple[int, ...], float], ...]], ...]
    n_active: int | None


def structure_of(problem: Problem) -> Structure:
    """Read the dependence of a problem, its densities rounded to floats."""
    units = []
    for unit in problem.units:
        share = float(unit.density / len(unit.sets))
        sets = tuple((members, share) for members in unit.sets)
        units.append((unit.members, float(1 - unit.density), sets))
    return Structure(problem.n_features, tuple(units), problem.n_active)


@dataclass(frozen=True)
class Step:
    """One step of the recursion: an independent unit, or one of the features to be counted.

    Attributes:
        idle: mass of no active member.
        sets: sets of active members with the mass of each, none of them zero.
        counts: whether active features are counted, 0 or 1.
        left: features to come, this one included, where they are counted.
        n_active: how many are active in the end.
    """

    idle: float
    sets: tuple[tuple[tuple[int, ...], float], ...]
    counts: int = 0
    left: int = 0
    n_active: int = 0

    def chances(self, c: int) -> tuple[float, float]:
        """Probabilities to skip the step, and to take it, after ``c`` counted active features."""
        if self.counts == 0:
            return 0.0, 1.0
        wanted = self.n_active - c
        return (self.left - wanted) / self.left, wanted / self.left


def steps_of(structure: Structure) -> list[Step]:
    """The steps of the recursion, in the order of the features."""
    n, k = structure.n, structure.n_active
    if k is not None:
        return [Step(0.0, (((j,), 1.0),), 1, n - j, k) for j in range(n)]
    return [
        Step(idle, tuple((active, mass) for active, mass in sets if mass > 0.0))
        for _, idle, sets in structure.units
    ]


@dataclass(frozen=True)
class Factors:
    """The factor of each feature, for a block of outputs.

    Attributes:
        plain: ``plain(j)``, shape ``(rows, K)``; must be the unit of the algebra where the feature
            does not reach the output.
        own: ``own(row)``, shape ``(1, K)``: the factor of the output's own feature with ``x_i`` in
            front.
        times: product of the algebra.
        unit: what the product starts with, such as the factor of the bias; shape ``(1, K)`` or
            ``(rows, K)``.
    """

    plain: Callable[[int], Element]
    own: Callable[[int], Element]
    times: Callable[[Any, Any], Any]
    unit: Element


def truncated_product(x: Element, y: Element) -> Element:
    """Multiply power series in the last axis.

    Args:
        x: coefficients, lowest degree first.
        y: as many.

    Returns:
        As many coefficients of the product.

    Example:
        >>> truncated_product(np.array([[1.0, 2.0]]), np.array([[3.0, 5.0]]))
        array([[ 3., 11.]])
    """
    size = x.shape[-1]
    out = np.zeros(np.broadcast_shapes(x.shape, y.shape))
    for k in range(size):
        out[..., k:] += x[..., k : k + 1] * y[..., : size - k]
    return out


@dataclass(frozen=True)
class Chain:
    """The recursion over the features of a problem, for a block of outputs.

    Attributes:
        structure: which features are active together.
        rows: the outputs, as indices of features.
        reaches: whether ``G_ij != 0``, shape ``(rows, n)``.
    """

    structure: Structure
    rows: npt.NDArray[np.int64]
    reaches: npt.NDArray[np.bool_]

    def run(
        self, factors: Factors, history: list[tuple[States, States]] | None = None
    ) -> tuple[Classes, Classes]:
        """Carry the recursion through.

        Args:
            factors: of each feature.
            history: where given, the states before each step are appended to it.

        Returns:
            Expectations of the product over the classes none, one, two or more; and the same with
            ``x_i`` in front.
        """
        shape = (len(self.rows), factors.unit.shape[-1])
        plain: States = {0: [np.broadcast_to(factors.unit, shape), 0.0, 0.0]}
        weighted: States = {}
        for step in self.steps():
            if history is not None:
                history.append((plain, weighted))
            parts = self.parts(factors, step)
            weighted = _advanced(weighted, parts, step, factors.times)
            for row in self.own_rows(step):
                own = self.own_parts(factors, step, row)
                for c, classes in self.at_row(plain, row).items():
                    go = step.chances(c)[1]
                    if go > 0.0:
                        after = _stepped(classes, own, factors.times)
                        target = weighted.setdefault(c + step.counts, [0.0, 0.0, 0.0])
                        for z in range(3):
                            target[z] = _with_row(target[z], row, _scaled(after[z], go), shape)
            plain = _advanced(plain, parts, step, factors.times)
        last = self.structure.n_active or 0
        nothing: Classes = [0.0, 0.0, 0.0]
        found, own_found = plain.get(last, nothing), weighted.get(last, nothing)
        return [_filled(x, shape) for x in found], [_filled(x, shape) for x in own_found]

    def steps(self) -> list[Step]:
        """The steps of the recursion."""
        return steps_of(self.structure)

    def own_rows(self, step: Step) -> list[int]:
        """Positions of the outputs whose own feature belongs to a step."""
        members = {j for active, _ in step.sets for j in active}
        return [row for row, i in enumerate(self.rows.tolist()) if i in members]

    @staticmethod
    def at_row(states: States, row: int) -> States:
        """States of one output."""
        return {
            c: [x if np.isscalar(x) else x[row : row + 1] for x in classes]
            for c, classes in states.items()
        }

    def places(self, active: tuple[int, ...]) -> Element:
        """Class that a set of active features adds to each output, shape ``(rows, 1)``."""
        return np.minimum(self.reaches[:, list(active)].sum(axis=1), 2)[:, None]

    def parts(self, factors: Factors, step: Step) -> Classes:
        """``c0`` (masses, shape ``(rows, 1)``), ``c1`` and ``c2`` of one step."""
        parts: Classes = [np.full((len(self.rows), 1), step.idle), 0.0, 0.0]
        for active, mass in step.sets:
            place = self.places(active)
            product = mass * factors.plain(active[0])
            for j in active[1:]:
                product = factors.times(product, factors.plain(j))
            parts[0] = parts[0] + mass * (place == 0)
            for z in (1, 2):
                if (place == z).any():
                    parts[z] = parts[z] + np.where(place == z, product, 0.0)
        return parts

    def own_parts(self, factors: Factors, step: Step, row: int) -> Classes:
        """The same for one output, with its own feature active and ``x_i`` in front."""
        parts: Classes = [0.0, 0.0, 0.0]
        own = int(self.rows[row])
        for active, mass in step.sets:
            if own not in active:
                continue
            product = mass * factors.own(row)
            for j in active:
                if j != own:
                    product = factors.times(product, factors.plain(j)[row : row + 1])
            place = int(self.places(active)[row, 0])
            parts[place] = parts[place] + product
        return parts


def chain_of(structure: Structure, gram: Floats, rows: npt.NDArray[np.int64]) -> Chain:
    """Set up the recursion for some outputs of a model."""
    return Chain(structure, rows, gram[rows] != 0.0)


def _stepped(state: Classes, parts: Classes, times: Callable[[Any, Any], Any]) -> Classes:
    """One step of the recursion; scalars 0.0 stand for nothing."""
    none, one, rest = state
    c0, c1, c2 = parts
    return [
        _product(none, c0, times),
        _sum(_product(one, c0, times), _product(none, c1, times)),
        _sum(
            _product(rest, c0, times),
            _product(_sum(rest, one), c1, times),
            _product(_sum(rest, one, none), c2, times),
        ),
    ]


def _is_nothing(x: Any) -> bool:
    return bool(np.isscalar(x)) and x == 0.0


def _sum(*terms: Any) -> Any:
    kept = [term for term in terms if not _is_nothing(term)]
    total = kept[0] if kept else 0.0
    for term in kept[1:]:
        total = total + term
    return total


def _product(x: Any, y: Any, times: Callable[[Any, Any], Any]) -> Any:
    if _is_nothing(x) or _is_nothing(y):
        return 0.0
    if y.shape[-1] == 1:  # masses
        return x * y
    return times(x, y)


def _scaled(x: Any, factor: float) -> Any:
    return x if factor == 1.0 or _is_nothing(x) else x * factor


def _advanced(
    states: States, parts: Classes, step: Step, times: Callable[[Any, Any], Any]
) -> States:
    """All states after a step; the arrays are new ones."""
    new: States = {}
    for c, classes in states.items():
        stay, go = step.chances(c)
        if stay > 0.0:
            new[c] = [
                _sum(x, y * stay) for x, y in zip(new.get(c, [0.0, 0.0, 0.0]), classes, strict=True)
            ]
        if go > 0.0:
            moved = [_scaled(x, go) for x in _stepped(classes, parts, times)]
            before = new.get(c + step.counts, [0.0, 0.0, 0.0])
            new[c + step.counts] = [_sum(x, y) for x, y in zip(before, moved, strict=True)]
    return new


def _with_row(x: Any, row: int, added: Any, shape: tuple[int, int]) -> Any:
    """``x`` with ``added`` added to one row, in place where there is an array already."""
    if _is_nothing(added):
        return x
    out = np.zeros(shape, added.dtype) if _is_nothing(x) else x
    out[row] += np.broadcast_to(added, (1, shape[1]))[0]
    return out


def _filled(x: Any, shape: tuple[int, int]) -> Element:
    return np.broadcast_to(np.asarray(x), shape)
