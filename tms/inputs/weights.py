"""Weights as they come in: arrays of any library, checked, and as each side takes them."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from theory.problem import (
    InputError,
    Problem,
    Unsupported,
    check_weight_shapes,
    exact_number,
    is_symbolic,
)
from tms.rounding import moved_by

if TYPE_CHECKING:
    from theory.arrangements import Arrangement

__all__ = ["Weights", "check_weights"]

FloatArray: TypeAlias = NDArray[np.float64]
Array: TypeAlias = NDArray[Any]


@dataclass(frozen=True)
class Weights:
    """Checked weights.

    Args:
        W: ``(n_hidden, n_features)``, float64 or exact numbers and expressions (object).
        b: ``(n_features,)``, float64 or exact numbers and expressions (object).
        W_decoder: like ``W``, of an untied decoder; None where it is tied to ``W``.
        arrangement: the named arrangement that ``W`` came from, if any.
    """

    W: Array
    b: Array
    W_decoder: Array | None = None
    arrangement: Arrangement | None = None

    def for_theory(self) -> dict[str, Any]:
        """Give the weights as ``theory`` takes them by name, exactly as they came in."""
        if self.W_decoder is None:  # an arrangement knows its Gram matrix in closed form
            return {"W": self.arrangement or self.W.tolist(), "b": self.b.tolist()}
        given = {"W": self.W, "b": self.b, "W_decoder": self.W_decoder}
        return {name: array.tolist() for name, array in given.items()}

    @property
    def entries(self) -> list[Any]:
        """Every entry of ``W``, ``W_decoder`` and ``b``."""
        decoder = [] if self.W_decoder is None else self.W_decoder.ravel().tolist()
        return [*self.W.ravel().tolist(), *decoder, *self.b.tolist()]

    def floats(self) -> dict[str, Any]:
        """Round to float64.

        Returns:
            ``W``, ``b`` and, where it is untied, ``W_decoder``, by name.

        Raises:
            Unsupported: an entry holds symbols, or is too large for float64.
        """
        given = {"W": self.W, "b": self.b, "W_decoder": self.W_decoder}
        return {
            name: _as_float64(array, name) for name, array in given.items() if array is not None
        }

    def rounding(self, problem: Problem, loss: float) -> float:
        """Bound what rounding the weights to float64 does to the loss.

        Args:
            problem: gives law, activation and importances.
            loss: the loss at the rounded weights.

        Returns:
            The bound; 0 where every entry is a float64 already.
        """
        rounded = self.floats()
        floats = Weights(**rounded).entries
        if all(entry == number for entry, number in zip(self.entries, floats, strict=True)):
            return 0.0
        return moved_by(problem, rounded, loss, units=2.01)


def check_weights(
    problem: Problem, W: object, b: object = None, W_decoder: object = None
) -> Weights:
    """Take weights from any library and check them against the problem.

    Args:
        problem: gives ``n`` and ``m``.
        W: shape ``(n_hidden, n_features)``; anything that NumPy reads, nested sequences of
            numbers, fractions, texts such as ``"9/10"`` and SymPy expressions, or a named
            arrangement.
        b: shape ``(n_features,)``; zeros, or the bias of the arrangement, when left out.
        W_decoder: like ``W``, of an untied decoder; tied to ``W`` when left out.

    Returns:
        The weights; floats stay the numbers that they are, everything else is exact.

    Raises:
        InputError: a wrong shape, or an entry that is not a finite real number, by its index.

    Example:
        >>> check_weights(Problem(2, 1, sparsity=0), [[1, "-3/5"]]).entries
        [Fraction(1, 1), Fraction(-3, 5), 0.0, 0.0]
    """
    arrangement: Any = W if _is_arrangement(W) else None
    if arrangement is not None and b is None:
        b = arrangement.bias
    weights = _matrix(W, problem, "W")
    decoder = None if W_decoder is None else _matrix(W_decoder, problem, "W_decoder")
    biases = np.zeros(problem.n_features) if b is None else _as_array(b, "b")
    if hasattr(b, "free_symbols"):  # a SymPy vector has two axes
        biases = biases.ravel()
    check_weight_shapes(
        problem, weights.shape, biases.shape, None if decoder is None else decoder.shape
    )
    return Weights(
        _checked_entries(weights, "W"),
        _checked_entries(biases, "b"),
        None if decoder is None else _checked_entries(decoder, "W_decoder"),
        arrangement,
    )


def _is_arrangement(W: Any) -> bool:
    return hasattr(W, "gram") and hasattr(W, "coordinates")


def _matrix(value: Any, problem: Problem, name: str) -> Array:
    if _is_arrangement(value):
        return _placed(value, problem.n_hidden)
    return _as_array(value, name)


def _placed(arrangement: Arrangement, n_hidden: int) -> Array:
    """The coordinates of an arrangement, in as many hidden dimensions as the model has."""
    coordinates = _as_array(arrangement.coordinates, "W").reshape(-1, arrangement.n_features)
    spare = n_hidden - len(coordinates)
    return np.pad(coordinates, ((0, max(spare, 0)), (0, 0)))


def _as_array(value: Any, name: str) -> Array:
    detach = getattr(value, "detach", None)  # a PyTorch tensor that records gradients
    if callable(detach):
        value = detach().cpu()
    if isinstance(value, (list, tuple)):  # not to lose an exact entry beside a float
        return np.array(value, dtype=object)
    try:
        return np.asarray(value)
    except (TypeError, ValueError, RuntimeError) as error:
        if not callable(getattr(value, "tolist", None)):
            raise InputError(f"{name}: cannot be read as an array ({error})") from None
        return np.array(value.tolist(), dtype=object)  # such as bfloat16, unknown to NumPy


def _checked_entries(array: Array, name: str) -> Array:
    if array.dtype.kind == "c":
        raise InputError(
            f"{name}.dtype={array.dtype}: must be real; take {name}.real if that is meant"
        )
    if array.dtype.kind == "f" and array.dtype.itemsize <= 8:
        _check_finite(array, name)
        return array.astype(np.float64)
    if array.dtype.kind == "f":
        _check_finite(array, name)
        return _map(lambda entry, _: Fraction(*entry.as_integer_ratio()), array, name)
    return _map(exact_number, array, name)


def _check_finite(array: Array, name: str) -> None:
    for index in np.argwhere(~np.isfinite(array))[:1]:
        place = ", ".join(map(str, index))
        raise InputError(f"{name}[{place}]={float(array[tuple(index)])}: must be finite")


def _map(function: Any, array: Array, name: str) -> Array:
    exact = np.empty(array.shape, dtype=object)
    for index in np.ndindex(array.shape):
        exact[index] = function(array[index], f"{name}[{', '.join(map(str, index))}]")
    return exact


def _as_float64(array: Array, name: str) -> FloatArray:
    if array.dtype != object:
        return array
    for index in np.ndindex(array.shape):
        if is_symbolic(array[index]):
            place = ", ".join(map(str, index))
            raise Unsupported(
                f"{name}[{place}]={array[index]}: floating point needs numbers; "
                "method='exact' takes symbols"
            )
    try:
        return array.astype(np.float64)
    except OverflowError:
        raise Unsupported(f"{name}: an entry is too large for float64") from None
