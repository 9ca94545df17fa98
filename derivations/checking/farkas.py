r"""Polynomials that are not negative because others are not: exact linear programs.

If ``p = sum_i c_i f_i + c`` with ``c_i, c >= 0`` and every ``f_i`` is not negative somewhere, then
``p`` is not negative there; strictly positive terms make it positive. The ``f_i`` are the facts,
their products by two and a few squares, and the program is solved in rational arithmetic by the
simplex method with Bland's rule: what it finds is checked by being an identity.

Source: Handelman 1988, "Representing polynomials by positive linear functions on compact convex
polyhedra", Pacific J. Math. 132; Farkas' lemma.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flint import fmpq

from derivations.checking.elements import Polynomial
from derivations.checking.stops import Clock

__all__ = ["is_combination"]

MAX_ROWS = 120
MAX_COLUMNS = 400


def is_combination(
    target: Polynomial,
    known: Sequence[tuple[Polynomial, bool]],
    *,
    strict: bool,
    clock: Clock,
) -> bool:
    """Look for a proof that a polynomial is not negative.

    Args:
        target: the polynomial.
        known: polynomials that are not negative, and whether they are positive.
        strict: asks for a proof that the target is positive.
        clock: when to stop.

    Returns:
        Whether one was found: ``k target = sum_i c_i f_i`` with ``c_i >= 0``, ``k = 1``; for a
        strict one ``k >= 0``, the ``c_i`` of positive ``f_i`` sum to 1.
    """
    columns = [polynomial for polynomial, _ in known][:MAX_COLUMNS]
    monomials = sorted({m for polynomial in (target, *columns) for m in polynomial.monoms()})
    if not columns or len(monomials) > MAX_ROWS:
        return False
    tables = [polynomial.to_dict() for polynomial in columns]
    rows = [[table.get(m, fmpq(0)) for table in tables] for m in monomials]
    wanted = target.to_dict()
    right = [fmpq(wanted.get(m, 0)) for m in monomials]
    if strict:
        rows = [[*row, -value] for row, value in zip(rows, right, strict=True)]
        weights = [fmpq(int(positive)) for _, positive in known[:MAX_COLUMNS]]
        rows.append([*weights, fmpq(0)])
        right = [fmpq(0)] * len(monomials) + [fmpq(1)]
    return _is_feasible(rows, right, clock)


def _is_feasible(rows: list[list[Any]], right: list[Any], clock: Clock) -> bool:
    """Whether ``A x = b`` has a solution with ``x >= 0``: phase one of the simplex method."""
    table = []
    for row, value in zip(rows, right, strict=True):
        sign = -1 if value < 0 else 1
        table.append([fmpq(entry) * sign for entry in row] + [fmpq(value) * sign])
    count = len(rows[0])
    basis: list[int] = [count + k for k in range(len(table))]  # artificial variables
    cost = [sum((row[j] for row in table), fmpq(0)) for j in range(count + 1)]
    while cost[-1] != 0:
        clock.check()
        entering = next((j for j in range(count) if cost[j] > 0), None)
        if entering is None:
            return False
        leaving = _leaving(table, basis, entering)
        if leaving is None:
            return False
        _pivot(table, cost, leaving, entering)
        basis[leaving] = entering
    return True


def _leaving(table: list[list[Any]], basis: list[int], entering: int) -> int | None:
    best: tuple[Any, int, int] | None = None
    for k, row in enumerate(table):
        if row[entering] > 0:
            ratio = (row[-1] / row[entering], basis[k], k)
            if best is None or ratio[0] < best[0] or (ratio[0] == best[0] and ratio[1] < best[1]):
                best = ratio
    return None if best is None else best[2]


def _pivot(table: list[list[Any]], cost: list[Any], leaving: int, entering: int) -> None:
    scale = table[leaving][entering]
    row = table[leaving] = [entry / scale for entry in table[leaving]]
    busy = [j for j, entry in enumerate(row) if entry != 0]
    for other in [*(line for line in table if line is not row), cost]:
        factor = other[entering]
        if factor != 0:
            for j in busy:
                other[j] -= factor * row[j]
