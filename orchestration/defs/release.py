"""Gate 2 and publication as assets: only what the verdict allows is published."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import get_asset_key_for_model

from orchestration import night
from orchestration.core.errors import GateRefusal
from orchestration.core.sealed import LedgerBroken
from orchestration.defs import asset_keys
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
        description="Gate 2: the marts of the candidate are judged, and the verdict written down.",
    )
    def gate_2(tonight: dg.ResourceParam[Tonight]) -> Iterator[dg.AssetCheckResult]:
        verdict = night.gate_two(tonight.settings)
        # A failed blocking check ends the step (Dagster issue #20659), so the failures come last and
        # all are reported.
        results = [_result(suite, on[suite.name], verdict.outcomes) for suite in suites]
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
        try:
            with night.alone(tonight.settings):
                manifest = night.publish(tonight.settings, tonight.contracts)
        except (GateRefusal, LedgerBroken) as refusal:
            raise dg.Failure(f"not published: {refusal}", allow_retries=False) from refusal
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
