r"""Quantities of the model by the second route: the definition of the loss, written out.

.. math:: L = \sum_i I_i\, \mathbb E \Big(x_i - \sigma\Big(b_i + \sum_j G_{ij} x_j\Big)\Big)^2

as a tree of the language, whose expectation is taken by balls; nothing of ``theory`` is used.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from typing import Any

from derivations.checking.ball_values import BallEvaluator, combine
from derivations.checking.stops import NotExact
from derivations.language import nodes
from derivations.language.records import Law, Quantity, RandomVariable

__all__ = ["model_value"]

MAX_FEATURES = 4


def model_value(self: BallEvaluator, quantity: Quantity, arguments: Sequence[Any]) -> Any:
    """Give a quantity of the model at some arguments.

    Args:
        self: the evaluator.
        quantity: what is asked.
        arguments: values of its parameters.

    Returns:
        A fraction or a ball.

    Raises:
        NotExact: a model that is too large, or a kind that is not known.
    """
    n = _whole(self, quantity.settings["features"])
    if n > MAX_FEATURES:
        raise NotExact(f"a model of more than {MAX_FEATURES} features, by balls")
    with self.inside(dict(zip(quantity.parameters, arguments, strict=True))):
        if quantity.kind == "loss":
            return _loss(self, quantity, n, _densities(quantity, n))
        if quantity.kind == "output loss":
            output = _whole(self, quantity.settings["output"])
            return _loss(self, quantity, n, _densities(quantity, n), (output,))
        if quantity.kind == "active coefficient":
            return _active(self, quantity, n, _whole(self, quantity.settings["active"]))
        if quantity.kind == "sparse coefficient":
            return _sparse(self, quantity, n, _whole(self, quantity.settings["order"]))
    raise NotExact(f"a quantity of kind {quantity.kind}")


def _whole(self: BallEvaluator, value: Any) -> int:
    return value if isinstance(value, int) else self.whole(value)


def _densities(quantity: Quantity, n: int) -> list[Any]:
    given = quantity.settings.get("density", nodes.Number(Fraction(1, 2)))
    return list(given) if isinstance(given, tuple) else [given] * n


def _active(self: BallEvaluator, quantity: Quantity, n: int, k: int) -> Any:
    """The mean over all sets of ``k`` active features."""
    one, zero = nodes.Number(Fraction(1)), nodes.Number(Fraction(0))
    total: Any = Fraction(0)
    for chosen in combinations(range(n), k):
        densities = [one if j in chosen else zero for j in range(n)]
        value = _loss(self, quantity, n, densities)
        total = combine(lambda a, b: a + b, total, value)
    return combine(lambda a, b: a / b, total, Fraction(math.comb(n, k)))


def _sparse(self: BallEvaluator, quantity: Quantity, n: int, order: int) -> Any:
    """``sum_j (-1)^{k-j} C(n, j) C(n-j, k-j) l_j``."""
    total: Any = Fraction(0)
    for j in range(order + 1):
        count = (-1) ** (order - j) * math.comb(n, j) * math.comb(n - j, order - j)
        value = _active(self, quantity, n, j)
        total = combine(
            lambda a, b: a + b, total, combine(lambda a, b: a * b, Fraction(count), value)
        )
    return total


def _loss(
    self: BallEvaluator,
    quantity: Quantity,
    n: int,
    densities: list[Any],
    outputs: tuple[int, ...] = (),
) -> Any:
    settings = quantity.settings
    law = settings.get("law", Law("uniform", (_number(0), _number(1))))
    names = [f"feature {j}" for j in range(n)]
    random = {
        name: RandomVariable(name, law.name, law.parameters, density)  # type: ignore[union-attr]
        for name, density in zip(names, densities, strict=True)
    }
    total: Any = Fraction(0)
    for i in range(n):
        if outputs and i + 1 not in outputs:
            continue
        square = nodes.Power(_error(self, quantity, i, names), _number(2))
        weighted = nodes.Product((_importance(quantity, i), nodes.Expectation(square)))
        scope = self.scope
        self.scope = replace(scope, random={**scope.random, **random}, _named={})
        try:
            total = combine(lambda a, b: a + b, total, self.value(weighted))
        finally:
            self.scope = scope
    return total


def _number(value: int) -> nodes.Number:
    return nodes.Number(Fraction(value))


def _importance(quantity: Quantity, i: int) -> Any:
    given = quantity.settings.get("importance", _number(1))
    return given[i] if isinstance(given, tuple) else given


def _error(self: BallEvaluator, quantity: Quantity, i: int, names: list[str]) -> Any:
    """``x_i - sigma(b_i + sum_j G_ij x_j)``."""
    settings: Any = quantity.settings
    rows = settings["weights"]
    decoder = settings.get("decoder", rows)
    bias = settings.get("bias", _number(0))
    terms = [bias[i] if isinstance(bias, tuple) else bias]
    for j, name in enumerate(names):
        entry = nodes.Sum(
            tuple(nodes.Product((d[i], r[j])) for d, r in zip(decoder, rows, strict=True))
        )
        terms.append(nodes.Product((entry, nodes.Symbol(name))))
    output = _activated(self, settings, nodes.Sum(tuple(terms)))
    return nodes.Sum((nodes.Symbol(names[i]), nodes.Negative(output)))


def _activated(self: BallEvaluator, settings: Any, inner: Any) -> Any:
    word = str(settings.get("activation", "relu"))
    power = nodes.Number(Fraction(_whole(self, settings["power"]) if "power" in settings else 1))
    if word == "relu":
        inner = nodes.Apply("positive_part", (inner,))
    elif word == "abs":
        inner = nodes.Apply("abs", (inner,))
    return inner if power.value == 1 else nodes.Power(inner, power)
