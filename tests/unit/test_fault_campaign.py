"""Proves that the fault campaign and the soak would see what they look for: counter-examples of each."""

import json
import subprocess
import sys
from collections import Counter

import duckdb
import pytest

from benchmarks import soak, trial
from orchestration.core.files import sha256_of, write_json
from orchestration.core.settings import PROJECT

WORK = """
import sys
from pathlib import Path
from benchmarks import struck

def work():
    for name in "abc":
        (Path(sys.argv[2]) / name).write_text(name)

step = struck.Striker(__import__("json").loads(sys.argv[1]))
sys.addaudithook(step._heard)
step._wrapped("publish", work)()
"""


def home_of(folder, rows=((1, "x"), (2, "y"), (2, "y"))):
    """A home with one delivery and one table published."""
    receipt = folder / "landing" / "fire" / "incidents" / "2026-07" / "001-abc.json"
    write_json(receipt, {})
    store = folder / ".published" / "one"
    (store / "parquet").mkdir(parents=True)
    with duckdb.connect(str(store / "warehouse.duckdb")) as connection:
        connection.execute("create schema marts")
        connection.execute("create table marts.t (n int, word varchar, received_at varchar)")
        connection.executemany("insert into marts.t values (?, ?, ?)", [(*r, "") for r in rows])
        parquet = store / "parquet" / "t.parquet"
        connection.execute(f"copy (from marts.t order by all) to '{parquet}' (format parquet)")
    files = [path for path in store.rglob("*") if path.is_file()]
    hashes = {p.relative_to(store).as_posix(): {"sha256": sha256_of(p)} for p in files}
    write_json(store / "manifest.json", {"inputs": "these", "files": hashes})
    (folder / "published").symlink_to(".published/one")
    return folder


@pytest.fixture
def expected(tmp_path):
    return home_of(tmp_path / "expected")


def test_equal_homes_are_equal(tmp_path, expected):
    assert trial.compared(home_of(tmp_path / "home"), expected) == trial.Compared(0, 0, ())


@pytest.mark.parametrize(
    ("rows", "lost", "doubled"),
    [
        (((1, "x"), (2, "y")), 1, 0),
        (((1, "x"), (2, "y"), (2, "y"), (2, "y")), 0, 1),
        (((1, "x"), (2, "y"), (2, "z")), 1, 1),
    ],
    ids=["lost", "doubled", "changed"],
)
def test_a_row_that_is_lost_or_doubled_is_counted(tmp_path, expected, rows, lost, doubled):
    found = trial.compared(home_of(tmp_path / "home", rows), expected)
    assert (found.lost, found.doubled) == (lost, doubled)
    assert found.differing == ("parquet/t.parquet",)


def test_a_delivery_that_is_lost_or_doubled_is_counted(tmp_path, expected):
    home = home_of(tmp_path / "home")
    receipt = home / "landing" / "fire" / "incidents" / "2026-07" / "001-abc.json"
    write_json(receipt.with_name("002-abc.json"), {})
    assert trial.compared(home, expected) == trial.Compared(0, 1, ())
    receipt.unlink()
    assert trial.compared(home, expected) == trial.Compared(1, 1, ())


def test_an_edition_that_changed_or_went_is_named(tmp_path, expected):
    home = home_of(tmp_path / "home")
    issued = expected / "editions" / "2024-25" / "v1" / "page.html"
    issued.parent.mkdir(parents=True)
    issued.write_text("issued")
    assert trial.compared(home, expected).differing == ("2024-25/v1/page.html",)


def test_half_a_publication_and_what_was_left_behind_are_seen(tmp_path):
    home = home_of(tmp_path / "home")
    assert trial.wrong_with_what_is_visible(home, ["these"]) == []
    assert trial.left_behind(home) == []
    assert trial.wrong_with_what_is_visible(home, ["others"])
    (home / "raw").mkdir()
    (home / "raw" / ".part-1").touch()
    assert trial.left_behind(home) == ["raw/.part-1"]
    (home / ".published" / "one" / "parquet" / "t.parquet").write_bytes(b"half")
    assert trial.wrong_with_what_is_visible(home, ["these"]) == ["parquet/t.parquet has changed"]


def struck(folder, **plan):
    return subprocess.run(
        [sys.executable, "-c", WORK, json.dumps(plan), str(folder)], cwd=PROJECT, check=False
    ).returncode


@pytest.mark.parametrize(
    ("moment", "there"),
    [
        ({"at": "before"}, ""),
        ({"at": "inside", "nth": 1}, ""),
        ({"at": "inside", "nth": 3}, "ab"),
        ({"at": "after"}, "abc"),
    ],
    ids=str,
)
def test_a_process_is_struck_at_the_very_moment(tmp_path, moment, there):
    assert struck(tmp_path, step="publish", action="kill", **moment) == -9
    assert "".join(sorted(path.name for path in tmp_path.iterdir())) == there


def test_a_moment_that_never_comes_strikes_nothing_and_changes_are_counted(tmp_path):
    (tmp_path / "out").mkdir()
    assert struck(tmp_path / "out", step="publish", action="kill", at="inside", nth=4) == 0
    counts = tmp_path / "counts.json"
    assert struck(tmp_path / "out", counts=str(counts)) == 0
    assert json.loads(counts.read_text()) == {"publish": 3}


def publication(folder, wards):
    """A measure of the city and its wards, as a database and a file."""
    database, parquet = folder / "w.duckdb", folder / "f.parquet"
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.fct_measure as select 'police_asb_incidents' as measure_id, "
            "'month' as period_type, date '2026-07-01' as period_start, area_type, area_code, "
            "counted as \"count\" from (values ('city', 'c', 5), ('ward', 'w', $wards)) "
            "as a (area_type, area_code, counted)",
            {"wards": wards},
        )
        connection.execute(f"copy marts.fct_measure to '{parquet}' (format parquet)")
    return database, parquet


@pytest.mark.parametrize(("wards", "torn"), [(5, 0), (4, 2)])
def test_a_city_that_is_not_its_wards_is_a_torn_read(tmp_path, wards, torn):
    told = Counter()
    soak.asked(*publication(tmp_path, wards), told)
    assert (told["queries"], told["torn"]) == (4, torn)


@pytest.mark.parametrize(
    ("counts", "answers", "code"),
    [
        ({"queries": 9}, {"a": {("1", "1")}, "b": {("2", "2")}}, 0),
        ({"queries": 9}, {"a": {("1", "1"), ("2", "2")}}, 1),
        ({"queries": 9}, {"c": {("1", "1")}}, 1),
        ({"queries": 9, "failed": 1}, {"a": {("1", "1")}}, 1),
        ({}, {}, 1),
    ],
    ids=["sound", "two answers", "unknown publication", "failed", "nobody asked"],
)
def test_the_soak_says_no_when_it_should(counts, answers, code):
    assert soak.concluded(1, ["a", "b"], [(Counter(counts), answers, [])]) == code
