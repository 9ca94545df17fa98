"""Coefficients of the expectations that make up the loss: targets of both parts of the series."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from numerics.basics.types import Floats
from numerics.family.planning import wave_factors
from numerics.family.rest import kinked_polynomial
from theory.problem import Activation

__all__ = ["Targets", "series_targets", "settled_targets"]


@dataclass(frozen=True)
class Targets:
    """Coefficients of ``E y^k`` and of ``E x_i y^k``, one row for each output."""

    plain: Floats
    own: Floats


def settled_targets(activation: Activation, signs: Floats) -> Targets:
    """Coefficients where ``sigma(y)^2 - 2 x_i sigma(y)`` is a polynomial itself.

    Args:
        activation: ``sigma``.
        signs: sign that ``y`` has for sure in each output; 1 for a polynomial activation.

    Returns:
        Coefficients up to ``E y^{2q}`` and ``E x_i y^q``.
    """
    q = activation.power
    plain, own = np.zeros((len(signs), 2 * q + 1)), np.zeros((len(signs), q + 1))
    on = np.maximum(signs, 0.0) if activation.shape == "relu" else np.ones_like(signs)
    plain[:, 2 * q] = on
    own[:, q] = -2.0 * on * signs**q
    return Targets(plain, own)


def series_targets(activation: Activation, period: Floats) -> Targets:
    """Coefficients of the polynomial part of the series, one period for each output."""
    q = activation.power
    square, cross = wave_factors(activation.shape)
    scale = period[:, None]
    plain = square * kinked_polynomial(2 * q) * scale ** (2 * q - np.arange(2.0 * q + 2))
    own = cross * kinked_polynomial(q) * scale ** (q - np.arange(q + 2.0))
    if activation.shape == "abs":
        plain[:, 2 * q] += 1.0
        own[:, q] += 2.0
    return Targets(plain, own)
