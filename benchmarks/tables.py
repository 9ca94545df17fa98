"""A table over a grid: one worker beside two, the same command again, and a local cluster.

    python benchmarks/tables.py [--features 2:8] [--hidden 1:3] [--starts 20]

Each run is the command ``tms table`` in a process of its own. The outputs must be equal byte for
byte; the command that is given again must compute nothing.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SPARSITIES = "0,0.3,0.5,0.7,0.8,0.9,0.95,0.97,0.99,0.999"


def run(grid: list[str], output: Path, *options: str) -> tuple[float, str]:
    """One command: seconds, and what it said of its cells."""
    words = [sys.executable, "-m", "tms", "table", *grid, "-o", str(output), *options]
    begun = time.perf_counter()
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    return time.perf_counter() - begun, done.stderr.strip().splitlines()[-1]


def main() -> None:
    """Run all cases and compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--features", default="2:8")
    parser.add_argument("--hidden", default="1:3")
    parser.add_argument("--starts", default="20")
    parser.add_argument("--format", default="csv")
    given = parser.parse_args()
    grid = ["--features", given.features, "--hidden", given.hidden, "--sparsity", SPARSITIES]
    grid += ["--starts", given.starts, "--format", given.format]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        one, two = ["--store", str(folder / "one")], ["--store", str(folder / "two")]
        cluster = ["--backend", "dask", "--store", str(folder / "cluster")]
        cases = {
            "two workers": [*two, "--workers", "2"],
            "the same command again": [*two, "--workers", "2"],
            "one worker": [*one, "--workers", "1"],
            "Dask, two processes": [*cluster, "--workers", "2"],
        }
        outputs, seconds = {}, {}
        for case, options in cases.items():
            output = folder / f"{len(outputs)}.out"
            seconds[case], said = run(grid, output, *options)
            outputs[case] = output.read_bytes()
            cells = said.split(" from ")[0]
            print(f"{case}: {seconds[case]:.1f} s; {cells} from the store", flush=True)
        ratio = seconds["one worker"] / seconds["two workers"]
        same = len(set(outputs.values())) == 1
        print(f"one worker takes {ratio:.2f} times as long as two")
        print(f"outputs of {len(outputs)} runs: {'equal byte for byte' if same else 'DIFFERENT'}")
    sys.exit(0 if same else 1)


if __name__ == "__main__":
    main()
