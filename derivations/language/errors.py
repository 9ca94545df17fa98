"""Where something is wrong: the text that is read, and an error that points into it."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

from derivations.language.nodes import Span
from theory.problem import InputError

__all__ = ["DerivationError", "Piece", "Source"]

WIDEST = 100


class DerivationError(InputError):
    """A document that cannot be read, with the place.

    Attributes:
        message: what is wrong and what to write.
        document: name of the document.
        line: from 1.
        column: from 1, in characters.
        text: the line.
        width: how many characters are meant.
    """

    def __init__(
        self, message: str, document: str, line: int, column: int, text: str, width: int = 1
    ) -> None:
        super().__init__(message, document, line, column, text, width)
        self.message = message
        self.document = document
        self.line = line
        self.column = column
        self.text = text
        self.width = width

    def __str__(self) -> str:
        shown, start = window(self.text, self.column - 1)
        width = max(1, min(self.width, len(shown) - start))
        place = f"{self.document}, line {self.line}, column {self.column}"
        return f"{place}: {self.message}\n    {shown}\n    {' ' * start}{'^' * width}"


def window(text: str, start: int) -> tuple[str, int]:
    """Cut a long line around a place, and say where the place is in what is left."""
    shown = "".join(letter if letter.isprintable() else "?" for letter in text)
    if len(shown) <= WIDEST:
        return shown, start
    begin = max(0, min(start - WIDEST // 2, len(shown) - WIDEST))
    before = "..." if begin else ""
    after = "..." if begin + WIDEST < len(shown) else ""
    return f"{before}{shown[begin : begin + WIDEST]}{after}", start - begin + len(before)


@dataclass(frozen=True)
class Source:
    """A document as it is read; lines end with a line feed.

    Attributes:
        name: for errors.
        text: all of it.
    """

    name: str
    text: str

    @cached_property
    def line_starts(self) -> list[int]:
        """Where each line begins."""
        ends = [place + 1 for place, letter in enumerate(self.text) if letter == "\n"]
        return [0, *ends]

    def line(self, place: int) -> int:
        """Give the number of the line, from 1, in which a character stands."""
        return bisect_right(self.line_starts, place)

    def error(self, message: str, span: Span) -> DerivationError:
        """Make an error that points to a part of the text."""
        start = min(span.start, len(self.text))
        line = self.line(start)
        first = self.line_starts[line - 1]
        text = self.text[first:].split("\n", 1)[0]
        column = start - first + 1
        width = max(1, min(span.stop - span.start, len(text) - column + 1))
        return DerivationError(message, self.name, line, column, text, width)


@dataclass(frozen=True)
class Piece:
    """A formula of a document.

    Attributes:
        source: the document.
        text: the formula.
        origin: where it begins in the document.
        verbatim: it stands there as it is; else every place in it is its beginning.
        plain: ``<=``, ``>=``, ``!=`` and ``..`` may be written; as in front matter.
        keywords: words that stand for themselves.
    """

    source: Source
    text: str
    origin: int
    verbatim: bool = True
    plain: bool = False
    keywords: frozenset[str] = frozenset()

    def span(self, start: int, stop: int) -> Span:
        """Give the place in the document of a part of the formula."""
        if self.verbatim:
            return Span(self.origin + start, self.origin + stop)
        return Span(self.origin, self.origin + 1)

    def error(self, message: str, start: int, stop: int | None = None) -> DerivationError:
        """Make an error that points to a part of the formula."""
        return self.source.error(message, self.span(start, start + 1 if stop is None else stop))
