"""Weights as they come in: nested sequences, matrices, arrays or named arrangements, made exact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy

from theory.problem import (
    Exact,
    InputError,
    Problem,
    check_weight_shapes,
    exact_number,
    is_symbolic,
)

__all__ = ["Weights", "expanded_gram", "read_weights", "to_sympy"]


def to_sympy(value: Exact) -> sympy.Expr:
    """Turn an exact number into a SymPy one."""
    if isinstance(value, (int, Fraction)):
        return sympy.Rational(value.numerator, value.denominator)
    return value


def expanded_gram(weights: Weights) -> list[list[sympy.Expr]]:
    """Give ``W^T W`` or ``W_decoder^T W``, expanded: what cancels symbolically is exactly zero."""
    if weights.gram is not None:
        return [[to_sympy(entry) for entry in row] for row in weights.gram]
    columns = _columns(weights.matrix or ())
    outputs = columns if weights.decoder is None else _columns(weights.decoder)
    return [
        [sympy.expand(sympy.Add(*(x * y for x, y in zip(u, v, strict=True)))) for v in columns]
        for u in outputs
    ]


def _columns(matrix: Sequence[Sequence[Any]]) -> list[list[sympy.Expr]]:
    return [[to_sympy(entry) for entry in column] for column in zip(*matrix, strict=True)]


Matrix = tuple[tuple[Exact, ...], ...]


@dataclass(frozen=True)
class Weights:
    """Exact weights.

    Attributes:
        matrix: ``W`` as ``m`` rows of ``n``, or None where only its Gram matrix is known.
        gram: ``G = W^T W`` as ``n`` rows of ``n`` where it came with ``W``, else None.
        bias: ``b``, length ``n``.
        decoder: ``W_decoder`` as ``m`` rows of ``n``; None for tied weights.
    """

    matrix: Matrix | None
    gram: Matrix | None
    bias: tuple[Exact, ...]
    decoder: Matrix | None = None

    @property
    def numbers(self) -> tuple[Exact, ...]:
        """What the loss needs: ``G`` (else ``W`` and ``W_decoder``) row by row, then ``b``."""
        rows = self.gram if self.gram is not None else (*(self.matrix or ()), *(self.decoder or ()))
        return tuple(entry for row in rows for entry in row) + self.bias

    @property
    def is_symbolic(self) -> bool:
        """Whether an entry holds free symbols."""
        return any(is_symbolic(entry) for entry in self.numbers)


def _listed(value: Any, name: str) -> list[Any]:
    given = value.tolist() if hasattr(value, "tolist") else value
    if isinstance(given, (str, bytes)) or not isinstance(given, Sequence):
        raise InputError(f"{name}={value!r}: must be a sequence, a matrix or an array")
    return list(given)


def _matrix(value: Any, name: str) -> Matrix:
    rows = [_listed(row, f"{name}[{k}]") for k, row in enumerate(_listed(value, name))]
    lengths = sorted({len(row) for row in rows})
    if len(lengths) > 1:
        raise InputError(f"{name}: rows have lengths {lengths}; all must be n_features long")
    return tuple(
        tuple(exact_number(entry, f"{name}[{k}][{j}]") for j, entry in enumerate(row))
        for k, row in enumerate(rows)
    )


def _shape(matrix: Matrix) -> tuple[int, int]:
    return (len(matrix), len(matrix[0])) if matrix else (0, 0)


def _bias(problem: Problem, W: Any, b: Any) -> tuple[Exact, ...]:
    if b is None:
        b = getattr(W, "bias", None)
    if b is None:
        b = (0,) * problem.n_features
    entries = _listed(b, "b")
    if hasattr(b, "shape") and len(entries) == 1 and isinstance(entries[0], list):
        entries = entries[0]  # a SymPy row vector
    elif entries and all(isinstance(row, list) and len(row) == 1 for row in entries):
        entries = [row[0] for row in entries]  # a column vector
    return tuple(exact_number(entry, f"b[{k}]") for k, entry in enumerate(entries))


def read_weights(problem: Problem, W: Any, b: Any = None, W_decoder: Any = None) -> Weights:
    """Read weights, check them against the problem and make every entry exact.

    Args:
        problem: gives ``n`` and ``m``.
        W: ``m`` rows of ``n``: nested sequences, a SymPy matrix, an array with ``tolist``, or an
            object with ``gram()`` (``n`` rows of ``n``) and ``bias``.
        b: length ``n``; left out, the bias of ``W`` where it has one, else zeros.
        W_decoder: ``m`` rows of ``n`` for untied weights; left out, the weights are tied.

    Returns:
        The weights.

    Raises:
        InputError: a named arrangement with a decoder, a shape that does not fit, or an entry that
            is not a finite real number.

    Example:
        >>> read_weights(Problem(2, 1, density=1), [["1/2", 0.25]]).matrix
        ((Fraction(1, 2), Fraction(1, 4)),)
    """
    bias = _bias(problem, W, b)
    if not hasattr(W, "gram"):
        matrix = _matrix(W, "W")
        decoder = None if W_decoder is None else _matrix(W_decoder, "W_decoder")
        check_weight_shapes(
            problem, _shape(matrix), (len(bias),), None if decoder is None else _shape(decoder)
        )
        return Weights(matrix, None, bias, decoder)
    if W_decoder is not None:
        raise InputError(
            f"W={W!r}: a named arrangement is tied, so it takes no W_decoder; give its coordinates "
            "as W"
        )
    gram, n = _matrix(W.gram(), "G"), problem.n_features
    if (len(gram), len(gram[0]) if gram else 0) != (n, n):
        raise InputError(
            f"W: its Gram matrix has {len(gram)} rows; must be n_features = {n} square"
        )
    check_weight_shapes(problem, (problem.n_hidden, n), (len(bias),))
    return Weights(_coordinates(problem, W), gram, bias)


def _coordinates(problem: Problem, W: Any) -> Matrix | None:
    """``W`` of a named arrangement; hidden dimensions that it leaves unused are zero."""
    if not hasattr(W, "coordinates"):
        return None
    rows = _matrix(W.coordinates, "W")
    spare = problem.n_hidden - len(rows)
    if spare < 0:
        check_weight_shapes(problem, (len(rows), problem.n_features), (problem.n_features,))
    return rows + ((exact_number(0, "W"),) * problem.n_features,) * spare
