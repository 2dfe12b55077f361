"""Landing and gate 1 as assets: a grid of months per feed, and the manifest that dbt starts from."""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg

from orchestration import extracts, night
from orchestration.contracts.odcs import Contract
from orchestration.core.settings import PROJECT
from orchestration.defs import asset_keys, code_references, freshness
from orchestration.defs.prune_runs import IDLE
from orchestration.defs.refusals import refused_in_words
from orchestration.defs.tonight import Tonight
from orchestration.ingest.landing.deliveries import PASSED, REFUSED, deliveries
from orchestration.ingest.landing.pull_record import Pull
from orchestration.quality.gate_one import Asked, GateOne
from orchestration.quality.outcomes import FAILED

_ENGINEERS = "team:data_engineers"


class FeedConfig(dg.Config):
    """How a feed is taken in by hand. Empty: what is new."""

    again: bool = False


def build_feeds(contracts: Mapping[str, Contract]) -> list[dg.AssetsDefinition]:
    """One asset per feed, to be taken in alone; monthly feeds have one partition per month.

    The night takes all feeds in at once (`gate_1`), and tells the same of them.
    """
    return [_build_feed(contract) for contract in contracts.values()]


def _build_feed(contract: Contract) -> dg.AssetsDefinition:
    @dg.multi_asset(
        name=asset_keys.feed_key(contract.feed).to_python_identifier(),
        specs=[_feed_spec(contract)],
        # A backfill is one run, however many months it asks for.
        backfill_policy=dg.BackfillPolicy.single_run() if _has_grid(contract) else None,
        description=f"Pull {contract.feed} and hold what is new to its contract. `again` judges anew "
        "what was judged before.",
    )
    def feed(
        context: dg.AssetExecutionContext, config: FeedConfig, tonight: dg.ResourceParam[Tonight]
    ) -> dg.MaterializeResult[Any]:
        is_partitioned = context.has_partition_key or context.has_partition_key_range
        months = frozenset(context.partition_keys) if is_partitioned else None
        asked = Asked(contract.feed, months, config.again)
        with refused_in_words("not taken in"), night.alone(tonight.settings):
            found = extracts.pull(tonight.settings, tonight.contracts, (contract.feed,))
            gate = night.gate_one(tonight.settings, tonight.contracts, context.log.warning, asked)
        _tell_pull(context, found)
        return _taken_in(context, tonight, contract, gate, months)

    return feed


def _taken_in(
    context: dg.AssetExecutionContext,
    tonight: Tonight,
    contract: Contract,
    gate: GateOne,
    months: frozenset[str] | None,
) -> dg.MaterializeResult[Any]:
    """What was asked for and is there now; a period of which nothing counts fails the step.

    Raises:
        Failure: of what was asked for, nothing was delivered or what was is refused.
    """
    for receipt, record in gate.decided.items():
        if record.state == PASSED and months is None:
            context.log_event(_delivered(contract, receipt, record))
    current = [
        delivery
        for delivery in deliveries(tonight.settings, tonight.contracts)
        if delivery in Asked(contract.feed, months) and delivery.is_current and delivery.record
    ]
    missing = (months or frozenset()) - {delivery.receipt.period for delivery in current}
    if missing or not current:
        refused = {
            f"{receipt.slot}: {record.reason}"
            for receipt, record in gate.decided.items()
            if record.state != PASSED
        }
        for delivery in current if months else ():
            context.log_event(_delivered(contract, delivery.receipt, delivery.record))
        wanting = ", ".join(sorted(missing)) or "any period"
        why = "; ".join(sorted(refused)[:5]) or "nothing was delivered that counts"
        raise dg.Failure(f"{contract.feed} has no {wanting}: {why}", allow_retries=False)
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": sum(one.record.rows or 0 for one in current if one.record),
            "deliveries": len(current),
            "judged now": len(gate.decided),
            "refused or errored now": sum(
                record.state != PASSED for record in gate.decided.values()
            ),
        }
    )


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
            **code_references.metadata(
                _files(contract), code_references.documentation(contract.feed)
            ),
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


def _files(contract: Contract) -> dict[str, code_references.Place]:
    """The files that a feed is made of."""
    partner, name = contract.feed.split("/")
    feeds = PROJECT / "expectations" / "feeds" / partner
    models = PROJECT / "dbt_project" / "models"
    files = {
        "the contract": feeds / f"{name}.odcs.yaml",
        "what makes up an extract": feeds / f"{name}.sample.sql",
        "the staging model": models / "staging" / partner / f"stg_{partner}__{name}.sql",
        "what is counted": models / "intermediate" / "measures" / f"msr_{partner}__{name}.sql",
    }
    return {label: code_references.Place(path) for label, path in files.items()}


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
            result = tonight.pulled or extracts.pull(
                tonight.settings, tonight.contracts, tonight.only
            )
        _tell_pull(context, result)
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
        if not tonight.is_full and night.is_published(tonight.settings, tonight.contracts):
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
        can_subset=True,
    )
    def contract_checks(
        context: dg.AssetCheckExecutionContext, tonight: dg.ResourceParam[Tonight]
    ) -> Iterator[dg.AssetCheckResult]:
        newest = {}
        for delivery in deliveries(tonight.settings, tonight.contracts):
            newest[delivery.receipt.feed, delivery.receipt.slot] = delivery
        for feed in asset_keys.feeds_of(context.selected_asset_check_keys, tonight.contracts):
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


def _tell_pull(context: dg.AssetExecutionContext, found: Pull) -> None:
    """Log what went wrong at the sources, and what was left there."""
    for problem in found.problems:
        context.log.error(f"{problem.source or 'source'} ({problem.kind}): {problem.sentence}")
    told = (
        found.misdated, found.unsettled, found.no_data, found.withdrawn, found.erased, found.masked,
    )  # fmt: skip
    for line in (line for lines in told for line in lines):
        context.log.warning(line)


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
