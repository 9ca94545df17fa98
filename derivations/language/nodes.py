r"""Trees of expressions, conditions and statements, as the parser makes them and the checker reads.

Every node is immutable and compares by its content alone: where it stood in the document
(``span``) does not count. A tree says what was written; what it means is told in
``derivations.checking``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeAlias

__all__ = [
    "NOWHERE",
    "And",
    "Apply",
    "BigOperator",
    "Cases",
    "Comparison",
    "Condition",
    "Constant",
    "Contains",
    "Derivative",
    "Expectation",
    "Expression",
    "Indicator",
    "Integral",
    "Limit",
    "Members",
    "Negative",
    "Node",
    "Number",
    "Or",
    "Parity",
    "Power",
    "Probability",
    "Product",
    "Quotient",
    "Range",
    "SizeOf",
    "Span",
    "Statement",
    "Subsets",
    "Sum",
    "Symbol",
]


@dataclass(frozen=True)
class Span:
    """Where something stands in a document: characters from ``start`` to before ``stop``."""

    start: int
    stop: int


NOWHERE = Span(0, 0)


@dataclass(frozen=True)
class Node:
    """What every node has."""

    span: Span = field(default=NOWHERE, compare=False, kw_only=True, repr=False)


# ------------------------------------------------------------------ expressions


@dataclass(frozen=True)
class Number(Node):
    """A number that is written out: ``3``, ``0.25``."""

    value: Fraction


@dataclass(frozen=True)
class Constant(Node):
    """``pi`` or ``e``."""

    name: str


@dataclass(frozen=True)
class Symbol(Node):
    """A variable: ``p``, ``x_i``, ``w_{i,j}``; of one that is declared without index, none."""

    name: str
    indices: tuple[Expression, ...] = ()


@dataclass(frozen=True)
class Negative(Node):
    """``-x``."""

    body: Expression


@dataclass(frozen=True)
class Sum(Node):
    """``x + y - z``; the subtracted terms are ``Negative``."""

    terms: tuple[Expression, ...]


@dataclass(frozen=True)
class Product(Node):
    """``x y z``."""

    factors: tuple[Expression, ...]


@dataclass(frozen=True)
class Quotient(Node):
    """``x / y`` or a fraction."""

    numerator: Expression
    denominator: Expression


@dataclass(frozen=True)
class Power(Node):
    """``x ** y``."""

    base: Expression
    exponent: Expression


@dataclass(frozen=True)
class Apply(Node):
    """A function of numbers.

    ``function`` is one of the built-in names below, or one that the document declares (a definition
    or a quantity of the model). Built in: ``sqrt``, ``root`` (x, k), ``exp``, ``log``, ``sin``,
    ``cos``, ``tan``, ``erf``, ``Phi``, ``abs``, ``sign``, ``floor``, ``ceil``, ``max``, ``min``,
    ``positive_part``, ``binomial`` (n, k), ``factorial``, ``double_factorial``, ``gamma``.
    """

    function: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True)
class Indicator(Node):
    """1 where a condition holds, else 0."""

    condition: Condition


@dataclass(frozen=True)
class Cases(Node):
    """The first branch whose condition holds; ``otherwise`` may be missing."""

    branches: tuple[tuple[Expression, Condition], ...]
    otherwise: Expression | None = None


@dataclass(frozen=True)
class Range(Node):
    """Whole numbers from ``low`` to ``high``; ``high`` of None goes on for ever."""

    low: Expression
    high: Expression | None


@dataclass(frozen=True)
class Subsets(Node):
    """Subsets of the whole numbers of a range, all or those with ``size`` elements."""

    of: Range
    size: Expression | None = None


@dataclass(frozen=True)
class BigOperator(Node):
    """``sum`` or ``product`` over one index.

    Several indices are nested. ``condition`` leaves terms out: ``i < j``, ``j != i``, ``k`` odd.
    An index over ``Subsets`` stands for a set: ``j in A`` and ``|A|`` may use it.
    """

    kind: str
    index: str
    domain: Range | Subsets | Members
    body: Expression
    condition: Condition | None = None


@dataclass(frozen=True)
class Members(Node):
    """The elements of a set that an outer operator runs over; or those of a range not in it."""

    of: str
    outside: Range | None = None


@dataclass(frozen=True)
class SizeOf(Node):
    """``|A|`` of a set that an outer operator runs over."""

    of: str


@dataclass(frozen=True)
class Integral(Node):
    """``int_low^high body d variable``; a bound of None is infinite."""

    variable: str
    low: Expression | None
    high: Expression | None
    body: Expression


@dataclass(frozen=True)
class Expectation(Node):
    """``E body`` over all random variables of the document, given a condition if there is one."""

    body: Expression
    given: Condition | None = None


@dataclass(frozen=True)
class Probability(Node):
    """``P(condition)``."""

    condition: Condition
    given: Condition | None = None


@dataclass(frozen=True)
class Derivative(Node):
    """The ``order``-th derivative of ``body`` by ``variable``."""

    variable: Symbol
    order: int
    body: Expression


@dataclass(frozen=True)
class Limit(Node):
    """``lim_{variable -> target} body``; ``side`` is ``"+"``, ``"-"`` or empty.

    A target of None is plus infinity.
    """

    variable: Symbol
    target: Expression | None
    side: str
    body: Expression


# ------------------------------------------------------------------ conditions


@dataclass(frozen=True)
class Comparison(Node):
    """``a < b <= c``: each relation is one of ``= != < <= > >=``."""

    operands: tuple[Expression, ...]
    relations: tuple[str, ...]


@dataclass(frozen=True)
class And(Node):
    """All of several conditions."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True)
class Or(Node):
    """At least one of several conditions."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True)
class Contains(Node):
    """``j in A``, or not, for a set that an outer operator runs over."""

    element: Expression
    of: str
    negated: bool = False


@dataclass(frozen=True)
class Parity(Node):
    """``k`` even or odd."""

    body: Expression
    odd: bool


Expression: TypeAlias = (
    Number
    | Constant
    | Symbol
    | Negative
    | Sum
    | Product
    | Quotient
    | Power
    | Apply
    | Indicator
    | Cases
    | BigOperator
    | SizeOf
    | Integral
    | Expectation
    | Probability
    | Derivative
    | Limit
)
Condition: TypeAlias = Comparison | And | Or | Contains | Parity


# ------------------------------------------------------------------ statements


@dataclass(frozen=True)
class Statement(Node):
    r"""A chain ``a = b <= c``, or a definition ``f(x) := a``.

    ``relations`` holds ``=``, ``<=``, ``>=``, ``<``, ``>``, one less than ``operands``; a
    definition has the one relation ``:=`` and its left side is a ``Symbol`` or an ``Apply`` to
    ``Symbol``.
    ``assuming`` are the conditions written after ``\quad\text{for}``; ``reason`` the words of a
    ``\tag{...}`` or ``\text{...}`` at the end.
    """

    operands: tuple[Expression, ...]
    relations: tuple[str, ...]
    assuming: tuple[Condition, ...] = ()
    reason: str = ""
