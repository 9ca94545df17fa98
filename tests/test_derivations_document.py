"""Documents: what is written is read back; nearly right ones end in an error with its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from derivation_documents import (
    SUBSCRIPTS,
    conditions,
    documents,
    expressions,
    joined,
    mutated,
    rewritten,
    same_steps,
    scope,
    small,
)
from hypothesis import HealthCheck, assume, given, settings

from derivations.document import DerivationError, parse_derivation, read_derivation
from derivations.language.errors import Piece, Source
from derivations.language.parser import parse_condition, parse_expression
from derivations.language.render import latex


def calm(examples):
    """Settings for trees, which take long to draw."""
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    return settings(max_examples=examples, deadline=None, suppress_health_check=slow)


def piece(text):
    return Piece(Source("here", text), text, 0)


@calm(150)
@given(expressions())
def test_an_expression_is_read_back(tree):
    assume(small(tree))
    text = latex(tree, SUBSCRIPTS)
    assert parse_expression(piece(text), scope()) == tree, text


@calm(150)
@given(conditions())
def test_a_condition_is_read_back(tree):
    assume(small(tree))
    text = latex(tree, SUBSCRIPTS)
    assert parse_condition(piece(text), scope()) == tree, text


def check_read_back(text, statements):
    """All relations of the statements are there, in order."""
    derivation = parse_derivation(text)
    wanted = [
        (s.operands[k], relation, s.operands[k + 1], s.assuming, s.reason)
        for s in statements
        for k, relation in enumerate(s.relations)
    ]
    found = [(s.left, s.relation, s.right, joined(s.assuming), s.reason) for s in derivation.steps]
    assert found == [(*first, joined(assuming), reason) for *first, assuming, reason in wanted]


@calm(60)
@given(documents())
def test_a_document_is_read_back(document):
    text, statements = document
    assume(small(*(tree for s in statements for tree in (*s.operands, *s.assuming))))
    check_read_back(text, statements)


def check_ends_well(text):
    """A document is read, or refused with a place in it."""
    error = refusal(text)
    if error is None:
        derivation = parse_derivation(text)
        assert same_steps(derivation, parse_derivation(rewritten(text, derivation)))
        return
    lines = text.replace("\r\n", "\n").split("\n")
    assert 1 <= error.line <= len(lines)
    assert 1 <= error.column <= len(lines[error.line - 1]) + 1
    assert "^" in str(error).split("\n")[-1]


def refusal(text):
    """The error in which a document ends, or None."""
    try:
        parse_derivation(text)
    except DerivationError as error:
        return error
    return None


@calm(100)
@given(mutated())
def test_a_changed_document_is_read_or_refused(text):
    check_ends_well(text)


@pytest.mark.thorough
@calm(10_000)
@given(documents())
def test_ten_thousand_documents_are_read_back(document):
    text, statements = document
    assume(small(*(tree for s in statements for tree in (*s.operands, *s.assuming))))
    check_read_back(text, statements)


@pytest.mark.thorough
@calm(10_000)
@given(mutated())
def test_ten_thousand_changed_documents_are_read_or_refused(text):
    check_ends_well(text)


LIBRARY = sorted((Path(__file__).parent.parent / "derivations" / "library").rglob("*.md"))


def test_there_is_a_library():
    assert len(LIBRARY) > 10


@pytest.mark.parametrize("path", LIBRARY, ids=lambda path: path.stem)
def test_the_library_is_written_from_its_trees_and_read_back(path):
    derivation = read_derivation(path)
    again = parse_derivation(rewritten(path.read_text("utf-8"), derivation))
    assert same_steps(derivation, again)


def test_a_file_is_read(tmp_path):
    path = tmp_path / "one.md"
    path.write_bytes(b"\xef\xbb\xbf---\r\ntitle: One\r\nid: one\r\n---\r\n\r\n$$ 1 = 1 $$\r\n")
    assert read_derivation(path).identifier == "one"
