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
from orchestration.core import records as disk
from orchestration.core.records import DamagedRecord, as_a, sound
from orchestration.core.settings import Settings
from orchestration.ingest.landing.receipts import Receipt, lost, receipts

LANDED, PASSED, REFUSED, ERRORED = "landed", "passed", "refused", "errored"
# The rule by which a delivery of which only traces are left is set aside.
LOST_RECEIPT = "lost_receipt"
_OF_A_RULE = {"rule", "severity", "outcome", "sentence"}


@dataclass(frozen=True)
class Record:
    """What is known about a delivery after parsing and gate 1.

    `rules` are the outcomes of gate 1 as JSON; `reason` is the sentence for people where the state
    is not `passed`; `rows` is `None` where the file could not be read. `rejected` are the rows of a
    passed delivery that its contract rejects, by the (first) reason; staging leaves out the same ones.
    `against` are the deliveries (by id) that a refused one is another name of. `raw_sha256` is that of the
    Parquet file beside it, where there is one; empty in older records.
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
    raw_sha256: str = ""


@dataclass(frozen=True)
class Delivery:
    """A receipt with its state. Grain: one per delivery ever received.

    `damage` says that its record, or its receipt, cannot be read; "" where nothing is wrong.
    """

    receipt: Receipt
    record: Record | None
    is_current: bool
    damage: str = ""

    @property
    def state(self) -> str:
        return self.record.state if self.record else LANDED


def record_path(settings: Settings, receipt: Receipt) -> Path:
    """The path of a delivery's record."""
    return settings.raw / receipt.feed / f"{receipt.delivery_id}.json"


def read_record(settings: Settings, contract: Contract, receipt: Receipt) -> Record | None:
    """The delivery's record, if it was made under exactly this contract.

    Raises:
        DamagedRecord: it cannot be read. The delivery is judged again, which makes it anew.
    """
    found = disk.read_record(record_path(settings, receipt), _record_of, shared=True)
    if found is None or found.contract_fingerprint != contract.fingerprint:
        return None
    return found


def any_record(settings: Settings, receipt: Receipt) -> Record | None:
    """The delivery's record, under whichever contract it was made; `None` if it is damaged."""
    return sound(record_path(settings, receipt), _record_of, shared=True)


def is_damaged(settings: Settings, receipt: Receipt) -> bool:
    """Whether there is a record of the delivery that is not as it was written. The file is read."""
    return disk.is_damaged(record_path(settings, receipt), _record_of)


def _record_of(document: Any) -> Record:
    record = as_a(Record)(document)
    if record.state not in (PASSED, REFUSED, ERRORED):
        raise ValueError("no state")
    if not all(set(rule) >= _OF_A_RULE for rule in record.rules):
        raise ValueError("not the outcomes of rules")
    return record


def write_record(settings: Settings, receipt: Receipt, record: Record) -> None:
    """Write a delivery's record atomically."""
    disk.write(record_path(settings, receipt), asdict(record))


def deliveries(settings: Settings, contracts: Mapping[str, Contract]) -> list[Delivery]:
    """Every delivery of the declared feeds with its state, in the order feed, slot, sequence.

    A replay (`CSP_NOW`) ignores what was received after its clock, so it rebuilds every figure as it
    was known on that day. Any other run includes deliveries received while the clock was ahead.
    """
    everything = receipts(settings)
    known = [
        receipt
        for receipt in everything
        if receipt.feed in contracts
        and (not settings.is_replay or datetime.fromisoformat(receipt.received_at) <= settings.now)
    ]
    records: dict[Receipt, Record | None] = {}
    damage: dict[Receipt, str] = {}
    for receipt in known:
        try:
            records[receipt] = read_record(settings, contracts[receipt.feed], receipt)
        except DamagedRecord as problem:
            records[receipt] = None
            damage[receipt] = f"the result of gate 1 is damaged ({problem.why}); it is judged again"
    current = _current(records)
    for receipt in _to_be_judged_again(contracts, records, current):
        records[receipt] = None
        current.discard(receipt)
    found = [
        Delivery(receipt, records[receipt], receipt in current, damage.get(receipt, ""))
        for receipt in known
    ]
    found += _lost(settings, contracts, everything)
    return sorted(found, key=lambda one: (one.receipt.feed, one.receipt.slot, one.receipt.seq))


def _lost(
    settings: Settings, contracts: Mapping[str, Contract], known: Iterable[Receipt]
) -> list[Delivery]:
    """Deliveries without a receipt that can be read: set aside, and never simply missing."""
    found = []
    for trace in lost(settings, known):
        if (contract := contracts.get(trace.receipt.feed)) is None:
            continue
        reason = (
            f"{trace.why}, so it does not count; the next pull takes the file again if its source still "
            "has it; otherwise restore landing from the backup"
        )
        record = Record(contract.fingerprint, contract.version, ERRORED, None, reason, LOST_RECEIPT)
        found.append(Delivery(trace.receipt, record, False, trace.why))
    return found


def awaiting(found: Iterable[Delivery]) -> list[Delivery]:
    """The deliveries that must be read and judged: new, errored, or judged under another contract."""
    return [
        delivery
        for delivery in found
        if delivery.state in (LANDED, ERRORED) and not is_lost(delivery)
    ]


def is_lost(delivery: Delivery) -> bool:
    """Whether only traces of the delivery are left, so that it cannot be judged."""
    return delivery.record is not None and delivery.record.rule == LOST_RECEIPT


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
