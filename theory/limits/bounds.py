r"""Bounds of what a truncated expansion in the density leaves out.

All terms of ``L_i(p) = sum_s p^s (1 - p)^(N - s) Lambda_s`` are at least 0
(``theory.limits.set_sums``). Given ``s`` active units, Minkowski's inequality bounds one output by

.. math::
    l_i(T) \le M_s = \Bigl(\sqrt{\mu_2} + \bigl(|b| + \lVert u \rVert_{2q} A_s\bigr)^q\Bigr)^2,
    \qquad \lVert u \rVert_{2q} = (E |u|^{2q})^{1/(2q)},

``q`` the power of the activation and ``A_s`` the sum of the ``s`` largest reaches: the reach of a
unit is the most that the slopes of one of its sets add up to in absolute value. The sets of more
than ``K`` units add at most ``sum_{s > K} C(N, s) p^s (1 - p)^(N - s) M_s``.

Source: own derivation.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from flint import arb, ctx

from theory.arithmetic.balls import Enclosure
from theory.problem import Problem
from theory.rows.law_moments import law_moments

__all__ = ["ends_of", "largest_size", "tail_bound"]

_TERMS = 24  # of the tail that are summed one by one
_BITS = 256  # of the enclosures in which algebraic numbers are bounded


def tail_bound(
    problem: Problem, bias: Fraction, reaches: Sequence[Fraction], first: int, p: Fraction
) -> Fraction:
    """Bound what sets of ``first`` or more active units add to the loss of one output.

    Args:
        problem: gives the law and the activation.
        bias: ``|b|``, or more.
        reaches: for every unit its reach, or more; length ``N``.
        first: the least number of units that counts.
        p: the density.

    Returns:
        A rational number, at least 0.

    Example:
        >>> tail_bound(Problem(1, 1, density=0), Fraction(0), [Fraction(1)], 1, Fraction(0))
        Fraction(0, 1)
    """
    n, q = len(reaches), problem.activation.power
    if first > n:
        return Fraction(0)
    moments = law_moments(problem.features, 2 * q)
    own, spread = _root_above(moments[2], 2), _root_above(moments[2 * q], 2 * q)
    reach = [Fraction(0)]
    for value in sorted(reaches, reverse=True):
        reach.append(reach[-1] + value)

    def worst(s: int) -> Fraction:
        return (own + (bias + spread * reach[s]) ** q) ** 2

    last = min(n, first + _TERMS)
    total = sum(
        (math.comb(n, s) * p**s * (1 - p) ** (n - s) * worst(s) for s in range(first, last)),
        Fraction(0),
    )
    return total + math.comb(n, last) * p**last * worst(n)  # C(n, k) p^k bounds P(k or more)


def _root_above(value: Fraction, degree: int) -> Fraction:
    """A rational number above the root of a number that is at least 0, by at most 2^-60."""
    shift = 2 ** (60 * degree)
    scaled = -(-value.numerator * shift // value.denominator)
    low, high = 0, 2 ** (scaled.bit_length() // degree + 1)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if middle**degree >= scaled else (middle + 1, high)
    return Fraction(low, 2**60)


def ends_of(field: Any, element: Any) -> tuple[Fraction, Fraction]:
    """Give rational numbers between which an element lies; equal for rational elements.

    Args:
        field: where the element is from (``theory.arithmetic``).
        element: an element of the field, or a ball.

    Returns:
        The lower and the upper end.
    """
    if not isinstance(element, arb) and getattr(field, "degree", 0) == 1:
        exact = field.exact(element)
        return exact, exact
    with ctx.workprec(_BITS):
        found = Enclosure.of(element if isinstance(element, arb) else field.ball(element))
    return found.lower, found.upper


def largest_size(field: Any, elements: Sequence[Any]) -> Fraction:
    """Give the sum of absolute values, or a little more where they are not rational.

    Args:
        field: where the elements are from.
        elements: of the field.

    Returns:
        A rational number.
    """
    ends = (ends_of(field, element) for element in elements)
    return sum((max(abs(low), abs(high)) for low, high in ends), Fraction(0))
