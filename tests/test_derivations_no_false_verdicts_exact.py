"""No false step is proved and no true one refuted: limits, powers, sums and balls."""

from fractions import Fraction

import pytest
from flint import arb, ctx
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from derivations.check import Limits, check
from derivations.checking.ball_values import BallEvaluator
from derivations.checking.elements import Field
from derivations.checking.evaluate import Evaluator
from derivations.checking.inductions import prove_for_whole
from derivations.checking.instances import Question, Unknown, evaluated
from derivations.checking.scope import Scope
from derivations.checking.second import compare
from derivations.checking.stops import Clock, NotExact, NoValue, Stop
from derivations.document import Derivation
from derivations.language import nodes
from derivations.language.records import Variable
from derivations.results import Verdict

LIMITS = Limits(seconds=8, apart=False)
PROVED, REFUTED, ERROR = Verdict.PROVED, Verdict.REFUTED, Verdict.ERROR


def result(step, **front):
    document = Derivation.build("a-test", "A test", steps=[step], **front)
    (found,) = check(document, LIMITS).steps
    return found


def real(*names, bound=""):
    return {"variables": {name: f"real {bound}".strip() for name in names}}


T, X, XA = real("t"), real("x"), real("x", "a")
BINARY = {
    "variables": {"p": "real in [0, 1]"},
    "random": {"x": "binary with probability p, else 0"},
}

# Limits and derivatives next to a point where a root is not smooth.

LIMIT_OF = [
    (r"\lim_{t \to \infty} \frac{\sqrt{t}}{\sqrt{t} + 1}", "1", "0", T),
    (r"\lim_{t \to 0^+} \frac{t}{\sqrt{t} + t}", "0", "1", T),
    (r"\lim_{t \to 0^+} \operatorname{sign}(t - \sqrt{t})", "-1", "1", T),
    (r"\lim_{t \to 0^+} \frac{\sqrt{t}}{\sqrt{2t} + t}", r"\frac{1}{\sqrt{2}}", "0", T),
    (r"\lim_{t \to 0^+} \frac{\sqrt[3]{t}}{\sqrt[3]{8t} + t}", r"\frac{1}{2}", "0", T),
    (r"\lim_{t \to 0^+} \frac{t^{3/2}}{t^{3/2} + t^2}", "1", "0", T),
    (r"\lim_{t \to 0^+} \frac{\mathrm{ReLU}(t)^{1/2}}{\mathrm{ReLU}(t)^{1/2} + t}", "1", "0", T),
    (r"\lim_{t \to 0^+} \frac{\exp(\sqrt t) - 1}{\sqrt t + t}", "1", "0", T),
    (r"\lim_{t \to \infty} \frac{t^{1/2}}{t^{1/2} + a}", "1", "0", real("t", "a", bound="> 0")),
    (r"\lim_{t \to \infty} (\sqrt{t + \sqrt{t}} - \sqrt{t})", r"\frac{1}{2}", "0", T),
    (r"\lim_{t \to \infty} (t^{1/10})^{-1}", "0", "1", T),
    (r"\frac{d}{dx} |x|^{3/2}", r"\frac{3}{2} |x|^{1/2} \operatorname{sign}(x)", "0", X),
    (
        r"\lim_{h \to 0} \frac{\sqrt{x + h} - \sqrt{x}}{h}",
        r"\frac{1}{2 \sqrt x}",
        r"\frac{1}{\sqrt x}",
        real("x", "h", bound="> 0"),
    ),
    (
        r"\lim_{s \to 0^+} \lim_{t \to 0^+} \frac{\sqrt{s} + t}{\sqrt{s} + \sqrt{t}}",
        "1",
        "0",
        real("s", "t"),
    ),
    (
        r"\lim_{n \to \infty} \frac{1}{n^2} \sum_{i=1}^n i",
        r"\frac{1}{2}",
        "0",
        {"variables": {"n": "integer >= 1"}},
    ),
]


@pytest.mark.parametrize(("left", "right", "wrong", "front"), LIMIT_OF)
def test_a_limit_with_roots(left, right, wrong, front):
    assert result(f"{left} = {right}", **front).verdict is PROVED
    assert result(f"{left} = {wrong}", **front).verdict is REFUTED


@pytest.mark.parametrize("body", ["|x|^{1/2}", r"\mathrm{ReLU}(x)^{1/2}", r"\sqrt{|x|}", "|x|"])
def test_there_is_no_derivative_at_a_kink_or_a_vertical_tangent(body):
    step = rf"\frac{{d}}{{dx}} {body} = 0 \quad \text{{for }} x = 0"
    assert result(step, **X).verdict is ERROR


def test_a_second_derivative_of_a_power_below_two_is_none_at_zero():
    step = r"\frac{d^2}{dx^2} |x|^{%s} = 0 \quad \text{for } x = 0"
    assert result(step % "3/2", **X).verdict is ERROR
    assert result(step % "5/2", **X).verdict is PROVED


def test_a_limit_that_is_infinite_from_one_side_is_none():
    body = r"\begin{cases} 1 & \text{if } t > 0 \\ \frac{1}{t} & \text{otherwise} \end{cases}"
    assert result(rf"\lim_{{t \to 0}} {body} = 1", **T).verdict is ERROR
    assert result(r"\lim_{t \to 0} \sqrt{t} = 0", **T).verdict is PROVED


def test_a_limit_inside_a_mean_is_taken_at_each_atom():
    front = T | {"random": {"u": "binary with probability 1/2, else 0"}}
    step = r"\mathbb{E}[\lim_{t \to 0^+} \frac{t}{u^2 - u + t}] = %s"
    assert result(step % "1", **front).verdict is PROVED
    assert result(step % "0", **front).verdict is REFUTED


EXPONENTS = [Fraction(n, d) for n, d in ((1, 3), (1, 2), (2, 3), (1, 1), (3, 2), (2, 1), (5, 2))]
PUISEUX = st.dictionaries(
    st.sampled_from(EXPONENTS), st.integers(-3, 3).filter(bool), min_size=1, max_size=3
)


def puiseux(terms):
    """A sum of broken powers of t."""
    t = nodes.Symbol("t")
    return nodes.Sum(
        tuple(
            nodes.Product((nodes.Number(Fraction(c)), nodes.Power(t, nodes.Number(e))))
            for e, c in terms.items()
        )
    )


@settings(max_examples=120, deadline=None)
@given(PUISEUX, PUISEUX, st.booleans())
def test_limits_of_quotients_of_broken_powers(over, under, at_infinity):
    best = max if at_infinity else min
    top, bottom = best(over), best(under)
    expected = Fraction(over[top], under[bottom]) if top == bottom else Fraction(0)
    grows = top > bottom if at_infinity else top < bottom
    target = None if at_infinity else nodes.Number(Fraction(0))
    quotient = nodes.Quotient(puiseux(over), puiseux(under))
    node = nodes.Limit(nodes.Symbol("t"), target, "" if at_infinity else "+", quotient)
    try:
        found = evaluated(
            lambda: Evaluator(Scope({}, {}, {}, {}), Field(), {}), lambda e: e.value(node)
        )
    except NoValue:
        assert grows
        return
    except NotExact:
        return
    assert not grows
    assert found.fraction == expected


ONLY_BY_LIMITS = [
    (r"\lim_{t \to \infty} e^{-t} = 0", T),
    (r"\lim_{t \to \infty} t e^{-t} = 0", T),
    (r"\lim_{t \to \infty} \Phi(t) = 1", T),
    (r"\lim_{t \to 0^+} e^{-1/t} = 0", T),
    (r"\lim_{p \to 0^+} p \log(p) = 0", real("p")),
    (r"\lim_{p \to 0^+} p^p = 1", real("p")),
    (r"\lim_{p \to 0^+} \frac{1}{\log(p)} = 0", real("p")),
    (r"\lim_{t \to \infty} \frac{1}{\log(\log(t))} = 0", T),
    (r"\lim_{t \to 0^+} \frac{\sqrt{\sin(t)}}{\sqrt{t}} = 1", T),
    (r"\lim_{t \to 0} \cos(\frac{\sin(t)}{t}) = \cos(1)", T),
    (r"\lim_{n \to \infty} \frac{(-1)^n}{n} = 0", {"variables": {"n": "integer >= 1"}}),
]


@pytest.mark.parametrize(("step", "front"), ONLY_BY_LIMITS)
def test_a_limit_that_is_out_of_reach_is_not_called_wrong_or_empty(step, front):
    assert result(step, **front).verdict not in {REFUTED, ERROR}


@pytest.mark.parametrize(("step", "front"), ONLY_BY_LIMITS)
def test_nor_is_a_wrong_one_called_right(step, front):
    left = step.rsplit("=", 1)[0]
    assert result(rf"{left} = \frac{{1}}{{3}}", **front).verdict is not PROVED


# Powers to open exponents.

OPEN_POWERS = [
    ("x^{2 a} > 0", XA),
    ("(x^a)^{1/a} = x", XA),
    ("(x^a)^b = x^{a b}", real("x", "a", "b")),
    ("(x^2)^a = x^{2a}", XA),
    ("x^{2a} = |x|^{2a}", XA),
    (r"x^{2a} \ge 0", XA),
    (r"x^{4a} \ge 0", XA),
    ("x^{2 b + 97/113} = |x|^{2 b + 97/113}", {"variables": {"x": "real", "b": "real in (0, 1)"}}),
    ("(-1)^{2 a} = 1", real("a")),
    ("0^a = 0", real("a", bound=">= 0")),
    ("0^a = 1", real("a", bound=">= 0")),
    (r"\mathbb{E}[(-1)^x] = 1", BINARY),
    (r"\mathbb{E}[0^x] = p", BINARY),
]


@pytest.mark.parametrize(("step", "front"), OPEN_POWERS)
def test_a_false_power_law_is_not_proved(step, front):
    assert result(step, **front).verdict is not PROVED


@pytest.mark.parametrize(
    ("step", "front"),
    [
        ("(x^a)^{1/a} = x", real("x", "a", bound="> 0")),
        ("x^a x^b = x^{a + b}", {"variables": {"x": "real > 0", "a": "real", "b": "real"}}),
        ("0^a = 0", real("a", bound="> 0")),
        (r"\mathbb{E}[(-1)^x] = 1 - 2 p", BINARY),
        (r"\mathbb{E}[0^x] = 1 - p", BINARY),
        (r"\int_0^1 0^s \, ds = 0", {}),
    ],
)
def test_a_true_power_law_is_proved(step, front):
    assert result(step, **front).verdict is PROVED


def powers(inner):
    pairs = st.tuples(inner, inner)
    numbers = st.sampled_from([Fraction(1, 2), Fraction(2), Fraction(-1), Fraction(3)])
    return st.one_of(
        inner.map(lambda x: nodes.Apply("abs", (x,))),
        pairs.map(nodes.Product),
        pairs.map(nodes.Sum),
        st.builds(nodes.Power, inner, inner),
        st.builds(nodes.Power, inner, numbers.map(nodes.Number)),
    )


LEAVES = st.sampled_from([nodes.Symbol("x"), nodes.Symbol("a"), nodes.Number(Fraction(2))])
WITH_POWERS = st.recursive(LEAVES, powers, max_leaves=4)
POINTS = [
    {"x": Fraction(x), "a": Fraction(a)}
    for x in ("-2", "-1", "0", "1/2", "4")
    for a in ("-1", "0", "1/2", "1", "2")
]


@settings(max_examples=250, deadline=None)
@given(WITH_POWERS, st.sampled_from(["=", "<=", ">="]), WITH_POWERS)
def test_nothing_on_powers_is_proved_that_fails_at_a_point(left, relation, right):
    assume(left != right)
    scope = Scope({"x": Variable("x", "real"), "a": Variable("a", "real")}, {}, {}, {})
    unknowns = (Unknown("x", "real"), Unknown("a", "real"))
    question = Question(scope, left, relation, right, unknowns)
    try:
        found = prove_for_whole(question, Clock.of(3))
    except Stop:
        return
    if not found.proved:
        return
    claim = nodes.Comparison((left, right), (relation,))
    for point in POINTS:
        field = Field()
        names = {name: field.number(value) for name, value in point.items()}
        try:
            holds = evaluated(
                lambda f=field, n=names: Evaluator(scope, f, n), lambda e: e.holds(claim)
            )
        except (NotExact, NoValue):
            continue
        assert holds, (found, point)


# Sums between bounds that are not whole.


@pytest.mark.parametrize(
    ("step", "front"),
    [
        (r"\sum_{i=1}^{a} 1 = a", real("a", bound=">= 0")),
        (r"\sum_{i=1}^{a} i = \frac{a (a + 1)}{2}", real("a", bound=">= 0")),
        (r"\sum_{i=a}^{a + 2} 1 = 3", real("a")),
        (r"\prod_{i=1}^{a} 2 = 2^a", real("a", bound=">= 0")),
        (r"\sum_{i=1}^{n/2} 2 = n", {"variables": {"n": "integer >= 0"}}),
        (r"\sum_{i=1.5}^{3} i = 45/8", {}),
        (r"\sum_{i=1}^{1/2} i = 3/8", {}),
        (r"\prod_{i=1}^{1.5} 2 = 2 \sqrt{2}", {}),
        (r"\sum_{i=1}^{\sqrt{2}} 1 = \sqrt{2}", {}),
    ],
)
def test_a_sum_to_a_bound_that_is_not_whole_has_no_closed_form(step, front):
    assert result(step, **front).verdict is not PROVED


def test_a_bound_that_is_whole_for_certain_may_be_a_quotient():
    front = {"variables": {"n": "integer >= 1"}}
    step = r"\sum_{i=1}^{n (n + 1) / 2} 2 = n (n + 1)"
    assert result(step, **front).verdict is PROVED


# Integrals and limits that have a value only where an open coefficient is zero.

ONLY_AT_ZERO = [
    r"\int_0^\infty %s \, ds",
    r"\int_0^\infty %s e^s \, ds",
    r"\int_{-1}^1 \frac{%s}{s} \, ds",
    r"\int_{-1}^1 \frac{%s}{s^2} \, ds",
    r"\lim_{s \to 0^+} \frac{%s}{s}",
    r"\mathbb{E}[%s e^t]",
]


@pytest.mark.parametrize("left", ONLY_AT_ZERO)
def test_what_converges_for_one_coefficient_alone_is_compared_there(left):
    front = real("x", "c") | {"random": {"t": "exponential"}}
    far = left % "(113 c - 97) (x)_+"
    assert result(f"{far} = (x)_+", **front).verdict is not PROVED
    near = left % "c (x)_+"
    assert result(f"{near} = (x)_+", **front).verdict is REFUTED
    assert result(f"{near} = 0", **front).verdict is Verdict.ERROR  # it has no value for c > 0
    assert result(rf"{near} = 0 \quad \text{{for }} c = 0", **front).verdict is PROVED


def test_parts_that_do_not_converge_each_may_cancel():
    front = {"variables": {"x": "real", "a": "real > 0", "b": "real > 0"}}
    step = r"\int_0^\infty (e^{a s} - e^{b s}) (x)_+ \, ds = (x)_+"
    assert result(step, **front).verdict is not PROVED


# Balls.

BROKEN_INTEGRALS = [
    (r"\int_0^1 s^{1/2} \, ds", r"\frac{2}{3}", {}),
    (r"\int_0^1 s^{1/3} \, ds", r"\frac{3}{4}", {}),
    (r"\int_0^1 s^{3/2} \, ds", r"\frac{2}{5}", {}),
    (r"\int_1^4 s^{1/2} \, ds", r"\frac{14}{3}", {}),
    (r"\int_0^1 (1 + s)^{1/2} \, ds", r"\frac{2}{3} (2 \sqrt{2} - 1)", {}),
    (r"\int_0^1 s^a \, ds", r"\frac{1}{a + 1}", real("a", bound="> 0")),
    (r"\int_0^1 \sqrt[3]{s} \, ds", r"\frac{3}{4}", {}),
    (r"\int_{-1}^1 \sqrt[3]{s} \, ds", "0", {}),
    (r"\mathbb{E}[u^{1/2}]", r"\frac{2}{3}", {"random": {"u": "uniform on [0, 1]"}}),
    (r"\mathbb{E}[t^{1/2}]", r"\Gamma(3/2)", {"random": {"t": "exponential"}}),
]


@pytest.mark.parametrize(("left", "right", "front"), BROKEN_INTEGRALS)
def test_an_integral_of_a_broken_power_is_not_refuted(left, right, front):
    assert result(f"{left} = {right}", **front).verdict is not REFUTED
    assert result(f"{left} = {right} + 1", **front).verdict is not PROVED


def by_balls(text, precision=64, point=None, **front):
    """The value by balls, and whether something in it is no enclosure."""
    document = Derivation.build("a-test", "A test", steps=[f"{text} = 0"], **front)
    evaluator = BallEvaluator(Scope.of(document), point or {}, precision, Clock.of(20))
    with ctx.workprec(precision):
        return evaluator.value(document.steps[0].left), evaluator.rough


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from(EXPONENTS),
    st.fractions(0, 2, max_denominator=4),
    st.fractions(Fraction(1, 4), 2, max_denominator=4),
    st.booleans(),
)
def test_the_enclosure_of_an_integral_of_a_broken_power(exponent, low, width, as_root):
    high, whole = low + width, exponent.numerator
    body = f"s^{{{exponent}}}"
    if as_root and exponent.denominator > 1:
        body = rf"(\sqrt[{exponent.denominator}]{{s}})^{whole}"
    found, rough = by_balls(rf"\int_{{{low}}}^{{{high}}} {body} \, ds")
    assert not rough
    with ctx.workprec(64):
        power = exponent + 1

        def primitive(x):
            inner = (arb(x.numerator) / x.denominator) ** power.numerator
            return inner.root(power.denominator) * power.denominator / power.numerator

        assert arb(found).overlaps(primitive(high) - primitive(low))


def test_an_integral_over_numbers_without_a_root_has_no_value_by_balls():
    with pytest.raises(Stop):
        by_balls(r"\int_{-1/2}^{1/3} \max(2, s^{3/2}) \, ds")
    with pytest.raises(Stop):
        by_balls(r"\int_{-1/2}^{1/3} \max(2, \sqrt{s}) \, ds")


def test_an_integral_inside_an_integral_is_enclosed():
    found, rough = by_balls(r"\int_0^1 \int_0^t \exp(s t) \, ds \, dt")
    assert not rough
    series, factorial = Fraction(0), 1
    for k in range(1, 30):  # (e^(t^2) - 1) / t, term by term
        factorial *= k
        series += Fraction(1, 2 * k * factorial)
    with ctx.workprec(64):
        assert arb(found).overlaps(arb(series.numerator) / series.denominator)
        assert arb(found).rad() < 1e-6


@pytest.mark.parametrize(
    "text",
    [r"\lim_{t \to \infty} \frac{1}{\log(t)}", r"\lim_{t \to \infty} (t^{1/10})^{-1}"],
)
def test_a_slow_limit_by_balls_is_said_to_be_no_enclosure(text):
    assert by_balls(text, **T)[1]
    document = Derivation.build("a-test", "A test", steps=[f"{text} = 1"], **T)
    step = document.steps[0]
    question = Question(Scope.of(document), step.left, step.relation, step.right, ())
    found = compare(question, {}, Clock.of(20))
    assert not found.proven


def test_a_power_of_zero_by_balls_is_one_at_zero():
    assert by_balls("0^{a}", point={"a": Fraction(0)}, **real("a"))[0] == 1
    assert by_balls("0^{a}", point={"a": Fraction(1, 2)}, **real("a"))[0] == 0
    with pytest.raises(NoValue):
        by_balls("0^{a}", point={"a": Fraction(-1, 2)}, **real("a"))
    with pytest.raises(NotExact):
        by_balls(r"0^{\sin^2 a + \cos^2 a - 1}", point={"a": Fraction(1)}, **real("a"))


@pytest.mark.parametrize(
    "text", [r"\binom{5}{1/2}", r"\frac{1}{2}!", r"\sqrt[5/2]{3}", r"\log(-1)", "(-1)^{1/2}"]
)
def test_balls_give_no_value_where_the_language_gives_none(text):
    try:
        found, _ = by_balls(text)
    except (NotExact, NoValue):
        return
    assert not found.is_finite()


def test_the_words_on_a_tie_make_sense():
    tie = r"\sqrt{a} \sqrt{2} > \sqrt{2 a}"
    found = result(tie, **real("a", bound="> 2"))
    assert found.verdict is REFUTED
    assert found.counterexample.confirmed == ""  # balls overlap at every precision
