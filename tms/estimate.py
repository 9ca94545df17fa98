"""The result type: a number, how far off it may be, and how it was obtained."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from theory.problem import Unsupported, is_symbolic
from tms.digits import as_fraction, decimal_text, error_text, exact_text

if TYPE_CHECKING:
    from theory.loss import ExpectedLoss

__all__ = ["Asked", "Estimate", "Method", "Tier"]

Tier: TypeAlias = Literal["exact", "enclosed", "float", "sampled"]
Method: TypeAlias = Literal["exact", "ball", "series", "sampling", "closed form"]
Asked: TypeAlias = Literal["auto", "exact", "ball", "series", "sampling"]
"""What ``method=`` takes."""


@dataclass(frozen=True)
class Estimate:
    """A number together with its error and with how it was obtained.

    What ``error`` means follows from ``tier``:

    ======== ==================================================== =======================
    tier     value                                                error
    ======== ==================================================== =======================
    exact    ``Fraction``, or a SymPy number or expression        0
    enclosed ``Fraction``, the midpoint of a ball                 radius, rigorous
    float    ``float``                                            bound on the error
    sampled  ``float``, the mean of a sample                      one standard error
    ======== ==================================================== =======================

    Args:
        value: the number.
        error: see the table.
        method: the route: ``"exact"``, ``"ball"``, ``"series"``, ``"sampling"``, or
            ``"closed form"`` for the baselines of a table.
        tier: how much the error promises, see the table.
        expected_loss: what ``theory`` returned, where it was asked: the polynomial in the density,
            each output's share, LaTeX.

    Example:
        >>> estimate = Estimate(0.02630513112391, 4e-15, "series", "float")
        >>> print(estimate)
        0.02630513112391 ± 4e-15 (series)
        >>> float(estimate)
        0.02630513112391
    """

    value: Any
    error: Fraction | float
    method: Method
    tier: Tier
    expected_loss: ExpectedLoss | None = field(default=None, repr=False, compare=False)

    def __float__(self) -> float:
        if is_symbolic(self.value):
            symbols = ", ".join(sorted(map(str, self.value.free_symbols)))
            raise Unsupported(f"value={self.value}: holds the symbols {symbols}; give them numbers")
        return self.value if isinstance(self.value, float) else float(as_fraction(self.value))

    def __str__(self) -> str:
        if self.tier == "exact":
            return f"{exact_text(self.value)} (exact)"
        meaning = ", standard error" if self.tier == "sampled" else ""
        return f"{self.digits()} ± {error_text(self.error)} ({self.method}{meaning})"

    def digits(self, at_most: int | None = None) -> str:
        """Write the value in decimal, with no digit that the error does not support.

        Args:
            at_most: at most this many significant digits.

        Returns:
            The digits alone.

        Example:
            >>> Estimate(Fraction(1, 3), 0, "exact", "exact").digits(at_most=4)
            '0.3333'
        """
        is_bound = self.tier != "sampled"
        return decimal_text(self.value, self.error, at_most=at_most, is_bound=is_bound)

    def rounded(self) -> tuple[float, float]:
        """Round the value to float64.

        Returns:
            The float, and its error with the rounding included.

        Example:
            >>> Estimate(Fraction(1, 2), 0, "exact", "exact").rounded()
            (0.5, 0.0)
        """
        number = float(self)
        if isinstance(self.value, float):
            return number, float(self.error)
        error = Fraction(self.error) + abs(as_fraction(self.value) - Fraction(number))
        return number, math.nextafter(float(error), math.inf) if error else 0.0

    @property
    def is_finite(self) -> bool:
        """Whether value and error are both finite numbers."""
        numbers = (self.value, self.error)
        return all(math.isfinite(number) for number in numbers if isinstance(number, float))
