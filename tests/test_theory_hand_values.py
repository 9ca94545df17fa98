"""Literal values: integrals done by hand at one feature, and numbers from the literature."""

from fractions import Fraction as F

import pytest
import sympy

from theory.arrangements import regular_polygon
from theory.loss import expected_loss
from theory.problem import Identity, Problem

# With one active feature x ~ U[0, 1] and y = a x + b, a = w^2, kink at k = -b / a:
#   no kink inside:   integral of (x - a x - b)^2 = (1-a)^2/3 - (1-a) b + b^2
#   output off:       integral of x^2 = 1/3
#   kink at k inside: k^3/3 + integral from k to 1 of ((1-a) x - b)^2
ONE_ACTIVE = [
    # w, b, E(x - x_hat)^2 given active
    (1, 0, F(0)),
    (0, 0, F(1, 3)),
    (0, F(1, 2), F(1, 12)),
    (0, F(-1, 2), F(1, 3)),
    (1, F(1, 2), F(1, 4)),
    (-1, F(1, 2), F(1, 4)),
    (1, F(-1, 2), F(1, 6)),  # (1/2)^3/3 + (1/2)(1/4)
    (1, -1, F(1, 3)),
    (1, -2, F(1, 3)),
    (2, 0, F(3)),  # integral of (3x)^2
    (2, -1, F(1, 192) + F(57, 64)),  # k = 1/4: then integral of (1-3x)^2 = (2^3 + (1/4)^3)/9
    (2, -4, F(1, 3)),
    (F(1, 2), F(1, 4), F(1, 16)),  # (3/4)^2/3 - 3/16 + 1/16
    # k = 1/2: 1/24 + integral of ((3x + 1/2)/4)^2 from 1/2 to 1 = 1/24 + (7^3 - 4^3)/1152
    (F(1, 2), F(-1, 8), F(1, 24) + F(279, 1152)),
]


@pytest.mark.parametrize(("w", "b", "given_active"), ONE_ACTIVE)
@pytest.mark.parametrize("p", [F(0), F(1, 10), F(1, 2), F(1)])
def test_one_feature(w, b, given_active, p):
    expected = p * given_active + (1 - p) * max(b, 0) ** 2
    assert expected_loss(Problem(1, 1, density=p), [[w]], [b]).value == expected


@pytest.mark.parametrize(("w", "b", "given_active"), ONE_ACTIVE)
def test_one_feature_given_active(w, b, given_active):
    loss = expected_loss(Problem(1, 1, density="1/3"), [[w]], [b])
    assert (loss.given_active(0), loss.given_active(1)) == (max(b, 0) ** 2, given_active)


# d/db of the integral is -2 E[(x - y) 1(y > 0)]; d/dw is 2 w times that weighted by x.
ONE_ACTIVE_GRADIENT = [
    # w, b, dL/dw, dL/db at p = 1
    (1, 0, F(0), F(0)),
    (1, F(1, 2), F(1), F(1)),  # y - x = 1/2: 2 w * 2 * (1/2)(1/2), 2 * (1/2)
    (1, F(-1, 2), F(-3, 4), F(-1, 2)),  # x from 1/2 to 1: -2 (1/2) (3/8) 2, -2 (1/2) (1/2)
    (0, F(1, 2), F(0), F(0)),  # 2 E(1/2 - x)
    (0, 0, F(0), F(0)),  # an atom at the kink: ReLU'(0) = 0
    (0, F(-1, 2), F(0), F(0)),
    (2, 0, F(8), F(3)),  # y - x = 3x: 2 w * 2 * 3/3, 2 * 3/2
]


@pytest.mark.parametrize(("w", "b", "by_w", "by_b"), ONE_ACTIVE_GRADIENT)
def test_one_feature_gradient(w, b, by_w, by_b):
    gradient = expected_loss(Problem(1, 1, density=1), [[w]], [b]).gradient
    assert (gradient.W, gradient.b) == (((by_w,),), (by_b,))


@pytest.mark.parametrize(
    ("density", "value"), [("1", F(704669, 1800000)), ("1/10", F(1477717, 90000000))]
)
def test_two_features_in_one_dimension(density, value):
    problem = Problem(2, 1, density=density)
    assert expected_loss(problem, [[1, "-3/5"]], ["-1/10", "1/20"]).value == value


@pytest.mark.parametrize("p", [F(0), F(1, 7), F(1)])
def test_unit_antipodal_pair_is_p_squared_over_three(p):
    assert expected_loss(Problem(2, 1, density=p), [[1, -1]]).value == p**2 / 3


def test_antipodal_pair_with_importance():
    # (1 + r) p^2 / 6, Elhage et al. 2022, notebook on exact candidate losses
    problem = Problem(2, 1, density="1/5", importance=[1, "3/7"])
    assert expected_loss(problem, [[1, -1]]).value == F(10, 7) * F(1, 25) / 6


def test_antipodal_pair_with_free_norm():
    # literature: w^2 = (8 - 5p)/(8 - 6p) gives p^2 (32 - 25p)/(24 (4 - 3p)) without bias
    p = F(1, 5)
    w = sympy.sqrt(sympy.Rational(7, 1) / sympy.Rational(34, 5))
    loss = expected_loss(Problem(2, 1, density=p), [[w, -w]])
    assert loss.value == p**2 * (32 - 25 * p) / (24 * (4 - 3 * p))


def test_ignored_feature_costs_its_variance():
    # bias p/2 leaves Var(x) = p/3 - p^2/4
    p = F(3, 10)
    assert expected_loss(Problem(2, 1, density=p), [[1, 0]], [0, p / 2]).value == p / 3 - p**2 / 4


def test_expected_smaller_of_two_uniforms():
    # the pair at p = 1 loses E min(u, v)^2 = 1/6 at each output
    assert expected_loss(Problem(2, 1, density=1), [[1, -1]]).per_output == (F(1, 6), F(1, 6))


@pytest.mark.parametrize(
    ("density", "digits"),
    [
        ("1/2", "0.3079503185824"),
        ("0.1", "0.0404235950411"),
        ("0.05", "0.0181869764327"),
        ("0.01", "0.0032781584319"),
    ],
)
def test_unit_pentagon(density, digits):
    value = expected_loss(Problem(5, 2, density=density), regular_polygon(5)).value
    assert abs(value - sympy.Rational(digits)) < sympy.Rational(1, 10**13)


def test_unit_pentagon_one_active_is_its_relu_energy():
    # sum of ReLU(w_i . w_j)^2 = (15 - 5 sqrt 5)/4; a third of it, over five features
    loss = expected_loss(Problem(5, 2, density="1/2"), regular_polygon(5))
    assert sympy.expand(loss.given_active(1) - (15 - 5 * sympy.sqrt(5)) / 60) == 0


def test_pentagon_polynomial_is_in_the_quadratic_field():
    root = sympy.sqrt(5)
    loss = expected_loss(Problem(5, 2, density="1/10"), regular_polygon(5))
    expected = [
        sympy.Rational(59, 48) - 89 * root / 144,
        sympy.Rational(-73, 12) + 445 * root / 144,
        sympy.Rational(271, 48) - 145 * root / 48,
        sympy.Rational(35, 48) + 5 * root / 48,
        sympy.Rational(5, 4) - 5 * root / 12,
        0,
    ]
    assert all(
        sympy.expand(found - wanted) == 0
        for found, wanted in zip(loss.polynomial.all_coeffs(), expected, strict=True)
    )


@pytest.mark.parametrize("p", [F(0), F(1, 4), F(1)])
def test_linear_model_with_its_best_bias(p):
    # L = v(p) (sum (1 - A_ii)^2 + sum A_ij^2), v(p) = p/3 - p^2/4, where b removes the mean
    rows = [[F(1), F(1, 2), F(-1, 3)], [F(0), F(2), F(1, 5)]]
    gram = [[sum(r[i] * r[j] for r in rows) for j in range(3)] for i in range(3)]
    residual = [[gram[i][j] - (i == j) for j in range(3)] for i in range(3)]
    bias = [-sum(row) * p / 2 for row in residual]
    problem = Problem(3, 2, density=p, activation=Identity())
    expected = (p / 3 - p**2 / 4) * sum(entry**2 for row in residual for entry in row)
    assert expected_loss(problem, rows, bias).value == expected
