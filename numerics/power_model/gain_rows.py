r"""Even moments of all outputs ``y_i = sum_j A_ij x_j`` with ``x_j`` symmetric, by products.

With ``m_k = E y^{2k} / (2k)!`` and ``c_t = E x^{2t} / (2t)!`` each feature multiplies the series
``sum_k m_k z^k`` by ``sum_t c_t A_ij^{2t} z^t``, cut after ``z^q``. Every term is at least 0, so
that nothing cancels and the relative rounding is that of a sum of products: ``roundings`` counts
it. The own feature comes last; what the others give is kept, for ``E[x_i y_i^q]``.

Derivatives by ``A_ij`` come from the cumulants of ``x``: with ``k_t = kappa_{2t} / (2t)!``

.. math:: \partial m_q / \partial A_{ij} = \sum_t 2t\, k_t A_{ij}^{2t-1} m_{q-t} .

``A = W^T W`` is made again wherever it is needed, a vector of entries at a time: nothing of size
``n x n`` is kept, and no threads of a matrix product stand in the way of these.

Source: own derivation.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import factorial

import numpy as np

from numerics.basics.compiled import compiled
from numerics.basics.threads import share_out
from numerics.basics.types import Floats

__all__ = ["Features", "Rows", "product_moments", "roundings", "row_moments", "slopes_by_weights"]

_CHEAP = 1000  # a product of a Gram entry here, against an entry in the measure of `share_out`
_BLOCK = 256  # outputs at a time: their series fit the nearest cache


@dataclass(frozen=True)
class Features:
    """What the law of ``x = B u`` gives, each correctly rounded; index ``t = 0 .. q``.

    Attributes:
        power: ``q``, odd.
        moments: ``c_t = E x^{2t} / (2t)!``.
        cumulants: ``k_t = kappa_{2t} / (2t)!``.
    """

    power: int
    moments: Floats
    cumulants: Floats

    @property
    def own(self) -> Floats:
        """``E x^{k+1} / k!`` for odd ``k = 1, 3 .. q``: the own feature once and ``k`` times."""
        half = (self.power + 1) // 2
        found: Floats = 2.0 * np.arange(1, half + 1) * self.moments[1 : half + 1]
        return found


@dataclass(frozen=True)
class Rows:
    """Moments of every output.

    Attributes:
        own: ``A_ii``, shape ``(n,)``.
        others: ``m_k`` without the own feature, shape ``(q + 1, n)``.
        every: ``m_k`` with it, likewise.
        target: ``E[x_i y_i^q]``, shape ``(n,)``.
        energy: ``E y_i^{2q}``, likewise.
    """

    own: Floats
    others: Floats
    every: Floats
    target: Floats
    energy: Floats


def roundings(n: int, q: int) -> int:
    """Count the roundings in one term of ``target`` or ``energy``, given ``A``.

    A term of ``m_q`` takes at most ``q`` powers ``t > 0``, each with at most ``2 t + 4`` roundings
    in the coefficient and ``q + 2`` in product and sum; elsewhere it is rounded once a feature.

    Args:
        n: number of features.
        q: power.

    Returns:
        The count, factorials and sums over odd powers included.
    """
    return n + 3 * q * q + 12 * q + 10


@compiled(releases_lock=True)
def _multiply(entries: Floats, moments: Floats, found: Floats, terms: Floats) -> None:
    """Multiply the series of one feature into ``found``, for a vector of outputs at a time."""
    top, width = moments.size - 1, entries.size
    square, power = terms[0], terms[top + 1]
    for r in range(width):
        square[r] = entries[r] * entries[r]
        power[r] = square[r]
        terms[1, r] = moments[1] * square[r]
    for t in range(2, top + 1):
        for r in range(width):
            power[r] *= square[r]
            terms[t, r] = moments[t] * power[r]
    for k in range(top, 0, -1):
        for r in range(width):
            power[r] = terms[1, r] * found[k - 1, r]
        for t in range(2, k + 1):
            for r in range(width):
                power[r] += terms[t, r] * found[k - t, r]
        for r in range(width):
            found[k, r] += power[r]


@compiled(releases_lock=True)
def _gram_row(W: Floats, j: int, start: int, block: Floats, entries: Floats) -> None:
    """Entries of ``A`` between feature ``j`` and a block of others, 0 with itself."""
    for r in range(entries.size):
        entries[r] = W[0, j] * block[0, r]
    for k in range(1, W.shape[0]):
        weight = W[k, j]
        for r in range(entries.size):
            entries[r] += weight * block[k, r]
    if 0 <= j - start < entries.size:
        entries[j - start] = 0.0


@compiled(releases_lock=True)
def _fill_moments(W: Floats, moments: Floats, start: int, found: Floats) -> None:
    """``m_k`` of the outputs ``start ..``, their own features left out."""
    width = found.shape[1]
    block = W[:, start : start + width].copy()
    entries, terms = np.empty(width), np.empty((moments.size + 1, width))
    found[0] = 1.0
    for j in range(W.shape[1]):
        _gram_row(W, j, start, block, entries)
        _multiply(entries, moments, found, terms)


@compiled(releases_lock=True)
def _fill_slopes(
    W: Floats, start: int, coefficients: Floats, own: Floats, found: Floats, mirrored: Floats
) -> None:
    """``W Gamma^T`` at the outputs ``start ..``, and what they add to ``W Gamma``."""
    top, width = coefficients.shape
    block = W[:, start : start + width].copy()
    entries, slopes = np.empty(width), np.empty(width)
    for j in range(W.shape[1]):
        _gram_row(W, j, start, block, entries)
        for r in range(width):
            slopes[r] = coefficients[top - 1, r]
        for t in range(top - 2, -1, -1):
            for r in range(width):
                slopes[r] = slopes[r] * (entries[r] * entries[r]) + coefficients[t, r]
        for r in range(width):
            slopes[r] *= entries[r]
        if 0 <= j - start < width:
            slopes[j - start] = own[j - start]
        for k in range(W.shape[0]):
            weight, total = W[k, j], 0.0
            for r in range(width):
                found[k, r] += weight * slopes[r]
                total += block[k, r] * slopes[r]
            mirrored[k, j] += total


def product_moments(entries: Floats, moments: Floats) -> Floats:
    """Compute ``m_k`` of ``sum_j a_j x_j``.

    Args:
        entries: ``a``, shape ``(n,)``.
        moments: ``c_t``.

    Returns:
        ``m_k``, shape ``(q + 1,)``.
    """
    found, terms = np.zeros((moments.size, 1)), np.empty((moments.size + 1, 1))
    found[0] = 1.0
    for entry in entries[:, None]:
        _multiply(entry, moments, found, terms)
    product: Floats = found[:, 0]
    return product


def row_moments(features: Features, W: Floats) -> Rows:
    """Compute the moments of every output.

    Args:
        features: the law.
        W: weights, shape ``(m, n)``.

    Returns:
        The moments.
    """
    q, (m, n) = features.power, W.shape
    own = np.einsum("ki,ki->i", W, W)
    others = np.zeros((q + 1, n))

    def work(start: int, stop: int) -> None:
        for first in range(start, stop, _BLOCK):
            found = np.zeros((q + 1, min(_BLOCK, stop - first)))
            _fill_moments(W, features.moments, first, found)
            others[:, first : first + found.shape[1]] = found

    share_out(work, n, n * n * m // _CHEAP)
    every = others.copy()
    powers = own ** (2 * np.arange(q + 1))[:, None]
    for t in range(1, q + 1):
        every[t:] += features.moments[t] * powers[t] * others[: q + 1 - t]
    target = np.zeros(n)
    for k, chance in zip(range(1, q + 1, 2), features.own, strict=True):
        target += chance * own**k * others[(q - k) // 2]
    return Rows(own, others, every, factorial(q) * target, factorial(2 * q) * every[q])


def slopes_by_weights(
    features: Features, W: Floats, rows: Rows, by_target: float, by_energy: float
) -> Floats:
    r"""Compute the derivative of ``by_target * sum target + by_energy * sum energy``.

    With ``Gamma`` the derivative by ``A``, that by ``W`` is ``W (Gamma + Gamma^T)``.

    Args:
        features: the law.
        W: weights, shape ``(m, n)``.
        rows: their moments.
        by_target: weight of the first sum.
        by_energy: weight of the second.

    Returns:
        The derivative, shape ``(m, n)``.
    """
    m, n = W.shape
    coefficients, own = _coefficients(features, rows, by_target, by_energy)
    found, parts = np.zeros_like(W), dict[int, Floats]()

    def work(start: int, stop: int) -> None:
        parts[start] = np.zeros_like(W)
        for first in range(start, stop, _BLOCK):
            last = min(first + _BLOCK, stop)
            piece, ends = np.zeros((m, last - first)), slice(first, last)
            kept = np.ascontiguousarray(coefficients[:, ends])
            _fill_slopes(W, first, kept, own[ends], piece, parts[start])
            found[:, ends] = piece

    share_out(work, n, n * n * m // _CHEAP)
    for start in sorted(parts):  # a fixed order: the same sum whichever thread came first
        found += parts[start]
    return found


def _coefficients(
    features: Features, rows: Rows, by_target: float, by_energy: float
) -> tuple[Floats, Floats]:
    """``e_t`` of every row for the other features, and the derivative by ``A_ii``."""
    q, others = features.power, rows.others
    own_powers = rows.own ** np.arange(2 * q)[:, None]
    found, own = np.zeros((q, rows.own.size)), np.zeros(rows.own.size)
    for t in range(1, q + 1):
        kept = by_energy * factorial(2 * q) * rows.every[q - t]
        for k, chance in zip(range(1, q + 1, 2), features.own, strict=True):
            left = (q - k) // 2 - t
            if left >= 0:
                kept = kept + by_target * factorial(q) * chance * own_powers[k] * others[left]
        found[t - 1] = 2 * t * features.cumulants[t] * kept
        energy = 2 * t * features.moments[t] * own_powers[2 * t - 1] * others[q - t]
        own += by_energy * factorial(2 * q) * energy
    for k, chance in zip(range(1, q + 1, 2), features.own, strict=True):
        target = k * chance * own_powers[k - 1] * others[(q - k) // 2]
        own += by_target * factorial(q) * target
    return found, own
