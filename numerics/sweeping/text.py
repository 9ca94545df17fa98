"""JSON data in one canonical text: keys of cells, seeds of cells, contents of files.

Two equal values have the same text, whatever machine wrote it: keys sorted, no spaces, ASCII,
floats by ``repr``, which gives back the same float. What has no such text is refused.
"""

from __future__ import annotations

import hashlib
import json
import math
from typing import Any

from theory.problem import InputError

__all__ = ["MOST_BYTES", "Record", "canonical", "cell_key", "cell_seed", "digest", "parsed"]

Record = dict[str, Any]

MOST_BYTES = 16 * 2**20  # of a text; a file that claims to be longer is not read
_DEEPEST = 100  # lists and objects within each other
_MOST_BITS = 13_000  # of an integer; beyond 4300 digits Python refuses to read it back


def canonical(value: object, name: str = "value") -> str:
    """Write JSON data as its canonical text.

    Args:
        value: text, whole numbers, finite floats, True, False, None, and lists, tuples and
            dictionaries of these; a tuple is written as a list.
        name: what to call the value in a message.

    Returns:
        The text, ASCII.

    Raises:
        InputError: anything else in it, NaN and infinity among them.

    Example:
        >>> canonical({"sparsity": 0.1, "features": (2, 1)})
        '{"features":[2,1],"sparsity":0.1}'
    """
    _check(value, name, 0)
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    if len(text) > MOST_BYTES:
        raise InputError(f"{name}: {len(text)} bytes as text; at most {MOST_BYTES} are taken")
    return text


def parsed(text: str | bytes) -> Any:
    """Read JSON from anywhere.

    Args:
        text: at most ``MOST_BYTES`` of it are the caller's duty.

    Returns:
        The data.

    Raises:
        ValueError: no JSON, nested too deep to read, or NaN or infinity in it.

    Example:
        >>> parsed('{"loss":0.1}')
        {'loss': 0.1}
    """
    try:
        return json.loads(text, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("nested too deep") from None


def digest(text: str) -> str:
    """SHA-256 of an ASCII text, in hexadecimal digits."""
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def cell_key(parameters: Record) -> str:
    """Name a cell by its parameters.

    Args:
        parameters: JSON data by name; 1, 1.0 and True are different values.

    Returns:
        The canonical text.

    Raises:
        InputError: not a dictionary of JSON data.

    Example:
        >>> cell_key({"n": 5, "S": "9/10"})
        '{"S":"9/10","n":5}'
    """
    if not isinstance(parameters, dict):
        raise InputError(f"cell={parameters!r}: must be a dictionary of parameters by name")
    return canonical(parameters, "cell")


def cell_seed(key: str, seed: int) -> int:
    """Derive the seed of a cell from its key alone, so that no order or worker changes it.

    Args:
        key: of the cell.
        seed: of the sweep.

    Returns:
        The first 63 bits of SHA-256 of the canonical text of ``[seed, key]``.

    Example:
        >>> cell_seed('{"n":5}', 0), cell_seed('{"n":5}', 1)
        (8515746397691775273, 4915381430673335095)
    """
    return int(digest(canonical([seed, key]))[:16], 16) >> 1


def _check(value: object, name: str, depth: int) -> None:
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, str):
        if any("\ud800" <= letter <= "\udfff" for letter in value):
            raise InputError(f"{name}={value!r}: half of a surrogate pair is no character")
    elif isinstance(value, int):
        if value.bit_length() > _MOST_BITS:
            raise InputError(f"{name}: a whole number beyond 3900 digits; give it as text")
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise InputError(f"{name}={value!r}: JSON has no such number; give None or a text")
    elif isinstance(value, dict | list | tuple):
        if depth == _DEEPEST:
            raise InputError(f"{name}: nested more than {_DEEPEST} deep")
        _check_entries(value, name, depth + 1)
    else:
        raise InputError(
            f"{name}={value!r}: must be JSON data (text, whole numbers, finite floats, True, "
            f"False, None, lists, dictionaries), not {type(value).__name__}"
        )


def _check_entries(value: dict[Any, Any] | list[Any] | tuple[Any, ...], name: str, at: int) -> None:
    if not isinstance(value, dict):
        for index, entry in enumerate(value):
            _check(entry, f"{name}[{index}]", at)
        return
    for key, entry in value.items():
        if not isinstance(key, str):
            raise InputError(f"{name}: key {key!r} must be text")
        _check(key, f"key of {name}", at)
        _check(entry, f"{name}[{key!r}]", at)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")
