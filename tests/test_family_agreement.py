"""Both sides against each other for every law, activation, dependence, tied and untied.

Exact values where there are any, else balls, against the series within its reported error, and
every route against sampling; ``benchmarks/family.py`` does so at length, by another generator.
"""

from __future__ import annotations

import math
from contextlib import suppress
from fractions import Fraction

import numpy as np
import pytest
from family_models import ACTIVATIONS, LAWS, FamilyModel, family_models
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import numerics.series
from numerics.series import expected_loss as series_loss
from numerics.series import loss_and_gradient
from theory.loss import expected_loss as exact_loss
from theory.losses.closed_numbers import is_transcendental
from theory.problem import (
    Anticorrelated,
    Binary,
    Correlated,
    CustomLaw,
    Exponential,
    Normal,
    Power,
    Problem,
    Rademacher,
    ReLU,
    Uniform,
    Unsupported,
)
from tms import cross_check, expected_loss

DIGITS = 25
N_SAMPLES = 20_000

profile = settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
deep = settings(profile, max_examples=3000)


def theory_of(model):
    """The rational loss, else the ball, else None."""
    for digits in (DIGITS,) if is_transcendental(model.problem) else (None, DIGITS):
        loss = exact_loss(model.problem, **model.weights, digits=digits)
        with suppress(Unsupported):
            assert loss.value is not None
            return loss
    return None


def ends(value):
    """Midpoint and radius, of a ball or of an exact number."""
    if hasattr(value, "midpoint"):
        return Fraction(value.midpoint), Fraction(value.radius)
    return Fraction(value), Fraction(0)


def assert_within(what, got, error, wanted, model):
    middle, radius = ends(wanted)
    gap = abs(Fraction(float(got)) - middle)
    allowed = radius + Fraction(float(error))
    assert gap <= allowed, (
        f"{what}: got {float(got)!r}, wanted {float(middle)!r}, gap {float(gap):.3g}, "
        f"reported {float(error):.3g}\n{model}"
    )


def compare_losses(model):
    wanted = theory_of(model)
    if wanted is None:
        return
    found = series_loss(model.problem, **model.arrays)
    assert_within("loss", found.loss, found.error, wanted.value, model)
    for i, (got, exactly) in enumerate(zip(found.outputs, wanted.per_output, strict=True)):
        assert_within(f"output {i}", got, found.error, exactly, model)


def compare_gradients(model):
    wanted = theory_of(model)
    if wanted is None:
        return
    exactly, found = wanted.gradient, loss_and_gradient(model.problem, **model.arrays)
    names = ["W", "b"] if model.W_decoder is None else ["W", "b", "W_decoder"]
    for name in names:
        got = np.ravel(getattr(found, f"gradient_{name}"))
        errors = np.ravel(getattr(found, f"gradient_{name}_error"))
        entries = getattr(exactly, name)
        flat = entries if name == "b" else [entry for row in entries for entry in row]
        for k, (one, error, entry) in enumerate(zip(got, errors, flat, strict=True)):
            if math.isfinite(error):
                assert_within(f"dL/d{name} [{k}]", one, error, entry, model)


def compare_all(model):
    """The user's own check: no two routes may disagree."""
    check = cross_check(
        model.problem, **model.weights, digits=DIGITS, n_samples=N_SAMPLES, seed=2026
    )
    assert all(gap.within for gap in check.gaps), f"{check}\n{model}"
    assert len(check.estimates) + len(check.refusals) == 4
    assert all("=" in refused.reason for refused in check.refusals)


@profile
@given(family_models())
def test_the_series_is_within_its_error_of_the_exact_loss(model):
    compare_losses(model)


@settings(profile, max_examples=40)
@given(family_models(max_n=4))
def test_the_gradient_is_within_its_error_of_the_exact_one(model):
    compare_gradients(model)


@settings(profile, max_examples=40)
@given(family_models(max_n=4))
def test_no_two_routes_disagree(model):
    compare_all(model)


@pytest.mark.thorough
@pytest.mark.parametrize("compare", [compare_losses, compare_gradients, compare_all])
@pytest.mark.parametrize("law", LAWS, ids=str)
def test_deep(law, compare):
    @deep
    @given(family_models(max_n=6, laws=st.just(law)))
    def agree(model):
        compare(model)

    agree()


# ---------------------------------------------------------------- named cases


def random_rationals(seed, n, m):
    """Weights of two decimal digits, so that floats are not exact and rounding is allowed for."""
    draw = np.random.default_rng(seed)
    W = [[Fraction(int(k), 100) for k in row] for row in draw.integers(-120, 121, (m, n))]
    return W, [Fraction(int(k), 100) for k in draw.integers(-40, 41, n)]


@pytest.mark.parametrize(
    "law", [Binary(), Rademacher(), Normal(), Uniform(-1, 1), Exponential()], ids=str
)
def test_relu_at_five_features_to_eleven_digits(law):
    W, b = random_rationals(5, 5, 3)
    problem = Problem(5, 3, density="3/10", features=law)
    exactly = expected_loss(problem, W, b, digits=25)
    assert exactly.error <= abs(exactly.value) / 10**25
    found = expected_loss(problem, W, b, method="series")
    gap = abs(Fraction(found.value) - exactly.value)
    assert gap <= Fraction(found.error) + exactly.error
    assert gap <= Fraction(1, 10**11)


@pytest.mark.parametrize("kind", [Correlated, Anticorrelated])
@pytest.mark.parametrize("law", [Uniform(), Normal()], ids=str)
def test_pairs_by_every_route(kind, law):
    W, b = random_rationals(6, 6, 2)
    groups = kind.blocks(6, size=2)
    problem = Problem(6, 2, density="1/5", features=law, groups=groups)
    check = cross_check(problem, W, b, n_samples=200_000)
    assert check.agrees, str(check)
    assert {found.method for found in check.estimates} >= {"ball", "series", "sampling"}


# ---------------------------------------------------------------- what is refused, and how


def test_a_law_without_a_transform_is_refused_by_name_where_it_needs_one():
    law = CustomLaw("mine", moments=[0, 1, 0, 3])
    problem = Problem(2, 1, density="1/2", features=law)
    for method in ("exact", "ball", "series", "sampling"):
        with pytest.raises(Unsupported, match="mine"):
            expected_loss(problem, [[1, -1]], method=method)


def test_a_law_of_too_few_moments_is_refused_by_name():
    law = CustomLaw("mine", moments=[0, 1, 0, 3])
    problem = Problem(2, 1, density="1/2", features=law, activation=Power(3))
    for method in ("exact", "ball", "series"):
        with pytest.raises(Unsupported, match="mine"):
            expected_loss(problem, [[1, -1]], method=method)


# ---------------------------------------------------------------- negative controls

NOTABLE = [
    FamilyModel(
        Problem(3, 2, density="1/3", features=law, activation=activation),
        ((1.0, -0.5, 0.25), (0.125, 0.5, -1.0)),
        (-0.125, 0.25, 0.5),
        decoder,
    )
    for law, activation in ((Normal(), ReLU()), (Rademacher(), Power(3)), (Exponential(), ReLU()))
    for decoder in (None, ((1.0, 0.5, 0.0), (0.0, -0.5, 1.0)))
]


@pytest.mark.parametrize("model", NOTABLE, ids=lambda model: str(model.problem.features))
def test_the_comparison_passes_undamaged(model):
    compare_losses(model)
    compare_gradients(model)
    compare_all(model)


@pytest.mark.parametrize("model", NOTABLE, ids=lambda model: str(model.problem.features))
def test_a_damaged_series_fails_the_comparison(model, monkeypatch):
    honest = numerics.series.expected_loss

    def damaged(*arguments, **options):
        found = honest(*arguments, **options)
        object.__setattr__(found, "loss", found.loss * (1 + 1e-9))
        return found

    monkeypatch.setitem(globals(), "series_loss", damaged)
    monkeypatch.setattr("numerics.series.expected_loss", damaged)
    with pytest.raises(AssertionError, match="reported"):
        compare_losses(model)
    with pytest.raises(AssertionError, match="TOO FAR"):
        compare_all(model)


def test_every_law_and_activation_is_drawn():
    assert len({str(law) for law in LAWS}) == len(LAWS)
    assert {activation.shape for activation in ACTIVATIONS} == {"power", "abs", "relu"}
