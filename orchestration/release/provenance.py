"""What the manifest of a publication says of its origin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

from orchestration.contracts.odcs import Contract
from orchestration.core import register
from orchestration.core.settings import Settings
from orchestration.ingest.landing.deliveries import Delivery
from orchestration.ingest.landing.receipts import Receipt


def publication_facts(
    settings: Settings, contracts: Mapping[str, Contract], current: Sequence[Delivery]
) -> dict[str, Any]:
    """What the manifest of a publication says about its origin. Pure, apart from the clock and hashing the
    partnership's decisions."""
    return {
        "area_code": settings.partnership.area_code,
        "area_name": settings.partnership.area_name,
        "partnership": {"sha256": register.decisions_sha256(settings)},
        "published_at": settings.now.isoformat(timespec="seconds"),
        "synthetic": any(delivery.receipt.synthetic for delivery in current),
        "contracts": {
            contract.feed: {"version": contract.version, "sha256": contract.fingerprint}
            for contract in contracts.values()
        },
        "deliveries": [_fact(delivery.receipt) for delivery in current],
        "duckdb": version("duckdb"),
    }


def _fact(receipt: Receipt) -> dict[str, Any]:
    return {
        "feed": receipt.feed,
        "period": receipt.period,
        "part": receipt.part,
        "sha256": receipt.sha256,
        "received_at": receipt.received_at,
    }
