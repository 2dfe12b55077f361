"""The state of every delivery: what was read of it, what gate 1 said, and which one is current.

    raw/<partner>/<feed>/<slot>/<seq>-<sha12>.json   one record a delivery, beside its Parquet

A record counts only while it was made under the contract of today; otherwise the delivery is read
and gated again. Without a record a delivery is `landed` and nothing downstream may use it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from orchestration.contracts.odcs import Contract
from orchestration.core.files import write_json
from orchestration.core.settings import Settings
from orchestration.ingest.landing.receipts import Receipt, receipts

LANDED, PASSED, REFUSED, ERRORED = "landed", "passed", "refused", "errored"


@dataclass(frozen=True)
class Record:
    """What is known about a delivery after parsing and gate 1.

    `rules` are the outcomes of gate 1 as JSON; `reason` is the sentence for people where the state
    is not `passed`; `rows` is `None` where the file could not be read.
    """

    contract_fingerprint: str
    contract_version: str
    state: str
    rows: int | None
    reason: str
    rule: str
    rules: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Delivery:
    """A receipt with its state. Grain: one a delivery ever received."""

    receipt: Receipt
    record: Record | None
    is_current: bool

    @property
    def state(self) -> str:
        return self.record.state if self.record else LANDED


def record_path(settings: Settings, receipt: Receipt) -> Path:
    """Where the record of a delivery lies."""
    return settings.raw / receipt.feed / f"{receipt.delivery_id}.json"


def read_record(settings: Settings, contract: Contract, receipt: Receipt) -> Record | None:
    """The delivery's record, if it was made under this very contract."""
    path = record_path(settings, receipt)
    if not path.exists():
        return None
    found = json.loads(path.read_text(encoding="utf-8"))
    if found["contract_fingerprint"] != contract.fingerprint:
        return None
    return Record(**{**found, "rules": tuple(found["rules"])})


def write_record(settings: Settings, receipt: Receipt, record: Record) -> None:
    """Write a delivery's record, whole or not at all."""
    write_json(record_path(settings, receipt), asdict(record))


def deliveries(settings: Settings, contracts: Mapping[str, Contract]) -> list[Delivery]:
    """Every delivery of the declared feeds with its state, in the order feed, slot, sequence.

    A replay (`CSP_NOW`) does not know what was received after its clock, so it rebuilds every figure
    as it was known on that day. Any other run does: what came while the clock was ahead is here.
    """
    known = [
        receipt
        for receipt in receipts(settings)
        if receipt.feed in contracts
        and (not settings.is_replay or datetime.fromisoformat(receipt.received_at) <= settings.now)
    ]
    records = {
        receipt: read_record(settings, contracts[receipt.feed], receipt) for receipt in known
    }
    current = _current(records)
    return [Delivery(receipt, records[receipt], receipt in current) for receipt in known]


def awaiting(found: Iterable[Delivery]) -> list[Delivery]:
    """The deliveries that must be read and gated: new, errored, or under another contract."""
    return [delivery for delivery in found if delivery.state in (LANDED, ERRORED)]


def _current(records: Mapping[Receipt, Record | None]) -> set[Receipt]:
    """The delivery that counts for each slot: the last one that passed.

    A real delivery of any feed sets every synthetic one aside: the two never mix in one warehouse.
    """
    real_data = any(not receipt.synthetic for receipt in records)
    best: dict[tuple[str, str], Receipt] = {}
    for receipt, record in records.items():
        if record is None or record.state != PASSED or (real_data and receipt.synthetic):
            continue
        rival = best.get((receipt.feed, receipt.slot))
        if rival is None or rival.seq < receipt.seq:
            best[receipt.feed, receipt.slot] = receipt
    return set(best.values())
