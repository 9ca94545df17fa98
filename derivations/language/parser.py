"""The parser: formulas, conditions and display equations into trees, steps and definitions."""

from __future__ import annotations

import re
from dataclasses import dataclass

from derivations.language.conditions import direction
from derivations.language.cursor import Scope, found, shown
from derivations.language.errors import DerivationError, Piece
from derivations.language.indices import Found
from derivations.language.limits import MOST_WORDS, MOST_WRITTEN_OUT
from derivations.language.means import averages, outside_means
from derivations.language.names import Signature
from derivations.language.nodes import (
    Comparison,
    Condition,
    Expression,
    Node,
    Span,
    Statement,
    Symbol,
)
from derivations.language.operators import Operators
from derivations.language.parts import EQUIVALENT, Chain
from derivations.language.quantifiers import Quantified, values_of
from derivations.language.records import Definition, Index, Step
from derivations.language.rows import chains_of
from derivations.language.sizes import constant
from derivations.language.tokens import Token, tokenize

__all__ = [
    "Parser",
    "hidden_name",
    "parse_condition",
    "parse_expression",
    "read_display",
]

LAYOUT = re.compile(
    r"\\\\|(?<!\\)&|\\q?quad\b|\\(?:nonumber|notag)\b|\\(?:label|tag)\*?\s*\{[^{}]*\}"
)
"""What is left out of a step's text."""
STEPS = ("=", "<=", ">=", "<", ">")
ONE_WAY = (r"\implies", r"\Rightarrow", r"\Longrightarrow")


class Parser(Operators):
    """Reads whole formulas."""

    def all_of(self) -> None:
        """Nothing may be left."""
        if self.next.kind != "stop":
            raise self.error(f"{self.name_of_rest()} does not belong here")

    def name_of_rest(self) -> str:
        """Name what is left."""
        return "a wide space" if self.next.kind == "wide" else found(self.next)

    def relation(self) -> str:
        """Take the relation of a step."""
        if not self.at(*STEPS):
            hint = ""
            if self.next.kind in ("command", "symbol"):
                hint = "; what is not to be checked is marked <!-- not checked: why -->"
            if self.at(*ONE_WAY):
                hint = r": write what follows, then \quad \text{if} and what it follows from"
            if self.at("!=", r"\in", r"\notin"):
                hint = r"; a condition stands behind \quad \text{for}"
            raise self.error(f"{self.name_of_rest()} does not belong here{hint}")
        return self.take().text

    def free_indices(self) -> Found:
        """Read the conditions behind ``for``."""
        return self.indices_until(len(self.tokens) - 1)


def parse_expression(piece: Piece, scope: Scope, bound: tuple[str, ...] = ()) -> Expression:
    """Read one expression.

    Args:
        piece: its text and place.
        scope: the names that are declared.
        bound: names of arguments.

    Returns:
        The tree.

    Raises:
        DerivationError: where it is not of the language.

    Example:
        >>> from derivations.language.errors import Source
        >>> parse_expression(Piece(Source("here", "1 + 1"), "1 + 1", 0), Scope())
        Sum(terms=(Number(value=Fraction(1, 1)), Number(value=Fraction(1, 1))))
    """
    parser = Parser(piece, tokenize(piece), scope)
    parser.bound = dict.fromkeys(bound)
    made = parser.expression()
    parser.all_of()
    return made


def parse_condition(piece: Piece, scope: Scope) -> Condition:
    """Read one condition.

    Args:
        piece: its text and place.
        scope: the names that are declared.

    Returns:
        The tree.

    Raises:
        DerivationError: where it is not of the language.
    """
    parser = Parser(piece, tokenize(piece), scope)
    made = parser.condition()
    parser.all_of()
    return made


def hidden_name(parameters: tuple[str, ...], scope: Scope) -> str:
    """Find an argument that no reader would tell from what has its name: a function, a family.

    Args:
        parameters: names of arguments.
        scope: the names that are declared.

    Returns:
        Its name; empty if there is none. A variable alone may be hidden.
    """
    for name in parameters:
        family = scope.families.get(name) or scope.families.get(name.split("_")[0])
        if name in scope.functions or family:
            return name
    return ""


@dataclass(frozen=True)
class Display:
    """A display equation that is being read."""

    piece: Piece
    scope: Scope
    assumed: bool

    def parser(self, tokens: list[Token]) -> Parser:
        """Make a parser of some tokens."""
        last = tokens[-1].span
        stop = Token(
            "stop", "the end of the formula", Span(max(last.start, last.stop - 1), last.stop)
        )
        return Parser(self.piece, [*tokens, stop], self.scope)

    def error(self, message: str, span: Span) -> DerivationError:
        """Point to a part of the equation."""
        return self.piece.source.error(message, span)

    def read(self, chain: Chain) -> list[Definition | Step]:
        """Read one chain."""
        if any(token.kind == "symbol" and token.text == ":=" for token in chain.tokens):
            return [self.definition(chain)]
        return list(self.steps(chain))

    # -------------------------------------------------------------- definitions

    def definition(self, chain: Chain) -> Definition:
        """Read ``f(x) := body``."""
        first = chain.tokens[0]
        if self.assumed:
            raise self.error("a definition is not assumed: leave the comment out", first.span)
        if chain.tail is not None:
            raise self.error("a definition has no conditions: write cases", first.span)
        parser = self.parser(chain.tokens)
        signature = parser.signature()
        self.free_name(signature)
        parser.expect(":=")
        parser.defining = signature.name
        parser.bound = dict.fromkeys(signature.parameters)
        body = parser.expression()
        if parser.at(*STEPS):
            raise parser.error("a definition stands alone: write a second equation")
        parser.all_of()
        hidden = next((name for name in signature.parameters if name in self.scope.random), "")
        if hidden and averages(body):
            raise self.error(
                f"{hidden} is the name of a random variable, and the mean or chance here is over"
                " all of them: take another letter for the argument",
                signature.span,
            )
        span = Span(first.span.start, body.span.stop)
        counts = (len(signature.subscripts), len(signature.arguments))
        self.scope.functions[signature.name] = counts
        names = {name for name, _ in outside_means(self.scope, frozenset(parser.bound), body)}
        self.scope.averaged[signature.name] = tuple(sorted(names))
        return Definition(
            signature.name, signature.parameters, body, self.piece.source.line(span.start),
            self.text(span), counts[0],
        )  # fmt: skip

    def free_name(self, signature: Signature) -> None:
        """Refuse to define a name twice."""
        if self.scope.taken(signature.name, subscripted=bool(signature.subscripts)):
            raise self.error(f"{signature.name} has a meaning already", signature.span)
        hidden = hidden_name(signature.parameters, self.scope)
        if hidden:
            raise self.error(f"the argument {hidden} has a meaning already: take another letter",
                             signature.span)  # fmt: skip

    # -------------------------------------------------------------- steps

    def steps(self, chain: Chain) -> list[Step]:
        r"""Read a chain of relations, or two with ``\iff``: each under the other as a condition."""
        free = Found()
        if chain.tail is not None:
            if not chain.tail:
                raise self.error("a condition is expected here", chain.tokens[-1].span)
            free = self.parser(chain.tail).free_indices()
        parser = self.parser(chain.tokens)
        parser.bound = free.sets()
        sides = [self.side(parser, chain)]
        if parser.accept(*EQUIVALENT):
            sides.append(self.side(parser, chain))
        if parser.next.kind != "stop":
            raise parser.error("an equivalence has two sides: write a second one")
        if chain.beside and len(sides) == 1:
            self.refuse_domain(sides[0][0])
        parser.complete(free, *(operand for side, _ in sides for operand in side.operands))
        found = Quantified(self.scope, free, [side.operands for side, _ in sides], self.error)
        conditions, indices = found.read()
        if self.assumed:
            self.hypothesis(chain, conditions, indices, several=len(sides) > 1)
            self.scope.supposed |= self.pointwise(sides[0][0])
        for side, _ in sides:
            others = tuple(other for other, _ in sides if other is not side)
            self.refuse_mean_under((*conditions, *others), side)
        made: list[Step] = []
        for side, reasons in sides:
            given = tuple(other for other, _ in sides if other is not side)
            assuming = (*conditions, *given)
            statement = Statement(side.operands, side.relations, assuming)
            made += self.numbered(statement, indices, reasons)
        return made

    def pointwise(self, *trees: Node) -> set[str]:
        """Give the random variables that stand outside of means."""
        return {name for name, _ in outside_means(self.scope, frozenset(), trees)}

    def refuse_mean_under(self, conditions: tuple[Condition, ...], side: Comparison) -> None:
        r"""Refuse ``\mathbb{E}[x] = a`` for ``x > b``: over all ``x``, or given ``x > b``."""
        known = self.scope.supposed | self.pointwise(*conditions)
        if known and averages(side):
            raise self.error(
                f"a condition speaks of the random {min(known)}, and the mean or chance here is"
                r" over all of its values: write what is given behind \mid",
                side.span,
            )

    def refuse_domain(self, side: Comparison) -> None:
        r"""Refuse the ``a > 0`` of ``|a| = a, \quad a > 0``: it may be a condition of the rest."""
        plain = [constant(part) is not None or isinstance(part, Symbol) for part in side.operands]
        named = [
            isinstance(part, Symbol) and part.name in self.scope.families for part in side.operands
        ]
        if all(plain) and any(named) and "=" not in side.relations:
            raise self.error(
                "whether this is a condition or a statement is not clear: a condition stands behind"
                r" \quad \text{for}, a statement like this on a row of its own",
                side.span,
            )

    def side(self, parser: Parser, chain: Chain) -> tuple[Comparison, list[str]]:
        r"""Read relations up to ``\iff`` or the end, with their reasons."""
        first = parser.next
        operands: list[Expression] = [parser.expression()]
        relations: list[str] = []
        places: list[int] = []
        while parser.next.kind != "stop" and not parser.at(*EQUIVALENT):
            relations.append(parser.relation())
            operands.append(parser.expression())
            places.append(parser.position)
        if not relations:
            raise self.error("an equation needs a relation", operands[0].span)
        if direction(relations) == "?":
            message = "the chain turns round: write two equations"
            raise self.error(message, Span(operands[0].span.start, operands[-1].span.stop))
        made = Comparison(tuple(operands), tuple(relations), span=parser.since(first))
        return made, [chain.reason_at(place) for place in places]

    def hypothesis(
        self,
        chain: Chain,
        conditions: tuple[Condition, ...],
        indices: tuple[Index, ...],
        *,
        several: bool,
    ) -> None:
        """Refuse a hypothesis that is none without more: it holds for what follows as it stands."""
        if several or conditions:
            tail = chain.tail if conditions else None
            raise self.error(
                r"an assumed equation has no conditions of its own and no \iff: write it in the"
                r" assumptions of the front matter, as b <= 0 \text{ or } a = 1",
                (tail or chain.tokens)[0].span,
            )
        if indices and values_of(indices) is None:
            raise self.error(
                f"an assumed equation is written out for all values of {indices[0].name}, between"
                f" numbers alone and at most {MOST_WRITTEN_OUT} times: give the family its domain"
                " in the front matter",
                chain.tokens[0].span,
            )

    def numbered(
        self, statement: Statement, indices: tuple[Index, ...], reasons: list[str]
    ) -> list[Step]:
        """Make a step of each relation; the document numbers them."""
        made = []
        for k, relation in enumerate(statement.relations):
            left, right = statement.operands[k], statement.operands[k + 1]
            text = f"{self.text(left.span)} {shown(relation)} {self.text(right.span)}"
            made.append(
                Step(
                    0, self.piece.source.line(left.span.start), text, left, relation, right,
                    statement.assuming, reasons[k], self.assumed, indices,
                    Span(left.span.start, right.span.stop),
                )
            )  # fmt: skip
        return made

    def text(self, span: Span) -> str:
        """Give a part as written, on one line."""
        written = self.piece.source.text[span.start : span.stop]
        if "cases" not in written and "substack" not in written:
            written = re.sub(LAYOUT, " ", written)
        return " ".join(written.split())


def read_display(piece: Piece, scope: Scope, *, assumed: bool = False) -> list[Definition | Step]:
    """Read a display equation; its definitions are added to the scope.

    Args:
        piece: the equation.
        scope: the names that are declared so far.
        assumed: its relations are hypotheses.

    Returns:
        Definitions and steps in order; the steps have the number 0.

    Raises:
        DerivationError: where it is not of the language.
    """
    display = Display(piece, scope, assumed)
    tokens = tokenize(piece)
    scope.words += len(tokens)
    if scope.words > MOST_WORDS:
        raise piece.error(f"more than {MOST_WORDS} words in all equations", 0)
    chains = chains_of(piece, tokens)
    if not chains:
        raise piece.error("an empty equation", 0)
    scope.words += sum(len(chain.tail or ()) for chain in chains[1:] if chain.shared)
    if scope.words > MOST_WORDS:  # conditions of all rows are read with each
        raise piece.error(f"more than {MOST_WORDS} words in all equations", 0)
    made: list[Definition | Step] = []
    for chain in chains:
        made += display.read(chain)
    return made
