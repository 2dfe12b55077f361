"""The purge: deliveries past their retention date are deleted, with a record of each; refused ones, too.

    purged/<partner>/<feed>/<slot>/<seq>-<sha12>.json   what, when and why; no value, no file name

A purge that was killed is completed by the next one: the record is written first, and the receipt,
by which a delivery is found, is deleted last. Publications and frozen editions are kept.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from orchestration.contracts.model import Contract
from orchestration.core import candidate, records
from orchestration.core.records import an_object, sound
from orchestration.core.settings import Settings, SettingsError
from orchestration.ingest.landing.clock import DAYS_AHEAD, received
from orchestration.ingest.landing.receipts import Receipt, forget, name_of, receipts
from orchestration.ingest.landing.retention import (
    agreements,
    past,
    past_refused,
    refused_kept_days,
)


class ClockDoubted(SettingsError):
    """Nothing was purged, because the clock may be wrong; what a purge deletes does not come back when it
    is corrected. The message is one sentence."""


@dataclass(frozen=True)
class Due:
    """A delivery past its retention date, and why."""

    receipt: Receipt
    why: str


def due(settings: Settings, contracts: Mapping[str, Contract]) -> list[Due]:
    """The deliveries that a purge would delete now, in the order of their receipts."""
    agreed = agreements(settings)
    refused = _refused(settings)
    kept_days = refused_kept_days(settings) if refused else 0
    found = []
    for receipt in receipts(settings):
        received = datetime.fromisoformat(receipt.received_at).date()
        contract = contracts.get(receipt.feed)
        why = past(receipt.feed, receipt.period, received, contract, agreed, settings.today)
        if why is None and name_of(receipt) in refused:
            why = past_refused(received, kept_days, settings.today)
        if why is not None:
            found.append(Due(receipt, why))
    return found


def _refused(settings: Settings) -> set[str]:
    """The deliveries that lie in quarantine, as feed and delivery: known without reading any record."""
    return {
        path.relative_to(settings.quarantine).as_posix()
        for path in settings.quarantine.glob("*/*/*/*")
        if path.is_dir()
    }


def purged_since(settings: Settings, moment: datetime) -> list[dict[str, Any]]:
    """The records of deliveries that were purged after a given time; the scrub tells of damaged ones."""
    found = []
    for path in sorted((settings.home / "purged").glob("*/*/*/*.json")):
        record = sound(path, _purged)
        if record is not None and datetime.fromisoformat(record["purged_at"]) > moment:
            found.append(record)
    return found


def _purged(document: Any) -> dict[str, Any]:
    record = an_object(document)
    if datetime.fromisoformat(record["purged_at"]).tzinfo is None:
        raise ValueError("no time")
    if not all(isinstance(record[name], str) for name in ("feed", "period", "why", "state")):
        raise TypeError("not of a purge")
    return record


def purge(
    settings: Settings, contracts: Mapping[str, Contract], *, clock_is_right: bool = False
) -> list[Due]:
    """Delete deliveries past their retention date; return them. Needs the run's lock.

    No rows are left: they are deleted from landing, raw and quarantine, and the candidate, which was
    built from them, is rebuilt by the next night.

    Raises:
        ClockDoubted: the newest delivery is long past, and the clock has not been confirmed as right.
    """
    found = due(settings, contracts)
    if found:
        if not clock_is_right:
            _check_clock(settings)
        candidate.drop(settings)
    leaving = {entry.receipt for entry in found}
    staying = [receipt for receipt in receipts(settings) if receipt not in leaving]
    kept = {receipt.bytes_path(settings) for receipt in staying}
    for entry in found:
        _purge(settings, entry, keep_bytes=entry.receipt.bytes_path(settings) in kept)
    return found


def _check_clock(settings: Settings) -> None:
    moments = received(settings)
    newest = moments[-1]
    days = (settings.now - newest).days
    if days > DAYS_AHEAD:
        raise ClockDoubted(
            f"nothing was purged: the newest delivery came on {newest:%Y-%m-%d}, {days} days before "
            f"the clock's {settings.today}; if the clock is right, say so (--clock-is-right)"
        )
    # Deliveries landed after the clock jumped look new; the gap before them remains.
    begins = settings.now - timedelta(days=DAYS_AHEAD)
    before = max((moment for moment in moments if moment <= begins), default=None)
    if before is not None and (begins - before).days > DAYS_AHEAD:
        raise ClockDoubted(
            f"nothing was purged: no delivery came between {before:%Y-%m-%d} and {begins:%Y-%m-%d}, "
            "so the clock may have jumped; if it is right, say so (--clock-is-right)"
        )


def record_path(settings: Settings, receipt: Receipt) -> Path:
    """The path of the record of a purged delivery."""
    return settings.home / "purged" / receipt.feed / f"{receipt.delivery_id}.json"


def _purge(settings: Settings, entry: Due, *, keep_bytes: bool) -> None:
    receipt = entry.receipt
    records.write(record_path(settings, receipt), _record(settings, entry, is_done=False))
    remove(settings, receipt, keep_bytes=keep_bytes)
    record = _record(settings, entry, is_done=True)
    records.write(record_path(settings, receipt), record)
    forget(settings, receipt, {key: record[key] for key in ("sha256", "why", "purged_at")})


def remove(settings: Settings, receipt: Receipt, *, keep_bytes: bool) -> None:
    """Remove a delivery from quarantine, raw and landing, but for its receipt, by which it is found."""
    raw = settings.raw / receipt.feed
    set_aside = settings.quarantine / receipt.feed / receipt.delivery_id
    if set_aside.exists():
        shutil.rmtree(set_aside)
    for path in (raw / f"{receipt.delivery_id}.parquet", raw / f"{receipt.delivery_id}.json"):
        path.unlink(missing_ok=True)
    if not keep_bytes:
        receipt.bytes_path(settings).unlink(missing_ok=True)


def _record(settings: Settings, entry: Due, *, is_done: bool) -> dict[str, Any]:
    receipt = entry.receipt
    return {
        "feed": receipt.feed,
        "period": receipt.period,
        "part": receipt.part,
        "seq": receipt.seq,
        "sha256": receipt.sha256,
        "size": receipt.size,
        "received_at": receipt.received_at,
        "synthetic": receipt.synthetic,
        "why": entry.why,
        "purged_at": settings.now.isoformat(),
        "state": "purged" if is_done else "begun",
    }
