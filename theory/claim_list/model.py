"""The model around the loss: laws, groups of features, densities, clipping, rotations."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from fractions import Fraction

from flint import fmpq, fmpq_series

from theory.claim_list.comparing import Comparison, at_least, at_most, equal
from theory.claim_list.instances import DENSITIES, gram_of, matrices, models
from theory.claim_list.pieces import given_set
from theory.claim_list.record import Chapter
from theory.loss import expected_loss
from theory.problem import (
    Anticorrelated,
    Binary,
    Correlated,
    Exponential,
    FeatureLaw,
    Normal,
    Problem,
    Rademacher,
    Uniform,
)
from theory.rows.law_moments import law_moments

__all__ = ["CHAPTER"]

CHAPTER = Chapter("MODEL", "features, groups, densities")

_ELHAGE = "Elhage et al. 2022, arXiv:2209.10652"


def _row(numbers: Sequence[Fraction]) -> str:
    return "(" + ", ".join(map(str, numbers)) + ")"


def _transforms(length: int) -> list[tuple[str, FeatureLaw, fmpq_series]]:
    """Laws with their transforms ``E e^{z u}`` as power series."""
    faculty = [math.factorial(k) for k in range(length + 2)]
    z = fmpq_series([0, 1], prec=length)
    square = fmpq_series([0, 0, fmpq(1, 2)], prec=length)
    shifted = [fmpq(1, faculty[k + 1]) for k in range(length)]
    odd = [fmpq(1, faculty[k + 1]) * (k % 2 == 0) for k in range(length)]
    even = [fmpq(1, faculty[k]) * (k % 2 == 0) for k in range(length)]
    return [
        (
            "U[0,1]",
            Uniform(),
            fmpq_series(shifted, prec=length),
        ),
        ("U[-1,1]", Uniform(-1, 1), fmpq_series(odd, prec=length)),
        ("binary", Binary(), z.exp()),
        ("Rademacher", Rademacher(), fmpq_series(even, prec=length)),
        ("exponential", Exponential(), 1 / (1 - z)),
        ("normal", Normal(), square.exp()),
    ]


@CHAPTER.claim(
    1,
    "The transforms of the feature laws, by their moments.",
    r"\mathbb{E} e^{z u} = \sum_{k=0}^{\infty} \frac{\mathbb{E} u^k}{k!} z^k",
    variables={"z": "real"},
    assumptions=(
        "(e^z - 1)/z for U[0,1], sinh(z)/z for U[-1,1], e^z for 1, cosh(z) for signs,"
        " 1/(1-z) for Exponential(1), e^{z^2/2} for Normal(0,1)",
    ),
    source="standard; the table of transforms of the series",
    route="power series against the moments that the exact loss uses",
)
def _law_transforms() -> Iterator[Comparison]:
    for name, law, series in _transforms(9):
        moments = law_moments(law, 8)
        for k in range(9):
            yield equal(moments[k], series[k] * math.factorial(k), f"{name}, k={k}")


@CHAPTER.claim(
    2,
    "Correlated features are on or off as one: the loss is a mixture of two problems.",
    r"L = (1-p) L(\text{group off}) + p L(\text{group on})",
    variables={"p": "real in [0, 1]"},
    source=f"{_ELHAGE}, section 'Organization of correlated features'",
    route="total probability over the group",
)
def _correlated() -> Iterator[Comparison]:
    for (W, b), p in zip(models(91, 2, 3, 6), DENSITIES, strict=True):
        problem = Problem(3, 2, density=p, groups=[Correlated(0, 1)])
        chances = {(): (1 - p) ** 2, (2,): (1 - p) * p, (0, 1): p * (1 - p), (0, 1, 2): p**2}
        yield equal(expected_loss(problem, W, b).value, _over_sets(W, b, chances), f"p={p}")


@CHAPTER.claim(
    3,
    "Of anticorrelated features at most one is on: the loss is a mixture over which.",
    r"L = (1-p) L(\text{group off}) + \frac{p}{g} \sum_{j=1}^{g} L(\text{only } j \text{ on})",
    variables={"p": "real in [0, 1]", "g": "integer >= 1"},
    source=f"{_ELHAGE}, section 'Organization of correlated features'",
    route="total probability over the group",
)
def _anticorrelated() -> Iterator[Comparison]:
    for (W, b), p in zip(models(95, 2, 3, 6), DENSITIES, strict=True):
        problem = Problem(3, 2, density=p, groups=[Anticorrelated(0, 1)])
        q = 1 - p
        chances = {(): q**2, (2,): q * p, (0,): p / 2 * q, (1,): p / 2 * q}
        chances |= {(0, 2): p / 2 * p, (1, 2): p / 2 * p}
        yield equal(expected_loss(problem, W, b).value, _over_sets(W, b, chances), f"p={p}")


def _over_sets(
    W: Sequence[Sequence[Fraction]], b: Sequence[Fraction], chances: dict[tuple[int, ...], Fraction]
) -> Fraction:
    gram = gram_of(W)
    return sum(
        (c * given_set(gram[i], b[i], i, A) for A, c in chances.items() for i in range(len(b))),
        Fraction(0),
    )


@CHAPTER.claim(
    4,
    "Losses at two densities are within the largest and smallest ratio of the weights.",
    r"\min_{k} \frac{p^k (1-p)^{n-k}}{q^k (1-q)^{n-k}} \le \frac{L(p)}{L(q)} \le"
    r" \max_{k} \frac{p^k (1-p)^{n-k}}{q^k (1-q)^{n-k}}",
    kind="upper",
    variables={"n": "integer >= 1", "p": "real in (0, 1)", "q": "real in (0, 1)"},
    source="own derivation",
    route="both losses are the same nonnegative terms with other weights",
)
def _density_ratio() -> Iterator[Comparison]:
    for W, b in models(99, 1, 3, 3):
        loss = expected_loss(Problem(3, 1, density=0), W, b)
        for p, q in itertools.permutations((Fraction(1, 10), Fraction(1, 3), Fraction(3, 4)), 2):
            weights = [(p / q) ** k * ((1 - p) / (1 - q)) ** (3 - k) for k in range(4)]
            ratio = loss.at(density=p) / loss.at(density=q)
            yield at_least(ratio, min(weights), f"p={p}, q={q}")
            yield at_most(ratio, max(weights), f"p={p}, q={q}")


@CHAPTER.claim(
    5,
    "Clipping an affine reconstruction at 0 never loses where features are not negative.",
    r"\mathbb{E}(x_i - (y_i)_+)^2 \le \mathbb{E}(x_i - y_i)^2",
    kind="upper",
    variables={"x_i": "real >= 0 for i = 1..n", "y_i": "real for i = 1..n", "n": "integer >= 1"},
    source="own derivation",
    route="for x >= 0, (x - max(y, 0))^2 <= (x - y)^2 point by point",
)
def _clipping() -> Iterator[Comparison]:
    for W, b in models(103, 2, 3, 4):
        gram = gram_of(W)
        for p in DENSITIES:
            affine = sum(_affine(gram[i], b[i], i, p) for i in range(3))
            clipped = expected_loss(Problem(3, 2, density=p), W, b).value
            yield at_most(clipped, affine, f"p={p}, b={_row(b)}")


def _affine(row: Sequence[Fraction], bias: Fraction, i: int, p: Fraction) -> Fraction:
    """``E (x_i - row . x - bias)^2`` by mean and variance."""
    slopes = [(Fraction(1) if j == i else Fraction(0)) - a for j, a in enumerate(row)]
    mean = sum(slopes, Fraction(0)) * p / 2 - bias
    return mean**2 + sum(s**2 for s in slopes) * (p / 3 - p**2 / 4)


@CHAPTER.claim(
    6,
    "The loss depends on the weights through their Gram matrix alone.",
    r"L(Q W, b) = L(W, b), \quad Q^\top Q = 1",
    assumptions=("Q is orthogonal",),
    source="definition",
    route="(Q W)^T Q W = W^T W",
)
def _rotation() -> Iterator[Comparison]:
    turns = [
        [[Fraction(3, 5), Fraction(-4, 5)], [Fraction(4, 5), Fraction(3, 5)]],
        [[Fraction(0), Fraction(1)], [Fraction(1), Fraction(0)]],
    ]
    for W, Q in itertools.product(matrices(107, 2, 3, 3), turns):
        turned = [
            [
                sum((q * w for q, w in zip(row, column, strict=True)), Fraction(0))
                for column in zip(*W, strict=True)
            ]
            for row in Q
        ]
        problem = Problem(3, 2, density="1/3")
        yield equal(expected_loss(problem, turned).value, expected_loss(problem, W).value, str(Q))
