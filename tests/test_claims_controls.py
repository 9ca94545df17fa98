"""Negative controls: a damaged formula, a wrong number, an empty check are caught."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
import sympy
from flint import arb, fmpq
from hypothesis import assume, given
from hypothesis import strategies as st

import tms.printing.claims_formal
from derivations.results import Verdict
from theory.arithmetic.balls import Enclosure
from theory.claim_list import (
    bounds,
    capacity,
    codes,
    core,
    frames,
    gain,
    gain_bounds,
    instances,
    lemmas,
    linear,
    model,
    one_hot,
    optima,
    phase_points,
    phases,
    polygons,
    rug,
    slips,
    sphere,
)
from theory.claim_list.comparing import (
    Comparison,
    above,
    at_least,
    at_most,
    below,
    equal,
    rounds_to,
    within,
)
from theory.claims import all_claims, check, formal, lookup
from theory.problem import InputError

SLIGHTLY = 1 + Fraction(1, 10**9)

# module, what is damaged in it, a claim that must see it
DAMAGED = [
    (core, "_plus", "LOSS-01"),
    (core, "literal_loss", "LOSS-03"),
    (core, "given_set", "LOSS-04"),
    (core, "_own_integral", "LOSS-06"),
    (core, "given_set", "LOSS-07"),
    (core, "positive_power", "LOSS-09"),
    (model, "_over_sets", "MODEL-02"),
    (model, "_over_sets", "MODEL-03"),
    (linear, "_linear_formula", "LINEAR-01"),
    (linear, "variance", "LINEAR-05"),
    (linear, "variance", "LINEAR-08"),
    (phases, "variance", "PHASE-08"),
    (phases, "_same_sign", "PHASE-10"),
    (phases, "_opposite", "PHASE-11"),
    (phases, "_row_loss", "PHASE-15"),
    (phase_points, "_boundary", "PHASE-16"),
    (phase_points, "_losses", "PHASE-19"),
    (phase_points, "_losses", "PHASE-21"),
    (optima, "variance", "OPTIMUM-05"),
    (one_hot, "one_hot_loss", "ONEHOT-01"),
    (one_hot, "_integrals", "ONEHOT-01"),
    (one_hot, "_own_error", "ONEHOT-03"),
    (one_hot, "_applied", "ONEHOT-07"),
    (polygons, "polygon_loss", "POLYGON-07"),
    (gain, "_enumerated", "GAIN-01"),
    (gain, "_mixed_moment", "GAIN-10"),
    (gain, "_sixth_moment", "GAIN-11"),
    (gain_bounds, "_moment", "GAINBOUND-01"),
    (frames, "_constant", "FRAME-04"),
    (frames, "_lines_sum", "FRAME-07"),
    (codes, "exact_energy", "CODE-01"),
    (sphere, "exact_energy", "SPHERE-02"),
    (sphere, "one_sided_energy", "SPHERE-09"),
    (capacity, "_enumerated", "CAPACITY-01"),
    (capacity, "capacity_loss", "CAPACITY-02"),
    (rug, "_first", "RUG-01"),
    (rug, "_integrated", "RUG-01"),
    (lemmas, "given_set", "LEMMA-04"),
]


def larger(found):
    """A little larger: numbers, lists of them, and functions of them."""
    if isinstance(found, (list, tuple)):
        return type(found)(larger(part) for part in found)
    if isinstance(found, (int, Fraction)):
        return found * SLIGHTLY if found else Fraction(1, 10**9)
    if isinstance(found, sympy.Expr):
        return found * sympy.Rational(10**9 + 1, 10**9) + sympy.Rational(1, 10**9)
    if hasattr(found, "parts"):  # a piecewise polynomial
        factor = fmpq(10**9 + 1, 10**9)
        return replace(found, parts=tuple(part * factor for part in found.parts))
    if isinstance(found, Enclosure):
        return replace(found, midpoint=larger(found.midpoint))
    return found * (1 + arb(10) ** -9)


@pytest.mark.parametrize(
    ("module", "name", "id"), DAMAGED, ids=[f"{id}-{name}" for _, name, id in DAMAGED]
)
def test_a_formula_that_is_off_by_a_billionth_is_caught(monkeypatch, module, name, id):
    true = getattr(module, name)
    monkeypatch.setattr(module, name, lambda *a, **k: larger(true(*a, **k)))
    outcome = check(lookup(id))
    assert outcome.verdict == "fails"
    assert outcome.why.startswith("is not proven: ")


@pytest.mark.parametrize(
    ("id", "module"), [("PHASE-01", phases), ("PHASE-04", phases), ("LINEAR-03", linear)]
)
def test_sparsity_for_density_is_caught(monkeypatch, id, module):
    true = module.expected_loss

    def swapped(problem, *arguments, **named):
        return true(problem.replace(density=1 - problem.densities[0]), *arguments, **named)

    monkeypatch.setattr(module, "expected_loss", swapped)
    assert check(lookup(id)).verdict == "fails"


@pytest.mark.parametrize("id", ["BOUND-04", "BOUND-05", "BOUND-07", "BOUND-08"])
def test_a_lower_bound_that_is_too_large_is_caught(monkeypatch, id):
    true = bounds._claims

    def raised(*arguments):
        found = true(*arguments)
        return {
            name: claim if claim.value is None else replace(claim, value=claim.value * 50)
            for name, claim in found.items()
        }

    monkeypatch.setattr(bounds, "_claims", raised)
    assert check(lookup(id)).verdict == "fails"


@pytest.mark.parametrize("id", ["GAINBOUND-05", "GAINBOUND-06", "GAINBOUND-08"])
def test_an_upper_bound_that_is_too_small_is_caught(monkeypatch, id):
    true = gain_bounds._bounds

    def lowered(problem):
        return {
            name: replace(bound, value=bound.value / 50) for name, bound in true(problem).items()
        }

    monkeypatch.setattr(gain_bounds, "_bounds", lowered)
    assert check(lookup(id)).verdict == "fails"


@pytest.mark.parametrize(
    ("module", "name", "old", "new"),
    [
        (polygons, "_UNIT_PENTAGON", "0.0404235950411", "0.0404235950412"),
        (polygons, "_TABLE", "0.06180", "0.06181"),
        (polygons, "_BEST_PENTAGON", "1.10045", "1.10245"),
        (polygons, "_TRUNCATION", "-1.4", "-1.5"),
        (optima, "_FIRST_ORDER", "0.4845879261106", "0.4845879261107"),
        (optima, "_PAIRS", "0.0762824469896", "0.0762824469897"),
        (rug, "_CASES", "0.0057894277", "0.0057894278"),
    ],
)
def test_a_wrong_digit_of_a_published_number_is_caught(monkeypatch, module, name, old, new):
    def changed(part):
        if isinstance(part, tuple):
            return tuple(changed(inner) for inner in part)
        return new if part == old else part

    true = getattr(module, name)
    assert changed(true) != true
    monkeypatch.setattr(module, name, changed(true))
    assert any(check(claim).verdict == "fails" for claim in module.CHAPTER.claims)


@pytest.mark.parametrize("claim", slips.CHAPTER.claims, ids=lambda claim: claim.id)
def test_a_slip_is_no_claim_that_holds(claim):
    asserted = replace(claim, kind="exact", instead="")
    assert check(asserted).verdict == "fails"


def test_a_true_statement_is_no_slip():
    claim = replace(lookup("PHASE-02"), kind="refuted", instead="nothing")
    outcome = check(claim)
    assert outcome.verdict == "fails"
    assert outcome.why.startswith("is true: ")


def test_a_counterexample_that_is_none_spoils_a_slip():
    claim = replace(lookup("SLIP-05"), check=lambda: [equal(1, 2), equal(1, 1)])
    assert check(claim).verdict == "fails"


def test_a_check_that_compares_nothing_is_empty():
    outcome = check(replace(lookup("PHASE-02"), check=list))
    assert (outcome.verdict, outcome.is_good, outcome.instances) == ("empty", False, 0)


@pytest.mark.parametrize("error", [InputError("n=0: no"), ZeroDivisionError("division by zero")])
def test_a_side_that_cannot_be_computed_is_an_error(error):
    def broken():
        yield equal(1, 1)
        raise error

    outcome = check(replace(lookup("PHASE-02"), check=broken))
    assert (outcome.verdict, outcome.is_good, outcome.instances) == ("error", False, 1)
    assert str(error) in outcome.why


@pytest.mark.parametrize("claim", all_claims().values(), ids=lambda claim: claim.id)
def test_a_check_compares_different_things(claim):
    """Not one number with itself: there is more than one pair of sides, or they are two kinds."""
    made = list(claim.comparisons())
    pairs = {(str(c.left), c.relation, str(c.right)) for c in made}
    assert len(pairs) > 1 or made[0].relation != "=" or type(made[0].left) is not int
    assert len({(c.at, c.relation, str(c.left), str(c.right)) for c in made}) >= len(made) / 2


# ------------------------------------------------------------------ comparisons themselves

numbers = st.fractions(min_value=-3, max_value=3, max_denominator=9)


@given(numbers, numbers)
def test_fractions_compare_as_numbers_do(x, y):
    found = [f(x, y).holds() for f in (equal, at_most, at_least, below, above)]
    assert found == [x == y, x <= y, x >= y, x < y, x > y]


@given(numbers, numbers, st.sampled_from([2, 3, 5]))
def test_algebraic_numbers_compare_exactly(x, y, n):
    root = sympy.sqrt(n)
    left = sympy.Rational(x.numerator, x.denominator) * root
    right = sympy.Rational(y.numerator, y.denominator) * root
    found = [f(left, right).holds() for f in (equal, at_most, at_least, below, above)]
    assert found == [x == y, x <= y, x >= y, x < y, x > y]


@given(numbers, numbers)
def test_flint_and_sympy_rationals_are_fractions(x, y):
    assume(x != y)
    for make in (lambda v: fmpq(v.numerator, v.denominator), lambda v: sympy.Rational(str(v))):
        assert equal(make(x), x).holds()
        assert not equal(make(x), y).holds()
        assert below(make(min(x, y)), max(x, y)).holds()


@given(numbers, st.fractions(min_value=0, max_value=1, max_denominator=9), numbers)
def test_enclosures_prove_an_order_only_where_they_are_apart(x, radius, y):
    wide = Enclosure(x, radius)
    assert below(wide, y).holds() == (x + radius < y)
    assert at_least(wide, y).holds() == (x - radius >= y)
    assert above(y, wide).holds() == (y > x + radius)


def test_wide_enclosures_are_not_equal():
    third = Fraction(1, 3)
    assert equal(Enclosure(third, Fraction(1, 10**20)), third).holds()
    assert not equal(Enclosure(third, Fraction(1, 10**6)), third).holds()
    assert not equal(Enclosure(third, Fraction(1, 10**20)), third + Fraction(1, 10**9)).holds()


@pytest.mark.parametrize(
    ("value", "published", "holds"),
    [
        (Fraction(1, 3), "0.333", True),
        (Fraction(1, 3), "0.334", False),
        (Fraction(1, 3), "0.3333", True),
        (Fraction(2, 3), "0.67", True),
        (Fraction(2, 3), "0.66", False),
        (Fraction(1, 8), "0.13", True),  # a tie may go either way
        (Fraction(1, 8), "0.12", True),
        (Fraction(7), "7", True),
        (Fraction(-1, 3), "-0.33", True),
        (Fraction(-1, 3), "-0.34", False),
        (Fraction(15, 10**7), "0.0000015", True),
        (Enclosure(Fraction(1, 3), Fraction(1, 100)), "0.333", False),
        (Enclosure(Fraction(1, 3), Fraction(1, 10**6)), "0.333", True),
    ],
)
def test_rounding_is_to_half_a_unit(value, published, holds):
    assert rounds_to(value, published).holds() is holds


def test_within_compares_with_both_ends():
    assert all(c.holds() for c in within(Fraction(1, 2), Fraction(1, 2), 0))
    assert not all(c.holds() for c in within(Fraction(2, 3), Fraction(1, 2), Fraction(1, 10)))
    assert not all(c.holds() for c in within(Fraction(1, 3), Fraction(1, 2), Fraction(1, 10)))


def test_a_comparison_says_where_it_was_made():
    assert str(Comparison(Fraction(1, 2), "<=", 1, "p=1/2")) == "1/2 <= 1 (p=1/2)"
    assert str(equal(1, 2)) == "1 = 2"


# ------------------------------------------------------------------ the second route itself


def test_instances_hold_zeros_and_are_always_the_same():
    first = list(instances.matrices(3, 2, 3, 20))
    assert first == list(instances.matrices(3, 2, 3, 20))
    assert any(entry == 0 for W in first for row in W for entry in row)


@given(st.lists(numbers, min_size=1, max_size=4))
def test_points_on_the_circle_have_norm_one(tangents):
    rows = instances.points_on_circle(tangents)
    assert all(x * x + y * y == 1 for x, y in zip(*rows, strict=True))


@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=4))
def test_points_on_the_sphere_have_norm_one(pairs):
    rows = instances.points_on_sphere(pairs)
    assert all(x * x + y * y + z * z == 1 for x, y, z in zip(*rows, strict=True))


# ------------------------------------------------------------------ the formulas themselves


@pytest.mark.parametrize(
    ("id", "old", "new"),
    [
        ("PHASE-01", r"\frac{p^2}{6}", r"\frac{p^2}{3}"),
        ("PHASE-10", "(1 - u^2)^2", "(1 - u^2)"),
        ("PHASE-12", "25 p", "24 p"),
        ("LINEAR-01", "(1 + I) w^2", "(1 - I) w^2"),
        ("LINEAR-04", "3 S", "2 S"),
        ("ONEHOT-03", "(2 \\alpha - b)", "(2 \\alpha + b)"),
        ("GAIN-11", r"\frac{10}{3}", r"\frac{10}{9}"),
        ("LEMMA-03", r"\frac{7}{96}", r"\frac{7}{95}"),
        ("CAPACITY-03", r"(\beta - 1)^2", r"(\beta - 1)"),
        ("OPTIMUM-01", "<", ">"),
        ("LEMMA-07", r"\ge", r"\le"),
    ],
)
def test_a_damaged_formula_is_refuted_by_the_checker(monkeypatch, id, old, new):
    steps = formal(lookup(id))
    damaged = replace(steps, steps=tuple(step.replace(old, new) for step in steps.steps))
    assert damaged != steps
    monkeypatch.setattr(tms.printing.claims_formal, "formal", lambda claim: damaged)
    (found,) = tms.printing.claims_formal.verified([lookup(id)])
    assert found.report.verdict is Verdict.REFUTED
    assert not found.is_good
