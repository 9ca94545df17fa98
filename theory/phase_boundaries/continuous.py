r"""Where an ignored feature begins to be used: a closed form, its inverse and its two ends.

With ``B > 0`` the root of ``p (1-p) B^2 + (2 (1-p)^2 + p/2) B - p^2/4 = 0``,

.. math:: I_c(p) = \frac{p (v + (B - p/2)^2 / 4) + (1-p)((1-p) B^2 + p B^3 / 3)}{v},
    \qquad v = \frac{p}{3} - \frac{p^2}{4}.

Dedicating the dimension to the first of two features is a local minimum against small second
weights of opposite sign for ``I < I_c(p)``, and none for ``I > I_c(p)``. Both ``I_c`` and its
inverse rise (claim PHASE-17).

To third order in the second weight ``-e`` the loss is ``I v + (I_c - I) v e^2 + C(p) e^3`` on the
boundary, with ``C = h(B)``. Where ``C >= 0`` an antipodal pair grows out of ``e = 0`` continuously;
where ``C < 0`` it is reached by a jump before. ``C`` vanishes twice (claim PHASE-18).

Source: own derivation, ``derivations/library/continuous_boundary.md``.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import Any

import sympy
from flint import arb, ctx

from theory.arithmetic.ball_roots import enclosed
from theory.arithmetic.balls import Enclosure
from theory.arithmetic.sturm import as_fmpq
from theory.phase_boundaries.laurent import monomials
from theory.phase_boundaries.roots import AlgebraicNumber, real_zeros
from theory.phase_boundaries.rows import LETTERS
from theory.phase_boundaries.rows import formula as formula_of
from theory.problem import InputError, Unsupported

__all__ = [
    "CONDITION",
    "boundary_balls",
    "critical_density",
    "critical_importance",
    "cubic",
    "cubic_ball",
    "formula",
    "importance_ball",
    "on_boundary",
    "relation",
    "tricritical",
]

P, B, IMPORTANCE = sympy.symbols("p B I", positive=True)
VARIANCE = P / 3 - P**2 / 4
CONDITION = P * (1 - P) * B**2 + (2 * (1 - P) ** 2 + P / 2) * B - P**2 / 4
"""Vanishes at the best bias of the first output, ``e B``."""
PRICE = P * (VARIANCE + (B - P / 2) ** 2 / 4) + (1 - P) * ((1 - P) * B**2 + P * B**3 / 3)
"""What the first output loses by ``e^2``; the second gains ``I v e^2``."""


@cache
def cubic() -> Any:
    """Give ``C`` on the boundary as a polynomial in ``p`` and ``B``.

    With ``w = 1 + k e`` a term ``a^i g^j b^l`` of the first output is
    ``w^(2i + j) e^(j + l) B^l``; to second order ``k = 3 (p - 2 B) / 8`` is best. The second output
    gives ``2 k I v``, and ``I v`` is the price on the boundary.

    Returns:
        A SymPy expression.
    """
    k = sympy.Rational(3, 8) * (P - 2 * B)
    total = 2 * k * PRICE
    for coefficient, (i, j, power, n) in monomials(formula_of("cut"), LETTERS):
        left = 3 - j - power
        if left >= 0:
            shift = sympy.binomial(2 * i + j, left) * k**left
            total += coefficient * shift * B**power * P**n
    return sympy.factor(sympy.expand(total))


@cache
def relation() -> sympy.Poly:
    """Give the irreducible polynomial in ``p`` and ``I`` that vanishes on the boundary."""
    whole = sympy.resultant(
        sympy.expand(4 * CONDITION), sympy.expand(12 * (PRICE - IMPORTANCE * VARIANCE)), B
    )
    (factor,) = [f for f, _ in sympy.factor_list(whole)[1] if f.has(IMPORTANCE)]
    return sympy.Poly(factor, P, IMPORTANCE)


def formula() -> Any:
    """Give ``I_c`` as a SymPy expression in ``p``.

    Returns:
        The closed form, with square roots.

    Example:
        >>> print(formula().subs(P, sympy.Rational(1, 2)).evalf(10))
        0.5504446797
    """
    eta = 2 * (1 - P) ** 2 + P / 2
    root = P**2 / (2 * (eta + sympy.sqrt(eta**2 + P**3 * (1 - P))))
    return (PRICE / VARIANCE).subs(B, root)


def boundary_balls(p: arb) -> tuple[arb, arb]:
    """Enclose ``B`` and ``I_c`` at a density in ``(0, 1]``."""
    eta = 2 * (1 - p) ** 2 + p / 2
    root = p**2 / (2 * (eta + (eta**2 + p**3 * (1 - p)).sqrt()))
    v = p / 3 - p * p / 4
    price = p * (v + (root - p / 2) ** 2 / 4)
    price += (1 - p) * ((1 - p) * root**2 + p * root**3 / 3)
    return root, price / v


def importance_ball(p: arb) -> arb:
    """Enclose ``I_c`` at a density in ``(0, 1]``."""
    return boundary_balls(p)[1]


def critical_importance(density: Fraction) -> AlgebraicNumber:
    """Give ``I_c(p)`` exactly.

    Args:
        density: rational, above 0 and at most 1.

    Returns:
        A number of degree 1 or 2.

    Raises:
        InputError: the density is out of range.

    Example:
        >>> print(critical_importance(Fraction(1)))
        1
    """
    if not 0 < density <= 1:
        raise InputError(f"density={density}: must be above 0 and at most 1")
    if density == 1:
        return AlgebraicNumber((-1, 1), (Fraction(1), Fraction(1)))
    value = sympy.Rational(*density.as_integer_ratio())
    poly = sympy.Poly(relation().as_expr().subs(P, value), IMPORTANCE)
    return _chosen(poly, lambda zero: (importance_ball(arb(as_fmpq(density))), zero.ball()))


def critical_density(importance: Fraction) -> AlgebraicNumber:
    """Give the density at which ``I_c`` has a value: the inverse of ``I_c``, exactly.

    Args:
        importance: rational, above 0 and at most 1.

    Returns:
        A number of degree at most 7.

    Raises:
        InputError: the importance is out of range.

    Example:
        >>> print(critical_density(Fraction(1)), f"{float(critical_density(Fraction(3, 5))):.10f}")
        1 0.5426376700
    """
    if not 0 < importance <= 1:
        raise InputError(f"importance={importance}: must be above 0 and at most 1")
    if importance == 1:
        return AlgebraicNumber((-1, 1), (Fraction(1), Fraction(1)))
    value = sympy.Rational(*importance.as_integer_ratio())
    poly = sympy.Poly(relation().as_expr().subs(IMPORTANCE, value), P)
    exact = arb(as_fmpq(importance))
    return _chosen(poly, lambda zero: _pulled_back(zero, exact))


def _pulled_back(zero: AlgebraicNumber, importance: arb) -> tuple[arb, arb] | None:
    """``I_c`` at a zero, and what it should be; None outside the domain."""
    ball = zero.ball()
    if not (ball > 0 and ball < 1):
        return None
    return importance_ball(ball), importance


def _chosen(poly: sympy.Poly, compare: Any) -> AlgebraicNumber:
    """The one zero at which two balls meet; at the others they are proven to be apart."""
    found = [zero for zero, _ in real_zeros(poly)]
    for precision in (128, 512, 2048):
        with ctx.workprec(precision):
            kept = []
            for zero in found:
                both = compare(zero)
                if both is not None and both[0].overlaps(both[1]):
                    kept.append(zero)
        if len(kept) == 1:
            return kept[0]
        found = kept
    raise Unsupported("the roots of the boundary cannot be told apart; ask at another number")


@cache
def tricritical_polynomials() -> tuple[sympy.Poly, ...]:
    """Give the polynomials in ``p`` among whose roots ``C`` vanishes."""
    numerator = sympy.numer(sympy.together(cubic()))
    whole = sympy.resultant(sympy.expand(numerator), sympy.expand(4 * CONDITION), B)
    return tuple(sympy.Poly(f, P) for f, _ in sympy.factor_list(whole)[1])


def cubic_ball(p: arb) -> arb:
    """Enclose ``C`` at a density in ``(0, 1]``."""
    root, _ = boundary_balls(p)
    total = arb(0)
    for (i, j), c in sympy.Poly(sympy.expand(cubic()), P, B).terms():
        total += arb(int(c.p)) / int(c.q) * p**i * root**j
    return total


@cache
def tricritical() -> tuple[AlgebraicNumber, AlgebraicNumber]:
    """Give the two densities at which a continuous boundary turns into one of first order.

    Returns:
        The lower and the higher one; ``C > 0`` between them alone.

    Raises:
        Unsupported: not two of them, which would be a mistake.

    Example:
        >>> [f"{float(p):.9f}" for p in tricritical()]
        ['0.520247737', '0.837319580']
    """
    zeros = [
        zero
        for poly in tricritical_polynomials()
        for zero, _ in real_zeros(poly)
        if zero.interval[0] > 0 and zero.interval[1] < 1
    ]
    with ctx.workprec(256):
        kept = sorted(
            (z for z in zeros if cubic_ball(z.ball()).contains(0)), key=lambda z: z.interval
        )
    if len(kept) != 2:
        raise Unsupported(f"the cubic term vanishes at {len(kept)} densities, two were expected")
    return kept[0], kept[1]


def on_boundary(density: AlgebraicNumber, digits: int) -> tuple[Enclosure, Enclosure]:
    """Enclose ``I_c`` and ``p`` at an algebraic density."""
    found = enclosed(digits, lambda: [importance_ball(density.ball()), density.ball()])
    return found[0], found[1]
