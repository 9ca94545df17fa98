"""Rows of the atlas as text and as plain data; formatting only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from theory.claim_ids import of_lower_bound, with_claims
from tms.atlas.rows import Atlas, AtlasRow, sparsity_text
from tms.printing.words import size_words

__all__ = ["list_text", "row_record", "row_text", "summary_text"]


def row_text(row: AtlasRow) -> str:
    """Write one row with its coordinates.

    Args:
        row: the row.

    Returns:
        Lines without a newline at the end.
    """
    from numerics.dimensionality import feature_dimensionality

    n, m = row.n_features, row.n_hidden
    head = f"{size_words(n, m)}, S = {sparsity_text(row.sparsity)}, importance 1, ReLU, U[0, 1]"
    shares = feature_dimensionality(row.W)
    lines = [
        f"arrangement    {row.arrangement}",
        f"loss           at most {row.loss!r}, {row.status}",
        f"lower bound    {row.lower_bound!r} ({with_claims(row.bound, of_lower_bound(row.bound))})",
        f"residuals      stationarity {row.stationarity:.1e}, least curvature {row.curvature:.3e}",
        f"found          {row.found}",
        "",
        "feature  " + "  ".join(f"{f'W[{k}]':>19}" for k in range(m)) + f"  {'b':>19}     D_i",
    ]
    for j in range(n):
        cells = [*row.W[:, j], row.b[j]]
        lines.append(
            f"{j:>7}  " + "  ".join(f"{cell:>19.15f}" for cell in cells) + f"  {shares[j]:.4f}"
        )
    return "\n".join([head, "", *lines])


def list_text(rows: Sequence[AtlasRow]) -> str:
    """Write one line for each row.

    Args:
        rows: some rows.

    Returns:
        A table.
    """
    cells = [("n", "m", "S", "loss", "lower bound", "status")]
    cells += [
        (
            str(row.n_features),
            str(row.n_hidden),
            sparsity_text(row.sparsity),
            repr(row.loss),
            repr(row.lower_bound),
            row.status,
        )
        for row in rows
    ]
    names = ["arrangement", *(row.arrangement for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        "  ".join([*(cell.rjust(width) for cell, width in zip(line, widths, strict=True)), name])
        for line, name in zip(cells, names, strict=True)
    )


def summary_text(atlas: Atlas) -> str:
    """Say what an atlas holds.

    Args:
        atlas: the rows.

    Returns:
        Lines without a newline at the end.
    """
    rows = list(atlas.values())
    if not rows:
        return "no rows"
    n, m = ([row.key[k] for row in rows] for k in (0, 1))
    at = sorted({row.sparsity for row in rows})
    positive = [row for row in rows if row.lower_bound > 0.0]
    proved = sum(row.status == "proved" for row in rows)
    ratios = [row.lower_bound / row.loss for row in positive]
    middle = f"; in the median {np.median(ratios):.3f} of the loss" if ratios else ""
    return "\n".join([
        "best known arrangements: ReLU, features on [0, 1], importance 1",
        f"{len(rows)} rows: n from {min(n)} to {max(n)}, m from {min(m)} to {max(m)}, "
        f"S = {', '.join(map(sparsity_text, at))}",
        f"{len(positive)} with a positive lower bound{middle}",
        f"{proved} proved",
    ])  # fmt: skip


def row_record(row: AtlasRow) -> dict[str, Any]:
    """Give a row as plain data.

    Args:
        row: the row.

    Returns:
        Its fields by name, arrays as lists.
    """
    from tms.atlas.rows import content_of

    return content_of(row)
