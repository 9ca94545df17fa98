"""Boundaries between candidates, and those at equal importance.

Source: Elhage et al. 2022, arXiv:2209.10652, and its replications; proven in
``derivations/library/phase_boundaries.md``.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy

from theory.arithmetic.balls import Enclosure
from theory.phase_boundaries.record import Boundary, End, PhasePoint, Solver, exactly
from theory.phase_boundaries.regions import DENSITY, IMPORTANCE, checked_size
from theory.phase_boundaries.roots import AlgebraicNumber
from theory.problem import InputError

__all__ = ["NOT_BEST", "NO_THIRD", "ORIGIN", "candidate_boundaries", "upright"]

_CANDIDATE = "the losses of the two candidates are equal there, and cross"
NOT_BEST = "that either is a minimum: free norms and biases lose less"
NO_THIRD = "that no third arrangement loses less there"
ORIGIN = End(exactly(0), exactly(0), "nothing is active")
_TRIPLE = End(exactly(1), exactly(Fraction(4, 7)), "triple point")


def candidate_boundaries(n_features: int, n_hidden: int) -> tuple[Boundary, ...]:
    r"""Give the boundaries between candidates of unit norm without bias.

    .. math:: p = \frac{4 I}{2 + 5 I} \ (I \le 1), \qquad p = \frac{4}{5 + 2 I} \ (I \ge 1)

    For three features in two dimensions the second one is ``p = 4/7``.

    Args:
        n_features: ``n``.
        n_hidden: ``m``.

    Returns:
        Boundaries that meet in the triple point ``I = 1, p = 4/7``; two features exchange their
        parts at ``I = 1``.

    Raises:
        Unsupported: phases of another size than 2 in 1 and 3 in 2.

    Example:
        >>> for boundary in candidate_boundaries(2, 1):
        ...     print(boundary.formula)
        Eq(p, 4*I/(5*I + 2))
        Eq(p, 4/(2*I + 5))
        Eq(I, 1)

    Source: replication of Elhage et al. 2022, arXiv:2209.10652, figure of n = 2, m = 1; proven in
    ``derivations/library/phase_boundaries.md``.
    """
    n, m = checked_size(n_features, n_hidden)
    weight = IMPORTANCE
    pair = "antipodal pair" if n == 2 else "last in an antipodal pair"
    others = pair if n == 2 else "last dedicated, others an antipodal pair"
    low = _candidate(
        (n, m),
        (pair, "last ignored"),
        4 * weight / (2 + 5 * weight),
        (ORIGIN, _TRIPLE),
        "PHASE-04",
    )
    side = 4 / (5 + 2 * weight) if n == 2 else sympy.Rational(4, 7)
    far = End(None, exactly(0 if n == 2 else Fraction(4, 7)), "no end")
    high = _candidate(
        (n, m),
        (others, "first ignored"),
        side,
        (_TRIPLE, far),
        "PHASE-05" if n == 2 else "PHASE-07",
    )
    between = upright(
        (n, m), "last ignored | first ignored", (exactly(Fraction(4, 7)), exactly(1)), "PHASE-06"
    )
    found = (low, high, between)
    if n == 2:
        return found
    change = upright(
        (n, m), f"{pair} | {others}", (exactly(0), exactly(Fraction(4, 7))), "PHASE-07"
    )
    return (*found, change)


def _candidate(
    size: tuple[int, int], between: tuple[str, str], side: Any, ends: tuple[End, End], claim: str
) -> Boundary:
    name = f"{between[0]} | {between[1]}"
    formula = sympy.Eq(DENSITY, sympy.factor(side), evaluate=False)
    solver = _solved(name, formula, claim)
    return Boundary(
        name,
        between,
        "candidate",
        *size,
        formula,
        ends,
        (claim, "PHASE-06"),
        _CANDIDATE,
        NOT_BEST,
        solver,
        solves=("importance", "density") if side.has(IMPORTANCE) else ("importance",),
    )


def _solved(name: str, formula: Any, claim: str) -> Solver:
    """Solve a formula that is rational in the importance."""

    def solve(coordinate: str, value: Fraction, digits: int) -> PhasePoint:
        given = sympy.Rational(*value.as_integer_ratio())
        if coordinate == "importance":
            answer = formula.rhs.subs(IMPORTANCE, given)
        else:
            answers = sympy.solve(formula.rhs - given, IMPORTANCE)
            if not answers and value == 0 and formula.rhs.subs(IMPORTANCE, 0) == 0:
                answers = [sympy.Integer(0)]  # the symbol stands for a positive number
            if not answers:
                raise InputError(f"density={value}: '{name}' comes near, at no finite importance")
            (answer,) = answers
        found = Fraction(int(answer.p), int(answer.q))
        number = AlgebraicNumber((-found.numerator, found.denominator), (found, found))
        both = (value, found) if coordinate == "importance" else (found, value)
        return PhasePoint(
            name,
            "candidate",
            exactly(both[0]),
            exactly(both[1]),
            number,
            claims=(claim,),
            proved=_CANDIDATE,
            not_proved=NOT_BEST,
        )

    return solve


def upright(
    size: tuple[int, int],
    name: str,
    densities: tuple[Enclosure, Enclosure],
    claim: str,
    kind: str = "candidate",
) -> Boundary:
    """Give the boundary at equal importance, where what is exchanged loses the same.

    Args:
        size: features and hidden dimensions.
        name: of the two arrangements, with a bar between them.
        densities: the two ends.
        claim: id.
        kind: one of ``KINDS``.

    Returns:
        The boundary.
    """
    one, other = name.split(" | ")
    text = "at equal importance an exchange of features leaves the loss as it is"

    def solve(coordinate: str, value: Fraction, digits: int) -> PhasePoint:
        exact = AlgebraicNumber((-1, 1), (Fraction(1), Fraction(1)))
        return PhasePoint(
            name,
            kind,
            exactly(1),
            exactly(value),
            exact,
            claims=(claim,),
            proved=text,
            not_proved=NOT_BEST if kind == "candidate" else NO_THIRD,
        )

    ends = (
        End(exactly(1), densities[0], "triple point" if densities[0].midpoint else "p = 0"),
        End(exactly(1), densities[1], "triple point" if densities[1].midpoint != 1 else "p = 1"),
    )
    return Boundary(
        name,
        (one, other),
        kind,
        *size,
        sympy.Eq(IMPORTANCE, 1),
        ends,
        (claim,),
        text,
        NOT_BEST if kind == "candidate" else NO_THIRD,
        solve,
        "density",
        ("density",),
    )
