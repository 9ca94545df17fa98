"""Time the series at a stated tolerance, beside what Monte Carlo needs for the same error.

The caller states the tolerance and the number of terms follows from it; conditioning on features is
switched off, so that the series alone is measured. Medians over repeats, all in one run. "Monte
Carlo" is extrapolated from one measured run: samples for a standard error equal to the tolerance,
and the time they take at the measured rate.

    python benchmarks/series.py
"""

from __future__ import annotations

import argparse
import math
import statistics
import time
from collections.abc import Callable

import numpy as np

from numerics import sampling, series
from theory.problem import Problem


def random_unit_columns(n: int, m: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw ``W`` with unit columns in random directions; biases are zero.

    Args:
        n: number of features.
        m: number of hidden dimensions.
        seed: seed of the draw.

    Returns:
        ``W`` and ``b``.
    """
    W = np.random.default_rng(seed).normal(size=(m, n))
    return W / np.linalg.norm(W, axis=0), np.zeros(n)


def median_seconds(
    repeats: int, call: Callable[..., object], *arguments: object, **options: object
) -> float:
    """Time a call.

    Args:
        repeats: how often.
        call: what to time.
        *arguments: handed to it.
        **options: handed to it.

    Returns:
        The median of the times.
    """
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call(*arguments, **options)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def monte_carlo(problem: Problem, W: np.ndarray, b: np.ndarray, tolerance: float) -> str:
    """Say how many samples, and how long, Monte Carlo needs for a standard error.

    Args:
        problem: the problem.
        W: weights.
        b: biases.
        tolerance: the standard error wanted.

    Returns:
        Both numbers in words.
    """
    count = max(20_000, 2_000_000 // problem.n_features)
    start = time.perf_counter()
    sampled = sampling.expected_loss(problem, W, b, n_samples=count)
    rate = (time.perf_counter() - start) / count
    samples = count * (sampled.standard_error / tolerance) ** 2
    return f"Monte Carlo {samples:.1e} samples, {samples * rate:.1e} s"


def large(repeats: int) -> None:
    """Time loss and gradient for 250 to 2000 features at two tolerances, and their growth."""
    for tolerance in (1e-8, 1e-4):
        seen: dict[int, tuple[float, float]] = {}
        for n in (250, 500, 1000, 2000):
            problem = Problem(n, 50, density="1/100")
            W, b = random_unit_columns(n, 50, seed=n)
            options = {"tolerance": tolerance, "series_only": True}
            loss = series.expected_loss(problem, W, b, **options)
            first = median_seconds(repeats, series.expected_loss, problem, W, b, **options)
            both = median_seconds(repeats, series.loss_and_gradient, problem, W, b, **options)
            seen[n] = first, both
            print(
                f"n = {n:4}, m = 50, p = 0.01, tolerance {tolerance:g}: {loss.terms} terms, loss "
                f"{first:.2f} s, loss and gradient {both:.2f} s, reported error {loss.error:.1e}; "
                + monte_carlo(problem, W, b, tolerance)
            )
        for part, what in ((0, "loss"), (1, "loss and gradient")):
            exponent = math.log(seen[2000][part] / seen[250][part]) / math.log(8)
            print(f"  growth exponent in n from 250 to 2000, {what}: {exponent:.2f}")


def small(repeats: int) -> None:
    """Time one loss with gradient out of a batch, n = 5, m = 2."""
    generator = np.random.default_rng(0)
    problem = Problem(5, 2, density="1/10")
    W, b = generator.normal(size=(1000, 2, 5)), 0.1 * generator.normal(size=(1000, 5))
    for series_only in (True, False):
        options = {"tolerance": 1e-9, "series_only": series_only}
        seconds = median_seconds(repeats, series.batch_loss_and_gradient, problem, W, b, **options)
        name = "series alone" if series_only else "series or conditioning"
        print(
            f"n = 5, m = 2, p = 0.1, tolerance 1e-9, {name}: loss and gradient "
            f"{seconds / len(W) * 1e6:.0f} us a call in a batch of {len(W)}; "
            + monte_carlo(problem, W[0], b[0], 1e-9)
        )


def main() -> None:
    """Run all measurements."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    warm = Problem(20, 5, density="1/10")
    W, b = random_unit_columns(20, 5, seed=0)
    series.expected_loss(warm, W, b)  # compile
    series.loss_and_gradient(warm, W, b)
    small(options.repeats)
    large(options.repeats)


if __name__ == "__main__":
    main()
