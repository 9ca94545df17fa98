"""Mistakes to seed into the derivations.

A mistake is one exact replacement of text in one document; the text stands there once.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

LIBRARY = Path(__file__).resolve().parent.parent / "derivations" / "library"


@dataclass(frozen=True)
class Change:
    """One replacement of text in one document."""

    kind: str
    document: str
    old: str
    new: str

    @property
    def original(self) -> str:
        """The document as it is."""
        return (LIBRARY / f"{self.document}.md").read_text(encoding="utf-8")

    @property
    def changed(self) -> str:
        """The document with the replacement; the old text must stand there once."""
        if self.original.count(self.old) != 1:
            raise SystemExit(
                f"{self.document}: {self.old!r} stands {self.original.count(self.old)} times"
            )
        return self.original.replace(self.old, self.new)


SIGN = "a sign"
FACTOR = "a factor"
SQUARE = "a lost square"
RANGE = "a wrong range"
INDEX = "a swapped index"
LIMIT = "a wrong limit"
DIRECTION = "a bound in the wrong direction"
DENSITY = "S for p"

MISTAKES = [
    # ---------------------------------------------------------------- a sign
    Change(SIGN, "ignored_feature", r"= \frac{p}{3} - p c + c^2", r"= \frac{p}{3} + p c + c^2"),
    Change(
        SIGN,
        "antipodal_pair",
        r"J(s) := \frac{1}{3} - \frac{s}{4} + \frac{s^2}{12}",
        r"J(s) := \frac{1}{3} - \frac{s}{4} - \frac{s^2}{12}",
    ),
    Change(
        SIGN,
        "vertex_formula",
        r"\Big( (c + g)_+^{r+1} - \int_0^1 (c + g t)_+^{r+1} \, dt \Big)",
        r"\Big( (c + g)_+^{r+1} + \int_0^1 (c + g t)_+^{r+1} \, dt \Big)",
    ),
    Change(
        SIGN,
        "one_hot_polygon",
        r"= \frac{y^3}{x^4} + \frac{y^3}{x^2} + (1 - x^2)^2 - 3 (1 - x^2) y + 3 y^2 .",
        r"= \frac{y^3}{x^4} + \frac{y^3}{x^2} + (1 - x^2)^2 + 3 (1 - x^2) y + 3 y^2 .",
    ),
    Change(
        SIGN,
        "quadratic_sharing",
        r"= -2 k (f - s) + 4 t,",
        r"= 2 k (f - s) + 4 t,",
    ),
    Change(
        SIGN,
        "persian_rug",
        r"\frac{\partial}{\partial t} A(t) = t^2 - 2 t \, G_1",
        r"\frac{\partial}{\partial t} A(t) = t^2 + 2 t \, G_1",
    ),
    # ---------------------------------------------------------------- a factor
    Change(FACTOR, "antipodal_pair", r"L(1) = 2 p^2 J(1) =", r"L(1) = p^2 J(1) ="),
    Change(
        FACTOR,
        "bernoulli_series",
        r"\cos(2 \pi k s) \, ds = \frac{1}{2 \pi^2 k^2}",
        r"\cos(2 \pi k s) \, ds = \frac{1}{\pi^2 k^2}",
    ),
    Change(
        FACTOR,
        "cubic_gain",
        r"= p a^3 + 3 p^2 a (b^2 + c^2) .",
        r"= p a^3 + 6 p^2 a (b^2 + c^2) .",
    ),
    Change(
        FACTOR,
        "phase_boundaries",
        r"D(I) = \frac{(1 + I) p^2}{6} .",
        r"D(I) = \frac{(1 + I) p^2}{3} .",
    ),
    Change(
        FACTOR,
        "dedicated_never_best",
        r"= \frac{1}{4} \cdot 2 v = \frac{v}{2} .",
        r"= \frac{1}{4} \cdot 2 v = \frac{v}{4} .",
    ),
    Change(
        FACTOR,
        "real_welch_bound",
        r"= \frac{3}{8} (A + 2 C + E)^2 + \frac{1}{2} (A - E)^2",
        r"= \frac{1}{8} (A + 2 C + E)^2 + \frac{1}{2} (A - E)^2",
    ),
    # ---------------------------------------------------------------- a lost square
    Change(
        SQUARE,
        "linear_optimal_bias",
        r"+ \Big( \frac{p}{2} - b - \frac{p}{2} \sum_{j=1}^{n} a_j \Big)^2",
        r"+ \Big( \frac{p}{2} - b - \frac{p}{2} \sum_{j=1}^{n} a_j \Big)",
    ),
    Change(
        SQUARE,
        "lipschitz_lemma",
        r"\big)^2 = v \big( (a - q)^2 + (d - f)^2 \big),",
        r"\big)^2 = v \big( (a - q) + (d - f)^2 \big),",
    ),
    Change(
        SQUARE,
        "dead_rows",
        r"= \frac{s^2}{3} - \frac{s^3}{6} \ge \frac{s^2}{6} .",
        r"= \frac{s^2}{3} - \frac{s^3}{6} \ge \frac{s}{6} .",
    ),
    Change(
        SQUARE,
        "continuous_boundary",
        r"= v + \Big( \frac{p}{2} - B \Big)^2, $$",
        r"= v + \Big( \frac{p}{2} - B \Big), $$",
    ),
    Change(
        SQUARE,
        "binary_pair",
        r"\mathbb{E}(x_2 - c)^2 = (c - p)^2 + p (1 - p)",
        r"\mathbb{E}(x_2 - c) = (c - p)^2 + p (1 - p)",
    ),
    # ---------------------------------------------------------------- a wrong range
    Change(
        RANGE,
        "antipodal_pair_bias",
        r"= \int_0^{b/s} (b - s t)^2 \, dt =",
        r"= \int_0^{1} (b - s t)^2 \, dt =",
    ),
    Change(
        RANGE,
        "density_expansion",
        r"= \sum_{j=0}^{n} p^j \sum_{k=0}^{j} (-1)^{j-k}",
        r"= \sum_{j=0}^{n} p^j \sum_{k=1}^{j} (-1)^{j-k}",
    ),
    Change(
        RANGE,
        "very_sparse_constant",
        r"K(m, q) := \prod_{j=0}^{q-1} \frac{m + 2j}{2j + 1}",
        r"K(m, q) := \prod_{j=1}^{q-1} \frac{m + 2j}{2j + 1}",
    ),
    Change(
        RANGE,
        "dedicated_never_best",
        r"= (1 - p) \, p \int_p^1 \frac{(t - p)^2}{4} \, dt",
        r"= (1 - p) \, p \int_0^1 \frac{(t - p)^2}{4} \, dt",
    ),
    Change(
        RANGE,
        "coherence_bounds",
        r"\sum_{j=0}^{k-1} \cos^2 \Big( \frac{2 \pi j}{k} \Big) = \frac{k}{2}",
        r"\sum_{j=0}^{k} \cos^2 \Big( \frac{2 \pi j}{k} \Big) = \frac{k}{2}",
    ),
    Change(
        RANGE,
        "quadratic_sharing",
        r"\ge 0 \quad \text{for } k \ge 2, \ k h \le 2 f, $$",
        r"\ge 0 \quad \text{for } k \ge 2, $$",
    ),
    # ---------------------------------------------------------------- a swapped index
    Change(
        INDEX,
        "two_features_no_bias",
        r"L(u, w) = T(u, w) + I \, T(w, u) .",
        r"L(u, w) = T(u, w) + I \, T(u, w) .",
    ),
    Change(
        INDEX,
        "cubic_gain",
        r"\sum_{i=1}^{n} \sum_{j \ne i} d_i^4 d_j^2",
        r"\sum_{i=1}^{n} \sum_{j \ne i} d_i^4 d_i^2",
    ),
    Change(
        INDEX,
        "vertex_formula",
        r"\Big( b + a_1 + \sum_{j=2}^{q} a_j u_j \Big)_+^{r+1} - \mathbb{E}",
        r"\Big( b + a_2 + \sum_{j=2}^{q} a_j u_j \Big)_+^{r+1} - \mathbb{E}",
    ),
    Change(
        INDEX,
        "real_welch_bound",
        r"D := \sum_{i=1}^{n} a_i b_i^3",
        r"D := \sum_{i=1}^{n} b_i a_i^3",
    ),
    # ---------------------------------------------------------------- a wrong limit
    Change(
        LIMIT,
        "antipodal_pair",
        r"\frac{p^2 (32 - 25 p)}{24 (4 - 3 p)} \Big) = \frac{1}{96} .",
        r"\frac{p^2 (32 - 25 p)}{24 (4 - 3 p)} \Big) = \frac{1}{48} .",
    ),
    Change(
        LIMIT,
        "antipodal_pair_bias",
        r"\lim_{b \to 0^+} \frac{R(1, b) - R(1, 0)}{b} = -\frac{p^2}{3} .",
        r"\lim_{b \to 0^+} \frac{R(1, b) - R(1, 0)}{b} = -\frac{2 p^2}{3} .",
    ),
    Change(
        LIMIT,
        "density_expansion",
        r"\frac{\Lambda(p) - \ell_0}{p} = \ell_1 - n \ell_0 .",
        r"\frac{\Lambda(p) - \ell_0}{p} = \ell_1 .",
    ),
    Change(
        LIMIT,
        "very_sparse_constant",
        r"\lim_{p \to 0^+} \frac{1}{p} \Big( \frac{2 p}{3} - G(a, d) \Big) =",
        r"\lim_{p \to 1^-} \frac{1}{p} \Big( \frac{2 p}{3} - G(a, d) \Big) =",
    ),
    # ---------------------------------------------------------------- a bound the wrong way
    Change(
        DIRECTION,
        "lipschitz_lemma",
        r"(x_+ - y_+)^2 \le (x - y)^2 .",
        r"(x_+ - y_+)^2 \ge (x - y)^2 .",
    ),
    Change(
        DIRECTION,
        "drop_lemma",
        r"\ge \mathbb{E}\Big( x_1 - \frac{p}{2} \Big)^2 = \frac{p}{3} - \frac{p^2}{4}, $$",
        r"\le \mathbb{E}\Big( x_1 - \frac{p}{2} \Big)^2 = \frac{p}{3} - \frac{p^2}{4}, $$",
    ),
    Change(
        DIRECTION,
        "dead_rows",
        r"= \frac{7}{96} \quad \text{for } \beta \ge \frac{1}{2} .",
        r"= \frac{7}{96} \quad \text{for } \beta \le \frac{1}{2} .",
    ),
    Change(
        DIRECTION,
        "bernoulli_series",
        r"\frac{1}{(k + 1)^2} \le \frac{1}{k (k + 1)}",
        r"\frac{1}{(k + 1)^2} \ge \frac{1}{k (k + 1)}",
    ),
    Change(
        DIRECTION,
        "phase_boundaries",
        r"A(I) \le Z(I) \quad \text{for } p \le \frac{4}{5 + 2 I}",
        r"A(I) \ge Z(I) \quad \text{for } p \le \frac{4}{5 + 2 I}",
    ),
    # ---------------------------------------------------------------- S for p
    Change(
        DENSITY,
        "ignored_feature",
        r"v = \frac{(1 - S)(1 + 3 S)}{12} .",
        r"v = \frac{S (4 - 3 (1 - S))}{12} .",
    ),
    Change(
        DENSITY,
        "coherence_bounds",
        r"\frac{m (1 - S) (4 - 7 (1 - S))}{12} = \frac{m (1 - S) (7 S - 3)}{12}",
        r"\frac{m (1 - S) (4 - 7 S)}{12} = \frac{m (1 - S) (7 S - 3)}{12}",
    ),
    Change(
        DENSITY,
        "persian_rug",
        r"R(a, b, s) := (1 - p) \, G_2(b, s) + p \Big(",
        r"R(a, b, s) := p \, G_2(b, s) + p \Big(",
    ),
    Change(
        DENSITY,
        "phase_boundaries",
        r"\frac{16}{147} \quad \text{for } p = \frac{4}{7} .",
        r"\frac{16}{147} \quad \text{for } p = \frac{3}{7} .",
    ),
]
