r"""The best arrangement found for a problem under constraints, with what is known about it.

The search is that of ``numerics.optimize``, started from random weights and from the named
arrangements that fit; the loss is evaluated again by the oracle, at the exact named arrangement
too where the weights are one, and a proven lower bound stands beside it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from theory.problem import (
    Constraint,
    Identity,
    InputError,
    Problem,
    Unsupported,
    checked_constraints,
)
from tms.digits import as_fraction
from tms.estimate import Estimate
from tms.optima.matching import NamedMatch, match_named
from tms.optima.named_starts import named_starts
from tms.optima.representation import Representation, represent
from tms.oracle import expected_loss

if TYPE_CHECKING:
    from numerics.residuals import Residuals
    from numerics.search.landscape import LocalMinimum
    from tms.lower_bounds import LowerBound

__all__ = ["Optimum", "optimize"]

_FEWEST_NAMED = 10  # named arrangements that are started from, at least; else one for each start
_HANDED_IN, _NAMED = "a start that was handed in", "a named arrangement"
_MEETS = Fraction(1, 10**12)  # floats miss an irrational optimum by less, in units of the scale
_FEASIBLE = Fraction(1, 10**8)  # what a violation within its limit may gain, likewise


@dataclass(frozen=True, eq=False)
class Optimum:
    r"""The best weights that were found, and what is known about them.

    Args:
        problem: the problem.
        constraints: on the weights and biases.
        W: weights, ``(m, n)``.
        b: biases, ``(n,)``.
        loss: the oracle's evaluation at these weights.
        residuals: what is left of the conditions for a local minimum; None where no start was
            followed.
        gradient_norm: Euclidean norm of the gradient in ``W`` and ``b``; with constraints, the
            largest entry of the gradient of the Lagrangian.
        n_starts: number of random starts that were followed.
        n_hits: how many of them ended at this loss.
        seed: of the random starts.
        status: how the search ended and what to do about it, in a sentence.
        landscape: the distinct ends of all starts by rising loss, with their counts.
        representation: geometry, components, dimensionality of each feature, canonical form.
        match: the named arrangement with exact coordinates that the weights are, if any.
        lower_bound: what the least loss is proven not to be below, with its kind.
        scale: loss of ignoring everything.
    """

    problem: Problem
    constraints: tuple[Constraint, ...]
    W: NDArray[np.float64]
    b: NDArray[np.float64]
    loss: Estimate
    residuals: Residuals | None
    gradient_norm: float
    n_starts: int
    n_hits: int
    seed: int
    status: str
    landscape: tuple[LocalMinimum, ...]
    representation: Representation
    match: NamedMatch | None
    lower_bound: LowerBound
    scale: float = field(repr=False)

    @property
    def arrangement(self) -> str:
        """The columns of ``W`` in words."""
        return self.representation.arrangement

    @property
    def is_answer(self) -> bool:
        """Whether every residual is below its limit: else this is where a search broke off."""
        return self.residuals is not None and self.residuals.holds

    @property
    def gap(self) -> float:
        """How far below this loss the least loss could still be, rounded up."""
        gap = max(self._most() - self.lower_bound.value, Fraction(0))
        nearest = float(gap)
        return nearest if Fraction(nearest) >= gap else math.nextafter(nearest, math.inf)

    @property
    def verdict(self) -> Literal["proved", "best found", "not settled"]:
        """``"proved"`` where a proven lower bound meets the loss, to its error and 1e-12.

        ``"not settled"`` where a residual is above its limit, else ``"best found"``.
        """
        if not self.is_answer:
            return "not settled"
        allowed = as_fraction(self.loss.error) * 2 + _MEETS * Fraction(self.scale)
        meets = self._most() - self.lower_bound.value <= allowed
        return "proved" if meets and self.lower_bound.kind == "proved" else "best found"

    def record(self) -> dict[str, Any]:
        """Give everything as plain data, as JSON takes it.

        Returns:
            Numbers in full float64 precision.
        """
        from tms.printing.optimum import as_record

        return as_record(self)

    def __str__(self) -> str:
        from tms.printing.optimum import as_text

        return as_text(self)

    def _most(self) -> Fraction:
        """What the loss at these weights is at most."""
        return as_fraction(self.loss.value) + as_fraction(self.loss.error)


def optimize(
    problem: Problem,
    constraints: object = (),
    *,
    n_starts: int = 50,
    seed: int = 0,
    n_workers: int = 1,
    time_limit: float | None = None,
    callback: Callable[[int], None] | None = None,
) -> Optimum:
    r"""Search for the weights and biases of least expected loss, tied, under constraints.

    .. math:: \min_{W, b} L(W, b) \quad \text{subject to the constraints}

    Starts are random, and named arrangements that fit: at most as many of these as there are random
    starts, or ten, those of least loss.

    Args:
        problem: any with numbers for density and importance, and a gradient.
        constraints: a sequence of constraints, or one; none for all weights and biases.
        n_starts: number of random starts, at least 1.
        seed: of the random starts; without a time limit the result depends on nothing else.
        n_workers: number of processes; the result does not depend on it.
        time_limit: seconds after which the search ends with what there is; none when left out.
        callback: called after each random start with its number.

    Returns:
        The best found, which claims no optimum unless the lower bound meets it.

    Raises:
        InputError: symbols in the problem, a number out of its range, or constraints that
            contradict each other.
        Unsupported: the identity activation, or a law without a gradient.
        ArithmeticError: a loss below the lower bound, which a fault alone can cause.

    Example:
        >>> found = optimize(Problem(2, 1, sparsity="9/10"), n_starts=3)
        >>> found.arrangement, found.verdict, found.loss.digits(9)
        ('antipodal pair', 'best found', '0.00331948399')

    Source: the model of Elhage et al. 2022, arXiv:2209.10652, section 2.
    """
    from numerics.linear import ignore_everything_loss
    from numerics.optimize import optimize as search

    if problem.is_symbolic:
        raise InputError(f"problem={problem!r}: holds symbols; a search needs numbers")
    listed = checked_constraints(constraints, problem.n_features)
    found = search(
        problem,
        *([listed] if listed else []),
        n_starts=n_starts,
        seed=seed,
        n_workers=n_workers,
        time_limit=time_limit,
        starts=_starts(problem, n_starts),
        callback=callback,
    )
    loss = expected_loss(problem, found.W, found.b)
    if not loss.is_finite:
        raise Unsupported(f"loss={loss.value}: no finite loss; {found.status}")
    return _described(problem, listed, found, loss, seed, ignore_everything_loss(problem)[0])


def _starts(problem: Problem, n_starts: Any) -> list[Any]:
    """Named starts; none where the search will refuse the problem or the number anyway."""
    refused = isinstance(problem.activation, Identity) or not isinstance(n_starts, int)
    if refused or n_starts < 1:
        return []
    return named_starts(problem, max(n_starts, _FEWEST_NAMED))


def _described(
    problem: Problem,
    constraints: tuple[Constraint, ...],
    found: Any,
    loss: Estimate,
    seed: int,
    scale: float,
) -> Optimum:
    from tms.lower_bounds import lower_bound

    optimum = Optimum(
        problem,
        constraints,
        found.W,
        found.b,
        loss,
        found.residuals,
        found.gradient_norm,
        found.n_starts,
        found.n_hits,
        seed,
        found.status.replace(_HANDED_IN, _NAMED),
        tuple(found.landscape),
        represent(problem, found.W, found.b),
        match_named(problem, found.W, found.b, loss),
        lower_bound(problem, constraints),
        scale,
    )
    allowed = _FEASIBLE * Fraction(scale) if constraints else Fraction(0)
    below = optimum.lower_bound.value - optimum._most()
    if optimum.is_answer and below > allowed:
        raise ArithmeticError(
            f"loss={loss}: below the lower bound {optimum.lower_bound}, which cannot be; "
            "please report this problem"
        )
    return optimum
