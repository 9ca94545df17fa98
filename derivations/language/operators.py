r"""Operators that bind a name: sums, products, integrals, limits, derivatives.

Where the body of one ends: a sum takes the whole term behind it, up to a plus or minus sign; a
product and a derivative take one factor, behind which no other may stand; a limit takes a term,
behind which no other may stand; an integral ends at its ``dx``.
"""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar

from derivations.language.conditions import OPEN, SHUT
from derivations.language.indices import Found
from derivations.language.means import Means, averages
from derivations.language.nodes import (
    BigOperator,
    Derivative,
    Expression,
    Integral,
    Limit,
    Number,
    Symbol,
)
from derivations.language.tokens import Token

__all__ = ["Operators"]

SIDES = {r"\to": "", r"\downarrow": "+", r"\uparrow": "-", r"\searrow": "+", r"\nearrow": "-"}
MOST_ORDER = 10


class Operators(Means):
    """Reads operators."""

    readers: ClassVar[dict[str, str]] = {
        **Means.readers, r"\sum": "big", r"\prod": "big", r"\int": "integral", r"\lim": "limit",
    }  # fmt: skip

    # -------------------------------------------------------------- sums and products

    def big(self) -> Expression:
        r"""Read ``\sum_{i=1}^{n} ...`` or ``\prod``."""
        first = self.take()
        kind = "sum" if first.text == r"\sum" else "product"
        found, high, high_token = None, None, None
        for _ in range(2):
            if self.at("_") and found is None:
                found = self.below(first)
            elif self.at("^") and high_token is None:
                high_token = self.take()
                high = self.upper_end()
        if found is None:
            raise self.error(f"{first.text} needs an index below")
        if high_token is not None:
            self.end_at(high, found, high_token)
        elif found.starts:
            raise self.error("the upper bound is missing", first)
        with self.binding(found.sets()), self.nested(closed=False):
            body = self.product() if kind == "sum" else self.factor()
        if kind == "product":
            self.end_of_product(found)
        self.complete(found, body)
        return self.built(kind, found, body, first)

    def below(self, first: Token) -> Found:
        """Read what stands below."""
        self.take()
        if not self.accept("{"):
            found = self.indices_until(self.position + 1, first)
        else:
            stacked = self.at(r"\substack") and self.ahead(1).text == "{"
            if stacked:
                self.take()
                self.take()
            end = self.closing_brace()
            found = self.indices_until(end, first)
            self.expect("}")
            if stacked:
                self.expect("}")
        return found

    def upper_end(self) -> Expression | None:
        """Read an upper bound; None for infinity."""
        if self.at(r"\infty"):
            self.take()
            return None
        if self.at("{") and self.ahead(1).text == r"\infty" and self.ahead(2).text == "}":
            for _ in range(3):
                self.take()
            return None
        return self.exponent()

    def end_of_product(self, found: Found) -> None:
        r"""Let nothing stand behind ``\prod_j a_j`` but another product over the same index."""
        offset = 3 if self.ahead(2).text == "{" else 2
        if not (self.at(r"\prod") and self.ahead(offset).text == found.order[0]):
            self.leave_loose("product", r"how far \prod reaches is not clear: write brackets")

    def built(self, kind: str, found: Found, body: Expression, first: Token) -> Expression:
        """Make the operators, the last index innermost."""
        for name in reversed(found.order):
            domain = found.domains[name]
            if domain is None:
                raise self.error(f"{name} has no range", found.places[name])
            condition = found.condition_of(name)
            body = BigOperator(kind, name, domain, body, condition, span=self.since(first))
        return body

    # -------------------------------------------------------------- integrals and limits

    def integral(self) -> Expression:
        r"""Read ``\int_a^b f \,dx``."""
        first = self.take()
        low, high = self.ends_of_integral()
        place = self.differential()
        name = self.tokens[place + 1]
        if name.text in self.bound or self.scope.declared(name.text):
            raise self.error(f"{name.text} has a meaning already: take another letter", name)
        with (
            self.binding({name.text: None}),
            self.until(place, f"d{name.text}"),
            self.nested(),
        ):
            body = self.expression()
        self.position = place + 2
        return Integral(name.text, low, high, body, span=self.since(first))

    def ends_of_integral(self) -> tuple[Expression | None, Expression | None]:
        """Read both bounds."""
        self.expect("_", "an integral has bounds")
        minus_infinity = ["{", "-", r"\infty", "}"]
        if [self.ahead(k).text for k in range(4)] == minus_infinity:
            for _ in minus_infinity:
                self.take()
            low = None
        else:
            low = self.exponent()
        self.expect("^", "an integral has bounds")
        return low, self.upper_end()

    def is_d(self, token: Token) -> bool:
        """Say whether a token is the d of a differential."""
        if token.kind == "word":
            return token.text == "d"
        free = not self.scope.declared("d") and "d" not in self.bound
        return token.kind == "letter" and token.text == "d" and free

    def differential(self) -> int:
        """Find the ``dx`` of the integral that begins here."""
        inner, deep = 0, 0
        for place in range(self.position, len(self.tokens) - 1):
            token, after = self.tokens[place], self.tokens[place + 1]
            deep += (token.text in OPEN) - (token.text in SHUT)
            deep += (token.kind == "begin") - (token.kind == "end")
            if token.kind == "stop" or deep < 0:
                break
            if deep == 0 and token.text == r"\int":
                inner += 1
            if deep == 0 and self.is_d(token) and after.kind in ("letter", "name"):
                if inner == 0:
                    return place
                inner -= 1
        raise self.error(r"an integral ends with its variable: \,dx")

    def limit(self) -> Expression:
        r"""Read ``\lim_{p \to 0^+} f``."""
        first = self.take()
        self.expect("_")
        self.expect("{", r"\lim_{p \to 0}")
        name = self.next
        known = self.scope.declared(name.text) or name.text in self.bound
        end = self.closing_brace()
        with self.binding({} if known else {name.text: None}):
            variable = self.symbol()
        if not isinstance(variable, Symbol):
            raise self.error("a limit is by a variable", name)
        if not self.at(*SIDES):
            raise self.error(r"\to is expected here")
        side = SIDES[self.take().text]
        target, side = self.target(end, side)
        self.expect("}")
        with self.binding({} if known else {name.text: None}), self.nested(closed=False):
            body = self.product()
        self.refuse_averaged(variable, body)
        self.leave_loose("sum", "how far the limit reaches is not clear: write brackets")
        return Limit(variable, target, side, body, span=self.since(first))

    def refuse_averaged(self, variable: Symbol, body: Expression) -> None:
        """Refuse a limit or derivative by a random variable that a mean inside is over."""
        if variable.name in self.scope.random and averages(body):
            raise self.error(
                f"{variable.name} is random, and the mean or chance inside is over it: take another"
                " letter",
                variable.span,
            )

    def target(self, end: int, side: str) -> tuple[Expression | None, str]:
        """Read where a limit goes, and from which side."""
        if self.accept(r"\infty"):
            return None, side
        last = [self.tokens[k].text for k in range(end - 4, end)]
        width = 2 if last[2:] in (["^", "+"], ["^", "-"]) else 0
        if last in (["^", "{", "+", "}"], ["^", "{", "-", "}"]):
            width = 4
        if width:
            side = last[3] if width == 2 else last[2]
        with self.until(end - width, "the end of the limit"), self.nested():
            target = self.expression()
        self.position = end
        return target, side

    # -------------------------------------------------------------- derivatives

    def fraction(self) -> Expression:
        r"""Read a fraction, or ``\frac{\partial}{\partial b} f``."""
        if self.next.text == r"\frac" and self.derivative_ahead():
            return self.derivative()
        self.refuse_named_d()
        return super().fraction()

    def derivative_ahead(self) -> bool:
        r"""Say whether both parts of a fraction begin with a ``d`` or ``\partial``."""
        marks = (self.ahead(1), self.ahead(2))
        if marks[0].text != "{" or not self.mark_of_derivative(marks[1]):
            return False
        deep = 0
        for place in range(self.position + 1, len(self.tokens) - 2):
            deep += {"{": 1, "}": -1}.get(self.tokens[place].text, 0)
            if deep == 0:
                below = (self.tokens[place + 1], self.tokens[place + 2])
                return below[0].text == "{" and self.mark_of_derivative(below[1])
        return False

    def refuse_named_d(self) -> None:
        r"""Refuse ``\frac{d}{dx}`` and ``\frac{d y}{d x}`` where ``d`` has a meaning of its own.

        A sign in one of the parts, as in ``\frac{d}{d + 1}``, leaves the quotient alone.
        """
        parts: list[list[Token]] = []
        deep = 0
        for token in self.tokens[self.position + 1 :]:
            deep += {"{": 1, "}": -1}.get(token.text, 0)
            if deep < 0 or (deep == 0 and (token.text != "}" or len(parts) == 2)):
                break
            if deep == 1 and token.text == "{":
                parts.append([])
            elif deep:
                parts[-1].append(token)
        if len(parts) < 2 or not all(part and self.like_d(part) for part in parts):
            return
        if len(parts[1]) > 1 and parts[1][1].kind in ("letter", "name", "word"):
            raise self.error(
                r"d has a meaning here: a derivative is written with \mathrm{d} or \partial, a"
                r" quotient with \cdot behind the d",
                parts[1][0],
            )

    def like_d(self, part: list[Token]) -> bool:
        """Say whether a part of a fraction begins with a ``d`` and is a product at most."""
        deep = 0
        for token in part:
            deep += (token.text in OPEN) - (token.text in SHUT)
            if deep == 0 and token.text in ("+", "-", r"\cdot", "/", "!", "_"):
                return False
        return part[0].text == "d" and part[0].kind in ("letter", "word")

    def mark_of_derivative(self, token: Token) -> bool:
        r"""Say whether a token is a ``d`` or ``\partial``."""
        return token.text == r"\partial" or self.is_d(token)

    def derivative(self) -> Expression:
        r"""Read ``\frac{\partial^2}{\partial a \partial b} f``."""
        first = self.take()
        self.take()
        self.take()
        order = self.order()
        body = None
        if not self.at("}"):
            with self.nested():
                body = self.factor()
        self.expect("}")
        variables = self.denominators()
        if sum(count for _, count in variables) != order:
            raise self.error("the orders of the derivative above and below differ",
                             self.since(first))  # fmt: skip
        if body is None:
            with self.nested(closed=False):
                body = self.factor()
            self.leave_loose("product", "how far the derivative reaches is not clear: "
                             "write brackets")  # fmt: skip
        for variable, count in reversed(variables):
            self.refuse_averaged(variable, body)
            body = Derivative(variable, count, body, span=self.since(first))
        return body

    def order(self) -> int:
        """Read the order behind a ``d``."""
        if not self.accept("^"):
            return 1
        token = self.next
        value = self.exponent()
        if not isinstance(value, Number) or not 1 <= value.value <= MOST_ORDER:
            raise self.error(f"an order from 1 to {MOST_ORDER} is expected here", token)
        if value.value != Fraction(int(value.value)):
            raise self.error("the order of a derivative is whole", token)
        return int(value.value)

    def denominators(self) -> list[tuple[Symbol, int]]:
        """Read the variables of a derivative."""
        self.expect("{")
        made: list[tuple[Symbol, int]] = []
        while not self.at("}"):
            if not self.mark_of_derivative(self.next):
                raise self.error(r"a derivative is by \partial and a variable")
            self.take()
            token = self.next
            variable = self.symbol()
            if not isinstance(variable, Symbol):
                raise self.error("a derivative is by a variable", token)
            made.append((variable, self.order()))
        self.expect("}")
        return made
