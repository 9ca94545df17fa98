"""What the numeric side asks of its input, checked once at the door."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from numerics.types import Floats
from theory.problem import InputError, Problem, Unsupported, check_weight_shapes

__all__ = ["Laws", "laws_of", "weights_as_floats"]

_LARGEST_WEIGHT = 1e60  # beyond, products of four weights leave the range of floats


@dataclass(frozen=True)
class Laws:
    """The numbers of a problem in floating point, one for each feature.

    Attributes:
        density: ``p_i``, rounded to nearest.
        sparsity: ``1 - p_i``, rounded to nearest from the exact number, so that it keeps its digits
            where the density is near one.
        importance: ``I_i``.
    """

    density: Floats
    sparsity: Floats
    importance: Floats


def laws_of(problem: Problem) -> Laws:
    """Turn the exact numbers of a problem into floats.

    Args:
        problem: the problem.

    Returns:
        Its densities, sparsities and importances.

    Raises:
        Unsupported: the density or the importance is symbolic.
    """
    if problem.is_symbolic:
        raise Unsupported(
            f"density={problem.density}, importance={problem.importance}: "
            "the numeric routes need numbers; substitute them, or ask the exact route"
        )
    density = np.array([float(p) for p in problem.densities])
    sparsity = np.array([float(1 - p) for p in problem.densities])
    return Laws(density, sparsity, np.array([float(i) for i in problem.importances]))


def weights_as_floats(
    problem: Problem, W: npt.ArrayLike, b: npt.ArrayLike | None
) -> tuple[Floats, Floats]:
    """Check weights against a problem.

    Args:
        problem: gives ``n`` and ``m``.
        W: weights, shape ``(m, n)``.
        b: biases, shape ``(n,)``; zeros when left out.

    Returns:
        Both as contiguous arrays of 64-bit floats.

    Raises:
        InputError: wrong shape, not real, not finite, or too large for floats.
    """
    weights = _real_array(W, "W")
    bias = np.zeros(problem.n_features) if b is None else _real_array(b, "b")
    check_weight_shapes(problem, weights.shape, bias.shape)
    return weights, bias


def _real_array(values: npt.ArrayLike, name: str) -> Floats:
    array = np.asarray(values)
    if np.iscomplexobj(array):
        raise InputError(f"{name}.dtype={array.dtype}: must be real; pass {name}.real if meant")
    if array.dtype.kind not in "fiuO":
        raise InputError(f"{name}.dtype={array.dtype}: must be an array of real numbers")
    try:
        floats = np.ascontiguousarray(array, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name}: entries must be real numbers ({error})") from None
    bad = ~np.isfinite(floats) | (np.abs(floats) > _LARGEST_WEIGHT)
    if bad.any():
        index = tuple(int(k) for k in np.argwhere(bad)[0])
        place = "".join(f"[{k}]" for k in index)
        raise InputError(
            f"{name}{place}={float(floats[index])}: must be finite, at most {_LARGEST_WEIGHT:g}"
        )
    return floats
