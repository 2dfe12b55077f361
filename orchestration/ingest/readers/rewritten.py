"""A delivery that was rewritten without some rows: Parquet of the rows as they were sent.

A workbook or an XML file cannot lose a row without being written anew, and then it is no longer what the
partner sent. So what is kept is the rows, every value as sent and with the line number it had.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import duckdb

from orchestration.contracts.odcs import Contract
from orchestration.core.sql import as_pattern, literal

ENDING = ".rows"


def read(connection: duckdb.DuckDBPyConnection, contract: Contract, source: Path) -> str:
    """The relation of the rows: `_row` and the contract's columns; one agreed on later is null."""
    place = f"read_parquet({literal(as_pattern(source))}, hive_partitioning = false)"
    there = {row[0] for row in connection.execute(f"describe from {place}").fetchall()}
    columns = ", ".join(
        f'"{column.name}"' if column.name in there else f'null::varchar as "{column.name}"'
        for column in contract.columns
    )
    return f"select _row, {columns} from {place}"


def write(
    connection: duckdb.DuckDBPyConnection, relation: str, without: Collection[int], target: Path
) -> None:
    """Write the rows of a relation but for those of these line numbers; the same rows give the same bytes."""
    connection.execute("set threads = 1")
    connection.execute(
        f"copy (select * from ({relation}) where not list_contains($without::bigint[], _row) "
        f"order by _row) to {literal(target)} (format parquet, compression zstd)",
        {"without": sorted(without)},
    )
