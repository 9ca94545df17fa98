r"""The vocabulary: what a toy model of superposition is, in names, shapes and domains.

The model stores ``n`` sparse features in ``m`` hidden dimensions and reads them back:

.. math::
    \hat x = \sigma(W^\top W x + b), \qquad
    L(W, b) = \sum_{i=1}^{n} I_i \, \mathbb{E}\,(x_i - \hat x_i)^2 .

* ``W`` is ``m x n``: hidden dimensions are rows, **features are columns**; ``b`` has length ``n``.
  With untied weights ``x_hat = sigma(W_decoder^T W x + b)``, ``W_decoder`` of the same shape.
* ``x_i = B_i u_i`` with ``B_i ~ Bernoulli(p_i)`` and ``u_i`` from the feature law, all independent:
  a feature is zero with probability ``S_i = 1 - p_i`` (the *sparsity*; ``p`` is the *density*).
  With ``groups`` the features of a group depend on each other (``theory.vocabulary.dependence``),
  and the density is that of the group; with ``n_active = k`` every set of ``k`` features is as
  likely.
* The loss is the **sum over features** and the **mean over data**, importance outside the square.
* Where an output has an atom at zero the ReLU has no derivative; every gradient of this project
  takes ``ReLU'(0) = 0`` there, as automatic differentiation in PyTorch and JAX does.

Both sides of the project import this module, and it is all that they share (the names of laws,
activations, groups and constraints come through it): it holds no moment, no integral, no activation
function and no sampler. It needs the standard library alone; SymPy numbers and symbols are
recognised by what they can do, not by their class.

Source: Elhage et al. 2022, "Toy Models of Superposition", arXiv:2209.10652, section 2.
"""

from __future__ import annotations

import numbers
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from theory.vocabulary.activations import AbsPower, Activation, Identity, Power, ReLU, ReLUPower
from theory.vocabulary.constraints import (
    AntipodalPairs,
    Constraint,
    Cyclic,
    IgnoredFeatures,
    MaxCoherence,
    NoBias,
    NonNegativeWeights,
    NonPositiveBias,
    NormBudget,
    SharedBias,
    UnitNorm,
    ZeroGram,
    checked_constraints,
)
from theory.vocabulary.dependence import Anticorrelated, Correlated, Group, Unit, checked_groups
from theory.vocabulary.entries import check_range, entries_of, one_per_feature, shown
from theory.vocabulary.laws import (
    Binary,
    CustomLaw,
    Exponential,
    FeatureLaw,
    HalfNormal,
    Normal,
    Rademacher,
    Uniform,
)
from theory.vocabulary.scalars import Exact, InputError, Unsupported, exact_number, is_symbolic

__all__ = [
    "AbsPower",
    "Activation",
    "Anticorrelated",
    "AntipodalPairs",
    "Binary",
    "Constraint",
    "Correlated",
    "CustomLaw",
    "Cyclic",
    "Exact",
    "Exponential",
    "FeatureLaw",
    "Group",
    "HalfNormal",
    "Identity",
    "IgnoredFeatures",
    "InputError",
    "MaxCoherence",
    "NoBias",
    "NonNegativeWeights",
    "NonPositiveBias",
    "NormBudget",
    "Normal",
    "Power",
    "Problem",
    "Rademacher",
    "ReLU",
    "ReLUPower",
    "SharedBias",
    "Uniform",
    "Unit",
    "UnitNorm",
    "Unsupported",
    "ZeroGram",
    "check_weight_shapes",
    "checked_constraints",
    "exact_number",
    "is_symbolic",
]


def _check_count(value: object, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise InputError(f"{name}={value!r}: must be a whole number, at least 1")
    if value < 1:
        raise InputError(f"{name}={int(value)}: must be at least 1")
    return int(value)


def _chances(count: int, sparsity: object, density: object) -> Exact | tuple[Exact, ...]:
    """The density, from the one of the two that is given."""
    if sparsity is None and density is None:
        raise InputError("sparsity=None, density=None: give one of them")
    if sparsity is not None and density is not None:
        raise InputError(f"sparsity={sparsity!r}, density={density!r}: give one of them, not both")
    name, given = ("density", density) if sparsity is None else ("sparsity", sparsity)
    chances = one_per_feature(given, count, name)
    for chance in entries_of(chances):
        check_range(chance, name, upper=1)
    if name == "density":
        return chances
    flipped = tuple(1 - chance for chance in entries_of(chances))
    return flipped if isinstance(chances, tuple) else flipped[0]


def _shared_out(count: int, n_active: object, sparsity: object, density: object) -> Fraction:
    """The density ``k / n`` of exactly ``k`` active features."""
    if sparsity is not None or density is not None:
        raise InputError(
            f"n_active={n_active!r}: exactly so many features are active, which fixes the density "
            "to n_active / n_features; leave sparsity and density out"
        )
    if isinstance(n_active, bool) or not isinstance(n_active, int) or not 0 <= n_active <= count:
        raise InputError(f"n_active={n_active!r}: must be a whole number, 0 to n_features={count}")
    return Fraction(n_active, count)


def _check_dependence(
    groups: tuple[Group, ...], chances: Exact | tuple[Exact, ...], n_active: object
) -> None:
    if groups and n_active is not None:
        raise InputError(f"groups={list(groups)!r}, n_active={n_active}: give one of them")
    if not isinstance(chances, tuple):
        return
    for group in groups:
        own = {chances[j] for j in group.members}
        if len(own) > 1:
            raise InputError(
                f"density: the features of {group!r} have different densities; a group is on or "
                "off as one, so give all its features the same"
            )


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
        features: the law of an active feature; ``Uniform(0, 1)`` when left out.
        activation: ``sigma``; ``ReLU()`` when left out.
        importance: ``I_i >= 0``, one number or one for each feature; 1 when left out.
        groups: ``Correlated`` and ``Anticorrelated`` groups of features; the density is that of the
            group, and must be the same for all its features.
        n_active: exactly so many features are active; then no density is given.

    Raises:
        InputError: a number out of its range, both or neither of sparsity and density, a sequence
            of the wrong length, or groups that overlap; the message names the argument and value.

    Example:
        >>> problem = Problem(5, 2, sparsity="9/10")
        >>> problem.density, problem.importances[0]
        (Fraction(1, 10), Fraction(1, 1))
        >>> Problem(5, 2, density=Fraction(1, 10)) == problem
        True
        >>> Problem(6, 2, n_active=1, features=Normal(), activation=Power(3)).density
        Fraction(1, 6)

    Source: Elhage et al. 2022, arXiv:2209.10652, section 2 ("Demonstrating superposition").
    """

    n_features: int
    n_hidden: int
    density: Exact | tuple[Exact, ...]
    features: FeatureLaw
    activation: Activation
    importance: Exact | tuple[Exact, ...]
    groups: tuple[Group, ...]
    n_active: int | None

    def __init__(
        self,
        n_features: int,
        n_hidden: int,
        *,
        sparsity: object = None,
        density: object = None,
        features: FeatureLaw | None = None,
        activation: Activation | None = None,
        importance: object = None,
        groups: object = (),
        n_active: int | None = None,
    ) -> None:
        count = _check_count(n_features, "n_features")
        chances = (
            _chances(count, sparsity, density)
            if n_active is None
            else _shared_out(count, n_active, sparsity, density)
        )
        weights = one_per_feature(1 if importance is None else importance, count, "importance")
        for weight in entries_of(weights):
            check_range(weight, "importance", upper=None)
        features = Uniform() if features is None else features
        activation = ReLU() if activation is None else activation
        if not isinstance(features, FeatureLaw) or type(features) is FeatureLaw:
            raise InputError(f"features={features!r}: must be a feature law such as Uniform(0, 1)")
        if not isinstance(activation, Activation) or type(activation) is Activation:
            raise InputError(f"activation={activation!r}: must be one such as ReLU() or Power(3)")
        joined = checked_groups(groups, count)
        _check_dependence(joined, chances, n_active)
        values = (
            count,
            _check_count(n_hidden, "n_hidden"),
            chances,
            features,
            activation,
            weights,
            joined,
            n_active,
        )
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
        """``p_i`` for every feature (that of its group where it has one), length ``n``."""
        return (
            self.density if isinstance(self.density, tuple) else (self.density,) * self.n_features
        )

    @property
    def units(self) -> tuple[Unit, ...]:
        """The independent units of features, by their first members.

        With ``n_active`` given these are single features that are *not* independent: every set of
        ``n_active`` of them is as likely.
        """
        grouped = {j for group in self.groups for j in group.members}
        members = [(j,) for j in range(self.n_features) if j not in grouped]
        units = [Unit(single, (single,), self.densities[single[0]]) for single in members]
        units += [Unit(g.members, g.sets, self.densities[g.members[0]]) for g in self.groups]
        return tuple(sorted(units, key=lambda unit: unit.members))

    @property
    def active_chances(self) -> tuple[Exact, ...]:
        """Probability that a feature is active, for every feature: ``p_i``, shared out in a group.

        Example:
            >>> Problem(3, 1, density="1/2", groups=[Anticorrelated(0, 2)]).active_chances
            (Fraction(1, 4), Fraction(1, 2), Fraction(1, 4))
        """
        share = dict.fromkeys(range(self.n_features), 1)
        for group in self.groups:
            share |= dict.fromkeys(group.members, len(group.sets))
        return tuple(p / share[j] for j, p in enumerate(self.densities))

    @property
    def is_independent(self) -> bool:
        """Whether all features are independent of each other."""
        return not self.groups and self.n_active is None

    @property
    def importances(self) -> tuple[Exact, ...]:
        """``I_i`` for every feature, length ``n``."""
        if isinstance(self.importance, tuple):
            return self.importance
        return (self.importance,) * self.n_features

    @property
    def is_symbolic(self) -> bool:
        """Whether the density or the importance holds free symbols."""
        return any(is_symbolic(v) for v in entries_of(self.density) + entries_of(self.importance))

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
        if "sparsity" in changes or kept["n_active"] is not None:
            del kept["density"]
        if changes.get("n_active") is not None:
            kept.pop("density", None)
        return Problem(**(kept | changes))

    def __repr__(self) -> str:
        parts = [f"n_features={self.n_features}", f"n_hidden={self.n_hidden}"]
        if self.n_active is None:
            parts.append(f"sparsity={shown(self.sparsity)}")
        else:
            parts.append(f"n_active={self.n_active}")
        if self.features != Uniform():
            parts.append(f"features={self.features!r}")
        if self.groups:
            parts.append(f"groups={list(self.groups)!r}")
        if self.activation != ReLU():
            parts.append(f"activation={self.activation!r}")
        if self.importance != 1:
            parts.append(f"importance={shown(self.importance)}")
        return f"Problem({', '.join(parts)})"


def check_weight_shapes(
    problem: Problem,
    w_shape: Sequence[int],
    b_shape: Sequence[int],
    decoder_shape: Sequence[int] | None = None,
) -> None:
    """Refuse weights whose shapes do not fit the problem.

    Args:
        problem: gives ``n`` and ``m``.
        w_shape: shape of ``W``; must be ``(m, n)``.
        b_shape: shape of ``b``; must be ``(n,)``.
        decoder_shape: shape of ``W_decoder``, where there is one; must be ``(m, n)``.

    Raises:
        InputError: another shape; a transposed matrix is named as such.

    Example:
        >>> check_weight_shapes(Problem(5, 2, sparsity=0), (2, 5), (5,))
    """
    n, m = problem.n_features, problem.n_hidden
    for name, shape in (("W", w_shape), ("W_decoder", decoder_shape)):
        if shape is not None and tuple(shape) != (m, n):
            turned = tuple(shape) == (n, m)
            hint = f"; this is its transpose, pass {name}.T" if turned else ""
            raise InputError(
                f"{name}.shape={tuple(shape)}: must be (n_hidden, n_features) = ({m}, {n}), "
                f"features as columns{hint}"
            )
    if tuple(b_shape) != (n,):
        raise InputError(f"b.shape={tuple(b_shape)}: must be (n_features,) = ({n},)")
