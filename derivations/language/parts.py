"""Parts of a display equation: its rows, the statements on them, and the chains that they make."""

from __future__ import annotations

from dataclasses import dataclass, field

from derivations.language.tokens import Token

__all__ = [
    "EQUIVALENT",
    "MARKS",
    "OPERATORS",
    "PUNCTUATION",
    "REASONS",
    "TAILS",
    "Chain",
    "Part",
    "beside_edges",
    "is_sign",
    "runs_on",
    "without_empty_braces",
    "without_wide_space",
]

TAILS = frozenset(
    ["for", "for all", "for every", "for each", "for any", "if", "where", "when", "whenever",
     "provided", "provided that"]
)  # fmt: skip
REASONS = ("(", "by ", "since ", "because ", "from ", "as ", "using ")
PUNCTUATION = frozenset([",", ".", ";"])
OPERATORS = frozenset(["+", "-", "/", r"\cdot", ":="])
EQUIVALENT = (r"\iff", r"\Leftrightarrow", r"\Longleftrightarrow")
MARKS = frozenset(["tag", "label", "wide"])


@dataclass
class Chain:
    """The tokens of one chain of relations.

    Attributes:
        tokens: without alignment and rows.
        tail: tokens of the conditions behind ``for``; None without.
        reasons: how many tokens the chain had, at the end of each row, and the row's reason.
        ended: the last row ended with a comma or full stop.
        beside: it ends on a row with other statements, without conditions of its own.
        shared: the conditions are those of all chains, behind their environment.
    """

    tokens: list[Token] = field(default_factory=list)
    tail: list[Token] | None = None
    reasons: list[tuple[int, str]] = field(default_factory=list)
    ended: bool = False
    beside: bool = False
    shared: bool = False

    def add(self, part: Part) -> None:
        """Go on with a row."""
        self.tokens += part.tokens
        self.tail = part.tail
        self.reasons.append((len(self.tokens), part.reason))
        self.ended = part.ended

    def reason_at(self, place: int) -> str:
        """Give the reason of a relation whose right side ends before a token."""
        return next((reason for count, reason in self.reasons if count >= place), "")


@dataclass
class Part:
    """A row, or a part of it between commas and wide spaces."""

    tokens: list[Token]
    led: bool
    tail: list[Token] | None = None
    reason: str = ""
    ended: bool = False


def is_sign(token: Token, *texts: str) -> bool:
    """Say whether a token is one of these signs."""
    return token.kind in ("symbol", "command") and token.text in texts


def runs_on(tokens: list[Token], place: int) -> bool:
    r"""Say whether ``i = 1, \ldots, n`` stands there: a range, which is no statement."""
    texts = [token.text for token in tokens[place : place + 8]]
    if len(texts) < 2 or tokens[place].kind not in ("letter", "name") or texts[1] != "=":
        return False
    return "..." in texts and not {"{", r"\{", "+", "*"} & set(texts[: texts.index("...")])


def beside_edges(numbered: list[tuple[int, Token]], opening: str) -> set[int]:
    """Give the labels before which, in this order, a row has nothing that is read."""
    beside: set[int] = set()
    free = True
    for place, token in numbered:
        if free and token.kind == "label":
            beside.add(place)
        skipped = token.kind in MARKS or is_sign(token, "&", *PUNCTUATION)
        free = token.kind in ("row", opening) or (free and skipped)
    return beside


def without_empty_braces(tokens: list[Token]) -> list[Token]:
    """Leave ``{}`` out beside a sign ``&``, where it stands for the space of a relation alone."""
    kept: list[Token] = []
    place = 0
    while place < len(tokens):
        empty = [is_sign(t, s) for t, s in zip(tokens[place : place + 2], "{}", strict=False)]
        beside = (*tokens[max(0, place - 1) : place], *tokens[place + 2 : place + 3])
        if empty == [True, True] and any(is_sign(token, "&") for token in beside):
            place += 2
        else:
            kept.append(tokens[place])
            place += 1
    return kept


def without_wide_space(tail: list[Token]) -> list[Token]:
    r"""Leave the space of ``w_i > 0, \quad i = 1, \ldots, n`` out, which is one range more."""
    kept: list[Token] = []
    for place, token in enumerate(tail):
        after = next((k for k in range(place, len(tail)) if tail[k].kind != "wide"), len(tail))
        space = token.kind == "wide" and bool(kept) and is_sign(kept[-1], ",")
        if not (space and runs_on(tail, after)):
            kept.append(token)
    return kept
