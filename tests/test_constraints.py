"""The constraints as values: what they accept, and how they refuse."""

import pytest

from theory.problem import (
    AntipodalPairs,
    Constraint,
    Cyclic,
    IgnoredFeatures,
    InputError,
    MaxCoherence,
    NoBias,
    NormBudget,
    UnitNorm,
    ZeroGram,
    checked_constraints,
)

REFUSED = [
    (lambda: NormBudget(0), "total=0"),
    (lambda: NormBudget("nan"), "total"),
    (lambda: MaxCoherence("11/10"), "limit=11/10"),
    (lambda: MaxCoherence(-1), "limit=-1"),
    (lambda: IgnoredFeatures(), "members="),
    (lambda: IgnoredFeatures(1, 1), "members="),
    (lambda: IgnoredFeatures(-1), "members="),
    (lambda: Cyclic(2), "members="),
    (lambda: Cyclic(True, 2), "members="),
    (lambda: AntipodalPairs(), "pairs="),
    (lambda: AntipodalPairs((0, 1), (1, 2)), "pairs="),
    (lambda: AntipodalPairs((0, 1, 2)), "pairs"),
    (lambda: ZeroGram((1, 1)), "pair="),
]


@pytest.mark.parametrize(("make", "match"), REFUSED)
def test_what_cannot_be_meant_is_refused_by_name(make, match):
    with pytest.raises(InputError, match=match):
        make()


@pytest.mark.parametrize("given", [UnitNorm, "unit norm", [Constraint()], [NoBias(), None], 3])
def test_what_is_no_constraint_is_refused(given):
    with pytest.raises(InputError, match="constraints"):
        checked_constraints(given, 3)


@pytest.mark.parametrize(
    "constraint", [IgnoredFeatures(3), Cyclic(0, 3), AntipodalPairs((3, 1)), ZeroGram((0, 3))]
)
def test_a_feature_out_of_range_is_named(constraint):
    with pytest.raises(InputError, match="names feature 3"):
        checked_constraints(constraint, 3)
    assert checked_constraints(constraint, 4) == (constraint,)


def test_constraints_are_values():
    assert ZeroGram((1, 0), (0, 1)) == ZeroGram((0, 1))
    assert len({NormBudget(1), NormBudget("1"), NormBudget(1.0)}) == 1
    assert checked_constraints([], 2) == ()
