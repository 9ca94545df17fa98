"""Forms that were read as something else: each has its one reading now, or is refused in place."""

from __future__ import annotations

import pytest

from derivations.check import Limits, check
from derivations.document import Derivation, DerivationError
from derivations.language.render import latex
from derivations.results import Verdict

LIMITS = Limits(seconds=10, apart=False)
PROVED, REFUTED = Verdict.PROVED, Verdict.REFUTED
REALS = dict.fromkeys(("a", "b", "c"), "real")
FAMILY = {"variables": REALS | {"w_i": "real for i = 1..3", "v_i": "real for i = 1..3"}}
LAWS = {"x": "uniform on [0, 1]", "y": "uniform on [0, 1]", "z_i": "normal for i = 1..2"}
DIMENSION = {"variables": {"d": "integer >= 1", "n": "integer >= 1", "x": "real", "y": "real"}}


def read(*steps, **front):
    """A document of some equations."""
    return Derivation.build("t", "T", steps=list(steps), **{"variables": REALS, **front})


def verdicts(*steps, **front):
    """What the checker says of each step."""
    return [step.verdict for step in check(read(*steps, **front), LIMITS).steps]


def refused(*steps, at, words, **front):
    """The last equation is refused, with the caret under what ``at`` stands before."""
    with pytest.raises(DerivationError, match=words) as caught:
        read(*steps, **front)
    error = caught.value
    assert error.text[error.column - 1 :].startswith(at), str(error)


def conditions(step):
    """The conditions of a step, written."""
    return [latex(condition) for condition in step.assuming]


def hypothesis(equation):
    """An equation that is assumed."""
    return f"<!-- assume -->\n$$ {equation} $$"


# ------------------------------------------------------------------ hypotheses


@pytest.mark.parametrize(
    "equation",
    [
        r"a = 1 \quad \text{for } b > 0",
        r"a = 1 \quad \text{if } b = 0",
        r"a = 1 \qquad (b > 0)",
        r"a > 0 \iff b > 0",
        r"a > 0 \Leftrightarrow b > 0 \quad \text{for all } c",
        r"\begin{aligned} a &= 1, \\ c &= 2 \end{aligned} \quad \text{for } b > 0",
        r"a = 1, \qquad c = 2 \quad \text{for } c > 0",
        r"a = 1 \quad \text{for } w_i > 0",
        r"w_i = 1 \quad \text{for } w_i > 0",
    ],
)
def test_a_hypothesis_has_no_conditions(equation):
    with pytest.raises(DerivationError, match="no conditions of its own"):
        read(hypothesis(equation), "a = 1", **FAMILY)


def test_what_a_conditional_hypothesis_says_is_an_assumption():
    assumed = {"assumptions": [r"b <= 0 \text{ or } a = 1"]}
    assert verdicts("a = 1", **assumed) == [REFUTED]
    assert verdicts(r"a = 1 \quad \text{for } b > 0", **assumed) != [REFUTED]


@pytest.mark.parametrize(
    ("equation", "verdict"),
    [
        (r"w_1 + w_2 + w_3 > 0", PROVED),
        (r"w_i > 0 \quad \text{for all } i", PROVED),
        (r"\sum_{i=1}^{3} w_i > 0", PROVED),
        (r"w_1 + v_2 > 0", REFUTED),
        (r"w_1 > 1", REFUTED),
    ],
)
def test_a_hypothesis_for_all_i_is_used_for_each(equation, verdict):
    assert verdicts(hypothesis(r"w_i > 0 \quad \text{for all } i"), equation, **FAMILY) == [verdict]


def test_a_hypothesis_holds_for_the_values_that_it_names():
    first = hypothesis(r"w_i > 0 \quad \text{for } i = 1, \ldots, 2")
    assert verdicts(first, "w_2 > 0", "w_3 > 0", **FAMILY) == [PROVED, REFUTED]
    both = hypothesis(r"w_i > v_j \quad \text{for all } i, j")
    assert verdicts(both, "w_1 > v_3", "w_2 > 0", **FAMILY) == [PROVED, REFUTED]


@pytest.mark.parametrize("last", ["n", "100"])
def test_a_hypothesis_over_an_open_or_long_range_is_refused(last):
    declared = {"n": "integer >= 1", "w_i": f"real for i = 1..{last}"}
    refused(hypothesis(r"w_i > 0 \quad \text{for all } i"), "w_1 > 0", variables=declared,
            at="w_i", words="written out for all values of i")  # fmt: skip


# ------------------------------------------------------------------ arguments with a second meaning


@pytest.mark.parametrize(
    "definition",
    [
        r"f(x) := \mathbb{E}_y[x y]",
        r"f(x) := \mathbb{E}[x^2]",
        r"f(x) := 1 + \mathbb{E}[y]",
        r"f(x) := \Pr(x < y)",
        r"f(x) := \mathrm{Var}_y(x y)",
        r"f(x) := \mathbb{E}[y \mid y > x]",
        r"f_x := \mathbb{E}[x y]",
        r"f_a(x) := \mathbb{E}[x y]",
        r"f(a, x) := a \sum_{i=1}^{2} \mathbb{E}[x^i]",
        r"f(x) := \mathbf{1}[\mathbb{E}[y] > x]",
    ],
)
def test_an_argument_does_not_hide_what_a_mean_is_over(definition):
    refused(definition, at="f", words="the name of a random variable", random=LAWS)


@pytest.mark.parametrize(
    ("definition", "front"),
    [
        (r"f(z_1) := \mathbb{E}[z_1 z_2]", {"random": LAWS}),
        (r"f(w_1) := w_1 + w_2", FAMILY),
        (r"f(w) := w", FAMILY),
        (r"f(g) := g(2)", {}),
        (r"f(q) := q + 1", {}),
        (r"f(Q) := Q", {"quantities": {"Q": {
            "kind": "loss", "features": "1", "hidden": "1", "weights": [["1"]]}}}),
    ],
)  # fmt: skip
def test_an_argument_has_no_name_of_a_family_or_function(definition, front):
    refused(r"g(t) := t^2", "q := 3", definition, at="f", words="has a meaning already", **front)


@pytest.mark.parametrize("name", ["x", "w", "w_1"])
def test_an_argument_of_a_quantity_has_no_second_meaning(name):
    model = {"kind": "loss", "features": "1", "hidden": "1", "weights": [["1"]]}
    front = {"quantities": {f"Q({name})": model}, "random": LAWS, **FAMILY}
    refused("a = a", at=f"Q({name})", words="has a meaning already", **front)


@pytest.mark.parametrize(
    ("steps", "wanted"),
    [
        ((r"f(x) := x^2", "f(2) = 4", r"\mathbb{E}[f(x)] = \frac{1}{3}"), [PROVED, PROVED]),
        ((r"f(x) := x^2", r"\mathbb{E}[x f(2)] = 2", r"\Pr(f(2) < y) = 0"), [PROVED, PROVED]),
        ((r"m := \mathbb{E}[x]", r"f(x) := m x", "f(2) = 1", "f(2) = 4"), [PROVED, REFUTED]),
        ((r"f(t) := \mathbb{E}[t x]", r"f(x) = \frac{x}{2}", r"\mathbb{E}[x f(x)] = \frac{1}{6}"),
         [PROVED, PROVED]),
        (("g := a^2", "f(a) := a + g", "f(2) = a^2 + 2", "f(2) = 6"), [PROVED, REFUTED]),
        ((r"f(t) := t^2", r"\mathbb{E}[f'(x)] = 1"), [PROVED]),
    ],
)  # fmt: skip
def test_what_an_argument_may_hide_it_hides(steps, wanted):
    assert verdicts(*steps, random=LAWS) == wanted


@pytest.mark.parametrize(
    ("equation", "at"),
    [
        (r"\lim_{x \to 1} \mathbb{E}[x^2] = 1", r"x \to"),
        (r"\frac{d}{dx} \mathbb{E}[x y] = 0", "x} "),
        (r"\frac{\partial \Pr(x < y)}{\partial x} = 0", "x} "),
    ],
)
def test_no_limit_or_derivative_is_by_what_a_mean_is_over(equation, at):
    refused(equation, at=at, words="x is random", random=LAWS)


@pytest.mark.parametrize(
    "steps",
    [
        (r"\mathbb{E}[x] = \frac12 \quad \text{for } x > \frac12",),
        (r"\mathbb{E}[y] = \frac12 \quad \text{if } x + y > \frac12",),
        (r"\Pr(y < a) = a \quad \text{for } z_i > 0",),
        (r"\mathbb{E}[x] = \frac12 \iff x > \frac12",),
        (r"q := x^2", r"\mathbb{E}[x] = \frac12 \quad \text{for } q > 1"),
        (hypothesis(r"x > \frac12"), r"\mathbb{E}[x] = \frac12"),
    ],
)
def test_no_mean_is_taken_under_a_condition_on_what_it_is_over(steps):
    with pytest.raises(DerivationError, match="a condition speaks of the random"):
        read(*steps, random=LAWS)


def test_an_assumption_on_a_random_variable_is_no_law():
    refused(r"\mathbb{E}[x] = \frac12", random=LAWS, assumptions=["x > 0"], at=r"\mathbb",
            words="speaks of the random x")  # fmt: skip
    assert verdicts(hypothesis("x > y"), "(x - y)_+ = x - y", random=LAWS) == [PROVED]


# ------------------------------------------------------------------ a d that is declared


@pytest.mark.parametrize(
    ("formula", "at"),
    [
        (r"\frac{d}{dx} x^2", "dx"),
        (r"\frac{d x^2}{d x}", "d x}"),
        (r"\frac{d^2}{dx^2} x^2", "dx^2"),
        (r"\frac{d (x^2 + 1)}{d x}", "d x}"),
        (r"\frac{d y}{d x}", "d x}"),
        (r"\dfrac{d}{\mathrm{d} x} x^2", r"\mathrm{d} x"),
        (r"\frac{d^2 x}{d x d y}", "d x d"),
    ],
)
def test_a_derivative_by_a_declared_d_is_refused(formula, at):
    refused(f"{formula} = x", at=at, words="d has a meaning", **DIMENSION)


def test_a_d_that_is_bound_is_no_differential():
    front = {"variables": {"x": "real"}}
    refused(r"\sum_{d=1}^{2} \frac{d}{dx} x^2 = 4 x", at="dx", words="d has a meaning", **front)
    refused(r"f(d) := \frac{d}{dx} x^2", at="dx", words="d has a meaning", **front)


@pytest.mark.parametrize(
    "equation",
    [
        r"\frac{\mathrm{d}}{\mathrm{d} x} x^2 = 2 x",
        r"\frac{\partial}{\partial x} x^2 = 2 x",
        r"\frac{d}{d + 1} \le 1",
        r"\frac{d - 1}{d n} \le 1",
        r"\frac{d \cdot n}{d \cdot n} = 1",
        r"\frac{d n}{d} = n",
    ],
)
def test_a_declared_d_stands_in_quotients(equation):
    assert verdicts(equation, **DIMENSION) == [PROVED]


# ------------------------------------------------------------------ lists of conditions

EACH = [
    (r"a, b > 0", ["a > 0", "b > 0"]),
    (r"a, b, c > 0", ["a > 0", "b > 0", "c > 0"]),
    (r"a \text{ and } b > 0", ["a > 0", "b > 0"]),
    (r"a, b \in [0, 1]", [r"0 \le a \le 1", r"0 \le b \le 1"]),
    (r"a, b \ne 0", [r"a \ne 0", r"b \ne 0"]),
    (r"a, b = 2", ["a = 2", "b = 2"]),
    (r"a, b > c > 0", ["a > c > 0", "b > c > 0"]),
    (r"a + b, c > 0", ["a + b > 0", "c > 0"]),
    (r"a, b > 0, c < 1", ["a > 0", "b > 0", "c < 1"]),
    (r"a, b > 0 \text{ and } c < 1", ["a > 0", "b > 0", "c < 1"]),
    (r"c < 1, \ a, b > 0", ["c < 1", "a > 0", "b > 0"]),
    (r"w_1, w_2 > 0", ["w_{1} > 0", "w_{2} > 0"]),
    (r"0 < a \text{ and } b < 1", ["0 < a", "b < 1"]),
    (r"a < b, c > 1", ["a < b", "c > 1"]),
    (r"a \in [0, b], c \in [0, 1]", [r"0 \le a \le b", r"0 \le c \le 1"]),
    (r"a \le b, b \le c", [r"a \le b", r"b \le c"]),
    (r"a, b \text{ and } c", []),
    (r"c > 0, (a > 0 \text{ or } b > 0)", ["c > 0", r"a > 0 \text{ or } b > 0"]),
]
TAILS = [
    r"a = a \quad \text{{for }} {}",
    r"a = a, \quad \text{{for all }} {}",
    r"a = a \quad \text{{if }} {} .",
    r"a = a \quad \forall {}",
    r"\begin{{aligned}} a &= a \end{{aligned}} \quad \text{{for }} {}",
]


@pytest.mark.parametrize("around", TAILS)
@pytest.mark.parametrize(("listed", "wanted"), EACH)
def test_what_is_said_of_a_list_is_said_of_each(around, listed, wanted):
    assert conditions(read(around.format(listed), **FAMILY).steps[0]) == wanted


def test_a_list_in_brackets_is_said_of_each():
    assert conditions(read(r"a = a \qquad (a, b > 0)").steps[0]) == ["a > 0", "b > 0"]


@pytest.mark.parametrize("around", TAILS)
@pytest.mark.parametrize(
    ("listed", "at", "words"),
    [
        (r"0 < a, b < 1", "b < 1", "both are between"),
        (r"0 \le |a|, |b| \le 1", "|b|", "both are between"),
        (r"1 > a, b > 0", "b > 0", "both are between"),
        (r"0 < a^2, b < 1", "b < 1", "both are between"),
        (r"a \le b, c \le 1", r"c \le 1", "both are between"),
        (r"a \le b, c", "c", "alone behind a condition"),
        (r"a > 0, b", "b", "alone behind a condition"),
        (r"a > 0 \text{ and } b", "b", "alone behind a condition"),
        (r"a \in [0, 1], b", "b", "alone behind a condition"),
        (r"0 < a, b, c < 1", r"b, c < 1", "both are between"),
        (r"a, b > a", "> a", "said of all"),
        (r"a, b > 0 \text{ or } c > 0", r"\text{ or }", "'or'"),
        (r"c > 0, a > 0 \text{ or } b > 0", r"\text{ or }", "which comes first"),
        (r"a > 0 \text{ or } b > 0, c > 0", ", c", "which comes first"),
        (r"a, (b > 0)", "(", "needs a relation"),
    ],
)
def test_a_list_with_two_readings_is_refused(around, listed, at, words):
    refused(around.format(listed), at=at, words=words)


@pytest.mark.parametrize("condition", [r"0 < a, b < 1", r"a, b > 0", r"a \le b, c"])
@pytest.mark.parametrize(
    "around",
    [
        r"\mathbf{{1}}[{}] = 1",
        r"\begin{{cases}} 1 & \text{{if }} {} \\ 0 & \text{{otherwise}} \end{{cases}} = 1",
        r"\Pr({}) = 1",
    ],
)
def test_lists_inside_formulas_are_refused(around, condition):
    with pytest.raises(DerivationError):
        read(around.format(condition))
    with pytest.raises(DerivationError):
        read("a = a", assumptions=[condition])


@pytest.mark.parametrize(
    ("below", "wanted"),
    [
        (r"i, j \ge 2", r"(w_2 + w_3)^2"),
        (r"i, j \in \{1, \ldots, 2\}", r"(w_1 + w_2)^2"),
        (r"i, j \ne 2", r"(w_1 + w_3)^2"),
        (r"i, j", r"(w_1 + w_2 + w_3)^2"),
        (r"i, j, i \ne j", r"2 (w_1 w_2 + w_1 w_3 + w_2 w_3)"),
        (r"i, j \ne i", r"2 (w_1 w_2 + w_1 w_3 + w_2 w_3)"),
        (r"i, j > i", r"w_1 w_2 + w_1 w_3 + w_2 w_3"),
        (r"\substack{i, j \\ i < j}", r"w_1 w_2 + w_1 w_3 + w_2 w_3"),
    ],
)
def test_lists_below_a_sum(below, wanted):
    assert verdicts(rf"\sum_{{{below}}} w_i w_j = {wanted}", **FAMILY) == [PROVED]


@pytest.mark.parametrize(
    ("below", "words"),
    [
        (r"1 \le i, j \le 2", "both are between"),
        (r"i < j, k", "alone behind a condition"),
        (r"i, j < k, k", "alone behind a condition"),
        (r"i \ne 1, 2", "alone behind a condition"),
        (r"i, a > 0", "said of all"),
    ],
)
def test_lists_below_a_sum_with_two_readings_are_refused(below, words):
    with pytest.raises(DerivationError, match=words):
        read(rf"\sum_{{{below}}} w_i = 0", **FAMILY)


def test_the_law_of_two_random_variables_is_no_list():
    bounded = r"\quad \text{for } a, b \in [0, 1]"
    assert verdicts(rf"\Pr(x \le a, y \le b) = a b {bounded}", random=LAWS) == [PROVED]
    refused(rf"\Pr(a \le x, y \le b) = a b {bounded}", random=LAWS, at="y", words="both are")


def test_an_index_and_a_variable_are_no_list():
    refused(r"w_i = w_i \quad \text{for all } i, b > 0", at="> 0", words="said of all", **FAMILY)
    step = read(r"w_i w_j = w_j w_i \quad \text{for } i, j = 1, \ldots, 2", **FAMILY).steps[0]
    assert [latex(index.high) for index in step.indices] == ["2", "2"]


def test_conditions_are_shown_so_that_they_are_read_once():
    (one,) = check(read(r"a = a \quad \text{for } 0 < a \text{ and } b < 1"), LIMITS).steps
    assert one.given == r"0 < a \text{ and } b < 1"
    (one,) = check(read(r"a = a \quad \text{for } c > 0, (a > 0 \text{ or } b > 0)"), LIMITS).steps
    assert one.given == r"c > 0 \text{ and } (a > 0 \text{ or } b > 0)"


# ------------------------------------------------------------------ wide spaces


@pytest.mark.parametrize(
    ("equation", "at", "words"),
    [
        (r"a = c \quad \text{for } a > 0 \quad \text{and} \quad b > 0", "b > 0", "a statement"),
        (r"a = c \quad \text{for } a > 0, \quad b > 0", "b > 0", "a statement"),
        (r"a = c \quad \text{for } a > 0, \quad \text{and} \quad b > 0", "b > 0", "a statement"),
        (r"a = c \qquad (a > 0), \qquad b = c", "b = c", "a statement"),
        (r"a = a \quad \text{for } a > 0, \quad b = b, \quad c = c \quad \text{for } c > 0",
         "b = b", "a statement"),
        (r"|a| = a, \quad |b| = b \quad \text{for } a > 0, b > 0", "a > 0", "before it"),
        (r"|a| = a, \qquad a \ge 0 .", r"a \ge 0", "a statement"),
        (r"|a| = a \quad \text{and} \quad 0 < a < 1", "0 < a < 1", "a statement"),
        (r"a > b, \quad |a - b| = a - b", "a > b", "a statement"),
        (r"\begin{aligned} |a| &= a, \quad & a > 0, \\ |a| &= -a, \quad & a < 0 \end{aligned}",
         "a > 0", "a statement"),
        (hypothesis(r"a = 1, \quad b > 0"), "b > 0", "a statement"),
        (r"a_+ = a \quad (a \ge 0), \quad (b > 0)", "b > 0", "whose conditions"),
        (r"\begin{aligned} a &= a, \\ b &= b, \\ &\quad \text{for } a > 0 \end{aligned}",
         "a > 0", "whose conditions"),
        (r"a > 0, \quad b > 0 \iff a b > 0", r"\iff", "sides of this equivalence"),
        (r"a > 0 \quad \text{and} \quad b > 0 \iff a b > 0", r"\iff", "sides of this"),
        (r"a b > 0 \iff a > 0, \quad b > 0", r"\iff", "sides of this equivalence"),
        (r"\begin{aligned} a &> 0, \\ b &> 0 \\ &\iff a b > 0 \end{aligned}", r"\iff", "sides of"),
        (r"\begin{aligned} a &> 0 \iff \\ b &> 0, \quad c > 0 \end{aligned}", r"\iff", "sides of"),
    ],
)  # fmt: skip
def test_what_may_be_a_condition_or_a_statement_is_refused(equation, at, words):
    refused(equation, at=at, words=words)


@pytest.mark.parametrize(
    ("equation", "wanted"),
    [
        (r"a = c \quad \text{for } a > 0 \text{ and } b > 0", [["a > 0", "b > 0"]]),
        (r"a = c \quad \text{for } a > 0, \; b > 0", [["a > 0", "b > 0"]]),
        (r"a = c \quad \text{for } a > 0, \quad b = c \quad \text{for } b > 0",
         [["a > 0"], ["b > 0"]]),
        (r"a = c, \quad a = b \quad \text{for } a > 0", [[], ["a > 0"]]),
        (r"a = c, \quad (a > 0)", [["a > 0"]]),
        (r"a = c, \quad b = c", [[], []]),
        (r"a^2 \ge 0, \quad a^2 + b \ge b", [[], []]),
        (r"\begin{aligned} a &= c, \\ b &> 0 \end{aligned}", [[], []]),
        (r"\begin{aligned} a &= c \\ &\quad \text{for } a > 0 \end{aligned}", [["a > 0"]]),
        (r"\begin{aligned} a &= c, \\ & \text{for } a, b > 0 \end{aligned}", [["a > 0", "b > 0"]]),
        (r"\begin{aligned} a &> 0 \\ &\iff c > 0 \end{aligned}", [["c > 0"], ["a > 0"]]),
    ],
)  # fmt: skip
def test_conditions_beside_statements(equation, wanted):
    assert [conditions(step) for step in read(equation).steps] == wanted


# ------------------------------------------------------------------ what "for all" binds


@pytest.mark.parametrize(
    "equation",
    [
        r"\sum_{j=1}^{3} w_j^2 = 0 \iff w_i = 0 \quad \text{for all } i",
        r"w_i = 0 \iff \sum_{j=1}^{3} w_j^2 = 0 \quad \text{for all } i",
        r"a > 0 \iff w_i > 0 \quad \text{for } i = 1, \ldots, 3",
        r"w_i > 0 \iff v_j > 0 \quad \text{for all } i, j",
    ],
)
def test_an_index_on_one_side_of_an_equivalence_is_refused(equation):
    with pytest.raises(DerivationError, match="one side of the equivalence"):
        read(equation, **FAMILY)


def test_an_index_on_both_sides_of_an_equivalence_is_free():
    assert verdicts(r"w_i > 0 \iff 2 w_i > 0 \quad \text{for all } i", **FAMILY) == [PROVED] * 2


@pytest.mark.parametrize(
    "tail",
    [
        r"\text{for } w_i > 0, \; i = 1, \ldots, 3",
        r"\text{for } w_i > 0, \quad i = 1, \ldots, 3",
        r"\text{for } w_i > 0",
        r"\text{for all } w_i > 0",
        r"\text{for } 0 < w_i",
        r"\text{for all } i, w_i > 0",
    ],
)
def test_a_condition_on_an_index_of_its_own_holds_for_all_of_its_values(tail):
    step = read(rf"w_1 w_2 w_3 > 0 \quad {tail}", **FAMILY).steps[0]
    assert (len(step.assuming), step.indices) == (3, ())
    assert verdicts(rf"w_1 w_2 w_3 > 0 \quad {tail}", **FAMILY) == [PROVED]
    assert verdicts(rf"w_1 w_2 v_3 > 0 \quad {tail}", **FAMILY) == [REFUTED]


@pytest.mark.parametrize(
    ("equation", "words"),
    [
        (r"w_i \ge 0 \quad \text{for } w_i > w_j", "j does not stand"),
        (r"w_1 w_2 w_3 = 0 \quad \text{if } w_i = 0", "i does not stand"),
        (r"w_1 > 0 \quad \text{if } w_i \ne 0", "i does not stand"),
        (r"w_1 > 0 \quad \text{if } w_i > 0 \text{ or } v_i > 0", "i does not stand"),
        (r"w_1 = w_2 \quad \text{for } w_i \le w_j \text{ and } i < j", "i does not stand"),
        (r"w_1 > 0 \quad \text{for } w_i > 0, i \text{ odd}", "i does not stand"),
    ],
)
def test_a_condition_that_may_be_meant_for_one_value_is_refused(equation, words):
    with pytest.raises(DerivationError, match=words):
        read(equation, **FAMILY)


def test_a_condition_over_an_open_range_is_refused():
    declared = {"n": "integer >= 1", "w_i": "real for i = 1..n"}
    refused(r"\sum_{j=1}^{n} w_j \ge 0 \quad \text{for } w_i \ge 0", variables=declared,
            at=r"i \ge", words="between numbers alone")  # fmt: skip


@pytest.mark.parametrize(
    ("equation", "name"),
    [
        (r"t^2 = t \quad \text{for } 0 \le t \le 1", "t"),
        (r"t^2 \le t \quad \text{for } 1 \ge t \ge 0", "t"),
        (r"s t = t s \quad \text{for } 0 \le s \le t \le 1", "s"),
        (r"\sum_{j=1}^{3} t^j \ge 0 \quad \text{if } 0 \le t \le 1", "t"),
    ],
)
def test_a_number_that_is_not_declared_is_no_index(equation, name):
    refused(equation, at=name, words="is not declared", **FAMILY)


@pytest.mark.parametrize(
    "equation",
    [
        r"\sum_{j=1}^{k} j = \frac{k (k + 1)}{2} \quad \text{for } 1 \le k \le 4",
        r"\binom{4}{k} = \binom{4}{4 - k} \quad \text{for } 0 \le k \le 4",
        r"w_k v_k = v_k w_k \quad \text{for } 1 \le k \le 3",
        r"k^2 \ge k \quad \text{for } k = 0, \ldots, 3",
        r"i^2 \ge i \quad \text{for } 1 \le i \le 3",
    ],
)
def test_an_index_is_known_by_where_it_stands(equation):
    assert verdicts(equation, **FAMILY) == [PROVED]


# ------------------------------------------------------------------ functions without brackets


@pytest.mark.parametrize("last", [r"\sin a", r"\exp(a)", r"\cos a", r"\log a"])
@pytest.mark.parametrize(
    "first",
    [r"\cos 2", r"\cos 2 \pi", r"\sin \pi", r"\log 2", r"\tan^2 3", r"\exp 2", r"\cos e",
     r"\cos \frac{\pi}{2}", r"\cos \frac12", r"\log \sin b", r"\log \sin(b)", r"\log \sqrt{2}"],
)  # fmt: skip
def test_numbers_before_a_function_may_be_a_factor_in_it(first, last):
    refused(rf"{first} {last} = 1", at=last, words="how far")


@pytest.mark.parametrize(
    ("formula", "same"),
    [
        (r"\cos 2 a \sin b", r"\cos(2 a) \cdot \sin(b)"),
        (r"\sin a \cos b", r"\sin(a) \cdot \cos(b)"),
        (r"\cos \frac{a}{2} \sin b", r"\cos(\frac{a}{2}) \cdot \sin(b)"),
        (r"\cos(2) \sin a", r"\cos(2) \cdot \sin(a)"),
        (r"\cos 2 \pi a", r"\cos(2 \pi a)"),
        (r"\sin a \cos 2", r"\sin(a) \cdot \cos(2)"),
    ],
)
def test_a_name_ends_the_argument_of_a_function(formula, same):
    step = read(f"{formula} = {same}").steps[0]
    assert step.left == step.right


@pytest.mark.parametrize(
    "ending", [r"\frac}", r"\frac{a}}", r"\frac}{a}", r"\frac{", r"\frac", r"\frac{a}{"]
)
def test_a_broken_fraction_is_refused_at_its_place(ending):
    for text in (rf"a = b {ending}", rf"a = b {ending} + 1", rf"({ending}) = a"):
        with pytest.raises(DerivationError, match="line"):
            Derivation.build("a-test", "A test", variables={"a": "real", "b": "real"}, steps=[text])
