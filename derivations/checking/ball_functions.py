"""The built-in functions of the language, by balls."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from flint import acb, arb

from derivations.checking.ball_powers import logarithm, root
from derivations.checking.ball_values import BallEvaluator, ball, divided
from derivations.checking.stops import NotExact, NoValue

__all__ = ["FUNCTIONS"]


def _method(name: str) -> Callable[..., Any]:
    def apply(_: BallEvaluator, value: Any) -> Any:
        return getattr(ball(value), name)()

    return apply


def _max(self: BallEvaluator, *values: Any) -> Any:
    best = values[0]
    for value in values[1:]:
        if isinstance(best, Fraction) and isinstance(value, Fraction):
            best = max(best, value)
        elif isinstance(best, acb) or isinstance(value, acb):
            best = acb(ball(best)).real_max(acb(ball(value)), analytic=self.analytic)
        else:
            a, b = ball(best), ball(value)
            if self.open_kinks is not None and not (a >= b or b >= a):
                self.open_kinks += 1
            best = a.max(b)
    return best


def _min(self: BallEvaluator, *values: Any) -> Any:
    return -_max(self, *(-value for value in values))


def _abs(self: BallEvaluator, value: Any) -> Any:
    if isinstance(value, acb):
        return value.real_abs(analytic=self.analytic)
    if isinstance(value, Fraction):
        return abs(value)
    return _max(self, value, -value)


def _sign(self: BallEvaluator, value: Any) -> Any:
    if isinstance(value, Fraction):
        return Fraction((value > 0) - (value < 0))
    if isinstance(value, acb):
        return value.real_sgn(analytic=self.analytic)
    if self.open_kinks is not None and not (value > 0 or value < 0):
        self.open_kinks += 1
    return ball(value).sgn()


def _rounded(up: bool) -> Callable[..., Any]:
    def apply(_: BallEvaluator, value: Any) -> Any:
        if isinstance(value, Fraction):
            return Fraction(math.ceil(value) if up else math.floor(value))
        whole = (value.ceil() if up else value.floor()).unique_fmpz()
        if whole is None:
            raise NotExact("the whole part of a number that is nearly whole")
        return Fraction(int(whole))

    return apply


def _factorial(_: BallEvaluator, value: Any) -> Any:
    if not isinstance(value, Fraction):
        raise NotExact("the factorial of a number that balls do not tell to be whole")
    if value.denominator != 1 or value < 0:
        raise NoValue("the factorial of a number that is not 0, 1, 2, ...")
    if value <= 5000:
        return Fraction(math.factorial(int(value)))
    return (ball(value) + 1).gamma()


def _double_factorial(_: BallEvaluator, value: Any) -> Any:
    if isinstance(value, Fraction) and value.denominator == 1 and -1 <= value <= 5000:
        total, k = 1, int(value)
        while k > 1:
            total, k = total * k, k - 2
        return Fraction(total)
    raise NoValue("a double factorial of this number")


def _binomial(_: BallEvaluator, above: Any, below: Any) -> Any:
    if not isinstance(below, Fraction) or below.denominator != 1:
        raise NotExact("a binomial coefficient over a number that is not whole")
    k = int(below)
    if isinstance(above, Fraction):
        total = Fraction(int(k >= 0))
        for j in range(max(k, 0)):
            total *= (above - j) / (j + 1)
        return total
    return ball(above).bin(k)


def _normal_cdf(_: BallEvaluator, value: Any) -> Any:
    return (1 + (ball(value) / arb(2).sqrt()).erf()) / 2


def _tan(_: BallEvaluator, value: Any) -> Any:
    return divided(ball(value).sin(), ball(value).cos())


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "sqrt": lambda self, value: root(self, value, Fraction(2)),
    "root": root,
    "exp": _method("exp"),
    "log": logarithm,
    "sin": _method("sin"),
    "cos": _method("cos"),
    "tan": _tan,
    "erf": _method("erf"),
    "gamma": _method("gamma"),
    "Phi": _normal_cdf,
    "abs": _abs,
    "sign": _sign,
    "floor": _rounded(False),
    "ceil": _rounded(True),
    "max": _max,
    "min": _min,
    "positive_part": lambda self, value: _max(self, value, Fraction(0)),
    "binomial": _binomial,
    "factorial": _factorial,
    "double_factorial": _double_factorial,
}
