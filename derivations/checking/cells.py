"""A part of the domain where some polynomials have known signs, and what follows for others.

What is given here is sound and not complete: a sign that is left out is impossible in the cell; one
that is left in may be impossible too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field as attribute
from itertools import combinations_with_replacement
from typing import Any

from flint import fmpz_poly

from derivations.checking.elements import Field, Polynomial
from derivations.checking.farkas import is_combination
from derivations.checking.line import LinePart, line_parts, sign_on
from derivations.checking.stops import Clock, OutOfTime

__all__ = ["ANY", "Cell", "primitive"]

ANY = frozenset({-1, 0, 1})
_POSITIVE_KINDS = {"exp", "pi", "factorial", "gamma"}
MAX_FACTS = 24
LINEAR_PROGRAM_SECONDS = 1.0


def primitive(polynomial: Polynomial) -> tuple[int, list[tuple[Polynomial, int]]]:
    """Give the sign of the content and the irreducible factors with their powers."""
    content, factors = polynomial.factor()
    return (1 if content > 0 else -1), [(p, int(power)) for p, power in factors]


@dataclass(frozen=True)
class Cell:
    """Facts: each polynomial has one of the signs that stand with it."""

    field: Field
    facts: tuple[tuple[Polynomial, frozenset[int]], ...] = ()
    _memory: dict[Any, frozenset[int]] = attribute(default_factory=dict, compare=False, repr=False)

    def with_fact(self, polynomial: Polynomial, signs: Iterable[int]) -> Cell:
        """The part of the cell where a polynomial has one of some signs."""
        return Cell(self.field, (*self.facts, (polynomial, frozenset(signs))))

    def signs(self, polynomial: Polynomial, clock: Clock) -> frozenset[int]:
        """Give the signs that an irreducible polynomial may have in the cell."""
        key = tuple(polynomial.terms())
        if key not in self._memory:
            self._memory[key] = self._signs(polynomial, clock)
        return self._memory[key]

    def _signs(self, polynomial: Polynomial, clock: Clock) -> frozenset[int]:
        found = self._stated(polynomial)
        if len(found) == 1:
            return found
        slots = self.field.slots_in(polynomial)
        if len(slots) == 1:
            found &= self._generator_signs(polynomial, slots[0])
            found &= self._on_line(polynomial, slots[0], clock)
        if len(found) > 1:
            found &= self._by_combination(polynomial, found, clock)
        return found

    def _stated(self, polynomial: Polynomial) -> frozenset[int]:
        found = ANY
        for fact, signs in self.facts:
            if fact == polynomial:
                found &= signs
            elif fact == -polynomial:
                found &= frozenset(-s for s in signs)
        return found

    def _generator_signs(self, polynomial: Polynomial, slot: int) -> frozenset[int]:
        generator = self.field.generators[slot]
        if polynomial != self.field.symbols[slot]:
            return ANY
        if generator.kind in _POSITIVE_KINDS:
            return frozenset({1})
        return frozenset({0, 1}) if generator.kind == "root" else ANY

    def line(self, slot: int, clock: Clock, *others: Polynomial) -> list[LinePart]:
        """The parts of the line of one variable on which all facts about it alone hold."""
        facts = [(p, s) for p, s in self.facts if self.field.slots_in(p) == [slot]]
        split = [(_factors(p, slot), s) for p, s in facts]
        every = [*(f for (_, f), _ in split), *(_factors(p, slot)[1] for p in others)]
        different: dict[str, fmpz_poly] = {str(f): f for fs in every for f, _ in fs}
        parts = line_parts(list(different.values()), clock)
        return [
            part
            for part in parts
            if all(content * sign_on(part, fs) in signs for (content, fs), signs in split)
        ]

    def _on_line(self, polynomial: Polynomial, slot: int, clock: Clock) -> frozenset[int]:
        content, factors = _factors(polynomial, slot)
        parts = self.line(slot, clock, polynomial)
        return frozenset(content * sign_on(part, factors) for part in parts)

    def _known(self, slots: set[int]) -> list[tuple[Polynomial, bool]]:
        """Polynomials that are not negative, those that share variables first."""
        found = []
        for fact, signs in self.facts:
            for side, sign in ((fact, 1), (-fact, -1)):
                if -sign not in signs:
                    found.append((side, 0 not in signs))
        for slot in slots:
            for sign in self._generator_signs(self.field.symbols[slot], slot):
                if self._generator_signs(self.field.symbols[slot], slot) != ANY and sign == 1:
                    found.append((self.field.symbols[slot], False))
        near = [item for item in found if slots & set(self.field.slots_in(item[0]))]
        return near[:MAX_FACTS]

    def _by_combination(
        self, polynomial: Polynomial, open_signs: frozenset[int], clock: Clock
    ) -> frozenset[int]:
        slots = set(self.field.slots_in(polynomial))
        known = self._known(slots)
        for fact, _ in list(known):  # facts that are linked to the polynomial through others
            slots |= set(self.field.slots_in(fact))
        known = _with_products(self._known(slots), self.field, slots, polynomial)
        limited = (
            clock.part(1.0)
            if clock.is_over
            else Clock(min(clock.end, Clock.of(LINEAR_PROGRAM_SECONDS).end))
        )
        try:
            for side, sign in ((polynomial, 1), (-polynomial, -1)):
                if is_combination(side, known, strict=True, clock=limited):
                    return frozenset({sign})
                if is_combination(side, known, strict=False, clock=limited):
                    return frozenset({0, sign})
        except OutOfTime:
            clock.check()
        return open_signs


def _factors(polynomial: Polynomial, slot: int) -> tuple[int, list[tuple[fmpz_poly, int]]]:
    """Sign of the content, and irreducible factors of a polynomial in one variable."""
    sign, factors = primitive(polynomial)
    found = []
    for factor, power in factors:
        entries = [0] * (factor.degrees()[slot] + 1)
        for exponents, c in factor.terms():
            entries[exponents[slot]] = int(c.p)
        found.append((fmpz_poly(entries), power))
    return sign, found


def _with_products(
    known: list[tuple[Polynomial, bool]], field_: Field, slots: set[int], target: Polynomial
) -> list[tuple[Polynomial, bool]]:
    """The facts, 1, their products by two, and squares of variables and of differences."""
    one = field_.context.constant(1)
    linear = [(one, True), *known]
    if target.total_degree() <= 1 and all(p.total_degree() <= 1 for p, _ in known):
        return linear
    found = list(linear)
    for (p, a), (q, b) in combinations_with_replacement(known, 2):
        found.append((field_.reduced(p * q), a and b))
    variables = [field_.symbols[slot] for slot in sorted(slots)]
    for x in variables:
        found += [(field_.reduced(side), False) for side in (x * x, (x - 1) ** 2)]
    for k, x in enumerate(variables):
        for y in variables[:k]:
            found += [(field_.reduced(side), False) for side in ((x - y) ** 2, (x + y) ** 2)]
    return found
