"""A problem with its weights, checked at the door, and what was asked of the series."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from numerics.basics.gram import UNIT_ROUNDOFF, gram_matrices, untied_matrix
from numerics.basics.inputs import (
    Laws,
    checked_count,
    checked_tolerance,
    decoder_as_floats,
    laws_of,
    weights_as_floats,
)
from numerics.basics.types import Floats
from numerics.family.evaluated import Evaluated
from numerics.rows.conditioning import MAX_CONDITIONED
from theory.problem import Problem

__all__ = ["Model", "Options"]


@dataclass(frozen=True)
class Options:
    """How accurately, and by which routes; ``tolerance`` is 0 for a target near rounding."""

    tolerance: float
    max_terms: int | None
    series_only: bool

    @staticmethod
    def checked(tolerance: object, max_terms: object, series_only: bool) -> Options:
        """Check what the caller asked for."""
        most = None if max_terms is None else checked_count(max_terms, "max_terms", 1)
        return Options(checked_tolerance(tolerance), most, series_only)

    @property
    def few(self) -> int:
        """Up to this many features, conditioning may replace the series."""
        return 0 if self.series_only else MAX_CONDITIONED


@dataclass(frozen=True)
class Model:
    """A problem with its weights, checked; ``decoder`` is None when they are tied."""

    problem: Problem
    laws: Laws
    weights: Floats
    bias: Floats
    decoder: Floats | None

    @staticmethod
    def checked(
        problem: Problem, W: npt.ArrayLike, b: npt.ArrayLike | None, W_decoder: npt.ArrayLike | None
    ) -> Model:
        """Check a problem and its weights."""
        laws = laws_of(problem)
        weights, bias = weights_as_floats(problem, W, b)
        decoder = None if W_decoder is None else decoder_as_floats(problem, W_decoder)
        return Model(problem, laws, weights, bias, decoder)

    @property
    def gram(self) -> Floats:
        """``G``, shape ``(n, n)``."""
        if self.decoder is None:
            return gram_matrices(self.weights[None])[0]
        return untied_matrix(self.decoder, self.weights)

    def by_weights(self, found: Evaluated) -> tuple[Floats, Floats, Floats | None, Floats | None]:
        """Derivatives by ``W`` and ``W_decoder``, each with a bound on its error."""
        slopes, slip = found.by_gram, found.slope_error
        unit = (self.problem.n_features + 4) * UNIT_ROUNDOFF
        wrong = slip[:, None] + unit * np.abs(slopes)
        weights = self.weights
        if self.decoder is None:
            both = slopes + slopes.T
            return weights @ both, np.abs(weights) @ (wrong + wrong.T), None, None
        by_W, by_decoder = self.decoder @ slopes, weights @ slopes.T
        return by_W, np.abs(self.decoder) @ wrong, by_decoder, np.abs(weights) @ wrong.T
