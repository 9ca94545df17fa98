r"""Sets of constraints that no weights satisfy, where that can be told in advance.

Beside contradictions among the equations for the Gram entries, which elimination finds, these are
counts. With ``N`` unit columns in ``m < N`` dimensions and largest cosine ``c``:

.. math::
    c^2 \ge \frac{N - m}{m (N - 1)} .

Source: Welch 1974, "Lower bounds on the maximum cross correlation of signals", equation (5).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import TypeVar

from numerics.constraining.reduction import Reduction
from theory.problem import (
    Constraint,
    IgnoredFeatures,
    InputError,
    MaxCoherence,
    NormBudget,
    UnitNorm,
)

__all__ = ["Equation", "independent_equations", "refuse_contradictions"]

Pair = tuple[int, int]
Equation = tuple[dict[Pair, int], int, tuple[str, ...], str]
"""Terms ``{(i, j): coefficient}`` in Gram entries, constant, constraints that say so, in words."""

_Kind = TypeVar("_Kind", bound=Constraint)


def refuse_contradictions(
    n: int, m: int, constraints: Sequence[Constraint], reduction: Reduction
) -> None:
    """Refuse constraints that contradict each other by counting.

    Args:
        n: number of features.
        m: number of hidden dimensions.
        constraints: checked ones.
        reduction: the free variables under them.

    Raises:
        InputError: no weights satisfy all of them; names them, and says why.
    """
    if not any(isinstance(c, UnitNorm) for c in constraints):
        return
    ignored = {j for c in _of(constraints, IgnoredFeatures) for j in c.members}
    represented = [j for j in range(n) if j not in ignored]
    for j in represented:
        if reduction.column[j] < 0:
            _refuse(("UnitNorm()", *reduction.why_zero[j]), f"they leave w_{j} = 0, without norm 1")
    count = len(represented)
    for budget in _of(constraints, NormBudget):
        if budget.total < count:
            why = f"{count} features of norm 1 have squared norms of sum {count}"
            _refuse(("UnitNorm()", repr(budget)), f"{why}, above total={budget.total}")
    if count > m:
        _refuse_coherence(count, m, constraints)


def _refuse_coherence(count: int, m: int, constraints: Sequence[Constraint]) -> None:
    welch = Fraction(count - m, m * (count - 1))
    for constraint in _of(constraints, MaxCoherence):
        limit = constraint.limit
        names = ("UnitNorm()", repr(constraint))
        if limit == 0:
            _refuse(names, f"{count} unit features are not orthogonal in n_hidden={m} dimensions")
        if limit**2 < welch:
            least = f"sqrt({welch}) = {float(welch) ** 0.5:.6g} (Welch)"
            _refuse(names, f"{count} unit features in n_hidden={m} have a coherence >= {least}")


def independent_equations(equations: Iterable[Equation]) -> list[Equation]:
    """Leave out the equations that follow from those before, by exact elimination.

    Args:
        equations: affine equations for the Gram entries.

    Returns:
        The others, in order.

    Raises:
        InputError: they contradict each other.

    Example:
        >>> norm = ({(0, 0): 1}, 1, ("UnitNorm()",), "norm(w_0)^2 = 1")
        >>> len(independent_equations([norm, norm]))
        1
    """
    pivots: dict[Pair, tuple[dict[Pair, Fraction], Fraction, tuple[str, ...]]] = {}
    kept = []
    for equation in equations:
        terms, constant = {k: Fraction(v) for k, v in equation[0].items()}, Fraction(equation[1])
        names = equation[2]
        while common := next((pair for pair in terms if pair in pivots), None):
            factor = terms[common]
            others, known, by = pivots[common]
            for pair, value in others.items():
                terms[pair] = terms.get(pair, Fraction(0)) - factor * value
            terms = {pair: value for pair, value in terms.items() if value != 0}
            constant, names = constant - factor * known, (*names, *by)
        if terms:
            lead = max(terms)
            scaled = {pair: value / terms[lead] for pair, value in terms.items()}
            pivots[lead] = scaled, constant / terms[lead], tuple(dict.fromkeys(names))
            kept.append(equation)
        elif constant != 0:
            _refuse(tuple(dict.fromkeys(names)), f"they contradict {equation[3]}")
    return kept


def _of(constraints: Sequence[Constraint], kind: type[_Kind]) -> list[_Kind]:
    return [c for c in constraints if isinstance(c, kind)]


def _refuse(names: Iterable[str], why: str) -> None:
    listed = ", ".join(dict.fromkeys(names))
    raise InputError(f"constraints=[{listed}]: {why}; leave one of them out")
