r"""Exact values: rational functions over the rationals in generators that are added when met.

A generator is a variable, a root ``r`` with ``r^k = g``, a cosine ``2 cos(2 pi / N)``, a constant
such as ``pi``, or a function of other values that stays as it is (a *kernel*: ``exp(x)``, a sum to
a symbolic bound). Roots and cosines are reduced by their equations after every operation, so that a
numerator that is the zero polynomial is proven to be zero. A value without generators is a rational
number and is kept as one.

Generators are ordered from the last added, which is the greatest, to the first: the equation of one
names only earlier ones, and one division by each reduces it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

from flint import Ordering, fmpq, fmpq_mpoly_ctx

from derivations.checking.stops import NotExact, NoValue

__all__ = ["VARIABLE_KINDS", "Element", "Field", "Generator", "Polynomial", "coefficients"]

Polynomial: TypeAlias = Any
"""An ``fmpq_mpoly`` of the context of a field."""

SLOTS = 56
VARIABLE_KINDS = ("variable", "integer", "local", "index", "member", "total")
"""Kinds that no equation ties down; the others are constants or functions of arguments."""
MAX_TERMS = 20_000
MAX_POWER = 400
MAX_BITS = 200_000


@dataclass(frozen=True)
class Generator:
    """What a generator stands for.

    Attributes:
        kind: one of ``VARIABLE_KINDS``, ``"root"``, ``"cosine"``, ``"pi"`` or a function's name.
        key: tells it from others of its kind.
        arguments: of a function or a root, values in earlier generators.
        degree: of its equation; 0 where it has none.
    """

    kind: str
    key: Hashable
    arguments: tuple[Element, ...] = ()
    degree: int = 0


class Field:
    """The generators met so far, and their equations."""

    def __init__(self) -> None:
        names = [f"g{slot}" for slot in range(SLOTS)]
        self.context = fmpq_mpoly_ctx.get(names, Ordering.lex)
        self.symbols = self.context.gens()
        self.generators: dict[int, Generator] = {}
        self.relations: dict[int, Polynomial] = {}
        self.turns = 1  # N of the cosine 2 cos(2 pi / N) in use
        self.fineness: dict[Hashable, int] = {}  # by argument: the denominator of its multiples
        self._slots: dict[tuple[str, Hashable], int] = {}
        self._bases: dict[int, frozenset[int]] = {}

    def number(self, value: Fraction | int) -> Element:
        """The value of a rational number."""
        return Element(self, fmpq(value.numerator, value.denominator))

    def of(self, numerator: Polynomial) -> Element:
        """The value of a polynomial in the generators."""
        return self.quotient(numerator, self.context.constant(1))

    def find(self, kind: str, key: Hashable) -> int | None:
        """Give the slot of a generator, where it is known."""
        return self._slots.get((kind, key))

    def add(self, generator: Generator) -> int:
        """Give the slot of a generator, a new one where it is not known yet."""
        name = (generator.kind, generator.key)
        if name in self._slots:
            return self._slots[name]
        slot = SLOTS - 1 - len(self.generators)
        if slot < 0:
            raise NotExact(f"more than {SLOTS} different variables, roots and functions")
        bases: frozenset[int] = frozenset()
        for argument in generator.arguments:
            bases |= argument.bases
        self._slots[name], self.generators[slot] = slot, generator
        if generator.kind in VARIABLE_KINDS:
            bases |= {slot}
        self._bases[slot] = bases
        return slot

    def element(self, generator: Generator) -> Element:
        """The value of a generator."""
        slot = self.add(generator)
        return Element(self, None, self.symbols[slot], self.context.constant(1))

    def variable(self, name: str, kind: str = "variable") -> Element:
        """The value of a variable by its name."""
        return self.element(Generator(kind, name))

    def slots_in(self, polynomial: Polynomial) -> list[int]:
        """The slots that occur in a polynomial, the greatest generator first."""
        return [slot for slot, degree in enumerate(polynomial.degrees()) if degree > 0]

    def bases_of(self, polynomial: Polynomial) -> frozenset[int]:
        """The variables and constants that a polynomial depends on, through kernels too."""
        found: frozenset[int] = frozenset()
        for slot in self.slots_in(polynomial):
            found |= self._bases[slot]
        return found

    def reduced(self, polynomial: Polynomial) -> Polynomial:
        """Reduce a polynomial by the equations of the generators in it."""
        for slot, relation in sorted(self.relations.items()):
            if polynomial.degrees()[slot] >= relation.degrees()[slot]:
                polynomial = polynomial % relation
        return polynomial

    def _without_root(self, under: Polynomial) -> Polynomial | None:
        """What takes a root that divides a denominator out of it: ``1/r`` is ``r/2`` for sqrt 2."""
        for slot, relation in self.relations.items():
            power = under.degrees()[slot]
            is_root = power > 0 and self.generators[slot].kind == "root"
            if is_root and all(exponents[slot] == power for exponents in under.monoms()):
                return self.symbols[slot] ** (relation.degrees()[slot] - power)
        return None

    def quotient(self, numerator: Polynomial, denominator: Polynomial) -> Element:
        """Make a value of two polynomials, in lowest terms."""
        if len(numerator) + len(denominator) > MAX_TERMS:
            raise NotExact(f"a polynomial of more than {MAX_TERMS} terms")
        over, under = self.reduced(numerator), self.reduced(denominator)
        if under.is_zero():
            raise NoValue("division by zero")
        if not over.is_zero() and not under.is_constant():
            common = over.gcd(under)
            if not common.is_constant():
                over, under = over // common, under // common
        if over.is_zero():
            return Element(self, fmpq(0))
        if not under.is_constant():
            lifted = self._without_root(under)
            if lifted is not None:
                return self.quotient(over * lifted, under * lifted)
        lead = under.leading_coefficient()
        over, under = over / lead, under / lead
        if over.is_constant() and under.is_constant():
            return Element(self, over.leading_coefficient())
        return Element(self, None, over, under)


class Element:
    """A value of a field; immutable. ``rational`` is None where generators occur."""

    __slots__ = ("_denominator", "_numerator", "field", "rational")

    def __init__(
        self,
        field: Field,
        rational: Any,
        numerator: Polynomial = None,
        denominator: Polynomial = None,
    ) -> None:
        self.field, self.rational = field, rational
        self._numerator, self._denominator = numerator, denominator

    @property
    def numerator(self) -> Polynomial:
        """The numerator, in lowest terms."""
        if self.rational is None:
            return self._numerator
        return self.field.context.constant(self.rational)

    @property
    def denominator(self) -> Polynomial:
        """The denominator; its leading coefficient is 1."""
        return self.field.context.constant(1) if self.rational is not None else self._denominator

    @property
    def bases(self) -> frozenset[int]:
        """The slots of the variables and constants that the value depends on."""
        if self.rational is not None:
            return frozenset()
        return self.field.bases_of(self._numerator) | self.field.bases_of(self._denominator)

    @property
    def slots(self) -> set[int]:
        """The slots that occur in the value itself."""
        if self.rational is not None:
            return set()
        found = self.field.slots_in(self._numerator) + self.field.slots_in(self._denominator)
        return set(found)

    @property
    def fraction(self) -> Fraction | None:
        """The value as a fraction, where it is a rational number."""
        if self.rational is None:
            return None
        return Fraction(int(self.rational.p), int(self.rational.q))

    @property
    def is_zero(self) -> bool:
        """Whether the value is proven to be zero by its form alone."""
        return self.rational is not None and bool(self.rational == 0)

    @property
    def key(self) -> Hashable:
        """What tells the value from others of its field."""
        if self.rational is not None:
            return ("q", int(self.rational.p), int(self.rational.q))
        return (_terms(self._numerator), _terms(self._denominator))

    def as_integer(self) -> int | None:
        """The value as a whole number, where it is one."""
        if self.rational is None or self.rational.q != 1:
            return None
        return int(self.rational.p)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Element) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __add__(self, other: Element) -> Element:
        if self.rational is not None and other.rational is not None:
            return Element(self.field, self.rational + other.rational)
        a, b, c, d = self.numerator, self.denominator, other.numerator, other.denominator
        if b == d:
            return self.field.quotient(a + c, b)
        return self.field.quotient(a * d + c * b, b * d)

    def __neg__(self) -> Element:
        if self.rational is not None:
            return Element(self.field, -self.rational)
        return Element(self.field, None, -self._numerator, self._denominator)

    def __sub__(self, other: Element) -> Element:
        return self + (-other)

    def __mul__(self, other: Element) -> Element:
        if self.rational is not None and other.rational is not None:
            return Element(self.field, self.rational * other.rational)
        return self.field.quotient(
            self.numerator * other.numerator, self.denominator * other.denominator
        )

    def __truediv__(self, other: Element) -> Element:
        if other.is_zero:
            raise NoValue("division by zero")
        if self.rational is not None and other.rational is not None:
            return Element(self.field, self.rational / other.rational)
        return self.field.quotient(
            self.numerator * other.denominator, self.denominator * other.numerator
        )

    def __pow__(self, exponent: int) -> Element:
        if exponent < 0:
            return self.field.number(1) / self**-exponent
        if self.rational is not None:
            size = max(int(self.rational.p).bit_length(), int(self.rational.q).bit_length())
            if size * exponent > MAX_BITS:
                raise NotExact(f"a number of more than {MAX_BITS} bits")
            return Element(self.field, self.rational**exponent)
        if exponent > MAX_POWER:
            raise NotExact(f"a power above {MAX_POWER}")
        _check_power(self._numerator, exponent)
        _check_power(self._denominator, exponent)
        return self.field.quotient(self._numerator**exponent, self._denominator**exponent)

    def __repr__(self) -> str:
        if self.rational is not None:
            return str(self.rational)
        return f"({self._numerator})/({self._denominator})"

    def replace(self, slot: int, value: Element) -> Element:
        """Put a value for a generator that no kernel depends on."""
        if slot not in self.slots:
            return self
        return _composed(self.numerator, slot, value) / _composed(self.denominator, slot, value)

    def derivative(self, of_generator: Callable[[int], Element | None]) -> Element:
        """Differentiate, given the derivative of every generator; None where it is zero."""
        if self.rational is not None:
            return self.field.number(0)
        over, under = self._numerator, self._denominator
        total = self.field.number(0)
        for slot in self.slots:
            inner = of_generator(slot)
            if inner is not None and not inner.is_zero:
                outer = over.derivative(slot) * under - over * under.derivative(slot)
                total = total + self.field.quotient(outer, under * under) * inner
        return total


def _check_power(polynomial: Polynomial, exponent: int) -> None:
    if len(polynomial) > 1 and len(polynomial) * exponent > MAX_TERMS // 8:
        raise NotExact("a power of a long sum")


def _terms(polynomial: Polynomial) -> Hashable:
    return tuple((exponents, str(c)) for exponents, c in polynomial.terms())


def coefficients(polynomial: Polynomial, slot: int) -> list[Polynomial]:
    """Give the coefficients of a polynomial by the powers of one generator, from the constant."""
    context = polynomial.context()
    parts: list[dict[Sequence[int], Any]] = [{} for _ in range(polynomial.degrees()[slot] + 1)]
    for exponents, c in polynomial.terms():
        power = exponents[slot]
        parts[power][(*exponents[:slot], 0, *exponents[slot + 1 :])] = c
    return [context.from_dict(part) for part in parts]


def _composed(polynomial: Polynomial, slot: int, value: Element) -> Element:
    """Horner's scheme in one generator."""
    field = value.field
    total = field.number(0)
    for part in reversed(coefficients(polynomial, slot)):
        total = total * value + field.of(part)
    return total
