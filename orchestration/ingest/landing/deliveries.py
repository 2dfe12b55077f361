"""The state of every delivery: what was read, the outcome of gate 1, and which one is current.

raw/<partner>/<feed>/<slot>/<seq>-<sha12>.json   one record per delivery, beside its Parquet

A record is valid only if it was made under the current contract and is as it was written; otherwise the
delivery is read and judged again. Without a record a delivery is `landed` and may not be used downstream.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from orchestration.contracts.odcs import Contract
from orchestration.core import records
from orchestration.core.settings import Settings
from orchestration.ingest.landing.receipts import Receipt, receipts

LANDED, PASSED, REFUSED, ERRORED = "landed", "passed", "refused", "errored"


@dataclass(frozen=True)
class Record:
    """What is known about a delivery after parsing and gate 1.

    `rules` are the outcomes of gate 1 as JSON; `reason` is the sentence for people where the state
    is not `passed`; `rows` is `None` where the file could not be read. `rejected` are the rows of a
    passed delivery that its contract rejects, by the (first) reason; staging leaves out the same ones.
    `raw_sha256` is that of the Parquet file beside it, where there is one; empty in older records.
    """

    contract_fingerprint: str
    contract_version: str
    state: str
    rows: int | None
    reason: str
    rule: str
    rules: tuple[dict[str, Any], ...] = ()
    rejected: Mapping[str, int] = field(default_factory=dict)
    raw_sha256: str = ""


@dataclass(frozen=True)
class Delivery:
    """A receipt with its state. Grain: one per delivery ever received."""

    receipt: Receipt
    record: Record | None
    is_current: bool

    @property
    def state(self) -> str:
        return self.record.state if self.record else LANDED


def record_path(settings: Settings, receipt: Receipt) -> Path:
    """The path of a delivery's record."""
    return settings.raw / receipt.feed / f"{receipt.delivery_id}.json"


def read_record(settings: Settings, contract: Contract, receipt: Receipt) -> Record | None:
    """The delivery's record, if it was made under exactly this contract."""
    try:
        record = _record(record_path(settings, receipt))
    except records.DamagedRecord:
        return None  # so the delivery is read and judged again
    return record if record and record.contract_fingerprint == contract.fingerprint else None


def _record(path: Path) -> Record | None:
    """The record in a file, under whichever contract it was made; raises as `records.read` does."""
    found = records.read(path)
    try:
        return None if found is None else Record(**{**found, "rules": tuple(found["rules"])})
    except (TypeError, KeyError):
        raise records.DamagedRecord(f"the record {path.name} is not one of a delivery") from None


def any_record(settings: Settings, receipt: Receipt) -> Record | None:
    """The delivery's record, under whichever contract it was made; `None` if it is damaged."""
    try:
        return _record(record_path(settings, receipt))
    except records.DamagedRecord:
        return None


def is_damaged(settings: Settings, receipt: Receipt) -> bool:
    """Whether there is a record of the delivery that is not as it was written."""
    try:
        _record(record_path(settings, receipt))
    except records.DamagedRecord:
        return True
    return False


def write_record(settings: Settings, receipt: Receipt, record: Record) -> None:
    """Write a delivery's record atomically."""
    records.write(record_path(settings, receipt), asdict(record))


def deliveries(settings: Settings, contracts: Mapping[str, Contract]) -> list[Delivery]:
    """Every delivery of the declared feeds with its state, in the order feed, slot, sequence.

    A replay (`CSP_NOW`) ignores what was received after its clock, so it rebuilds every figure as it
    was known on that day. Any other run includes deliveries received while the clock was ahead.
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
    """The deliveries that must be read and judged: new, errored, or judged under another contract."""
    return [delivery for delivery in found if delivery.state in (LANDED, ERRORED)]


def _current(records: Mapping[Receipt, Record | None]) -> set[Receipt]:
    """The current delivery for each slot: the last one that passed.

    Once any feed has a real delivery, all synthetic ones are ignored: the two never mix in one warehouse.
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
