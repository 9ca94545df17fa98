"""Tables of the best gain of power activations against density, between its bounds.

The bounds are claims of ``theory``, rounded outward when printed; the weights in between come from
the search of ``numerics``, with the gain there and its error.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from theory.problem import (
    Activation,
    Exact,
    FeatureLaw,
    InputError,
    Normal,
    Power,
    Problem,
    Unsupported,
)
from tms.digits import as_fraction
from tms.estimate import Estimate
from tms.inputs.names import activation_text, law_text

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from numerics.power_model.gain_search import GainFound
    from theory.power_model.claims import GainBound
    from tms.printing.terminal import Format, Progress

__all__ = ["DENSITIES", "BoundsRow", "BoundsTable", "bounds"]

DENSITIES = ("1e-6", "1e-5", "0.0001", "0.001", "0.01", "0.03", "0.1", "0.3", "1")
_MANY_STARTS, _FEW_STARTS = 20, 3
_SMALL = 500  # weights; beyond, one climb takes seconds
_SAME_GAIN = 1e-6  # as the search counts hits
_WARM = 3  # of the lower bounds, whose weights are starts of the search


@dataclass(frozen=True, eq=False)
class BoundsRow:
    """The best gain at one density, as far as it is known.

    Args:
        problem: the model at this density.
        lower: the largest lower bound; its weights gain exactly that.
        found: the gain of the best weights found, which is at least ``lower``.
        upper: the smallest upper bound.
        unsuperposed: the largest gain of a diagonal ``A``.
        columns: the columns of the best weights that are not zero, shape ``(k, m)``.
        n_starts: number of starts of the search.
        n_hits: how many of them reached this gain.
        status: how the search ended, in a sentence.
    """

    problem: Problem
    lower: GainBound
    found: Estimate
    upper: GainBound
    unsuperposed: Fraction
    columns: NDArray[Any]
    n_starts: int
    n_hits: int
    status: str

    @property
    def density(self) -> Exact:
        """``p``."""
        return self.problem.density

    @property
    def achieved(self) -> Fraction:
        """What the best weights gain for sure: the gain less its error."""
        return as_fraction(self.found.value) - as_fraction(self.found.error)

    @property
    def ratio(self) -> Fraction | None:
        """How much of the upper bound the best weights gain for sure; None where it is 0."""
        return self.achieved / self.upper.value if self.upper.value else None

    @property
    def superposition(self) -> Fraction | None:
        """What the best weights gain for sure over the unsuperposed optimum; None where it is 0."""
        return self.achieved / self.unsuperposed if self.unsuperposed else None

    @property
    def is_consistent(self) -> bool:
        """Whether lower bound <= best found <= upper bound, as far as the error tells."""
        low, high = self.lower.value or Fraction(0), self.upper.value or Fraction(0)
        return low <= as_fraction(self.found.value) and low <= high and self.achieved <= high


@dataclass(frozen=True, eq=False)
class BoundsTable:
    """The best gain against density; "best found" claims no optimum.

    Args:
        rows: one for each hidden size and density.
        statements: for each hidden size what is known of the order of growth, and the limit.
        seed: of the random starts.
        n_starts: random starts at each density; None for the default.
        version: of this program.

    Example:
        >>> table = bounds(4, 2, densities=["1e-3"], n_starts=3)
        >>> table.rows[0].is_consistent
        True
    """

    rows: tuple[BoundsRow, ...]
    statements: dict[int, tuple[GainBound, ...]]
    seed: int
    n_starts: int | None
    version: str

    @property
    def sizes(self) -> tuple[int, ...]:
        """The hidden sizes ``m``, in the order of the rows."""
        return tuple(self.statements)

    def of_size(self, n_hidden: int) -> tuple[BoundsRow, ...]:
        """Give the rows of one hidden size."""
        return tuple(row for row in self.rows if row.problem.n_hidden == n_hidden)

    @property
    def command(self) -> str:
        """The command that makes this table again."""
        problem = self.rows[0].problem
        words = ["tms", "bounds", "--features", str(problem.n_features)]
        for size in self.sizes:
            words += ["--hidden", str(size)]
        densities = tuple(_plain(row.density) for row in self.of_size(self.sizes[0]))
        words += [] if densities == DENSITIES else ["--density", ",".join(densities)]
        words += ["--law", law_text(problem.features)]
        words += ["--activation", activation_text(problem.activation), "--seed", str(self.seed)]
        words += [] if self.n_starts is None else ["--starts", str(self.n_starts)]
        return shlex.join(words)

    def records(self) -> list[dict[str, Any]]:
        """List the rows as dictionaries of plain numbers, in float64.

        Returns:
            One dictionary for each row; lower bounds are rounded down, upper bounds up.
        """
        from tms.printing.bounds import record

        return [record(row) for row in self.rows]

    def to_pandas(self) -> pd.DataFrame:
        """Make a data frame of ``records()``.

        Returns:
            One line for each row.
        """
        import pandas as pd

        return pd.DataFrame.from_records(self.records())

    def format(self, kind: Format = "text") -> str:
        """Write the table.

        Args:
            kind: ``"text"``, ``"markdown"`` or ``"latex"`` (needs booktabs), bounds rounded
                outward and the gain with no digit that its error does not support; ``"csv"`` or
                ``"json"`` in float64.

        Returns:
            The table with a header that says how it was made, ending in a newline.

        Raises:
            InputError: another kind.
        """
        from tms.printing.bounds import FORMATS

        if kind not in FORMATS:
            raise InputError(f"format={kind!r}: must be one of {', '.join(FORMATS)}")
        return FORMATS[kind](self)

    def __str__(self) -> str:
        return self.format("text")


def bounds(
    n_features: int,
    n_hidden: int | Sequence[int],
    *,
    densities: Iterable[object] | None = None,
    features: FeatureLaw | None = None,
    activation: Activation | None = None,
    seed: int = 0,
    n_starts: int | None = None,
    progress: Progress | None = None,
) -> BoundsTable:
    r"""Bound the best gain of a power activation at each density, and search between the bounds.

    .. math:: \sup_W \tilde L(W), \qquad \tilde L(W) = p\,n\,\mu_2 - L(W),
        \qquad \hat x = (W^\top W x)^q

    Args:
        n_features: ``n``.
        n_hidden: ``m``, one or several.
        densities: ``p`` of each row, rational; nine from 1e-6 to 1 when left out.
        features: a symmetric law; ``Normal()`` when left out.
        activation: an odd power; ``Power(3)`` when left out.
        seed: of the random starts.
        n_starts: random starts at each density; when left out 20, or 3 for many weights.
        progress: called with (rows done, rows in all, what is being done).

    Returns:
        The table.

    Raises:
        InputError: a number out of its range, before anything is computed.
        Unsupported: another model than that of the bounds; likewise.

    Example:
        >>> row = bounds(4, 2, densities=["1e-6"], n_starts=5).rows[0]
        >>> float(row.lower.value) <= float(row.found) <= float(row.upper.value)
        True
        >>> float(row.ratio) > 0.999, float(row.superposition) > 1.59
        (True, True)

    Source: arXiv:2606.18538, section 2 and Figure 3; each bound names its own.
    """
    import tms

    sizes = [n_hidden] if isinstance(n_hidden, int) else list(n_hidden)
    chosen = list(DENSITIES if densities is None else densities)
    law, power = features or Normal(), activation or Power(3)
    if not chosen or not sizes or len(set(sizes)) < len(sizes):
        raise InputError(f"densities={chosen}, n_hidden={sizes}: give at least one, each once")
    problems = {
        m: [Problem(n_features, m, density=p, features=law, activation=power) for p in chosen]
        for m in sizes
    }
    _check(problems, seed, n_starts)
    rows: list[BoundsRow] = []
    tell: Progress = progress or (lambda *_: None)
    statements = {}
    for m, at in problems.items():
        statements[m] = _statements(at[0])
        rows += _rows(at, seed, n_starts, _counter(tell, len(rows), len(sizes) * len(chosen), m))
    tell(len(rows), len(rows), "done")
    return BoundsTable(tuple(rows), statements, seed, n_starts, tms.__version__)


def _check(problems: dict[int, list[Problem]], seed: object, n_starts: object) -> None:
    """Refuse what cannot be meant before anything is computed."""
    from numerics.power_model.gain import PopulationGain

    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise InputError(f"seed={seed!r}: must be a whole number, at least 0")
    if n_starts is not None and (not isinstance(n_starts, int) or n_starts < 0):
        raise InputError(f"n_starts={n_starts!r}: must be a whole number, at least 0")
    for problem in (problem for group in problems.values() for problem in group):
        PopulationGain(problem)
        if not isinstance(problem.density, Fraction):
            raise Unsupported(f"density={problem.density}: the bounds take rational numbers")
    law_text(problem.features)  # a law without a name has no command that makes the table again


def _counter(tell: Progress, done: int, total: int, m: int) -> Any:
    return lambda step: tell(done + step, total, f"m = {m}")


def _statements(problem: Problem) -> tuple[GainBound, ...]:
    from theory.power_model.bounds import order_statements

    return tuple(order_statements(problem))


def _rows(problems: list[Problem], seed: int, n_starts: int | None, count: Any) -> list[BoundsRow]:
    """One hidden size: bounds at each density, then one search along all of them."""
    from numerics.power_model.gain_search import maximise_gains
    from theory.power_model.bounds import best_upper, lower_bounds

    first = problems[0]
    small = first.n_features * first.n_hidden <= _SMALL
    starts = n_starts if n_starts is not None else _MANY_STARTS if small else _FEW_STARTS
    lowers = [sorted(lower_bounds(problem), key=_value, reverse=True) for problem in problems]
    given = [[_as_floats(first, bound) for bound in found[:_WARM]] for found in lowers]
    densities = [problem.density for problem in problems]
    ends = maximise_gains(
        first, densities, n_starts=starts, seed=seed, starts=given, callback=count
    )
    return [
        _row(problem, lower[0], best_upper(problem), end)
        for problem, lower, end in zip(problems, lowers, ends, strict=True)
    ]


def _value(bound: GainBound) -> Fraction:
    return bound.value or Fraction(0)


def _as_floats(problem: Problem, bound: GainBound) -> NDArray[Any]:
    """The weights of a lower bound, rounded."""
    import numpy as np

    found = np.zeros((problem.n_hidden, problem.n_features))
    for place, column in enumerate(bound.columns or ()):
        found[:, place] = [float(entry) for entry in column]
    return found


def _row(problem: Problem, lower: GainBound, upper: GainBound, end: GainFound) -> BoundsRow:
    from theory.power_model.first_order import unsuperposed_optimum

    gain = Estimate(end.gain.value, end.gain.error, "closed form", "float")
    W, hits, status = end.W, end.n_hits, end.status
    if as_fraction(end.gain.value) < _value(lower):  # by rounding, or by more
        gain = Estimate(_value(lower), Fraction(0), "exact", "exact")
        W, status = _as_floats(problem, lower), "the weights of the lower bound are the best found"
        same = end.gain.value >= float(_value(lower)) * (1.0 - _SAME_GAIN)
        hits = hits if same else 0
    columns = W.T[W.any(axis=0)]
    alone = Fraction(unsuperposed_optimum(problem))
    return BoundsRow(problem, lower, gain, upper, alone, columns, end.n_starts, hits, status)


def _plain(number: Exact) -> str:
    """An exact number as text that is read back as the same number."""
    shortest = repr(float(number)).removesuffix(".0").replace("e-0", "e-")
    return shortest if Fraction(shortest) == number else str(number)
