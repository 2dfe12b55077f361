"""A read-only SQLAlchemy dialect for DuckDB, so that Great Expectations can run inside DuckDB.

GX's SQL engine fetches a result after its connection has rolled back, which empties a DuckDB
result ("list index out of range": Great Expectations issues #10738 and #11579). The connections made
here only ever read, so there is nothing to begin, commit or roll back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import duckdb
from duckdb_engine import ConnectionWrapper, Dialect
from sqlalchemy.dialects import registry

from orchestration.core.engine import cursor

Prepare = Callable[[duckdb.DuckDBPyConnection], None]
# Not an argument of the engine: GX keeps those, and prints them.
_prepare: ContextVar[Prepare | None] = ContextVar("prepare", default=None)
_given: ContextVar[duckdb.DuckDBPyConnection | None] = ContextVar("given", default=None)


class ReadOnlyDialect(Dialect):
    """`duckdb+readonly://`: transactions are no-ops."""

    supports_statement_cache = False

    def connect(self, *cargs: Any, **cparams: Any) -> Any:
        """A connection, prepared as requested (see `preparing`)."""
        if given := _given.get():
            return ConnectionWrapper(cursor(given))
        connection = super().connect(*cargs, **cparams)
        prepare = _prepare.get()
        if prepare is not None:
            prepare(connection)
        return connection

    def do_begin(self, connection: Any) -> None:
        """Nothing to begin."""

    def do_commit(self, connection: Any) -> None:
        """Nothing to commit."""

    def do_rollback(self, connection: Any) -> None:
        """Nothing to roll back."""


@contextmanager
def preparing(
    prepare: Prepare | None, given: duckdb.DuckDBPyConnection | None = None
) -> Iterator[None]:
    """Prepare every connection made in the block before it is used. With `given`, each is one more to its
    database, which is as it should be already."""
    tokens = _prepare.set(prepare), _given.set(given)
    try:
        yield
    finally:
        _prepare.reset(tokens[0])
        _given.reset(tokens[1])


def register() -> None:
    """Make `duckdb+readonly` known to SQLAlchemy."""
    registry.register("duckdb.readonly", __name__, ReadOnlyDialect.__name__)
