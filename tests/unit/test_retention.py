"""What may not be kept any more goes, with a record, whatever kills the purge; all else stays."""

import shutil
from dataclasses import replace
from datetime import date, timedelta

import pytest

from orchestration import night
from orchestration.core import records
from orchestration.core.settings import PROJECT
from orchestration.ingest.landing import pull, purge, retention
from orchestration.ingest.landing.deliveries import deliveries, record_path
from orchestration.ingest.landing.receipts import receipts
from orchestration.ingest.landing.retention import Agreement, RegisterError
from orchestration.ingest.readers.parse import parquet_path
from orchestration.ingest.transports import open_source
from tests.conftest import settings_at
from tests.support.made_up import column, load

HEADER = "feed,agreement,controller,contact_role,signed_on,review_by,ends_on,verified\n"
FEED = "harbour/boats"
TODAY = date(2026, 11, 23)
VALUE = "a boat of its own kind"


def agreed(*ends):
    return {FEED: [Agreement(FEED, f"A{n}", "Harbour", end) for n, end in enumerate(ends)]}


def why(contract=None, period="2026-08", received=TODAY, agreed_=None, today=TODAY):
    return retention.past(FEED, period, received, contract, agreed_ or {}, today)


def test_a_delivery_is_kept_while_an_agreement_runs():
    assert why(agreed_={}) is None
    assert why(agreed_=agreed(None)) is None
    assert why(agreed_=agreed(TODAY)) is None  # its last day
    assert why(agreed_=agreed(date(2026, 11, 22))) == "the agreement “A0” ended on 2026-11-22"
    assert why(agreed_=agreed(date(2020, 1, 1), None)) is None  # agreed anew
    assert "“A1” ended on 2025-01-01" in why(agreed_=agreed(date(2020, 1, 1), date(2025, 1, 1)))
    assert why(agreed_={"another/feed": agreed(date(2020, 1, 1))[FEED]}) is None


def test_the_register_says_with_whom_each_feed_was_agreed_and_until_when(tmp_path):
    register = tmp_path / "seeds" / "register" / "agreements.csv"
    settings = replace(settings_at(tmp_path / "home"), project=tmp_path)
    assert retention.agreements(settings) == {}
    register.parent.mkdir(parents=True)
    register.write_text(
        "feed,agreement,controller,contact_role,signed_on,review_by,ends_on,verified\n"
        f"{FEED},Old,Harbour,Clerk,2024-04-01,,2025-03-31,verified\n"
        f"{FEED},New,Port,Clerk,2025-04-01,2026-04-01,,verified\n"
        "x/y,Only,Council,Officer,,,2027-01-01,unverified\n"
    )
    assert retention.agreements(settings) == {
        FEED: [
            Agreement(FEED, "Old", "Harbour", date(2025, 3, 31)),
            Agreement(FEED, "New", "Port", None),
        ],
        "x/y": [Agreement("x/y", "Only", "Council", date(2027, 1, 1))],
    }


def test_months_of_retention_count_from_the_end_of_the_period(tmp_path):
    contract = load(tmp_path, retentionMonths=3)
    assert why(contract, "2026-08") is None  # until the end of November
    assert why(contract, "2026-07") == (
        "the contract keeps it for 3 months, until the end of 2026-10"
    )
    quarter = replace(contract, period_kind="quarter")
    assert why(quarter, "2026-Q3") is None
    assert why(quarter, "2026-Q2") is not None
    edition = replace(contract, period_kind="edition")
    assert why(edition, "v1", received=date(2026, 8, 1)) is None
    assert why(edition, "v1", received=date(2026, 7, 31)) is not None
    assert why(replace(contract, retention_months=None), "1999-01") is None


@pytest.fixture
def place(tmp_path):
    """Settings over a project of its own with two months landed, parsed and one of them refused."""
    project = tmp_path / "project"
    (project / "seeds" / "register").mkdir(parents=True)
    thresholds = "seeds/register/threshold_register.csv"
    shutil.copyfile(PROJECT / thresholds, project / thresholds)
    settings = replace(settings_at(tmp_path / "home"), project=project)
    source = tmp_path / "source"
    source.mkdir()
    (source / "boats_2026-01.csv").write_text(f"Notes\n{VALUE}\n")
    (source / "boats_2026-02.csv").write_text("Notes\nlives at ST4 1AA\n")
    (source / "boats_2026-10.csv").write_text(f"Notes\n{VALUE}, once more\n")
    contract = load(tmp_path / "contracts", (column("notes", "Notes"),))
    pull.pull(settings, {FEED: contract}, open_source(str(source)))
    night.gate_one(settings, {FEED: contract}, print)
    (settings.warehouse).mkdir()
    for name in ("candidate.duckdb", "build.json"):
        (settings.warehouse / name).write_text("built from rows")
    (settings.warehouse / "candidate.duckdb.tmp").mkdir()
    (settings.warehouse / "candidate.duckdb.tmp" / "spilt").write_text("rows")
    (settings.editions / "2024-25").mkdir(parents=True)
    (settings.editions / "2024-25" / "figures.csv").write_text("frozen")
    return settings


@pytest.fixture
def contracts(tmp_path):
    return {FEED: load(tmp_path / "later", (column("notes", "Notes"),), retentionMonths=6)}


def files(settings):
    return {path.relative_to(settings.home) for path in settings.home.rglob("*") if path.is_file()}


def traces(settings, receipt):
    """What there is of a delivery."""
    set_aside = settings.quarantine / receipt.feed / receipt.delivery_id
    places = (
        receipt.bytes_path(settings),
        receipt.receipt_path(settings),
        parquet_path(settings, receipt),
        record_path(settings, receipt),
        set_aside,
    )
    return [path for path in places if path.exists()]


def test_what_is_past_goes_with_a_record_and_the_rest_stays(place, contracts):
    first, second, third = receipts(place)
    assert (len(traces(place, first)), len(traces(place, second))) == (4, 4)
    kept = traces(place, third)
    assert [entry.receipt for entry in purge.due(place, contracts)] == [first, second]
    gone = purge.purge(place, contracts)
    assert [entry.receipt for entry in gone] == [first, second]
    assert traces(place, first) == traces(place, second) == []
    assert traces(place, third) == kept
    assert receipts(place) == [third]
    assert [path.name for path in place.warehouse.iterdir()] == ["build.json"]
    assert (place.editions / "2024-25" / "figures.csv").read_text() == "frozen"
    record = records.read(purge.record_path(place, first))
    assert record == {
        "feed": FEED, "period": "2026-01", "part": "", "seq": 1, "sha256": first.sha256,
        "size": first.size, "received_at": first.received_at, "synthetic": False,
        "why": "the contract keeps it for 6 months, until the end of 2026-07",
        "purged_at": place.now.isoformat(), "state": "purged",
    }  # fmt: skip
    for path in place.home.rglob("*.json"):
        assert VALUE not in path.read_text()


def test_looking_changes_nothing_and_a_second_purge_finds_nothing(place, contracts):
    before = files(place)
    purge.due(place, contracts)
    assert files(place) == before
    purge.purge(place, contracts)
    after = files(place)
    assert purge.purge(place, contracts) == []
    assert files(place) == after


def test_a_clock_that_jumped_purges_nothing_until_somebody_says_that_it_is_right(place, contracts):
    ahead = replace(place, now=place.now + timedelta(days=63))
    before = files(ahead)
    with pytest.raises(purge.ClockDoubted, match="came on 2026-11-23, 63 days before"):
        purge.purge(ahead, contracts)
    assert files(ahead) == before
    assert len(purge.purge(replace(place, now=place.now + timedelta(days=62)), contracts)) == 2
    assert len(purge.purge(ahead, contracts, clock_is_right=True)) == 0
    far = replace(place, now=place.now + timedelta(days=400))
    assert len(purge.purge(far, contracts, clock_is_right=True)) == 1


def test_what_a_clock_ahead_has_landed_does_not_make_the_clock_right(place, contracts, tmp_path):
    far = replace(place, now=place.now + timedelta(days=3650))
    (tmp_path / "source" / "boats_2036-10.csv").write_text(f"Notes\n{VALUE}\n")
    assert pull.pull(far, contracts, open_source(str(tmp_path / "source"))).landed
    next_night = replace(far, now=far.now + timedelta(days=1))
    before = files(next_night)
    with pytest.raises(purge.ClockDoubted, match="no delivery came between 2026-11-23 and"):
        purge.purge(next_night, contracts)
    assert files(next_night) == before
    assert len(purge.purge(next_night, contracts, clock_is_right=True)) == 3


def test_what_came_while_the_clock_was_ahead_is_there_when_it_is_right(place, contracts):
    right = replace(place, now=place.now - timedelta(days=30))
    assert deliveries(right, contracts) == []  # a replay of a day before
    served = replace(right, is_replay=False)
    assert len(deliveries(served, contracts)) == 3


def test_what_was_purged_is_not_pulled_again(place, contracts, tmp_path):
    purge.purge(place, contracts)
    for name in ("boats_2026-01.csv", "boats_2026-10.csv"):
        (tmp_path / "source" / name).touch()
    again = pull.pull(place, contracts, open_source(str(tmp_path / "source")))
    assert again.landed == []
    assert len(again.misdated) == 2
    assert "may not be kept: the contract keeps it for 6 months" in again.misdated[0]


def test_the_end_of_an_agreement_takes_all_of_its_feed(place, contracts, tmp_path):
    register = place.seeds / "register" / "agreements.csv"
    open_ended = {FEED: replace(contracts[FEED], retention_months=None)}
    register.write_text(f"{HEADER}{FEED},Harbour 1,Harbour,lead,2024-01-01,,,yes\n")
    assert purge.due(place, open_ended) == []
    register.write_text(f"{HEADER}{FEED},Harbour 1,Harbour,lead,2024-01-01,,2026-11-22,yes\n")
    assert len(purge.due(place, open_ended)) == 3
    assert len(purge.due(place, {})) == 3  # also where the contract went with the agreement
    purge.purge(place, open_ended)
    assert receipts(place) == []
    assert pull.pull(place, open_ended, open_source(str(tmp_path / "source"))).landed == []


@pytest.mark.parametrize("step", range(1, 19))
def test_a_purge_that_was_killed_is_finished_by_the_next(place, contracts, step, monkeypatch):
    """Killed before its n-th change to the disk, whichever that is."""

    class Killed(BaseException):
        pass

    left = [step]

    def killing(real):
        def counted(*args, **kwargs):
            left[0] -= 1
            if left[0] == 0:
                raise Killed
            return real(*args, **kwargs)

        return counted

    first, second, third = receipts(place)
    with monkeypatch.context() as patched:
        patched.setattr(records, "write", killing(records.write))
        patched.setattr(purge.shutil, "rmtree", killing(purge.shutil.rmtree))
        patched.setattr(type(place.home), "unlink", killing(type(place.home).unlink))
        with pytest.raises(Killed):
            purge.purge(place, contracts)
    waiting = [entry.receipt for entry in purge.due(place, contracts)]
    for receipt in (first, second):
        # Found again, or wholly gone with its record: never a rest that nobody knows of.
        assert receipt in waiting or traces(place, receipt) == []
        if traces(place, receipt) == []:
            assert records.read(purge.record_path(place, receipt))["state"] == "purged"
    purge.purge(place, contracts)
    assert traces(place, first) == traces(place, second) == []
    assert receipts(place) == [third]


def test_bytes_that_a_kept_delivery_needs_stay(place, contracts):
    *_, third = receipts(place)
    twin = replace(third, seq=2, received_at="2020-01-01T00:00:00+00:00")
    records.write(twin.receipt_path(place), vars(twin))
    entry = purge.Due(twin, "made up")
    purge._purge(place, entry, keep_bytes=True)
    assert third.bytes_path(place).exists() and not twin.receipt_path(place).exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("feed,agreement\n", "has no column controller"),
        (f"{HEADER}{FEED},A,H,lead,,,soon,yes\n", "line 2 .*: ends_on is not a day"),
    ],
)
def test_a_register_that_cannot_be_read_stops_the_purge(place, contracts, text, said):
    (place.seeds / "register" / "agreements.csv").write_text(text)
    with pytest.raises(RegisterError, match=said):
        purge.purge(place, contracts)
    assert len(receipts(place)) == 3
