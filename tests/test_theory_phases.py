"""Phase boundaries: published values, the loss itself on both sides, refusals."""

from fractions import Fraction as F

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.series import expected_loss as series_loss
from theory import phases
from theory.arrangements import antipodal_pair, dedicated, ignored, regular_polygon
from theory.phases import (
    candidate_boundaries,
    candidate_regions,
    closed_form,
    continuous_boundary,
    crossing,
    first_order_boundary,
    special_points,
    symmetry_breaking,
    triple_point,
    true_boundaries,
)
from theory.problem import InputError, Problem, Unsupported

P, WEIGHT = sympy.symbols("p I")
PAIR, ALONE = antipodal_pair(), dedicated(1) + ignored(1, bias=P / 2)
STRONG, LOW_JUMP, SMOOTH, HIGH_JUMP, BETWEEN = true_boundaries(2, 1)[:5]
ALL = [*candidate_boundaries(2, 1), *candidate_boundaries(3, 2)]
ALL += [*true_boundaries(2, 1), *true_boundaries(3, 2)]
rationals = st.fractions(min_value=0, max_value=1, max_denominator=1000)


def numeric(n, m, density, weight, W, b):
    """The loss by the other side of the project."""
    problem = Problem(n, m, density=density, importance=[1] * (n - 1) + [weight])
    return float(series_loss(problem, np.array(W, float), np.array(b, float)).loss)


def pair_of(point, mark=""):
    """Weights and biases of a pair in floating point."""
    w, v, b, c = (float(value) for name, value in point.unknowns.items() if name.endswith(mark))
    return [[w, -v]], [b, c]


def variance(p):
    return p / 3 - p * p / 4


# the sheet's values


def test_the_first_order_boundary_at_one_half():
    found = first_order_boundary("1/2", digits=30).density
    assert found.radius < F(1, 10**30)
    assert abs(found.midpoint - F("0.48458792611061433180")) < F(1, 10**20)


def test_the_first_order_boundary_at_three_tenths():
    assert abs(first_order_boundary("0.3").density.midpoint - F("0.3756861876925")) < F(1, 10**13)


@pytest.mark.parametrize(("p", "weight"), [("0.5426376700", "0.6"), ("0.7276497285", "0.8")])
def test_the_continuous_boundary(p, weight):
    found = continuous_boundary(p, digits=20).importance
    assert abs(found.midpoint - F(weight)) < F(1, 10**9)
    inverse = SMOOTH.at(importance=weight, digits=20).density
    assert abs(inverse.midpoint - F(p)) < F(1, 10**9)


def test_the_symmetry_breaking():
    found = symmetry_breaking(40).density
    assert abs(found.midpoint - F("0.7064037")) < F(1, 10**7)
    assert found.radius < F(1, 10**40)


def test_the_upper_jump():
    assert abs(HIGH_JUMP.at(importance="0.95").density.midpoint - F("0.9147867")) < F(1, 10**7)


# the loss on both sides, by the other side of the project


@pytest.mark.parametrize("boundary", [STRONG, HIGH_JUMP], ids=lambda b: b.name)
@pytest.mark.parametrize("part", [F(1, 5), F(4, 5)])
def test_the_pair_loses_less_below_and_more_above(boundary, part):
    low, high = (float(end.importance) for end in boundary.ends)
    weight = F(low + (high - low) * float(part)).limit_denominator(1000)
    point = boundary.at(importance=weight)
    W, b = pair_of(point)
    p = float(point.density)
    for q, sign in ((p - 1e-6, -1), (p + 1e-6, 1)):  # the weights are best at p alone
        gap = numeric(2, 1, q, weight, W, b) - float(weight) * variance(q)
        assert gap * sign > 0
    assert abs(numeric(2, 1, p, weight, W, b) - float(weight) * variance(p)) < 1e-11


@pytest.mark.parametrize("weight", ["0.58", "0.7", "0.9", "0.99"])
def test_the_strong_and_the_weak_pair_change_places(weight):
    point = BETWEEN.at(importance=weight)
    p = float(point.density)
    pairs = [pair_of(point, mark) for mark in ("(strong pair)", "(weak pair, last short)")]
    for q, sign in ((p - 1e-4, -1), (p + 1e-4, 1)):
        strong, weak = (numeric(2, 1, q, F(weight), W, b) for W, b in pairs)
        assert (strong - weak) * sign > 0


@pytest.mark.parametrize("boundary", [STRONG, LOW_JUMP, HIGH_JUMP], ids=lambda b: b.name)
def test_points_are_stationary_by_finite_differences(boundary):
    point = boundary.trace(3, digits=12)[1]
    W, b = pair_of(point)
    here = np.array([*W[0], *b])
    p, weight = float(point.density), point.importance.midpoint

    def loss(z):
        return numeric(2, 1, p, weight, [z[:2]], z[2:])

    small = 1e-4 * min(abs(here))
    for k in range(4):
        step = np.eye(4)[k] * small
        assert abs(loss(here + step) - loss(here - step)) / (2 * small) < 1e-6


@pytest.mark.parametrize(("p", "weight", "sign"), [("0.6", 0.6, 1), ("0.6", 0.7, -1)])
def test_a_small_second_weight_gains_only_above_the_boundary(p, weight, sign):
    p = float(F(p))
    a, b, c = p * (1 - p), 2 * (1 - p) ** 2 + p / 2, -p * p / 4
    root = (-b + np.sqrt(b * b - 4 * a * c)) / (2 * a)
    e = 1e-3
    w = 1 + 0.375 * (p - 2 * root) * e
    bias = [e * root, p / 2 * (1 + e * w - e * e)]
    gap = numeric(2, 1, p, F(weight), [[w, -e]], bias) - weight * variance(p)
    assert gap * sign > 0
    assert (weight < float(continuous_boundary(F(p)).importance)) == (sign > 0)


@pytest.mark.parametrize("index", [2, 4, 5, 6, 7])
def test_triangles_lose_as_much_as_their_neighbours(index):
    boundary = true_boundaries(3, 2)[index]
    for point in boundary.trace(3, digits=12):
        values = {
            name.split(" ")[0]: float(v) for name, v in point.unknowns.items() if "tri" in name
        }
        values = values or {name: float(v) for name, v in point.unknowns.items()}
        x, y, z, b, c = (values[name] for name in "xyzbc")
        p, weight = float(point.density), point.importance.midpoint
        W = [[x, -x, 0], [y, y, -z]]
        triangle = numeric(3, 2, p, weight, W, [b, b, c])
        other = [float(v) for name, v in point.unknowns.items() if "pair" in name]
        if len(other) == 2:
            norm, bias = other
            neighbour = numeric(2, 1, p, 1, [[norm, -norm]], [bias, bias])
        elif other:
            w, v, one, two = other
            side = weight if "last" in boundary.name else 1
            neighbour = numeric(2, 1, p, side, [[w, -v]], [one, two])
        else:
            neighbour = float(weight) * variance(p)
        assert abs(triangle - neighbour) < 1e-9


def test_the_triangle_beats_every_pair_that_a_search_finds():
    # the reduction of three features to two fails around equal importance
    p = F(3, 5)
    x, y, bias = 0.798, 0.4607, 0.247
    triangle = numeric(3, 2, p, 1, [[x, -x, 0], [y, y, -2 * y]], [bias] * 3)
    symmetric = numeric(2, 1, p, 1, [[0.8687, -0.8687]], [0.2152, 0.2152])
    assert triangle < 0.96 * symmetric


# candidates


def test_closed_forms_of_the_candidates():
    problem = Problem(2, 1, density=P, importance=[1, WEIGHT])
    (found,) = closed_form(problem, PAIR, ALONE, P)
    assert sympy.simplify(found - 4 * WEIGHT / (2 + 5 * WEIGHT)) == 0
    (found,) = closed_form(problem, PAIR, ignored(1, bias=P / 2) + dedicated(1), P)
    assert sympy.simplify(found - 4 / (5 + 2 * WEIGHT)) == 0


def test_the_triple_point_of_the_candidates():
    low, high, _ = candidate_boundaries(2, 1)
    assert low.at(importance=1).density.midpoint == F(4, 7)
    assert high.at(importance=1).density.midpoint == F(4, 7)


def candidate_losses(size, p, weight):
    """By hand, each for itself: a pair loses (1 + I) p^2 / 6, an ignored feature its variance."""
    if size == (2, 1):
        return {
            "antipodal pair": (1 + weight) * p**2 / 6,
            "last ignored": weight * variance(p),
            "first ignored": variance(p),
        }
    return {
        "last in an antipodal pair": (1 + weight) * p**2 / 6,
        "last dedicated, others an antipodal pair": p**2 / 3,
        "last ignored": weight * variance(p),
        "first ignored": variance(p),
    }


@pytest.mark.parametrize("size", [(2, 1), (3, 2)])
def test_on_a_boundary_its_two_candidates_tie_and_none_loses_less(size):
    for boundary in candidate_boundaries(*size):
        (low, high), name = boundary.ends, boundary.along
        first = getattr(low, name).midpoint
        last = getattr(high, name)
        last = F(10) if last is None else last.midpoint
        for share in (F(0), F(1, 3), F(1, 2), F(9, 10), F(1)):
            at = first + share * (last - first)
            if boundary.kind == "candidate" and at == 0:
                continue  # no importance: every arrangement without the last feature is as good
            point = boundary.at(**{name: at})
            losses = candidate_losses(size, point.density.midpoint, point.importance.midpoint)
            tied = [losses[name] for name in boundary.between]
            assert tied[0] == tied[1] == min(losses.values()), (boundary.name, at)


@pytest.mark.parametrize(
    "boundary", [b for b in ALL if b.formula is not None], ids=lambda b: b.name
)
def test_points_of_a_boundary_fulfil_its_formula(boundary):
    low, high = (getattr(end, boundary.along) for end in boundary.ends)
    first = low.midpoint
    last = F(10) if high is None else high.midpoint
    for share in (F(1, 5), F(1, 2), F(4, 5)):
        point = boundary.at(**{boundary.along: round(first + share * (last - first), 3)})
        at = {
            sympy.Symbol("p", positive=True): sympy.Rational(
                *point.density.midpoint.as_integer_ratio()
            ),
            sympy.Symbol("I", positive=True): sympy.Rational(
                *point.importance.midpoint.as_integer_ratio()
            ),
        }
        left, right = (sympy.sympify(side).subs(at).evalf(30) for side in boundary.formula.args)
        assert abs(left - right) < 1e-12


@pytest.mark.parametrize("size", [(2, 1), (3, 2)])
def test_candidate_boundaries_end_where_three_meet_or_at_the_edge(size):
    for boundary in candidate_boundaries(*size):
        for end in boundary.ends:
            p = end.density.midpoint
            if end.importance is None or p in (0, 1):
                continue
            losses = sorted(candidate_losses(size, p, end.importance.midpoint).values())
            assert losses[0] == losses[1] == losses[2], boundary.name


@given(p=rationals, weight=st.fractions(min_value=F(1, 100), max_value=10, max_denominator=100))
@settings(deadline=None, max_examples=100)
@pytest.mark.parametrize("size", [(2, 1), (3, 2)])
def test_regions_are_where_the_candidate_is_least(size, p, weight):
    letters = sympy.symbols("p I", positive=True)
    values = [sympy.Rational(*v.as_integer_ratio()) for v in (p, weight)]
    at = dict(zip(letters, values, strict=True))
    if size == (2, 1):
        losses = [(1 + weight) * p**2 / 6, weight * variance(p), variance(p)]
    else:
        losses = [(1 + weight) * p**2 / 6, p**2 / 3, weight * variance(p), variance(p)]
        losses.append((2 + weight) * p**2 * (p + 3) / 24)
    inside = [r for r in candidate_regions(*size) if all(c.subs(at) for c in r.conditions)]
    assert inside
    for region in inside:
        assert region.loss.subs(at) == sympy.Rational(*min(losses).as_integer_ratio())


@given(weight=st.fractions(min_value=F(1, 50), max_value=20, max_denominator=50))
@settings(deadline=None, max_examples=40)
def test_a_crossing_in_the_density(weight):
    found = crossing(Problem(2, 1, density=P, importance=[1, weight]), PAIR, ALONE)
    (root,) = found.crossings
    assert root.rational == 4 * weight / (2 + 5 * weight) or root.rational is None
    assert found.points[0].kind == "end"
    assert found.lower == ("antipodal pair", "1 dedicated + 1 ignored")


def test_a_crossing_in_the_importance():
    found = crossing(Problem(2, 1, density="1/2", importance=[1, WEIGHT]), PAIR, _alone("1/4"))
    assert [root.rational for root in found.crossings] == [F(2, 3)]
    assert found.lower == ("1 dedicated + 1 ignored", "antipodal pair")


def _alone(bias):
    return dedicated(1) + ignored(1, bias=bias)


def test_equal_losses_are_called_identical():
    found = crossing(Problem(2, 1, density=P), PAIR, antipodal_pair())
    assert found.is_identical
    assert not found.points
    assert "lose the same at every density" in str(found)


def test_no_crossing_is_said():
    worse = antipodal_pair(scale=2)
    found = crossing(Problem(2, 1, density=P), PAIR, worse)
    assert found.crossings == ()
    assert "antipodal pair (first) loses less at every density" in str(found)


def test_a_crossing_at_an_end_is_an_end():
    # keeping one of two features loses v = p/3 - p^2/4, both at half scale more, but at p = 0
    found = crossing(Problem(2, 1, density=P), PAIR, ALONE)
    assert found.points[0].kind == "end"
    assert found.points[0].value.rational == 0
    found = crossing(Problem(2, 1, density=P), ALONE, ignored(1, bias=P / 2) + dedicated(1))
    assert found.is_identical


def test_a_double_root_touches():
    zero = phases.AlgebraicNumber((0, 1), (F(0), F(0)))
    # (b - p/2)^2 is what a wrong bias of the ignored feature costs
    found = crossing(Problem(2, 1, density=P), _alone(F(1, 4)), ALONE)
    assert [(point.value.rational, point.kind) for point in found.points] == [(F(1, 2), "touching")]
    assert set(found.lower) == {"1 dedicated + 1 ignored (second)"}
    assert zero.rational == 0


def test_algebraic_coefficients_have_no_conjugate_roots():
    pentagon, pairs = (
        regular_polygon(5),
        antipodal_pair() + antipodal_pair() + ignored(1, bias=P / 2),
    )
    found = crossing(Problem(5, 2, density=P), pentagon, pairs)
    for root in found.crossings:
        low, high = root.interval
        signs = [
            sympy.sign(found.difference.subs(P, sympy.Rational(*x.as_integer_ratio())))
            for x in (low, high)
        ]
        assert signs[0] * signs[1] == -1
        assert 0 < low < high < 1


@pytest.mark.parametrize(
    ("density", "importance", "words"),
    [
        ("1/2", 1, "has the symbols none"),
        (P, [1, WEIGHT], "has the symbols I, p"),
        (P, [1, P], "share a symbol"),
    ],
)
def test_other_numbers_of_symbols_are_refused(density, importance, words):
    with pytest.raises(InputError, match=words):
        crossing(Problem(2, 1, density=density, importance=importance), PAIR, ALONE)


def test_arrangements_that_do_not_fit_are_refused():
    with pytest.raises(InputError, match="has 3 features in 2 dimensions"):
        crossing(Problem(2, 1, density=P), PAIR, regular_polygon(3))


# whole domains


@pytest.mark.parametrize("boundary", ALL, ids=lambda b: f"{b.n_features}, {b.name}")
def test_every_boundary_can_be_traced(boundary):
    points = boundary.trace(7)
    assert len(points) == 7
    for point in points:
        assert point.density.lower >= 0
        assert point.density.upper <= 1
        assert point.importance.lower > 0
        assert "local minimum" not in point.not_proved
        assert "just below" not in point.not_proved


@pytest.mark.parametrize("boundary", true_boundaries(2, 1)[:5], ids=lambda b: b.name)
@given(part=st.fractions(min_value=F(1, 100), max_value=F(99, 100), max_denominator=100))
@settings(deadline=None, max_examples=12)
def test_both_coordinates_lead_to_the_same_point(boundary, part):
    low, high = (end.importance.midpoint for end in boundary.ends)
    weight = (low + (high - low) * part).limit_denominator(10**8)
    point = boundary.at(importance=weight, digits=20)
    back = boundary.at(density=point.density.midpoint, digits=12)
    assert abs(back.importance.midpoint - weight) < F(1, 10**11)


@given(weight=st.fractions(min_value=F(1, 10**6), max_value=F(56, 100), max_denominator=10**6))
@settings(deadline=None, max_examples=25)
def test_the_boundary_of_an_exchange_is_that_of_the_inverse_importance(weight):
    mirror = true_boundaries(2, 1)[6]
    assert mirror.at(importance=1 / weight).density == STRONG.at(importance=weight).density


@given(p=st.fractions(min_value=F(1, 1000), max_value=1, max_denominator=1000))
@settings(deadline=None, max_examples=40)
def test_the_continuous_boundary_and_its_inverse(p):
    point = continuous_boundary(p)
    assert point.number.degree <= 2
    assert p <= point.importance.upper
    assert point.importance.lower <= 1
    assert point.number.radicals is not None


def test_the_small_end_is_linear():
    ratios = [float(STRONG.at(importance=F(1, 10**k)).density) * 10**k for k in (5, 7, 9)]
    assert max(ratios) - min(ratios) < 1e-3
    assert 2.3 < ratios[-1] < 2.4


def test_special_points_lie_on_their_boundaries():
    point = special_points(2, 1)["triple point"]
    p, weight = point.density.midpoint, point.importance.midpoint
    for boundary in (STRONG, LOW_JUMP, BETWEEN):
        near = weight - F(1, 10**6) if boundary is STRONG else weight + F(1, 10**5)
        assert abs(boundary.at(importance=near).density.midpoint - p) < F(1, 10**4)
    assert triple_point(20).density.radius < F(1, 10**20)


def test_the_dense_end_is_at_density_one():
    point = special_points(2, 1)["dense end"]
    assert point.density.midpoint == 1
    W, b = pair_of(point)
    weight = F(float(point.importance))
    assert abs(numeric(2, 1, 1, weight, W, b) - float(weight) / 12) < 1e-10


# refusals


@pytest.mark.parametrize("size", [(4, 1), (1, 1), (2, 2), (3, 1)])
def test_other_sizes_are_refused(size):
    with pytest.raises(Unsupported, match=r"known are \(2, 1\), \(3, 2\)"):
        true_boundaries(*size)
    with pytest.raises(Unsupported, match="phases for n="):
        candidate_boundaries(*size)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "give one of them"),
        ({"importance": 1, "density": 1}, "give one of them"),
        ({"importance": -1}, "must be at least 0"),
        ({"density": 2}, "must be from 0 to 1"),
        ({"importance": "0.9"}, "runs from I = 0, p = 0"),
        ({"importance": sympy.sqrt(2)}, "must be a rational number"),
        ({"importance": "1/2", "digits": 0}, "digits=0"),
    ],
)
def test_bad_coordinates_are_refused(given, words):
    with pytest.raises(InputError, match=words):
        STRONG.at(**given)


@pytest.mark.parametrize("weight", ["0.7", "1", "0.99", 0, 2])
def test_importances_without_a_jump_are_refused(weight):
    with pytest.raises(InputError, match="a jump from one feature alone"):
        first_order_boundary(weight)


@pytest.mark.parametrize("p", [0, "-1/2", "3/2"])
def test_densities_without_a_continuous_boundary_are_refused(p):
    with pytest.raises(InputError, match="must be above 0 and at most 1"):
        continuous_boundary(p)


def test_a_boundary_that_is_met_twice_takes_one_coordinate():
    boundary = next(
        b for b in true_boundaries(3, 2) if b.name == "strong pair with last | triangle"
    )
    with pytest.raises(InputError, match="give the importance"):
        boundary.at(density="0.53")
