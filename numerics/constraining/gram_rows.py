r"""Constraints that are functions of the Gram matrix of the free columns, with two derivatives.

Two kinds: affine in the Gram entries, ``sum_s c_s G_{i_s j_s} - d`` (norms, budgets, zeros,
symmetries), and coherences ``G_ij^2 - c^2 G_ii G_jj``, which are smooth where a column is zero.
With ``D_k = dc_k/dG`` the gradient by the columns is ``W (D_k + D_k^T)``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from numerics.basics.types import Floats, Ints

__all__ = ["AffineRows", "CoherenceRows"]


@dataclass(frozen=True)
class AffineRows:
    """Rows ``sum_s coefficient_s G[i_s, j_s] - constant``.

    Attributes:
        row: the row that each term belongs to, shape ``(terms,)``.
        i: first column of each term.
        j: second column of each term.
        coefficient: of each term.
        constant: of each row, shape ``(rows,)``.
    """

    row: Ints
    i: Ints
    j: Ints
    coefficient: Floats
    constant: Floats

    @staticmethod
    def of(rows: list[tuple[dict[tuple[int, int], float], float]]) -> AffineRows:
        """Rows from terms ``{(i, j): coefficient}`` and constants.

        Args:
            rows: terms and constant of each.

        Returns:
            The rows as arrays.
        """
        terms = [(k, *pair, at) for k, (row, _) in enumerate(rows) for pair, at in row.items()]
        row, i, j = (np.array([term[c] for term in terms], dtype=np.int64) for c in range(3))
        coefficient = np.array([term[3] for term in terms], dtype=np.float64)
        return AffineRows(row, i, j, coefficient, np.array([float(at) for _, at in rows]))

    @property
    def count(self) -> int:
        """Number of rows."""
        return self.constant.size

    def values(self, gram: Floats) -> Floats:
        """Values of all rows."""
        terms = self.coefficient * gram[self.i, self.j]
        return np.bincount(self.row, terms, minlength=self.count) - self.constant

    def by_gram(self, gram: Floats, weights: Floats) -> Floats:
        """Derivative of ``weights . values`` by each Gram entry."""
        found = np.zeros_like(gram)
        np.add.at(found, (self.i, self.j), weights[self.row] * self.coefficient)
        return found

    def jacobian(self, columns: Floats) -> Floats:
        """Derivatives by the columns, shape ``(rows, m k)``."""
        by_column, scale = np.zeros((self.count, *columns.T.shape)), self.coefficient[:, None]
        np.add.at(by_column, (self.row, self.i), scale * columns.T[self.j])
        np.add.at(by_column, (self.row, self.j), scale * columns.T[self.i])
        return by_column.transpose(0, 2, 1).reshape(self.count, columns.size)

    def gram_curvature(self, columns: Floats, weights: Floats) -> Floats:
        """What the second derivative by the Gram matrix adds to the Hessian: nothing."""
        return np.zeros((columns.size, columns.size))


@dataclass(frozen=True)
class CoherenceRows:
    """Rows ``G[i, j]^2 - limit^2 G[i, i] G[j, j]``.

    Attributes:
        i: first column of each row.
        j: second column of each row.
        limit: largest cosine in modulus.
    """

    i: Ints
    j: Ints
    limit: float

    @property
    def count(self) -> int:
        """Number of rows."""
        return self.i.size

    def values(self, gram: Floats) -> Floats:
        """Values of all rows."""
        norms = np.diagonal(gram)
        return gram[self.i, self.j] ** 2 - self.limit**2 * norms[self.i] * norms[self.j]

    def by_gram(self, gram: Floats, weights: Floats) -> Floats:
        """Derivative of ``weights . values`` by each Gram entry."""
        found, norms = np.zeros_like(gram), np.diagonal(gram)
        np.add.at(found, (self.i, self.j), 2.0 * weights * gram[self.i, self.j])
        np.add.at(found, (self.i, self.i), -(self.limit**2) * weights * norms[self.j])
        np.add.at(found, (self.j, self.j), -(self.limit**2) * weights * norms[self.i])
        return found

    def jacobian(self, columns: Floats) -> Floats:
        """Derivatives by the columns, shape ``(rows, m k)``."""
        found, rows = np.zeros((self.count, *columns.shape)), np.arange(self.count)
        first, second = columns[:, self.i], columns[:, self.j]
        inner = 2.0 * np.sum(first * second, axis=0)
        size = 2.0 * self.limit**2
        found[rows, :, self.i] = (inner * second - size * np.sum(second**2, axis=0) * first).T
        found[rows, :, self.j] = (inner * first - size * np.sum(first**2, axis=0) * second).T
        return found.reshape(self.count, columns.size)

    def gram_curvature(self, columns: Floats, weights: Floats) -> Floats:
        """What the second derivative by the Gram matrix adds to the Hessian of the weighted sum."""
        used = np.flatnonzero(weights)
        i, j, scale = self.i[used], self.j[used], 2.0 * weights[used, None]
        inner, first, second = (_moves(columns, p, q) for p, q in ((i, j), (i, i), (j, j)))
        crossed = first.T @ (0.5 * scale * second)
        return inner.T @ (scale * inner) - self.limit**2 * (crossed + crossed.T)


def _moves(columns: Floats, i: Ints, j: Ints) -> Floats:
    """Derivatives of ``G[i, j]`` by the columns, shape ``(pairs, m k)``."""
    found, rows = np.zeros((i.size, *columns.shape)), np.arange(i.size)
    found[rows, :, i] += columns[:, j].T
    found[rows, :, j] += columns[:, i].T
    return found.reshape(i.size, columns.size)
