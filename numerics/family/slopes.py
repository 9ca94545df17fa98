r"""Derivatives of the loss of every output by ``G`` and ``b``, for the whole family.

.. math::
    \frac{\partial L_i}{\partial G_{ij}} =
        -2\, \mathbb{E}[(x_i - \sigma(y_i))\, \sigma'(y_i)\, x_j] .

A feature that does not reach the output (``G_ij = 0``) still has a derivative: ``x_j`` is there
without ``y_i`` seeing it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from numerics.basics.gram import UNIT_ROUNDOFF
from numerics.basics.inputs import Laws, underflow
from numerics.basics.types import Floats, Ints
from numerics.family.atoms import AtomicRow
from numerics.family.classes import Structure, chain_of
from numerics.family.few_losses import FewLosses, few_losses
from numerics.family.few_masses import few_masses
from numerics.family.rest import Rest
from numerics.family.rest_losses import Totals
from numerics.family.transforms import transform_of
from theory.problem import CustomLaw, Problem, Uniform

__all__ = ["Case", "Slopes", "slopes_of_outputs"]


@dataclass(frozen=True)
class Case:
    """What is the same for all outputs.

    Attributes:
        problem: the problem.
        structure: which features are active together.
        moments: ``E u^s``.
        absolute: ``E |u|^s``, or bounds on them.
        tolerance: truncation error allowed in the loss; 0 for a target near rounding.
        max_terms: most waves of the series.
    """

    problem: Problem
    structure: Structure
    moments: Floats
    absolute: Floats
    tolerance: float
    max_terms: int

    def rest(self, gram: Floats, b: Floats, rows: Ints) -> Rest:
        """The events that the series sums, for some outputs."""
        return Rest(
            chain_of(self.structure, gram, rows),
            gram[rows],
            b[rows],
            self.moments,
            self.absolute,
            None if self.problem.activation.is_polynomial else transform_of(self.problem.features),
            self.problem.activation,
            isinstance(self.problem.features, CustomLaw),
        )


@dataclass(frozen=True)
class Slopes:
    """Derivatives with importance, and a bound on the error of those of each output."""

    by_gram: Floats
    by_b: Floats
    error: Floats

    @staticmethod
    def none() -> Slopes:
        """Where no derivative is wanted."""
        return Slopes(np.zeros((0, 0)), np.zeros(0), np.zeros(0))


def slopes_of_outputs(
    case: Case,
    laws: Laws,
    gram: Floats,
    b: Floats,
    few: FewLosses,
    totals: Totals,
    atomic: dict[int, AtomicRow],
) -> Slopes:
    """Put the derivatives of all events together.

    Args:
        case: what is the same for all outputs.
        laws: numbers of the problem.
        gram: ``G``.
        b: biases.
        few: the events with at most one reaching active feature.
        totals: all other events.
        atomic: outputs that were summed over atoms, with all events.

    Returns:
        The derivatives.
    """
    n, mean = b.size, float(case.moments[1])
    by_gram = totals.by_gram + few.by_gram + _unseen(case, gram, b, few)
    by_b = totals.by_b + few.by_b
    error = totals.slope_error + (20.0 * n + 40.0) * UNIT_ROUNDOFF * few.slope_size
    error += _input_rounding(case, laws, gram, b)
    active = np.array([float(p) for p in case.problem.active_chances])
    for i, row in atomic.items():
        by_gram[i], by_b[i] = row.by_a, row.by_b
        apart = _apart(case.structure, gram[i], i)
        by_gram[i, apart] = active[apart] * mean * row.by_b
        size = float(np.max(np.abs(row.by_a), initial=abs(row.by_b)))
        error[i] += row.undecided + (8.0 * n + 40.0) * UNIT_ROUNDOFF * size
    weight = laws.importance
    return Slopes(weight[:, None] * by_gram, weight * by_b, weight * error + underflow(laws, b))


def _apart(structure: Structure, row: Floats, own: int) -> list[int]:
    """Features of the units that an output is independent of."""
    if structure.n_active is not None:
        return []
    units = [list(members) for members, _, _ in structure.units if own not in members]
    return [j for members in units if not row[members].any() for j in members]


def _unseen(case: Case, gram: Floats, b: Floats, few: FewLosses) -> Floats:
    """Derivatives by entries that are zero, over the events with at most one reaching feature."""
    hidden, mean = gram == 0.0, float(case.moments[1])
    np.fill_diagonal(hidden, False)  # the own feature is in ``few`` already
    if mean == 0.0 or not hidden.any():
        return np.zeros_like(gram)
    if case.problem.is_independent:
        active = np.array([float(p) for p in case.problem.densities])
        return np.where(hidden, mean * np.outer(few.by_b, active), 0.0)
    found = np.zeros_like(gram)
    problem = case.problem
    for j in np.flatnonzero(hidden.any(axis=0)).tolist():
        masses = few_masses(case.structure, gram, j)
        with_j = few_losses(
            problem.features,
            case.moments,
            problem.activation,
            gram,
            b,
            masses,
            singles=not isinstance(problem.features, CustomLaw),
        )
        found[:, j] = np.where(hidden[:, j], mean * with_j.by_b, 0.0)
    return found


def _input_rounding(case: Case, laws: Laws, gram: Floats, b: Floats) -> Floats:
    """What rounding the Gram entries and the densities does to the derivatives of each output."""
    # relative errors of the entries move the half-space y > 0 by that much of the largest active
    # entry: probabilities move by a few units for each feature, times the largest density of u
    law, n, q = case.problem.features, b.size, case.problem.activation.power
    peak = 1.0 / float(law.high - law.low) if isinstance(law, Uniform) else 1.0
    second = float(case.absolute[2])
    reach = 1.0 + np.abs(b) + np.sum(np.abs(gram), axis=1) * max(1.0, second)
    steep = q * (q + 1) * (reach ** (2 * q - 1) + reach**q)
    active = np.minimum(1.0, (gram != 0.0) @ np.array([float(p) for p in laws.density]))
    found: Floats = 16.0 * UNIT_ROUNDOFF * n * active * steep * (1.0 + peak) * (1.0 + second)
    return found
