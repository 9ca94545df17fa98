"""Sums and products over whole numbers and sets: term by term, or in closed form to an open bound.

A sum to an open bound is taken apart into monomials of what depends on the index. A polynomial in
the index has a closed form; every other monomial stays as a kernel, up to whole steps of the upper
end: ``sum_{k=1}^{n+1} f(k) = sum_{k=1}^n f(k) + f(n+1)``. So two sums are equal where their terms
are, and a proof by induction is a comparison of kernels.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Any

from derivations.checking.elements import Element, Generator
from derivations.checking.evaluate import Evaluator
from derivations.checking.powers import takes_whole_values
from derivations.checking.stops import NotExact, NoValue
from derivations.language import nodes

__all__ = ["big_operator", "member", "set_named", "size_of"]

MAX_COUNT = 20_000
MAX_SET = 14


def set_named(evaluator: Evaluator, name: str) -> frozenset[int]:
    """The set that an outer operator runs over."""
    found = evaluator.names.get(name)
    if not isinstance(found, frozenset):
        raise NoValue(f"{name} is no set here")
    return found


def size_of(evaluator: Evaluator, node: nodes.SizeOf) -> Element:
    """``|A|``."""
    return evaluator.number(len(set_named(evaluator, node.of)))


def member(evaluator: Evaluator, name: str, indices: tuple[Element, ...]) -> Element:
    """A member of a family at an open index stays as it is."""
    declared = name in evaluator.scope.variables
    if not declared or not all(_is_index(evaluator, index) for index in indices):
        raise NotExact(f"{name} at an open index")
    key = (name, tuple(index.key for index in indices))
    return evaluator.field.element(Generator("member", key, indices))


def _is_index(evaluator: Evaluator, index: Element) -> bool:
    kinds = {evaluator.field.generators[slot].kind for slot in index.slots}
    return kinds <= {"index", "integer"}


def big_operator(evaluator: Evaluator, node: nodes.BigOperator) -> Element:
    """A sum or a product."""
    if isinstance(node.domain, nodes.Range):
        low = evaluator.value(node.domain.low)
        high = None if node.domain.high is None else evaluator.value(node.domain.high)
        for bound in (low, *(() if high is None else (high,))):
            _check_whole(evaluator, bound)
        if high is None or low.as_integer() is None or high.as_integer() is None:
            from derivations.checking.open_sums import open_operator

            return open_operator(evaluator, node, low, high)
    return _term_by_term(evaluator, node, _items(evaluator, node.domain))


def _check_whole(evaluator: Evaluator, bound: Element) -> None:
    """Raise where the bound of a range is not a whole number for certain."""
    if bound.fraction is not None and bound.fraction.denominator != 1:
        raise NoValue("a bound of a sum that is not whole")
    if not takes_whole_values(evaluator, bound):
        raise NotExact("a bound of a sum that may not be whole")


def _term_by_term(evaluator: Evaluator, node: nodes.BigOperator, items: Iterable[Any]) -> Element:
    total = evaluator.number(int(node.kind == "product"))
    for item in items:
        value = item if isinstance(item, frozenset) else evaluator.number(item)
        with evaluator.naming({node.index: value}):
            if node.condition is None or evaluator.holds(node.condition):
                term = evaluator.value(node.body)
                total = total + term if node.kind == "sum" else total * term
    return total


def _range(evaluator: Evaluator, node: nodes.Range) -> range:
    low = evaluator.integer(node.low)
    high = None if node.high is None else evaluator.integer(node.high)
    if low is None or high is None:
        raise NotExact("a range with an open end")
    if high - low >= MAX_COUNT:
        raise NotExact(f"a range of more than {MAX_COUNT} numbers")
    return range(low, high + 1)


def _items(evaluator: Evaluator, domain: Any) -> Iterator[Any]:
    if isinstance(domain, nodes.Range):
        yield from _range(evaluator, domain)
    elif isinstance(domain, nodes.Members):
        chosen = set_named(evaluator, domain.of)
        if domain.outside is None:
            yield from sorted(chosen)
        else:
            yield from (k for k in _range(evaluator, domain.outside) if k not in chosen)
    else:
        yield from _subsets(evaluator, domain)


def _subsets(evaluator: Evaluator, domain: nodes.Subsets) -> Iterator[frozenset[int]]:
    items = _range(evaluator, domain.of)
    if len(items) > MAX_SET:
        raise NotExact(f"subsets of more than {MAX_SET} numbers")
    size = None if domain.size is None else evaluator.integer(domain.size)
    if domain.size is not None and size is None:
        raise NotExact("subsets of an open size")
    sizes = range(len(items) + 1) if size is None else [size]
    for count in sizes:
        if count >= 0:
            yield from (frozenset(chosen) for chosen in combinations(items, count))
