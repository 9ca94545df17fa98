"""Going through trees, without recursion."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from derivations.language.nodes import (
    BigOperator,
    Contains,
    Integral,
    Members,
    Node,
    SizeOf,
    Symbol,
)

__all__ = ["children", "names_of", "walk"]


def children(node: Node) -> Iterator[Node]:
    """Give the nodes directly below a node, from left to right."""
    for item in fields(node):
        stack = [getattr(node, item.name)]
        while stack:
            value = stack.pop()
            if isinstance(value, Node):
                yield value
            elif isinstance(value, tuple):
                stack.extend(reversed(value))


def walk(node: Node) -> Iterator[Node]:
    """Give a node and all below it, each before those below it.

    Args:
        node: the root.

    Yields:
        The nodes.

    Example:
        >>> [type(part).__name__ for part in walk(SizeOf("A"))]
        ['SizeOf']
    """
    stack = [node]
    while stack:
        top = stack.pop()
        yield top
        stack.extend(reversed(list(children(top))))


def names_of(node: Node) -> set[str]:
    """Give all names of variables, indices and sets in a tree, bound ones too."""
    found: set[str] = set()
    for part in walk(node):
        match part:
            case Symbol(name):
                found.add(name)
            case SizeOf(of) | Members(of):
                found.add(of)
            case Contains(_, of):
                found.add(of)
            case BigOperator(_, index):
                found.add(index)
            case Integral(variable):
                found.add(variable)
    return found
