r"""Moments ``mu_k = E u^k`` of the feature laws, exact.

| law | ``mu_k`` |
|---|---|
| U[a, b] | ``(b^{k+1} - a^{k+1}) / ((k + 1)(b - a))`` |
| constant 1 | 1 |
| Rademacher | 1 for even ``k``, 0 for odd |
| Exponential(1) | ``k!`` |
| N(0, 1) | ``(k - 1)!!`` for even ``k``, 0 for odd |
| abs N(0, 1) | ``(k - 1)!!`` for even ``k``, ``sqrt(2/pi) (k - 1)!!`` for odd |

Source: standard; NIST DLMF 5.2, 5.4.2 for the factorials.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from flint import arb, fmpq

from theory.problem import (
    Binary,
    CustomLaw,
    Exact,
    Exponential,
    FeatureLaw,
    HalfNormal,
    Normal,
    Rademacher,
    Uniform,
    Unsupported,
)

__all__ = ["law_moment_balls", "law_moments"]


def law_moments(law: FeatureLaw, top: int) -> list[Exact]:
    """Give ``E u^k`` for ``k = 0, ..., top``.

    Args:
        law: any feature law but ``HalfNormal``, whose odd moments are no rational numbers.
        top: the highest power.

    Returns:
        ``top + 1`` exact numbers: a ``Fraction`` each, or what a ``CustomLaw`` was given.

    Raises:
        Unsupported: ``HalfNormal``, or a ``CustomLaw`` that holds too few moments.

    Example:
        >>> law_moments(Uniform(-1, 1), 4)
        [Fraction(1, 1), Fraction(0, 1), Fraction(1, 3), Fraction(0, 1), Fraction(1, 5)]
    """
    if isinstance(law, HalfNormal) and top > 0:
        raise Unsupported(
            f"features={law!r}: odd moments hold sqrt(2/pi), which no exact field here has; "
            "ask for an enclosure (digits=30, method='ball')"
        )
    if isinstance(law, CustomLaw):
        if len(law.moments) < top:
            raise Unsupported(
                f"features={law!r}: {top} moments are needed, E u to E u^{top}, and the law gives "
                f"{len(law.moments)}; give it more"
            )
        return [Fraction(1), *law.moments[:top]]
    return [_moment(law, k) for k in range(top + 1)]


def _moment(law: FeatureLaw, k: int) -> Fraction:
    if isinstance(law, Uniform):
        low, high = Fraction(law.low), Fraction(law.high)
        return (high ** (k + 1) - low ** (k + 1)) / ((k + 1) * (high - low))
    if isinstance(law, Exponential):
        return Fraction(math.factorial(k))
    odd = k % 2 == 1
    if isinstance(law, (Binary, Rademacher)):
        return Fraction(0 if odd and isinstance(law, Rademacher) else 1)
    if isinstance(law, Normal):
        return Fraction(0 if odd else _double_factorial(k - 1))
    raise Unsupported(f"features={law!r}: its moments are not known")


def _double_factorial(k: int) -> int:
    return math.prod(range(k, 0, -2))


def law_moment_balls(law: FeatureLaw, top: int) -> list[Any]:
    """Enclose ``E u^k`` for ``k = 0, ..., top`` at the current precision.

    Args:
        law: any feature law.
        top: the highest power.

    Returns:
        ``top + 1`` entries: balls for ``HalfNormal``, rationals otherwise.

    Example:
        >>> print(law_moment_balls(HalfNormal(), 2)[1])
        [0.797884560802865 +/- ...]
    """
    if not isinstance(law, HalfNormal):
        return [fmpq(mu.numerator, mu.denominator) for mu in law_moments(law, top)]
    odd = (arb(2) / arb.pi()).sqrt()
    return [_double_factorial(k - 1) * (odd if k % 2 else arb(1)) for k in range(top + 1)]
