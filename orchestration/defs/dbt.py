"""The dbt project as Dagster assets: one step, one dbt invocation, one check per dbt test."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, dbt_assets

from orchestration import night
from orchestration.core.engine import connect
from orchestration.core.settings import Settings
from orchestration.defs import asset_keys
from orchestration.defs.tonight import Tonight
from orchestration.protection import encryption
from orchestration.transform import dbt

_OWNERS = {
    "seeds": "team:partnership_analysts",
    "marts": "team:partnership_analysts",
}


class Translator(DagsterDbtTranslator):
    """Groups by schema, an owner for every asset, and the model's grain and kind on display."""

    def get_asset_spec(
        self, manifest: Mapping[str, Any], unique_id: str, project: Any
    ) -> dg.AssetSpec:
        spec = super().get_asset_spec(manifest, unique_id, project)
        properties = manifest["nodes"].get(unique_id)
        if properties is None:
            return spec
        schema = properties["schema"]
        grain = (properties.get("config", {}).get("meta") or {}).get("grain")
        kind = "seed" if properties["resource_type"] == "seed" else "table"
        return spec.replace_attributes(
            group_name=schema,
            owners=[_OWNERS.get(schema, "team:data_engineers")],
            kinds={"dbt", "duckdb", kind},
            description=(properties.get("description") or "")
            + (f"\n\nGrain: one row per {grain}." if grain else ""),
        )


def build_dbt_assets(manifest: Path) -> dg.AssetsDefinition:
    """The assets of the dbt project, from its parsed manifest."""

    # The candidate is not guarded by a pool: a killed run would keep its slot for ever. `night.alone`
    # guards it, by an operating system lock that is released with its process.
    @dbt_assets(manifest=manifest, name="dbt_build", dagster_dbt_translator=Translator())
    def dbt_build(
        context: dg.AssetExecutionContext, tonight: dg.ResourceParam[Tonight]
    ) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
        with night.alone(tonight.settings):
            results = night.build(tonight.settings, tonight.contracts)
        nodes = json.loads(manifest.read_text(encoding="utf-8"))["nodes"]
        shapes = table_shapes(tonight.settings)
        yield from events(results, nodes, context.assets_def, shapes)
        failed = [result.unique_id.split(".")[2] for result in dbt.blocking(results)]
        if failed:
            raise dg.Failure(
                f"dbt: {', '.join(failed[:5])} did not pass; nothing is published",
                allow_retries=False,
            )

    return dbt_build


def events(
    results: list[dbt.NodeResult],
    nodes: Mapping[str, Mapping[str, Any]],
    assets: dg.AssetsDefinition,
    shapes: Mapping[tuple[str, str], tuple[int, dg.TableSchema]],
) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
    """dbt's results as Dagster events: one materialisation per table, one check result per test."""
    checks = {spec.name: spec for spec in assets.check_specs}
    for result in results:
        node = nodes[result.unique_id]
        if node["resource_type"] in ("model", "seed") and result.status == "success":
            schema, name = node["schema"], node["name"]
            # A table has another name than its model where a seed has that one already.
            rows, columns = shapes[schema, node["alias"]]
            yield dg.MaterializeResult(
                asset_key=asset_keys.table_key(schema, name),
                metadata={
                    "dagster/row_count": rows,
                    "dagster/column_schema": columns,
                    "seconds": round(result.seconds, 2),
                },
            )
        elif node["resource_type"] == "test" and node["name"] in checks:
            spec = checks[node["name"]]
            yield dg.AssetCheckResult(
                asset_key=spec.asset_key,
                check_name=spec.name,
                passed=result.status in ("pass", "success"),
                severity=dg.AssetCheckSeverity.WARN
                if result.status == "warn"
                else dg.AssetCheckSeverity.ERROR,
                metadata={"status": result.status, "failing rows": result.failures or 0},
            )


def table_shapes(settings: Settings) -> dict[tuple[str, str], tuple[int, dg.TableSchema]]:
    """Row count and columns of every table of the candidate, by schema and table."""
    with connect() as connection:
        encryption.attach(settings, connection, dbt.candidate_path(settings), "candidate")
        counts = connection.sql(
            "select schema_name, table_name, estimated_size from duckdb_tables() "
            "where database_name = 'candidate'"
        ).fetchall()
        columns = connection.sql(
            "select schema_name, table_name, column_name, data_type, comment "
            "from duckdb_columns() where database_name = 'candidate' order by column_index"
        ).fetchall()
    by_table: dict[tuple[str, str], list[dg.TableColumn]] = {}
    for schema, table, name, kind, comment in columns:
        by_table.setdefault((schema, table), []).append(
            dg.TableColumn(name, kind, description=comment)
        )
    return {
        (schema, table): (rows, dg.TableSchema(columns=by_table[schema, table]))
        for schema, table, rows in counts
    }
