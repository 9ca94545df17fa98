"""Names of laws, activations and groups: read, written, read back; everything else refused."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from theory.problem import (
    AbsPower,
    Anticorrelated,
    Binary,
    Correlated,
    CustomLaw,
    Exponential,
    HalfNormal,
    Identity,
    InputError,
    Normal,
    Power,
    Problem,
    Rademacher,
    ReLU,
    ReLUPower,
    Uniform,
)
from tms.inputs.names import (
    activation_from_text,
    activation_text,
    groups_from_text,
    groups_text,
    law_from_text,
    law_text,
)

ends = st.fractions(max_denominator=50)
uniform = st.tuples(ends, ends).filter(lambda e: e[0] < e[1]).map(lambda e: Uniform(*e))
laws = st.one_of(
    uniform,
    st.sampled_from(
        [Uniform(), Binary(), Rademacher(), Exponential(), Normal(), HalfNormal()],
    ),
)
powers = st.integers(1, 12)
activations = st.one_of(
    st.sampled_from([ReLU(), Identity()]),
    powers.map(Power),
    powers.map(AbsPower),
    powers.map(ReLUPower),
)


@given(laws)
def test_a_law_is_read_back(law):
    assert law_from_text(law_text(law)) == law


@given(activations)
def test_an_activation_is_read_back(activation):
    assert activation_from_text(activation_text(activation)) == activation


@pytest.mark.parametrize(
    ("text", "law"),
    [
        ("uniform", Uniform(0, 1)),
        (" Uniform:-1,1 ", Uniform(-1, 1)),
        ("uniform:0.5,2", Uniform(Fraction(1, 2), 2)),
        ("half-normal", HalfNormal()),
        ("RADEMACHER", Rademacher()),
    ],
)
def test_laws_by_name(text, law):
    assert law_from_text(text) == law


@pytest.mark.parametrize(
    "text",
    [
        "",
        "uniform:",
        "uniform:1",
        "uniform:0,1,2",
        "normal:0,1",
        "gauss",
        "binary:",
        "uniform(0,1)",
    ],
)
def test_another_law_is_refused_with_all_names(text):
    with pytest.raises(InputError, match=f"law='{text}'".replace("(", r"\(").replace(")", r"\)")):
        law_from_text(text)
    with pytest.raises(InputError, match=r"rademacher, exponential, normal, half-normal"):
        law_from_text(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("uniform:1,0", "low=1, high=0: low must be below high"),
        ("uniform:a,1", "low='a': not a plain number"),
        ("uniform:1,1", "low=1, high=1"),
    ],
)
def test_ends_that_are_none_are_refused(text, message):
    with pytest.raises(InputError, match=message):
        law_from_text(text)


@pytest.mark.parametrize(
    "text", ["", "power", "power:", "power:x", "power:-1", "power:1.5", "relu:2", "tanh", "abs"]
)
def test_another_activation_is_refused_with_all_names(text):
    with pytest.raises(InputError, match=rf"activation='{text}': must be one of relu, identity"):
        activation_from_text(text)


@pytest.mark.parametrize("text", ["power:0", "abs:13", "relu-power:99"])
def test_a_power_out_of_range_is_refused(text):
    with pytest.raises(InputError, match=r"power=.*must be a whole number from 1 to 12"):
        activation_from_text(text)


def test_a_law_without_a_name_is_refused():
    with pytest.raises(InputError, match="has no name"):
        law_text(CustomLaw("mine", moments=[0, 1]))


def test_groups_are_read_back():
    groups = [Correlated(0, 3), Anticorrelated(1, 2, 5)]
    problem = Problem(6, 2, density=1, groups=groups)
    words = groups_text(problem)
    assert words == ["--correlated", "0,3", "--anticorrelated", "1,2,5"]
    assert groups_from_text([words[1]], [words[3]], 6) == groups


def test_blocks_cut_all_features():
    assert groups_from_text([], ["blocks:3"], 6) == [
        Anticorrelated(0, 1, 2),
        Anticorrelated(3, 4, 5),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "correlated=''"),
        ("0;1", "correlated='0;1': must be features counted from 0"),
        ("0,-1", "correlated='0,-1'"),
        ("blocks:x", "correlated='blocks:x'"),
        ("blocks:4", "size=4: must be at least 2 and divide n_features=6"),
        ("0", "must be two or more different features"),
        ("1,1", "must be two or more different features"),
    ],
)
def test_groups_that_cannot_be_meant_are_refused(text, message):
    with pytest.raises(InputError, match=message):
        groups_from_text([text], [], 6)
