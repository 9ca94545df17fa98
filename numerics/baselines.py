r"""The trivial baselines of the whole family, from means and variances.

An active feature has mean ``mu`` and variance ``v``; it is active with probability ``a``, so

.. math:: \mathbb{E} x_i = a_i \mu, \qquad \mathrm{Var}\, x_i = a_i \bigl(v + (1 - a_i) \mu^2\bigr).
"""

from __future__ import annotations

import math

import numpy as np

from numerics.basics.gram import UNIT_ROUNDOFF
from numerics.basics.inputs import laws_of
from numerics.basics.types import Floats
from theory.problem import (
    CustomLaw,
    Exponential,
    FeatureLaw,
    HalfNormal,
    Problem,
    Uniform,
    Unsupported,
)

__all__ = ["best_linear_loss", "ignore_everything_loss", "mean_and_variance"]


def mean_and_variance(law: FeatureLaw) -> tuple[float, float]:
    """Give mean and variance of an active feature.

    Args:
        law: of an active feature.

    Returns:
        Both, to the last digits.

    Example:
        >>> mean_and_variance(Uniform(-1, 2))
        (0.5, 0.75)
    """
    if isinstance(law, Uniform):
        return float(law.low + law.high) / 2, float((law.high - law.low) ** 2) / 12
    if isinstance(law, CustomLaw):
        first, second = law.moments[:2]
        return float(first), float(second - first**2)
    if isinstance(law, HalfNormal):
        return math.sqrt(2 / math.pi), 1 - 2 / math.pi
    if isinstance(law, Exponential):
        return 1.0, 1.0
    return (0.0, 1.0) if law.is_symmetric else (1.0, 0.0)  # Rademacher, Normal; Binary


def _variances(problem: Problem) -> Floats:
    mean, variance = mean_and_variance(problem.features)
    active = np.array([float(a) for a in problem.active_chances])
    idle = np.array([float(1 - a) for a in problem.active_chances])
    spread: Floats = active * (variance + idle * mean**2)
    return spread


def ignore_everything_loss(problem: Problem) -> tuple[float, float]:
    r"""Compute the loss of ``W = 0`` with the best bias: ``sum_i I_i Var x_i``.

    With no feature represented each output is a constant ``sigma(b_i)``; its best value is the
    mean, or 0 where the mean is negative and the activation is not, which leaves ``E x_i^2``.

    Args:
        problem: densities and importances must be numbers.

    Returns:
        The loss, and a bound on its rounding error.

    Example:
        >>> round(ignore_everything_loss(Problem(5, 2, sparsity=0))[0], 12)
        0.416666666667
        >>> ignore_everything_loss(Problem(3, 1, sparsity=0, features=Exponential()))[0]
        3.0
    """
    importance, costs = laws_of(problem).importance, _variances(problem)
    mean, _ = mean_and_variance(problem.features)
    sigma = problem.activation
    negative = sigma.shape == "power" and sigma.power % 2 == 1
    if mean < 0 and not negative:
        active = np.array([float(a) for a in problem.active_chances])
        costs = costs + (active * mean) ** 2
    loss = float(np.sum(importance * costs))
    return loss, float((problem.n_features + 16) * UNIT_ROUNDOFF * loss)


def best_linear_loss(problem: Problem) -> tuple[float, float]:
    r"""Compute the least loss of the linear model over all ``W`` and ``b``.

    .. math::
        \min_{W, b} L = \text{sum of the } n - m \text{ smallest eigenvalues of }
        D_I^{1/2} \, \mathrm{Cov}(x) \, D_I^{1/2} ,

    for independent features the ``n - m`` smallest ``I_i Var x_i``. The optimal bias removes the
    means; what remains is ``|| D_I^(1/2) (1 - G) Cov^(1/2) ||_F^2`` with ``rank G <= m``, at least
    that sum (Eckart and Young 1936). The ``m`` leading eigenvectors attain it with ``G`` a
    projector, which tied weights can be, where all importances are equal or features independent.

    Args:
        problem: densities and importances must be numbers; the activation is not used.

    Returns:
        The loss, and a bound on its rounding error.

    Raises:
        Unsupported: dependent features with different importances.

    Example:
        >>> round(best_linear_loss(Problem(5, 2, sparsity=0))[0], 12)
        0.25
    """
    importance, n = laws_of(problem).importance, problem.n_features
    costs = importance * _variances(problem)
    parts, slip = np.sort(costs), 16.0
    if not problem.is_independent:
        if np.any(importance != importance[0]):
            raise Unsupported(
                f"importance={problem.importance!r}, groups={list(problem.groups)!r}, "
                f"n_active={problem.n_active}: the best linear model is known for equal "
                "importances or independent features"
            )
        parts = np.sort(np.linalg.eigvalsh(importance[0] * _covariance(problem)))
        slip = 16.0 * n * n
    loss = float(np.sum(parts[: max(n - problem.n_hidden, 0)]))
    return max(loss, 0.0), float((n + slip) * UNIT_ROUNDOFF * np.sum(costs))


def _covariance(problem: Problem) -> Floats:
    """Covariance of dependent features; the means come from how often two are on together."""
    mean, _ = mean_and_variance(problem.features)
    n, k, chances = problem.n_features, problem.n_active, problem.active_chances
    both = np.zeros((n, n))
    if k is not None:
        both[:] = (k * (k - 1) / max(n * (n - 1), 1)) - (k / n) ** 2
    for unit in problem.units if k is None else ():
        together = unit.density if len(unit.sets[0]) > 1 else 0
        for i in unit.members:
            both[i, unit.members] = float(together - chances[i] ** 2)
    covariance: Floats = mean**2 * both
    np.fill_diagonal(covariance, _variances(problem))
    return covariance
