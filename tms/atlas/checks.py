"""Whether a row of the atlas is true: every number in it is computed once more."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from tms.atlas.rows import AtlasRow
from tms.digits import as_fraction
from tms.oracle import expected_loss

__all__ = ["faults"]

_IMPRECISE = Fraction(1, 10**12)  # most error of a loss, in units of ignoring everything
_MEETS = Fraction(1, 10**12)
_CURVED = 1e-3  # relative difference of two computations of the least curvature
_FLAT = 1e-5  # the same next to none
_LOWER = 1e-12  # what Newton's method may still gain, in units of ignoring everything


def faults(row: AtlasRow) -> list[str]:
    """List what is wrong with a row.

    Args:
        row: any.

    Returns:
        Sentences; none where it holds.
    """
    from numerics.linear import ignore_everything_loss

    scale = Fraction(ignore_everything_loss(row.problem)[0])
    return [*_loss(row, scale), *_bound(row, scale), *_conditions(row), *_words(row)]


def _loss(row: AtlasRow, scale: Fraction) -> Iterator[str]:
    here = expected_loss(row.problem, row.W, row.b)
    value, error = as_fraction(here.value), as_fraction(here.error)
    if value + error > row.loss:
        yield f"loss at the coordinates {float(value)!r} is above the row's {row.loss!r}"
    if Fraction(row.loss) - Fraction(row.error) > value:
        yield f"loss at the coordinates {float(value)!r} is below {row.loss!r} less its error"
    if not 0.0 <= row.error <= _IMPRECISE * scale:
        yield f"error={row.error!r}: must be at least 0, and small"


def _bound(row: AtlasRow, scale: Fraction) -> Iterator[str]:
    from tms.lower_bounds import lower_bound

    if not 0.0 <= row.lower_bound <= row.loss:
        yield f"lower_bound={row.lower_bound!r}: must be from 0 to the loss"
    proven = lower_bound(row.problem)
    if proven.kind != "proved" or Fraction(row.lower_bound) > proven.value:
        yield f"lower_bound={row.lower_bound!r}: only {float(proven)!r} is proven"
    met = Fraction(row.loss) - Fraction(row.lower_bound) <= _MEETS * scale
    if (row.status == "proved") != met:
        yield f"status={row.status!r}: the bound {'meets' if met else 'does not meet'} the loss"


def _conditions(row: AtlasRow) -> Iterator[str]:
    """The gradient by the series; where Newton's method goes from there, and the curvature."""
    from numerics.residuals import CURVATURE_LIMIT, STATIONARITY_LIMIT
    from numerics.search.newton import settle
    from numerics.search.objective import Objective
    from numerics.series import loss_and_gradient

    objective = Objective(row.problem)
    if objective.scale == 0.0:
        return
    found = loss_and_gradient(row.problem, row.W, row.b)
    slopes = np.concatenate([found.gradient_W.ravel(), found.gradient_b]) / objective.scale
    steepest = float(np.abs(slopes).max())
    if not max(steepest, row.stationarity) <= STATIONARITY_LIMIT:
        yield f"stationarity {steepest:.1e} at the coordinates, {row.stationarity:.1e} in the row"
    point = objective.pack(row.W, row.b)
    end, start = settle(objective, point), objective.value(point, None)[0]
    if end.value < start - _LOWER:
        yield f"the coordinates are no minimum: Newton's method gains {start - end.value:.1e}"
    curved = 0.0 if end.curvature is None else end.curvature
    allowed = max(_CURVED * abs(curved), _FLAT)
    if not row.curvature >= -CURVATURE_LIMIT or abs(row.curvature - curved) > allowed:
        yield f"curvature={row.curvature!r}: it is {curved:.3e}"


def _words(row: AtlasRow) -> Iterator[str]:
    from numerics.geometry import describe

    if row.arrangement != describe(row.W):
        yield f"arrangement={row.arrangement!r}: it is {describe(row.W)!r}"
