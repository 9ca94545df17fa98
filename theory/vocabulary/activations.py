r"""The activations, by name and power: part of the vocabulary.

Every activation has a ``shape`` and a ``power`` ``q``:

* ``"power"``: ``sigma(t) = t^q`` (``Identity`` is ``q = 1``; the seed's model has odd ``q``),
* ``"abs"``: ``sigma(t) = |t|^q``,
* ``"relu"``: ``sigma(t) = max(t, 0)^q`` (``ReLU`` is ``q = 1``).
"""

from __future__ import annotations

import numbers
from dataclasses import dataclass
from typing import ClassVar

from theory.vocabulary.scalars import InputError

__all__ = ["AbsPower", "Activation", "Identity", "Power", "ReLU", "ReLUPower"]

MAX_POWER = 12


class Activation:
    """What every activation says about itself.

    Attributes:
        shape: ``"power"``, ``"abs"`` or ``"relu"``.
        power: ``q``, at least 1.
    """

    shape: ClassVar[str]
    power: int

    @property
    def is_polynomial(self) -> bool:
        """Whether ``sigma`` is a polynomial: ``t^q``, and ``|t|^q`` for even ``q``."""
        return self.shape == "power" or (self.shape == "abs" and self.power % 2 == 0)

    def _check(self) -> None:
        q = self.power
        if isinstance(q, bool) or not isinstance(q, numbers.Integral) or not 1 <= q <= MAX_POWER:
            raise InputError(f"power={q!r}: must be a whole number from 1 to {MAX_POWER}")
        object.__setattr__(self, "power", int(q))


@dataclass(frozen=True)
class ReLU(Activation):
    """The activation ``sigma(t) = max(t, 0)`` (Elhage et al. 2022, section 2)."""

    shape: ClassVar[str] = "relu"
    power: ClassVar[int] = 1  # type: ignore[misc]

    def __str__(self) -> str:
        return "ReLU"


@dataclass(frozen=True)
class Identity(Activation):
    """The activation ``sigma(t) = t``: the linear model (Elhage et al. 2022, section 2)."""

    shape: ClassVar[str] = "power"
    power: ClassVar[int] = 1  # type: ignore[misc]

    def __str__(self) -> str:
        return "Identity"


@dataclass(frozen=True)
class Power(Activation):
    """The activation ``sigma(t) = t^q`` (arXiv:2606.18538, section 2, for odd ``q``).

    Args:
        power: ``q``, a whole number from 1 to 12.

    Example:
        >>> print(Power(3))
        t^3
    """

    power: int
    shape: ClassVar[str] = "power"

    def __post_init__(self) -> None:
        self._check()

    def __str__(self) -> str:
        return f"t^{self.power}"


@dataclass(frozen=True)
class AbsPower(Activation):
    """The activation ``sigma(t) = |t|^q``.

    Args:
        power: ``q``, a whole number from 1 to 12.
    """

    power: int
    shape: ClassVar[str] = "abs"

    def __post_init__(self) -> None:
        self._check()

    def __str__(self) -> str:
        return f"|t|^{self.power}"


@dataclass(frozen=True)
class ReLUPower(Activation):
    """The activation ``sigma(t) = max(t, 0)^q``.

    Args:
        power: ``q``, a whole number from 1 to 12.
    """

    power: int
    shape: ClassVar[str] = "relu"

    def __post_init__(self) -> None:
        self._check()

    def __str__(self) -> str:
        return f"(t)_+^{self.power}"
