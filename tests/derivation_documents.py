"""Documents of the language, generated from its trees, and documents that are nearly so."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from hypothesis import strategies as st

from derivations.document import Derivation
from derivations.language.cursor import Scope
from derivations.language.nodes import (
    And,
    Apply,
    BigOperator,
    Cases,
    Comparison,
    Constant,
    Contains,
    Derivative,
    Expectation,
    Indicator,
    Integral,
    Limit,
    Members,
    Negative,
    Number,
    Or,
    Parity,
    Power,
    Probability,
    Product,
    Quotient,
    Range,
    SizeOf,
    Statement,
    Subsets,
    Sum,
    Symbol,
)
from derivations.language.records import Index
from derivations.language.render import latex
from derivations.language.sizes import too_large
from derivations.language.trees import walk

ONE = Number(Fraction(1))
UP_TO_N = Index("i", ONE, Symbol("n"))
SCALARS = ("a", "b", "n", r"\alpha", r"\mu_2", "b^*", r"\tilde{L}", r"L_{\text{max}}", "Y")
FUNCTIONS = {"f": (0, 1), "h": (0, 2), "D": (1, 1), "G": (2, 0), "c": (0, 0)}
SUBSCRIPTS = {name: counts[0] for name, counts in FUNCTIONS.items()}
LETTERS = ("i", "j", "r", "s", r"\ell", "t", "u")
SETS = ("S", "T")
UNARY = (
    "sqrt", "exp", "log", "sin", "cos", "tan", "erf", "Phi", "abs", "sign", "floor", "ceil",
    "positive_part", "factorial", "double_factorial", "gamma",
)  # fmt: skip

FRONT = r"""---
title: Generated
id: generated
variables:
  a: real in [0, 1]
  b: real
  n: integer >= 1, <= 6
  \alpha: real > a
  \mu_2: rational != 0
  b^*: real
  \tilde L: real
  L_{\text{max}}: real
  w_i: real for i = 1..n
  A_{ij}: real for i = 1..n, j = 1..n
random:
  X_i: uniform on [0, 1] with probability a, else 0 for i = 1..n
  Y: normal
assumptions:
  - a + b \le 3
quantities:
  h(r, s): {kind: loss, features: 2, hidden: 1, weights: [["r", "-r"]], bias: ["s", "s"]}
---

# Generated

$$ f(t) := t^2, \qquad D_r(s) := r s, \qquad G_{rs} := r - s, \qquad c := 3 $$
"""


def scope() -> Scope:
    """The names of ``FRONT``."""
    pair = (UP_TO_N, UP_TO_N._replace(name="j"))
    families = dict.fromkeys(SCALARS, ()) | {"w": (UP_TO_N,), "A": pair, "X": (UP_TO_N,)}
    limits = Range(ONE, Symbol("n"))
    return Scope(families, dict(FUNCTIONS), {"i": limits, "j": limits})


@dataclass(frozen=True)
class Context:
    """What is bound where a tree stands."""

    numbers: tuple[str, ...] = ()
    sets: tuple[tuple[str, Range], ...] = ()
    height: int = 0

    def fresh(self) -> tuple[str, ...]:
        return tuple(letter for letter in LETTERS if letter not in self.numbers)


numbers = st.one_of(
    st.integers(0, 12).map(Fraction),
    st.integers(0, 10**12).map(Fraction),
    st.builds(Fraction, st.integers(0, 999), st.sampled_from([2, 4, 5, 10, 125, 1000])),
).map(Number)


@st.composite
def index(draw, context: Context):
    """An index of a family."""
    choices = [st.integers(1, 9).map(lambda value: Number(Fraction(value)))]
    if context.numbers:
        bound = st.sampled_from(context.numbers).map(Symbol)
        choices += [bound, bound.map(lambda symbol: Sum((symbol, ONE)))]
    return draw(st.one_of(choices))


@st.composite
def leaf(draw, context: Context):
    """A tree without branches."""
    kind = draw(st.integers(0, 7))
    if kind == 0:
        return draw(numbers)
    if kind == 1:
        return Constant(draw(st.sampled_from(["pi", "e"])))
    if kind == 2:
        return Symbol(draw(st.sampled_from(["w", "X"])), (draw(index(context)),))
    if kind == 3:
        return Symbol("A", (draw(index(context)), draw(index(context))))
    if kind == 4 and context.numbers:
        return Symbol(draw(st.sampled_from(context.numbers)))
    if kind == 5 and context.sets:
        return SizeOf(draw(st.sampled_from(context.sets))[0])
    if kind == 6:
        return Symbol("c")
    return Symbol(draw(st.sampled_from(SCALARS)))


@st.composite
def expressions(draw, context: Context = Context(), depth: int = 3):
    """An expression."""
    if depth == 0:
        return draw(leaf(context))
    smaller = expressions(context, depth - 1)
    kind = draw(st.integers(0, 14))
    if kind <= 1:
        return draw(leaf(context))
    if kind == 2:
        return Negative(draw(smaller))
    if kind == 3:
        return Sum(tuple(draw(st.lists(smaller, min_size=2, max_size=4))))
    if kind == 4:
        return Product(tuple(draw(st.lists(smaller, min_size=2, max_size=4))))
    if kind == 5:
        return Quotient(draw(smaller), draw(smaller))
    if kind == 6 and context.height < 3:
        above = replace(context, height=context.height + 1)
        return Power(draw(smaller), draw(expressions(above, min(depth - 1, 1))))
    if kind in (7, 8):
        return draw(applications(context, depth))
    if kind == 9:
        branches = st.tuples(smaller, conditions(context, depth - 1))
        rows = draw(st.lists(branches, min_size=1, max_size=3))
        return Cases(tuple(rows), draw(st.none() | smaller))
    if kind == 10:
        condition = conditions(context, depth - 1)
        given = draw(st.none() | condition)
        return draw(
            st.one_of(
                st.builds(Indicator, condition),
                st.builds(Probability, condition, st.just(given)),
                st.builds(Expectation, smaller, st.just(given)),
            )
        )
    if kind in (11, 12) and context.fresh():
        return draw(operators(context, depth))
    if kind == 13:
        variable = Symbol(draw(st.sampled_from(["a", "b", r"\alpha", r"\mu_2"])))
        return Derivative(variable, draw(st.integers(1, 3)), draw(smaller))
    if kind == 14 and context.fresh():
        return draw(limits_and_integrals(context, depth))
    return draw(leaf(context))


@st.composite
def applications(draw, context: Context, depth: int):
    """A function, built in or declared."""
    smaller = expressions(context, depth - 1)
    name = draw(st.sampled_from([*UNARY, "root", "binomial", "max", "min", "f", "h", "D", "G"]))
    if name in ("max", "min"):
        return Apply(name, tuple(draw(st.lists(smaller, min_size=2, max_size=3))))
    if name in UNARY or name == "f":
        return Apply(name, (draw(smaller),))
    if name in ("D", "G"):
        first = draw(index(context))
        return Apply(name, (first, draw(index(context) if name == "G" else smaller)))
    return Apply(name, (draw(smaller), draw(smaller)))


@st.composite
def domains(draw, context: Context, depth: int):
    """What an index runs over, and whether it is a set."""
    low = draw(st.integers(0, 3).map(lambda value: Number(Fraction(value))))
    high = draw(expressions(context, min(depth - 1, 1)))
    kind = draw(st.integers(0, 4))
    if kind == 0 and len(context.sets) < len(SETS):
        high = draw(expressions(context, 0))
        return Subsets(Range(low, high), draw(st.none() | expressions(context, 0)))
    if kind == 1 and context.sets:
        name, limits = draw(st.sampled_from(context.sets))
        return Members(name, limits if draw(st.booleans()) else None)
    return Range(low, None if kind == 2 else high)


@st.composite
def operators(draw, context: Context, depth: int):
    """A sum or a product over one index."""
    domain = draw(domains(context, depth))
    kind = draw(st.sampled_from(["sum", "product"]))
    if isinstance(domain, Subsets):
        name = SETS[len(context.sets)]
        inner = replace(context, sets=(*context.sets, (name, domain.of)))
        return BigOperator(kind, name, domain, draw(expressions(inner, depth - 1)))
    name = draw(st.sampled_from(context.fresh()))
    inner = replace(context, numbers=(*context.numbers, name))
    condition = draw(st.none() | of_an_index(name, context))
    return BigOperator(kind, name, domain, draw(expressions(inner, depth - 1)), condition)


@st.composite
def of_an_index(draw, name: str, context: Context):
    """A condition on an index that leaves its range as it is."""
    pair = (Symbol(name), draw(expressions(context, 0)))
    single = st.one_of(
        st.sampled_from(["!=", "<", "<=", ">", ">="]).map(lambda sign: Comparison(pair, (sign,))),
        st.booleans().map(lambda odd: Parity(Sum((Symbol(name), ONE)), odd)),
    )
    if draw(st.booleans()):
        return draw(single)
    return draw(st.sampled_from([And, Or]))(tuple(draw(st.lists(single, min_size=2, max_size=3))))


@st.composite
def limits_and_integrals(draw, context: Context, depth: int):
    """A limit or an integral over a new name."""
    name = draw(st.sampled_from(context.fresh()))
    inner = replace(context, numbers=(*context.numbers, name))
    body = draw(expressions(inner, depth - 1))
    end = st.none() | expressions(context, 1)
    if draw(st.booleans()):
        return Integral(name, draw(end), draw(end), body)
    target = draw(end)
    side = "" if target is None else draw(st.sampled_from(["", "+", "-"]))
    return Limit(Symbol(name), target, side, body)


@st.composite
def conditions(draw, context: Context = Context(), depth: int = 2):
    """A condition."""
    smaller = expressions(context, max(depth - 1, 0))
    kind = draw(st.integers(0, 5))
    if kind == 0 and depth > 0:
        several = st.lists(conditions(context, depth - 1), min_size=2, max_size=3)
        return draw(st.sampled_from([And, Or]))(tuple(draw(several)))
    if kind == 1:
        return Parity(draw(smaller), draw(st.booleans()))
    if kind == 2 and context.sets:
        name = draw(st.sampled_from(context.sets))[0]
        return Contains(draw(smaller), name, draw(st.booleans()))
    if kind == 3:
        relation = draw(st.sampled_from(["=", "!="]))
        return Comparison((draw(smaller), draw(smaller)), (relation,))
    signs = draw(st.sampled_from([["<", "<=", "="], [">", ">=", "="]]))
    relations = draw(st.lists(st.sampled_from(signs), min_size=1, max_size=3))
    operands = draw(st.lists(smaller, min_size=len(relations) + 1, max_size=len(relations) + 1))
    return Comparison(tuple(operands), tuple(relations))


def randoms(*trees):
    """Whether a random variable stands in trees."""
    found = [node for tree in trees for node in walk(tree)]
    return any(isinstance(node, Symbol) and node.name in ("X", "Y") for node in found)


def averages(*trees):
    """Whether a mean or a chance stands in trees."""
    found = [node for tree in trees for node in walk(tree)]
    return any(isinstance(node, Expectation | Probability) for node in found)


@st.composite
def statements(draw):
    """A chain of relations, with conditions and a reason or without."""
    signs = draw(st.sampled_from([["=", "<", "<="], ["=", ">", ">="]]))
    relations = draw(st.lists(st.sampled_from(signs), min_size=1, max_size=3))
    count = len(relations) + 1
    operands = draw(st.lists(expressions(depth=2), min_size=count, max_size=count))
    assuming = draw(st.just(()) | st.tuples(conditions(depth=1)))
    if randoms(*assuming) and averages(*operands):
        assuming = ()  # no mean is taken under a condition on what it is over
    reason = draw(st.sampled_from(["", "(by hand)", "since both are equal"]))
    return Statement(tuple(operands), tuple(relations), assuming, reason)


def display(statement: Statement) -> str:
    """A statement as a display equation."""
    text = latex(statement, SUBSCRIPTS)
    for condition in statement.assuming:
        text += rf" \quad \text{{for }} {latex(condition, SUBSCRIPTS)}"
    if statement.reason:
        text += rf" \quad \text{{{statement.reason}}}"
    return text


PROSE = (
    "", "Words with $x$ in them.", "<!-- a remark -->", "```\n$$ code $$\n```", "* `$$`",
    "<!-- not checked: it is prose -->\n$$ \\text{anything} \\approx 3 $$",
)  # fmt: skip


DISPLAYS = (
    "$$ {} $$", "\\[ {} \\]", "\\[\n{}\n\\]", "\\begin{{align*}} {} \\end{{align*}}",
    "\\begin{{equation}}\\label{{a}}\n{}\n\\end{{equation}}",
    "$$\n\\begin{{align}} {} \\label{{b}} \\end{{align}}\n$$",
)  # fmt: skip
"""What may stand around an equation."""


@st.composite
def documents(draw):
    """A document with the statements that it holds."""
    found = draw(st.lists(statements(), min_size=1, max_size=3))
    text = FRONT
    for statement in found:
        words = draw(st.sampled_from(PROSE))
        alone = not statement.assuming and not randoms(*statement.operands)  # no more is assumed
        assumed = draw(st.sampled_from(["", "<!-- assume -->\n"] if alone else [""]))
        around = draw(st.sampled_from(DISPLAYS))
        text += f"\n{words}\n\n{assumed}{around.format(display(statement))}\n"
    return text, found


FOLDER = Path(__file__).parent.parent / "derivations" / "library"
LIBRARY = [path.read_text("utf-8") for path in sorted(FOLDER.rglob("*.md"))]

FRAGMENTS = (
    "$$", "$", "---\n", "\n\n", "\n", "{", "}", "(", ")", "[", "]", "\\", "^", "_", "&", "\\\\",
    "|", "!", "'", "*", "+", "-", "/", ",", ".", ":", ":=", "=", "\\le", "<!--", "-->", "`", "```",
    "\\left(", "\\right)", "\\left|", "\\frac", "\\frac12", "\\sum", "\\sum_{i \\ne j}", "\\prod_j",
    "\\int_0^1", "dx", "\\,dt", "\\lim_{a \\to 0^+}", "\\begin{cases}", "\\end{cases}",
    "\\begin{aligned}", "\\end{aligned}", "\\text{for }", "\\text{if}", "\\text{(by x)}", "\\quad",
    "\\mathbb{E}", "\\Pr(", "\\mathbf{1}[", "\\in", "\\notin", "\\subseteq", "\\{1, \\ldots, n\\}",
    "\\ldots", "\\infty", "9^{9^{9}}", "10^{100}", "\\tag{1}", "\\mid", "\\text{odd}", "x_i",
    "w_12", "\\partial", "e", "\\pi", "d", "0", "00", "1e9",
    "\\[", "\\]", "\\label{x}", "\\tag*{1}", "\\begin{align}", "\\end{align}", "\\cos 2",
    "\\begin{equation}\n", "\n\\end{equation}", "\\mathbb{E}_{Y}[", "\\mathbb{E}_X ", "\\iff",
    "\\mathrm{Var}(", "\\Pr_{X, Y}(", "\\sim", "\\mathcal{N}(0, 1)", "\\mathrm{ReLU}(",
    "\\exp(a)^2", "\\qquad \\text{for } a > 0",
    "&anchor", "*anchor", "!!python/object:os.x",
    "? ", "- ", ": ", "#", "%", "\t", "'", '"', "\x00", "\u202e", "\ud7ff", "é", "α", "≤", "\u2028",
    "__import__('os')", "lambda:0", "{{", "}}", "%s", "{0}", "<script>", "|||", "a:\n  b: c\n",
)  # fmt: skip


@st.composite
def mutated(draw):
    """A document, generated or of the library, with a few places changed."""
    text = draw(st.one_of(documents().map(lambda made: made[0]), st.sampled_from(LIBRARY)))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        stop = min(len(text), start + draw(st.integers(0, 12)))
        kind = draw(st.integers(0, 4))
        if kind == 0:
            text = text[:start] + text[stop:]
        elif kind == 1:
            text = text[:start] + draw(st.sampled_from(FRAGMENTS)) + text[start:]
        elif kind == 2:
            text = text[:start] + draw(st.sampled_from(FRAGMENTS)) + text[stop:]
        elif kind == 3:
            other = draw(st.integers(0, len(text)))
            text = text[:other] + text[start:stop] + text[other:]
        else:
            text = text[:start] + draw(st.characters()) + text[stop:]
    return text


def rewritten(text: str, derivation: Derivation) -> str:
    """The same document with every equation written anew from its tree."""
    counted = [*derivation.quantities, *derivation.definitions]
    subscripts = {made.name: made.subscripts for made in counted}
    front = text.replace("\r\n", "\n").removeprefix("---\n").split("\n---\n")[0]
    lines = [f"---\n{front}\n---\n"]
    for made in derivation.definitions:
        below, behind = made.parameters[: made.subscripts], made.parameters[made.subscripts :]
        left = made.name + (f"_{{{', '.join(below)}}}" if below else "")
        left += f"({', '.join(behind)})" if behind else ""
        lines.append(f"$$ {left} := {latex(made.body, subscripts)} $$\n")
    for step in derivation.steps:
        statement = Statement((step.left, step.right), (step.relation,))
        tail = [
            rf"{name} = {latex(low, subscripts)}, \ldots, {latex(high, subscripts)}"
            for name, low, high in step.indices
        ]
        tail += [f"{latex_alone(condition, subscripts)}" for condition in step.assuming]
        joint = r" \text{ and } "
        words = rf" \quad \text{{for }} {joint.join(tail)}" if tail else ""
        assumed = "<!-- assume -->\n" if step.assumed else ""
        lines.append(f"\n{assumed}$$ {latex(statement, subscripts)}{words} $$\n")
    return "\n".join(lines) + "\n$$ 0 = 0 $$\n"


def latex_alone(condition, subscripts):
    """A condition that can stand between commas."""
    text = latex(condition, subscripts)
    return f"({text})" if isinstance(condition, Or) else text


def same_steps(derivation: Derivation, again: Derivation) -> bool:
    """Whether both say the same, up to the reasons."""
    bare = [replace(step, reason="") for step in derivation.steps]
    return bare == list(again.steps[:-1]) and derivation.definitions == again.definitions


def small(*trees):
    """No power or range among them is refused for its size."""
    return not any(too_large(node) for tree in trees for node in walk(tree))


def joined(assuming):
    """Conditions behind each other are the same as joined by 'and'."""
    parts = [getattr(condition, "parts", None) for condition in assuming]
    is_and = [type(condition).__name__ == "And" for condition in assuming]
    flat = [part for k, c in enumerate(assuming) for part in (parts[k] if is_and[k] else (c,))]
    return tuple(flat)
