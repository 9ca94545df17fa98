"""Points of first-order boundaries of two features in one dimension, each proven by itself.

A point is a zero of a system of ``theory.phase_boundaries.systems``: existence and uniqueness in a
box are proven by Krawczyk's test, that the weights are local minima by the leading minors of the
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
from theory.phase_boundaries.newton import Scales, System, Zero, prove
from theory.phase_boundaries.pair import leading_minors, pair, variance_slope
from theory.phase_boundaries.record import PhasePoint, exactly
from theory.phase_boundaries.systems import (
    against_dedicated,
    between_pairs,
    held,
    scales,
    symmetry_breaking_system,
    three_at_once,
)

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

_PAIR = ("w1", "w2", "b1", "b2")
_TWO = tuple(f"{name} {which}" for which in ("strong", "weak") for name in _PAIR)
_OUTPUTS = {
    2: ("output 1", "output 2"),
    4: tuple(f"{which} output {k}" for which in ("strong", "weak") for k in (1, 2)),
}
_EXISTS = "there is one such point in the box and no other"
_GLOBAL = "that no third arrangement loses less there"


@dataclass(frozen=True)
class Curve:
    """Two minima that lose the same.

    Attributes:
        name: of the boundary.
        table: of starting points.
        system: the equations.
        unknowns: their names, without density and importance.
        claims: ids.
        scales: of the box in which a zero is proven to be the only one.
    """

    name: str
    table: starts.Table
    system: System
    unknowns: tuple[str, ...]
    claims: tuple[str, ...]
    scales: Scales | None = None

    def point(self, name: str, value: Fraction, digits: int) -> PhasePoint:
        """Solve at an importance or a density.

        Args:
            name: ``"importance"`` or ``"density"``.
            value: of it, near the table.
            digits: correct significant digits.

        Returns:
            The point with its proofs.
        """
        place = -1 if name == "importance" else -2
        full = starts.near(self.table, name, value)
        system = held(self.system, place, value)
        free = [x for k, x in enumerate(full) if k != len(full) + place]
        zero = prove(system, free, digits, self.scales)
        last = "density" if name == "importance" else "importance"
        labels = (*self.unknowns, last)
        found = dict(zip(labels, zero.balls, strict=True))
        plane = {name: exactly(value), last: found.pop(last)}
        return _described(self, plane, found, zero, labels)


def _described(
    curve: Curve,
    plane: Mapping[str, Enclosure],
    unknowns: Mapping[str, Enclosure],
    zero: Zero,
    labels: Sequence[str],
) -> PhasePoint:
    yes, no = _minima(list(unknowns.values()), plane["density"], plane["importance"])
    patterns = _patterns(list(unknowns.values()), plane["density"])
    return PhasePoint(
        boundary=curve.name,
        kind="first order",
        importance=plane["importance"],
        density=plane["density"],
        unknowns=dict(unknowns),
        box=dict(zip(labels, zero.box, strict=True)),
        patterns=dict(zip(_OUTPUTS[len(patterns)], patterns, strict=True)),
        claims=curve.claims,
        proved="; ".join([_EXISTS, *yes]),
        not_proved="; ".join([*no, _GLOBAL]),
    )


def _balls(values: Sequence[Enclosure]) -> list[arb]:
    return [arb(as_fmpq(v.midpoint), as_fmpq(v.radius)) for v in values]


def _patterns(unknowns: Sequence[Enclosure], density: Enclosure) -> list[str]:
    with ctx.workprec(_precision(unknowns)):
        balls, (p,) = _balls(unknowns), _balls([density])
        pairs = [pair(balls[k : k + 4], p, arb(1)) for k in range(0, len(balls), 4)]
    return ["/".join(side.patterns) for two in pairs for side in (two.first, two.second)]


def _precision(values: Sequence[Enclosure]) -> int:
    return max(128, *(v.radius.denominator.bit_length() + 32 for v in values))


def _minima(
    unknowns: Sequence[Enclosure], density: Enclosure, importance: Enclosure
) -> tuple[list[str], list[str]]:
    """What is proven about minima and the crossing, and what is not."""
    yes: list[str] = []
    no: list[str] = []
    with ctx.workprec(_precision([*unknowns, density, importance])):
        balls, (p, weight) = _balls(unknowns), _balls([density, importance])
        pairs = [pair(balls[k : k + 4], p, weight) for k in range(0, len(balls), 4)]
        for found, word in zip(pairs, _words(len(pairs)), strict=True):
            sure = all(minor > 0 for minor in leading_minors(found.hessian))
            (yes if sure else no).append(f"{word} is a local minimum")
        if len(pairs) == 1:
            sure = bool(weight < importance_ball(p))
            (yes if sure else no).append("dedicating is a local minimum")
            slope = pairs[0].rise - weight * variance_slope(p)
        else:
            slope = pairs[0].rise - pairs[1].rise
        crosses = bool(slope > 0)
        text = f"{_words(len(pairs))[0]} loses less just below this density and more just above it"
        (yes if crosses else no).append(text)
    return yes, no


def _words(count: int) -> tuple[str, ...]:
    return ("the pair",) if count == 1 else ("the strong pair", "the weak pair")


STRONG = Curve(
    "dedicated | strong pair", starts.STRONG, against_dedicated, _PAIR, ("PHASE-15", "PHASE-18")
)
WEAK_LOW = Curve(
    "dedicated | weak pair, lower jump",
    starts.WEAK_LOW,
    against_dedicated,
    _PAIR,
    ("PHASE-15",),
    scales(1),
)
WEAK_HIGH = Curve(
    "dedicated | weak pair, upper jump",
    starts.WEAK_HIGH,
    against_dedicated,
    _PAIR,
    ("PHASE-15",),
    scales(1),
)
BETWEEN = Curve("weak pair | strong pair", starts.BETWEEN, between_pairs, _TWO, ("PHASE-15",))


def _point(
    name: str,
    labels: Sequence[str],
    zero: Zero,
    plane: Mapping[str, Enclosure],
    claims: tuple[str, ...],
    proved: str,
) -> PhasePoint:
    known = dict(zip(labels, zero.balls, strict=True))
    return PhasePoint(
        boundary=name,
        kind="first order",
        importance=plane.get("importance") or known["importance"],
        density=plane.get("density") or known["density"],
        unknowns={k: v for k, v in known.items() if k not in ("density", "importance")},
        box=dict(zip(labels, zero.box, strict=True)),
        claims=claims,
        proved=proved,
        not_proved=_GLOBAL,
    )


def symmetry_breaking(digits: int = 30) -> PhasePoint:
    """Enclose the density at which, at equal importance, the best pair stops being symmetric.

    A symmetric antipodal pair and one with a longer and a shorter feature are both stationary and
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
    begin = ("0.915777", "0.516108", "0.197805", "0.425230", "0.755038", "0.333736", "0.706404")
    labels = (*_PAIR, "norm", "bias", "density")
    zero = prove(symmetry_breaking_system, [arb(x) for x in begin], digits)
    return _point(
        "symmetric pair | asymmetric pair",
        labels,
        zero,
        {"importance": exactly(1)},
        ("PHASE-15", "PHASE-20"),
        f"{_EXISTS}: both pairs are stationary and lose the same",
    )


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
    labels = (*_TWO, "density", "importance")
    zero = prove(three_at_once, [arb(x) for x in begin], digits, scales(2))
    return _point(
        "dedicated | weak pair | strong pair",
        labels,
        zero,
        {},
        ("PHASE-15", "PHASE-21"),
        f"{_EXISTS}: both pairs are stationary, and both lose as much as dedicating",
    )


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
