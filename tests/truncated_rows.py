"""Rows with units, their active sets, and strategies over them: for tests of truncated moments."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from flint import arb, fmpq
from hypothesis import strategies as st
from mpmath import mp, mpf

from theory.arithmetic.balls import Enclosure, ExactVertices
from theory.arithmetic.fields import Rationals
from theory.problem import FeatureLaw, ReLU
from theory.rows.row import Row, UnitMasses

FIELD = ExactVertices(Rationals())
Sets = Sequence[tuple[tuple[int, ...], Any]]
Weights = Mapping[int, int]


def rational(value: Any) -> fmpq:
    """Turn a number or a fraction in words into a FLINT rational."""
    fraction = Fraction(value)
    return fmpq(fraction.numerator, fraction.denominator)


def unit(idle: Any, *sets: tuple[tuple[int, ...], Any]) -> UnitMasses:
    """A unit with rational masses."""
    return UnitMasses(rational(idle), tuple((members, rational(mass)) for members, mass in sets))


def independent(*densities: Any) -> list[UnitMasses]:
    """Features that are independent, with their probabilities of being active."""
    return [unit(1 - Fraction(p), ((j,), p)) for j, p in enumerate(densities)]


def row(law: FeatureLaw, slopes: Sequence[Any], bias: Any, units: Sequence[UnitMasses]) -> Row:
    """A row of rational entries."""
    return Row(0, [rational(a) for a in slopes], rational(bias), units, law, ReLU())


def active_sets(found: Row) -> Iterator[tuple[tuple[int, ...], mpf]]:
    """Every choice of one set, or none, of each unit, with its mass."""
    options = [[((), u.idle), *u.sets] for u in found.units]
    for choice in itertools.product(*options):
        mass = fmpq(1)
        for _, factor in choice:
            mass *= factor
        yield tuple(sorted(j for members, _ in choice for j in members)), number(mass)


def number(value: fmpq) -> mpf:
    """Turn a FLINT rational into a number of many digits."""
    return mpf(int(value.p)) / int(value.q)


def close(found: arb, expected: Any, digits: int = 30) -> bool:
    """Whether a ball agrees with a reference of many digits, and is narrow itself."""
    ball = Enclosure.of(found)
    middle = mpf(ball.midpoint.numerator) / ball.midpoint.denominator
    radius = mpf(ball.radius.numerator) / ball.radius.denominator
    allowed = mpf(10) ** -digits * (1 + abs(expected))
    return bool(abs(middle - expected) <= radius + allowed and radius <= allowed)


_eighths = st.integers(-16, 16).map(lambda k: Fraction(k, 8))
SLOPES = st.one_of(st.sampled_from([Fraction(k) for k in (0, 1, -1, 2)]), _eighths)
MASSES = st.sampled_from([Fraction(0), Fraction(1), Fraction(1, 3), Fraction(3, 10), Fraction(3)])


@st.composite
def units(draw: st.DrawFn, n: int) -> list[UnitMasses]:
    """Units of one, two or three features, excluding each other or active together."""
    left, found = list(draw(st.permutations(range(n)))), []
    while left:
        size = draw(st.integers(1, min(3, len(left))))
        members, left = sorted(left[:size]), left[size:]
        together = size == 1 or draw(st.booleans())
        sets = [tuple(members)] if together else [(j,) for j in members]
        found.append(unit(draw(MASSES), *((s, draw(MASSES)) for s in sets)))
    return found


@st.composite
def rows(draw: st.DrawFn, law: FeatureLaw, largest: int = 4) -> Row:
    """Rows of up to ``largest`` features, with ties, zeros and any masses."""
    n = draw(st.integers(1, largest))
    slopes = [draw(SLOPES) for _ in range(n)]
    return row(law, slopes, draw(SLOPES), draw(units(n)))


@st.composite
def weights_of(draw: st.DrawFn, n: int) -> dict[int, int]:
    """No weight, one of power 1 or 2, or two of power 1."""
    indices = draw(st.lists(st.integers(0, n - 1), max_size=2))
    return {j: indices.count(j) for j in indices}


def with_digits() -> Any:
    """A hundred digits for a reference, of which cancellation may take seventy."""
    return mp.workdps(100)
