"""Rules that hold in part: never proved where they fail, never refuted where they hold.

The reference is written here with mpmath: each rule comes as LaTeX and as two Python functions. A
number that is no real one, or a division by zero, counts as no value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import mpmath
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mpmath import mpf

from derivations.checking.steps import check_step
from derivations.document import Derivation
from derivations.results import Verdict

NESTED = [HealthCheck.nested_given]  # counterexamples are shrunk by Hypothesis, too
SPECIAL = [mpf(n) / d for d in (1, 2, 3) for n in range(-6, 7)] + [mpf("0.37"), mpf("-7.25")]


class NoRealValue(Exception):
    """There is none."""


@dataclass(frozen=True)
class Term:
    """A term in LaTeX and as a function of ``a`` and ``b``."""

    text: str
    at: Callable


TERMS = [
    Term("a", lambda a, b: a),
    Term("b", lambda a, b: b),
    Term("(a - b)", lambda a, b: a - b),
    Term("(a + 1)", lambda a, b: a + 1),
    Term("a^2", lambda a, b: a * a),
    Term("(-a)", lambda a, b: -a),
    Term("a b", lambda a, b: a * b),
    Term(r"\lvert b \rvert", lambda a, b: abs(b)),
    Term("(1 + b^2)", lambda a, b: 1 + b * b),
    Term(r"\frac{a}{2}", lambda a, b: a / 2),
    Term("2", lambda a, b: mpf(2)),
]
EXPONENTS = [
    ("2", lambda a, b: mpf(2)),
    ("3", lambda a, b: mpf(3)),
    ("-1", lambda a, b: mpf(-1)),
    ("1/2", lambda a, b: mpf(1) / 2),
    ("1/3", lambda a, b: mpf(1) / 3),
    ("2/3", lambda a, b: mpf(2) / 3),
    ("3/2", lambda a, b: mpf(3) / 2),
    ("b", lambda a, b: b),
    ("2 b", lambda a, b: 2 * b),
]


def power(x, e):
    """As the language has it: negative numbers to whole exponents alone, ``0^0 = 1``."""
    if e == mpmath.nint(e):
        if x == 0 and e < 0:
            raise NoRealValue
        return mpf(1) if e == 0 else x ** int(e)
    if x < 0 or (x == 0 and e < 0):
        raise NoRealValue
    return mpf(0) if x == 0 else x**e


def root(x):
    if x < 0:
        raise NoRealValue
    return mpmath.sqrt(x)


def log(x):
    if x <= 0:
        raise NoRealValue
    return mpmath.log(x)


def over(x, y):
    if y == 0:
        raise NoRealValue
    return x / y


def relu(x):
    return max(x, mpf(0))


# text with X, Y for terms and E, F for exponents; the two sides
RULES = {
    r"\sqrt{X^2} = X": (lambda x, y, e, f: root(x * x), lambda x, y, e, f: x),
    r"\sqrt{X^2} = \lvert X \rvert": (lambda x, y, e, f: root(x * x), lambda x, y, e, f: abs(x)),
    r"\sqrt{X} \sqrt{Y} = \sqrt{X Y}": (
        lambda x, y, e, f: root(x) * root(y),
        lambda x, y, e, f: root(x * y),
    ),
    r"(X^{E})^{F} = X^{(E) (F)}": (
        lambda x, y, e, f: power(power(x, e), f),
        lambda x, y, e, f: power(x, e * f),
    ),
    r"X^{E} X^{F} = X^{(E) + (F)}": (
        lambda x, y, e, f: power(x, e) * power(x, f),
        lambda x, y, e, f: power(x, e + f),
    ),
    r"(X Y)^{E} = X^{E} Y^{E}": (
        lambda x, y, e, f: power(x * y, e),
        lambda x, y, e, f: power(x, e) * power(y, e),
    ),
    r"X^{E} \lvert X \rvert^{E} = (X \lvert X \rvert)^{E}": (
        lambda x, y, e, f: power(x, e) * power(abs(x), e),
        lambda x, y, e, f: power(x * abs(x), e),
    ),
    r"\log(X Y) = \log(X) + \log(Y)": (
        lambda x, y, e, f: log(x * y),
        lambda x, y, e, f: log(x) + log(y),
    ),
    r"\log(X^2) = 2 \log(X)": (lambda x, y, e, f: log(x * x), lambda x, y, e, f: 2 * log(x)),
    r"\exp(\log(X)) = X": (lambda x, y, e, f: mpmath.exp(log(x)), lambda x, y, e, f: x),
    r"\frac{X Y}{X} = Y": (lambda x, y, e, f: over(x * y, x), lambda x, y, e, f: y),
    r"\frac{X^2 - Y^2}{X - Y} = X + Y": (
        lambda x, y, e, f: over(x * x - y * y, x - y),
        lambda x, y, e, f: x + y,
    ),
    r"\lvert X + Y \rvert = \lvert X \rvert + \lvert Y \rvert": (
        lambda x, y, e, f: abs(x + y),
        lambda x, y, e, f: abs(x) + abs(y),
    ),
    r"\lvert X Y \rvert = \lvert X \rvert \cdot \lvert Y \rvert": (
        lambda x, y, e, f: abs(x * y),
        lambda x, y, e, f: abs(x) * abs(y),
    ),
    r"\mathrm{ReLU}(X) - \mathrm{ReLU}(-X) = X": (
        lambda x, y, e, f: relu(x) - relu(-x),
        lambda x, y, e, f: x,
    ),
    r"\mathrm{ReLU}(X)^2 = X \mathrm{ReLU}(X)": (
        lambda x, y, e, f: relu(x) ** 2,
        lambda x, y, e, f: x * relu(x),
    ),
    r"\mathrm{ReLU}(X + Y) = \mathrm{ReLU}(X) + \mathrm{ReLU}(Y)": (
        lambda x, y, e, f: relu(x + y),
        lambda x, y, e, f: relu(x) + relu(y),
    ),
    r"\operatorname{sign}(X) \lvert X \rvert = X": (
        lambda x, y, e, f: mpmath.sign(x) * abs(x),
        lambda x, y, e, f: x,
    ),
    r"\operatorname{sign}(X)^2 = 1": (
        lambda x, y, e, f: mpmath.sign(x) ** 2,
        lambda x, y, e, f: mpf(1),
    ),
    r"\max(X, Y) + \min(X, Y) = X + Y": (
        lambda x, y, e, f: max(x, y) + min(x, y),
        lambda x, y, e, f: x + y,
    ),
}
FILLED = ("X", "Y", "E", "F")
EXAMPLES = st.tuples(
    st.sampled_from(sorted(RULES)),
    st.sampled_from(TERMS),
    st.sampled_from(TERMS),
    st.sampled_from(EXPONENTS),
    st.sampled_from(EXPONENTS),
    st.booleans(),
)


def filled(rule, first, second, e, f):
    """A rule with its terms put in; each letter stands alone in it."""
    text, parts = "", dict(zip(FILLED, (first.text, second.text, e, f), strict=True))
    parts["X"], parts["Y"] = f"({parts['X']})", f"({parts['Y']})"
    for letter, before in zip(rule, " " + rule, strict=False):
        known = letter in parts and not before.isalpha() and before != "\\"
        text += parts[letter] if known else letter
    return text


def points(positive):
    for a in SPECIAL:
        for b in SPECIAL:
            if not positive or (a > 0 and b > 0):
                yield a, b


def side(function, first, second, e, f, a, b):
    try:
        return function(first.at(a, b), second.at(a, b), e(a, b), f(a, b))
    except NoRealValue:
        return None


def verdict_of(step, positive):
    kind = "real > 0" if positive else "real"
    made = Derivation.build("a-test", "A test", variables={"a": kind, "b": kind}, steps=[step])
    return check_step(made, made.steps[0], 4.0)


def truth(rule, first, second, e, f, positive):
    """Whether a rule holds at all points, both sides having values, and where it fails."""
    left, right = RULES[rule]
    with mpmath.workdps(30):
        for a, b in points(positive):
            found = [side(x, first, second, e[1], f[1], a, b) for x in (left, right)]
            if None in found:
                return False, (a, b)
            if abs(found[0] - found[1]) > mpf(10) ** -20 * (1 + abs(found[0])):
                return False, (a, b)
    return True, None


@settings(max_examples=150, deadline=None, suppress_health_check=NESTED)
@given(EXAMPLES)
def test_no_rule_is_proved_where_it_fails_or_refuted_where_it_holds(example):
    rule, first, second, e, f, positive = example
    step = filled(rule, first, second, e[0], f[0])
    result = verdict_of(step, positive)
    holds, where = truth(rule, first, second, e, f, positive)
    if holds:
        assert result.verdict is not Verdict.REFUTED, step
    else:
        assert result.verdict is not Verdict.PROVED, (step, where)


# ------------------------------------------------------------ limits

SMALL = [
    (r"t", lambda t: t),
    (r"\sqrt{t}", mpmath.sqrt),
    (r"t^2", lambda t: t * t),
    (r"t^{1/3}", lambda t: mpmath.root(t, 3)),
    (r"t^{3/2}", lambda t: t * mpmath.sqrt(t)),
    (r"\sqrt{2 t}", lambda t: mpmath.sqrt(2 * t)),
    (r"\sin(t)", mpmath.sin),
    (r"(\exp(\sqrt{t}) - 1)", lambda t: mpmath.exp(mpmath.sqrt(t)) - 1),
    (r"\mathrm{ReLU}(t)^{1/2}", mpmath.sqrt),
    (r"(1 - \cos(t))", lambda t: 1 - mpmath.cos(t)),
]
LARGE = [
    part for part in SMALL if "sin" not in part[0] and "cos" not in part[0] and "exp" not in part[0]
]
ENDS = [("0^+", SMALL, mpf(10) ** -60), (r"\infty", LARGE, mpf(10) ** 60)]
GUESSES = ["0", "1", "2", r"\frac{1}{2}", r"\sqrt{2}", r"\frac{1}{\sqrt{2}}"]
VALUES = dict(zip(GUESSES, (0, 1, 2, 0.5, 2**0.5, 0.5**0.5), strict=True))


@settings(max_examples=120, deadline=None, suppress_health_check=NESTED)
@given(st.data())
def test_no_limit_is_proved_that_is_another(data):
    end, parts, near = data.draw(st.sampled_from(ENDS))
    top, first, second = (data.draw(st.sampled_from(parts)) for _ in range(3))
    guess = data.draw(st.sampled_from(GUESSES))
    step = rf"\lim_{{t \to {end}}} \frac{{{top[0]}}}{{{first[0]} + {second[0]}}} = {guess}"
    with mpmath.workdps(200):
        value = top[1](near) / (first[1](near) + second[1](near))
        is_true = abs(value - VALUES[guess]) < 1e-6
    made = Derivation.build("a-test", "A test", variables={"t": "real"}, steps=[step])
    verdict = check_step(made, made.steps[0], 4.0).verdict
    assert verdict is not (Verdict.REFUTED if is_true else Verdict.PROVED), step


# ------------------------------------------------------------ sums and integrals with open ends

CLOSED = [
    (r"\sum_{i=1}^{N} 1 = N", "whole"),
    (r"\sum_{i=1}^{N} i = \frac{N^2 + N}{2}", "whole"),
    (r"\prod_{i=1}^{N} 2 = 2^{N}", "whole"),
    (r"\int_0^{N} s^{1/2} \, ds = \frac{2}{3} \sqrt{N} N", "any"),
    (r"\int_0^{N} s \, ds = \frac{N^2}{2}", "any"),
]


@pytest.mark.parametrize(("step", "needs"), CLOSED)
@pytest.mark.parametrize(("kind", "end"), [("real >= 0", "n"), ("integer >= 0", r"\frac{n}{2}")])
def test_no_sum_to_an_end_that_is_not_whole_is_proved(step, needs, kind, end):
    text = step.replace("{N}", f"{{{end}}}").replace("N^2", "(N)^2").replace("N", end)
    made = Derivation.build("a-test", "A test", variables={"n": kind}, steps=[text])
    verdict = check_step(made, made.steps[0], 6.0).verdict
    assert verdict is not (Verdict.PROVED if needs == "whole" else Verdict.REFUTED)
