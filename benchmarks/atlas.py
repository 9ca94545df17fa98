"""Make the atlas again, or search on for better rows: ``python benchmarks/atlas.py --help``.

Rows that are in the file already are starts like any other and are only replaced by better ones;
``--new`` begins without them. The file is written after every size, so that the script can be
stopped and run again; rows that are there are left alone unless ``--again`` is given.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from tms.atlas import verify
from tms.atlas.rows import Atlas, read_atlas, write_atlas
from tms.atlas.search import GRID, improve, keys_of
from tms.printing.atlas import summary_text

SHIPPED = Path(__file__).parent.parent / "tms" / "data" / "atlas.json"


def numbers(text: str) -> list[int]:
    """Read ``2-8`` or ``3``."""
    first, _, last = text.partition("-")
    return list(range(int(first), int(last or first) + 1))


def main() -> None:
    """Search, write, verify, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--features", type=numbers, default=numbers("1-12"), help="such as 2-8")
    parser.add_argument("--hidden", type=numbers, default=numbers("1-4"), help="such as 1-3")
    parser.add_argument("--sparsity", default=",".join(GRID), help="such as 0.5,0.9")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after so many")
    parser.add_argument("--new", action="store_true", help="begin without the file")
    parser.add_argument("--again", action="store_true", help="search rows that are there, too")
    parser.add_argument("--output", type=Path, default=SHIPPED)
    options = parser.parse_args()

    there = options.output.exists() and not options.new
    atlas = read_atlas(options.output) if there else Atlas([])
    begin, changed = time.perf_counter(), 0
    for key in keys_of(options.features, options.hidden, options.sparsity.split(",")):
        if time.perf_counter() - begin > options.seconds:
            break
        if key in atlas and not options.again:
            continue
        row = improve(atlas, key, options.seed)
        if row is not atlas.get(key):
            atlas, changed = atlas.replaced(row), changed + 1
            write_atlas(atlas, options.output)
        print(
            f"{key[0]:>2} {key[1]} {float(key[2]):<6} {row.loss!r:>22}  {row.arrangement}",
            flush=True,
        )
    searched = time.perf_counter() - begin
    begin = time.perf_counter()
    wrong = {key: found for key, row in atlas.items() if (found := verify(row))}
    print(summary_text(atlas))
    print(f"{changed} rows new or better in {searched:.0f} s")
    print(f"verified in {time.perf_counter() - begin:.0f} s: {len(wrong)} rows are wrong")
    for key, found in wrong.items():
        print(key, found)


if __name__ == "__main__":
    main()
