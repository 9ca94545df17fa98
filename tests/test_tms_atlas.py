"""The atlas: its rows are true, what is not is caught, and better ones are taken."""

from __future__ import annotations

import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tms
from tms.atlas import compare, improved, load, lookup, sparsity_of, verify, verify_all
from tms.atlas.rows import Atlas, read_atlas, write_atlas
from tms.atlas.search import GRID, improve, keys_of
from tms.cli import main

SHIPPED = Path(tms.__file__).parent / "data" / "atlas.json"
ROWS = load()
NINE_TENTHS = Fraction(9, 10)
PENTAGON = ROWS[5, 2, NINE_TENTHS]
SLICE = [
    key
    for key in ROWS
    if key[0] <= 4 and key[1] <= 2 and key[2] in (0, Fraction(1, 2), NINE_TENTHS)
]
SLACK = 1e-12


def run(*words):
    """Run ``tms atlas`` in this process, as a shell would see it."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    arguments = ["tms", "atlas", *map(str, words)]
    with mock.patch.object(sys, "argv", arguments), redirect_stdout(out), redirect_stderr(err):
        try:
            main()
        except SystemExit as end:
            code = end.code or 0
    return SimpleNamespace(out=out.getvalue(), err=err.getvalue(), code=code)


def two_pairs():
    """Two antipodal pairs and one ignored feature, a local minimum above the pentagon."""
    from numerics.optimize import optimize

    size, bias = 1.0058, 0.0012
    W = np.array([[size, -size, 0, 0, 0], [0, 0, size, -size, 0]])
    starts = [(W, np.array([bias] * 4 + [0.05]))]
    ends = optimize(PENTAGON.problem, n_starts=1, starts=starts).landscape
    (end,) = [at for at in ends if at.loss == pytest.approx(0.0374723013, abs=1e-9)]
    return end


@pytest.fixture(scope="module")
def worse():
    """The shipped atlas with two antipodal pairs in the place of the pentagon."""
    end = two_pairs()
    residuals = SimpleNamespace(stationarity=end.stationarity, curvature=end.curvature)
    row = tms.atlas.row_of(PENTAGON.problem, end.W, end.b, residuals, "a test")
    return ROWS.replaced(row)


# ---------------------------------------------------------------- what is shipped


def test_the_pentagon_is_the_known_one():
    assert PENTAGON.arrangement == "pentagon"
    assert PENTAGON.loss == pytest.approx(0.0263051311239, abs=1e-13)
    assert np.linalg.norm(PENTAGON.W, axis=0) == pytest.approx([1.10045] * 5, abs=1e-5)


def test_the_grid_holds_every_size_up_to_eight_in_three():
    assert {(n, m) for n in range(1, 9) for m in range(1, 4)} <= {key[:2] for key in ROWS}
    assert {key[2] for key in ROWS} == set(map(Fraction, GRID))


def test_what_fits_is_proved_to_lose_nothing():
    for (n, m, _), row in ROWS.items():
        if n <= m:
            assert (row.loss, row.lower_bound, row.status) == (0.0, 0.0, "proved")


def test_nothing_else_has_a_loss_of_zero():
    for (n, m, _), row in ROWS.items():
        if n > m:
            assert row.loss > 0.0
            assert 0.0 <= row.lower_bound <= row.loss


def test_one_feature_more_loses_no_less():
    # given the value of one feature, the others are a smaller model with other biases
    for (n, m, s), row in ROWS.items():
        if (n + 1, m, s) in ROWS:
            assert row.loss <= ROWS[n + 1, m, s].loss + SLACK


def test_one_dimension_more_loses_no_more():
    for (n, m, s), row in ROWS.items():
        if (n, m + 1, s) in ROWS:
            assert ROWS[n, m + 1, s].loss <= row.loss + SLACK


def test_no_direct_sum_of_two_rows_is_better():
    for (n, m, s), first in ROWS.items():
        for (k, d, t), second in ROWS.items():
            if s == t and (n + k, m + d, s) in ROWS:
                assert ROWS[n + k, m + d, s].loss <= first.loss + second.loss + SLACK


@pytest.mark.parametrize("key", SLICE, ids=str)
def test_a_slice_holds(key):
    assert verify(ROWS[key]) == []


@pytest.mark.thorough
def test_every_row_holds():
    assert verify_all(ROWS) == {}


def test_the_file_is_small_and_part_of_the_package():
    assert SHIPPED.stat().st_size < 1_000_000
    assert 'tms = ["data/*.json"]' in (SHIPPED.parents[2] / "pyproject.toml").read_text()


# ---------------------------------------------------------------- looking up


@pytest.mark.parametrize("sparsity", [0.9, "0.9", "9/10", Fraction(9, 10)])
def test_a_sparsity_is_read_as_it_is_meant(sparsity):
    assert lookup(n_features=5, n_hidden=2, sparsity=sparsity) is PENTAGON


@pytest.mark.parametrize(
    ("sizes", "sparsity", "words"),
    [
        ((5, 2), "0.91", "the atlas has 0, 0.3, 0.5"),
        ((500, 2), "0.9", "not in the atlas"),
        ((5, 2), "2", "from 0 to 1"),
        ((5, 2), "x", "sparsity='x'"),
    ],
)
def test_what_is_not_there_is_refused(sizes, sparsity, words):
    with pytest.raises(tms.InputError, match=words):
        lookup(n_features=sizes[0], n_hidden=sizes[1], sparsity=sparsity)


def test_symbols_are_no_sparsity():
    import sympy

    with pytest.raises(tms.InputError, match="number"):
        sparsity_of(sympy.Symbol("S"))


# ---------------------------------------------------------------- corrupted rows


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"loss": PENTAGON.loss * (1 - 1e-15)}, "above the row's"),
        ({"loss": PENTAGON.loss + 1e-9}, "less its error"),
        ({"error": -1.0}, "error="),
        ({"error": 1e-3}, "error="),
        ({"lower_bound": PENTAGON.lower_bound * 1.001}, "is proven"),
        ({"lower_bound": PENTAGON.loss}, "is proven"),
        ({"lower_bound": -1.0}, "from 0 to the loss"),
        ({"status": "proved"}, "does not meet"),
        ({"arrangement": "square"}, "it is 'pentagon'"),
        ({"stationarity": 1e-3}, "stationarity"),
        ({"curvature": PENTAGON.curvature + 0.01}, "curvature="),
        ({"curvature": -0.1}, "curvature="),
        ({"sparsity": Fraction(8, 10)}, "loss at the coordinates"),
        ({"W": PENTAGON.W * (1 + 1e-7)}, "loss at the coordinates"),
        ({"b": PENTAGON.b + 1e-7}, "loss at the coordinates"),
    ],
)
def test_a_corrupted_row_is_caught(changes, words):
    assert any(words in fault for fault in verify(replace(PENTAGON, **changes)))


@given(st.integers(0, 9), st.integers(0, 14))
@settings(deadline=None, max_examples=10)
def test_a_weight_changed_anywhere_is_caught(entry, exponent):
    W = PENTAGON.W.copy()
    W.flat[entry] += 10.0 ** (-exponent / 2)  # from 1 to 1e-7
    assert verify(replace(PENTAGON, W=W))


def test_a_saddle_is_caught():
    from numerics.optimize import optimize

    problem = tms.Problem(2, 1, sparsity="9/10")
    end = optimize(problem, n_starts=1)
    loss = Fraction(tms.expected_loss(problem, [[0, 0]], ["1/20", "1/20"]).value)
    row = tms.atlas.row_of(problem, end.W, end.b, end.residuals, "a test")
    saddle = replace(
        row,
        W=np.zeros((1, 2)),
        b=np.array([0.05, 0.05]),
        loss=float(loss) * (1 + 1e-15),
        arrangement="2 ignored",
        curvature=0.0,
    )
    assert any("no minimum" in fault or "curvature" in fault for fault in verify(saddle))


def test_a_lower_bound_of_an_older_version_is_raised():
    from tms.atlas import raised

    older = replace(PENTAGON, lower_bound=0.001, bound="rank")
    assert raised(older).lower_bound >= PENTAGON.lower_bound * (1 - 1e-12)
    assert verify(raised(older)) == []


def test_a_lower_bound_that_is_as_good_is_left():
    from tms.atlas import raised

    row = raised(PENTAGON)
    assert raised(row) is row


# ---------------------------------------------------------------- the file


def few():
    return Atlas([ROWS[2, 1, NINE_TENTHS], PENTAGON])


def test_a_file_is_read_back_as_it_was(tmp_path):
    path = tmp_path / "copy.json"
    write_atlas(ROWS, path)
    assert path.read_bytes() == SHIPPED.read_bytes()
    again = read_atlas(path)
    assert list(again) == list(ROWS)
    assert all(np.array_equal(again[key].W, ROWS[key].W) for key in ROWS)
    assert [file.name for file in tmp_path.iterdir()] == ["copy.json"]


def changed(tmp_path, change):
    """An atlas file of two rows with its content changed."""
    path = tmp_path / "atlas.json"
    write_atlas(few(), path)
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))
    return path


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c.update(format="another"),
        lambda c: c.update(rows={}),
        lambda c: c["rows"].append(c["rows"][0]),
        lambda c: c["rows"].append(1),
        lambda c: c["rows"][0].pop("loss"),
        lambda c: c["rows"][0].update(extra=1),
        lambda c: c["rows"][0].update(features=3),
        lambda c: c["rows"][0].update(features=True),
        lambda c: c["rows"][0].update(features=10**6),
        lambda c: c["rows"][0].update(hidden=0),
        lambda c: c["rows"][0].update(sparsity="1.5"),
        lambda c: c["rows"][0].update(sparsity=0.9),
        lambda c: c["rows"][0].update(sparsity="0." + "9" * 1000),
        lambda c: c["rows"][0].update(loss="0.1"),
        lambda c: c["rows"][0].update(loss=None),
        lambda c: c["rows"][0].update(loss=10**400),
        lambda c: c["rows"][0].update(status="optimal"),
        lambda c: c["rows"][0].update(found="x" * 1000),
        lambda c: c["rows"][0].update(found="\x1b[31m"),
        lambda c: c["rows"][0].update(W=[1.0, -1.0]),
        lambda c: c["rows"][0].update(W=[[1.0, float("nan")]]),
        lambda c: c["rows"][0].update(b=[0.0]),
        lambda c: c["rows"][0].update(b=[0.0, True]),
    ],
)
def test_a_file_of_anything_else_is_refused(tmp_path, change):
    with pytest.raises(tms.InputError):
        read_atlas(changed(tmp_path, change))


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff\xfe", b"[" * 100_000, b"1" * 10_000])
def test_a_file_that_is_no_json_object_is_refused(tmp_path, content):
    path = tmp_path / "atlas.json"
    path.write_bytes(content)
    with pytest.raises(tms.InputError, match="atlas"):
        read_atlas(path)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(tms.InputError, match="cannot be read"):
        load(tmp_path / "none.json")


# ---------------------------------------------------------------- comparing and handing in


def test_a_rotated_copy_with_features_exchanged_is_the_same():
    turn = np.array([[0.6, -0.8], [0.8, 0.6]])
    order = [3, 1, 4, 0, 2]
    seen = compare(PENTAGON, turn @ PENTAGON.W[:, order], PENTAGON.b[order])
    assert (seen.verdict, seen.is_same) == ("as good", True)


def test_weights_that_lose_more_are_worse():
    seen = compare(PENTAGON, PENTAGON.W, PENTAGON.b - 0.01)
    assert seen.verdict == "worse"
    assert seen.difference > 0.0


def test_better_weights_replace_the_row(worse):
    assert compare(worse[PENTAGON.key], PENTAGON.W, PENTAGON.b).verdict == "better"
    rough = PENTAGON.W.round(2)
    atlas, decision = improved(worse, "0.9", rough, PENTAGON.b.round(2), "a test")
    assert decision.startswith("better: 0.02630513")
    assert verify(atlas[PENTAGON.key]) == []
    assert "handed in by a test" in atlas[PENTAGON.key].found
    assert worse[PENTAGON.key].arrangement == "2 antipodal pairs + 1 ignored"


def test_weights_that_are_not_better_change_nothing():
    atlas, decision = improved(ROWS, "0.9", PENTAGON.W, PENTAGON.b, "a test")
    assert atlas is ROWS
    assert decision.startswith("not better")


def test_weights_of_another_shape_are_refused():
    with pytest.raises(tms.InputError, match="shape"):
        improved(ROWS, "0.9", [1.0, 2.0], None, "a test")


# ---------------------------------------------------------------- searching


def test_a_row_is_found_again_from_nothing():
    row = improve(Atlas([]), (2, 1, NINE_TENTHS), seed=3)
    known = ROWS[2, 1, NINE_TENTHS]
    assert row.loss == pytest.approx(known.loss, abs=1e-15)
    assert verify(row) == []


def test_a_row_that_is_as_good_stays():
    key = (2, 1, NINE_TENTHS)
    row = improve(ROWS, key, seed=1)
    assert (row.loss, row.found) == (ROWS[key].loss, ROWS[key].found)


def test_a_worse_row_is_replaced(worse):
    row = improve(worse, PENTAGON.key, seed=1)
    assert row.loss == pytest.approx(PENTAGON.loss, abs=1e-14)


def test_small_problems_come_first():
    keys = keys_of([1, 2, 3], [1, 2], ["0.5"])
    assert [key[:2] for key in keys] == [(1, 1), (1, 2), (2, 1), (2, 2), (3, 1), (3, 2)]


# ---------------------------------------------------------------- the command


def test_the_summary_counts_the_rows():
    result = run()
    assert (result.code, result.err) == (0, "")
    assert f"{len(ROWS)} rows: n from 1" in result.out
    assert f"{sum(row.status == 'proved' for row in ROWS.values())} proved" in result.out


def test_one_row_is_shown_with_its_coordinates():
    result = run("--features", 5, "--hidden", 2, "--sparsity", 0.9)
    assert "arrangement    pentagon" in result.out
    assert f"loss           at most {PENTAGON.loss!r}, best found" in result.out
    assert len(result.out.splitlines()) == 9 + 5


def test_some_rows_are_listed():
    result = run("--features", 5, "--hidden", 2)
    assert len(result.out.splitlines()) == 1 + sum(key[:2] == (5, 2) for key in ROWS)


def test_json_holds_the_coordinates():
    result = run("--features", 5, "--hidden", 2, "--sparsity", "9/10", "--format", "json")
    (record,) = json.loads(result.out)
    assert np.array_equal(record["W"], PENTAGON.W)


def test_verifying_tells_how_many_rows_hold():
    result = run("--verify", "--features", 2, "--hidden", 1, "--sparsity", 0.9)
    assert result.code == 0
    assert result.out.startswith("1 of 1 rows hold")


def test_a_corrupted_file_ends_with_1_and_names_the_row(tmp_path):
    path = changed(tmp_path, lambda c: c["rows"][0].update(lower_bound=0.0033194839))
    result = run("--verify", "--file", path)
    assert result.code == 1
    assert "n = 2, m = 1, S = 0.9: lower_bound=0.0033194839: only 0.00" in result.out
    assert "1 of 2 rows hold" in result.out


@pytest.fixture
def handed_in(tmp_path):
    path = tmp_path / "mine.npz"
    np.savez(path, W=PENTAGON.W, b=PENTAGON.b, sparsity=0.9)
    return path


def test_weights_are_compared_with_their_row(handed_in):
    result = run("--compare", handed_in)
    assert result.code == 0
    assert "as good" in result.out
    assert "the same arrangement" in result.out


def test_a_better_row_goes_to_the_named_file_alone(tmp_path, handed_in, worse):
    before, old, new = SHIPPED.read_bytes(), tmp_path / "old.json", tmp_path / "new.json"
    write_atlas(worse, old)
    result = run("--compare", handed_in, "--file", old, "--output", new)
    assert "better" in result.out
    assert read_atlas(new)[PENTAGON.key].loss == pytest.approx(PENTAGON.loss, abs=1e-14)
    assert read_atlas(old)[PENTAGON.key].loss == worse[PENTAGON.key].loss
    assert SHIPPED.read_bytes() == before


def test_nothing_is_written_where_nothing_is_better(tmp_path, handed_in):
    result = run("--compare", handed_in, "--output", tmp_path / "new.json")
    assert "not better" in result.out
    assert not (tmp_path / "new.json").exists()


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["--features", 500], "no such rows"),
        (["--output", "x.json"], "only --compare writes"),
        (["--file", "none.json"], "cannot be read"),
        (["--compare", "none.npz"], "no such file"),
        (["--sparsity", "x"], "sparsity='x'"),
    ],
)
def test_bad_input_ends_with_2_and_one_line(words, shown):
    result = run(*words)
    assert (result.code, result.out) == (2, "")
    assert shown in result.err
    assert result.err.count("\n") == 1


def test_weights_for_another_importance_are_refused(tmp_path):
    path = tmp_path / "mine.npz"
    np.savez(path, W=PENTAGON.W, sparsity=0.9, importance=[2.0, 1, 1, 1, 1])
    result = run("--compare", path)
    assert result.code == 2
    assert "importance 1" in result.err
