r"""Means, variances and chances, and the random variables that a subscript says they are over.

A mean is over all random variables of the document. A subscript says no more than that: it is read
if it names all those that stand in the bracket, and a law behind ``\sim`` if it is the declared
one. A mean over some of them alone is refused, so that ``\mathbb{E}_x[...]`` has one meaning.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import ClassVar

from derivations.language.atoms import CLOSING
from derivations.language.conditions import OPEN, SHUT
from derivations.language.cursor import Scope, found
from derivations.language.nodes import (
    Apply,
    Condition,
    Expectation,
    Expression,
    Negative,
    Node,
    Number,
    Power,
    Probability,
    Sum,
    Symbol,
)
from derivations.language.ranges import Ranges
from derivations.language.records import RandomVariable
from derivations.language.render import latex
from derivations.language.sizes import constant
from derivations.language.trees import children, names_of, walk

__all__ = ["Means", "averages", "outside_means"]

MEAN = frozenset([r"\mathbb{E}", r"\mathbf{E}", "E"])
CHANCE = frozenset([r"\mathbb{P}", "P", "Pr"])
VARIANCE = "Var"
LAWS = {
    r"\mathcal{N}": "normal", "N": "normal", r"\mathcal{U}": "uniform", "U": "uniform",
    "Unif": "uniform", "Uniform": "uniform", "Exp": "exponential", "Exponential": "exponential",
    "Ber": "binary", "Bern": "binary", "Bernoulli": "binary", "Rademacher": "rademacher",
}  # fmt: skip
"""How a law is named behind ``\\sim``."""
PARAMETERS = {"normal": 2, "uniform": 2, "exponential": 1, "binary": 1, "rademacher": 0}
ONE, TWO = Number(Fraction(1)), Number(Fraction(2))


@dataclass
class Over:
    """What a subscript names.

    Attributes:
        names: random variables, or families of them.
        letters: ``x``, which is not declared itself, for all of ``x_1``, ``x_2``, ...
        members: of families, at their indices.
    """

    names: set[str] = field(default_factory=set)
    letters: set[str] = field(default_factory=set)
    members: set[Symbol] = field(default_factory=set)

    def covers(self, name: str, node: Node) -> bool:
        """Say whether a random variable that stands in a formula is among them."""
        return name in self.names or name.split("_")[0] in self.letters or node in self.members


def outside_means(
    scope: Scope, bound: frozenset[str], tree: Node | tuple[Node, ...]
) -> Iterator[tuple[str, Node]]:
    """Give the random variables that stand outside of all means in a tree, through definitions.

    Args:
        scope: the names that are declared.
        bound: names that mean something else there.
        tree: what is looked through.

    Yields:
        The name of each, and the node in which it stands.
    """
    todo = list(tree) if isinstance(tree, tuple) else [tree]
    while todo:
        node = todo.pop()
        if isinstance(node, Expectation | Probability):
            continue
        name = node.name if isinstance(node, Symbol) else ""
        name = node.function if isinstance(node, Apply) else name
        if name not in bound or not isinstance(node, Symbol):
            if name in scope.random:
                yield name, node
            for inner in scope.averaged.get(name, ()):
                yield inner, node
        todo.extend(children(node))


def averages(tree: Node) -> bool:
    """Say whether a mean or a chance is written in a tree."""
    return any(isinstance(part, Expectation | Probability) for part in walk(tree))


class Means(Ranges):
    """Reads means, variances and chances."""

    varying = False

    readers: ClassVar[dict[str, str]] = {**Ranges.readers, r"\Pr": "chance"}

    def special(self) -> Expression | None:
        """Read what begins with a bracket or a command; None for a plain name."""
        token = self.next
        if token.kind in ("name", "word") and not self.scope.declared(token.text):
            if token.text in MEAN:
                return self.mean()
            if token.text in CHANCE:
                return self.chance()
            if token.kind == "word" and token.text == VARIANCE:
                return self.variance()
        return super().special()

    def mean(self) -> Expression:
        r"""Read ``\mathbb{E}[x]``, ``\mathbb{E}_x[x \mid c]``, ``\mathbb{E} x^2``."""
        first = self.take()
        over = self.over()
        if self.at("^", "_"):
            raise self.error(rf"leave this out: the power of a mean is {found(first)}[...]^2")
        if self.at("[", r"\{") or (self.at("(") and not self.power_behind_brackets()):
            opening = self.next
            body, given = self.in_brackets(over)
            if opening.text == "(":
                self.leave_loose("product", r"how far the mean reaches is not clear: write "
                                 r"\mathbb{E}[...]")  # fmt: skip
            return Expectation(body, given, span=self.since(first))
        bracket, inside = self.at("("), self.position + 1
        with self.nested(closed=False):
            body = self.factor()
        if bracket:
            self.refuse_single(body, inside)
        self.all_named(over, body)
        self.leave_loose("product", r"how far the mean reaches is not clear: write \mathbb{E}[...]")
        return Expectation(body, span=self.since(first))

    def in_brackets(self, over: Over | None) -> tuple[Expression, Condition | None]:
        """Read what is averaged, and what is given, with the brackets around both."""
        opening = self.take()
        with self.nested():
            body = self.expression()
            given = self.condition() if self.accept(r"\mid") else None
        self.expect(CLOSING[opening.text])
        self.all_named(over, body, given)
        return body, given

    def refuse_single(self, body: Expression, inside: int) -> None:
        r"""Refuse ``\mathbb{E}(x)^2``: the mean of a square, or the square of a mean."""
        base = getattr(body, "base", None) or getattr(body, "arguments", (None,))[0]
        base = getattr(base, "arguments", (base,))[0] if not isinstance(base, Sum) else base
        outermost = base is not None and base.span.start == self.tokens[inside - 1].span.start
        if not (isinstance(base, Sum | Negative) and outermost):
            raise self.error(
                r"the mean of a power or the power of a mean: write \mathbb{E}[...]",
                self.tokens[inside],
            )

    def power_behind_brackets(self) -> bool:
        """Say whether the bracket that opens here has a power behind it."""
        deep = 0
        for place in range(self.position, len(self.tokens) - 1):
            token = self.tokens[place]
            deep += (token.text in OPEN) - (token.text in SHUT)
            if deep == 0:
                return self.tokens[place + 1].text in ("^", "_", "!")
        return False

    def variance(self) -> Expression:
        r"""Read ``\mathrm{Var}(x)``, which is ``\mathbb{E}[x^2] - \mathbb{E}[x]^2``."""
        first = self.take()
        if self.varying:  # the body stands in the tree twice: nested, it would double each time
            raise self.error(r"a variance in a variance: write one with \mathbb{E}", first)
        over = self.over()
        if not self.at("(", "[", r"\{"):
            raise self.error(rf"{found(first)} takes its argument in brackets")
        self.varying = True
        body, given = self.in_brackets(over)
        self.varying = False
        if self.at("(", "["):
            raise self.error(f"how far {found(first)} reaches is not clear: write brackets")
        span = self.since(first)
        square = Expectation(self.checked(Power(body, TWO, span=body.span)), given, span=span)
        mean = Expectation(body, given, span=span)
        return Sum((square, Negative(Power(mean, TWO, span=span), span=span)), span=span)

    def chance(self) -> Expression:
        r"""Read ``\Pr(c)``, ``\mathbb{P}_x[c \mid d]``."""
        first = self.take()
        over = self.over()
        if not self.at("(", "[", r"\{"):
            raise self.error("a probability takes a condition in brackets")
        opening = self.take()
        with self.nested():
            condition = self.condition()
            given = self.condition() if self.accept(r"\mid") else None
        self.expect(CLOSING[opening.text])
        self.all_named(over, condition, given)
        return Probability(condition, given, span=self.since(first))

    # -------------------------------------------------------------- what is averaged over

    def all_named(self, over: Over | None, *trees: Node | None) -> None:
        """Refuse a mean over some alone of the random variables in its bracket."""
        if over is None:
            return
        inside = tuple(tree for tree in trees if tree is not None)
        for name, node in outside_means(self.scope, frozenset(self.bound), inside):
            if not over.covers(name, node):
                direct = isinstance(node, Symbol) and node.name == name  # else by a definition
                words = latex(node) if isinstance(node, Symbol) and direct else name
                raise self.error(
                    f"{words} is random too, and the subscript does not name it: name all random"
                    " variables of the bracket, or none",
                    node.span,
                )

    def over(self) -> Over | None:
        r"""Read the subscript of ``\mathbb{E}_{x, y}``; None without."""
        if not self.accept("_"):
            return None
        braced = self.accept("{") is not None
        if not self.starts_name():
            raise self.error("the name of a random variable is expected here")
        end = self.closing_brace() if braced else self.position + 1
        made = Over()
        with self.until(end, "the end of the subscript"), self.nested():
            several = [self.named_random(made)]
            while self.at(",", r"\sim"):
                if self.take().text == ",":
                    several.append(self.named_random(made))
                else:
                    self.stated_law([variable for group in several for variable in group])
                    several = [[]]
        if braced:
            self.expect("}")
        return made

    def named_random(self, over: Over) -> list[RandomVariable]:
        r"""Read ``x``, ``x_1`` or ``x_i`` in a subscript; ``x`` may stand for all ``x_1``, ..."""
        written = self.written()
        random, single = self.scope.random, not written.subscript
        hidden = written.whole in self.bound
        members = self.scope.members.get(written.bare, []) if single else []
        meant: list[RandomVariable] = []
        count = len(over.names) + len(over.letters) + len(over.members)
        if written.whole in random and not hidden:
            self.letters_not_bound(written)
            over.names.add(written.whole)
            meant = [random[written.whole]]
        elif not single and written.bare in random and random[written.bare].indices:
            indices = self.indices(written, self.slots(written.bare))
            self.in_range(written.bare, indices, written)
            over.members.add(Symbol(written.bare, indices))
            meant = [random[written.bare]]
        elif members and not hidden and not self.scope.declared(written.bare):
            over.letters.add(written.bare)
            meant = [random[name] for name in members if name in random]
        if not meant or (members and written.bare in over.letters and len(meant) < len(members)):
            raise self.error(
                f"{written.whole} is not the name of random variables alone: a mean is over what"
                " the front matter declares as random",
                written.span,
            )
        if len(over.names) + len(over.letters) + len(over.members) == count:
            raise self.error(f"{written.whole} is named twice", written.span)
        return meant

    def stated_law(self, variables: list[RandomVariable]) -> None:
        r"""Read a law behind ``\sim``, which must be the declared one."""
        first = self.next
        spoken = first.kind in ("letter", "name", "word") and not self.scope.declared(first.text)
        law = LAWS.get(first.text, "") if spoken else ""
        if not law or not variables:
            raise self.error(
                r"a law is \mathcal{N}(0, 1), \mathrm{Unif}[a, b], \mathrm{Exp}(1),"
                r" \mathrm{Bernoulli}(p) or \mathrm{Rademacher}: leave any other out"
            )
        self.take()
        parameters = self.law_parameters(law)
        for variable in variables:
            if not self.has_law(variable, law, parameters):
                raise self.error(
                    f"{variable.name} is declared with another law ({described(variable)}): write"
                    " the declared one, or none",
                    self.since(first),
                )

    def law_parameters(self, law: str) -> tuple[Expression, ...]:
        """Read ``(0, 1)`` or ``[a, b]``."""
        if not PARAMETERS[law]:
            return ()
        if not self.at("(", *("[" if law == "uniform" else ())):
            raise self.error("the parameters of the law are expected here, in brackets")
        self.take()
        with self.nested():
            parts = [self.expression()]
            while self.accept(","):
                parts.append(self.expression())
        if len(parts) != PARAMETERS[law] or not self.at(")", *("]" if law == "uniform" else ())):
            raise self.error(f"this law has {PARAMETERS[law]} parameters in brackets")
        self.take()
        return tuple(parts)

    def has_law(
        self, variable: RandomVariable, law: str, parameters: tuple[Expression, ...]
    ) -> bool:
        """Say whether a law is the declared one."""
        chance = variable.probability
        used = set().union(*(names_of(tree) for tree in (*variable.parameters, chance or ONE)))
        own = {index.name for index in variable.indices}
        if variable.law != law or used & (own | set(self.bound)):
            return False  # the same letter would mean two things: its index, or an argument here
        if law == "binary":
            return same(parameters[0], chance or ONE)
        declared = {"normal": (Number(Fraction(0)), ONE), "exponential": (ONE,)}
        wanted = declared.get(law, variable.parameters)
        return chance is None and all(map(same, parameters, wanted))


def same(first: Expression, second: Expression) -> bool:
    """Say whether two expressions are the same, or the same number."""
    value = constant(first)
    return first == second or (value is not None and value == constant(second))


def described(variable: RandomVariable) -> str:
    """Write a declared law as the front matter does."""
    ends = ", ".join(map(latex, variable.parameters))
    chance = variable.probability
    words = variable.law + (f" on [{ends}]" if ends else "")
    return words + (f" with probability {latex(chance)}, else 0" if chance is not None else "")
