r"""Integrals of polynomials times cosines and sines of linear arguments.

Products are turned into sums of ``cos u`` and ``sin u``; then with ``u = a x + c``

.. math:: \int P(x)\, e^{i u} dx = Q(x)\, e^{i u}, \qquad Q' + i a\, Q = P,

is solved for the coefficients of ``Q`` from the highest down.
"""

from __future__ import annotations

from derivations.checking.elements import Element, coefficients
from derivations.checking.evaluate import Evaluator
from derivations.checking.kernels import cos, sin
from derivations.checking.stops import NotExact

__all__ = ["integrate_waves"]

MAX_WAVES = 60
Waves = dict[Element, tuple[Element, Element]]
"""``sum_u C cos u + S sin u`` by ``u``."""


def integrate_waves(
    evaluator: Evaluator,
    value: Element,
    slot: int,
    kernels: list[int],
    ends: tuple[Element, Element],
) -> Element:
    """Integrate over one generator.

    Args:
        evaluator: of the values.
        value: the integrand; its denominator is free of the generator.
        slot: of the generator.
        kernels: slots of the cosines and sines that depend on it.
        ends: lower and upper end.

    Returns:
        The integral.
    """
    field = evaluator.field
    total = evaluator.number(0)
    groups: dict[tuple[int, ...], dict[tuple[int, ...], object]] = {}
    for exponents, c in value.numerator.terms():
        name = tuple(int(exponents[s]) for s in kernels)
        rest = tuple(0 if s in kernels else e for s, e in enumerate(exponents))
        groups.setdefault(name, {})[rest] = c
    for name, terms in groups.items():
        body = field.of(field.context.from_dict(terms)) / field.of(value.denominator)
        for u, (c, s) in _waves(evaluator, kernels, name).items():
            total = total + _one_wave(evaluator, body, slot, u, (c, s), ends)
    return total


def _waves(evaluator: Evaluator, kernels: list[int], powers: tuple[int, ...]) -> Waves:
    """A product of powers of cosines and sines as a sum."""
    zero, one = evaluator.number(0), evaluator.number(1)
    found: Waves = {zero: (one, zero)}
    for kernel, power in zip(kernels, powers, strict=True):
        generator = evaluator.field.generators[kernel]
        for _ in range(power):
            found = _times(evaluator, found, generator.arguments[0], generator.kind == "cos")
            if len(found) > MAX_WAVES:
                raise NotExact("a product of many cosines")
    return found


def _times(evaluator: Evaluator, waves: Waves, u: Element, is_cosine: bool) -> Waves:
    half = evaluator.number(1) / evaluator.number(2)
    zero = evaluator.number(0)
    found: Waves = {}

    def add(angle: Element, c: Element, s: Element) -> None:
        old = found.get(angle, (zero, zero))
        found[angle] = (old[0] + c, old[1] + s)

    for v, (c, s) in waves.items():
        if is_cosine:
            add(v + u, half * c, half * s)
            add(v - u, half * c, half * s)
        else:
            add(v + u, -half * s, half * c)
            add(v - u, half * s, -half * c)
    return found


def _one_wave(
    evaluator: Evaluator,
    body: Element,
    slot: int,
    u: Element,
    parts: tuple[Element, Element],
    ends: tuple[Element, Element],
) -> Element:
    field = evaluator.field
    under = field.of(body.denominator)
    polynomial = [field.of(c) / under for c in coefficients(body.numerator, slot)]
    if slot in field.bases_of(u.denominator):
        raise NotExact("a cosine of a quotient")
    slopes = [field.of(c) / field.of(u.denominator) for c in coefficients(u.numerator, slot)] or [
        evaluator.number(0)
    ]
    if len(slopes) > 2:
        raise NotExact("a cosine of a square")
    if len(slopes) == 1:
        weight = parts[0] * cos(evaluator, u) + parts[1] * sin(evaluator, u)
        return weight * _plain(evaluator, polynomial, ends)
    if evaluator.sign_is_zero(slopes[1]):
        raise NotExact("a cosine whose rate may vanish")
    real, imaginary = _solved(evaluator, polynomial, slopes[1])
    total = evaluator.number(0)
    for end, side in ((ends[1], 1), (ends[0], -1)):
        angle = slopes[0] + slopes[1] * end
        c, s = cos(evaluator, angle), sin(evaluator, angle)
        a, b = _at(evaluator, real, end), _at(evaluator, imaginary, end)
        value = parts[0] * (a * c - b * s) + parts[1] * (a * s + b * c)
        total = total + (value if side > 0 else -value)
    return total


def _plain(
    evaluator: Evaluator, polynomial: list[Element], ends: tuple[Element, Element]
) -> Element:
    total = evaluator.number(0)
    for k, part in enumerate(polynomial):
        step = ends[1] ** (k + 1) - ends[0] ** (k + 1)
        total = total + part * step / evaluator.number(k + 1)
    return total


def _solved(
    evaluator: Evaluator, polynomial: list[Element], rate: Element
) -> tuple[list[Element], list[Element]]:
    zero = evaluator.number(0)
    size = len(polynomial)
    real, imaginary = [zero] * (size + 1), [zero] * (size + 1)
    for k in reversed(range(size)):
        above = evaluator.number(k + 1)
        rest_real = polynomial[k] - above * real[k + 1]
        rest_imaginary = -(above * imaginary[k + 1])
        real[k], imaginary[k] = rest_imaginary / rate, -(rest_real / rate)
    return real[:-1], imaginary[:-1]


def _at(evaluator: Evaluator, parts: list[Element], point: Element) -> Element:
    total = evaluator.number(0)
    for part in reversed(parts):
        total = total * point + part
    return total
