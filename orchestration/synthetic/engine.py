"""The synthetic city in DuckDB: one connection in which every sample's SQL is run.

A sample is one select beside the feed's contract. It returns the contract's columns, by name, for the
requested period; `city.sql` has the tables and macros that it may use.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb

from orchestration.contracts.odcs import Contract
from orchestration.core import periods, register
from orchestration.core.engine import connect
from orchestration.core.errors import WarehouseError
from orchestration.core.settings import Settings

CITY = Path(__file__).with_name("city.sql")
_CITY_FROM = date(2022, 1, 1)


class SampleError(WarehouseError):
    """A feed has no usable sample. The message names the feed and is one sentence."""


@dataclass(frozen=True)
class Sample:
    """One feed's sample: its contract, its SQL, and the DuckDB type of every column it gives."""

    contract: Contract
    sql: str
    types: Mapping[str, str]


@contextmanager
def open_city(settings: Settings, seed: int) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the city of the configured area in it.

    One thread: rows keep their order and sums their last digit, so bytes are the same on every
    machine; and queries as small as these are quicker so.
    """
    with connect(threads=1) as connection:
        for name, value in {
            "seed": seed,
            "area": settings.partnership.area_code,
            "seeds": str(register.assemble(settings)),
            "baseline": register.strategy_years(settings)[0].starts_on,
            "city_from": _CITY_FROM,
            "city_to": max(settings.today, _CITY_FROM),
        }.items():
            connection.execute(f"set variable {name} = $value", {"value": value})
        connection.execute(CITY.read_text(encoding="utf-8"))
        yield connection


def ask(connection: duckdb.DuckDBPyConnection, contract: Contract, period: str, seed: int) -> None:
    """Set `period` of the contract's feed as the one that samples are made for."""
    first, last = days_of(contract.period_kind, period)
    connection.execute("set variable feed = $feed", {"feed": contract.feed})
    connection.execute("set variable period = $period", {"period": period})
    connection.execute(
        "create or replace table asked as select $period::varchar as period, "
        "$first::date as period_start, $last::date as period_end, $seed::integer as seed",
        {"period": period, "first": first, "last": last, "seed": seed},
    )


def days_of(kind: str, period: str) -> tuple[date | None, date | None]:
    """First and last day of a period; an edition has none."""
    if kind == periods.EDITION:
        return None, None
    first = periods.first_month(kind, period)
    after = periods.add_months(first, periods.months_in(kind))
    return (
        date.fromisoformat(f"{first}-01"),
        date.fromisoformat(f"{after}-01") - timedelta(days=1),
    )


def prepared(connection: duckdb.DuckDBPyConnection, contract: Contract, sql: str) -> Sample:
    """Check a sample's select against its contract; a period must have been set (see `ask`).

    Raises:
        SampleError: the SQL cannot be run, or gives other columns than the contract has.
    """
    sql = sql.strip().rstrip(";")
    try:
        found = connection.sql(f"describe {sql}").fetchall()
    except duckdb.Error as problem:
        raise unusable(contract, problem) from problem
    types = {str(row[0]): str(row[1]) for row in found}
    agreed = [column.name for column in contract.columns]
    if list(types) != agreed:
        other = [name for name in (*agreed, *types) if (name in agreed) != (name in types)]
        why = f"{other[0]} is in one and not in the other" if other else "their order differs"
        raise SampleError(
            f"the sample of {contract.feed} does not give the contract's columns: {why}"
        )
    return Sample(contract, sql, types)


def unusable(contract: Contract, problem: Exception) -> SampleError:
    """The error in a sample's SQL, in one sentence; samples hold no personal data."""
    first_line = str(problem).split("\n", 1)[0]
    return SampleError(f"the sample of {contract.feed} cannot be run: {first_line}")
