"""Files that are whole or not there, whenever the process or the machine dies."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
import time
from pathlib import Path

__all__ = ["PART", "is_partial", "probe", "read_bounded", "remove_leftovers", "write_durably"]

PART = ".part"  # ends the name of a file that is being written
_ABANDONED = 3600.0  # seconds after which nobody can still be writing it
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}
_NO_FOLDER_SYNC = {errno.EINVAL, errno.EBADF, errno.ENOTSUP}


def write_durably(path: Path, content: bytes, *, only_new: bool = False) -> None:
    """Write a file under another name, flush it to the disk, rename it, flush the folder.

    Args:
        path: of the file; replaced in one step if it is there.
        content: what it holds.
        only_new: raise instead if it is there.

    Raises:
        FileExistsError: there is one, and ``only_new``.
        OSError: a full disk, no permission, a folder that is gone; ``path`` is as it was.
    """
    part = path.with_name(f"{path.name}.{secrets.token_hex(8)}{PART}")
    try:
        with open(part, "xb", opener=_opener) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if not only_new:
            os.replace(part, path)
        else:
            _link(part, path)
    finally:
        with contextlib.suppress(OSError):
            os.unlink(part)
    _sync_folder(path.parent)


def probe(folder: Path) -> None:
    """Write and remove a small file.

    Args:
        folder: where.

    Raises:
        OSError: nothing can be written there.
    """
    part = folder / f"probe.{secrets.token_hex(8)}{PART}"
    try:
        with open(part, "xb", opener=_opener) as file:
            file.write(b"probe")
    finally:
        with contextlib.suppress(OSError):
            part.unlink()


def read_bounded(path: Path, most: int) -> bytes:
    """Read a plain file that a stranger may have made.

    Args:
        path: of the file.
        most: bytes that it may have.

    Returns:
        What it holds.

    Raises:
        ValueError: longer, or no plain file.
        OSError: not there, or not to be read.
    """
    with open(path, "rb", opener=_unblocked) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise ValueError("no plain file")
        content = file.read(most + 1)
    if len(content) > most:
        raise ValueError(f"longer than {most} bytes")
    return content


def is_partial(name: str) -> bool:
    """Say whether a file of this name was left, or is held, half written."""
    return name.endswith(PART)


def remove_leftovers(folder: Path) -> None:
    """Remove what killed processes left half written, as far as that is allowed."""
    with contextlib.suppress(OSError):
        for entry in os.scandir(folder):
            if is_partial(entry.name) and entry.stat().st_mtime < time.time() - _ABANDONED:
                os.unlink(entry.path)


def _opener(path: str, flags: int) -> int:
    return os.open(path, flags, 0o666)


def _unblocked(path: str, flags: int) -> int:
    """Open without waiting for the other end of a named pipe."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _link(part: Path, path: Path) -> None:
    """Give the file its name unless another process did so first."""
    try:
        os.link(part, path)
    except FileExistsError:
        raise
    except OSError as problem:  # a file system without links: the next best
        if problem.errno not in _NO_LINKS:
            raise
        if path.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
        os.replace(part, path)


def _sync_folder(folder: Path) -> None:
    """Flush the names in a folder, where the system knows how to."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as problem:
        if problem.errno not in _NO_FOLDER_SYNC:
            raise
    finally:
        os.close(descriptor)
