"""Claims on cells, so that two processes that sweep into one store do not compute the same.

A claim is a lock on one byte of an empty file, at a place that the cell's name gives. The system
drops it when the process ends, however it ends, so that no claim outlives its owner. Claims save
work and guard nothing: where the system has no such locks everything is granted.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

try:
    import fcntl
except ImportError:  # not on this system
    fcntl = None  # type: ignore[assignment]

__all__ = ["Claims"]

_DIGITS = 15  # hexadecimal, of the name: places below 2^60


class Claims:
    """The claims of this process on the cells of a store.

    Args:
        path: of the file that is locked.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def take(self, name: str) -> bool:
        """Claim a cell.

        Args:
            name: hexadecimal digits.

        Returns:
            False if another process holds it.
        """
        if fcntl is None or not self._opened():
            return True
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _place(name))  # type: ignore[arg-type]
        except (BlockingIOError, PermissionError):
            return False
        except OSError:  # a file system without locks
            return True
        return True

    def release(self, name: str) -> None:
        """Give a claim up; nothing happens without one."""
        if self._file is not None and fcntl is not None:
            with contextlib.suppress(OSError):
                fcntl.lockf(self._file, fcntl.LOCK_UN, 1, _place(name))

    def close(self) -> None:
        """Give all claims up."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _opened(self) -> bool:
        if self._file is None:
            with contextlib.suppress(OSError):  # a folder that can only be read
                self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o666)
        return self._file is not None


def _place(name: str) -> int:
    return int(name[:_DIGITS], 16)
