"""Rows of the atlas and the file that holds them, read as data from strangers.

The file is JSON with one row on a line. Numbers are float64 that are read back as they were
written: ``loss`` is rounded up and ``lower_bound`` down. Nothing is evaluated; sizes are checked
before anything is used, and that a row is true is for ``tms.atlas.verify``.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from theory.problem import InputError, Problem, Unsupported

__all__ = ["Atlas", "AtlasRow", "Key", "read_atlas", "write_atlas"]

Floats: TypeAlias = NDArray[np.float64]
Key: TypeAlias = tuple[int, int, Fraction]
"""Numbers of features and of hidden dimensions, sparsity."""

FORMAT = "tms-theory atlas 1"
MAX_BYTES = 2**24
MAX_ROWS = 10_000
MAX_FEATURES, MAX_HIDDEN = 64, 16
_LARGEST = 1e6  # modulus of a weight
_SPARSITY = re.compile(r"[01]|0\.\d{1,9}")
_TEXT = 200
_FIELDS = {
    "features": int, "hidden": int, "sparsity": str, "loss": float, "error": float,
    "lower_bound": float, "bound": str, "status": str, "arrangement": str, "stationarity": float,
    "curvature": float, "found": str, "W": list, "b": list,
}  # fmt: skip
_STATUS = ("best found", "proved")


@dataclass(frozen=True, eq=False)
class AtlasRow:
    """The best known arrangement of one problem: ReLU, features on [0, 1], importance 1.

    Args:
        n_features: ``n``.
        n_hidden: ``m``.
        sparsity: ``S``.
        loss: at least the expected loss at ``W`` and ``b``, as the nearest float above it.
        error: at least the difference of ``loss`` from the expected loss there.
        lower_bound: at most the least loss.
        bound: name of the lower bound.
        status: ``"proved"`` where the bound meets the loss, else ``"best found"``.
        arrangement: the columns of ``W`` in words.
        stationarity: largest entry of the gradient, in units of the loss of ignoring everything.
        curvature: smallest eigenvalue of the Hessian modulo rotations, in the same units.
        found: how: starts and seed, or who handed it in; and the version.
        W: weights, ``(m, n)``.
        b: biases, ``(n,)``.
    """

    n_features: int
    n_hidden: int
    sparsity: Fraction
    loss: float
    error: float
    lower_bound: float
    bound: str
    status: str
    arrangement: str
    stationarity: float
    curvature: float
    found: str
    W: Floats
    b: Floats

    @property
    def key(self) -> Key:
        """What the row is looked up by."""
        return self.n_features, self.n_hidden, self.sparsity

    @property
    def problem(self) -> Problem:
        """The problem that the row is about."""
        return Problem(self.n_features, self.n_hidden, sparsity=self.sparsity)

    def __str__(self) -> str:
        from tms.printing.atlas import row_text

        return row_text(self)


class Atlas(Mapping[Key, AtlasRow]):
    """Rows by number of features, number of hidden dimensions and sparsity, in that order.

    Args:
        rows: at most one for each problem.

    Raises:
        InputError: two rows for one problem.
    """

    def __init__(self, rows: Iterable[AtlasRow]) -> None:
        listed = sorted(rows, key=lambda row: row.key)
        self._rows = {row.key: row for row in listed}
        if len(self._rows) < len(listed):
            raise InputError("rows: two rows are for one problem")

    def __getitem__(self, key: Key) -> AtlasRow:
        return self._rows[key]

    def __iter__(self) -> Iterator[Key]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def replaced(self, row: AtlasRow) -> Atlas:
        """Put a row in the place of the one for the same problem.

        Args:
            row: the new one.

        Returns:
            Another atlas.
        """
        return Atlas((self._rows | {row.key: row}).values())


def read_atlas(path: Path) -> Atlas:
    """Read an atlas file.

    Args:
        path: the file.

    Returns:
        Its rows.

    Raises:
        InputError: a file that is missing, too large, or holds anything but rows of an atlas.
    """
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise InputError(f"atlas={str(path)!r}: {size:,} bytes; at most {MAX_BYTES:,} are read")
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"atlas={str(path)!r}: cannot be read ({error.strerror})") from None
    except ValueError:
        raise InputError(f"atlas={str(path)!r}: is no text") from None
    return Atlas(_rows(text, path.name))


def _rows(text: str, name: str) -> Iterator[AtlasRow]:
    try:
        content = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise InputError(f"atlas={name!r}: no JSON ({str(error)[:80]})") from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise InputError(f"atlas={name!r}: its format must be {FORMAT!r}")
    rows = content.get("rows")
    if not isinstance(rows, list) or len(rows) > MAX_ROWS:
        raise InputError(f"atlas={name!r}: rows must be a list of at most {MAX_ROWS}")
    for place, row in enumerate(rows):
        yield _row(row, f"rows[{place}]")


def _refuse_constant(text: str) -> None:
    raise ValueError(f"{text} is no finite number")


def _row(content: Any, place: str) -> AtlasRow:
    if not isinstance(content, dict) or set(content) != set(_FIELDS):
        raise InputError(f"{place}: must hold {', '.join(_FIELDS)}")
    values = {
        name: _value(content[name], kind, f"{place}.{name}") for name, kind in _FIELDS.items()
    }
    n, m = values.pop("features"), values.pop("hidden")
    if not (1 <= n <= MAX_FEATURES and 1 <= m <= MAX_HIDDEN):
        raise InputError(f"{place}: features={n}, hidden={m}: at most {MAX_FEATURES}, {MAX_HIDDEN}")
    if not _SPARSITY.fullmatch(values["sparsity"]):
        raise InputError(f"{place}.sparsity={values['sparsity']!r}: must be written as 0.9")
    if values["status"] not in _STATUS:
        raise InputError(f"{place}.status={values['status']!r}: must be one of {_STATUS}")
    values["sparsity"] = Fraction(values["sparsity"])
    W = values["W"]
    if len(W) != m or not all(isinstance(line, list) and len(line) == n for line in W):
        raise InputError(f"{place}.W: must have {m} rows of {n} numbers")
    if len(values["b"]) != n:
        raise InputError(f"{place}.b: must have {n} numbers")
    values["W"] = np.array([_numbers(line, f"{place}.W") for line in W])
    values["b"] = np.array(_numbers(values["b"], f"{place}.b"))
    return AtlasRow(n, m, **values)


def _value(value: Any, kind: type, place: str) -> Any:
    if kind is float:
        return _numbers([value], place)[0]
    if not isinstance(value, kind) or isinstance(value, bool):
        raise InputError(f"{place}: must be of type {kind.__name__}")
    if isinstance(value, str) and (len(value) > _TEXT or not value.isprintable()):
        raise InputError(f"{place}: must be at most {_TEXT} printable characters")
    return value


def _numbers(values: list[Any], place: str) -> list[float]:
    for value in values:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise InputError(f"{place}: must be a number")
        if not abs(value) <= _LARGEST:  # no NaN either
            raise InputError(f"{place}={value!r:.30}: must be at most {_LARGEST:g} in modulus")
    return [float(value) for value in values]


def write_atlas(atlas: Atlas, path: Path) -> None:
    """Write an atlas file; the old one is replaced only when the whole of it is written.

    Args:
        atlas: the rows.
        path: the file.

    Raises:
        InputError: it cannot be written.
    """
    lines = ",\n".join(json.dumps(content_of(row), allow_nan=False) for row in atlas.values())
    text = f'{{"format": {json.dumps(FORMAT)}, "rows": [\n{lines}\n]}}\n'
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise InputError(f"output={str(path)!r}: cannot be written ({error.strerror})") from None
    finally:
        part.unlink(missing_ok=True)


def content_of(row: AtlasRow) -> dict[str, Any]:
    values: dict[str, Any] = {"features": row.n_features, "hidden": row.n_hidden}
    values |= {name: getattr(row, name) for name in _FIELDS if name not in values}
    values["sparsity"] = sparsity_text(row.sparsity)
    values["W"], values["b"] = row.W.tolist(), row.b.tolist()
    return values


def sparsity_text(sparsity: Fraction) -> str:
    """Write a sparsity of at most nine decimals.

    Args:
        sparsity: from 0 to 1.

    Returns:
        Such as ``0.9``.

    Raises:
        Unsupported: one with more decimals.

    Example:
        >>> sparsity_text(Fraction(97, 100)), sparsity_text(Fraction(0))
        ('0.97', '0')
    """
    units = sparsity * 10**9
    if units.denominator != 1:
        raise Unsupported(f"sparsity={sparsity}: an atlas takes at most nine decimals")
    text = f"{math.floor(sparsity)}.{int(units % 10**9):09d}".rstrip("0")
    return text.rstrip(".")
