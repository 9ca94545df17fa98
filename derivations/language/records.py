r"""What a document declares and says, read: variables, quantities, definitions, steps.

Names are LaTeX as written, in one fixed form: ``p``, ``\alpha``, ``\mu_2``, ``w_{12}``, ``b^*``,
``\tilde{L}``, ``L_{\text{max}}``. A family ``w_i for i = 1..n`` has the name ``w``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from derivations.language.nodes import NOWHERE, Condition, Expression, Span

__all__ = [
    "Definition",
    "Index",
    "Law",
    "Quantity",
    "RandomVariable",
    "Setting",
    "Step",
    "Unchecked",
    "Variable",
]


class Index(NamedTuple):
    """An index that runs over the whole numbers from ``low`` to ``high``."""

    name: str
    low: Expression
    high: Expression


@dataclass(frozen=True)
class Variable:
    """A variable of the document, or a family of them.

    Attributes:
        name: as in ``Symbol.name``.
        kind: ``"real"``, ``"integer"`` or ``"rational"``.
        domain: what it satisfies; the variable itself stands in them as ``Symbol(name, indices)``
            with one ``Symbol`` for each index of ``indices``.
        indices: none for a single variable.
    """

    name: str
    kind: str
    domain: tuple[Condition, ...] = ()
    indices: tuple[Index, ...] = ()


@dataclass(frozen=True)
class Law:
    """A law by its name.

    Attributes:
        name: ``"uniform"``, ``"binary"`` (always 1), ``"rademacher"``, ``"exponential"`` (mean 1)
            or ``"normal"`` (standard).
        parameters: both ends for ``"uniform"``, else none.
    """

    name: str
    parameters: tuple[Expression, ...] = ()


@dataclass(frozen=True)
class RandomVariable:
    """A random variable, or a family of them; all of a document are independent.

    Attributes:
        name: as in ``Symbol.name``.
        law: the name of a ``Law``: the law of the variable where it is active.
        parameters: those of the law.
        probability: that it is active; else it is 0. None: always.
        indices: none for a single variable.
    """

    name: str
    law: str
    parameters: tuple[Expression, ...] = ()
    probability: Expression | None = None
    indices: tuple[Index, ...] = ()


Setting: TypeAlias = (
    Expression | tuple[Expression, ...] | tuple[tuple[Expression, ...], ...] | Law | str | int
)


@dataclass(frozen=True)
class Quantity:
    """A quantity of the model that formulas can name.

    In formulas it is ``Apply(name, arguments)``, or ``Symbol(name)`` without parameters.

    Attributes:
        name: of the function.
        parameters: names of the arguments; those of a subscript come first.
        kind: ``"loss"``, ``"output loss"``, ``"active coefficient"`` or ``"sparse coefficient"``.
        settings: by key. ``features``, ``hidden``, ``output`` (from 1): int; ``weights``,
            ``decoder``: rows of expressions; ``bias``, ``importance``: expressions; ``density``:
            one expression, or one for each feature; ``active``, ``order``: an expression;
            ``law``: a ``Law``; ``activation``: a word, ``power``: an expression.
        subscripts: how many of the parameters are written as a subscript.
    """

    name: str
    parameters: tuple[str, ...]
    kind: str
    settings: Mapping[str, Setting] = field(default_factory=dict, hash=False)
    subscripts: int = 0


@dataclass(frozen=True)
class Definition:
    r"""``f(x) := body``; ``c := body``; ``G_{ij} := body``; ``D_q(m) := body``.

    In formulas it is ``Apply(name, arguments)`` with the subscripts first: ``D_3(2)`` is
    ``Apply("D", (3, 2))`` and ``G_{ij}`` is ``Apply("G", (i, j))``; without parameters it is
    ``Symbol(name)``.

    Attributes:
        name: what is defined.
        parameters: names that stand in the body as ``Symbol``; a parameter hides a variable of the
            same name.
        body: uses variables, quantities and definitions that stand before it.
        line: where it stands, from 1.
        text: as written.
        subscripts: how many of the parameters are written as a subscript.
    """

    name: str
    parameters: tuple[str, ...]
    body: Expression
    line: int = field(default=0, compare=False)
    text: str = field(default="", compare=False)
    subscripts: int = 0


@dataclass(frozen=True)
class Step:
    """One relation between two sides.

    Attributes:
        number: in the document, from 1; assumed ones are counted too.
        line: where its left side begins, from 1.
        text: as written, both sides.
        left: the left side.
        relation: one of ``= <= >= < >``.
        right: the right side.
        assuming: conditions under which alone it is claimed.
        reason: as given, else empty.
        assumed: a hypothesis for what follows, not to be proved.
        indices: free indices (``for all i``): the step is claimed for each value, in which they
            stand as ``Symbol(name)``.
        span: from the beginning of the left to the end of the right side, in the document.
    """

    number: int
    line: int = field(compare=False)
    text: str = field(compare=False)
    left: Expression
    relation: str
    right: Expression
    assuming: tuple[Condition, ...] = ()
    reason: str = ""
    assumed: bool = False
    indices: tuple[Index, ...] = ()
    span: Span = field(default=NOWHERE, compare=False, repr=False)


class Unchecked(NamedTuple):
    """A display equation that is said not to be checked, and why."""

    line: int
    text: str
    why: str
