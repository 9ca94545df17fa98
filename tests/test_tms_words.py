"""A model in words: what is printed is true for its law, activation and dependence."""

from __future__ import annotations

import pytest

from theory.problem import (
    AbsPower,
    Anticorrelated,
    Correlated,
    CustomLaw,
    Exponential,
    Identity,
    InputError,
    Power,
    Problem,
    ReLU,
    ReLUPower,
    Unsupported,
)
from tms.printing.words import data_words, density_words, equation, model_names
from tms.tables.table import table


@pytest.mark.parametrize(
    ("activation", "shown"),
    [
        (ReLU(), "ReLU(W^T W x + b)"),
        (Identity(), "W^T W x + b"),
        (Power(1), "W^T W x + b"),
        (Power(3), "(W^T W x + b)^3"),
        (AbsPower(1), "|W^T W x + b|"),
        (AbsPower(3), "|W^T W x + b|^3"),
        (ReLUPower(1), "ReLU(W^T W x + b)"),
        (ReLUPower(2), "ReLU(W^T W x + b)^2"),
    ],
)
def test_the_equation_of_every_activation(activation, shown):
    assert equation(activation) == f"x_hat = {shown}"
    untied = shown.replace("W^T W", "W_decoder^T W")
    assert equation(activation, tied=False) == f"x_hat = {untied}"


def test_groups_are_told_by_kind():
    groups = [Correlated(0, 1), Correlated(2, 3), Anticorrelated(4, 5)]
    words = data_words(Problem(6, 1, density=1, groups=groups, features=Exponential()))
    assert "an active x_i is from Exponential(1)" in words
    assert "features {0, 1} {2, 3} (from 0) are on together" in words
    assert "features {4, 5} (from 0) are on one at a time, each as likely" in words


@pytest.mark.parametrize(
    ("k", "shown"),
    [
        (0, "exactly 0 of the 3 features are active"),
        (1, "exactly 1 of the 3 features is active, each as likely"),
        (2, "exactly 2 of the 3 features are active, every 2 of them as likely"),
    ],
)
def test_a_number_of_active_features_is_told(k, shown):
    problem = Problem(3, 1, n_active=k)
    assert data_words(problem).startswith(shown)
    assert density_words(problem) == f"exactly {k} active"


def test_the_names_are_plain_data():
    named = model_names(Problem(2, 1, density=1, groups=[Correlated(0, 1)]), tied=False)
    assert (named["groups"], named["tied"], named["n_active"]) == (
        ["Correlated(0, 1)"],
        False,
        None,
    )


def test_a_table_of_a_law_without_a_name_is_refused():
    law = CustomLaw("mine", moments=[0, 1])
    with pytest.raises(InputError, match="has no name"):
        table(2, 1, sparsities=[0], features=law)


def test_a_table_that_cannot_be_searched_is_refused_before_any_row():
    told = []
    with pytest.raises(Unsupported, match="activation=Identity"):
        table(2, 1, sparsities=[0], activation=Identity(), progress=lambda *_: told.append(1))
    assert told == []
