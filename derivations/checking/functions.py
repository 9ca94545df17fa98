"""The built-in functions of the language, exactly."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

from derivations.checking import kernels
from derivations.checking.constants import ball_of
from derivations.checking.elements import Element, Generator
from derivations.checking.evaluate import Evaluator
from derivations.checking.powers import root
from derivations.checking.stops import NotExact, NoValue

__all__ = ["FUNCTIONS"]

MAX_FACTORIAL = 2_000
MAX_SHIFT = 100


def _root(evaluator: Evaluator, value: Element, degree: Element) -> Element:
    whole = degree.as_integer()
    if whole is None:
        raise NotExact("a root whose degree is open")
    if whole < 1:
        raise NoValue(f"a root of degree {whole}")
    return root(evaluator, value, whole)


def _tan(evaluator: Evaluator, value: Element) -> Element:
    return evaluator.divide(kernels.sin(evaluator, value), kernels.cos(evaluator, value))


def _normal_cdf(evaluator: Evaluator, value: Element) -> Element:
    two = evaluator.number(2)
    inner = kernels.erf(evaluator, value / root(evaluator, two, 2))
    return (evaluator.number(1) + inner) / two


def _abs(evaluator: Evaluator, value: Element) -> Element:
    return -value if evaluator.sign(value) < 0 else value


def _sign(evaluator: Evaluator, value: Element) -> Element:
    return evaluator.number(evaluator.sign(value))


def _positive_part(evaluator: Evaluator, value: Element) -> Element:
    return value if evaluator.sign(value) > 0 else evaluator.number(0)


def _max(evaluator: Evaluator, *values: Element) -> Element:
    best = values[0]
    for value in values[1:]:
        if evaluator.sign(value - best) > 0:
            best = value
    return best


def _min(evaluator: Evaluator, *values: Element) -> Element:
    return -_max(evaluator, *(-value for value in values))


def _floor(evaluator: Evaluator, value: Element) -> Element:
    if value.fraction is not None:
        return evaluator.number(math.floor(value.fraction))
    if value.bases:
        raise NotExact("the whole part of an open number")
    whole = ball_of(value).floor().unique_fmpz()
    if whole is None:
        raise NotExact("the whole part of a number that is nearly whole")
    return evaluator.number(int(whole))


def _ceil(evaluator: Evaluator, value: Element) -> Element:
    return -_floor(evaluator, -value)


def _shift(value: Element) -> tuple[Element, int]:
    """Split off the whole part of the constant term: ``2 n + 3`` is ``2 n`` and 3."""
    constant = Fraction(0)
    for exponents, c in value.numerator.terms():
        if not any(exponents):
            constant = Fraction(int(c.p), int(c.q))
    if not value.denominator.is_constant():
        return value, 0
    whole = math.floor(constant)
    return value - value.field.number(whole), whole


def _factorial(evaluator: Evaluator, value: Element) -> Element:
    """At 0, 1, 2, ..., and at open numbers up to whole steps: ``(n + 1)! = (n + 1) n!``."""
    number = evaluator.number
    if value.fraction is not None:
        whole = value.as_integer()
        if whole is None or whole < 0:
            raise NoValue("the factorial of a number that is not 0, 1, 2, ...")
        if whole > MAX_FACTORIAL:
            raise NotExact(f"a factorial above {MAX_FACTORIAL}")
        return number(math.factorial(whole))
    rest, whole = _shift(value)
    if abs(whole) > MAX_SHIFT:
        raise NotExact(f"a factorial of n + {whole}")
    total = evaluator.field.element(Generator("factorial", rest.key, (rest,)))
    for k in range(abs(whole)):
        total = total * (rest + number(k + 1)) if whole > 0 else total / (rest - number(k))
    return total


def _gamma(evaluator: Evaluator, value: Element) -> Element:
    if value.fraction is not None:
        return _gamma_of_number(evaluator, value.fraction)
    return _factorial(evaluator, value - evaluator.number(1))


def _gamma_of_number(evaluator: Evaluator, value: Fraction) -> Element:
    if value.denominator == 1 and value <= 0:
        raise NoValue("Gamma at 0, -1, -2, ...")
    if abs(value) > MAX_FACTORIAL or value.denominator > 2:
        raise NotExact("Gamma at a number that is not whole or half")
    if value.denominator == 1:
        return evaluator.number(math.factorial(int(value) - 1))
    total, point = root(evaluator, kernels.circle_constant(evaluator), 2), Fraction(1, 2)
    while point < value:
        total, point = total * evaluator.number(point), point + 1
    while point > value:
        point -= 1
        total = total / evaluator.number(point)
    return total


def _binomial(evaluator: Evaluator, above: Element, below: Element) -> Element:
    """``n (n - 1) ... (n - k + 1) / k!`` for whole ``k >= 0``; 0 for negative ``k``."""
    k = below.as_integer()
    n = above.as_integer()
    if n is not None and k is not None and n >= 0:
        if n > MAX_FACTORIAL:
            raise NotExact(f"a binomial coefficient above {MAX_FACTORIAL}")
        return evaluator.number(math.comb(n, k) if k >= 0 else 0)
    if k is None and above.fraction is None:
        rest = (above - below).as_integer()
        if rest is not None and rest >= 0:
            return _binomial(evaluator, above, evaluator.number(rest))
    if k is not None:
        if k > MAX_FACTORIAL:
            raise NotExact(f"a binomial coefficient above {MAX_FACTORIAL}")
        total = evaluator.number(int(k >= 0))
        for j in range(max(0, k)):
            total = total * (above - evaluator.number(j)) / evaluator.number(j + 1)
        return total
    below_part = _factorial(evaluator, below) * _factorial(evaluator, above - below)
    return _factorial(evaluator, above) / below_part


def _double_factorial(evaluator: Evaluator, value: Element) -> Element:
    whole = value.as_integer()
    if whole is not None:
        if whole < -1:
            raise NoValue("the double factorial of a number below -1")
        if whole > MAX_FACTORIAL:
            raise NotExact(f"a double factorial above {MAX_FACTORIAL}")
        return evaluator.number(math.prod(range(whole, 0, -2)))
    number, two = evaluator.number, evaluator.number(2)
    rest, constant = _shift(value)
    half = rest / two
    if any(c.q != 1 for c in half.numerator.coeffs()):
        raise NotExact("a double factorial of an open number of either parity")
    from derivations.checking.powers import power

    if constant % 2 == 0:
        top = half + number(constant // 2)
        return power(evaluator, two, top) * _factorial(evaluator, top)
    top = half + number((constant + 1) // 2)  # (2 t - 1)!! = (2 t)! / (2^t t!)
    under = power(evaluator, two, top) * _factorial(evaluator, top)
    return _factorial(evaluator, two * top) / under


FUNCTIONS: dict[str, Callable[..., Element]] = {
    "sqrt": lambda evaluator, value: root(evaluator, value, 2),
    "root": _root,
    "exp": kernels.exp,
    "log": kernels.log,
    "sin": kernels.sin,
    "cos": kernels.cos,
    "tan": _tan,
    "erf": kernels.erf,
    "Phi": _normal_cdf,
    "abs": _abs,
    "sign": _sign,
    "floor": _floor,
    "ceil": _ceil,
    "max": _max,
    "min": _min,
    "positive_part": _positive_part,
    "binomial": _binomial,
    "factorial": _factorial,
    "double_factorial": _double_factorial,
    "gamma": _gamma,
}
