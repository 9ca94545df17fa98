"""The table of seeded faults: it fits the code, and (slowly) the suite catches every one."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent.parent / "benchmarks" / "seeded_faults.py"


def _script():
    spec = importlib.util.spec_from_file_location("seeded_faults", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where dataclasses look their module up
    spec.loader.exec_module(module)
    return module


FAULTS = _script()
NAMES = [f"{fault.module}: {fault.name}" for fault in FAULTS.FAULTS]


@pytest.mark.parametrize("fault", FAULTS.FAULTS, ids=NAMES)
def test_the_table_fits_the_code(fault):
    assert FAULTS.occurrences(fault) == fault.times
    assert fault.new != fault.old
    assert all((FAULTS.PROJECT / "tests" / test).is_file() for test in fault.tests)


@pytest.mark.parametrize("side", ["theory", "numerics"])
def test_there_are_faults_on_both_sides(side):
    assert sum(fault.module.startswith(side) for fault in FAULTS.FAULTS) >= 12


@pytest.mark.thorough
@pytest.mark.parametrize("fault", FAULTS.FAULTS, ids=NAMES)
def test_the_suite_catches_the_fault(fault):
    _, caught, _ = FAULTS.catch(fault)
    assert caught, f"{fault.name} in {fault.module} is a hole in {fault.tests}"
