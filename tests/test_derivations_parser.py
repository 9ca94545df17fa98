"""The grammar: what a formula means, told by a value computed by hand; what is refused, and where.

Values are those of the tree under an evaluator written here for this purpose, at a = 2, b = 3,
c = -5, n = 4, w = (1, -2, 3, 7), A_ij = 10 i + j.
"""

from __future__ import annotations

import math
import re
from fractions import Fraction
from itertools import chain, combinations
from pathlib import Path

import pytest

from derivations.document import Derivation, DerivationError, parse_derivation
from derivations.language import limits, nodes

VARIABLES = {
    "a": "real", "b": "real >= 0", "c": "real != 0", "n": "integer in [1, 6]",
    "w_i": "real for i = 1..n", "A_{ij}": "real for i = 1..n, j = 1..n", r"\mu_2": "real",
    "b^*": "real", r"\tilde L": "real", r"L_{\text{max}}": "real", "X": "real in (0, \\infty)",
}  # fmt: skip
RANDOM = {"Y_i": "uniform on [0, 1] with probability 1/2, else 0 for i = 1..n", "Z": "normal"}
VALUES = {
    "a": 2, "b": 3, "c": -5, "n": 4, r"\mu_2": 11, "b^*": 13, r"\tilde{L}": 17,
    r"L_{\text{max}}": 19, "X": 1,
}  # fmt: skip
W = [1, -2, 3, 7]
FUNCTIONS = {
    "sqrt": math.sqrt, "exp": math.exp, "log": math.log, "sin": math.sin, "cos": math.cos,
    "abs": abs, "max": max, "min": min, "binomial": math.comb, "factorial": math.factorial,
    "floor": math.floor, "ceil": math.ceil, "positive_part": lambda x: max(x, 0),
    "double_factorial": lambda k: math.prod(range(k, 0, -2)), "root": lambda x, k: x ** (1 / k),
    "sign": lambda x: (x > 0) - (x < 0), "gamma": lambda k: math.factorial(k - 1),
}  # fmt: skip


def value(tree, at):
    """The value of an expression."""
    match tree:
        case nodes.Number(number):
            return int(number) if number.denominator == 1 else number
        case nodes.Constant(name):
            return {"pi": math.pi, "e": math.e}[name]
        case nodes.Symbol(name, ()):
            return at[name]
        case nodes.Symbol("w", (i,)):
            return W[value(i, at) - 1]
        case nodes.Symbol("A", (i, j)):
            return 10 * value(i, at) + value(j, at)
        case nodes.Negative(body):
            return -value(body, at)
        case nodes.Sum(terms):
            return sum(value(term, at) for term in terms)
        case nodes.Product(factors):
            return math.prod(value(factor, at) for factor in factors)
        case nodes.Quotient(above, below):
            return Fraction(value(above, at)) / value(below, at)
        case nodes.Power(base, exponent):
            return value(base, at) ** value(exponent, at)
        case nodes.Apply(name, arguments):
            return FUNCTIONS[name](*(value(argument, at) for argument in arguments))
        case nodes.Indicator(condition):
            return int(holds(condition, at))
        case nodes.Cases(branches, otherwise):
            return next(
                (value(v, at) for v, c in branches if holds(c, at)),
                otherwise and value(otherwise, at),
            )
        case nodes.SizeOf(of):
            return len(at[of])
        case nodes.BigOperator():
            return total(tree, at)
    raise AssertionError(tree)


def total(tree, at):
    """A sum or product over all values of its index."""
    terms = []
    for element in elements(tree.domain, at):
        inner = {**at, tree.index: element}
        if tree.condition is None or holds(tree.condition, inner):
            terms.append(value(tree.body, inner))
    return sum(terms) if tree.kind == "sum" else math.prod(terms)


def elements(domain, at):
    """What an index runs over."""
    match domain:
        case nodes.Range(low, high):
            return list(range(value(low, at), value(high, at) + 1))
        case nodes.Subsets(of, size):
            whole = elements(of, at)
            sizes = range(len(whole) + 1) if size is None else [value(size, at)]
            return list(chain.from_iterable(combinations(whole, k) for k in sizes))
        case nodes.Members(of, outside):
            if outside is None:
                return at[of]
            return [element for element in elements(outside, at) if element not in at[of]]
    raise AssertionError(domain)


def holds(condition, at):
    """Whether a condition holds."""
    match condition:
        case nodes.Comparison(operands, relations):
            values = [value(operand, at) for operand in operands]
            tests = {
                "=": lambda x, y: x == y, "!=": lambda x, y: x != y, "<": lambda x, y: x < y,
                "<=": lambda x, y: x <= y, ">": lambda x, y: x > y, ">=": lambda x, y: x >= y,
            }  # fmt: skip
            return all(tests[sign](values[k], values[k + 1]) for k, sign in enumerate(relations))
        case nodes.And(parts):
            return all(holds(part, at) for part in parts)
        case nodes.Or(parts):
            return any(holds(part, at) for part in parts)
        case nodes.Parity(body, odd):
            return value(body, at) % 2 == odd
        case nodes.Contains(element, of, negated):
            return (value(element, at) in at[of]) != negated
    raise AssertionError(condition)


def read(*steps):
    """A derivation with the declarations above."""
    return Derivation.build(
        "grammar", "Grammar", variables=VARIABLES, random=RANDOM, steps=list(steps)
    )


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        (r"2 a + b c", 4 - 15),
        (r"-a^2", -4),
        (r"(-a)^2", 4),
        (r"a - b - c", 2 - 3 + 5),
        (r"a b / c", Fraction(6, -5)),
        (r"a - b / c", 2 + Fraction(3, 5)),
        (r"\frac{a}{b} c", Fraction(-10, 3)),
        (r"\frac12 a", 1),
        (r"\tfrac1a b", Fraction(3, 2)),
        (r"0.25 a", Fraction(1, 2)),
        (r"a \cdot b \times c", -30),
        (r"ab", 6),
        (r"a(b + c)", -4),
        (r"2^{a + 1} b", 24),
        (r"a^b", 8),
        (r"\sqrt{b + 1} + \sqrt4", 4),
        (r"\sqrt[b]{8}", 2),
        (r"|c| a", 10),
        (r"|c| |b|", 15),
        (r"\lvert a - |b - 9| \rvert", 4),
        (r"\left| c + \left| a \right| \right|", 3),
        (r"(c)_+ + (b)_+", 3),
        (r"b_+^2", 9),
        (r"[b - 1]_+^2", 4),
        (r"\left( b - 1 \right)^2_+", 4),
        (r"\max(a, b, c) - \min\{a, c\}", 8),
        (r"n!", 24),
        (r"2 n!", 48),
        (r"(2 a + 1)!!", 15),
        (r"\binom{n}{2} + \tbinom n2", 12),
        (r"\lfloor 2.5 \rfloor + \lceil 2.5 \rceil", 5),
        (r"\mathbf 1[a < b] + \mathbb 1\{a > b\} + \mathbf{1}_{b = 3}", 2),
        (r"\mathbf{1}[a < b, c > 0]", 0),
        (r"\mathbf{1}[a < b \text{ or } c > 0]", 1),
        (r"\mathbf{1}[(a > b \text{ or } b > a) \text{ and } c < 0]", 1),
        (r"\mathbf{1}[a \in [2, 3)] + \mathbf{1}[a \in (2, 3]]", 1),
        (r"\mathbf{1}[b \in \{1, 3\}] + \mathbf{1}[b \text{ even}]", 1),
        (r"\begin{cases} a & \text{if } c > 0, \\ b & \text{otherwise.} \end{cases}", None),
        (r"\begin{cases} a & \text{if } c > 0, \\ b & \text{otherwise} \end{cases}", 3),
        (r"\begin{cases} a & c > 0 \\ b & c \le 0 \end{cases} + 1", 4),
        (r"\sum_{i=1}^{n} w_i", 9),
        (r"\sum_{i=1}^n w_i^2", 63),
        (r"\sum_i w_i", 9),
        (r"\sum_i w_i + a", 11),
        (r"\sum_i a w_i b - a", 52),
        (r"2 \sum_i w_i / b", 6),
        (r"\left( \sum_i w_i \right)^2", 81),
        (r"\sum_{i \ne j} w_i w_j", 81 - 63),
        (r"\sum_{i < j} w_i w_j", 9),
        (r"\sum_{1 \le i < j \le n} w_i w_j", 9),
        (r"\sum_{n \ge i > j \ge 1} w_i w_j", 9),
        (r"\sum_i \sum_{j \ne i} w_j", 27),
        (r"\sum_i w_i \sum_{j=1}^{i} 1", 1 - 4 + 9 + 28),
        (r"\sum_{i, j} A_{ij}", 440),
        (r"\sum_{ij} A_{ij}", 440),
        (r"\sum_{i,j=1}^{2} A_{i,j}", 66),
        (r"\sum_{i=1, j=2}^{2} A_{ij}", 12 + 22),
        (r"A_{12} + A_{1, 2 + 1}", 25),
        (r"w_{n - 1}", 3),
        (r"\sum_{k = 1, k \text{ odd}}^{n} k", 4),
        (r"\sum_{\substack{1 \le k \le n \\ k \text{ is even}}} k", 6),
        (r"\sum_{k \in \{2, \ldots, n\}} k", 9),
        (r"\sum_{k \in [n]} k", 10),
        (r"\sum_{k = 1, 2 \le k \le 3}^n k", 5),
        (r"\sum_{k = 1}^{n} \sum_{l = 1, k < l}^{n} 1", 6),
        (r"\sum_{0 \le k < n} k", 6),
        (r"\prod_{k=1}^{n} (k + 1)", 120),
        (r"\prod_{k=1}^{a} k \prod_{k=1}^{b} k", 12),
        (r"\sum_{S \subseteq \{1, \ldots, n\}} a^{|S|}", 81),
        (r"\sum_{S \subseteq [n], |S| = 2} \prod_{j \in S} w_j", 9),
        (r"\sum_{S \subseteq \{1, 2, \dots, n\}} \prod_{j \in S} a \prod_{j \notin S} b", 625),
        (r"\sum_{S \subseteq [3]} \sum_{k=1}^3 \mathbf{1}[k \in S]", 12),
        (r"\mu_2 + b^* + \tilde{L} + L_{\mathrm{max}} + L_\max - L_{\max}", 60),
        (r"(b^*)^2", 169),
        (r"\bigl( a \bigr) \Big[ b \Big]", 6),
        (r"\operatorname{sign}(c) + \operatorname{ReLU}(b)", 2),
        (r"\Gamma(n)", 6),
        (r"e^{0} + \exp(0)", 2),
        (r"\log \frac{a}{2} + \ln(1)", 0),
        (r"\sin^2 a + \cos^2 a", pytest.approx(1)),
    ],
)  # fmt: skip
def test_a_formula_means_what_it_says(formula, expected):
    if expected is None:
        with pytest.raises(DerivationError, match="not declared"):
            read(f"{formula} = 0")
        return
    step = read(f"{formula} = 0").steps[0]
    assert value(step.left, VALUES) == expected
    assert step.text == f"{' '.join(formula.split())} = 0"


@pytest.mark.parametrize(
    ("formula", "marked", "words"),
    [
        ("a / b c", "a / b c", "brackets"),
        ("1/2a", "1/2a", "brackets"),
        ("a / b / c", "a / b /", "brackets"),
        (r"a / b \cdot c", r"a / b \cdot", "brackets"),
        (r"\sin a b", "b", "reaches"),
        (r"\sin a^2", "^", "reaches"),
        (r"\sin(a)^2", "^", "reaches"),
        (r"\log(a)(b)", "(", "reaches"),
        (r"\log_2 a", "_", "base"),
        (r"2 \frac{1}{3}", r"\frac", "mixed"),
        ("a 2", "2", "number behind"),
        ("2 3", "3", "number behind"),
        ("a^10", "10", "one digit"),
        ("w_12", "12", "one digit"),
        ("a^-1", "-", "braces"),
        ("a^b^c", "^", "brackets"),
        ("a^2!", "!", "brackets"),
        ("n!!!", "!", "three factorials"),
        ("a^{(n)}", "(", "mark"),
        ("w_1_+", "_", "subscript"),
        ("b^*^2", "^", "superscript"),
        ("a - -b", "-", "two signs"),
        ("+a", "+", "nothing before"),
        ("a * b", "*", r"\cdot"),
        (r"a \pm b", r"\pm", "not belong"),
        (r"\mathbb{E}(Z)^2", "Z", "mean of a power"),
        (r"\mathbb{E} Z a", "a", "reaches"),
        (r"\mathbb{E}_a[Z]", "a", "not the name of random variables"),
        (r"\prod_i w_i a", "a", "reaches"),
        (r"\lim_{a \to 0} a + b", "+", "reaches"),
        (r"\frac{d}{da} a b", "b", "reaches"),
        ("q", "q", "not declared"),
        ("aqb", "q", "not declared"),
        (r"\mu", r"\mu", "not declared"),
        ("w", "w", "subscripts"),
        ("a_1", "a_1", "subscripts"),
        ("w_0", "w_0", "no index 0"),
        ("w_i", "i", "not declared"),
        (r"\sum_i w_i + w_i", "i", "not declared"),
        (r"\sum_{a=1}^n a", "a", "in use"),
        (r"\sum_i w_i \sum_i w_i", "i", "in use"),
        (r"\sum_{k=1} k", r"\sum", "upper bound"),
        (r"\sum^n w_i", "w", "index below"),
        (r"\sum_k a", "k", "no range"),
        (r"\sum_{k=1, k=2}^n k", "k", "two ranges"),
        (r"\max_i w_i", "_", "maximum over a set"),
        (r"w_1 + \cdots + w_n", r"\cdots", "dots"),
        ("|a| b |c|", "|", "belong together"),
        ("||a||", "|", "bars inside bars"),
        ("{a + b}", "{", "expected"),
        ("(a]", "]", "one kind"),
        (r"a \quad b", r"\quad", "wide space"),
        ("00", "00", "begins with 0"),
        (r"\int a \,da", "a", "bounds"),
        (r"\int_0^1 a \,da", "a", "meaning"),
        (r"\int_0^1 a", "a", "variable"),
        (r"\mathbf{1}[a]", "]", "relation"),
        (r"\mathbf{1}[a \ne b \ne c]", r"a \ne b \ne c", r"\ne in a chain"),
        (r"\mathbf{1}[a < b > c]", "a < b > c", "turns round"),
        (r"\mathbf{1}[a < b, b < c \text{ or } c = a]", r"\text{or}", "which comes first"),
        ("α", "α", "not a sign"),
    ],
)
def test_what_is_unclear_is_refused_at_its_place(formula, marked, words):
    with pytest.raises(DerivationError) as caught:
        read(f"{formula} = 0")
    error = caught.value
    assert words in error.message
    rest = error.text[error.column - 1 :]
    assert rest.replace(" ", "").startswith(marked.replace(" ", "")), str(error)


@pytest.mark.parametrize(
    ("display", "texts"),
    [
        (r"a = b = c", ["a = b", "b = c"]),
        (r"a \le b < c .", [r"a \le b", "b < c"]),
        (r"a = b, \qquad b = c", ["a = b", "b = c"]),
        (r"a = b \quad \text{and} \quad b = c", ["a = b", "b = c"]),
        (r"\begin{aligned} a &= b \\ &= c \end{aligned}", ["a = b", "b = c"]),
        (r"\begin{aligned} a &= b \\ &\quad + c \\ &= a \end{aligned}", ["a = b + c", "b + c = a"]),
        (r"\begin{aligned} a &= b, \\ - c &= a \end{aligned}", ["a = b", "- c = a"]),
        (r"\begin{aligned} a &= b \\ c &= a \end{aligned}", ["a = b", "c = a"]),
        (r"\begin{aligned} & a = b, \\ & c = a \end{aligned}", ["a = b", "c = a"]),
        (r"\begin{align*} a = {} & b \end{align*}", ["a = b"]),
        (r"a {} = b", None),
        (r"a = b \quad \forall a", ["a = b"]),
        (r"a = b \quad \forall", None),
        (r"a = b, \quad a \ne 0", None),
        (r"\begin{aligned} a &= b \\ - c &= a \end{aligned}", None),
        (r"\begin{aligned} a &= b \\ & (c) = a \end{aligned}", None),
        (r"a = b \\ = c", None),
        (r"a & = b", None),
        (r"a < b > c", None),
        (r"a \ne b", None),
        (r"a \approx b", None),
        (r"a", None),
        (r"= a", None),
        (r"a = b, c = a", None),
        (r"\begin{matrix} a \end{matrix} = a", None),
    ],
)  # fmt: skip
def test_a_display_is_cut_into_steps(display, texts):
    if texts is None:
        with pytest.raises(DerivationError):
            read(display)
    else:
        assert [step.text for step in read(display).steps] == texts


def test_reasons_belong_to_their_rows():
    rows = r"a &= b \tag{first} \\ &= c && \text{(by hand)} \\ &= a"
    steps = read(rf"\begin{{aligned}} {rows} \end{{aligned}}").steps
    assert [step.reason for step in steps] == ["first", "(by hand)", ""]


@pytest.mark.parametrize(
    ("tail", "names", "count"),
    [
        (r"\quad \text{for } a > 0", [], 1),
        (r", \quad \text{if } a > 0, \ b < 1 .", [], 2),
        (r"\qquad (0 \le a \le b)", [], 1),
        (r"\quad \text{for all } i", ["i"], 0),
        (r", \quad i = 1, \dots, n .", ["i"], 0),
        (r"\quad i = 1, 2, \dots, n", ["i"], 0),
        (r"\quad \text{for all } a, b \text{ and } c", [], 0),
        (r"\quad \text{for all } a, b > 0", [], 2),
        (r", \quad \forall i \in \{1, \ldots, n\}", ["i"], 0),
        (r"\quad \text{for } i = 1, \ldots, n", ["i"], 0),
        (r"\quad \text{for } 1 \le i < j \le n", ["i", "j"], 1),
        (r"\quad \text{for all } i \ne j", ["i", "j"], 1),
        (r"\quad \text{for every } k \in \{1, \ldots, n\} \text{ and } a > 0", ["k"], 1),
    ],
)
def test_conditions_restrict_a_statement(tail, names, count):
    body = "A_{ij} = w_j" if "j" in names else "w_i = a" if "i" in names else "a = b"
    step = read(f"{body} {tail}").steps[0]
    assert [index.name for index in step.indices] == names
    assert len(step.assuming) == count
    for index in step.indices:
        assert (index.low, index.high) == (nodes.Number(Fraction(1)), nodes.Symbol("n"))


def test_a_sum_beside_a_free_index_has_one_index():
    step = read(r"\sum_{j \ne i} A_{ij} = a \quad \text{for all } i").steps[0]
    assert isinstance(step.left, nodes.BigOperator)
    assert step.left.index == "j"
    assert value(step.left, {**VALUES, "i": 1}) == 12 + 13 + 14


@pytest.mark.parametrize(
    "definitions",
    [
        ["w_1 := 3"], ["w := 3"], ["w(t) := t"], ["D_k(t) := k t", "D_1 := 2"],
        ["D_1 := 2", "D_k := k"], ["i := 2"], ["f(w) := w_1"],
    ],
)  # fmt: skip
def test_a_definition_gives_no_name_a_second_meaning(definitions):
    with pytest.raises(DerivationError, match="meaning already"):
        read(*definitions)


def test_definitions_are_used_as_functions():
    made = read(
        r"f(x) := x^2, \qquad G_{ij} := w_i w_j, \qquad D_k(m) := k m, \qquad c_1 := 3",
        r"f(a) + G_{12} + D_3(a) = c_1",
        "f'(a) = 2 a",
    )
    assert [(d.name, d.parameters, d.subscripts) for d in made.definitions] == [
        ("f", ("x",), 0), ("G", ("i", "j"), 2), ("D", ("k", "m"), 1), ("c_1", (), 0)
    ]  # fmt: skip
    names = [term.function for term in made.steps[0].left.terms]
    assert names == ["f", "G", "D"]
    assert made.steps[0].right == nodes.Symbol("c_1")
    a = nodes.Symbol("a")
    assert made.steps[1].left == nodes.Derivative(a, 1, nodes.Apply("f", (a,)))


@pytest.mark.parametrize(
    ("formula", "tree"),
    [
        (
            r"\int_{-\infty}^{\infty} t \,dt",
            nodes.Integral("t", None, None, nodes.Symbol("t")),
        ),
        (
            r"\lim_{a \to 0^+} a",
            nodes.Limit(nodes.Symbol("a"), nodes.Number(Fraction(0)), "+", nodes.Symbol("a")),
        ),
        (
            r"\lim_{t \to \infty} t",
            nodes.Limit(nodes.Symbol("t"), None, "", nodes.Symbol("t")),
        ),
        (
            r"\frac{\partial^2 (a b)}{\partial a \partial b}",
            nodes.Derivative(
                nodes.Symbol("a"), 1,
                nodes.Derivative(
                    nodes.Symbol("b"), 1, nodes.Product((nodes.Symbol("a"), nodes.Symbol("b")))
                ),
            ),
        ),
        (
            r"\mathbb{E}[Z \mid Z > 0]",
            nodes.Expectation(
                nodes.Symbol("Z"),
                nodes.Comparison((nodes.Symbol("Z"), nodes.Number(Fraction(0))), (">",)),
            ),
        ),
        (
            r"\mathbb{E} (Z - a)^2",
            nodes.Expectation(
                nodes.Power(
                    nodes.Sum((nodes.Symbol("Z"), nodes.Negative(nodes.Symbol("a")))),
                    nodes.Number(Fraction(2)),
                )
            ),
        ),
        (
            r"\mathbb{E}[Z]^2",
            nodes.Power(nodes.Expectation(nodes.Symbol("Z")), nodes.Number(Fraction(2))),
        ),
        (
            r"\Pr(Z > a)",
            nodes.Probability(
                nodes.Comparison((nodes.Symbol("Z"), nodes.Symbol("a")), (">",))
            ),
        ),
    ],
)  # fmt: skip
def test_operators_have_their_trees(formula, tree):
    assert read(f"{formula} = 0").steps[0].left == tree


# ------------------------------------------------------------------ declarations


def front(text, formula="1 = 1"):
    return parse_derivation(f"---\ntitle: T\nid: t\n{text}---\n\n$$ {formula} $$\n")


def test_domains_are_conditions_on_the_variable():
    made = front("variables:\n  a: real\n  b: real in (a, 1], != 1/2, > -a\n")
    a, b = nodes.Symbol("a"), nodes.Symbol("b")
    one, two = nodes.Number(Fraction(1)), nodes.Number(Fraction(2))
    assert made.variables[1].domain == (
        nodes.Comparison((a, b, one), ("<", "<=")),
        nodes.Comparison((b, nodes.Quotient(one, two)), ("!=",)),
        nodes.Comparison((b, nodes.Negative(a)), (">",)),
    )


def test_families_have_indices():
    made = front("variables:\n  n: integer >= 1\n  w_i: real >= 0 for i = 1..n\n")
    family = made.variables[1]
    assert (family.name, [index.name for index in family.indices]) == ("w", ["i"])
    symbol = nodes.Symbol("w", (nodes.Symbol("i"),))
    assert family.domain[0].operands[0] == symbol


def test_a_subscript_without_a_range_is_part_of_the_name():
    made = front("variables:\n  w_i: real\n  x_{12}: real\n", "w_i = x_{12}")
    assert [variable.name for variable in made.variables] == ["w_i", "x_{12}"]
    assert made.steps[0].left == nodes.Symbol("w_i")


def test_random_variables_have_a_law_and_a_probability():
    made = front(
        "variables:\n  p: real in [0, 1]\n"
        "random:\n  X_i: uniform on [-1, 1] with probability p, else 0 for i = 1..3\n  B: binary\n"
    )
    first, second = made.random
    assert (first.law, first.probability, len(first.indices)) == ("uniform", nodes.Symbol("p"), 1)
    assert first.parameters[0] == nodes.Negative(nodes.Number(Fraction(1)))
    assert (second.law, second.probability, second.indices) == ("binary", None, ())


def test_quantities_hold_their_settings():
    made = front(
        "variables:\n  p: real in [0, 1]\n"
        "quantities:\n  L_k(a): {kind: output loss, output: 2, features: 2, hidden: 1,\n"
        '    weights: [["a", "-a"]], bias: ["0", "k"], density: p, law: "uniform on [0, 1]"}\n',
        "L_2(p) = 0",
    )
    quantity = made.quantities[0]
    assert (quantity.name, quantity.parameters, quantity.subscripts) == ("L", ("k", "a"), 1)
    assert quantity.kind == "output loss"
    assert quantity.settings["output"] == 2
    assert quantity.settings["weights"][0][1] == nodes.Negative(nodes.Symbol("a"))
    assert made.steps[0].left.arguments == (nodes.Number(Fraction(2)), nodes.Symbol("p"))


def test_an_error_in_the_front_matter_points_into_it():
    with pytest.raises(DerivationError) as caught:
        front("variables:\n  a: real in [0, q]\n")
    assert (caught.value.line, caught.value.column) == (5, 18)
    assert str(caught.value).endswith(" " * (4 + 17) + "^")


# ------------------------------------------------------------------ documents


def test_comments_say_what_is_assumed_and_what_is_not_checked():
    made = read(
        "<!-- assume -->\n$$ a = b $$",
        "<!-- not checked: a  picture -->\n$$ \\langle anything \\rangle $$",
        "a = b",
    )
    assert [step.assumed for step in made.steps] == [True, False]
    assert [(entry.text, entry.why) for entry in made.unchecked] == [
        (r"\langle anything \rangle", "a picture")
    ]


def test_equations_in_code_are_not_read():
    words = "~~~\n$$ junk $$\n~~~\n\n`$$` and ``$$ ` $$``\n\n<!-- words -->\n"
    assert len(read(words + "$$ a = b $$").steps) == 1


def test_three_backticks_that_end_on_their_line_begin_no_block():
    assert len(read("```code``` in a line\n$$ a = b $$\n```x```\n").steps) == 1


def test_a_block_of_code_ends_with_as_many_signs():
    made = read("````\n```\n$$ junk $$\n    ````\n````\n$$ a = b $$\n")
    assert [step.text for step in made.steps] == ["a = b"]


def test_steps_are_numbered_and_have_their_lines():
    text = "---\ntitle: T\nid: t\n---\n\n$$ 1 = 1 = 1 $$\n\n$$\n2\n  = 2\n$$\n"
    found = [(step.number, step.line) for step in parse_derivation(text).steps]
    assert found == [(1, 6), (2, 6), (3, 9)]


# ------------------------------------------------------------------ the stated grammar

STATED = (Path(__file__).parent.parent / "docs" / "derivation-language.md").read_text("utf-8")


def refused_forms():
    """What the table of refused formulas names."""
    table = STATED.split("## What is refused, and why")[1].split("\n## ")[0]
    rows = [line.replace(r"\|", "\0").split("|")[1] for line in table.split("\n") if "`" in line]
    return [form.replace("\0", "|") for row in rows for form in re.findall("`(.+?)`", row)]


def test_the_table_is_read():
    assert len(refused_forms()) > 40


@pytest.mark.parametrize("form", refused_forms())
def test_what_the_grammar_says_is_refused(form):
    relation = "" if any(sign in form for sign in ("<=", "≤")) else " = 0"
    letters = dict.fromkeys(("x", "y", "f", "g"), "real")
    with pytest.raises(DerivationError):
        Derivation.build(
            "t", "T", variables=VARIABLES | letters, random=RANDOM, steps=[form + relation]
        )


def test_the_example_of_the_grammar_is_read():
    lines = STATED.split("    ---\n", 1)[1].split("```python")[0].split("\n")
    text = "---\n" + "\n".join(
        line.removeprefix("    ") for line in lines if line[:4] == "    " or not line
    )
    made = parse_derivation(text)
    built = Derivation.build(
        "a-square", "A square", variables={"a": "real", "b": "real >= 0"},
        steps=[r"(a + b)^2 = a^2 + 2 a b + b^2 \ge a^2 + 2 a b"],
    )  # fmt: skip
    assert made.steps == built.steps
    assert (made.title, made.variables) == (built.title, built.variables)


@pytest.mark.parametrize("name", [name for name in vars(limits) if name.isupper()])
def test_the_limits_are_those_stated(name):
    number = f"{getattr(limits, name):,}"
    stated = STATED.split("## Limits")[1]
    assert number in stated or (name == "MOST_BYTES" and "1 MB" in stated)


def model(settings):
    """A quantity of one feature with more settings."""
    return f"quantities:\n  f: {{{settings}, features: 1, hidden: 1, weights: [[1]]}}\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("variables: real\n", "mapping of names"),
        ("variables:\n  a: [real]\n", "a text"),
        ("variables:\n  a: complex\n", "real, integer, rational"),
        ("variables:\n  a: real in 3\n", "an interval or a list"),
        ("variables:\n  a: real about 3\n", "expected"),
        ("variables:\n  a: real > 1,\n", "behind the comma"),
        ("variables:\n  a: real > 1 < 2\n", "not belong"),
        ("variables:\n  a: real in [0, 1}\n", "] or )"),
        ("variables:\n  a: 'real in (-\\infty, \\infty)'\n", "open"),
        ("variables:\n  f(x): real\n", "no arguments"),
        ("variables:\n  a b: real\n", "not belong"),
        ("variables:\n  a: real for i = 1..3\n", "not those behind"),
        ("variables:\n  a_i: real for j = 1..3\n", "not those behind"),
        ("variables:\n  a_{ii}: real for i = 1..3, i = 1..3\n", "differ"),
        ("variables:\n  a_i: real for 3\n", "letter of an index"),
        ("variables:\n  a_i: real for i = 1\n", ".. is expected"),
        ("variables:\n  i: real\n  a_i: real for i = 1..3\n", "meaning already"),
        ("variables:\n  a_i: real for i = 1..3\n  i: real\n", "meaning already"),
        ("variables:\n  a_i: real for i = 1..3\n  a_1: real\n", "meaning already"),
        ("variables:\n  a_1: real\n  a_i: real for i = 1..3\n", "meaning already"),
        ("variables:\n  x_{1i}: real\n", "letters, or digits"),
        ("variables:\n  'x_{+}': real\n", "not belong"),
        ("random:\n  X: uniform\n", "uniform on"),
        ("random:\n  X: cauchy\n", "uniform, binary"),
        ("random:\n  X: normal with probability 1/2\n", ", is expected"),
        ("random:\n  X: normal with probability 1/2, else 1\n", "else 0"),
        ("random:\n  X: normal with luck\n", "probability"),
        ("assumptions: 1 < 2\n", "list of conditions"),
        ("assumptions:\n  - 1\n", "needs a relation"),
        ("assumptions:\n  - [1]\n", "a text"),
        ("source: [[a]]\n", "a text"),
        ("quantities:\n  f: loss\n", "mapping of names"),
        ("quantities:\n  f: {features: 2}\n", "kind"),
        ("quantities:\n  f: {kind: loss}\n", "needs features"),
        ("quantities:\n  f: {kind: loss, features: 0}\n", "from 1"),
        ("quantities:\n  f: {kind: loss, weights: 3}\n", "list of rows"),
        ("quantities:\n  f: {kind: loss, weights: [3]}\n", "list of formulas"),
        ("quantities:\n  f: {kind: loss, activation: tanh}\n", "activation is one of"),
        (model("kind: output loss"), "output"),
        ("quantities:\n  f: {kind: loss, features: 2, hidden: 1, weights: [[1]]}\n", "columns"),
        (
            model("kind: loss, bias: [1, 2]"),
            "1 entries",
        ),
        (
            model("kind: output loss, output: 2"),
            "at most 1",
        ),
        (
            model("kind: loss, activation: power"),
            "needs power",
        ),
        (
            "quantities:\n  f:\n    {kind: active coefficient, active: -1, features: 1, hidden: 1,"
            " weights: [[1]]}\n",
            "whole number",
        ),
        ("variables:\n  f: real\nquantities:\n  f: {kind: loss}\n", "meaning already"),
    ],
)  # fmt: skip
def test_a_declaration_that_is_unclear_is_refused(text, words):
    with pytest.raises(DerivationError) as caught:
        front(text)
    assert words in caught.value.message
    assert 4 <= caught.value.line <= 3 + text.count("\n")


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        (r"\begin{cases} a & \text{otherwise} \end{cases}", "without a condition"),
        (r"\begin{cases} a & \text{otherwise} \\ b & a > 0 \end{cases}", "behind 'otherwise'"),
        (r"\begin{cases} a & a > 0 ) \end{cases}", "ends with"),
        (r"\begin{cases} a & a > 0 \end{aligned}", r"\end{cases} is expected"),
        (r"\mathbf{1} a", "condition in brackets"),
        (r"\mathbf{1}[(a > b \text{ or } b > c) , c > a \vee a > c]", "which comes first"),
        (r"\mathbf{1}[a \in n]", "interval, a list"),
        (r"\mathbf{1}[a \notin [0, 1]]", "name of a set"),
        (r"\max a", "in brackets"),
        (r"\max(a)", "of one number"),
        (r"\exp^2 a", "stands behind it"),
        (r"\exp \sum_i w_i", "in brackets"),
        (r"\sqrt \alpha", "not declared"),
        (r"\frac 12 3", "number behind"),
        (r"\frac12a 3", "number behind"),
        (r"\lim_{a} a", r"\to"),
        (r"\int_0^1 t \,dt^2", "brackets"),
        (r"\frac{d^2}{da} a", "orders"),
        (r"\frac{d^{99}}{da^{99}} a", "order from 1"),
        (r"\frac{d}{d2} a", "name"),
        (r"\frac{\partial}{\partial a b} a", r"by \partial"),
        (r"\Pr a", "in brackets"),
        (r"\mathbb{E}^2[Z]", "leave this out"),
        (r"\sum_{S \subseteq [n]} S", "is a set"),
        (r"\sum_{S \subseteq n} 1", "written as a set"),
        (r"\sum_{S \subseteq \{1, 3, \ldots, n\}} 1", "1, 2 only"),
        (r"\sum_{j \notin \{1, \ldots, n\}} 1", "name of a set"),
        (r"\sum_{k=1, k \in [n]}^n 1", "two ranges"),
        (r"\sum_{1 \le k \le 2, k = 1} 1", "two ranges"),
        (r"\sum_{k \in [3], l = 1}^2 \sum 1", "index below"),
        (r"\sum_{k \in [n]}^2 1", "upper bound needs"),
        (r"\sum_{} 1", "in use"),
        ("a_{} ", "empty subscript"),
        ("a_( ", "one letter or digit"),
        (r"A_{n+a}", "told apart by commas"),
        (r"w_{n a}", "side by side"),
        (r"w_{1.5}", "no index"),
        (r"\hat{ab}", "one letter"),
        (r"\left) a", "bracket behind"),
        (r"\left. a \right|", "bracket behind"),
        ("'a", "expected"),
    ],
)
def test_what_is_malformed_is_refused(formula, words):
    with pytest.raises(DerivationError) as caught:
        read(f"{formula} = 0")
    assert words in caught.value.message
