"""The first-order functional F: suprema found by optimisation against the sharp value.

For each hidden size m and odd power q the number of features n is scanned upward. Printed: the
largest F found at each n, its ratio to prod_{k<q} (m + 2k) / (2k + 1), and the least n at which the
ratio is 1 within 1e-6. "First found" is what it says: fewer features were tried with more starts
and fell short, which proves nothing. Then F at its best scale of many random weights, of which none
may exceed the sharp value.

    python benchmarks/first_order.py
    python benchmarks/first_order.py --cases 2:3 --starts 10 --random 1000
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from fractions import Fraction
from math import prod

import numpy as np

from numerics.power_model.gain_search import GainFound, maximise_first_order

CASES = "2:3,3:3,4:3,2:5"
WITHIN = 1e-6
MORE = 10  # times as many starts just below the first n that attains the sharp value


def sharp(m: int, q: int) -> Fraction:
    """The supremum over all weights with any number of features, written from its formula."""
    return prod((Fraction(m + 2 * k, 2 * k + 1) for k in range(q)), start=Fraction(1))


def line(n: int, found: GainFound, limit: Fraction) -> str:
    """One row of the table."""
    ratio = found.gain.value / float(limit)
    return (
        f"  n = {n:3d}  best F found {found.gain.value:.12f} +- {found.gain.error:.0e}  "
        f"ratio {ratio:.12f}  ({found.n_hits}/{found.n_starts} starts)"
    )


def scan(m: int, q: int, starts: int) -> int | None:
    """Search at every n from m on until the sharp value is reached; say where it is first."""
    limit = sharp(m, q)
    print(f"\nm = {m}, q = {q}: sharp value {limit} = {float(limit):.12f}")
    n = m
    while n <= 2 * limit + 2 * m:
        found = maximise_first_order(m, q, n, n_starts=starts)
        print(line(n, found, limit), flush=True)
        if abs(found.gain.value / float(limit) - 1) <= WITHIN:
            if n > m:
                again = maximise_first_order(m, q, n - 1, n_starts=MORE * starts, seed=1)
                print(line(n - 1, again, limit) + f"  <- {MORE} times the starts")
            print(f"  first found at n = {n}")
            return n
        n += 1
    return None


def random_ratios(m: int, q: int, count: int) -> Iterator[float]:
    """Ratios ``T^2 / E`` to the sharp value of random weights of many shapes and norms."""
    draw, limit, size = np.random.default_rng(0), float(sharp(m, q)), 100
    for batch in range(-(-count // size)):
        n = 1 + batch % 40
        W = draw.normal(size=(size, m, n))
        if batch % 2:  # unit columns come nearer to the sharp value
            W /= np.linalg.norm(W, axis=1, keepdims=True)
        gram = np.einsum("ski,skj->sij", W, W)
        target = np.einsum("sii->si", gram) ** q
        energy = np.sum(gram ** (2 * q), axis=(1, 2))
        yield from np.sum(target, axis=1) ** 2 / energy / limit


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", default=CASES, help="m:q, comma-separated")
    parser.add_argument("--starts", type=int, default=100)
    parser.add_argument("--random", type=int, default=100_000)
    arguments = parser.parse_args()
    begun, failed = time.perf_counter(), []
    for case in arguments.cases.split(","):
        m, q = map(int, case.split(":"))
        if scan(m, q, arguments.starts) is None:
            failed.append(f"m = {m}, q = {q}: the sharp value was not reached")
        ratios = np.fromiter(random_ratios(m, q, arguments.random), float)[: arguments.random]
        above = int(np.sum(ratios > 1 + 1e-12))
        print(f"  {ratios.size} random weights: largest ratio {ratios.max():.6f}, above 1: {above}")
        failed += [f"m = {m}, q = {q}: {above} weights above the sharp value"] if above else []
    print(f"\n{time.perf_counter() - begun:.1f} s")
    if failed:
        raise SystemExit("\n".join(failed))


if __name__ == "__main__":
    main()
