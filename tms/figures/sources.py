"""Where the weights of a figure come from: a file, the atlas, a search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from theory.problem import InputError, Problem

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tms.atlas.rows import AtlasRow
    from tms.estimate import Estimate
    from tms.optima.optimum import Optimum
    from tms.tables.plan import Plan

__all__ = ["Weights", "atlas_rows", "command_words", "of_file", "searched"]


@dataclass(frozen=True, eq=False)
class Weights:
    """Weights of a file.

    Args:
        W: ``(m, n)``.
        b: ``(n,)``, or None.
        problem: that they belong to, if the sparsity is known.
        loss: there, likewise.
        origin: a sentence for the caption.
    """

    W: NDArray[Any]
    b: NDArray[Any] | None
    problem: Problem | None
    loss: Estimate | None
    origin: str


def of_file(
    path: Path,
    sparsity: str | None,
    density: str | None,
    importance: str | None,
    *,
    transpose: bool,
) -> Weights:
    """Read the weights of a file, with their loss where the sparsity is known.

    Args:
        path: as ``tms loss`` reads it.
        sparsity: instead of what the file says.
        density: instead of what the file says.
        importance: instead of what the file says.
        transpose: whether features are rows.

    Returns:
        The weights.

    Raises:
        InputError: a file that cannot be read, or weights that are not tied.
    """
    from tms.inputs.files import read_weights
    from tms.inputs.importances import importance_of, numbers_of
    from tms.oracle import expected_loss

    file = read_weights(path, transposed=transpose)
    if file.W_decoder is not None:
        raise InputError(
            f"file={str(path)!r}: holds W_decoder; W^T W is not what untied weights compute"
        )
    known = (sparsity, density, file.sparsity, file.density)
    problem = loss = None
    if any(number is not None for number in known):
        problem = file.problem(
            sparsity=numbers_of(sparsity),
            density=numbers_of(density),
            importance=importance_of(importance, file.W.shape[1]),
        )
        loss = expected_loss(problem, file.W, file.b)
    elif importance is not None:
        raise InputError("importance: needs a sparsity besides (--sparsity)")
    origin = f"Weights: from the file {path.name}."
    return Weights(file.W, file.b, problem, loss, origin)


def searched(
    problem: Problem, *, atlas: bool, n_starts: int, seed: int, n_workers: int
) -> Optimum | AtlasRow:
    """Search the best weights of a problem, or look them up.

    Args:
        problem: one sparsity, for the atlas.
        atlas: whether to look them up.
        n_starts: of the search.
        seed: of the search.
        n_workers: of the search.

    Returns:
        The best found.

    Raises:
        InputError: a problem that the atlas has not.
    """
    import tms
    from tms.printing.terminal import counting

    if atlas:
        if problem.importance != 1 or isinstance(problem.sparsity, tuple):
            raise InputError("atlas: holds equal importance and one sparsity; leave --atlas out")
        return tms.atlas.lookup(
            n_features=problem.n_features, n_hidden=problem.n_hidden, sparsity=problem.sparsity
        )
    with counting(n_starts) as count:
        return tms.optimize(
            problem, n_starts=n_starts, seed=seed, n_workers=n_workers, callback=count
        )


def atlas_rows(plan: Plan, *, is_default: bool) -> list[AtlasRow]:
    """Look up the rows of the atlas for the questions of a table.

    Args:
        plan: the questions.
        is_default: whether no sparsity was asked for, so that all of the atlas are meant.

    Returns:
        The rows.

    Raises:
        InputError: a question that the atlas does not answer.
    """
    from tms import atlas

    shape = plan.questions[0].problem.n_features, plan.questions[0].problem.n_hidden
    usual = all(
        question.problem == Problem(*shape, sparsity=question.problem.sparsity)
        and not question.constraints
        for question in plan.questions
    )
    if not usual:
        raise InputError(
            "atlas: holds ReLU, features on [0, 1] and equal importance; leave --atlas out"
        )
    if is_default:
        rows = [row for key, row in atlas.load().items() if key[:2] == shape]
        if rows:
            return rows
    return [
        atlas.lookup(n_features=shape[0], n_hidden=shape[1], sparsity=question.problem.sparsity)
        for question in plan.questions
    ]


def command_words(**given: Any) -> list[str]:
    """Write the command that draws an arrangement.

    Args:
        **given: the file as it is, options by name; a flag is True or False.

    Returns:
        Its words.

    Example:
        >>> command_words(features=5, hidden=2, atlas=True)
        ['tms', 'figure', 'arrangement', '--features', '5', '--hidden', '2', '--atlas']
    """
    words: list[str] = ["tms", "figure", "arrangement"]
    words += [str(given.pop("file"))] if "file" in given else []
    for name, value in given.items():
        more: Sequence[str] = [f"--{name}"] if value is True else [f"--{name}", str(value)]
        words += [] if value is False else more
    return words
