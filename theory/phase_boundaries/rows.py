r"""One output of two features of opposite signs in one dimension, with derivatives, in balls.

With ``a = w_i^2`` and ``g = -w_i w_j > 0`` the output is ``(a x_i - g x_j + b)_+``. For ``b > 0``
its loss is one of three Laurent polynomials:

=========  ====================  =================================================
``open``   ``g < b``             nothing is clipped
``cut``    ``b < g < b + a``     clipped where ``x_j`` is large and ``x_i`` small
``deep``   ``b + a < g``         clipped for every ``x_i`` where ``x_j`` is large
=========  ====================  =================================================

Neighbours differ by a multiple of ``(b - g)^3`` and ``(b + a - g)^3``, so that the loss and its
first and second derivatives are continuous across both walls. A ball that lies across a wall gets
the union of the formulas on either side, which holds the values of the true derivative.

Source: own derivation, claim PHASE-15; the formulas are taken from ``theory.losses.symbolic``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import sympy
from flint import arb

from theory.losses.symbolic import chamber
from theory.phase_boundaries.laurent import Derivatives, taken_apart
from theory.problem import Unsupported
from theory.rows.vertices import Undecided

__all__ = ["LETTERS", "PATTERNS", "Output", "formula", "output", "patterns"]

LETTERS = sympy.symbols("a g b p", positive=True)
PATTERNS = {"open": ("1", "1/4", "1/2"), "cut": ("1", "1/2", "1/4"), "deep": ("1/4", "1", "1/4")}
"""The patterns, each with a point ``(a, g, b)`` that has it."""


@dataclass(frozen=True)
class Output:
    """The loss of one output and its derivatives by the own weight, the other weight and the bias.

    Attributes:
        value: without importance.
        slope: by own weight, other weight and bias.
        bend: second derivatives, a symmetric matrix.
        rise: derivative by the density.
        tilt: derivatives of ``slope`` by the density.
        patterns: those that the ball may have.
    """

    value: arb
    slope: tuple[arb, arb, arb]
    bend: tuple[tuple[arb, arb, arb], ...]
    rise: arb
    tilt: tuple[arb, arb, arb]
    patterns: tuple[str, ...]


@cache
def formula(pattern: str) -> Any:
    """Give the loss of one output in a pattern.

    Args:
        pattern: ``"open"``, ``"cut"`` or ``"deep"``.

    Returns:
        A SymPy expression in ``a``, ``g``, ``b`` and ``p``.

    Example:
        >>> sympy.factor(formula("open").subs(LETTERS[1], 0).subs(LETTERS[2], 0))
        p*(a - 1)**2/3
    """
    a, g, b, p = LETTERS
    point = dict(zip((a, g, b), map(sympy.Rational, PATTERNS[pattern]), strict=True))
    found = chamber([[a, -g], [-g, 1]], [b, 0], [p, p], [1, 0], point)
    return sympy.expand(found.loss)


@cache
def _derivatives(pattern: str) -> Derivatives:
    return taken_apart(formula(pattern), LETTERS)


def patterns(a: arb, g: arb, b: arb) -> tuple[str, ...]:
    """Say which patterns an output may have.

    Args:
        a: square of the own weight.
        g: product of the weights, with the sign changed.
        b: bias.

    Returns:
        One pattern, or several where the balls lie across a wall.

    Raises:
        Undecided: not all three are known to be positive.

    Example:
        >>> patterns(arb(1), arb("0.5"), arb("0.25")), patterns(arb(1), arb(2), arb(1, "0.1"))
        (('cut',), ('cut', 'deep'))
    """
    if not (a > 0 and g > 0 and b > 0):
        raise Undecided(f"an output with a={a}, g={g}, b={b} is no part of an antipodal pair")
    found = [] if b < g else ["open"]
    found += [] if b > g or b + a < g else ["cut"]
    return (*found, *([] if b + a > g else ["deep"]))


def output(own: arb, other: arb, bias: arb, density: arb) -> Output:
    """Evaluate one output of an antipodal pair.

    Args:
        own: norm of the feature.
        other: norm of the other feature.
        bias: of the output.
        density: ``p``.

    Returns:
        Balls that hold the loss and its derivatives everywhere in the balls given.

    Example:
        >>> print(output(arb(1), arb(1), arb("0.1"), arb(0)).value.str(4, radius=False))
        0.01000
    """
    a, g = own * own, own * other
    may = patterns(a, g, bias)
    per_pattern = [_derivatives(name).at((a, g, bias, density)) for name in may]
    d = per_pattern[0]
    for others in per_pattern[1:]:
        d = {order: ball.union(others[order]) for order, ball in d.items()}
    o, t = own, other
    mixed = 2 * a * d["ag"] + d["g"] + g * d["gg"]
    by_bias = (2 * o * d["ab"] + t * d["gb"], o * d["gb"])
    return Output(
        d[""],
        (2 * o * d["a"] + t * d["g"], o * d["g"], d["b"]),
        (
            (4 * a * d["aa"] + 2 * d["a"] + 4 * g * d["ag"] + t * t * d["gg"], mixed, by_bias[0]),
            (mixed, a * d["gg"], by_bias[1]),
            (by_bias[0], by_bias[1], d["bb"]),
        ),
        d["p"],
        (2 * o * d["ap"] + t * d["gp"], o * d["gp"], d["bp"]),
        may,
    )


def checked_walls() -> None:
    """Check that neighbours differ by multiples of the third power of their wall.

    Raises:
        Unsupported: they do not, so that nothing here holds.
    """
    a, g, b, _ = LETTERS
    for first, second, wall in (("open", "cut", b - g), ("cut", "deep", b + a - g)):
        gap = sympy.numer(sympy.together(formula(first) - formula(second)))
        if sympy.rem(sympy.expand(gap), sympy.expand(wall**3), b) != 0:
            raise Unsupported(f"{first}, {second}: are not twice differentiable across {wall} = 0")
