"""A step is checked where it is claimed: all of its domain, and nothing outside."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derivations.check import Limits, check
from derivations.checking.instances import instances, meets
from derivations.checking.questions import question_of
from derivations.checking.stops import Clock
from derivations.document import Derivation
from derivations.results import Verdict

LIMITS = Limits(seconds=6.0)
REALS = dict.fromkeys("abcxy", "real")
HOLDS = (Verdict.PROVED, Verdict.SAMPLED)


def derivation(step, variables=None, random=None):
    return Derivation.build(
        "a-test", "A test", variables=variables or {}, random=random or {}, steps=[step]
    )


def results(step, variables=None, random=None):
    return check(derivation(step, variables, random), LIMITS).steps


# ------------------------------------------------------------ no point outside of the domain

DOMAINS = [
    (r"\theta", r"real in [0, \pi]", r"\sin \theta \ge 0"),
    (r"\theta", r"real in [0, \pi]", r"\theta \le \pi"),
    ("x", r"real in [0, \sqrt{2}]", r"x^2 \le 2"),
    ("x", r"real in [0, \log 2]", r"\exp(x)^2 \le 4"),
    ("x", "real >= e", r"\log(x) \ge 1"),
    ("x", r"real in (-\sqrt{3}, \sqrt{3})", "x^2 < 3"),
    ("x", r"integer in \{0, 1\}", "x^2 = x"),
    ("x", r"integer in \{-4, 5, 9\}", "(x + 4) (x - 5) (x - 9) = 0"),
    ("x", r"rational in \{1/3, 2\}", "(3 x - 1) (x - 2) = 0"),
    ("x_i", r"integer in \{0, 1\} for i = 1..2", "x_1^2 + x_2^2 = x_1 + x_2"),
]


@pytest.mark.parametrize(("name", "domain", "step"), DOMAINS)
def test_a_domain_that_is_no_polynomial_holds_at_every_point(name, domain, step):
    (result,) = results(step, {name: domain})
    assert result.verdict in HOLDS, result


def test_a_domain_may_name_another_variable_in_any_way():
    (result,) = results(r"b > \exp(a)", {"a": "real", "b": r"real > \exp(a)"})
    assert result.verdict in HOLDS


@pytest.mark.parametrize(
    ("law", "step"),
    [
        ("uniform on [2, 3] with probability 1/2, else 0", r"m (m - 2) \ge 0"),
        (r"uniform on [0, \pi]", r"\sin m \ge 0"),
        ("binary with probability 1/2, else 0", "m^2 = m"),
    ],
)
def test_a_random_variable_takes_only_values_of_its_law(law, step):
    (result,) = results(step, {}, {"m": law})
    assert result.verdict in HOLDS


@pytest.mark.parametrize(
    "step",
    [
        r"d = 0 \quad \text{for } p = 0",
        r"d = 1 \quad \text{for } p = 1",
        r"d^2 = d",
        r"u (1 - u) \ge 0",
        r"u \ge 1 \quad \text{for } p = 1",
        r"u = 0 \quad \text{for } p = 0",
    ],
)
def test_a_value_without_a_chance_is_not_taken(step):
    (result,) = results(
        step,
        {"p": "real in [0, 1]"},
        {
            "d": "binary with probability p, else 0",
            "u": "uniform on [1, 2] with probability p, else 0",
        },
    )
    expected = (Verdict.REFUTED,) if "(1 - u)" in step else HOLDS
    assert result.verdict in expected, result


@pytest.mark.parametrize(("name", "domain", "step"), DOMAINS)
def test_what_fails_outside_alone_is_refuted_once_the_domain_is_dropped(name, domain, step):
    """The control: without its domain each of these steps fails."""
    kind = domain.split()[0]
    indices = " for i = 1..2" if "for i" in domain else ""
    (result,) = results(step, {name: kind + indices})
    assert result.verdict in (Verdict.REFUTED, Verdict.ERROR)


@given(st.integers(0, 10**6))
def test_every_point_lies_in_every_domain(seed):
    variables = {"a": r"real in [0, \sqrt{2}]", "b": "real > a", "k": r"integer in \{2, 3, 7\}"}
    made = derivation("a + b + k = 0", variables)
    question, clock = question_of(made, made.steps[0]), Clock.of(5)
    for point in instances(question, 5, clock, seed=seed):
        assert meets(question, point, clock)
        assert point["a"] >= 0
        assert point["a"] ** 2 <= 2
        assert point["b"] > point["a"]
        assert point["k"] in (2, 3, 7)


# ------------------------------------------------------------ no gap in the domain

GAPS = [
    r"|x| = \sqrt{x} \sqrt{x}",
    r"\mathrm{ReLU}(x)^{1/2} = \sqrt{x}",
    r"\mathrm{ReLU}(x)^{-1} = \frac{1}{x}",
    r"\operatorname{sgn}(x)^{-1} = \operatorname{sgn}(x)",
    r"\log(x y) = \log(x) + \log(y)",
    r"\int_0^\infty e^{-a s} \, ds = \frac{1}{a}",
    r"\frac{x^2 - y^2}{x - y} = x + y",
]


@pytest.mark.parametrize("step", GAPS)
def test_a_side_without_a_value_is_an_error_that_names_the_point(step):
    (result,) = results(step, REALS)
    assert result.verdict is Verdict.ERROR
    assert "a side has no value" in result.why
    assert r"\text{for }" in result.why


@pytest.mark.parametrize(
    "step",
    [
        r"|x| = \sqrt{x} \sqrt{x} \quad \text{for } x \ge 0",
        r"\log(x y) = \log(x) + \log(y) \quad \text{for } x > 0, y > 0",
        r"\int_0^\infty e^{-a s} \, ds = \frac{1}{a} \quad \text{for } a > 0",
        r"\frac{x^2 - y^2}{x - y} = x + y \quad \text{for } x \ne y",
    ],
)
def test_with_its_condition_the_step_holds(step):
    (result,) = results(step, REALS)
    assert result.verdict in HOLDS, result


@pytest.mark.parametrize("place", ["7/13", "101/7", "-355/113"])
def test_a_gap_that_no_point_meets_is_no_proof(place):
    top, bottom = place.split("/")
    inner = rf"\left(x - \frac{{{top}}}{{{bottom}}}\right)"
    (result,) = results(rf"\frac{{{inner}}}{{{inner}}} = 1", REALS)
    assert result.verdict in (Verdict.SAMPLED, Verdict.ERROR)


@pytest.mark.parametrize(
    "step",
    [
        r"\sqrt{a} \ge 0 \iff a^2 \ge 0",
        r"\frac{a}{a} = 1 \iff (a - 1)^2 \ge 0",
        r"\frac{a}{b} = 1 \iff a = b",
        r"\sqrt{a} = \sqrt{b} \iff a = b",
        r"\frac{1}{a} = \frac{1}{b} \iff a = b",
    ],
)
def test_an_equivalence_fails_where_one_side_has_no_value(step):
    assert Verdict.ERROR in [result.verdict for result in results(step, REALS)]


# ------------------------------------------------------------ finite domains of whole numbers


def test_a_range_that_names_an_earlier_number_is_gone_through():
    variables = {"n": "integer in [1, 4]", "h": "integer in [0, n]"}
    variables |= dict.fromkeys("pq", "real in (0, 1)")
    step = (
        r"p^h (1 - p)^{n-h} = \frac{(1 - p)^n}{(1 - q)^n} q^h (1 - q)^{n-h}"
        r"\Big( \frac{p (1 - q)}{q (1 - p)} \Big)^h"
    )
    (result,) = results(step, variables)
    assert result.verdict is Verdict.PROVED
    assert result.method == "each of 14 cases of n, h"


def test_a_refutation_says_only_what_confirms_it():
    (result,) = results(r"\sqrt{2} \sqrt{2} < 2", REALS)
    assert result.verdict is Verdict.REFUTED
    assert result.counterexample.confirmed == ""
