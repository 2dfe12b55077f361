"""One pull over many sources: what is down, what is slow and what is refused never stop the rest."""

import json
import socket
from dataclasses import replace
from datetime import timedelta

import asyncssh
import pytest
import trustme
import yaml

from orchestration import extracts, night
from orchestration.core.refusal import SourceError
from orchestration.core.settings import from_environment
from orchestration.ingest.landing.pull_record import last_pull, pulls_since
from orchestration.ingest.landing.receipts import receipts
from orchestration.ingest.transports import Source, SourceFile, connect
from orchestration.ingest.transports.base import BoundedStream
from tests.conftest import NOW
from tests.support.servers import Answer, sftp_server, web_server

STREET = "2025-01-staffordshire-street.csv"
OUTCOMES = "2025-01-staffordshire-outcomes.csv"
SEARCHES = "2025-01-staffordshire-stop-and-search.csv"


@pytest.fixture
def client_key():
    return asyncssh.generate_private_key("ssh-ed25519")


@pytest.fixture
def police(tmp_path, client_key):
    (tmp_path / "remote").mkdir()
    (tmp_path / "remote" / STREET).write_bytes(b"street")
    with sftp_server(tmp_path / "remote", client_key) as server:
        yield server


@pytest.fixture
def council(tmp_path):
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    item = {"path": OUTCOMES, "size": 8, "modified": "2025-02-01T06:00:00Z"}
    site = {
        "/index.json": Answer(json.dumps({"files": [item]}).encode()),
        f"/{OUTCOMES}": Answer(b"outcomes"),
    }
    certificate = authority.issue_cert("127.0.0.1")
    with web_server(lambda request: site[request.path], certificate) as server:
        yield server


@pytest.fixture
def night_settings(tmp_path, client_key, police, council):
    """A deployment of three sources: SFTP, HTTPS and a folder."""
    (tmp_path / "drop").mkdir()
    (tmp_path / "drop" / SEARCHES).write_bytes(b"searches")
    key = tmp_path / "key"
    key.touch(mode=0o600)
    key.write_bytes(client_key.export_private_key())
    patience = {"retries": 1, "backoff_seconds": 0.01, "timeout_seconds": 2, "settle_seconds": 0}
    sources = [
        {
            "name": "police",
            "kind": "sftp",
            "address": f"sftp://csp@127.0.0.1:{police.port}/",
            "feeds": ["police/street_crime"],
            "private_key": "key",
            "host_key": police.fingerprint,
            **patience,
        },
        {
            "name": "council",
            "kind": "https",
            "address": f"{council.address}/index.json",
            "feeds": ["police/outcomes"],
            "ca_file": "ca.pem",
            **patience,
        },
        {
            "name": "drop",
            "kind": "folder",
            "address": str(tmp_path / "drop"),
            "feeds": ["police/stop_and_search"],
            **patience,
        },
    ]
    return sources, configured(tmp_path, sources)


def configured(folder, sources):
    path = folder / "sources.yaml"
    path.write_text(yaml.safe_dump({"sources": sources}), encoding="utf-8")
    return from_environment(
        {"CSP_HOME": str(folder / "home"), "CSP_NOW": NOW, "CSP_SOURCES": str(path)}
    )


@pytest.fixture
def settings(night_settings):
    return night_settings[1]


def feeds_of(pull):
    return {receipt.feed for receipt in pull.landed}


def test_all_sources_are_pulled_in_one_night(settings, contracts):
    result = extracts.pull(settings, contracts)
    assert {receipt.feed: receipt.source for receipt in result.landed} == {
        "police/street_crime": "police",
        "police/outcomes": "council",
        "police/stop_and_search": "drop",
    }
    assert (result.problems, result.may_be_tried_again) == ([], False)
    again = extracts.pull(settings, contracts)
    assert (again.landed, again.known) == ([], 3)


def test_sources_are_looked_at_and_nothing_is_taken(night_settings, contracts, tmp_path):
    sources, settings = night_settings
    found = extracts.look_at_sources(settings, contracts)
    assert {name: len(pull.landed) for name, pull in found.items()} == {
        "police": 1, "council": 1, "drop": 1
    }  # fmt: skip
    assert not settings.landing.exists() or not list(settings.landing.rglob("*.json"))
    sources[2]["address"] = str(tmp_path / "nowhere")
    found = extracts.look_at_sources(configured(tmp_path, sources), contracts)
    assert [problem.source for problem in found["drop"].problems] == ["drop"]
    assert not found["police"].problems


def test_one_source_down_never_stops_the_others(night_settings, contracts, tmp_path):
    sources, _ = night_settings
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        sources[0]["address"] = f"sftp://csp@127.0.0.1:{closed.getsockname()[1]}/"
        result = extracts.pull(configured(tmp_path, sources), contracts)
    assert feeds_of(result) == {"police/outcomes", "police/stop_and_search"}
    (problem,) = result.problems
    assert (problem.source, problem.kind, problem.feeds) == (
        "police",
        "transient",
        ("police/street_crime",),
    )
    assert result.may_be_tried_again


def test_a_changed_host_key_alerts_and_is_not_tried_again(
    night_settings, contracts, tmp_path, police
):
    sources, _ = night_settings
    sources[0]["host_key"] = f"SHA256:{'A' * 43}"
    result = extracts.pull(configured(tmp_path, sources), contracts)
    assert feeds_of(result) == {"police/outcomes", "police/stop_and_search"}
    assert [problem.kind for problem in result.problems] == ["permanent"]
    assert not result.may_be_tried_again
    assert police.logins == 0


def test_every_source_may_fail_in_its_own_way(night_settings, contracts, tmp_path, council):
    sources, _ = night_settings
    sources[0]["private_key"] = "nowhere"
    sources[2]["address"] = str(tmp_path / "unplugged")
    council.respond = lambda request: Answer(status=503)
    result = extracts.pull(configured(tmp_path, sources), contracts)
    assert result.landed == []
    assert [(problem.source, problem.kind) for problem in result.problems] == [
        ("police", "permanent"),
        ("council", "transient"),
        ("drop", "permanent"),
    ]
    assert receipts(configured(tmp_path, sources)) == []


class Surprising(Source):
    """A transport with a fault of its own, in its listing or in the middle of a file."""

    def __init__(self, fails_at):
        super().__init__("surprising")
        self.fails_at = fails_at

    def _listing(self):
        yield SourceFile(STREET, 3, 0.0)
        if self.fails_at == "listing":
            raise KeyError("Jane Doe")

    def _open(self, file, limit):
        def fail(*_):
            raise ZeroDivisionError("Jane Doe")

        if self.fails_at == "opening":
            fail()
        return BoundedStream(
            fail, int, name=file.path, limit=limit, seconds=9, translate=lambda problem: None
        ).as_binary()


@pytest.mark.parametrize("fails_at", ["listing", "opening", "reading"])
def test_an_error_that_nobody_foresaw_never_stops_the_others(
    settings, contracts, monkeypatch, fails_at
):
    def connected(entry):
        return Surprising(fails_at) if entry.name == "police" else connect(entry)

    monkeypatch.setattr("orchestration.extracts.connect", connected)
    result = extracts.pull(settings, contracts)
    assert feeds_of(result) == {"police/outcomes", "police/stop_and_search"}
    (problem,) = result.problems
    assert (problem.kind, problem.feeds) == ("permanent", ("police/street_crime",))
    assert "not foreseen" in problem.sentence
    assert "in test_transport_night.py, line" in problem.sentence
    assert "Jane" not in problem.sentence


def test_a_disk_of_our_own_that_is_full_is_no_fault_of_a_source(settings, contracts, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("orchestration.protection.vault.copy_in", full)
    with pytest.raises(OSError, match="No space left"):
        extracts.pull(settings, contracts)


def test_what_the_night_found_is_recorded_for_the_digest(settings, contracts, tmp_path):
    (tmp_path / "drop" / STREET).write_bytes(b"not theirs")
    assert last_pull(settings) is None
    extracts.pull(settings, contracts, dry=True)
    assert last_pull(settings) is None
    extracts.pull(settings, contracts)
    record = last_pull(settings)
    assert record["at"] == NOW
    assert len(record["landed"]) == 3
    assert [problem["source"] for problem in record["problems"]] == ["drop"]


def test_what_is_said_once_by_day_is_still_there_at_night(settings, contracts, tmp_path):
    extracts.pull(settings, contracts)
    noon = replace(settings, now=settings.now + timedelta(hours=10))
    (tmp_path / "drop" / SEARCHES).unlink()
    extracts.pull(noon, contracts)
    next_night = replace(settings, now=settings.now + timedelta(days=1))
    extracts.pull(next_night, contracts)
    assert last_pull(next_night)["withdrawn"] == []
    records = pulls_since(next_night, settings.now)
    assert [len(record["withdrawn"]) for record in records] == [1, 0]
    assert pulls_since(next_night, next_night.now) == []


def test_old_records_are_forgotten(settings, contracts):
    extracts.pull(settings, contracts)
    later = replace(settings, now=settings.now + timedelta(days=40))
    extracts.pull(later, contracts)
    assert len(pulls_since(later, settings.now - timedelta(days=1))) == 1


def test_only_the_sources_of_the_wanted_feeds_are_asked(settings, contracts, police, council):
    assert feeds_of(extracts.pull(settings, contracts, only=["outcomes"])) == {"police/outcomes"}
    assert police.logins == 0
    assert feeds_of(extracts.pull(settings, contracts, only=["police/street_crime"])) == {
        "police/street_crime"
    }


def test_whoever_asks_whether_a_run_is_needed_waits_for_no_server(settings, contracts, council):
    extracts.pull(settings, contracts)
    before = len(council.requests)
    assert "the configured sources have to be asked" in night.work(settings, contracts).reasons
    assert len(council.requests) == before


def test_a_mere_look_tries_nothing_twice_and_sees_what_is_new(
    settings, contracts, council, tmp_path
):
    extracts.pull(settings, contracts)
    before = len(council.requests)
    council.respond = lambda request: Answer(status=503)
    (tmp_path / "drop" / SEARCHES.replace("01", "02")).write_bytes(b"new")
    look = extracts.pull(settings, contracts, dry=True)
    assert feeds_of(look) == {"police/stop_and_search"}
    assert [problem.source for problem in look.problems] == ["council"]
    assert len(council.requests) == before + 1


def test_a_mere_look_waits_for_no_listing_that_trickles(settings, contracts, council, monkeypatch):
    monkeypatch.setattr(extracts, "_LISTING_SECONDS", 0.3)
    council.respond = lambda request: Answer(b" " * 100_000, trickle=0.05)
    (problem,) = extracts.pull(settings, contracts, dry=True).problems
    assert (problem.source, "longer than 0.3 seconds" in problem.sentence) == ("council", True)


def test_an_unsound_configuration_stops_the_run(night_settings, contracts, tmp_path):
    sources, _ = night_settings
    sources[2]["feeds"] = ["police/outcomes"]
    with pytest.raises(SourceError, match="claimed by council and by drop"):
        extracts.pull(configured(tmp_path, sources), contracts)


def test_a_folder_pointed_at_for_one_run_stands_above_the_configuration(
    settings, contracts, tmp_path
):
    result = extracts.pull(replace(settings, source=str(tmp_path / "drop")), contracts)
    assert feeds_of(result) == {"police/stop_and_search"}
    assert {receipt.source for receipt in result.landed} == {""}
    with pytest.raises(SourceError, match="is not a folder"):
        extracts.pull(replace(settings, source=str(tmp_path / "nowhere")), contracts)
