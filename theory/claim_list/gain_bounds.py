"""Bounds of the best gain at every density, as ``theory.power_model.bounds`` gives them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from fractions import Fraction
from functools import cache

from flint import arb, ctx, fmpq

from theory.claim_list.comparing import Comparison, at_least, at_most, equal, within
from theory.claim_list.gain import SEED
from theory.claim_list.instances import DENSITIES, gram_of, matrices
from theory.claim_list.record import Chapter
from theory.power_model.bounds import best_lower, lower_bounds, upper_bounds
from theory.power_model.claims import GainBound
from theory.power_model.gain import gain
from theory.problem import FeatureLaw, Normal, Power, Problem, Rademacher, Uniform
from theory.rows.law_moments import law_moments

__all__ = ["CHAPTER"]

CHAPTER = Chapter("GAINBOUND", "power activations: bounds of the best gain at every density")

_DRAFT = "draft on arXiv:2606.18538 (Swissa, October 2026), unreviewed"
_MODEL = {"n": "integer >= 1", "m": "integer >= 1", "q": "integer >= 1", "p": "real in (0, 1]"}
_SYMMETRIC = ("the law of a feature is symmetric", "q is odd", "no bias")
_LAWS: tuple[FeatureLaw, ...] = (Rademacher(), Uniform(-1, 1), Normal())
_SHAPES = ((1, 4), (2, 9), (3, 6))
_CHANCES = tuple(map(Fraction, ("1/1000", "1/20", "1/2", "1")))


@cache
def _problems() -> tuple[Problem, ...]:
    return tuple(
        Problem(n, m, density=p, features=law, activation=Power(3))
        for law, (m, n), p in itertools.product(_LAWS, _SHAPES, _CHANCES)
    )


@cache
def _bounds(problem: Problem) -> dict[str, GainBound]:
    return {bound.name: bound for bound in upper_bounds(problem)}


def _moment(problem: Problem, k: int) -> Fraction:
    return Fraction(law_moments(problem.features, k)[k])


def _at(problem: Problem) -> str:
    n, m, p = problem.n_features, problem.n_hidden, problem.densities[0]
    return f"{problem.features}, n={n}, m={m}, p={p}"


def _against_weights(problem: Problem, value: Fraction) -> Iterator[Comparison]:
    """The bound is not exceeded: by the best construction, nor by weights at their best scale."""
    found = best_lower(problem)
    yield at_least(value, gain(problem, found.weights).value, f"{_at(problem)}, {found.name}")
    for W in matrices(problem.n_features, problem.n_hidden, problem.n_features, 2):
        yield at_least(value, gain(problem, W).at_best_scale, f"{_at(problem)}, weights")


def _checked(name: str) -> Iterator[Comparison]:
    for problem in _problems():
        bound = _bounds(problem).get(name)
        if bound is not None and bound.value is not None:
            yield from _against_weights(problem, bound.value)


@CHAPTER.claim(
    1,
    "No weights gain more than ignoring everything loses.",
    r"\tilde L \le p n \mu_2",
    kind="upper",
    variables=_MODEL,
    assumptions=_SYMMETRIC,
    source=f"{SEED}, equation (6)",
    route="the loss is not negative",
)
def _ignoring() -> Iterator[Comparison]:
    for problem in _problems():
        value = problem.densities[0] * problem.n_features * _moment(problem, 2)
        yield equal(_bounds(problem)["ignoring everything"].value, value, _at(problem))
        yield from _against_weights(problem, value)


@CHAPTER.claim(
    2,
    "No weights gain more than p mu_2 for each dimension of the symmetric tensors.",
    r"\tilde L \le p \mu_2 \min\left(n, \binom{r + q - 1}{q}\right), \quad r = \min(m, n)",
    kind="upper",
    variables=_MODEL,
    assumptions=_SYMMETRIC,
    source="own derivation, docs/proofs/gain_upper_bounds.md, part 1",
    route="Bessel's inequality, given the number of active features",
)
def _tensor() -> Iterator[Comparison]:
    for problem in _problems():
        n, m, p = problem.n_features, problem.n_hidden, problem.densities[0]
        value = p * _moment(problem, 2) * min(n, math.comb(min(m, n) + 2, 3))
        yield equal(_bounds(problem)["tensor dimension"].value, value, _at(problem))
        yield from _against_weights(problem, value)


@CHAPTER.claim(
    3,
    "One active feature gains by the sharp constant, more of them by the dimension of tensors.",
    r"\tilde L \le p (1-p)^{n-1} \frac{\mu_{q+1}^2}{\mu_{2q}} \min(n, D)"
    r" + p \left(1 - (1-p)^{n-1}\right) \mu_2 \min\left(n, \binom{r + q - 1}{q}\right)",
    kind="upper",
    variables=_MODEL,
    assumptions=("D is the constant of GAIN-04 for r = min(m, n)", *_SYMMETRIC),
    source="own derivation, docs/proofs/gain_upper_bounds.md, part 2",
    route="GAIN-04 and GAINBOUND-02, given the number of active features",
)
def _one_active() -> Iterator[Comparison]:
    for problem in _problems():
        n, m, p = problem.n_features, problem.n_hidden, problem.densities[0]
        sharp = min(Fraction(n), Fraction(m * (m + 2) * (m + 4), 15))
        alone = (1 - p) ** (n - 1)
        factor = _moment(problem, 4) ** 2 / _moment(problem, 6)
        more = _moment(problem, 2) * min(n, math.comb(min(m, n) + 2, 3))
        value = p * (alone * factor * sharp + (1 - alone) * more)
        yield equal(_bounds(problem)["one active"].value, value, _at(problem))
        yield from _against_weights(problem, value)


@CHAPTER.claim(
    4,
    "Normal features: given the mask the best predictor is linear.",
    r"\tilde L \le \mu_2 \min(p n, m)",
    kind="upper",
    variables=_MODEL,
    assumptions=("normal features", "no bias"),
    source="own derivation, docs/proofs/gain_upper_bounds.md, part 6",
    route="E min(K, m) with K binomial, and Jensen's inequality",
)
def _masked_normal() -> Iterator[Comparison]:
    for problem in _problems():
        bound = _bounds(problem).get("masked normal")
        if bound is not None:
            n, m, p = problem.n_features, problem.n_hidden, problem.densities[0]
            yield equal(bound.value, min(p * n, Fraction(min(m, n))), _at(problem))
            yield from _against_weights(problem, bound.value or Fraction(0))


@CHAPTER.claim(
    5,
    "A line above what an output gains at a given leverage bounds the sum over outputs.",
    r"\tilde L \le n \mu + r \nu",
    kind="upper",
    variables={**_MODEL, r"\mu": "real >= 0", r"\nu": "real"},
    assumptions=("G_i <= mu + nu lambda_1(i) for all leverages in (0, 1]", *_SYMMETRIC),
    source="own derivation, docs/proofs/gain_upper_bounds.md, part 5",
    route="the leverages sum to at most r (FRAME-12)",
)
def _leverage() -> Iterator[Comparison]:
    yield from _checked("leverage")
    for W in matrices(31, 2, 5, 3):  # the leverages themselves
        rows = [(i, row) for i, row in enumerate(gram_of(W)) if row[i]]
        total = sum((row[i] ** 2 / sum(x * x for x in row) for i, row in rows), Fraction(0))
        yield at_most(total, 2, "sum of leverages, m=2")


@CHAPTER.claim(
    6,
    "Where no cumulant is negative, one sum of sharp constants bounds the gain.",
    r"\tilde L \le \sum_{k, \pi} \frac{c_1^2}{c_2} \frac{\kappa_{k+1}^2}{\kappa_{2k}} \min(n, D_k)",
    kind="upper",
    variables=_MODEL,
    assumptions=("kappa_4, ..., kappa_{2q} >= 0 at this density", *_SYMMETRIC),
    source="own derivation, docs/proofs/gain_upper_bounds.md, part 4",
    route="Cauchy's inequality term by term, and the leverages of order k",
)
def _cumulants() -> Iterator[Comparison]:
    yield from _checked("cumulants")


@CHAPTER.claim(
    7,
    "An explicit power law: of the order m p^{1/q}.",
    r"\tilde L \le 2 K_q^2 r \left(\frac{\mu_{q+1}^2}{\mu_{2q}^{(q-1)/q} \mu_2} p^{1/q}"
    r" + \mu_2 p\right), \quad K_q = q 2^{q-2}",
    kind="upper",
    variables=_MODEL,
    assumptions=("q >= 3", *_SYMMETRIC),
    source=_DRAFT,
    route="from GAINBOUND-05, docs/proofs/gain_upper_bounds.md, part 7",
)
def _power_law() -> Iterator[Comparison]:
    with ctx.workprec(128):
        for problem in _problems():
            mu = {k: _ball(_moment(problem, k)) for k in (2, 4, 6)}
            p, r = _ball(problem.densities[0]), min(problem.n_hidden, problem.n_features)
            first = mu[4] ** 2 / (mu[6].root(3) ** 2 * mu[2]) * p.root(3)
            value = 2 * 36 * r * (first + mu[2] * p)
            bound = _bounds(problem)["explicit power law"].value or Fraction(0)
            yield from within(value, bound, Fraction(1, 10**18), _at(problem))
            yield from _against_weights(problem, bound)


def _ball(value: object) -> arb:
    exact = Fraction(str(value))
    return arb(fmpq(exact.numerator, exact.denominator))


@CHAPTER.claim(
    8,
    "Two kinds of leverage together: a plane above what an output gains.",
    r"\tilde L \le n \mu + r \nu + \frac{\eta^2}{\kappa_{2q}} \min(n, D_q)",
    kind="upper",
    variables={**_MODEL, r"\mu": "real >= 0", r"\nu": "real", r"\eta": "real >= 0"},
    assumptions=("kappa_4, ..., kappa_{2q} >= 0 at this density", *_SYMMETRIC),
    source="own derivation, docs/proofs/gain_upper_bounds.md",
    route="GAINBOUND-05 and GAINBOUND-06 joined",
)
def _two_leverages() -> Iterator[Comparison]:
    yield from _checked("two leverages")


@CHAPTER.claim(
    9,
    "Zero weights gain nothing.",
    r"\tilde L(0) = 0",
    variables={},
    source=f"{SEED}, equation (7)",
    route="all outputs are 0",
)
def _nothing() -> Iterator[Comparison]:
    for problem in _problems():
        zero = [[0] * problem.n_features for _ in range(problem.n_hidden)]
        yield equal(gain(problem, zero).value, 0, _at(problem))


@CHAPTER.claim(
    10,
    "Blocks in orthogonal dimensions gain what each gains; each is scaled to its best.",
    r"\sup_W \tilde L \ge 2 s^q T(p) - s^{2q} Q(p)",
    kind="lower",
    variables={**_MODEL, "s": "real >= 0"},
    assumptions=("T and Q are correlation and energy of weights that fit", *_SYMMETRIC),
    source="own derivation; for features in dimensions of their own"
    f" {SEED}, equations (9) and (10)",
    route="by example: the rational weights come with the bound, and their gain is exact",
)
def _constructions() -> Iterator[Comparison]:
    for problem in _problems():
        for bound in lower_bounds(problem):
            value = gain(problem, bound.weights).value
            yield equal(value, bound.value, f"{_at(problem)}, {bound.name}")


def _shapes() -> Iterator[tuple[int, int, Fraction]]:
    """``m``, ``n > m^3``, and the cube root of the density."""
    for m, root in itertools.product((2, 3, 4), map(Fraction, ("1/100", "1/10", "1/2"))):
        yield m, m**3 + 6, root


@CHAPTER.claim(
    11,
    "The order of the best gain, from below: a constant times min(p m^q, m p^{1/q}).",
    r"\sup_W \tilde L \ge C_1 \min(p m^q, m p^{1/q})",
    kind="asymptotic",
    variables=_MODEL,
    assumptions=("m > m_0, n > m^q", "C_1 depends on q and the law alone; not known", *_SYMMETRIC),
    source=f"{SEED}, Theorem 2.2 (1), from its Theorem 4.2",
    route="of the paper; checked with C_1 = 1/20 for q = 3, signs, m = 2, 3, 4",
)
def _order_below() -> Iterator[Comparison]:
    for m, n, root in _shapes():
        problem = Problem(n, m, density=root**3, features=Rademacher(), activation=Power(3))
        scale = min(root**3 * m**3, m * root)
        found = best_lower(problem)
        reached = gain(problem, found.weights).value
        yield at_least(reached, scale / 20, f"m={m}, n={n}, p={root**3}")


@CHAPTER.claim(
    12,
    "The order of the best gain, from above: a constant times p m^q.",
    r"\sup_W \tilde L \le C_2 p m^q",
    kind="asymptotic",
    variables=_MODEL,
    assumptions=("C_2 depends on q and the law alone; mu_2 will do (GAINBOUND-02)", *_SYMMETRIC),
    source=f"{SEED}, Theorem 2.2 (1), from its Theorem 3.1",
    route="of the paper; GAINBOUND-02 with the binomial at most m^q gives C_2 = mu_2",
)
def _order_above() -> Iterator[Comparison]:
    for W, law, p in itertools.product(matrices(13, 2, 9, 3), _LAWS, DENSITIES):
        problem = Problem(9, 2, density=p, features=law, activation=Power(3))
        best = gain(problem, W).at_best_scale
        yield at_most(best, Fraction(law_moments(law, 2)[2]) * p * 8, f"{law}, p={p}")
    for m, n, root in _shapes():
        problem = Problem(n, m, density=root**3, features=Rademacher(), activation=Power(3))
        yield at_most(best_lower(problem).value, root**3 * m**3, f"m={m}, n={n}, p={root**3}")


@CHAPTER.claim(
    13,
    "For log-concave laws the best gain is at most of the order of the dimension.",
    r"\sup_W \tilde L \le C_3 m",
    kind="asymptotic",
    variables=_MODEL,
    assumptions=("strongly log-concave law", "C_3 not known; 1 for normal features (GAINBOUND-04)"),
    source=f"{SEED}, Theorem 2.2 (2)",
    route="of the paper; checked for normal features, where C_3 = mu_2",
)
def _log_concave() -> Iterator[Comparison]:
    for W, p in itertools.product(matrices(14, 2, 9, 4), DENSITIES):
        problem = Problem(9, 2, density=p, features=Normal(), activation=Power(3))
        yield at_most(gain(problem, W).at_best_scale, 2, f"p={p}")


@CHAPTER.claim(
    14,
    "The order of the best gain at every density.",
    r"\sup_W \tilde L = \Theta\left(\min(p m^q, m p^{1/q})\right)",
    kind="asymptotic",
    variables=_MODEL,
    assumptions=("m > m_0, n > m^q", "the constants are not known", *_SYMMETRIC),
    source=_DRAFT,
    route="GAINBOUND-11 and GAINBOUND-07; checked between 1/20 and 200 for q = 3, signs",
)
def _order() -> Iterator[Comparison]:
    for m, n, root in _shapes():
        problem = Problem(n, m, density=root**3, features=Rademacher(), activation=Power(3))
        scale = min(root**3 * m**3, m * root)
        yield at_least(best_lower(problem).value, scale / 20, f"m={m}, n={n}, p={root**3}")
        # K_3 = 6: the explicit bound is 72 m (p^{1/3} + p) for signs
        yield at_most(best_lower(problem).value, 72 * m * (root + root**3), f"m={m}, p={root**3}")
        yield at_most(min(72 * m * (root + root**3), root**3 * m**3), 200 * scale, f"m={m}, order")
