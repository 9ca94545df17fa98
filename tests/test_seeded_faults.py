"""The table of seeded faults: it fits the code, and (slowly) the suite catches every one."""

from __future__ import annotations

import pytest
import seeded_faults
from faults import FAULTS

NAMES = [f"{fault.module}: {fault.name}" for fault in FAULTS]


@pytest.mark.parametrize("fault", FAULTS, ids=NAMES)
def test_the_table_fits_the_code(fault):
    assert seeded_faults.occurrences(fault) == fault.times
    assert fault.new != fault.old
    assert all((seeded_faults.PROJECT / "tests" / test).is_file() for test in fault.tests)


@pytest.mark.parametrize("side", ["theory", "numerics"])
def test_there_are_faults_on_both_sides(side):
    assert sum(fault.module.startswith(side) for fault in FAULTS) >= 12


@pytest.mark.thorough
@pytest.mark.parametrize("fault", FAULTS, ids=NAMES)
def test_the_suite_catches_the_fault(fault):
    _, caught, _ = seeded_faults.catch(fault)
    assert caught, f"{fault.name} in {fault.module} is a hole in {fault.tests}"
