"""The command ``tms claims`` as it is typed."""

from __future__ import annotations

import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from types import SimpleNamespace
from unittest import mock

import pytest

import theory.claims
import tms
import tms.printing.claims_formal
from theory.claim_list.comparing import equal
from theory.claims import Formal, all_claims, lookup
from theory.problem import Power, Problem
from tms.cli import main


def run(*words):
    """Run ``tms claims`` in this process, as a shell would see it."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    arguments = ["tms", "claims", *map(str, words)]
    with mock.patch.object(sys, "argv", arguments), redirect_stdout(out), redirect_stderr(err):
        try:
            main()
        except SystemExit as end:
            code = end.code or 0
    return SimpleNamespace(out=out.getvalue(), err=err.getvalue(), code=code)


@pytest.fixture
def wrong(monkeypatch):
    """A registry with one claim that fails and one that is empty."""
    claims = dict(all_claims())
    claims["PHASE-02"] = replace(lookup("PHASE-02"), check=lambda: [equal(1, 1), equal(1, 2, "x")])
    claims["PHASE-03"] = replace(lookup("PHASE-03"), check=list)
    monkeypatch.setattr(theory.claims, "all_claims", lambda: claims)


def test_the_list_has_every_claim_with_its_source():
    result = run()
    assert (result.code, result.err) == (0, "")
    flat = " ".join(result.out.split())
    for claim in all_claims().values():
        assert f"{claim.id} {claim.kind} {' '.join(claim.statement.split())}" in flat
        assert " ".join(claim.source.split()) in flat
    assert max(map(len, result.out.splitlines())) <= 100


def test_the_list_can_be_narrowed():
    result = run("--kind", "refuted", "--format", "json")
    assert {row["kind"] for row in json.loads(result.out)} == {"refuted"}
    result = run("--chapter", "rug", "--format", "json")
    assert [row["id"] for row in json.loads(result.out)] == ["RUG-01", "RUG-02", "RUG-03"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--kind", "true"), "kind='true': must be one of exact, upper"),
        (("--chapter", "NONE"), "chapter='NONE': must be one of LOSS"),
        (("--chapter", "RUG", "--kind", "refuted"), "no such claim"),
        (("show", "RUG-77"), "RUG-01, RUG-02, RUG-03"),
        (("check", "nothing"), "no such claim"),
        (("check", "RUG-01", "--chapter", "RUG"), "not both"),
    ],
)
def test_what_is_none_is_refused(words, said):
    result = run(*words)
    assert result.code == 2
    assert said in result.err


def test_show_says_everything():
    claim, result = lookup("CAPACITY-02"), run("show", "capacity-02")
    flat = " ".join(result.out.split())
    for text in (claim.statement, claim.formula, claim.source, claim.route, claim.derivation):
        assert " ".join(text.split()) in flat
    for name, domain in claim.variables.items():
        assert f"{name}: {domain}" in flat
    assert all(text in flat for text in claim.assumptions)


def test_show_as_latex_is_a_display_equation():
    lines = run("show", "LOSS-01", "--latex").out.splitlines()
    formula = f"  {lookup('LOSS-01').formula}"
    assert lines[-3:] == [r"\begin{equation*}", formula, r"\end{equation*}"]
    assert all(line.startswith("% ") for line in lines[:-3])
    assert "% u_j: uniform on [0, 1] for j = 1..n" in lines


def test_show_of_a_refuted_claim_says_what_is_right():
    assert "instead     PHASE-02" in run("show", "SLIP-01").out
    assert json.loads(run("show", "SLIP-01", "--format", "json").out)["instead"] == "PHASE-02"


def test_check_prints_verdict_count_and_time():
    result = run("check", "PHASE-02", "SLIP-05")
    assert result.code == 0
    first, second, reason, total = result.out.splitlines()
    assert first.startswith("PHASE-02      holds")
    assert "6 comparisons (6 exact)" in first
    assert first.endswith(" s")
    assert second.startswith("SLIP-05       refuted")
    assert reason == "    not 704669/1800000 = 157/300 (by piecewise polynomials)"
    assert total.startswith("2 claims: 1 holds, 1 refuted; 8 comparisons, ")


def test_a_failing_claim_ends_in_exit_code_1(wrong):
    result = run("check", "PHASE-01", "PHASE-02")
    assert result.code == 1
    assert "is not proven: 1 = 2 (x)" in result.out
    assert "1 holds, 1 fails" in result.out


def test_an_empty_check_ends_in_exit_code_1(wrong):
    result = run("check", "PHASE-03", "--format", "json")
    assert result.code == 1
    (row,) = json.loads(result.out)
    assert (row["verdict"], row["instances"], row["why"]) == ("empty", 0, "nothing was compared")


def test_a_chapter_is_checked():
    result = run("check", "--chapter", "LEMMA", "--format", "json")
    assert result.code == 0
    assert {row["verdict"] for row in json.loads(result.out)} == {"holds"}


def test_published_facts_say_what_they_are():
    result = run("--published")
    assert result.code == 0
    assert "no claim: measured on trained language models" in result.out
    assert "closed form H of the one-hot loss (arXiv:2310.06301, Lemma 3.1)\n    ONEHOT-01" in (
        result.out
    )


def test_a_lower_bound_prints_its_claims():
    assert str(tms.lower_bound(Problem(4, 2, density="1/10"), boxes=0)).endswith("[BOUND-06])")


def test_a_table_of_bounds_prints_its_claims():
    found = tms.bounds(6, 2, activation=Power(3), densities=["1/100"], n_starts=1)
    for kind in ("text", "markdown", "latex"):
        assert "[GAINBOUND-0" in found.format(kind)
    (row,) = json.loads(found.format("json"))["rows"]
    assert row["upper_claims"].startswith("GAINBOUND-")
    assert row["lower_claims"].startswith("GAIN")


def test_a_table_of_losses_prints_its_claims():
    text = tms.table(2, 1, sparsities=["9/10"], n_starts=1).format("text")
    assert "LOSS-03" in text
    assert "LINEAR-03" in text


def test_verify_gives_formulas_to_the_checker():
    result = run("verify", "PHASE-01", "SLIP-03", "POLYGON-12")
    assert result.code == 0
    assert result.out.startswith("PHASE-01      proved      12 points")
    assert "2 claims: 1 proved, 1 refuted; 1 without a formal statement" in result.out


def test_verify_as_json_holds_the_steps():
    (row,) = json.loads(run("verify", "PHASE-02", "--format", "json").out)
    assert (row["id"], row["verdict"]) == ("PHASE-02", "proved")
    assert row["steps"][0]["instances"] > 0


def test_a_refuted_formula_ends_in_exit_code_1(monkeypatch):
    wrong = Formal(("p = 2 p",), {"p": "real in [0, 1]"})
    monkeypatch.setattr(tms.printing.claims_formal, "formal", lambda claim: wrong)
    result = run("verify", "PHASE-02")
    assert result.code == 1
    assert "PHASE-02      refuted" in result.out
