"""Signs and zeros of real functions in ball arithmetic, and numbers to as many digits as asked.

A sign counts only where the ball leaves out zero; where it does not, ``Undecided`` asks for more
precision.

Source: Moore, Kearfott, Cloud 2009, "Introduction to Interval Analysis", SIAM, section 8.1
(interval Newton method); Johansson 2017, arXiv:1611.02831 (balls).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

from flint import arb, ctx

from theory.arithmetic.balls import Enclosure
from theory.problem import InputError, Unsupported
from theory.rows.vertices import Undecided

__all__ = [
    "MAX_DIGITS",
    "MAX_PRECISION",
    "checked_digits",
    "enclosed",
    "known_sign",
    "refined_zero",
    "sign",
]

MAX_DIGITS = 4000
MAX_PRECISION = 2**15
"""Bits of working precision after which a sign or a number of digits is given up."""


def known_sign(ball: arb) -> int:
    """Give the sign of a ball: 1 or -1, and 0 where it holds zero.

    Args:
        ball: any ball.

    Returns:
        The sign.

    Example:
        >>> known_sign(arb(-2)), known_sign(arb(0, 1))
        (-1, 0)
    """
    return 1 if ball > 0 else -1 if ball < 0 else 0


def sign(ball: arb) -> int:
    """Give the sign of a ball that leaves out zero.

    Args:
        ball: any ball.

    Returns:
        1 or -1.

    Raises:
        Undecided: the ball holds zero.

    Example:
        >>> sign(arb(3))
        1
    """
    found = known_sign(ball)
    if not found:
        raise Undecided(f"the sign of {ball} cannot be told")
    return found


def refined_zero(
    value: Callable[[arb], arb], slope: Callable[[arb], arb], low: arb, high: arb
) -> arb:
    """Enclose the only zero between two points, by bisection and the interval Newton method.

    Args:
        value: the function, continuously differentiable, of opposite signs at the two points.
        slope: its derivative, also for wide balls; not zero at the zero.
        low: lower end, exact.
        high: upper end, exact.

    Returns:
        A ball that holds the zero, about as small as the working precision allows.

    Raises:
        Undecided: a sign cannot be told at this precision.

    Example:
        >>> print(refined_zero(lambda x: x * x - 2, lambda x: 2 * x, arb(1), arb(2)).str(10))
        [1.414213562 +/- 3.74e-10]
    """
    below, found = sign(value(low)), low.union(high)
    while not known_sign(slope(found)):
        middle = ((low + high) / 2).mid()
        if not low < middle < high:
            raise Undecided(f"the slope at {found} cannot be told from 0")
        low, high = (middle, high) if sign(value(middle)) == below else (low, middle)
        found = low.union(high)
    while True:  # by the mean value theorem the zero is in `step` too
        middle = found.mid()
        step = middle - value(middle) / slope(found)
        smaller = found.intersection(step)
        if not smaller.rad() < found.rad() / 2:
            return smaller
        found = smaller


def checked_digits(digits: object) -> int:
    """Check a number of significant digits.

    Args:
        digits: from 1 to 4000.

    Returns:
        The number.

    Raises:
        InputError: something else.

    Example:
        >>> checked_digits(30)
        30
    """
    if isinstance(digits, bool) or not isinstance(digits, int) or not 1 <= digits <= MAX_DIGITS:
        raise InputError(f"digits={digits!r}: must be a whole number from 1 to {MAX_DIGITS}")
    return digits


def enclosed(digits: object, compute: Callable[[], Sequence[arb]]) -> list[Enclosure]:
    """Raise the working precision until every number has the digits asked for.

    Args:
        digits: correct significant digits, from 1 to 4000.
        compute: gives the numbers at the current precision; none of them is zero.

    Returns:
        Enclosures with radii of at most ``10^-digits`` of the numbers.

    Raises:
        InputError: ``digits`` out of range.
        Unsupported: not reached at the highest precision.

    Example:
        >>> print(enclosed(5, lambda: [arb.pi()])[0].radius < 10**-5)
        True
    """
    wanted = checked_digits(digits)
    precision = 64 + 4 * wanted
    while precision <= 2 * MAX_PRECISION:
        with ctx.workprec(precision), suppress(Undecided):
            balls = compute()
            if all(_has_digits(ball, wanted) for ball in balls):
                return [Enclosure.of(ball) for ball in balls]
        precision *= 2
    raise Unsupported(f"digits={digits}: not reached at {MAX_PRECISION} bits; ask for fewer")


def _has_digits(ball: arb, digits: int) -> bool:
    return bool(ball.is_finite() and ball.rad() * arb(10) ** digits <= abs(ball.mid()))
