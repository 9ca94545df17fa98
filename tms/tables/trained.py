"""Trained weights beside a table: which row a file belongs to, and its exact loss there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from theory.problem import InputError
from tms.digits import as_fraction

if TYPE_CHECKING:
    from tms.inputs.files import WeightFile
    from tms.tables.row import Row

__all__ = ["Trained", "trained_files"]

_SUFFIXES = (".npz", ".npy", ".csv", ".safetensors")
_MOST = 10_000  # files of a folder
_NEAR = Fraction(1, 10**6)  # float32 importances and densities of a file are so near to the row's


@dataclass(frozen=True)
class Trained:
    """Weight files that were read, with what they say of their problem."""

    files: tuple[WeightFile, ...]

    def beside(self, rows: Sequence[Row]) -> tuple[tuple[Row, ...], tuple[str, ...]]:
        """Put each file to the row of its problem.

        Args:
            rows: of the table.

        Returns:
            The rows with the losses of trained weights, the lowest first where there are several,
            and the names of files that fit no row.
        """
        used: set[int] = set()
        found = []
        for row in rows:
            fitting = [k for k, file in enumerate(self.files) if _fits(file, row)]
            used |= set(fitting)
            found.append(_beside(row, [self.files[k] for k in fitting]) if fitting else row)
        unused = [file.path.name for k, file in enumerate(self.files) if k not in used]
        return tuple(found), tuple(unused)


def trained_files(paths: Iterable[str | Path], *, transposed: bool = False) -> Trained:
    """Read weight files.

    Args:
        paths: files, or folders of them; each file counts once.
        transposed: whether ``W`` is features x hidden in them.

    Returns:
        What was read.

    Raises:
        InputError: a file that cannot be read, or that does not say its sparsity; an empty folder.

    Example:
        >>> trained_files([]).files
        ()
    """
    listed = dict.fromkeys(path.resolve() for given in paths for path in _listed(Path(given)))
    files = tuple(_read(path, transposed) for path in listed)
    for file in files:
        if file.density is None and file.sparsity is None:
            raise InputError(
                f"trained={file.path.name!r}: does not say its sparsity, so it fits no row; "
                "add an array named sparsity"
            )
    return Trained(files)


def _read(path: Path, transposed: bool) -> WeightFile:
    from tms.inputs.files import read_weights

    try:
        return read_weights(path, transposed=transposed)
    except InputError as reason:
        raise InputError(f"trained={path.name!r}: {reason}") from None


def _listed(path: Path) -> list[Path]:
    if not path.exists():
        raise InputError(f"trained={str(path)!r}: no such file or folder")
    if not path.is_dir():
        return [path]
    found = sorted(entry for entry in path.iterdir() if entry.suffix.lower() in _SUFFIXES)
    if not 0 < len(found) <= _MOST:
        raise InputError(
            f"trained={str(path)!r}: has {len(found)} weight files; "
            f"give a folder of 1 to {_MOST} ({', '.join(_SUFFIXES)})"
        )
    return found


def _fits(file: WeightFile, row: Row) -> bool:
    """Whether a file's problem is that of the row, to the precision of float32."""
    problem = row.problem
    if file.W.shape != (problem.n_hidden, problem.n_features) or row.constraints:
        return False
    own = file.problem()
    pairs = zip(
        (*own.densities, *own.importances), (*problem.densities, *problem.importances), strict=True
    )
    return all(abs(first - second) <= _NEAR * max(second, _NEAR) for first, second in pairs)


def _beside(row: Row, files: Sequence[WeightFile]) -> Row:
    from tms.oracle import expected_loss

    runs = [
        (expected_loss(row.problem, file.W, file.b, W_decoder=file.W_decoder), file.path.name)
        for file in files
    ]
    runs.sort(key=lambda run: as_fraction(run[0].value))
    (loss, name), count = runs[0], len(runs)
    shown = name if count == 1 else f"{name} (lowest of {count})"
    losses = tuple(loss for loss, _ in runs)
    return replace(row, trained=loss, trained_name=shown, trained_runs=losses)
