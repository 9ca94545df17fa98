"""One active feature: the closed form of Chen et al., dead features, stationary points."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from fractions import Fraction

import sympy

from theory.arrangements import regular_polygon
from theory.claim_list.comparing import Comparison, below, equal
from theory.claim_list.instances import gram_of, matrices, models
from theory.claim_list.pieces import positive_power
from theory.claim_list.record import Chapter
from theory.limits.one_hot import one_hot_loss, one_hot_terms
from theory.loss import expected_loss
from theory.problem import AbsPower, Binary, Power, Problem, Uniform

__all__ = ["CHAPTER"]

CHAPTER = Chapter("ONEHOT", "one active feature")

_CHEN = "Chen, Lau, Mendel, Wei, Murfet 2023, arXiv:2310.06301"
_WEIGHTS = {
    "c": "integer >= 1",
    "a_{ij}": "real for i = 1..c, j = 1..c",
    "b_i": "real for i = 1..c",
}


def _own_error(alpha: Fraction, b: Fraction) -> Fraction:
    """``int_0^1 (u - (alpha u + b)_+)^2 du``."""
    first, second = positive_power(1), positive_power(2)
    return Fraction(1, 3) - 2 * first.weighted(1, alpha, b) + second.weighted(0, alpha, b)


def _integrals(gram: Sequence[Sequence[Fraction]], b: Sequence[Fraction]) -> Fraction:
    """``sum_ij int_0^1 (delta_ij u - (a_ij u + b_i)_+)^2 du``, by piecewise polynomials."""
    ramp, n = positive_power(2), range(len(b))
    others = sum(ramp.weighted(0, gram[i][j], b[i]) for i in n for j in n if i != j)
    return others + sum((_own_error(gram[i][i], b[i]) for i in n), Fraction(0))


@CHAPTER.claim(
    1,
    "The one-hot loss in closed form.",
    r"L = \frac{H}{3 c}, \quad H = \sum_{i=1}^{c} \left(\mathbf 1[b_i \le 0] H_i^{-}"
    r" + \mathbf 1[b_i > 0] H_i^{+}\right)",
    variables=_WEIGHTS,
    assumptions=("H_i^- and H_i^+ as in Lemma 3.1",),
    source=f"{_CHEN}, Lemma 3.1 and equation (4)",
    route="integrate the square over u, cut at the kink",
    derivation="one-hot-polygon",
)
def _closed_form() -> Iterator[Comparison]:
    for c, m in ((3, 2), (4, 2), (5, 2), (6, 3)):
        for W, b in models(c, m, c, 5):
            exact = expected_loss(Problem(c, m, n_active=1), W, b).value
            yield equal(one_hot_loss(W, b), exact, f"c={c}, b={b[0]}...")
            yield equal(exact, _integrals(gram_of(W), b) / c, f"c={c}, b={b[0]}..., integrals")


@CHAPTER.claim(
    2,
    "The first coefficient of the expansion in the density is a third of H.",
    r"L_1 = \frac{H}{3}, \quad L = (1-p)^n L_0 + p (1-p)^{n-1} L_1 + O(p^2)",
    kind="asymptotic",
    variables={"n": "integer >= 1", "p": "real in [0, 1]"},
    source=f"{_CHEN}, equation (4); Elhage et al. 2022, arXiv:2209.10652, 'Sparsity expansion'",
    route="exactly one active feature has probability n p (1-p)^{n-1}",
)
def _first_coefficient() -> Iterator[Comparison]:
    for W, b in models(5, 2, 4, 5):
        loss = expected_loss(Problem(4, 2, density=0), W, b)
        first = loss.polynomial.coeff_monomial((1,))
        none, sum_h = loss.at(density=0), one_hot_loss(W, b, normalisation="one-active sum")
        yield equal(sum_h - 4 * none, Fraction(int(first.p), int(first.q)), f"b={b[0]}...")


@CHAPTER.claim(
    3,
    "One feature's own error at a negative bias.",
    r"\int_0^1 (u - (\alpha u + b)_+)^2 \,du = \frac{1}{3} - \frac{\alpha d^2 (3 - d)}{3}"
    r" + \frac{\alpha^2 d^3}{3}, \quad d = 1 + \frac{b}{\alpha}",
    variables={r"\alpha": "real > 0", "b": r"real <= 0, >= -\alpha"},
    source="own derivation; equivalent to Lemma 3.1 of arXiv:2310.06301",
    route="the output is alpha (u - 1 + d) from u = 1 - d on",
    derivation="one-hot-polygon",
)
def _own() -> Iterator[Comparison]:
    for alpha, rho in itertools.product(
        map(Fraction, ("1/3", "1", "11/8", "4")), map(Fraction, ("0", "1/5", "1/2", "1"))
    ):
        d = 1 - rho
        formula = Fraction(1, 3) - alpha * d**2 * (3 - d) / 3 + alpha**2 * d**3 / 3
        direct = _own_error(alpha, -rho * alpha)
        yield equal(direct, formula, f"alpha={alpha}, b={-rho * alpha}")


@CHAPTER.claim(
    4,
    "What one feature costs another output at a negative bias.",
    r"\int_0^1 (\gamma u + b)_+^2 \,du = \frac{(\gamma + b)_+^3}{3 \gamma}",
    variables={r"\gamma": "real > 0", "b": "real <= 0"},
    source=f"own derivation; a term of H in {_CHEN}, Lemma 3.1",
    route="substitute",
    derivation="one-hot-polygon",
)
def _other() -> Iterator[Comparison]:
    for gamma, b in itertools.product(
        map(Fraction, ("1/3", "1", "5/2")), map(Fraction, ("0", "-1/4", "-1", "-3"))
    ):
        formula = max(gamma + b, Fraction(0)) ** 3 / (3 * gamma)
        yield equal(positive_power(2).weighted(0, gamma, b), formula, f"gamma={gamma}, b={b}")


@CHAPTER.claim(
    5,
    "A feature with zero weights and a bias that is not positive adds exactly 1 to H.",
    r"H_i = 1 \quad \text{for } b_i \le 0",
    variables=_WEIGHTS,
    assumptions=("w_i = 0",),
    source=f"{_CHEN}, Corollary D.2",
    route="its output is 0, and 3 E u^2 = 1",
    derivation="one-hot-polygon",
)
def _dead() -> Iterator[Comparison]:
    for (W, b), bias in itertools.product(models(7, 2, 3, 3), map(Fraction, ("0", "-1/2", "-3"))):
        wider = [[*row, Fraction(0)] for row in W]
        term = one_hot_terms(wider, [*b, bias])[3]
        with_dead = expected_loss(Problem(4, 2, n_active=1), wider, [*b, bias]).value
        without = expected_loss(Problem(3, 2, n_active=1), W, b).value
        yield equal(term, 1, f"b={bias}")
        # the loss counts the inputs that are the dead feature alone as well
        quiet = sum(max(x, Fraction(0)) ** 2 for x in b)
        yield equal(12 * with_dead, 9 * without + 3 * quiet + 1, f"b={bias}, loss")


@CHAPTER.claim(
    6,
    "A feature with zero weights and a positive bias: a parabola, least at 1/(2c).",
    r"H_i = 1 - 3 b + 3 c b^2",
    variables={"c": "integer >= 1", "b": "real > 0"},
    assumptions=("w_i = 0",),
    source=f"{_CHEN}, Corollary D.2 and the k+ variants",
    route="(1 - b)^2 integrated for the feature itself, b^2 for each of the c - 1 others",
    derivation="one-hot-polygon",
)
def _dead_with_bias() -> Iterator[Comparison]:
    for c in (1, 2, 5):
        weights = [[Fraction(0)] * c]
        best = Fraction(1, 2 * c)
        silent = expected_loss(Problem(c, 1, n_active=1), weights).value
        for b in (best, Fraction(1, 3), Fraction(2)):
            term = one_hot_terms(weights, [b] + [Fraction(0)] * (c - 1))[0]
            yield equal(term, 1 - 3 * b + 3 * c * b * b, f"c={c}, b={b}")
        better = expected_loss(Problem(c, 1, n_active=1), weights, [best] + [0] * (c - 1)).value
        yield equal(silent - better, Fraction(1, 4 * c**2), f"c={c}, gain")


@CHAPTER.claim(
    7,
    "Binary features: to first order the loss compares the outputs with the identity at 1.",
    r"L = p \sum_{i=1}^{n} \sum_{j=1}^{n} (\delta_{ij} - \sigma(G_{ij}))^2 + O(p^2)",
    kind="asymptotic",
    variables={"n": "integer >= 1", "p": "real in [0, 1]"},
    assumptions=("no bias", "sigma(0) = 0"),
    source="own derivation; the sum is the one-active loss of Spectral_Superposition (code)",
    route="one active feature with value 1",
)
def _binary_limit() -> Iterator[Comparison]:
    activations = [("ReLU", None), ("t^3", Power(3)), ("|t|", AbsPower(1))]
    for W, (name, activation) in itertools.product(matrices(9, 2, 3, 3), activations):
        problem = Problem(3, 2, density=0, features=Binary(), activation=activation)
        first = expected_loss(problem, W).polynomial.coeff_monomial((1,))
        total = sum(
            ((i == j) - _applied(name, value)) ** 2
            for i, row in enumerate(gram_of(W))
            for j, value in enumerate(row)
        )
        yield equal(Fraction(int(first.p), int(first.q)), total, f"{name}, W={W[0]}...")


def _applied(name: str, value: Fraction) -> Fraction:
    if name == "t^3":
        return value**3
    return max(value, Fraction(0)) if name == "ReLU" else abs(value)


@CHAPTER.claim(
    8,
    "A lone feature with a power activation and U[0, 1]: what the best scale still loses.",
    r"\min_{a} \int_0^1 (u - a u^q)^2 \,du = \frac{1}{3} - \frac{2 q + 1}{(q + 2)^2}",
    variables={"q": "integer >= 1"},
    source="own derivation",
    route="a parabola in a with moments 1/(q+2) and 1/(2q+1)",
)
def _lone_power() -> Iterator[Comparison]:
    for q, scale in itertools.product((1, 2, 3, 5), map(Fraction, ("1/2", "1", "5/4", "2"))):
        problem = Problem(1, 1, n_active=1, features=Uniform(), activation=Power(q))
        found = expected_loss(problem, [[1]], W_decoder=[[scale]]).value
        least = Fraction(1, 3) - Fraction(2 * q + 1, (q + 2) ** 2)
        above_least = (scale**q - Fraction(2 * q + 1, q + 2)) ** 2 / (2 * q + 1)
        yield equal(found, least + above_least, f"q={q}, a={scale}^{q}")


@CHAPTER.claim(
    9,
    "Three features on a line lose less than a pair and an ignored feature, to first order.",
    r"L_1 < \frac{1}{3}",
    kind="upper",
    assumptions=("n = 3, m = 1; no bias above 0; about 0.31798 is the least that was found",),
    source="own search",
    route="by example",
)
def _three_on_a_line() -> Iterator[Comparison]:
    weights = [list(map(Fraction, ("10564/10000", "-1", "4294/10000")))]
    bias = list(map(Fraction, ("-17/100", "0", "0")))
    loss = 3 * expected_loss(Problem(3, 1, n_active=1), weights, bias).value
    yield below(loss, Fraction(319, 1000), "three features")
    yield equal(loss, _integrals(gram_of(weights), bias), "three features, integrals")
    pair = [[Fraction(1), Fraction(-1), Fraction(0)]]
    yield equal(3 * one_hot_loss(pair), Fraction(1, 3), "pair and one ignored")


@CHAPTER.claim(
    10,
    "Unit vectors without bias are stationary where the pull of their neighbours is along them.",
    r"\sum_{j \ne i} (w_i \cdot w_j)_+ w_j = \lambda_i w_i",
    assumptions=("regular polygons of 5 to 8 sides",),
    source="own derivation; public notes on extremal configurations for toy models",
    route="Lagrange multipliers for |w_i| = 1; by symmetry for regular polygons",
)
def _stationary() -> Iterator[Comparison]:
    for k in (5, 6, 7, 8):
        shape = regular_polygon(k)
        points = [shape.coordinates.col(j) for j in range(k)]
        gram = shape.gram()
        pull = [
            sum(
                (gram[0, j] * points[j][row] for j in range(1, k) if 4 * min(j, k - j) < k),
                sympy.Integer(0),
            )
            for row in (0, 1)
        ]
        cross = points[0][0] * pull[1] - points[0][1] * pull[0]
        yield equal(cross, 0, f"k={k}")
