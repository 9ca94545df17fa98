"""One row of a table: what was asked, what was found, and what stands beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from theory.problem import Constraint, Exact, Problem
from tms.digits import as_fraction
from tms.estimate import Estimate

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Row", "difference", "quotient"]

_MEETS = Fraction(1, 10**12)  # as in tms.optima.optimum: floats miss an irrational optimum by less


@dataclass(frozen=True, eq=False)
class Row:
    """One problem of a table.

    Args:
        problem: the model.
        importance: as it was asked for, such as ``"0.9^i"``.
        constraints: on the weights.
        seed: of the random starts of this row.
        n_starts: number of random starts that were asked for.
        status: how the search ended, in a sentence; why the row failed if it did.
        ignoring: loss of ``W = 0`` with the best bias.
        linear: loss of the best linear model of the same size.
        W: the best weights found, ``(n_hidden, n_features)``; None if the row failed.
        b: ``(n_features,)``, likewise.
        loss: the oracle's evaluation there, likewise.
        arrangement: the columns of ``W`` in words, likewise.
        n_hits: how many of the starts reached this loss.
        holds: whether the residuals of the search are below their limits.
        lower_bound: what the least loss is proven not to be below; None where it was not asked for.
        lower_bound_name: which bound that is.
        lower_bound_claims: the claims that it rests on.
        candidates: losses of named arrangements with unit norm and zero bias, the lowest first.
        trained: loss of trained weights for the same problem, if there are any; the lowest.
        trained_name: the file that they come from.
        trained_runs: losses of all trained weights for it, the lowest first.
    """

    problem: Problem
    importance: str
    constraints: tuple[Constraint, ...]
    seed: int
    n_starts: int
    status: str
    ignoring: Estimate
    linear: Estimate
    W: NDArray[np.float64] | None = None
    b: NDArray[np.float64] | None = None
    loss: Estimate | None = None
    arrangement: str | None = None
    n_hits: int | None = None
    holds: bool = False
    lower_bound: Fraction | None = None
    lower_bound_name: str | None = None
    lower_bound_claims: tuple[str, ...] = ()
    candidates: Mapping[str, Estimate] = field(default_factory=dict)
    trained: Estimate | None = None
    trained_name: str | None = None
    trained_runs: tuple[Estimate, ...] = ()

    @property
    def sparsity(self) -> Exact:
        """``S``."""
        return self.problem.sparsity

    @property
    def density(self) -> Exact:
        """``p = 1 - S``."""
        return self.problem.density

    @property
    def norms(self) -> tuple[float, ...]:
        """Length of each column of ``W``; none if the row failed."""
        return () if self.W is None else tuple(map(float, np.linalg.norm(self.W, axis=0)))

    @property
    def biases(self) -> tuple[float, ...]:
        """Entries of ``b``; none if the row failed."""
        return () if self.b is None else tuple(float(entry) + 0.0 for entry in self.b)

    @property
    def dimensionality(self) -> tuple[float, ...]:
        """``D_i`` of each feature; none if the row failed."""
        from numerics.dimensionality import feature_dimensionality

        return () if self.W is None else tuple(map(float, feature_dimensionality(self.W)))

    @property
    def dimensions_per_feature(self) -> float | None:
        """``D* = m / |W|_F^2``; None if the row failed or nothing is represented."""
        from numerics.dimensionality import dimensions_per_feature

        if self.W is None or not self.W.any():
            return None
        return float(dimensions_per_feature(self.W))

    @property
    def n_ignored(self) -> int | None:
        """Number of features without weight; None if the row failed."""
        from numerics.geometry import components

        return None if self.W is None else len(components(self.W)[1])

    @property
    def best_candidate(self) -> tuple[str, Estimate] | None:
        """The named arrangement of least loss."""
        return next(iter(self.candidates.items()), None)

    @property
    def gap(self) -> Estimate | None:
        """How far the least loss may be below this one; None where a number is missing."""
        if self.loss is None or self.lower_bound is None:
            return None
        bound = Estimate(self.lower_bound, 0, "closed form", "exact")
        gap = difference(self.loss, bound)
        return gap if as_fraction(gap.value) > 0 else Estimate(Fraction(0), gap.error, *_kind(gap))

    @property
    def relative(self) -> Estimate | None:
        """Loss in units of ignoring everything; None where it is no number."""
        return None if self.loss is None else quotient(self.loss, self.ignoring)

    @property
    def verdict(self) -> Literal["proved", "best found", "not settled", "failed"]:
        """``"proved"`` where a proven lower bound meets the loss, to its error and 1e-12."""
        if self.loss is None:
            return "failed"
        if not self.holds:
            return "not settled"
        if self.lower_bound is None:
            return "best found"
        most = as_fraction(self.loss.value) + as_fraction(self.loss.error)
        allowed = as_fraction(self.loss.error) * 2 + _MEETS * as_fraction(self.ignoring.value)
        return "proved" if most - self.lower_bound <= allowed else "best found"


def _kind(estimate: Estimate) -> tuple[Any, Any]:
    return estimate.method, estimate.tier


def difference(first: Estimate, second: Estimate) -> Estimate:
    """Subtract two numbers with their errors.

    Args:
        first: the one.
        second: what is taken off.

    Returns:
        The difference, in rational arithmetic; its error is the sum of both.

    Example:
        >>> half = Estimate(0.5, 1e-9, "series", "float")
        >>> print(difference(half, Estimate(1, 0, "exact", "exact")))
        -0.50000000 ± 2e-9 (series)
    """
    value = as_fraction(first.value) - as_fraction(second.value)
    error = as_fraction(first.error) + as_fraction(second.error)
    return Estimate(value, error, *_kind(_weaker(first, second)))


def quotient(first: Estimate, second: Estimate) -> Estimate | None:
    """Divide two numbers with their errors.

    Args:
        first: the one.
        second: what it is divided by.

    Returns:
        The quotient, in rational arithmetic, with a bound on its error; None if the divisor may be
        zero.

    Example:
        >>> half = Estimate(Fraction(1, 2), 0, "exact", "exact")
        >>> print(quotient(half, Estimate(Fraction(3, 2), 0, "exact", "exact")))
        1/3 = 0.333333333333333... (exact)
    """
    over, under = as_fraction(first.value), as_fraction(second.value)
    slack = as_fraction(second.error)
    if abs(under) <= slack:
        return None
    value = over / under
    # |a/b - a'/b'| <= (|a - a'| + |a/b| |b - b'|) / |b'|
    error = (as_fraction(first.error) + abs(value) * slack) / (abs(under) - slack)
    return Estimate(value, error, *_kind(_weaker(first, second)))


def _weaker(first: Estimate, second: Estimate) -> Estimate:
    """The one that promises less about its error."""
    order = ("exact", "enclosed", "float", "sampled")
    return max(first, second, key=lambda estimate: order.index(estimate.tier))
