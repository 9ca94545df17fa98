"""The expected loss: the door of the exact side."""

from __future__ import annotations

from typing import Any

from theory.arithmetic.algebraic import is_algebraic
from theory.arithmetic.balls import Enclosure
from theory.losses.closed_form import ClosedForm
from theory.losses.closed_numbers import ClosedNumbers, is_transcendental
from theory.losses.enclosed import EnclosedLoss
from theory.losses.exact import ExactLoss
from theory.losses.result import ExpectedLoss, Gradient
from theory.losses.weights import read_weights
from theory.problem import Problem

__all__ = ["Enclosure", "ExpectedLoss", "Gradient", "expected_loss"]


def expected_loss(
    problem: Problem,
    W: Any,
    b: Any = None,
    *,
    W_decoder: Any = None,
    digits: int | None = None,
) -> ExpectedLoss:
    r"""Give the expected loss of weights, exactly.

    .. math::
        L = \sum_i I_i \, \mathbb{E}\,(x_i - \hat x_i)^2, \qquad \hat x = \sigma(W^\top W x + b)

    With untied weights ``W_decoder^T W`` stands for ``W^T W``.

    Args:
        problem: gives ``n``, ``m``, the density, the feature law, which features depend on each
            other, the activation and the importance.
        W: ``m`` rows of ``n``: nested sequences, a SymPy matrix, an array with ``tolist``, or a
            named arrangement. Entries are ints, fractions, floats (the rationals that they are),
            text such as ``"9/10"``, or SymPy numbers and symbols.
        b: length ``n``; zeros where left out, or the bias of the arrangement.
        W_decoder: ``m`` rows of ``n``, or left out for tied weights.
        digits: asks for ball arithmetic with at least so many correct significant digits.

    Returns:
        The expected loss; numbers are computed when asked for. Weights that do not fit raise
        ``InputError``. ``Unsupported`` names what has no exact form: without ``digits`` numbers
        that are not algebraic (for exponential and normal features with a kinked activation, not
        rational); half-normal and custom laws with a kink; symbols in the weights with a kink for
        any law but ``Uniform(0, 1)``.

    Example:
        >>> problem = Problem(2, 1, sparsity="9/10")
        >>> expected_loss(problem, [[1, "-3/5"]], ["-1/10", "1/20"]).value
        Fraction(1477717, 90000000)

    Source: own derivation, ``theory.rows.vertices``; the model is Elhage et al. 2022,
    arXiv:2209.10652, section 2.
    """
    weights = read_weights(problem, W, b, W_decoder)
    if digits is not None:
        return EnclosedLoss(problem, weights, digits)
    separate = isinstance(problem.density, tuple) and not all(map(is_algebraic, problem.density))
    if weights.is_symbolic or separate:
        return ClosedForm(problem, weights)
    if is_transcendental(problem) and not problem.is_symbolic:
        return ClosedNumbers(problem, weights)
    return ExactLoss(problem, weights)
