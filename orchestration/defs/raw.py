"""Landing and gate 1 as assets: a grid of months per feed, and the manifest that dbt starts from."""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg

from orchestration import night
from orchestration.contracts.odcs import Contract
from orchestration.defs import asset_keys, freshness
from orchestration.defs.prune_runs import IDLE
from orchestration.defs.tonight import Tonight
from orchestration.ingest.landing.deliveries import PASSED, REFUSED, deliveries
from orchestration.quality.gate_one import GateOne
from orchestration.quality.outcomes import FAILED

_ENGINEERS = "team:data_engineers"


def feed_specs(contracts: Mapping[str, Contract]) -> list[dg.AssetSpec]:
    """One external asset per feed; monthly feeds have one partition per month, shown as a grid."""
    return [_feed_spec(contract) for contract in contracts.values()]


def _feed_spec(contract: Contract) -> dg.AssetSpec:
    partitions = None
    if _has_grid(contract):
        assert contract.kept_from is not None
        partitions = dg.MonthlyPartitionsDefinition(start_date=contract.kept_from, fmt="%Y-%m")
    return dg.AssetSpec(
        key=asset_keys.feed_key(contract.feed),
        deps=[asset_keys.LANDING],
        description=f"{contract.title}. {contract.purpose}\n\n{contract.limitations}\n\n"
        f"Grain: {contract.grain} Contract version {contract.version}.",
        group_name=f"feeds_{contract.partner}",
        owners=[f"team:{contract.partner}"],
        kinds={"parquet", contract.format},
        partitions_def=partitions,
        freshness_policy=freshness.policy_of(contract),
        metadata={
            "owner": contract.owner,
            "lawful basis": contract.lawful_basis,
            "dagster/column_schema": dg.TableSchema(
                columns=[
                    dg.TableColumn(
                        column.name,
                        "varchar",
                        description=column.description,
                        constraints=dg.TableColumnConstraints(nullable=not column.required),
                    )
                    for column in contract.columns
                ]
            ),
        },
    )


def build_raw(
    contracts: Mapping[str, Contract],
) -> list[dg.AssetsDefinition | dg.AssetChecksDefinition]:
    """The executable steps before dbt: pull, gate 1 with the manifest, and the contract checks."""

    @dg.asset(
        key=asset_keys.LANDING,
        group_name="landing",
        owners=[_ENGINEERS],
        kinds={"filesystem"},
        description="Bytes as received: content-addressed, never changed, one receipt a delivery. "
        "Pulled from the configured source; the same file twice is one delivery.",
    )
    def landing_deliveries(
        context: dg.AssetExecutionContext, tonight: dg.ResourceParam[Tonight]
    ) -> Iterator[dg.MaterializeResult[Any]]:
        with night.alone(tonight.settings):
            purged = night.purge(tonight.settings, tonight.contracts, context.log.warning)
            result = night.pull(tonight.settings, tonight.contracts, tonight.only)
        for problem in result.problems:
            context.log.error(f"{problem.source or 'source'} ({problem.kind}): {problem.sentence}")
        told = (
            result.misdated, result.unsettled, result.no_data, result.withdrawn, result.erased,
            result.masked,
        )  # fmt: skip
        for line in (line for lines in told for line in lines):
            context.log.warning(line)
        yield dg.MaterializeResult(
            metadata={
                "new deliveries": len(result.landed),
                "known files": result.known,
                "files of no contract (left alone)": len(result.undeclared),
                "files of impossible periods (left alone)": len(result.misdated),
                "sources with a problem": len(result.problems),
                "still being uploaded": len(result.unsettled),
                "withdrawn by the partner": len(result.withdrawn),
                "of names that are not shown": len(result.masked),
                "periods without data": len(result.no_data),
                "erased here, still at the source": len(result.erased),
                "purged, past their agreement": purged,
            }
        )

    @dg.multi_asset(
        name="gate_1",
        specs=[
            dg.AssetSpec(
                key,
                deps=[asset_keys.LANDING],
                group_name="manifest",
                owners=[_ENGINEERS],
                kinds={"parquet"},
                description=_MANIFEST_DESCRIPTIONS[name],
                skippable=True,
            )
            for name, key in asset_keys.MANIFEST.items()
        ],
        description="Parses every new delivery and holds it to its contract (gate 1), then writes "
        "the manifest that dbt starts from. A refused delivery is set aside; the others go on.",
    )
    def gate_1(
        context: dg.AssetExecutionContext, tonight: dg.ResourceParam[Tonight]
    ) -> Iterator[dg.MaterializeResult[Any]]:
        with night.alone(tonight.settings):
            gate = night.gate_one(tonight.settings, tonight.contracts, context.log.warning)
            inputs = night.write_manifest(tonight.settings, tonight.contracts)
        for receipt, record in gate.decided.items():
            if record.state == PASSED:
                context.log_event(_delivered(tonight.contracts[receipt.feed], receipt, record))
        if night.is_published(tonight.settings, tonight.contracts):
            context.log.info("Nothing is new: what is published was built from these very inputs.")
            _mark_if_idle(context, gate)
            return
        for key in asset_keys.MANIFEST.values():
            yield dg.MaterializeResult(
                asset_key=key,
                metadata={"inputs": inputs},
            )

    @dg.multi_asset_check(
        name="contracts",
        specs=[
            dg.AssetCheckSpec(
                "contract",
                asset=asset_keys.feed_key(feed),
                additional_deps=[asset_keys.MANIFEST["deliveries"]],
                description=f"The newest delivery of every period keeps the contract of {feed}. "
                "A refused one is in quarantine with a report; the last good one stays live.",
            )
            for feed in contracts
        ],
        description="Gate 1 as people see it: one check a feed.",
    )
    def contract_checks(tonight: dg.ResourceParam[Tonight]) -> Iterator[dg.AssetCheckResult]:
        newest = {}
        for delivery in deliveries(tonight.settings, tonight.contracts):
            newest[delivery.receipt.feed, delivery.receipt.slot] = delivery
        for feed in tonight.contracts:
            found = [delivery for (name, _), delivery in newest.items() if name == feed]
            refused = [delivery for delivery in found if delivery.state != PASSED]
            warned = sum(
                1
                for delivery in found
                for rule in (delivery.record.rules if delivery.record else ())
                if rule["outcome"] == FAILED and delivery.state == PASSED
            )
            yield dg.AssetCheckResult(
                asset_key=asset_keys.feed_key(feed),
                check_name="contract",
                passed=not refused,
                severity=dg.AssetCheckSeverity.WARN
                if all(delivery.state == REFUSED for delivery in refused)
                else dg.AssetCheckSeverity.ERROR,
                metadata={
                    "periods": len(found),
                    "refused or errored": len(refused),
                    "warnings": warned,
                    **{
                        delivery.receipt.slot: delivery.record.reason
                        for delivery in refused[:20]
                        if delivery.record
                    },
                },
            )

    return [landing_deliveries, gate_1, contract_checks]


def _mark_if_idle(context: dg.AssetExecutionContext, gate: GateOne) -> None:
    """Tag a run that found nothing new, so that it need not be kept as long as one that did."""
    if not gate.decided:
        context.instance.add_run_tags(context.run.run_id, IDLE)


_MANIFEST_DESCRIPTIONS = {
    "feeds": "What each contract agrees: owner, basis, cadence, what is due by now.",
    "deliveries": "Every delivery ever received, its state, and whether it counts.",
    "gate_results": "How gate 1 judged every delivery, rule by rule. Counts only, never values.",
    "run": "The area that is served and whether the extracts are synthetic.",
    "releases": "Measures that a waiver in force releases, and for which delivery.",
    "published_figures": "The last published figures that nothing spoke against, to compare with.",
    "published_holds": "Measures that the last publication held, and since when.",
    "published_deliveries": "Deliveries that counted in the last publication.",
    "night": "The day of the build.",
}


def _has_grid(contract: Contract) -> bool:
    """Whether the feed has a partition per month. Quarters, years and editions are too few for a grid."""
    return contract.period_kind == "month" and contract.kept_from is not None


def _delivered(contract: Contract, receipt: Any, record: Any) -> dg.AssetMaterialization:
    """The event for a cell of the feed's grid, or a line of its log: a delivered period that passed."""
    return dg.AssetMaterialization(
        asset_key=asset_keys.feed_key(contract.feed),
        partition=receipt.period if _has_grid(contract) else None,
        description=f"Delivery {receipt.delivery_id}",
        metadata={
            "dagster/row_count": record.rows,
            "sha256": receipt.sha256,
            "received": dg.MetadataValue.text(receipt.received_at),
            "contract version": record.contract_version,
            "part": receipt.part or "whole feed",
        },
    )
