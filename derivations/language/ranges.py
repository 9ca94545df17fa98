r"""What stands below a sum, and behind "for all": indices with their ranges and conditions.

``i = 1``, ``1 \le i < j \le n``, ``i \ne j``, ``A \subseteq \{1, \ldots, n\}``, ``j \notin A``. A
name that is not known yet is a new index. An index without a range has that of the declarations,
or that of the families in whose subscripts it stands.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction

from derivations.language.conditions import Conditions
from derivations.language.nodes import (
    And,
    Comparison,
    Condition,
    Expression,
    Members,
    Node,
    Number,
    Or,
    Range,
    SizeOf,
    Span,
    Subsets,
    Symbol,
)
from derivations.language.sizes import constant, too_large
from derivations.language.tokens import Token
from derivations.language.trees import names_of, walk

__all__ = ["Found", "Ranges"]

NOT_INDICES = frozenset(["e", r"\mathbf{1}", r"\mathbb{1}", r"\mathbb{E}", r"\mathbb{P}"])
MOST_INDICES = 6
ONE = Number(Fraction(1))


@dataclass
class Found:
    """The indices that were read.

    Attributes:
        order: their names.
        domains: what each runs over; None until it is known.
        starts: the low end of those whose high end stands elsewhere.
        conditions: what leaves values out.
        places: where each name stands.
        alone: names that stand without a condition, as in ``i, j = 1``.
    """

    order: list[str] = field(default_factory=list)
    domains: dict[str, Range | Subsets | Members | None] = field(default_factory=dict)
    starts: dict[str, Expression] = field(default_factory=dict)
    conditions: list[Condition] = field(default_factory=list)
    places: dict[str, Span] = field(default_factory=dict)
    alone: set[str] = field(default_factory=set)

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


class Ranges(Conditions):
    """Reads indices."""

    def indices_until(self, end: int, of: Token | None = None) -> Found:
        """Read indices and conditions up to a token; an operator ``of`` needs one."""
        found = Found()
        self.new_names(end, found)
        if of is not None and not found.order:
            raise self.error(
                f"{of.text} needs an index that is not in use yet: take another letter"
            )
        with self.until(end, "the end of the range"), self.binding(found.sets()), self.nested():
            self.one_of(found, spoken=of is None)
            while self.separated():
                self.one_of(found, spoken=of is None)
                if self.joint() == "or":
                    raise self.error(
                        "'and' and 'or' without brackets: which comes first is not clear"
                    )
        self.take_sizes(found)
        return found

    def separated(self) -> bool:
        """Take what separates two of them."""
        if self.next.kind == "row" or self.joint() == "and":
            self.take()
            return True
        return False

    def new_names(self, end: int, found: Found) -> None:
        """Note the names that have no meaning yet."""
        for place in range(self.position, end):
            token, after = self.tokens[place], self.tokens[place + 1]
            known = token.text in self.bound or self.scope.declared(token.text)
            if token.kind not in ("letter", "name") or known or token.text in NOT_INDICES:
                continue
            if after.text in ("_", "'", "(") or token.text in found.order:
                continue
            found.order.append(token.text)
            found.places[token.text] = token.span
            found.domains[token.text] = None
            if after.text == r"\subseteq":
                found.domains[token.text] = Subsets(Range(Symbol(token.text), None))
        if len(found.order) > MOST_INDICES:
            raise self.error(f"more than {MOST_INDICES} indices at once")

    def one_of(self, found: Found, *, spoken: bool) -> None:
        """Read one range, name or condition; behind ``for all`` a variable may stand alone."""
        token = self.next
        after = self.ahead(1)
        alone = after.text == "," or after.kind in ("stop", "row") or after.text == "and"
        if spoken and alone and self.scope.families.get(token.text) == ():
            self.take()
            return None
        if token.text in found.order and token.kind in ("letter", "name"):
            if after.text == r"\subseteq":
                return self.subset_of(found)
            if after.text in (r"\in", r"\notin"):
                return self.element_of(found)
            if after.text == "=":
                return self.counted(found)
            if after.text == "," or after.kind in ("stop", "row", "letter", "name"):
                return self.names_alone(found)
        return self.absorb(self.either(), found)

    def names_alone(self, found: Found) -> None:
        r"""Read ``ij``, and the ``i, j = 1`` of ``\sum_{i, j = 1}^n`` up to its ``=``."""
        seen = []
        while self.next.text in found.order and self.ahead(1).text != "=":
            token = self.take()
            if token.text in seen:
                raise self.error(f"{token.text} stands twice", token)
            seen.append(token.text)
            found.alone.add(token.text)
        if self.next.text in found.order:
            self.counted(found)

    def either(self) -> Condition:
        """Read a condition, or several joined by ``or``."""
        first = self.next
        parts = [self.part()]
        while self.joint() == "or":
            self.take()
            parts.append(self.part())
        if len(parts) > 1 and self.joint() == "and":
            raise self.error("'and' and 'or' without brackets: which comes first is not clear")
        return parts[0] if len(parts) == 1 else Or(tuple(parts), span=self.since(first))

    def set_domain(self, name: str, domain: Range | Subsets | Members, found: Found) -> None:
        """Note what an index runs over, once."""
        before = found.domains[name]
        placeholder = isinstance(before, Subsets) and isinstance(domain, Subsets)
        if (before is not None and not placeholder) or name in found.starts:
            raise self.error(f"{name} has two ranges", found.places[name])
        why = too_large(domain) if isinstance(domain, Range) else ""
        if why:
            raise self.error(why, found.places[name])
        found.domains[name] = domain

    def subset_of(self, found: Found) -> None:
        r"""Read ``A \subseteq \{1, \ldots, n\}``."""
        name = self.take().text
        self.take()
        self.set_domain(name, Subsets(self.written_range()), found)
        self.bound = {**self.bound, **found.sets()}

    def written_range(self) -> Range:
        r"""Read ``\{1, \ldots, n\}`` or ``[n]``."""
        if self.accept("["):
            high = self.expression()
            self.expect("]")
            return Range(ONE, high)
        self.expect(r"\{", "a range is written as a set")
        low = self.expression()
        made = self.to_the_end(low)
        self.expect(r"\}")
        return made

    def to_the_end(self, low: Expression) -> Range:
        r"""Read ``, \ldots, n`` or ``, 2, \ldots, n`` behind the first value."""
        first = self.next
        self.expect(",")
        if not self.at("..."):
            second = self.expression()
            if not follows(low, second):
                raise self.error("dots go on from 1, 2 only", second.span)
            self.expect(",")
        self.expect("...", "a range of whole numbers")
        self.expect(",")
        return Range(low, self.expression(), span=self.since(first))

    def element_of(self, found: Found) -> None:
        r"""Read ``j \in A``, ``j \notin A``, ``j \in \{1, \ldots, n\}``."""
        name = self.take().text
        outside = self.take().text == r"\notin"
        of = self.bound.get(self.next.text)
        if isinstance(of, Subsets):
            token = self.take()
            members = Members(token.text, of.of if outside else None, span=token.span)
            return self.set_domain(name, members, found)
        if outside:
            raise self.error(r"\notin takes the name of a set that a sum runs over")
        return self.set_domain(name, self.written_range(), found)

    def counted(self, found: Found) -> None:
        r"""Read ``i = 1``, ``i = 1, \ldots, n``, ``i = 1..n``."""
        name = self.take().text
        self.take()
        low = self.expression()
        dots = [self.ahead(k).text for k in range(4)]
        if self.accept(".."):
            return self.set_domain(name, Range(low, self.expression()), found)
        if "..." in dots and dots[0] == ",":
            return self.set_domain(name, self.to_the_end(low), found)
        if found.domains[name] is not None or name in found.starts:
            raise self.error(f"{name} has two ranges", found.places[name])
        found.starts[name] = low
        return None

    def absorb(self, condition: Condition, found: Found) -> None:
        r"""Take the ranges out of ``1 \le i < j \le n``; what is left is a condition."""
        new = set(found.order)
        plain = not isinstance(condition, Comparison) or not new & names_of(condition)
        if plain or not isinstance(condition, Comparison) or not ordered(condition):
            found.conditions.append(condition)
            return
        chain = upwards(condition)
        outer = [not names_of(operand) & new for operand in chain.operands]
        kept = [True] * len(chain.relations)
        for place, operand in enumerate(chain.operands):
            if not (isinstance(operand, Symbol) and operand.name in new and not operand.indices):
                continue
            lows = [k for k in range(place) if outer[k]]
            highs = [k for k in range(place + 1, len(outer)) if outer[k]]
            known = found.domains[operand.name] is not None or operand.name in found.starts
            if not lows or not highs or known:
                continue
            low, high = lows[-1], highs[0]
            limits = Range(chain.operands[low], chain.operands[high])
            self.set_domain(operand.name, limits, found)
            if low == place - 1 and chain.relations[low] == "<=":
                kept[low] = False
            if high == place + 1 and chain.relations[place] == "<=":
                kept[place] = False
        if all(kept):
            found.conditions.append(condition)
            return
        for k, relation in enumerate(chain.relations):
            if kept[k]:
                pair = (chain.operands[k], chain.operands[k + 1])
                found.conditions.append(Comparison(pair, (relation,), span=condition.span))

    def take_sizes(self, found: Found) -> None:
        """Turn ``|A| = k`` into the size of the subsets."""
        for condition in list(found.conditions):
            match condition:
                case Comparison((SizeOf(name), size), ("=",)) if name in found.order:
                    domain = found.domains[name]
                    fixed = not names_of(size) & set(found.order)
                    if isinstance(domain, Subsets) and domain.size is None and fixed:
                        found.domains[name] = replace(domain, size=size)
                        found.conditions.remove(condition)

    # -------------------------------------------------------------- ranges that are not written

    def end_at(self, high: Expression | None, found: Found, token: Token) -> None:
        """Give the high end to the indices that have a start."""
        if not found.starts:
            raise self.error("an upper bound needs i = 1 below", token)
        starts, found.starts = found.starts, {}
        low = next(iter(starts.values()))
        for name in found.order:
            if found.domains[name] is None and (name in starts or name in found.alone):
                limits = Range(starts.get(name, low), high)
                self.set_domain(name, limits, found)

    def complete(self, found: Found, *bodies: Node) -> None:
        """Find the ranges that are not written."""
        for name in found.starts:
            raise self.error(f"{name} has no upper bound", found.places[name])
        for name, domain in found.domains.items():
            if domain is None:
                found.domains[name] = self.declared_range(name, found, bodies)

    def declared_range(self, name: str, found: Found, bodies: tuple[Node, ...]) -> Range:
        """Take the range of the declarations, or of the families that use the index."""
        known = self.scope.indices.get(name)
        if known is not None:
            return known
        uses = self.ranges_in_use(name, (*bodies, *found.conditions))
        if len(uses) == 1:
            return uses[0]
        low = one_sided(name, found)
        if low is not None and not uses:
            return Range(low, None)
        why = "several" if uses else "none"
        raise self.error(
            f"{name} has no range here, and the declarations give {why}: write it",
            found.places[name],
        )

    def ranges_in_use(self, name: str, bodies: tuple[Node, ...]) -> list[Range]:
        """Give the ranges of all subscripts in which an index stands alone."""
        uses: list[Range] = []
        for body in bodies:
            for node in walk(body):
                if not isinstance(node, Symbol) or not node.indices:
                    continue
                family = self.scope.families.get(node.name, ())
                for index, slot in zip(node.indices, family, strict=False):
                    limits = Range(slot.low, slot.high)
                    if index == Symbol(name) and limits not in uses:
                        uses.append(limits)
        return uses


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
