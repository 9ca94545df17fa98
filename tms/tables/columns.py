"""The columns of a table by name: how each is written, and its plain numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from typing import Any, TypeAlias

from theory.problem import InputError, ReLU, Uniform
from tms.digits import as_fraction, ceiling_text, error_text, floor_text, short_text
from tms.estimate import Estimate
from tms.inputs.names import activation_text, law_text
from tms.tables.cells import BOUND, CANDIDATES
from tms.tables.grid import constraint_set_text
from tms.tables.row import Row

__all__ = [
    "CANDIDATE",
    "COLUMNS",
    "DEFAULT",
    "TRAINED",
    "Column",
    "chosen_columns",
    "is_plain",
]

Value: TypeAlias = str | int | float | None

TRAINED = "trained"
MISSING = "-"
_SHOWN = 12  # significant digits of a loss, where its error supports them
_SHOWN_OF_BASELINE = _SHOWN_OF_GAP = 6
_SHOWN_OF_WEIGHTS = 4  # decimals: enough to recognise an arrangement


@dataclass(frozen=True)
class Column:
    """One column.

    Args:
        name: what it is asked for by.
        heading: what stands above it.
        cell: a row's text, with no digit that its error does not support.
        values: a row's plain numbers, by the names that data formats give them.
        is_words: whether it is text, set flush left.
        note: what it means, where the heading does not say it.
        claims: what it rests on.
        needs: what has to be computed for it besides the search.
    """

    name: str
    heading: str
    cell: Callable[[Row], str]
    values: Callable[[Row], dict[str, Value]]
    is_words: bool = False
    note: str = ""
    claims: tuple[str, ...] = ()
    needs: str = ""


def _estimate_column(
    name: str,
    heading: str,
    of: Callable[[Row], Estimate | None],
    shown: int,
    *,
    note: str = "",
    claims: tuple[str, ...] = (),
    needs: str = "",
) -> Column:
    key = name.replace("-", "_").replace(":", "_").replace(" ", "_")

    def cell(row: Row) -> str:
        estimate = of(row)
        return MISSING if estimate is None else estimate.digits(shown)

    def values(row: Row) -> dict[str, Value]:
        return _numbers(key, of(row))

    return Column(name, heading, cell, values, note=note, claims=claims, needs=needs)


def _numbers(key: str, estimate: Estimate | None) -> dict[str, Value]:
    number, error = (None, None) if estimate is None else estimate.rounded()
    return {key: number, f"{key}_error": error}


def _most(estimate: Estimate) -> Fraction:
    """What a number is at most."""
    return as_fraction(estimate.value) + as_fraction(estimate.error)


def _plain_column(
    name: str,
    heading: str,
    of: Callable[[Row], Any],
    key: str = "",
    *,
    write: Callable[[Any], str] = str,
    is_words: bool = False,
    note: str = "",
    needs: str = "",
) -> Column:
    """A column without an error: an exact parameter, a count or words."""
    field = key or name.replace("-", "_")

    def value(row: Row) -> Value:
        found = of(row)
        return float(found) if isinstance(found, Fraction) else found

    return Column(
        name,
        heading,
        lambda row: MISSING if of(row) is None else write(of(row)),
        lambda row: {field: value(row)},
        is_words,
        note,
        needs=needs,
    )


def _span_column(name: str, of: Callable[[Row], Sequence[float]], key: str) -> Column:
    """Least and largest of the features, each a float64 of the weights found."""
    return Column(
        name,
        name,
        lambda row: _span(of(row)),
        lambda row: {
            f"{key}_min": min(of(row), default=None),
            f"{key}_max": max(of(row), default=None),
        },
    )


def _span(numbers: Iterable[float]) -> str:
    """One number if all print the same, else the range."""
    ends = sorted(round(number, _SHOWN_OF_WEIGHTS) + 0.0 for number in numbers)
    if not ends:
        return MISSING
    low, high = f"{ends[0]:.{_SHOWN_OF_WEIGHTS}f}", f"{ends[-1]:.{_SHOWN_OF_WEIGHTS}f}"
    return low if low == high else f"{low} .. {high}"


def _decimals(number: float) -> str:
    return f"{number:.{_SHOWN_OF_WEIGHTS}f}"


COLUMNS: dict[str, Column] = {
    column.name: column
    for column in (
        _plain_column("n", "n", lambda row: row.problem.n_features, "n_features"),
        _plain_column("m", "m", lambda row: row.problem.n_hidden, "n_hidden"),
        _plain_column("S", "S", lambda row: row.sparsity, "sparsity", write=short_text),
        _plain_column("p", "p", lambda row: row.density, "density", write=short_text),
        _plain_column("importance", "importance", lambda row: row.importance, is_words=True),
        _plain_column("law", "law", lambda row: law_text(row.problem.features), is_words=True),
        _plain_column(
            "activation",
            "activation",
            lambda row: activation_text(row.problem.activation),
            is_words=True,
        ),
        _plain_column(
            "constraints",
            "constraints",
            lambda row: constraint_set_text(row.constraints),
            is_words=True,
        ),
        _estimate_column(
            "loss",
            "loss, best found",
            lambda row: row.loss,
            _SHOWN,
            note="loss: at the weights found, with no claim of an optimum.",
            claims=("LOSS-03",),
        ),
        Column(
            "error",
            "error",
            lambda row: MISSING if row.loss is None else error_text(row.loss.error),
            lambda row: {"loss_error": None if row.loss is None else row.loss.rounded()[1]},
        ),
        _plain_column("by", "by", lambda row: row.loss and row.loss.method, is_words=True),
        _plain_column("arrangement", "arrangement", lambda row: row.arrangement, is_words=True),
        _span_column("norms", lambda row: row.norms, "norm"),
        _span_column("biases", lambda row: row.biases, "bias"),
        _estimate_column(
            "ignoring-all",
            "ignoring all",
            lambda row: row.ignoring,
            _SHOWN_OF_BASELINE,
            note="ignoring all: W = 0 with the best bias.",
            claims=("LINEAR-03",),
        ),
        _estimate_column(
            "best-linear",
            "best linear",
            lambda row: row.linear,
            _SHOWN_OF_BASELINE,
            note="best linear: the linear model with the best W, b.",
            claims=("LINEAR-02",),
        ),
        Column(
            "hits",
            "hits",
            lambda row: MISSING if row.n_hits is None else f"{row.n_hits}/{row.n_starts}",
            lambda row: {"hits": row.n_hits, "starts": row.n_starts},
            note="hits: random starts that got to this loss.",
        ),
        _plain_column(
            "hit-rate",
            "hit rate",
            lambda row: None if row.n_hits is None else Fraction(row.n_hits, row.n_starts),
            write=lambda rate: f"{float(rate):.2f}",
            note="hit rate: share of the random starts that got to this loss.",
        ),
        _estimate_column(
            "relative",
            "loss/ignoring",
            lambda row: row.relative,
            _SHOWN_OF_BASELINE,
            note="loss/ignoring: the loss in units of ignoring all.",
        ),
        Column(
            "lower-bound",
            "lower bound",
            lambda row: (
                MISSING
                if row.lower_bound is None
                else floor_text(row.lower_bound, _SHOWN_OF_BASELINE)
            ),
            lambda row: {
                "lower_bound": None if row.lower_bound is None else float(row.lower_bound)
            },
            note="lower bound: no weights have a lower loss (proven); rounded down.",
            needs=BOUND,
        ),
        _plain_column(
            "bound", "bound", lambda row: row.lower_bound_name, is_words=True, needs=BOUND
        ),
        Column(
            "gap",
            "gap",
            lambda row: MISSING if row.gap is None else ceiling_text(_most(row.gap), _SHOWN_OF_GAP),
            lambda row: _numbers("gap", row.gap),
            note="gap: how far below the loss the least loss may be, at most; rounded up.",
            needs=BOUND,
        ),
        _plain_column("verdict", "verdict", lambda row: row.verdict, is_words=True, needs=BOUND),
        _plain_column(
            "D*",
            "D*",
            lambda row: row.dimensions_per_feature,
            "dimensions_per_feature",
            write=_decimals,
            note="D* = m/|W|_F^2: dimensions per feature.",
        ),
        _plain_column("ignored", "ignored", lambda row: row.n_ignored, "n_ignored"),
        _plain_column(
            "best-candidate",
            "best candidate",
            lambda row: row.best_candidate and row.best_candidate[0],
            is_words=True,
            note="candidates: named arrangements with unit norm and zero bias.",
            needs=CANDIDATES,
        ),
        _estimate_column(
            "candidate",
            "loss, best candidate",
            lambda row: row.best_candidate[1] if row.best_candidate else None,
            _SHOWN,
            note="candidates: named arrangements with unit norm and zero bias.",
            needs=CANDIDATES,
        ),
        _estimate_column(
            "trained",
            "loss, trained",
            lambda row: row.trained,
            _SHOWN,
            note="trained: the population loss of trained weights, from a file.",
            needs=TRAINED,
        ),
        _plain_column(
            "file", "trained weights", lambda row: row.trained_name, is_words=True, needs=TRAINED
        ),
        _plain_column("seed", "seed", lambda row: row.seed, "cell_seed"),
        _plain_column("claims", "claims", lambda row: _claims(row), is_words=True),
        _plain_column("status", "status", lambda row: row.status, is_words=True),
    )
}
DEFAULT = (
    "S",
    "p",
    "loss",
    "error",
    "by",
    "ignoring-all",
    "best-linear",
    "arrangement",
    "norms",
    "biases",
    "hits",
)
CANDIDATE = "candidate:"


def is_plain(row: Row) -> bool:
    """Whether the claims of columns cover a row: ReLU, U[0, 1] and independent features.

    Args:
        row: any.

    Returns:
        Whether they do.
    """
    problem = row.problem
    usual = problem.features == Uniform() and problem.activation == ReLU()
    return usual and problem.is_independent


def _claims(row: Row) -> str:
    """What the loss and the lower bound of a row rest on."""
    listed = ("LOSS-03",) if is_plain(row) else ()
    return " ".join((*listed, *row.lower_bound_claims)) or MISSING


def chosen_columns(names: Iterable[str] | None, varying: Sequence[str] = ()) -> tuple[Column, ...]:
    """Find columns by their names.

    Args:
        names: as in ``COLUMNS``, or ``candidate:`` and the name of an arrangement; the default
            columns when left out.
        varying: names of columns that come first, wherever they are not named.

    Returns:
        The columns.

    Raises:
        InputError: another name, or one twice.

    Example:
        >>> [column.heading for column in chosen_columns(["S", "candidate:pentagon"], ["n"])]
        ['n', 'S', 'candidate: pentagon']
    """
    listed = list(DEFAULT if names is None else names)
    if not listed:
        raise InputError("columns=[]: give at least one")
    listed = [*(name for name in varying if name not in listed), *listed]
    for name in listed:
        if listed.count(name) > 1:
            raise InputError(f"columns={name!r}: is named twice")
    return tuple(map(_column, listed))


def _column(name: str) -> Column:
    if name in COLUMNS:
        return COLUMNS[name]
    arrangement = name.removeprefix(CANDIDATE).strip()
    if name.startswith(CANDIDATE) and arrangement:
        return _estimate_column(
            name,
            f"candidate: {arrangement}",
            lambda row: row.candidates.get(arrangement),
            _SHOWN,
            note="candidates: named arrangements with unit norm and zero bias.",
            needs=CANDIDATES,
        )
    near = get_close_matches(name, COLUMNS, n=1, cutoff=0.7)
    hint = f" (did you mean {near[0]}?)" if near else ""
    raise InputError(
        f"columns={name[:40]!r}{hint}: must be one of {', '.join(COLUMNS)}, "
        "or candidate: and the name of an arrangement, such as candidate:pentagon"
    )
