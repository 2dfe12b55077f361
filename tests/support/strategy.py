"""The strategy's years, for tests that make a published database themselves."""

from __future__ import annotations

import duckdb


def publish(connection: duckdb.DuckDBPyConnection, baseline: str = "2023-24") -> None:
    """Make `marts.dim_period` with the baseline year, a year before it and one of the strategy."""
    first = int(baseline[:4])
    connection.execute("create schema if not exists marts")
    connection.execute(
        "create table marts.dim_period (period_type varchar, strategy_year varchar, "
        "period_start date, strategy_role varchar)"
    )
    roles = {-1: "before_baseline", 0: "baseline", 1: "strategy"}
    connection.executemany(
        "insert into marts.dim_period values ('strategy_year', ?, ?, ?)",
        [
            [f"{first + n}-{(first + n + 1) % 100:02d}", f"{first + n}-04-01", role]
            for n, role in roles.items()
        ],
    )
