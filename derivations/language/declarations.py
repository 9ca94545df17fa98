r"""What the front matter declares: variables with domains, random variables, assumptions.

``p: real in [0, 1]``, ``n: integer >= 1``, ``w_i: real for i = 1..n``, ``x_i: uniform on [0, 1]
with probability p, else 0 for i = 1..n``.
"""

from __future__ import annotations

from derivations.language.cursor import Scope, found
from derivations.language.front import Items, Mapped, Text, Value
from derivations.language.means import outside_means
from derivations.language.names import Signature
from derivations.language.nodes import Comparison, Condition, Range, Symbol
from derivations.language.parser import Parser, parse_condition
from derivations.language.records import (
    Index,
    Law,
    RandomVariable,
    Variable,
)
from derivations.language.sizes import too_large
from derivations.language.tokens import tokenize

__all__ = [
    "read_assumptions",
    "read_random",
    "read_variables",
]

KINDS = ("real", "integer", "rational")
LAWS = ("uniform", "binary", "rademacher", "exponential", "normal")
WORDS = frozenset([*KINDS, *LAWS, "in", "for", "on", "with", "probability", "else", "and"])


def entries(value: Value | None, what: str) -> tuple[tuple[Text, Value], ...]:
    """Take the entries of a mapping; none of one that is not there."""
    if value is None:
        return ()
    if not isinstance(value, Mapped):
        raise value.error(f"{what} is a mapping of names")
    return value.entries


def text(value: Value, what: str) -> Text:
    """Take a text."""
    if not isinstance(value, Text) or not value.value.strip():
        raise value.error(f"{what} is a text")
    return value


class Declared(Parser):
    """Reads the words of a declaration."""

    def word(self, *words: str) -> str:
        """Take one of these words, if it stands here."""
        if self.next.kind == "keyword" and self.next.text in words:
            return self.take().text
        return ""

    def one_word(self, words: tuple[str, ...]) -> str:
        """Take one of these words."""
        word = self.word(*words)
        if not word:
            raise self.error(
                f"{', '.join(words)}: one of these is expected, not {found(self.next)}"
            )
        return word

    def starts_factor(self) -> bool:
        """Say whether a factor may begin here; a word of the declaration is none."""
        return self.next.kind != "keyword" and super().starts_factor()

    def ranges(self) -> tuple[Index, ...]:
        """Read ``for i = 1..n, j = 1..m``, at the end."""
        if not self.word("for"):
            return ()
        made = []
        while True:
            token = self.next
            if token.kind not in ("letter", "name"):
                raise self.error("the letter of an index is expected here")
            if self.scope.declared(token.text) or token.text in ("e", r"\mathbb{E}"):
                raise self.error(f"{token.text} has a meaning already")
            self.take()
            self.expect("=", "i = 1..n")
            low = self.expression()
            self.expect("..", "i = 1..n")
            high = self.expression()
            why = too_large(Range(low, high))
            if why:
                raise self.error(why, token)
            made.append(Index(token.text, low, high))
            if not self.accept(","):
                return tuple(made)

    def name(self) -> Signature:
        """Read the name that is declared."""
        made = self.signature()
        self.all_of()
        return made


def declared(value: Text, scope: Scope) -> Declared:
    """Make a parser of a text."""
    piece = value.piece(keywords=WORDS)
    return Declared(piece, tokenize(piece), scope)


def checked_name(key: Text, indices: tuple[Index, ...], scope: Scope) -> str:
    """Read a name and see that its subscripts are its indices."""
    parser = declared(key, scope)
    signature = parser.name()
    names = tuple(index.name for index in indices)
    if signature.arguments:
        raise key.error("a variable has no arguments: a function is defined by :=")
    if len(set(names)) < len(names):
        raise key.error("an index stands twice")
    if indices and signature.subscripts != names:
        raise key.error(f"the subscripts of {key.value} are not those behind 'for'")
    return signature.name if indices else signature.whole


def add_family(key: Text, name: str, indices: tuple[Index, ...], scope: Scope) -> None:
    """Add a variable to the names that are known."""
    if scope.taken(name, subscripted=bool(indices)):
        raise key.error(f"{name} has a meaning already")
    scope.families[name] = indices
    if "_" in name:
        scope.members.setdefault(name.split("_")[0], []).append(name)
    for index in indices:
        limits = Range(index.low, index.high)
        known = scope.indices.get(index.name, limits)
        scope.indices[index.name] = limits if known == limits else None


def read_variables(value: Value | None, scope: Scope) -> tuple[Variable, ...]:
    """Read ``variables:``; they are added to the scope.

    Args:
        value: a mapping from names to domains.
        scope: the names that are declared.

    Returns:
        The variables, in order.

    Raises:
        DerivationError: for a domain that is not of the language.
    """
    made = []
    for key, entry in entries(value, "variables"):
        parser = declared(text(entry, "a domain"), scope)
        kind = parser.one_word(KINDS)
        position = parser.position
        indices = skip_to_ranges(parser)
        name = checked_name(key, indices, scope)
        parser.position = position
        parser.bound = {index.name: None for index in indices}
        variable = Symbol(name, tuple(Symbol(index.name) for index in indices))
        domain = domain_of(parser, variable)
        add_family(key, name, indices, scope)
        made.append(Variable(name, kind, domain, indices))
    return tuple(made)


def skip_to_ranges(parser: Declared) -> tuple[Index, ...]:
    """Read the indices, which stand at the end."""
    place = next(
        (k for k, t in enumerate(parser.tokens) if t.kind == "keyword" and t.text == "for"), None
    )
    if place is None:
        return ()
    parser.position = place
    indices = parser.ranges()
    parser.all_of()
    parser.tokens[place:] = parser.tokens[-1:]
    return indices


def domain_of(parser: Declared, variable: Symbol) -> tuple[Condition, ...]:
    """Read ``in [0, 1], != 1/2``."""
    conditions: list[Condition] = []
    while parser.next.kind != "stop":
        first = parser.next
        if parser.word("in"):
            if parser.at("[", "("):
                conditions.append(parser.interval(variable, first))
            elif parser.at(r"\{"):
                conditions.append(parser.listed(variable, first))
            else:
                raise parser.error("an interval or a list is expected here")
        elif parser.at("<", "<=", ">", ">=", "!="):
            relation = parser.take().text
            bound = parser.expression()
            conditions.append(Comparison((variable, bound), (relation,)))
        else:
            raise parser.error("in [a, b], >= a or the like is expected here")
        if parser.accept(","):
            if parser.next.kind == "stop":
                raise parser.error("a bound is expected behind the comma")
        else:
            parser.all_of()
    return tuple(conditions)


def law_of(parser: Declared) -> Law:
    """Read ``uniform on [0, 1]``, ``normal``."""
    name = parser.one_word(LAWS)
    if name != "uniform":
        return Law(name)
    if not parser.word("on"):
        raise parser.error("uniform on [a, b] is expected here")
    parser.expect("[")
    low = parser.expression()
    parser.expect(",")
    high = parser.expression()
    parser.expect("]")
    return Law(name, (low, high))


def read_random(value: Value | None, scope: Scope) -> tuple[RandomVariable, ...]:
    """Read ``random:``; they are added to the scope.

    Args:
        value: a mapping from names to laws.
        scope: the names that are declared.

    Returns:
        The random variables, in order.

    Raises:
        DerivationError: for a law that is not of the language.
    """
    made = []
    for key, entry in entries(value, "random"):
        parser = declared(text(entry, "a law"), scope)
        indices = skip_to_ranges(parser)
        parser.position = 0
        name = checked_name(key, indices, scope)
        parser.bound = {index.name: None for index in indices}
        law = law_of(parser)
        probability = None
        if parser.word("with"):
            parser.one_word(("probability",))
            probability = parser.expression()
            parser.expect(",", "with probability p, else 0")
            parser.one_word(("else",))
            if parser.next.text != "0":
                raise parser.error("else 0 is expected here")
            parser.take()
        parser.all_of()
        add_family(key, name, indices, scope)
        made.append(RandomVariable(name, law.name, law.parameters, probability, indices))
        scope.random[name] = made[-1]
        trees = (*law.parameters, *(() if probability is None else (probability,)))
        names = {found for found, _ in outside_means(scope, frozenset(parser.bound), trees)}
        scope.averaged[name] = tuple(sorted(names))
    return tuple(made)


def read_assumptions(value: Value | None, scope: Scope) -> tuple[Condition, ...]:
    """Read ``assumptions:``, a list of conditions.

    Args:
        value: the list.
        scope: the names that are declared.

    Returns:
        The conditions, in order.

    Raises:
        DerivationError: for a condition that is not of the language.
    """
    if value is None:
        return ()
    if not isinstance(value, Items):
        raise value.error("assumptions is a list of conditions")
    made = tuple(
        parse_condition(text(item, "an assumption").piece(), scope) for item in value.items
    )
    scope.supposed |= {name for name, _ in outside_means(scope, frozenset(), made)}
    return made
