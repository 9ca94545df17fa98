r"""Moments ``E[w (y)_+^r]`` of one output for normal features, set by set of active features.

With the active features known, ``y = b + sum_j a_j x_j`` is ``N(b, V)``, ``V = sum_j a_j^2`` over
them. By Stein's lemma, ``E[x_j f(y)] = a_j E f'(y)``, weights become derivatives:

.. math::
    E\Bigl[\prod_j x_j^{s_j} f(y)\Bigr] = E\Bigl[\prod_j H_{s_j}(a_j D) f(y)\Bigr], \qquad
    H_s(t) = \sum_k \frac{s!}{2^k k!\,(s - 2k)!} t^{s-2k},

so that ``H_1(t) = t`` and ``H_2(t) = 1 + t^2``. The derivatives of ``(y)_+^r`` are ``r! J_{r-d}``,

.. math::
    J_e = \frac{E (y)_+^e}{e!} \ (e \ge 0), \qquad
    J_0 = \tfrac12 \operatorname{erfc}\frac{-b}{\sqrt{2V}}, \quad
    J_{-1} = \frac{e^{-b^2 / 2V}}{\sqrt{2 \pi V}}, \quad
    e J_e = b J_{e-1} + V J_{e-2} .

The last line holds for every whole ``e``: below zero ``J_{-1-k}`` is ``(-1)^k`` times the ``k``-th
derivative of the density of ``y`` at 0. Where ``V = 0`` no weighted slope differs from 0, so that
``J_e = (b)_+^e / e!`` with ``e >= 0`` is all that enters; ``(0)_+^0 = 0``.

Sets of active features with one and the same ``V`` are merged exactly. Unlike a piecewise
polynomial, ``J_e`` of a sum does not split over two halves of the features, so that the cost is the
number of different ``V``.

Source: own derivation; Stein 1981, "Estimation of the mean of a multivariate normal distribution",
Ann. Statist. 9, lemma 1; the recurrence is that of the repeated integrals of the complementary
error function, NIST DLMF 7.18(iii).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flint import arb

from theory.arithmetic.underflow import without_tiny
from theory.problem import Unsupported
from theory.rows.row import Row, UnitMasses
from theory.rows.vertices import Undecided

__all__ = ["GaussianRow", "gaussian_moment"]

Weights = Mapping[int, int]

MAX_VARIANCES = 2**16
"""Different variances of one row: 16 features whose Gram entries all differ."""


@dataclass(frozen=True)
class _Choice:
    """One active set of a unit, or none.

    Attributes:
        members: the active features.
        mass: of the set.
        places: for every variance before this unit, the place of the one that it leads to.
    """

    members: tuple[int, ...]
    mass: Any
    places: list[int]


@dataclass(frozen=True)
class _Step:
    """One unit: its features, its choices, and how many variances there are behind it."""

    features: frozenset[int]
    choices: list[_Choice]
    size: int


def _steps(
    field: Any, units: Sequence[UnitMasses], slopes: Sequence[Any]
) -> tuple[list[_Step], list[Any]]:
    """Take in the units one after another; return the steps and the variances of ``y``."""
    zero = slopes[0] * 0
    steps, variances = [], [zero]
    for unit in units:
        places: dict[Any, int] = {}
        found: list[Any] = []
        choices = []
        for members, mass in (((), unit.idle), *unit.sets):
            if bool(mass == 0):
                continue
            added = sum((slopes[j] * slopes[j] for j in members), zero)
            still = bool(added == 0)
            raised = [v if still else v + added for v in variances]
            at = [_place(v, places, found) for v in raised]
            choices.append(_Choice(members, field.element(1) * field.ball(mass), at))
        if len(found) > MAX_VARIANCES:
            raise Unsupported(
                f"n_features={len(slopes)}: normal features give one row more than "
                f"{MAX_VARIANCES} different variances, {MAX_VARIANCES.bit_length() - 1} features "
                "whose Gram entries all differ; use the series or sampling (method='series', "
                "method='sampling')"
            )
        features = frozenset(j for members, _ in unit.sets for j in members)
        steps.append(_Step(features, choices, len(found)))
        variances = found
    return steps, variances


def _place(variance: Any, places: dict[Any, int], found: list[Any]) -> int:
    """The place of a variance; equal ones share it, where equality is decided."""
    blurred = isinstance(variance, arb) and not variance.is_exact()
    key = ("blurred", id(variance)) if blurred else variance
    if key not in places:
        places[key] = len(found)
        found.append(variance)
    return places[key]


class GaussianRow:
    r"""One output with normal features; what its moments share is computed once.

    A moment with weighted features ``T`` sums ``mass J_e(V)`` over the choices in which all of
    ``T`` is active. Masses are carried forward over the units up to the last that holds a feature
    of ``T``, values ``J_e`` are carried backward to it, and both are kept: every further feature
    ``j`` costs one pass over one unit.

    All moments of one object belong to the working precision at which it was made.

    Args:
        field: ``ExactVertices`` of ``theory.arithmetic.balls``, or ``BallVertices`` without a
        field.
        row: the output; masses need not sum to one.

    Raises:
        Unsupported: more than ``2^16`` different variances.

    Example:
        >>> from flint import fmpq
        >>> from theory.arithmetic.balls import ExactVertices
        >>> from theory.arithmetic.fields import Rationals
        >>> from theory.problem import Normal, ReLU
        >>> unit = UnitMasses(fmpq(1, 2), (((0,), fmpq(1, 2)),))
        >>> row = Row(0, [fmpq(3)], fmpq(0), [unit], Normal(), ReLU())
        >>> found = GaussianRow(ExactVertices(Rationals()), row)
        >>> found.moment({}, 1)  # 3 / (2 sqrt(2 pi))
        [0.598413420602149 +/- ...]
        >>> found.moment({0: 1}, 1)  # E[x (3x)_+] = 3/2, half of the time
        0.750000000000000
    """

    def __init__(self, field: Any, row: Row) -> None:
        scale, (bias, *self._slopes) = field.clear([row.bias, *row.slopes])
        self._field, self._one, self._scale = field, field.element(1), scale
        self._bias = self._number(bias)
        # the target comes first: with it weighted, all other features are behind it
        units = sorted(row.units, key=lambda unit: not _holds(unit, row.index))
        self._steps, variances = _steps(field, units, self._slopes)
        self._variances = [self._number(v) for v in variances]
        self._sizes = [1, *(step.size for step in self._steps[:-1])]
        self._forward: dict[frozenset[int], list[list[Any]]] = {}
        self._backward: dict[int, list[list[arb]]] = {}

    def _number(self, element: Any) -> Any:
        return self._one * self._field.ball(element)

    def moment(self, weights: Weights, r: int) -> arb:
        """Give ``E[prod_j x_j^weights[j] (y)_+^r]``, ``(y)_+^0`` the indicator of ``y > 0``.

        Args:
            weights: exponents by feature.
            r: a power, at least 0.

        Returns:
            A ball at the working precision.
        """
        active = frozenset(j for j, power in weights.items() if power)
        terms = (
            coefficient * self._summed(active, r - d)
            for d, coefficient in enumerate(self._operator(weights))
            if not bool(coefficient == 0)
        )
        total = math.factorial(r) * sum(terms, arb(0)) / arb(self._scale) ** r
        return without_tiny(total)

    def parts(self, weights: Weights) -> tuple[list[Any], list[tuple[Any, Any]]]:
        r"""Give ``E[w f(y)]`` as a differential operator under a mixture of normal laws.

        .. math:: E[w f(y)] = \sum_V \text{mass}_V \sum_d c_d\, E f^{(d)}(N(b, V))

        Args:
            weights: exponents by feature.

        Returns:
            The coefficients ``c_d``, and pairs of a variance and its mass over the sets in which
            every weighted feature is active; both for ``y`` cleared of denominators.
        """
        active = frozenset(j for j, power in weights.items() if power)
        masses = self._masses(active)[-1]
        return self._operator(weights), list(zip(self._variances, masses, strict=True))

    def _operator(self, weights: Weights) -> list[Any]:
        """Coefficients of ``prod_j H_{s_j}(a_j D)``."""
        found = [self._one]
        for j, power in weights.items():
            found = _product(found, self._hermite(j, power))
        return found

    def _hermite(self, j: int, power: int) -> list[Any]:
        """Coefficients of ``H_power(a_j D)``."""
        a = self._number(self._slopes[j])
        powers = [self._one]  # by products: FLINT's power of a ball around 0 is no number
        for _ in range(power):
            powers.append(powers[-1] * a)
        found = [self._one * 0] * (power + 1)
        for k in range(power // 2 + 1):
            d = power - 2 * k
            ways = math.factorial(power) // (2**k * math.factorial(k) * math.factorial(d))
            found[d] = ways * powers[d]
        return found

    def _summed(self, active: frozenset[int], e: int) -> arb:
        """``sum mass J_e(V)`` over the choices in which some features are active."""
        held = [k for k, step in enumerate(self._steps) if step.features & active]
        last = held[-1] if held else 0
        step = self._steps[last]
        masses = self._masses(active - step.features)[last]
        values = self._carried(e)[last + 1]
        total = arb(0)
        for choice in step.choices:
            if (active & step.features).issubset(choice.members):
                pairs = zip(masses, choice.places, strict=True)
                total += choice.mass * sum((m * values[p] for m, p in pairs), arb(0))
        return total

    def _masses(self, active: frozenset[int]) -> list[list[Any]]:
        """Masses of the variances before each unit, over choices with some features active."""
        if active not in self._forward:
            levels = [[self._one]]
            for step in self._steps:
                grown = [self._one * 0] * step.size
                for choice in step.choices:
                    if (active & step.features).issubset(choice.members):
                        for m, p in zip(levels[-1], choice.places, strict=True):
                            grown[p] = grown[p] + m * choice.mass
                levels.append(grown)
            self._forward[active] = levels
        return self._forward[active]

    def _carried(self, e: int) -> list[list[arb]]:
        """For every variance before each unit, ``J_e`` summed over the units from there on."""
        if e not in self._backward:
            levels = [self._moments(e)]
            for step, before in zip(reversed(self._steps), reversed(self._sizes), strict=True):
                total = [arb(0)] * before
                for choice in step.choices:
                    for k, p in enumerate(choice.places):
                        total[k] = total[k] + levels[-1][p] * choice.mass
                levels.append(total)
            self._backward[e] = levels[::-1]
        return self._backward[e]

    def _moments(self, e: int) -> list[arb]:
        """``J_e`` of every variance."""
        pairs = zip(self._variances, self._first, strict=True)
        return [_moment(self._bias, V, e, first) for V, first in pairs]

    @cached_property
    def _first(self) -> list[tuple[arb, arb]]:
        return [_first_moments(self._bias, V) for V in self._variances]


def _holds(unit: UnitMasses, index: int) -> bool:
    return any(index in members for members, _ in unit.sets)


def _product(left: Sequence[Any], right: Sequence[Any]) -> list[Any]:
    found = [left[0] * 0] * (len(left) + len(right) - 1)
    for i, x in enumerate(left):
        for j, y in enumerate(right):
            found[i + j] = found[i + j] + x * y
    return found


def _moment(b: arb, V: arb, e: int, first: tuple[arb, arb]) -> arb:
    """``J_e``; a variance that may be 0 gives the hull of both ends of its ball."""
    if not V.contains(0) or bool(V == 0):
        return _by_recurrence(b, V, e, first)
    # dJ_e/dV = J_{e-2} / 2 has one sign for e >= 0, and for -1 and -2 as long as 3 V < b^2
    top, zero = V.upper(), arb(0)
    if e < -2 or (e < 0 and not 3 * top < b * b):
        raise Undecided(f"the variance {V} of an output cannot be told from 0")
    upper = _by_recurrence(b, top, e, _first_moments(b, top))
    return upper.union(_by_recurrence(b, zero, e, _first_moments(b, zero)))


def _first_moments(b: arb, V: arb) -> tuple[arb, arb]:
    """``J_{-1}`` and ``J_0``; for ``V = 0`` no density and the strict indicator of ``b > 0``."""
    if V > 0:
        root = (2 * V).sqrt()
        reach = b / root
        return (-reach * reach).exp() / (root * arb.pi().sqrt()), (-reach).erfc() / 2
    if b > 0:
        return arb(0), arb(1)
    return arb(0), arb(0) if b <= 0 else arb(0).union(arb(1))


def _by_recurrence(b: arb, V: arb, e: int, first: tuple[arb, arb]) -> arb:
    """``k J_k = b J_{k-1} + V J_{k-2}``, upwards or downwards."""
    below, here = first
    for k in range(1, e + 1):
        below, here = here, (b * here + V * below) / k
    if e >= 0:
        return here
    if bool(V == 0):
        return arb(0)  # no mass meets it: a weighted slope that is not 0 has V > 0
    above, here = here, below
    for k in range(-1, e, -1):
        above, here = here, ((k + 1) * above - b * here) / V
    return here


def gaussian_moment(field: Any, row: Row, weights: Weights, r: int) -> arb:
    """Give ``E[prod_j x_j^weights[j] (y)_+^r]`` for normal features.

    Args:
        field: ``ExactVertices`` of ``theory.arithmetic.balls``, or ``BallVertices`` without a
        field.
        row: the output; masses need not sum to one.
        weights: exponents by feature.
        r: a power, at least 0; ``(y)_+^0`` is the indicator of ``y > 0``.

    Returns:
        A ball at the working precision.

    Raises:
        Undecided: numbers without a field, where a density at 0 is asked for and a variance cannot
            be told from 0.
        Unsupported: more than ``2^16`` different variances.

    Example:
        >>> from flint import fmpq
        >>> from theory.arithmetic.balls import ExactVertices
        >>> from theory.arithmetic.fields import Rationals
        >>> from theory.problem import Normal, ReLU
        >>> unit = UnitMasses(fmpq(0), (((0,), fmpq(1)),))
        >>> row = Row(0, [fmpq(2)], fmpq(0), [unit], Normal(), ReLU())
        >>> print(gaussian_moment(ExactVertices(Rationals()), row, {}, 2))  # half of E (2x)^2
        2.00000000000000
    """
    return GaussianRow(field, row).moment(weights, r)
