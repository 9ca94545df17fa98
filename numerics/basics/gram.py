r"""The Gram matrix ``G = W^T W``, every entry to its last digits, so that its sign is right.

The loss is continuous in ``G`` but its gradient is not: an output whose entries are all zero sits
on a kink, and one whose entries are 1e-17 does not. A plain product of two orthogonal float columns
gives noise of that size with either sign. Error-free transformations give each entry to a relative
error of a few units in the last place, whatever cancels (Ogita, Rump, Oishi 2005, "Accurate Sum and
Dot Product", algorithms 3.3, 4.8 and 5.10).

This stands on strict arithmetic: with ``fastmath`` the transformations would be optimised away.
"""

from __future__ import annotations

import numpy as np

from numerics.basics.compiled import compiled
from numerics.basics.threads import share_out
from numerics.basics.types import Floats

__all__ = ["UNIT_ROUNDOFF", "gram_matrices", "gram_matrix", "untied_matrix"]

UNIT_ROUNDOFF = 2.0**-53
_SPLITTER = 2.0**27 + 1.0
_PASSES = 5  # each pass gains 53 bits: beyond any cancellation of weights from 1e-60 to 1e45 found


@compiled()
def _two_sum(x: float, y: float) -> tuple[float, float]:
    total = x + y
    shadow = total - x
    return total, (x - (total - shadow)) + (y - shadow)


@compiled()
def _two_product(x: float, y: float) -> tuple[float, float]:
    product = x * y
    scaled = _SPLITTER * x
    x_high = scaled - (scaled - x)
    x_low = x - x_high
    scaled = _SPLITTER * y
    y_high = scaled - (scaled - y)
    y_low = y - y_high
    rest = ((x_high * y_high - product) + x_high * y_low + x_low * y_high) + x_low * y_low
    return product, rest


@compiled()
def _sum_with_passes(terms: Floats) -> float:
    """Sum after several error-free vector transformations (Ogita et al., algorithm 4.8)."""
    for _ in range(_PASSES):
        for k in range(1, terms.size):
            terms[k], terms[k - 1] = _two_sum(terms[k], terms[k - 1])
    total = 0.0
    for k in range(terms.size):
        total += terms[k]
    return total


@compiled()
def _dot(x: Floats, y: Floats) -> float:
    """Dot product to a relative error of about two units in the last place."""
    count = x.size
    total, carry, size = 0.0, 0.0, 0.0
    for k in range(count):
        product, rest = _two_product(x[k], y[k])
        total, slip = _two_sum(total, product)
        carry += rest + slip
        size += abs(product)
    value = total + carry
    if abs(value) >= 8.0 * count * count * UNIT_ROUNDOFF * size:
        return value
    terms = np.empty(2 * count)
    for k in range(count):
        terms[2 * k], terms[2 * k + 1] = _two_product(x[k], y[k])
    return _sum_with_passes(terms)


@compiled(releases_lock=True)
def _fill(start: int, stop: int, columns: Floats, grams: Floats) -> None:
    """Rows ``start .. stop`` of the flattened batch, and the columns that mirror them."""
    count = columns.shape[1]
    for row in range(start, stop):
        s, i = row // count, row % count
        for j in range(i, count):
            value = _dot(columns[s, i], columns[s, j])
            grams[s, i, j] = value
            grams[s, j, i] = value


@compiled(releases_lock=True)
def _fill_products(start: int, stop: int, left: Floats, right: Floats, products: Floats) -> None:
    """Rows ``start .. stop`` of the products of two matrices given by their columns."""
    count = left.shape[0]
    for row in range(start, stop):
        for j in range(count):
            products[row, j] = _dot(left[row], right[j])


def untied_matrix(W_decoder: Floats, W: Floats) -> Floats:
    """Compute ``G = W_decoder^T W``, every entry as accurate as in ``gram_matrix``.

    Args:
        W_decoder: weights that read the features back, shape ``(m, n)``.
        W: weights that store them, shape ``(m, n)``.

    Returns:
        ``G``, shape ``(n, n)``; row ``i`` holds the slopes of output ``i``.

    Example:
        >>> untied_matrix(np.array([[1.0, 2.0]]), np.array([[3.0, -1.0]]))
        array([[ 3., -1.],
               [ 6., -2.]])
    """
    count = W.shape[1]
    left, right = np.ascontiguousarray(W_decoder.T), np.ascontiguousarray(W.T)
    products = np.empty((count, count))

    def work(start: int, stop: int) -> None:
        _fill_products(start, stop, left, right, products)

    share_out(work, count, products.size)
    return products


def gram_matrices(W: Floats) -> Floats:
    """Compute the Gram matrices of a batch of weights.

    Args:
        W: weights, shape ``(batch, m, n)``.

    Returns:
        ``G`` of each, shape ``(batch, n, n)``, accurate as in ``gram_matrix``.
    """
    batch, _, count = W.shape
    columns = np.ascontiguousarray(W.transpose(0, 2, 1))
    grams = np.empty((batch, count, count))

    def work(start: int, stop: int) -> None:
        _fill(start, stop, columns, grams)

    share_out(work, batch * count, grams.size)
    return grams


def gram_matrix(W: Floats) -> Floats:
    """Compute ``G = W^T W`` with every entry to a relative error below ``4 * UNIT_ROUNDOFF``.

    Args:
        W: weights, shape ``(m, n)``, features as columns; entries 0 or between 1e-60 and 1e45.

    Returns:
        ``G``, shape ``(n, n)``, symmetric to the last bit.

    Example:
        >>> float(gram_matrix(np.array([[0.1, -0.3], [0.3, 0.1]]))[0, 1])
        0.0
    """
    return gram_matrices(W[None])[0]
