"""The registry of claims: every check is run, ids are permanent, everything named exists."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from derivations.document import Derivation
from derivations.results import Verdict
from theory.bounds import lower_bounds
from theory.claim_ids import of_gain_bound, of_lower_bound
from theory.claim_list.comparing import equal
from theory.claim_list.formal import FORMAL, STATED
from theory.claim_list.published import PUBLISHED
from theory.claim_list.record import Chapter, Claim
from theory.claim_list.sphere import certificate_of
from theory.claims import (
    CHAPTERS,
    KINDS,
    DuplicateClaim,
    all_claims,
    check,
    formal,
    index,
    lookup,
)
from theory.power_model.bounds import lower_bounds as gain_lower_bounds
from theory.power_model.bounds import order_statements, upper_bounds
from theory.problem import (
    IgnoredFeatures,
    InputError,
    NoBias,
    Normal,
    Power,
    Problem,
    Rademacher,
    UnitNorm,
)
from tms.printing.claims_formal import verified

ROOT = Path(__file__).parent.parent
CLAIMS = list(all_claims().values())
HIGHEST = {
    "LOSS": 11,
    "MODEL": 6,
    "LINEAR": 9,
    "PHASE": 24,
    "OPTIMUM": 9,
    "ONEHOT": 10,
    "POLYGON": 15,
    "GAIN": 12,
    "GAINBOUND": 14,
    "FRAME": 16,
    "SPHERE": 10,
    "CODE": 3,
    "CAPACITY": 8,
    "RUG": 3,
    "LEMMA": 7,
    "BOUND": 13,
    "SLIP": 11,
}


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_the_check_finds_what_the_claim_says(claim):
    outcome = check(claim)
    assert outcome.verdict == ("refuted" if claim.kind == "refuted" else "holds"), outcome.why
    assert outcome.instances == sum(outcome.methods.values()) > 0


def test_an_id_once_given_stays():
    given = {f"{prefix}-{k:02d}" for prefix, top in HIGHEST.items() for k in range(1, top + 1)}
    assert given <= set(all_claims())


def test_there_are_at_least_sixty_and_of_every_kind():
    assert len(CLAIMS) >= 60
    assert {claim.kind for claim in CLAIMS} == set(KINDS)


def test_ids_have_the_prefix_of_their_chapter():
    for chapter in CHAPTERS:
        assert {claim.id.split("-")[0] for claim in chapter.claims} == {chapter.prefix}


def test_statements_are_different():
    assert len({claim.statement for claim in CLAIMS}) == len(CLAIMS)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_brackets_of_the_formula_are_balanced(claim):
    bare = claim.formula.replace(r"\{", "").replace(r"\}", "")
    assert bare.count("{") == bare.count("}")
    assert claim.formula.count(r"\left") == claim.formula.count(r"\right")


def test_ids_that_texts_name_exist():
    known = set(all_claims())
    for claim in CLAIMS:
        text = " ".join([claim.route, claim.instead, claim.source, *claim.assumptions])
        named = set(re.findall(r"\b(?:" + "|".join(HIGHEST) + r")-\d\d\b", text))
        assert named <= known, claim.id
        assert claim.id not in named


def test_derivations_that_are_named_exist():
    documents = (ROOT / "derivations").rglob("*.md")
    found = {m for path in documents for m in re.findall(r"^id: (\S+)", path.read_text(), re.M)}
    named = {claim.derivation for claim in CLAIMS if claim.derivation}
    assert named <= found
    assert len(named) >= 15


def test_refuted_derivations_prove_refuted_claims_alone():
    for claim in CLAIMS:
        if claim.derivation:
            assert claim.derivation.startswith("refuted-") == (claim.kind == "refuted"), claim.id


def test_a_duplicate_is_refused():
    claim = lookup("PHASE-01")
    with pytest.raises(DuplicateClaim, match="PHASE-01: is taken by: Two unit features"):
        index([claim, lookup("PHASE-02"), replace(claim, statement="another")])


def test_the_index_keeps_the_order():
    assert list(index(CLAIMS[::-1])) == [claim.id for claim in CLAIMS[::-1]]


@pytest.mark.parametrize("id", ["phase-01", " PHASE-01 ", "Phase-01"])
def test_lookup_takes_any_case(id):
    assert lookup(id) is all_claims()["PHASE-01"]


@pytest.mark.parametrize("id", ["", "PHASE", "PHASE-1", "PHASE-99", "nothing", "PHASE-01; x"])
def test_lookup_refuses_what_is_none(id):
    with pytest.raises(InputError, match="no such claim"):
        lookup(id)


def test_a_wrong_id_of_a_chapter_names_the_right_ones():
    with pytest.raises(InputError, match="CODE-01, CODE-02, CODE-03"):
        lookup("CODE-77")


def made(**changes):
    fields = {
        "id": "TEST-01",
        "statement": "one is one",
        "formula": "1 = 1",
        "kind": "exact",
        "variables": {},
        "source": "none",
        "route": "none",
        "check": lambda: [equal(1, 1)],
    }
    return Claim(**(fields | changes))


@pytest.mark.parametrize("id", ["", "test-01", "TEST-1", "TEST-001", "TEST 01", "TEST-01\n"])
def test_an_id_of_another_form_is_refused(id):
    with pytest.raises(DuplicateClaim, match="must be like"):
        made(id=id)


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "true"},
        {"statement": ""},
        {"formula": ""},
        {"source": ""},
        {"route": ""},
        {"kind": "refuted"},
        {"instead": "PHASE-01"},
    ],
    ids=str,
)
def test_a_record_that_lacks_something_is_refused(changes):
    with pytest.raises(ValueError, match=r"must be one of|has no|is for refuted"):
        made(**changes)


def test_a_chapter_collects_what_it_decorates():
    chapter = Chapter("TEST", "tests")

    @chapter.claim(3, "one is one", "1 = 1", source="none", route="none")
    def one():
        yield equal(1, 1)

    (claim,) = chapter.claims
    assert (claim.id, claim.check, check(claim).verdict) == ("TEST-03", one, "holds")


def test_every_published_fact_is_a_claim_or_says_why_not():
    known = set(all_claims())
    for fact in PUBLISHED:
        assert set(fact.claims) <= known, fact
        assert fact.claims or fact.why_not, fact
    assert len({fact.fact + fact.source for fact in PUBLISHED}) == len(PUBLISHED)


def test_published_slips_are_refuted_claims():
    refuted = {claim.id for claim in CLAIMS if claim.kind == "refuted"}
    named = {id for fact in PUBLISHED for id in fact.claims if id.startswith("SLIP")}
    assert named <= refuted
    assert len(named) >= 8


PROBLEMS = [
    (Problem(5, 2, density="1/10"), ()),
    (Problem(2, 2, density="1/10"), ()),
    (Problem(5, 2, density="1/10"), (UnitNorm(), NoBias())),
    (Problem(3, 1, density="1/10"), (UnitNorm(), NoBias())),
    (Problem(5, 2, density="1/10"), (IgnoredFeatures(4),)),
    (Problem(5, 2, density="1/10", activation=Power(1)), ()),
    (
        Problem(5, 2, density="1/10", activation=Power(3), features=Rademacher()),
        (UnitNorm(), NoBias()),
    ),
]


@pytest.mark.parametrize(("problem", "constraints"), PROBLEMS, ids=str)
def test_every_lower_bound_names_claims_that_exist(problem, constraints):
    for bound in lower_bounds(problem, constraints, [certificate_of(5, 2)]):
        assert bound.rests_on, bound.name
        assert set(bound.rests_on) <= set(all_claims())


@pytest.mark.parametrize("law", [Rademacher(), Normal()], ids=str)
@pytest.mark.parametrize("density", ["1/100000", "1/10", "1"])
def test_every_gain_bound_names_claims_that_exist(law, density):
    problem = Problem(12, 3, density=density, features=law, activation=Power(3))
    bounds = [*upper_bounds(problem), *gain_lower_bounds(problem), *order_statements(problem)]
    for bound in bounds:
        assert bound.rests_on, (bound.kind, bound.name)
        assert set(bound.rests_on) <= set(all_claims())


def test_a_bound_that_is_raised_keeps_its_claims():
    claims = {c.name: c for c in lower_bounds(PROBLEMS[4][0], PROBLEMS[4][1])}
    assert claims["rank"].rests_on == ("BOUND-04",)


def test_the_bound_by_the_gain_names_the_bound_of_the_gain_too():
    problem, constraints = PROBLEMS[6]
    (bound,) = [c for c in lower_bounds(problem, constraints) if c.name == "gain"]
    assert bound.rests_on[0] == "BOUND-13"
    assert all(id.startswith("GAINBOUND") for id in bound.rests_on[1:])
    assert bound.rests_on[1:]


def test_a_name_that_is_not_known_rests_on_nothing():
    assert of_lower_bound("something else") == of_gain_bound("upper", "something else") == ()


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_domains_are_in_the_language_of_derivations(claim):
    read = Derivation.build(
        claim.id.lower(),
        claim.statement,
        variables=claim.variables,
        random=claim.random,
        steps=["1 = 1"],
    )
    assert len(read.variables) == len(claim.variables)


FORMAL_CLAIMS = [claim for claim in CLAIMS if formal(claim)]


def test_formal_statements_are_of_claims():
    assert set(FORMAL) | set(STATED) <= set(all_claims())
    assert not set(FORMAL) & set(STATED)
    assert len(FORMAL_CLAIMS) >= 60


@pytest.mark.parametrize("claim", FORMAL_CLAIMS, ids=lambda claim: claim.id)
def test_the_checker_of_derivations_agrees(claim):
    (found,) = verified([claim])
    assert found.is_good, found
    if claim.kind != "refuted":
        assert all(step.instances or step.verdict is Verdict.PROVED for step in found.report.steps)
