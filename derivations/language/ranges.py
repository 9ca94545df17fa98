r"""What stands below a sum, and behind "for all": indices with their ranges and conditions.

``i = 1``, ``1 \le i < j \le n``, ``i \ne j``, ``A \subseteq \{1, \ldots, n\}``, ``j \notin A``. A
name that is not known yet is a new index. An index without a range has that of the declarations,
or that of the families in whose subscripts it stands.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from derivations.language.conditions import OPEN, SHUT
from derivations.language.cursor import found as name_of
from derivations.language.indices import Found, follows, one_sided, ordered, upwards
from derivations.language.lists import Listed, Lists
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
    Subsets,
    Symbol,
)
from derivations.language.sizes import too_large
from derivations.language.tokens import Token
from derivations.language.trees import names_of, walk

__all__ = ["Ranges"]

NOT_INDICES = frozenset(["e", r"\mathbf{1}", r"\mathbb{1}", r"\mathbb{E}", r"\mathbb{P}"])
MOST_INDICES = 6
ONE = Number(Fraction(1))
NOTHING = And(())
"""What is said where a range stands, or a name alone."""


class Ranges(Lists):
    """Reads indices."""

    last: Condition = NOTHING

    def indices_until(self, end: int, of: Token | None = None) -> Found:
        """Read indices and conditions up to a token; an operator ``of`` needs one."""
        found = Found()
        self.new_names(end, found)
        if of is not None and not found.order:
            raise self.error(
                f"{of.text} needs an index that is not in use yet: take another letter"
            )
        with self.until(end, "the end of the range"), self.binding(found.sets()), self.nested():
            related = self.one_of(found, spoken=of is None)
            while True:
                row, before = self.next.kind == "row", self.before_comma(self.last)
                if not self.separated():
                    break
                if related and not row and self.listed_ahead().relation < 0:
                    raise self.error(
                        "a name alone behind a condition: write the condition of it, or its range"
                    )
                related = self.one_of(found, spoken=of is None, before=before, behind=not row)
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

    def one_of(
        self,
        found: Found,
        *,
        spoken: bool,
        before: Comparison | None = None,
        behind: bool = False,
    ) -> bool:
        """Read one range, name or condition; behind ``for all`` a variable may stand alone.

        Args:
            found: takes what is read.
            spoken: whether it stands behind ``for all``.
            before: the comparison that ends at the comma before it.
            behind: whether a comma or ``and`` stands before it.

        Returns:
            Whether something is said of what was read: a variable alone is only named.
        """
        token, after, listed = self.next, self.ahead(1), self.listed_ahead()
        self.last = NOTHING
        if listed.relation < 0 or (len(listed.items) > 1 and self.named_before(listed, found)):
            if spoken and self.scope.families.get(token.text) == () and listed.relation < 0:
                self.take()
            elif token.text in found.order and token.kind in ("letter", "name"):
                self.names_alone(found)
            else:
                self.absorb(self.either(), found)
            return False
        if len(listed.items) > 1:
            self.said_of_all(listed, found, before)
        elif token.text in found.order and after.text in (r"\subseteq", r"\in", r"\notin", "="):
            self.take()
            self.of_index(token, found)
        elif token.text in found.order and after.kind in ("letter", "name"):
            self.names_alone(found)
        else:
            self.last = self.either(behind=behind)
            self.refuse_between(before, self.last)
            self.absorb(self.last, found)
        return True

    def named_before(self, listed: Listed, found: Found) -> bool:
        r"""Say whether a list is names alone: ``i, j, i \ne j`` speaks of them behind them."""
        start, end = listed.items[-1][0], self.part_ends(listed.relation)
        spoken_of = {token.text for token in self.tokens[start:end]}
        items = [self.index_at(*item, found) for item in listed.items[:-1]]
        return all(items) and bool(spoken_of & (found.alone | {t.text for t in items if t}))

    def part_ends(self, place: int) -> int:
        """Find the end of the condition whose relation stands at a place."""
        deep = 0
        for end in range(place, len(self.tokens)):
            token = self.tokens[end]
            deep += (token.text in OPEN) - (token.text in SHUT)
            if token.kind in ("stop", "row") or (deep == 0 and token.text in (",", "and")):
                return end
        return len(self.tokens)

    def index_at(self, start: int, stop: int, found: Found) -> Token | None:
        """Give the new index that an item is, if it is one."""
        token = self.tokens[start]
        single = stop == start + 1 and token.kind in ("letter", "name")
        return token if single and token.text in found.order else None

    def said_of_all(self, listed: Listed, found: Found, before: Comparison | None) -> None:
        r"""Read ``a, b > 0`` and ``i, j \in \{1, \ldots, n\}``: of each in turn."""
        indices = [self.index_at(*item, found) for item in listed.items]
        relation = self.tokens[listed.relation]
        named = [token for token in indices if token is not None]
        behind = {t.text for t in self.tokens[listed.relation : self.part_ends(listed.relation)]}
        single = {self.tokens[start].text for start, stop in listed.items if stop == start + 1}
        mixed = 0 < len(named) < len(indices) or bool(single & behind)  # a, b > a
        if relation.text == r"\subseteq" or mixed:
            raise self.error(
                "whether this is said of all that stand before it is not clear: write it of each",
                relation,
            )
        for (start, stop), token in zip(listed.items, indices, strict=True):
            if token is not None and relation.text in (r"\in", r"\notin", "="):
                self.position = listed.relation
                self.of_index(token, found)
                continue
            self.position = start
            first, left = self.next, self.expression()
            if self.position != stop:
                raise self.error(f"{name_of(self.next)} does not belong here")
            self.position = listed.relation
            self.last = self.related(left, first)
            if self.joint() == "or":
                raise self.error("a list and 'or': write each condition out")
            self.refuse_between(before, self.last)
            self.absorb(self.last, found)

    def of_index(self, token: Token, found: Found) -> None:
        """Read what an index runs over, behind its name."""
        self.last = NOTHING
        if self.at(r"\subseteq"):
            self.subset_of(token.text, found)
        elif self.at("="):
            self.counted(token.text, found)
        else:
            self.element_of(token.text, found)

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
            self.counted(self.take().text, found)

    def either(self, *, behind: bool = False) -> Condition:
        """Read a condition, or several joined by ``or``."""
        first = self.next
        parts = [self.part()]
        while self.joint() == "or":
            if behind:
                raise self.error("'and' and 'or' without brackets: which comes first is not clear")
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

    def subset_of(self, name: str, found: Found) -> None:
        r"""Read ``A \subseteq \{1, \ldots, n\}``."""
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

    def element_of(self, name: str, found: Found) -> None:
        r"""Read ``j \in A``, ``j \notin A``, ``j \in \{1, \ldots, n\}``."""
        outside = self.take().text == r"\notin"
        of = self.bound.get(self.next.text)
        if isinstance(of, Subsets):
            token = self.take()
            members = Members(token.text, of.of if outside else None, span=token.span)
            return self.set_domain(name, members, found)
        if outside:
            raise self.error(r"\notin takes the name of a set that a sum runs over")
        return self.set_domain(name, self.written_range(), found)

    def counted(self, name: str, found: Found) -> None:
        r"""Read ``i = 1``, ``i = 1, \ldots, n``, ``i = 1..n``."""
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
            found.ordered.append(operand.name)
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
