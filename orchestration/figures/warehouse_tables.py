"""The tables of an edition, read from the published warehouse: everything printed comes from here.

One query per table, in `tables/<name>.sql`; its first lines state the grain. `$year`, `$year_start` and
`$year_end` are the assessment's year, `$baseline` and `$baseline_start` the year before the strategy.
Apart from disclosure control, all computation takes place in these queries.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from orchestration.core import formulas
from orchestration.core.errors import WarehouseError

if TYPE_CHECKING:  # slow to load, and most commands make no table
    import pandas as pd

_TABLES = Path(__file__).parent / "tables"
# What two tables are made of.
_VIEWS = Path(__file__).parent / "views"
_CITY_MONTHS = "city_months"


class UnknownYear(WarehouseError):
    """The year is not a strategy year. One sentence."""


@dataclass(frozen=True)
class Year:
    """A strategy year: April to March."""

    label: str
    starts_on: date
    ends_on: date


def year_of(label: str) -> Year:
    """The strategy year of a label such as `2025-26`.

    Raises:
        UnknownYear: the label is not that of a year from April to March.
    """
    try:
        first = int(label[:4])
        if label != f"{first}-{(first + 1) % 100:02d}":
            raise ValueError(label)
    except ValueError:
        raise UnknownYear(f"{label} is not a strategy year; write it as 2025-26") from None
    return Year(label, date(first, 4, 1), date(first + 1, 3, 31))


def names() -> list[str]:
    """The names of the tables, in order."""
    return sorted(path.stem for path in _TABLES.glob("*.sql"))


def grain_of(name: str) -> str:
    """The grain of a table, as its query states it."""
    lines = (_TABLES / f"{name}.sql").read_text(encoding="utf-8").splitlines()
    words = []
    for line in lines:
        if not line.startswith("--"):
            break
        words.append(line.removeprefix("--").strip())
    return " ".join(words)


def collect(connection: duckdb.DuckDBPyConnection, year: Year) -> dict[str, pd.DataFrame]:
    """Every table of the year's edition, by name. Row order is fixed by the queries."""
    formulas.define(connection, _thresholds(connection))
    return {name: _read(connection, name, year) for name in names()}


def table(connection: duckdb.DuckDBPyConnection, name: str, year: Year) -> pd.DataFrame:
    """One table of the year's edition, as its query reads it."""
    formulas.define(connection, _thresholds(connection))
    return _read(connection, name, year)


def _read(connection: duckdb.DuckDBPyConnection, name: str, year: Year) -> pd.DataFrame:
    query = (_TABLES / f"{name}.sql").read_text(encoding="utf-8")
    wanted = {"year": year.label, "year_start": year.starts_on, "year_end": year.ends_on}
    if "$baseline" in query:
        wanted |= _baseline(connection)
    used = {key: value for key, value in wanted.items() if re.search(rf"\${key}\b", query)}
    if _CITY_MONTHS in query:
        view = (_VIEWS / f"{_CITY_MONTHS}.sql").read_text(encoding="utf-8")
        connection.execute(f"create or replace temp view {_CITY_MONTHS} as {view}")
    return connection.execute(query, used).df()


def _thresholds(connection: duckdb.DuckDBPyConnection) -> dict[str, float]:
    """The thresholds with which the published tables were made."""
    rows = connection.execute("select threshold, value from governance.thresholds").fetchall()
    return dict(rows)


def _baseline(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """The strategy's baseline year and its first day, as the warehouse has them."""
    found = connection.execute(
        "select min(strategy_year) as baseline, min(period_start) as baseline_start "
        "from marts.dim_period "
        "where period_type = 'strategy_year' and strategy_role <> 'before_baseline'"
    ).fetchone()
    assert found is not None
    return {"baseline": found[0], "baseline_start": found[1]}
