"""Forms that papers write: each has the one tree stated; what is not clear is refused in place."""

from __future__ import annotations

import contextlib
import time

import pytest
from derivation_documents import (
    FRONT,
    SUBSCRIPTS,
    conditions,
    expressions,
    joined,
    scope,
    small,
    statements,
)
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from derivations.check import Limits, check
from derivations.document import Derivation, DerivationError, parse_derivation
from derivations.language.errors import Piece, Source
from derivations.language.limits import LONGEST_LABEL, MOST_TOKENS
from derivations.language.means import outside_means
from derivations.language.nodes import (
    Apply,
    Expectation,
    Negative,
    Node,
    Number,
    Power,
    Probability,
    Product,
    Statement,
    Sum,
    Symbol,
)
from derivations.language.parser import parse_expression
from derivations.language.records import RandomVariable
from derivations.language.render import latex
from derivations.results import Verdict

VARIABLES = {
    "a": "real", "b": "real >= 0", "c": "real", "p": "real in [0, 1]", "n": "integer in [1, 6]",
    "w_i": "real for i = 1..n", "v_2": "real",
}  # fmt: skip
RANDOM = {
    "x_1": "uniform on [0, 1] with probability p, else 0",
    "x_2": "uniform on [0, 1] with probability p, else 0",
    "z": "normal", "u": "uniform on [-1, a]", "Y_i": "normal for i = 1..n", "v_1": "normal",
    "T_i": "uniform on [0, i] for i = 1..n", "B": "binary with probability p, else 0",
    "t": "exponential", "s": "rademacher",
}  # fmt: skip
CALM = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.filter_too_much,
    ],
)
A, B, C, Z = (Symbol(name) for name in "abcz")
ONE, TWO = Number(1), Number(2)


def read(*steps):
    """A derivation with the declarations above."""
    return Derivation.build("t", "T", variables=VARIABLES, random=RANDOM, steps=list(steps))


def left(formula):
    """The tree of a formula."""
    return read(f"{formula} = 0").steps[0].left


def refused(text, marked, words):
    """The error of a step begins at the part that is marked."""
    with pytest.raises(DerivationError) as caught:
        read(text)
    error = caught.value
    assert words in error.message
    assert error.text[error.column - 1 :].startswith(marked), str(error)


# ------------------------------------------------------------------ powers of values


@pytest.mark.parametrize(
    ("written", "name"),
    [
        (r"\mathrm{ReLU}", "positive_part"), (r"\operatorname{ReLU}", "positive_part"),
        (r"\exp", "exp"), (r"\Phi", "Phi"), (r"\Gamma", "gamma"), (r"\mathrm{erf}", "erf"),
        (r"\operatorname{sign}", "sign"), ("f", "f"),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    ("brackets", "exponent"),
    [("(a)", "^2"), ("(a)", "^{2}"), (r"\left(a\right)", "^2"), (r"\bigl(a\bigr)", "^{2}")],
)
def test_a_power_behind_a_bracketed_function_is_that_of_its_value(
    written, name, brackets, exponent
):
    steps = read("f(y) := y^3", f"b {written}{brackets}{exponent} c = 0").steps
    assert steps[0].left == Product((B, Power(Apply(name, (A,)), TWO), C))


@CALM
@given(st.data())
def test_a_power_of_a_value_is_read_back_without_more_brackets(data):
    name = data.draw(st.sampled_from([r"\mathrm{ReLU}", r"\exp", r"\Phi", r"\mathrm{erf}"]))
    body, exponent = data.draw(expressions(depth=2)), data.draw(expressions(depth=1))
    bare = rf"{name}\left({latex(body, SUBSCRIPTS)}\right)"
    above = latex(exponent, SUBSCRIPTS)
    assume(small(body, exponent) and not above.startswith("("))
    value = expression(bare)
    assume(small(Power(value, exponent)))
    assert expression(f"{bare}^{{{above}}}") == Power(value, exponent)
    assert expression(rf"\left({bare}\right)^{{{above}}}") == Power(value, exponent)


def expression(text, names=None):
    return parse_expression(Piece(Source("here", text), text, 0), names or scope())


@pytest.mark.parametrize(
    ("formula", "tree"),
    [
        (r"\cos 2 a", Apply("cos", (Product((TWO, A)),))),
        (r"\sin2\pi a b_", None),
        (r"\cos2w_1", Apply("cos", (Product((TWO, Symbol("w", (ONE,)))),))),
        (r"\sin 2 \cos a", None),
        (r"\sin 2 a \cos a", Product((Apply("sin", (Product((TWO, A)),)), Apply("cos", (A,))))),
        (r"\sin^2 2 a", Power(Apply("sin", (Product((TWO, A)),)), TWO)),
    ],
)
def test_sines_take_a_number_and_a_name(formula, tree):
    if tree is None:
        with pytest.raises(DerivationError):
            left(formula)
    else:
        assert left(formula) == tree
        assert left(formula) == left(latex(tree))


@pytest.mark.parametrize(
    ("formula", "marked", "words"),
    [
        (r"\sin(a)^2", "^", r"how far \sin reaches"),
        (r"\log(a)^2", "^", r"how far \log reaches"),
        (r"\log(a)_+", "_", r"how far \log reaches"),
        (r"\cos\left(a\right)^2", "^", r"how far \cos reaches"),
        (r"\mathrm{ReLU} a^2", "^", r"reaches"),
        (r"\exp a^2", "^", r"how far \exp reaches"),
        (r"\exp(a)(b)", "(", r"how far \exp reaches"),
        (r"\exp(a)!", "!", r"how far \exp reaches"),
        (r"\exp(a)^2^2", "^", "not clear"),
        (r"\exp(a)^2!", "!", "not clear"),
        (r"\mathrm{ReLU}^2(a)", "2", r"a power of \text{ReLU} stands behind it"),
        (r"\exp(a)^{(2)}", "(", "mark"),
        (r"\cos 2 a b", "b", r"how far \cos reaches"),
        (r"\cos 2 a^2", "^", r"how far \cos reaches"),
        (r"\cos 2 (a)", "(", r"how far \cos reaches"),
        (r"\cos 2 \Phi(a)", r"\cos", r"how far \cos reaches"),
        (r"\cos a b", "b", r"how far \cos reaches"),
        (r"\log 2 a", "a", r"how far \log reaches"),
        (r"a^{-b^2/2c^2}", "b^2/2c", "a / (b c)"),
        (r"\langle a \rangle", r"\langle", r"a mean is \mathbb{E}[x]"),
        (r"e^{\mathrm{i} a}", r"\mathrm{i}", "complex"),
        (r"q", "q", "q := ..."),
        (r"a = b \iff b = a \iff a", r"\iff a", "second one"),
        (r"a \iff b", "a", "needs a relation"),
        (r"a \implies b", r"\implies", "what it follows from"),
        (r"a = \[ b \]", r"\[", "midst"),
    ],
)
def test_what_is_unclear_says_what_to_write(formula, marked, words):
    refused(f"{formula} = 0", marked, words)


# ------------------------------------------------------------------ means


@pytest.mark.parametrize(
    ("formula", "plain"),
    [
        (r"\mathbb{E}_z[z^2]", r"\mathbb{E}[z^2]"),
        (r"\mathbb{E}_{z}[z \mid z > 0]", r"\mathbb{E}[z \mid z > 0]"),
        (r"\mathrm{E}_z z^2", r"\mathbb{E}[z^2]"),
        (r"\mathbb{E}\exp(z)^2", r"\mathbb{E}[(\exp(z))^2]"),
        (r"\mathbb{E}(z - a)_+^2", r"\mathbb{E}[(z - a)_+^2]"),
        (r"\mathbb{E}_z (z - a)^2", r"\mathbb{E}[(z - a)^2]"),
        (r"\mathbb{E}_{x}[x_1 - x_2]", r"\mathbb{E}[x_1 - x_2]"),
        (r"\mathbb{E}_{x_1, x_2}[x_1 - x_2]", r"\mathbb{E}[x_1 - x_2]"),
        (r"\mathbb{E}_{x, z}[x_1 z]^2", r"\mathbb{E}[x_1 z]^2"),
        (r"\mathbb{E}_Y[Y_1 Y_2]", r"\mathbb{E}[Y_1 Y_2]"),
        (r"\mathbb{E}_{Y_1, Y_2}[Y_1 Y_2]", r"\mathbb{E}[Y_1 Y_2]"),
        (r"\mathbb{E}_{z, u}[z]", r"\mathbb{E}[z]"),
        (r"\mathbb{E}_z[a]", r"\mathbb{E}[a]"),
        (r"\mathbb{E}_z[z \mathbb{E}_u[u]]", r"\mathbb{E}[z \mathbb{E}[u]]"),
        (r"\mathbb{E}_{z\sim\mathcal{N}(0,1)}[z]", r"\mathbb{E}[z]"),
        (r"\mathbb{E}_{z \sim N(0, 1^2)}[z]", r"\mathbb{E}[z]"),
        (r"\mathbb{E}_{z, Y_1 \sim \mathcal{N}(0,1)}[z Y_1]", r"\mathbb{E}[z Y_1]"),
        (r"\mathbb{E}_{u \sim \mathrm{Unif}[-1, a]}[u]", r"\mathbb{E}[u]"),
        (r"\mathbb{E}_{u \sim \mathcal{U}(-1, a), z}[u z]", r"\mathbb{E}[u z]"),
        (r"\mathbb{E}_{B \sim \mathrm{Bernoulli}(p)}[B]", r"\mathbb{E}[B]"),
        (r"\mathbb{E}_{t \sim \mathrm{Exp}(1), s \sim \mathrm{Rademacher}}[t s]",
         r"\mathbb{E}[t s]"),
        (r"\Pr_z(z > a)", r"\Pr(z > a)"),
        (r"\mathbb{P}_{z, u}[z > a \mid u > z]", r"\mathbb{P}[z > a \mid u > z]"),
        (r"\mathrm{Var}(z)", r"\mathbb{E}[z^2] - \mathbb{E}[z]^2"),
        (r"\operatorname{Var}_z[z \mid z > 0]",
         r"\mathbb{E}[z^2 \mid z > 0] - \mathbb{E}[z \mid z > 0]^2"),
        (r"2 \mathrm{Var}_{x}(x_1)^2 a", r"2 (\mathbb{E}[x_1^2] - \mathbb{E}[x_1]^2)^2 a"),
    ],
)  # fmt: skip
def test_a_subscript_says_what_the_mean_is_over_anyway(formula, plain):
    assert left(formula) == left(plain)


@pytest.mark.parametrize(
    ("formula", "marked", "words"),
    [
        (r"\mathbb{E}_z[z + u]", "u]", "u is random too"),
        (r"\mathbb{E}_{x_1}[x_1 + x_2]", "x_2", "x_2 is random too"),
        (r"\mathbb{E}_z[z \mid u > 0]", "u >", "u is random too"),
        (r"\mathbb{E}_{Y_1}[Y_1 Y_2]", "Y_2", "Y_{2} is random too"),
        (r"\mathbb{E}_{Y_1}[\sum_i Y_i]", "Y_i", "Y_{i} is random too"),
        (r"\mathbb{E}_z u^2", "u", "u is random too"),
        (r"\mathbb{E}_z[z \mathbb{E}_u[u z]]", "z]]", "z is random too"),
        (r"\Pr_z(z > u)", "u", "u is random too"),
        (r"\mathrm{Var}_z(z + u)", "u", "u is random too"),
        (r"\mathbb{E}_a[a]", "a[", "not the name of random variables"),
        (r"\mathbb{E}_q[z]", "q", "not the name of random variables"),
        (r"\mathbb{E}_{v}[v_1]", "v", "not the name of random variables"),
        (r"\mathbb{E}_{x_3}[x_1]", "x_3", "not the name of random variables"),
        (r"\mathbb{E}_{Y_0}[z]", "Y_0", "no index 0"),
        (r"\mathbb{E}_{z, z}[z]", "z}", "named twice"),
        (r"\mathbb{E}_{z u}[z]", "u", "not belong"),
        (r"\mathbb{E}_{}[z]", "}", "name of a random variable"),
        (r"\mathbb{E}_{z,}[z]", "}", "name is expected"),
        (r"\mathbb{E}_{z \mid u}[z]", r"\mid", "not belong"),
        (r"\mathbb{E}_z^2[z]", "^", r"\mathbb{E}[...]^2"),
        (r"\mathbb{E}_z_u[z]", "_", "leave this out"),
        (r"\mathbb{E}_z(z)^2", "z)", "mean of a power"),
        (r"\mathbb{E}_{z \sim \mathcal{N}(0, 2)}[z]", r"\mathcal{N}", "another law (normal)"),
        (r"\mathbb{E}(\exp(z + a))^2", r"\exp", "mean of a power"),
        (r"\mathbb{E}(\mathrm{ReLU}(z + a))^2", r"\mathrm{ReLU}", "mean of a power"),
        (r"\mathbb{E}_{z \sim \mathrm{Unif}[0, 1]}[z]", r"\mathrm{U", "another law"),
        (r"\mathbb{E}_{x \sim U[0, 1]}[x_1]", "U", "with probability p, else 0"),
        (r"\mathbb{E}_{z, u \sim \mathcal{N}(0, 1)}[z]", r"\mathcal{N}", "u is declared with"),
        (r"\mathbb{E}_{u \sim U[-1, b]}[u]", "U", "another law"),
        (r"\mathbb{E}_{B \sim \mathrm{Ber}(1)}[B]", r"\mathrm{B", "another law"),
        (r"\mathbb{E}_{t \sim \mathrm{Exp}(2)}[t]", r"\mathrm{E", "another law"),
        (r"\mathbb{E}_{T_2 \sim U[0, 2]}[T_2]", "U", "another law"),
        (r"\mathbb{E}_{z \sim p}[z]", "p", "a law is"),
        (r"\mathbb{E}_{z \sim \mathcal{D}}[z]", r"\mathcal{D}", "a law is"),
        (r"\mathbb{E}_{z \sim \mathcal{N}}[z]", "}[", "parameters"),
        (r"\mathbb{E}_{z \sim \mathcal{N}(0)}[z]", ")", "2 parameters"),
        (r"\mathbb{E}_{\sim \mathcal{N}(0, 1)}[z]", r"\sim", "name of a random variable"),
        (r"\mathrm{Var} z", "z", "in brackets"),
        (r"\mathrm{Var}^2(z)", "^", "in brackets"),
        (r"\mathrm{Var}(z)(a)", "(a)", "how far"),
        (r"\mathrm{Var}(z + \mathrm{Var}(u))", r"\mathrm{Var}(u", "variance in a variance"),
        (r"\mathrm{Cov}(z, u)", r"\mathrm{Cov}", "not declared"),
    ],
)
def test_a_subscript_that_could_mean_another_mean_is_refused(formula, marked, words):
    refused(f"{formula} = 0", marked, words)


def test_random_variables_of_definitions_count():
    made = read(r"g := x_1 + a, \qquad h(y) := \mathbb{E}_z[(z - y)^2]", r"\mathbb{E}_x[g] = h(a)")
    assert made.steps[0].left == Expectation(Symbol("g"))
    refused(r"g := x_1, \qquad \mathbb{E}_z[g z] = 0", "g z", "x_1 is random too")
    refused(r"g := x_1, \qquad k(y) := g y, \qquad \mathbb{E}_z[k(z)] = 0", "k(z)", "x_1 is random")
    refused(r"h(y) := \mathbb{E}_u[u], \qquad \mathbb{E}_z[h(u)] = 0", "u)", "u is random too")


def test_random_variables_of_quantities_count():
    quantity = {"kind": "loss", "features": 1, "hidden": 1, "weights": [["z"]]}

    def averaged(over):
        steps = [rf"\mathbb{{E}}_{over}[L] = 0"]
        return Derivation.build(
            "t", "T", random={"z": "normal", "k": "normal"}, steps=steps, quantities={"L": quantity}
        )

    assert averaged("z").steps[0].left == Expectation(Symbol("L"))
    with pytest.raises(DerivationError, match="z is random too"):
        averaged("k")


def test_random_variables_in_a_law_count():
    laws = {"z": "normal", "k": "normal with probability 1/2, else 0", "m": "uniform on [z, z + 1]"}
    build = {"identifier": "t", "title": "T", "random": laws}
    assert Derivation.build(**build, steps=[r"\mathbb{E}_{m, z}[m] = 0"]).steps
    with pytest.raises(DerivationError, match="z is random too"):
        Derivation.build(**build, steps=[r"\mathbb{E}_m[m] = 0"])


def test_an_argument_does_not_hide_a_random_variable_from_a_mean():
    refused(r"h(z) := \mathbb{E}_u[u z]", "h", "the name of a random variable")
    refused(r"h(z) := \mathbb{E}_z[z]", "z[z]", "not the name of random variables")
    refused(r"h(x_1) := \mathbb{E}_{x_1}[x_1]", "x_1}[", "not the name of random variables")
    refused(r"h(a) := \mathbb{E}_{u \sim U[-1, a]}[u]", "U", "another law")


def random_scope():
    """The names of generated documents, with their random variables."""
    made = scope()
    made.random["Y"] = RandomVariable("Y", "normal")
    made.random["X"] = RandomVariable("X", "uniform", (Number(0), ONE), A, made.families["X"])
    return made


@CALM
@given(expressions(depth=2), st.none() | conditions(depth=1))
def test_a_mean_with_all_its_names_is_the_mean(tree, condition):
    assume(small(tree, *([condition] if condition else [])))
    names = random_scope()
    trees = (tree,) if condition is None else (tree, condition)
    used = sorted({name for name, _ in outside_means(names, frozenset(), trees)})
    inner = latex(tree, SUBSCRIPTS)
    inner += rf" \mid {latex(condition, SUBSCRIPTS)}" if condition is not None else ""
    over = f"_{{{', '.join(used)}}}" if used else ""
    mean = Expectation(tree, condition)
    assert expression(rf"\mathbb{{E}}{over}[{inner}]", random_scope()) == mean
    square = Expectation(Power(tree, TWO), condition)
    if small(square):
        variance = Sum((square, Negative(Power(mean, TWO))))
        assert expression(rf"\mathrm{{Var}}{over}[{inner}]", random_scope()) == variance
    for left_out in used:
        others = [name for name in ("X", "Y") if name != left_out]
        with pytest.raises(DerivationError, match="is random too"):
            expression(rf"\mathbb{{E}}_{{{', '.join(others)}}}[{inner}]", random_scope())


@CALM
@given(conditions(depth=2))
def test_a_chance_with_all_its_names_is_the_chance(condition):
    assume(small(condition))
    text = rf"\Pr_{{Y, X}}({latex(condition, SUBSCRIPTS)})"
    assert expression(text, random_scope()) == Probability(condition)


# ------------------------------------------------------------------ rows


@pytest.mark.parametrize(
    "tail",
    [
        r"\qquad \text{for } b > 1", r", \qquad \text{if } b > 1", r"\quad (b > 1)",
        r"\quad \text{whenever } b > 1 .", r".\qquad\text{for } b > 1",
        r"\quad \text{for } b > 1 \tag{1}",
    ],
)  # fmt: skip
@pytest.mark.parametrize("environment", ["aligned", "align*", "split", "gathered", "equation"])
def test_conditions_behind_an_environment_hold_for_every_row(tail, environment):
    rows = r"a &= b \\ &= c, \\ w_1 &= a + b"
    whole = rf"\begin{{{environment}}} {rows} \end{{{environment}}} {tail}"
    each = r"a = b = c \quad \text{for } b > 1, \qquad w_1 = a + b \quad \text{for } b > 1"
    found, wanted = read(whole).steps, read(each).steps
    assert [step.reason for step in found] == ["", "", "1" if "tag" in tail else ""]
    bare = [(s.left, s.relation, s.right, s.assuming, s.indices) for s in found]
    assert bare == [(s.left, s.relation, s.right, s.assuming, s.indices) for s in wanted]


@pytest.mark.parametrize("row", ["a &{}= b", "a {}&= b", "a = {}& b", "a ={}& b", "{}& a = b"])
def test_empty_braces_beside_an_alignment_are_space(row):
    twice = read(rf"\begin{{align}} {row}, \\ {row} \end{{align}}").steps
    assert [step.text for step in twice] == ["a = b", "a = b"]
    steps = read(rf"\begin{{align}} {row} \\ &{{}}= c \end{{align}}").steps
    assert [(s.left, s.right) for s in steps] == [(A, B), (B, C)]
    with pytest.raises(DerivationError):
        read(rf"\begin{{align}} {row.replace('&', '')} {{}} \end{{align}}")


def test_free_indices_behind_an_environment_are_those_of_every_row():
    whole = r"\begin{aligned} w_i &= a, \\ b &= w_i \end{aligned} \quad \text{for all } i"
    assert [[index.name for index in step.indices] for step in read(whole).steps] == [["i"], ["i"]]


@pytest.mark.parametrize(
    ("display", "marked", "words"),
    [
        (r"\begin{aligned} a &= b \quad \text{if } b > 1 \end{aligned} \quad \text{if } b > 2",
         "b > 1", "one place"),
        (r"\begin{equation} \begin{aligned} a &= b \end{aligned} \quad \text{if } b > 1"
         r" \end{equation} \quad \text{if } b > 2", r"\begin{aligned}", "whole equation"),
        (r"\begin{aligned} a &= b \end{aligned} \quad c = a", r"\begin", "whole equation"),
        (r"\begin{aligned} a &= b \end{aligned} = c", r"\begin", "whole equation"),
        (r"\begin{aligned} a &= b \end{aligned} \quad \text{for } b > 1, \quad c = a",
         r"\begin", "whole equation"),
        (r"\begin{aligned} a &= b \end{aligned} \quad \text{for } b > 1 \\ c = a",
         r"\begin", "whole equation"),
        (r"\begin{aligned} a &= b \end{aligned} \quad \begin{aligned} a &= b \end{aligned}",
         r"\begin", "whole equation"),
        (r"\begin{aligned} a &= b \end{aligned} \quad \text{(by hand)}", r"\begin", "whole"),
        (r"\begin{aligned} a &= b \end{aligned} & \text{for } b > 1", "&", r"outside of"),
        (r"\begin{aligned} a &= b \end{aligned} \quad \text{for }", "b", "condition is expected"),
        (r"\begin{aligned} g &:= b \end{aligned} \quad \text{for } b > 1", "g", "no conditions"),
        (r"\begin{aligned} a &= b", r"\begin", r"has no \end"),
        (r"\begin{aligned} a &= b \end{align}", r"\end", "another environment"),
        (r"\begin{aligned} \begin{aligned} a &= b \end{aligned}", r"\begin", r"has no \end"),
        (r"\begin{aligned} a &= b \end{aligned} \end{aligned}", r"\begin", "whole equation"),
        (r"a = b \end{aligned}", r"\end", "not belong"),
        (r"\begin{align} a &= b & c &= a \end{align}", "& c", "column"),
        (r"\begin{align} a & b = c \end{align}", "& b", "column"),
        (r"\begin{align} a &= b & (c > 0) \end{align}", "& (", "column"),
    ],
)  # fmt: skip
def test_what_belongs_to_which_row_must_be_clear(display, marked, words):
    refused(display, marked, words)


@pytest.mark.parametrize("sign", [r"\iff", r"\Leftrightarrow", r"\Longleftrightarrow", r"\\ &\iff"])
def test_an_equivalence_is_two_statements_each_under_the_other(sign):
    text = rf"a + b \le c {sign} a \le c - b = c - b \quad \text{{for }} c > 0"
    found = read(rf"\begin{{aligned}} {text} \end{{aligned}}" if "&" in sign else text).steps
    wanted = read(
        r"a + b \le c \quad \text{for } c > 0, a \le c - b = c - b",
        r"a \le c - b = c - b \quad \text{for } c > 0, a + b \le c",
    ).steps
    assert found == wanted
    assert [step.text for step in found] == [r"a + b \le c", r"a \le c - b", "c - b = c - b"]


@pytest.mark.parametrize(
    ("display", "words"),
    [
        (r"a = b \iff b = c \iff c = a", "two sides"),
        (r"a = b \iff c", "needs a relation"),
        (r"a = b \iff", "something is missing|expected here"),
        (r"\iff a = b", "expected here"),
        (r"a < b > c \iff a = b", "turns round"),
        (r"a \ne b \iff b \ne a", "does not belong"),
        (r"a = (b \iff b = c)", "expected here"),
        (r"f(y) := y \iff a = b", "does not belong"),
        (r"a = b \implies b = a", "what it follows from"),
    ],
)
def test_an_equivalence_of_other_things_is_refused(display, words):
    with pytest.raises(DerivationError, match=words):
        read(display)


@pytest.mark.parametrize(
    "display",
    [
        r"\label{eq:one} a = b",
        r"a = b \label{eq:one}",
        r"a = b. \label{eq: one_hot/2.1+x-y}",
        r"a = b \tag{2} \label{x}",
        r"a = b \label{x} \tag*{2}",
        r"a = b \nonumber",
        r"\begin{equation}\label{x} a = b \end{equation}",
        r"\begin{equation} a = b, \label{x} \end{equation}",
        r"\begin{align} a &= b \label{x} \end{align}",
        r"\label{x} \begin{aligned} & a = b \end{aligned} \label{y}",
    ],
)
def test_labels_are_left_out(display):
    step = read(display).steps[0]
    assert (step.text, step.left, step.right) == ("a = b", A, B)
    assert step.reason == ("2" if "tag" in display else "")


def test_the_text_of_a_step_has_no_labels():
    rows = r"a &= b \label{x} \\ & + c \notag \\ &= \tag{2} c"
    with pytest.raises(DerivationError):
        read(rf"\begin{{align}} {rows} \end{{align}}")
    rows = r"a &= b \label{x} \\ & + c \notag \\ &= c \tag{2} \label{y}"
    steps = read(rf"\begin{{align}} {rows} \end{{align}}").steps
    assert [(s.text, s.reason) for s in steps] == [("a = b + c", ""), ("b + c = c", "2")]


@pytest.mark.parametrize(
    ("display", "words"),
    [
        (r"a \label{x} b = c", "beginning or the end"),
        (r"a^{\label{x} 2} = c", "beginning or the end"),
        (r"(\label{x} a) = c", "beginning or the end"),
        (r"a = \begin{cases} b \label{x} & c > 0 \end{cases}", "beginning or the end"),
        (r"a = b \label{}", "takes at most"),
        (r"a = b \label x", "takes at most"),
        (r"a = b \label", "takes at most"),
        (r"a = b \label{x", "takes at most"),
        (r"a = b \label{\label{x}}", "takes at most"),
        (r"a = b \label{$x$}", "takes at most"),
        (r"a = b \label{α}", "takes at most"),
        (rf"a = b \label{{{'x' * (LONGEST_LABEL + 1)}}}", "takes at most"),
        (r"a = b \ref{x}", "not belong"),
        (r"a = b \eqref{x}", "not belong"),
    ],
)
def test_a_label_of_other_signs_or_places_is_refused(display, words):
    with pytest.raises(DerivationError, match=words):
        read(display)


def test_a_label_may_have_the_longest_name():
    assert read(rf"a = b \label{{{'x' * LONGEST_LABEL}}}").steps[0].text == "a = b"


# ------------------------------------------------------------------ displays

FORMS = {
    "dollars": "$$ {} $$",
    "brackets": "\\[ {} \\]",
    "brackets on lines": "\\[\n{}\n\\]",
    "equation": "\\begin{{equation}}\n  {}\n\\end{{equation}}",
    "labelled": "\\begin{{equation}} \\label{{eq:a}}\n  {}\n\\end{{equation}}",
    "equation*": "\\begin{{equation*}} {} \\end{{equation*}}",
    "align": "\\begin{{align}}\n  {} \\label{{b}}\n\\end{{align}}",
    "align*": "  \\begin{{align*}} {} \\nonumber \\end{{align*}}",
    "gather": "\\begin{{gather}} {} \\end{{gather}}",
    "both": "$$\n\\begin{{equation}} \\begin{{aligned}} {} \\end{{aligned}} \\end{{equation}}\n$$",
}


def document(displays):
    return FRONT + "".join(f"\n{text}\n" for text in displays)


@CALM
@given(st.lists(st.tuples(statements(), st.sampled_from(sorted(FORMS))), min_size=1, max_size=3))
def test_statements_are_read_back_from_every_form(found):
    assume(small(*(tree for s, _ in found for tree in (*s.operands, *s.assuming))))
    plain, formed = [], []
    for statement, form in found:
        text = latex(statement, SUBSCRIPTS)
        reason = rf" \quad \text{{{statement.reason}}}" if statement.reason else ""
        tail = "".join(rf" \quad \text{{for }} {latex(c, SUBSCRIPTS)}" for c in statement.assuming)
        plain.append(f"$$ {text}{tail}{reason} $$")
        behind = form != "both" and tail
        rows = rf"\begin{{aligned}} {text}{reason} \end{{aligned}}{tail}"
        formed.append(FORMS[form].format(rows if behind else f"{text}{tail}{reason}"))
    one, other = parse_derivation(document(plain)), parse_derivation(document(formed))
    assert [(s.left, s.relation, s.right, s.reason) for s in one.steps] == [
        (s.left, s.relation, s.right, s.reason) for s in other.steps
    ]
    assert [joined(s.assuming) for s in one.steps] == [joined(s.assuming) for s in other.steps]
    wanted = [
        Statement((s.operands[k], s.operands[k + 1]), (relation,))
        for s, _ in found
        for k, relation in enumerate(s.relations)
    ]
    assert [Statement((s.left, s.right), (s.relation,)) for s in other.steps] == wanted


@pytest.mark.parametrize("form", FORMS)
def test_every_form_may_be_assumed_or_not_checked(form):
    text = FORMS[form].format("a = b")
    made = read(f"<!-- assume -->\n{text}\n\n$$ b = a $$")
    assert [step.assumed for step in made.steps] == [True, False]
    made = read(f"<!-- not checked: a picture -->\n{text}\n\n$$ b = a $$")
    assert ([entry.why for entry in made.unchecked], len(made.steps)) == (["a picture"], 1)


def test_square_brackets_of_rows_end_no_display():
    text = "\\[\n\\begin{aligned}\na &= b \\\\[2pt]\n&= c \\\\\n\\end{aligned}\n\\]\n\n$$ a = b $$"
    assert [step.text for step in read(text).steps] == ["a = b", "b = c", "a = b"]
    text = "\\begin{align}\na &= b \\\\[2pt]\n&= c\n\\end{align}\n\n$$ a = b $$"
    assert len(read(text).steps) == 3


def test_places_are_those_of_the_document():
    with pytest.raises(DerivationError) as caught:
        parse_derivation(
            "---\ntitle: T\nid: t\n---\n\n\\begin{align}\n1 &= 1 \\\\\n  &= q\n\\end{align}\n"
        )
    assert (caught.value.line, caught.value.column) == (8, 6)
    made = parse_derivation("---\ntitle: T\nid: t\n---\n\n\\[\n1 = 1\n\\]\n")
    assert made.steps[0].line == 7


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("so \\[ a = b \\]", 1, "begins a line"),
        ("a = b \\]", 1, "begins a line"),
        ("\\[ a = b", 1, "without an end"),
        ("\\[ a = b \\\\]", 1, "without an end"),
        ("\\[ a = b \\] holds", 1, "behind"),
        ("\\[ a = b \\],", 1, "behind"),
        ("\\[ a =\n\nb \\]", 1, "empty line"),
        ("\\[ a = b $$", 1, "without an end"),
        ("\\[ a = b \\[ a = b \\]", 1, "midst"),
        ("\\[ $$ a = b $$ \\]", 1, "no $"),
        ("\\begin{align} a &= b", 1, "without an end"),
        ("\\begin{align} a &= b \\end{align*}", 1, "without an end"),
        ("\\begin{align} a &= b \\end{align}.", 1, "behind"),
        ("\\begin{align} a &= b\n\n\\end{align}", 1, "empty line"),
        ("so \\begin{align} a &= b \\end{align}", 1, "begins a line"),
        ("\\begin {align} a &= b \\end{align}", 1, "begins a line"),
        ("\\begin{aligned} a &= b \\end{aligned}", 1, "begins a line"),
        ("\\begin{split} a &= b \\end{split}", 1, "begins a line"),
        ("\\begin{multline} a = b \\end{multline}", 1, "begins a line"),
        ("\\begin{eqnarray} a &=& b \\end{eqnarray}", 1, "begins a line"),
        ("\\begin{align}\n\\begin{align} a &= b \\end{align}\n\\end{align}", 1, "has no"),
        ("\\begin{align} a &= b \\end{equation} \\end{align}", 1, "another environment"),
        ("<!-- \\[ a = b \\] -->", 1, "in a comment"),
        ("<!--\n\\begin{align} a &= b \\end{align} -->", 2, "in a comment"),
        ("<!-- assume -->\nWords\n\\[ a = b \\]", 1, "follows"),
    ],
)
def test_a_display_that_is_not_whole_is_refused_at_its_line(text, line, words):
    head = "---\ntitle: T\nid: t\nvariables:\n  a: real\n  b: real\n---\n"
    with pytest.raises(DerivationError) as caught:
        parse_derivation(f"{head}{text}\n\n$$ a = b $$\n")
    assert words in caught.value.message
    assert caught.value.line == head.count("\n") + line


def test_displays_in_code_are_not_read():
    text = (
        "~~~\n\\[ junk \\]\n\\begin{align} junk\n~~~\n\n`\\[` and `\\begin{align}`\n\n$$ a = b $$"
    )
    assert len(read(text).steps) == 1


# ------------------------------------------------------------------ verdicts

PROVED, REFUTED = Verdict.PROVED, Verdict.REFUTED


@pytest.mark.parametrize(
    ("display", "verdicts"),
    [
        (r"\mathbb{E}_k[(k - \mathbb{E}_k[k])^2] = \mathrm{Var}_k(k) = \frac{1}{12}", [PROVED] * 2),
        (r"\mathrm{Var}(2 k) = 2 \mathrm{Var}(k)", [REFUTED]),
        (r"\mathrm{Var}_{k, m}(k + m) = \mathrm{Var}(k) + \mathrm{Var}(m)", [PROVED]),
        (r"\Pr_{k, m \sim \mathrm{Unif}[0, 1]}(k > m) = \frac12", [PROVED]),
        (r"\mathrm{ReLU}(a)^2 + \mathrm{ReLU}(-a)^2 = a^2", [PROVED]),
        (r"\mathrm{ReLU}(a)^2 = a^2", [REFUTED]),
        (r"\sin 2 a = 2 \sin(a) \cos(a)", [PROVED]),
        (r"a^2 = b^2 \iff a = b", [PROVED, REFUTED]),
        (r"\begin{aligned} |a| &= a, \\ a + |a| &= 2 a \end{aligned} \qquad \text{for } a \ge 0",
         [PROVED] * 2),
        (r"\begin{aligned} |a| &= a, \\ a + |a| &= 2 a \end{aligned} \qquad \text{for } a \ge -1",
         [REFUTED] * 2),
    ],
)  # fmt: skip
def test_a_form_is_checked_for_what_it_means(display, verdicts):
    laws = {"k": "uniform on [0, 1]", "m": "uniform on [0, 1]"}
    made = Derivation.build(
        "t", "T", variables={"a": "real", "b": "real"}, random=laws, steps=[display]
    )
    assert [step.verdict for step in check(made, limits=Limits(seconds=10)).steps] == verdicts


# ------------------------------------------------------------------ bounded work


@pytest.mark.parametrize(
    "display",
    [
        r"\label{a} " * 1900 + "a = b",
        "a = b " + r"\label{a} " * 1900,
        r"\begin{aligned} "
        + r"a &= b, \\ " * 900
        + r"\end{aligned} \quad \text{for } "
        + ", ".join(["b > 1"] * 800),
        " + ".join([r"\mathbb{E}_x[x_1]"] * 600) + " = 0",
        r"\mathbb{E}_{" + ", ".join(["x"] * 1500) + "}[x_1] = 0",
        r"\mathbb{E}_x[" * 25 + "x_1" + "]" * 25 + " = 0",
        r"\mathrm{Var}(" * 25 + "z" + ")" * 25 + " = 0",
        " + ".join([r"\mathrm{Var}(z)"] * 600) + " = 0",
        r"\begin{aligned} " * 1000 + "a = b",
        r"\begin{aligned} " * 500 + "a = b" + r" \end{aligned}" * 500,
    ],
    ids=range(10),
)  # fmt: skip
def test_large_forms_are_read_or_refused_soon(display):
    assert len(display) < 5 * MOST_TOKENS
    start = time.monotonic()
    with contextlib.suppress(DerivationError):
        read(display)
    assert time.monotonic() - start < 5


def test_conditions_of_every_row_count_as_words_of_every_row():
    rows = r"a &= b, \\ " * 300
    tail = ", ".join(["b > 1"] * 300)
    refused(rf"\begin{{aligned}} {rows} \end{{aligned}} \quad \text{{for }} {tail}", "", "words")


def test_nodes_of_a_variance_know_their_place():
    tree = read(r"a = \mathrm{Var}(z)").steps[0].right
    assert isinstance(tree, Node)
    assert tree.span.stop - tree.span.start == len(r"\mathrm{Var}(z)")
