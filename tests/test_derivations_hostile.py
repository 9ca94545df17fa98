"""Documents that are meant to do harm end in an error at their place; none executes anything."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hostile_documents import CANARY, CODE, HEAD, corpus

from derivations.document import DerivationError, parse_derivation, read_derivation

CASES = {hostile.name: hostile for hostile in corpus()}
TESTS = Path(__file__).parent
LONGEST = 5.0
"""Seconds for one document, on a slow machine; most take milliseconds."""

WATCHED = r"""
import json, resource, sys, time
from pathlib import Path

limit = 2 * 1024**3
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
sys.path.insert(0, sys.argv[1])
from hostile_documents import corpus
from derivations.document import DerivationError, read_derivation

events, watching = [], False
HARMLESS = ("object.__getattr__", "sys._getframe", "builtins.id", "gc.")


def hook(event, arguments):
    if watching and not event.startswith(HARMLESS):
        events.append([event, str(arguments)[:200]])


sys.addaudithook(hook)
path = Path(sys.argv[2])
path.write_bytes(b"---\ntitle: a\nid: a\n---\n$$ 1 = 1 $$\n")
read_derivation(path)  # what the first document imports, such as the codec
results = {}
for hostile in corpus():
    path.write_bytes(hostile.content)
    events.clear()
    start = time.monotonic()
    watching = True
    try:
        read_derivation(path)
        end = "accepted"
    except DerivationError as error:
        end = "refused"
        str(error)
    watching = False
    opened = [event for event in events if event[0] == "open" and str(path) in event[1]]
    others = [event for event in events if event not in opened]
    results[hostile.name] = [end, time.monotonic() - start, others]
print(json.dumps(results))
"""


def test_the_corpus_is_large():
    assert len(CASES) == len(corpus()) >= 60


@pytest.mark.parametrize("name", CASES)
def test_a_hostile_document_ends_at_its_place(name, tmp_path):
    hostile = CASES[name]
    path = tmp_path / "hostile.md"
    path.write_bytes(hostile.content)
    with pytest.raises(DerivationError) as caught:
        read_derivation(path)
    error = caught.value
    assert hostile.words in str(error)
    if hostile.line:
        assert error.line == hostile.line
    lines = hostile.content.decode("utf-8", errors="replace").replace("\r\n", "\n").split("\n")
    assert 1 <= error.line <= len(lines)
    assert 1 <= error.column <= len(lines[error.line - 1]) + 1
    assert str(error).split("\n")[-1].strip().strip("^") == ""


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    """The corpus, read by a process with little memory whose every act is noted."""
    folder = tmp_path_factory.mktemp("watched")
    result = subprocess.run(
        [sys.executable, "-c", WATCHED, str(TESTS), str(folder / "hostile.md")],
        cwd=TESTS.parent,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert result.returncode == 0, result.stderr
    assert not (TESTS.parent / CANARY).exists()
    assert [path.name for path in folder.iterdir()] == ["hostile.md"]
    return json.loads(result.stdout)


def test_none_is_accepted(watched):
    assert set(watched) == set(CASES)
    assert [name for name, (end, _, _) in watched.items() if end != "refused"] == []


def test_none_executes_imports_or_opens_anything(watched):
    assert {name: acts for name, (_, _, acts) in watched.items() if acts} == {}


def test_none_runs_long(watched):
    assert {name: seconds for name, (_, seconds, _) in watched.items() if seconds > LONGEST} == {}


@pytest.mark.parametrize(
    "text",
    [
        f"{HEAD}Words: {CODE}\n\n$$ a = a $$\n",
        f"{HEAD}`{CODE}`\n\n<!-- {CODE} -->\n\n$$ a = a $$\n",
        f"{HEAD}<!-- not checked: {CODE} -->\n$$ {CODE} $$\n\n$$ a = a $$\n",
        f"{HEAD}$$ a = a \\tag{{{CODE}}} $$\n",
        HEAD.replace("title: Hostile", f'title: "{CODE}"') + "$$ a = a $$\n",
    ],
    ids=["prose", "code", "not checked", "reason", "title"],
)
def test_code_where_words_stand_is_words(text):
    assert len(parse_derivation(text).steps) == 1
    assert not Path(CANARY).exists()
