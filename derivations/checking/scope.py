"""What the names of a document stand for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from derivations.document import Derivation
from derivations.language.nodes import Symbol
from derivations.language.records import Definition, Quantity, RandomVariable, Variable

__all__ = ["Scope", "component", "names_in", "nodes_in"]


def component(name: str, indices: tuple[int, ...] = ()) -> str:
    """Write the name of one member of a family: ``x_1``, ``w_{1,2}``."""
    if not indices:
        return name
    inner = ",".join(map(str, indices))
    return f"{name}_{inner}" if len(inner) == 1 else f"{name}_{{{inner}}}"


@dataclass(frozen=True)
class Scope:
    """Variables, random variables, definitions and quantities of a document, by name."""

    variables: dict[str, Variable]
    random: dict[str, RandomVariable]
    definitions: dict[str, Definition]
    quantities: dict[str, Quantity]
    _named: dict[str, frozenset[str]] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, derivation: Derivation) -> Scope:
        """Take the names of a document."""
        return cls(
            {v.name: v for v in derivation.variables},
            {v.name: v for v in derivation.random},
            {d.name: d for d in derivation.definitions},
            {q.name: q for q in derivation.quantities},
        )

    def reach(self, *nodes: Any) -> frozenset[str]:
        """Every name that occurs in trees, through definitions and quantities too."""
        found: set[str] = set()
        todo = [name for node in nodes for name in names_in(node)]
        while todo:
            name = todo.pop()
            if name not in found:
                found.add(name)
                todo += self._inner(name)
        return frozenset(found)

    def _inner(self, name: str) -> frozenset[str]:
        if name not in self._named:
            self._named[name] = frozenset(self._names_of(name))
        return self._named[name]

    def _names_of(self, name: str) -> Iterator[str]:
        if name in self.definitions:
            definition = self.definitions[name]
            yield from set(names_in(definition.body)) - set(definition.parameters)
        if name in self.quantities:
            quantity = self.quantities[name]
            inner = {n for setting in quantity.settings.values() for n in names_in(setting)}
            yield from inner - set(quantity.parameters)
        if name in self.variables:
            yield from names_in(self.variables[name])
        if name in self.random:
            yield from names_in(self.random[name])


def nodes_in(tree: Any) -> Iterator[Any]:
    """Every dataclass in a tree of dataclasses, tuples and values, the tree itself first."""
    if isinstance(tree, (tuple, list)):
        for part in tree:
            yield from nodes_in(part)
    elif is_dataclass(tree) and not isinstance(tree, type):
        yield tree
        for entry in fields(tree):
            if entry.name != "span":
                yield from nodes_in(getattr(tree, entry.name))


def names_in(tree: Any) -> Iterator[str]:
    """The names of variables and functions in a tree."""
    for node in nodes_in(tree):
        if isinstance(node, Symbol):
            yield node.name
        elif type(node).__name__ == "Apply":
            yield node.function
