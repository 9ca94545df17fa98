"""Untied weights on the compiled loops, and laws that are U[0, 1] in another unit."""

from __future__ import annotations

import numpy as np
import pytest

from numerics.series import batch_loss_and_gradient, expected_loss, loss_and_gradient
from theory.problem import InputError, Normal, Problem, Uniform, Unsupported

DRAW = np.random.default_rng(7)
PROBLEM = Problem(4, 2, density="1/4", importance=[1, "1/2", 2, 0])
W, DECODER, B = DRAW.normal(size=(2, 4)), DRAW.normal(size=(2, 4)), DRAW.normal(size=4) / 5


def test_the_same_decoder_is_the_tied_model():
    tied, untied = expected_loss(PROBLEM, W, B), expected_loss(PROBLEM, W, B, W_decoder=W)
    assert tied.loss == untied.loss


def test_tied_slopes_are_the_sum_of_both():
    tied, untied = loss_and_gradient(PROBLEM, W, B), loss_and_gradient(PROBLEM, W, B, W_decoder=W)
    both = untied.gradient_W + untied.gradient_W_decoder
    bound = tied.gradient_W_error + untied.gradient_W_error + untied.gradient_W_decoder_error
    assert (np.abs(tied.gradient_W - both) <= bound).all()


@pytest.mark.parametrize("which", ["W", "W_decoder", "b"])
def test_slopes_are_differences_of_losses(which):
    found = loss_and_gradient(PROBLEM, W, B, W_decoder=DECODER)
    slopes = {
        "W": found.gradient_W,
        "W_decoder": found.gradient_W_decoder,
        "b": found.gradient_b,
    }[which]
    given = {"W": W, "W_decoder": DECODER, "b": B}
    for index in np.ndindex(slopes.shape):
        step = np.zeros(slopes.shape)
        step[index] = 1e-5
        ends = [
            expected_loss(PROBLEM, **(given | {which: given[which] + s * step})).loss
            for s in (1, -1)
        ]
        assert slopes[index] == pytest.approx((ends[0] - ends[1]) / 2e-5, abs=1e-8)


def test_a_unit_of_measurement_scales_the_loss_and_its_slopes():
    one = loss_and_gradient(PROBLEM, W, B / 3, W_decoder=DECODER)
    three = loss_and_gradient(PROBLEM.replace(features=Uniform(0, 3)), W, B, W_decoder=DECODER)
    assert abs(three.loss - 9 * one.loss) <= three.error + 9 * one.error
    assert three.gradient_W == pytest.approx(9 * one.gradient_W, rel=1e-11)
    assert three.gradient_b == pytest.approx(3 * one.gradient_b, rel=1e-11)


@pytest.mark.parametrize(
    ("decoder", "message"),
    [
        (DECODER.T, r"W_decoder.shape=\(4, 2\): .*this is its transpose, pass W_decoder.T"),
        (DECODER * np.nan, r"W_decoder\[0\]\[0\]=nan: must be finite"),
        (DECODER * 1j, "W_decoder.dtype=complex128: must be real"),
    ],
)
@pytest.mark.parametrize("entrance", [expected_loss, loss_and_gradient])
def test_decoders_that_cannot_be_meant_are_refused(decoder, message, entrance):
    with pytest.raises(InputError, match=message):
        entrance(PROBLEM, W, W_decoder=decoder)


@pytest.mark.parametrize("changes", [{"features": Normal()}, {"features": Uniform(0, 2)}])
def test_the_batch_is_for_the_compiled_loops_alone(changes):
    with pytest.raises(Unsupported, match=r"features=.*call loss_and_gradient for each"):
        batch_loss_and_gradient(PROBLEM.replace(**changes), W[None], B[None])
