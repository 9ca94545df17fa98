"""Rational losses against direct integration, and what must not move them.

The reference integrates piecewise polynomials one feature after another, with their breakpoints;
it has no vertices, no transforms and no division into halves.
"""

import itertools
import math
from fractions import Fraction as F

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.loss import expected_loss
from theory.problem import Identity, Problem

# ---------------------------------------------------------------- reference: piecewise polynomials


class Pieces:
    """``len(cuts) + 1`` polynomials in t; a cut belongs to the piece on its left."""

    def __init__(self, cuts, polys):
        self.cuts, self.polys = cuts, polys

    def __call__(self, t):
        poly = self.polys[sum(cut < t for cut in self.cuts)]
        return sum((c * t**k for k, c in enumerate(poly)), F(0))

    def shifted(self, a):
        """f(t + a)"""
        polys = [
            [
                sum((c * math.comb(k, j) * a ** (k - j) for k, c in enumerate(p) if k >= j), F(0))
                for j in range(len(p))
            ]
            for p in self.polys
        ]
        return Pieces([cut - a for cut in self.cuts], polys)

    def combined(self, other, x, y):
        """x f + y g"""
        cuts = sorted({*self.cuts, *other.cuts})
        probes = [*cuts, cuts[-1] + 1]
        pairs = [
            (self.polys[sum(c < t for c in self.cuts)], other.polys[sum(c < t for c in other.cuts)])
            for t in probes
        ]
        polys = [
            [x * u + y * v for u, v in itertools.zip_longest(p, q, fillvalue=F(0))]
            for p, q in pairs
        ]
        return Pieces(cuts, polys)

    def times(self, power):
        return Pieces(self.cuts, [[F(0)] * power + p for p in self.polys])

    def antiderivative(self):
        """A continuous one."""
        polys = [[F(0), *(c / (k + 1) for k, c in enumerate(p))] for p in self.polys]
        for left, right, cut in zip(polys, polys[1:], self.cuts, strict=False):
            right[0] = sum(
                (x - y) * cut**k
                for k, (x, y) in enumerate(itertools.zip_longest(left, right, fillvalue=F(0)))
            )
        return Pieces(self.cuts, polys)


def average(f, a, power):
    """Integral over u in [0, 1] of u^power f(t + a u), as a function of t."""
    if a == 0:
        return f.combined(f, F(1, power + 1), F(0))
    total = Pieces([F(0)], [[F(0)], [F(0)]])
    for k in range(power + 1):  # u = (v - t)/a
        primitive = f.times(k).antiderivative()
        gap = primitive.shifted(a).combined(primitive, F(1), F(-1))
        weight = math.comb(power, k) * F(-1) ** (power - k) / a ** (power + 1)
        total = total.combined(gap.times(power - k), F(1), weight)
    return total


def moment(bias, slopes, densities, relu_power, weights=()):
    """E[prod_(j in weights) x_j  (bias + slopes . x)_+^relu_power]"""
    f = Pieces([F(0)], [[F(0)], [F(0)] * relu_power + [F(1)]])
    for j, (a, p) in enumerate(zip(slopes, densities, strict=True)):
        power = sum(w == j for w in weights)
        f = f.combined(average(f, a, power), (1 - p) * (power == 0), p)
    return f(bias)


def reference_outputs(gram, bias, densities):
    return [
        densities[i] / 3
        - 2 * moment(bias[i], gram[i], densities, 1, (i,))
        + moment(bias[i], gram[i], densities, 2)
        for i in range(len(bias))
    ]


def gram_of(rows):
    n = len(rows[0])
    return [[sum(r[i] * r[j] for r in rows) for j in range(n)] for i in range(n)]


# ---------------------------------------------------------------- strategies: the whole domain

entries = st.one_of(
    st.sampled_from([F(0), F(1), F(-1), F(1, 2), F(-1, 2), F(1, 10**12), F(-1, 10**12), F(1000)]),
    st.fractions(-2, 2, max_denominator=20),
)
chances = st.one_of(
    st.sampled_from([F(0), F(1), F(1, 10**8)]), st.fractions(0, 1, max_denominator=9)
)
importances = st.one_of(st.just(F(0)), st.just(F(1)), st.fractions(0, 3, max_denominator=5))


@st.composite
def models(draw, max_n=4, separate=True, linear=False):
    """A problem with weights: dead features, ties, antipodal pairs and kinks included."""
    n, m = draw(st.integers(1, max_n)), draw(st.integers(1, 3))
    columns = draw(st.lists(st.lists(entries, min_size=m, max_size=m), min_size=n, max_size=n))
    for j in range(1, n):
        kind = draw(st.sampled_from(["free", "free", "free", "equal", "opposite", "dead"]))
        factor = {"equal": 1, "opposite": -1, "dead": 0}.get(kind)
        if factor is not None:
            columns[j] = [factor * entry for entry in columns[j - 1]]
    bias = draw(st.lists(entries, min_size=n, max_size=n))
    density = draw(chances)
    if separate and draw(st.booleans()):
        density = draw(st.lists(chances, min_size=n, max_size=n))
    weights = draw(st.lists(importances, min_size=n, max_size=n))
    activation = Identity() if linear and draw(st.booleans()) else None
    problem = Problem(n, m, density=density, importance=weights, activation=activation)
    return problem, [list(row) for row in zip(*columns, strict=True)], bias


# ---------------------------------------------------------------- the loss itself


@settings(deadline=None)
@given(models())
def test_every_output_equals_direct_integration(model):
    problem, rows, bias = model
    expected = reference_outputs(gram_of(rows), bias, problem.densities)
    weighted = tuple(w * v for w, v in zip(problem.importances, expected, strict=True))
    loss = expected_loss(problem, rows, bias)
    assert loss.per_output == weighted


@pytest.mark.thorough
@settings(deadline=None, max_examples=3000)
@given(models(max_n=7))
def test_every_output_equals_direct_integration_deeply(model):
    test_every_output_equals_direct_integration.hypothesis.inner_test(model)


@settings(deadline=None)
@given(models(linear=True))
def test_outputs_sum_to_the_value(model):
    loss = expected_loss(*model)
    assert sum(loss.per_output) == loss.value


@settings(deadline=None)
@given(models(max_n=5))
def test_gradient_equals_directly_integrated_moments(model):
    problem, rows, bias = model
    gram, densities, n = gram_of(rows), problem.densities, problem.n_features
    gradient = expected_loss(problem, rows, bias).gradient
    i = n - 1  # the last feature is the one that may copy another

    def mean(power, weights):
        return moment(bias[i], gram[i], densities, power, weights)

    weight = problem.importances[i]
    assert gradient.b[i] == weight * 2 * (mean(1, ()) - mean(0, (i,)))
    assert gradient.gram[i] == tuple(
        weight * 2 * (mean(1, (j,)) - mean(0, (i, j))) for j in range(n)
    )


@settings(deadline=None)
@given(models(max_n=3, linear=True), st.integers(0, 2))
def test_bias_gradient_is_the_left_derivative(model, which):
    """The loss is a polynomial in b_i just left of the point; an atom at 0 has ReLU'(0) = 0."""
    problem, rows, bias = model
    i = which % problem.n_features
    step, degree = F(1, 10**60), problem.n_features + 3
    values = []
    for k in range(degree + 1):
        moved = [b - k * step * (j == i) for j, b in enumerate(bias)]
        values.append(expected_loss(problem, rows, moved).value)
    # derivative at 0 of the interpolation through 0, -h, ..., -degree h
    backward = values
    slope = F(0)
    for k in range(1, degree + 1):
        backward = [x - y for x, y in itertools.pairwise(backward)]
        slope += backward[0] / k
    assert expected_loss(problem, rows, bias).gradient.b[i] == slope / step


@settings(deadline=None)
@given(models(max_n=3, linear=True))
def test_weight_gradient_is_gram_gradient_pulled_back(model):
    problem, rows, bias = model
    gradient, n = expected_loss(problem, rows, bias).gradient, problem.n_features
    for row, slopes in zip(rows, gradient.W, strict=True):
        for j in range(n):
            pulled = sum(row[i] * (gradient.gram[i][j] + gradient.gram[j][i]) for i in range(n))
            assert slopes[j] == pulled


GENERIC = (
    Problem(4, 2, density=["1/3", "1/2", 1, "1/10"], importance=[1, "1/2", 2, 1]),
    [[F(7, 10), F(-3, 5), F(1, 3), F(2, 7)], [F(1, 9), F(4, 5), F(-6, 7), F(3, 11)]],
    [F(-1, 10), F(1, 20), F(1, 7), F(-1, 13)],
)


@pytest.mark.parametrize("activation", [None, Identity()])
@pytest.mark.parametrize(("k", "j"), list(itertools.product(range(2), range(4))))
def test_weight_gradient_at_a_generic_point(k, j, activation):
    """Two-step Richardson differences: the error is of order h^4, about 1e-76 here."""
    problem, rows, bias = GENERIC
    problem = problem.replace(activation=activation)

    def at(step):
        moved = [list(row) for row in rows]
        moved[k][j] += step
        return expected_loss(problem, moved, bias).value

    def central(h):
        return (at(h) - at(-h)) / (2 * h)

    h = F(1, 10**20)
    slope = (4 * central(h / 2) - central(h)) / 3
    assert abs(slope - expected_loss(problem, rows, bias).gradient.W[k][j]) < F(1, 10**70)


# ---------------------------------------------------------------- polynomial and conditioning


@settings(deadline=None)
@given(models(max_n=5, separate=False, linear=True), chances)
def test_polynomial_is_the_loss_at_every_density(model, p):
    problem, rows, bias = model
    polynomial = expected_loss(problem, rows, bias).polynomial
    assert polynomial.degree() <= problem.n_features
    direct = expected_loss(problem.replace(density=p), rows, bias).value
    assert F(str(polynomial.eval(p))) == direct == expected_loss(problem, rows, bias).at(density=p)


@settings(deadline=None)
@given(models(linear=True))
def test_total_probability_over_the_active_counts(model):
    problem, rows, bias = model
    loss, n = expected_loss(problem, rows, bias), problem.n_features
    chance = [F(0)] * (n + 1)
    for active in itertools.product((0, 1), repeat=n):
        chance[sum(active)] += math.prod(
            p if on else 1 - p for p, on in zip(problem.densities, active, strict=True)
        )
    total = sum(c * loss.given_active(k) for k, c in enumerate(chance) if c)
    assert total == loss.value


@settings(deadline=None)
@given(models(max_n=5))
def test_none_active_leaves_the_positive_biases(model):
    problem, rows, bias = model
    loss = expected_loss(problem.replace(density="1/2"), rows, bias)
    pairs = zip(problem.importances, bias, strict=True)
    assert loss.given_active(0) == sum(w * max(b, 0) ** 2 for w, b in pairs)


def chen_h(gram, bias, importances):
    """H(W, b) of Chen et al. 2023, arXiv:2310.06301, Lemma 3.1, with importances."""
    n, total = len(bias), F(0)
    for i, b in enumerate(bias):
        square = gram[i][i]
        others = [gram[i][j] for j in range(n) if j != i]
        rest = (1 - square) ** 2 - 3 * (1 - square) * b + 3 * b**2
        if b <= 0:
            part = sum(((a + b) ** 3 / a for a in others if a > 0 and -a <= b), F(0))
            inside = square > 0 and -square <= b
            part += b**3 / square**2 + b**3 / square + rest if inside else 1
        else:
            part = rest + sum(
                (-(b**3) / a if -a > b else a**2 + 3 * a * b + 3 * b**2 for a in others), F(0)
            )
        total += importances[i] * part
    return total


@settings(deadline=None)
@given(models(max_n=6, separate=False))
def test_one_active_is_the_formula_of_chen_et_al(model):
    problem, rows, bias = model
    expected = chen_h(gram_of(rows), bias, problem.importances) / (3 * problem.n_features)
    assert expected_loss(problem, rows, bias).given_active(1) == expected


# ---------------------------------------------------------------- what must not move the loss


@settings(deadline=None)
@given(models(max_n=6, linear=True), st.randoms(use_true_random=False))
def test_permuting_features_permutes_the_outputs(model, random):
    problem, rows, bias = model
    order = list(range(problem.n_features))
    random.shuffle(order)
    moved = problem.replace(
        density=[problem.densities[k] for k in order],
        importance=[problem.importances[k] for k in order],
    )
    found = expected_loss(
        moved, [[row[k] for k in order] for row in rows], [bias[k] for k in order]
    )
    expected = expected_loss(problem, rows, bias).per_output
    assert found.per_output == tuple(expected[k] for k in order)


@settings(deadline=None)
@given(models(max_n=6, linear=True))
def test_rotating_the_hidden_space(model):
    problem, rows, bias = model
    rows = [*rows, [F(0)] * problem.n_features]
    first, second = rows[0], rows[1]
    turned = [
        [F(3, 5) * x - F(4, 5) * y for x, y in zip(first, second, strict=True)],
        [F(4, 5) * x + F(3, 5) * y for x, y in zip(first, second, strict=True)],
        *rows[2:],
    ]
    problem = problem.replace(n_hidden=len(rows))
    found = expected_loss(problem, turned, bias)
    assert found.value == expected_loss(problem, rows, bias).value


@settings(deadline=None)
@given(models(max_n=5, linear=True), chances, entries)
def test_a_dead_feature_of_no_importance_adds_nothing(model, p, b):
    problem, rows, bias = model
    larger = Problem(
        problem.n_features + 1,
        problem.n_hidden,
        density=[*problem.densities, p],
        importance=[*problem.importances, 0],
        activation=problem.activation,
    )
    found = expected_loss(larger, [[*row, 0] for row in rows], [*bias, b])
    assert found.value == expected_loss(problem, rows, bias).value


@settings(deadline=None)
@given(models(max_n=5))
def test_loss_is_never_negative(model):
    assert min(expected_loss(*model).per_output) >= 0
