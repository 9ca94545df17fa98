"""Lemmas on one output: what its loss is at least, and how it moves."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from fractions import Fraction

from flint import fmpq

from theory.bounding.two_features import least_row_loss
from theory.claim_list.comparing import Comparison, at_least, at_most, below, equal
from theory.claim_list.instances import DENSITIES, variance
from theory.claim_list.pieces import given_set
from theory.claim_list.record import Chapter
from theory.loss import expected_loss
from theory.problem import Problem

__all__ = ["CHAPTER"]

CHAPTER = Chapter("LEMMA", "lemmas on one output")

_OWN = "own derivation, docs/proofs/lower_bounds.md"


def _row_loss(row: Sequence[Fraction], b: Fraction, p: Fraction) -> Fraction:
    """``E (x_1 - (row . x + b)_+)^2`` by all sets of active features."""
    n = len(row)
    sets = (A for k in range(n + 1) for A in itertools.combinations(range(n), k))
    return sum(
        (p ** len(A) * (1 - p) ** (n - len(A)) * given_set(row, b, 0, A) for A in sets), Fraction(0)
    )


_ROWS = tuple(
    (Fraction(a), Fraction(c), Fraction(b))
    for a, c, b in (
        ("1", "-1", "0"),
        ("1", "1/2", "-1/10"),
        ("3/2", "-2", "1/4"),
        ("0", "1", "1/3"),
    )
)


@CHAPTER.claim(
    1,
    "The drop lemma: without one of the other features a row loses no more, at its best bias.",
    r"r_i(a, b) \ge \min_{c} r_i(a_{-j}, c)",
    kind="lower",
    variables={"a_j": "real for j = 1..n", "b": "real", "n": "integer >= 2"},
    source=_OWN + ", section 1",
    route="condition on x_j: a mean over other biases is no less than the least",
    derivation="drop-lemma",
)
def _drop() -> Iterator[Comparison]:
    for (a, c, b), p in itertools.product(_ROWS, DENSITIES[1:]):
        q = fmpq(p.numerator, p.denominator)
        alone = least_row_loss(fmpq(a.numerator, a.denominator), fmpq(0), q, q)
        loss = _row_loss([a, c], b, p)
        yield at_least(loss, alone, f"a={a}, {c}, b={b}, p={p}")


@CHAPTER.claim(
    2,
    "The Lipschitz lemma: the root of a row's loss moves at most by sigma times the row.",
    r"r(a', b') \le \left(\sqrt{r(a, b)} + \sigma |a - a'|\right)^2, \quad"
    r" b' = b + \frac{p}{2} \sum_{j=1}^{n} (a_j - a'_j),"
    r" \quad \sigma^2 = \frac{p}{3} - \frac{p^2}{4}",
    kind="upper",
    variables={"a_j": "real for j = 1..n", "b": "real", "n": "integer >= 1", "p": "real in [0, 1]"},
    source=_OWN + ", section 6",
    route="x -> x_+ is 1-Lipschitz; the bias takes the mean of the change away",
    derivation="lipschitz-lemma",
)
def _lipschitz() -> Iterator[Comparison]:
    for (first, second), p in itertools.product(itertools.permutations(_ROWS, 2), DENSITIES[1:4]):
        (a, c, b), (d, e, _) = first, second
        shifted = b + p / 2 * (a + c - d - e)
        here, there = _row_loss([a, c], b, p), _row_loss([d, e], shifted, p)
        step = variance(p) * ((a - d) ** 2 + (c - e) ** 2)
        excess = there - here - step  # at most 2 sqrt(here step)
        yield at_most(max(excess, Fraction(0)) ** 2, 4 * here * step, f"p={p}, {first} to {second}")


@CHAPTER.claim(
    3,
    "A row whose bias cuts more than half of its own feature loses 7/96 when it alone is active.",
    r"\int_0^1 (u - (\alpha (u - \beta))_+)^2 \,du \ge \frac{\beta^3}{3}"
    r" + \frac{\beta^2 (1 - \beta)}{4} \ge \frac{7}{96} \quad \text{for } \beta \ge \frac{1}{2}",
    kind="lower",
    variables={r"\alpha": "real >= 0", r"\beta": "real in [0, 1]"},
    source=_OWN + ", section 2",
    route="least over alpha at alpha - 1 = 3 beta / (2 (1 - beta)); increasing in beta",
    derivation="dead-rows",
)
def _dead_rows() -> Iterator[Comparison]:
    for beta in map(Fraction, ("1/2", "2/3", "9/10")):
        floor = beta**3 / 3 + beta**2 * (1 - beta) / 4
        best = 1 + 3 * beta / (2 * (1 - beta))
        for alpha in (best, Fraction(1), Fraction(1, 3), Fraction(8)):
            value = given_set([alpha], -alpha * beta, 0, (0,))
            yield (equal if alpha == best else at_least)(
                value, floor, f"alpha={alpha}, beta={beta}"
            )
        yield at_least(floor, Fraction(7, 96), f"beta={beta}")


@CHAPTER.claim(
    4,
    "Two active features with a negative product lose at least the square of it over 6.",
    r"\int_0^1 \int_0^1 (u - (u - s t)_+)^2 \,dt \,du = \frac{s^2}{3} - \frac{s^3}{6}"
    r" \ge \frac{s^2}{6}",
    variables={"s": "real in [0, 1]"},
    source=_OWN + ", section 2",
    route="(u - (u - s t)_+)^2 = min(u, s t)^2",
    derivation="dead-rows",
)
def _interference() -> Iterator[Comparison]:
    for s in map(Fraction, ("0", "1/10", "1/2", "1")):
        value = given_set([Fraction(1), -s], Fraction(0), 0, (0, 1))
        yield equal(value, s**2 / 3 - s**3 / 6, f"s={s}")
        yield at_least(value, s**2 / 6, f"s={s}")


@CHAPTER.claim(
    5,
    "The loss of an output is not convex in its bias.",
    r"\frac{d^2}{db^2} r = 2 p (1 + 2 b) \quad \text{for } b > -1, b < -\frac{1}{2}",
    variables={"p": "real in [0, 1]", "b": "real"},
    assumptions=("r is the loss of an output with the row (1, 0)",),
    source="own derivation",
    route="r is a cubic there, so that second differences are exact",
)
def _not_convex() -> Iterator[Comparison]:
    h = Fraction(1, 10)
    for b, p in itertools.product(map(Fraction, ("-9/10", "-3/4", "-3/5")), DENSITIES[1:]):
        problem = Problem(1, 1, density=p)
        values = [expected_loss(problem, [[1]], [b + k * h]).value for k in (-1, 0, 1)]
        bend = (values[0] - 2 * values[1] + values[2]) / h**2
        yield equal(bend, 2 * p * (1 + 2 * b), f"b={b}, p={p}")
        yield below(bend, 0, f"b={b}, p={p}, sign")


@CHAPTER.claim(
    6,
    "A long feature with a negative bias loses nearly its mean square.",
    r"\int_0^1 (u - (\alpha u + b)_+)^2 \,du \ge \frac{1}{3} - \frac{4}{3 \alpha}",
    kind="lower",
    variables={r"\alpha": "real >= 1", "b": "real <= 0"},
    source=_OWN + ", section 6",
    route="the output o lowers the square error by at most (2 o - o^2)_+",
    derivation="lipschitz-lemma",
)
def _long() -> Iterator[Comparison]:
    for alpha, b in itertools.product(
        map(Fraction, ("1", "3/2", "4", "10", "100")),
        map(Fraction, ("0", "-1/2", "-1", "-5", "-60")),
    ):
        value = given_set([alpha], b, 0, (0,))
        yield at_least(value, Fraction(1, 3) - 4 / (3 * alpha), f"alpha={alpha}, b={b}")


@CHAPTER.claim(
    7,
    "A short feature: with a bias that is not positive it loses the square of what is missing.",
    r"\int_0^1 (u - (\alpha u + b)_+)^2 \,du \ge \frac{(1 - \alpha)^2}{3}",
    kind="lower",
    variables={r"\alpha": "real in [0, 1]", "b": "real <= 0"},
    source=_OWN + ", section 2",
    route="the output is at most alpha u",
    derivation="dead-rows",
)
def _short() -> Iterator[Comparison]:
    for alpha, b in itertools.product(
        map(Fraction, ("0", "1/3", "9/10", "1")), map(Fraction, ("0", "-1/10", "-1/2", "-2"))
    ):
        value = given_set([alpha], b, 0, (0,))
        yield at_least(value, (1 - alpha) ** 2 / 3, f"alpha={alpha}, b={b}")
