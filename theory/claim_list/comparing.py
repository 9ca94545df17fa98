"""Comparisons of exact numbers, enclosures and published decimals: what a check is made of."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import sympy
from flint import arb, fmpq

from theory.arithmetic.algebraic import common_field
from theory.arithmetic.balls import Enclosure
from theory.losses.weights import to_sympy

__all__ = [
    "Comparison",
    "above",
    "at_least",
    "at_most",
    "below",
    "equal",
    "rounds_to",
    "within",
]

MAX_RADIUS = Fraction(1, 10**18)
"""Enclosures count as equal where they overlap and are no wider, relative to their size or 1."""


@dataclass(frozen=True)
class Comparison:
    """Two numbers, reached by two routes, and how they should stand to each other.

    Attributes:
        left: by one route: a fraction, an algebraic number of SymPy, an enclosure or a ball.
        relation: ``=``, ``<=``, ``>=``, ``<``, ``>``, or ``rounds to`` a published decimal.
        right: by the other route; for ``rounds to``, the decimal as text.
        at: the instance, in words.
    """

    left: Any
    relation: str
    right: Any
    at: str

    @property
    def method(self) -> str:
        """``exact``, or ``enclosed`` where one side is known up to a proven radius only."""
        wide = any(isinstance(side, (Enclosure, arb)) for side in (self.left, self.right))
        return "enclosed" if wide else "exact"

    def holds(self) -> bool:
        """Whether the relation is proven; False for enclosures that leave it open."""
        if self.relation == "rounds to":
            unit = Decimal(1).scaleb(int(Decimal(self.right).as_tuple().exponent))
            low, high = _ends(self.left)
            centre, half = Fraction(self.right), Fraction(unit) / 2
            return centre - half <= low and high <= centre + half
        if self.method == "enclosed":
            return self._holds_enclosed()
        sign = _sign(self.left, self.right)
        return sign in _SIGNS[self.relation]

    def _holds_enclosed(self) -> bool:
        low, high = _ends(self.left)
        least, most = _ends(self.right)
        if self.relation == "=":
            size = max(abs(low), abs(high), Fraction(1))
            narrow = max(high - low, most - least) <= 2 * MAX_RADIUS * size
            return narrow and low <= most and least <= high
        if self.relation in ("<", ">"):
            return high < least if self.relation == "<" else low > most
        return high <= least if self.relation == "<=" else low >= most

    def __str__(self) -> str:
        where = f" ({self.at})" if self.at else ""
        return f"{_shown(self.left)} {self.relation} {_shown(self.right)}{where}"


_SIGNS = {"=": {0}, "<=": {-1, 0}, ">=": {0, 1}, "<": {-1}, ">": {1}}


def equal(left: Any, right: Any, at: object = "") -> Comparison:
    """Compare for equality."""
    return Comparison(left, "=", right, str(at))


def at_most(left: Any, right: Any, at: object = "") -> Comparison:
    """Compare for ``left <= right``."""
    return Comparison(left, "<=", right, str(at))


def at_least(left: Any, right: Any, at: object = "") -> Comparison:
    """Compare for ``left >= right``."""
    return Comparison(left, ">=", right, str(at))


def below(left: Any, right: Any, at: object = "") -> Comparison:
    """Compare for ``left < right``."""
    return Comparison(left, "<", right, str(at))


def above(left: Any, right: Any, at: object = "") -> Comparison:
    """Compare for ``left > right``."""
    return Comparison(left, ">", right, str(at))


def rounds_to(value: Any, published: str, at: object = "") -> Comparison:
    """Compare with a decimal as it was printed: at most half a unit of its last digit away."""
    return Comparison(value, "rounds to", published, str(at))


def within(value: Any, centre: Any, radius: Any, at: object = "") -> list[Comparison]:
    """Compare with both ends of an interval."""
    low, high = Fraction(centre) - Fraction(radius), Fraction(centre) + Fraction(radius)
    return [at_least(value, low, at), at_most(value, high, at)]


def _rational(value: Any) -> Fraction | None:
    if isinstance(value, (int, Fraction)):
        return Fraction(value)
    if isinstance(value, fmpq):
        return Fraction(int(value.p), int(value.q))
    if isinstance(value, sympy.Expr) and value.is_Rational:
        return Fraction(int(value.p), int(value.q))
    return None


def _ends(value: Any) -> tuple[Fraction, Fraction]:
    """Rational numbers between which a value lies."""
    if isinstance(value, arb):
        value = Enclosure.of(value)
    if isinstance(value, Enclosure):
        return value.lower, value.upper
    exact = _rational(value)
    if exact is not None:
        return exact, exact
    field, (element,) = common_field([value])
    ball = Enclosure.of(field.ball(element))
    return ball.lower, ball.upper


def _sign(left: Any, right: Any) -> int:
    """The sign of the difference, decided exactly."""
    one, other = _rational(left), _rational(right)
    if one is not None and other is not None:
        return (one > other) - (one < other)
    difference = sympy.expand(to_sympy(_or_rational(left)) - to_sympy(_or_rational(right)))
    exact = _rational(difference)
    if exact is not None:
        return (exact > 0) - (exact < 0)
    _, (element,) = common_field([difference])
    return int(element.sign())


def _or_rational(value: Any) -> Any:
    exact = _rational(value)
    return value if exact is None else exact


def _shown(value: Any) -> str:
    if isinstance(value, arb):
        return str(value.str(20))
    text = str(value)
    if len(text) <= 60:
        return text
    low, _ = _ends(value)
    return f"{float(low):.17g}"
