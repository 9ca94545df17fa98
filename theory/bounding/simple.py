"""Bounds that need no inequality worth the name: nothing to lose, no weights, no activation."""

from __future__ import annotations

from fractions import Fraction

from theory.bounding.claims import LowerClaim, NotApplicable, known_below, rational
from theory.bounding.pairs import is_nonnegative
from theory.bounding.question import Question
from theory.problem import (
    HalfNormal,
    IgnoredFeatures,
    MaxCoherence,
    NoBias,
    NonNegativeWeights,
    NonPositiveBias,
    Problem,
    SharedBias,
    UnitNorm,
    Unsupported,
    ZeroGram,
)
from theory.rows.law_moments import law_moments

__all__ = ["ignored_features", "nothing_lost", "principal_components"]

_HARMLESS = (NoBias, SharedBias, NonPositiveBias, MaxCoherence, ZeroGram, NonNegativeWeights)
"""Constraints that orthogonal unit vectors along the axes, zero vectors and no bias meet."""


def nothing_lost(question: Question) -> LowerClaim:
    """Where weights that lose nothing are known."""
    problem = question.problem
    claim = LowerClaim("nothing is lost", Fraction(0), r"\min L = 0", is_attained=True)
    chances = problem.active_chances
    seen = [j for j in question.kept if chances[j] != 0 and problem.importances[j] != 0]
    hidden = [j for j in question.ignored if chances[j] != 0 and problem.importances[j] != 0]
    if not seen and not hidden:
        return claim
    unit = question.has(UnitNorm)
    plain = all(
        isinstance(c, (*_HARMLESS, UnitNorm, IgnoredFeatures)) for c in question.constraints
    )
    needed = len(question.kept) if unit else len(seen)
    if not plain or hidden or needed > problem.n_hidden:
        raise NotApplicable("n_features: orthogonal unit vectors for all features do not fit")
    activation = problem.activation
    is_identity = activation.shape == "power" and activation.power == 1
    is_relu = activation.shape == "relu" and activation.power == 1
    if not is_identity and not (is_relu and is_nonnegative(problem.features)):
        raise NotApplicable(f"activation={activation}: does not give a single feature back")
    return claim


def _moments(problem: Problem) -> tuple[Fraction, Fraction]:
    """``E u`` squared and ``E u^2``; for half-normal features the first is rounded up."""
    if isinstance(problem.features, HalfNormal):
        return Fraction(63662, 100000), Fraction(1)  # 2 / pi = 0.636619...
    try:
        first, second = rational(law_moments(problem.features, 2)[1:], "moments")
    except NotApplicable:
        raise
    except Unsupported as refused:
        raise NotApplicable(str(refused)) from None
    return first**2, second


def ignored_features(question: Question) -> LowerClaim:
    """An output that no feature reaches is a constant."""
    if not question.ignored:
        raise NotApplicable("constraints: no feature is ignored")
    problem = question.problem
    square, second = _moments(problem)
    importances = rational(problem.importances, "importance")
    chances = rational(problem.active_chances, "density")
    silent = question.has(NoBias) or (
        question.has(NonPositiveBias) and problem.activation.shape == "relu"
    )
    value = sum(
        importances[j] * (chances[j] * second - (0 if silent else chances[j] ** 2 * square))
        for j in question.ignored
    )
    return LowerClaim(
        "ignored features",
        known_below(Fraction(value)),
        r"L \ge \sum_{w_i = 0} I_i E x_i^2" if silent else r"L \ge \sum_{w_i = 0} I_i Var(x_i)",
        assumptions=("ignored features",),
        source="a constant predicts no better than the mean",
    )


def principal_components(question: Question) -> LowerClaim:
    """Eckart and Young for the identity."""
    problem, kept = question.problem, question.kept
    activation = problem.activation
    if activation.shape != "power" or activation.power != 1:
        raise NotApplicable(
            "activation: principal components bound the identity alone; for others their loss is "
            "an upper bound"
        )
    if not problem.is_independent:
        raise NotApplicable("groups, n_active: this bound needs independent features")
    square, second = _moments(problem)
    chances = rational(problem.densities, "density")
    importances = rational(problem.importances, "importance")
    variances = sorted(
        importances[j] * (chances[j] * second - chances[j] ** 2 * square) for j in kept
    )
    value = sum(variances[: max(0, len(kept) - problem.n_hidden)], Fraction(0))
    is_free = not question.constraints and not isinstance(problem.features, HalfNormal)
    return LowerClaim(
        "principal components",
        known_below(value),
        r"L \ge \sum_{\text{least } n - m} I_i Var(x_i)",
        source="Eckart and Young 1936, Psychometrika 1; Baldi and Hornik 1989",
        is_attained=is_free,
    )
