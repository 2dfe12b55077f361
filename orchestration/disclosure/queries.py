"""The queries of disclosure control, each in a file of its own that the formatter can parse.

Queries write DuckDB's integer division as divide(a, b): the formatter takes two slashes for the start
of a comment.
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
    """Create a table from a query's result, under the query's name unless another is given.

    The files contain only selects: the formatter cannot parse statements that change tables.
    """
    connection.execute(f"create or replace table {table or name} as {query(name)}", parameters)


@cache
def public(table: str) -> str:
    """The query that makes a public table: `public/<table>.sql`."""
    return (_PUBLIC / f"{table}.sql").read_text(encoding="utf-8")


def public_tables() -> list[str]:
    """The tables that have such a query, in order."""
    return sorted(path.stem for path in _PUBLIC.glob("*.sql"))
