"""Linear models, constants and orthogonal features: what superposition is measured against."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from fractions import Fraction

from theory.bounds import lower_bounds
from theory.claim_list.comparing import Comparison, at_least, equal
from theory.claim_list.instances import DENSITIES, gram_of, matrices, variance
from theory.claim_list.pieces import literal_loss
from theory.claim_list.record import Chapter
from theory.limits.persian_rug import linear_rug_loss
from theory.loss import expected_loss
from theory.problem import Power, Problem, Uniform

__all__ = ["CHAPTER"]

CHAPTER = Chapter("LINEAR", "linear models, constants, orthogonal features")

_ELHAGE = "Elhage et al. 2022, arXiv:2209.10652"
_P = {"p": "real in [0, 1]"}


def _best_bias(gram: Sequence[Sequence[Fraction]], p: Fraction) -> list[Fraction]:
    return [p / 2 * (1 - sum(row, Fraction(0))) for row in gram]


def _linear_formula(
    gram: Sequence[Sequence[Fraction]], p: Fraction, importance: Sequence[Fraction]
) -> Fraction:
    """Feature benefit and interference, written out."""
    n = range(len(gram))
    benefit = sum(importance[i] * (1 - gram[i][i]) ** 2 for i in n)
    interference = sum(importance[i] * gram[i][j] ** 2 for i in n for j in n if i != j)
    return (p / 3 - p * p / 4) * (benefit + interference)


@CHAPTER.claim(
    1,
    "The linear model with its best bias: feature benefit and interference, times the variance.",
    r"L = \left(\frac{p}{3} - \frac{p^2}{4}\right) \left(\sum_{i=1}^{n} I_i (1 - G_{ii})^2"
    r" + \sum_{i \ne j} I_i G_{ij}^2\right)",
    variables={
        **_P,
        "n": "integer >= 1",
        "I_i": "real >= 0 for i = 1..n",
        "G_{ij}": "real for i = 1..n, j = 1..n",
    },
    source=f"{_ELHAGE}, section 2 (the linear model); own derivation of the exact factor",
    route="the bias takes the mean of the error away; the rest is a variance of independent terms",
    derivation="linear-optimal-bias",
)
def _linear_loss() -> Iterator[Comparison]:
    importance = [Fraction(1), Fraction(1, 2), Fraction(2)]
    for W, p in itertools.product(matrices(1, 2, 3, 4), DENSITIES):
        gram = gram_of(W)
        problem = Problem(3, 2, density=p, activation=Power(1), importance=importance)
        loss = expected_loss(problem, W, _best_bias(gram, p)).value
        yield equal(loss, _linear_formula(gram, p, importance), f"p={p}, W={W[0]}...")


@CHAPTER.claim(
    2,
    "No linear model loses less than the variance of all but its m most important features.",
    r"L \ge \left(\frac{p}{3} - \frac{p^2}{4}\right) \sum_{i=m+1}^{n} I_i",
    kind="lower",
    variables={**_P, "m": "integer >= 1", "n": "integer >= m", "I_i": "real >= 0 for i = 1..n"},
    assumptions=("features ordered by importance, the largest first",),
    source=f"{_ELHAGE}, section 2; Eckart and Young 1936; Baldi and Hornik 1989",
    route="a matrix of rank m is at least the n - m least singular values away from the identity",
    derivation="linear-optimal-bias",
)
def _linear_optimum() -> Iterator[Comparison]:
    importance = [Fraction(3), Fraction(1), Fraction(1, 2)]
    for p in DENSITIES:
        problem = Problem(3, 2, density=p, activation=Power(1), importance=importance)
        claims = {claim.name: claim.value for claim in lower_bounds(problem)}
        least = (p / 3 - p**2 / 4) * Fraction(1, 2)
        if p:
            yield equal(claims["principal components"], least, f"p={p}, n=3, m=2")
        kept = [[Fraction(1), Fraction(0), Fraction(0)], [Fraction(0), Fraction(1), Fraction(0)]]
        reached = expected_loss(problem, kept, _best_bias(gram_of(kept), p)).value
        yield equal(reached, least, f"p={p}, two features kept")
        for W in matrices(2, 2, 3, 4):
            loss = expected_loss(problem, W, _best_bias(gram_of(W), p)).value
            yield at_least(loss, least, f"p={p}, W={W[0]}...")


@CHAPTER.claim(
    3,
    "An ignored feature is best replaced by its mean, and loses its variance.",
    r"\mathbb{E}(x - b)^2 = \frac{p}{3} - \frac{p^2}{4} + \left(b - \frac{p}{2}\right)^2",
    variables={**_P, "b": "real >= 0"},
    random={"x": "uniform on [0, 1] with probability p, else 0"},
    source="wattenberg, Exploring Exact Toy Models (notebook): s/3 - s^2/4 with bias s/2",
    route="mean and variance",
    derivation="ignored-feature",
)
def _ignored() -> Iterator[Comparison]:
    for p, b in itertools.product(DENSITIES, map(Fraction, ("0", "1/20", "1/4", "1/2", "2"))):
        loss = expected_loss(Problem(1, 1, density=p), [[0]], [b]).value
        yield equal(loss, p / 3 - p**2 / 4 + (b - p / 2) ** 2, f"p={p}, b={b}")


@CHAPTER.claim(
    4,
    "The variance of a feature, in the sparsity.",
    r"\frac{p}{3} - \frac{p^2}{4} = \frac{(1 - S)(1 + 3 S)}{12}, \quad p = 1 - S",
    variables={"S": "real in [0, 1]"},
    source="MAIS agenda A4 (dropped-feature floor)",
    route="expand",
)
def _variance_in_sparsity() -> Iterator[Comparison]:
    for p in (*DENSITIES, Fraction(4, 7)):
        sparsity = 1 - p
        loss = expected_loss(Problem(1, 1, sparsity=sparsity), [[0]], [p / 2]).value
        yield equal(loss, (1 - sparsity) * (1 + 3 * sparsity) / 12, f"S={sparsity}")


@CHAPTER.claim(
    5,
    "The sum over other features has the variance of a feature times its squared weights.",
    r"\operatorname{Var}\left(\sum_{j=1}^{n} a_j x_j\right) ="
    r" \left(\frac{p}{3} - \frac{p^2}{4}\right) \sum_{j=1}^{n} a_j^2",
    variables={**_P, "n": "integer >= 1", "a_j": "real for j = 1..n"},
    random={"x_j": "uniform on [0, 1] with probability p, else 0 for j = 1..n"},
    source="Cowsik, Dolev, Infanger 2024, arXiv:2410.12101, code (row noise variance)",
    route="variances of independent terms add up",
)
def _row_noise() -> Iterator[Comparison]:
    for (row,), p in itertools.product(matrices(3, 1, 3, 4), DENSITIES):
        gram = [[Fraction(0)] * 3, row, [Fraction(0)] * 3]
        weights = [[Fraction(j == k) for j in range(3)] for k in range(3)]
        problem = Problem(3, 3, density=p, activation=Power(1), importance=[0, 1, 0])
        mean = sum(row, Fraction(0)) * p / 2
        decoder = [[gram[i][k] for i in range(3)] for k in range(3)]
        found = expected_loss(problem, weights, [0, -mean, 0], W_decoder=decoder).value
        # E (x_1 - z)^2 with z centred: E x_1^2 - 2 Cov(x_1, z) + Var z
        square = p / 3 - 2 * row[1] * variance(p)
        total = variance(p) * sum(a * a for a in row)
        yield equal(found - square, total, f"p={p}, a={row}")


@CHAPTER.claim(
    6,
    "A projector of rank m without a bias loses (n - m) p/3, averaged over signs of the features.",
    r"\frac{1}{2^n} \sum_{D} L(D P D) = (n - m) \frac{p}{3}",
    variables={**_P, "m": "integer >= 1", "n": "integer >= m"},
    assumptions=("D runs over diagonal signs, P is a projector of rank m",),
    source="Cowsik, Dolev, Infanger 2024, arXiv:2410.12101, code (linear baseline (1-r) p/3)",
    route="the mean error is (p/2) (1 - P) D 1, whose mean square over D is (p^2/4) (n - m)",
)
def _linear_baseline() -> Iterator[Comparison]:
    half = Fraction(1, 2)
    projectors = {
        1: [[half, half], [half, half]],
        2: [
            [1 - Fraction(1, 3) if i == j else -Fraction(1, 3) for j in range(3)] for i in range(3)
        ],
    }
    for (m, P), p in itertools.product(projectors.items(), DENSITIES):
        n = len(P)
        identity = [[Fraction(i == j) for j in range(n)] for i in range(n)]
        total = Fraction(0)
        for signs in itertools.product((1, -1), repeat=n):
            turned = [[signs[i] * P[i][j] * signs[j] for j in range(n)] for i in range(n)]
            problem = Problem(n, n, density=p, activation=Power(1))
            total += expected_loss(problem, turned, W_decoder=identity).value
        yield equal(total / 2**n, (n - m) * p / 3, f"n={n}, m={m}, p={p}")


@CHAPTER.claim(
    7,
    "A linear model with a bias and m of n alike features loses (1 - m/n) times the variance each.",
    r"\frac{L}{n} = \left(1 - \frac{m}{n}\right) \left(\frac{p}{3} - \frac{p^2}{4}\right)",
    variables={**_P, "m": "integer >= 1", "n": "integer >= m"},
    source=f"{_ELHAGE}, section 2; arXiv:2410.12101 compares with the version without a bias",
    route="LINEAR-02 at equal importance",
)
def _linear_with_bias() -> Iterator[Comparison]:
    for (m, n), p in itertools.product(((1, 2), (1, 3), (2, 3)), DENSITIES):
        kept = [[Fraction(j == k) for j in range(n)] for k in range(m)]
        problem = Problem(n, m, density=p, activation=Power(1))
        loss = expected_loss(problem, kept, _best_bias(gram_of(kept), p)).value
        yield equal(loss / n, linear_rug_loss(Fraction(m, n), density=p), f"m={m}, n={n}, p={p}")


@CHAPTER.claim(
    8,
    "Orthogonal features: m are returned, each of the others loses its variance.",
    r"L = (n - m) \left(\frac{p}{3} - \frac{p^2}{4}\right)",
    variables={**_P, "m": "integer >= 1", "n": "integer >= m"},
    source="MAIS agenda A4 (orthogonal price)",
    route="LINEAR-03 for every ignored feature",
    derivation="ignored-feature",
)
def _orthogonal_price() -> Iterator[Comparison]:
    for (m, n), p in itertools.product(((1, 2), (1, 4), (2, 3)), DENSITIES):
        kept = [[Fraction(j == k) for j in range(n)] for k in range(m)]
        bias = [Fraction(0) if j < m else p / 2 for j in range(n)]
        loss = literal_loss(gram_of(kept), bias, p)
        yield equal(loss, (n - m) * variance(p), f"m={m}, n={n}, p={p}")


@CHAPTER.claim(
    9,
    "Weak superposition: features that are not represented lose their mean square.",
    r"L = \mathbb{E} v^2 \sum_{i=m+1}^{n} p_i, \quad \mathbb{E} v^2 = \frac{4}{3}",
    variables={"m": "integer >= 1", "n": "integer >= m", "p_i": "real in [0, 1] for i = 1..n"},
    random={"v": "uniform on [0, 2]"},
    source="Liu, Liu, Gore 2025, arXiv:2505.10465 (weak regime)",
    route="orthogonal unit vectors return m features; the other outputs are 0",
)
def _weak_regime() -> Iterator[Comparison]:
    chances = [Fraction(1, 2), Fraction(1, 3), Fraction(1, 5), Fraction(1, 7)]
    for m in (1, 2, 3):
        problem = Problem(4, m, density=chances, features=Uniform(0, 2))
        kept = [[Fraction(j == k) for j in range(4)] for k in range(m)]
        loss = expected_loss(problem, kept).value
        yield equal(loss, Fraction(4, 3) * sum(chances[m:]), f"m={m}")
