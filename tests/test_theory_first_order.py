"""The functional ``F``, its sharp supremum, and which arrangements attain it."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from test_theory_gain import SYMMETRIC, gram, model, moments, weights

from theory.arrangements import antipodal_pair, ignored, orthoplex, regular_polygon, simplex
from theory.power_model.first_order import (
    best_scaled_first_order,
    first_order,
    first_order_supremum,
    is_projective_design,
    signal_factor,
    unsuperposed_optimum,
    very_sparse_rate,
)
from theory.power_model.gain import gain
from theory.problem import InputError, Normal, Power, Problem, Rademacher, Uniform

powers = st.sampled_from([1, 2, 3, 4, 5])


@given(weights(max_n=6, max_m=4), powers)
@settings(max_examples=80, deadline=None)
def test_f_is_its_definition(W: list[list[Fraction]], q: int) -> None:
    A = gram(W)
    diagonal = sum(2 * A[i][i] ** q for i in range(len(A)))
    assert first_order(W, q) == diagonal - sum(a ** (2 * q) for row in A for a in row)


@given(weights(max_n=5), st.sampled_from(SYMMETRIC), st.sampled_from([1, 3, 5]))
@settings(max_examples=60, deadline=None)
def test_f_is_the_first_order_of_the_gain(W: list[list[Fraction]], law: object, q: int) -> None:
    """With ``A`` not rescaled: the coefficient of ``p`` is the bracket with its two moments."""
    found = gain(model(W, law, q, "1/2"), W).coefficients[1]
    A = gram(W)
    diagonal = sum((A[i][i] ** q for i in range(len(A))), Fraction(0))
    square = 2 * diagonal - first_order(W, q)
    if q == 3:
        mu = moments(law)
        assert found == 2 * mu[4] * diagonal - mu[6] * square
    if isinstance(law, Rademacher):
        assert found == first_order(W, q)


@given(weights(max_n=8, max_m=4), powers)
@settings(max_examples=150, deadline=None)
def test_f_exceeds_neither_its_supremum_nor_the_number_of_features(
    W: list[list[Fraction]], q: int
) -> None:
    best = best_scaled_first_order(W, q)
    assert first_order(W, q) <= best <= min(len(W[0]), first_order_supremum(len(W), q))


@given(weights(max_n=4), powers)
@settings(max_examples=60, deadline=None)
def test_the_best_scale_is_the_best_of_all_scales(W: list[list[Fraction]], q: int) -> None:
    """``F(s W)`` is quadratic in ``s^{2q}``: its three values at 0, 1 and 2 tell its maximum."""
    A = gram(W)
    linear = sum((A[i][i] ** q for i in range(len(A))), Fraction(0))
    double = [[entry * 2 for entry in row] for row in W]
    curvature = (2 * 4**q * linear - first_order(double, q)) / 16**q
    expected = linear**2 / curvature if curvature else 0
    assert best_scaled_first_order(W, q) == expected


@pytest.mark.parametrize(
    ("m", "q", "value"),
    [
        (1, 3, 1),
        (2, 1, 2),
        (2, 3, "16/5"),
        (3, 3, 7),
        (2, 5, "256/63"),
        (4, 3, "64/5"),
        (10, 3, 112),
        (15, 3, 323),
        (8, 3, 64),
        (3, 5, 11),
    ],
)
def test_the_supremum_at_known_places(m: int, q: int, value: object) -> None:
    assert first_order_supremum(m, q) == Fraction(value)  # type: ignore[arg-type]


@given(st.integers(1, 30), st.integers(1, 8))
def test_the_supremum_is_one_over_the_mean_power_of_a_random_cosine(m: int, q: int) -> None:
    """``E cos^{2q}`` on the sphere by the recursion in ``q`` of the beta integral."""
    mean = Fraction(1)
    for k in range(1, q + 1):
        mean *= Fraction(2 * k - 1, m + 2 * k - 2)
    assert first_order_supremum(m, q) * mean == 1


@given(st.integers(3, 16), st.integers(1, 6))
@settings(max_examples=80, deadline=None)
def test_polygons_are_designs_when_they_have_more_lines_than_the_power(k: int, q: int) -> None:
    lines = k // 2 if k % 2 == 0 else k
    assert is_projective_design(regular_polygon(k, scale="2/3"), q) == (lines > q)


def test_a_triangle_at_its_best_scale() -> None:
    assert best_scaled_first_order(simplex(3), 3) == Fraction(32, 11)


def test_equal_norms_give_the_frame_potential() -> None:
    """Five lines at 36 degrees, at the power of six: no design, ``25 / sum cos^{12}``."""
    angle = sympy.pi / 5
    potential = sum(sympy.cos(j * angle) ** 12 for j in range(5))
    best = best_scaled_first_order(regular_polygon(5, scale=3), 6)
    assert sympy.simplify(5 / potential - sympy.Rational(best.numerator, best.denominator)) == 0


def test_a_design_turned_a_little_is_none_any_more() -> None:
    angle = sympy.pi / 4
    rows = [[1, sympy.cos(angle), 0, -sympy.cos(angle)], [0, sympy.sin(angle), 1, sympy.sin(angle)]]
    assert is_projective_design(rows, 3)
    rows[0][0] = sympy.Rational(1001, 1000)
    assert not is_projective_design(rows, 3)
    assert best_scaled_first_order(rows, 3) < sympy.Rational(16, 5)


@pytest.mark.parametrize("q", [1, 2, 3])
def test_weights_that_do_not_fill_their_dimensions_are_no_design(q: int) -> None:
    assert not is_projective_design([[0, 0]], q)
    assert not is_projective_design([[1, 2], [0, 0]], q)
    assert is_projective_design([[1, 2]], q)
    assert is_projective_design(antipodal_pair() + ignored(2), q)
    assert is_projective_design(orthoplex(3), q) == (q == 1)


@pytest.mark.parametrize(
    ("law", "factor"),
    [(Rademacher(), 1), (Normal(), "3/5"), (Uniform(-1, 1), "7/25"), (Uniform(-2, 2), "28/25")],
)
def test_what_one_feature_gains(law: object, factor: object) -> None:
    problem = model([[Fraction(1)] * 4] * 2, law, 3, "1/10")
    assert signal_factor(problem) == Fraction(factor)  # type: ignore[arg-type]
    assert unsuperposed_optimum(problem) == Fraction(factor) / 5  # type: ignore[arg-type]
    assert very_sparse_rate(problem) == Fraction(factor) * Fraction(16, 5)  # type: ignore[arg-type]


@given(
    st.lists(st.fractions(-2, 2, max_denominator=9), min_size=1, max_size=4),
    st.sampled_from(SYMMETRIC),
    st.sampled_from([1, 3, 5]),
    st.sampled_from([Fraction(0), Fraction(1, 10), Fraction(1)]),
)
@settings(max_examples=50, deadline=None)
def test_no_diagonal_gains_more_than_the_unsuperposed_optimum(
    norms: list[Fraction], law: object, q: int, p: Fraction
) -> None:
    n = len(norms)
    W = [[norms[i] if i == j else Fraction(0) for j in range(n)] for i in range(n)]
    problem = model(W, law, q, p)
    assert gain(problem, W).at_best_scale <= unsuperposed_optimum(problem)
    one = model([[Fraction(1)]], law, q, p)
    assert gain(one, [[1]]).at_best_scale == unsuperposed_optimum(one)


def test_fewer_features_than_dimensions_gain_one_each() -> None:
    problem = Problem(2, 5, density="1/10", features=Rademacher(), activation=Power(3))
    assert very_sparse_rate(problem) == 2
    assert unsuperposed_optimum(problem) == Fraction(1, 5)


@pytest.mark.parametrize("wrong", [0, -1, True, 2.5, "3"])
def test_counts_are_checked(wrong: object) -> None:
    with pytest.raises(InputError, match="n_hidden="):
        first_order_supremum(wrong, 3)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="power="):
        first_order([[1]], wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [[], "W", 3, [1, 2], [[1, 2], [1]]])
def test_weights_that_are_no_matrix_are_refused(wrong: object) -> None:
    with pytest.raises(InputError):
        first_order(wrong, 3)


def test_symbols_are_no_design_or_other() -> None:
    a = sympy.Symbol("a", positive=True)
    assert sympy.expand(first_order([[a]], 3) - 2 * a**6 + a**12) == 0
    assert best_scaled_first_order([[a]], 3) == 1
    with pytest.raises(InputError, match="symbols"):
        is_projective_design([[a]], 3)
