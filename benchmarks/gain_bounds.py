"""Bounds on the best gain: lower <= best found <= upper on a grid, and the very sparse limit.

For every law, hidden size m, power q, number of features n and density p: the largest lower bound,
the gain of the best weights found, and the smallest upper bound. The gain of these weights is
computed once more, exactly, by the other side of the project. Printed: found/upper at each density,
rounded down, and the number of points out of order (0 wanted).

Then, where n attains the sharp value of the first-order functional, how found/upper goes to 1 as p
goes to 0.

    python benchmarks/gain_bounds.py --workers 2
    python benchmarks/gain_bounds.py --laws normal --features 6 --starts 2
"""

from __future__ import annotations

import argparse
import itertools
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from fractions import Fraction

from theory.power_model.gain import gain
from theory.problem import Power
from tms.bounds_table import BoundsRow, bounds
from tms.inputs.names import law_from_text
from tms.printing.bounds import outward

LAWS = "rademacher,normal,uniform:-1,1"
DENSITIES = ("1e-6", "1e-4", "1e-3", "0.01", "0.03", "0.1", "0.3", "1")
LIMIT = tuple(f"1e-{k}" for k in range(3, 10))
ATTAINED = {(2, 3): 4, (3, 3): 11, (4, 3): 23, (2, 5): 6, (3, 5): 24, (4, 5): 60}


@dataclass(frozen=True)
class Case:
    """One line of a table."""

    law: str
    m: int
    q: int
    n: int
    densities: tuple[str, ...]
    starts: int


@dataclass(frozen=True)
class Outcome:
    """What came out of it."""

    case: Case
    ratios: tuple[str, ...]
    faults: tuple[str, ...]


def faults_of(row: BoundsRow) -> list[str]:
    """What is out of order at one point; the exact gain of the weights is computed again."""
    exact = exact_gain(row)
    low, high = row.lower.value, row.upper.value
    value, error = Fraction(row.found.value), Fraction(row.found.error)
    named = {
        "lower > found": low > value,
        "found > upper": exact > high,
        "lower > upper": low > high,
        "the gain is off by more than its error": abs(exact - value) > error,
    }
    return [f"{row.problem}: {name}" for name, holds in named.items() if holds]


def exact_gain(row: BoundsRow) -> Fraction:
    """The gain of the weights as a rational number; of the lower bound's where these are best."""
    if row.found.tier == "exact":
        return gain(row.problem, row.lower.weights).value
    k, m = row.columns.shape
    if k == 0:
        return Fraction(0)
    weights = [[Fraction(w) for w in line] for line in row.columns.T.tolist()]
    return gain(row.problem.replace(n_features=k, n_hidden=m), weights).value


def evaluated(case: Case) -> Outcome:
    """One line."""
    table = bounds(
        case.n,
        case.m,
        densities=case.densities,
        features=law_from_text(case.law),
        activation=Power(case.q),
        n_starts=case.starts,
    )
    ratios = tuple(outward(row.ratio, 4, up=False) for row in table.rows)
    faults = tuple(fault for row in table.rows for fault in faults_of(row))
    return Outcome(case, ratios, faults)


def laws_of(text: str) -> list[str]:
    """Names of laws, separated by commas; the ends of a uniform law hold one too."""
    return text.replace("uniform:-1,1", "uniform:-1;1").split(",")


def shown(cases: Sequence[Case], workers: int) -> list[str]:
    """Print the lines of one table; give what is out of order."""
    faults: list[str] = []
    densities = cases[0].densities
    print(f"{'law':>13} {'m':>2} {'q':>2} {'n':>3}  p = " + " ".join(f"{p:>7}" for p in densities))
    with ProcessPoolExecutor(workers) as pool:
        for outcome in pool.map(evaluated, cases):
            case = outcome.case
            ratios = " ".join(f"{ratio:>7}" for ratio in outcome.ratios)
            print(f"{case.law:>13} {case.m:>2} {case.q:>2} {case.n:>3}      {ratios}", flush=True)
            faults += outcome.faults
    return faults


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--laws", default=LAWS)
    parser.add_argument("--features", default="3,6,12,24", help="n, comma-separated")
    parser.add_argument("--starts", type=int, default=4, help="random starts at each point")
    parser.add_argument("--workers", type=int, default=1)
    arguments = parser.parse_args()
    begun = time.perf_counter()
    laws = [name.replace(";", ",") for name in laws_of(arguments.laws)]
    sizes = [int(n) for n in arguments.features.split(",")]
    grid = [
        Case(law, m, q, n, DENSITIES, arguments.starts)
        for law, m, q, n in itertools.product(laws, (2, 3, 4), (3, 5), sizes)
    ]
    print("best found / upper bound, rounded down")
    faults = shown(grid, arguments.workers)
    print(f"{len(grid) * len(DENSITIES)} points, {len(faults)} out of order")
    print("\nthe very sparse limit, n where the first-order functional attains its supremum")
    limits = [
        Case(law, m, q, n, LIMIT, arguments.starts)
        for law in laws
        for (m, q), n in ATTAINED.items()
    ]
    faults += shown(limits, arguments.workers)
    print(f"{len(limits) * len(LIMIT)} points; out of order in all: {len(faults)}")
    print(f"{time.perf_counter() - begun:.0f} s")
    if faults:
        raise SystemExit("\n".join(faults))


if __name__ == "__main__":
    main()
