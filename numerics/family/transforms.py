r"""Transforms of the feature laws on arrays, and what bounds them.

For each law: ``psi_s(t) = E[u^s e^{itu}]`` for ``s = 0, 1, 2``; a decreasing envelope of
``|psi_s|``; the moment generating function ``E e^{tu}``; and an interval that holds ``u``.

| law | ``psi_0(t)`` |
|---|---|
| U[a, b] | ``e^{imt} sin(ht) / (ht)``, ``m`` the middle and ``h`` half the width |
| constant 1 | ``e^{it}`` |
| Rademacher | ``cos t`` |
| Exponential(1) | ``1 / (1 - it)`` |
| N(0, 1) | ``e^{-t^2/2}`` |
| abs N(0, 1) | ``w(t / sqrt 2)``, the Faddeeva function |

Source: own derivation; envelopes by integration by parts, ``|E g(u) e^{itu}| <= (|g f(0)| +
TV(g f)) / |t|`` for a law of density ``f`` on a half-line.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import erfcx, wofz

from numerics.basics.types import Floats
from theory.problem import (
    Binary,
    CustomLaw,
    Exponential,
    FeatureLaw,
    HalfNormal,
    InputError,
    Normal,
    Rademacher,
    Uniform,
    Unsupported,
)

__all__ = ["Complexes", "Transform", "transform_of"]

Complexes = npt.NDArray[np.complex128]
_PEAK = math.sqrt(2.0 / math.pi)  # density of |N(0, 1)| at zero, and its mean
_SMALL, _FAR = 0.7, 30.0
_LARGEST_TILT = 700.0  # beyond, exponentials overflow
_AGREES = 1e-9


@dataclass(frozen=True)
class Transform:
    """What the series asks of a law.

    Attributes:
        phases: ``phases(t, top)`` is the list of ``E[u^s e^{itu}]`` for ``s = 0 .. top``, ``top``
            at most ``highest``.
        envelopes: likewise decreasing functions of ``|t|`` that bound their moduli.
        growth: ``E e^{tu}``, or a bound on it; infinite where it does not exist.
        support: ends of an interval that holds ``u``; infinite where it is not bounded.
        highest: the largest ``s``.
        tilts: whether phases and envelopes take complex ``t`` where ``E e^{itu}`` exists.
    """

    phases: Callable[[Floats, int], list[Complexes]]
    envelopes: Callable[[Floats, int], list[Floats]]
    growth: Callable[[Floats], Floats]
    support: tuple[float, float]
    highest: int = 2
    tilts: bool = False


def transform_of(law: FeatureLaw) -> Transform:
    """Find the transform of a law.

    Args:
        law: any feature law.

    Returns:
        Its transform.

    Raises:
        Unsupported: a ``CustomLaw`` without characteristic function, derivative or support.
        InputError: a characteristic function that gives something else than ``E e^{itu}``.

    Example:
        >>> normal = transform_of(Normal())
        >>> round(float(normal.phases(np.array([1.0]), 0)[0][0].real), 6)
        0.606531
    """
    if isinstance(law, Uniform):
        return _uniform(float(law.low), float(law.high))
    if isinstance(law, CustomLaw):
        return _custom(law)
    return _NAMED[type(law)]


# ---------------------------------------------------------------- uniform laws


def _sinc_moments(x: Floats) -> tuple[Floats, Floats, Floats]:
    """``E cos(vx)``, ``E v sin(vx)`` and ``E v^2 cos(vx)`` for ``v`` uniform on ``[-1, 1]``."""
    g, small = x * x, np.abs(x) < _SMALL
    safe = np.where(small, 1.0, x)
    sine, cosine = np.sin(safe), np.cos(safe)
    first = (sine - safe * cosine) / safe**2
    second = (sine - 2.0 * first) / safe
    near_first, near_second = np.zeros_like(x), np.zeros_like(x)
    for k in range(9, -1, -1):  # first term left out below 1e-20
        near_first = near_first * -g / ((2 * k + 3) * (2 * k + 2)) + 1.0 / (2 * k + 3)
        near_second = near_second * -g / ((2 * k + 2) * (2 * k + 1)) + 1.0 / (2 * k + 3)
    zeroth = np.sinc(x / np.pi)
    return zeroth, np.where(small, x * near_first, first), np.where(small, near_second, second)


def _uniform(low: float, high: float) -> Transform:
    middle, half = 0.5 * (low + high), 0.5 * (high - low)
    end = max(abs(low), abs(high))
    means = [1.0, _uniform_mean_size(low, high), (low**2 + low * high + high**2) / 3.0]

    def phases(t: Floats, top: int) -> list[Complexes]:
        zeroth, first, second = _sinc_moments(half * t)
        turn = np.exp(1j * middle * t)
        found = [turn * zeroth]
        if top >= 1:
            found.append(turn * (middle * zeroth + 1j * half * first))
        if top >= 2:
            plain = middle**2 * zeroth + half**2 * second
            found.append(turn * (plain + 2j * middle * half * first))
        return found

    def envelopes(t: Floats, top: int) -> list[Floats]:
        inverse = 1.0 / np.maximum(half * np.abs(t), 1e-100)
        found = [np.minimum(1.0, inverse)]
        for s in range(1, top + 1):  # by parts: end^s inverse, plus s / t times the one before
            by_parts = end**s * inverse + s * half * inverse * found[-1]
            found.append(np.minimum(means[s], by_parts))
        return found

    def growth(t: Floats) -> Floats:
        with np.errstate(over="ignore", invalid="ignore"):
            x = half * t
            safe = np.where(x == 0.0, 1.0, x)
            value = np.where(x == 0.0, 1.0, np.sinh(safe) / safe) * np.exp(middle * t)
        return _finite_or_infinite(value)

    return Transform(phases, envelopes, growth, (low, high))


def _uniform_mean_size(low: float, high: float) -> float:
    if low * high >= 0.0:
        return 0.5 * abs(low + high)
    return 0.5 * (low**2 + high**2) / (high - low)


def _finite_or_infinite(values: Floats) -> Floats:
    return np.where(np.isfinite(values), values, np.inf)


# ---------------------------------------------------------------- the other named laws


def _binary_phases(t: Floats, top: int) -> list[Complexes]:
    return [np.exp(1j * t)] * (top + 1)


def _rademacher_phases(t: Floats, top: int) -> list[Complexes]:
    cosine, sine = np.cos(t) + 0j, 1j * np.sin(t)
    return [cosine, sine, cosine][: top + 1]


def _ones(t: Floats, top: int) -> list[Floats]:
    return [np.ones_like(t)] * (top + 1)


def _exponential_phases(t: Floats, top: int) -> list[Complexes]:
    base: Complexes = np.reciprocal(1.0 - 1j * t)
    return [base, base**2, 2.0 * base**3][: top + 1]


def _exponential_envelopes(t: Floats, top: int) -> list[Floats]:
    base = 1.0 / np.abs(1.0 - 1j * t)
    return [base, base**2, 2.0 * base**3][: top + 1]


def _exponential_growth(t: Floats) -> Floats:
    return np.where(t < 1.0, 1.0 / np.where(t < 1.0, 1.0 - t, 1.0), np.inf)


def _normal_phases(t: Floats, top: int) -> list[Complexes]:
    bell = np.exp(-0.5 * t * t).astype(np.complex128)
    return [bell, 1j * t * bell, (1.0 - t * t) * bell][: top + 1]


def _normal_envelopes(t: Floats, top: int) -> list[Floats]:
    size = np.abs(t)
    bell = np.exp(-0.5 * size**2)
    first = np.where(size < 1.0, math.exp(-0.5), size * bell)
    second = np.where(size < math.sqrt(3.0), 1.0, (size**2 - 1.0) * bell)
    return [bell, first, second][: top + 1]


def _normal_growth(t: Floats) -> Floats:
    with np.errstate(over="ignore"):
        return _finite_or_infinite(np.exp(0.5 * t * t))


def _half_normal_phases(t: Floats, top: int) -> list[Complexes]:
    base = wofz(t / math.sqrt(2.0))
    found = [base]
    if top == 0:
        return found
    # psi_1 = peak + i t psi_0 and psi_2 = psi_0 + i t psi_1 cancel far out: there by powers of 1/t
    far = np.abs(t) > _FAR
    safe = np.where(far, t, _FAR)
    g = 1.0 / safe**2
    tail = -_PEAK * g * (1 + 3 * g * (1 + 5 * g * (1 + 7 * g * (1 + 9 * g * (1 + 11 * g)))))
    found.append(np.where(far, tail + 0j, _PEAK + 1j * t * base))
    if top >= 2:
        bends = 1 + 6 * g * (1 + 7.5 * g * (1 + 28 / 3 * g * (1 + 11.25 * g)))
        found.append(np.where(far, -2j * _PEAK * g / safe * bends, base + 1j * t * found[1]))
    return found


def _half_normal_envelopes(t: Floats, top: int) -> list[Floats]:
    inverse = 1.0 / np.maximum(np.abs(t), 1e-100)
    zeroth = np.minimum(1.0, 2.0 * _PEAK * inverse)
    # variations of u f and u^2 f and of their derivatives, in units of the peak
    first = np.minimum(_PEAK, 2.9 * _PEAK * inverse**2)
    second = np.minimum(1.0, 2.8 * _PEAK * inverse**2)
    return [zeroth, first, second][: top + 1]


def _half_normal_growth(t: Floats) -> Floats:
    with np.errstate(over="ignore"):
        return _finite_or_infinite(erfcx(-t / math.sqrt(2.0)))


_NAMED: dict[type[FeatureLaw], Transform] = {
    Binary: Transform(
        _binary_phases, _ones, lambda t: np.exp(np.minimum(t, _LARGEST_TILT)), (1.0, 1.0)
    ),
    Rademacher: Transform(
        _rademacher_phases,
        _ones,
        lambda t: np.cosh(np.clip(t, -_LARGEST_TILT, _LARGEST_TILT)),
        (-1.0, 1.0),
    ),
    Exponential: Transform(
        _exponential_phases,
        _exponential_envelopes,
        _exponential_growth,
        (0.0, math.inf),
        tilts=True,
    ),
    Normal: Transform(_normal_phases, _normal_envelopes, _normal_growth, (-math.inf, math.inf)),
    HalfNormal: Transform(
        _half_normal_phases, _half_normal_envelopes, _half_normal_growth, (0.0, math.inf)
    ),
}


# ---------------------------------------------------------------- a law given by its functions


def _custom(law: CustomLaw) -> Transform:
    function, slope = law.characteristic_function, law.derivative
    if function is None or slope is None:
        missing = "characteristic_function" if function is None else "derivative"
        raise Unsupported(
            f"features={law!r}: {missing}=None; an activation with a kink needs the characteristic "
            "function of the law and its derivative, a polynomial one its moments alone"
        )
    if law.support is None:
        raise Unsupported(
            f"features={law!r}: support=None; the series needs an interval that holds the values "
            "for sure, for its period"
        )
    low, high = float(law.support[0]), float(law.support[1])
    mean, square = float(law.moments[0]), float(law.moments[1])
    _check_at_zero(law, function, slope, mean)

    def phases(t: Floats, top: int) -> list[Complexes]:
        found = [_called(law, "characteristic_function", function, t)]
        if top >= 1:
            found.append(-1j * _called(law, "derivative", slope, t))
        return found

    def envelopes(t: Floats, top: int) -> list[Floats]:
        sizes = (1.0, math.sqrt(square), square)
        return [np.full_like(t, size) for size in sizes[: top + 1]]

    def growth(t: Floats) -> Floats:  # the chord lies above the exponential
        share = min(max((mean - low) / (high - low), 0.0), 1.0)
        with np.errstate(over="ignore", invalid="ignore"):
            value = (1.0 - share) * np.exp(t * low) + share * np.exp(t * high)
        return _finite_or_infinite(value)

    return Transform(phases, envelopes, growth, (low, high), highest=1)


def _called(law: CustomLaw, name: str, function: Callable[[Any], Any], t: Floats) -> Complexes:
    values = np.asarray(function(t))
    if values.shape != t.shape or values.dtype.kind not in "fc":
        raise InputError(
            f"features={law!r}: {name} gave shape {values.shape}, dtype {values.dtype} for an "
            f"array of shape {t.shape}; must give one complex number for each entry"
        )
    if not np.isfinite(values).all():
        raise InputError(f"features={law!r}: {name} gave values that are not finite")
    return values.astype(np.complex128)


def _check_at_zero(
    law: CustomLaw, function: Callable[[Any], Any], slope: Callable[[Any], Any], mean: float
) -> None:
    """Refuse functions whose values at zero, or moduli, no law has."""
    start = np.zeros(1)
    for name, given, wanted in (
        ("characteristic_function", function, 1.0),
        ("derivative", slope, 1j * mean),
    ):
        value = complex(_called(law, name, given, start)[0])
        if abs(value - wanted) > _AGREES * max(1.0, abs(wanted)):
            raise InputError(f"features={law!r}: {name}(0) = {value}: must be {wanted}")
    probes = np.array([0.5, 1.0, 3.0, 10.0])
    if (np.abs(_called(law, "characteristic_function", function, probes)) > 1.0 + _AGREES).any():
        raise InputError(f"features={law!r}: characteristic_function exceeds 1 in modulus")
