"""A lower bound on the least loss: the best of all that apply, with the list of those tried."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING

from theory.bounding.claims import LowerClaim, NotApplicable
from theory.bounding.question import Question
from theory.bounds import best_claim, energy_to_bound, lower_bounds
from theory.branch_and_bound import BoxCertificate, box_problems, branch_and_bound
from theory.certificates import PairCertificate, PairPotential, RefusedCertificate, verify
from theory.claim_ids import with_claims
from theory.problem import Constraint, Problem, ReLU, Uniform, Unsupported, checked_constraints
from tms.digits import floor_text

if TYPE_CHECKING:
    from numerics.relaxation import PairRelaxation

__all__ = ["LowerBound", "certified_energy", "lower_bound"]

BOXES = 1500
SLACKS = (0.0, 1e-10, 1e-8, 1e-6, 1e-4)
"""What is taken off the constant of a certificate, until the exact check accepts it."""


@dataclass(frozen=True)
class LowerBound:
    """What the least loss is proven not to be below.

    Attributes:
        problem: the problem.
        constraints: on the weights and biases.
        best: the claim with the largest proven value.
        claims: all that were tried, with the reason where one does not apply.
        certificate: of the pair energy, verified, where there is one.

    Example:
        >>> found = lower_bound(Problem(4, 2, sparsity="9/10"))
        >>> print(f"{float(found):.4f} {found.kind}, {found.name}")
        0.0034 proved, rank and entropy
        >>> print(found)
        L >= 0.00335120971 (proved: rank and entropy [BOUND-06])
    """

    problem: Problem
    constraints: tuple[Constraint, ...]
    best: LowerClaim
    claims: tuple[LowerClaim, ...]
    certificate: PairCertificate | None = None

    @property
    def value(self) -> Fraction:
        """The bound, a rational number; where the formula is not one it is rounded down."""
        return self.best.value or Fraction(0)

    @property
    def name(self) -> str:
        """Which bound it is."""
        return self.best.name

    @property
    def kind(self) -> str:
        """``"proved"``."""
        return self.best.kind

    @property
    def is_least(self) -> bool:
        """Whether the bound is known to be the least loss itself."""
        return self.best.is_attained

    def __float__(self) -> float:
        """The bound rounded down."""
        return float(self.best)

    def __str__(self) -> str:
        sign = "=" if self.is_least else ">="
        start = "min L" if self.is_least else "L"
        claimed = with_claims(self.name, self.best.rests_on)
        return f"{start} {sign} {floor_text(self.value)} ({self.kind}: {claimed})"


def lower_bound(problem: Problem, constraints: object = (), *, boxes: int = BOXES) -> LowerBound:
    r"""Bound the least loss from below, for tied weights under constraints.

    .. math:: L(W, b) \ge \text{value} \quad\text{for all } W, b \text{ that meet the constraints}

    Args:
        problem: any.
        constraints: a sequence of constraints, or one; none for all weights and biases.
        boxes: how often branch and bound, which is for one hidden dimension, halves a box: about
            1.5 milliseconds each. 0 leaves it out.

    Returns:
        The best bound with all that were tried. That the loss is at least 0 always applies.

    Raises:
        InputError: constraints that are none, or that name features out of range.

    Example:
        >>> from theory.problem import NoBias, UnitNorm
        >>> pentagon = lower_bound(Problem(5, 2, sparsity="9/10"), [UnitNorm(), NoBias()])
        >>> print(pentagon)
        L >= 0.0211565155 (proved: one active, linear program [BOUND-10])

    Source: as each claim says; ``theory.bounds``.
    """
    listed = checked_constraints(constraints, problem.n_features)
    certificate, unverified = certified_energy(problem, listed)
    certificates: list[PairCertificate | BoxCertificate] = [*_for_crowding(problem)]
    if certificate is not None:
        certificates.append(certificate)
    if boxes:
        certificates += _of_boxes(Question(problem, listed), boxes)
    claims = lower_bounds(problem, listed, certificates)
    best = best_claim(claims)
    return LowerBound(problem, listed, best, (*claims, *unverified), certificate)


def certified_energy(
    problem: Problem, constraints: tuple[Constraint, ...]
) -> tuple[PairCertificate | None, list[LowerClaim]]:
    """Look for a certificate of the pair energy of a problem by linear programming.

    Args:
        problem: any.
        constraints: checked.

    Returns:
        A certificate that the exact check accepts, or None; and what to say where there is none.
    """
    from numerics.relaxation import relax_pair_energy

    name = "one active, linear program"
    try:
        energy = energy_to_bound(problem, constraints)
        potential, count = energy.potential, float(energy.effective_count)
        if energy.dimension < 2:
            return None, [LowerClaim.inapplicable(name, "n_hidden=1: see the other bound")]
        found = relax_pair_energy(
            count, energy.dimension, potential.power, one_sided=potential.one_sided
        )
    except Unsupported as refused:  # NotApplicable among them
        return None, [LowerClaim.inapplicable(name, str(refused))]
    certificate = _verified(found, len(energy.squares))
    if certificate is not None:
        return certificate, []
    coefficients = found.rational()
    value = energy.bounded(coefficients[0], sum(coefficients, Fraction(0)))
    return None, [LowerClaim(name, value, kind="float, not verified")]


def _verified(found: PairRelaxation, count: int) -> PairCertificate | None:
    """A certificate that the exact check accepts, with as little slack as will do."""
    potential = PairPotential(found.power, found.one_sided)
    for slack in SLACKS:
        certificate = PairCertificate.claiming(
            count, found.dimension, potential, found.rational(slack)
        )
        try:
            verify(certificate)
        except RefusedCertificate:
            continue
        return certificate
    return None


def _for_crowding(problem: Problem) -> list[PairCertificate]:
    """Certificates of one-sided squares for some numbers of vectors."""
    n, m = problem.n_features, problem.n_hidden
    if problem.activation != ReLU() or problem.features != Uniform() or m < 2 or n <= 2 * m:
        return []
    made = []
    for count in sorted({n, 2 * m + 1, min(n, 4 * m)}):
        certificate = _one_sided_squares(count, m)
        made += [] if certificate is None else [certificate]
    return made


def _of_boxes(question: Question, boxes: int) -> list[BoxCertificate]:
    """Certificates of branch and bound, where it applies."""
    try:
        return [branch_and_bound(two, boxes=boxes) for _, two in box_problems(question)]
    except NotApplicable:
        return []


@cache
def _one_sided_squares(count: int, m: int) -> PairCertificate | None:
    from numerics.relaxation import relax_pair_energy

    return _verified(relax_pair_energy(count, m, 2, one_sided=True), count)
