"""Trying contracts: each reads an extract made for it, and every rule is run on it and on none.

Without Great Expectations, whose import takes longer than one contract may: the rules are the same
queries, put to DuckDB directly. What gate 1 would make of a delivery is not judged here, only whether the
contract could be used at all, finds nothing wrong with an extract that is as agreed, and finds what is
wrong with the spoiled ones that `csp sample --fault` makes (when only a few contracts are tried).
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from orchestration.contracts.model import ROW, Contract, Rule
from orchestration.contracts.rules import plain_query
from orchestration.core.engine import connect
from orchestration.core.refusal import Refusal
from orchestration.core.settings import Settings
from orchestration.core.sql import as_pattern, literal
from orchestration.ingest.landing import pull
from orchestration.ingest.readers.parse import ADDED_COLUMNS, parquet_path, parse
from orchestration.ingest.transports import open_source
from orchestration.quality import known_areas
from orchestration.quality.each_delivery import QUERY
from orchestration.synthetic import sample
from orchestration.synthetic.engine import SampleError
from orchestration.synthetic.faults.catalogue import FAULTS, REFUSED

# Counter-examples cost more than all else here; for the whole set, the test suite has every one of them.
_FEW = 10


def problems_of(settings: Settings, contracts: Mapping[str, Contract]) -> dict[str, list[str]]:
    """What is wrong with each contract, by feed: one sentence each, and never a value.

    `settings` are those in use; everything is made in a folder of its own, which is removed.
    """
    found = {feed: _unrunnable(settings, contract) for feed, contract in contracts.items()}
    sound = {
        feed: contract
        for feed, contract in contracts.items()
        if not found[feed] and not contract.retired
    }
    with TemporaryDirectory() as place:
        folder, home = Path(place) / "extracts", Path(place) / "home"
        # No key of the warehouse is needed for made-up rows, nor a place that is kept.
        apart = replace(settings, home=home, vault_key_file=None, warehouse_key_file=None)
        for feed, problem in _written(apart, sound, folder).items():
            found[feed].append(problem)
        if not folder.exists():
            return found
        landed = pull.pull(apart, sound, open_source(str(folder))).landed
        with connect(threads=1) as engine:
            for receipt in landed:
                contract = sound[receipt.feed]
                try:
                    parse(apart, contract, receipt, engine)
                except Refusal as refusal:
                    found[receipt.feed].append(f"its own sample is refused: {refusal.sentence}")
                    continue
                path = parquet_path(apart, receipt)
                try:
                    problems = _broken(apart, contract, path)
                    if not problems and len(contracts) <= _FEW:
                        written = folder / receipt.source_path
                        problems = _unfound(apart, contract, written, path, Path(place))
                except duckdb.Error as problem:
                    first = str(problem).splitlines()[0]
                    problems = [f"its rules cannot be run on its own sample: {first}"]
                found[receipt.feed] += problems
        read = {receipt.feed for receipt in landed}
        for feed, contract in sound.items():
            if feed not in read and not found[feed] and sample.lacking(settings, contract) is None:
                found[feed].append(
                    "its own sample is not taken: filePattern does not match its name"
                )
    return found


def _written(settings: Settings, contracts: Mapping[str, Contract], folder: Path) -> dict[str, str]:
    """Write the extracts; of what cannot be written, why, by feed."""
    try:
        sample.write_newest(settings, contracts, folder)
    except (SampleError, duckdb.Error):
        # One that cannot be made stops the others: find it by making each apart.
        if len(contracts) > 1:
            return {
                feed: problem
                for feed, contract in contracts.items()
                for problem in _written(settings, {feed: contract}, folder).values()
            }
        (feed,) = contracts
        return {feed: "its own sample cannot be made by this contract"}
    return {}


def _as_gate_one(usual: str) -> str:
    """The columns that gate 1 adds to a delivery's rows for rules on all of them: `usual` rows are expected,
    neither fewer nor more."""
    return (
        f"{usual}::double as _usual_rows, {usual}::double as _fewest_rows, "
        f"{usual}::double as _most_rows, 1e-6 as _chance_refused, 0.5 as _rejected_share, "
        "true as _is_due"
    )


def _unrunnable(settings: Settings, contract: Contract) -> list[str]:
    """Rules that DuckDB cannot run, tried on no rows."""
    names = [column.name for column in contract.columns]
    empty = ", ".join(f"null::varchar as {name}" for name in names)
    added = ", ".join(f"null::{kind} as {name}" for name, kind in ADDED_COLUMNS.items())
    rows = f"select {added}, {empty}, {_as_gate_one('null')} where false"
    problems = []
    with connect() as connection:
        known_areas.prepare(settings, contract.rules, connection)
        connection.execute("set enable_external_access = false")
        for rule in contract.rules:
            try:
                connection.execute(f"select count(*) from ({_query(rule, rows)})")
            except (duckdb.Error, KeyError, IndexError, ValueError, TypeError) as problem:
                first = str(problem).splitlines()[0]
                problems.append(f"rule {rule.id} cannot be run: {first}")
    return problems


def _broken(settings: Settings, contract: Contract, path: Path) -> list[str]:
    """Rules that refuse a delivery or reject rows, and that the contract's own sample breaks."""
    judged = [rule for rule in contract.rules if rule.severity in ("critical", ROW)]
    return [
        f"its own sample breaks rule {rule.id}: not so that {rule.sentence}"
        for rule in _breaking(settings, judged, path, _rows(path))
    ]


def _unfound(
    settings: Settings, contract: Contract, written: Path, path: Path, place: Path
) -> list[str]:
    """Rules that let through a counter-example: a spoiled sample that the rule is there to refuse."""
    rules = {rule.id: rule for rule in contract.rules}
    usual, problems = _rows(path), []
    for name, fault in FAULTS.items():
        if fault.feed != contract.feed or fault.outcome != REFUSED or fault.rule not in rules:
            continue
        source = place / "spoiled" / name
        (source / contract.partner).mkdir(parents=True)
        spoiled = source / contract.partner / written.name
        shutil.copyfile(written, spoiled)
        fault.apply(spoiled)
        home = replace(settings, home=place / "homes" / name)
        try:
            for receipt in pull.pull(
                home, {contract.feed: contract}, open_source(str(source))
            ).landed:
                parse(home, contract, receipt)
                if not _breaking(home, [rules[fault.rule]], parquet_path(home, receipt), usual):
                    problems.append(
                        f"rule {fault.rule} does not find its counter-example {name} ({fault.summary})"
                    )
        except Refusal:  # refused before any rule, which is as good
            continue
    return problems


def _rows(path: Path) -> int:
    with connect() as connection:
        found = connection.sql(f"select count(*) from read_parquet({literal(as_pattern(path))})")
        (count,) = found.fetchall()
    return int(count[0])


def _breaking(settings: Settings, rules: Sequence[Rule], path: Path, usual: int) -> list[Rule]:
    """Those rules that the rows in `path` break, where `usual` rows are delivered otherwise."""
    with connect() as connection:
        known_areas.prepare(settings, rules, connection)
        connection.execute(
            f"create temp table delivered as select *, {_as_gate_one(str(usual))} "
            f"from read_parquet({literal(as_pattern(path))}, hive_partitioning = false)"
        )
        return [
            rule
            for rule in rules
            if connection.execute(
                f"select count(*) > 0 from ({_query(rule, 'select * from delivered')})"
            ).fetchall()[0][0]
        ]


def _query(rule: Rule, rows: str) -> str:
    """The rows that break a rule, as a query over `rows`."""
    asked = rule.kwargs
    if rule.expectation == QUERY:
        return plain_query(str(asked["unexpected_rows_query"]), f"({rows})")
    column = f'"{asked["column"]}"' if "column" in asked else ""
    listed = ", ".join(literal(str(value)) for value in asked.get("value_set", ()))
    where = {
        "expect_column_values_to_not_be_null": f"{column} is null",
        "expect_column_values_to_be_null": f"{column} is not null",
        "expect_column_values_to_be_in_set": f"{column} not in ({listed or 'null'})",
        "expect_column_values_to_not_be_in_set": f"{column} in ({listed or 'null'})",
    }.get(rule.expectation)
    if where is not None:
        return f"select 1 from ({rows}) where {where}"
    if rule.expectation == "expect_compound_columns_to_be_unique":
        names = ", ".join(f'"{name}"' for name in asked["column_list"])
        return f"select 1 from ({rows}) group by {names} having count(*) > 1"
    if rule.expectation == "expect_column_pair_values_to_be_equal":
        return f'select 1 from ({rows}) where "{asked["column_A"]}" <> "{asked["column_B"]}"'
    least = asked.get("min_value", asked.get("value"))
    most = asked.get("max_value", asked.get("value"))
    limits = [f"length({column}) < {least}"] if least is not None else []
    limits += [f"length({column}) > {most}"] if most is not None else []
    return f"select 1 from ({rows}) where {' or '.join(limits) or 'false'}"
