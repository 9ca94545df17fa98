r"""Integrals over one active feature on either side of the kink of the activation.

With one feature active ``y = a u + b`` changes sign at ``u = -b / a``. On either side the integrand
is a polynomial times the density of the law, and it is integrated by a Gauss rule of positive
weights: an integral of squares stays a sum of squares, so that ``E (u - sigma(a u + b))^2`` keeps
its digits however small it is. Nothing is divided by a small ``a``, and moments are never
subtracted.

The rules are exact for uniform and discrete laws and for the half-line of an exponential one. The
others are Gauss-Legendre rules of 96 nodes on windows where the density is an exponential of at
most a few hundred: the coefficients of its Chebyshev series beyond degree 191 are below 1e-25.

Source: own derivation; Gauss rules, DLMF 3.5(v).
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from numerics.basics.gauss import legendre_rule
from numerics.basics.types import Floats
from theory.problem import (
    Activation,
    Binary,
    CustomLaw,
    Exponential,
    FeatureLaw,
    HalfNormal,
    Normal,
    Rademacher,
    Uniform,
    Unsupported,
)

__all__ = ["applied", "moments_of_law", "nodes_of_law", "slope_of"]

_NODES = 96
_WINDOW = 16.0  # of the normal law: e^{-128} u^24 is below 1e-26
_LONG = 200.0  # of the exponential law: e^{-200} u^24 is below 1e-31
_BELL = 1.0 / math.sqrt(2.0 * math.pi)


def applied(activation: Activation, y: Floats) -> Floats:
    """``sigma(y)``."""
    base = np.maximum(y, 0.0) if activation.shape == "relu" else y
    if activation.shape == "abs":
        base = np.abs(y)
    power: Floats = base**activation.power
    return power


def slope_of(activation: Activation, y: Floats) -> Floats:
    """``sigma'(y)``, with 0 at the kink."""
    q = activation.power
    if activation.shape == "relu":
        return np.where(y > 0.0, q * np.maximum(y, 0.0) ** (q - 1), 0.0)
    if activation.shape == "abs":
        return np.sign(y) * q * np.abs(y) ** (q - 1)
    return q * y ** (q - 1)


def nodes_of_law(law: FeatureLaw, power: int, a: Floats, b: Floats) -> tuple[Floats, ...]:
    """Find nodes and weights that integrate polynomials of ``u`` and ``sigma(a u + b)``.

    Args:
        law: of an active feature; one with a density or atoms.
        power: ``q`` of the activation; polynomials of degree ``2 q + 1`` on either side of the kink
            are integrated.
        a: slopes, any shape.
        b: biases, the same shape.

    Returns:
        Nodes ``u``, their weights, and ``y = a u + b`` there; each of that shape and one axis more.

    Raises:
        Unsupported: a law that is given by its moments and transform alone.

    Example:
        >>> u, w, y = nodes_of_law(Uniform(), 1, np.array([2.0]), np.array([-1.0]))
        >>> round(float(np.sum(w * np.maximum(y, 0.0) ** 2)), 12)
        0.166666666667
    """
    slope, bias = a[..., None], b[..., None]
    if isinstance(law, (Binary, Rademacher)):
        atoms = np.array([1.0] if isinstance(law, Binary) else [-1.0, 1.0])
        u = np.broadcast_to(atoms, (*a.shape, atoms.size))
        return u, np.full(u.shape, 1.0 / atoms.size), slope * u + bias
    with np.errstate(over="ignore"):
        kink = np.where(a == 0.0, -np.inf, -b / np.where(a == 0.0, 1.0, a))[..., None]
    below, above = _sides(law, power, kink)
    u = np.concatenate([below[0], above[0]], axis=-1)
    y = slope * u + bias
    rising = np.where(slope >= 0.0, 1.0, -1.0)
    # rounding must not carry a node across the kink
    split = below[0].shape[-1]
    signs = np.where(np.arange(u.shape[-1]) < split, -rising, rising)
    y = np.where(slope == 0.0, bias, signs * np.maximum(signs * y, 0.0))
    return u, np.concatenate([below[1], above[1]], axis=-1), y


def moments_of_law(law: FeatureLaw, top: int) -> tuple[Floats, Floats]:
    """Compute ``E u^k`` and ``E |u|^k`` for ``k = 0 .. top``.

    Args:
        law: any law; one given by its moments must give ``top`` of them.
        top: the highest power.

    Returns:
        Both; for a law given by its moments the second are upper bounds.

    Raises:
        Unsupported: a law that gives too few moments.

    Example:
        >>> moments_of_law(Rademacher(), 2)[0].tolist()
        [1.0, 0.0, 1.0]
    """
    if isinstance(law, CustomLaw):
        return _given_moments(law, top)
    u, w, _ = nodes_of_law(law, top, np.ones(1), np.zeros(1))
    powers = u[0] ** np.arange(top + 1)[:, None]
    raw, absolute = powers @ w[0], np.abs(powers) @ w[0]
    if law.is_symmetric:
        raw[1::2] = 0.0
    return raw, absolute


def _given_moments(law: CustomLaw, top: int) -> tuple[Floats, Floats]:
    if len(law.moments) < top:
        raise Unsupported(
            f"features={law!r}: gives {len(law.moments)} moments; this activation needs {top} on "
            "the numeric side; give it more"
        )
    raw = np.array([1.0, *(float(mu) for mu in law.moments[:top])])
    absolute = np.abs(raw)
    for k in range(1, top + 1, 2):  # Cauchy and Schwarz
        above = raw[k + 1] if k < top else math.inf
        ends = [abs(float(end)) for end in law.support] if law.support else [math.inf]
        absolute[k] = min(math.sqrt(raw[k - 1] * above), max(ends) * raw[k - 1])
    return raw, absolute


def _sides(law: FeatureLaw, power: int, kink: Floats) -> tuple[tuple[Floats, Floats], ...]:
    """Nodes and weights below and above the kink."""
    if isinstance(law, Uniform):
        low, high = float(law.low), float(law.high)
        middle, density = np.clip(kink, low, high), 1.0 / (high - low)
        sides = (_legendre(low, middle, power + 2), _legendre(middle, high, power + 2))
        return tuple((u, w * density) for u, w in sides)
    if isinstance(law, Exponential):
        start = np.maximum(kink, 0.0)
        u, w = _legendre(0.0, np.minimum(start, _LONG), _NODES)
        nodes, weights = _laguerre(power + 2)
        return (u, w * np.exp(-u)), (start + nodes, np.exp(-start) * weights)
    if isinstance(law, Normal):
        middle = np.clip(kink, -_WINDOW, _WINDOW)
        sides = (_legendre(-_WINDOW, middle, _NODES), _legendre(middle, _WINDOW, _NODES))
        return tuple((u, w * _BELL * np.exp(-0.5 * u * u)) for u, w in sides)
    if isinstance(law, HalfNormal):
        middle = np.clip(kink, 0.0, _WINDOW)
        sides = (_legendre(0.0, middle, _NODES), _legendre(middle, _WINDOW, _NODES))
        return tuple((u, w * 2.0 * _BELL * np.exp(-0.5 * u * u)) for u, w in sides)
    raise Unsupported(f"features={law!r}: has no density that the numeric side knows")


@cache
def _laguerre(count: int) -> tuple[Floats, Floats]:
    nodes, weights = np.polynomial.laguerre.laggauss(count)
    return nodes, weights


def _legendre(low: Floats | float, high: Floats | float, count: int) -> tuple[Floats, Floats]:
    """The Gauss-Legendre rule moved to ``[low, high]``."""
    nodes, weights = legendre_rule(count)
    half = 0.5 * (np.asarray(high) - low)
    return low + half * (1.0 + nodes), half * weights
