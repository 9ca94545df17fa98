"""Whether a polynomial with rational coefficients is negative anywhere on an interval, exactly.

A polynomial changes sign exactly at its roots of odd multiplicity. Their product, without multiple
roots, is read off the squarefree factors, and a Sturm sequence counts its roots in the interval:
none there, and the sign at one point is the sign everywhere. No number is rounded.

Source: Basu, Pollack, Roy 2006, "Algorithms in Real Algebraic Geometry", theorem 2.62 (Sturm).
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from flint import fmpq, fmpq_poly, fmpz_poly

__all__ = ["as_fmpq", "as_fraction", "count_roots", "is_nonnegative", "negative_point", "sign_at"]

_MOST_HALVINGS = 200


def as_fmpq(value: Fraction | int) -> fmpq:
    """Take a rational number over to FLINT."""
    return fmpq(value.numerator, value.denominator)


def as_fraction(value: fmpq) -> Fraction:
    """Take a rational number over from FLINT."""
    return Fraction(int(value.p), int(value.q))


def sign_at(polynomial: fmpz_poly, point: Fraction) -> int:
    """Give the sign of an integer polynomial at a rational point: -1, 0 or 1."""
    value = polynomial(as_fmpq(point))
    return int(value > 0) - int(value < 0)


def _primitive(polynomial: fmpz_poly) -> fmpz_poly:
    content = polynomial.content()
    if content in (0, 1):
        return polynomial
    return fmpz_poly([entry // content for entry in polynomial.coeffs()])


def _negated_remainder(left: fmpz_poly, right: fmpz_poly) -> fmpz_poly:
    """A positive multiple of minus the remainder of ``left`` by ``right``, with integer entries."""
    lead = right.leading_coefficient()
    power = left.degree() - right.degree() + 1
    power += power % 2  # an even power of the leading coefficient is positive
    return _primitive(-((left * lead**power) % right))


def _sequence(squarefree: fmpz_poly) -> list[fmpz_poly]:
    chain = [_primitive(squarefree), _primitive(squarefree.derivative())]
    while chain[-1].degree() > 0:
        chain.append(_negated_remainder(chain[-2], chain[-1]))
    return chain


def _changes(chain: list[fmpz_poly], point: Fraction) -> int:
    signs = [s for s in (sign_at(part, point) for part in chain) if s]
    return sum(a != b for a, b in pairwise(signs))


def count_roots(squarefree: fmpz_poly, low: Fraction, high: Fraction) -> int:
    """Count the roots of a polynomial without multiple roots in ``low < t <= high``.

    Args:
        squarefree: integer coefficients, not zero.
        low: lower end.
        high: upper end, above ``low``.

    Returns:
        The number of roots.

    Example:
        >>> count_roots(fmpz_poly([-1, 0, 2]), Fraction(0), Fraction(1))
        1
    """
    chain = _sequence(squarefree)
    return _changes(chain, low) - _changes(chain, high)


def _sign_changing(polynomial: fmpz_poly) -> fmpz_poly:
    """The product of the squarefree factors of odd multiplicity."""
    found = fmpz_poly([1])
    for factor, multiplicity in polynomial.factor_squarefree()[1]:
        if multiplicity % 2:
            found *= factor
    return found


def is_nonnegative(polynomial: fmpq_poly, low: Fraction, high: Fraction) -> bool:
    """Decide whether a polynomial is nowhere negative on a closed interval.

    Args:
        polynomial: rational coefficients.
        low: lower end.
        high: upper end, above ``low``.

    Returns:
        The decision, which is exact.

    Example:
        >>> is_nonnegative(fmpq_poly([1, -2, 1]), Fraction(-2), Fraction(2))
        True
        >>> is_nonnegative(fmpq_poly([0, 0, -1, 1]), Fraction(1, 2), Fraction(2))
        False
    """
    integers = _primitive(polynomial.numer())
    if integers.degree() < 0:
        return True
    if count_roots(_inner(integers, low, high), low, high):
        return False
    return sign_at(integers, _split(integers, low, high)) > 0


def negative_point(polynomial: fmpq_poly, low: Fraction, high: Fraction) -> Fraction | None:
    """Look for a rational point of an interval at which a polynomial is negative.

    Args:
        polynomial: rational coefficients.
        low: lower end.
        high: upper end, above ``low``.

    Returns:
        Such a point; None where there is none, or where it takes more than 200 halvings to find.

    Example:
        >>> print(negative_point(fmpq_poly([0, 0, -1, 1]), Fraction(0), Fraction(2)))
        4/5
    """
    if is_nonnegative(polynomial, low, high):
        return None
    integers = _primitive(polynomial.numer())
    chain = _sequence(_inner(integers, low, high))
    for _ in range(_MOST_HALVINGS):
        point = _split(integers, low, high)
        if sign_at(integers, point) < 0:
            return point
        # the polynomial is positive at the point, so that on one side it changes sign
        left = _changes(chain, low) > _changes(chain, point)
        low, high = (low, point) if left else (point, high)
    return None


def _inner(polynomial: fmpz_poly, low: Fraction, high: Fraction) -> fmpz_poly:
    """What changes the sign inside an open interval; not zero at its ends."""
    found = _sign_changing(polynomial)
    for end in (low, high):
        if sign_at(found, end) == 0:
            found = found // fmpz_poly([-end.numerator, end.denominator])
    return found


def _split(polynomial: fmpz_poly, low: Fraction, high: Fraction) -> Fraction:
    """A point inside an interval that is no root: one of more points than there are roots."""
    parts = polynomial.degree() + 2
    for j in sorted(range(1, parts), key=lambda j: abs(2 * j - parts)):
        point = low + (high - low) * j / parts
        if sign_at(polynomial, point):
            return point
    raise AssertionError("a polynomial has no more roots than its degree")
