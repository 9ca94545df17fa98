r"""The one-hot model of Chen et al.: their closed form ``H(W, b)``, written from their lemma.

Exactly one of ``c`` features is active, each as likely, with a value ``u ~ U[0, 1]``:

.. math::
    L(W, b) = \frac1c \sum_{j=1}^{c} \int_0^1 \bigl\| u e_j -
    \mathrm{ReLU}(W^\top W u e_j + b) \bigr\|^2 du = \frac{H(W, b)}{3 c}, \qquad
    H = \sum_i \bigl(\mathbf 1[b_i \le 0] H_i^- + \mathbf 1[b_i > 0] H_i^+\bigr).

With ``a_ij = w_i . w_j`` and ``l_i = |w_i|``, ``i`` the output,

.. math::
    H_i^- &= \sum_{j \ne i} \mathbf 1[a_{ij} > 0,\, -a_{ij} \le b_i \le 0]
    \frac{(a_{ij} + b_i)^3}{a_{ij}} + \mathbf 1[P_i] \Bigl(\frac{b_i^3}{l_i^4} +
    \frac{b_i^3}{l_i^2} + N_i\Bigr) + 1 - \mathbf 1[P_i], \\
    H_i^+ &= \sum_{j \ne i} \Bigl(\mathbf 1[-a_{ij} > b_i] \frac{-b_i^3}{a_{ij}} +
    \mathbf 1[-a_{ij} \le b_i] (a_{ij}^2 + 3 a_{ij} b_i + 3 b_i^2)\Bigr) + N_i, \\
    N_i &= (1 - l_i^2)^2 - 3 (1 - l_i^2) b_i + 3 b_i^2, \qquad
    P_i = \{l_i^2 > 0,\, -l_i^2 \le b_i \le 0\}.

Nothing here is shared with the vertex formula of ``theory.loss``: the two are compared as equals.

**Normalisations.** Their ``L = H / (3c)`` is this project's loss of the one-hot problem
``Problem(c, m, n_active=1)``: a sum over outputs and a mean over data. Of a problem with a density
it is the loss given that one feature is active, ``expected_loss(...).given_active(1)``; the term
``p (1 - p)^(c - 1) L_1`` of Elhage et al. has ``L_1 = H / 3``. Ask for one of them by name.

Source: Chen, Lau, Mendel, Wei, Murfet 2023, arXiv:2310.06301, Lemma 3.1 and equation (4); Elhage et
al. 2022, arXiv:2209.10652, section "Sparsity expansion".
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from theory.losses.bare_weights import bare_gram, bare_weights
from theory.problem import InputError, Unsupported

__all__ = ["NORMALISATIONS", "one_hot_loss", "one_hot_terms"]

NORMALISATIONS = ("one-hot", "one-active sum", "lemma")
"""``H / (3c)``, ``H / 3`` and ``H``."""


def one_hot_terms(W: Any, b: Any = None) -> tuple[Fraction, ...]:
    r"""Give ``H_i`` of every output, by the lemma as it stands.

    .. math:: H_i = 3 \sum_j \int_0^1 (\delta_{ij} u - \mathrm{ReLU}(a_{ij} u + b_i))^2 du

    Args:
        W: ``m`` rows of ``c`` rational numbers (features are columns), or an arrangement with a
            rational Gram matrix.
        b: length ``c``; zeros where left out, or the bias of the arrangement.

    Returns:
        ``c`` fractions.

    Raises:
        InputError: shapes that do not fit, or an entry that is no number.
        Unsupported: an entry that is not rational.

    Example:
        >>> one_hot_terms([[1, -1, 0]], [0, "-1/2", "1/6"])
        (Fraction(0, 1), Fraction(1, 2), Fraction(3, 4))

    Source: arXiv:2310.06301, Lemma 3.1.
    """
    gram, bias = _rational_model(W, b)
    return tuple(_output_term(i, gram[i], bias[i]) for i in range(len(bias)))


def one_hot_loss(W: Any, b: Any = None, *, normalisation: str = "one-hot") -> Fraction:
    r"""Give the loss of the one-hot model by Chen et al.'s formula.

    .. math:: L = H(W, b) / (3 c)

    Args:
        W: ``m`` rows of ``c`` rational numbers, or an arrangement with a rational Gram matrix.
        b: length ``c``; zeros where left out, or the bias of the arrangement.
        normalisation: ``"one-hot"`` for ``H / (3c)``, their ``L`` and the loss of
            ``Problem(c, m, n_active=1)``; ``"one-active sum"`` for ``H / 3``, the ``L_1`` of
            Elhage et al.; ``"lemma"`` for ``H``.

    Returns:
        A fraction.

    Raises:
        InputError: shapes that do not fit, or another normalisation.
        Unsupported: an entry that is not rational.

    Example:
        Four features stored as two antipodal pairs, two more ignored:

        >>> one_hot_loss([[1, -1, 0, 0, 0, 0], [0, 0, 1, -1, 0, 0]], [0, 0, 0, 0, -1, -1])
        Fraction(1, 9)

    Source: arXiv:2310.06301, Lemma 3.1 and equation (4).
    """
    if normalisation not in NORMALISATIONS:
        raise InputError(f"normalisation={normalisation!r}: must be one of {NORMALISATIONS}")
    terms = one_hot_terms(W, b)
    divisor = {"one-hot": 3 * len(terms), "one-active sum": 3, "lemma": 1}[normalisation]
    return sum(terms, Fraction(0)) / divisor


def _output_term(i: int, row: Sequence[Fraction], bias: Fraction) -> Fraction:
    """One output: ``H_i^-`` or ``H_i^+``."""
    others = [a for j, a in enumerate(row) if j != i]
    if bias > 0:
        return sum((_above(a, bias) for a in others), _own(row[i], bias))
    return sum((_below(a, bias) for a in others), _own_below(row[i], bias))


def _own(square: Fraction, bias: Fraction) -> Fraction:
    """``N_i``, with ``square = l_i^2``."""
    return (1 - square) ** 2 - 3 * (1 - square) * bias + 3 * bias**2


def _own_below(square: Fraction, bias: Fraction) -> Fraction:
    """The feature's own output at ``b_i <= 0``; off for every value where ``P_i`` fails."""
    if square > 0 and -square <= bias:
        return bias**3 / square**2 + bias**3 / square + _own(square, bias)
    return Fraction(1)


def _below(a: Fraction, bias: Fraction) -> Fraction:
    """Interference at ``b_i <= 0``."""
    if a > 0 and -a <= bias:
        return (a + bias) ** 3 / a
    return Fraction(0)


def _above(a: Fraction, bias: Fraction) -> Fraction:
    """Interference at ``b_i > 0``; there ``-a > bias`` makes ``a`` negative."""
    if -a > bias:
        return -(bias**3) / a
    return a**2 + 3 * a * bias + 3 * bias**2


def _rational_model(W: Any, b: Any) -> tuple[list[list[Fraction]], list[Fraction]]:
    """``W^T W`` and ``b`` in fractions."""
    weights = bare_weights(W, b)
    for number in weights.numbers:
        if not isinstance(number, Fraction):
            raise Unsupported(
                f"W, b: hold {number}, which is not rational; the lemma is evaluated in fractions, "
                "`expected_loss(Problem(c, m, n_active=1), W, b)` takes algebraic numbers"
            )
    return bare_gram(weights), list(weights.bias)
