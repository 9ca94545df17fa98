"""Independent draws of all features: the definition of the model's data, to be read beside it."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from numerics.basics.inputs import laws_of
from numerics.basics.types import Floats
from theory.problem import (
    Binary,
    CustomLaw,
    Exponential,
    FeatureLaw,
    HalfNormal,
    InputError,
    Normal,
    Problem,
    Rademacher,
    Uniform,
    Unsupported,
)

__all__ = ["draw_active", "draw_values"]

Mask: TypeAlias = npt.NDArray[np.bool_]


def draw_active(problem: Problem, generator: np.random.Generator, size: int) -> Mask:
    """Draw which features are active.

    Args:
        problem: gives densities, groups, or the number of active features.
        generator: of the random numbers.
        size: number of samples.

    Returns:
        Shape ``(size, n)``.

    Example:
        >>> generator = np.random.default_rng(0)
        >>> draw_active(Problem(3, 1, n_active=2), generator, 4).sum(axis=1).tolist()
        [2, 2, 2, 2]
    """
    uniform = generator.random((size, problem.n_features))
    if problem.n_active is not None:  # the k smallest of n: every set is as likely
        order = np.argsort(uniform, axis=1)
        active = np.zeros(uniform.shape, dtype=bool)
        np.put_along_axis(active, order[:, : problem.n_active], True, axis=1)
        return active
    density = laws_of(problem).density
    active = uniform < density
    for group in problem.groups:
        first = group.members[0]
        is_on = uniform[:, first] < density[first]
        chosen = generator.integers(len(group.sets), size=size)
        active[:, group.members] = False
        for k, own in enumerate(group.sets):
            active[:, own] = (is_on & (chosen == k))[:, None]
    return active


def draw_values(law: FeatureLaw, generator: np.random.Generator, shape: tuple[int, int]) -> Floats:
    """Draw the values that features have where they are active.

    Args:
        law: of an active feature.
        generator: of the random numbers.
        shape: of the array.

    Returns:
        Independent draws.

    Raises:
        Unsupported: a law that was given without a sampler.

    Example:
        >>> draw_values(Binary(), np.random.default_rng(0), (1, 2)).tolist()
        [[1.0, 1.0]]
    """
    if isinstance(law, Uniform):
        low, high = float(law.low), float(law.high)
        return low + (high - low) * generator.random(shape)
    if isinstance(law, Binary):
        return np.ones(shape)
    if isinstance(law, Rademacher):
        return np.where(generator.random(shape) < 0.5, -1.0, 1.0)
    if isinstance(law, Exponential):
        drawn: Floats = generator.standard_exponential(shape)
        return drawn
    if isinstance(law, (Normal, HalfNormal)):
        values: Floats = generator.standard_normal(shape)
        return values if isinstance(law, Normal) else abs(values)
    if isinstance(law, CustomLaw) and law.sampler is not None:
        return _checked(law, law.sampler(generator, shape), shape)
    raise Unsupported(
        f"features={law!r}: has no sampler; give CustomLaw(..., sampler=...) or ask another route"
    )


def _checked(law: CustomLaw, drawn: object, shape: tuple[int, int]) -> Floats:
    values = np.asarray(drawn, dtype=np.float64)
    if values.shape != shape or not np.isfinite(values).all():
        raise InputError(
            f"features={law!r}: sampler gave shape {values.shape}; it must give finite numbers of "
            f"shape {shape}"
        )
    return values
