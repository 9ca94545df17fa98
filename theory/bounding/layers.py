r"""Problems taken apart into equal ones: what one density and one importance prove, all do.

For independent features and a free bias, dropping feature ``j`` from the row of ``i != j`` lowers
the least loss of that row: condition on ``x_j`` and let the bias take ``G_ij x_j``. Hence for every
set ``S`` of features ``sum_{i in S} r_i`` is at least the least loss of ``S`` alone, and

* the density classes add up;
* with importances ``I_1 >= I_2 >= ...`` of a class,
  ``sum I_i r_i = sum_l (I_l - I_{l+1}) sum_{i <= l} r_i``, or less with importances rounded down;
* the average over all sets of ``k`` of ``n`` features gives ``L_n >= (n / k) L_k``.

Source: own derivation, ``docs/proofs/lower_bounds.md``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from theory.bounding.claims import NotApplicable, rational
from theory.problem import Problem

__all__ = ["Layer", "importance_levels", "layers", "subset_sizes"]

_MOST_SIZES = 10
_MOST_LEVELS = 8


@dataclass(frozen=True)
class Layer:
    """``weight`` times the loss of ``count`` features of one density and importance 1."""

    weight: Fraction
    count: int
    density: Fraction


def layers(problem: Problem, kept: Sequence[int]) -> list[Layer]:
    """Take a problem apart.

    Args:
        problem: independent features, rational densities and importances.
        kept: the features that are not ignored.

    Returns:
        The layers, whose least losses sum to no more than that of the problem.

    Raises:
        NotApplicable: features that depend on each other, or numbers that are not rational.

    Example:
        >>> layers(Problem(3, 1, density="1/2", importance=[3, 1, 1]), [0, 1, 2])
        [Layer(weight=Fraction(1, 1), count=3, density=Fraction(1, 2)),
         Layer(weight=Fraction(2, 1), count=1, density=Fraction(1, 2))]
    """
    if not problem.is_independent:
        raise NotApplicable("groups, n_active: this bound needs independent features")
    densities = rational(problem.densities, "density")
    importances = rational(problem.importances, "importance")
    found = []
    for density in sorted({densities[i] for i in kept}):
        sizes = [importances[i] for i in kept if densities[i] == density]
        below = Fraction(0)
        for level in importance_levels(sizes):
            count = sum(size >= level for size in sizes)
            found.append(Layer(level - below, count, density))
            below = level
    return found


def importance_levels(sizes: Sequence[Fraction]) -> list[Fraction]:
    """Levels that importances are rounded down to: all different ones, or some.

    Args:
        sizes: importances.

    Returns:
        At most 8, ascending, none of them 0.

    Example:
        >>> importance_levels([Fraction(1), Fraction(0), Fraction(3)])
        [Fraction(1, 1), Fraction(3, 1)]
    """
    distinct = sorted({size for size in sizes if size})
    if len(distinct) <= _MOST_LEVELS:
        return distinct
    last = len(distinct) - 1
    return [distinct[last * j // (_MOST_LEVELS - 1)] for j in range(_MOST_LEVELS)]


def subset_sizes(n: int, m: int) -> Iterator[int]:
    """Some sizes from ``m + 1`` to ``n``, both among them, in steps that grow.

    Args:
        n: number of features.
        m: number of hidden dimensions.

    Yields:
        The sizes, ascending.

    Example:
        >>> list(subset_sizes(5, 2)), list(subset_sizes(2, 2))
        ([3, 4, 5], [])
    """
    if n - m <= _MOST_SIZES:
        yield from range(m + 1, n + 1)
        return
    sizes = {n, min(2 * m, n)}
    sizes |= {m + round((n - m) ** (j / _MOST_SIZES)) for j in range(_MOST_SIZES)}
    yield from sorted(sizes)
