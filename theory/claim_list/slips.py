"""Published statements and common beliefs that are wrong, each with counterexamples.

A check here gives the statement as it was made, at instances where it fails.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from fractions import Fraction

from theory.arrangements import regular_polygon
from theory.claim_list.comparing import Comparison, at_least, at_most, equal
from theory.claim_list.instances import gram_of, points_on_circle, variance
from theory.claim_list.pieces import given_set, literal_loss, positive_power
from theory.claim_list.record import Chapter
from theory.claim_list.sphere import SEVEN, one_sided_energy
from theory.limits.polygons import polygon_critical_point
from theory.loss import expected_loss
from theory.problem import Power, Problem

__all__ = ["CHAPTER"]

CHAPTER = Chapter("SLIP", "statements that are wrong")

_NOTEBOOK = "wattenberg, Exploring Exact Toy Models (notebook)"
_P = {"p": "real in (0, 1)"}
_PAIR = [[Fraction(1), Fraction(-1)]]
_CHANCES = tuple(map(Fraction, ("1/10", "1/2", "9/10")))


@CHAPTER.claim(
    1,
    "The loss of the antipodal pair is the mean of f(x) - x: the square is missing.",
    r"\mathbb{E}\left[((x - y)_+ - x) + ((y - x)_+ - y)\right] = \frac{p^2}{3}",
    kind="refuted",
    variables=_P,
    random={
        "x": "uniform on [0, 1] with probability p, else 0",
        "y": "uniform on [0, 1] with probability p, else 0",
    },
    source=f"{_NOTEBOOK}, the expectation as printed",
    route="the mean error is negative",
    derivation="refuted-missing-square",
    instead="PHASE-02",
)
def _missing_square() -> Iterator[Comparison]:
    ramp = positive_power(1, [Fraction(-1)])
    for p in _CHANCES:
        # E (x - y)_+ with x, y on or off
        mean = p * (1 - p) / 2 + p**2 * ramp.weighted(0, Fraction(1), Fraction(0))
        yield equal(2 * (mean - p / 2), p**2 / 3, f"p={p}")


@CHAPTER.claim(
    2,
    "The losses of the candidates are those given that the input is not zero.",
    r"\frac{L}{1 - (1 - p)^2} = \frac{p^2}{3}",
    kind="refuted",
    variables=_P,
    source=f"{_NOTEBOOK}, prose beside the losses",
    route="the formulas are without that condition",
    derivation="refuted-conditional-loss",
    instead="PHASE-02",
)
def _conditional() -> Iterator[Comparison]:
    for p in _CHANCES:
        given = literal_loss(gram_of(_PAIR), [Fraction(0)] * 2, p) / (1 - (1 - p) ** 2)
        yield equal(given, p**2 / 3, f"p={p}")


@CHAPTER.claim(
    3,
    "An ignored feature loses s/3 - s^2/4 where s is the sparsity.",
    r"\frac{p}{3} - \frac{p^2}{4} = \frac{S}{3} - \frac{S^2}{4}, \quad S = 1 - p",
    kind="refuted",
    variables={"p": "real in (0, 1), != 1/2"},
    source=f"{_NOTEBOOK} and replications, where the letter s of a density is called sparsity",
    route="s is the density there",
    derivation="refuted-density-called-sparsity",
    instead="LINEAR-03",
)
def _called_sparsity() -> Iterator[Comparison]:
    for p in map(Fraction, ("1/10", "1/4", "9/10")):
        S = 1 - p
        loss = expected_loss(Problem(1, 1, sparsity=S), [[0]], [p / 2]).value
        yield equal(loss, S / 3 - S**2 / 4, f"S={S}")


@CHAPTER.claim(
    4,
    "The loss of the best linear model is the sum of the eigenvalues after the first m + 1.",
    r"L = \sum_{i=m+2}^{n} \lambda_i",
    kind="refuted",
    variables={"m": "integer >= 1", "n": "integer > m"},
    source="KfirD/PersianRug (code), LinearModel.final_loss sums theory_eigs[n_dense + 1:]",
    route="keeping m directions leaves the eigenvalues m+1, ..., n",
    derivation="refuted-dropped-eigenvalue",
    instead="LINEAR-02",
)
def _dropped_eigenvalue() -> Iterator[Comparison]:
    for (n, m), p in itertools.product(((2, 1), (4, 1), (4, 3)), _CHANCES):
        kept = [[Fraction(j == k) for j in range(n)] for k in range(m)]
        bias = [Fraction(0) if j < m else p / 2 for j in range(n)]
        loss = expected_loss(Problem(n, m, density=p, activation=Power(1)), kept, bias).value
        eigenvalues = [variance(p)] * n
        yield equal(loss, sum(eigenvalues[m + 1 :], Fraction(0)), f"n={n}, m={m}, p={p}")


@CHAPTER.claim(
    5,
    "A computer algebra system's integral of a squared ReLU, written with a Heaviside function.",
    r"\int_0^1 \int_0^1 \left((x - (y_1)_+)^2 + (t - (y_2)_+)^2\right) \,dx \,dt = \frac{157}{300}",
    kind="refuted",
    assumptions=("y = W^T W (x, t) + b with W = (1, -3/5), b = (-1/10, 1/20)",),
    source="SymPy 1.14, y Heaviside(y) under integrate; compare its issue 24274",
    route="a product of Heaviside functions is lost on the way",
    derivation="refuted-heaviside-square",
    instead="704669/1800000, as Piecewise and Max give it",
)
def _heaviside() -> Iterator[Comparison]:
    gram = gram_of([[Fraction(1), Fraction(-3, 5)]])
    bias = [Fraction(-1, 10), Fraction(1, 20)]
    both = sum((given_set(gram[i], bias[i], i, (0, 1)) for i in (0, 1)), Fraction(0))
    yield equal(both, Fraction(157, 300), "by piecewise polynomials")
    loss = expected_loss(Problem(2, 1, density=1), [[1, "-3/5"]], ["-1/10", "1/20"]).value
    yield equal(loss, Fraction(157, 300), "by the vertex formula")


@CHAPTER.claim(
    6,
    "Beyond p = 4/7 it is best to ignore one of two equal features in one dimension.",
    r"L(W, b) \ge \frac{p}{3} - \frac{p^2}{4} \quad \text{for } p \ge \frac{4}{7}",
    kind="refuted",
    variables={"p": "real in [0, 1]"},
    source="reading of the phase diagrams of candidates in notebooks and replications of"
    " arXiv:2209.10652",
    route="true of unit norms without bias only (PHASE-06)",
    derivation="refuted-boundary-of-optima",
    instead="OPTIMUM-01",
)
def _boundary_of_optima() -> Iterator[Comparison]:
    pairs = {"3/5": ("0.86866735", "0.21533556"), "9/10": ("0.7087766", "0.44951364")}
    for density, (norm, bias) in pairs.items():
        p = Fraction(density)
        loss = expected_loss(Problem(2, 1, density=p), [[norm, f"-{norm}"]], [bias, bias]).value
        yield at_least(loss, variance(p), f"p={p}, w={norm}, b={bias}")


@CHAPTER.claim(
    7,
    "Importance may be multiplied to the error before it is squared.",
    r"\mathbb{E}\left(I (x - \hat x)\right)^2 = I \mathbb{E}(x - \hat x)^2",
    kind="refuted",
    variables={"I": "real > 0, != 1"},
    source="GeorgiIlIvanov/Spectral_Superposition (code), sampled loss; arXiv:2209.10652 has"
    " importance outside of the square",
    route="I^2 is not I",
    derivation="refuted-squared-importance",
    instead="LOSS-03",
)
def _squared_importance() -> Iterator[Comparison]:
    for weight, p in itertools.product(map(Fraction, ("1/2", "3")), _CHANCES):
        problem = Problem(2, 1, density=p, importance=[1, weight])
        right = expected_loss(problem, _PAIR).per_output[1]
        error = expected_loss(Problem(2, 1, density=p), _PAIR).per_output[1]
        yield equal(weight**2 * error, right, f"I={weight}, p={p}")


@CHAPTER.claim(
    8,
    "The norms of the pentagon are 1/(1 - b), or 1/(1 + b).",
    r"l = \frac{1}{1 - b}",
    kind="refuted",
    variables={"l": "real > 0", "b": "real <= 0"},
    assumptions=("the pentagon that is best with one active feature",),
    source="Elhage et al. 2022, arXiv:2209.10652, remark on the norms of the pentagon (heuristic)",
    route="l = 1.17046 and b = -0.28230 (POLYGON-05)",
    derivation="refuted-norm-heuristic",
    instead="POLYGON-05",
)
def _norm_heuristic() -> Iterator[Comparison]:
    point = polygon_critical_point(5)
    norm, bias = (Fraction(round(x.midpoint * 10**9), 10**9) for x in (point.norm, point.bias))
    slack = Fraction(1, 10**6)
    for value, at in ((1 / (1 - bias), "1/(1 - b)"), (1 / (1 + bias), "1/(1 + b)")):
        yield at_most(abs(norm - value), slack, at)


@CHAPTER.claim(
    9,
    "The loss with one active feature is the squared distance of the outputs from the identity.",
    r"L_1 = \sum_{i=1}^{n} \sum_{j=1}^{n} (\delta_{ij} - (G_{ij})_+)^2",
    kind="refuted",
    variables={"n": "integer >= 1"},
    assumptions=("features uniform on [0, 1], no bias",),
    source="GeorgiIlIvanov/Spectral_Superposition (code), loss_L1_analytic, as the loss of"
    " arXiv:2209.10652",
    route="it is that of binary features (ONEHOT-07); uniform ones have a third of it",
    instead="LOSS-06",
)
def _at_one() -> Iterator[Comparison]:
    for W in ([[Fraction(1), Fraction(1, 2)]], [[Fraction(3, 4), Fraction(1), Fraction(-1)]]):
        gram, n = gram_of(W), len(W[0])
        total = sum(
            ((i == j) - max(gram[i][j], Fraction(0))) ** 2 for i in range(n) for j in range(n)
        )
        one_active = n * expected_loss(Problem(n, 1, n_active=1), W).value
        yield equal(one_active, total, f"W={W[0]}")


@CHAPTER.claim(
    10,
    "Principal components bound the loss of the ReLU model from below.",
    r"L(W, b) \ge (n - m) \left(\frac{p}{3} - \frac{p^2}{4}\right)",
    kind="refuted",
    variables={"n": "integer >= 1", "m": "integer >= 1", "p": "real in (0, 1)"},
    source="common belief; the linear baseline of arXiv:2209.10652, section 2",
    route="it is an upper bound: clipping improves it (MODEL-05)",
    instead="LINEAR-02 for the identity, BOUND-08 for the ReLU",
)
def _principal_components() -> Iterator[Comparison]:
    for p in map(Fraction, ("1/10", "1/4", "1/2")):
        loss = expected_loss(Problem(2, 1, density=p), _PAIR).value
        yield at_least(loss, variance(p), f"p={p}, antipodal pair")


@CHAPTER.claim(
    11,
    "Of all unit vectors in the plane the regular polygon interferes least.",
    r"\sum_{i \ne j} (w_i \cdot w_j)_+^2 \ge \sum_{i \ne j}"
    r" \cos\left(\frac{2 \pi (i - j)}{n}\right)_+^2",
    kind="refuted",
    variables={"n": "integer >= 1"},
    source="common belief",
    route="two doubled vectors of seven are better; five are proven to 1e-6 (SPHERE-03)",
    instead="SPHERE-07",
)
def _regular_polygon() -> Iterator[Comparison]:
    energy = one_sided_energy(gram_of(points_on_circle(SEVEN)))
    gram = regular_polygon(7).gram()
    cosines = [gram[0, j] for j in (1, 6)]  # of six neighbours two are at acute angles
    yield at_least(energy, 7 * sum(c**2 for c in cosines), "n=7")
