"""Generate problems over the whole domain and compare the series with the exact loss.

For every problem three things are checked: the series differs from the exact loss by no more than
the error that it reports; that report is at most ``1e-11 (1 + n max(1, w^4))``, ``w`` the largest
modulus of a weight; and likewise for every entry of the gradient at ``1e-9``. The generator is the
plain ``random`` module, apart from the strategies of the tests: the two share no blind spot.

    python benchmarks/agreement.py --problems 10000 --workers 2
"""

from __future__ import annotations

import argparse
import heapq
import random
import time
from concurrent.futures import ProcessPoolExecutor
from fractions import Fraction
from typing import Any

import numpy as np

from numerics.series import loss_and_gradient
from theory.loss import expected_loss
from theory.problem import Problem

LOSS_REPORT = 1e-11
GRADIENT_REPORT = 1e-9


def random_problem(seed: int) -> tuple[Problem, list[list[float]], list[float]]:
    """Draw a problem with weights: zeros, ties, dead features, pairs, all scales, p at its ends.

    Args:
        seed: seed of this problem alone.

    Returns:
        The problem, ``W`` as nested lists, ``b``.
    """
    draw = random.Random(seed)
    n, m = draw.randint(1, 8), draw.randint(1, 4)
    scale = 10.0 ** draw.choice([0, 0, 0, 0, -1, -2, -4, -6, -9, -12, 1, 2, 3])
    W = [[draw.gauss(0, 1) * scale for _ in range(n)] for _ in range(m)]
    for j in range(n):
        kind = draw.random()
        other = draw.randrange(n)
        size = 10.0 ** draw.uniform(-12, 3) if draw.random() < 0.3 else 1.0
        for row in W:
            if kind < 0.1:
                row[j] = 0.0
            elif kind < 0.2:
                row[j] = -row[other]
            elif kind < 0.25:
                row[j] = row[other]
            elif kind < 0.4:
                row[j] *= size
            elif kind < 0.5:
                row[j] = float(round(row[j] / scale)) * scale
    if draw.random() < 0.3:  # few directions: many zero Gram entries
        axis = [draw.randrange(m) for _ in range(n)]
        W = [[w if axis[j] == i else 0.0 for j, w in enumerate(row)] for i, row in enumerate(W)]
    W = [[max(-1e3, min(1e3, w)) if abs(w) >= 1e-12 else 0.0 for w in row] for row in W]
    largest = max(abs(w) for row in W for w in row)
    b = []
    for i in range(n):
        norm = sum(row[i] * row[i] for row in W)
        choices = [0.0, draw.gauss(0, 0.3), -norm, norm / 2, -norm * draw.random(), 1e-9, -1e-12]
        choices.append(draw.gauss(0, 1) * max(1.0, largest * largest))
        b.append(draw.choice(choices))
    ends: list[Any] = [0, 1, Fraction(1, 10), 1e-2, 1e-4, 1e-6, 1e-8, 0.5, draw.random()]
    ends += [1 - 1e-9, draw.random(), Fraction(1, 3)]
    if draw.random() < 0.7:
        density: Any = draw.choice(ends)
    else:
        density = [draw.choice(ends) for _ in range(n)]
    importance = [draw.choice([0, 1, 1, 0.7, 10.0]) for _ in range(n)]
    return Problem(n, m, density=density, importance=importance), W, b


def compare(seed: int) -> dict[str, Any]:
    """Compare both sides on one problem.

    Args:
        seed: seed of the problem.

    Returns:
        Ratios of error to report and of report to allowance, each at most 1 where all is well.
    """
    problem, W, b = random_problem(seed)
    n = problem.n_features
    exact = expected_loss(problem, W, b)
    series = loss_and_gradient(problem, np.array(W), np.array(b))
    largest = max(abs(w) for row in W for w in row)
    unit = 1 + n * max(1.0, largest**4)
    row: dict[str, Any] = {"seed": seed, "n": n, "loss": series.loss}
    row["gap"] = float(abs(Fraction(series.loss) - exact.value))
    row["error"] = series.error
    row["ratio"] = row["gap"] / series.error if row["gap"] else 0.0
    row["report"] = series.error / (LOSS_REPORT * unit)
    gradient = exact.gradient
    gaps, reports = [0.0], [0.0]
    sides = [
        (np.ravel(series.gradient_W), np.ravel(series.gradient_W_error), sum(gradient.W, ())),
        (series.gradient_b, series.gradient_b_error, gradient.b),
    ]
    for values, errors, wanted in sides:
        for value, error, exactly in zip(values, errors, wanted, strict=True):
            gap = float(abs(Fraction(float(value)) - exactly))
            gaps.append(gap / error if gap else 0.0)
            reports.append(error / (GRADIENT_REPORT * unit))
    row["gradient_ratio"], row["gradient_report"] = max(gaps), float(max(reports))
    return row


def main() -> None:
    """Run the comparison and print the counts and the worst ten of each kind."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--problems", type=int, default=10_000)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    start = time.perf_counter()
    seeds = range(options.first_seed, options.first_seed + options.problems)
    with ProcessPoolExecutor(options.workers) as pool:
        rows = list(pool.map(compare, seeds, chunksize=20))
    seconds = time.perf_counter() - start
    print(f"{len(rows)} problems, n = 1..8, {seconds:.0f} s")
    for key, what in (
        ("ratio", "|series - exact| / reported error of the loss"),
        ("report", "reported error / 1e-11 (1 + n max(1, w^4))"),
        ("gradient_ratio", "|series - exact| / reported error, worst entry of the gradient"),
        ("gradient_report", "reported error of the gradient / 1e-9 (1 + n max(1, w^4))"),
    ):
        above = sum(row[key] > 1 for row in rows)
        print(f"\n{what}: above 1 in {above} of {len(rows)}; the worst ten:")
        for row in heapq.nlargest(10, rows, key=lambda row: row[key]):
            print(
                f"  {row[key]:9.3g}  seed {row['seed']:<6} n = {row['n']}  loss {row['loss']:.12g}"
                f"  gap {row['gap']:.2g}  reported {row['error']:.2g}"
            )


if __name__ == "__main__":
    main()
