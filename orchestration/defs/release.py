"""Gate 2 and publication as assets: only what the verdict allows is published."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import get_asset_key_for_model

from orchestration import night
from orchestration.defs import asset_keys
from orchestration.defs.refusals import refused_in_words
from orchestration.defs.tonight import Tonight
from orchestration.quality.outcomes import PASSED
from orchestration.quality.suites import Suite, load_suites

PUBLISHED_SCHEMAS = ("marts", "governance")


def build_release(
    dbt_build: dg.AssetsDefinition, suites_folder: Path
) -> list[dg.AssetsDefinition | dg.AssetChecksDefinition]:
    """The checks of gate 2 and the published warehouse, attached to the marts by their real keys."""
    suites = load_suites(suites_folder)
    marts = [spec.key for spec in dbt_build.specs if spec.key.path[0] in PUBLISHED_SCHEMAS]
    on = {suite.name: get_asset_key_for_model([dbt_build], suite.table) for suite in suites}

    @dg.multi_asset_check(
        name="gate_2",
        specs=[
            dg.AssetCheckSpec(
                "gate_2",
                asset=on[suite.name],
                blocking=True,
                additional_deps=[key for key in marts if key != on[suite.name]],
                description="Great Expectations on the candidate: "
                + "; ".join(rule.sentence for rule in suite.rules)
                + ".",
            )
            for suite in suites
        ],
        description="Gate 2: the marts of the candidate are judged, and the verdict written down. "
        "Some of them alone are judged without a verdict.",
        can_subset=True,
    )
    def gate_2(
        context: dg.AssetCheckExecutionContext, tonight: dg.ResourceParam[Tonight]
    ) -> Iterator[dg.AssetCheckResult]:
        asked = {key.asset_key for key in context.selected_asset_check_keys}
        chosen = [suite for suite in suites if on[suite.name] in asked]
        with refused_in_words("not judged"):
            outcomes = night.judge(tonight.settings, {suite.name for suite in chosen})
        # A failed blocking check ends the step (Dagster issue #20659), so the failures come last and
        # all are reported.
        results = [_result(suite, on[suite.name], outcomes) for suite in chosen]
        yield from sorted(results, key=lambda result: not result.passed)

    @dg.asset(
        key=asset_keys.PUBLISHED,
        deps=marts,
        group_name="published",
        owners=["team:partnership_analysts"],
        kinds={"duckdb", "parquet"},
        description="What analysts read: `published/warehouse.duckdb` and a Parquet file a table, "
        "swapped in at once. Refuses on its own unless the verdict of gate 2 allows this very "
        "candidate; a refused publication leaves the previous one as it was.",
    )
    def published_warehouse(
        context: dg.AssetExecutionContext, tonight: dg.ResourceParam[Tonight]
    ) -> dg.MaterializeResult[Any]:
        # A blocking check has effect within its own run only: after it failed, materialising this asset
        # alone succeeded (seen with Dagster 1.13.27). So publication checks the verdict itself.
        with refused_in_words("not published"), night.alone(tonight.settings):
            manifest = night.publish(tonight.settings, tonight.contracts, context.log.warning)
        return dg.MaterializeResult(
            metadata={
                "synthetic": manifest["synthetic"],
                "tables": len(manifest["tables"]),
                "rows": sum(manifest["tables"].values()),
                "deliveries": len(manifest["deliveries"]),
                "inputs": manifest["inputs"],
            }
        )

    return [gate_2, published_warehouse]


def _result(
    suite: Suite, key: dg.AssetKey, outcomes: Mapping[str, Sequence[Any]]
) -> dg.AssetCheckResult:
    found = outcomes.get(suite.name, ())
    blocking = [outcome for outcome in found if outcome.blocks]
    return dg.AssetCheckResult(
        asset_key=key,
        check_name="gate_2",
        passed=bool(found) and not blocking,
        severity=dg.AssetCheckSeverity.ERROR,
        metadata={
            "rules": len(found),
            "passed": sum(outcome.outcome == PASSED for outcome in found),
            **{outcome.rule: f"{outcome.outcome}: {outcome.sentence}" for outcome in blocking},
        },
    )
