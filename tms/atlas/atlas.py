r"""The atlas: best known arrangements for a grid of problems, shipped with the package.

Equal importance, ReLU, independent features that are 0 with probability ``S`` and else uniform on
[0, 1]. A row holds coordinates, an upper bound on the loss there and a proven lower bound on the
least loss, so that the least loss lies between two numbers that anybody can check again:

.. math:: \text{lower bound} \le \min L \le L(W, b) \le \text{loss}

Source: rows say how they were found; ``benchmarks/atlas.py`` makes the file again.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from theory.problem import InputError, Problem, exact_number, is_symbolic
from tms.atlas.rows import Atlas, AtlasRow, Floats, Key, read_atlas, sparsity_text
from tms.digits import as_fraction
from tms.estimate import Estimate
from tms.oracle import expected_loss

if TYPE_CHECKING:
    from numerics.residuals import Residuals
    from tms.lower_bounds import LowerBound

__all__ = [
    "Comparison",
    "compare",
    "improved",
    "load",
    "lookup",
    "raised",
    "row_of",
    "sparsity_of",
    "verify",
    "verify_all",
]

_SAME = Fraction(1, 10**12)  # losses that are told apart, in units of ignoring everything
_MEETS = Fraction(1, 10**12)  # a bound that meets the loss, likewise


@cache
def _shipped() -> Atlas:
    with resources.as_file(resources.files("tms") / "data" / "atlas.json") as path:
        return read_atlas(path)


def load(path: str | Path | None = None) -> Atlas:
    """Read an atlas.

    Args:
        path: a file as ``write_atlas`` writes it; the one in the package when left out.

    Returns:
        Its rows by ``(n_features, n_hidden, sparsity)``. A file that is no atlas raises
        ``InputError``.

    Example:
        >>> row = load()[5, 2, Fraction(9, 10)]
        >>> row.arrangement, row.loss
        ('pentagon', 0.02630513112393...)
    """
    return _shipped() if path is None else read_atlas(Path(path))


def lookup(
    *, n_features: int, n_hidden: int, sparsity: object, atlas: Atlas | None = None
) -> AtlasRow:
    """Look up the best known arrangement.

    Args:
        n_features: ``n``.
        n_hidden: ``m``.
        sparsity: ``S``, as in ``Problem``.
        atlas: where to look; the atlas in the package when left out.

    Returns:
        The row.

    Raises:
        InputError: no row for these, with those that there are.

    Example:
        >>> row = lookup(n_features=5, n_hidden=2, sparsity="9/10")
        >>> row.arrangement, row.lower_bound < row.loss
        ('pentagon', True)
    """
    rows = load() if atlas is None else atlas
    found = rows.get((n_features, n_hidden, sparsity_of(sparsity)))
    if found is not None:
        return found
    there = [sparsity_text(key[2]) for key in rows if key[:2] == (n_features, n_hidden)]
    if there:
        raise InputError(f"sparsity={sparsity}: the atlas has {', '.join(there)}")
    most = max((key[0] for key in rows), default=0), max((key[1] for key in rows), default=0)
    raise InputError(
        f"n_features={n_features}, n_hidden={n_hidden}: not in the atlas, which goes up to "
        f"{most[0]} features and {most[1]} dimensions; tms.optimize searches"
    )


def sparsity_of(value: object) -> Fraction:
    """Read a sparsity; a float is the short decimal that it stands for.

    Args:
        value: as in ``Problem``.

    Returns:
        The exact number.

    Raises:
        InputError: a symbol, or no number from 0 to 1.

    Example:
        >>> sparsity_of(0.9), sparsity_of("97/100")
        (Fraction(9, 10), Fraction(97, 100))
    """
    number = exact_number(repr(value) if isinstance(value, float) else value, "sparsity")
    if is_symbolic(number) or not 0 <= number <= 1:
        raise InputError(f"sparsity={value}: must be a number from 0 to 1")
    return Fraction(number)


@dataclass(frozen=True)
class Comparison:
    """Weights beside the row of the atlas for the same problem.

    Args:
        row: the row.
        loss: of the weights, by the oracle.
        difference: ``loss`` less the loss at the row's weights; negative where the weights are
            better.
        verdict: ``"better"``, ``"as good"`` (to 1e-12 of the loss of ignoring everything, and to
            the error) or ``"worse"`` than the row.
        is_same: whether the weights are the row's up to rotation and exchange of features.
    """

    row: AtlasRow
    loss: Estimate
    difference: float
    verdict: Literal["better", "as good", "worse"]
    is_same: bool


def compare(row: AtlasRow, W: object, b: object = None) -> Comparison:
    """Compare weights with a row.

    Args:
        row: the row.
        W: ``(m, n)``.
        b: ``(n,)``; zeros when left out.

    Returns:
        The comparison. Weights that do not fit raise ``InputError``.

    Example:
        >>> row = lookup(n_features=2, n_hidden=1, sparsity="9/10")
        >>> compare(row, [[1.0, -1.0]]).verdict, compare(row, row.W, row.b).verdict
        ('worse', 'as good')
    """
    from numerics.canonical import same_arrangement
    from tms.inputs.weights import check_weights

    problem = row.problem
    loss = expected_loss(problem, W, b)
    floats = check_weights(problem, W, b).floats()
    here = expected_loss(problem, row.W, row.b)
    gap = as_fraction(loss.value) - as_fraction(here.value)
    allowed = _SAME * Fraction(_scale(problem)) + Fraction(loss.error) + Fraction(here.error)
    verdict: Literal["better", "as good", "worse"] = "as good"
    if abs(gap) > allowed:
        verdict = "better" if gap < 0 else "worse"
    same = same_arrangement(problem, (floats["W"], floats["b"]), (row.W, row.b))
    return Comparison(row, loss, float(gap), verdict, same)


def _scale(problem: Problem) -> float:
    from numerics.linear import ignore_everything_loss

    return ignore_everything_loss(problem)[0]


def row_of(problem: Problem, W: Floats, b: Floats, residuals: Residuals, found: str) -> AtlasRow:
    """Make the row of weights: coordinates tidied, loss rounded up, bound rounded down.

    Args:
        problem: equal importance, ReLU, features on [0, 1], one sparsity.
        W: ``(m, n)``.
        b: ``(n,)``.
        residuals: of the conditions for a local minimum there.
        found: how the weights were found.

    Returns:
        The row.
    """
    from numerics.geometry import describe
    from tms.lower_bounds import lower_bound

    W, b, loss = _tidied(problem, W, b)
    upper = _up(as_fraction(loss.value) + as_fraction(loss.error))
    lowest = as_fraction(loss.value) - as_fraction(loss.error)
    bound = lower_bound(problem)
    curvature = residuals.curvature
    return AtlasRow(
        problem.n_features,
        problem.n_hidden,
        Fraction(problem.sparsity),  # type: ignore[arg-type]
        upper,
        _up(Fraction(upper) - lowest),
        float(bound),
        bound.name,
        _status(problem, upper, bound),
        describe(W),
        residuals.stationarity,
        curvature if curvature is not None and math.isfinite(curvature) else 0.0,
        found,
        W,
        b,
    )


def raised(row: AtlasRow) -> AtlasRow:
    """Put the best lower bound of this version in the place of a lower one.

    Args:
        row: any.

    Returns:
        The row itself where its bound is as good.
    """
    from tms.lower_bounds import lower_bound

    bound = lower_bound(row.problem)
    if float(bound) <= row.lower_bound:
        return row
    status = _status(row.problem, row.loss, bound)
    return replace(row, lower_bound=float(bound), bound=bound.name, status=status)


def _status(problem: Problem, upper: float, bound: LowerBound) -> str:
    met = Fraction(upper) - bound.value <= _MEETS * Fraction(_scale(problem))
    return "proved" if met and bound.kind == "proved" else "best found"


def _tidied(problem: Problem, W: Floats, b: Floats) -> tuple[Floats, Floats, Estimate]:
    """Canonical coordinates; with few decimals where the loss is no higher for it."""
    from numerics.canonical import canonical_form

    form = canonical_form(problem, W, b)
    trials = [(W, b), (form.W, form.b)]
    trials += [(form.W.round(k) + 0.0, form.b.round(k) + 0.0) for k in (16, 12, 6)]
    found = [(*trial, expected_loss(problem, *trial)) for trial in trials]
    least = min(as_fraction(loss.value) for *_, loss in found)
    allowed = Fraction(_scale(problem)) * Fraction(1, 10**18)
    return [trial for trial in found if as_fraction(trial[2].value) <= least + allowed][-1]


def _up(value: Fraction) -> float:
    nearest = float(value)
    return nearest if Fraction(nearest) >= value else math.nextafter(nearest, math.inf)


def improved(atlas: Atlas, sparsity: object, W: object, b: object, by: str) -> tuple[Atlas, str]:
    """Check weights that are handed in, and replace the row that they are better than.

    The weights are followed down to a local minimum first.

    Args:
        atlas: the rows so far.
        sparsity: ``S``.
        W: ``(m, n)``.
        b: ``(n,)``; zeros when left out.
        by: who hands them in, or from where.

    Returns:
        The atlas, the same one where the weights are not better; and what was decided.

    Raises:
        InputError: weights that do not fit, or for a problem that the atlas has no row for.
    """
    from numerics.optimize import optimize
    from tms import __version__
    from tms.inputs.weights import check_weights

    shape = np.shape(W)  # type: ignore[call-overload]
    if len(shape) != 2:
        raise InputError(f"W.shape={shape}: must be (n_hidden, n_features)")
    row = lookup(n_features=shape[1], n_hidden=shape[0], sparsity=sparsity, atlas=atlas)
    given = check_weights(row.problem, W, b).floats()
    end = optimize(row.problem, n_starts=1, starts=[(given["W"], given["b"])])
    seen = compare(row, end.W, end.b)
    if seen.verdict != "better" or not end.residuals or not end.residuals.holds:
        return atlas, f"not better than the row: {seen.loss.digits(12)} against {row.loss!r}"
    found = f"handed in by {by}"[:120] + f", followed to a minimum, version {__version__}"
    new = row_of(row.problem, end.W, end.b, end.residuals, found)
    faults = verify(new)
    if faults:
        return atlas, f"better, but does not verify: {'; '.join(faults)}"
    return atlas.replaced(new), f"better: {new.loss!r} replaces {row.loss!r}"


def verify(row: AtlasRow) -> list[str]:
    """Compute what a row claims once more.

    The loss at the coordinates by exact arithmetic, the lower bound, the gradient by the series,
    the name; and that the numbers are in order.

    Args:
        row: any.

    Returns:
        What is wrong, in words; nothing where the row holds.

    Example:
        >>> row = lookup(n_features=5, n_hidden=2, sparsity="9/10")
        >>> verify(row)
        []
        >>> from dataclasses import replace
        >>> verify(replace(row, b=row.b - 1e-3))[0]
        "loss at the coordinates 0.026305... is above the row's 0.026305..."
    """
    from tms.atlas.checks import faults

    return faults(row)


def verify_all(
    atlas: Atlas, keys: list[Key] | None = None, tell: Callable[[int], None] | None = None
) -> dict[Key, list[str]]:
    """Verify many rows.

    Args:
        atlas: the rows.
        keys: which ones; all when left out.
        tell: called with the number of rows that are done.

    Returns:
        The faults of the rows that have any.
    """
    found = {}
    for done, key in enumerate(atlas if keys is None else keys, 1):
        wrong = verify(atlas[key])
        if wrong:
            found[key] = wrong
        if tell is not None:
            tell(done)
    return found
