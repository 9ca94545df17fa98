"""Weights that come without a problem: their shape is read off, then they are checked as usual."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import sympy

from theory.losses.weights import Weights, read_weights, to_sympy
from theory.problem import InputError, Problem

__all__ = ["bare_gram", "bare_weights"]


def bare_weights(W: Any, b: Any = None) -> Weights:
    """Read weights of any shape.

    Args:
        W: ``m`` rows of ``n`` exact numbers, or an arrangement.
        b: length ``n``; zeros where left out, or the bias of the arrangement.

    Returns:
        The weights, every entry exact.

    Raises:
        InputError: no rows, rows of different lengths, or an entry that is no number.

    Example:
        >>> bare_weights([["1/2", 0.25]]).bias
        (Fraction(0, 1), Fraction(0, 1))
    """
    if hasattr(W, "gram"):
        m, n = max(1, W.n_hidden), W.n_features
    else:
        rows = W.tolist() if hasattr(W, "tolist") else W
        if not isinstance(rows, Sequence) or not rows:
            raise InputError(f"W={W!r}: must be at least one row of numbers, features as columns")
        first = rows[0]
        m, n = len(rows), max(1, len(first)) if isinstance(first, Sequence) else 1
    return read_weights(Problem(n, m, density=1), W, b)


def bare_gram(weights: Weights) -> list[list[Any]]:
    """Give ``W^T W``: fractions where all of ``W`` is, SymPy expressions otherwise.

    Args:
        weights: from ``bare_weights``.

    Returns:
        ``n`` rows of ``n``.

    Example:
        >>> bare_gram(bare_weights([[1, -2]]))[0]
        [Fraction(1, 1), Fraction(-2, 1)]
    """
    if weights.gram is not None:
        return [list(row) for row in weights.gram]
    columns = list(zip(*(weights.matrix or ()), strict=True))
    if all(isinstance(entry, Fraction) for column in columns for entry in column):
        return [[_dot(u, v) for v in columns] for u in columns]
    symbolic = [[to_sympy(entry) for entry in column] for column in columns]
    return [[sympy.expand(_dot(u, v)) for v in symbolic] for u in symbolic]


def _dot(u: Sequence[Any], v: Sequence[Any]) -> Any:
    return sum((x * y for x, y in zip(u, v, strict=True)), Fraction(0))
