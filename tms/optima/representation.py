"""How weights represent the features: geometry, components, dimensions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from theory.problem import Problem

if TYPE_CHECKING:
    from numerics.canonical import CanonicalForm

__all__ = ["Representation", "represent"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Representation:
    r"""What weights do with each feature.

    Args:
        arrangement: the columns of ``W`` in words.
        canonical: the weights modulo rotation, exchange of like features and sign.
        components: groups of features that do not interfere; ``W`` is their direct sum.
        ignored: features without weight.
        norms: length of each column of ``W``.
        dimensionality: ``D_i``, the share of a dimension that each feature has to itself.
        capacity: the sum of all ``D_i``.
        dimensions_per_feature: ``D* = m / |W|_F^2``.
        coherence: largest cosine, in modulus, between two represented features.

    Source: as for each in ``numerics.dimensionality`` and ``numerics.canonical``.
    """

    arrangement: str
    canonical: CanonicalForm
    components: tuple[tuple[int, ...], ...]
    ignored: tuple[int, ...]
    norms: Floats
    dimensionality: Floats
    capacity: float
    dimensions_per_feature: float
    coherence: float


def represent(problem: Problem, W: Floats, b: Floats) -> Representation:
    """Describe how weights represent the features.

    Args:
        problem: tells which features are alike.
        W: ``(m, n)``.
        b: ``(n,)``.

    Returns:
        The description.

    Example:
        >>> W = np.array([[1.0, -1.0, 0.0], [0.0, 0.0, 2.0]])
        >>> found = represent(Problem(3, 2, sparsity=0), W, np.zeros(3))
        >>> found.arrangement, found.components, found.capacity
        ('antipodal pair + 1 dedicated', ((0, 1), (2,)), 2.0)
    """
    from numerics.canonical import canonical_form
    from numerics.dimensionality import (
        capacity,
        coherence,
        dimensions_per_feature,
        feature_dimensionality,
    )
    from numerics.geometry import components, describe

    groups, ignored = components(W)
    return Representation(
        describe(W),
        canonical_form(problem, W, b),
        tuple(map(tuple, groups)),
        tuple(ignored),
        np.linalg.norm(W, axis=0),
        feature_dimensionality(W),
        capacity(W),
        dimensions_per_feature(W),
        coherence(W),
    )
