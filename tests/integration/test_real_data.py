"""The figures that were counted by hand from the real files, where those files are at hand."""

import duckdb
import pytest

from orchestration.release.verify import read_manifest


@pytest.fixture(scope="module")
def real(real_home):
    path = (real_home.published / "warehouse.duckdb").resolve()
    with duckdb.connect(str(path), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def publication(real):
    """The folder that `real` reads from."""
    from pathlib import Path

    (path,) = real.execute("select path from duckdb_databases() where not internal").fetchone()
    return Path(path).parent


@pytest.mark.parametrize(
    ("measure", "month", "expected"),
    [
        ("police_asb_incidents", "2024-04", 485),
        ("police_asb_incidents", "2025-03", 565),
        ("police_asb_incidents", "2025-12", 420),
        ("police_violence_and_sexual_offences", "2024-04", 1213),
        # 1,096 in Staffordshire's file, and one in Derbyshire's that lies in the city.
        ("police_violence_and_sexual_offences", "2025-03", 1097),
        ("police_violence_and_sexual_offences", "2025-12", 1211),
    ],
)
def test_counts_of_the_city(real, measure, month, expected):
    assert real.execute(
        'select "count" from marts.fct_measure where measure_id = ? and area_code = ? '
        "and period_type = 'month' and period_start = ?",
        [measure, "E06000021", f"{month}-01"],
    ).fetchall() == [(expected,)]


def test_months_that_never_came_are_not_zero(real):
    assert real.execute(
        'select distinct "count", missing_reason from marts.fct_measure '
        "where period_type = 'month' and period_start between '2024-05-01' and '2024-12-01'"
    ).fetchall() == [(None, "not_supplied")]


REAL = {"police/street_crime", "reference/population", "reference/imd_2025"}


def test_what_was_not_supplied_is_said_and_nothing_pretends_otherwise(real):
    known = real.execute(
        "select distinct m.feed from marts.fct_measure as f "
        'join marts.dim_measure as m using (measure_id) where f."count" is not null or f.rate is not null'
    ).fetchall()
    assert {feed for (feed,) in known} <= REAL
    reasons = real.execute(
        "select distinct f.missing_reason from marts.fct_measure as f "
        "join marts.dim_measure as m using (measure_id) "
        "where m.feed <> 'police/street_crime' and f.period_end < date '2024-04-01'"
    ).fetchall()
    assert reasons == [("not_supplied",)]
    states = real.execute(
        "select distinct state from governance.completeness "
        "where feed not in (select unnest(?)) and feed not like 'reference/%' "
        "and feed not like 'police/%'",
        [sorted(REAL)],
    ).fetchall()
    assert {state for (state,) in states} == {"missing", "not_due"}


def test_deprivation_and_population_are_the_published_ones(real):
    residents = real.execute(
        "select residents, residents_year from marts.dim_area where area_type = 'city'"
    ).fetchone()
    assert residents[0] > 250_000 and residents[1] >= 2022
    areas, ranked = real.execute(
        "select count(*), count(imd_rank) from marts.area_deprivation"
    ).fetchone()
    assert (areas, ranked) == (163, 163)


def test_peers_are_measured_from_the_same_files(real):
    districts = real.execute(
        "select count(distinct area_code) from marts.peer_comparison "
        "where measure_id = 'police_asb_incidents' and rate is not null"
    ).fetchone()
    assert districts == (9,)


def test_nothing_is_lost_on_the_way_from_2011_codes(real):
    city, placed_by_point, by_share = real.execute(
        "select rows_in_area, rows_placed_by_point, rows_placed_by_share "
        "from governance.reconciliation where period = '2018-11' and feed = 'police/street_crime'"
    ).fetchone()
    assert city == 3257
    assert placed_by_point + by_share > 0
    by_level = real.execute(
        "select area_type, sum(\"count\") from marts.fct_measure where period_type = 'month' "
        "and period_start = '2018-11-01' and area_type in ('lsoa', 'ward', 'city') "
        "and measure_id in ('police_asb_incidents', 'police_recorded_crime') group by 1"
    ).fetchall()
    assert {total for _, total in by_level} == {3257}


def test_every_row_is_in_the_ledger(real):
    assert real.execute(
        "select sum(rows_received), sum(rows_in_area), sum(rows_without_location), "
        "sum(unexplained_difference) from governance.reconciliation "
        "where feed = 'police/street_crime' and part = 'staffordshire'"
    ).fetchone() == (183523, 63410, 6217, 0)
    assert real.execute(
        "select sum(unexplained_difference) from governance.reconciliation"
    ).fetchone() == (0,)


def test_incidents_that_look_alike_are_all_counted(real):
    assert real.execute(
        "select sum(\"count\") from marts.fct_measure where measure_id = 'police_asb_incidents' "
        "and period_type = 'month' and area_type in ('city', 'unplaced')"
    ).fetchone() == (32747,)


def test_nothing_says_synthetic(real, publication):
    assert real.execute("select bool_or(is_synthetic) from marts.fct_measure").fetchone() == (
        False,
    )
    assert read_manifest(publication)["synthetic"] is False
