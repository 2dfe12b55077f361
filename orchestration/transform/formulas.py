"""The formulas and thresholds on every cursor of dbt: a plugin of dbt-duckdb that `profiles.yml` names.

On cursors, since a temporary macro belongs to its connection: none is written into the candidate.
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

    def configure_cursor(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Define the macros on a cursor, and give it the limit of time that every connection has."""
        engine.watch(cursor, engine.limits().seconds)
        formulas.define(cursor, self._thresholds)
