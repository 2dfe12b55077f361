"""What was erased: the tombstones that keep its bytes from being landed again.

    ledger/erasures.jsonl   one entry an erasure: when, on which ground, who answers for it, and of each
                            delivery the feed, period, sha256 and the numbers of the rows; no value, no name

The ledger is sealed (`core/sealed.py`). The sha256 is of a whole file, and has to stay: without it the
same file would be landed again from its source in the next night.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from orchestration.core.sealed import SealedLedger
from orchestration.core.settings import Settings
from orchestration.core.verified import Verified
from orchestration.ingest.landing import pull_record
from orchestration.ingest.landing.deliveries import record_path
from orchestration.ingest.landing.purge import remove
from orchestration.ingest.landing.receipts import Receipt, forget, receipts
from orchestration.ingest.landing.sightings import Sightings


@dataclass(frozen=True)
class Tombstone:
    """What is known of erased bytes. `rows` are the numbers of the rows that had to go, None if all had;
    `replaced_by` is the sha256 of what was kept of the rest."""

    sha256: str
    at: str
    rows: tuple[int, ...] | None
    replaced_by: str | None

    @property
    def day(self) -> str:
        return self.at[:10]


def ledger(settings: Settings) -> SealedLedger:
    """The ledger of erasures."""
    return SealedLedger(settings.home, "erasures")


def tombstones(settings: Settings) -> dict[str, Tombstone]:
    """The tombstones by sha256; the first of several.

    Raises:
        LedgerBroken: nobody can say what was erased.
    """
    found: dict[str, Tombstone] = {}
    for entry in ledger(settings).entries():
        for one in entry["deliveries"]:
            rows = None if one["rows"] is None else tuple(one["rows"])
            stone = Tombstone(one["sha256"], entry["at"], rows, one["replaced_by"])
            found.setdefault(stone.sha256, stone)
    return found


def days(settings: Settings) -> dict[str, str]:
    """The day on which bytes were erased, by sha256; raises as `tombstones` does."""
    return {sha256: stone.day for sha256, stone in tombstones(settings).items()}


def last_moment(settings: Settings) -> datetime | None:
    """When something was erased last; raises as `tombstones` does."""
    moments = [datetime.fromisoformat(entry["at"]) for entry in ledger(settings).entries()]
    return max(moments, default=None)


def record(settings: Settings, entry: Mapping[str, Any]) -> None:
    """Enter an erasure in the ledger; raises as `tombstones` does."""
    ledger(settings).append(entry)


def take_away(settings: Settings, leaving: Collection[Receipt]) -> None:
    """Remove deliveries from landing, raw and quarantine, and their names from the records of pulls.

    Needs the run's lock. The receipt, by which a delivery is found, goes last: if killed, the next call
    does the rest.
    """
    staying = [receipt for receipt in receipts(settings) if receipt not in leaving]
    kept = {receipt.bytes_path(settings) for receipt in staying}
    sha256s = {receipt.sha256 for receipt in leaving}
    pull_record.forget(settings, sha256s)
    sightings = Sightings(settings, receipts(settings))
    sightings.hide(sha256s)
    sightings.save()
    verified = Verified(settings.home)
    for receipt in leaving:
        for path in (receipt.bytes_path(settings), record_path(settings, receipt)):
            verified.drop(path)
            verified.drop(path.with_suffix(".parquet"))
    verified.save()
    for receipt in leaving:
        remove(settings, receipt, keep_bytes=receipt.bytes_path(settings) in kept)
        forget(settings, receipt, {"why": "erased", "at": settings.now.isoformat()})
        for root in (settings.landing, settings.raw, settings.quarantine):
            slot = root / receipt.feed / receipt.slot
            if slot.is_dir() and not any(slot.iterdir()):
                slot.rmdir()
