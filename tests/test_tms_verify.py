"""The command ``tms verify`` as it is typed, and ``tms.verify`` as it is called."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from fractions import Fraction
from types import SimpleNamespace
from unittest import mock

import pytest

import tms
from derivations.check import Limits, check
from derivations.document import parse_derivation
from derivations.results import Counterexample, Report, StepResult, Verdict
from tms.cli import main
from tms.printing.verification import counts_text, report_record, report_text
from tms.verification import TEMPLATE

HEAD = """---
title: Squares
id: squares
variables:
  a: real
  b: real >= 0
---

"""
PROVED = HEAD + "$$ (a + b)^2 = a^2 + 2 a b + b^2 . $$\n"
REFUTED = HEAD + "$$ (a + b)^2 = a^2 + b^2 . $$\n"
EMPTY = HEAD + r"$$ a = 2 a \quad \text{for } b < 0 . $$" + "\n"
UNREADABLE = HEAD + "$$ (a + c)^2 = a^2 . $$\n"


def run(*words):
    """Run ``tms verify`` in this process, as a shell would see it."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    arguments = ["tms", "verify", *map(str, words)]
    with mock.patch.object(sys, "argv", arguments), redirect_stdout(out), redirect_stderr(err):
        try:
            main()
        except SystemExit as end:
            code = end.code or 0
    return SimpleNamespace(out=out.getvalue(), err=err.getvalue(), code=code)


@pytest.fixture
def write(tmp_path):
    def written(text, name="document.md"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return written


def test_a_proved_document_ends_with_zero(write):
    result = run(write(PROVED))
    assert (result.code, result.err) == (0, "")
    assert "document.md: Squares (squares)" in result.out
    assert "1 step: 1 proved" in result.out


def test_a_refuted_document_ends_with_one_and_shows_where(write):
    result = run(write(REFUTED))
    assert result.code == 1
    assert "1 step: 1 refuted" in result.out
    assert "fails at a = 1, b = 1" in result.out


def test_assumptions_that_nothing_meets_are_an_error(write):
    result = run(write(EMPTY))
    assert result.code == 1
    assert "1 step: 1 error" in result.out


def test_a_document_that_cannot_be_read_ends_with_two_and_points_at_the_place(write):
    result = run(write(UNREADABLE))
    assert result.code == 2
    assert "line 9, column 9" in result.err
    assert result.err.splitlines()[-1].strip() == "^"


def test_an_undecided_document_ends_with_one_and_says_why(write):
    result = run(
        write(HEAD + r"$$ \sum_{k=1}^{\infty} \frac{1}{k^2} = \frac{\pi^2}{6} . $$" + "\n")
    )
    assert result.code == 1
    assert "1 step: 1 undecided" in result.out
    assert "why: " in result.out


def test_other_documents_are_checked_beside_one_that_cannot_be_read(write):
    result = run(write(UNREADABLE, "bad.md"), write(PROVED, "good.md"))
    assert result.code == 2
    assert "1 step: 1 proved" in result.out


def test_several_documents_have_totals(write):
    result = run(write(PROVED, "one.md"), write(REFUTED, "two.md"))
    assert result.code == 1
    assert "all 2 documents, 2 steps: 1 proved, 1 refuted" in result.out


def test_json_holds_every_step(write):
    result = run(write(REFUTED), "--format", "json")
    (record,) = json.loads(result.out)
    (step,) = record["steps"]
    assert result.code == 1
    assert record["counts"]["refuted"] == 1
    assert step["counterexample"]["values"].keys() == {"a", "b"}
    assert step["line"] == 9


def test_the_template_is_proved(tmp_path):
    path = tmp_path / "new.md"
    assert run("--new", path).code == 0
    assert path.read_text(encoding="utf-8") == TEMPLATE
    result = run(path)
    assert result.code == 0
    assert "proved" in result.out
    assert "sampled" not in result.out


def test_the_template_replaces_nothing(write):
    path = write(PROVED)
    result = run("--new", path)
    assert result.code == 2
    assert "is there already" in result.err
    assert path.read_text(encoding="utf-8") == PROVED


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "files: none given"),
        (("no.md",), "no.md"),
        (("no.md", "--new", "there.md"), "checks nothing"),
        (("--new", "no/such/folder/there.md"), "cannot be written"),
    ],
)
def test_bad_input_ends_with_two(words, message):
    result = run(*words)
    assert result.code == 2
    assert message in result.err


@pytest.mark.parametrize("option", [("--time-limit", "0"), ("--memory-limit", "-1")])
def test_limits_are_positive(write, option):
    result = run(write(PROVED), *option)
    assert result.code == 2
    assert "must be positive" in result.err


def test_python_gives_the_report(write):
    assert tms.verify(write(PROVED)).verdict is tms.Verdict.PROVED


def test_python_takes_a_derivation():
    square = tms.Derivation.build(
        "a-square", "A square", variables={"a": "real"}, steps=["a (a + 2) = a^2 + a"]
    )
    (step,) = tms.verify(square).steps
    assert step.verdict is tms.Verdict.REFUTED
    assert step.counterexample is not None


def test_python_refuses_what_is_no_document():
    with pytest.raises(tms.InputError, match="must be a path or a Derivation"):
        tms.verify(3)


def test_nothing_heavy_is_loaded_by_import():
    """The package and its command line come up without the parser and the checker."""
    code = "import sys, tms, tms.cli; print([m for m in sys.modules if 'derivations.' in m])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


# ------------------------------------------------------------------ the text, from made-up results


def step(verdict, **more):
    values = {"number": 1, "line": 3, "text": "a =\n b", "method": "a method", "why": ""}
    values |= {"instances": 7, "seconds": 0.25}
    return StepResult(verdict=verdict, **(values | more))


BARE = SimpleNamespace(steps=(), unchecked=((5, "c = d", "it is a picture"),))


def test_what_a_step_is_claimed_under_is_shown():
    lines = ["---", "title: A", "id: a", "variables: {a: real}", "---"]
    lines += [r"$$ |a| = -a \quad \text{for } a < 0 $$", "", r"$$ a^2 = 1 \iff a = 1 $$", ""]
    lines += [r"$$ i = i \quad \text{for all } i = 1, \ldots, 3 $$", "", "$$ a = a $$"]
    found = parse_derivation("\n".join(lines))
    report = check(found, Limits())
    assert [step.given for step in report.steps] == [
        "a < 0",
        "a = 1",
        "a^{2} = 1",
        r"1 \le i \le 3",
        "",
    ]
    assert report_text("a.md", found, report).count("given ") == 4


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_is_shown_with_its_method(verdict):
    text = report_text("f.md", BARE, Report("id", "Title", (step(verdict),)))
    assert f"{verdict.value:<11}" in text
    assert "by a method, 7 exact points, 0.25 s" in text
    assert f"1 step: 1 {verdict.value}; 1 not checked (0.2 s)" in text


def test_what_is_not_checked_is_shown_with_its_reason():
    text = report_text("f.md", BARE, Report("id", "Title", (step(Verdict.PROVED),)))
    assert "line 5    not checked c = d" in text
    assert "why: it is a picture" in text


def test_assumed_steps_are_shown():
    assumed = SimpleNamespace(assumed=True, number=2, line=4, text="x = y")
    derivation = SimpleNamespace(steps=(assumed,), unchecked=())
    text = report_text("f.md", derivation, Report("id", "Title", (step(Verdict.PROVED),)))
    assert "assumed     x = y" in text
    assert "1 assumed" in text


def test_counterexamples_are_exact():
    found = Counterexample({"p": Fraction(1, 3)}, "0.25", "0.5", "balls")
    report = Report("id", "Title", (step(Verdict.REFUTED, counterexample=found),))
    text = report_text("f.md", BARE, report)
    assert "fails at p = 1/3" in text
    assert "confirmed by balls" in text
    record = report_record("f.md", BARE, report)
    assert record["steps"][0]["counterexample"]["values"] == {"p": "1/3"}


def test_a_document_without_steps_says_so():
    assert counts_text(()) == "0 steps: nothing to check (0.0 s)"
