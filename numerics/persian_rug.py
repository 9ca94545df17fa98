r"""The Persian Rug in floating point: the loss from its definition, by quadrature over the noise.

Every output is ``ReLU(a x + b + nu)`` with ``nu ~ N(0, s^2)``, so that a feature loses

.. math::
    \frac Ln = \mathbb{E}_\nu \Bigl[(1 - p)(b + \nu)_+^2 + p \int_0^1 \bigl(u - (a u + b +
    \nu)_+\bigr)^2 du\Bigr], \qquad
    s^2 = a^2\, \frac{1 - r}{r} \Bigl(\frac p3 - \frac{p^2}{4}\Bigr) .

For a given ``nu`` the bracket is an integral of squares, split where the output starts and done by
a Gauss rule of positive weights. Between ``nu = -b`` and ``nu = -a - b`` it is a polynomial in
``nu``, so that Gauss-Legendre rules of 32 nodes on windows of two standard deviations leave a
relative error below 1e-50 (an ellipse of parameter 8 about each window; Trefethen 2008, "Is Gauss
quadrature better than Clenshaw-Curtis?", SIAM Rev. 50, theorem 4.5). No antiderivative of a
Gaussian enters, and nothing is subtracted: what is left is rounding.

Source: Cowsik, Dolev, Infanger 2024, arXiv:2410.12101, for the ansatz; the definition above is the
model of Elhage et al. 2022, arXiv:2209.10652, section 2, with that noise.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from numerics.basics.gauss import legendre_rule
from numerics.basics.types import Floats
from theory.problem import InputError

__all__ = ["RugLoss", "RugMinimum", "persian_rug_loss", "persian_rug_minimum"]

_REACH = 12.0  # standard deviations: e^{-72} of the noise is beyond
_NODES, _WEIGHTS = legendre_rule(32)
_EPS = float(np.finfo(float).eps)
_EXPONENT = 4.0 * _REACH**2  # roundings of e^{-t^2/2}, of t and of the weights
_SQRT = 1.0 / math.sqrt(3.0)


@dataclass(frozen=True)
class RugLoss:
    """The loss a feature and its derivatives.

    Attributes:
        value: the loss a feature.
        error: bound on what rounding and the cut-off tail do to it.
        gradient: derivatives by scale and bias.
    """

    value: float
    error: float
    gradient: tuple[float, float]

    def __float__(self) -> float:
        return self.value


@dataclass(frozen=True)
class RugMinimum:
    """The best scale and bias that were found; the least loss is at most this one.

    Attributes:
        scale: ``a``.
        bias: ``b``.
        loss: the loss there.
        starts: how many descents were made.
    """

    scale: float
    bias: float
    loss: RugLoss
    starts: int


def persian_rug_loss(ratio: float, scale: float, bias: float, *, density: float) -> RugLoss:
    r"""Give the loss a feature of the symmetric model with very many features.

    .. math::
        \frac Ln = \mathbb{E}_\nu \Bigl[(1 - p)(b + \nu)_+^2 + p \int_0^1 \bigl(u - (a u + b +
        \nu)_+\bigr)^2 du\Bigr]

    Args:
        ratio: ``r = m / n`` in ``(0, 1]``.
        density: ``p`` in ``[0, 1]``.
        scale: ``a``, finite.
        bias: ``b``, finite.

    Returns:
        The loss with its error bound and derivatives.

    Raises:
        InputError: a number out of its range.

    Example:
        >>> round(persian_rug_loss(0.25, 1.25482, -0.44088, density=0.05).value, 10)
        0.0057894277

    Source: the ansatz of arXiv:2410.12101.
    """
    _check(ratio, density)
    for name, value in (("scale", scale), ("bias", bias)):
        if not abs(value) < 1e100:
            raise InputError(f"{name}={value}: must be finite, and at most 1e100 in size")
    deviation = math.sqrt((1.0 - ratio) / ratio * (density / 3.0 - density**2 / 4.0))
    return _evaluated(density, deviation, float(scale), float(bias))


def persian_rug_minimum(ratio: float, *, density: float) -> RugMinimum:
    """Search for the best scale and bias of the symmetric model.

    Descents by BFGS on the derivatives of the quadrature start at the linear optimum and at sparse
    guesses; the least is kept. It is an upper bound of the least loss, not a proof.

    Args:
        ratio: ``r = m / n`` in ``(0, 1]``.
        density: ``p`` in ``(0, 1]``.

    Returns:
        The best that was found.

    Raises:
        InputError: a number out of its range.

    Example:
        >>> best = persian_rug_minimum(0.25, density=0.05)
        >>> print(f"{best.scale:.5f} {best.bias:.5f} {best.loss.value:.10f}")
        1.25482 -0.44088 0.0057894277

    Source: the ansatz of arXiv:2410.12101.
    """
    _check(ratio, density)
    if density == 0:
        raise InputError("density=0: the loss is 0 for every bias of at most 0; give one above 0")
    deviation = math.sqrt((1.0 - ratio) / ratio * (density / 3.0 - density**2 / 4.0))
    unit = max(deviation, 1e-3)  # of the bias: the noise that it has to keep out

    def scaled(point: Floats) -> tuple[float, Floats]:
        found = _evaluated(density, deviation, float(point[0]), float(point[1]) * unit)
        slope = np.array([found.gradient[0], found.gradient[1] * unit])
        return found.value / density, slope / density

    starts = [(ratio, (1.0 - ratio) * density / 2.0 / unit)]
    starts += list(itertools.product((0.5, 1.0, 1.3), (-4.0, -2.0, -1.0, 0.0)))
    best = min(
        (minimize(scaled, start, jac=True, method="BFGS", options={"gtol": 1e-12}).x
         for start in starts),
        key=lambda point: scaled(point)[0],
    )  # fmt: skip
    scale, bias = float(best[0]), float(best[1]) * unit
    return RugMinimum(scale, bias, _evaluated(density, deviation, scale, bias), len(starts))


def _check(ratio: float, density: float) -> None:
    if not 0 < ratio <= 1:
        raise InputError(f"ratio={ratio}: must be above 0 and at most 1")
    if not 0 <= density <= 1:
        raise InputError(f"density={density}: must be between 0 and 1")


def _noise(deviation: float, kinks: tuple[float, float]) -> tuple[Floats, Floats]:
    """Nodes and weights of the noise on windows that end at the kinks."""
    if deviation == 0:
        return np.zeros(1), np.ones(1)
    cuts = [kink / deviation for kink in kinks if abs(kink) < _REACH * deviation]
    ends = np.unique([*np.arange(-_REACH, _REACH + 1.0, 2.0), *cuts])
    half = np.diff(ends)[:, None] / 2.0
    t = ((ends[:-1, None] + half) + half * _NODES).ravel()
    weights = (half * _WEIGHTS).ravel() * np.exp(-(t**2) / 2.0) / math.sqrt(2.0 * math.pi)
    return deviation * t, weights


def _evaluated(p: float, sigma: float, a: float, b: float) -> RugLoss:
    """Sum over the noise; every term of the value is at least 0."""
    deviation = abs(a) * sigma
    noise, weights = _noise(deviation, (-b, -a - b))
    c = b + noise
    low, high = _active_range(a, c)
    middle, half = (low + high) / 2.0, (high - low) / 2.0
    u = np.stack([middle - _SQRT * half, middle + _SQRT * half])  # exact for the square
    output = np.maximum(a * u + c, 0.0)
    missed = output - u
    idle = np.maximum(c, 0.0)
    off = (low**3 + (1.0 - high) * (1.0 + high + high**2)) / 3.0
    value = (1 - p) * idle**2 + p * (off + half * np.sum(missed**2, axis=0))
    by_scale = 2.0 * p * half * np.sum(missed * u, axis=0)
    by_bias = 2.0 * (1 - p) * idle + 2.0 * p * half * np.sum(missed, axis=0)
    parts = np.abs(b) + np.abs(noise)
    size = (1 - p) * parts**2 * (idle > 0) + p * half * np.sum(
        (np.abs(a) * u + parts + u) ** 2, axis=0
    )
    total, spread = float(weights @ value), float(weights @ size)
    by_noise = 0.0 if a == 0 else float(weights @ (by_bias * noise)) / a  # s grows with |a|
    error = (
        _EXPONENT * _EPS * total + 16.0 * _EPS * math.sqrt(total * spread) + _tail(a, b, deviation)
    )
    return RugLoss(total, error, (float(weights @ by_scale) + by_noise, float(weights @ by_bias)))


def _active_range(a: float, c: Floats) -> tuple[Floats, Floats]:
    """Where in [0, 1] the output ``a u + c`` is positive."""
    if a == 0:
        return np.zeros_like(c), np.where(c > 0, 1.0, 0.0)
    with np.errstate(over="ignore"):
        start = np.clip(-c / a, 0.0, 1.0)
    zero, one = np.zeros_like(c), np.ones_like(c)
    return (start, one) if a > 0 else (zero, start)


def _tail(a: float, b: float, deviation: float) -> float:
    """What lies beyond the windows: the square is at most ``2 (1 + |a| + |b|)^2 + 2 nu^2``."""
    if deviation == 0:
        return 0.0
    bound = (1.0 + abs(a) + abs(b)) ** 2 + deviation**2 * (_REACH**2 + 2.0)
    return 2.0 * bound * math.exp(-(_REACH**2) / 2.0)
