"""Real months of police forces that nothing was tuned to: none is refused for what its publisher does
every month, and what counts is what the files hold, counted again straight from them.
"""

from dataclasses import dataclass, replace

import duckdb
import pytest

from orchestration import extracts, night
from orchestration.ingest.landing.deliveries import PASSED, deliveries
from orchestration.ingest.readers.parse import parquet_path
from tests.conftest import settings_at
from tests.support import staging_sql

STREET, STOPS = "police/street_crime", "police/stop_and_search"
REJECTED = """
    select force_slug, reject_reason, count(*) from staged
    where reject_reason is not null group by all order by all
"""
# A row that repeats another with its Crime ID was sent again; incidents without one all count.
COUNTED = """
    create view counted as
    select *, regexp_extract(filename, '([0-9-]{7})-(.*)-street', 2) as force from files
    where "Crime ID" is null
    union all by name
    select distinct *, regexp_extract(filename, '([0-9-]{7})-(.*)-street', 2) as force from files
    where "Crime ID" is not null
"""


@dataclass(frozen=True)
class Judged:
    """The real files of one feed after gate 1: every delivery, the files that count, and staging."""

    found: list
    files: list
    staged: duckdb.DuckDBPyConnection
    source: duckdb.DuckDBPyConnection


def _judge(feed, rounds, folder):
    """Gate 1 and staging over real files; the files of a later round come after the others."""
    source = folder / "source"
    settings = settings_at(folder / "home", source)
    # Months of before the feed is kept are as real as others.
    contract = replace(night.contracts_of(settings)[feed], kept_from=None)
    contracts = {feed: contract}
    for files in rounds:
        source.mkdir(exist_ok=True)
        for path in files:
            link = source / path.name
            link.unlink(missing_ok=True)
            link.write_bytes(path.read_bytes())
        extracts.pull(settings, contracts)
        night.gate_one(settings, contracts, lambda line: None)
    found = deliveries(settings, contracts)
    current = [delivery.receipt for delivery in found if delivery.is_current]
    (folder / "staging").mkdir()
    staged = staging_sql.stage(
        feed,
        [parquet_path(settings, receipt) for receipt in current],
        {receipt.delivery_id: receipt.period for receipt in current},
        folder / "staging",
    )
    straight = duckdb.connect()
    listed = ", ".join(f"'{source / receipt.source_path}'" for receipt in current)
    straight.execute(
        f"create table files as from read_csv([{listed}], all_varchar = true, filename = true, "
        "header = true, delim = ',', quote = '\"', union_by_name = true)"
    )
    return Judged(found, current, staged, straight)


@pytest.fixture(scope="module")
def street(real_data, tmp_path_factory):
    """Every street file there is; City of London's month comes twice, the second time restated."""
    files = sorted(real_data.glob("police*/**/*-street.csv"))
    again = [path for path in files if path.parent.name == "download_2"]
    first = [path for path in files if path not in again]
    judged = _judge(STREET, [first, again], tmp_path_factory.mktemp("street"))
    judged.source.execute(COUNTED)
    return judged


@pytest.fixture(scope="module")
def stops(real_data, tmp_path_factory):
    """Every file of stop and search there is."""
    files = sorted(real_data.glob("stop_and_search/*.csv"))
    if not files:
        pytest.skip("there are no real files of stop and search")
    return _judge(STOPS, [files], tmp_path_factory.mktemp("stops"))


def _refused(judged):
    return {d.receipt.source_path: d.record.reason for d in judged.found if d.state != PASSED}


def test_no_real_month_of_a_force_is_refused(street, stops):
    assert len(street.found) > 20 and len({d.receipt.part for d in street.found}) > 5
    assert _refused(street) == {}
    assert _refused(stops) == {}


def test_every_district_counts_what_its_files_hold(street):
    """By force, month, district and crime type. A district is the name of the LSOA without its number."""
    names = street.source.execute(
        'select distinct "LSOA code" as code, '
        "regexp_extract(\"LSOA name\", '^(.*) [0-9]{3}[A-Z]$', 1) as district from files "
        'where "LSOA code" is not null'
    ).df()
    theirs = street.source.execute(
        "select force, \"Month\" || '-01' as month, "
        "regexp_extract(\"LSOA name\", '^(.*) [0-9]{3}[A-Z]$', 1) as district, "
        '"Crime type" as kind, count(*) as n from counted where "LSOA code" is not null group by all'
    ).fetchall()
    street.staged.register("names", names)
    ours = street.staged.execute(
        "select force_slug, period_month::varchar, district, crime_type, count(*) from staged "
        "inner join names on code = lsoa_code where reject_reason is null group by all"
    ).fetchall()
    assert len(theirs) > 1000
    assert set(ours) == set(theirs)
    without = street.source.execute(
        'select force, count(*) from counted where "LSOA code" is null group by all'
    ).fetchall()
    assert set(without) == set(
        street.staged.execute(
            "select force_slug, count(*) from staged "
            "where lsoa_code is null and reject_reason is null group by all"
        ).fetchall()
    )


def test_only_what_was_sent_again_is_rejected(street):
    """The ledger by force: the rows left out are those that repeat another with its Crime ID."""
    again = street.source.execute(
        "select force, 'repeated_row', rows_found - counted_rows from "
        "(select regexp_extract(filename, '([0-9-]{7})-(.*)-street', 2) as force, count(*) as rows_found "
        "from files group by 1) inner join (select force, count(*) as counted_rows from counted group by 1) "
        "using (force) where rows_found > counted_rows order by 1"
    ).fetchall()
    rejected = street.staged.execute(REJECTED).fetchall()
    assert rejected == again
    by_gate_1 = {}
    for delivery in street.found:
        if delivery.is_current:
            for rows in delivery.record.rejected.values():
                part = delivery.receipt.part
                by_gate_1[part] = by_gate_1.get(part, 0) + rows
    assert by_gate_1 == {force: rows for force, _, rows in rejected}


def test_incidents_that_look_alike_all_count(street):
    count = "select count(*) from {} where {} = 'Anti-social behaviour'"
    (held,) = street.source.execute(count.format("files", '"Crime type"')).fetchone()
    (kept,) = street.staged.execute(
        count.format("staged", "reject_reason is null and crime_type")
    ).fetchone()
    assert kept == held > 30_000


def test_a_correction_replaces_and_never_adds(street):
    london = [d for d in street.found if d.receipt.part == "city-of-london"]
    assert [(d.state, d.is_current) for d in london] == [(PASSED, False), (PASSED, True)]
    (rows,) = street.staged.execute(
        "select count(*) from staged where force_slug = 'city-of-london'"
    ).fetchone()
    assert rows == london[-1].record.rows == 826


def test_nothing_of_a_force_is_warned_of_every_month(street):
    """What a force never publishes (crimes' IDs, LSOAs) is known of it, and no news."""
    warned = {
        (d.receipt.part, rule["rule"])
        for d in street.found
        for rule in d.record.rules
        if rule["outcome"] != "passed"
    }
    assert not warned & {
        ("btp", "crime_has_id"), ("northern-ireland", "location_and_code_together"),
    }  # fmt: skip


def test_what_a_search_found_is_what_the_force_says_and_blank_is_unknown(stops):
    """Leicestershire leaves it blank on most rows; they are in no base of the find rate."""
    force = "regexp_extract(filename, '[0-9-]{7}-(.*)-stop', 1)"
    theirs = stops.source.execute(
        f"select {force}, \"Outcome linked to object of search\" = 'True', count(*) from files "
        "group by all"
    ).fetchall()
    ours = stops.staged.execute(
        "select force_slug, is_outcome_linked_to_object, count(*) from staged "
        "where reject_reason is null group by all"
    ).fetchall()
    assert set(ours) == set(theirs)
    assert stops.staged.execute(REJECTED).fetchall() == []
    blank = {name: n for name, linked, n in ours if linked is None}
    assert blank["leicestershire"] > 250
