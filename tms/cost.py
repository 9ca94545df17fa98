"""What an exact evaluation costs, told in advance from the problem."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from theory.problem import Exponential, FeatureLaw, Normal, Problem, Rademacher, Uniform

if TYPE_CHECKING:
    from tms.estimate import Method
    from tms.inputs.weights import Weights

__all__ = ["PATIENT", "QUICK", "Budget", "doublings", "transcendental_terms"]


class Budget:
    """How much an exact route may cost.

    Args:
        doublings: most states of the features, as a power of two; see ``doublings``.
        roots: the same for weights with unrelated roots, whose field has a high degree.
        polynomial: most features where the activation is a polynomial: moments, no states.
        terms: most transcendental numbers in a closed form; an enclosure has none.
    """

    def __init__(self, doublings: float, roots: float, polynomial: int, terms: int) -> None:
        self.doublings, self.roots, self.polynomial = doublings, roots, polynomial
        self.terms = terms

    def excess(self, problem: Problem, weights: Weights, method: Method = "exact") -> str | None:
        """Say why an exact evaluation, or a ball, would cost more; None where it would not."""
        n = problem.n_features
        if method == "exact" and transcendental_terms(problem) > self.terms:
            return f"takes long, with about {transcendental_terms(problem)} transcendental terms"
        if problem.activation.is_polynomial and not _has_roots(weights):
            return None if n <= self.polynomial else f"takes long above {self.polynomial}"
        most = self.roots if _has_roots(weights) else self.doublings
        states = doublings(problem)
        if states <= most:
            return None
        return f"takes long, with 2^{states:.3g} states of the features; up to 2^{most:g} are tried"


# half a second for ReLU on [0, 1], and seconds
QUICK = Budget(doublings=14, roots=8, polynomial=60, terms=64)
PATIENT = Budget(doublings=20, roots=8, polynomial=200, terms=512)


def transcendental_terms(problem: Problem) -> int:
    """Count about how many exponentials and error functions a closed form holds.

    Args:
        problem: gives the law, the activation and the number of features.

    Returns:
        0 where the loss is algebraic or has no closed form.

    Example:
        >>> transcendental_terms(Problem(5, 2, density=1, features=Normal()))
        160
    """
    n = problem.n_features
    if problem.activation.is_polynomial:
        return 0
    if isinstance(problem.features, Exponential):
        return n * n
    return n * 2 ** min(n, 40) if isinstance(problem.features, Normal) else 0


def doublings(problem: Problem) -> float:
    """Count the states of all features: idle, or at an end of the law's support.

    Exponential features are no states but poles, one for each feature; four cost about as much as
    one doubling.

    Args:
        problem: gives the law and the units of features.

    Returns:
        The logarithm to base two of their number; ``n`` for independent features on ``[0, 1]``.

    Example:
        >>> doublings(Problem(5, 2, density=1)), doublings(Problem(2, 2, n_active=1))
        (5.0, 2.0)
    """
    if isinstance(problem.features, Exponential):
        return problem.n_features / 4
    corners, has_zero = _corners(problem.features)
    states = (
        1 + sum(corners ** len(own) - has_zero for own in unit.sets) for unit in problem.units
    )
    return float(sum(map(math.log2, states)))


def _corners(law: FeatureLaw) -> tuple[int, bool]:
    """Ends of the support of one active feature, and whether 0 is one: an idle feature's value."""
    if isinstance(law, Uniform):
        return 2, 0 in (law.low, law.high)
    return (2 if isinstance(law, Rademacher) else 1), False


def _has_roots(weights: Weights) -> bool:
    """Whether entries are irrational, in no common form that an arrangement would know."""
    irrational = any(hasattr(entry, "evalf") for entry in weights.entries)
    return irrational and weights.arrangement is None
