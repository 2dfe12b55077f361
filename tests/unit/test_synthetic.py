"""The synthetic city: the same bytes whenever it is made, by the contract, and alive in one rhythm."""

import re
import shutil
import zipfile
from dataclasses import replace
from datetime import date

import duckdb
import pytest

from orchestration import periods
from orchestration.files import sha256_of
from orchestration.ingest import parse
from orchestration.ingest.contracts import Layout, load_contracts
from orchestration.settings import PROJECT
from orchestration.synthetic import engine, sample, writers
from orchestration.synthetic.engine import Sample, SampleError
from orchestration.synthetic.faults import FAULTS, UnknownFault
from orchestration.synthetic.faults_fire import FIRE
from orchestration.synthetic.faults_street_crime import STREET_CRIME
from orchestration.synthetic.reference import FEEDS as REFERENCE
from tests.conftest import settings_at

CONTRACTS = load_contracts(PROJECT / "expectations" / "feeds")
OWN = [feed for feed in CONTRACTS if feed not in REFERENCE]
FIRE_FEED, STREET_FEED = "fire/incidents", "police/street_crime"
SEED = 2024


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    return settings_at(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def made(settings, tmp_path_factory):
    """One sample of every feed's newest four months, by name."""
    folder = tmp_path_factory.mktemp("made")
    return folder, sample.write(settings, folder, months=4)


@pytest.fixture(scope="module")
def city(settings):
    with engine.open_city(settings, SEED) as connection:
        yield connection


def hashes(folder, names):
    return {name: sha256_of(folder / name) for name in names if name != "SYNTHETIC.json"}


# ------------------------------------------------------------------------------ every feed


@pytest.mark.parametrize("feed", CONTRACTS)
def test_every_feed_has_a_sample(feed, settings):
    assert sample.lacking(settings, CONTRACTS[feed]) is None


@pytest.mark.parametrize("feed", OWN)
def test_the_samples_columns_are_the_contracts(feed, settings, city):
    contract = CONTRACTS[feed]
    engine.ask(city, contract, sample.periods_of(settings, contract)[-1], SEED)
    sql = sample.path_of(settings, contract).read_text(encoding="utf-8")
    prepared = engine.prepared(city, contract, sql)
    assert list(prepared.types) == [column.name for column in contract.columns]
    assert sql.startswith("-- ")
    assert "made-up" in sql.lower() and "Round figures; nobody's statistics." in sql
    (rows,) = city.sql(f"select count(*) from (\n{sql}\n)").fetchone()
    assert rows == 1 or re.search(r"\border\s+by\b", sql), "without an order bytes are not sure"


@pytest.mark.parametrize("feed", OWN)
def test_the_samples_name_fits_the_contracts_file_pattern(feed, settings):
    contract = CONTRACTS[feed]
    label = sample.periods_of(settings, contract)[-1]
    part = contract.expected_part(settings.partnership)
    named = contract.file_pattern.fullmatch(contract.sample_name.format(period=label, part=part))
    assert named is not None
    groups = named.groupdict()
    assert groups.get("period") in (label, None if contract.period_value else label)
    assert groups.get("part", part) == part


def test_the_same_seed_gives_the_same_bytes(settings, made, tmp_path):
    folder, names = made
    assert sample.write(settings, tmp_path, months=4) == names
    assert hashes(tmp_path, names) == hashes(folder, names)


def test_another_seed_gives_other_bytes(settings, made, tmp_path):
    folder, names = made
    sample.write(settings, tmp_path, months=4, seed=7)
    drawn = [name for name in names if not name.startswith("reference/")]
    same = hashes(folder, drawn).items() & hashes(tmp_path, drawn).items()
    assert sorted(same) == []


def test_a_period_depends_neither_on_its_neighbours_nor_on_the_clock(settings, made, tmp_path):
    folder, names = made
    alone = sample.write(settings, tmp_path / "alone", months=1)
    later = settings_at(settings.home, now="2027-03-01T02:00:00+00:00")
    among = sample.write(later, tmp_path / "among", months=7)
    assert hashes(tmp_path / "alone", alone).items() <= hashes(folder, names).items()
    both = [name for name in names if name in among]
    assert hashes(tmp_path / "among", both) == hashes(folder, both)
    assert {name.partition("/")[0] for name in both} > {"fire", "police"}


def test_feeds_are_made_for_every_due_period_and_no_other(settings):
    for contract in map(CONTRACTS.get, OWN):
        labels = sample.periods_of(settings, contract)
        kind = contract.period_kind
        if kind == periods.EDITION or contract.period_value is not None:
            assert len(labels) == 1
            continue
        assert labels[-1] == periods.due_through(kind, settings.today, contract.latency_months)
        assert periods.first_month(kind, labels[0]) >= "2023-04"
        assert sample.periods_of(settings, contract, months=1) == labels[-1:]


def test_only_some_feeds_can_be_made(settings, tmp_path):
    names = sample.write(settings, tmp_path, months=1, only=[FIRE_FEED])
    assert names == ["SYNTHETIC.json", "fire/fire_incidents_2026-08.csv"]


def test_the_standing_sample_is_made_anew_only_when_it_lacks_something(settings, tmp_path):
    feeds = tmp_path / "expectations" / "feeds"
    shutil.copytree(PROJECT / "expectations/feeds/fire", feeds / "fire")
    (tmp_path / "seeds").symlink_to(PROJECT / "seeds")
    settings = replace(settings, project=tmp_path)
    sample.ensure(settings)
    marker = settings.sample / "SYNTHETIC.json"
    before = marker.stat().st_mtime_ns
    sample.ensure(settings)
    assert marker.stat().st_mtime_ns == before
    later = settings_at(settings.home, now="2026-12-02T02:00:00+00:00")
    sample.ensure(replace(later, project=tmp_path))
    assert (settings.sample / "fire" / "fire_incidents_2026-09.csv").exists()
    path = feeds / "fire" / "incidents.sample.sql"
    path.write_text(path.read_text(encoding="utf-8").replace("'House'", "'Dwelling'"), "utf-8")
    before = marker.read_bytes()
    sample.ensure(settings)
    assert marker.read_bytes() != before


# ----------------------------------------------------------------------------- every format

SPREADSHEET = Layout(title_rows=2, sheet="Return", total_label="Total")
LAYOUTS = {
    "csv": Layout(title_rows=3, total_label="Total"),
    "xlsx": SPREADSHEET,
    "ods": replace(SPREADSHEET, sheet=""),
    "json": Layout(records="incidents"),
    "xml": Layout(row="Incident"),
}


def written(city, contract, path, period="2025-11"):
    engine.ask(city, contract, period, SEED)
    sql = (PROJECT / "expectations/feeds/fire/incidents.sample.sql").read_text(encoding="utf-8")
    writers.write(city, engine.prepared(city, contract, sql), period, path)
    return path


def read_back(contract, path):
    """The file's values, by the pipeline's own readers."""
    with duckdb.connect() as connection:
        columns = ", ".join(column.name for column in contract.columns)
        relation = parse._READERS[contract.format](connection, contract, path)
        return connection.sql(f"select {columns} from ({relation}) order by _row").fetchall()


@pytest.mark.parametrize("form", LAYOUTS)
def test_every_format_holds_the_same_rows_and_the_same_bytes_again(city, tmp_path, form):
    plain = CONTRACTS[FIRE_FEED]
    contract = replace(plain, format=form, layout=LAYOUTS[form])
    path = written(city, contract, tmp_path / f"a.{form}")
    expected = read_back(plain, written(city, plain, tmp_path / "plain.csv"))
    assert read_back(contract, path) == expected
    assert len(expected) > 100
    assert written(city, contract, tmp_path / f"b.{form}").read_bytes() == path.read_bytes()


@pytest.mark.parametrize("form", ["xlsx", "ods"])
def test_no_clock_gets_into_a_workbook(city, tmp_path, form):
    contract = replace(CONTRACTS[FIRE_FEED], format=form, layout=LAYOUTS[form])
    with zipfile.ZipFile(written(city, contract, tmp_path / f"a.{form}")) as book:
        assert {entry.date_time[0] for entry in book.infolist()} == {1980}
        properties = book.read("docProps/core.xml" if form == "xlsx" else "meta.xml").decode()
    assert f"{date.today():%Y-%m-%d}" not in properties


def test_dates_of_a_workbook_are_real_dates(city, tmp_path):
    from openpyxl import load_workbook

    contract = replace(CONTRACTS[FIRE_FEED], format="xlsx", layout=SPREADSHEET)
    book = load_workbook(written(city, contract, tmp_path / "a.xlsx"))
    assert book.sheetnames == ["Notes", "Return"]
    cell = book["Return"].cell(4, 2)
    assert cell.is_date and cell.number_format == "dd/mm/yyyy hh:mm"


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_other_dialects_are_written_as_agreed(city, tmp_path, encoding):
    contract = replace(CONTRACTS[FIRE_FEED], encoding=encoding, delimiter="|")
    contract = replace(contract, columns=contract.columns[:4])
    engine.ask(city, contract, "2025-11", SEED)
    sql = "select 'A1' as incident_number, now()::timestamp as call_time, 'x|é' as incident_type, "
    found = engine.prepared(city, contract, sql + "null as property_type")
    writers.write(city, found, "2025-11", tmp_path / "a.csv")
    lines = (tmp_path / "a.csv").read_text(encoding=encoding).splitlines()
    assert lines[0] == "incident_number|call_time|incident_type|property_type"
    assert lines[1].endswith('|"x|é"|')


def table(city, tmp_path, form, layout, headers, sql):
    """A table of counts: headers, layout and rows of one's own."""
    fire = CONTRACTS[FIRE_FEED]
    columns = tuple(
        replace(
            fire.columns[6 if number else 3], name=f"c{number}", header=header, thousands=number > 1
        )
        for number, header in enumerate(headers)
    )
    contract = replace(fire, format=form, layout=layout, columns=columns)
    engine.ask(city, contract, "2025-11", SEED)
    path = tmp_path / f"table.{form}"
    writers.write(city, engine.prepared(city, contract, sql), "2025-11", path)
    return contract, path


ROWS = "select * from (values ('a', 1, 1234), ('b', 20, null)) as rows (c0, c1, c2)"


@pytest.mark.parametrize("form", ["xlsx", "ods"])
def test_merged_headers_and_totals(city, tmp_path, form):
    layout = Layout(title_rows=1, header_rows=2, sheet="Uses", total_label="Total")
    headers = ("Tool", "Uses / Council", "Uses / Police")
    contract, path = table(city, tmp_path, form, layout, headers, ROWS)
    assert read_back(contract, path) == [("a", "1", "1234"), ("b", "20", None)]


def test_a_total_and_thousands_in_text(city, tmp_path):
    layout = Layout(title_rows=2, total_label="All")
    _, path = table(city, tmp_path, "csv", layout, ("Tool", "Council", "Police"), ROWS)
    assert path.read_text(encoding="utf-8").splitlines()[1:] == [
        "Period: 2025-11", "Tool,Council,Police", 'a,1,"1,234"', "b,20,", "All,21,1234",
    ]  # fmt: skip


def test_markers_stay_beside_numbers(city, tmp_path):
    from openpyxl import load_workbook

    sql = "select 'a' as c0, '*' as c1, '1,234' as c2 union all select 'b', '7', '12'"
    _, path = table(city, tmp_path, "xlsx", Layout(), ("Tool", "Council", "Police"), sql)
    rows = list(load_workbook(path).active.iter_rows(min_row=2, values_only=True))
    assert rows == [("a", "*", "1,234"), ("b", 7, 12)]


def test_a_header_element_of_xml(city, tmp_path):
    layout = Layout(row="Row", header="Header")
    headers = ("Header/Start", "Council", "Police")
    sql = "select 'a & <b>' as c0, 1 as c1, range as c2 from range(3)"
    contract, path = table(city, tmp_path, "xml", layout, headers, sql)
    assert path.read_text(encoding="utf-8").count("<Header>") == 1
    assert read_back(contract, path) == [("a & <b>", "1", str(n)) for n in range(3)]


# -------------------------------------------------------------------------------- mistakes


def test_a_sample_that_gives_other_columns_is_one_sentence(city):
    contract = CONTRACTS[FIRE_FEED]
    with pytest.raises(SampleError, match=r"fire/incidents does not give .*: call_time"):
        engine.prepared(city, contract, "select 1 as incident_number")
    with pytest.raises(SampleError, match=r"fire/incidents cannot be run: .*nothing"):
        engine.prepared(city, contract, "select * from nothing")


def test_a_sample_that_fails_on_a_period_is_one_sentence(city, tmp_path):
    contract = CONTRACTS[FIRE_FEED]
    names = ", ".join(f"error('oh') as {column.name}" for column in contract.columns)
    broken = Sample(contract, f"select {names}", {c.name: "VARCHAR" for c in contract.columns})
    with pytest.raises(SampleError, match=r"fire/incidents cannot be run: .*oh"):
        writers.write(city, broken, "2025-11", tmp_path / "never.csv")


def test_a_feed_without_a_sample_is_named(settings):
    stranger = replace(CONTRACTS[FIRE_FEED], name="nothing")
    assert sample.lacking(settings, stranger) == "feed fire/nothing has no sample"
    nameless = replace(CONTRACTS[FIRE_FEED], sample_name=None)
    assert "no sampleName" in sample.lacking(settings, nameless)


def test_faults_have_names_of_their_own_and_feeds_that_are_made(settings, tmp_path):
    assert len(FAULTS) == len(STREET_CRIME) + len(FIRE)
    assert {fault.feed for fault in FAULTS.values()} <= set(OWN)
    with pytest.raises(UnknownFault, match="not made"):
        sample.write(settings, tmp_path, only=[FIRE_FEED], months=1, faults=["truncated"])


# ------------------------------------------------------------------------------- the city


def counted(city, feed, month, where="true"):
    """Rows of a feed's month that meet `where`."""
    contract = CONTRACTS[feed]
    engine.ask(city, contract, month, SEED)
    sql = (PROJECT / f"expectations/feeds/{feed}.sample.sql").read_text(encoding="utf-8")
    return city.sql(f"select count(*) from (\n{sql}\n) where {where}").fetchone()[0]


@pytest.mark.parametrize("year", [2023, 2024, 2025])
def test_bonfire_night_is_in_every_partners_figures(city, year):
    deliberate = "incident_type like 'deliberate%'"
    nights = f"call_time between '{year}-11-02' and '{year}-11-07'"
    november = counted(city, FIRE_FEED, f"{year}-11", deliberate)
    assert counted(city, FIRE_FEED, f"{year}-11", f"{deliberate} and {nights}") > november / 3
    around = [counted(city, FIRE_FEED, f"{year}-{month}", deliberate) for month in (10, 12)]
    assert november > 1.3 * sum(around) / 2
    disorder = "crime_type in ('Anti-social behaviour', 'Criminal damage and arson')"
    months = {m: counted(city, STREET_FEED, f"{year}-{m}", disorder) for m in (10, 11, 12)}
    assert months[11] > 1.05 * (months[10] + months[12]) / 2


def test_street_crime_has_believable_volumes(city):
    total = counted(city, STREET_FEED, "2025-05")
    assert 3000 < total < 4500
    assert 0.02 < counted(city, STREET_FEED, "2025-05", "lsoa_code is null") / total < 0.04
    outside = counted(city, STREET_FEED, "2025-05", "lsoa_code = 'E01099999'")
    assert 0.045 < outside / total < 0.075
    busiest = city.sql(
        "select max(held) from (select count(*) as held from draw('x', 3000, 'violence') "
        "group by lsoa_2021_code)"
    ).fetchone()[0]
    assert busiest > 5 * 3000 / 163


def test_draws_are_even_and_independent(city):
    engine.ask(city, CONTRACTS[FIRE_FEED], "2025-05", SEED)
    names = [f"u{number}" for number in range(1, 9)]
    pairs = [(one, two) for one in names for two in names if one < two]
    city.execute("create or replace temp table event as from draw('x', 9000, 'plain')")
    for one, two in pairs:
        assert abs(city.sql(f"select corr({one}, {two}) from event").fetchone()[0]) < 0.05
    for name in names:
        mean, least, most = city.sql(
            f"select avg({name}), min({name}), max({name}) from event"
        ).fetchone()
        assert abs(mean - 0.5) < 0.02 and least >= 0 and most < 1
    apart = city.sql(
        "select corr(a.u1, b.u1) from event as a join draw('y', 9000, 'plain') as b using (n)"
    ).fetchone()[0]
    assert abs(apart) < 0.05


@pytest.mark.parametrize("mean", [0, 0.3, 1, 2.5, 9, 40])
def test_chance_is_about_its_mean(city, mean):
    found, spread = city.sql(
        f"select avg(c), var_pop(c) from (select chance({mean}, u(range, 'x')) as c from range(20000))"
    ).fetchone()
    assert found == pytest.approx(mean, rel=0.05)
    assert spread == pytest.approx(mean, rel=0.1)


def test_the_small_macros(city):
    engine.ask(city, CONTRACTS[FIRE_FEED], "2025-05", SEED)
    assert city.sql("select weighted(['a', 'b', 'c'], [1, 0, 3], 0.2)").fetchone() == ("a",)
    assert city.sql("select weighted(['a', 'b', 'c'], [1, 0, 3], 0.25)").fetchone() == ("c",)
    assert city.sql("select pick(['a', 'b'], 0.999), pick(['a', 'b'], 0)").fetchone() == ("b", "a")
    references = city.sql("select distinct ref('x', range) from range(5000)").fetchall()
    assert len(references) == 5000
    assert all(re.fullmatch("SYN-[A-Z]{16}", reference) for (reference,) in references)
    expected, drawn = city.sql(
        "select expected(900, 'fire'), (select count(*) from draw('x', 900, 'fire'))"
    ).fetchone()
    assert drawn == pytest.approx(expected, rel=0.1)
    assert city.sql("select always_u(1, 'x') = always_u('1', 'x')").fetchone() == (True,)
