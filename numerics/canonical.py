r"""Canonical form of weights: modulo rotation, exchange of like features, and sign.

The loss depends on ``W`` through ``G = W^T W`` alone, so that rotations and reflections of the
hidden space change nothing; nor does exchanging features of the same importance and density. With
an odd activation and a symmetric law, ``(w_i, b_i) -> (-w_i, -b_i)`` changes nothing either.

Two arrangements are compared by searching a permutation that takes one to the other; the form that
is shown orders the features by what tells them apart (colour refinement), and turns the first
represented feature onto the first axis, the second into the first plane, and so on.

Source: colour refinement and individualisation as in McKay and Piperno 2014, arXiv:1301.1493,
section 2; the application is own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from numerics.basics.inputs import weights_as_floats
from numerics.basics.types import Floats, Ints
from theory.problem import Problem

__all__ = [
    "CanonicalForm",
    "aligned",
    "canonical_form",
    "exchange_classes",
    "has_sign_symmetry",
    "same_arrangement",
]

_TOLERANCE = 1e-6  # numbers closer than this are not told apart
_MOST_REFINED = 40  # features; with more, only norms and biases order them
_MOST_NODES = 20000  # of the search for a permutation
_PIVOT = 1e-6  # a column within this of the span of earlier ones takes no axis of its own


@dataclass(frozen=True)
class CanonicalForm:
    """Weights in canonical coordinates.

    Attributes:
        W: weights, shape ``(m, n)``: triangular, pivots positive.
        b: biases, shape ``(n,)``.
        order: column ``k`` is feature ``order[k]`` of the original.
        signs: 1, or -1 where the feature was turned over.
    """

    W: Floats
    b: Floats
    order: Ints
    signs: Floats


def exchange_classes(problem: Problem) -> Ints:
    """Number the classes of features that may change places without changing the problem.

    Args:
        problem: the problem.

    Returns:
        Shape ``(n,)``; features of equal importance and density, of the same group if of any, have
        the same number.

    Example:
        >>> exchange_classes(Problem(4, 1, sparsity=0, importance=[2, 1, 2, 1]))
        array([0, 1, 0, 1])
    """
    group = {j: k for k, unit in enumerate(problem.groups) for j in unit.members}
    keys = [
        (importance, density, group.get(j, -1))
        for j, (importance, density) in enumerate(
            zip(problem.importances, problem.densities, strict=True)
        )
    ]
    numbers = {key: k for k, key in enumerate(dict.fromkeys(keys))}
    return np.array([numbers[key] for key in keys])


def has_sign_symmetry(problem: Problem) -> bool:
    """Whether turning over a feature changes nothing: odd activation, symmetric law."""
    sigma = problem.activation
    return problem.features.is_symmetric and sigma.shape == "power" and sigma.power % 2 == 1


def same_arrangement(
    problem: Problem,
    first: tuple[npt.ArrayLike, npt.ArrayLike],
    second: tuple[npt.ArrayLike, npt.ArrayLike],
    *,
    tolerance: float = 1e-4,
    named: Sequence[int] = (),
) -> bool:
    """Decide whether two weights are the same up to the symmetries of the problem.

    Args:
        problem: tells which features are alike.
        first: ``(W, b)``.
        second: ``(W, b)``.
        tolerance: of entries of ``W^T W`` and of ``b``.
        named: features that are like no other, whatever the problem says.

    Returns:
        Whether an exchange of like features (and signs, where they are free) takes the Gram matrix
        and the biases of one to those of the other. Where the search grows out of hand the answer
        is no.

    Raises:
        InputError: weights that do not fit the problem.

    Example:
        >>> problem = Problem(3, 1, sparsity=0)
        >>> first = ([[1.0, -1.0, 0.0]], [0.0, 0.0, 0.5])
        >>> same_arrangement(problem, first, ([[0.0, 1.0, -1.0]], [0.5, 0.0, 0.0]))
        True
        >>> same_arrangement(problem, first, ([[0.0, 1.0, -1.0]], [0.0, 0.5, 0.0]))
        False
    """
    grams, biases = [], []
    for W, b in (first, second):
        weights, bias = weights_as_floats(problem, W, b)
        grams.append(weights.T @ weights)
        biases.append(bias)
    classes = exchange_classes(problem)
    classes[list(named)] = -1 - np.arange(len(named))
    return _Matching(grams, biases, classes, has_sign_symmetry(problem), tolerance).exists()


class _Matching:
    """The search for a permutation, with signs where they are free."""

    def __init__(
        self, grams: list[Floats], biases: list[Floats], classes: Ints, signs: bool, near: float
    ) -> None:
        self.grams, self.biases, self.near = grams, biases, near
        self.signs = (1.0, -1.0) if signs else (1.0,)
        size = np.abs if signs else np.asarray
        rows = [np.sort(size(gram), axis=1) for gram in grams]
        flat = [size(bias) for bias in biases]
        n = classes.size
        self.candidates = [
            np.flatnonzero(
                (classes == classes[i])
                & (np.abs(flat[1] - flat[0][i]) <= near)
                & (np.abs(np.diag(grams[1]) - grams[0][i, i]) <= near)
                & (np.abs(rows[1] - rows[0][i]).max(axis=1) <= near)
            )
            for i in range(n)
        ]
        self.order = sorted(range(n), key=lambda i: (self.candidates[i].size, i))
        self.nodes = 0

    def exists(self) -> bool:
        """Whether there is one."""
        if any(found.size == 0 for found in self.candidates):
            return False
        n = len(self.order)
        # a stack of choices in place of recursion, which n = 400 would exhaust
        places, signs = np.full(n, -1), np.ones(n)
        choices = [self._choices(0, places, signs)]
        while choices:
            depth = len(choices) - 1
            places[depth] = -1
            chosen = next(choices[-1], None)
            self.nodes += 1
            if chosen is None:
                choices.pop()
                continue
            if self.nodes > _MOST_NODES:
                return False
            places[depth], signs[depth] = chosen
            if depth + 1 == n:
                return True
            choices.append(self._choices(depth + 1, places, signs))
        return False

    def _choices(self, depth: int, places: Ints, signs: Floats) -> Iterator[tuple[int, float]]:
        """Places, with signs, that the next feature can take."""
        i, done = self.order[depth], np.array(self.order[:depth], dtype=int)
        for j in self.candidates[i]:
            if j in places[:depth]:
                continue
            for sign in self.signs:
                if abs(self.biases[0][i] - sign * self.biases[1][j]) > self.near:
                    continue
                image = sign * signs[:depth] * self.grams[1][j, places[:depth]]
                if np.all(np.abs(self.grams[0][i, done] - image) <= self.near):
                    yield int(j), sign


def canonical_form(problem: Problem, W: npt.ArrayLike, b: npt.ArrayLike) -> CanonicalForm:
    """Bring weights into canonical coordinates.

    Args:
        problem: tells which features are alike.
        W: weights, shape ``(m, n)``.
        b: biases, shape ``(n,)``.

    Returns:
        The same arrangement; features of one class by falling norm, then by bias and neighbours.

    Raises:
        InputError: weights that do not fit the problem.

    Example:
        >>> form = canonical_form(Problem(2, 2, sparsity=0), [[0.0, 0.0], [1.0, -2.0]], [0.0, 0.5])
        >>> form.W, form.order
        (array([[ 2., -1.],
               [ 0.,  0.]]), array([1, 0]))
    """
    weights, bias = weights_as_floats(problem, W, b)
    free = has_sign_symmetry(problem)
    order = _canonical_order(weights.T @ weights, bias, exchange_classes(problem), free)
    signs = np.ones(bias.size)
    if free:
        signs = _signs((weights.T @ weights)[np.ix_(order, order)], bias[order])
    turned = _triangular(weights[:, order] * signs)
    return CanonicalForm(turned, bias[order] * signs, order, signs)


def _levels(values: Floats) -> Ints:
    """Number the values in falling order, those closer than the tolerance to a neighbour alike."""
    flat = values.ravel()
    by_size = np.argsort(-flat, kind="stable")
    jumps = -np.diff(flat[by_size], prepend=flat[by_size[:1]]) > _TOLERANCE
    found = np.empty(flat.size, dtype=int)
    found[by_size] = np.cumsum(jumps)
    return found.reshape(values.shape)


def _canonical_order(gram: Floats, b: Floats, classes: Ints, free: bool) -> Ints:
    size = np.abs if free else np.asarray
    levels, n = _levels(size(gram)), b.size
    keys = list(zip(classes, _levels(np.diag(gram)), _levels(size(b)), strict=True))
    colours = _ranks(keys)
    if n <= _MOST_REFINED:
        colours = _refined(levels, colours)
        while len(set(colours)) < n:
            colours = _individualised(levels, colours)
    return np.lexsort((np.arange(n), np.array(colours)))


def _ranks(keys: Sequence[tuple[Any, ...]]) -> list[int]:
    place = {key: k for k, key in enumerate(sorted(set(keys)))}
    return [place[key] for key in keys]


def _refined(levels: Ints, colours: list[int]) -> list[int]:
    """Split colours by the colours at each distance, until nothing more is told apart."""
    while True:
        seen = [
            (colours[i], *sorted(zip(colours, levels[i].tolist(), strict=True)))
            for i in range(len(colours))
        ]
        finer = _ranks(seen)
        if len(set(finer)) == len(set(colours)):
            return finer
        colours = finer


def _individualised(levels: Ints, colours: list[int]) -> list[int]:
    """Tell one feature of the first colour that has several apart; the one that comes out least."""
    crowded = min(c for c in colours if colours.count(c) > 1)
    best: tuple[list[tuple[int, ...]], list[int]] | None = None
    for i in (k for k, c in enumerate(colours) if c == crowded):
        split = [2 * c + (c == crowded and k != i) for k, c in enumerate(colours)]
        finer = _refined(levels, split)
        order = np.lexsort((np.arange(len(finer)), np.array(finer)))
        trace = [tuple(row) for row in levels[np.ix_(order, order)].tolist()]
        if best is None or trace < best[0]:
            best = trace, finer
    return best[1] if best is not None else colours


def _signs(gram: Floats, b: Floats) -> Floats:
    """Biases positive; where they are zero, the first inner product with an earlier feature."""
    signs = np.ones(b.size)
    for i in range(b.size):
        seen = np.append(b[i], signs[:i] * gram[i, :i])
        clear = seen[np.abs(seen) > _TOLERANCE]
        signs[i] = np.sign(clear[0]) if clear.size else 1.0
    return signs


def aligned(W: Floats, pivot: float) -> Floats:
    """Rotate so that each column that opens a new dimension opens the next axis, longest first.

    Parts that are orthogonal to each other get axes of their own.

    Args:
        W: weights, shape ``(m, n)``.
        pivot: a column this near the span of the earlier ones opens none; of the largest entry.

    Returns:
        The same weights in other coordinates.

    Example:
        >>> aligned(np.array([[0.0, 1.0], [2.0, 0.0]]), 1e-6)
        array([[2., 0.],
               [0., 1.]])
    """
    order = np.argsort(-np.sum(W**2, axis=0), kind="stable")
    turned = np.empty_like(W)
    turned[:, order] = _triangular(W[:, order], pivot)
    return turned


def _triangular(W: Floats, pivot: float = _PIVOT) -> Floats:
    """Rotate so that each column that opens a new dimension opens the next axis, upwards."""
    m = W.shape[0]
    size, axes = float(np.abs(W).max(initial=0.0)), np.zeros((m, 0))
    for column in W.T:
        rest = column - axes @ (axes.T @ column)
        rest = rest - axes @ (axes.T @ rest)
        length = float(np.sqrt(np.sum(rest**2)))
        if axes.shape[1] < m and length > pivot * size:
            axes = np.column_stack([axes, rest / length])
    if axes.shape[1] < m:  # complete the basis, so that nothing is lost
        full = np.linalg.qr(np.column_stack([axes, np.eye(m)]))[0]
        full[:, : axes.shape[1]] = axes
        axes = full
    turned: Floats = axes.T @ W
    turned[np.abs(turned) <= 4e-16 * size] = 0.0
    return turned
