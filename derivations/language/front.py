"""The front matter: YAML without its surprises, as texts with their places.

Only mappings, lists and plain texts are read, from the events of the YAML parser; nothing is
constructed. Tags, anchors, aliases, several documents and a key that is given twice are refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from derivations.language.errors import DerivationError, Piece, Source
from derivations.language.limits import (
    MOST_FRONT_MATTER,
    MOST_FRONT_NESTING,
    MOST_FRONT_VALUES,
)
from derivations.language.nodes import Span

__all__ = ["Items", "Mapped", "Text", "Value", "read_front_matter"]

STRUCTURE = (yaml.StreamStartEvent, yaml.StreamEndEvent, yaml.DocumentEndEvent)


@dataclass(frozen=True)
class Text:
    """A text of the front matter.

    Attributes:
        value: as YAML gives it.
        source: the document.
        span: where it stands there, with its quotes.
    """

    value: str
    source: Source
    span: Span

    def piece(self, *, keywords: frozenset[str] = frozenset()) -> Piece:
        """Give it as a formula."""
        start = self.source.text.find(self.value, self.span.start, self.span.stop)
        verbatim = start >= 0
        origin = start if verbatim else self.span.start
        return Piece(self.source, self.value, origin, verbatim, plain=True, keywords=keywords)

    def error(self, message: str) -> DerivationError:
        """Point to it."""
        return self.source.error(message, self.span)


@dataclass(frozen=True)
class Items:
    """A list."""

    items: tuple[Value, ...]
    source: Source
    span: Span

    def error(self, message: str) -> DerivationError:
        """Point to it."""
        return self.source.error(message, self.span)


@dataclass(frozen=True)
class Mapped:
    """A mapping, in its order."""

    entries: tuple[tuple[Text, Value], ...]
    source: Source
    span: Span

    def error(self, message: str) -> DerivationError:
        """Point to it."""
        return self.source.error(message, self.span)


Value = Text | Items | Mapped


class Reader:
    """Builds values from events."""

    def __init__(self, source: Source, place: Span) -> None:
        self.source = source
        self.origin = place.start
        self.count = 0
        text = source.text[place.start : place.stop]
        self.events: Iterator[Any] = iter(yaml.parse(text, Loader=yaml.SafeLoader))

    def span(self, event: Any) -> Span:
        """Give the place of an event in the document."""
        start = self.origin + event.start_mark.index
        return Span(start, max(start + 1, self.origin + event.end_mark.index))

    def event(self) -> Any:
        """Take the next event, refusing what is not of the language."""
        event = next(self.events)
        self.count += 1
        if isinstance(event, yaml.AliasEvent):
            raise self.source.error("an alias: write the value again", self.span(event))
        if getattr(event, "anchor", None):
            raise self.source.error("an anchor: front matter has none", self.span(event))
        if getattr(event, "tag", None):
            raise self.source.error("a tag: front matter holds texts alone", self.span(event))
        if isinstance(event, yaml.DocumentStartEvent) and (event.version or event.tags):
            raise self.source.error("a directive: front matter has none", self.span(event))
        if self.count > MOST_FRONT_VALUES:
            raise self.source.error(f"more than {MOST_FRONT_VALUES} values", self.span(event))
        return event

    def document(self) -> Value | None:
        """Read the whole."""
        self.event()
        if not isinstance(self.event(), yaml.DocumentStartEvent):
            return None
        value = self.value(self.event(), 0)
        for event in self.events:
            if not isinstance(event, STRUCTURE):
                raise self.source.error("a second document in the front matter", self.span(event))
        return value

    def value(self, event: Any, depth: int) -> Value:
        """Read one value."""
        span = self.span(event)
        if depth > MOST_FRONT_NESTING:
            raise self.source.error(f"nested more than {MOST_FRONT_NESTING} deep", span)
        if isinstance(event, yaml.ScalarEvent):
            if not all(sign.isprintable() or sign in "\n\t" for sign in event.value):
                raise self.source.error("a text holds a sign that cannot be printed", span)
            return Text(event.value, self.source, span)
        if isinstance(event, yaml.SequenceStartEvent):
            items: list[Value] = []
            while not isinstance(inner := self.event(), yaml.SequenceEndEvent):
                items.append(self.value(inner, depth + 1))
            return Items(tuple(items), self.source, span)
        return self.mapping(span, depth)

    def mapping(self, span: Span, depth: int) -> Mapped:
        """Read a mapping."""
        entries: list[tuple[Text, Value]] = []
        seen: set[str] = set()
        while not isinstance(inner := self.event(), yaml.MappingEndEvent):
            key = self.value(inner, depth + 1)
            if not isinstance(key, Text):
                raise self.source.error("a key is a text", key.span)
            if key.value in seen:
                raise key.error(f"{key.value} is given twice")
            seen.add(key.value)
            entries.append((key, self.value(self.event(), depth + 1)))
        return Mapped(tuple(entries), self.source, span)


def read_front_matter(source: Source, place: Span) -> Mapped:
    """Read the front matter as texts with their places.

    Args:
        source: the document.
        place: of the lines between both ``---``.

    Returns:
        The mapping.

    Raises:
        DerivationError: for malformed YAML and for what is not read of it.
    """
    if place.stop - place.start > MOST_FRONT_MATTER:
        raise source.error(f"front matter of more than {MOST_FRONT_MATTER} characters", place)
    try:
        value = Reader(source, place).document()
    except DerivationError:
        raise
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        start = place.start + (mark.index if mark else 0)
        words = " ".join(str(error.problem or error.context).split())
        raise source.error(f"malformed front matter: {words}", Span(start, start + 1)) from None
    except yaml.reader.ReaderError as error:
        start = place.start + int(error.position)
        raise source.error("a sign that YAML does not allow", Span(start, start + 1)) from None
    except (ValueError, OverflowError):
        raise source.error("malformed front matter: an escape of no sign", place) from None
    if not isinstance(value, Mapped):
        raise source.error("front matter is a mapping: title, id, ...", Span(0, 3))
    return value
