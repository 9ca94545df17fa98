"""The loss itself: vertex formula, expansions, derivatives, series, groups."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from fractions import Fraction

from flint import acb, arb, ctx, fmpq, fmpq_poly

from theory.claim_list.comparing import Comparison, at_least, at_most, equal
from theory.claim_list.instances import DENSITIES, gram_of, models, rationals
from theory.claim_list.pieces import given_set, literal_loss, positive_power
from theory.claim_list.record import Chapter
from theory.limits.expansion import density_expansion
from theory.loss import expected_loss
from theory.problem import Problem

__all__ = ["CHAPTER"]

CHAPTER = Chapter("LOSS", "the expected loss")

_ELHAGE = "Elhage et al. 2022, arXiv:2209.10652"
_MODEL = {
    "n": "integer >= 1",
    "p": "real in [0, 1]",
    "G_{ij}": "real for i = 1..n, j = 1..n",
    "b_i": "real for i = 1..n",
    "I_i": "real >= 0 for i = 1..n",
}


def _nonzero(seed: int, count: int) -> list[Fraction]:
    numbers = (number for number in rationals(seed) if number)
    return list(itertools.islice(numbers, count))


def _plus(value: Fraction, power: int) -> Fraction:
    return value**power if value > 0 else Fraction(0)


@CHAPTER.claim(
    1,
    "The mean of a power of a ReLU of uniform features is a signed sum over the corners of a cube.",
    r"\mathbb{E}\left(b + \sum_{j=1}^{n} a_j u_j\right)_+^{k} ="
    r" \frac{k!}{(k+n)! \prod_{j=1}^{n} a_j} \sum_{B \subseteq \{1, \dots, n\}}"
    r" (-1)^{n-|B|} \left(b + \sum_{j \in B} a_j\right)_+^{k+n}",
    variables={
        "n": "integer >= 1",
        "k": "integer >= 1",
        "b": "real",
        "a_j": "real != 0 for j = 1..n",
    },
    random={"u_j": "uniform on [0, 1] for j = 1..n"},
    source="own derivation; Lawrence 1991, Polytope volume computation, section 2",
    route="induction over n: average one feature out of a truncated power",
    derivation="vertex-formula",
)
def _vertex_formula() -> Iterator[Comparison]:
    for n, k in itertools.product(range(1, 5), range(1, 4)):
        b, *slopes = _nonzero(10 * n + k, n + 1)
        corners = itertools.product((0, 1), repeat=n)
        total = sum(
            (-1) ** (n - sum(B))
            * _plus(b + sum(a for a, on in zip(slopes, B, strict=True) if on), k + n)
            for B in corners
        )
        value = Fraction(math.factorial(k), math.factorial(k + n)) * total / math.prod(slopes)
        yield equal(positive_power(k, slopes)(b), value, f"n={n}, k={k}, b={b}, a={_row(slopes)}")


def _row(numbers: Sequence[Fraction]) -> str:
    return "(" + ", ".join(map(str, numbers)) + ")"


@CHAPTER.claim(
    2,
    "A feature in front of a ReLU is traded for one power more.",
    r"\mathbb{E}\left[u (b + a u + c v)_+^{k}\right] = \frac{1}{a (k+1)} \left("
    r"\mathbb{E}(b + a + c v)_+^{k+1} - \mathbb{E}(b + a u + c v)_+^{k+1}\right)",
    variables={"a": "real != 0", "b": "real", "c": "real", "k": "integer >= 1"},
    random={"u": "uniform on [0, 1]", "v": "uniform on [0, 1]"},
    source="own derivation",
    route="integration by parts in u",
)
def _weighted_power() -> Iterator[Comparison]:
    for seed, k in itertools.product(range(4), range(1, 4)):
        a, b, c = _nonzero(100 * seed + k, 3)
        left = positive_power(k, [c]).weighted(1, a, b)
        over = positive_power(k + 1, [c])
        right = (over(b + a) - over.averaged(a)(b)) / (a * (k + 1))
        yield equal(left, right, f"k={k}, a={a}, b={b}, c={c}")


@CHAPTER.claim(
    3,
    "The expected loss is the sum over all sets of active features of what each loses.",
    r"L = \sum_{A \subseteq \{1, \dots, n\}} p^{|A|} (1-p)^{n-|A|} \sum_{i=1}^{n} I_i"
    r" \mathbb{E}\left[(x_i - \hat x_i)^2 \mid A\right]",
    variables=_MODEL,
    source=f"{_ELHAGE}, section 2; definition",
    route="total probability; both sides computed apart: vertices against piecewise polynomials",
)
def _sum_over_sets() -> Iterator[Comparison]:
    importance = [Fraction(1), Fraction(1, 2), Fraction(3)]
    for n, m in ((1, 1), (2, 1), (3, 1), (3, 2)):
        for (W, b), p in zip(models(n + m, m, n, 6), DENSITIES, strict=True):
            problem = Problem(n, m, density=p, importance=importance[:n])
            literal = literal_loss(gram_of(W), b, p, importance)
            yield equal(expected_loss(problem, W, b).value, literal, f"n={n}, m={m}, p={p}")


@CHAPTER.claim(
    4,
    "The loss is a mixture of the losses given the number of active features.",
    r"L(p) = \sum_{k=0}^{n} \binom{n}{k} p^k (1-p)^{n-k} E_k",
    variables={"n": "integer >= 1", "p": "real in [0, 1]", "E_k": "real >= 0 for k = 0..n"},
    source=f"{_ELHAGE}, section 'Sparsity expansion'",
    route="every set of k features is as likely",
)
def _by_active_count() -> Iterator[Comparison]:
    for n in (2, 3):
        for W, b in models(20 + n, 1, n, 2):
            gram = gram_of(W)
            loss = expected_loss(Problem(n, 1, density=0), W, b)
            for k in range(n + 1):
                sets = list(itertools.combinations(range(n), k))
                total = sum(given_set(gram[i], b[i], i, A) for A in sets for i in range(n))
                yield equal(loss.given_active(k), total / len(sets), f"n={n}, k={k}")
            for p in DENSITIES:
                weights = (math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1))
                mixed = sum(c * loss.given_active(k) for k, c in enumerate(weights))
                yield equal(loss.at(density=p), mixed, f"n={n}, p={p}")


@CHAPTER.claim(
    5,
    "With no active feature the loss is that of the biases alone.",
    r"L_0 = \sum_{i=1}^{n} I_i (b_i)_+^2",
    variables=_MODEL,
    source=f"{_ELHAGE}, section 'Sparsity expansion'",
    route="the input is zero",
)
def _none_active() -> Iterator[Comparison]:
    importance = [Fraction(2), Fraction(0), Fraction(1, 3)]
    for W, b in models(31, 2, 3, 5):
        problem = Problem(3, 2, density=0, importance=importance)
        direct = sum(weight * _plus(bias, 2) for weight, bias in zip(importance, b, strict=True))
        yield equal(expected_loss(problem, W, b).value, direct, f"b={_row(b)}")


@CHAPTER.claim(
    6,
    "With one active feature: how well it is returned, and what the other outputs make of it.",
    r"L_1 = \sum_{i=1}^{n} I_i \int_0^1 (x - (G_{ii} x + b_i)_+)^2 \,dx"
    r" + \sum_{i \ne j} I_j \int_0^1 (G_{ij} x + b_j)_+^2 \,dx",
    variables=_MODEL,
    source=f"{_ELHAGE}, section 'Sparsity expansion'",
    route="definition; L_1 is n times the loss given one active feature",
)
def _one_active() -> Iterator[Comparison]:
    importance = [Fraction(1), Fraction(2), Fraction(1, 3)]
    for W, b in models(41, 2, 3, 6):
        loss = expected_loss(Problem(3, 2, n_active=1, importance=importance), W, b).value
        gram, ramp = gram_of(W), positive_power(2)
        own = sum(importance[i] * _own_integral(gram[i][i], b[i]) for i in range(3))
        other = sum(
            importance[j] * ramp.weighted(0, gram[i][j], b[j])
            for i in range(3)
            for j in range(3)
            if i != j
        )
        yield equal(3 * loss, own + other, f"b={_row(b)}")


def _own_integral(slope: Fraction, bias: Fraction) -> Fraction:
    """The integral of ``(x - (slope x + bias)_+)^2`` over [0, 1], cut at the kink."""
    kink = -bias / slope if slope else Fraction(-1)
    ends = sorted({Fraction(0), Fraction(1), *([kink] if 0 < kink < 1 else [])})
    total = Fraction(0)
    for low, high in itertools.pairwise(ends):
        on = slope * (low + high) / 2 + bias > 0
        line = fmpq_poly([_q(-bias * on), _q(1 - slope * on)])
        whole = (line * line).integral()
        value = whole(_q(high)) - whole(_q(low))
        total += Fraction(int(value.p), int(value.q))
    return total


def _q(value: Fraction) -> fmpq:
    return fmpq(value.numerator, value.denominator)


@CHAPTER.claim(
    7,
    "Coefficients of the loss in the density are signed sums over sets of active features.",
    r"c_k = \sum_{|T| = k} \sum_{S \subseteq T} (-1)^{|T| - |S|} L(S)",
    variables={"k": "integer >= 0"},
    source="own derivation; inclusion and exclusion",
    route="expand p^s (1-p)^{n-s}",
    derivation="density-expansion",
)
def _coefficients() -> Iterator[Comparison]:
    for W, b in models(51, 1, 3, 3):
        gram = gram_of(W)
        found = density_expansion(Problem(3, 1, density=0), W, b, order=3).coefficients
        for k in range(4):
            total = sum(
                (-1) ** (k - len(S)) * sum(given_set(gram[i], b[i], i, S) for i in range(3))
                for T in itertools.combinations(range(3), k)
                for size in range(k + 1)
                for S in itertools.combinations(T, size)
            )
            yield equal(found[k], total, f"k={k}, b={_row(b)}")


@CHAPTER.claim(
    8,
    "What an expansion in the density leaves out is bounded on both sides.",
    r"0 \le L(p) - \sum_{s=0}^{K} p^s (1-p)^{n-s} \Lambda_s \le"
    r" \sum_{s=K+1}^{n} \binom{n}{s} p^s (1-p)^{n-s} M_s",
    kind="upper",
    variables={
        "n": "integer >= 1",
        "K": "integer >= 0",
        "p": "real in [0, 1]",
        r"\Lambda_s": "real >= 0 for s = 0..n",
        "M_s": "real >= 0 for s = 0..n",
    },
    source="own derivation, theory.limits.bounds",
    route="all terms are at least 0; Minkowski's inequality bounds one output by M_s",
)
def _truncation() -> Iterator[Comparison]:
    for W, b in models(61, 2, 4, 2):
        problem = Problem(4, 2, density=0)
        for order, p in itertools.product((0, 1, 2), DENSITIES):
            between = density_expansion(problem, W, b, order=order).at(p)
            value = literal_loss(gram_of(W), b, p)
            yield at_least(value, between.lower, f"K={order}, p={p}")
            yield at_most(value, between.upper, f"K={order}, p={p}")


@CHAPTER.claim(
    9,
    "The derivative of the loss by a bias.",
    r"\frac{\partial L}{\partial b_i} = 2 I_i \mathbb{E}\left[(y_i)_+"
    r" - x_i \mathbf 1[y_i > 0]\right]",
    variables=_MODEL,
    source="own derivation",
    route="differentiate under the expectation; kinks have probability 0 or slope 0",
)
def _bias_slope() -> Iterator[Comparison]:
    for W, b in models(71, 2, 3, 4):
        gram, p = gram_of(W), Fraction(1, 3)
        slopes = expected_loss(Problem(3, 2, density=p), W, b).gradient.b
        for i in range(3):
            total = Fraction(0)
            for A in _subsets(3):
                others = [gram[i][j] for j in A if j != i]
                chance = p ** len(A) * (1 - p) ** (3 - len(A))
                first, step = positive_power(1, others), positive_power(0, others)
                if i in A:
                    a = gram[i][i]
                    part = first.weighted(0, a, b[i]) - step.weighted(1, a, b[i])
                else:
                    part = first(b[i])
                total += 2 * chance * part
            yield equal(slopes[i], total, f"i={i}, b={_row(b)}")


def _subsets(n: int) -> Iterator[tuple[int, ...]]:
    for size in range(n + 1):
        yield from itertools.combinations(range(n), size)


@CHAPTER.claim(
    10,
    "Scaling a row and its bias together: the derivatives of one output add up to two moments.",
    r"\sum_{j=1}^{n} G_{ij} \frac{\partial L}{\partial G_{ij}} + b_i"
    r" \frac{\partial L}{\partial b_i} = 2 I_i \mathbb{E}\left[(y_i)_+^2 - x_i (y_i)_+\right]",
    variables=_MODEL,
    source="own derivation; Euler's identity for homogeneous functions",
    route="(y)_+ is homogeneous of degree 1 in the row and the bias",
)
def _euler() -> Iterator[Comparison]:
    for W, b in models(81, 2, 3, 4):
        gram, p = gram_of(W), Fraction(1, 4)
        found = expected_loss(Problem(3, 2, density=p), W, b).gradient
        for i in range(3):
            left = sum(g * d for g, d in zip(gram[i], found.gram[i], strict=True))
            total = Fraction(0)
            for A in _subsets(3):
                others = [gram[i][j] for j in A if j != i]
                chance = p ** len(A) * (1 - p) ** (3 - len(A))
                second = positive_power(2, others)
                if i in A:
                    part = second.weighted(0, gram[i][i], b[i])
                    part -= positive_power(1, others).weighted(1, gram[i][i], b[i])
                else:
                    part = second(b[i])
                total += 2 * chance * part
            yield equal(left + b[i] * found.b[i], total, f"i={i}, b={_row(b)}")


@CHAPTER.claim(
    11,
    "A power of a ReLU is a polynomial and a Fourier series, for all arguments below the period.",
    r"(y)_+^r = P^r \left(t^r + \frac{B_{r+1}(t)}{r+1}\right) + P^r r!"
    r" \sum_{k \ne 0} \frac{e^{2 \pi i k t}}{(2 \pi i k)^{r+1}}, \quad t = y / P",
    variables={"r": "integer >= 1", "P": "real > 0", "y": "real > -P, < P"},
    source="own derivation from the Fourier series of the periodic Bernoulli polynomials",
    route="B_{r+1}(t+1) = B_{r+1}(t) + (r+1) t^r moves the argument into [0, 1)",
    derivation="bernoulli-series",
)
def _bernoulli_series() -> Iterator[Comparison]:
    terms, period = 400, Fraction(3, 2)
    with ctx.workprec(128):
        for r, y in itertools.product((1, 2, 3), map(Fraction, ("-7/5", "-1/3", "0", "1/4", "1"))):
            t = arb(_q(y / period))
            total = arb(0)
            for k in range(1, terms + 1):  # k and -k are conjugate
                angle = acb(0, 2 * arb.pi() * k * t)
                total += 2 * (angle.exp() / acb(0, 2 * arb.pi() * k) ** (r + 1)).real
            series = math.factorial(r) * total
            head = t**r + t.bernoulli_poly(r + 1) / (r + 1)
            whole = arb(_q(period**r)) * (head + series)
            rest = 2 * math.factorial(r) / ((2 * arb.pi()) ** (r + 1) * r * arb(terms) ** r)
            bound = arb(_q(period**r)) * rest
            yield at_most(abs(whole - arb(_q(_plus(y, r)))), bound, f"r={r}, y={y}, P={period}")
