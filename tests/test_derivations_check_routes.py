"""The exact evaluator against the balls, on random expressions with kinks."""

from fractions import Fraction

from flint import arb, ctx
from hypothesis import given, settings
from hypothesis import strategies as st

from derivations.checking.ball_values import BallEvaluator
from derivations.checking.constants import ball_of
from derivations.checking.elements import Field
from derivations.checking.evaluate import Evaluator
from derivations.checking.inductions import prove_for_whole
from derivations.checking.instances import Question, Unknown, evaluated, instances
from derivations.checking.scope import Scope
from derivations.checking.stops import Clock, NotExact, NoValue, Stop
from derivations.language import nodes
from derivations.language.records import RandomVariable, Variable

NUMBERS = st.sampled_from([Fraction(x) for x in ("0", "1", "-1", "1/2", "2", "-3/2", "1/3")])


def number(value):
    return nodes.Number(Fraction(value))


LEAVES = st.one_of(
    NUMBERS.map(nodes.Number), st.sampled_from([nodes.Symbol("a"), nodes.Symbol("b")])
)


def grown(inner, leaves=()):
    pairs = st.tuples(inner, inner)
    return st.one_of(
        inner.map(nodes.Negative),
        pairs.map(nodes.Sum),
        pairs.map(nodes.Product),
        st.builds(nodes.Power, inner, st.integers(0, 3).map(number)),
        *(
            st.builds(lambda x, name=name: nodes.Apply(name, (x,)), inner)
            for name in ("positive_part", "abs", "sign", *leaves)
        ),
        pairs.map(lambda xs: nodes.Apply("max", xs)),
        pairs.map(lambda xs: nodes.Indicator(nodes.Comparison(xs, ("<=",)))),
    )


POINTWISE = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        grown(inner, ("sqrt", "exp", "cos", "erf")), st.builds(nodes.Quotient, inner, inner)
    ),
    max_leaves=6,
)
PIECEWISE = st.recursive(
    st.one_of(LEAVES, st.just(nodes.Symbol("x"))), lambda inner: grown(inner), max_leaves=5
)


def both(node, point, random=None):
    """The exact value as a ball, and the value by balls."""
    scope = Scope({}, random or {}, {}, {})
    field = Field()
    names = {name: field.number(value) for name, value in point.items()}
    exact = evaluated(lambda: Evaluator(scope, field, names), lambda e: e.value(node))
    with ctx.workprec(128):
        first = ball_of(exact)
        second = BallEvaluator(scope, point, 128, Clock.of(20)).value(node)
    if isinstance(second, Fraction):
        return exact, exact.fraction is not None and exact.fraction == second
    return exact, first.overlaps(arb(second)) if isinstance(second, arb) else None


@settings(max_examples=250, deadline=None)
@given(POINTWISE, NUMBERS, NUMBERS)
def test_both_routes_agree_at_points(node, a, b):
    try:
        _, agree = both(node, {"a": a, "b": b})
    except (NotExact, NoValue):
        return
    assert agree


@settings(max_examples=60, deadline=None)
@given(PIECEWISE, NUMBERS, NUMBERS, st.sampled_from(["uniform", "rademacher", "binary"]))
def test_both_routes_agree_on_means(node, a, b, law):
    ends = (number(-1), number(2)) if law == "uniform" else ()
    random = {"x": RandomVariable("x", law, ends, number(Fraction(1, 3)))}
    try:
        _, agree = both(nodes.Expectation(node), {"a": a, "b": b}, random)
    except (NotExact, NoValue):
        return
    assert agree is not False


@settings(max_examples=100, deadline=None)
@given(PIECEWISE, NUMBERS, NUMBERS)
def test_an_integral_is_the_sum_of_its_parts(node, a, b):
    def exact(low, high):
        scope, field = Scope({}, {}, {}, {}), Field()
        names = {"a": field.number(a), "b": field.number(b)}
        whole = nodes.Integral("x", number(low), number(high), node)
        return evaluated(lambda: Evaluator(scope, field, names), lambda e: e.value(whole))

    try:
        parts = [exact(-1, Fraction(1, 5)).fraction, exact(Fraction(1, 5), 2).fraction]
        whole = exact(-1, 2).fraction
    except (NotExact, NoValue):
        return
    assert sum(parts) == whole


RELATIONS = st.sampled_from(["=", "<=", ">=", "<", ">"])


def holds(question, point):
    field = Field()
    names = {name: field.number(value) for name, value in point.items()}
    sides = nodes.Comparison((question.left, question.right), (question.relation,))
    return evaluated(lambda: Evaluator(question.scope, field, names), lambda e: e.holds(sides))


@settings(max_examples=300, deadline=None)
@given(POINTWISE, RELATIONS, POINTWISE, st.booleans())
def test_nothing_is_proved_that_fails_at_a_point(left, relation, right, within):
    a, b = nodes.Symbol("a"), nodes.Symbol("b")
    domain = (nodes.Comparison((number(0), a, number(1)), ("<=", "<=")),) if within else ()
    variables = {"a": Variable("a", "real", domain), "b": Variable("b", "real")}
    question = Question(
        Scope(variables, {}, {}, {}),
        left,
        relation,
        right,
        (Unknown("a", "real", domain), Unknown("b", "real")),
        (nodes.Comparison((b, nodes.Sum((a, number(1)))), ("<",)),) if within else (),
    )
    try:
        found = prove_for_whole(question, Clock.of(5))
    except Stop:
        return
    if not found.proved:
        return
    for point in instances(question, 12, Clock.of(5)):
        try:
            assert holds(question, point), (found, point)
        except (NotExact, NoValue):
            continue
