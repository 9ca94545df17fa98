r"""What stands for itself: brackets, bars, fractions, roots, cases, functions."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import ClassVar

from derivations.language.cursor import found
from derivations.language.nodes import (
    Apply,
    Cases,
    Condition,
    Constant,
    Expression,
    Indicator,
    Number,
    Power,
    Product,
    Quotient,
    SizeOf,
    Symbol,
)
from derivations.language.sums import Sums
from derivations.language.tokens import Token
from derivations.language.trees import walk

__all__ = ["Atoms"]

CLOSING = {"(": ")", "[": "]", r"\{": r"\}", r"\lfloor": r"\rfloor", r"\lceil": r"\rceil"}
FUNCTIONS = {
    r"\exp": "exp", r"\log": "log", r"\ln": "log", r"\sin": "sin", r"\cos": "cos", r"\tan": "tan",
    "erf": "erf", "sign": "sign", "sgn": "sign", "ReLU": "positive_part",
}  # fmt: skip
WITH_BRACKETS = {r"\Phi": "Phi", r"\Gamma": "gamma"}
SQUARED = frozenset(["sin", "cos", "tan"])
ENCLOSING = frozenset(["exp", "erf", "sign", "positive_part", "Phi", "gamma"])
"""Functions whose argument ends with its brackets: a power behind them is that of the value."""


class Atoms(Sums):
    """Reads factors that begin with a bracket or a command."""

    def special(self) -> Expression | None:
        """Read what begins with a bracket or a command; None for a plain name."""
        token = self.next
        if token.kind in ("symbol", "command"):
            reader = self.readers.get(token.text)
            if reader is not None:
                method: Callable[[], Expression] = getattr(self, reader)
                return method()
        if token.kind == "begin" and token.text == "cases":
            return self.cases()
        if token.kind in ("command", "word") and token.text in FUNCTIONS:
            return self.function()
        if token.kind == "name" and token.text in (r"\mathbf{1}", r"\mathbb{1}"):
            return self.indicator()
        if token.kind == "name" and token.text in WITH_BRACKETS and self.ahead(1).text == "(":
            return None if self.scope.declared(token.text) else self.function()
        if token.kind == "letter" and token.text == "e" and not self.marked():
            self.take()
            return Constant("e", span=token.span)
        return None

    def marked(self) -> bool:
        """Say whether the letter here has a subscript, a prime or a star."""
        first, second = self.ahead(1).text, self.ahead(2).text
        return first in ("_", "'") or (first == "^" and second == "*") or "e" in self.bound

    readers: ClassVar[dict[str, str]] = {
        "(": "brackets", "[": "brackets", r"\{": "brackets", "|": "plain_bars",
        "open|": "sided_bars", r"\lfloor": "rounded", r"\lceil": "rounded", r"\frac": "fraction",
        r"\sqrt": "root", r"\binom": "binomial", r"\pi": "pi", r"\max": "extremum",
        r"\min": "extremum",
    }  # fmt: skip
    """The method that reads what begins with each sign."""

    def pi(self) -> Expression:
        """Read the constant."""
        return Constant("pi", span=self.take().span)

    # -------------------------------------------------------------- brackets and bars

    def brackets(self) -> Expression:
        """Read an expression in brackets of one kind."""
        first = self.take()
        with self.nested():
            inner = self.expression()
        self.expect(CLOSING[first.text], "brackets are of one kind")
        return self.whole(inner, first.span)

    def rounded(self) -> Expression:
        """Read a floor or a ceiling."""
        first = self.take()
        with self.nested():
            inner = self.expression()
        self.expect(CLOSING[first.text])
        name = "floor" if first.text == r"\lfloor" else "ceil"
        return Apply(name, (inner,), span=self.since(first))

    def plain_bars(self) -> Expression:
        """Read ``|x|``, which holds no other plain bars."""
        if self.bars:
            raise self.error(r"bars inside bars: write \lvert and \rvert")
        first = self.take()
        with self.nested():
            self.bars = 1
            inner = self.between_bars("|")
        self.expect("|", r"bars are an absolute value; a condition stands behind \mid")
        return self.whole(inner, first.span)

    def sided_bars(self) -> Expression:
        r"""Read ``\lvert x \rvert``."""
        first = self.take()
        with self.nested():
            inner = self.between_bars("close|")
        self.expect("close|")
        return self.whole(inner, first.span)

    def between_bars(self, closing: str) -> Expression:
        """Read a number, or the name of a set."""
        token = self.next
        if self.bound.get(token.text) is not None and self.ahead(1).text == closing:
            self.take()
            return SizeOf(token.text, span=token.span)
        inner = self.expression()
        return Apply("abs", (inner,), span=inner.span)

    # -------------------------------------------------------------- fractions and roots

    def fraction(self) -> Expression:
        r"""Read ``\frac{a}{b}`` and ``\frac12``."""
        first = self.take()
        above, below = self.two_arguments(r"\frac")
        return Quotient(above, below, span=self.since(first))

    def binomial(self) -> Expression:
        r"""Read ``\binom{n}{k}``."""
        first = self.take()
        pair = self.two_arguments(r"\binom")
        return self.checked(Apply("binomial", pair, span=self.since(first)))

    def two_arguments(self, of: str) -> tuple[Expression, Expression]:
        """Read two groups; two digits are two of them."""
        token = self.next
        if token.kind == "number" and len(token.text) == 2:
            self.take()
            one, two = (Number(Fraction(int(digit)), span=token.span) for digit in token.text)
            return one, two
        return self.argument(of), self.argument(of)

    def argument(self, of: str) -> Expression:
        """Read ``{...}``, or one digit or letter."""
        if self.accept("{"):
            with self.nested():
                inner = self.expression()
            self.expect("}")
            return inner
        token = self.next
        if token.kind == "number" and len(token.text) == 1:
            self.take()
            return Number(Fraction(token.text), span=token.span)
        if token.kind in ("letter", "name"):
            self.take()
            if token.text == "e" and "e" not in self.bound:
                return Constant("e", span=token.span)
            return self.index_of(token)
        raise self.error(f"{of} takes its parts in braces")

    def root(self) -> Expression:
        r"""Read ``\sqrt{x}`` and ``\sqrt[k]{x}``."""
        first = self.take()
        order: Expression | None = None
        if self.accept("["):
            with self.nested():
                order = self.expression()
            self.expect("]")
        inner = self.argument(r"\sqrt")
        if order is None:
            return Apply("sqrt", (inner,), span=self.since(first))
        return Apply("root", (inner, order), span=self.since(first))

    # -------------------------------------------------------------- cases and indicators

    def cases(self) -> Expression:
        r"""Read ``\begin{cases} a & \text{if } c \\ b & \text{otherwise} \end{cases}``."""
        first = self.take()
        branches: list[tuple[Expression, Condition]] = []
        otherwise: Expression | None = None
        with self.nested():
            while self.next.kind != "end":
                if otherwise is not None:
                    raise self.error("a case behind 'otherwise'")
                value, condition = self.case()
                if condition is None:
                    otherwise = value
                else:
                    branches.append((value, condition))
                if self.next.kind == "row":
                    self.take()
                elif self.next.kind != "end":
                    raise self.error(r"a case ends with \\ or \end{cases}")
        self.ending("cases")
        if not branches:
            raise self.error("cases without a condition", self.since(first))
        return Cases(tuple(branches), otherwise, span=self.since(first))

    def case(self) -> tuple[Expression, Condition | None]:
        """Read one row."""
        value = self.expression()
        self.accept(",")
        self.expect("&", "the condition of a case stands behind &")
        if self.next.kind == "word" and self.next.text in ("otherwise", "else"):
            self.take()
            condition = None
        else:
            if self.next.kind == "word" and self.next.text in ("if", "for", "when", "where"):
                self.take()
            condition = self.condition()
        self.accept(",", ".", ";")
        return value, condition

    def ending(self, name: str) -> None:
        r"""Take ``\end{name}``."""
        if self.next.kind != "end" or self.next.text != name:
            raise self.error(rf"\end{{{name}}} is expected here")
        self.take()

    def indicator(self) -> Expression:
        r"""Read ``\mathbf{1}[c]``, ``\mathbf{1}\{c\}``, ``\mathbf{1}_{c}``."""
        first = self.take()
        if self.accept("_"):
            self.expect("{")
            inner = self.enclosed() if self.at(r"\{", "[") else self.inside()
            self.expect("}")
        else:
            inner = self.enclosed()
        return Indicator(inner, span=self.since(first))

    def enclosed(self) -> Condition:
        """Read a condition in brackets."""
        if not self.at("[", r"\{", "("):
            raise self.error("a condition in brackets is expected here")
        opening = self.take()
        inner = self.inside()
        self.expect(CLOSING[opening.text])
        return inner

    def inside(self) -> Condition:
        """Read a condition one level deeper."""
        with self.nested():
            return self.condition()

    # -------------------------------------------------------------- functions

    def extremum(self) -> Expression:
        r"""Read ``\max(a, b)`` and ``\max\{a, b\}``."""
        first = self.take()
        if self.at("_"):
            raise self.error("a maximum over a set is not read: state it as an inequality for all")
        if not self.at("(", r"\{", "["):
            raise self.error(f"{first.text} takes its numbers in brackets")
        opening = self.take()
        with self.nested():
            parts = [self.expression()]
            while self.accept(","):
                parts.append(self.expression())
        self.expect(CLOSING[opening.text])
        if len(parts) < 2:
            raise self.error(f"{first.text} of one number", self.since(first))
        return Apply(first.text[1:], tuple(parts), span=self.since(first))

    def function(self) -> Expression:
        r"""Read ``\log(x)``, ``\sin^2 x``, ``\exp x``."""
        first = self.take()
        name = FUNCTIONS.get(first.text) or WITH_BRACKETS[first.text]
        exponent = self.power_of_function(first, name)
        if self.at("_"):
            raise self.error("a logarithm to a base is written as a quotient")
        if self.at("(", "[", r"\{"):
            inner = self.brackets()
            self.ends_with_brackets(first, name)
        else:
            inner = self.bare(first, name)
        made: Expression = self.checked(Apply(name, (inner,), span=self.since(first)))
        if exponent is not None:
            made = self.checked(Power(made, exponent, span=self.since(first)))
        return made

    def ends_with_brackets(self, first: Token, name: str) -> None:
        r"""Refuse what makes the end of a function unclear: ``\log(x)^2`` is read in two ways.

        Papers write ``\sin`` and ``\log`` without brackets too, so that brackets behind them may
        be those of a factor; ``\mathrm{ReLU}(x)^2`` has the one reading.
        """
        unclear = ("!", "(", "[") if name in ENCLOSING else ("!", "(", "[", "^", "_")
        if self.at(*unclear):
            raise self.error(f"how far {found(first)} reaches is not clear: write brackets")

    def power_of_function(self, first: Token, name: str) -> Expression | None:
        r"""Read the 2 of ``\sin^2 x``."""
        if not self.at("^"):
            return None
        self.take()
        if name not in SQUARED or self.next.kind != "number" or len(self.next.text) > 1:
            brackets = "" if name in ENCLOSING else ", with brackets around both"
            raise self.error(f"a power of {found(first)} stands behind it{brackets}")
        token = self.take()
        return Number(Fraction(token.text), span=token.span)

    def bare(self, first: Token, name: str) -> Expression:
        r"""Read the argument of ``\sin x``: one factor, behind which another function may stand."""
        if self.at(r"\sum", r"\prod", r"\int", r"\lim", "|") or not self.starts_factor():
            raise self.error(f"{first.text} takes its argument in brackets")
        with self.nested(closed=False):
            inner = self.multiple(first) if name in SQUARED else self.atom()
        if self.at("^", "!", "_"):
            raise self.error(f"how far {first.text} reaches is not clear: write brackets")
        another = self.next.kind == "command" and self.next.text in FUNCTIONS
        if not another or self.open_at_its_end(inner):
            message = f"how far {first.text} reaches is not clear: write brackets"
            self.leave_loose("product", message)
        return inner

    @staticmethod
    def open_at_its_end(inner: Expression) -> bool:
        r"""Say whether a function behind an argument may be a part of it.

        ``\cos 2 \sin x`` may be the cosine of a multiple, ``\log \sin x \cos y`` the logarithm of a
        product; the argument of ``\cos \theta \sin x`` ends with its name.

        Args:
            inner: the argument.

        Returns:
            Whether it is so.
        """
        numbers = not any(isinstance(part, Symbol) for part in walk(inner))
        return numbers or (isinstance(inner, Apply) and inner.function in FUNCTIONS.values())

    def multiple(self, of: Token) -> Expression:
        r"""Read the ``2 \theta_i`` or ``2 \pi x`` of ``\sin 2 \pi x``: one name behind numbers."""
        first = self.next
        parts: list[Expression] = []
        if first.kind == "number":
            parts.append(self.atom())
        if self.at(r"\pi"):
            parts.append(self.pi())
        if not parts:
            return self.atom()
        if self.next.kind in ("letter", "name"):
            parts.append(self.atom())
            if not isinstance(parts[-1], Symbol):
                raise self.error(f"how far {of.text} reaches is not clear: write brackets", of)
        return parts[0] if len(parts) == 1 else Product(tuple(parts), span=self.since(first))
