"""The queries of disclosure control, each in a file of its own that the formatter reads.

In a query the integer division of DuckDB is written divide(a, b): the formatter takes two slashes for the
beginning of a comment.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import duckdb

_FOLDER = Path(__file__).parent
_PUBLIC = _FOLDER / "public"


@cache
def query(name: str) -> str:
    """The text of `sql/<name>.sql`."""
    return (_FOLDER / "sql" / f"{name}.sql").read_text(encoding="utf-8")


def make(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    table: str = "",
    parameters: Mapping[str, object] | None = None,
) -> None:
    """Make a table of what a query selects, under the query's name unless another is given.

    The files hold selects alone: statements that change tables are none that the formatter reads.
    """
    connection.execute(f"create or replace table {table or name} as {query(name)}", parameters)


@cache
def public(table: str) -> str:
    """The query that makes a public table: `public/<table>.sql`."""
    return (_PUBLIC / f"{table}.sql").read_text(encoding="utf-8")


def public_tables() -> list[str]:
    """The tables that such a query makes, in order."""
    return sorted(path.stem for path in _PUBLIC.glob("*.sql"))
