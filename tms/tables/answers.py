"""The cells of a table, computed or found in a store, put together as rows."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tms.estimate import Estimate
from tms.tables.cells import BOUND, CANDIDATES, SEARCH, Data, compute, estimate_from_data
from tms.tables.grid import Question, plain
from tms.tables.row import Row

if TYPE_CHECKING:
    from numerics.sweep import Progress as Swept
    from numerics.sweep import Store
    from tms.printing.terminal import Progress

__all__ = ["answer", "cell_words", "cells_of", "open_store"]


def cells_of(questions: Sequence[Question], needs: set[str], n_starts: int) -> list[Data]:
    """List what has to be computed.

    Args:
        questions: of the rows.
        needs: kinds of cells besides the search.
        n_starts: random starts of each search.

    Returns:
        The parameters of each cell, kind by kind.

    Example:
        >>> from theory.problem import Problem
        >>> cells = cells_of([Question(Problem(2, 1, sparsity=0), "1", ())], {"lower bound"}, 5)
        >>> [cell["what"] for cell in cells]
        ['search', 'lower bound']
    """
    asked = [question.parameters() for question in questions]
    cells = [{"what": SEARCH, "n_starts": n_starts, **parameters} for parameters in asked]
    for what in (BOUND, CANDIDATES):
        if what in needs:
            cells += [{"what": what, **parameters} for parameters in asked]
    return cells


def open_store(path: str | Path, seed: int) -> Store:
    """Open the folder that keeps the cells of tables, or make it.

    Args:
        path: the folder.
        seed: of the random starts, which all cells of a store share.

    Returns:
        The store.

    Raises:
        InputError: it is no store, or one of another version or seed.
    """
    import tms
    from numerics.sweep import Store

    return Store.open(
        path, settings={"content": "tms table", "seed": seed}, version=tms.__version__
    )


def answer(
    questions: Sequence[Question],
    needs: set[str],
    *,
    seed: int,
    n_starts: int,
    n_workers: int,
    backend: str | None,
    address: str | None,
    store: str | Path | None,
    progress: Progress | None,
) -> tuple[tuple[Row, ...], tuple[int, int]]:
    """Compute the cells that the store does not hold, and put the rows together.

    Args:
        questions: one for each row.
        needs: kinds of cells besides the search.
        seed: of the random starts.
        n_starts: random starts of each search.
        n_workers: number of processes.
        backend: of joblib.
        address: of a scheduler.
        store: a folder, or None.
        progress: called with (cells done, cells in all, what is being done).

    Returns:
        The rows, and how many cells were computed and how many came from the store.
    """
    from numerics.sweep import cell_key, cell_seed, sweep

    cells = cells_of(questions, needs, n_starts)
    swept = sweep(
        cells,
        compute,
        store=None if store is None else open_store(store, seed),
        seed=seed,
        n_workers=n_workers,
        backend=backend,
        address=address,
        progress=None if progress is None else _teller(progress),
    )
    found = {cell_key(cell): record for cell, record in zip(cells, swept.records, strict=True)}
    rows = []
    for question in questions:
        parameters = question.parameters()
        search = {"what": SEARCH, "n_starts": n_starts, **parameters}
        others = {what: found.get(cell_key({"what": what, **parameters})) for what in needs}
        key = cell_key(search)
        rows.append(_row(question, cell_seed(key, seed), n_starts, found[key], others))
    return tuple(rows), (swept.n_computed, swept.n_reused)


def _teller(progress: Progress) -> Callable[[Swept], None]:
    return lambda at: progress(
        at.done, at.total, "starting" if at.cell is None else cell_words(json.loads(at.cell))
    )


def cell_words(cell: Data) -> str:
    """Say what a cell is, in a few words.

    Args:
        cell: its parameters.

    Returns:
        What is computed, sizes and sparsity.

    Example:
        >>> cell_words({"what": "search", "n_features": 5, "n_hidden": 2, "sparsity": "9/10"})
        'search: n = 5, m = 2, S = 0.9'
    """
    sizes = f"n = {cell['n_features']}, m = {cell['n_hidden']}"
    return f"{cell['what']}: {sizes}, S = {plain(Fraction(cell['sparsity']))}"


def _row(
    question: Question, seed: int, n_starts: int, search: Data, others: dict[str, Data | None]
) -> Row:
    from numerics.linear import best_linear_loss, ignore_everything_loss

    problem = question.problem
    beside: dict[str, Any] = {}
    if "W" in search:
        beside |= {
            "W": np.array(search["W"], dtype=np.float64).reshape(
                problem.n_hidden, problem.n_features
            ),
            "b": np.array(search["b"], dtype=np.float64),
            "loss": estimate_from_data(search["loss"]),
            "arrangement": search["arrangement"],
            "n_hits": search["n_hits"],
            "holds": search["holds"],
        }
    bound = others.get(BOUND)
    if bound is not None and "value" in bound:
        beside |= {
            "lower_bound": Fraction(float.fromhex(bound["value"])),
            "lower_bound_name": bound["name"],
            "lower_bound_claims": tuple(bound["claims"]),
        }
    listed = (others.get(CANDIDATES) or {}).get("candidates", [])
    beside["candidates"] = {entry["name"]: estimate_from_data(entry["loss"]) for entry in listed}
    return Row(
        problem,
        question.importance,
        question.constraints,
        seed,
        n_starts,
        search["status"],
        _baseline(*ignore_everything_loss(problem)),
        _baseline(*best_linear_loss(problem)),
        **beside,
    )


def _baseline(loss: float, error: float) -> Estimate:
    return Estimate(float(loss), float(error), "closed form", "float")
