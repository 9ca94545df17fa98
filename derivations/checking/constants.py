r"""Signs of constants: values in roots, cosines, ``pi`` and other numbers, without variables.

A ball that leaves zero out decides the sign. For a number ``x`` in algebraic integers alone, zero
is decided too: if every conjugate of ``x`` is at most ``B`` in size and there are at most ``D`` of
them, then the norm of ``x`` is a whole number, and ``|x| < B^(1 - D)`` forces ``x = 0``. Whether
another constant, such as ``e^pi - 23``, is zero, is not decided by a ball that holds zero.

Source: the norm argument is Liouville's; see Burnikel et al. 2000, "A strong and easily computable
separation bound for arithmetic expressions involving radicals", Algorithmica 27, section 3.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from flint import arb, ctx, fmpz_poly

from derivations.checking.elements import Element, Field, Polynomial
from derivations.checking.stops import NotExact, NoValue

__all__ = ["ball_of", "cosine_polynomial", "polynomial_sign"]

FIRST_PRECISION = 64
LAST_PRECISION = 16_384
LAST_TRANSCENDENTAL = 1_024


def polynomial_sign(field: Field, polynomial: Polynomial) -> int:
    """Give the sign of a polynomial in constants: -1, 0 or 1.

    Args:
        field: whose generators occur.
        polynomial: reduced; no variable occurs in it.

    Returns:
        The sign.

    Raises:
        NotExact: too close to zero to be told from it.
    """
    if polynomial.is_constant():
        lead = polynomial.leading_coefficient()
        return int(lead > 0) - int(lead < 0)
    bits = _separation(field, polynomial)
    last = LAST_TRANSCENDENTAL if bits is None else min(LAST_PRECISION, 2 * bits + 128)
    precision = FIRST_PRECISION
    while True:
        with ctx.workprec(precision):
            ball = _polynomial_ball(field, polynomial)
            if ball > 0 or ball < 0:
                return 1 if ball > 0 else -1
            if bits is not None and abs(ball) < arb(2) ** (-bits):
                return 0
        if precision >= last:
            raise NotExact(f"a constant that is zero to {precision} bits, or nearly")
        precision = min(2 * precision, last)


def ball_of(value: Element) -> arb:
    """Enclose a constant at the working precision."""
    if value.rational is not None:
        return arb(value.rational)
    over = _polynomial_ball(value.field, value.numerator)
    return over / _polynomial_ball(value.field, value.denominator)


def _polynomial_ball(field: Field, polynomial: Polynomial) -> arb:
    slots = field.slots_in(polynomial)
    balls = {slot: _generator_ball(field, slot) for slot in slots}
    total = arb(0)
    for exponents, c in polynomial.terms():
        term = arb(c)
        for slot in slots:
            if exponents[slot]:
                term *= _whole_power(balls[slot], int(exponents[slot]))
        total += term
    return total


def _whole_power(base: arb, exponent: int) -> arb:
    """By squaring: ``**`` takes the logarithm of a ball that holds zero."""
    total, square = arb(1), base
    while exponent:
        if exponent % 2:
            total *= square
        square, exponent = square * square, exponent // 2
    return total


def _generator_ball(field: Field, slot: int) -> arb:
    generator = field.generators[slot]
    if generator.kind == "cosine":
        return 2 * arb.cos_pi(arb(2) / field_turns(generator.key))
    if generator.kind == "pi":
        return arb.pi()
    if generator.kind in _FUNCTIONS:
        balls = [ball_of(argument) for argument in generator.arguments]
        return _FUNCTIONS[generator.kind](*balls, generator)
    raise NotExact(f"{generator.kind} is no constant")


def field_turns(key: Any) -> int:
    """``N`` of a cosine ``2 cos(2 pi / N)``."""
    return int(key)


def _root(ball: arb, generator: Any) -> arb:
    if ball < 0:
        raise NoValue("a root of a negative number")
    return ball.nonnegative_part().root(generator.degree)


_FUNCTIONS: dict[str, Any] = {
    "root": _root,
    "exp": lambda x, _: x.exp(),
    "log": lambda x, _: x.log(),
    "sin": lambda x, _: x.sin(),
    "cos": lambda x, _: x.cos(),
    "erf": lambda x, _: x.erf(),
    "gamma": lambda x, _: x.gamma(),
    "power": lambda x, y, _: x**y,
}


def _separation(field: Field, polynomial: Polynomial) -> int | None:
    """Bits below which an algebraic number must be zero; None where it is not algebraic."""
    slots = _algebraic_closure(field, polynomial)
    if slots is None:
        return None
    degree = math.prod(field.generators[slot].degree for slot in slots)
    denominators = [Fraction(int(c.p), int(c.q)).denominator for c in polynomial.coeffs()]
    scale = math.lcm(*denominators)
    size = _conjugate_bits(field, polynomial) + scale.bit_length()
    return (size + 1) * (degree - 1) + scale.bit_length() + 2


def _algebraic_closure(field: Field, polynomial: Polynomial) -> set[int] | None:
    """All roots and cosines that a polynomial is built of, inner ones too."""
    found: set[int] = set()
    todo = list(field.slots_in(polynomial))
    while todo:
        slot = todo.pop()
        generator = field.generators[slot]
        if generator.kind not in ("root", "cosine"):
            return None
        if slot not in found:
            found.add(slot)
            for argument in generator.arguments:
                todo += field.slots_in(argument.numerator)
    return found


def _conjugate_bits(field: Field, polynomial: Polynomial) -> int:
    """Bits of a bound for the size of all conjugates."""
    sizes = {slot: _generator_bits(field, slot) for slot in field.slots_in(polynomial)}
    most = 0
    for exponents, c in polynomial.terms():
        bits = abs(int(c.p)).bit_length()
        bits += sum(sizes[slot] * int(exponents[slot]) for slot in sizes)
        most = max(most, bits)
    return most + len(polynomial).bit_length()


def _generator_bits(field: Field, slot: int) -> int:
    generator = field.generators[slot]
    if generator.kind == "cosine":
        return 1
    inner = _conjugate_bits(field, generator.arguments[0].numerator)
    return -(-inner // generator.degree) + 1


def cosine_polynomial(turns: int) -> fmpz_poly:
    """Give the minimal polynomial of ``2 cos(2 pi / N)``, with whole coefficients, lead 1.

    Args:
        turns: ``N``, at least 1.

    Returns:
        The polynomial, of degree ``phi(N) / 2`` for ``N > 2``.

    Example:
        >>> cosine_polynomial(5)
        x^2 + x + (-1)
    """
    from flint import fmpz_poly as polynomial

    cyclotomic = polynomial.cyclotomic(turns)
    if turns <= 2:
        return polynomial([2 if turns == 2 else -2, 1])
    # z^(-d) Phi(z) = sum_k a_k (z^k + z^-k), and z^k + z^-k is a polynomial in z + 1/z
    half = cyclotomic.degree() // 2
    basis = [polynomial([2]), polynomial([0, 1])]
    while len(basis) <= half:
        basis.append(polynomial([0, 1]) * basis[-1] - basis[-2])
    total = polynomial([cyclotomic[half]])
    for k in range(1, half + 1):
        total += basis[k] * cyclotomic[half + k]
    return total
