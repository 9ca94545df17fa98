"""Symbolic losses against exact convolution of piecewise polynomials, at rational points."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from itertools import chain, product
from math import comb

import pytest
import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from theory.arrangements import regular_polygon
from theory.loss import expected_loss
from theory.losses.symbolic import chamber, row_losses
from theory.problem import InputError, Problem, Unsupported

# The reference: E[w (t + sum a_j x_j)_+^r] as a piecewise polynomial in t, one feature folded in at
# a time. A function is a sorted list of (start, coefficients), zero to the left of the first start.


def _value(function, t):
    found = [c for start, c in function if start <= t]
    return sum(c * t**k for k, c in enumerate(found[-1])) if found else Fraction(0)


def _shifted(function, a):
    """t -> f(t + a)."""

    def moved(c):
        n = len(c)
        return [sum(c[k] * comb(k, j) * a ** (k - j) for k in range(j, n)) for j in range(n)]

    return [(start - a, moved(c)) for start, c in function]


def _integral(function):
    result = []
    for start, c in function:
        raised = [Fraction(0)] + [x / (k + 1) for k, x in enumerate(c)]
        raised[0] = _value(result, start) - sum(x * start**k for k, x in enumerate(raised))
        result.append((start, raised))
    return result


def _combination(*terms):
    starts = sorted({start for _, f in terms for start, _ in f})
    result = []
    for start in starts:
        total = [Fraction(0)] * 40
        for factor, f in terms:
            found = [c for s, c in f if s <= start]
            for k, x in enumerate(found[-1] if found else []):
                total[k] += factor * x
        while len(total) > 1 and total[-1] == 0:
            total.pop()
        result.append((start, total))
    return result


def _fold(function, a, p, weighted):
    if a == 0:
        return _combination((p / 2 if weighted else Fraction(1), function))
    once = _integral(function)
    if not weighted:
        return _combination((1 - p, function), (p / a, _shifted(once, a)), (-p / a, once))
    twice = _integral(once)
    square = p / a**2
    return _combination((p / a, _shifted(once, a)), (-square, _shifted(twice, a)), (square, twice))


def reference_rows(gram, bias, densities):
    losses = []
    for i, (row, b) in enumerate(zip(gram, bias, strict=True)):
        moments = []
        for r, weighted in ((1, True), (2, False)):
            function = [(Fraction(0), [Fraction(0)] * r + [Fraction(1)])]
            for j, (a, p) in enumerate(zip(row, densities, strict=True)):
                function = _fold(function, Fraction(a), Fraction(p), weighted and j == i)
            moments.append(_value(function, Fraction(b)))
        losses.append(Fraction(densities[i]) / 3 - 2 * moments[0] + moments[1])
    return losses


def fraction(number):
    assert number.is_Rational, number
    return Fraction(int(number.p), int(number.q))


def rational(number):
    return sympy.Rational(Fraction(number).numerator, Fraction(number).denominator)


TINY = Fraction(1, 10**12)
numbers = st.one_of(
    st.sampled_from([Fraction(0), Fraction(1), Fraction(-1), TINY, -TINY, Fraction(1000)]),
    st.fractions(-2, 2, max_denominator=20),
)
chances = st.one_of(
    st.sampled_from([Fraction(0), Fraction(1)]), st.fractions(0, 1, max_denominator=9)
)


@st.composite
def models(draw, most=3):
    """A Gram matrix with any entries, ties and zeros included, a bias and densities."""
    n = draw(st.integers(1, most))
    gram = [[draw(numbers) for _ in range(n)] for _ in range(n)]
    return gram, [draw(numbers) for _ in range(n)], [draw(chances) for _ in range(n)]


def letters(n):
    gram = [[sympy.Symbol(f"g{i}{j}") for j in range(n)] for i in range(n)]
    return gram, list(sympy.symbols(f"b:{n}")), list(sympy.symbols(f"p:{n}"))


@lru_cache
def bracket_form(zeros):
    """The losses with a letter for every entry but those listed as zero."""
    n = len(zeros)
    gram, bias, densities = letters(n)
    gram = [[0 if zeros[i][j] else gram[i][j] for j in range(n)] for i in range(n)]
    return row_losses(gram, bias, densities)


def assignment(gram, bias, densities):
    n = len(bias)
    g, b, p = letters(n)
    pairs = [(g[i][j], gram[i][j]) for i, j in product(range(n), repeat=2)]
    pairs += list(zip(b, bias, strict=True)) + list(zip(p, densities, strict=True))
    return {symbol: rational(value) for symbol, value in pairs}


def test_reference_by_hand():
    """n = 1, W = 1, b = -1/2, p = 1: the integral of (u - (u - 1/2)_+)^2 is 1/24 + 1/8."""
    half = Fraction(1, 2)
    assert reference_rows([[1]], [-half], [1]) == [Fraction(1, 24) + Fraction(1, 8)]


@given(models())
@settings(max_examples=40, deadline=None)
def test_brackets_equal_the_integral(model):
    gram, bias, densities = model
    zeros = tuple(tuple(entry == 0 for entry in row) for row in gram)
    at = assignment(*model)
    got = [fraction(loss.subs(at)) for loss in bracket_form(zeros)]
    assert got == reference_rows(gram, bias, densities)


@given(models())
@settings(max_examples=50, deadline=None)
def test_brackets_of_numbers(model):
    assert [fraction(loss) for loss in row_losses(*model)] == reference_rows(*model)


@given(models(most=2))
@settings(max_examples=50, deadline=None)
def test_substituting_a_zero_entry_is_never_silently_wrong(model):
    n = len(model[1])
    generic = bracket_form(((False,) * n,) * n)
    for loss, right in zip(generic, reference_rows(*model), strict=True):
        got = loss.subs(assignment(*model))
        assert not got.is_finite or fraction(got) == right


def holds(relation, at):
    return bool(relation.subs(at))


@st.composite
def chamber_points(draw):
    """A point inside a chamber and another point, weights of every sign, densities apart."""
    n = draw(st.integers(1, 3))
    points = []
    for _ in range(2):
        gram = [[draw(numbers) for _ in range(n)] for _ in range(n)]
        points.append((gram, [draw(numbers) for _ in range(n)]))
    return points, [draw(chances) for _ in range(n)]


def vertex_values(gram, bias):
    n = len(bias)
    return [
        bias[i] + sum(gram[i][j] for j in range(n) if chosen[j])
        for i in range(n)
        for chosen in product((0, 1), repeat=n)
    ]


@given(models())
@settings(max_examples=40, deadline=None)
def test_every_point_on_a_wall_is_refused(model):
    gram, bias, densities = model
    n = len(bias)
    bias[0] = -gram[0][0]
    with pytest.raises(InputError, match="wall"):
        chamber(*letters(n), [1] * n, assignment(gram, bias, densities))


@given(chamber_points())
@settings(max_examples=50, deadline=None)
def test_chamber_formula_equals_the_integral_throughout_the_chamber(drawn):
    """The density stays symbolic; zero Gram entries inside the chamber are ordinary points."""
    ((gram, bias), (other, other_bias)), densities = drawn
    n = len(bias)
    assume(0 not in vertex_values(gram, bias))
    g, b, p = letters(n)
    found = chamber(g, b, p, [1] * n, assignment(gram, bias, densities))
    checked = 0
    for step in (0, Fraction(1, 64), Fraction(1, 4), 1):
        here = [
            [x + step * (y - x) for x, y in zip(*rows, strict=True)]
            for rows in zip(gram, other, strict=True)
        ]
        here_bias = [x + step * (y - x) for x, y in zip(bias, other_bias, strict=True)]
        at = assignment(here, here_bias, densities)
        inside = all(holds(relation, at) for relation in found.inequalities)
        assert found.contains(at) == inside
        if inside:
            checked += 1
            assert fraction(found.loss.subs(at)) == sum(reference_rows(here, here_bias, densities))
    assert checked


def outer(weights):
    n = len(weights[0])
    return [[sum(row[i] * row[j] for row in weights) for j in range(n)] for i in range(n)]


@pytest.mark.parametrize(("n", "m"), [(1, 1), (2, 1), (2, 2), (3, 1), (3, 2)])
@given(data=st.data())
@settings(max_examples=5, deadline=None)
def test_chamber_in_weights(data, n, m):
    """W, b, one density and the importances symbolic: value and gradient at the point."""
    W = [[sympy.Symbol(f"w{k}{j}") for j in range(n)] for k in range(m)]
    b, p, importances = list(sympy.symbols(f"b:{n}")), sympy.Symbol("p"), sympy.symbols(f"I:{n}")
    entry = st.fractions(-2, 2, max_denominator=50)
    at = {s: data.draw(entry) for row in W for s in row} | {s: data.draw(entry) for s in b}
    weights = [data.draw(st.fractions(0, 3, max_denominator=3)) for _ in range(n)]
    density = data.draw(chances)

    def loss(point):
        gram = outer([[point[s] for s in row] for row in W])
        rows = reference_rows(gram, [point[s] for s in b], [density] * n)
        return sum(w * row for w, row in zip(weights, rows, strict=True))

    corners = vertex_values(outer([[at[s] for s in row] for row in W]), [at[s] for s in b])
    assume(0 not in corners)
    found = chamber(outer(W), b, [p] * n, importances, at)
    numbers_at = {s: rational(v) for s, v in at.items()} | {p: rational(density)}
    numbers_at |= {s: rational(v) for s, v in zip(importances, weights, strict=True)}
    assert fraction(found.loss.subs(numbers_at)) == loss(at)
    step = min(abs(c) for c in corners) / 10**6
    for symbol in found.symbols[:: 1 + n // 3]:
        central = (
            loss(at | {symbol: at[symbol] + step}) - loss(at | {symbol: at[symbol] - step})
        ) / (2 * step)
        exact = fraction(found.gradient[symbol].subs(numbers_at))
        assert abs(central - exact) <= Fraction(1, 10**6) * (1 + abs(exact))


@pytest.fixture(scope="module")
def pair():
    """The n = 2, m = 1 model with everything symbolic."""
    w1, w2, b1, b2, p = sympy.symbols("w1 w2 b1 b2 p")
    at = {w1: 1, w2: sympy.Rational(-3, 5), b1: sympy.Rational(-1, 10), b2: sympy.Rational(1, 20)}
    return [[w1**2, w1 * w2], [w1 * w2, w2**2]], [b1, b2], p, at


@pytest.mark.parametrize(
    ("density", "loss"),
    [(1, Fraction(704669, 1800000)), (Fraction(1, 10), Fraction(1477717, 90000000))],
)
def test_two_features_one_dimension(pair, density, loss):
    gram, bias, p, at = pair
    brackets = sum(row_losses(gram, bias, [p, p])).subs(at).subs(p, rational(density))
    rational_function = (
        chamber(gram, bias, [p, p], [1, 1], at).loss.subs(at).subs(p, rational(density))
    )
    assert (fraction(brackets), fraction(rational_function)) == (loss, loss)


def test_poles_cancel_where_every_output_is_active():
    """Where all vertex values are positive the model is linear and the loss a polynomial."""
    w = sympy.symbols("w:3")
    b, p = sympy.symbols("b p")
    gram = [[x * y for x in w] for y in w]
    loss = chamber(gram, [b] * 3, [p] * 3, [1] * 3, dict.fromkeys(w, 1) | {b: 5}).loss
    assert sympy.denom(sympy.together(loss)).is_Rational


def test_reported_chamber_is_the_set_of_signs(pair):
    gram, bias, p, at = pair
    found = chamber(gram, bias, [p, p], [1, 1], at)
    (w1, w2, b1, b2) = at
    sides = {sympy.expand(r.lhs) for r in found.inequalities}
    first = {b1, b1 + w1**2, b1 + w1 * w2, b1 + w1**2 + w1 * w2}
    second = {b2, b2 + w2**2, b2 + w1 * w2, b2 + w2**2 + w1 * w2}
    assert sides == first | second
    assert len(found.inequalities) == 8
    assert all(holds(relation, at) for relation in found.inequalities)


def test_repeated_and_constant_inequalities_are_dropped():
    r = sympy.Symbol("r", positive=True)
    found = chamber([[r, -r], [-r, r]], [0, 0], ["1/2", "1/2"], [1, 1], {r: 1})
    assert found.inequalities == ()
    assert found.loss.subs(r, 1) == sympy.Rational(1, 12)


def test_wall_is_refused_by_its_vertex(pair):
    gram, bias, p, at = pair
    w1, w2, b1, _ = at
    with pytest.raises(InputError, match=r"output 0 has the vertex value b1 \+ w1\*w2 = 0"):
        chamber(gram, bias, [p, p], [1, 1], at | {b1: -at[w1] * at[w2]})


def test_wall_of_an_output_without_importance_is_none(pair):
    gram, bias, p, at = pair
    found = chamber(gram, bias, [p, p], [0, 1], at | {bias[0]: 0})
    assert bias[0] not in found.loss.free_symbols


def test_wall_of_a_feature_that_is_never_active_is_none(pair):
    gram, bias, p, at = pair
    w1, w2, b1, _ = at
    point = at | {b1: -at[w1] * at[w2]}
    found = chamber(gram, bias, [p, 0], [1, 1], point)
    rows = reference_rows(
        [[1, Fraction(-3, 5)], [Fraction(-3, 5), Fraction(9, 25)]],
        [Fraction(3, 5), Fraction(1, 20)],
        [Fraction(1, 3), 0],
    )
    assert fraction(found.loss.subs(point).subs(p, rational(Fraction(1, 3)))) == sum(rows)


def test_structurally_zero_vertex_is_no_wall():
    """Antipodal pair with b = 0: sqrt(2) sqrt(3) - sqrt(6) is hidden in a vertex value."""
    r, p = sympy.symbols("r p")
    gram = [[r**2, -(r**2)], [-(r**2), r**2]]
    loss = chamber(
        gram, [0, sympy.sqrt(6) - sympy.sqrt(2) * sympy.sqrt(3)], [p, p], [1, 1], {r: 2}
    ).loss
    assert sympy.expand(loss.subs(r, 1) - p**2 / 3) == 0


def test_floats_inside_expressions_are_exact():
    w = sympy.Symbol("w")
    (loss,) = row_losses([[0.1 * w**2]], [0], [1])
    assert fraction(loss.subs(w, 1)) == (1 - Fraction(0.1)) ** 2 / 3


def test_angles_and_roots_as_weights():
    """Entries that are no polynomials: cos(t), sqrt(s)."""
    t, s, p = sympy.symbols("t s p", positive=True)
    gram = [[s, s * sympy.cos(t)], [s * sympy.cos(t), s]]
    point = {s: 1, t: sympy.pi / 3}
    found = chamber(gram, [sympy.sqrt(s), 1 / s], [p, p], [1, 1], point)
    half = Fraction(1, 2)
    expected = sum(reference_rows([[1, half], [half, 1]], [1, 1], [half, half]))
    at = point | {p: rational(half)}
    assert fraction(sympy.simplify(found.loss.subs(at))) == expected
    slope = sympy.diff(sum(row_losses(gram, [sympy.sqrt(s), 1 / s], [p, p])), t)
    assert sympy.simplify((found.gradient[t] - slope).subs(at)) == 0


@pytest.mark.parametrize(
    ("density", "loss"),
    [("1/10", 0.0404235950411), ("1/20", 0.0181869764327), ("1/100", 0.0032781584319)],
)
def test_pentagon_with_a_free_scale(density, loss):
    r = sympy.Symbol("r")
    gram = [[r**2 * sympy.cos(2 * sympy.pi * (i - j) / 5) for j in range(5)] for i in range(5)]
    found = chamber(gram, [0] * 5, [density] * 5, [1] * 5, {r: 1})
    assert float(sympy.N(found.loss.subs(r, 1), 30)) == pytest.approx(loss, abs=1e-13)
    brackets = sum(row_losses(gram, [0] * 5, [density] * 5)).subs(r, 1)
    assert sympy.radsimp(sympy.expand(brackets - found.loss.subs(r, 1))) == 0


def test_missing_symbols_are_named(pair):
    gram, bias, p, at = pair
    with pytest.raises(InputError, match="no value for b1, w1"):
        chamber(gram, bias, [p, p], [1, 1], dict(list(at.items())[1:2] + list(at.items())[3:]))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"point": [1, 2]}, "must be a dict"),
        ({"point": {"w": 1}}, "no value for w"),
        ({"point": {sympy.Symbol("w"): sympy.Symbol("v")}}, r"point\[w\]=v: must be a number"),
        ({"point": {sympy.Symbol("w"): 1, sympy.Symbol("v"): 1}}, "point key=v"),
        ({"point": {sympy.Symbol("w"): float("nan")}}, "point\\[w\\]=nan"),
        ({"importances": []}, r"len\(importances\)=0"),
        ({"densities": []}, r"len\(densities\)=0"),
        ({"gram": [[1, 2]]}, r"lengths \[2\]"),
    ],
)
def test_bad_input_is_refused_by_name(change, message):
    w = sympy.Symbol("w")
    good = {"gram": [[w**2]], "bias": [1], "densities": [1], "importances": [1], "point": {w: 1}}
    with pytest.raises(InputError, match=message):
        chamber(**(good | change))


def test_assumptions_of_symbols_are_kept():
    r = sympy.Symbol("r", positive=True)
    with pytest.raises(InputError, match="assumed positive"):
        chamber([[r]], [1], [1], [1], {r: -1})


def test_work_is_bounded():
    with pytest.raises(Unsupported, match="n_features=9"):
        row_losses([[1] * 9] * 9, [0] * 9, [1] * 9)
    g, b, p = letters(7)
    with pytest.raises(Unsupported, match="numeric weights"):
        chamber(g, b, p, [1] * 7, dict.fromkeys([*chain(*g), *b], 1))


def test_a_point_outside_the_chamber_is_refused(pair):
    gram, bias, p, at = pair
    found = chamber(gram, bias, [p, p], [1, 1], at)
    assert fraction(found.at(at | {p: 1})) == Fraction(704669, 1800000)
    with pytest.raises(InputError, match="not inside the chamber"):
        found.at(at | {bias[0]: 1})


def test_pentagon_in_coordinates_is_the_pentagon_in_cosines():
    """The sines are nested radicals, whose products the formula does not denest."""
    r, p = sympy.symbols("r p")
    turns = [2 * sympy.pi * j / 5 for j in range(5)]
    W = sympy.Matrix([[r * sympy.cos(t) for t in turns], [r * sympy.sin(t) for t in turns]])
    cosines = [[r**2 * sympy.cos(s - t) for t in turns] for s in turns]
    point, rest = {r: "9/10"}, ([p] * 5, [1] * 5)
    bias = [sympy.Rational(-1, 21)] * 5
    one = chamber((W.T * W).tolist(), bias, *rest, point).loss
    two = chamber(cosines, bias, *rest, point).loss
    at = {r: sympy.Rational(4, 5), p: sympy.Rational(1, 3)}
    assert abs((one - two).subs(at).evalf(60)) < sympy.Rational(1, 10**50)


def test_heptagon_has_one_cosine():
    """All cosines are polynomials in cos(pi / 7), reduced by its minimal polynomial."""
    r, b, p = sympy.symbols("r b p")
    gram = [[r**2 * sympy.cos(2 * sympy.pi * (i - j) / 7) for j in range(7)] for i in range(7)]
    found = chamber(gram, [b] * 7, [p] * 7, [1] * 7, {r: 1, b: "-1/20"})
    assert found.loss.atoms(sympy.cos) == {sympy.cos(sympy.pi / 7)}
    assert (b < 0) in found.inequalities
    top = sympy.numer(sympy.together(found.loss))
    assert sympy.degree(top, sympy.cos(sympy.pi / 7)) == 2
    exact = expected_loss(
        Problem(7, 2, density="1/10"), regular_polygon(7), [Fraction(-1, 20)] * 7
    ).value
    at = {r: 1, b: sympy.Rational(-1, 20), p: sympy.Rational(1, 10)}
    assert abs((exact - found.loss.subs(at)).evalf(60)) < sympy.Rational(1, 10**50)


@given(models())
@settings(max_examples=25, deadline=None)
def test_chamber_of_numbers(model):
    """Without symbols every vertex value is structural and there is one chamber, the point."""
    gram, bias, densities = model
    found = chamber(gram, bias, densities, [1] * len(bias), {})
    assert (found.inequalities, found.gradient) == ((), {})
    assert fraction(found.loss) == sum(reference_rows(*model))


def test_entry_that_is_infinite_at_the_point_is_refused():
    v, w = sympy.symbols("v w")
    with pytest.raises(InputError, match="must be real and finite"):
        chamber([[v / w]], [1], [1], [1], {v: 1, w: 0})
