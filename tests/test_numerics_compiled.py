"""Compiled kernels are never stale, and work where nothing can be written."""

from __future__ import annotations

import importlib
import os
import pkgutil
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from numba.core.dispatcher import Dispatcher

import numerics

CALLEE = """
from numerics.basics.compiled import compiled

@compiled()
def number():
    return {value}
"""
CALLER = """
from numerics.basics.compiled import compiled
from numerics.callee import number

@compiled()
def answer():
    return 10 * number()
"""
RUN = "from numerics.caller import answer; print(answer(), sum(answer.stats.cache_hits.values()))"


@pytest.fixture
def package(tmp_path):
    """A package with the compiler of this side and two kernels, one calling the other."""
    home = tmp_path / "numerics"
    (home / "basics").mkdir(parents=True)
    for name in ("__init__.py", "basics/__init__.py", "basics/compiled.py"):
        shutil.copy2(Path(numerics.__file__).parent / name, home / name)
    (home / "callee.py").write_text(CALLEE.format(value=1))
    (home / "caller.py").write_text(CALLER)
    return home


def run(package, **environment):
    """Run the caller in a process of its own; answer and cache hits."""
    variables = {k: v for k, v in os.environ.items() if not k.startswith("NUMBA_")}
    variables |= {"PYTHONPATH": str(package.parent), "PYTHONDONTWRITEBYTECODE": "1"} | environment
    done = subprocess.run(
        [sys.executable, "-c", RUN],
        cwd=package.parent,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    value, hits = done.stdout.split()
    return int(value), int(hits)


def test_a_called_kernel_that_changes_is_compiled_again(package):
    assert run(package) == (10, 0)
    assert run(package) == (10, 1)  # the cache serves as long as nothing changes
    (package / "callee.py").write_text(CALLEE.format(value=7))
    assert run(package) == (70, 0)
    assert run(package) == (70, 1)


def test_it_works_where_no_cache_can_be_written(package):
    (package / "__pycache__").write_text("a file where a folder would be")
    nowhere = os.devnull
    assert run(package, HOME=nowhere, XDG_CACHE_HOME=nowhere) == (10, 0)
    assert run(package, HOME=nowhere, XDG_CACHE_HOME=nowhere) == (10, 0)


def kernels():
    """Every compiled function of this side, by its full name."""
    for module in pkgutil.walk_packages(numerics.__path__, "numerics."):
        for name, value in vars(importlib.import_module(module.name)).items():
            if isinstance(value, Dispatcher):
                yield f"{module.name}.{name}", value


def test_arithmetic_is_strict_so_that_a_cached_kernel_rounds_like_a_fresh_one():
    found = dict(kernels())
    assert "numerics.rows.fourier.oscillating_part" in found
    assert [name for name, kernel in found.items() if kernel.targetoptions.get("fastmath")] == []
