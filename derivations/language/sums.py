r"""Sums, products, quotients and powers: how terms and factors stand together.

Where a reader could see two meanings, there is no reading: ``a / b c``, ``\sin a b``,
``2 \frac{1}{3}``, ``x^2!`` are refused.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from derivations.language.cursor import found
from derivations.language.limits import TALLEST
from derivations.language.names import Names
from derivations.language.nodes import (
    Apply,
    Expression,
    Integral,
    Negative,
    Number,
    Power,
    Product,
    Quotient,
    Span,
    Sum,
    Symbol,
)
from derivations.language.sizes import too_large

__all__ = ["Sums"]

INSTEAD = {
    "...": r"dots are not read: write \sum or \prod",
    r"\langle": r"angle brackets are not read: a mean is \mathbb{E}[x], an inner product a \sum",
}
"""What to write for signs that no formula begins with."""

OPENING = frozenset(
    ["(", "[", r"\{", "|", "open|", r"\frac", r"\sqrt", r"\binom", r"\sum", r"\prod", r"\int",
     r"\lim", r"\max", r"\min", r"\exp", r"\log", r"\ln", r"\sin", r"\cos", r"\tan", r"\pi", r"\Pr",
     r"\lfloor", r"\lceil"]
)  # fmt: skip


class Sums(Names):
    """Reads expressions down to their factors."""

    def expression(self) -> Expression:
        """Read ``a + b - c``."""
        first = self.next
        terms = [self.term(signed=True)]
        while self.at("+", "-"):
            self.ends_well("sum")
            terms.append(self.term(signed=False))
        return terms[0] if len(terms) == 1 else Sum(tuple(terms), span=self.since(first))

    def term(self, *, signed: bool) -> Expression:
        """Read a term with the sign before it."""
        first = self.next
        if signed and self.at("+"):
            raise self.error("a + with nothing before it")
        minus = self.at("-")
        if self.at("+", "-"):
            self.take()
        if self.at("+", "-"):
            raise self.error("two signs side by side: write brackets")
        body = self.product()
        return Negative(body, span=self.since(first)) if minus else body

    def ends_well(self, kind: str) -> None:
        """Refuse to go on behind something of which it is not clear where it ends."""
        position, kinds, message = self.loose
        if position == self.position and kind in kinds:
            raise self.error(message)

    def leave_loose(self, kinds: str, message: str) -> None:
        """Note that what was just read must not be followed by a factor or by a term."""
        self.loose = (self.position, kinds, message)

    # -------------------------------------------------------------- products

    def product(self) -> Expression:
        r"""Read ``a b \cdot c``, with at most one division, at its end."""
        first = self.next
        barred = [self.at("|")]
        factors = [self.factor()]
        while True:
            if self.at(r"\cdot"):
                self.ends_well("product")
                self.take()
            elif self.at("/"):
                return self.quotient(factors, first.span)
            elif not self.starts_factor():
                break
            else:
                self.side_by_side_with(factors[-1])
            barred.append(self.at("|"))
            if barred[-1] and any(barred[:-2]) and not barred[-2]:
                raise self.error("which bars belong together is not clear: write \\lvert, \\rvert")
            factors.append(self.factor())
        if self.at("*"):
            raise self.error(r"a product is written with \cdot, or side by side")
        return factors[0] if len(factors) == 1 else Product(tuple(factors), span=self.since(first))

    def quotient(self, factors: list[Expression], start: Span) -> Expression:
        """Read the divisor, behind which nothing may stand."""
        self.ends_well("product")
        self.take()
        below = self.factor()
        stop = below.span.stop
        whole = Span(start.start, stop)
        if self.starts_factor() or self.at("/", r"\cdot"):
            raise self.error(
                r"what stands behind a / is not clear: write brackets, a / (b c), or \frac{a}{b c}",
                Span(start.start, self.next.span.stop),
            )
        above = factors[0]
        if len(factors) > 1:
            above = Product(tuple(factors), span=Span(start.start, factors[-1].span.stop))
        return Quotient(above, below, span=whole)

    def side_by_side_with(self, before: Expression) -> None:
        """Refuse products that can be read in two ways."""
        self.ends_well("product")
        if self.next.kind == "number":
            raise self.error(r"a number behind a factor: write \cdot between them")
        if self.at(r"\frac") and isinstance(before, Number):
            texts = [self.ahead(k) for k in range(1, 7) if self.ahead(k).text not in ("{", "}")]
            if all(token.kind == "number" for token in texts[:2]):
                raise self.error(r"a mixed number or a product: write \cdot between them")

    def starts_factor(self) -> bool:
        """Say whether a factor may begin here."""
        token = self.next
        if token.kind in ("number", "letter", "name"):
            return True
        if token.kind == "begin":
            return token.text == "cases"
        if self.at("|") and self.bars:
            return False
        return self.at(*OPENING) or (token.kind == "word" and self.starts_name())

    # -------------------------------------------------------------- powers

    def factor(self) -> Expression:
        """Read one factor with what is behind it: ``!``, ``_+`` and a power."""
        first = self.next
        body = self.atom()
        if isinstance(body, Integral) and first.text == r"\int" and self.at("!", "^", "_"):
            raise self.error("a power behind dx is not clear: write brackets")
        if self.at("!"):
            body = self.factorial(body, first.span)
        name = body.name if isinstance(body, Symbol) and first.text not in OPENING else ""
        if self.positive_mark():
            if name and ("_" in name or (isinstance(body, Symbol) and body.indices)):
                raise self.error("TeX sets one subscript: write brackets, (w_i)_+")
            self.take_positive_mark()
            body = Apply("positive_part", (body,), span=self.since(first))
        if self.at("^"):
            if "*" in name:
                raise self.error(f"TeX sets one superscript: write brackets, ({name})^2")
            body = self.power(body, first.span)
        if self.at("_"):
            raise self.error("a subscript stands directly behind its letter, before a power")
        if self.at("!", "^", "'"):
            raise self.error(f"{self.next.text} behind this is not clear: write brackets")
        return body

    def take_positive_mark(self) -> None:
        """Take ``_+``."""
        self.take()
        for _ in range(3 if self.at("{") else 1):
            self.take()

    def factorial(self, body: Expression, start: Span) -> Expression:
        """Read ``n!`` and ``n!!``."""
        self.take()
        double = self.accept("!") is not None
        if self.at("!"):
            raise self.error("three factorials: write brackets")
        stop = self.tokens[self.position - 1].span.stop
        name = "double_factorial" if double else "factorial"
        return self.checked(Apply(name, (body,), span=Span(start.start, stop)))

    def power(self, body: Expression, start: Span) -> Expression:
        """Read an exponent."""
        self.take()
        self.height += 1
        if self.height > TALLEST:
            raise self.error(f"a tower of more than {TALLEST} exponents")
        exponent = self.exponent()
        if self.positive_mark():
            self.take_positive_mark()
            body = Apply("positive_part", (body,), span=body.span)
        self.height -= 1
        stop = self.tokens[self.position - 1].span.stop
        return self.checked(Power(body, exponent, span=Span(start.start, stop)))

    def exponent(self) -> Expression:
        """Read what stands above."""
        token = self.next
        if self.accept("{"):
            if self.at("("):
                self.refuse_derivative_mark()
            with self.nested():
                inner = self.expression()
            self.expect("}")
            return inner
        self.digit_alone("^")
        if token.kind == "number":
            self.take()
            return Number(Fraction(token.text), span=token.span)
        if token.kind in ("letter", "name"):
            self.take()
            if token.text == "e":
                raise self.error("an exponent e is written in braces", token)
            return self.index_of(token)
        raise self.error(f"an exponent is one letter or digit, or stands in braces: {found(token)}")

    def refuse_derivative_mark(self) -> None:
        """Refuse ``x^{(k)}``, which is no power in most papers."""
        deep = 0
        for offset in range(len(self.tokens) - self.position):
            text = self.ahead(offset).text
            deep += {"(": 1, ")": -1}.get(text, 0)
            if deep == 0:
                if self.ahead(offset + 1).text == "}":
                    raise self.error("an exponent in brackets can be a mark: leave them out")
                return

    def checked(self, tree: Expression) -> Expression:
        """Refuse what is too large to be computed."""
        why = too_large(tree)
        if why:
            raise self.error(why, tree.span)
        return tree

    def atom(self) -> Expression:
        """Read a factor without what is behind it."""
        token = self.next
        if token.kind == "number":
            self.take()
            return Number(Fraction(token.text), span=token.span)
        inner = self.special()
        if inner is not None:
            return inner
        if self.starts_name():
            return self.symbol()
        if self.at(*INSTEAD):
            raise self.error(INSTEAD[token.text])
        before = self.tokens[self.position - 1].text if self.position else ""
        if self.at("=") and before in ("<", ">", "!"):
            raise self.error(r"a relation is written \le, \ge or \ne")
        raise self.error(f"a number, a name or a bracket is expected here, not {found(token)}")

    def special(self) -> Expression | None:
        """Read what begins with a bracket or a command; None for a plain name."""
        return None

    def whole(self, tree: Expression, start: Span) -> Expression:
        """Widen the place of a node to its brackets."""
        stop = self.tokens[self.position - 1].span.stop
        return replace(tree, span=Span(start.start, stop))
