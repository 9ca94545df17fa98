"""Balls behind the phase boundaries: formulas, derivatives, Krawczyk's test, and controls."""

from fractions import Fraction as F

import pytest
from flint import arb, ctx, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.loss import expected_loss
from theory.phase_boundaries import first_order, newton, pair, rows, states, systems
from theory.phase_boundaries.triangle import triangle
from theory.problem import Problem, Unsupported
from theory.rows.vertices import Undecided

positive = st.fractions(min_value=F(1, 20), max_value=2, max_denominator=50)
densities = st.fractions(min_value=F(1, 50), max_value=1, max_denominator=50)
START = ["1.035", "0.7555", "0.052", "0.1857", "0.4846"]


def ball(value, radius=0):
    return arb(fmpq(value.numerator, value.denominator), radius)


def exact(value):
    return arb(fmpq(*F(value).as_integer_ratio()))


@given(positive, positive, positive, positive, densities, positive)
@settings(deadline=None, max_examples=60)
def test_a_pair_loses_what_the_exact_loss_says(w, v, b, c, p, weight):
    with ctx.workprec(128):
        found = pair.pair([ball(w), ball(v), ball(b), ball(c)], ball(p), ball(weight))
        problem = Problem(2, 1, density=p, importance=[1, weight])
        loss = expected_loss(problem, [[w, -v]], [b, c])
        assert found.value.overlaps(exact(loss.value))
        first, second = loss.gradient.W[0]
        slopes = [first, -second, *loss.gradient.b]
        assert all(x.overlaps(exact(y)) for x, y in zip(found.gradient, slopes, strict=True))


@given(positive, positive, positive, positive, densities)
@settings(deadline=None, max_examples=30)
def test_derivatives_are_limits_of_differences(w, v, b, c, p):
    step = F(1, 10**12)
    point = [w, v, b, c]
    with ctx.workprec(192):
        here = pair.pair([ball(x) for x in point], ball(p), arb(1))
        for k in range(4):
            moved = [x + step * (j == k) for j, x in enumerate(point)]
            there = pair.pair([ball(x) for x in moved], ball(p), arb(1))
            for j in range(4):
                slope = (there.gradient[j] - here.gradient[j]) / ball(step)
                assert abs(slope - here.hessian[j][k]) < arb("1e-6")
        risen = pair.pair([ball(x) for x in point], ball(p + step), arb(1))
        assert abs((risen.value - here.value) / ball(step) - here.rise) < arb("1e-6")


@given(positive, positive, positive, positive, positive, densities, positive)
@settings(deadline=None, max_examples=25)
def test_a_triangle_loses_what_the_exact_loss_says(x, y, z, b, c, p, weight):
    if x <= y:
        x, y = y + F(1, 7), x
    with ctx.workprec(128):
        try:
            found = triangle([ball(q) for q in (x, y, z, b, c)], ball(p), ball(weight))
        except Undecided:
            return  # exactly on a wall
        problem = Problem(3, 2, density=p, importance=[1, 1, weight])
        loss = expected_loss(problem, [[x, -x, 0], [y, y, -z]], [b, b, c])
        assert found.value.overlaps(exact(loss.value))
        top, bottom = loss.gradient.W
        slopes = [top[0] - top[1], bottom[0] + bottom[1], -bottom[2]]
        slopes += [loss.gradient.b[0] + loss.gradient.b[1], loss.gradient.b[2]]
        assert all(s.overlaps(exact(t)) for s, t in zip(found.gradient, slopes, strict=True))


def test_neighbouring_formulas_are_twice_differentiable_across_the_wall():
    rows.checked_walls()


def test_a_wrong_formula_is_not(monkeypatch):
    true = rows.formula
    monkeypatch.setattr(
        rows, "formula", lambda name: true(name) + (rows.LETTERS[2] if name == "cut" else 0)
    )
    with pytest.raises(Unsupported, match="not twice differentiable"):
        rows.checked_walls()


def test_a_ball_across_a_wall_holds_both_sides():
    with ctx.workprec(128):
        wide = rows.output(arb(1), arb(1), arb("0.999", "0.01"), arb("0.5"))
        assert wide.patterns == ("open", "cut")
        for b in ("0.995", "1.005"):
            point = rows.output(arb(1), arb(1), arb(b), arb("0.5"))
            assert wide.value.contains(point.value)
            assert wide.bend[2][2].contains(point.bend[2][2])


def test_negative_biases_are_no_part_of_a_pair():
    with pytest.raises(Undecided, match="no part of an antipodal pair"):
        rows.output(arb(1), arb(1), arb("-0.1"), arb("0.5"))


@pytest.fixture
def system():
    return systems.held(systems.equal_losses((states.PAIR, states.DEDICATED)), -1, F(1, 2))


def test_the_jacobian_of_a_system_is_that_of_its_values(system):
    with ctx.workprec(256):
        point = [arb(x) for x in START]
        values, jacobian = system(point)
        step = arb(10) ** -20
        for k in range(5):
            moved, _ = system([x + step * (j == k) for j, x in enumerate(point)])
            for i in range(5):
                assert abs((moved[i] - values[i]) / step - jacobian[i][k]) < arb("1e-12")


def test_a_box_with_a_zero_is_proven(system):
    with ctx.workprec(128):
        point = newton.solve(system, [arb(x) for x in START])
        assert newton.inside(system, point, [arb("1e-6")] * 5) is not None


def test_a_box_without_a_zero_is_refused(system):
    with ctx.workprec(128):
        point = newton.solve(system, [arb(x) for x in START])
        beside = [point[0] + arb("1e-3"), *point[1:]]
        assert newton.inside(system, beside, [arb("1e-6")] * 5) is None


def test_a_box_that_is_too_wide_is_refused(system):
    with ctx.workprec(128):
        point = newton.solve(system, [arb(x) for x in START])
        assert newton.inside(system, point, [arb("0.3")] * 5) is None


def test_a_system_without_a_zero_is_refused():
    with pytest.raises(Unsupported, match="no zero is proven"):
        newton.prove(lambda z: ([z[0] ** 2 + 1], [[2 * z[0]]]), [arb("0.5")], 10)


def test_a_double_zero_is_refused():
    with pytest.raises(Unsupported, match="no zero is proven"):
        newton.prove(lambda z: ([(z[0] - 1) ** 2], [[2 * (z[0] - 1)]]), [arb("1.1")], 10)


def test_a_damaged_formula_moves_the_boundary(monkeypatch):
    true = rows.output
    right = first_order.STRONG.point("importance", F(1, 2), 15).density

    def damaged(own, other, bias, density):
        found = true(own, other, bias, density)
        return rows.Output(found.value * (1 + arb("1e-9")), *list(vars(found).values())[1:])

    monkeypatch.setattr(pair, "output", damaged)
    wrong = first_order.STRONG.point("importance", F(1, 2), 15).density
    assert wrong.lower > right.upper or wrong.upper < right.lower


def test_a_saddle_is_not_called_a_minimum():
    # at this importance the symmetric pair beyond the symmetry breaking is no minimum any more
    p, weight = F(9, 10), F(1)

    def stationary(z):
        state = states.SYMMETRIC_PAIR.state(z, ball(p), ball(weight))
        return state.gradient, state.hessian

    with ctx.workprec(128):
        norm, bias = newton.solve(stationary, [arb("0.72"), arb("0.43")])
        found = pair.pair([norm, norm, bias, bias], ball(p), ball(weight))
        assert not all(minor > 0 for minor in pair.leading_minors(found.hessian))


@pytest.mark.parametrize("digits", [1, 8, 100])
def test_digits_are_kept(digits):
    found = first_order.STRONG.point("importance", F(1, 2), digits)
    for value in (found.density, *found.unknowns.values()):
        assert value.radius * 10**digits <= abs(value.midpoint)


def test_the_box_holds_the_enclosure():
    found = first_order.STRONG.point("importance", F(1, 2), 20)
    centre, radius = found.box["density"]
    assert centre - radius < found.density.lower < found.density.upper < centre + radius
    assert radius > found.density.radius * 10**6
