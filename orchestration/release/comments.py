"""The descriptions of tables and columns, carried into a database that is handed out, with its marking."""

from __future__ import annotations

import duckdb

from orchestration.core import marking
from orchestration.core.sql import literal


def carry(
    connection: duckdb.DuckDBPyConnection,
    schema: str,
    table: str,
    comment: str | None,
    *,
    synthetic: bool,
) -> None:
    """Describe `target.<schema>.<table>` as the candidate's is described."""
    # A publication's own descriptions are marked already.
    label = f"{marking.label(marking.SENSITIVE, synthetic=synthetic)}. "
    told = (comment or "").removeprefix(label)
    connection.execute(f'comment on table target."{schema}"."{table}" is {literal(label + told)}')
    columns = connection.execute(
        "select column_name, comment from duckdb_columns() where database_name = 'candidate' "
        "and schema_name = $schema and table_name = $table and comment is not null",
        {"schema": schema, "table": table},
    ).fetchall()
    for column, text in columns:
        connection.execute(
            f'comment on column target."{schema}"."{table}"."{column}" is {literal(text)}'
        )
