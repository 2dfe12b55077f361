"""A publication of the release before answers by today's names."""

import duckdb
import pytest

from orchestration.release.earlier_names import EARLIER, by_todays_names


@pytest.fixture
def connection():
    with duckdb.connect() as connection:
        connection.execute("create schema marts; create schema governance")
        yield connection


@pytest.mark.parametrize("table", sorted(EARLIER))
def test_earlier_names_are_read_as_todays(connection, table):
    columns = ", ".join(f"'{then}' as {then}" for then in EARLIER[table].values())
    connection.execute(f"create table {table} as select {columns}")
    for database in ("", "memory"):
        source = by_todays_names(connection, table, database)
        found = connection.execute(f"select * from {source} as it").df()
        assert {now: found[now].item() for now in EARLIER[table]} == EARLIER[table]


def test_todays_names_are_read_as_they_are(connection):
    connection.execute("create table marts.dim_measure as select 'm' as measure_id, 'f' as feed")
    assert by_todays_names(connection, "marts.dim_measure") == "marts.dim_measure"
    assert by_todays_names(connection, "marts.dim_measure", "memory") == "memory.marts.dim_measure"
