"""Names that columns had in the release before, for what may read a publication that was made by it.

The night after an upgrade compares the new publication with the one before, and `csp publish --previous` puts
an older one back: what is then asked of it uses today's names.
"""

from __future__ import annotations

import duckdb

# Table -> today's name -> the name before.
EARLIER = {
    "governance.prescribed_information": {"period": "information_period", "due_on": "owed_by"},
    "marts.dim_measure": {"feed": "source_feed"},
    "marts.process_control": {"period_start": "month_start"},
}


def by_todays_names(connection: duckdb.DuckDBPyConnection, table: str, database: str = "") -> str:
    """What to select from to have the table's columns by today's names.

    `table` is its schema and name, `database` the name that the publication is attached by (the connection's
    own without one).
    """
    schema, name = table.split(".")
    source = f"{database}.{table}" if database else table
    found = connection.execute(
        "select column_name from duckdb_columns() where schema_name = $schema and table_name = $name "
        "and database_name = coalesce(nullif($database, ''), current_database())",
        {"schema": schema, "name": name, "database": database},
    ).fetchall()
    columns = {column for (column,) in found}
    listed = "".join(
        f', "{before}" as "{now}"'
        for now, before in EARLIER.get(table, {}).items()
        if now not in columns and before in columns
    )
    return f"(select *{listed} from {source})" if listed else source
