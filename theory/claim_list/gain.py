"""The power model of arXiv:2606.18538: the gain, its first order and its supremum."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from fractions import Fraction

from theory.arrangements import regular_polygon
from theory.claim_list.comparing import Comparison, at_least, at_most, below, equal
from theory.claim_list.instances import DENSITIES, gram_of, matrices
from theory.claim_list.record import Chapter
from theory.loss import expected_loss
from theory.power_model.bounds import best_lower
from theory.power_model.designs import (
    cell_24_lines,
    eleven_lines,
    icosahedron_lines,
    polygon_lines,
    sixteen_lines,
)
from theory.power_model.first_order import (
    best_scaled_first_order,
    first_order,
    first_order_supremum,
    unsuperposed_optimum,
    very_sparse_rate,
)
from theory.power_model.gain import gain
from theory.problem import FeatureLaw, Normal, Power, Problem, Rademacher, Uniform
from theory.rows.law_moments import law_moments

__all__ = ["CHAPTER"]

CHAPTER = Chapter("GAIN", "power activations: the gain over ignoring everything")

SEED = "Chowdhury and Weiner 2026, arXiv:2606.18538"
_MODEL = {"n": "integer >= 1", "m": "integer >= 1", "q": "integer >= 1", "p": "real in [0, 1]"}
_SYMMETRIC = ("the law of a feature is symmetric", "q is odd", "no bias")
_LAWS: tuple[FeatureLaw, ...] = (Rademacher(), Uniform(-1, 1), Normal())


def _moment(law: FeatureLaw, k: int) -> Fraction:
    return Fraction(law_moments(law, k)[k])


def _enumerated(gram: Sequence[Sequence[Fraction]], q: int, p: Fraction) -> Fraction:
    """``2 E <x, y^q> - E |y^q|^2`` for signs: all 3^n inputs."""
    n, total = len(gram), Fraction(0)
    for x in itertools.product((-1, 0, 1), repeat=n):
        active = sum(abs(value) for value in x)
        chance = (p / 2) ** active * (1 - p) ** (n - active)
        out = [sum(g * value for g, value in zip(row, x, strict=True)) ** q for row in gram]
        total += chance * (2 * sum(a * b for a, b in zip(x, out, strict=True)))
        total -= chance * sum(b * b for b in out)
    return total


@CHAPTER.claim(
    1,
    "The gain is what ignoring everything loses, less the loss.",
    r"L = p n \mu_2 - \left(2 \mathbb{E} \langle x, \sigma(G x) \rangle"
    r" - \mathbb{E} |\sigma(G x)|^2\right)",
    variables=_MODEL,
    assumptions=_SYMMETRIC,
    source=f"{SEED}, equations (6) and (7)",
    route="expand the square",
    derivation="cubic-gain",
)
def _definition() -> Iterator[Comparison]:
    for (W, law), p in itertools.product(zip(matrices(1, 2, 3, 3), _LAWS, strict=True), DENSITIES):
        problem = Problem(3, 2, density=p, features=law, activation=Power(3))
        loss = expected_loss(problem, W).value
        yield equal(gain(problem, W).value, 3 * p * _moment(law, 2) - loss, f"{law}, p={p}")
    for W, q in itertools.product(matrices(2, 2, 3, 2), (1, 3, 5)):
        signs = Problem(3, 2, density="1/3", features=Rademacher(), activation=Power(q))
        direct = _enumerated(gram_of(W), q, Fraction(1, 3))
        yield equal(gain(signs, W).value, direct, f"signs, q={q}")


@CHAPTER.claim(
    2,
    "To first order in the density the gain needs two sums over the Gram matrix.",
    r"\tilde L = p \left(2 \mu_{q+1} \sum_{i=1}^{n} G_{ii}^q"
    r" - \mu_{2q} \sum_{i=1}^{n} \sum_{j=1}^{n} G_{ij}^{2q}\right) + O(p^2)",
    kind="asymptotic",
    variables=_MODEL,
    assumptions=_SYMMETRIC,
    source=f"{SEED}, section 4; own derivation of the exact coefficient",
    route="exactly one active feature",
    derivation="cubic-gain",
)
def _first_coefficient() -> Iterator[Comparison]:
    for (W, law), q in itertools.product(zip(matrices(3, 2, 4, 3), _LAWS, strict=True), (1, 3)):
        problem = Problem(4, 2, density=0, features=law, activation=Power(q))
        gram = gram_of(W)
        signal = sum(gram[i][i] ** q for i in range(4))
        noise = sum(x ** (2 * q) for row in gram for x in row)
        formula = 2 * _moment(law, q + 1) * signal - _moment(law, 2 * q) * noise
        yield equal(gain(problem, W).coefficients[1], formula, f"{law}, q={q}")


@CHAPTER.claim(
    3,
    "Rescaled, the first-order gain is one functional for all laws.",
    r"2 \mu \sum_{i=1}^{n} G_{ii}^q - \nu \sum_{i=1}^{n} \sum_{j=1}^{n} G_{ij}^{2q}"
    r" = \frac{\mu^2}{\nu} F(B), \quad G = \left(\frac{\mu}{\nu}\right)^{1/q} B",
    variables={r"\mu": "real > 0", r"\nu": "real > 0", "q": "integer >= 1", "n": "integer >= 1"},
    source=f"{SEED}, equation (23), for F; own derivation",
    route="substitute",
    derivation="very-sparse-constant",
)
def _rescaled() -> Iterator[Comparison]:
    for W, ratio, q in itertools.product(
        matrices(5, 2, 3, 3), (Fraction(1, 8), Fraction(27)), (1, 3)
    ):
        root = (
            ratio if q == 1 else {Fraction(1, 8): Fraction(1, 2), Fraction(27): Fraction(3)}[ratio]
        )
        nu = Fraction(1, 5)
        gram = gram_of(W)
        signal = sum((root * gram[i][i]) ** q for i in range(3))
        noise = sum((root * x) ** (2 * q) for row in gram for x in row)
        left = 2 * ratio * nu * signal - nu * noise
        yield equal(left, ratio**2 * nu * Fraction(str(first_order(W, q))), f"mu/nu={ratio}, q={q}")


@CHAPTER.claim(
    4,
    "The sharp constant of the very sparse limit: no weights of any norm exceed it.",
    r"2 \sum_{i=1}^{n} B_{ii}^q - \sum_{i=1}^{n} \sum_{j=1}^{n} B_{ij}^{2q} \le"
    r" \prod_{k=0}^{q-1} \frac{m + 2k}{2k + 1}",
    kind="upper",
    variables=_MODEL,
    assumptions=("B = W^T W with m rows",),
    source="own derivation; the real Welch bound, FRAME-06",
    route="2t - c t^2 <= 1/c with the trace t of the tensor of order q",
    derivation="very-sparse-constant",
)
def _supremum() -> Iterator[Comparison]:
    for m, q in itertools.product((1, 2, 3), (1, 2, 3)):
        bound = math.prod(Fraction(m + 2 * k, 2 * k + 1) for k in range(q))
        yield equal(first_order_supremum(m, q), bound, f"m={m}, q={q}")
        for W in matrices(m + 7 * q, m, 6, 4):
            yield at_most(first_order(W, q), bound, f"m={m}, q={q}, W")
            yield at_most(best_scaled_first_order(W, q), bound, f"m={m}, q={q}, best scale")


@CHAPTER.claim(
    5,
    "The sharp constant is reached by weighted projective designs.",
    r"\max_{s} F(s W) = \prod_{k=0}^{q-1} \frac{m + 2k}{2k + 1}",
    variables=_MODEL,
    assumptions=("the columns are a weighted projective q-design",),
    source="own derivation; Reznick 1992 for the 11 lines",
    route="equality in the real Welch bound",
    derivation="very-sparse-constant",
)
def _designs() -> Iterator[Comparison]:
    designs = [
        (polygon_lines(4), 3),
        (polygon_lines(6), 5),
        (icosahedron_lines(), 2),
        (eleven_lines(), 3),
        (sixteen_lines(), 4),
        (cell_24_lines(), 2),
    ]
    for lines, q in designs:
        m = lines.n_hidden
        value = math.prod(Fraction(m + 2 * k, 2 * k + 1) for k in range(q))
        yield equal(lines.first_order(q), value, f"{lines.name}, q={q}")


@CHAPTER.claim(
    6,
    "Values of the supremum of F.",
    r"\sup F = 1, 2, \frac{16}{5}, 7 \quad \text{for } (m, q) = (1, 3), (2, 1), (2, 3), (3, 3)",
    source="own computation; search agrees to 1e-6",
    route="GAIN-04 and GAIN-05",
    derivation="very-sparse-constant",
)
def _values() -> Iterator[Comparison]:
    published = {(1, 3): 1, (2, 1): 2, (2, 3): Fraction(16, 5), (3, 3): 7}
    for (m, q), value in published.items():
        yield equal(first_order_supremum(m, q), value, f"m={m}, q={q}")
    yield equal(polygon_lines(4).first_order(3), Fraction(16, 5), "4 lines, q=3")
    yield equal(eleven_lines().first_order(3), 7, "11 lines, q=3")
    yield equal(best_scaled_first_order(regular_polygon(3), 3), Fraction(32, 11), "3 lines, q=3")
    yield below(Fraction(32, 11), Fraction(16, 5), "3 lines are no 3-design")


@CHAPTER.claim(
    7,
    "The bound of the paper, m^q, and the dimension of symmetric tensors are larger.",
    r"\prod_{k=0}^{q-1} \frac{m + 2k}{2k + 1} \le \binom{m + q - 1}{q} \le m^q",
    kind="upper",
    variables={"m": "integer >= 1", "q": "integer >= 1"},
    source=f"{SEED}, equation (23): F(B) <= rank <= d^m",
    route="factor by factor",
    derivation="very-sparse-constant",
)
def _paper_bound() -> Iterator[Comparison]:
    for m, q in itertools.product(range(1, 8), range(1, 6)):
        tensor = math.comb(m + q - 1, q)
        yield at_most(first_order_supremum(m, q), tensor, f"m={m}, q={q}")
        yield at_most(tensor, m**q, f"m={m}, q={q}, paper")


@CHAPTER.claim(
    8,
    "Without superposition every feature gains alone, and p min(m, n) times a factor is the most.",
    r"\tilde L = p \sum_{i=1}^{n} \left(2 \mu_{q+1} G_{ii}^q - \mu_{2q} G_{ii}^{2q}\right) \le"
    r" p \min(m, n) \frac{\mu_{q+1}^2}{\mu_{2q}}",
    kind="upper",
    variables=_MODEL,
    assumptions=("G is diagonal", *_SYMMETRIC),
    source=f"{SEED}, equations (9) and (10)",
    route="a parabola in G_ii^q for each feature",
    derivation="cubic-gain",
)
def _diagonal() -> Iterator[Comparison]:
    for law, q, p in itertools.product(_LAWS, (1, 3), DENSITIES):
        problem = Problem(3, 2, density=p, features=law, activation=Power(q))
        best = p * 2 * _moment(law, q + 1) ** 2 / _moment(law, 2 * q)
        yield equal(unsuperposed_optimum(problem), best, f"{law}, q={q}, p={p}")
        for a, b in ((Fraction(1), Fraction(1, 2)), (Fraction(2, 3), Fraction(0))):
            W = [[a, Fraction(0), Fraction(0)], [Fraction(0), Fraction(0), b]]
            mu, nu = _moment(law, q + 1), _moment(law, 2 * q)
            formula = sum(p * (2 * mu * x ** (2 * q) - nu * x ** (4 * q)) for x in (a, b))
            yield equal(gain(problem, W).value, formula, f"{law}, q={q}, p={p}, a={a}")
            yield at_most(formula, best, f"{law}, q={q}, p={p}, a={a}")


@CHAPTER.claim(
    9,
    "The linear case: the gain is a trace, and at most p mu_2 m.",
    r"\tilde L = p \mu_2 \left(2 \sum_{i=1}^{n} G_{ii}"
    r" - \sum_{i=1}^{n} \sum_{j=1}^{n} G_{ij}^2\right) \le p \mu_2 m",
    kind="upper",
    variables={**_MODEL, r"\mu_2": "real > 0"},
    source=f"{SEED}, below equation (10)",
    route="2a - a^2 <= 1 for each of at most m eigenvalues",
)
def _linear() -> Iterator[Comparison]:
    for W, p in itertools.product(matrices(9, 2, 4, 4), DENSITIES):
        problem = Problem(4, 2, density=p, features=Uniform(-1, 1), activation=Power(1))
        gram = gram_of(W)
        trace = 2 * sum(gram[i][i] for i in range(4)) - sum(x * x for row in gram for x in row)
        yield equal(gain(problem, W).value, p / 3 * trace, f"p={p}")
        yield at_most(p / 3 * trace, p / 3 * 2, f"p={p}, bound")


def _mixed_moment(row: Sequence[Fraction], i: int, law: FeatureLaw, p: Fraction) -> Fraction:
    rest = sum(a * a for j, a in enumerate(row) if j != i)
    second, fourth = _moment(law, 2), _moment(law, 4)
    return p * fourth * row[i] ** 3 + 3 * p**2 * second**2 * row[i] * rest


def _sixth_moment(row: Sequence[Fraction], law: FeatureLaw, p: Fraction) -> Fraction:
    n = range(len(row))
    second, fourth, sixth = (_moment(law, k) for k in (2, 4, 6))
    one = p * sixth * sum(a**6 for a in row)
    two = sum(row[j] ** 4 * row[k] ** 2 for j in n for k in n if j != k)
    three = sum((row[j] * row[k] * row[i]) ** 2 for j, k, i in itertools.combinations(n, 3))
    return one + 15 * p**2 * fourth * second * two + 90 * p**3 * second**3 * three


@CHAPTER.claim(
    10,
    "The cubic power: the mixed moment is a polynomial in the density.",
    r"\mathbb{E}\left[x_i y_i^3\right] = p \mu_4 G_{ii}^3"
    r" + 3 p^2 \mu_2^2 G_{ii} \sum_{j \ne i} G_{ij}^2",
    variables=_MODEL,
    assumptions=("the law of a feature is symmetric",),
    source="own derivation",
    route="odd moments vanish",
    derivation="cubic-gain",
)
def _cubic_mixed() -> Iterator[Comparison]:
    for (W, law), p in itertools.product(zip(matrices(11, 2, 4, 3), _LAWS, strict=True), DENSITIES):
        problem = Problem(4, 2, density=p, features=law, activation=Power(3))
        rows = gram_of(W)
        found = gain(problem, W).correlation
        total = sum(c * p**k for k, c in enumerate(found))
        formula = sum((_mixed_moment(row, i, law, p) for i, row in enumerate(rows)), Fraction(0))
        yield equal(total, formula, f"{law}, p={p}")


@CHAPTER.claim(
    11,
    "The cubic power: the mean square of an output is a polynomial in the density.",
    r"\mathbb{E} y_i^6 = p \mu_6 \sum_{j=1}^{n} G_{ij}^6 + 15 p^2 \mu_4 \mu_2"
    r" \sum_{j \ne k} G_{ij}^4 G_{ik}^2"
    r" + 90 p^3 \mu_2^3 \sum_{j < k < l} G_{ij}^2 G_{ik}^2 G_{il}^2",
    variables=_MODEL,
    assumptions=("the law of a feature is symmetric",),
    source="own derivation",
    route="count the ways to share six factors among one, two and three features",
    derivation="cubic-gain",
)
def _cubic_energy() -> Iterator[Comparison]:
    for (W, law), p in itertools.product(zip(matrices(12, 2, 4, 3), _LAWS, strict=True), DENSITIES):
        problem = Problem(4, 2, density=p, features=law, activation=Power(3))
        total = sum(c * p**k for k, c in enumerate(gain(problem, W).energy))
        formula = sum((_sixth_moment(row, law, p) for row in gram_of(W)), Fraction(0))
        yield equal(total, formula, f"{law}, p={p}")
        # the gain of the ReLU side of the project goes through other moments
        loss = expected_loss(problem, W).value
        mixed = sum(_mixed_moment(row, i, law, p) for i, row in enumerate(gram_of(W)))
        yield equal(loss, 4 * p * _moment(law, 2) - 2 * mixed + formula, f"{law}, p={p}, loss")


@CHAPTER.claim(
    12,
    "The very sparse limit of the best gain, with its constant.",
    r"\lim_{p \to 0^+} \frac{1}{p} \sup_W \tilde L = \frac{\mu_{q+1}^2}{\mu_{2q}}"
    r" \min\left(n, \prod_{k=0}^{q-1} \frac{m + 2k}{2k + 1}\right)",
    kind="asymptotic",
    variables=_MODEL,
    assumptions=("n <= m, or a weighted projective q-design of at most n lines", *_SYMMETRIC),
    source="own derivation",
    route="GAIN-04 and GAIN-05; uniformly in W by GAINBOUND-03",
    derivation="very-sparse-constant",
)
def _very_sparse() -> Iterator[Comparison]:
    for law, (m, n) in itertools.product(_LAWS, ((2, 4), (3, 11), (2, 2))):
        factor = _moment(law, 4) ** 2 / _moment(law, 6)
        limit = factor * min(
            Fraction(n), math.prod(Fraction(m + 2 * k, 2 * k + 1) for k in range(3))
        )
        problem = Problem(n, m, density=Fraction(1, 10**7), features=law, activation=Power(3))
        yield equal(very_sparse_rate(problem), limit, f"{law}, m={m}, n={n}")
        reached = best_lower(problem).value or Fraction(0)
        yield at_least(reached * 10**7, limit * Fraction(999, 1000), f"{law}, m={m}, n={n}, p=1e-7")
        yield at_most(reached * 10**7, limit * Fraction(1001, 1000), f"{law}, m={m}, n={n}, p=1e-7")
