"""Anomalies as shown to people: one check per feed, which warns and never blocks.

An anomaly that a contract calls critical has already stopped the delivery in gate 1.
"""

from collections.abc import Iterator, Mapping

import dagster as dg

from orchestration.contracts.odcs import Contract
from orchestration.defs import asset_keys
from orchestration.defs.tonight import Tonight
from orchestration.ingest.landing.deliveries import Delivery, deliveries
from orchestration.quality.anomalies import PREFIX
from orchestration.quality.outcomes import PASSED

CHECK = "anomalies"
_SHOWN = 20


def build_anomaly_checks(contracts: Mapping[str, Contract]) -> dg.AssetChecksDefinition:
    """The newest delivery of a feed compared with the others; earlier anomalies are in the metadata."""

    @dg.multi_asset_check(
        name=CHECK,
        specs=[
            dg.AssetCheckSpec(
                CHECK,
                asset=asset_keys.feed_key(feed),
                additional_deps=[asset_keys.MANIFEST["deliveries"]],
                description="The newest delivery is like the feed's others: "
                + (", ".join(contract.watch.severities) or "nothing is watched")
                + ".",
            )
            for feed, contract in contracts.items()
        ],
        description="Deliveries that no rule refused and that are unlike the others of their feed.",
        can_subset=True,
    )
    def anomalies(
        context: dg.AssetCheckExecutionContext, tonight: dg.ResourceParam[Tonight]
    ) -> Iterator[dg.AssetCheckResult]:
        found: dict[str, list[Delivery]] = {feed: [] for feed in tonight.contracts}
        for delivery in deliveries(tonight.settings, tonight.contracts):
            if delivery.is_current:
                found[delivery.receipt.feed].append(delivery)
        for feed in asset_keys.feeds_of(context.selected_asset_check_keys, found):
            current = found[feed]
            unusual = {
                delivery.receipt.slot: description
                for delivery in current
                if (description := _unusual(delivery))
            }
            newest = max((delivery.receipt.slot for delivery in current), default="")
            yield dg.AssetCheckResult(
                asset_key=asset_keys.feed_key(feed),
                check_name=CHECK,
                passed=newest not in unusual,
                severity=dg.AssetCheckSeverity.WARN,
                metadata={
                    "periods": len(current),
                    "unusual": len(unusual),
                    **dict(sorted(unusual.items(), reverse=True)[:_SHOWN]),
                },
            )

    return anomalies


def _unusual(delivery: Delivery) -> str:
    """What is unusual about a delivery, in words; empty if nothing is."""
    rules = delivery.record.rules if delivery.record else ()
    return "; ".join(
        rule["sentence"]
        for rule in rules
        if rule["rule"].startswith(PREFIX) and rule["outcome"] != PASSED
    )
