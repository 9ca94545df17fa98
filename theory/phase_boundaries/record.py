"""Boundaries and points on them as records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, TypeAlias

from theory.arithmetic.ball_roots import checked_digits
from theory.arithmetic.balls import Enclosure
from theory.phase_boundaries.roots import AlgebraicNumber
from theory.problem import InputError, exact_number, is_symbolic

__all__ = ["KINDS", "Boundary", "End", "PhasePoint", "Solver", "exactly"]

KINDS = ("candidate", "first order", "continuous")
"""Where two candidates lose the same; where two minima do, with a jump between them; and where one
minimum grows out of another."""


def exactly(value: Fraction | int) -> Enclosure:
    """Give a rational number as an enclosure of radius 0."""
    return Enclosure(Fraction(value), Fraction(0))


@dataclass(frozen=True)
class PhasePoint:
    """A point of a boundary.

    Attributes:
        boundary: name of the boundary.
        kind: one of ``KINDS``.
        importance: of the last feature relative to the others.
        density: ``p``.
        number: the coordinate that was solved for as an algebraic number, where it is known as one.
        unknowns: weights and biases by name, where there are any.
        box: unknowns and coordinate with centre and radius: no other solution is in this box.
        patterns: where each output is clipped, see ``theory.phase_boundaries.rows``.
        claims: ids of the claims that the point rests on.
        proved: what is proven about this point.
        not_proved: what is not.
    """

    boundary: str
    kind: str
    importance: Enclosure
    density: Enclosure
    number: AlgebraicNumber | None = None
    unknowns: Mapping[str, Enclosure] = field(default_factory=dict)
    box: Mapping[str, tuple[Fraction, Fraction]] = field(default_factory=dict)
    patterns: Mapping[str, str] = field(default_factory=dict)
    claims: tuple[str, ...] = ()
    proved: str = ""
    not_proved: str = ""


@dataclass(frozen=True)
class End:
    """Where a boundary ends.

    Attributes:
        importance: there; None where it goes on for ever.
        density: there.
        why: what happens there, in words.
    """

    importance: Enclosure | None
    density: Enclosure
    why: str


LARGEST = Fraction(10)
"""Relative importance at which pictures end, as in Elhage et al. 2022."""

Solver: TypeAlias = Callable[[str, Fraction, int], PhasePoint]
"""Solves at a value of ``"importance"`` or ``"density"``, to so many digits."""


@dataclass(frozen=True)
class Boundary:
    """A curve in the plane of density and relative importance.

    Attributes:
        name: unique among the boundaries of a problem.
        between: the two arrangements that lose the same.
        kind: one of ``KINDS``.
        n_features: ``n``.
        n_hidden: ``m``.
        formula: a SymPy equation for the density or the importance, or None.
        ends: the two ends, by rising importance.
        claims: ids of the claims that it rests on.
        proved: what is proven about it.
        not_proved: what is not.
        along: the coordinate that ``trace`` steps in.
        solves: the coordinates of which each value has one point.

    Example:
        >>> from theory.phases import candidate_boundaries
        >>> print(candidate_boundaries(2, 1)[0].formula)
        Eq(p, 4*I/(5*I + 2))
    """

    name: str
    between: tuple[str, str]
    kind: str
    n_features: int
    n_hidden: int
    formula: Any
    ends: tuple[End, End]
    claims: tuple[str, ...]
    proved: str
    not_proved: str
    solver: Solver = field(repr=False, compare=False)
    along: str = "importance"
    solves: tuple[str, ...] = ("importance", "density")

    def at(
        self, *, importance: object = None, density: object = None, digits: int = 15
    ) -> PhasePoint:
        """Give the point at one coordinate.

        Args:
            importance: relative importance of the last feature; this or the density.
            density: ``p``.
            digits: correct significant digits.

        Returns:
            The point, enclosed.

        Raises:
            InputError: not one coordinate, or one that the boundary does not reach.

        Example:
            >>> from theory.phases import candidate_boundaries
            >>> print(candidate_boundaries(2, 1)[0].at(importance="1/2").density.midpoint)
            4/9
        """
        checked_digits(digits)
        if (importance is None) == (density is None):
            raise InputError("importance, density: give one of them")
        name = "importance" if density is None else "density"
        value = exact_number(importance if density is None else density, name)
        if is_symbolic(value) or not isinstance(value, Fraction):
            raise InputError(f"{name}={value}: must be a rational number")
        self._check(name, value)
        return self.solver(name, value, digits)

    def covers(self, name: str, value: Fraction) -> bool:
        """Say whether a coordinate is between the ends.

        Args:
            name: ``"importance"`` or ``"density"``.
            value: of it.

        Returns:
            True where the boundary has such a point.
        """
        low, high = self._span(name)
        return low.lower <= value and (high is None or value <= high.upper)

    def crosses(self, name: str, value: Fraction) -> bool:
        """Say whether a line of one coordinate meets the boundary in one point.

        Args:
            name: ``"importance"`` or ``"density"``.
            value: of it.

        Returns:
            False outside its ends, and where it may meet the line nowhere or twice.
        """
        return name in self.solves and self.covers(name, value)

    def _span(self, name: str) -> tuple[Enclosure, Enclosure | None]:
        one, other = (getattr(end, name) for end in self.ends)
        if other is not None and other.upper < one.lower:
            return other, one
        return one, other

    def _check(self, name: str, value: Fraction) -> None:
        if name == "density" and not 0 <= value <= 1:
            raise InputError(f"density={value}: must be from 0 to 1")
        if name == "importance" and value < 0:
            raise InputError(f"importance={value}: must be at least 0")
        if name not in self.solves:
            (other,) = self.solves
            raise InputError(
                f"{name}={value}: the boundary '{self.name}' has not one point for each {name}; "
                f"give the {other}"
            )
        if not self.covers(name, value):
            raise InputError(f"{name}={value}: the boundary '{self.name}' runs {self._words()}")

    def _words(self) -> str:
        shown = []
        for end in self.ends:
            weight = "infinity" if end.importance is None else f"{float(end.importance):.9g}"
            shown.append(f"I = {weight}, p = {float(end.density):.9g} ({end.why})")
        return f"from {shown[0]} to {shown[1]}"

    def trace(
        self, count: int = 50, *, digits: int = 6, largest: Fraction = LARGEST
    ) -> list[PhasePoint]:
        """Give points along the boundary, for a picture.

        Args:
            count: how many, at least 2; the two ends themselves are left out.
            digits: correct significant digits.
            largest: importance at which to stop where it goes on for ever.

        Returns:
            Points at equal steps of importance or density, in rising order.

        Raises:
            InputError: fewer than 2.

        Example:
            >>> from theory.phases import candidate_boundaries
            >>> [point.density.midpoint for point in candidate_boundaries(2, 1)[0].trace(3)]
            [Fraction(4, 13), Fraction(4, 9), Fraction(12, 23)]
        """
        if isinstance(count, bool) or not isinstance(count, int) or count < 2:
            raise InputError(f"count={count!r}: must be a whole number, at least 2")
        low, high = self._span(self.along)
        first, last = low.upper, largest if high is None else high.lower
        steps = [first + (last - first) * k / (count + 1) for k in range(1, count + 1)]
        return [self.solver(self.along, step.limit_denominator(10**12), digits) for step in steps]
