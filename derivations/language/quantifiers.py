r"""What "for all" binds: the free indices of a statement, and those of its conditions alone.

An index of the statement is free: each of its values is a claim of its own. An index that stands
in a condition alone, ``w_1 w_2 > 0`` for ``w_i > 0``, says that the condition holds for all of its
values, and is written out here. Where a reader could take it both ways there is no reading.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from itertools import product
from math import prod
from typing import Any, TypeVar

from derivations.language.cursor import Scope
from derivations.language.errors import DerivationError
from derivations.language.indices import Found
from derivations.language.limits import MOST_WRITTEN_OUT
from derivations.language.nodes import (
    Apply,
    BigOperator,
    Comparison,
    Condition,
    Derivative,
    Expression,
    Integral,
    Limit,
    Node,
    Number,
    Range,
    Span,
    Symbol,
)
from derivations.language.records import Index
from derivations.language.sizes import constant
from derivations.language.trees import names_of, walk

__all__ = ["Quantified", "put", "values_of"]

Written = TypeVar("Written", bound=Node)

COUNTING = ("factorial", "double_factorial", "binomial")
"""Functions whose arguments are whole numbers."""


def put(tree: Written, values: Mapping[str, Expression]) -> Written:
    """Put values for names.

    Args:
        tree: an expression or a condition.
        values: by name; no derivative or limit is by one of them.

    Returns:
        The tree with them.

    Example:
        >>> put(Symbol("w", (Symbol("i"),)), {"i": Number(Fraction(2))})
        Symbol(name='w', indices=(Number(value=Fraction(2, 1)),))
    """
    if isinstance(tree, Symbol) and not tree.indices and tree.name in values:
        return values[tree.name]  # type: ignore[return-value]
    if isinstance(tree, BigOperator | Integral):
        own = tree.index if isinstance(tree, BigOperator) else tree.variable
        values = {name: value for name, value in values.items() if name != own}

    def inside(part: object) -> object:
        if isinstance(part, tuple):
            return tuple(inside(item) for item in part)
        return put(part, values) if isinstance(part, Node) else part

    parts: dict[str, Any] = {
        entry.name: inside(getattr(tree, entry.name)) for entry in fields(tree)
    }
    return replace(tree, **parts)


def values_of(indices: Sequence[Index]) -> list[dict[str, Expression]] | None:
    """Give all values of indices together.

    Args:
        indices: with their ranges.

    Returns:
        Values by name; None where a range is not between numbers, or has too many values.
    """
    ranges = []
    for index in indices:
        low, high = constant(index.low), constant(index.high)
        if low is None or high is None or low.denominator > 1 or high.denominator > 1:
            return None
        ranges.append(range(int(low), int(high) + 1))
    if prod(len(values) for values in ranges) > MOST_WRITTEN_OUT:
        return None
    names = [index.name for index in indices]
    return [
        {name: Number(Fraction(value)) for name, value in zip(names, values, strict=True)}
        for values in product(*ranges)
    ]


@dataclass
class Quantified:
    r"""The indices and conditions behind a statement, whose ranges are complete.

    Attributes:
        scope: the names that are declared.
        free: what was read there.
        sides: the operands of the statement; of an equivalence, of each side.
        error: points to a place.
    """

    scope: Scope
    free: Found
    sides: list[tuple[Expression, ...]]
    error: Callable[[str, Span], DerivationError]

    def read(self) -> tuple[tuple[Condition, ...], tuple[Index, ...]]:
        """Give the conditions, and the indices for whose values the statement is claimed."""
        standing = [set().union(*map(names_of, side)) for side in self.sides]
        self.refuse_one_sided(standing)
        self.refuse_reals()
        alone = [name for name in self.free.order if not any(name in names for names in standing)]
        conditions: list[Condition] = []
        for condition in self.free.conditions:
            conditions += self.for_all_values(condition, alone)
        used = set().union(*map(names_of, self.free.conditions)) & set(alone)
        kept = [name for name in self.free.order if name not in used]
        return tuple(conditions), tuple(self.index(name) for name in kept)

    def refuse_one_sided(self, standing: list[set[str]]) -> None:
        r"""Refuse ``a = 0 \iff w_i = 0`` for all ``i``: perhaps within the right side."""
        for name in self.free.order:
            if any(name in names for names in standing) and not all(
                name in names for names in standing
            ):
                raise self.error(
                    rf"{name} stands on one side of the equivalence alone: whether it holds for"
                    rf" each {name}, or one side for all {name}, is not clear; write both"
                    " directions as statements with conditions",
                    self.free.places[name],
                )

    def refuse_reals(self) -> None:
        r"""Refuse ``0 \le t \le 1`` of a ``t`` that is not declared: a number, not an index."""
        for name in self.free.ordered:
            trees = [*(tree for side in self.sides for tree in side), *self.free.conditions]
            if name not in self.scope.indices and name not in counted(trees, self.scope):
                raise self.error(
                    f"{name} is not declared: declare it, or, if it is an index, write its values:"
                    rf" {name} = 1, \ldots, n",
                    self.free.places[name],
                )

    def for_all_values(self, condition: Condition, alone: list[str]) -> Iterator[Condition]:
        """Write a condition out for all values of the indices that stand in no side."""
        used = [name for name in self.free.order if name in names_of(condition)]
        outside = [name for name in used if name in alone]
        if not outside:
            yield condition
            return
        place = self.free.places[outside[0]]
        indices = [self.index(name) for name in outside]
        names = names_of(condition) - set(used)
        ordered = isinstance(condition, Comparison) and {"=", "!="}.isdisjoint(condition.relations)
        clear = used == outside and ordered and names  # a product is 0 if one w_i = 0
        if not clear or differentiated(condition) & set(outside):
            raise self.error(
                f"{outside[0]} does not stand in the statement: whether the condition is meant for"
                " all of its values is not clear; write the conditions out",
                place,
            )
        found = values_of(indices)
        if found is None:
            raise self.error(
                f"{outside[0]} does not stand in the statement, and the condition for all of its"
                f" values is written out between numbers alone, at most {MOST_WRITTEN_OUT} times:"
                " give the family its domain in the front matter",
                place,
            )
        yield from (put(condition, values) for values in found)

    def index(self, name: str) -> Index:
        """Give the range of a free index."""
        domain = self.free.domains[name]
        if not isinstance(domain, Range) or domain.high is None:
            raise self.error(f"{name} needs a range that ends", self.free.places[name])
        return Index(name, domain.low, domain.high)


def differentiated(*trees: Node) -> set[str]:
    """Give the names by which a derivative or limit in trees is."""
    found = [node for tree in trees for node in walk(tree)]
    return {node.variable.name for node in found if isinstance(node, Derivative | Limit)}


def counted(trees: Sequence[Node], scope: Scope) -> set[str]:
    """Give the names that stand where whole numbers do: below a letter, at the ends of a sum."""
    found: set[str] = set()
    for node in (node for tree in trees for node in walk(tree)):
        match node:
            case Symbol(_, indices):
                parts: tuple[Node, ...] = indices
            case Apply(name, arguments) if name in COUNTING:
                parts = arguments
            case Apply(name, arguments):
                parts = arguments[: scope.functions.get(name, (0, 0))[0]]
            case Range(low, high):
                parts = (low,) if high is None else (low, high)
            case _:
                parts = ()
        found = found.union(*map(names_of, parts))
    return found
