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

from numerics.types import Floats
from theory.problem import Problem

__all__ = ["Chain", "Factors", "Structure", "chain_of", "structure_of", "truncated_product"]

Element: TypeAlias = npt.NDArray[Any]  # (rows, K): one factor or sum for each output
Classes: TypeAlias = list[Any]  # none, one, two or more; 0.0 where nothing has been added yet


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

    def run(self, factors: Factors) -> tuple[Classes, Classes]:
        """Carry the recursion through.

        Args:
            factors: of each feature.

        Returns:
            Expectations of the product over the classes none, one, two or more; and the same with
            ``x_i`` in front.
        """
        if self.structure.n_active is not None:
            return self._by_count(factors)
        shape = (len(self.rows), factors.unit.shape[-1])
        plain: Classes = [np.broadcast_to(factors.unit, shape), 0.0, 0.0]
        weighted: Classes = [0.0, 0.0, 0.0]
        for members, idle, sets in self.structure.units:
            parts = self._parts(factors, idle, sets)
            weighted = _stepped(weighted, parts, factors.times)
            for row in np.flatnonzero(np.isin(self.rows, members)):
                own = self._own_parts(factors, sets, int(row))
                before = [x if np.isscalar(x) else x[row : row + 1] for x in plain]
                after = _stepped(before, own, factors.times)
                for z in range(3):
                    weighted[z] = _with_row(weighted[z], int(row), after[z], shape)
            plain = _stepped(plain, parts, factors.times)
        return [_filled(x, shape) for x in plain], [_filled(x, shape) for x in weighted]

    def _parts(
        self, factors: Factors, idle: float, sets: tuple[tuple[tuple[int, ...], float], ...]
    ) -> Classes:
        """``c0`` (masses, shape ``(rows, 1)``), ``c1`` and ``c2`` of one unit."""
        parts: Classes = [np.full((len(self.rows), 1), idle), 0.0, 0.0]
        for members, mass in sets:
            if mass == 0.0:
                continue
            count = self.reaches[:, list(members)].sum(axis=1)[:, None]
            product: Any = mass
            for j in members:
                factor = factors.plain(j)
                product = mass * factor if np.isscalar(product) else factors.times(product, factor)
            parts[0] = parts[0] + mass * (count == 0)
            if (count == 1).any():
                parts[1] = parts[1] + np.where(count == 1, product, 0.0)
            if (count >= 2).any():
                parts[2] = parts[2] + np.where(count >= 2, product, 0.0)
        return parts

    def _own_parts(
        self, factors: Factors, sets: tuple[tuple[tuple[int, ...], float], ...], row: int
    ) -> Classes:
        """The same for one output, with its own feature active and ``x_i`` in front."""
        parts: Classes = [0.0, 0.0, 0.0]
        own = int(self.rows[row])
        for members, mass in sets:
            if own not in members or mass == 0.0:
                continue
            product = mass * factors.own(row)
            for j in members:
                if j != own:
                    product = factors.times(product, factors.plain(j)[row : row + 1])
            place = min(int(self.reaches[row, list(members)].sum()), 2)
            parts[place] = parts[place] + product
        return parts

    def _by_count(self, factors: Factors) -> tuple[Classes, Classes]:
        """The recursion with exactly ``n_active`` active features."""
        n, k = self.structure.n, int(self.structure.n_active or 0)
        shape = (len(self.rows), factors.unit.shape[-1])
        plain: dict[int, Classes] = {0: [np.broadcast_to(factors.unit, shape), 0.0, 0.0]}
        weighted: dict[int, Classes] = {}
        for j in range(n):
            reach, factor = self.reaches[:, j : j + 1], factors.plain(j)
            parts: Classes = [np.where(reach, 0.0, 1.0), np.where(reach, factor, 0.0), 0.0]
            moved = {c: _stepped(x, parts, factors.times) for c, x in weighted.items() if c < k}
            new = _counted(weighted, moved, n - j, k)
            for row in np.flatnonzero(self.rows == j):
                own: Classes = [0.0, 0.0, 0.0]
                own[int(self.reaches[row, j])] = factors.own(int(row))
                for c, classes in plain.items():
                    if c == k:
                        continue
                    before = [x if np.isscalar(x) else x[row : row + 1] for x in classes]
                    after = _stepped(before, own, factors.times)
                    chance = (k - c) / (n - j)
                    target = new.setdefault(c + 1, [0.0, 0.0, 0.0])
                    for z in range(3):
                        target[z] = _with_row(target[z], int(row), chance * after[z], shape)
            weighted = new
            moved = {c: _stepped(x, parts, factors.times) for c, x in plain.items() if c < k}
            plain = _counted(plain, moved, n - j, k)
        nothing: Classes = [0.0, 0.0, 0.0]
        last, own_last = plain.get(k, nothing), weighted.get(k, nothing)
        return [_filled(x, shape) for x in last], [_filled(x, shape) for x in own_last]


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


def _counted(
    stayed: dict[int, Classes], moved: dict[int, Classes], left: int, k: int
) -> dict[int, Classes]:
    """Mix the next counts: ``left`` features to come, of which ``k - c`` are active."""
    new: dict[int, Classes] = {}
    for c, classes in stayed.items():
        if left - (k - c) > 0:
            new[c] = [x * ((left - (k - c)) / left) for x in classes]
    for c, classes in moved.items():
        before = new.get(c + 1, [0.0, 0.0, 0.0])
        new[c + 1] = [_sum(x, y * ((k - c) / left)) for x, y in zip(before, classes, strict=True)]
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
