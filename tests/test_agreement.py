"""The two sides against each other: exact loss, series, sampling; reports honest and small."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from strategies import Model, models

import numerics.draws
import numerics.sampling
import numerics.series
import theory.rows.cleared
import theory.rows.kinked
import theory.rows.vertices
from numerics.series import expected_loss as series_loss
from numerics.series import loss_and_gradient
from theory.arithmetic.fields import to_fmpq
from theory.loss import expected_loss as exact_loss
from theory.problem import Problem

LOSS_REPORT = 1e-11  # reported error of the loss, in units of Model.scale
GRADIENT_REPORT = 1e-9  # the same for every entry of the gradient
SPARSE_REPORT = 1e-9  # reported error over loss where p^2 is all that is left of it
WORST_Z = 5.0
UNSEEN = 12  # so often an event may be expected and still be missing
N_SAMPLES = 40_000

profile = settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.too_slow])
deep = settings(profile, max_examples=3000)


def assert_within(what, got, wanted, error, model):
    """``|got - wanted| <= error``, all three as exact numbers."""
    gap = abs(Fraction(float(got)) - Fraction(wanted))
    allowed = Fraction(float(error))
    ratio = float(gap / allowed) if allowed else math.inf
    assert gap <= allowed, (
        f"{what}: got {float(got)!r}, wanted {float(wanted)!r}, gap {float(gap):.3g} is "
        f"{ratio:.3g} times the reported {float(error):.3g}\n{model}"
    )


def assert_small(what, error, allowed, model):
    assert error <= allowed, (
        f"{what}: reported error {error:.3g} is {error / allowed:.3g} times {allowed:.3g}\n{model}"
    )


def compare_losses(model):
    wanted = exact_loss(model.problem, model.W, model.b)
    found = series_loss(model.problem, *model.arrays)
    assert_within("loss", found.loss, wanted.value, found.error, model)
    assert_small("loss", found.error, LOSS_REPORT * model.scale, model)
    rounding = found.error  # each output is covered by the error of their sum
    for i, (got, exactly) in enumerate(zip(found.outputs, wanted.per_output, strict=True)):
        assert_within(f"output {i}", got, exactly, rounding, model)


def compare_gradients(model):
    wanted = exact_loss(model.problem, model.W, model.b).gradient
    found = loss_and_gradient(model.problem, *model.arrays)
    for i in range(model.n):
        error = found.gradient_b_error[i]
        assert_within(f"dL/db[{i}]", found.gradient_b[i], wanted.b[i], error, model)
        assert_small(f"dL/db[{i}]", error, GRADIENT_REPORT * model.scale, model)
        for k in range(model.m):
            error, name = found.gradient_W_error[k, i], f"dL/dW[{k}][{i}]"
            assert_within(name, found.gradient_W[k, i], wanted.W[k][i], error, model)
            assert_small(name, error, GRADIENT_REPORT * model.scale, model)


@profile
@given(models())
def test_the_series_is_within_its_error_of_the_exact_loss(model):
    compare_losses(model)


@profile
@given(models(linear=True))
def test_the_linear_model_is_within_its_error(model):
    compare_losses(model)
    compare_gradients(model)


@settings(profile, max_examples=100)
@given(models())
@example(Model(((1.0, -1.0),), (0.0, 0.0), 1.0, (1.0, 1.0)))
@example(Model(((1.0, 1.0), (1.0, -1.0)), (-2.0, 2.0), 0.5, (1.0, 1.0)))  # kinks at vertices
def test_the_gradient_is_within_its_error_of_the_exact_one(model):
    compare_gradients(model)


def compare_series_alone(model, tolerance):
    """Without conditioning and at any tolerance the report may be large, but it must hold."""
    wanted = exact_loss(model.problem, model.W, model.b)
    options = {"tolerance": tolerance, "series_only": True}
    found = series_loss(model.problem, *model.arrays, **options)
    assert_within("loss", found.loss, wanted.value, found.error, (model, tolerance))
    found = loss_and_gradient(model.problem, *model.arrays, **options)
    assert_within("loss", found.loss, wanted.value, found.error, (model, tolerance))
    gradient = wanted.gradient
    for i in range(model.n):
        if math.isfinite(found.gradient_b_error[i]):
            error = found.gradient_b_error[i]
            assert_within(f"dL/db[{i}]", found.gradient_b[i], gradient.b[i], error, model)
        for k in range(model.m):
            error = found.gradient_W_error[k, i]
            if math.isfinite(error):
                name = f"dL/dW[{k}][{i}]"
                assert_within(name, found.gradient_W[k, i], gradient.W[k][i], error, model)


@pytest.mark.parametrize("tolerance", [None, 1e-1, 1e-3, 1e-6, 1e-9])
@settings(profile, max_examples=60)
@given(model=models(max_n=6))
def test_the_series_alone_is_within_its_error_at_every_tolerance(tolerance, model):
    compare_series_alone(model, tolerance)


@pytest.mark.parametrize("max_terms", [1, 9, 50, 500])
@settings(profile, max_examples=30)
@given(model=models(max_n=6, min_n=2))
def test_a_tolerance_out_of_reach_shows_in_the_error(max_terms, model):
    wanted = exact_loss(model.problem, model.W, model.b).value
    options = {"max_terms": max_terms, "series_only": True}
    found = series_loss(model.problem, *model.arrays, **options)
    assert_within("loss", found.loss, wanted, found.error, (model, max_terms))


def largest_loss(model):
    """The loss of no single input exceeds this."""
    W, b = model.arrays
    active = np.array(model.problem.densities, dtype=float) > 0
    reach = np.abs(b) + np.abs(W.T @ W) @ active + active
    return float(np.array(model.importance) @ reach**2)


def compare_samples(model):
    sampled = numerics.sampling.expected_loss(
        model.problem, *model.arrays, n_samples=N_SAMPLES, seed=20_221
    )
    wanted = float(exact_loss(model.problem, model.W, model.b))
    # an event that a sample should hold a dozen times may be missing from it, with chance e^-12
    allowed = WORST_Z * sampled.standard_error + UNSEEN * largest_loss(model) / N_SAMPLES
    assert abs(sampled.mean - wanted) <= allowed + 1e-12 * model.scale, (
        f"sampled {sampled.mean!r} +- {sampled.standard_error:.3g}, wanted {wanted!r}, "
        f"z = {sampled.z_score(wanted):.3g}, allowed {allowed:.3g}\n{model}"
    )


@profile
@given(models(linear=True))
def test_sampling_of_the_linear_model_agrees(model):
    compare_samples(model)


@profile
@given(models())
def test_sampling_agrees(model):
    compare_samples(model)


# ---------------------------------------------------------------- very sparse


def _pentagon():
    turns = 2 * np.pi * np.arange(5) / 5
    return (1.17 * np.array([np.cos(turns), np.sin(turns)])).tolist(), [-0.28] * 5


def _random_weights():
    draw = np.random.default_rng(7)
    return draw.normal(size=(2, 5)).tolist(), (-np.abs(draw.normal(size=5)) / 10).tolist()


SPARSE_MODELS = {
    "antipodal pair": ([[1.0, -1.0]], [0.0, 0.0]),
    "pentagon": _pentagon(),
    "random": _random_weights(),
}


@pytest.mark.parametrize("options", [{}, {"series_only": True}])
@pytest.mark.parametrize("p", [1e-2, 1e-4, 1e-6, 1e-8])
@pytest.mark.parametrize("name", SPARSE_MODELS)
def test_the_error_is_relative_to_the_loss_where_features_are_sparse(name, p, options):
    W, b = SPARSE_MODELS[name]
    problem = Problem(len(b), len(W), density=p)
    wanted = exact_loss(problem, W, b).value
    found = series_loss(problem, W, b, **options)
    assert found.error <= SPARSE_REPORT * found.loss
    assert_within("loss", found.loss, wanted, found.error, (name, p))


# ---------------------------------------------------------------- negative controls

NOTABLE = Model(
    ((1.0, -0.6, 0.3), (0.2, 0.5, -0.9)), (-0.1, 0.05, 0.0), (0.1, 0.5, 1.0), (1.0, 0.7, 2.0)
)


def test_the_comparison_passes_undamaged():
    compare_losses(NOTABLE)
    compare_gradients(NOTABLE)
    compare_series_alone(NOTABLE, 1e-6)
    compare_samples(NOTABLE)


@pytest.mark.parametrize("factor", [1 + 1e-12, 1.0001, -1.0])
def test_a_damaged_moment_of_the_exact_side_fails_the_comparison(factor, monkeypatch):
    original, damage = theory.rows.cleared.ClearedRow.difference, to_fmpq(Fraction(factor))

    def damaged(self, *arguments):
        return original(self, *arguments) * damage

    monkeypatch.setattr(theory.rows.cleared.ClearedRow, "difference", damaged)
    with pytest.raises(AssertionError, match="times the reported"):
        compare_losses(NOTABLE)


def test_a_damaged_coefficient_of_the_exact_side_fails_the_comparison(monkeypatch):
    original = theory.rows.vertices._weights
    monkeypatch.setattr(theory.rows.vertices, "_weights", lambda n: [*original(n)[:-1], 2])
    with pytest.raises(AssertionError, match="times the reported"):
        compare_losses(NOTABLE)


def test_a_damaged_second_moment_of_the_exact_side_fails_the_comparison(monkeypatch):
    original = theory.rows.kinked.plain_moment
    monkeypatch.setattr(theory.rows.kinked, "plain_moment", lambda *given: original(*given) * 2)
    with pytest.raises(AssertionError, match="times the reported"):
        compare_losses(NOTABLE)


@pytest.mark.parametrize("column", [0, 4])
def test_a_damaged_output_of_the_numeric_side_fails_the_comparison(column, monkeypatch):
    original = numerics.series.evaluate_outputs

    def damaged(*arguments, **options):
        by_gram, results = original(*arguments, **options)
        results[..., column] *= 1 + 1e-9
        return by_gram, results

    monkeypatch.setattr(numerics.series, "evaluate_outputs", damaged)
    with pytest.raises(AssertionError, match="times the reported"):
        (compare_losses if column == 0 else compare_gradients)(NOTABLE)


def test_an_error_reported_too_small_fails_the_comparison(monkeypatch):
    original = numerics.series.evaluate_outputs

    def damaged(*arguments, **options):
        by_gram, results = original(*arguments, **options)
        results[..., 1] *= 1e-6
        return by_gram, results

    monkeypatch.setattr(numerics.series, "evaluate_outputs", damaged)
    monkeypatch.setattr(numerics.series, "sum_rounding", lambda outputs: 0.0)
    with pytest.raises(AssertionError, match="times the reported"):
        compare_series_alone(NOTABLE, 1e-1)


def test_density_read_as_sparsity_fails_the_comparison_with_samples(monkeypatch):
    original = numerics.draws.laws_of

    def swapped(problem):
        laws = original(problem)
        return type(laws)(laws.sparsity, laws.density, laws.importance)

    monkeypatch.setattr(numerics.draws, "laws_of", swapped)
    with pytest.raises(AssertionError, match="z = "):
        compare_samples(NOTABLE.with_(density=(0.1, 0.5, 0.9)))


# ---------------------------------------------------------------- deep profiles


@pytest.mark.thorough
@deep
@given(models())
def test_losses_deeply(model):
    compare_losses(model)


@pytest.mark.thorough
@deep
@given(models())
def test_gradients_deeply(model):
    compare_gradients(model)


@pytest.mark.thorough
@pytest.mark.parametrize("tolerance", [None, 1e-1, 1e-3, 1e-6, 1e-9])
@deep
@given(model=models())
def test_the_series_alone_deeply(tolerance, model):
    compare_series_alone(model, tolerance)


@pytest.mark.thorough
@deep
@given(models())
def test_sampling_deeply(model):
    compare_samples(model)
