"""The benchmark measures what it says: the same rows from a seed, all of a process tree, honest ratios."""

import json
import subprocess
import sys
from dataclasses import replace

import duckdb
import pytest

from benchmarks import bare, bench, street_rows
from benchmarks.bench_table import DBT, DUCKDB, OURS, Measured, Report, is_busy, page, ratio
from benchmarks.stage import settings_at
from orchestration.contracts.odcs import load_contracts
from orchestration.core.files import sha256_of
from orchestration.core.settings import PROJECT
from orchestration.ingest.transports.sources import load_sources
from orchestration.synthetic import sample

MONTH, ROWS = "2026-06", 2_000
ONE = Measured("rows", "first", OURS, "first refresh", cpu=6.0, wall=4.0, peak_mb=100, others=0.0)


def made(folder, seed, first=0):
    settings = settings_at(folder / "home")
    street_rows.write(settings, folder / "source", [MONTH], ROWS, seed, first)
    return folder / "source"


def hashes(source):
    return {path.name: sha256_of(path) for path in source.rglob("*-street.csv")}


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return made(tmp_path_factory.mktemp("rows"), seed=1)


def asked(source, query):
    files = f"read_csv('{source}/*/*.csv', header = true, all_varchar = true, filename = true)"
    return duckdb.sql(query.format(files)).fetchall()


def test_a_seed_gives_the_same_bytes_and_another_seed_others(source, tmp_path):
    assert hashes(made(tmp_path / "again", seed=1)) == hashes(source)
    assert not set(hashes(made(tmp_path / "other", seed=2)).values()) & set(hashes(source).values())


def test_files_are_as_the_contract_says(source, tmp_path):
    contract = street_rows.contract_of(settings_at(tmp_path))
    files = sorted(source.rglob("*-street.csv"))
    assert len(files) == 43
    for path in files:
        assert contract.file_pattern.fullmatch(path.name)
        header = path.read_text(encoding="utf-8").splitlines()[0]
        assert header.split(",") == [column.header for column in contract.columns]
    assert asked(source, "select count(*) from {}") == [(ROWS,)]
    kinds = asked(source, 'select distinct "Crime type" from {}')
    allowed = next(one.allowed for one in contract.columns if one.name == "crime_type")
    assert {kind for (kind,) in kinds} == set(allowed)


def test_a_month_that_comes_later_repeats_no_crime(source, tmp_path):
    later = made(tmp_path, seed=1, first=ROWS)
    crimes = 'select "Crime ID" from {} where "Crime ID" is not null'
    assert len(asked(later, crimes)) > ROWS / 2
    assert not set(asked(later, crimes)) & set(asked(source, crimes))


def test_files_that_gate_one_would_refuse_are_not_made(tmp_path):
    with pytest.raises(street_rows.TooFewRows, match="ask for 18000 or more"):
        street_rows.months_for(settings_at(tmp_path), 17_999)


def test_a_history_is_as_long_as_real_files_of_so_many_rows(tmp_path):
    settings = settings_at(tmp_path)
    assert len(street_rows.months_for(settings, 5_000_000)) == 11
    assert street_rows.months_for(settings, 20_000)[-1] == "2026-08"


@pytest.fixture
def counts(source, tmp_path):
    bench.write_wards(settings_at(tmp_path / "home"), bare.wards_file(source))
    bare.duckdb_counts(source, tmp_path / "duckdb.csv")
    return tmp_path / "duckdb.csv"


def test_pandas_counts_what_duckdb_counts(source, counts, tmp_path):
    bare.pandas_counts(source, tmp_path / "pandas.csv")
    assert (tmp_path / "pandas.csv").read_text() == counts.read_text()
    area = "select lsoa_2021_code from read_csv('{}/seeds/areas/area_lsoa_2021.csv')"
    here = asked(
        source, 'select count(*) from {} where "LSOA code" in (' + area.format(PROJECT) + ")"
    )
    assert duckdb.sql(f"select sum(rows) from '{counts}'").fetchall() == here
    assert 0 < here[0][0] < ROWS


def home_with(folder, counts, change=""):
    """A home that has published what was counted."""
    for place in ("published", "warehouse/seeds"):
        (folder / place).mkdir(parents=True)
    measures = PROJECT / "seeds" / "register" / "street_crime_measures.csv"
    (folder / "warehouse" / "seeds" / measures.name).write_bytes(measures.read_bytes())
    with duckdb.connect(str(folder / "published" / "warehouse.duckdb")) as connection:
        connection.execute(
            f"""
            create schema marts;
            create table marts.fct_measure as
            select measure_id, 'month' as period_type, area_type, area_code,
                (month || '-01')::date as period_start, sum(rows)::bigint as "count"
            from '{counts}' inner join '{measures}' using (crime_type)
            cross join lateral (values ('lsoa', lsoa_code), ('ward', ward_code)) as p(area_type, area_code)
            group by all;
            {change}
            """
        )
    return folder


def test_marts_that_hold_what_was_counted_are_equal(counts, tmp_path):
    assert bench.equal(home_with(tmp_path / "h", counts), counts).endswith(" 0 differ")


@pytest.mark.parametrize(
    "change",
    [
        'update marts.fct_measure set "count" = "count" + 1 '
        "where rowid = (select min(rowid) from marts.fct_measure)",
        "delete from marts.fct_measure where rowid = (select max(rowid) from marts.fct_measure)",
        "delete from marts.fct_measure",
        "insert into marts.fct_measure select * replace ('E05000000' as area_code) "
        "from marts.fct_measure limit 1",
    ],
)
def test_one_figure_that_differs_stops_the_benchmark(change, counts, tmp_path):
    with pytest.raises(bench.Stopped, match="not what bare DuckDB counts"):
        bench.equal(home_with(tmp_path / "h", counts, change), counts)


def metered(tmp_path, *command):
    script = PROJECT / "benchmarks" / "metered.py"
    subprocess.run(
        [sys.executable, "-I", "-S", str(script), str(tmp_path / "cost.json"), *command], check=True
    )
    return json.loads((tmp_path / "cost.json").read_text())


BURN = "import time\nwhile time.process_time() < 0.4: pass\n"
IN_A_CHILD = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BURN!r}])"
ORPHANED = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {BURN!r}])"


@pytest.mark.parametrize(
    "program",
    [
        BURN,
        IN_A_CHILD,
        pytest.param(
            ORPHANED, marks=pytest.mark.skipif(sys.platform != "linux", reason="adopted on Linux")
        ),
    ],
)
def test_processor_time_is_that_of_the_whole_tree(program, tmp_path):
    found = metered(tmp_path, sys.executable, "-c", program)
    assert (found["code"], found["is_left"]) == (0, False)
    assert 0.4 <= found["cpu"] < 3


def test_peak_memory_is_that_of_the_largest_process_and_not_of_who_started_it(tmp_path):
    held = bytearray(200 << 20)
    small = metered(tmp_path, sys.executable, "-S", "-c", "pass")["peak_mb"]
    grow = "import subprocess, sys; subprocess.run([sys.executable, '-S', '-c', 'bytearray(90 << 20)'])"
    assert small < 60 < 90 < metered(tmp_path, sys.executable, "-S", "-c", grow)["peak_mb"] < 160
    assert held


def test_a_command_that_fails_says_so(tmp_path):
    assert metered(tmp_path, sys.executable, "-c", "raise SystemExit(3)")["code"] == 3
    meter = bench.Meter(tmp_path, Report((), "bench"))
    fail = [sys.executable, "-c", "raise SystemExit('no room is left')"]
    with pytest.raises(bench.Stopped, match="ended with 1: no room is left"):
        meter.measure("rows", "first", OURS, "first refresh", fail)
    assert meter.compare("rows", "first", DUCKDB, "bare", fail) is False
    assert meter.report.measured == []
    assert meter.report.problems == ["rows: bare ended with 1: no room is left"]


def test_a_ratio_is_to_the_same_state_of_the_data():
    base = replace(ONE, kind=DBT, what="bare dbt build", cpu=2.0)
    elsewhere = replace(base, state="corrected", cpu=50.0)
    assert ratio(ONE, [ONE, base, elsewhere], DBT) == 3.0
    assert ratio(ONE, [ONE, elsewhere], DBT) is None


def test_a_page_has_medians_ratios_and_what_went_wrong():
    base = replace(ONE, kind=DUCKDB, what="bare DuckDB", cpu=0.5, wall=0.4, peak_mb=80)
    runs = [ONE, replace(ONE, cpu=5.0, peak_mb=300), replace(ONE, cpu=9.0), base]
    report = Report((0.1, 0.1, 0.1), "bench", runs, ["1 figure, 0 differ"], ["pandas was killed"])
    text = page(report, (1.0, 0.5, 0.1), cores=2)
    assert "| first refresh | 6.00 (5.00–9.00) | 4.00 (4.00–4.00) | 300 | – | 12.00 |" in text
    assert "* 1 figure, 0 differ" in text and "* pandas was killed" in text
    assert "The machine was busy" not in text and "†" not in text
    assert f"first refresh  {'█' * 40} 6.00 s" in text


def test_a_busy_machine_is_told_and_marked():
    busy = replace(ONE, others=0.5)
    assert is_busy(busy, cores=2) and not is_busy(busy, cores=4)
    assert not is_busy(replace(ONE, others=None), cores=2)
    text = page(Report((0.0,) * 3, "bench", [busy]), (0.0,) * 3, cores=2)
    assert "**The machine was busy" in text and "| first refresh† |" in text
    assert "**The machine was busy" in page(Report((1.5,) * 3, "bench", [ONE]), (), cores=2)


def test_what_is_printed_names_no_folder_of_a_machine():
    given = ["--rows", "1", "--out", "x/y.md", "--seed", "2", "--scratch=/big/disk", "--no-dbt"]
    assert bench.without_paths(given) == ["--rows", "1", "--seed", "2", "--no-dbt"]


def test_a_corrected_file_has_lost_a_twentieth(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("head\n" + "row\n" * 99)
    bench.correct(path)
    assert path.read_text() == "head\n" + "row\n" * 94


def test_the_month_that_arrives_later_is_the_newest_of_every_monthly_feed(tmp_path):
    settings = settings_at(tmp_path)
    contracts = load_contracts(settings.contracts)
    plan = sample.plan_of(settings, contracts)
    newest = bench.newest_months(settings, contracts, plan)
    monthly = [feed for feed in plan if contracts[feed].cadence == "month"]
    assert "police/2026-08-staffordshire-street.csv" in newest
    assert len(newest) == len(set(newest)) == len(monthly) > 10


def test_configured_sources_can_be_read_and_have_every_feed_of_the_folders(tmp_path):
    settings = settings_at(tmp_path / "home")
    contracts = load_contracts(settings.contracts)
    folder = tmp_path / "city"
    for partner in ("police", "fire"):
        (folder / partner).mkdir(parents=True)
    (folder / "SYNTHETIC.json").write_text('{"synthetic": true}')
    path = bench.sources_file(folder, contracts.values(), tmp_path / "sources.yaml")
    sources = load_sources(path, contracts)
    feeds = {feed for source in sources for feed in source.terms.feeds}
    assert feeds == {feed for feed in contracts if feed.startswith(("police/", "fire/"))}
    assert (folder / "fire" / "SYNTHETIC.json").is_file()
