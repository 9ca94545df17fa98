r"""The least curvature of a Lagrangian along the directions that constraints leave.

Where the loss has one second derivative this is an eigenvalue. Where the second derivative jumps
(``numerics.hessian``) the one-sided curvature ``q(d)`` is homogeneous of degree 2, not quadratic,
and no less than the quadratic form of the lower side. If that form has a negative eigenvalue, ``q``
itself is minimised over directions, from its eigenvectors and from random directions.

Source: own derivation; second-order conditions as in Nocedal and Wright 2006, "Numerical
Optimization", theorem 12.5.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from numerics.basics.descent import descend
from numerics.basics.symmetric import eigenpairs
from numerics.basics.types import Floats
from numerics.hessian import loss_hessian
from numerics.residuals import CURVATURE_LIMIT
from numerics.series import loss_and_gradient
from theory.problem import Problem

__all__ = ["Tangent", "smallest_curvature"]

_RANK = 1e-8
_STEP = 1e-5
_RANDOM = 8  # directions beside the eigenvectors


@dataclass(frozen=True)
class Tangent:
    """An orthonormal basis of directions, one column each."""

    basis: Floats

    @staticmethod
    def of(rows: Floats, W: Floats, *, turns: bool) -> Tangent:
        """Directions that change no row to first order, rotations of ``W`` left out.

        Args:
            rows: slopes of the active constraints by ``(W, b)``.
            W: weights.
            turns: whether rotations of ``W`` change nothing.

        Returns:
            Their basis.
        """
        m, n = W.shape
        turned = np.zeros((m * (m - 1) // 2 if turns else 0, m * n + n))
        for k, (p, q) in enumerate(zip(*np.triu_indices(m, 1), strict=True)):
            if turns:
                turned[k, p * n : (p + 1) * n], turned[k, q * n : (q + 1) * n] = W[q], -W[p]
        stacked = np.concatenate([_unit(rows), _unit(turned)])
        _, sizes, basis = np.linalg.svd(stacked)
        rank = int(np.sum(sizes > _RANK * sizes.max(initial=0.0)))
        return Tangent(basis[rank:].T)


def _unit(rows: Floats) -> Floats:
    """Rows of length 1; rows of zeros stay."""
    sizes = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(sizes > 0.0, sizes, 1.0)


def smallest_curvature(
    problem: Problem,
    W: Floats,
    b: Floats,
    tangent: Tangent,
    bent: Floats,
    scale: float,
    tolerance: float,
) -> tuple[float, Floats | None]:
    """Find the least curvature, and its direction.

    Args:
        problem: the problem.
        W: weights.
        b: biases.
        tangent: directions that are allowed.
        bent: what the constraints add to the Hessian.
        scale: the unit of the loss.
        tolerance: of the loss, absolute.

    Returns:
        The curvature, infinite where no direction is allowed, and a direction of length 1.
    """
    basis = tangent.basis
    if basis.shape[1] == 0:
        return math.inf, None
    lower = loss_hessian(problem, W, b, below=True, tolerance=tolerance)
    values, vectors = eigenpairs(basis.T @ (lower.matrix / scale + bent) @ basis)
    if values[0] >= -CURVATURE_LIMIT or not lower.jumps:
        return float(values[0]), basis @ vectors[:, 0]
    negative = vectors[:, values < -CURVATURE_LIMIT].T
    random = np.random.default_rng(0).normal(size=(_RANDOM, basis.shape[1]))
    one_sided = _OneSided(problem, W, b, basis, basis.T @ bent @ basis, scale)
    ends = [one_sided.minimise(start) for start in [*negative, *-negative, *random]]
    value, direction = min(ends, key=lambda end: end[0])
    return value, basis @ direction


class _OneSided:
    """The one-sided curvature ``q(d)`` over directions ``d``, by differences of gradients."""

    def __init__(
        self, problem: Problem, W: Floats, b: Floats, basis: Floats, bent: Floats, scale: float
    ) -> None:
        self._problem, self._shape, self._scale = problem, W.shape, scale
        self._point, self._basis, self._bent = np.concatenate([W.ravel(), b]), basis, bent
        self._slopes = self._gradient(self._point)

    def _gradient(self, x: Floats) -> Floats:
        size = self._shape[0] * self._shape[1]
        found = loss_and_gradient(self._problem, x[:size].reshape(self._shape), x[size:])
        return np.concatenate([found.gradient_W.ravel(), found.gradient_b]) / self._scale

    def _ratio(self, u: Floats) -> tuple[float, Floats]:
        size = float(np.linalg.norm(u))
        d = u / size
        moved = self._gradient(self._point + _STEP * (self._basis @ d)) - self._slopes
        half = self._basis.T @ moved / _STEP + self._bent @ d
        value = float(d @ half)
        return value, 2.0 * (half - value * d) / size

    def minimise(self, start: Floats) -> tuple[float, Floats]:
        """A local minimum of ``q`` over directions, and where."""
        end = descend(
            self._ratio, start / np.linalg.norm(start), max_steps=60, settled=1e-7, stalled=1e-10
        )
        return end.value, end.point / np.linalg.norm(end.point)
