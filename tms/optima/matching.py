r"""The named arrangement with exact coordinates that found weights are, where they are one.

The weights are split into groups of features that do not interfere. Each group that is a dedicated
feature, an antipodal pair, a regular polygon or a simplex, of one norm and one bias, is replaced by
the exact arrangement at that norm and bias; the loss there is evaluated by ``theory``.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from theory.problem import Problem, Unsupported
from tms.cost import doublings
from tms.digits import as_fraction
from tms.estimate import Estimate
from tms.oracle import expected_loss

if TYPE_CHECKING:
    from theory.arrangements import Arrangement

__all__ = ["NamedMatch", "match_named"]

Floats = NDArray[np.float64]

_NEAR = 1e-6  # of Gram entries and biases
_MOST_DOUBLINGS = 14.0  # of an enclosure by theory; see ``tms.cost``
_DIGITS = 20


@dataclass(frozen=True, eq=False)
class NamedMatch:
    """A named arrangement that the weights found are, up to rotation.

    Args:
        arrangement: exact coordinates and biases, parts side by side; the norms and biases are
            those found, as the rational numbers that they are.
        order: column ``k`` of the arrangement is feature ``order[k]`` of the problem.
        distance: largest difference of an entry of ``W^T W`` or ``b`` from the weights found.
        loss: the loss there, enclosed by ``theory``; None where that takes too long or has no form.
        difference: how far ``loss`` is from the loss of the weights found; None without one.
    """

    arrangement: Arrangement
    order: tuple[int, ...]
    distance: float
    loss: Estimate | None
    difference: float | None

    @property
    def name(self) -> str:
        """The arrangement in words."""
        return self.arrangement.name

    def coordinates(self) -> Any:
        """The exact ``W`` with the features in the order of the problem.

        Returns:
            A SymPy matrix with as many rows as the arrangement has dimensions.
        """
        places = [self.order.index(j) for j in range(len(self.order))]
        return self.arrangement.coordinates[:, places]

    def biases(self) -> list[Any]:
        """The exact ``b`` in the order of the problem."""
        return [self.arrangement.bias[self.order.index(j)] for j in range(len(self.order))]


def match_named(problem: Problem, W: Floats, b: Floats, loss: Estimate) -> NamedMatch | None:
    """Find the named arrangement that weights are to rounding.

    Args:
        problem: what the weights solve.
        W: ``(m, n)``.
        b: ``(n,)``.
        loss: at these weights.

    Returns:
        The arrangement; None where there is none within 1e-6.

    Example:
        >>> problem = Problem(3, 1, sparsity="9/10")
        >>> W, b = np.array([[0.0, 1.0, -1.0]]), np.array([0.05, 0.0, 0.0])
        >>> found = match_named(problem, W, b, expected_loss(problem, W, b))
        >>> found.name, found.order, found.difference < 1e-20
        ('antipodal pair + 1 ignored', (1, 2, 0), True)
    """
    from numerics.geometry import components

    groups, ignored = components(W)
    parts: list[tuple[Arrangement, list[int]]] = []
    for group in sorted(groups, key=lambda members: (-len(members), members)):
        part = _part(W, b, group)
        if part is None:
            return None
        parts.append(part)
    parts += [(_ignored(float(b[j])), [j]) for j in ignored]
    return _checked(problem, W, b, loss, parts)


def _checked(
    problem: Problem,
    W: Floats,
    b: Floats,
    loss: Estimate,
    parts: list[tuple[Arrangement, list[int]]],
) -> NamedMatch | None:
    """The sum of the parts, if it is what was found."""
    from theory.arrangements import direct_sum

    total = direct_sum(*(part for part, _ in parts))
    order = [j for _, members in parts for j in members]
    exact = np.zeros((total.n_hidden, total.n_features))
    if exact.size:
        exact[:] = np.array(total.coordinates.evalf(20).tolist(), dtype=np.float64)
    gram = (W.T @ W)[np.ix_(order, order)]
    biases = np.array([float(entry) for entry in total.bias])
    distance = max(
        float(np.abs(exact.T @ exact - gram).max()), float(np.abs(biases - b[order]).max())
    )
    if distance > _NEAR or total.n_hidden > problem.n_hidden:
        return None
    match = NamedMatch(total, tuple(order), distance, None, None)
    there = _exact_loss(problem, match)
    if there is None:
        return match
    difference = abs(float(as_fraction(there.value) - as_fraction(loss.value)))
    return NamedMatch(total, tuple(order), distance, there, difference)


def _exact_loss(problem: Problem, match: NamedMatch) -> Estimate | None:
    if doublings(problem) > _MOST_DOUBLINGS:
        return None
    rows = match.coordinates().tolist() + [[0] * problem.n_features] * (
        problem.n_hidden - match.arrangement.n_hidden
    )
    try:
        return expected_loss(problem, rows, match.biases(), method="ball", digits=_DIGITS)
    except Unsupported:
        return None


def _part(W: Floats, b: Floats, group: list[int]) -> tuple[Arrangement, list[int]] | None:
    """The named arrangement that one group may be, and its features in the order of its corners."""
    from theory.arrangements import antipodal_pair, dedicated, regular_polygon, simplex

    columns = W[:, group]
    scale = Fraction(float(np.linalg.norm(columns, axis=0).mean()))
    bias = Fraction(float(b[group].mean()))
    rank = int(np.linalg.matrix_rank(columns, tol=1e-3))
    count = len(group)
    if count == 1:
        return dedicated(1, scale=scale, bias=bias), group
    if count == 2 and rank == 1:
        return antipodal_pair(scale=scale, bias=bias), group
    if rank == 2 and count >= 3:
        basis = np.linalg.svd(columns, full_matrices=False)[0][:, :2]
        plane = basis.T @ columns
        around = np.argsort(np.arctan2(plane[1], plane[0]), kind="stable")
        members = [group[k] for k in around]
        return regular_polygon(count, scale=scale, bias=bias), members
    if rank == count - 1:
        return simplex(count, scale=scale, bias=bias), group
    return None


def _ignored(bias: float) -> Arrangement:
    from theory.arrangements import ignored

    return ignored(1, bias=Fraction(bias))
