"""The questions of a table: every combination of the values asked for, checked at the door."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

from theory.problem import (
    Activation,
    Constraint,
    Exact,
    FeatureLaw,
    Identity,
    InputError,
    Problem,
    ReLU,
    Uniform,
    Unsupported,
    checked_constraints,
)
from tms.inputs.constraints import constraint_text
from tms.inputs.importances import importance_of
from tms.inputs.names import activation_text, groups_from_text, groups_text, law_text

__all__ = ["SPARSITIES", "Grid", "Question", "constraint_set_text", "plain"]

SPARSITIES = ("0", "0.3", "0.5", "0.7", "0.8", "0.9", "0.97", "0.99", "0.999")
_ROUGH = 1e-3  # tolerance of an evaluation that is only tried
FREE = "none"  # a constraint set without constraints


@dataclass(frozen=True)
class Question:
    """One row that is asked for.

    Args:
        problem: the model.
        importance: as it was asked for.
        constraints: on the weights.
    """

    problem: Problem
    importance: str
    constraints: tuple[Constraint, ...]

    def parameters(self) -> dict[str, Any]:
        """Say what is asked in plain data, from which ``question_of`` reads it back.

        Returns:
            Texts, numbers and lists.

        Example:
            >>> question = Question(Problem(2, 1, sparsity="9/10"), "1", ())
            >>> question.parameters()["sparsity"]
            '9/10'
        """
        problem = self.problem
        importances = sorted(set(problem.importances))
        options = iter(groups_text(problem))
        return {
            "n_features": problem.n_features,
            "n_hidden": problem.n_hidden,
            "sparsity": str(problem.sparsity),
            "importance": (
                str(importances[0])
                if len(importances) == 1
                else list(map(str, problem.importances))
            ),
            "law": law_text(problem.features),
            "activation": activation_text(problem.activation),
            "groups": [[option.removeprefix("--"), next(options)] for option in options],
            "constraints": list(map(constraint_text, self.constraints)),
        }


@dataclass(frozen=True)
class Grid:
    """The values of each axis; a row for every combination, sparsity running fastest.

    Args:
        n_features: numbers of features.
        n_hidden: numbers of hidden dimensions.
        sparsities: one number each.
        importances: one for each axis value: None, a number, one for each feature, ``"0.9^i"``.
        laws: of an active feature.
        activations: of the model.
        constraint_sets: each a sequence of constraints.
        correlated: groups of features that are on together, such as ``"0,1"`` or ``"blocks:2"``.
        anticorrelated: groups of features that are on one at a time, likewise.
    """

    n_features: Sequence[int]
    n_hidden: Sequence[int]
    sparsities: Sequence[object] = SPARSITIES
    importances: Sequence[object] = (None,)
    laws: Sequence[FeatureLaw] = field(default_factory=lambda: (Uniform(),))
    activations: Sequence[Activation] = field(default_factory=lambda: (ReLU(),))
    constraint_sets: Sequence[Sequence[Constraint]] = ((),)
    correlated: Sequence[str] = ()
    anticorrelated: Sequence[str] = ()

    def questions(self) -> tuple[Question, ...]:
        """List what is asked.

        Returns:
            One question for each row.

        Raises:
            InputError: an axis without values, or twice the same; a number out of its range; a law
                without a name.
            Unsupported: a model that the search does not take.

        Example:
            >>> grid = Grid([2, 3], [1], sparsities=["0.9", "0.99"])
            >>> [(q.problem.n_features, str(q.problem.density)) for q in grid.questions()]
            [(2, '1/10'), (2, '1/100'), (3, '1/10'), (3, '1/100')]
        """
        for name, values in vars(self).items():
            if not name.endswith("correlated") and not values:
                raise InputError(f"{name}=[]: give at least one")
        points = product(
            self.n_features,
            self.n_hidden,
            self.importances,
            self.laws,
            self.activations,
            self.constraint_sets,
            self.sparsities,
        )
        asked = tuple(self._question(*point) for point in points)
        self._refuse_repetitions(asked)
        for question in {_search_key(q): q for q in asked}.values():
            _check_search(question)
        return asked

    def _question(
        self,
        n: int,
        m: int,
        importance: object,
        law: FeatureLaw,
        activation: Activation,
        constraints: Sequence[Constraint],
        sparsity: object,
    ) -> Question:
        weights = importance_of(importance, n) if isinstance(importance, str) else importance
        problem = Problem(
            n,
            m,
            sparsity=sparsity,
            importance=weights,
            features=law,
            activation=activation,
            groups=groups_from_text(self.correlated, self.anticorrelated, n),
        )
        if isinstance(problem.density, tuple) or problem.is_symbolic:
            raise InputError(f"sparsity={problem.sparsity}: each row takes one number")
        law_text(law)  # a law without a name has no command that makes the table again
        return Question(
            problem, _importance_text(importance, problem), checked_constraints(constraints, n)
        )

    def _refuse_repetitions(self, asked: Sequence[Question]) -> None:
        seen = set()
        for question in asked:
            key = repr((question.importance, question.parameters()))
            if key in seen:
                problem = question.problem
                raise InputError(
                    f"sparsity={plain(problem.sparsity)}: asked for twice at "
                    f"n_features={problem.n_features}, n_hidden={problem.n_hidden}; each row once"
                )
            seen.add(key)


def _search_key(question: Question) -> tuple[object, ...]:
    problem = question.problem
    laws = (problem.features, problem.activation, question.constraints)
    return (problem.n_features, problem.n_hidden, *map(repr, laws))


def _check_search(question: Question) -> None:
    """Refuse a question that the search cannot take, before a row fails for it."""
    from numerics.constraining.constraints import compile_constraints
    from numerics.search.objective import Objective

    problem = question.problem
    if isinstance(problem.activation, Identity):
        raise Unsupported(
            "activation=Identity(): the best linear model is known, the column best-linear has it; "
            "the search takes the other activations"
        )
    objective = Objective(problem)
    if objective.scale > 0.0:
        objective.value(np.zeros(objective.size), _ROUGH)
    if question.constraints:
        compile_constraints(problem, question.constraints)


def _importance_text(importance: object, problem: Problem) -> str:
    """As it was typed where that is short, else what it comes to."""
    if isinstance(importance, str) and "^" in importance:
        return importance.strip()
    weights = problem.importance
    return ",".join(map(plain, weights if isinstance(weights, tuple) else (weights,)))


def constraint_set_text(constraints: Iterable[Constraint]) -> str:
    """Write a set of constraints as the command line reads it.

    Args:
        constraints: any number.

    Returns:
        Their names joined by ``+``.

    Example:
        >>> from theory.problem import NoBias, UnitNorm
        >>> constraint_set_text([UnitNorm(), NoBias()]), constraint_set_text([])
        ('unit-norm+no-bias', 'none')
    """
    return "+".join(map(constraint_text, constraints)) or FREE


def plain(number: Exact) -> str:
    """Write an exact number as text that is read back as the same number.

    Args:
        number: a rational number.

    Returns:
        A decimal where one is equal, else a fraction.

    Example:
        >>> plain(Fraction(9, 10)), plain(Fraction(1, 3))
        ('0.9', '1/3')
    """
    shortest = repr(float(number)).removesuffix(".0")
    return shortest if Fraction(shortest) == number else str(number)
