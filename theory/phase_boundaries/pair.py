r"""An antipodal pair ``W = (w, -v)`` with biases ``(b, c)``: the loss and its derivatives in balls.

.. math:: L = r(w^2, wv, b) + I\, r(v^2, wv, c)

Dedicating the dimension to the first feature loses ``I (p/3 - p^2/4)``.

Source: own derivation; the loss of one output is ``theory.phase_boundaries.rows``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from flint import arb, arb_mat

from theory.phase_boundaries.rows import Output, output

__all__ = ["Pair", "leading_minors", "pair", "variance", "variance_slope"]


def variance(p: arb) -> arb:
    """Enclose ``p/3 - p^2/4``, the variance of a feature."""
    return p / 3 - p * p / 4


def variance_slope(p: arb) -> arb:
    """Enclose the derivative of the variance by the density."""
    return (2 - 3 * p) / 6


@dataclass(frozen=True)
class Pair:
    """Two outputs; derivatives by ``w``, ``v``, ``b`` and ``c`` in this order.

    Attributes:
        first: the output of importance 1.
        second: the other one, without its importance.
        importance: of the second feature.
    """

    first: Output
    second: Output
    importance: arb

    @cached_property
    def value(self) -> arb:
        """The loss."""
        return self.first.value + self.importance * self.second.value

    @cached_property
    def gradient(self) -> list[arb]:
        """First derivatives."""
        pairs = zip(_spread(self.first.slope, 0), self.by_importance, strict=True)
        return [x + self.importance * y for x, y in pairs]

    @cached_property
    def by_importance(self) -> list[arb]:
        """Derivatives of the gradient by the importance."""
        return _spread(self.second.slope, 1)

    @cached_property
    def hessian(self) -> list[list[arb]]:
        """Second derivatives."""
        found = [[arb(0)] * 4 for _ in range(4)]
        for places, bend, weight in (
            (_PLACES[0], self.first.bend, arb(1)),
            (_PLACES[1], self.second.bend, self.importance),
        ):
            for i, row in zip(places, bend, strict=True):
                for j, entry in zip(places, row, strict=True):
                    found[i][j] = found[i][j] + weight * entry
        return found

    @cached_property
    def by_density(self) -> list[arb]:
        """Derivatives of the gradient by the density."""
        pairs = zip(_spread(self.first.tilt, 0), _spread(self.second.tilt, 1), strict=True)
        return [x + self.importance * y for x, y in pairs]

    @cached_property
    def rise(self) -> arb:
        """The derivative of the loss by the density."""
        return self.first.rise + self.importance * self.second.rise


_PLACES = ((0, 1, 2), (1, 0, 3))


def _spread(slope: Sequence[arb], which: int) -> list[arb]:
    found = [arb(0)] * 4
    for place, entry in zip(_PLACES[which], slope, strict=True):
        found[place] = entry
    return found


def pair(at: Sequence[arb], p: arb, importance: arb) -> Pair:
    """Evaluate an antipodal pair.

    Args:
        at: ``w``, ``v``, ``b``, ``c``, all positive.
        p: density.
        importance: of the second feature.

    Returns:
        The loss and its derivatives, enclosed.

    Example:
        >>> found = pair([arb(1), arb(1), arb("1e-30"), arb("1e-30")], arb("0.5"), arb(1))
        >>> print(found.value.str(8, radius=False))
        0.083333333
    """
    w, v, b, c = at
    return Pair(output(w, v, b, p), output(v, w, c, p), importance)


def leading_minors(matrix: list[list[arb]]) -> list[arb]:
    """Enclose the leading principal minors, all positive where a matrix is positive definite."""
    return [arb_mat([row[:k] for row in matrix[:k]]).det() for k in range(1, len(matrix) + 1)]
