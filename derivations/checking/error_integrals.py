r"""Integrals of polynomials times ``erf`` of a linear argument, by parts.

.. math:: \int P\, \operatorname{erf}(u) = Q\, \operatorname{erf}(u)
          - \frac{2}{\sqrt\pi} \int Q\, u'\, e^{-u^2}, \qquad Q' = P.
"""

from __future__ import annotations

from derivations.checking.elements import Element, coefficients
from derivations.checking.evaluate import Evaluator
from derivations.checking.kernels import circle_constant, erf, exp
from derivations.checking.powers import root
from derivations.checking.stops import NotExact

__all__ = ["without_errors"]


def without_errors(
    evaluator: Evaluator,
    value: Element,
    slot: int,
    errors: list[int],
    ends: tuple[Element, Element],
) -> tuple[Element, Element]:
    """Integrate the parts with ``erf`` by parts.

    Args:
        evaluator: of the values.
        value: the integrand, linear in the error functions.
        slot: of the variable.
        errors: slots of the error functions that depend on it.
        ends: of the integral.

    Returns:
        What is integrated already, and the integrand that is left, without error functions.

    Raises:
        NotExact: a power of an error function, or one below.
    """
    done = evaluator.number(0)
    field = evaluator.field
    for s in errors:
        if s in field.slots_in(value.denominator):
            raise NotExact("an integral of a quotient of error functions")
        parts = coefficients(value.numerator, s)
        if len(parts) == 1:
            continue
        if len(parts) > 2:
            raise NotExact("an integral of a power of an error function")
        rest, factor = (field.quotient(part, value.denominator) for part in parts)
        edge, left = _by_parts(evaluator, factor, slot, field.generators[s].arguments[0], ends)
        done, value = done + edge, rest + left
    return done, value


def _by_parts(
    evaluator: Evaluator, factor: Element, slot: int, u: Element, ends: tuple[Element, Element]
) -> tuple[Element, Element]:
    field = evaluator.field
    slope = evaluator.derivative(u, slot)
    moving = [s for s in factor.slots if s != slot and slot in field.bases_of(field.symbols[s])]
    if moving or slot in field.bases_of(factor.denominator) or slot in slope.bases:
        raise NotExact("an integral of an error function times another function")
    under = field.of(factor.denominator)
    x = field.of(field.symbols[slot])
    primitive = evaluator.number(0)
    for k, c in enumerate(coefficients(factor.numerator, slot)):
        primitive = primitive + field.of(c) / under * x ** (k + 1) / evaluator.number(k + 1)
    edge = evaluator.number(0)
    for end, side in ((ends[1], 1), (ends[0], -1)):
        at = primitive.replace(slot, end) * erf(evaluator, u.replace(slot, end))
        edge = edge + (at if side > 0 else -at)
    scale = evaluator.number(-2) / root(evaluator, circle_constant(evaluator), 2)
    return edge, scale * primitive * slope * exp(evaluator, -(u * u))
