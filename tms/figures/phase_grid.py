r"""Computed optima on a grid of density and relative importance of one extra feature.

Feature ``n`` has the relative importance ``I`` and the others importance 1. At each cell the best
weights are searched, and classified by what they do with that feature, from its column ``w`` and
its row of the Gram matrix ``G = W^T W``:

==============  =======================================================================
``ignored``     ``|w| < 0.001``
``dedicated``   every other ``|G_nj| < 0.001``: a dimension of its own
``antipodal``   one other ``|G_nj|`` is not small, and the two point opposite ways
``shared``      the rest: in superposition in another way
==============  =======================================================================

Source: the diagrams are those of Elhage et al. 2022, arXiv:2209.10652, section "Superposition as a
Phase Change"; there the weights are trained.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from theory.problem import InputError, Problem, Unsupported, exact_number, is_symbolic

if TYPE_CHECKING:
    from pathlib import Path

    from numerics.sweep import Store

__all__ = ["KINDS", "SHAPES", "SMALL", "PhaseCell", "PhaseDiagram", "phase_cell", "phase_diagram"]

Kind: TypeAlias = Literal["ignored", "dedicated", "antipodal", "shared"]
Floats: TypeAlias = NDArray[np.float64]
Tell: TypeAlias = Callable[[int, int, str], None]

KINDS: tuple[Kind, ...] = ("ignored", "dedicated", "antipodal", "shared")
SHAPES = ((2, 1), (3, 2))  # numbers of features and of hidden dimensions with a diagram
SMALL = 1e-3  # a norm or an entry of the Gram matrix below it counts as none
_OPPOSITE = -1.0 + 1e-3  # cosine
_MOST_CELLS = 400  # along an axis
_LARGEST = Fraction(10**9)  # importance; its inverse is the least, and the least density


@dataclass(frozen=True, eq=False)
class PhaseCell:
    """One cell of the grid.

    Args:
        density: ``p``, at the middle of the cell.
        importance: ``I`` of the last feature, likewise.
        W: the best weights found; None where the search failed.
        b: the biases, likewise.
        loss: of these, likewise.
        error: bound on the error of ``loss``, likewise.
        status: how the search ended, in a sentence.
    """

    density: Fraction
    importance: Fraction
    W: Floats | None
    b: Floats | None
    loss: float | None
    error: float | None
    status: str

    @property
    def norm(self) -> float | None:
        """Length of the extra feature's column."""
        return None if self.W is None else float(np.linalg.norm(self.W[:, -1]))

    @property
    def superposition(self) -> float | None:
        """Sum over the others of ``(w_n . w_j)^2 / |w_n|^2``; 0 where it is ignored."""
        if self.W is None:
            return None
        gram, norm = self.W[:, -1] @ self.W[:, :-1], np.linalg.norm(self.W[:, -1])
        return float(np.sum((gram / norm) ** 2)) if norm >= SMALL else 0.0

    @property
    def kind(self) -> Kind | None:
        """What the weights do with the extra feature; None where the search failed."""
        if self.W is None:
            return None
        norms = np.linalg.norm(self.W, axis=0)
        if norms[-1] < SMALL:
            return "ignored"
        gram = self.W[:, -1] @ self.W[:, :-1]
        others = np.flatnonzero(np.abs(gram) >= SMALL)
        if not others.size:
            return "dedicated"
        cosine = gram[others[0]] / (norms[-1] * norms[others[0]])
        return "antipodal" if others.size == 1 and cosine <= _OPPOSITE else "shared"


@dataclass(frozen=True, eq=False)
class PhaseDiagram:
    """Computed optima on a grid; "best found" claims no optimum.

    Args:
        n_features: ``n``.
        n_hidden: ``m``.
        density_edges: edges of the cells along the density, rising.
        importance_edges: likewise along the relative importance.
        cells: importance by importance, the density running fastest.
        seed: of the random starts.
        n_starts: random starts at each cell.
        version: of this program.
        n_computed: cells that were computed, not found in a store.
    """

    n_features: int
    n_hidden: int
    density_edges: Floats
    importance_edges: Floats
    cells: tuple[PhaseCell, ...]
    seed: int
    n_starts: int
    version: str
    n_computed: int

    @property
    def shape(self) -> tuple[int, int]:
        """Number of cells along the importance and along the density."""
        return self.importance_edges.size - 1, self.density_edges.size - 1

    @property
    def command(self) -> str:
        """The command that draws this diagram again."""
        rows, columns = self.shape
        cells = str(rows) if rows == columns else f"{columns},{rows}"
        ends = [f"{edges[0]:.12g},{edges[-1]:.12g}" for edges in self._edges()]
        return (
            f"tms figure phase --features {self.n_features} --hidden {self.n_hidden} "
            f"--cells {cells} --density {ends[0]} --importance {ends[1]} "
            f"--starts {self.n_starts} --seed {self.seed}"
        )

    def _edges(self) -> tuple[Floats, Floats]:
        return self.density_edges, self.importance_edges

    def count(self, kind: Kind | None) -> int:
        """Count the cells of a kind; None for those whose search failed."""
        return sum(cell.kind == kind for cell in self.cells)


def phase_diagram(
    n_features: int = 2,
    n_hidden: int = 1,
    *,
    n_cells: int | tuple[int, int] = 24,
    density: tuple[object, object] = ("0.01", 1),
    importance: tuple[object, object] = ("0.1", 10),
    n_starts: int = 10,
    seed: int = 0,
    n_workers: int = 1,
    backend: str | None = None,
    address: str | None = None,
    store: str | Path | None = None,
    progress: Tell | None = None,
) -> PhaseDiagram:
    """Search the best weights on a grid of density and relative importance, both logarithmic.

    Args:
        n_features: 2, or 3.
        n_hidden: 1 for two features, 2 for three.
        n_cells: along each axis; or along the density and along the importance.
        density: least and largest ``p``.
        importance: least and largest ``I`` of the last feature.
        n_starts: random starts at each cell; named arrangements are started from besides.
        seed: of the random starts.
        n_workers: number of processes; the result does not depend on it.
        backend: of joblib, by name; its default when left out.
        address: of the scheduler, for the backend ``"dask"``.
        store: a folder in which each cell is kept as soon as it is finished, and found again.
        progress: called with (cells done, cells in all, what is being done).

    Returns:
        The diagram; a cell whose search failed stays, with its status.

    Raises:
        InputError: another shape, or a number out of its range, before anything is computed.

    Example:
        >>> diagram = phase_diagram(n_cells=2, density=("0.1", 1), n_starts=2)
        >>> [cell.kind for cell in diagram.cells]
        ['antipodal', 'ignored', 'antipodal', 'dedicated']

    Source: Elhage et al. 2022, arXiv:2209.10652, section "Superposition as a Phase Change".
    """
    import tms
    from numerics.sweep import sweep

    if (n_features, n_hidden) not in SHAPES:
        raise InputError(
            f"n_features={n_features}, n_hidden={n_hidden}: a phase diagram is for "
            + " or ".join(f"{n} features in {m}" for n, m in SHAPES)
        )
    columns, rows = _sizes(n_cells)
    if isinstance(n_starts, bool) or not isinstance(n_starts, int) or n_starts < 1:
        raise InputError(f"n_starts={n_starts!r}: must be a whole number, at least 1")
    density_edges = _edges(density, "density", columns, Fraction(1))
    importance_edges = _edges(importance, "importance", rows, _LARGEST)
    asked = [
        {
            "n_features": n_features,
            "n_hidden": n_hidden,
            "density": p,
            "importance": weight,
            "n_starts": n_starts,
        }
        for weight in _middles(importance_edges)
        for p in _middles(density_edges)
    ]
    told = progress or (lambda *_: None)
    found = sweep(
        asked,
        phase_cell,
        store=None if store is None else _open(store, seed),
        seed=seed,
        n_workers=n_workers,
        backend=backend,
        address=address,
        progress=lambda now: told(now.done, now.total, f"n = {n_features}, m = {n_hidden}"),
    )
    cells = tuple(map(_cell, asked, found.records))
    return PhaseDiagram(
        n_features,
        n_hidden,
        density_edges,
        importance_edges,
        cells,
        seed,
        n_starts,
        tms.__version__,
        found.n_computed,
    )


def _open(path: str | Path, seed: int) -> Store:
    import tms
    from numerics.sweep import Store

    settings = {"content": "tms figure phase", "seed": seed}
    return Store.open(path, settings=settings, version=tms.__version__)


def phase_cell(parameters: dict[str, Any], seed: int) -> dict[str, Any]:
    """Search the best weights at one cell.

    Args:
        parameters: as ``phase_diagram`` makes them.
        seed: of the random starts.

    Returns:
        Plain data: weights, biases, loss and its error; or why the search failed.

    Example:
        >>> asked = {"n_features": 2, "n_hidden": 1, "density": "0.9", "importance": "0.1"}
        >>> found = phase_cell(asked | {"n_starts": 2}, seed=0)
        >>> sorted(found), round(found["loss"], 12)
        (['W', 'b', 'error', 'loss', 'status'], 0.00975)
    """
    from numerics.optimize import optimize
    from tms.optima.named_starts import named_starts

    n = parameters["n_features"]
    problem = Problem(
        n,
        parameters["n_hidden"],
        density=parameters["density"],
        importance=[1] * (n - 1) + [parameters["importance"]],
    )
    n_starts = parameters["n_starts"]
    try:
        starts = named_starts(problem, max(n_starts, 10))
        found = optimize(problem, n_starts=n_starts, seed=seed, starts=starts)
    except (InputError, Unsupported, ArithmeticError) as reason:
        return {"status": f"failed: {reason}"}
    if found.residuals is None or not found.residuals.holds or not math.isfinite(found.loss):
        return {"status": f"failed: not settled; {found.status}"}
    return {
        "W": (found.W + 0.0).tolist(),
        "b": (found.b + 0.0).tolist(),
        "loss": found.loss,
        "error": found.error,
        "status": found.status,
    }


def _cell(asked: dict[str, Any], record: dict[str, Any]) -> PhaseCell:
    W, b = (
        None if record.get(name) is None else np.array(record[name], dtype=np.float64)
        for name in ("W", "b")
    )
    return PhaseCell(
        Fraction(asked["density"]),
        Fraction(asked["importance"]),
        W,
        b,
        record.get("loss"),
        record.get("error"),
        record["status"],
    )


def _sizes(n_cells: object) -> tuple[int, int]:
    sizes = n_cells if isinstance(n_cells, tuple) else (n_cells, n_cells)
    if len(sizes) != 2 or not all(
        isinstance(size, int) and not isinstance(size, bool) and 1 <= size <= _MOST_CELLS
        for size in sizes
    ):
        raise InputError(
            f"n_cells={n_cells!r}: must be a whole number from 1 to {_MOST_CELLS}, or two of them"
        )
    return sizes[0], sizes[1]


def _edges(ends: tuple[object, object], name: str, count: int, most: Fraction) -> Floats:
    """Edges of cells of equal width on a logarithmic axis."""
    given = ",".join(map(str, ends))
    if len(ends) != 2:
        raise InputError(f"{name}={given}: must be two numbers, the least and the largest")
    numbers = [exact_number(repr(e) if isinstance(e, float) else e, name) for e in ends]
    if any(is_symbolic(number) for number in numbers) or not 0 < numbers[0] < numbers[1]:
        raise InputError(f"{name}={given}: must rise from above 0")
    if numbers[0] < 1 / _LARGEST or numbers[1] > most:
        raise InputError(f"{name}={given}: must be from {float(1 / _LARGEST):g} to {float(most):g}")
    edges = np.geomspace(float(numbers[0]), float(numbers[1]), count + 1)
    if len(set(_middles(edges))) < count:
        raise InputError(f"{name}={given}: too close together for {count} cells")
    return edges


def _middles(edges: Floats) -> list[str]:
    """Middles of the cells as short decimals, which are the exact parameters of the searches."""
    return [f"{math.sqrt(low) * math.sqrt(high):.6g}" for low, high in pairwise(edges)]
