"""What a step asks: its variables, their domains, and the conditions under which it is claimed."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from derivations.checking.instances import Question, Unknown
from derivations.checking.scope import Scope
from derivations.document import Derivation
from derivations.language import nodes
from derivations.language.quantifiers import put, values_of
from derivations.language.records import RandomVariable, Step
from derivations.language.render import latex

__all__ = ["conditions_of", "question_of"]


def question_of(derivation: Derivation, step: Step) -> Question:
    """Gather what a step claims, and for which values.

    Args:
        derivation: its document.
        step: one of its steps.

    Returns:
        The question: all conditions of the document, the relations assumed before the step, and
        those written with it.
    """
    scope = Scope.of(derivation)
    conditions = [*derivation.assumptions, *step.assuming]
    for other in derivation.steps:
        if other.assumed and other.number < step.number:
            conditions += _hypothesis(other)
    names = set(scope.reach(step.left, step.right, *conditions))
    unknowns = [Unknown(v.name, v.kind, v.domain, v.indices) for v in derivation.variables]
    for unknown in reversed(unknowns):  # the domain of one may name earlier ones
        if unknown.name in names:
            names |= scope.reach(unknown.domain, unknown.indices)
    chosen = [unknown for unknown in unknowns if unknown.name in names]
    chosen += _pointwise(scope, step, conditions)
    chosen += [_index_unknown(index) for index in step.indices]
    return Question(scope, step.left, step.relation, step.right, tuple(chosen), tuple(conditions))


def _hypothesis(step: Step) -> list[nodes.Comparison]:
    """What an assumed step says: its relation, for all values of its indices."""
    whole = nodes.Comparison((step.left, step.right), (step.relation,))
    found = values_of(step.indices)
    if (
        step.assuming or found is None
    ):  # the reader refuses it: used so, it would say something else
        raise ValueError("an assumed step has no conditions, and indices between numbers")
    return [put(whole, values) for values in found]


def _index_unknown(index: Any) -> Unknown:
    symbol = nodes.Symbol(index.name)
    within = nodes.Comparison((index.low, symbol, index.high), ("<=", "<="))
    return Unknown(index.name, "integer", (within,))


def _pointwise(scope: Scope, step: Step, conditions: list[Any]) -> list[Unknown]:
    """Random variables outside expectations: the step is claimed for each of their values."""
    found = set()
    for tree in (step.left, step.right, *conditions):
        found |= _outside_means(scope, tree, frozenset())
    return [
        Unknown(name, "real", tuple(_support(scope.random[name])), scope.random[name].indices)
        for name in scope.random
        if name in found
    ]


def _outside_means(scope: Scope, tree: Any, seen: frozenset[str]) -> set[str]:
    found: set[str] = set()
    todo = [tree]
    while todo:
        node = todo.pop()
        if isinstance(node, (nodes.Expectation, nodes.Probability)):
            continue
        if isinstance(node, (tuple, list)):
            todo += node
            continue
        name = getattr(node, "name", None) or getattr(node, "function", None)
        if name in scope.random:
            found.add(name)
        if name in scope.definitions and name not in seen:
            body = scope.definitions[name].body
            found |= _outside_means(scope, body, seen | {name})
        if hasattr(node, "__dataclass_fields__"):
            todo += [getattr(node, f) for f in node.__dataclass_fields__ if f != "span"]
    return found


def _support(random: RandomVariable) -> list[Any]:
    """Where a random variable may be: in its law or at 0, each if that has a chance."""
    symbol = nodes.Symbol(random.name, tuple(nodes.Symbol(i.name) for i in random.indices))
    zero, one = nodes.Number(Fraction(0)), nodes.Number(Fraction(1))
    square = nodes.Power(symbol, nodes.Number(Fraction(2)))
    inside: dict[str, Any] = {
        "exponential": nodes.Comparison((symbol, zero), (">=",)),
        "binary": nodes.Comparison((symbol, one), ("=",)),
        "rademacher": nodes.Comparison((square, one), ("=",)),
    }
    if random.law == "uniform":
        low, high = random.parameters
        inside["uniform"] = nodes.Comparison((low, symbol, high), ("<=", "<="))
    within = [inside[random.law]] if random.law in inside else []
    if random.probability is None:
        return within
    at_zero = nodes.Comparison((symbol, zero), ("=",))
    chance = [
        nodes.Or((at_zero, nodes.Comparison((random.probability, zero), (">",)))),
        *(nodes.Or((x, nodes.Comparison((random.probability, one), ("<",)))) for x in within),
    ]
    off = nodes.Product((symbol, nodes.Sum((symbol, nodes.Number(Fraction(-1))))))
    cubic = nodes.Sum((nodes.Power(symbol, nodes.Number(Fraction(3))), nodes.Negative(symbol)))
    either: dict[str, Any] = {
        "binary": nodes.Comparison((off, zero), ("=",)),
        "rademacher": nodes.Comparison((cubic, zero), ("=",)),
        "exponential": inside["exponential"],
    }
    if "uniform" in inside:
        either["uniform"] = nodes.Or((inside["uniform"], at_zero))
    return [*([either[random.law]] if random.law in either else []), *chance]


def conditions_of(derivation: Derivation, step: Step) -> str:
    r"""Write what a step is claimed under, besides the assumptions of its document.

    Args:
        derivation: the document.
        step: one of its steps.

    Returns:
        Conditions and free indices in LaTeX, with ``and`` between, as commas would say something
        else of ``0 < a`` and ``b < 1``; empty without any.

    Example:
        >>> lines = ["---", "title: A", "id: a", "variables: {a: real}", "---"]
        >>> text = "\n".join([*lines, r"$$ |a| = -a \quad \text{for } a < 0 $$"])
        >>> from derivations.document import parse_derivation
        >>> found = parse_derivation(text)
        >>> conditions_of(found, found.steps[0])
        'a < 0'
    """
    below = {known.name: known.subscripts for known in derivation.definitions}
    below |= {known.name: known.subscripts for known in derivation.quantities}
    parts = [latex(condition, below) for condition in step.assuming]
    if len(parts) + len(step.indices) > 1:
        several = [isinstance(condition, nodes.Or) for condition in step.assuming]
        parts = [f"({part})" if k else part for part, k in zip(parts, several, strict=True)]
    for name, low, high in step.indices:
        parts.append(rf"{latex(low, below)} \le {name} \le {latex(high, below)}")
    return r" \text{ and } ".join(parts)
