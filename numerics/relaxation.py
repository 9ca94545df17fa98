r"""The linear program of Delsarte and Yudin for pair energies of unit vectors, in floating point.

For the potential ``f`` and ``n`` unit vectors in ``R^m`` it looks for the polynomial
``h = sum_k c_k P_k`` in Gegenbauer polynomials of the sphere that proves most:

.. math::
    \max_c \; n^2 c_0 - n \sum_k c_k \quad\text{subject to}\quad c_k \ge 0 \;(k \ge 1),
    \qquad h \le f \text{ on } [-1, 1] .

The constraint is imposed on a grid, to which the points of violation between are added until there
are none to speak of; what is left is taken off ``c_0``. That is a number, not a proof: the rational
coefficients that ``PairRelaxation.rational`` gives are for an exact check.

Source: Delsarte, Goethals, Seidel 1977, Geom. Dedicata 6; Yudin 1992, Discrete Math. Appl. 3.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from scipy.optimize import linprog

from numerics.basics.types import Floats
from theory.problem import InputError, Unsupported

__all__ = ["PairRelaxation", "gegenbauer_values", "pair_potential", "relax_pair_energy"]

DEGREES = (6, 10, 14, 20)
"""What is tried where no degree is given: high degrees prove more, low ones are sharper solved."""
_MAX_DEGREE = 40
_GRID = 401
_FINE = 20_001
_ROUNDS = 12
_SECTIONS = 40
_DIGITS = 13
_SETTLED = 1e-12
_MOST_RESIDUAL = 1e-6
"""Relative residual of the linear program above which its answer is none."""
_MOST_GAP = 1e-4


@dataclass(frozen=True)
class PairRelaxation:
    r"""What the linear program found, with its residuals; a float that nothing has verified.

    Attributes:
        n_vectors: ``n``; for vectors with masses ``(sum v)^2 / sum v^2``.
        dimension: ``m``.
        power: of the potential.
        one_sided: whether negative cosines cost nothing.
        coefficients: ``c_0, ..., c_d`` after ``c_0`` was lowered by ``violation``.
        value: ``n^2 c_0 - n sum_k c_k``.
        violation: largest ``h - f`` between the points of the last grid, at least 0.
        dual_residual: largest violation by the multipliers, over ``n^2``.
        gap: from ``value`` to what the multipliers allow at this degree, over ``n^2``.
    """

    n_vectors: float
    dimension: int
    power: int
    one_sided: bool
    coefficients: Floats
    value: float
    violation: float
    dual_residual: float
    gap: float

    def rational(self, slack: float = 0.0) -> tuple[Fraction, ...]:
        """Round the coefficients to short fractions, on the safe side.

        Args:
            slack: what is taken off ``c_0`` besides.

        Returns:
            ``c_0, ..., c_d``: none but ``c_0`` negative, ``c_0`` lowered by more than all rounding.
        """
        unit = Fraction(1, 10**_DIGITS)
        rounded = [unit * max(0, round(c * 10**_DIGITS)) for c in self.coefficients.tolist()]
        lowered = math.floor((self.coefficients[0] - slack) * 10**_DIGITS) - len(rounded)
        return (unit * lowered, *rounded[1:])


def gegenbauer_values(dimension: int, degree: int, t: Floats) -> Floats:
    """Evaluate the Gegenbauer polynomials of the sphere in ``R^m``, ``P_k(1) = 1``.

    Args:
        dimension: ``m``, at least 2.
        degree: the highest ``k``.
        t: points of ``[-1, 1]``, shape ``(count,)``.

    Returns:
        Shape ``(degree + 1, count)``.

    Example:
        >>> gegenbauer_values(3, 2, np.array([0.0, 1.0]))[2]
        array([-0.5,  1. ])
    """
    found = np.ones((degree + 1, t.size))
    if degree:
        found[1] = t
    for k in range(1, degree):
        if dimension == 2:
            found[k + 1] = 2 * t * found[k] - found[k - 1]
        else:
            step = (2 * k + dimension - 2) * t * found[k] - k * found[k - 1]
            found[k + 1] = step / (k + dimension - 2)
    return found


def pair_potential(power: int, one_sided: bool, t: Floats) -> Floats:
    """Evaluate ``t^power``, or ``max(t, 0)^power``."""
    values: Floats = (np.maximum(t, 0.0) if one_sided else t) ** power
    return values


def relax_pair_energy(
    n_vectors: float,
    dimension: int,
    power: int,
    *,
    one_sided: bool = False,
    degree: int | None = None,
) -> PairRelaxation:
    r"""Bound ``sum_{i != j} f(w_i . w_j)`` over unit vectors from below, in floating point.

    Args:
        n_vectors: ``n``, at least 1; need not be whole where the vectors have masses.
        dimension: ``m``, at least 2.
        power: of the potential, at least 1; even if two-sided.
        one_sided: whether negative cosines cost nothing.
        degree: highest degree of ``h``, 1 to 40; the best of several where left out.

    Returns:
        The coefficients and what they would prove, with residuals.

    Raises:
        InputError: a number out of its range.
        Unsupported: the linear program was not solved to its residuals.

    Example:
        >>> found = relax_pair_energy(5, 2, 2, one_sided=True)
        >>> round(found.value, 6), round((15 - 5 * 5**0.5) / 4, 6)
        (0.954915, 0.954915)

    Source: as the module says; the exchange of points is Remez's.
    """
    if degree is None:
        tried = [
            relax_pair_energy(n_vectors, dimension, power, one_sided=one_sided, degree=d)
            for d in DEGREES
        ]
        return max(tried, key=lambda found: found.value)
    _check(n_vectors, dimension, power, one_sided, degree)
    program = _Program(float(n_vectors), dimension, power, one_sided, degree)
    points = np.cos(np.pi * np.arange(_GRID) / (_GRID - 1))
    for _ in range(_ROUNDS):
        coefficients, multipliers = program.solved(points)
        peaks = program.peaks(coefficients)
        violation = max(0.0, float(np.max(program.excess(coefficients, peaks))))
        if violation <= _SETTLED * max(1.0, float(np.abs(coefficients).sum())):
            break
        used, points = points, np.union1d(points, peaks)
    else:
        points = used  # those of the last solution
    return program.finished(coefficients, violation, points, multipliers)


@dataclass(frozen=True)
class _Program:
    """The linear program of one energy, on any points."""

    n: float
    dimension: int
    power: int
    one_sided: bool
    degree: int

    def basis(self, t: Floats) -> Floats:
        return gegenbauer_values(self.dimension, self.degree, t)

    def potential(self, t: Floats) -> Floats:
        return pair_potential(self.power, self.one_sided, t)

    def excess(self, coefficients: Floats, t: Floats) -> Floats:
        """``h - f``."""
        found: Floats = coefficients @ self.basis(t) - self.potential(t)
        return found

    @property
    def objective(self) -> Floats:
        values = np.full(self.degree + 1, -self.n)
        values[0] += self.n**2
        return values

    def solved(self, points: Floats) -> tuple[Floats, Floats]:
        """The coefficients, and the multipliers of the points."""
        scale = self.n**2
        found = linprog(
            -self.objective / scale,
            A_ub=self.basis(points).T,
            b_ub=self.potential(points),
            bounds=[(None, None)] + [(0.0, None)] * self.degree,
            method="highs",
            options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
        )
        if found.status != 0:
            raise Unsupported(
                f"degree={self.degree}: the linear program was not solved ({found.message}); "
                "another degree may do"
            )
        return found.x, -scale * found.ineqlin.marginals

    def peaks(self, coefficients: Floats) -> Floats:
        """Where ``h - f`` is largest around: by threes on a fine grid, then by section."""
        angles = np.linspace(0.0, np.pi, _FINE)
        values = self.excess(coefficients, np.cos(angles))
        padded = np.concatenate([[-np.inf], values, [-np.inf]])
        top = (padded[1:-1] >= padded[:-2]) & (padded[1:-1] >= padded[2:])
        top &= values >= values.max() - 1e-3 * max(1.0, float(np.abs(values).max()))
        low = np.maximum(angles[top] - angles[1], 0.0)
        high = np.minimum(angles[top] + angles[1], np.pi)
        for _ in range(_SECTIONS):
            left, right = (2 * low + high) / 3, (low + 2 * high) / 3
            rises = self.excess(coefficients, np.cos(left)) < self.excess(
                coefficients, np.cos(right)
            )
            low, high = np.where(rises, left, low), np.where(rises, high, right)
        return np.union1d(np.cos(angles[top]), np.cos((low + high) / 2))

    def finished(
        self, coefficients: Floats, violation: float, points: Floats, multipliers: Floats
    ) -> PairRelaxation:
        """Lower ``c_0`` and take the residuals."""
        lowered = coefficients.copy()
        lowered[1:] = np.maximum(lowered[1:], 0.0)
        lowered[0] -= violation + 1e-15 * (self.degree + 1) * float(np.abs(coefficients).sum())
        value = float(self.objective @ lowered)
        moments = self.basis(points) @ multipliers - self.objective
        residual = max(abs(float(moments[0])), -float(moments[1:].min()), 0.0) / self.n**2
        residual = max(residual, -float(multipliers.min()) / self.n**2)
        gap = (float(multipliers @ self.potential(points)) - value) / self.n**2
        if not residual <= _MOST_RESIDUAL or not abs(gap) <= _MOST_GAP:
            raise Unsupported(
                f"degree={self.degree}: the linear program kept a residual of {residual:.1e} and a "
                f"gap of {gap:.1e}; a lower degree may do"
            )
        return PairRelaxation(
            self.n,
            self.dimension,
            self.power,
            self.one_sided,
            lowered,
            value,
            violation,
            residual,
            gap,
        )


def _check(n_vectors: float, dimension: int, power: int, one_sided: bool, degree: int) -> None:
    if not math.isfinite(n_vectors) or not 1 <= n_vectors <= 1e9:
        raise InputError(f"n_vectors={n_vectors!r}: must be from 1 to 1e9")
    for name, value, low, high in (
        ("dimension", dimension, 2, 10_000),
        ("power", power, 1, 24),
        ("degree", degree, 1, _MAX_DEGREE),
    ):
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise InputError(f"{name}={value!r}: must be a whole number from {low} to {high}")
    if power % 2 and not one_sided:
        raise InputError(f"power={power}: must be even, or the potential one-sided")
