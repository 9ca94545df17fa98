r"""The second evaluator: balls, written apart from the exact one.

Numbers stay fractions as long as arithmetic alone makes them, so that ties at kinks are seen; all
else is a ball of the precision asked for. Integrals are by adaptive quadrature of complex balls
with proven errors (``acb.integral``), with kinks as real functions that are analytic off their
kink. Expectations sum over the atoms and integrate over the densities, one inside the other.
Derivatives are difference quotients, limits are taken far along and the tails of unbounded laws are
cut off: those are no enclosures, and ``rough`` says that one of them was met.

Source: Johansson 2018, "Numerical integration in arbitrary-precision ball arithmetic",
arXiv:1802.07942.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import contextmanager
from fractions import Fraction
from itertools import chain, combinations
from typing import Any

from flint import acb, arb, ctx

from derivations.checking.scope import Scope, component
from derivations.checking.stops import Clock, NotExact, NoValue, Stop
from derivations.language import nodes
from theory.arithmetic.sturm import as_fmpq

__all__ = ["NOWHERE", "BallEvaluator"]

MAX_TERMS = 5_000
NOWHERE = acb(arb.nan(), arb.nan())


class BallEvaluator:
    """Values of trees at one exact point.

    Args:
        scope: what the names are.
        point: exact values by component name.
        precision: bits.
        clock: when to stop.

    Attributes:
        rough: whether a value was met that is close to the true one and no enclosure of it; a sign
            that is found then proves nothing.
    """

    def __init__(
        self, scope: Scope, point: Mapping[str, Fraction], precision: int, clock: Clock
    ) -> None:
        self.scope, self.precision, self.clock = scope, precision, clock
        self.names: dict[str, Any] = dict(point)
        self.analytic = False
        self.rough = False
        self.open_kinks: int | None = None  # how many were met, where they are counted
        self.shadowed: dict[str, Any] = {}

    def sign_of_difference(self, left: Any, right: Any) -> int | None:
        """Compare two expressions: -1, 0 or 1 where the balls decide, else None."""
        with ctx.workprec(self.precision):
            difference = minus(self.value(left), self.value(right))
            return _sign(difference)

    def value(self, node: Any) -> Any:
        """Give a fraction or a ball."""
        self.clock.check()
        return _VALUES[type(node)](self, node)

    def whole(self, node: Any) -> int:
        """Give a whole number."""
        value = self.value(node)
        if isinstance(value, Fraction) and value.denominator == 1:
            return int(value)
        raise NotExact("a whole number is needed")

    def holds(self, condition: Any) -> bool:
        """Decide a condition."""
        if isinstance(condition, nodes.And):
            return all(self.holds(part) for part in condition.parts)
        if isinstance(condition, nodes.Or):
            return any(self.holds(part) for part in condition.parts)
        if isinstance(condition, nodes.Parity):
            return (self.whole(condition.body) % 2 == 1) == condition.odd
        if isinstance(condition, nodes.Contains):
            return (self.whole(condition.element) in self.names[condition.of]) != condition.negated
        values = [self.value(operand) for operand in condition.operands]
        pairs = zip(values, condition.relations, values[1:], strict=False)
        return all(self.compared(a, relation, b) for a, relation, b in pairs)

    def compared(self, a: Any, relation: str, b: Any) -> bool:
        """Decide a comparison of two values."""
        sign = _sign(minus(a, b))
        if sign is None:
            raise NotExact("a comparison that balls do not decide")
        return sign in _SIGNS[relation]

    @contextmanager
    def naming(self, values: Mapping[str, Any]) -> Any:
        """Evaluate with other values of some names."""
        saved = self.names
        self.names = {**saved, **values}
        try:
            yield
        finally:
            self.names = saved

    @contextmanager
    def inside(self, values: Mapping[str, Any]) -> Any:
        """Evaluate the body of a definition: parameters of the caller are not seen there."""
        saved, shadowed = self.names, self.shadowed
        seen = {**saved, **shadowed}
        self.shadowed = {name: seen[name] for name in values if name in seen}
        self.names = {**seen, **values}
        try:
            yield
        finally:
            self.names, self.shadowed = saved, shadowed

    def call(self, name: str, arguments: list[Any]) -> Any:
        """Give the value of a function."""
        if name in self.scope.definitions:
            definition = self.scope.definitions[name]
            with self.inside(dict(zip(definition.parameters, arguments, strict=True))):
                return self.value(definition.body)
        if name in self.scope.quantities:
            from derivations.checking.ball_models import model_value

            return model_value(self, self.scope.quantities[name], arguments)
        from derivations.checking.ball_functions import FUNCTIONS

        return FUNCTIONS[name](self, *arguments)


_SIGNS = {"=": {0}, "!=": {-1, 1}, "<": {-1}, "<=": {-1, 0}, ">": {1}, ">=": {0, 1}}


def ball(value: Any) -> Any:
    """Turn a fraction into a ball."""
    return arb(as_fmpq(value)) if isinstance(value, Fraction) else value


def minus(a: Any, b: Any) -> Any:
    """Subtract."""
    return a - b if isinstance(a, Fraction) and isinstance(b, Fraction) else ball(a) - ball(b)


def _sign(value: Any) -> int | None:
    if isinstance(value, Fraction):
        return (value > 0) - (value < 0)
    if isinstance(value, acb):
        if value.imag != 0:
            return None
        value = value.real
    if value > 0:
        return 1
    return -1 if value < 0 else None


def combine(operation: Callable[[Any, Any], Any], a: Any, b: Any) -> Any:
    """Apply an operation to fractions or balls."""
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return operation(a, b)
    return operation(ball(a), ball(b))


def _symbol(self: BallEvaluator, node: nodes.Symbol) -> Any:
    name = component(node.name, tuple(self.whole(index) for index in node.indices))
    if name in self.names:
        return self.names[name]
    if name in self.scope.definitions or name in self.scope.quantities:
        return self.call(name, [])
    raise NoValue(f"{name} has no value here")


def _total(self: BallEvaluator, node: Any, parts: Any, product_: bool) -> Any:
    total: Any = Fraction(int(product_))
    for part in parts:
        value = self.value(part)
        total = combine((lambda a, b: a * b) if product_ else (lambda a, b: a + b), total, value)
    return total


def divided(a: Any, b: Any) -> Any:
    """Divide."""
    if (isinstance(b, Fraction) and b == 0) or (not isinstance(b, Fraction) and b.is_zero()):
        raise NoValue("division by zero")
    return combine(lambda x, y: x / y, a, b)


def _power(self: BallEvaluator, node: nodes.Power) -> Any:
    if isinstance(node.base, nodes.Constant) and node.base.name == "e":
        return ball(self.value(node.exponent)).exp()
    from derivations.checking.ball_powers import raised

    return raised(self, self.value(node.base), self.value(node.exponent))


def _cases(self: BallEvaluator, node: nodes.Cases) -> Any:
    for body, condition in node.branches:
        if self.holds(condition):
            return self.value(body)
    if node.otherwise is None:
        raise NoValue("no case applies")
    return self.value(node.otherwise)


def _items(self: BallEvaluator, domain: Any) -> list[Any]:
    if isinstance(domain, nodes.Members):
        chosen = self.names[domain.of]
        if domain.outside is None:
            return sorted(chosen)
        return [k for k in _items(self, domain.outside) if k not in chosen]
    if isinstance(domain, nodes.Subsets):
        of = _items(self, domain.of)
        if len(of) > 12:
            raise NotExact("subsets of more than 12 numbers")
        sizes = range(len(of) + 1) if domain.size is None else [self.whole(domain.size)]
        return [frozenset(c) for c in chain.from_iterable(combinations(of, k) for k in sizes)]
    low = self.whole(domain.low)
    if domain.high is None:
        raise NotExact("a sum without end")
    high = self.whole(domain.high)
    if high - low > MAX_TERMS:
        raise NotExact(f"more than {MAX_TERMS} terms")
    return list(range(low, high + 1))


def _operator(self: BallEvaluator, node: nodes.BigOperator) -> Any:
    is_product = node.kind == "product"
    total: Any = Fraction(int(is_product))
    for item in _items(self, node.domain):
        value = item if isinstance(item, frozenset) else Fraction(item)
        with self.naming({node.index: value}):
            if node.condition is None or self.holds(node.condition):
                term = self.value(node.body)
                total = combine(
                    (lambda a, b: a * b) if is_product else (lambda a, b: a + b), total, term
                )
    return total


def _constant(self: BallEvaluator, node: nodes.Constant) -> Any:
    return arb.pi() if node.name == "pi" else arb.const_e()


def _integral(self: BallEvaluator, node: nodes.Integral) -> Any:
    low = None if node.low is None else self.value(node.low)
    high = None if node.high is None else self.value(node.high)
    if isinstance(node.body, nodes.Integral):
        found = _over_box(self, node)
        if found is not None:
            return found
    return quadrature(self, node.variable, low, high, lambda: self.value(node.body))


def _over_box(self: BallEvaluator, node: nodes.Integral) -> Any:
    """An integral inside another, over a box; None where it is none."""
    from derivations.checking.ball_boxes import box_integral, degree_bound

    names: list[str] = []
    sides: list[tuple[Fraction, Fraction]] = []
    body: Any = node
    while isinstance(body, nodes.Integral):
        ends = [None if end is None else end for end in (body.low, body.high)]
        if None in ends or set(names) & self.scope.reach(*ends):
            return None
        low, high = (self.value(end) for end in ends)
        if not (isinstance(low, Fraction) and isinstance(high, Fraction) and low < high):
            return None
        names.append(body.variable)
        sides.append((low, high))
        body = body.body
    degree = degree_bound(self, body, frozenset(names))
    if degree is None:
        return None
    return box_integral(self, names, sides, lambda: self.value(body), degree)


def quadrature(self: BallEvaluator, name: str, low: Any, high: Any, body: Any) -> Any:
    """Integrate over an interval, by complex balls."""
    if low is None or high is None:
        raise NotExact("an integral over an infinite interval, by balls")

    stopped: list[Stop] = []

    def at(z: Any, analytic: bool) -> Any:
        outer = self.analytic
        self.analytic = analytic or outer
        try:
            self.clock.check()
            with self.naming({name: z}):
                return acb(ball(body()))
        except (ArithmeticError, AttributeError, TypeError, ValueError):
            return NOWHERE  # a function that has no complex form here
        except Stop as stop:  # must not pass through the library that calls
            stopped.append(stop)
            return NOWHERE
        finally:
            self.analytic = outer

    # inside another integral the values are complex: without their imaginary parts no enclosures
    outermost = not any(isinstance(value, acb) for value in self.names.values())
    tolerance = arb(2) ** (-min(self.precision, 64) // 2)
    found = acb.integral(
        at, acb(ball(low)), acb(ball(high)), abs_tol=tolerance, rel_tol=tolerance, eval_limit=4000
    )
    if not found.is_finite():
        raise stopped[0] if stopped else NotExact("a quadrature that does not converge")
    return found.real if outermost and found.imag.contains(0) else found


def truth(self: BallEvaluator, condition: Any) -> Any:
    """1 where a condition holds, else 0; on a box where it is open, the hull of both."""
    try:
        return Fraction(int(self.holds(condition)))
    except NotExact:
        if self.open_kinks is None:
            raise
        self.open_kinks += 1
        return arb(0).union(arb(1))


def _changes() -> Any:
    from derivations.checking import ball_changes

    return ball_changes


def _means() -> Any:
    from derivations.checking import ball_means

    return ball_means


_VALUES: dict[type, Callable[[BallEvaluator, Any], Any]] = {
    nodes.Number: lambda self, node: node.value,
    nodes.Constant: _constant,
    nodes.Symbol: _symbol,
    nodes.Negative: lambda self, node: -self.value(node.body),
    nodes.Sum: lambda self, node: _total(self, node, node.terms, False),
    nodes.Product: lambda self, node: _total(self, node, node.factors, True),
    nodes.Quotient: lambda self, node: divided(
        self.value(node.numerator), self.value(node.denominator)
    ),
    nodes.Power: _power,
    nodes.Apply: lambda self, node: self.call(
        node.function, [self.value(argument) for argument in node.arguments]
    ),
    nodes.Indicator: lambda self, node: truth(self, node.condition),
    nodes.Cases: _cases,
    nodes.BigOperator: _operator,
    nodes.SizeOf: lambda self, node: Fraction(len(self.names[node.of])),
    nodes.Integral: _integral,
    nodes.Expectation: lambda self, node: _means().expectation(self, node),
    nodes.Probability: lambda self, node: _means().probability(self, node),
    nodes.Derivative: lambda self, node: _changes().derivative(self, node),
    nodes.Limit: lambda self, node: _changes().limit(self, node),
}
