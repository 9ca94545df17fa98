r"""Integrals and expectations: exact, piece by piece.

The variable of an integral runs over an interval in which everything that it is compared with keeps
its sign: a sign that changes inside splits the interval there, and both parts are evaluated again.
Expectations integrate out one random variable after another in the same way, but only those on
whose sign something depends; of the others moments are enough.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from derivations.checking.antiderivatives import integrate
from derivations.checking.elements import Element, Polynomial, coefficients
from derivations.checking.evaluate import Evaluator, NeedsSplit
from derivations.checking.laws import Component, components_of, moment, weighted
from derivations.checking.powers import root
from derivations.checking.stops import NotExact, NoValue, Stop
from derivations.language import nodes

__all__ = ["expectation", "integral", "over_interval", "probability"]

MAX_PARTS = 400


class Split(Stop):
    """Inside the interval of a local variable something changes its sign."""

    def __init__(self, local: Between, point: Element) -> None:
        super().__init__("changes its sign inside an interval")
        self.local, self.point = local, point


@dataclass(frozen=True)
class Between:
    """A generator inside an open interval; an end of None is infinite."""

    slot: int
    low: Element | None
    high: Element | None

    def sign(self, evaluator: Evaluator, polynomial: Polynomial) -> int:
        """Decide a sign on the whole interval, or split it where the sign changes."""
        content, factors = polynomial.factor()
        sign = 1 if content > 0 else -1
        for factor, power in factors:
            if self.slot in evaluator.field.bases_of(factor):
                one = self._factor_sign(evaluator, factor)
            else:
                one = evaluator.polynomial_sign(factor)
            sign *= one ** int(power)
        return sign

    def _factor_sign(self, evaluator: Evaluator, factor: Polynomial) -> int:
        field = evaluator.field
        kernels = [
            s
            for s in field.slots_in(factor)
            if s != self.slot and self.slot in field.bases_of(field.symbols[s])
        ]
        if kernels:
            return _kernel_sign(evaluator, factor)
        parts = [field.of(c) for c in coefficients(factor, self.slot)]
        lead = evaluator.sign(parts[-1])
        if lead == 0:
            rest = sum_of(evaluator, parts[:-1], field.of(field.symbols[self.slot]))
            return evaluator.sign(rest)
        if len(parts) == 2:
            return lead * self._side(evaluator, -parts[0] / parts[1])
        if len(parts) == 3:
            return lead * self._quadratic(evaluator, parts)
        raise NotExact("the sign of a polynomial of degree above 2 inside an integral")

    def _quadratic(self, evaluator: Evaluator, parts: list[Element]) -> int:
        c, b, a = parts
        discriminant = b * b - evaluator.number(4) * a * c
        if evaluator.sign(discriminant) <= 0:
            return 1 if evaluator.sign(discriminant) < 0 else self._side_twice(evaluator, b, a)
        width = root(evaluator, discriminant, 2)
        two = evaluator.number(2) * a
        return self._side(evaluator, (-b + width) / two) * self._side(evaluator, (-b - width) / two)

    def _side_twice(self, evaluator: Evaluator, b: Element, a: Element) -> int:
        self._side(evaluator, -b / (evaluator.number(2) * a))
        return 1

    def _side(self, evaluator: Evaluator, point: Element) -> int:
        """1 where the interval is right of a point, -1 where it is left of it."""
        if self.low is not None and evaluator.sign(point - self.low) <= 0:
            return 1
        if self.high is not None and evaluator.sign(point - self.high) >= 0:
            return -1
        raise Split(self, point)


def sum_of(evaluator: Evaluator, parts: list[Element], variable: Element) -> Element:
    """A polynomial from its coefficients."""
    total = evaluator.number(0)
    for part in reversed(parts):
        total = total * variable + part
    return total


def _kernel_sign(evaluator: Evaluator, factor: Polynomial) -> int:
    generator = None
    slots = evaluator.field.slots_in(factor)
    if len(slots) == 1 and factor == evaluator.field.symbols[slots[0]]:
        generator = evaluator.field.generators[slots[0]]
    if generator is not None and generator.kind in ("exp", "root"):
        return 1  # a root is zero at single points alone
    raise NotExact("the sign of a function inside an integral")


def over_interval(
    evaluator: Evaluator,
    low: Element | None,
    high: Element | None,
    body: Callable[[Element], Element],
) -> Element:
    """Integrate a function over an interval with ``low < high``.

    Args:
        evaluator: of the values.
        low: lower end; None for minus infinity.
        high: upper end; None for infinity.
        body: the value of the integrand at a generator.

    Returns:
        The integral.

    Raises:
        NotExact: too many parts.
        Split: the integrand changes its sign within an interval further out.
    """
    variable = evaluator.fresh()
    (slot,) = variable.slots
    todo, total, count = [(low, high)], evaluator.number(0), 0
    while todo:
        count += 1
        if count > MAX_PARTS:
            raise NotExact(f"an integral in more than {MAX_PARTS} parts")
        left, right = todo.pop()
        local = Between(slot, left, right)
        try:
            with evaluator.running(local):
                value = body(variable)
        except Split as split:
            if split.local is not local:
                raise
            todo += [(left, split.point), (split.point, right)]
            continue
        total = total + integrate(evaluator, value, slot, left, right)
    return total


def integral(evaluator: Evaluator, node: nodes.Integral) -> Element:
    """An integral over an interval; one that runs backwards counts negative."""
    low = None if node.low is None else evaluator.value(node.low)
    high = None if node.high is None else evaluator.value(node.high)
    sign = 1
    if low is not None and high is not None:
        sign = evaluator.sign(high - low)
        if sign == 0:
            return evaluator.number(0)
        if sign < 0:
            low, high = high, low

    def body(variable: Element) -> Element:
        with evaluator.naming({node.variable: variable}):
            return evaluator.value(node.body)

    value = over_interval(evaluator, low, high, body)
    return value if sign > 0 else -value


@dataclass(frozen=True)
class _Free:
    """A random variable of which nothing is known yet."""

    slot: int
    name: str

    def sign(self, evaluator: Evaluator, polynomial: Polynomial) -> int:
        """Ask for the variable to be integrated piece by piece."""
        raise NeedsSplit(self.name)


Body = Callable[[], Element]


def _mean(evaluator: Evaluator, free: list[Component], body: Body) -> Element:
    """The mean over independent random variables, those with kinks piece by piece."""
    symbols: dict[str, Element] = {}
    for one in free:
        symbols[one.name] = evaluator.fresh()
        evaluator.locals.append(_Free(next(iter(symbols[one.name].slots)), one.name))
    try:
        with evaluator.naming(symbols):
            return _by_moments(evaluator, free, symbols, body())
    except NeedsSplit as needed:
        names = [c.name for c in free]
        if needed.name not in names:
            raise
        chosen = free[names.index(needed.name)]
    finally:
        del evaluator.locals[len(evaluator.locals) - len(free) :]
    rest = [c for c in free if c is not chosen]
    return _piece_by_piece(evaluator, chosen, rest, body)


def _piece_by_piece(
    evaluator: Evaluator, chosen: Component, rest: list[Component], body: Body
) -> Element:
    def at(value: Element) -> Element:
        with evaluator.naming({chosen.name: value}):
            return _mean(evaluator, rest, body)

    return weighted(evaluator, chosen, at, over_interval)


def _by_moments(
    evaluator: Evaluator, free: list[Component], symbols: dict[str, Element], value: Element
) -> Element:
    """Put moments for the powers of every variable."""
    for one in free:
        (slot,) = symbols[one.name].slots
        if slot not in value.bases:
            continue
        kernels = slot in evaluator.field.bases_of(value.denominator) or any(
            s != slot and slot in evaluator.field.bases_of(evaluator.field.symbols[s])
            for s in value.slots
        )
        if kernels:
            raise NeedsSplit(one.name)
        parts = coefficients(value.numerator, slot)
        total = evaluator.number(0)
        for k, part in enumerate(parts):
            if not part.is_zero():
                total = total + evaluator.field.of(part) * moment(evaluator, one, k)
        value = total / evaluator.field.of(value.denominator)
    return value


def _conditional(evaluator: Evaluator, body: Body, given: Any, *trees: Any) -> Element:
    free = components_of(evaluator, *trees, given)
    if given is None:
        return _mean(evaluator, free, body)

    def truth() -> Element:
        return evaluator.number(int(evaluator.holds(given)))

    def restricted() -> Element:
        return body() if evaluator.holds(given) else evaluator.number(0)

    chance = _mean(evaluator, free, truth)
    if evaluator.sign(chance) == 0:
        raise NoValue("a condition of probability 0")
    return _mean(evaluator, free, restricted) / chance


def expectation(evaluator: Evaluator, node: nodes.Expectation) -> Element:
    """The mean of an expression, given a condition if there is one."""
    return _conditional(evaluator, lambda: evaluator.value(node.body), node.given, node.body)


def probability(evaluator: Evaluator, node: nodes.Probability) -> Element:
    """The probability of a condition, given another one if there is one."""

    def truth() -> Element:
        return evaluator.number(int(evaluator.holds(node.condition)))

    return _conditional(evaluator, truth, node.given, node.condition)
