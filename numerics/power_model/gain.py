r"""The gain of the seed paper's model in floating point, with a bound on its error, at any size.

For features of a symmetric law, ``x_hat = (W^T W x)^q`` with odd ``q`` and no bias, the gain over
ignoring everything is

.. math::
    \tilde L = p n \mu_2 - L = \sum_i \bigl( 2 \mathbb{E}[x_i y_i^q] - \mathbb{E} y_i^{2q} \bigr),
    \qquad y_i = \sum_j A_{ij} x_j, \quad A = W^\top W .

The first sum, the *target*, is homogeneous of degree ``q`` in ``A`` and the second, the *energy*,
of degree ``2 q``: the best multiple of ``W`` has target = energy and gains ``target^2 / energy``.

Source: Chowdhury and Weiner 2026, arXiv:2606.18538, equations (6) and (7).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from math import comb, factorial

import numpy as np
import numpy.typing as npt

from numerics.basics.gram import UNIT_ROUNDOFF
from numerics.basics.inputs import laws_of, weights_as_floats
from numerics.basics.types import Floats
from numerics.power_model.gain_rows import (
    Features,
    Rows,
    product_moments,
    roundings,
    row_moments,
    slopes_by_weights,
)
from theory.problem import (
    CustomLaw,
    FeatureLaw,
    InputError,
    Normal,
    Problem,
    Rademacher,
    Uniform,
    Unsupported,
)

__all__ = ["Gain", "PopulationGain", "gain", "gain_and_gradient"]

_UNDERFLOW = 1e-290  # what underflow can take from a sum that is not zero for a reason


@dataclass(frozen=True)
class Gain:
    """The gain of some weights with a bound on its error.

    Attributes:
        value: ``2 target - energy``; the loss is ``p n mu_2 - value``.
        error: bound on ``|value - exact|``, all roundings counted.
        target: ``sum_i E[x_i y_i^q]``.
        energy: ``sum_i E y_i^{2q}``.
        gradient: derivative of ``value`` by ``W``, shape ``(m, n)``, in floating point with no
            bound of its own; None where it was not asked.
    """

    value: float
    error: float
    target: float
    energy: float
    gradient: Floats | None = None


def gain(problem: Problem, W: npt.ArrayLike) -> Gain:
    r"""Compute the gain ``L~ = p n mu_2 - L`` of some weights.

    Args:
        problem: symmetric law, odd power, independent features of one density, importance 1.
        W: weights, shape ``(m, n)``, of any norm; zero columns cost nothing.

    Returns:
        The gain with a bound on its error.

    Raises:
        InputError: weights that cannot be meant, or so large that powers leave the floats.
        Unsupported: another model; the message names what does not fit.

    Example:
        >>> from theory.problem import Power
        >>> problem = Problem(2, 2, density="1/2", features=Rademacher(), activation=Power(3))
        >>> gain(problem, np.eye(2)).value
        1.0

    Source: Chowdhury and Weiner 2026, arXiv:2606.18538, equations (6) and (7).
    """
    return PopulationGain(problem).at(W)


def gain_and_gradient(problem: Problem, W: npt.ArrayLike) -> Gain:
    """Compute the gain of some weights and its gradient.

    Args:
        problem: as in ``gain``.
        W: weights, shape ``(m, n)``.

    Returns:
        The gain with a bound on its error, and its gradient.

    Raises:
        InputError: as ``gain``.
        Unsupported: as ``gain``.

    Example:
        >>> from theory.problem import Power
        >>> problem = Problem(1, 1, density=1, features=Rademacher(), activation=Power(3))
        >>> gain_and_gradient(problem, [[0.5]]).gradient.tolist()  # of 2 w^6 - w^12
        [[0.369140625]]
    """
    return PopulationGain(problem).at(W, with_gradient=True)


class PopulationGain:
    """The gain of one problem, as a function of the weights.

    Args:
        problem: symmetric law, odd power, independent features of one density, importance 1.

    Raises:
        Unsupported: another model.

    Example:
        >>> from theory.problem import Power
        >>> pairs = Problem(4, 2, density="1/8", features=Normal(), activation=Power(3))
        >>> round(PopulationGain(pairs).best_scaled(np.eye(2, 4)), 12)  # p m 3^2 / 15
        0.15
    """

    def __init__(self, problem: Problem) -> None:
        _check_model(problem)
        self.problem = problem
        density = float(laws_of(problem).density[0])
        exact = problem.density if isinstance(problem.density, Fraction) else Fraction(density)
        self.power = problem.activation.power
        self._features = _features(problem.features, exact, self.power)
        self._is_idle = density == 0.0

    def at(self, W: npt.ArrayLike, *, with_gradient: bool = False) -> Gain:
        """Evaluate at some weights, as ``gain`` and ``gain_and_gradient`` do."""
        weights, _ = weights_as_floats(self.problem, W, None)
        used = np.flatnonzero(weights.any(axis=0))
        found, slopes = self._of_used(np.ascontiguousarray(weights[:, used]), with_gradient)
        if not with_gradient:
            return found
        gradient = np.zeros_like(weights)
        gradient[:, used] = slopes
        return Gain(found.value, found.error, found.target, found.energy, gradient)

    def _of_used(self, W: Floats, with_gradient: bool) -> tuple[Gain, Floats]:
        if self._is_idle or not W.size:
            return Gain(0.0, 0.0, 0.0, 0.0), np.zeros_like(W)
        with np.errstate(over="ignore", invalid="ignore"):
            rows = row_moments(self._features, W)
            target, energy = math.fsum(rows.target), math.fsum(rows.energy)
            error = self._error(W, rows)
        if not (math.isfinite(error) and math.isfinite(energy)):
            raise InputError(
                f"W: powers up to {2 * self.power} of the outputs leave the floats; scale it down"
            )
        value = 2.0 * target - energy
        slopes = W
        if with_gradient:
            slopes = slopes_by_weights(self._features, W, rows, 2.0, -1.0)
        return Gain(value, error, target, energy), slopes

    def best_scaled(self, W: Floats) -> float:
        """Compute ``target^2 / energy``, the gain of the best multiple of ``W``, unchecked."""
        target, energy, _ = self.sums(W)
        return target * (target / energy) if energy > 0.0 else 0.0

    def sums(self, W: Floats) -> tuple[float, float, Rows]:
        """Compute target and energy, unchecked, with what ``slopes`` needs."""
        rows = row_moments(self._features, W)
        return float(np.sum(rows.target)), float(np.sum(rows.energy)), rows

    def slopes(self, W: Floats, rows: Rows, by_target: float, by_energy: float) -> Floats:
        """Compute the gradient of ``by_target target + by_energy energy``, unchecked."""
        return slopes_by_weights(self._features, W, rows, by_target, by_energy)

    def _error(self, W: Floats, rows: Rows) -> float:
        """Bound the rounding: of the sums given ``A``, and what rounding ``A`` does to them."""
        q, (m, n) = self.power, W.shape
        count = roundings(n, q) * UNIT_ROUNDOFF
        size = math.fsum(2.0 * rows.target) + math.fsum(rows.energy)
        # |A - A'|_ij <= m u |w_i| |w_j|; in the norm of L_2q, monotone in the entries for
        # symmetric x, y_i moves by at most `moves`, y^q and y^2q by the binomial theorem
        lengths = np.sqrt(np.einsum("ki,ki->i", W, W))
        reach = product_moments(lengths, self._features.moments)[q]
        norm = (factorial(2 * q) * reach) ** (0.5 / q)
        moves = 1.01 * (m + 2) * UNIT_ROUNDOFF * lengths * norm
        norms = rows.energy ** (0.5 / q)
        own = math.sqrt(2.0 * float(self._features.moments[1]))  # E x_i^2, as a norm
        moved = 2.0 * own * _binomial_moves(norms, moves, q) + _binomial_moves(norms, moves, 2 * q)
        return 1.01 * (count * size + math.fsum(moved)) + _UNDERFLOW


def _binomial_moves(norms: Floats, moves: Floats, power: int) -> Floats:
    """``(norms + moves)^power - norms^power``, without cancellation."""
    found = np.zeros_like(norms)
    for k in range(1, power + 1):
        found += comb(power, k) * norms ** (power - k) * moves**k
    return found


def _check_model(problem: Problem) -> None:
    """Refuse what is not the model of the seed paper."""
    law, activation = problem.features, problem.activation
    if activation.shape != "power" or activation.power % 2 == 0:
        raise Unsupported(f"activation={activation!r}: the gain takes Power(q) with odd q")
    if not law.is_symmetric:
        raise Unsupported(
            f"features={law!r}: the gain takes a symmetric law such as Normal(), Rademacher() or "
            "Uniform(-1, 1)"
        )
    if not problem.is_independent:
        raise Unsupported(
            f"groups={list(problem.groups)!r}, n_active={problem.n_active}: the gain takes "
            "independent features"
        )
    if isinstance(problem.density, tuple):
        raise Unsupported("density: the gain takes one density for all features")
    if isinstance(problem.importance, tuple) or problem.importance != 1:
        raise Unsupported(f"importance={problem.importance}: the gain takes importance 1 for all")


def _features(law: FeatureLaw, density: Fraction, power: int) -> Features:
    """Moments and cumulants of ``B u``; exact until the last step, as cumulants cancel."""
    raw = [Fraction(1)] + [density * mu for mu in _even_moments(law, power)]
    cumulants = [Fraction(0)]
    for k in range(1, power + 1):
        known = (comb(2 * k - 1, 2 * t - 1) * cumulants[t] * raw[k - t] for t in range(1, k))
        cumulants.append(raw[k] - sum(known, Fraction(0)))

    def scaled(values: list[Fraction]) -> Floats:
        return np.array([float(v / factorial(2 * t)) for t, v in enumerate(values)])

    return Features(power, scaled(raw), scaled(cumulants))


def _even_moments(law: FeatureLaw, power: int) -> list[Fraction]:
    """``E u^2, E u^4 .. E u^{2q}``."""
    if isinstance(law, Rademacher):
        return [Fraction(1)] * power
    if isinstance(law, Normal):
        return [Fraction(math.prod(range(1, 2 * t, 2))) for t in range(1, power + 1)]
    if isinstance(law, Uniform):
        return [Fraction(law.high) ** (2 * t) / (2 * t + 1) for t in range(1, power + 1)]
    if isinstance(law, CustomLaw):
        if len(law.moments) < 2 * power:
            raise Unsupported(
                f"features={law!r}: gives {len(law.moments)} moments; a power of {power} needs "
                f"{2 * power}"
            )
        given = law.moments[1 : 2 * power : 2]
        return [mu if isinstance(mu, Fraction) else Fraction(float(mu)) for mu in given]
    raise Unsupported(f"features={law!r}: the gain does not know the moments of this law")
