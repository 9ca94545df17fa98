"""What lower bounds are asked about: a problem, its constraints, the features that are left."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from theory.problem import Constraint, IgnoredFeatures, Problem

__all__ = ["Question"]


@dataclass(frozen=True)
class Question:
    """A problem with its constraints.

    Args:
        problem: any.
        constraints: checked.

    Example:
        >>> Question(Problem(3, 1, density=1), (IgnoredFeatures(1),)).kept
        (0, 2)
    """

    problem: Problem
    constraints: tuple[Constraint, ...]

    @cached_property
    def ignored(self) -> tuple[int, ...]:
        """Features whose weights must be zero."""
        named = {j for c in self.constraints if isinstance(c, IgnoredFeatures) for j in c.features}
        return tuple(sorted(named))

    @cached_property
    def kept(self) -> tuple[int, ...]:
        """The other features."""
        return tuple(j for j in range(self.problem.n_features) if j not in self.ignored)

    def has(self, kind: type[Constraint]) -> bool:
        """Say whether there is a constraint of a kind."""
        return any(isinstance(c, kind) for c in self.constraints)
