r"""Moments ``E[w (y)_+^r]`` of one output for exponential features, by residues.

For ``y = b + sum_j a_j x_j`` and ``w = prod_j x_j^{s_j}``, with features ``Exponential(1)`` where
active, the transform ``M(z) = E[w e^{zy}]`` is ``e^{bz}`` times a product over independent units

.. math::
    \text{idle} + \sum_S \text{mass}_S \prod_{j \in S} \frac{s_j!}{(1 - a_j z)^{1 + s_j}},
    \qquad
    E[w\,(y)_+^r] = \frac{r!}{2 \pi i} \int_{c - i\infty}^{c + i\infty}
        \frac{M(z)}{z^{r+1}} \, dz,

with ``0 < c`` and ``c a_j < 1``. Where ``b <= 0`` the integral closes on the right, around the
poles ``1/a_j`` of positive slopes; where ``b > 0`` on the left, around those of negative slopes and
around the origin, whose residue is ``E[w y^r]``. What no feature moves is ``(b)_+^r``, which is the
moment itself for ``b > 0`` and nothing for ``b <= 0``, strictly; all else decays like ``1/z``, so
that both sides may be closed at ``b = 0`` too. In ``t = 1 - a z`` the pole of slope ``a`` gives

.. math::
    \pm\, r!\, a^r e^{b/a} \, [t^{-1}]\; e^{-bt/a} (1 - t)^{-(r+1)} \prod_{\text{units}} (\ldots),
    \qquad \frac{1}{1 - a_j z} = \frac{a}{(a - a_j) + a_j t} .

Equal slopes share one pole of higher order: they are merged exactly, and every product is a
truncated power series. ``n`` features take ``O(n^2)`` short products for all moments of a gradient.

Source: own derivation; the inversion integral is NIST DLMF 1.14(iii).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flint import arb

from theory.arithmetic.underflow import without_tiny
from theory.rows.residues import Origin, Pole, Weights
from theory.rows.row import Row, UnitMasses
from theory.rows.snapping import SnappedRow

__all__ = ["ExponentialRow", "exponential_moment"]


class ExponentialRow:
    """One output with exponential features; what its moments share is computed once.

    All moments of one object belong to the working precision at which the first was asked for.

    Args:
        field: ``ExactVertices`` of ``theory.arithmetic.balls``, or ``BallVertices`` without a
        field.
        row: the output; masses need not sum to one.

    Example:
        >>> from flint import fmpq
        >>> from theory.arithmetic.balls import ExactVertices
        >>> from theory.arithmetic.fields import Rationals
        >>> from theory.problem import Exponential, ReLU
        >>> unit = UnitMasses(fmpq(1, 2), (((0,), fmpq(1, 2)),))
        >>> row = Row(0, [fmpq(1)], fmpq(-1), [unit], Exponential(), ReLU())
        >>> ExponentialRow(ExactVertices(Rationals()), row).moment({}, 1)  # e^(-1) / 2
        [0.183939720585721 +/- ...]
    """

    def __init__(self, field: Any, row: Row) -> None:
        # the target comes first: products with it weighted serve all other features
        given = sorted(row.units, key=lambda unit: row.index not in _features(unit))
        self._unit_of = {j: u for u, unit in enumerate(given) for j in _features(unit)}
        units = [
            UnitMasses(unit.idle, tuple(pair for pair in unit.sets if not bool(pair[1] == 0)))
            for unit in given
        ]
        bias, slopes = row.bias, row.slopes
        self._snapped = None if field.ordered else SnappedRow(field, units, bias, slopes)
        if self._snapped is not None:
            bias, slopes = self._snapped.bias, self._snapped.slopes
        self._zero, on_right = field.element(0), not bias > 0
        groups = _groups(units, slopes, on_right)
        self._poles = [Pole(field, units, bias, slopes, here) for here in groups]
        self._origin = None if on_right else Origin(field, units, bias, slopes)

    def moment(self, weights: Weights, r: int) -> arb:
        """Give ``E[prod_j x_j^weights[j] (y)_+^r]``, ``(y)_+^0`` the indicator of ``y > 0``.

        Args:
            weights: exponents by feature.
            r: a power, at least 0.

        Returns:
            A ball at the working precision.
        """
        constant, poles = self.parts(weights, r)
        total = arb(constant) + sum((c * rate.exp() for rate, c in poles), arb(0))
        if self._snapped is None:
            return without_tiny(total)
        slack = self._snapped.slack(self._by_unit(weights), r)
        return without_tiny(total + (-slack).union(slack))

    def parts(self, weights: Weights, r: int) -> tuple[Any, list[tuple[Any, Any]]]:
        """Give a moment as ``constant + sum_k c_k e^{rate_k}``.

        Args:
            weights: exponents by feature.
            r: a power, at least 0.

        Returns:
            The constant, and pairs of a rate and its coefficient.
        """
        by_unit = self._by_unit(weights)
        poles = [(pole.rate, pole.term(by_unit, r)) for pole in self._poles]
        if self._origin is None:
            return self._zero, poles
        return self._origin.term(by_unit, r), [(rate, -c) for rate, c in poles]

    def _by_unit(self, weights: Weights) -> dict[int, dict[int, int]]:
        found: dict[int, dict[int, int]] = {}
        for j, power in weights.items():
            if power:
                found.setdefault(self._unit_of[j], {})[j] = power
        return found


def _features(unit: UnitMasses) -> set[int]:
    return {j for members, _ in unit.sets for j in members}


def _groups(units: Sequence[UnitMasses], slopes: Sequence[Any], on_right: bool) -> list[list[int]]:
    """Active features by equal slopes, for the slopes on the side that is closed."""
    found: list[list[int]] = []
    for j in sorted(set().union(*(_features(unit) for unit in units))):
        if not (slopes[j] > 0 if on_right else slopes[j] < 0):
            continue
        here = next((here for here in found if bool(slopes[here[0]] == slopes[j])), None)
        if here is None:
            found.append([j])
        else:
            here.append(j)
    return found


def exponential_moment(field: Any, row: Row, weights: Weights, r: int) -> arb:
    """Give ``E[prod_j x_j^weights[j] (y)_+^r]`` for exponential features.

    Args:
        field: ``ExactVertices`` of ``theory.arithmetic.balls``, or ``BallVertices`` without a
        field.
        row: the output; masses need not sum to one.
        weights: exponents by feature.
        r: a power, at least 0; ``(y)_+^0`` is the indicator of ``y > 0``.

    Returns:
        A ball at the working precision.

    Example:
        >>> from flint import fmpq
        >>> from theory.arithmetic.balls import ExactVertices
        >>> from theory.arithmetic.fields import Rationals
        >>> from theory.problem import Exponential, ReLU
        >>> unit = UnitMasses(fmpq(0), (((0,), fmpq(1)),))
        >>> row = Row(0, [fmpq(2)], fmpq(0), [unit], Exponential(), ReLU())
        >>> print(exponential_moment(ExactVertices(Rationals()), row, {0: 1}, 1))  # E[u 2u]
        4.00000000000000
    """
    return ExponentialRow(field, row).moment(weights, r)
