"""Signs that are evident from how an expression is written: squares, sums of what is not negative.

What is found holds wherever the expression has a value. No sign that is found is wrong; many that
could be found are not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from derivations.checking.meanings import COMPARE
from derivations.checking.scope import Scope
from derivations.language import nodes

__all__ = ["evident_signs", "follows_evidently"]

ANY = frozenset({-1, 0, 1})
NOT_NEGATIVE = frozenset({0, 1})
POSITIVE = frozenset({1})
ZERO = frozenset({0})
MAX_DEPTH = 40

Signs = frozenset[int]
Known = Callable[[Any], Signs]


def follows_evidently(left: Any, relation: str, right: Any, scope: Scope, known: Known) -> bool:
    """Say whether a relation is evident, after terms that stand on both sides are dropped.

    Args:
        left: the left side.
        relation: one of ``= <= >= < >``.
        right: the right side.
        scope: what the names are.
        known: the signs that a part of an expression may have, from elsewhere; all where it does
            not tell.

    Returns:
        Whether it is evident.
    """
    rest = _terms(left, False)
    for term in _terms(right, True):
        opposite = (term[0], not term[1])
        if opposite in rest:
            rest.remove(opposite)
        else:
            rest.append(term)
    found = ZERO
    for node, negative in rest:
        signs = evident_signs(node, scope, known)
        found = _added(found, frozenset(-s for s in signs) if negative else signs)
    return all(COMPARE[relation](sign) for sign in found)


def _terms(node: Any, negative: bool) -> list[tuple[Any, bool]]:
    if isinstance(node, nodes.Sum):
        return [term for part in node.terms for term in _terms(part, negative)]
    if isinstance(node, nodes.Negative):
        return _terms(node.body, not negative)
    return [(node, negative)]


def _added(a: Signs, b: Signs) -> Signs:
    found: set[int] = set()
    for s in a:
        for t in b:
            found |= ANY if s * t < 0 else {s or t}
    return frozenset(found)


def _times(a: Signs, b: Signs) -> Signs:
    return frozenset(s * t for s in a for t in b)


def evident_signs(node: Any, scope: Scope, known: Known, depth: int = 0) -> Signs:
    """Give the signs that an expression may have, as far as its form tells.

    Args:
        node: the expression.
        scope: what the names are.
        known: from elsewhere.
        depth: of the expression within others.

    Returns:
        A set of signs; the true one is among them.
    """
    found = known(node)
    if depth > MAX_DEPTH or len(found) == 1:
        return found

    def inner(part: Any) -> Signs:
        return evident_signs(part, scope, known, depth + 1)

    return found & _by_form(node, scope, inner)


def _by_form(node: Any, scope: Scope, inner: Known) -> Signs:
    if isinstance(node, nodes.Negative):
        return frozenset(-s for s in inner(node.body))
    if isinstance(node, (nodes.Sum, nodes.Product)):
        parts = node.terms if isinstance(node, nodes.Sum) else node.factors
        found = ZERO if isinstance(node, nodes.Sum) else POSITIVE
        for part in parts:
            combined = _added if isinstance(node, nodes.Sum) else _times
            found = combined(found, inner(part))
        return found
    if isinstance(node, nodes.Quotient):
        return _times(inner(node.numerator), inner(node.denominator) - ZERO)
    if isinstance(node, nodes.Power):
        return _power_signs(node, inner)
    if isinstance(node, nodes.Apply):
        return _function_signs(node, scope, inner)
    if isinstance(node, (nodes.Indicator, nodes.Probability)):
        return NOT_NEGATIVE
    if isinstance(node, nodes.Expectation):
        return NOT_NEGATIVE if -1 not in inner(node.body) else ANY
    if isinstance(node, nodes.BigOperator):
        return NOT_NEGATIVE if -1 not in inner(node.body) else ANY
    if isinstance(node, nodes.Symbol) and node.name in scope.variables:
        return _declared_signs(node, scope)
    return ANY


def _power_signs(node: nodes.Power, inner: Known) -> Signs:
    signs = inner(node.base)
    exponent = node.exponent
    if isinstance(exponent, nodes.Number) and exponent.value.denominator == 1:
        if exponent.value == 0:
            return POSITIVE
        return frozenset(s * s for s in signs) if exponent.value % 2 == 0 else signs
    if -1 in signs:
        return ANY
    return POSITIVE if signs == POSITIVE else NOT_NEGATIVE


_NEVER_NEGATIVE = {"sqrt", "abs", "positive_part", "exp", "factorial", "Phi"}


def _function_signs(node: nodes.Apply, scope: Scope, inner: Known) -> Signs:
    if node.function in scope.definitions:
        return ANY
    if node.function in scope.quantities:
        return NOT_NEGATIVE if _is_loss(scope, node.function) else ANY
    if node.function in ("exp", "factorial"):
        return POSITIVE
    if node.function in _NEVER_NEGATIVE:
        return NOT_NEGATIVE
    if node.function == "max":
        parts = [inner(part) for part in node.arguments]
        return NOT_NEGATIVE if any(-1 not in signs for signs in parts) else ANY
    return ANY


def _is_loss(scope: Scope, name: str) -> bool:
    return scope.quantities[name].kind in ("loss", "output loss", "active coefficient")


def _declared_signs(node: nodes.Symbol, scope: Scope) -> Signs:
    """What the domain of a variable says of its sign, where it is compared with a number."""
    found = ANY
    for condition in scope.variables[node.name].domain:
        if not isinstance(condition, nodes.Comparison):
            continue
        operands = condition.operands
        for a, relation, b in zip(operands, condition.relations, operands[1:], strict=False):
            if isinstance(a, nodes.Symbol) and isinstance(b, nodes.Number) and a.name == node.name:
                found &= _from_number(relation, b)
            if isinstance(b, nodes.Symbol) and isinstance(a, nodes.Number) and b.name == node.name:
                found &= _from_number(_TURNED[relation], a)
    return found


_TURNED = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def _from_number(relation: str, number: nodes.Number) -> Signs:
    """The signs of ``x`` under ``x relation number``."""
    value = number.value
    if relation in (">", ">="):
        if value > 0 or (value == 0 and relation == ">"):
            return POSITIVE
        return NOT_NEGATIVE if value == 0 else ANY
    if relation in ("<", "<="):
        if value < 0 or (value == 0 and relation == "<"):
            return frozenset({-1})
        return frozenset({-1, 0}) if value == 0 else ANY
    return ANY
