r"""The loss as a function of one vector, in units of ignoring everything, with its Hessian.

The loss is a sum over outputs, ``L = sum_i r_i(G_i, b_i)`` with ``G = W^T W``. The Hessian of each
``r_i`` in its own ``n + 1`` arguments comes from differences of the exact gradient, all outputs at
once, so that ``2 (n + 1)`` evaluations serve whatever ``m``; the chain rule does the rest:

.. math::
    \mathrm{d}^2 L = \sum_i \mathrm{d}(G_i, b_i)^\top \, \nabla^2 r_i \, \mathrm{d}(G_i, b_i)
        + \sum_{ij} \frac{\partial L}{\partial G_{ij}} \, 2\, (\mathrm{d}W^\top \mathrm{d}W)_{ij} .

Where a bias crosses zero, ``r_i`` has a kink of second order: with no feature active ``y_i = b_i``,
and ``(b_i)_+^2`` has curvature 0 on one side and 2 on the other. Steps are kept to the side on
which the point lies; a point on the kink is looked at from below, where the curvature is the
smaller, for the kink only adds to it.

Source: own derivation.
"""

from __future__ import annotations

import numpy as np

from numerics.baselines import ignore_everything_loss, mean_and_variance
from numerics.basics.gram import gram_matrices
from numerics.basics.inputs import laws_of
from numerics.basics.types import Floats, Ints
from numerics.family.outputs import evaluate_family
from numerics.rows.conditioning import MAX_CONDITIONED
from numerics.rows.outputs import evaluate_outputs
from theory.problem import Problem, ReLU, Uniform

__all__ = ["Objective", "rotations"]

_STEP = 1e-5  # of a difference; the third derivative jumps where a vertex crosses zero
_SHORTEST_STEP = 1e-9  # near a kink, where the gradient is right to rounding
_SHARE = 0.1  # of the distance to the kink that a step may use
_MOST_TERMS = 16384  # of the series for one output
_FEW_TERMS = 1024  # the same where a search asks for little
_LITTLE = 1e-8  # a tolerance from which on that is so
_BLOCK = 2**23  # Gram entries evaluated together


class Objective:
    """Loss and derivatives of a problem at points ``(W, b)`` in one vector.

    Args:
        problem: with numeric density and importance, and a loss above zero for ``W = 0``.

    Example:
        >>> objective = Objective(Problem(1, 1, density=1))
        >>> value, slopes = objective.value(np.array([1.0, 0.25]), None)
        >>> round(value * objective.scale, 12), (slopes * objective.scale).round(12)
        (0.0625, array([0.5, 0.5]))
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.laws = laws_of(problem)
        self.scale = ignore_everything_loss(problem)[0]
        self.shape = (problem.n_hidden, problem.n_features)
        self.size = (problem.n_hidden + 1) * problem.n_features
        law = problem.features
        from_zero = isinstance(law, Uniform) and law.low == 0
        self.is_compiled = (
            problem.is_independent and from_zero and isinstance(problem.activation, ReLU)
        )
        """Whether the compiled loops of ``numerics.rows.row`` take the problem."""
        chances = np.array([float(a) for a in problem.active_chances])
        mean, variance = mean_and_variance(law)
        self.means: Floats = chances * mean
        """``E x_i``."""
        self.constant_losses: Floats = (
            self.laws.importance * chances * (variance + (1.0 - chances) * mean**2)
        )
        """Least loss of each output that does not depend on the features."""

    @property
    def reaches_rounding(self) -> bool:
        """Whether the gradient is right to rounding, by conditioning instead of the series."""
        return self.is_compiled and self.problem.n_features <= MAX_CONDITIONED

    def revived(self, point: Floats) -> Floats:
        """Replace outputs that are never active by constants, where that lowers the loss.

        A start at zero, or a bias far below it, lies on a plateau that no gradient leaves.

        Args:
            point: ``(W, b)``, shape ``(size,)``.

        Returns:
            The point itself, or a lower one with ``b_i = E x_i``, and ``w_i = 0`` if need be, for
            every such output ``i``.
        """
        if self.problem.activation.shape != "relu":
            return point
        W, b = self.unpack(point)
        losses, _, by_b = self.outputs(gram_matrices(W[None]), b[None], 1e-7)
        dead = (by_b[0] == 0.0) & (losses[0] * self.scale > self.constant_losses * (1.0 + 1e-9))
        if not dead.any():
            return point
        bias = np.where(dead, self.means, b)
        trials = [point, self.pack(W, bias), self.pack(np.where(dead, 0.0, W), bias)]
        found = [self.value(trial, 1e-9)[0] for trial in trials]
        return trials[int(np.argmin(found))]

    def pack(self, W: Floats, b: Floats) -> Floats:
        """Put weights and biases into one vector."""
        return np.concatenate([W.ravel(), b])

    def unpack(self, point: Floats) -> tuple[Floats, Floats]:
        """Take a vector apart into weights and biases."""
        count = self.shape[0] * self.shape[1]
        return point[:count].reshape(self.shape), point[count:]

    def outputs(
        self, grams: Floats, biases: Floats, tolerance: float | None
    ) -> tuple[Floats, Floats, Floats]:
        """Evaluate every output of a batch of Gram matrices, symmetric or not.

        Args:
            grams: shape ``(batch, n, n)``; row ``i`` holds the slopes of output ``i``.
            biases: shape ``(batch, n)``.
            tolerance: truncation error allowed in each loss, in units of ``scale``; None for a
                target near rounding.

        Returns:
            Losses of the outputs, shape ``(batch, n)``, and their derivatives by the entries and by
            the bias of their own row; all in units of ``scale``.
        """
        allowed = 0.0 if tolerance is None else tolerance * self.scale
        if self.is_compiled:
            return self._compiled(grams, biases, allowed)
        parts = [
            evaluate_family(
                self.problem,
                self.laws,
                gram,
                bias,
                tolerance=allowed,
                max_terms=None,
                with_gradient=True,
            )
            for gram, bias in zip(grams, biases, strict=True)
        ]
        return (
            np.array([part.outputs for part in parts]) / self.scale,
            np.array([part.by_gram for part in parts]) / self.scale,
            np.array([part.by_b for part in parts]) / self.scale,
        )

    def _compiled(
        self, grams: Floats, biases: Floats, allowed: float
    ) -> tuple[Floats, Floats, Floats]:
        laws, unit = self.laws, float(self.problem.features.high)  # type: ignore[attr-defined]
        by_gram, results = evaluate_outputs(
            grams,
            biases / unit,
            laws.density,
            laws.sparsity,
            laws.importance,
            allowed / unit**2,
            _FEW_TERMS if allowed >= _LITTLE * self.scale else _MOST_TERMS,
            MAX_CONDITIONED,
            with_gradient=True,
        )
        square = unit**2 / self.scale
        return square * results[:, :, 0], square * by_gram, unit / self.scale * results[:, :, 4]

    def value(self, point: Floats, tolerance: float | None) -> tuple[float, Floats]:
        """Evaluate the loss and its gradient at one point.

        Args:
            point: ``(W, b)``, shape ``(size,)``.
            tolerance: as in ``outputs``.

        Returns:
            Loss and gradient in units of ``scale``; infinite where a weight leaves the floats.
        """
        W, b = self.unpack(point)
        if not np.abs(point).max(initial=0.0) < 1e20:
            return np.inf, np.zeros_like(point)
        losses, by_gram, by_b = self.outputs(gram_matrices(W[None]), b[None], tolerance)
        by_W = W @ (by_gram[0] + by_gram[0].T)
        return float(np.sum(losses[0])), self.pack(by_W, by_b[0])

    def hessian(self, point: Floats, tolerance: float | None, on_kink: float = 0.0) -> Floats:
        """Evaluate the matrix of second derivatives; on a kink, that from below.

        Args:
            point: ``(W, b)``, shape ``(size,)``.
            tolerance: as in ``outputs``.
            on_kink: biases no larger than this in modulus count as on the kink.

        Returns:
            Shape ``(size, size)``, symmetric, in units of ``scale``.
        """
        W, b = self.unpack(point)
        gram = gram_matrices(W[None])[0]
        by_gram = self.outputs(gram[None], b[None], tolerance)[1][0]
        shifted = np.where(np.abs(b) <= on_kink, -2.0 * _STEP, b)  # from below
        rows = self.row_hessians(gram, shifted, tolerance)
        m, n = self.shape
        inner, cross = rows[:, :n, :n], rows[:, :n, n]
        half = np.einsum("aj,cjd->cad", W, inner)  # (W H_c)_{ad}
        both = np.einsum("cad,bc->acbd", half, W)
        pairs = np.einsum("ai,bi->abi", W, W).reshape(m * m, n)
        outer = (pairs @ inner.reshape(n, n * n)).reshape(m, m, n, n).transpose(0, 2, 1, 3)
        by_W = both + both.transpose(2, 3, 0, 1) + outer
        own = np.einsum("cad,bd->cab", half, W)
        by_W[:, np.arange(n), :, np.arange(n)] += own
        by_W[np.arange(m), :, np.arange(m), :] += by_gram + by_gram.T
        mixed = np.einsum("ai,ic->aci", W, cross)
        mixed[:, np.arange(n), np.arange(n)] += np.einsum("aj,cj->ac", W, cross)
        found = np.empty((self.size, self.size))
        found[: m * n, : m * n] = by_W.reshape(m * n, m * n)
        found[: m * n, m * n :] = mixed.reshape(m * n, n)
        found[m * n :, : m * n] = mixed.reshape(m * n, n).T
        found[m * n :, m * n :] = np.diag(rows[:, n, n])
        return 0.5 * (found + found.T)

    def row_hessians(self, gram: Floats, b: Floats, tolerance: float | None) -> Floats:
        """Evaluate the second derivatives of each output by its entries and its bias.

        Args:
            gram: shape ``(n, n)``.
            b: shape ``(n,)``.
            tolerance: as in ``outputs``.

        Returns:
            Shape ``(n, n + 1, n + 1)``, the bias last.
        """
        n = b.size
        shortest = _SHORTEST_STEP if self.reaches_rounding else _STEP
        reach = np.maximum(np.abs(gram), np.abs(b)[:, None])
        steps = np.clip(_SHARE * np.column_stack([reach, np.abs(b)]), shortest, _STEP)
        rows = np.empty((n, n + 1, n + 1))
        block = max(_BLOCK // (2 * n * n), 1)
        for first in range(0, n + 1, block):
            places = np.arange(first, min(first + block, n + 1))
            rows[:, :, places] = self._differences(gram, b, places, steps, tolerance)
        return 0.5 * (rows + rows.transpose(0, 2, 1))

    def _differences(
        self, gram: Floats, b: Floats, places: Ints, steps: Floats, tolerance: float | None
    ) -> Floats:
        """Central differences by some of the entries, shape ``(n, n + 1, places)``."""
        n, count = b.size, places.size
        points = np.empty((2, count, n, n + 1))
        points[..., :n], points[..., n] = gram, b
        which = np.arange(count)
        points[0, which, :, places] += steps[:, places].T
        points[1, which, :, places] -= steps[:, places].T
        flat = points.reshape(2 * count, n, n + 1)
        _, by_gram, by_b = self.outputs(
            np.ascontiguousarray(flat[..., :n]), np.ascontiguousarray(flat[..., n]), tolerance
        )
        slopes = np.concatenate([by_gram, by_b[..., None]], axis=-1).reshape(points.shape)
        lengths = points[0, which, :, places] - points[1, which, :, places]  # rounded as taken
        found: Floats = ((slopes[0] - slopes[1]) / lengths[:, :, None]).transpose(1, 2, 0)
        return found


def rotations(W: Floats) -> Floats:
    """Give the directions in which rotations move the weights, and nothing changes.

    Args:
        W: weights, shape ``(m, n)``.

    Returns:
        Orthonormal columns, shape ``((m + 1) n, k)``; zero in the biases.

    Example:
        >>> np.abs(rotations(np.array([[1.0, 0.0], [0.0, 1.0]]))).round(3).T
        array([[0.   , 0.707, 0.707, 0.   , 0.   , 0.   ]])
    """
    m, n = W.shape
    moved = []
    for a in range(m):
        for c in range(a):
            turn = np.zeros((m, n))
            turn[a], turn[c] = W[c], -W[a]
            moved.append(np.concatenate([turn.ravel(), np.zeros(n)]))
    if not moved:
        return np.zeros(((m + 1) * n, 0))
    left, sizes, _ = np.linalg.svd(np.array(moved).T, full_matrices=False)
    kept = sizes > 1e-9 * max(float(sizes[0]), 1e-300)
    basis: Floats = left[:, kept]
    return basis
