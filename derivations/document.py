r"""Documents: a derivation in Markdown, read into what it declares and what it says.

.. code-block:: markdown

    ---
    title: A square
    id: a-square
    variables:
      a: real
      b: real >= 0
    ---

    The square of a sum is

    $$ (a + b)^2 = a^2 + 2 a b + b^2 \ge a^2 + 2 a b. $$

The grammar is stated in ``docs/derivation-language.md``. Reading evaluates nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from derivations.language.nodes import Condition
from derivations.language.records import (
    Definition,
    Index,
    Law,
    Quantity,
    RandomVariable,
    Setting,
    Step,
    Unchecked,
    Variable,
)

__all__ = [
    "Definition",
    "Derivation",
    "Index",
    "Law",
    "Quantity",
    "RandomVariable",
    "Setting",
    "Step",
    "Unchecked",
    "Variable",
]


@dataclass(frozen=True)
class Derivation:
    """A document, read.

    Attributes:
        identifier: lower case with dashes.
        title: one line.
        about: prose.
        sources: papers, each down to the equation.
        variables: in the order declared; the domain of one may name earlier ones.
        random: random variables, all independent.
        assumptions: conditions on the variables that hold throughout.
        quantities: quantities of the model.
        definitions: in order; each uses earlier ones only.
        steps: one for each relation, in order.
        unchecked: display equations that are not checked.
    """

    identifier: str
    title: str
    about: str = ""
    sources: tuple[str, ...] = ()
    variables: tuple[Variable, ...] = ()
    random: tuple[RandomVariable, ...] = ()
    assumptions: tuple[Condition, ...] = ()
    quantities: tuple[Quantity, ...] = ()
    definitions: tuple[Definition, ...] = ()
    steps: tuple[Step, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()
