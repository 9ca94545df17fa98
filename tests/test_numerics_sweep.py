"""Sweeps: the same records whatever the workers, the order and the interruptions."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import signal
import socket
import time

import distributed
import joblib
import pytest
import sweep_cells
from hypothesis import given, settings
from hypothesis import strategies as st
from sweep_cells import SETTINGS, VERSION, python
from sweep_data import is_identical, records

from numerics.sweep import Store, SweepInterrupted, SweepStopped, cell_key, cell_seed, sweep
from theory.problem import InputError

CELLS = [{"i": i, "size": 40 + 30 * i} for i in range(12)]


def opened(path):
    return Store.open(path, settings=SETTINGS, version=VERSION)


def content(path):
    return {file.name: file.read_bytes() for file in (path / "cells").iterdir()}


@given(st.lists(records, max_size=6), st.integers(0, 2**70), st.data())
@settings(deadline=None)
def test_each_record_is_that_of_its_cell_and_seed_in_any_order(cells, seed, data):
    order = data.draw(st.permutations(cells))
    found = sweep(order, sweep_cells.echo, seed=seed)
    for cell, record in zip(order, found.records, strict=True):
        assert is_identical(record, {"cell": cell, "seed": cell_seed(cell_key(cell), seed)})


@given(st.lists(st.sampled_from(CELLS), max_size=8))
@settings(deadline=None)
def test_equal_cells_are_computed_once(cells):
    calls = []

    def compute(cell, seed):
        calls.append(cell["i"])
        return cell

    found = sweep(cells, compute)
    assert sorted(calls) == sorted({cell["i"] for cell in cells})
    assert found.records == tuple(cells)
    assert (found.n_computed, found.n_reused) == (len(calls), 0)


def test_no_cells_give_no_records(tmp_path):
    found = sweep([], sweep_cells.echo, store=opened(tmp_path), n_workers=2)
    assert (found.records, found.keys, found.n_computed) == ((), (), 0)


def test_tuples_come_back_as_lists_with_or_without_a_store(tmp_path):
    for store in (None, opened(tmp_path), opened(tmp_path)):
        (record,) = sweep([{"x": (1, 2)}], sweep_cells.echo, store=store).records
        assert record["cell"] == {"x": [1, 2]}


def test_what_a_computation_does_to_its_cell_stays_inside():
    def compute(cell, seed):
        cell["i"] = None
        return {}

    cells = [{"i": 1}]
    sweep(cells, compute)
    assert cells == [{"i": 1}]


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """Records and files of one process."""
    folder = tmp_path_factory.mktemp("alone")
    found = sweep(CELLS, sweep_cells.sums, store=opened(folder), seed=4)
    return found.records, content(folder)


@pytest.mark.parametrize(
    "how",
    [
        {"n_workers": 2},
        {"n_workers": 3, "backend": "loky"},
        {"n_workers": 2, "backend": "threading"},
        {"n_workers": 2, "backend": "sequential"},
        {"n_workers": 2, "backend": "dask"},
    ],
    ids=str,
)
def test_records_and_files_do_not_depend_on_workers_or_backend(alone, tmp_path, how):
    found = sweep(CELLS[::-1], sweep_cells.sums, store=opened(tmp_path), seed=4, **how)
    assert (found.records[::-1], content(tmp_path)) == alone


def test_a_cluster_is_taken_by_its_address_or_as_the_current_one(alone):
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=2, processes=True, dashboard_address="127.0.0.1:0"
    ) as cluster:
        address = cluster.scheduler_address
        found = sweep(CELLS, sweep_cells.sums, seed=4, backend="dask", address=address)
        assert found.records == alone[0]
        with distributed.Client(cluster):
            assert sweep(CELLS, sweep_cells.sums, seed=4, backend="dask").records == alone[0]


def test_a_cluster_starts_beside_another_one(alone):
    """Dask gives every scheduler the same port of its own accord, with a warning if it is taken."""
    with socket.socket() as taken:
        with contextlib.suppress(OSError):  # another run of the tests has it
            taken.bind(("", 8787))
            taken.listen()
        assert sweep(CELLS, sweep_cells.sums, seed=4, backend="dask").records == alone[0]


def test_a_backend_set_around_the_sweep_is_taken():
    def compute(cell, seed):
        return {"process": os.getpid()}

    with joblib.parallel_config(backend="threading"):
        found = sweep(CELLS, compute, n_workers=2)
    assert {record["process"] for record in found.records} == {os.getpid()}


def test_linear_algebra_has_one_thread_in_each_worker():
    with joblib.parallel_config(backend="loky", inner_max_num_threads=2):
        found = sweep(CELLS, sweep_cells.threads, n_workers=2)
    alone = sweep(CELLS[:1], sweep_cells.threads)
    assert {n for record in found.records + alone.records for n in record["threads"]} == {1}
    assert all(len(record["threads"]) >= 2 for record in found.records)  # of NumPy and of SciPy


def test_no_finished_cell_waits_for_a_longer_one(tmp_path):
    cells = [{"i": i} for i in range(400)]
    cells[200]["seconds"] = 1.5
    told = []
    sweep(cells, sweep_cells.long_or_short, n_workers=2, progress=told.append)
    assert told[-1].cell == cell_key(cells[200])


def test_what_is_in_the_store_is_not_computed_again(tmp_path):
    first = sweep(CELLS[:5], sweep_cells.echo, store=opened(tmp_path))
    before = content(tmp_path)
    second = sweep(CELLS, sweep_cells.echo, store=opened(tmp_path))
    again = sweep(CELLS[::-1], sweep_cells.fail, store=opened(tmp_path))
    assert (first.n_computed, second.n_computed, second.n_reused) == (5, 7, 5)
    assert (again.n_computed, again.n_reused) == (0, 12)
    assert again.records[::-1] == second.records
    assert before.items() <= content(tmp_path).items()


def test_a_damaged_cell_is_computed_again_and_told(tmp_path):
    whole = sweep(CELLS, sweep_cells.echo, store=opened(tmp_path))
    before, told = content(tmp_path), []
    name = f"{opened(tmp_path).name(cell_key(CELLS[3]))}.json"
    (tmp_path / "cells" / name).write_bytes(before[name][:-20])
    found = sweep(CELLS, sweep_cells.echo, store=opened(tmp_path), progress=told.append)
    assert (found.n_computed, found.records, content(tmp_path)) == (1, whole.records, before)
    assert found.damaged == (
        f"the cell {cell_key(CELLS[3])} was damaged (truncated or altered: its checksum does not "
        f"fit) in {name}",
    )
    assert {progress.damaged for progress in told} == {1}


def test_another_seed_is_refused_before_anything_is_computed(tmp_path):
    sweep(CELLS[:1], sweep_cells.echo, store=opened(tmp_path), seed=1)
    with pytest.raises(InputError, match=r"seed=2: .* computed with seed 1"):
        sweep(CELLS[::-1], sweep_cells.fail, store=opened(tmp_path), seed=2)
    assert len(content(tmp_path)) == 1


def test_progress_counts_up_and_estimates_what_is_left(tmp_path):
    sweep(CELLS[:4], sweep_cells.slow, store=opened(tmp_path))
    told = []
    sweep(CELLS, sweep_cells.slow, store=opened(tmp_path), progress=told.append)
    assert [(p.done, p.total, p.reused) for p in told] == [(k, 12, 4) for k in range(4, 13)]
    assert (told[0].cell, told[0].seconds_left) == (None, None)
    assert [p.cell for p in told[1:]] == [cell_key(cell) for cell in CELLS[4:]]
    assert [p.seconds for p in told] == sorted(p.seconds for p in told)
    for p in told[1:]:
        assert p.seconds_left == pytest.approx(p.seconds / (p.done - 4) * (12 - p.done), rel=0.5)


@pytest.mark.parametrize("how", [{}, {"n_workers": 2}, {"backend": "dask"}], ids=str)
def test_what_a_computation_raises_names_the_cell_and_loses_nothing(tmp_path, how):
    cells = [*CELLS, {"i": 99, "bad": True}]
    with pytest.raises(ZeroDivisionError, match="nothing to divide by") as caught:
        sweep(cells, sweep_cells.fail, store=opened(tmp_path), **how)
    assert caught.value.__notes__ == ['in the cell {"bad":true,"i":99}']
    sweep(CELLS, sweep_cells.fail, store=opened(tmp_path))
    assert len(content(tmp_path)) == len(CELLS)


def test_a_record_that_is_no_json_names_the_cell():
    with pytest.raises(InputError, match=r"record\['x'\]=nan") as caught:
        sweep(CELLS[:1], lambda cell, seed: {"x": float("nan")})
    assert caught.value.__notes__ == ['in the cell {"i":0,"size":40}']


def test_a_worker_that_dies_ends_the_sweep_and_loses_nothing(tmp_path):
    cells = [*CELLS, {"i": 99, "bad": True}]
    with pytest.raises(
        SweepStopped, match=r"a worker process died, .*of 13 cells are kept"
    ) as caught:
        sweep(cells, sweep_cells.die, store=opened(tmp_path), n_workers=2)
    assert caught.value.kept.done == len(content(tmp_path))


def test_a_cell_that_kills_every_worker_of_a_cluster_is_named(tmp_path):
    with pytest.raises(
        SweepStopped, match=r'each worker that tried the cell \{"bad":true'
    ) as caught:
        sweep([{"bad": True}], sweep_cells.die, store=opened(tmp_path), backend="dask")
    assert caught.value.kept.done == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_workers": 0}, "n_workers=0: must be at least 1"),
        ({"n_workers": 1.5}, r"n_workers=1\.5: must be a whole number"),
        ({"seed": -1}, "seed=-1: must be at least 0"),
        ({"backend": "spark?"}, r"backend='spark\?': joblib knows dask, loky, .*threading"),
        ({"backend": 3}, "backend=3: joblib knows"),
        ({"backend": "multiprocessing", "n_workers": 2}, "gives no result before the last"),
        ({"address": "tcp://h:1"}, "address='tcp://h:1': only for backend='dask'"),
        ({"backend": "dask", "address": "nowhere"}, "no Dask scheduler answers there"),
        ({"store": "folder"}, "store='folder': must be a Store"),
        ({"compute": None}, "compute=None: must be a function"),
        ({"cells": [3]}, "cell=3: must be a dictionary"),
        ({"cells": {"i": 3}}, "cells=.*must be a sequence"),
    ],
    ids=str,
)
def test_bad_arguments_are_refused_at_the_door(arguments, message):
    with pytest.raises(InputError, match=message):
        sweep(**{"cells": CELLS, "compute": sweep_cells.echo, **arguments})


def test_a_backend_that_is_not_installed_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(InputError, match=r"pip install 'tms-theory\[cluster\]'"):
        sweep(CELLS, sweep_cells.echo, backend="dask")


def test_a_folder_that_can_only_be_read_stops_before_the_first_cell(tmp_path, monkeypatch):
    sweep(CELLS[:3], sweep_cells.echo, store=opened(tmp_path))
    store, true_open = opened(tmp_path), os.open

    def read_only(path, flags, *rest):
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        return true_open(path, flags, *rest)

    monkeypatch.setattr(os, "open", read_only)
    with pytest.raises(SweepStopped, match=r"Read-only file system; 3 of 12 cells are kept"):
        sweep(CELLS, lambda cell, seed: 1 / 0, store=store)
    assert sweep(CELLS[:3], lambda cell, seed: 1 / 0, store=store).n_reused == 3


def test_a_folder_that_disappears_stops_the_sweep(tmp_path):
    def compute(cell, seed):
        if cell["i"] == 3:
            shutil.rmtree(tmp_path / "store")
        return {}

    with pytest.raises(SweepStopped, match=r"No such file or directory; 0 of 12 cells") as caught:
        sweep(CELLS, compute, store=opened(tmp_path / "store"))
    assert caught.value.cell == cell_key(CELLS[3])
    assert not (tmp_path / "store").exists()


FULL = """
import resource, sys
from sweep_cells import SETTINGS, VERSION
from numerics.sweep import Store, SweepStopped, sweep

store = Store.open(sys.argv[1], settings=SETTINGS, version=VERSION)
resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))
try:
    cells = [{"i": i} for i in range(9)]
    sweep(cells, lambda cell, seed: {"x": "x" * 500 * cell["i"]}, store=store)
except SweepStopped as problem:
    print(problem)
"""


def test_a_write_that_the_system_refuses_stops_the_sweep_and_loses_nothing(tmp_path):
    said, errors = python(FULL, tmp_path).communicate()
    assert said.strip() == (
        f'the cell {{"i":6}} cannot be kept: File too large; 6 of 9 cells are kept in {tmp_path}'
    ), errors
    found = sweep([{"i": i} for i in range(9)], lambda cell, seed: {}, store=opened(tmp_path))
    assert (found.n_reused, len(found.records[5]["x"]), len(content(tmp_path))) == (6, 2500, 9)


@pytest.mark.parametrize("how", [{}, {"n_workers": 2}, {"n_workers": 2, "backend": "threading"}])
def test_an_interruption_while_waiting_keeps_what_is_done(tmp_path, how):
    def interrupt(progress):
        if progress.done == 5:
            raise KeyboardInterrupt

    with pytest.raises(SweepInterrupted, match=r"interrupted: 5 of 12 cells are kept") as caught:
        sweep(CELLS, sweep_cells.slow, store=opened(tmp_path), progress=interrupt, **how)
    assert isinstance(caught.value, KeyboardInterrupt)
    assert (caught.value.kept.done, len(content(tmp_path))) == (5, 5)


def test_an_interruption_without_a_store_says_so():
    def interrupt(progress):
        raise KeyboardInterrupt

    with pytest.raises(SweepInterrupted, match="no store was given, so that none of 12 cells"):
        sweep(CELLS, sweep_cells.echo, progress=interrupt)


CHILD = """
import sys
import sweep_cells
from numerics.sweep import Store, SweepInterrupted, sweep

folder, count, backend = sys.argv[1], int(sys.argv[2]), sys.argv[3]
store = Store.open(folder, settings=sweep_cells.SETTINGS, version=sweep_cells.VERSION)
cells = [{"i": i, "marks": folder + ".marks"} for i in range(count)]
if __name__ == "__main__":
    try:
        how = {"n_workers": 2, "backend": None if backend == "None" else backend}
        found = sweep(cells, sweep_cells.slow, store=store, **how)
        print("computed", found.n_computed)
    except SweepInterrupted as interruption:
        print(interruption)
"""


def until_some(folder, count):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if (folder / "cells").is_dir() and len(list((folder / "cells").glob("*.json"))) >= count:
            return
        time.sleep(0.02)
    raise AssertionError("no cell was finished")


@pytest.mark.parametrize("backend", [None, "dask"])
def test_control_c_on_a_terminal_ends_cleanly(tmp_path, backend):
    folder = tmp_path / "store"
    process = python(CHILD, folder, 400, backend)
    until_some(folder, 10)
    os.killpg(process.pid, signal.SIGINT)
    said, errors = process.communicate(timeout=30)
    count = len(content(folder))
    assert said == (
        f"interrupted: {count} of 400 cells are kept in {folder}; the same command goes on from "
        "there\n"
    )
    assert errors == ""


def test_two_processes_share_a_store_and_compute_no_cell_twice(tmp_path):
    folder = tmp_path / "store"
    processes = [python(CHILD, folder, 60, None) for _ in range(2)]
    said = [process.communicate(timeout=60)[0] for process in processes]
    computed = [int(line.split()[1]) for line in said]
    marks = (tmp_path / "store.marks").read_text().split()
    assert sorted(map(int, marks)) == list(range(60))
    assert sum(computed) == 60
