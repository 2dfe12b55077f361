"""Gate 1: every new delivery is read and checked against its contract; one that fails is quarantined whole.

One Great Expectations pass over all new deliveries of a feed. Only where that pass does not succeed
is each delivery judged alone, so that one partner's bad month does not cost the good ones.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

import duckdb

from orchestration.contracts.odcs import Contract
from orchestration.core import periods
from orchestration.core.refusal import Refusal, unforeseen
from orchestration.core.settings import Settings, SettingsError
from orchestration.core.sql import as_pattern, literal
from orchestration.ingest.landing import deliveries as states
from orchestration.ingest.landing.deliveries import Delivery, Record
from orchestration.ingest.landing.receipts import Receipt
from orchestration.ingest.readers.parse import parquet_path, parse
from orchestration.protection import encryption
from orchestration.quality import anomalies, chance, known_areas, quarantine
from orchestration.quality.outcomes import ERRORED, FAILED, PASSED, RuleOutcome, in_words, overall
from orchestration.quality.runner import run_suite

_READERS = 2  # files parsed side by side
_LARGE = 50_000_000  # bytes
_NO_MEMORY = Refusal(
    "no_memory", "there was not enough memory to read the file; the next run tries it again"
)


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
) -> GateOne:
    """Parse and judge every delivery awaiting it; write the records and the quarantine reports."""
    result = GateOne()
    found = states.deliveries(settings, contracts)
    waiting: dict[str, list[Delivery]] = defaultdict(list)
    for delivery in states.awaiting(found):
        waiting[delivery.receipt.feed].append(delivery)
    for feed, queue in waiting.items():
        contract = contracts[feed]
        parsed: dict[Receipt, int] = {}
        for receipt, rows in _parse(settings, contract, [delivery.receipt for delivery in queue]):
            if isinstance(rows, Record):
                _decide(settings, contract, receipt, rows, result, say)
            else:
                parsed[receipt] = rows
        usual = _usual_rows(settings, contract, found, parsed)
        counting = [d.receipt for d in found if d.receipt.feed == feed and d.is_current]
        unusual = anomalies.judge(settings, contract, list(parsed), counting)
        for receipt, outcomes in _judge(settings, contract, parsed, usual, result).items():
            # If no rule was run, nothing was checked; anomalies are not a substitute for rules.
            compared = unusual.get(receipt, []) if outcomes else []
            record = _judged(contract, parsed[receipt], [*outcomes, *compared])
            _decide(settings, contract, receipt, record, result, say)
    return result


def _parse(
    settings: Settings, contract: Contract, queue: Sequence[Receipt]
) -> list[tuple[Receipt, int | Record]]:
    """Parse deliveries of one feed, a few at a time: the rows of each, or why it cannot be read.

    Lack of memory, or an error of our own, is not the partner's fault: the delivery is errored, and
    tried again. Errors that concern all of them are raised.
    """

    def rows_of(receipt: Receipt) -> int | Record:
        try:
            # One thread is best for a small file; a large one gets all the threads of the machine.
            return parse(settings, contract, receipt, engine if receipt.size < _LARGE else None)
        except Refusal as refusal:
            return _unread(contract, states.REFUSED, FAILED, refusal)
        except duckdb.OutOfMemoryException:
            return _unread(contract, states.ERRORED, ERRORED, _NO_MEMORY)
        except (OSError, SettingsError, duckdb.OperationalError):
            raise
        except Exception as problem:  # noqa: BLE001 - one partner's file stops no other's night
            unread = Refusal("not_read", f"the file could not be read: {unforeseen(problem)}")
            return _unread(contract, states.ERRORED, ERRORED, unread)

    with duckdb.connect(config={"threads": 1}) as engine, ThreadPoolExecutor(_READERS) as readers:
        encryption.prepare(settings, engine)
        return list(zip(queue, readers.map(rows_of, queue), strict=True))


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
    states.write_record(settings, receipt, record)
    result.decided[receipt] = record


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
    blocking = next((outcome for outcome in outcomes if outcome.blocks), None)
    reason, rule = "", ""
    if state == states.ERRORED:
        blocking = next((o for o in outcomes if o.outcome not in (PASSED, FAILED)), None)
    if blocking and state != states.PASSED:
        count = f" ({in_words(blocking.failing_rows)})" if blocking.failing_rows else ""
        reason, rule = f"{blocking.sentence}{count}", blocking.rule
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
        if delivery.receipt.feed == contract.feed and delivery.state == states.PASSED:
            rows = (delivery.record.rows if delivery.record else None) or 0
            sizes[delivery.receipt.slot] = (delivery.receipt, rows)
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


def _judge(
    settings: Settings,
    contract: Contract,
    parsed: Mapping[Receipt, int],
    usual: Mapping[str, chance.Expected],
    result: GateOne,
) -> dict[Receipt, list[RuleOutcome]]:
    """Rule outcomes by delivery: one pass for all, and one for each only if that did not pass."""
    if not parsed:
        return {}
    together = _run(settings, contract, list(parsed), usual)
    result.passes += 1
    if len(parsed) == 1 or all(outcome.outcome == PASSED for outcome in together):
        return dict.fromkeys(parsed, together)
    result.passes += len(parsed)
    return {receipt: _run(settings, contract, [receipt], usual) for receipt in parsed}


def _run(
    settings: Settings,
    contract: Contract,
    receipts: Sequence[Receipt],
    usual: Mapping[str, chance.Expected],
) -> list[RuleOutcome]:
    files = ", ".join(literal(as_pattern(parquet_path(settings, receipt))) for receipt in receipts)
    known = [(r.delivery_id, usual[r.delivery_id]) for r in receipts if r.delivery_id in usual]
    option = encryption.reading(encryption.key_of(settings))
    query = (
        f"select *, {_of_each(known, 'rows')} as _usual_rows, "
        f"{_of_each(known, 'critical_fewest')} as _fewest_rows, "
        f"{_of_each(known, 'critical_most')} as _most_rows, "
        f"{_chance_refused(settings)!r}::double as _chance_refused "
        f"from read_parquet([{files}], hive_partitioning = false{option})"
    )
    name = contract.feed.replace("/", "_")
    prepare = partial(known_areas.prepare, settings, contract.rules)
    return run_suite(name, query, contract.rules, row_column="_row", prepare=prepare)


def _chance_refused(settings: Settings) -> float:
    """How rarely chance may make a file that seems to repeat itself, as a share of 1."""
    return 1 - chance.thresholds_of(settings)["repetition_percent"] / 100


def _of_each(known: Sequence[tuple[str, chance.Expected]], what: str) -> str:
    """SQL for a number of rows expected in each delivery; null where too little is known."""
    # A delivery's id holds a part of the file's name, which the partner chose.
    cases = " ".join(f"when {literal(one)} then {getattr(rows, what)!r}" for one, rows in known)
    return f"case _delivery {cases} end::double" if cases else "null::double"
