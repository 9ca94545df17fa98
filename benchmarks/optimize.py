"""The optimiser: arrangements by sparsity, against trained weights, at n = 400, on two workers.

    python benchmarks/optimize.py arrangements
    python benchmarks/optimize.py workers
    python benchmarks/optimize.py trained FOLDER --starts 20
    python benchmarks/optimize.py large FOLDER

FOLDER holds trained weights as .npz files (W, b) and an index.json that lists for each "file" its
"n_features", "n_hidden", "sparsity", "importance" ("1" or such as "0.7^i") and the "seconds" that
the training took. Every loss printed is evaluated by the series at the weights.
"""

from __future__ import annotations

import argparse
import json
import time
from fractions import Fraction
from pathlib import Path

import numpy as np

from numerics.dimensionality import coherence, dimensions_per_feature, feature_dimensionality
from numerics.geometry import describe
from numerics.optimize import BestFound, optimize
from numerics.series import expected_loss
from theory.problem import Problem

SPARSITIES = ("0", "0.3", "0.5", "0.7", "0.8", "0.9", "0.97", "0.99", "0.999")
LARGE = 200  # features from which on "large" takes a file, and "trained" leaves it


def arrangements(starts: int, workers: int) -> list[str]:
    """Print what is found at each sparsity for n = 5, m = 2, equal importance."""
    failed = []
    for sparsity in SPARSITIES:
        begun = time.perf_counter()
        found = optimize(Problem(5, 2, sparsity=sparsity), n_starts=starts, n_workers=workers)
        norms = np.linalg.norm(found.W, axis=0)
        print(
            f"S = {sparsity:5s}  loss {found.loss:.13g} +- {found.error:.0e}  {describe(found.W)}\n"
            f"  hits {found.n_hits}/{found.n_starts} ({found.origin})  "
            f"|gradient| {found.gradient_norm:.1e}  smallest eigenvalue "
            f"{found.residuals.curvature:.3e}  norms {norms.min():.8f} to {norms.max():.8f}  "
            f"biases {found.b.min():.8f} to {found.b.max():.8f}  "
            f"{time.perf_counter() - begun:.1f} s",
            flush=True,
        )
        for at in found.landscape[:6]:
            print(f"    {at.kind:9s} {at.loss:.13g}  x {at.count:3d}  {describe(at.W)}")
        if found.gradient_norm >= 1e-10 or found.landscape[0].kind != "minimum":
            failed.append(f"S = {sparsity}: {found.status}")
    return failed


def is_same(first: BestFound, second: BestFound) -> bool:
    """Whether two results are the same bit for bit."""
    pairs = list(zip(first.landscape, second.landscape, strict=True))
    return (
        (first.loss, first.status, first.n_hits) == (second.loss, second.status, second.n_hits)
        and np.array_equal(first.W, second.W)
        and np.array_equal(first.b, second.b)
        and all(a.count == b.count and a.loss == b.loss for a, b in pairs)
        and all(np.array_equal(a.W, b.W) for a, b in pairs)
    )


def workers(starts: int) -> list[str]:
    """The same seed with one and with two workers."""
    failed = []
    cases = [
        Problem(5, 2, sparsity="0.9"),
        Problem(5, 2, sparsity=0),
        Problem(12, 4, sparsity="0.9", importance=[Fraction(8, 10) ** i for i in range(12)]),
    ]
    for problem in cases:
        results, seconds = [], []
        for count in (1, 2):
            begun = time.perf_counter()
            results.append(optimize(problem, n_starts=starts, seed=3, n_workers=count))
            seconds.append(time.perf_counter() - begun)
        same = is_same(*results)
        print(
            f"n = {problem.n_features}, m = {problem.n_hidden}: one worker {seconds[0]:.1f} s, two "
            f"{seconds[1]:.1f} s, {'identical' if same else 'DIFFERENT'}",
            flush=True,
        )
        failed += [] if same else [f"{problem}: two workers give another result"]
    return failed


def problem_of(row: dict) -> Problem:
    """The problem of one line of the index."""
    n, base = row["n_features"], row["importance"].split("^")[0]
    importance = [Fraction(base) ** i for i in range(n)] if "^" in row["importance"] else base
    return Problem(n, row["n_hidden"], sparsity=str(row["sparsity"]), importance=importance)


def files_of(folder: Path, *, large: bool) -> list[dict]:
    """Lines of the index on large problems, or on the others."""
    rows = json.loads((folder / "index.json").read_text())
    return [row for row in rows if (row["n_features"] >= LARGE) == large]


def trained(folder: Path, starts: int, workers: int, only: str) -> list[str]:
    """Losses of trained weights against those found from own starts."""
    failed = []
    for row in files_of(folder, large=False):
        if not row["file"].startswith(only):
            continue
        failed += compared(folder, row, starts, workers)[1]
    return failed


def compared(folder: Path, row: dict, starts: int, workers: int) -> tuple[BestFound, list[str]]:
    """One file: search, print both losses, and say if the trained one is lower."""
    problem = problem_of(row)
    with np.load(folder / row["file"], allow_pickle=False) as weights:
        there = expected_loss(problem, weights["W"], weights["b"])
        norm, share = dimensions_per_feature(weights["W"]), feature_dimensionality(weights["W"])
    begun = time.perf_counter()
    found = optimize(problem, n_starts=starts, n_workers=workers)
    seconds = time.perf_counter() - begun
    print(
        f"{row['file']}: trained {there.loss:.12g}, found {found.loss:.12g}, lower by "
        f"{there.loss - found.loss:.3e} ({(there.loss - found.loss) / there.loss:.2e} of it); "
        f"{seconds:.1f} s beside {row['seconds']:.1f} s of training\n"
        f"  {describe(found.W)}; {found.status}; |gradient| {found.gradient_norm:.1e}\n"
        f"  D* trained {norm:.4f}, found {dimensions_per_feature(found.W):.4f}; capacity trained "
        f"{share.sum():.3f}, found {feature_dimensionality(found.W).sum():.3f}",
        flush=True,
    )
    lower = found.loss - found.error <= there.loss
    return found, [] if lower else [f"{row['file']}: the trained loss is lower"]


def large(folder: Path, starts: int, workers: int, only: str) -> list[str]:
    """The largest problems, from random starts, and how dimensions are shared."""
    failed = []
    for row in files_of(folder, large=True):
        if not row["file"].startswith(only):
            continue
        found, worse = compared(folder, row, starts, workers)
        failed += worse
        share = feature_dimensionality(found.W)
        counts, edges = np.histogram(share, bins=20, range=(0.0, 1.0))
        print(f"  coherence {coherence(found.W):.4f}; histogram of D_i:")
        for count, low in zip(counts, edges[:-1], strict=True):
            if count:
                print(f"    {low:.2f} to {low + 0.05:.2f}: {count}")
    return failed


def main() -> None:
    """Print what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("part", choices=["arrangements", "workers", "trained", "large"])
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--starts", type=int)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--only", default="", help="files whose names begin so")
    arguments = parser.parse_args()
    if arguments.part in {"trained", "large"} and arguments.folder is None:
        parser.error(f"{arguments.part}: name the folder of the trained weights")
    begun = time.perf_counter()
    if arguments.part == "arrangements":
        failed = arrangements(arguments.starts or 100, arguments.workers)
    elif arguments.part == "workers":
        failed = workers(arguments.starts or 10)
    elif arguments.part == "trained":
        failed = trained(
            arguments.folder, arguments.starts or 20, arguments.workers, arguments.only
        )
    else:
        failed = large(arguments.folder, arguments.starts or 2, arguments.workers, arguments.only)
    print(f"\n{time.perf_counter() - begun:.1f} s")
    if failed:
        raise SystemExit("\n".join(failed))


if __name__ == "__main__":
    main()
