"""The synthetic city: the same bytes whenever it is made, by the contract, and alive in one rhythm."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace

import pytest

from orchestration.contracts.odcs import load_contracts
from orchestration.core import periods
from orchestration.core.files import sha256_of
from orchestration.core.settings import PROJECT
from orchestration.synthetic import engine, sample, writers
from orchestration.synthetic.engine import Sample, SampleError
from orchestration.synthetic.faults.catalogue import FAULTS, UnknownFault
from orchestration.synthetic.faults.council import COUNCIL
from orchestration.synthetic.faults.fire import FIRE
from orchestration.synthetic.faults.health import HEALTH
from orchestration.synthetic.faults.partners import PARTNERS
from orchestration.synthetic.faults.police import POLICE
from orchestration.synthetic.faults.street_crime import STREET_CRIME
from orchestration.synthetic.reference import FEEDS as REFERENCE
from tests.conftest import NOW, settings_at

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


ALONE = """
import sys
for name in filter(None, sys.argv[1].split(",")):
    sys.modules[name] = None  # as if it were not installed

import os
import shutil
from pathlib import Path

from orchestration.contracts.odcs import load_contracts
from orchestration.core.settings import from_environment
from orchestration.synthetic import sample
from orchestration.synthetic.faults.catalogue import FAULTS

settings = from_environment(os.environ)
contracts = load_contracts(settings.contracts)
sample.write(settings, settings.home / "made", months=1)
for name, fault in FAULTS.items():
    contract = contracts[fault.feed]
    if fault.feed in sample.reference.FEEDS:
        continue
    newest = sample.name_of(settings, contract, sample.periods_of(settings, contract)[-1])
    spoiled = settings.home / "spoiled" / name / Path(newest).name
    spoiled.parent.mkdir(parents=True)
    shutil.copyfile(settings.home / "made" / newest, spoiled)
    fault.apply(spoiled)
"""


def made_alone(home, without="", **more):
    """The hash of every extract, and of every fault's, as a Python without these packages makes them."""
    ours = ("CSP_", "OPENPYXL_")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
    environment |= {"CSP_HOME": str(home), "CSP_NOW": NOW, "PYTHONPATH": str(PROJECT), **more}
    subprocess.run([sys.executable, "-c", ALONE, without], cwd=PROJECT, env=environment, check=True)
    files = [path for path in home.rglob("*") if path.is_file()]
    return {path.relative_to(home).as_posix(): sha256_of(path) for path in files}


def test_bytes_do_not_depend_on_what_else_is_installed_nor_on_the_clocks_place(tmp_path):
    import lxml  # noqa: F401, without it both would be made the same way

    beside = made_alone(tmp_path / "beside", TZ="UTC", LC_ALL="C.UTF-8")
    without = "lxml,PIL"
    alone = made_alone(tmp_path / "alone", without, TZ="Asia/Tokyo", LC_ALL="C")
    assert {path.rpartition(".")[2] for path in beside} >= {"csv", "xlsx", "ods", "json", "xml"}
    assert [path for path in beside if beside[path] != alone.get(path)] == []
    assert len(beside) == len(alone) > len(OWN) + 100


def test_what_loaded_openpyxl_with_lxml_before_is_told_what_to_set():
    loaded = "import openpyxl; from orchestration.core import office_documents as o; o.excel()"
    environment = {k: v for k, v in os.environ.items() if not k.startswith("OPENPYXL_")}
    found = subprocess.run(
        [sys.executable, "-c", loaded],
        cwd=PROJECT,
        env=environment,
        check=False,
        capture_output=True,
    )
    assert b"OtherWriter: openpyxl was loaded with lxml" in found.stderr


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


def test_another_seed_gives_other_bytes(settings, made, tmp_path):
    folder, _ = made
    names = sample.write(settings, tmp_path, months=1, seed=7)
    drawn = [name for name in names if not name.startswith("reference/")]
    same = hashes(folder, drawn).items() & hashes(tmp_path, drawn).items()
    assert sorted(same) == []


def test_the_same_seed_gives_a_period_the_same_bytes_whatever_its_neighbours_and_the_clock(
    settings, made, tmp_path
):
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


# --------------------------------------------------------------------------- one sentence


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
    assert len(FAULTS) == sum(map(len, (STREET_CRIME, POLICE, FIRE, COUNCIL, HEALTH, PARTNERS)))
    assert {fault.feed for fault in FAULTS.values()} <= set(CONTRACTS)
    with pytest.raises(UnknownFault, match="not made"):
        sample.write(settings, tmp_path, only=[FIRE_FEED], months=1, faults=["truncated"])
