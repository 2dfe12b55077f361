"""The API of data.police.uk, played by a real server: its lists, its limits and its empty answers."""

import json
from contextlib import closing
from dataclasses import replace
from email.utils import formatdate
from time import monotonic, time

import duckdb
import pytest

from orchestration.ingest.landing import pull as landing
from orchestration.ingest.landing.receipts import receipts
from orchestration.ingest.readers.parse import parse
from orchestration.ingest.transports import Entry, Terms, connect
from orchestration.ingest.transports.failures import NoData, PermanentFailure, TransientFailure
from tests.support.police_site import SQUARE, crime, documents, responder, write_boundaries
from tests.support.servers import Answer, web_server

FEED = "police/street_crime"


@pytest.fixture
def api():
    return documents()


@pytest.fixture
def server(api):
    with web_server(responder(api)) as running:
        yield running


@pytest.fixture
def entry(server, tmp_path):
    return Entry(
        "police_api",
        f"{server.address}/api",
        Terms("police-uk", (FEED,), retries=2, backoff_seconds=0.01),
        forces=("staffordshire",),
        polygons=(SQUARE,),
        boundaries=write_boundaries(tmp_path / "lsoa.geojson"),
        timeout_seconds=2,
        months=1,
        requests_a_second=1000,
    )


def rows_of(path):
    relation = duckdb.connect().sql(
        f"select * from read_csv('{path}', header = true, all_varchar = true) order by all"
    )
    return [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]


def test_a_month_becomes_the_file_that_the_contract_expects(entry, home, pull, contracts):
    (receipt,) = pull(entry).landed
    assert (receipt.feed, receipt.slot) == (FEED, "2025-02.staffordshire")
    path = receipt.bytes_path(home)
    header = path.read_text(encoding="utf-8").splitlines()[0]
    assert header.split(",") == [column.header for column in contracts[FEED].columns]
    rows = {row["Crime ID"]: row for row in rows_of(path)}
    assert len(rows) == 5
    assert rows[f"{1:064x}"] | {"LSOA code": "", "LSOA name": ""} == {
        "Crime ID": f"{1:064x}",
        "Month": "2025-01",
        "Reported by": "Staffordshire Police",
        "Falls within": "Staffordshire Police",
        "Longitude": "-2.2",
        "Latitude": "53.0",
        "Location": "On or near Street 1",
        "LSOA code": "",
        "LSOA name": "",
        "Crime type": "Violence and sexual offences",
        "Last outcome category": "Under investigation",
        "Context": None,
    }
    assert rows[None]["Crime type"] == "Anti-social behaviour"
    assert rows[f"{3:064x}"]["LSOA code"] == "E01000002"
    assert rows[f"{4:064x}"]["Reported by"] == "British Transport Police"
    assert rows[f"{4:064x}"]["LSOA name"] == "Area E01000001"
    unlocated = rows[f"{5:064x}"]
    assert {unlocated[name] for name in ("Longitude", "Latitude", "LSOA code")} == {None}


def test_the_parser_reads_the_file(entry, home, pull, contracts):
    (receipt,) = pull(entry).landed
    assert parse(home, contracts[FEED], receipt).rows == 5


def test_a_point_on_the_edge_of_two_areas_is_one_row(entry, home, pull):
    """Crime 1 lies on the line between the two areas, and two outlines both answer it."""
    (receipt,) = pull(replace(entry, polygons=(SQUARE, SQUARE.replace("52.9", "52.8")))).landed
    codes = [row["LSOA code"] for row in rows_of(receipt.bytes_path(home))]
    assert len(codes) == 5
    assert codes.count("E01000001") == 3


def test_the_same_crimes_with_new_numbers_are_the_same_bytes(entry, api, pull):
    pull(entry)
    street = api["/api/crimes-street/all-crime"]
    for number, record in enumerate(reversed(street)):
        record["id"] = 900 - number
    street.reverse()
    api["/api/crime-last-updated"] = {"date": "2025-04-01"}
    result = pull(entry)
    assert (result.landed, result.known) == ([], 1)


def test_nothing_is_fetched_until_the_api_was_updated(entry, api, server, pull):
    pull(entry)
    before = len(server.requests)
    assert pull(entry).known == 1
    assert [request.path for request in server.requests[before:]] == [
        "/api/crimes-street-dates",
        "/api/crime-last-updated",
    ]
    api["/api/crime-last-updated"] = {"date": "2025-04-01"}
    api["/api/crimes-no-location"] = []
    assert [receipt.seq for receipt in pull(entry).landed] == [2]


def test_an_empty_list_of_crimes_is_no_data_and_never_a_file(entry, api, home, pull):
    api["/api/crimes-street/all-crime"] = []
    result = pull(entry)
    assert (result.landed, result.problems) == ([], [])
    assert result.no_data == [f"{FEED}: police-uk: the API has no crime in the area for 2025-02"]
    assert receipts(home) == []
    assert not list(home.landing.rglob("*.csv"))


def test_no_data_is_asked_for_again_but_is_no_news(entry, api, home, pull, contracts):
    crimes, api["/api/crimes-street/all-crime"] = api["/api/crimes-street/all-crime"], []
    pull(entry)
    with closing(connect(entry)) as source:
        look = landing.pull(home, contracts, source, terms=entry.terms, dry=True)
    assert look.landed == []
    assert len(pull(entry).no_data) == 1
    api["/api/crimes-street/all-crime"] = crimes
    assert len(pull(entry).landed) == 1
    assert pull(entry).known == 1


def test_data_that_comes_back_after_an_empty_answer_is_the_same_delivery(entry, api, pull):
    pull(entry)
    crimes, api["/api/crimes-street/all-crime"] = api["/api/crimes-street/all-crime"], []
    api["/api/crime-last-updated"] = {"date": "2025-04-01"}
    assert len(pull(entry).no_data) == 1
    api["/api/crimes-street/all-crime"] = crimes
    result = pull(entry)
    assert (result.landed, result.known) == ([], 1)


def test_an_empty_list_of_months_is_no_data(entry, api):
    api["/api/crimes-street-dates"] = []
    with pytest.raises(NoData, match="is empty"):
        connect(entry).files()


@pytest.mark.parametrize("status", [429, 503])
def test_the_wait_that_the_server_asks_for_is_kept(entry, api, pull, status):
    source = connect(entry)
    source.files()
    api["failing"] = [Answer(status=status, headers={"Retry-After": "1"})]
    began = monotonic()
    assert len(pull(entry).landed) == 1
    assert 1.0 <= monotonic() - began < 5


def test_a_moment_to_wait_for_is_understood(entry, api):
    moment = formatdate(time() + 30, usegmt=True)
    api["failing"] = [Answer(status=429, headers={"Retry-After": moment})]
    with pytest.raises(TransientFailure) as told:
        connect(entry).files()
    assert 25 < told.value.after <= 30


def test_a_server_that_asks_for_an_hour_is_left_until_the_next_pull(entry, api, server, pull):
    api["failing"] = [Answer(status=429, headers={"Retry-After": "3600"})]
    with pytest.raises(TransientFailure):
        pull(entry)
    assert len(server.requests) == 1


def test_a_server_that_never_recovers_is_given_up(entry, api, server, pull):
    api["failing"] = [Answer(status=503) for _ in range(50)]
    with pytest.raises(TransientFailure, match="try later"):
        pull(entry)
    assert len(server.requests) == 1 + entry.terms.retries


def test_requests_are_kept_apart(entry, server):
    source = connect(replace(entry, requests_a_second=15))
    began = monotonic()
    for _ in range(4):
        source.files()
    assert len(server.requests) == 8
    assert monotonic() - began >= 7 / 15


@pytest.mark.parametrize("body", [b"<html>sorry</html>", b'{"error": 1}', b"[1, 2]", b"[["])
def test_an_error_page_sent_as_a_success_is_no_delivery(entry, api, server, pull, body):
    served = server.respond

    def respond(request):
        return Answer(body) if "all-crime" in request.path else served(request)

    server.respond = respond
    result = pull(entry)
    assert result.landed == []
    assert [problem.kind for problem in result.problems] == ["transient"]


def test_an_unknown_category_is_left_for_gate_1_to_refuse(entry, api, home, pull):
    api["/api/crimes-street/all-crime"] = [crime(1, "space-piracy")]
    (receipt,) = pull(entry).landed
    assert "space-piracy" in {row["Crime type"] for row in rows_of(receipt.bytes_path(home))}


def test_an_unknown_force_is_one_sentence(entry, api, pull):
    del api["/api/forces/staffordshire"]
    (problem,) = pull(entry).problems
    assert problem.kind == "permanent"


def test_boundaries_that_cannot_be_used_are_one_sentence(entry, pull):
    (problem,) = pull(replace(entry, boundary_code="LSOA99CD")).problems
    assert "properties LSOA99CD and LSOA21NM" in problem.sentence
    entry.boundaries.write_text("no")
    (problem,) = pull(entry).problems
    assert problem.kind == "permanent"


@pytest.mark.parametrize(
    ("path", "document", "failure"),
    [
        ("/api/crimes-street-dates", {"a": 1}, TransientFailure),
        ("/api/crimes-street-dates", [1], TransientFailure),
        ("/api/crimes-street-dates", [{"date": "May"}], PermanentFailure),
        ("/api/crime-last-updated", {}, TransientFailure),
    ],
)
def test_lists_that_are_not_as_agreed(entry, api, path, document, failure):
    api[path] = document
    with pytest.raises(failure, match="agreed shape"):
        connect(entry).files()


def test_the_real_answer_of_months_is_understood(entry, api, real_data):
    path = real_data / "police_api" / "crimes-street-dates.json"
    api["/api/crimes-street-dates"] = json.loads(path.read_text(encoding="utf-8"))
    with closing(connect(replace(entry, months=600))) as source:
        files = source.files()
    assert len(files) == 36
    assert files[0].name.endswith("-staffordshire-street.csv")
