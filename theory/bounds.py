r"""Lower bounds on the least loss under constraints, each a claim with its proof.

| claim | what it needs | where |
|---|---|---|
| nothing is lost | ``p = 0``, no importance, ``n <= m`` | here |
| ignored features | ``IgnoredFeatures``; added to all others | here |
| principal components | identity activation | here |
| rank | ReLU, ``U[0, 1]``, independent | ``theory.bounding.rank`` |
| entropy | a law with a density; any decoder | ``theory.bounding.entropy`` |
| crowding | the same, and a certificate where ``m > 1`` | ``theory.bounding.crowding`` |
| branch and bound | the same, one dimension, a certificate | ``theory.branch_and_bound`` |
| one active | ``UnitNorm`` and ``NoBias`` | ``theory.bounding.pairs`` |
| gain | the power model, ``NoBias`` | ``theory.power_model.bounds`` |

A bound for fewer constraints holds for more. Principal components with any activation but the
identity, clipped or not, are weights, and their loss is an *upper* bound on the least loss.

Source: as each claim says; proofs in ``docs/proofs/lower_bounds.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import partial

from theory.bounding.claims import LowerClaim, NotApplicable
from theory.bounding.free import (
    crowding_claim,
    entropy_claim,
    entropy_loss,
    rank_and_crowding_claim,
    rank_and_entropy_claim,
    rank_claim,
)
from theory.bounding.pairs import PairEnergy, line_claim, pair_claim, pair_energy, welch_claim
from theory.bounding.question import Question
from theory.bounding.simple import ignored_features, nothing_lost, principal_components
from theory.branch_and_bound import BoxCertificate, box_claim
from theory.certificates import PairCertificate, PairPotential, verify
from theory.claim_ids import of_lower_bound
from theory.power_model.bounds import best_upper
from theory.power_model.gain import seed_moments
from theory.problem import NoBias, Problem, Unsupported, checked_constraints

__all__ = ["LowerClaim", "best_claim", "energy_to_bound", "lower_bounds"]


def lower_bounds(
    problem: Problem,
    constraints: object = (),
    certificates: Sequence[PairCertificate | BoxCertificate] = (),
) -> list[LowerClaim]:
    r"""List what is proven about the least loss, and what does not apply.

    .. math:: \min_{W, b} L(W, b) \ge \text{value} \quad\text{for tied weights}

    Args:
        problem: any.
        constraints: on ``W`` and ``b``; a sequence of them, or one.
        certificates: of pair energies, and of boxes for one hidden dimension; each that is used is
            verified.

    Returns:
        One claim for each bound; those that do not apply have no value but a reason. Constraints
        that are none raise ``InputError``, and a wrong certificate ``RefusedCertificate``.

    Example:
        >>> for claim in lower_bounds(Problem(2, 1, sparsity="9/10")):
        ...     print(claim.name, claim.kind, f"{float(claim):.6f}")
        zero proved 0.000000
        nothing is lost not applicable 0.000000
        ignored features not applicable 0.000000
        principal components not applicable 0.000000
        rank proved 0.002508
        entropy proved 0.000411
        rank and entropy proved 0.002508
        one active, Welch not applicable 0.000000
        one active, one dimension not applicable 0.000000
        gain not applicable 0.000000
        crowding proved 0.000411
        rank and crowding proved 0.002300
        branch and bound not applicable 0.000000

    Source: as the module says.
    """
    question = Question(problem, checked_constraints(constraints, problem.n_features))
    found = [LowerClaim("zero", Fraction(0), r"L \ge 0", source="a mean of squares")]
    found += [_tried(name, make, question) for name, make in _CLAIMS.items()]
    pairs = [c for c in certificates if isinstance(c, PairCertificate)]
    boxes = [c for c in certificates if isinstance(c, BoxCertificate)]
    verified = [verify(c) for c in pairs if _is_for_crowding(c)]
    found.append(_tried("crowding", lambda q: crowding_claim(q, verified), question))
    name = "rank and crowding"
    found.append(_tried(name, lambda q: rank_and_crowding_claim(q, verified), question))
    found.append(_tried("branch and bound", lambda q: box_claim(q, boxes), question))
    for certificate in pairs:
        made = _tried(_PROGRAM, partial(_certified, certificate), question)
        if made.value is not None or not _is_for_crowding(certificate):
            found.append(made)
    offset = next((c.value for c in found if c.name == _IGNORED and c.value), Fraction(0))
    return [c if c.name in (_IGNORED, _GAIN) else c.raised_by(offset) for c in found]


def energy_to_bound(problem: Problem, constraints: object = ()) -> PairEnergy:
    """Read off the pair energy that a certificate is wanted for.

    Args:
        problem: any.
        constraints: must hold ``UnitNorm`` and ``NoBias``.

    Returns:
        The energy. What has none raises ``NotApplicable``.

    Example:
        >>> from theory.problem import UnitNorm
        >>> energy = energy_to_bound(Problem(5, 2, density="1/2"), [UnitNorm(), NoBias()])
        >>> print(energy.potential, energy.moment)
        max(t, 0)^2 1/3
    """
    question = Question(problem, checked_constraints(constraints, problem.n_features))
    return _energy(question)


def best_claim(claims: Sequence[LowerClaim]) -> LowerClaim:
    """Give the claim with the largest value.

    Args:
        claims: as ``lower_bounds`` lists them.

    Returns:
        The claim; of equal ones that which is attained, then the first.
    """
    return max(claims, key=lambda c: (Fraction(-1) if c.value is None else c.value, c.is_attained))


def _tried(name: str, make: Callable[[Question], LowerClaim], question: Question) -> LowerClaim:
    try:
        return make(question)
    except NotApplicable as refused:
        return LowerClaim.inapplicable(name, str(refused))


def _energy(question: Question) -> PairEnergy:
    return pair_energy(question.problem, question.constraints, question.kept)


def _certified(certificate: PairCertificate, question: Question) -> LowerClaim:
    """Samples with one active feature by a certificate, those with more by entropy."""
    return _with_more_active(question, pair_claim(_energy(question), certificate))


def _is_for_crowding(certificate: PairCertificate) -> bool:
    return certificate.potential == PairPotential(2, one_sided=True)


def _with_more_active(question: Question, claim: LowerClaim) -> LowerClaim:
    try:
        return claim.raised_by(entropy_loss(question, least=2))
    except NotApplicable:  # a law without a density: then the claim stands alone
        return claim


def _gain(question: Question) -> LowerClaim:
    """The loss of ignoring everything less the best gain."""
    problem = question.problem
    if not question.has(NoBias):
        raise NotApplicable("constraints: this bound needs NoBias()")
    try:
        second, best = seed_moments(problem)[1][2], best_upper(problem)
    except Unsupported as refused:
        raise NotApplicable(str(refused)) from None
    nothing = sum(problem.densities, Fraction(0)) * second
    return LowerClaim(
        _GAIN,
        max(Fraction(0), nothing - (best.value or Fraction(0))),
        r"L \ge p\,n\,\mu_2 - \sup_W \tilde L, \quad " + best.statement,
        assumptions=("no bias", *best.assumptions),
        source=best.source,
        rests_on=(*of_lower_bound(_GAIN), *best.rests_on),
    )


_IGNORED, _GAIN = "ignored features", "gain"
_PROGRAM = "one active, linear program"
_CLAIMS: dict[str, Callable[[Question], LowerClaim]] = {
    "nothing is lost": nothing_lost,
    _IGNORED: ignored_features,
    "principal components": principal_components,
    "rank": rank_claim,
    "entropy": entropy_claim,
    "rank and entropy": rank_and_entropy_claim,
    "one active, Welch": lambda q: _with_more_active(q, welch_claim(_energy(q))),
    "one active, one dimension": lambda q: _with_more_active(q, line_claim(_energy(q))),
    _GAIN: _gain,
}
