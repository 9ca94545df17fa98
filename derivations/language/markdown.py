"""Where the display equations of a document stand, and what is said about them before."""

from __future__ import annotations

import re
from dataclasses import dataclass

from derivations.language.errors import Source
from derivations.language.limits import MOST_DISPLAYS
from derivations.language.nodes import Span

__all__ = ["Display", "displays_of", "front_matter_of"]

FENCE = re.compile(r" {0,3}(?:(`{3,})([^`]*)|(~{3,})(.*))")
NOT_CHECKED = re.compile(r"<!--\s*not checked:(.*)-->", re.DOTALL)
ASSUME = re.compile(r"<!--\s*assume\s*-->")
OPENING = re.compile(r" *(\$\$|\\\[|\\begin\{((?:align|equation|gather)\*?)\})")
"""A display equation at the beginning of a line."""
ENVIRONMENT = re.compile(
    r"\\begin\s*\{\s*(?:equation|align|gather|multline|split|flalign|eqnarray|displaymath)"
)
"""A display equation for a reader, where it is none of the language."""
SQUARE = re.compile(r"\\(?:\]|.)", re.DOTALL)
LIKE = re.compile(r"<!--\s*(not|un|skip|assum|check)", re.IGNORECASE)


@dataclass(frozen=True)
class Display:
    r"""A display equation.

    Attributes:
        span: what stands between the ``$$`` or ``\[ \]``; an environment with its ends.
        assumed: ``<!-- assume -->`` stands before it.
        unchecked: the why of ``<!-- not checked: why -->``; None without.
    """

    span: Span
    assumed: bool = False
    unchecked: str | None = None


def front_matter_of(source: Source) -> tuple[Span, int]:
    """Find the front matter, and where the rest begins.

    Args:
        source: the document.

    Returns:
        The place of what stands between both ``---`` lines, and of the text behind.

    Raises:
        DerivationError: without front matter.
    """
    text = source.text
    if not text.startswith("---\n"):
        raise source.error("a derivation begins with front matter: a line of ---", Span(0, 1))
    if text.startswith("---\n---\n"):
        return Span(4, 4), 8
    end = text.find("\n---\n", 3)
    if end < 0 and text.endswith("\n---"):
        return Span(4, len(text) - 3), len(text)
    if end < 0:
        raise source.error("the front matter has no end: a line of ---", Span(0, 3))
    return Span(4, end + 1), end + 5


class Scanner:
    """Goes along the lines of a document."""

    def __init__(self, source: Source, start: int) -> None:
        self.source = source
        self.text = source.text
        self.place = start
        self.directive: tuple[str, Span] | None = None
        self.found: list[Display] = []

    def scan(self) -> list[Display]:
        """Find all display equations."""
        while self.place < len(self.text):
            end = self.line_end()
            line = self.text[self.place : end]
            fence = FENCE.fullmatch(line)
            if fence:
                self.skip_code(fence[1] or fence[3], fence[2] or fence[4] or "")
            elif opening := OPENING.match(line):
                self.display(opening, self.place)
            elif "<!--" in without_code(line):
                self.comment(self.place + without_code(line).index("<!--"))
            else:
                self.prose(line)
                self.place = end + 1
        if self.directive is not None:
            self.dangling()
        return self.found

    def line_end(self) -> int:
        """Find the end of the present line."""
        end = self.text.find("\n", self.place)
        return len(self.text) if end < 0 else end

    def prose(self, line: str) -> None:
        """Refuse an equation in the middle of a line: nothing may stay unchecked unseen."""
        bare = without_code(line)
        for mark in ("$$", r"\[", r"\]"):
            if mark in bare:
                start = self.place + bare.index(mark)
                message = f"a display equation begins a line and ends one: {mark} in its middle"
                raise self.source.error(message, Span(start, start + 2))
        begun = ENVIRONMENT.search(bare)
        if begun:
            start = self.place + begun.start()
            message = (
                "a display equation begins a line with $$, \\[ or \\begin{align}, {equation} or"
                " {gather}"
            )
            raise self.source.error(message, Span(start, start + 6))
        if bare.strip() and self.directive is not None:
            self.dangling()

    def dangling(self) -> None:
        """Refuse a comment for an equation that does not follow."""
        if self.directive is not None:
            raise self.source.error("no display equation follows this line", self.directive[1])

    def skip_code(self, fence: str, language: str) -> None:
        """Go behind a block of code."""
        if language.split(maxsplit=1)[:1] == ["math"]:
            raise self.source.error("a display equation is written with $$", self.here(3))
        self.dangling()
        start = self.place
        close = re.compile(rf" {{0,3}}{fence[0]}{{{len(fence)},}}[ \t]*")
        while True:
            self.place = self.line_end() + 1
            if self.place >= len(self.text):
                raise self.source.error("a block of code without an end", Span(start, start + 3))
            if close.fullmatch(self.text, self.place, self.line_end()):
                self.place = self.line_end() + 1
                return

    def here(self, width: int) -> Span:
        """Give the present place."""
        return Span(self.place, self.place + width)

    def comment(self, start: int) -> None:
        """Read a comment, which may speak about the equation that follows."""
        if self.text[self.place : start].strip():
            self.prose(self.text[self.place : start])
        end = self.text.find("-->", start)
        if end < 0:
            raise self.source.error("a comment without an end", Span(start, start + 4))
        words = self.text[start : end + 3]
        span = Span(start, end + 3)
        for hidden in (words.find("$$"), words.find(r"\["), place_of(ENVIRONMENT, words)):
            if hidden >= 0:
                hidden += start
                raise self.source.error("an equation in a comment", Span(hidden, hidden + 2))
        why = NOT_CHECKED.fullmatch(words)
        if why or ASSUME.fullmatch(words):
            self.dangling()
            text = "assume" if why is None else "not checked:" + " ".join(why[1].split())
            if why is not None and not why[1].strip():
                raise self.source.error("why it is not checked is expected here", span)
            self.directive = (text, span)
        elif LIKE.match(words):
            message = "<!-- assume --> or <!-- not checked: why --> is expected here"
            raise self.source.error(message, span)
        self.place = end + 3

    def display(self, opening: re.Match[str], line: int) -> None:
        """Read a display equation, which begins on the line that begins here."""
        start, inner = line + opening.start(1), line + opening.end()
        close, inside = self.closing(opening, inner)
        blank = self.text.find("\n\n", inner)
        if close < 0 or (0 <= blank < close and not self.text[inner:blank].strip()):
            raise self.source.error("a display equation without an end", Span(start, inner))
        end = self.text.find("\n", close)
        end = len(self.text) if end < 0 else end
        if self.text[close:end].strip():
            raise self.source.error("nothing stands behind a display equation", Span(close, end))
        if 0 <= blank < close:
            raise self.source.error("an empty line in a display equation", Span(blank, blank + 1))
        text, _ = self.directive or ("", None)
        unchecked = text.removeprefix("not checked:") if text.startswith("not") else None
        self.found.append(Display(inside, text == "assume", unchecked))
        if len(self.found) > MOST_DISPLAYS:
            raise self.source.error(f"more than {MOST_DISPLAYS} equations", Span(start, inner))
        self.directive = None
        self.place = end + 1

    def closing(self, opening: re.Match[str], inner: int) -> tuple[int, Span]:
        r"""Find where an equation ends; give the place behind it, and what is read.

        In ``\\]`` the square bracket is that of a row, not of an end. Without an end the place is
        negative.

        Args:
            opening: what it begins with.
            inner: the place behind that.

        Returns:
            The place behind the end, and the place of the formula.
        """
        if opening[1] == "$$":
            close = self.text.find("$$", inner)
            return (close + 2 if close >= 0 else -1), Span(inner, close)
        if opening[2]:
            end = rf"\end{{{opening[2]}}}"
            close = self.text.find(end, inner)
            stop = close + len(end) if close >= 0 else -1
            return stop, Span(inner - len(opening[1]), stop)
        for match in SQUARE.finditer(self.text, inner):
            if match[0] == r"\]":
                return match.end(), Span(inner, match.start())
        return -1, Span(inner, inner)


def place_of(pattern: re.Pattern[str], text: str) -> int:
    """Give the first place where a pattern fits; negative without."""
    match = pattern.search(text)
    return -1 if match is None else match.start()


def without_code(line: str) -> str:
    """Hide what stands between backticks, keeping the length of the line."""
    runs = [match.span() for match in re.finditer("`+", line)]
    later: dict[int, list[int]] = {}
    for number, (start, stop) in reversed(list(enumerate(runs))):
        later.setdefault(stop - start, []).append(number)
    pieces, place, number = [], 0, 0
    while number < len(runs):
        start, stop = runs[number]
        same = later[stop - start]
        while same and same[-1] <= number:
            same.pop()
        if not same:
            number += 1
            continue
        end = runs[same[-1]][1]
        pieces += [line[place:start], " " * (end - start)]
        place, number = end, same[-1] + 1
    return "".join([*pieces, line[place:]])


def displays_of(source: Source, start: int) -> list[Display]:
    """Find the display equations of a document.

    Args:
        source: the document.
        start: where its front matter ends.

    Returns:
        The equations in order.

    Raises:
        DerivationError: for an equation that begins or ends in the middle of a line, and for a
            comment about an equation that does not follow.
    """
    return Scanner(source, start).scan()
