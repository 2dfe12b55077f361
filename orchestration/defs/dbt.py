"""The dbt project as Dagster assets: one step, one dbt invocation, one check per dbt test."""

import json
import queue
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, dbt_assets

from orchestration import night
from orchestration.core.settings import PROJECT
from orchestration.defs import asset_keys, code_references, dbt_checks
from orchestration.defs.column_lineage import ColumnLineage
from orchestration.defs.refusals import refused_in_words
from orchestration.defs.tonight import Tonight
from orchestration.transform.results import NodeResult, Watch, blocking, is_sound, why

_UNIQUE_ID = "dagster_dbt/unique_id"  # dagster-dbt's name for dbt's name, in a check's metadata
_UNCHANGED = {"unchanged": "nothing that it is made from has changed since it was built"}
_OWNERS = {
    "seeds": "team:partnership_analysts",
    "marts": "team:partnership_analysts",
}


class Translator(DagsterDbtTranslator):
    """Groups by schema, an owner for every asset, and the model's grain and kind on display; a short name and
    a sentence for every test."""

    def __init__(self, manifest: Mapping[str, Any]) -> None:
        super().__init__()
        self._names = dbt_checks.short_names(manifest)
        self._links: dict[str, dict[str, Any]] = {}  # each asset is asked for by all that read it

    def get_asset_check_spec(
        self, asset_spec: dg.AssetSpec, manifest: Mapping[str, Any], unique_id: str, project: Any
    ) -> dg.AssetCheckSpec | None:
        spec = super().get_asset_check_spec(asset_spec, manifest, unique_id, project)
        if spec is None:
            return None
        return spec._replace(
            name=self._names[unique_id], description=dbt_checks.sentence(manifest, unique_id)
        )

    def get_asset_spec(
        self, manifest: Mapping[str, Any], unique_id: str, project: Any
    ) -> dg.AssetSpec:
        spec = super().get_asset_spec(manifest, unique_id, project)
        properties = manifest["nodes"].get(unique_id)
        if properties is None:
            return spec
        if unique_id not in self._links:
            self._links[unique_id] = _links(properties)
        schema = properties["schema"]
        grain = (properties.get("config", {}).get("meta") or {}).get("grain")
        kind = "seed" if properties["resource_type"] == "seed" else "table"
        return spec.replace_attributes(
            group_name=schema,
            owners=[_OWNERS.get(schema, "team:data_engineers")],
            kinds={"dbt", "duckdb", kind},
            description=(properties.get("description") or "")
            + (f"\n\nGrain: one row per {grain}." if grain else ""),
            metadata={**spec.metadata, **self._links[unique_id]},
        )


def _links(properties: Mapping[str, Any]) -> dict[str, Any]:
    """The files that a table is made by and described in, and the pages that name it."""
    project, name = PROJECT / "dbt_project", properties["name"]
    described = (properties.get("patch_path") or "").partition("://")[2]
    files = {
        "its description": code_references.line_of(project / described, rf"^ *- name: {name}$")
    }
    if properties["resource_type"] == "seed":  # the table is put together in the home, from layers
        return code_references.metadata(files, code_references.documentation(f"{name}.csv"))
    query = code_references.Place(project / properties["original_file_path"])
    pages = code_references.documentation(f"{properties['schema']}.{properties['alias']}")
    return code_references.metadata({"the query": query, **files}, pages)


def build_dbt_assets(manifest: Path) -> dg.AssetsDefinition:
    """The assets of the dbt project, from its parsed manifest. Any part of them can be built alone."""
    parsed = json.loads(manifest.read_text(encoding="utf-8"))
    nodes = parsed["nodes"]

    # The candidate is not guarded by a pool: a killed run would keep its slot for ever. `night.alone`
    # guards it, by an operating system lock that is released with its process.
    @dbt_assets(manifest=manifest, name="dbt_build", dagster_dbt_translator=Translator(parsed))
    def dbt_build(
        context: dg.AssetExecutionContext, tonight: dg.ResourceParam[Tonight]
    ) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
        settings, contracts = tonight.settings, tonight.contracts
        part = _part(context, dbt_build, nodes)

        def build(watch: Watch) -> list[NodeResult]:
            if part is None:
                return night.build(settings, contracts, watch, is_full=tonight.is_full)
            return night.build_part(settings, contracts, part, watch)

        checks = _by_test(dbt_build)
        told: list[NodeResult] = []
        with refused_in_words("not built"), night.alone(settings):
            lineage = ColumnLineage(settings, parsed, context.log, is_part=part is not None)
            for result in streamed(build, told):
                yield from _event(result, nodes[result.unique_id], checks, lineage)
            lineage.keep()
        failed = blocking(told)
        for result in failed:
            context.log.error(why(result))
        if failed:
            names = ", ".join(result.name for result in failed[:5])
            ends = "nothing is published" if part is None else "the candidate is as it was"
            reasons = "\n".join(why(result) for result in failed if result.status != "skipped")
            raise dg.Failure(
                f"dbt: {names} did not pass; {ends}\n{reasons}",
                allow_retries=False,
            )

    return dbt_build


def _part(
    context: dg.AssetExecutionContext,
    everything: dg.AssetsDefinition,
    nodes: Mapping[str, Mapping[str, Any]],
) -> list[str] | None:
    """dbt's names of what is asked for; `None` where that is all there is."""
    assets, checks = context.selected_asset_keys, context.selected_asset_check_keys
    if assets == everything.keys and checks == everything.check_keys:
        return None
    tests = {unique_id for unique_id, spec in _by_test(everything).items() if spec.key in checks}
    return [
        unique_id
        for unique_id, node in nodes.items()
        if unique_id in tests
        or (
            node["resource_type"] in ("model", "seed")
            and asset_keys.table_key(node["schema"], node["name"]) in assets
        )
    ]


def _by_test(dbt_build: dg.AssetsDefinition) -> dict[str, dg.AssetCheckSpec]:
    """The checks by the unique id of their test."""
    return {spec.metadata[_UNIQUE_ID]: spec for spec in dbt_build.check_specs}


def streamed(
    build: Callable[[Watch], list[NodeResult]], told: list[NodeResult]
) -> Iterator[NodeResult]:
    """Run a build in a thread of its own; yield what becomes of each node as it happens.

    A node that did not pass is yielded at the end, when all that is known of it is. `told` is filled with
    every result. If the caller is interrupted, no further node is begun, and those that are on are waited
    for: nothing must write the candidate after its run.
    """
    waiting: queue.SimpleQueue[NodeResult | None] = queue.SimpleQueue()
    watch = Watch(waiting.put)
    with ThreadPoolExecutor(1, thread_name_prefix="dbt") as thread:
        running = thread.submit(build, watch)
        running.add_done_callback(lambda _: waiting.put(None))
        seen = set()
        try:
            while (result := waiting.get()) is not None:
                if not blocking([result]):
                    seen.add(result.unique_id)
                    yield result
        except BaseException:
            watch.stop()
            raise
        told += running.result()
    yield from (result for result in told if result.unique_id not in seen)


def _event(
    result: NodeResult,
    node: Mapping[str, Any],
    checks: Mapping[str, dg.AssetCheckSpec],
    lineage: ColumnLineage,
) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
    """dbt's result as Dagster's event: a materialisation of a table, or the result of a check."""
    if result.shape is not None:
        origins = lineage.of(result.unique_id)
        columns = [
            dg.TableColumn(
                column.name,
                column.type,
                description=lineage.described(column.description, origins.get(column.name)),
            )
            for column in result.shape.columns
        ]
        yield dg.MaterializeResult(
            asset_key=asset_keys.table_key(node["schema"], node["name"]),
            metadata={
                "dagster/row_count": result.shape.rows,
                "dagster/column_schema": dg.TableSchema(columns=columns),
                **lineage.metadata(origins),
                **(_UNCHANGED if result.is_unchanged else {}),
                "seconds": round(result.seconds, 2),
            },
        )
    elif (spec := checks.get(result.unique_id)) is not None:
        shown = {"query": result.query, "rows": result.rows, "message": result.message.strip()}
        yield dg.AssetCheckResult(
            asset_key=spec.asset_key,
            check_name=spec.name,
            passed=is_sound(result),
            severity=dg.AssetCheckSeverity.WARN
            if result.status == "warn"
            else dg.AssetCheckSeverity.ERROR,
            metadata={
                "test": node["name"],
                "status": result.status,
                "failing rows": result.failures or 0,
                **(_UNCHANGED if result.is_unchanged else {}),
                **{
                    name: dg.MetadataValue.md(f"```\n{text}\n```")
                    for name, text in shown.items()
                    if text
                },
            },
        )
