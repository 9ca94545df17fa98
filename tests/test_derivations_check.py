"""Verdicts of the checker on small documents, with damaged versions of what it proves."""

from fractions import Fraction

import pytest

from derivations.check import Limits, check
from derivations.document import Derivation
from derivations.results import Verdict

LIMITS = Limits(seconds=10, apart=False)


def verdicts(*steps, **front):
    """The results for steps under declarations."""
    document = Derivation.build("a-test", "A test", steps=list(steps), **front)
    return check(document, LIMITS).steps


def verdict(step, **front):
    """The result of one step."""
    (result,) = verdicts(step, **front)
    return result


TRUE = [
    ("(a + b)^2 = a^2 + 2 a b + b^2", {"variables": {"a": "real", "b": "real"}}),
    (r"|a| = \max(a, -a)", {"variables": {"a": "real"}}),
    (r"\sqrt{a^2} = |a|", {"variables": {"a": "real"}}),
    (r"\int_0^1 (u - t)_+^2 \, dt = \frac{u^3}{3}", {"variables": {"u": "real in [0, 1]"}}),
    (r"4 \cos(2 \pi / 5) = \sqrt{5} - 1", {}),
    (r"\sum_{i=1}^n i^2 = \frac{n (n + 1) (2 n + 1)}{6}", {"variables": {"n": "integer >= 0"}}),
    (r"x (1 - x) \le \frac{1}{4}", {"variables": {"x": "real"}}),
    (r"x y \ge 0", {"variables": {"x": "real >= 0", "y": "real >= 0"}}),
    (r"\frac{d}{dx} x^3 = 3 x^2", {"variables": {"x": "real"}}),
    (r"\lim_{x \to 0^+} \frac{\sqrt{1 + x} - 1}{x} = \frac{1}{2}", {"variables": {"x": "real"}}),
    (
        r"\mathbb{E}[(x - b)_+] = \frac{p (1 - b)^2}{2}",
        {
            "variables": {"p": "real in [0, 1]", "b": "real in [0, 1]"},
            "random": {"x": "uniform on [0, 1] with probability p, else 0"},
        },
    ),
]

FALSE = [
    ("(a + b)^2 = a^2 + a b + b^2", {"variables": {"a": "real", "b": "real"}}),
    ("|a| = a", {"variables": {"a": "real"}}),
    (r"\int_0^1 (u - t)_+^2 \, dt = \frac{u^2}{3}", {"variables": {"u": "real in [0, 1]"}}),
    (r"4 \cos(2 \pi / 5) = \sqrt{5} + 1", {}),
    (r"\sum_{i=1}^n i^2 = \frac{n (n + 1) (2 n - 1)}{6}", {"variables": {"n": "integer >= 0"}}),
    (r"x (1 - x) \le \frac{6}{25}", {"variables": {"x": "real"}}),
    (r"x y > 0", {"variables": {"x": "real >= 0", "y": "real >= 0"}}),
    (r"\frac{d}{dx} x^3 = 3 x", {"variables": {"x": "real"}}),
    (r"\lim_{x \to 0^+} \frac{\sqrt{1 + x} - 1}{x} = 1", {"variables": {"x": "real"}}),
    (
        r"\mathbb{E}[(x - b)_+] = \frac{p (1 - b^2)}{2}",
        {
            "variables": {"p": "real in [0, 1]", "b": "real in [0, 1]"},
            "random": {"x": "uniform on [0, 1] with probability p, else 0"},
        },
    ),
]


@pytest.mark.parametrize(("step", "front"), TRUE)
def test_a_true_step_is_proved(step, front):
    result = verdict(step, **front)
    assert result.verdict is Verdict.PROVED, result


@pytest.mark.parametrize(("step", "front"), FALSE)
def test_a_false_step_is_refuted_and_the_second_route_agrees(step, front):
    result = verdict(step, **front)
    assert result.verdict is Verdict.REFUTED, result
    assert result.counterexample.confirmed.startswith("balls")


def test_a_counterexample_is_small():
    found = verdict("a^2 = a", variables={"a": "real"}).counterexample
    assert found.values["a"] in {Fraction(2), Fraction(-1), Fraction(1, 2)}


def test_an_equality_that_holds_only_outside_the_assumptions_is_refuted():
    assert verdict("|a| = -a", variables={"a": "real > 0"}).verdict is Verdict.REFUTED
    assert verdict("|a| = -a", variables={"a": "real <= 0"}).verdict is Verdict.PROVED


def test_assumptions_that_nothing_meets_are_an_error():
    result = verdict("a = a", variables={"a": "real > 0"}, assumptions=["a < 0"])
    assert result.verdict is Verdict.ERROR
    assert "no instance" in result.why


def test_sides_without_a_value_anywhere_are_an_error():
    assert verdict(r"\frac{a}{0} = \frac{a}{0}", variables={"a": "real"}).verdict is Verdict.ERROR


def test_an_equality_that_first_fails_far_out_is_not_called_proved():
    # n^2 + n + 41 has no divisor below itself for n = 0, ..., 39; here it is 41 at n = 0, 1, ...
    step = r"\prod_{k=0}^{20} (n - k) = 0"
    result = verdict(step, variables={"n": "integer >= 0"})
    assert result.verdict is not Verdict.PROVED
