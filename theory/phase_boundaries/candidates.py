r"""Where the losses of two named arrangements cross, exactly.

The loss of an arrangement with exact coordinates is a polynomial in the density and linear in the
importances, so that two of them cross at algebraic numbers. What is compared are candidates: at
their fixed norms and biases, which are in general not the best.

Source: own derivation; the comparison of candidates is that of Elhage et al. 2022,
arXiv:2209.10652, section "Superposition as a phase change".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

import sympy

from theory.arrangements import Arrangement
from theory.loss import expected_loss
from theory.phase_boundaries.roots import AlgebraicNumber, real_zeros
from theory.problem import InputError, Problem, Unsupported

__all__ = ["Crossing", "CrossingPoint", "closed_form", "crossing", "loss_polynomial"]

_DEGREE_IN_RADICALS = 2


@dataclass(frozen=True)
class CrossingPoint:
    """A point where two losses are equal.

    Attributes:
        value: of the density or of the importance.
        kind: ``"crossing"`` where the sign of the difference changes, ``"touching"`` where it does
            not, ``"end"`` at an end of the domain.
    """

    value: AlgebraicNumber
    kind: str


@dataclass(frozen=True)
class Crossing:
    """How the losses of two arrangements compare along one parameter.

    Attributes:
        parameter: ``"density"`` or ``"importance"``.
        symbol: its letter in the problem.
        first: name of an arrangement.
        second: of the other one.
        difference: loss of the first minus loss of the second, in the symbol.
        points: where they are equal, in ascending order; none where they are equal everywhere.
        lower: between neighbouring points, and to the ends of the domain: which has the lower
            loss; empty where they are equal everywhere.
    """

    parameter: str
    symbol: Any
    first: str
    second: str
    difference: Any
    points: tuple[CrossingPoint, ...]
    lower: tuple[str, ...]

    @property
    def is_identical(self) -> bool:
        """Whether both lose the same everywhere."""
        return bool(self.difference == 0)

    @property
    def crossings(self) -> tuple[AlgebraicNumber, ...]:
        """The points inside the domain at which the lower one changes."""
        return tuple(point.value for point in self.points if point.kind == "crossing")

    def __str__(self) -> str:
        if self.is_identical:
            return f"{self.first} and {self.second} lose the same at every {self.parameter}"
        if not self.crossings:
            return f"{self.lower[0]} loses less at every {self.parameter}; no crossing"
        shown = ", ".join(f"{self.symbol} = {value}" for value in self.crossings)
        return f"{self.first} and {self.second} cross at {shown}"


def loss_polynomial(problem: Problem, arrangement: Arrangement) -> Any:
    """Give the loss of an arrangement as a polynomial in the symbols of the problem.

    Args:
        problem: symbols stand for numbers that are not negative.
        arrangement: as many features and dimensions; its biases may hold the same symbols.

    Returns:
        An expanded SymPy expression.

    Raises:
        InputError: sizes that do not fit.
        Unsupported: a bias that may be positive or negative.

    Example:
        >>> from theory.arrangements import antipodal_pair
        >>> loss_polynomial(Problem(2, 1, density=sympy.Symbol("p")), antipodal_pair())
        p**2/3
    """
    sizes = (arrangement.n_features, arrangement.n_hidden)
    if sizes != (problem.n_features, problem.n_hidden):
        raise InputError(
            f"arrangement={arrangement.name}: has {sizes[0]} features in {sizes[1]} dimensions, "
            f"must have {problem.n_features} in {problem.n_hidden}"
        )
    value = expected_loss(problem, arrangement).value
    if isinstance(value, Fraction):
        return sympy.Rational(*value.as_integer_ratio())
    brackets = value.atoms(sympy.SingularityFunction)
    return sympy.expand(value.subs({bracket: _opened(bracket) for bracket in brackets}))


def _opened(bracket: Any) -> Any:
    """``<x>^k`` as ``x^k`` or 0, where the symbols are at least 0."""
    corner, _, power = bracket.args
    signed = corner.subs({s: sympy.Dummy(s.name, nonnegative=True) for s in corner.free_symbols})
    if signed.is_nonnegative:
        return corner**power
    if signed.is_nonpositive:
        return sympy.Integer(0)
    raise Unsupported(f"bias: {corner} may be positive or negative; give one with a known sign")


def crossing(problem: Problem, first: Arrangement, second: Arrangement) -> Crossing:
    """Find where two arrangements lose the same, as a function of one parameter.

    Args:
        problem: with one symbol: the common density, or an importance.
        first: exact coordinates and biases.
        second: likewise.

    Returns:
        The points as algebraic numbers with isolating intervals, and who is lower between them.
        The domain of a density is ``[0, 1]``, that of an importance ``I >= 0``.

    Raises:
        InputError: not one symbol, or sizes that do not fit.

    Example:
        >>> from theory.arrangements import antipodal_pair, dedicated, ignored
        >>> p = sympy.Symbol("p")
        >>> alone = dedicated(1) + ignored(1, bias=p / 2)
        >>> print(crossing(Problem(2, 1, density=p), antipodal_pair(), alone))
        antipodal pair and 1 dedicated + 1 ignored cross at p = 4/7

    Source: Elhage et al. 2022, arXiv:2209.10652, section "Superposition as a phase change".
    """
    symbol, parameter = _parameter(problem)
    difference = sympy.expand(loss_polynomial(problem, first) - loss_polynomial(problem, second))
    names = _names(first, second)
    if difference == 0:
        return Crossing(parameter, symbol, *names, difference, (), ())
    others = difference.free_symbols - {symbol}
    if others:
        raise InputError(
            f"arrangement: holds {', '.join(sorted(map(str, others)))}, must hold {symbol} alone"
        )
    poly = sympy.Poly(difference, symbol, extension=True)
    end = Fraction(1) if parameter == "density" else None
    points = tuple(
        CrossingPoint(zero, _kind(zero, multiplicity, end))
        for zero, multiplicity in real_zeros(poly)
        if zero.interval[1] >= 0
        and (end is None or zero.interval[0] <= end)
        and not _is_outside(zero, end)
    )
    return Crossing(parameter, symbol, *names, difference, points, _lower(poly, points, end, names))


def _names(first: Arrangement, second: Arrangement) -> tuple[str, str]:
    if first.name != second.name:
        return first.name, second.name
    return f"{first.name} (first)", f"{second.name} (second)"


def _parameter(problem: Problem) -> tuple[Any, str]:
    densities = {s for p in problem.densities for s in getattr(p, "free_symbols", ())}
    weights = {s for p in problem.importances for s in getattr(p, "free_symbols", ())}
    if len(densities | weights) != 1:
        shown = ", ".join(sorted(str(s) for s in densities | weights)) or "none"
        raise InputError(
            f"problem: has the symbols {shown}, must have one, as density or importance; for two "
            "ask for closed_form"
        )
    if densities & weights:
        raise InputError("problem: density and importance share a symbol; give one of them")
    (symbol,) = densities | weights
    plain = set(problem.densities if densities else problem.importances)
    if any(value != symbol for value in plain if getattr(value, "free_symbols", ())):
        raise InputError(f"problem: {symbol} must stand alone as density or importance")
    return symbol, "density" if densities else "importance"


def _is_outside(zero: AlgebraicNumber, end: Fraction | None) -> bool:
    """Whether a zero is outside the domain; its ends are rational, and it is none unless equal."""
    if zero.rational is not None:
        return zero.rational < 0 or (end is not None and zero.rational > end)
    ball = zero.enclosure(30)
    return ball.upper < 0 or (end is not None and ball.lower > end)


def _kind(zero: AlgebraicNumber, multiplicity: int, end: Fraction | None) -> str:
    if zero.rational is not None and zero.rational in (0, end):
        return "end"
    return "crossing" if multiplicity % 2 else "touching"


def _lower(
    poly: sympy.Poly, points: Sequence[CrossingPoint], end: Fraction | None, names: tuple[str, str]
) -> tuple[str, ...]:
    """Who is lower on each piece of the domain."""
    edges = [Fraction(0)]
    for point in points:
        edges += point.value.interval
    edges.append(end if end is not None else edges[-1] + 1)
    found = []
    for low, high in list(pairwise(edges))[::2]:
        if low < high:
            middle = sympy.Rational(*((low + high) / 2).as_integer_ratio())
            value = poly.as_expr().subs(poly.gen, middle)
            found.append(names[0] if value < 0 else names[1])
    return tuple(found)


def closed_form(
    problem: Problem, first: Arrangement, second: Arrangement, symbol: Any
) -> list[Any]:
    """Solve for one symbol where two arrangements lose the same.

    Args:
        problem: with any symbols.
        first: exact coordinates and biases.
        second: likewise.
        symbol: to solve for.

    Returns:
        Its values in the other symbols, without those that are 0 for all of them; none where the
        factors have a degree above 2 in the symbol.

    Raises:
        InputError: the losses are identical.

    Example:
        >>> from theory.arrangements import antipodal_pair, dedicated, ignored
        >>> p, I = sympy.symbols("p I")
        >>> problem = Problem(2, 1, density=p, importance=[1, I])
        >>> closed_form(problem, antipodal_pair(), dedicated(1) + ignored(1, bias=p / 2), p)
        [4*I/(5*I + 2)]
    """
    difference = sympy.expand(loss_polynomial(problem, first) - loss_polynomial(problem, second))
    if difference == 0:
        raise InputError(f"{first.name}, {second.name}: lose the same everywhere; no boundary")
    found = []
    for factor, _ in sympy.factor_list(difference)[1]:
        degree = sympy.degree(factor, symbol) if factor.has(symbol) else 0
        if 0 < degree <= _DEGREE_IN_RADICALS and factor != symbol:
            found += [sympy.factor(value) for value in sympy.solve(factor, symbol)]
    return found
