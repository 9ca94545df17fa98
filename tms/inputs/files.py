"""Weight files: .npz, .npy, .csv and .safetensors, read as data from strangers.

Nothing is unpickled or evaluated. Sizes are taken from the headers and checked before anything is
unpacked.

======================== ==================================================================
file                     holds
======================== ==================================================================
``.npz, .safetensors``   arrays named ``W``, and if wanted ``b``, ``sparsity`` or
                         ``density``, ``importance``, ``W_decoder`` (untied weights)
``.npy``                 ``W`` alone
``.csv``                 the rows of ``W``; or rows that begin with one of the names above,
                         one row named ``W`` (and ``W_decoder``) for each hidden dimension
======================== ==================================================================

``W`` and ``W_decoder`` are ``(n_hidden, n_features)``: features are columns.
"""

from __future__ import annotations

import csv
import io
import math
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from theory.problem import InputError, Problem, exact_number

__all__ = ["MAX_BYTES", "WeightFile", "read_weights"]

MAX_BYTES = 2**28  # of a file, and of its arrays unpacked: W of 3000 x 10000 in float64
_KEYS = ("W", "b", "sparsity", "density", "importance", "W_decoder")
_MATRICES = ("W", "W_decoder")
_MAX_HEADER = 10_000
_DTYPE = re.compile(r"'descr'\s*:\s*'([^',]+)'")
_ORDER = re.compile(r"'fortran_order'\s*:\s*(True|False)")
_SHAPE = re.compile(r"'shape'\s*:\s*\(((?:\d{1,12}|[,\s])*)\)")


@dataclass(frozen=True)
class WeightFile:
    """What a weight file holds.

    Args:
        path: the file.
        W: ``(n_hidden, n_features)``, features as columns.
        b: ``(n_features,)``, or None.
        sparsity: one number or one for each feature, or None.
        density: one number or one for each feature, or None.
        importance: one number or one for each feature, or None.
        W_decoder: like ``W``, or None where the decoder is tied to ``W``.
    """

    path: Path
    W: NDArray[Any]
    b: NDArray[Any] | None = None
    sparsity: Any = None
    density: Any = None
    importance: Any = None
    W_decoder: NDArray[Any] | None = None

    def problem(
        self,
        *,
        sparsity: object = None,
        density: object = None,
        importance: object = None,
        **family: Any,
    ) -> Problem:
        """Make the problem that the weights belong to.

        Args:
            sparsity: instead of what the file says.
            density: instead of what the file says.
            importance: instead of what the file says.
            **family: law, activation, groups and ``n_active``, as ``Problem`` takes them; with
                ``n_active`` the file's sparsity does not count.

        Returns:
            The problem, with ``n_features`` and ``n_hidden`` from the shape of ``W``.

        Raises:
            InputError: a number out of its range, or no sparsity and no density anywhere.
        """
        if sparsity is None and density is None and family.get("n_active") is None:
            sparsity, density = self.sparsity, self.density
            if sparsity is None and density is None:
                raise InputError(
                    f"sparsity=None: {self.path.name} holds none; give it (--sparsity)"
                )
        n_hidden, n_features = self.W.shape
        return Problem(
            n_features,
            n_hidden,
            sparsity=sparsity,
            density=density,
            importance=self.importance if importance is None else importance,
            **family,
        )


def read_weights(path: str | Path, *, transposed: bool = False) -> WeightFile:
    """Read a weight file.

    Args:
        path: a file in one of the formats above; its suffix says which.
        transposed: whether ``W`` and ``W_decoder`` in the file are ``(n_features, n_hidden)``.

    Returns:
        The arrays; of a .csv file, exact numbers.

    Raises:
        InputError: a file that is missing, empty, damaged, too large, of another kind, or that
            holds other names or Python objects.
    """
    path = Path(path)
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        allowed = ", ".join(_READERS)
        raise InputError(f"file={str(path)!r}: suffix must be one of {allowed}")
    with _as_input_errors(path):
        if not path.is_file() and path.exists():
            raise InputError(f"file={str(path)!r}: is not a file")
        size = path.stat().st_size
        if size == 0:
            raise InputError(f"file={str(path)!r}: is empty")
        _check_size(size, str(path))
        arrays = reader(path)
    if "W" not in arrays:
        raise InputError(f"file={str(path)!r}: holds no W; found {_listed(arrays)}")
    for key in _MATRICES:
        if key in arrays:
            arrays[key] = _oriented(arrays[key], key, transposed=transposed)
    W = arrays.pop("W")
    others = {key: array.item() if array.shape == () else array for key, array in arrays.items()}
    if "b" in arrays and arrays["b"].shape == W.shape[:1] != W.shape[1:]:
        raise InputError(
            f"W.shape={W.shape}: must be (n_hidden, n_features), features as columns; b has "
            f"{len(W)} entries, so this is its transpose: give transposed=True (--transpose)"
        )
    return WeightFile(path, W, **others)


def _oriented(matrix: NDArray[Any], key: str, *, transposed: bool) -> NDArray[Any]:
    if matrix.ndim != 2 or 0 in matrix.shape:
        raise InputError(
            f"{key}.shape={matrix.shape}: must be (n_hidden, n_features), features as columns"
        )
    return matrix.T if transposed else matrix


@contextmanager
def _as_input_errors(path: Path) -> Iterator[None]:
    """Whatever a damaged file provokes in its reader becomes one sentence."""
    from safetensors import SafetensorError

    damaged = (ValueError, EOFError, TypeError, RuntimeError, zipfile.BadZipFile, zlib.error)
    try:
        yield
    except InputError:
        raise
    except FileNotFoundError:
        raise InputError(f"file={str(path)!r}: no such file") from None
    except OSError as error:
        raise InputError(f"file={str(path)!r}: cannot be read ({error.strerror})") from None
    except (*damaged, csv.Error, SafetensorError) as error:
        reason = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        kind = path.suffix.lower()
        raise InputError(f"file={str(path)!r}: not a readable {kind} file ({reason})") from None


def _check_size(size: int, name: str) -> None:
    if size > MAX_BYTES:
        raise InputError(f"{name}: {size:,} bytes; at most {MAX_BYTES:,} are read")


def _check_key(key: str, seen: dict[str, Any]) -> None:
    if key not in _KEYS:
        raise InputError(f"key={key[:40]!r}: unknown; a weight file holds {', '.join(_KEYS)}")
    if key in seen:
        raise InputError(f"key={key!r}: occurs twice")


def _listed(keys: dict[str, Any]) -> str:
    return ", ".join(sorted(keys)) or "nothing"


def _read_npz(path: Path) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {}
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        _check_size(sum(member.file_size for member in members), f"{path} unpacked")
        for member in members:
            key = member.filename.removesuffix(".npy")
            _check_key(key, arrays)
            readable = member.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
            if not readable or member.flag_bits & 1:
                raise InputError(f"key={key!r}: encrypted, or compressed in an unusual way")
            arrays[key] = _array_from_npy(archive.read(member), key)
    return arrays


def _read_npy(path: Path) -> dict[str, NDArray[Any]]:
    return {"W": _array_from_npy(path.read_bytes(), "W")}


def _array_from_npy(data: bytes, key: str) -> NDArray[Any]:
    """An array from the bytes of a .npy file; its header is matched, never evaluated."""
    width = {b"\x01": 2, b"\x02": 4, b"\x03": 4}.get(data[6:7])
    if data[:6] != b"\x93NUMPY" or width is None:
        raise InputError(f"{key}: does not begin like a .npy file")
    start = 8 + width + int.from_bytes(data[8 : 8 + width], "little")
    header = data[8 + width : start].decode("latin-1")
    fields = [pattern.search(header) for pattern in (_DTYPE, _ORDER, _SHAPE)]
    if len(data) < start or len(header) > _MAX_HEADER or None in fields:
        raise InputError(f"{key}: its .npy header does not describe one array of numbers")
    described, by_columns, sizes = (field[1] for field in fields if field is not None)
    dtype, shape = np.dtype(described), tuple(map(int, sizes.replace(",", " ").split()))
    if dtype.hasobject:
        raise InputError(f"{key}.dtype={dtype}: pickled Python objects are not read; save numbers")
    if dtype.kind not in "biufc":
        raise InputError(f"{key}.dtype={dtype}: must be a type of number, such as float64")
    held, declared = len(data) - start, math.prod(shape) * dtype.itemsize
    if held != declared:
        raise InputError(f"{key}.shape={shape}: takes {declared} bytes, but the file holds {held}")
    order: Any = "F" if by_columns == "True" else "C"
    return np.frombuffer(data[start:], dtype).reshape(shape, order=order)


def _read_csv(path: Path) -> dict[str, NDArray[Any]]:
    rows: dict[str, list[list[Any]]] = {}
    for cells in csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))):
        if not any(cell.strip() for cell in cells) or cells[0].lstrip().startswith("#"):
            continue
        named = cells[0].strip()[:1].isalpha() and cells[0].strip().lower() not in ("nan", "inf")
        key = cells[0].strip() if named else "W"
        if key not in _MATRICES or key not in rows:
            _check_key(key, rows)
        row = rows.setdefault(key, [])
        numbers = cells[1:] if named else cells
        place = f"{key}[{len(row)}, " if key in _MATRICES else f"{key}["
        row.append([exact_number(cell, f"{place}{k}]") for k, cell in enumerate(numbers)])
    return {key: _array_from_rows(key, entries) for key, entries in rows.items()}


def _array_from_rows(key: str, rows: list[list[Any]]) -> NDArray[Any]:
    if len({len(row) for row in rows}) > 1:
        lengths = ", ".join(str(len(row)) for row in rows[:10])
        raise InputError(f"{key}: rows of different lengths ({lengths})")
    array = np.array(rows, dtype=object)
    if key in _MATRICES:
        return array
    return array.reshape(()) if key != "b" and array.size == 1 else array[0]


def _read_safetensors(path: Path) -> dict[str, NDArray[Any]]:
    from safetensors import safe_open

    arrays: dict[str, NDArray[Any]] = {}
    with safe_open(path, framework="numpy") as tensors:
        for key in tensors.keys():  # noqa: SIM118 (not a dictionary)
            _check_key(key, arrays)
            arrays[key] = tensors.get_tensor(key)
    return arrays


_READERS: dict[str, Callable[[Path], dict[str, NDArray[Any]]]] = {
    ".npz": _read_npz,
    ".npy": _read_npy,
    ".csv": _read_csv,
    ".safetensors": _read_safetensors,
}
