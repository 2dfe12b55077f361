"""The archive of data.police.uk, played by a real server: parts of a zip, and zips that harm."""

import io
import random
import zipfile
from contextlib import closing
from dataclasses import replace

import pytest

from orchestration.core.refusal import SourceError
from orchestration.ingest.transports import Entry, Terms, connect
from orchestration.ingest.transports.failures import PermanentFailure, TransientFailure
from tests.support.servers import Answer, ranged, web_server

FEEDS = ("police/street_crime", "police/outcomes")
STREET = b"Crime ID,Month\n" + b"a,2025-01\n" * 1000
FILES = {
    "2025-01/2025-01-staffordshire-street.csv": STREET,
    "2025-01/2025-01-staffordshire-outcomes.csv": b"Crime ID\n",
    "2025-01/2025-01-kent-street.csv": b"kent",
    "2025-02/2025-02-staffordshire-street.csv": STREET * 2,
    "2025-02/2025-02-staffordshire-other.csv": b"x",
    "README.txt": b"x",
}


def packed(files):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name, (2025, 3, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return target.getvalue()


@pytest.fixture
def site():
    return {"zip": packed(FILES), "tag": "one"}


@pytest.fixture
def server(site):
    with web_server(lambda request: ranged(request, site["zip"], ETag=site["tag"])) as running:
        yield running


@pytest.fixture
def entry(server):
    return Entry(
        "police_archive",
        f"{server.address}/data/archive/latest.zip",
        Terms("police-uk", FEEDS, retries=1, backoff_seconds=0.01),
        forces=("staffordshire",),
        requests_a_second=1000,
        timeout_seconds=2,
    )


def test_only_the_files_of_the_agreed_forces_are_landed(entry, home, pull):
    result = pull(entry)
    assert {(receipt.feed, receipt.slot) for receipt in result.landed} == {
        ("police/street_crime", "2025-01.staffordshire"),
        ("police/street_crime", "2025-02.staffordshire"),
        ("police/outcomes", "2025-01.staffordshire"),
    }
    first = next(r for r in result.landed if r.slot == "2025-01.staffordshire" and r.size > 100)
    assert first.bytes_path(home).read_bytes() == STREET
    assert (result.problems, result.undeclared) == ([], [])


def test_a_large_archive_is_not_fetched_whole(entry, site, server, pull):
    site["zip"] = packed({**FILES, "2025-01/2025-01-kent-street.csv": random_bytes(20 << 20)})
    assert len(pull(entry).landed) == 3
    pieces = [request.headers["Range"].removeprefix("bytes=") for request in server.requests]
    fetched = sum(int(last) - int(first) + 1 for first, last in (p.split("-") for p in pieces))
    assert fetched < 12 << 20 < len(site["zip"])


def random_bytes(size):
    return random.Random(0).randbytes(size)


def test_a_new_archive_is_a_delivery_only_of_what_was_restated(entry, site, pull):
    pull(entry)
    name = "2025-01/2025-01-staffordshire-street.csv"
    site["zip"], site["tag"] = packed({**FILES, name: STREET.upper()}), "two"
    result = pull(entry)
    assert [(r.slot, r.seq) for r in result.landed] == [("2025-01.staffordshire", 2)]
    assert result.known == 2


def test_a_month_that_left_the_three_years_was_not_withdrawn(entry, site, pull):
    pull(entry)
    site["zip"] = packed({name: text for name, text in FILES.items() if "2025-02" in name})
    assert pull(entry).withdrawn == []


def test_only_the_newest_months_where_so_agreed(entry):
    with closing(connect(replace(entry, months=1))) as source:
        assert {file.path[:7] for file in source.files()} == {"2025-02"}


@pytest.mark.parametrize(
    "name", ["../2025-01-staffordshire-street.csv", "/etc/passwd", "a\\b.csv", "a\nb.csv"]
)
def test_an_archive_with_a_name_that_leads_out_is_refused_whole(entry, site, name):
    site["zip"] = packed({**FILES, name: b"x"})
    with pytest.raises(PermanentFailure, match="refused whole") as told:
        connect(entry).files()
    assert str(told.value).isprintable()


def test_a_bomb_is_not_unpacked(entry, site, pull):
    name = "2025-03/2025-03-staffordshire-street.csv"
    site["zip"] = packed({**FILES, name: b"\0" * (10 << 20)})
    result = pull(entry)
    (problem,) = result.problems
    assert "would grow more than 200 times" in problem.sentence
    assert len(result.landed) == 3


def test_a_member_that_lies_about_its_size_lands_nothing(entry, site, home, pull):
    """The size stands in the list of contents; what comes out of the member is longer."""
    raw = site["zip"]
    name = b"2025-02/2025-02-staffordshire-street.csv"
    at = raw.rindex(name) - 46 + 24  # uncompressed size, in the list of contents
    site["zip"] = raw[:at] + (1000).to_bytes(4, "little") + raw[at + 4 :]
    result = pull(entry)
    assert len(result.landed) == 2
    (problem,) = result.problems
    assert "damaged" in problem.sentence
    assert not list(home.landing.glob("police/street_crime/2025-02*/*.csv"))


def test_a_damaged_member_concerns_only_itself(entry, site, pull):
    raw = bytearray(site["zip"])
    start = raw.index(b"2025-02-staffordshire-street.csv") + 40
    raw[start : start + 20] = b"\xff" * 20
    site["zip"] = bytes(raw)
    result = pull(entry)
    assert len(result.landed) == 2
    assert ["damaged" in problem.sentence for problem in result.problems] == [True]


def test_a_member_over_the_limit_is_not_fetched(entry, pull):
    small = replace(entry, terms=replace(entry.terms, max_bytes=15_000))
    result = pull(small)
    assert [problem.feeds for problem in result.problems] == [("police/street_crime",)]
    assert len(result.landed) == 2


def test_an_archive_replaced_while_it_is_read_is_transient(entry, site, server):
    served = server.respond

    def respond(request):
        site["tag"] = f"version {len(server.requests)}"
        return served(request)

    server.respond = respond
    with pytest.raises(TransientFailure, match="changed while it was being read"):
        connect(entry).files()


@pytest.mark.parametrize(
    ("respond", "failure", "words"),
    [
        (lambda request: Answer(b"PK" * 100), PermanentFailure, "does not give parts"),
        (lambda request: ranged(request, b"no zip" * 100), PermanentFailure, "not a zip file"),
        (lambda request: Answer(status=404), PermanentFailure, "nothing at the address"),
        (lambda request: Answer(status=503), TransientFailure, "try later"),
    ],
)
def test_what_is_no_archive_is_one_sentence(entry, server, respond, failure, words):
    server.respond = respond
    with pytest.raises(failure, match=words):
        connect(entry).files()


def test_an_archive_with_any_bytes_changed_gives_files_or_sentences(entry, site, pull):
    """Two hundred archives, each with a few bytes of another value somewhere."""
    chance, whole = random.Random(5), bytes(site["zip"])
    outcomes = set()
    for _ in range(200):
        spoiled = bytearray(whole)
        for _ in range(chance.randint(1, 8)):
            spoiled[chance.randrange(len(spoiled))] = chance.randrange(256)
        site["zip"] = bytes(spoiled)
        with closing(connect(entry)) as source:
            try:
                for file in source.files():
                    if not file.refused:
                        with source.open(file, 1 << 20) as stream:
                            assert stream.read() == FILES[file.path]
                            outcomes.add("read")
            except SourceError as problem:
                assert str(problem).isprintable()
                outcomes.add(type(problem).__name__)
    assert outcomes >= {"read", "FileRefused", "PermanentFailure"}


def test_a_list_of_contents_without_end_is_cut(entry, monkeypatch):
    monkeypatch.setattr("orchestration.ingest.transports.police_archive._LIST_BYTES", 100)
    with pytest.raises(PermanentFailure, match="than agreed"):
        connect(entry).files()
