r"""Unit norms without biases: one active feature makes the loss a pair energy.

If only feature ``j`` is active, output ``i`` is ``sigma(G_ij u)``. For the activations ``t^q``,
``|t|^q`` and ``max(t, 0)^q`` its mean square is ``mu f(w_i . w_j)`` with ``f(t) = t^(2q)`` or
``max(t, 0)^(2q)``, and ``G_ii = 1``. With ``P_j`` the probability that only ``j`` is active,

.. math:: L \ge \sum_i I_i P_i\, \mathbb{E}(u - \sigma(u))^2
    + \mu \sum_{i \ne j} I_i P_j f(w_i \cdot w_j),

and ``I_i P_j + I_j P_i >= 2 v_i v_j`` with ``v_i = sqrt(I_i P_i)``: an energy of vectors with
masses, for which ``theory.certificates`` has bounds.

Source: own derivation, ``docs/proofs/lower_bounds.md``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from flint import ctx

from theory.bounding.claims import (
    PRECISION,
    LowerClaim,
    NotApplicable,
    ball,
    known_below,
    rational,
)
from theory.certificates import (
    PairCertificate,
    PairPotential,
    verify,
    welch_certificate,
)
from theory.problem import (
    Binary,
    Constraint,
    CustomLaw,
    Exponential,
    FeatureLaw,
    HalfNormal,
    NoBias,
    Problem,
    Uniform,
    UnitNorm,
    Unsupported,
)
from theory.rows.law_moments import law_moments

__all__ = ["PairEnergy", "is_nonnegative", "line_claim", "pair_claim", "pair_energy", "welch_claim"]


@dataclass(frozen=True)
class PairEnergy:
    """The part of a loss that is a pair energy.

    Attributes:
        dimension: ``m``.
        potential: ``f``.
        moment: ``mu``.
        squares: ``v_i^2 = I_i P_i`` of the features that are not ignored.
        own: ``sum_i I_i P_i E (u - sigma(u))^2``, or less.
    """

    dimension: int
    potential: PairPotential
    moment: Fraction
    squares: tuple[Fraction, ...]
    own: Fraction

    @property
    def is_equal(self) -> bool:
        """Whether all masses are equal."""
        return len(set(self.squares)) <= 1

    @property
    def effective_count(self) -> Fraction:
        """``(sum v)^2 / sum v^2``, about: the number of equal masses that weigh as much."""
        total = sum(self.squares)
        if self.is_equal or not total:
            return Fraction(max(1, len(self.squares)))
        with ctx.workprec(64):
            roots = sum(ball(square).sqrt() for square in self.squares)
            return max(Fraction(1), known_below(roots * roots / ball(total)))

    def bounded(self, constant: Fraction, at_one: Fraction) -> Fraction:
        """The loss is at least this where ``E_f >= constant (sum v)^2 - at_one sum v^2``."""
        total = sum(self.squares, Fraction(0))
        if self.is_equal:
            energy = total * (constant * len(self.squares) - at_one)
            return known_below(self.own + self.moment * max(energy, Fraction(0)))
        with ctx.workprec(PRECISION):
            roots = sum(ball(square).sqrt() for square in self.squares)
            energy = ball(constant) * roots * roots - ball(at_one * total)
            return self.own + self.moment * known_below(energy)


def pair_energy(
    problem: Problem, constraints: Sequence[Constraint], kept: Sequence[int]
) -> PairEnergy:
    """Read off the pair energy of a problem.

    Args:
        problem: any.
        constraints: must hold ``UnitNorm`` and ``NoBias``.
        kept: the features that are not ignored.

    Returns:
        The energy.

    Raises:
        NotApplicable: other constraints, or numbers or laws without such an energy.
    """
    if not {UnitNorm(), NoBias()} <= set(constraints):
        raise NotApplicable("constraints: this bound needs UnitNorm() and NoBias()")
    if len(kept) < 2:
        raise NotApplicable("n_features: there is no pair")
    importances = rational(problem.importances, "importance")
    chances = only_active(problem)
    one_sided, moment = _potential(problem)
    squares = tuple(importances[i] * chances[i] for i in kept)
    return PairEnergy(
        problem.n_hidden,
        PairPotential(2 * problem.activation.power, one_sided),
        moment,
        squares,
        sum(squares, Fraction(0)) * _own_error(problem),
    )


def only_active(problem: Problem) -> tuple[Fraction, ...]:
    """Give for every feature the probability that it alone is active.

    Args:
        problem: rational densities.

    Returns:
        Length ``n``.

    Raises:
        NotApplicable: densities that are not rational.

    Example:
        >>> only_active(Problem(2, 1, density=["1/2", "1/3"]))
        (Fraction(1, 3), Fraction(1, 6))
    """
    n = problem.n_features
    if problem.n_active is not None:
        return (Fraction(int(problem.n_active == 1), n),) * n
    units = problem.units
    rational([unit.density for unit in units], "density")
    idle = [1 - unit.density for unit in units]
    found = [Fraction(0)] * n
    for k, unit in enumerate(units):
        others = math.prod(idle[:k] + idle[k + 1 :], start=Fraction(1))
        for active in unit.sets:
            if len(active) == 1:
                found[active[0]] += others * unit.density / len(unit.sets)
    return tuple(found)


def is_nonnegative(law: FeatureLaw) -> bool:
    """Say whether a feature is known never to be negative."""
    if isinstance(law, Uniform):
        return bool(law.low >= 0)
    if isinstance(law, CustomLaw):
        return law.support is not None and bool(law.support[0] >= 0)
    return isinstance(law, (Binary, Exponential, HalfNormal))


def _moment(law: FeatureLaw, power: int) -> Fraction:
    """``E u^power``; even powers of the half-normal law too."""
    if isinstance(law, HalfNormal) and power % 2 == 0:
        return Fraction(math.prod(range(1, power, 2)))
    try:
        return rational([law_moments(law, power)[power]], "moments")[0]
    except NotApplicable:
        raise
    except Unsupported as refused:
        raise NotApplicable(str(refused)) from None


def _potential(problem: Problem) -> tuple[bool, Fraction]:
    """Whether the potential is one-sided, and ``mu``."""
    law, activation = problem.features, problem.activation
    power = 2 * activation.power
    if activation.shape != "relu":
        return False, _moment(law, power)
    if is_nonnegative(law):
        return True, _moment(law, power)
    if law.is_symmetric:
        return False, _moment(law, power) / 2
    if isinstance(law, Uniform):
        high, low = Fraction(max(law.high, 0)), Fraction(max(-law.low, 0))
        least = min(high, low) ** (power + 1)
        return False, least / ((power + 1) * Fraction(law.high - law.low))
    raise NotApplicable(f"features={law}: may be negative and are not symmetric")


def _own_error(problem: Problem) -> Fraction:
    """``E (u - sigma(u))^2``, or 0 where it is not at hand."""
    activation, q = problem.activation, problem.activation.power
    if activation.shape != "power" and not is_nonnegative(problem.features):
        return Fraction(0)
    try:
        second, mixed, top = (_moment(problem.features, k) for k in (2, q + 1, 2 * q))
    except NotApplicable:
        return Fraction(0)
    return second - 2 * mixed + top


_ONE_ACTIVE = r"L \ge \sum_i I_i P_i E(u - \sigma(u))^2 + \mu\,E_f"
_ASSUMED = ("unit norms", "no bias")


def pair_claim(energy: PairEnergy, certificate: PairCertificate) -> LowerClaim:
    """Turn a certificate into a bound on the loss; the certificate is verified here.

    Args:
        energy: what ``pair_energy`` found.
        certificate: for its dimension and potential.

    Returns:
        The claim. A certificate that fails raises ``RefusedCertificate``.

    Raises:
        NotApplicable: a certificate of another energy.
    """
    fits = certificate.potential == energy.potential and certificate.dimension == max(
        2, energy.dimension
    )
    if not fits:
        raise NotApplicable(
            f"certificate: is for {certificate.potential} in {certificate.dimension} dimensions, "
            f"the loss has {energy.potential} in {energy.dimension}"
        )
    bound = verify(certificate)
    return LowerClaim(
        "one active, linear program",
        energy.bounded(bound.constant, bound.at_one),
        _ONE_ACTIVE + r",\ E_f \ge c_0 (\sum v)^2 - h(1) \sum v^2",
        assumptions=_ASSUMED,
        source="Delsarte, Goethals, Seidel 1977; Yudin 1992; theory.certificates",
    )


def welch_claim(energy: PairEnergy) -> LowerClaim:
    """Bound a two-sided energy by the real Welch bound of its order.

    Args:
        energy: what ``pair_energy`` found.

    Returns:
        The claim.

    Raises:
        NotApplicable: a one-sided energy, or one dimension.
    """
    if energy.potential.one_sided:
        raise NotApplicable("activation: negative cosines cost nothing, so Welch says nothing")
    if energy.dimension < 2:
        raise NotApplicable("n_hidden=1: see the bound for one dimension")
    order = energy.potential.power // 2
    bound = verify(welch_certificate(max(1, len(energy.squares)), energy.dimension, order))
    return LowerClaim(
        f"one active, Welch of order {order}",
        energy.bounded(bound.constant, bound.at_one),
        _ONE_ACTIVE + r",\ E_f \ge \tfrac{(2k-1)!!}{m (m+2) \cdots} (\sum v)^2 - \sum v^2",
        assumptions=_ASSUMED,
        source="Welch 1974, IEEE Trans. Inf. Theory 20; Sidelnikov 1974",
    )


def line_claim(energy: PairEnergy) -> LowerClaim:
    """Bound the energy in one dimension, where all cosines are 1 or -1.

    Args:
        energy: what ``pair_energy`` found.

    Returns:
        The claim: equal signs cost, and ``(sum v)^2 / 2 - sum v^2`` of them there are at least.

    Raises:
        NotApplicable: more dimensions.
    """
    if energy.dimension != 1:
        raise NotApplicable(f"n_hidden={energy.dimension}: this bound is for one dimension")
    share = Fraction(1, 2) if energy.potential.one_sided else Fraction(1)
    return LowerClaim(
        "one active, one dimension",
        energy.bounded(share, Fraction(1)),
        _ONE_ACTIVE + rf",\ E_f \ge {share} (\sum v)^2 - \sum v^2",
        assumptions=_ASSUMED,
    )
