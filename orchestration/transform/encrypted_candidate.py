"""The candidate under a key, as dbt opens it: a plugin of dbt-duckdb that `profiles.yml` names.

A key in a profile would appear in dbt's log of its connection; here dbt never sees it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin

from orchestration.core.settings import Settings
from orchestration.core.sql import literal
from orchestration.protection import encryption

# dbt creates the plugin in another thread; there is only one build at a time in a process.
_opened: list[tuple[Settings, Path]] = []


@contextmanager
def opening(settings: Settings, candidate: Path) -> Iterator[None]:
    """Set the candidate that dbt opens in the block."""
    _opened.append((settings, candidate))
    try:
        yield
    finally:
        _opened.clear()


class Plugin(BasePlugin):
    """Attaches the candidate to dbt's in-memory database, and makes every cursor use it."""

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Attach the candidate under its key.

        Raises:
            KeyFileError: there is one already, and not under a key that is set.
        """
        ((settings, candidate),) = _opened
        encryption.attach(settings, conn, candidate, "candidate", read_only=False)
        # The place it would have if the candidate were dbt's own database.
        conn.execute(f"set temp_directory = {literal(f'{candidate}.tmp')}")

    def configure_cursor(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Make the candidate the default database of a cursor."""
        cursor.execute("use candidate")
