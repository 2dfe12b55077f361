"""What is damaged among the records of landing, of gate 1 and of pulls, in sentences. Nothing is changed."""

from __future__ import annotations

from collections.abc import Iterable

from orchestration.core.settings import Settings
from orchestration.ingest.landing.deliveries import Delivery
from orchestration.ingest.landing.pull_record import damaged_pulls, last_pull
from orchestration.ingest.landing.sightings import damaged_sightings


def sentences(settings: Settings, found: Iterable[Delivery]) -> list[str]:
    """Every damaged record that is known of: of deliveries, of what was seen at sources, of pulls.

    What was made again by the last pull is told as well, so that nothing heals without a word.
    """
    told = [
        f"{delivery.receipt.feed} {delivery.receipt.delivery_id}: {delivery.damage}"
        for delivery in found
        if delivery.damage
    ]
    healed = (last_pull(settings) or {}).get("damaged", [])
    return list(
        dict.fromkeys([*told, *damaged_sightings(settings), *damaged_pulls(settings), *healed])
    )
