"""Gate 1: every new delivery is read and checked against its contract; one that fails is quarantined whole.

One Great Expectations pass over all new deliveries of a feed, and a verdict on each (`together`): one
partner's bad month does not cost the good ones.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TypeVar

import duckdb

from orchestration.contracts.odcs import ROW, SHARE, Contract, reason_sql
from orchestration.core import periods, progress
from orchestration.core.engine import connect, cursor
from orchestration.core.refusal import TOLD, Refusal, Remark, unforeseen
from orchestration.core.settings import Settings, SettingsError
from orchestration.core.sql import as_pattern, literal
from orchestration.ingest.landing import deliveries as states
from orchestration.ingest.landing import parts
from orchestration.ingest.landing.deliveries import Delivery, Record
from orchestration.ingest.landing.receipts import Receipt
from orchestration.ingest.readers.parse import (
    Draft,
    Parsed,
    draft,
    looked_at_of,
    parquet_path,
    parse,
)
from orchestration.protection import encryption, scanner
from orchestration.quality import (
    anomalies,
    chance,
    identity,
    nil_returns,
    quarantine,
    together,
)
from orchestration.quality.outcomes import (
    ERRORED,
    FAILED,
    PASSED,
    RuleOutcome,
    in_words,
    overall,
    rejected_in_words,
)

_Read = TypeVar("_Read")
_READERS = 2  # files parsed side by side
_LARGE = 50_000_000  # bytes
_NO_MEMORY = Refusal(
    "no_memory", "there was not enough memory to read the file; the next run tries it again"
)

_GONE = Refusal(
    "original_gone", "its original is not in landing any more; restore landing from the backup"
)


@dataclass(frozen=True)
class Asked:
    """What gate 1 is asked to judge: deliveries of one feed, or of some of its periods, or all.

    With `again`, also those that were judged already; without, only those that await it.
    """

    feed: str | None = None
    periods: frozenset[str] | None = None
    again: bool = False

    def __contains__(self, delivery: Delivery) -> bool:
        receipt = delivery.receipt
        return self.feed in (None, receipt.feed) and (
            self.periods is None or receipt.period in self.periods
        )


EVERYTHING = Asked()


@dataclass
class GateOne:
    """The decisions of gate 1 in this run: delivery records by receipt."""

    decided: dict[Receipt, Record] = field(default_factory=dict)
    passes: int = 0

    def in_state(self, state: str) -> list[Receipt]:
        return [receipt for receipt, record in self.decided.items() if record.state == state]


def run_gate_one(
    settings: Settings,
    contracts: Mapping[str, Contract],
    say: Callable[[str], None] = lambda line: None,
    asked: Asked = EVERYTHING,
) -> GateOne:
    """Parse and judge every delivery that is asked for; write the records and the quarantine reports."""
    result = GateOne()
    found = _judge_waiting(settings, contracts, result, say, asked)
    if any(delivery.record and delivery.record.against for delivery in found):
        # What was refused as another name of a delivery may count, now that this one was corrected.
        _judge_waiting(settings, contracts, result, say, replace(asked, again=False))
    return result


def _judge_waiting(
    settings: Settings,
    contracts: Mapping[str, Contract],
    result: GateOne,
    say: Callable[[str], None],
    asked: Asked,
) -> list[Delivery]:
    """Judge what awaits it now; return the deliveries as they were before."""
    found = states.deliveries(settings, contracts)
    waiting: dict[str, list[Delivery]] = defaultdict(list)
    for delivery in found if asked.again else states.awaiting(found):
        if delivery in asked and not states.is_lost(delivery):
            waiting[delivery.receipt.feed].append(delivery)
    for number, (feed, queue) in enumerate(waiting.items(), start=1):
        progress.tell("feeds of gate 1", number, len(waiting))
        contract = contracts[feed]
        parsed: dict[Receipt, int] = {}
        hashes: dict[Receipt, str] = {}
        told: dict[Receipt, list[RuleOutcome]] = {}
        listed = parts.listed(settings, contract)
        for receipt in [one.receipt for one in queue if one.receipt.part not in listed]:
            # Landed by a release or under a list that let it in.
            refusal = Refusal("unlisted_part", f"the file {parts.unlisted(contract)}")
            record = _unread(contract, states.REFUSED, FAILED, refusal)
            _decide(settings, contract, receipt, record, result, say)
        known = [one.receipt for one in queue if one.receipt.part in listed]
        for receipt, read in _parse(settings, contract, known):
            if isinstance(read, Record):
                _decide(settings, contract, receipt, read, result, say)
            else:
                parsed[receipt], hashes[receipt] = read.rows, read.sha256
                told[receipt] = [_remarked(remark) for remark in read.remarks]
        for receipt in [receipt for receipt, rows in parsed.items() if rows == 0]:
            others = _other_rows(found, parsed, receipt)
            del parsed[receipt]
            outcomes = [nil_returns.judge(settings, others)]
            record = replace(_judged(contract, 0, outcomes), raw_sha256=hashes[receipt])
            _decide(settings, contract, receipt, record, result, say)
        usual = _usual_rows(settings, contract, found, parsed)
        counting = [
            d.receipt
            for d in found
            if d.receipt.feed == feed and d.is_current and d.record and d.record.rows
        ]
        unusual = anomalies.judge(settings, contract, list(parsed), counting)
        judged: dict[Receipt, Record] = {}
        outcomes_of: dict[Receipt, list[RuleOutcome]] = {}
        result.passes += bool(parsed)
        by_delivery = together.judge(settings, contract, list(parsed), usual) if parsed else {}
        for receipt, outcomes in by_delivery.items():
            # If no rule was run, nothing was checked; anomalies are not a substitute for rules.
            compared = [*told[receipt], *unusual.get(receipt, [])] if outcomes else []
            outcomes_of[receipt] = [*outcomes, *compared]
            record = _judged(contract, parsed[receipt], outcomes_of[receipt])
            judged[receipt] = replace(record, raw_sha256=hashes[receipt])
        passed = [one for one, record in judged.items() if record.state == states.PASSED]
        same = identity.judge(settings, contract, passed, counting)
        for receipt, first in judged.items():
            record, outcomes = first, outcomes_of[receipt]
            if receipt in same:
                refused = [same[receipt].outcome, *outcomes]
                record = replace(
                    _judged(contract, parsed[receipt], refused),
                    against=same[receipt].against,
                    raw_sha256=hashes[receipt],
                )
            elif record.state == states.PASSED and any(
                outcome.severity == ROW and outcome.outcome == FAILED for outcome in outcomes
            ):
                record = replace(record, rejected=_rejected(settings, contract, receipt))
            _decide(settings, contract, receipt, record, result, say)
    return found


def _parse(
    settings: Settings, contract: Contract, queue: Sequence[Receipt]
) -> list[tuple[Receipt, Parsed | Record]]:
    """Parse deliveries of one feed, a few at a time: what was read of each, or why it cannot be.

    They are looked at for personal data together. One that holds some is read again, by itself, and so
    refused in its own words. One that there was no memory for beside the others is too.
    """
    found: dict[Receipt, Parsed | Record] = {}

    def alone(receipt: Receipt) -> Parsed | Record:
        # One thread is best for a small file; a large one gets all the threads of the machine.
        own = engine if receipt.size < _LARGE else None
        return _tried(settings, contract, receipt, lambda: parse(settings, contract, receipt, own))

    with connect(threads=1) as engine, ThreadPoolExecutor(_READERS) as readers:
        encryption.prepare(settings, engine)
        for some in _portions(queue):
            found |= _looked_at_together(settings, contract, some, engine, readers)
            left = [receipt for receipt in some if receipt not in found]
            found |= zip(left, readers.map(alone, left), strict=True)
    return [(receipt, found[receipt]) for receipt in queue]


def _portions(queue: Sequence[Receipt]) -> Iterator[list[Receipt]]:
    """Deliveries in their order, as many at a time as may be looked at together: it is done in memory."""
    some: list[Receipt] = []
    for receipt in queue:
        if some and sum(one.size for one in (*some, receipt)) > _LARGE:
            yield some
            some = []
        some.append(receipt)
    if some:
        yield some


def _looked_at_together(
    settings: Settings,
    contract: Contract,
    queue: Sequence[Receipt],
    engine: duckdb.DuckDBPyConnection,
    readers: ThreadPoolExecutor,
) -> dict[Receipt, Parsed | Record]:
    """What was read of deliveries that hold nothing personal. Those left out are to be read alone."""
    if len(queue) < 2:
        return {}
    drafts: dict[Receipt, Draft] = {}

    def read(receipt: Receipt) -> Record | None:
        def drafted() -> None:
            drafts[receipt] = draft(settings, contract, receipt, engine, room)

        return _tried(settings, contract, receipt, drafted)

    with cursor(engine) as looking, scanner.room(looking) as room:
        try:
            unread = dict(zip(queue, readers.map(read, queue), strict=True))
            try:
                held = scanner.holding(looking, looked_at_of(contract), settings.today, room)
            except duckdb.Error:  # too much of it: then each is looked at alone
                held = {receipt.delivery_id for receipt in drafts}
            clean = [receipt for receipt in drafts if receipt.delivery_id not in held]
            kept = readers.map(lambda receipt: drafts[receipt].keep(), clean)
            found: dict[Receipt, Parsed | Record] = dict(zip(clean, kept, strict=True))
        finally:
            for one in drafts.values():
                one.drop()
    # There may be memory for one that there was none for beside others.
    return found | {
        receipt: record
        for receipt, record in unread.items()
        if record is not None and record.rule != _NO_MEMORY.rule
    }


def _tried(
    settings: Settings, contract: Contract, receipt: Receipt, read: Callable[[], _Read]
) -> _Read | Record:
    """What was read of a delivery, or the record of why it cannot be.

    Lack of memory, or an error of our own, is not the partner's fault: the delivery is errored, and
    tried again. Errors that concern all deliveries are raised.
    """
    if not receipt.bytes_path(settings).exists():
        return _unread(contract, states.ERRORED, ERRORED, _GONE)
    try:
        return read()
    except Refusal as refusal:
        return _unread(contract, states.REFUSED, FAILED, refusal)
    except duckdb.OutOfMemoryException:
        return _unread(contract, states.ERRORED, ERRORED, _NO_MEMORY)
    except (OSError, SettingsError, duckdb.OperationalError):
        raise
    except Exception as problem:  # noqa: BLE001 - one partner's file stops no other's night
        unread = Refusal("not_read", f"the file could not be read: {unforeseen(problem)}")
        return _unread(contract, states.ERRORED, ERRORED, unread)


def _decide(
    settings: Settings,
    contract: Contract,
    receipt: Receipt,
    record: Record,
    result: GateOne,
    say: Callable[[str], None],
) -> None:
    # Quarantine first, record last: a run killed in between does both again.
    if record.state == states.REFUSED:
        quarantine.set_aside(settings, contract, receipt, record)
        say(f"{receipt.feed} {receipt.slot}: refused, {record.reason}")
    else:
        quarantine.release(settings, receipt)
        if record.rejected:
            say(f"{receipt.feed} {receipt.slot}: passed, {rejected_in_words(record.rejected)}")
    states.write_record(settings, receipt, record)
    result.decided[receipt] = record


def _remarked(remark: Remark) -> RuleOutcome:
    rule = f"{TOLD}{remark.rule}"
    return RuleOutcome(rule, remark.severity, FAILED, remark.sentence, remark.count, remark.rows)


def _unread(contract: Contract, state: str, came_out: str, refusal: Refusal) -> Record:
    outcome = RuleOutcome(
        refusal.rule,
        "critical",
        came_out,
        refusal.sentence,
        len(refusal.rows) if refusal.rows else None,
        refusal.rows[:20],
    )
    return Record(
        contract.fingerprint,
        contract.version,
        state,
        None,
        refusal.sentence,
        refusal.rule,
        (outcome.as_json(),),
    )


def _judged(contract: Contract, rows: int, outcomes: Sequence[RuleOutcome]) -> Record:
    verdict = overall(outcomes)
    state = {PASSED: states.PASSED, FAILED: states.REFUSED}.get(verdict, states.ERRORED)
    # That most rows break a rule of theirs explains whatever else they break.
    blocks = sorted((o for o in outcomes if o.blocks), key=lambda outcome: outcome.rule != SHARE)
    blocking = next(iter(blocks), None)
    reason, rule = "", ""
    if state == states.ERRORED:
        blocking = next((o for o in outcomes if o.outcome not in (PASSED, FAILED)), None)
    if blocking and state != states.PASSED:
        reason, rule = _with_count(blocking), blocking.rule
        broken = [o for o in outcomes if o.severity == ROW and o.outcome == FAILED]
        if rule == SHARE and broken:
            # What most rows break says more than that they are many.
            worst = max(broken, key=lambda outcome: outcome.failing_rows or 0)
            reason = f"{reason}; {_with_count(worst)}"
    elif state != states.PASSED:
        reason, rule = "the contract has no rule, so nothing was checked", "no_rules"
    return Record(
        contract.fingerprint,
        contract.version,
        state,
        rows,
        reason,
        rule,
        tuple(outcome.as_json() for outcome in outcomes),
    )


def _with_count(outcome: RuleOutcome) -> str:
    count = f" ({in_words(outcome.failing_rows)})" if outcome.failing_rows else ""
    return f"{outcome.sentence}{count}"


def _rejected(settings: Settings, contract: Contract, receipt: Receipt) -> dict[str, int]:
    """The rows of a delivery that its contract rejects, by the reason that staging will give."""
    path = literal(as_pattern(parquet_path(settings, receipt)))
    option = encryption.reading(encryption.key_of(settings))
    with connect() as connection:
        encryption.prepare(settings, connection)
        return dict(
            connection.execute(
                f"select reason, count(*) from (select {reason_sql(contract.rejecting)} as reason "
                f"from read_parquet([{path}], hive_partitioning = false{option})) as judged "
                "where reason is not null group by reason order by count(*) desc, reason"
            ).fetchall()
        )


def _usual_rows(
    settings: Settings,
    contract: Contract,
    found: Sequence[Delivery],
    parsed: Mapping[Receipt, int],
) -> dict[str, chance.Expected]:
    """The rows that chance allows each new delivery, by its id; see `chance.expectations`.

    Compared are the newest passed deliveries of every period, and the new ones among each other.
    """
    sizes: dict[str, tuple[Receipt, int]] = {}
    for delivery in found:
        if delivery.receipt.feed != contract.feed or delivery.state != states.PASSED:
            continue
        if delivery.record and delivery.record.rows:  # a nil return is no usual size
            sizes[delivery.receipt.slot] = (delivery.receipt, delivery.record.rows)
    sizes |= {receipt.slot: (receipt, rows) for receipt, rows in parsed.items()}
    counted = [
        chance.Counted(
            receipt.delivery_id,
            receipt.part,
            anomalies.turn(contract.period_kind, receipt.period),
            int(periods.first_month(contract.period_kind, receipt.period)[5:]),
            rows,
        )
        for receipt, rows in sizes.values()
        if contract.period_kind != periods.EDITION
        and periods.is_period(contract.period_kind, receipt.period)
    ]
    return chance.expectations(counted, chance.thresholds_of(settings)) if counted else {}


def _other_rows(
    found: Sequence[Delivery], parsed: Mapping[Receipt, int], nil: Receipt
) -> list[int]:
    """The rows of the feed's other periods, of the same part: those that count, and those read now."""
    rows = {
        delivery.receipt.slot: delivery.record.rows or 0
        for delivery in found
        if delivery.is_current and delivery.record and delivery.receipt.feed == nil.feed
        and delivery.receipt.part == nil.part
    }  # fmt: skip
    rows |= {receipt.slot: n for receipt, n in parsed.items() if receipt.part == nil.part}
    rows.pop(nil.slot, None)
    return list(rows.values())
