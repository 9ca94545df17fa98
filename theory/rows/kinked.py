r"""Activations with a kink: one output from the truncated moments of its law.

.. math::
    (t)_+^q:&\quad E(x_i - \hat x_i)^2 = E x_i^2 + E (y)_+^{2q} - 2 E[x_i (y)_+^q] \\
    |t|^q,\ q \text{ odd}:&\quad E(x_i - \hat x_i)^2 = E (x_i - y^q)^2 + 4 E[x_i y^q]
        - 4 E[x_i (y)_+^q]

What ``E[w (y)_+^r]`` is depends on the law: a sum over vertices for laws whose transform has ends
(``theory.rows.cleared``), over poles for exponential features (``theory.rows.exponential``), over
the variances of active sets for normal ones (``theory.rows.gaussian``). A derivative takes the
activation's own at ``y = 0``: that of ``(t)_+`` and of ``|t|`` is 0 there.

Source: own derivation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

from theory.problem import Exponential, Normal, Unsupported
from theory.rows.cleared import ClearedRow
from theory.rows.ends import has_ends
from theory.rows.exponential import ExponentialRow
from theory.rows.gaussian import GaussianRow
from theory.rows.moments import plain_moment, polynomial_loss
from theory.rows.row import Row
from theory.rows.transcendental import MomentExpressions

__all__ = ["kinked_gradient", "kinked_loss", "truncated_moments"]


class TruncatedMoments(Protocol):
    """``E[w (y)_+^r]`` of one output."""

    def moment(self, weights: Mapping[int, int], r: int) -> Any: ...
    def difference(self, weights: Mapping[int, int], r: int, s: int, factor: int = 1) -> Any: ...


class _TermByTerm:
    """Differences of moments for routes that do not add before they sum."""

    def __init__(self, index: int, route: Any) -> None:
        self._index = index
        self.moment = route.moment

    def difference(self, weights: Mapping[int, int], r: int, s: int, factor: int = 1) -> Any:
        """Give ``E[w (y)_+^r] - factor E[w x_i (y)_+^s]``."""
        marked = {**weights, self._index: weights.get(self._index, 0) + 1}
        return self.moment(weights, r) - self.moment(marked, s) * factor


def truncated_moments(field: Any, row: Row) -> TruncatedMoments:
    """Choose how the truncated moments of an output are computed, by its feature law.

    Args:
        field: arithmetic of the entries (``theory.arithmetic``).
        row: the output.

    Returns:
        An object with ``moment`` and ``difference``.

    Raises:
        Unsupported: there is no such route for the law.
    """
    if has_ends(row.law):
        return ClearedRow(field, row)
    if isinstance(row.law, (Exponential, Normal)):
        if hasattr(field, "gives_expressions"):
            return _TermByTerm(row.index, MomentExpressions(row))
        route = ExponentialRow if isinstance(row.law, Exponential) else GaussianRow
        return _TermByTerm(row.index, route(field, row))
    raise Unsupported(
        f"features={row.law!r}: no exact form with activation={row.activation!r}; use the series "
        "or sampling (method='series', method='sampling'), or a polynomial activation"
    )


def kinked_loss(field: Any, row: Row) -> Any:
    """Give ``E (x_i - sigma(y))^2`` for an activation with a kink, without importance.

    Args:
        field: arithmetic of the entries (``theory.arithmetic``).
        row: the output; the masses of its units need not sum to one.

    Returns:
        An element of the field.
    """
    q, found = row.activation.power, truncated_moments(field, row)
    if row.activation.shape == "relu":
        return plain_moment(field, row, {row.index: 2}, 0) + found.difference({}, 2 * q, q, 2)
    target = {row.index: 1}
    folded = plain_moment(field, row, target, q) - found.moment(target, q)
    return polynomial_loss(field, row) + folded * 4


def kinked_gradient(field: Any, row: Row) -> tuple[Any, list[Any]]:
    r"""Give the derivatives of ``E (x_i - sigma(y))^2`` by the bias and by every slope.

    .. math::
        \partial_{G_{ij}} = 2 q \left(E[x_j (y)_+^{2q-1}] - E[x_i x_j (y)_+^{q-1}]\right)

    for ``(t)_+^q``; for ``|t|^q`` the two are ``E[x_j y^{2q-1}]`` and
    ``E[x_i x_j ((y)_+^{q-1} - (-y)_+^{q-1})]``. The bias stands for ``x_j = 1``.

    Args:
        field: arithmetic of the entries (``theory.arithmetic``).
        row: the output; its masses must sum to one for each unit.

    Returns:
        The derivative by the bias, and a list of those by the slopes.
    """
    each = _relu_slope if row.activation.shape == "relu" else _absolute_slope
    slope = each(field, row)
    return slope({}), [slope({j: 1}) for j in range(len(row.slopes))]


def _relu_slope(field: Any, row: Row) -> Any:
    q, found = row.activation.power, truncated_moments(field, row)
    return lambda weights: found.difference(weights, 2 * q - 1, q - 1) * (2 * q)


def _absolute_slope(field: Any, row: Row) -> Any:
    q = row.activation.power
    mirrored = replace(row, slopes=[-a for a in row.slopes], bias=-row.bias)
    upper, lower = truncated_moments(field, row), truncated_moments(field, mirrored)

    def slope(weights: Mapping[int, int]) -> Any:
        marked = {**weights, row.index: weights.get(row.index, 0) + 1}
        sign = upper.moment(marked, q - 1) - lower.moment(marked, q - 1)
        return (plain_moment(field, row, weights, 2 * q - 1) - sign) * (2 * q)

    return slope
