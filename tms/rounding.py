r"""What rounding does to a loss: of the weights to float64, and of a forward pass in float64.

With ``d_i`` a bound on the change of ``y_i`` in the norm of ``L^{2q}``, the mean value theorem and
Hölder's inequality bound the change of ``x_hat_i = sigma(y_i)`` in the norm of ``L^2`` by
``q d_i Y_i^{q-1}``, ``Y_i`` the norm of ``|y_i|``; the triangle inequality for the root of the loss
then gives

.. math:: |L' - L| \le 2 D \sqrt{L'} + D^2, \qquad D^2 = \sum_i I_i (q d_i Y_i^{q-1})^2 .

Source: own derivation.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from theory.problem import FeatureLaw, Problem

__all__ = ["absolute_moment", "forward_rounding", "loss_scale", "moved_by"]

_UNIT = 2.0**-52  # relative, of a number rounded to float64 by any of the libraries
_SAFETY = 1.01  # on the roundings of the bound itself


def moved_by(
    problem: Problem,
    floats: dict[str, NDArray[np.float64]],
    loss: float,
    *,
    units: float,
    target: float = 0.0,
) -> float:
    """Bound what relative errors in every product of weights do to the loss.

    Args:
        problem: gives law, activation and importances.
        floats: ``W``, ``b`` and, where it is untied, ``W_decoder``.
        loss: the loss at the rounded weights.
        units: relative error of ``G``, ``b`` and of the activation, in units of ``2^-52``.
        target: relative error of ``x_i`` beside the output, likewise.

    Returns:
        The bound.
    """
    q, size = problem.activation.power, _norm(problem)
    reach = _reach(floats, size)
    change = q * units * _UNIT * reach**q + target * _UNIT * size
    importances = np.array([float(weight) for weight in problem.importances])
    distance = _SAFETY * float(np.sqrt(importances @ change**2))
    return 2 * distance * max(loss, 0.0) ** 0.5 + distance**2


def forward_rounding(
    problem: Problem, floats: dict[str, NDArray[np.float64]], loss: float
) -> float:
    """Bound what rounding in a forward pass does to the mean loss of a sample.

    Args:
        problem: gives law, activation and importances.
        floats: ``W``, ``b`` and, where it is untied, ``W_decoder``.
        loss: the loss of the sample.

    Returns:
        The bound.
    """
    n, m = problem.n_features, problem.n_hidden
    in_means = (n + 64) * _UNIT * abs(loss)  # of the sum over features, and of the mean
    return moved_by(problem, floats, loss, units=n + m + 8, target=2.0) + in_means


def loss_scale(problem: Problem, floats: dict[str, NDArray[np.float64]]) -> float:
    """Say how large the loss of one sample may be, in the order of magnitude.

    Args:
        problem: gives law, activation and importances.
        floats: ``W``, ``b`` and, where it is untied, ``W_decoder``.

    Returns:
        ``sum_i I_i (|x_i| + |x_hat_i|)^2`` with norms in place of the moduli, every feature active.
    """
    size = _norm(problem)
    outputs = _reach(floats, size) ** problem.activation.power
    importances = np.array([float(weight) for weight in problem.importances])
    return float(importances @ (size + outputs) ** 2)


def absolute_moment(law: FeatureLaw, order: int) -> float:
    """Give ``E |u|^order``.

    Args:
        law: of an active feature.
        order: at least 1.

    Returns:
        The moment, rounded; of a law given by its moments, an upper bound.

    Example:
        >>> from theory.problem import Exponential
        >>> round(absolute_moment(Exponential(), 4), 9)
        24.0
    """
    from numerics.family.one_active import moments_of_law

    return float(moments_of_law(law, order)[1][order])


def _reach(floats: dict[str, NDArray[np.float64]], size: float) -> NDArray[np.float64]:
    """Bound the norm of every ``y_i`` where active features have norm ``size``."""
    W, b = np.abs(floats["W"]), np.abs(floats["b"])
    reach: NDArray[np.float64] = (np.abs(floats.get("W_decoder", W)).T @ W).sum(axis=1) * size + b
    return reach


def _norm(problem: Problem) -> float:
    """The norm of an active feature in ``L^{2q}``."""
    top = 2 * problem.activation.power
    return absolute_moment(problem.features, top) ** (1 / top)
