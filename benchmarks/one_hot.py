"""Chen et al.'s one-hot model: the lemma against the integral, the critical polygons, the losses.

    python benchmarks/one_hot.py                 # about ten seconds
    python benchmarks/one_hot.py --models 100 --sides 40

Every model is random and rational, with zero columns, repeated and antipodal features, biases 0 and
biases that put a kink on the border of its range. The comparison is of fractions, for equality.
"""

from __future__ import annotations

import argparse
import random
import time
from fractions import Fraction
from typing import Any

from theory.limits.one_hot import one_hot_loss
from theory.limits.polygons import chen_critical_point, polygon_critical_point, polygon_loss
from theory.loss import expected_loss
from theory.problem import Problem

Rows = list[list[Fraction]]


def random_model(source: random.Random) -> tuple[Rows, list[Fraction]]:
    """A rational model with up to six features; every fourth has ties of some kind."""
    n, m = source.randint(1, 6), source.randint(1, 3)

    def entry() -> Fraction:
        return Fraction(source.randint(-60, 60), source.randint(1, 40))

    rows = [[entry() for _ in range(n)] for _ in range(m)]
    bias = [source.choice([entry(), Fraction(0)]) for _ in range(n)]
    if source.random() < 0.25:
        factor = source.choice([-1, 0, 1])
        for row in rows:
            row[-1] = factor * row[0]
    if source.random() < 0.25:
        bias[0] = -sum((row[0] * row[-1] for row in rows), Fraction(0))
    return rows, bias


def integral(rows: Rows, bias: list[Fraction]) -> Fraction:
    """The one-hot loss from its definition: exact integrals between kinks."""
    n, total = len(bias), Fraction(0)
    for i in range(n):
        for j in range(n):
            a = sum((row[i] * row[j] for row in rows), Fraction(0))
            total += _one_integral(Fraction(i == j), a, bias[i])
    return total / n


def _one_integral(target: Fraction, a: Fraction, b: Fraction) -> Fraction:
    kink = -b / a if a else Fraction(0)
    cuts = [Fraction(0), min(max(kink, Fraction(0)), Fraction(1)), Fraction(1)]
    total = Fraction(0)
    for low, high in ((cuts[0], cuts[1]), (cuts[1], cuts[2])):
        on = a * (low + high) / 2 + b > 0
        slope, offset = target - a * on, -b * on
        total += slope**2 * (high**3 - low**3) / 3 + slope * offset * (high**2 - low**2)
        total += offset**2 * (high - low)
    return total


def compare(count: int, seed: int) -> None:
    """Lemma, definition and vertex formula on random models."""
    source, start = random.Random(seed), time.perf_counter()
    equal_integral = equal_vertices = positive = 0
    for _ in range(count):
        rows, bias = random_model(source)
        found = one_hot_loss(rows, bias)
        loss: Any = expected_loss(Problem(len(bias), len(rows), density="1/3"), rows, bias)
        equal_integral += found == integral(rows, bias)
        equal_vertices += found == loss.given_active(1)
        positive += any(b > 0 for b in bias)
    print(f"{count} random rational models (seed {seed}), {positive} with a positive bias:")
    print(f"  H / (3c) equal to the integral:                {equal_integral}")
    print(f"  H / (3c) equal to the loss given one active:   {equal_vertices}")
    print(f"  {time.perf_counter() - start:.1f} s\n")


def table(c: int) -> None:
    """The losses of critical polygons with ignored features."""
    print(f"c = {c}")
    for k in range(4, c + 1):
        for positive in range(c - k + 1):
            loss = polygon_loss(k, c, positive=positive)
            print(f"  L({k}{'+' * positive}) = {float(loss):.10f}")
    print()


def points(sides: int) -> None:
    """The critical polygons, and which of them solve the equations of the paper."""
    print("  k  l*            b*             H              active  acute  solves the equations")
    for k in range(3, sides + 1):
        point = polygon_critical_point(k, digits=15)
        numbers = f"{float(point.norm):.10f}  {float(point.bias):+.10f}  {float(point.h):13.10f}"
        solves = bool(chen_critical_point(k, digits=15))
        print(f"{k:3}  {numbers}  {point.reach:6}  {point.acute:5}  {'yes' if solves else 'no'}")


def main() -> None:
    """Print the comparison and the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, default=1000)
    parser.add_argument("--sides", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    compare(options.models, options.seed)
    for c in (4, 5, 6):
        table(c)
    points(options.sides)


if __name__ == "__main__":
    main()
