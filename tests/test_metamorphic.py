"""What must not move the loss, and what must move it in a known way, on both sides."""

from __future__ import annotations

from fractions import Fraction as F

import numba
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import Model, densities, models

from numerics.series import batch_loss_and_gradient, loss_and_gradient
from numerics.series import expected_loss as series_loss
from theory.loss import expected_loss as exact_loss
from theory.problem import Problem

profile = settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
small = models(max_n=6)


def exact(model):
    return exact_loss(model.problem, model.W, model.b).value


def exact_rows(model, W):
    """Exact loss of the same model with weights that are fractions."""
    return exact_loss(model.problem, W, model.b).value


def assert_same_by_series(model, other, factor=1.0):
    """Within the errors that the two evaluations report."""
    first, second = (series_loss(m.problem, *m.arrays) for m in (model, other))
    gap = abs(factor * first.loss - second.loss)
    allowed = factor * first.error + second.error
    assert gap <= allowed, (
        f"{factor} * {first.loss!r} and {second.loss!r} differ by {gap:.3g}, {gap / allowed:.3g} "
        f"times the reported {allowed:.3g}\n{model}\n{other}"
    )


def per_feature(value, n):
    return tuple(value) if isinstance(value, tuple) else (value,) * n


def taken(values, order):
    return tuple(values[i] for i in order)


# ---------------------------------------------------------------- symmetries


@profile
@given(small, st.randoms(use_true_random=False))
def test_features_may_be_permuted(model, random):
    order = list(range(model.n))
    random.shuffle(order)
    other = model.with_(
        W=tuple(taken(row, order) for row in model.W),
        b=taken(model.b, order),
        density=taken(per_feature(model.density, model.n), order),
        importance=taken(model.importance, order),
    )
    assert exact(model) == exact(other)
    assert_same_by_series(model, other)


@profile
@given(small, st.data())
def test_a_hidden_row_may_change_its_sign(model, data):
    signs = data.draw(st.lists(st.sampled_from([-1.0, 1.0]), min_size=model.m, max_size=model.m))
    W = tuple(tuple(s * w for w in row) for s, row in zip(signs, model.W, strict=True))
    other = model.with_(W=W)
    assert exact(model) == exact(other)
    assert_same_by_series(model, other)


@profile
@given(small, st.data())
def test_hidden_rows_may_be_permuted(model, data):
    other = model.with_(W=tuple(data.draw(st.permutations(model.W))))
    assert exact(model) == exact(other)
    assert_same_by_series(model, other)


TURNS = [(F(3, 5), F(4, 5)), (F(-5, 13), F(12, 13)), (F(20, 29), F(-21, 29))]


@profile
@given(models(max_n=5), st.sampled_from(TURNS), st.booleans())
def test_hidden_space_may_be_turned_and_reflected_exactly(model, turn, reflects):
    cosine, sine = turn
    sign = -1 if reflects else 1
    W = [[F(w) for w in row] for row in (*model.W, *[(0.0,) * model.n] * (model.m == 1))]
    top = [cosine * x - sine * y for x, y in zip(W[0], W[-1], strict=True)]
    bottom = [sign * (sine * x + cosine * y) for x, y in zip(W[0], W[-1], strict=True)]
    turned = [top, *W[1:-1], bottom]
    problem = model.problem.replace(n_hidden=len(W))
    assert exact_loss(problem, turned, model.b).value == exact(model)


@profile
@given(small, st.floats(0, 6.3), st.booleans())
def test_hidden_space_may_be_turned_in_floating_point(model, angle, reflects):
    cosine, sine = np.cos(angle), np.sin(angle)
    W = np.array(model.W)
    W = np.vstack([W, np.zeros(model.n)]) if model.m == 1 else W
    turn = np.eye(len(W))
    turn[0, 0], turn[0, -1], turn[-1, 0], turn[-1, -1] = cosine, -sine, sine, cosine
    if reflects:
        turn[-1] *= -1
    turned = turn @ W
    turned[np.abs(turned) < 1e-60] = 0.0
    first = series_loss(model.problem, *model.arrays)
    second = series_loss(model.problem.replace(n_hidden=len(W)), turned, model.b)
    # turning rounds the weights: each Gram entry moves by a few units of |w_i| |w_j|
    norms = np.linalg.norm(W, axis=0)
    reach = np.abs(model.b) + norms * norms.sum() + 1
    moved = 64 * 2.0**-53 * np.array(model.importance) @ (reach * norms * norms.sum())
    assert abs(first.loss - second.loss) <= first.error + second.error + moved


# ---------------------------------------------------------------- features that do not matter


@profile
@given(small, densities, st.floats(-1, 1, width=32))
def test_a_dead_feature_without_importance_changes_nothing(model, p, bias):
    other = model.with_(
        W=tuple((*row, 0.0) for row in model.W),
        b=(*model.b, bias),
        density=(*per_feature(model.density, model.n), p),
        importance=(*model.importance, 0.0),
    )
    assert exact(model) == exact(other)
    assert_same_by_series(model, other)


@profile
@given(small, densities, st.data())
def test_a_dead_feature_adds_the_loss_of_a_constant(model, p, data):
    bias = data.draw(st.sampled_from([0.0, -0.5, 0.25, 1.0]))
    other = model.with_(
        W=tuple((*row, 0.0) for row in model.W),
        b=(*model.b, bias),
        density=(*per_feature(model.density, model.n), p),
        importance=(*model.importance, 1.0),
    )
    constant = F(max(bias, 0.0))
    added = F(p) / 3 - F(p) * constant + constant**2
    assert exact(model) + added == exact(other)
    first, second = (series_loss(m.problem, *m.arrays) for m in (model, other))
    assert abs(first.loss + float(added) - second.loss) <= first.error + second.error


@profile
@given(small, st.data())
def test_a_feature_that_is_never_active_matters_only_by_its_own_output(model, data):
    column = data.draw(
        st.lists(st.sampled_from([0.0, 1.0, -0.5]), min_size=model.m, max_size=model.m)
    )
    other = model.with_(
        W=tuple((*row, w) for row, w in zip(model.W, column, strict=True)),
        b=(*model.b, -0.5),
        density=(*per_feature(model.density, model.n), 0.0),
        importance=(*model.importance, 0.0),
    )
    assert exact(model) == exact(other)
    assert_same_by_series(model, other)


@profile
@given(models(max_n=5, min_n=2), st.data())
def test_orthogonal_parts_add_up(model, data):
    k = data.draw(st.integers(1, model.n - 1))
    density = per_feature(model.density, model.n)
    n = model.n
    zeros, rest = (0.0,) * k, (0.0,) * (n - k)
    W = tuple((*row[:k], *rest) for row in model.W) + tuple((*zeros, *row[k:]) for row in model.W)
    whole = model.with_(W=W, density=density)
    parts = [
        Model(tuple(row[s] for row in model.W), model.b[s], density[s], model.importance[s])
        for s in (slice(0, k), slice(k, n))
    ]
    assert exact(whole) == sum(exact(part) for part in parts)
    found = [series_loss(part.problem, *part.arrays) for part in (whole, *parts)]
    allowed = sum(result.error for result in found)
    assert abs(found[0].loss - found[1].loss - found[2].loss) <= allowed


# ---------------------------------------------------------------- scalings


@profile
@given(small, st.sampled_from([0.0, 0.25, 4.0, 1024.0]))
def test_the_loss_is_linear_in_the_importance(model, factor):
    other = model.with_(importance=tuple(factor * i for i in model.importance))
    weighted = sum(
        F(i) * F(factor) * unit for i, unit in zip(model.importance, _unit(model), strict=True)
    )
    assert exact(other) == weighted
    assert_same_by_series(model, other, factor)


def _unit(model):
    """Outputs with importance one."""
    plain = model.with_(importance=(1.0,) * model.n)
    return exact_loss(plain.problem, plain.W, plain.b).per_output


@profile
@given(small)
def test_importance_stands_outside_the_square(model):
    units = _unit(model)
    wanted = tuple(F(i) * unit for i, unit in zip(model.importance, units, strict=True))
    assert exact_loss(model.problem, model.W, model.b).per_output == wanted
    plain = series_loss(model.with_(importance=(1.0,) * model.n).problem, *model.arrays)
    found = series_loss(model.problem, *model.arrays)
    gaps = np.abs(np.array(model.importance) * plain.outputs - found.outputs)
    assert (gaps <= max(1.0, *model.importance) * plain.error + found.error).all()


def scaled(model, c):
    """``W -> c W``, ``b -> c^2 b`` multiplies every ``y`` by ``c^2``, exactly for powers of 2."""
    W = tuple(tuple(c * w for w in row) for row in model.W)
    return model.with_(W=W, b=tuple(c * c * b for b in model.b))


@profile
@given(models(max_n=5))
def test_three_scales_determine_the_fourth(model):
    r"""``L(c) = E x^2 - 2 c^2 E[x y_+] + c^4 E[y_+^2]`` is quadratic in ``c^2``."""
    s = [F(1, 4), F(1), F(4), F(16)]
    losses = [exact(scaled(model, c)) for c in (0.5, 1.0, 2.0, 4.0)]
    weights = []
    for k in range(3):
        others = [s[j] for j in range(3) if j != k]
        weights.append(F(1))
        for t in others:
            weights[k] *= (s[3] - t) / (s[k] - t)
    assert sum(w * loss for w, loss in zip(weights, losses[:3], strict=True)) == losses[3]
    found = [
        series_loss(other.problem, *other.arrays)
        for other in (scaled(model, c) for c in (0.5, 1.0, 2.0, 4.0))
    ]
    predicted = sum(float(w) * r.loss for w, r in zip(weights, found[:3], strict=True))
    allowed = sum(abs(float(w)) * r.error for w, r in zip(weights, found[:3], strict=True))
    rounding = (
        8 * 2.0**-53 * sum(abs(float(w)) * r.loss for w, r in zip(weights, found, strict=False))
    )
    assert abs(predicted - found[3].loss) <= allowed + found[3].error + rounding


@profile
@given(models(max_n=5))
def test_euler_relation_between_loss_and_gradient(model):
    """``y`` is homogeneous in ``G, b``: ``G . dL/dG + b . dL/db`` follows from three scales."""
    problem = model.problem
    base = sum(F(i) * F(p) / 3 for i, p in zip(problem.importances, problem.densities, strict=True))
    one, two = exact(model), exact(scaled(model, 2.0))  # s = 1 and s = 4
    # L(s) = A - B s + C s^2
    C = ((two - base) / 4 - (one - base)) / 3
    B = base + C - one
    gradient = exact_loss(problem, model.W, model.b).gradient
    # d/dW counts each product twice
    flow = (
        sum(
            F(w) * g
            for row, by in zip(model.W, gradient.W, strict=True)
            for w, g in zip(row, by, strict=True)
        )
        / 2
    )
    flow += sum(F(b) * g for b, g in zip(model.b, gradient.b, strict=True))
    assert flow == 2 * C - B


# ---------------------------------------------------------------- forms of one and the same input


def forms(array):
    """The same numbers in other memory."""
    wide = np.zeros((*array.shape[:-1], 2 * array.shape[-1]))
    wide[..., ::2] = array
    return {
        "Fortran order": np.asfortranarray(array),
        "negative strides": array[..., ::-1].copy()[..., ::-1],
        "every other": wide[..., ::2],
        "nested lists": array.tolist(),
        "read-only": _read_only(array),
        "objects": array.astype(object),
    }


def _read_only(array):
    copy = array.copy()
    copy.flags.writeable = False
    return copy


@settings(profile, max_examples=15)
@given(small)
def test_the_form_of_an_array_does_not_change_a_digit(model):
    W, b = model.arrays
    wanted = loss_and_gradient(model.problem, W, b)
    for (name, W_form), b_form in zip(forms(W).items(), forms(b).values(), strict=True):
        found = loss_and_gradient(model.problem, W_form, b_form)
        assert found.loss == wanted.loss, name
        assert (found.gradient_W == wanted.gradient_W).all(), name
        assert (found.gradient_b == wanted.gradient_b).all(), name


@settings(profile, max_examples=15)
@given(small)
def test_single_precision_is_the_number_that_it_is(model):
    W, b = (np.asarray(a, dtype=np.float32) for a in model.arrays)
    assert series_loss(model.problem, W, b).loss == (
        series_loss(model.problem, W.astype(float), b.astype(float)).loss
    )


def test_integer_arrays_are_numbers():
    problem = Problem(3, 2, density=0.5)
    W = np.array([[1, 0, -1], [0, 2, 1]])
    assert (
        series_loss(problem, W, [0, -1, 1]).loss == series_loss(problem, W * 1.0, [0.0, -1, 1]).loss
    )


@settings(profile, max_examples=15)
@given(models(max_n=5), st.integers(1, 4))
def test_a_batch_equals_single_calls(model, count):
    W, b = model.arrays
    factors = 0.5 ** np.arange(count)
    Ws, bs = factors[:, None, None] * W, factors[:, None] * b
    Ws[np.abs(Ws) < 1e-60] = 0.0
    losses, errors, by_W, by_b = batch_loss_and_gradient(model.problem, Ws, bs)
    for k in range(count):
        single = loss_and_gradient(model.problem, Ws[k], bs[k])
        assert losses[k] == single.loss
        assert errors[k] == pytest.approx(single.error, rel=1e-12)
        assert (by_W[k] == single.gradient_W).all()
        assert (by_b[k] == single.gradient_b).all()


@settings(profile, max_examples=15)
@given(small)
def test_the_loss_does_not_depend_on_whether_the_gradient_is_asked_for(model):
    first = series_loss(model.problem, *model.arrays)
    second = loss_and_gradient(model.problem, *model.arrays)
    assert abs(first.loss - second.loss) <= first.error + second.error


def test_the_number_of_threads_changes_no_digit():
    draw = np.random.default_rng(5)
    n = 120  # enough Gram entries to be shared out
    problem = Problem(n, 10, density=0.05)
    W, b = draw.normal(size=(10, n)) / 3, -np.abs(draw.normal(size=n)) / 10
    threads = numba.get_num_threads()
    results = []
    try:
        for count in sorted({1, threads}):
            numba.set_num_threads(count)
            results.append(loss_and_gradient(problem, W, b, tolerance=1e-6))
    finally:
        numba.set_num_threads(threads)
    for result in results[1:]:
        assert result.loss == results[0].loss
        assert (result.gradient_W == results[0].gradient_W).all()
        assert (result.gradient_b == results[0].gradient_b).all()
