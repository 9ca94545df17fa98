"""What a table is asked to hold: checked before anything is computed."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from theory.problem import Activation, Constraint, FeatureLaw, InputError, ReLU, Uniform
from tms.inputs.names import activation_text, law_text
from tms.tables.columns import CANDIDATE, DEFAULT, TRAINED, Column, chosen_columns
from tms.tables.grid import FREE, SPARSITIES, Grid, Question, constraint_set_text, plain

__all__ = ["N_STARTS", "Plan"]

N_STARTS = 50


@dataclass(frozen=True)
class Plan:
    """Questions and columns.

    Args:
        grid: the values of each axis.
        questions: one for each row.
        columns: what is shown.
        varying: names of the columns that tell rows apart, besides the sparsity.
        files: trained weights.
        transposed: whether ``W`` in these is features x hidden.
        seed: of the random starts.
        n_starts: random starts of each row.
        command: makes the table again.
    """

    grid: Grid
    questions: tuple[Question, ...]
    columns: tuple[Column, ...]
    varying: tuple[str, ...]
    files: tuple[str, ...]
    transposed: bool
    seed: int
    n_starts: int
    command: str

    @property
    def needs(self) -> set[str]:
        """What has to be computed besides the search."""
        return {column.needs for column in self.columns if column.needs}

    @classmethod
    def of(
        cls,
        n_features: int | Iterable[int],
        n_hidden: int | Iterable[int],
        *,
        sparsities: object = None,
        importance: object = None,
        importances: Iterable[object] | None = None,
        features: FeatureLaw | Iterable[FeatureLaw] | None = None,
        activation: Activation | Iterable[Activation] | None = None,
        constraints: Sequence[Constraint] = (),
        constraint_sets: Iterable[Sequence[Constraint]] | None = None,
        correlated: Sequence[str] = (),
        anticorrelated: Sequence[str] = (),
        columns: Iterable[str] | None = None,
        trained: Iterable[str | Path] = (),
        transposed: bool = False,
        seed: int = 0,
        n_starts: int = N_STARTS,
    ) -> Plan:
        """Check what is asked; arguments as for ``tms.table``.

        Args:
            n_features: ``n``, one or more.
            n_hidden: ``m``, one or more.
            sparsities: one number for each row.
            importance: one for all rows.
            importances: several, instead.
            features: laws.
            activation: activations.
            constraints: one set.
            constraint_sets: several sets, instead.
            correlated: groups as texts.
            anticorrelated: likewise.
            columns: names.
            trained: weight files or folders.
            transposed: whether ``W`` in these is features x hidden.
            seed: of the random starts.
            n_starts: of each row.

        Returns:
            The plan.

        Raises:
            InputError: a number out of its range, a column that is not known.
            Unsupported: a model that the search does not take.

        Example:
            >>> Plan.of(5, 2, sparsities=["0.9"]).command
            'tms table --features 5 --hidden 2 --sparsity 0.9 --seed 0'
        """
        if importances is not None and importance is not None:
            raise InputError("importance, importances: give one of them, not both")
        if constraint_sets is not None and constraints:
            raise InputError("constraints, constraint_sets: give one of them, not both")
        sets = (constraints,) if constraint_sets is None else constraint_sets
        grid = Grid(
            _counts(n_features, "n_features"),
            _counts(n_hidden, "n_hidden"),
            _sparsities(sparsities),
            (importance,) if importances is None else tuple(importances),
            _values(features, FeatureLaw, Uniform()),
            _values(activation, Activation, ReLU()),
            tuple(map(tuple, sets)),
            tuple(correlated),
            tuple(anticorrelated),
        )
        seed, n_starts = _whole(seed, "seed", 0), _whole(n_starts, "n_starts", 1)
        questions = grid.questions()
        files = tuple(str(path) for path in trained)
        named = None if columns is None else tuple(columns)
        varying = _varying(grid)
        shown = (*DEFAULT, *([TRAINED] if files else [])) if named is None else named
        chosen = chosen_columns(shown, varying)
        if any(column.needs == TRAINED for column in chosen) and not files:
            raise InputError("columns='trained': needs weights; name their files (--trained FILE)")
        _check_candidates(questions, shown)
        words = _command(grid, questions, named, files, seed, n_starts)
        command = shlex.join([*words, *(["--transpose"] if transposed else [])])
        return cls(grid, questions, chosen, varying, files, transposed, seed, n_starts, command)

    def missing(self, store: str | Path) -> list[str]:
        """List the cells that a store lacks.

        Args:
            store: its folder.

        Returns:
            A few words for each: what, sizes, sparsity.

        Raises:
            InputError: it is no store, or one of another version or seed.
        """
        from numerics.sweep import cell_key
        from tms.tables.answers import cell_words, cells_of, open_store

        cells = {
            cell_key(cell): cell for cell in cells_of(self.questions, self.needs, self.n_starts)
        }
        return [cell_words(cells[key]) for key in open_store(store, self.seed).missing(list(cells))]


def _sparsities(given: Any) -> tuple[object, ...]:
    """One number, or any number of them; text may hold several with commas."""
    if given is None:
        return SPARSITIES
    if isinstance(given, str):
        return tuple(given.split(","))
    return tuple(given) if isinstance(given, Iterable) else (given,)


def _check_candidates(questions: Sequence[Question], columns: Sequence[str]) -> None:
    """Refuse the name of an arrangement that fits none of the problems."""
    from tms.tables.cells import candidate_names

    wanted = [name.removeprefix(CANDIDATE) for name in columns if name.startswith(CANDIDATE)]
    if not wanted:
        return
    sizes = {(q.problem.n_features, q.problem.n_hidden): q.problem for q in questions}
    known = list(dict.fromkeys(name for p in sizes.values() for name in candidate_names(p)))
    for name in wanted:
        if name.strip() not in known:
            raise InputError(
                f"columns={CANDIDATE + name[:40]!r}: must be one of "
                f"{', '.join(known) or 'none, for so many features'}"
            )


def _counts(given: int | Iterable[int], name: str) -> tuple[int, ...]:
    listed = (given,) if isinstance(given, int) else tuple(given)
    return tuple(_whole(number, name, 1) for number in listed)


def _whole(number: object, name: str, least: int) -> int:
    if isinstance(number, bool) or not isinstance(number, int) or number < least:
        raise InputError(f"{name}={number!r}: must be a whole number, at least {least}")
    return number


def _values(given: Any, kind: type, usual: Any) -> tuple[Any, ...]:
    if given is None:
        return (usual,)
    return (given,) if isinstance(given, kind) else tuple(given)


def _varying(grid: Grid) -> tuple[str, ...]:
    """The axes with more than one value, by the names of their columns."""
    axes = {
        "n": grid.n_features,
        "m": grid.n_hidden,
        "importance": grid.importances,
        "law": grid.laws,
        "activation": grid.activations,
        "constraints": grid.constraint_sets,
    }
    return tuple(name for name, values in axes.items() if len(values) > 1)


def _command(
    grid: Grid,
    questions: Sequence[Question],
    columns: Sequence[str] | None,
    files: Sequence[str],
    seed: int,
    n_starts: int,
) -> list[str]:
    """The command line that makes the table again."""
    words = ["tms", "table", "--features", _numbers(grid.n_features)]
    words += ["--hidden", _numbers(grid.n_hidden)]
    sparsities = tuple(dict.fromkeys(plain(question.problem.sparsity) for question in questions))
    words += [] if sparsities == SPARSITIES else ["--sparsity", ",".join(sparsities)]
    for text in dict.fromkeys(question.importance for question in questions):
        words += [] if text == "1" and len(grid.importances) == 1 else ["--importance", text]
    if grid.laws != (Uniform(),):
        words += [word for law in grid.laws for word in ("--law", law_text(law))]
    if grid.activations != (ReLU(),):
        words += [w for given in grid.activations for w in ("--activation", activation_text(given))]
    sets = [constraint_set_text(question.constraints) for question in questions]
    if any(text != FREE for text in sets):
        words += [word for text in dict.fromkeys(sets) for word in ("--constraints", text)]
    words += [word for text in grid.correlated for word in ("--correlated", text)]
    words += [word for text in grid.anticorrelated for word in ("--anticorrelated", text)]
    words += [] if columns is None else ["--columns", ",".join(columns)]
    words += [word for file in files for word in ("--trained", file)]
    words += ["--seed", str(seed)]
    return words + ([] if n_starts == N_STARTS else ["--starts", str(n_starts)])


def _numbers(values: Sequence[int]) -> str:
    """``2:8`` for a run, else ``2,4,8``."""
    if len(values) > 2 and list(values) == list(range(values[0], values[-1] + 1)):
        return f"{values[0]}:{values[-1]}"
    return ",".join(map(str, values))
