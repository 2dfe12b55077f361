"""Where the columns of a table come from, as Dagster keeps it and as its pages show it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg

from orchestration.core.settings import Settings
from orchestration.defs import asset_keys
from orchestration.transform.column_lineage import Lineage, Origin, Reader, Unreadable
from orchestration.transform.manifest import SOURCE

_NAMED = 6  # columns in a sentence; all of them are in the metadata


class ColumnLineage:
    """The column lineage of a build's tables, read as each is built; what could be read is kept at the end.

    `manifest` is dbt's; `log` is told of a model that cannot be followed, which is no reason to stop.
    """

    def __init__(
        self, settings: Settings, manifest: Mapping[str, Any], log: Any, *, is_part: bool
    ) -> None:
        self._nodes = {**manifest["nodes"], **manifest["sources"]}
        self._log = log
        self._reader = Reader(settings, manifest, _compiled(settings, is_part=is_part))

    def of(self, unique_id: str) -> Lineage:
        """Where the columns of a table come from; empty for a seed, and where that cannot be read."""
        if self._nodes[unique_id]["resource_type"] != "model":
            return {}
        try:
            return self._reader.of(unique_id)
        except Unreadable as problem:
            self._log.warning(f"{self._nodes[unique_id]['name']} has no column lineage: {problem}")
            return {}

    def metadata(self, lineage: Lineage) -> dict[str, Any]:
        """Dagster's own form of it; a column that comes from none, such as a constant, has an empty entry."""
        if not lineage:
            return {}
        named = {
            column: [dg.TableColumnDep(self._key(origin), origin.column) for origin in origins]
            for column, origins in lineage.items()
        }
        return {"dagster/column_lineage": dg.TableColumnLineage(named)}

    def described(self, description: str | None, origins: list[Origin] | None) -> str | None:
        """A column's description with a line that says where it comes from: the pages show no other form."""
        if not origins:
            return description
        names = [f"{self._key(origin).to_user_string()}.{origin.column}" for origin in origins]
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        return f"{description or ''}\n\nFrom {', '.join(names[:_NAMED])}{more}.".strip()

    def keep(self) -> None:
        """Write down what was read, for the next build."""
        self._reader.keep()

    def _key(self, origin: Origin) -> dg.AssetKey:
        node = self._nodes[origin.unique_id]
        if node["resource_type"] != "source":
            return asset_keys.table_key(node["schema"], node["name"])
        if node["source_name"] == SOURCE:
            return asset_keys.MANIFEST[node["name"]]
        return asset_keys.feed_key(f"{node['source_name']}/{node['name']}")


def _compiled(settings: Settings, *, is_part: bool) -> Path:
    """Where dbt left the queries of a build, or of a part of one."""
    target = settings.warehouse / "dbt"
    return (target / "part" if is_part else target) / "compiled"
