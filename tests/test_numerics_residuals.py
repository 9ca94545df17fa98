"""Residuals: which hold, which fail, and by what name."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numerics import residuals
from numerics.residuals import Residuals

LIMITS = {
    "feasibility": residuals.FEASIBILITY_LIMIT,
    "stationarity": residuals.STATIONARITY_LIMIT,
    "complementarity": residuals.COMPLEMENTARITY_LIMIT,
}


@pytest.mark.parametrize("name", LIMITS)
@given(factor=st.sampled_from([0.0, 0.5, 1.0, 1.5, 1e6, math.inf, math.nan]))
def test_each_residual_has_its_own_limit(name: str, factor: float) -> None:
    values = {"feasibility": 0.0, "stationarity": 0.0, "complementarity": 0.0}
    found = Residuals(**{**values, name: factor * LIMITS[name]}, curvature=1.0)
    assert found.holds == (factor <= 1.0)
    assert [text.split()[0] for text in found.failing()] == ([] if factor <= 1.0 else [name])


@pytest.mark.parametrize(
    ("curvature", "holds"),
    [(0.0, True), (-0.9e-6, True), (-1.1e-6, False), (math.nan, False), (math.inf, True)],
)
def test_curvature_may_not_be_negative(curvature: float, holds: bool) -> None:
    assert Residuals(0.0, 0.0, 0.0, curvature).holds == holds


def test_what_was_not_computed_is_named() -> None:
    assert Residuals(0.0, 0.0, 0.0).unchecked == ("curvature",)
    assert Residuals(0.0, 0.0, 0.0, 1.0).unchecked == ()
