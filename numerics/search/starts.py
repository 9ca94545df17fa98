r"""Where searches start: random weights of several families, simple named ones, perturbed ones.

Every start draws from a generator of its own, so that it does not depend on the others:
``SeedSequence(seed, spawn_key=(stage, k))``.
"""

from __future__ import annotations

import numpy as np

from numerics.basics.gram import gram_matrices
from numerics.basics.types import Floats, Ints
from numerics.canonical import exchange_classes
from numerics.search.objective import Objective

__all__ = ["exchanged", "generator_of", "named_starts", "perturbed", "random_start", "tuned"]

_MOST_NAMED = 30
_SCALES, _BIASES = (0.7, 0.85, 1.0, 1.15), (0.0, -0.1, -0.2, -0.3, -0.4, -0.5)
_COARSE = 1e-3  # tolerance of the series on that grid
_LARGEST_POLYGON = 8
_DRAWN_SCALE = 0.3  # of the small family
_MOST_EXCHANGES = 500  # of two features, valued before the best are taken
_VALUED = 1e-4  # tolerance of the series there
_BLOCK = 3  # most dimensions of a random block


def generator_of(seed: int, stage: int, k: int) -> np.random.Generator:
    """Give the random numbers of one start."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(stage, k)))


def random_start(objective: Objective, k: int, generator: np.random.Generator) -> Floats:
    """Draw a start; its family is ``k`` modulo five.

    The families: columns of about unit length; the same with some features ignored; small weights;
    antipodal pairs on the axes; blocks that share no dimension. Less important features are ignored
    more often.

    Args:
        objective: gives shape, means and importances.
        k: number of the start.
        generator: its random numbers.

    Returns:
        ``(W, b)`` in one vector.
    """
    family = k % 5
    if family in (0, 2):
        W = _columns(objective, generator)
        return _with_biases(objective, (1.0 if family == 0 else _DRAWN_SCALE) * W, generator)
    order = _random_order(objective, generator)
    if family == 1:
        kept = order[: int(generator.integers(1, order.size + 1))]
        W = np.zeros(objective.shape)
        W[:, kept] = _columns(objective, generator)[:, kept]
    elif family == 3:
        W = _pairs(objective, order, generator)
    else:
        W = _blocks(objective, order, generator)
    return _with_biases(objective, W, generator)


def _columns(objective: Objective, generator: np.random.Generator) -> Floats:
    return generator.normal(size=objective.shape) / np.sqrt(objective.shape[0])


def _with_biases(objective: Objective, W: Floats, generator: np.random.Generator) -> Floats:
    """Small biases, none positive but those of ignored features."""
    # a positive bias costs b^2 in every sample, 1/p times the scale of the rest: in the sparse
    # regime the first step of a search would leap to where every output is dead
    b = -0.1 * np.abs(generator.normal(size=W.shape[1]))
    return objective.pack(W, np.where(W.any(axis=0), b, objective.means))


def _random_order(objective: Objective, generator: np.random.Generator) -> Ints:
    """The features in random order, those whose neglect costs most rather first."""
    cost = np.maximum(objective.constant_losses, 1e-300)
    return np.argsort(-(np.log(cost) + generator.gumbel(size=cost.size)), kind="stable")


def _pairs(objective: Objective, order: Ints, generator: np.random.Generator) -> Floats:
    W = np.zeros(objective.shape)
    m = objective.shape[0]
    kept = order[: min(order.size, 2 * m)]
    axes = np.concatenate([generator.permutation(m), generator.permutation(m)])[: kept.size]
    signs = np.repeat([1.0, -1.0], m)[: kept.size]
    W[axes, kept] = signs * generator.uniform(0.8, 1.2, size=kept.size)
    return W + 0.05 * _columns(objective, generator) * W.any(axis=0)


def _blocks(objective: Objective, order: Ints, generator: np.random.Generator) -> Floats:
    W, axis, first = np.zeros(objective.shape), 0, 0
    m, n = objective.shape
    while axis < m and first < n:
        width = min(int(generator.integers(1, _BLOCK + 1)), m - axis)
        count = int(generator.integers(width, 5 * width // 2 + 2))
        members = order[first : first + count]
        W[axis : axis + width, members] = generator.normal(size=(width, members.size))
        W[axis : axis + width, members] /= np.sqrt(width)
        axis, first = axis + width, first + count
    return W


def tuned(objective: Objective, point: Floats) -> Floats:
    """Give the columns of a start the common scale and the common bias of least loss on a grid.

    With many sparse features nearly every output of a random start is wrong by its interference,
    and a descent from there takes a thousand steps to what a common bias does at once.

    Args:
        objective: the loss.
        point: ``(W, b)``.

    Returns:
        The start itself where nothing on the grid is lower.
    """
    W, b = objective.unpack(point)
    kept = W.any(axis=0)
    trials = [
        objective.pack(scale * W, np.where(kept, bias, b)) for scale in _SCALES for bias in _BIASES
    ]
    return min([point, *trials], key=lambda at: objective.value(at, _COARSE)[0])


def named_starts(objective: Objective) -> list[Floats]:
    """List direct sums of simple arrangements that fit, the most important features first.

    One kind of part, as often as it fits or less, and the rest of the dimensions filled with
    antipodal pairs or with dedicated features; what is left over is ignored.

    Args:
        objective: gives shape, means and importances.

    Returns:
        ``(W, b)`` of each, at most thirty.
    """
    m, n = objective.shape
    order = np.argsort(-objective.constant_losses, kind="stable")
    kinds = [(_polygon(k)) for k in range(3, min(n, _LARGEST_POLYGON) + 1)] if m >= 2 else []
    kinds += [_simplex(d) for d in range(3, min(m, n - 1) + 1)]
    found: list[Floats] = []
    for filler in (_pair(), np.ones((1, 1))):
        found.append(_direct_sum(objective, order, [filler] * m))
        for kind in kinds:
            most = min(m // kind.shape[0], n // kind.shape[1])
            for copies in sorted({1, most}):
                rest = [filler] * (m - copies * kind.shape[0])
                found.append(_direct_sum(objective, order, [kind] * copies + rest))
    return found[:_MOST_NAMED]


def _direct_sum(objective: Objective, order: Ints, parts: list[Floats]) -> Floats:
    """Parts along the diagonal, until the features are used up."""
    W, axis, first = np.zeros(objective.shape), 0, 0
    for part in parts:
        members = order[first : first + part.shape[1]]
        W[axis : axis + part.shape[0], members] = part[:, : members.size]
        axis, first = axis + part.shape[0], first + members.size
    b = np.where(W.any(axis=0), -0.05, objective.means)
    return objective.pack(W, b)


def _pair() -> Floats:
    return np.array([[1.0, -1.0]])


def _polygon(count: int) -> Floats:
    turns = 2.0 * np.pi * np.arange(count) / count
    return np.array([np.cos(turns), np.sin(turns)])


def _simplex(d: int) -> Floats:
    """``d + 1`` unit columns with equal cosines ``-1/d``."""
    centred = np.eye(d + 1) - 1.0 / (d + 1)
    columns = np.linalg.svd(centred)[0][:, :d].T
    found: Floats = columns * np.sqrt((d + 1) / d)
    return found


def perturbed(
    objective: Objective, point: Floats, k: int, generator: np.random.Generator
) -> Floats:
    """Change a good point: move all of it, draw one feature anew, or let two change places.

    Args:
        objective: gives shape and means.
        point: ``(W, b)`` in one vector.
        k: which change, modulo four.
        generator: random numbers.

    Returns:
        Another point.
    """
    W, b = (part.copy() for part in objective.unpack(point))
    m, n = objective.shape
    if k % 4 == 0:
        W += generator.choice([0.1, 0.3]) * generator.normal(size=W.shape) / np.sqrt(m)
        b -= 0.05 * np.abs(generator.normal(size=n))
    elif k % 4 == 1 or n == 1:
        j = int(generator.integers(n))
        W[:, j] = generator.normal(size=m) / np.sqrt(m)
        b[j] = -0.1 * abs(generator.normal())
    elif k % 4 == 2:
        i, j = generator.choice(n, 2, replace=False)
        W[:, [i, j]], b[[i, j]] = W[:, [j, i]], b[[j, i]]
    else:
        i, j = generator.choice(n, 2, replace=False)
        W[:, j] = -generator.uniform(0.3, 1.0) * W[:, i]
    return objective.pack(W, b)


def exchanged(
    objective: Objective, point: Floats, count: int, generator: np.random.Generator
) -> list[Floats]:
    """Let two features that are not alike change places; the exchanges that cost least as they are.

    Args:
        objective: the loss.
        point: ``(W, b)`` in one vector.
        count: how many to return.
        generator: draws the pairs that are tried, where there are too many.

    Returns:
        At most ``count`` points; none where all features are alike.
    """
    W, b = objective.unpack(point)
    classes = exchange_classes(objective.problem)
    first, second = np.triu_indices(b.size, 1)
    unlike = np.flatnonzero(classes[first] != classes[second])
    if unlike.size > _MOST_EXCHANGES:
        unlike = generator.choice(unlike, _MOST_EXCHANGES, replace=False)
    gram, points, losses = gram_matrices(W[None])[0], [], []
    for i, j in zip(first[unlike], second[unlike], strict=True):
        order = np.arange(b.size)
        order[[i, j]] = j, i
        swapped = gram[np.ix_(order, order)]
        points.append(objective.pack(W[:, order], b[order]))
        losses.append(float(np.sum(objective.outputs(swapped[None], b[order][None], _VALUED)[0])))
    best = np.argsort(losses, kind="stable")[:count]
    return [points[k] for k in best]
