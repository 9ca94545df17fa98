"""Sweeps killed at random moments and resumed."""

from __future__ import annotations

import pytest
import sweep_kills


def check(tmp_path, capsys, number, *, cells=60, processes=1, chain=False):
    """Nothing lost, nothing computed again after its report, the same bytes."""
    failures = sweep_kills.trials(cells, number, processes, chain, 1, tmp_path)
    assert failures == [], capsys.readouterr().out


def test_a_killed_sweep_goes_on_as_if_nothing_had_happened(tmp_path, capsys):
    check(tmp_path, capsys, 2)


def test_a_sweep_killed_again_and_again_goes_on(tmp_path, capsys):
    check(tmp_path, capsys, 3, chain=True)


@pytest.mark.thorough
@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize("chain", [False, True])
def test_twenty_kills(tmp_path, capsys, processes, chain):
    check(tmp_path, capsys, 20, cells=300, processes=processes, chain=chain)
