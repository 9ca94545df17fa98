r"""Indices that were read below a sum or behind "for all", and chains of orders that bound them."""

from __future__ import annotations

from dataclasses import dataclass, field

from derivations.language.nodes import (
    And,
    Comparison,
    Condition,
    Expression,
    Members,
    Range,
    Span,
    Subsets,
    Symbol,
)
from derivations.language.sizes import constant
from derivations.language.trees import names_of

__all__ = ["Found", "follows", "one_sided", "ordered", "upwards"]


@dataclass
class Found:
    r"""The indices that were read.

    Attributes:
        order: their names.
        domains: what each runs over; None until it is known.
        starts: the low end of those whose high end stands elsewhere.
        conditions: what leaves values out.
        places: where each name stands.
        alone: names that stand without a condition, as in ``i, j = 1``.
        ordered: names whose range was taken from ``1 \le i \le n``.
    """

    order: list[str] = field(default_factory=list)
    domains: dict[str, Range | Subsets | Members | None] = field(default_factory=dict)
    starts: dict[str, Expression] = field(default_factory=dict)
    conditions: list[Condition] = field(default_factory=list)
    places: dict[str, Span] = field(default_factory=dict)
    alone: set[str] = field(default_factory=set)
    ordered: list[str] = field(default_factory=list)

    def sets(self) -> dict[str, Subsets | None]:
        """Give the meaning of the names in formulas: a set, or a number."""
        return {
            name: domain if isinstance(domain, Subsets) else None
            for name, domain in self.domains.items()
        }

    def condition_of(self, name: str) -> Condition | None:
        """Give the conditions of an index: those that name it, and none that comes later."""
        place = self.order.index(name)
        mine = []
        for condition in self.conditions:
            used = [k for k, other in enumerate(self.order) if other in names_of(condition)]
            if max(used, default=len(self.order) - 1) == place:
                mine.append(condition)
        return None if not mine else mine[0] if len(mine) == 1 else And(tuple(mine))


def one_sided(name: str, found: Found) -> Expression | None:
    r"""Give the low end of ``k \ge 1``."""
    for condition in found.conditions:
        if isinstance(condition, Comparison) and ordered(condition):
            chain = upwards(condition)
            if chain.operands[1:] == (Symbol(name),):
                return chain.operands[0]
    return None


def ordered(condition: Comparison) -> bool:
    """Say whether all relations are orders of one direction."""
    return set(condition.relations) <= {"<", "<="} or set(condition.relations) <= {">", ">="}


def upwards(condition: Comparison) -> Comparison:
    """Turn a chain so that it rises."""
    if condition.relations[0] in ("<", "<="):
        return condition
    flipped = tuple({">": "<", ">=": "<="}[relation] for relation in condition.relations[::-1])
    return Comparison(condition.operands[::-1], flipped, span=condition.span)


def follows(low: Expression, second: Expression) -> bool:
    """Say whether two numbers follow each other."""
    first, after = constant(low), constant(second)
    return first is not None and after is not None and after - first == 1
