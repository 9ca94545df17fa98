r"""Constraints made ready for a solver: free variables, bounds, equations and inequalities.

Constraints that are linear and homogeneous leave variables out
(``numerics.constraining.reduction``), signs are bounds, and all else is a function of the Gram
matrix of the free columns: affine equations (unit norms, zeros, the symmetry of a circle), a budget
of norms, and coherences.

Source: own derivation from the definitions in ``theory.vocabulary.constraints``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from numerics.basics.types import Floats
from numerics.constraining.contradictions import (
    Equation,
    independent_equations,
    refuse_contradictions,
)
from numerics.constraining.gram_rows import AffineRows, CoherenceRows
from numerics.constraining.reduction import Reduction, reduce_variables
from theory.problem import (
    Constraint,
    Cyclic,
    IgnoredFeatures,
    MaxCoherence,
    NonNegativeWeights,
    NonPositiveBias,
    NormBudget,
    Problem,
    UnitNorm,
    ZeroGram,
    checked_constraints,
)

__all__ = ["Compiled", "compile_constraints"]


@dataclass(frozen=True)
class Compiled:
    """Constraints of a problem in free variables ``z``.

    Attributes:
        problem: the problem.
        constraints: as they were given.
        reduction: free variables, with ``(W, b)`` linear in them.
        lower: least value of each free variable.
        upper: greatest value of each.
        affine: equations in the Gram matrix of the free columns.
        budgets: affine inequalities, ``<= 0``.
        coherence: the other inequalities, ``<= 0``.
        equation_names: the equations in words.
        inequality_names: budgets, then coherences, in words.
    """

    problem: Problem
    constraints: tuple[Constraint, ...]
    reduction: Reduction
    lower: Floats
    upper: Floats
    affine: AffineRows
    budgets: AffineRows
    coherence: CoherenceRows
    equation_names: tuple[str, ...]
    inequality_names: tuple[str, ...]

    def has(self, kind: type[Constraint]) -> bool:
        """Whether a constraint of a kind was given."""
        return any(isinstance(c, kind) for c in self.constraints)

    @property
    def turns(self) -> bool:
        """Whether rotating ``W`` keeps all constraints."""
        return not self.has(NonNegativeWeights)

    @property
    def n_equations(self) -> int:
        """Number of equations."""
        return self.affine.count

    @property
    def n_inequalities(self) -> int:
        """Number of inequalities, bounds not among them."""
        return self.budgets.count + self.coherence.count

    def values(self, z: Floats) -> tuple[Floats, Floats]:
        """Equations and inequalities at ``z``; zero, and at most zero, where they hold."""
        columns = self.reduction.columns(z)
        gram = columns.T @ columns
        above = np.concatenate([self.budgets.values(gram), self.coherence.values(gram)])
        return self.affine.values(gram), above

    def gradient(self, z: Floats, mu: Floats, nu: Floats) -> Floats:
        """Gradient by ``z`` of ``mu . equations + nu . inequalities``."""
        columns = self.reduction.columns(z)
        by_gram = self._by_gram(columns.T @ columns, mu, nu)
        slopes = np.zeros_like(z)
        slopes[: columns.size] = (columns @ (by_gram + by_gram.T)).ravel()
        return slopes

    def jacobian(self, z: Floats) -> Floats:
        """Derivatives by ``z`` of equations, then inequalities, one row each."""
        columns = self.reduction.columns(z)
        rows = [part.jacobian(columns) for part in (self.affine, self.budgets, self.coherence)]
        stacked = np.concatenate(rows)
        return np.pad(stacked, ((0, 0), (0, z.size - columns.size)))

    def hessian(self, z: Floats, mu: Floats, nu: Floats) -> Floats:
        """Second derivatives by ``z`` of ``mu . equations + nu . inequalities``."""
        columns = self.reduction.columns(z)
        by_gram = self._by_gram(columns.T @ columns, mu, nu)
        found = np.zeros((z.size, z.size))
        part = np.kron(np.eye(columns.shape[0]), by_gram + by_gram.T)
        part += self.coherence.gram_curvature(columns, nu[self.budgets.count :])
        found[: columns.size, : columns.size] = part
        return found

    def _by_gram(self, gram: Floats, mu: Floats, nu: Floats) -> Floats:
        first, second = nu[: self.budgets.count], nu[self.budgets.count :]
        found = self.affine.by_gram(gram, mu) + self.budgets.by_gram(gram, first)
        return found + self.coherence.by_gram(gram, second)


def compile_constraints(
    problem: Problem, constraints: Constraint | Sequence[Constraint]
) -> Compiled:
    """Make constraints ready for the solver of ``numerics.constrained``.

    Args:
        problem: the problem.
        constraints: values of ``theory.problem``, such as ``[UnitNorm(), NoBias()]``.

    Returns:
        Free variables, bounds, equations and inequalities.

    Raises:
        InputError: something else, a feature out of range, or constraints that contradict each
            other in a way that can be told in advance.

    Example:
        >>> from theory.problem import NoBias
        >>> compiled = compile_constraints(Problem(3, 2, sparsity=0), [UnitNorm(), NoBias()])
        >>> compiled.reduction.size, compiled.n_equations
        (6, 3)
    """
    n, m = problem.n_features, problem.n_hidden
    given = checked_constraints(constraints, n)
    reduction = reduce_variables(n, m, given)
    refuse_contradictions(n, m, given, reduction)
    equations = independent_equations(_equations(n, given, reduction))
    budgets = [c for c in given if isinstance(c, NormBudget)]
    if any(isinstance(c, UnitNorm) for c in given):
        budgets = []  # not contradicted, so implied
    budget = min(budgets, key=lambda c: float(c.total), default=None)
    used = np.flatnonzero(reduction.column >= 0)
    spent = {(k, k): float(at) for k, at in enumerate(np.bincount(reduction.column[used]))}
    rows = [] if budget is None else [(spent, float(budget.total))]
    coherence, names = _coherences(given, reduction)
    lower, upper = _bounds(given, reduction)
    return Compiled(
        problem,
        given,
        reduction,
        lower,
        upper,
        AffineRows.of([(dict(terms), float(at)) for terms, at, _, _ in equations]),
        AffineRows.of(rows),
        coherence,
        tuple(words for _, _, _, words in equations),
        (*([] if budget is None else [f"sum of norm(w)^2 <= {budget.total}"]), *names),
    )


def _equations(
    n: int, constraints: Sequence[Constraint], reduction: Reduction
) -> Iterator[Equation]:
    """All equations in Gram entries; those that hold for every ``z`` are left out."""
    ignored = {j for c in constraints if isinstance(c, IgnoredFeatures) for j in c.members}
    for constraint in constraints:
        name = repr(constraint)
        if isinstance(constraint, UnitNorm):
            for j in (j for j in range(n) if j not in ignored):
                yield _equation(reduction, [(j, j, 1)], 1, name, f"norm(w_{j})^2 = 1")
        elif isinstance(constraint, (ZeroGram, MaxCoherence)):
            for i, j in _zero_pairs(n, constraint):
                yield _equation(reduction, [(i, j, 1)], 0, name, f"w_{i} . w_{j} = 0")
        elif isinstance(constraint, Cyclic):
            turned = dict(enumerate(range(n)))
            turned.update(zip(constraint.members, np.roll(constraint.members, -1), strict=True))
            for i in constraint.members:
                for j in range(n):
                    p, q = int(turned[i]), int(turned[j])
                    words = f"w_{p} . w_{q} = w_{i} . w_{j}"
                    yield _equation(reduction, [(p, q, 1), (i, j, -1)], 0, name, words)


def _zero_pairs(n: int, constraint: ZeroGram | MaxCoherence) -> Sequence[tuple[int, int]]:
    if isinstance(constraint, ZeroGram):
        return constraint.pairs
    return list(combinations(range(n), 2)) if constraint.limit == 0 else []


def _equation(
    reduction: Reduction, terms: list[tuple[int, int, int]], constant: int, name: str, words: str
) -> Equation:
    found: dict[tuple[int, int], int] = {}
    for i, j, factor in terms:
        p, q = sorted((int(reduction.column[i]), int(reduction.column[j])))
        if p >= 0:
            signed = factor * int(reduction.sign[i] * reduction.sign[j])
            found[p, q] = found.get((p, q), 0) + signed
    return {pair: at for pair, at in found.items() if at != 0}, constant, (name,), words


def _coherences(
    constraints: Sequence[Constraint], reduction: Reduction
) -> tuple[CoherenceRows, tuple[str, ...]]:
    """The smallest limit, for every pair of free columns; 0 are equations, 1 says nothing."""
    limits = [float(c.limit) for c in constraints if isinstance(c, MaxCoherence)]
    limit = min(limits, default=1.0)
    none: list[tuple[int, int]] = []
    pairs = list(combinations(range(reduction.n_columns), 2)) if 0.0 < limit < 1.0 else none
    first = [int(np.argmax(reduction.column == k)) for k in range(reduction.n_columns)]
    i, j = (np.array([pair[c] for pair in pairs], dtype=np.int64) for c in range(2))
    names = tuple(f"abs(cos(w_{first[p]}, w_{first[q]})) <= {limit:g}" for p, q in pairs)
    return CoherenceRows(i, j, limit), names


def _bounds(constraints: Sequence[Constraint], reduction: Reduction) -> tuple[Floats, Floats]:
    lower, upper = np.full(reduction.size, -np.inf), np.full(reduction.size, np.inf)
    weights = reduction.n_hidden * reduction.n_columns
    if any(isinstance(c, NonNegativeWeights) for c in constraints):
        lower[:weights] = 0.0
    if any(isinstance(c, NonPositiveBias) for c in constraints):
        upper[weights:] = 0.0
    return lower, upper
