"""The Persian Rug: a symmetric model with very many features."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from fractions import Fraction

from flint import acb, arb, ctx, fmpq

from theory.arithmetic.balls import Enclosure
from theory.claim_list.comparing import Comparison, above, below, equal, rounds_to
from theory.claim_list.record import Chapter
from theory.limits.persian_rug import linear_rug_loss, persian_rug_loss, persian_rug_optimum

__all__ = ["CHAPTER"]

CHAPTER = Chapter("RUG", "the Persian Rug")

_SOURCE = "Cowsik, Dolev, Infanger 2024, arXiv:2410.12101, for the ansatz; own derivation"
_CASES = (
    ("1/4", "1/20", "1.25482", "-0.44088", "0.0057894277"),
    ("1/4", "1/100", "1.35014", "-0.30236", "0.00030438672"),
)


def _ball(value: Fraction) -> arb:
    return arb(fmpq(value.numerator, value.denominator))


def _first(mu: acb, s: acb) -> acb:
    """``E (mu + s Z)_+`` for complex ``mu``, as quadrature needs."""
    t = mu / s
    bell = (-t * t / 2).exp() / acb(2 * arb.pi()).sqrt()
    tail = (-t / acb(2).sqrt()).erfc() / 2
    return mu * tail + s * bell


def _second(mu: acb, s: acb) -> acb:
    """``E (mu + s Z)_+^2``."""
    t = mu / s
    bell = (-t * t / 2).exp() / acb(2 * arb.pi()).sqrt()
    tail = (-t / acb(2).sqrt()).erfc() / 2
    return (mu * mu + s * s) * tail + mu * s * bell


def _integrated(r: Fraction, p: Fraction, scale: Fraction, bias: Fraction) -> arb:
    """The loss a feature by rigorous quadrature of the ansatz."""
    noise = _ball((1 - r) / r * (p / 3 - p**2 / 4)).sqrt() * _ball(abs(scale))
    s, a, b = acb(noise), acb(_ball(scale)), acb(_ball(bias))

    def error(u: acb, _: bool) -> acb:
        return u * u - 2 * u * _first(a * u + b, s) + _second(a * u + b, s)

    active = acb.integral(error, 0, 1).real
    chance = _ball(p)
    return (1 - chance) * _second(b, s).real + chance * active


@CHAPTER.claim(
    1,
    "The loss a feature of the symmetric model: Gaussian noise in front of a ReLU.",
    r"\frac{L}{n} = (1 - p) G_2(b) + p \int_0^1 \left(u^2 - 2 u G_1(a u + b)"
    r" + G_2(a u + b)\right) \,du",
    variables={"p": "real in [0, 1]", "a": "real", "b": "real"},
    assumptions=(
        "G_k(t) = E (t + s Z)_+^k with s^2 = a^2 ((1-r)/r) (p/3 - p^2/4), Z normal",
        "the sum over other features is Gaussian",
    ),
    source=_SOURCE,
    route="truncated moments of a normal variable; closed form against quadrature",
    derivation="persian-rug",
)
def _ansatz() -> Iterator[Comparison]:
    with ctx.workprec(160):
        for r, p, scale, bias in itertools.product(
            map(Fraction, ("1/4", "1/2")),
            map(Fraction, ("1/20", "1/2")),
            map(Fraction, ("1", "5/4")),
            map(Fraction, ("-2/5", "0", "1/10")),
        ):
            closed = persian_rug_loss(r, scale, bias, density=p)
            direct = _integrated(r, p, scale, bias)
            yield equal(closed, direct, f"r={r}, p={p}, a={scale}, b={bias}")


@CHAPTER.claim(
    2,
    "The best scale and bias of the symmetric model, at two points.",
    r"\frac{L}{n} = 0.0057894277 \quad \text{for } r = 0.25, p = 0.05",
    assumptions=("a = 1.25482, b = -0.44088; for p = 0.01: 1.35014, -0.30236, 0.00030438672",),
    source=_SOURCE,
    route="the zeros of one function, isolated; the optimum is global",
    derivation="persian-rug",
)
def _optimum() -> Iterator[Comparison]:
    for r, p, scale, bias, loss in _CASES:
        found = persian_rug_optimum(r, density=p)
        yield rounds_to(found.scale, scale, f"a, p={p}")
        yield rounds_to(found.bias, bias, f"b, p={p}")
        yield rounds_to(found.loss, loss, f"L/n, p={p}")
        with ctx.workprec(160):
            there = Enclosure.of(
                _integrated(Fraction(r), Fraction(p), Fraction(scale), Fraction(bias))
            )
        yield rounds_to(there, loss, f"L/n, p={p}, quadrature")
        yield above(there, found.loss.lower, f"p={p}, rounded numbers are no better")


@CHAPTER.claim(
    3,
    "The linear baselines of the rug: with a bias (1 - r) times the variance.",
    r"\frac{L}{n} = (1 - r) \left(\frac{p}{3} - \frac{p^2}{4}\right)",
    variables={"r": "real in (0, 1]", "p": "real in [0, 1]"},
    assumptions=("0.0120313 at r = 0.25, p = 0.05; 0.00248125 at p = 0.01",),
    source="arXiv:2410.12101 (without a bias (1 - r) p/3, LINEAR-06); LINEAR-07",
    route="LINEAR-07",
    derivation="linear-optimal-bias",
)
def _baseline() -> Iterator[Comparison]:
    for (r, p, *_), published in zip(_CASES, ("0.0120313", "0.00248125"), strict=True):
        value = linear_rug_loss(r, density=p)
        yield rounds_to(value, published, f"p={p}")
        direct = (1 - Fraction(r)) * (Fraction(p) / 3 - Fraction(p) ** 2 / 4)
        yield equal(value, direct, f"p={p}")
        yield below(persian_rug_optimum(r, density=p).loss, value, f"p={p}, the rug is better")
