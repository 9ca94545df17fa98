"""The atlas: best known arrangements for a grid of problems, shipped with the package."""

from tms.atlas.atlas import (
    Comparison,
    compare,
    improved,
    load,
    lookup,
    raised,
    row_of,
    sparsity_of,
    verify,
    verify_all,
)
from tms.atlas.rows import Atlas, AtlasRow, write_atlas

__all__ = [
    "Atlas",
    "AtlasRow",
    "Comparison",
    "compare",
    "improved",
    "load",
    "lookup",
    "raised",
    "row_of",
    "sparsity_of",
    "verify",
    "verify_all",
    "write_atlas",
]
