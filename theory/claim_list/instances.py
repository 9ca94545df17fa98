"""Instances at which claims are checked: fixed, rational, with zeros and repeated entries."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from fractions import Fraction

__all__ = [
    "DENSITIES",
    "circle_points",
    "gram_of",
    "matrices",
    "models",
    "points_on_circle",
    "points_on_sphere",
    "rationals",
    "sphere_points",
    "variance",
]

DENSITIES = tuple(map(Fraction, ("0", "1/100", "1/10", "1/2", "9/10", "1")))


def rationals(seed: int, low: int = -8, high: int = 8) -> Iterator[Fraction]:
    """Give rational numbers without end, zero among them."""
    generator = random.Random(seed)
    while True:
        yield Fraction(generator.randint(low, high), generator.randint(1, 6))


def matrices(seed: int, m: int, n: int, count: int) -> Iterator[list[list[Fraction]]]:
    """Give rational matrices of ``m`` rows and ``n`` columns."""
    numbers = rationals(seed, -6, 6)
    for _ in range(count):
        yield [[next(numbers) / 3 for _ in range(n)] for _ in range(m)]


def models(
    seed: int, m: int, n: int, count: int
) -> Iterator[tuple[list[list[Fraction]], list[Fraction]]]:
    """Give weights and biases."""
    numbers = rationals(seed + 1, -4, 4)
    for W in matrices(seed, m, n, count):
        yield W, [next(numbers) / 4 for _ in range(n)]


def gram_of(W: Sequence[Sequence[Fraction]]) -> list[list[Fraction]]:
    """Give ``W^T W``, features as columns."""
    columns = list(zip(*W, strict=True))
    return [
        [sum((x * y for x, y in zip(u, v, strict=True)), Fraction(0)) for v in columns]
        for u in columns
    ]


def variance(p: Fraction) -> Fraction:
    """Give the variance of a feature that is uniform on ``[0, 1]`` with probability ``p``."""
    return p / 3 - p**2 / 4


def circle_points(seed: int, n: int) -> list[list[Fraction]]:
    """Give ``n`` rational unit vectors in the plane as two rows."""
    numbers = rationals(seed)
    return points_on_circle([next(numbers) / 2 for _ in range(n)])


def points_on_circle(tangents: Sequence[Fraction]) -> list[list[Fraction]]:
    """Give the unit vectors at twice the angles of these tangents, as two rows."""
    return [
        [(1 - t * t) / (1 + t * t) for t in tangents],
        [2 * t / (1 + t * t) for t in tangents],
    ]


def sphere_points(seed: int, n: int) -> list[list[Fraction]]:
    """Give ``n`` rational unit vectors in space as three rows."""
    numbers = rationals(seed + 50)
    return points_on_sphere([(next(numbers) / 2, next(numbers) / 2) for _ in range(n)])


def points_on_sphere(pairs: Sequence[tuple[Fraction, Fraction]]) -> list[list[Fraction]]:
    """Give unit vectors by stereographic projection, as three rows."""
    squares = [s * s + t * t for s, t in pairs]
    return [
        [2 * s / (1 + q) for (s, _), q in zip(pairs, squares, strict=True)],
        [2 * t / (1 + q) for (_, t), q in zip(pairs, squares, strict=True)],
        [(q - 1) / (1 + q) for q in squares],
    ]
