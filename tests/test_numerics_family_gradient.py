"""Gradients of the whole family against differences of losses, and between routes."""

from __future__ import annotations

import numpy as np
import pytest

from numerics.basics.gram import gram_matrix
from numerics.basics.inputs import laws_of
from numerics.family.outputs import evaluate_family
from numerics.series import expected_loss, loss_and_gradient
from theory.problem import (
    AbsPower,
    Anticorrelated,
    Binary,
    Correlated,
    CustomLaw,
    Exponential,
    HalfNormal,
    Identity,
    Normal,
    Power,
    Problem,
    Rademacher,
    ReLU,
    ReLUPower,
    Uniform,
    Unsupported,
)

DRAW = np.random.default_rng(5)
W, DECODER = DRAW.normal(size=(2, 4)) / 2, DRAW.normal(size=(2, 4)) / 2
B = np.array([0.21, -0.13, 0.05, -0.4])
W[:, 3], DECODER[:, 1] = 0.0, 0.0  # a feature that nothing sees, an output that sees nothing

LAWS = [Uniform(-1, 1), Uniform("-1/2", 3), Exponential(), Normal(), HalfNormal()]
DISCRETE = [Binary(), Rademacher()]
DEPENDENCE = [
    {"density": "3/10"},
    {"density": "3/10", "groups": [Correlated(0, 1), Anticorrelated(2, 3)]},
    {"density": "3/10", "groups": [Correlated(0, 2, 3)]},
    {"n_active": 2},
]


def differences(problem, name, base):
    """Fourth-order differences of the loss by every entry of one argument."""
    given, step = {"W": W, "W_decoder": DECODER, "b": B}, 1e-3
    found = np.zeros(base.shape)
    for index in np.ndindex(base.shape):
        shift = np.zeros(base.shape)
        shift[index] = step
        near, far = (
            [expected_loss(problem, **(given | {name: base + c * s * shift})).loss for s in (1, -1)]
            for c in (1, 2)
        )
        found[index] = (8 * (near[0] - near[1]) - (far[0] - far[1])) / (12 * step)
    return found


def assert_gradient(problem, *, slack):
    found = loss_and_gradient(problem, W, B, W_decoder=DECODER)
    pairs = [
        ("W", W, found.gradient_W, found.gradient_W_error),
        ("W_decoder", DECODER, found.gradient_W_decoder, found.gradient_W_decoder_error),
        ("b", B, found.gradient_b, found.gradient_b_error),
    ]
    for name, base, slopes, errors in pairs:
        wanted = differences(problem, name, base)
        # an output whose entries are all zero sits on a kink of its own: its row of W_decoder,
        # and what has no slope at all, are compared elsewhere
        smooth = np.ones(base.shape, bool)
        if name == "W_decoder":
            smooth[:, 1] = False
        if name == "W":
            smooth[:, 3] = False
        assert (np.abs(slopes - wanted)[smooth] <= errors[smooth] + slack).all(), name


@pytest.mark.parametrize(
    ("law", "kind"), [*((law, 0) for law in LAWS), (LAWS[1], 1), (LAWS[2], 2), (LAWS[4], 3)]
)
def test_relu(law, kind):
    assert_gradient(Problem(4, 2, features=law, **DEPENDENCE[kind]), slack=2e-7)


@pytest.mark.parametrize("activation", [ReLUPower(2), ReLUPower(3), AbsPower(1), AbsPower(3)])
@pytest.mark.parametrize("kind", range(4))
def test_other_activations(activation, kind):
    problem = Problem(4, 2, features=Normal(), activation=activation, **DEPENDENCE[kind])
    assert_gradient(problem, slack=1e-6)


@pytest.mark.parametrize("law", DISCRETE, ids=str)
@pytest.mark.parametrize("activation", [ReLU(), AbsPower(3)])
@pytest.mark.parametrize("kind", range(4))
def test_discrete_features(law, activation, kind):
    problem = Problem(4, 2, features=law, activation=activation, **DEPENDENCE[kind])
    assert_gradient(problem, slack=1e-7)


@pytest.mark.parametrize("law", DISCRETE, ids=str)
@pytest.mark.parametrize("kind", range(4))
def test_series_and_atoms_agree(law, kind):
    problem = Problem(4, 2, features=law, activation=ReLUPower(3), **DEPENDENCE[kind])
    atoms = loss_and_gradient(problem, W, B, W_decoder=DECODER)
    series = loss_and_gradient(problem, W, B, W_decoder=DECODER, series_only=True)
    assert (atoms.enumerated, series.enumerated) == (4, 0)
    gap = np.abs(atoms.gradient_W - series.gradient_W)
    assert (gap <= atoms.gradient_W_error + series.gradient_W_error).all()
    gap = np.abs(atoms.gradient_W_decoder - series.gradient_W_decoder)
    assert (gap <= atoms.gradient_W_decoder_error + series.gradient_W_decoder_error).all()


@pytest.mark.parametrize("density", ["1/4", 1, 0, [0, 1, "1/2", "1/1000"]])
def test_the_compiled_loops_agree(density):
    problem, bias = Problem(4, 2, density=density), np.array([0.2, 0.0, -0.1, 0.0])
    tuned = loss_and_gradient(problem, W, bias)
    found = evaluate_family(
        problem,
        laws_of(problem),
        gram_matrix(W),
        bias,
        tolerance=0.0,
        max_terms=None,
        with_gradient=True,
    )
    both = W @ (found.by_gram + found.by_gram.T)
    bound = np.abs(W) @ (found.slope_error[:, None] + found.slope_error) + tuned.gradient_W_error
    assert (np.abs(tuned.gradient_W - both) <= bound + 1e-14).all()
    gap = np.abs(tuned.gradient_b - found.by_b)
    assert (gap <= found.slope_error + tuned.gradient_b_error).all()


LIKE_EXPONENTIAL = CustomLaw("given", moments=[1, 2, 6, 24, 120, 720])
POLYNOMIALS = [Identity(), Power(2), Power(3), AbsPower(2)]


@pytest.mark.parametrize("law", [LAWS[1], Normal(), Rademacher(), LIKE_EXPONENTIAL], ids=str)
@pytest.mark.parametrize(("activation", "kind"), list(zip(POLYNOMIALS, DEPENDENCE, strict=True)))
def test_polynomials(law, activation, kind):
    assert_gradient(Problem(4, 2, features=law, activation=activation, **kind), slack=1e-5)


def test_moments_are_all_that_a_polynomial_needs():
    given = Problem(4, 2, density="1/4", features=LIKE_EXPONENTIAL, activation=Power(3))
    first, second = (expected_loss(p, W, B) for p in (given, given.replace(features=Exponential())))
    assert abs(first.loss - second.loss) <= first.error + second.error < 1e-10


@pytest.mark.parametrize("law", [*LAWS, *DISCRETE], ids=str)
def test_a_dead_output_at_the_kink_has_no_slope(law):
    problem = Problem(2, 1, density="1/2", features=law)
    found = loss_and_gradient(problem, [[0.0, 0.0]], [0.0, 0.0])
    assert not found.gradient_W.any()
    assert not found.gradient_b.any()


@pytest.mark.parametrize("law", [Uniform(0, 2), Exponential(), HalfNormal(), Binary()], ids=str)
def test_an_unseen_feature_of_an_open_output(law):
    # y = b > 0 whatever x: dL/dG_ij = -2 E[(x_i - b) x_j]
    problem = Problem(2, 2, density="1/2", features=law)
    identity = np.eye(2)
    found = loss_and_gradient(problem, identity, [0.5, 0.5], W_decoder=np.zeros((2, 2)))
    mean, square = {
        Uniform(0, 2): (1.0, 4 / 3),
        Exponential(): (1.0, 2.0),
        HalfNormal(): ((2 / np.pi) ** 0.5, 1.0),
        Binary(): (1.0, 1.0),
    }[law]
    own, other = -2 * (square / 2 - 0.25 * mean), -2 * (mean**2 / 4 - 0.25 * mean)
    wanted = np.array([[own, other], [other, own]])
    assert found.gradient_W_decoder == pytest.approx(wanted, rel=1e-12)


def test_a_law_without_a_second_derivative_is_refused():
    law = CustomLaw(
        "sign",
        moments=[0, 1, 0, 1],
        characteristic_function=lambda t: np.cos(t) + 0j,
        derivative=lambda t: -np.sin(t) + 0j,
        support=(-1, 1),
        is_symmetric=True,
    )
    with pytest.raises(Unsupported, match="second derivative of the characteristic"):
        loss_and_gradient(Problem(2, 1, density=1, features=law), [[1.0, 0.5]])
