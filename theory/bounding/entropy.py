r"""A lower bound for any encoder and decoder, from the entropy that ``m`` numbers cannot carry.

Given which ``k > m`` features are active, they have a density, and ``W x`` fixes only ``m`` linear
functions of them. What is left has dimension ``d = k - m`` and, by the maximal entropy of a normal
law applied to it and to ``W x``, a mean total variance of at least

.. math:: d\,\sigma^2\, q^{k / d}, \qquad q = \frac{e^{2 h(u)}}{2 \pi e\, \sigma^2} \le 1,

with ``h(u)`` the differential entropy and ``sigma^2`` the variance of an active feature. No decoder
does better, even if it is told which features are active.

Source: own derivation, ``docs/proofs/lower_bounds.md``; Shannon's lower bound, Cover and Thomas
2006, "Elements of Information Theory", theorems 8.6.5 and 8.6.6.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from fractions import Fraction

from flint import arb, ctx

from theory.bounding.claims import PRECISION, NotApplicable, ball, rational
from theory.problem import Exponential, FeatureLaw, HalfNormal, Normal, Problem, Uniform

__all__ = ["count_chances", "entropy_bound", "entropy_power"]


def entropy_power(law: FeatureLaw) -> tuple[arb, arb]:
    r"""Give variance and entropy power ratio of an active feature.

    Args:
        law: a law with a density.

    Returns:
        ``sigma^2`` and ``q = e^{2h} / (2 pi e sigma^2)``, at most 1 and that for the normal law.

    Raises:
        NotApplicable: a discrete or custom law.

    Example:
        >>> print(entropy_power(Uniform(0, 1))[1].str(8))
        [0.70259798 +/- 1.71e-9]
    """
    pi, e = arb.pi(), arb.const_e()
    if isinstance(law, Uniform):
        return ball(Fraction((law.high - law.low) ** 2) / 12), 6 / (pi * e)
    if isinstance(law, Normal):
        return arb(1), arb(1)
    if isinstance(law, Exponential):
        return arb(1), e / (2 * pi)
    if isinstance(law, HalfNormal):
        spread = 1 - 2 / pi
        return spread, 1 / (4 * spread)
    raise NotApplicable(f"features={law}: this bound needs a law with a known density")


def count_chances(problem: Problem, members: Collection[int]) -> list[arb]:
    """Give the probabilities that ``0, 1, ...`` of some features are active.

    Args:
        problem: rational densities.
        members: the features that count.

    Returns:
        ``len(members) + 1`` balls.

    Raises:
        NotApplicable: densities that are not rational.

    Example:
        >>> [float(c) for c in count_chances(Problem(3, 1, density="1/2"), {0, 1})]
        [0.25, 0.5, 0.25]
    """
    size = len(members)
    if problem.n_active is not None:
        n, k = problem.n_features, problem.n_active
        ways = [math.comb(size, j) * math.comb(n - size, max(k - j, 0)) for j in range(size + 1)]
        return [ball(Fraction(w * (j <= k), math.comb(n, k))) for j, w in enumerate(ways)]
    found = [arb(1)]
    for unit in problem.units:
        (density,) = rational([unit.density], "density")
        shares = {0: ball(1 - density)}
        for active in unit.sets:
            size = sum(j in members for j in active)
            shares[size] = shares.get(size, arb(0)) + ball(density / len(unit.sets))
        kept = [arb(0)] * (len(found) + max(shares))
        for size, share in shares.items():
            for k, chance in enumerate(found):
                kept[k + size] += chance * share
        found = kept
    return found


def entropy_bound(chances: Sequence[arb], m: int, law: FeatureLaw, least: int = 0) -> arb:
    """Bound the loss of all encoders and decoders, equal importance 1.

    Args:
        chances: of ``0, 1, ..., n`` active features.
        m: number of hidden dimensions.
        law: of an active feature.
        least: only samples with at least so many active features count.

    Returns:
        A ball.

    Example:
        >>> print(entropy_bound([arb(0)] * 5 + [arb(1)], 2, Uniform(0, 1)).str(4))
        [0.1388 +/- 1.99e-5]
    """
    total = arb(0)
    with ctx.workprec(PRECISION):
        variance, ratio = entropy_power(law)
        for k in range(max(least, m + 1), len(chances)):
            left = k - m
            total += chances[k] * left * variance * ratio ** (ball(Fraction(k, left)))
    return total
