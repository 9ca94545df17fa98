r"""Documents that are meant to do harm: each must end in an error that points to its place.

Each has a name, its bytes, the line of the error and words of its message. The names of the files
that code would write are told by ``CANARY``.
"""

from __future__ import annotations

from dataclasses import dataclass

CANARY = "canary-was-here"
CODE = f"__import__('os').system('touch {CANARY}')"


@dataclass(frozen=True)
class Hostile:
    """A document, and how it must end."""

    name: str
    head: bytes
    line: int
    words: str
    unit: bytes = b""
    times: int = 0

    @property
    def content(self) -> bytes:
        """The bytes, made when they are wanted: some are many."""
        return self.head + self.unit * self.times


HEAD = """---
title: Hostile
id: hostile
variables:
  a: real
  b: real in [0, 1]
  n: integer >= 1
  x_i: real for i = 1..n
---
"""
FIRST = HEAD.count("\n") + 1


def body(formula: str) -> bytes:
    """A document with one equation, on the first line behind the front matter."""
    return f"{HEAD}$$ {formula} $$\n".encode()


def front(extra: str) -> bytes:
    """A document with more front matter, which begins on line 4."""
    return f"---\ntitle: Hostile\nid: hostile\n{extra}---\n$$ 1 = 1 $$\n".encode()


def in_formula() -> list[Hostile]:
    """One equation each."""
    deep = 10_000
    cases = {
        # code through formulas
        "python call": (CODE + " = 1", "not"),
        "python attribute": ("a.__class__.__mro__ = 1", "belong"),
        "lambda": ("(lambda: 0)() = 1", "not"),
        "sympy string": (r'\operatorname{sympify}("' + CODE + '") = 1', "not"),
        "function of a module": (r"\operatorname{os.system}(a) = 1", "not declared"),
        "name of a builtin": (r"\mathrm{eval}(a) = 1", "not declared"),
        "dunder as a subscript": (r"a_{__import__} = 1", "_"),
        "code as a reason": (r"a = a \tag{\input{/etc/passwd}}", "plain words"),
        "code as a condition": (rf"a = a \quad \text{{for }} {CODE}", "indices"),
        "tex input": (r"\input{/etc/passwd} = 1", r"\input"),
        "tex write": (r"\immediate\write18{touch canary-was-here} = 1", r"\immediate"),
        "tex macro": (r"\def\a{\a\a}\a = 1", r"\def"),
        "tex new command": (r"\newcommand{\x}{\x\x} \x = 1", r"\newcommand"),
        "tex loop": (r"\loop a \repeat = 1", r"\loop"),
        "tex catcode": (r"\catcode`\@=0 a = 1", r"\catcode"),
        "tex comment": ("a % = b\n= a", "comment"),
        "script": ("<script>alert(1)</script> = 1", "expected"),
        "format string": ("{0.__class__} = 1", "expected"),
        "shell": ("`touch canary-was-here` = 1", "not a sign"),
        "home": ("#{1} = 1", "#"),
        # towers and giant numbers
        "tower of powers": ("9^{9^{9^{9}}} = 1", "exponent"),
        "tower of names": ("a^{a^{a^{a^{a}}}} = 1", "tower"),
        "large exponent": ("2^{1000000000} = 1", "exponent"),
        "large exponent of a name": ("a^{99999999999} = 1", "exponent"),
        "tiny exponent": ("a^{-99999999999} = 1", "exponent"),
        "power of powers": ("((((9^{99})^{99})^{99})^{99})^{99} = 1", "bits"),
        "power in the base": ("(9^{999})^{999} = 1", "bits"),
        "giant number": ("9" * 5000 + " = 1", "digits"),
        "giant decimal": ("0." + "0" * 5000 + "1 = 1", "digits"),
        "giant factorial": ("99999999! = 1", "too large"),
        "factorial of factorial": ("((9!)!)! = 1", "too large"),
        "giant binomial": (r"\binom{99999999}{5000} = 1", "too large"),
        "division by zero in an exponent": ("a^{1/0} = 1", "no value"),
        "exponent of exponents": ("2^{999^{2}} = 1", "exponent"),
        # sums and nesting
        "huge sum": (r"\sum_{k=1}^{10000000000} k = 1", "terms"),
        "huge sum by a power": (r"\sum_{k=1}^{10^{18}} k = 1", "terms"),
        "huge product": (r"\prod_{k=-100000000}^{1} k = 1", "terms"),
        "huge range for all": (r"a = a \quad \text{for } k = 1, \ldots, 100000000", "terms"),
        "many indices": (r"\sum_{c f g h k l m o} 1 = 1", "indices"),
        "sums in sums": (r"\sum_{c=1}^2" * 40 + " 1 = 1", "in use"),
        "deep brackets": ("(" * deep + "a" + ")" * deep + " = 1", "characters"),
        "brackets": ("(" * 2000 + "a" + ")" * 2000 + " = 1", "inside each other"),
        "deep fractions": (r"\frac{" * 500 + "a" + "}{2}" * 500 + " = 1", "inside each other"),
        "deep roots": (r"\sqrt{" * 500 + "a" + "}" * 500 + " = 1", "inside each other"),
        "roots without braces": (r"\sqrt" * 1000 + " a = 1", "braces"),
        "deep subscripts": ("x_{" * 500 + "1" + "}" * 500 + " = 1", "inside each other"),
        "deep bars": (r"\left|" * 500 + "a" + r"\right|" * 500 + " = 1", "inside each other"),
        "deep cases": (r"\begin{cases} " * 300 + "a", "inside each other"),
        "deep means": (r"\mathbb{E}[" * 300 + "a" + "]" * 300 + " = 1", "inside each other"),
        "deep functions": (r"\exp(" * 300 + "a" + ")" * 300 + " = 1", "inside each other"),
        "functions without brackets": (r"\log " * 3000 + "a = 1", "brackets"),
        "deep integrals": (r"\int_0^1 " * 300 + "1" + r"\,dt" * 300 + " = 1", "meaning already"),
        "deep limits": (r"\lim_{a \to 0} " * 300 + "a = 1", "inside each other"),
        "deep derivatives": (r"\frac{d}{da} " * 300 + "a = 1", "inside each other"),
        "deep conditions": (r"\mathbf{1}[" * 300 + "a > 0" + "]" * 300 + " = 1", "inside"),
        "brackets of conditions": (r"\mathbf{1}[" + "(" * 2500 + "a > 0", "inside each other"),
        "indices again": (r"\sum_{" + "k " * 2500 + "} 1 = 1", "twice"),
        "many signs": ("-" * 5000 + "a = 1", "two signs"),
        "many factorials": ("a" + "!" * 5000 + " = 1", "factorials"),
        "many primes": ("a" + "'" * 5000 + " = 1", "not"),
        "many words": ("a + " * 7000 + "a = 1", "characters"),
        "many products": ("a" * 7000 + " = 1", "words"),
        "many relations": ("a = " * 4000 + "a", "words"),
        "open brace": (r"\sum_{k=1 a = 1", "brace"),
        "no end of a group": (r"\text{for = 1", "plain words"),
        "unpaired": (r"\left( a = 1", r"\left"),
        "shut without open": ("a ) = 1", ")"),
        # definitions
        "its own definition": ("f(t) := f(t - 1) + 1", "own definition"),
        "a constant by itself": ("c := c + 1", "own definition"),
        "later definition": (r"c := g, \qquad g := c", "not declared"),
        "defined twice": (r"c := 1, \qquad c := 2", "meaning already"),
        "a variable defined": ("a := 1", "meaning already"),
        "the constant e defined": ("e := 3", "names must differ"),
        "the mean defined": (r"\mathbb{E} := 3", "names must differ"),
        "a definition assumed": ("f(t) := t = 2", "stands alone"),
        # labels, subscripts of means, environments
        "label in a label": (r"a = a \label{\label{\label{x}}}", r"\label takes"),
        "code as a label": (rf"a = a \label{{{CODE}}}", r"\label takes"),
        "giant label": (r"a = a \label{" + "x" * 15_000 + "}", r"\label takes"),
        "open label": (r"a = a \label{x", r"\label takes"),
        "labels for factors": (r"a = a \label{x} a", "beginning or the end"),
        "many labels": ("a " + r"\label{x} " * 1900 + "a = a", "beginning or the end"),
        "code as a random variable": (rf"\mathbb{{E}}_{{{CODE}}}[a] = 1", "random variable"),
        "code as a law": (rf"\mathbb{{E}}_{{a \sim {CODE}}}[a] = 1", "random variables alone"),
        "giant subscript": (r"\mathbb{E}_{" + "a," * 2800 + "a}[a] = 1", "random variables alone"),
        "deep subscripts of means": (r"\mathbb{E}_{" * 500 + "a = 1", "brace"),
        "deep variances": (r"\mathrm{Var}(" * 300 + "a = 1", "variance in a variance"),
        "open environments": (r"\begin{aligned} " * 900 + "a = a", r"no \end"),
        "crossed environments": (
            r"\begin{align} \begin{split} a = a \end{align} \end{split}", "another environment"),
        "ends alone": (r"a = a " + r"\end{align} " * 900, "not belong"),
        "conditions of many rows": (
            r"\begin{aligned} " + r"a &= a, \\ " * 900 + r"\end{aligned} \quad \text{for } "
            + "b > 0, " * 800 + "b > 0", "words"),
        # signs
        "zero width": ("a\u200b = a", "U+200B"),
        "right to left": ("a \u202e= b", "U+202E"),
        "nul": ("a \x00 = a", "U+0000"),
        "escape of a terminal": ("a \x1b[2J = a", "U+001B"),
        "line separator": ("a \u2028 = a", "U+2028"),
        "cyrillic a": ("а = а", "not a sign"),
        "full width": ("１ = １", "not a sign"),
        "minus that is none": ("a − a = 0", "minus"),
        "empty": (" ", "empty"),
    }  # fmt: skip
    return [
        Hostile(f"formula: {name}", body(formula), FIRST, words)
        for name, (formula, words) in cases.items()
    ]


def in_front() -> list[Hostile]:
    """Front matter; the error is on line 4 unless told otherwise."""
    laughs = "".join(
        f"a{k}: &a{k} [{', '.join([f'*a{k - 1}'] * 9) if k else 'lol'}]\n" for k in range(9)
    )
    cases = {
        "object of python": (f"about: !!python/object/apply:os.system ['{CODE}']\n", "tag"),
        "name of python": ("about: !!python/name:os.system\n", "tag"),
        "module of python": ("about: !!python/module:os\n", "tag"),
        "new object": ("about: !!python/object/new:os.system [x]\n", "tag"),
        "binary": ("about: !!binary aGVsbG8=\n", "tag"),
        "local tag": ("about: !x y\n", "tag"),
        "anchor": ("about: &x y\n", "anchor"),
        "alias": ("about: *x\n", "alias"),
        "billion laughs": (laughs, "anchor"),
        "merge key": ("<<: {a: b}\n", "no key"),
        "unknown key": ("solver: shell\n", "no key"),
        "key twice": ("title: again\n", "twice"),
        "key of a list": ("? [a, b]\n: c\n", "a key"),
        "tab": ("variables:\n\ta: real\n", "malformed"),
        "quote without an end": ('about: "never\n', "malformed"),
        "bracket without an end": ("assumptions: [a\n", "malformed"),
        "escape of no sign": ('about: "\\UFFFFFFFF"\n', "escape"),
        "half a sign": ('about: "\\uD800"\n', "printed"),
        "bell": ('about: "\\a"\n', "printed"),
        "deep lists": ("about: " + "[" * 1000 + "\n", "nested"),
        "deep mappings": ("about: " + "{a: " * 1000 + "\n", "nested"),
        "deep dashes": ("about:\n" + "  - " * 1000 + "x\n", "nested"),
        "a list for a title": ("about: [a]\n", "a text"),
        "code as a domain": (f"variables:\n  a: {CODE}\n", "expected"),
        "code as a bound": (f"variables:\n  a: 'real >= {CODE.replace(chr(39), '')}'\n", "not"),
        "code as a name": ("variables:\n  __import__: real\n", "name"),
        "code as a law": (f"random:\n  a: {CODE}\n", "expected"),
        "code as an assumption": (f"assumptions:\n  - {CODE}\n", "not"),
        "code as a setting": (quantity("density: open(a)"), "not declared"),
        "code as a weight": (quantity('weights: [["exit()"]]'), "not"),
        "code as a kind": (quantity("kind: os.system"), "kind is one of"),
        "unknown setting": (quantity("solver: x"), "no setting"),
        "huge count": (quantity("features: 99999999999999"), "whole number"),
        "count in other digits": (quantity("features: ٣"), "whole number"),
        "domain by itself": ("variables:\n  a: real > a\n", "not declared"),
        "cyclic domains": ("variables:\n  a: real > b\n  b: real > a\n", "not declared"),
        "cyclic quantities": ("quantities:\n  f: {kind: loss, density: f}\n", "not declared"),
        "endless domain": ("variables:\n  a: 'real in [-\\infty, 1]'\n", "open"),
        "huge family": ("variables:\n  x_i: real for i = 1..99999999999\n", "terms"),
        "tower in a bound": ("variables:\n  a: 'real > 9^{9^{9^{9}}}'\n", "exponent"),
        "name of a constant": ("variables:\n  e: real\n", "names must differ"),
        "two families": ("variables:\n  x_1: real\n  x_i: real for i = 1..3\n", "meaning"),
        "directive": ("...\n%YAML 1.1\n", "document"),
        "second document": ("...\nx: y\n", "document"),
        "many values": ("source: [" + "a, " * 6000 + "]\n", "values"),
        "long": ("about: " + "a" * 60_000 + "\n", "characters"),
    }  # fmt: skip
    return [
        Hostile(f"front matter: {name}", front(text), 0, words)
        for name, (text, words) in cases.items()
    ]


def quantity(setting: str) -> str:
    """A quantity with a setting, of a document without variables."""
    return f"quantities:\n  f:\n    {setting}\n"


def whole() -> list[Hostile]:
    """Documents that are wrong as a whole."""
    good = HEAD.encode()
    half = 500_000
    return [
        Hostile("file: 50 MB of text", good, 1, "bytes", b"lorem ipsum\n", 50_000_000 // 12),
        Hostile("file: 50 MB on one line", b"", 1, "bytes", b"$", 50_000_000),
        Hostile("file: empty", b"", 1, "front matter"),
        Hostile("file: no front matter", b"$$ 1 = 1 $$\n", 1, "front matter"),
        Hostile("file: front matter without an end", b"---\ntitle: x\n", 1, "no end"),
        Hostile("file: empty front matter", b"---\n---\n$$ 1 = 1 $$\n", 1, "mapping"),
        Hostile("file: a list as front matter", b"---\n- a\n---\n", 1, "mapping"),
        Hostile("file: no title", b"---\nid: x\n---\n", 2, "no title"),
        Hostile("file: broken UTF-8", good + b"$$ a = \xff a $$\n", FIRST, "UTF-8"),
        Hostile("file: half a sign", good + b"caf\xc3\n", FIRST, "UTF-8"),
        Hostile("file: overlong sign", good + b"\xc0\xaf\n", FIRST, "UTF-8"),
        Hostile("file: surrogate", good + b"\xed\xa0\x80\n", FIRST, "UTF-8"),
        Hostile("file: UTF-16", "---\ntitle: x\n".encode("utf-16"), 1, "UTF-8"),
        Hostile("file: pickle", b"\x80\x04\x8c\x05posix\x8c\x06system\x93.", 1, "UTF-8"),
        Hostile("file: gzip", b"\x1f\x8b\x08\x00" * 100, 1, "UTF-8"),
        Hostile("file: zeros", bytes(1000), 1, "U+0000"),
        Hostile("file: no equation", good + b"Words.\n", FIRST, "without a display"),
        Hostile("file: equation without an end", good + b"$$ a = a\n", FIRST, "without an end"),
        Hostile("file: equation in a line", good + b"so $$ a = b $$ holds\n", FIRST, "begins"),
        Hostile("file: words behind", good + b"$$ a = a $$ and $$ a = b $$\n", FIRST, "behind"),
        Hostile("file: block of math", good + b"```math\na = b\n```\n", FIRST, "written with $$"),
        Hostile("file: code without an end", good + b"```\n$$ a = b $$\n", FIRST, "without an end"),
        Hostile("file: comment without an end", good + b"<!-- \na = b\n", FIRST, "comment"),
        Hostile("file: hidden equation", good + b"<!-- x\n$$ a = b $$ -->\n", FIRST + 1, "comment"),
        Hostile("file: no why", good + b"<!-- not checked: -->\n$$ a $$\n", FIRST, "why"),
        Hostile("file: misspelt", good + b"<!-- not cheked: x -->\n$$ a $$\n", FIRST, "expected"),
        Hostile("file: nothing follows", good + b"<!-- assume -->\nwords\n", FIRST, "follows"),
        Hostile("file: empty line", good + b"$$ a =\n\na $$\n", FIRST, "empty line"),
        Hostile("file: many backticks", good + b"`" * half + b"\n" + b"` `` " * 90_000, 0, ""),
        Hostile("file: many comments", good + b"<!---->\n" * 100_000 + b"$$ $$", 0, "empty"),
        Hostile("file: many dollars", good + b"$ " * half, 1, "bytes"),
        Hostile("file: many equations", good + b"$$ a = a $$\n" * 2000, FIRST + 1000, "equations"),
        Hostile("file: many steps", good + (b"$$ a" + b" = a" * 900 + b" $$\n") * 3, 0, "steps"),
    ]  # fmt: skip


def displays() -> list[Hostile]:
    """Displays that do not end where they should, or are hidden."""
    good = HEAD.encode()
    cases = {
        "in a line": (b"so \\[ a = b \\]\n", 1, 0, "begins a line"),
        "bracket alone": (b"\\[ a = b\n", 1, 0, "without an end"),
        "an end alone": (b"a = b \\]\n", 1, 0, "begins a line"),
        "many brackets": (b"\\[ ", 300_000, 0, "without an end"),
        "brackets in each other": (b"\\[ \\[ a = b \\]\n", 1, 0, "midst"),
        "many open brackets": (b"\\[ a = b\n", 90_000, 0, "without an end"),
        "many displays": (b"\\[ a = a \\]\n", 2000, 1000, "equations"),
        "environment": (b"\\begin{equation} a = b\n", 1, 0, "without an end"),
        "many environments": (b"\\begin{align} a = a \\end{align}\n", 2000, 1000, "equations"),
        "many open environments": (b"\\begin{align}\n", 60_000, 0, "without an end"),
        "environments in each other": (
            b"\\begin{align} \\begin{align} a = b \\end{align}\n", 1, 0, r"no \end"),
        "foreign environment": (b"\\begin {eqnarray} a = b\n", 1, 0, "begins a line"),
        "many begins": (b"\\begin ", 100_000, -FIRST, ""),
        "hidden brackets": (b"<!-- \\[ a = b \\] -->\n", 1, 0, "comment"),
        "hidden environment": (b"<!--\n\\begin{align} a -->\n", 1, 1, "comment"),
    }  # fmt: skip
    return [
        Hostile(f"display: {name}", good, FIRST + line, words, unit, times)
        for name, (unit, times, line, words) in cases.items()
    ]


def corpus() -> list[Hostile]:
    """All of them."""
    return in_formula() + in_front() + whole() + displays()
