"""Seeded faults: a damaged coefficient or comparison must move a number that is known by hand."""

from dataclasses import replace
from fractions import Fraction as F

import pytest
import sympy

import theory.arithmetic.subfield
import theory.losses.exact
import theory.rows.cleared
import theory.rows.kinked
import theory.rows.moments
import theory.rows.outputs
import theory.rows.vertices
from theory.arrangements import regular_polygon
from theory.loss import expected_loss
from theory.problem import Identity, Problem

ROWS, BIAS = [[1, "-3/5"]], ["-1/10", "1/20"]


def everything_agrees():
    """Known values of the literature and of integrals by hand, through every formula."""
    two = expected_loss(Problem(2, 1, density="1/10"), ROWS, BIAS)
    linear = Problem(1, 1, density="1/2", activation=Identity())
    # at w = 1, b = -1/2, p = 1: dL/dw = -3/4, dL/db = -1/2; the linear one has E r^2 = 1/4
    one = expected_loss(Problem(1, 1, density=1), [[1]], ["-1/2"]).gradient
    pentagon = expected_loss(Problem(5, 2, density="1/10"), regular_polygon(5))
    dead = expected_loss(Problem(2, 1, density="3/10"), [[1, 0]], [0, "3/20"])
    straight = expected_loss(linear, [[2]], ["-1/2"])
    # y = x - k beyond the kink k: k^3/3 before it, (1 - k) k^2 after
    k = sympy.sqrt(2) - 1
    kinked = expected_loss(Problem(1, 1, density=1), [[1]], [-k])
    return (
        two.value == F(1477717, 90000000)
        and two.at(density=1) == F(704669, 1800000)
        and F(str(two.polynomial.eval(1))) == F(704669, 1800000)
        and two.given_active(2) == F(704669, 1800000)
        and two.given_active(0) == F(1, 400)
        and (one.W, one.b) == (((F(-3, 4),),), (F(-1, 2),))
        and abs(F(float(pentagon)) - F("0.0404235950411")) < F(1, 10**13)
        and dead.value == F(1, 10) - F(9, 400)
        and dead.gradient.b[1] == 0
        # E (3x - 1/2)^2 = 3 p - 3 p/2 + 1/4; its slopes 2 E r and 2 E x r
        and straight.value == F(1)
        and sympy.expand(kinked.value - k**3 / 3 - (1 - k) * k**2) == 0
        and straight.gradient.b == (F(1, 2),)
        and straight.gradient.gram == ((F(3, 4),),)
    )


def transform(end, index, factor):
    """Damage one coefficient of one end of the uniform law's transform."""
    original = theory.rows.cleared.law_factor

    def damaged(law, a, power):
        found = original(law, a, power)
        if len(found.ends) > end and len(found.ends[end][1]) > index:
            found.ends[end][1][index] *= factor
        return found

    return theory.rows.cleared, "law_factor", damaged


def shifted_bisection(shift):
    original = theory.rows.vertices.bisect_left

    def damaged(values, x):
        return min(max(original(values, x) + shift, 0), len(values))

    return theory.rows.vertices, "bisect_left", damaged


def scaled(module, name, factor):
    original = getattr(module, name)

    def damaged(*arguments):
        found = original(*arguments)
        if isinstance(found, list):
            return [entry * factor for entry in found]
        return found * factor

    return module, name, damaged


FAULTS = {
    "highest power above": transform(0, 0, 2),
    "highest power below": transform(1, 0, -1),
    "next power above": transform(0, 1, 3),
    "scale of the transform": (
        theory.rows.cleared,
        "law_factor",
        lambda law, a, power, keep=theory.rows.cleared.law_factor: replace(
            keep(law, a, power), scale=keep(law, a, power).scale * 2
        ),
    ),
    "one vertex too many": shifted_bisection(1),
    "one vertex too few": shifted_bisection(-1),
    "factorials": scaled(theory.rows.vertices, "_weights", 2),
    "second moment": scaled(theory.rows.kinked, "plain_moment", 2),
    "moments of the law": (
        theory.rows.moments,
        "law_moments",
        lambda law, top, keep=theory.rows.moments.law_moments: [*keep(law, top)[:2], F(1, 2)],
    ),
    "neighbours of a unit": scaled(theory.rows.moments, "_all_but_one", 2),
    "order of the interpolation": (
        theory.rows.outputs,
        "_interpolation",
        lambda size, keep=theory.rows.outputs._interpolation: keep(size)[::-1],
    ),
    "sign of the root": (
        theory.arithmetic.subfield,
        "_square_root",
        lambda x, keep=theory.arithmetic.subfield._square_root: (-keep(x)[0], keep(x)[1]),
    ),
    "Gram matrix": (
        theory.losses.exact,
        "_gram",
        lambda rows, n, keep=theory.losses.exact._gram: [
            [2 * g if i != j else g for j, g in enumerate(row)]
            for i, row in enumerate(keep(rows, n))
        ],
    ),
}


def test_nothing_is_damaged():
    assert everything_agrees()


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_is_caught(fault, monkeypatch):
    monkeypatch.setattr(*FAULTS[fault])
    assert not everything_agrees()
