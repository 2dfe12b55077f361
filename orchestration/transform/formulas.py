"""The formulas and thresholds on every cursor of dbt: a plugin of dbt-duckdb that `profiles.yml` names.

They are in a database in memory beside the candidate: none is written into it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin

from orchestration.core import engine, formulas


class Plugin(BasePlugin):
    """Defines the macros that models call; its configuration gives the path of the `thresholds`."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Read the thresholds.

        Raises:
            BadThreshold: one of them cannot be used.
        """
        self._thresholds = formulas.read_thresholds(Path(plugin_config["thresholds"]))

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Define the macros, once for all cursors."""
        formulas.share(conn, self._thresholds)

    def configure_cursor(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Let a cursor find the macros, and give it the limit of time that every connection has."""
        engine.watch(cursor, engine.limits().seconds)
        formulas.find(cursor)
