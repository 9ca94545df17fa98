"""Quantities of the model, computed by ``theory``: at exact numbers, or in a cell of open ones."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import sympy

from derivations.checking.elements import Element, Generator
from derivations.checking.evaluate import Evaluator
from derivations.checking.functions import FUNCTIONS
from derivations.checking.kernels import circle_constant, exp
from derivations.checking.powers import power
from derivations.checking.stops import NotExact, NoValue
from derivations.language.records import Law, Quantity
from theory.limits.expansion import density_expansion
from theory.loss import expected_loss
from theory.losses.weights import to_sympy as in_sympy
from theory.problem import (
    AbsPower,
    Activation,
    Binary,
    Exponential,
    FeatureLaw,
    Identity,
    InputError,
    Normal,
    Power,
    Problem,
    Rademacher,
    ReLU,
    ReLUPower,
    Uniform,
)

__all__ = ["from_sympy", "quantity_value", "to_sympy"]


class _GivenGram:
    """A Gram matrix whose zeros are zeros, as ``theory`` takes one."""

    def __init__(self, gram: list[list[Any]], bias: list[Any]) -> None:
        self._gram, self.bias = gram, bias

    def gram(self) -> list[list[Any]]:
        """``n`` rows of ``n``."""
        return self._gram


def quantity_value(
    evaluator: Evaluator, quantity: Quantity, arguments: tuple[Element, ...]
) -> Element:
    """Give the value of a quantity of the model at some arguments."""
    with evaluator.inside(dict(zip(quantity.parameters, arguments, strict=True))):
        settings = {key: _setting(evaluator, key, v) for key, v in quantity.settings.items()}
    try:
        value = _computed(evaluator, quantity.kind, settings)
    except InputError as error:
        raise NotExact(f"{quantity.name}: {error}") from error
    return value


def _setting(evaluator: Evaluator, key: str, value: Any) -> Any:
    if isinstance(value, (str, int)):
        return value
    if isinstance(value, Law):
        return value.name, [evaluator.value(end) for end in value.parameters]
    if isinstance(value, tuple):
        return [_setting(evaluator, key, part) for part in value]
    return evaluator.value(value)


def _computed(evaluator: Evaluator, kind: str, settings: dict[str, Any]) -> Element:
    problem = _problem(settings)
    W, bias = _weights(evaluator, problem, settings)
    decoder = _matrix(settings["decoder"]) if "decoder" in settings else None
    if kind == "sparse coefficient":
        order = _whole(settings["order"], "order")
        loss = density_expansion(problem, W, bias, W_decoder=decoder, order=order)
        return from_sympy(evaluator, loss.coefficients[order])
    found = expected_loss(problem, W, bias, W_decoder=decoder)
    if kind == "loss":
        return from_sympy(evaluator, found.value)
    if kind == "output loss":
        output = _whole(settings["output"], "output")
        return from_sympy(evaluator, found.per_output[output - 1])
    if kind == "active coefficient":
        return from_sympy(evaluator, found.given_active(_whole(settings["active"], "active")))
    raise NotExact(f"a quantity of kind {kind}")


def _whole(value: Any, name: str) -> int:
    whole = value if isinstance(value, int) else value.as_integer()
    if whole is None:
        raise NotExact(f"{name} must be a whole number")
    return int(whole)


def _problem(settings: dict[str, Any]) -> Problem:
    n = _whole(settings["features"], "features")
    density = settings.get("density", Fraction(1, 2))
    importance = settings.get("importance")
    return Problem(
        n,
        _whole(settings.get("hidden", 1), "hidden"),
        density=_numbers(density),
        importance=None if importance is None else _numbers(importance),
        features=_law(settings.get("law")),
        activation=_activation(settings),
    )


def _numbers(value: Any) -> Any:
    if isinstance(value, list):
        return [_numbers(part) for part in value]
    return to_sympy(value) if isinstance(value, Element) else value


_LAWS: dict[str, Callable[..., FeatureLaw]] = {
    "uniform": Uniform,
    "binary": Binary,
    "rademacher": Rademacher,
    "exponential": Exponential,
    "normal": Normal,
}


def _law(setting: Any) -> FeatureLaw:
    if setting is None:
        return Uniform()
    name, ends = setting
    return _LAWS[name](*(_numbers(end) for end in ends))


def _activation(settings: dict[str, Any]) -> Activation:
    word = str(settings.get("activation", "relu"))
    power_ = _whole(settings["power"], "power") if "power" in settings else 1
    if word == "relu":
        return ReLU() if power_ == 1 else ReLUPower(power_)
    if word == "abs":
        return AbsPower(power_)
    if word in ("power", "identity", "linear"):
        return Identity() if power_ == 1 else Power(power_)
    raise NotExact(f"the activation {word}")


def _matrix(rows: Any) -> list[list[Any]]:
    return [[to_sympy(entry) for entry in row] for row in rows]


def _weights(evaluator: Evaluator, problem: Problem, settings: dict[str, Any]) -> tuple[Any, Any]:
    """Weights and bias; with open kinked rows as a Gram matrix whose signs are decided."""
    rows = settings["weights"]
    n = problem.n_features
    given = settings.get("bias", [evaluator.number(0)] * n)
    bias = [to_sympy(entry) for entry in (given if isinstance(given, list) else [given] * n)]
    is_open = any(entry.bases for row in rows for entry in row)
    if not is_open or problem.activation.is_polynomial or "decoder" in settings:
        return _matrix(rows), bias
    gram = []
    for i in range(n):
        line = []
        for j in range(n):
            entry = evaluator.number(0)
            for row in rows:
                entry = entry + row[i] * row[j]
            line.append(to_sympy(entry) if evaluator.sign(entry) else sympy.Integer(0))
        gram.append(line)
    return _GivenGram(gram, bias), bias


def to_sympy(value: Element) -> Any:
    """Write a value as a SymPy expression; generators left open become symbols ``g<slot>``."""
    if value.fraction is not None:
        return value.fraction
    return _polynomial(value, value.numerator) / _polynomial(value, value.denominator)


def _polynomial(value: Element, polynomial: Any) -> Any:
    slots = value.field.slots_in(polynomial)
    symbols = {slot: _generator(value, slot) for slot in slots}
    terms = []
    for exponents, c in polynomial.terms():
        factors = [symbols[slot] ** int(exponents[slot]) for slot in slots]
        terms.append(sympy.Mul(sympy.Rational(int(c.p), int(c.q)), *factors))
    return sympy.Add(*terms)


def _generator(value: Element, slot: int) -> Any:
    generator: Generator = value.field.generators[slot]
    if generator.kind == "pi":
        return sympy.pi
    if generator.kind == "cosine":
        return 2 * sympy.cos(2 * sympy.pi / int(generator.key))  # type: ignore[call-overload]
    if not value.field.bases_of(value.field.symbols[slot]):
        inner = in_sympy(to_sympy(generator.arguments[0]))
        if generator.kind == "root":
            return inner ** sympy.Rational(1, generator.degree)
        made = {"exp": sympy.exp, "log": sympy.log, "erf": sympy.erf}
        if generator.kind in made:
            return made[generator.kind](inner)
        raise NotExact(f"{generator.kind} in a quantity of the model")
    return sympy.Symbol(f"g{slot}", real=True)


def from_sympy(evaluator: Evaluator, value: Any) -> Element:
    """Read what ``theory`` computed: built by us, never parsed from text."""
    if isinstance(value, (int, Fraction)):
        return evaluator.number(Fraction(value))
    if value.is_Rational:
        return evaluator.number(Fraction(int(value.p), int(value.q)))
    if value.is_Symbol:
        return evaluator.field.of(evaluator.field.symbols[int(value.name[1:])])
    if value == sympy.pi:
        return circle_constant(evaluator)
    if isinstance(value, sympy.SingularityFunction):
        return _bracket(evaluator, value)
    parts = [from_sympy(evaluator, part) for part in value.args]
    return _combined(evaluator, value, parts)


def _bracket(evaluator: Evaluator, value: Any) -> Element:
    """``<c>^k``: ``c^k`` for positive ``c``, else 0."""
    inner, shift, exponent = (from_sympy(evaluator, part) for part in value.args)
    point = inner - shift
    if evaluator.sign(point) <= 0:
        return evaluator.number(0)
    return power(evaluator, point, exponent)


def _combined(evaluator: Evaluator, value: Any, parts: list[Element]) -> Element:
    total = evaluator.number(int(value.is_Mul))
    if value.is_Add or value.is_Mul:
        for part in parts:
            total = total + part if value.is_Add else total * part
        return total
    if value.is_Pow:
        if parts[1].fraction is not None and parts[1].fraction < 0:
            positive = power(evaluator, parts[0], -parts[1])
            if evaluator.sign_is_zero(positive):
                raise NoValue("division by zero")
            return evaluator.number(1) / positive
        return power(evaluator, parts[0], parts[1])
    if isinstance(value, sympy.exp):
        return exp(evaluator, parts[0])
    names = {
        sympy.erf: "erf",
        sympy.Abs: "abs",
        sympy.Max: "max",
        sympy.cos: "cos",
        sympy.sin: "sin",
        sympy.log: "log",
    }
    if type(value) in names:
        return FUNCTIONS[names[type(value)]](evaluator, *parts)
    raise NotExact(f"{type(value).__name__} in a quantity of the model")
