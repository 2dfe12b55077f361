"""The files of the synthetic city: every format holds the same rows, and the same bytes again."""

import zipfile
from dataclasses import replace
from datetime import date

import duckdb
import pytest

from orchestration.contracts.odcs import Layout, load_contracts
from orchestration.core.settings import PROJECT
from orchestration.ingest.readers import parse
from orchestration.synthetic import engine, writers
from orchestration.synthetic.reference import FEEDS as REFERENCE
from tests.conftest import settings_at

CONTRACTS = load_contracts(PROJECT / "expectations" / "feeds")
OWN = [feed for feed in CONTRACTS if feed not in REFERENCE]
FIRE_FEED, STREET_FEED = "fire/incidents", "police/street_crime"
SEED = 2024


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    with engine.open_city(settings_at(tmp_path_factory.mktemp("home")), SEED) as connection:
        yield connection


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
        relation = parse.reader_of(contract.format)(connection, contract, path)
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
