"""A read-only SQLAlchemy dialect for DuckDB, so that Great Expectations can run inside DuckDB.

GX's SQL engine fetches a result after its connection has rolled back, which empties a DuckDB
result. The connections made here only ever read, so there is nothing to begin, commit or roll back.
"""

from __future__ import annotations

from typing import Any

from duckdb_engine import Dialect
from sqlalchemy.dialects import registry


class ReadOnlyDialect(Dialect):
    """`duckdb+readonly://`: transactions are no-ops."""

    supports_statement_cache = False

    def do_begin(self, connection: Any) -> None:
        """Nothing to begin."""

    def do_commit(self, connection: Any) -> None:
        """Nothing to commit."""

    def do_rollback(self, connection: Any) -> None:
        """Nothing to roll back."""


def register() -> None:
    """Make `duckdb+readonly` known to SQLAlchemy."""
    registry.register("duckdb.readonly", __name__, ReadOnlyDialect.__name__)
