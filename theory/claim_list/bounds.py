"""Lower bounds on the least loss, as ``theory.bounds`` gives them, and their lemmas."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from fractions import Fraction
from functools import cache

from flint import arb, ctx, fmpq

from theory.arrangements import Arrangement, antipodal_pair, ignored, regular_polygon, simplex
from theory.bounding.claims import LowerClaim
from theory.bounding.rank import rank_bound
from theory.bounds import lower_bounds
from theory.branch_and_bound import branch_and_bound
from theory.claim_list.comparing import Comparison, at_least, at_most, equal, within
from theory.claim_list.instances import DENSITIES, gram_of, matrices, models, variance
from theory.claim_list.pieces import given_set, literal_loss
from theory.claim_list.record import Chapter
from theory.claim_list.sphere import certificate_of
from theory.loss import expected_loss
from theory.power_model.bounds import upper_bounds
from theory.problem import (
    AbsPower,
    IgnoredFeatures,
    NoBias,
    Power,
    Problem,
    Rademacher,
    UnitNorm,
)

__all__ = ["CHAPTER"]

CHAPTER = Chapter("BOUND", "lower bounds on the least loss")

_OWN = "own derivation, docs/proofs/lower_bounds.md"
_MODEL = {"n": "integer >= 1", "m": "integer >= 1", "p": "real in [0, 1]"}
_RELU = ("ReLU, features uniform on [0, 1], independent, one density, importance 1",)
_CHANCES = tuple(map(Fraction, ("1/1000", "1/20", "1/4", "1/2", "9/10")))


def _good_arrangements(p: Fraction) -> Iterator[Arrangement]:
    """Arrangements that lose little: the bounds must stay below them."""
    yield antipodal_pair()
    yield antipodal_pair(scale=Fraction(101, 100), bias=p / 80)
    yield antipodal_pair() + antipodal_pair()
    yield antipodal_pair() + ignored(1, bias=p / 2)
    yield antipodal_pair() + antipodal_pair() + ignored(1, bias=p / 2)
    yield regular_polygon(3, scale=Fraction(11, 10), bias=Fraction(-1, 10))
    yield regular_polygon(5, scale=Fraction(116, 100), bias=Fraction(-27, 100))
    yield simplex(4, scale=Fraction(9, 8), bias=Fraction(-1, 12))


@cache
def _claims(n: int, m: int, p: Fraction) -> dict[str, LowerClaim]:
    certificates = [certificate_of(5, 2), certificate_of(12, 3)]
    return {c.name: c for c in lower_bounds(Problem(n, m, density=p), (), certificates)}


@cache
def _losses(p: Fraction) -> tuple[tuple[Arrangement, Fraction], ...]:
    found = []
    for shape in _good_arrangements(p):
        problem = Problem(shape.n_features, shape.n_hidden, density=p)
        found.append((shape, expected_loss(problem, shape, digits=20).value.lower))
    return tuple(found)


def _below_losses(name: str) -> Iterator[Comparison]:
    """The bound against the losses of good weights, at several densities."""
    for p in _CHANCES:
        for shape, loss in _losses(p):
            n, m = shape.n_features, shape.n_hidden
            value = _claims(n, m, p)[name].value
            if value is not None:
                yield at_most(value, loss, f"{shape.name}, p={p}")


@CHAPTER.claim(
    1,
    "The loss is not negative.",
    r"L \ge 0",
    kind="lower",
    source="definition",
    route="a mean of squares",
)
def _zero() -> Iterator[Comparison]:
    for (W, b), p in itertools.product(models(1, 2, 3, 3), DENSITIES):
        yield at_least(literal_loss(gram_of(W), b, p), 0, f"p={p}")


@CHAPTER.claim(
    2,
    "Nothing is lost where every feature has a dimension of its own.",
    r"\min_{W, b} L = 0 \quad \text{for } n \le m",
    variables=_MODEL,
    source="definition",
    route="orthogonal unit vectors; features are not negative",
)
def _nothing_lost() -> Iterator[Comparison]:
    for n, p in itertools.product((1, 2, 3), DENSITIES):
        identity = [[Fraction(i == j) for j in range(n)] for i in range(n)]
        yield equal(expected_loss(Problem(n, n, density=p), identity).value, 0, f"n={n}, p={p}")
        claims = {c.name: c for c in lower_bounds(Problem(n, n, density=p))}
        yield equal(claims["nothing is lost"].value, 0, f"n={n}, p={p}, claim")


@CHAPTER.claim(
    3,
    "A feature without weights loses at least its variance, and its mean square without a bias.",
    r"\mathbb{E}(x - b)^2 \ge \frac{p}{3} - \frac{p^2}{4}",
    kind="lower",
    variables={"p": "real in [0, 1]", "b": "real"},
    random={"x": "uniform on [0, 1] with probability p, else 0"},
    source=_OWN,
    route="a constant predicts no better than the mean",
    derivation="ignored-feature",
)
def _ignored() -> Iterator[Comparison]:
    for p in DENSITIES:
        free = {c.name: c for c in lower_bounds(Problem(3, 2, density=p), [IgnoredFeatures(0)])}
        yield equal(free["ignored features"].value, variance(p), f"p={p}")
        fixed = lower_bounds(Problem(3, 2, density=p), [IgnoredFeatures(0), NoBias()])
        (value,) = (c.value for c in fixed if c.name == "ignored features")
        yield equal(value, p / 3, f"p={p}, no bias")
        for b in map(Fraction, ("-1/2", "0", "1/3")):
            loss = given_set([Fraction(0)], b, 0, ()) * (1 - p)
            loss += given_set([Fraction(0)], b, 0, (0,)) * p
            yield at_least(loss, variance(p), f"p={p}, b={b}")


@CHAPTER.claim(
    4,
    "The rank bound: samples with at most two active features, and vectors in m dimensions.",
    r"L \ge p (1-p)^{n-2} \min_{t} \left(\frac{7}{96} (1-p) t + B(n - t)\right)",
    kind="lower",
    variables=_MODEL,
    assumptions=("B as in theory.bounding.rank", *_RELU),
    source=_OWN + ", section 2",
    route="dead rows lose 7/96 (LEMMA-03); live ones share phi among pairs; FRAME-06 with k = 1",
)
def _rank() -> Iterator[Comparison]:
    yield from _below_losses("rank")
    p = Fraction(1, 10**9)
    for n, m in ((2, 1), (4, 2), (6, 3), (5, 2)):  # the limit p^2 n (n - m) / (6 m)
        value, power = rank_bound(n, m, p)
        limit = Fraction(n * (n - m), 6 * m)
        ratio = value * (1 - p) ** power / p**2 / limit
        yield from within(ratio, 1, Fraction(1, 10**6), f"n={n}, m={m}, p=1e-9")


@CHAPTER.claim(
    5,
    "The entropy bound: no decoder of m linear functions does better.",
    r"L \ge \sum_{k=m+1}^{n} \binom{n}{k} p^k (1-p)^{n-k} (k - m) \frac{1}{12}"
    r" \left(\frac{6}{\pi e}\right)^{\frac{k}{k - m}}",
    kind="lower",
    variables=_MODEL,
    assumptions=("features uniform on [0, 1], independent; any activation and bias",),
    source=_OWN + ", section 3; Cover and Thomas 2006, theorem 8.6.6",
    route="of all laws with a covariance the normal one has the largest entropy",
)
def _entropy() -> Iterator[Comparison]:
    yield from _below_losses("entropy")
    with ctx.workprec(192):
        ratio = 6 / (arb.pi() * arb.const_e())
        for (n, m), p in itertools.product(((2, 1), (5, 2), (7, 3)), _CHANCES):
            value = _claims(n, m, p)["entropy"].value
            total = arb(0)
            for k in range(m + 1, n + 1):
                chance = math.comb(n, k) * p**k * (1 - p) ** (n - k) * (k - m) / 12
                total += _ball(chance) * ratio ** _ball(Fraction(k, k - m))
            yield from within(total, value, Fraction(1, 10**30), f"n={n}, m={m}, p={p}")


def _ball(value: Fraction) -> arb:
    return arb(fmpq(value.numerator, value.denominator))


@CHAPTER.claim(
    6,
    "Rank for samples with up to two active features, entropy for those with more.",
    r"L \ge L_{\text{rank}} + L_{\text{entropy}}",
    kind="lower",
    variables=_MODEL,
    assumptions=_RELU,
    source=_OWN + ", sections 2 and 3",
    route="BOUND-04 and BOUND-05 count disjoint sets of samples",
)
def _rank_and_entropy() -> Iterator[Comparison]:
    yield from _below_losses("rank and entropy")
    for (n, m), p in itertools.product(((2, 1), (5, 2)), _CHANCES):
        both, one = (_claims(n, m, p)[name].value for name in ("rank and entropy", "rank"))
        yield at_least(both, one, f"n={n}, m={m}, p={p}")


@CHAPTER.claim(
    7,
    "The crowding bound: samples with one active feature, and an energy of unit vectors.",
    r"L \ge p (1-p)^{n-1} \min_{t} \left(\frac{t}{3} + \frac{N c_1 \kappa \nu}{c_1 + \kappa \nu}"
    r"\right), \quad N = n - t, \quad \nu = N c_0 - h",
    kind="lower",
    variables=_MODEL,
    assumptions=("c_0 and h = h(1) of a certificate of max(t, 0)^2 (SPHERE-01)", *_RELU),
    source=_OWN + ", section 2b",
    route="dead rows lose 1/3; in others interference and the own error are traded by kappa",
)
def _crowding() -> Iterator[Comparison]:
    yield from _below_losses("crowding")


@CHAPTER.claim(
    8,
    "Crowding and rank together, with entropy for three and more active features.",
    r"L \ge p (1-p)^{n-1} \min_{t} \left(\frac{7 t}{96} + \frac{N c_1 x}{c_1 + x}\right)"
    r" + L_{\text{entropy}}, \quad N = n - t",
    kind="lower",
    variables=_MODEL,
    assumptions=("x as in theory.bounding.crowding", *_RELU),
    source=_OWN + ", section 2b",
    route="BOUND-04 and BOUND-07 with three parts of phi",
)
def _rank_and_crowding() -> Iterator[Comparison]:
    yield from _below_losses("rank and crowding")


@CHAPTER.claim(
    9,
    "Branch and bound: in a box of weights the loss is near that of its centre.",
    r"L \ge \sum_{i=1}^{2} I_i \left(\sqrt{g_i(c)} - \sigma d_i\right)_+^2",
    kind="lower",
    variables={
        "p": "real in (0, 1]",
        "I_i": "real >= 0 for i = 1..2",
        "d_i": "real >= 0 for i = 1..2",
    },
    assumptions=("n = 2, m = 1; d_i is how far row i moves in the box",),
    source=_OWN + ", section 6",
    route="LEMMA-02 in every box of a tree; outside of all of them a feature alone loses more",
    derivation="lipschitz-lemma",
)
def _branch_and_bound() -> Iterator[Comparison]:
    for p, weight in itertools.product(
        map(Fraction, ("1/10", "1/2")), (Fraction(1), Fraction(1, 2))
    ):
        problem = Problem(2, 1, density=p, importance=[1, weight])
        bound = branch_and_bound(problem, boxes=120).bound
        for w, v, b in itertools.product(
            map(Fraction, ("1", "51/50")),
            map(Fraction, ("1", "4/5", "0")),
            map(Fraction, ("0", "1/50")),
        ):
            loss = expected_loss(problem, [[w, -v]], [b, b]).value
            yield at_most(bound, loss, f"p={p}, I={weight}, w={w}, {-v}, b={b}")


@CHAPTER.claim(
    10,
    "Unit norms without bias: the loss with one active feature is a pair energy.",
    r"L \ge \sum_{i=1}^{n} I_i P_i e + \mu \sum_{i \ne j} v_i v_j f(w_i \cdot w_j)",
    kind="lower",
    variables={"n": "integer >= 1", r"\mu": "real >= 0", "v_i": "real >= 0 for i = 1..n"},
    assumptions=(
        "P_i is the chance that i alone is active, v_i^2 = I_i P_i, e = E (u - sigma(u))^2",
        "f is t^{2q}, or max(t, 0)^{2q} for a ReLU and features that are not negative",
    ),
    source=_OWN + ", section 4",
    route="I_i P_j + I_j P_i >= 2 v_i v_j; the energy is bounded by SPHERE-01",
)
def _pair_energy() -> Iterator[Comparison]:
    at = [UnitNorm(), NoBias()]
    for p in _CHANCES:
        problem = Problem(5, 2, density=p)
        claims = lower_bounds(problem, at, [certificate_of(5, 2)])
        (value,) = (c.value for c in claims if c.name == "one active, linear program")
        for shape in (regular_polygon(5), antipodal_pair() + regular_polygon(3)):
            if shape.n_hidden == 2:
                loss = expected_loss(problem, shape, digits=20).value.lower
                yield at_most(value, loss, f"p={p}, {shape.name}")
        pairs = [[1, -1, 0, 0, Fraction(3, 5)], [0, 0, 1, -1, Fraction(4, 5)]]
        yield at_most(value, expected_loss(problem, pairs).value, f"p={p}, pairs and one more")


@CHAPTER.claim(
    11,
    "Unit norms without bias, two-sided potential: the real Welch bound.",
    r"L \ge \sum_{i=1}^{n} I_i P_i e + \mu \left(\left(\sum_{i=1}^{n} v_i\right)^2"
    r" \prod_{j=0}^{q-1} \frac{2j+1}{m+2j} - \sum_{i=1}^{n} v_i^2\right)",
    kind="lower",
    variables={**_MODEL, "q": "integer >= 1", r"\mu": "real >= 0", "v_i": "real >= 0 for i = 1..n"},
    assumptions=("as BOUND-10, f = t^{2q}",),
    source=_OWN + ", section 4; Welch 1974; Sidelnikov 1974",
    route="FRAME-06 with masses v_i",
    derivation="real-welch-bound",
)
def _welch() -> Iterator[Comparison]:
    at = [UnitNorm(), NoBias()]
    for q, law_name, activation in ((2, "|t|^2", AbsPower(2)), (3, "t^3", Power(3))):
        for p in _CHANCES:
            law = Rademacher() if law_name == "t^3" else None
            problem = Problem(5, 2, density=p, activation=activation, features=law)
            claims = lower_bounds(problem, at)
            (value,) = (c.value for c in claims if c.name == f"one active, Welch of order {q}")
            loss = expected_loss(problem, regular_polygon(5), digits=20).value.lower
            yield at_most(value, loss, f"{law_name}, p={p}, pentagon")
            if law_name == "t^3":  # a law without a density: no entropy is added
                energy = 25 * Fraction(15, 2 * 4 * 6) - 5
                direct = p * (1 - p) ** 4 * max(energy, Fraction(0))
                yield equal(value, direct, f"{law_name}, p={p}, formula")


@CHAPTER.claim(
    12,
    "One dimension, unit norms, no bias: the products of equal signs cost.",
    r"\sum_{i \ne j} v_i v_j \mathbf 1[s_i = s_j] \ge \frac{1}{2} \left(\sum_{i=1}^{n} v_i\right)^2"
    r" - \sum_{i=1}^{n} v_i^2",
    kind="lower",
    variables={"n": "integer >= 1", "v_i": "real >= 0 for i = 1..n"},
    assumptions=("signs s_i = +-1",),
    source=_OWN + ", section 4",
    route="a^2 + b^2 >= (a + b)^2 / 2 with the masses of the two signs",
)
def _one_dimension() -> Iterator[Comparison]:
    masses = [Fraction(1), Fraction(1, 2), Fraction(2), Fraction(1, 3)]
    floor = sum(masses) ** 2 / 2 - sum(v * v for v in masses)
    for signs in itertools.product((1, -1), repeat=4):
        total = sum(
            masses[i] * masses[j]
            for i, j in itertools.permutations(range(4), 2)
            if signs[i] == signs[j]
        )
        yield at_least(total, floor, f"signs {signs}")
    for p, n in itertools.product(_CHANCES, (2, 3, 4)):
        problem = Problem(n, 1, density=p)
        claims = lower_bounds(problem, [UnitNorm(), NoBias()])
        (value,) = (c.value for c in claims if c.name == "one active, one dimension")
        signs_row = [[(-1) ** j for j in range(n)]]
        yield at_most(value, expected_loss(problem, signs_row).value, f"n={n}, p={p}")


@CHAPTER.claim(
    13,
    "Power activations: ignoring everything, less the most that can be gained.",
    r"L \ge p n \mu_2 - \sup_W \tilde L",
    kind="lower",
    variables=_MODEL,
    assumptions=("symmetric law, odd power, no bias",),
    source="arXiv:2606.18538, equations (6) and (7); the bounds of the chapter GAINBOUND",
    route="GAIN-01 and an upper bound of the gain",
)
def _by_gain() -> Iterator[Comparison]:
    for p, W in itertools.product(_CHANCES, matrices(5, 2, 5, 3)):
        problem = Problem(5, 2, density=p, features=Rademacher(), activation=Power(3))
        (value,) = (c.value for c in lower_bounds(problem, [NoBias()]) if c.name == "gain")
        yield at_most(value, expected_loss(problem, W).value, f"p={p}")
        least = 5 * p - min(bound.value or 5 * p for bound in upper_bounds(problem))
        yield equal(value, max(least, Fraction(0)), f"p={p}, by the gain")
