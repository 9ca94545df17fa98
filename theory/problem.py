r"""The vocabulary: what a toy model of superposition is, in names, shapes and domains.

The model stores ``n`` sparse features in ``m`` hidden dimensions and reads them back:

.. math::
    \hat x = \sigma(W^\top W x + b), \qquad
    L(W, b) = \sum_{i=1}^{n} I_i \, \mathbb{E}\,(x_i - \hat x_i)^2 .

* ``W`` is ``m x n``: hidden dimensions are rows, **features are columns**; ``b`` has length ``n``.
* ``x_i = B_i u_i`` with ``B_i ~ Bernoulli(p_i)`` and ``u_i`` from the feature law, all independent:
  a feature is zero with probability ``S_i = 1 - p_i`` (the *sparsity*; ``p`` is the *density*).
* The loss is the **sum over features** and the **mean over data**, importance outside the square.
* Where an output has an atom at zero the ReLU has no derivative; every gradient of this project
  takes ``ReLU'(0) = 0`` there, as automatic differentiation in PyTorch and JAX does.

Both sides of the project import this module, and it is all that they share: it holds no moment, no
integral, no activation function and no sampler. It needs the standard library alone; SymPy numbers
and symbols are recognised by what they can do, not by their class.

Source: Elhage et al. 2022, "Toy Models of Superposition", arXiv:2209.10652, section 2.
"""

from __future__ import annotations

import numbers
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any

from theory.scalars import Exact, InputError, Unsupported, exact_number, is_symbolic

__all__ = [
    "Exact",
    "Identity",
    "InputError",
    "Problem",
    "ReLU",
    "Uniform",
    "Unsupported",
    "check_weight_shapes",
    "exact_number",
    "is_symbolic",
]


@dataclass(frozen=True)
class Uniform:
    """The law of an active feature: uniform on ``[low, high]``.

    Only ``Uniform(0, 1)``, the law of Elhage et al. 2022 (section 2), is supported so far.

    Args:
        low: lower end of the interval.
        high: upper end of the interval.

    Raises:
        Unsupported: any other interval.

    Example:
        >>> Uniform(0, 1)
        Uniform(low=0, high=1)
    """

    low: int = 0
    high: int = 1

    def __post_init__(self) -> None:
        if (self.low, self.high) != (0, 1):
            raise Unsupported(
                f"features=Uniform({self.low!r}, {self.high!r}): "
                "only Uniform(0, 1) is supported; rescale the features or wait for more laws"
            )
        object.__setattr__(self, "low", 0)
        object.__setattr__(self, "high", 1)

    def __str__(self) -> str:
        return f"U[{self.low}, {self.high}]"


@dataclass(frozen=True)
class ReLU:
    """The activation ``sigma(t) = max(t, 0)`` (Elhage et al. 2022, section 2)."""

    def __str__(self) -> str:
        return "ReLU"


@dataclass(frozen=True)
class Identity:
    """The activation ``sigma(t) = t``: the linear model (Elhage et al. 2022, section 2)."""

    def __str__(self) -> str:
        return "Identity"


def _one_per_feature(value: object, count: int, name: str) -> Exact | tuple[Exact, ...]:
    """One exact number, or a tuple of ``count`` of them; equal entries become one number."""
    shape = getattr(value, "shape", None)
    if isinstance(value, (str, numbers.Number)) or hasattr(value, "free_symbols") or shape == ():
        return exact_number(value, name)
    if not isinstance(value, Iterable):
        return exact_number(value, name)  # refuses it by name
    if isinstance(shape, tuple) and len(shape) > 1:
        raise InputError(f"{name}: has shape {shape}; one number, or one for each feature")
    entries = tuple(exact_number(entry, f"{name}[{k}]") for k, entry in enumerate(value))
    if len(entries) != count:
        raise InputError(
            f"{name}: has {len(entries)} entries for n_features={count}; "
            "give one number, or one for each feature"
        )
    return entries[0] if all(entry == entries[0] for entry in entries) else entries


def _check_range(value: Exact, name: str, *, upper: int | None) -> None:
    if is_symbolic(value):
        return
    too_low, too_high = bool(value < 0), upper is not None and bool(value > upper)
    if too_low or too_high:
        shown = _plain(value) if isinstance(value, Fraction) else value
        allowed = "at least 0" if upper is None else f"between 0 and {upper}"
        percent = too_high and 2 <= value <= 100
        hint = f"; {float(value) / 100:g} if a percentage was meant" if percent else ""
        raise InputError(f"{name}={shown}: must be {allowed}{hint}")


def _plain(value: Fraction) -> float | str:
    """A fraction as a float, or in decimal where it is too large for one."""
    if abs(value) < 2**1000:
        return float(value)
    ratio = Context(prec=10).divide(Decimal(value.numerator), Decimal(value.denominator))
    return str(ratio.normalize()).lower()


def _check_count(value: object, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise InputError(f"{name}={value!r}: must be a whole number, at least 1")
    if value < 1:
        raise InputError(f"{name}={int(value)}: must be at least 1")
    return int(value)


def _entries(value: Exact | tuple[Exact, ...]) -> tuple[Exact, ...]:
    return value if isinstance(value, tuple) else (value,)


@dataclass(frozen=True, init=False, repr=False)
class Problem:
    r"""A toy model of superposition, without its weights.

    Frozen, validated and hashable. Sparsity or density is given by name, one of the two, as one
    number or as one for each feature, and is kept exact.

    Args:
        n_features: number of features ``n``, at least 1.
        n_hidden: number of hidden dimensions ``m``, at least 1.
        sparsity: ``S``, the probability that a feature is zero, in ``[0, 1]``.
        density: ``p = 1 - S``, the probability that a feature is active, in ``[0, 1]``.
        features: the law of an active feature.
        activation: ``sigma``.
        importance: ``I_i >= 0``, one number or one for each feature; 1 when left out.

    Raises:
        InputError: a number out of its range, both or neither of sparsity and density, or a
            sequence of the wrong length; the message names the argument and its value.

    Example:
        >>> problem = Problem(5, 2, sparsity="9/10")
        >>> problem.density, problem.importances[0]
        (Fraction(1, 10), Fraction(1, 1))
        >>> Problem(5, 2, density=Fraction(1, 10)) == problem
        True

    Source: Elhage et al. 2022, arXiv:2209.10652, section 2 ("Demonstrating superposition").
    """

    n_features: int
    n_hidden: int
    density: Exact | tuple[Exact, ...]
    features: Uniform
    activation: ReLU | Identity
    importance: Exact | tuple[Exact, ...]

    def __init__(
        self,
        n_features: int,
        n_hidden: int,
        *,
        sparsity: object = None,
        density: object = None,
        features: Uniform | None = None,
        activation: ReLU | Identity | None = None,
        importance: object = None,
    ) -> None:
        count = _check_count(n_features, "n_features")
        if sparsity is None and density is None:
            raise InputError("sparsity=None, density=None: give one of them")
        if sparsity is not None and density is not None:
            raise InputError(
                f"sparsity={sparsity!r}, density={density!r}: give one of them, not both"
            )
        name, given = ("density", density) if sparsity is None else ("sparsity", sparsity)
        chances = _one_per_feature(given, count, name)
        weights = _one_per_feature(1 if importance is None else importance, count, "importance")
        for chance in _entries(chances):
            _check_range(chance, name, upper=1)
        for weight in _entries(weights):
            _check_range(weight, "importance", upper=None)
        if name == "sparsity":
            flipped = tuple(1 - chance for chance in _entries(chances))
            chances = flipped if isinstance(chances, tuple) else flipped[0]
        features = Uniform() if features is None else features
        activation = ReLU() if activation is None else activation
        if not isinstance(features, Uniform):
            raise InputError(f"features={features!r}: must be a feature law such as Uniform(0, 1)")
        if not isinstance(activation, (ReLU, Identity)):
            raise InputError(f"activation={activation!r}: must be ReLU() or Identity()")
        values = (count, _check_count(n_hidden, "n_hidden"), chances, features, activation, weights)
        for field, value in zip(self.__dataclass_fields__, values, strict=True):
            object.__setattr__(self, field, value)

    @property
    def sparsity(self) -> Exact | tuple[Exact, ...]:
        """``S = 1 - p``, one number, or one for each feature where they differ."""
        if isinstance(self.density, tuple):
            return tuple(1 - p for p in self.density)
        return 1 - self.density

    @property
    def densities(self) -> tuple[Exact, ...]:
        """``p_i`` for every feature, length ``n``."""
        return (
            self.density if isinstance(self.density, tuple) else (self.density,) * self.n_features
        )

    @property
    def importances(self) -> tuple[Exact, ...]:
        """``I_i`` for every feature, length ``n``."""
        if isinstance(self.importance, tuple):
            return self.importance
        return (self.importance,) * self.n_features

    @property
    def is_symbolic(self) -> bool:
        """Whether the density or the importance holds free symbols."""
        return any(is_symbolic(v) for v in _entries(self.density) + _entries(self.importance))

    def replace(self, **changes: object) -> Problem:
        """Make the same problem with some arguments changed.

        Args:
            **changes: arguments of ``Problem`` by name; a new sparsity replaces the old density.

        Returns:
            The new problem, validated.

        Example:
            >>> Problem(5, 2, sparsity=0).replace(sparsity="1/2").density
            Fraction(1, 2)
        """
        kept: dict[str, Any] = {field: getattr(self, field) for field in self.__dataclass_fields__}
        if "sparsity" in changes:
            del kept["density"]
        return Problem(**(kept | changes))

    def __repr__(self) -> str:
        parts = [f"n_features={self.n_features}", f"n_hidden={self.n_hidden}"]
        parts.append(f"sparsity={_short(self.sparsity)}")
        if self.activation != ReLU():
            parts.append(f"activation={self.activation!r}")
        if self.importance != 1:
            parts.append(f"importance={_short(self.importance)}")
        return f"Problem({', '.join(parts)})"


def _short(value: Exact | tuple[Exact, ...]) -> str:
    if isinstance(value, tuple):
        return "(" + ", ".join(_short(entry) for entry in value) + ")"
    if isinstance(value, Fraction):  # a fraction that came from a float reads better as that float
        short = value.denominator < 10**6 and abs(value) < 2**1000
        return repr(str(value) if short else _plain(value))
    return str(value)


def check_weight_shapes(problem: Problem, w_shape: Sequence[int], b_shape: Sequence[int]) -> None:
    """Refuse weights whose shapes do not fit the problem.

    Args:
        problem: gives ``n`` and ``m``.
        w_shape: shape of ``W``; must be ``(m, n)``.
        b_shape: shape of ``b``; must be ``(n,)``.

    Raises:
        InputError: another shape; a transposed ``W`` is named as such.

    Example:
        >>> check_weight_shapes(Problem(5, 2, sparsity=0), (2, 5), (5,))
    """
    n, m = problem.n_features, problem.n_hidden
    if tuple(w_shape) != (m, n):
        turned = tuple(w_shape) == (n, m)
        hint = "; this is its transpose, pass W.T" if turned else ""
        raise InputError(
            f"W.shape={tuple(w_shape)}: must be (n_hidden, n_features) = ({m}, {n}), "
            f"features as columns{hint}"
        )
    if tuple(b_shape) != (n,):
        raise InputError(f"b.shape={tuple(b_shape)}: must be (n_features,) = ({n},)")
