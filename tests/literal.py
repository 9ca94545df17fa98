"""The expected loss by its definition, in fractions: the reference of the family's exact side.

Every set of active features is listed with its probability, and for each the squared error is
integrated: over all values for discrete laws, by multiplying out for polynomial activations, and
for kinked ones over the two pieces into which ``y = 0`` cuts a square (two features at most).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import combinations, product
from typing import Any

from theory.problem import (
    Activation,
    Binary,
    Exponential,
    FeatureLaw,
    Normal,
    Problem,
    Rademacher,
    Uniform,
)

Polynomial = dict[tuple[int, ...], Fraction]
"""Coefficients by exponents of the active features' values."""


def configurations(problem: Problem) -> list[tuple[Fraction, frozenset[int]]]:
    """Every set of active features with its probability."""
    n = problem.n_features
    if problem.n_active is not None:
        sets = list(combinations(range(n), problem.n_active))
        return [(Fraction(1, len(sets)), frozenset(members)) for members in sets]
    found = [(Fraction(1), frozenset[int]())]
    grouped = {j for group in problem.groups for j in group.members}
    units = [(((j,),), problem.densities[j]) for j in range(n) if j not in grouped]
    units += [(group.sets, problem.densities[group.members[0]]) for group in problem.groups]
    for sets, p in units:
        found = [
            (chance * weight, active | frozenset(members))
            for chance, active in found
            for members, weight in [((), 1 - p), *((s, p / len(sets)) for s in sets)]
        ]
    return found


def _times(left: Polynomial, right: Polynomial) -> Polynomial:
    found: Polynomial = defaultdict(Fraction)
    for a, x in left.items():
        for b, y in right.items():
            found[tuple(i + j for i, j in zip(a, b, strict=True))] += x * y
    return found


def _plus(left: Polynomial, right: Polynomial, factor: Fraction) -> Polynomial:
    found = defaultdict(Fraction, left)
    for exponents, x in right.items():
        found[exponents] += factor * x
    return found


def _power(base: Polynomial, q: int, size: int) -> Polynomial:
    found: Polynomial = {(0,) * size: Fraction(1)}
    for _ in range(q):
        found = _times(found, base)
    return found


def moment(law: FeatureLaw, k: int) -> Fraction:
    """``E u^k`` from the density or the values."""
    if isinstance(law, Uniform):
        low, high = law.low, law.high
        return sum((high**j * low ** (k - j) for j in range(k + 1)), Fraction(0)) / (k + 1)
    if isinstance(law, Exponential):
        return Fraction(math.factorial(k))
    if isinstance(law, Binary):
        return Fraction(1)
    if k % 2:
        return Fraction(0)
    normal = Fraction(math.factorial(k), 2 ** (k // 2) * math.factorial(k // 2))
    return normal if isinstance(law, Normal) else Fraction(1)


def _pieces(activation: Activation) -> tuple[int, int]:
    """``sigma(t) = s t^q`` for ``t > 0`` and ``t < 0``: the two ``s``."""
    if activation.shape == "relu":
        return 1, 0
    return 1, (-1) ** activation.power if activation.shape == "abs" else 1


class _Error:
    """``(x_i - sigma(y))^2``, or a derivative of it, of the values of the active features."""

    def __init__(self, activation: Activation, slopes: list[Fraction], bias: Fraction) -> None:
        self.activation, self.slopes, self.bias = activation, slopes, bias
        self.size = len(slopes)
        self.y: Polynomial = {(0,) * self.size: bias}
        for j, a in enumerate(slopes):
            self.y = _plus(self.y, self.value(j), a)

    def value(self, j: int | None) -> Polynomial:
        """The feature itself as a polynomial; None for an idle one."""
        if j is None:
            return {(0,) * self.size: Fraction(0)}
        return {tuple(int(k == j) for k in range(self.size)): Fraction(1)}

    def square(self, target: int | None, side: int) -> Polynomial:
        """On one side of ``y = 0``."""
        q = self.activation.power
        sign = Fraction(_pieces(self.activation)[side])
        rest = _plus(self.value(target), _power(self.y, q, self.size), -sign)
        return _times(rest, rest)

    def slope(self, target: int | None, by: int | None, side: int) -> Polynomial:
        """``2 (sigma(y) - x_i) sigma'(y)``, times the value of a feature (None: the bias)."""
        q = self.activation.power
        sign = Fraction(_pieces(self.activation)[side])
        rest = _plus(self.value(target), _power(self.y, q, self.size), -sign)
        outer = _power(self.y, q - 1, self.size)
        found = _times(rest, {e: -2 * q * sign * c for e, c in outer.items()})
        return found if by is None else _times(found, self.value(by))


def _at(poly: Polynomial, values: tuple[Fraction, ...]) -> Fraction:
    terms = (
        c * math.prod((v**e for v, e in zip(values, exponents, strict=True)), start=Fraction(1))
        for exponents, c in poly.items()
    )
    return sum(terms, Fraction(0))


@dataclass(frozen=True)
class _Pieces:
    """A polynomial for ``y > 0`` and one for ``y < 0``; at ``y = 0`` nothing, or the second."""

    of: Callable[[int], Polynomial]
    none_at_zero: bool = False


def _mean_discrete(law: FeatureLaw, error: _Error, pieces: _Pieces) -> Fraction:
    """Over all values."""
    ends = (1,) if isinstance(law, Binary) else (1, -1)
    total = Fraction(0)
    for values in product(map(Fraction, ends), repeat=error.size):
        y = _at(error.y, values)
        if y != 0 or not pieces.none_at_zero:
            total += _at(pieces.of(0 if y > 0 else 1), values)
    return total / len(ends) ** error.size


def _mean_moments(law: FeatureLaw, poly: Polynomial) -> Fraction:
    terms = (
        c * math.prod((moment(law, e) for e in es), start=Fraction(1)) for es, c in poly.items()
    )
    return sum(terms, Fraction(0))


def _clipped(corners: list[Any], height: Callable[[Any], Fraction], sign: int) -> list[Any]:
    """The part of a convex polygon where ``sign * height >= 0`` (Sutherland and Hodgman)."""
    found: list[Any] = []
    for k, here in enumerate(corners):
        before = corners[k - 1]
        inside, was = sign * height(here) >= 0, sign * height(before) >= 0
        if inside != was:
            t = height(before) / (height(before) - height(here))
            found.append(tuple(x + t * (z - x) for x, z in zip(before, here, strict=True)))
        if inside:
            found.append(here)
    return found


def _over_triangle(poly: Polynomial, a: Any, b: Any, c: Any) -> Fraction:
    """``int s^i t^j`` over the unit triangle is ``i! j! / (i + j + 2)!``."""
    sides = [(b[k] - a[k], c[k] - a[k]) for k in (0, 1)]
    area = abs(sides[0][0] * sides[1][1] - sides[0][1] * sides[1][0])
    lines: list[Polynomial] = [
        {(0, 0): a[k], (1, 0): sides[k][0], (0, 1): sides[k][1]} for k in (0, 1)
    ]
    total = Fraction(0)
    for (e, f), coefficient in poly.items():
        moved = _times(_power(lines[0], e, 2), _power(lines[1], f, 2))
        for (i, j), x in moved.items():
            total += (
                coefficient
                * x
                * math.factorial(i)
                * math.factorial(j)
                / Fraction(math.factorial(i + j + 2))
            )
    return total * area


def _mean_uniform(law: Uniform, error: _Error, pieces: _Pieces) -> Fraction:
    low, high = law.low, law.high
    corners = [(low, low), (high, low), (high, high), (low, high)]
    pad = (0,) * (2 - error.size)
    total = Fraction(0)
    for side, sign in ((0, 1), (1, -1)):
        y = {(*es, *pad): c for es, c in error.y.items()}
        poly = {(*es, *pad): c for es, c in pieces.of(side).items()}
        shape = _clipped(corners, lambda point, y=y: _at(y, point), sign)
        if error.bias == 0 and not any(error.slopes):
            shape = corners if side == 1 and not pieces.none_at_zero else []  # y = 0 throughout
        for k in range(1, len(shape) - 1):
            total += _over_triangle(poly, shape[0], shape[k], shape[k + 1])
    return total / (high - low) ** 2


def _mean(law: FeatureLaw, error: _Error, pieces: _Pieces) -> Fraction:
    if error.activation.is_polynomial:
        return _mean_moments(law, pieces.of(0))
    if isinstance(law, (Binary, Rademacher)):
        return _mean_discrete(law, error, pieces)
    assert isinstance(law, Uniform)
    return _mean_uniform(law, error, pieces)


def gram_of(W: Any, W_decoder: Any = None) -> list[list[Fraction]]:
    """``W_decoder^T W``, or ``W^T W``."""
    rows = [[Fraction(w) for w in row] for row in W]
    out = rows if W_decoder is None else [[Fraction(w) for w in row] for row in W_decoder]
    n = range(len(rows[0]))
    return [
        [sum((o[i] * r[j] for o, r in zip(out, rows, strict=True)), Fraction(0)) for j in n]
        for i in n
    ]


def _errors(problem: Problem, gram: list[list[Fraction]], b: Any, i: int) -> Any:
    for chance, active in configurations(problem):
        members = sorted(active)
        error = _Error(problem.activation, [gram[i][j] for j in members], Fraction(b[i]))
        yield chance, members, error, members.index(i) if i in active else None


def losses(problem: Problem, gram: list[list[Fraction]], b: Any) -> list[Fraction]:
    """``I_i E (x_i - x_hat_i)^2`` for every output."""
    found = []
    for i, weight in enumerate(problem.importances):
        total = Fraction(0)
        for chance, _, error, target in _errors(problem, gram, b, i):
            pieces = _Pieces(partial(error.square, target))
            total += chance * _mean(problem.features, error, pieces)
        found.append(weight * total)
    return found


def gradient(problem: Problem, gram: list[list[Fraction]], b: Any) -> tuple[list[Any], list[Any]]:
    """Derivatives by the bias, and by the Gram matrix taken as free."""
    n = problem.n_features
    by_bias, by_gram = [Fraction(0)] * n, [[Fraction(0)] * n for _ in range(n)]
    for i, weight in enumerate(problem.importances):
        for chance, members, error, target in _errors(problem, gram, b, i):
            for by in (None, *range(len(members))):
                pieces = _Pieces(partial(error.slope, target, by), error.activation.power == 1)
                part = weight * chance * _mean(problem.features, error, pieces)
                if by is None:
                    by_bias[i] += part
                else:
                    by_gram[i][members[by]] += part
    return by_bias, by_gram
