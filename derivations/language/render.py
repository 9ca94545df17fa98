r"""Trees written as LaTeX of the language: what is written is read back as the same tree."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from derivations.language.cursor import shown
from derivations.language.nodes import (
    And,
    Apply,
    BigOperator,
    Cases,
    Comparison,
    Condition,
    Constant,
    Contains,
    Derivative,
    Expectation,
    Expression,
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

__all__ = ["decimal", "latex"]

NAMED = {
    "exp": r"\exp", "log": r"\log", "sin": r"\sin", "cos": r"\cos", "tan": r"\tan",
    "erf": r"\operatorname{erf}", "sign": r"\operatorname{sign}", "Phi": r"\Phi",
    "gamma": r"\Gamma", "max": r"\max", "min": r"\min",
}  # fmt: skip
IN, NOT_IN = r"\in", r"\notin"
TALL = (r"\frac", r"\sum", r"\prod", r"\int", r"\binom")


def decimal(value: Fraction) -> str:
    """Write a number with finitely many digits.

    Args:
        value: not negative, its denominator a product of twos and fives.

    Returns:
        The digits.

    Raises:
        ValueError: for any other number, which is written as a quotient or with a sign.

    Example:
        >>> decimal(Fraction(1, 4))
        '0.25'
    """
    digits = 0
    scaled = value
    while scaled.denominator > 1 and digits < 60:
        scaled *= 10
        digits += 1
    if value < 0 or scaled.denominator > 1:
        raise ValueError(f"value={value}: not a number that is written out")
    text = str(scaled.numerator).rjust(digits + 1, "0")
    return f"{text[:-digits]}.{text[-digits:]}" if digits else text


def bracketed(text: str) -> str:
    """Put brackets around."""
    if any(tall in text for tall in TALL):
        return rf"\left( {text} \right)"
    return f"({text})"


class Writer:
    """Writes trees; ``subscripts`` counts those of the defined functions."""

    def __init__(self, subscripts: Mapping[str, int]) -> None:
        self.subscripts = subscripts

    # -------------------------------------------------------------- levels

    def expression(self, tree: Expression) -> str:
        """Write what may stand alone."""
        match tree:
            case Sum(terms):
                text = self.signed(terms[0])
                for term in terms[1:]:
                    minus = isinstance(term, Negative)
                    inner = term.body if isinstance(term, Negative) else term
                    text += f" {'-' if minus else '+'} {self.term(inner)}"
                return text
            case Limit():
                return self.limit(tree)
        return self.signed(tree)

    def signed(self, tree: Expression) -> str:
        """Write a first term."""
        if isinstance(tree, Negative):
            return f"-{self.term(tree.body)}"
        return self.term(tree)

    def term(self, tree: Expression) -> str:
        """Write what may stand between plus signs."""
        match tree:
            case Product(factors):
                return self.product(factors)
            case BigOperator():
                return self.big(tree)
            case Derivative():
                return self.derivative(tree)
        return self.factor(tree)

    def product(self, factors: tuple[Expression, ...]) -> str:
        """Write factors side by side where this is clear."""
        parts = [self.factor(factor) for factor in factors[:-1]]
        last = factors[-1]
        parts.append(self.big(last) if isinstance(last, BigOperator) else self.factor(last))
        text = parts[0]
        for before, part in zip(factors, parts[1:], strict=False):
            unclear = part[0].isdigit() or part.startswith(("(", r"\left"))
            mixed = isinstance(before, Number) and part.startswith(r"\frac")
            text += rf" \cdot {part}" if unclear or mixed else f" {part}"
        return text

    def factor(self, tree: Expression) -> str:
        """Write what may stand in a product, with brackets if needed."""
        match tree:
            case Sum() | Product() | Negative() | BigOperator() | Limit() | Derivative():
                return bracketed(self.expression(tree))
            case Power(base, exponent):
                return f"{self.base(base)}^{{{self.expression(exponent)}}}"
            case Apply("factorial" | "double_factorial" as name, (body,)):
                plain = isinstance(body, Symbol | Number | Constant)
                inner = self.base(body) if plain else bracketed(self.expression(body))
                return inner + ("!" if name == "factorial" else "!!")
        return self.atom(tree)

    def base(self, tree: Expression) -> str:
        """Write what may have a power or a factorial behind it."""
        match tree:
            case Symbol(name) if "*" not in name:
                return self.atom(tree)
            case Number() | Constant() | Apply("positive_part", _):
                return self.atom(tree)
        return bracketed(self.expression(tree))

    # -------------------------------------------------------------- what is closed

    def atom(self, tree: Expression) -> str:
        """Write what needs no brackets."""
        match tree:
            case Number(value):
                return decimal(value)
            case Constant(name):
                return {"pi": r"\pi"}.get(name, name)
            case Symbol(name, indices):
                return name + self.below(indices)
            case Quotient(numerator, denominator):
                return self.pair(r"\frac", (numerator, denominator))
            case Apply():
                return self.apply(tree)
            case Indicator(condition):
                return rf"\mathbf{{1}}[{self.condition(condition)}]"
            case Cases():
                return self.cases(tree)
            case SizeOf(of):
                return rf"\lvert {of} \rvert"
            case Integral():
                return self.integral(tree)
            case Expectation(body, given):
                return rf"\mathbb{{E}}[{self.expression(body)}{self.given(given)}]"
            case Probability(condition, given):
                return rf"\mathbb{{P}}[{self.condition(condition)}{self.given(given)}]"
        return bracketed(self.expression(tree))

    def below(self, indices: tuple[Expression, ...]) -> str:
        """Write a subscript."""
        return f"_{{{self.listed(indices)}}}" if indices else ""

    def listed(self, trees: tuple[Expression, ...]) -> str:
        """Write several with commas."""
        return ", ".join(self.expression(tree) for tree in trees)

    def pair(self, command: str, trees: tuple[Expression, ...]) -> str:
        """Write a command with two groups."""
        return command + "".join(f"{{{self.expression(tree)}}}" for tree in trees)

    def given(self, condition: Condition | None) -> str:
        """Write a condition behind a bar."""
        return "" if condition is None else rf" \mid {self.condition(condition)}"

    def apply(self, tree: Apply) -> str:
        """Write a function with its arguments."""
        name, arguments = tree.function, tree.arguments
        inner = self.listed(arguments)
        match name:
            case "sqrt":
                return rf"\sqrt{{{inner}}}"
            case "root":
                return rf"\sqrt[{self.expression(arguments[1])}]{{{self.expression(arguments[0])}}}"
            case "abs":
                return rf"\lvert {inner} \rvert"
            case "floor" | "ceil":
                return rf"\l{name} {inner} \r{name}"
            case "positive_part":
                return f"{bracketed(inner)}_+"
            case "binomial":
                return self.pair(r"\binom", arguments)
            case "factorial" | "double_factorial":
                return bracketed(self.factor(tree))
        if name in NAMED:
            return f"{NAMED[name]}({inner})"
        count = self.subscripts.get(name, 0)
        behind = f"({self.listed(arguments[count:])})" if arguments[count:] else ""
        return f"{name}{self.below(arguments[:count])}{behind}"

    def cases(self, tree: Cases) -> str:
        """Write the branches."""
        rows = [
            rf"{self.expression(value)} & \text{{if }} {self.condition(condition)}"
            for value, condition in tree.branches
        ]
        if tree.otherwise is not None:
            rows.append(rf"{self.expression(tree.otherwise)} & \text{{otherwise}}")
        return r"\begin{cases} " + r" \\ ".join(rows) + r" \end{cases}"

    # -------------------------------------------------------------- operators

    def big(self, tree: BigOperator) -> str:
        """Write a sum or a product."""
        below, above = self.domain(tree.index, tree.domain)
        if tree.condition is not None:
            parts = tree.condition.parts if isinstance(tree.condition, And) else (tree.condition,)
            below += ", " + r" \text{ and } ".join(self.single(part) for part in parts)
        sign = r"\sum" if tree.kind == "sum" else r"\prod"
        body = self.term(tree.body) if tree.kind == "sum" else self.factor(tree.body)
        return f"{sign}_{{{below}}}{above} {body}"

    def domain(self, index: str, domain: Range | Subsets | Members) -> tuple[str, str]:
        """Write what an index runs over: below, and above."""
        match domain:
            case Range(low, high):
                end = r"\infty" if high is None else self.expression(high)
                return f"{index} = {self.expression(low)}", f"^{{{end}}}"
            case Subsets(Range(low, high), size) if high is not None:
                ends = rf"{self.expression(low)}, \ldots, {self.expression(high)}"
                text = rf"{index} \subseteq \{{{ends}\}}"
                if size is not None:
                    text += rf", \lvert {index} \rvert = {self.expression(size)}"
                return text, ""
            case Members(of, outside):
                return f"{index} {NOT_IN if outside is not None else IN} {of}", ""
        raise ValueError(f"domain={domain!r}: subsets of a range without end")

    def integral(self, tree: Integral) -> str:
        """Write an integral."""
        low = r"-\infty" if tree.low is None else self.expression(tree.low)
        high = r"\infty" if tree.high is None else self.expression(tree.high)
        body = self.expression(tree.body)
        return rf"\int_{{{low}}}^{{{high}}} {body} \,\mathrm{{d}}{tree.variable}"

    def limit(self, tree: Limit) -> str:
        """Write a limit."""
        target = r"\infty"
        if tree.target is not None:
            target = self.expression(tree.target)
            if tree.side:
                target = f"{self.base(tree.target)}^{{{tree.side}}}"
        return rf"\lim_{{{self.atom(tree.variable)} \to {target}}} {self.term(tree.body)}"

    def derivative(self, tree: Derivative) -> str:
        """Write a derivative."""
        power = f"^{{{tree.order}}}" if tree.order > 1 else ""
        above, below = rf"\partial{power}", rf"\partial {self.atom(tree.variable)}{power}"
        return rf"\frac{{{above}}}{{{below}}} {self.factor(tree.body)}"

    # -------------------------------------------------------------- conditions

    def condition(self, tree: Condition) -> str:
        """Write a condition."""
        match tree:
            case And(parts):
                return r" \text{ and } ".join(self.single(part) for part in parts)
            case Or(parts):
                return r" \text{ or } ".join(self.single(part) for part in parts)
        return self.single(tree)

    def single(self, tree: Condition) -> str:
        """Write one condition, in brackets if it is several."""
        match tree:
            case Comparison(operands, relations):
                text = self.expression(operands[0])
                for relation, operand in zip(relations, operands[1:], strict=True):
                    text += f" {shown(relation)} {self.expression(operand)}"
                return text
            case Contains(element, of, negated):
                return f"{self.expression(element)} {NOT_IN if negated else IN} {of}"
            case Parity(body, odd):
                return rf"{self.expression(body)} \text{{ is {'odd' if odd else 'even'}}}"
        return f"({self.condition(tree)})"


def latex(
    tree: Expression | Condition | Statement, subscripts: Mapping[str, int] | None = None
) -> str:
    r"""Write a tree as LaTeX that is read back as the same tree.

    Args:
        tree: an expression, a condition, or a chain of relations.
        subscripts: of the functions whose first arguments are written below, how many.

    Returns:
        The text.

    Raises:
        ValueError: for a number that is not written out, such as 1/3 in a ``Number``.

    Example:
        >>> half = Quotient(Number(Fraction(1)), Number(Fraction(2)))
        >>> print(latex(Sum((Symbol("a"), Negative(half)))))
        a - \frac{1}{2}
    """
    writer = Writer(subscripts or {})
    if isinstance(tree, Statement):
        text = writer.expression(tree.operands[0])
        for relation, operand in zip(tree.relations, tree.operands[1:], strict=True):
            text += f" {shown(relation)} {writer.expression(operand)}"
        return text
    if isinstance(tree, Comparison | And | Or | Contains | Parity):
        return writer.condition(tree)
    return writer.expression(tree)
