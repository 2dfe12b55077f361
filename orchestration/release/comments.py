"""The descriptions of tables and columns, carried into a database that is handed out, with its marking."""

from __future__ import annotations

from dataclasses import dataclass, replace

import duckdb

from orchestration.core import marking
from orchestration.core.sql import literal


@dataclass(frozen=True)
class Described:
    """A table's description, and of each of its columns, in order, the name, type and description."""

    table: str | None
    columns: tuple[tuple[str, str, str | None], ...]


def described(
    connection: duckdb.DuckDBPyConnection, database: str
) -> dict[tuple[str, str], Described]:
    """How the tables of an attached database are described, by schema and name."""
    return {
        (schema, table): Described(comment, tuple((c["n"], c["t"], c["d"]) for c in columns))
        for schema, table, comment, columns in connection.execute(
            _DESCRIBED, {"database": database}
        ).fetchall()
    }


_DESCRIBED = """
select
    t.schema_name, t.table_name, any_value(t.comment),
    list({'n': c.column_name, 't': c.data_type, 'd': c.comment} order by c.column_index)
from duckdb_tables() as t
inner join duckdb_columns() as c using (database_name, schema_name, table_name)
where t.database_name = $database
group by all
order by all
"""


def marked(known: Described, *, synthetic: bool) -> Described:
    """The same description with the marking of a publication."""
    # A publication's own descriptions are marked already.
    label = f"{marking.label(marking.SENSITIVE, synthetic=synthetic)}. "
    return replace(known, table=label + (known.table or "").removeprefix(label))


def write(connection: duckdb.DuckDBPyConnection, schema: str, table: str, said: Described) -> None:
    """Describe `target.<schema>.<table>`."""
    name = f'target."{schema}"."{table}"'
    connection.execute(f"comment on table {name} is {literal(said.table or '')}")
    for column, _, text in said.columns:
        if text is not None:
            connection.execute(f'comment on column {name}."{column}" is {literal(text)}')
