"""The state of every delivery: what was read, the outcome of gate 1, and which one is current.

raw/<partner>/<feed>/<slot>/<seq>-<sha12>.json   one record per delivery, beside its Parquet

A record is valid only if it was made under the current contract; otherwise the delivery is read and
judged again. Without a record a delivery is `landed` and may not be used downstream.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
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
    is not `passed`; `rows` is `None` where the file could not be read. `rejected` are the rows of a
    passed delivery that its contract rejects, by the (first) reason; staging leaves out the same ones.
    `against` are the deliveries (by id) that a refused one is another name of.
    """

    contract_fingerprint: str
    contract_version: str
    state: str
    rows: int | None
    reason: str
    rule: str
    rules: tuple[dict[str, Any], ...] = ()
    rejected: Mapping[str, int] = field(default_factory=dict)
    against: tuple[str, ...] = ()


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
    path = record_path(settings, receipt)
    if not path.exists():
        return None
    found = json.loads(path.read_text(encoding="utf-8"))
    if found["contract_fingerprint"] != contract.fingerprint:
        return None
    against = tuple(found.get("against", ()))
    return Record(**{**found, "rules": tuple(found["rules"]), "against": against})


def write_record(settings: Settings, receipt: Receipt, record: Record) -> None:
    """Write a delivery's record atomically."""
    write_json(record_path(settings, receipt), asdict(record))


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
    for receipt in _to_be_judged_again(contracts, records, current):
        records[receipt] = None
        current.discard(receipt)
    return [Delivery(receipt, records[receipt], receipt in current) for receipt in known]


def awaiting(found: Iterable[Delivery]) -> list[Delivery]:
    """The deliveries that must be read and judged: new, errored, or judged under another contract."""
    return [delivery for delivery in found if delivery.state in (LANDED, ERRORED)]


def _to_be_judged_again(
    contracts: Mapping[str, Contract],
    records: Mapping[Receipt, Record | None],
    current: set[Receipt],
) -> set[Receipt]:
    """Deliveries whose judgement went by another delivery that no longer counts, or now counts as well.

    One that was refused as another name of a delivery is judged again once that one has been replaced or
    purged. And the same bytes never count for two periods or parts: should a purge, say, bring an older
    delivery back beside its copy, the later of the two is judged again.
    """
    newest = {(receipt.feed, receipt.slot): receipt for receipt in records}  # in order of sequence
    standing = {(one.feed, one.delivery_id) for one in (*current, *newest.values())}
    again = {
        receipt
        for receipt, record in records.items()
        if record and record.against
        if not any((receipt.feed, other) in standing for other in record.against)
    }
    alike: dict[tuple[str, str], list[Receipt]] = {}
    for receipt in sorted(current, key=lambda one: (one.received_at, one.slot)):
        record, contract = records[receipt], contracts[receipt.feed]
        if record and record.rows and contract.rows_are_particular and not contract.carries_over:
            alike.setdefault((receipt.feed, receipt.sha256), []).append(receipt)
    return again.union(*(found[1:] for found in alike.values()))


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
