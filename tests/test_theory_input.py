"""What comes in as weights, what is refused, and what symbols give."""

from fractions import Fraction as F

import numpy as np
import pytest
import sympy

from theory.arrangements import antipodal_pair, ignored
from theory.loss import expected_loss
from theory.problem import Identity, InputError, Problem, Unsupported

PROBLEM = Problem(2, 1, sparsity="9/10")
VALUE = F(1477717, 90000000)


@pytest.mark.parametrize(
    ("W", "b"),
    [
        ([[1, "-3/5"]], ["-1/10", "1/20"]),
        (((F(1), F(-3, 5)),), (F(-1, 10), F(1, 20))),
        (sympy.Matrix([[1, sympy.Rational(-3, 5)]]), sympy.Matrix([["-1/10", "1/20"]])),
        (sympy.Matrix([[1, sympy.Rational(-3, 5)]]), sympy.Matrix(["-1/10", "1/20"])),
        ([[1, "-0.6"]], ["-0.1", "0.05"]),
    ],
)
def test_same_weights_in_many_shapes(W, b):
    assert expected_loss(PROBLEM, W, b).value == VALUE


def test_array_of_floats_is_the_rationals_that_it_is():
    W, b = np.array([[1.0, -0.6]]), np.array([-0.1, 0.05])
    exact = [[F(1), F(-0.6)]], [F(-0.1), F(0.05)]
    assert expected_loss(PROBLEM, W, b).value == expected_loss(PROBLEM, *exact).value
    assert expected_loss(PROBLEM, W.astype(np.float32)).value != VALUE


def test_bias_defaults_to_zero_and_to_that_of_the_arrangement():
    assert expected_loss(PROBLEM, [[1, -1]]).value == F(1, 300)
    pair = antipodal_pair(bias="1/7")
    expected = expected_loss(PROBLEM, [[1, -1]], ["1/7", "1/7"]).value
    assert expected_loss(PROBLEM, pair).value == expected
    assert expected_loss(PROBLEM, pair, [0, 0]).value == F(1, 300)


def test_arrangement_may_leave_hidden_dimensions_unused():
    wide = Problem(3, 2, density="1/10")
    found = expected_loss(wide, antipodal_pair() + ignored(1))
    assert found.value == F(1, 300) + F(1, 30)
    assert len(found.gradient.W) == 2


@pytest.mark.parametrize(
    ("W", "b", "message"),
    [
        ([[float("nan"), 1]], None, r"W\[0\]\[0\]=nan"),
        ([[1, float("inf")]], None, r"W\[0\]\[1\]=inf"),
        ([[1, 2j]], None, r"W\[0\]\[1\]=2j"),
        ([[1, "x"]], None, r"W\[0\]\[1\]='x'"),
        ([[1, True]], None, "truth value"),
        ([[1], [1]], None, "transpose"),
        ([[1, 2, 3]], None, "n_hidden, n_features"),
        ([[1, 2], [3]], None, "lengths"),
        ([1, 2], None, r"W\[0\]=1"),
        ("12", None, "W='12'"),
        ([], None, "W.shape"),
        (5, None, "W=5"),
        ([[1, 1]], [1], r"b.shape=\(1,\)"),
        ([[1, 1]], [0, float("nan")], r"b\[1\]=nan"),
        ([[1, 1]], [[0, 0]], r"b\[0\]"),
        ([[1, sympy.I]], None, r"W\[0\]\[1\]=I"),
        (antipodal_pair() + ignored(1), None, "Gram matrix has 3 rows"),
        (antipodal_pair() + antipodal_pair(), None, "Gram matrix has 4 rows"),
    ],
)
def test_refusals_name_the_value(W, b, message):
    with pytest.raises(InputError, match=message):
        expected_loss(PROBLEM, W, b)


def test_arrangement_with_too_many_dimensions():
    with pytest.raises(InputError, match=r"W\.shape"):
        expected_loss(Problem(4, 1, density=1), antipodal_pair() + antipodal_pair())


# ---------------------------------------------------------------- symbols

w1, w2, b1, b2, p = sympy.symbols("w1 w2 b1 b2 p", real=True)
POINT = {
    w1: 1,
    w2: sympy.Rational(-3, 5),
    b1: sympy.Rational(-1, 10),
    b2: sympy.Rational(1, 20),
}


@pytest.fixture(scope="module")
def symbolic():
    return expected_loss(PROBLEM, [[w1, w2]], [b1, b2])


def test_closed_form_at_a_point(symbolic):
    assert symbolic.kind == "symbolic"
    assert symbolic.value.subs(POINT) == sympy.Rational(1477717, 90000000)
    assert sum(symbolic.per_output).subs(POINT) == sympy.Rational(1477717, 90000000)
    assert symbolic.at(density=1).subs(POINT) == sympy.Rational(704669, 1800000)


def test_closed_form_chamber(symbolic):
    chamber = symbolic.in_chamber(POINT)
    assert chamber.loss.subs(POINT) == sympy.Rational(1477717, 90000000)
    numbers = expected_loss(PROBLEM, [[1, "-3/5"]], ["-1/10", "1/20"]).gradient
    found = [chamber.gradient[s].subs(POINT) for s in (w1, w2, b1, b2)]
    assert found == [sympy.Rational(str(x)) for x in (*numbers.W[0], *numbers.b)]


def test_closed_form_conditioning_and_polynomial(symbolic):
    numbers = expected_loss(PROBLEM, [[1, "-3/5"]], ["-1/10", "1/20"])
    for k in range(3):
        assert symbolic.given_active(k).subs(POINT) == sympy.Rational(str(numbers.given_active(k)))
    coefficients = [c.subs(POINT) for c in symbolic.polynomial.all_coeffs()]
    assert coefficients == numbers.polynomial.all_coeffs()


def test_closed_form_has_no_float_and_no_gradient(symbolic):
    with pytest.raises(InputError, match="holds the symbols b1, b2, w1, w2"):
        float(symbolic)
    with pytest.raises(Unsupported, match="in_chamber"):
        _ = symbolic.gradient


def test_symbol_p_in_the_weights_is_refused_in_the_polynomial():
    with pytest.raises(Unsupported, match="symbol p"):
        _ = expected_loss(PROBLEM, [[sympy.Symbol("p"), 1]]).polynomial
    weighted = Problem(1, 1, density=1, importance=sympy.Symbol("p"))
    with pytest.raises(Unsupported, match="symbol p"):
        _ = expected_loss(weighted, [[1]]).polynomial


def test_a_symbol_for_each_density():
    p1, p2 = sympy.symbols("p1 p2")
    loss = expected_loss(Problem(2, 1, density=(p1, p2)), [[1, "-3/5"]], ["-1/10", "1/20"])
    numbers = Problem(2, 1, density=["1/3", "3/4"])
    expected = expected_loss(numbers, [[1, "-3/5"]], ["-1/10", "1/20"]).value
    at_point = loss.value.subs({p1: sympy.Rational(1, 3), p2: sympy.Rational(3, 4)})
    assert at_point == sympy.Rational(str(expected))
    for refused in (lambda: loss.polynomial, lambda: loss.in_chamber({})):
        with pytest.raises(Unsupported):
            refused()


def test_linear_model_with_symbols():
    linear = Problem(2, 1, density="1/3", activation=Identity())
    loss = expected_loss(linear, [[w1, w2]], [b1, b2])
    numbers = expected_loss(linear, [[1, "-3/5"]], ["-1/10", "1/20"])
    assert loss.value.subs(POINT) == sympy.Rational(str(numbers.value))
    with pytest.raises(Unsupported, match="one chamber"):
        loss.in_chamber(POINT)


def test_common_density_symbol_with_rational_weights():
    loss = expected_loss(Problem(2, 1, density=p), [[1, "-3/5"]], ["-1/10", "1/20"])
    assert loss.value.subs(p, sympy.Rational(1, 10)) == sympy.Rational(1477717, 90000000)
    assert sympy.expand(sum(loss.per_output) - loss.value) == 0
    assert loss.latex() == loss._repr_latex_()[len("$\\displaystyle ") : -1]
    with pytest.raises(Unsupported, match="gradient"):
        _ = loss.gradient


def test_long_values_are_shortened_in_print():
    loss = expected_loss(Problem(3, 1, density="0.123456789"), [[0.1, 0.7, -0.3]])
    assert "characters" in repr(loss)
    assert len(repr(loss)) < 300


def test_value_too_large_for_a_float():
    with pytest.raises(OverflowError):
        float(expected_loss(Problem(1, 1, density=1), [[10**200]]))


@pytest.mark.parametrize("k", [-1, 3, True, 1.0, "1"])
def test_given_active_refuses(k):
    with pytest.raises(InputError, match="k="):
        expected_loss(Problem(2, 1, density="1/2"), [[1, 1]]).given_active(k)


def test_condition_of_probability_zero_is_refused():
    loss = expected_loss(Problem(2, 1, density=[1, "1/2"]), [[1, 1]])
    with pytest.raises(InputError, match=r"k=0: .*probability 0"):
        loss.given_active(0)


@pytest.mark.parametrize("arguments", [{}, {"density": 0, "sparsity": 1}])
def test_at_takes_one_argument(arguments):
    with pytest.raises(InputError, match="give one of them"):
        expected_loss(Problem(1, 1, density=1), [[1]]).at(**arguments)


def test_polynomial_needs_a_common_density():
    with pytest.raises(Unsupported, match="different densities"):
        _ = expected_loss(Problem(2, 1, density=[0, 1]), [[1, 1]]).polynomial


def test_numbers_have_one_chamber():
    with pytest.raises(Unsupported, match="one chamber"):
        expected_loss(Problem(1, 1, density=1), [[1]]).in_chamber({})


def test_unbounded_work_is_refused():
    n = 60
    rows = [[F(k * k + 1, k + 2) for k in range(n)]]
    with pytest.raises(Unsupported, match="method='series'"):
        _ = expected_loss(Problem(n, 1, density="1/2"), rows).value


def test_equal_entries_keep_many_features_cheap():
    n = 40  # every vertex location depends on the number of active features alone
    loss = expected_loss(Problem(n, 1, density="1/2"), [[1] * n], [-3] * n)
    assert loss.value > 0
