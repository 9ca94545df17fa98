r"""All outputs of a model for any law, any dependence and any activation.

The loss of each output is split by the number of active features that reach it: none or one
(integrals of squares, ``numerics.family.few_losses``) and two or more (the Bernoulli series,
``numerics.family.rest``). Where the features take finitely many values and these are few enough,
the loss is summed over them instead (``numerics.family.atoms``). A polynomial activation needs the
moments alone.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from numerics.basics.gram import UNIT_ROUNDOFF
from numerics.basics.inputs import Laws, underflow
from numerics.basics.types import Floats, Ints
from numerics.family.atoms import MAX_ATOMS, AtomicRow, Atoms
from numerics.family.classes import structure_of
from numerics.family.evaluated import Evaluated, sum_rounding
from numerics.family.few_losses import few_losses
from numerics.family.few_masses import few_masses
from numerics.family.one_active import moments_of_law
from numerics.family.rest_losses import Totals, add_polynomials, add_series
from numerics.family.slopes import Case, Slopes, slopes_of_outputs
from numerics.family.targets import settled_targets
from theory.problem import CustomLaw, InputError, Problem, Unsupported

__all__ = ["evaluate_family"]

Mask = npt.NDArray[np.bool_]
_ROWS = 64  # outputs carried together
_ENTRY_ROUNDING = 4.0 * UNIT_ROUNDOFF  # of a Gram entry, see numerics.basics.gram
_LARGEST = 1e280


def evaluate_family(
    problem: Problem,
    laws: Laws,
    gram: Floats,
    b: Floats,
    *,
    tolerance: float,
    max_terms: int | None,
    series_only: bool = False,
    with_gradient: bool = False,
) -> Evaluated:
    """Evaluate every output of a model.

    Args:
        problem: the problem.
        laws: its numbers in floating point.
        gram: ``G``, shape ``(n, n)``.
        b: biases.
        tolerance: truncation error allowed in the loss; 0 for a target near rounding.
        max_terms: most waves of the series; None for what the number of features allows.
        series_only: never sum over the values of discrete features.
        with_gradient: whether derivatives are wanted.

    Returns:
        Losses and derivatives with their bounds.

    Raises:
        InputError: numbers whose powers leave the floats.
        Unsupported: a law that does not say enough.
    """
    n, q, law = b.size, problem.activation.power, problem.features
    _check_range(problem, gram, b)
    smooth = problem.activation.is_polynomial
    if with_gradient and isinstance(law, CustomLaw) and not smooth:
        raise Unsupported(
            f"features={law!r}: its gradient needs the second derivative of the characteristic "
            "function, which such a law does not give; ask for the loss alone"
        )
    top = 2 * q + (not smooth) if isinstance(law, CustomLaw) else max(2 * q + 1, 4)
    moments, absolute = moments_of_law(law, top)
    most = max_terms if max_terms is not None else _most_terms(n)
    case = Case(problem, structure_of(problem), moments, absolute, tolerance, most)
    atomic = {} if series_only or smooth else _summed_over_atoms(case, laws, gram, b)
    is_atomic = np.isin(np.arange(n), list(atomic))
    totals = Totals.nothing(n, with_gradient=with_gradient)
    _add_rest(case, laws, gram, b, np.flatnonzero((laws.importance > 0.0) & ~is_atomic), totals)
    masses = few_masses(case.structure, gram)
    few = few_losses(
        law, moments, problem.activation, gram, b, masses, singles=not isinstance(law, CustomLaw)
    )
    outputs = totals.loss + few.loss
    errors = totals.error + (4.0 * n + 60.0 + 8.0 * q) * UNIT_ROUNDOFF * few.size
    for i, row in atomic.items():
        outputs[i], errors[i] = row.loss, 0.0
    errors += _input_rounding(case, gram, b, outputs, errors, atomic)
    outputs, errors = outputs * laws.importance, errors * laws.importance
    slopes = Slopes.none()
    if with_gradient:
        slopes = slopes_of_outputs(case, laws, gram, b, few, totals, atomic)
    return Evaluated(
        outputs=outputs,
        error=float(np.sum(errors) + sum_rounding(outputs)) + underflow(laws, b),
        terms=int(totals.terms.max()),
        conditioned=0,
        enumerated=len(atomic),
        by_gram=slopes.by_gram,
        by_b=slopes.by_b,
        slope_error=slopes.error,
    )


def _summed_over_atoms(case: Case, laws: Laws, gram: Floats, b: Floats) -> dict[int, AtomicRow]:
    """Outputs whose features take few enough values together."""
    law, activation = case.problem.features, case.problem.activation
    if not Atoms.take(law):
        return {}
    atoms, found = Atoms(case.structure, law), {}
    for i in np.flatnonzero(laws.importance > 0.0).tolist():
        if atoms.count(atoms.relevant(gram[i], i)) <= MAX_ATOMS:
            found[i] = atoms.evaluate(activation, gram[i], float(b[i]), i)
    return found


def _most_terms(n: int) -> int:
    if n <= 16:
        return 65536
    return 16384 if n <= 100 else 4096


def _check_range(problem: Problem, gram: Floats, b: Floats) -> None:
    reach = float(np.max(np.abs(b) + np.abs(gram).sum(axis=1), initial=0.0))
    power = 2 * problem.activation.power + 2
    if reach > _LARGEST ** (1.0 / power) / 300.0:
        raise InputError(
            f"W, b: outputs up to {reach:.3g} and their powers up to {power} leave the floats; "
            "scale the weights down"
        )


def _add_rest(
    case: Case, laws: Laws, gram: Floats, b: Floats, outputs: Ints, totals: Totals
) -> None:
    """Add the events that the series sums, for some outputs."""
    n = b.size
    if not outputs.size:
        return
    every = case.rest(gram, b, np.arange(n))
    chance, own_chance = every.chances()
    totals.loss[outputs] += float(case.moments[2]) * own_chance[outputs]
    totals.error[outputs] += (4.0 * n + 20.0) * UNIT_ROUNDOFF * totals.loss[outputs]
    wanted = (chance > 0.0) & np.isin(np.arange(n), outputs)
    settled = np.ones(n)
    if not case.problem.activation.is_polynomial:
        low, high = every.reach()
        settled = np.where(low >= 0.0, 1.0, np.where(high <= 0.0, -1.0, 0.0))
    for rows in _blocks(np.flatnonzero(wanted & (settled != 0.0))):
        targets = settled_targets(case.problem.activation, settled[rows])
        add_polynomials(case.rest(gram, b, rows), targets, totals)
    for rows in _blocks(np.flatnonzero(wanted & (settled == 0.0))):
        rest, allowed = case.rest(gram, b, rows), case.tolerance / (n * laws.importance[rows])
        add_series(rest, chance[rows], own_chance[rows], allowed, case.max_terms, totals)


def _blocks(rows: Ints) -> list[Ints]:
    return [rows[start : start + _ROWS] for start in range(0, len(rows), _ROWS)]


def _input_rounding(
    case: Case, gram: Floats, b: Floats, loss: Floats, error: Floats, atomic: dict[int, AtomicRow]
) -> Floats:
    """What rounding the Gram entries and the densities does to the loss; atoms, their sums."""
    # |sqrt L(a) - sqrt L(a')| <= || sigma(y) - sigma(y') ||, by the mean value theorem at most
    # q || (|b| + |a| |x|)^q || times the relative rounding of the entries
    n, q = b.size, case.problem.activation.power
    rest = dataclasses.replace(case.rest(gram, b, np.arange(n)), with_singles=True)
    size = rest.power_moments(2 * q, 0, sizes=True)[0][:, -1]
    shift = _ENTRY_ROUNDING * q * np.sqrt(size)
    for i, row in atomic.items():
        shift[i] = row.shift
    densities = 4.0 * (n + 4) * UNIT_ROUNDOFF * np.abs(loss)
    found: Floats = 2.0 * np.sqrt(np.abs(loss) + error) * shift + shift**2 + densities
    return found
