"""Limits of the literature, each computed in two ways: the Persian Rug, sharing, sparse expansions.

python benchmarks/limits.py            # about fifteen seconds
"""

from __future__ import annotations

import random
import time
from fractions import Fraction

from numerics.persian_rug import persian_rug_minimum
from theory.limits.expansion import density_expansion
from theory.limits.persian_rug import linear_rug_loss, persian_rug_optimum
from theory.limits.quadratic import best_capacities, quadratic_loss, sharing_threshold
from theory.loss import expected_loss
from theory.problem import Problem

RUGS = (
    ("1/4", "1/20"),
    ("1/4", "1/100"),
    ("1/2", "1"),
    ("1/10", "1/100000"),
    ("1/1000", "1/1000"),
    ("999/1000", "1/10"),
)


def persian_rug() -> None:
    """The proven optimum beside the search on the other side."""
    print("Persian Rug: least loss a feature, proven | found by descent | linear model with bias")
    for ratio, density in RUGS:
        start = time.perf_counter()
        best = persian_rug_optimum(ratio, density=density, digits=25)
        middle = time.perf_counter()
        found = persian_rug_minimum(float(Fraction(ratio)), density=float(Fraction(density)))
        gap = abs(Fraction(found.loss.value) - best.loss.midpoint)
        print(
            f"  r = {ratio:>8}, p = {density:>8}: {float(best.loss):.10e} | "
            f"{found.loss.value:.10e} (gap {float(gap):.0e}, error {found.loss.error:.0e}) | "
            f"{float(linear_rug_loss(ratio, density=density)):.4e}   a = {float(best.scale):.5f}, "
            f"b = {float(best.bias):.5f}; {middle - start:.2f} s, "
            f"{time.perf_counter() - middle:.2f} s"
        )


def sharing() -> None:
    """Two features in one dimension of the quadratic model."""
    best = best_capacities([1, 1], 1, 5)
    print("\nQuadratic model, two features in one dimension, kurtosis 5")
    print(f"  threshold {sharing_threshold(5)}; least loss at v = (1, 1): {best.loss}")
    grid = min(
        quadratic_loss([[Fraction(i, 60), Fraction(j, 60)]], [1, 1], 5)
        for i in range(90)
        for j in range(90)
    )
    print(f"  least on a grid of weights: {float(grid):.6f}; the formula: {float(best.loss):.6f}")
    for ratio in ("2/5", "1/2", "3/5"):
        shared = best_capacities([1, ratio], 1, 5).capacities
        print(f"  v = (1, {ratio}): capacities {shared[0]}, {shared[1]}")


def expansions() -> None:
    """Coefficients in the density beside the whole polynomial, and how tight the bounds are."""
    print("\nExpansion in the density: order, sets, bounds at p = 1/1000")
    source = random.Random(0)
    for n, m, order in ((8, 3, 3), (30, 5, 2), (200, 10, 1)):
        W = [[Fraction(source.randint(-999, 999), 1000) for _ in range(n)] for _ in range(m)]
        b = [Fraction(source.randint(-200, 0), 1000) for _ in range(n)]
        problem = Problem(n, m, density="1/1000")
        start = time.perf_counter()
        expansion = density_expansion(problem, W, b, order=order)
        seconds, at = time.perf_counter() - start, expansion.at("1/1000")
        exact = ""
        if n <= 8:
            whole = expected_loss(problem, W, b)
            equal = whole.polynomial.all_coeffs()[::-1][: order + 1] == list(expansion.coefficients)
            exact = f"; coefficients equal to the whole polynomial's: {equal}"
            exact += f"; the loss is between: {at.lower <= whole.value <= at.upper}"
        print(
            f"  n = {n}, K = {order}: {float(at.lower):.8f} <= L <= {float(at.upper):.8f}, "
            f"series {float(at.value):.8f}; {seconds:.2f} s{exact}"
        )


def main() -> None:
    """Print all of them."""
    persian_rug()
    sharing()
    expansions()


if __name__ == "__main__":
    main()
