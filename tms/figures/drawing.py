"""A figure with its caption and provenance, and the file that it is written to."""

from __future__ import annotations

import io
import textwrap
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from theory.problem import InputError
from tms.figures.style import DOTS, context

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["SUFFIXES", "Drawing", "check_caption_path", "check_path"]

SUFFIXES = (".pdf", ".svg", ".png")


def check_path(path: Path) -> None:
    """Refuse a name that no figure can be written to, before anything is computed.

    Args:
        path: the file.

    Raises:
        InputError: another suffix than .pdf, .svg or .png, no such folder, a folder that cannot be
            written to, or something that is not a file.

    Example:
        >>> check_path(Path("figure.pdf"))
    """
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"figure={str(path)!r}: must end in one of {', '.join(SUFFIXES)}")
    _check_place(path, "figure")


def check_caption_path(path: Path) -> None:
    """Refuse a figure whose caption cannot be written beside it.

    Args:
        path: of the figure.

    Raises:
        InputError: the file of the same name that ends in .txt cannot be written.
    """
    _check_place(_beside(path), "caption")


def _check_place(path: Path, name: str) -> None:
    if not path.resolve().parent.is_dir():
        raise InputError(f"{name}={str(path)!r}: there is no such folder")
    if path.exists() and not path.is_file():
        raise InputError(f"{name}={str(path)!r}: cannot be written (is not a file)")
    part = _part(path)
    try:
        part.touch()
        part.unlink()
    except OSError as error:
        raise InputError(f"{name}={str(path)!r}: cannot be written ({error.strerror})") from None


@dataclass(frozen=True, eq=False)
class Drawing:
    """A figure, with what a paper has to say about it.

    Args:
        figure: Matplotlib's own, to change at will.
        title: what is shown, in a few words.
        caption: model, normalisation, seed, version, what is exact and what is best found, the
            claims that it rests on, and the command.
        command: what makes the figure again.
        version: of this program.
        counts: numbers that the caption states, by name.
    """

    figure: Figure
    title: str
    caption: str
    command: str
    version: str
    counts: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # a layout that is solved anew for every file moves a little each time
        with context():
            self.figure.draw_without_rendering()
            self.figure.set_layout_engine("none")

    def save(self, path: str | Path, *, caption: bool = False) -> None:
        """Write the figure; the suffix says how. The same drawing gives the same bytes.

        Args:
            path: a file that ends in .pdf, .svg or .png.
            caption: whether to write the caption beside it, in a file that ends in .txt.

        Raises:
            InputError: another suffix, or a file that cannot be written.
        """
        target = Path(path)
        check_path(target)
        contents = {target: self.rendered(target.suffix.lower().removeprefix("."))}
        if caption:
            text = "\n\n".join(textwrap.fill(part, 96) for part in self.caption.split("\n\n"))
            contents[_beside(target)] = f"{text}\n".encode()
        for file, content in contents.items():
            _write(file, content)

    def rendered(self, kind: str, *, dots: int = DOTS) -> bytes:
        """Give the figure as the bytes of a file.

        Args:
            kind: ``"pdf"``, ``"svg"`` or ``"png"``.
            dots: an inch, of ``"png"``.

        Returns:
            The bytes, with title, version and command as metadata, and without a date.
        """
        made_by = f"tms-theory {self.version}"
        metadata: dict[str, dict[str, str | None]] = {
            "pdf": {
                "Title": self.title,
                "Subject": self.command,
                "Creator": made_by,
                "CreationDate": None,
            },
            "svg": {
                "Title": self.title,
                "Description": self.command,
                "Creator": made_by,
                "Date": None,
            },
            "png": {"Title": self.title, "Description": self.command, "Software": made_by},
        }
        stream = io.BytesIO()
        with context():
            self.figure.savefig(stream, format=kind, dpi=dots, metadata=metadata[kind])
        return stream.getvalue()

    def _repr_png_(self) -> bytes:
        """Show the figure in a notebook."""
        return self.rendered("png", dots=150)


def _beside(path: Path) -> Path:
    return path.with_suffix(".txt")


def _part(path: Path) -> Path:
    return path.with_name(f".{path.name}.part")


def _write(path: Path, content: bytes) -> None:
    """Replace a file only when the whole of it is written."""
    part = _part(path)
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        raise InputError(f"figure={str(path)!r}: cannot be written ({error.strerror})") from None
    finally:
        part.unlink(missing_ok=True)
