"""Whatever is changed, cut or deleted is noticed by the scrub, and made again or named."""

import os
import shutil
from dataclasses import replace
from datetime import timedelta

import pytest

from benchmarks import rot
from orchestration import extracts, night
from orchestration.alerts import send as alerts
from orchestration.cli import query
from orchestration.core import ledger
from orchestration.core.files import sha256_of
from orchestration.ingest.landing import purge
from orchestration.ingest.landing.deliveries import PASSED, REFUSED, deliveries
from orchestration.ingest.landing.receipts import receipts
from orchestration.ingest.readers import raw_files
from orchestration.ingest.readers.parse import parquet_path
from orchestration.release import publish
from orchestration.release.verify import is_intact
from orchestration.scrub import fsck, state
from tests.conftest import settings_at
from tests.support import small_home

WHY = "the figures of July were sent twice"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    settings = settings_at(folder / "home")
    return settings, small_home.made(settings, folder)


@pytest.fixture
def home(made, tmp_path):
    """A copy of the home, with a scrub behind it."""
    settings, contracts = made
    shutil.copytree(settings.home, tmp_path / "home", symlinks=True)
    settings = replace(settings, home=tmp_path / "home")
    checked = fsck.check(settings, contracts)
    assert [fault.sentence for fault in checked.faults] == []
    return settings, contracts


def flip(path):
    rot.flip(path, path.stat().st_size // 2)


def told(settings, contracts, **more):
    return fsck.check(settings, contracts, **more).faults


def test_a_raw_file_that_rotted_is_made_again_before_anything_reads_it(home):
    settings, contracts = home
    receipt = receipts(settings)[1]
    path = parquet_path(settings, receipt)
    sound = sha256_of(path)
    flip(path)
    assert raw_files.rotten(settings) == [
        f"the file in raw of harbour/boats {receipt.period} has changed or is gone"
    ]
    said = []
    with night.alone(settings):
        raw_files.mend(settings, contracts, said.append)
    assert sha256_of(path) == sound
    assert said == [
        f"harbour/boats {receipt.period}: its file in raw was damaged or gone; "
        "it was made again from the original"
    ]
    assert raw_files.rotten(settings) == []


def test_a_raw_file_whose_original_is_damaged_too_counts_no_more_until_that_is_restored(home):
    settings, contracts = home
    receipt = receipts(settings)[1]
    original = receipt.bytes_path(settings)
    content = original.read_bytes()
    parquet_path(settings, receipt).unlink()
    original.unlink()
    with night.alone(settings):
        night.gate_one(settings, contracts, lambda line: None)
        found = {d.receipt.period: d for d in deliveries(settings, contracts)}
        assert found[receipt.period].state == REFUSED
        assert not found[receipt.period].is_current
        assert "restore it from a backup" in found[receipt.period].record.reason
        original.write_bytes(content)
        fsck.check(settings, contracts, repair=True)
        night.gate_one(settings, contracts, lambda line: None)
    assert {d.state for d in deliveries(settings, contracts)} == {PASSED}


def test_a_receipt_that_is_damaged_or_gone_loses_no_delivery(home):
    settings, contracts = home
    before = receipts(settings)
    flip(before[0].receipt_path(settings))
    before[1].receipt_path(settings).unlink()
    assert receipts(settings) == before
    assert [fault.kind for fault in told(settings, contracts)] == ["receipt", "receipt"]
    assert [fault.stands for fault in told(settings, contracts, repair=True)] == [False, False]
    assert told(settings, contracts) == ()
    assert before[1].receipt_path(settings).exists()


def test_what_cannot_be_made_again_is_named_and_stands(home):
    settings, contracts = home
    receipt = receipts(settings)[0]
    flip(receipt.bytes_path(settings))
    flip(settings.editions / "2024-25" / "v1" / "official" / "figures.csv")
    found = fsck.check(settings, contracts, repair=True)
    assert {fault.kind for fault in found.standing} == {"original", "edition"}
    assert all("restore it from a backup" in fault.sentence for fault in found.standing)
    assert state.load(settings) == found


def test_a_file_pulled_again_takes_the_place_of_a_damaged_original(home, tmp_path):
    settings, contracts = home
    receipt = receipts(settings)[0]
    flip(receipt.bytes_path(settings))
    (settings.landing / "sightings.json").unlink()
    source = tmp_path / "source"
    source.mkdir()
    os.utime(small_home.extract(source, 0), (1, 1))
    with night.alone(settings):
        extracts.pull(replace(settings, source=str(source)), contracts)
    assert sha256_of(receipt.bytes_path(settings)) == receipt.sha256


def test_a_share_reads_everything_within_as_many_nights_and_what_looks_changed_at_once(home):
    settings, contracts = home
    receipt = receipts(settings)[2]
    flip(receipt.bytes_path(settings))
    nights = [replace(settings, now=settings.now.replace(day=24 + n)) for n in range(4)]
    noticed = [bool(told(night_, contracts, share=4)) for night_ in nights]
    assert True in noticed
    other = receipts(settings)[0].bytes_path(settings)
    other.write_bytes(other.read_bytes()[:-1])
    assert len(told(nights[-1], contracts, share=1000)) == 2


def test_what_is_purged_is_no_fault(home):
    settings, contracts = home
    receipt = receipts(settings)[0]
    with night.alone(settings):
        purge._purge(settings, purge.Due(receipt, "made up"), keep_bytes=False)
    assert told(settings, contracts) == ()
    name = receipt.source_path
    assert name not in ledger.path_of(settings.home).read_text()


def test_the_publication_before_is_put_back_once_and_recorded(home):
    settings, _ = home
    second = settings.published.resolve()
    with night.alone(settings):
        with pytest.raises(publish.PublicationRefused, match="--by"):
            publish.put_back(settings, "me", WHY, "")
        with pytest.raises(publish.PublicationRefused, match="--reason"):
            publish.put_back(settings, "Data engineer", "oops", "")
        first = publish.put_back(settings, "Data engineer", WHY, "as now")
    assert settings.published.resolve() == first != second
    back = publish.standing_put_back(settings)
    assert (back["by"], back["why"], back["instead_of"]) == ("Data engineer", WHY, second.name)
    with pytest.raises(publish.PublicationRefused, match="no earlier"):
        publish.put_back(settings, "Data engineer", WHY, "")


def test_a_damaged_publication_is_never_put_back(home):
    settings, _ = home
    first = next(path for path in publish.kept(settings) if path.name.startswith("first"))
    flip(first / "warehouse.duckdb")
    assert not is_intact(first)
    with pytest.raises(publish.PublicationRefused, match="kept and intact"):
        publish.put_back(settings, "Data engineer", WHY, "")


def test_a_night_with_nothing_new_leaves_what_was_put_back_and_one_with_news_does_not(home):
    settings, contracts = home
    with night.alone(settings):
        publish.put_back(settings, "Data engineer", WHY, night._but_the_day(settings, contracts))
        assert night.is_published(settings, contracts)
        later = replace(settings, now=settings.now.replace(year=2027))
        assert night.is_published(later, contracts)  # only the day is another
        (contract,) = contracts.values()
        changed = {contract.feed: replace(contract, title="Another title")}
        assert not night.is_published(settings, changed)


def test_alarms_and_queries_say_so_where_the_published_database_cannot_be_read(home):
    settings, contracts = home  # whose database is a few words
    (preview,) = alerts.previews(settings, contracts)
    assert "What is published is damaged and cannot be read" in preview.digest.text
    with pytest.raises(query.NothingPublished, match="csp fsck"):
        query.open_published(settings)
    (settings.published / "manifest.json").write_text("{")
    (preview,) = alerts.previews(settings, contracts)
    assert "What is published is damaged and cannot be read" in preview.digest.text


@pytest.mark.parametrize("seed", range(3))
def test_of_a_sample_of_damage_all_is_noticed_and_nothing_derived_stays_wrong(home, seed):
    found = rot.campaign(*home, tries=10, seed=seed)
    assert (found.unnoticed, found.wrong, found.tracebacks) == ([], [], [])
    assert found.tries.total() == 10


def test_the_campaign_sees_what_is_not_noticed(home, monkeypatch):
    monkeypatch.setattr(fsck, "check", lambda *_, **__: state.State("", 0, 0, ""))
    found = rot.campaign(*home, tries=4, seed=0)
    assert found.unnoticed


@pytest.mark.parametrize(
    "name",
    [
        "warehouse/build.json",
        "warehouse/verdict.json",
        "raw/_manifest/sha256.json",
        "landing/sightings.json",
        "landing/pulls/*.json",
    ],
)
def test_a_record_of_what_is_there_that_is_gone_is_noticed_once(home, name):
    """Without it nothing vouches for the candidate, or for what dbt reads; or what was seen is forgotten."""
    settings, contracts = home
    (path,) = settings.home.glob(name)
    path.unlink()
    assert fsck.check(settings, contracts, repair=True).faults
    assert not fsck.check(settings, contracts, repair=True).faults


def test_a_record_of_a_pull_that_went_with_its_age_is_no_fault(home):
    settings, contracts = home
    (path,) = settings.landing.glob("pulls/*.json")
    path.unlink()
    assert told(replace(settings, now=settings.now + timedelta(days=36)), contracts) == ()


def test_a_raw_that_names_another_key_is_noticed_and_put_right(home):
    settings, contracts = home
    mark = settings.raw / "under_key"
    mark.write_text("second 0123456789abcdef", encoding="utf-8")
    sentences = [fault.sentence for fault in told(settings, contracts, repair=True)]
    assert sentences == [
        "raw does not say that it is under the key in use; put under it",
        "the candidate is gone; the next build makes it again",
    ]
    assert not mark.exists()
    assert told(settings, contracts) == ()
