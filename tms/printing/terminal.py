"""Where a table goes: a terminal, a pipe or a file; and the progress bar."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, TypeAlias

from rich.console import Console
from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from theory.problem import InputError

__all__ = ["Format", "Progress", "Write", "counting", "destination", "progress_bar"]

Format: TypeAlias = Literal["text", "markdown", "latex", "csv", "json"]
Progress: TypeAlias = Callable[[int, int, str], None]
Write: TypeAlias = Callable[[str | bytes], None]


@contextmanager
def destination(path: Path | None) -> Iterator[Write]:
    """Open the place that a table is written to, before the table is computed.

    Args:
        path: a file, which is replaced only when the whole table is written; stdout if None.

    Yields:
        A function that writes text or bytes there.

    Raises:
        InputError: the file cannot be written.
    """
    if path is None:
        yield _to_stdout
        return
    path = path.resolve()
    if path.exists() and not path.is_file():
        raise InputError(f"output={str(path)!r}: is not a file")
    part = path.with_name(f".{path.name}.part")
    with _naming(path):
        part.touch()
    content: list[str | bytes] = []
    try:
        yield content.append
        if content:
            with _naming(path):
                part.write_bytes(b"".join(map(_as_bytes, content)))
                part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Say which file could not be written, and why."""
    try:
        yield
    except OSError as error:
        raise InputError(f"output={str(path)!r}: cannot be written ({error.strerror})") from None


def _as_bytes(content: str | bytes) -> bytes:
    return content if isinstance(content, bytes) else content.encode("utf-8")


def _to_stdout(content: str | bytes) -> None:
    if isinstance(content, bytes):
        sys.stdout.buffer.write(content)
    else:
        sys.stdout.write(content)


@contextmanager
def progress_bar() -> Iterator[Progress | None]:
    """Show a bar with the time left on stderr while the block runs, on a terminal only.

    Yields:
        What takes the number of parts that are done, of all parts, and what is being done.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    with Bar(*columns, TimeRemainingColumn(), console=console, transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total, text: bar.update(
            task, completed=done, total=total, description=text
        )


@contextmanager
def counting(total: int) -> Iterator[Callable[[int], None] | None]:
    """Show on stderr, on a terminal only, how many starts are done.

    Args:
        total: number of starts.

    Yields:
        What takes the number of starts that are done.
    """
    with progress_bar() as progress:
        if progress is None:
            yield None
            return
        tell = progress
        tell(0, total, "starting")
        yield lambda done: tell(done, total, f"start {done} of {total}")
