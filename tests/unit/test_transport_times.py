"""Times, waits, tags and folders without end: none of them costs the others their night."""

import json
from contextlib import closing
from dataclasses import replace

import pytest

from orchestration.ingest.landing import pull as landing
from orchestration.ingest.landing.deliveries import deliveries
from orchestration.ingest.transports import Entry, Terms, connect
from orchestration.ingest.transports.failures import PermanentFailure, TransientFailure
from orchestration.ingest.transports.retry import persistently
from orchestration.transform import manifest
from tests.conftest import settings_at
from tests.support.servers import Answer, web_server

FEED = "police/street_crime"
NAME = "2025-01-staffordshire-street.csv"
CONTENT = b"Crime ID,Month\n" + b"a,2025-01\n" * 20_000


@pytest.fixture
def site():
    return {f"/out/{NAME}": Answer(CONTENT)}


@pytest.fixture
def entry(site):
    with web_server(lambda request: site.get(request.path, Answer(status=404))) as server:
        terms = Terms("council", (FEED,), retries=2, backoff_seconds=0.01)
        yield Entry("https", f"{server.address}/out/index.json", terms, timeout_seconds=2)


def index(when):
    item = {"path": NAME, "size": len(CONTENT), "modified": when}
    return Answer(json.dumps({"files": [item]}).encode())


def test_what_took_an_hour_is_not_tried_again_at_once(entry, site):
    """Four tries at a trickle would have cost the others their night."""
    site["/out/index.json"] = index("2025-02-01T06:00:00Z")
    site[f"/out/{NAME}"] = Answer(CONTENT, trickle=0.05)
    with closing(connect(replace(entry, file_seconds=0.3))) as source:
        (file,) = source.files()
        with pytest.raises(TransientFailure) as told, source.open(file, len(CONTENT)) as stream:
            stream.read()
    assert told.value.after == 0.3

    def an_hour():
        tries.append(1)
        raise TransientFailure("took longer than 3600 seconds to read", 3600)

    tries = []
    with pytest.raises(TransientFailure):
        persistently(an_hour, entry.terms)
    assert len(tries) == 1


@pytest.mark.parametrize("when", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_time_that_no_clock_had_stops_no_night(entry, site, tmp_path, contracts, when):
    """It landed, and then the manifest could not be written, that night and every one after it."""
    home = settings_at(tmp_path / "home")
    site["/out/index.json"] = index(when)

    def pull():
        with closing(connect(entry)) as source:
            return landing.pull(home, contracts, source, terms=entry.terms)

    assert len(pull().landed) == 1
    rows = manifest.tables(home, contracts, deliveries(home, contracts))["deliveries"]
    assert [row["modified_at"] for row in rows] == [None]
    again = pull()
    assert (again.landed, again.known) == ([], 1)


def test_a_tag_that_is_no_text_is_kept_all_the_same(entry, site, tmp_path, contracts):
    """JSON can say half a character, and what was seen could not be written down."""
    home = settings_at(tmp_path / "home")
    item = {"path": NAME, "size": len(CONTENT), "etag": "\ud800é"}
    site["/out/index.json"] = Answer(json.dumps({"files": [item]}).encode())
    with closing(connect(entry)) as source:
        assert len(landing.pull(home, contracts, source, terms=entry.terms).landed) == 1
        assert landing.pull(home, contracts, source, terms=entry.terms).known == 1


def test_folders_without_files_are_counted(tmp_path):
    for number in range(10):
        (tmp_path / f"a{number}" / "b").mkdir(parents=True)
    entry = Entry("folder", str(tmp_path), Terms("council", (FEED,)), max_files=20)
    assert connect(entry).files() == []
    with pytest.raises(PermanentFailure, match="more than the 19 files"):
        connect(replace(entry, max_files=19)).files()
