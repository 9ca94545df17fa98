r"""Capacity in the quadratic toy model of Scherlis et al.: which features share a dimension.

One scalar is predicted from ``n`` independent features with mean 0, variance 1 and kurtosis
``beta = E x^4``, through ``m`` quadratic neurons and a constant:

.. math::
    y = \sum_i v_i x_i^2, \qquad \hat y = \lVert W x \rVert^2 + \text{const}, \qquad
    L = \operatorname{Var}(y - \hat y) = (\beta - 1) \sum_i (v_i - |w_i|^2)^2
    + 2 \sum_{i \ne j} (w_i \cdot w_j)^2 .

The *capacity* of a feature is ``C_i = |w_i|^4 / sum_j (w_i . w_j)^2``, 0 for ``w_i = 0``; together
``sum_i C_i <= rank W <= m``. At a given capacity the best norm leaves

.. math::
    L_i = v_i^2 \frac{2 (\beta - 1)(1 - C_i)}{2 + (\beta - 3) C_i}, \qquad
    |w_i|^2 = \frac{(\beta - 1) v_i C_i}{2 + (\beta - 3) C_i} .

For ``beta > 3`` this is strictly convex in ``C_i``, so that capacity is shared; for ``beta < 3`` it
is concave, all or nothing; for ``beta = 3`` (Gaussian features) linear.

**The least loss over all W is the sum of the** ``L_i`` **at the best capacities.** It is a lower
bound as each ``L_i`` is. For ``beta <= 3`` its minimum is at capacities 0 and 1, which orthogonal
features have. For ``beta > 3`` the best capacities are ``C_i = ((beta - 1) v_i tau - 2) /
(beta - 3)`` cut to ``[0, 1]``, with ``tau`` from ``sum C_i = m``; then ``|w_i|^2 = C_i / tau``
where ``0 < C_i < 1``. The Gram matrix ``P / tau`` of a projector ``P`` with the diagonal ``C_i``
has these norms and capacities (``sum_j P_ij^2 = P_ii``), and there is such a projector of every
whole trace by the Schur-Horn theorem; features with ``C_i = 1`` stand orthogonal to it.

Source: Scherlis, Sachan, Jermyn, Benton, Shlegeris 2022, arXiv:2210.01892, for
the model, capacities and the roles of ``beta``; the formulas and the proof are own derivations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy

from theory.losses.bare_weights import bare_gram, bare_weights
from theory.losses.weights import to_sympy
from theory.problem import Exact, InputError, Unsupported, exact_number

__all__ = [
    "QuadraticOptimum",
    "best_capacities",
    "capacities",
    "capacity_loss",
    "quadratic_loss",
    "sharing_threshold",
]


@dataclass(frozen=True)
class QuadraticOptimum:
    """The least loss of the quadratic model over all weights.

    Attributes:
        loss: the least loss.
        capacities: ``C_i`` of every feature; they sum to ``m`` or fewer.
        squared_norms: ``|w_i|^2`` of every feature.
    """

    loss: Fraction
    capacities: tuple[Fraction, ...]
    squared_norms: tuple[Fraction, ...]


def quadratic_loss(W: Any, v: Sequence[object], beta: object) -> Exact:
    r"""Give the loss of weights in the quadratic model.

    .. math::
        L = (\beta - 1) \sum_i (v_i - |w_i|^2)^2 + 2 \sum_{i \ne j} (w_i \cdot w_j)^2

    Args:
        W: ``m`` rows of ``n`` exact numbers or symbols, or an arrangement.
        v: coefficients of the target, length ``n``.
        beta: ``E x^4``, at least 1.

    Returns:
        A ``Fraction``, or a SymPy expression where an input is one.

    Raises:
        InputError: shapes that do not fit, or a kurtosis below 1.

    Example:
        >>> quadratic_loss([[1, 0], [0, 1]], [1, 1], 5), quadratic_loss([[1, 1]], [1, 1], 5)
        (Fraction(0, 1), Fraction(4, 1))

    Source: the model of arXiv:2210.01892; own derivation of the variance.
    """
    values = [exact_number(value, f"v[{i}]") for i, value in enumerate(v)]
    kurtosis, gram = _kurtosis(beta), bare_gram(bare_weights(W))
    if len(values) != len(gram):
        raise InputError(f"v: has {len(values)} entries for the {len(gram)} features of W")
    n = range(len(values))
    own = sum((values[i] - gram[i][i]) ** 2 for i in n)
    shared = sum(gram[i][j] ** 2 for i in n for j in n if i != j)
    total = (kurtosis - 1) * own + 2 * shared
    return _given(total)


def capacities(W: Any) -> tuple[Exact, ...]:
    r"""Give the capacity of every feature; they sum to at most the rank of ``W``.

    .. math:: C_i = \frac{(w_i \cdot w_i)^2}{\sum_j (w_i \cdot w_j)^2}

    Args:
        W: ``m`` rows of ``n`` exact numbers, or an arrangement.

    Returns:
        ``n`` exact numbers between 0 and 1; 0 for a feature with ``w_i = 0``.

    Raises:
        InputError: rows of different lengths, or an entry that is no number.

    Example:
        >>> capacities([[1, 1, 0], [0, 0, 2]])
        (Fraction(1, 2), Fraction(1, 2), Fraction(1, 1))

    Source: the capacity of arXiv:2210.01892; the feature dimensionality of Elhage et al. 2022,
    arXiv:2209.10652, section 3.
    """
    gram = bare_gram(bare_weights(W))
    found = []
    for i, row in enumerate(gram):
        total = sum(entry**2 for entry in row)
        zero = row[i] == 0  # |w_i|^2 = 0, and all products with it
        found.append(Fraction(0) if zero else _given(row[i] ** 2 / total))
    return tuple(found)


def capacity_loss(capacity: object, v: object, beta: object) -> Fraction:
    r"""Give the least loss of one feature at a capacity.

    .. math:: L_i = v^2 \, \frac{2 (\beta - 1)(1 - C)}{2 + (\beta - 3) C}

    Args:
        capacity: ``C`` in ``[0, 1]``, rational.
        v: the feature's coefficient, at least 0.
        beta: ``E x^4``, at least 1.

    Returns:
        The loss.

    Raises:
        InputError: a number out of its range.

    Example:
        >>> capacity_loss("1/2", 1, 5)
        Fraction(4, 3)

    Source: own derivation for the model of arXiv:2210.01892.
    """
    share, value, kurtosis = (
        _rational(capacity, "capacity"),
        _rational(v, "v"),
        _rational_beta(beta),
    )
    if not 0 <= share <= 1:
        raise InputError(f"capacity={share}: must be between 0 and 1")
    if value < 0:
        raise InputError(f"v={value}: must be at least 0; a negative one is never represented")
    if share == 1:
        return Fraction(0)
    return value**2 * 2 * (kurtosis - 1) * (1 - share) / (2 + (kurtosis - 3) * share)


def sharing_threshold(beta: object) -> Fraction:
    r"""Give the ratio of coefficients above which two features share one dimension.

    .. math:: \frac{2}{\beta - 1} < \frac{v_2}{v_1} < \frac{\beta - 1}{2}

    Outside that interval the larger takes the dimension. For ``beta <= 3`` the threshold is 1 or
    more and the interval is empty: features never share.

    Args:
        beta: ``E x^4``, above 1.

    Returns:
        ``2 / (beta - 1)``.

    Raises:
        InputError: a kurtosis of at most 1.

    Example:
        >>> sharing_threshold(5)
        Fraction(1, 2)

    Source: own derivation for the model of arXiv:2210.01892.
    """
    kurtosis = _rational_beta(beta)
    if kurtosis == 1:
        raise InputError("beta=1: x^2 is constant and nothing is predicted; give beta above 1")
    return 2 / (kurtosis - 1)


def best_capacities(v: Sequence[object], n_hidden: int, beta: object) -> QuadraticOptimum:
    r"""Give the least loss over all weights, with the capacities that reach it.

    .. math::
        \min_W L = \min_{0 \le C_i \le 1,\ \sum C_i \le m} \sum_i
        v_i^2 \frac{2 (\beta - 1)(1 - C_i)}{2 + (\beta - 3) C_i}

    Args:
        v: coefficients of the target, rational; features with ``v_i <= 0`` are not represented.
        n_hidden: ``m``, at least 1.
        beta: ``E x^4``, at least 1, rational.

    Returns:
        Exact numbers. Where several allocations are as good (``beta <= 3`` and equal
        coefficients), the one that prefers earlier features.

    Raises:
        InputError: a number out of its range.
        Unsupported: a number that is not rational.

    Example:
        >>> best = best_capacities([1, 1], 1, 5)
        >>> best.loss, best.capacities, best.squared_norms
        (Fraction(8, 3), (Fraction(1, 2), Fraction(1, 2)), (Fraction(2, 3), Fraction(2, 3)))

    Source: own derivation (see the module), for the model of arXiv:2210.01892.
    """
    values = [_rational(value, f"v[{i}]") for i, value in enumerate(v)]
    kurtosis = _rational_beta(beta)
    if not values:
        raise InputError("v=[]: must have at least one entry")
    if isinstance(n_hidden, bool) or not isinstance(n_hidden, int) or n_hidden < 1:
        raise InputError(f"n_hidden={n_hidden!r}: must be a whole number, at least 1")
    positive = [i for i, value in enumerate(values) if value > 0]
    if n_hidden >= len(positive):
        shares = {i: Fraction(1) for i in positive}
    elif kurtosis <= 3:
        largest = sorted(positive, key=lambda i: -values[i])[:n_hidden]
        shares = {i: Fraction(1) for i in largest}
    else:
        shares = _shared(values, positive, n_hidden, kurtosis)
    return _optimum(values, shares, kurtosis)


def _shared(
    values: Sequence[Fraction], positive: Sequence[int], m: int, beta: Fraction
) -> dict[int, Fraction]:
    """``sum_i C_i(tau) = m``: the sum is piecewise linear and ascending in ``tau``."""

    def share(i: int, tau: Fraction) -> Fraction:
        cut = ((beta - 1) * values[i] * tau - 2) / (beta - 3)
        return min(max(cut, Fraction(0)), Fraction(1))

    def total(tau: Fraction) -> Fraction:
        return sum((share(i, tau) for i in positive), Fraction(0))

    ends = {bound / values[i] for i in positive for bound in (2 / (beta - 1), Fraction(1))}
    ordered = sorted(ends)
    high = next(k for k, tau in enumerate(ordered) if total(tau) >= m)  # all are 1 at the last
    left, right = ordered[high - 1], ordered[high]  # at the first all are 0, and m >= 1
    below, above = total(left), total(right)
    tau = left + (right - left) * (m - below) / (above - below)
    return {i: share(i, tau) for i in positive}


def _optimum(
    values: Sequence[Fraction], shares: dict[int, Fraction], beta: Fraction
) -> QuadraticOptimum:
    kept = [shares.get(i, Fraction(0)) for i in range(len(values))]
    losses, norms = [], []
    for value, share in zip(values, kept, strict=True):
        losses.append(capacity_loss(share, value, beta) if value > 0 else (beta - 1) * value**2)
        alone = share in (0, 1)  # beta = 1 leaves 0/0 in the quotient
        norm = (beta - 1) * value * share / (2 + (beta - 3) * share) if not alone else value * share
        norms.append(norm)
    return QuadraticOptimum(sum(losses, Fraction(0)), tuple(kept), tuple(norms))


def _rational(value: object, name: str) -> Fraction:
    number = exact_number(value, name)
    if not isinstance(number, Fraction):
        raise Unsupported(f"{name}={number}: must be rational")
    return number


def _kurtosis(beta: object) -> Exact:
    number = exact_number(beta, "beta")
    if isinstance(number, Fraction) and number < 1:
        raise InputError(f"beta={number}: must be at least 1, as E x^4 >= (E x^2)^2")
    return number


def _rational_beta(beta: object) -> Fraction:
    return _rational(_kurtosis(beta), "beta")


def _given(value: Exact) -> Exact:
    """A fraction where it is one."""
    if isinstance(value, Fraction):
        return value
    return exact_number(sympy.expand(to_sympy(value)), "value")
