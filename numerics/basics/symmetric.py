"""Eigenvalues and eigenvectors of a symmetric matrix, by a second algorithm where the first fails.

Divide and conquer, which is NumPy's, now and then does not converge on matrices that are finite and
small; the QR iteration is slower and does.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import eigh

from numerics.basics.types import Floats

__all__ = ["eigenpairs"]


def eigenpairs(matrix: Floats) -> tuple[Floats, Floats]:
    """Find all eigenvalues, rising, and their eigenvectors as columns.

    Args:
        matrix: symmetric, shape ``(k, k)``.

    Returns:
        Values, shape ``(k,)``, and vectors, shape ``(k, k)``.

    Raises:
        numpy.linalg.LinAlgError: neither algorithm converges.
        ValueError: entries that are not finite.

    Example:
        >>> eigenpairs(np.array([[0.0, 1.0], [1.0, 0.0]]))[0].tolist()
        [-1.0, 1.0]
    """
    try:
        values, vectors = np.linalg.eigh(matrix)
    except np.linalg.LinAlgError:
        values, vectors = eigh(matrix, driver="ev")
    return values, vectors
