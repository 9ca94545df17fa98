r"""Powers, roots and logarithms by balls, with their values where they are real alone.

``x^a`` with a broken ``a`` has a branch cut along the negative numbers and is not smooth at zero.
Quadrature asks for a value on a complex box, and whether the function is analytic there; only what
is analytic, or an enclosure, may be answered. On a box that holds zero
:math:`|z^a| = |z|^a \le r^a` for :math:`a > 0` and :math:`|z| \le r` encloses the power. What is
not finite is never wrong.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from flint import acb, arb

from derivations.checking.ball_values import NOWHERE, BallEvaluator, ball
from derivations.checking.stops import NotExact, NoValue

__all__ = ["logarithm", "raised", "root"]

MAX_POWER = 10_000


def raised(self: BallEvaluator, base: Any, exponent: Any) -> Any:
    """Give a power."""
    if isinstance(exponent, Fraction) and exponent.denominator == 1:
        return _whole(base, int(exponent))
    if isinstance(base, Fraction):
        if base == 0:
            return _zero_to(exponent)
        if base < 0:
            return _negative_to(exponent)
        return ball(base) ** ball(exponent)
    if isinstance(base, acb) or isinstance(exponent, acb):
        return _complex_power(self, acb(base), ball(exponent))
    return _real_power(base, exponent)


def _whole(base: Any, exponent: int) -> Any:
    if abs(exponent) > MAX_POWER:
        raise NotExact(f"a power above {MAX_POWER}")
    if isinstance(base, Fraction):
        if base == 0 and exponent < 0:
            raise NoValue("division by zero")
        return base**exponent
    return _by_squaring(base, exponent)


def _by_squaring(base: Any, exponent: int) -> Any:
    """``**`` takes the logarithm of a ball that holds zero."""
    if exponent < 0:
        return 1 / _by_squaring(base, -exponent)
    total, square = base * 0 + 1, base
    while exponent:
        if exponent % 2:
            total = total * square
        square, exponent = square * square, exponent // 2
    return total


def _zero_to(exponent: Any) -> Any:
    """A power of zero jumps where its exponent changes its sign: it is 1 at 0 and 0 above."""
    size = exponent.real if isinstance(exponent, acb) else exponent
    if size > 0:
        return Fraction(0)
    if size < 0:
        raise NoValue("division by zero")
    raise NotExact("zero to a power whose sign balls do not decide")


def _negative_to(exponent: Any) -> Any:
    if isinstance(exponent, acb) or (isinstance(exponent, arb) and exponent.contains_integer()):
        raise NotExact("a power of a negative number that balls do not decide")
    raise NoValue("a broken power of a negative number")


def _real_power(base: Any, exponent: Any) -> Any:
    if base > 0:
        return base ** ball(exponent)
    if base < 0:
        return _negative_to(exponent)
    if not exponent > 0:
        raise NotExact("a power of a number that balls do not tell from zero")
    most = (base.abs_upper() ** ball(exponent)).abs_upper()
    # of what may be negative a power has a value for broken exponents nowhere
    return arb(0).union(most) if isinstance(exponent, Fraction) else arb(0, most)


def _complex_power(self: BallEvaluator, base: Any, exponent: Any) -> Any:
    if base.real > 0:
        return base**exponent
    if isinstance(exponent, acb):
        return NOWHERE
    if not base.imag.contains(0):
        return base**exponent
    if self.analytic or _is_negative(base) or not exponent > 0:
        return NOWHERE
    return _around_zero(base, exponent)


def _is_negative(base: Any) -> bool:
    """Whether more of a box than rounding adds is negative, where there are no real values."""
    return bool(base.real.lower() * -1024 > base.real.upper())


def _around_zero(base: Any, exponent: Any) -> Any:
    """Enclose a power with a positive exponent on a box that holds zero."""
    most = (base.abs_upper() ** exponent).abs_upper()
    return acb(arb(0, most), arb(0, most))


def root(self: BallEvaluator, value: Any, degree: Any) -> Any:
    """Give the real root; that of an odd degree of negative numbers too."""
    if not isinstance(degree, Fraction) or degree.denominator != 1:
        raise NotExact("a root whose degree is open")
    k = int(degree)
    if k < 1:
        raise NoValue(f"a root of degree {k}")
    if k == 1 or (isinstance(value, Fraction) and value == 0):
        return value
    x = ball(value)
    if isinstance(x, acb):
        return _complex_root(self, x, k)
    if x > 0:
        return x.root(k)
    if x < 0:
        if k % 2 == 0:
            raise NoValue("an even root of a negative number")
        return -((-x).root(k))
    most = x.abs_upper().root(k).abs_upper()
    return arb(0, most) if k % 2 else arb(0).union(most)


def _complex_root(self: BallEvaluator, z: Any, k: int) -> Any:
    share = arb(1) / k
    if k % 2 == 0:
        if k == 2 and not _is_negative(z):
            return z.sqrt(analytic=self.analytic)
        return _complex_power(self, z, share)
    if z.real > 0:
        return z**share
    if z.real < 0:
        return -((-z) ** share)
    return NOWHERE if self.analytic else _around_zero(z, share)


def logarithm(self: BallEvaluator, value: Any) -> Any:
    """Give the logarithm of what is positive."""
    x = ball(value)
    if not isinstance(x, acb):
        if x <= 0:
            raise NoValue("the logarithm of a number that is not positive")
        return x.log()
    return x.log() if x.real > 0 or not x.imag.contains(0) else NOWHERE
