"""Proves that `csp` does what its help says: the exit codes, one sentence an error, readable answers."""

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace

import duckdb
import pytest
import yaml

from orchestration import night
from orchestration.core import candidate
from orchestration.core.files import sha256_of
from orchestration.core.settings import PROJECT
from orchestration.synthetic.faults.catalogue import FAULTS
from tests.conftest import NOW
from tests.support.commands import DONE, REFUSED, USAGE, csp

NEWEST = "2026-08"
COMMANDS = (
    "contract", "dbt", "health", "home", "prepare", "refresh", "sample", "sources", "sql", "status",
    "verify",
)  # fmt: skip


@pytest.fixture
def home(built):
    """The session's home, for commands that only read."""
    return built.settings.home


def tree(settings):
    root = settings.published.resolve()
    files = sorted(path for path in root.rglob("*") if path.is_file())
    return root, {path.relative_to(root).as_posix(): sha256_of(path) for path in files}


def test_help_names_every_command(home):
    answer = csp("--help", home=home)
    assert answer.code == DONE
    for command in COMMANDS:
        assert f"\n  {command} " in answer.text
    assert csp("--version", home=home).code == DONE
    assert csp("home", home=home).text.strip() == str(home)


def test_what_is_not_a_command_is_a_usage_error(home):
    assert csp("refrehs", home=home).code == USAGE
    assert csp("sql", "select 1", "--format", "xml", home=home).code == USAGE
    assert csp("verify", home / "nowhere", home=home).code == USAGE


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"CSP_TYPO": "1"}, ["unknown setting CSP_TYPO"]),
        ({"CSP_NOW": "yesterday"}, ["CSP_NOW", "expected an ISO date"]),
        ({"CSP_AREA": "Stoke"}, ["CSP_AREA", "district code"]),
    ],
)
def test_a_wrong_setting_is_one_sentence(home, setting, words):
    answer = csp("status", **{"home": home, **setting})
    assert answer.code == USAGE
    assert answer.is_one_sentence(*words)


LOADED = """
import json, sys
from orchestration.cli import csp
csp(["refresh"], standalone_mode=False)
slow = ("dagster", "dbt", "great_expectations", "numpy", "pandas", "scipy", "sqlalchemy")
print(json.dumps([name for name in slow if name in sys.modules]))
"""


def test_a_refresh_with_nothing_new_asks_the_sources_and_starts_nothing(copied, tmp_path):
    """The sources are asked once, and what they were asked is on record; there is no Dagster run."""
    sources = tmp_path / "sources.yaml"
    folder = {"name": "drop", "kind": "folder", "address": str(copied.source)}
    feeds = sorted(copied.contracts)
    sources.write_text(yaml.safe_dump({"sources": [{**folder, "feeds": feeds}]}), encoding="utf-8")
    settings = replace(copied.settings, source=None, sources=sources)
    assert night.work(settings, copied.contracts).is_to_ask
    runs = sorted((settings.home / "dagster").rglob("*.db"))
    before = {path: sha256_of(path) for path in runs}
    environment = {k: v for k, v in os.environ.items() if not k.startswith("CSP_")}
    environment |= {"CSP_HOME": str(settings.home), "CSP_NOW": NOW, "CSP_SOURCES": str(sources)}
    finished = subprocess.run(
        [sys.executable, "-c", LOADED], env=environment, cwd=PROJECT, check=True,
        capture_output=True, text=True,
    )  # fmt: skip
    lines = finished.stdout.splitlines()
    assert lines[0] == "Nothing is new; what is published is up to date."
    assert json.loads(lines[-1]) == []
    assert any(line.startswith("Pulled  2026-11-23T02:00: 0 new, ") for line in lines)
    assert {path: sha256_of(path) for path in runs} == before


def test_dbt_by_hand_reaches_nothing_that_a_night_uses(copied):
    settings = copied.settings
    night_files = [candidate.path_of(settings), *sorted(settings.dbt_target.glob("*.*"))]
    before = {path: sha256_of(path) for path in night_files}
    published = tree(settings)
    answer = csp("dbt", "build", "--select", "harm", home=settings.home)
    assert answer.code == DONE, answer.text[-2000:]
    assert "marts.harm" in answer.text
    assert {path: sha256_of(path) for path in night_files} == before
    assert tree(settings) == published
    assert not night.work(settings, copied.contracts).is_needed
    with duckdb.connect(str(settings.home / "by_hand/candidate.duckdb"), read_only=True) as copy:
        assert copy.sql("select count(*) > 0 from marts.harm").fetchone() == (True,)
    answer = csp("dbt", "build", "--target-path", "here", home=settings.home)
    assert answer.code == USAGE
    assert answer.is_one_sentence("--target-path is set by csp dbt")


def test_sources_that_are_there_are_well(copied):
    answer = csp("sources", "check", home=copied.settings.home, source=copied.source)
    assert answer.code == DONE, answer.error
    assert "0 new" in answer.text
    answer = csp("sources", "check", home=copied.settings.home)
    assert answer.code == USAGE


def test_a_feed_is_tried_from_end_to_end(home):
    answer = csp("contract", "try", "voluntary/victim_support", home=home)
    assert answer.code == DONE, answer.error
    assert "3 extracts made up" in answer.text
    assert "measure victim_support_hate_referrals: " in answer.text
    assert "still missing" not in answer.text
    answer = csp("contract", "try", "voluntary/nobody", home=home)
    assert answer.code == USAGE


def test_a_refresh_with_nothing_new_changes_nothing(copied):
    before = tree(copied.settings)
    answer = csp("refresh", home=copied.settings.home, source=copied.source)
    assert answer.code == DONE, answer.error
    assert answer.text.startswith("Nothing is new")
    assert "SYNTHETIC" in answer.text
    assert tree(copied.settings) == before


def test_a_refresh_that_cannot_start_is_a_usage_error(copied):
    home, source = copied.settings.home, copied.source
    answer = csp("refresh", "--only", "nosuch", home=home, source=source)
    assert answer.code == USAGE
    assert answer.is_one_sentence("unknown feed nosuch", "police/street_crime")
    answer = csp("refresh", "--from", source / "nowhere", home=home)
    assert answer.code == USAGE
    assert answer.is_one_sentence("nowhere")
    with night.alone(copied.settings):
        answer = csp("refresh", home=home, source=source)
    assert answer.code == USAGE
    assert answer.is_one_sentence("another run is on")


def test_status_shows_the_grid(home, built):
    answer = csp("status", home=home, source=built.source)
    assert answer.code == DONE
    assert answer.text.startswith("Stoke-on-Trent (E06000021)")
    assert " ■■■■■■■■■■■■ " in answer.text
    assert "Gate 2  allow" in answer.text


def test_status_as_json_is_for_programs(home, built):
    answer = csp("status", "--json", home=home, source=built.source)
    assert answer.code == DONE
    found = json.loads(answer.text)
    assert found["area_code"] == "E06000021"
    assert set(found["feeds"]) == set(built.contracts)
    assert found["feeds"]["police/street_crime"][NEWEST] == "delivered"
    assert found["feeds"]["police/street_crime"]["2024-06"] == "missing"
    assert found["refused"] == []
    assert found["gate_2"]["outcome"] == "allow"
    assert found["published"]["synthetic"] is True


def test_status_before_anything_came(tmp_path):
    answer = csp("status", "--json", home=tmp_path / "new")
    assert answer.code == DONE
    assert json.loads(answer.text)["published"] is None
    assert csp("status", home=tmp_path / "new").code == DONE


QUERY = "select measure_id, measure_name from marts.dim_measure order by measure_id"


@pytest.fixture(scope="module")
def expected(built):
    with built.connect() as connection:
        return connection.sql(QUERY).fetchall()


def test_sql_as_a_table_csv_or_json(home, expected):
    table = csp("sql", QUERY, home=home)
    assert table.code == DONE
    assert "measure_name" in table.text.splitlines()[0]
    assert all(name in table.text for _, name in expected)
    rows = list(csv.reader(io.StringIO(csp("sql", QUERY, "--format", "csv", home=home).text)))
    assert rows == [["measure_id", "measure_name"], *map(list, expected)]
    found = json.loads(csp("sql", QUERY, "--format", "json", home=home).text)
    assert [tuple(row.values()) for row in found] == expected


def test_sql_as_parquet(home, expected, tmp_path):
    answer = csp("sql", QUERY, "--format", "parquet", home=home)
    path = tmp_path / "answer.parquet"
    path.write_bytes(answer.bytes)
    assert duckdb.sql(f"from '{path}'").fetchall() == expected


def test_sql_without_a_query_is_a_prompt(home):
    stdin = "select 1 + 1\nas two;\nselect nope;\nselect 3 as three;\n.quit\nselect 4 as four;\n"
    answer = csp("sql", home=home, stdin=stdin)
    assert answer.code == DONE
    assert [word in answer.text for word in ("two", "nope", "three", "four")] == [1, 1, 1, 0]


@pytest.mark.parametrize("query", ["selec 1", "select * from marts.nosuch", "select 1 from"])
def test_bad_sql_is_one_sentence(home, query):
    answer = csp("sql", query, home=home)
    assert answer.code == USAGE
    assert answer.is_one_sentence()


@pytest.mark.parametrize(
    "query",
    [
        "delete from marts.dim_area",
        "create table marts.mine as select 1",
        "drop schema marts cascade",
    ],
)
def test_what_is_published_cannot_be_written(copied, query):
    before = tree(copied.settings)
    answer = csp("sql", query, home=copied.settings.home)
    assert answer.code == USAGE
    assert answer.is_one_sentence("read-only")
    assert tree(copied.settings) == before


def test_sql_before_anything_is_published(tmp_path):
    answer = csp("sql", "select 1", home=tmp_path)
    assert answer.code == USAGE
    assert answer.is_one_sentence("nothing is published yet", "csp refresh")


def test_verify_finds_a_flipped_byte(copied):
    folder = copied.settings.published
    answer = csp("verify", folder, home=copied.settings.home)
    assert (answer.code, answer.text) == (DONE, "All files are as published.\n")
    path = folder / "warehouse.duckdb"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
    answer = csp("verify", folder, home=copied.settings.home)
    assert answer.code == REFUSED
    assert answer.is_one_sentence("warehouse.duckdb has changed")


@pytest.mark.parametrize("manifest", ["{", "{}"])
def test_verify_of_a_broken_manifest_is_one_sentence(home, tmp_path, manifest):
    (tmp_path / "manifest.json").write_text(manifest, encoding="utf-8")
    answer = csp("verify", tmp_path, home=home)
    assert answer.code in (REFUSED, USAGE)
    assert answer.is_one_sentence("manifest.json")


def test_sample_names_its_faults_and_writes_the_same_files(home, tmp_path):
    answer = csp("sample", "--list-faults", home=home)
    assert answer.code == DONE
    assert [line.split()[0] for line in answer.text.splitlines()] == list(FAULTS)
    answer = csp("sample", tmp_path / "out", "--months", 1, home=home)
    assert answer.code == DONE
    assert "SYNTHETIC" in answer.text
    assert (tmp_path / "out" / "police" / f"{NEWEST}-staffordshire-street.csv").exists()


def test_sample_without_a_folder_or_with_an_unknown_fault(home, tmp_path):
    answer = csp("sample", home=home)
    assert answer.code == USAGE
    assert answer.is_one_sentence("FOLDER is missing")
    answer = csp("sample", tmp_path / "out", "--fault", "gremlins", home=home)
    assert answer.code == USAGE
    assert answer.is_one_sentence("unknown fault gremlins", "--list-faults")
    assert not (tmp_path / "out").exists()


def test_contract_check(home, built, tmp_path):
    answer = csp("contract", "check", home=home)
    assert answer.code == DONE, answer.error
    assert answer.text == f"{len(built.contracts)} contracts are sound.\n"
    answer = csp("contract", "sync", home=home)
    assert (answer.code, answer.text) == (DONE, "The dbt project follows the contracts.\n")
    path = tmp_path / "street_crime.odcs.yaml"
    shutil.copy(built.settings.contracts / "police" / path.name, path)
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    del document["version"]
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    answer = csp("contract", "check", path, home=home)
    assert answer.code == REFUSED
    assert "version" in answer.error
    assert "problem" in answer.error.splitlines()[-1]
    path.write_bytes(b"\xff\xfe not text")
    assert csp("contract", "check", path, home=home).code == REFUSED
