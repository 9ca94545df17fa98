r"""Monte Carlo by the literal forward pass: the definition, to be read beside the equation.

.. math::
    \hat x = \sigma(W^\top W x + b), \qquad L = \mathbb{E} \sum_i I_i (x_i - \hat x_i)^2 .

Untied, ``W_decoder^T`` stands for ``W^T``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from numerics.basics.inputs import checked_count, decoder_as_floats, laws_of, weights_as_floats
from numerics.basics.types import Floats
from numerics.draws import draw_active, draw_values
from theory.problem import Activation, Problem

__all__ = ["SampledLoss", "expected_loss"]

_CHUNK = 1 << 20  # numbers drawn at a time: bounds the memory, not the result's law


@dataclass(frozen=True)
class SampledLoss:
    """A sampled loss with its standard error.

    Attributes:
        mean: mean over samples of the loss summed over features.
        standard_error: standard error of the mean. It is an estimate too: with few active samples
            (``n_active`` below a hundred or so) it is not to be trusted.
        n_samples: number of samples.
        n_active: number of samples in which any feature was active.
        seed: seed of the generator (PCG64).
    """

    mean: float
    standard_error: float
    n_samples: int
    n_active: int
    seed: int

    def z_score(self, value: float) -> float:
        """Distance of ``value`` from the mean in standard errors.

        Args:
            value: a loss to compare with.

        Returns:
            ``(value - mean) / standard_error``; 0 where both are equal and the error is 0.
        """
        gap = value - self.mean
        if self.standard_error == 0.0:
            return 0.0 if gap == 0.0 else math.copysign(math.inf, gap)
        return gap / self.standard_error


def expected_loss(
    problem: Problem,
    W: npt.ArrayLike,
    b: npt.ArrayLike | None = None,
    *,
    W_decoder: npt.ArrayLike | None = None,
    n_samples: int = 1_000_000,
    seed: int = 0,
) -> SampledLoss:
    """Estimate the expected loss from independent samples.

    Args:
        problem: the problem; its density and importance must be numbers.
        W: weights, shape ``(m, n)``, features as columns.
        b: biases, shape ``(n,)``; zeros when left out.
        W_decoder: weights of an untied decoder, shape ``(m, n)``; ``W`` when left out.
        n_samples: number of samples, at least 2; fixed beforehand, never until it fits.
        seed: seed of the generator, a whole number at least 0.

    Returns:
        Mean and standard error.

    Raises:
        InputError: weights, number of samples or seed that cannot be meant.
        Unsupported: symbols, or a law without a sampler.

    Example:
        >>> sampled = expected_loss(Problem(2, 1, density=1), [[1.0, -1.0]], n_samples=10_000)
        >>> abs(sampled.z_score(1 / 3)) < 5
        True

    Source: Elhage et al. 2022, arXiv:2209.10652, section 2.
    """
    laws = laws_of(problem)
    weights, bias = weights_as_floats(problem, W, b)
    n_samples, seed = checked_count(n_samples, "n_samples", 2), checked_count(seed, "seed", 0)
    generator = np.random.default_rng(seed)
    decoder = weights if W_decoder is None else decoder_as_floats(problem, W_decoder)
    step = max(1, _CHUNK // problem.n_features)
    count, active, mean, squares = 0, 0, 0.0, 0.0
    while count < n_samples:
        size = min(step, n_samples - count)
        shape = (size, problem.n_features)
        is_active = draw_active(problem, generator, size)
        x = np.where(is_active, draw_values(problem.features, generator, shape), 0.0)
        x_hat = _activated(problem.activation, (x @ weights.T) @ decoder + bias)
        losses = (x - x_hat) ** 2 @ laws.importance
        active += int(is_active.any(axis=1).sum())
        gap, total = float(losses.mean()) - mean, count + size
        squares += float(((losses - losses.mean()) ** 2).sum()) + gap**2 * count * size / total
        mean += gap * size / total
        count = total
    error = math.sqrt(squares / (count - 1) / count)
    return SampledLoss(mean, error, count, active, seed)


def _activated(activation: Activation, y: Floats) -> Floats:
    if activation.shape == "abs":
        y = np.abs(y)
    elif activation.shape == "relu":
        y = np.maximum(y, 0.0)
    return y**activation.power
