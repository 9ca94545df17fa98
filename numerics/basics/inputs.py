"""What the numeric side asks of its input, checked once at the door."""

from __future__ import annotations

import numbers
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from numerics.basics.types import Floats
from theory.problem import InputError, Problem, Unsupported, check_weight_shapes

__all__ = [
    "Laws",
    "batch_as_floats",
    "checked_count",
    "checked_tolerance",
    "decoder_as_floats",
    "laws_of",
    "matrix_as_floats",
    "underflow",
    "weights_as_floats",
]

_LARGEST = 1e45  # the series needs y^3, six weights and a thousand features: below 1e280
_SMALLEST = 1e-60  # below, products of two weights, or densities, and their roundings underflow
_UNDERFLOW = 1e-290  # what underflow can take from a result that is not zero for a reason


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
        InputError: a density so small, or an importance so large, that products leave the floats.
    """
    if problem.is_symbolic:
        raise Unsupported(
            f"density={problem.density}, importance={problem.importance}: "
            "the numeric routes need numbers; substitute them, or ask the exact route"
        )
    density = np.array([float(p) for p in problem.densities])
    sparsity = np.array([float(1 - p) for p in problem.densities])
    for p, rounded in zip(problem.densities, density, strict=True):
        if p != 0 and rounded < _SMALLEST:
            raise InputError(f"density={rounded:g}: must be 0 or at least {_SMALLEST:g}; use 0")
    if max(problem.importances) > _LARGEST:
        raise InputError(f"importance: must be at most {_LARGEST:g}; scale all of them down")
    return Laws(density, sparsity, np.array([float(i) for i in problem.importances]))


def underflow(laws: Laws, b: Floats) -> float:
    """Bound what numbers too small for floats can take from a result; 0 where nothing happens."""
    return _UNDERFLOW if laws.density.any() or b.any() else 0.0


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
    weights = _real_array(W, "W", _SMALLEST)
    bias = np.zeros(problem.n_features) if b is None else _real_array(b, "b", 0.0)
    check_weight_shapes(problem, weights.shape, bias.shape)
    return weights, bias


def decoder_as_floats(problem: Problem, W_decoder: npt.ArrayLike) -> Floats:
    """Check the weights of an untied decoder against a problem.

    Args:
        problem: gives ``n`` and ``m``.
        W_decoder: weights, shape ``(m, n)``, features as columns.

    Returns:
        A contiguous array of 64-bit floats.

    Raises:
        InputError: as ``weights_as_floats``.
    """
    weights = _real_array(W_decoder, "W_decoder", _SMALLEST)
    n = problem.n_features
    check_weight_shapes(problem, (problem.n_hidden, n), (n,), weights.shape)
    return weights


def matrix_as_floats(W: npt.ArrayLike) -> Floats:
    """Check weights that come without a problem.

    Args:
        W: weights, shape ``(m, n)``.

    Returns:
        A contiguous array of 64-bit floats.

    Raises:
        InputError: not a matrix, not real, not finite.
    """
    weights = _real_array(W, "W", 0.0)
    if weights.ndim != 2:
        raise InputError(f"W.shape={weights.shape}: must be (n_hidden, n_features)")
    return weights


def batch_as_floats(problem: Problem, W: npt.ArrayLike, b: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Check the weights of a batch against a problem.

    Args:
        problem: gives ``n`` and ``m``.
        W: weights, shape ``(batch, m, n)``.
        b: biases, shape ``(batch, n)``.

    Returns:
        Both as contiguous arrays of 64-bit floats.

    Raises:
        InputError: as ``weights_as_floats``.
    """
    weights, bias = _real_array(W, "W", _SMALLEST), _real_array(b, "b", 0.0)
    if weights.ndim != 3 or bias.ndim != 2 or weights.shape[0] != bias.shape[0]:
        raise InputError(
            f"W.shape={weights.shape}, b.shape={bias.shape}: must be (starts, m, n), (starts, n)"
        )
    check_weight_shapes(problem, weights.shape[1:], bias.shape[1:])
    return weights, bias


def checked_count(value: object, name: str, least: int) -> int:
    """Check a whole number that has a least value.

    Args:
        value: a whole number.
        name: what it is called in the message.
        least: the least value allowed.

    Returns:
        The number.

    Raises:
        InputError: not a whole number, or too small.

    Example:
        >>> checked_count(np.int64(3), "n_starts", 1)
        3
    """
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise InputError(f"{name}={value!r}: must be a whole number, at least {least}")
    if value < least:
        raise InputError(f"{name}={int(value)}: must be at least {least}")
    return int(value)


def checked_tolerance(tolerance: object) -> float:
    """Check a truncation tolerance.

    Args:
        tolerance: a positive number, or None.

    Returns:
        The tolerance; 0 for None, which asks for a target near rounding.

    Raises:
        InputError: not a positive finite number.
    """
    if tolerance is None:
        return 0.0
    if isinstance(tolerance, numbers.Real) and 0.0 < float(tolerance) < np.inf:
        return float(tolerance)
    raise InputError(f"tolerance={tolerance!r}: must be a positive number, or None")


def _real_array(values: npt.ArrayLike, name: str, smallest: float) -> Floats:
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise InputError(f"{name}: must be a rectangular array of real numbers ({error})") from None
    if np.iscomplexobj(array):
        raise InputError(f"{name}.dtype={array.dtype}: must be real; pass {name}.real if meant")
    if array.dtype.kind not in "fiuO":
        raise InputError(f"{name}.dtype={array.dtype}: must be an array of real numbers")
    try:
        floats = np.ascontiguousarray(array, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(f"{name}: entries must be real numbers ({error})") from None
    size = np.abs(floats)
    _refuse(floats, ~(size <= _LARGEST), name, f"must be finite, at most {_LARGEST:g}")
    advice = f"must be 0 or at least {smallest:g} in modulus; write 0 for it"
    _refuse(floats, (size > 0.0) & (size < smallest), name, advice)
    return floats


def _refuse(floats: Floats, bad: npt.NDArray[np.bool_], name: str, advice: str) -> None:
    if bad.any():
        index = tuple(int(k) for k in np.argwhere(bad)[0])
        place = "".join(f"[{k}]" for k in index)
        raise InputError(f"{name}{place}={float(floats[index])}: {advice}")
