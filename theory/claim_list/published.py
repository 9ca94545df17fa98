"""Published facts on toy models of superposition: which claim each is, or why it is none."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["PUBLISHED", "Published"]


@dataclass(frozen=True)
class Published:
    """One fact that a paper, a notebook or a program states.

    Attributes:
        fact: in words.
        source: where.
        claims: ids of the claims that it is.
        why_not: where it is none, or only in part, why.
    """

    fact: str
    source: str
    claims: tuple[str, ...] = ()
    why_not: str = ""


_SEED = "arXiv:2606.18538"
_CHEN = "arXiv:2310.06301"
_ELHAGE = "arXiv:2209.10652"
_MAIS = "MAIS agenda A4"
_NOTEBOOK = "wattenberg notebook"
_TRAINED = "what a training run ends in; no statement that can be computed exactly"


def _row(fact: str, source: str, claims: str = "", why_not: str = "") -> Published:
    return Published(fact, source, tuple(claims.split()), why_not)


PUBLISHED: tuple[Published, ...] = (
    _row("gain and loss, L = p n mu_2 - gain", f"{_SEED}, eqs 6-7", "GAIN-01"),
    _row(
        "theorem 2.2, orders of the best gain",
        _SEED,
        "GAINBOUND-11 GAINBOUND-12 GAINBOUND-13",
        "the constants are not published; checked with constants that hold at the instances",
    ),
    _row("unsuperposed optimum; linear case", f"{_SEED}, eqs 9-10", "GAIN-08 GAIN-09"),
    _row("F(B) <= d^m; its sharp value", f"{_SEED}, eq 23", "GAIN-04 GAIN-05 GAIN-07"),
    _row(
        "parameters of figure 3: d = 10, 15, power 3, n = 6000",
        _SEED,
        why_not="settings of a figure state nothing; docs/figure3.md reproduces it",
    ),
    _row(
        "order min(p d^m, d p^{1/m}) at every density",
        "Swissa draft, October 2026",
        "GAINBOUND-14 GAINBOUND-07",
    ),
    _row("closed form H of the one-hot loss", f"{_CHEN}, Lemma 3.1", "ONEHOT-01"),
    _row("critical pentagon (l, b)", _CHEN, "POLYGON-04 POLYGON-05"),
    _row("critical hexagon (l, b)", _CHEN, "POLYGON-04 POLYGON-05"),
    _row("no k-gon with all acute neighbours for 9 <= k unless 4 | k", _CHEN, "POLYGON-09"),
    _row("h_5 and h_6", _CHEN, "POLYGON-06"),
    _row("L(5, 6) and L(6, 6)", _CHEN, "POLYGON-07"),
    _row("L(5+, 6), a gap of 1/144", _CHEN, "POLYGON-07 POLYGON-08"),
    _row("L(4, 5), L(4+, 5), L(5, 5)", _CHEN, "POLYGON-07"),
    _row("L(4+, 6), L(4, 4)", _CHEN, "POLYGON-07"),
    _row(
        "learning coefficients (3c - 1)/2 at k = c, and those of 4- to 6-gons at c = 6",
        _CHEN,
        why_not="a learning coefficient is the order of a volume; nothing here computes one",
    ),
    _row("transition 5 -> 6 at n = 601", _CHEN, "POLYGON-10"),
    _row(
        "transition 4+ -> 5 at about n = 380",
        _CHEN,
        why_not="its differences of coefficient and constant were not found in print",
    ),
    _row("dead features add 1 to H, best bias 1/(2c)", _CHEN, "ONEHOT-05 ONEHOT-06"),
    _row("H is C^1 and not C^2 at 4-gons", _CHEN, why_not="no check of smoothness is made"),
    _row("dropping with the mean as bias: s/3 - s^2/4", _NOTEBOOK, "LINEAR-03"),
    _row("antipodal losses s^2/3, (1 + r) s^2/6", _NOTEBOOK, "PHASE-01 PHASE-02"),
    _row("E min(U, U')^2 = 1/6", _MAIS, "PHASE-03"),
    _row("threshold S = 3/7", _MAIS, "PHASE-06"),
    _row("boundary 4I/(2 + 5I), 4/(5 + 2I)", "replication of the figure", "PHASE-04 PHASE-05"),
    _row("boundary of n = 3, m = 2", f"{_ELHAGE}, figure", "PHASE-07"),
    _row("expansion in k-active losses, L_0, L_1", _ELHAGE, "LOSS-04 LOSS-05 LOSS-06"),
    _row("linear model: feature benefit and interference", _ELHAGE, "LINEAR-01 LINEAR-02"),
    _row("generalised Thomson energy at unit norms", _ELHAGE, "SPHERE-02 BOUND-10"),
    _row("plateaus 3/4, 2/3, 1/2, 2/5, 3/8", _ELHAGE, "FRAME-11 POLYGON-03"),
    _row("D* sticks at 1 and 1/2 (n = 400, m = 30)", _ELHAGE, why_not=_TRAINED),
    _row(
        "n = 5, m = 2, density 0.05: a regular pentagon",
        _ELHAGE,
        "POLYGON-14",
        "that the optimum is a pentagon is conjectured; that training finds it is no claim",
    ),
    _row("correlated and anticorrelated sets", _ELHAGE, "MODEL-02 MODEL-03"),
    _row(
        "absolute values: two neurons for a feature are exact",
        _ELHAGE,
        why_not="another model (untied, with a hidden activation), not in this project",
    ),
    _row("vulnerability follows 1/D*", _ELHAGE, why_not=_TRAINED),
    _row(
        "m = Omega(-n (1-S) log(1-S)) of compressed sensing",
        _ELHAGE,
        why_not="an order with unknown constants for another decoder",
    ),
    _row("confused features W = (1, 1)/sqrt 2", f"comment in {_ELHAGE}", "PHASE-13 PHASE-14"),
    _row("leverage scores add up to the rank", f"comment in {_ELHAGE}", "FRAME-10 FRAME-12"),
    _row("orthogonal and antipodal price, gap", _MAIS, "LINEAR-08 PHASE-08"),
    _row("floor (1-S)(1+3S)/12 of a dropped feature", _MAIS, "LINEAR-04"),
    _row("at most m(1-c^2)/(1-mc^2) columns", _MAIS, "FRAME-03"),
    _row("at most 2m vectors with no positive product", _MAIS, "CODE-01"),
    _row(
        "the frontier is subadditive, P/n converges",
        _MAIS,
        why_not="a statement on the least loss of all sizes at once; no two routes to compare",
    ),
    _row("sum of squared cosines of polygons", "replication", "POLYGON-01 POLYGON-02"),
    _row("binary features: 2 p^2 against p", "arXiv:2609.06862", "PHASE-09"),
    _row("capacity and its sum", "arXiv:2210.01892", "FRAME-10"),
    _row(
        "quadratic model: loss, capacity, threshold 2/(beta - 1)",
        "arXiv:2210.01892, reconstructed",
        "CAPACITY-01 CAPACITY-02 CAPACITY-03 CAPACITY-04 CAPACITY-05 CAPACITY-06 CAPACITY-07"
        " CAPACITY-08",
    ),
    _row("row noise variance p/3 - p^2/4", "arXiv:2410.12101, code", "LINEAR-05"),
    _row("linear baseline (1-r) p/3", "arXiv:2410.12101, code", "LINEAR-06 RUG-03"),
    _row("rug ansatz at r = 0.25", "own derivation for arXiv:2410.12101", "RUG-01 RUG-02"),
    _row(
        "loss drop of the rug near r = p; rows equal after training",
        "arXiv:2410.12101",
        why_not=_TRAINED,
    ),
    _row("weak regime: <v^2> times the ignored p_i", "arXiv:2505.10465", "LINEAR-09"),
    _row(
        "exponents 0.91 +- 0.04 of language models, 0.88 +- 0.06 of Chinchilla",
        "arXiv:2505.10465",
        why_not="measured on trained language models",
    ),
    _row("random unit vectors: E (u.v)^2 = 1/m", "arXiv:2505.10465", "FRAME-13 FRAME-14"),
    _row("Welch bound on the coherence", "standard", "FRAME-02"),
    _row("Welch bound of order k, complex and real", "standard", "FRAME-04 FRAME-05 FRAME-06"),
    _row("frame potential", "standard", "FRAME-01"),
    _row("icosahedron, order 2", "design theory", "FRAME-08"),
    _row("E8, order 3", "design theory", "FRAME-07"),
    _row("24-cell, order 2", "design theory", "FRAME-09"),
    _row(
        "largest cosines of 7, 8, 9, 12 points in space",
        "table of spherical codes",
        "CODE-03",
        "that they are least is not checked; the 10 points are known as decimals only",
    ),
    _row("up to m + 1 points: -1/(n - 1)", "Rankin", "CODE-02"),
    _row("energy of the pentagon, L_1 = E/3", "own computation", "SPHERE-02 SPHERE-03"),
    _row("linear programs for energies", "Delsarte; Yudin", "SPHERE-01 SPHERE-04"),
    _row("seven points beat the heptagon", "own search", "SPHERE-07"),
    _row("icosahedron is not best", "own search", "SPHERE-08"),
    _row("Petersen code, tegum products", "own search", "SPHERE-09 SPHERE-10"),
    _row("sup F = 16/5 and 7", "own derivation", "GAIN-06"),
    _row("exact unit pentagon", "own computation", "POLYGON-12"),
    _row("best pentagon and best digon", "own computation", "POLYGON-13 OPTIMUM-02"),
    _row("core identity of uniform features", "own derivation", "LOSS-01 LOSS-02"),
    _row("Bernoulli series", "own derivation", "LOSS-11"),
    _row("transforms of the laws", "standard", "MODEL-01"),
    _row("Lipschitz lemma", "own derivation", "LEMMA-02"),
    _row("drop lemma", "own derivation", "LEMMA-01"),
    _row("compactness", "own derivation", "LEMMA-06"),
    _row("losses at two densities", "own derivation", "MODEL-04"),
    _row(
        "the least loss is concave in every importance",
        "own derivation",
        why_not="a minimum of functions linear in the importance; no two routes to compare",
    ),
    _row("clipping; dedicating is never best", "own derivation", "MODEL-05 OPTIMUM-01"),
    _row("continuous boundary", "own derivation", "OPTIMUM-06"),
    _row("first-order boundary", "own computation", "OPTIMUM-07"),
    _row("asymmetric pairs at p = 0.9", "own computation", "OPTIMUM-05"),
    _row(
        "the jump to asymmetric pairs is at p = 0.7064037",
        "own computation",
        why_not="rests on a search for the best asymmetric pair; no closed system is known here",
    ),
    _row(
        "typed two-point bound of the pentagon",
        "own computation",
        "OPTIMUM-08",
        "the semidefinite dual is a numerical one; only the value that it meets is a claim",
    ),
    _row("three features on a line", "own search", "ONEHOT-09"),
    _row(
        "best decoders (MMSE) as fractions of the best loss",
        "own computation",
        why_not="quadrature without error bounds; BOUND-05 is the rigorous relative",
    ),
    _row(
        "4-gon saddle: -r^4/15 + r^6/15 + 103 r^8/1920",
        "Patterning project",
        why_not="the path that it is taken along is not stated where it was found",
    ),
    _row(
        "1-bit compression: 1 - 2r/pi, and sparse Rademacher 1 - p against it",
        "Kogler et al. 2024",
        why_not="another model (sign encoder), not in this project",
    ),
    _row(
        "candidate formulas of the notebook, slips in print",
        _NOTEBOOK,
        "SLIP-01 SLIP-02 SLIP-03 SLIP-06",
    ),
    _row("an eigenvalue too many", "PersianRug, code", "SLIP-04"),
    _row("Heaviside integrals", "SymPy", "SLIP-05"),
    _row("importance squared; loss at 1", "Spectral_Superposition, code", "SLIP-07 SLIP-09"),
    _row("norms 1/(1 - b)", f"{_ELHAGE}, remark", "SLIP-08"),
    _row("truncation by active count", "own computation", "POLYGON-15 LOSS-08"),
)
"""What was looked at, in the order of the sources."""
