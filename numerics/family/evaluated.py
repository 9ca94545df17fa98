"""What an evaluator of all outputs gives back, whatever its route."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from numerics.basics.gram import UNIT_ROUNDOFF
from numerics.basics.types import Floats

__all__ = ["Evaluated", "sum_rounding"]


@dataclass(frozen=True)
class Evaluated:
    """Losses of all outputs with a bound on the error of their sum, and derivatives by ``G``.

    Attributes:
        outputs: loss of each output, importance included, shape ``(n,)``.
        error: bound on the error of their sum.
        terms: largest number of terms summed for one output.
        conditioned: number of outputs evaluated by conditioning.
        enumerated: number of outputs evaluated by a finite sum over the values of the features.
        by_gram: derivative by each entry of ``G``, shape ``(n, n)``; empty where not wanted.
        by_b: derivative by each bias, shape ``(n,)``; empty where not wanted.
        slope_error: bound on the error of the derivatives of each output, shape ``(n,)``.
    """

    outputs: Floats
    error: float
    terms: int
    conditioned: int
    enumerated: int
    by_gram: Floats
    by_b: Floats
    slope_error: Floats


def sum_rounding(outputs: Floats) -> Floats:
    """Bound the rounding of a sum over outputs."""
    slip: Floats = 4.0 * UNIT_ROUNDOFF * (outputs.shape[-1] + 2) * np.abs(outputs).sum(axis=-1)
    return slip
