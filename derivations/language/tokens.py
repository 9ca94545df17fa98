r"""A formula as a list of tokens: the words of the language, each with its place.

Spacing and sizes of brackets are left out here; what has two spellings gets one (``\leq`` is
``<=``); a word in ``\text{...}`` is one token. Anything else is refused where it stands.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from derivations.language.errors import DerivationError, Piece
from derivations.language.limits import (
    LONGEST_LABEL,
    MOST_DIGITS,
    MOST_FORMULA,
    MOST_TOKENS,
)
from derivations.language.nodes import Span

__all__ = ["GREEK", "Token", "tokenize"]


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


GREEK: Final = _set(
    r"""\alpha \beta \gamma \delta \epsilon \varepsilon \zeta \eta \theta \vartheta \iota \kappa
    \lambda \mu \nu \xi \rho \varrho \sigma \tau \upsilon \phi \varphi \chi \psi \omega \Gamma
    \Delta \Theta \Lambda \Xi \Sigma \Upsilon \Phi \Psi \Omega \ell"""
)
SAME: Final = {
    r"\le": "<=", r"\leq": "<=", r"\leqslant": "<=", r"\ge": ">=", r"\geq": ">=",
    r"\geqslant": ">=", r"\ne": "!=", r"\neq": "!=", r"\lt": "<", r"\gt": ">",
    r"\coloneqq": ":=", r"\ldots": "...", r"\dots": "...", r"\cdots": "...", r"\dotsc": "...",
    r"\lbrace": r"\{", r"\rbrace": r"\}", r"\lbrack": "[", r"\rbrack": "]", r"\star": "*",
    r"\ast": "*", r"\rightarrow": r"\to", r"\tfrac": r"\frac", r"\dfrac": r"\frac",
    r"\cfrac": r"\frac",
    r"\tbinom": r"\binom", r"\dbinom": r"\binom", r"\times": r"\cdot", r"\land": r"\wedge",
    r"\lor": r"\vee", r"\lvert": "open|", r"\rvert": "close|", r"\vert": "|", r"\mid": r"\mid",
    r"\subset": r"\subseteq",
}  # fmt: skip
IGNORED: Final = _set(
    r"""\, \: \; \! \> \displaystyle \textstyle \limits \nolimits \nonumber \notag \thinspace
    \medspace \thickspace \negthinspace"""
) | {"\\ ", "\\\n"}
WIDE: Final = frozenset([r"\quad", r"\qquad", r"\enspace"])
SIZES: Final = {
    r"\left": "open", r"\right": "close", r"\middle": "middle",
    **{rf"\{size}{side}": meaning for size in ("big", "Big", "bigg", "Bigg")
       for side, meaning in (("l", "open"), ("r", "close"), ("m", "middle"), ("", "any"))},
}  # fmt: skip
OPENING: Final = frozenset(["(", "[", r"\{", r"\lbrace", r"\lvert", "|", r"\lfloor", r"\lceil"])
CLOSING: Final = frozenset([")", "]", r"\}", r"\rbrace", r"\rvert", "|", r"\rfloor", r"\rceil"])
WORDS: Final = frozenset([
    r"\text",
    r"\textrm",
    r"\textit",
    r"\mathrm",
    r"\operatorname",
    r"\mathit",
    r"\mbox",
])
FONTS: Final = frozenset([r"\mathbb", r"\mathbf", r"\mathcal", r"\mathsf", r"\boldsymbol"])
ACCENTS: Final = frozenset([r"\tilde", r"\hat", r"\bar", r"\widetilde", r"\widehat", r"\overline"])
TOKEN: Final = re.compile(
    r"(?P<space>[ \t\n~]+)|(?P<number>[0-9]+(?:\.[0-9]+)?)|(?P<row>\\\\(?:\[[0-9.a-z]{1,8}\])?)"
    r"|(?P<command>\\(?:[A-Za-z]+\*?|[,:;!> \n{}|]))|(?P<letter>[A-Za-z])"
    r"|(?P<symbol>:=|[-+*/=<>(),;:!'^_{}&.|\[\]])"
)
PLAIN: Final = re.compile(r"(?P<symbol><=|>=|!=|\.\.)|(?P<keyword>[a-z]{2,}(?![A-Za-z]))")
GROUP: Final = re.compile(r"[ \t\n]*\{([^{}$\\%]{0,300})\}")
LABEL: Final = re.compile(rf"[ \t\n]*\{{([A-Za-z0-9:._/+ -]{{1,{LONGEST_LABEL}}})\}}")
LETTER: Final = re.compile(
    r"[ \t\n]*(?:\{\s*([A-Za-z0-9]|\\[A-Za-z]+)\s*\}|([A-Za-z0-9]|\\[A-Za-z]+))"
)
DELIMITERS: Final = (r"\[", r"\]", r"\(", r"\)")
HINTS: Final = {
    "$": "a formula holds no $", "%": "a formula holds no comment", "#": "# has no meaning here",
    "≤": r"write \le", "≥": r"write \ge", "≠": r"write \ne", "·": r"write \cdot",
    "×": r"write \times", "−": "this minus sign is not the one of the keyboard: write -",
    "\\": "a lone backslash",
}  # fmt: skip


@dataclass(frozen=True)
class Token:
    r"""A word of the language.

    Attributes:
        kind: ``number``, ``letter``, ``name`` (Greek, accents, fonts), ``word`` (``\text{..}``),
            ``command``, ``symbol``, ``row``, ``wide``, ``begin``, ``end``, ``tag``, ``label``,
            ``keyword``, ``stop``.
        text: in its one spelling; of a word, tag or label, what stands in the braces.
        span: its place in the document.
        plain: for ``word``: written ``\text``, so that it may join conditions.
    """

    kind: str
    text: str
    span: Span
    plain: bool = False


class Tokenizer:
    """Reads one formula."""

    def __init__(self, piece: Piece) -> None:
        self.piece = piece
        self.text = piece.text
        self.place = 0
        self.tokens: list[Token] = []
        self.sizes: list[int] = []

    def error(self, message: str, stop: int | None = None) -> DerivationError:
        """Point to the present place."""
        return self.piece.error(message, self.place, stop)

    def add(self, kind: str, text: str, stop: int, *, plain: bool = False) -> None:
        """Note a token and go on behind it."""
        self.tokens.append(Token(kind, text, self.piece.span(self.place, stop), plain))
        self.place = stop

    def read(self) -> list[Token]:
        """Read all tokens, with a ``stop`` at the end."""
        if len(self.text) > MOST_FORMULA:
            raise self.error(f"a formula of {len(self.text)} characters: at most {MOST_FORMULA}")
        while self.place < len(self.text):
            self.one()
            if len(self.tokens) > MOST_TOKENS:
                raise self.error(f"a formula of more than {MOST_TOKENS} words")
        if self.sizes:
            self.place = self.sizes[-1]
            raise self.error(r"\left without \right")
        self.add("stop", "the end of the formula", len(self.text))
        return self.tokens

    def one(self) -> None:
        """Read one token, or space."""
        match = (PLAIN.match(self.text, self.place) if self.piece.plain else None) or None
        if match and match["keyword"] and match["keyword"] not in self.piece.keywords:
            match = None
        match = match or TOKEN.match(self.text, self.place)
        if match is None:
            if self.text.startswith(DELIMITERS, self.place):
                message = "a formula begins or ends here, in the midst of another"
                raise self.error(message, self.place + 2)
            letter = self.text[self.place]
            raise self.error(f"{letter!r}: {HINTS.get(letter, 'not a sign of the language')}")
        kind = str(match.lastgroup)
        if kind == "space":
            self.place = match.end()
        elif kind == "command":
            self.command(match[0], match.end())
        elif kind == "number":
            self.number(match[0], match.end())
        else:
            self.add(kind, match[0], match.end())

    def number(self, text: str, stop: int) -> None:
        """Read a number: bounded, and without leading zeros."""
        if len(text) > MOST_DIGITS:
            raise self.error(f"a number of {len(text)} digits: at most {MOST_DIGITS}", stop)
        if len(text) > 1 and text[0] == "0" and text[1] != ".":
            raise self.error(f"{text}: a number that begins with 0", stop)
        self.add("number", text, stop)

    def command(self, text: str, stop: int) -> None:
        """Read what begins with a backslash."""
        if text in IGNORED:
            self.place = stop
        elif text == r"\label":
            self.label(stop)
        elif text in WIDE:
            self.add("wide", text, stop)
        elif text in SIZES:
            self.sized(text, stop)
        elif text in WORDS or text in (r"\tag", r"\tag*"):
            self.word(text.removesuffix("*"), stop)
        elif text in (r"\begin", r"\end"):
            content, stop = self.group(stop, text)
            self.add(text[1:], content, stop)
        elif text in FONTS or text in ACCENTS:
            self.styled(text, stop)
        elif text in GREEK:
            self.add("name", text, stop)
        elif text in (r"\{", r"\}") or text in SAME:
            self.add("symbol", SAME.get(text, text), stop)
        else:
            self.add("command", text, stop)

    def group(self, start: int, of: str) -> tuple[str, int]:
        """Read the words in braces behind a command."""
        match = GROUP.match(self.text, start)
        if match is None:
            raise self.error(f"{of} takes plain words in braces, at most 300 characters", start)
        return " ".join(match[1].split()), match.end()

    def label(self, start: int) -> None:
        r"""Read ``\label{eq:loss}``: a name for the reader, of few signs."""
        match = LABEL.match(self.text, start)
        if match is None:
            signs = f"at most {LONGEST_LABEL} letters, digits, spaces and signs : . _ / + -"
            raise self.error(rf"\label takes {signs} in braces", start)
        self.add("label", match[1], match.end())

    def word(self, text: str, stop: int) -> None:
        r"""Read ``\text{...}``, ``\mathrm{...}``, ``\operatorname{...}``, ``\tag{...}``."""
        match = LETTER.match(self.text, stop)
        if match and match[2] and text != r"\tag":
            content, stop = match[2], match.end()  # \mathrm d
        else:
            content, stop = self.group(stop, text)
        kind = "tag" if text == r"\tag" else "word"
        self.add(kind, content, stop, plain=text in (r"\text", r"\textrm", r"\mathrm", r"\mbox"))

    def styled(self, text: str, stop: int) -> None:
        r"""Read ``\mathbb{E}`` or ``\tilde{L}``: a letter with a font or an accent."""
        match = LETTER.match(self.text, stop)
        content = (match[1] or match[2]) if match else ""
        if not match or (content.startswith("\\") and content not in GREEK):
            raise self.error(f"{text} takes one letter", stop)
        self.add("name", f"{text}{{{content}}}", match.end())

    def sized(self, text: str, stop: int) -> None:
        r"""Read ``\left(``: the size is left out, for bars the side stays."""
        side = SIZES[text]
        match = re.compile(r"\s*([()\[\]|/.]|\\[{}]|\\[A-Za-z]+)").match(self.text, stop)
        mark = match[1] if match else ""
        fits = {
            "open": mark in OPENING,
            "close": mark in CLOSING,
            "middle": mark in ("|", r"\vert"),
        }
        if match is None or not fits.get(side, mark in OPENING | CLOSING):
            raise self.error(f"{text} needs a bracket behind it that fits", stop)
        self.pair(text)
        stop = match.end()
        if mark == "|":
            mark = {"open": "open|", "close": "close|", "middle": r"\mid"}.get(side, "|")
        mark = SAME.get(mark, mark)
        self.add("command" if mark[1:].isalpha() else "symbol", mark, stop)

    def pair(self, text: str) -> None:
        r"""Every ``\right`` has its ``\left``."""
        if text == r"\left":
            self.sizes.append(self.place)
        elif text == r"\right":
            if not self.sizes:
                raise self.error(r"\right without \left", self.place + len(text))
            self.sizes.pop()


def tokenize(piece: Piece) -> list[Token]:
    r"""Read a formula into tokens, the last of kind ``stop``.

    Args:
        piece: the formula and its place.

    Returns:
        The tokens.

    Raises:
        DerivationError: for a sign that is not of the language.

    Example:
        >>> from derivations.language.errors import Source
        >>> text = r"\left(a\right) \leq 2"
        >>> [token.text for token in tokenize(Piece(Source("here", text), text, 0))][:-1]
        ['(', 'a', ')', '<=', '2']
    """
    return Tokenizer(piece).read()
