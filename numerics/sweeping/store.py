"""A folder that keeps the cells of a sweep, each durable as soon as it is finished."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

from numerics.sweeping.claims import Claims
from numerics.sweeping.files import probe, read_bounded, remove_leftovers, write_durably
from numerics.sweeping.headers import (
    Cell,
    Header,
    digest_of_key,
    made_or_checked,
    read_cell,
    written_cell,
)
from numerics.sweeping.text import MOST_BYTES, Record, canonical, digest, parsed
from theory.problem import InputError

__all__ = ["Store"]


class Store:
    """A folder of finished cells: ``store.json`` and one file a cell, named by its key's hash.

    A cell file is one line of JSON with a checksum, the same bytes on every machine and in every
    order of computation. It is written under another name, flushed to the disk and renamed, so
    that it is whole or not there. Several processes may use one store at a time. A damaged cell
    counts as missing; what is left of it goes to the folder ``damaged`` when it is computed again.

    Attributes:
        path: the folder.
        damaged: what is wrong with a cell file, by its name; of the files read so far.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     store = Store.open(folder, settings={"starts": 50}, version="0.1.0")
        ...     store.put("a", {"loss": 0.25})
        ...     store.get("a"), store.missing(["a", "b"])
        {'loss': 0.25}
        ({'loss': 0.25}, ['b'])
    """

    def __init__(self, path: Path, header: Header) -> None:
        self.path, self._header = path, header
        self.damaged: dict[str, str] = {}
        self._cells = path / "cells"
        self.claims = Claims(path / "claims")

    @classmethod
    def open(cls, path: str | os.PathLike[str], *, settings: Record, version: str) -> Store:
        """Open a store, or make it.

        Args:
            path: of the folder; it may be missing or empty.
            settings: JSON data by name, all that the records depend on besides cell and seed.
            version: of the program.

        Returns:
            The store.

        Raises:
            InputError: a store of another version or other settings, a damaged header, a folder
                that is no store and not empty, a place where none can be made.
        """
        if not isinstance(settings, dict):
            raise InputError(f"settings={settings!r}: must be a dictionary of JSON data by name")
        if not isinstance(version, str):
            raise InputError(f"version={version!r}: must be text")
        folder = Path(path).absolute()
        header = Header(parsed(canonical(settings, "settings")), version)
        made_or_checked(folder, header)
        store = cls(folder, header)
        store._prepare()
        return store

    @property
    def settings(self) -> Record:
        """Settings of the store, a copy."""
        copy: Record = parsed(canonical(self._header.settings))
        return copy

    @property
    def version(self) -> str:
        """Version of the program that made the store."""
        return self._header.version

    def get(self, key: str, *, seed: int | None = None) -> Record | None:
        """Look a cell up.

        Args:
            key: of the cell.
            seed: of the sweep, if it must be this one.

        Returns:
            The record; None where it is missing or damaged.

        Raises:
            InputError: computed with another seed.
        """
        cell = self._read(key)
        if cell is None:
            return None
        if seed is not None and cell.seed != seed:
            raise InputError(
                f"seed={seed}: the cells in {self.path} were computed with seed {cell.seed}; go on "
                "with that seed, or name another folder"
            )
        return cell.record

    def put(self, key: str, record: Record, *, seed: int | None = None) -> Record:
        """Keep a cell; it is on the disk when this returns.

        A cell that is there already stays as it is.

        Args:
            key: of the cell.
            record: JSON data by name.
            seed: of the sweep, to be compared by ``get``.

        Returns:
            The record that is kept.

        Raises:
            InputError: a record that is no JSON data, a cell of another seed.
            OSError: a full disk, no permission, a folder that is gone; the store is as it was.
        """
        if not isinstance(record, dict):
            raise InputError(f"record={record!r}: must be a dictionary of JSON data by name")
        content = written_cell(Cell(key, record, seed), self._header)
        kept = self.get(key, seed=seed)
        if kept is not None:
            return kept
        path = self._path(key)
        self._set_aside(path)
        write_durably(path, content)
        self.damaged.pop(path.name, None)
        return parsed(canonical(record))

    def missing(self, keys: Iterable[str]) -> list[str]:
        """List what is still to be computed.

        Args:
            keys: of cells.

        Returns:
            Those without a sound file, each once, in their order.
        """
        return [key for key in dict.fromkeys(keys) if self._read(key) is None]

    def keys(self) -> list[str]:
        """List the keys of all sound cells, sorted."""
        found = []
        for path in self._cells.glob("*.json"):
            cell = self._read_file(path)
            if cell is not None:
                found.append(cell.key)
        return sorted(found)

    def check_writable(self) -> None:
        """Write and remove a small file, before hours are spent on what cannot be kept.

        Raises:
            OSError: nothing can be written there.
        """
        probe(self._cells)

    def name(self, key: str) -> str:
        """Give the name of a cell's file without its ending.

        Args:
            key: of the cell.

        Returns:
            SHA-256 of the key as JSON text, in hexadecimal digits.
        """
        return digest_of_key(key)

    def _prepare(self) -> None:
        with contextlib.suppress(OSError):  # found out by ``put``, where anything is to be kept
            self._cells.mkdir(exist_ok=True)
        remove_leftovers(self.path)
        remove_leftovers(self._cells)

    def _path(self, key: str) -> Path:
        return self._cells / f"{digest_of_key(key)}.json"

    def _read(self, key: str) -> Cell | None:
        return self._read_file(self._path(key))

    def _read_file(self, path: Path) -> Cell | None:
        try:
            return read_cell(path, self._header)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as problem:
            self.damaged[path.name] = f"not to be read: {problem.strerror}"
        except ValueError as problem:
            self.damaged[path.name] = str(problem)
        return None

    def _set_aside(self, path: Path) -> None:
        """Keep what is left of a damaged file under a second name; the first is written over."""
        if not path.exists():
            return
        with contextlib.suppress(OSError, ValueError):  # a help for inquiries, nothing more
            content = read_bounded(path, MOST_BYTES + 1)
            aside = self.path / "damaged"
            aside.mkdir(exist_ok=True)
            os.link(path, aside / f"{path.stem}.{digest(content.hex())[:8]}.json")
