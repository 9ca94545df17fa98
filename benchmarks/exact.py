"""How long the exact loss takes, beside SymPy's own integrator.

    python benchmarks/exact.py            # the whole table, about two minutes
    python benchmarks/exact.py --limit 20 --largest 16

Random three-digit rational weights, density 1/10, value only, one core. SymPy integrates the same
loss over every active set with the ReLU as a Piecewise, in a process that is stopped at the limit.
"""

from __future__ import annotations

import argparse
import itertools
import multiprocessing
import random
import statistics
import time
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import sympy

from theory.loss import expected_loss
from theory.problem import Problem

Rows = list[list[Fraction]]
DENSITY = Fraction(1, 10)
SIZES = (2, 3, 5, 8, 12, 16, 20)
TARGETS = {5: 0.005, 8: 0.1, 12: 3.0, 16: 120.0}


def random_weights(n: int, seed: int) -> tuple[Problem, Rows, list[Fraction]]:
    """Weights with three-digit entries in ``(-1, 1)``; ``m`` is about ``n / 2``."""
    source = random.Random(seed)
    m = max(1, n // 2)

    def entry() -> Fraction:
        return Fraction(source.randint(-999, 999), 1000)

    rows = [[entry() for _ in range(n)] for _ in range(m)]
    return Problem(n, m, density=DENSITY), rows, [entry() for _ in range(n)]


def exact(n: int, seed: int) -> Fraction:
    """The loss by the vertex formula."""
    return expected_loss(*random_weights(n, seed)).value


def with_gradient(n: int, seed: int) -> Any:
    """The gradient by the vertex formula."""
    return expected_loss(*random_weights(n, seed)).gradient


def polynomial(n: int, seed: int) -> Any:
    """The loss as a polynomial in the density."""
    return expected_loss(*random_weights(n, seed)).polynomial


def balls(n: int, seed: int) -> Any:
    """The loss in ball arithmetic to fifteen digits."""
    return expected_loss(*random_weights(n, seed), digits=15).value


def by_integration(n: int, seed: int) -> Fraction:
    """The loss by ``sympy.integrate``, one active set after another."""
    _, rows, bias = random_weights(n, seed)
    gram = [[sum(r[i] * r[j] for r in rows) for j in range(n)] for i in range(n)]
    u = sympy.symbols(f"u:{n}", nonnegative=True)
    total = sympy.Integer(0)
    for active in itertools.product((0, 1), repeat=n):
        chance = sympy.Rational(1, 10) ** sum(active) * sympy.Rational(9, 10) ** (n - sum(active))
        ranges = [(u[j], 0, 1) for j in range(n) if active[j]]
        for i in range(n):
            y = _rational(bias[i]) + sum(_rational(gram[i][j]) * u[j] * active[j] for j in range(n))
            relu = sympy.Piecewise((y, y > 0), (0, True))
            square = (u[i] * active[i] - relu) ** 2
            total += chance * (sympy.integrate(square, *ranges) if ranges else square)
    value = sympy.Rational(total)
    return Fraction(int(value.p), int(value.q))


def _rational(value: Fraction) -> sympy.Rational:
    return sympy.Rational(value.numerator, value.denominator)


def median_time(run: Callable[[int, int], Any], n: int, repeats: int) -> float:
    """Median seconds over different random weights."""
    times = []
    for seed in range(repeats):
        start = time.perf_counter()
        run(n, seed)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def _report(queue: Any, n: int) -> None:
    start = time.perf_counter()
    value = by_integration(n, 0)
    queue.put((value, time.perf_counter() - start))


def integration_time(n: int, limit: float) -> float | None:
    """Seconds that SymPy needs for one loss, or None at the limit; the values must agree."""
    queue: Any = multiprocessing.Queue()
    worker = multiprocessing.Process(target=_report, args=(queue, n))
    worker.start()
    worker.join(limit)
    if worker.is_alive():
        worker.kill()
        worker.join()
        return None
    value, seconds = queue.get()
    if value != exact(n, 0):
        print(f"n = {n}: SymPy says {value}, the vertex formula {exact(n, 0)}")
    return float(seconds)


def _shown(seconds: float | None, limit: float) -> str:
    return f"> {limit:.0f} s" if seconds is None else f"{1000 * seconds:.1f} ms"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--limit", type=float, default=120, help="seconds given to SymPy")
    parser.add_argument("--largest", type=int, default=20, help="largest n")
    parser.add_argument("--repeats", type=int, default=5, help="random weights for each n")
    options = parser.parse_args()
    exact(2, 0)  # imports and caches
    columns = ("n", "value", "target", "balls", "gradient", "polynomial", "SymPy", "ratio")
    print(" ".join(f"{name:>12}" for name in columns))
    for n in (size for size in SIZES if size <= options.largest):
        value = median_time(exact, n, options.repeats)
        cells = [str(n), _shown(value, 0)]
        cells.append(_shown(TARGETS[n], 0) if n in TARGETS else "")
        cells.append(_shown(median_time(balls, n, options.repeats), 0))
        for run in (with_gradient, polynomial):
            cells.append(_shown(median_time(run, n, 3), 0) if n <= 12 else "")
        if n <= 3:
            other = integration_time(n, options.limit)
            cells.append(_shown(other, options.limit))
            cells.append(f"{(other or options.limit) / value:.0f}" + ("" if other else " +"))
        print(" ".join(f"{cell:>12}" for cell in cells))


if __name__ == "__main__":
    main()
