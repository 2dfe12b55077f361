"""The candidate under a key, as dbt opens it: a plugin of dbt-duckdb that `profiles.yml` names.

A key in a profile would be in what dbt logs of its connection; here it never comes to dbt.
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

# dbt makes the plugin, in a thread of its own; there is one build at a time in a process.
_opened: list[tuple[Settings, Path]] = []


@contextmanager
def opening(settings: Settings, candidate: Path) -> Iterator[None]:
    """Say which candidate dbt is to open in the block."""
    _opened.append((settings, candidate))
    try:
        yield
    finally:
        _opened.clear()


class Plugin(BasePlugin):
    """Attaches the candidate in dbt's database in memory, and has every cursor use it."""

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Attach the candidate under its key.

        Raises:
            KeyFileError: there is one already, and not under a key that is set.
        """
        ((settings, candidate),) = _opened
        encryption.attach(settings, conn, candidate, "candidate", read_only=False)
        # Where it would be, were the candidate dbt's own database.
        conn.execute(f"set temp_directory = {literal(f'{candidate}.tmp')}")

    def configure_cursor(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """What a cursor says without a database's name is said of the candidate."""
        cursor.execute("use candidate")
