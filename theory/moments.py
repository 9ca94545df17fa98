r"""The linear model: one output needs two moments, for any number of features.

With ``x_hat = G x + b`` the residual ``r = b_i + sum_j c_j x_j``, ``c_j = G_ij - [j = i]``, is a
sum of independent terms, and ``E r^2`` needs only ``E x_j = p_j / 2`` and ``E x_j^2 = p_j / 3``.

Source: own derivation; Elhage et al. 2022, arXiv:2209.10652, section 3 has the linear model.
"""

from __future__ import annotations

from typing import Any

from theory.rows import Row

__all__ = ["linear_gradient", "linear_loss"]


def _residual_slopes(row: Row) -> list[Any]:
    return [a - 1 if j == row.index else a for j, a in enumerate(row.slopes)]


def _residual_moments(field: Any, row: Row) -> tuple[Any, Any, Any]:
    """Total mass, ``E r`` and ``E r^2``, one feature after another."""
    mass, first, second = row.bias * 0 + 1, row.bias, row.bias * row.bias
    for c, p, q in zip(_residual_slopes(row), row.active, row.idle, strict=True):
        mean, square = field.divide(c * p, 2), field.divide(c * c * p, 3)
        second = second * (q + p) + first * mean * 2 + mass * square
        first = first * (q + p) + mass * mean
        mass = mass * (q + p)
    return mass, first, second


def linear_loss(field: Any, row: Row) -> Any:
    r"""Give ``E (x_i - y)^2``, without importance.

    Args:
        field: arithmetic of the entries (``theory.fields``).
        row: the output.

    Returns:
        An element of the field.
    """
    return _residual_moments(field, row)[2]


def linear_gradient(field: Any, row: Row) -> tuple[Any, list[Any]]:
    r"""Give the derivatives of ``E (x_i - y)^2`` by the bias and by every slope.

    .. math::
        \partial_{b_i} = 2 E r, \qquad
        \partial_{G_{ij}} = 2 E[x_j r] = p_j (E r - \tfrac{c_j p_j}{2}) + \tfrac{2 c_j p_j}{3}

    Args:
        field: arithmetic of the entries (``theory.fields``).
        row: the output; its masses must sum to one for each feature.

    Returns:
        The derivative by the bias, and a list of those by the slopes.
    """
    first = _residual_moments(field, row)[1]
    slopes = [
        p * (first - field.divide(c * p, 2)) + field.divide(c * p * 2, 3)
        for c, p in zip(_residual_slopes(row), row.active, strict=True)
    ]
    return first * 2, slopes
