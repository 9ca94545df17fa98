"""The store of a sweep: what is kept, what is refused, what damage does."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sweep_cells import SETTINGS, VERSION, python
from sweep_data import characters, is_identical, records

from numerics.sweep import Store
from theory.problem import InputError

KEYS = ["a", "b", "\n", "ü", ""]


def opened(path, *, settings=SETTINGS, version=VERSION):
    return Store.open(path, settings=settings, version=version)


def files(path):
    """Content of every file below a folder."""
    return {
        str(file.relative_to(path)): file.read_bytes() for file in path.rglob("*") if file.is_file()
    }


def compact(data):
    return json.dumps(data, separators=(",", ":"))


def filled(path):
    store = opened(path)
    for number, key in enumerate(KEYS):
        store.put(key, {"loss": number / 7, "names": ["x", None]}, seed=3)
    return store


@pytest.fixture(scope="module")
def sound():
    with tempfile.TemporaryDirectory() as folder:
        filled(Path(folder) / "store")
        yield Path(folder) / "store"


@given(st.text(characters), records)
@settings(max_examples=30, deadline=None)
def test_a_record_comes_back(key, record):
    with tempfile.TemporaryDirectory() as folder:
        opened(folder).put(key, record)
        assert is_identical(opened(folder).get(key), record)


def test_a_cell_file_is_one_line_of_json_with_key_record_and_seed(tmp_path):
    opened(tmp_path).put("k", {"x": 0.1}, seed=5)
    (name,) = (tmp_path / "cells").iterdir()
    content = name.read_text()
    assert content.count("\n") == 1
    data = json.loads(content)
    assert (data["key"], data["record"], data["seed"]) == ("k", {"x": 0.1}, 5)


@given(st.permutations(KEYS))
@settings(max_examples=10, deadline=None)
def test_files_do_not_depend_on_order_or_time(sound, order):
    with tempfile.TemporaryDirectory() as folder:
        store = opened(folder)
        for key in order:
            store.put(key, {"names": ("x", None), "loss": KEYS.index(key) / 7}, seed=3)
        assert files(Path(folder)) == files(sound)


def test_missing_keys_are_listed_once_in_their_order(sound):
    assert opened(sound).missing(["z", "a", "y", "z", "b"]) == ["z", "y"]


def test_the_keys_are_listed(sound):
    assert opened(sound).keys() == sorted(KEYS)


@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_damage_of_any_byte_of_any_file_is_found_and_harms_nothing_else(sound, data):
    path = data.draw(st.sampled_from(sorted(sound.rglob("*.json"))))
    content = path.read_bytes()
    at = data.draw(st.integers(0, len(content) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda byte: byte != content[at]))
    check_damage(sound, path, content[:at] + bytes([byte]) + content[at + 1 :])


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_a_truncated_or_longer_file_is_found_and_harms_nothing_else(sound, data):
    path = data.draw(st.sampled_from(sorted(sound.rglob("*.json"))))
    content = path.read_bytes()
    length = data.draw(st.integers(0, len(content) - 1))
    more = data.draw(st.sampled_from([b"\n", b" ", b"\0", content]))
    check_damage(sound, path, data.draw(st.sampled_from([content[:length], content + more])))


def check_damage(folder, path, damaged):
    content = path.read_bytes()
    path.write_bytes(damaged)
    try:
        if path.name == "store.json":
            with pytest.raises(InputError, match=r"store\.json is damaged"):
                opened(folder)
        else:
            key = json.loads(content)["key"]
            store = opened(folder)
            assert store.missing(KEYS) == [key]
            assert list(store.damaged) == [path.name]
            assert all(store.get(other)["names"] == ["x", None] for other in KEYS if other != key)
    finally:
        path.write_bytes(content)


def test_what_is_left_of_a_damaged_cell_is_set_aside(sound, tmp_path):
    folder = shutil.copytree(sound, tmp_path / "copy")
    store = opened(folder)
    path = next(path for path in (folder / "cells").iterdir() if b'"key":"a"' in path.read_bytes())
    path.write_bytes(b"{half")
    assert store.get("a") is None
    store.put("a", {"loss": 0 / 7, "names": ["x", None]}, seed=3)
    (aside,) = (folder / "damaged").iterdir()
    assert aside.read_bytes() == b"{half"
    aside.unlink()
    assert files(folder) == files(sound)
    assert store.damaged == {}


@pytest.mark.parametrize("name", ["cells", "elsewhere"])
def test_a_cell_of_another_store_or_key_is_damage(tmp_path, name):
    other = opened(tmp_path / "other", settings={} if name == "elsewhere" else SETTINGS)
    other.put("a" if name == "elsewhere" else "b", {})
    store = opened(tmp_path / "store")
    (foreign,) = (tmp_path / "other" / "cells").iterdir()
    shutil.copy(foreign, tmp_path / "store" / "cells" / f"{store.name('a')}.json")
    assert store.get("a") is None
    (reason,) = store.damaged.values()
    assert reason in ("the cell of another file", "the cell of another store")


def test_a_cell_that_is_there_stays(tmp_path):
    store = opened(tmp_path)
    assert store.put("a", {"x": 1}) == {"x": 1}
    before = files(tmp_path)
    assert store.put("a", {"x": 2}) == {"x": 1}
    assert files(tmp_path) == before


def test_cells_of_another_seed_are_refused(tmp_path):
    store = opened(tmp_path)
    store.put("a", {}, seed=0)
    for use in (lambda: store.get("a", seed=1), lambda: store.put("a", {}, seed=1)):
        with pytest.raises(InputError, match=r"seed=1: .* with seed 0; go on with that seed"):
            use()


def test_another_version_is_refused_by_both_names(sound):
    before = files(sound)
    with pytest.raises(InputError, match=r"made by version '0\.1\.0', this is version '0\.2\.0'"):
        opened(sound, version="0.2.0")
    assert files(sound) == before


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"starts": 20}, "starts was 50, is 20"),
        ({"starts": 50.0}, r"starts was 50, is 50\.0"),
        ({"tolerance": None}, r"tolerance was 0\.1, is null"),
        ({"more": [1]}, r"more was not given, is \[1\]"),
        ({"starts": list(range(99))}, r"is \[0,1,.*\.\.\.; name another folder"),
        ({str(i): i for i in range(9)}, "; and 5 more;"),
    ],
)
def test_other_settings_are_refused_by_both_values(sound, changed, message):
    with pytest.raises(InputError, match=message):
        opened(sound, settings={**SETTINGS, **changed})


def test_settings_that_were_given_and_are_not_are_refused(sound):
    with pytest.raises(InputError, match=r"tolerance was 0\.1, is not given"):
        opened(sound, settings={"starts": 50})


def sealed(data):
    """A line with a checksum, as anyone can write it."""
    checksum = hashlib.sha256(compact(data).encode()).hexdigest()
    return compact({"checksum": checksum, **data}) + "\n"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"format": "sweep store 2", "settings": {}}, r"its format is 'sweep store 2', this "),
        ({"format": "sweep store 1", "settings": SETTINGS}, "no header of a store"),
        ({"format": "sweep store 1", "settings": [], "version": "1"}, "no header of a store"),
        ({}, "its format is None"),
    ],
)
def test_the_header_of_another_program_is_refused(sound, tmp_path, data, message):
    folder = shutil.copytree(sound, tmp_path / "copy")
    (folder / "store.json").write_text(sealed(data))
    with pytest.raises(InputError, match=message):
        opened(folder)


@pytest.mark.parametrize(
    "change", [{"record": []}, {"record": None}, {"seed": "0"}, {"more": 1}, {"key": "b"}]
)
def test_a_cell_of_another_program_is_damage(tmp_path, change):
    store = opened(tmp_path)
    store.put("a", {})
    path = tmp_path / "cells" / f"{store.name('a')}.json"
    data = json.loads(path.read_text())
    del data["checksum"]
    path.write_text(sealed(dict(sorted({**data, **change}.items()))))
    assert store.missing(["a"]) == ["a"]
    assert store.damaged[path.name] in ("no cell of a sweep", "the cell of another file")


def test_a_folder_of_other_things_is_refused_and_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("\\begin{document}")
    before = files(tmp_path)
    with pytest.raises(InputError, match=r"not empty and no store .*it holds thesis\.tex"):
        opened(tmp_path)
    assert files(tmp_path) == before


def test_a_store_without_its_header_is_refused(sound, tmp_path):
    folder = shutil.copytree(sound, tmp_path / "copy")
    (folder / "store.json").unlink()
    with pytest.raises(InputError, match=r"no store\.json; it holds cells"):
        opened(folder)


def test_the_header_of_a_store_with_the_same_settings_mends_a_damaged_one(sound, tmp_path):
    folder = shutil.copytree(sound, tmp_path / "copy")
    (folder / "store.json").write_bytes(b"")
    with pytest.raises(InputError, match=r"copy its store\.json here"):
        opened(folder)
    opened(tmp_path / "new")
    shutil.copy(tmp_path / "new" / "store.json", folder)
    assert opened(folder).missing(KEYS) == []


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_place_where_no_folder_can_be_is_refused(tmp_path, place):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"a file, not a folder|Not a directory"):
        opened(tmp_path / place)


def test_leftovers_of_killed_processes_are_ignored_and_removed_when_old(tmp_path):
    store = filled(tmp_path)
    new, old = (tmp_path / "cells" / f"{store.name('z')}.json.{n}.part" for n in "01")
    for part in (new, old):
        part.write_bytes(b'{"checksum')
    os.utime(old, (time.time() - 7200,) * 2)
    assert opened(tmp_path).missing([*KEYS, "z"]) == ["z"]
    assert opened(tmp_path).damaged == {}
    assert (new.exists(), old.exists()) == (True, False)


def test_a_header_left_half_written_does_not_make_a_folder_strange(tmp_path):
    (tmp_path / "store.json.0123.part").write_bytes(b'{"check')
    assert opened(tmp_path).keys() == []


def test_a_huge_file_is_not_read(tmp_path):
    store = filled(tmp_path)
    path = tmp_path / "cells" / f"{store.name('a')}.json"
    with path.open("r+b") as file:
        file.truncate(2**40)  # sparse: takes no room
    assert store.missing(KEYS) == ["a"]
    assert "longer than" in store.damaged[path.name]


def test_a_named_pipe_is_not_waited_for(tmp_path):
    store = opened(tmp_path)
    os.mkfifo(tmp_path / "cells" / f"{store.name('a')}.json")
    assert store.get("a") is None
    assert list(store.damaged.values()) == ["no plain file"]
    store.put("a", {"x": 1})
    assert store.get("a") == {"x": 1}


@pytest.mark.parametrize("deep", [b"[" * 100_000, b'{"record":' * 50_000])
def test_deep_nesting_is_damage(tmp_path, deep):
    store = filled(tmp_path)
    (tmp_path / "cells" / f"{store.name('a')}.json").write_bytes(deep)
    assert store.missing(KEYS) == ["a"]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EIO])
@pytest.mark.parametrize("call", ["open", "fsync", "replace"])
def test_a_write_that_fails_leaves_the_store_as_it_was(tmp_path, monkeypatch, code, call):
    store = filled(tmp_path)
    before, true_call = files(tmp_path), getattr(os, call)

    def failing(*arguments, **options):
        if call != "open" or arguments[1] & os.O_CREAT:
            raise OSError(code, os.strerror(code))
        return true_call(*arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(os, call, failing)
        with pytest.raises(OSError, match=os.strerror(code)):
            store.put("new", {})
    assert files(tmp_path) == before
    store.put("new", {})
    assert store.get("new") == {}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"settings": [], "version": "1"}, r"settings=\[\]: must be a dictionary"),
        ({"settings": {"x": float("inf")}, "version": "1"}, r"settings\['x'\]=inf"),
        ({"settings": {}, "version": 1}, "version=1: must be text"),
    ],
)
def test_bad_arguments_are_refused_before_a_folder_is_made(tmp_path, arguments, message):
    with pytest.raises(InputError, match=message):
        Store.open(tmp_path / "new", **arguments)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("record", [None, [], {"x": float("nan")}, {"x": {1}}])
def test_what_is_no_record_is_refused(tmp_path, record):
    store = opened(tmp_path)
    with pytest.raises(InputError, match="record"):
        store.put("a", record)
    assert store.keys() == []


RACE = """
import sys, time
from numerics.sweep import Store
from theory.problem import InputError
while time.time() < float(sys.argv[2]):
    pass
try:
    Store.open(sys.argv[1], settings={"mine": int(sys.argv[3])}, version="1").put("k", {})
    print("opened")
except InputError as problem:
    print("refused", "mine was" in str(problem))
"""


@pytest.mark.parametrize("differ", [False, True])
def test_processes_that_make_a_store_at_the_same_time(tmp_path, differ):
    start = time.time() + 2.0
    racers = [python(RACE, tmp_path / "s", start, number * differ) for number in range(4)]
    said = sorted(racer.communicate()[0].strip() for racer in racers)
    assert said == (["opened"] + ["refused True"] * 3 if differ else ["opened"] * 4)
