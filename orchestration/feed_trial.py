"""A new feed tried from end to end, in a minute: made up, pulled, judged, staged and counted, apart.

What a night would do for all feeds, for one; nothing is written to the home in use, and nothing is published.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from orchestration import extracts, night
from orchestration.contracts.odcs import Contract
from orchestration.core import candidate, register
from orchestration.core.engine import connect
from orchestration.core.settings import Settings
from orchestration.core.sql import literal
from orchestration.ingest.landing.deliveries import deliveries
from orchestration.synthetic import sample
from orchestration.synthetic.faults.catalogue import FAULTS
from orchestration.transform import dbt
from orchestration.transform.results import Watch, blocking, why

_MONTHS = 3
_TABLES = ("measure_register", "measure_priorities", "scan_measures")
_PLACES = "reference"  # the partner of the feeds that say where places are

Say = Callable[[str], None]


@dataclass(frozen=True)
class Tried:
    """What came of a feed, and what it still lacks: sentences, none with a value of a row."""

    wrong: tuple[str, ...]
    missing: tuple[str, ...]


def try_feed(settings: Settings, contract: Contract, say: Say) -> Tried:
    """Make up extracts of a feed, and take them as far as its measures; `say` is told each step.

    Raises:
        SampleError: its sample cannot be made.
        BuildError: the dbt project cannot be parsed.
    """
    contracts = night.contracts_of(settings)
    with TemporaryDirectory() as place:
        source, home = Path(place) / "extracts", Path(place) / "home"
        apart = replace(
            settings, home=home, source=str(source), sources=None,
            vault_key_file=None, warehouse_key_file=None,
        )  # fmt: skip
        places = [feed for feed, one in contracts.items() if one.partner == _PLACES]
        sample.write(apart, source, months=_MONTHS, only=[contract.feed, *places])
        with night.alone(apart):
            landed = extracts.pull(apart, contracts).landed
            night.gate_one(apart, contracts, lambda line: None)
            say(f"{sum(receipt.feed == contract.feed for receipt in landed)} extracts made up")
            wrong = _judged(apart, contract, say)
            night.write_manifest(apart, contracts)
            _lend_parsed(settings, apart)
            models = _models(apart, contract)
            results = dbt.build(apart, models, Watch(lambda result: None)) if models else []
        wrong += [why(result) for result in blocking(results)]
        if not wrong:
            _told(apart, contract, models, say)
        return Tried(tuple(wrong), tuple(_missing(settings, contract, models)))


def _judged(settings: Settings, contract: Contract, say: Say) -> list[str]:
    wrong = []
    for delivery in deliveries(settings, {contract.feed: contract}):
        record = delivery.record
        assert record is not None
        say(f"gate 1: {delivery.receipt.slot} {record.state}, {record.rows or 0} rows")
        if not delivery.is_current:
            wrong.append(f"gate 1 sets {delivery.receipt.slot} aside: {record.reason}")
    return wrong


def _lend_parsed(settings: Settings, apart: Settings) -> None:
    """Take over what dbt parsed last, which is any home's; it parses again if the project has changed."""
    if settings.dbt_target.is_dir():
        shutil.copytree(settings.dbt_target, apart.dbt_target, dirs_exist_ok=True)


def _models(settings: Settings, contract: Contract) -> list[str]:
    """The feed's models that are there: staging, and what is counted of it."""
    name = f"{contract.partner}__{contract.name}"
    found = {path.stem for path in (settings.dbt_project / "models").rglob(f"*_{name}.sql")}
    return sorted({f"stg_{name}", f"msr_{name}"} & found)


def _told(settings: Settings, contract: Contract, models: list[str], say: Say) -> None:
    name = f"{contract.partner}__{contract.name}"
    with connect(candidate.path_of(settings), read_only=True) as connection:
        if f"stg_{name}" in models:
            rows, rejected = _one(
                connection,
                f"select count(*), count(reject_reason) from staging.stg_{name}",
            )
            say(f"staging: {rows} rows, of which {rejected} rejected")
        if f"msr_{name}" in models:
            for measure, months, count in connection.execute(
                "select measure_id, count(distinct period_month), sum(event_count) "
                f"from intermediate.msr_{name} group by all order by all"
            ).fetchall():
                say(f"measure {measure}: {count or 0:,.0f} in {months} months")


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[int, ...]:
    found = connection.execute(query).fetchone()
    assert found is not None
    return found


def _missing(settings: Settings, contract: Contract, models: list[str]) -> list[str]:
    """What the README asks for beside the contract, and what is not there."""
    name = f"{contract.partner}__{contract.name}"
    missing = []
    if f"stg_{name}" not in models:
        missing.append(f"no staging model stg_{name}: none of its rows is in the warehouse")
    if f"msr_{name}" not in models:
        missing.append(f"no model msr_{name}: nothing of it is counted")
    if not any(fault.feed == contract.feed for fault in FAULTS.values()):
        missing.append("no counter-example in orchestration/synthetic/faults: no rule is proved")
    if f"msr_{name}" in models:
        missing += _unregistered(settings, contract)
    return missing


def _unregistered(settings: Settings, contract: Contract) -> list[str]:
    tables = {name: str(register.table(settings, name)) for name in _TABLES}
    with connect() as connection:
        for name, path in tables.items():
            connection.execute(
                f"create temp table {name} as from read_csv({literal(path)}, all_varchar = true)"
            )
        measures = connection.execute(
            "select measure_id, measure_id in (select measure_id from measure_priorities) "
            "or measure_id in (select measure_id from scan_measures) "
            "from measure_register where source_feed = $feed order by all",
            {"feed": contract.feed},
        ).fetchall()
    if not measures:
        return ["no row of measure_register names it as source_feed: nothing is published"]
    return [
        f"the measure {measure} is of no priority and not scanned (measure_priorities, scan_measures)"
        for measure, is_named in measures
        if not is_named
    ]
