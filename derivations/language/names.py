r"""Names: what a letter with its subscripts, star and primes stands for.

A name means what it is declared as, and nothing else: ``w_i`` is an element of the declared family
``w``, or the single variable ``w_i`` if that was declared without an index.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from derivations.language.cursor import Cursor, found
from derivations.language.nodes import (
    Apply,
    Derivative,
    Expression,
    Number,
    Product,
    Span,
    Subsets,
    Symbol,
)
from derivations.language.sizes import constant
from derivations.language.tokens import GREEK, Token

__all__ = ["Names", "Signature", "Written"]

BUILT_IN = frozenset(
    ["e", r"\pi", r"\mathbb{E}", r"\mathbf{E}", r"\mathbb{P}", r"\mathbf{1}", r"\mathbb{1}",
     *(rf"\text{{{word}}}" for word in ("E", "P", "d", "erf", "sign", "sgn", "ReLU", "Pr", "Var"))]
)  # fmt: skip
JOINING = frozenset(
    ["for", "for all", "for every", "for each", "if", "where", "when", "whenever", "and", "or",
     "is", "odd", "even", "is odd", "is even", "otherwise", "else", "all", "with", "in"]
)  # fmt: skip
MOST_PRIMES = 3
EXTREMA = (r"\max", r"\min")


@dataclass(frozen=True)
class Written:
    """A name as it stands there: its base in the fixed form, and the tokens of its subscript."""

    base: str
    primes: int
    star: bool
    subscript: tuple[Token, ...]
    span: Span
    place: int

    @property
    def bare(self) -> str:
        """The name without its subscript."""
        return self.base + "'" * self.primes + ("^*" if self.star else "")

    @property
    def whole(self) -> str:
        """The name with its subscript, as it is declared where the subscript is part of it."""
        return f"{self.bare}_{joined(self.subscript)}" if self.subscript else self.bare


@dataclass(frozen=True)
class Signature:
    """The left side of a definition: a name, its subscripts, its arguments.

    ``whole`` is the name with its subscripts as a part of it.
    """

    name: str
    subscripts: tuple[str, ...]
    arguments: tuple[str, ...]
    span: Span
    whole: str

    @property
    def parameters(self) -> tuple[str, ...]:
        """Subscripts first."""
        return self.subscripts + self.arguments


def as_word(token: Token) -> Token:
    r"""Read the ``\max`` of ``L_{\max}`` as a word."""
    named = token.kind == "command" and token.text in EXTREMA
    return Token("word", token.text[1:], token.span) if named else token


def spelled(token: Token) -> str:
    """Write one token of a name."""
    return rf"\text{{{token.text}}}" if token.kind == "word" else token.text


def joined(tokens: tuple[Token, ...]) -> str:
    """Write a subscript in its one form."""
    text, after_command = "", False
    for token in tokens:
        piece = spelled(token)
        text += f" {piece}" if after_command and piece[0].isalpha() else piece
        after_command = token.text in GREEK
    alone = len(tokens) == 1 and (len(text) == 1 or text in GREEK)
    return text if alone else f"{{{text}}}"


class Names(Cursor):
    """Reads names."""

    defining = ""

    def starts_name(self, token: Token | None = None) -> bool:
        """Say whether a name begins here."""
        token = token or self.next
        if token.kind == "word":
            return token.text not in JOINING
        return token.kind in ("letter", "name")

    def positive_mark(self) -> bool:
        """Say whether ``_+`` stands here."""
        after = [self.ahead(k).text for k in (1, 2, 3)]
        return self.at("_") and (after[0] == "+" or after == ["{", "+", "}"])

    def written(self) -> Written:
        """Take a name with its primes, star and subscript."""
        first = self.next
        if not self.starts_name():
            raise self.error(f"a name is expected here, not {found(first)}")
        self.take()
        primes, star, place = 0, False, 0
        subscript: tuple[Token, ...] = ()
        while self.at("'") and primes < MOST_PRIMES:
            self.take()
            primes += 1
        while True:
            if not star and self.star_ahead():
                star = True
                for _ in range(self.star_ahead()):
                    self.take()
            elif self.at("_") and not subscript and not self.positive_mark():
                place, subscript = self.subscript()
            else:
                break
        return Written(spelled(first), primes, star, subscript, self.since(first), place)

    def star_ahead(self) -> int:
        """Count the tokens of a star that stands here."""
        after = [self.ahead(k).text for k in (1, 2, 3)]
        if not self.at("^") or "*" not in after[:2]:
            return 0
        return 2 if after[0] == "*" else 4 if after == ["{", "*", "}"] else 0

    def subscript(self) -> tuple[int, tuple[Token, ...]]:
        """Take a subscript without reading it: its first place, and its tokens."""
        self.expect("_")
        if not self.accept("{"):
            place = self.position
            self.digit_alone("_")
            if not (self.starts_name() or self.next.kind == "number" or self.at(*EXTREMA)):
                raise self.error("a subscript is one letter or digit, or stands in braces")
            self.take()
            return place, (as_word(self.tokens[place]),)
        place, deep = self.position, 1
        while deep:
            deep += {"{": 1, "}": -1}.get(self.next.text, 0)
            self.take()
        if self.position - 1 == place:
            raise self.error("an empty subscript", self.tokens[place])
        return place, tuple(as_word(token) for token in self.tokens[place : self.position - 1])

    def digit_alone(self, mark: str) -> None:
        """Refuse ``x_12``, which TeX sets as ``x_1 2``."""
        if self.next.kind == "number" and len(self.next.text) > 1:
            text = self.next.text
            raise self.error(f"TeX takes one digit here: write {mark}{{{text}}}")

    # -------------------------------------------------------------- what a name stands for

    def symbol(self) -> Expression:
        """Read a name with its subscripts and arguments."""
        written = self.written()
        if not written.subscript and written.bare in self.bound:
            if self.bound[written.bare] is not None:
                raise self.error(f"{written.bare} is a set: only |{written.bare}| is a number",
                                 written.span)  # fmt: skip
            return Symbol(written.bare, span=written.span)
        if self.scope.declared(written.whole):
            self.letters_not_bound(written)
            return self.named(written.whole, (), written)
        if written.subscript and self.scope.declared(written.bare):
            slots = self.slots(written.bare)
            return self.named(written.bare, self.indices(written, slots), written)
        if written.primes and not written.subscript and not written.star:
            return self.prime(written)
        raise self.undeclared(written)

    def undeclared(self, written: Written) -> Exception:
        """Say that a name has no meaning here."""
        if self.defining and self.defining in (written.bare, written.whole):
            message = f"{self.defining} is used in its own definition: definitions are not cyclic"
        else:
            message = (
                f"{written.whole} is not declared: no variable, index, quantity or definition of"
                " this name stands before this place"
            )
            if self.at("=") and written.span.start == self.tokens[0].span.start:
                message += f"; an equation that defines it is {written.whole} := ..."
            if written.whole == r"\text{i}":
                message += "; complex numbers are not read: write cosines and sines"
        return self.error(message, written.span)

    def letters_not_bound(self, written: Written) -> None:
        """Refuse ``w_i``, declared as one name, where ``i`` is an index too."""
        for token in written.subscript:
            if token.text in self.bound:
                raise self.error(
                    f"{written.whole} is declared as one name, but {token.text} is an index here",
                    written.span,
                )

    def slots(self, name: str) -> int:
        """Count the subscripts of a declared name."""
        if name in self.scope.families:
            return len(self.scope.families[name])
        return self.scope.functions[name][0]

    def named(self, name: str, indices: tuple[Expression, ...], written: Written) -> Expression:
        """Make the node of a declared name, with its arguments."""
        slots = self.slots(name)
        if len(indices) != slots:
            raise self.error(
                f"{name} is declared with {slots} subscripts, not {len(indices)}", written.span
            )
        if name in self.scope.families:
            self.in_range(name, indices, written)
            return Symbol(name, indices, span=written.span)
        count = self.scope.functions[name][1]
        if not count:
            made = Apply(name, indices, span=written.span)
            return made if slots else Symbol(name, span=written.span)
        if not self.at("("):
            raise self.error(f"{name} is a function: its argument in brackets is expected here")
        first = self.tokens[self.position]
        arguments = self.arguments(count, name)
        span = Span(written.span.start, self.since(first).stop)
        return Apply(name, indices + arguments, span=span)

    def arguments(self, count: int, name: str) -> tuple[Expression, ...]:
        """Read ``(a, b)``."""
        self.expect("(")
        with self.nested():
            parts = [self.expression()]
            while self.accept(","):
                parts.append(self.expression())
        if len(parts) != count:
            raise self.error(f"{name} takes {count} arguments, not {len(parts)}")
        self.expect(")")
        return tuple(parts)

    def prime(self, written: Written) -> Expression:
        """Read ``f'(x)``."""
        if self.scope.functions.get(written.base) != (0, 1):
            raise self.undeclared(written)
        body = self.named(written.base, (), written)
        variable = body.arguments[0] if isinstance(body, Apply) else None
        if not isinstance(variable, Symbol):
            raise self.error("a prime takes the derivative at a variable: write \\frac{d}{dx}",
                             written.span)  # fmt: skip
        return Derivative(variable, written.primes, body, span=body.span)

    # -------------------------------------------------------------- subscripts

    def indices(self, written: Written, slots: int) -> tuple[Expression, ...]:
        """Read a subscript as ``slots`` indices."""
        tokens = written.subscript
        commas = any(token.text == "," for token in tokens)
        if len(tokens) == 1 and slots == 1:
            return (self.index_of(tokens[0]),)
        if not commas and slots > 1:
            return self.side_by_side(written, slots)
        after, self.position = self.position, written.place
        with self.until(written.place + len(tokens), "the end of the index"), self.nested():
            parts = [self.expression()]
            while self.accept(","):
                parts.append(self.expression())
        self.position = after
        for part in parts:
            factors = part.factors if isinstance(part, Product) else ()
            if sum(isinstance(factor, Symbol) for factor in factors) > 1:
                raise self.error("two indices side by side, where one is taken", part.span)
        return tuple(parts)

    def side_by_side(self, written: Written, slots: int) -> tuple[Expression, ...]:
        """Read ``ij`` or ``12`` as two indices."""
        parts: list[Expression] = []
        for token in written.subscript:
            if token.kind == "number" and token.text.isdigit():
                parts += [Number(Fraction(int(digit)), span=token.span) for digit in token.text]
            elif token.kind in ("letter", "name"):
                parts.append(self.index_of(token))
            else:
                raise self.error("indices are told apart by commas", token)
        if len(parts) != slots:
            raise self.error(f"{written.bare} takes {slots} indices: write commas", written.span)
        return tuple(parts)

    def index_of(self, token: Token) -> Expression:
        """Read one token as an index."""
        if token.kind == "number":
            return Number(Fraction(token.text), span=token.span)
        single = token.text in self.scope.families and not self.scope.families[token.text]
        constant_name = self.scope.functions.get(token.text) == (0, 0)
        number = token.text in self.bound and not isinstance(self.bound[token.text], Subsets)
        if token.kind in ("letter", "name") and (number or single or constant_name):
            return Symbol(token.text, span=token.span)
        raise self.error(f"{token.text} is not declared: an index is bound by a sum or declared"
                         " by the words 'for all' at the end of the equation", token)  # fmt: skip

    def in_range(self, name: str, indices: tuple[Expression, ...], written: Written) -> None:
        """Refuse an index that is outside, where both are numbers."""
        for index, allowed in zip(indices, self.scope.families[name], strict=True):
            value, low, high = constant(index), constant(allowed.low), constant(allowed.high)
            outside = value is not None and (
                value.denominator != 1
                or (low is not None and value < low)
                or (high is not None and value > high)
            )
            if outside:
                raise self.error(f"{name} has no index {value}", written.span)

    # -------------------------------------------------------------- signatures

    def signature(self) -> Signature:
        r"""Read the left side of a definition: ``f(x)``, ``c``, ``G_{ij}``, ``D_q(m)``."""
        written = self.written()
        letters = tuple(t.text for t in written.subscript if t.kind in ("letter", "name"))
        others = [t for t in written.subscript if t.kind not in ("letter", "name")]
        if letters and any(token.text != "," for token in others):
            raise self.error("a subscript of a name is letters, or digits, or words", written.span)
        if not letters and any(token.kind not in ("number", "word") for token in others):
            raise self.error("a subscript of a name is letters, or digits, or words", written.span)
        arguments: list[str] = []
        if self.accept("("):
            arguments.append(self.parameter())
            while self.accept(","):
                arguments.append(self.parameter())
            self.expect(")")
        name = written.bare if letters else written.whole
        made = Signature(name, letters, tuple(arguments), written.span, written.whole)
        twice = len(set(made.parameters)) < len(made.parameters)
        if twice or BUILT_IN & {name, *made.parameters}:
            raise self.error("names must differ, from each other and from e and \\mathbb{E}",
                             written.span)  # fmt: skip
        return made

    def parameter(self) -> str:
        """Read the name of an argument."""
        written = self.written()
        if any(token.kind != "number" for token in written.subscript):
            raise self.error("the name of an argument has no index", written.span)
        return written.whole
