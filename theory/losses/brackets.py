r"""One output's loss by the vertex formula, over independent letters for Gram entries and bias.

Row ``i`` of the model is ``y = b + sum_j a_j x_j`` with ``a_j = G_ij``. Over all active sets ``B``,
with the vertex values ``c_B = b + sum_{j in B} a_j``,

.. math::
    \mathbb{E}\,[w\,(y)_+^r] = \sum_B \sum_d P_B[d] \frac{r!}{(r+d)!} (c_B)_+^{r+d},

where ``P_B`` is a product over features of polynomials in ``v = 1/z``: ``p v / a_j`` inside ``B``
and ``q - p v / a_j`` outside (``q = 1 - p``); a factor ``x_i`` in front changes these for
``j = i`` to ``p (v / a_i - v^2 / a_i^2)`` and ``p v^2 / a_i^2``. The loss of one output is
``L_i = p_i / 3 - 2 E[x_i (y)_+] + E[(y)_+^2]``. An ``a_j`` that is identically zero, and a feature
that is never active, drop out before the product and are never divided by.

Source: the Laplace transform of ``x_j`` is ``q + p (e^{a z} - 1) / (a z)``, and
``e^{c z} z^{-d} r! / z^{r+1}`` inverts to ``r! / (r+d)! (c)_+^{r+d}``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import sympy
from flint import fmpq

from theory.arithmetic.quotients import Ring, expression, vanishes
from theory.problem import InputError, Unsupported

__all__ = ["MAX_FEATURES", "Row", "checked_input", "output_row", "ring_of"]

Expr: TypeAlias = Any
Polynomial: TypeAlias = Any
_Vertices: TypeAlias = "dict[tuple[Any, ...], tuple[Polynomial, dict[int, Polynomial]]]"

MAX_FEATURES = 8
"""Most features with symbols in the weights: the work grows like ``3^n``."""


@dataclass(frozen=True)
class Row:
    """One output: ``(constant + sum coefficient <value>^power) / denominator``."""

    constant: Polynomial
    vertices: tuple[tuple[Polynomial, dict[int, Polynomial]], ...]
    denominator: Polynomial


def checked_input(
    gram: Sequence[Sequence[object]], bias: Sequence[object], densities: Sequence[object]
) -> tuple[list[list[Expr]], list[Expr], list[Expr]]:
    """The input as expanded expressions, identically zero Gram entries as the number 0."""
    n = len(bias)
    if n > MAX_FEATURES:
        raise Unsupported(
            f"n_features={n}: symbolic weights go up to {MAX_FEATURES} features; "
            "give numeric weights, or split the model into blocks that do not interact"
        )
    if len(gram) != n or any(len(row) != n for row in gram) or len(densities) != n:
        shape = [len(row) for row in gram]
        raise InputError(
            f"gram with rows of lengths {shape}, len(densities)={len(densities)}: "
            f"must be {n} x {n} and {n}, as len(bias)={n}"
        )
    entries = [
        [expression(entry, f"gram[{i}][{j}]") for j, entry in enumerate(row)]
        for i, row in enumerate(gram)
    ]
    zero = sympy.Integer(0)
    entries = [[zero if vanishes(entry) else entry for entry in row] for row in entries]
    biases = [expression(value, f"b[{i}]") for i, value in enumerate(bias)]
    return entries, biases, [expression(p, f"density[{i}]") for i, p in enumerate(densities)]


def _key(value: Polynomial) -> tuple[Any, ...]:
    return tuple(value.to_dict().items())


def _product(first: dict[int, Polynomial], second: dict[int, Polynomial]) -> dict[int, Polynomial]:
    """Multiply two polynomials in ``v``, given as power -> coefficient."""
    result: dict[int, Polynomial] = {}
    for j, left in first.items():
        for k, right in second.items():
            result[j + k] = result[j + k] + left * right if j + k in result else left * right
    return result


def _times(
    vertices: _Vertices,
    a: Polynomial,
    inside: dict[int, Polynomial],
    outside: dict[int, Polynomial],
) -> _Vertices:
    """Let one more feature be in or out of every active set; equal vertices are merged."""
    result: _Vertices = {}
    for value, weights in vertices.values():
        for end, factor in ((value + a, inside), (value, outside)):
            new = _product(weights, factor)
            known = result.get(_key(end))
            if known is not None:
                for power, weight in known[1].items():
                    new[power] = new[power] + weight if power in new else weight
            result[_key(end)] = (end, new)
    return result


def output_row(
    ring: Ring, entries: Sequence[Expr], bias: Expr, densities: Sequence[Expr], own: int
) -> Row:
    """Write the vertex formula of one output over one common denominator, a monomial.

    Every factor is multiplied by its ``a_j``, and once more by ``a_i`` for the feature itself.

    Args:
        ring: from ``ring_of`` these values.
        entries: row ``i`` of ``G``.
        bias: ``b_i``.
        densities: ``p``.
        own: ``i``.

    Returns:
        The output's loss, without importance.
    """
    one = ring.constant(sympy.Integer(1))
    chances = [(ring.element(p), ring.element(sympy.expand(1 - p))) for p in densities]
    start = ring.element(bias)
    plain: _Vertices = {_key(start): (start, {0: one})}
    denominator = one
    for j, entry in enumerate(entries):
        if j != own and entry != 0 and densities[j] != 0:
            a, (p, q) = ring.element(entry), chances[j]
            plain = _times(plain, a, {1: p}, {0: q * a, 1: -p})
            denominator *= a
    p, q = chances[own]
    weighted = {key: (c, {d: w * p / 2 for d, w in ws.items()}) for key, (c, ws) in plain.items()}
    if entries[own] != 0 and densities[own] != 0:
        a = ring.element(entries[own])
        weighted = _times(plain, a, {1: p * a, 2: -p}, {2: p})
        plain = _times(plain, a, {1: p * a}, {0: q * a**2, 1: -p * a})
        denominator *= a**2
    brackets: _Vertices = {}
    for r, factor, vertices in ((1, -2, weighted), (2, 1, plain)):
        for key, (value, weights) in vertices.items():
            _, collected = brackets.setdefault(key, (value, {}))
            for d, weight in weights.items():
                scaled = weight * fmpq(factor * math.factorial(r), math.factorial(r + d))
                known = collected.get(r + d)
                collected[r + d] = scaled if known is None else known + scaled
    kept = ((c, {k: w for k, w in ws.items() if w}) for c, ws in brackets.values())
    return Row(p * denominator / 3, tuple(v for v in kept if v[1]), denominator)


def ring_of(*groups: Sequence[Expr], densities: Sequence[Expr]) -> Ring:
    """The ring whose letters are the given values, the densities ``p`` and the ``1 - p``."""
    flipped = [sympy.expand(1 - p) for p in densities]
    return Ring([value for group in (*groups, densities, flipped) for value in group])
