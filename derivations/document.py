r"""Documents: a derivation in Markdown, read into what it declares and what it says.

.. code-block:: markdown

    ---
    title: A square
    id: a-square
    variables:
      a: real
      b: real >= 0
    ---

    The square of a sum is

    $$ (a + b)^2 = a^2 + 2 a b + b^2 \ge a^2 + 2 a b. $$

The grammar is stated in ``docs/derivation-language.md``. Reading evaluates nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any

import yaml

from derivations.language.cursor import Scope
from derivations.language.declarations import (
    read_assumptions,
    read_random,
    read_variables,
)
from derivations.language.errors import DerivationError, Piece, Source
from derivations.language.front import Items, Text, Value, read_front_matter
from derivations.language.limits import MOST_BYTES, MOST_STEPS
from derivations.language.markdown import Display, displays_of, front_matter_of
from derivations.language.nodes import Condition, Span
from derivations.language.parser import read_display
from derivations.language.quantities import read_quantities
from derivations.language.records import (
    Definition,
    Index,
    Law,
    Quantity,
    RandomVariable,
    Setting,
    Step,
    Unchecked,
    Variable,
)

__all__ = [
    "Definition",
    "Derivation",
    "DerivationError",
    "Index",
    "Law",
    "Quantity",
    "RandomVariable",
    "Setting",
    "Step",
    "Unchecked",
    "Variable",
    "document_text",
    "parse_derivation",
    "read_derivation",
]

KEYS = ("title", "id", "about", "source", "variables", "random", "assumptions", "quantities")
LONGEST_IDENTIFIER = 80
MARKDOWN = re.compile(r"\$\$|^ *\\\[", re.MULTILINE)
"""What tells a text with display equations from one equation."""


@dataclass(frozen=True)
class Derivation:
    """A document, read.

    Attributes:
        identifier: lower case with dashes.
        title: one line.
        about: prose.
        sources: papers, each down to the equation.
        variables: in the order declared; the domain of one may name earlier ones.
        random: random variables, all independent.
        assumptions: conditions on the variables that hold throughout.
        quantities: quantities of the model.
        definitions: in order; each uses earlier ones only.
        steps: one for each relation, in order.
        unchecked: display equations that are not checked.
    """

    identifier: str
    title: str
    about: str = ""
    sources: tuple[str, ...] = ()
    variables: tuple[Variable, ...] = ()
    random: tuple[RandomVariable, ...] = ()
    assumptions: tuple[Condition, ...] = ()
    quantities: tuple[Quantity, ...] = ()
    definitions: tuple[Definition, ...] = ()
    steps: tuple[Step, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()

    @classmethod
    def build(
        cls,
        identifier: str,
        title: str,
        *,
        about: str = "",
        source: str | Iterable[str] = (),
        variables: Mapping[str, str] | None = None,
        random: Mapping[str, str] | None = None,
        assumptions: Iterable[str] = (),
        quantities: Mapping[str, Mapping[str, Any]] | None = None,
        steps: Iterable[str] = (),
    ) -> Derivation:
        r"""Make a derivation in Python: the same texts, without a file.

        Args:
            identifier: lower case with dashes.
            title: one line.
            about: prose.
            source: papers.
            variables: domain by name.
            random: law by name.
            assumptions: conditions.
            quantities: settings by signature.
            steps: display equations without their ``$$``; or Markdown that holds some in ``$$`` or
                ``\[ \]``, with the comments ``<!-- assume -->`` and ``<!-- not checked: why -->``.

        Returns:
            The derivation.

        Raises:
            DerivationError: as ``parse_derivation``; lines are those of ``document_text``.

        Example:
            >>> made = Derivation.build(
            ...     "a-square", "A square", variables={"a": "real"}, steps=[r"(a - 1)^2 \ge 0"]
            ... )
            >>> print(made.steps[0].text)
            (a - 1)^2 \ge 0
        """
        front: dict[str, Any] = {
            "title": title, "id": identifier, "about": about,
            "source": source if isinstance(source, str) else list(source),
            "variables": dict(variables or {}), "random": dict(random or {}),
            "assumptions": list(assumptions), "quantities": dict(quantities or {}),
        }  # fmt: skip
        return parse_derivation(document_text(front, steps), name=identifier)


def document_text(front: Mapping[str, Any], steps: Iterable[str]) -> str:
    r"""Write a document.

    Args:
        front: the front matter by key; empty values are left out.
        steps: display equations, or Markdown that holds some.

    Returns:
        The text.

    Example:
        >>> print(document_text({"title": "One", "id": "one"}, ["1 = 1"]))
        ---
        title: One
        id: one
        ---
        <BLANKLINE>
        $$ 1 = 1 $$
        <BLANKLINE>
    """
    kept = {key: value for key, value in front.items() if value}
    matter = yaml.safe_dump(kept, sort_keys=False, allow_unicode=True, width=10**9)
    body = [step if MARKDOWN.search(step) else f"$$ {step} $$" for step in steps]
    return "\n".join(["---", matter + "---", *(f"\n{part}" for part in body), ""])


# ------------------------------------------------------------------ reading


def read_derivation(path: str | PathLike[str]) -> Derivation:
    """Read a derivation from a file.

    Args:
        path: a Markdown file in UTF-8, of at most ``MOST_BYTES``.

    Returns:
        The derivation.

    Raises:
        DerivationError: where the document is not of the language.
        OSError: the file cannot be read.
    """
    with Path(path).open("rb") as stream:
        content = stream.read(MOST_BYTES + 1)
    name = Path(path).name
    if len(content) > MOST_BYTES:
        raise DerivationError(f"a document of more than {MOST_BYTES} bytes", name, 1, 1, "")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8", errors="replace")
        rest = content[error.start : error.start + 40].decode("utf-8", errors="replace")
        line = before.split("\n")[-1]
        place = (before.count("\n") + 1, len(line) + 1, (line + rest).split("\n")[0])
        raise DerivationError("this is not UTF-8", name, *place) from None
    return parse_derivation(text, name=name)


def parse_derivation(text: str, name: str = "derivation") -> Derivation:
    r"""Read a derivation from its text.

    Args:
        text: Markdown with front matter.
        name: for errors.

    Returns:
        The derivation.

    Raises:
        DerivationError: where the document is not of the language.

    Example:
        >>> lines = ["---", "title: Half", "id: half", "---", r"$$ \frac{1}{2} + \frac12 = 1 $$"]
        >>> print(*[step.text for step in parse_derivation("\n".join(lines)).steps])
        \frac{1}{2} + \frac12 = 1
    """
    source = checked_source(text, name)
    place, start = front_matter_of(source)
    front = read_front_matter(source, place)
    entries: dict[str, Value] = {}
    for key, value in front.entries:
        if key.value not in KEYS:
            raise key.error(f"{key.value} is no key of the front matter: {', '.join(KEYS)}")
        entries[key.value] = value
    for needed in ("title", "id"):
        if needed not in entries:
            raise front.error(f"the front matter has no {needed}")
    scope = Scope()
    about = entries.get("about")
    head = Derivation(
        identifier=identifier_of(entries["id"]),
        title=words_of("title", entries["title"]),
        about="" if about is None else words_of("about", about),
        sources=sources_of(entries.get("source")),
        variables=read_variables(entries.get("variables"), scope),
        random=read_random(entries.get("random"), scope),
        assumptions=read_assumptions(entries.get("assumptions"), scope),
        quantities=read_quantities(entries.get("quantities"), scope),
    )
    return with_body(head, source, displays_of(source, start), scope)


def checked_source(text: str, name: str) -> Source:
    """Refuse what is too long, and signs that do not show."""
    if len(text) > MOST_BYTES:
        raise DerivationError(f"a document of more than {MOST_BYTES} bytes", name, 1, 1, "")
    source = Source(name, text.replace("\r\n", "\n"))
    for place, sign in enumerate(source.text):
        if not sign.isprintable() and sign not in "\n\t\u00a0":
            message = f"a sign that does not show (U+{ord(sign):04X})"
            raise source.error(message, Span(place, place + 1))
    return source


def words_of(key: str, value: Value) -> str:
    """Take a text of the front matter, on one line."""
    if not isinstance(value, Text) or not value.value.strip():
        raise value.error(f"{key} is a text")
    return " ".join(value.value.split())


def identifier_of(value: Value) -> str:
    """Take the identifier."""
    words = words_of("id", value)
    parts = words.split("-")
    good = all(part.isascii() and part.isalnum() and part == part.lower() for part in parts)
    if not good or len(words) > LONGEST_IDENTIFIER:
        raise value.error("an id is lower case letters and digits with dashes between")
    return words


def sources_of(value: Value | None) -> tuple[str, ...]:
    """Take one source or a list of them."""
    if value is None:
        return ()
    items = value.items if isinstance(value, Items) else (value,)
    return tuple(words_of("source", item) for item in items)


def with_body(
    head: Derivation, source: Source, displays: list[Display], scope: Scope
) -> Derivation:
    """Read the display equations."""
    definitions: list[Definition] = []
    steps: list[Step] = []
    unchecked: list[Unchecked] = []
    for display in displays:
        words = source.text[display.span.start : display.span.stop]
        if display.unchecked is not None:
            line = source.line(display.span.start)
            unchecked.append(Unchecked(line, " ".join(words.split()), display.unchecked))
            continue
        piece = Piece(source, words, display.span.start)
        for part in read_display(piece, scope, assumed=display.assumed):
            if isinstance(part, Definition):
                definitions.append(part)
            else:
                steps.append(replace(part, number=len(steps) + 1))
        if len(steps) > MOST_STEPS:
            raise source.error(f"more than {MOST_STEPS} steps", display.span)
    if not displays:
        end = len(source.text) - 1
        raise source.error("a derivation without a display equation", Span(end, end + 1))
    return replace(
        head, definitions=tuple(definitions), steps=tuple(steps), unchecked=tuple(unchecked)
    )
