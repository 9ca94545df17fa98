"""Seed one fault after another into a copy of the project and record which test catches it.

Every fault is one replacement of text in one module: a sign, a factor, a lost square, a wrong
range, a swapped index. The named tests run on the damaged copy until the first failure;
a fault that they miss is a hole in the suite.

    python benchmarks/seeded_faults.py --workers 2
    python benchmarks/seeded_faults.py --only simpson
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from faults import FAULTS, Fault

PROJECT = Path(__file__).resolve().parent.parent
PARTS = ["theory", "numerics", "tms", "derivations", "tests", "pyproject.toml", "README.md"]
LONGEST = 900  # seconds for one fault


def occurrences(fault: Fault) -> int:
    """How often the text of a fault stands in its module."""
    return (PROJECT / fault.module).read_text().count(fault.old) if fault.old else 0


def seeded_copy(fault: Fault, folder: Path) -> None:
    """Copy the project to a folder and seed the fault; refuse one whose text is not there."""
    for part in PARTS:
        source, target = PROJECT / part, folder / part
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, target)
    if occurrences(fault) != fault.times:
        raise SystemExit(
            f"{fault.name}: {occurrences(fault)} times in {fault.module}, mend the table"
        )
    module = folder / fault.module
    if fault.old:
        module.write_text(module.read_text().replace(fault.old, fault.new))


def catch(fault: Fault) -> tuple[Fault, str | None, float]:
    """Run the tests of a fault on a damaged copy; name the test that failed, if one did."""
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        seeded_copy(fault, folder)
        command = [sys.executable, "-m", "pytest", "-x", "-q", "--tb=no", "-p", "no:cacheprovider"]
        command += ["--hypothesis-seed=0", *(f"tests/{test}" for test in fault.tests)]
        environment = os.environ | {"PYTHONPATH": name}
        run = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=LONGEST
        )
    failed = re.search(r"^(?:FAILED|ERROR) (\S+)", run.stdout, re.MULTILINE)
    if run.returncode not in (0, 1):
        raise SystemExit(f"{fault.name}: the tests did not run\n{run.stdout}\n{run.stderr}")
    caught = failed[1].removeprefix("tests/") if failed else None
    return fault, caught, time.perf_counter() - start


def main() -> None:
    """Seed the faults and print the table; the exit code is 1 where one was missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="part of a fault's name or module")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    chosen = [f for f in FAULTS if options.only in f.name or options.only in f.module]
    everything = sorted({test for fault in chosen for test in fault.tests})
    _, failed, seconds = catch(Fault("no fault", "numerics/__init__.py", "", "", everything, 0))
    if failed:
        sys.exit(f"{failed} fails without any fault")
    print(f"no fault: all of the tests pass, {seconds:.0f} s", flush=True)
    missed = 0
    with ThreadPoolExecutor(options.workers) as pool:
        for fault, caught, seconds in pool.map(catch, chosen):
            missed += caught is None
            verdict = caught or "NOT CAUGHT"
            print(f"| {fault.module} | {fault.name} | {verdict} | {seconds:.0f} s |", flush=True)
    print(f"{len(chosen) - missed} of {len(chosen)} caught")
    sys.exit(missed > 0)


if __name__ == "__main__":
    main()
