r"""Second derivatives of the expected loss, on a chosen side where they jump.

Output ``i`` depends on row ``i`` of ``G`` and on ``b_i`` alone. One column of all blocks
``B_i = d^2 r_i / d(G_i, b_i)^2`` is a difference of the derivatives by ``G`` and ``b`` with all
rows moved at once, so ``n + 1`` differences give them all; the chain rule by ``W`` is exact.

Where ``b_i = 0`` the second derivative jumps as ``b_i`` or a zero ``G_ij`` changes sign: the loss
holds ``E relu(b_i + G_ij x_j)^2``. There one-sided differences take one side: the one where the
entry is, or the lower one, whose second derivative is the least of all directions.

Source: own derivation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from numerics.basics.gram import gram_matrix
from numerics.basics.inputs import Laws, laws_of
from numerics.basics.types import Floats
from numerics.family.outputs import evaluate_family
from numerics.rows.conditioning import MAX_CONDITIONED
from numerics.rows.outputs import evaluate_outputs
from theory.problem import Problem, ReLU, Uniform

__all__ = ["STEP", "LossHessian", "loss_hessian"]

STEP = 1e-5
"""Of the differences, in entries of ``G`` and ``b``; what is nearer to zero counts as a jump."""

_SHORTEST = 1e-9  # step near a jump, where the derivatives are right to rounding
_SHARE = 0.02  # of the distance to a jump that a step may take
_AT_ZERO = 1e-11  # what is nearer to zero is there
_MAX_TERMS = 4096
_CHUNK = 64  # matrices in one call


@dataclass(frozen=True)
class LossHessian:
    """Second derivatives by ``(W, b)``, ``W`` row by row.

    Attributes:
        matrix: shape ``(m n + n, m n + n)``, symmetric.
        jumps: whether it is one of several sides.
    """

    matrix: Floats
    jumps: bool


def loss_hessian(
    problem: Problem, W: Floats, b: Floats, *, below: bool = False, tolerance: float = 0.0
) -> LossHessian:
    """Compute the Hessian of the expected loss from differences of its derivatives.

    Args:
        problem: the problem.
        W: weights, shape ``(m, n)``.
        b: biases, shape ``(n,)``.
        below: where the second derivative jumps, take the side of negative entries, which has the
            smallest; otherwise the side where the entry is, and the mean of both at zero.
        tolerance: truncation error allowed in the loss, absolute; 0 for near rounding.

    Returns:
        The Hessian, to about ``1e-8`` of its size.

    Example:
        >>> problem = Problem(1, 1, density=1)
        >>> loss_hessian(problem, np.array([[1.0]]), np.array([0.25])).matrix.round(6)
        array([[3.166667, 2. ],
               [2. , 2. ]])
    """
    gram = gram_matrix(W)
    slopes = _Slopes(problem, laws_of(problem), tolerance)
    base, base_b = slopes.at(gram[None], b[None])
    moves = _moves(gram, b, below=below)
    blocks = _blocks(slopes, gram, b, np.column_stack([base[0], base_b[0]]), moves)
    return LossHessian(_chain(W, base[0], blocks), moves.jumps)


@dataclass(frozen=True)
class _Slopes:
    """Derivatives by ``G`` and ``b`` at matrices ``G`` of any kind."""

    problem: Problem
    laws: Laws
    tolerance: float

    def at(self, grams: Floats, biases: Floats) -> tuple[Floats, Floats]:
        problem, laws, law = self.problem, self.laws, self.problem.features
        tuned = problem.is_independent and isinstance(problem.activation, ReLU)
        if not (tuned and isinstance(law, Uniform) and law.low == 0):
            every = [
                evaluate_family(
                    problem,
                    laws,
                    G,
                    b,
                    tolerance=self.tolerance,
                    max_terms=None,
                    with_gradient=True,
                )
                for G, b in zip(grams, biases, strict=True)
            ]
            return np.array([e.by_gram for e in every]), np.array([e.by_b for e in every])
        unit = float(law.high)
        by_gram, results = evaluate_outputs(
            grams,
            biases / unit,
            laws.density,
            laws.sparsity,
            laws.importance,
            self.tolerance / unit**2,
            _MAX_TERMS,
            MAX_CONDITIONED,
            with_gradient=True,
        )
        return unit**2 * by_gram, unit * results[:, :, 4]


@dataclass(frozen=True)
class _Moves:
    """For each entry of ``(G, b)``: the side of its difference, and the step.

    ``side`` is 1 or -1 for one side, 0 for both.
    """

    side: Floats
    step: Floats
    jumps: bool


def _moves(gram: Floats, b: Floats, *, below: bool) -> _Moves:
    near_bias = np.abs(b) < 2.0 * STEP
    near = np.abs(gram) < 2.0 * STEP
    np.fill_diagonal(near, False)
    marked = np.column_stack([near & near_bias[:, None], near_bias])
    values = np.column_stack([gram, b])
    side = np.where(marked, -1.0 if below else np.sign(values), 0.0)
    if below:
        return _Moves(side, np.full(side.shape, STEP), bool(marked.any()))
    # near the jump the second derivative depends on directions: a step must not turn far
    size = np.where(marked & (np.abs(values) > _AT_ZERO), np.abs(values), np.inf)
    reach = np.minimum(size, np.where(marked, size[:, -1:], np.inf))
    return _Moves(side, np.clip(_SHARE * reach, _SHORTEST, STEP), bool(marked.any()))


def _blocks(slopes: _Slopes, gram: Floats, b: Floats, base: Floats, moves: _Moves) -> Floats:
    """``B_i`` for every output, shape ``(n, n + 1, n + 1)``."""
    n, central = b.size, moves.side == 0.0
    ends = np.where(central, 1.0, moves.side), np.where(central, -1.0, 2.0 * moves.side)
    weights = (
        np.where(central, 0.0, -1.5 * moves.side) / moves.step,
        np.where(central, 0.5, 2.0 * moves.side) / moves.step,
        -0.5 * np.where(central, 1.0, moves.side) / moves.step,
    )
    found = np.empty((n, n + 1, n + 1))
    for first in range(0, n + 1, _CHUNK):
        columns = np.arange(first, min(first + _CHUNK, n + 1))
        total = weights[0][:, columns, None] * base[:, None, :]
        for end, weight in zip(ends, weights[1:], strict=True):
            grams, biases = np.repeat(gram[None], columns.size, 0), np.tile(b, (columns.size, 1))
            for k, j in enumerate(columns):
                if j < n:
                    grams[k, :, j] += moves.step[:, j] * end[:, j]
                else:
                    biases[k] += moves.step[:, j] * end[:, j]
            by_gram, by_b = slopes.at(grams, biases)
            reached = np.concatenate([by_gram, by_b[:, :, None]], axis=2)
            total += weight[:, columns, None] * reached.transpose(1, 0, 2)
        found[:, columns] = total
    return 0.5 * (found + found.transpose(0, 2, 1))


def _chain(W: Floats, by_gram: Floats, blocks: Floats) -> Floats:
    """The Hessian by ``(W, b)``, with ``dG_ij = dw_i . w_j + w_i . dw_j``."""
    m, n = W.shape
    inner, mixed, own = blocks[:, :n, :n], blocks[:, n, :n], blocks[:, n, n]
    turned = np.einsum("aj,ijk->iak", W, inner)  # (W B_i)_ak
    both = np.zeros((m, n, m, n))
    index = np.arange(n)
    np.add.at(both.transpose(1, 3, 0, 2), (index, index), np.einsum("iak,ck->iac", turned, W))
    crossed = np.einsum("iak,ci->aick", turned, W)
    both += crossed + crossed.transpose(2, 3, 0, 1)
    both += np.einsum("ijk,ai,ci->ajck", inner, W, W, optimize=True)
    both += np.einsum("ac,ij->aicj", np.eye(m), by_gram + by_gram.T)
    shifted = np.einsum("ij,ai->iaj", mixed, W)
    np.add.at(shifted.transpose(0, 2, 1), (index, index), np.einsum("ij,aj->ia", mixed, W))
    found = np.zeros((m * n + n, m * n + n))
    found[: m * n, : m * n] = both.reshape(m * n, m * n)
    found[m * n :, : m * n] = shifted.reshape(n, m * n)
    found[: m * n, m * n :] = found[m * n :, : m * n].T
    found[m * n :, m * n :] = np.diag(own)
    return 0.5 * (found + found.T)
