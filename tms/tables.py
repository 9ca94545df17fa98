"""Tables of the best loss found against sparsity; the numbers come from the oracle."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from theory.problem import (
    Activation,
    Exact,
    FeatureLaw,
    Group,
    InputError,
    Problem,
    ReLU,
    Uniform,
    Unsupported,
)
from tms.estimate import Estimate
from tms.names import activation_text, groups_text, law_text

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["SPARSITIES", "SparsityTable", "TableRow", "sparsity_table"]

SPARSITIES = ("0", "0.3", "0.5", "0.7", "0.8", "0.9", "0.97", "0.99", "0.999")

Progress: TypeAlias = Callable[[int, int, str], None]
Format: TypeAlias = Literal["text", "markdown", "latex", "csv", "json"]


@dataclass(frozen=True, eq=False)
class Solution:
    """The best weights found at one sparsity, and what they come to.

    Args:
        W: ``(n_hidden, n_features)``.
        b: ``(n_features,)``.
        loss: the oracle's evaluation at these weights.
        arrangement: the columns of ``W`` in words.
        n_starts: number of random starts.
        n_hits: how many of them reached this loss.
    """

    W: NDArray[Any]
    b: NDArray[Any]
    loss: Estimate
    arrangement: str
    n_starts: int
    n_hits: int

    @property
    def norms(self) -> tuple[float, ...]:
        """Length of each column of ``W``."""
        return tuple(float(column @ column) ** 0.5 for column in self.W.T)


@dataclass(frozen=True, eq=False)
class TableRow:
    """One sparsity.

    Args:
        problem: the model at this sparsity.
        solution: the best weights found; None if the row failed.
        ignoring: loss of ``W = 0`` with the best bias.
        linear: loss of the best linear model of the same size.
        status: how the search ended, in a sentence; why the row failed if it did.
    """

    problem: Problem
    solution: Solution | None
    ignoring: Estimate
    linear: Estimate
    status: str

    @property
    def sparsity(self) -> Exact:
        """``S``."""
        return self.problem.sparsity

    @property
    def density(self) -> Exact:
        """``p = 1 - S``."""
        return self.problem.density


@dataclass(frozen=True, eq=False)
class SparsityTable:
    """Loss against sparsity; "best found" claims no optimum.

    Args:
        rows: one for each sparsity, failed ones included.
        seed: of the random starts.
        n_starts: starts asked for at each sparsity; None for the default.
        version: of this program.

    Example:
        >>> table = sparsity_table(1, 1, sparsities=["1/2"], n_starts=2)
        >>> table.rows[0].sparsity
        Fraction(1, 2)
    """

    rows: tuple[TableRow, ...]
    seed: int
    n_starts: int | None
    version: str

    @property
    def command(self) -> str:
        """The command that makes this table again."""
        problem = self.rows[0].problem
        words = ["tms", "table", "--features", str(problem.n_features)]
        words += ["--hidden", str(problem.n_hidden)]
        sparsities = tuple(_plain(row.sparsity) for row in self.rows)
        words += [] if sparsities == SPARSITIES else ["--sparsity", ",".join(sparsities)]
        if problem.importance != 1:
            weights = problem.importance
            entries = weights if isinstance(weights, tuple) else (weights,)
            words += ["--importance", ",".join(map(_plain, entries))]
        words += _family_words(problem)
        words += ["--seed", str(self.seed)]
        words += [] if self.n_starts is None else ["--starts", str(self.n_starts)]
        return shlex.join(words)

    def records(self) -> list[dict[str, Any]]:
        """List the rows as dictionaries of plain numbers, in full float64 precision.

        Returns:
            One dictionary for each row; None where a row failed.
        """
        return [_record(row) for row in self.rows]

    def to_pandas(self) -> pd.DataFrame:
        """Make a data frame of ``records()``.

        Returns:
            One line for each row, in full float64 precision.
        """
        import pandas as pd

        return pd.DataFrame.from_records(self.records())

    def format(self, kind: Format = "text") -> str:
        """Write the table.

        Args:
            kind: ``"text"``, ``"markdown"`` or ``"latex"`` (needs booktabs), each with no digit
                that the error does not support; ``"csv"`` or ``"json"`` in full precision.

        Returns:
            The table with a header that says how it was made, ending in a newline.

        Raises:
            InputError: another kind.
        """
        from tms.formats import FORMATS

        if kind not in FORMATS:
            raise InputError(f"format={kind!r}: must be one of {', '.join(FORMATS)}")
        return FORMATS[kind](self)

    def __str__(self) -> str:
        return self.format("text")


def sparsity_table(
    n_features: int,
    n_hidden: int,
    *,
    sparsities: Iterable[object] | None = None,
    importance: object = None,
    features: FeatureLaw | None = None,
    activation: Activation | None = None,
    groups: Sequence[Group] = (),
    seed: int = 0,
    n_starts: int | None = None,
    progress: Progress | None = None,
) -> SparsityTable:
    r"""Search the best weights at each sparsity, and evaluate them by the oracle.

    .. math:: \min_{W, b} L(W, b; S) \quad \text{for each } S

    The loss in the table is ``tms.expected_loss`` at the weights found, not the optimiser's own
    number. Two baselines stand beside it: ``W = 0`` with the best bias, and the best linear model.

    Args:
        n_features: ``n``.
        n_hidden: ``m``.
        sparsities: one number for each row; nine from 0 to 0.999 when left out.
        importance: one number or one for each feature.
        features: the law of an active feature; ``Uniform(0, 1)`` when left out.
        activation: ``ReLU()`` when left out.
        groups: of features that are on together, or one at a time.
        seed: of the random starts.
        n_starts: number of starts at each sparsity; the optimiser's default when left out.
        progress: called with (rows done, rows in all, what is being done).

    Returns:
        The table; a row whose search failed stays, with its status.

    Raises:
        InputError: a number out of its range, before anything is computed.
        Unsupported: a law, activation or dependence that the search does not take; likewise.

    Example:
        >>> table = sparsity_table(2, 1, sparsities=[1], n_starts=2)
        >>> float(table.rows[0].solution.loss)
        0.0

    Source: Elhage et al. 2022, arXiv:2209.10652, section 2, for the model and the linear baseline.
    """
    import tms

    chosen = list(SPARSITIES if sparsities is None else sparsities)
    if not chosen:
        raise InputError("sparsities=[]: give at least one")
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise InputError(f"seed={seed!r}: must be a whole number, at least 0")
    if n_starts is not None and n_starts < 1:
        raise InputError(f"n_starts={n_starts}: must be at least 1")
    problems = [
        Problem(
            n_features,
            n_hidden,
            sparsity=sparsity,
            importance=importance,
            features=features,
            activation=activation,
            groups=groups,
        )
        for sparsity in chosen
    ]
    for problem in problems:
        if isinstance(problem.density, tuple) or problem.is_symbolic:
            raise InputError(f"sparsity={problem.sparsity}: each row takes one number")
    _family_words(problems[0])  # a law without a name has no command that makes the table again
    _check_search(problems[0])
    rows: list[TableRow] = []
    tell: Progress = progress or (lambda *_: None)
    for problem in problems:
        at = f"S = {_plain(problem.sparsity)}"
        tell(len(rows), len(problems), at)
        rows.append(_row(problem, seed, n_starts, _counter(tell, len(rows), len(problems), at)))
    tell(len(rows), len(problems), "done")
    return SparsityTable(tuple(rows), seed, n_starts, tms.__version__)


def _check_search(problem: Problem) -> None:
    """Refuse a problem that the search cannot take, before a row fails for it."""
    from numerics.series import batch_loss_and_gradient

    n, m = problem.n_features, problem.n_hidden
    batch_loss_and_gradient(problem, [[[0.0] * n] * m], [[0.0] * n])


def _counter(tell: Progress, done: int, total: int, at: str) -> Callable[[int], None]:
    return lambda start: tell(done, total, f"{at}, start {start}")


def _row(
    problem: Problem, seed: int, n_starts: int | None, count: Callable[[int], None]
) -> TableRow:
    from numerics.linear import best_linear_loss, ignore_everything_loss

    ignoring = _baseline(*ignore_everything_loss(problem))
    linear = _baseline(*best_linear_loss(problem))
    try:
        solution, status = _solve(problem, seed, n_starts, count)
    except (InputError, ArithmeticError) as reason:
        solution, status = None, f"failed: {reason}"
    return TableRow(problem, solution, ignoring, linear, status)


def _baseline(loss: float, error: float) -> Estimate:
    return Estimate(float(loss), float(error), "closed form", "float")


def _solve(
    problem: Problem, seed: int, n_starts: int | None, count: Callable[[int], None]
) -> tuple[Solution, str]:
    from numerics.geometry import describe
    from numerics.optimize import optimize
    from tms.oracle import expected_loss

    starts: dict[str, Any] = {} if n_starts is None else {"n_starts": n_starts}
    best = optimize(problem, seed=seed, callback=count, **starts)
    loss = expected_loss(problem, best.W, best.b)
    if not loss.is_finite:
        raise Unsupported(f"loss={loss.value}: no finite loss; {best.status}")
    solution = Solution(best.W, best.b, loss, describe(best.W), best.n_starts, best.n_hits)
    return solution, best.status


def _family_words(problem: Problem) -> list[str]:
    """Law, activation and groups as options; none where they are the usual ones."""
    words = [] if problem.features == Uniform() else ["--law", law_text(problem.features)]
    if problem.activation != ReLU():
        words += ["--activation", activation_text(problem.activation)]
    return words + groups_text(problem)


def _plain(number: Exact) -> str:
    """An exact number as text that is read back as the same number."""
    shortest = repr(float(number)).removesuffix(".0")
    return shortest if Fraction(shortest) == number else str(number)


def _record(row: TableRow) -> dict[str, Any]:
    found = row.solution
    loss, loss_error = found.loss.rounded() if found else (None, None)
    return {
        "sparsity": float(row.sparsity),
        "density": float(row.density),
        "loss": loss,
        "loss_error": loss_error,
        "evaluated": found.loss.method if found else None,
        "tier": found.loss.tier if found else None,
        "arrangement": found.arrangement if found else None,
        "norm_min": min(found.norms) if found else None,
        "norm_max": max(found.norms) if found else None,
        "bias_min": float(min(found.b)) + 0.0 if found else None,
        "bias_max": float(max(found.b)) + 0.0 if found else None,
        "ignoring_all": float(row.ignoring),
        "ignoring_all_error": float(row.ignoring.error),
        "best_linear": float(row.linear),
        "best_linear_error": float(row.linear.error),
        "hits": found.n_hits if found else None,
        "starts": found.n_starts if found else None,
        "status": row.status,
    }
