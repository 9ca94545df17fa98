"""Points of first-order boundaries, each proven by itself.

A point is a zero of a system of ``theory.phase_boundaries.systems``: existence and uniqueness in a
box are proven by Krawczyk's test, that the states are local minima by the leading minors of the
Hessian, and that the losses cross by the sign of their slopes.

Source: own derivation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from flint import arb, ctx

from theory.arithmetic.balls import Enclosure
from theory.arithmetic.sturm import as_fmpq
from theory.phase_boundaries import starts
from theory.phase_boundaries.continuous import importance_ball
from theory.phase_boundaries.newton import Scales, Zero, prove
from theory.phase_boundaries.pair import leading_minors, pair
from theory.phase_boundaries.record import PhasePoint, exactly
from theory.phase_boundaries.states import (
    DEDICATED,
    PAIR,
    SYMMETRIC_PAIR,
    UNIT_PAIR,
    Competitor,
)
from theory.phase_boundaries.systems import equal_losses, held, scales
from theory.problem import Unsupported

__all__ = [
    "BETWEEN",
    "STRONG",
    "WEAK_HIGH",
    "WEAK_LOW",
    "Curve",
    "dense_end",
    "symmetry_breaking",
    "triple_point",
]

_EXISTS = "there is one such point in the box and no other"
_GLOBAL = "that no third arrangement loses less there"


@dataclass(frozen=True)
class Curve:
    """Two minima that lose the same.

    Attributes:
        words: what the two are called.
        competitors: what they are.
        table: of starting points.
        claims: ids.
        scales: of the box in which a zero is proven to be the only one.
        family: among which states they are proven to be minima, in words; all where empty.
    """

    words: tuple[str, str]
    competitors: tuple[Competitor, Competitor]
    table: starts.Table
    claims: tuple[str, ...]
    scales: Scales | None = None
    family: str = ""

    @property
    def parts(self) -> tuple[tuple[Competitor, Competitor], starts.Table, tuple[str, ...]]:
        """All but the words."""
        return self.competitors, self.table, self.claims

    def point(self, name: str, value: Fraction, digits: int) -> PhasePoint:
        """Solve at an importance or a density.

        Args:
            name: ``"importance"`` or ``"density"``.
            value: of it, near the table.
            digits: correct significant digits.

        Returns:
            The point with its proofs.

        Raises:
            Unsupported: no point is proven there, very near to an end of the curve.
        """
        place = -1 if name == "importance" else -2
        full = starts.near(self.table, name, value)
        free = [x for k, x in enumerate(full) if k != len(full) + place]
        system = held(equal_losses(self.competitors), place, value)
        try:
            zero = prove(system, free, digits, self.scales)
        except Unsupported:
            raise Unsupported(
                f"{name}={value}: no point of '{' | '.join(self.words)}' is proven there; within "
                "1e-4 of an end, where two states become one, ask a little further away"
            ) from None
        given = {name: exactly(value)}
        return described(self.words, self.competitors, zero, given, self.claims, self.family)


def described(
    words: Sequence[str],
    competitors: Sequence[Competitor],
    zero: Zero,
    given: Mapping[str, Enclosure],
    claims: tuple[str, ...],
    family: str = "",
) -> PhasePoint:
    """Put a zero into words, with everything that can be proven about it.

    Args:
        words: what the competitors are called.
        competitors: two or three.
        zero: unknowns of the competitors, then the coordinates that are not given.
        given: coordinates by name.
        claims: ids.
        family: as in ``Curve``.

    Returns:
        The point.
    """
    plane = [name for name in ("density", "importance") if name not in given]
    labels = (*_labels(words, competitors), *plane)
    found = {**dict(zip(labels, zero.balls, strict=True)), **given}
    at = {name: found.pop(name) for name in ("density", "importance")}
    yes, no, patterns = _proofs(words, competitors, list(found.values()), at, family)
    return PhasePoint(
        boundary=" | ".join(words),
        kind="first order",
        importance=at["importance"],
        density=at["density"],
        unknowns=found,
        box=dict(zip(labels, zero.box, strict=True)),
        patterns=patterns,
        claims=claims,
        proved="; ".join([_EXISTS, *yes]),
        not_proved="; ".join([*no, _GLOBAL]),
    )


def _labels(words: Sequence[str], competitors: Sequence[Competitor]) -> tuple[str, ...]:
    """Names of unknowns; with the name of the state where two have unknowns."""
    alone = sum(one.size > 0 for one in competitors) == 1
    return tuple(
        name if alone else f"{name} ({word})"
        for word, one in zip(words, competitors, strict=True)
        for name in one.names
    )


def _balls(values: Sequence[Enclosure]) -> list[arb]:
    return [arb(as_fmpq(v.midpoint), as_fmpq(v.radius)) for v in values]


def _proofs(
    words: Sequence[str],
    competitors: Sequence[Competitor],
    unknowns: Sequence[Enclosure],
    at: Mapping[str, Enclosure],
    family: str,
) -> tuple[list[str], list[str], dict[str, str]]:
    """What is proven, what is not, and where the outputs of pairs are clipped."""
    values = [*unknowns, *at.values()]
    precision = max(128, *(v.radius.denominator.bit_length() + 32 for v in values))
    checks: list[tuple[bool, str]] = []
    patterns: dict[str, str] = {}
    rises = []
    with ctx.workprec(precision):
        left = _balls(unknowns)
        p, importance = _balls([at["density"], at["importance"]])
        for word, one in zip(words, competitors, strict=True):
            mine, left = left[: one.size], left[one.size :]
            state = one.state(mine, p, importance)
            stable = all(minor > 0 for minor in leading_minors(state.hessian))
            if one is SYMMETRIC_PAIR:  # in all directions, not the symmetric ones alone
                norm, bias = mine
                whole = pair([norm, norm, bias, bias], p, arb(1))
                stable = all(minor > 0 for minor in leading_minors(whole.hessian))
            if one is DEDICATED:
                stable = bool(importance < importance_ball(p))
            if one in (PAIR, UNIT_PAIR):
                both = pair(mine, p, importance)
                patterns[f"1 ({word})"] = "/".join(both.first.patterns)
                patterns[f"2 ({word})"] = "/".join(both.second.patterns)
            where = " against small opposite weights" if one is DEDICATED else family
            checks.append((stable, f"{word}: a local minimum{where}"))
            rises.append(state.rise)
        if len(rises) == 2:
            first, then = words if not rises[0] < rises[1] else reversed(words)
            text = f"{first} loses less just below this density, {then} just above"
            checks.append((bool(rises[0] > rises[1] or rises[0] < rises[1]), text))
    return [t for ok, t in checks if ok], [t for ok, t in checks if not ok], patterns


_DEDICATED, _WEAK, _PAIR = "last ignored", "weak pair, last short", "strong pair"
STRONG = Curve((_PAIR, _DEDICATED), (PAIR, DEDICATED), starts.STRONG, ("PHASE-15", "PHASE-19"))
WEAK_LOW = Curve(
    (_WEAK, _DEDICATED), (PAIR, DEDICATED), starts.WEAK_LOW, ("PHASE-15", "PHASE-19"), scales(1)
)
WEAK_HIGH = Curve(
    (_WEAK, _DEDICATED), (PAIR, DEDICATED), starts.WEAK_HIGH, ("PHASE-15", "PHASE-19"), scales(1)
)
BETWEEN = Curve((_PAIR, _WEAK), (PAIR, PAIR), starts.BETWEEN, ("PHASE-15", "PHASE-19"))


@cache
def symmetry_breaking(digits: int = 30) -> PhasePoint:
    """Enclose the density at which, at equal importance, the best pair stops being symmetric.

    A symmetric antipodal pair and one with a longer and a shorter feature are both local minima and
    lose the same.

    Args:
        digits: correct significant digits.

    Returns:
        The point, with norms and biases of both.

    Example:
        >>> print(f"{float(symmetry_breaking(12).density):.10f}")
        0.7064036927

    Source: own derivation.
    """
    begin = ("0.755038", "0.333736", "0.915777", "0.516108", "0.197805", "0.425230", "0.706404")
    competitors = (SYMMETRIC_PAIR, UNIT_PAIR)
    system = held(equal_losses(competitors), -1, Fraction(1))
    zero = prove(system, [arb(x) for x in begin], digits)
    words = ("symmetric pair", "asymmetric pair")
    return described(words, competitors, zero, {"importance": exactly(1)}, ("PHASE-15", "PHASE-20"))


@cache
def triple_point(digits: int = 30) -> PhasePoint:
    """Enclose the point where dedicating, a weak and a strong pair lose the same.

    Args:
        digits: correct significant digits.

    Returns:
        The point; its unknowns are the strong and the weak pair.

    Example:
        >>> point = triple_point(10)
        >>> print(f"I = {float(point.importance):.8f}, p = {float(point.density):.8f}")
        I = 0.56413137, p = 0.51173803

    Source: own derivation.
    """
    begin = (
        *("1.02421139731", "0.755545281648", "0.0681587503562", "0.205948139020"),
        *("1.00042498047", "0.00337006009798", "0.000293266273427", "0.256728770496"),
        *("0.511738032118", "0.564131365348"),
    )
    competitors = (PAIR, PAIR, DEDICATED)
    zero = prove(equal_losses(competitors), [arb(x) for x in begin], digits, scales(2))
    return described((_PAIR, _WEAK, _DEDICATED), competitors, zero, {}, ("PHASE-15", "PHASE-21"))


@cache
def dense_end(digits: int = 30) -> PhasePoint:
    """Enclose the importance above which a weak pair loses less than dedicating even at ``p = 1``.

    Args:
        digits: correct significant digits.

    Returns:
        The point at density 1.

    Example:
        >>> print(f"{float(dense_end(10).importance):.9f}")
        0.988846482

    Source: own derivation.
    """
    return WEAK_HIGH.point("density", Fraction(1), digits)
