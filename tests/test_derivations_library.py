"""Every document of the library is checked; none is vacuous; the refuted examples are refuted."""

from __future__ import annotations

import functools
import re

import pytest
from derivation_mistakes import MISTAKES
from derivation_restatements import RESTATEMENTS
from hand_derivations import (
    HARD_CASES,
    LIMITS,
    PAPER_STYLE,
    affected,
    as_written,
    documents,
    outcome,
    refuted_examples,
)

from derivations.check import check
from derivations.document import read_derivation
from derivations.results import Verdict

FINE = {Verdict.PROVED, Verdict.SAMPLED}
SLOW = {
    "bernoulli_series",
    "frame_potential",
    "lipschitz_lemma",
    "one_hot_polygon",
    "persian_rug",
    "vertex_formula",
}
"""Documents that take more than a few seconds."""
PARTS = [
    "linear_optimal_bias",
    "vertex_formula",
    "bernoulli_series",
    "ignored_feature",
    "antipodal_pair",
    "antipodal_pair_bias",
    "phase_boundaries",
    "one_hot_polygon",
    "density_expansion",
    "real_welch_bound",
    "very_sparse_constant",
    "quadratic_sharing",
    "persian_rug",
    "lipschitz_lemma",
    "drop_lemma",
    "dedicated_never_best",
]
"""What the library must hold."""


@functools.cache
def checked(path):
    return check(read_derivation(path), limits=LIMITS)


def names(paths):
    return [path.stem for path in paths]


def marked(paths):
    """Slow documents are for the thorough profile."""
    return [
        pytest.param(path, id=path.stem, marks=pytest.mark.thorough if path.stem in SLOW else [])
        for path in paths
    ]


def test_the_library_holds_what_it_must():
    assert set(PARTS) <= set(names(documents()))


def test_identifiers_are_those_of_the_files():
    for path in documents():
        assert read_derivation(path).identifier == path.stem.replace("_", "-")


def test_identifiers_are_unique():
    every = [read_derivation(path).identifier for path in [*documents(), *refuted_examples()]]
    assert len(set(every)) == len(every)


@pytest.mark.parametrize("path", documents(), ids=names(documents()))
def test_a_document_argues(path):
    """Words between the formulas, at least eight steps, a source."""
    derivation = read_derivation(path)
    text = path.read_text(encoding="utf-8")
    prose = re.sub(r"\$\$.*?\$\$", "", text.split("---", 2)[2], flags=re.DOTALL)
    assert len(derivation.steps) >= 8
    assert len(prose.split()) >= 60
    assert derivation.sources


@pytest.mark.parametrize("path", documents(), ids=names(documents()))
def test_nothing_is_left_unchecked_in_silence(path):
    assert all(why.strip() for _, _, why in read_derivation(path).unchecked)


@pytest.mark.parametrize("path", marked(documents()))
def test_every_step_of_a_document_holds(path):
    report = checked(path)
    weak = [(s.line, s.verdict.value, s.why) for s in report.steps if s.verdict not in FINE]
    assert not weak
    assert any(step.verdict is Verdict.PROVED for step in report.steps)


@pytest.mark.parametrize("path", marked(documents()))
def test_what_is_only_sampled_says_why_and_where(path):
    for step in checked(path).steps:
        if step.verdict is Verdict.SAMPLED:
            assert step.instances > 0
            assert step.why


@pytest.mark.parametrize("path", refuted_examples(), ids=names(refuted_examples()))
def test_a_known_slip_is_refuted(path):
    report = check(read_derivation(path), limits=LIMITS)
    assert report.verdict is Verdict.REFUTED
    for step in report.steps:
        assert step.verdict in FINE | {Verdict.REFUTED}
        assert (step.verdict is Verdict.REFUTED) == (step.counterexample is not None)


@pytest.mark.parametrize("change", MISTAKES + RESTATEMENTS, ids=lambda change: change.document)
def test_a_change_fits_its_document_and_touches_a_step(change):
    assert affected(change).steps


@pytest.mark.parametrize("change", MISTAKES[::8], ids=lambda change: change.document)
def test_a_seeded_mistake_is_refuted(change):
    assert outcome(change).verdict is Verdict.REFUTED


@pytest.mark.parametrize("change", RESTATEMENTS[::5], ids=lambda change: change.document)
def test_a_restatement_is_not_refuted(change):
    assert outcome(change).verdict in FINE


REFUSED = {
    "antipodal_loss": r"an equation that defines it is \mathcal{L} := ...",
    "frame_potential": r"a mean is \mathbb{E}[x], an inner product a \sum",
    "gaussian_noise": r"write brackets, a / (b c), or \frac{a}{b c}",
    "weak_superposition": r"a mean is \mathbb{E}[x], an inner product a \sum",
}
"""What is written as in a paper and not accepted, and what the error says to write instead."""


def test_documents_are_accepted_as_written_or_told_what_to_write():
    found = {path.stem: error for path, error in as_written()}
    assert {name for name, error in found.items() if error} == set(REFUSED)
    assert "one_hot_lemma" in found
    for name, words in REFUSED.items():
        assert words in found[name]


def test_only_what_is_refused_as_written_stands_there_changed():
    assert {path.stem for path in PAPER_STYLE.glob("*.md")} == set(REFUSED)


@pytest.mark.parametrize(
    "path",
    marked([path if not error else PAPER_STYLE / path.name for path, error in as_written()]),
)
def test_a_document_in_a_papers_style_holds(path):
    assert checked(path).verdict in FINE


def verdicts(name):
    return [step.verdict for step in checked(HARD_CASES / f"{name}.md").steps]


def test_what_holds_only_outside_the_assumptions_is_refuted():
    assert set(verdicts("outside_assumptions")) == {Verdict.REFUTED}


def test_assumptions_that_nothing_meets_are_no_pass():
    assert set(verdicts("empty_assumptions")) == {Verdict.ERROR}


def test_what_no_method_decides_is_undecided_with_a_reason():
    assert set(verdicts("undecided")) == {Verdict.UNDECIDED}
    assert all(step.why for step in checked(HARD_CASES / "undecided.md").steps)


def test_what_is_true_at_every_sampled_point_is_not_called_proved():
    assert verdicts("true_where_sampled")[-1] is Verdict.SAMPLED


@pytest.mark.thorough
@pytest.mark.parametrize("change", MISTAKES, ids=lambda change: change.document)
def test_every_seeded_mistake_is_refuted(change):
    assert outcome(change).verdict is Verdict.REFUTED


@pytest.mark.thorough
@pytest.mark.parametrize("change", RESTATEMENTS, ids=lambda change: change.document)
def test_every_restatement_holds(change):
    assert outcome(change).verdict in FINE
