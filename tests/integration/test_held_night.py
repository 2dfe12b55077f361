"""A night whose boundaries place nothing: the measures that hang on them are held, all else is published."""

import os

import duckdb

from orchestration import night
from orchestration.ingest.landing.receipts import receipts
from orchestration.ingest.readers import raw_files
from orchestration.ingest.readers.parse import parquet_path
from orchestration.release.verify import differences

HELD = ["drug_search_find_rate", "stop_and_search_find_rate", "stop_and_searches"]
FIGURES = (
    "select * exclude (is_held, warned_deliveries) "
    "from read_parquet('{folder}/parquet/marts/fct_measure.parquet')"
)


def swap_coordinates(settings):
    """Latitude first, as a boundary file is that gate 1 would have refused: in raw, behind that gate, and
    vouched for, since what is not would be made again."""
    (file,) = (settings.raw / "reference/lsoa_boundaries").glob("2021*/*.parquet")
    duckdb.execute(
        rf"copy (select * replace (regexp_replace(geometry, '\[(-?[0-9.]+),(-?[0-9.]+)', '[\2,\1', 'g') "
        f"as geometry) from read_parquet('{file}')) to '{file}.new' (format parquet)"
    )
    os.replace(f"{file}.new", file)
    (receipt,) = (one for one in receipts(settings) if parquet_path(settings, one) == file)
    raw_files.vouch(settings, receipt)


def test_boundaries_that_place_nothing_hold_the_measures_that_hang_on_them(copied):
    settings, contracts = copied.settings, copied.contracts
    before = FIGURES.format(folder=settings.published.resolve())
    swap_coordinates(settings)
    with night.alone(settings):
        inputs = night.write_manifest(settings, contracts)
        night.build(settings, contracts)
        verdict = night.gate_two(settings)
        assert verdict.allow, verdict.reasons
        published = night.publish(settings, contracts)
    assert [entry["measure_id"] for entry in published["held"]] == HELD
    assert all(entry["state"] == "held" for entry in published["held"])
    assert published["inputs"] == inputs
    assert differences(settings.published) == []
    after = FIGURES.format(folder=settings.published)
    # What is held stands as it was published, and nothing else was touched by the boundaries.
    assert (
        duckdb.sql(f"({before} except {after}) union all ({after} except {before})").fetchall()
        == []
    )
    with duckdb.connect(str(settings.published / "warehouse.duckdb"), read_only=True) as connection:
        marked = connection.sql(
            "select distinct measure_id from marts.fct_measure where is_held order by 1"
        ).fetchall()
        assert marked == [(measure,) for measure in HELD]
        counted = connection.sql(
            "select sum(\"count\") > 2000 from marts.fct_measure where measure_id = 'stop_and_searches' "
            "and area_type = 'city' and period_type = 'strategy_year' and strategy_year = '2025-26'"
        ).fetchone()
        assert counted == (True,)
        kept = connection.sql(
            "select distinct measure_id from governance.held_figures order by 1"
        ).fetchall()
        assert kept == marked
        unexplained = connection.sql(
            "select sum(unexplained_difference) from governance.reconciliation"
        ).fetchone()
        assert unexplained == (0,)
    assert not night.work(settings, contracts).is_needed
