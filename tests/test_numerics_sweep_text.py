"""Canonical text, keys and seeds of cells."""

from __future__ import annotations

import hashlib
import json
import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sweep_data import characters, data, is_identical, records

from numerics.sweep import cell_key, cell_seed
from numerics.sweeping.text import canonical, parsed
from theory.problem import InputError


def reversed_order(value):
    """The same data with every dictionary in the opposite order."""
    if isinstance(value, dict):
        return {key: reversed_order(value[key]) for key in reversed(list(value))}
    return [reversed_order(entry) for entry in value] if isinstance(value, list) else value


@given(data)
def test_the_text_gives_the_data_back(value):
    assert is_identical(parsed(canonical(value)), value)


@given(data)
def test_the_text_does_not_depend_on_the_order_of_names(value):
    assert canonical(reversed_order(value)) == canonical(value)


@given(data)
def test_the_text_is_ascii_without_spaces_outside_of_texts(value):
    text = canonical(value)
    assert text.isascii()
    assert "\n" not in text
    assert text == json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"))


@given(records, records)
def test_different_cells_have_different_keys(a, b):
    assert (cell_key(a) == cell_key(b)) == is_identical(a, b)


@given(st.floats())
def test_a_float_is_written_by_repr_or_refused(x):
    if math.isfinite(x):
        assert canonical(x) == repr(x)
    else:
        with pytest.raises(InputError, match="JSON has no such number"):
            canonical(x)


def test_numbers_of_numpy_that_are_python_floats_are_taken_as_such():
    assert canonical({"x": np.float64(0.1)}) == '{"x":0.1}'


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"a": [1, {2}]}, r"cell\['a'\]\[1\]=\{2\}: must be JSON data"),
        ({"a": np.int64(1)}, r"cell\['a'\]=.*not int64"),
        ({"a": b"x"}, "not bytes"),
        ({1: "a"}, "key 1 must be text"),
        ({"a": math.nan}, r"cell\['a'\]=nan: JSON has no such number"),
        ({"a": 10**4500}, "beyond 3900 digits"),
        ({"a": "\ud800"}, "half of a surrogate pair"),
        ({"\udfff": 1}, "half of a surrogate pair"),
        ([("a", 1)], "must be a dictionary"),
        (None, "must be a dictionary"),
        ({"a": "x" * (16 * 2**20)}, "bytes as text; at most 16777216"),
    ],
)
def test_what_is_no_json_is_refused_by_its_place(value, message):
    with pytest.raises(InputError, match=message):
        cell_key(value)


def test_data_that_hold_themselves_are_refused():
    value: dict[str, object] = {}
    value["self"] = value
    with pytest.raises(InputError, match="nested more than 100 deep"):
        cell_key(value)


@pytest.mark.parametrize("text", ["[" * 100_000, "NaN", "[Infinity]", "", '{"a":1', "1" * 5000])
def test_text_from_elsewhere_that_is_no_json_raises_a_value_error(text):
    with pytest.raises(ValueError, match=r"."):
        parsed(text)


@given(st.text(characters), st.integers(0, 2**80))
def test_the_seed_is_the_head_of_a_hash(key, seed):
    written = f"[{seed},{json.dumps(key)}]".encode()
    expected = int.from_bytes(hashlib.sha256(written).digest()[:8], "big") // 2
    assert cell_seed(key, seed) == expected


@given(records, records, st.integers(0, 5), st.integers(0, 5))
def test_different_cells_or_seeds_have_different_seeds(a, b, first, second):
    assume(not is_identical([a, first], [b, second]))
    assert cell_seed(cell_key(a), first) != cell_seed(cell_key(b), second)
