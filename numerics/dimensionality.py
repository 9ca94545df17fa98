r"""How much of the hidden space each feature takes: dimensionality, capacity, coherence.

.. math::
    D_i = \frac{\lVert w_i \rVert^2}{\sum_j (\hat w_i \cdot w_j)^2}, \qquad
    D^* = \frac{m}{\lVert W \rVert_F^2} .

``D_i`` is the capacity of Scherlis et al., which they write
``(w_i . w_i)^2 / sum_j (w_i . w_j)^2``; the capacities of all features sum to at most ``rank W``.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from numerics.basics.inputs import matrix_as_floats
from numerics.basics.types import Floats

__all__ = ["capacity", "coherence", "dimensions_per_feature", "feature_dimensionality"]


def feature_dimensionality(W: npt.ArrayLike) -> Floats:
    r"""Compute ``D_i``, the share of a dimension that each feature has to itself.

    Args:
        W: weights, shape ``(m, n)``, features as columns.

    Returns:
        Shape ``(n,)``, each from 0 (not represented) to 1 (no interference).

    Raises:
        InputError: not a matrix of finite real numbers.

    Example:
        >>> feature_dimensionality([[1.0, -1.0, 0.0, 0.0], [0.0, 0.0, 3.0, 0.0]])
        array([0.5, 0.5, 1. , 0. ])

    Source: Elhage et al. 2022, arXiv:2209.10652, section "Feature dimensionality"; equal to the
    capacity of Scherlis et al. 2022, arXiv:2210.01892, equation (1).
    """
    weights = matrix_as_floats(W)
    largest = float(np.abs(weights).max(initial=0.0))
    if largest == 0.0:
        return np.zeros(weights.shape[1])
    weights = weights / largest  # the squares of squares stay inside the floats
    squares = np.sum(weights**2, axis=0)
    norms = np.sqrt(squares)
    units = weights / np.where(norms > 0.0, norms, 1.0)
    shared = np.sum((units.T @ weights) ** 2, axis=1)
    return np.divide(squares, shared, out=np.zeros_like(squares), where=shared > 0.0)


def capacity(W: npt.ArrayLike) -> float:
    """Compute the sum of all ``D_i``, at most the rank of ``W``.

    Args:
        W: weights, shape ``(m, n)``.

    Returns:
        The capacity in use, in dimensions.

    Raises:
        InputError: not a matrix of finite real numbers.

    Example:
        >>> capacity([[1.0, -0.5, -0.5], [0.0, 0.75**0.5, -(0.75**0.5)]])
        2.0

    Source: Scherlis et al. 2022, arXiv:2210.01892, section 2.
    """
    return float(np.sum(feature_dimensionality(W)))


def dimensions_per_feature(W: npt.ArrayLike) -> float:
    """Compute ``D* = m / |W|_F^2``, the dimensions per feature that is represented.

    Args:
        W: weights, shape ``(m, n)``.

    Returns:
        ``D*``; infinite where nothing is represented.

    Raises:
        InputError: not a matrix of finite real numbers.

    Example:
        >>> dimensions_per_feature([[1.0, -1.0]])
        0.5

    Source: Elhage et al. 2022, arXiv:2209.10652, section "The Geometry of Superposition".
    """
    weights = matrix_as_floats(W)
    total = float(np.sum(weights**2))
    return weights.shape[0] / total if total > 0.0 else np.inf


def coherence(W: npt.ArrayLike) -> float:
    """Compute the largest cosine, in modulus, between two features that are represented.

    Args:
        W: weights, shape ``(m, n)``.

    Returns:
        From 0 to 1; 0 where fewer than two features are represented.

    Raises:
        InputError: not a matrix of finite real numbers.

    Example:
        >>> coherence([[1.0, 0.0, 0.6], [0.0, 1.0, 0.8]])
        0.8

    Source: Welch 1974, "Lower bounds on the maximum cross correlation of signals".
    """
    weights = matrix_as_floats(W)
    sizes = np.abs(weights).max(axis=0, initial=0.0)
    scaled = weights[:, sizes > 0.0] / sizes[sizes > 0.0]
    units = scaled / np.sqrt(np.sum(scaled**2, axis=0))
    cosines = np.abs(units.T @ units)
    np.fill_diagonal(cosines, 0.0)
    return float(min(cosines.max(initial=0.0), 1.0))
