"""Proves that the data package holds what the edition holds, typed, described and always the same."""

import csv
import json
from dataclasses import replace

import duckdb
import pandas as pd
import pytest
import yaml

from orchestration.core.files import sha256_of
from orchestration.core.settings import PROJECT
from orchestration.edition.package import data_files, typed_tables
from orchestration.figures import warehouse_tables
from orchestration.quality.waivers import Waiver
from tests.support.made_up_package import edition, few, with_cells

NAMES = typed_tables.names()
ADDED = ["suppressed", "is_rounded", "previous_suppressed"]  # by disclosure control
QUERIES = PROJECT / "orchestration/figures/tables"


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    folder = tmp_path_factory.mktemp("package")
    data_files.write(edition(), folder)
    return folder


def described(folder):
    return json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))


def resource(folder, name):
    return next(r for r in described(folder)["resources"] if r["name"] == name)


def lines(folder, name):
    with (folder / f"csv/{name}.csv").open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def selected(query):
    """The columns that a query gives, by its own words."""
    with duckdb.connect() as connection:
        told = connection.execute("select json_serialize_sql($q)", {"q": query}).fetchone()[0]
    node = json.loads(told)["statements"][0]["node"]
    while node["type"] == "SET_OPERATION_NODE":
        node = node["left"]
    return [item["alias"] or item["column_names"][-1] for item in node["select_list"]]


@pytest.mark.parametrize(
    "name", [name for name in warehouse_tables.names() if name != "perception"]
)
def test_every_column_of_every_table_of_the_edition_is_described(name):
    given = selected((QUERIES / f"{name}.sql").read_text(encoding="utf-8"))
    declared = [column.name for column in typed_tables.columns_of(name)]
    assert declared == [*given, *ADDED]


def test_the_table_of_perception_takes_the_columns_of_its_mart():
    models = yaml.safe_load(
        (PROJECT / "dbt_project/models/marts/assessment/_assessment.yml").read_text(
            encoding="utf-8"
        )
    )["models"]
    mart = next(model for model in models if model["name"] == "perception_and_record")
    # How far the two orders agree is a sentence about all priorities, and the edition's page makes its own.
    of_all = {
        "kendall_tau",
        "kendall_lower",
        "kendall_upper",
        "agreement_of_orders",
        "is_synthetic",
    }
    wanted = [column["name"] for column in mart["columns"] if column["name"] not in of_all]
    # Issued editions have the names on the right, which stay.
    kept = {
        "edition": "consultation_edition",
        "measure_id": "headline_measure_id",
        "strategy_year": "record_year",
        "count": "record_count",
        "change_percent": "record_change_percent",
        "finding": "record_finding",
    }
    declared = [c.name for c in typed_tables.columns_of("perception")]
    assert declared == [*(kept.get(name, name) for name in wanted), *ADDED]


@pytest.mark.parametrize("name", NAMES)
def test_every_table_says_what_a_row_is_and_every_column_what_it_means(name):
    assert typed_tables.grain_of(name).startswith("One row per ")
    assert all(column.description.strip().endswith(".") for column in typed_tables.columns_of(name))
    assert {column.type for column in typed_tables.columns_of(name)} <= set(data_files._SQL)


@pytest.mark.parametrize("name", NAMES)
def test_both_files_of_a_table_hold_the_same_rows(package, name):
    with duckdb.connect() as connection:
        rows = connection.execute(
            "select count(*) from read_parquet($p)", {"p": str(package / f"parquet/{name}.parquet")}
        ).fetchone()[0]
    assert rows == len(lines(package, name)) > 0


def test_the_package_describes_every_file_by_its_bytes(package):
    resources = described(package)["resources"]
    written = sorted(
        path.relative_to(package).as_posix()
        for path in package.rglob("*")
        if path.is_file() and path.name != "datapackage.json"
    )
    assert sorted(entry["path"] for entry in resources) == written
    for entry in resources:
        path = package / entry["path"]
        assert entry["hash"] == f"sha256:{sha256_of(path)}"
        assert entry["bytes"] == path.stat().st_size
    names = [entry["name"] for entry in resources]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("name", NAMES)
def test_the_schema_of_a_table_is_that_of_both_files(package, name):
    fields = resource(package, name)["schema"]["fields"]
    with (package / f"csv/{name}.csv").open(encoding="utf-8", newline="") as text:
        assert next(csv.reader(text)) == [field["name"] for field in fields]
    with duckdb.connect() as connection:
        kinds = connection.execute(
            "describe select * from read_parquet($p)",
            {"p": str(package / f"parquet/{name}.parquet")},
        ).fetchall()
    assert [(row[0], row[1].lower()) for row in kinds] == [
        (field["name"], data_files._SQL[field["type"]]) for field in fields
    ]


def test_the_same_edition_gives_the_same_bytes(package, tmp_path):
    again = data_files.write(edition(), tmp_path)
    assert len(again) == 2 * len(NAMES) + 1
    for path in again:
        assert path.read_bytes() == (package / path.relative_to(tmp_path)).read_bytes()


def test_a_suppressed_cell_is_empty_and_its_mark_is_kept(tmp_path):
    hidden = with_cells(few("sources"), "wards", 0, count=None, rate=None, suppressed="small")
    data_files.write(hidden, tmp_path)
    first, second = lines(tmp_path, "wards")
    assert (first["count"], first["rate"], first["suppressed"]) == ("", "", "small")
    assert (second["count"], second["suppressed"]) == ("0", "")


SIGNS = ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"]


@pytest.fixture(scope="module")
def reasons(tmp_path_factory):
    """What a text that begins with each sign became, in CSV and in Parquet."""
    folder = tmp_path_factory.mktemp("reasons")
    expires = edition().waivers[0].expires
    waivers = tuple(Waiver("check", "scope", f"{sign}1+1", "Chair", expires) for sign in SIGNS)
    data_files.write(few("sources", waivers=waivers), folder)
    with duckdb.connect() as connection:
        kept = connection.execute(
            "select reason from read_parquet($p)", {"p": str(folder / "parquet/waivers.parquet")}
        ).fetchall()
    written = [row["reason"] for row in lines(folder, "waivers")]
    return dict(zip(SIGNS, zip(written, (row[0] for row in kept), strict=True), strict=True))


@pytest.mark.parametrize("sign", SIGNS)
def test_a_text_that_a_spreadsheet_would_run_is_made_harmless_in_csv_only(reasons, sign):
    assert reasons[sign] == (f"'{sign}1+1", f"{sign}1+1")


def test_a_negative_number_and_a_sign_within_a_text_stay_as_they_are(tmp_path):
    given = with_cells(few("sources"), "headline", 0, change=-4, finding="2-1=1")
    data_files.write(given, tmp_path)
    first = lines(tmp_path, "headline")[0]
    assert (first["change"], first["finding"]) == ("-4", "2-1=1")


def test_csv_has_line_feeds_and_times_as_the_standard_writes_them(package):
    content = (package / "csv/sources.csv").read_bytes()
    assert b"\r" not in content
    assert b"2026-04-02T03:04:05Z" in content
    assert lines(package, "monthly")[0]["month_start"] == "2025-04-01"


def test_a_column_that_is_not_declared_is_not_written(tmp_path):
    leak = few("sources")
    leaked = leak.tables["wards"].assign(victim_name="somebody")
    with pytest.raises(typed_tables.Undeclared, match="victim_name of wards is not declared"):
        data_files.write(replace(leak, tables={**leak.tables, "wards": leaked}), tmp_path)


def test_a_table_that_is_not_declared_is_not_written(tmp_path):
    given = few("sources")
    extra = {**given.tables, "victims": pd.DataFrame({"name": ["somebody"]})}
    with pytest.raises(typed_tables.Undeclared, match="victims is not declared"):
        data_files.write(replace(given, tables=extra), tmp_path)


@pytest.mark.parametrize(("column", "value"), [("count", 1.5), ("count", "few"), ("rate", "high")])
def test_a_value_of_another_type_is_refused(tmp_path, column, value):
    with pytest.raises(typed_tables.Undeclared, match=f"{column} of wards holds something"):
        data_files.write(with_cells(few("sources"), "wards", 0, **{column: value}), tmp_path)


def test_a_column_that_the_public_variant_left_out_is_not_missed(tmp_path):
    given = few("sources", variant="official")
    fewer = given.tables["wards"].drop(columns=["rate_lower", "rate_upper"])
    data_files.write(replace(given, tables={**given.tables, "wards": fewer}), tmp_path)
    fields = [field["name"] for field in resource(tmp_path, "wards")["schema"]["fields"]]
    assert "rate" in fields
    assert "rate_lower" not in fields


def test_a_column_without_any_value_keeps_its_type(tmp_path):
    given = few("sources")
    empty = given.tables["wards"].assign(count=None, position=None)
    data_files.write(replace(given, tables={**given.tables, "wards": empty}), tmp_path)
    with duckdb.connect() as connection:
        kinds = dict(
            row[:2]
            for row in connection.execute(
                "describe select * from read_parquet($p)",
                {"p": str(tmp_path / "parquet/wards.parquet")},
            ).fetchall()
        )
    assert (kinds["count"], kinds["position"]) == ("BIGINT", "VARCHAR")


@pytest.mark.parametrize(
    ("changes", "licensed"),
    [
        ({"variant": "official"}, True),
        ({"variant": "official", "is_draft": True}, False),
        ({"variant": "official-sensitive"}, False),
    ],
)
def test_only_an_issued_public_edition_carries_an_open_licence(tmp_path, changes, licensed):
    data_files.write(few("sources", **changes), tmp_path)
    assert ("licenses" in described(tmp_path)) is licensed


def test_the_package_says_how_it_may_be_handled(tmp_path):
    data_files.write(few("sources", is_draft=True), tmp_path)
    told = described(tmp_path)
    assert (told["marking"], told["synthetic"], told["draft"]) == ("OFFICIAL-SENSITIVE", True, True)
    assert told["title"].startswith("SYNTHETIC DRAFT Harbourton")
    assert "apostrophe" in told["textProtection"]
    assert [source["title"] for source in told["sources"]] == ["harbour/boats", "harbour/fires"]
