"""Verdicts of the checker on small documents, with damaged versions of what it proves."""

import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest

from derivations.check import Limits, check
from derivations.document import Derivation, parse_derivation
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


FAMILY = {
    "variables": {
        "n": "integer >= 1",
        "k": "integer >= 0, <= n",
        "r_i": "real for i = 1..n",
        "c": "real",
    }
}
WHOLE = {"variables": {"n": "integer >= 1", "p": "real in (0, 1)"}}

OPEN = [
    (r"\sum_{i=1}^n c r_i = c \sum_{j=1}^n r_j", r"\sum_{i=1}^n c r_i = \sum_{j=1}^n r_j", FAMILY),
    (
        r"\sum_{i=1}^k r_i + \sum_{i=k+1}^n r_i = \sum_{i=1}^n r_i",
        r"\sum_{i=1}^k r_i + \sum_{i=k}^n r_i = \sum_{i=1}^n r_i",
        FAMILY,
    ),
    (
        r"\sum_{i=1}^n \frac{1}{i (i + 1)} = 1 - \frac{1}{n + 1}",
        r"\sum_{i=1}^n \frac{1}{i (i + 1)} = 1 - \frac{1}{n}",
        WHOLE,
    ),
    (r"\prod_{i=1}^n i = n!", r"\prod_{i=1}^n i = (n + 1)!", WHOLE),
    (
        r"\sum_{i=0}^n \binom{n}{i} p^i (1 - p)^{n-i} = 1",
        r"\sum_{i=1}^n \binom{n}{i} p^i (1 - p)^{n-i} = 1",
        WHOLE,
    ),
    (
        r"\sum_{i=0}^n i \binom{n}{i} p^i (1 - p)^{n-i} = n p",
        r"\sum_{i=0}^n i \binom{n}{i} p^i (1 - p)^{n-i} = n p^2",
        WHOLE,
    ),
    (
        r"\int_0^1 z \cos(2 \pi n z) \, dz = 0",
        r"\int_0^1 z \sin(2 \pi n z) \, dz = 0",
        WHOLE,
    ),
    (r"(1 + p)^n \ge 1 + n p", r"(1 + p)^n \ge 1 + (n + 1) p", WHOLE),
]


@pytest.mark.parametrize(("step", "damaged", "front"), OPEN)
def test_steps_for_every_whole_number(step, damaged, front):
    assert verdict(step, **front).verdict is Verdict.PROVED, verdict(step, **front)
    assert verdict(damaged, **front).verdict is Verdict.REFUTED


def test_what_is_proved_for_single_numbers_alone_is_not_called_proved():
    result = verdict(
        r"\mathbb{E} \sum_{i=1}^n x_i = \frac{n}{2}",
        variables={"n": "integer >= 1"},
        random={"x_i": "uniform on [0, 1] for i = 1..n"},
    )
    assert result.verdict is Verdict.SAMPLED
    assert "not for all" in result.why


def test_a_finite_domain_is_proved_case_by_case():
    result = verdict(
        r"\mathbb{E} \sum_{i=1}^n x_i = \frac{n}{2}",
        variables={"n": "integer in [1, 4]"},
        random={"x_i": "uniform on [0, 1] for i = 1..n"},
    )
    assert result.verdict is Verdict.PROVED


def test_the_parameter_of_a_caller_is_not_seen_in_another_definition():
    steps = [r"g(y) := y + a", r"f(a) := g(2 a)", r"f(1) = 2 + a"]
    (result,) = verdicts(*steps, variables={"a": "real"})
    assert result.verdict is Verdict.PROVED


def test_a_mean_inside_a_mean_is_a_number():
    front = {"random": {"x": "uniform on [0, 1]"}}
    assert verdict(r"\mathbb{E}(x - \mathbb{E} x)^2 = \frac{1}{12}", **front).verdict is (
        Verdict.PROVED
    )


def test_assumed_relations_are_used_and_counted_out():
    text = """---
title: A test
id: a-test
variables:
  a: real
  b: real
---

<!-- assume -->
$$ a = 2 b $$

$$ a - b = b $$
"""
    results = check(parse_derivation(text), LIMITS).steps
    assert [result.verdict for result in results] == [Verdict.PROVED]


def test_a_hypothesis_that_nothing_meets_is_an_error():
    text = """---
title: A test
id: a-test
variables:
  a: real
---

<!-- assume -->
$$ a^2 + 1 = 0 $$

$$ a = a + 1 $$
"""
    results = check(parse_derivation(text), LIMITS).steps
    assert {result.verdict for result in results} == {Verdict.ERROR}


def test_the_time_limit_holds_in_a_process_of_its_own():
    document = Derivation.build(
        "a-test",
        "A test",
        variables={"a": "real", "n": "integer >= 1"},
        steps=[
            "a = a",
            r"\sum_{i=1}^{19999} \sum_{j=1}^{19999} \frac{1}{i + j + n} = 1",
            "a a = a^2",
        ],
    )
    steps = check(document, Limits(seconds=1.0)).steps
    assert [s.verdict for s in steps] == [Verdict.PROVED, Verdict.UNDECIDED, Verdict.PROVED]
    assert steps[1].seconds < 10


def test_a_script_without_a_guard_is_not_run_again(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "from derivations.check import check\n"
        "from derivations.document import Derivation\n"
        "print('started')\n"
        "document = Derivation.build('a-b', 'A', variables={'a': 'real'}, steps=['a = a'])\n"
        "print(check(document).verdict.value)\n"
    )
    root = str(Path(__file__).parent.parent)
    done = subprocess.run(
        [sys.executable, str(script)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": root},
    )
    assert done.stdout.split() == ["started", "proved"]
