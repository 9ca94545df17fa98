"""The header of a store, and the text of its cell files; every byte of both is checked."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numerics.sweeping.files import is_partial, read_bounded, write_durably
from numerics.sweeping.text import MOST_BYTES, Record, canonical, digest, parsed
from theory.problem import InputError

__all__ = ["Cell", "Header", "digest_of_key", "made_or_checked", "read_cell", "written_cell"]

NAME = "store.json"
_FORMAT = "sweep store 1"
_HEADER = {"format": str, "settings": dict, "version": str}
_SHOWN = 4  # settings that differ, in a message
_WIDEST = 60  # characters of a value in a message


@dataclass(frozen=True)
class Header:
    """What all cells of a store have in common.

    Attributes:
        settings: of the computation.
        version: of the program.
    """

    settings: Record
    version: str

    @property
    def text(self) -> str:
        """Content of the header's file."""
        return _sealed(
            {"format": _FORMAT, "settings": self.settings, "version": self.version}, "settings"
        )

    @property
    def mark(self) -> str:
        """What ties a cell file to its store."""
        return digest(self.text)


@dataclass(frozen=True)
class Cell:
    """What a cell file holds.

    Attributes:
        key: of the cell.
        record: its result.
        seed: of the sweep that computed it; None where none was named.
    """

    key: str
    record: Record
    seed: int | None


def made_or_checked(folder: Path, header: Header) -> None:
    """Make the header of a new store, or compare with the one that is there.

    Args:
        folder: of the store; made if it is not there.
        header: wanted.

    Raises:
        InputError: no store and not empty; another version, other settings; a damaged header; a
            folder that cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / NAME).exists():
            _refuse_strange(folder)
            with contextlib.suppress(FileExistsError):  # another process was quicker
                write_durably(folder / NAME, header.text.encode("ascii"), only_new=True)
        found = _read_header(folder)
    except FileExistsError:
        raise InputError(f"store={folder}: a file, not a folder; name a folder") from None
    except OSError as problem:
        raise InputError(
            f"store={folder}: no store can be opened there: {problem.strerror}; name a folder "
            "that can be read and written"
        ) from None
    _compare(folder, found, header)


def written_cell(cell: Cell, header: Header) -> bytes:
    """Give the content of a cell file.

    Args:
        cell: its key, record and seed.
        header: of the store.

    Returns:
        One line of ASCII, the same on every machine.

    Raises:
        InputError: a record that is no JSON data.
    """
    data = {"header": header.mark, "key": cell.key, "record": cell.record, "seed": cell.seed}
    return _sealed(data, "record").encode("ascii")


def read_cell(path: Path, header: Header) -> Cell:
    """Read a cell file.

    Args:
        path: of the file.
        header: of the store.

    Returns:
        The cell.

    Raises:
        ValueError: damaged; the text says what is wrong.
        OSError: not there, or not to be read.
    """
    data = _unsealed(read_bounded(path, MOST_BYTES + 1))
    types = {"header": str, "key": str, "record": dict, "seed": int | None}
    if not _fits(data, types):
        raise ValueError("no cell of a sweep")
    if digest_of_key(data["key"]) != path.stem:
        raise ValueError("the cell of another file")
    if data["header"] != header.mark:
        raise ValueError("the cell of another store")
    return Cell(data["key"], data["record"], data["seed"])


def digest_of_key(key: str) -> str:
    """Give the name of a cell's file, without its ending; any text can be a key."""
    return digest(canonical(key, "key"))


def _sealed(data: Record, name: str) -> str:
    """One line: the canonical text of the data with the checksum of the rest in it."""
    checksum = digest(canonical(data, name))
    return canonical({**data, "checksum": checksum}, name) + "\n"


def _unsealed(content: bytes) -> Record:
    """The data of a sealed line, if it is one to the last byte."""
    intact, data = False, {}
    with contextlib.suppress(ValueError):  # InputError among them
        found: Any = parsed(content)
        data = found if isinstance(found, dict) else {}
        data.pop("checksum", None)
        intact = _sealed(data, "file").encode("ascii") == content
    if not intact:
        raise ValueError("truncated or altered: its checksum does not fit")
    return data


def _fits(data: Record, types: dict[str, Any]) -> bool:
    """Whether there are these entries, of these types, and no others."""
    return data.keys() == types.keys() and all(
        isinstance(data[name], kind) for name, kind in types.items()
    )


def _refuse_strange(folder: Path) -> None:
    """A folder that holds anything but the beginnings of a header is somebody else's."""
    strange = [entry.name for entry in folder.iterdir() if not _is_ours(entry.name)]
    if not strange or (folder / NAME).exists():  # made meanwhile
        return
    names = ", ".join(sorted(strange)[:3]) + (", ..." if len(strange) > 3 else "")
    raise InputError(
        f"store={folder}: not empty and no store of a sweep (no {NAME}; it holds {names}); name "
        "an empty or a new folder"
    )


def _is_ours(name: str) -> bool:
    return name.startswith(NAME) and is_partial(name)


def _read_header(folder: Path) -> Header:
    path = folder / NAME
    try:
        data = _unsealed(read_bounded(path, MOST_BYTES + 1))
        if data.get("format") == _FORMAT and not _fits(data, _HEADER):
            raise ValueError("no header of a store")
    except ValueError as problem:
        raise InputError(
            f"store={folder}: {NAME} is damaged ({problem}). The cells beside it are untouched: "
            f"sweep into a new folder with the same settings and copy its {NAME} here"
        ) from None
    if data.get("format") != _FORMAT:
        raise InputError(
            f"store={folder}: its format is {data.get('format')!r}, this program reads "
            f"{_FORMAT!r}; name another folder, or go on with the program that made it"
        )
    return Header(data["settings"], data["version"])


def _compare(folder: Path, found: Header, wanted: Header) -> None:
    if found.version != wanted.version:
        raise InputError(
            f"store={folder}: made by version {found.version!r}, this is version "
            f"{wanted.version!r}, and cells of two versions are not mixed; name another folder, "
            f"or go on with version {found.version!r}"
        )
    if found.text == wanted.text:
        return
    differences = _differences(found.settings, wanted.settings)
    raise InputError(
        f"store={folder}: made with other settings: {differences}; name another folder, or go on "
        "with the settings that it was made with"
    )


def _differences(found: Record, wanted: Record) -> str:
    names = sorted(found.keys() | wanted.keys())
    told = [
        f"{name} was {_told(found, name)}, is {_told(wanted, name)}"
        for name in names
        if _told(found, name, None) != _told(wanted, name, None)
    ]
    more = f"; and {len(told) - _SHOWN} more" if len(told) > _SHOWN else ""
    return "; ".join(told[:_SHOWN]) + more


def _told(settings: Record, name: str, widest: int | None = _WIDEST) -> str:
    if name not in settings:
        return "not given"
    text = canonical(settings[name])
    return text if widest is None or len(text) <= widest else f"{text[:widest]}..."
