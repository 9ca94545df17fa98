r"""An isosceles triangle of three features in two dimensions: loss and derivatives in balls.

.. math:: W = \begin{pmatrix} x & -x & 0 \\ y & y & -z \end{pmatrix}, \qquad b = (b, b, c),
    \qquad L = 2\, r(a; h, g; b) + I\, r(z^2; g, g; c)

with ``a = x^2 + y^2``, ``h = x^2 - y^2 > 0`` and ``g = y z > 0``. Where all vertex values keep
their sign, the loss ``r`` of one output is a Laurent polynomial.

Source: own derivation; the formulas are taken from ``theory.losses.symbolic``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property
from typing import Any, TypeAlias

import sympy
from flint import arb

from theory.arithmetic.balls import Enclosure
from theory.losses.symbolic import chamber
from theory.phase_boundaries.laurent import Derivatives, taken_apart
from theory.rows.vertices import Undecided

__all__ = ["UNKNOWNS", "Triangle", "triangle"]

UNKNOWNS = ("x", "y", "z", "b", "c")
_SIDE = sympy.symbols("a h g b p", positive=True)
_TOP = sympy.symbols("a g b p", positive=True)
Signs: TypeAlias = "tuple[bool, ...]"


def _vertex_values(a: Any, h: Any, g: Any, b: Any) -> list[Any]:
    """The vertex values whose signs are not fixed by ``a, b > 0``."""
    low = [b - h, b - g, b - h - g]
    return [*low, *(value + a for value in low)]


def _signs(values: Sequence[arb]) -> Signs:
    if not all(value > 0 or value < 0 for value in values):
        raise Undecided("a vertex value of the triangle may have either sign")
    return tuple(bool(value > 0) for value in values)


def _near(ball: arb) -> Fraction:
    return Enclosure.of(ball).midpoint


@cache
def _side(signs: Signs, at: tuple[Fraction, ...]) -> Derivatives:
    a, h, g, b, p = _SIDE
    point = dict(zip((a, h, g, b), at, strict=True))
    gram = [[a, -h, -g], [-h, 1, 0], [-g, 0, 1]]
    found = chamber(gram, [b, 0, 0], [p] * 3, [1, 0, 0], point)
    return taken_apart(sympy.expand(found.loss), _SIDE)


@cache
def _top(signs: Signs, at: tuple[Fraction, ...]) -> Derivatives:
    a, g, b, p = _TOP
    point = dict(zip((a, g, b), at, strict=True))
    gram = [[a, -g, -g], [-g, 1, 0], [-g, 0, 1]]
    found = chamber(gram, [b, 0, 0], [p] * 3, [1, 0, 0], point)
    return taken_apart(sympy.expand(found.loss), _TOP)


_FORMULAS: dict[tuple[str, Signs], Derivatives] = {}


def _formula(which: str, signs: Signs, at: Sequence[arb]) -> Derivatives:
    """The formula of a chamber, found once at the first point in it."""
    key = (which, signs)
    if key not in _FORMULAS:
        point = tuple(map(_near, at))
        _FORMULAS[key] = _side(signs, point) if which == "side" else _top(signs, point)
    return _FORMULAS[key]


@dataclass(frozen=True)
class Triangle:
    """Derivatives by ``x, y, z, b, c``.

    Attributes:
        side: derivatives of the loss of one of the two equal features by ``a, h, g, b, p``.
        top: of the last feature by ``a, g, b, p``.
        inner: derivatives of ``a, h, g`` and ``z^2`` by ``x, y, z``.
        importance: of the last feature.
    """

    side: dict[str, arb]
    top: dict[str, arb]
    inner: dict[str, tuple[arb, ...]]
    importance: arb

    @cached_property
    def value(self) -> arb:
        """The loss."""
        return 2 * self.side[""] + self.importance * self.top[""]

    @cached_property
    def rise(self) -> arb:
        """Derivative of the loss by the density."""
        return 2 * self.side["p"] + self.importance * self.top["p"]

    @cached_property
    def gradient(self) -> list[arb]:
        """First derivatives."""
        return self._chain("")

    @cached_property
    def by_density(self) -> list[arb]:
        """Derivatives of the gradient by the density."""
        return self._chain("p")

    @cached_property
    def by_importance(self) -> list[arb]:
        """Derivatives of the gradient by the importance."""
        return self._chain("", side=0, top=arb(1))

    def _chain(self, more: str, side: int = 2, top: arb | None = None) -> list[arb]:
        weight = self.importance if top is None else top
        found = [arb(0)] * 5
        for letters, values, factor in (
            (_SIDE_INNER, self.side, arb(side)),
            (_TOP_INNER, self.top, weight),
        ):
            for letter, name in letters.items():
                slope = factor * values[letter + more]
                found = [x + slope * d for x, d in zip(found, self.inner[name], strict=True)]
        return found

    @cached_property
    def hessian(self) -> list[list[arb]]:
        """Second derivatives."""
        found = [[arb(0)] * 5 for _ in range(5)]
        for letters, values, factor in (
            (_SIDE_INNER, self.side, arb(2)),
            (_TOP_INNER, self.top, self.importance),
        ):
            for one, name in letters.items():
                for i, j, bend in _BENDS[name]:
                    found[i][j] = found[i][j] + factor * values[one] * bend
                for two, other in letters.items():
                    order = one + two if one + two in values else two + one
                    for i, x in enumerate(self.inner[name]):
                        for j, y in enumerate(self.inner[other]):
                            found[i][j] = found[i][j] + factor * values[order] * x * y
        return found


_SIDE_INNER = {"a": "a", "h": "h", "g": "g", "b": "b"}
_TOP_INNER = {"a": "d", "g": "g", "b": "c"}
_BENDS: dict[str, tuple[tuple[int, int, int], ...]] = {
    "a": ((0, 0, 2), (1, 1, 2)),
    "h": ((0, 0, 2), (1, 1, -2)),
    "g": ((1, 2, 1), (2, 1, 1)),
    "d": ((2, 2, 2),),
    "b": (),
    "c": (),
}


def triangle(at: Sequence[arb], p: arb, importance: arb) -> Triangle:
    """Evaluate an isosceles triangle.

    Args:
        at: ``x, y, z, b, c``, all positive, with ``x > y``.
        p: density.
        importance: of the last feature.

    Returns:
        The loss and its derivatives, enclosed.

    Raises:
        Undecided: a vertex value, or one of the unknowns, may have either sign.

    Example:
        >>> norm = arb("0.92")
        >>> weights = [norm * arb(3).sqrt() / 2, norm / 2, norm, arb("0.2"), arb("0.2")]
        >>> print(triangle(weights, arb("0.6"), arb(1)).value.str(5, radius=False))
        0.098395
    """
    x, y, z, b, c = at
    a, h, g, d = x * x + y * y, (x - y) * (x + y), y * z, z * z
    if not (h > 0 and g > 0 and b > 0 and c > 0 and d > 0):
        raise Undecided("an isosceles triangle needs x > y > 0 and z, b, c > 0")
    side = _formula("side", _signs(_vertex_values(a, h, g, b)), (a, h, g, b))
    top = _formula("top", _signs(_vertex_values(d, g, g, c)), (d, g, c))
    zero, one = arb(0), arb(1)
    inner = {
        "a": (2 * x, 2 * y, zero, zero, zero),
        "h": (2 * x, -2 * y, zero, zero, zero),
        "g": (zero, z, y, zero, zero),
        "d": (zero, zero, 2 * z, zero, zero),
        "b": (zero, zero, zero, one, zero),
        "c": (zero, zero, zero, zero, one),
    }
    return Triangle(side.at((a, h, g, b, p)), top.at((d, g, c, p)), inner, importance)
