r"""The oscillating part of the Bernoulli series, compiled.

For a period ``P >= |y|`` and ``w_k = 2 pi k / P``, the Fourier series of the periodic Bernoulli
polynomials gives

.. math::
    (y)_+^r = \text{(polynomial of degree } r + 1) +
        P^r \, r! \sum_{k \ne 0} \frac{e^{i w_k y}}{(2 \pi i k)^{r+1}},

so that its expectation needs the characteristic function at ``w_k`` alone: a product over
features, no set of features is enumerated. The product is carried in three classes (none, one, two
or more features active) by

    rest <- rest (q + p psi) + one p psi,    one <- one q + none p psi,    none <- none q,

and only ``rest`` is summed: it decays like ``w^-2`` and its error is relative to its own
``O(p^2)``. With ``psi(t) = E e^{itu} = (sin t, 1 - cos t) / t``, derivatives follow by running the
same recursion backwards.

Source: the Fourier series of the periodic Bernoulli polynomials, DLMF 24.8.3.
"""

from __future__ import annotations

import math

import numpy as np

from numerics.basics.compiled import compiled
from numerics.basics.types import Floats

__all__ = ["CHUNK", "oscillating_part", "oscillating_part_with_gradient"]

CHUNK = 128  # frequencies carried together: the inner loops run over them
_SMALL_ANGLE = 0.5

# sin(pi f) / f and cos(pi f) on |f| <= 1/2 by their Taylor series in f^2: the first term left out
# is below 1e-19
_SIN = [(-1.0) ** k * math.pi ** (2 * k + 1) / math.factorial(2 * k + 1) for k in range(12)]
_COS = [(-1.0) ** k * math.pi ** (2 * k) / math.factorial(2 * k) for k in range(12)]
_S0, _S1, _S2, _S3, _S4, _S5, _S6, _S7, _S8, _S9, _S10, _S11 = _SIN
_C0, _C1, _C2, _C3, _C4, _C5, _C6, _C7, _C8, _C9, _C10, _C11 = _COS


@compiled()
def _half_turn(turns: float) -> tuple[float, float]:
    """``sin`` and ``cos`` of ``pi * turns``, up to one sign common to both."""
    f = turns - math.floor(turns + 0.5)
    g = f * f
    sine = _S11
    for c in (_S10, _S9, _S8, _S7, _S6, _S5, _S4, _S3, _S2, _S1, _S0):
        sine = sine * g + c
    cosine = _C11
    for c in (_C10, _C9, _C8, _C7, _C6, _C5, _C4, _C3, _C2, _C1, _C0):
        cosine = cosine * g + c
    return sine * f, cosine


@compiled()
def _moments_of_phase(t: float, psi_re: float, psi_im: float) -> tuple[float, float, float, float]:
    """``E[u e^{itu}]`` and ``E[u^2 e^{itu}]`` for uniform ``u``, stable for every ``t``."""
    if abs(t) < _SMALL_ANGLE:
        first_re, first_im, second_re, second_im = 0.0, 0.0, 0.0, 0.0
        power = 1.0
        for m in range(0, 16, 2):
            sign = 1.0 - (m % 4)
            first_re += sign * power / (m + 2)
            second_re += sign * power / (m + 3)
            power *= t / (m + 1)
            first_im += sign * power / (m + 3)
            second_im += sign * power / (m + 4)
            power *= t / (m + 2)
        return first_re, first_im, second_re, second_im
    # by parts: E[u e^{itu}] = (e^{it} - psi)/(it), with e^{it} = 1 + i t psi
    wave_re, wave_im = 1.0 - t * psi_im, t * psi_re
    first_re, first_im = (wave_im - psi_im) / t, (psi_re - wave_re) / t
    second_re, second_im = (wave_im - 2.0 * first_im) / t, (2.0 * first_re - wave_re) / t
    return first_re, first_im, second_re, second_im


@compiled()
def _characteristic(turn: float, start: int, count: int, psi: Floats) -> None:
    """``psi(2 pi k turn)`` for ``k = start + 1 .. start + count``: real parts, imaginary parts."""
    scale = 1.0 / (math.pi * turn)
    for k in range(count):
        number = float(start + k + 1)
        sine, cosine = _half_turn(number * turn)
        ratio = sine * scale / number
        psi[0, k] = cosine * ratio
        psi[1, k] = sine * ratio


@compiled()
def _clear(state: Floats) -> None:
    """No feature yet: ``one = rest = 0``. The rows are one (real, imaginary), rest (the same)."""
    for k in range(state.shape[1]):
        state[0, k], state[1, k], state[2, k], state[3, k] = 0.0, 0.0, 0.0, 0.0


@compiled()
def _copy(state: Floats, count: int, out: Floats) -> None:
    for k in range(count):
        out[0, k], out[1, k] = state[0, k], state[1, k]
        out[2, k], out[3, k] = state[2, k], state[3, k]


@compiled()
def _carry(state: Floats, psi: Floats, p: float, q: float, none: float, count: int) -> None:
    """Carry the classes over one feature (the recursion of the module docstring)."""
    for k in range(count):
        re, im = p * psi[0, k], p * psi[1, k]
        both_re, both_im = state[0, k] + state[2, k], state[1, k] + state[3, k]
        state[2, k] = q * state[2, k] + re * both_re - im * both_im
        state[3, k] = q * state[3, k] + re * both_im + im * both_re
        state[0, k] = q * state[0, k] + none * re
        state[1, k] = q * state[1, k] + none * im


@compiled()
def oscillating_part(
    a: Floats, p: Floats, q: Floats, own: int, p_own: float, b: float, period: float, terms: int
) -> float:
    """Oscillating part of ``E[y_+^2 - 2 x_i y_+ ; at least two active]``.

    Args:
        a: nonzero Gram entries.
        p: densities.
        q: ``1 - p``.
        own: position of the own feature, -1 when its entry is zero.
        p_own: density of the own feature.
        b: bias.
        period: ``P``.
        terms: number of frequencies.

    Returns:
        The sum over ``k = 1 .. terms`` and their conjugates.
    """
    state, psi = np.empty((4, CHUNK)), np.empty((2, CHUNK))
    total = 0.0
    for start in range(0, terms, CHUNK):
        count = min(CHUNK, terms - start)
        _clear(state)
        none = 1.0
        for j in range(a.size):
            if j == own:
                continue
            _characteristic(a[j] / period, start, count, psi)
            _carry(state, psi, p[j], q[j], none, count)
            none *= q[j]
        if own >= 0:
            _characteristic(a[own] / period, start, count, psi)
        for k in range(count):
            number = float(start + k + 1)
            cubic = 4.0 * period * period / (2.0 * math.pi * number) ** 3
            square = 4.0 * period / (2.0 * math.pi * number) ** 2
            sine, cosine = _half_turn(number * b / period)
            z_re, z_im = cosine * cosine - sine * sine, 2.0 * sine * cosine
            re, im = state[2, k], state[3, k]
            if own < 0:
                total -= cubic * (z_re * im + z_im * re)
                total += 0.5 * p_own * square * (z_re * re - z_im * im)
                continue
            angle = 2.0 * math.pi * number * a[own] / period
            first_re, first_im, _, _ = _moments_of_phase(angle, psi[0, k], psi[1, k])
            both_re, both_im = state[0, k] + re, state[1, k] + im
            full_re = q[own] * re + p[own] * (psi[0, k] * both_re - psi[1, k] * both_im)
            full_im = q[own] * im + p[own] * (psi[0, k] * both_im + psi[1, k] * both_re)
            with_re = p[own] * (first_re * both_re - first_im * both_im)
            with_im = p[own] * (first_re * both_im + first_im * both_re)
            total -= cubic * (z_re * full_im + z_im * full_re)
            total += square * (z_re * with_re - z_im * with_im)
    return total


@compiled()
def _last_feature(
    own: int,
    a_own: float,
    p_own: float,
    q_own: float,
    b: float,
    period: float,
    start: int,
    count: int,
    state: Floats,
    psi: Floats,
) -> tuple[float, float, float, float, float]:
    """Sum one chunk, and turn the classes into their adjoints in place."""
    # returns the value, the derivatives by the own entry and by b, and, for a zero own entry, the
    # parts of P(y > 0) and E[y_+]
    value, by_own, by_b, probability, mean = 0.0, 0.0, 0.0, 0.0, 0.0
    for k in range(count):
        number = float(start + k + 1)
        omega = 2.0 * math.pi * number / period
        cubic = 4.0 * period * period / (2.0 * math.pi * number) ** 3
        square = 4.0 * period / (2.0 * math.pi * number) ** 2
        sine, cosine = _half_turn(number * b / period)
        z = complex(cosine * cosine - sine * sine, 2.0 * sine * cosine)
        one, rest = complex(state[0, k], state[1, k]), complex(state[2, k], state[3, k])
        if own < 0:
            adjoint = z * complex(0.5 * p_own * square, cubic)
            value += (adjoint * rest).real
            by_b += (adjoint * rest * complex(0.0, omega)).real
            probability += (z * rest).imag / (math.pi * number)
            mean -= 0.5 * square * (z * rest).real
            state[0, k], state[1, k] = 0.0, 0.0
            state[2, k], state[3, k] = adjoint.real, adjoint.imag
            continue
        wave = complex(psi[0, k], psi[1, k])
        first_re, first_im, second_re, second_im = _moments_of_phase(
            omega * a_own, psi[0, k], psi[1, k]
        )
        first, second = complex(first_re, first_im), complex(second_re, second_im)
        both = one + rest
        plain, weighted = z * complex(0.0, cubic), z * square
        full, with_own = q_own * rest + p_own * wave * both, p_own * first * both
        value += (plain * full).real + (weighted * with_own).real
        by_b += (complex(0.0, omega) * (plain * full + weighted * with_own)).real
        by_own += (complex(0.0, omega) * p_own * both * (plain * first + weighted * second)).real
        shared = p_own * (plain * wave + weighted * first)
        state[0, k], state[1, k] = shared.real, shared.imag
        state[2, k], state[3, k] = (shared + q_own * plain).real, (shared + q_own * plain).imag
    return value, by_own, by_b, probability, mean


@compiled()
def _derivative_by_entry(
    turn: float, omega_unit: float, start: int, count: int, psi: Floats, adjoint: Floats
) -> float:
    """``Re sum_k adjoint_k * d psi(w_k a) / da``, with ``d psi / da = i w E[u e^{iwau}]``."""
    small = int(min(float(count), max(0.0, _SMALL_ANGLE / (2.0 * math.pi * abs(turn)) - start)))
    total = 0.0
    for k in range(small):
        omega = omega_unit * (start + k + 1)
        angle = 2.0 * math.pi * turn * (start + k + 1)
        re, im, _, _ = _moments_of_phase(angle, psi[0, k], psi[1, k])
        total -= omega * (adjoint[0, k] * im + adjoint[1, k] * re)
    inverse = omega_unit / (2.0 * math.pi * turn)
    for k in range(small, count):  # i w E[u e^{iwau}] = (1 - psi + i t psi) / a
        angle = 2.0 * math.pi * turn * (start + k + 1)
        re = 1.0 - psi[0, k] - angle * psi[1, k]
        im = angle * psi[0, k] - psi[1, k]
        total += inverse * (adjoint[0, k] * re - adjoint[1, k] * im)
    return total


@compiled()
def _carry_back(
    state: Floats,
    before: Floats,
    psi: Floats,
    p: float,
    q: float,
    none: float,
    count: int,
    adjoint: Floats,
) -> None:
    """Run ``_carry`` backwards: adjoints of the classes before the feature, and of its ``psi``."""
    for k in range(count):
        both_re, both_im = before[0, k] + before[2, k], before[1, k] + before[3, k]
        one_re, one_im, up_re, up_im = state[0, k], state[1, k], state[2, k], state[3, k]
        adjoint[0, k] = p * (none * one_re + both_re * up_re - both_im * up_im)
        adjoint[1, k] = p * (none * one_im + both_re * up_im + both_im * up_re)
        flow_re = p * (psi[0, k] * up_re - psi[1, k] * up_im)
        flow_im = p * (psi[0, k] * up_im + psi[1, k] * up_re)
        state[0, k], state[1, k] = q * one_re + flow_re, q * one_im + flow_im
        state[2, k], state[3, k] = q * up_re + flow_re, q * up_im + flow_im


@compiled()
def oscillating_part_with_gradient(
    a: Floats,
    p: Floats,
    q: Floats,
    own: int,
    p_own: float,
    b: float,
    period: float,
    terms: int,
    by_a: Floats,
) -> tuple[float, float, float, float]:
    """``oscillating_part`` with its derivatives by reverse accumulation.

    Args:
        a: nonzero Gram entries.
        p: densities.
        q: ``1 - p``.
        own: position of the own feature, -1 when its entry is zero.
        p_own: density of the own feature.
        b: bias.
        period: ``P``.
        terms: number of frequencies.
        by_a: the derivatives by each ``a`` are added to it.

    Returns:
        The value, its derivative by ``b``, and, for ``own < 0``, the oscillating parts of
        ``P(y > 0)`` and ``E[y_+]`` over at least two active.
    """
    size = a.size
    before, psi = np.empty((size, 4, CHUNK)), np.empty((size, 2, CHUNK))
    state, adjoint, nobody = np.empty((4, CHUNK)), np.empty((2, CHUNK)), np.ones(size)
    value, by_b, probability, mean = 0.0, 0.0, 0.0, 0.0
    last = max(own, 0)
    for start in range(0, terms, CHUNK):
        count = min(CHUNK, terms - start)
        _clear(state)
        none = 1.0
        for j in range(size):
            _characteristic(a[j] / period, start, count, psi[j])
            if j != own:
                _copy(state, count, before[j])
                _carry(state, psi[j], p[j], q[j], none, count)
                nobody[j] = none
                none *= q[j]
        part, by_own, slope_b, chance, average = _last_feature(
            own, a[last], p_own, q[last], b, period, start, count, state, psi[last]
        )
        value, by_b = value + part, by_b + slope_b
        probability, mean = probability + chance, mean + average
        by_a[last] += by_own  # nothing where the own entry is zero
        for j in range(size - 1, -1, -1):
            if j != own:
                _carry_back(state, before[j], psi[j], p[j], q[j], nobody[j], count, adjoint)
                by_a[j] += _derivative_by_entry(
                    a[j] / period, 2.0 * math.pi / period, start, count, psi[j], adjoint
                )
    return value, by_b, probability, mean
