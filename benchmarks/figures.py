"""The page of figures: one of each kind by its command, with its caption and the seconds it takes.

    python benchmarks/figures.py                      # draws, and prints seconds
    python benchmarks/figures.py --write docs         # writes figures.md and figures/*.png there
    python benchmarks/figures.py --store FOLDER       # keeps what long searches find

Cells of the phase diagrams that are found in the store are not searched again, and their seconds
say so.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
import time
from contextlib import redirect_stdout
from pathlib import Path
from unittest import mock

from tms.cli import main as tms

FIGURES = (
    ("loss", "Loss against sparsity", "loss --features 5 --hidden 2"),
    ("phase-2-1", "Phase diagram, two features in one dimension", "phase --cells 32"),
    (
        "phase-3-2",
        "Phase diagram, three features in two dimensions",
        "phase --features 3 --hidden 2 --cells 32",
    ),
    (
        "norm-3-2",
        "The same by the norm of the last feature",
        "phase --features 3 --hidden 2 --cells 32 --show norm",
    ),
    (
        "arrangement",
        "An arrangement in the plane",
        "arrangement --features 5 --hidden 2 --sparsity 0.9 --atlas",
    ),
    (
        "arrangement-3",
        "An arrangement in three dimensions",
        "arrangement --features 8 --hidden 3 --sparsity 0.97 --atlas",
    ),
    (
        "dimensionality",
        "Feature dimensionality",
        "dimensionality --features 8 --hidden 3 --atlas",
    ),
    ("bounds", "Bounds of the power model", "bounds --features 6 --hidden 2 --law rademacher"),
)


def drawn(name: str, words: str, folder: Path, store: Path | None) -> tuple[str, float]:
    """Draw one figure: its caption, and the seconds."""
    argv = ["tms", "figure", *words.split(), "-o", str(folder / f"{name}.png")]
    if store is not None and words.startswith("phase"):
        argv += ["--store", str(store / name.replace("norm", "phase"))]
    begun, out = time.perf_counter(), io.StringIO()
    with mock.patch.object(sys, "argv", argv), redirect_stdout(out):
        try:
            tms()
        except SystemExit as end:
            if end.code:
                raise
    return out.getvalue().strip(), time.perf_counter() - begun


def section(name: str, title: str, words: str, caption: str) -> str:
    """One section of the page."""
    shown = caption.partition("\n\n")[0].replace("*", r"\*").replace("_", r"\_")
    return (
        f"## {title}\n\n`tms figure {words} -o {name}.png`\n\n"
        f'<img src="figures/{name}.png" width="340" alt="{title}">\n\n{shown}\n'
    )


def page(sections: list[str]) -> str:
    """The page of the documentation."""
    head = (
        "# Figures\n\nMade by `python benchmarks/figures.py --write docs`. Each figure is one "
        "column wide; the suffix of the file chooses PDF, SVG or PNG. Below each stands the "
        "caption that the command prints, without its last line, which names version and command.\n"
    )
    return "\n".join([head, *sections])


def main() -> None:
    """Draw, time, and write where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", type=Path, default=None, help="folder for page and pictures")
    parser.add_argument("--store", type=Path, default=None, help="folder for finished cells")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) if arguments.write is None else arguments.write / "figures"
        folder.mkdir(exist_ok=True)
        if arguments.store is not None:
            arguments.store.mkdir(exist_ok=True)
        sections = []
        for name, title, words in FIGURES:
            caption, seconds = drawn(name, words, folder, arguments.store)
            print(f"{name:16} {seconds:7.1f} s")
            sections.append(section(name, title, words, caption))
        if arguments.write is not None:
            (arguments.write / "figures.md").write_text(page(sections), encoding="utf-8")


if __name__ == "__main__":
    main()
