"""A table as plain numbers in full precision: data frame, CSV, JSON, Parquet."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import TYPE_CHECKING, Any

from theory.problem import InputError
from tms.tables.columns import COLUMNS, Column
from tms.tables.header import header_lines

if TYPE_CHECKING:
    import pandas as pd

    from tms.tables.row import Row
    from tms.tables.table import Table

__all__ = ["as_csv", "as_json", "frame", "parquet", "records"]

_READ = 'read by pandas.read_csv(FILE, comment="#")'
_NUMBER = re.compile(r"[0-9.e+-]+")
_ALWAYS = ("n", "m", "S", "p", "importance", "law", "activation", "constraints")
_ENDING = ("seed", "status")


def records(table: Table) -> list[dict[str, Any]]:
    """List the rows as plain numbers: what was asked, all columns, seed and status.

    Args:
        table: any.

    Returns:
        One dictionary for each row.
    """
    columns = [*(COLUMNS[name] for name in _ALWAYS), *table.columns]
    columns += [COLUMNS[name] for name in _ENDING]
    found = [_record(row, columns) for row in table.rows]
    texts = [str(record["importance"]) for record in found]
    if all(map(_NUMBER.fullmatch, texts)):  # as CSV is read back: numbers if all of them are
        found = [record | {"importance": float(record["importance"])} for record in found]
    return found


def _record(row: Row, columns: list[Column]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for column in columns:
        found |= {key: value for key, value in column.values(row).items() if key not in found}
    if row.loss is not None:
        found |= {"tier": row.loss.tier}
    return found


def frame(table: Table) -> pd.DataFrame:
    """Make a data frame.

    Args:
        table: any.

    Returns:
        One line for each row.
    """
    import pandas as pd

    return pd.DataFrame.from_records(records(table))


def as_csv(table: Table) -> str:
    """Write CSV below a header of lines that begin with ``#``.

    Args:
        table: any.

    Returns:
        Text that ``pandas.read_csv(..., comment="#")`` reads back equal.
    """
    stream = io.StringIO()
    listed = records(table)
    lines = [*header_lines(table), _READ]
    stream.writelines(f"# {line}\n" for line in lines)
    names = dict.fromkeys(key for record in listed for key in record)
    writer = csv.DictWriter(stream, fieldnames=list(names), lineterminator="\n")
    writer.writeheader()
    writer.writerows(listed)
    return stream.getvalue()


def _provenance(table: Table) -> dict[str, Any]:
    return {
        "about": header_lines(table)[:-2],
        "caption": table.caption,
        "seed": table.seed,
        "starts": table.n_starts,
        "version": table.version,
        "command": table.command,
    }


def as_json(table: Table) -> str:
    """Write JSON: provenance, and each row with the weights that give its loss.

    Args:
        table: any.

    Returns:
        Text.
    """
    rows = []
    for row, record in zip(table.rows, records(table), strict=True):
        weights = (
            {} if row.W is None or row.b is None else {"W": row.W.tolist(), "b": row.b.tolist()}
        )
        importances = [float(weight) for weight in row.problem.importances]
        rows.append(record | {"importances": importances} | weights)
    return json.dumps(_provenance(table) | {"rows": rows}, indent=2, allow_nan=False) + "\n"


def parquet(table: Table) -> bytes:
    """Write Parquet, with the provenance in its metadata under ``tms``.

    Args:
        table: any.

    Returns:
        The content of a file.

    Raises:
        InputError: the package pyarrow is missing.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise InputError(
            "format='parquet': needs the package pyarrow; "
            'install it, or this project as "tms-theory[parquet]"'
        ) from None
    content = pyarrow.Table.from_pandas(frame(table), preserve_index=False)
    metadata = (content.schema.metadata or {}) | {b"tms": json.dumps(_provenance(table)).encode()}
    sink = io.BytesIO()
    pyarrow.parquet.write_table(content.replace_schema_metadata(metadata), sink)
    return sink.getvalue()
