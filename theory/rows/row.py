"""One output of a model, as the exact routes see it: slopes, bias, and the masses of its units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from theory.problem import Activation, FeatureLaw

__all__ = ["Row", "UnitMasses"]


@dataclass(frozen=True)
class UnitMasses:
    """A unit of features (``theory.vocabulary.dependence.Unit``) with its masses in the field.

    The masses need not sum to one: a mass multiplied by ``t`` for each active feature counts them.

    Attributes:
        idle: mass of no active feature.
        sets: each possible set of active features with its mass.
    """

    idle: Any
    sets: tuple[tuple[tuple[int, ...], Any], ...]


@dataclass(frozen=True)
class Row:
    """One output: ``y = bias + sum_j slopes[j] x_j``, with target ``x_index``.

    Attributes:
        index: which feature is the target.
        slopes: row of the Gram matrix, length ``n``, in the field.
        bias: in the field.
        units: the independent units that make up all features.
        law: of an active feature.
        activation: ``sigma``.
    """

    index: int
    slopes: Sequence[Any]
    bias: Any
    units: Sequence[UnitMasses]
    law: FeatureLaw
    activation: Activation
