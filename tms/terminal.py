"""Where a table goes: a terminal, a pipe or a file; and the progress bar."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TextIO, TypeAlias

from rich.console import Console
from rich.progress import Progress as Bar

from theory.problem import InputError

if TYPE_CHECKING:
    from tms.tables import Format, Progress

__all__ = ["destination", "progress_bar"]

Write: TypeAlias = "Callable[[Table, Format], None]"


class Table(Protocol):
    """What can be written in several formats."""

    def format(self, kind: Format = ...) -> str:
        """Write the table as text."""


@contextmanager
def destination(path: Path | None) -> Iterator[Write]:
    """Open the place that a table is written to, before the table is computed.

    Args:
        path: a file, which is replaced only when the whole table is written; stdout if None.

    Yields:
        A function of the table and its format, which writes it.

    Raises:
        InputError: the file cannot be written.
    """
    if path is None:
        yield lambda table, kind: _write(sys.stdout, table.format(kind))
        return
    path = path.resolve()
    if path.exists() and not path.is_file():
        raise InputError(f"output={str(path)!r}: is not a file")
    part = path.with_name(f".{path.name}.part")
    try:
        stream = part.open("w", encoding="utf-8")
    except OSError as error:
        raise InputError(f"output={str(path)!r}: cannot be written ({error.strerror})") from None
    try:
        with stream:
            yield lambda table, kind: _write(stream, table.format(kind))
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _write(stream: TextIO, text: str) -> None:
    stream.write(text)


@contextmanager
def progress_bar() -> Iterator[Progress | None]:
    """Show a bar on stderr while the block runs, on a terminal only.

    Yields:
        What ``sparsity_table`` takes as ``progress``.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    with Bar(console=console, transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total, text: bar.update(
            task, completed=done, total=total, description=text
        )
