"""The rules of a feed over all its new deliveries at once, and what they say of each delivery.

Great Expectations runs once. Of a rule that it found broken, one query grouped by delivery says in which
deliveries, in how many of their rows and in which rows first. What that leaves open is asked of each delivery
alone, for that rule only: whether a rule that could not be run can be run there, and what a rule finds that
may look from one delivery to another (`each_delivery`). So every delivery's outcomes are those that it would
have had alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial

import duckdb

from orchestration.contracts.odcs import Contract, Rule
from orchestration.contracts.rules import plain_query
from orchestration.core.engine import connect
from orchestration.core.settings import Settings
from orchestration.core.sql import as_pattern, literal
from orchestration.ingest.landing.receipts import Receipt
from orchestration.ingest.readers.parse import parquet_path
from orchestration.protection import encryption
from orchestration.quality import chance, known_areas, vintage
from orchestration.quality.each_delivery import DELIVERY, OF_UNIQUE, QUERY, UNIQUE, judges_each
from orchestration.quality.outcomes import FAILED, PASSED, RuleOutcome
from orchestration.quality.runner import ROWS_SHOWN, run_suite

ROW = "_row"
# Bytes of Parquet up to which rows are read once, into memory: every rule is a query or two of its own,
# and would open every file again.
_HELD = 16_000_000
_TABLE = "rows_of_new_deliveries"

Ask = Callable[[Sequence[Rule]], list[RuleOutcome]]


def judge(
    settings: Settings,
    contract: Contract,
    receipts: Sequence[Receipt],
    usual: Mapping[str, chance.Expected],
) -> dict[Receipt, list[RuleOutcome]]:
    """The outcomes of every rule by delivery, in the order of the rules. The deliveries have been parsed."""
    rules = (*contract.rules, *vintage.rules(settings, contract))
    name = contract.feed.replace("/", "_")

    def ask(receipt: Receipt, some: Sequence[Rule]) -> list[RuleOutcome]:
        # From its own file: what cannot be read may be another's.
        with _rows(settings, contract, some, [receipt], usual) as (alone, own):
            return of_one(alone, own, some, name)

    with _rows(settings, contract, rules, receipts, usual) as (connection, rows):
        if len(receipts) == 1:
            return {receipts[0]: of_one(connection, rows, rules, name)}
        asked = {receipt.delivery_id: partial(ask, receipt) for receipt in receipts}
        found = of_each(connection, rows, rules, asked, name)
    return {receipt: found[receipt.delivery_id] for receipt in receipts}


def of_one(
    connection: duckdb.DuckDBPyConnection, rows: str, rules: Sequence[Rule], name: str = "rules"
) -> list[RuleOutcome]:
    """The outcomes of rules over the rows of one delivery (`rows`, a query on `connection`)."""
    outcomes = run_suite(name, rows, rules, row_column=ROW, connection=connection)
    return [
        (_by_delivery(connection, rows, rule, outcome, is_one=True) or {"": outcome})[""]
        if outcome.outcome == FAILED
        else outcome
        for rule, outcome in zip(rules, outcomes, strict=True)
    ]


def of_each(
    connection: duckdb.DuckDBPyConnection,
    rows: str,
    rules: Sequence[Rule],
    deliveries: Mapping[str, Ask],
    name: str = "rules",
) -> dict[str, list[RuleOutcome]]:
    """The outcomes by delivery of rules over the rows of several.

    `deliveries` are all that are in `rows`, by what is in `_delivery`: each with a way to ask rules of it
    alone.
    """
    shared = [rule for rule in rules if judges_each(connection, rule)]
    found: dict[str, dict[str, RuleOutcome]] = {delivery: {} for delivery in deliveries}
    together = (
        run_suite(name, rows, shared, row_column=ROW, connection=connection) if shared else []
    )
    for rule, outcome in zip(shared, together, strict=True):
        each: Mapping[str, RuleOutcome] | None = None
        if outcome.outcome == PASSED:
            each = dict.fromkeys(deliveries, outcome)
        elif outcome.outcome == FAILED:
            each = _by_delivery(connection, rows, rule, outcome)
        if not each or not set(each) <= set(deliveries):
            continue
        passed = RuleOutcome(rule.id, rule.severity, PASSED, rule.sentence)
        for delivery, own in found.items():
            own[rule.id] = each.get(delivery, passed)
    for delivery, own in found.items():
        if left := [rule for rule in rules if rule.id not in own]:
            own |= {outcome.rule: outcome for outcome in deliveries[delivery](left)}
    return {delivery: [own[rule.id] for rule in rules] for delivery, own in found.items()}


def _by_delivery(
    connection: duckdb.DuckDBPyConnection,
    rows: str,
    rule: Rule,
    failed: RuleOutcome,
    *,
    is_one: bool = False,
) -> dict[str, RuleOutcome] | None:
    """What a rule that failed says of each delivery that it finds something in; of one alone, under no name.

    `None` if that cannot be asked so.
    """
    if (query := _broken_by(rule, rows)) is None:
        return None
    delivery = "''" if is_one else DELIVERY
    try:
        names = connection.sql(query).columns
        positions = f"list(distinct {ROW}::bigint)" if ROW in names else "[]::bigint[]"
        found = connection.execute(
            f"select delivery, rows_found, coalesce(list_sort(positions)[:{ROWS_SHOWN}], []) from ("
            f"select {delivery} as delivery, count(*) as rows_found, {positions} as positions "
            f"from ({query}) as broken group by all) as counted"
        ).fetchall()
    except duckdb.Error:
        return None
    # Rows of a query without positions are none of the delivery's.
    is_counted = rule.expectation == UNIQUE
    return {
        name: replace(
            failed,
            failing_rows=count if first or is_counted else None,
            first_rows=tuple(first),
        )
        for name, count, first in found
    }


def _broken_by(rule: Rule, rows: str) -> str | None:
    """A query for what breaks a rule, where it can be had as one."""
    if rule.expectation == QUERY:
        query = str(rule.kwargs["unexpected_rows_query"]).rstrip("; \t\r\n\v\f")
        return plain_query(query, f"({rows})")
    if rule.expectation == UNIQUE and set(rule.kwargs) <= OF_UNIQUE:
        names = [f'"{name}"' for name in rule.kwargs["column_list"]]
        filled = " and ".join(f"{name} is not null" for name in names)
        # Without positions: Great Expectations gives none for what is compound, and one is told as it is.
        return (
            f"select {DELIVERY} from ({rows}) where {filled} "
            f"qualify count(*) over (partition by {', '.join(names)}) > 1"
        )
    return None


@contextmanager
def _rows(
    settings: Settings,
    contract: Contract,
    rules: Sequence[Rule],
    receipts: Sequence[Receipt],
    usual: Mapping[str, chance.Expected],
) -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
    """Yield a connection and a query on it: the rows of deliveries, with what the gate knows of each."""
    paths = [parquet_path(settings, receipt) for receipt in receipts]
    files = ", ".join(literal(as_pattern(path)) for path in paths)
    known = [(r.delivery_id, usual[r.delivery_id]) for r in receipts if r.delivery_id in usual]
    option = encryption.reading(encryption.key_of(settings))
    limits = chance.thresholds_of(settings)
    # How rarely chance may make a file that seems to repeat itself, as a share of 1.
    chance_refused = 1 - limits["repetition_percent"] / 100
    # The share of rejected rows above which a delivery is refused, unless its contract states one.
    rejected_share = limits["rejected_rows_percent"] / 100
    query = (
        f"select *, {_of_each(known, 'rows')} as _usual_rows, "
        f"{_of_each(known, 'critical_fewest')} as _fewest_rows, "
        f"{_of_each(known, 'critical_most')} as _most_rows, "
        f"{chance_refused!r}::double as _chance_refused, "
        f"{rejected_share} as _rejected_share, "
        f"coalesce(_part, '') = {literal(contract.expected_part(settings.partnership))} as _is_due "
        f"from read_parquet([{files}], hive_partitioning = false{option})"
    )
    is_held = sum(path.stat().st_size for path in paths if path.exists()) < _HELD
    with connect() as connection:
        known_areas.prepare(settings, rules, connection)
        # What cannot be read does not end the night: no rule finds its rows then, and each says so.
        with suppress(duckdb.Error):
            connection.execute(f"create {'table' if is_held else 'view'} {_TABLE} as {query}")
            query = f"select * from {_TABLE}"
        yield connection, query


def _of_each(known: Sequence[tuple[str, chance.Expected]], what: str) -> str:
    """SQL for a number of rows expected in each delivery; null where too little is known."""
    # A delivery's id holds a part of the file's name, which the partner chose.
    cases = " ".join(f"when {literal(one)} then {getattr(rows, what)!r}" for one, rows in known)
    return f"case _delivery {cases} end::double" if cases else "null::double"
