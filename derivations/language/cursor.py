"""Going along the tokens of one formula: what every part of the parser needs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from derivations.language.errors import DerivationError, Piece
from derivations.language.limits import DEEPEST
from derivations.language.nodes import Condition, Expression, Range, Span, Subsets
from derivations.language.records import Index, RandomVariable
from derivations.language.tokens import Token

__all__ = ["Cursor", "Scope"]


@dataclass
class Scope:
    """The names that a document has declared so far.

    Attributes:
        families: variables and random variables with their indices.
        functions: definitions and quantities with the count of subscripts and of arguments.
        indices: the range of each index of the declarations; None where they differ.
        words: how many tokens of equations have been read.
        random: the random variables, by name.
        members: the names with a subscript, by the letter before it.
        averaged: the random variables that stand outside of means in a definition or quantity.
        supposed: the random variables that hypotheses and assumptions speak of outside of means.
    """

    families: dict[str, tuple[Index, ...]] = field(default_factory=dict)
    functions: dict[str, tuple[int, int]] = field(default_factory=dict)
    indices: dict[str, Range | None] = field(default_factory=dict)
    words: int = 0
    random: dict[str, RandomVariable] = field(default_factory=dict)
    members: dict[str, list[str]] = field(default_factory=dict)
    averaged: dict[str, tuple[str, ...]] = field(default_factory=dict)
    supposed: set[str] = field(default_factory=set)

    def declared(self, name: str) -> bool:
        """Say whether a name has a meaning."""
        return name in self.families or name in self.functions

    def taken(self, name: str, *, subscripted: bool) -> bool:
        """Say whether a new name would have a second meaning: ``w_1`` beside a family ``w``."""
        if self.declared(name) or name in self.indices:
            return True
        base = name.split("_")[0]
        if self.families.get(base) or self.functions.get(base, (0, 0))[0]:
            return True
        known = (*self.families, *self.functions)
        return subscripted and any(other.split("_")[0] == name for other in known)


class Cursor(ABC):
    """A place in the tokens of a formula, with the names that are known there."""

    def __init__(self, piece: Piece, tokens: list[Token], scope: Scope) -> None:
        self.piece = piece
        self.tokens = tokens
        self.scope = scope
        self.position = 0
        self.depth = 0
        self.height = 0
        self.bars = 0
        self.bound: dict[str, Subsets | None] = {}
        self.loose: tuple[int, str, str] = (-1, "", "")

    # -------------------------------------------------------------- tokens

    @property
    def next(self) -> Token:
        """The next token."""
        return self.tokens[self.position]

    def ahead(self, count: int) -> Token:
        """Look at a later token; behind the end, at the last."""
        return self.tokens[min(self.position + count, len(self.tokens) - 1)]

    def take(self) -> Token:
        """Take the next token."""
        token = self.next
        if token.kind == "stop":
            raise self.error(f"something is missing before {token.text}")
        self.position += 1
        return token

    def at(self, *texts: str) -> bool:
        """Say whether the next token is one of these signs or commands."""
        return self.next.kind in ("symbol", "command") and self.next.text in texts

    def accept(self, *texts: str) -> Token | None:
        """Take the next token if it is one of these."""
        return self.take() if self.at(*texts) else None

    def expect(self, text: str, why: str = "") -> Token:
        """Take the next token, which must be this."""
        if not self.at(text):
            because = f" ({why})" if why else ""
            raise self.error(f"{shown(text)} is expected here, not {found(self.next)}{because}")
        return self.take()

    def error(self, message: str, token: Token | Span | None = None) -> DerivationError:
        """Point to a token, or to a part of the formula."""
        span = token if isinstance(token, Span) else (token or self.next).span
        return self.piece.source.error(message, span)

    def since(self, token: Token) -> Span:
        """Give the span from a token to the last one that was taken."""
        return Span(token.span.start, self.tokens[max(0, self.position - 1)].span.stop)

    def closing_brace(self) -> int:
        """Find the brace that closes the group that is open here."""
        deep, place = 1, self.position
        while True:
            token = self.tokens[place]
            deep += {"{": 1, "}": -1}.get(token.text, 0) if token.kind == "symbol" else 0
            if deep == 0:
                return place
            if token.kind == "stop":
                raise self.error("a brace without its partner", token)
            place += 1

    # -------------------------------------------------------------- state

    @contextmanager
    def nested(self, *, closed: bool = True) -> Iterator[None]:
        """Go one level deeper, into brackets if ``closed``: bars outside do not count there."""
        bars = self.bars
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.error(f"more than {DEEPEST} brackets and operators inside each other")
        self.bars = 0 if closed else bars
        yield
        self.bars = bars
        self.depth -= 1

    @contextmanager
    def until(self, end: int, name: str) -> Iterator[None]:
        """Read up to a token, as if the formula ended there; all of it must be read."""
        saved = self.tokens[end]
        self.tokens[end] = Token("stop", name, saved.span)
        yield
        if self.position != end:
            raise self.error(f"{found(self.next)} does not belong here")
        self.tokens[end] = saved

    @contextmanager
    def binding(self, names: dict[str, Subsets | None]) -> Iterator[None]:
        """Give names a meaning for a while."""
        before = self.bound
        self.bound = {**before, **names}
        yield
        self.bound = before

    # -------------------------------------------------------------- the other parts

    @abstractmethod
    def expression(self) -> Expression:
        """Read ``a + b - c``."""

    @abstractmethod
    def product(self) -> Expression:
        """Read ``a b / c``."""

    @abstractmethod
    def factor(self) -> Expression:
        """Read one factor with its powers."""

    @abstractmethod
    def starts_factor(self) -> bool:
        """Say whether a factor may begin here."""

    @abstractmethod
    def condition(self) -> Condition:
        """Read a condition."""

    @abstractmethod
    def symbol(self) -> Expression:
        """Read a name with its subscripts and arguments."""


def shown(text: str) -> str:
    """Write a token as it is in LaTeX."""
    return {
        "<=": r"\le", ">=": r"\ge", "!=": r"\ne", "open|": "|", "close|": "|", "...": r"\ldots"
    }.get(text, text)  # fmt: skip


def found(token: Token) -> str:
    """Name a token that is not wanted."""
    if token.kind == "stop":
        return token.text
    if token.kind == "row":
        return "a new row"
    if token.kind in ("begin", "end"):
        return rf"\{token.kind}{{{token.text}}}"
    if token.kind == "word":
        return rf"\text{{{token.text}}}"
    return shown(token.text)
