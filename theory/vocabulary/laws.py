r"""The laws of an active feature, by name and parameters: part of the vocabulary.

A feature is ``x_i = B_i u_i``: ``B_i`` says whether it is active, ``u_i`` comes from its law. Here
a law is a name with its parameters; each side of the project derives its own moments, transforms
and integrals from that. Laws stand at unit scale. A feature ``s u`` is the feature ``u`` with the
weights rescaled: ``G`` stays and ``b`` becomes ``b / s`` for ReLU and the identity, where the loss
is ``s^2`` times as large.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from theory.vocabulary.scalars import Exact, InputError, exact_number, is_symbolic

__all__ = [
    "Binary",
    "CustomLaw",
    "Exponential",
    "FeatureLaw",
    "HalfNormal",
    "Normal",
    "Rademacher",
    "Uniform",
]


class FeatureLaw:
    """What every law says about itself.

    Attributes:
        is_symmetric: whether ``-u`` has the law of ``u``.
        is_discrete: whether ``u`` takes finitely many values.
    """

    is_symmetric = False
    is_discrete = False


def _rational(value: object, name: str) -> Any:
    number = exact_number(value, name)
    if not isinstance(number, Fraction):
        raise InputError(f"{name}={value}: must be a rational number")
    return number.numerator if number.denominator == 1 else number


@dataclass(frozen=True)
class Uniform(FeatureLaw):
    """Uniform on ``[low, high]``; ``Uniform(0, 1)`` is the law of Elhage et al. 2022, section 2.

    Args:
        low: lower end, a rational number.
        high: upper end, a rational number above ``low``.

    Raises:
        InputError: ends that are not rational numbers in ascending order.

    Example:
        >>> Uniform(0, 1)
        Uniform(low=0, high=1)
        >>> print(Uniform(-1, "0.5"))
        U[-1, 1/2]
    """

    low: Exact = 0
    high: Exact = 1

    def __post_init__(self) -> None:
        low, high = _rational(self.low, "low"), _rational(self.high, "high")
        if not low < high:
            raise InputError(f"low={low}, high={high}: low must be below high")
        object.__setattr__(self, "low", low)
        object.__setattr__(self, "high", high)

    @property
    def is_symmetric(self) -> bool:  # type: ignore[override]
        """Whether the interval is centred."""
        return bool(self.low == -self.high)

    def __str__(self) -> str:
        return f"U[{self.low}, {self.high}]"


@dataclass(frozen=True)
class Binary(FeatureLaw):
    """The constant 1: a feature is 0 or 1."""

    is_discrete = True

    def __str__(self) -> str:
        return "the constant 1"


@dataclass(frozen=True)
class Rademacher(FeatureLaw):
    """``-1`` or ``1``, each with probability one half."""

    is_symmetric = True
    is_discrete = True

    def __str__(self) -> str:
        return "Rademacher"


@dataclass(frozen=True)
class Exponential(FeatureLaw):
    """The exponential law of mean 1, density ``e^(-u)`` on ``u > 0``."""

    def __str__(self) -> str:
        return "Exponential(1)"


@dataclass(frozen=True)
class Normal(FeatureLaw):
    """The standard normal law."""

    is_symmetric = True

    def __str__(self) -> str:
        return "N(0, 1)"


@dataclass(frozen=True)
class HalfNormal(FeatureLaw):
    """The law of ``|z|`` for a standard normal ``z``."""

    def __str__(self) -> str:
        return "|N(0, 1)|"


@dataclass(frozen=True)
class CustomLaw(FeatureLaw):
    r"""A law given by its moments and, for activations with a kink, its characteristic function.

    Args:
        name: what tables call it.
        moments: ``E u, E u^2, ..., E u^K``, exact numbers; a power ``q`` needs ``K >= 2 q``.
        characteristic_function: ``t -> E e^{itu}`` on arrays of floats, complex values.
        derivative: ``t -> d/dt E e^{itu} = i E[u e^{itu}]``, likewise.
        support: ends of an interval that holds ``u`` for sure, where there is one.
        sampler: ``(generator, shape) -> array`` of independent draws, for the sampling route.
        is_symmetric: whether ``-u`` has the law of ``u``; its odd moments must be 0.

    Raises:
        InputError: fewer than two moments, moments that no law has, or a symmetric law with an odd
            moment.

    Example:
        >>> print(CustomLaw("triangular", moments=[0, "1/6", 0, "1/15"], is_symmetric=True))
        triangular
    """

    name: str
    moments: Sequence[Exact] = field(repr=False)  # dozens of long numbers in every message
    characteristic_function: Callable[[Any], Any] | None = field(default=None, repr=False)
    derivative: Callable[[Any], Any] | None = field(default=None, repr=False)
    support: tuple[Exact, Exact] | None = None
    sampler: Callable[[Any, Any], Any] | None = field(default=None, repr=False)
    is_symmetric: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name.strip():
            raise InputError(f"name={self.name!r}: must be a text")
        listed = [exact_number(mu, f"moments[{k}]") for k, mu in enumerate(self.moments)]
        if len(listed) < 2:
            raise InputError(f"moments: has {len(listed)} entries; give E u, E u^2 and on")
        if any(is_symbolic(mu) for mu in listed):
            raise InputError("moments: must be numbers, not symbols")
        if listed[1] <= 0 or listed[1] < listed[0] ** 2:
            raise InputError(
                f"moments: E u = {listed[0]}, E u^2 = {listed[1]}: must have E u^2 > 0 and "
                "E u^2 >= (E u)^2"
            )
        if self.is_symmetric and any(mu != 0 for mu in listed[::2]):
            raise InputError("is_symmetric=True: the odd moments E u, E u^3, ... must be 0")
        object.__setattr__(self, "moments", tuple(listed))
        if self.support is not None:
            low, high = (_rational(end, "support") for end in self.support)
            if not low < high:
                raise InputError(f"support=({low}, {high}): low must be below high")
            object.__setattr__(self, "support", (low, high))

    def __str__(self) -> str:
        return self.name
