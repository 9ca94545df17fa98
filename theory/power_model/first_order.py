r"""The very sparse limit of power activations: the functional ``F`` and its sharp supremum.

To first order in the density the gain is ``p`` times
``2 mu_{q+1} sum_i A_ii^q - mu_{2q} sum_ij A_ij^{2q}``, with ``A = W^T W``. For
``A = (mu_{q+1} / mu_{2q})^{1/q} B`` this bracket is ``mu_{q+1}^2 / mu_{2q}`` times

.. math::
    F(B) = 2 \sum_i B_{ii}^q - \sum_{ij} B_{ij}^{2q}, \qquad
    \sup_W F = D_q(m) = \prod_{k=0}^{q-1} \frac{m + 2k}{2k + 1},

for any number of features and any norms. The supremum is attained exactly by the weighted
projective ``q``-designs, ``sum_i (w_i . x)^{2q} = |x|^{2q}``; the proof is
``docs/proofs/very_sparse_supremum.md``.

Source: arXiv:2606.18538, section 4 and equation 23, for ``F``; own derivation of the supremum, by
the real Welch bound (arXiv:1612.06343).
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import sympy

from theory.arithmetic.elements import Algebraic
from theory.losses.weights import Weights, read_weights
from theory.power_model.gain import seed_moments
from theory.power_model.power_sums import gram_rows
from theory.problem import Exact, InputError, Problem

__all__ = [
    "best_scaled_first_order",
    "first_order",
    "first_order_supremum",
    "is_projective_design",
    "signal_factor",
    "unsuperposed_optimum",
    "very_sparse_rate",
]


def first_order(W: Any, power: int) -> Exact:
    r"""Give ``F(W) = 2 sum_i A_ii^q - sum_ij A_ij^{2q}``, ``A = W^T W``.

    Args:
        W: ``m`` rows of ``n``, rational, real algebraic or symbolic; or an object with ``gram()``.
        power: ``q``, at least 1.

    Returns:
        A ``Fraction`` or a SymPy expression.

    Raises:
        InputError: a power that is not a whole number of at least 1, or weights that are none.

    Example:
        >>> first_order([[1, 0, "1/2"], [0, 1, 0]], 3)
        Fraction(8191, 4096)

    Source: arXiv:2606.18538, equation 23.
    """
    scale, diagonal, square, exact = _sums(W, power)
    return exact(2 * diagonal * scale**power - square, scale ** (2 * power))


def best_scaled_first_order(W: Any, power: int) -> Exact:
    r"""Give the largest ``F`` among all multiples of ``W``.

    .. math:: \max_s F(s W) = \Big( \sum_i A_{ii}^q \Big)^2 \Big/ \sum_{ij} A_{ij}^{2q}

    For ``n`` features of equal norms this is ``n^2 / sum_ij cos^{2q}``. It is 0 for ``W = 0``.

    Args:
        W: as for ``first_order``.
        power: ``q``, at least 1.

    Returns:
        A ``Fraction`` or a SymPy expression.

    Raises:
        InputError: a power that is not a whole number of at least 1, or weights that are none.

    Example:
        >>> from theory.arrangements import regular_polygon
        >>> best_scaled_first_order(regular_polygon(3), 3)
        Fraction(32, 11)

    Source: own derivation; Benedetto and Fickus 2003 for ``q = 1`` (the frame potential).
    """
    _, diagonal, square, exact = _sums(W, power)
    if square == 0:
        return Fraction(0)
    if isinstance(square, Algebraic):
        return exact(diagonal * diagonal * square.inverse(), 1)
    if isinstance(square, sympy.Expr):
        return sympy.cancel(diagonal**2 / square)
    return Fraction(int(diagonal) ** 2, int(square))


def is_projective_design(W: Any, power: int) -> bool:
    r"""Say whether the columns are a weighted projective ``q``-design, up to one scale.

    That is ``sum_i (w_i . x)^{2q} = C |x|^{2q}`` for all ``x``: equality in the real Welch bound
    ``D_q(m) sum_ij A_ij^{2q} >= (sum_i A_ii^q)^2``. Decided exactly.

    Args:
        W: as for ``first_order``, without symbols; where only a Gram matrix is known, its size
            does not tell ``m``, so give the coordinates.
        power: ``q``, at least 1.

    Returns:
        True for a design; False for any other weights, all zero among them.

    Raises:
        InputError: a power or weights out of their range, or weights with symbols.

    Example:
        >>> from theory.arrangements import regular_polygon
        >>> is_projective_design(regular_polygon(5), 4), is_projective_design(regular_polygon(5), 5)
        (True, False)

    Source: own derivation; equality in the Welch bound, arXiv:1612.06343.
    """
    weights, n_hidden = _weights(W)
    if weights.is_symbolic:
        raise InputError(f"W={W!r}: holds symbols; give numbers")
    if not hasattr(W, "coordinates") and hasattr(W, "gram"):
        raise InputError(f"W={W!r}: has no coordinates, so its number of dimensions is not known")
    _, diagonal, square, _ = _sums(W, power)
    bound = first_order_supremum(n_hidden, power)
    left, right = diagonal * diagonal * bound.denominator, square * bound.numerator
    return bool(square != 0) and bool(left == right)


def first_order_supremum(n_hidden: int, power: int) -> Fraction:
    r"""Give ``sup_W F = D_q(m) = prod_{k<q} (m + 2k) / (2k + 1)``, sharp for enough features.

    Args:
        n_hidden: ``m``, at least 1.
        power: ``q``, at least 1.

    Returns:
        The supremum over all ``W`` with ``m`` rows and any number of columns.

    Raises:
        InputError: a number that is not whole or below 1.

    Example:
        >>> [first_order_supremum(m, 3) for m in (1, 2, 3, 10)]
        [Fraction(1, 1), Fraction(16, 5), Fraction(7, 1), Fraction(112, 1)]

    Source: own derivation, ``docs/proofs/very_sparse_supremum.md``.
    """
    _checked(n_hidden, "n_hidden")
    _checked(power, "power")
    over = math.prod(n_hidden + 2 * k for k in range(power))
    return Fraction(over, math.prod(2 * k + 1 for k in range(power)))


def signal_factor(problem: Problem) -> Fraction:
    r"""Give ``mu_{q+1}^2 / mu_{2q}``: the gain per ``p`` of a feature with a dimension to itself.

    Args:
        problem: symmetric law, odd power, independent features, one density, importance 1.

    Returns:
        The factor; it is at most ``mu_2``.

    Raises:
        Unsupported: a problem outside the model.

    Example:
        >>> from theory.problem import Power, Uniform
        >>> signal_factor(Problem(2, 1, density=0, features=Uniform(-1, 1), activation=Power(3)))
        Fraction(7, 25)

    Source: own derivation, from arXiv:2606.18538, equations 9 and 10.
    """
    power, moments = seed_moments(problem)
    return moments[power + 1] ** 2 / moments[2 * power]


def very_sparse_rate(problem: Problem) -> Fraction:
    r"""Give ``min(n, D_q(m)) mu_{q+1}^2 / mu_{2q}``, which ``sup_W gain / p`` cannot exceed.

    As ``p`` goes to 0 the ratio ``sup_W gain / p`` tends to a limit of at most this rate, and to
    the rate itself for ``n <= m``, and for every ``n`` that admits a weighted projective
    ``q``-design of at most ``n`` lines.

    Args:
        problem: symmetric law, odd power, independent features, one density, importance 1.

    Returns:
        The rate.

    Raises:
        Unsupported: a problem outside the model.

    Example:
        >>> from theory.problem import Power, Rademacher
        >>> problem = Problem(6000, 10, density=0, features=Rademacher(), activation=Power(3))
        >>> very_sparse_rate(problem)
        Fraction(112, 1)

    Source: own derivation, ``docs/proofs/very_sparse_supremum.md``.
    """
    factor = signal_factor(problem)
    largest = first_order_supremum(problem.n_hidden, problem.activation.power)
    return min(Fraction(problem.n_features), largest) * factor


def unsuperposed_optimum(problem: Problem) -> Exact:
    r"""Give the largest gain of a diagonal ``A``: ``p min(m, n) mu_{q+1}^2 / mu_{2q}``.

    Attained with ``A_ii = (mu_{q+1} / mu_{2q})^{1/q}`` on ``min(m, n)`` features, at every density.

    Args:
        problem: symmetric law, odd power, independent features, one density, importance 1.

    Returns:
        The gain.

    Raises:
        Unsupported: a problem outside the model.

    Example:
        >>> from theory.problem import Normal, Power
        >>> problem = Problem(5, 2, density="1/10", features=Normal(), activation=Power(3))
        >>> unsuperposed_optimum(problem)
        Fraction(3, 25)

    Source: arXiv:2606.18538, equations 9 and 10.
    """
    kept, factor = min(problem.n_hidden, problem.n_features), signal_factor(problem)
    return problem.densities[0] * (factor * kept)


def _sums(W: Any, power: int) -> tuple[int, Any, Any, Any]:
    """The scale of the Gram rows, ``sum A_ii^q``, ``sum A_ij^{2q}``, and what makes numbers."""
    _checked(power, "power")
    scale, rows, exact = gram_rows(_weights(W)[0])
    diagonal = sum(own**power for own, _ in rows)
    square = sum((entry ** (2 * power) for _, row in rows for entry in row), diagonal * 0)
    return scale, diagonal, square, exact


def _weights(W: Any) -> tuple[Weights, int]:
    """Weights without a problem: their shape is their own."""
    if hasattr(W, "gram"):
        gram = W.gram().tolist() if hasattr(W.gram(), "tolist") else W.gram()
        rows = W.coordinates.rows if hasattr(W, "coordinates") else 1
        shape = (max(1, int(rows)), len(gram))
    else:
        listed = W.tolist() if hasattr(W, "tolist") else W
        if isinstance(listed, str) or not hasattr(listed, "__len__") or len(listed) == 0:
            raise InputError(f"W={W!r}: must be rows of numbers, one for each hidden dimension")
        first = listed[0]
        shape = (len(listed), len(first) if hasattr(first, "__len__") else 0)
    problem = Problem(shape[1], shape[0], density=0)
    return read_weights(problem, W, (0,) * shape[1]), shape[0]


def _checked(value: object, name: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InputError(f"{name}={value!r}: must be a whole number, at least 1")
