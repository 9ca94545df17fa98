r"""Upper bounds of the gain by leverage: what a feature gains when it shares its dimensions.

With ``s_k(i) = sum_j A_ij^{2k}`` the leverages ``lambda_k(i) = A_ii^{2k} / s_k(i)`` obey

.. math:: \sum_i \lambda_k(i) \le D_k(r) = \prod_{j<k} \frac{r + 2j}{2j + 1},
          \qquad r = \min(m, n),

``D_1(r) = r`` among them. The largest gain of output ``i`` over its scale is
``E[x_i y_i^q]^2 / E y_i^{2q}``, with ``A_ii = 1`` a function of its leverages. Where it is at most
``mu + nu lambda_1``, the outputs together gain at most ``n mu + nu r``.

Source: own derivation, ``docs/proofs/gain_upper_bounds.md``; the leverage inequality of ``k = 1``
is also that of a later draft on arXiv:2606.18538 (Swissa, October 2026).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from flint import arb, ctx, fmpq, fmpq_poly

from theory.arithmetic.elements import real_roots
from theory.arithmetic.fields import to_fmpq, to_fraction
from theory.power_model.claims import PRECISION, at_most
from theory.power_model.first_order import first_order_supremum
from theory.power_model.power_sums import (
    Partition,
    bell_coefficient,
    even_cumulants,
    partitions,
    target_parts,
)
from theory.problem import Problem

__all__ = ["Leverage", "Numbers", "cumulant_bound", "numbers_of", "two_leverage_bound"]

STEPS = 20
"""Most steps of the searches for good multipliers; any multiplier gives a valid bound."""

TOUCHING = Fraction(1, 10**6)
"""Relative distance from the best possible at which a search stops."""


@dataclass(frozen=True)
class Leverage:
    r"""A bound ``N(t)^2 / C(t)`` on the gain of one output whose leverage is ``1 / (1 + t)``.

    Attributes:
        numerator: ``N``, a polynomial in ``t >= 0``.
        denominator: ``C``, positive for ``t >= 0``, of higher degree than ``N^2``.
    """

    numerator: fmpq_poly
    denominator: fmpq_poly

    def total(self, n: int, r: int) -> Fraction:
        """Bound the sum over ``n`` outputs whose leverages sum to at most ``r <= n``.

        Args:
            n: number of outputs.
            r: bound on the sum of their leverages.

        Returns:
            The smallest bound found among the multipliers tried.
        """
        # n max_t (G - nu lambda) + nu r is convex in nu; each maximum gives a line below it, and
        # where two lines of opposite slopes meet is the next multiplier
        steep, place = _supremum(self.numerator**2 * fmpq_poly([1, 1]), self.denominator)
        found, high = (
            steep * r,
            self._point(place),
        )  # at this multiplier no output exceeds its share
        value, low = self._with(Fraction(0), n, r)
        found = min(found, value)
        share = Fraction(r, n)
        for _ in range(STEPS):
            if high[0] >= share or low[0] <= share:
                break
            multiplier = (low[1] - high[1]) / (low[0] - high[0])
            value, point = self._with(multiplier, n, r)
            found = min(found, value)
            line = n * (low[1] - multiplier * low[0]) + multiplier * r
            if value <= line * (1 + TOUCHING):
                break
            low, high = (point, high) if point[0] > share else (low, point)
        return found

    def _with(
        self, multiplier: Fraction, n: int, r: int
    ) -> tuple[Fraction, tuple[Fraction, Fraction]]:
        """The bound at one multiplier, and about where the maximum is."""
        shared = fmpq_poly([1, 1])
        over = self.numerator**2 * shared - self.denominator * to_fmpq(multiplier)
        most, place = _supremum(over, self.denominator * shared)
        return max(most, Fraction(0)) * n + multiplier * r, self._point(place)

    def _point(self, t: Fraction) -> tuple[Fraction, Fraction]:
        """The leverage and the bound at ``t``."""
        x = to_fmpq(t)
        return 1 / (1 + t), to_fraction(self.numerator(x) ** 2 / self.denominator(x))


def _supremum(over: fmpq_poly, under: fmpq_poly) -> tuple[Fraction, Fraction]:
    """Bound a rational function on ``t >= 0`` from above; say about where it is largest."""
    # under is positive there and of at least the degree of over, so that the supremum is the value
    # at 0, the limit, or the value at a critical point, which root isolation encloses
    with ctx.workprec(PRECISION):
        degree = under.degree()
        limit = over[degree] / under[degree]
        candidates = [(arb(over[0] / under[0]), Fraction(0)), (arb(limit), Fraction(10**30))]
        slope = over.derivative() * under - over * under.derivative()
        for root in _roots(slope):
            if root > 0 or root.contains(0):
                value = _at(over, root) / _at(under, root)
                candidates.append((value, max(at_most(root), Fraction(0))))
        best = max(candidates, key=lambda pair: at_most(pair[0]))
        return at_most(best[0]), best[1]


def _roots(poly: fmpq_poly) -> list[arb]:
    if poly.degree() < 1:
        return []
    whole = poly.numer()
    shared = whole.gcd(whole.derivative())
    return real_roots(whole // shared)


def _at(poly: fmpq_poly, point: arb) -> arb:
    total = arb(0)
    for c in reversed(poly.coeffs()):
        total = total * point + arb(fmpq(c))
    return total


@dataclass(frozen=True)
class Numbers:
    """What the bounds know of a problem at its density.

    Attributes:
        n: number of features.
        r: ``min(m, n)``.
        q: the power.
        kappa: cumulants ``kappa_{2k}`` of a feature, ``k = 0, ..., q``; entry 0 is 0.
    """

    n: int
    r: int
    q: int
    kappa: list[fmpq]

    @property
    def has_even_growth(self) -> bool:
        """Whether all cumulants are nonnegative, and those divided by positive."""
        return all(k >= 0 for k in self.kappa) and all(k > 0 for k in self.kappa[1::2])

    def leverages(self, k: int) -> Fraction:
        """``min(n, D_k(r))``, which the leverages of order ``k`` sum to at most."""
        return min(Fraction(self.n), first_order_supremum(self.r, k))


def numbers_of(problem: Problem) -> Numbers:
    """Evaluate the cumulants at the density of a problem, which is rational."""
    q, density = problem.activation.power, to_fmpq(problem.densities[0])
    kappa = [polynomial(density) for polynomial in even_cumulants(problem.features, q)]
    return Numbers(
        problem.n_features, min(problem.n_features, problem.n_hidden), q, [fmpq(k) for k in kappa]
    )


def _pair(k: int, part: Partition) -> Partition:
    """The partition of ``q`` whose term of ``E y^{2q}`` pays for a term of ``E[x_i y^q]``."""
    counts = {size: 2 * count for size, count in part}
    counts[k] = counts.get(k, 0) + 1
    return tuple(sorted(counts.items()))


def _paid(numbers: Numbers, k: int, part: Partition) -> Fraction:
    r"""``c_1^2 / c_2 * kappa_{k+1}^2 / kappa_{2k} * D_k``: what one term gains at most."""
    first = math.comb(numbers.q, k) * bell_coefficient(part)
    second = bell_coefficient(_pair(k, part))
    ratio = to_fraction(numbers.kappa[(k + 1) // 2] ** 2 / numbers.kappa[k])
    return Fraction(first**2, second) * ratio * numbers.leverages(k)


def cumulant_bound(problem: Problem) -> Fraction | None:
    r"""Give the sum over terms of ``E[x_i y^q]``, each paid for by its own term of ``E y^{2q}``.

    .. math::
        \tilde L \le \sum_{k\ \mathrm{odd}} \sum_{\pi\, \vdash (q-k)/2} \frac{c_1(k,\pi)^2}
            {c_2(k,\pi)} \frac{\kappa_{k+1}^2}{\kappa_{2k}} \min(n, D_k(r)),
        \qquad q = 3:\ \frac{\kappa_4^2}{\kappa_6} \min(n, D_3) + \frac35 \kappa_2 r .

    Args:
        problem: the model, with a rational density.

    Returns:
        The bound, or None where a cumulant is negative.

    Example:
        >>> from theory.problem import Power, Rademacher
        >>> law, cubic = Rademacher(), Power(3)
        >>> problem = Problem(4, 2, density="1/100", features=law, activation=cubic)
        >>> float(cumulant_bound(problem))
        0.0472...
    """
    numbers = numbers_of(problem)
    if not numbers.has_even_growth:
        return None
    parts = target_parts(numbers.q)
    return sum((_paid(numbers, k, part) for k, part in parts), Fraction(0))


def two_leverage_bound(problem: Problem) -> Fraction | None:
    r"""Give the best mixture of the leverages of order 1 and of order ``q``.

    For any ``eta``

    .. math:: 2 \eta A_{ii}^q - \kappa_{2q} s_q \le \frac{\eta^2}{\kappa_{2q}} \lambda_q ,

    and what is left of the output has a bound by ``lambda_1`` alone. Very sparse, the first part is
    all that counts: the bound tends to that of ``F``.

    Args:
        problem: the model, with a rational density.

    Returns:
        The smallest bound among the mixtures tried, or None for ``q = 1`` (the leverages are the
        same) and where a cumulant is negative.

    Example:
        >>> from theory.problem import Power, Rademacher
        >>> law, cubic = Rademacher(), Power(3)
        >>> problem = Problem(6000, 10, density="1e-6", features=law, activation=cubic)
        >>> 112 < two_leverage_bound(problem) * 10**6 < 114
        True
    """
    numbers = numbers_of(problem)
    if not numbers.has_even_growth or numbers.q == 1:
        return None
    ways = (True, False) if numbers.q > 3 else (False,)
    return min(_best_mixture(numbers, pays) for pays in ways)


def _best_mixture(numbers: Numbers, pays: bool) -> Fraction:
    """The smallest over shares ``eta / kappa_{q+1}``, in which the mixture is convex."""
    found = {Fraction(k, 4): _mixture(numbers, Fraction(k, 4), pays) for k in range(5)}
    for step in (Fraction(1, 8), Fraction(1, 16), Fraction(1, 32)):
        best = min(found, key=lambda share: found[share])
        for share in (best - step, best + step):
            if 0 <= share <= 1:
                found[share] = _mixture(numbers, share, pays)
    return min(*found.values(), _mixture(numbers, None, pays))


def _mixture(numbers: Numbers, share: Fraction | None, pays: bool) -> Fraction:
    """The bound with ``eta = share kappa_{q+1}``; None leaves all to the leverage of order 1."""
    # where it pays, terms of E[x_i y^q] with 1 < k < q are left to their own leverages too
    q, kappa = numbers.q, numbers.kappa
    over, used, fixed = fmpq_poly([0]), set(), Fraction(0)
    for k, part in target_parts(q):
        count = sum(c for size, c in part if size == 1)
        if count == sum(c for _, c in part) and not (pays and 1 < k < q):  # a power of s_1 alone
            factor = math.comb(q, k) * bell_coefficient(part) * kappa[(k + 1) // 2]
            left = to_fmpq(1 - (share or 0)) if k == q else 1
            over += fmpq_poly([1, 1]) ** count * (factor * kappa[1] ** count * left)
        else:
            fixed += _paid(numbers, k, part)
            used.add(_pair(k, part))
    if share is not None:
        eta = share * to_fraction(kappa[(q + 1) // 2])
        fixed += eta**2 / to_fraction(kappa[q]) * numbers.leverages(q)
        used.add(((q, 1),))
    under = sum((_least(kappa, part) for part in partitions(q) if part not in used), fmpq_poly([0]))
    return fixed + Leverage(over, under).total(numbers.n, numbers.r)


def _least(kappa: list[fmpq], partition: Partition) -> fmpq_poly:
    """A term of ``E y^{2q}`` with ``A_ii = 1``, ``s_1 = 1 + t`` and ``s_k >= 1`` for ``k > 1``."""
    product = fmpq_poly([bell_coefficient(partition)])
    for size, count in partition:
        product *= kappa[size] ** count * (fmpq_poly([1, 1]) ** count if size == 1 else 1)
    return product
