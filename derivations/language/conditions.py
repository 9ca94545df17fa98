r"""Conditions: comparisons, membership, parity, joined by ``and`` or ``or``."""

from __future__ import annotations

from derivations.language.atoms import Atoms
from derivations.language.cursor import found
from derivations.language.limits import DEEPEST
from derivations.language.nodes import (
    And,
    Comparison,
    Condition,
    Contains,
    Expression,
    Or,
    Parity,
    Subsets,
    Symbol,
)
from derivations.language.sizes import constant
from derivations.language.tokens import Token

__all__ = ["MOST_VALUES", "OPEN", "PARITY", "RELATIONS", "SHUT", "Conditions", "direction"]

RELATIONS = ("=", "!=", "<", "<=", ">", ">=")
PARITY = {"odd": True, "is odd": True, "even": False, "is even": False}
MOST_VALUES = 20
OPEN = frozenset(["(", "[", r"\{", "{"])
SHUT = frozenset([")", "]", r"\}", "}"])


def direction(relations: list[str]) -> str:
    """Say where a chain leads: ``<``, ``>``, ``=``, or ``?`` if it turns round."""
    found_ways = {relation[0] for relation in relations if relation in ("<", "<=", ">", ">=")}
    return "?" if len(found_ways) == 2 else found_ways.pop() if found_ways else "="


class Conditions(Atoms):
    """Reads conditions."""

    def condition(self) -> Condition:
        """Read conditions that are joined in one way."""
        first = self.next
        parts = [self.part()]
        joint = ""
        while word := self.joint():
            if joint not in ("", word):
                raise self.error("'and' and 'or' without brackets: which comes first is not clear")
            joint = word
            before = self.before_comma(parts[-1])
            self.take()
            parts.append(self.part())
            self.refuse_between(before, parts[-1])
        if len(parts) == 1:
            return parts[0]
        made = And if joint == "and" else Or
        return made(tuple(parts), span=self.since(first))

    def joint(self) -> str:
        """Say which joint stands here: ``and``, ``or``, or none."""
        token = self.next
        if token.kind == "word" and token.text in ("and", "or"):
            return token.text
        if self.at(r"\wedge"):
            return "and"
        if self.at(r"\vee"):
            return "or"
        after = self.ahead(1)
        last = after.kind in ("row", "stop", "end", "wide") or after.text in ("...", "}")
        return "and" if self.at(",") and not last else ""

    def part(self) -> Condition:
        """Read one condition."""
        if self.at("(") and self.relation_inside():
            self.take()
            with self.nested():
                inner = self.condition()
            self.expect(")")
            return inner
        first = self.next
        return self.related(self.expression(), first)

    def before_comma(self, condition: Condition) -> Comparison | None:
        """Give a comparison whose last operand ends at the comma that stands here."""
        end = self.tokens[self.position - 1].span.stop
        last = isinstance(condition, Comparison) and condition.operands[-1].span.stop == end
        return condition if isinstance(condition, Comparison) and last and self.at(",") else None

    def refuse_between(self, before: Comparison | None, condition: Condition) -> None:
        """Refuse ``0 < a, b < 1``: both between the two, or each on one side of one."""
        if before is None or not isinstance(condition, Comparison):
            return
        last, first = before.operands[-1], condition.operands[0]
        written = condition.span.start == first.span.start  # and no interval, which is closed
        if not written or condition.span.stop != condition.operands[-1].span.stop:
            return
        ways = (direction([before.relations[-1]]), direction([condition.relations[0]]))
        numbers = constant(last) is not None or constant(first) is not None
        if (
            self.is_random(first)
            and self.is_random(before.operands[0])
            and not self.is_random(last)
        ):
            return  # x <= a, y <= b of random x and y
        if ways in (("<", "<"), (">", ">")) and not numbers and last != first:
            raise self.error(
                "whether both are between the two ends, or these are two conditions, is not clear:"
                r" write 0 < a < 1, 0 < b < 1, or \text{and} between the two",
                first.span,
            )

    def is_random(self, tree: Expression) -> bool:
        """Say whether an expression is a random variable alone."""
        return isinstance(tree, Symbol) and tree.name in self.scope.random

    def related(self, left: Expression, first: Token) -> Condition:
        """Read the relation behind the left side of a condition."""
        if self.at(r"\in", r"\notin"):
            return self.membership(left, first)
        if self.next.kind == "word" and self.next.text in PARITY:
            odd = PARITY[self.take().text]
            return Parity(left, odd, span=self.since(first))
        return self.comparison(left, first)

    def relation_inside(self, offset: int = 0) -> bool:
        """Say whether the bracket that opens there holds a condition, or such a bracket first."""
        start = offset
        while self.ahead(start).text == "(" and start < offset + DEEPEST:
            if self.relation_in(start):
                return True
            start += 1
        return False

    def relation_in(self, start: int) -> bool:
        """Say whether a relation stands directly in the bracket that opens there."""
        deep = 0
        for offset in range(start, len(self.tokens) - self.position):
            token = self.ahead(offset)
            deep += (token.text in OPEN) - (token.text in SHUT)
            deep += (token.kind == "begin") - (token.kind == "end")
            if deep == 0 or token.kind == "stop":
                return False
            inside = token.text in RELATIONS or token.text in (r"\in", r"\notin")
            parity = token.kind == "word" and token.text in PARITY
            if deep == 1 and (inside or parity):
                return True
        return False

    def comparison(self, left: Expression, first: Token) -> Condition:
        """Read ``a < b <= c`` behind its left end."""
        operands, relations = [left], []
        while self.at(*RELATIONS):
            relations.append(self.take().text)
            operands.append(self.expression())
        if not relations:
            raise self.error(f"a condition needs a relation here, not {found(self.next)}")
        if "!=" in relations and len(relations) > 1:
            raise self.error(
                r"\ne in a chain is not clear: write two conditions", self.since(first)
            )
        if direction(relations) == "?":
            raise self.error("a chain that turns round: write two conditions", self.since(first))
        return Comparison(tuple(operands), tuple(relations), span=self.since(first))

    def membership(self, left: Expression, first: Token) -> Condition:
        r"""Read ``\in A``, ``\in [0, 1]``, ``\in \{0, 1\}``."""
        negated = self.take().text == r"\notin"
        token = self.next
        if isinstance(self.bound.get(token.text), Subsets):
            self.take()
            return Contains(left, token.text, negated, span=self.since(first))
        if negated:
            raise self.error(r"\notin takes the name of a set that a sum runs over")
        if self.at("[", "("):
            return self.interval(left, first)
        if self.at(r"\{"):
            return self.listed(left, first)
        raise self.error("an interval, a list in braces or the name of a set is expected here")

    def interval(self, left: Expression, first: Token) -> Condition:
        r"""Read ``[0, 1]``, ``(0, 1]``, ``[0, \infty)``."""
        low_relation = "<=" if self.take().text == "[" else "<"
        with self.nested():
            low = self.end_of_interval("-")
            self.expect(",")
            high = self.end_of_interval("+")
        closing = self.accept("]", ")")
        if closing is None:
            raise self.error("] or ) is expected here")
        high_relation = "<=" if closing.text == "]" else "<"
        infinite = (low is None and low_relation == "<=", high is None and high_relation == "<=")
        if any(infinite) or (low is None and high is None):
            raise self.error("an interval that reaches to infinity is open there", closing)
        operands = tuple(end for end in (low, left, high) if end is not None)
        relations = (() if low is None else (low_relation,)) + (
            () if high is None else (high_relation,)
        )
        return Comparison(operands, relations, span=self.since(first))

    def end_of_interval(self, sign: str) -> Expression | None:
        """Read one end; None for infinity."""
        if sign == "-" and self.at("-") and self.ahead(1).text == r"\infty":
            self.take()
            self.take()
            return None
        if sign == "+" and self.accept(r"\infty"):
            return None
        return self.expression()

    def listed(self, left: Expression, first: Token) -> Condition:
        r"""Read ``\{0, 1\}``."""
        self.take()
        with self.nested():
            values = [self.expression()]
            while self.accept(","):
                values.append(self.expression())
                if len(values) > MOST_VALUES:
                    raise self.error(f"more than {MOST_VALUES} values in a list")
        self.expect(r"\}")
        span = self.since(first)
        parts = tuple(Comparison((left, value), ("=",), span=span) for value in values)
        return parts[0] if len(parts) == 1 else Or(parts, span=span)
