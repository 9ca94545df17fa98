"""True restatements of steps of the derivations in other forms."""

from __future__ import annotations

from derivation_mistakes import Change

EXPANDED = "expanded"
FACTORED = "factored"
RENAMED = "other names"
REINDEXED = "a sum re-indexed"

RESTATEMENTS = [
    # ---------------------------------------------------------------- expanded
    Change(
        EXPANDED,
        "ignored_feature",
        r"= \Big( c - \frac{p}{2} \Big)^2 + \frac{p}{3} - \frac{p^2}{4}",
        r"= c^2 - c p + \frac{p^2}{4} + \frac{p}{3} - \frac{p^2}{4}",
    ),
    Change(
        EXPANDED,
        "antipodal_pair",
        r"= \frac{p (1 - p)}{3} (1 - s)^2"
        r" + p^2 \Big( \frac{1}{3} - \frac{s}{4} + \frac{s^2}{12} \Big) .",
        r"= \frac{p}{3} - \frac{2 p s}{3} + \frac{p s^2}{3}"
        r" + \frac{5 p^2 s}{12} - \frac{p^2 s^2}{4} .",
    ),
    Change(
        EXPANDED,
        "linear_optimal_bias",
        r"= v \big( (1 - w^2)^2 + w^2 z^2 \big) + I v \big( (1 - z^2)^2 + w^2 z^2 \big) .",
        r"= v (1 + I - 2 w^2 - 2 I z^2 + w^4 + I z^4 + w^2 z^2 + I w^2 z^2) .",
    ),
    Change(
        EXPANDED,
        "one_hot_polygon",
        r"= g^2 + 3 g b + 3 b^2 \quad",
        r"= (g + b)^2 + g b + 2 b^2 \quad",
    ),
    Change(
        EXPANDED,
        "dead_rows",
        r"= \frac{\beta^2}{4} + \frac{\beta^3}{12} \ge",
        r"= \frac{3 \beta^2 + \beta^3}{12} \ge",
    ),
    # ---------------------------------------------------------------- factored
    Change(
        FACTORED,
        "phase_boundaries",
        r"= \frac{p}{12} \big( (2 + 5 I) p - 4 I \big) .",
        r"= \frac{(2 + 5 I) p}{12} \Big( p - \frac{4 I}{2 + 5 I} \Big) .",
    ),
    Change(
        FACTORED,
        "binary_pair",
        r"2 p^2 - p (1 - p) = p (3 p - 1)",
        r"2 p^2 - p (1 - p) = 3 p \Big( p - \frac{1}{3} \Big)",
    ),
    Change(
        FACTORED,
        "two_features_no_bias",
        r"= \frac{p (43 p^2 - 80 p + 32)}{24 (4 - 3 p)} $$",
        r"= \frac{43 p}{24 (4 - 3 p)}"
        r" \Big( \Big( p - \frac{40}{43} \Big)^2 - \frac{224}{1849} \Big) $$",
    ),
    Change(
        FACTORED,
        "quadratic_sharing",
        r"k s^2 + 4 s t + k t^2 = \frac{k + 2}{2} (s + t)^2 + \frac{k - 2}{2} (s - t)^2",
        r"k s^2 + 4 s t + k t^2 = k \Big( s + \frac{2 t}{k} \Big)^2"
        r" + \frac{(k - 2) (k + 2)}{k} t^2",
    ),
    Change(
        FACTORED,
        "dedicated_never_best",
        r"= \frac{(x_1 - p/2) + (x_2 - p/2)}{2}",
        r"= \frac{1}{2} (x_1 + x_2 - p)",
    ),
    # ---------------------------------------------------------------- other names
    Change(
        RENAMED,
        "ignored_feature",
        r"p \int_0^1 u^2 \, du = \frac{p}{3} .",
        r"p \int_0^1 z^2 \, dz = \frac{p}{3} .",
    ),
    Change(
        RENAMED,
        "antipodal_pair",
        r"J(1) = \int_0^1 \int_0^1 \min(y, t)^2 \, dt \, dy",
        r"J(1) = \int_0^1 \int_0^1 \min(a, z)^2 \, da \, dz",
    ),
    Change(
        RENAMED,
        "density_expansion",
        r"\sum_{k=0}^{n} \binom{n}{k} p^k (1 - p)^{n-k} = 1 .",
        r"\sum_{i=0}^{n} \binom{n}{i} p^i (1 - p)^{n-i} = 1 .",
    ),
    Change(
        RENAMED,
        "real_welch_bound",
        r"\sum_{i=1}^{n} \sum_{j=1}^{n} (a_i a_j + b_i b_j)^2",
        r"\sum_{j=1}^{n} \sum_{l=1}^{n} (a_j a_l + b_j b_l)^2",
    ),
    Change(
        RENAMED,
        "drop_lemma",
        r"= (1 - p) \, \rho(b) + p \int_0^1 \rho(b + g z) \, dz .",
        r"= (1 - p) \, \rho(b) + p \int_0^1 \rho(b + g y) \, dy .",
    ),
    # ---------------------------------------------------------------- a sum re-indexed
    Change(
        REINDEXED,
        "bernoulli_series",
        r"\sum_{j=K+1}^{K+N} \frac{1}{j^2} \le",
        r"\sum_{j=1}^{N} \frac{1}{(K + j)^2} \le",
    ),
    Change(
        REINDEXED,
        "real_welch_bound",
        r"= (2k - 1)!! = \prod_{j=0}^{k-1} (2j + 1) .",
        r"= (2k - 1)!! = \prod_{j=1}^{k} (2j - 1) .",
    ),
    Change(
        REINDEXED,
        "coherence_bounds",
        r"\sum_{j=0}^{k-1} \cos^2 \Big( \frac{2 \pi j}{k} \Big) = \frac{k}{2}",
        r"\sum_{j=1}^{k} \cos^2 \Big( \frac{2 \pi j}{k} \Big) = \frac{k}{2}",
    ),
    Change(
        REINDEXED,
        "drop_lemma",
        r"+ I \sum_{i=k+1}^{n} r_i = I",
        r"+ I \sum_{i=1}^{n-k} r_{k+i} = I",
    ),
    Change(
        REINDEXED,
        "density_expansion",
        r"(1 - p)^{n-h} = \sum_{i=0}^{n-h} \binom{n-h}{i} (-p)^i",
        r"(1 - p)^{n-h} = \sum_{i=h}^{n} \binom{n-h}{n-i} (-p)^{n-i}",
    ),
]
