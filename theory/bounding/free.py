"""Bounds for all weights and biases: rank and entropy, over layers and subsets of features."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from flint import arb, ctx

from theory.bounding.claims import PRECISION, LowerClaim, NotApplicable, ball, known_below, rational
from theory.bounding.crowding import crowding_bound, rank_and_crowding_bound
from theory.bounding.entropy import count_chances, entropy_bound
from theory.bounding.layers import importance_levels, layers, subset_sizes
from theory.bounding.question import Question
from theory.bounding.rank import rank_bound
from theory.certificates import VerifiedBound
from theory.problem import Problem, ReLU, Uniform

__all__ = [
    "crowding_claim",
    "entropy_claim",
    "entropy_loss",
    "rank_and_crowding_claim",
    "rank_and_entropy_claim",
    "rank_claim",
]


def rank_claim(question: Question) -> LowerClaim:
    """Bound the loss by samples with at most two active features.

    Args:
        question: ReLU, ``U[0, 1]``, independent features, rational numbers.

    Returns:
        The claim. Another problem raises ``NotApplicable``.
    """
    m = question.problem.n_hidden
    return LowerClaim(
        "rank",
        _over_layers(question, lambda k, p: _rank_of_size(k, m, p)),
        r"L \ge p (1-p)^{n-2} \min_t \big[ \tfrac{7}{96} (1-p) t + B(n - t) \big]",
    )


def rank_and_entropy_claim(question: Question) -> LowerClaim:
    """Add what samples with three and more active features lose to any decoder.

    Args:
        question: as for ``rank_claim``.

    Returns:
        The claim. Another problem raises ``NotApplicable``.
    """
    m = question.problem.n_hidden
    return LowerClaim(
        "rank and entropy",
        _over_layers(
            question, lambda k, p: _rank_of_size(k, m, p) + _entropy_of_size(k, m, p, least=3)
        ),
        r"L \ge L_{\text{rank}, \le 2\text{ active}} + L_{\text{entropy}, \ge 3\text{ active}}",
    )


def crowding_claim(question: Question, bounds: Sequence[VerifiedBound]) -> LowerClaim:
    """Bound the loss by samples with one active feature, and by entropy for more.

    Args:
        question: as for ``rank_claim``.
        bounds: on the energy of ``max(t, 0)^2`` in ``n_hidden`` dimensions, of any numbers of
            vectors.

    Returns:
        The claim. Another problem, or no bound on the energy, raises ``NotApplicable``.
    """
    m, energies = question.problem.n_hidden, _energies(question, bounds)

    def of_size(size: int, p: Fraction) -> arb:
        bound, power = max(crowding_bound(size, p, *energy) for energy in energies)
        return ball(bound) * ball(1 - p) ** power + _entropy_of_size(size, m, p, least=2)

    return LowerClaim(
        "crowding",
        _over_layers(question, of_size),
        r"L \ge p (1-p)^{n-1} \min_t \big[ \tfrac{t}{3}"
        r" + \tfrac{N c_1 \kappa \nu}{c_1 + \kappa \nu} \big]"
        r" + L_{\text{entropy}, \ge 2\text{ active}}, \quad N = n - t",
    )


def rank_and_crowding_claim(question: Question, bounds: Sequence[VerifiedBound]) -> LowerClaim:
    """Bound the loss by samples with one and two active features, and by entropy for more.

    Args:
        question: as for ``rank_claim``.
        bounds: as for ``crowding_claim``.

    Returns:
        The claim. Another problem, or no bound on the energy, raises ``NotApplicable``.
    """
    m, energies = question.problem.n_hidden, _energies(question, bounds)

    def of_size(size: int, p: Fraction) -> arb:
        bound, power = max(rank_and_crowding_bound(size, m, p, *energy) for energy in energies)
        return ball(bound) * ball(1 - p) ** power + _entropy_of_size(size, m, p, least=3)

    return LowerClaim(
        "rank and crowding",
        _over_layers(question, of_size),
        r"L \ge p (1-p)^{n-1} \min_t \big[ \tfrac{7t}{96} + \tfrac{N c_1 x}{c_1 + x} \big]"
        r" + L_{\text{entropy}, \ge 3\text{ active}}, \quad N = n - t",
    )


def _energies(
    question: Question, bounds: Sequence[VerifiedBound]
) -> list[tuple[Fraction, Fraction]]:
    """``c_0`` and ``h(1)`` of every bound that fits."""
    m = question.problem.n_hidden
    pairs = [(b.constant, b.at_one) for b in bounds if b.certificate.dimension == m]
    pairs += [(Fraction(1, 2), Fraction(1))] * (m == 1)  # cosines are 1 and -1: h = (t + t^2) / 2
    if not pairs:
        raise NotApplicable("certificates: this bound needs one of max(t, 0)^2")
    return pairs


def entropy_claim(question: Question) -> LowerClaim:
    """Bound the loss of any encoder into ``m`` linear functions and any decoder.

    Args:
        question: a law with a density, rational numbers.

    Returns:
        The claim. Another problem raises ``NotApplicable``.
    """
    return LowerClaim(
        "entropy",
        entropy_loss(question),
        r"L \ge \sum_{k > m} P(k) (k - m) \sigma^2 q^{k / (k - m)}",
        source="own derivation, docs/proofs/lower_bounds.md; Cover and Thomas 2006, theorem 8.6.6",
    )


def entropy_loss(question: Question, least: int = 0) -> Fraction:
    """Sum the entropy bound over the levels of importance.

    Args:
        question: as for ``entropy_claim``.
        least: only samples with at least so many active features count.

    Returns:
        A number that the loss of those samples is not below.
    """
    problem = question.problem
    importances = rational(problem.importances, "importance")
    total, below = arb(0), Fraction(0)
    with ctx.workprec(PRECISION):
        for level in importance_levels([importances[j] for j in question.kept]):
            members = {j for j in question.kept if importances[j] >= level}
            chances = count_chances(problem, members)
            bound = entropy_bound(chances, problem.n_hidden, problem.features, least)
            total += ball(level - below) * bound
            below = level
    return known_below(total)


def _over_layers(question: Question, of_size: Callable[[int, Fraction], arb]) -> Fraction:
    """The best over subset sizes of every layer, added up."""
    problem, m = question.problem, question.problem.n_hidden
    if problem.activation != ReLU() or problem.features != Uniform():
        raise NotApplicable("activation, features: this bound is for ReLU and U[0, 1]")
    total = Fraction(0)
    with ctx.workprec(PRECISION):
        for layer in layers(problem, question.kept):
            values = [
                known_below(of_size(k, layer.density) * ball(Fraction(1, k)))
                for k in subset_sizes(layer.count, m)
            ]
            total += layer.weight * layer.count * max(values, default=Fraction(0))
    return known_below(total)


def _rank_of_size(size: int, m: int, p: Fraction) -> arb:
    bound, power = rank_bound(size, m, p)
    return ball(bound) * ball(1 - p) ** power


def _entropy_of_size(size: int, m: int, p: Fraction, least: int) -> arb:
    if size < least:
        return arb(0)
    chances = count_chances(Problem(size, m, density=p), range(size))
    return entropy_bound(chances, m, Uniform(), least)
