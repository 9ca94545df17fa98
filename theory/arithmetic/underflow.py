"""Numbers of balls that are too small to be written out, such as ``e^(-10^12)``."""

from __future__ import annotations

from flint import arb

__all__ = ["without_tiny"]

SMALLEST_EXPONENT = -(2**16)


def without_tiny(ball: arb) -> arb:
    r"""Widen a ball so that nothing in it is smaller than ``2^-65536 = 2.5 10^{-19729}``.

    FLINT's exponents have any size, but a fraction with a denominator of ``2^(10^12)`` does not fit
    into memory. Zero stays exactly zero.

    Args:
        ball: any ball.

    Returns:
        A ball that holds it.

    Example:
        >>> without_tiny(arb(-(10**12)).exp()).str(2), without_tiny(arb(0)).str(2)
        ('[+/- 5.00e-19729]', '0')
    """
    if bool(ball == 0):
        return ball
    least = arb(2) ** SMALLEST_EXPONENT
    if ball.abs_upper() < least:
        return arb(0, least)
    tiny_radius = not ball.is_exact() and ball.rad() < least
    return ball + arb(0, least) if tiny_radius else ball
