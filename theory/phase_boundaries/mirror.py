r"""Exchange of two features: ``L`` at importances ``(1, I)`` is ``I`` times that at ``(1/I, 1)``.

So a boundary of ``n = 2, m = 1`` at the importance ``I`` is one at ``1 / I`` with the features
exchanged, at the same density.

Source: own derivation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from theory.arithmetic.balls import Enclosure
from theory.phase_boundaries.record import Boundary, End, PhasePoint
from theory.phase_boundaries.regions import IMPORTANCE
from theory.phase_boundaries.roots import AlgebraicNumber
from theory.problem import InputError

__all__ = ["exchanged_name", "inverse", "mirrored"]

_EXCHANGE = {"1": "2", "2": "1"}
_EXCHANGED = "with the features exchanged and 1/I for I: "


def inverse(value: Enclosure) -> Enclosure:
    """Enclose the reciprocal of a positive number."""
    if not value.radius:
        return Enclosure(1 / value.midpoint, Fraction(0))
    low, high = 1 / value.upper, 1 / value.lower
    return Enclosure((low + high) / 2, (high - low) / 2)


def exchanged_name(name: str) -> str:
    """Exchange ``first`` and ``last``, ``1`` and ``2`` in the name of an arrangement or unknown."""
    swapped = {"first": "last", "last": "first"}
    words = [swapped.get(word, word) for word in name.split(" ")]
    head = words[0][:-1] + _EXCHANGE.get(words[0][-1:], words[0][-1:])  # w1, or 1 (strong pair)
    return " ".join([head, *words[1:]])


def _exchanged(values: Mapping[str, Any]) -> dict[str, Any]:
    return dict(sorted((exchanged_name(name), value) for name, value in values.items()))


def mirrored(boundary: Boundary) -> Boundary:
    """Give the boundary with the features exchanged.

    Args:
        boundary: of two features in one dimension, at importances up to 1.

    Returns:
        The boundary at importances from 1.
    """
    name = exchanged_name(boundary.name)

    def solve(coordinate: str, value: Fraction, digits: int) -> PhasePoint:
        inner = 1 / value if coordinate == "importance" else value
        found = boundary.solver(coordinate, inner, digits)
        number = found.number
        if number is not None and coordinate == "density":
            number = _reciprocal(number)
        return replace(
            found,
            boundary=name,
            importance=inverse(found.importance),
            number=number,
            unknowns=_exchanged(found.unknowns),
            box={},
            patterns=_exchanged(found.patterns),
            proved=_EXCHANGED + found.proved,
        )

    formula = boundary.formula
    if formula is not None:
        formula = formula.func(*(side.subs(IMPORTANCE, 1 / IMPORTANCE) for side in formula.args))
    low, high = (
        End(_turned(end.importance), end.density, end.why) for end in reversed(boundary.ends)
    )
    return replace(
        boundary,
        name=name,
        between=(exchanged_name(boundary.between[0]), exchanged_name(boundary.between[1])),
        formula=formula,
        ends=(low, high),
        proved=_EXCHANGED + boundary.proved,
        solver=solve,
    )


def _turned(importance: Enclosure | None) -> Enclosure | None:
    if importance is None:
        raise InputError("importance: a boundary without an end has no mirror image here")
    return None if importance.midpoint == 0 else inverse(importance)


def _reciprocal(number: AlgebraicNumber) -> AlgebraicNumber:
    low, high = number.interval
    polynomial = tuple(reversed(number.polynomial))
    if polynomial[-1] < 0:
        polynomial = tuple(-c for c in polynomial)
    return AlgebraicNumber(polynomial, (1 / high, 1 / low))
