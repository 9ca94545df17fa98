r"""Numbers without an exact field, for exponential features: undecided ties and signs.

Balls of slopes that overlap may be one number or two, and one around 0 may be 0. Such a row is
computed for a neighbour with decided ties and signs: overlapping slopes become one, those that may
be 0 become 0, as does the bias. What that moves is bounded, and the bound shrinks with the balls.

Features are not negative here. With ``|y - y'| <= D = beta + sum_j delta_j x_j``, and both ``|y|``
and ``|y'|`` at most ``Y = B + sum_j A_j x_j``, convexity gives for ``r >= 1``

.. math:: |E[w (y)_+^r] - E[w (y')_+^r]| \le r E[w D Y^{r-1}] \le E[w (Y + D)^r] - E[w Y^r] .

For ``r = 0`` the signs of ``y`` and ``y'`` must differ. Where a feature of slope ``|a| >= alpha``
is active, the density of ``u^s e^{-u}`` is at most ``s!``, so that this has at most ``E[w D] /
alpha``. Where none is, it has at most ``E[w D] / |b|`` (Markov) for a decided bias, and
otherwise all of ``E w`` over these sets: an atom that may lie at the kink stays undecided.

Source: own derivation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flint import arb

from theory.rows.residues import Origin, Weights
from theory.rows.row import UnitMasses

__all__ = ["SnappedRow"]


class SnappedRow:
    """The neighbour of a row of balls whose ties and signs are decided.

    Args:
        field: ``theory.arithmetic.balls.BallVertices``.
        units: without sets of mass zero.
        bias: a ball.
        slopes: balls.

    Attributes:
        bias: 0 where its sign was not decided.
        slopes: for active features equal, or with different balls.

    Example:
        >>> from theory.arithmetic.balls import BallVertices
        >>> unit = UnitMasses(arb(0), (((0, 1), arb(1)),))
        >>> third = arb(1) / 3  # not exact: two of them may differ
        >>> snapped = SnappedRow(BallVertices(), [unit], arb(-1), [third, third])
        >>> bool(snapped.slopes[0] == snapped.slopes[1]), bool(snapped.slack({}, 1) < 1e-15)
        (True, True)
    """

    def __init__(
        self, field: Any, units: Sequence[UnitMasses], bias: arb, slopes: Sequence[arb]
    ) -> None:
        self._field, self._units = field, units
        self._given_bias, self._given = bias, slopes
        self._active = sorted({j for unit in units for members, _ in unit.sets for j in members})
        self.bias = bias if bias > 0 or bias < 0 else arb(0)
        self.slopes = list(slopes)
        for j, slope in self._decided().items():
            self.slopes[j] = slope
        self._shift = (bias - self.bias).abs_upper() if self.bias is not bias else arb(0)
        self._shifts = [
            arb(0) if new is old else (old - new).abs_upper()
            for old, new in zip(slopes, self.slopes, strict=True)
        ]

    def _decided(self) -> dict[int, arb]:
        """The slopes that change, with what they become."""
        given, found = self._given, {}
        moving = []
        for j in self._active:
            if given[j].contains(0):
                found[j] = arb(0)
            else:
                moving.append(j)
        clusters: list[tuple[list[int], arb]] = []
        for j in sorted(moving, key=lambda j: given[j].lower()):
            if clusters and clusters[-1][1].overlaps(given[j]):
                here, hull = clusters.pop()
                clusters.append(([*here, j], hull.union(given[j])))
            else:
                clusters.append(([j], given[j]))
        for here, hull in clusters:
            if len(here) > 1:
                found.update(dict.fromkeys(here, hull.mid()))
        return found

    def slack(self, by_unit: Mapping[int, Weights], r: int) -> arb:
        """Bound by how much a moment of the neighbour differs from the moment asked for.

        Args:
            by_unit: exponents by feature, listed by unit.
            r: power of ``(y)_+``.

        Returns:
            A number at least 0.
        """
        if bool(self._shift == 0) and all(bool(shift == 0) for shift in self._shifts):
            return arb(0)
        if r == 0:
            return self._slack_of_sign(by_unit)
        bound = self._given_bias.abs_upper() + self._shift
        bounds = [a.abs_upper() + shift for a, shift in zip(self._given, self._shifts, strict=True)]
        wider = [a + shift for a, shift in zip(bounds, self._shifts, strict=True)]
        widest = self._moment(bound + self._shift, wider, by_unit, r)
        return (widest - self._moment(bound, bounds, by_unit, r)).abs_upper()

    def _slack_of_sign(self, by_unit: Mapping[int, Weights]) -> arb:
        moved = self._moment(self._shift, self._shifts, by_unit, 1)
        total = arb(0)
        steep = [self._given[j].abs_lower() for j in self._active if not self._is_still(j)]
        if steep:
            total += moved / min(steep)
        if not bool(self.bias == 0):
            total += moved / self.bias.abs_lower()
        else:
            total += self._still_mass(by_unit)
        return total.abs_upper()

    def _is_still(self, j: int) -> bool:
        return bool(self.slopes[j] == 0)

    def _still_mass(self, by_unit: Mapping[int, Weights]) -> arb:
        """``E w`` over the sets of active features that do not move the neighbour."""
        units = [
            UnitMasses(
                unit.idle,
                tuple(pair for pair in unit.sets if all(self._is_still(j) for j in pair[0])),
            )
            for unit in self._units
        ]
        still = Origin(self._field, units, arb(0), [arb(0)] * len(self.slopes))
        return still.term(by_unit, 0)

    def _moment(
        self, bias: arb, slopes: Sequence[arb], by_unit: Mapping[int, Weights], r: int
    ) -> arb:
        """``E[w y^r]`` of another row with the same masses."""
        return Origin(self._field, self._units, bias, slopes).term(by_unit, r)
